package mockserver

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// TestNoSuccess: operations on records that document no success answer what they do document.
func TestNoSuccess(t *testing.T) {
	mock := mockOf(t, `
openapi: 3.0.3
info: {title: notes, version: "1"}
paths:
  /notes:
    get: {responses: {"200": {description: ok, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Note"}}}}}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}
      responses: {default: {description: made, content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}}
  /notes/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"403": {description: no}, "404": {description: none}}}
    put:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}
      responses: {"303": {description: see}}
    delete: {responses: {default: {description: done}}}
components:
  schemas:
    Note: {type: object, required: [id], properties: {id: {type: integer}, text: {type: string}}}
`, fstest.MapFS{"notes.yaml": {Data: []byte("records:\n  - {id: 1, text: a}\n")}})
	for _, c := range []struct {
		method, path, media, body string
		status                    int
		want                      string
	}{
		{"GET", "/notes/1", "", "", 403, ""},
		{"PUT", "/notes/1", "application/json", `{"id":1,"text":"b"}`, 303, ""},
		{"POST", "/notes", "application/json", `{"id":2,"text":"c"}`, 200, `{"id":2,"text":"c"}`},
		{"DELETE", "/notes/1", "", "", 200, ""},
		{"GET", "/notes", "", "", 200, `[{"id":2,"text":"c"}]`},
	} {
		w := ask(mock, c.method, c.path, c.media, c.body)
		require.Equal(t, c.status, w.Code, "%s %s: %s", c.method, c.path, w.Body)
		require.Equal(t, c.want, strings.TrimSpace(w.Body.String()), "%s %s", c.method, c.path)
	}
}

// TestNoRefusal: where the document has no refusals, a key that nobody knows is answered with what is documented, but what was deleted stays away.
func TestNoRefusal(t *testing.T) {
	mock := mockOf(t, `
openapi: 3.0.3
info: {title: notes, version: "1"}
paths:
  /notes:
    get: {responses: {"200": {description: ok, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Note"}}}}}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}
      responses: {"201": {description: made, content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}}
  /notes/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}}}
    delete: {responses: {"204": {description: gone}}}
components:
  schemas:
    Note: {type: object, required: [id], properties: {id: {type: integer}, text: {type: string}}}
`, nil)
	for _, c := range []struct {
		method, path, body string
		status             int
	}{
		{"GET", "/notes/123456", "", 200},
		{"POST", "/notes", `{"id":123456,"text":"a"}`, 201},
		{"DELETE", "/notes/123456", "", 204},
		{"GET", "/notes/123456", "", 404},
		{"DELETE", "/notes/123456", "", 404},
		{"GET", "/notes/123457", "", 200},
		{"POST", "/notes", `{"id":123456,"text":"b"}`, 201},
		{"GET", "/notes/123456", "", 200},
	} {
		w := ask(mock, c.method, c.path, "application/json", c.body)
		require.Equal(t, c.status, w.Code, "%s %s: %s", c.method, c.path, w.Body)
	}
}

// TestNested: what was sent in depth is kept, and gets what only answers have.
func TestNested(t *testing.T) {
	mock := mockOf(t, `
openapi: 3.0.3
info: {title: stages, version: "1"}
paths:
  /stages:
    get: {responses: {"200": {description: ok, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Stage"}}}}}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Sent"}}}}
      responses: {"201": {description: made, content: {application/json: {schema: {$ref: "#/components/schemas/Stage"}}}}}
  /stages/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Stage"}}}}}}
components:
  schemas:
    Stage:
      type: object
      required: [id]
      properties:
        id: {type: integer, readOnly: true}
        flows: {type: array, items: {$ref: "#/components/schemas/Flow"}}
    Flow:
      type: object
      required: [key, name]
      properties:
        key: {type: string, format: uuid, readOnly: true}
        name: {type: string}
        inner: {type: object, required: [size], properties: {size: {type: integer, minimum: 5, maximum: 5, readOnly: true}, text: {type: string}}}
    Sent:
      type: object
      properties:
        flows: {type: array, items: {type: object, required: [name], properties: {name: {type: string}, inner: {type: object, properties: {text: {type: string}}}}}}
`, nil)
	w := ask(mock, "POST", "/stages", "application/json", `{"flows":[{"name":"one"},{"name":"two","inner":{"text":"<deep>"}}]}`)
	require.Equal(t, 201, w.Code, w.Body)
	require.Regexp(t, `^{"id":\d+,"flows":\[{"key":"[-0-9a-f]{36}","name":"one".*},{"key":"[-0-9a-f]{36}","name":"two","inner":{"size":5,"text":"(<deep>|\\u003cdeep\\u003e)"}}\]}$`, strings.TrimSpace(w.Body.String()))
	require.Equal(t, w.Body.String(), ask(mock, "GET", w.Header().Get("Location"), "", "").Body.String())
}
