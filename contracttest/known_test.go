package contracttest

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"understudy/internal/contract"
)

const thingsDocument = `
openapi: 3.1.0
info: {title: Things, version: "1"}
paths:
  /things:
    get:
      operationId: things
      parameters: [{name: page, in: query, schema: {type: integer}}]
      responses:
        "200":
          description: all
          content:
            application/json:
              schema:
                type: object
                required: [count, results]
                properties:
                  count: {type: integer}
                  results: {type: array, ARRAY items: {$ref: "#/components/schemas/Thing"}}
  /things/{id}:
    get:
      operationId: thing
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses: {"200": {description: one, content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}}}
components:
  schemas:
    Thing: {type: object, required: [id, name], properties: {id: {type: integer}, name: {type: string, maxLength: 5}}}
`

// TestKnown judges answers with what was judged before in mind, and without: both find the same.
func TestKnown(t *testing.T) {
	for _, array := range []string{"", "minItems: 2,", "maxItems: 2,", "uniqueItems: true,"} {
		t.Run(array, func(t *testing.T) {
			doc, err := contract.Load(t.Context(), "things.yaml", []byte(strings.ReplaceAll(thingsDocument, "ARRAY", array)))
			require.NoError(t, err)
			list := doc.Collections()[0].List()
			right := []string{`{"id":1,"name":"ada"}`, `{"id":2,"name":"bob","more":1}`, `{"id": 3, "name": "eve"}`}
			wrong := []string{
				`{"id":"4","name":"ada"}`, `{"id":5,"name":"too long"}`, `{"id":6}`, `{"id":7,"name":"x","name":"y"}`, `null`,
			}
			rapid.Check(t, func(t *rapid.T) {
				k := newKnown()
				for range 6 {
					some := rapid.SliceOfN(rapid.SampledFrom(right), 0, 4).Draw(t, "right")
					if rapid.IntRange(0, 3).Draw(t, "any") == 0 {
						some = append(some, rapid.SampledFrom(wrong).Draw(t, "item"))
					}
					count := rapid.SampledFrom([]string{"1", `"1"`}).Draw(t, "count")
					a := &answer{
						request: &request{op: list}, status: http.StatusOK, header: http.Header{"Content-Type": {"application/json"}}, read: &reading{known: k},
						body: []byte(`{"count": ` + count + `, "results": [` + strings.Join(some, " , ") + `]}`),
					}
					var with, without []string
					for _, s := range judgeNew(a, false, k).seen {
						with = append(with, s.rule+" "+s.sign+" "+s.got)
					}
					for _, s := range judgeAnswer(a, false).seen {
						without = append(without, s.rule+" "+s.sign+" "+s.got)
					}
					require.Equal(t, without, with)
				}
			})
		})
	}
}
