package honest

import (
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
)

// asked are the parameters of a request to a list. The first that is wrong is kept.
type asked struct {
	url.Values
	s       *offset
	unknown bool // one of them is not known
	wrong   string
	why     string
}

func (s *offset) ask(r *http.Request, names ...string) *asked {
	raw := r.URL.RawQuery
	if s.broken("plus-literal") {
		raw = strings.ReplaceAll(raw, "+", "%2B")
	}
	values, _ := url.ParseQuery(raw) // what cannot be read is not there
	q := &asked{Values: values, s: s}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if slices.Contains(names, name) {
			continue
		}
		q.unknown = true
		if s.odd.unknownRefused {
			q.refuse(name, "Unknown parameter.")
		}
	}
	return q
}

func (q *asked) refuse(name, why string) {
	if q.wrong == "" {
		q.wrong, q.why = name, why
	}
}

// has tells whether a parameter has a value. What is empty counts as absent, or is refused.
func (q *asked) has(name string) bool {
	if q.Has(name) && q.Get(name) == "" && q.s.odd.emptyRefused {
		q.refuse(name, "Must not be empty.")
	}
	return q.Get(name) != "" || q.s.broken("empty-filter-none") && q.Has(name)
}

// integer reads a number in bounds.
func (q *asked) integer(name string, value, low, high int) int {
	if !q.has(name) {
		return value
	}
	n, err := strconv.Atoi(q.Get(name))
	switch {
	case q.s.broken("limit-over-accepted") && name == "limit" && n > high:
		return n
	case q.s.broken("limit-most-refused") && name == "limit" && n == high:
		q.refuse(name, "Is out of range.")
	case err != nil || n < low || n > high:
		q.refuse(name, "Is out of range.")
	}
	return n
}

func (q *asked) number(name string) float64 {
	v, err := strconv.ParseFloat(q.Get(name), 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		q.refuse(name, "Must be a number.")
	}
	return v
}

func (q *asked) choice(name string, choices ...string) string {
	if v := q.Get(name); slices.Contains(choices, v) {
		return v
	}
	q.refuse(name, "Is not a valid choice.")
	return ""
}

func (q *asked) instant(name string) time.Time {
	t, ok := parseInstant(q.Get(name))
	if !ok {
		q.refuse(name, "Must be a date-time (RFC 3339).")
	}
	return t
}

func (s *offset) same(v any, text string) bool {
	if s.odd.foldFilter {
		return strings.EqualFold(v.(string), text)
	}
	return v == text
}

func (s *offset) listProducts(r *http.Request) answer {
	q := s.ask(r, "limit", "offset", "sort", "direction", "q", "sku", "title", "category", "discontinued", "supplier_id", "min_price", "max_price", "created_after", "created_before")
	tests := s.productFilters(q)
	if q.unknown && s.broken("unknown-parameter-500") {
		return s.crash()
	}
	if q.wrong != "" && s.broken("filter-invalid-500") && (q.wrong == "supplier_id" || q.wrong == "min_price") {
		return s.crash()
	}
	var visible, rows []record
	for _, p := range s.products {
		if !s.reader(r) || p["discontinued"] == false || s.broken("reader-sees-more") {
			visible = append(visible, p)
		}
	}
	if s.broken("reader-sees-more") && !s.reader(r) { // the one who may see everything has a default filter
		visible = slices.DeleteFunc(visible, func(p record) bool { return p["sku"].(string) <= sku(2) && p["created_at"].(time.Time).Year() == 2024 })
	}
	search := q.Get("q")
	if s.broken("search-empty-none") && q.Has("q") && search == "" {
		search = "\x00"
	}
	for _, p := range visible {
		fits := s.found(p, search)
		for i, test := range tests {
			forgotten := s.broken("filter-last-wins") && i < len(tests)-1 || s.broken("filter-first-page-only") && q.Get("offset") > "0" ||
				s.broken("search-drops-filters") && search != ""
			if !forgotten && !s.broken("filter-after-paging") {
				fits = fits && test(p)
			}
		}
		if fits {
			rows = append(rows, p)
			if s.broken("filter-repeats") && q.Get("supplier_id") != "" && len(rows)%4 == 2 { // joined with what has several rows for a product
				rows = append(rows, p)
			}
			if s.broken("search-repeats") && search != "" && len(rows)%4 == 3 { // found in the title and in the description
				rows = append(rows, p)
			}
		}
	}
	total := len(rows)
	switch {
	case s.broken("filter-total") && len(tests) > 0, s.broken("search-total") && search != "":
		total = len(visible)
	case s.broken("filter-none-all") && total == 0 && len(tests) > 0:
		rows, total = visible, len(visible)
	}
	property, down := "created_at", q.has("direction") && q.choice("direction", "asc", "desc") == "desc"
	if s.broken("order-signs-500") && strings.ContainsAny(q.Get("sort"), `'" (`) {
		return s.crash()
	}
	if q.has("sort") {
		property = q.choice("sort", "title", "price", "stock", "weight", "created_at")
	} else if s.broken("order-default-title") {
		property = "title"
	}
	if s.broken("order-lost-filter") && len(tests) > 0 {
		property, down = "created_at", false
	}
	if s.broken("order-stock-500") && property == "stock" {
		return s.crash()
	}
	rows, total = s.sorted(rows, total, property, down, q)
	return s.page(r, q, rows, total, func(it record) any { return s.product(it, true) }, tests)
}

// productFilters gives the tests that the parameters stand for.
func (s *offset) productFilters(q *asked) (tests []func(record) bool) {
	add := func(test func(record) bool) { tests = append(tests, test) }
	if q.has("sku") {
		v := q.Get("sku")
		add(func(p record) bool {
			return s.same(p["sku"], v) || s.broken("filter-sku-part") && strings.Contains(p["sku"].(string), v)
		})
	}
	if q.has("title") {
		v := q.Get("title")
		add(func(p record) bool {
			if s.broken("filter-case") {
				return p["title"] == strings.ToLower(v)
			}
			return s.same(p["title"], v)
		})
	}
	if q.has("category") && !s.broken("filter-category-ignored") {
		v := q.choice("category", "tools", "toys", "books", "garden")
		if s.broken("filter-misses-books") && v == "books" {
			v = "book"
		}
		add(func(p record) bool { return p["category"] == v })
	}
	if q.has("discontinued") {
		v := q.Get("discontinued")
		switch {
		case s.broken("filter-false-ignored") && v == "false":
		case s.broken("filter-invalid-true") && v != "false":
		default:
			q.choice("discontinued", "true", "false")
			add(func(p record) bool { return fmt.Sprint(p["discontinued"]) == v })
		}
	}
	if q.has("supplier_id") {
		v := strings.ToLower(q.Get("supplier_id"))
		if !uuidPattern.MatchString(v) {
			q.refuse("supplier_id", "Must be a UUID.")
		}
		if i, _ := s.find(s.suppliers, v); i < 0 && s.odd.foreignRefused {
			q.refuse("supplier_id", "There is no such supplier.")
		}
		add(func(p record) bool { return p["supplier_id"] == v })
	}
	if q.has("min_price") {
		v := q.number("min_price")
		add(func(p record) bool {
			if s.broken("filter-price-as-text") {
				return fmt.Sprint(p["price"]) >= q.Get("min_price")
			}
			return number(p["price"]) >= v
		})
	}
	if q.has("max_price") {
		v := q.number("max_price")
		add(func(p record) bool {
			return number(p["price"]) < v || s.broken("filter-max-whole") && math.Floor(number(p["price"])) <= v || number(p["price"]) == v && !s.broken("filter-max-strict")
		})
	}
	if q.has("created_after") {
		v := q.instant("created_after")
		add(func(p record) bool { return p["created_at"].(time.Time).After(v) != s.broken("filter-after-inverted") })
	}
	if q.has("created_before") {
		v := q.instant("created_before")
		add(func(p record) bool { return p["created_at"].(time.Time).Before(v) })
	}
	return tests
}

// found tells whether every word of a search stands in a product's title or description.
func (s *offset) found(p record, search string) bool {
	if s.broken("search-ignored") {
		return true
	}
	text := fmt.Sprint(p["title"], "\n", p["description"])
	if s.broken("search-title-only") {
		text = fmt.Sprint(p["title"])
	}
	if s.broken("search-words-only") { // only the first word is in the index
		text, _, _ = strings.Cut(text, " ")
	}
	if !s.broken("search-case") {
		text, search = strings.ToLower(text), strings.ToLower(search)
	}
	if s.broken("search-percent") {
		search = strings.NewReplacer("%", " ", "_", " ").Replace(search)
	}
	words := strings.Fields(search)
	hits := 0
	for _, word := range words {
		if strings.Contains(text, word) {
			hits++
		}
	}
	return hits == len(words) || s.broken("search-any") && hits > 0
}

// sorted orders items. Those that tie stay as they were made, or the other way round.
func (s *offset) sorted(rows []record, total int, property string, down bool, q *asked) ([]record, int) {
	if s.broken("order-drops-nulls") {
		rows = slices.DeleteFunc(rows, func(it record) bool { return it[property] == nil })
		total = len(rows)
	}
	if s.odd.tiesBackward {
		slices.Reverse(rows)
	}
	switch {
	case s.broken("ties-random"), s.broken("order-ties-unstable") && q.Has("sort"):
		shuffle(rows, uint64(s.requests))
	case s.broken("ties-by-limit"):
		shuffle(rows, uint64(q.integer("limit", 20, 1, 100)))
	case s.broken("direction-ignored"):
		down = false
	case s.broken("sort-ignored"):
		property = "created_at"
	}
	sort.SliceStable(rows, func(i, j int) bool {
		a, b := rows[i][property], rows[j][property]
		if s.broken("order-number-as-text") && (property == "stock" || property == "price") {
			a, b = fmt.Sprint(a), fmt.Sprint(b)
		}
		if s.broken("order-nulls-anywhere") && (a == nil || b == nil) {
			return s.hash(fmt.Sprint(rows[i]["id"])) < s.hash(fmt.Sprint(rows[j]["id"]))
		}
		if s.broken("order-down-by-day") && down && property == "created_at" {
			a, b = a.(time.Time).Day(), b.(time.Time).Day()
		}
		return byOrder(a, b, down, s.odd) < 0
	})
	return rows, total
}

func (s *offset) listSuppliers(r *http.Request) answer {
	q := s.ask(r, "limit", "offset", "sort", "direction", "country", "q")
	rows := []record{}
	words := strings.Fields(strings.ToLower(q.Get("q")))
	if q.has("country") && (len(q.Get("country")) != 2 || strings.ToUpper(q.Get("country")) != q.Get("country")) {
		q.refuse("country", "Must be two capital letters.")
	}
	for _, it := range s.suppliers {
		fits := !q.has("country") || it["country"] == q.Get("country")
		for _, word := range words {
			fits = fits && strings.Contains(strings.ToLower(it["name"].(string)), word)
		}
		if fits {
			rows = append(rows, it)
		}
	}
	property, down := "name", q.has("direction") && q.choice("direction", "asc", "desc") == "desc"
	if q.has("sort") {
		property = q.choice("sort", "name", "rating", "created_at")
	}
	sort.SliceStable(rows, func(i, j int) bool { return byOrder(rows[i][property], rows[j][property], down, s.odd) < 0 })
	return s.page(r, q, rows, len(rows), func(it record) any { return s.supplier(it) }, nil)
}

func (s *offset) listProductsOf(r *http.Request, supplier any) answer {
	rows := []record{}
	for _, p := range s.products {
		if s.broken("nested-hides") && p["category"] == "toys" {
			continue
		}
		if p["supplier_id"] == supplier != s.broken("nested-others") && !(s.reader(r) && p["discontinued"] == true) {
			rows = append(rows, p)
		}
	}
	return s.page(r, s.ask(r, "limit", "offset"), rows, len(rows), func(it record) any { return s.product(it, true) }, nil)
}

func (s *offset) listCountries(r *http.Request) answer {
	if q := s.ask(r); q.wrong != "" {
		return s.invalid(q.wrong, q.why)
	}
	return answer{status: 200, body: []any{
		record{"code": "DE", "name": "Deutschland"}, record{"code": "FR", "name": "France"}, record{"code": "JP", "name": "日本"}, record{"code": "US", "name": "United States"},
	}}
}
