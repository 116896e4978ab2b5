package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
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
	hasNext bool // next can be told: from the body or from Link
	hasPrev bool
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
	roleTotal      role = "total"
	rolePages      role = "pages in all"
	rolePage       role = "page number"
	roleSize       role = "size"
	roleOffset     role = "offset"
	roleCount      role = "items on the page"
	roleFirstIndex role = "first item, from 1"
	roleLastIndex  role = "last item, from 1"
	roleNext       role = "next"
	rolePrev       role = "previous"
	roleMore       role = "more to come"
	roleLess       role = "some before"
	roleSelf       role = "this page"
	roleLink       role = "links"
)

// Wrap appends a page to dst as the document has it, and gives the headers that go with it. The address is that of the request: links keep all its parameters.
func (c *Collection) Wrap(dst []byte, u *url.URL, q Query, p Page) ([]byte, http.Header) {
	w := wrapper{c: c, url: u, q: q, page: p}
	var h http.Header
	for _, f := range c.envelope.headers {
		if text := w.header(f.role); text != "" {
			if h == nil {
				h = http.Header{}
			}
			h.Set(f.name, text)
		}
	}
	return w.append(dst, &c.envelope.root), h
}

type wrapper struct {
	c    *Collection
	url  *url.URL
	q    Query
	page Page
}

func (w *wrapper) append(dst []byte, p *part) []byte {
	if p.role == roleItems {
		dst = append(dst, '[')
		for i, it := range w.page.Items {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = it.AppendJSON(dst)
		}
		return append(dst, ']')
	}
	if p.parts == nil {
		text, _ := w.value(p)
		return append(dst, text...)
	}
	dst = append(dst, '{')
	for i := range p.parts {
		child := &p.parts[i]
		if child.parts == nil && child.role != roleItems {
			if _, ok := w.value(child); !ok {
				continue
			}
		}
		if dst[len(dst)-1] != '{' {
			dst = append(dst, ',')
		}
		dst = strconv.AppendQuote(dst, child.name)
		dst = w.append(append(dst, ':'), child)
	}
	return append(dst, '}')
}

// value gives a part's JSON; not ok where it is better left out.
func (w *wrapper) value(p *part) (text string, ok bool) {
	if n, known := w.number(p.role); known {
		if p.typ == "string" {
			return strconv.Quote(itoa(n)), true
		}
		return itoa(n), true
	}
	switch p.role {
	case roleNext, rolePrev, roleSelf:
		window := w.window(p.role)
		switch {
		case window == nil:
			return p.empty()
		case p.typ != "string" && p.typ != "":
			return w.c.windowText(*window), true
		case p.url:
			return jsonText(w.link(*window)), true
		}
		return jsonText(w.c.windowText(*window)), true
	case roleMore:
		return strconv.FormatBool(w.page.Next != nil), true
	case roleLess:
		return strconv.FormatBool(w.page.Prev != nil), true
	}
	return p.empty()
}

func (w *wrapper) window(r role) *Window {
	switch r {
	case roleNext:
		return w.page.Next
	case rolePrev:
		return w.page.Prev
	}
	return &w.q.Window
}

// number gives what a role counts, if it is known.
func (w *wrapper) number(r role) (int, bool) {
	size := w.c.SizeOf(w.q)
	n := len(w.page.Items)
	total := 0
	if w.page.Total != nil {
		total = *w.page.Total
	}
	if size == 0 {
		size = max(total, 1)
	}
	offset := 0
	if w.c.Paging.Style != ByCursor {
		offset = w.c.Offset(w.q)
	}
	switch r {
	case roleCount:
		return n, true
	case roleSize:
		return size, true
	case rolePage:
		return offset/size + 1, w.c.Paging.Style != ByCursor
	case roleOffset:
		return offset, w.c.Paging.Style != ByCursor
	case roleTotal:
		return total, w.page.Total != nil
	case rolePages:
		return max(1, (total+size-1)/size), w.page.Total != nil
	case roleFirstIndex:
		if n == 0 {
			return 0, true
		}
		return offset + 1, w.c.Paging.Style != ByCursor
	case roleLastIndex:
		if n == 0 {
			return 0, true
		}
		return offset + n, w.c.Paging.Style != ByCursor
	}
	return 0, false
}

// empty is the value of a part that has nothing to say: absent where it may be, null where it may be, else the zero of its type.
func (p *part) empty() (string, bool) {
	switch {
	case p.nullable:
		return "null", true
	case !p.required:
		return "", false
	}
	switch p.typ {
	case "number", "integer":
		return "0", true
	case "boolean":
		return "false", true
	case "array":
		return "[]", true
	case "object":
		return "{}", true
	}
	return `""`, true
}

// link is the request's address with another window.
func (w *wrapper) link(window Window) string {
	u := *w.url
	v := u.Query()
	v.Set(w.c.Paging.Param, w.c.windowText(window))
	u.RawQuery = v.Encode()
	return u.String()
}

func (w *wrapper) header(r role) string {
	if r == roleLink {
		var links []string
		for _, l := range []struct {
			rel    string
			window *Window
		}{{"prev", w.page.Prev}, {"next", w.page.Next}} {
			if l.window != nil {
				links = append(links, fmt.Sprintf("<%s>; rel=%q", w.link(*l.window), l.rel))
			}
		}
		return strings.Join(links, ", ")
	}
	if n, ok := w.number(r); ok {
		return itoa(n)
	}
	return ""
}

// Project is what the collection's style can say of a page: Unwrap(Wrap(p)) == Project(p).
func (c *Collection) Project(p Page) Page {
	if !c.envelope.total {
		p.Total = nil
	}
	if !c.envelope.hasNext {
		p.Next = nil
	}
	if !c.envelope.hasPrev {
		p.Prev = nil
	}
	return p
}

// Unwrap reads a response to a query: the inverse of Wrap, as far as the style says.
func (c *Collection) Unwrap(q Query, h http.Header, body []byte) (Page, error) {
	var p Page
	var b bytes.Buffer
	if err := json.Compact(&b, body); err != nil {
		return p, fmt.Errorf("the body is not JSON: %w", err)
	}
	text := b.String()
	if err := c.unwrap(&p, &c.envelope.root, text, nil); err != nil {
		return p, err
	}
	for _, f := range c.envelope.headers {
		value := h.Get(f.name)
		switch {
		case value == "":
		case f.role == roleLink:
			if p.Next == nil {
				p.Next = c.fromLink(value, "next")
			}
			if p.Prev == nil {
				p.Prev = c.fromLink(value, "prev")
			}
		case f.role == roleTotal && p.Total == nil:
			n, err := strconv.Atoi(value)
			if err != nil {
				return p, fmt.Errorf("header %s is %s, not a whole number", f.name, quote(value))
			}
			p.Total = &n
		}
	}
	return p, nil
}

func (c *Collection) unwrap(p *Page, e *part, text string, path []string) error {
	where := strings.Join(path, ".")
	if e.role == roleItems {
		if text == "" || text[0] != '[' {
			return fmt.Errorf("no array of items at %q", where)
		}
		for element := range elementsOf(text) {
			it, err := c.Records.Decode([]byte(element))
			if err != nil {
				return fmt.Errorf("item %d at %q: %w", len(p.Items), where, err)
			}
			p.Items = append(p.Items, it)
		}
		return nil
	}
	for i := range e.parts {
		child := &e.parts[i]
		if err := c.unwrap(p, child, at(text, []string{child.name}), append(path[:len(path):len(path)], child.name)); err != nil {
			return err
		}
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
		p.Total = &total
	case roleNext, rolePrev:
		w, err := c.readWindow(e, v)
		if err != nil {
			return fmt.Errorf("%s: %w", where, err)
		}
		if e.role == roleNext {
			p.Next = w
		} else {
			p.Prev = w
		}
	}
	return nil
}

// readWindow reads a window as a part of the envelope has it; null, absent, "" and 0 mean none.
func (c *Collection) readWindow(e *part, v Value) (*Window, error) {
	switch v.Kind {
	case Missing, Null:
		return nil, nil
	case Number:
		n, err := strconv.ParseFloat(v.Text, 64)
		if err != nil || n != float64(int(n)) || n < 0 {
			return nil, fmt.Errorf("%s is not a whole number", v.Text)
		}
		if n == 0 {
			return nil, nil
		}
		return c.windowOf(strconv.Itoa(int(n)))
	case String:
		if v.Text == "" {
			return nil, nil
		}
		if e.url {
			return c.fromURL(v.Text)
		}
		return c.windowOf(v.Text)
	}
	return nil, errors.New("neither a number nor text")
}

func (c *Collection) windowOf(text string) (*Window, error) {
	if c.Paging.Style == ByCursor {
		return &Window{Cursor: text}, nil
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
	text := u.Query().Get(c.Paging.Param)
	if text == "" {
		first := c.First()
		return &first, nil
	}
	return c.windowOf(text)
}

// fromLink reads one relation of a Link header (RFC 8288 §3); nil if it is not there.
func (c *Collection) fromLink(header, rel string) *Window {
	for rest := header; rest != ""; {
		open := strings.IndexByte(rest, '<')
		end := strings.IndexByte(rest, '>')
		if open < 0 || end < open {
			return nil
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
				if w, err := c.fromURL(address); err == nil {
					return w
				}
			}
		}
	}
	return nil
}
