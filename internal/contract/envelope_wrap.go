package contract

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
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
	if p.parts == nil || p.role != roleNone && w.window(p.role) == nil {
		return append(dst, w.value(p)...)
	}
	dst = append(dst, '{')
	for i := range p.parts {
		child := &p.parts[i]
		if child.role != roleItems && (child.parts == nil || child.role != roleNone && w.window(child.role) == nil) && w.value(child) == "" {
			continue
		}
		if dst[len(dst)-1] != '{' {
			dst = append(dst, ',')
		}
		dst = strconv.AppendQuote(dst, child.name)
		dst = w.append(append(dst, ':'), child)
	}
	return append(dst, '}')
}

// value gives a part's JSON; "" where it is better left out.
func (w *wrapper) value(p *part) string {
	if p.parts != nil { // a link that leads nowhere
		return p.rest
	}
	if n, known := w.number(p.role); known {
		if p.typ == "string" {
			return strconv.Quote(itoa(n))
		}
		return itoa(n)
	}
	back := w.c.envelope.backward(w.q)
	switch p.role {
	case roleSelf:
		return jsonText(w.url.String())
	case rolePath:
		return jsonText(w.url.Path)
	case roleNext, rolePrev, roleFirst, roleLast:
		if window := w.window(p.role); window != nil {
			return w.windowJSON(p, *window)
		}
	case roleMore, roleIsLast:
		more := back && w.page.Prev != nil || !back && w.page.Next != nil
		return strconv.FormatBool(more == (p.role == roleMore))
	case roleLess, roleIsFirst:
		return strconv.FormatBool((w.page.Prev != nil) == (p.role == roleLess))
	case roleEmpty:
		return strconv.FormatBool(len(w.page.Items) == 0)
	case roleFirstKey, roleLastKey:
		if n := len(w.page.Items); n > 0 {
			at := map[role]int{roleFirstKey: 0, roleLastKey: n - 1}[p.role]
			if key := w.page.Items[at].Key(); p.typ == "integer" || p.typ == "number" {
				return key
			}
			return jsonText(w.page.Items[at].Key())
		}
	}
	return p.rest
}

// windowJSON is a window as a part has it: an address, a number or a token.
func (w *wrapper) windowJSON(p *part, window Window) string {
	text := w.c.windowText(window)
	switch {
	case p.url:
		return jsonText(w.link(window))
	case text == "":
		return p.rest
	case p.typ != "string" && p.typ != "":
		return text
	}
	return jsonText(text)
}

func (w *wrapper) window(r role) *Window {
	switch r {
	case roleNext:
		return w.page.Next
	case rolePrev:
		return w.page.Prev
	case roleFirst:
		first := w.c.First()
		return &first
	case roleLast:
		return w.last()
	}
	return &w.q.Window
}

// last is the window of the last page, if it can be told.
func (w *wrapper) last() *Window {
	pages, known := w.number(rolePages)
	switch {
	case w.page.Next == nil:
		return &w.q.Window
	case !known || w.c.Paging.Style == ByCursor:
		return nil
	case w.c.Paging.Style == ByPage:
		return &Window{Page: w.c.Paging.First + pages - 1}
	}
	return &Window{Offset: (pages - 1) * max(w.c.SizeOf(w.q), 1)}
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
	counted := w.c.Paging.Style != ByCursor
	offset, first := 0, 1
	if counted {
		offset = w.c.Offset(w.q)
	}
	if w.c.Paging.Style == ByPage {
		first = w.c.Paging.First
	}
	switch r {
	case roleCount:
		return n, true
	case roleSize:
		return size, true
	case rolePage:
		return offset/size + first, counted
	case roleOffset:
		return offset, counted
	case roleTotal:
		return total, w.page.Total != nil
	case rolePages:
		return max(1, (total+size-1)/size), w.page.Total != nil
	case roleFirstIndex:
		if n == 0 {
			return 0, true
		}
		return offset + 1, counted
	case roleLastIndex:
		if n == 0 {
			return 0, true
		}
		return offset + n, counted
	}
	return 0, false
}

// link is the request's address with another window.
func (w *wrapper) link(window Window) string {
	u := *w.url
	v := u.Query()
	p := &w.c.Paging
	if p.Before != "" {
		v.Del(p.Before)
		v.Del(p.Param)
	}
	if name, text := w.c.windowParam(window), w.c.windowText(window); text != "" {
		v.Set(name, text)
	} else {
		v.Del(name)
	}
	u.RawQuery = v.Encode()
	return u.String()
}

func (w *wrapper) header(r role) string {
	switch r {
	case roleLink:
		return w.links()
	case roleNext, rolePrev:
		if window := w.window(r); window != nil {
			return url.QueryEscape(w.c.windowText(*window))
		}
		return ""
	case roleRange:
		return w.contentRange()
	}
	if n, ok := w.number(r); ok {
		return itoa(n)
	}
	return ""
}

func (w *wrapper) links() string {
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

// contentRange is the items of the page, counted from 0, and the total, as RFC 9110 §14.4 writes a range of another unit than bytes.
func (w *wrapper) contentRange() string {
	n, total := len(w.page.Items), "*"
	if w.page.Total != nil {
		total = itoa(*w.page.Total)
	}
	if n == 0 || w.c.Paging.Style == ByCursor {
		return "items */" + total
	}
	offset := w.c.Offset(w.q)
	return fmt.Sprintf("items %d-%d/%s", offset, offset+n-1, total)
}
