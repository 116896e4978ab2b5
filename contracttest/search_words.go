package contracttest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"understudy/internal/contract"
)

// isTelling tells whether a word stands in no date, however a server writes that.
func isTelling(word string) bool {
	return len(word) > 3 && len(word) < 40 && strings.ContainsFunc(word, func(r rune) bool { return unicode.IsLetter(r) && !strings.ContainsRune("tzTZ", r) })
}

// onlyFound judges whether what a search found has its words in a property that the document says is searched.
func (s *listState) onlyFound(at *answer, l *listed, q contract.Query) outcome {
	words := strings.FieldsFunc(q.Search, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
	if !s.c.Searches() || len(words) > 1 && !s.c.SearchesAsSaid() && !s.contained() || slices.ContainsFunc(words, func(w string) bool { return !isTelling(w) }) {
		return kept()
	}
	match := s.c.Matcher(s.scoped(q))
	for i, it := range l.items {
		if !match(it).Is {
			return broken(at, fmt.Sprintf("%s for %q, which it has in no property that is searched", cut(l.keys[i]), q.Search), "only items that have each word").signed("finds what lacks the word").asSaid(true)
		}
	}
	return kept()
}

// partOfText finds what says of a search that the text itself has to stand in an item, everyWord that each of its words has to, and anyWord what says that some are enough.
var (
	partOfText = regexp.MustCompile(`(?i)\b(?:contain(?:s|ed|ing)?|substrings?|part of)\b`)
	everyWord  = regexp.MustCompile(`(?i)^(?:the |an? )?(?:\w+ )?(?:every|each|all)(?: of)?(?: the)? words? (?:must|ha(?:s|ve) to|need(?:s)? to|occurs?)\b|(?:^|, )(?:each|every one|all)(?: of them)? (?:must|ha(?:s|ve) to|need(?:s)? to) be (?:contained|found)\b|\b(?:must|ha(?:s|ve) to) (?:contain|have) (?:every|each|all)(?: of)?(?: the)? words?\b`)
	anyWord    = regexp.MustCompile(`(?i)\b(?:words?|terms|tokens?|keywords?|any of|one of|full[- ]?text|fuzzy|relevan\w+)\b`)
)

// inBrackets finds what is said by the way: "every word (separated by white space) has to occur".
var inBrackets = regexp.MustCompile(` \([^()]*\)`)

// saysCommas finds what says that commas separate the words of a search.
var saysCommas = regexp.MustCompile(`(?i)\b(?:separated|split|divided|delimited|cut)\b[^.;]{0,40}\bcommas?\b`)

// toldEveryWord gives the sentence that says that each word of a search has to be found; "" if none does.
func (s *listState) toldEveryWord() string {
	if p := s.c.List().Parameter("query", s.c.Search.Param); p != nil {
		return sentence(inBrackets.ReplaceAllString(p.Description()+"\n\n"+s.about, ""), everyWord)
	}
	return ""
}

// contained tells whether the document says that an item contains what is searched for: so all of its words, at least.
func (s *listState) contained() bool {
	p := s.c.List().Parameter("query", s.c.Search.Param)
	return p != nil && (s.toldEveryWord() != "" || partOfText.MatchString(p.Description()) && !anyWord.MatchString(p.Description()))
}

// searchedElsewhere makes a case of a word that items have only in properties which are not searched, by the document; nil if there is none.
func (s *listState) searchedElsewhere() *testCase {
	if !s.c.Searches() {
		return nil
	}
	word := s.wordElsewhere()
	if word == "" {
		return nil
	}
	return &testCase{
		subject: word, intent: fmt.Sprintf("a search for %q, which stands in no property that is searched, but in another", word), over: s,
		steps: []step{s.all(search(word))},
		judge: func(rs []result) outcome {
			l, bad := pageOf(rs[0])
			if bad != nil {
				return *bad
			}
			o := s.onlyFound(rs[0].answer(), l, search(word))
			return o.because("more is searched than the document says: what nobody is to find, perhaps")
		},
	}
}

// wordElsewhere gives a word that stands in a text of an item, and in none that is searched: of what clients write, if possible.
func (s *listState) wordElsewhere() string {
	for _, own := range []bool{true, false} {
		for _, it := range s.base.items[:min(len(s.base.items), 50)] {
			o := plainObject(it)
			for _, name := range sortedKeys(o) {
				if own && !writable(s.c, name) {
					continue
				}
				for _, text := range textsIn(o[name]) {
					if word := longestWord(text); isTelling(word) && !slices.ContainsFunc(s.base.items, func(it contract.Item) bool { return s.isSearched(it, word) }) {
						return word
					}
				}
			}
		}
	}
	return ""
}

func (s *listState) isSearched(it contract.Item, word string) bool {
	return slices.ContainsFunc(s.c.Search.Paths, func(path []string) bool {
		return strings.Contains(strings.ToLower(it.Value(path).Text), strings.ToLower(word))
	})
}

// textsIn gives all texts in a value.
func textsIn(v any) []string {
	var out []string
	switch x := v.(type) {
	case string:
		out = append(out, x)
	case []any:
		for _, e := range x {
			out = append(out, textsIn(e)...)
		}
	case map[string]any:
		for _, name := range sortedKeys(x) {
			out = append(out, textsIn(x[name])...)
		}
	}
	return out
}

// twoWords gives two words that one item has in different properties, and of which other items have one: if possible such that another item has the beginnings of
// both, but not both of them. They are "" if there are none.
func (s *listState) twoWords() (first, second string) {
	searched := make([]string, len(s.base.items)) // of each item, in small letters
	for i, it := range s.base.items {
		for _, path := range s.c.Search.Paths {
			searched[i] += strings.ToLower(it.Value(path).Text) + "\n"
		}
	}
	count := func(a, b string) int {
		n := 0
		for _, text := range searched {
			if strings.Contains(text, a) && strings.Contains(text, b) {
				n++
			}
		}
		return n
	}
	best := 0
	for _, it := range s.base.items[:min(len(s.base.items), 20)] {
		for _, p := range s.c.Search.Paths {
			for _, q := range s.c.Search.Paths {
				if slices.Equal(p, q) {
					continue
				}
				for _, a := range wordsOf(it.Value(p).Text) {
					for _, b := range wordsOf(it.Value(q).Text) {
						if strings.Contains(a, b) || strings.Contains(b, a) || best == 3 {
							continue
						}
						both, points := count(a, b), 0
						for _, more := range []int{count(a, ""), count(b, ""), count(a[:3], b[:3])} {
							if more > both {
								points++
							}
						}
						if points > best {
							first, second, best = a, b, points
						}
					}
				}
			}
		}
	}
	return first, second
}

// wordsOf gives the words of a text that can tell, in small letters.
func wordsOf(text string) []string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return slices.DeleteFunc(words, func(w string) bool { return !isTelling(w) })
}

// searchedForTwo makes a case of two words: where the document says what a search means, it is known what both find.
func (s *listState) searchedForTwo() ([]*testCase, string) {
	first, second := s.twoWords()
	if first == "" {
		return none("no item has two words in different properties, of which another item has one")
	}
	between := " "
	if p := s.c.List().Parameter("query", s.c.Search.Param); p != nil && saysCommas.MatchString(p.Description()) {
		between = ", " // both at once: each has to part them
	}
	q := search(first + between + second)
	return one(&testCase{
		subject: q.Search, intent: fmt.Sprintf("a search for %q and %q, which an item has in different properties: what has both is found, and nothing else", first, second), over: s,
		steps: []step{s.all(contract.Query{}), s.all(q)},
		judge: func(rs []result) outcome {
			ls, bad := pagesOf(rs)
			if bad != nil {
				return *bad
			}
			match := s.c.Matcher(s.scoped(q))
			for i, it := range ls[0].items {
				if match(it).Is && !slices.Contains(ls[1].keys, ls[0].keys[i]) && !ls[1].capped {
					return broken(rs[1].answer(), fmt.Sprintf("not %s, which has both", cut(ls[0].keys[i])), "each item that has both words").because("the words are taken for one").signed("words are not looked for one by one").asSaid(true)
				}
			}
			return s.onlyFound(rs[1].answer(), ls[1], q)
		},
	})
}

// laterSearch gives the query of the second half of what a word finds, in an order where that can be asked for; not ok: it could not show anything.
func (s *listState) laterSearch(word string) (q contract.Query, ok bool) {
	if s.c.Paging.Style == contract.NoPaging || s.c.Paging.Size == "" {
		return q, false
	}
	size := 0
	for _, it := range s.base.items {
		if has(it, word) {
			size++
		}
	}
	q = search(word)
	q.Size = max((size+1)/2, s.least())
	behind := s.base.items[min(q.Size, len(s.base.items)):min(2*q.Size, len(s.base.items))]
	if s.large > 0 && q.Size > s.large || !slices.ContainsFunc(behind, func(it contract.Item) bool { return !has(it, word) }) {
		return q, false
	}
	return s.ordered(q), true
}

// searchedLater makes a case of the page behind what a word finds, or of its second half where pages are led to: nothing may be there that the word does not find. It
// is nil if that could not show anything.
func (s *listState) searchedLater(word string) *testCase {
	q, ok := s.laterSearch(word)
	if !ok {
		return nil
	}
	st := s.second(q, 2)
	return &testCase{
		subject: "later " + word, over: s, intent: fmt.Sprintf("a later page of a search for %q: the search may not be forgotten there", word),
		steps: []step{s.all(search(word)), st},
		judge: func(rs []result) outcome {
			all, bad := pageOf(rs[0])
			if bad != nil {
				return *bad
			}
			if a := rs[1].answer(); a.refused() && len(q.Order) > 0 && len(spokenOf(a, s.c.Ordering.Params())) > 0 {
				return skip("a search cannot be ordered: %s", a.says())
			}
			if a, l := rs[1].answer(), rs[1].list; all.complete() && len(all.keys) > q.Size && (a.refused() && !a.unavailable() || a.ok() && l.bad == "" && len(l.keys) == 0) {
				return broken(a, "no second page of "+plural(q.Size, "item"), fmt.Sprintf("one, since %s found", plural(len(all.keys), "item")+" are")).
					because("the size is forgotten where there is a search").signed("a search drops the size")
			}
			if rs[1].answer().refused() {
				return kept()
			}
			ls, bad := pagesOf(rs)
			if bad != nil {
				return *bad
			}
			if n := len(ls[1].pages[0].Items); n > q.Size {
				return broken(rs[1].answer(), plural(n, "item"), fmt.Sprintf("at most %d", q.Size)).because("the size is forgotten where there is a search").signed("a search drops the size")
			}
			if more := lacking(ls[0].keys, ls[1].keys); len(more) > 0 && ls[0].complete() {
				return broken(rs[1].answer(), fmt.Sprintf("%s, which the search does not find on one page", cut(more[0])), "nothing but what is found").because("the search is forgotten behind the first page").signed("a later page is not searched")
			}
			if o := s.secondNumbers(q, ls[1]); o.verdict == Broken {
				return o
			}
			return s.behind(rs[1].answer(), ls[0], ls[1], q)
		},
	}
}

// secondNumbers judges what a second page of what a search finds says of itself.
func (s *listState) secondNumbers(q contract.Query, l *listed) outcome {
	counted := s.c.Paging.Style == contract.ByPage || s.c.Paging.Style == contract.ByOffset
	if !counted || l.total == nil || l.moving() || len(l.pages) != 1 || len(l.items) == 0 || len(l.items) != min(q.Size, *l.total-q.Size) {
		return kept()
	}
	n := numbers{s: s, asked: q.Size, total: *l.total, perPage: q.Size}
	wrong, want, _ := n.page(1, l.pages[0], s.c.About(l.answers[0].header, l.answers[0].body), *l.total <= 2*q.Size)
	if wrong == "" {
		return kept()
	}
	return broken(l.answers[0], "on the second page: "+wrong, want).because("the search is forgotten where pages are counted").signed(strings.Fields(wrong)[0] + " is wrong behind a search")
}

// behind judges whether a second page has nothing that surely stands on the first, by an order: too many of all that is found come after that.
func (s *listState) behind(at *answer, all, second *listed, q contract.Query) outcome {
	if s.c.Paging.Style == contract.ByCursor || len(q.Order) == 0 || !all.complete() {
		return kept()
	}
	compare := s.judgeOf(q.Order)
	for i, it := range second.items {
		after := 0
		for _, other := range all.items {
			if n, sure := compare(it, other); n < 0 && sure {
				after++
			}
		}
		if after > len(all.items)-q.Size-1 {
			return broken(at, fmt.Sprintf("%s, behind which %d of %d come by %s", cut(second.keys[i]), after, len(all.items), subjectOf(q.Order)), "the items behind the first page").
				because("the page is forgotten where there is a search").signed("a search drops the page")
		}
	}
	return kept()
}
