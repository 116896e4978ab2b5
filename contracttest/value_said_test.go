package contracttest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/contracttest"
)

// trips is a document of trips, with what is said of their ends, of their prices, and of when travellers were born.
func trips(end, born, create string) string {
	return fmt.Sprintf(`
openapi: 3.0.3
info: {title: Trips, version: "1"}
components:
  schemas:
    NewTrip: &new
      type: object
      required: [name, starts_on, ends_on, born]
      properties: {name: {type: string, maxLength: 80}, starts_on: {type: string, format: date}, ends_on: {type: string, format: date, description: %q}, born: {type: string, format: date, description: %q}, low: {type: integer}, high: {type: integer}}
    Trip:
      allOf: [{type: object, required: [id], properties: {id: {type: integer, readOnly: true}}}, *new]
paths:
  /trips:
    get: {operationId: list, responses: {"200": {description: "", content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Trip"}}}}}}}
    post:
      operationId: create
      description: %q
      requestBody: &body {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/NewTrip"}}}}
      responses: {"201": &trip {description: "", content: {application/json: {schema: {$ref: "#/components/schemas/Trip"}}}}, "400": {description: ""}}
  /trips/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {operationId: read, responses: {"200": *trip, "404": {description: ""}}}
    put: {operationId: replace, requestBody: *body, responses: {"200": *trip, "400": {description: ""}, "404": {description: ""}}}
    delete: {operationId: delete, responses: {"204": {description: ""}, "404": {description: ""}}}
`, end, born, create)
}

// TestBeyond: what the document says in words of two properties, or of one and the present, is refused otherwise; the mock does it.
func TestBeyond(t *testing.T) {
	doc := openText(t, trips("Must not be before `starts_on`.", "Not in the future.", "`low` may not exceed `high`."))
	target := contracttest.Target{Handler: mockOf(t, doc, nil), Writes: true, Include: []string{"value/*", "crud/*"}}
	r := check(t, doc, target)
	require.Empty(t, r.Findings, text(r))
	kept := 0
	for _, c := range r.Cases {
		if strings.Contains(c.Subject, " beyond") {
			require.Equal(t, contracttest.Kept, c.Verdict, "%s: %s", c.Subject, c.Reason)
			kept++
		}
	}
	require.GreaterOrEqual(t, kept, 5)

	target.Handler = mockOf(t, openText(t, trips("", "", "")), nil) // to which all of them are right
	r = check(t, doc, target)
	for _, said := range []string{"Must not be before `starts_on`", "Not in the future", "`low` may not exceed `high`"} {
		require.Contains(t, text(r), said)
	}
	for _, f := range r.Findings {
		require.Equal(t, "value/refused", f.Rule, text(r))
	}
	r = check(t, openText(t, trips("", "", "")), target)
	require.Empty(t, r.Findings, text(r))
}
