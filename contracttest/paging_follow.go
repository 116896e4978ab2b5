package contracttest

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"understudy/internal/contract"
)

// followedLinks makes cases that follow the link to the next page as it stands, as clients do: of a list that is ordered, and of one that is filtered. Whatever the
// link drops, and whatever a cursor remembers, it has to lead to the page that the parameters lead to.
func (s *listState) followedLinks(order []contract.Order) []*testCase {
	if !s.c.Links() {
		return nil
	}
	out := []*testCase{s.followed("followed", contract.Query{Size: s.small(), Order: order})}
	if ch, size := s.widest(); size > 0 {
		q := conditions(ch.cond)
		q.Size = size
		out = append(out, s.followed("followed "+ch.cond.Param, q))
	}
	return out
}

func (s *listState) followed(subject string, q contract.Query) *testCase {
	first := s.page(q)
	first.save = func(a *answer, holes map[string]string) {
		about := s.c.About(a.header, a.body)
		page, err := a.page(s.c, first.asks)
		if err != nil || page.Next == nil || !isAddress(about.Next) {
			return
		}
		holes["//next"] = s.publicly(a, about.Next)
		if holes["cursor"] = page.Next.Cursor; about.Token != "" {
			holes["cursor"] = about.Token
		}
	}
	link := s.page(q)
	link.path, link.query, link.lacks = "{//next}", nil, "the first page has no link to another"
	asked := s.page(q)
	switch s.c.Paging.Style {
	case contract.ByCursor:
		if asked.raw = url.QueryEscape(s.c.Paging.Param) + "={cursor}"; len(asked.query) > 0 {
			asked.raw = asked.query.Encode() + "&" + asked.raw
		}
	case contract.ByPage:
		next := q
		next.Window = contract.Window{Page: s.c.Paging.First + 1}
		asked = s.page(next)
	case contract.ByOffset:
		next := q
		next.Window = contract.Window{Offset: cmp.Or(q.Size, len(s.base.pages[0].Items))}
		asked = s.page(next)
	}
	return &testCase{
		subject: subject, over: s, steps: []step{first, link, asked},
		intent: "the link to the next page, followed as it stands: it has to lead to the page that the same parameters lead to",
		judge: func(rs []result) outcome {
			a := rs[1].answer()
			switch {
			case rs[0].list.bad != "" || rs[2].list.bad != "":
				return skip("the list cannot be read: %s", rs[0].list.bad+rs[2].list.bad)
			case denied(a):
				return skip("the link is answered with %d", a.status)
			case !a.ok():
				return broken(a, "a link that leads to "+a.says(), "a page").signed("a link leads nowhere")
			case rs[1].list.bad != "":
				return broken(a, "a link to what is no page: "+rs[1].list.bad, "a page").signed("a link leads nowhere")
			case len(rs[0].list.items) < q.Size && s.c.Paging.Style == contract.ByOffset:
				return skip("pages are smaller than asked for")
			case slices.Equal(rs[1].list.keys, rs[2].list.keys):
				return kept()
			}
			o := broken(a, difference(rs[2].list.keys, rs[1].list.keys), "the page that the same parameters lead to")
			if lost := s.lostParameter(rs[0].answer(), s.c.About(rs[0].answer().header, rs[0].answer().body).Next); lost != "" {
				return o.because(fmt.Sprintf("the link is without %s, and nothing else remembers it", lost)).signed("links drop parameters")
			}
			return o.signed("a link leads elsewhere")
		},
	}
}

// isAddress tells whether a text is an address, not a cursor that has a slash in it.
func isAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https" || strings.Contains(u.RawQuery, "="))
}

// publicly gives path and query of a link as this side has to ask for them: a server behind a proxy may not know its own name, nor the path that it is reached by.
func (s *listState) publicly(a *answer, address string) string {
	u, err := a.sent.URL.Parse(address)
	if err != nil {
		return address
	}
	path := u.EscapedPath()
	if u.Host != a.sent.URL.Host && !strings.HasSuffix(path, a.sent.URL.EscapedPath()) {
		path = a.sent.URL.EscapedPath()
	}
	if u.RawQuery != "" {
		path += "?" + u.RawQuery
	}
	return path
}
