package contracttest

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

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

// fields are those to order by: the ones that the document names or, where it names none, the item's own.
func (s *listState) fields() []string {
	var named []string
	for _, f := range s.c.Ordering.Fields {
		if s.c.Declares(f) {
			named = append(named, f)
		}
	}
	if named == nil {
		named = s.c.Ordering.Fields
	}
	return named[:min(len(named), mostFields)]
}

func up(field string) []contract.Order   { return []contract.Order{{Field: field}} }
func down(field string) []contract.Order { return []contract.Order{{Field: field, Desc: true}} }

// halves asks for everything in an order, on more than one page where that can be had, and on several where items have no value to be ordered by.
func (s *listState) halves(order []contract.Order) step {
	if order[0].Field == s.mostTies() && !order[0].Desc && s.several() == "" {
		q := contract.Query{Order: order, Size: s.small()} // as it is walked for other reasons
		return s.walk(q, s.pagesOf(q.Size))
	}
	q := contract.Query{Order: order, Size: s.large}
	nulls := s.hasNulls(order[0].Field)
	if s.several() == "" && s.small() > 0 && len(s.base.pages) == 1 {
		q.Size = max((len(s.base.items)+1)/2, s.small())
		if nulls {
			q.Size = max((len(s.base.items)+7)/8, s.least()) // so that one page ends among them
		}
	}
	pages := s.pagesOf(q.Size)
	fields := s.fields()
	whole := fields[max(slices.IndexFunc(fields, s.hasNulls), 0)]
	if order[0].Desc && order[0].Field != whole && !nulls && s.c.Ordering.Offers(contract.Order{Field: order[0].Field}) {
		pages = 1 // the way up, and one field's way down, show what happens between pages; but nulls may come first both ways
	}
	return s.walk(q, pages)
}

// hasNulls tells whether some items have no value of a field.
func (s *listState) hasNulls(field string) bool {
	path := s.c.OrderPath(field)
	return slices.ContainsFunc(s.base.items, func(it contract.Item) bool { return it.Value(path).Kind <= contract.Null })
}

// ways are the directions in which a field can be asked for.
func (s *listState) ways(field string) [][]contract.Order {
	var out [][]contract.Order
	for _, o := range [][]contract.Order{up(field), down(field)} {
		if s.c.Ordering.Offers(o[0]) {
			out = append(out, o)
		}
	}
	return out
}

// eachField makes a case for each field that items differ in. Both says that it has to be offered both ways.
func eachField(s *listState, both bool, make func(field string) *testCase) ([]*testCase, string) {
	var out []*testCase
	why := "the document names no field to order by that an item has"
	for _, field := range s.fields() {
		if both && len(s.ways(field)) < 2 || len(s.ways(field)) == 0 {
			why = "no field can be asked for in both directions"
			continue
		}
		if !s.differs(field) {
			why = fmt.Sprintf("no two of the %s surely differ in %s", plural(len(s.base.items), "item"), field)
			continue
		}
		tc := make(field)
		tc.subject, tc.over = field, s
		out = append(out, tc)
	}
	if out != nil {
		why = ""
	}
	return out, why
}

// differs tells whether two items surely differ in a field.
func (s *listState) differs(field string) bool {
	j := s.judgeOf(up(field))
	for i := range s.base.items {
		if n, sure := j(s.base.items[0], s.base.items[i]); n != 0 && sure {
			return true
		}
		if i > 0 {
			if n, sure := j(s.base.items[i-1], s.base.items[i]); n != 0 && sure {
				return true
			}
		}
	}
	return false
}

// judgeOf compares two items in an order, and tells whether every server would say the same. Those that an enumeration could order by its own order are
// sure only if that is the alphabet's, too.
func (s *listState) judgeOf(order []contract.Order) func(a, b contract.Item) (int, bool) {
	q := contract.Query{Order: order}
	path := s.c.OrderPath(order[0].Field)
	enum := s.enumOf(path)
	return func(a, b contract.Item) (int, bool) {
		n, sure := s.c.Compare(q, a, b)
		if len(enum) == 0 || n == 0 {
			return n, sure
		}
		i, k := slices.Index(enum, a.Value(path).Text), slices.Index(enum, b.Value(path).Text)
		own := i - k
		if order[0].Desc {
			own = k - i
		}
		return n, sure && i >= 0 && k >= 0 && (own < 0) == (n < 0)
	}
}

// enumOf gives the texts that a property may have, if it enumerates them.
func (s *listState) enumOf(path []string) []string {
	schema := s.c.Item
	for _, step := range path {
		if schema == nil {
			return nil
		}
		p, ok := schema.Property(step)
		if !ok {
			return nil
		}
		schema = p.Schema
	}
	var out []string
	for _, v := range schema.Enum() {
		if text, ok := v.(string); ok {
			out = append(out, text)
		}
	}
	return out
}

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
					if a := rs[1].answer(); rs[0].answer().ok() && !a.ok() {
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

// saysList finds what says that several names may be given at once.
var saysList = regexp.MustCompile(`(?i)\bcommas?\b|\bcomma[- ]separated\b`)

// byTwo makes a case of two fields at once, where the document says that several may be given: the second decides where the first ties.
func (s *listState) byTwo() []*testCase {
	p := s.c.List().Parameter("query", s.c.Ordering.Param)
	first := s.mostTies()
	if p == nil || s.c.Ordering.Single || s.c.Ordering.Direction != "" || first == "" || p.Schema.Type() != "array" && !saysList.MatchString(p.Description()) {
		return nil
	}
	for _, second := range s.fields() {
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
						return broken(rs[0].answer(), fmt.Sprintf("%s before %s", cut(a.Value(path).Text), cut(b.Value(path).Text)), "ordered by "+first+" first").signed("not in order of the first")
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
					o := broken(rs[i].answer(), fmt.Sprintf("%s before %s", cut(a.Value(path).Text), cut(b.Value(path).Text)), "ordered by "+subjectOf(order))
					if a.Value(path).Kind == contract.Number && ls[i].sortedAsText(path, order[0].Desc) {
						o = o.because("numbers are compared as text")
					} else if len(ls[i].pages) > 1 && s.sortedPages(ls[i], order) {
						o = o.because("each page is ordered by itself, after it was cut")
					}
					return o.signed("not in order")
				}
				if a, b := mixed(ls[i].items, path, order[0].Desc); b != nil {
					return broken(rs[i].answer(), fmt.Sprintf("%s before %s", cut(a.Value(path).Text), cut(b.Value(path).Text)), "texts that are numbers ordered as numbers, or as texts throughout").signed("not in order")
				}
			}
			return kept()
		}
		return tc
	})
	return append(cases, s.byTwo()...), why
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

func orderObserved(_ *engine, s *listState) ([]*testCase, string) {
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
				if !s.c.Declares(field) {
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
				compare := s.judgeOf(up(field))
				for i := 1; i < len(ls[0].items); i++ {
					a, b := ls[0].items[i-1], ls[0].items[i]
					n, sure := compare(a, b)
					x, ok := place[ls[0].keys[i-1]]
					y, ok2 := place[ls[0].keys[i]]
					if n != 0 && sure && ok && ok2 && x < y {
						path := s.c.OrderPath(field)
						return broken(rs[1].answer(), fmt.Sprintf("%s before %s both ways", cut(a.Value(path).Text), cut(b.Value(path).Text)), "the other way round").signed("not backwards")
					}
				}
				return kept()
			},
		}
	})
}

func orderDefault(_ *engine, s *listState) ([]*testCase, string) {
	if s.c.Ordering.Supposed() {
		return none(supposed)
	}
	order := s.c.Ordering.Default
	if !s.differs(order[0].Field) {
		return none(fmt.Sprintf("no two of the %s surely differ in %s", plural(len(s.base.items), "item"), order[0].Field))
	}
	return one(&testCase{
		intent: "everything without an ordering: it has to come in the default order", over: s, steps: []step{s.all(contract.Query{})},
		judge: func(rs []result) outcome {
			l, bad := pageOf(rs[0])
			if bad != nil {
				return *bad
			}
			if a, b := firstUnsorted(l.items, s.judgeOf(order)); b != nil {
				path := s.c.OrderPath(order[0].Field)
				return broken(rs[0].answer(), fmt.Sprintf("%s before %s", cut(a.Value(path).Text), cut(b.Value(path).Text)), "ordered by "+subjectOf(order)).signed("another default order")
			}
			return kept()
		},
	})
}

func orderUnknown(_ *engine, s *listState) ([]*testCase, string) {
	if s.c.Ordering.Param == "" {
		return none("there is no parameter for a name")
	}
	st := s.page(contract.Query{Size: s.large})
	st.request = st.with(s.c.Ordering.Param, "zz_understudy")
	st.odd = true
	return one(&testCase{
		intent: "an ordering by a name that no item has", over: s, steps: []step{s.page(contract.Query{Size: s.large}), st},
		judge: func(rs []result) outcome {
			a := rs[1].answer()
			switch {
			case a.failed():
				return broken(a, a.says(), "a refusal, or the default order").signed("an error of the server's")
			case a.ok() && rs[1].list.bad == "" && len(rs[1].list.items) == 0 && rs[0].list.bad == "" && len(rs[0].list.items) > 0:
				return broken(a, "no items", "a refusal, or the default order").signed("no items")
			}
			return kept()
		},
	})
}

func orderTies(_ *engine, s *listState) ([]*testCase, string) {
	field := s.mostTies()
	if field == "" {
		return none("no two items tie in a field to order by")
	}
	q := contract.Query{Size: s.halves(up(field)).asks.Size, Order: up(field)}
	again := s.page(q)
	again.nth = 1
	return one(&testCase{
		subject: field, intent: fmt.Sprintf("the list by %s twice: items that tie have to stay where they are", field), over: s, unsteady: true,
		steps: []step{s.page(q), again},
		judge: func(rs []result) outcome {
			ls, bad := pagesOf(rs)
			if bad != nil {
				return *bad
			}
			for i, l := range ls[1:] {
				if !slices.Equal(ls[0].keys, l.keys) && !differentTotal(ls[0], l) {
					return broken(rs[i+1].answer(), difference(ls[0].keys, l.keys), "the same order").because("nothing breaks the ties").signed("ties move")
				}
			}
			return kept()
		},
	})
}
