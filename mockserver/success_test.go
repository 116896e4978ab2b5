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
