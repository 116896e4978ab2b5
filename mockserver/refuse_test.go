package mockserver

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestRefusalShapes: a refusal has the shape that the document gives it, with what is wrong in it.
func TestRefusalShapes(t *testing.T) {
	for _, c := range []struct {
		says, media, schema string
		want                string
	}{
		{"a sentence", "application/json", `{type: object, required: [message], properties: {message: {type: string}}}`, `{"message":"limit: \"abc\" is not an integer"}`},
		{
			"a problem of RFC 9457", "application/problem+json",
			`{type: object, required: [type, title], properties: {type: {type: string, format: uri-reference}, title: {type: string}, status: {type: integer}, detail: {type: string}, instance: {type: string}}}`,
			`{"type":"about:blank","title":"Bad Request","status":400,"detail":"limit: \"abc\" is not an integer"}`,
		},
		{
			"a problem that lists errors", "application/problem+json",
			`{type: object, required: [title, status], properties: {title: {type: string}, status: {type: integer}, errors: {type: array, items: {type: object, required: [pointer, detail], properties: {pointer: {type: string}, detail: {type: string}}}}}}`,
			`{"title":"limit: \"abc\" is not an integer","status":400,"errors":[{"pointer":"limit","detail":"\"abc\" is not an integer"}]}`,
		},
		{
			"nested, with a code of an enumeration and details", "application/json",
			`{type: object, required: [error], properties: {error: {type: object, required: [code, message], properties: {code: {type: string, enum: [internal, not_found, invalid_request]}, message: {type: string}, details: {type: array, items: {type: object, required: [field, message], properties: {field: {type: string}, message: {type: string}}}}}}}}`,
			`{"error":{"code":"invalid_request","message":"limit: \"abc\" is not an integer","details":[{"field":"limit","message":"\"abc\" is not an integer"}]}}`,
		},
		{
			"as FastAPI has it", "application/json",
			`{type: object, properties: {detail: {type: array, items: {type: object, required: [loc, msg, type], properties: {loc: {type: array, items: {anyOf: [{type: string}, {type: integer}]}}, msg: {type: string}, type: {type: string}}}}}}`,
			`{"detail":[{"loc":["query","limit"],"msg":"\"abc\" is not an integer","type":"bad_request"}]}`,
		},
		{
			"as JSON:API has it", "application/vnd.api+json",
			`{type: object, required: [errors], properties: {errors: {type: array, minItems: 1, items: {type: object, required: [status, title], properties: {status: {type: string}, title: {type: string}, detail: {type: string}, source: {type: object, properties: {parameter: {type: string}}}}}}}}`,
			`{"errors":[{"status":"400","title":"Bad Request","detail":"\"abc\" is not an integer","source":{"parameter":"limit"}}]}`,
		},
		{
			"a sentence, and texts by field", "application/json",
			`{type: object, required: [message, errors], properties: {message: {type: string}, errors: {type: object, additionalProperties: {type: array, items: {type: string}}}}}`,
			`{"message":"limit: \"abc\" is not an integer","errors":{"limit":["\"abc\" is not an integer"]}}`,
		},
		{"texts by field alone", "application/json", `{type: object, minProperties: 1, additionalProperties: {type: array, items: {type: string}}}`, `{"limit":["\"abc\" is not an integer"]}`},
		{"a text", "application/json", `{type: string}`, `"limit: \"abc\" is not an integer"`},
		{"a list of texts", "application/json", `{type: array, items: {type: string}}`, `["limit: \"abc\" is not an integer"]`},
		{"plain text", "text/plain", `{type: string}`, `limit: "abc" is not an integer`},
		{"HTML", "text/html", `{type: string}`, `<p>limit: &#34;abc&#34; is not an integer</p>`},
		{"XML", "application/xml", `{type: object, xml: {name: error}, required: [message], properties: {message: {type: string}}}`, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<error><message>limit: &#34;abc&#34; is not an integer</message></error>"},
		{"nothing that can say it", "application/json", `{type: object, required: [ok, n], properties: {ok: {type: boolean, enum: [false]}, n: {type: integer, minimum: 7, maximum: 7}}}`, `{"ok":false,"n":7}`},
	} {
		t.Run(c.says, func(t *testing.T) {
			mock := mockOf(t, `
openapi: 3.0.3
info: {title: notes, version: "1"}
paths:
  /notes:
    get:
      parameters: [{name: limit, in: query, schema: {type: integer}}]
      responses:
        "200": {description: ok, content: {application/json: {schema: {type: array, items: {type: object, properties: {id: {type: integer}}}}}}}
        "400": {description: no, headers: {X-Trace: {required: true, schema: {type: string, enum: [t1]}}, X-More: {schema: {type: string}}}, content: {`+c.media+`: {schema: `+c.schema+`}}}
`, nil)
			w := ask(mock, "GET", "/notes?limit=abc", "", "")
			require.Equal(t, 400, w.Code)
			require.Equal(t, c.media, w.Header().Get("Content-Type"))
			require.Equal(t, "t1", w.Header().Get("X-Trace"))
			require.Empty(t, w.Header().Get("X-More"))
			require.Equal(t, c.want, strings.TrimSpace(w.Body.String()))
		})
	}
}
