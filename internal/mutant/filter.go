package mutant

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"understudy/internal/contract"
)

// filterMutants break what filters let through.
var filterMutants = []Mutant{
	{
		ID: "filters-ignored", Rule: "filter/sound", Sentence: "All filters are ignored.",
		Changes: filterProbes, spoil: onQuery(filtered, func(c *contract.Collection, _ contract.Query, v url.Values) {
			for _, f := range c.Filters {
				v.Del(f.Param)
			}
		}),
	},
	{
		ID: "first-filter-ignored", Rule: "filter/sound", Sentence: "The first filter is ignored.",
		Changes: filterProbes, spoil: onQuery(filtered, func(c *contract.Collection, _ contract.Query, v url.Values) { v.Del(c.Filters[0].Param) }),
	},
	{
		ID: "last-filter-ignored", Rule: "filter/sound", Sentence: "The last filter is ignored.",
		Changes: filterProbes, spoil: onQuery(filtered, func(c *contract.Collection, _ contract.Query, v url.Values) { v.Del(c.Filters[len(c.Filters)-1].Param) }),
	},
	{
		ID: "filters-inverted", Rule: "filter/sound", Sentence: "A filter lets through what it should keep out, and nothing else.",
		Changes: filterProbes, spoil: selected(func(x *exchange, q contract.Query, whole, fit []string) []string { return lacking(whole, fit) }),
	},
	{
		ID: "filter-lets-one-in", Rule: "filter/sound", Sentence: "A filter lets one item through that does not fit it.",
		Changes: filterProbes, spoil: selected(func(x *exchange, q contract.Query, whole, fit []string) []string {
			if rest := lacking(whole, fit); len(rest) > 0 && len(fit) > 0 {
				return append(slices.Clone(fit), rest[len(rest)-1])
			}
			return fit
		}),
	},
	{
		ID: "filter-misses-one", Rule: "filter/complete", Sentence: "A filter keeps the last item out that fits it.",
		Changes: filterProbes, spoil: selected(func(x *exchange, q contract.Query, whole, fit []string) []string { return fit[:max(len(fit)-1, 0)] }),
	},
	{
		ID: "filter-capitals", Rule: "filter/complete", Sentence: "A filter's value with a vowel in it finds nothing.",
		Changes: filterProbes, spoil: selected(func(x *exchange, q contract.Query, whole, fit []string) []string {
			if slices.ContainsFunc(q.Filters, func(c contract.Condition) bool { return strings.ContainsAny(strings.Join(c.Values, ""), "aeiou") }) {
				return nil
			}
			return fit
		}),
	},
	{
		ID: "filter-none-all", Rule: "filter/none", Sentence: "Filters that nothing fits are dropped.",
		Changes: filterProbes, spoil: selected(func(x *exchange, q contract.Query, whole, fit []string) []string {
			if len(fit) == 0 {
				return whole
			}
			return fit
		}),
	},
	{
		ID: "total-unfiltered", Rule: "filter/count", Sentence: "The total counts before the filters.",
		Changes: filterProbes, spoil: onPage(func(c *contract.Collection) bool { return filtered(c) && counted(c) }, func(x *exchange, q contract.Query, a *answer) *answer {
			if len(q.Filters) == 0 {
				return a
			}
			q.Filters = nil
			return tell(x.place.Collection, a, "the total", len(x.all(q)))
		}),
	},
	{
		ID: "filter-first-page-only", Rule: "filter/paged", Sentence: "Later pages forget the filters.",
		Changes: filterProbes, spoil: onQuery(func(c *contract.Collection) bool { return filtered(c) && paged(c) }, func(c *contract.Collection, q contract.Query, v url.Values) {
			for _, f := range c.Filters {
				if later(c, q) {
					v.Del(f.Param)
				}
			}
		}),
	},
	{
		ID: "filter-after-paging", Rule: "filter/paged", Sentence: "Filters see one page only: what fits and stands elsewhere is lost.",
		Changes: filterProbes, spoil: onList(func(c *contract.Collection) bool { return filtered(c) && paged(c) }, func(x *exchange, q contract.Query) *answer {
			if len(q.Filters) == 0 {
				return x.pass()
			}
			c := x.place.Collection
			fit := x.all(q)
			for _, f := range c.Filters {
				x.query.Del(f.Param)
			}
			a := x.pass()
			if !a.ok() {
				return a
			}
			return tell(c, withItems(c, a, slices.DeleteFunc(itemsOf(c, a), func(item string) bool { return !slices.Contains(fit, item) })), "the total", len(fit))
		}),
	},
	{
		ID: "filter-or", Rule: "filter/both", Sentence: "Of several filters one is enough.",
		Changes: filterProbes, spoil: selected(func(x *exchange, q contract.Query, whole, fit []string) []string {
			if len(q.Filters) < 2 {
				return fit
			}
			var any []string
			for _, f := range q.Filters {
				one := q
				one.Filters = []contract.Condition{f}
				any = append(any, x.all(one)...)
			}
			return slices.DeleteFunc(slices.Clone(whole), func(item string) bool { return !slices.Contains(any, item) })
		}),
	},
	{
		ID: "one-filter-counts", Rule: "filter/both", Sentence: "Of several filters only the first counts.",
		Changes: filterProbes, spoil: onQuery(filtered, func(c *contract.Collection, q contract.Query, v url.Values) {
			for i, f := range q.Filters {
				if i > 0 {
					v.Del(f.Param)
				}
			}
		}),
	},
	{
		ID: "last-parameter-lost", Rule: "filter/spelling", Sentence: "The last parameter of the query is not read, if it is a filter and another stands before it.",
		Changes: filterProbes, spoil: func(p *Place) spoiler {
			return onList(filtered, func(x *exchange, _ contract.Query) *answer {
				pairs := strings.Split(x.sent.URL.RawQuery, "&")
				name, _, _ := strings.Cut(pairs[len(pairs)-1], "=")
				for _, f := range x.place.Collection.Filters {
					if len(pairs) > 1 && f.Param == name {
						x.query.Del(name)
					}
				}
				return x.pass()
			})(p)
		},
	},
	{
		ID: "escapes-not-read", Rule: "filter/spelling", Sentence: "A filter's value in which letters are escaped finds nothing.",
		Changes: filterProbes, spoil: onItems(filtered, func(x *exchange, q contract.Query, items []string) []string {
			for _, pair := range strings.Split(x.sent.URL.RawQuery, "&") {
				name, value, _ := strings.Cut(pair, "=")
				if slices.ContainsFunc(q.Filters, func(c contract.Condition) bool { return c.Param == name }) && escapesLetters(value) {
					return nil
				}
			}
			return items
		}),
	},
	{
		ID: "filter-invalid-ignored", Rule: "filter/invalid", Sentence: "A filter's value of the wrong type is ignored.",
		Changes: append([]string{"list/bad/*"}, filterProbes...), spoil: badFilter(func(x *exchange) *answer {
			for _, f := range x.place.Collection.Filters {
				x.query.Del(f.Param)
			}
			return x.pass()
		}),
	},
	{
		ID: "filter-invalid-crashes", Rule: "filter/invalid", Sentence: "A filter's value of the wrong type is answered with 500.",
		Changes: append([]string{"list/bad/*"}, filterProbes...), spoil: badFilter(func(*exchange) *answer { return crash() }),
	},
	{
		ID: "filter-empty-crashes", Rule: "filter/empty", Sentence: "A filter with an empty value is answered with 500.",
		Changes: filterProbes, spoil: onList(filtered, func(x *exchange, q contract.Query) *answer {
			if emptyFilter(x) && x.letIn() {
				return crash()
			}
			return x.pass()
		}),
	},
	{
		ID: "unknown-parameter-empty", Rule: "filter/unknown", Sentence: "A parameter that nobody knows lets nothing through.",
		Changes: []string{"list/unknown", "list/odd*", "http/*"}, spoil: onItems(nil, func(x *exchange, _ contract.Query, items []string) []string {
			if unknownParameter(x) {
				return nil
			}
			return items
		}),
	},
	{
		ID: "unknown-parameter-crashes", Rule: "filter/unknown", Sentence: "A parameter that nobody knows is answered with 500.",
		Changes: []string{"list/unknown", "list/odd*", "http/*", "auth/*"}, spoil: onList(nil, func(x *exchange, _ contract.Query) *answer {
			if unknownParameter(x) && x.letIn() {
				return crash()
			}
			return x.pass()
		}),
	},
}

var filterProbes = []string{"list/filter*", "list/empty/*", "http/repeated"}

func filtered(c *contract.Collection) bool { return len(c.Filters) > 0 }

// selected changes which items of a filtered list there are, before it is cut into pages: what the inner server has by the filters, and without them.
func selected(choose func(x *exchange, q contract.Query, whole, fit []string) []string) func(*Place) spoiler {
	return onPage(filtered, func(x *exchange, q contract.Query, a *answer) *answer {
		if len(q.Filters) == 0 {
			return a
		}
		c, plain := x.place.Collection, q
		plain.Filters = nil
		fit := x.all(q)
		chosen := choose(x, q, x.all(plain), slices.Clone(fit))
		if slices.Equal(chosen, fit) {
			return a
		}
		return cutOut(c, q, a, chosen)
	})
}

// cutOut makes the page of a query out of other items than the inner server had.
func cutOut(c *contract.Collection, q contract.Query, a *answer, all []string) *answer {
	from, size := 0, c.SizeOf(q)
	if paged(c) && !byCursor(c) {
		from = min(c.Offset(q), len(all))
	}
	to := len(all)
	if size > 0 {
		to = min(from+size, to)
	}
	return tell(c, withItems(c, a, all[from:to]), "the total", len(all))
}

// lacking gives those of some items that others lack.
func lacking(of, in []string) []string {
	return slices.DeleteFunc(slices.Clone(of), func(item string) bool { return slices.Contains(in, item) })
}

// escapesLetters tells whether an escaped text escapes what need not be.
func escapesLetters(value string) bool {
	plain, err := url.QueryUnescape(value)
	return err == nil && len(value) > len(url.QueryEscape(plain))
}

// badFilter answers for filters of which the inner server refuses a value.
func badFilter(spoil spoiler) func(*Place) spoiler {
	return func(p *Place) spoiler {
		if p.operation(contract.List) == nil || !filtered(p.Collection) {
			return nil
		}
		return func(x *exchange) *answer {
			a := x.pass()
			if !x.is(contract.List) || x.method != http.MethodGet || a.status/100 != 4 || a.status == http.StatusUnauthorized || a.status == http.StatusForbidden {
				return a
			}
			if !slices.ContainsFunc(p.Collection.Filters, func(f contract.Filter) bool { return x.query.Has(f.Param) }) {
				return a
			}
			return spoil(x)
		}
	}
}

// emptyFilter tells whether a request has a filter with an empty value.
func emptyFilter(x *exchange) bool {
	return slices.ContainsFunc(x.place.Collection.Filters, func(f contract.Filter) bool {
		return x.query.Has(f.Param) && x.query.Get(f.Param) == ""
	})
}

// unknownParameter tells whether a request has a query parameter that the document does not have.
func unknownParameter(x *exchange) bool {
	for name := range x.query {
		if x.op.Parameter("query", name) == nil && !x.isSecret("query", name) {
			return true
		}
	}
	return false
}
