package contracttest_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/contracttest"
)

// parcelsDocument says in words what its server does, and what no schema can say.
const parcelsDocument = `
openapi: 3.0.3
info:
  title: Parcels
  version: "1"
  description: |
    Without a valid token the answer is 401, whatever else is wrong. Tokens of couriers read what was sent only: parcels with the status 'sent' (for them others are 404).
    They may write nothing: 403. The 'weight' of a parcel is always null for them. Equal ones are ordered by 'id'. Properties that we do not know are ignored.
    Query parameters that we know are validated (400).
security: [{bearer: []}]
paths:
  /couriers:
    get: {operationId: listCouriers, responses: {"200": {description: "", content: {application/json: {schema: {type: array, items: {type: object, required: [id, name], properties: {id: {type: integer}, name: {type: string}}}}}}}, "401": {description: ""}}}
  /parcels:
    get:
      operationId: listParcels
      parameters:
        - {name: sort, in: query, schema: {type: string, enum: [label, -label, weight, -weight]}}
        - {name: status, in: query, schema: {$ref: "#/components/schemas/Status"}}
        - {name: insured, in: query, schema: {type: boolean}}
        - {name: q, in: query, description: "Part of the label or of the policy number, upper or lower case does not matter.", schema: {type: string}}
      responses: {"200": {description: "", content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Parcel"}}}}}, "400": {description: ""}, "401": {description: ""}}
    post:
      operationId: createParcel
      description: A parcel of an unknown courier is refused with 422.
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/ParcelInput"}}}}
      responses: {"201": {description: "", content: {application/json: {schema: {$ref: "#/components/schemas/Parcel"}}}}, "401": {description: ""}, "403": {description: ""}, "422": {description: ""}}
  /parcels/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {operationId: getParcel, responses: {"200": {description: "", content: {application/json: {schema: {$ref: "#/components/schemas/Parcel"}}}}, "401": {description: ""}, "404": {description: ""}}}
    patch:
      operationId: updateParcel
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/ParcelUpdate"}}}}
      responses: {"200": {description: "", content: {application/json: {schema: {$ref: "#/components/schemas/Parcel"}}}}, "401": {description: ""}, "403": {description: ""}, "404": {description: ""}, "422": {description: ""}}
    delete: {operationId: deleteParcel, responses: {"204": {description: ""}, "401": {description: ""}, "403": {description: ""}, "404": {description: ""}}}
components:
  securitySchemes: {bearer: {type: http, scheme: bearer}}
  schemas:
    Status: {type: string, enum: [draft, sent]}
    Line: {type: object, required: [sku, count], properties: {sku: {type: string, minLength: 1, maxLength: 40}, count: {type: integer, minimum: 1, maximum: 90}}}
    Parcel:
      type: object
      required: [id, label]
      properties: {id: {type: integer}, label: {type: string}, weight: {type: integer, nullable: true}, status: {$ref: "#/components/schemas/Status"}, courier_id: {type: integer}, insured: {type: boolean}, policy_number: {type: string, nullable: true}, scans: {type: integer}, lines: {type: array, items: {type: object, properties: {sku: {type: string}, count: {type: integer}, price: {type: integer, readOnly: true}}}}}
    ParcelUpdate: &update
      type: object
      properties: &properties
        label: {type: string, minLength: 1, maxLength: 80}
        weight: {type: integer, nullable: true, minimum: 1, maximum: 9000}
        status: {type: string, enum: [draft, sent], default: draft}
        courier_id: {type: integer}
        insured: {type: boolean, default: false}
        policy_number: {type: string, nullable: true, maxLength: 40, description: Only with 'insured'.}
        lines: {type: array, maxItems: 9, items: {$ref: "#/components/schemas/Line"}}
    ParcelInput: {type: object, required: [label, courier_id], properties: *properties}
`

// parcels is a server for that document. It keeps its contract, but for one fault.
type parcels struct {
	mu    sync.Mutex
	fault string
	rows  map[int]map[string]any
	last  int
}

func newParcels(fault string) *parcels {
	s := &parcels{fault: fault, rows: map[int]map[string]any{}}
	for i := range 17 {
		s.last = 1 + i
		s.rows[s.last] = map[string]any{
			"id": s.last, "label": []string{"Books", "Cups", "Lamps"}[i*5%3] + " no. " + strconv.Itoa(i/3), "weight": 100 + i*7%4, "status": []string{"sent", "draft", "sent", "sent"}[i%4],
			"courier_id": 41 + i%3, "insured": i%2 == 0, "policy_number": nil, "scans": 7001 + i, "lines": []any{map[string]any{"sku": "S" + strconv.Itoa(i), "count": 1 + i%5, "price": 50 + i}},
		}
		if i%2 == 0 {
			s.rows[s.last]["policy_number"] = fmt.Sprintf("POL-%c%dX", 'A'+i, 100+i)
		}
	}
	return s
}

// check says what is wrong with a parcel; "": nothing is.
func (s *parcels) check(p map[string]any) string {
	courier, _ := p["courier_id"].(int)
	switch insured, _ := p["insured"].(bool); {
	case p["policy_number"] != nil && !insured:
		return "policy_number: only with insured"
	case (courier < 41 || courier > 43) && s.fault != "takes unknown couriers":
		return "courier_id: unknown"
	}
	return ""
}

// merge takes what a body says, and tells what is wrong with it.
func (s *parcels) merge(p, body map[string]any) string {
	whole := func(v any, least, most float64) (int, bool) {
		n, ok := v.(float64)
		return int(n), ok && n == float64(int(n)) && n >= least && n <= most
	}
	text := func(v any, least, most int) bool {
		t, ok := v.(string)
		return ok && len([]rune(t)) >= least && len([]rune(t)) <= most && !strings.Contains(t, "\x00")
	}
	for name, v := range body {
		ok := true
		switch name {
		case "label":
			ok = text(v, 1, 80)
		case "policy_number":
			ok = v == nil || text(v, 0, 40)
		case "status":
			ok = v == "draft" || v == "sent"
		case "insured":
			_, ok = v.(bool)
		case "weight":
			if v != nil {
				v, ok = whole(v, 1, 9000)
			}
		case "courier_id":
			v, ok = whole(v, -1e9, 1e10)
		case "lines":
			lines, isList := v.([]any)
			ok = isList && len(lines) <= 9
			out := []any{}
			for _, l := range lines {
				line, isObject := l.(map[string]any)
				if count, fits := whole(line["count"], 1, 90); !isObject || !fits || !text(line["sku"], 1, 40) {
					ok = false
				} else {
					price := 50 + count
					if n, sent := whole(line["price"], -1e9, 1e9); sent && s.fault == "takes prices" {
						price = n
					}
					out = append(out, map[string]any{"sku": line["sku"], "count": count, "price": price})
				}
			}
			v = out
		case "scans":
			if n, sent := whole(v, -1e9, 1e9); sent && s.fault == "takes scans" {
				p["scans"] = n
			}
			continue
		default:
			continue
		}
		if !ok {
			return name + ": invalid"
		}
		p[name] = v
	}
	return ""
}

func (s *parcels) shown(p map[string]any, courier bool) map[string]any {
	out := maps.Clone(p)
	if courier && s.fault != "shows weights" {
		out["weight"] = nil
	}
	return out
}

func (s *parcels) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	answer := func(status int, v any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(v)
	}
	refuse := func(status int, why string) { answer(status, map[string]any{"error": why}) }
	who := r.Header.Get("Authorization")
	admin, courier := who == "Bearer all", who == "Bearer kurt"
	rest, onItem := strings.CutPrefix(r.URL.Path, "/parcels/")
	id, _ := strconv.Atoi(rest)
	p := s.rows[id]
	hidden := courier && p != nil && p["status"] != "sent" && s.fault != "shows drafts alone"
	switch {
	case !admin && !courier && onItem && p == nil && s.fault == "looks for the item first":
		refuse(http.StatusNotFound, "not found")
	case !admin && !courier:
		w.Header().Set("WWW-Authenticate", "Bearer")
		refuse(http.StatusUnauthorized, "no token")
	case r.URL.Path == "/couriers" && r.Method == http.MethodGet:
		answer(http.StatusOK, []any{map[string]any{"id": 41, "name": "Ana"}, map[string]any{"id": 42, "name": "Bo"}, map[string]any{"id": 43, "name": "Cem"}})
	case onItem && (p == nil || hidden), !onItem && r.URL.Path != "/parcels" && r.URL.Path != "/couriers":
		refuse(http.StatusNotFound, "not found")
	case courier && r.Method != http.MethodGet && (r.Method != http.MethodPatch || s.fault != "lets couriers change"):
		refuse(http.StatusForbidden, "couriers only read")
	case r.Method == http.MethodGet && onItem:
		answer(http.StatusOK, s.shown(p, courier))
	case r.Method == http.MethodGet && r.URL.Path == "/parcels":
		s.list(r, courier, answer)
	case r.Method == http.MethodDelete && onItem:
		delete(s.rows, id)
		w.WriteHeader(http.StatusNoContent)
	case r.Method == http.MethodPost && r.URL.Path == "/parcels", r.Method == http.MethodPatch && onItem:
		var body map[string]any
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil || body == nil {
			refuse(http.StatusUnprocessableEntity, "no object")
			return
		}
		status, changed := http.StatusOK, maps.Clone(p)
		if !onItem {
			status, changed = http.StatusCreated, map[string]any{"id": s.last + 1, "weight": nil, "status": "draft", "insured": s.fault == "insures all", "policy_number": nil, "scans": 0, "lines": []any{}}
			if body["label"] == nil || body["courier_id"] == nil {
				refuse(http.StatusUnprocessableEntity, "label and courier_id are required")
				return
			}
		}
		why := s.merge(changed, body)
		if why == "" {
			why = s.check(changed)
		}
		if why != "" {
			if label := changed["label"]; onItem && s.fault == "stores what it refuses" && strings.HasPrefix(why, "courier_id: unknown") {
				p["label"] = label
			}
			refuse(http.StatusUnprocessableEntity, why)
			return
		}
		if !onItem {
			s.last++
			id = s.last
		}
		s.rows[id] = changed
		answer(status, s.shown(changed, false))
	default:
		w.Header().Set("Allow", "GET")
		refuse(http.StatusMethodNotAllowed, "not allowed")
	}
}

func (s *parcels) list(r *http.Request, courier bool, answer func(int, any)) {
	q := r.URL.Query()
	status, insured, order := q.Get("status"), q.Get("insured"), q.Get("sort")
	known := []string{"", "label", "-label", "weight", "-weight"}
	if s.fault == "takes unknown orders" {
		known = append(known, order)
	}
	if !slices.Contains([]string{"", "draft", "sent"}, status) || !slices.Contains([]string{"", "true", "false"}, insured) || !slices.Contains(known, order) || q.Has("status") && status == "" || q.Has("insured") && insured == "" {
		answer(http.StatusBadRequest, map[string]any{"error": "invalid parameter"})
		return
	}
	keys := slices.Sorted(maps.Keys(s.rows))
	if s.fault == "breaks ties by age" {
		slices.Reverse(keys)
	}
	if field := strings.TrimPrefix(order, "-"); field == "label" || field == "weight" {
		less := func(a, b map[string]any) bool {
			if field == "label" {
				return a["label"].(string) < b["label"].(string)
			}
			x, ok := a["weight"].(int)
			y, ok2 := b["weight"].(int)
			return !ok && ok2 || ok && ok2 && x < y
		}
		sort.SliceStable(keys, func(i, j int) bool {
			a, b := s.rows[keys[i]], s.rows[keys[j]]
			if strings.HasPrefix(order, "-") {
				a, b = b, a
			}
			return less(a, b)
		})
		if s.fault == "drops filters with orders" {
			insured = ""
		}
	}
	out := []any{}
	for _, key := range keys {
		p := s.rows[key]
		text := strings.ToLower(fmt.Sprint(p["label"]) + "\n" + fmt.Sprint(p["policy_number"]))
		if s.fault == "searches labels alone" {
			text = strings.ToLower(fmt.Sprint(p["label"]))
		}
		if courier && p["status"] != "sent" || status != "" && p["status"] != status || insured != "" && fmt.Sprint(p["insured"]) != insured || !strings.Contains(text, strings.ToLower(q.Get("q"))) {
			continue
		}
		out = append(out, s.shown(p, courier))
	}
	answer(http.StatusOK, out)
}

// TestParcels: a server that does as its document says in words has no finding, and each thing that it does otherwise is found by the rule that is meant.
func TestParcels(t *testing.T) {
	doc := openText(t, parcelsDocument)
	for fault, rule := range map[string]string{
		"":                          "",
		"takes unknown couriers":    "value/odd",
		"takes prices":              "crud/read-only",
		"takes scans":               "crud/read-only",
		"shows weights":             "auth/least",
		"shows drafts alone":        "auth/least",
		"lets couriers change":      "auth/least",
		"looks for the item first":  "auth/required",
		"insures all":               "crud/default",
		"stores what it refuses":    "crud/write-refused",
		"takes unknown orders":      "value/refused",
		"breaks ties by age":        "order/sorted",
		"drops filters with orders": "filter/both",
		"searches labels alone":     "search/found",
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			target := contracttest.Target{Handler: newParcels(fault), Token: "all", Second: map[string]string{"": "kurt"}, Writes: true}
			r := check(t, doc, target)
			if fault == "" {
				require.Empty(t, r.Findings, text(r))
				return
			}
			rules := []string{}
			for _, f := range r.Findings {
				rules = append(rules, f.Rule)
			}
			require.Contains(t, rules, rule, text(r))
		})
	}
}
