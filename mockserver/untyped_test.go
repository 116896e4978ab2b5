package mockserver

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestUntypedParameters: a parameter whose schema says no type takes what its enumeration has, and any text where it has none.
func TestUntypedParameters(t *testing.T) {
	mock := mockOf(t, `
openapi: 3.0.3
info: {title: t, version: "1"}
paths:
  /things:
    get:
      parameters:
        - {name: text, in: query, schema: {enum: [x, "1"]}}
        - {name: number, in: query, schema: {enum: [1, 2.5]}}
        - {name: truth, in: query, schema: {enum: [true]}}
        - {name: any, in: query, schema: {}}
        - {name: long, in: query, schema: {maxLength: 3}}
      responses:
        "200": {description: ok, content: {application/json: {schema: {type: object}}}}
        "400": {description: bad}
`, nil)
	for target, status := range map[string]int{
		"/things?text=x": 200, "/things?text=1": 200, "/things?text=y": 400, "/things?number=2.5": 200, "/things?number=3": 400,
		"/things?truth=true": 200, "/things?truth=false": 400, "/things?any=x": 200, "/things?long=abc": 200, "/things?long=abcd": 400,
	} {
		require.Equal(t, status, ask(mock, "GET", target, "", "").Code, target)
	}
}
