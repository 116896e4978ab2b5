package honest

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// page cuts a page out of a list, and tells the total and the other pages in headers.
func (s *offset) page(r *http.Request, q *asked, rows []record, total int, show func(record) any, tests []func(record) bool) answer {
	limit := q.integer("limit", 20, 1, 100)
	from := q.integer("offset", 0, 0, math.MaxInt)
	switch {
	case s.broken("offset-negative-500") && strings.HasPrefix(q.Get("offset"), "-"):
		return s.crash()
	case q.wrong == "offset" && s.broken("offset-invalid-mixed") && strings.HasSuffix(r.URL.Path, "/suppliers"):
		from = 0
	case q.wrong == "offset" && s.broken("offset-from-the-end") && strings.HasPrefix(q.Get("offset"), "-"):
		n, _ := strconv.Atoi(q.Get("offset"))
		from = max(0, len(rows)+n)
	case q.wrong != "":
		return s.invalid(q.wrong, q.why)
	case s.broken("offset-ignored"):
		from = 0
	case s.broken("offset-as-page") && from < 1e9:
		from *= limit
	case s.broken("offset-in-whole-pages") && from < 1e9:
		from = from / limit * limit
	case s.broken("offset-drifts") && from > 20 && from < len(rows):
		from++
	case s.broken("border-drops") && from > 0 && from < len(rows):
		from++
	case s.broken("border-repeats") && from > 0:
		from--
	case s.broken("limit-ignored"), s.broken("limit-lost-sort") && q.Has("sort"):
		limit = 20
	case s.broken("limit-cut-to-40"):
		limit = min(limit, 40)
	case s.broken("limit-default-50") && !q.Has("limit"):
		limit = 50
	case s.broken("limit-one-more"):
		limit++
	case s.broken("repeats-otherwise") && s.again && len(rows) > 1:
		rows = append(slices.Clone(rows[1:]), rows[0])
	}
	if from >= len(rows) && from > 0 {
		switch {
		case s.broken("past-end-wraps") && len(rows) > 0:
			from %= len(rows)
		case s.broken("past-end-500"):
			return s.crash()
		case s.odd.pastEndRefused:
			return s.invalid("offset", "There are fewer items.")
		}
	}
	items := []any{}
	for _, it := range rows[min(from, len(rows)):min(len(rows), min(from, len(rows))+limit)] {
		if s.broken("filter-after-paging") && slices.ContainsFunc(tests, func(test func(record) bool) bool { return !test(it) }) {
			continue
		}
		items = append(items, show(it))
	}
	a := answer{status: 200, body: items}
	switch {
	case s.broken("list-as-text"):
		a.media = "text/plain; charset=utf-8"
	case s.broken("slow-late-pages"):
		a.delay = time.Duration(min(from, 150)) * 3 * time.Millisecond
	}
	switch {
	case s.broken("total-of-page"):
		total = len(items)
	case s.broken("total-late") && from > 0:
		total++
	}
	figure := strconv.Itoa(total)
	if s.broken("past-end-total") && len(items) == 0 { // the total is a column of the rows
		figure = "0"
	}
	if s.broken("total-about") && total > 50 {
		figure = fmt.Sprintf("%d+", total/10*10)
	}
	if !s.broken("total-missing") || from == 0 {
		a = a.with("X-Total-Count", figure)
	}
	return a.with("Link", s.linkHeader(r, q, from, limit, total))
}

// linkHeader names the other pages of a list (RFC 8288).
func (s *offset) linkHeader(r *http.Request, q *asked, from, limit, total int) string {
	var links []string
	link := func(rel string, to int) {
		kept := url.Values{}
		for name, values := range q.Values {
			if !s.broken("links-drop-filters") {
				kept[name] = values
			}
		}
		kept.Set("offset", strconv.Itoa(to))
		kept.Set("limit", strconv.Itoa(limit))
		links = append(links, fmt.Sprintf(`<%s%s?%s>; rel="%s"`, s.origin(r), r.URL.EscapedPath(), kept.Encode(), rel))
	}
	last := max(0, total-1) / limit * limit
	if from%limit != 0 { // somebody walks with an offset of his own
		last = from + max(0, total-1-from)/limit*limit
	}
	if s.broken("links-last-late") {
		last += limit
	}
	link("first", 0)
	if from > 0 && !s.broken("links-no-prev") {
		link("prev", max(0, min(from, total)-limit))
	}
	switch {
	case s.broken("links-next-skips") && from+limit+1 < total:
		link("next", from+limit+1)
	case from < total-limit || s.broken("links-next-on-last") && from < total:
		link("next", from+limit)
	}
	link("last", last)
	return strings.Join(links, ", ")
}
