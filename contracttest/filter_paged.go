package contracttest

import (
	"fmt"
	"slices"

	"understudy/internal/contract"
)

// filterPaged walks through what the filter that lets the most through leaves, and asks for a page past the end of what all the others leave.
func filterPaged(e *engine, s *listState) ([]*testCase, string) {
	if s.c.Paging.Size == "" {
		return none("no size can be asked for")
	}
	widest, size := s.widest()
	cases, why := eachFilter(s, mostChoices, func(_ *contract.Filter, ch choice) *testCase {
		if size == 0 || !slices.Equal(ch.cond.Values, widest.cond.Values) || ch.cond.Param != widest.cond.Param {
			return nil // all others are cut by the same code
		}
		q := conditions(ch.cond)
		small := q
		small.Size = size
		return &testCase{
			intent: fmt.Sprintf("a filtered list whole, and in pages of %d", small.Size), unsteady: true,
			steps: []step{s.all(q), s.walk(small, s.pagesOf(small.Size))},
			judge: func(rs []result) outcome {
				ls, bad := pagesOf(rs)
				if bad != nil {
					return *bad
				}
				if ls[0].capped {
					return skip("more items fit than the %d that are walked", e.target.MaxWalk)
				}
				if more := lacking(ls[0].keys, ls[1].keys); len(more) > 0 && ls[0].complete() {
					return broken(rs[1].answer(), fmt.Sprintf("%s that the filtered list does not have, such as %s", plural(len(more), "item"), cut(more[0])), "nothing but what fits").
						because("the filter is forgotten behind the first page").signed("a later page is not filtered")
				}
				if o := s.unevenly(ls[1]); o != nil {
					return *o
				}
				if o := s.judgeNumbers(small, ls[1]); o.verdict == Broken && !ls[1].moving() {
					return o.because("the filter is forgotten where pages are counted")
				}
				return judgeWalk(rs[1].answer(), ls[0], ls[1])
			},
		}
	})
	walked := ""
	if len(cases) > 0 {
		walked = widest.cond.Param
	}
	return append(cases, s.laterPages(walked)...), why
}

// unevenly gives the outcome that pages before the last have fewer items than the first though more are to come: the list is cut before it is filtered.
func (s *listState) unevenly(l *listed) *outcome {
	if s.c.Paging.Style != contract.ByPage || l.total == nil || l.moving() {
		return nil
	}
	for i := 1; i+1 < len(l.pages); i++ {
		if n, first := len(l.pages[i].Items), len(l.pages[0].Items); n != first {
			o := broken(l.answers[i], fmt.Sprintf("%s on page %d, %d on the first, and more to come", plural(n, "item"), i+1, first), "full pages before the last").
				because("the list is cut into pages before it is filtered").signed("pages are cut before they are filtered")
			return &o
		}
	}
	return nil
}

// widest gives the filter's value that lets the most through, and a size that cuts that into pages; 0: nothing lets enough through.
func (s *listState) widest() (best choice, size int) {
	for i := range s.c.Filters {
		for _, ch := range s.choices(&s.c.Filters[i]) {
			if ch.yes > best.yes {
				best = ch
			}
		}
	}
	if best.yes < 3 || s.c.Paging.Size == "" {
		return best, 0
	}
	return best, max(min((best.yes+1)/2, max(s.small(), 1)), s.least())
}

// laterPages asks for the second half of all that fits some filters at once: were one of them forgotten there, it would have other items; were the list cut into pages
// before it is filtered, more or fewer. As many filters are asked for together as each of them would be missed; the one whose pages are walked anyway is left out.
func (s *listState) laterPages(walked string) []*testCase {
	if s.c.Paging.Style == contract.NoPaging {
		return nil
	}
	left := slices.DeleteFunc(s.narrowings(), func(n narrowing) bool { return n.name == walked })
	var out []*testCase
	for len(left) > 0 {
		group, rest := left[:1:1], []narrowing(nil)
		for _, n := range left[1:] {
			with := append(group[:len(group):len(group)], n)
			if s.missed(with) && (s.cutShows(with) || !s.cutShows(group) && !s.cutShows([]narrowing{n})) {
				group = with
			} else {
				rest = append(rest, n)
			}
		}
		if left = rest; s.missed(group) {
			out = append(out, s.later(group))
		}
	}
	return out
}

// allOf asks for everything that some ask for, and gives the size of the first half of it.
func (s *listState) allOf(group []narrowing) (all narrowing, size int) {
	all = group[0]
	for _, n := range group[1:] {
		all = all.and(n)
	}
	return all, max((all.count()+1)/2, s.least())
}

// forgotten gives what would stand on the second page if one of some filters were forgotten: of each item whether that one lets it through.
func (s *listState) forgotten(group []narrowing, i, size int) (fits []bool) {
	rest := slices.Concat(group[:i], group[i+1:])
	for at := range s.base.items {
		if !slices.ContainsFunc(rest, func(n narrowing) bool { return !n.fits[at] }) {
			fits = append(fits, group[i].fits[at])
		}
	}
	return fits[min(size, len(fits)):min(2*size, len(fits))]
}

// missed tells whether each of some filters, were it forgotten on a later page, would let other items through there.
func (s *listState) missed(group []narrowing) bool {
	all, size := s.allOf(group)
	if s.large > 0 && size > s.large || s.c.Paging.Style == contract.ByCursor && size >= all.count() {
		return false
	}
	for i := range group {
		if !slices.Contains(s.forgotten(group, i, size), false) {
			return false
		}
	}
	return true
}

// cutShows tells whether with each of some filters the second page would have more items or fewer, were the list cut into pages before that one is looked at.
func (s *listState) cutShows(group []narrowing) bool {
	all, size := s.allOf(group)
	for i := range group {
		n := 0
		for _, fits := range s.forgotten(group, i, size) {
			n += b2i(fits)
		}
		if n == all.count()-size {
			return false
		}
	}
	return true
}

// later makes the case of a later page of some filters.
func (s *listState) later(group []narrowing) *testCase {
	all, size := s.allOf(group)
	q := all.ask
	q.Size = size
	st := s.second(q, 5) // two, unless a filter is forgotten
	match := s.c.Matcher(s.scoped(all.ask))
	whole := s.c.Paging.Style != contract.ByCursor && s.base.complete() && !slices.ContainsFunc(s.base.items, func(it contract.Item) bool { return !match(it).Certain })
	return &testCase{
		subject: "later " + all.name, over: s, intent: fmt.Sprintf("a later page of a filtered list, which %s: no filter may be forgotten there", plural(all.count(), "item")+" fit"),
		steps: []step{s.all(all.ask), st},
		judge: func(rs []result) outcome {
			if a := rs[1].answer(); a.refused() {
				return kept()
			}
			ls, bad := pagesOf(rs)
			if bad != nil {
				return *bad
			}
			l := ls[1]
			for i, it := range l.items {
				if v := match(it); v.Certain && !v.Is {
					return broken(rs[1].answer(), fmt.Sprintf("%s, which does not fit", cut(l.keys[i])), "nothing but what fits").because("the filter is forgotten behind the first page").signed("a later page is not filtered")
				}
			}
			if want := max(all.count()-size, 0); whole && len(ls[0].items) == all.count() && len(l.items) != want {
				return broken(rs[1].answer(), fmt.Sprintf("%s on the second page of %d", plural(len(l.items), "item"), size), fmt.Sprintf("%d: %d fit", want, all.count())).
					because("the list is cut into pages before it is filtered").signed("pages are cut before they are filtered")
			}
			return kept()
		},
	}
}
