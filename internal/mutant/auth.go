package mutant

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/tidwall/gjson"

	"understudy/internal/contract"
)

// authMutants break who is let in.
var authMutants = []Mutant{
	{
		ID: "open", Rule: "auth/required", Sentence: "Nobody needs credentials.",
		Changes: append([]string{"auth/*"}, writes...), spoil: letting(func(x *exchange, k *key) bool { return k.absent(x) }),
	},
	{
		ID: "open-list", Rule: "auth/required", Sentence: "The list needs no credentials.",
		Changes: []string{"auth/none/list", "auth/none/page", "auth/none/head", "auth/place/*"}, spoil: letting(func(x *exchange, k *key) bool { return k.absent(x) && x.is(contract.List) }),
	},
	{
		ID: "open-item", Rule: "auth/required", Sentence: "An item can be read without credentials.",
		Changes: []string{"auth/none/retrieve", "auth/none/head", "auth/place/*"}, spoil: letting(func(x *exchange, k *key) bool { return k.absent(x) && x.is(contract.Retrieve) }),
	},
	{
		ID: "open-later-pages", Rule: "auth/required", Sentence: "Pages after the first need no credentials.",
		Changes: []string{"auth/none/page"}, spoil: letting(func(x *exchange, k *key) bool {
			q, ok := x.asked()
			return k.absent(x) && ok && later(x.place.Collection, q)
		}),
	},
	{
		ID: "open-head", Rule: "auth/required", Sentence: "HEAD needs no credentials.", raw: true,
		Changes: []string{"auth/none/head"}, spoil: letting(func(x *exchange, k *key) bool { return k.absent(x) && x.sent.Method == http.MethodHead }),
	},
	{
		ID: "open-create", Rule: "auth/required", Sentence: "Anybody may create.",
		Changes: append([]string{"auth/none/create"}, writes...), spoil: letting(func(x *exchange, k *key) bool { return k.absent(x) && x.is(contract.Create) }),
	},
	{
		ID: "open-update", Rule: "auth/required", Sentence: "Anybody may change items.",
		Changes: append([]string{"auth/none/*"}, writes...), spoil: letting(func(x *exchange, k *key) bool { return k.absent(x) && x.is(contract.Replace, contract.Update) }),
	},
	{
		ID: "open-delete", Rule: "auth/required", Sentence: "Anybody may delete.",
		Changes: append([]string{"auth/none/destroy"}, writes...), spoil: letting(func(x *exchange, k *key) bool { return k.absent(x) && x.is(contract.Destroy) }),
	},
	{
		ID: "refusal-tells", Rule: "auth/required", Sentence: "The refusal of a list or an item shows what is refused.",
		Changes: []string{"auth/none/*", "auth/wrong/*", "auth/place/*"}, spoil: func(p *Place) spoiler {
			k := newKey(p)
			if k == nil {
				return nil
			}
			return func(x *exchange) *answer {
				a := x.pass()
				k.learn(x, a)
				if a.status != http.StatusUnauthorized && a.status != http.StatusForbidden || x.method != http.MethodGet || !k.present(x) {
					return a
				}
				shown := x.pass()
				if !shown.ok() || !gjson.ParseBytes(a.body).IsObject() || x.is(contract.List) && len(itemsOf(p.Collection, shown)) == 0 {
					return a
				}
				return a.with(set(string(a.body), "data", string(shown.body)))
			}
		},
	},
	{
		ID: "any-credential", Rule: "auth/checked", Sentence: "Any credentials do.",
		Changes: []string{"auth/wrong/*"}, spoil: letting(func(x *exchange, k *key) bool { return !k.absent(x) }),
	},
	{
		ID: "beginning-enough", Rule: "auth/checked", Sentence: "The beginning of the token is enough.",
		Changes: []string{"auth/wrong/short"}, spoil: letting(func(x *exchange, k *key) bool {
			sent := k.sent(x)
			return len(sent) > 2 && sent != k.secret() && strings.HasPrefix(k.secret(), sent)
		}),
	},
	{
		ID: "anything-behind", Rule: "auth/checked", Sentence: "The token may be followed by anything.",
		Changes: []string{"auth/wrong/long"}, spoil: letting(func(x *exchange, k *key) bool {
			sent := k.sent(x)
			return k.secret() != "" && sent != k.secret() && strings.HasPrefix(sent, k.secret())
		}),
	},
	{
		ID: "any-case", Rule: "auth/checked", Sentence: "Upper and lower case make no difference in the token.",
		Changes: []string{"auth/wrong/case"}, spoil: letting(func(x *exchange, k *key) bool {
			sent := k.sent(x)
			return sent != k.secret() && strings.EqualFold(sent, k.secret())
		}),
	},
	{
		ID: "any-of-length", Rule: "auth/checked", Sentence: "Any token of the right length does.",
		Changes: []string{"auth/wrong/unknown", "auth/wrong/case", "auth/wrong/scheme"}, spoil: letting(func(x *exchange, k *key) bool {
			return k.secret() != "" && len(k.sent(x)) == len(k.secret())
		}),
	},
	{
		ID: "empty-token", Rule: "auth/checked", Sentence: "An empty token does.",
		Changes: []string{"auth/wrong/empty"}, spoil: letting(func(x *exchange, k *key) bool { return !k.absent(x) && k.bare(x) }),
	},
	{
		ID: "any-scheme", Rule: "auth/checked", Sentence: "The token counts under any scheme.",
		Changes: []string{"auth/wrong/scheme"}, spoil: letting(func(x *exchange, k *key) bool {
			_, secret, ok := strings.Cut(x.header.Get("Authorization"), " ")
			return ok && secret == k.secret()
		}),
	},
	{
		ID: "wrong-crashes", Rule: "auth/checked", Sentence: "Credentials that are wrong are answered with 500.",
		Changes: []string{"auth/wrong/*"}, spoil: func(p *Place) spoiler {
			k := newKey(p)
			if k == nil {
				return nil
			}
			return func(x *exchange) *answer {
				a := x.pass()
				if (a.status == http.StatusUnauthorized || a.status == http.StatusForbidden) && !k.absent(x) {
					return crash()
				}
				return a
			}
		},
	},
	{
		ID: "token-in-query", Rule: "auth/place", Sentence: "The token counts in the query too.",
		Changes: []string{"auth/place/query"}, spoil: letting(func(x *exchange, k *key) bool {
			for name, values := range x.query {
				if !x.isSecret("query", name) && k.secret() != "" && slices.Contains(values, k.secret()) {
					return true
				}
			}
			return false
		}),
	},
	{
		ID: "token-in-cookie", Rule: "auth/place", Sentence: "The token counts in a cookie too.",
		Changes: []string{"auth/place/cookie"}, spoil: letting(func(x *exchange, k *key) bool {
			return slices.ContainsFunc(x.sent.Cookies(), func(c *http.Cookie) bool {
				return !x.isSecret("cookie", c.Name) && k.secret() != "" && c.Value == k.secret()
			})
		}),
	},
	{
		ID: "token-in-header", Rule: "auth/place", Sentence: "The credential counts in another header too.",
		Changes: []string{"auth/place/header"}, spoil: letting(func(x *exchange, k *key) bool {
			for name, values := range x.header {
				if !x.isSecret("header", name) && k.secret() != "" && slices.ContainsFunc(values, func(v string) bool { return strings.TrimPrefix(v, "Bearer ") == k.secret() }) {
					return name != "Cookie"
				}
			}
			return false
		}),
	},
	{
		ID: "refusal-undocumented", Rule: "auth/documented", Sentence: "Who is not let in gets 401 or 403, whichever the document does not have.",
		Changes: []string{"auth/*"}, spoil: everywhere(func(x *exchange) *answer {
			a := x.pass()
			for _, pair := range [][2]int{{http.StatusUnauthorized, http.StatusForbidden}, {http.StatusForbidden, http.StatusUnauthorized}} {
				if x.op != nil && a.status == pair[0] && x.op.Response(pair[1]) == nil {
					a.status = pair[1]
					return a
				}
			}
			return a
		}),
	},
	{
		ID: "refusal-redirects", Rule: "auth/documented", Sentence: "Who is not let in is sent to a login page.",
		Changes: []string{"auth/*"}, spoil: everywhere(func(x *exchange) *answer {
			a := x.pass()
			if x.op != nil && len(x.op.Security) > 0 && (a.status == http.StatusUnauthorized || a.status == http.StatusForbidden) && x.op.Response(http.StatusFound) == nil {
				return &answer{status: http.StatusFound, header: http.Header{"Location": {"/login"}}}
			}
			return a
		}),
	},
	{
		ID: "open-locked", Rule: "auth/open", Sentence: "An operation that asks for no credentials refuses whoever has none.",
		Changes: []string{"*"}, spoil: func(p *Place) spoiler {
			if !slices.ContainsFunc(p.Operations, func(op *contract.Operation) bool { return !guarded(op) }) {
				return nil
			}
			return func(x *exchange) *answer {
				if x.op == nil || guarded(x.op) || x.header.Get("Authorization") != "" {
					return x.pass()
				}
				return say(http.StatusForbidden, `{"detail":"Authentication credentials were not provided."}`)
			}
		},
	},
	{
		ID: "second-sees-more", Rule: "auth/least", Sentence: "An identity with fewer rights sees an item that one with all of them does not see.",
		Changes: []string{"auth/second"}, spoil: func(p *Place) spoiler {
			if p.Second == "" || !guarded(p.Operations[0]) {
				return nil
			}
			return onItems(keyed, func(x *exchange, _ contract.Query, items []string) []string {
				if !strings.Contains(x.header.Get("Authorization"), p.Second) && !slices.ContainsFunc(p.schemes(), func(s contract.Scheme) bool { return secretIn(s, x) == p.Second }) || len(items) == 0 {
					return items
				}
				last := items[len(items)-1]
				return append(items[:len(items)-1], set(last, gjson.Escape(x.place.Collection.Records.Key), otherKey(gjson.Get(last, gjson.Escape(x.place.Collection.Records.Key)))))
			})(p)
		},
	},
}

// otherKey gives a key like another, as JSON.
func otherKey(key gjson.Result) string {
	text := []byte(key.String())
	for i := len(text) - 1; i >= 0; i-- {
		if c := text[i]; c >= '0' && c <= '9' {
			text[i] = '0' + (c-'0'+5)%10
			break
		}
	}
	if key.Type == gjson.Number {
		return "9" + string(text)
	}
	return quote(string(text))
}

func guarded(op *contract.Operation) bool {
	return len(op.Security) > 0 && !slices.ContainsFunc(op.Security, func(r contract.Requirement) bool { return len(r) == 0 })
}

// key is the credential that opens a place, which a mutant learns from the first request that the inner server lets in.
type key struct {
	scheme contract.Scheme

	mu     sync.Mutex
	header http.Header
	query  url.Values
	text   string
}

// newKey gives the key of a place that is guarded by one secret; nil for others.
func newKey(p *Place) *key {
	for _, op := range p.Operations {
		if guarded(op) && len(op.Security[0]) == 1 && op.Security[0][0].Type != "mutualTLS" {
			return &key{scheme: op.Security[0][0]}
		}
	}
	return nil
}

// learn remembers the credentials of a request that was let in.
func (k *key) learn(x *exchange, a *answer) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.text != "" || !a.ok() || x.op == nil || !guarded(x.op) {
		return
	}
	if k.text = secretIn(k.scheme, x); k.text == "" {
		return
	}
	k.header, k.query = http.Header{}, url.Values{}
	switch {
	case k.scheme.Type == "apiKey" && k.scheme.In == "query":
		k.query[k.scheme.Param] = x.query[k.scheme.Param]
	case k.scheme.Type == "apiKey" && k.scheme.In == "cookie":
		k.header.Set("Cookie", x.header.Get("Cookie"))
	case k.scheme.Type == "apiKey":
		k.header.Set(k.scheme.Param, x.header.Get(k.scheme.Param))
	default:
		k.header.Set("Authorization", x.header.Get("Authorization"))
	}
}

// secretIn gives what a request carries for a scheme; "" if it is nothing.
func secretIn(s contract.Scheme, x *exchange) string {
	switch {
	case s.Type == "apiKey" && s.In == "query":
		return x.query.Get(s.Param)
	case s.Type == "apiKey" && s.In == "cookie":
		if c, err := x.sent.Cookie(s.Param); err == nil {
			return c.Value
		}
		return ""
	case s.Type == "apiKey":
		return x.header.Get(s.Param)
	}
	scheme, secret, _ := strings.Cut(x.header.Get("Authorization"), " ")
	if want := s.Authorization(); !strings.EqualFold(scheme, want) {
		return ""
	}
	if s.HTTP == "basic" {
		plain, _ := base64.StdEncoding.DecodeString(secret)
		return string(plain)
	}
	return secret
}

func (k *key) secret() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.text
}

// sent is the secret that a request carries where it belongs.
func (k *key) sent(x *exchange) string { return secretIn(k.scheme, x) }

// absent tells whether a request carries nothing at all that could be credentials.
func (k *key) absent(x *exchange) bool {
	if k.scheme.Type == "apiKey" {
		switch k.scheme.In {
		case "query":
			return !x.query.Has(k.scheme.Param)
		case "cookie":
			_, err := x.sent.Cookie(k.scheme.Param)
			return err != nil
		}
		_, there := x.header[http.CanonicalHeaderKey(k.scheme.Param)]
		return !there
	}
	_, there := x.header["Authorization"]
	return !there
}

// bare tells whether a request has nothing behind the scheme, or nothing at all, where the credential belongs.
func (k *key) bare(x *exchange) bool {
	if k.scheme.Type == "apiKey" {
		return k.sent(x) == ""
	}
	_, secret, _ := strings.Cut(x.header.Get("Authorization"), " ")
	return secret == "" && strings.EqualFold(strings.TrimSpace(x.header.Get("Authorization")), k.scheme.Authorization())
}

// present puts the credential that was learned into a request; false if none was.
func (k *key) present(x *exchange) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.text == "" {
		return false
	}
	for name, values := range k.header {
		x.header[name] = values
	}
	for name, values := range k.query {
		x.query[name] = values
	}
	return true
}

// letting lets in some requests that the inner server refuses for the lack of credentials.
func letting(in func(x *exchange, k *key) bool) func(*Place) spoiler {
	return func(p *Place) spoiler {
		k := newKey(p)
		if k == nil {
			return nil
		}
		return func(x *exchange) *answer {
			if x.op == nil || !guarded(x.op) || !in(x, k) {
				a := x.pass()
				k.learn(x, a)
				return a
			}
			y := *x
			y.header = x.header.Clone()
			a := y.pass()
			k.learn(x, a)
			if a.status != http.StatusUnauthorized && a.status != http.StatusForbidden || !k.present(x) {
				return a
			}
			return x.pass()
		}
	}
}
