package contract

import (
	"fmt"
	"slices"
	"strings"
)

// findEach finds the parameters of an ordering that has one for each field, whose value is the direction: order[name]=desc, as API Platform's order filter has it, or a
// deepObject of such properties. They are a family, of one name before the brackets, which has to be one of orderings; a family of which one is anything but a
// direction (sort[by], sort[dir]) is none. It gives the names that are left.
func (c *Collection) findEach(names []string) []string {
	o := &c.Ordering
	for _, first := range names {
		family, _, ok := cutBrackets(first)
		if !ok || !slices.Contains(orderingNames, plain(family)) {
			continue
		}
		var each []OrderParam
		var nameless []string
		directions := true
		left := slices.DeleteFunc(slices.Clone(names), func(name string) bool {
			same, field, ok := cutBrackets(name)
			if !ok || same != family {
				return false
			}
			p := c.list.Parameter("query", name)
			order, known := c.orderChoice(field)
			switch known = known && !order.Desc; {
			case !givesDirection(p) && !(known && p.typ() == "string" && !p.many() && p.element().Format() == "" && len(p.element().Enum()) == 0):
				directions = false
			case known:
				each = append(each, OrderParam{Param: name, Field: order.Field, senses: sensesOf(p)})
			default:
				nameless = append(nameless, name)
			}
			return true
		})
		if !directions || each == nil {
			continue
		}
		for _, name := range nameless {
			c.unknown("query parameter "+name, "it names no property of an item")
		}
		for _, e := range each {
			if !slices.Contains(o.Fields, e.Field) {
				o.Each, o.Fields = append(o.Each, e), append(o.Fields, e.Field)
			}
		}
		return left
	}
	return names
}

// cutBrackets takes name[inner] apart.
func cutBrackets(name string) (before, inner string, ok bool) {
	before, inner, _ = strings.Cut(name, "[")
	if inner, ok = strings.CutSuffix(inner, "]"); !ok || before == "" || inner == "" || strings.ContainsAny(inner, "[]") {
		return "", "", false
	}
	return before, inner, true
}

// eachText names the parameters of an ordering with one for each field.
func (o *Ordering) eachText() string {
	family, _, _ := cutBrackets(o.Each[0].Param)
	return fmt.Sprintf("%s[…]", family)
}
