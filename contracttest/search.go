package contracttest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"understudy/internal/contract"
)

var searchRules = map[string]producer{
	"search/subset":   onList(searchSubset),
	"search/none":     onList(searchNone),
	"search/found":    onList(searchFound),
	"search/narrower": onList(searchNarrower),
	"search/plain":    onList(searchPlain),
	"search/case":     onList(searchCase),
}

// witness is a word of an item's text, and where it stands.
type witness struct {
	word, key string
	path      []string
}

// witnesses gives a word for each property that a search may look into: the words that the fewest items have.
func (s *listState) witnesses() []witness {
	if s.words == nil {
		s.words = s.findWitnesses()
	}
	return s.words
}

func (s *listState) findWitnesses() []witness {
	out := []witness{}
	for _, path := range s.c.Search.Paths {
		texts := make([]string, len(s.base.items))
		for i, it := range s.base.items {
			if v := it.Value(path); v.Kind == contract.String || v.Kind == contract.Number {
				texts[i] = v.Text
			}
		}
		lower := strings.ToLower(strings.Join(texts, "\n"))
		var best witness
		fewest := 4*len(lower) + 3
		for i, text := range texts[:min(len(texts), 50)] {
			word, within := longestWord(text), false
			if _, rest, ok := strings.Cut(text, " "); ok && s.c.Searches() {
				if later := longestWord(rest); len(later) > 2 {
					word, within = later, true // who looks only at the beginning does not find it
				}
			}
			if len(word) < 3 || len(word) > 40 {
				continue
			}
			n := 4*strings.Count(lower, strings.ToLower(word)) + 2
			if within {
				n -= 2
			}
			if s.bare(s.base.items[i], path) {
				n-- // one that has nothing else to be found by tells more
			}
			if n < fewest {
				best, fewest = witness{word, s.base.keys[i], path}, n
			}
		}
		if best.word != "" {
			out = append(out, best)
		}
	}
	return out
}

// bare tells whether another property that is searched is empty in an item.
func (s *listState) bare(it contract.Item, path []string) bool {
	return slices.ContainsFunc(s.c.Search.Paths, func(p []string) bool { return !slices.Equal(p, path) && it.Value(p).Kind <= contract.Null })
}

// names are words in the names of properties by which things are found.
var names = []string{"name", "title", "slug", "label", "subject", "username", "email", "description"}

// rank tells how likely a search looks into a property, by its name; those that are not called as things are called come last.
func (w witness) rank() int {
	name := strings.ToLower(w.path[len(w.path)-1])
	i := slices.IndexFunc(names, func(part string) bool { return strings.Contains(name, part) })
	if i < 0 {
		return len(names)
	}
	return i
}

// named puts the properties first by which things are found.
func named(ws []witness) []witness {
	ws = slices.Clone(ws)
	slices.SortStableFunc(ws, func(a, b witness) int { return a.rank() - b.rank() })
	return ws
}

// likely gives the witnesses that stand where things are named or, where nothing is, in a text that people write.
func (s *listState) likely(ws []witness) []witness {
	if called := slices.DeleteFunc(slices.Clone(ws), func(w witness) bool { return w.rank() == len(names) }); len(called) > 0 {
		return called
	}
	return slices.DeleteFunc(slices.Clone(ws), func(w witness) bool {
		p, ok := s.c.Records.Schema.Property(w.path[0])
		free := ok && len(w.path) == 1 && p.Schema.Type() == "string" && p.Schema.Format() == "" && len(p.Schema.Enum()) == 0 && !p.Schema.ReadOnly()
		isKey := p.Name == s.c.Records.Key || strings.HasSuffix(strings.ToLower(p.Name), "id") || strings.HasSuffix(strings.ToLower(p.Name), "url")
		return !free || isKey || p.Schema.Decimal()
	})
}

func noWords(s *listState) string {
	return fmt.Sprintf("no text of the %s has a word to search for", plural(len(s.base.items), "item"))
}

func search(word string) contract.Query { return contract.Query{Search: word} }

func searchSubset(e *engine, s *listState) ([]*testCase, string) {
	ws := named(s.witnesses())
	if len(ws) == 0 {
		return none(noWords(s))
	}
	w := s.manyHave()
	word := w.word
	cases := []*testCase{{
		subject: word, intent: fmt.Sprintf("a search for %q, which stands in %s of an item", word, strings.Join(w.path, ".")), over: s,
		steps: []step{s.all(contract.Query{}), s.all(search(word))},
		judge: func(rs []result) outcome {
			ls, bad := pagesOf(rs)
			if bad != nil {
				return *bad
			}
			all, l := ls[0], ls[1]
			switch more, twice := lacking(all.keys, l.keys), repeated(l.keys); {
			case len(twice) > 0 && len(repeated(all.keys)) == 0:
				return broken(rs[1].answer(), fmt.Sprintf("%s twice, such as %s", plural(len(twice), "item"), cut(twice[0])), "every item once").signed("items repeated")
			case len(more) > 0 && all.complete():
				return broken(rs[1].answer(), fmt.Sprintf("%s that the list does not have, such as %s", plural(len(more), "item"), cut(more[0])), "items of the list only").signed("items from elsewhere")
			case l.total != nil && !l.capped && !l.moving() && *l.total != len(l.items):
				o := broken(rs[1].answer(), fmt.Sprintf("a total of %d, and %s", *l.total, plural(len(l.items), "item")), "a total of what the search finds")
				if all.total != nil && *l.total == *all.total {
					o = o.because("the total is counted before the search")
				}
				return o.signed("the total does not obey the search")
			}
			return s.onlyFound(rs[1].answer(), l, search(word))
		},
	}}
	if tc := s.searchedLater(word); tc != nil {
		cases = append(cases, tc)
	}
	return cases, ""
}

// commonest gives the witness whose word stands in the most items, but not in all: what is found twice, or counted wrong, shows in many.
func (s *listState) commonest(ws []witness) witness {
	best, most := ws[0], 0
	for _, w := range ws {
		n := 0
		for _, it := range s.base.items {
			if strings.Contains(strings.ToLower(it.Value(w.path).Text), strings.ToLower(w.word)) {
				n++
			}
		}
		if n > most && n < len(s.base.items) {
			best, most = w, n
		}
	}
	return best
}

func searchNone(_ *engine, s *listState) ([]*testCase, string) {
	if len(s.base.items) == 0 {
		return none("the list is empty")
	}
	q := search(s.longer())
	q.Size = s.large
	cases := []*testCase{{
		intent: "a search for a word that stands nowhere", over: s, steps: []step{s.page(contract.Query{Size: s.large}), s.page(q)},
		judge: func(rs []result) outcome {
			a := rs[1].answer()
			undocumented := a.status == http.StatusNotFound && a.request.op.Response(a.status) == nil
			if rs[0].list.bad == "" && (undocumented || a.refused() && !a.unavailable() && len(spokenOf(a, s.positions())) > 0 && len(spokenOf(a, []string{s.c.Search.Param})) == 0) {
				return broken(a, a.says(), "no items: a word that stands nowhere is one to search for").because("nothing found is taken for a page, or a list, that is not there").signed("nothing found is refused")
			}
			ls, bad := pagesOf(rs)
			if bad != nil {
				return *bad
			}
			if n := len(ls[1].items); n > 0 {
				o := broken(rs[1].answer(), plural(n, "item"), "nothing")
				if n == len(ls[0].items) {
					o = o.because("the parameter " + s.c.Search.Param + " is ignored")
				}
				return o.signed("finds what is not there")
			}
			return kept()
		},
	}}
	if tc := s.searchedElsewhere(); tc != nil {
		cases = append(cases, tc)
	}
	return cases, ""
}

func searchFound(_ *engine, s *listState) ([]*testCase, string) {
	ws := named(s.witnesses())
	if len(ws) == 0 {
		return none(noWords(s))
	}
	if !s.c.Searches() {
		if ws = s.likely(ws); len(ws) == 0 {
			return none("no property of the items is a text that people write")
		}
	}
	cases := []*testCase{s.searchedForNothing()}
	if many := s.overlooked(ws); many != nil {
		cases = append(cases, many)
	}
	every := s.everyProperty()
	if ws = ws[:min(len(ws), 3)]; every != nil {
		cases, ws = append(cases, every), ws[:1]
	}
	tc := &testCase{intent: "a word of an item, from each property that a search may look into: at least one has to find its item", over: s}
	for _, w := range ws {
		tc.steps = append(tc.steps, s.all(search(w.word)))
	}
	tc.steps = append(tc.steps, s.all(contract.Query{}))
	tc.judge = func(rs []result) outcome {
		ls, bad := pagesOf(rs)
		if bad != nil {
			return *bad
		}
		all := ls[len(ws)]
		found := func(i int) bool { return slices.Contains(ls[i].keys, ws[i].key) || ls[i].capped }
		for i, w := range ws {
			at := slices.Index(all.keys, w.key)
			if !found(i) && (at < 0 || !strings.Contains(strings.ToLower(all.items[at].Value(w.path).Text), strings.ToLower(w.word))) {
				return skip("the item that has the word %q is no longer in the list, or has it no more", w.word)
			}
			if s.c.Searches() && !found(i) {
				return broken(rs[i].answer(), fmt.Sprintf("not the item whose %s has the word %q", strings.Join(w.path, "."), w.word), "it").signed("a documented property is not searched").asSaid(true)
			}
		}
		for i := range ws {
			if found(i) {
				return kept()
			}
		}
		return broken(rs[0].answer(), fmt.Sprintf("not the item whose %s has the word %q, nor any other by its own words", strings.Join(ws[0].path, "."), ws[0].word), "it").signed("words of items find nothing").asSaid(s.c.Searches())
	}
	return append(cases, tc), ""
}

// searchedForNothing makes a case of a search that is empty, as that of a form that was not filled in: every item has as much.
func (s *listState) searchedForNothing() *testCase {
	plain, st, _, told := s.emptyFilters() // where filters with nothing behind them count for nothing, all at once
	if told == "" {
		plain = s.page(contract.Query{Size: s.large})
		st = plain
		st.request = st.with(s.c.Search.Param, "")
		st.odd = true
	}
	return &testCase{
		subject: "nothing", intent: "a search for nothing: that is the same as none, or refused", over: s, steps: []step{plain, st},
		judge: func(rs []result) outcome {
			switch a := rs[1].answer(); {
			case a.failed():
				return broken(a, a.says(), "all items, or a refusal").signed("an error of the server's")
			case a.ok() && rs[0].list.bad == "" && rs[1].list.bad == "" && len(rs[1].list.items) != len(rs[0].list.items):
				return broken(a, plural(len(rs[1].list.items), "item"), fmt.Sprintf("%d, as without a search, or a refusal", len(rs[0].list.items))).signed("an empty search counts").asSaid(told != "")
			}
			return kept()
		},
	}
}

func searchNarrower(_ *engine, s *listState) ([]*testCase, string) {
	ws := named(s.witnesses())
	if len(ws) == 0 {
		return none(noWords(s))
	}
	if s.c.SearchesAsSaid() {
		return s.searchedForTwo()
	}
	candidates := []string{}
	for _, w := range ws {
		candidates = append(candidates, w.word)
	}
	for _, it := range s.base.items {
		candidates = append(candidates, longestWord(it.Value(ws[0].path).Text))
	}
	var words []string
	for _, w := range candidates {
		related := func(other string) bool {
			a, b := strings.ToLower(w), strings.ToLower(other)
			return len(a) == len(b) || strings.Contains(a, b) || strings.Contains(b, a)
		}
		if len(w) > 2 && len(w) < 40 && len(words) < 3 && !slices.ContainsFunc(words, related) {
			words = append(words, w)
		}
	}
	if len(words) < 2 {
		return none("the items have no two words")
	}
	tc := &testCase{intent: fmt.Sprintf("searches for some of %s, one by one and two at once", strings.Join(words, ", ")), over: s}
	for _, w := range words {
		tc.steps = append(tc.steps, s.all(search(w)))
	}
	for i := 1; i < len(words); i++ {
		tc.steps = append(tc.steps, s.all(search(words[i-1]+" "+words[i])))
	}
	tc.judge = func(rs []result) outcome {
		ls, bad := pagesOf(rs)
		if bad != nil {
			return *bad
		}
		always, never := true, true // fewer, and no fewer
		for i := 1; i < len(words); i++ {
			x, y, both := ls[i-1].keys, ls[i].keys, ls[len(words)+i-1]
			if o := s.onlyFound(rs[len(words)+i-1].answer(), both, search(words[i-1]+" "+words[i])); o.verdict == Broken {
				return o
			}
			if len(x) == 0 || len(y) == 0 {
				continue
			}
			fewer := len(lacking(x, both.keys)) == 0 && len(lacking(y, both.keys)) == 0
			more := len(lacking(both.keys, x)) == 0 && len(lacking(both.keys, y)) == 0
			if told := s.toldEveryWord(); told != "" && !fewer {
				return broken(rs[len(words)+i-1].answer(), fmt.Sprintf("%s for both; %d and %d for one each", plural(len(both.keys), "item"), len(x), len(y)), "what both find: "+told).signed("one word is enough").asSaid(true)
			}
			always, never = always && fewer, never && more
			if !fewer && !more || !always && !never {
				o := broken(rs[len(words)+i-1].answer(), fmt.Sprintf("%s for both; %d and %d for one each", plural(len(both.keys), "item"), len(x), len(y)), "what both find, or all that one finds: the same for all words")
				return o.signed("neither fewer nor more")
			}
		}
		return kept()
	}
	return one(tc)
}
