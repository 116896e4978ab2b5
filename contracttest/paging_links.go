package contracttest

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"understudy/internal/contract"
)

// tellsNext and tellsPrev say whether the answers of a list lead on, and back.
func (s *listState) tellsNext() bool {
	w := s.c.First()
	return s.c.Project(contract.Query{}, contract.Page{Next: &w}).Next != nil
}

func (s *listState) tellsPrev() bool {
	w := s.c.First()
	return s.c.Project(contract.Query{}, contract.Page{Prev: &w}).Prev != nil
}

func links(e *engine, s *listState) ([]*testCase, string) {
	if why := s.several(); why != "" {
		return none(why)
	}
	if s.base.capped {
		return none(fmt.Sprintf("the list has more than the %d items that are walked", e.target.MaxWalk))
	}
	var order []contract.Order
	if tying := s.tying(); len(tying) > 0 && s.c.Declares(tying[0]) {
		order = up(tying[0])
	}
	q := contract.Query{Size: s.small(), Order: order}
	walk := s.walk(q, s.pagesOf(q.Size))
	walk.follow = s.tellsNext()
	cases := append(s.filteredLinks(), s.followedLinks(order)...)
	cases = append(cases, s.middleLinks()...)
	return append(cases, &testCase{
		intent: "a walk by the links of each page, with parameters that the links have to keep", over: s, steps: []step{s.all(contract.Query{}), walk},
		judge: func(rs []result) outcome {
			ls, bad := pagesOf(rs)
			if bad != nil {
				return *bad
			}
			all, l := ls[0], ls[1]
			if l.moving() || differentTotal(all, l) {
				return skip("the data changed meanwhile")
			}
			if l.total == nil && all.complete() && s.c.Paging.Style != contract.ByCursor { // all have been counted
				n := len(all.items)
				l.total = &n
			}
			if first := l.answers[0]; len(l.items) < len(all.items) && s.c.About(first.header, first.body).Unlinked {
				return skip("a page that is asked for without its number has no links")
			}
			if o := s.judgeLinks(rs[1], l); o.verdict == Broken {
				return o
			}
			switch {
			case l.astray != nil:
				return broken(l.astray, "a link that leads to "+l.astray.says(), "a page").signed("a link leads nowhere")
			case l.endless:
				return broken(rs[1].answer(), "links from one empty page to the next", "an end").signed("the links do not end")
			case l.loops:
				return broken(rs[1].answer(), "a link that leads back to a page that was read before", "an end").signed("the links loop")
			case l.capped && len(l.items) < len(all.items):
				return skip("the list has grown meanwhile")
			case l.capped:
				return broken(rs[1].answer(), fmt.Sprintf("links that go on after %s", plural(len(l.pages), "page")), "an end").signed("the links do not end")
			case all.complete() && len(l.items) < len(all.items) && len(repeated(l.keys)) == 0:
				return broken(rs[1].answer(), fmt.Sprintf("an end after %d of %s", len(l.items), plural(len(all.items), "item")), "links through all pages").signed("the links end early")
			}
			return kept()
		},
	}), ""
}

// filteredLinks makes a case of the links of a filtered list, whose pages are read anyway. A cursor may remember the filter itself.
func (s *listState) filteredLinks() []*testCase {
	ch, size := s.widest()
	if size == 0 || s.c.Paging.Style == contract.ByCursor {
		return nil
	}
	q := conditions(ch.cond)
	q.Size = size
	return []*testCase{{
		subject: ch.cond.Param, intent: "the links of a filtered list: they have to keep the filter", over: s, steps: []step{s.walk(q, s.pagesOf(size))},
		judge: func(rs []result) outcome {
			l, bad := pageOf(rs[0])
			if bad != nil {
				return *bad
			}
			for _, a := range l.answers {
				about := s.c.About(a.header, a.body)
				for _, address := range []string{about.Next, about.Prev} {
					if lost := s.lostParameter(a, address); lost != "" {
						return broken(a, fmt.Sprintf("the link %s, without %s", address, lost), "a link with every parameter of the request").signed("links drop parameters")
					}
				}
			}
			return kept()
		},
	}}
}

// judgeLinks judges the links of each page of a walk.
func (s *listState) judgeLinks(r result, l *listed) outcome {
	counted := s.c.Paging.Style != contract.ByCursor
	perPage := len(l.pages[0].Items)
	n := numbers{s: s, perPage: perPage}
	for i, p := range l.pages {
		about := s.c.About(l.answers[i].header, l.answers[i].body)
		last := i == len(l.pages)-1
		if l.total != nil {
			last = (i+1)*perPage >= *l.total
		}
		if !counted {
			if i == 0 && s.tellsPrev() && s.c.Paging.Before != "" && p.Prev != nil && len(p.Items) == len(l.items) {
				return broken(l.answers[i], "a way back from the first page", "none").signed("a page before the first")
			}
			continue
		}
		for _, link := range []struct {
			name, address string
			tells, none   bool
			got           *contract.Window
			right         contract.Window
		}{
			{"the next page", about.Next, s.tellsNext(), last, p.Next, n.window(i + 1)},
			{"the previous page", about.Prev, s.tellsPrev(), i == 0, p.Prev, n.window(i - 1)},
		} {
			if !link.tells || l.total == nil && link.name == "the next page" {
				continue
			}
			if link.name == "the previous page" && link.got == nil && !s.promisesBack() {
				continue
			}
			if wrong, want := windowIs(link.name, link.got, link.right, link.none); wrong != "" {
				return broken(l.answers[i], fmt.Sprintf("on page %d of %d: %s", i+1, len(l.pages), wrong), want).signed(link.name + " is wrong")
			}
			if n.strays(l, about.End) {
				return broken(l.answers[i], "a link to the last page that leads elsewhere: "+about.End, "a link to the last page").signed("the link to the last page is wrong")
			}
			if lost := s.lostParameter(l.answers[i], link.address); lost != "" {
				return broken(l.answers[i], fmt.Sprintf("the link to %s, %s, without %s", link.name, link.address, lost), "a link with every parameter of the request").signed("links drop parameters")
			}
		}
	}
	return kept()
}

// saysBack finds what says of a header with links that some of them lead back.
var saysBack = regexp.MustCompile(`(?i)\b(?:prev|previous|back|before|backwards?|(?:other|all|neighbou?ring) pages)\b`)

// promisesBack tells whether later pages have to lead back. Which links a header has is for the server to say (RFC 8288), unless the document says it.
func (s *listState) promisesBack() bool {
	r := s.c.List().Response(http.StatusOK)
	if r == nil {
		return true
	}
	i := slices.IndexFunc(r.Headers, func(h contract.Header) bool { return strings.EqualFold(h.Name, "Link") })
	return i < 0 || saysBack.MatchString(r.Headers[i].Description)
}

// strays tells whether the address of a last page leads past the end or, where pages are numbered, to one before it.
func (n *numbers) strays(l *listed, address string) bool {
	u, err := url.Parse(address)
	if address == "" || err != nil || l.total == nil || *l.total == 0 {
		return false
	}
	at, err := strconv.Atoi(u.Query().Get(n.s.c.Paging.Param))
	if err != nil {
		return false
	}
	if n.s.c.Paging.Style == contract.ByPage {
		at = (at - n.s.c.Paging.First) * n.perPage
		return at >= *l.total || at+n.perPage < *l.total
	}
	return at >= *l.total
}

// numbered is the end of a parameter's name where a server writes a list, "status[]", with the number of each value.
var numbered = regexp.MustCompile(`\[\d+\]$`)

// lostParameter names a parameter of a request that a link of its answer does not have, or "".
func (s *listState) lostParameter(a *answer, address string) string {
	u, err := url.Parse(address)
	if address == "" || err != nil {
		return ""
	}
	has, asked := url.Values{}, u.Query()
	for _, name := range slices.Sorted(maps.Keys(asked)) {
		list := numbered.ReplaceAllString(name, "[]")
		has[list] = append(has[list], asked[name]...)
	}
	for name, values := range a.request.query {
		if name == s.c.Paging.Param || name == s.c.Paging.Before || len(values) == 0 {
			continue
		}
		if !slices.Equal(has[name], values) && has.Get(name) != strings.Join(values, ",") {
			return name + "=" + strings.Join(values, ",")
		}
	}
	return ""
}
