package contract

import (
	"context"
	"encoding/json"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"understudy/internal/source"
)

// Operation is one method on one path.
type Operation struct {
	ID          string // operationId; where there is none, method and path
	Method      string
	Path        string // template, below the server
	Summary     string
	Description string
	Tags        []string
	Parameters  []Parameter
	Body        *Body         // nil: no body is described
	Security    []Requirement // alternatives; none means that nobody is asked
	Responses   []Response
	Role        Role        // what it does to its collection
	Collection  *Collection // nil: no collection explains it
	Singleton   *Singleton  // nil: it is not about an object that there is only one of
	Why         string      // why it has that role, or why it has none

	doc     *Document
	merges  sync.Map // by the place of a property: see Merges
	ptr     string
	params  []string // names of the path's parameters
	success int

	byStatus map[int]*Response
	route    *routers.Route
}

// Role is what an operation does to its collection.
type Role string

// The roles.
const (
	NoRole   Role = ""
	List     Role = "list"
	Create   Role = "create"
	Retrieve Role = "retrieve"
	Replace  Role = "replace"
	Update   Role = "update"
	Destroy  Role = "destroy"
)

// Writes tells whether an operation with the role makes or changes a record.
func (r Role) Writes() bool { return r == Create || r == Replace || r == Update }

// Parameter is a parameter of an operation.
type Parameter struct {
	Name     string
	In       string // "path", "query", "header" or "cookie"
	Required bool
	Schema   *Schema // nil if it has content instead
	Content  *Schema // of a parameter whose value is written as a media type
	Style    string  // how values are written: "form", "simple", "deepObject", …
	Explode  bool    // whether the parts of a value stand apart

	members []Parameter // of a deepObject: what stands in the brackets, under its whole name: created[gte]

	kin      *openapi3.Parameter
	ptr      string
	named    bool // it stands under its own name, and no other
	messages messages
}

// absent tells whether a query lacks the parameter for certain.
func (p *Parameter) absent(query url.Values) bool {
	if p.Style == "deepObject" {
		for name := range query {
			if name == p.Name || strings.HasPrefix(name, p.Name+"[") {
				return false
			}
		}
		return true
	}
	return p.named && !query.Has(p.Name)
}

// deepMembers gives what stands in the brackets of a deepObject, each as a parameter of its own. An object may have scalars beside it: anyOf.
func (p *Parameter) deepMembers() []Parameter {
	if p.Style != "deepObject" || p.Schema == nil {
		return nil
	}
	k := p.Schema.Keywords()
	for _, s := range slices.Concat([]*Schema{p.Schema}, k.AnyOf, k.OneOf) {
		var out []Parameter
		for _, q := range s.Properties() {
			if !scalar(q.Schema) {
				continue
			}
			kin := &openapi3.Parameter{Name: p.Name + "[" + q.Name + "]", In: p.In, Description: q.Schema.kin.Description, Schema: &openapi3.SchemaRef{Value: q.Schema.kin}}
			if kin.Description == "" {
				kin.Description = p.kin.Description
			}
			out = append(out, Parameter{Name: kin.Name, In: p.In, Schema: q.Schema, Style: "form", Explode: true, kin: kin, ptr: q.ptr, named: true})
		}
		if out != nil {
			return out
		}
	}
	return nil
}

// Description is what the document says of the parameter.
func (p *Parameter) Description() string { return p.kin.Description }

// Shown gives values that the document shows of a parameter, as text: its examples, then what its schema has as example, default, or only value.
func (p *Parameter) Shown() []string {
	var values []any
	add := func(v any) {
		if v != nil {
			values = append(values, v)
		}
	}
	add(p.kin.Example)
	for _, name := range slices.Sorted(maps.Keys(p.kin.Examples)) {
		if ref := p.kin.Examples[name]; ref != nil && ref.Value != nil {
			add(ref.Value.Value)
		}
	}
	if p.Schema != nil {
		k := p.Schema.Keywords()
		add(k.Example)
		for _, v := range k.Examples {
			add(v)
		}
		add(k.Default)
		add(k.Const)
		if len(k.Enum) == 1 {
			add(k.Enum[0])
		}
	}
	var out []string
	for _, v := range values {
		text, isText := v.(string)
		if !isText {
			text = string(compactJSON(v))
		}
		if text != "" && !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return out
}

// Body is the request body of an operation.
type Body struct {
	Required bool
	Media    map[string]*Schema // by media type; a nil schema takes anything

	encodings map[string]map[string]encoding // by media type and property
	about     string                         // what the operation's description and its own say
	forms     sync.Map                       // by record set: its [Form]
}

// Response is a response that the document describes.
type Response struct {
	Status string             // "200", "4XX" or "default"
	Media  map[string]*Schema // by media type; empty: no body

	Headers     []Header // in the order of their names
	Description string

	headers []string // names, as written
	kin     *openapi3.Response
}

// Header is a header that a response has.
type Header struct {
	Name        string
	Description string
	Required    bool
	Schema      *Schema // nil: anything
	Example     []byte  // JSON; nil: none
}

// Example is a value that the document shows.
type Example struct {
	Name string // "" if it has none
	JSON []byte
}

// Examples gives what the document shows of a response's body: the media type's own, named or not, then the schema's.
func (r *Response) Examples(mediaType string) []Example {
	mt := r.kin.Content[mediaType]
	if mt == nil {
		return nil
	}
	var out []Example
	if mt.Example != nil {
		out = append(out, Example{JSON: compactJSON(mt.Example)})
	}
	for _, name := range slices.Sorted(maps.Keys(mt.Examples)) {
		if ref := mt.Examples[name]; ref != nil && ref.Value != nil && ref.Value.Value != nil {
			out = append(out, Example{Name: name, JSON: compactJSON(ref.Value.Value)})
		}
	}
	if mt.Schema != nil && mt.Schema.Value != nil {
		if mt.Schema.Value.Example != nil {
			out = append(out, Example{JSON: compactJSON(mt.Schema.Value.Example)})
		}
		for _, v := range mt.Schema.Value.Examples {
			out = append(out, Example{JSON: compactJSON(v)})
		}
	}
	return out
}

// Place says where the operation stands.
func (op *Operation) Place() Place { return op.doc.place(op.ptr) }

func (d *Document) operation(path, method string, item *openapi3.PathItem, kop *openapi3.Operation) *Operation {
	itemPtr := d.deref("/paths/" + source.PointerToken(path))
	op := &Operation{
		ID: kop.OperationID, Method: method, Path: path, Summary: kop.Summary, Description: kop.Description, Tags: kop.Tags, doc: d,
		ptr: itemPtr + "/" + strings.ToLower(method), params: parseTemplate(path).params,
		route: &routers.Route{Spec: d.api, Path: path, PathItem: item, Method: method, Operation: kop},
	}
	if op.ID == "" {
		op.ID = method + " " + path
	}
	add := func(ptr string, list openapi3.Parameters) {
		for i, ref := range list {
			if ref == nil || ref.Value == nil {
				continue
			}
			at := d.deref(ptr + "/parameters/" + itoa(i))
			p := Parameter{Name: ref.Value.Name, In: ref.Value.In, Required: ref.Value.Required, kin: typed(ref.Value), ptr: at}
			p.Schema = d.schema(at+"/schema", ref.Value.Schema)
			if sm, err := ref.Value.SerializationMethod(); err == nil {
				p.Style, p.Explode = sm.Style, sm.Explode
			}
			for name, content := range d.media(at, ref.Value.Content) {
				if p.Content = content; IsJSON(name) {
					break
				}
			}
			p.named = p.Schema != nil && p.Style != "deepObject" && slices.Contains([]string{"string", "integer", "number", "boolean", "array"}, p.Schema.Type())
			p.members = p.deepMembers()
			if old := slices.IndexFunc(op.Parameters, func(q Parameter) bool { return q.Name == p.Name && q.In == p.In }); old >= 0 {
				op.Parameters[old] = p
			} else {
				op.Parameters = append(op.Parameters, p)
			}
		}
	}
	add(itemPtr, item.Parameters)
	add(op.ptr, kop.Parameters)
	if kop.RequestBody != nil && kop.RequestBody.Value != nil {
		at := d.deref(op.ptr + "/requestBody")
		op.Body = &Body{Required: kop.RequestBody.Value.Required, Media: d.media(at, kop.RequestBody.Value.Content), encodings: encodingsOf(kop.RequestBody.Value.Content), about: kop.Description + ".\n\n" + kop.RequestBody.Value.Description}
	}
	for _, status := range slices.Sorted(maps.Keys(kop.Responses.Map())) {
		if ref := kop.Responses.Value(status); ref != nil && ref.Value != nil {
			at := d.deref(op.ptr + "/responses/" + status)
			r := Response{
				Status: status, Media: d.media(at, ref.Value.Content), headers: slices.Sorted(maps.Keys(ref.Value.Headers)), kin: ref.Value,
			}
			if ref.Value.Description != nil {
				r.Description = *ref.Value.Description
			}
			for _, name := range r.headers {
				if h := ref.Value.Headers[name]; h != nil && h.Value != nil {
					header := Header{Name: name, Description: h.Value.Description, Required: h.Value.Required, Schema: d.schema(d.deref(at+"/headers/"+source.PointerToken(name))+"/schema", h.Value.Schema)}
					if h.Value.Example != nil {
						header.Example = compactJSON(h.Value.Example)
					}
					r.Headers = append(r.Headers, header)
				}
			}
			op.Responses = append(op.Responses, r)
		}
	}
	op.success = op.findSuccess()
	op.indexResponses()
	security := d.api.Security
	if kop.Security != nil {
		security = *kop.Security
	}
	for _, need := range security {
		var r Requirement
		for _, name := range slices.Sorted(maps.Keys(need)) {
			scheme := Scheme{Name: name}
			if d.api.Components != nil {
				if ref := d.api.Components.SecuritySchemes[name]; ref != nil && ref.Value != nil {
					scheme.Type, scheme.HTTP = ref.Value.Type, strings.ToLower(ref.Value.Scheme)
					scheme.In, scheme.Param = ref.Value.In, ref.Value.Name
					scheme = scheme.withScheme(ref.Value.Description)
				}
			}
			r = append(r, scheme)
		}
		op.Security = append(op.Security, r)
	}
	return op
}

// typed gives a parameter whose schema has the type that its enumeration implies, and else that of text, where it says none: kin-openapi reads no value
// without one.
func typed(p *openapi3.Parameter) *openapi3.Parameter {
	if p.Schema == nil || p.Schema.Value == nil {
		return p
	}
	s := *p.Schema.Value
	if s.Type != nil || s.AllOf != nil || s.OneOf != nil || s.AnyOf != nil || s.Not != nil || s.Items != nil || len(s.Properties) > 0 {
		return p
	}
	kind := openapi3.TypeString
	for i, v := range s.Enum {
		of := openapi3.TypeString
		switch v.(type) {
		case float64, int, int64, uint64, json.Number:
			of = openapi3.TypeNumber
		case bool:
			of = openapi3.TypeBoolean
		}
		if i == 0 {
			kind = of
		} else if of != kind {
			return p // of several kinds: how it is written does not tell
		}
	}
	s.Type = &openapi3.Types{kind}
	out := *p
	out.Schema = &openapi3.SchemaRef{Value: &s}
	return &out
}

func (d *Document) media(ptr string, content openapi3.Content) map[string]*Schema {
	out := make(map[string]*Schema, len(content))
	for name, mt := range content {
		out[name] = nil
		if mt != nil {
			out[name] = d.schema(ptr+"/content/"+source.PointerToken(name)+"/schema", mt.Schema)
		}
	}
	return out
}

// Response finds what the document says of a status: itself, then its class (4XX), then default; nil if it says nothing.
func (op *Operation) Response(status int) *Response {
	for _, at := range []int{status, -status / 100, 0} {
		if r := op.byStatus[at]; r != nil {
			return r
		}
	}
	return nil
}

// indexResponses makes byStatus: statuses as they are, classes as -4 for 4XX, default as 0.
func (op *Operation) indexResponses() {
	op.byStatus = make(map[int]*Response, len(op.Responses))
	for i := range op.Responses {
		r := &op.Responses[i]
		n, err := strconv.Atoi(r.Status)
		if err != nil && len(r.Status) == 3 && strings.EqualFold(r.Status[1:], "XX") {
			n = -int(r.Status[0] - '0')
		} else if err != nil && !strings.EqualFold(r.Status, "default") {
			continue
		}
		op.byStatus[n] = r
	}
}

// Success gives the first documented status of 200 to 299, or 0.
func (op *Operation) Success() int { return op.success }

func (op *Operation) findSuccess() int {
	for _, r := range op.Responses {
		if n, err := strconv.Atoi(strings.ReplaceAll(strings.ToUpper(r.Status), "X", "0")); err == nil && n/100 == 2 {
			return n
		}
	}
	return 0
}

// JSON gives the response's media type that is JSON, and its schema; "" if there is none.
func (r *Response) JSON() (string, *Schema) { return jsonMedia(r.Media) }

// JSON gives the body's media type that is JSON, and its schema; "" if there is none.
func (b *Body) JSON() (string, *Schema) { return jsonMedia(b.Media) }

func jsonMedia(media map[string]*Schema) (string, *Schema) {
	if s, ok := media["application/json"]; ok {
		return "application/json", s
	}
	for _, name := range slices.Sorted(maps.Keys(media)) {
		if IsJSON(name) {
			return name, media[name]
		}
	}
	return "", nil
}

// IsJSON tells whether a media type is JSON: application/json, or a suffix +json (RFC 6839).
func IsJSON(mediaType string) bool {
	t, _, err := mime.ParseMediaType(mediaType)
	return err == nil && (t == "application/json" || strings.HasSuffix(t, "+json") || t == "text/json")
}

// ignoredHeaders are header parameters that the document may declare in vain (OpenAPI, Parameter Object: "shall be ignored").
var ignoredHeaders = []string{"accept", "content-type", "authorization"}

// Validate judges the parameters of a request: those of the path by their values in order, those of the query as given here, headers and cookies from the
// request. All violations come at once.
func (op *Operation) Validate(r *http.Request, path []string, query url.Values) Violations {
	var out Violations
	in := &openapi3filter.RequestValidationInput{
		Request: r, QueryParams: query, Route: op.route, PathParams: make(map[string]string, len(path)),
		Options: &openapi3filter.Options{MultiError: true, SkipSettingDefaults: true, SchemaValidationOptions: op.doc.formats},
	}
	for i, name := range op.params {
		if i < len(path) {
			in.PathParams[name] = path[i]
		}
	}
	for i := range op.Parameters {
		p := &op.Parameters[i]
		if p.In == "header" && slices.Contains(ignoredHeaders, strings.ToLower(p.Name)) {
			continue
		}
		if p.In == "query" && !p.Required && p.absent(query) {
			continue // which is fine
		}
		if err := openapi3filter.ValidateParameter(context.Background(), in, p.kin); err != nil {
			out = append(out, op.doc.violations(err, p.In, p.Name, p.messages)...)
		}
	}
	return out
}

// PathParameters gives the names of the parameters in the operation's path, in order.
func (op *Operation) PathParameters() []string { return op.params }

// Parameter gives a parameter by place and name, or nil. What stands in the brackets of a deepObject has a name as well: created[gte].
func (op *Operation) Parameter(in, name string) *Parameter {
	for i := range op.Parameters {
		if p := &op.Parameters[i]; p.In == in && p.Name == name {
			return p
		}
	}
	for i := range op.Parameters {
		for j := range op.Parameters[i].members {
			if m := &op.Parameters[i].members[j]; m.In == in && m.Name == name {
				return m
			}
		}
	}
	return nil
}
