package contracttest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"understudy/internal/contract"
)

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

// toldEnd gives the sentence that says that a page past the end is refused; "" if none does.
func (s *listState) toldEnd() string {
	p := s.c.List().Parameter("query", s.c.Paging.Param)
	if p == nil {
		return ""
	}
	if told := sentence(p.Description(), beyondEnd, promisesRefusal); told != "" {
		return told
	}
	return sentence(p.Description()+"\n\n"+s.about, noSuchPage)
}

// noSuchPage finds what says that a page which there is not is refused.
var noSuchPage = regexp.MustCompile(`(?i)\bpages? (?:that|which) (?:do(?:es)? not|doesn't|don't) exist\b.{0,40}\b(?:40[04]|422|refused|an error)\b`)

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
	windows, told := s.end(n, size), s.toldEnd()
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
				if a.ok() && told != "" && l.bad == "" && len(l.items) == 0 && rs[0].list.bad == "" {
					return broken(a, a.says()+", with no items", "a refusal: "+told).signed("not refused, as the document says").asSaid(true)
				}
				switch want := refusalIn(told); {
				case a.failed():
					return broken(a, a.says(), "a refusal, or a page without items").signed("an error of the server's")
				case want != 0 && a.status != want && slices.Contains([]int{400, 404, 416, 422}, a.status):
					return broken(a, a.says(), fmt.Sprintf("%d: %s", want, told)).signed("refused with another status than the document says").asSaid(true)
				case !a.ok():
					return kept()
				case l.bad != "":
					return skip("the answer is no page: %s", l.bad)
				case rs[0].list.bad == "" && sizeOf(rs[0].list) != n:
					return skip("the list has grown meanwhile")
				case len(l.items) > 0:
					return broken(a, plural(len(l.items), "item"), "a refusal, or a page without items").signed("items past the end")
				case l.total != nil && s.base.total != nil && *l.total != n:
					return broken(a, fmt.Sprintf("a total of %d, and of %d on other pages", *l.total, n), "the same total").because("the total comes with the items, so where there are none it is lost").signed("another total past the end")
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
			r := s.request(s.scoped(contract.Query{Window: s.c.First()})).with(param, v)
			r.odd = true
			out = append(out, &testCase{
				subject: param + "=" + v, over: s, intent: fmt.Sprintf("%s=%s, which is none", param, v), steps: []step{{request: r}, s.page(contract.Query{})},
				judge: func(rs []result) outcome {
					a := rs[0].answer()
					switch {
					case a.failed():
						return broken(a, a.says(), "a refusal, or a page all the same").signed("an error of the server's")
					case a.ok():
						return s.asTold(param, v, a, rs[1])
					case a.refused() && !a.unavailable() && s.toldDefault(param, v) != "" && rs[1].answer().ok():
						return broken(a, a.says(), "a page: "+s.toldDefault(param, v)).signed("refused, though the document says what it means")
					}
					return kept()
				},
			})
		}
	}
	c := s.c
	if c.Paging.Param != "" && c.Paging.Style != contract.ByCursor && c.Paging.Style != contract.NoPaging {
		if add(c.Paging.Param, "-1", s.noNumber(c.Paging.Param), "99999999999999999999"); c.Paging.Style == contract.ByPage { // the last is beyond 64 bits
			add(c.Paging.Param, "0")
		}
	}
	if c.Paging.Size != "" {
		add(c.Paging.Size, "0", "-1", s.noNumber(c.Paging.Size), "99999999999999999999")
	}
	return out, ""
}

// asTold judges a success for a page or size that is none by what the document says happens then, if it does: beside the page that is asked for without it.
func (s *listState) asTold(param, value string, a *answer, plain result) outcome {
	p := s.c.List().Parameter("query", param)
	if p == nil {
		return kept()
	}
	if o := s.fromTheEnd(value, a, plain); param == s.c.Paging.Param && o != nil {
		return *o
	}
	for _, x := range []struct {
		is   bool
		says *regexp.Regexp
	}{{isBelowOne(value), belowOne}, {value == s.noNumber(param), noNumber}} {
		if told := sentence(p.Description(), x.says, promisesRefusal); x.is && told != "" {
			return broken(a, a.says(), "a refusal: "+told).signed("not refused, as the document says")
		}
	}
	told := s.toldDefault(param, value)
	if refused := refusedParameters(s.about); told == "" && refused != "" && isBelowOne(value) && !valid(p.Schema, value) && !promisesCut.MatchString(p.Description()) {
		return broken(a, a.says(), "a refusal: "+refused).signed("not refused, as the document says").asSaid(true)
	}
	if told == "" || param != s.c.Paging.Size || plain.list.bad != "" {
		return kept()
	}
	page, err := s.c.Unwrap(contract.Query{Scope: s.scope, Window: s.c.First()}, a.header, a.body)
	if n := len(plain.list.items); err == nil && len(page.Items) != n {
		return broken(a, plural(len(page.Items), "item"), fmt.Sprintf("%d, as without it: %s", n, told)).signed("not the default size, as the document says")
	}
	return kept()
}

// noNumber is what is asked for in place of a number: where the document says that what is not whole is refused, a fraction.
func (s *listState) noNumber(param string) string {
	if p := s.c.List().Parameter("query", param); p != nil && slices.Equal(wrongValues(p), []string{"1.5"}) {
		return "1.5"
	}
	return "abc"
}

func isBelowOne(value string) bool { return value == "0" || strings.HasPrefix(value, "-") }

// toldDefault gives the sentence that says of a parameter that a value below 1 counts as the default; "" if none does, or if the value is another.
func (s *listState) toldDefault(param, value string) string {
	p := s.c.List().Parameter("query", param)
	if p == nil || !isBelowOne(value) {
		return ""
	}
	return sentence(p.Description(), belowOne, isDefault)
}

// toldEmptySize gives the sentence that says that a size with nothing behind it counts as the default, or "".
func (s *listState) toldEmptySize() string {
	if p := s.c.List().Parameter("query", s.c.Paging.Size); p != nil {
		return sentence(p.Description(), saysEmpty, isDefault)
	}
	return ""
}

// fromTheEnd gives the outcome that a negative offset is answered with items that stand somewhere behind the first; nil if it is not. Where a program counts from the
// end what is less than 0, the caller gets what nobody asked for.
func (s *listState) fromTheEnd(value string, a *answer, plain result) *outcome {
	if s.c.Paging.Style != contract.ByOffset || !strings.HasPrefix(value, "-") || plain.list.bad != "" {
		return nil
	}
	page, err := s.c.Unwrap(contract.Query{Scope: s.scope, Window: s.c.First()}, a.header, a.body)
	if err != nil || len(page.Items) == 0 || len(plain.list.keys) == 0 || keyOfItem(page.Items[0]) == plain.list.keys[0] {
		return nil
	}
	o := broken(a, "items that begin with "+cut(keyOfItem(page.Items[0])), "a refusal, no items, or the first page").because("an offset below 0 counts from the end").signed("a negative offset has items")
	return &o
}
