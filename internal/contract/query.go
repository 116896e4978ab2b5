package contract

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Query is what a request asks a list for. It is canonical if it holds no empty values, instants are in UTC, and sizes are within bounds.
type Query struct {
	Scope   []string    // values of the path's parameters, in order
	Filters []Condition // in the order of the collection's filters
	Search  string
	Order   []Order // nil: the default
	Window  Window
	Size    int // 0: the default
}

// Condition is a filter with its values.
type Condition struct {
	Param  string
	Values []string
}

// Window says which page: by the collection's style, a number from [Paging].First, an offset from 0, or a cursor ("" is the first page).
type Window struct {
	Page   int
	Offset int
	Cursor string
	Back   bool // the page that ends before the cursor, not the one that begins behind it; see [Paging].Before
}

// First is the window of the first page.
func (c *Collection) First() Window {
	if c.Paging.Style == ByPage {
		return Window{Page: c.Paging.First}
	}
	return Window{}
}

// SizeOf gives how many items a page of the query holds; 0 means all.
func (c *Collection) SizeOf(q Query) int {
	if q.Size > 0 {
		return q.Size
	}
	return c.Paging.Default
}

// Offset gives how many items come before the query's window, if the style tells. It does not overflow.
func (c *Collection) Offset(q Query) int {
	if c.Paging.Style == ByPage {
		size := c.SizeOf(q)
		if q.Window.Page > (1<<62)/max(size, 1) {
			return 1 << 62
		}
		return (q.Window.Page - c.Paging.First) * size
	}
	return q.Window.Offset
}

// Normalize drops the parameters whose empty value is as if absent (filters, ordering, search, size), and of those sent several times keeps the last.
// What is normal already is given back as it is.
func (c *Collection) Normalize(v url.Values) url.Values {
	out, copied := v, false
	for name, values := range v {
		f := c.filter(name)
		last := values
		if len(values) > 1 && (f == nil || !f.Op.several()) && (name != c.Ordering.Param || !c.Ordering.repeats) {
			last = values[len(values)-1:]
		}
		optional := f != nil || c.Ordering.NamesField(name) || name == c.Ordering.Direction || name == c.Search.Param || name == c.Paging.Size
		drop := optional && (len(last) == 0 || len(last) == 1 && last[0] == "")
		if size, odd := c.oddSize(name, last); odd {
			last = []string{size}
		} else if !drop && len(last) == len(values) {
			continue
		}
		if !copied {
			out, copied = maps.Clone(v), true
		}
		if out[name] = last; drop {
			delete(out, name)
		}
	}
	return out
}

// oddSize gives a size, or a page's number, that is written in a way of its own as the integer that it means.
func (c *Collection) oddSize(name string, values []string) (size string, odd bool) {
	if name == "" || name != c.Paging.Size && name != c.Paging.Param {
		return "", false
	}
	if p := c.list.Parameter("query", name); p != nil && p.Schema != nil && p.Schema.Type() == "number" && len(values) == 1 {
		if f, err := strconv.ParseFloat(values[0], 64); err == nil && f != float64(int(f)) || strings.Contains(values[0], ".") && err == nil {
			return itoa(int(f)), true // declared a number, so a fraction is allowed
		}
	}
	if name != c.Paging.Size {
		return "", false
	}
	return hugeSize(values)
}

// hugeSize tells of an integer of more bits than we have, and gives one that means the same as a size: none, or more than any bound.
func hugeSize(values []string) (size string, huge bool) {
	if len(values) != 1 || len(values[0]) < 15 {
		return "", false
	}
	digits, below := strings.CutPrefix(values[0], "-")
	if strings.Trim(digits, "0123456789") != "" {
		return "", false
	}
	if below {
		return "0", true
	}
	return "999999999", true
}

// Parse reads a request's path (below the server) and its query parameters. Parameters that the collection does not know are ignored, and so are fields that it cannot be ordered by. The error
// is of type [Violations]: a window, a size or a filter's value that is none.
func (c *Collection) Parse(path string, v url.Values) (Query, error) {
	var q Query
	var bad Violations
	q.Scope, _ = c.template.match(path)
	v = c.Normalize(v)
	for _, f := range c.Filters {
		if values, ok := v[f.Param]; ok {
			canonical, ok := f.canonical(values)
			if !ok {
				bad = append(bad, c.badFilter(f, values[len(values)-1]))
				continue
			}
			q.Filters = append(q.Filters, Condition{f.Param, canonical})
		}
	}
	if c.Search.Param != "" {
		q.Search = strings.ReplaceAll(v.Get(c.Search.Param), "\x00", "")
		if len(searchWords(q.Search)) == 0 {
			q.Search = ""
		}
	}
	q.Order = c.Ordering.parse(v)
	if c.Paging.Size != "" {
		if text := v.Get(c.Paging.Size); text != "" {
			n, ok := wholeNumber(text)
			if !ok {
				bad = append(bad, c.doc.violation("query", c.Paging.Size, "type/integer", c.messages(c.Paging.Size),
					map[string]string{"value": text}, "%s is not an integer", quote(text)))
			}
			q.Size = max(n, 0)
			if c.Paging.Max > 0 {
				q.Size = min(q.Size, c.Paging.Max)
			}
		}
	}
	var wrong *Violation
	if q.Window, wrong = c.parseWindow(v); wrong != nil {
		bad = append(bad, *wrong)
	}
	if len(bad) > 0 {
		return Query{}, bad
	}
	return q, nil
}

// parseWindow reads which page is asked for.
func (c *Collection) parseWindow(v url.Values) (Window, *Violation) {
	p := &c.Paging
	if p.Before != "" && v.Get(p.Before) != "" && v.Get(p.Param) == "" {
		return Window{Cursor: v.Get(p.Before), Back: true}, nil
	}
	values, ok := v[p.Param]
	if !ok || p.Style == NoPaging {
		return c.First(), nil
	}
	text := values[len(values)-1]
	n, number := wholeNumber(text)
	switch {
	case p.Style == ByCursor:
		return Window{Cursor: text}, nil
	case p.Style == ByPage && number && n >= p.First:
		return Window{Page: n}, nil
	case p.Style == ByOffset && number && n >= 0:
		return Window{Offset: n}, nil
	}
	bad := c.BadWindow(text)
	return Window{}, &bad
}

// Encode is the inverse of Parse: the path below the server and the parameters of a canonical query.
func (c *Collection) Encode(q Query) (path string, v url.Values) {
	v = url.Values{}
	for _, f := range q.Filters {
		v[f.Param] = slices.Clone(f.Values)
	}
	if q.Search != "" {
		v.Set(c.Search.Param, q.Search)
	}
	c.Ordering.encode(v, q.Order)
	if q.Size > 0 {
		v.Set(c.Paging.Size, itoa(q.Size))
	}
	if text := c.windowText(q.Window); q.Window != c.First() && text != "" {
		v.Set(c.windowParam(q.Window), text)
	}
	return c.template.expand(q.Scope), v
}

// windowParam is the parameter that a window is sent in.
func (c *Collection) windowParam(w Window) string {
	if w.Back && c.Paging.Before != "" {
		return c.Paging.Before
	}
	return c.Paging.Param
}

// windowText is a window as its parameter has it.
func (c *Collection) windowText(w Window) string {
	switch c.Paging.Style {
	case ByPage:
		return itoa(w.Page)
	case ByOffset:
		return itoa(w.Offset)
	}
	return w.Cursor
}

// BadWindow is the violation of a window that is none: a page that is no number, or below 1.
func (c *Collection) BadWindow(text string) Violation {
	what := map[Style]string{ByPage: "an integer of at least " + itoa(c.Paging.First), ByOffset: "an integer of at least 0", ByCursor: "a cursor from a page before"}
	return c.window(text, "%s is not %s", quote(text), what[c.Paging.Style])
}

// PastEnd is the violation of a page number behind the last page.
func (c *Collection) PastEnd(page, last int) Violation {
	return c.window(itoa(page), "%d is past the last page, %d", page, last)
}

func (c *Collection) window(text, format string, args ...any) Violation {
	return c.doc.violation("query", c.Paging.Param, "page", c.messages(c.Paging.Param), map[string]string{"value": text}, format, args...)
}

func (c *Collection) badFilter(f Filter, value string) Violation {
	keyword, what := "type/number", "a number"
	switch {
	case f.Op.Boolean() || f.kind == boolKind:
		keyword, what = "type/boolean", "true or false"
	case f.kind == instantKind:
		keyword, what = "format/date-time", formatName("date-time")
	case f.kind == dateKind:
		keyword, what = "format/date", formatName("date")
	}
	return c.doc.violation("query", f.Param, keyword, c.messages(f.Param), map[string]string{"value": value}, "%s is not %s", quote(value), what)
}

// messages gives the API's own sentences for a query parameter.
func (c *Collection) messages(param string) messages {
	if p := c.list.Parameter("query", param); p != nil {
		return p.messages
	}
	return nil
}

var jsonNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]{1,3})?$`)

// ParseQuery reads a query string. Unlike [url.ParseQuery] it loses nothing: what is not escaped well stays as it is, and only & separates.
func ParseQuery(raw string) url.Values {
	out := url.Values{}
	for _, pair := range strings.Split(raw, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		name = unescape(name)
		out[name] = append(out[name], unescape(value))
	}
	return out
}

func unescape(s string) string {
	if u, err := url.QueryUnescape(s); err == nil {
		return u
	}
	return s
}

// wholeNumber reads an integer as people and clients write it: digits, perhaps a sign.
func wholeNumber(s string) (int, bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil
}
