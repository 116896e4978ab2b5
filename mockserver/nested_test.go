package mockserver

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const nestedDocument = `
openapi: 3.0.3
info: {title: nested, version: "1"}
paths:
  /users: {get: {responses: {"200": {description: ok, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/User"}}}}}}}}
  /users/{user_id}:
    get: {parameters: [{name: user_id, in: path, required: true, schema: {type: integer}}], responses: {"200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/User"}}}}, "404": {description: no}}}
  /users/{user_id}/keys:
    parameters: [{name: user_id, in: path, required: true, schema: {type: integer}}]
    get: {responses: LIST}
    post: {requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/X"}}}}, responses: MADE}
  /users/{user_id}/keys/{id}:
    parameters: [{name: user_id, in: path, required: true, schema: {type: integer}}, {name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: ONE}
    delete: {responses: {"204": {description: gone}, "404": {description: no}}}
components:
  schemas:
    User: {type: object, required: [id], properties: {id: {type: integer, readOnly: true}, name: {type: string}}}
    X: {type: object, required: [id, label], properties: {id: {type: integer, readOnly: true}, label: {type: string}EXTRA}}
`

// TestNestedLists: a list inside an item shows what is below that item, whether a property says so or not, and what is created there is there alone.
func TestNestedLists(t *testing.T) {
	for name, extra := range map[string]string{"no property says whose": "", "a property says whose": ", user_id: {type: integer, readOnly: true}"} {
		t.Run(name, func(t *testing.T) {
			text := strings.NewReplacer("LIST", `{"200": {description: ok, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/X"}}}}}, "404": {description: no}}`,
				"MADE", `{"201": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/X"}}}}}`,
				"ONE", `{"200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/X"}}}}, "404": {description: no}}`, "EXTRA", extra).Replace(nestedDocument)
			mock := mockOf(t, text, nil)
			call := func(method, path, body string) (int, string) {
				media := ""
				if body != "" {
					media = "application/json"
				}
				w := ask(mock, method, path, media, body)
				return w.Code, w.Body.String()
			}
			list := func(path string) (ids []any) {
				status, text := call("GET", path, "")
				require.Equal(t, http.StatusOK, status, text)
				var items []map[string]any
				require.NoError(t, json.Unmarshal([]byte(text), &items))
				for _, it := range items {
					ids = append(ids, it["id"])
				}
				return ids
			}
			first, second := list("/users/1/keys"), list("/users/2/keys")
			require.NotEmpty(t, first)
			require.NotEmpty(t, second)
			require.NotContains(t, second, first[0])

			status, made := call("POST", "/users/1/keys", `{"label":"mine"}`)
			require.Equal(t, http.StatusCreated, status, made)
			require.Len(t, list("/users/1/keys"), len(first)+1)
			require.Len(t, list("/users/2/keys"), len(second))
			var key struct{ ID json.Number }
			require.NoError(t, json.Unmarshal([]byte(made), &key))
			status, again := call("GET", "/users/1/keys/"+key.ID.String(), "")
			require.Equal(t, http.StatusOK, status)
			require.Equal(t, made, again)
			status, _ = call("GET", "/users/2/keys/"+key.ID.String(), "")
			require.Equal(t, http.StatusNotFound, status, "it is another's")
			status, _ = call("DELETE", "/users/1/keys/"+key.ID.String(), "")
			require.Equal(t, http.StatusNoContent, status)
			require.Equal(t, first, list("/users/1/keys"))
			status, _ = call("GET", "/users/9999/keys", "")
			require.Equal(t, http.StatusNotFound, status, "there is no such user")
		})
	}
}
