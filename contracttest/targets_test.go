package contracttest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"understudy/contracttest"
)

// TestNobodyThere: a port at which nothing listens.
func TestNobodyThere(t *testing.T) {
	doc, _ := invitations(t)
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	r := check(t, doc, contracttest.Target{URL: server.URL + "/api/v3", Token: mockToken, Writes: true})
	require.Equal(t, 2, r.ExitStatus())
	require.Regexp(t, `^no request was answered: .*refused`, r.Stopped)
	require.Empty(t, r.Findings)
	require.Less(t, r.Requests, 20)
	require.Contains(t, text(r), "COULD NOT TELL whether "+server.URL+"/api/v3 keeps its contract: no request was answered: ")
}

// TestTargetsThatAreNone are refused before anything is sent.
func TestTargetsThatAreNone(t *testing.T) {
	doc, mock := invitations(t)
	for target, want := range map[string]string{
		"":                               "no target",
		"localhost:8000":                 "begins with http://",
		"ftp://localhost":                "begins with http://",
		"http://":                        "begins with http://",
		"http://localhost:8000/?page=1":  "has a query",
		"http://localhost:8000/#anchor":  "has a query or a fragment",
		"http://local host/":             "is no URL",
		"http://localhost:8000/a\x00b":   "is no URL",
		"http://localhost:notaport/path": "is no URL",
	} {
		_, err := contracttest.Check(t.Context(), doc, contracttest.Target{URL: target})
		require.ErrorContains(t, err, want, target)
	}
	_, err := contracttest.Check(t.Context(), doc, contracttest.Target{Handler: mock, Include: []string{"nothing-like-that"}})
	require.ErrorContains(t, err, "no operation is left to check")
	_, err = contracttest.Check(t.Context(), doc, contracttest.Target{Handler: mock, Exclude: []string{"[a"}})
	require.ErrorContains(t, err, "is no pattern")
}

// TestWrongBase: everything is answered with 404, and where the service most likely is, is said.
func TestWrongBase(t *testing.T) {
	doc, mock := invitations(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/api/v3/") { // the mock plays at the root, too
			http.NotFound(w, r)
			return
		}
		mock.ServeHTTP(w, r)
	}))
	defer server.Close()
	for _, path := range []string{"", "/", "/api/v2", "/api"} {
		r := check(t, doc, contracttest.Target{URL: server.URL + path, Token: mockToken, Writes: true})
		require.Equal(t, 2, r.ExitStatus(), "%s: %s", path, text(r))
		require.Equal(t, "everything is answered with 404: the base URL is most likely wrong: try "+server.URL+"/api/v3", r.Stopped, path)
		require.Empty(t, found(r))
		require.Less(t, r.Requests, 20)
	}
	nothing := check(t, doc, contracttest.Target{Handler: http.NotFoundHandler(), Token: mockToken, Writes: true})
	require.Equal(t, "everything is answered with 404: the base URL is most likely wrong", nothing.Stopped)
	require.Equal(t, 2, nothing.ExitStatus())
}

// TestExpiredToken: everything is refused, and that is said; nothing is called broken.
func TestExpiredToken(t *testing.T) {
	doc, mock := invitations(t)
	for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden, 0} { // 0: as the mock has it
		refuse := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if status == 0 {
				mock.ServeHTTP(w, r)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			fmt.Fprint(w, `{"detail": "Token invalid/expired"}`)
		})
		r := check(t, doc, contracttest.Target{Handler: refuse, Token: "expired-since-may", Writes: true})
		require.Equal(t, "everything is refused with 401 or 403: the credentials are missing, wrong or expired", r.Stopped)
		require.Less(t, r.Requests, 20)
		require.Empty(t, found(r))
		require.Equal(t, 2, r.ExitStatus())
	}
}

// TestHTML: a page for people, with 200.
func TestHTML(t *testing.T) {
	doc, _ := invitations(t)
	page := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, "<!doctype html><title>Welcome to nginx!</title>")
	})
	r := check(t, doc, contracttest.Target{Handler: page, Token: mockToken, Writes: true})
	require.Equal(t, 1, r.ExitStatus(), text(r))
	require.Contains(t, rulesOf(r), "conform/media-type")
	require.Equal(t, "everything is answered with a web page: the base URL is most likely wrong", r.Stopped)
	require.Empty(t, r.Leftovers)
}

func rulesOf(r *contracttest.Report) []string {
	var rules []string
	for _, f := range r.Findings {
		rules = append(rules, f.Rule)
	}
	return rules
}

// TestEndlessBody: what never ends is given up after a bound, and the check soon.
func TestEndlessBody(t *testing.T) {
	doc, _ := invitations(t)
	chunk := bytes.Repeat([]byte(`{"pagination": {`), 1<<14)
	endless := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for r.Context().Err() == nil {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	r := check(t, doc, contracttest.Target{Handler: endless, Token: mockToken, Writes: true})
	require.Equal(t, 2, r.ExitStatus(), text(r))
	require.Regexp(t, `^no request was answered: the answer has more than 16 MB`, r.Stopped)
	require.Empty(t, found(r))
	require.Less(t, r.Requests, 20)
}

// TestSlowServer: one that never answers is given up after a few requests.
func TestSlowServer(t *testing.T) {
	doc, _ := invitations(t)
	slow := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	r := check(t, doc, contracttest.Target{Handler: slow, Token: mockToken, Writes: true, Timeout: 20 * time.Millisecond})
	require.Equal(t, 2, r.ExitStatus(), text(r))
	require.Equal(t, "no request was answered: it took too long", r.Stopped)
	require.Less(t, r.Requests, 20)
}

// cut sends the beginning of an answer, and closes the connection.
func cut(w http.ResponseWriter) {
	conn, buffered, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	fmt.Fprint(buffered, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"pagination\": {\"cou")
	_ = buffered.Flush()
	_ = conn.Close()
}

// TestConnectionCut: answers that break off are no answers.
func TestConnectionCut(t *testing.T) {
	doc, mock := invitations(t)
	r := check(t, doc, contracttest.Target{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { cut(w) }), Token: mockToken, Writes: true})
	require.Equal(t, 2, r.ExitStatus(), text(r))
	require.Regexp(t, `^no request was answered: the answer broke off after \d+ bytes: unexpected EOF$`, r.Stopped)
	require.Empty(t, found(r))

	// only what is filtered breaks off: the rest is checked
	some := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("name") != "" {
			cut(w)
			return
		}
		mock.ServeHTTP(w, r)
	})
	r = check(t, doc, contracttest.Target{Handler: some, Token: mockToken, Workers: 1})
	require.Empty(t, found(r))
	require.Greater(t, r.Count(contracttest.Kept), 100)
	require.Contains(t, text(r), "the answer broke off after")
}

// TestDiesHalfWay: what was found out until then is kept, and that it ended is said.
func TestDiesHalfWay(t *testing.T) {
	doc, mock := invitations(t)
	for _, writes := range []bool{false, true} {
		var n atomic.Int64
		dying := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if n.Add(1) > 120 {
				conn, _, err := w.(http.Hijacker).Hijack()
				if err != nil {
					panic(err)
				}
				_ = conn.Close()
				return
			}
			mock.ServeHTTP(w, r)
		})
		r := check(t, doc, contracttest.Target{Handler: dying, Token: mockToken, Writes: writes})
		require.Equal(t, 2, r.ExitStatus(), text(r))
		require.Equal(t, "the target no longer answers", r.Stopped)
		require.Empty(t, found(r))
		require.Greater(t, r.Count(contracttest.Kept), 40)
		require.Less(t, r.Requests, 180)
		require.Contains(t, text(r), "COULD NOT TELL")
	}
}

// TestBrokenThenDead: what was found stays found.
func TestBrokenThenDead(t *testing.T) {
	doc, mock := invitations(t)
	var nobody atomic.Int64
	dying := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if nobody.Load() > 12 { // it was asked often enough to know, by then
			panic(http.ErrAbortHandler)
		}
		if r.Method == http.MethodGet && r.Header.Get("Authorization") == "" {
			nobody.Add(1)
			r.Header.Set("Authorization", "Bearer "+mockToken) // nobody has to say who he is
		}
		mock.ServeHTTP(w, r)
	})
	r := check(t, doc, contracttest.Target{Handler: dying, Token: mockToken, Workers: 1})
	require.Equal(t, 1, r.ExitStatus(), text(r))
	require.Equal(t, "the target no longer answers", r.Stopped)
	require.Contains(t, rulesOf(r), "auth/required")
}

// TestInterrupted: what was created is taken away, whenever the check is stopped.
func TestInterrupted(t *testing.T) {
	doc, mock := invitations(t)
	before := items(t, mock)
	for _, after := range []int{1, 4, 5, 200, 230, 301, 401} {
		mock.Reset()
		ctx, cancel := context.WithCancelCause(t.Context())
		var mu sync.Mutex
		n, posts := 0, 0
		stop := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mock.ServeHTTP(w, r)
			mu.Lock()
			defer mu.Unlock()
			n++
			if r.Method == http.MethodPost {
				posts++
			}
			if n == after {
				cancel(errors.New("Ctrl-C"))
			}
		})
		r, err := contracttest.Check(ctx, doc, contracttest.Target{Handler: stop, Token: mockToken, Writes: true, Workers: 1})
		require.NoError(t, err)
		require.Equal(t, "it was stopped: Ctrl-C", r.Stopped, after)
		require.NotZero(t, r.ExitStatus())
		require.True(t, before == items(t, mock), "after %d requests, %d creates: left behind: %v", after, posts, r.Leftovers)
		require.Empty(t, r.Leftovers)
	}
}

// TestSecretsAreNeverPrinted: not even where a target sends them back.
func TestSecretsAreNeverPrinted(t *testing.T) {
	doc, _ := invitations(t)
	const other, cookie, password = "wordless-quartz", "biscuit-of-mine", "passw0rd-of-all"
	parrot := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.Method != http.MethodGet {
			w.WriteHeader(http.StatusBadRequest)
		}
		fmt.Fprintf(w, `{"pagination": {"count": 1, "headers": %q}, "results": [{"pk": %q, "name": %q}]}`, fmt.Sprint(r.Header), r.Header.Get("Authorization"), r.URL.String())
	})
	server := httptest.NewServer(parrot)
	defer server.Close()
	for _, dry := range []bool{false, true} {
		r := check(t, doc, contracttest.Target{
			URL: strings.Replace(server.URL, "http://", "http://admin:"+password+"@", 1) + "/api/v3", Token: mockToken, Second: map[string]string{"": secondToken},
			Header: http.Header{"X-Api-Key": {other}, "Cookie": {cookie}}, Writes: true, DryRun: dry,
		})
		var report bytes.Buffer
		require.NoError(t, r.JSON(&report))
		if !dry {
			require.NotEmpty(t, r.Findings)
		}
		for _, secret := range []string{mockToken, secondToken, other, cookie, password} {
			for _, printed := range []string{text(r), report.String()} {
				before, after, leaked := strings.Cut(printed, secret)
				require.False(t, leaked, "…%.500s…", before[max(len(before)-300, 0):]+"<HERE>"+after)
			}
		}
	}
}

// TestMaxRequests: the budget is kept, and what was found out with it is told.
func TestMaxRequests(t *testing.T) {
	doc, mock := invitations(t)
	before := items(t, mock)
	for _, most := range []int{1, 10, 100, 400} {
		rec := &recorder{next: mock}
		r := check(t, doc, contracttest.Target{Handler: rec, Token: mockToken, Writes: true, MaxRequests: most})
		require.LessOrEqual(t, len(rec.all), most+2, "what was created is taken away")
		require.Equal(t, 2, r.ExitStatus())
		require.Equal(t, "the budget of requests is used up", r.Stopped)
		require.Empty(t, found(r))
		require.True(t, before == items(t, mock), "something is left behind after %d requests", most)
	}
}

// TestMaxTime: it ends when the time is up.
func TestMaxTime(t *testing.T) {
	doc, mock := invitations(t)
	r := check(t, doc, contracttest.Target{Handler: mock, Token: mockToken, Writes: true, MaxTime: 30 * time.Millisecond})
	require.Equal(t, "it was stopped: the time is up", r.Stopped)
	require.Equal(t, 2, r.ExitStatus())
	require.Empty(t, r.Leftovers)
}

// TestRate: no more requests a second than were allowed.
func TestRate(t *testing.T) {
	doc, mock := invitations(t)
	r := check(t, doc, contracttest.Target{Handler: mock, Token: mockToken, Include: []string{theList, "conform/*"}, Rate: 100})
	require.Greater(t, r.Requests, 2)
	require.GreaterOrEqual(t, r.Took, time.Duration(r.Requests-1)*10*time.Millisecond)
}

// TestMaxWalk: no more items of a list are read than were allowed.
func TestMaxWalk(t *testing.T) {
	doc, mock := invitations(t)
	rec := &recorder{next: mock}
	r := check(t, doc, contracttest.Target{Handler: rec, Token: mockToken, Include: []string{theList}, Exclude: []string{"value/*"}, MaxWalk: 20})
	require.Empty(t, found(r), text(r))
	for _, x := range rec.all {
		require.NotContains(t, x.uri, "page_size=100&")
		require.False(t, strings.HasSuffix(x.uri, "page_size=100"), x.uri)
	}
}

// TestRetryAfter: who asks to wait is waited for, and asked again.
func TestRetryAfter(t *testing.T) {
	doc, mock := invitations(t)
	for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
		var n atomic.Int64
		busy := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if n.Add(1)%3 == 0 {
				w.Header().Set("Retry-After", "0")
				w.WriteHeader(status)
				return
			}
			mock.ServeHTTP(w, r)
		})
		r := check(t, doc, contracttest.Target{Handler: busy, Token: mockToken, Include: []string{theList}, Workers: 1})
		require.Empty(t, found(r), text(r))
		require.Empty(t, r.Stopped)
		require.Greater(t, r.Count(contracttest.Kept), 120)
	}
	// a second is a second
	var first atomic.Bool
	r := check(t, doc, contracttest.Target{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if first.CompareAndSwap(false, true) {
				w.Header().Set("Retry-After", "1")
				w.WriteHeader(http.StatusTooManyRequests)
				return
			}
			mock.ServeHTTP(w, r)
		}), Token: mockToken, Include: []string{theList, "conform/status"},
	})
	require.GreaterOrEqual(t, r.Took, time.Second)
	require.Zero(t, r.ExitStatus())
}

// TestAlwaysBusy: a target that asks to wait again and again has not broken anything.
func TestAlwaysBusy(t *testing.T) {
	doc, _ := invitations(t)
	busy := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "0")
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	r := check(t, doc, contracttest.Target{Handler: busy, Token: mockToken, Writes: true})
	require.Equal(t, 2, r.ExitStatus(), text(r))
	require.Empty(t, found(r))
}

// TestExcludeIsAbsolute: what is left out is not sent, not even to plan, to confirm or to clean up.
func TestExcludeIsAbsolute(t *testing.T) {
	doc, mock := invitations(t)
	for _, c := range []struct {
		include, exclude []string
		never            func(x exchange) bool
	}{
		{nil, []string{"DELETE"}, func(x exchange) bool { return x.method == http.MethodDelete }},
		{nil, []string{"POST"}, func(x exchange) bool { return x.method == http.MethodPost }},
		{nil, []string{"put"}, func(x exchange) bool { return x.method == http.MethodPut }},
		{[]string{"GET"}, nil, func(x exchange) bool { return !isRead(x.method) }},
		{nil, []string{"/stages/*"}, func(x exchange) bool { return strings.Contains(x.uri, "/stages/") }},
		{nil, []string{theList}, func(x exchange) bool {
			path, _, _ := strings.Cut(x.uri, "?")
			return x.method == http.MethodGet && strings.HasSuffix(path, "/invitations/")
		}},
	} {
		rec := &recorder{next: mock}
		r, err := contracttest.Check(t.Context(), doc, contracttest.Target{Handler: rec, Token: mockToken, Writes: true, Include: c.include, Exclude: c.exclude})
		if err != nil {
			require.ErrorContains(t, err, "no operation is left")
		} else {
			require.Empty(t, found(r), text(r))
			require.Empty(t, r.Leftovers)
		}
		for _, x := range rec.all {
			require.False(t, c.never(x), "%v: %s", c.exclude, x)
		}
	}
}

// TestSpacesInJSON: white space is not looked at.
func TestSpacesInJSON(t *testing.T) {
	doc, mock := invitations(t)
	spaced := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		mock.ServeHTTP(answer, r)
		body := answer.Body.Bytes()
		var b bytes.Buffer
		if json.Indent(&b, body, " ", "\t") == nil && r.Method != http.MethodHead {
			body = append([]byte("\n"), b.Bytes()...)
			answer.Header().Del("Content-Length")
		}
		maps.Copy(w.Header(), answer.Header())
		w.WriteHeader(answer.Code)
		_, _ = w.Write(body) // the client may have left
	})
	plain := check(t, doc, contracttest.Target{Handler: mock, Token: mockToken, Include: []string{theList}})
	r := check(t, doc, contracttest.Target{Handler: spaced, Token: mockToken, Include: []string{theList}, Exclude: []string{"http/head"}})
	require.Empty(t, found(r), text(r))
	require.Equal(t, plain.Count(contracttest.Kept)-1, r.Count(contracttest.Kept))
}

// TestAnnouncedAnswers: what is answered behind 102 is the answer (RFC 9110 §15.2), to HEAD, too.
func TestAnnouncedAnswers(t *testing.T) {
	doc, mock := invitations(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusProcessing)
		mock.ServeHTTP(w, r)
	}))
	defer server.Close()
	r := check(t, doc, contracttest.Target{URL: server.URL + "/api/v3", Token: mockToken, Include: []string{"http/*"}})
	require.Empty(t, r.Findings)
	require.NotContains(t, text(r), "102")
}
