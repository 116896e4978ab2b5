package contracttest

import (
	"context"
	"slices"

	"understudy/internal/contract"
)

// mostProofs bounds by how many values it is found out what one filter looks at.
const mostProofs = 4

// means tells whether a filter surely looks at the property that was taken for it: by its name, or because answers showed it.
func (s *listState) means(f *contract.Filter) bool { return f.Named() || s.proven[f.Param] }

// calibrate finds out of filters whose names only make likely what they look at whether they do: if just the items come that have a value there, and others do not.
func (e *engine) calibrate(ctx context.Context, s *listState) {
	s.proven = map[string]bool{}
	if s.base.bad != "" || !s.base.complete() {
		return
	}
	for i := range s.c.Filters {
		f := &s.c.Filters[i]
		if f.Named() || f.Op != contract.Equal {
			continue
		}
		values := s.candidates(f)
		for _, v := range values[:min(len(values), mostProofs)] {
			q := conditions(contract.Condition{Param: f.Param, Values: v})
			fits := s.narrowing("", q).count()
			if !s.canonical(q.Filters[0]) || fits == 0 || fits == len(s.base.items) {
				continue
			}
			st := s.all(q)
			st.odd = true
			l := e.walk(ctx, &st, nil, false).list
			match := s.c.Matcher(s.scoped(q))
			if l.complete() && len(l.items) == fits && !slices.ContainsFunc(l.items, func(it contract.Item) bool { return !match(it).Is }) {
				s.proven[f.Param] = true
				break
			}
		}
	}
}
