package mutant

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"understudy/internal/contract"
)

// mostRead bounds how many items of a list a mutant reads.
const mostRead = 5000

// scope gives the values of the list's path parameters: those of an item's path but for the key.
func (x *exchange) scope() []string {
	n := len(x.place.Collection.List().PathParameters())
	return x.values[:min(n, len(x.values))]
}

// asked gives what a request asks of the place's list, and the answer of the inner server to it; false if it is no request for a page, or has none.
func (x *exchange) asked() (contract.Query, bool) {
	if !x.is(contract.List) {
		return contract.Query{}, false
	}
	q, err := x.place.Collection.Parse(x.path, x.query)
	return q, err == nil
}

// all reads everything that a query has, whatever its page, as JSON in the list's order; nil if that cannot be read.
func (x *exchange) all(q contract.Query) []string {
	c := x.place.Collection
	q.Scope, q.Window, q.Size = x.scope(), c.First(), 0
	if c.Paging.Size != "" && c.Paging.Style != contract.NoPaging {
		q.Size = largest(c)
	}
	var out []string
	for range mostRead {
		path, query := c.Encode(q)
		for _, p := range c.List().Parameters { // those that it cannot be asked without
			if values, ok := x.query[p.Name]; ok && p.Required && p.In == "query" && !query.Has(p.Name) {
				query[p.Name] = values
			}
		}
		a := x.ask(http.MethodGet, path, query, "")
		page, err := c.Unwrap(q, a.header, a.body)
		if !a.ok() || err != nil {
			return out
		}
		items := itemsOf(c, a)
		out = append(out, items...)
		switch {
		case len(items) == 0, page.Total != nil && len(out) >= *page.Total, c.Paging.Style == contract.NoPaging, len(out) > mostRead:
			return out
		case page.Next != nil:
			q.Window = *page.Next
		case c.Paging.Style == contract.ByPage && page.Total != nil:
			q.Window.Page++
		case c.Paging.Style == contract.ByOffset && page.Total != nil:
			q.Window.Offset += len(items)
		default:
			return out
		}
	}
	return out
}

// largest is the largest size of a page that the document allows, up to 100.
func largest(c *contract.Collection) int {
	size := 100
	if p := c.List().Parameter("query", c.Paging.Size); p != nil && p.Schema != nil {
		if most := p.Schema.Keywords().Maximum; most != nil {
			size = min(size, int(*most))
		}
	}
	if c.Paging.Max > 0 {
		size = min(size, c.Paging.Max)
	}
	return max(size, 1)
}

// at writes a path for gjson and sjson.
func at(path []string) string {
	parts := make([]string, len(path))
	for i, name := range path {
		parts[i] = gjson.Escape(name)
	}
	return strings.Join(parts, ".")
}

// itemsPath is where the items stand in a body; "@this" is the body itself.
func itemsPath(c *contract.Collection) string {
	for _, told := range c.Tells() {
		if told.What == "items" && told.Header == "" && len(told.Path) > 0 {
			return at(told.Path)
		}
	}
	return "@this"
}

// itemsOf gives the items of a page.
func itemsOf(c *contract.Collection, a *answer) []string {
	var out []string
	if list := gjson.GetBytes(a.body, itemsPath(c)); list.IsArray() {
		list.ForEach(func(_, item gjson.Result) bool {
			out = append(out, item.Raw)
			return true
		})
	}
	return out
}

// withItems puts other items into a page; all else stays.
func withItems(c *contract.Collection, a *answer, items []string) *answer {
	list := "[" + strings.Join(items, ",") + "]"
	path := itemsPath(c)
	if path == "@this" {
		return a.with(list)
	}
	body, err := sjson.SetRaw(string(a.body), path, list)
	if err != nil {
		return a
	}
	return a.with(body)
}

// keyOf gives the key of an item.
func keyOf(c *contract.Collection, item string) string {
	return gjson.Get(item, gjson.Escape(c.Records.Key)).String()
}

// told gives the number that a page tells, and whether it does.
func told(c *contract.Collection, a *answer, what string) (int, bool) {
	for _, t := range c.Tells() {
		switch {
		case t.What != what:
		case t.Header != "":
			if n, err := strconv.Atoi(a.header.Get(t.Header)); err == nil {
				return n, true
			}
		default:
			if v := gjson.GetBytes(a.body, at(t.Path)); v.Type == gjson.Number {
				return int(v.Int()), true
			}
		}
	}
	return 0, false
}

// tells tells whether the list's answers say something.
func tells(c *contract.Collection, what string) bool {
	return slices.ContainsFunc(c.Tells(), func(t contract.Told) bool { return t.What == what })
}

// tell writes another number where a page tells one; texts stay texts.
func tell(c *contract.Collection, a *answer, what string, n int) *answer {
	for _, t := range c.Tells() {
		if t.What != what {
			continue
		}
		if t.Header != "" {
			if a.header.Get(t.Header) != "" {
				a.header.Set(t.Header, strconv.Itoa(n))
			}
			continue
		}
		text := strconv.Itoa(n)
		switch v := gjson.GetBytes(a.body, at(t.Path)); v.Type {
		case gjson.String:
			text = strconv.Quote(text)
		case gjson.Number:
		default:
			continue
		}
		if body, err := sjson.SetRaw(string(a.body), at(t.Path), text); err == nil {
			a.with(body)
		}
	}
	return a
}

// onList makes the spoiler of a mutant that breaks pages: those with a success, which can be read.
func onList(applies func(c *contract.Collection) bool, spoil func(x *exchange, q contract.Query) *answer) func(*Place) spoiler {
	return func(p *Place) spoiler {
		if p.Collection == nil || p.operation(contract.List) == nil || applies != nil && !applies(p.Collection) {
			return nil
		}
		return func(x *exchange) *answer {
			q, ok := x.asked()
			if !ok || x.method != http.MethodGet {
				return x.pass()
			}
			return spoil(x, q)
		}
	}
}

// onPage is onList for mutants that change an answer.
func onPage(applies func(c *contract.Collection) bool, spoil func(x *exchange, q contract.Query, a *answer) *answer) func(*Place) spoiler {
	return onList(applies, func(x *exchange, q contract.Query) *answer {
		a := x.pass()
		if !a.ok() {
			return a
		}
		return spoil(x, q, a)
	})
}

// onItems is onPage for mutants that change which items a page has.
func onItems(applies func(c *contract.Collection) bool, spoil func(x *exchange, q contract.Query, items []string) []string) func(*Place) spoiler {
	return onPage(applies, func(x *exchange, q contract.Query, a *answer) *answer {
		before := itemsOf(x.place.Collection, a)
		after := spoil(x, q, slices.Clone(before))
		if slices.Equal(before, after) {
			return a
		}
		return withItems(x.place.Collection, a, after)
	})
}

// onQuery is onList for mutants that do not see, or see otherwise, what is asked.
func onQuery(applies func(c *contract.Collection) bool, spoil func(c *contract.Collection, q contract.Query, v url.Values)) func(*Place) spoiler {
	return onList(applies, func(x *exchange, q contract.Query) *answer {
		spoil(x.place.Collection, q, x.query)
		return x.pass()
	})
}

// later tells whether a query asks for another page than the first.
func later(c *contract.Collection, q contract.Query) bool { return q.Window != c.First() }

func paged(c *contract.Collection) bool   { return c.Paging.Style != contract.NoPaging }
func sized(c *contract.Collection) bool   { return paged(c) && c.Paging.Size != "" }
func counted(c *contract.Collection) bool { return tells(c, "the total") }
func keyed(c *contract.Collection) bool   { return c != nil && c.Records != nil && c.Records.Key != "" }
