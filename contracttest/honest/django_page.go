package honest

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ordered sorts the items of a list as a query asks for. Items that tie stay as they were, so that pages are the same every time.
func (s *django) ordered(r *http.Request, rows []record, query url.Values, l djangoList, page, size int) ([]record, *answer) {
	names := strings.Split(query.Get("ordering"), ",")
	if query.Get("ordering") == "" || s.broken("order-ignored") {
		names = nil
	}
	names = slices.DeleteFunc(names, func(name string) bool { return !slices.Contains(l.orderable, strings.TrimPrefix(name, "-")) })
	if asked := query.Get("ordering"); asked != "" && len(names) < len(strings.Split(asked, ",")) && !s.broken("order-ignored") {
		switch {
		case s.broken("unknown-order-500"):
			a := s.crash()
			return nil, &a
		case s.odd.unknownOrder400:
			a := s.invalid(map[string]string{"ordering": "Unknown field."})
			return nil, &a
		}
	}
	if s.broken("order-empty-500") && strings.Contains(","+query.Get("ordering")+",", ",-,") {
		a := s.crash()
		return nil, &a
	}
	if s.broken("order-first-only") {
		names = names[:min(len(names), 1)]
	}
	if s.broken("order-down-refused") && slices.Contains(names, "-priority") {
		a := s.invalid(map[string]string{"ordering": "Unknown field."})
		return nil, &a
	}
	if len(names) == 0 && l.order != "" {
		names = []string{l.order}
		if s.broken("order-default-id") {
			names = nil
		}
	}
	switch { // a database that is not told how to order ties does it as it likes
	case s.broken("ties-random"), s.broken("order-ties-unstable") && query.Get("ordering") != "":
		shuffle(rows, uint64(s.requests))
	case s.broken("ties-by-size"):
		shuffle(rows, uint64(size))
	case s.broken("page-unstable") && s.again && len(rows) > 1: // one of two replicas
		names = nil
		rows = append(rows[1:], rows[0])
	}
	for _, name := range names {
		if s.broken("order-drops-nulls") {
			rows = slices.DeleteFunc(rows, func(it record) bool { return it[strings.TrimPrefix(name, "-")] == nil })
		}
	}
	sorting := rows
	if start := min(len(rows), (page-1)*size); s.broken("order-per-page") && page < 1e6 {
		sorting = rows[start:min(len(rows), start+size)]
	}
	slices.SortStableFunc(sorting, func(a, b record) int { return s.byNames(a, b, names) })
	if start := min(len(rows), max(0, page-1)*size); s.broken("order-down-page") && page < 1e6 && len(names) > 0 && names[0][0] == '-' {
		slices.Reverse(rows) // the ascending pages, each of them backwards
		slices.Reverse(rows[start:min(len(rows), start+size)])
	}
	return rows, nil
}

func (s *django) byNames(a, b record, names []string) int {
	for _, name := range names {
		property, down := strings.CutPrefix(name, "-")
		x, y := a[property], b[property]
		if s.broken("order-as-text") && x != nil && y != nil && property == "budget" {
			x, y = fmt.Sprint(x), fmt.Sprint(y)
		}
		if s.broken("order-nulls-as-five") && property == "budget" {
			x, y = orFive(x), orFive(y)
		}
		if s.broken("order-up-only") {
			down = false
		}
		if c := byOrder(x, y, down, s.odd); c != 0 {
			return c
		}
	}
	return 0
}

// orFive takes null for a number in the middle.
func orFive(v any) any {
	if v == nil {
		return 5.0
	}
	return v
}

func shuffle(rows []record, seed uint64) {
	rand.New(rand.NewPCG(seed, 1)).Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
}

// page cuts a page out of the items and puts it into its envelope.
func (s *django) page(r *http.Request, rows []record, count, page, size int, query url.Values, l djangoList) answer {
	pages := max(1, (count+size-1)/size)
	if page > pages {
		switch {
		case s.broken("past-end-last"):
			page = pages
		case s.broken("past-end-500"):
			return s.crash()
		case s.odd.pastEndRefused:
			return s.detail(404, "Invalid page.")
		}
	}
	start := len(rows)
	if page <= pages {
		start = (page - 1) * size
	}
	end := start + size
	switch {
	case s.broken("page-one-more"):
		end++
	case s.broken("border-drops") && page > 1 && start < len(rows):
		start++
	case s.broken("border-repeats") && page > 1:
		start, end = start-1, end-1
	}
	results := []record{}
	for _, it := range rows[min(start, len(rows)):min(end, len(rows))] {
		results = append(results, s.show(it, true))
	}
	a := answer{status: 200}
	if s.broken("slow-late-pages") {
		a.delay = time.Duration(min(start, 200)) * 3 * time.Millisecond
	}
	if s.broken("page-count-of-page") {
		count = len(results)
	}
	if l.links {
		a.body = record{"count": count, "next": s.link(r, query, page+1, page < pages), "previous": s.link(r, query, min(page-1, pages), page > 1), "results": results}
		if s.broken("links-never-end") && page == pages && page > 1 {
			a.body.(record)["next"] = s.link(r, query, 1, true)
		}
		return a
	}
	next, previous, first, last := page+1, page-1, (page-1)*size+1, page*size
	if page >= pages {
		next, last = 0, count
	}
	if count == 0 && !s.broken("page-start-of-nothing") {
		first = 0
	}
	if page > pages { // empty: it stands nowhere
		previous, first, last = pages, 0, 0
	}
	isLast := page >= pages
	switch {
	case s.broken("page-last-if-short"):
		isLast = len(results) < size
	case s.broken("page-last-never"):
		isLast = false
	case s.broken("page-total-floor"):
		pages = count / size
	case s.broken("page-total-plus"):
		pages = count/size + 1
	case s.broken("page-next-if-full") && min(end, len(rows))-start == size:
		next = page + 1
	case s.broken("page-next-on-last") && page == pages:
		next = page + 1
	case s.broken("page-previous-on-first") && page == 1:
		previous = 1
	case s.broken("page-start-from-zero") && count > 0:
		first--
	case s.broken("page-end-not-cut"):
		last = page * size
	}
	a.body = record{"results": results, "pagination": record{
		"count": s.figure(count), "current": s.figure(page), "total_pages": s.figure(pages), "next": s.figure(next), "previous": s.figure(previous),
		"start_index": s.figure(first), "end_index": s.figure(last), "page_size": s.figure(size),
		"is_first": page == 1 || s.broken("page-first-always"), "last": isLast, "empty": (len(results) == 0) != s.broken("page-empty-inverted"),
	}}
	return a
}

// figure is a number about pages: the document declares them `number`, and 7.0 is one.
func (s *django) figure(n int) any {
	if s.odd.floats {
		return rawJSON(strconv.Itoa(n) + ".0")
	}
	return n
}

// link leads to another page, nil if there is none. It keeps every parameter.
func (s *django) link(r *http.Request, query url.Values, page int, there bool) any {
	if !there {
		return nil
	}
	kept := url.Values{}
	for name, values := range query {
		if !s.broken("links-drop-filters") || name == "page_size" {
			kept[name] = values
		}
	}
	kept.Set("page", strconv.Itoa(page))
	if page == 1 {
		kept.Del("page")
	}
	target := s.origin(r) + r.URL.EscapedPath()
	if len(kept) > 0 {
		target += "?" + kept.Encode()
	}
	return target
}
