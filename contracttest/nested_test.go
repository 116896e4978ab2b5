package contracttest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/contracttest"
)

const racksDocument = `
openapi: 3.0.3
info: {title: Racks, version: "1"}
paths:
  /racks:
    get: {responses: {"200": {description: All., content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Rack"}}}}}}}
  /racks/{slug}:
    parameters: &rack [{name: slug, in: path, required: true, schema: {type: string}}]
    get: {responses: {"200": {description: One., content: {application/json: {schema: {$ref: "#/components/schemas/Rack"}}}}, "404": {description: None.}}}
  /racks/{slug}/books:
    parameters: *rack
    get: {responses: {"200": {description: Its., content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Book"}}}}}, "404": {description: None.}}}
  /racks/{slug}/months:
    parameters: *rack
    get: {responses: {"200": {description: Its., content: {application/json: {schema: {type: array, items: {type: object, required: [month, loans], properties: {month: {type: string}, loans: {type: integer}}}}}}}, "404": {description: None.}}}
  /racks/{slug}/months/{month}/loans:
    parameters: [{name: slug, in: path, required: true, schema: {type: string}}, {name: month, in: path, required: true, schema: {type: string, pattern: '^\d{4}-\d\d$'}}]
    get: {responses: {"200": {description: Its., content: {application/json: {schema: {type: array, items: {type: object, required: [id, days], properties: {id: {type: integer}, days: {type: integer}}}}}}}, "404": {description: None.}}}
components:
  schemas:
    Rack: {type: object, required: [id, slug], properties: {id: {type: integer}, slug: {type: string}, parent_id: {type: integer, nullable: true}}}
    Book: {type: object, required: [id, title, rack_id, pages], properties: {id: {type: integer}, title: {type: string}, rack_id: {type: integer}, pages: {type: integer, minimum: 1}}}
`

// racks is a server for racksDocument that keeps it, but for one fault: most of its books stand on one rack, which
// lists those of a rack inside it, too.
type racks string

const manyRacks, fullRack, oddRack, within = 30, 21, 17, 4

func (fault racks) list(path string) any {
	var out []any
	parts := strings.Split(strings.Trim(path, "/"), "/")
	if len(parts) == 1 {
		for id := range manyRacks {
			out = append(out, fault.rack(id))
		}
		return out
	}
	own := -1
	for id := range manyRacks {
		if parts[1] == fault.rack(id)["slug"] {
			own = id
		}
	}
	switch at := strings.Join(append([]string{""}, parts[2:]...), "/"); {
	case own < 0, at == "" && own == oddRack && fault == "one-hidden":
		return nil
	case at == "" && own == oddRack && fault == "one-neighbour":
		return fault.rack(own - 1)
	case at == "":
		return fault.rack(own)
	case at == "/months":
		return []any{map[string]any{"month": "2026-01", "loans": 2}, map[string]any{"month": "2026-03", "loans": 1}}
	case at == "/months/2026-01/loans" && fault == "bad-loan":
		return []any{map[string]any{"id": 1, "days": "14"}, map[string]any{"id": 2, "days": 7}}
	case at == "/months/2026-01/loans", at == "/months/2026-03/loans":
		return []any{map[string]any{"id": 1, "days": 14}, map[string]any{"id": 2, "days": 7}}
	case at != "/books", fault == "no-books":
		return nil
	}
	for rack := range manyRacks {
		n := 2
		if rack == fullRack {
			n = 41
		}
		for i := range n {
			pages := 100 + i
			if fault == "bad-record" && i == 37 {
				pages = 0
			}
			if rack == own || own == fullRack && rack == within || fault == "all" {
				out = append(out, map[string]any{"id": rack*100 + i, "title": fmt.Sprint("Volume ", i), "rack_id": rack + 1, "pages": pages})
			}
		}
	}
	return out
}

func (racks) rack(id int) map[string]any {
	s := map[string]any{"id": id + 1, "slug": fmt.Sprint("rack-", string(rune('a'+id%26)), id), "parent_id": nil}
	if id == within {
		s["parent_id"] = fullRack + 1
	}
	return s
}

func (fault racks) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	v := fault.list(r.URL.Path)
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		w.WriteHeader(http.StatusMethodNotAllowed)
	case v == nil:
		w.WriteHeader(http.StatusNotFound)
	default:
		_ = json.NewEncoder(w).Encode(v)
	}
}

// TestListsInside: of lists inside items the fullest is judged, and such as stand three deep; what they name in another way than the path does has to be what they are in.
func TestListsInside(t *testing.T) {
	for fault, rule := range map[string]string{
		"":              "",
		"bad-record":    "conform/body", // in the one list that is full
		"bad-loan":      "conform/body", // in a list inside what has no path of its own
		"all":           "read/parent",  // whatever the rack
		"no-books":      "read/unknown", // inside of racks that are there
		"one-hidden":    "read/list-item",
		"one-neighbour": "read/list-item",
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			r := check(t, openText(t, racksDocument), contracttest.Target{Handler: racks(fault)})
			if rule == "" {
				require.Empty(t, r.Findings, text(r))
				return
			}
			require.Contains(t, strings.Join(found(r), "\n"), "broken "+rule, text(r))
		})
	}
}
