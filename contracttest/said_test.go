package contracttest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/contracttest"
)

// accounts is a document of accounts and, by addresses that begin anew, of what they hold, with sentences in four places: the introduction, the filter by email, the
// create, and its conflict.
func accounts(intro, email, create, conflict string) string {
	return strings.NewReplacer("INTRO", intro, "EMAIL", email, "CREATE", create, "CONFLICT", conflict).Replace(`
openapi: 3.0.3
info: {title: Accounts, version: "1", description: "INTRO"}
components:
  schemas:
    Account: &account
      type: object
      required: [name, email]
      properties:
        id: {type: integer, readOnly: true}
        name: {type: string, maxLength: 60}
        email: {type: string, format: email}
        days: {type: integer, nullable: true, minimum: 1, maximum: 90}
        metadata: {type: object, additionalProperties: {type: string, nullable: true, maxLength: 40}}
    Visit: {type: object, required: [note], properties: {id: {type: integer, readOnly: true}, account_id: {type: integer, readOnly: true}, note: {type: string, maxLength: 60}}}
    Stamp: {type: object, required: [text], properties: {id: {type: integer, readOnly: true}, visit_id: {type: integer, readOnly: true}, text: {type: string, maxLength: 60}, state: {type: string, enum: [fresh, used], readOnly: true}}}
paths:
  /accounts:
    get:
      operationId: list
      parameters: [{name: email, in: query, description: "EMAIL", schema: {type: string}}]
      responses: {"200": {description: "", content: {application/json: {schema: {type: array, items: *account}}}}}
    post: {operationId: create, description: "CREATE", requestBody: &body {required: true, content: {application/json: {schema: *account}}}, responses: {"201": &one {description: "", content: {application/json: {schema: *account}}}, "400": {description: ""}, "409": {description: "CONFLICT"}}}
  /accounts/{account_id}:
    parameters: [{name: account_id, in: path, required: true, schema: {type: integer}}]
    get: {operationId: read, responses: {"200": *one, "404": {description: ""}}}
    patch: {operationId: change, requestBody: {required: true, content: {application/json: {schema: {type: object, properties: {name: {type: string, maxLength: 60}, metadata: {type: object, additionalProperties: {type: string, nullable: true}}}}}}}, responses: {"200": *one, "400": {description: ""}, "404": {description: ""}}}
    delete: {operationId: delete, responses: {"204": {description: ""}, "404": {description: ""}}}
  /accounts/{account_id}/visits:
    parameters: [{name: account_id, in: path, required: true, schema: {type: integer}}]
    get: {operationId: visits, responses: {"200": {description: "", content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Visit"}}}}}, "404": {description: ""}}}
  /visits/{visit_id}:
    parameters: [{name: visit_id, in: path, required: true, schema: {type: integer}}]
    get: {operationId: visit, responses: {"200": {description: "", content: {application/json: {schema: {$ref: "#/components/schemas/Visit"}}}}, "404": {description: ""}}}
  /visits/{visit_id}/stamps:
    parameters: [{name: visit_id, in: path, required: true, schema: {type: integer}}]
    get: {operationId: stamps, responses: {"200": {description: "", content: {application/json: {schema: {type: array, items: &stamp {$ref: "#/components/schemas/Stamp"}}}}}, "404": {description: ""}}}
    post: {operationId: stamp, requestBody: {required: true, content: {application/json: {schema: *stamp}}}, responses: {"201": {description: "", content: {application/json: {schema: *stamp}}}, "400": {description: ""}, "404": {description: ""}}}
  /stamps/{stamp_id}:
    parameters: [{name: stamp_id, in: path, required: true, schema: {type: integer}}]
    get: {operationId: oneStamp, responses: {"200": {description: "", content: {application/json: {schema: *stamp}}}, "404": {description: ""}}}
    patch: {operationId: useStamp, requestBody: {required: true, content: {application/json: {schema: {type: object, properties: {state: {type: string, enum: [fresh, used]}}}}}}, responses: {"200": {description: "", content: {application/json: {schema: *stamp}}}, "400": {description: ""}, "404": {description: ""}}}
    delete: {operationId: dropStamp, responses: {"204": {description: ""}, "404": {description: ""}}}
`)
}

// TestSaid: what the document says in words the mock does, and a server that does not, for which it was not said, breaks the rule meant.
func TestSaid(t *testing.T) {
	for rule, doc := range map[string]string{
		"filter/spelling":     accounts("", "Accounts with this address, compared without regard to case.", "", ""),
		"crud/update":         accounts("`metadata` holds up to 20 keys. On PATCH it is merged: keys that are not sent stay.", "", "", ""),
		"crud/create-refused": accounts("", "", "", "An account with this email exists already."),
	} {
		t.Run(rule, func(t *testing.T) {
			doc, plain := openText(t, doc), openText(t, accounts("", "", "", ""))
			target := contracttest.Target{Handler: mockOf(t, doc, nil), Writes: true}
			r := check(t, doc, target)
			require.Empty(t, r.Findings, text(r))
			target.Handler = mockOf(t, plain, nil)
			r = check(t, plain, target)
			require.Empty(t, r.Findings, text(r))
			r = check(t, doc, target)
			require.Len(t, r.Findings, 1, text(r))
			require.Equal(t, rule, r.Findings[0].Rule)
		})
	}
}

// altered is a handler before which requests are changed, or answered.
func altered(h http.Handler, change func(w http.ResponseWriter, r *http.Request, body string) (string, bool)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent, _ := io.ReadAll(r.Body)
		body, done := change(w, r, string(sent))
		if done {
			return
		}
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
		h.ServeHTTP(w, r)
	})
}

// TestShallow: a list whose path begins anew with the key of what it is in is read and written; what no create sets is changed, and has to be shown.
func TestShallow(t *testing.T) {
	doc := openText(t, accounts("", "", "", ""))
	mock := mockOf(t, doc, nil)
	target := contracttest.Target{Handler: mock, Writes: true}
	r := check(t, doc, target)
	require.Empty(t, r.Findings, text(r))
	kept := map[string]int{}
	for _, c := range r.Cases {
		if c.Verdict == contracttest.Kept {
			kept[c.Operation+" "+c.Rule]++
		}
		require.NotContains(t, c.Reason, "nothing lists what")
	}
	for _, one := range []string{"visit read/list-item", "oneStamp read/list-item", "stamp crud/create-read", "useStamp crud/update", "dropStamp crud/delete"} {
		require.NotZero(t, kept[one], "%s: %v", one, kept)
	}
	target.Handler = altered(mock, func(_ http.ResponseWriter, r *http.Request, body string) (string, bool) {
		if r.Method == http.MethodPatch && (body == `{"state":"fresh"}` || body == `{"state":"used"}`) {
			return "{}", false
		}
		return body, false
	})
	r = check(t, doc, target)
	require.Len(t, r.Findings, 1, text(r))
	require.Contains(t, r.Findings[0].Want, "as it was sent, and taken")
}

// TestOnCondition: null may be refused where the document says that the property may have to be there.
func TestOnCondition(t *testing.T) {
	for said, broken := range map[string]bool{"": true, "Invoices without `days` are refused.": false, "The account has `days` of grace.": true} {
		doc := openText(t, accounts("", "", said, ""))
		mock := mockOf(t, doc, nil)
		r := check(t, doc, contracttest.Target{Include: []string{"value/accepted"}, Writes: true, Handler: altered(mock, func(w http.ResponseWriter, r *http.Request, body string) (string, bool) {
			if strings.Contains(body, `"days":null`) {
				w.WriteHeader(http.StatusBadRequest)
				return "", true
			}
			return body, false
		})})
		require.Equal(t, broken, len(r.Findings) > 0, "%s: %s", said, text(r))
	}
}

// friends is a document of friends who are searched by their names.
const friends = `
openapi: 3.0.3
info: {title: Friends, version: "1"}
paths:
  /friends:
    get:
      operationId: list
      parameters: [{name: q, in: query, description: "Friends whose name or nick contains this text, in upper or lower case.", schema: {type: string}}, {name: age, in: query, schema: {type: integer}}]
      responses: {"200": {description: "", content: {application/json: {schema: {type: array, items: {type: object, required: [id, name], properties: {id: {type: integer}, age: {type: integer}, name: {type: string}, nick: {type: string}}}, example: [
        {id: 1, age: 21, name: Anna Lindgren}, {id: 2, age: 22, name: Bert Lindgren}, {id: 3, age: 20, name: Hanna Lindgren}, {id: 4, age: 21, name: Susanna Lindgren}, {id: 5, age: 22, name: Johanna Holm}, {id: 6, age: 20, name: Lotte Krog}, {id: 7, age: 21, name: Marianne Krogh}, {id: 8, age: 22, name: Ole Strand}]}}}}}
`

// TestSearchesAsSaid: a search finds all that contains the text where that is said, and a space is one however it is written.
func TestSearchesAsSaid(t *testing.T) {
	doc := openText(t, friends)
	mock := mockOf(t, doc, nil)
	found := func(h http.Handler) []string {
		r := check(t, doc, contracttest.Target{Handler: h})
		var out []string
		for _, f := range r.Findings {
			out = append(out, f.Rule+": "+f.Cause)
		}
		return out
	}
	require.Empty(t, found(mock))
	require.Equal(t, []string{"filter/spelling: + is not read as a space"}, found(altered(mock, func(_ http.ResponseWriter, r *http.Request, body string) (string, bool) {
		r.URL.RawQuery = strings.ReplaceAll(r.URL.RawQuery, "+", "%2B")
		return body, false
	})))
	first := altered(mock, func(w http.ResponseWriter, r *http.Request, _ string) (string, bool) { // the first two of what is found
		if r.Method != http.MethodGet || r.URL.Query().Get("q") == "" {
			return "", false
		}
		rec := httptest.NewRecorder()
		mock.ServeHTTP(rec, r)
		var items []json.RawMessage
		_ = json.Unmarshal(rec.Body.Bytes(), &items)
		text, _ := json.Marshal(append([]json.RawMessage{}, items[:min(len(items), 2)]...))
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(text)
		return "", true
	})
	require.Contains(t, strings.Join(found(first), "\n"), "search/found")
}
