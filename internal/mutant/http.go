package mutant

import (
	"fmt"
	"hash/fnv"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/tidwall/gjson"

	"understudy/internal/contract"
)

// httpMutants break what HTTP itself promises.
var httpMutants = []Mutant{
	{
		ID: "head-404", Rule: "http/head", Sentence: "HEAD is answered with 404.", raw: true,
		Changes: []string{"http/head/*"}, spoil: onHead(func(a *answer) { a.status = http.StatusNotFound }),
	},
	{
		ID: "head-other-type", Rule: "http/head", Sentence: "HEAD tells another media type than GET.", raw: true,
		Changes: []string{"http/head/*"}, spoil: onHead(func(a *answer) { a.header.Set("Content-Type", "text/html") }),
	},
	{
		ID: "head-with-body", Rule: "http/head", Sentence: "HEAD is answered with a body.", raw: true,
		Changes: []string{"http/head/*"}, spoil: onHead(func(a *answer) { a.body, a.raw = []byte("{}"), true }),
	},
	{
		ID: "method-without-allow", Rule: "http/method", Sentence: "405 does not say which methods there are.",
		Changes: []string{"http/method/*"}, spoil: everywhere(func(x *exchange) *answer {
			a := x.pass()
			if a.status == http.StatusMethodNotAllowed {
				a.header.Del("Allow")
			}
			return a
		}),
	},
	{
		ID: "method-crashes", Rule: "http/method", Sentence: "A method that the path does not have is answered with 500.",
		Changes: []string{"http/method/*"}, spoil: onMethod(func(*exchange) *answer { return crash() }),
	},
	{
		ID: "method-as-get", Rule: "http/method", Sentence: "A method that the path does not have is answered as GET is.",
		Changes: []string{"http/method/*"}, spoil: func(p *Place) spoiler {
			if !slices.ContainsFunc(p.Operations, func(op *contract.Operation) bool { return op.Method == http.MethodGet }) {
				return nil
			}
			return onMethod(func(x *exchange) *answer {
				if x.resource.Operation(http.MethodGet) != nil {
					x.method, x.body = http.MethodGet, nil
				}
				return x.pass()
			})(p)
		},
	},
	{
		ID: "options-names-others", Rule: "http/options", Sentence: "OPTIONS names methods that the document does not have, and leaves out those it has.",
		Changes: []string{"http/options/*"}, spoil: everywhere(func(x *exchange) *answer {
			a := x.pass()
			if x.method == http.MethodOptions && a.header.Get("Allow") != "" {
				a.header.Set("Allow", "TRACE, OPTIONS")
			}
			return a
		}),
	},
	{
		ID: "204-with-body", Rule: "http/bodyless", Sentence: "204 is followed by a body.",
		Changes: []string{"write/delete", "write/delete/again"}, spoil: onSuccess([]string{"DELETE", "POST", "PUT", "PATCH"}, func(_ *exchange, a *answer) {
			if a.status == http.StatusNoContent {
				a.body, a.raw = []byte(`{"deleted":true}`), true
			}
		}),
	},
	{
		ID: "304-with-body", Rule: "http/bodyless", Sentence: "304 is followed by what has not changed.",
		Changes: all, spoil: func(p *Place) spoiler {
			tag := tagged(digest, honestly)(p)
			return func(x *exchange) *answer {
				a := tag(x)
				if a.status == http.StatusNotModified {
					a.body, a.raw = []byte(`{"changed":false}`), true
				}
				return a
			}
		},
	},
	{
		ID: "redirect-nowhere", Rule: "http/bodyless", Sentence: "An unknown key is answered with a redirect that does not say where.",
		Changes: []string{"item/unknown", "item/malformed", "write/gone/*", "write/after/*", "http/*"}, spoil: func(p *Place) spoiler {
			if p.operation(contract.Retrieve) == nil {
				return nil
			}
			return func(x *exchange) *answer {
				a := x.pass()
				if x.is(contract.Retrieve) && a.status == http.StatusNotFound {
					return &answer{status: http.StatusMovedPermanently, header: http.Header{}}
				}
				return a
			}
		},
	},
	{
		ID: "location-nowhere", Rule: "http/location", Sentence: "The Location of what was created leads nowhere.",
		Changes: writes, spoil: located(func(x *exchange, key string) string { return x.sent.URL.Path + "understudy-nowhere/" }),
	},
	{
		ID: "location-of-list", Rule: "http/location", Sentence: "The Location of what was created is the list.",
		Changes: writes, spoil: located(func(x *exchange, key string) string { return x.sent.URL.Path }),
	},
	{
		ID: "location-of-another", Rule: "http/location", Sentence: "The Location of what was created leads to another item.",
		Changes: writes, spoil: located(func(x *exchange, key string) string {
			for _, item := range x.all(contract.Query{}) {
				if k := keyOf(x.place.Collection, item); k != key {
					return strings.TrimSuffix(x.sent.URL.Path, x.path) + x.itemURL(k)
				}
			}
			return ""
		}),
	},
	{
		ID: "no-challenge", Rule: "http/challenge", Sentence: "Who is not let in gets 401 without WWW-Authenticate.",
		Changes: []string{"auth/*"}, spoil: everywhere(func(x *exchange) *answer {
			a := x.pass()
			if x.op != nil && (a.status == http.StatusUnauthorized || a.status == http.StatusForbidden) {
				a.status = http.StatusUnauthorized
				a.header.Del("WWW-Authenticate")
			}
			return a
		}),
	},
	{
		ID: "accept-html", Rule: "http/accept", Sentence: "Who accepts HTML gets HTML, which the document does not have.",
		Changes: []string{"http/accept/*"}, spoil: onAccept(func(x *exchange, a *answer) *answer {
			if strings.Contains(x.header.Get("Accept"), "text/html") || strings.Contains(x.header.Get("Accept"), "understudy") || strings.Contains(x.header.Get("Accept"), "xml") {
				b := say(http.StatusOK, "<!doctype html><p>Hello</p>")
				b.header.Set("Content-Type", "text/html; charset=utf-8")
				return b
			}
			return a
		}),
	},
	{
		ID: "accept-crashes", Rule: "http/accept", Sentence: "Who accepts only what the document does not have gets 500.",
		Changes: []string{"http/accept/*"}, spoil: onAccept(func(x *exchange, a *answer) *answer {
			accept := x.header.Get("Accept")
			if accept != "" && !strings.Contains(accept, "json") && !strings.Contains(accept, "*/*") {
				return crash()
			}
			return a
		}),
	},
	{
		ID: "no-json-crashes", Rule: "http/content-type", Sentence: "A body that is no JSON is answered with 500.",
		Changes: []string{"write/refused/json", "http/*"}, spoil: onBody(func(x *exchange) bool { return len(x.body) > 0 && !gjson.ValidBytes(x.body) }, func(*exchange) *answer { return crash() }),
	},
	{
		ID: "no-json-accepted", Rule: "http/content-type", Sentence: "A body that is no JSON is taken for what was sent last.",
		Changes: writes, spoil: func(p *Place) spoiler {
			var last atomic.Value
			return func(x *exchange) *answer {
				if !x.is(contract.Create) {
					return x.pass()
				}
				if a := x.pass(); a.ok() {
					last.Store(string(x.body))
					return a
				}
				body, _ := last.Load().(string)
				if len(x.body) == 0 || gjson.ValidBytes(x.body) || body == "" {
					return x.pass()
				}
				x.body = []byte(body)
				return x.pass()
			}
		},
	},
	{
		ID: "repeated-crashes", Rule: "http/odd", Sentence: "A query parameter that stands there twice is answered with 500.",
		Changes: []string{"http/repeated"}, spoil: oddly(func(x *exchange) bool {
			for _, values := range x.query {
				if len(values) > 1 {
					return true
				}
			}
			return false
		}),
	},
	{
		ID: "long-query-crashes", Rule: "http/odd", Sentence: "A query of more than 2,000 characters is answered with 500.",
		Changes: []string{"http/long", "list/odd*"}, spoil: oddly(func(x *exchange) bool { return len(x.sent.URL.RawQuery) > 2000 }),
	},
	{
		ID: "cookie-crashes", Rule: "http/odd", Sentence: "A cookie is answered with 500.",
		Changes: []string{"http/cookie", "auth/place/cookie"}, spoil: oddly(func(x *exchange) bool {
			return slices.ContainsFunc(x.sent.Cookies(), func(c *http.Cookie) bool { return !x.isSecret("cookie", c.Name) })
		}),
	},
	{
		ID: "refusals-flip", Rule: "http/steady", Sentence: "The same bad request is answered with 400 and with 422, or 404 and 410, in turns.",
		Changes: []string{"list/bad/*", "list/past-end", "list/search*", "list/filter*", "item/*", "write/*", "list/empty/*", "list/order-unknown", "http/*"},
		spoil: func(*Place) spoiler {
			var mu sync.Mutex
			count := map[string]int{}
			return func(x *exchange) *answer {
				a := x.pass()
				flipped := map[int]int{400: 422, 422: 400, 404: 410}[a.status]
				if x.op == nil || flipped == 0 {
					return a
				}
				mu.Lock()
				defer mu.Unlock()
				id := x.method + x.sent.URL.String() + string(x.body)
				if count[id]++; count[id]%2 == 0 {
					a.status = flipped
				}
				return a
			}
		},
	},
}

// etagMutants break conditional requests. Where the inner server gives no ETag, they give one: a broken one.
var etagMutants = []Mutant{
	{
		ID: "etag-constant", Rule: "http/etag", Sentence: "The ETag never changes.",
		Changes: all, spoil: func(p *Place) spoiler {
			if p.Collection == nil || p.Collection.Empty {
				return nil // what never changes may keep its ETag
			}
			return tagged(func(x *exchange, a *answer) string { return `"1"` }, honestly)(p)
		},
	},
	{
		ID: "etag-random", Rule: "http/etag", Sentence: "The ETag is another with every request.",
		Changes: all, spoil: func(p *Place) spoiler {
			var n atomic.Int64
			return tagged(func(x *exchange, a *answer) string { return fmt.Sprintf(`"%d"`, n.Add(1)) }, honestly)(p)
		},
	},
	{
		ID: "etag-not-looked-at", Rule: "http/etag", Sentence: "If-None-Match is ignored.",
		Changes: all, spoil: tagged(digest, func(x *exchange, etag string) bool { return false }),
	},
	{
		ID: "etag-always-304", Rule: "http/etag", Sentence: "Whatever If-None-Match says, nothing has changed.",
		Changes: all, spoil: tagged(digest, func(x *exchange, etag string) bool { return x.header.Get("If-None-Match") != "" }),
	},
}

// honestly answers If-None-Match as RFC 9110 §13.1.2 has it.
func honestly(x *exchange, etag string) bool { return x.header.Get("If-None-Match") == etag }

// digest is an ETag that is made of the body.
func digest(_ *exchange, a *answer) string {
	h := fnv.New64a()
	_, _ = h.Write(a.body) // never fails
	return fmt.Sprintf(`"%x"`, h.Sum64())
}

// tagged gives successful reads an ETag, and answers 304 where they are not to be sent again.
func tagged(etag func(x *exchange, a *answer) string, unchanged func(x *exchange, etag string) bool) func(*Place) spoiler {
	return func(p *Place) spoiler {
		return func(x *exchange) *answer {
			condition := x.header.Get("If-None-Match")
			if x.method == http.MethodGet {
				x.header.Del("If-None-Match")
			}
			a := x.pass()
			if x.method != http.MethodGet || x.op == nil || !a.ok() {
				return a
			}
			tag := etag(x, a)
			a.header.Set("ETag", tag)
			x.header.Set("If-None-Match", condition)
			if condition != "" && unchanged(x, tag) {
				return &answer{status: http.StatusNotModified, header: http.Header{"Etag": {tag}}}
			}
			return a
		}
	}
}

// onHead changes the answers to HEAD.
func onHead(spoil func(a *answer)) func(*Place) spoiler {
	return everywhere(func(x *exchange) *answer {
		a := x.pass()
		if x.sent.Method == http.MethodHead && a.ok() {
			spoil(a)
		}
		return a
	})
}

// onMethod answers methods that a path does not have.
func onMethod(spoil spoiler) func(*Place) spoiler {
	return everywhere(func(x *exchange) *answer {
		if x.op != nil || x.method == http.MethodOptions || x.pass().status != http.StatusMethodNotAllowed {
			return x.pass()
		}
		return spoil(x)
	})
}

// located gives creates a Location.
func located(where func(x *exchange, key string) string) func(*Place) spoiler {
	return onCreated(func(x *exchange, a *answer, key string) *answer {
		if to := where(x, key); to != "" && a.status == http.StatusCreated {
			a.header.Set("Location", to)
		}
		return a
	})
}

// onAccept changes the answers to reads that say what they accept.
func onAccept(spoil func(x *exchange, a *answer) *answer) func(*Place) spoiler {
	return everywhere(func(x *exchange) *answer {
		a := x.pass()
		if x.op == nil || x.method != http.MethodGet || a.status == http.StatusUnauthorized || a.status == http.StatusForbidden || x.sent.Header.Get("Accept") == "" {
			return a
		}
		return spoil(x, a)
	})
}

// onBody answers writes with a certain body, of those that are let in.
func onBody(which func(x *exchange) bool, spoil spoiler) func(*Place) spoiler {
	return func(p *Place) spoiler {
		if len(p.bodies()) == 0 {
			return nil
		}
		return func(x *exchange) *answer {
			if x.is(contract.Create, contract.Replace, contract.Update) && which(x) && x.letIn() {
				return spoil(x)
			}
			return x.pass()
		}
	}
}

// oddly answers odd reads with 500.
func oddly(odd func(x *exchange) bool) func(*Place) spoiler {
	return everywhere(func(x *exchange) *answer {
		if x.op != nil && x.method == http.MethodGet && odd(x) {
			return crash()
		}
		return x.pass()
	})
}
