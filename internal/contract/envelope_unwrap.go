package contract

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Unwrap reads a response to a query: the inverse of Wrap, as far as the style says.
func (c *Collection) Unwrap(q Query, h http.Header, body []byte) (Page, error) {
	l, err := c.Split(body)
	if err != nil {
		return Page{}, err
	}
	return l.Page(q, h, c.Records.DecodeCompact)
}

// Listing is the body of a response to a list operation, split into its items and what surrounds them.
type Listing struct {
	Items []string // JSON, compact

	c             *Collection
	before, after string // compact, too
	none          bool   // there is no array of items
}

// Split splits the body of a response. The error is of a body that is not JSON; it may be any other than a list.
func (c *Collection) Split(body []byte) (*Listing, error) {
	text, err := compact(body)
	if err != nil {
		return nil, fmt.Errorf("the body is not JSON: %w", err)
	}
	l := &Listing{c: c}
	start, end := spanAt(text, c.envelope.path)
	if start == end || text[start] != '[' {
		l.before, l.none = text, true
		return l, nil
	}
	for item := range elementsOf(text[start:end]) {
		l.Items = append(l.Items, item)
	}
	l.before, l.after = text[:start], text[end:]
	return l, nil
}

// Apart tells whether each item of a list is judged by itself: whatever else the schema says of the list does not depend on what is in it, but perhaps on there
// being too few.
func (l *Listing) Apart() bool { return l.c.envelope.apart && !l.none }

// With gives the body, compact, as it would be with only these items.
func (l *Listing) With(items []string) []byte {
	return []byte(l.before + "[" + strings.Join(items, ",") + "]" + l.after)
}

// frame is the body without its items.
func (l *Listing) frame() string {
	if l.none {
		return l.before
	}
	return l.before + "[]" + l.after
}

// Page reads the response to a query. Items are made of their JSON by decode, which may remember what it made.
func (l *Listing) Page(q Query, h http.Header, decode func(item string) (Item, error)) (Page, error) {
	r := reader{c: l.c}
	if l.none {
		return r.page, fmt.Errorf("no array of items at %q", strings.Join(l.c.envelope.path, "."))
	}
	for i, text := range l.Items {
		it, err := decode(text)
		if err != nil {
			return r.page, fmt.Errorf("item %d at %q: %w", i, strings.Join(l.c.envelope.path, "."), err)
		}
		r.page.Items = append(r.page.Items, it)
	}
	if err := r.part(&l.c.envelope.root, l.frame(), nil); err != nil {
		return r.page, err
	}
	for _, f := range l.c.envelope.headers {
		if value := h.Get(f.name); value != "" {
			if err := r.header(f, value); err != nil {
				return r.page, err
			}
		}
	}
	r.conclude(q)
	return r.page, nil
}

// reader reads one answer.
type reader struct {
	c          *Collection
	page       Page
	more, less *bool
}

// conclude makes one page of what was read: a token where nothing more is to come leads nowhere.
func (r *reader) conclude(q Query) {
	p, e := &r.page, &r.c.envelope
	more := r.more != nil && *r.more
	switch back := e.backward(q); {
	case e.byKey:
		p.Next, p.Prev = r.c.byKeys(p.Items, q.Window.Back, more)
	case r.more != nil && !more && back:
		p.Prev = nil
	case r.more != nil && !more:
		p.Next = nil
	}
	if r.less != nil && !*r.less {
		p.Prev = nil
	}
}

func (r *reader) header(f headerField, value string) error {
	switch f.role {
	case roleLink:
		if r.page.Next == nil {
			r.page.Next = r.c.fromLink(value, "next")
		}
		if r.page.Prev == nil {
			r.page.Prev = r.c.fromLink(value, "prev")
		}
	case roleRange:
		_, total, _ := strings.Cut(value, "/")
		if total == "*" || r.page.Total != nil {
			return nil
		}
		value = total
		fallthrough
	case roleTotal:
		if r.page.Total != nil {
			return nil
		}
		n, err := strconv.Atoi(value)
		if err != nil {
			return fmt.Errorf("header %s is %s, not a whole number", f.name, quote(value))
		}
		r.page.Total = &n
	case roleNext, rolePrev:
		text, err := url.QueryUnescape(value)
		if err != nil {
			text = value
		}
		w, err := r.c.readWindow(&part{role: f.role, typ: "string"}, Value{String, text})
		if err != nil {
			return fmt.Errorf("header %s: %w", f.name, err)
		}
		r.window(f.role, w)
	}
	return nil
}

func (r *reader) window(to role, w *Window) {
	switch {
	case w == nil:
	case to == roleNext:
		r.page.Next = w
	default:
		r.page.Prev = w
	}
}

func (r *reader) part(e *part, text string, path []string) error {
	where := strings.Join(path, ".")
	for i := range e.parts {
		child := &e.parts[i]
		if err := r.part(child, at(text, []string{child.name}), append(path[:len(path):len(path)], child.name)); err != nil {
			return err
		}
	}
	if e.parts != nil {
		return nil
	}
	v := valueOf(text)
	switch e.role {
	case roleTotal:
		if v.Kind == Missing || v.Kind == Null {
			return nil
		}
		n, err := strconv.ParseFloat(v.Text, 64) // 7.0 is a legal way to write 7
		if err != nil || n != float64(int(n)) || n < 0 {
			return fmt.Errorf("%s is %s, not a whole number", where, cut(text))
		}
		total := int(n)
		r.page.Total = &total
	case roleNext, rolePrev:
		w, err := r.c.readWindow(e, v)
		if err != nil {
			return fmt.Errorf("%s: %w", where, err)
		}
		r.window(e.role, w)
	case roleMore, roleLess, roleIsFirst, roleIsLast:
		says := e.role == roleMore || e.role == roleLess
		if v.Kind == Bool && (says || r.c.Paging.Style == ByCursor) { // what contradicts a number or a link is for About to tell
			is := (v.Text == "true") == says
			if e.role == roleMore || e.role == roleIsLast {
				r.more = &is
			} else {
				r.less = &is
			}
		}
	}
	return nil
}

// readWindow reads a window as a part of the envelope has it; null, absent, "" and (but for offsets and first pages) 0 mean none.
func (c *Collection) readWindow(e *part, v Value) (*Window, error) {
	back := e.role == rolePrev && c.Paging.Before != ""
	switch v.Kind {
	case Missing, Null:
		return nil, nil
	case Number:
		n, err := strconv.ParseFloat(v.Text, 64)
		if err != nil || n != float64(int(n)) || n < 0 {
			return nil, fmt.Errorf("%s is not a whole number", v.Text)
		}
		if n == 0 && !c.zeroLeads(e) {
			return nil, nil
		}
		return c.windowOf(strconv.Itoa(int(n)), back)
	case String:
		if v.Text == "" {
			return nil, nil
		}
		if e.url || c.Paging.Style != ByCursor && strings.ContainsAny(v.Text, "/?") || c.leads(v.Text) {
			return c.fromURL(v.Text)
		}
		return c.windowOf(v.Text, back)
	}
	return nil, errors.New("neither a number nor text")
}

// leads tells whether a text is an address with a cursor in it.
func (c *Collection) leads(text string) bool {
	_, query, ok := strings.Cut(text, "?")
	if !ok {
		return false
	}
	v, err := url.ParseQuery(query)
	return err == nil && (v.Has(c.Paging.Param) || c.Paging.Before != "" && v.Has(c.Paging.Before))
}

// zeroLeads tells whether 0 is a page to go back to: where it can be null instead, and pages or items are counted from 0.
func (c *Collection) zeroLeads(e *part) bool {
	return e.role == rolePrev && (e.nullable || !e.required) && (c.Paging.Style == ByOffset || c.Paging.Style == ByPage && c.Paging.First == 0)
}

func (c *Collection) windowOf(text string, back bool) (*Window, error) {
	if c.Paging.Style == ByCursor {
		return &Window{Cursor: text, Back: back}, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return nil, fmt.Errorf("%s is not a whole number", quote(text))
	}
	if c.Paging.Style == ByPage {
		return &Window{Page: n}, nil
	}
	return &Window{Offset: n}, nil
}

// fromURL reads the window from an address; one without the parameter is the first page.
func (c *Collection) fromURL(address string) (*Window, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("%s is not an address", quote(address))
	}
	v := u.Query()
	if before := c.Paging.Before; before != "" && v.Get(before) != "" {
		return c.windowOf(v.Get(before), true)
	}
	text := v.Get(c.Paging.Param)
	if text == "" {
		first := c.First()
		return &first, nil
	}
	return c.windowOf(text, false)
}

// fromLink reads the window that one relation of a Link header leads to; nil if it is not there.
func (c *Collection) fromLink(header, rel string) *Window {
	address := linkIn(header, rel)
	if address == "" {
		return nil
	}
	w, err := c.fromURL(address)
	if err != nil {
		return nil
	}
	return w
}

// linkIn gives the address of one relation of a Link header (RFC 8288 §3); "" if it is not there.
func linkIn(header, rel string) string {
	for rest := header; rest != ""; {
		open := strings.IndexByte(rest, '<')
		end := strings.IndexByte(rest, '>')
		if open < 0 || end < open {
			return ""
		}
		address := rest[open+1 : end]
		params := rest[end+1:]
		if next := strings.IndexByte(params, '<'); next >= 0 {
			params, rest = params[:next], params[next:]
		} else {
			rest = ""
		}
		for _, param := range strings.FieldsFunc(params, func(r rune) bool { return r == ';' || r == ',' }) {
			name, value, _ := strings.Cut(strings.TrimSpace(param), "=")
			if strings.EqualFold(strings.TrimSpace(name), "rel") && strings.EqualFold(strings.Trim(strings.TrimSpace(value), `"`), rel) {
				return address
			}
		}
	}
	return ""
}
