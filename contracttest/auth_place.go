package contracttest

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"understudy/internal/contract"
)

// authPlace asks with the valid credential in another place than the documented one.
func authPlace(e *engine, op *contract.Operation) ([]*testCase, string) {
	r, need, why := e.guardedRead(op)
	if why != "" {
		return none(why)
	}
	var cases []*testCase
	for _, s := range need {
		for _, w := range e.places(op, s) {
			cases = append(cases, &testCase{
				subject: w.name,
				intent:  fmt.Sprintf("with the valid credential of %s in %s, and not where the document says: there it does not count", s.Name, w.name),
				steps:   plainly(r, r.sentAs(nobody), r.oddly().sentAs((&credential{}).instead(s, w))),
				judge:   func(r []result) outcome { return judgePlace(r, w.name) },
			})
		}
	}
	if len(cases) == 0 {
		return none("its credentials can stand in no other place")
	}
	return cases, ""
}

func judgePlace(r []result, name string) outcome {
	control, nobody, a := r[0].answer(), r[1].answer(), r[2].answer()
	if why := isControl(control); why != "" {
		return skip("%s", why)
	}
	switch {
	case nobody.ok():
		return skip("it needs no credentials at all")
	case a.ok():
		return broken(a, fmt.Sprintf("%d with the credential in %s", a.status, name), "401 or 403").signed("counts in " + name).
			because("a place that the document does not name leaks: addresses stand in logs, and cookies are sent by any site's pages")
	case denied(a) || turnedAway(a):
		return kept()
	}
	return skip("it is refused with %d, which need not be for the lack of credentials", a.status) // because of a parameter that is unknown, say
}

// places gives the places in which a credential does not count: none that any scheme of the document names, and no parameter of the operation.
func (e *engine) places(op *contract.Operation, s contract.Scheme) []wrongly {
	if s.Type == "mutualTLS" || s.Type == "http" && s.HTTP != "bearer" && !s.Told {
		return nil // such credentials are more than a secret
	}
	in := "header"
	if s.Type == "apiKey" {
		in = s.In
	}
	names := []string{"access_token", "token", "api_key"}
	if s.Param != "" && !slices.Contains(names, s.Param) {
		names = append(names, s.Param)
	}
	free := func(in string, names []string) []string {
		return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return e.isDeclared(op, in, name) })
	}
	var out []wrongly
	if in != "query" {
		if names := free("query", names); len(names) > 0 { // those that mean nothing are ignored, or refused, so all go at once
			out = append(out, wrongly{"the query", func(secret string, query url.Values, _ http.Header) {
				for _, name := range names {
					query.Set(name, secret)
				}
			}})
		}
	}
	var cookies []string
	if in != "cookie" {
		cookies = free("cookie", append([]string{"Authorization"}, names...))
	}
	others := []string{"X-Api-Key"}
	if s.Type == "apiKey" {
		others = []string{"Authorization", "X-Api-Key", s.Param}
	}
	if headers := free("header", others); len(headers)+len(cookies) > 0 {
		out = append(out, wrongly{"a cookie or another header", func(secret string, _ url.Values, header http.Header) {
			var all []string
			for _, name := range cookies {
				all = append(all, name+"="+cookieValue(secret))
			}
			if len(all) > 0 {
				header.Add("Cookie", strings.Join(all, "; "))
			}
			for _, name := range headers {
				if name == "Authorization" {
					header.Set(name, "Bearer "+secret)
				} else {
					header.Set(name, secret)
				}
			}
		}})
	}
	return out
}

// isDeclared tells whether a name in a place has a meaning by the document: for a security scheme of any operation, or as a parameter of this one.
func (e *engine) isDeclared(op *contract.Operation, in, name string) bool {
	if op.Parameter(in, name) != nil {
		return true
	}
	for _, other := range e.doc.Operations() {
		for _, need := range other.Security {
			for _, s := range need {
				if s.Type == "apiKey" && s.In == in && strings.EqualFold(s.Param, name) ||
					s.Type != "apiKey" && in == "header" && strings.EqualFold(name, "Authorization") {
					return true
				}
			}
		}
	}
	return false
}

// cookieValue writes a secret as a cookie's value: as it is, if it may be (RFC 6265 §4.1.1).
func cookieValue(secret string) string {
	if strings.ContainsFunc(secret, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`",;\`, r) }) {
		return url.QueryEscape(secret)
	}
	return secret
}
