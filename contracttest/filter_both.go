package contracttest

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"understudy/internal/contract"
)

// mostPairs bounds how many pairs of filters are asked for at once: each filter is asked against all others, too.
const mostPairs = 1

// narrowing is a filter's value, or a word to search for: what lets only some items through.
type narrowing struct {
	name string
	ask  contract.Query
	fits []bool // by item of the list
}

// narrowings gives one for each filter that surely looks at what its name says, and one for the search.
func (s *listState) narrowings() []narrowing {
	var out []narrowing
	for i := range s.c.Filters {
		if chs := s.choices(&s.c.Filters[i]); len(chs) > 0 && s.means(&s.c.Filters[i]) && !s.isAgain(&s.c.Filters[i]) {
			out = append(out, s.narrowing(chs[0].cond.Param, conditions(chs[0].cond)))
		}
	}
	return out
}

// isAgain tells whether a filter is another's in a second spelling, status[] of status: a server may know but one of both in a request.
func (s *listState) isAgain(f *contract.Filter) bool {
	name, list := strings.CutSuffix(f.Param, "[]")
	return list && s.c.List().Parameter("query", name) != nil
}

func (s *listState) narrowing(name string, ask contract.Query) narrowing {
	n := narrowing{name: name, ask: ask}
	match := s.c.Matcher(s.scoped(ask))
	for _, it := range s.base.items {
		n.fits = append(n.fits, match(it).Is)
	}
	return n
}

// and asks for both.
func (n narrowing) and(o narrowing) narrowing {
	both := narrowing{name: n.name + "&" + o.name, ask: n.ask}
	both.ask.Filters = slices.Concat(n.ask.Filters, o.ask.Filters)
	for i := range n.fits {
		both.fits = append(both.fits, n.fits[i] && o.fits[i])
	}
	return both
}

// count counts the items that fit.
func (n narrowing) count() int {
	count := 0
	for _, fits := range n.fits {
		if fits {
			count++
		}
	}
	return count
}

// without counts the items that fit one and not the other.
func (n narrowing) without(o narrowing) int {
	count := 0
	for i := range n.fits {
		if n.fits[i] && !o.fits[i] {
			count++
		}
	}
	return count
}

func filterBoth(e *engine, s *listState) ([]*testCase, string) {
	var out []*testCase
	asked := map[string]bool{}
	all := s.narrowings()
	first := ""            // of a pair: the other one is asked against it
	for round := range 3 { // first each filter once; last those of which one has nothing of its own
		for i, a := range all {
			for _, b := range all[i+1:] {
				own, other, met := a.without(b), b.without(a), asked[a.name] || asked[b.name]
				if fits := round < 2 && own > 0 && other > 0 && met == (round == 1) || round == 2 && own+other > 0 && out == nil; !fits || asked[a.and(b).name] || len(out) == mostPairs {
					continue
				}
				asked[a.name], asked[b.name], asked[a.and(b).name] = true, true, true
				out, first = append(out, s.both(a, b)), a.name
			}
		}
	}
	out = append(append(out, s.between()...), s.against(first)...)
	if tc := s.searchedToo(all); tc != nil {
		out = append(out, tc)
	}
	for i := range s.c.Filters {
		if tc := s.severalAtOnce(&s.c.Filters[i]); tc != nil {
			out = append(out, tc)
		}
	}
	if e.target.Writes { // reads alone are to be few
		out = append(out, s.besideAll(all)...)
	}
	if out == nil {
		return none("no two filters have values that only some items fit both of")
	}
	return out, ""
}

// besideAll makes cases of each filter together with an order, another one each time, and with a search: both count.
func (s *listState) besideAll(all []narrowing) (out []*testCase) {
	fields, word := s.fields(), ""
	if ws := named(s.witnesses()); s.c.Search.Param != "" && len(ws) > 0 {
		word = s.commonest(ws).word
	}
	for i, n := range all {
		if n.count() == len(n.fits) {
			continue
		}
		if len(fields) > 0 && len(s.c.Ordering.Params()) > 0 {
			q := n.ask
			q.Order = up(fields[i%len(fields)])
			out = append(out, s.together(n, q, "an order"))
		}
		if word != "" {
			q := n.ask
			q.Search = word
			out = append(out, s.together(n, q, "a search"))
		}
	}
	return out
}

// together makes a case of a filter alone, and of a query that has it beside something else.
func (s *listState) together(n narrowing, q contract.Query, what string) *testCase {
	alone := n.ask
	alone.Size, q.Size = s.large, s.large
	return &testCase{
		subject: n.name + " and " + what, over: s, steps: []step{s.page(alone), s.page(q)},
		intent: fmt.Sprintf("a filter that only some items fit, alone and beside %s: what does not fit stays out", what),
		judge: func(rs []result) outcome {
			ls, bad := pagesOf(rs)
			if bad != nil {
				return *bad
			}
			match := s.c.Matcher(s.scoped(n.ask))
			wrong := func(it contract.Item) bool { v := match(it); return v.Certain && !v.Is }
			if slices.ContainsFunc(ls[0].items, wrong) {
				return skip("the filter lets others through without %s, too", what)
			}
			l := ls[1]
			for i, it := range l.items {
				if wrong(it) {
					return broken(rs[1].answer(), fmt.Sprintf("%s, which does not fit %s", cut(l.keys[i]), n.name), "only items that fit").
						because("the filter is forgotten where there is " + what).signed(what + " drops the filter")
				}
			}
			return kept()
		},
	}
}

// both makes a case of two filters.
func (s *listState) both(a, b narrowing) *testCase {
	q := a.and(b)
	one := a.without(b) + b.without(a)
	return &testCase{
		subject: q.name, over: s,
		intent: fmt.Sprintf("two filters at once: %d items fit only one of them", one),
		steps:  []step{s.all(contract.Query{}), s.all(q.ask)},
		judge: func(rs []result) outcome {
			ls, bad := pagesOf(rs)
			if bad != nil {
				return *bad
			}
			match := s.c.Matcher(s.scoped(q.ask))
			for i, it := range ls[1].items {
				if v := match(it); v.Certain && !v.Is {
					o := broken(rs[1].answer(), fmt.Sprintf("%s, which does not fit both", cut(ls[1].keys[i])), "only items that fit both")
					if len(ls[1].items) >= max(min(a.without(b), b.without(a)), 1) {
						o = o.because("what fits one of the two comes, or one of the two is ignored")
					}
					return o.signed("lets through what fits one")
				}
			}
			if lost := s.lost(q.ask, ls[0], ls[1]); len(lost) > 0 && !ls[1].capped {
				return broken(rs[1].answer(), fmt.Sprintf("%s that fit both are missing, such as %s", plural(len(lost), "item"), cut(lost[0])), "all that fit both").signed("loses what fits both")
			}
			return kept()
		},
	}
}

func filterSpelling(_ *engine, s *listState) ([]*testCase, string) {
	odd, ok := s.oddlySpelled()
	if !ok {
		if spaced := s.spacedSearch(); spaced != nil {
			return spaced, ""
		}
		return none("no filter has a value that some items have and others do not")
	}
	q := odd.asks
	cond := q.Filters[0]
	var spaced []*testCase
	if !strings.Contains(cond.Values[0], " ") {
		spaced = s.spacedSearch()
	}
	full := len(s.base.pages[0].Items)
	if s.narrowing(cond.Param, conditions(cond)).count() < full {
		q.Order = nil // it makes no difference
	}
	plainly := s.page(q)
	cases := slices.Concat(s.otherOffset(), s.filteredCase(), spaced)
	return append(cases, &testCase{
		subject: cond.Param, intent: "the same query in another spelling and in some order: its parameters in another order, %20 for +, and letters escaped that need not be", over: s,
		steps: []step{plainly, odd},
		judge: func(rs []result) outcome {
			ls, bad := pagesOf(rs)
			if bad != nil {
				return *bad
			}
			if q.Order == nil && odd.asks.Order != nil && len(ls[0].keys) >= full {
				return skip("more fits than did before, and the order decides what of it is on the page")
			}
			if !sameSet(ls[0].keys, ls[1].keys) {
				return broken(rs[1].answer(), fmt.Sprintf("%s, and %d in the usual spelling", plural(len(ls[1].keys), "item"), len(ls[0].keys)), "the same items").signed("spelling matters")
			}
			return kept()
		},
	}), ""
}

// spacedSearch makes a case of a search for two words of an item, with the space between them written in both ways (WHATWG URL §5.1).
func (s *listState) spacedSearch() []*testCase {
	if s.c.Search.Param == "" {
		return nil
	}
	for _, path := range s.c.Search.Paths {
		for _, it := range s.base.items[:min(len(s.base.items), 50)] {
			text := it.Value(path).Text
			if words := strings.Fields(text); len(words) != 2 || !isPlainText(text) {
				continue
			}
			q := search(text)
			q.Size = s.large
			plainly := s.page(q)
			odd := plainly
			odd.raw = strings.ReplaceAll(plainly.query.Encode(), "+", "%20")
			return []*testCase{{
				subject: s.c.Search.Param + " with a space", intent: fmt.Sprintf("a search for %q, with + and with %%20 for the space: both are the same", text), over: s,
				steps: []step{plainly, odd},
				judge: func(rs []result) outcome {
					ls, bad := pagesOf(rs)
					if bad != nil {
						return *bad
					}
					if !sameSet(ls[0].keys, ls[1].keys) {
						return broken(rs[0].answer(), fmt.Sprintf("%s for +, and %d for %%20", plural(len(ls[0].keys), "item"), len(ls[1].keys)), "the same items").because("+ is not read as a space").signed("spelling matters")
					}
					return kept()
				},
			}}
		}
	}
	return nil
}

// oddlySpelled asks for what fits a filter in another spelling, and in an order: if possible one in which it does not stand anyway. False: there is no such filter.
func (s *listState) oddlySpelled() (step, bool) {
	cond, ok := s.spelled()
	if !ok {
		return step{}, false
	}
	q := s.ordered(contract.Query{Filters: []contract.Condition{cond}, Size: s.large})
	odd := s.page(q)
	odd.raw = respell(odd.query)
	return odd, true
}

// ordered gives a query an order: if possible one in which the items that fit do not stand anyway.
func (s *listState) ordered(q contract.Query) contract.Query {
	for _, field := range s.fields() {
		if !s.c.Declares(field) {
			continue
		}
		for _, order := range s.ways(field) {
			with := q
			with.Order = order
			if q.Order == nil && !order[0].Desc || !s.tellsOrder(q) && s.tellsOrder(with) {
				q.Order = order
			}
		}
	}
	return q
}

// spelled gives a condition that can be spelled in several ways: if possible one with a space, else one that many items fit.
func (s *listState) spelled() (cond contract.Condition, ok bool) {
	most := 0
	for i := range s.c.Filters {
		f := &s.c.Filters[i]
		for _, ch := range s.choices(f) {
			if ch.yes > most || !ok { // of more items the order tells more
				cond, ok, most = ch.cond, true, ch.yes
			}
		}
		for _, values := range s.candidates(f) {
			c := contract.Condition{Param: f.Param, Values: values}
			if strings.Contains(values[0], " ") && s.canonical(c) {
				return c, true
			}
		}
	}
	return cond, ok
}

// respell writes a query backwards, with the first letter of each value escaped.
func respell(v url.Values) string {
	var parts []string
	for _, name := range slices.Backward(sortedKeys(v)) {
		for _, value := range v[name] {
			text := strings.ReplaceAll(url.QueryEscape(value), "+", "%20")
			if value != "" && text[0] != '%' {
				text = fmt.Sprintf("%%%02X", text[0]) + text[1:]
			}
			parts = append(parts, url.QueryEscape(name)+"="+text)
		}
	}
	return strings.Join(parts, "&")
}
