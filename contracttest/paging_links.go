package contracttest

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"understudy/internal/contract"
)

// tellsNext and tellsPrev say whether the answers of a list lead on, and back.
func (s *listState) tellsNext() bool {
	w := s.c.First()
	return s.c.Project(contract.Query{}, contract.Page{Next: &w}).Next != nil
}

func (s *listState) tellsPrev() bool {
	w := s.c.First()
	return s.c.Project(contract.Query{}, contract.Page{Prev: &w}).Prev != nil
}

func arithmetic(_ *engine, s *listState) ([]*testCase, string) {
	queries := []contract.Query{{Size: s.large}, {}}
	if s.several() == "" && s.small() > 0 {
		queries = append(queries, contract.Query{Size: s.small()})
	}
	for i := range s.c.Filters {
		if value, _ := s.nobodys(&s.c.Filters[i]); value != "" && len(s.base.items) > 0 {
			empty := conditions(contract.Condition{Param: s.c.Filters[i].Param, Values: []string{value}})
			empty.Size = s.large
			queries = append(queries, empty)
			break
		}
	}
	if n := len(s.base.items); s.base.total == nil && s.base.complete() && n >= max(s.least(), 2) && n <= s.large && s.c.Paging.Style != contract.ByCursor {
		queries = append(queries, contract.Query{Size: n}) // the last page is full, and there is no more
	}
	var out []*testCase
	if s.isDeep() && s.base.total != nil {
		out = append(out, s.lastNumbers())
	}
	for _, q := range queries {
		subject, pages := "default", 1
		switch {
		case q.Filters != nil:
			subject = "nothing found"
		case q.Size > 0:
			pages = s.pagesOf(q.Size)
			subject = fmt.Sprintf("size %d", q.Size)
		}
		out = append(out, &testCase{
			subject: subject, intent: "what the pages say of themselves: numbers, counts and indices", over: s, steps: []step{s.counting(q, pages)},
			judge: func(rs []result) outcome {
				l, bad := pageOf(rs[0])
				if bad != nil {
					return *bad
				}
				if l.moving() {
					return skip("the data changed meanwhile")
				}
				return s.judgeNumbers(q, l)
			},
		})
	}
	return out, ""
}

// lastNumbers makes the case of the last page of the smallest size, which is full as a rule: a server that takes a full page for one with more behind it, or
// one page too many for the rest of a division, is right everywhere else.
func (s *listState) lastNumbers() *testCase {
	q, first := s.deep()
	return &testCase{
		subject: fmt.Sprintf("the last of size %d", q.Size), intent: "what the last of the smallest pages says of itself, where the division has no rest", over: s,
		steps: []step{s.page(q)},
		judge: func(rs []result) outcome {
			l, bad := pageOf(rs[0])
			switch {
			case bad != nil:
				return *bad
			case l.total == nil || *l.total != *s.base.total:
				return skip("the data changed meanwhile")
			}
			n := numbers{s: s, asked: q.Size, total: *l.total, perPage: q.Size}
			wrong, want, told := n.page(first/q.Size, l.pages[0], s.c.About(l.answers[0].header, l.answers[0].body), first+q.Size >= n.total)
			switch {
			case wrong != "":
				return broken(l.answers[0], fmt.Sprintf("on page %d of %d: %s", first/q.Size+1, (n.total+q.Size-1)/q.Size, wrong), want).signed(strings.Fields(wrong)[0] + " is wrong")
			case told == 0:
				return skip("the answers have no numbers but the total")
			}
			return kept()
		},
	}
}

// counting is a walk whose numbers are judged. One by a value that nothing has may be refused.
func (s *listState) counting(q contract.Query, pages int) step {
	st := s.walk(q, pages)
	st.odd = q.Filters != nil
	return st
}

// judgeNumbers judges what each page of a walk says of itself.
func (s *listState) judgeNumbers(q contract.Query, l *listed) outcome {
	if l.total == nil {
		return s.judgeMore(l)
	}
	n := numbers{s: s, asked: q.Size, total: *l.total, perPage: len(l.pages[0].Items)}
	if q.Size > 0 && (len(l.pages) == 1 || n.perPage > q.Size) {
		if n.perPage = q.Size; len(l.pages) == 1 {
			n.perPage = s.cutTo(q.Size, l)
		}
	}
	said := 0
	for i, p := range l.pages {
		about := s.c.About(l.answers[i].header, l.answers[i].body)
		wrong, want, told := n.page(i, p, about, i == len(l.pages)-1 && !l.capped)
		if said += told; wrong != "" {
			return broken(l.answers[i], fmt.Sprintf("on page %d of %d: %s", i+1, len(l.pages), wrong), want).signed(strings.Fields(wrong)[0] + " is wrong")
		}
	}
	if said == 0 {
		return skip("the answers have no numbers but the total")
	}
	return kept()
}

// cutTo is the size of the pages that a size is answered with, by what the only page of a walk says: a server may cut what is more than it allows, where the
// document does not allow it. Pages that were larger show that what is said is not so.
func (s *listState) cutTo(asked int, l *listed) int {
	told := s.c.About(l.answers[0].header, l.answers[0].body).Size
	if told == nil || *told >= asked || *told < len(l.pages[0].Items) {
		return asked
	}
	if p := s.c.List().Parameter("query", s.c.Paging.Size); p != nil {
		if most, ok := bound(p.Schema, "maximum"); ok && float64(asked) <= most {
			return asked
		}
	}
	if n := len(s.base.pages); n > 0 && (*told < len(s.base.pages[0].Items) || n > 1 && *told != len(s.base.pages[0].Items)) {
		return asked
	}
	return max(*told, 1)
}

// judgeMore judges what the pages of a walk say of whether more is to come, by the page behind each.
func (s *listState) judgeMore(l *listed) outcome {
	told := false
	for i := range l.pages[1:] {
		more, come := s.saysMore(l.answers[i], l.pages[i]), len(l.pages[i+1].Items) > 0
		about := s.c.About(l.answers[i].header, l.answers[i].body)
		if wrong, want, _ := (&numbers{s: s}).truths(i, l.pages[i], about, !come); wrong != "" {
			return broken(l.answers[i], fmt.Sprintf("on page %d: %s", i+1, wrong), want).signed("whether is wrong")
		}
		if more == nil {
			continue
		}
		if told = true; *more != come {
			return broken(l.answers[i], fmt.Sprintf("on page %d: whether more is to come is %v, and the page behind it has %s", i+1, *more, plural(len(l.pages[i+1].Items), "item")), fmt.Sprint(come)).
				signed("whether is wrong")
		}
	}
	if !told {
		return skip("the list does not say its total")
	}
	return kept()
}

// saysMore tells whether a page says that more is to come: in words or, where pages are counted, by what leads to the next; nil if it says neither.
func (s *listState) saysMore(a *answer, p contract.Page) *bool {
	about := s.c.About(a.header, a.body)
	if about.IsLast != nil && about.More == nil {
		more := !*about.IsLast
		return &more
	}
	if about.More != nil || about.Unlinked || s.c.Paging.Style == contract.ByCursor || !s.tellsNext() {
		return about.More
	}
	more := p.Next != nil
	return &more
}

// numbers are what the numbers about pages are judged by.
type numbers struct {
	s                     *listState
	asked, total, perPage int
}

// page judges one page by its place among all. It says what is wrong and what would be right, and how many numbers there were to judge.
func (n *numbers) page(i int, p contract.Page, about contract.About, last bool) (wrong, want string, told int) {
	check := func(name string, got *int, right ...int) {
		if got == nil || wrong != "" {
			return
		}
		told++
		if !slices.Contains(right, *got) {
			wrong, want = fmt.Sprintf("%s is %d", name, *got), fmt.Sprint(right[0])
		}
	}
	items := len(p.Items)
	check("the page's number", about.Page, n.s.c.Paging.First+i)
	check("the offset", about.Offset, i*n.perPage)
	check("the number of items", about.Count, items)
	if n.perPage > 0 {
		pages := max(1, (n.total+n.perPage-1)/n.perPage)
		if n.total == 0 {
			check("the number of pages", about.Pages, pages, 0)
		} else {
			check("the number of pages", about.Pages, pages)
		}
		if about.Size != nil && n.asked > 0 {
			right := []int{n.perPage, n.asked}
			if about.Count == nil {
				right = append(right, items) // the size of this page
			}
			check("the size", about.Size, right...)
		}
	}
	if n.total == 0 && items == 0 {
		nothing := n.s.c.Nothing()
		for _, x := range []struct {
			name      string
			got, told *int
		}{{"the number of pages", about.Pages, nothing.Pages}, {"the index of the first item", about.First, nothing.First}, {"the index of the last item", about.Last, nothing.Last}} {
			if x.told != nil {
				check(x.name, x.got, *x.told)
			}
		}
	}
	if wrong == "" && about.First != nil && about.Last != nil {
		told++
		wrong, want = n.indices(i, items, *about.First, *about.Last)
	}
	if wrong == "" {
		var truths int
		wrong, want, truths = n.truths(i, p, about, last)
		told += truths
	}
	if wrong != "" || n.s.c.Paging.Style == contract.ByCursor || i == 0 && about.Unlinked {
		return wrong, want, told
	}
	if n.s.tellsNext() && about.Next == "" {
		told++
		wrong, want = windowIs("the next page", p.Next, n.window(i+1), last)
	}
	if wrong == "" && n.s.tellsPrev() && about.Prev == "" && (p.Prev != nil || n.s.promisesBack()) {
		told++
		wrong, want = windowIs("the previous page", p.Prev, n.window(i-1), i == 0)
	}
	return wrong, want, told
}

// truths judges what a page says of its place among all in words. By cursor, a server may not know what came before (GraphQL's hasPreviousPage is so, too).
func (n *numbers) truths(i int, p contract.Page, about contract.About, last bool) (wrong, want string, told int) {
	less := about.Less
	if less != nil && !*less && i > 0 && n.s.c.Paging.Style == contract.ByCursor {
		less = nil
	}
	for _, t := range []struct {
		name  string
		got   *bool
		right bool
	}{
		{"whether more is to come", about.More, !last},
		{"whether this is the last page", about.IsLast, last},
		{"whether some came before", less, i > 0},
		{"whether this is the first page", about.IsFirst, i == 0},
		{"whether the page is empty", about.Empty, len(p.Items) == 0},
	} {
		if t.got == nil || wrong != "" {
			continue
		}
		if told++; *t.got != t.right {
			wrong, want = fmt.Sprintf("%s is %v", t.name, *t.got), fmt.Sprint(t.right)
		}
	}
	return wrong, want, told
}

// window is that of the i-th page.
func (n *numbers) window(i int) contract.Window {
	if n.s.c.Paging.Style == contract.ByPage {
		return contract.Window{Page: n.s.c.Paging.First + i}
	}
	return contract.Window{Offset: i * n.perPage}
}

func windowIs(name string, got *contract.Window, right contract.Window, none bool) (wrong, want string) {
	switch {
	case none && got != nil:
		return fmt.Sprintf("%s is %s", name, windowText(*got)), "none"
	case !none && got == nil:
		return name + " is missing", windowText(right)
	case !none && *got != right:
		return fmt.Sprintf("%s is %s", name, windowText(*got)), windowText(right)
	}
	return "", ""
}

func windowText(w contract.Window) string {
	switch {
	case w.Cursor != "":
		return w.Cursor
	case w.Page > 0:
		return fmt.Sprint(w.Page)
	}
	return fmt.Sprint(w.Offset)
}

// indices judges the indices of a page's first and last item, which count from 1.
func (n *numbers) indices(i, items, first, last int) (wrong, want string) {
	start := i*n.perPage + 1
	if n.total == 0 || items == 0 {
		return "", ""
	}
	switch {
	case first != start:
		return fmt.Sprintf("the index of the first item is %d", first), fmt.Sprint(start)
	case last != start+items-1:
		return fmt.Sprintf("the index of the last item is %d", last), fmt.Sprint(start + items - 1)
	}
	return "", ""
}

func links(e *engine, s *listState) ([]*testCase, string) {
	if why := s.several(); why != "" {
		return none(why)
	}
	if s.base.capped {
		return none(fmt.Sprintf("the list has more than the %d items that are walked", e.target.MaxWalk))
	}
	var order []contract.Order
	if orders := e.orders(s); len(orders) > 1 {
		order = orders[1]
	}
	q := contract.Query{Size: s.small(), Order: order}
	walk := s.walk(q, s.pagesOf(q.Size))
	walk.follow = s.tellsNext()
	cases := append(s.filteredLinks(), s.followedLinks(order)...)
	cases = append(cases, s.middleLinks()...)
	return append(cases, &testCase{
		intent: "a walk by the links of each page, with parameters that the links have to keep", over: s, steps: []step{s.all(contract.Query{}), walk},
		judge: func(rs []result) outcome {
			ls, bad := pagesOf(rs)
			if bad != nil {
				return *bad
			}
			all, l := ls[0], ls[1]
			if l.moving() || differentTotal(all, l) {
				return skip("the data changed meanwhile")
			}
			if l.total == nil && all.complete() && s.c.Paging.Style != contract.ByCursor { // all have been counted
				n := len(all.items)
				l.total = &n
			}
			if first := l.answers[0]; len(l.items) < len(all.items) && s.c.About(first.header, first.body).Unlinked {
				return skip("a page that is asked for without its number has no links")
			}
			if o := s.judgeLinks(rs[1], l); o.verdict == Broken {
				return o
			}
			switch {
			case l.astray != nil:
				return broken(l.astray, "a link that leads to "+l.astray.says(), "a page").signed("a link leads nowhere")
			case l.endless:
				return broken(rs[1].answer(), "links from one empty page to the next", "an end").signed("the links do not end")
			case l.loops:
				return broken(rs[1].answer(), "a link that leads back to a page that was read before", "an end").signed("the links loop")
			case l.capped && len(l.items) < len(all.items):
				return skip("the list has grown meanwhile")
			case l.capped:
				return broken(rs[1].answer(), fmt.Sprintf("links that go on after %s", plural(len(l.pages), "page")), "an end").signed("the links do not end")
			case all.complete() && len(l.items) < len(all.items) && len(repeated(l.keys)) == 0:
				return broken(rs[1].answer(), fmt.Sprintf("an end after %d of %s", len(l.items), plural(len(all.items), "item")), "links through all pages").signed("the links end early")
			}
			return kept()
		},
	}), ""
}

// filteredLinks makes a case of the links of a filtered list, whose pages are read anyway. A cursor may remember the filter itself.
func (s *listState) filteredLinks() []*testCase {
	ch, size := s.widest()
	if size == 0 || s.c.Paging.Style == contract.ByCursor {
		return nil
	}
	q := conditions(ch.cond)
	q.Size = size
	return []*testCase{{
		subject: ch.cond.Param, intent: "the links of a filtered list: they have to keep the filter", over: s, steps: []step{s.walk(q, s.pagesOf(size))},
		judge: func(rs []result) outcome {
			l, bad := pageOf(rs[0])
			if bad != nil {
				return *bad
			}
			for _, a := range l.answers {
				about := s.c.About(a.header, a.body)
				for _, address := range []string{about.Next, about.Prev} {
					if lost := s.lostParameter(a, address); lost != "" {
						return broken(a, fmt.Sprintf("the link %s, without %s", address, lost), "a link with every parameter of the request").signed("links drop parameters")
					}
				}
			}
			return kept()
		},
	}}
}

// judgeLinks judges the links of each page of a walk.
func (s *listState) judgeLinks(r result, l *listed) outcome {
	counted := s.c.Paging.Style != contract.ByCursor
	perPage := len(l.pages[0].Items)
	n := numbers{s: s, perPage: perPage}
	for i, p := range l.pages {
		about := s.c.About(l.answers[i].header, l.answers[i].body)
		last := i == len(l.pages)-1
		if l.total != nil {
			last = (i+1)*perPage >= *l.total
		}
		if !counted {
			if i == 0 && s.tellsPrev() && s.c.Paging.Before != "" && p.Prev != nil && len(p.Items) == len(l.items) {
				return broken(l.answers[i], "a way back from the first page", "none").signed("a page before the first")
			}
			continue
		}
		for _, link := range []struct {
			name, address string
			tells, none   bool
			got           *contract.Window
			right         contract.Window
		}{
			{"the next page", about.Next, s.tellsNext(), last, p.Next, n.window(i + 1)},
			{"the previous page", about.Prev, s.tellsPrev(), i == 0, p.Prev, n.window(i - 1)},
		} {
			if !link.tells || l.total == nil && link.name == "the next page" {
				continue
			}
			if link.name == "the previous page" && link.got == nil && !s.promisesBack() {
				continue
			}
			if wrong, want := windowIs(link.name, link.got, link.right, link.none); wrong != "" {
				return broken(l.answers[i], fmt.Sprintf("on page %d of %d: %s", i+1, len(l.pages), wrong), want).signed(link.name + " is wrong")
			}
			if n.strays(l, about.End) {
				return broken(l.answers[i], "a link to the last page that leads elsewhere: "+about.End, "a link to the last page").signed("the link to the last page is wrong")
			}
			if lost := s.lostParameter(l.answers[i], link.address); lost != "" {
				return broken(l.answers[i], fmt.Sprintf("the link to %s, %s, without %s", link.name, link.address, lost), "a link with every parameter of the request").signed("links drop parameters")
			}
		}
	}
	return kept()
}

// saysBack finds what says of a header with links that some of them lead back.
var saysBack = regexp.MustCompile(`(?i)\b(?:prev|previous|back|before|backwards?|(?:other|all|neighbou?ring) pages)\b`)

// promisesBack tells whether later pages have to lead back. Which links a header has is for the server to say (RFC 8288), unless the document says it.
func (s *listState) promisesBack() bool {
	r := s.c.List().Response(http.StatusOK)
	if r == nil {
		return true
	}
	i := slices.IndexFunc(r.Headers, func(h contract.Header) bool { return strings.EqualFold(h.Name, "Link") })
	return i < 0 || saysBack.MatchString(r.Headers[i].Description)
}

// strays tells whether the address of a last page leads past the end or, where pages are numbered, to one before it.
func (n *numbers) strays(l *listed, address string) bool {
	u, err := url.Parse(address)
	if address == "" || err != nil || l.total == nil || *l.total == 0 {
		return false
	}
	at, err := strconv.Atoi(u.Query().Get(n.s.c.Paging.Param))
	if err != nil {
		return false
	}
	if n.s.c.Paging.Style == contract.ByPage {
		at = (at - n.s.c.Paging.First) * n.perPage
		return at >= *l.total || at+n.perPage < *l.total
	}
	return at >= *l.total
}

// lostParameter names a parameter of a request that a link of its answer does not have, or "".
func (s *listState) lostParameter(a *answer, address string) string {
	u, err := url.Parse(address)
	if address == "" || err != nil {
		return ""
	}
	has := u.Query()
	for name, values := range a.request.query {
		if name == s.c.Paging.Param || name == s.c.Paging.Before || len(values) == 0 {
			continue
		}
		if !slices.Equal(has[name], values) && has.Get(name) != strings.Join(values, ",") {
			return name + "=" + strings.Join(values, ",")
		}
	}
	return ""
}

func cursors(_ *engine, s *listState) ([]*testCase, string) {
	if why := s.several(); why != "" {
		return none(why)
	}
	q := contract.Query{Size: s.small()}
	first := s.page(q)
	first.save = func(a *answer, holes map[string]string) {
		if page, err := s.c.Unwrap(first.asks, a.header, a.body); err == nil && page.Next != nil {
			holes["cursor"], holes["cut"] = page.Next.Cursor, cutCursor(page.Next.Cursor)
		}
	}
	at := func(cursor string) step {
		st := s.page(q)
		raw := st.request.query.Encode()
		if raw != "" {
			raw += "&"
		}
		st.raw = raw + url.QueryEscape(s.c.Paging.Param) + "=" + cursor
		st.odd, st.nth = cursor != "{cursor}", alone
		st.lacks = "the first page has no cursor that leads on"
		return st
	}
	out := []*testCase{{
		subject: "walk", intent: "a walk by cursors: it has to end, and to say so", over: s, steps: []step{s.walk(q, s.pagesOf(q.Size))},
		judge: func(rs []result) outcome {
			l, bad := pageOf(rs[0])
			switch {
			case bad != nil:
				return *bad
			case l.loops, l.capped && len(repeated(l.keys)) > 0 && len(lacking(l.keys[:len(l.keys)-1], s.base.keys)) == 0:
				return broken(rs[0].answer(), "a cursor that leads back to what was read before", "an end").signed("the cursors loop")
			}
			if l.endless {
				return broken(rs[0].answer(), "cursors that lead from one empty page to the next", "an end").signed("the cursors do not end")
			}
			for i, p := range l.pages {
				if about := s.c.About(l.answers[i].header, l.answers[i].body); about.More != nil && *about.More && p.Next == nil {
					return broken(l.answers[i], fmt.Sprintf("page %d says that there is more, and has no cursor", i+1), "a cursor, or that there is no more").signed("more without a cursor")
				}
			}
			return kept()
		},
	}, {
		subject: "again", intent: "the second page, asked for twice by the same cursor: it has to be the same", over: s, unsteady: true,
		steps: []step{first, at("{cursor}"), at("{cursor}")},
		judge: func(rs []result) outcome {
			ls, bad := pagesOf(rs)
			if bad != nil {
				return *bad
			}
			switch {
			case ls[0].pages[0].Next == nil:
				return skip("the first page has no cursor that leads on")
			case !slices.Equal(ls[1].keys, ls[2].keys):
				return broken(rs[2].answer(), difference(ls[1].keys, ls[2].keys), "the same page for the same cursor").signed("another page")
			case slices.Equal(ls[0].keys, ls[1].keys):
				return broken(rs[1].answer(), "the first page again", "the items behind it").because("the parameter " + s.c.Paging.Param + " is ignored").signed("cursor ignored")
			}
			return kept()
		},
	}}
	out = append(append(out, s.backward()...), s.lastFull()...)
	for _, odd := range []string{"understudy-no-cursor", "{cut}"} {
		subject := map[bool]string{true: "made up", false: "cut short"}[odd == "understudy-no-cursor"]
		out = append(out, &testCase{
			subject: subject, intent: "a cursor that is " + subject, over: s, steps: []step{first, at(odd)},
			judge: func(rs []result) outcome {
				if rs[0].list.bad != "" {
					return skip("the list cannot be read: %s", rs[0].list.bad)
				}
				a := rs[1].answer()
				switch {
				case a.failed():
					return broken(a, a.says(), "a refusal").signed("an error of the server's")
				case a.ok() && subject == "made up" && !s.c.Paging.ByKey && len(rs[1].list.keys) > 0 && slices.Equal(rs[1].list.keys, rs[0].list.keys):
					return broken(a, "the first page", "a refusal").signed("cursor not checked")
				}
				return kept()
			},
		})
	}
	return out, ""
}

func cutCursor(cursor string) string {
	if cursor == "" {
		return ""
	}
	return cursor[:len(cursor)-1]
}
