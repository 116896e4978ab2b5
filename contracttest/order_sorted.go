package contracttest

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"understudy/internal/contract"
)

func orderSorted(_ *engine, s *listState) ([]*testCase, string) {
	if s.c.Ordering.Supposed() {
		return none(supposed)
	}
	cases, why := eachField(s, false, func(field string) *testCase {
		tc := &testCase{intent: fmt.Sprintf("everything, ordered by %s", field)}
		ways := s.ways(field)
		for _, order := range ways {
			tc.steps = append(tc.steps, s.halves(order))
		}
		tc.judge = func(rs []result) outcome {
			ls, bad := pagesOf(rs)
			if bad != nil {
				return *bad
			}
			if len(ways) == 2 {
				if o := takes(rs, s.c.Declares(field)); o != nil {
					return *o
				}
			} else if !s.c.Declares(field) {
				return skip("the document does not name the field")
			}
			for i, order := range ways {
				path := s.c.OrderPath(field)
				if among := nullsAmong(ls[i].items, path); among && s.base.complete() {
					return broken(rs[i].answer(), "items without a value stand among those that have one", "all of them first, or all of them last").signed("nulls among the others")
				}
				if a, b := firstUnsorted(ls[i].items, s.judgeOf(order)); b != nil {
					o := misplaced(rs[i].answer(), a, b, path, "ordered by "+subjectOf(order))
					if a.Value(path).Kind == contract.Number && ls[i].sortedAsText(path, order[0].Desc) {
						o = o.because("numbers are compared as text")
					} else if len(ls[i].pages) > 1 && s.sortedPages(ls[i], order) {
						o = o.because("each page is ordered by itself, after it was cut")
					}
					return o.signed("not in order")
				}
				if a, b := s.untied(ls[i].items, path); (!order[0].Desc || s.c.Ordering.TiesUpward()) && b != nil { // downward ties may be turned, too
					tie := []string{s.c.Ordering.Tie()}
					return misplaced(rs[i].answer(), a, b, tie, fmt.Sprintf("the other way round: they have the same %s, and the document says that ties are broken by %s", strings.Join(path, "."), tie[0])).
						because("nothing decides between equal ones, or something else does").signed("ties are not broken as said").asSaid(true)
				}
				if a, b := mixed(ls[i].items, path, order[0].Desc); b != nil {
					return misplaced(rs[i].answer(), a, b, path, "texts that are numbers ordered as numbers, or as texts throughout").signed("not in order")
				}
			}
			return kept()
		}
		return tc
	})
	if tc := s.orderedToo(); tc != nil {
		cases = append(cases, tc)
	}
	if tc := s.orderedSearch(); tc != nil {
		cases = append(cases, tc)
	}
	return append(cases, s.byTwo()...), why
}

// orderedSearch makes a case of a later page of a search, in an order: as it is asked for anyway; nil if it is not.
func (s *listState) orderedSearch() *testCase {
	ws := named(s.witnesses())
	if s.c.Search.Param == "" || len(ws) == 0 {
		return nil
	}
	q, ok := s.laterSearch(s.manyHave().word)
	if !ok || !s.tellsOrder(q) {
		return nil
	}
	return &testCase{
		subject: s.c.Search.Param + "&" + subjectOf(q.Order), over: s,
		intent: fmt.Sprintf("what a search finds, ordered by %s: both count", subjectOf(q.Order)), steps: []step{s.second(q, 2)},
		judge: func(rs []result) outcome {
			return s.inOrder(rs[0], q.Order, "the order is forgotten where there is a search", "a search drops the order")
		},
	}
}

// orderedToo makes a case of a filter and an order at once; nil if there is no filter of which some items surely stand in another order.
func (s *listState) orderedToo() *testCase {
	asked, ok := s.oddlySpelled() // which is asked for anyway
	if ok && !s.tellsOrder(asked.asks) {
		widest, _ := s.widest()
		asked = s.page(s.ordered(contract.Query{Filters: []contract.Condition{widest.cond}, Size: s.large}))
	}
	if !ok || !s.tellsOrder(asked.asks) {
		return nil
	}
	order := asked.asks.Order
	return &testCase{
		subject: asked.asks.Filters[0].Param + "&" + subjectOf(order), over: s,
		intent: fmt.Sprintf("what fits a filter, ordered by %s: both count", subjectOf(order)), steps: []step{asked},
		judge: func(rs []result) outcome {
			return s.inOrder(rs[0], order, "the order is forgotten where there is a filter", "a filter drops the order")
		},
	}
}

// inOrder judges whether what was read is in an order. If it is not, the cause may be known, or "".
func (s *listState) inOrder(r result, order []contract.Order, cause, sign string) outcome {
	l, bad := pageOf(r)
	if bad != nil {
		return *bad
	}
	if a, b := firstUnsorted(l.items, s.judgeOf(order)); b != nil {
		return misplaced(r.answer(), a, b, s.c.OrderPath(order[0].Field), "ordered by "+subjectOf(order)).because(cause).signed(sign)
	}
	return kept()
}

// misplaced is the outcome that one item stands before another, by what they have at a path.
func misplaced(at *answer, a, b *contract.Item, path []string, want string) outcome {
	text := func(v contract.Value) string {
		if v.Kind <= contract.Null {
			return "null"
		}
		return cut(v.Text)
	}
	return broken(at, fmt.Sprintf("%s before %s", text(a.Value(path)), text(b.Value(path))), want)
}

// tellsOrder tells whether the items that fit a query's filters stand otherwise in the list than they are ordered.
func (s *listState) tellsOrder(q contract.Query) bool {
	if q.Order == nil || s.c.Ordering.Supposed() {
		return false
	}
	match := s.c.Matcher(s.scoped(contract.Query{Filters: q.Filters, Search: q.Search}))
	var fit []contract.Item
	for _, it := range s.base.items {
		if match(it).Is {
			fit = append(fit, it)
		}
	}
	_, b := firstUnsorted(fit, s.judgeOf(q.Order))
	return b != nil
}

// mixed gives two items in the wrong order, if all that items have at a property are texts that are numbers, and they are ordered neither as numbers nor as any text.
func mixed(items []contract.Item, path []string, desc bool) (a, b *contract.Item) {
	var with []contract.Item
	for _, it := range items {
		v := it.Value(path)
		if v.Kind <= contract.Null {
			continue
		}
		if _, err := strconv.ParseFloat(v.Text, 64); v.Kind != contract.String || err != nil {
			return nil, nil
		}
		with = append(with, it)
	}
	number := func(text string) float64 { f, _ := strconv.ParseFloat(text, 64); return f }
	digits := strings.NewReplacer(".", "", "-", "", "+", "")
	for _, compare := range []func(x, y string) int{
		func(x, y string) int { return strings.Compare(x, y) },
		func(x, y string) int { return strings.Compare(digits.Replace(x), digits.Replace(y)) }, // where signs do not count
		func(x, y string) int { return cmp.Compare(number(x), number(y)) },
	} {
		a, b = firstUnsorted(with, func(x, y contract.Item) (int, bool) {
			n := compare(x.Value(path).Text, y.Value(path).Text)
			if desc {
				n = -n
			}
			return n, true
		})
		if b == nil {
			return nil, nil
		}
	}
	return a, b
}

// nullsAmong tells whether items that have no value at a property have items with one both before and behind them.
func nullsAmong(items []contract.Item, path []string) bool {
	changes, was := 0, false
	for i, it := range items {
		null := it.Value(path).Kind <= contract.Null
		if i > 0 && null != was {
			changes++
		}
		was = null
	}
	return changes > 1
}

// firstUnsorted gives two items that surely are in the wrong order, if there are any.
func firstUnsorted(items []contract.Item, compare func(a, b contract.Item) (int, bool)) (a, b *contract.Item) {
	most := -1 // the greatest so far
	for i := range items {
		if most < 0 {
			most = i
			continue
		}
		n, sure := compare(items[most], items[i])
		switch {
		case n > 0 && sure:
			return &items[most], &items[i]
		case n < 0 && sure:
			most = i
		}
		if n, sure := compare(items[i-1], items[i]); n > 0 && sure {
			return &items[i-1], &items[i]
		}
	}
	return nil, nil
}

// untied gives two items, one behind the other, that have the same value, and stand in another order than that of what the document says breaks ties; nil: there are none.
func (s *listState) untied(items []contract.Item, path []string) (a, b *contract.Item) {
	tie := []string{s.c.Ordering.Tie()}
	if tie[0] == "" || slices.Equal(path, tie) {
		return nil, nil
	}
	for i := 1; i < len(items); i++ {
		x, y := items[i-1].Value(path), items[i].Value(path)
		if x.Kind <= contract.Null || x.Kind != y.Kind || x.Text != y.Text {
			continue
		}
		first, second := items[i-1].Value(tie).Text, items[i].Value(tie).Text
		m, err := strconv.ParseFloat(first, 64)
		n, err2 := strconv.ParseFloat(second, 64)
		if err == nil && err2 == nil && m > n || (err != nil || err2 != nil) && first > second {
			return &items[i-1], &items[i]
		}
	}
	return nil, nil
}

func (l *listed) sortedAsText(path []string, desc bool) bool {
	return slices.IsSortedFunc(l.items, func(a, b contract.Item) int {
		n := strings.Compare(a.Value(path).Text, b.Value(path).Text)
		if desc {
			return -n
		}
		return n
	})
}

// sortedPages tells whether each page is in order by itself.
func (s *listState) sortedPages(l *listed, order []contract.Order) bool {
	return !slices.ContainsFunc(l.pages, func(p contract.Page) bool {
		_, b := firstUnsorted(p.Items, s.judgeOf(order))
		return b != nil
	})
}

func orderTies(_ *engine, s *listState) ([]*testCase, string) {
	var out []*testCase
	for _, field := range s.tying() {
		q := contract.Query{Size: s.halves(up(field)).asks.Size, Order: up(field)}
		again := s.page(q)
		again.nth = 1
		out = append(out, &testCase{
			subject: field, intent: fmt.Sprintf("the list by %s twice: items that tie have to stay where they are", field), over: s, unsteady: true,
			steps: []step{s.page(q), again},
			judge: func(rs []result) outcome {
				ls, bad := pagesOf(rs)
				if bad != nil {
					return *bad
				}
				if !slices.Equal(ls[0].keys, ls[1].keys) && !differentTotal(ls[0], ls[1]) {
					return broken(rs[1].answer(), difference(ls[0].keys, ls[1].keys), "the same order").because("nothing breaks the ties").signed("ties move")
				}
				return kept()
			},
		})
	}
	if out == nil {
		return none("no two items tie in a field to order by")
	}
	return out, ""
}
