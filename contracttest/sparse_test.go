package contracttest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/contracttest"
)

// TestSparseDocument: a document that leaves much unsaid is taken at its word. A body that is not required may be missing, a schema without a type fits what is no object;
// and an item that cannot be read without a parameter and a header is read with them.
func TestSparseDocument(t *testing.T) {
	doc := openText(t, `
openapi: 3.0.3
info: {title: Badges, version: "1"}
components:
  schemas:
    Badge:
      required: [id, name]
      properties: {id: {type: integer}, name: {type: string, minLength: 1}}
paths:
  /badges:
    get:
      operationId: listBadges
      responses: {"200": {description: All., content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Badge"}}}}}}
    post:
      operationId: createBadge
      requestBody: {content: {application/json: {schema: {required: [name], properties: {name: {type: string, minLength: 1}}}}}}
      responses:
        "200": {description: It., content: {application/json: {schema: {$ref: "#/components/schemas/Badge"}}}}
        "400": {description: Refused.}
  /badges/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: integer}}
      - {name: view, in: query, required: true, schema: {type: string, enum: [full]}}
      - {name: X-Site, in: header, required: true, schema: {type: string, enum: [main]}}
    get:
      operationId: getBadge
      responses: {"200": {description: It., content: {application/json: {schema: {$ref: "#/components/schemas/Badge"}}}}, "404": {description: There is none.}}
    delete:
      operationId: deleteBadge
      responses: {"204": {description: Gone.}, "404": {description: There is none.}}
`)
	type badge struct {
		ID   int    `json:"id"`
		Name string `json:"name"`
	}
	badges := []badge{{1, "Gold"}, {2, "Silver"}, {3, "Bronze"}}
	last := 3
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter, v any) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v)
	}
	mux.HandleFunc("GET /badges", func(w http.ResponseWriter, r *http.Request) { answer(w, badges) })
	mux.HandleFunc("POST /badges", func(w http.ResponseWriter, r *http.Request) {
		sent, _ := io.ReadAll(r.Body)
		b, object := badge{Name: "A badge"}, map[string]any{}
		var any any
		switch err := json.Unmarshal(sent, &any); {
		case len(sent) == 0:
		case err != nil:
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if json.Unmarshal(sent, &object) == nil {
			name, ok := object["name"].(string)
			if !ok || name == "" {
				http.Error(w, "name: missing", http.StatusBadRequest)
				return
			}
			b.Name = name
		}
		last++
		b.ID = last
		badges = append(badges, b)
		answer(w, b)
	})
	mux.HandleFunc("/badges/{id}", func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("view") != "full" || r.Header.Get("X-Site") != "main" {
			http.Error(w, "view and X-Site: required", http.StatusTeapot)
			return
		}
		for i, b := range badges {
			switch {
			case fmt.Sprint(b.ID) != r.PathValue("id"):
			case r.Method == http.MethodDelete:
				badges = append(badges[:i:i], badges[i+1:]...)
				w.WriteHeader(http.StatusNoContent)
				return
			case r.Method == http.MethodGet, r.Method == http.MethodHead:
				answer(w, b)
				return
			default:
				w.WriteHeader(http.StatusMethodNotAllowed)
				return
			}
		}
		w.WriteHeader(http.StatusNotFound)
	})
	r := check(t, doc, contracttest.Target{Handler: mux, Writes: true, Workers: 1})
	require.Empty(t, r.Findings, "%s", text(r))
	require.Subset(t, keptRules(r), []string{"read/list-item", "crud/create-read", "crud/delete", "value/refused"}, "%s", text(r))
	require.Len(t, badges, 3)
}
