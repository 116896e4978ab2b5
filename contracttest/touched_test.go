package contracttest_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/contracttest"
)

// memos is a document of notes that tell when they were last changed, with what is said of it.
func memos(said string) string {
	return `
openapi: 3.0.3
info: {title: Notes, version: "1"}
components:
  schemas:
    NewNote: {type: object, required: [title], properties: {title: {type: string, maxLength: 80}, text: {type: string}}}
    Note:
      type: object
      required: [id, title, updated_at]
      properties: {id: {type: integer, readOnly: true}, title: {type: string, maxLength: 80}, text: {type: string}, updated_at: {type: string, format: date-time, readOnly: true` + said + `}}
paths:
  /notes:
    get: {operationId: list, responses: {"200": {description: "", content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Note"}}}}}}}
    post:
      operationId: create
      requestBody: &new {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/NewNote"}}}}
      responses: {"201": &note {description: "", content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}, "400": {description: ""}}
  /notes/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {operationId: read, responses: {"200": *note, "404": {description: ""}}}
    put: {operationId: replace, requestBody: *new, responses: {"200": *note, "400": {description: ""}, "404": {description: ""}}}
    delete: {operationId: delete, responses: {"204": {description: ""}, "404": {description: ""}}}
`
}

// TestTouched: what says when an item was last changed is later after a change, unless what is said of it means something else.
func TestTouched(t *testing.T) {
	for said, must := range map[string]bool{"": true, ", description: When it was last changed.": true, ", description: When somebody looked at it.": false} {
		doc := openText(t, memos(said))
		mock := mockOf(t, doc, nil)
		target := contracttest.Target{Handler: mock, Writes: true, Include: []string{"crud/replace-stores"}}
		r := check(t, doc, target)
		require.Empty(t, r.Findings, text(r))
		target.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { // as mock, but that time stands still
			rec := httptest.NewRecorder()
			mock.ServeHTTP(rec, r)
			for name, values := range rec.Header() {
				w.Header()[name] = values
			}
			w.Header().Del("Content-Length")
			w.WriteHeader(rec.Code)
			_, _ = w.Write(regexp.MustCompile(`"updated_at":\s*"[^"]*"`).ReplaceAll(bytes.Clone(rec.Body.Bytes()), []byte(`"updated_at":"2026-01-02T03:04:05.5Z"`)))
		})
		r = check(t, doc, target)
		require.Equal(t, must, strings.Contains(text(r), "the time of the change"), text(r))
	}
}
