package generate

import (
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/internal/contract"
)

// siblingTests are schemas of OpenAPI 3.1 in which something stands beside a $ref, and what must hold of each value.
var siblingTests = []struct {
	name, schema string
	components   []string
	holds        func(t *testing.T, v any)
}{
	{
		"two uses of one schema", `{"type": "object", "required": ["q", "l"], "properties": {"q": {"$ref": "#/components/schemas/N", "minimum": 90}, "l": {"type": "array", "minItems": 3, "items": {"$ref": "#/components/schemas/N", "maximum": -50}}}}`,
		[]string{`"N": {"type": "integer", "maximum": 100}`},
		func(t *testing.T, v any) {
			within(t, 90, 100, in(v, "q"))
			require.GreaterOrEqual(t, len(in(v, "l").([]any)), 3)
			for _, item := range in(v, "l").([]any) {
				require.LessOrEqual(t, item, -50.0)
			}
		},
	},
	{
		"a chain", `{"$ref": "#/components/schemas/A", "multipleOf": 2}`,
		[]string{`"A": {"$ref": "#/components/schemas/B", "minimum": 1}`, `"B": {"$ref": "#/components/schemas/C", "maximum": 9}`, `"C": {"type": "integer"}`},
		func(t *testing.T, v any) {
			within(t, 2, 8, v)
			require.Zero(t, int(v.(float64))%2)
		},
	},
	{
		"a chain in which one only describes", `{"type": "object", "required": ["a", "b"], "properties": {"a": {"$ref": "#/components/schemas/A"}, "b": {"$ref": "#/components/schemas/A", "maximum": 3}}}`,
		[]string{`"A": {"$ref": "#/components/schemas/B", "description": "An a"}`, `"B": {"$ref": "#/components/schemas/C", "minimum": 1}`, `"C": {"type": "integer", "maximum": 5}`},
		func(t *testing.T, v any) {
			within(t, 1, 5, in(v, "a"))
			within(t, 1, 3, in(v, "b"))
		},
	},
	{
		"in allOf", `{"allOf": [{"$ref": "#/components/schemas/N", "minimum": 90}, {"maximum": 92}]}`,
		[]string{`"N": {"type": "integer"}`},
		func(t *testing.T, v any) { within(t, 90, 92, v) },
	},
	{
		"beside allOf", `{"$ref": "#/components/schemas/N", "allOf": [{"minimum": 90}]}`,
		[]string{`"N": {"type": "integer", "maximum": 92}`},
		func(t *testing.T, v any) { within(t, 90, 92, v) },
	},
	{
		"in oneOf", `{"oneOf": [{"$ref": "#/components/schemas/N", "minimum": 90}, {"$ref": "#/components/schemas/N", "maximum": -90}]}`,
		[]string{`"N": {"type": "integer", "minimum": -99, "maximum": 99}`},
		func(t *testing.T, v any) { within(t, 90, 99, max(v.(float64), -v.(float64))) },
	},
	{
		"in oneOf with a discriminator", `{"oneOf": [{"$ref": "#/components/schemas/Cat", "required": ["lives"]}, {"$ref": "#/components/schemas/Dog", "required": ["bark"]}], "discriminator": {"propertyName": "kind", "mapping": {"meow": "#/components/schemas/Cat", "woof": "Dog"}}}`,
		[]string{`"Cat": {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}, "lives": {"type": "integer"}}}`, `"Dog": {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}, "bark": {"type": "string"}}}`},
		func(t *testing.T, v any) {
			if in(v, "kind") == "meow" {
				require.NotNil(t, in(v, "lives"))
			} else {
				require.Equal(t, "woof", in(v, "kind"))
				require.NotNil(t, in(v, "bark"))
			}
		},
	},
	{
		"properties and required", `{"type": "object", "required": ["p", "more"], "properties": {"p": {"$ref": "#/components/schemas/P"}, "more": {"$ref": "#/components/schemas/P", "required": ["id", "extra"], "properties": {"extra": {"type": "integer", "minimum": 7, "maximum": 7}}}}}`,
		[]string{`"P": {"type": "object", "properties": {"id": {"type": "integer", "minimum": 1, "maximum": 5}}}`},
		func(t *testing.T, v any) {
			require.Nil(t, in(v, "p", "extra"))
			require.Equal(t, 7.0, in(v, "more", "extra"))
			within(t, 1, 5, in(v, "more", "id"))
		},
	},
	{
		"a closed whole", `{"$ref": "#/components/schemas/P", "properties": {"b": {"const": 1}}, "required": ["a", "b"], "unevaluatedProperties": false}`,
		[]string{`"P": {"type": "object", "properties": {"a": {"const": 2}}}`},
		func(t *testing.T, v any) { require.Equal(t, map[string]any{"a": 2.0, "b": 1.0}, v) },
	},
	{
		"type", `{"type": "object", "required": ["a", "b"], "properties": {"a": {"$ref": "#/components/schemas/N", "type": ["integer", "null"]}, "b": {"$ref": "#/components/schemas/N", "type": ["string", "null"]}}}`,
		[]string{`"N": {"type": ["integer", "string"]}`},
		func(t *testing.T, v any) {
			require.IsType(t, 0.0, in(v, "a"))
			require.IsType(t, "", in(v, "b"))
		},
	},
	{
		"enum", `{"type": "object", "required": ["a", "b"], "properties": {"a": {"$ref": "#/components/schemas/E", "enum": ["x", "y"]}, "b": {"$ref": "#/components/schemas/E", "const": "z"}}}`,
		[]string{`"E": {"enum": ["y", "z"]}`},
		func(t *testing.T, v any) { require.Equal(t, map[string]any{"a": "y", "b": "z"}, v) },
	},
	{
		"writeOnly", `{"type": "object", "required": ["a", "b"], "properties": {"a": {"$ref": "#/components/schemas/S", "writeOnly": true}, "b": {"$ref": "#/components/schemas/S"}}, "additionalProperties": false}`,
		[]string{`"S": {"type": "string"}`},
		func(t *testing.T, v any) {
			require.Len(t, v, 1)
			require.NotNil(t, in(v, "b"))
		},
	},
	{
		"a description", `{"type": "object", "required": ["a"], "properties": {"a": {"$ref": "#/components/schemas/N", "title": "A", "description": "an a", "deprecated": true, "x-a": 1}}}`,
		[]string{`"N": {"type": "integer", "minimum": 4, "maximum": 4}`},
		func(t *testing.T, v any) { require.Equal(t, 4.0, in(v, "a")) },
	},
	{
		"recursion", `{"$ref": "#/components/schemas/Node", "required": ["next"]}`,
		[]string{`"Node": {"type": "object", "required": ["value"], "properties": {"value": {"type": "integer"}, "next": {"$ref": "#/components/schemas/Node", "maxProperties": 1}}}`},
		func(t *testing.T, v any) {
			require.NotNil(t, in(v, "next", "value"))
			require.Len(t, in(v, "next"), 1)
		},
	},
	{
		"recursion through what stands beside", `{"$ref": "#/components/schemas/Node"}`,
		[]string{`"Node": {"$ref": "#/components/schemas/Base", "properties": {"next": {"$ref": "#/components/schemas/Node", "minProperties": 1}}}`, `"Base": {"type": "object", "required": ["value"], "properties": {"value": {"const": 3}, "up": {"$ref": "#/components/schemas/Node", "properties": {"up": false}}}}`},
		func(t *testing.T, v any) {
			require.Equal(t, 3.0, in(v, "value"))
			require.Nil(t, in(v, "up", "up"))
		},
	},
}

// in gives a member of objects in one another; nil: there is none.
func in(v any, names ...string) any {
	for _, name := range names {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	return v
}

func within(t *testing.T, low, high float64, v any) {
	t.Helper()
	require.IsType(t, low, v)
	require.GreaterOrEqual(t, v, low)
	require.LessOrEqual(t, v, high)
}

// TestSiblings: in OpenAPI 3.1 what stands beside a $ref counts there, and nowhere else.
func TestSiblings(t *testing.T) {
	for _, test := range siblingTests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, v := range valid(t, schema(t, "3.1.0", test.schema, test.components...), 200) {
				test.holds(t, v)
			}
		})
	}
}

// TestSiblingsDoNotCount: in OpenAPI 3.0 they say nothing.
func TestSiblingsDoNotCount(t *testing.T) {
	s := schema(t, "3.0.3", `{"$ref": "#/components/schemas/A", "minimum": 90}`, `"A": {"$ref": "#/components/schemas/B", "minimum": 50}`, `"B": {"type": "integer", "minimum": 1, "maximum": 3}`)
	for _, v := range valid(t, s, 200) {
		within(t, 1, 3, v)
	}
}

// TestOneSchemaForManyWords: words beside a $ref make no other schema of it.
func TestOneSchemaForManyWords(t *testing.T) {
	s := schema(t, "3.1.0", `{"type": "object", "properties": {"a": {"$ref": "#/components/schemas/N"}, "b": {"$ref": "#/components/schemas/N", "description": "b"}, "c": {"$ref": "#/components/schemas/N", "minimum": 1}}}`, `"N": {"type": "integer"}`)
	pointers := map[string]string{}
	for _, p := range s.Properties() {
		pointers[p.Name] = p.Schema.Pointer()
	}
	require.Equal(t, "/components/schemas/N", pointers["a"])
	require.Equal(t, pointers["a"], pointers["b"])
	require.Regexp(t, `^/paths/.*/properties/c$`, pointers["c"])
}

// TestOrderOfSiblings: the order of the properties is that of the document, what stands beside the $ref first.
func TestOrderOfSiblings(t *testing.T) {
	s := schema(t, "3.1.0", `{"$ref": "#/components/schemas/A", "properties": {"z": {"const": 1}, "y": {"const": 2}}, "required": ["z", "y", "x", "a"]}`,
		`"A": {"$ref": "#/components/schemas/P", "description": "words"}`, `"P": {"type": "object", "properties": {"x": {"const": 3}, "b": {"const": 4}, "a": {"const": 5}}}`)
	text, err := New(nil).Value(s, contract.AsResponse, "a")
	require.NoError(t, err)
	require.Equal(t, `{"z":1,"y":2,"x":3,"b":4,"a":5}`, string(text))
	var places []string
	for _, p := range s.Properties() {
		places = append(places, p.Schema.Place().String())
	}
	require.NotContains(t, places, s.Place().String(), "each property has a place of its own")
}
