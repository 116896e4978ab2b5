package mockserver

import (
	"net/http"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

const libraryDocument = `
openapi: 3.0.3
info: {title: library, version: "1"}
paths:
  /authors:
    get: {responses: {"200": {description: ok, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Author"}}}}}}}
    post: {requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Author"}}}}, responses: {"201": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Author"}}}}}}
  /authors/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    patch: {requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Author"}}}}, responses: {"200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Author"}}}}}}
  /books:
    get:
      x-understudy: {order: [author.name]}
      responses: {"200": {description: ok, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Book"}}}}}}
components:
  schemas:
    Author: {type: object, required: [id, name], properties: {id: {type: integer, readOnly: true}, name: {type: string}}}
    Book: {type: object, required: [id, title, author], properties: {id: {type: integer, readOnly: true}, title: {type: string}, author: {allOf: [{$ref: "#/components/schemas/Author"}], readOnly: true, x-understudy: {record: authors}}}}
`

// TestAdoptKeepsOnlyWhatWasChanged: a set that only shows records of a changed set is played as its file says now, in the order that the change gives it.
func TestAdoptKeepsOnlyWhatWasChanged(t *testing.T) {
	library := func(books string) *Server {
		return mockOf(t, libraryDocument, fstest.MapFS{
			"authors.yaml": {Data: []byte("by: name\nrecords:\n  - {id: 1, name: Ann}\n  - {id: 2, name: Bea}\n")},
			"books.yaml":   {Data: []byte("records:\n" + books)},
		})
	}
	old := library("  - {id: 1, title: First, author: Ann}\n  - {id: 2, title: Second, author: Bea}\n")
	require.Equal(t, http.StatusCreated, ask(old, "POST", "/authors", "application/json", `{"name":"Cleo"}`).Code)
	require.Equal(t, http.StatusOK, ask(old, "PATCH", "/authors/1", "application/json", `{"name":"Zoe"}`).Code)

	now := library("  - {id: 1, title: Edited, author: Ann}\n  - {id: 2, title: Second, author: Bea}\n  - {id: 3, title: Third, author: Bea}\n")
	kept, lost := now.Adopt(old)
	require.Equal(t, 3, kept, "the authors")
	require.Zero(t, lost)
	require.JSONEq(t, `[{"id":2,"title":"Second","author":{"id":2,"name":"Bea"}},{"id":3,"title":"Third","author":{"id":2,"name":"Bea"}},
		{"id":1,"title":"Edited","author":{"id":1,"name":"Zoe"}}]`, ask(now, "GET", "/books", "", "").Body.String())

	again := library("  - {id: 1, title: Edited again, author: Ann}\n")
	kept, _ = again.Adopt(now)
	require.Equal(t, 3, kept, "what was adopted stays changed")
	require.JSONEq(t, `[{"id":1,"title":"Edited again","author":{"id":1,"name":"Zoe"}}]`, ask(again, "GET", "/books", "", "").Body.String())
}
