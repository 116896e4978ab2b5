package contract

import (
	"encoding/json"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// URLEncoded is the media type of a form's fields (WHATWG URL §5).
const URLEncoded = "application/x-www-form-urlencoded"

// encoding says how a form has a property (OpenAPI 3.0, Encoding Object). What an object is written as where the document says nothing is no two servers'
// same: brackets are the most common, metadata[color]=red.
type encoding struct {
	said      bool   // the document has an Encoding Object for it
	json      bool   // its contentType is JSON
	deep      bool   // deepObject: brackets, for arrays too
	separator string // between the elements of an array that stand in one field; "": each has a field of its own
}

// encodingsOf reads the Encoding Objects of a body's forms.
func encodingsOf(content openapi3.Content) map[string]map[string]encoding {
	out := map[string]map[string]encoding{}
	for media, mt := range content {
		if mt == nil || IsJSON(media) {
			continue
		}
		of := map[string]encoding{}
		for name, e := range mt.Encoding {
			if e == nil {
				continue
			}
			x := encoding{said: true, json: e.Style == "" && e.Explode == nil && IsJSON(e.ContentType), deep: e.Style == "deepObject"}
			if explode := e.Style == "" || e.Style == "form"; !x.deep && (e.Explode != nil && !*e.Explode || e.Explode == nil && !explode) {
				x.separator = map[string]string{"spaceDelimited": " ", "pipeDelimited": "|"}[e.Style]
				if x.separator == "" {
					x.separator = ","
				}
			}
			of[name] = x
		}
		out[plainMedia(media)] = of
	}
	return out
}

// Object gives the media type in which the body's properties are sent by name, and its schema: JSON, else a form; "" if neither is described.
func (b *Body) Object() (media string, s *Schema) {
	if media, s = b.JSON(); media != "" {
		return media, s
	}
	for name, s := range b.Media {
		if isURLEncoded(name) && s != nil {
			return name, s
		}
	}
	return "", nil
}

// IsForm tells whether the body is sent as fields: the document describes no JSON.
func (b *Body) IsForm() bool {
	media, _ := b.Object()
	return isURLEncoded(media)
}

func isURLEncoded(media string) bool { return plainMedia(media) == URLEncoded }

// plainMedia is a media type without its parameters.
func plainMedia(media string) string {
	name, _, _ := strings.Cut(media, ";")
	return strings.ToLower(strings.TrimSpace(name))
}

// Write writes an object, given as JSON, as a media type of the body: as it is, or as a form. Not all of JSON can be said in a form; false if what is
// written reads otherwise: it holds null, or an empty array, or a number where any text may stand.
func (b *Body) Write(media string, object []byte) (data []byte, ok bool) {
	if !isURLEncoded(media) {
		return object, true
	}
	members, err := Members(object)
	if err != nil {
		return nil, false
	}
	var f fields
	for _, m := range members {
		value, err := DecodeJSON([]byte(m.JSON))
		if err != nil {
			return nil, false
		}
		f.property(m.Name, value, b.encodings[plainMedia(media)][m.Name])
	}
	data = []byte(strings.Join(f.pairs, "&"))
	was, err := DecodeJSON(object)
	is, err2 := DecodeJSON(b.Read(media, b.Media[media], ParseQuery(string(data))))
	return data, err == nil && err2 == nil && reflect.DeepEqual(was, is)
}

// Says tells whether the document says how a form has a property, so that every reader reads it alike: a scalar; an array or an object of scalars with an Encoding
// Object that fits; JSON. All of JSON says so.
func (b *Body) Says(media, property string) bool {
	if !isURLEncoded(media) {
		return true
	}
	p, ok := b.Media[media].Property(property)
	if !ok {
		return false
	}
	e := b.encodings[plainMedia(media)][property]
	switch p.Schema.Type() {
	case "array":
		return e.json || e.said && !e.deep && p.Schema.Items() != nil && scalar(p.Schema.Items())
	case "object":
		holdsMore := slices.ContainsFunc(p.Schema.Properties(), func(q Property) bool { return !scalar(q.Schema) })
		return e.json || e.deep && !holdsMore
	}
	return true
}

// fields are the pairs of a form, escaped.
type fields struct{ pairs []string }

func (f *fields) add(name, text string) {
	f.pairs = append(f.pairs, url.QueryEscape(name)+"="+url.QueryEscape(text))
}

// property adds a property of the object.
func (f *fields) property(name string, value any, e encoding) {
	switch v := value.(type) {
	case []any:
		var texts []string
		plain := true
		for _, x := range v {
			text, ok := fieldText(x)
			texts, plain = append(texts, text), plain && ok
		}
		switch {
		case e.json:
			f.json(name, v)
		case e.deep || !plain:
			f.bracketed(name, v)
		case e.separator != "":
			f.add(name, strings.Join(texts, e.separator))
		default:
			for _, text := range texts {
				f.add(name, text)
			}
		}
	case map[string]any:
		if e.json {
			f.json(name, v)
		} else {
			f.bracketed(name, v)
		}
	default:
		f.bracketed(name, v)
	}
}

func (f *fields) json(name string, value any) {
	if text, err := json.Marshal(value); err == nil {
		f.add(name, string(text))
	}
}

// bracketed adds a value, and what is in it under names in brackets. What cannot be said it leaves out.
func (f *fields) bracketed(name string, value any) {
	switch v := value.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			f.bracketed(name+"["+k+"]", v[k])
		}
	case []any:
		for i, x := range v {
			f.bracketed(name+"["+itoa(i)+"]", x)
		}
	default:
		if text, ok := fieldText(v); ok {
			f.add(name, text)
		}
	}
}

// fieldText is a scalar as a field has it; false for what is none.
func fieldText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return strconv.FormatBool(v), true
	}
	return "", false
}

// Read reads the fields of a form as a JSON object, each as what the schema says of its property. Arrays and objects may come in any of the ways in which they are
// commonly written: the same name again, tags[], tags[0], in brackets, or as the document has it.
func (b *Body) Read(media string, schema *Schema, form url.Values) []byte {
	encodings := b.encodings[plainMedia(media)]
	root := &field{}
	for _, name := range slices.Sorted(maps.Keys(form)) {
		at := root
		for _, token := range fieldPath(name, schema) {
			at = at.kid(token)
		}
		at.texts = append(at.texts, form[name]...)
	}
	out := map[string]any{}
	for name, f := range root.kids {
		var of *Schema
		if schema != nil {
			if p, ok := schema.Property(name); ok {
				of = p.Schema
			}
		}
		out[name] = f.value(of, encodings[name])
	}
	text, err := json.Marshal(out)
	if err != nil {
		return []byte("{}")
	}
	return text
}

// fieldPath takes a field's name apart: metadata[color] is color in metadata, if that is the name of no property itself; tags[] is an element of tags.
func fieldPath(name string, schema *Schema) []string {
	base, rest, found := strings.Cut(name, "[")
	if schema != nil {
		if _, own := schema.Property(name); own {
			return []string{name}
		}
	}
	if !found || base == "" || !strings.HasSuffix(rest, "]") {
		return []string{name}
	}
	path := append([]string{base}, strings.Split(strings.TrimSuffix(rest, "]"), "][")...)
	if path[len(path)-1] == "" {
		path = path[:len(path)-1]
	}
	return path
}

// field is what a form has under a name: texts, or further fields.
type field struct {
	texts []string
	kids  map[string]*field
}

func (f *field) kid(name string) *field {
	if f.kids == nil {
		f.kids = map[string]*field{}
	}
	if f.kids[name] == nil {
		f.kids[name] = &field{}
	}
	return f.kids[name]
}

// value reads a field as its schema says, which may be nil.
func (f *field) value(s *Schema, e encoding) any {
	kind := ""
	if s != nil {
		kind = s.Type()
	}
	switch {
	case f.kids != nil && (kind == "array" || kind == "" && f.numbered()):
		var items *Schema
		if s != nil {
			items = s.Items()
		}
		out := []any{}
		for _, name := range slices.SortedFunc(maps.Keys(f.kids), byNumber) {
			out = append(out, f.kids[name].value(items, encoding{}))
		}
		return out
	case f.kids != nil:
		out := map[string]any{}
		for name, k := range f.kids {
			out[name] = k.value(inside(s, name), encoding{})
		}
		return out
	case len(f.texts) == 0:
		return ""
	}
	last := f.texts[len(f.texts)-1]
	if e.json || kind == "object" {
		if v, err := DecodeJSON([]byte(last)); err == nil {
			return v
		}
	}
	if kind == "array" {
		texts := f.texts
		if e.separator != "" {
			texts = strings.Split(last, e.separator)
		}
		out := []any{}
		for _, text := range texts {
			out = append(out, fieldScalar(text, s.Items()))
		}
		return out
	}
	return fieldScalar(last, s)
}

// numbered tells whether all names are indices.
func (f *field) numbered() bool {
	for name := range f.kids {
		if name != "" && strings.Trim(name, "0123456789") != "" {
			return false
		}
	}
	return true
}

func byNumber(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

// inside gives the schema of what stands under a name in an object; nil if nothing says it.
func inside(s *Schema, name string) *Schema {
	if s == nil {
		return nil
	}
	if p, ok := s.Property(name); ok {
		return p.Schema
	}
	k := s.Keywords()
	if k.Additional != nil {
		return k.Additional
	}
	for _, branch := range slices.Concat(k.AnyOf, k.OneOf) {
		if found := inside(branch, name); found != nil {
			return found
		}
	}
	return nil
}

// fieldScalar reads a field's text: as text where the schema takes it for one.
func fieldScalar(text string, s *Schema) any {
	if s == nil || s.Type() == "string" || !jsonScalar(text) || s.Type() == "" && s.Judge(text, AsRequest) == nil {
		return text
	}
	return json.RawMessage(text)
}

// jsonScalar tells whether a text is a number, true or false as JSON writes it.
func jsonScalar(text string) bool {
	return text == "true" || text == "false" || jsonNumber.MatchString(text)
}
