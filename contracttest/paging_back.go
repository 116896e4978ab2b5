package contracttest

import (
	"fmt"
	"net/url"
	"slices"

	"understudy/internal/contract"
)

// backward makes a case of a page that is asked for from behind: it ends before a cursor. Nil where the list has no such parameter, or no cursor to send.
func (s *listState) backward() []*testCase {
	q := contract.Query{Size: s.small()}
	size := q.Size
	if s.c.Paging.Before == "" || !s.steady || s.base.capped || size == 0 {
		return nil
	}
	behind, want := "{back}", min(len(s.base.keys)/size, 2)-1 // where the page begins that is asked back from; the page that stands before it
	steps := []step{s.walk(q, want+2)}
	steps[0].save = func(a *answer, holes map[string]string) {
		if page, err := a.page(s.c, q); err == nil && page.Prev != nil && page.Prev.Back {
			holes["back"] = page.Prev.Cursor
		}
	}
	if s.c.Paging.ByKey && len(s.base.keys) > (want+1)*size {
		behind = url.QueryEscape(s.base.keys[(want+1)*size])
		steps[0].save = nil
	}
	back := s.page(q)
	back.raw, back.lacks = url.QueryEscape(s.c.Paging.Before)+"="+behind, "no page leads back"
	if len(back.query) > 0 {
		back.raw = back.query.Encode() + "&" + back.raw
	}
	return []*testCase{{
		subject: "back", intent: "a page that ends before the first item of a later one: it has to be the page before that one, in the list's own order", over: s, steps: append(steps, back),
		judge: func(rs []result) outcome {
			ls, bad := pagesOf(rs)
			if bad != nil {
				return *bad
			}
			forth, l := ls[0], ls[1]
			if len(forth.pages) < want+2 || differentTotal(forth, l) {
				return skip("there is no later page")
			}
			start := 0
			for _, p := range forth.pages[:want] {
				start += len(p.Items)
			}
			page := forth.keys[start : start+len(forth.pages[want].Items)]
			if s.c.Paging.ByKey && forth.keys[start+len(page)] != s.base.keys[(want+1)*size] {
				return skip("the data changed meanwhile")
			}
			reversed := slices.Clone(l.keys)
			slices.Reverse(reversed)
			switch {
			case slices.Equal(l.keys, page):
				return kept()
			case slices.Equal(reversed, page) && len(s.c.Ordering.Default) == 0:
				return skip("the page is backwards, and the document does not say the order")
			}
			return broken(rs[1].answer(), difference(page, l.keys), "the page before, in the list's own order").signed("another page back")
		},
	}}
}

// lastFull makes a case of a last page that is exactly full: there is no more, though the page has as many items as were asked for.
func (s *listState) lastFull() []*testCase {
	n := len(s.base.items)
	q := contract.Query{Size: n}
	if s.c.Paging.Size == "" || !s.base.complete() || n < max(s.least(), 2) {
		return nil
	}
	for pages := 2; q.Size > s.large && pages <= 10; pages++ {
		if n%pages == 0 && n/pages >= s.least() {
			q.Size = n / pages
		}
	}
	if ch, _ := s.widest(); q.Size > s.large && ch.yes >= max(s.least(), 2) && ch.yes <= s.large {
		q = conditions(ch.cond)
		q.Size = ch.yes
	}
	if q.Size > s.large {
		return nil
	}
	return []*testCase{{
		subject: "last page full", intent: fmt.Sprintf("pages of %d, so that the last one is exactly full: it may not say that there is more", q.Size), over: s, steps: []step{s.walk(q, s.pagesOf(q.Size))},
		judge: func(rs []result) outcome {
			l, bad := pageOf(rs[0])
			if bad != nil {
				return *bad
			}
			for i, p := range l.pages {
				more := s.saysMore(l.answers[i], p)
				switch {
				case more == nil:
					return skip("the list does not say whether there is more")
				case *more && len(p.Items) > 0 && i+1 < len(l.pages) && len(l.pages[i+1].Items) == 0:
					return broken(l.answers[i], fmt.Sprintf("page %d says that there is more, and the page behind it is empty", i+1), "that there is no more").
						because("a full page is taken for one that is followed by another").signed("more behind the last page")
				}
			}
			return kept()
		},
	}}
}
