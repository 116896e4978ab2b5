package mockserver

import (
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"strings"

	"understudy/internal/contract"
)

// authorize lets the request in if it meets one of the operation's security requirements, and finds out who is calling.
func (x *exchange) authorize() *refusal {
	if x.authOff() || len(x.op.Security) == 0 {
		return nil
	}
	var worst *refusal
	for _, need := range x.op.Security {
		err := x.meets(need)
		if err == nil {
			return nil
		}
		if worst == nil || err.gravity > worst.gravity {
			worst = err
		}
	}
	return worst
}

func (x *exchange) meets(need contract.Requirement) *refusal {
	for _, scheme := range need {
		if err := x.check(scheme); err != nil {
			return err
		}
	}
	return nil
}

// check looks for the credentials of one scheme.
func (x *exchange) check(s contract.Scheme) *refusal {
	if s.Type == "mutualTLS" {
		return nil // not seen here
	}
	if s.Type == "apiKey" {
		key, found := x.apiKey(s)
		switch {
		case !found:
			return credentials(s, "missing", 0, "no credentials: send the "+s.In+" parameter "+s.Param)
		case key == "":
			return credentials(s, "malformed", 2, "the key in "+s.Param+" is empty")
		}
		return x.known(s, key)
	}
	wanted := "Bearer"
	if s.Type == "http" && s.HTTP != "" && s.HTTP != "bearer" {
		wanted = strings.ToUpper(s.HTTP[:1]) + s.HTTP[1:]
	}
	header := x.r.Header.Get("Authorization")
	if header == "" {
		return credentials(s, "missing", 0, "no credentials: send the header Authorization: "+wanted+" TOKEN")
	}
	scheme, token, _ := strings.Cut(header, " ")
	switch {
	case !strings.EqualFold(scheme, wanted): // RFC 9110 §11.1: the scheme is case-insensitive
		return credentials(s, "scheme", 1, "the header Authorization begins with "+scheme+", not with "+wanted)
	case token == "" || strings.ContainsAny(token, " \t"):
		return credentials(s, "malformed", 2, "the header Authorization is not "+wanted+", one space, and a token without spaces")
	}
	if wanted == "Basic" {
		pair, err := base64.StdEncoding.DecodeString(token)
		user, password, ok := strings.Cut(string(pair), ":")
		if err != nil || !ok {
			return credentials(s, "malformed", 2, "the header Authorization is not Basic and base64 of user:password (RFC 7617)")
		}
		if of := x.server.opts.Tokens[password]; of != "" && of != user {
			return credentials(s, "invalid", 3, "the password is that of another user")
		}
		token = password
	}
	return x.known(s, token)
}

func (x *exchange) apiKey(s contract.Scheme) (string, bool) {
	switch s.In {
	case "query":
		v := x.r.URL.Query()
		return v.Get(s.Param), v.Has(s.Param)
	case "cookie":
		c, err := x.r.Cookie(s.Param)
		if err != nil {
			return "", false
		}
		return c.Value, true
	}
	v := x.r.Header.Values(s.Param)
	return strings.Join(v, ","), len(v) > 0
}

// known accepts any token, or only those given.
func (x *exchange) known(s contract.Scheme, token string) *refusal {
	tokens := x.server.opts.Tokens
	if len(tokens) == 0 {
		return nil
	}
	for t, user := range tokens {
		if subtle.ConstantTimeCompare([]byte(t), []byte(token)) == 1 {
			x.caller = user
			return nil
		}
	}
	return credentials(s, "invalid", 3, "the token is none of those given with --token")
}

func credentials(s contract.Scheme, what string, gravity int, text string) *refusal {
	challenge := "Bearer"
	if s.Type == "http" && s.HTTP != "" {
		challenge = strings.ToUpper(s.HTTP[:1]) + s.HTTP[1:]
	}
	return &refusal{
		cause: unauthenticated, keyword: "credentials/" + what, text: text, gravity: gravity,
		header: http.Header{"Www-Authenticate": {challenge}},
	}
}
