package contracttest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/contracttest"
)

const things = `
openapi: 3.0.3
info: {title: Things, version: "1"}
paths:
  /things:
    get:
      operationId: things
      parameters:
        - {name: page, in: query, schema: {type: integer}}
        - {name: per_page, in: query, schema: {type: integer, maximum: 100, default: 10}}
      responses:
        "200":
          description: Things, of which nobody says how many there are.
          content:
            application/json:
              schema:
                type: object
                required: [things, has_more]
                properties:
                  has_more: {type: boolean}
                  things: {type: array, items: {type: object, properties: {id: {type: integer}}}}
`

// TestMoreWithoutTotal: where no total is told, whether more is to come is judged by the page behind.
func TestMoreWithoutTotal(t *testing.T) {
	doc := openText(t, things)
	for name, more := range map[string]func(page, size, n int) bool{
		"":                    func(page, size, n int) bool { return page*size < n },
		"a full page is more": func(page, size, n int) bool { return page*size <= n },
		"never":               func(int, int, int) bool { return false },
	} {
		for _, n := range []int{0, 1, 12, 67} {
			r := check(t, doc, contracttest.Target{Include: []string{"paging/*"}, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				number := func(name string, otherwise int) int {
					v, err := strconv.Atoi(r.URL.Query().Get(name))
					if err != nil || v < 1 {
						return otherwise
					}
					return min(v, 1000)
				}
				page, size := number("page", 1), min(number("per_page", 10), 100)
				items := []map[string]int{}
				for i := (page - 1) * size; i < min(page*size, n); i++ {
					items = append(items, map[string]int{"id": i + 1})
				}
				w.Header().Set("Content-Type", "application/json")
				_ = json.NewEncoder(w).Encode(map[string]any{"things": items, "has_more": more(page, size, n)})
			})})
			var rules []string
			for _, f := range r.Findings {
				rules = append(rules, f.Rule)
			}
			want := []string(nil)
			if name != "" && n > 1 {
				want = []string{"paging/arithmetic"}
			}
			require.Equal(t, want, rules, "%s", fmt.Sprint(name, n))
		}
	}
}
