package honest

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// djangoList is one list: a view, in Django's words.
type djangoList struct {
	rows      []record
	filters   map[string]djangoFilter // by parameter
	orderable []string
	order     string   // without an ordering
	search    []string // the properties that a search looks at
	links     bool     // the framework's own envelope, not the one with numbers
}

// djangoFilter reads the value of a parameter and gives the test for items, or an error to show.
type djangoFilter func(value string) (func(record) bool, string)

// list answers a page of a list: filter, search, order, cut.
func (s *django) list(r *http.Request, l djangoList) answer {
	query, _ := url.ParseQuery(r.URL.RawQuery) // what cannot be read is not there
	page, size, refusal := s.window(r, query, l)
	if refusal != nil {
		return *refusal
	}
	rows := slices.Clone(l.rows)
	if s.odd.tiesBackward {
		slices.Reverse(rows)
	}
	unfiltered := rows
	keep, wrong := s.tests(r, query, l)
	if len(wrong) > 0 {
		return s.invalid(wrong)
	}
	if !s.broken("filter-after-paging") {
		rows = s.filtered(rows, keep)
	}
	search := query.Get("search")
	if s.broken("search-nul-500") && strings.Contains(search, "\x00") || s.broken("search-quote-500") && strings.ContainsAny(search, `'"`) {
		return s.crash()
	}
	searched := s.searched(rows, search, l)
	count := len(searched)
	switch {
	case s.broken("filter-none-all") && len(keep) > 0 && count == 0:
		rows, count = unfiltered, len(unfiltered)
	case s.broken("filter-count"):
		count = len(s.searched(unfiltered, search, l))
		rows = searched
	case s.broken("search-count"):
		count = len(rows)
		rows = searched
	default:
		rows = searched
	}
	rows, refusal = s.ordered(r, rows, query, l, page, size)
	if refusal != nil {
		return *refusal
	}
	if s.broken("order-drops-nulls") || s.broken("page-count-by-order") && query.Get("ordering") != "" {
		count = len(rows)
	}
	if s.broken("page-count-by-order") && query.Get("ordering") != "" && count > 0 {
		count--
	}
	if s.broken("count-cached") && len(keep) == 0 && search == "" {
		if _, ok := s.cached[r.URL.Path]; !ok {
			s.cached[r.URL.Path] = count
		}
		count = s.cached[r.URL.Path]
	}
	a := s.page(r, rows, count, page, size, query, l)
	if s.broken("filter-after-paging") && a.status == 200 {
		body := a.body.(record)
		body["results"] = s.filtered(body["results"].([]record), keep)
	}
	return a
}

// window reads which page is asked for and how many items it holds.
func (s *django) window(r *http.Request, query url.Values, l djangoList) (page, size int, refusal *answer) {
	page, size = 1, 20
	policy := s.odd.badPage
	if s.broken("page-invalid-mixed") && l.links {
		policy = (policy + 1) % 3
	}
	number := func(name string, to *int) {
		value := query.Get(name)
		n, err := strconv.Atoi(value)
		switch {
		case value == "":
		case err == nil && n > 0:
			*to = n
		case s.broken("page-zero-500") && value == "0", s.broken("page-huge-500") && len(value) > 18:
			a := s.crash()
			refusal = &a
		case policy == 0:
			a := s.invalid(map[string]string{name: "A valid integer is required."})
			refusal = &a
		case policy == 1:
			a := s.detail(404, "Invalid page.")
			refusal = &a
		}
	}
	number("page_size", &size)
	number("page", &page)
	switch {
	case s.broken("page-ignored"):
		page = 1
	case s.broken("page-size-ignored"), s.broken("page-size-lost-search") && query.Get("search") != "":
		size = 20
	case s.broken("page-size-two") && query.Has("page_size"):
		size = 2
	case s.broken("page-size-default") && !query.Has("page_size"):
		size = 10
	case s.broken("page-size-refused") && size == s.odd.maxSize:
		a := s.crash()
		refusal = &a
	}
	if s.broken("page-huge-500") && page > 1e15 {
		a := s.crash()
		refusal = &a
	}
	return page, min(size, s.odd.maxSize), refusal
}

// tests gives the tests that the filters of a query stand for, in the order of their names, and what is wrong with them.
func (s *django) tests(r *http.Request, query url.Values, l djangoList) (keep []func(record) bool, wrong map[string]string) {
	wrong = map[string]string{}
	for name := range query {
		known := l.filters[name] != nil || slices.Contains([]string{"page", "page_size", "ordering", "search"}, name)
		switch {
		case known:
		case s.broken("unknown-parameter-empty"): // every parameter is handed to the database
			keep = append(keep, func(record) bool { return false })
		case s.odd.unknownRefused:
			wrong[name] = "Unknown parameter."
		}
	}
	for _, name := range slices.Sorted(func(yield func(string) bool) {
		for name := range l.filters {
			if query.Has(name) && !yield(name) {
				return
			}
		}
	}) {
		value := query.Get(name)
		if s.broken("filter-spelling") { // it looks for the value in the raw query, and knows only the escapes that browsers write
			value = rawValue(r.URL.RawQuery, name)
		}
		if strings.TrimSpace(value) == "" && !s.broken("empty-filter-none") {
			if s.odd.emptyRefused {
				wrong[name] = "This field may not be blank."
			}
			continue
		}
		if s.broken("filter-ignored") && name == "status" {
			continue
		}
		test, problem := l.filters[name](value)
		if problem != "" {
			wrong[name] = problem
			continue
		}
		if s.broken("filter-inverted") && name == "is_public" {
			inner := test
			test = func(it record) bool { return !inner(it) }
		}
		keep = append(keep, test)
	}
	return keep, wrong
}

// rawValue is the value of a parameter where letters that are written as %41 stay so.
func rawValue(raw, name string) string {
	for part := range strings.SplitSeq(raw, "&") {
		if value, ok := strings.CutPrefix(part, name+"="); ok {
			for c := byte('0'); c <= 'z'; c++ {
				escape := "%" + strings.ToUpper(strconv.FormatInt(int64(c), 16))
				if c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' {
					value = strings.ReplaceAll(value, escape, "%25"+escape[1:])
				}
			}
			plain, _ := url.QueryUnescape(value)
			return plain
		}
	}
	return ""
}

func (s *django) filtered(rows []record, keep []func(record) bool) []record {
	out := []record{}
	for _, it := range rows {
		passed := 0
		for _, test := range keep {
			seen := it
			if id, _ := it["id"].(int); s.indexed[id] != nil && s.broken("index-stale") {
				seen = s.indexed[id]
			}
			if test(seen) {
				passed++
			}
		}
		if passed == len(keep) || s.broken("filter-or") && passed > 0 {
			out = append(out, it)
		}
	}
	return out
}

// searched keeps the items in which the words of a search stand: all of them, or one where that is the server's way.
func (s *django) searched(rows []record, search string, l djangoList) []record {
	words := strings.Fields(search)
	if len(words) == 0 || s.broken("search-ignored") {
		return rows
	}
	either := s.odd.searchAny
	if s.broken("search-any-or-all") { // it depends on the words
		either = len(words[len(words)-1])%2 == 0
	}
	properties := l.search
	if s.odd.searchFew {
		properties = properties[:1]
	}
	if s.broken("search-newest") && len(rows) > 20 {
		rows = rows[len(rows)-20:]
	}
	out := []record{}
	for _, it := range rows {
		found := 0
		for _, word := range words {
			if slices.ContainsFunc(properties, func(p string) bool { text, ok := it[p].(string); return ok && s.contains(text, word) }) {
				found++
			}
		}
		if found == len(words) || either && found > 0 {
			out = append(out, it)
		}
	}
	return out
}

func (s *django) contains(text, word string) bool {
	switch {
	case s.broken("search-case"):
		return strings.Contains(text, word)
	case s.broken("search-like") && strings.Trim(word, "%_") == "":
		return len(text) >= strings.Count(word, "_")
	}
	return strings.Contains(strings.ToLower(text), strings.ToLower(word))
}

// The kinds of filters.

func (s *django) exactly(property string) djangoFilter {
	return func(value string) (func(record) bool, string) {
		return func(it record) bool {
			text, _ := it[property].(string)
			switch {
			case s.broken("filter-prefix"):
				return strings.HasPrefix(text, value)
			case s.broken("filter-case"):
				return text == strings.ToLower(value)
			case s.odd.foldFilter:
				return strings.EqualFold(text, value)
			}
			return text == value
		}, ""
	}
}

func (s *django) oneOf(property string, choices ...string) djangoFilter {
	return func(value string) (func(record) bool, string) {
		if !slices.Contains(choices, value) {
			return nil, "Select a valid choice."
		}
		return func(it record) bool { return it[property] == value }, ""
	}
}

func (s *django) anyOf(property string, choices ...string) djangoFilter {
	return func(value string) (func(record) bool, string) {
		values := strings.Split(value, ",")
		for _, v := range values {
			if !slices.Contains(choices, v) {
				return nil, "Select a valid choice."
			}
		}
		if s.broken("filter-in-first") {
			values = values[:1]
		}
		return func(it record) bool { return slices.Contains(values, it[property].(string)) }, ""
	}
}

func (s *django) truth(property string) djangoFilter {
	return func(value string) (func(record) bool, string) {
		v, err := strconv.ParseBool(strings.ToLower(value))
		if err != nil {
			return nil, "Must be a valid boolean."
		}
		return func(it record) bool { return it[property] == v }, ""
	}
}

// integer compares a property with a number: fits gets what compare says.
func (s *django) integer(property string, fits func(c int) bool) djangoFilter {
	return func(value string) (func(record) bool, string) {
		n, err := strconv.Atoi(value)
		if err != nil {
			if s.broken("filter-invalid-ignored") {
				return func(record) bool { return true }, ""
			}
			return nil, "Enter a number."
		}
		if property == "owner" && s.odd.foreignRefused && (n < 1 || n > len(s.users)) {
			return nil, "Select a valid choice. That choice is not one of the available choices."
		}
		return func(it record) bool { return fits(compare(it[property], n, false)) }, ""
	}
}

func (s *django) moment(property string, fits func(c int) bool) djangoFilter {
	return func(value string) (func(record) bool, string) {
		t, ok := parseInstant(value)
		if !ok {
			return nil, "Enter a valid date/time."
		}
		if s.broken("filter-day") { // only the day is compared
			t = t.Truncate(24 * time.Hour)
		}
		return func(it record) bool { return fits(compare(it[property], t, false)) }, ""
	}
}
