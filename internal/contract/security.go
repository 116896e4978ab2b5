package contract

import (
	"encoding/base64"
	"net/http"
	"net/url"
)

// Requirement is one way to be let in: all of its schemes at once. An empty one lets everybody in.
type Requirement []Scheme

// Scheme is a security scheme.
type Scheme struct {
	Name  string // in the document
	Type  string // "http", "apiKey", "oauth2", "openIdConnect" or "mutualTLS"
	HTTP  string // for http: "bearer", "basic", …, in lower case
	In    string // for apiKey: "header", "query" or "cookie"
	Param string // for apiKey: its name
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
