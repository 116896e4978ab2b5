package contracttest

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"understudy/internal/contract"
)

func cursors(_ *engine, s *listState) ([]*testCase, string) {
	if why := s.several(); why != "" {
		return none(why)
	}
	q := contract.Query{Size: s.small()}
	first := s.page(q)
	first.save = func(a *answer, holes map[string]string) {
		if page, err := s.c.Unwrap(first.asks, a.header, a.body); err == nil && page.Next != nil {
			holes["cursor"], holes["cut"] = page.Next.Cursor, cutCursor(page.Next.Cursor)
		}
	}
	at := func(cursor string) step {
		st := s.page(q)
		raw := st.request.query.Encode()
		if raw != "" {
			raw += "&"
		}
		st.raw = raw + url.QueryEscape(s.c.Paging.Param) + "=" + cursor
		st.odd, st.nth = cursor != "{cursor}", alone
		st.lacks = "the first page has no cursor that leads on"
		return st
	}
	out := []*testCase{{
		subject: "walk", intent: "a walk by cursors: it has to end, and to say so", over: s, steps: []step{s.walk(q, s.pagesOf(q.Size))},
		judge: func(rs []result) outcome {
			l, bad := pageOf(rs[0])
			switch {
			case bad != nil:
				return *bad
			case l.loops, l.capped && len(repeated(l.keys)) > 0 && len(lacking(l.keys[:len(l.keys)-1], s.base.keys)) == 0:
				return broken(rs[0].answer(), "a cursor that leads back to what was read before", "an end").signed("the cursors loop")
			}
			if l.endless {
				return broken(rs[0].answer(), "cursors that lead from one empty page to the next", "an end").signed("the cursors do not end")
			}
			for i, p := range l.pages {
				if next := i + 1; next == len(l.pages)-1 && len(l.pages[next].Items) == 0 && s.toldLast() != "" {
					return broken(l.answers[i], "a cursor on the last page, behind which there is nothing", "none: "+s.toldLast()).signed("a cursor on the last page").asSaid(true)
				}
				if about := s.c.About(l.answers[i].header, l.answers[i].body); about.More != nil && *about.More && p.Next == nil {
					return broken(l.answers[i], fmt.Sprintf("page %d says that there is more, and has no cursor", i+1), "a cursor, or that there is no more").signed("more without a cursor")
				}
			}
			return kept()
		},
	}, {
		subject: "again", intent: "the second page, asked for twice by the same cursor: it has to be the same", over: s, unsteady: true,
		steps: []step{first, at("{cursor}"), at("{cursor}")},
		judge: func(rs []result) outcome {
			ls, bad := pagesOf(rs)
			if bad != nil {
				return *bad
			}
			switch {
			case ls[0].pages[0].Next == nil:
				return skip("the first page has no cursor that leads on")
			case !slices.Equal(ls[1].keys, ls[2].keys):
				return broken(rs[2].answer(), difference(ls[1].keys, ls[2].keys), "the same page for the same cursor").signed("another page")
			case slices.Equal(ls[0].keys, ls[1].keys):
				return broken(rs[1].answer(), "the first page again", "the items behind it").because("the parameter " + s.c.Paging.Param + " is ignored").signed("cursor ignored")
			}
			return kept()
		},
	}}
	out = append(append(out, s.backward()...), s.lastFull()...)
	for _, odd := range []string{"understudy-no-cursor", "{cut}"} {
		subject := map[bool]string{true: "made up", false: "cut short"}[odd == "understudy-no-cursor"]
		out = append(out, &testCase{
			subject: subject, intent: "a cursor that is " + subject, over: s, steps: []step{first, at(odd)},
			judge: func(rs []result) outcome {
				if rs[0].list.bad != "" {
					return skip("the list cannot be read: %s", rs[0].list.bad)
				}
				a := rs[1].answer()
				switch {
				case a.failed():
					return broken(a, a.says(), "a refusal").signed("an error of the server's")
				case a.ok() && subject == "made up" && !s.c.Paging.ByKey && len(rs[1].list.keys) > 0 && slices.Equal(rs[1].list.keys, rs[0].list.keys):
					return broken(a, "the first page", "a refusal").signed("cursor not checked")
				}
				return kept()
			},
		})
	}
	return append(out, s.foreignCursor(first)...), ""
}

// toldLast gives the sentence that says that the last page has no cursor; "" if none does.
func (s *listState) toldLast() string {
	texts := []string{s.c.List().Description, s.c.Document().Description()}
	if res := s.c.List().Response(http.StatusOK); res != nil {
		for _, name := range sortedKeys(res.Media) {
			for _, p := range res.Media[name].Properties() {
				texts = append(texts, p.Schema.Keywords().Description)
			}
		}
	}
	return sentence(strings.Join(texts, "\n\n"), lastWithout)
}

// foreignCursor makes a case of a cursor that comes with another order than the one that it was given for, where the document says that this is refused.
func (s *listState) foreignCursor(first step) []*testCase {
	told := s.c.CursorBound()
	if told == "" || len(s.c.Ordering.Params()) == 0 || len(s.c.Ordering.Fields) == 0 || s.c.Ordering.Supposed() {
		return nil
	}
	order := up(s.c.Ordering.Fields[0])
	if usual := s.c.Ordering.Default; len(usual) > 0 {
		order = []contract.Order{{Field: usual[0].Field, Desc: !usual[0].Desc}}
	}
	st := s.page(contract.Query{Size: s.small(), Order: order})
	st.raw = st.request.query.Encode() + "&" + url.QueryEscape(s.c.Paging.Param) + "={cursor}"
	st.odd, st.nth, st.lacks = true, alone, "the first page has no cursor that leads on"
	return []*testCase{{
		subject: "another order", intent: "a cursor, with another order than that for which it was given: " + told, over: s, steps: []step{first, st},
		judge: func(rs []result) outcome {
			if a := rs[1].answer(); rs[0].answer().ok() && !a.refused() {
				return broken(a, a.says(), "a refusal: "+told).because("a cursor does not say what it was made for").signed("a cursor of another query is taken").asSaid(true)
			}
			return kept()
		},
	}}
}

func cutCursor(cursor string) string {
	if cursor == "" {
		return ""
	}
	return cursor[:len(cursor)-1]
}
