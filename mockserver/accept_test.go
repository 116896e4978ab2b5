package mockserver

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const manyMediaDocument = `
openapi: 3.0.3
info: {title: many media, version: "1"}
paths:
  /pets:
    get: {responses: {"200": {description: ok, content: {application/json: PETS, application/xml: PETS, text/csv: {schema: {type: string, example: "id,name"}}}}}}
    post:
      requestBody: {content: {application/json: PET, application/x-www-form-urlencoded: PET}}
      responses: {"201": {description: ok, content: {application/json: PET, application/xml: PET}}}
  /pets/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {description: ok, content: {application/json: PET, application/xml: PET, text/csv: {schema: {type: string, example: "1,Rex"}}}}, "404": {description: no}}}
    delete: {responses: {"204": {description: gone}}}
  /settings:
    get: {responses: {"200": {description: ok, content: {application/json: SETTINGS, application/xml: SETTINGS}}}}
    put: {requestBody: {content: {application/json: SETTINGS}}, responses: {"200": {description: ok, content: {application/json: SETTINGS, application/xml: SETTINGS}}}}
  /anything:
    get: {responses: {"200": {description: ok, content: {"*/*": {schema: {type: object, required: [a], properties: {a: {type: integer, enum: [1]}}}}}}}}
components:
  schemas:
    Pet: {type: object, required: [id, name], properties: {id: {type: integer, readOnly: true}, name: {type: string}, chip: {type: integer}}}
    Settings: {type: object, required: [theme], properties: {theme: {type: string}}}
`

// TestAcceptOfWhatIsRemembered: lists, items and what there is only one of come from the records in each media type that holds them, by one negotiation.
func TestAcceptOfWhatIsRemembered(t *testing.T) {
	document := strings.NewReplacer("PETS", `{schema: {type: array, items: {$ref: "#/components/schemas/Pet"}}}`, "PET", `{schema: {$ref: "#/components/schemas/Pet"}}`,
		"SETTINGS", `{schema: {$ref: "#/components/schemas/Settings"}}`).Replace(manyMediaDocument)
	mock := mockOf(t, document, nil)
	made := accepting(mock, "POST", "/pets", "application/xml", "application/x-www-form-urlencoded", "name=Rex&chip=9007199254740993")
	require.Equal(t, http.StatusCreated, made.Code, made.Body)
	require.Equal(t, "application/xml", made.Header().Get("Content-Type"))
	require.Contains(t, made.Body.String(), "<name>Rex</name>")
	require.Contains(t, made.Body.String(), "<chip>9007199254740993</chip>")
	pet := made.Header().Get("Location")

	for _, c := range []struct{ target, accept, media, has string }{
		{pet, "", "application/json", `"name":"Rex"`},
		{pet, "application/xml", "application/xml", "<name>Rex</name>"},
		{pet, "application/xml, application/json;q=0.9", "application/xml", "<name>Rex</name>"},
		{pet, "application/xml;q=0.9, application/json", "application/json", `"name":"Rex"`},
		{pet, "application/xml, application/json", "application/json", `"name":"Rex"`},
		{pet, "text/csv", "text/csv", "1,Rex"},
		{"/pets?page_size=1000", "application/xml", "application/xml", "<name>Rex</name>"},
		{"/pets", "text/csv", "text/csv", "id,name"},
		{"/anything", "", "application/json", `{"a":1}`},
		{"/anything", "application/json", "application/json", `{"a":1}`},
	} {
		t.Run(c.target+" "+c.accept, func(t *testing.T) {
			a := accepting(mock, "GET", c.target, c.accept, "", "")
			require.Equal(t, http.StatusOK, a.Code, a.Body)
			require.Equal(t, c.media, a.Header().Get("Content-Type"))
			require.Contains(t, a.Body.String(), c.has)
		})
	}
	for _, accept := range []string{"", "application/xml", "text/csv"} {
		require.Equal(t, http.StatusNotFound, accepting(mock, "GET", "/pets/424242", accept, "", "").Code, "an unknown pet, as %q", accept)
	}
	for _, target := range []string{pet, "/pets", "/settings"} {
		a := accepting(mock, "GET", target, "image/png", "", "")
		require.Equal(t, http.StatusNotAcceptable, a.Code, target)
	}

	t.Run("what there is only one of", func(t *testing.T) {
		a := accepting(mock, "PUT", "/settings", "application/xml", "application/json", `{"theme":"dark"}`)
		require.Equal(t, http.StatusOK, a.Code, a.Body)
		require.Contains(t, a.Body.String(), "<theme>dark</theme>")
		a = accepting(mock, "PUT", "/settings", "image/png", "application/json", `{"theme":"light"}`)
		require.Equal(t, http.StatusNotAcceptable, a.Code)
		require.JSONEq(t, `{"theme":"dark"}`, ask(mock, "GET", "/settings", "", "").Body.String(), "what is answered 406 changed nothing")
	})
}
