package contracttest

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"understudy/internal/contract"
)

// manyHave gives a word that many items have where a search looks, but not all: what stops after the first ten, repeats some or counts them wrong shows there. If
// possible some of them have it in a record that their key does not name, being null. Without a word of many it is that of a witness.
func (s *listState) manyHave() witness {
	if s.common == nil {
		w := s.hadByMany(named(s.witnesses()))
		s.common = &w
	}
	return *s.common
}

func (s *listState) hadByMany(ws []witness) witness {
	paths := s.c.Search.Paths
	if !s.c.Searches() {
		if paths = nil; len(s.likely(ws)) > 0 {
			paths = [][]string{s.likely(ws)[0].path}
		}
	}
	best, most := s.commonest(ws), 0
	for _, path := range paths {
		unset := map[string]bool{}
		var words []string
		texts := make([]string, len(s.base.items))
		for i, it := range s.base.items {
			v := it.Value(path)
			if v.Kind != contract.String {
				continue
			}
			texts[i] = strings.ToLower(v.Text)
			for _, w := range wordsOf(v.Text) {
				unset[w] = unset[w] || s.isEmbedUnset(it, path)
				if !slices.Contains(words, w) && len(words) < 100 {
					words = append(words, w)
				}
			}
		}
		for _, w := range words {
			n := 0
			for i, it := range s.base.items {
				if strings.Contains(texts[i], w) || s.c.Searches() && s.isSearched(it, w) {
					n++
				}
			}
			if score := n + b2i(unset[w])*len(s.base.items); n > 1 && n < len(s.base.items) && (s.large == 0 || n <= s.large) && score > most {
				best, most = witness{word: w, path: path}, score
			}
		}
	}
	return best
}

// isEmbedUnset tells whether what stands at a path belongs to a record that the item's key does not name, being null.
func (s *listState) isEmbedUnset(it contract.Item, path []string) bool {
	return s.isUnset(it, &contract.Filter{Path: path})
}

// overlooked makes a case of a word that many items have: where the document says what the search looks into, all of them are found. It is nil where that is not said.
func (s *listState) overlooked(ws []witness) *testCase {
	word := s.manyHave().word
	if !s.c.SearchesAsSaid() && !(s.c.Searches() && s.contained() && s.anyCase()) || !isTelling(word) {
		return nil
	}
	q := search(word)
	return &testCase{
		subject: "all with " + word, intent: fmt.Sprintf("a search for %q, which several items have: where it finds one of them, it finds all", word), over: s,
		steps: []step{s.all(contract.Query{}), s.all(q)},
		judge: func(rs []result) outcome {
			ls, bad := pagesOf(rs)
			if bad != nil {
				return *bad
			}
			all, got := ls[0], ls[1]
			switch {
			case !all.complete() || !got.complete():
				return skip("the list is too long to be read to its end")
			case len(got.items) == 0:
				return skip("nothing is found, which another case judges")
			}
			var lost []string
			match := s.c.Matcher(s.scoped(q))
			for i, it := range all.items {
				if match(it).Is && !slices.Contains(got.keys, all.keys[i]) {
					lost = append(lost, all.keys[i])
				}
			}
			n := len(got.items)
			if len(lost) == 0 {
				return kept()
			}
			o := broken(rs[1].answer(), fmt.Sprintf("%s for %q, and not %d more that have the word where the search looks, such as %s", plural(n, "item"), word, len(lost), cut(lost[0])), "all of them").
				signed("items that have the word are not found").asSaid(s.c.Searches())
			if n%5 == 0 {
				o = o.because(fmt.Sprintf("the search stops after %d", n))
			}
			return o
		},
	}
}

// anyCase tells whether the document says that a search does not look at the case of letters.
func (s *listState) anyCase() bool {
	p := s.c.List().Parameter("query", s.c.Search.Param)
	return p != nil && saysCase.MatchString(p.Description()) && saysAnyCase.MatchString(p.Description())
}

// everyProperty makes a case of words of one item, one from each property that is searched, at least from two: where the document says that each word may stand in
// any of them, the item is found only if all of them are searched. It is nil where that is not said, or no item has such words.
func (s *listState) everyProperty() *testCase {
	if !s.c.SearchesAsSaid() {
		return nil
	}
	var words []string
	key, best := "", 0
	for i, it := range s.base.items[:min(len(s.base.items), 100)] {
		var own []string
		score := 0
		for _, path := range slices.Backward(s.c.Search.Paths) { // in which order the words stand makes no difference
			if w := s.onlyAt(it, path); w != "" {
				own = append(own, w)
				score += 2 + b2i(s.isEmbedUnset(it, path))
			}
		}
		if len(own) > 1 && score > best && s.base.keys[i] != "" {
			words, key, best = own, s.base.keys[i], score
		}
	}
	if len(words) < 2 {
		return nil
	}
	q := search(strings.Join(words, " "))
	return &testCase{
		subject: "each property", over: s, intent: fmt.Sprintf("a search for %q: an item has each of these in another property that is searched", q.Search),
		steps: []step{s.all(contract.Query{}), s.all(q)},
		judge: func(rs []result) outcome {
			ls, bad := pagesOf(rs)
			if bad != nil {
				return *bad
			}
			i := slices.Index(ls[0].keys, key)
			switch {
			case i < 0 || !s.c.Matcher(s.scoped(q))(ls[0].items[i]).Is:
				return skip("the item is no longer so")
			case ls[1].capped || slices.Contains(ls[1].keys, key):
				return kept()
			}
			return broken(rs[1].answer(), fmt.Sprintf("not %s, which has each of %q in a property that is searched", cut(key), q.Search), "it").signed("a documented property is not searched").asSaid(true)
		},
	}
}

// onlyAt gives a word, or from the middle of one, that an item has at a path and nowhere else where a search looks: of a moment its year, which stands there however it
// is written; "" if there is none.
func (s *listState) onlyAt(it contract.Item, path []string) string {
	text := it.Value(path).Text
	var words []string
	if at, err := contract.ParseInstant(text); err == nil {
		if day := at.UTC().YearDay(); day > 2 && day < 364 {
			words = []string{strconv.Itoa(at.Year())}
		}
	} else if _, err := time.Parse(time.DateOnly, text); err != nil && it.Value(path).Kind == contract.String {
		for _, w := range wordsOf(text) {
			if len(w) > 5 {
				words = append(words, w[1:len(w)-1]) // a part of a word is enough
			}
			words = append(words, w)
		}
	}
	for _, w := range words {
		others := slices.DeleteFunc(slices.Clone(s.c.Search.Paths), func(p []string) bool { return slices.Equal(p, path) })
		if !slices.ContainsFunc(others, func(p []string) bool { return strings.Contains(strings.ToLower(it.Value(p).Text), w) }) {
			return w
		}
	}
	return ""
}

// longer gives a word that stands nowhere, and begins as one that stands in an item, where the document says what is found: who looks only at the beginning finds it.
func (s *listState) longer() string {
	if !s.c.SearchesAsSaid() && !s.contained() {
		return nowhere
	}
	best := ""
	for _, it := range s.base.items[:min(len(s.base.items), 100)] {
		for _, path := range s.c.Search.Paths {
			for _, w := range wordsOf(it.Value(path).Text) {
				if len(w) > len(best) && len(w) < 30 {
					best = w
				}
			}
		}
	}
	if word := best + "zzqx7"; best != "" && !slices.ContainsFunc(s.base.items, func(it contract.Item) bool { return has(it, word) }) {
		return word
	}
	return nowhere
}

// wildSearched makes a case of a word with _ in place of a letter, where the document says what is found.
func (s *listState) wildSearched() []*testCase {
	word := s.wildWord(named(s.witnesses()))
	if word == "" || !s.c.SearchesAsSaid() && !s.contained() { // a server may cut words at signs
		return nil
	}
	q := search(word)
	q.Size = s.large
	return []*testCase{{
		subject: word, intent: fmt.Sprintf("a search for %q, which stands nowhere: a letter of a word is replaced by _, which stands for any in LIKE", word), over: s,
		steps: []step{s.page(q)},
		judge: func(rs []result) outcome {
			l, bad := pageOf(rs[0])
			if bad != nil {
				return *bad
			}
			before, after, _ := strings.Cut(word, "_")
			other := regexp.MustCompile(regexp.QuoteMeta(before) + "." + regexp.QuoteMeta(after))
			plain := func(it contract.Item) bool { // it has the word with another sign in that place
				text := strings.ToLower(string(it.AppendJSON(nil)))
				return other.MatchString(text) && !strings.Contains(text, word)
			}
			if n := len(l.items); n > 0 && !slices.ContainsFunc(l.items, func(it contract.Item) bool { return !plain(it) }) {
				return broken(rs[0].answer(), plural(n, "item")+" that have another letter there", "only items that have the sign").because("the sign reaches LIKE unescaped").signed("signs are wildcards")
			}
			return kept()
		},
	}}
}

// wildWord gives a word of an item with _ in place of a letter, which no item has: _ stands for any in LIKE; "" if there is none.
func (s *listState) wildWord(ws []witness) string {
	for _, w := range ws {
		if word := strings.ToLower(w.word); isTelling(word) {
			wild := word[:len(word)/2] + "_" + word[len(word)/2+1:]
			if !slices.ContainsFunc(s.base.items, func(it contract.Item) bool { return has(it, wild) }) {
				return wild
			}
		}
	}
	return ""
}
