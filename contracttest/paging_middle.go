package contracttest

import (
	"fmt"

	"understudy/internal/contract"
)

// middleLinks makes a case of a page in the middle, asked for by its number: it leads on and back, whatever a page says that is asked for without one.
func (s *listState) middleLinks() []*testCase {
	size, n := s.small(), len(s.base.items)
	if size == 0 || n <= 2*size || !s.base.complete() || !s.tellsNext() || s.c.Paging.Style != contract.ByPage && s.c.Paging.Style != contract.ByOffset {
		return nil
	}
	count := numbers{s: s, perPage: size}
	return []*testCase{{
		subject: "middle", intent: fmt.Sprintf("the second page of %d, which is not the last: it has to lead on", size), over: s,
		steps: []step{s.all(contract.Query{}), s.page(contract.Query{Size: size, Window: count.window(1)})},
		judge: func(rs []result) outcome {
			ls, bad := pagesOf(rs)
			switch {
			case bad != nil:
				return *bad
			case len(ls[0].items) != n || len(ls[1].items) != size:
				return skip("the data changed meanwhile, or pages are smaller than asked for")
			}
			if wrong, want := windowIs("the next page", ls[1].pages[0].Next, count.window(2), false); wrong != "" {
				return broken(rs[1].answer(), wrong, want).signed("the next page is wrong")
			}
			return kept()
		},
	}}
}
