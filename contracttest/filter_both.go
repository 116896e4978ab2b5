package contracttest

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"understudy/internal/contract"
)

// mostPairs bounds how many pairs of filters are asked for at once.
const mostPairs = 2

func filterBoth(e *engine, s *listState) ([]*testCase, string) {
	var out []*testCase
	var last *choice
	for i := range s.c.Filters {
		if !s.c.Filters[i].Named() {
			continue
		}
		for _, ch := range s.choices(&s.c.Filters[i])[:min(1, len(s.choices(&s.c.Filters[i])))] {
			if last != nil && len(out) < mostPairs {
				if tc := s.both(e, *last, ch); tc != nil {
					out = append(out, tc)
				}
			}
			last = &ch
		}
	}
	if out == nil {
		return none("no two filters have values that only some items fit both of")
	}
	return out, ""
}

// both makes a case of two filters, if there are items that fit one and not the other.
func (s *listState) both(e *engine, a, b choice) *testCase {
	q := conditions(a.cond, b.cond)
	one, other, two := 0, 0, 0
	matchA, matchB := s.c.Matcher(s.scoped(conditions(a.cond))), s.c.Matcher(s.scoped(conditions(b.cond)))
	for _, it := range s.base.items {
		x, y := matchA(it).Is, matchB(it).Is
		switch {
		case x && y:
			two++
		case x:
			one++
		case y:
			other++
		}
	}
	if one+other == 0 {
		return nil
	}
	return &testCase{
		subject: a.cond.Param + "&" + b.cond.Param, over: s,
		intent: fmt.Sprintf("two filters at once: %d items fit both, and %d only one of them", two, one+other),
		steps:  []step{s.all(contract.Query{}), s.all(q)},
		judge: func(rs []result) outcome {
			ls, bad := pagesOf(rs)
			if bad != nil {
				return *bad
			}
			match := s.c.Matcher(s.scoped(q))
			for i, it := range ls[1].items {
				if v := match(it); v.Certain && !v.Is {
					o := broken(rs[1].answer(), fmt.Sprintf("%s, which does not fit both", cut(ls[1].keys[i])), "only items that fit both")
					if len(ls[1].items) >= one+other {
						o = o.because("what fits one of the two comes, or one of the two is ignored")
					}
					return o.signed("lets through what fits one")
				}
			}
			if lost := s.lost(q, ls[0], ls[1]); len(lost) > 0 && !ls[1].capped {
				return broken(rs[1].answer(), fmt.Sprintf("%s that fit both are missing, such as %s", plural(len(lost), "item"), cut(lost[0])), "all that fit both").signed("loses what fits both")
			}
			return kept()
		},
	}
}

func filterSpelling(_ *engine, s *listState) ([]*testCase, string) {
	cond, ok := s.spelled()
	if !ok {
		return none("no filter has a value that some items have and others do not")
	}
	q := contract.Query{Filters: []contract.Condition{cond}, Size: s.large}
	for _, field := range s.fields() {
		if s.c.Declares(field) && s.c.Ordering.Offers(contract.Order{Field: field}) {
			q.Order = up(field)
			break
		}
	}
	plainly := s.page(q)
	odd := plainly
	odd.raw = respell(plainly.query)
	return one(&testCase{
		subject: cond.Param, intent: "the same query in another spelling: its parameters in another order, %20 for +, and letters escaped that need not be", over: s,
		steps: []step{plainly, odd},
		judge: func(rs []result) outcome {
			ls, bad := pagesOf(rs)
			if bad != nil {
				return *bad
			}
			if len(lacking(ls[0].keys, ls[1].keys))+len(lacking(ls[1].keys, ls[0].keys)) > 0 {
				return broken(rs[1].answer(), fmt.Sprintf("%s, and %d in the usual spelling", plural(len(ls[1].keys), "item"), len(ls[0].keys)), "the same items").signed("spelling matters")
			}
			return kept()
		},
	})
}

// spelled gives a condition that can be spelled in several ways: if possible one with a space.
func (s *listState) spelled() (cond contract.Condition, ok bool) {
	for i := range s.c.Filters {
		f := &s.c.Filters[i]
		for _, ch := range s.choices(f) {
			if !ok {
				cond, ok = ch.cond, true
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
