package contracttest

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"understudy/internal/contract"
)

// listState is a list of the target, as it was found before the cases were chosen.
type listState struct {
	c          *contract.Collection
	about      string                    // what the document says of the API as a whole
	scope      []string                  // values of the path's parameters
	within     string                    // the hole that holds the last of them; "": it is known
	params     url.Values                // required parameters that say nothing of paging, ordering or filtering
	header     http.Header               // required headers
	needs      map[contract.Role]request // required parameters and headers of the operations on one item
	unfiltered []string                  // those of the parameters that ask for everything; see [contract.Filter.Unasked]
	why        string                    // why it cannot be used; "": it can

	large  int                 // the size that reads the most items at once; 0: none is sent
	base   *listed             // all items, or as many as are read
	counts bool                // what was taken for the total is how many items the page has
	steady bool                // the largest page is the same when it is read again
	chosen map[string][]choice // values for filters, by parameter
	words  []witness           // to search for
	common *witness            // the word that many items have; nil: it was not looked for
	ties   *[]string           // the fields that tie most; nil: likewise
	proven map[string]bool     // filters that look at what their names only make likely, as answers showed
	moving *moving             // what changes in items by itself
	origin string              // the fingerprint when the cases were chosen
	barred bool                // the second identity may create nothing
	seen   *listed             // what the second identity is shown of it, if it may create nothing
	writer *recipe             // how items are created; nil: they cannot be, or may not

	writerWhy string // why they cannot be created
	circular  bool   // while that is found out: it turned out to be needed by what it needs
}

// listed is what a walk through a list has met.
type listed struct {
	answers []*answer
	pages   []contract.Page
	items   []contract.Item
	keys    []string
	total   *int    // of the first page
	capped  bool    // there is more than was read
	loops   bool    // a link led to where the walk had been
	endless bool    // everything was read, and links go on from one empty page to the next
	astray  *answer // the refusal that a link led to
	bad     string  // why an answer is no page; "": all are
}

// complete tells whether everything was read.
func (l *listed) complete() bool { return l.bad == "" && !l.capped && !l.loops }

// page asks for a page.
func (s *listState) page(q contract.Query) step { return s.walk(q, 1) }

// walk asks for as many pages.
func (s *listState) walk(q contract.Query, pages int) step {
	q.Scope = s.scope
	if q.Window == (contract.Window{}) {
		q.Window = s.c.First()
	}
	return step{request: s.request(q), list: s, asks: q, pages: pages}
}

// all asks for everything that a query has.
func (s *listState) all(q contract.Query) step {
	q.Size = s.large
	return s.walk(q, s.pagesOf(s.large))
}

// pagesOf says how many pages of a size hold the whole list, with some to spare.
func (s *listState) pagesOf(size int) int {
	n, perPage := 1, max(size, 1)
	if s.base != nil {
		n = len(s.base.items)
		if s.base.total != nil {
			n = max(n, *s.base.total)
		}
		if len(s.base.pages) > 0 {
			if first := len(s.base.pages[0].Items); first > 0 && (size == 0 || size > first) {
				perPage = first // smaller ones than asked for
			}
		}
	}
	return n/perPage + 3
}

// request asks for one page.
func (s *listState) request(q contract.Query) request {
	path, values := s.c.Encode(q)
	path = s.holed(path)
	for name, v := range s.params {
		if !values.Has(name) { // a page's number may be required
			values[name] = v
		}
	}
	return request{op: s.c.List(), path: path, query: values, header: s.header}
}

// item asks for one item by its key; the key may be a hole.
func (s *listState) item(op *contract.Operation, key string) request {
	path := s.holed(s.c.ItemURL(s.scope, "\x00"))
	needs := s.needs[op.Role]
	return request{op: op, path: strings.Replace(path, url.PathEscape("\x00"), escapeKey(key), 1), query: maps.Clone(needs.query), header: needs.header.Clone()}
}

// inside gives the same list inside another item, whose key comes into a hole. Nothing is known of what it holds.
func (s *listState) inside(hole string) *listState {
	other := *s
	other.scope = append(slices.Clone(s.scope[:len(s.scope)-1]), "{"+hole+"}")
	other.within = hole
	return &other
}

// holed leaves the hole in a path as it is.
func (s *listState) holed(path string) string {
	if s.within == "" {
		return path
	}
	return strings.Replace(path, url.PathEscape("{"+s.within+"}"), "{"+s.within+"}", 1)
}

// filled gives the list when the key of what it is inside is known.
func (s *listState) filled(holes map[string]string) *listState {
	if s.within == "" {
		return s
	}
	other := *s
	other.scope, other.within = append(slices.Clone(s.scope[:len(s.scope)-1]), holes[s.within]), ""
	return &other
}

// escapeKey escapes a key for a path, but leaves a hole as it is.
func escapeKey(key string) string {
	if strings.HasPrefix(key, "{") && strings.HasSuffix(key, "}") {
		return key
	}
	return url.PathEscape(key)
}

// object gives the item that an answer holds, perhaps in an envelope of its own, taken apart: its properties by name. It is nil if there is none.
func (s *listState) object(a *answer) map[string]any { return s.flat(unwrapItem(a, s)) }

// keyIn gives the key of the item that an answer holds, or else that its Location leads to, or that it was put to; or "".
func (s *listState) keyIn(a *answer) string {
	if o := unwrapItem(a, s); o != nil {
		if body, err := json.Marshal(o); err == nil {
			if it, err := s.c.Records.Decode(body); err == nil && it.Key() != "" {
				return it.Key()
			}
		}
	}
	if key := s.located(a); key != "" {
		return key
	}
	return s.putTo(a)
}

// located gives the key of the item that an answer's Location leads to, or "".
func (s *listState) located(a *answer) string {
	to, err := url.Parse(a.header.Get("Location"))
	if err != nil {
		return ""
	}
	return s.keyAt(to)
}

// keyAt gives the key in the address of an item, or "".
func (s *listState) keyAt(to *url.URL) string {
	if to.Path == "" || s.c.ItemPath == "" {
		return ""
	}
	before, after, _ := strings.Cut(s.c.ItemURL(s.scope, "\x00"), url.PathEscape("\x00"))
	path := strings.TrimSuffix(to.EscapedPath(), after)
	at := strings.LastIndex(path, before)
	if at < 0 {
		return ""
	}
	key, err := url.PathUnescape(strings.Trim(path[at+len(before):], "/"))
	if err != nil || strings.Contains(key, "/") {
		return ""
	}
	return key
}

// doubled gives the outcome that a page has an item twice; nil if none has. What comes again on a later page may have moved there.
func (s *listState) doubled(l *listed) *outcome {
	if len(repeated(s.base.keys)) > 0 {
		return nil // then it is no key
	}
	for i, p := range l.pages {
		met := map[string]bool{}
		for _, it := range p.Items {
			if key := it.Key(); key != "" && met[key] {
				o := broken(l.answers[i], cut(key)+" twice on a page", "every item once").because("what is looked into has several rows for an item, and each of them counts").signed("items twice on a page")
				return &o
			}
			met[it.Key()] = true
		}
	}
	return nil
}

// keyOfItem identifies an item: by its key, or where it has none by all that it holds, in whatever order it stands there.
func keyOfItem(it contract.Item) string {
	if key := it.Key(); key != "" {
		return key
	}
	text := it.AppendJSON(nil)
	v, err := contract.DecodeJSON(text)
	if err != nil {
		return string(text)
	}
	sorted, _ := json.Marshal(v) // decoded from JSON
	return string(sorted)
}

// walk reads a page and, if more are asked for, those behind it.
func (e *engine) walk(ctx context.Context, s *step, holes map[string]string, fresh bool) result {
	l := &listed{}
	c, q := s.list.c, s.asks
	met := map[contract.Window]bool{}
	for n := 0; ; n++ {
		r := s.request
		if n > 0 {
			next := s.list.request(q)
			r.path, r.query = next.path, next.query
		}
		met[q.Window] = true
		a := e.client.do(ctx, &r, holes, fresh)
		if n > 0 && a.refused() && !a.unavailable() { // past the end
			if s.follow {
				l.astray = a
			}
			l.capped = s.list.windowed() && r.op.Response(a.status) != nil && l.total != nil && len(l.items) < *l.total
			break
		}
		l.answers = append(l.answers, a)
		if !a.ok() {
			l.bad = a.says()
			break
		}
		page, err := a.page(c, q)
		if err != nil {
			l.bad = err.Error()
			break
		}
		if s.list.counts {
			page.Total = nil
		}
		l.add(page)
		window, more := e.next(s, q, l, page)
		if !more {
			l.capped = c.Paging.Style == contract.NoPaging && isCut(c, q, len(page.Items))
			break
		}
		if met[window] {
			l.loops = true
			break
		}
		if n > 1 && len(page.Items)+len(l.pages[n-1].Items) == 0 && l.total != nil && len(l.items) >= *l.total {
			l.endless = true
			break
		}
		if n+1 >= s.pages || len(l.items) >= e.target.MaxWalk {
			l.capped = true
			break
		}
		q.Window = window
	}
	return result{answers: l.answers, list: l}
}

// isCut tells whether the answer of a list that has a size, but no pages, may be but the first of its items: it has as many as were asked for, or as many as a server
// may cut it to, whatever was asked for.
func isCut(c *contract.Collection, q contract.Query, n int) bool {
	return c.Paging.Size != "" && n > 0 && (q.Size == 0 || n >= q.Size || n%10 == 0)
}

func (l *listed) add(page contract.Page) {
	if len(l.pages) == 0 {
		l.total = page.Total
	}
	l.pages = append(l.pages, page)
	for _, it := range page.Items {
		l.items = append(l.items, it)
		l.keys = append(l.keys, keyOfItem(it))
	}
}

// windowed tells whether the document says that no more than the first items of the list can be paged through, whatever its total.
func (s *listState) windowed() bool {
	p := s.c.List().Parameter("query", s.c.Paging.Param)
	return sentence(s.c.List().Description, firstItems) != "" || p != nil && sentence(p.Description(), firstItems) != ""
}

// next gives the window behind a page, if there is more.
func (e *engine) next(s *step, q contract.Query, l *listed, page contract.Page) (contract.Window, bool) {
	c := s.list.c
	style := c.Paging.Style
	if style == contract.ByCursor || s.follow {
		if page.Next == nil {
			return contract.Window{}, false
		}
		return *page.Next, true
	}
	n, first := len(page.Items), len(l.pages[0].Items)
	if style == contract.NoPaging || n == 0 {
		return contract.Window{}, false
	}
	w := q.Window
	if style == contract.ByPage {
		w.Page++
		if l.total != nil {
			return w, (w.Page-s.asks.Window.Page)*first < *l.total
		}
	} else {
		w.Offset += n
		if l.total != nil {
			return w, w.Offset < *l.total
		}
	}
	return w, n >= first
}

// behind gives the pages behind the first of a walk through the whole list, where counting tells them.
func (s *step) behind() []*step {
	if s.list == nil || s.follow || s.pages < 2 || s.asks.Search != "" || len(s.list.base.pages) == 0 {
		return nil
	}
	match, items := s.list.c.Matcher(s.asks), 0
	for _, it := range s.list.base.items {
		if len(s.asks.Filters) == 0 || match(it).Is {
			items++
		}
	}
	size := len(s.list.base.pages[0].Items)
	if s.asks.Size > 0 {
		size = min(size, s.asks.Size)
	}
	style := s.list.c.Paging.Style
	if size == 0 || style != contract.ByPage && style != contract.ByOffset {
		return nil
	}
	var out []*step
	q := s.asks
	for n := size; n < items && len(out)+1 < s.pages; n += size {
		q.Window.Page++
		if style == contract.ByOffset {
			q.Window = contract.Window{Offset: n}
		}
		next, page := s.list.request(q), *s
		page.path, page.request.query, page.asks = next.path, next.query, q
		out = append(out, &page)
	}
	return out
}

// fingerprint is what tells whether a list's data changed: the total and, from one request that proved repeatable, the set of items.
func (e *engine) fingerprint(ctx context.Context, s *listState) string {
	st := s.page(contract.Query{Size: s.large})
	return s.print(e.walk(ctx, &st, nil, true).list)
}

// print is the fingerprint that the largest page gives.
func (s *listState) print(l *listed) string {
	if l.bad != "" {
		return l.bad
	}
	text := "?"
	if l.total != nil {
		text = fmt.Sprint(*l.total)
	}
	if s.steady {
		keys := slices.Clone(l.keys)
		slices.Sort(keys)
		text += fmt.Sprintf(" %q", keys)
	}
	return text
}

// total is how many items a list says that it has; where it does not say, how many are on its largest page.
func (e *engine) total(ctx context.Context, s *listState) string {
	if s == nil {
		return ""
	}
	st := s.page(contract.Query{Size: s.large})
	l := e.walk(ctx, &st, nil, true).list
	if l.bad != "" {
		return l.bad
	}
	if l.total != nil {
		return fmt.Sprint(*l.total)
	}
	return fmt.Sprint(len(l.items))
}
