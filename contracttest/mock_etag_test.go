package contracttest_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/contracttest"
	"understudy/contracttest/honest"
)

// guardedDocument refuses what has no condition: changes by a parameter that is required, deletes by a status.
const guardedDocument = `
openapi: 3.0.3
info: {title: guarded, version: "1"}
paths:
  /notes:
    get: {responses: {"200": {description: ok, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Note"}}}}}}}
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}
      responses: {"201": {description: ok, headers: {ETag: {required: true, schema: {type: string}}}, content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}, "400": {description: bad}}
  /notes/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {$ref: "#/components/responses/Note"}, "400": {description: bad}, "404": {description: none}}}
    put:
      parameters: [{name: If-Match, in: header, required: true, schema: {type: string}}]
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}
      responses: {"200": {$ref: "#/components/responses/Note"}, "400": {description: bad}, "404": {description: none}, "412": {description: changed}, "428": {description: say which}}
    delete: {responses: {"204": {description: gone}, "400": {description: bad}, "404": {description: none}, "428": {description: say which}}}
components:
  responses:
    Note: {description: ok, headers: {ETag: {required: true, schema: {type: string}}}, content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}
  schemas:
    Note: {type: object, required: [id, text], properties: {id: {type: integer, readOnly: true}, text: {type: string, maxLength: 80}}}
`

// TestMockKeepsEntityTags: the checker, which also knows ETags from servers that were written by hand, finds nothing wrong with those of the mock, and leaves
// nothing behind where only conditional requests take it away.
func TestMockKeepsEntityTags(t *testing.T) {
	for _, c := range []struct {
		says, document string
		kept           []string // cases of http/etag
	}{
		{"a server's document", honest.New("cursor", 0, "").Document, []string{
			"get_invoice ", "get_invoice an item that changes", "get_invoice each property", "get_invoice PUT with an old ETag", "get_invoice PATCH with an old ETag", "get_invoice DELETE with an old ETag",
		}},
		{"conditions are required", guardedDocument, []string{
			"GET /notes/{id} ", "GET /notes/{id} an item that changes", "GET /notes/{id} PUT without a condition", "GET /notes/{id} PUT with an old ETag",
			"GET /notes/{id} DELETE without a condition", "GET /notes/{id} DELETE with an old ETag",
		}},
	} {
		t.Run(c.says, func(t *testing.T) {
			doc := openText(t, c.document)
			r := check(t, doc, contracttest.Target{Handler: mockOf(t, doc, map[string]string{mockToken: ""}), Token: mockToken, Writes: true})
			require.Empty(t, found(r), text(r))
			require.Empty(t, r.Leftovers)
			var kept []string
			for _, cr := range r.Cases {
				if cr.Rule == "http/etag" && cr.Verdict == contracttest.Kept {
					kept = append(kept, cr.Operation+" "+cr.Subject)
				}
			}
			require.Equal(t, c.kept, kept)
			for _, a := range contracttest.Audit(context.Background(), doc, mockOf(t, doc, nil)) {
				require.Empty(t, a.Wrong, a.Request)
			}
		})
	}
}
