package contracttest

import (
	"fmt"

	"understudy/internal/contract"
)

func orderDefault(_ *engine, s *listState) ([]*testCase, string) {
	if s.c.Ordering.Supposed() {
		return none(supposed)
	}
	var cases []*testCase
	if tc := s.undirected(); tc != nil {
		cases = append(cases, tc)
	}
	order := s.c.Ordering.Default
	if len(order) == 0 || !s.differs(order[0].Field) {
		if cases == nil {
			return none(fmt.Sprintf("no two of the %s surely differ in %s", plural(len(s.base.items), "item"), subjectOf(order)))
		}
		return cases, ""
	}
	return append(cases, &testCase{
		intent: "everything without an ordering: it has to come in the default order", over: s, steps: []step{s.all(contract.Query{})},
		judge: func(rs []result) outcome { return s.inOrder(rs[0], order, "", "another default order") },
	}), ""
}

// undirected makes a case of a field without a direction, where the document has a parameter for the direction, and a default of it; nil if it has none.
func (s *listState) undirected() *testCase {
	p := s.c.List().Parameter("query", s.c.Ordering.Direction)
	if p == nil || p.Schema == nil || p.Schema.Default() == nil {
		return nil
	}
	for _, field := range s.fields() {
		if !s.c.Declares(field) || !s.differs(field) || !s.c.Ordering.Offers(up(field)[0]) {
			continue
		}
		st := s.page(contract.Query{Order: up(field), Size: s.large})
		st.query.Set(p.Name, fmt.Sprint(decode(p.Schema.Default())))
		q, err := s.c.Parse(st.path, st.query)
		if err != nil || len(q.Order) != 1 || q.Order[0].Field != field {
			return nil
		}
		st.query.Del(p.Name)
		return &testCase{
			subject: field, intent: fmt.Sprintf("the list by %s without %s: it is ordered as with the default of that", field, p.Name), over: s, steps: []step{st},
			judge: func(rs []result) outcome { return s.inOrder(rs[0], q.Order, "", "another default direction") },
		}
	}
	return nil
}
