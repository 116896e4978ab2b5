package mockserver_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/mockserver"
)

// TestAuth is who is let in, and what the others are told: always 403, in one shape.
func TestAuth(t *testing.T) {
	const (
		noToken   = `{"detail":"Authentication credentials were not provided."}`
		noBearer  = `{"detail":"Unsupported authentication type"}`
		malformed = `{"detail":"Malformed header"}`
		invalid   = `{"detail":"Token invalid/expired"}`
	)
	anybody := mockserver.Options{}
	known := mockserver.Options{Tokens: map[string]string{"s3cret": "ada_l", "other": ""}}
	open := mockserver.Options{NoAuth: true}
	for _, c := range []struct {
		says   string
		opts   mockserver.Options
		header string
		answer string // "" is let in
	}{
		{"any token", anybody, "Bearer x", ""},
		{"the scheme in small letters", anybody, "bearer x", ""},
		{"in capitals", anybody, "BEARER x", ""},
		{"a token with all its characters", anybody, "Bearer aZ09-._~+/==", ""},
		{"no header", anybody, "", noToken},
		{"no token", anybody, "Bearer", malformed},
		{"two tokens", anybody, "Bearer a b", malformed},
		{"two spaces", anybody, "Bearer  a", malformed},
		{"Basic", anybody, "Basic YTpi", noBearer},
		{"Token, as with plain REST framework", anybody, "Token x", noBearer},
		{"the token alone", anybody, "x", noBearer},
		{"a longer scheme", anybody, "Bearers x", noBearer},
		{"a token that is known", known, "Bearer s3cret", ""},
		{"another that is", known, "bearer other", ""},
		{"one that is not", known, "Bearer guess", invalid},
		{"the beginning of one", known, "Bearer s3cre", invalid},
		{"one and more", known, "Bearer s3cretx", invalid},
		{"one in capitals", known, "Bearer S3CRET", invalid},
		{"a user is no token", known, "Bearer ada_l", invalid},
		{"no header, tokens known", known, "", noToken},
		{"no token, tokens known", known, "Bearer", malformed},
		{"Basic, tokens known", known, "Basic s3cret", noBearer},
		{"open: no header", open, "", ""},
		{"open: anything", open, "Basic x", ""},
	} {
		t.Run(c.says, func(t *testing.T) {
			s := serve(t, c.opts)
			for _, k := range []call{
				{to: "", answer: "{…"},
				{to: first, answer: "{…"},
				{to: first + "used_by/", answer: "[]"},
				{to: nobody, status: 404, answer: notFound},
				{method: "HEAD", to: first},
				{method: "POST", body: `{"name":"n"}`, status: 201, answer: "{…"},
				{method: "PUT", to: second, body: `{"name":"n"}`, answer: "{…"},
				{method: "PATCH", to: second, body: `{}`, answer: "{…"},
				{method: "DELETE", to: last, status: 204},
			} {
				k.header = headers{"Authorization": c.header}
				if c.answer != "" {
					k.status, k.sends = http.StatusForbidden, headers{"Www-Authenticate": ""} // which belongs to 401
					if k.answer = c.answer; k.method == "HEAD" {
						k.answer = ""
					}
				}
				k.run(t, s)
			}
		})
	}
	runAll(t, serve(t, anybody), []call{
		{says: "who is not let in learns nothing: of a parameter", to: "?page=abc", header: headers{"Authorization": ""}, status: 403, answer: noToken},
		{says: "of an identifier", to: all + "abc/", header: headers{"Authorization": ""}, status: 403, answer: noToken},
		{says: "of an invitation", to: nobody, header: headers{"Authorization": ""}, status: 403, answer: noToken},
		{says: "of a body", method: "POST", header: headers{"Authorization": "", "Content-Type": "text/plain"}, body: "{", status: 403, answer: noToken},
	})
	t.Run("a token of nobody is told at the start", func(t *testing.T) {
		doc, err := document()
		require.NoError(t, err)
		_, err = mockserver.New(doc, &mockserver.Options{Data: load(t), Tokens: map[string]string{"x": "nobody"}})
		require.ErrorContains(t, err, "nobody")
	})
}
