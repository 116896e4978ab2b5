package mutant

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"understudy/internal/contract"
)

// linkMutants break what leads from one page to the others: links, and cursors.
var linkMutants = []Mutant{
	{
		ID: "links-drop-filters", Rule: "paging/links", Sentence: "Links to other pages forget filters, search and order.",
		Changes: lists, spoil: onLinks(func(x *exchange, _, address string) string {
			c := x.place.Collection
			return withQuery(address, func(v url.Values) {
				for name := range v {
					if !slices.Contains([]string{c.Paging.Param, c.Paging.Before, c.Paging.Size}, name) && !x.isSecret("query", name) {
						v.Del(name)
					}
				}
			})
		}),
	},
	{
		ID: "links-drop-size", Rule: "paging/links", Sentence: "Links to other pages forget the size.",
		Changes: lists, spoil: onLinks(func(x *exchange, _, address string) string {
			return withQuery(address, func(v url.Values) { v.Del(x.place.Collection.Paging.Size) })
		}),
	},
	{
		ID: "next-to-itself", Rule: "paging/links", Sentence: "The link to the next page leads to the page itself.",
		Changes: lists, spoil: onLinks(func(x *exchange, rel, address string) string {
			c := x.place.Collection
			if rel != "next" {
				return address
			}
			return withQuery(address, func(v url.Values) {
				if v.Del(c.Paging.Param); x.query.Has(c.Paging.Param) {
					v.Set(c.Paging.Param, x.query.Get(c.Paging.Param))
				}
			})
		}),
	},
	{
		ID: "no-way-back", Rule: "paging/links", Sentence: "The link to the page before leads to the next.",
		Changes: lists, spoil: onPage(linked, func(x *exchange, _ contract.Query, a *answer) *answer {
			next := ""
			changeLinks(x.place.Collection, a, func(rel, address string) string {
				if rel == "next" {
					next = address
				}
				return address
			})
			if next == "" {
				return a
			}
			return changeLinks(x.place.Collection, a, func(rel, address string) string {
				if rel == "prev" {
					return next
				}
				return address
			})
		}),
	},
	{
		ID: "cursor-circle", Rule: "paging/cursor", Sentence: "The cursor of every page leads back to the first.",
		Changes: lists, spoil: onPage(byCursor, func(x *exchange, q contract.Query, a *answer) *answer {
			c := x.place.Collection
			if !later(c, q) {
				return a
			}
			x.query.Del(c.Paging.Param)
			first := x.pass()
			for _, t := range c.Tells() {
				if t.What == "the next page" && t.Header == "" {
					if v := gjson.GetBytes(first.body, at(t.Path)); v.Exists() {
						a.with(set(string(a.body), at(t.Path), v.Raw))
					}
				}
			}
			return a
		}),
	},
	{
		ID: "cursor-tampered-first", Rule: "paging/cursor", Sentence: "A cursor that was tampered with leads to the first page.",
		Changes: []string{"list/bad/*"}, spoil: tampered(func(x *exchange) *answer {
			x.query.Del(x.place.Collection.Paging.Param)
			return x.pass()
		}),
	},
	{
		ID: "cursor-tampered-crashes", Rule: "paging/cursor", Sentence: "A cursor that was tampered with is answered with 500.",
		Changes: []string{"list/bad/*"}, spoil: tampered(func(*exchange) *answer { return crash() }),
	},
}

func byCursor(c *contract.Collection) bool { return c.Paging.Style == contract.ByCursor }

// linked tells whether a list's answers have addresses of other pages in them.
func linked(c *contract.Collection) bool {
	return paged(c) && slices.ContainsFunc(c.Tells(), func(t contract.Told) bool { return relOf(t.What) != "" })
}

// relOf is what a part of an answer leads to; "" if it leads nowhere.
func relOf(what string) string {
	return map[string]string{"the next page": "next", "the previous page": "prev", "the first page": "first", "the last page": "last", "links (RFC 8288)": "any"}[what]
}

// linkHeader is one link of a Link header with one relation (RFC 8288 §3), as servers write it.
var linkHeader = regexp.MustCompile(`<([^>]*)>; *rel="?([a-z]+)"?`)

// changeLinks changes the addresses of other pages in an answer.
func changeLinks(c *contract.Collection, a *answer, change func(rel, address string) string) *answer {
	for _, t := range c.Tells() {
		rel := relOf(t.What)
		switch {
		case rel == "":
		case t.Header != "" && rel == "any":
			if text := a.header.Get(t.Header); text != "" {
				a.header.Set(t.Header, linkHeader.ReplaceAllStringFunc(text, func(link string) string {
					m := linkHeader.FindStringSubmatch(link)
					return strings.Replace(link, "<"+m[1]+">", "<"+change(m[2], m[1])+">", 1)
				}))
			}
		case t.Header == "":
			path := at(t.Path)
			v := gjson.GetBytes(a.body, path)
			if v.IsObject() { // {"href": …}
				path += ".href"
				v = gjson.GetBytes(a.body, path)
			}
			if v.Type == gjson.String && strings.ContainsAny(v.String(), "/?") {
				if now := change(rel, v.String()); now != v.String() {
					a.with(set(string(a.body), path, quote(now)))
				}
			}
		}
	}
	return a
}

// onLinks is onPage for mutants that change each address of another page.
func onLinks(change func(x *exchange, rel, address string) string) func(*Place) spoiler {
	return onPage(linked, func(x *exchange, _ contract.Query, a *answer) *answer {
		return changeLinks(x.place.Collection, a, func(rel, address string) string { return change(x, rel, address) })
	})
}

// withQuery changes the parameters of an address.
func withQuery(address string, change func(v url.Values)) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	v := u.Query()
	before := v.Encode()
	if change(v); v.Encode() == before {
		return address
	}
	u.RawQuery = v.Encode()
	return u.String()
}

// tampered answers for cursors that the inner server refuses.
func tampered(spoil spoiler) func(*Place) spoiler {
	return onList(byCursor, func(x *exchange, q contract.Query) *answer {
		a := x.pass()
		if a.status/100 != 4 || a.status == http.StatusUnauthorized || a.status == http.StatusForbidden || !later(x.place.Collection, q) {
			return a
		}
		return spoil(x)
	})
}
