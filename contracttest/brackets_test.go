package contracttest_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"understudy"
	"understudy/contracttest"
)

// bracketServer is written as API Platform has it, with the document testdata/documents/projects.yaml: an order has a parameter for each field, and those that are asked
// for count in the order of the query; exists[x] and x[strictly_before] filter; tasks name their project by its address, and only an address is taken.
type bracketServer struct {
	mu       sync.Mutex
	fault    string
	projects []map[string]any
	tasks    []map[string]any
}

func newBrackets(fault string) *bracketServer {
	s := &bracketServer{fault: fault}
	for i := range 23 {
		p := map[string]any{"id": i + 1, "code": fmt.Sprintf("P%c%d", 'A'+i%7, i), "name": fmt.Sprintf("Project %c", 'A'+i*5%23), "priority": i%5 + 1, "archived": i%3 == 0, "startsOn": nil}
		if i%4 > 0 {
			p["startsOn"] = fmt.Sprintf("2026-%02d-%02d", i%5+1, i%9+1)
		}
		s.projects = append(s.projects, p)
	}
	for i := range 25 {
		t := map[string]any{"id": i + 1, "project": fmt.Sprintf("/api/projects/%d", i%3+1), "title": []string{"Draw", "Paint", "Sell"}[i%3] + fmt.Sprintf(" it %c", 'A'+i*7%25), "estimate": i * 7 % 40, "closedAt": nil}
		if i%4 == 0 {
			t["closedAt"] = fmt.Sprintf("2026-05-%02dT10:00:00Z", i+1)
		}
		s.tasks = append(s.tasks, t)
	}
	return s
}

func (s *bracketServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	status, body := s.answer(r)
	if status >= 400 {
		w.Header().Set("Content-Type", "application/problem+json")
		body = map[string]any{"title": http.StatusText(status), "detail": fmt.Sprint(body)}
	} else {
		w.Header().Set("Content-Type", "application/ld+json")
	}
	w.WriteHeader(status)
	if body != nil {
		_ = json.NewEncoder(w).Encode(body)
	}
}

func (s *bracketServer) answer(r *http.Request) (int, any) {
	if r.Header.Get("Authorization") != "Bearer t" {
		return 401, "no token"
	}
	path := strings.Split(strings.Trim(r.URL.Path, "/"), "/") // api, projects, 1, tasks
	items := map[string]*[]map[string]any{"projects": &s.projects, "tasks": &s.tasks}[path[min(1, len(path)-1)]]
	if items == nil {
		return 404, "no such path"
	}
	at := -1
	if len(path) > 2 {
		if at = slices.IndexFunc(*items, func(it map[string]any) bool { return fmt.Sprint(it["id"]) == path[2] }); at < 0 {
			return 404, "no such item"
		}
	}
	switch {
	case len(path) == 4:
		inside := slices.DeleteFunc(slices.Clone(s.tasks), func(t map[string]any) bool { return t["project"] != "/api/projects/"+path[2] && s.fault != "of-all" })
		return s.page(r, inside)
	case at < 0 && r.Method == http.MethodPost:
		return s.create(r, items)
	case at < 0:
		return s.page(r, *items)
	case r.Method == http.MethodGet:
		return 200, (*items)[at]
	case r.Method == http.MethodDelete:
		*items = slices.Delete(*items, at, at+1)
		return 204, nil
	}
	return 405, "not here"
}

func (s *bracketServer) create(r *http.Request, items *[]map[string]any) (int, any) {
	made := map[string]any{"project": nil, "title": nil, "estimate": nil, "closedAt": nil}
	if items == &s.projects {
		made = map[string]any{"code": nil, "name": nil, "priority": 3, "archived": false, "startsOn": nil}
	}
	var sent map[string]any
	if json.NewDecoder(r.Body).Decode(&sent) != nil || sent == nil {
		return 400, "no JSON"
	}
	for name := range made {
		if v, ok := sent[name]; ok {
			made[name] = v
		}
	}
	if address, ok := made["project"]; ok && !slices.ContainsFunc(s.projects, func(p map[string]any) bool { return address == fmt.Sprintf("/api/projects/%v", p["id"]) }) {
		return 422, "project: no item is there"
	}
	made["id"] = (*items)[len(*items)-1]["id"].(int) + 1
	*items = append(*items, made)
	return 201, made
}

// page filters, orders and cuts as the query says.
func (s *bracketServer) page(r *http.Request, items []map[string]any) (int, any) {
	page, size := 1, 30
	out := slices.Clone(items)
	var steps []func(a, b map[string]any) int
	for _, pair := range strings.Split(r.URL.RawQuery, "&") { // in the order in which they stand
		name, value, _ := strings.Cut(pair, "=")
		name, _ = url.QueryUnescape(name)
		value, _ = url.QueryUnescape(value)
		before, inner, _ := strings.Cut(strings.TrimSuffix(name, "]"), "[")
		var err error
		switch {
		case name == "page":
			page, err = strconv.Atoi(value)
		case name == "itemsPerPage":
			size, err = strconv.Atoi(value)
		case before == "order" && (value == "asc" || value == "desc"):
			if s.fault != "order-ignored" {
				steps = append(steps, func(a, b map[string]any) int {
					n := compareJSON(a[inner], b[inner])
					if value == "desc" && s.fault != "order-up-only" {
						return -n
					}
					return n
				})
			}
		case before == "order" && value != "":
			return 400, name + ": asc or desc"
		case before == "exists" || inner == "exists":
			field := map[bool]string{true: inner, false: before}[before == "exists"]
			want, wrong := strconv.ParseBool(value)
			if err = wrong; err == nil && !(s.fault == "exists-false" && !want) {
				out = slices.DeleteFunc(out, func(it map[string]any) bool { return (it[field] != nil) != want })
			}
		case inner == "between":
			from, to, _ := strings.Cut(value, "..")
			low, wrong := strconv.Atoi(from)
			high, wrong2 := strconv.Atoi(to)
			if err = cmp.Or(wrong, wrong2); err == nil {
				out = slices.DeleteFunc(out, func(it map[string]any) bool { return number(it[before]) < low || number(it[before]) > high })
			}
		case value != "" && (inner != "" || before == "code" || before == "archived" || before == "project"):
			values := []string{value}
			if !s.readable(before, value) {
				return 400, name + ": not valid"
			}
			if name == "code[]" {
				values = r.URL.Query()[name]
			}
			out = slices.DeleteFunc(out, func(it map[string]any) bool { return !s.fits(it[before], inner, values) })
		}
		if err != nil {
			return 400, name + ": not valid"
		}
	}
	if page < 1 || size < 1 || page > 1000 {
		return 400, "no such page"
	}
	size = min(size, 100)
	slices.SortStableFunc(out, func(a, b map[string]any) int {
		for _, step := range steps {
			if n := step(a, b); n != 0 {
				return n
			}
		}
		return 0
	})
	from := min((page-1)*size, len(out))
	view := map[string]any{}
	link := func(to string, page int) {
		q := r.URL.Query()
		q.Set("page", strconv.Itoa(page))
		view[to] = r.URL.Path + "?" + q.Encode()
	}
	if page*size < len(out) {
		link("next", page+1)
	}
	if page > 1 {
		link("previous", page-1)
	}
	return 200, map[string]any{"totalItems": len(out), "view": view, "member": append([]map[string]any{}, out[from:min(from+size, len(out))]...)}
}

// readable tells whether a text can be compared with what items have.
func (s *bracketServer) readable(field, value string) bool {
	var err error
	switch field {
	case "priority":
		_, err = strconv.Atoi(value)
	case "archived":
		_, err = strconv.ParseBool(value)
	case "startsOn":
		_, err = time.Parse(time.DateOnly, value)
	case "closedAt":
		_, err = time.Parse(time.RFC3339, value)
	}
	return err == nil
}

// fits tells whether a value stands in a relation to those that are asked for.
func (s *bracketServer) fits(v any, op string, values []string) bool {
	if v == nil {
		return false
	}
	var value any = values[0]
	if n, err := strconv.Atoi(values[0]); err == nil {
		value = n
	}
	if at, err := time.Parse(time.RFC3339, values[0]); err == nil {
		value = at.UTC().Format(time.RFC3339)
	}
	n := compareJSON(v, value)
	switch op {
	case "gt", "strictly_after":
		return n > 0
	case "gte", "after":
		return n >= 0
	case "lt":
		return n < 0
	case "strictly_before":
		return n < 0 || n == 0 && s.fault == "strictly-includes"
	case "lte":
		return n <= 0
	case "before":
		return n < 0 || n == 0 && s.fault != "before-excludes"
	case "starts_with":
		return strings.HasPrefix(fmt.Sprint(v), values[0])
	}
	return slices.Contains(values, fmt.Sprint(v))
}

// number reads what a body or this server had for an integer.
func number(v any) int {
	if f, ok := v.(float64); ok {
		return int(f)
	}
	n, _ := v.(int)
	return n
}

func compareJSON(a, b any) int {
	text, ok := a.(string)
	switch {
	case a == nil || b == nil:
		return cmp.Compare(map[bool]int{true: 1}[a == nil], map[bool]int{true: 1}[b == nil])
	case ok:
		return cmp.Compare(text, fmt.Sprint(b))
	}
	return cmp.Compare(number(a), number(b))
}

// TestBrackets: a server in the style of API Platform is asked for orders, filters and items inside of others in its own spelling, and what is wrong with them is found.
func TestBrackets(t *testing.T) {
	skipRaced(t)
	doc, err := understudy.Open(t.Context(), "testdata/documents/projects.yaml")
	require.NoError(t, err)
	target := func(fault string) contracttest.Target {
		return contracttest.Target{Handler: newBrackets(fault), Token: "t", Writes: true, Include: []string{"order/*", "filter/*", "paging/*", "read/*", "crud/create-*", "crud/delete"}}
	}
	r := check(t, doc, target(""))
	require.Empty(t, r.Findings, "%s", text(r))
	require.Empty(t, r.Leftovers)
	require.Subset(t, keptRules(r), []string{"order/accepted", "order/sorted", "order/observed", "order/reversed", "order/unknown", "order/ties", "filter/sound", "filter/complete", "read/parent", "crud/create-read"}, "%s", text(r))
	for fault, rule := range map[string]string{
		"order-ignored": "order/observed", "order-up-only": "order/reversed", "exists-false": "filter/sound", "strictly-includes": "filter/sound", "before-excludes": "filter/complete", "of-all": "read/parent",
	} {
		require.Contains(t, rulesOf(check(t, doc, target(fault))), rule, fault)
	}
}
