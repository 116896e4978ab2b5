package contract

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

var searchNames = []string{"search", "q", "query", "searchterm", "searchquery", "searchtext", "searchstring", "term", "keyword", "keywords", "fulltext", "freetext", "searchtextquery", "s"}

// filterOps are the operators in a filter's name, in plain form, and what they mean: behind two underscores, behind a point, in brackets behind the property, or before
// it in brackets (exists[x]).
var filterOps = map[string]Op{
	"icontains": IContains, "contains": Contains, "istartswith": IStartsWith, "startswith": StartsWith, "endswith": EndsWith, "iendswith": EndsWith, "iexact": IEqual,
	"exact": Equal, "eq": Equal, "isnull": IsNull, "null": IsNull, "exists": NotNull, "notnull": NotNull, "isnotnull": NotNull, "in": In, "nin": NotIn, "notin": NotIn, "gte": GreaterEqual, "lte": LessEqual, "gt": Greater, "lt": Less, "ne": NotEqual, "neq": NotEqual, "not": NotEqual,
	"range": Between, "between": Between, "ilike": IContains, "like": IContains, "prefix": StartsWith, "beginswith": StartsWith, "suffix": EndsWith, "ge": GreaterEqual, "le": LessEqual,
	"equals": Equal, "equal": Equal, "notequals": NotEqual, "notequal": NotEqual, "strictlybefore": Less, "strictlyafter": Greater,
	"greaterthan": Greater, "lessthan": Less, "greaterthanorequal": GreaterEqual, "lessthanorequal": LessEqual, "greaterthanequal": GreaterEqual, "lessthanequal": LessEqual,
}

// wordOps are the words that a filter's name may end or begin with, where the property can be compared. Whether the bound itself fits is certain of some only.
var wordOps = map[string]struct {
	op    Op
	edge  bool
	times bool // of times only
}{
	"gte": {GreaterEqual, false, false}, "lte": {LessEqual, false, false}, "gt": {Greater, false, false}, "lt": {Less, false, false},
	"min": {GreaterEqual, false, false}, "max": {LessEqual, false, false}, "minimum": {GreaterEqual, false, false}, "maximum": {LessEqual, false, false},
	"from": {GreaterEqual, true, false}, "to": {LessEqual, true, false}, "start": {GreaterEqual, true, true}, "end": {LessEqual, true, true},
	"after": {GreaterEqual, true, true}, "before": {LessEqual, true, true}, "since": {GreaterEqual, true, true}, "until": {LessEqual, true, true},
	"above": {Greater, true, false}, "below": {Less, true, false}, "ge": {GreaterEqual, false, false}, "le": {LessEqual, false, false},
}

// recognizeFilter finds the property that a query parameter looks at, and how: by its name, with an operator at its end or its beginning.
func (c *Collection) recognizeFilter(p *Parameter) (*Filter, string) {
	for _, name := range filterNames(p.Name) {
		if f, why := c.recognizeName(p, name); f != nil {
			if name != p.Name {
				why += ", in " + p.Name
			}
			return c.finishFilter(f, p), why
		}
	}
	return nil, ""
}

// filterNames gives the name of a parameter, and what is left of it without filter[…] or filter. around it.
func filterNames(name string) []string {
	out := []string{name}
	for _, prefix := range []string{"filter", "filters", "where", "q"} {
		if rest, ok := strings.CutPrefix(name, prefix+"["); ok {
			first, more, _ := strings.Cut(rest, "]")
			return append(out, first+strings.TrimSuffix(more, "[]"))
		}
		if rest, ok := strings.CutPrefix(name, prefix+"."); ok {
			return append(out, rest)
		}
	}
	if base, ok := strings.CutSuffix(name, "[]"); ok {
		out = append(out, base)
	}
	if w := words(name); len(w) > 1 && (w[0] == "filter" || w[0] == "by") {
		out = append(out, strings.Join(w[1:], "_"))
	}
	return out
}

func (c *Collection) recognizeName(p *Parameter, name string) (*Filter, string) {
	filter := func(at []string, op Op) *Filter { return &Filter{Param: p.Name, Path: at, Op: op} }
	if path, why := c.findProperty(name, p); path != nil {
		return filter(path, Equal), why
	}
	if base, op, sign := cutOperator(name); op != "" {
		holder := p
		if op.Boolean() { // its value is true or false, whatever the property holds
			holder = nil
		}
		if path, why := c.findProperty(base, holder); path != nil {
			return filter(path, op), why + ", and " + sign
		}
	}
	w := words(name)
	if f, why := c.wordedFilter(p, w); f != nil {
		return f, why
	}
	if len(w) > 1 {
		for _, at := range []int{len(w) - 1, 0} {
			o, ok := wordOps[w[at]]
			if !ok {
				continue
			}
			base := strings.Join(slices.Delete(slices.Clone(w), at, at+1), "_")
			path, why := c.findProperty(base, nil)
			if path == nil || !compares(c.property(path), o.times) && !written(c.property(path), p) {
				if path, why = c.timeProperty(base); path == nil && !o.times {
					path, why = c.quantityProperty(base)
				}
			}
			if s := c.property(path); path != nil && (compares(s, o.times) && comparesWith(s, p) || !o.times && written(s, p)) {
				f := filter(path, o.op)
				f.edge = o.edge
				return f, fmt.Sprintf("%s, and the word %s", why, w[at])
			}
		}
	}
	if path, why := c.personProperty(name, p); path != nil {
		return filter(path, Equal), why
	}
	if op, ok := boundOfTime(name); ok && p.instant() {
		return c.boundByTime(p, op)
	}
	return nil, ""
}

// wordedFilter understands a name that ends in an operator as one or two of its words: author_ne, titleContains, name_starts_with.
func (c *Collection) wordedFilter(p *Parameter, w []string) (*Filter, string) {
	for n := 1; n <= 2 && n < len(w); n++ {
		ending := strings.Join(w[len(w)-n:], "")
		op := filterOps[ending]
		if op.Boolean() || bounds(op) || op == "" {
			continue // whose words may mean something else, or are bounds
		}
		path, why := c.findProperty(strings.Join(w[:len(w)-n], "_"), p)
		s := c.property(path)
		if path == nil || s == nil || !scalar(s) || p.typ() == "boolean" {
			continue
		}
		if text := s.Type() == "string" && s.Format() == "" && len(s.Enum()) == 0; !text && op != NotEqual && op != Equal && !op.several() {
			continue
		}
		return &Filter{Param: p.Name, Path: path, Op: op}, why + ", and the ending " + strings.Join(w[len(w)-n:], "_")
	}
	return nil, ""
}

// bounds tells whether a relation is one of less and more.
func bounds(op Op) bool {
	return slices.Contains([]Op{Less, LessEqual, Greater, GreaterEqual, Between}, op)
}

// cutOperator takes an operator off a name: name__gte, name[gte], name.gte, exists[name].
func cutOperator(name string) (base string, op Op, sign string) {
	if i := strings.LastIndex(name, "__"); i > 0 {
		return name[:i], filterOps[plain(name[i+2:])], "the ending " + name[i:]
	}
	if i := strings.LastIndexByte(name, '['); i > 0 && strings.HasSuffix(name, "]") {
		inner := name[i+1 : len(name)-1]
		if op := filterOps[plain(inner)]; op != "" {
			return name[:i], op, "the ending " + name[i:]
		}
		return inner, filterOps[plain(name[:i])], name[:i] + " before the brackets"
	}
	if i := strings.LastIndexByte(name, '.'); i > 0 {
		return name[:i], filterOps[plain(name[i+1:])], "the ending " + name[i:]
	}
	return name, "", ""
}

// compares tells whether values of a property have an order; times asks for points in time.
func compares(s *Schema, times bool) bool {
	switch kindOf(s) {
	case instantKind, dateKind:
		return true
	case numberKind:
		return s.Type() != "" && !times
	case decimalKind:
		return !times
	}
	return false
}

// comparesWith tells whether a parameter's values can stand beside those of a property.
func comparesWith(s *Schema, p *Parameter) bool {
	number := kindOf(s) == numberKind || kindOf(s) == decimalKind
	switch p.typ() {
	case "integer", "number":
		return number
	case "boolean", "object":
		return false
	}
	return !number || p.Schema != nil && (p.Schema.Format() == "" || p.Schema.Decimal())
}

// written tells whether a parameter's values are numbers, and a property's any text: what the texts mean as numbers is compared, if they are.
func written(s *Schema, p *Parameter) bool {
	e := p.element()
	return s != nil && s.Type() == "string" && s.Format() == "" && len(s.Enum()) == 0 && e != nil && (e.Type() == "integer" || e.Type() == "number" || e.Decimal())
}

// timeProperty finds the point in time that a name without its ending means: created of created_at, or of date_created.
func (c *Collection) timeProperty(base string) ([]string, string) {
	b := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(plain(base), "date"), "time"), "at")
	if b == "" {
		return nil, ""
	}
	if named, ok := map[string]string{"born": "birth", "died": "death"}[b]; ok {
		if path, why := c.timeProperty(named); path != nil {
			return path, why
		}
	}
	for _, want := range []string{b, b + "at", b + "on", b + "date", b + "time", "date" + b, "dateof" + b, b + "day", b + "datetime", b + "timestamp", "time" + b, strings.TrimSuffix(b, "d"), strings.TrimSuffix(b, "ed") + "iondate"} {
		for _, name := range c.Records.Properties {
			if s := c.property([]string{name}); plain(name) == want && compares(s, true) {
				return []string{name}, fmt.Sprintf("%q means %s", base, name)
			}
		}
	}
	return nil, ""
}

// unitWords end the names of quantities.
var unitWords = []string{"seconds", "secs", "minutes", "mins", "hours", "days", "weeks", "months", "years", "meters", "metres", "km", "cm", "mm", "kg", "grams", "eur", "euros", "usd", "percent"}

// quantityProperty finds the number that a name without its beginning or its unit means: rate of hourly_rate, duration of duration_minutes. It is nil if several may be
// meant.
func (c *Collection) quantityProperty(base string) (path []string, why string) {
	b := words(base)
	for _, name := range c.Records.Properties {
		w, s := words(name), c.property([]string{name})
		if kind := kindOf(s); len(w) <= len(b) || !compares(s, false) || kind != numberKind && kind != decimalKind {
			continue
		}
		rest := w[len(b):]
		if slices.Equal(w[len(w)-len(b):], b) || slices.Equal(w[:len(b)], b) && len(rest) == 1 && slices.Contains(unitWords, rest[0]) {
			if path != nil {
				return nil, ""
			}
			path, why = []string{name}, fmt.Sprintf("%q means %s", base, name)
		}
	}
	return path, why
}

// boundOfTime understands a bound that names no property: since, until, from, to, start_date, end_date.
func boundOfTime(name string) (Op, bool) {
	switch plain(name) {
	case "since", "after", "from", "start", "startdate", "starttime", "fromdate", "datefrom", "startat", "mindate", "datestart", "dateafter", "dategte":
		return GreaterEqual, true
	case "until", "before", "to", "end", "enddate", "endtime", "todate", "dateto", "endat", "maxdate", "dateend", "datebefore", "datelte":
		return LessEqual, true
	}
	return "", false
}

// boundByTime finds the point in time that such a bound is about: the one that its description names, else when items came to be; but then it may be any other, too.
func (c *Collection) boundByTime(p *Parameter, op Op) (*Filter, string) {
	f := &Filter{Param: p.Name, Op: op, edge: true}
	fits := func(s *Schema) bool { return compares(s, true) && comparesWith(s, p) }
	if told := c.toldTime(p); told != "" && fits(c.property([]string{told})) {
		f.Path = []string{told}
		return f, "its description names that time"
	}
	created := c.createdProperty()
	if created == "" || !fits(c.property([]string{created})) {
		return nil, ""
	}
	f.Path = []string{created}
	for _, name := range c.Records.Properties {
		if s := c.property([]string{name}); name != created && fits(s) && kindOf(s) == kindOf(c.property(f.Path)) {
			f.also = append(f.also, []string{name})
		}
	}
	if f.also != nil {
		return f, "it bounds a time: most likely when items came to be, but it may be another"
	}
	return f, "it bounds the time when items came to be"
}

// finishFilter settles what the parameter's own schema says: arrays mean one of the values, dates are days.
func (c *Collection) finishFilter(f *Filter, p *Parameter) *Filter {
	s := c.property(f.Path)
	if s != nil && s.Type() == "object" && (p.typ() == "string" || p.typ() == "integer") { // by the key of what stands there
		if inner := c.elementKey(s, p); c.property(append(slices.Clone(f.Path), inner...)) != nil {
			f.Path = append(slices.Clone(f.Path), inner...)
			s = c.property(f.Path)
		}
	}
	if s == nil && len(f.Path) == 2 { // into the objects of an array
		f.Path, f.inner = f.Path[:1], f.Path[1:]
		inner, _ := c.property(f.Path).Items().Property(f.inner[0])
		s = inner.Schema
	} else if s != nil && s.Type() == "array" {
		if items := s.Items(); items != nil {
			if items.Type() == "object" {
				f.inner = c.elementKey(items, p)
				s = nil
				if inner, ok := items.Property(f.inner[0]); ok {
					s = inner.Schema
				}
			} else {
				s = items
			}
		}
	}
	if f.kind = kindOf(s); f.kind == textKind && bounds(f.Op) && written(s, p) {
		f.kind = decimalKind
	}
	if f.edge && (f.Op == GreaterEqual || f.Op == LessEqual) {
		toldEdge(p, f)
	}
	if saysFolded.MatchString(p.says()) {
		switch f.Op {
		case Equal:
			f.Op = IEqual
		case Contains:
			f.Op = IContains
		case StartsWith:
			f.Op = IStartsWith
		}
	}
	if f.Op == Between {
		f.joint, f.vague = toldJoint(p)
	}
	if p.many() && f.Op == NotEqual {
		f.Op = NotIn
	}
	if p.many() && f.Op == Equal || f.Op == Equal && f.inner == nil && (severalOf(p, f.Path[len(f.Path)-1]) || p.typ() == "string" && saysSeveral.MatchString(p.says())) {
		f.Op = In
	}
	if own := c.property(f.Path); f.Op == In && own != nil && own.Type() == "array" {
		switch said := p.says(); {
		case saysEach.MatchString(said):
			f.Op = AllOf
		case !saysAny.MatchString(said):
			f.loose = true
		}
	}
	if f.Op == Equal && s != nil && s.Type() == "string" && s.Format() == "" && len(s.Enum()) == 0 && !p.many() && c.property(f.Path) == s {
		f.Op = toldPart(p, f.Op)
	}
	format := ""
	if e := p.element(); e != nil {
		format = e.Format()
		if own := s.texts(); f.Op == Equal && len(own) > 0 {
			f.all = slices.DeleteFunc(asText(e.Enum()), func(v string) bool { return slices.Contains(own, v) || v != "all" && v != "any" })
			if usual, err := strconv.Unquote(string(e.Default())); err == nil && len(f.all) > 0 && slices.Contains(own, usual) {
				f.usual = usual
			}
		}
	}
	f.Days = f.kind == instantKind && !f.Op.several() && !f.Op.Boolean() && format != "date-time"
	f.utc = f.Days && saysUTC.MatchString(p.says())
	return f
}

// texts gives the texts that a schema enumerates.
func (s *Schema) texts() []string {
	if s == nil {
		return nil
	}
	return asText(s.Enum())
}

// severalOf tells whether a parameter takes several values in one text: ids of id.
func severalOf(p *Parameter, property string) bool {
	n, q := plain(p.Name), plain(property)
	return p.typ() == "string" && n != q && strings.HasSuffix(n, "s") && (strings.TrimSuffix(n, "s") == q || strings.HasSuffix(n, q+"s"))
}

// elementKey is what a filter's value is compared with in an array's objects: their key, or their name.
func (c *Collection) elementKey(items *Schema, p *Parameter) []string {
	props := items.Properties()
	key, _ := findKey(props, "", lastName(c.Path))
	if i := slices.IndexFunc(props, func(q Property) bool { return q.Name == key && fitsKey(q.Schema, p) }); i >= 0 {
		return []string{key}
	}
	for _, want := range []string{"name", "slug", "key", "value", "title", "code"} {
		for _, q := range props {
			if plain(q.Name) == want && scalar(q.Schema) {
				return []string{q.Name}
			}
		}
	}
	if key == "" {
		key = "id"
	}
	return []string{key}
}

// fitsKey tells whether a parameter can hold values of a key.
func fitsKey(s *Schema, p *Parameter) bool {
	if p == nil || p.typ() == "" || s.Type() == "" {
		return true
	}
	e := p.element()
	if s.Format() == "uuid" && e.Format() != "uuid" && p.typ() == "string" {
		return len(e.Enum()) == 0
	}
	return p.typ() == s.Type() || p.typ() == "number" && s.Type() == "integer"
}
