package contracttest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"understudy/contracttest"
)

// TestCreateFindsItsWay: servers have rules of which the document says nothing, and refuse without saying what is wrong. What items hold shows how it is done.
func TestCreateFindsItsWay(t *testing.T) {
	const document = `
openapi: 3.1.0
info: {title: Bookings, version: "1"}
paths:
  /bookings:
    get:
      operationId: list
      responses: {"200": {description: All., content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Booking"}}}}}}
    post:
      operationId: create
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Booking"}}}}
      responses: {"201": {description: It., content: {application/json: {schema: {$ref: "#/components/schemas/Booking"}}}}, 4XX: {description: Refused.}}
  /bookings/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      operationId: get
      responses: {"200": {description: It., content: {application/json: {schema: {$ref: "#/components/schemas/Booking"}}}}, 4XX: {description: Refused.}}
    delete:
      operationId: delete
      responses: {"204": {description: Gone.}, 4XX: {description: Refused.}}
components:
  schemas:
    Booking:
      type: object
      required: [code, kind, owner_id, starts_on, finishes_on]
      properties:
        id: {type: integer, readOnly: true}
        code: {type: string}
        kind: {type: string}
        owner_id: {type: integer, minimum: 1}
        agent: {type: integer}
        starts_on: {type: string, format: date}
        finishes_on: {type: string, format: date}
        remark: {anyOf: [{type: string, maxLength: 40}, {type: "null"}]}`
	day := func(item map[string]any, name string) time.Time {
		at, _ := time.Parse(time.DateOnly, fmt.Sprint(item[name]))
		return at
	}
	code := regexp.MustCompile(`^BK-\d{5}$`)
	for name, wrong := range map[string]func(item map[string]any) bool{
		"a key that no list explains": func(item map[string]any) bool { return !slices.Contains([]any{7.0, 8.0}, item["owner_id"]) },
		"a number that is one": func(item map[string]any) bool {
			return item["agent"] != nil && !slices.Contains([]any{31.0, 32.0}, item["agent"])
		},
		"words that are not enumerated": func(item map[string]any) bool { return item["kind"] != "room" && item["kind"] != "car" },
		"days in order":                 func(item map[string]any) bool { return !day(item, "starts_on").Before(day(item, "finishes_on")) },
		"days to come": func(item map[string]any) bool {
			return !day(item, "starts_on").Before(day(item, "finishes_on")) || day(item, "starts_on").Year() < 2040
		},
		"codes of a shape":      func(item map[string]any) bool { return !code.MatchString(fmt.Sprint(item["code"])) },
		"what is not to be set": func(item map[string]any) bool { return item["agent"] != nil },
	} {
		t.Run(name, func(t *testing.T) {
			var items []map[string]any
			for i := range 6 {
				items = append(items, map[string]any{
					"id": i + 1, "code": fmt.Sprintf("BK-%05d", 10000+i*77), "kind": []string{"room", "car"}[i%2], "owner_id": 7 + i%2, "agent": 31 + i/3,
					"starts_on": fmt.Sprintf("2024-03-%02d", 3+i), "finishes_on": fmt.Sprintf("2024-03-%02d", 7+i), "remark": nil,
				})
			}
			next := 7
			answer := func(w http.ResponseWriter, status int, v any) {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(status)
				if v != nil {
					_ = json.NewEncoder(w).Encode(v)
				}
			}
			server := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				i := slices.IndexFunc(items, func(it map[string]any) bool { return fmt.Sprint("/bookings/", it["id"]) == r.URL.Path })
				switch {
				case r.Method == http.MethodGet && r.URL.Path == "/bookings":
					answer(w, 200, items)
				case r.Method == http.MethodPost && r.URL.Path == "/bookings":
					item := map[string]any{}
					if json.NewDecoder(r.Body).Decode(&item) != nil || item["code"] == nil || item["kind"] == nil || wrong(item) {
						answer(w, 422, map[string]any{"problem": "That cannot be booked."})
						return
					}
					item["id"] = next
					next++
					items = append(items, item)
					answer(w, 201, item)
				case i < 0:
					answer(w, 404, map[string]any{"problem": "Not here."})
				case r.Method == http.MethodGet:
					answer(w, 200, items[i])
				case r.Method == http.MethodDelete:
					items = slices.Delete(items, i, i+1)
					w.WriteHeader(204)
				default:
					w.Header().Set("Allow", "GET, DELETE")
					answer(w, 405, map[string]any{"problem": "No."})
				}
			})
			r := check(t, openText(t, strings.TrimSpace(document)), contracttest.Target{Handler: server, Writes: true, Workers: 1, Include: []string{"crud/*"}})
			require.Empty(t, r.Findings, "%s", text(r))
			require.Empty(t, r.Leftovers)
			require.Len(t, items, 6)
			require.Equal(t, []contracttest.Verdict{contracttest.Kept}, slices.Compact(verdicts(r, "create", "crud/create-read")), "%s", text(r))
		})
	}
}
