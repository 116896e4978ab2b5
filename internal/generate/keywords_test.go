package generate

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/internal/contract"
)

// schema loads a small document and gives the schema that its only response has.
func schema(t testing.TB, version, text string, components ...string) *contract.Schema {
	t.Helper()
	doc := fmt.Sprintf(`{"openapi": %q, "info": {"title": "t", "version": "1"}, "paths": {"/x": {
"post": {"requestBody": {"content": {"application/json": {"schema": %[2]s}}}, "responses": {"200": {"description": "ok", "content": {"application/json": {"schema": %[2]s}}}}}}},
"components": {"schemas": {%s}}}`, version, text, strings.Join(components, ",\n"))
	d, err := contract.Load(context.Background(), "doc.json", []byte(doc))
	require.NoError(t, err, doc)
	_, s := d.Operations()[0].Responses[0].JSON()
	require.NotNil(t, s, doc)
	return s
}

// valid makes values from many seeds, each of which both validators must let pass.
func valid(t *testing.T, s *contract.Schema, seeds int) []any {
	t.Helper()
	var out []any
	if underRace {
		seeds /= 10
	}
	for seed := range seeds {
		for _, dir := range []contract.Direction{contract.AsResponse, contract.AsRequest} {
			text, err := New(&Options{Seed: uint64(seed), Now: testNow}).Value(s, dir, "a")
			require.NoError(t, err)
			var v any
			require.NoError(t, json.Unmarshal(text, &v), "%s", text)
			require.Empty(t, s.Validate(v, dir), "%s", text)
			require.NoError(t, s.Judge(v, dir), "%s", text)
			if dir == contract.AsResponse {
				out = append(out, v)
			}
		}
	}
	return out
}

var both = []string{"3.0.3", "3.1.0"}

// keywordTests are schemas by the versions that they are of.
var keywordTests = []struct {
	name     string
	versions []string
	schema   string
}{
	{"type", both, `{"type": "object", "properties": {"s": {"type": "string"}, "i": {"type": "integer"}, "n": {"type": "number"}, "b": {"type": "boolean"}, "a": {"type": "array", "items": {"type": "string"}}, "o": {"type": "object"}}}`},
	{"type list", both[1:], `{"type": ["string", "integer", "null"]}`},
	{"types", both[1:], `{"type": ["object", "array", "boolean"], "minItems": 2, "minProperties": 2}`},
	{"nullable", both[:1], `{"type": "integer", "nullable": true, "minimum": 3}`},
	{"nullable enum", both[:1], `{"type": "string", "nullable": true, "enum": ["a", null]}`},
	{"enum", both, `{"enum": ["a", 1, true, {"x": [1]}]}`},
	{"typed enum", both, `{"type": "integer", "enum": [1, 20, 300], "minimum": 2}`},
	{"const", both[1:], `{"const": {"b": 1, "a": [null]}}`},
	{"const null", both[1:], `{"const": null}`},
	{"minLength", both, `{"type": "string", "minLength": 40}`},
	{"maxLength", both, `{"type": "string", "maxLength": 3}`},
	{"lengths", both, `{"type": "string", "minLength": 7, "maxLength": 7}`},
	{"maxLength 0", both, `{"type": "string", "maxLength": 0}`},
	{"long", both, `{"type": "string", "minLength": 5000, "maxLength": 5001}`},
	{"minimum", both, `{"type": "number", "minimum": 1000000}`},
	{"maximum", both, `{"type": "integer", "maximum": -5}`},
	{"narrow", both, `{"type": "number", "minimum": 0.001, "maximum": 0.0011}`},
	{"narrower", both, `{"type": "number", "minimum": 0.12345678901234, "maximum": 0.12345678901235}`},
	{"one number", both, `{"type": "number", "minimum": 3.5, "maximum": 3.5}`},
	{"large", both, `{"type": "integer", "minimum": 9007199254740000}`},
	{"huge", both, `{"type": "number", "minimum": 1e300}`},
	{"exclusive 3.0", both[:1], `{"type": "integer", "minimum": 3, "exclusiveMinimum": true, "maximum": 5, "exclusiveMaximum": true}`},
	{"exclusive 3.1", both[1:], `{"type": "integer", "exclusiveMinimum": 3, "exclusiveMaximum": 5}`},
	{"exclusive number", both[1:], `{"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.000001}`},
	{"multipleOf", both, `{"type": "integer", "multipleOf": 7, "minimum": 100, "maximum": 105}`},
	{"multipleOf decimal", both, `{"type": "number", "multipleOf": 0.01, "minimum": 0, "maximum": 1000000}`},
	{"multipleOf cents", both, `{"type": "number", "multipleOf": 0.05, "exclusiveMinimum": EXCLUDED, "minimum": 0, "maximum": 0.1}`},
	{"multipleOf of integers", both, `{"type": "integer", "multipleOf": 2.5}`},
	{"multipleOf twice", both, `{"allOf": [{"type": "number", "multipleOf": 0.4}, {"multipleOf": 0.6}]}`},
	{"int32", both, `{"type": "integer", "format": "int32", "minimum": 2147483640}`},
	{"int64", both, `{"type": "integer", "format": "int64"}`},
	{"float", both, `{"type": "number", "format": "float"}`},
	{"minItems", both, `{"type": "array", "items": {"type": "integer"}, "minItems": 12}`},
	{"maxItems", both, `{"type": "array", "items": {"type": "integer"}, "maxItems": 0}`},
	{"uniqueItems", both, `{"type": "array", "items": {"type": "string", "enum": ["a", "b", "c", "d", "e"]}, "uniqueItems": true, "minItems": 5}`},
	{"unique booleans", both, `{"type": "array", "items": {"type": "boolean"}, "uniqueItems": true, "minItems": 2}`},
	{"unique integers", both, `{"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 30}, "uniqueItems": true, "minItems": 30}`},
	{"unique objects", both, `{"type": "array", "items": {"type": "object", "required": ["k"], "properties": {"k": {"type": "integer", "minimum": 0, "maximum": 3}}}, "uniqueItems": true, "minItems": 4}`},
	{"prefixItems", both[1:], `{"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string", "format": "date"}], "items": false}`},
	{"prefixItems and more", both[1:], `{"type": "array", "prefixItems": [{"type": "integer"}], "items": {"type": "boolean"}, "minItems": 4}`},
	{"contains", both[1:], `{"type": "array", "items": {"type": "integer"}, "contains": {"minimum": 1000}, "minContains": 2, "maxContains": 3, "minItems": 6}`},
	{"contains alone", both[1:], `{"contains": {"const": 7}}`},
	{"unevaluatedItems", both[1:], `{"type": "array", "prefixItems": [{"type": "integer"}], "unevaluatedItems": false}`},
	{"required", both, `{"type": "object", "required": ["a", "b"], "properties": {"a": {"type": "string"}}}`},
	{"minProperties", both, `{"type": "object", "minProperties": 4, "properties": {"a": {"type": "string"}}}`},
	{"maxProperties", both, `{"type": "object", "maxProperties": 2, "required": ["c"], "properties": {"a": {"type": "string"}, "b": {"type": "string"}, "c": {"type": "string"}}}`},
	{"additionalProperties", both, `{"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 3}`},
	{"additionalProperties false", both, `{"type": "object", "additionalProperties": false, "properties": {"a": {"type": "string"}}}`},
	{"additionalProperties apart", both, `{"allOf": [{"type": "object", "additionalProperties": false, "properties": {"a": {"type": "string"}}}, {"properties": {"b": {"type": "string"}}}]}`},
	{"patternProperties", both[1:], `{"type": "object", "patternProperties": {"^x-[a-z]{3}$": {"type": "integer"}}, "additionalProperties": false, "minProperties": 3}`},
	{"propertyNames", both[1:], `{"type": "object", "propertyNames": {"pattern": "^[A-Z]{3}$"}, "additionalProperties": {"type": "integer"}, "minProperties": 2}`},
	{"propertyNames enum", both[1:], `{"type": "object", "propertyNames": {"enum": ["de", "en", "fr"]}, "additionalProperties": {"type": "string"}, "minProperties": 3}`},
	{"dependentRequired", both[1:], `{"type": "object", "properties": {"a": {"type": "string"}}, "dependentRequired": {"a": ["b", "c"]}}`},
	{"dependentSchemas", both[1:], `{"type": "object", "properties": {"a": {"type": "string"}}, "dependentSchemas": {"a": {"required": ["b"], "properties": {"b": {"const": 3}}}}}`},
	{"dependent not allowed", both[1:], `{"type": "object", "properties": {"a": {"type": "string"}, "d": {"type": "string"}}, "additionalProperties": false, "dependentRequired": {"a": ["b"]}}`},
	{"allOf", both, `{"allOf": [{"type": "object", "required": ["a"], "properties": {"a": {"type": "integer", "minimum": 5}}}, {"properties": {"a": {"maximum": 7}, "b": {"type": "string"}}, "required": ["b"]}]}`},
	{"allOf enums", both, `{"allOf": [{"type": "string", "enum": ["a", "b", "c"]}, {"enum": ["c", "b", "d"]}, {"maxLength": 1}]}`},
	{"allOf patterns", both, `{"allOf": [{"type": "string", "pattern": "^[a-z0-9]+$"}, {"pattern": "[0-9]{2}"}, {"minLength": 5, "maxLength": 9}]}`},
	{"oneOf", both, `{"oneOf": [{"type": "string"}, {"type": "integer"}, {"type": "number"}]}`},
	{"oneOf required", both, `{"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "oneOf": [{"required": ["a"]}, {"required": ["b"]}]}`},
	{"oneOf objects", both, `{"oneOf": [{"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}, "b": {"type": "string"}}}, {"type": "object", "required": ["a", "b"], "properties": {"a": {"type": "string"}, "b": {"type": "string"}}}]}`},
	{"oneOf formats", both, `{"oneOf": [{"type": "string", "format": "date"}, {"type": "string"}]}`},
	{"oneOf beside properties", both, `{"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"], "oneOf": [{"required": ["x"], "properties": {"x": {"type": "string"}}}, {"required": ["y"], "properties": {"y": {"type": "integer"}}}]}`},
	{"two oneOf", both, `{"allOf": [{"oneOf": [{"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}}, {"type": "object", "required": ["b"], "properties": {"b": {"type": "string"}}}]}, {"oneOf": [{"required": ["c"], "properties": {"c": {"type": "string"}}}, {"required": ["d"], "properties": {"d": {"type": "string"}}}]}]}`},
	{"anyOf", both, `{"anyOf": [{"type": "string", "minLength": 30}, {"type": "integer", "minimum": 500}]}`},
	{"anyOf null", both[1:], `{"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]}`},
	{"not type", both, `{"not": {"type": "string"}}`},
	{"not integer", both, `{"type": "number", "not": {"type": "integer"}}`},
	{"not required", both, `{"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "not": {"required": ["a"]}}`},
	{"not enum", both, `{"type": "integer", "minimum": 1, "maximum": 4, "not": {"enum": [1, 2, 3]}}`},
	{"if then else", both[1:], `{"type": "object", "required": ["kind"], "properties": {"kind": {"enum": ["a", "b"]}}, "if": {"properties": {"kind": {"const": "a"}}}, "then": {"required": ["x"], "properties": {"x": {"type": "integer"}}}, "else": {"required": ["y"]}}`},
	{"if then", both[1:], `{"type": "integer", "minimum": 0, "maximum": 20, "if": {"minimum": 10}, "then": {"multipleOf": 5}}`},
	{"unevaluatedProperties", both[1:], `{"allOf": [{"type": "object", "properties": {"a": {"type": "string"}}}], "properties": {"b": {"type": "string"}}, "unevaluatedProperties": false}`},
	{"boolean schemas", both[1:], `{"type": "object", "properties": {"a": true, "b": false}, "required": ["a"]}`},
	{"anything", both, `{}`},
	{"true", both[1:], `true`},
	{"readOnly", both, `{"type": "object", "required": ["id", "p"], "properties": {"id": {"type": "integer", "readOnly": true}, "p": {"type": "string", "writeOnly": true}}, "additionalProperties": false}`},
	{"readOnly in allOf", both, `{"allOf": [{"type": "object", "properties": {"id": {"type": "integer", "readOnly": true}, "n": {"type": "string"}}, "required": ["id", "n"]}]}`},
	{"readOnly in another part", both, `{"allOf": [{"type": "object", "required": ["id", "p", "n"], "properties": {"p": {"type": "string"}}}, {"properties": {"id": {"type": "integer", "readOnly": true}, "p": {"writeOnly": true}, "n": {"type": "string"}}}], "required": ["id"]}`},
}

func TestKeywords(t *testing.T) {
	for _, test := range keywordTests {
		for _, version := range test.versions {
			t.Run(test.name+" "+version, func(t *testing.T) {
				t.Parallel()
				text := strings.ReplaceAll(test.schema, "EXCLUDED", map[string]string{"3.0.3": "true", "3.1.0": "0"}[version])
				valid(t, schema(t, version, text), 200)
			})
		}
	}
}

func TestFormats(t *testing.T) {
	for format := range formats {
		for _, version := range both {
			for _, more := range []string{"", `, "minLength": 3, "maxLength": 60`, `, "minLength": 80`} {
				if version == both[0] && more != "" {
					continue
				}
				if more == `, "minLength": 80` && !resizable[format] && format != "uri" && format != "email" && format != "hostname" {
					continue
				}
				valid(t, schema(t, version, fmt.Sprintf(`{"type": "string", "format": %q%s}`, format, more)), 30)
			}
		}
	}
	for format := range numberFormats {
		valid(t, schema(t, "3.0.3", fmt.Sprintf(`{"type": "integer", "format": %q}`, format)), 30)
	}
}

// patternTests are patterns of real documents, and nastier ones.
var patternTests = []string{
	`^[a-z]+$`, `^[-a-zA-Z0-9_]+$`, `^\d{3}-\d{4}$`, `^(?:[A-Z]{2}|[a-z]{3})$`, `^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$`, `[0-9]`, `^\+?[1-9]\d{1,14}$`,
	`^([a-z0-9]+(-[a-z0-9]+)*)$`, `^.{3,8}$`, `^[^\s@]+@[^\s@]+\.[^\s@]+$`, `^\S+$`, `^(a|b(c|d){2,3})*x$`, `^[\w.-]+$`, `^$|^[a-z]{2}$`, `\.(png|jpg)$`,
	`^(?!foo)[a-z]{4}$`, `^(?=.*[0-9])(?=.*[a-z])[a-z0-9]{8,}$`, `^\u0041[\u0042-\u0044]+$`, `^[A-Z]{2}[0-9]{2}(?:[ ]?[0-9A-Z]{4}){3}$`, `^([01]\d|2[0-3]):[0-5]\d$`,
	`^[^\x00-\x7F]+$`, `^\p{L}+$`, `^(\d{4})-(\d{2})-(\d{2})T`, `^urn:[a-z]+:[0-9]{1,20}$`, `^\/[a-z\/]*$`, `^a{2,1500}$`, `^(GET|POST)$`, `^v\d+(\.\d+){0,2}(-[a-z]+)?$`,
	`(?i)^abc$`,
}

func TestPatterns(t *testing.T) {
	for _, pattern := range patternTests {
		quoted, err := json.Marshal(pattern)
		require.NoError(t, err)
		for _, lengths := range []string{"", `, "minLength": 4, "maxLength": 4`, `, "minLength": 6`, `, "maxLength": 6`} {
			s := schema(t, "3.1.0", `{"type": "string", "pattern": `+string(quoted)+lengths+`}`)
			_, err := New(nil).Value(s, contract.AsResponse, "a")
			if lengths != "" && err != nil {
				t.Logf("%s%s: %v", pattern, lengths, err)
				continue // some of these cannot be
			}
			require.NoError(t, err, pattern)
			valid(t, s, 50)
		}
	}
}
