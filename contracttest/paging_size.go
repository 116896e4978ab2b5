package contracttest

import (
	"fmt"
	"strconv"

	"understudy/internal/contract"
)

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
	for _, tc := range []*testCase{s.sizeBounded(), s.sizeServed(), s.sizeBeside()} {
		if tc != nil {
			out = append(out, tc)
		}
	}
	return out, ""
}

// sizeBounded makes a case of one more than the largest size that the document knows, but does not refuse; nil if that could not show anything. Where the document says
// that larger pages are cut, that is no refusal.
func (s *listState) sizeBounded() *testCase {
	most, told, n := s.c.Paging.Max, "", len(s.base.items)
	if s.base.total != nil {
		n = *s.base.total
	}
	if p := s.c.List().Parameter("query", s.c.Paging.Size); p != nil {
		if _, refused := bound(p.Schema, "maximum"); refused {
			return nil // value/refused asks that
		}
		told = sentence(p.Description(), promisesCut)
	}
	if most < 1 || n <= most && told == "" || s.base.total == nil && told == "" || s.c.Paging.Style == contract.ByCursor && told != "" {
		return nil
	}
	st := s.page(contract.Query{Size: most + 1})
	st.odd = true
	return &testCase{
		subject: "maximum", over: s, intent: fmt.Sprintf("a page of %d, where the document has pages of %d at most", most+1, most), steps: []step{s.page(contract.Query{Size: s.large}), st},
		judge: func(rs []result) outcome {
			a := rs[1].answer()
			if a.refused() && told != "" && !a.unavailable() && rs[0].answer().ok() {
				return broken(a, a.says(), "a page: "+told).signed("refused, though the document says that it is cut")
			}
			if a.refused() {
				return kept()
			}
			ls, bad := pagesOf(rs)
			if bad != nil {
				return *bad
			}
			switch got := len(ls[1].items); {
			case got > most:
				return broken(a, plural(got, "item"), fmt.Sprintf("at most %d", most)).signed("more than the maximum")
			case told != "" && s.large == most && got < len(ls[0].items):
				return broken(a, plural(got, "item"), fmt.Sprintf("%d, as with %d: %s", len(ls[0].items), most, told)).signed("less than the maximum")
			}
			return kept()
		},
	}
}

// sizeServed makes a case of the largest size that the document allows, of a list that has at least more than one page without a size, or less of that is asked
// for: a page of that size has as many items, or all. It is nil where the document does not say how large pages may be: there a server may cut them. By
// cursor any page may be short (AIP-158).
func (s *listState) sizeServed() *testCase {
	most := s.c.Paging.Max
	if p := s.c.List().Parameter("query", s.c.Paging.Size); p != nil && most == 0 {
		if n, ok := bound(p.Schema, "maximum"); ok && n < 1e9 {
			most = int(n)
		}
	}
	if s.c.Paging.Style == contract.ByCursor || most < 2 || !s.base.complete() && s.base.total == nil || s.large < 2 || s.large > most {
		return nil
	}
	return &testCase{
		subject: "the largest", over: s, intent: fmt.Sprintf("a page of %d, where the document has pages of %d: it has that many items, or all", s.large, most), steps: []step{s.page(contract.Query{Size: s.large}), s.all(contract.Query{})},
		judge: func(rs []result) outcome {
			ls, bad := pagesOf(rs)
			if bad != nil {
				return *bad
			}
			page, all := ls[0], ls[1]
			if want := min(s.large, len(all.items)); len(page.items) < want && all.bad == "" {
				return broken(rs[0].answer(), plural(len(page.items), "item"), fmt.Sprintf("%d, which the document allows", want)).because("the size is cut to less than the document says").signed("less than the maximum")
			}
			return kept()
		},
	}
}

// sizeBeside makes a case of sizes together with an order, a filter and a search, as they are asked for anyway: pages are as large as without. It is nil where none
// is asked for; by cursor any page may be short (AIP-158).
func (s *listState) sizeBeside() *testCase {
	tc := &testCase{
		subject: "beside others", over: s, intent: "sizes together with an order, a filter or a search: pages are as large as without",
		steps: []step{s.page(contract.Query{Size: s.large})},
	}
	for _, field := range s.fields() {
		if ways := s.ways(field); len(ways) > 0 && s.c.Declares(field) && s.differs(field) {
			tc.steps = append(tc.steps, s.halves(ways[0]))
		}
	}
	if widest, _ := s.widest(); widest.yes > 0 {
		tc.steps = append(tc.steps, s.all(conditions(widest.cond)))
	}
	if ws := named(s.witnesses()); len(ws) > 0 && s.c.Search.Param != "" {
		tc.steps = append(tc.steps, s.all(search(s.manyHave().word)))
	}
	if len(tc.steps) == 1 || s.large == 0 || s.c.Paging.Style == contract.ByCursor {
		return nil
	}
	tc.judge = func(rs []result) outcome {
		plain, bad := pageOf(rs[0])
		if bad != nil {
			return *bad
		}
		for i, r := range rs[1:] {
			l, asked := r.list, tc.steps[i+1].asks.Size
			want := min(asked, len(plain.items)) // larger ones may be cut
			if l.bad != "" || len(l.pages) < 2 || len(l.pages[0].Items) >= want || len(l.pages[1].Items) == 0 || l.moving() {
				continue
			}
			return broken(r.answer(), fmt.Sprintf("%s, and more behind them", plural(len(l.pages[0].Items), "item")), fmt.Sprintf("%d, as without the other parameters", want)).
				because("the size is forgotten beside others").signed("a smaller page than without the others")
		}
		return kept()
	}
	return tc
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

// sized asks for a page of a size, or for a larger one that is read anyway if that has as many items.
func (s *listState) sized(size int) step {
	if s.large > size && len(s.base.pages[0].Items) >= size {
		size = s.large
	}
	return s.page(contract.Query{Size: size})
}

func sizeDefault(_ *engine, s *listState) ([]*testCase, string) {
	size := s.c.Paging.Default
	if size < 1 {
		return none("the document has no default of the size")
	}
	if len(s.base.items) <= size {
		return none(fmt.Sprintf("the list has %s, which are no more than the default of %d", plural(len(s.base.items), "item"), size))
	}
	beside := s.sized(size)
	if s.c.Paging.Style == contract.ByCursor { // where pages may be shorter than they were asked to be
		beside = s.page(contract.Query{Size: size})
	}
	return one(&testCase{
		intent: fmt.Sprintf("a page without a size: the documented default is %d", size), over: s,
		steps: []step{s.page(contract.Query{}), beside},
		judge: func(rs []result) outcome {
			ls, bad := pagesOf(rs)
			if bad != nil {
				return *bad
			}
			if want := min(size, len(ls[1].items)); len(ls[0].items) != want { // a server may cut larger pages than it likes
				return broken(rs[0].answer(), plural(len(ls[0].items), "item"), fmt.Sprintf("%d, as with %s=%d", want, s.c.Paging.Size, size)).signed("another default size")
			}
			return kept()
		},
	})
}
