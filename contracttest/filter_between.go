package contracttest

import (
	"slices"

	"understudy/internal/contract"
)

// mostBetween bounds how many pairs of bounds are asked for, and how many values of each are looked at.
const (
	mostBetween = 4
	mostBounds  = 12
)

// between makes a case of each two filters that bound the same property from both sides: of items that lie outside on either side, none may come.
func (s *listState) between() (out []*testCase) {
	for i := range s.c.Filters {
		for j := range s.c.Filters {
			low, high := &s.c.Filters[i], &s.c.Filters[j]
			if !slices.Equal(low.Path, high.Path) || low.Op != contract.Greater && low.Op != contract.GreaterEqual || high.Op != contract.Less && high.Op != contract.LessEqual || len(out) == mostBetween {
				continue
			}
			if a, b, ok := s.bounds(low, high); ok {
				out = append(out, s.both(a, b))
			}
		}
	}
	return out
}

// bounds gives values of two filters that each keep out what the other lets through, as many on either side as can be; if possible, some items fit both.
func (s *listState) bounds(low, high *contract.Filter) (from, to narrowing, ok bool) {
	best := 0
	sides := func(f *contract.Filter) (out []narrowing) {
		for _, values := range s.candidates(f) {
			cond := contract.Condition{Param: f.Param, Values: values}
			if s.canonical(cond) && len(out) < mostBounds {
				out = append(out, s.narrowing(f.Param, conditions(cond)))
			}
		}
		return out
	}
	highs := sides(high)
	for _, a := range sides(low) {
		for _, b := range highs {
			within := a.and(b).count()
			if score := 2*min(a.without(b), b.without(a)) + min(within, 1); within > 0 && a.without(b) > 0 && b.without(a) > 0 && score > best {
				from, to, ok, best = a, b, true, score
			}
		}
	}
	return from, to, ok
}
