package contracttest

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"understudy/internal/contract"
)

var pagingRules = map[string]producer{
	"paging/repeatable":    onList(repeatable),
	"paging/size":          onList(sizeKept),
	"paging/size-observed": onList(sizeObserved),
	"paging/size-default":  onList(sizeDefault),
	"paging/arithmetic":    onList(arithmetic),
	"paging/observed":      onList(pageObserved),
	"paging/complete":      onList(completeWalk),
	"paging/same-walk":     onList(sameWalk),
	"paging/count":         onList(sameCount),
	"paging/past-end":      onList(pastEnd),
	"paging/invalid":       onList(invalidPage),
	"paging/links":         onList(links),
	"paging/cursor":        onList(cursors),
	"paging/depth":         onList(depth),
}

// small is a size that cuts a list into several pages; 0 if no size can be asked for.
func (s *listState) small() int {
	c := s.c
	if c.Paging.Size == "" || c.Paging.Style == contract.NoPaging {
		return 0
	}
	size := max((len(s.base.items)+2)/3, 1)
	if p := c.List().Parameter("query", c.Paging.Size); p != nil && p.Schema != nil {
		if least, ok := bound(p.Schema, "minimum"); ok {
			size = max(size, int(least))
		}
	}
	if s.large > 0 {
		size = min(size, s.large)
	}
	if len(s.base.pages) > 0 && len(s.base.pages[0].Items) > 0 {
		size = min(size, len(s.base.pages[0].Items)) // larger ones may be cut
	}
	return size
}

// several tells whether a walk in small pages has more than one, and why not.
func (s *listState) several() (why string) {
	switch n := len(s.base.items); {
	case s.c.Paging.Style == contract.NoPaging:
		return "the list has no pages"
	case n < 2:
		return fmt.Sprintf("the list has %s: there is no second page", plural(n, "item"))
	case s.small() == 0 && len(s.base.pages) < 2:
		return "everything is on one page, and no smaller one can be asked for"
	case s.small() >= n:
		return fmt.Sprintf("the list has %s, which are no more than the smallest page", plural(n, "item"))
	}
	return ""
}

// first gives the page in a result, or the outcome that it cannot be judged.
func pageOf(r result) (*listed, *outcome) {
	if r.list.bad != "" {
		o := skip("the list cannot be read: %s", r.list.bad)
		return nil, &o
	}
	return r.list, nil
}

// pagesOf gives the pages of all results, or the outcome that they cannot be judged.
func pagesOf(rs []result) ([]*listed, *outcome) {
	var out []*listed
	for _, r := range rs {
		l, bad := pageOf(r)
		if bad != nil {
			return nil, bad
		}
		out = append(out, l)
	}
	return out, nil
}

func repeatable(_ *engine, s *listState) ([]*testCase, string) {
	if len(s.base.items) < 2 {
		return none(fmt.Sprintf("the list has %s: there is no order to see", plural(len(s.base.items), "item")))
	}
	again := s.page(contract.Query{Size: s.large})
	again.nth = 1
	return one(&testCase{
		intent: "the same page is read twice: it has to be the same",
		steps:  []step{s.page(contract.Query{Size: s.large}), again}, over: s, unsteady: true,
		judge: func(rs []result) outcome {
			ls, bad := pagesOf(rs)
			if bad != nil {
				return *bad
			}
			for i, l := range ls[1:] {
				if slices.Equal(ls[0].keys, l.keys) {
					continue
				}
				if differentTotal(ls[0], l) {
					return skip("the data changed meanwhile")
				}
				o := broken(rs[i+1].answer(), difference(ls[0].keys, l.keys), "the same items in the same order")
				return o.because("the sort key is not unique, and nothing breaks the ties").signed("not the same twice")
			}
			return kept()
		},
	})
}

func differentTotal(a, b *listed) bool {
	return a.total != nil && b.total != nil && *a.total != *b.total
}

// difference says how two sequences of keys differ.
func difference(a, b []string) string {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("item %d is %s, and was %s", i+1, cut(b[i]), cut(a[i]))
		}
	}
	return fmt.Sprintf("%s, and were %d", plural(len(b), "item"), len(a))
}

func cut(s string) string {
	if r := []rune(s); len(r) > 80 {
		return string(r[:80]) + "…"
	}
	return s
}

// least is the smallest size that may be asked for.
func (s *listState) least() int {
	if p := s.c.List().Parameter("query", s.c.Paging.Size); p != nil {
		if n, ok := bound(p.Schema, "minimum"); ok {
			return max(int(n), 1)
		}
	}
	return 1
}

func sizeKept(_ *engine, s *listState) ([]*testCase, string) {
	n := s.least()
	if len(s.base.items) <= n {
		return none(fmt.Sprintf("the list has no more than %s: a page of %d cannot have too many", plural(len(s.base.items), "item"), n))
	}
	var out []*testCase
	for _, size := range []int{n, max(s.small(), n+1)} {
		out = append(out, &testCase{
			subject: strconv.Itoa(size), over: s, intent: fmt.Sprintf("a page of %d, of a list that has more", size),
			steps: []step{s.page(contract.Query{Size: size})},
			judge: func(rs []result) outcome {
				l, bad := pageOf(rs[0])
				if bad != nil {
					return *bad
				}
				if len(l.items) > size {
					return broken(rs[0].answer(), plural(len(l.items), "item"), fmt.Sprintf("at most %d", size)).signed("more than asked for")
				}
				return kept()
			},
		})
	}
	return out, ""
}

func sizeObserved(_ *engine, s *listState) ([]*testCase, string) {
	a := s.least()
	b := max(s.small(), a+1)
	if len(s.base.items) <= b {
		return none(fmt.Sprintf("the list has no more than %s: pages of %d and %d need not differ", plural(len(s.base.items), "item"), a, b))
	}
	return one(&testCase{
		intent: fmt.Sprintf("pages of %d and of %d, of a list that has more than both", a, b), over: s,
		steps: []step{s.page(contract.Query{Size: a}), s.page(contract.Query{Size: b})},
		judge: func(rs []result) outcome {
			ls, bad := pagesOf(rs)
			if bad != nil {
				return *bad
			}
			if len(ls[0].items) == len(ls[1].items) {
				o := broken(rs[0].answer(), fmt.Sprintf("%s on both", plural(len(ls[0].items), "item")), fmt.Sprintf("%d on one and %d on the other", a, b))
				return o.because("the parameter " + s.c.Paging.Size + " is ignored").signed("size ignored")
			}
			return kept()
		},
	})
}

func sizeDefault(_ *engine, s *listState) ([]*testCase, string) {
	size := s.c.Paging.Default
	if size < 1 {
		return none("the document has no default of the size")
	}
	if len(s.base.items) <= size {
		return none(fmt.Sprintf("the list has %s, which are no more than the default of %d", plural(len(s.base.items), "item"), size))
	}
	return one(&testCase{
		intent: fmt.Sprintf("a page without a size, and one of %d, which is the documented default", size), over: s,
		steps: []step{s.page(contract.Query{}), s.page(contract.Query{Size: size})},
		judge: func(rs []result) outcome {
			ls, bad := pagesOf(rs)
			if bad != nil {
				return *bad
			}
			if len(ls[0].items) != len(ls[1].items) {
				return broken(rs[0].answer(), fmt.Sprintf("%s, and %d with %s=%d", plural(len(ls[0].items), "item"), len(ls[1].items), s.c.Paging.Size, size), "as many").signed("another default size")
			}
			return kept()
		},
	})
}

func pageObserved(_ *engine, s *listState) ([]*testCase, string) {
	if why := s.several(); why != "" {
		return none(why)
	}
	return one(&testCase{
		intent: "the first two pages: the second has to have other items", over: s,
		steps: []step{s.walk(contract.Query{Size: s.small()}, 2)},
		judge: func(rs []result) outcome {
			l, bad := pageOf(rs[0])
			if bad != nil {
				return *bad
			}
			if len(l.pages) < 2 {
				return skip("there is no second page")
			}
			n := len(l.pages[0].Items)
			first, second := l.keys[:n], l.keys[n:]
			if len(second) > 0 && !slices.ContainsFunc(second, func(k string) bool { return !slices.Contains(first, k) }) {
				o := broken(rs[0].answer(), "the items of the first page again", "others")
				return o.because("the parameter " + s.c.Paging.Param + " is ignored").signed("page ignored")
			}
			return kept()
		},
	})
}

// orders are the orders in which a list is walked: its own, and the one with the most ties, where pages most easily lose items.
func (e *engine) orders(s *listState) [][]contract.Order {
	out := [][]contract.Order{nil}
	if field := s.mostTies(); field != "" {
		out = append(out, []contract.Order{{Field: field}})
	}
	return out
}

// mostTies is the field among those to order by that has the fewest different values; "" if none has ties.
func (s *listState) mostTies() string {
	best, fewest := "", len(s.base.items)
	for _, field := range s.c.Ordering.Fields {
		if !s.c.Declares(field) || !s.c.Ordering.Offers(contract.Order{Field: field}) {
			continue
		}
		values := map[string]bool{}
		for _, it := range s.base.items {
			values[it.Value(s.c.OrderPath(field)).Text] = true
		}
		if len(values) < fewest {
			best, fewest = field, len(values)
		}
	}
	return best
}

func subjectOf(order []contract.Order) string {
	if len(order) == 0 {
		return ""
	}
	if order[0].Desc {
		return "-" + order[0].Field
	}
	return order[0].Field
}

func completeWalk(e *engine, s *listState) ([]*testCase, string) {
	if why := s.several(); why != "" {
		return none(why)
	}
	if s.base.capped {
		return none(fmt.Sprintf("the list has more than the %d items that are walked", e.target.MaxWalk))
	}
	var out []*testCase
	for _, order := range e.orders(s) {
		q := contract.Query{Size: s.small(), Order: order}
		intent := fmt.Sprintf("a walk in pages of %d", q.Size)
		if order != nil {
			intent += ", ordered by " + order[0].Field + ", where many items tie"
		}
		out = append(out, &testCase{
			subject: subjectOf(order), intent: intent + ": every item has to be met once", over: s, unsteady: true,
			steps: []step{s.all(contract.Query{}), s.walk(q, s.pagesOf(q.Size))},
			judge: func(rs []result) outcome {
				ls, bad := pagesOf(rs)
				if bad != nil {
					return *bad
				}
				return judgeWalk(rs[1].answer(), ls[0], ls[1])
			},
		})
	}
	return out, ""
}

// judgeWalk compares a walk with all items.
func judgeWalk(at *answer, all, walked *listed) outcome {
	if walked.moving() {
		return skip("the data changed meanwhile")
	}
	twice := repeated(walked.keys)
	missing := lacking(walked.keys, all.keys)
	switch {
	case walked.loops:
		return broken(at, "a link led back to a page that was read before", "an end").signed("the walk loops")
	case len(twice) > 0:
		o := broken(at, fmt.Sprintf("%s twice, such as %s, and %d not at all", plural(len(twice), "item"), cut(twice[0]), len(missing)), "every item once")
		if len(twice) == len(missing) {
			o = o.because("the count is right, and as many are repeated as missing: the sort key is not unique, so add one that is to break ties")
		}
		return o.signed("items repeated")
	case walked.capped:
		return skip("the list has grown meanwhile")
	case len(missing) > 0 && all.complete():
		return broken(at, fmt.Sprintf("%s not met, such as %s", plural(len(missing), "item"), cut(missing[0])), "every item once").signed("items lost")
	case walked.total != nil && len(walked.keys) != *walked.total:
		return broken(at, fmt.Sprintf("%s met, and a total of %d", plural(len(walked.keys), "item"), *walked.total), "as many as the total says").signed("total and items differ")
	case len(lacking(all.keys, walked.keys)) > 0 && all.complete():
		more := lacking(all.keys, walked.keys)
		return broken(at, fmt.Sprintf("%s that large pages do not have, such as %s", plural(len(more), "item"), cut(more[0])), "the same items, whatever the size").signed("other items")
	}
	return kept()
}

// moving tells whether the total changed during a walk.
func (l *listed) moving() bool {
	return slices.ContainsFunc(l.pages, func(p contract.Page) bool { return p.Total != nil && l.total != nil && *p.Total != *l.total })
}

// repeated gives the keys that come more than once.
func repeated(keys []string) []string {
	var out []string
	met := map[string]int{}
	for _, k := range keys {
		if met[k]++; met[k] == 2 {
			out = append(out, k)
		}
	}
	return out
}

// lacking gives those of some keys that others lack.
func lacking(in, of []string) []string {
	has := map[string]bool{}
	for _, k := range in {
		has[k] = true
	}
	var out []string
	for _, k := range of {
		if !has[k] {
			out = append(out, k)
		}
	}
	return out
}

func sameWalk(e *engine, s *listState) ([]*testCase, string) {
	if why := s.several(); why != "" {
		return none(why)
	}
	if s.base.capped {
		return none(fmt.Sprintf("the list has more than the %d items that are walked", e.target.MaxWalk))
	}
	if s.large == 0 {
		return none("no size can be asked for")
	}
	size := s.small()
	return append(s.deepPage(), &testCase{
		intent: fmt.Sprintf("walks in pages of %d and of %d: the items have to come in the same order", s.large, size), over: s,
		steps: []step{s.all(contract.Query{}), s.walk(contract.Query{Size: size}, s.pagesOf(size))},
		judge: func(rs []result) outcome {
			ls, bad := pagesOf(rs)
			if bad != nil {
				return *bad
			}
			if len(lacking(ls[0].keys, ls[1].keys))+len(lacking(ls[1].keys, ls[0].keys)) > 0 || len(ls[0].keys) != len(ls[1].keys) {
				return skip("the walks met different items, which is paging/complete's to judge")
			}
			if !slices.Equal(ls[0].keys, ls[1].keys) {
				o := broken(rs[1].answer(), difference(ls[0].keys, ls[1].keys), "the same order, whatever the size")
				return o.because("the sort key is not unique, and nothing breaks the ties").signed("another order at another size")
			}
			return kept()
		},
	}), ""
}

// deep asks for the smallest page in the middle of a list, and says which of its items comes first there.
func (s *listState) deep() (q contract.Query, first int) {
	size := s.fewest()
	q = contract.Query{Size: size, Window: s.c.First(), Scope: s.scope}
	if size == 0 {
		size = len(s.base.pages[0].Items)
	}
	n := max(len(s.base.items)/2/size, 1)
	if q.Window.Page += n; s.c.Paging.Style == contract.ByOffset {
		q.Window = contract.Window{Offset: n * size}
	}
	return q, n * size
}

// deepPage makes a case of a small page in the middle of a list: what is wrong behind so many pages only is not seen on three.
func (s *listState) deepPage() []*testCase {
	if s.c.Paging.Style != contract.ByPage && s.c.Paging.Style != contract.ByOffset || s.fewest() == 0 || len(s.base.items) <= s.fewest() || !s.steady {
		return nil
	}
	q, first := s.deep()
	return []*testCase{{
		subject: "deep", intent: fmt.Sprintf("a page of %d behind %d others: it has to have what stands there on large pages", q.Size, first/q.Size), over: s,
		steps: []step{s.all(contract.Query{}), s.page(q)},
		judge: func(rs []result) outcome {
			ls, bad := pagesOf(rs)
			if bad != nil {
				return *bad
			}
			all, l := ls[0], ls[1]
			if !all.complete() || first >= len(all.keys) || differentTotal(all, l) {
				return skip("the data changed meanwhile")
			}
			want := all.keys[first:min(first+q.Size, len(all.keys))]
			if !slices.Equal(l.keys, want) {
				return broken(rs[1].answer(), fmt.Sprintf("%q", l.keys), fmt.Sprintf("%q", want)).signed("another page in the middle")
			}
			return kept()
		},
	}}
}

func sameCount(e *engine, s *listState) ([]*testCase, string) {
	if s.base.total == nil {
		return none("the list does not say its total")
	}
	steps := []step{s.page(contract.Query{Size: s.large}), s.page(contract.Query{})}
	if s.several() == "" {
		steps = append(steps, s.walk(contract.Query{Size: s.small()}, 2))
	}
	for _, order := range e.orders(s)[1:] {
		steps = append(steps, s.page(contract.Query{Order: order, Size: s.large}))
	}
	return one(&testCase{
		intent: "the total on several pages, at several sizes and in several orders", over: s, steps: steps,
		judge: func(rs []result) outcome {
			ls, bad := pagesOf(rs)
			if bad != nil {
				return *bad
			}
			all := ls[0]
			for i, l := range ls {
				for k, p := range l.pages {
					if p.Total != nil && all.total != nil && *p.Total != *all.total {
						return broken(rs[i].answers[k], fmt.Sprintf("a total of %d here, and of %d on the largest page", *p.Total, *all.total), "the same total").signed("the total differs")
					}
				}
			}
			if all.total != nil && len(all.pages) == 1 && *all.total < len(all.items) {
				return broken(rs[0].answer(), fmt.Sprintf("a total of %d, and %s on this page alone", *all.total, plural(len(all.items), "item")), "a total of at least as many").signed("the total is too small")
			}
			return kept()
		},
	})
}

// farAway is a page, or an offset, that fits into 32 bits, and that times the size of a page does not.
const farAway = 1_999_999_999

// end gives windows that are past the end of a list of so many items, in pages of a size.
func (s *listState) end(total, size int) []contract.Window {
	switch s.c.Paging.Style {
	case contract.ByPage:
		last := (total + size - 1) / size
		return []contract.Window{{Page: s.c.Paging.First + last}, {Page: max(farAway, s.c.Paging.First+last+999)}}
	case contract.ByOffset:
		return []contract.Window{{Offset: total}, {Offset: max(farAway, total+1000)}}
	}
	return nil
}

func pastEnd(_ *engine, s *listState) ([]*testCase, string) {
	if s.c.Paging.Style == contract.ByCursor {
		return none("a list paged by cursor has no pages past its end to ask for")
	}
	n := len(s.base.items)
	if s.base.total != nil {
		n = *s.base.total
	} else if s.base.capped || len(s.base.pages) > 1 {
		return none("where the list ends is not known")
	}
	size := s.small()
	if size == 0 {
		if len(s.base.pages) == 0 || len(s.base.pages[0].Items) == 0 {
			return none("the list is empty")
		}
		size = len(s.base.pages[0].Items)
	}
	windows := s.end(n, size)
	if n == 0 {
		return none("the list is empty")
	}
	var out []*testCase
	for i, w := range windows {
		q := contract.Query{Window: w}
		if s.c.Paging.Size != "" {
			q.Size = size
		}
		st := s.page(q)
		st.odd = true
		out = append(out, &testCase{
			subject: []string{"next", "far"}[i], intent: fmt.Sprintf("a page past the end of %s", plural(n, "item")), over: s,
			steps: []step{s.page(contract.Query{Size: s.large}), st},
			judge: func(rs []result) outcome {
				a, l := rs[1].answer(), rs[1].list
				switch {
				case a.failed():
					return broken(a, a.says(), "a refusal, or a page without items").signed("an error of the server's")
				case !a.ok():
					return kept()
				case l.bad != "":
					return skip("the answer is no page: %s", l.bad)
				case rs[0].list.bad == "" && sizeOf(rs[0].list) != n:
					return skip("the list has grown meanwhile")
				case len(l.items) > 0:
					return broken(a, plural(len(l.items), "item"), "a refusal, or a page without items").signed("items past the end")
				}
				return kept()
			},
		})
	}
	return out, ""
}

func invalidPage(_ *engine, s *listState) ([]*testCase, string) {
	var out []*testCase
	add := func(param string, values ...string) {
		for _, v := range values {
			r := s.request(contract.Query{Window: s.c.First()}).with(param, v)
			r.odd = true
			out = append(out, &testCase{
				subject: param + "=" + v, intent: fmt.Sprintf("%s=%s, which is none", param, v), steps: []step{{request: r}},
				judge: func(rs []result) outcome {
					if a := rs[0].answer(); a.failed() {
						return broken(a, a.says(), "a refusal, or a page all the same").signed("an error of the server's")
					}
					return kept()
				},
			})
		}
	}
	c := s.c
	if c.Paging.Param != "" && c.Paging.Style != contract.ByCursor && c.Paging.Style != contract.NoPaging {
		if add(c.Paging.Param, "-1", "abc", "99999999999999999999"); c.Paging.Style == contract.ByPage { // the last is beyond 64 bits
			add(c.Paging.Param, "0")
		}
	}
	if c.Paging.Size != "" {
		add(c.Paging.Size, "0", "abc", "99999999999999999999")
	}
	return out, ""
}

func depth(_ *engine, s *listState) ([]*testCase, string) {
	if why := s.several(); why != "" {
		return none(why)
	}
	if s.base.total == nil {
		return none("the list does not say its total, so its last page is not known")
	}
	size := s.small()
	q := contract.Query{Size: size}
	if size == 0 {
		size = len(s.base.pages[0].Items)
	}
	switch s.c.Paging.Style {
	case contract.ByPage:
		q.Window.Page = s.c.Paging.First + (*s.base.total-1)/size
	default:
		q.Window.Offset = (*s.base.total - 1) / size * size
	}
	return one(&testCase{
		intent: "the first and the last page: one takes about as long as the other", over: s, timed: true,
		steps: []step{s.page(contract.Query{Size: q.Size}), s.page(q)},
		judge: func(rs []result) outcome {
			a, b := rs[0].answer().took, rs[1].answer().took
			if rs[1].answer().ok() && b > 10*a && b-a > 120*time.Millisecond {
				o := broken(rs[1].answer(), fmt.Sprintf("%s for the last page, and %s for the first", b.Round(time.Millisecond), a.Round(time.Millisecond)), "about the same")
				return o.because("the items before the page are read, and thrown away").signed("slow at the end")
			}
			return kept()
		},
	})
}
