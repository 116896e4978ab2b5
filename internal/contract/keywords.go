package contract

import (
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"understudy/internal/source"
)

// Keywords is what a schema itself says, one field for each keyword; what its subschemas say stays with them. References are followed.
type Keywords struct {
	Always *bool // of a boolean schema: what it always answers; all else is then empty

	Types    []string // the types it names, "null" among them where it may be; none: any
	Nullable bool     // OpenAPI 3.0: null is allowed beside the type
	Enum     []any
	Const    any // HasConst tells whether it is there
	HasConst bool

	Format, Pattern            string
	MinLength                  int
	MaxLength                  *int
	Minimum, Maximum           *float64
	ExclusiveMin, ExclusiveMax bool     // OpenAPI 3.0: Minimum and Maximum themselves are excluded
	Above, Below               *float64 // JSON Schema: exclusiveMinimum and exclusiveMaximum
	MultipleOf                 *float64

	Items                    *Schema
	PrefixItems              []*Schema
	Contains                 *Schema
	MinContains, MaxContains *int
	MinItems                 int
	MaxItems                 *int
	UniqueItems              bool

	Properties          []Property // in the document's order; those of allOf are not among them
	Required            []string
	MinProperties       int
	MaxProperties       *int
	Additional          *Schema // additionalProperties, if it is a schema
	NoAdditional        bool    // additionalProperties: false
	PatternProperties   []PatternProperty
	PropertyNames       *Schema
	DependentRequired   map[string][]string
	DependentSchemas    map[string]*Schema
	NoUnevaluated       bool // unevaluatedProperties: false
	NoUnevaluatedItems  bool // unevaluatedItems: false
	AllOf, AnyOf, OneOf []*Schema
	Not, If, Then, Else *Schema
	Discriminator       string             // the property that tells which of oneOf or anyOf it is
	Mapping             map[string]*Schema // of the discriminator, where it names schemas of this document
	ReadOnly, WriteOnly bool
	Title, Description  string
	Default, Example    any
	Examples            []any
	ContentMediaType    string
	ContentEncoding     string
	Extensions          map[string]any
}

// PatternProperty is one of patternProperties.
type PatternProperty struct {
	Pattern string
	Schema  *Schema
}

// Pointer is where the schema stands in the document, as a JSON pointer; references are followed, so that it identifies the schema.
func (s *Schema) Pointer() string { return s.ptr }

// Document gives the document that the schema is of.
func (s *Schema) Document() *Document { return s.doc }

// Keywords gives what the schema says. It is shared: whoever changes it changes a copy.
func (s *Schema) Keywords() *Keywords {
	s.saying.Do(func() { s.keywords = s.says() })
	return s.keywords
}

func (s *Schema) says() *Keywords {
	k := s.kin
	one := func(name string, ref *openapi3.SchemaRef) *Schema { return s.doc.schema(s.ptr+"/"+name, ref) }
	list := func(name string, refs openapi3.SchemaRefs) []*Schema {
		var out []*Schema
		for i, ref := range refs {
			if sub := one(name+"/"+itoa(i), ref); sub != nil {
				out = append(out, sub)
			}
		}
		return out
	}
	out := &Keywords{
		Always: k.Always, Types: k.Type.Slice(), Nullable: k.Nullable, Enum: k.Enum, Const: k.Const, HasConst: k.Const != nil || s.doc.file.Get(s.doc.node(s.ptr), "const") != nil,
		Format: k.Format, Pattern: k.Pattern, MinLength: whole(k.MinLength), MaxLength: bound(k.MaxLength),
		Minimum: k.Min, Maximum: k.Max, ExclusiveMin: k.ExclusiveMin.IsTrue(), ExclusiveMax: k.ExclusiveMax.IsTrue(),
		Above: k.ExclusiveMin.Value, Below: k.ExclusiveMax.Value, MultipleOf: k.MultipleOf,
		Items: one("items", k.Items), PrefixItems: list("prefixItems", k.PrefixItems), Contains: one("contains", k.Contains),
		MinContains: bound(k.MinContains), MaxContains: bound(k.MaxContains), MinItems: whole(k.MinItems), MaxItems: bound(k.MaxItems), UniqueItems: k.UniqueItems,
		Required: k.Required, MinProperties: whole(k.MinProps), MaxProperties: bound(k.MaxProps),
		Additional: one("additionalProperties", k.AdditionalProperties.Schema), NoAdditional: isFalse(k.AdditionalProperties),
		PropertyNames: one("propertyNames", k.PropertyNames), DependentRequired: k.DependentRequired,
		NoUnevaluated: isFalse(k.UnevaluatedProperties), NoUnevaluatedItems: isFalse(k.UnevaluatedItems),
		AllOf: list("allOf", k.AllOf), AnyOf: list("anyOf", k.AnyOf), OneOf: list("oneOf", k.OneOf),
		Not: one("not", k.Not), If: one("if", k.If), Then: one("then", k.Then), Else: one("else", k.Else),
		ReadOnly: k.ReadOnly, WriteOnly: k.WriteOnly, Title: k.Title, Description: k.Description,
		Default: k.Default, Example: k.Example, Examples: k.Examples, ContentMediaType: k.ContentMediaType, ContentEncoding: k.ContentEncoding,
		Extensions: k.Extensions,
	}
	for _, name := range s.doc.order(s.ptr+"/properties", k.Properties) {
		own := s.ptr + "/properties/" + source.PointerToken(name)
		if sub := s.doc.schema(own, k.Properties[name]); sub != nil {
			out.Properties = append(out.Properties, Property{Name: name, Schema: sub, Required: slices.Contains(k.Required, name), ptr: own})
		}
	}
	for _, pattern := range slices.Sorted(maps.Keys(k.PatternProperties)) {
		if sub := one("patternProperties/"+source.PointerToken(pattern), k.PatternProperties[pattern]); sub != nil {
			out.PatternProperties = append(out.PatternProperties, PatternProperty{pattern, sub})
		}
	}
	if len(k.DependentSchemas) > 0 {
		out.DependentSchemas = map[string]*Schema{}
		for name, ref := range k.DependentSchemas {
			if sub := one("dependentSchemas/"+source.PointerToken(name), ref); sub != nil {
				out.DependentSchemas[name] = sub
			}
		}
	}
	if k.Discriminator != nil {
		out.Discriminator = k.Discriminator.PropertyName
		out.Mapping = s.mapping(k.Discriminator)
	}
	return out
}

// mapping gives the schemas that a discriminator names: a name of components, or a reference.
func (s *Schema) mapping(d *openapi3.Discriminator) map[string]*Schema {
	out := map[string]*Schema{}
	for value, target := range d.Mapping {
		name := target.Ref
		if ref, ok := strings.CutPrefix(name, "#/components/schemas/"); ok {
			name = ref
		}
		if s.doc.api.Components == nil {
			break
		}
		if ref := s.doc.api.Components.Schemas[name]; ref != nil {
			if sub := s.doc.schema("/components/schemas/"+source.PointerToken(name), ref); sub != nil {
				out[value] = sub
			}
		}
	}
	return out
}

func isFalse(b openapi3.BoolSchema) bool { return b.Has != nil && !*b.Has }

func whole(n uint64) int { return int(min(n, 1<<31)) }

func bound(n *uint64) *int {
	if n == nil {
		return nil
	}
	v := whole(*n)
	return &v
}
