package contracttest

import (
	"fmt"
	"slices"
	"strings"

	"understudy/internal/contract"
)

// severalAtOnce makes a case of two values at once, for a filter by what an array holds of which the document says that it takes several: what comes has both, or all
// comes that has one of them. Which of the two is for the server to say; but each value counts.
func (s *listState) severalAtOnce(f *contract.Filter) *testCase {
	p := s.c.List().Parameter("query", f.Param)
	if f.Op != contract.Equal || p == nil || !s.means(f) || !saysList.MatchString(p.Description()) {
		return nil
	}
	first, second, ok := s.twoValues(f)
	if !ok {
		return nil
	}
	cond := contract.Condition{Param: f.Param, Values: s.listed(f, first, second)}
	return &testCase{
		subject: f.Param + "=" + cond.Values[0], over: s, intent: fmt.Sprintf("%s and %s at once: what comes has both, or all comes that has one", first, second),
		steps: []step{s.all(contract.Query{}), s.all(conditions(cond))},
		judge: func(rs []result) outcome {
			ls, bad := pagesOf(rs)
			if bad != nil {
				return *bad
			}
			if ls[1].capped || !ls[0].complete() {
				return skip("more items fit than are walked")
			}
			has := func(value string) func(contract.Item) bool {
				match := s.c.Matcher(s.scoped(conditions(contract.Condition{Param: f.Param, Values: []string{value}})))
				return func(it contract.Item) bool { return match(it).Is }
			}
			a, b := has(first), has(second)
			var either, both []string
			for i, it := range ls[0].items {
				if a(it) || b(it) {
					either = append(either, ls[0].keys[i])
				}
				if a(it) && b(it) {
					both = append(both, ls[0].keys[i])
				}
			}
			if sameSet(ls[1].keys, either) || sameSet(ls[1].keys, both) {
				return kept()
			}
			return broken(rs[1].answer(), plural(len(ls[1].keys), "item"), fmt.Sprintf("the %d that have both, or the %d that have one", len(both), len(either))).
				because("one of several values does not count").signed("several values")
		},
	}
}

// twoValues gives two values of what arrays of items hold such that some items have only the one, and others only the other.
func (s *listState) twoValues(f *contract.Filter) (first, second string, ok bool) {
	texts := make([][]string, len(s.base.items))
	var values []string
	for i, it := range s.base.items {
		texts[i] = f.Texts(it)
		if it.Value(f.Path).Kind != contract.Other {
			continue
		}
		for _, text := range texts[i] {
			if !slices.Contains(values, text) && !strings.Contains(text, ",") && len(values) < 10 {
				values = append(values, text)
			}
		}
	}
	for i, a := range values {
		for _, b := range values[i+1:] {
			one, other := false, false
			for _, has := range texts {
				one = one || slices.Contains(has, a) && !slices.Contains(has, b)
				other = other || slices.Contains(has, b) && !slices.Contains(has, a)
			}
			if one && other {
				return a, b, true
			}
		}
	}
	return "", "", false
}
