package contracttest

import (
	"fmt"
	"slices"

	"understudy/internal/contract"
)

// orders are the orders in which a list is walked: its own, and those with the most ties, where pages most easily lose items.
func (s *listState) orders() [][]contract.Order {
	out := [][]contract.Order{nil}
	for _, field := range s.tying() {
		out = append(out, up(field))
	}
	return out
}

// mostTying bounds by how many fields with ties a list is walked whose document names none, so that the server may not know some of them.
const mostTying = 3

// tying are the fields to order by that tie most: the one that has the fewest different values or, where the document names none, a few.
func (s *listState) tying() []string {
	if s.ties == nil {
		out := s.findTying()
		s.ties = &out
	}
	return *s.ties
}

func (s *listState) findTying() []string {
	values := map[string]int{}
	var out []string
	most := 1
	for _, field := range s.fields() {
		if !s.c.Ordering.Offers(up(field)[0]) {
			continue
		}
		if !s.c.Declares(field) {
			most = mostTying
		}
		met := map[string]bool{}
		for _, it := range s.base.items {
			met[it.Value(s.c.OrderPath(field)).Text] = true
		}
		if values[field] = len(met); len(met) < len(s.base.items) && (s.c.Declares(field) || s.differs(field)) {
			out = append(out, field)
		}
	}
	slices.SortStableFunc(out, func(a, b string) int { return values[a] - values[b] })
	return out[:min(len(out), most)]
}

func subjectOf(order []contract.Order) string {
	if len(order) == 0 {
		return ""
	}
	if order[0].Desc {
		return "-" + order[0].Field
	}
	return order[0].Field
}

func completeWalk(e *engine, s *listState) ([]*testCase, string) {
	if why := s.several(); why != "" {
		return none(why)
	}
	if s.base.capped {
		return none(fmt.Sprintf("the list has more than the %d items that are walked", e.target.MaxWalk))
	}
	var out []*testCase
	for _, order := range s.orders() {
		q := contract.Query{Size: s.small(), Order: order}
		intent := fmt.Sprintf("a walk in pages of %d", q.Size)
		if order != nil {
			intent += ", ordered by " + order[0].Field + ", where many items tie"
		}
		out = append(out, &testCase{
			subject: subjectOf(order), intent: intent + ": every item has to be met once", over: s, unsteady: true,
			steps: []step{s.all(contract.Query{}), s.walk(q, s.pagesOf(q.Size))},
			judge: func(rs []result) outcome {
				ls, bad := pagesOf(rs)
				if bad != nil {
					return *bad
				}
				for i, p := range ls[1].pages[1:] {
					if n := len(p.Items); q.Size > 0 && n > q.Size && len(ls[1].pages[0].Items) <= q.Size {
						return broken(ls[1].answers[i+1], fmt.Sprintf("%s on page %d", plural(n, "item"), i+2), fmt.Sprintf("at most %d, as on the first", q.Size)).
							because("the size is forgotten on later pages").signed("more than asked for on later pages")
					}
				}
				return judgeWalk(rs[1].answer(), ls[0], ls[1])
			},
		})
	}
	if size := s.border(); size > 0 {
		q := contract.Query{Size: size}
		out = append(out, &testCase{
			subject: "a last page of one", intent: fmt.Sprintf("a walk in pages of %d, so that one item stands on the last page: it has to be met", size), over: s, unsteady: true,
			steps: []step{s.all(contract.Query{}), s.walk(q, s.pagesOf(size))},
			judge: func(rs []result) outcome {
				ls, bad := pagesOf(rs)
				if bad != nil {
					return *bad
				}
				return judgeWalk(rs[1].answer(), ls[0], ls[1])
			},
		})
	}
	return out, ""
}

// border is a size of pages by which one item stands alone on the last of a few, where only the pages before it lead there; 0 if there is none.
func (s *listState) border() int {
	n := len(s.base.items) - 1
	if s.c.Paging.Style != contract.ByCursor || s.c.Paging.Size == "" || len(s.base.pages) == 0 {
		return 0
	}
	for pages := 1; pages <= 10; pages++ {
		if size := n / pages; n%pages == 0 && size >= s.least() && size <= len(s.base.pages[0].Items) && (s.large == 0 || size <= s.large) {
			return size
		}
	}
	return 0
}

// judgeWalk compares a walk with all items.
func judgeWalk(at *answer, all, walked *listed) outcome {
	if walked.moving() {
		return skip("the data changed meanwhile")
	}
	twice := repeated(walked.keys)
	missing := lacking(walked.keys, all.keys)
	switch {
	case walked.loops:
		return broken(at, "a link led back to a page that was read before", "an end").signed("the walk loops")
	case len(twice) > 0:
		o := broken(at, fmt.Sprintf("%s twice, such as %s, and %d not at all", plural(len(twice), "item"), cut(twice[0]), len(missing)), "every item once")
		if len(twice) == len(missing) {
			o = o.because("the count is right, and as many are repeated as missing: the sort key is not unique, so add one that is to break ties")
		}
		return o.signed("items repeated")
	case walked.capped:
		return skip("the list has grown meanwhile")
	case len(missing) > 0 && all.complete():
		return broken(at, fmt.Sprintf("%s not met, such as %s", plural(len(missing), "item"), cut(missing[0])), "every item once").signed("items lost")
	case walked.total != nil && len(walked.keys) != *walked.total:
		return broken(at, fmt.Sprintf("%s met, and a total of %d", plural(len(walked.keys), "item"), *walked.total), "as many as the total says").signed("total and items differ")
	case len(lacking(all.keys, walked.keys)) > 0 && all.complete():
		more := lacking(all.keys, walked.keys)
		return broken(at, fmt.Sprintf("%s that large pages do not have, such as %s", plural(len(more), "item"), cut(more[0])), "the same items, whatever the size").signed("other items")
	}
	return kept()
}

// moving tells whether the total changed during a walk.
func (l *listed) moving() bool {
	return slices.ContainsFunc(l.pages, func(p contract.Page) bool { return p.Total != nil && l.total != nil && *p.Total != *l.total })
}

// repeated gives the keys that come more than once.
func repeated(keys []string) []string {
	var out []string
	met := map[string]int{}
	for _, k := range keys {
		if met[k]++; met[k] == 2 {
			out = append(out, k)
		}
	}
	return out
}

// sameSet tells whether two lists of keys hold the same, in whatever order and however often.
func sameSet(a, b []string) bool { return len(lacking(a, b))+len(lacking(b, a)) == 0 }

// lacking gives those of some keys that others lack.
func lacking(in, of []string) []string {
	has := map[string]bool{}
	for _, k := range in {
		has[k] = true
	}
	var out []string
	for _, k := range of {
		if !has[k] {
			out = append(out, k)
		}
	}
	return out
}

func sameWalk(e *engine, s *listState) ([]*testCase, string) {
	if why := s.several(); why != "" {
		return none(why)
	}
	if s.base.capped {
		return none(fmt.Sprintf("the list has more than the %d items that are walked", e.target.MaxWalk))
	}
	if s.large == 0 {
		return none("no size can be asked for")
	}
	size := s.small()
	return append(s.deepPage(), &testCase{
		intent: fmt.Sprintf("walks in pages of %d and of %d: the items have to come in the same order", s.large, size), over: s,
		steps: []step{s.all(contract.Query{}), s.walk(contract.Query{Size: size}, s.pagesOf(size))},
		judge: func(rs []result) outcome {
			ls, bad := pagesOf(rs)
			if bad != nil {
				return *bad
			}
			if !sameSet(ls[0].keys, ls[1].keys) || len(ls[0].keys) != len(ls[1].keys) {
				return skip("the walks met different items, which is paging/complete's to judge")
			}
			if !slices.Equal(ls[0].keys, ls[1].keys) {
				o := broken(rs[1].answer(), difference(ls[0].keys, ls[1].keys), "the same order, whatever the size")
				return o.because("the sort key is not unique, and nothing breaks the ties").signed("another order at another size")
			}
			return kept()
		},
	}), ""
}

// deep asks for the last page of the smallest size, as far as the list was read, and says which of its items comes first there.
func (s *listState) deep() (q contract.Query, first int) {
	size := s.fewest()
	q = contract.Query{Size: size, Window: s.c.First(), Scope: s.scope}
	if size == 0 {
		size = len(s.base.pages[0].Items)
	}
	n := max((len(s.base.items)-1)/size, 1)
	if q.Window.Page += n; s.c.Paging.Style == contract.ByOffset {
		q.Window = contract.Window{Offset: n * size}
	}
	return q, n * size
}

// second asks for the second page of a query, which has a size; where pages are led to, it walks so many. A page that was not led to may be refused.
func (s *listState) second(q contract.Query, pages int) step {
	st := s.walk(q, pages)
	switch s.c.Paging.Style {
	case contract.ByPage:
		q.Window = contract.Window{Page: s.c.Paging.First + 1}
		st = s.page(q)
	case contract.ByOffset:
		q.Window = contract.Window{Offset: q.Size}
		st = s.page(q)
	}
	st.odd = s.c.Paging.Style != contract.ByCursor
	return st
}

// isDeep tells whether there is a last page of the smallest size that can be asked for at once.
func (s *listState) isDeep() bool {
	return (s.c.Paging.Style == contract.ByPage || s.c.Paging.Style == contract.ByOffset) && s.fewest() > 0 && len(s.base.items) > s.fewest() && s.steady
}

// deepPage makes a case of the last page of the smallest size: what is wrong behind so many pages only is not seen on three.
// An offset that is no multiple of the size is asked for, too: it counts items.
func (s *listState) deepPage() []*testCase {
	if !s.isDeep() {
		return nil
	}
	q, first := s.deep()
	cases := []*testCase{s.standsAt(q, first, "deep", fmt.Sprintf("a page of %d behind %d others: it has to have what stands there on large pages", q.Size, first/q.Size))}
	if size := max(s.fewest(), 2); s.c.Paging.Style == contract.ByOffset && len(s.base.items) >= 2*size {
		q.Size, q.Window = size, contract.Window{Offset: size - 1}
		cases = append(cases, s.standsAt(q, size-1, "uneven", fmt.Sprintf("%d items behind %d others, which is no multiple: it has to have what stands there on large pages", size, size-1)))
	}
	return cases
}

// standsAt makes a case of one page: it has the items that stand there among all, from the first on.
func (s *listState) standsAt(q contract.Query, first int, subject, intent string) *testCase {
	return &testCase{
		subject: subject, intent: intent, over: s,
		steps: []step{s.all(contract.Query{}), s.page(q)},
		judge: func(rs []result) outcome {
			ls, bad := pagesOf(rs)
			if bad != nil {
				return *bad
			}
			all, l := ls[0], ls[1]
			if !all.complete() || first >= len(all.keys) || differentTotal(all, l) {
				return skip("the data changed meanwhile")
			}
			want := all.keys[first:min(first+q.Size, len(all.keys))]
			if !slices.Equal(l.keys, want) {
				return broken(rs[1].answer(), fmt.Sprintf("%q", l.keys), fmt.Sprintf("%q", want)).signed("another page there")
			}
			return kept()
		},
	}
}

func sameCount(e *engine, s *listState) ([]*testCase, string) {
	if s.base.total == nil {
		return none("the list does not say its total")
	}
	steps := []step{s.page(contract.Query{Size: s.large}), s.page(contract.Query{})}
	if s.several() == "" {
		steps = append(steps, s.walk(contract.Query{Size: s.small()}, 2))
	}
	for _, order := range s.orders()[1:] {
		steps = append(steps, s.page(contract.Query{Order: order, Size: s.halves(order).asks.Size}))
	}
	return one(&testCase{
		intent: "the total on several pages, at several sizes and in several orders", over: s, steps: steps,
		judge: func(rs []result) outcome {
			ls, bad := pagesOf(rs)
			if bad != nil {
				return *bad
			}
			all := ls[0]
			for i, l := range ls {
				for k, p := range l.pages {
					if p.Total != nil && all.total != nil && *p.Total != *all.total {
						return broken(rs[i].answers[k], fmt.Sprintf("a total of %d here, and of %d on the largest page", *p.Total, *all.total), "the same total").signed("the total differs")
					}
				}
			}
			if all.total != nil && len(all.pages) == 1 && *all.total < len(all.items) {
				return broken(rs[0].answer(), fmt.Sprintf("a total of %d, and %s on this page alone", *all.total, plural(len(all.items), "item")), "a total of at least as many").signed("the total is too small")
			}
			return kept()
		},
	})
}
