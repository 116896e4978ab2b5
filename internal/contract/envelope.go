package contract

import (
	"slices"
	"strings"
)

// Page is one page of a list: its items, and what is said of the others.
type Page struct {
	Items      []Item
	Total      *int    // how many items the query has on all pages; nil: not said
	Next, Prev *Window // nil: there is none, or the style does not say
}

// envelope is what surrounds the items in a list response: a tree of the properties of its schema, in the document's order.
type envelope struct {
	root    part
	path    []string // to the items
	apart   bool     // the items are judged one by one: nothing else is said of them all
	hasNext bool     // next can be told: from the body or from a header
	hasPrev bool
	byKey   bool // next is the key of the last item, if there is more
	total   bool
	headers []headerField
}

// part is one property of the envelope.
type part struct {
	name     string
	role     role
	parts    []part // of a part that is an object around others
	typ      string // "number", "integer", "string", "boolean", …
	url      bool   // text that is an address, not a token
	nullable bool
	required bool
	rest     string // JSON of what stands there when there is nothing to say; "": it is left out
	nothing  string // the number that stands there when nothing was found, as its description says; "": it does not say
	vague    bool   // it counts, and neither its name nor its description says what: all items or those of the page
}

type headerField struct {
	name string
	role role
}

// role is what a part of the envelope, or a header, tells.
type role string

const (
	roleNone       role = ""
	roleItems      role = "items"
	roleTotal      role = "the total"
	rolePages      role = "how many pages there are"
	rolePage       role = "the page's number"
	roleSize       role = "the size"
	roleOffset     role = "the offset"
	roleCount      role = "how many items the page has"
	roleFirstIndex role = "the number of the first item"
	roleLastIndex  role = "the number of the last item"
	roleNext       role = "the next page"
	rolePrev       role = "the previous page"
	roleFirst      role = "the first page"
	roleLast       role = "the last page"
	roleMore       role = "whether more is to come"
	roleLess       role = "whether some came before"
	roleIsFirst    role = "whether this is the first page"
	roleIsLast     role = "whether this is the last page"
	roleEmpty      role = "whether the page is empty"
	roleSelf       role = "this page's address"
	rolePath       role = "the list's path"
	roleFirstKey   role = "the first item's key"
	roleLastKey    role = "the last item's key"
	roleLink       role = "links (RFC 8288)"
	roleRange      role = "the range (Content-Range)"
)

// Told is a part of a list's answers: a property of the body or a header, and what it tells.
type Told struct {
	What   string   // in words: "the total"; "items" are the items themselves
	Path   []string // of the property; of a body that is an array of items it is empty
	Header string   // the header's name; "": it is a property
}

// Tells gives everything that the list's answers tell, the items among it: first the body in the document's order, then the headers.
func (c *Collection) Tells() []Told {
	var out []Told
	var add func(p *part, path []string)
	add = func(p *part, path []string) {
		if p.role != roleNone {
			out = append(out, Told{What: string(p.role), Path: path})
		}
		for i := range p.parts {
			add(&p.parts[i], append(slices.Clone(path), p.parts[i].name))
		}
	}
	add(&c.envelope.root, nil)
	for _, h := range c.envelope.headers {
		out = append(out, Told{What: string(h.role), Header: h.name})
	}
	return out
}

// walk calls f for a part and for all in it.
func (p *part) walk(f func(*part)) {
	f(p)
	for i := range p.parts {
		p.parts[i].walk(f)
	}
}

// has tells whether a part, or one in it, has a role.
func (p *part) has(r role) bool {
	found := false
	p.walk(func(q *part) { found = found || q.role == r })
	return found
}

// tells gives, for people, what the envelope says beside the items.
func (e *envelope) tells() string {
	var out []string
	add := func(name string, r role) {
		if r != roleNone && r != roleItems {
			out = append(out, string(r)+" in "+name)
		}
	}
	var walk func(p *part, path string)
	walk = func(p *part, path string) {
		if len(p.parts) == 0 {
			add(path, p.role)
		}
		for i := range p.parts {
			walk(&p.parts[i], strings.TrimPrefix(path+"."+p.parts[i].name, "."))
		}
	}
	walk(&e.root, "")
	for _, h := range e.headers {
		add("the header "+h.name, h.role)
	}
	return strings.Join(out, ", ")
}

// linked tells whether headers lead on.
func (e *envelope) linked() bool {
	return slices.ContainsFunc(e.headers, func(h headerField) bool { return h.role == roleLink || h.role == roleNext })
}

// settle takes away the roles that the collection's way of paging cannot fill, and finds what can be told.
func (e *envelope) settle(c *Collection) {
	e.root.walk(func(p *part) {
		if len(p.parts) == 0 && !p.possible(c) {
			p.role = roleNone
		}
	})
	e.headers = slices.DeleteFunc(e.headers, func(h headerField) bool {
		p := part{name: h.name, role: h.role, typ: "string"}
		return h.role != roleLink && !p.possible(c) || h.role == roleLink && c.Paging.Style == NoPaging
	})
	e.root.oneTotal()
	has := func(r role) bool {
		return e.root.has(r) || slices.ContainsFunc(e.headers, func(h headerField) bool { return h.role == r })
	}
	e.total = has(roleTotal) || has(roleRange)
	e.hasNext = has(roleNext) || has(roleLink)
	e.hasPrev = has(rolePrev) || has(roleLink)
	e.byKey = c.Paging.ByKey && !e.hasNext && e.saysMore()
}

// possible tells whether a part can say what its name promises, as the collection pages.
func (p *part) possible(c *Collection) bool {
	style := c.Paging.Style
	number := p.typ == "integer" || p.typ == "number"
	named := plain(p.name)
	token := strings.Contains(named, "token") || strings.Contains(named, "cursor")
	switch p.role {
	case roleNext, rolePrev, roleFirst, roleLast:
		switch {
		case style == NoPaging:
			return false
		case style == ByCursor:
			return !number && (p.url || p.role == roleNext || p.role == rolePrev)
		}
		return p.url || !token
	case rolePage, roleOffset:
		return style != ByCursor || p.typ != "string"
	case roleFirstKey, roleLastKey:
		return c.Records.Key != "" && (!number || c.Records.keyType == "integer" || c.Records.keyType == "number")
	}
	return true
}

// countNames are the names, in plain form, of parts that count items without saying which: all that there are, or those of the page.
var countNames = []string{"count", "size", "itemcount", "recordcount", "rowcount"}

// CountsVaguely tells whether what is taken for the total may as well be how many items the page has: its name and its description leave that open, and
// nothing else in the answers follows from the total. Only answers can tell.
func (c *Collection) CountsVaguely() bool {
	e := &c.envelope
	vague := false
	e.root.walk(func(p *part) { vague = vague || p.role == roleTotal && p.vague })
	var names []string
	for _, p := range e.root.parts {
		names = append(names, plain(p.name))
	}
	slices.Sort(names)
	return vague && !e.root.has(rolePages) && !e.root.has(roleFirstIndex) && !e.root.has(roleLastIndex) &&
		!slices.ContainsFunc(e.headers, func(h headerField) bool { return h.role == roleTotal || h.role == roleRange || h.role == rolePages }) &&
		!slices.Equal(names, []string{"count", "next", "previous", "results"}) // as Django REST framework has it: all
}

// oneTotal makes the count of the page's items out of a part called count that stands beside a total by another name.
func (p *part) oneTotal() {
	var totals []*part
	p.walk(func(q *part) {
		if q.role == roleTotal {
			totals = append(totals, q)
		}
	})
	counts := func(q *part) bool { return slices.Contains(countNames, plain(q.name)) }
	if !slices.ContainsFunc(totals, func(q *part) bool { return !counts(q) }) {
		return
	}
	for _, q := range totals {
		if counts(q) {
			q.role = roleCount
		}
	}
}

// Project is what the collection's style can say of a page that answers a query: Unwrap(Wrap(p)) == Project(p).
func (c *Collection) Project(q Query, p Page) Page {
	e, next, prev := &c.envelope, p.Next, p.Prev
	if !e.total {
		p.Total = nil
	}
	if !e.hasNext {
		p.Next = nil
	}
	if !e.hasPrev {
		p.Prev = nil
	}
	if e.byKey {
		p.Next, p.Prev = c.byKeys(p.Items, q.Window.Back, next != nil && !q.Window.Back || prev != nil && q.Window.Back)
	}
	return p
}

// byKeys gives the windows around a page of which only its items, and whether there is more, are told: the keys of its last and first item lead on and back.
func (c *Collection) byKeys(items []Item, back, more bool) (next, prev *Window) {
	switch {
	case !more || len(items) == 0:
		return nil, nil
	case back:
		return nil, &Window{Cursor: items[0].Key(), Back: true}
	}
	return &Window{Cursor: items[len(items)-1].Key()}, nil
}

// saysMore tells whether answers say in words that more is to come, or that nothing is.
func (e *envelope) saysMore() bool { return e.root.has(roleMore) || e.root.has(roleIsLast) }

// backward tells whether "more" means more before: of a page that was asked for backwards, where nothing else says so.
func (e *envelope) backward(q Query) bool {
	return q.Window.Back && !e.root.has(roleLess) && !e.root.has(roleIsFirst)
}
