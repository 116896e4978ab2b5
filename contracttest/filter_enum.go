package contracttest

import (
	"fmt"
	"slices"
	"strings"

	"understudy/internal/contract"
)

// enumerated makes cases of what a filter's enumeration says besides the values that items have: one that none has, and one that stands for all.
func (s *listState) enumerated(f *contract.Filter) []*testCase {
	p := s.c.List().Parameter("query", f.Param)
	if f.Op != contract.Equal || !s.means(f) || p == nil || p.Schema == nil || len(p.Schema.Enum()) == 0 || len(s.base.items) == 0 {
		return nil
	}
	var out []*testCase
	if usual, _, ok := f.Unasked(); ok && slices.Contains(s.unfiltered, f.Param) {
		out = append(out, s.countsUnasked(f, usual))
	}
	own := s.enumOf(f.Path)
	unheld := false
	for _, v := range p.Schema.Enum() {
		value, ok := v.(string)
		cond := contract.Condition{Param: f.Param, Values: []string{value}}
		switch {
		case !ok || !s.canonical(cond):
		case !slices.Contains(own, value) && (value == "all" || value == "any") && len(own) > 0:
			out = append(out, s.standsForAll(f, cond))
		case slices.Contains(own, value) && !unheld && !s.anyFits(conditions(cond), s.base):
			unheld = true
			tc := s.onlyFitting(f, s.page(contract.Query{Filters: []contract.Condition{cond}, Size: s.large}), conditions(cond))
			tc.subject, tc.intent = f.Param+"="+value, fmt.Sprintf("a value of %s that no item of the list has: only items that have it come, if any", f.Param)
			out = append(out, tc)
		}
	}
	return out
}

// onlyFitting makes a case of a list that may have nothing but what fits a query.
func (s *listState) onlyFitting(f *contract.Filter, st step, q contract.Query) *testCase {
	return &testCase{
		over: s, steps: []step{st},
		judge: func(rs []result) outcome {
			l, bad := pageOf(rs[0])
			if bad != nil {
				return *bad
			}
			match := s.c.Matcher(s.scoped(q))
			for _, it := range l.items {
				if v := match(it); v.Certain && !v.Is {
					return broken(rs[0].answer(), fmt.Sprintf("an item whose %s is %s", strings.Join(f.Path, "."), cut(textOf(it.Value(f.Path)))), "only items that fit").signed("lets through what does not fit: ")
				}
			}
			if more := lacking(s.base.keys, l.keys); len(more) > 0 && s.base.complete() && slices.Contains(s.unfiltered, f.Param) {
				return broken(rs[0].answer(), fmt.Sprintf("%s that are not among all of the list, such as %s", plural(len(more), "item"), cut(more[0])), "items of the list").signed("all are not all")
			}
			return kept()
		},
	}
}

// standsForAll makes a case of a value that stands for all of a property's: the list has no item that it lacks.
func (s *listState) standsForAll(f *contract.Filter, cond contract.Condition) *testCase {
	return &testCase{
		subject: f.Param + "=" + cond.Values[0], over: s, intent: "all items, whatever they have there: those of the list are among them",
		steps: []step{s.unasked().all(contract.Query{}), s.all(conditions(cond))},
		judge: func(rs []result) outcome {
			ls, bad := pagesOf(rs)
			if bad != nil {
				return *bad
			}
			if lost := lacking(ls[1].keys, ls[0].keys); len(lost) > 0 && ls[1].complete() {
				return broken(rs[1].answer(), fmt.Sprintf("%s of the list are missing, such as %s", plural(len(lost), "item"), cut(lost[0])), "all items").signed("all are not all")
			}
			return kept()
		},
	}
}

// countsUnasked makes a case of a filter that is not asked for: the document's default counts, so what fits it comes, and nothing else.
func (s *listState) countsUnasked(f *contract.Filter, usual contract.Condition) *testCase {
	q := conditions(usual)
	return &testCase{
		subject: f.Param, over: s, intent: fmt.Sprintf("the list without %s: %s counts, which is its default", f.Param, usual.Values[0]), steps: []step{s.all(contract.Query{}), s.unasked().all(contract.Query{})},
		judge: func(rs []result) outcome {
			ls, bad := pagesOf(rs)
			if bad != nil {
				return *bad
			}
			match := s.c.Matcher(s.scoped(q))
			for _, it := range ls[1].items {
				if v := match(it); v.Certain && !v.Is {
					return broken(rs[1].answer(), fmt.Sprintf("an item whose %s is %s", strings.Join(f.Path, "."), cut(textOf(it.Value(f.Path)))), "only items that fit the default").signed("the default of a filter does not count")
				}
			}
			if lost := s.lost(q, ls[0], ls[1]); len(lost) > 0 && !ls[1].capped {
				return broken(rs[1].answer(), fmt.Sprintf("%s that fit the default are missing, such as %s", plural(len(lost), "item"), cut(lost[0])), "all that fit the default").signed("the default of a filter loses what fits")
			}
			return kept()
		},
	}
}
