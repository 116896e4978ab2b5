package contracttest_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/contracttest"
)

// locked is a document of one list behind a security scheme, and of an operation that is open.
const locked = `
openapi: 3.0.3
info: {title: Locked, version: "1"}
components:
  securitySchemes:
    door: {%s}
security: [{door: []}]
paths:
  /things:
    get:
      operationId: list_things
      responses:
        "200": {description: "", content: {application/json: {schema: {type: array, items: {type: object, properties: {id: {type: integer}, name: {type: string}}}}}}}
        "401": {description: ""}
  /up:
    get:
      operationId: up
      security: []
      responses: {"200": {description: ""}}
`

// door is a server's own check of who asks.
type door func(r *http.Request) bool

func (d door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		w.WriteHeader(http.StatusMethodNotAllowed)
	case r.URL.Path == "/up":
		w.WriteHeader(http.StatusOK)
	case !d(r):
		w.Header().Set("WWW-Authenticate", "Any")
		w.WriteHeader(http.StatusUnauthorized)
	default:
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `[{"id":1,"name":"one"},{"id":2,"name":"two"}]`)
	}
}

func TestDoors(t *testing.T) {
	const (
		basic  = "type: http, scheme: basic"
		header = "type: apiKey, in: header, name: X-Key"
		query  = "type: apiKey, in: query, name: key"
		cookie = "type: apiKey, in: cookie, name: sid"
		word   = `type: apiKey, in: header, name: Authorization, description: 'Token-based authentication with required prefix "Token"'`
		secret = "amy:SeCret-77"
	)
	by := func(f func(r *http.Request) string) door {
		return func(r *http.Request) bool { return f(r) == secret }
	}
	ofBasic := func(r *http.Request) string { name, word, _ := r.BasicAuth(); return name + ":" + word }
	ofCookie := func(r *http.Request) string {
		if c, err := r.Cookie("sid"); err == nil {
			return strings.ReplaceAll(c.Value, "%3A", ":")
		}
		return ""
	}
	for name, c := range map[string]struct {
		scheme string
		door   door
		broken string // the rule and the subject's sign; "" is honest
	}{
		"basic":                {basic, by(ofBasic), ""},
		"basic, name only":     {basic, func(r *http.Request) bool { name, _, _ := r.BasicAuth(); return name == "amy" }, "auth/checked"},
		"basic, any case":      {basic, func(r *http.Request) bool { return strings.EqualFold(ofBasic(r), secret) }, "auth/checked"},
		"header":               {header, by(func(r *http.Request) string { return r.Header.Get("X-Key") }), ""},
		"header, there at all": {header, func(r *http.Request) bool { return r.Header["X-Key"] != nil }, "auth/checked"},
		"header, not asked":    {header, func(*http.Request) bool { return true }, "auth/required"},
		"header, or query":     {header, by(func(r *http.Request) string { return r.Header.Get("X-Key") + r.URL.Query().Get("token") }), "auth/place"},
		"query":                {query, by(func(r *http.Request) string { return r.URL.Query().Get("key") }), ""},
		"query, or header":     {query, by(func(r *http.Request) string { return r.URL.Query().Get("key") + r.Header.Get("X-Api-Key") }), "auth/place"},
		"query, beginning only": {query, func(r *http.Request) bool {
			return len(r.URL.Query().Get("key")) > 5 && strings.HasPrefix(secret, r.URL.Query().Get("key")) || r.URL.Query().Get("key") == secret
		}, "auth/checked"},
		"cookie": {cookie, by(ofCookie), ""},
		"word":   {word, func(r *http.Request) bool { return r.Header.Get("Authorization") == "Token "+secret }, ""},
		"word, or another": {word, func(r *http.Request) bool {
			_, sent, _ := strings.Cut(r.Header.Get("Authorization"), " ")
			return sent == secret
		}, "auth/checked"},
		"nobody gets in": {header, func(*http.Request) bool { return false }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			report, err := contracttest.Check(context.Background(), openText(t, fmt.Sprintf(locked, c.scheme)), contracttest.Target{
				Handler: c.door, Token: secret, Include: []string{"auth/*", "http/*"},
			})
			require.NoError(t, err)
			text := text(report)
			require.NotContains(t, text, "SeCret-7", "a secret is shown")
			if c.broken == "" {
				require.Empty(t, report.Findings, text)
				return
			}
			require.NotEmpty(t, report.Findings, text)
			for _, f := range report.Findings {
				require.Equal(t, c.broken, f.Rule, text)
			}
		})
	}
}

// TestStowaway: where a header may be a credential that the document does not know, nothing is said of what happens without credentials.
func TestStowaway(t *testing.T) {
	open := door(func(r *http.Request) bool { return r.Header.Get("Authorization") == "Token abc" })
	report, err := contracttest.Check(context.Background(), openText(t, fmt.Sprintf(locked, "type: http, scheme: bearer")), contracttest.Target{
		Handler: open, Header: http.Header{"Authorization": {"Token abc"}}, Include: []string{"auth/*"},
	})
	require.NoError(t, err)
	require.Empty(t, report.Findings, text(report))
	require.Contains(t, text(report), "may be a credential")
}
