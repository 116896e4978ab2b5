package mockserver

import (
	"fmt"
	"html"
	"maps"
	"net/http"
	"slices"
	"strings"

	"understudy/internal/contract"
	"understudy/internal/source"
)

// errorBody writes a refusal in the shape of the documented response r, if there is one: with the sentence in it, else as its example, else as generated. Where
// there is none, it is written in that of another refusal of the operation that can carry a sentence, else as {"detail": …}.
func (x *exchange) errorBody(r *contract.Response, status int, err *refusal) (contentType string, body []byte) {
	t := newTelling(status, err)
	if t.sentence = x.server.doc.Refusal(err.keyword, err.args); t.sentence == "" {
		t.sentence = err.text
	}
	plain := []byte(`{"detail":` + quote(t.sentence) + `}`)
	if x.op == nil {
		return "application/json", plain
	}
	if r != nil {
		if len(r.Media) == 0 {
			return "", nil
		}
		return x.documentedError(r, t, plain)
	}
	for i := range x.op.Responses {
		r := &x.op.Responses[i]
		if c := r.Status[0]; c != '4' && c != 'd' {
			continue
		}
		if contentType, schema := r.JSON(); schema != nil && hasSentence(schema, 0) {
			if body := t.fill(schema); body != nil {
				return contentType, body
			}
		}
	}
	return "application/json", plain
}

// documentedError writes a refusal as a documented response with a body.
func (x *exchange) documentedError(r *contract.Response, t telling, plain []byte) (contentType string, body []byte) {
	media, schema := r.JSON()
	if media == "" {
		media = slices.Sorted(maps.Keys(r.Media))[0]
		schema = r.Media[media]
	}
	value := plain
	switch {
	case strings.HasPrefix(media, "text/html"):
		return concrete(media), []byte("<p>" + html.EscapeString(t.sentence) + "</p>\n")
	case strings.HasPrefix(media, "text/"):
		return concrete(media), []byte(t.sentence)
	case schema != nil:
		if value = t.fill(schema); value == nil {
			value = x.example(r, media, schema)
		}
		if value == nil {
			value, _ = x.generate(schema, fmt.Sprint(t.status), nil) // it says nothing, but is what the document says
		}
		if value == nil {
			value = plain
		}
	}
	body, contentType = encode(media, schema, value)
	return contentType, body
}

// telling puts what a refusal says into the schema of an error, by the names that properties of errors have.
type telling struct {
	status   int
	cause    cause
	sentence string
	general  []string // sentences about no field
	fields   []field
	whole    string // the sentence about a body that is no JSON at all
	about    *field // in the list of errors: which this one is about
}

// field is a parameter or property with the sentences about it.
type field struct {
	in, name string
	pointer  []string // where in the body
	words    []string
}

// newTelling sorts what is wrong by field, in the order found.
func newTelling(status int, err *refusal) telling {
	t := telling{status: status, cause: err.cause}
	for _, v := range err.violations {
		if v.Keyword == "json" {
			t.whole = v.Words[0]
			continue
		}
		if v.Name == "" {
			t.general = append(t.general, v.Words...)
			continue
		}
		words := v.Words
		if len(v.Pointer) > 1 {
			words = append(words[:len(words)-1:len(words)-1], strings.Join(v.Pointer, ".")+": "+v.Text())
		}
		if at := slices.IndexFunc(t.fields, func(f field) bool { return f.name == v.Name }); at >= 0 {
			t.fields[at].words = append(t.fields[at].words, words...)
			continue
		}
		t.fields = append(t.fields, field{v.In, v.Name, v.Pointer, words})
	}
	return t
}

// sentenceNames are properties that hold the sentence of an error, the likeliest first.
var sentenceNames = []string{"detail", "message", "error_description", "description", "error", "title", "msg", "reason", "errorMessage", "error_message"}

// sentenceIn gives the property of an error's schema that holds a sentence, or "".
func sentenceIn(schema *contract.Schema) string {
	for _, name := range sentenceNames {
		if p, ok := schema.Property(name); ok && p.Schema.Type() == "string" && len(p.Schema.Enum()) == 0 {
			return name
		}
	}
	return ""
}

// hasSentence tells whether an error's schema has a property for a sentence, at any depth.
func hasSentence(schema *contract.Schema, depth int) bool {
	return schema != nil && depth <= maxErrorDepth && (sentenceIn(schema) != "" || hasSentence(schema.Items(), depth+1) ||
		slices.ContainsFunc(schema.Properties(), func(p contract.Property) bool { return hasSentence(p.Schema, depth+1) }))
}

// maxErrorDepth is how deep errors are filled.
const maxErrorDepth = 5

// fill gives an error that fits its schema, or nil if what is said does not.
func (t telling) fill(schema *contract.Schema) []byte {
	if made := t.value("", schema, true, 0); made != "" && valid(schema, made) {
		return []byte(made)
	}
	return nil
}

// value gives what a refusal says at a property of some name, as JSON; "" where it says nothing and nothing is needed.
func (t telling) value(name string, schema *contract.Schema, needed bool, depth int) string {
	if schema == nil || depth > maxErrorDepth {
		return ""
	}
	plain := letters(name)
	switch schema.Type() {
	case "object":
		return t.object(schema, depth)
	case "array":
		return t.array(plain, schema, needed, depth)
	case "integer", "number":
		if needed || slices.Contains([]string{"status", "statuscode", "httpstatus"}, plain) {
			return fmt.Sprint(t.status)
		}
	case "boolean":
		if needed {
			return "false"
		}
	case "string":
		if text := t.place(plain); text != "" {
			return quote(text)
		}
		if needed {
			return t.text(plain, schema)
		}
	case "null":
		return "null"
	default:
		if needed && schema.Nullable() {
			return "null"
		}
	}
	return ""
}

// text gives what a refusal says in a string that must be there.
func (t telling) text(plain string, schema *contract.Schema) string {
	switch {
	case len(schema.Enum()) > 0:
		return t.choice(schema.Enum())
	case schema.Format() == "uri", schema.Format() == "uri-reference":
		return quote("about:blank") // RFC 9457 §4.2.1
	case plain == "title":
		return quote(http.StatusText(t.status))
	case strings.HasPrefix(plain, "status"):
		return quote(fmt.Sprint(t.status))
	case strings.HasSuffix(plain, "code"), strings.HasSuffix(plain, "type"):
		return quote(strings.ReplaceAll(string(t.cause), " ", "_"))
	}
	return quote(t.sentence)
}

// place gives what a property of an error in a list says of where that is; "" if it is none of those, or this error is in no list.
func (t telling) place(plain string) string {
	if t.about == nil {
		return ""
	}
	switch plain {
	case "field", "fieldname", "name", "property", "propertyname", "propertypath", "param", "path", "key", "attribute", "target":
		return t.about.name
	case "parameter", "header":
		if t.about.in != "body" {
			return t.about.name
		}
	case "pointer": // RFC 6901
		if t.about.in == "body" {
			return "/" + strings.Join(t.about.pointer, "/")
		}
		return t.about.name
	case "in", "location":
		return t.about.in
	}
	return ""
}

// object fills an object. One property for a sentence gets it; one that is open to others, and has none, gets the sentences of each field under the
// field's name, and those of no field in its array of strings.
func (t telling) object(schema *contract.Schema, depth int) string {
	var members []contract.Member
	add := func(name, json string) {
		if json != "" {
			members = append(members, contract.Member{Name: name, JSON: json})
		}
	}
	said, each := sentenceIn(schema), schema.Keywords().Additional
	byField := said == "" && (schema.Open() || each != nil)
	for _, p := range schema.Properties() {
		items := p.Schema.Items()
		switch {
		case p.Name == said:
			add(p.Name, quote(t.sentence))
		case byField && items != nil && items.Type() == "string":
			if len(t.general) > 0 || p.Required {
				add(p.Name, texts(t.general))
				t.general = nil
			}
		default:
			json := t.value(p.Name, p.Schema, p.Required, depth+1)
			if json == "{}" && !p.Required || json == "" {
				continue
			}
			add(p.Name, json)
			byField = byField && json[0] != '{' && !strings.HasPrefix(json, "[{") // it tells the fields
		}
	}
	if !byField || t.about != nil || depth > 0 && len(t.fields) == 0 {
		return objectOf(members)
	}
	say := func(words ...string) string { // as a list, but where the document wants a text
		if each != nil && each.Type() == "string" {
			return quote(strings.Join(words, " "))
		}
		return texts(words)
	}
	for _, f := range t.fields {
		add(f.name, say(f.words...))
	}
	whole := t.whole
	if whole == "" && len(members) == 0 {
		whole = t.sentence
	}
	switch {
	case whole == "":
	case each != nil && each.Type() == "array":
		add("detail", texts([]string{whole}))
	default:
		add("detail", quote(whole))
	}
	return objectOf(members)
}

// array fills a list of errors, one for each field, or for the sentence where there is none; or the steps to the field that an error is about.
func (t telling) array(plain string, schema *contract.Schema, needed bool, depth int) string {
	items := schema.Items()
	switch {
	case t.about != nil && (plain == "loc" || plain == "path"):
		return texts([]string{t.about.in, t.about.name})
	case items == nil, t.about != nil, len(t.fields) == 0 && !needed:
		if needed {
			return "[]"
		}
		return ""
	}
	var out []string
	for i, f := range t.fields {
		one := telling{status: t.status, cause: t.cause, sentence: f.words[len(f.words)-1], about: &t.fields[i]}
		if items.Type() == "string" {
			one.sentence = f.name + ": " + one.sentence
		}
		out = append(out, one.value("", items, true, depth+1))
	}
	if len(out) == 0 {
		t.about = &field{}
		out = append(out, t.value("", items, true, depth+1))
	}
	return "[" + strings.Join(out, ",") + "]"
}

// causeWords are parts of the values of enumerations that tell a cause, the likeliest first.
var causeWords = map[cause][]string{
	badRequest:       {"invalid", "validation", "badrequest", "malformed", "unprocessable"},
	unauthenticated:  {"unauthorized", "unauthenticated", "authentication", "auth"},
	forbidden:        {"forbidden", "permission", "denied"},
	notFound:         {"notfound", "missing", "unknown"},
	methodNotAllowed: {"method"},
	notAcceptable:    {"acceptable"},
	conflict:         {"conflict", "duplicate", "exists"},
	tooLarge:         {"large", "size"},
	unsupportedType:  {"media", "unsupported"},
}

// choice gives the value of an enumeration that tells the cause best, else the status, else the first.
func (t telling) choice(enum []any) string {
	for _, word := range append(slices.Clone(causeWords[t.cause]), fmt.Sprint(t.status)) {
		for _, v := range enum {
			if strings.Contains(letters(fmt.Sprint(v)), word) {
				return quote(fmt.Sprint(v))
			}
		}
	}
	return quote(fmt.Sprint(enum[0]))
}

// letters is a name without what tells words apart.
func letters(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "").Replace(name))
}

func texts(list []string) string {
	b := []byte{'['}
	for i, s := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = source.AppendString(b, s)
	}
	return string(append(b, ']'))
}
