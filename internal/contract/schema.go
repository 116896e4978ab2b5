package contract

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"

	"understudy/internal/source"
)

// Schema is a schema of the document, at its place.
type Schema struct {
	doc    *Document
	kin    *openapi3.Schema
	ptr    string   // where it stands, references followed to their end
	except []string // properties that are judged elsewhere

	listing    sync.Once
	properties []Property
	measuring  sync.Once
	decimal    bool // see Decimal
	saying     sync.Once
	keywords   *Keywords
}

// Property is one property of an object schema.
type Property struct {
	Name     string
	Schema   *Schema
	Required bool
	ptr      string // where the property itself stands, a reference not followed
	initial  []byte // its default, if another part of an allOf says that
}

// Default gives the property's default as JSON, whichever part of an allOf says it; nil if none does.
func (p Property) Default() []byte {
	if d := p.Schema.Default(); d != nil {
		return d
	}
	return p.initial
}

func (d *Document) schema(ptr string, ref *openapi3.SchemaRef) *Schema {
	if ref == nil || ref.Value == nil {
		return nil
	}
	return &Schema{doc: d, kin: ref.Value, ptr: d.schemaPointer(ptr, ref)}
}

func (d *Document) schemaPointer(ptr string, ref *openapi3.SchemaRef) string {
	if strings.HasPrefix(ref.Ref, "#") {
		return d.deref(refPointer(ref.Ref))
	}
	return ptr
}

// Place says where the schema stands in the document.
func (s *Schema) Place() Place { return s.doc.place(s.ptr) }

// parts calls yield for the schema, for everything that its allOf adds to it, and for the one thing that it is if it is not null, outermost first.
func (s *Schema) parts(yield func(part *openapi3.Schema, ptr string) bool) {
	seen := map[*openapi3.Schema]bool{}
	var walk func(k *openapi3.Schema, ptr string) bool
	walk = func(k *openapi3.Schema, ptr string) bool {
		if seen[k] {
			return true
		}
		seen[k] = true
		if !yield(k, ptr) {
			return false
		}
		for i, ref := range k.AllOf {
			if ref.Value != nil && !walk(ref.Value, s.doc.schemaPointer(ptr+"/allOf/"+itoa(i), ref)) {
				return false
			}
		}
		if ref, at := besideNull(k); ref != nil {
			return walk(ref.Value, s.doc.schemaPointer(ptr+at, ref))
		}
		return true
	}
	walk(s.kin, s.ptr)
}

// besideNull gives the one branch of an anyOf or a oneOf that has only null beside it, as optional values are written in OpenAPI 3.1, and where it stands;
// nil if there is none.
func besideNull(k *openapi3.Schema) (branch *openapi3.SchemaRef, at string) {
	for name, branches := range map[string]openapi3.SchemaRefs{"anyOf": k.AnyOf, "oneOf": k.OneOf} {
		if len(branches) != 2 {
			continue
		}
		for i, ref := range branches {
			if other := branches[1-i].Value; ref.Value != nil && other != nil && onlyNull(other) && !onlyNull(ref.Value) {
				return ref, "/" + name + "/" + itoa(i)
			}
		}
	}
	return nil, ""
}

// Present gives the schema of the values other than null: the one branch that has only null beside it, or the schema itself.
func (s *Schema) Present() *Schema {
	if s == nil {
		return nil
	}
	if ref, at := besideNull(s.kin); ref != nil {
		return s.doc.schema(s.ptr+at, ref)
	}
	return s
}

func onlyNull(k *openapi3.Schema) bool {
	return k.Type.Is("null") || len(k.Enum) == 1 && k.Enum[0] == nil
}

// Type gives the schema's type other than null: "object", "string", …; "" if it has none or several.
func (s *Schema) Type() string {
	for part := range s.parts {
		var types []string
		for _, t := range part.Type.Slice() {
			if t != "null" {
				types = append(types, t)
			}
		}
		if len(types) == 1 {
			return types[0]
		}
	}
	for part := range s.parts {
		if len(part.Properties) > 0 {
			return "object"
		}
	}
	return ""
}

// Format gives the schema's format, or "".
func (s *Schema) Format() string {
	for part := range s.parts {
		if part.Format != "" {
			return part.Format
		}
	}
	return ""
}

// Decimal tells whether a schema is of texts that are numbers, such as "12.50": by its format, or because its pattern takes such and nothing like a word or a day.
func (s *Schema) Decimal() bool {
	s.measuring.Do(func() {
		if s.Type() != "string" || len(s.Enum()) > 0 {
			return
		}
		switch s.Format() {
		case "decimal", "money", "number", "double", "float":
			s.decimal = true
			return
		case "":
		default:
			return
		}
		for part := range s.parts {
			if part.Pattern == "" {
				continue
			}
			expr, err := compilePattern(part.Pattern)
			if err != nil {
				return
			}
			takes := func(texts ...string) bool { return slices.ContainsFunc(texts, expr.MatchString) }
			s.decimal = takes("12.5", "12.50", "12.500", "12.5000", "1.50") && !takes("a", "12a", "12.5.1", "2026-01-02", "1.2.3.4", "12,5", "12:50")
			return
		}
	})
	return s.decimal
}

// Nullable tells whether null is allowed.
func (s *Schema) Nullable() bool {
	branch, _ := besideNull(s.kin)
	return s.kin.PermitsNull() || s.kin.Type.IncludesNull() || branch != nil
}

// ReadOnly tells whether the value is the server's to set.
func (s *Schema) ReadOnly() bool {
	for part := range s.parts {
		if part.ReadOnly {
			return true
		}
	}
	return false
}

// WriteOnly tells whether the value is never shown.
func (s *Schema) WriteOnly() bool {
	for part := range s.parts {
		if part.WriteOnly {
			return true
		}
	}
	return false
}

// XML is how a schema is written as XML (OpenAPI, XML Object).
type XML struct {
	Name               string
	Attribute, Wrapped bool
}

// XML gives the schema's hints for XML.
func (s *Schema) XML() XML {
	if x := s.kin.XML; x != nil {
		return XML{Name: x.Name, Attribute: x.Attribute, Wrapped: x.Wrapped}
	}
	return XML{}
}

// Enum gives the values allowed, or nil.
func (s *Schema) Enum() []any {
	for part := range s.parts {
		if len(part.Enum) > 0 {
			return part.Enum
		}
	}
	return nil
}

// Default gives the default as JSON, or nil.
func (s *Schema) Default() []byte {
	for part := range s.parts {
		if part.Default != nil {
			return compactJSON(part.Default)
		}
	}
	return nil
}

// Items gives the schema of an array's items, or nil.
func (s *Schema) Items() *Schema {
	for part, ptr := range s.parts {
		if part.Items != nil {
			return s.doc.schema(ptr+"/items", part.Items)
		}
	}
	return nil
}

// Open tells whether an object may have properties that the schema does not name, with values of any kind.
func (s *Schema) Open() bool {
	for part := range s.parts {
		if has := part.AdditionalProperties.Has; has != nil && !*has {
			return false
		}
		if ref := part.AdditionalProperties.Schema; ref != nil && ref.Value != nil && !saysNothing(ref.Value) {
			return false
		}
	}
	return true
}

// SaysOpen tells whether a schema says of an object that it may have any properties, with values of any kind: it does not just say nothing against it.
func (s *Schema) SaysOpen() bool {
	said := false
	for part := range s.parts {
		said = said || part.AdditionalProperties.Has != nil || part.AdditionalProperties.Schema != nil
	}
	return said && s.Open()
}

// saysNothing tells whether a schema takes anything.
func saysNothing(k *openapi3.Schema) bool {
	c := *k
	c.Nullable = false
	return c.IsEmpty()
}

// Properties gives an object's properties, those of allOf included, in the order in which the document has them.
func (s *Schema) Properties() []Property {
	return slices.Clone(s.listed())
}

// listed is the list that Properties gives a copy of, made once.
func (s *Schema) listed() []Property {
	s.listing.Do(func() { s.properties = s.listProperties() })
	return s.properties
}

func (s *Schema) listProperties() []Property {
	var out []Property
	required := map[string]bool{}
	seen := map[string]int{}
	for part, ptr := range s.parts {
		for _, name := range part.Required {
			required[name] = true
		}
		for _, name := range s.doc.order(ptr+"/properties", part.Properties) {
			ref := part.Properties[name]
			if ref == nil || ref.Value == nil {
				continue
			}
			own := ptr + "/properties/" + source.PointerToken(name)
			p := Property{Name: name, Schema: s.doc.schema(own, ref), ptr: own}
			at, again := seen[name]
			switch {
			case !again:
				seen[name] = len(out)
				out = append(out, p)
			case p.Schema.detail() > out[at].Schema.detail(): // a part of allOf may say more of what another part only mentions
				p.initial = out[at].Default()
				out[at] = p
			case out[at].initial == nil:
				out[at].initial = p.Default()
			}
		}
	}
	for i := range out {
		out[i].Required = required[out[i].Name]
	}
	return out
}

// detail is how much a schema tells of what it holds: how many properties an object, or each item of an array, has, or how many values there are.
func (s *Schema) detail() int {
	n := 0
	for _, of := range []*Schema{s, s.Items()} {
		if of == nil {
			continue
		}
		for part := range of.parts {
			n += len(part.Properties) + len(part.Enum)
		}
	}
	return n
}

// Property gives a property by its name.
func (s *Schema) Property(name string) (Property, bool) {
	for _, p := range s.listed() {
		if p.Name == name {
			return p, true
		}
	}
	return Property{}, false
}

// order gives the names of properties as written; where the place is unknown, in alphabetical order.
func (d *Document) order(ptr string, properties openapi3.Schemas) []string {
	names := make([]string, 0, len(properties))
	for k := range source.Pairs(d.node(ptr)) {
		if _, ok := properties[k.Value]; ok && !slices.Contains(names, k.Value) {
			names = append(names, k.Value)
		}
	}
	if len(names) < len(properties) {
		names = slices.Sorted(maps.Keys(properties))
	}
	return names
}

// Direction says whether a value is in a request or in a response, for readOnly and writeOnly.
type Direction int

// The directions of a message.
const (
	AsRequest Direction = iota
	AsResponse
)

// Validate judges a value as decoded from JSON. What breaks the schema comes as violations, all of them. Schemas of OpenAPI 3.0 are judged by
// kin-openapi, those of 3.1 by the JSON Schema library that it would use itself, compiled once.
func (s *Schema) Validate(value any, dir Direction) Violations {
	if s.doc.api.IsOpenAPI31OrLater() {
		return s.leaveOut(s.doc.judgeViolations(s.Judge(value, dir), value))
	}
	if err := s.visit(value, dir); err != nil {
		return s.doc.violations(err, "body", "", nil)
	}
	return nil
}

// leaveOut drops the violations of properties that are judged elsewhere.
func (s *Schema) leaveOut(bad Violations) Violations {
	return slices.DeleteFunc(bad, func(v Violation) bool { return slices.Contains(s.except, v.Name) })
}

func (s *Schema) visit(value any, dir Direction) error {
	opts := append(slices.Clip(s.doc.formats), openapi3.MultiErrors(), openapi3.DisableReadOnlyValidation())
	if dir == AsRequest {
		opts = append(opts, openapi3.VisitAsRequest())
	} else {
		opts = append(opts, openapi3.VisitAsResponse())
	}
	return s.kin.VisitJSON(value, opts...)
}

// without gives the schema of the same object without some of its properties, which are judged elsewhere.
func (s *Schema) without(names []string) *Schema {
	if len(names) == 0 {
		return s
	}
	return &Schema{doc: s.doc, ptr: s.ptr, kin: without(s.kin, names), except: names}
}

func without(k *openapi3.Schema, names []string) *openapi3.Schema {
	c := *k
	c.Properties = maps.Clone(k.Properties)
	for _, name := range names {
		delete(c.Properties, name)
	}
	c.Required = slices.DeleteFunc(slices.Clone(k.Required), func(name string) bool { return slices.Contains(names, name) })
	c.AllOf = slices.Clone(k.AllOf)
	for i, ref := range c.AllOf {
		if ref.Value != nil {
			c.AllOf[i] = &openapi3.SchemaRef{Value: without(ref.Value, names)}
		}
	}
	return &c
}
