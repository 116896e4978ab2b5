package contracttest

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"understudy/internal/contract"
)

var filterRules = map[string]producer{
	"filter/sound":    onList(filterSound),
	"filter/complete": onList(filterComplete),
	"filter/none":     onList(filterNone),
	"filter/count":    onList(filterCount),
	"filter/paged":    onList(filterPaged),
	"filter/both":     onList(filterBoth),
	"filter/spelling": onList(filterSpelling),
	"filter/invalid":  onList(filterInvalid),
	"filter/empty":    onList(filterEmpty),
	"filter/unknown":  onList(filterUnknown),
}

// conditions asks a list by one filter's values, and by others besides.
func conditions(conds ...contract.Condition) contract.Query { return contract.Query{Filters: conds} }

// choice is a value for a filter that can tell: some items surely fit it, and others surely do not.
type choice struct {
	cond    contract.Condition
	yes, no int
	traps   int // items that fit only a careless comparison: by the beginning of a text, or by the day of an instant
}

// mostChoices bounds how many values of one filter are asked for.
const mostChoices = 2

// fewFilters is how many filters a list may have so that more than one value of each is asked for.
const fewFilters = 3

// choices gives values for a filter that can tell, the ones with most traps first.
func (s *listState) choices(f *contract.Filter) []choice {
	if out, ok := s.chosen[f.Param]; ok {
		return out
	}
	out := s.choose(f)
	s.chosen[f.Param] = out
	return out
}

func (s *listState) choose(f *contract.Filter) []choice {
	var out []choice
	seen := map[string]bool{}
	for _, values := range s.candidates(f) {
		cond := contract.Condition{Param: f.Param, Values: values}
		name := strings.Join(values, "\x00")
		if seen[name] || !s.canonical(cond) {
			continue
		}
		seen[name] = true
		ch := choice{cond: cond}
		match := s.c.Matcher(s.scoped(conditions(cond)))
		folded := strings.ToLower(values[len(values)-1])
		for _, it := range s.base.items {
			v := match(it)
			if v.Certain && v.Is {
				ch.yes++
			} else if v.Certain {
				ch.no++
			}
			text := strings.ToLower(it.Value(f.Path).Text)
			sameDay := len(folded) > 10 && len(text) > 10 && folded[:10] == text[:10] && folded != text
			if f.Op == contract.Equal && !v.Is && folded != "" && strings.HasPrefix(text, folded) || sameDay && ordering(f.Op) {
				ch.traps++
			}
		}
		if ch.yes > 0 && ch.no > 0 {
			out = append(out, ch)
		}
		if len(seen) > 60 {
			break
		}
	}
	slices.SortStableFunc(out, func(a, b choice) int {
		if a.traps != b.traps {
			return min(b.traps, 1) - min(a.traps, 1)
		}
		return min(b.yes, 3) - min(a.yes, 3) // several matches tell more than one
	})
	most := mostChoices
	p := s.c.List().Parameter("query", f.Param)
	boolean := p != nil && p.Schema != nil && p.Schema.Type() == "boolean" // the text "false" is easily taken for true
	if f.Op == contract.Equal && p != nil && p.Schema != nil && len(p.Schema.Enum()) > 0 {
		most = min(len(p.Schema.Enum()), mostValues) // each has a branch of its own
	} else if !boolean && len(s.c.Filters) > fewFilters && out != nil && out[0].traps == 0 {
		most = 1
	}
	return out[:min(len(out), most)]
}

// canonical tells whether a condition is read back as it is sent.
func (s *listState) canonical(cond contract.Condition) bool {
	q := s.scoped(conditions(cond))
	q.Window = s.c.First()
	path, v := s.c.Encode(q)
	back, err := s.c.Parse(path, v)
	if err != nil || len(back.Filters) != 1 || !slices.Equal(back.Filters[0].Values, cond.Values) {
		return false
	}
	p := s.c.List().Parameter("query", cond.Param)
	if p == nil {
		return true
	}
	return !breaksOnWire(s.c.List(), request{query: v}, p) // items may have values that the parameter does not take
}

func (s *listState) scoped(q contract.Query) contract.Query { q.Scope = s.scope; return q }

// candidates are values that items have, in the spelling of a filter.
func (s *listState) candidates(f *contract.Filter) [][]string {
	if f.Op == contract.IsNull {
		return [][]string{{"true"}, {"false"}}
	}
	var texts []string
	for _, it := range s.base.items {
		for _, text := range f.Texts(it) {
			if !slices.Contains(texts, text) && len(text) < 200 {
				texts = append(texts, text)
			}
		}
	}
	var out [][]string
	switch f.Op {
	case contract.Less, contract.LessEqual, contract.Greater, contract.GreaterEqual:
		// One from the middle tells most.
		n := len(texts)
		for i := range n {
			text := texts[(n/2+i)%n]
			out = append(out, []string{s.spell(f, text)})
			if at, err := contract.ParseInstant(text); err == nil && i < 20 { // between two items, and on the day of one
				out = append(out, []string{s.spell(f, at.Add(2*time.Second).Format(time.RFC3339Nano))})
			}
		}
		return s.middling(f, out)
	case contract.Between:
		for i := range len(texts) - 1 {
			out = append(out, []string{s.spell(f, texts[i]) + "," + s.spell(f, texts[i+1])}, []string{s.spell(f, texts[i+1]) + "," + s.spell(f, texts[i])})
		}
		return out
	case contract.In:
		for i, text := range texts {
			if strings.Contains(text, ",") {
				continue
			}
			if next := texts[(i+1)%len(texts)]; i+1 < len(texts) && !strings.Contains(next, ",") {
				out = append(out, s.listed(f, text, next))
			}
			out = append(out, []string{text})
		}
		return out
	case contract.Contains, contract.IContains:
		for _, text := range texts {
			if w := longestWord(text); len(w) > 3 {
				out = append(out, []string{w[1:]})
			}
		}
		return out
	case contract.StartsWith, contract.IStartsWith:
		for _, text := range texts {
			if r := []rune(text); len(r) > 3 {
				out = append(out, []string{string(r[:len(r)/2])})
			}
		}
		return out
	case contract.EndsWith:
		for _, text := range texts {
			if r := []rune(text); len(r) > 3 {
				out = append(out, []string{string(r[len(r)/2:])})
			}
		}
		return out
	}
	for _, text := range texts {
		out = append(out, []string{s.spell(f, text)})
	}
	return out
}

// middling puts those bounds first that about half of the items fit.
func (s *listState) middling(f *contract.Filter, values [][]string) [][]string {
	fits := func(values []string) int {
		cond := contract.Condition{Param: f.Param, Values: values}
		if !s.canonical(cond) {
			return 0
		}
		match, n := s.c.Matcher(s.scoped(conditions(cond))), 0
		for _, it := range s.base.items {
			if match(it).Is {
				n++
			}
		}
		return n
	}
	far := map[string]int{}
	for _, v := range values[:min(len(values), 40)] {
		far[v[0]] = max(fits(v), len(s.base.items)-fits(v))
	}
	out := slices.Clone(values[:min(len(values), 40)])
	slices.SortStableFunc(out, func(a, b []string) int { return far[a[0]] - far[b[0]] })
	return out
}

// ordering tells whether a relation is one of less and more.
func ordering(op contract.Op) bool {
	return op == contract.Less || op == contract.LessEqual || op == contract.Greater || op == contract.GreaterEqual
}

// listed gives two values as the parameter takes several: under its name once, or once each.
func (s *listState) listed(f *contract.Filter, a, b string) []string {
	if p := s.c.List().Parameter("query", f.Param); p != nil && p.Schema != nil && p.Schema.Type() == "array" && p.Explode {
		return []string{a, b}
	}
	return []string{a + "," + b}
}

// spell writes a value as a filter takes it: instants in UTC, and as dates where it takes only these.
func (s *listState) spell(f *contract.Filter, text string) string {
	p := s.c.List().Parameter("query", f.Param)
	at, err := contract.ParseInstant(text)
	if err != nil || p == nil || p.Schema == nil {
		return text
	}
	if p.Schema.Format() == "date" {
		return at.UTC().Format(time.DateOnly)
	}
	return at.UTC().Format(time.RFC3339Nano)
}

func longestWord(text string) string {
	best := ""
	for _, w := range strings.FieldsFunc(text, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9')
	}) {
		if len(w) > len(best) {
			best = w
		}
	}
	return best
}

// eachFilter makes a case for each value of each filter that can tell. Only says which filters are meant; nil: all.
func eachFilter(s *listState, most int, only func(f *contract.Filter) bool, make func(f *contract.Filter, ch choice) *testCase) ([]*testCase, string) {
	var out []*testCase
	var whys []string
	for i := range s.c.Filters {
		f := &s.c.Filters[i]
		if only != nil && !only(f) {
			continue
		}
		chs := s.choices(f)
		if len(chs) == 0 {
			whys = append(whys, f.Param)
		}
		for _, ch := range chs[:min(len(chs), most)] {
			tc := make(f, ch)
			if tc == nil {
				continue
			}
			tc.subject, tc.over = f.Param+"="+strings.Join(ch.cond.Values, "&"), s
			out = append(out, tc)
		}
	}
	if whys != nil {
		return out, fmt.Sprintf("no value of %s is had by some items and not by others", strings.Join(whys, ", "))
	}
	if out == nil {
		return none("there is no filter that this can be asked of")
	}
	return out, ""
}

// doubtful tells whether it is only likely what a filter looks at, and an answer shows that it looks at something else.
func (s *listState) doubtful(f *contract.Filter, filtered, all *listed, q contract.Query) *outcome {
	if f.Named() {
		return nil
	}
	match := s.c.Matcher(s.scoped(q))
	ignored := len(filtered.keys) == len(all.keys)
	fits := 0
	for _, it := range filtered.items {
		if v := match(it); v.Is {
			fits++
		}
	}
	if !ignored && (fits == 0 || 2*fits < len(filtered.items)) {
		o := skip("%s most likely does not mean %s, as was taken from its name", f.Param, strings.Join(f.Path, "."))
		return &o
	}
	return nil
}

func filterSound(_ *engine, s *listState) ([]*testCase, string) {
	var parts []*testCase
	for i := range s.c.Filters {
		whole := s.parts(&s.c.Filters[i])
		if parts != nil && len(whole) > 1 {
			whole = whole[:1] // what looks for a part at its end is seen with the first filter, if at all
		}
		for _, part := range whole {
			parts = append(parts, s.nothingFits(&s.c.Filters[i], part, "a part of a value that an item has, which is no item's whole value", "it looks for a part, not for the whole"))
		}
	}
	cases, why := eachFilter(s, mostChoices, nil, func(f *contract.Filter, ch choice) *testCase {
		q := conditions(ch.cond)
		return &testCase{
			intent: fmt.Sprintf("%s of the items have %s %s %s, and others do not", fmt.Sprint(ch.yes), strings.Join(f.Path, "."), f.Op, strings.Join(ch.cond.Values, ", ")),
			steps:  []step{s.all(contract.Query{}), s.all(q)},
			judge: func(rs []result) outcome {
				ls, bad := pagesOf(rs)
				if bad != nil {
					return *bad
				}
				if o := s.doubtful(f, ls[1], ls[0], q); o != nil {
					return *o
				}
				match := s.c.Matcher(s.scoped(q))
				for _, it := range ls[1].items {
					if v := match(it); v.Certain && !v.Is {
						o := broken(rs[1].answer(), fmt.Sprintf("an item whose %s is %s", strings.Join(f.Path, "."), cut(textOf(it.Value(f.Path)))), "only items that fit")
						return o.because(s.careless(f, ch, ls[1], ls[0])).signed("lets through what does not fit: " + s.careless(f, ch, ls[1], ls[0]))
					}
				}
				return kept()
			},
		}
	})
	return append(cases, parts...), why
}

func textOf(v contract.Value) string {
	switch v.Kind {
	case contract.Missing:
		return "absent"
	case contract.Null:
		return "null"
	}
	return v.Text
}

// careless says how a filter most likely compares that lets through too much.
func (s *listState) careless(f *contract.Filter, ch choice, got, all *listed) string {
	if len(got.keys) == len(all.keys) {
		return "the parameter " + f.Param + " is ignored"
	}
	value := strings.ToLower(ch.cond.Values[len(ch.cond.Values)-1])
	every := func(test func(text string) bool) bool {
		return !slices.ContainsFunc(got.items, func(it contract.Item) bool { return !test(strings.ToLower(it.Value(f.Path).Text)) })
	}
	switch {
	case f.Op != contract.Equal:
		return ""
	case every(func(text string) bool { return strings.HasPrefix(text, value) }):
		return "it compares the beginning, not the whole"
	case every(func(text string) bool { return strings.Contains(text, value) }):
		return "it looks for a part, not for the whole"
	case every(func(text string) bool { return text != value }):
		return "it is turned around"
	}
	return ""
}

func filterComplete(e *engine, s *listState) ([]*testCase, string) {
	return eachFilter(s, mostChoices, nil, func(f *contract.Filter, ch choice) *testCase {
		q := conditions(ch.cond)
		return &testCase{
			intent: fmt.Sprintf("%d of the items have %s %s %s: all of them have to come", ch.yes, strings.Join(f.Path, "."), f.Op, strings.Join(ch.cond.Values, ", ")),
			steps:  []step{s.all(contract.Query{}), s.all(q)},
			judge: func(rs []result) outcome {
				ls, bad := pagesOf(rs)
				if bad != nil {
					return *bad
				}
				if ls[1].capped {
					return skip("more items fit than the %d that are walked", e.target.MaxWalk)
				}
				if !f.Named() && len(ls[1].items) == 0 {
					return skip("%s most likely does not mean %s, as was taken from its name", f.Param, strings.Join(f.Path, "."))
				}
				if o := s.doubtful(f, ls[1], ls[0], q); o != nil {
					return *o
				}
				if lost := s.lost(q, ls[0], ls[1]); len(lost) > 0 {
					return broken(rs[1].answer(), fmt.Sprintf("%s that fit are missing, such as %s", plural(len(lost), "item"), cut(lost[0])), "all that fit").signed("loses what fits")
				}
				return kept()
			},
		}
	})
}

// lost gives the keys of items that surely fit a query, and are not in its answer.
func (s *listState) lost(q contract.Query, all, got *listed) []string {
	match := s.c.Matcher(s.scoped(q))
	var fit []string
	for i, it := range all.items {
		if v := match(it); v.Certain && v.Is {
			fit = append(fit, all.keys[i])
		}
	}
	return lacking(got.keys, fit)
}

func filterCount(e *engine, s *listState) ([]*testCase, string) {
	return eachFilter(s, 1, nil, func(_ *contract.Filter, ch choice) *testCase {
		q := conditions(ch.cond)
		return &testCase{
			intent: "the total of a filtered list, and how many items it has", steps: []step{s.all(q)},
			judge: func(rs []result) outcome {
				l, bad := pageOf(rs[0])
				switch {
				case bad != nil:
					return *bad
				case l.total == nil:
					return skip("the list does not say its total")
				case l.capped:
					return skip("more items fit than the %d that are walked", e.target.MaxWalk)
				case l.moving():
					return skip("the data changed meanwhile")
				case *l.total != len(l.items):
					o := broken(rs[0].answer(), fmt.Sprintf("a total of %d, and %s", *l.total, plural(len(l.items), "item")), "a total of what the filter lets through")
					if s.base.total != nil && *l.total == *s.base.total {
						o = o.because("the total is counted before the filter")
					}
					return o.signed("the total does not obey the filter")
				}
				return kept()
			},
		}
	})
}

func filterPaged(e *engine, s *listState) ([]*testCase, string) {
	if s.c.Paging.Size == "" {
		return none("no size can be asked for")
	}
	most := 0 // the filter that lets the most through is asked: all others are cut by the same code
	for i := range s.c.Filters {
		for _, ch := range s.choices(&s.c.Filters[i]) {
			most = max(most, ch.yes)
		}
	}
	asked := false
	return eachFilter(s, mostChoices, nil, func(_ *contract.Filter, ch choice) *testCase {
		if ch.yes < 3 || ch.yes < most || asked {
			return nil
		}
		asked = true
		q := conditions(ch.cond)
		small := q
		small.Size = max(min((ch.yes+2)/3, max(s.small(), 1)), s.least())
		return &testCase{
			intent: fmt.Sprintf("a filtered list whole, and in pages of %d", small.Size), unsteady: true,
			steps: []step{s.all(q), s.walk(small, s.pagesOf(small.Size))},
			judge: func(rs []result) outcome {
				ls, bad := pagesOf(rs)
				if bad != nil {
					return *bad
				}
				if ls[0].capped {
					return skip("more items fit than the %d that are walked", e.target.MaxWalk)
				}
				return judgeWalk(rs[1].answer(), ls[0], ls[1])
			},
		}
	})
}

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
