package contracttest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/contracttest"
)

// turnstile lets in who has a token that it gave, for a number of requests; then it has expired. Behind it, holders are whom the mock knows.
type turnstile struct {
	next     http.Handler
	lasts    int // requests; 0: for ever
	status   int // of the answer to a token that has expired
	mu       sync.Mutex
	given    map[string]string // the mock's token, by the one that was given
	used     map[string]int
	logins   int
	inside   atomic.Int64 // logins at this moment
	overlaps atomic.Bool
	fails    bool // no more logins succeed
}

// login is the target's Login, as somebody.
func (d *turnstile) login(as string) contracttest.Login {
	return func(context.Context) (string, error) {
		if d.inside.Add(1) > 1 {
			d.overlaps.Store(true)
		}
		defer d.inside.Add(-1)
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.fails {
			return "", errors.New("the account is locked")
		}
		d.logins++
		token := fmt.Sprintf("session-%d-%s", d.logins, as)
		d.given[token] = as
		return token, nil
	}
}

func (d *turnstile) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if scheme != "Bearer" {
		token = ""
	}
	d.mu.Lock()
	as := d.given[token]
	d.used[token]++
	expired := as != "" && d.lasts > 0 && d.used[token] > d.lasts
	d.mu.Unlock()
	switch {
	case expired:
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("WWW-Authenticate", "Bearer")
		w.WriteHeader(d.status)
		fmt.Fprint(w, `{"detail": "the token has expired"}`)
		return
	case as != "":
		r.Header.Set("Authorization", "Bearer "+as)
	}
	d.next.ServeHTTP(w, r)
}

func newTurnstile(next http.Handler, lasts, status int) *turnstile {
	return &turnstile{next: next, lasts: lasts, status: status, given: map[string]string{}, used: map[string]int{}}
}

// TestCredentialsAreRenewed: a check is the same whether its token lasts or not, whoever asks, however many at once; and nobody logs in more often than a token
// expires, whatever is refused on purpose.
func TestCredentialsAreRenewed(t *testing.T) {
	doc, mock := invitations(t)
	exclude := []string{"paging/depth"} // it depends on time
	want := check(t, doc, contracttest.Target{Handler: mock, Token: mockToken, Second: map[string]string{"": secondToken}, Writes: true, Exclude: exclude})
	for _, x := range []struct{ lasts, status, workers int }{{0, 401, 8}, {25, 401, 1}, {25, 401, 8}, {60, 403, 8}} {
		mock.Reset()
		d := newTurnstile(mock, x.lasts, x.status)
		r := check(t, doc, contracttest.Target{
			Handler: d, Login: d.login(mockToken), SecondLogin: d.login(secondToken), Writes: true, Workers: x.workers, Exclude: exclude,
		})
		require.Equal(t, casesOf(want), casesOf(r), "%v", x)
		require.Empty(t, found(r), text(r))
		require.False(t, d.overlaps.Load(), "two logins at once")
		if x.lasts == 0 {
			require.Equal(t, 2, d.logins, "once for each identity")
		} else {
			require.Greater(t, d.logins, 5)
			require.LessOrEqual(t, d.logins, r.Requests/x.lasts+2)
		}
	}
}

// TestRefusedForGood: who is refused with a new credential, too, has not expired.
func TestRefusedForGood(t *testing.T) {
	doc, mock := invitations(t)
	for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden} {
		d := newTurnstile(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/used_by/") {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(status)
				_, _ = w.Write([]byte(`{"detail": "This is not for you."}`))
				return
			}
			mock.ServeHTTP(w, r)
		}), 0, 0)
		r := check(t, doc, contracttest.Target{Handler: d, Login: d.login(mockToken), Exclude: []string{"http/challenge", "auth/documented"}}) // it documents no 401
		require.Empty(t, found(r), text(r))
		require.LessOrEqual(t, d.logins, 5)
	}
}

// TestLoginFails: at the beginning nothing is sent; later, what was found out is told, and why the rest was not.
func TestLoginFails(t *testing.T) {
	doc, mock := invitations(t)
	d := newTurnstile(mock, 0, 0)
	d.fails = true
	r := check(t, doc, contracttest.Target{Handler: d, Login: d.login(mockToken)})
	require.Equal(t, "logging in failed: the account is locked", r.Stopped)
	require.Zero(t, r.Requests)
	require.Equal(t, 2, r.ExitStatus())
	r = check(t, doc, contracttest.Target{Handler: mock, Token: mockToken, SecondLogin: d.login(secondToken)})
	require.Equal(t, "logging in as the second identity failed: the account is locked", r.Stopped)

	d = newTurnstile(mock, 30, 401)
	login := d.login(mockToken)
	r = check(t, doc, contracttest.Target{Handler: d, Workers: 1, Login: func(ctx context.Context) (string, error) {
		token, err := login(ctx)
		d.fails = d.logins == 2
		return token, err
	}})
	require.Equal(t, "the credential has expired, and logging in again failed: the account is locked", r.Stopped)
	require.Equal(t, 2, r.ExitStatus())
	require.Empty(t, found(r), text(r))
	require.Greater(t, r.Count(contracttest.Kept), 20)
}

// TestRenewedSecretsAreNeverPrinted: neither those that have expired.
func TestRenewedSecretsAreNeverPrinted(t *testing.T) {
	doc, mock := invitations(t)
	d := newTurnstile(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.RawQuery, "name=") {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		mock.ServeHTTP(w, r)
	}), 10, 401)
	var tokens []string
	login := d.login(mockToken)
	r := check(t, doc, contracttest.Target{Handler: d, Login: func(ctx context.Context) (string, error) {
		token, err := login(ctx)
		tokens = append(tokens, token)
		return token, err
	}})
	require.NotEmpty(t, r.Findings)
	require.Greater(t, len(tokens), 3)
	var report bytes.Buffer
	require.NoError(t, r.JSON(&report))
	for _, token := range tokens {
		require.NotContains(t, report.String(), token)
		require.NotContains(t, text(r), token)
	}
}

// TestLoginRequest: what is sent to log in, and where the credential stands in the answer.
func TestLoginRequest(t *testing.T) {
	var got exchange
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = exchange{method: r.Method, uri: r.RequestURI, header: r.Header, body: string(body)}
		switch r.URL.Path {
		case "/oauth":
			fmt.Fprint(w, `{"token_type": "Bearer", "expires_in": 60, "access_token": "a1"}`)
		case "/inner":
			fmt.Fprint(w, `{"data": {"user": "x", "token": "a2"}}`)
		case "/deep":
			fmt.Fprint(w, `{"token": "no", "sessions": [{"id/x": "a3"}]}`)
		case "/cookie":
			http.SetCookie(w, &http.Cookie{Name: "sessionid", Value: "a4", Path: "/"})
			http.Redirect(w, r, "/home", http.StatusFound)
		case "/header":
			w.Header().Set("X-Subject-Token", "a5")
			w.WriteHeader(http.StatusCreated)
		case "/nothing":
			fmt.Fprint(w, `{"ok": true}`)
		case "/page":
			fmt.Fprint(w, `<html>`)
		default:
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprintf(w, `{"you sent": %q}`, body)
		}
	}))
	defer server.Close()
	get := func(l contracttest.LoginRequest) string {
		l.URL = server.URL + l.URL
		token, err := l.Get(t.Context())
		if err != nil {
			require.Empty(t, token)
			require.NotContains(t, err.Error(), "hunter2")
			return strings.ReplaceAll(err.Error(), server.URL, "")
		}
		return token
	}
	require.Equal(t, "a1", get(contracttest.LoginRequest{URL: "/oauth", Body: "grant_type=client_credentials&client_id=ci"}))
	require.Equal(t, "POST /oauth application/x-www-form-urlencoded grant_type=client_credentials&client_id=ci",
		fmt.Sprint(got.method, " ", got.uri, " ", got.header.Get("Content-Type"), " ", got.body))
	require.Equal(t, "a2", get(contracttest.LoginRequest{URL: "/inner", Body: `{"user": "ci"}`, Header: http.Header{"X-Tenant": {"7"}}}))
	require.Equal(t, "application/json 7", got.header.Get("Content-Type")+" "+got.header.Get("X-Tenant"))
	require.Equal(t, "a3", get(contracttest.LoginRequest{URL: "/deep", Token: "/sessions/0/id~1x", Method: "PUT"}))
	require.Equal(t, "PUT", got.method)
	require.Equal(t, "a4", get(contracttest.LoginRequest{URL: "/cookie", Token: "cookie:sessionid"}))
	require.Equal(t, "a5", get(contracttest.LoginRequest{URL: "/header", Token: "header:X-Subject-Token"}))

	require.Equal(t, "POST /wrong is answered with 401", get(contracttest.LoginRequest{URL: "/wrong", Body: "password=hunter2"}))
	require.Equal(t, "POST /nothing is answered with 200, but none of access_token, token, accessToken, access, jwt, id_token, key is in it: say where the token is",
		get(contracttest.LoginRequest{URL: "/nothing"}))
	require.Equal(t, "POST /nothing is answered with 200, but there is no text at /ok", get(contracttest.LoginRequest{URL: "/nothing", Token: "/ok"}))
	require.Equal(t, "POST /page is answered with 200, but not with JSON", get(contracttest.LoginRequest{URL: "/page"}))
	require.Equal(t, "POST /oauth is answered with 200, but without the cookie sid", get(contracttest.LoginRequest{URL: "/oauth", Token: "cookie:sid"}))
	require.Equal(t, "POST /oauth is answered with 200, but without the header X-T", get(contracttest.LoginRequest{URL: "/oauth", Token: "header:X-T"}))
}

// TestProbeHeader: each request says which case it is for, and the reports are the same as without.
func TestProbeHeader(t *testing.T) {
	doc, mock := invitations(t)
	exclude := []string{"paging/depth"}
	plain := check(t, doc, contracttest.Target{Handler: mock, Token: mockToken, Writes: true, Exclude: exclude})
	mock.Reset()
	rec := &recorder{next: mock}
	r := check(t, doc, contracttest.Target{Handler: rec, Token: mockToken, Writes: true, Exclude: exclude, ProbeHeader: "X-Understudy-Case"})
	require.Equal(t, casesOf(plain), casesOf(r))
	require.Equal(t, plain.Requests, r.Requests, "it makes no answers that could be shared into two")
	named := map[string]bool{}
	for _, x := range rec.all {
		name := x.header.Get("X-Understudy-Case")
		require.NotEmpty(t, name, x)
		named[name] = true
	}
	for _, name := range []string{"planning", "cleaning up", theList + "/auth/required (no credentials)", theList + "/filter/none/name=founder_-circle"} {
		require.True(t, named[name], name)
	}
	_, err := contracttest.Check(t.Context(), doc, contracttest.Target{Handler: mock, ProbeHeader: "X Case:"})
	require.ErrorContains(t, err, "is no name of a header")
}
