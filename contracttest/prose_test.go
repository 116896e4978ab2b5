package contracttest_test

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"understudy/contracttest"
	"understudy/internal/contract"
)

const shelf = `
openapi: 3.0.3
info: {title: Shelf, version: "1"}
paths:
  /books:
    get:
      operationId: books
      parameters:
        - {name: $orderby, in: query, description: "title or rating, with asc or desc behind.", schema: {type: string}}
        - {name: q, in: query, description: "Finds books whose title has the text; upper and lower case are not the same.", schema: {type: string}}
        - {name: state, in: query, schema: {type: string, enum: [draft, out]}}
      responses:
        "200": {description: all, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Book"}}}}}
        "400": {description: none}
    post:
      operationId: add
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/NewBook"}}}}
      responses:
        "201": {description: one, content: {application/json: {schema: {$ref: "#/components/schemas/Book"}}}}
        "400": {description: none}
  /books/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      operationId: book
      responses:
        "200": {description: one, content: {application/json: {schema: {$ref: "#/components/schemas/Book"}}}}
        "404": {description: none}
    delete: {operationId: burn, responses: {"204": {description: gone}, "404": {description: none}}}
components:
  schemas:
    NewBook:
      type: object
      required: [title, rating]
      properties: &book
        title: {type: string, minLength: 1, maxLength: 60}
        blurb: {type: string, maxLength: 60}
        rating: {type: number, minimum: 0, maximum: 5, description: Rounded to one decimal.}
        state: {type: string, enum: [draft, out], default: draft}
    Book:
      type: object
      required: [id, title, blurb, rating, state, age_seconds]
      properties:
        <<: *book
        id: {type: integer, readOnly: true}
        age_seconds: {type: integer, readOnly: true}
`

// bookshelf is a server that does what the document says, as oddly as that allows: drafts are listed only if they are asked for, ratings are rounded, only
// "title desc" is understood, a search looks into titles and tells cases apart, and ages grow by one with every few requests.
type bookshelf struct {
	mu       sync.Mutex
	books    map[int]map[string]any
	last     int
	requests int
	each     int    // requests after which the books are older
	ages     string // the property that says how old they are
}

func (s *bookshelf) add(b map[string]any) map[string]any {
	s.last++
	if b["blurb"] == nil {
		b["blurb"] = ""
	}
	if b["state"] == nil {
		b["state"] = "draft"
	}
	rating, _ := b["rating"].(float64)
	b["id"], b["rating"] = s.last, math.Round(rating*10)/10
	s.books[s.last] = b
	return b
}

func (s *bookshelf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests++
	for _, b := range s.books {
		b[s.ages] = s.requests / s.each
	}
	answer := func(status int, v any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(v)
	}
	text, one := strings.CutPrefix(r.URL.Path, "/books/")
	id, _ := strconv.Atoi(text)
	switch b := s.books[id]; {
	case one && b == nil:
		w.WriteHeader(http.StatusNotFound)
	case one && r.Method == http.MethodGet:
		answer(http.StatusOK, b)
	case one && r.Method == http.MethodDelete:
		delete(s.books, id)
		w.WriteHeader(http.StatusNoContent)
	case !one && r.Method == http.MethodGet:
		s.list(w, r, answer)
	case !one && r.Method == http.MethodPost:
		sent, err := contract.DecodeJSON(sentIn(r))
		b, ok := sent.(map[string]any)
		doc, _ := contract.Load(r.Context(), "shelf.yaml", []byte(shelf))
		_, schema := doc.Collections()[0].Operation(contract.Create).Body.JSON()
		if err != nil || !ok || schema.Judge(sent, contract.AsRequest) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		if n, ok := b["rating"].(json.Number); ok {
			b["rating"], _ = n.Float64()
		}
		made := map[string]any{s.ages: s.requests / s.each}
		for _, name := range []string{"title", "blurb", "rating", "state"} {
			made[name] = b[name]
		}
		answer(http.StatusCreated, s.add(made))
	default:
		w.Header().Set("Allow", map[bool]string{true: "GET, DELETE", false: "GET, POST"}[one])
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}

func (s *bookshelf) list(w http.ResponseWriter, r *http.Request, answer func(int, any)) {
	q := r.URL.Query()
	field, sense, _ := strings.Cut(q.Get("$orderby"), " ")
	if !slices.Contains([]string{"", "title", "rating", "id"}, field) || !slices.Contains([]string{"", "asc", "desc"}, sense) || !slices.Contains([]string{"", "draft", "out"}, q.Get("state")) {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	out := []map[string]any{}
	for _, b := range s.books {
		if state := q.Get("state"); (state == "" && b["state"] != "draft" || b["state"] == state) && strings.Contains(b["title"].(string), q.Get("q")) {
			out = append(out, b)
		}
	}
	slices.SortFunc(out, func(a, b map[string]any) int {
		n := 0
		switch field {
		case "title":
			n = strings.Compare(a["title"].(string), b["title"].(string))
		case "rating":
			n = int(10*a["rating"].(float64)) - int(10*b["rating"].(float64))
		}
		if sense == "desc" {
			n = -n
		}
		if n == 0 {
			n = a["id"].(int) - b["id"].(int)
		}
		return n
	})
	answer(http.StatusOK, out)
}

func sentIn(r *http.Request) []byte {
	var raw json.RawMessage
	_ = json.NewDecoder(r.Body).Decode(&raw) // what is no JSON is refused as what has the wrong type
	return raw
}

// TestOddAsSaid: a server that does what only the prose of its document says keeps every promise, however many requests its clock takes to move on.
func TestOddAsSaid(t *testing.T) {
	skipRaced(t)
	doc, err := contract.Load(t.Context(), "shelf.yaml", []byte(shelf))
	require.NoError(t, err)
	for each := 1; each < 9; each++ {
		for _, books := range []int{0, 1, 5} {
			s := &bookshelf{books: map[int]map[string]any{}, each: each, ages: "age_seconds"}
			for i := range books {
				s.add(map[string]any{"title": []string{"東京", "Mobile harbour", "Quiet river", "mobile lantern", "Amber window"}[i], "blurb": "novel", "rating": float64(i), "state": "out"})
			}
			r, err := contracttest.Check(t.Context(), doc, contracttest.Target{Handler: s, Writes: true})
			require.NoError(t, err)
			assert.Empty(t, told(r), "%d books, older every %d requests", books, each)
			if books == 5 {
				require.Subset(t, keptRules(r), []string{"order/accepted", "order/reversed", "crud/create-read", "read/list-item", "search/found"})
			}
		}
	}
}

// TestSeenToMove: what was seen to grow in the items of a list is judged nowhere, though nothing says that it does.
func TestSeenToMove(t *testing.T) {
	doc, err := contract.Load(t.Context(), "shelf.yaml", []byte(strings.ReplaceAll(shelf, "age_seconds", "heat")))
	require.NoError(t, err)
	for each := 1; each < 9; each++ {
		s := &bookshelf{books: map[int]map[string]any{}, each: each, ages: "heat"}
		s.add(map[string]any{"title": "Mobile harbour", "blurb": "novel", "rating": 2.0, "state": "out"})
		s.add(map[string]any{"title": "Quiet river", "blurb": "novel", "rating": 3.0, "state": "out"})
		r, err := contracttest.Check(t.Context(), doc, contracttest.Target{Handler: s, Writes: true})
		require.NoError(t, err)
		require.Empty(t, told(r), "hotter every %d requests", each)
	}
}

// told gives what a report finds.
func told(r *contracttest.Report) []string {
	var out []string
	for _, f := range r.Findings {
		out = append(out, fmt.Sprintf("%s %s: %s, not %s", f.Verdict, f.Rule, f.Got, f.Want))
	}
	return out
}
