package contracttest

import (
	"fmt"
	"slices"
	"strings"

	"understudy/internal/contract"
)

func arithmetic(_ *engine, s *listState) ([]*testCase, string) {
	if s.base.capped && s.windowed() {
		return none("not all of the list can be paged through, as the document says")
	}
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
	if about.Beside != nil {
		check("the total in the header", about.Total, *about.Beside)
	}
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
	if n.s.tellsNext() && (about.Next == "" || last && n.total > 0) { // where the addresses of others lead, the walks by links tell
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
