package contracttest

import (
	"fmt"
	"slices"
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
	pages := 3
	if c.Paging.Style == contract.ByCursor {
		pages = 6 // the middle cannot be asked for by itself
	}
	size := max((len(s.base.items)+pages-1)/pages, 1)
	if pages > 3 {
		size |= 1 // large pages are of even sizes: what depends on the size differs more likely
	}
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

func depth(_ *engine, s *listState) ([]*testCase, string) {
	if why := s.several(); why != "" {
		return none(why)
	}
	if s.c.Paging.Style == contract.ByCursor {
		return s.depthByCursor()
	}
	q, _ := s.deep()
	switch size := max(q.Size, 1); {
	case s.c.Paging.Style == contract.ByPage && s.base.capped && s.base.total != nil:
		q.Window.Page = s.c.Paging.First + (*s.base.total-1)/size
	case s.base.capped && s.base.total != nil:
		q.Window.Offset = *s.base.total - size
	}
	return one(&testCase{
		intent: "the first page and one far behind it: one takes about as long as the other", over: s, timed: true, alone: true,
		steps: []step{s.page(contract.Query{Size: q.Size}), s.page(q)},
		judge: func(rs []result) outcome { return slower(rs[0].answer(), rs[1].answer()) },
	})
}

// depthByCursor walks to the last page: by cursor nothing else leads there.
func (s *listState) depthByCursor() ([]*testCase, string) {
	q := contract.Query{Size: s.small()}
	return one(&testCase{
		intent: "a walk by cursors: the last pages take about as long as the first", over: s, timed: true, alone: true, steps: []step{s.walk(q, s.pagesOf(q.Size))},
		judge: func(rs []result) outcome {
			l, bad := pageOf(rs[0])
			if bad != nil {
				return *bad
			}
			if len(l.pages) < 3 {
				return skip("there are no more than two pages")
			}
			return slower(l.answers[0], l.answers[len(l.pages)-1])
		},
	})
}

// slower judges how long a later page takes beside the first.
func slower(first, later *answer) outcome {
	if a, b := first.took, later.took; later.ok() && b > 10*a && b-a > slow {
		o := broken(later, fmt.Sprintf("%s for the later page, and %s for the first", b.Round(time.Millisecond), a.Round(time.Millisecond)), "about the same")
		return o.because("the items before the page are read, and thrown away").signed("slow at the end")
	}
	return kept()
}
