package contracttest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/contracttest"
)

const movements = `
openapi: 3.0.3
info: {title: Movements of stock, version: "1"}
components:
  schemas:
    Warehouse: {type: object, required: [code, city], properties: {code: {type: string}, city: {type: string}}}
    Dock: {type: object, required: [warehouse_key, id], properties: {id: {type: integer, readOnly: true}, warehouse_key: {type: string}, open: {type: boolean, default: true}}}
    MovementWrite:
      type: object
      required: [warehouse, quantity]
      properties:
        warehouse: {type: string, minLength: 1 TOLD}
        quantity: {type: integer, minimum: -100, maximum: 100}
        batch: {type: string, nullable: true}
        note: {type: string, maxLength: 40}
    Movement:
      allOf:
        - {$ref: "#/components/schemas/MovementWrite"}
        - {type: object, required: [id, serial], properties: {id: {type: integer, readOnly: true}, serial: {type: string, format: uuid, readOnly: true}}}
  responses:
    Movement: {description: It., content: {application/json: {schema: {$ref: "#/components/schemas/Movement"}}}}
    Refused: {description: Refused., content: {application/json: {schema: {type: object, additionalProperties: {type: array, items: {type: string}}}}}}
    None: {description: There is none.}
paths:
  /warehouses:
    get:
      operationId: listWarehouses
      responses: {"200": {description: All., content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Warehouse"}}}}}}
  /warehouses/{code}:
    get:
      operationId: getWarehouse
      parameters: [{name: code, in: path, required: true, schema: {type: string}}]
      responses: {"200": {description: It., content: {application/json: {schema: {$ref: "#/components/schemas/Warehouse"}}}}, "404": {$ref: "#/components/responses/None"}}
  /docks:
    get:
      operationId: listDocks
      responses: {"200": {description: All., content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Dock"}}}}}}
    post:
      operationId: createDock
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Dock"}}}}
      responses:
        "201": {description: It., content: {application/json: {schema: {$ref: "#/components/schemas/Dock"}}}}
        "400": {$ref: "#/components/responses/Refused"}
        "409": {description: The warehouse has one.}
  /docks/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      operationId: getDock
      responses: {"200": {description: It., content: {application/json: {schema: {$ref: "#/components/schemas/Dock"}}}}, "404": {$ref: "#/components/responses/None"}}
    delete:
      operationId: deleteDock
      responses: {"204": {description: Gone.}, "404": {$ref: "#/components/responses/None"}}
  /movements:
    get:
      operationId: listMovements
      parameters:
        - {name: include_notes, in: query, schema: {type: boolean, default: true}}
        - {name: ordering, in: query, description: Which field to use when ordering the results., schema: {type: string}}
      responses: {"200": {description: All., content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Movement"}}}}}}
    post:
      operationId: createMovement
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/MovementWrite"}}}}
      responses: {"201": {$ref: "#/components/responses/Movement"}, "400": {$ref: "#/components/responses/Refused"}}
  /movements/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      operationId: getMovement
      responses: {"200": {$ref: "#/components/responses/Movement"}, "404": {$ref: "#/components/responses/None"}}
    put:
      operationId: replaceMovement
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/MovementWrite"}}}}
      responses: {"200": {$ref: "#/components/responses/Movement"}, "400": {$ref: "#/components/responses/Refused"}, "404": {$ref: "#/components/responses/None"}}
    delete:
      operationId: deleteMovement
      responses: {"204": {description: Gone.}, "404": {$ref: "#/components/responses/None"}}
`

type movement struct {
	ID        int     `json:"id"`
	Serial    string  `json:"serial"`
	Warehouse string  `json:"warehouse"`
	Quantity  int     `json:"quantity"`
	Batch     *string `json:"batch"`
	Note      string  `json:"note"`
}

// newMovements gives a server whose movements name their warehouse by its code, and have batches that no two may share, of which the document says nothing.
func newMovements(fault string) http.Handler {
	var mu sync.Mutex
	last := 0
	var all, listed []*movement
	newSerial := func() string { last++; return fmt.Sprintf("7d9a0000-0000-4000-8000-%012d", last) }
	codes := []string{"OSL-1", "BGO-2", "TRD-3"}
	for i := range 9 {
		all = append(all, &movement{ID: i + 1, Serial: newSerial(), Warehouse: codes[i%3], Quantity: i*7 - 20, Note: []string{"counted", "returned"}[i%2]})
	}
	next := len(all)
	answer := func(w http.ResponseWriter, status int, v any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(v)
	}
	take := func(w http.ResponseWriter, r *http.Request, into *movement) bool {
		wrong := map[string][]string{}
		var sent map[string]json.RawMessage
		if !strings.Contains(r.Header.Get("Content-Type"), "json") || json.NewDecoder(r.Body).Decode(&sent) != nil || sent == nil {
			wrong["body"] = []string{"An object is wanted."}
		}
		read := func(name string, v any, required bool) bool {
			raw, there := sent[name]
			if there && (json.Unmarshal(raw, v) != nil || string(raw) == "null" && name != "batch") || !there && required {
				wrong[name] = []string{"Not valid."}
			}
			return there
		}
		m := *into
		m.Batch, m.Note = nil, ""
		read("warehouse", &m.Warehouse, true)
		read("quantity", &m.Quantity, true)
		read("batch", &m.Batch, false)
		read("note", &m.Note, false)
		if !slices.Contains(codes, m.Warehouse) {
			wrong["warehouse"] = []string{fmt.Sprintf("Object with code=%s does not exist.", m.Warehouse)}
		}
		if (m.Quantity < -100 || m.Quantity > 100) && fault != "any-quantity" {
			wrong["quantity"] = []string{"Not in the range."}
		}
		if len([]rune(m.Note)) > 40 {
			wrong["note"] = []string{"Too long."}
		}
		for _, other := range all {
			if m.Batch != nil && other.Batch != nil && *other.Batch == *m.Batch && other.ID != m.ID {
				wrong["batch"] = []string{"A movement with this batch already exists."}
			}
		}
		if len(wrong) > 0 {
			answer(w, 400, wrong)
			return false
		}
		*into = m
		return true
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /warehouses", func(w http.ResponseWriter, r *http.Request) {
		out := []any{}
		for _, code := range codes {
			out = append(out, map[string]any{"code": code, "city": "City " + code[:3]})
		}
		answer(w, 200, out)
	})
	mux.HandleFunc("GET /warehouses/{code}", func(w http.ResponseWriter, r *http.Request) {
		if code := r.PathValue("code"); slices.Contains(codes, code) {
			answer(w, 200, map[string]any{"code": code, "city": "City " + code[:3]})
			return
		}
		w.WriteHeader(404)
	})
	type dock struct {
		ID        int    `json:"id"`
		Warehouse string `json:"warehouse_key"`
		Open      bool   `json:"open"`
	}
	docks := []dock{{1, codes[1], true}, {2, codes[0], false}}
	mux.HandleFunc("GET /docks", func(w http.ResponseWriter, r *http.Request) { answer(w, 200, append([]dock{}, docks...)) })
	mux.HandleFunc("POST /docks", func(w http.ResponseWriter, r *http.Request) {
		var sent *struct {
			Warehouse *string `json:"warehouse_key"`
			Open      *bool   `json:"open"`
		}
		if !strings.Contains(r.Header.Get("Content-Type"), "json") || json.NewDecoder(r.Body).Decode(&sent) != nil || sent == nil || sent.Warehouse == nil || !slices.Contains(codes, *sent.Warehouse) {
			answer(w, 400, map[string][]string{"warehouse_key": {"There is none."}})
			return
		}
		if slices.ContainsFunc(docks, func(d dock) bool { return d.Warehouse == *sent.Warehouse }) {
			w.WriteHeader(409)
			return
		}
		d := dock{len(docks) + 1, *sent.Warehouse, sent.Open == nil || *sent.Open != (fault == "never-open")}
		docks = append(docks, d)
		answer(w, 201, d)
	})
	mux.HandleFunc("/docks/{id}", func(w http.ResponseWriter, r *http.Request) {
		at := slices.IndexFunc(docks, func(d dock) bool { return fmt.Sprint(d.ID) == r.PathValue("id") })
		switch {
		case at < 0:
			w.WriteHeader(404)
		case r.Method == http.MethodGet, r.Method == http.MethodHead:
			answer(w, 200, docks[at])
		case r.Method == http.MethodDelete:
			docks = slices.Delete(docks, at, at+1)
			w.WriteHeader(204)
		default:
			w.Header().Set("Allow", "DELETE, GET, HEAD")
			w.WriteHeader(405)
		}
	})
	mux.HandleFunc("GET /movements", func(w http.ResponseWriter, r *http.Request) {
		out := append([]*movement{}, all...)
		switch fault {
		case "new-is-not-listed":
			out = out[:9]
		case "deleted-is-listed":
			out = append(out, listed...)
		}
		name, down := strings.CutPrefix(r.FormValue("ordering"), "-")
		by := map[string]func(m *movement) string{
			"id": func(m *movement) string { return fmt.Sprintf("%04d", m.ID) }, "quantity": func(m *movement) string { return fmt.Sprintf("%04d", m.Quantity+1000) },
			"serial": func(m *movement) string { return m.Serial }, "warehouse": func(m *movement) string { return m.Warehouse },
		}[name]
		if by != nil && fault != "no-order" {
			slices.SortStableFunc(out, func(a, b *movement) int {
				if down {
					a, b = b, a
				}
				return strings.Compare(by(a), by(b))
			})
		}
		answer(w, 200, out)
	})
	mux.HandleFunc("POST /movements", func(w http.ResponseWriter, r *http.Request) {
		m := &movement{}
		if !take(w, r, m) {
			return
		}
		next++
		m.ID, m.Serial = next, newSerial()
		all = append(all, m)
		w.Header().Set("Location", fmt.Sprintf("/movements/%d", m.ID))
		answer(w, 201, m)
	})
	mux.HandleFunc("/movements/{id}", func(w http.ResponseWriter, r *http.Request) {
		at := slices.IndexFunc(all, func(m *movement) bool { return fmt.Sprint(m.ID) == r.PathValue("id") })
		if at < 0 {
			w.WriteHeader(404)
			return
		}
		switch r.Method {
		case http.MethodGet, http.MethodHead:
			answer(w, 200, all[at])
		case http.MethodPut:
			changed := *all[at]
			if !take(w, r, &changed) {
				return
			}
			if fault == "new-serial" {
				changed.Serial = newSerial()
			}
			all[at] = &changed
			answer(w, 200, changed)
		case http.MethodDelete:
			listed = append(listed, all[at])
			all = slices.Delete(all, at, at+1)
			w.WriteHeader(204)
		default:
			w.Header().Set("Allow", "DELETE, GET, HEAD, PUT")
			w.WriteHeader(405)
		}
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		mux.ServeHTTP(w, r)
	})
}

// TestRecordsNamedByCode: a create finds out what names other records, whether the document tells it or the refusal does, and what no two items may share.
func TestRecordsNamedByCode(t *testing.T) {
	for _, told := range []string{"", `, description: "The warehouse's code."`} {
		doc := openText(t, strings.Replace(movements, " TOLD", told, 1))
		r := check(t, doc, contracttest.Target{Handler: newMovements(""), Writes: true})
		require.Empty(t, r.Findings, "%s", text(r))
		require.Empty(t, r.Leftovers)
		require.Subset(t, keptRules(r), []string{"crud/create-read", "crud/create-list", "crud/replace-stores", "crud/delete", "value/accepted", "value/refused"}, "%s", text(r))
		for fault, rule := range map[string]string{
			"any-quantity": "value/refused", "new-serial": "crud/replace-stores", "deleted-is-listed": "crud/delete", "new-is-not-listed": "crud/create-list", "never-open": "crud/create-read", "no-order": "order/observed",
		} {
			require.Contains(t, rulesOf(check(t, doc, contracttest.Target{Handler: newMovements(fault), Writes: true, Include: []string{"crud/*", "value/*", "order/*"}})), rule, fault)
		}
	}
}
