package contracttest

import (
	"fmt"
	"slices"
	"strings"

	"understudy/internal/contract"
)

var filterRules = map[string]producer{
	"filter/sound":    onList(filterSound),
	"filter/complete": onList(filterComplete),
	"filter/none":     onList(filterNone),
	"filter/count":    onList(filterCount),
	"filter/paged":    onList(filterPaged),
	"filter/both":     onList(filterBoth),
	"filter/spelling": onList(filterSpelling),
	"filter/invalid":  onList(filterInvalid),
	"filter/empty":    onList(filterEmpty),
	"filter/unknown":  onList(filterUnknown),
}

// eachFilter makes a case for each value of each filter that can tell.
func eachFilter(s *listState, most int, make func(f *contract.Filter, ch choice) *testCase) ([]*testCase, string) {
	var out []*testCase
	var whys []string
	for i := range s.c.Filters {
		f := &s.c.Filters[i]
		chs := s.choices(f)
		if len(chs) == 0 {
			whys = append(whys, f.Param)
		}
		for _, ch := range chs[:min(len(chs), most)] {
			tc := make(f, ch)
			if tc == nil {
				continue
			}
			tc.subject, tc.over = f.Param+"="+strings.Join(ch.cond.Values, "&"), s
			out = append(out, tc)
		}
	}
	if whys != nil {
		return out, fmt.Sprintf("no value of %s is had by some items and not by others", strings.Join(whys, ", "))
	}
	if out == nil {
		return none("there is no filter that this can be asked of")
	}
	return out, ""
}

// doubtful tells whether it is only likely what a filter looks at, and an answer shows that it looks at something else.
func (s *listState) doubtful(f *contract.Filter, filtered, all *listed, q contract.Query) *outcome {
	if s.means(f) {
		return nil
	}
	fitting := s.c.Matcher(s.scoped(q))
	match := func(it contract.Item) bool {
		return fitting(it).Is || f.Op == contract.AllOf && slices.ContainsFunc(q.Filters[0].Values, func(one string) bool {
			return s.c.Matcher(s.scoped(conditions(contract.Condition{Param: f.Param, Values: []string{one}})))(it).Is
		})
	}
	ignored := len(filtered.keys) == len(all.keys)
	fits := 0
	for _, it := range filtered.items {
		if match(it) {
			fits++
		}
	}
	if !ignored && (fits == 0 || 2*fits < len(filtered.items)) {
		o := skip("%s most likely does not mean %s, as was taken from its name", f.Param, strings.Join(f.Path, "."))
		return &o
	}
	return nil
}

func filterSound(_ *engine, s *listState) ([]*testCase, string) {
	var parts []*testCase
	for i := range s.c.Filters {
		parts = append(parts, s.enumerated(&s.c.Filters[i])...)
		if part := s.part(&s.c.Filters[i]); part != "" {
			parts = append(parts, s.nothingFits(&s.c.Filters[i], part, "the beginning of a value that an item has, which is no item's whole value", "it looks for a part, not for the whole"))
		}
	}
	cases, why := eachFilter(s, mostValues, func(f *contract.Filter, ch choice) *testCase {
		q := conditions(ch.cond)
		return &testCase{
			intent: fmt.Sprintf("%s of the items have %s %s %s, and others do not", fmt.Sprint(ch.yes), strings.Join(f.Path, "."), f.Op, strings.Join(ch.cond.Values, ", ")),
			steps:  []step{s.all(contract.Query{}), s.all(q)},
			judge: func(rs []result) outcome {
				ls, bad := pagesOf(rs)
				if bad != nil {
					return *bad
				}
				if o := s.doubtful(f, ls[1], ls[0], q); o != nil {
					return *o
				}
				match := s.c.Matcher(s.scoped(q))
				for _, it := range ls[1].items {
					if v := match(it); v.Certain && !v.Is {
						o := broken(rs[1].answer(), fmt.Sprintf("an item whose %s is %s", strings.Join(f.Path, "."), cut(textOf(it.Value(f.Path)))), "only items that fit")
						return o.because(s.careless(f, ch, ls[1], ls[0])).signed("lets through what does not fit: " + s.careless(f, ch, ls[1], ls[0]))
					}
				}
				return kept()
			},
		}
	})
	return append(cases, parts...), why
}

func textOf(v contract.Value) string {
	switch v.Kind {
	case contract.Missing:
		return "absent"
	case contract.Null:
		return "null"
	}
	return v.Text
}

// careless says how a filter most likely compares that lets through too much.
func (s *listState) careless(f *contract.Filter, ch choice, got, all *listed) string {
	if len(got.keys) == len(all.keys) {
		return "the parameter " + f.Param + " is ignored"
	}
	value := strings.ToLower(ch.cond.Values[len(ch.cond.Values)-1])
	every := func(test func(text string) bool) bool {
		return !slices.ContainsFunc(got.items, func(it contract.Item) bool { return !test(strings.ToLower(it.Value(f.Path).Text)) })
	}
	switch {
	case f.Op != contract.Equal:
		return ""
	case every(func(text string) bool { return strings.HasPrefix(text, value) }):
		return "it compares the beginning, not the whole"
	case every(func(text string) bool { return strings.Contains(text, value) }):
		return "it looks for a part, not for the whole"
	case every(func(text string) bool { return text != value }):
		return "it is turned around"
	}
	return ""
}

func filterComplete(e *engine, s *listState) ([]*testCase, string) {
	return eachFilter(s, mostValues, func(f *contract.Filter, ch choice) *testCase {
		q := conditions(ch.cond)
		return &testCase{
			intent: fmt.Sprintf("%d of the items have %s %s %s: all of them have to come", ch.yes, strings.Join(f.Path, "."), f.Op, strings.Join(ch.cond.Values, ", ")),
			steps:  []step{s.all(contract.Query{}), s.all(q)},
			judge: func(rs []result) outcome {
				ls, bad := pagesOf(rs)
				if bad != nil {
					return *bad
				}
				if o := s.doubled(ls[1]); o != nil {
					return *o
				}
				if ls[1].capped {
					return skip("more items fit than the %d that are walked", e.target.MaxWalk)
				}
				if !s.means(f) && len(ls[1].items) == 0 {
					return skip("%s most likely does not mean %s, as was taken from its name", f.Param, strings.Join(f.Path, "."))
				}
				if o := s.doubtful(f, ls[1], ls[0], q); o != nil {
					return *o
				}
				if lost := s.lost(q, ls[0], ls[1]); len(lost) > 0 {
					return broken(rs[1].answer(), fmt.Sprintf("%s that fit are missing, such as %s", plural(len(lost), "item"), cut(lost[0])), "all that fit").signed("loses what fits")
				}
				return kept()
			},
		}
	})
}

// lost gives the keys of items that surely fit a query, and are not in its answer.
func (s *listState) lost(q contract.Query, all, got *listed) []string {
	match := s.c.Matcher(s.scoped(q))
	var fit []string
	for i, it := range all.items {
		if v := match(it); v.Certain && v.Is {
			fit = append(fit, all.keys[i])
		}
	}
	return lacking(got.keys, fit)
}

func filterCount(e *engine, s *listState) ([]*testCase, string) {
	return eachFilter(s, 1, func(_ *contract.Filter, ch choice) *testCase {
		q := conditions(ch.cond)
		return &testCase{
			intent: "the total of a filtered list, and how many items it has", steps: []step{s.all(q)},
			judge: func(rs []result) outcome {
				l, bad := pageOf(rs[0])
				switch {
				case bad != nil:
					return *bad
				case l.total == nil:
					return skip("the list does not say its total")
				case l.capped:
					return skip("more items fit than the %d that are walked", e.target.MaxWalk)
				case l.moving():
					return skip("the data changed meanwhile")
				case *l.total != len(l.items):
					o := broken(rs[0].answer(), fmt.Sprintf("a total of %d, and %s", *l.total, plural(len(l.items), "item")), "a total of what the filter lets through")
					if s.base.total != nil && *l.total == *s.base.total {
						o = o.because("the total is counted before the filter")
					}
					return o.signed("the total does not obey the filter")
				}
				return kept()
			},
		}
	})
}
