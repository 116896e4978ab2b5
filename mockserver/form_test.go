package mockserver

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

// resources is a document of JSON:API: what an item says of itself stands under attributes, and bodies wrap the item in data.
const resources = `openapi: 3.0.0
info: {title: Notes, version: "1"}
paths:
  /notes:
    get:
      responses: {"200": {description: ok, content: {application/vnd.api+json: {schema: {type: object, required: [data], properties: {data: {type: array, items: {$ref: "#/components/schemas/Note"}}}}}}}}
    post:
      requestBody:
        required: true
        content:
          application/vnd.api+json:
            schema:
              type: object
              required: [data]
              properties:
                data: {type: object, required: [type, attributes], properties: {type: {type: string, enum: [notes]}, attributes: {type: object, required: [title], properties: {title: {type: string, minLength: 1}, stars: {type: integer}}}}}
      responses:
        "201": {$ref: "#/components/responses/One"}
        "422": {$ref: "#/components/responses/Errors"}
  /notes/{id}:
    parameters: [{in: path, name: id, required: true, schema: {type: string}}]
    get:
      responses: {"200": {$ref: "#/components/responses/One"}, "404": {$ref: "#/components/responses/Errors"}}
    patch:
      requestBody:
        required: true
        content:
          application/vnd.api+json:
            schema: {type: object, properties: {data: {type: object, properties: {type: {type: string}, id: {type: string}, attributes: {type: object, properties: {title: {type: string}, stars: {type: integer}}}}}}}
      responses: {"200": {$ref: "#/components/responses/One"}}
components:
  responses:
    One: {description: ok, content: {application/vnd.api+json: {schema: {type: object, required: [data], properties: {data: {$ref: "#/components/schemas/Note"}}}}}}
    Errors:
      description: Errors
      content: {application/vnd.api+json: {schema: {type: object, required: [errors], properties: {errors: {type: array, minItems: 1, items: {type: object, required: [status, title], properties: {status: {type: string}, title: {type: string}}}}}}}}
  schemas:
    Note:
      type: object
      required: [type, id, attributes]
      properties:
        type: {type: string, enum: [notes]}
        id: {type: string}
        attributes:
          type: object
          required: [title, stars, made]
          properties: {title: {type: string}, stars: {type: integer, default: 3}, color: {type: string, nullable: true}, made: {type: string, enum: [today], readOnly: true}}
`

// TestWrappedBodies: what stands inside the body is stored where the item has it, and a change keeps what it does not say.
func TestWrappedBodies(t *testing.T) {
	mock := mockOf(t, resources, nil)
	const media = "application/vnd.api+json"
	send := func(method, path, body string) (int, string) {
		a := ask(mock, method, path, media, body)
		require.Equal(t, media, a.Header().Get("Content-Type"))
		return a.Code, a.Body.String()
	}

	status, text := send(http.MethodPost, "/notes", `{"data":{"type":"notes","attributes":{"title":"Milk","made":"never"}}}`)
	require.Equal(t, http.StatusCreated, status)
	var made struct {
		Data struct {
			ID         string
			Attributes json.RawMessage
		}
	}
	require.NoError(t, json.Unmarshal([]byte(text), &made))
	require.JSONEq(t, `{"title":"Milk","stars":3,"color":null,"made":"today"}`, string(made.Data.Attributes))
	path := "/notes/" + url.PathEscape(made.Data.ID)

	for _, c := range []struct{ sent, then string }{
		{`{"data":{"attributes":{"stars":5}}}`, `{"title":"Milk","stars":5,"color":null,"made":"today"}`},
		{`{"data":{"attributes":{"title":"Tea","made":"never"}}}`, `{"title":"Tea","stars":5,"color":null,"made":"today"}`},
		{`{"data":{}}`, `{"title":"Tea","stars":5,"color":null,"made":"today"}`},
	} {
		status, text = send(http.MethodPatch, path, c.sent)
		require.Equal(t, http.StatusOK, status, text)
		_, read := send(http.MethodGet, path, "")
		for _, text := range []string{text, read} {
			require.NoError(t, json.Unmarshal([]byte(text), &made))
			require.JSONEq(t, c.then, string(made.Data.Attributes), c.sent)
		}
	}
}

// TestErrorsInAnArray: a refusal fills an array of errors with the one there is.
func TestErrorsInAnArray(t *testing.T) {
	a := ask(mockOf(t, resources, nil), http.MethodGet, "/notes/nothing", "", "")
	require.Equal(t, http.StatusNotFound, a.Code)
	require.JSONEq(t, `{"errors":[{"status":"404","title":"notes has no record with the key \"nothing\""}]}`, a.Body.String())
}
