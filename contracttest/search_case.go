package contracttest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// saysCase finds what speaks of upper and lower case, and saysAnyCase what says that they make no difference.
var (
	saysCase    = regexp.MustCompile(`(?i)\bcase\b|\b(?:upper|lower)-?case\b|case-?(?:in)?sensitiv|\bcapital(?:s|ization|isation)?\b|\b(?:large|small) letters\b`)
	saysAnyCase = regexp.MustCompile(`(?i)insensitiv|\bnot case|\bignor(?:es?|ing|ed)\b|\bregardless\b|\bany case\b|\bwhatever (?:the|its) case\b|\bcase-?fold|\bwithout regard\b|\b(?:upper|lower) or (?:lower|upper)\b|\b(?:does|do|is|are) (?:not|n't) (?:matter|count|distinguish)|\b(?:doesn't|don't) (?:matter|count)|\bare (?:the same|alike)\b|\bno difference\b`)
)

func searchCase(_ *engine, s *listState) ([]*testCase, string) {
	p := s.c.List().Parameter("query", s.c.Search.Param)
	said := s.c.SearchesAsSaid() || p != nil && sentence(p.Description(), saysCase, saysAnyCase) != ""
	if p != nil && saysCase.MatchString(p.Description()) && !saysAnyCase.MatchString(p.Description()) {
		return none("the document speaks of case, and does not say that it makes no difference")
	}
	ws := named(s.witnesses())
	if len(ws) == 0 {
		return none(noWords(s))
	}
	i := slices.IndexFunc(ws, func(w witness) bool { return strings.ToUpper(w.word) != strings.ToLower(w.word) })
	if i < 0 {
		return none("no word of an item has letters")
	}
	word := ws[i].word
	other := strings.ToUpper(word)
	if other == word {
		other = strings.ToLower(word)
	}
	return one(&testCase{
		intent: fmt.Sprintf("searches for %q and for %q", word, other), over: s, steps: []step{s.all(search(word)), s.all(search(other))},
		judge: func(rs []result) outcome {
			ls, bad := pagesOf(rs)
			if bad != nil {
				return *bad
			}
			if !sameSet(ls[0].keys, ls[1].keys) {
				return broken(rs[1].answer(), fmt.Sprintf("%s for %q, and %d for %q", plural(len(ls[1].keys), "item"), other, len(ls[0].keys), word), "the same items").signed("case matters").asSaid(said)
			}
			return kept()
		},
	})
}
