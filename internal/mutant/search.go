package mutant

import (
	"net/url"
	"slices"
	"strings"

	"understudy/internal/contract"
)

// searchMutants break what searches find.
var searchMutants = []Mutant{
	{
		ID: "search-repeats", Rule: "search/subset", Sentence: "A search shows its first item twice.",
		Changes: searchProbes, spoil: onItems(searched, func(_ *exchange, q contract.Query, items []string) []string {
			if q.Search != "" && len(items) > 0 {
				return append([]string{items[0]}, items...)
			}
			return items
		}),
	},
	{
		ID: "search-total", Rule: "search/subset", Sentence: "The total does not count what the search found, but everything.",
		Changes: searchProbes, spoil: onPage(func(c *contract.Collection) bool { return searched(c) && counted(c) }, func(x *exchange, q contract.Query, a *answer) *answer {
			if q.Search == "" {
				return a
			}
			q.Search = ""
			return tell(x.place.Collection, a, "the total", len(x.all(q)))
		}),
	},
	{
		ID: "search-ignored", Rule: "search/none", Sentence: "The search is ignored.",
		Changes: searchProbes, spoil: onQuery(searched, func(c *contract.Collection, _ contract.Query, v url.Values) { v.Del(c.Search.Param) }),
	},
	{
		ID: "search-finds-nothing", Rule: "search/found", Sentence: "A search never finds anything.",
		Changes: searchProbes, spoil: found(func(_ *exchange, q contract.Query, _ []string) []string { return nil }),
	},
	{
		ID: "search-first-words", Rule: "search/narrower", Sentence: "Two words find other items than each of them.",
		Changes: searchProbes, spoil: found(func(x *exchange, q contract.Query, items []string) []string {
			words := strings.Fields(q.Search)
			if len(words) < 2 {
				return items
			}
			var each []string
			for _, w := range words {
				one := q
				one.Search = w
				each = append(each, x.all(one)...)
			}
			one := q
			one.Search = ""
			out := lacking(x.all(one), each)
			return out[:min(len(out), 1)]
		}),
	},
	{
		ID: "search-wildcards", Rule: "search/plain", Sentence: "In a search % and _ stand for anything.",
		Changes: searchProbes, spoil: onQuery(searched, func(c *contract.Collection, q contract.Query, v url.Values) {
			if strings.ContainsAny(q.Search, "%_") {
				if text := strings.Trim(q.Search, "%_ "); text == "" {
					v.Del(c.Search.Param)
				} else {
					v.Set(c.Search.Param, strings.NewReplacer("%", " ", "_", " ").Replace(q.Search))
				}
			}
		}),
	},
	{
		ID: "search-signs-crash", Rule: "search/plain", Sentence: "A search for % is answered with 500.",
		Changes: searchProbes, spoil: onList(searched, func(x *exchange, q contract.Query) *answer {
			if strings.Contains(q.Search, "%") && x.letIn() {
				return crash()
			}
			return x.pass()
		}),
	},
	{
		ID: "search-case", Rule: "search/case", Sentence: "What is searched for in capital letters is not found.",
		Changes: searchProbes, spoil: found(func(_ *exchange, q contract.Query, items []string) []string {
			if strings.ToLower(q.Search) != q.Search {
				return nil
			}
			return items
		}),
	},
}

var searchProbes = []string{"list/search*", "list/odd", "http/repeated"}

func searched(c *contract.Collection) bool { return c.Search.Param != "" }

// found changes what a search finds, before it is cut into pages.
func found(choose func(x *exchange, q contract.Query, items []string) []string) func(*Place) spoiler {
	return onPage(searched, func(x *exchange, q contract.Query, a *answer) *answer {
		if q.Search == "" {
			return a
		}
		all := x.all(q)
		chosen := choose(x, q, slices.Clone(all))
		if slices.Equal(chosen, all) {
			return a
		}
		return cutOut(x.place.Collection, q, a, chosen)
	})
}
