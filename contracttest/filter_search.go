package contracttest

import (
	"fmt"
	"net/url"
	"strings"

	"understudy/internal/contract"
)

// searchedToo makes a case of a search and a filter that lets through some of what it finds, or none; nil if none does. What the search finds alone says what it looks
// into. Where pages are counted, one request tells whether both count on the first page and on later ones: that for the second half of what fits both.
func (s *listState) searchedToo(filters []narrowing) *testCase {
	word, by := s.wordBeside(filters)
	if word == "" {
		return nil
	}
	q := by.ask
	q.Search = word
	alone, both := s.all(search(word)), s.all(q)
	half := 0 // of what fits both; 0: all of it is asked for at once
	switch s.c.Paging.Style {
	case contract.ByPage, contract.ByOffset:
		if s.c.Paging.Size == "" {
			break
		}
		both = s.page(q)
		whole := s.request(s.scoped(contract.Query{Filters: q.Filters, Search: word, Window: s.c.First()}))
		both.raw = whole.query.Encode() + "&{/rest}"
		alone.save = func(a *answer, holes map[string]string) {
			half = s.halfOf(a, by.ask)
			rest := url.Values{s.c.Paging.Size: {fmt.Sprint(half)}}
			switch {
			case half == 0 && s.large == 0:
				rest.Del(s.c.Paging.Size)
			case half == 0:
				rest.Set(s.c.Paging.Size, fmt.Sprint(s.large))
			case s.c.Paging.Style == contract.ByPage:
				rest.Set(s.c.Paging.Param, fmt.Sprint(s.c.Paging.First+1))
			default:
				rest.Set(s.c.Paging.Param, fmt.Sprint(half))
			}
			holes["/rest"] = rest.Encode()
		}
	case contract.ByCursor:
		if n := s.withWord(word).and(by).count(); n > 1 && s.c.Paging.Size != "" {
			small := q
			small.Size = max(n/2, s.least())
			both = s.walk(small, 5)
		}
	}
	return &testCase{
		subject: s.c.Search.Param + "&" + by.name, over: s,
		intent: fmt.Sprintf("a search for %q, alone and with a filter: both count, on later pages too", word),
		steps:  []step{alone, both},
		judge: func(rs []result) outcome {
			if a := rs[1].answer(); half > 0 && rs[0].list.bad == "" && a.refused() && !a.unavailable() {
				return broken(a, a.says(), fmt.Sprintf("the second page of %d, since at least one more is found and fits", half)).
					because("the size is forgotten where there is a search").signed("a search drops the size")
			}
			ls, bad := pagesOf(rs)
			if bad != nil {
				return *bad
			}
			if len(ls[0].items) == 0 || ls[0].capped {
				return skip("the search alone finds nothing, or too much")
			}
			match := s.c.Matcher(s.scoped(by.ask))
			a := rs[1].answer()
			for i, it := range ls[1].items {
				if v := match(it); v.Certain && !v.Is {
					return broken(a, fmt.Sprintf("%s, which does not fit the filter", cut(ls[1].keys[i])), "what fits the filter and is found").
						because("the filter is ignored where there is a search").signed("a search drops the filter")
				}
			}
			if more := lacking(ls[0].keys, ls[1].keys); len(more) > 0 {
				return broken(a, fmt.Sprintf("%s, which the search alone does not find", cut(more[0])), "what fits the filter and is found").
					because("the search is ignored where there is a filter, or on later pages").signed("a filter drops the search")
			}
			if half == 0 && ls[1].capped {
				return kept() // there is more than was read
			}
			if lost := s.lost(by.ask, ls[0], ls[1]); len(lost) > half {
				return broken(a, fmt.Sprintf("%s that fit and are found are missing, such as %s", plural(len(lost), "item"), cut(lost[0])), "all that fit both").signed("loses what fits both")
			}
			return kept()
		},
	}
}

// halfOf gives half of what a search found and fits a filter as well; 0 if that cannot be told, or is nothing.
func (s *listState) halfOf(a *answer, by contract.Query) int {
	page, err := s.c.Unwrap(search(""), a.header, a.body)
	if err != nil || page.Total != nil && *page.Total > len(page.Items) || a.sent.URL.Query().Has(s.c.Paging.Param) { // it is not the only page
		return 0
	}
	match, n := s.c.Matcher(s.scoped(by)), 0
	for _, it := range page.Items {
		v := match(it)
		if !v.Certain {
			return 0
		}
		if v.Is {
			n++
		}
	}
	if half := (n + 1) / 2; n > 1 && half >= s.least() {
		return half
	}
	return 0
}

// withWord tells which items have a word in a text that a search may look into.
func (s *listState) withWord(word string) narrowing {
	has := narrowing{name: word, ask: search(word)}
	for _, it := range s.base.items {
		found := false
		for _, path := range s.c.Search.Paths {
			found = found || strings.Contains(strings.ToLower(it.Value(path).Text), strings.ToLower(word))
		}
		has.fits = append(has.fits, found)
	}
	return has
}

// wordBeside gives a word to search for and a filter such that some items have only the word and others only fit the filter, and two are both, if possible; "" if there
// is none. Words that are searched for anyway come first, and among them those that stand where things are named.
func (s *listState) wordBeside(filters []narrowing) (word string, by narrowing) {
	if s.c.Search.Param == "" {
		return "", narrowing{}
	}
	var words []string
	ws := named(s.witnesses())
	if len(ws) > 0 {
		words = append(words, s.manyHave().word) // which is searched for anyway
	}
	for _, w := range ws {
		words = append(words, w.word)
	}
	for _, w := range ws {
		words = append(words, s.wordsAt(w.path)...)
	}
	best := 0
	for _, w := range words {
		has := s.withWord(w)
		for _, f := range filters {
			if n := 1 + min(has.and(f).count(), 2); has.without(f) > 0 && n > best {
				best, word, by = n, w, f
			}
		}
	}
	return word, by
}

// wordsAt gives some words that stand at a path, of several items if possible.
func (s *listState) wordsAt(path []string) []string {
	var out []string
	count := map[string]int{}
	for _, it := range s.base.items[:min(len(s.base.items), 100)] {
		if v := it.Value(path); v.Kind == contract.String {
			if w := strings.ToLower(longestWord(v.Text)); len(w) > 2 && len(w) <= 40 {
				if count[w]++; count[w] == 2 && len(out) < 5 {
					out = append(out, w)
				}
			}
		}
	}
	return out
}
