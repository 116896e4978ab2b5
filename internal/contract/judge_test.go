package contract

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestJudge: both validators agree on what is wrong, in OpenAPI 3.0 and 3.1, and in both directions.
func TestJudge(t *testing.T) {
	const text = `
openapi: VERSION
info: {title: t, version: "1"}
paths: {}
components:
  schemas:
    A:
      type: object
      required: [id, secret, "a/b {c}"]
      properties:
        id: {type: integer, readOnly: true}
        secret: {allOf: [{$ref: "#/components/schemas/S"}]}
        "a/b {c}": {$ref: "#/components/schemas/x.y-z"}
        n: NULLABLE
        more: {$ref: "#/components/schemas/A"}
        p: {type: string, pattern: "^(?!x)[a-z]+$"}
        any: {}
    S: {type: string, writeOnly: true}
    x.y-z: {type: string, format: uuid}
`
	const id = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
	for version, nullable := range map[string]string{
		"3.0.3": "{type: number, nullable: true, minimum: 0, exclusiveMinimum: true}", "3.1.0": `{type: [number, "null"], exclusiveMinimum: 0}`,
	} {
		d := load(t, replaceAll(text, "VERSION", version, "NULLABLE", nullable))
		s := d.schema("/components/schemas/A", d.api.Components.Schemas["A"])
		for _, test := range []struct {
			dir  Direction
			json string
			ok   bool
		}{
			{AsResponse, `{"id":1,"a/b {c}":"` + id + `"}`, true},
			{AsRequest, `{"secret":"x","a/b {c}":"` + id + `"}`, true},
			{AsRequest, `{"a/b {c}":"` + id + `"}`, false},
			{AsResponse, `{"a/b {c}":"` + id + `"}`, false},
			{AsResponse, `{"id":1,"a/b {c}":"x"}`, false},
			{AsResponse, `{"id":1,"a/b {c}":"` + id + `","n":null,"any":null}`, true},
			{AsResponse, `{"id":1,"a/b {c}":"` + id + `","n":0}`, false},
			{AsResponse, `{"id":1,"a/b {c}":"` + id + `","n":0.5}`, true},
			{AsResponse, `{"id":1,"a/b {c}":"` + id + `","more":{"id":"x","a/b {c}":"` + id + `"}}`, false},
		} {
			var v any
			require.NoError(t, json.Unmarshal([]byte(test.json), &v))
			require.Equal(t, test.ok, s.Judge(v, test.dir) == nil, "%s %s: %v", version, test.json, s.Judge(v, test.dir))
			require.Equal(t, test.ok, len(s.Validate(v, test.dir)) == 0, "%s %s: %v", version, test.json, s.Validate(v, test.dir))
		}
		for value, ok := range map[string]bool{"ab": true, "xa": false} {
			require.Equal(t, ok, s.Judge(map[string]any{"id": 1.0, "a/b {c}": id, "p": value}, AsResponse) == nil, value)
		}
	}
}

// TestBesideRef: in OpenAPI 3.1 what stands beside a $ref counts there and nowhere else, wherever a schema may be; in 3.0 it does not count.
func TestBesideRef(t *testing.T) {
	const text = `
openapi: VERSION
info: {title: t, version: "1"}
paths:
  /a/{id}:
    parameters: [{name: id, in: path, required: true, schema: {$ref: "#/components/schemas/N", minimum: 90}}]
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/N", maximum: 5}}}}
      responses: {"200": {description: d, headers: {X: {schema: {$ref: "#/components/schemas/N", minimum: 80}}}, content: {application/json: {schema: {$ref: "#/components/schemas/O"}}}}}
components:
  schemas:
    N: {type: integer, maximum: 100}
    A: {$ref: "#/components/schemas/N", minimum: 10, description: a}
    O:
      type: object
      properties:
        n: {$ref: "#/components/schemas/N", description: words only}
        a: {$ref: "#/components/schemas/A"}
        b: {$ref: "#/components/schemas/A", maximum: 20}
        list: {type: array, items: {$ref: "#/components/schemas/A", minimum: 30}}
        all: {allOf: [{$ref: "#/components/schemas/A", minimum: 40}]}
        two: {$ref: "#/components/schemas/A", allOf: [{minimum: 50}]}
        one: {oneOf: [{$ref: "#/components/schemas/A", maximum: 20}, {$ref: "#/components/schemas/A", minimum: 60}]}
        not: {not: {$ref: "#/components/schemas/A", minimum: 90}}
        null: {$ref: "#/components/schemas/N", type: [integer, "null"]}
        enum: {$ref: "#/components/schemas/N", enum: [1, 101]}
        more: {$ref: "#/components/schemas/O", required: [x], properties: {x: {type: string}}}
        next: {$ref: "#/components/schemas/O", maxProperties: 1}
`
	later, old := load(t, replaceAll(text, "VERSION", "3.1.0")), load(t, replaceAll(text, "VERSION", "3.0.3"))
	schemas := func(d *Document) map[string]*Schema {
		op := d.Operations()[0]
		out := map[string]*Schema{"path": op.Parameter("path", "id").Schema, "header": op.Response(200).Headers[0].Schema}
		_, out["body"] = op.Body.JSON()
		_, o := op.Response(200).JSON()
		for _, p := range o.Properties() {
			out[p.Name] = p.Schema
		}
		return out
	}
	for _, test := range []struct {
		schema, json  string
		ok, okWithout bool // okWithout: where only the $ref counts
	}{
		{schema: "path", json: "89", okWithout: true},
		{schema: "path", json: "90", ok: true, okWithout: true},
		{schema: "path", json: "101"},
		{schema: "header", json: "79", okWithout: true},
		{schema: "body", json: "6", okWithout: true},
		{schema: "body", json: "5", ok: true, okWithout: true},
		{schema: "n", json: "-5", ok: true, okWithout: true},
		{schema: "a", json: "9", okWithout: true},
		{schema: "a", json: "100", ok: true, okWithout: true},
		{schema: "a", json: "101"},
		{schema: "b", json: "9", okWithout: true},
		{schema: "b", json: "20", ok: true, okWithout: true},
		{schema: "b", json: "21", okWithout: true},
		{schema: "list", json: "[30]", ok: true, okWithout: true},
		{schema: "list", json: "[29]", okWithout: true},
		{schema: "all", json: "39", okWithout: true},
		{schema: "all", json: "40", ok: true, okWithout: true},
		{schema: "two", json: "49", okWithout: true},
		{schema: "two", json: "9", okWithout: true},
		{schema: "one", json: "15", ok: true},
		{schema: "one", json: "30"},
		{schema: "not", json: "89", ok: true},
		{schema: "not", json: "90"},
		{schema: "null", json: "null"},
		{schema: "enum", json: "1", ok: true, okWithout: true},
		{schema: "enum", json: "2", okWithout: true},
		{schema: "enum", json: "101"},
		{schema: "more", json: `{}`, okWithout: true},
		{schema: "more", json: `{"x": 1}`, okWithout: true},
		{schema: "more", json: `{"x": "", "a": 9}`, okWithout: true},
		{schema: "next", json: `{"n": 1}`, ok: true, okWithout: true},
		{schema: "next", json: `{"n": 1, "a": 10}`, okWithout: true},
		{schema: "next", json: `{"next": {"n": 1, "a": 10}}`, okWithout: true},
	} {
		var v any
		require.NoError(t, json.Unmarshal([]byte(test.json), &v))
		for d, ok := range map[*Document]bool{later: test.ok, old: test.okWithout} {
			s := schemas(d)[test.schema]
			require.Equal(t, ok, s.Judge(v, AsResponse) == nil, "%s %s %s", d.api.OpenAPI, test.schema, test.json)
			require.Equal(t, ok, len(s.Validate(v, AsResponse)) == 0, "%s %s %s", d.api.OpenAPI, test.schema, test.json)
		}
	}
}

// TestHiddenInAnotherPart: what one part of an allOf requires and another says is readOnly or writeOnly is not asked for where it is not sent, and nowhere
// else is it excused.
func TestHiddenInAnotherPart(t *testing.T) {
	const text = `
openapi: VERSION
info: {title: t, version: "1"}
paths: {}
components:
  schemas:
    Needs: {type: object, required: [id, name, password], properties: {name: {type: string}, password: {type: string, minLength: 3}}}
    Says: {type: object, properties: {id: {$ref: "#/components/schemas/ID"}, password: {type: string, writeOnly: true, maxLength: 5}}}
    ID: {allOf: [{type: integer, readOnly: true}]}
    Parts: {allOf: [{$ref: "#/components/schemas/Needs"}, {$ref: "#/components/schemas/Says"}]}
    Around: {required: [id, name, password], allOf: [{$ref: "#/components/schemas/Says"}]}
    Inside: {properties: {id: {$ref: "#/components/schemas/ID"}, password: {writeOnly: true, maxLength: 5}}, allOf: [{allOf: [{$ref: "#/components/schemas/Needs"}]}]}
    Circle: {allOf: [{$ref: "#/components/schemas/Says"}, {$ref: "#/components/schemas/Needs"}], properties: {more: {$ref: "#/components/schemas/Circle"}}}
`
	for _, version := range []string{"3.0.3", "3.1.0"} {
		d := load(t, replaceAll(text, "VERSION", version))
		for name, either := range map[string]bool{"Parts": false, "Around": false, "Inside": false, "Circle": false, "Needs": true} {
			s := d.schema("/components/schemas/"+name, d.api.Components.Schemas[name])
			for _, test := range []struct {
				dir        Direction
				json       string
				ok, always bool
			}{
				{AsResponse, `{"id": 1, "name": "a"}`, true, false},
				{AsRequest, `{"name": "a", "password": "abc"}`, true, false},
				{AsResponse, `{"name": "a"}`, false, false},
				{AsRequest, `{"name": "a"}`, false, false},
				{AsResponse, `{"id": 1}`, false, false},
				{AsRequest, `{"password": "abc"}`, false, false},
				{AsRequest, `{"name": "a", "password": "ab"}`, false, false},
				{AsRequest, `{"name": "a", "password": "abcdef"}`, false, false},
				{AsRequest, `{"id": 1, "name": "a", "password": "abc"}`, true, true},
			} {
				if name == "Around" && strings.Contains(test.json, `"ab"`) {
					continue
				}
				var v any
				require.NoError(t, json.Unmarshal([]byte(test.json), &v))
				ok := test.ok && !either || test.always
				require.Equal(t, ok, s.Judge(v, test.dir) == nil, "%s %s %s: %v", version, name, test.json, s.Judge(v, test.dir))
				require.Equal(t, ok, len(s.Validate(v, test.dir)) == 0, "%s %s %s: %v", version, name, test.json, s.Validate(v, test.dir))
			}
		}
	}
}

// TestJudgeLeavesDataAlone: what looks like a keyword in an example, a default or a value allowed is none; names are no keywords either.
func TestJudgeLeavesDataAlone(t *testing.T) {
	d := load(t, `
openapi: 3.1.0
info: {title: t, version: "1"}
paths:
  /a:
    get:
      responses:
        default: {description: d, content: {application/json: {schema: {$ref: "#/components/schemas/A b"}}}}
components:
  schemas:
    A b:
      properties:
        enum: {enum: [{$ref: "#/a b", type: none, required: 1}]}
        const: {const: {$ref: "#/a b", items: [1]}}
        default: {type: integer, default: 1}
        example: {type: integer, example: {$ref: "#/a b"}, examples: [{$ref: "#/a b"}]}
`)
	_, s := d.Operations()[0].Responses[0].JSON()
	for text, ok := range map[string]bool{
		`{"enum": {"$ref": "#/a b", "type": "none", "required": 1}}`:   true,
		`{"enum": {"$ref": "#/a%20b", "type": "none", "required": 1}}`: false,
		`{"enum": {"$ref": "#/a%20b"}}`:                                false,
		`{"const": {"$ref": "#/a b", "items": [1]}}`:                   true,
		`{"const": {"$ref": "#/a%20b", "items": [1]}}`:                 false,
		`{"default": 1, "example": 1}`:                                 true,
		`{"default": "1"}`:                                             false,
		`{"example": "1"}`:                                             false,
	} {
		var v any
		require.NoError(t, json.Unmarshal([]byte(text), &v))
		require.Equal(t, ok, s.Judge(v, AsResponse) == nil, "%s: %v", text, s.Judge(v, AsResponse))
	}
}

// TestJudgeCompiles: the schemas of real documents can be used by the second validator.
func TestJudgeCompiles(t *testing.T) {
	files, err := filepath.Glob("../../../shared/specs/*.yml")
	require.NoError(t, err)
	if len(files) == 0 {
		t.Skip("no real documents at hand")
	}
	for _, file := range append(files, "../../openapi.yaml") {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		d := load(t, string(data))
		for _, op := range d.Operations() {
			for _, r := range op.Responses {
				for _, s := range r.Media {
					var unusable *UnusableSchema
					require.False(t, errors.As(s.Judge(nil, AsResponse), &unusable), "%s %s: %v", file, op.ID, unusable)
				}
			}
		}
	}
}

// TestIntegersAtTheirEnds: the largest int64 is one, though no float64 is as large.
func TestIntegersAtTheirEnds(t *testing.T) {
	d := load(t, `
openapi: 3.1.0
info: {title: t, version: "1"}
paths: {}
components:
  schemas:
    long: {type: integer, format: int64, maximum: 9223372036854775807}
    short: {type: integer, format: int32}
`)
	for text, ok := range map[string][2]bool{ // as int64, as int32
		"9223372036854775807": {true, false}, "9223372036854775808": {false, false}, "9.223372036854775807e18": {true, false}, "-9223372036854775808": {true, false},
		"-9223372036854775809": {false, false}, "1e400": {false, false}, "2147483647": {true, true}, "2147483648": {true, false}, "-2147483648": {true, true},
	} {
		v, err := DecodeJSON([]byte(text))
		require.NoError(t, err)
		for i, name := range []string{"long", "short"} {
			s := d.schema("/components/schemas/"+name, d.api.Components.Schemas[name])
			require.Equal(t, ok[i], s.Judge(v, AsResponse) == nil && len(s.Validate(v, AsResponse)) == 0, "%s as %s: %v %v", text, name, s.Judge(v, AsResponse), s.Validate(v, AsResponse))
		}
	}
}
