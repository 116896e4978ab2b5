package contract

import (
	"net/url"
	"slices"
	"strings"
)

// Offers tells whether the document lets a list be ordered so: of an ordering whose values it enumerates, only those.
func (o *Ordering) Offers(order Order) bool {
	if len(o.choices) > 0 && o.Direction == "" {
		return slices.ContainsFunc(o.choices, func(c choice) bool { return c.order == order })
	}
	return slices.Contains(o.Fields, order.Field)
}

// parse reads the ordering that a request asks for; fields that the list cannot be ordered by are dropped.
func (o *Ordering) parse(v url.Values) []Order {
	if o.Param == "" && o.Direction == "" {
		return nil
	}
	sense := ""
	if o.Direction != "" {
		sense = v.Get(o.Direction)
	}
	var out []Order
	for _, text := range o.split(v) {
		order, ok := o.read(text)
		if !ok || slices.ContainsFunc(out, func(p Order) bool { return p.Field == order.Field }) {
			continue
		}
		if o.Direction != "" && sense != "" {
			order.Desc = o.descending(sense)
		}
		if out = append(out, order); o.Single {
			break
		}
	}
	if out == nil && sense != "" && o.implied.Field != "" {
		out = []Order{{o.implied.Field, o.descending(sense)}}
	}
	return out
}

// split gives the names in the ordering parameter. A name that is just a direction belongs to the one before.
func (o *Ordering) split(v url.Values) []string {
	if o.Param == "" {
		return nil
	}
	values := v[o.Param]
	if len(values) > 1 && !o.repeats {
		values = values[len(values)-1:]
	}
	var out []string
	for _, value := range values {
		if slices.ContainsFunc(o.choices, func(c choice) bool { return c.value == value }) {
			out = append(out, value)
			continue
		}
		for _, text := range strings.Split(value, ",") {
			if _, ok := senseOf(strings.TrimSpace(text)); ok && len(out) > 0 && o.Spelling == Comma {
				out[len(out)-1] += "," + strings.TrimSpace(text)
				continue
			}
			out = append(out, text)
		}
	}
	return out
}

// read understands one name of an ordering.
func (o *Ordering) read(text string) (Order, bool) {
	for _, c := range o.choices {
		if c.value == text {
			return c.order, true
		}
	}
	name, desc := cutSense(strings.TrimSpace(text))
	for _, field := range []string{name, attributes + "." + name} {
		if slices.Contains(o.Fields, field) {
			return Order{field, desc}, true
		}
	}
	if w := words(name); len(w) > 1 { // createdAt of created_at
		for _, f := range o.Fields {
			if slices.Equal(words(f), w) && !strings.HasPrefix(name, "-") {
				return Order{f, desc}, true
			}
		}
	}
	return Order{}, false
}

func (o *Ordering) descending(text string) bool {
	if strings.EqualFold(text, o.senses[1]) {
		return true
	}
	if strings.EqualFold(text, o.senses[0]) {
		return false
	}
	desc, _ := senseOf(text)
	return desc
}

// senseOf understands a direction.
func senseOf(text string) (desc, ok bool) {
	switch plain(text) {
	case "desc", "descending", "descend", "dsc":
		return true, true
	case "asc", "ascending", "ascend":
		return false, true
	}
	return false, false
}

// cutSense takes the direction off a name in any of the spellings: -f, +f, f:desc, f desc, f.desc, f,desc, desc(f).
func cutSense(text string) (name string, desc bool) {
	switch {
	case strings.HasPrefix(text, "-"):
		return text[1:], true
	case strings.HasPrefix(text, "+"):
		return text[1:], false
	}
	if open := strings.IndexByte(text, '('); open > 0 && strings.HasSuffix(text, ")") {
		if desc, ok := senseOf(text[:open]); ok {
			return text[open+1 : len(text)-1], desc
		}
	}
	if i := strings.LastIndexAny(text, ":., "); i > 0 {
		if desc, ok := senseOf(text[i+1:]); ok {
			return strings.TrimSpace(text[:i]), desc
		}
	}
	return text, false
}

// encode is the inverse of parse.
func (o *Ordering) encode(v url.Values, orders []Order) {
	if len(orders) == 0 {
		return
	}
	if o.Direction != "" {
		sense := 0
		if orders[0].Desc {
			sense = 1
		}
		v.Set(o.Direction, o.senses[sense])
	}
	var names []string
	for _, order := range orders {
		names = append(names, o.spell(order))
	}
	switch {
	case o.Param == "":
	case o.repeats:
		v[o.Param] = names
	default:
		v.Set(o.Param, strings.Join(names, ","))
	}
}

// spell writes one step of an ordering.
func (o *Ordering) spell(order Order) string {
	for _, c := range o.choices {
		if c.order == order || o.Direction != "" && c.order.Field == order.Field {
			return c.value
		}
	}
	order.Field = strings.TrimPrefix(order.Field, attributes+".")
	switch {
	case o.Direction != "":
		return order.Field
	case o.Spelling == Minus && order.Desc:
		return "-" + order.Field
	case o.Spelling == Minus:
		return order.Field
	case o.Spelling == Function && order.Desc:
		return "desc(" + order.Field + ")"
	case o.Spelling == Function:
		return "asc(" + order.Field + ")"
	case order.Desc:
		return order.Field + string(o.Spelling)
	}
	return order.Field + string(o.Spelling[:1]) + "asc"
}

// Spelled tells whether the document says how an order is written: by what it says of descending, by the values that it enumerates, or with a direction apart.
// Where it does not, -name is supposed.
func (o *Ordering) Spelled() bool {
	return o.spelled || o.said || o.Direction != "" || len(o.choices) > 0
}

// Supposed tells whether it is only supposed what a list is ordered by: nothing but the direction can be asked for.
func (o *Ordering) Supposed() bool { return o.implied.Field != "" && !o.told }
