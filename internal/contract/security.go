package contract

import (
	"cmp"
	"encoding/base64"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// Requirement is one way to be let in: all of its schemes at once. An empty one lets everybody in.
type Requirement []Scheme

// Scheme is a security scheme.
type Scheme struct {
	Name  string // in the document
	Type  string // "http", "apiKey", "oauth2", "openIdConnect" or "mutualTLS"
	HTTP  string // for http: "bearer", "basic", …, in lower case; as it is written where Told
	In    string // for apiKey: "header", "query" or "cookie"
	Param string // for apiKey: its name
	Told  bool   // it is declared as an apiKey in Authorization, of which the description says with which scheme it begins: a token follows
}

// saysScheme finds the scheme that a key in Authorization begins with, by its description: `with required prefix "Token"`, "Authorization: Bearer {token}".
var saysScheme = regexp.MustCompile("(?i)\\bprefix(?:ed)?(?: (?:with|by|of|is))? ?[\"'`“](\\w[\\w-]*) ?[\"'`”]|\\bauthorization: ?(\\w[\\w-]*) [<{\\[$]|[\"'`“](\\w[\\w-]*) [<{]\\w*(?:token|key|jwt)\\w*[>}]")

// withScheme gives a key in the header Authorization as a token of the scheme that its description names; other schemes as they are.
func (s Scheme) withScheme(description string) Scheme {
	if s.Type != "apiKey" || s.In != "header" || !strings.EqualFold(s.Param, "Authorization") {
		return s
	}
	m := saysScheme.FindStringSubmatch(description)
	if m == nil {
		return s
	}
	name := cmp.Or(m[1], m[2], m[3])
	switch strings.ToLower(name) {
	case "basic":
		return s
	case "bearer":
		name = "bearer"
	}
	return Scheme{Name: s.Name, Type: "http", HTTP: name, Told: true}
}

// Bare gives a secret without the scheme before it, which [Scheme.Present] adds.
func (s Scheme) Bare(secret string) string {
	if before, token, ok := strings.Cut(secret, " "); ok && (s.Told || s.Authorization() == "Bearer" && s.Type != "apiKey") && strings.EqualFold(before, s.Authorization()) {
		return token
	}
	return secret
}

// Authorization is the scheme that credentials in the Authorization header begin with (RFC 9110 §11.1); case does not count.
func (s Scheme) Authorization() string {
	switch {
	case s.HTTP == "basic":
		return "Basic"
	case s.Type == "http" && s.HTTP != "" && s.HTTP != "bearer":
		return s.HTTP
	}
	return "Bearer"
}

// Present puts a secret where its scheme wants it; of basic that is "user:password". One for mutual TLS stands in no message.
func (s Scheme) Present(secret string, query url.Values, header http.Header) {
	switch {
	case s.Type == "mutualTLS":
	case s.Type == "apiKey" && s.In == "query":
		query.Set(s.Param, secret)
	case s.Type == "apiKey" && s.In == "cookie":
		header.Add("Cookie", s.Param+"="+url.QueryEscape(secret))
	case s.Type == "apiKey":
		header.Set(s.Param, secret)
	case s.HTTP == "basic":
		header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(secret)))
	default:
		header.Set("Authorization", s.Authorization()+" "+secret)
	}
}
