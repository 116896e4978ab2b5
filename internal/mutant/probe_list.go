package mutant

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"understudy/internal/contract"
)

// list makes the probes of a collection: those of its list, of an item, and those that write.
func (b *prober) list(scope []string) {
	c := b.p.Collection
	op := c.List()
	ask := func(label string, q contract.Query, more ...string) {
		q.Scope = scope
		path, v := c.Encode(q)
		for i := 0; i+1 < len(more); i += 2 {
			v.Add(more[i], more[i+1])
		}
		b.add(label, op, http.MethodGet, withParameters(path, v), "")
	}
	first := contract.Query{Window: c.First()}
	ask("list", first)
	path, v := c.Encode(contract.Query{Scope: scope, Window: c.First()})
	a := b.ask(op, http.MethodGet, withParameters(path, v), "")
	items := itemsOf(c, a)
	b.pages(ask, first, a, len(items))
	b.orders(ask, first)
	b.filters(ask, first, items)
	b.searches(ask, first, items)
	ask("list/unknown", first, "zz_understudy", "1")
	for _, odd := range []string{"\U0001f642", "a\x00b", strings.Repeat("x", 200)} {
		ask("list/odd", first, "zz_odd", odd)
		if c.Search.Param != "" {
			ask("list/odd", first, c.Search.Param, odd)
		}
	}
	b.bare("list", op, withParameters(path, v))
	if paged(c) && c.Paging.Style != contract.ByCursor && guarded(op) {
		q := contract.Query{Scope: scope, Window: second(c, 2)}
		if c.Paging.Size != "" {
			q.Size = 2
		}
		path, v := c.Encode(q)
		b.add("auth/none/page", nil, http.MethodGet, withParameters(path, v), "")
	}
	b.odd("list", op, withParameters(path, v))
	if c.ItemPath != "" && keyed(c) {
		b.items(scope, items)
	}
	b.write(scope, items)
}

// second is the window of the second page of a size.
func second(c *contract.Collection, size int) contract.Window {
	w := c.First()
	if c.Paging.Style == contract.ByPage {
		w.Page++
	} else {
		w.Offset += size
	}
	return w
}

// pages asks for other pages and sizes, and for pages that there are not.
func (b *prober) pages(ask func(string, contract.Query, ...string), first contract.Query, a *answer, n int) {
	c := b.p.Collection
	if !paged(c) {
		return
	}
	ask("list/page", first) // again
	size := 0
	if c.Paging.Size != "" {
		size = 3
		for _, n := range []int{1, 2, 3, 4, largest(c)} {
			q := first
			q.Size = n
			ask("list/size", q)
		}
		ask("list/bad/size", first, c.Paging.Size, "abc")
	}
	page, err := c.Unwrap(first, a.header, a.body)
	total := n
	if err == nil && page.Total != nil {
		total = *page.Total
	}
	per := max(size, 1)
	if size == 0 {
		per = max(n, 1)
	}
	q := first
	q.Size = size
	if c.Paging.Style == contract.ByCursor {
		for range 3 {
			path, v := c.Encode(b.scoped(q))
			a := b.ask(c.List(), http.MethodGet, withParameters(path, v), "")
			page, err := c.Unwrap(q, a.header, a.body)
			if err != nil || page.Next == nil {
				break
			}
			q.Window = *page.Next
			ask("list/page", q)
		}
		ask("list/bad/cursor", first, c.Paging.Param, "understudy-zz")
		return
	}
	last := (total + per - 1) / per
	for _, number := range []int{1, 2, last - 1} {
		if number < 1 {
			continue
		}
		if q.Window.Offset = number * per; c.Paging.Style == contract.ByPage {
			q.Window = contract.Window{Page: c.Paging.First + number}
		}
		ask("list/page", q)
	}
	if q.Window.Offset = (last + 1) * per; c.Paging.Style == contract.ByPage {
		q.Window = contract.Window{Page: c.Paging.First + last + 1}
	}
	ask("list/past-end", q)
	for _, bad := range []string{"0", "-1", "abc", "1.5", "", "99999999999999999999"} {
		if bad == "0" && c.First() == (contract.Window{}) {
			continue
		}
		ask("list/bad/page", first, c.Paging.Param, bad)
	}
	if last > 1 && size == 0 {
		return
	}
	size = largest(c)
	if c.Paging.Size != "" && total > size { // the last page, in the order that everything is read in
		q := first
		q.Size = size
		if q.Window.Offset = (total - 1) / size * size; c.Paging.Style == contract.ByPage {
			q.Window = contract.Window{Page: c.Paging.First + (total-1)/size}
		}
		ask("list/page", q)
	}
}

func (b *prober) scoped(q contract.Query) contract.Query {
	if n := len(b.p.Collection.List().PathParameters()); n > 0 && len(q.Scope) == 0 {
		q.Scope, _ = b.scope(b.p.Collection)
	}
	return q
}

// orders asks for every order, twice, on two pages.
func (b *prober) orders(ask func(string, contract.Query, ...string), first contract.Query) {
	c := b.p.Collection
	for _, field := range c.Ordering.Fields {
		for _, o := range []contract.Order{{Field: field}, {Field: field, Desc: true}} {
			if !c.Ordering.Offers(o) {
				continue
			}
			q := first
			q.Order = []contract.Order{o}
			ask("list/order/"+field, q)
			ask("list/order/"+field, q)
			if c.Paging.Size != "" && !byCursor(c) {
				q.Size = 5
				q.Window = second(c, 5)
				ask("list/order/"+field, q)
			}
			if c.Paging.Size != "" { // everything, in large pages
				q.Size, q.Window = largest(c), c.First()
				ask("list/order/"+field, q)
				if !byCursor(c) {
					q.Window = second(c, q.Size)
					ask("list/order/"+field, q)
				}
			}
		}
	}
	if param, value := c.Ordering.Asking("zz_understudy"); param != "" {
		ask("list/order-unknown", first, param, value)
	}
}

// filters asks by every filter: a value that items have, one that none has, one of another type, an empty one; and by two at once.
func (b *prober) filters(ask func(string, contract.Query, ...string), first contract.Query, items []string) {
	c := b.p.Collection
	var known [][2]string
	for _, f := range c.Filters {
		label := "list/filter/" + f.Param
		var values []string
		for _, item := range items {
			v := gjson.Get(item, at(f.Path))
			if text := v.String(); v.Exists() && text != "" && v.Type != gjson.JSON && !slices.Contains(values, text) && len(values) < 3 {
				values = append(values, text)
			}
		}
		if f.Op.Boolean() {
			values = []string{"true", "false"}
		}
		for i, value := range values {
			ask(label, first, f.Param, value)
			if c.Paging.Size != "" && !byCursor(c) && i == 0 {
				q := first
				q.Size, q.Window = 2, second(c, 2)
				ask(label, q, f.Param, value)
			}
		}
		if len(values) > 0 {
			known = append(known, [2]string{f.Param, values[0]})
			b.spelt(c, first, f.Param, values[0])
		}
		for _, none := range []string{"zz-understudy", "00000000-1111-4222-8333-444444444444", "987654321", "1971-02-03T04:05:06Z"} {
			ask("list/filter-none/"+f.Param, first, f.Param, none)
		}
		ask("list/filter-bad/"+f.Param, first, f.Param, "not one")
		ask("list/empty/"+f.Param, first, f.Param, "")
	}
	for i := 1; i < len(known); i++ {
		ask("list/filter-both", first, known[i-1][0], known[i-1][1], known[i][0], known[i][1])
		ask("list/filter-both", first, known[i-1][0], known[i-1][1], known[i][0], "zz-understudy")
	}
}

// spelt asks with a value whose letters are escaped, and with the filter before and behind another parameter.
func (b *prober) spelt(c *contract.Collection, first contract.Query, param, value string) {
	path, v := c.Encode(b.scoped(first))
	var escaped strings.Builder
	for i := range len(value) {
		escaped.WriteString("%" + strings.ToUpper(strconv.FormatInt(int64(value[i])+256, 16)[1:]))
	}
	more := ""
	if len(v) > 0 {
		more = v.Encode() + "&"
	}
	name := url.QueryEscape(param)
	b.add("list/filter-spelling", c.List(), http.MethodGet, path+"?"+more+name+"="+escaped.String(), "")
	if c.Paging.Size != "" {
		size := url.QueryEscape(c.Paging.Size) + "=5"
		b.add("list/filter-spelling", c.List(), http.MethodGet, path+"?"+more+size+"&"+name+"="+url.QueryEscape(value), "")
		b.add("list/filter-spelling", c.List(), http.MethodGet, path+"?"+more+name+"="+url.QueryEscape(value)+"&"+size, "")
	}
}

// searches searches for words that items have, and for what none has.
func (b *prober) searches(ask func(string, contract.Query, ...string), first contract.Query, items []string) {
	c := b.p.Collection
	if c.Search.Param == "" {
		return
	}
	words := []string{}
	for _, item := range items {
		gjson.Parse(item).ForEach(func(_, v gjson.Result) bool {
			for _, w := range strings.FieldsFunc(v.String(), func(r rune) bool { return r == ' ' || r == '-' || r == '_' }) {
				if v.Type == gjson.String && len(w) > 3 && len(w) < 12 && strings.Trim(strings.ToLower(w), "abcdefghijklmnopqrstuvwxyz") == "" && !slices.Contains(words, w) && len(words) < 6 {
					words = append(words, w)
				}
			}
			return true
		})
	}
	for _, w := range words {
		ask("list/search", first, c.Search.Param, w)
		ask("list/search-case", first, c.Search.Param, strings.ToUpper(w))
		ask("list/search-case", first, c.Search.Param, strings.ToLower(w))
	}
	for i := 1; i < len(words); i++ {
		ask("list/search-words", first, c.Search.Param, words[i-1]+" "+words[i])
	}
	ask("list/search-none", first, c.Search.Param, "zzqx7understudy")
	for _, sign := range []string{"%", "_", "%%%", "a%b"} {
		ask("list/search-plain", first, c.Search.Param, sign)
	}
}
