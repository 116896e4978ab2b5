package contract

import (
	"cmp"
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

// NamesField tells whether a parameter says by which field a list is ordered.
func (o *Ordering) NamesField(param string) bool {
	return param != "" && (param == o.Param || slices.ContainsFunc(o.Each, func(e OrderParam) bool { return e.Param == param }))
}

// Params gives the parameters that ask for an order.
func (o *Ordering) Params() []string {
	var out []string
	for _, e := range o.Each {
		out = append(out, e.Param)
	}
	for _, name := range []string{o.Param, o.Direction} {
		if name != "" {
			out = append(out, name)
		}
	}
	return out
}

// Asking gives the parameter and the value that ask for an order upward by a name, whether the list has it or not; no parameter if none takes names.
func (o *Ordering) Asking(name string) (param, value string) {
	if len(o.Each) == 0 {
		return o.Param, name
	}
	family, _, _ := cutBrackets(o.Each[0].Param)
	return family + "[" + name + "]", "asc"
}

// InTurn gives the steps of an order as they stand in a query string: of parameters for each field, the one that was written first counts first. [Query] has them in the document's order.
func (o *Ordering) InTurn(order []Order, rawQuery string) []Order {
	if len(o.Each) == 0 || len(order) < 2 {
		return order
	}
	var written []string
	for _, pair := range strings.Split(rawQuery, "&") {
		name, _, _ := strings.Cut(pair, "=")
		written = append(written, unescape(name))
	}
	place := func(step Order) int {
		return slices.IndexFunc(written, func(name string) bool {
			return slices.ContainsFunc(o.Each, func(e OrderParam) bool { return e.Param == name && e.Field == step.Field })
		})
	}
	out := slices.Clone(order)
	slices.SortStableFunc(out, func(a, b Order) int { return place(a) - place(b) })
	return out
}

// parse reads the ordering that a request asks for; fields that the list cannot be ordered by are dropped.
func (o *Ordering) parse(v url.Values) []Order {
	if o.Each != nil {
		return o.parseEach(v)
	}
	if o.Param == "" && o.Direction == "" {
		return nil
	}
	sense := ""
	if o.Direction != "" {
		sense = cmp.Or(v.Get(o.Direction), o.usual)
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
	if out == nil && v.Get(o.Direction) != "" && o.implied.Field != "" {
		out = []Order{{o.implied.Field, o.descending(sense)}}
	}
	return out
}

// parseEach reads the parameters that each order by a field. One whose value is no direction is dropped.
func (o *Ordering) parseEach(v url.Values) []Order {
	var out []Order
	for _, e := range o.Each {
		values := v[e.Param]
		if len(values) == 0 {
			continue
		}
		if desc, ok := senseOf(values[len(values)-1]); ok {
			out = append(out, Order{e.Field, desc})
		}
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
	for field, other := range o.names {
		if other == name {
			return Order{field, desc}, true
		}
	}
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
	for _, e := range o.Each {
		for _, order := range orders {
			if order.Field == e.Field {
				v.Set(e.Param, e.senses[sense(order)])
			}
		}
	}
	if len(orders) == 0 || o.Each != nil {
		return
	}
	if o.Direction != "" {
		v.Set(o.Direction, o.senses[sense(orders[0])])
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

// sense is where among senses the direction of a step stands.
func sense(order Order) int {
	if order.Desc {
		return 1
	}
	return 0
}

// spell writes one step of an ordering.
func (o *Ordering) spell(order Order) string {
	for _, c := range o.choices {
		if c.order == order || o.Direction != "" && c.order.Field == order.Field {
			return c.value
		}
	}
	if name := o.names[order.Field]; name != "" {
		order.Field = name
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
	return o.spelled || o.said || o.Each != nil || o.Direction != "" || len(o.choices) > 0
}

// Supposed tells whether it is only supposed what a list is ordered by: nothing but the direction can be asked for.
func (o *Ordering) Supposed() bool { return o.implied.Field != "" && !o.told }
