package contracttest

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"

	"understudy/internal/contract"
)

var orderRules = map[string]producer{
	"order/accepted":   onList(orderAccepted),
	"order/sorted":     onList(orderSorted),
	"order/observed":   onList(orderObserved),
	"order/same-items": onList(orderSameItems),
	"order/reversed":   onList(orderReversed),
	"order/default":    onList(orderDefault),
	"order/unknown":    onList(orderUnknown),
	"order/ties":       onList(orderTies),
}

// mostFields bounds by how many fields of one list it is ordered.
const mostFields = 12

// supposed is why a list that only a direction can be asked for is not judged by its order.
const supposed = "the document does not say what the direction orders"

func orderAccepted(_ *engine, s *listState) ([]*testCase, string) {
	var out []*testCase
	for _, field := range s.fields() {
		if !s.c.Declares(field) {
			continue
		}
		for _, order := range s.ways(field) {
			out = append(out, &testCase{
				subject: subjectOf(order), intent: "an ordering that the document offers", over: s,
				steps: []step{s.page(contract.Query{Size: s.large}), s.page(contract.Query{Size: s.halves(order).asks.Size, Order: order})},
				judge: func(rs []result) outcome {
					a := rs[1].answer()
					switch {
					case a.refused() && order[0].Desc && !s.c.Ordering.Spelled():
						return skip("how descending is written is not told")
					case rs[0].answer().ok() && !a.ok():
						return broken(a, a.says(), "a page in that order").signed("refused")
					}
					return kept()
				},
			})
		}
	}
	if out == nil {
		return none("the document does not say which names can be asked for")
	}
	return out, ""
}

// takes tells whether the server knows a field that the document does not name: it answers with a success, and differently in the other direction.
func takes(rs []result, declared bool) *outcome {
	if declared {
		return nil
	}
	last := rs[len(rs)-2:]
	if sameBeginning(last[0].list, last[1].list) {
		o := skip("the document does not name the field, and the server does not order by it")
		return &o
	}
	return nil
}

// sameBeginning tells whether two walks, one of which may be shorter, met the same items in the same order.
func sameBeginning(a, b *listed) bool {
	n := min(len(a.keys), len(b.keys))
	return slices.Equal(a.keys[:n], b.keys[:n])
}

// saysList finds what says, or shows, that several names may be given at once.
var saysList = regexp.MustCompile("(?i)\\bcommas?\\b|[`'\"][-+]?\\w+,[-+]\\w+[`'\"]|[`'\"][-+]\\w+,\\w+[`'\"]")

// byTwo makes a case of two fields at once, where the document says that several may be given: the second decides where the first ties.
func (s *listState) byTwo() []*testCase {
	p := s.c.List().Parameter("query", s.c.Ordering.Param)
	tying := s.tying()
	if p == nil || s.c.Ordering.Single || s.c.Ordering.Direction != "" || len(tying) == 0 || !s.c.Declares(tying[0]) || p.Schema.Type() != "array" && !saysList.MatchString(p.Description()) && sentence(s.about, regexp.MustCompile(`(?i)\b`+regexp.QuoteMeta(p.Name)+`\b`), saysList) == "" {
		return nil
	}
	first := tying[0]
	seconds := slices.Clone(s.fields())
	if s.c.Ordering.Nulls != "" { // those without a value have their place among those that tie, too
		slices.SortStableFunc(seconds, func(a, b string) int { return b2i(s.hasNulls(b)) - b2i(s.hasNulls(a)) })
	}
	for _, second := range seconds {
		order := []contract.Order{{Field: first}, {Field: second, Desc: true}}
		if second == first || !s.c.Declares(second) || !s.c.Ordering.Offers(order[1]) || !s.differs(second) {
			continue
		}
		byFirst, bySecond := s.judgeOf(order[:1]), s.judgeOf(order[1:])
		path, value := s.c.OrderPath(first), s.c.OrderPath(second)
		return []*testCase{{
			subject: first + ",-" + second, intent: fmt.Sprintf("a page ordered by %s and, where that ties, by %s downward", first, second), over: s,
			steps: []step{s.page(contract.Query{Order: order, Size: s.large})},
			judge: func(rs []result) outcome {
				l, bad := pageOf(rs[0])
				if bad != nil {
					return *bad
				}
				for i := 1; i < len(l.items); i++ {
					a, b := l.items[i-1], l.items[i]
					if n, sure := byFirst(a, b); n > 0 && sure {
						return misplaced(rs[0].answer(), &a, &b, path, "ordered by "+first+" first").signed("not in order of the first")
					}
					if none := a.Value(value).Kind <= contract.Null; s.c.Ordering.Nulls != "" && a.Value(path) == b.Value(path) && none != (b.Value(value).Kind <= contract.Null) && none != (s.c.Ordering.Nulls == "first") {
						return misplaced(rs[0].answer(), &a, &b, value, "what has no "+second+" "+s.c.Ordering.Nulls+" among those that have the same "+first).signed("nulls of the second stand elsewhere")
					}
					tie := a.Value(path).Kind > contract.Null && a.Value(path) == b.Value(path) && a.Value(value).Kind > contract.Null && b.Value(value).Kind > contract.Null
					if n, sure := bySecond(a, b); tie && n > 0 && sure {
						return broken(rs[0].answer(), fmt.Sprintf("%s before %s, which have the same %s", cut(a.Value(value).Text), cut(b.Value(value).Text), first), "ordered by "+second+" downward").
							because("only one name counts").signed("not in order of the second")
					}
				}
				return kept()
			},
		}}
	}
	return nil
}

// leastUnnamed is by how many properties, none of which the document names, a list has to be asked for before it may be said that it obeys no order at all.
const leastUnnamed = 3

// byNothing makes a case of all properties at once, where the document names none: at least one of them is ordered by. It is nil where too few surely differ.
func (s *listState) byNothing() []*testCase {
	tc := &testCase{subject: "any property", intent: "the list by each property, upward and downward: the document has a parameter for the order, so by some of them both have to differ", over: s}
	for _, field := range s.fields() {
		if s.c.Declares(field) || !s.c.Ordering.Offers(up(field)[0]) || !s.c.Ordering.Offers(down(field)[0]) {
			return nil
		}
		if s.differs(field) {
			tc.steps = append(tc.steps, s.halves(up(field)), s.halves(down(field)))
		}
	}
	if len(tc.steps) < 2*leastUnnamed || s.c.Ordering.Supposed() {
		return nil
	}
	tc.judge = func(rs []result) outcome {
		ls, bad := pagesOf(rs)
		if bad != nil {
			return *bad
		}
		for i := 0; i < len(ls); i += 2 {
			if !sameBeginning(ls[i], ls[i+1]) || !sameBeginning(ls[0], ls[i]) {
				return kept()
			}
		}
		return broken(rs[0].answer(), fmt.Sprintf("the same order by all of %d properties, both ways", len(ls)/2), "another order by one of them").because("the ordering is accepted, but ignored").signed("ordering ignored")
	}
	return []*testCase{tc}
}

func orderObserved(_ *engine, s *listState) ([]*testCase, string) {
	cases, why := s.eachObserved()
	if all := s.byNothing(); all != nil {
		return append(cases, all...), ""
	}
	return cases, why
}

// eachObserved makes a case of each field that the list can be ordered by: upward and downward are not the same.
func (s *listState) eachObserved() ([]*testCase, string) {
	return eachField(s, true, func(field string) *testCase {
		return &testCase{
			intent: fmt.Sprintf("the list by %s upward and downward: items differ in it, so both have to differ", field),
			steps:  []step{s.halves(up(field)), s.halves(down(field))},
			judge: func(rs []result) outcome {
				ls, bad := pagesOf(rs)
				if bad != nil {
					return *bad
				}
				if !sameBeginning(ls[0], ls[1]) {
					return kept()
				}
				if !s.c.Declares(field) && !s.obeys(field, ls[0]) {
					return skip("the document does not name the field, and the server does not order by it")
				}
				path := s.c.OrderPath(field)
				seen := ls[0].items[:min(len(ls[0].items), len(ls[1].items))]
				if !slices.ContainsFunc(seen, func(it contract.Item) bool { return it.Value(path).Kind > contract.Null }) {
					return skip("what was read begins both ways with items that have no %s", field)
				}
				return broken(rs[1].answer(), "the same order both ways", "another order").because("the ordering is accepted, but ignored").signed("ordering ignored")
			},
		}
	})
}

// obeys tells whether a list that was asked for upward by a field is in that order, and is not by itself: the server knows the field.
func (s *listState) obeys(field string, l *listed) bool {
	_, unsorted := firstUnsorted(l.items, s.judgeOf(up(field)))
	return unsorted == nil && s.tellsOrder(contract.Query{Order: up(field)})
}

func orderSameItems(e *engine, s *listState) ([]*testCase, string) {
	if s.base.capped {
		return none(fmt.Sprintf("the list has more than the %d items that are walked", e.target.MaxWalk))
	}
	return eachField(s, false, func(field string) *testCase {
		order := s.ways(field)[0]
		return &testCase{
			intent: fmt.Sprintf("everything, and everything ordered by %s", field), unsteady: true,
			steps: []step{s.all(contract.Query{}), s.halves(order)},
			judge: func(rs []result) outcome {
				ls, bad := pagesOf(rs)
				if bad != nil {
					return *bad
				}
				if !s.c.Declares(field) && len(ls[1].keys) == 0 {
					return skip("the document does not name the field")
				}
				return judgeWalk(rs[1].answer(), ls[0], ls[1])
			},
		}
	})
}

func orderReversed(_ *engine, s *listState) ([]*testCase, string) {
	if s.c.Ordering.Supposed() {
		return none(supposed)
	}
	return eachField(s, true, func(field string) *testCase {
		return &testCase{
			intent: fmt.Sprintf("the list by %s upward and downward: one is the other backwards", field),
			steps:  []step{s.halves(up(field)), s.halves(down(field))},
			judge: func(rs []result) outcome {
				ls, bad := pagesOf(rs)
				if bad != nil {
					return *bad
				}
				if o := takes(rs, s.c.Declares(field)); o != nil {
					return *o
				}
				place := map[string]int{}
				for i, k := range ls[1].keys {
					place[k] = i
				}
				compare, path := s.judgeOf(up(field)), s.c.OrderPath(field)
				for i := 1; i < len(ls[0].items); i++ {
					a, b := ls[0].items[i-1], ls[0].items[i]
					n, sure := compare(a, b)
					x, ok := place[ls[0].keys[i-1]]
					y, ok2 := place[ls[0].keys[i]]
					if n != 0 && sure && ok && ok2 && x < y && a.Value(path).Kind > contract.Null && b.Value(path).Kind > contract.Null {
						return broken(rs[1].answer(), fmt.Sprintf("%s before %s both ways", cut(a.Value(path).Text), cut(b.Value(path).Text)), "the other way round").signed("not backwards")
					}
				}
				return kept()
			},
		}
	})
}

func orderUnknown(_ *engine, s *listState) ([]*testCase, string) {
	param, value := s.c.Ordering.Asking("zz_understudy")
	if param == "" {
		return none("there is no parameter for a name")
	}
	out := []*testCase{s.unknownOrder("", param, value, "a name that no item has", nil)}
	const signs = `-,zz_understudy.x desc, '"(`
	if each := s.c.Ordering.Each; each != nil {
		return append(out, s.unknownOrder("signs", each[0].Param, signs, "what is no direction, but means something to a database", nil)), ""
	}
	known := ""
	var order []contract.Order // of the name beside them
	for _, field := range s.fields() {
		if by := up(field); s.c.Declares(field) && s.c.Ordering.Offers(by[0]) && (order == nil || !s.tellsOrder(contract.Query{Order: order})) {
			order = by
		}
	}
	if fields := s.fields(); order == nil && len(fields) > 0 {
		order = up(fields[0])
	}
	if order != nil {
		_, query := s.c.Encode(s.scoped(contract.Query{Order: order}))
		known = query.Get(param) + ","
	}
	return append(out, s.unknownOrder("signs", param, known+signs, "what is no name, or an empty one, but means something to a database", order)), ""
}

// unknownOrder makes a case of a name that nothing has, perhaps beside one of which the order is given.
func (s *listState) unknownOrder(subject, param, value, what string, beside []contract.Order) *testCase {
	told, refusal := "", sentence(s.about, ofOrders, promisesUnordered, promisesRefusal)
	if p := s.c.List().Parameter("query", param); p != nil {
		told, refusal = sentence(p.Description(), promisesDropped), cmp.Or(sentence(p.Description(), promisesUnordered, promisesRefusal), refusal)
	}
	st := s.page(contract.Query{Size: s.large})
	st.request = st.with(param, value)
	st.odd = true
	return &testCase{
		subject: subject, intent: "an ordering by " + what, over: s, steps: []step{s.page(contract.Query{Size: s.large}), st},
		judge: func(rs []result) outcome {
			a := rs[1].answer()
			switch {
			case a.failed():
				return broken(a, a.says(), "a refusal, or the default order").signed("an error of the server's")
			case a.ok() && refusal != "" && told == "":
				return broken(a, a.says(), "a refusal: "+refusal).signed("taken, though the document says that it is refused").asSaid(true)
			case a.ok() && rs[1].list.bad == "" && len(rs[1].list.items) == 0 && rs[0].list.bad == "" && len(rs[0].list.items) > 0:
				return broken(a, "no items", "a refusal, or the default order").signed("no items")
			case a.refused() && !a.unavailable() && told != "" && beside == nil && rs[0].answer().ok():
				return broken(a, a.says(), "the default order: "+told).signed("refused, though the document says that it is dropped").asSaid(true)
			case a.ok() && s.steady && rs[1].list.bad == "" && rs[0].list.bad == "" && told != "" && beside == nil && !slices.Equal(rs[1].list.keys, rs[0].list.keys) && !differentTotal(rs[0].list, rs[1].list):
				return broken(a, difference(rs[0].list.keys, rs[1].list.keys), "the order that nothing is asked for in: "+told).signed("an unknown name orders").asSaid(true)
			case a.ok() && rs[1].list.bad == "" && told != "" && beside != nil && !s.c.Ordering.Single && !s.c.Ordering.Supposed() && s.c.Declares(beside[0].Field):
				if x, y := firstUnsorted(rs[1].list.items, s.judgeOf(beside)); y != nil {
					return misplaced(a, x, y, s.c.OrderPath(beside[0].Field), "ordered by "+subjectOf(beside)+", which is left: "+told).
						because("one unknown name, and all others are dropped").signed("an unknown name drops the others").asSaid(true)
				}
			}
			return kept()
		},
	}
}
