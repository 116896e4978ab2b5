package mockserver

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"
)

// TestOrderEach: of parameters that each order by a field, the one that is written first counts first.
func TestOrderEach(t *testing.T) {
	mock := mockOf(t, `
openapi: 3.0.3
info: {title: each, version: "1"}
paths:
  /things:
    get:
      operationId: things
      parameters:
        - {name: "order[size]", in: query, schema: {type: string, enum: [asc, desc]}}
        - {name: "order[kind]", in: query, schema: {type: string, enum: [asc, desc]}}
      responses: {"200": {description: "", content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Thing"}}}}}}
    post:
      operationId: make
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}}
      responses: {"201": {description: "", content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}}}
components:
  schemas:
    Thing: {type: object, required: [size, kind], properties: {id: {type: integer, readOnly: true}, size: {type: integer, minimum: 1, maximum: 2}, kind: {type: string, enum: [a, b]}}}
`, nil)
	for _, body := range []string{`{"size":1,"kind":"a"}`, `{"size":2,"kind":"b"}`, `{"size":2,"kind":"a"}`, `{"size":1,"kind":"b"}`} {
		require.Equal(t, 201, ask(mock, "POST", "/things", "application/json", body).Code)
	}
	for query, want := range map[string][]string{
		"order[size]=desc&order[kind]=asc":     {"2a", "2b", "1a", "1b"},
		"order%5Bkind%5D=asc&order[size]=desc": {"2a", "1a", "2b", "1b"},
		"order[kind]=desc&order%5Bsize%5D=asc": {"1b", "2b", "1a", "2a"},
		"order[size]=asc&x=1&order[kind]=desc": {"1b", "1a", "2b", "2a"},
	} {
		w := ask(mock, "GET", "/things?"+query, "", "")
		require.Equal(t, 200, w.Code, w.Body)
		var got []string
		for _, it := range gjson.Parse(w.Body.String()).Array() {
			if name := it.Get("size").String() + it.Get("kind").String(); len(got) == 0 || got[len(got)-1] != name {
				got = append(got, name) // beside those that were there before
			}
		}
		require.Equal(t, want, got, query)
	}
}
