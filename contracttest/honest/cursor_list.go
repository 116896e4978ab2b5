package honest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// place is where a page begins: after the item with that value and that number. It belongs to one list, with its filters and its order.
type place struct {
	Query uint32 `json:"q"`
	Value any    `json:"v"`
	Seq   int    `json:"s"`
	Check uint32 `json:"c"`
}

// seal gives the text that a client gets for a place.
func (s *cursor) seal(p place) string {
	p.Check = 0
	text, _ := json.Marshal(p) // plain values
	p.Check = crc32.ChecksumIEEE(append(text, s.token...))
	text, _ = json.Marshal(p)
	return base64.RawURLEncoding.EncodeToString(text)
}

// open reads the text that a client sends for a place.
func (s *cursor) open(text string) (place, bool) {
	var p place
	plain, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || json.Unmarshal(plain, &p) != nil {
		return p, false
	}
	return p, s.seal(p) == text
}

// cursorList is one list.
type cursorList struct {
	rows   []record
	sort   string // the default
	sorts  []string
	params []string // what the list knows, beside cursor, limit and sort
	keep   func(q url.Values) (tests []func(record) bool, wrong string)
	found  func(it record, words []string) bool
}

func (s *cursor) list(r *http.Request, l cursorList) answer {
	q, _ := url.ParseQuery(r.URL.RawQuery) // what cannot be read is not there
	if s.broken("filter-after-sort-lost") {
		if _, after, ok := strings.Cut(r.URL.RawQuery, "sort="); ok { // what comes after is not read
			for name := range q {
				if strings.Contains(after, "&"+name+"=") && name != "cursor" && name != "limit" {
					q.Del(name)
				}
			}
		}
	}
	var tests []func(record) bool
	for _, name := range slices.Sorted(maps.Keys(q)) {
		known := slices.Contains(l.params, name) || slices.Contains([]string{"cursor", "limit"}, name) || name == "sort" && l.sorts != nil
		switch {
		case known && q.Get(name) == "" && s.broken("empty-filter-none") && slices.Contains(l.params, name):
			tests = append(tests, func(record) bool { return false })
		case known && q.Get(name) == "" && s.odd.emptyRefused:
			return s.problem(400, name+" is empty.")
		case !known && s.broken("unknown-parameter-empty"):
			tests = append(tests, func(record) bool { return false })
		case !known && s.odd.unknownRefused:
			return s.problem(400, name+" is not known.")
		}
	}
	limit := 25
	if s.broken("limit-default") {
		limit = 10
	}
	if text := q.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		switch {
		case s.broken("limit-invalid-500") && (err != nil || n < 1):
			return s.crash()
		case s.broken("limit-zero-accepted") && n == 0 && err == nil:
		case err != nil || n < 1 || n > 100:
			return s.problem(400, "limit is out of range.")
		}
		limit = n
	}
	sort := l.sort
	if text := q.Get("sort"); text != "" && l.sorts != nil {
		if !slices.Contains(l.sorts, text) || s.broken("sort-refused") && text == "-due" {
			return s.problem(400, "sort is not valid.")
		}
		sort = text
	} else if s.broken("sort-default") {
		sort = "created_at"
	}
	more, wrong := l.keep(q)
	if wrong != "" {
		return s.problem(400, wrong+" is not valid.")
	}
	return s.page(r, q, l, append(tests, more...), sort, limit)
}

// page answers the items that come after the cursor, in the order of the list.
func (s *cursor) page(r *http.Request, q url.Values, l cursorList, tests []func(record) bool, sort string, limit int) answer {
	query := s.hash(fmt.Sprint(r.URL.Path, sort, q["status"], q["customer"], q["amount_gte"], q["amount_lte"], q["memo"], q["search"], q["vip"], q["email"]))
	text := q.Get("cursor")
	from, sound := s.open(text)
	switch {
	case text == "" || s.broken("cursor-ignored"):
		text = ""
	case sound && (from.Query == query || s.broken("cursor-of-any-query")):
	case s.broken("tampered-500"):
		return s.crash()
	case s.broken("tampered-first"):
		text = ""
	default:
		return s.problem(400, "That cursor is not one of this list.")
	}
	if text != "" && s.broken("filter-first-page-only") {
		tests = nil
	}
	property, down := strings.CutPrefix(sort, "-")
	switch {
	case s.broken("sort-ignored"):
		property, down = "seq", false
	case s.broken("sort-up-only"):
		down = false
	case s.broken("sort-first-page-only") && text != "":
		property = "seq"
	}
	rows := s.rows(l, tests, strings.Fields(strings.ToLower(q.Get("search"))), q.Get("search"))
	compare := func(a, b record) int { return s.compare(a, b, property, down, limit) }
	slices.SortStableFunc(rows, compare)
	if s.broken("page-unstable") && s.again && len(rows) > 2 {
		rows[0], rows[len(rows)-1] = rows[len(rows)-1], rows[0]
	}
	start := 0
	if text != "" {
		after := record{"seq": from.Seq, property: from.Value}
		if stamp, ok := from.Value.(string); ok && property != "name" && property != "code" {
			t, _ := parseInstant(stamp)
			after[property] = t
		}
		if n, ok := from.Value.(float64); ok {
			after[property] = int(n)
		}
		start = len(rows)
		for i, it := range rows {
			c := compare(it, after)
			if s.broken("cursor-skips-ties") { // WHERE value > ?
				c = byOrder(it[property], after[property], down, s.odd)
			}
			if s.broken("cursor-skips-nulls") && it[property] == nil { // null is not greater than anything
				continue
			}
			if c > 0 || c == 0 && s.broken("cursor-repeats-last") {
				start = i
				break
			}
		}
	}
	switch {
	case s.broken("limit-ignored"):
		limit = 25
	case s.broken("limit-one-more"):
		limit++
	}
	end := min(len(rows), start+limit)
	return s.envelope(query, rows, start, end, property).counting(s.count(len(l.rows), len(rows), start, end))
}

// rows gives the items of a list that pass.
func (s *cursor) rows(l cursorList, tests []func(record) bool, words []string, search string) []record {
	if s.broken("search-case") {
		words = strings.Fields(search)
	}
	rows, visible := []record{}, []record{}
	for i, it := range l.rows {
		passed := 0
		for _, test := range tests {
			if test(it) {
				passed++
			}
		}
		fits := passed == len(tests) || s.broken("filter-or") && passed > 0
		if len(words) > 0 && l.found != nil && !s.broken("search-ignored") {
			fits = fits && l.found(it, words) && !(s.broken("search-misses-new") && i > len(l.rows)/3)
		}
		visible = append(visible, it)
		if fits {
			rows = append(rows, it)
		}
	}
	if s.broken("filter-none-all") && len(rows) == 0 && len(tests) > 0 {
		return visible
	}
	return rows
}

// compare orders items by a property and then by when they were made, so that no two are equal.
func (s *cursor) compare(a, b record, property string, down bool, limit int) int {
	x, y := a[property], b[property]
	if s.broken("sort-as-text") && property == "amount" && x != nil && y != nil {
		x, y = fmt.Sprint(x), fmt.Sprint(y)
	}
	if s.broken("sort-by-day") && property == "created_at" && down {
		x, y = x.(time.Time).YearDay()/7, y.(time.Time).YearDay()/7
	}
	if c := byOrder(x, y, down, s.odd); c != 0 {
		return c
	}
	c := compare(a["seq"], b["seq"], false)
	if s.odd.tiesBackward != (s.broken("ties-by-limit") && limit%2 == 0) {
		return -c
	}
	return c
}

// count is what a list says of how many items there are, or of how many are on the page: its document leaves that open.
func (s *cursor) count(there, fit, start, end int) int {
	switch {
	case s.odd.pageCounts:
		return max(0, end-start)
	case s.broken("count-unfiltered"):
		return there
	case s.broken("count-late") && start > 0:
		return fit - 1
	}
	return fit
}

// counting adds a count to a list.
func (a answer) counting(n int) answer {
	a.body.(record)["count"] = n
	return a
}

// envelope puts a page into the form in which clients get it.
func (s *cursor) envelope(query uint32, rows []record, start, end int, property string) answer {
	data := []any{}
	for _, it := range rows[min(start, end):end] {
		data = append(data, s.inList(it))
	}
	body := record{"data": data, "has_more": end < len(rows), "next_cursor": nil}
	if end < len(rows) && end > 0 {
		last := rows[end-1]
		body["next_cursor"] = s.seal(place{Query: query, Value: value(last[property]), Seq: last["seq"].(int)})
	}
	switch {
	case s.broken("cursor-circle") && end == len(rows) && start > 0:
		body["has_more"], body["next_cursor"] = true, s.seal(place{Query: query, Value: value(rows[0][property]), Seq: rows[0]["seq"].(int)})
	case s.broken("cursor-on-last") && end == len(rows) && end > start:
		last := rows[end-1]
		body["has_more"], body["next_cursor"] = true, s.seal(place{Query: query, Value: value(last[property]), Seq: last["seq"].(int)})
	case s.broken("has-more-always"):
		body["has_more"] = true
	case s.broken("has-more-never"):
		body["has_more"] = false
	case s.broken("has-more-text"):
		body["has_more"] = fmt.Sprint(body["has_more"])
	case s.broken("data-null") && len(data) == 0:
		body["data"] = nil
	case s.broken("undeclared-debug"):
		body["sql"] = "SELECT * FROM invoices ORDER BY " + property
	}
	return answer{status: 200, body: body}
}

// value is a value that JSON keeps.
func value(v any) any {
	if t, ok := v.(time.Time); ok {
		return t.Format(time.RFC3339Nano)
	}
	return v
}

func (s *cursor) same(v any, text string) bool {
	got, _ := v.(string)
	return got == text || s.odd.foldFilter && strings.EqualFold(got, text)
}

func (s *cursor) listInvoices(r *http.Request) answer {
	rows := slices.DeleteFunc(slices.Clone(s.invoices), func(it record) bool {
		switch {
		case s.broken("create-not-listed") && it["seq"].(int) >= 1000, s.broken("reader-sees-more") && !s.reader(r) && it["seq"].(int) < 3:
			return true
		}
		return s.reader(r) && it["status"] == "draft" && !s.broken("reader-sees-more")
	})
	return s.list(r, cursorList{
		rows: rows, sort: "-created_at", sorts: []string{"amount", "-amount", "due", "-due", "created_at", "-created_at"},
		params: []string{"status", "customer", "amount_gte", "amount_lte", "memo", "search"},
		keep:   s.invoiceFilters,
		found:  func(it record, words []string) bool { return s.stands(words, it["memo"]) },
	})
}

func (s *cursor) invoiceFilters(q url.Values) (tests []func(record) bool, wrong string) {
	if v := q.Get("status"); v != "" && !s.broken("filter-status-ignored") {
		if !slices.Contains([]string{"draft", "open", "paid", "void"}, v) && !s.broken("filter-invalid-ignored") {
			return nil, "status"
		}
		if slices.Contains([]string{"draft", "open", "paid", "void"}, v) {
			tests = append(tests, func(it record) bool {
				return it["status"] == v && !(s.broken("filter-misses-some") && it["seq"].(int)%10 == 3)
			})
		}
	}
	if v := q.Get("customer"); v != "" {
		if i, _ := s.find(s.customers, v, customerPattern); i < 0 && s.odd.foreignRefused {
			return nil, "customer"
		}
		tests = append(tests, func(it record) bool { return it["customer"] == v })
	}
	for _, name := range []string{"amount_gte", "amount_lte"} {
		v := q.Get(name)
		if v == "" {
			continue
		}
		n, err := strconv.Atoi(v)
		if err != nil {
			return nil, name
		}
		tests = append(tests, func(it record) bool {
			amount := it["amount"].(int)
			switch {
			case amount == n:
				return !s.broken("filter-strict")
			case s.broken("filter-bounds-swapped"):
				return (amount > n) != (name == "amount_gte")
			}
			return (amount > n) == (name == "amount_gte")
		})
	}
	if v := q.Get("memo"); v != "" {
		tests = append(tests, func(it record) bool { return s.same(it["memo"], v) || s.broken("filter-null-too") && it["memo"] == nil })
	}
	return tests, ""
}

// stands tells whether the words stand in the texts.
func (s *cursor) stands(words []string, texts ...any) bool {
	text := ""
	for i, t := range texts {
		if t, ok := t.(string); ok && !(i > 0 && s.odd.searchFew) {
			text += t + "\n"
		}
	}
	if !s.broken("search-case") {
		text = strings.ToLower(text)
	}
	hits := 0
	for _, word := range words {
		if strings.Contains(text, word) || s.broken("search-like") && strings.Trim(word, "%_") == "" && text != "" {
			hits++
		}
	}
	return hits == len(words) || s.odd.searchAny && hits > 0
}

func (s *cursor) listCurrencies(r *http.Request) answer {
	return s.list(r, cursorList{rows: s.currencies, sort: "code", keep: func(url.Values) ([]func(record) bool, string) { return nil, "" }})
}
