package mockserver_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy"
	"understudy/internal/contract"
	"understudy/mockserver"
)

// odd is a document with something of everything, of OpenAPI 3.1.
const odd = `
openapi: 3.1.0
info: {title: odd, version: "1"}
servers: [{url: /v1}]
paths:
  /teams/{team}/members:
    get:
      parameters:
        - {name: team, in: path, required: true, schema: {type: string}}
        - {name: after, in: query, schema: {type: string}}
        - {name: limit, in: query, schema: {type: integer, minimum: 1}}
        - {name: "filter[name]", in: query, schema: {type: string}}
        - {name: tags, in: query, style: pipeDelimited, explode: false, schema: {type: array, items: {type: string}}}
        - {name: where, in: query, style: deepObject, schema: {type: object, properties: {a: {type: integer}}}}
      responses: {"200": {description: ok, content: {application/json: {schema: {type: object, required: [data, has_more], properties: {data: {type: array, items: {$ref: "#/components/schemas/Member"}}, has_more: {type: boolean}}}}}}, "400": {description: bad}}
    post:
      parameters: [{name: team, in: path, required: true, schema: {type: string}}]
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Member"}}, application/x-www-form-urlencoded: {schema: {$ref: "#/components/schemas/Member"}}, multipart/form-data: {schema: {$ref: "#/components/schemas/Member"}}}}
      responses: {"201": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Member"}}}}}
  /teams/{team}/members/{id}:
    parameters: [{name: team, in: path, required: true, schema: {type: string}}, {name: id, in: path, required: true, schema: {type: string, format: uuid}}]
    get: {responses: {"200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Member"}}}}}}
    patch:
      requestBody: {content: {application/merge-patch+json: {schema: {$ref: "#/components/schemas/Member"}}}}
      responses: {"200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Member"}}}}}
    delete: {responses: {"204": {description: gone}}}
  /settings:
    get: {responses: {"200": {description: ok, content: {application/json: {schema: {type: object, properties: {dark: {type: boolean}}}}, application/xml: {schema: {type: object, properties: {dark: {type: boolean}}}}}}}}
    put:
      requestBody: {content: {application/json: {schema: {type: object, properties: {dark: {type: boolean}}}}}}
      responses: {"200": {description: ok, content: {application/json: {schema: {type: object, properties: {dark: {type: boolean}}}}}}}
  /files/{name}.{ext}:
    get: {parameters: [{name: name, in: path, required: true, schema: {type: string}}, {name: ext, in: path, required: true, schema: {type: string}}], responses: {"200": {description: ok, content: {image/png: {}, text/plain: {schema: {type: string}}}}}}
components:
  schemas:
    Member: {type: object, required: [id, name], properties: {id: {type: string, format: uuid, readOnly: true}, name: {type: string, minLength: 1}, age: {type: [integer, "null"], minimum: 0}, boss: {$ref: "#/components/schemas/Member"}}}
`

// FuzzRequest: whatever is asked, nothing panics, nothing answers 500, and what is JSON by its header is JSON.
func FuzzRequest(f *testing.F) {
	f.Add("GET", "/api/v3/stages/invitation/invitations/?page=2&ordering=-name", "Bearer x", "", "")
	f.Add("POST", "/api/v3/stages/invitation/invitations/", "Bearer x", "application/json", `{"name":"a","fixed_data":{"a":[null]}}`)
	f.Add("PATCH", "/v1/teams/a/members/3fa85f64-5717-4562-b3fc-2c963f66afa6", "", "application/merge-patch+json", `{"boss":{"name":null}}`)
	f.Add("POST", "/v1/teams/%2F/members", "", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\na\r\n--x--")
	f.Add("POST", "/v1/teams/x/members", "", "application/x-www-form-urlencoded", "name=a&age=x&age=3")
	f.Add("GET", "/v1/teams/%ff/members?tags=a|b&where[a]=x&after=%00&limit=99999999999999999999", "", "", "")
	f.Add("PUT", "/v1/settings?__code=404&__example=x", "", "application/json", `{"dark":1}`)
	f.Add("GET", "/v1/files/a.b.png", "", "", "")
	var mocks []*mockserver.Server
	shipped, err := understudy.Invitations()
	require.NoError(f, err)
	other, err := contract.Load(context.Background(), "odd.yaml", []byte(odd))
	require.NoError(f, err)
	for _, doc := range []*understudy.Document{shipped, other} {
		mock, err := mockserver.New(doc, nil)
		require.NoError(f, err)
		mocks = append(mocks, mock)
	}
	f.Fuzz(func(t *testing.T, method, target, authorization, contentType, body string) {
		u, err := url.ParseRequestURI(target)
		if err != nil || strings.ContainsAny(method, " \t\r\n") || method == "" {
			return
		}
		for _, mock := range mocks {
			r := httptest.NewRequest(http.MethodGet, "/", strings.NewReader(body))
			r.Method, r.URL, r.RequestURI = method, u, target
			r.Header.Set("Authorization", authorization)
			if contentType != "" {
				r.Header.Set("Content-Type", contentType)
			}
			w := httptest.NewRecorder()
			mock.ServeHTTP(w, r)
			require.NotEqual(t, http.StatusInternalServerError, w.Code, w.Body)
			require.GreaterOrEqual(t, w.Code, 200)
			if w.Header().Get("Content-Type") == "application/json" && w.Body.Len() > 0 {
				require.True(t, jsonValid(w.Body.Bytes()), w.Body)
			}
		}
	})
}

func jsonValid(b []byte) bool {
	_, err := contract.DecodeJSON(b)
	return err == nil
}
