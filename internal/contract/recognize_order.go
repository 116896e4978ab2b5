package contract

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

var (
	orderingNames  = []string{"ordering", "orderby", "sortby", "sort", "order", "sortfield", "sortkey", "sortcolumn", "orderfield", "sorting", "sortorder"}
	directionNames = []string{"direction", "sortdirection", "sortdir", "orderdirection", "orderdir", "sortorder", "order", "dir", "sortmode", "ordertype", "sorttype", "ascending", "asc", "descending", "desc", "sort", "sorting"}
	// createdNames are properties that say when an item came to be, or that grow with that.
	createdNames = []string{"createdat", "created", "createdon", "creationdate", "datecreated", "createddate", "creationtime", "createtime", "createdtime", "timecreated", "timestamp", "insertedat", "date", "time"}
	spellings    = map[OrderSpelling]*regexp.Regexp{
		Colon:    regexp.MustCompile(`(?i)[\w\s"'\x60]:(?:desc|asc)\b|:\{?(?:direction|order|asc\|desc|desc\|asc)`),
		Function: regexp.MustCompile(`(?i)\b(?:desc|asc)\(\w`),
		Blank:    regexp.MustCompile(`\b[a-z]\w* (?:desc|asc|DESC|ASC)\b["'\x60]`),
		Dot:      regexp.MustCompile(`(?i)["'\x60\w]\.(?:desc|asc)\b`),
		Comma:    regexp.MustCompile(`(?i)["'\x60\w],(?:desc|asc)\b|\(,asc\|desc\)|,\(asc\|desc\)`),
		Minus:    regexp.MustCompile("(?i)(?:^|[\\s\"'`(=,])-[a-z]|[\"'`(]-[\"'`)]|\\bminus\\b|\\bhyphen\\b|\\bdash\\b"),
	}
	// saysBehind finds what says that the direction is a word behind the name: "with asc or desc behind", "followed by desc".
	saysBehind = regexp.MustCompile("(?i)\\b(?:asc|desc)(?:ending)?\\W+(?:(?:or|and)\\W+)?(?:asc|desc)(?:ending)?[\"'`]? (?:behind|after|following)\\b|\\b(?:followed by|append|add)(?: an?| either| the word)*(?: optional)? [\"'`]?(?:asc|desc)(?:ending)?\\b")
)

// findOrderingParameters finds the parameters that say by what a list is ordered, and how, and gives the names that are left.
func (c *Collection) findOrderingParameters(names []string) []string {
	o := &c.Ordering
	if left := c.findEach(names); o.Each != nil {
		return left
	}
	param := func(name string) *Parameter { return c.list.Parameter("query", name) }
	directs := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !givesDirection(param(name)) })
	o.Direction, _ = take(directs, directionNames)
	left := without1(names, o.Direction)
	names2 := slices.DeleteFunc(slices.Clone(left), func(name string) bool { return param(name).typ() == "object" || param(name).typ() == "boolean" })
	o.Param, _ = take(names2, orderingNames)
	left = without1(left, o.Param)
	if o.Param != "" && o.Direction == "" { // an order without an enumeration, beside a sort
		free := slices.DeleteFunc(slices.Clone(left), func(name string) bool { return len(param(name).element().Enum()) > 0 || param(name).typ() != "string" })
		if o.Direction, _ = take(free, []string{"direction", "sortdirection", "sortdir", "orderdirection", "orderdir", "sortorder", "order"}); o.Direction != "" {
			left = without1(left, o.Direction)
		}
	}
	if o.Direction != "" && o.Param == "" && param(o.Direction).typ() == "boolean" {
		left, o.Direction = append(left, o.Direction), "" // ascending, but of what?
	}
	return left
}

// givesDirection tells whether a parameter takes just a direction.
func givesDirection(p *Parameter) bool {
	s := p.element()
	if s == nil || p.many() {
		return false
	}
	if p.typ() == "boolean" {
		return slices.Contains([]string{"ascending", "asc", "descending", "desc"}, plain(p.Name))
	}
	enum := asText(s.Enum())
	if len(enum) == 0 {
		return false
	}
	return !slices.ContainsFunc(enum, func(v string) bool { _, ok := senseOf(v); return !ok })
}

// sensesOf finds what a parameter that is a direction says for ascending and descending.
func sensesOf(p *Parameter) [2]string {
	if p.typ() == "boolean" {
		if strings.HasPrefix(plain(p.Name), "desc") {
			return [2]string{"false", "true"}
		}
		return [2]string{"true", "false"}
	}
	senses := [2]string{"asc", "desc"}
	for _, v := range asText(p.element().Enum()) {
		if desc, _ := senseOf(v); desc {
			senses[1] = v
		} else {
			senses[0] = v
		}
	}
	return senses
}

// settleOrdering finds how descending is spelled and which names are offered. why says where they come from.
func (c *Collection) settleOrdering() (why string) {
	o := &c.Ordering
	if o.Each != nil {
		return "each has a parameter, whose value is a direction"
	}
	why = "the item's own scalar properties"
	own := c.orderable()
	if o.Direction != "" {
		o.Single = true
		o.senses = sensesOf(c.list.Parameter("query", o.Direction))
		_ = json.Unmarshal(c.list.Parameter("query", o.Direction).element().Default(), &o.usual)
	}
	if o.Param == "" {
		o.Fields = own
		if o.Direction == "" {
			return why
		}
		says := c.list.Parameter("query", o.Direction).says()
		for _, name := range own {
			if regexp.MustCompile(`(?i)\b(?:by|on|of)\s+(?:the\s+)?["'` + "`" + `]?` + regexp.QuoteMeta(name) + `\b`).MatchString(says) {
				o.implied, o.told, o.Fields = Order{Field: name}, true, []string{name}
				return "what is said of " + o.Direction
			}
		}
		if order, _ := c.introducedOrder(); order != nil {
			o.implied, o.told, o.Fields = Order{Field: order[0].Field}, true, []string{order[0].Field}
			return "what is said of all lists"
		}
		field := c.createdProperty()
		if field == "" {
			field = c.Records.Key
		}
		if field == "" {
			c.unknown("query parameter "+o.Direction, "it says a direction, but nothing says what is ordered")
			o.Direction, o.Single = "", false
			return why
		}
		o.implied, o.Fields = Order{Field: field}, []string{field}
		return "nothing but the direction can be asked for; items most likely stand by that"
	}
	p := c.list.Parameter("query", o.Param)
	o.repeats = p.repeats()
	text := p.says() + " " + strings.Join(asText(p.element().Enum()), "\" ") + "\" " + exampleText(p.element())
	for _, example := range examplesOf(p.kin) {
		text += " " + example + "\""
	}
	if o.Direction == "" {
		o.spelled = c.attributed() != nil // JSON:API: a minus (https://jsonapi.org/format/#fetching-sorting)
		o.settleSpelling(text + " " + string(p.element().Default()))
	}
	enum := asText(p.element().Enum())
	if len(enum) == 0 {
		o.Fields = own
		c.nameFields(p)
		return why
	}
	o.Single = o.Single || !p.many()
	for _, v := range enum {
		order, ok := c.orderChoice(v)
		if !ok {
			c.unknown(fmt.Sprintf("%s=%s", o.Param, v), "it names no property of an item")
			continue
		}
		o.choices = append(o.choices, choice{v, order})
		if !slices.Contains(o.Fields, order.Field) {
			o.Fields = append(o.Fields, order.Field)
		}
	}
	if o.Fields == nil {
		c.unknown("query parameter "+o.Param, "none of its values names a property of an item")
		o.Param, o.Single, o.repeats, o.Direction = "", false, false, ""
		o.Fields = own
	}
	return "its enumeration"
}

// wholeName is a name in quotes by which a list may be ordered, steps into an embedded record among them.
var wholeName = regexp.MustCompile("[`'\"][-+]?([A-Za-z_][\\w.]*)[`'\"]")

// nameFields finds the fields that the description of the ordering parameter has by another name (`created` of created_at), or that stand in an embedded record
// (`customer__name`).
func (c *Collection) nameFields(p *Parameter) {
	o := &c.Ordering
	for _, m := range wholeName.FindAllStringSubmatch(p.says(), -1) {
		name := m[1]
		if slices.Contains(o.Fields, name) || name == o.Param {
			continue
		}
		field := strings.Join(c.embeddedPath(name), ".")
		if order, ok := c.orderChoice(name); field == "" && ok && !order.Desc {
			field = order.Field
		}
		s := c.property(strings.Split(field, "."))
		if s == nil || !scalar(s) || s.WriteOnly() || o.names[field] != "" {
			continue
		}
		if o.names == nil {
			o.names = map[string]string{}
		}
		if o.names[field] = name; !slices.Contains(o.Fields, field) {
			o.Fields = append(o.Fields, field)
		}
	}
}

// examplesOf gives the texts that are examples of a parameter, those in arrays too.
func examplesOf(p *openapi3.Parameter) (out []string) {
	all := []any{p.Example}
	for _, name := range slices.Sorted(maps.Keys(p.Examples)) {
		if ref := p.Examples[name]; ref != nil && ref.Value != nil {
			all = append(all, ref.Value.Value)
		}
	}
	if p.Schema != nil && p.Schema.Value != nil {
		all = append(all, p.Schema.Value.Example)
	}
	for _, example := range all {
		several, ok := example.([]any)
		if !ok {
			several = []any{example}
		}
		for _, one := range several {
			if text, ok := one.(string); ok {
				out = append(out, text)
			}
		}
	}
	return out
}

// settleSpelling finds in what is said of the ordering parameter how descending is spelled. OData's $orderby has a blank, whatever is said
// (https://docs.oasis-open.org/odata/odata/v4.01/, 11.2.6.2).
func (o *Ordering) settleSpelling(text string) {
	for _, spelling := range []OrderSpelling{Colon, Function, Comma, Dot, Blank, Minus} {
		if spellings[spelling].MatchString(text) {
			o.Spelling, o.spelled = spelling, true
			return
		}
	}
	if o.Param == "$orderby" || saysBehind.MatchString(text) {
		o.Spelling, o.spelled = Blank, true
	}
}

// orderable gives the item's own scalar properties.
func (c *Collection) orderable() []string {
	var out []string
	for _, name := range c.Records.Properties {
		if s := c.property([]string{name}); s != nil && c.Records.Embed(name) == nil && s.Type() != "object" && s.Type() != "array" && !s.WriteOnly() {
			out = append(out, name)
		}
	}
	if s := c.attributed(); s != nil {
		out = nil // the item itself has nothing but its key
		for _, p := range s.Properties() {
			if scalar(p.Schema) {
				out = append(out, attributes+"."+p.Name)
			}
		}
	}
	return out
}

// createdProperty is the property that says when an item came to be, or "".
func (c *Collection) createdProperty() string {
	for _, want := range createdNames {
		for _, name := range c.Records.Properties {
			if s := c.property([]string{name}); plain(name) == want && s != nil && scalar(s) {
				return name
			}
		}
	}
	return ""
}

// orderChoice understands one value of an ordering's enumeration: name, -name, name:desc, name_desc, nameDesc, NAME_DESC, newest.
func (c *Collection) orderChoice(value string) (Order, bool) {
	field := func(name string) string {
		if c.property(strings.Split(name, ".")) != nil {
			return name
		}
		if in := c.attribute(name); in != "" {
			return attributes + "." + in
		}
		for _, p := range c.Records.Properties {
			if plain(p) == plain(name) && plain(name) != "" {
				return p
			}
		}
		for _, ending := range []string{"at", "on", "date", "time"} { // created for created_at
			for _, p := range c.Records.Properties {
				if plain(p) == plain(name)+ending && len(name) > 3 {
					return p
				}
			}
		}
		return ""
	}
	name, desc := cutSense(value)
	if f := field(name); f != "" {
		return Order{f, desc}, true
	}
	w := words(name)
	if len(w) > 1 {
		for _, at := range []int{len(w) - 1, 0} {
			if d, ok := senseOf(w[at]); ok {
				if f := field(strings.Join(slices.Delete(slices.Clone(w), at, at+1), "_")); f != "" {
					return Order{f, d}, true
				}
			}
		}
	}
	switch plain(name) {
	case "newest", "latest", "recent", "newestfirst", "mostrecent":
		f := c.createdProperty()
		return Order{f, true}, f != ""
	case "oldest", "oldestfirst":
		f := c.createdProperty()
		return Order{f, false}, f != ""
	}
	return Order{}, false
}

// defaultOrder is the order that the defaults of the parameters ask for.
func (c *Collection) defaultOrder() ([]Order, string) {
	o := &c.Ordering
	text := func(name string) string {
		p := c.list.Parameter("query", name)
		if name == "" || p == nil || p.Schema == nil {
			return ""
		}
		return strings.Trim(string(p.Schema.Default()), `"`)
	}
	v := map[string][]string{}
	for _, e := range o.Each {
		if sense := text(e.Param); sense != "" {
			v[e.Param] = []string{sense}
		}
	}
	if len(v) > 0 {
		return o.parse(v), "the default of " + strings.Join(slices.Sorted(maps.Keys(v)), ", ")
	}
	field, sense := text(o.Param), text(o.Direction)
	if o.Param != "" && (field == "" || strings.ContainsAny(field, "[{")) || o.Param == "" && sense == "" {
		return nil, ""
	}
	if field != "" {
		v[o.Param] = []string{field}
	}
	if sense != "" {
		v[o.Direction] = []string{sense}
	}
	why := "the default of " + o.Param
	if o.Param == "" {
		why = "the default of " + o.Direction
	}
	return o.parse(v), why
}
