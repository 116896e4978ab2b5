package mutant

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"understudy/internal/contract"
)

// pagingMutants break how a list is cut.
var pagingMutants = []Mutant{
	{
		ID: "page-unstable", Rule: "paging/repeatable", Sentence: "With every request for it, a page begins one item further on.",
		Changes: lists, spoil: turning(nil),
	},
	{
		ID: "page-one-more", Rule: "paging/size", Sentence: "A page has one item more than asked for.",
		Changes: lists, spoil: onItems(sized, func(x *exchange, q contract.Query, items []string) []string {
			if q.Size == 0 || len(items) < q.Size {
				return items
			}
			all := x.all(q)
			if i := slices.Index(all, items[len(items)-1]); i >= 0 && i+1 < len(all) {
				return append(items, all[i+1])
			}
			return items
		}),
	},
	{
		ID: "size-ignored", Rule: "paging/size-observed", Sentence: "The size that is asked for is ignored.",
		Changes: lists, spoil: onQuery(sized, func(c *contract.Collection, _ contract.Query, v url.Values) { v.Del(c.Paging.Size) }),
	},
	{
		ID: "size-two", Rule: "paging/size-observed", Sentence: "Whoever asks for a size gets two items.",
		Changes: lists, spoil: onQuery(sized, func(c *contract.Collection, q contract.Query, v url.Values) {
			if q.Size > 0 {
				v.Set(c.Paging.Size, "2")
			}
		}),
	},
	{
		ID: "size-default-other", Rule: "paging/size-default", Sentence: "Without a size a page has three items.",
		Changes: lists, spoil: onQuery(sized, func(c *contract.Collection, q contract.Query, v url.Values) {
			if q.Size == 0 && c.Paging.Default != 3 {
				v.Set(c.Paging.Size, "3")
			}
		}),
	},
	numberMutant("pages-floor", "The number of pages is rounded down.", "how many pages there are", func(c *contract.Collection, q contract.Query, n, total int) int {
		if size := c.SizeOf(q); size > 0 && total%size != 0 {
			return n - 1
		}
		return n
	}),
	numberMutant("pages-of-nothing", "A list without items has 2 pages.", "how many pages there are", func(_ *contract.Collection, _ contract.Query, n, total int) int {
		if total == 0 && n == 1 {
			return 2
		}
		return n
	}),
	numberMutant("page-from-zero", "The number of the page counts from 0.", "the page's number", func(_ *contract.Collection, _ contract.Query, n, _ int) int { return n - 1 }),
	numberMutant("first-from-zero", "The number of the first item counts from 0.", "the number of the first item", func(_ *contract.Collection, _ contract.Query, n, _ int) int { return max(n-1, 0) }),
	numberMutant("last-of-full-page", "The number of the last item is that of a full page.", "the number of the last item", func(c *contract.Collection, q contract.Query, n, _ int) int {
		if size := c.SizeOf(q); n > 0 && size > 0 {
			return c.Offset(q) + size
		}
		return n
	}),
	numberMutant("size-told-wrong", "The size that is told is one too many.", "the size", func(_ *contract.Collection, _ contract.Query, n, _ int) int { return n + 1 }),
	numberMutant("count-told-wrong", "The number of items that the page is said to have is one too many.", "how many items the page has", func(_ *contract.Collection, _ contract.Query, n, _ int) int { return n + 1 }),
	numberMutant("offset-told-wrong", "The offset that is told is one too many.", "the offset", func(_ *contract.Collection, _ contract.Query, n, _ int) int { return n + 1 }),
	{
		ID: "next-on-last", Rule: "paging/arithmetic", Sentence: "The last page names a next one.", Changes: lists, spoil: onPage(numbered, func(x *exchange, q contract.Query, a *answer) *answer {
			c := x.place.Collection
			if n, ok := told(c, a, "the next page"); ok && n == 0 {
				return tell(c, a, "the next page", q.Window.Page+1)
			}
			return a
		}),
	},
	{
		ID: "previous-on-first", Rule: "paging/arithmetic", Sentence: "The first page names a previous one.", Changes: lists, spoil: onPage(numbered, func(x *exchange, q contract.Query, a *answer) *answer {
			c := x.place.Collection
			if n, ok := told(c, a, "the previous page"); ok && n == 0 && !later(c, q) {
				return tell(c, a, "the previous page", 1)
			}
			return a
		}),
	},
	{
		ID: "page-ignored", Rule: "paging/observed", Sentence: "Every page is the first.",
		Changes: lists, spoil: onQuery(paged, func(c *contract.Collection, _ contract.Query, v url.Values) {
			v.Del(c.Paging.Param)
			if c.Paging.Before != "" {
				v.Del(c.Paging.Before)
			}
		}),
	},
	{
		ID: "page-off-by-one", Rule: "paging/complete", Sentence: "Every page after the first is the one behind it.",
		Changes: lists, spoil: onQuery(byNumber, func(c *contract.Collection, q contract.Query, v url.Values) {
			if later(c, q) {
				v.Set(c.Paging.Param, strconv.Itoa(q.Window.Page+1))
			}
		}),
	},
	{
		ID: "border-drops", Rule: "paging/complete", Sentence: "The first item of every later page is lost.",
		Changes: lists, spoil: onItems(paged, func(x *exchange, q contract.Query, items []string) []string {
			if later(x.place.Collection, q) && len(items) > 0 {
				return items[1:]
			}
			return items
		}),
	},
	{
		ID: "border-repeats", Rule: "paging/complete", Sentence: "Every later page begins with the last item of the one before, and lacks its own first.",
		Changes: lists, spoil: onItems(paged, func(x *exchange, q contract.Query, items []string) []string {
			if !later(x.place.Collection, q) || len(items) == 0 {
				return items
			}
			all := x.all(q)
			if i := slices.Index(all, items[0]); i > 0 {
				items[0] = all[i-1]
			}
			return items
		}),
	},
	{
		ID: "ties-random", Rule: "paging/complete", Sentence: "Items are in another order with every request, so that a walk through the pages loses some and repeats others.",
		Changes: lists, spoil: func(p *Place) spoiler {
			var n atomic.Int64
			return onItems(paged, func(x *exchange, q contract.Query, items []string) []string {
				all := x.all(q)
				i := slices.IndexFunc(all, func(s string) bool { return len(items) > 0 && s == items[0] })
				if i < 0 || len(all) < 2 {
					return items
				}
				turn := int(n.Add(1)) % len(all)
				out := make([]string, len(items))
				for k := range items {
					out[k] = all[(i+k+turn)%len(all)]
				}
				return out
			})(p)
		},
	},
	{
		ID: "order-by-size", Rule: "paging/same-walk", Sentence: "The order of the items depends on the size of the page: in pages of fewer than the most it is turned round.",
		Changes: lists, spoil: onItems(sized, func(x *exchange, q contract.Query, items []string) []string {
			c := x.place.Collection
			if q.Size == 0 || q.Size >= largest(c) || len(q.Order) > 0 || len(items) == 0 {
				return items
			}
			all := x.all(q)
			i := slices.Index(all, items[0])
			if i < 0 || i+len(items) > len(all) {
				return items
			}
			slices.Reverse(all)
			return all[i : i+len(items)]
		}),
	},
	{
		ID: "total-of-page", Rule: "paging/count", Sentence: "The total is the number of items on the page.",
		Changes: lists, spoil: onPage(counted, func(x *exchange, _ contract.Query, a *answer) *answer {
			return tell(x.place.Collection, a, "the total", len(itemsOf(x.place.Collection, a)))
		}),
	},
	{
		ID: "total-off-by-one", Rule: "paging/count", Sentence: "On later pages the total is one too many.",
		Changes: lists, spoil: onPage(counted, func(x *exchange, q contract.Query, a *answer) *answer {
			c := x.place.Collection
			if n, ok := told(c, a, "the total"); ok && later(c, q) {
				return tell(c, a, "the total", n+1)
			}
			return a
		}),
	},
	{
		ID: "total-by-order", Rule: "paging/count", Sentence: "With an ordering the total is one too few.",
		Changes: lists, spoil: onPage(counted, func(x *exchange, q contract.Query, a *answer) *answer {
			c := x.place.Collection
			if n, ok := told(c, a, "the total"); ok && len(q.Order) > 0 && n > 0 {
				return tell(c, a, "the total", n-1)
			}
			return a
		}),
	},
	{
		ID: "past-end-last", Rule: "paging/past-end", Sentence: "Past the end the first page comes again.",
		Changes: []string{"list/past-end", "list/bad/*", "list/filter*", "list/search*"}, spoil: pastEnd(func(x *exchange) *answer {
			x.query.Del(x.place.Collection.Paging.Param)
			return x.pass()
		}),
	},
	{
		ID: "past-end-crashes", Rule: "paging/past-end", Sentence: "A page past the end is answered with 500.",
		Changes: []string{"list/past-end", "list/bad/*", "list/filter*", "list/search*"}, spoil: pastEnd(func(*exchange) *answer { return crash() }),
	},
	{
		ID: "page-zero-crashes", Rule: "paging/invalid", Sentence: "A page of 0, or below, is answered with 500.",
		Changes: []string{"list/bad/*", "list/page"}, spoil: badWindow(func(text string) bool { return text == "0" || strings.HasPrefix(text, "-") }),
	},
	{
		ID: "page-text-crashes", Rule: "paging/invalid", Sentence: "A page that is no number is answered with 500.",
		Changes: []string{"list/bad/*"}, spoil: badWindow(func(text string) bool { return text != "" && strings.Trim(text, "-0123456789") != "" }),
	},
	{
		ID: "page-huge-crashes", Rule: "paging/invalid", Sentence: "A page beyond all numbers is answered with 500.",
		Changes: []string{"list/bad/*"}, spoil: badWindow(func(text string) bool { return len(text) > 12 && strings.Trim(text, "0123456789") == "" }),
	},
	{
		ID: "size-text-crashes", Rule: "paging/invalid", Sentence: "A size that is no number is answered with 500.",
		Changes: []string{"list/bad/*"}, spoil: func(p *Place) spoiler {
			if p.operation(contract.List) == nil || !sized(p.Collection) {
				return nil
			}
			return func(x *exchange) *answer {
				if text := x.query.Get(p.Collection.Paging.Size); x.is(contract.List) && x.method == http.MethodGet && text != "" && strings.Trim(text, "-0123456789") != "" {
					return crash()
				}
				return x.pass()
			}
		},
	},
	{
		ID: "late-pages-slow", Rule: "paging/depth", Sentence: "The last page takes long.", Slow: true,
		Changes: lists, spoil: onPage(func(c *contract.Collection) bool { return paged(c) && c.Paging.Style != contract.ByCursor }, func(x *exchange, q contract.Query, a *answer) *answer {
			c := x.place.Collection
			if total, ok := told(c, a, "the total"); ok && later(c, q) && c.Offset(q)+max(c.SizeOf(q), 1) >= total {
				select {
				case <-time.After(slow):
				case <-x.sent.Context().Done():
				}
			}
			return a
		}),
	},
}

// slow is how long the last page of a slow server takes.
const slow = 400 * time.Millisecond

// lists are the probes of lists.
var lists = []string{"list*", "http/*", "auth/*", "write/list*", "write/after/*", "write/gone/*"}

// numbered tells whether the next page is told as a number.
func numbered(c *contract.Collection) bool {
	return c.Paging.Style == contract.ByPage && tells(c, "the next page")
}

func byNumber(c *contract.Collection) bool { return c.Paging.Style == contract.ByPage }

// numberMutant tells another number about pages than the true one.
func numberMutant(id, sentence, what string, wrong func(c *contract.Collection, q contract.Query, n, total int) int) Mutant {
	return Mutant{
		ID: id, Rule: "paging/arithmetic", Sentence: sentence, Changes: lists,
		spoil: onPage(func(c *contract.Collection) bool { return tells(c, what) }, func(x *exchange, q contract.Query, a *answer) *answer {
			c := x.place.Collection
			n, ok := told(c, a, what)
			total, counts := told(c, a, "the total")
			if !ok || !counts {
				return a
			}
			return tell(c, a, what, wrong(c, q, n, total))
		}),
	}
}

// turning moves the items of a page round, one further with each answer to the same request.
func turning(which func(q contract.Query) bool) func(*Place) spoiler {
	return func(p *Place) spoiler {
		var mu sync.Mutex
		asked := map[string]int{}
		return onItems(nil, func(x *exchange, q contract.Query, items []string) []string {
			if len(items) == 0 || which != nil && !which(q) {
				return items
			}
			mu.Lock()
			defer mu.Unlock()
			id := x.sent.URL.String()
			asked[id]++
			n := asked[id] % len(items)
			return slices.Concat(items[n:], items[:n])
		})(p)
	}
}

// pastEnd answers for pages behind the last one.
func pastEnd(spoil spoiler) func(*Place) spoiler {
	return onList(func(c *contract.Collection) bool { return paged(c) && c.Paging.Style != contract.ByCursor }, func(x *exchange, q contract.Query) *answer {
		c := x.place.Collection
		if !later(c, q) || !x.letIn() {
			return x.pass()
		}
		a := x.pass()
		if a.ok() && len(itemsOf(c, a)) > 0 || !a.ok() && a.status/100 != 4 {
			return a
		}
		if n := len(x.all(q)); c.Offset(q) < n {
			return a
		}
		return spoil(x)
	})
}

// badWindow answers pages that are none with 500.
func badWindow(bad func(text string) bool) func(*Place) spoiler {
	return func(p *Place) spoiler {
		if p.operation(contract.List) == nil || !paged(p.Collection) || p.Collection.Paging.Style == contract.ByCursor {
			return nil
		}
		return func(x *exchange) *answer {
			if x.is(contract.List) && x.method == http.MethodGet && x.query.Has(p.Collection.Paging.Param) && bad(x.query.Get(p.Collection.Paging.Param)) {
				return crash()
			}
			return x.pass()
		}
	}
}
