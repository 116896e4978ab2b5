package generate

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"understudy/internal/contract"
)

// TestRecursion: schemas that contain themselves end, in time, and stay valid.
func TestRecursion(t *testing.T) {
	for name, test := range map[string]struct {
		root       string
		components []string
	}{
		"tree":     {`{"$ref": "#/components/schemas/T"}`, []string{`"T": {"type": "object", "required": ["name", "children"], "properties": {"name": {"type": "string"}, "parent": {"$ref": "#/components/schemas/T"}, "children": {"type": "array", "items": {"$ref": "#/components/schemas/T"}}}}`}},
		"nullable": {`{"$ref": "#/components/schemas/T"}`, []string{`"T": {"type": "object", "required": ["next"], "properties": {"next": {"anyOf": [{"$ref": "#/components/schemas/T"}, {"type": "string"}]}}}`}},
		"mutual": {`{"$ref": "#/components/schemas/A"}`, []string{
			`"A": {"type": "object", "required": ["b"], "properties": {"b": {"$ref": "#/components/schemas/B"}, "c": {"$ref": "#/components/schemas/A"}}}`,
			`"B": {"type": "object", "properties": {"a": {"$ref": "#/components/schemas/A"}, "bs": {"type": "array", "items": {"$ref": "#/components/schemas/B"}}}}`,
		}},
		"expression": {`{"$ref": "#/components/schemas/E"}`, []string{
			`"E": {"oneOf": [{"$ref": "#/components/schemas/And"}, {"$ref": "#/components/schemas/Leaf"}]}`,
			`"And": {"type": "object", "required": ["and"], "properties": {"and": {"type": "array", "minItems": 2, "items": {"$ref": "#/components/schemas/E"}}}, "additionalProperties": false}`,
			`"Leaf": {"type": "object", "required": ["leaf"], "properties": {"leaf": {"type": "integer"}}, "additionalProperties": false}`,
		}},
		"json": {`{"$ref": "#/components/schemas/J"}`, []string{`"J": {"anyOf": [{"type": "object", "additionalProperties": {"$ref": "#/components/schemas/J"}}, {"type": "array", "items": {"$ref": "#/components/schemas/J"}}, {"type": "string"}]}`}},
		"wide": {`{"$ref": "#/components/schemas/W"}`, []string{`"W": {"type": "object", "properties": {` + strings.Join(wide(30), ",") + `}}`}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, version := range both {
				start := time.Now()
				for _, v := range valid(t, schema(t, version, test.root, test.components...), 50) {
					text, err := json.Marshal(v)
					require.NoError(t, err)
					require.Less(t, len(text), 200_000)
				}
				require.Less(t, time.Since(start), 20*time.Second)
			}
		})
	}
}

func wide(n int) []string {
	var out []string
	for i := range n {
		out = append(out, `"p`+strings.Repeat("x", i)+`": {"type": "array", "items": {"$ref": "#/components/schemas/W"}}`)
	}
	return out
}

// TestUnsatisfiable: what nothing fits is said, with the innermost place.
func TestUnsatisfiable(t *testing.T) {
	for _, test := range []struct {
		versions          []string
		schema, at, why   string
		componentsIfAsked string
	}{
		{both, `{"type": "integer", "minimum": 5, "maximum": 4}`, "", "no number is between 5 and 4", ""},
		{both, `{"type": "object", "required": ["a"], "properties": {"a": {"type": "object", "required": ["b"], "properties": {"b": {"type": "integer", "minimum": 5, "maximum": 4}}}}}`, "/properties/a/properties/b", "no number", ""},
		{both, `{"type": "string", "enum": [1, 2]}`, "", "none of the values of its enum", ""},
		{both, `{"allOf": [{"type": "string", "enum": ["a"]}, {"enum": ["b"]}]}`, "", "none of the values of its enum", ""},
		{both, `{"not": {}}`, "", "not takes everything", ""},
		{both, `{"type": "object", "required": ["a"], "additionalProperties": false}`, "", "the property a is required, but not allowed", ""},
		{both, `{"type": "string", "minLength": 5, "maxLength": 4}`, "", "minLength 5 is more than maxLength 4", ""},
		{both, `{"type": "array", "items": {"type": "boolean"}, "uniqueItems": true, "minItems": 3}`, "", "there are not 3 different items", ""},
		{both, `{"type": "array", "minItems": 3, "maxItems": 2, "items": {}}`, "", "at least 3 items", ""},
		{both, `{"allOf": [{"type": "string"}, {"type": "integer"}]}`, "/allOf/1", "no type fits", ""},
		{both, `{"type": "integer", "multipleOf": 10, "minimum": 1, "maximum": 9}`, "", "no multiple", ""},
		{both, `{"type": "string", "pattern": "^a$", "minLength": 2}`, "", "matches ^a$", ""},
		{both, `{"type": "object", "minProperties": 2, "additionalProperties": false, "properties": {"a": {}}}`, "", "2 properties are needed", ""},
		{both, `{"$ref": "#/components/schemas/R"}`, "", "contains itself", `"R": {"type": "object", "required": ["r"], "properties": {"r": {"$ref": "#/components/schemas/R"}}}`},
		{both[1:], `false`, "", "it is false", ""},
		{both[1:], `{"type": "object", "required": ["a"], "properties": {"a": false}}`, "", "it contains itself without end", ""},
	} {
		for _, version := range test.versions {
			s := schema(t, version, test.schema, strings.Fields(strings.ReplaceAll(test.componentsIfAsked, " ", ""))...)
			_, err := New(nil).Value(s, contract.AsResponse, "a")
			var u *Unsatisfiable
			require.ErrorAs(t, err, &u, test.schema)
			require.Contains(t, u.Why, test.why, test.schema)
			require.True(t, strings.HasSuffix(u.Pointer, test.at), "%s: %s", test.schema, u.Pointer)
			require.Regexp(t, `^doc\.json:\d+:\d+: nothing fits this schema: `, err.Error())
		}
	}
	// What may be left out is left out.
	v := object(t, New(nil), schema(t, "3.0.3", `{"type": "object", "properties": {"a": {"type": "integer", "minimum": 5, "maximum": 4}, "b": {"type": "integer"}}}`), "x")
	require.Len(t, v, 1)
}

// TestDiscriminator: the property tells which branch it is.
func TestDiscriminator(t *testing.T) {
	cat := `"Cat": {"type": "object", "required": ["kind", "lives"], "properties": {"kind": {"type": "string"}, "lives": {"type": "integer"}}}`
	dog := `"Dog": {"type": "object", "required": ["kind", "bark"], "properties": {"kind": {"type": "string"}, "bark": {"type": "string"}}}`
	for _, version := range both {
		for mapping, names := range map[string][2]string{"": {"Cat", "Dog"}, `, "mapping": {"meow": "#/components/schemas/Cat", "woof": "Dog"}`: {"meow", "woof"}} {
			s := schema(t, version, `{"oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}], "discriminator": {"propertyName": "kind"`+mapping+`}}`, cat, dog)
			seen := map[string]bool{}
			for _, v := range valid(t, s, 50) {
				m := v.(map[string]any)
				want := names[1]
				if m["lives"] != nil {
					want = names[0]
				}
				require.Equal(t, want, m["kind"])
				seen[want] = true
			}
			require.Len(t, seen, 2)
		}
	}
}

// TestInvalidWays: beside the plainest, there are ways to break a keyword that servers overlook; and each property that is required is left out by itself, inside of
// others too.
func TestInvalidWays(t *testing.T) {
	s := schema(t, "3.1.0", `{"type": "object", "required": ["sku", "n", "day", "in", "at"], "properties": {"sku": {"type": "string", "pattern": "^[A-Z]{2}-[0-9]{3}$"},
"n": {"anyOf": [{"type": "integer", "minimum": 3, "maximum": 9}, {"type": "null"}]}, "day": {"type": "string", "format": "date"}, "at": {"type": "string", "format": "date-time"},
"in": {"type": "object", "required": ["x", "y"], "properties": {"x": {"type": "integer"}, "y": {"type": "integer"}}}}}`)
	var got []string
	for _, b := range New(&Options{Seed: 1, Now: testNow}).Invalid(s, contract.AsRequest, "POST /things/body") {
		if b.Way != "" || b.Keyword == "required" || b.Pointer == "/n" {
			got = append(got, strings.TrimSpace(b.Pointer+" "+b.Keyword+" "+b.Way))
		}
	}
	slices.Sort(got)
	require.Equal(t, []string{
		"/at format a day alone", "/at format empty", "/at format no such day", "/at required", "/day format empty", "/day format no such day", "/day required", "/in required", "/in/x required", "/in/x type fraction", "/in/y required", "/in/y type fraction",
		"/n maximum", "/n minimum", "/n required", "/n type", "/n type fraction", "/sku pattern before", "/sku pattern behind", "/sku required",
	}, got)
}

// TestInvalid: each value breaks the keyword that it names, and nothing else, or nothing elsewhere.
func TestInvalid(t *testing.T) {
	for _, test := range []struct {
		versions []string
		schema   string
		keywords string
		together bool // some can be broken together only
	}{
		{
			both, `{"type": "object", "required": ["name", "n"], "additionalProperties": false, "maxProperties": 9, "properties": {"name": {"type": "string", "minLength": 2, "maxLength": 8, "pattern": "^[a-z ]+$"},
"n": {"type": "integer", "minimum": 3, "maximum": 9}, "e": {"type": "string", "enum": ["a", "b"]}, "d": {"type": "string", "format": "date-time"},
"l": {"type": "array", "items": {"type": "number", "multipleOf": 0.5, "minimum": 0}, "minItems": 2, "maxItems": 4, "uniqueItems": true}}}`,
			"type required additionalProperties minLength maxLength pattern minimum maximum enum format multipleOf minItems maxItems uniqueItems", false,
		},
		{both, `{"type": "string", "minLength": 1, "pattern": "^[a-z]+$"}`, "type minLength pattern", true},
		{
			both[1:], `{"type": "object", "properties": {"a": {"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 10}, "c": {"const": 5}}, "dependentRequired": {"a": ["c"]}, "minProperties": 1}`,
			"type exclusiveMinimum exclusiveMaximum dependentRequired", false,
		},
		{both[:1], `{"type": "number", "minimum": 0, "exclusiveMinimum": true}`, "type exclusiveMinimum", false},
		{both, `{"type": "object", "properties": {"in": {"type": "object", "required": ["x"], "properties": {"x": {"type": "string", "format": "uuid"}}}}}`, "type required format", false},
		{both, `{"type": "object", "minProperties": 1, "additionalProperties": {"type": "integer"}}`, "type minProperties", false},
	} {
		for _, version := range test.versions {
			s := schema(t, version, test.schema)
			for seed := range uint64(5) {
				got := map[string]bool{}
				for _, b := range New(&Options{Seed: seed, Now: testNow}).Invalid(s, contract.AsResponse, "a") {
					got[b.Keyword] = true
					var v any
					require.NoError(t, json.Unmarshal(b.JSON, &v), "%s", b.JSON)
					bad := s.Validate(v, contract.AsResponse)
					named := false
					for _, violation := range bad {
						named = named || keywordOf(violation) == b.Keyword
						require.Equal(t, bad[0].Pointer, violation.Pointer, "%s %s", b.Keyword, b.JSON)
					}
					require.True(t, named, "%s %s", b.Keyword, b.JSON)
					if !test.together {
						require.Len(t, bad, 1, "%s %s", b.Keyword, b.JSON)
					}
					require.Error(t, s.Judge(v, contract.AsResponse), "%s", b.JSON)
				}
				for _, keyword := range strings.Fields(test.keywords) {
					require.True(t, got[keyword], "%s: %s %s", version, keyword, test.schema)
				}
			}
		}
	}
}
