package contracttest

import (
	"fmt"
	"slices"
	"strings"

	"understudy/internal/contract"
)

// mostAgainst bounds how many filters are asked against all others.
const mostAgainst = 6

// against makes a case of each filter but one, with a value of another item beside the values that one item has of all others: nothing fits all, unless a filter
// is forgotten where another one is there.
func (s *listState) against(but string) (out []*testCase) {
	if !s.base.complete() {
		return nil
	}
	own := s.ownConditions()
	for i, cond := range own {
		if cond.Param == but || len(own) < 2 || len(out) == mostAgainst {
			continue
		}
		for _, values := range s.candidates(s.filterOf(cond.Param)) {
			other := contract.Condition{Param: cond.Param, Values: values}
			conds := slices.Clone(own)
			conds[i] = other
			q := contract.Query{Filters: conds, Size: s.large}
			if slices.Equal(values, cond.Values) || !s.canonical(other) || s.anyFits(q, s.base) {
				continue
			}
			out = append(out, s.opposed(cond.Param, q))
			break
		}
	}
	return out
}

// opposed makes a case of filters that nothing fits together, because of one of them.
func (s *listState) opposed(param string, q contract.Query) *testCase {
	return &testCase{
		subject: param + " against the others", over: s,
		intent: fmt.Sprintf("%s of one item, and the values that another has of %s: nothing fits all", param, strings.Join(othersOf(q.Filters, param), ", ")),
		steps:  []step{s.page(contract.Query{Size: s.large}), s.page(q)},
		judge: func(rs []result) outcome {
			if a := rs[1].answer(); a.refused() {
				return kept()
			}
			ls, bad := pagesOf(rs)
			if bad != nil {
				return *bad
			}
			match := s.c.Matcher(s.scoped(q))
			for i, it := range ls[1].items {
				if v := match(it); v.Certain && !v.Is {
					return broken(rs[1].answer(), fmt.Sprintf("%s, which does not fit all", cut(ls[1].keys[i])), "only what fits all").
						because("a filter is ignored where others are there").signed("lets through what does not fit all")
				}
			}
			return kept()
		},
	}
}

func othersOf(conds []contract.Condition, param string) (out []string) {
	for _, c := range conds {
		if c.Param != param {
			out = append(out, c.Param)
		}
	}
	return out
}

func (s *listState) filterOf(param string) *contract.Filter {
	return &s.c.Filters[slices.IndexFunc(s.c.Filters, func(f contract.Filter) bool { return f.Param == param })]
}

// ownConditions gives the values of one item for all filters for single values that surely look at what their names say: of the item that has most.
func (s *listState) ownConditions() (most []contract.Condition) {
	for _, it := range s.base.items[:min(len(s.base.items), 100)] {
		var own []contract.Condition
		for i := range s.c.Filters {
			f := &s.c.Filters[i]
			texts := f.Texts(it)
			if f.Op != contract.Equal || len(texts) != 1 || s.isAgain(f) || !s.means(f) {
				continue
			}
			cond := contract.Condition{Param: f.Param, Values: []string{s.spell(f, texts[0])}}
			if v := s.c.Matcher(s.scoped(conditions(cond)))(it); v.Is && v.Certain && s.canonical(cond) {
				own = append(own, cond)
			}
		}
		if len(own) > len(most) {
			most = own
		}
	}
	return most
}
