package contract

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// About is what an answer of a list says of its page in numbers and addresses, as it stands there; nil and "" are not said.
type About struct {
	Total, Pages, Page, Size, Offset, Count, First, Last *int
	More, Less                                           *bool  // whether more is to come, and whether some came before
	IsFirst, IsLast, Empty                               *bool  // whether this is the first page, the last, one without items
	Next, Prev, End                                      string // addresses; End is that of the last page
	Token                                                string // the cursor to the next page, where it stands by itself
	Unlinked                                             bool   // the header for the links is not there
	Beside                                               *int   // the total of the body, where a header tells it, too; both have names that leave nothing else open
}

// About reads what an answer says of its page. What cannot be read is left out: [Collection.Unwrap] judges that.
func (c *Collection) About(h http.Header, body []byte) About {
	var a About
	numbers := a.numbers()
	truths := map[role]**bool{roleMore: &a.More, roleLess: &a.Less, roleIsFirst: &a.IsFirst, roleIsLast: &a.IsLast, roleEmpty: &a.Empty}
	read := func(r role, v Value, address bool) {
		if to := numbers[r]; to != nil && (v.Kind == Number || v.Kind == String) {
			if f, err := strconv.ParseFloat(v.Text, 64); err == nil && f == float64(int(f)) {
				n := int(f)
				*to = &n
			}
		}
		if to := truths[r]; to != nil && v.Kind == Bool {
			is := v.Text == "true"
			*to = &is
		}
		switch {
		case r == roleNext && v.Kind == String && address:
			a.Next = v.Text
		case r == roleNext && v.Kind == String && v.Text != "" && c.Paging.Style == ByCursor:
			a.Token = v.Text
		case r == rolePrev && v.Kind == String && address:
			a.Prev = v.Text
		case r == roleLast && v.Kind == String && address:
			a.End = v.Text
		}
	}
	var walk func(p *part, text string)
	walk = func(p *part, text string) {
		for i := range p.parts {
			child := &p.parts[i]
			walk(child, at(text, []string{child.name}))
		}
		if p.parts == nil && p.role != roleItems {
			v := valueOf(text)
			read(p.role, v, p.url || strings.ContainsAny(v.Text, "?/"))
		}
	}
	if l, err := c.Split(body); err == nil {
		walk(&c.envelope.root, l.frame())
	}
	vague := false
	c.envelope.root.walk(func(p *part) { vague = vague || p.role == roleTotal && p.vague })
	for _, f := range c.envelope.headers {
		value := h.Get(f.name)
		if f.role == roleTotal && !vague && strings.Contains(plain(f.name), "total") {
			a.Beside = a.Total
		}
		if f.role == roleLink {
			a.Unlinked = value == ""
			a.Next, a.Prev, a.End = linkIn(value, "next"), linkIn(value, "prev"), linkIn(value, "last")
			continue
		}
		read(f.role, Value{String, value}, false)
	}
	return a
}

// numbers gives where the numbers stand that are told, by what they tell.
func (a *About) numbers() map[role]**int {
	return map[role]**int{
		roleTotal: &a.Total, rolePages: &a.Pages, rolePage: &a.Page, roleSize: &a.Size, roleOffset: &a.Offset, roleCount: &a.Count,
		roleFirstIndex: &a.First, roleLastIndex: &a.Last,
	}
}

// Nothing gives the numbers that an answer tells when nothing was found, as far as the document says them.
func (c *Collection) Nothing() About {
	var a About
	numbers := a.numbers()
	c.envelope.root.walk(func(p *part) {
		if n, err := strconv.Atoi(p.nothing); err == nil && numbers[p.role] != nil {
			*numbers[p.role] = &n
		}
	})
	return a
}

// Links tells whether answers may hold the address of the next page, in a text of theirs or in the header Link (RFC 8288).
func (c *Collection) Links() bool {
	found := slices.ContainsFunc(c.envelope.headers, func(h headerField) bool { return h.role == roleLink })
	c.envelope.root.walk(func(p *part) { found = found || len(p.parts) == 0 && p.role == roleNext && p.typ == "string" })
	return found
}

// Declares tells whether the document itself names a field as one to order by: in an enumeration, under x-understudy, or in the parameter's description.
func (c *Collection) Declares(field string) bool {
	if known, ok := c.declared.Load(field); ok {
		return known.(bool)
	}
	declared := c.declares(field)
	c.declared.Store(field, declared)
	return declared
}

func (c *Collection) declares(field string) bool {
	o := &c.Ordering
	if o.said || o.told || o.Each != nil || len(o.choices) > 0 && o.Direction == "" {
		return slices.Contains(o.Fields, field)
	}
	if o.names[field] != "" || slices.ContainsFunc(o.choices, func(ch choice) bool { return ch.order.Field == field }) {
		return true
	}
	p := c.list.Parameter("query", o.Param)
	return p != nil && len(field) > 1 && regexp.MustCompile(`(^|[^\w.])[-+]?`+regexp.QuoteMeta(field)+`($|[^\w])`).MatchString(p.says()+" "+p.kin.Description)
}

// Named tells whether a filter's parameter is named as its property is, or as one of its elements, but for an operator, so that there can be no doubt what it looks at.
func (f *Filter) Named() bool {
	if f.said {
		return true
	}
	property := words(strings.Join(slices.Concat(f.Path, f.inner), "_"))
	for _, w := range property { // label of labels
		property = append(property, Singular(w))
	}
	all := words(f.Param)
	if n := len(all); n > 2 && filterOps[all[n-2]+all[n-1]] != "" { // starts_with
		all = all[:n-2]
	}
	left := slices.DeleteFunc(all, func(w string) bool {
		_, op := filterOps[w]
		_, bound := wordOps[w]
		return (op && !strings.HasSuffix(w, "like") || bound || w == "filter" || w == "by") && !slices.Contains(property, w)
	})
	return len(left) > 0 && !slices.ContainsFunc(left, func(w string) bool { return !slices.Contains(property, w) })
}

// Unasked gives the conditions under which a filter counts when it is not asked for, by the default that the document has of it, and under which it then lets
// everything through. There are none unless the document has a value for that, such as all: then it surely means what it says.
func (f *Filter) Unasked() (usual, everything Condition, ok bool) {
	if f.usual == "" {
		return Condition{}, Condition{}, false
	}
	return Condition{f.Param, []string{f.usual}}, Condition{f.Param, []string{f.all[0]}}, true
}

// Assume adds the conditions to a query that count because their filters are not asked for: see [Filter.Unasked].
func (c *Collection) Assume(q Query) Query {
	for i := range c.Filters {
		usual, _, ok := c.Filters[i].Unasked()
		if ok && !slices.ContainsFunc(q.Filters, func(cond Condition) bool { return cond.Param == usual.Param }) {
			q.Filters = append(slices.Clone(q.Filters), usual)
		}
	}
	return q
}

// Searches tells whether the document says which properties a search looks into.
func (c *Collection) Searches() bool { return c.Search.said || c.Search.told }

// SearchesAsSaid tells whether x-understudy says which properties a search looks into, and with that what it finds: items that have each of its words, in any
// case, as a part of one of them.
func (c *Collection) SearchesAsSaid() bool { return c.Search.said }

// Texts gives the texts of what a filter compares in an item: of an array, those of its elements; none where it is null or absent.
func (f *Filter) Texts(it Item) []string {
	v := it.Value(f.Path)
	switch {
	case v.Kind == Null || v.Kind == Missing:
		return nil
	case v.Kind == Other && v.Text[0] == '[':
		var out []string
		for element := range elementsOf(v.Text) {
			e := valueOf(element)
			if f.inner != nil {
				e = valueAt(element, f.inner)
			}
			if e.Kind > Null && e.Kind < Other {
				out = append(out, e.Text)
			}
		}
		return out
	case v.Kind == Other:
		return nil
	}
	return []string{v.Text}
}
