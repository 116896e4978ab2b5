package mockserver

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// TestMergePatch holds the examples of RFC 7396, Appendix A, for objects.
func TestMergePatch(t *testing.T) {
	for _, c := range []struct{ target, patch, want string }{
		{`{"a":"b"}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"b"}`, `{"b":"c"}`, `{"a":"b","b":"c"}`},
		{`{"a":"b"}`, `{"a":null}`, `{}`},
		{`{"a":"b","b":"c"}`, `{"a":null}`, `{"b":"c"}`},
		{`{"a":["b"]}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"c"}`, `{"a":["b"]}`, `{"a":["b"]}`},
		{`{"a":{"b":"c"}}`, `{"a":{"b":"d","c":null}}`, `{"a":{"b":"d"}}`},
		{`{"a":[{"b":"c"}]}`, `{"a":[1]}`, `{"a":[1]}`},
		{`["a","b"]`, `["c","d"]`, `["c","d"]`},
		{`{"a":"b"}`, `["c"]`, `["c"]`},
		{`{"a":"foo"}`, `"bar"`, `"bar"`},
		{`{"e":null}`, `{"a":1}`, `{"e":null,"a":1}`},
		{`[1,2]`, `{"a":"b","c":null}`, `{"a":"b"}`},
		{`{}`, `{"a":{"bb":{"ccc":null}}}`, `{"a":{"bb":{}}}`},
	} {
		require.Equal(t, c.want, mergePatch(c.target, c.patch), "%s with %s", c.target, c.patch)
	}
}

// TestJSONPatch: where the document takes a JSON Patch, it is applied (RFC 6902); one that cannot be is refused and changes nothing.
func TestJSONPatch(t *testing.T) {
	mock := mockOf(t, `
openapi: 3.0.3
info: {title: patch, version: "1"}
paths:
  /notes:
    get: {responses: {"200": {description: ok, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Note"}}}}}}}
  /notes/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}}}
    patch:
      requestBody: {content: {application/json-patch+json: {schema: {type: array, items: {type: object}}}, application/merge-patch+json: {schema: {type: object}}}}
      responses: {"200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}, "409": {description: no}}
components:
  schemas:
    Note:
      type: object
      required: [id]
      properties: {id: {type: integer, readOnly: true}, tags: {type: array, items: {type: string}}, meta: {type: object, additionalProperties: {}}}
`, fstest.MapFS{"notes.yaml": {Data: []byte("records:\n  - {id: 1, tags: [a], meta: {x: {y: 1}}}\n")}})
	for _, c := range []struct {
		media, body string
		status      int
		want        string // afterwards
	}{
		{"application/json-patch+json", `[{"op":"add","path":"/tags/-","value":"b"},{"op":"replace","path":"/meta/x","value":2}]`, 200, `{"id":1,"tags":["a","b"],"meta":{"x":2}}`},
		{"application/json-patch+json", `[{"op":"test","path":"/tags/0","value":"z"},{"op":"remove","path":"/tags"}]`, 409, `{"id":1,"tags":["a","b"],"meta":{"x":2}}`},
		{"application/json-patch+json", `[{"op":"replace","path":"/id","value":9}]`, 200, `{"id":1,"tags":["a","b"],"meta":{"x":2}}`},
		{"application/merge-patch+json", `{"meta":{"z":true,"x":null}}`, 200, `{"id":1,"tags":["a","b"],"meta":{"z":true}}`},
		{"application/json-patch+json", `[{"op":"remove","path":"/tags"}]`, 200, `{"id":1,"meta":{"z":true}}`},
	} {
		w := ask(mock, "PATCH", "/notes/1", c.media, c.body)
		require.Equal(t, c.status, w.Code, "%s: %s", c.body, w.Body)
		require.Equal(t, c.want, ask(mock, "GET", "/notes/1", "", "").Body.String(), c.body)
	}
}
