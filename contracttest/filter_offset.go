package contracttest

import (
	"fmt"
	"slices"
	"time"

	"understudy/internal/contract"
)

// offsets are differences to UTC in which a moment is asked for, in hours.
var offsets = []int{-3, 2, 14, -12}

// otherOffset makes a case of a moment in another offset than UTC (RFC 3339 §5.6), if possible one that finds something else where the offset is lost: for the
// first filter of which the document says that offsets make no difference, else for the first that takes date-times.
func (s *listState) otherOffset() []*testCase {
	var out []*testCase
	for _, promised := range []bool{true, false} {
		for i := range s.c.Filters {
			f := &s.c.Filters[i]
			p := s.c.List().Parameter("query", f.Param)
			if promised && !promisesOffsets.MatchString(p.Description()) || !promised && (p.Schema == nil || p.Schema.Format() != "date-time") {
				continue
			}
			for _, ch := range s.choices(f) {
				at, err := contract.ParseInstant(ch.cond.Values[0])
				if err != nil || len(ch.cond.Values) != 1 {
					continue
				}
				tells := func(hours int) bool {
					lost := ch.cond
					lost.Values = []string{s.spell(f, at.Add(time.Duration(hours)*time.Hour).Format(time.RFC3339Nano))}
					return s.narrowing("", conditions(lost)).count() != s.narrowing("", conditions(ch.cond)).count()
				}
				hours := offsets[max(slices.IndexFunc(offsets, tells), 0)]
				out = append(out, s.inOffset(f, ch.cond, at.In(time.FixedZone("", hours*60*60)), promised))
				return out
			}
		}
	}
	return out
}

func (s *listState) inOffset(f *contract.Filter, cond contract.Condition, at time.Time, promised bool) *testCase {
	q := conditions(cond)
	st := s.all(conditions(contract.Condition{Param: f.Param, Values: []string{at.Format(time.RFC3339Nano)}}))
	st.odd = !promised
	return &testCase{
		subject: f.Param + " in another offset", intent: "the same moment in UTC and in another offset", over: s, steps: []step{s.all(q), st},
		judge: func(rs []result) outcome {
			if a := rs[1].answer(); rs[0].answer().ok() && !a.ok() {
				if !promised && a.refused() {
					return kept()
				}
				return broken(a, a.says(), "the same items as in UTC").signed("offsets are refused")
			}
			ls, bad := pagesOf(rs)
			if bad != nil {
				return *bad
			}
			if !ls[0].capped && !ls[1].capped && !sameSet(ls[0].keys, ls[1].keys) {
				return broken(rs[1].answer(), fmt.Sprintf("%s, and %d in UTC", plural(len(ls[1].keys), "item"), len(ls[0].keys)), "the same items").because("moments are compared as texts").signed("offsets matter")
			}
			return kept()
		},
	}
}
