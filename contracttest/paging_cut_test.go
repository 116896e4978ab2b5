package contracttest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/contracttest"
)

// TestCutList: a list that has no pages, but a limit, shows some of its items when nothing is asked: what a search finds besides them is no fault.
func TestCutList(t *testing.T) {
	doc := openText(t, `
openapi: 3.0.3
info: {title: Projects, version: "1"}
paths:
  /projects:
    get:
      operationId: listProjects
      parameters:
        - {name: limit, in: query, description: Limit the number of projects returned, schema: {type: string}}
        - {name: search, in: query, description: Search projects by the name field, schema: {type: string}}
      responses:
        "200":
          description: Some of them.
          content:
            application/json:
              schema:
                type: object
                required: [projects, pagination]
                properties:
                  projects: {type: array, items: {type: object, required: [id, name], properties: {id: {type: integer}, name: {type: string}}}}
                  pagination: {type: object, properties: {count: {type: integer, description: Amount of items in the current page.}}}
        "400": {description: Refused.}
`)
	serve := func(most int, finds func(name, word string) bool) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/projects" || r.Method != http.MethodGet && r.Method != http.MethodHead {
				w.WriteHeader(http.StatusNotFound)
				return
			}
			limit := 20
			if text := r.FormValue("limit"); text != "" {
				n, err := strconv.Atoi(text)
				if err != nil || n < 1 {
					w.WriteHeader(http.StatusBadRequest)
					return
				}
				limit = min(n, most)
			}
			items := []any{}
			for i := 1; i <= 70 && len(items) < limit; i++ {
				if name := fmt.Sprintf("%s %d", []string{"Amber", "Birch", "Copper"}[i%3], i); finds(name, r.FormValue("search")) {
					items = append(items, map[string]any{"id": i, "name": name})
				}
			}
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(map[string]any{"projects": items, "pagination": map[string]any{"count": len(items)}})
		})
	}
	found := func(name, word string) bool { return strings.Contains(strings.ToLower(name), strings.ToLower(word)) }
	for _, most := range []int{20, 50, 1000} {
		r := check(t, doc, contracttest.Target{Handler: serve(most, found)})
		require.Empty(t, r.Findings, "%d: %s", most, text(r))
		require.Contains(t, keptRules(r), "search/subset", "%d: %s", most, text(r))
	}
	r := check(t, doc, contracttest.Target{Handler: serve(1000, func(string, string) bool { return true })})
	require.Contains(t, rulesOf(r), "search/none", text(r))
}
