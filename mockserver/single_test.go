package mockserver

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

const singleDocument = `
openapi: 3.0.3
info: {title: single, version: "1"}
paths:
  /settings:
    get: {responses: {"200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Settings"}, example: {version: 3, theme: light, size: 1}}}}}}
    patch: {requestBody: {content: {application/json: {schema: {type: object}}}}, responses: {"200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Settings"}}}}}}
components:
  schemas:
    Settings: {type: object, required: [theme], properties: {version: {type: integer, readOnly: true}, theme: {type: string}, size: {type: integer}}}
`

// TestWhatThereIsOnlyOneOf is changed as records are: what fits is kept, also by another server that adopts it, until a reset.
func TestWhatThereIsOnlyOneOf(t *testing.T) {
	mock := mockOf(t, singleDocument, nil)
	read := func(mock *Server) string { return ask(mock, "GET", "/settings", "", "").Body.String() }
	require.JSONEq(t, `{"version":3,"theme":"light","size":1}`, read(mock))
	for _, c := range []struct{ says, sent, then string }{
		{"a change", `{"theme":"dark"}`, `{"version":3,"theme":"dark","size":1}`},
		{"what a client cannot set", `{"version":4,"other":1,"size":2}`, `{"version":3,"theme":"dark","size":2}`},
		{"what would not be valid", `{"theme":5,"size":7}`, `{"version":3,"theme":"dark","size":2}`},
	} {
		a := ask(mock, "PATCH", "/settings", "application/json", c.sent)
		require.Equal(t, http.StatusOK, a.Code, a.Body)
		require.JSONEq(t, c.then, a.Body.String(), c.says)
		require.JSONEq(t, c.then, read(mock), c.says)
	}
	next := mockOf(t, singleDocument, nil)
	next.Adopt(mock)
	require.JSONEq(t, `{"version":3,"theme":"dark","size":2}`, read(next))
	next.Reset()
	require.JSONEq(t, `{"version":3,"theme":"light","size":1}`, read(next))
	require.JSONEq(t, `{"version":3,"theme":"dark","size":2}`, read(mock))
}
