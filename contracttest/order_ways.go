package contracttest

import (
	"fmt"
	"slices"

	"understudy/internal/contract"
)

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

func up(field string) []contract.Order { return []contract.Order{{Field: field}} }

func down(field string) []contract.Order { return []contract.Order{{Field: field, Desc: true}} }

// halves asks for everything in an order, on more than one page where that can be had, and on several where items have no value to be ordered by.
func (s *listState) halves(order []contract.Order) step {
	if slices.Contains(s.tying(), order[0].Field) && !order[0].Desc && s.several() == "" {
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

// differs tells whether two items surely have different values of a field.
func (s *listState) differs(field string) bool {
	j, path := s.judgeOf(up(field)), s.c.OrderPath(field)
	var with []contract.Item
	for _, it := range s.base.items {
		if it.Value(path).Kind > contract.Null {
			with = append(with, it)
		}
	}
	for i := range with {
		if n, sure := j(with[0], with[i]); n != 0 && sure {
			return true
		}
		if i > 0 {
			if n, sure := j(with[i-1], with[i]); n != 0 && sure {
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
		if len(enum) == 0 || n == 0 || s.c.Ordering.Ranked(order[0].Field) {
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
