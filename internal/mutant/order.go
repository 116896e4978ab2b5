package mutant

import (
	"net/url"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/tidwall/gjson"

	"understudy/internal/contract"
)

// orderMutants break the order of lists.
var orderMutants = []Mutant{
	{
		ID: "order-crashes", Rule: "order/accepted", Sentence: "The list cannot be ordered by the last of the documented names: 500.",
		Changes: []string{"list/order/*"}, spoil: onList(orderable, func(x *exchange, q contract.Query) *answer {
			fields := x.place.Collection.Ordering.Fields
			if len(q.Order) > 0 && q.Order[0].Field == fields[len(fields)-1] && x.letIn() {
				return crash()
			}
			return x.pass()
		}),
	},
	{
		ID: "order-down-refused", Rule: "order/accepted", Sentence: "Descending is refused.",
		Changes: []string{"list/order/*"}, spoil: onList(orderable, func(x *exchange, q contract.Query) *answer {
			if len(q.Order) > 0 && q.Order[0].Desc && x.letIn() {
				return x.refused(x.place.Collection.Ordering.Params()[0])
			}
			return x.pass()
		}),
	},
	{
		ID: "order-per-page", Rule: "order/sorted", Sentence: "Each page is ordered by itself, after it was cut.",
		Changes: lists, spoil: onList(func(c *contract.Collection) bool { return orderable(c) && paged(c) }, func(x *exchange, q contract.Query) *answer {
			c := x.place.Collection
			if len(q.Order) == 0 {
				return x.pass()
			}
			sorted := x.all(q)
			dropOrder(c, x.query)
			a := x.pass()
			if !a.ok() {
				return a
			}
			place := map[string]int{}
			for i, item := range sorted {
				place[item] = i
			}
			items := itemsOf(c, a)
			slices.SortStableFunc(items, func(a, b string) int { return place[a] - place[b] })
			return withItems(c, a, items)
		}),
	},
	{
		ID: "order-one-astray", Rule: "order/sorted", Sentence: "In an order, one item stands at the beginning that belongs to the end.",
		Changes: lists, spoil: rearranged(orderable, func(items []string) []string {
			return append([]string{items[len(items)-1]}, items[:len(items)-1]...)
		}),
	},
	{
		ID: "order-as-text", Rule: "order/sorted", Sentence: "Numbers are ordered as texts: 10 before 9.",
		Changes: lists, spoil: func(p *Place) spoiler {
			if p.Collection == nil || p.operation(contract.List) == nil || !orderable(p.Collection) {
				return nil
			}
			var numbers []string
			for _, f := range p.Collection.Ordering.Fields {
				if q, ok := p.Collection.Item.Property(f); ok && (q.Schema.Type() == "integer" || q.Schema.Type() == "number") {
					numbers = append(numbers, f)
				}
			}
			if numbers == nil {
				return nil
			}
			return reordered(p.Collection, func(q contract.Query) bool { return slices.Contains(numbers, q.Order[0].Field) }, func(q contract.Query, items []string) []string {
				by := func(item string) string { return gjson.Get(item, gjson.Escape(q.Order[0].Field)).Raw }
				slices.SortStableFunc(items, func(a, b string) int {
					if q.Order[0].Desc {
						a, b = b, a
					}
					return strings.Compare(by(a), by(b))
				})
				return items
			})
		},
	},
	{
		ID: "nulls-among", Rule: "order/sorted", Sentence: "In an order, items without a value stand among those that have one.",
		Changes: lists, spoil: func(p *Place) spoiler {
			if p.Collection == nil || p.operation(contract.List) == nil || !orderable(p.Collection) {
				return nil
			}
			return reordered(p.Collection, nil, func(q contract.Query, items []string) []string {
				var with, without []string
				for _, item := range items {
					if v := gjson.Get(item, strings.ReplaceAll(q.Order[0].Field, "__", ".")); v.Exists() && v.Type != gjson.Null {
						with = append(with, item)
					} else {
						without = append(without, item)
					}
				}
				middle := len(with) / 2
				return slices.Concat(with[:middle], without, with[middle:])
			})
		},
	},
	{
		ID: "order-ignored", Rule: "order/observed", Sentence: "The ordering that is asked for is ignored.",
		Changes: lists, spoil: onQuery(orderable, func(c *contract.Collection, _ contract.Query, v url.Values) { dropOrder(c, v) }),
	},
	{
		ID: "order-up-only", Rule: "order/observed", Sentence: "Everything ascends.",
		Changes: lists, spoil: onQuery(orderable, func(c *contract.Collection, q contract.Query, v url.Values) {
			if len(q.Order) == 0 || !q.Order[0].Desc {
				return
			}
			up := q
			up.Order = slices.Clone(q.Order)
			for i := range up.Order {
				up.Order[i].Desc = false
			}
			_, asked := c.Encode(up)
			dropOrder(c, v)
			for _, name := range c.Ordering.Params() {
				if values, ok := asked[name]; ok {
					v[name] = values
				}
			}
		}),
	},
	{
		ID: "order-drops", Rule: "order/same-items", Sentence: "An ordering loses the last item.",
		Changes: lists, spoil: onItems(orderable, func(x *exchange, q contract.Query, items []string) []string {
			if len(q.Order) == 0 || len(items) == 0 {
				return items
			}
			if all := x.all(q); len(all) > 1 && all[len(all)-1] == items[len(items)-1] {
				return items[:len(items)-1]
			}
			return items
		}),
	},
	{
		ID: "order-repeats", Rule: "order/same-items", Sentence: "An ordering shows one item twice, and another not at all.",
		Changes: lists, spoil: rearranged(orderable, func(items []string) []string {
			items[len(items)-1] = items[0]
			return items
		}),
	},
	{
		ID: "reverse-by-halves", Rule: "order/reversed", Sentence: "Descending, the first half of the list is in ascending order.",
		Changes: lists, spoil: func(p *Place) spoiler {
			if p.Collection == nil || p.operation(contract.List) == nil || !orderable(p.Collection) {
				return nil
			}
			return reordered(p.Collection, func(q contract.Query) bool { return q.Order[0].Desc }, func(_ contract.Query, items []string) []string {
				slices.Reverse(items[:len(items)/2])
				return items
			})
		},
	},
	{
		ID: "default-order-reversed", Rule: "order/default", Sentence: "Without an ordering the list comes backwards.",
		Changes: lists, spoil: func(p *Place) spoiler {
			if p.Collection == nil || p.operation(contract.List) == nil || byCursor(p.Collection) {
				return nil
			}
			return onItems(nil, func(x *exchange, q contract.Query, items []string) []string {
				if len(q.Order) > 0 || len(items) == 0 {
					return items
				}
				all := x.all(q)
				i := slices.Index(all, items[0])
				if i < 0 || i+len(items) > len(all) {
					return items
				}
				slices.Reverse(all)
				return all[i : i+len(items)]
			})(p)
		},
	},
	{
		ID: "order-unknown-crashes", Rule: "order/unknown", Sentence: "An unknown name to order by is answered with 500.",
		Changes: []string{"list/order-unknown"}, spoil: onList(withOrder, func(x *exchange, q contract.Query) *answer {
			if unknownOrder(x) && x.letIn() {
				return crash()
			}
			return x.pass()
		}),
	},
	{
		ID: "order-unknown-empty", Rule: "order/unknown", Sentence: "An unknown name to order by lets nothing through.",
		Changes: []string{"list/order-unknown"}, spoil: onItems(withOrder, func(x *exchange, q contract.Query, items []string) []string {
			if unknownOrder(x) {
				return nil
			}
			return items
		}),
	},
	{
		ID: "ties-move", Rule: "order/ties", Sentence: "In an order that is asked for, items that tie are moved round with every request.",
		Changes: lists, spoil: func(p *Place) spoiler {
			if p.Collection == nil || p.operation(contract.List) == nil || !orderable(p.Collection) {
				return nil
			}
			var n atomic.Int64
			return onItems(orderable, func(x *exchange, q contract.Query, items []string) []string {
				if len(q.Order) == 0 {
					return items
				}
				turn := int(n.Add(1))
				value := func(item string) string { return gjson.Get(item, gjson.Escape(q.Order[0].Field)).Raw }
				var out []string
				for i := 0; i < len(items); {
					k := i + 1
					for k < len(items) && value(items[k]) == value(items[i]) {
						k++
					}
					by := turn % (k - i)
					out = append(append(out, items[i+by:k]...), items[i:i+by]...)
					i = k
				}
				return out
			})(p)
		},
	},
}

func withOrder(c *contract.Collection) bool {
	param, _ := c.Ordering.Asking("")
	return param != ""
}

func orderable(c *contract.Collection) bool {
	return withOrder(c) && len(c.Ordering.Fields) > 0
}

// dropOrder takes what is asked about the order out of a query.
func dropOrder(c *contract.Collection, v url.Values) {
	for _, name := range c.Ordering.Params() {
		v.Del(name)
	}
}

// unknownOrder tells whether a request names something to order by that means nothing.
func unknownOrder(x *exchange) bool {
	c := x.place.Collection
	if param, _ := c.Ordering.Asking("zz_understudy"); len(c.Ordering.Each) > 0 {
		return x.query.Get(param) != ""
	}
	text := strings.TrimLeft(x.query.Get(c.Ordering.Param), "-+")
	if text == "" {
		return false
	}
	return !slices.ContainsFunc(c.Ordering.Fields, func(f string) bool { return strings.Contains(text, f) }) && strings.Contains(text, "zz")
}

// rearranged changes each page of a list that is asked for in an order.
func rearranged(applies func(*contract.Collection) bool, change func(items []string) []string) func(*Place) spoiler {
	return onItems(applies, func(_ *exchange, q contract.Query, items []string) []string {
		if len(q.Order) == 0 || len(items) < 2 {
			return items
		}
		return change(items)
	})
}

// reordered changes a whole list that is asked for in an order, before it is cut into pages.
func reordered(c *contract.Collection, which func(q contract.Query) bool, change func(q contract.Query, items []string) []string) spoiler {
	spoil := onItems(nil, func(x *exchange, q contract.Query, items []string) []string {
		if len(q.Order) == 0 || which != nil && !which(q) || len(items) == 0 {
			return items
		}
		all := x.all(q)
		i := slices.Index(all, items[0])
		if i < 0 || i+len(items) > len(all) {
			return items
		}
		return change(q, slices.Clone(all))[i : i+len(items)]
	})
	return spoil(&Place{Document: c.Document(), Collection: c, Operations: []*contract.Operation{c.List()}})
}
