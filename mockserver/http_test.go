package mockserver_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"understudy/mockserver"
)

const allowedOnAll, allowedOnOne = "GET, POST, HEAD, OPTIONS", "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"

// TestHead is GET without the body: the status and every header are the same.
func TestHead(t *testing.T) {
	s := serve(t, mockserver.Options{})
	for _, to := range []string{
		all, all + "?page=2&page_size=3", all + "?name=nobody", all + "?page=abc", first, first + "used_by/", nobody, all + "abc/", "/nowhere",
	} {
		t.Run(to, func(t *testing.T) {
			get, head := s.get(t, to), s.send(t, http.MethodHead, base+to, nil, "")
			require.Equal(t, get.status, head.status)
			require.NotEmpty(t, get.body)
			require.Empty(t, head.body)
			get.header.Del("Date")
			head.header.Del("Date")
			require.Equal(t, get.header, head.header)
		})
	}
}

// TestMethods is what other methods than the documented ones get.
func TestMethods(t *testing.T) {
	s := serve(t, mockserver.Options{})
	const detail = `{"detail":"Method \"%\" not allowed."}`
	not := func(method string) string { return strings.Replace(detail, "%", method, 1) }
	runAll(t, s, []call{
		{says: "OPTIONS on the list", method: "OPTIONS", to: "", sends: headers{"Allow": allowedOnAll}, answer: "…"},
		{says: "OPTIONS on one", method: "OPTIONS", to: first, sends: headers{"Allow": allowedOnOne}, answer: "…"},
		{says: "OPTIONS on one that is not there", method: "OPTIONS", to: nobody, sends: headers{"Allow": allowedOnOne}, answer: "…"},
		{says: "OPTIONS on what refers to it", method: "OPTIONS", to: first + "used_by/", sends: headers{"Allow": "GET, HEAD, OPTIONS"}, answer: "…"},
		{says: "OPTIONS asks nobody for credentials", method: "OPTIONS", to: "", header: headers{"Authorization": ""}, sends: headers{"Allow": allowedOnAll}, answer: "…"},
		{says: "DELETE of the list", method: "DELETE", to: "", status: 405, sends: headers{"Allow": allowedOnAll}, answer: not("DELETE")},
		{says: "PUT of the list", method: "PUT", to: "", body: `{}`, status: 405, sends: headers{"Allow": allowedOnAll}, answer: not("PUT")},
		{says: "PATCH of the list", method: "PATCH", to: "", body: `{}`, status: 405, sends: headers{"Allow": allowedOnAll}, answer: not("PATCH")},
		{says: "POST to one", method: "POST", to: first, body: `{}`, status: 405, sends: headers{"Allow": allowedOnOne}, answer: not("POST")},
		{says: "POST to what refers to it", method: "POST", to: first + "used_by/", status: 405, sends: headers{"Allow": "GET, HEAD, OPTIONS"}, answer: not("POST")},
		{says: "TRACE", method: "TRACE", to: "", status: 405, sends: headers{"Allow": allowedOnAll}, answer: not("TRACE")},
		{says: "a method nobody knows", method: "BREW", to: first, status: 405, sends: headers{"Allow": allowedOnOne}, answer: not("BREW")},
		{says: "methods are in capitals (RFC 9110 §9.1)", method: "get", to: "", status: 405, sends: headers{"Allow": allowedOnAll}, answer: not("get")},
		{says: "nothing happened", to: "", list: "1 6 2 5 4 7 3", pages: pages{0, 0, 7, 1, 1, 1, 7}},
	})
}

// TestNegotiation is what is said of the headers Accept, Content-Type and Content-Encoding, and of bodies that are too large.
func TestNegotiation(t *testing.T) {
	const unacceptable = `{"detail":"Could not satisfy the request Accept header."}`
	type accepts struct {
		header string
		status int
	}
	s := serve(t, mockserver.Options{MaxBody: 100})
	for _, c := range []accepts{
		{"application/json", 200},
		{"*/*", 200},
		{"application/*", 200},
		{"text/html, application/json;q=0.1", 200},
		{"text/html,*/*;q=0.01", 200},
		{"APPLICATION/JSON", 200},
		{"application/json; charset=utf-8", 200},
		{" application/json ", 200},
		{"application/json;q=1, */*;q=0", 200},
		{"text/html", 406},
		{"application/xml, text/*", 406},
		{"application/json;q=0", 406},
		{"*/*;q=0", 406},
		{"*/*, application/json;q=0", 406},
		{"application/*;q=0.000, */*", 406},
		{"nonsense", 406},
	} {
		t.Run("Accept: "+c.header, func(t *testing.T) {
			a := s.send(t, http.MethodGet, base+first, headers{"Accept": c.header}, "")
			require.Equal(t, c.status, a.status, a.body)
			if c.status == http.StatusNotAcceptable {
				require.JSONEq(t, unacceptable, a.body)
			}
		})
	}
	unsupported := func(media string) string { return `{"detail":"Unsupported media type \"` + media + `\" in request."}` }
	const small = `{"name":"n"}`
	runAll(t, s, []call{
		{says: "an answer nobody accepts creates nothing", method: "POST", header: headers{"Accept": "text/html"}, body: small, status: 406, answer: unacceptable},
		{says: "JSON with parameters", method: "POST", header: headers{"Content-Type": "application/json; charset=utf-8"}, body: small, status: 201, answer: "{…"},
		{says: "JSON in capitals", method: "POST", header: headers{"Content-Type": "Application/JSON"}, body: small, status: 201, answer: "{…"},
		{says: "a form", method: "POST", header: headers{"Content-Type": "application/x-www-form-urlencoded"}, body: "name=n", status: 415, answer: unsupported("application/x-www-form-urlencoded")},
		{says: "text", method: "PUT", to: first, header: headers{"Content-Type": "text/plain"}, body: small, status: 415, answer: unsupported("text/plain")},
		{says: "no type", method: "POST", header: headers{"Content-Type": ""}, body: small, status: 415, answer: unsupported("")},
		{
			says: "merge patch is not documented", method: "PATCH", to: first, header: headers{"Content-Type": "application/merge-patch+json"}, body: `{}`, status: 415,
			answer: unsupported("application/merge-patch+json"),
		},
		{says: "a type that is none", method: "POST", header: headers{"Content-Type": "application/json;;;=x"}, body: small, status: 415, answer: unsupported("application/json;;;=x")},
		{says: "a compressed body", method: "POST", header: headers{"Content-Encoding": "gzip"}, body: small, status: 415, answer: "{…"},
		{says: "one that is not compressed at all", method: "POST", header: headers{"Content-Encoding": "identity"}, body: small, status: 201, answer: "{…"},
		{says: "a body of a GET is nothing to it", to: first, header: headers{"Content-Type": "text/plain"}, body: "{", answer: `{"pk":"1a6f0c52-…`},
		{says: "as many bytes as allowed", method: "POST", body: `{"name":"n","x":"` + strings.Repeat("x", 81) + `"}`, status: 201, answer: "{…"},
		{says: "one more", method: "POST", body: `{"name":"n","x":"` + strings.Repeat("x", 82) + `"}`, status: 413, answer: `{"detail":"the body is larger than 100 bytes"}`},
		{says: "much more, to PATCH", method: "PATCH", to: first, body: strings.Repeat(" ", 1<<16), status: 413, answer: `{"detail":"the body is larger than 100 bytes"}`},
		{says: "an unknown invitation comes before its body", method: "PATCH", to: nobody, body: strings.Repeat(" ", 200), status: 404, answer: notFound},
		{says: "Accept comes before everything but credentials", to: nobody, header: headers{"Accept": "text/html"}, status: 406, answer: unacceptable},
		{says: "the five that were taken are there", to: "?page_size=1&name=n", answer: `{"pagination":{"next":2,"previous":0,"count":4,…`},
	})
	t.Run("1 MiB unless said", func(t *testing.T) {
		s := serve(t, mockserver.Options{})
		body := func(size int) string {
			const frame = `{"name":"n","fixed_data":{"x":""}}`
			return `{"name":"n","fixed_data":{"x":"` + strings.Repeat("x", size-len(frame)) + `"}}`
		}
		call{method: "POST", body: body(1 << 20), status: 201, answer: "{…"}.run(t, s)
		call{method: "POST", body: body(1<<20 + 1), status: 413, answer: `{"detail":"the body is larger than 1048576 bytes"}`}.run(t, s)
	})
}

// TestCORS is what browsers of other origins are told.
func TestCORS(t *testing.T) {
	const origin, wanted = "https://app.example", "Access-Control-Request-Method"
	anyone := serve(t, mockserver.Options{})
	own := serve(t, mockserver.Options{Origin: "https://own.example"})
	off := serve(t, mockserver.Options{NoCORS: true})
	for _, c := range []struct {
		says   string
		server *server
		call
	}{
		{"any origin may read", anyone, call{header: headers{"Origin": origin}, answer: "{…", sends: headers{"Access-Control-Allow-Origin": "*", "Vary": "", "Access-Control-Allow-Credentials": ""}}},
		{"a page in a file too", anyone, call{header: headers{"Origin": "null"}, answer: "{…", sends: headers{"Access-Control-Allow-Origin": "*"}}},
		{"headers may be read", anyone, call{header: headers{"Origin": origin}, answer: "{…", sends: headers{"Access-Control-Expose-Headers": "*"}}},
		{"without an origin nothing is said", anyone, call{answer: "{…", sends: headers{"Access-Control-Allow-Origin": "", "Vary": ""}}},
		{"refusals may be read: 400", anyone, call{to: "?page=abc", header: headers{"Origin": origin}, status: 400, answer: "{…", sends: headers{"Access-Control-Allow-Origin": "*"}}},
		{"403", anyone, call{header: headers{"Origin": origin, "Authorization": ""}, status: 403, answer: "{…", sends: headers{"Access-Control-Allow-Origin": "*"}}},
		{"404", anyone, call{to: "/nowhere", header: headers{"Origin": origin}, status: 404, answer: "{…", sends: headers{"Access-Control-Allow-Origin": "*"}}},
		{"405", anyone, call{method: "DELETE", header: headers{"Origin": origin}, status: 405, answer: "{…", sends: headers{"Access-Control-Allow-Origin": "*"}}},
		{"what was created too", anyone, call{method: "POST", header: headers{"Origin": origin}, body: `{"name":"n"}`, status: 201, answer: "{…", sends: headers{"Access-Control-Allow-Origin": "*"}}},
		{"own origin", own, call{header: headers{"Origin": "https://own.example"}, answer: "{…", sends: headers{"Access-Control-Allow-Origin": "https://own.example", "Vary": "Origin"}}},
		{"another than the own one is told so", own, call{header: headers{"Origin": origin}, answer: "{…", sends: headers{"Access-Control-Allow-Origin": "https://own.example", "Vary": "Origin"}}},
		{"off", off, call{header: headers{"Origin": origin}, answer: "{…", sends: headers{"Access-Control-Allow-Origin": "", "Access-Control-Expose-Headers": "", "Vary": ""}}},
		{"a preflight needs no credentials", anyone, call{
			method: "OPTIONS", status: 204,
			header: headers{"Origin": origin, wanted: "POST", "Access-Control-Request-Headers": "authorization, content-type", "Authorization": ""},
			sends: headers{
				"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": allowedOnAll, "Access-Control-Allow-Headers": "authorization, content-type",
				"Access-Control-Max-Age": "600",
			},
		}},
		{"a preflight to one", anyone, call{
			method: "OPTIONS", to: first, status: 204, header: headers{"Origin": origin, wanted: "PATCH"},
			sends: headers{"Access-Control-Allow-Methods": allowedOnOne, "Access-Control-Allow-Headers": ""},
		}},
		{"a preflight to nowhere, so that the 404 can be read", anyone, call{
			method: "OPTIONS", to: "/nowhere", status: 204, header: headers{"Origin": origin, wanted: "GET"},
			sends: headers{"Access-Control-Allow-Origin": "*"},
		}},
		{"a preflight from a public page", anyone, call{
			method: "OPTIONS", status: 204, header: headers{"Origin": origin, wanted: "GET", "Access-Control-Request-Private-Network": "true"},
			sends: headers{"Access-Control-Allow-Private-Network": "true"},
		}},
		{"a preflight to the own origin", own, call{
			method: "OPTIONS", status: 204, header: headers{"Origin": origin, wanted: "GET"},
			sends: headers{"Access-Control-Allow-Origin": "https://own.example", "Vary": "Origin"},
		}},
		{"OPTIONS with an origin alone is no preflight", anyone, call{
			method: "OPTIONS", status: 200, header: headers{"Origin": origin}, answer: "…",
			sends: headers{"Allow": allowedOnAll, "Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": ""},
		}},
		{"no preflight where it is off", off, call{
			method: "OPTIONS", status: 200, header: headers{"Origin": origin, wanted: "POST"}, answer: "…",
			sends: headers{"Allow": allowedOnAll, "Access-Control-Allow-Origin": "", "Access-Control-Allow-Methods": ""},
		}},
	} {
		t.Run(c.says, func(t *testing.T) { c.run(t, c.server) })
	}
	t.Run("nobody of another origin may reset", func(t *testing.T) {
		a := anyone.send(t, http.MethodPost, mockserver.ResetPath, headers{"Origin": origin}, "")
		require.Equal(t, http.StatusForbidden, a.status)
		require.Empty(t, a.header.Get("Access-Control-Allow-Origin"))
	})
}

// log notes what a mock tells of its exchanges.
type log struct {
	mu   sync.Mutex
	seen []mockserver.Exchange
}

func (l *log) observe(x mockserver.Exchange) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seen = append(l.seen, x)
}

// take gives the one exchange since the last time.
func (l *log) take(t *testing.T) mockserver.Exchange {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	seen := l.seen
	l.seen = nil
	require.Len(t, seen, 1)
	return seen[0]
}

// direct calls a mock without a socket: when it returns, the exchange was told. A client of a socket can have the answer before. Any path can be sent.
func direct(mock http.Handler, method, to string, sent headers, body io.Reader) *httptest.ResponseRecorder {
	r, w := httptest.NewRequest(method, "http://mock.test/", body), httptest.NewRecorder()
	path, query, _ := strings.Cut(to, "?")
	r.URL.RawQuery = query
	r.URL.Path, r.URL.RawPath = path, ""
	if plain, err := url.PathUnescape(path); err == nil && plain != path {
		r.URL.Path, r.URL.RawPath = plain, path
	}
	r.RequestURI = to
	r.Header.Set("Authorization", "Bearer any-token")
	for name, value := range sent {
		r.Header.Set(name, value)
		if value == "" {
			r.Header.Del(name)
		}
	}
	mock.ServeHTTP(w, r)
	return w
}

// TestPaths is where the API is, and what is said near it.
func TestPaths(t *testing.T) {
	var l log
	mock := newMock(t, mockserver.Options{Observe: l.observe})
	item := strings.TrimSuffix(first, "/")
	for _, c := range []struct {
		says, to string
		status   int
		hint     string // in the refusal
	}{
		{"below the server's path", base + all, 200, ""},
		{"at the root", all, 200, ""},
		{"an item below the server's path", base + first, 200, ""},
		{"an item at the root", first, 200, ""},
		{"slashes too many count as one", "//api//v3///stages/invitation//invitations//", 200, ""},
		{"at the root too", "/" + all, 200, ""},
		{"around an item", base + "//stages/invitation/invitations//" + first[len(all):] + "/", 200, ""},
		{"letters may be escaped", "/api/v3/%73tages/invitation/invitations/", 200, ""},
		{"in the server's path too", "/%61pi/v3/stages/invitation/invitations/", 200, ""},
		{"in the key too", base + all + "%31a6f0c52-3b7d-4e8a-9c01-d5e2f7a8b901/", 200, ""},
		{"a key in capitals is the same key", base + all + "1A6F0C52-3B7D-4E8A-9C01-D5E2F7A8B901/", 200, ""},
		{"the final slash is missing", base + strings.TrimSuffix(all, "/"), 404, base + all},
		{"at the root", strings.TrimSuffix(all, "/"), 404, all},
		{"of an item", base + item, 404, base + first},
		{"of what refers to it", base + first + "used_by", 404, base + first + "used_by/"},
		{"capitals are other letters", "/API/v3" + all, 404, ""},
		{"in the path", base + "/Stages/invitation/invitations/", 404, ""},
		{"another version", "/api/v2" + all, 404, ""},
		{"the server's path twice", base + base + all, 404, ""},
		{"the beginning of a path", base + "/stages/invitation/", 404, ""},
		{"the server's path alone", base, 404, ""},
		{"and a slash", base + "/", 404, ""},
		{"more than the server's path", "/api/v3stages/invitation/invitations/", 404, ""},
		{"the root", "/", 404, ""},
		{"below an item", base + first + "nothing/", 404, ""},
		{"users have no operations", base + "/core/users/", 404, ""},
		{"dots are not followed", base + "/stages/../stages/invitation/invitations/", 404, ""},
		{"an escaped slash separates nothing", "/api/v3/stages%2Finvitation/invitations/", 404, ""},
		{"the reset path with a slash", mockserver.ResetPath + "/", 404, ""},
	} {
		t.Run(c.says, func(t *testing.T) {
			w := direct(mock, http.MethodGet, c.to, nil, nil)
			x := l.take(t)
			require.Equal(t, c.status, w.Code, w.Body)
			require.Equal(t, c.status, x.Status)
			if c.status == http.StatusNotFound {
				require.Equal(t, "application/json", w.Header().Get("Content-Type"))
				require.NotEmpty(t, x.Refusal)
				require.Empty(t, x.Operation)
				var is struct{ Detail string }
				require.NoError(t, json.Unmarshal(w.Body.Bytes(), &is), w.Body)
				require.NotEmpty(t, is.Detail)
				require.Contains(t, is.Detail+" "+x.Refusal+" ", c.hint+" ")
			}
		})
	}
	t.Run("the server's path and the root are one API", func(t *testing.T) {
		require.Equal(t, direct(mock, "GET", base+all, nil, nil).Body.String(), direct(mock, "GET", all, nil, nil).Body.String())
	})
}

// TestOddPaths has nothing to promise but that there is an answer, in JSON, and that it is no fault of the server's.
func TestOddPaths(t *testing.T) {
	var l log
	mock := newMock(t, mockserver.Options{Observe: l.observe})
	long := strings.Repeat("x", 1<<16)
	odd := []string{
		"", "*", "?", "/?", "//", "/%", "/%2", "/%zz", "/%ff", "/%00", "/%3F", "/%2F", "/%2e%2e/", "/../../etc/passwd", `/\`, "/;", "/ ", "/{invite_uuid}/",
		"/" + long, strings.Repeat("/", 1<<16), strings.Repeat("/x", 1<<15), "/" + strings.Repeat("%ff", 1<<14), "/\xff\xfe", "/\x00", "/é/", "/%C3%A9/", "http://other.test/", "x:y",
	}
	keys := []string{
		"%ff", "%3F", "%00", "%2F", "%2e%2e", "..", ".", "%", "%zz", "%25", "+", "*", "{invite_uuid}", "%7Binvite_uuid%7D", long, "\xff", "'", `"`, "<script>",
		"1a6f0c52-3b7d-4e8a-9c01-d5e2f7a8b901%00", "1a6f0c52-3b7d-4e8a-9c01-d5e2f7a8b90%31%20", "1a6f0c52%2D3b7d-4e8a-9c01-d5e2f7a8b90x", "00000000-0000-0000-0000-000000000000", "%0A", ";",
	}
	for _, key := range keys {
		odd = append(odd, base+all+key, base+all+key+"/", base+all+key+"/used_by/", all+key+"/")
	}
	for _, to := range odd {
		t.Run(to[:min(len(to), 60)], func(t *testing.T) {
			for _, method := range []string{"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "CONNECT"} {
				w := direct(mock, method, to, headers{"Content-Type": "application/json"}, strings.NewReader("{}"))
				x := l.take(t)
				require.Equal(t, x.Status, w.Code)
				require.Less(t, w.Code, 500, "%s: %s", method, x.Refusal)
				require.GreaterOrEqual(t, w.Code, 200)
				if w.Body.Len() > 0 {
					require.True(t, json.Valid(w.Body.Bytes()), "%s: %s", method, w.Body)
					require.True(t, utf8.Valid(w.Body.Bytes()))
				}
				if method == "GET" || method == "DELETE" {
					require.GreaterOrEqual(t, w.Code, 400)
				}
				require.Less(t, w.Body.Len(), len(to)+4096, "%s: what was sent is not sent back several times", method)
				require.Less(t, len(x.Refusal), len(to)+4096, method)
			}
		})
	}
	s := serve(t, mockserver.Options{}) // and those that a real client can send
	runAll(t, s, []call{
		{says: "%ff", to: all + "%ff/", status: 400, answer: `{"invite_uuid":["Must be a valid UUID.",…`},
		{says: "%3F is no query", to: all + "%3Fpage=1/", status: 400, answer: `{"invite_uuid":["Must be a valid UUID.",…`},
		{says: "%00", to: all + "%00/", status: 400, answer: `{"invite_uuid":["Must be a valid UUID.","\"\\u0000\" is not a UUID…`},
		{says: "%2F is part of the key", to: all + "a%2Fb/", status: 400, answer: `{"invite_uuid":["Must be a valid UUID.","\"a/b\" is not a UUID…`},
		{says: "very long", to: all + long + "/", status: 400, answer: `{"invite_uuid":["Must be a valid UUID.",…`},
		{says: "a very long query", to: "?name=" + long + "&search=" + long, list: "", pages: pages{0, 0, 0, 1, 1, 0, 0}},
		{says: "very many parameters", to: "?" + strings.Repeat("name=x&", 10000) + "name=beta", list: "6 5", pages: pages{0, 0, 2, 1, 1, 1, 2}},
		{says: "very many words", to: "?search=" + strings.Repeat("a,", 10000), list: "1 6 2 5 4 7 3", pages: pages{0, 0, 7, 1, 1, 1, 7}},
		{says: "very many fields", to: "?ordering=" + strings.Repeat("x,pk,", 10000), list: "1 2 3 4 5 6 7", pages: pages{0, 0, 7, 1, 1, 1, 7}},
	})
}

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

// TestObserve is what is told of each exchange.
func TestObserve(t *testing.T) {
	const list, retrieve = "stages_invitation_invitations_list", "stages_invitation_invitations_retrieve"
	var l log
	mock := newMock(t, mockserver.Options{Observe: l.observe, MaxBody: 100})
	for _, c := range []struct {
		says, method, to string
		header           headers
		body             string
		operation        string
		status           int
		refusal          string // what is in it; "" is none
		undocumented     bool
	}{
		{"a list", "GET", all, nil, "", list, 200, "", false},
		{"HEAD is the GET", "HEAD", all, nil, "", list, 200, "", false},
		{"one", "GET", first, nil, "", retrieve, 200, "", false},
		{"what refers to it", "GET", first + "used_by/", nil, "", "stages_invitation_invitations_used_by_list", 200, "", false},
		{"created", "POST", all, nil, `{"name":"n"}`, "stages_invitation_invitations_create", 201, "", false},
		{"replaced", "PUT", second, nil, `{"name":"n"}`, "stages_invitation_invitations_update", 200, "", false},
		{"changed", "PATCH", second, nil, `{}`, "stages_invitation_invitations_partial_update", 200, "", false},
		{"deleted", "DELETE", second, nil, "", "stages_invitation_invitations_destroy", 204, "", false},
		{"deleted once more", "DELETE", second, nil, "", "stages_invitation_invitations_destroy", 404, `no record with the key "2b7a1d63-4c8e-4f9b-8d12-e6f3a8b9c902"`, true},
		{"a parameter", "GET", all + "?page=9&page_size=3", nil, "", list, 400, "page: 9 is past the last page, 3", false},
		{"two parameters", "GET", all + "?page_size=x&expires=y", nil, "", list, 400, `page_size: "x" is not an integer`, false},
		{"an identifier", "GET", all + "abc/", nil, "", retrieve, 400, `invite_uuid: "abc" is not a UUID`, false},
		{"unknown", "GET", nobody, nil, "", retrieve, 404, `invitations has no record with the key "99999999-9999-4999-8999-999999999999"`, true},
		{"a body", "POST", all, nil, `{"single_use":1}`, "stages_invitation_invitations_create", 400, "name: required, but missing", false},
		{"no JSON", "POST", all, nil, `{`, "stages_invitation_invitations_create", 400, "not JSON", false},
		{"no credentials", "GET", all, headers{"Authorization": ""}, "", list, 403, "Authorization: Bearer", false},
		{"no path", "GET", "/nowhere", nil, "", "", 404, "no such path", false},
		{"a slash", "GET", strings.TrimSuffix(all, "/"), nil, "", "", 404, "there is " + all, false},
		{"a method", "DELETE", all, nil, "", "", 405, "only GET, POST, HEAD, OPTIONS", true},
		{"Accept", "GET", all, headers{"Accept": "text/html"}, "", list, 406, "text/html", true},
		{"a type", "POST", all, headers{"Content-Type": "text/plain"}, `{}`, "stages_invitation_invitations_create", 415, "text/plain", true},
		{"too large", "POST", all, nil, strings.Repeat(" ", 101), "stages_invitation_invitations_create", 413, "larger than 100 bytes", true},
		{"OPTIONS", "OPTIONS", all, nil, "", "", 200, "", false},
		{"a preflight", "OPTIONS", all, headers{"Origin": "https://app.example", "Access-Control-Request-Method": "GET"}, "", "", 204, "", false},
		{"a reset refused", "GET", mockserver.ResetPath, nil, "", "", 403, "reset", false}, // httptest's requests come from 192.0.2.1
	} {
		t.Run(c.says, func(t *testing.T) {
			sent := headers{"Content-Type": "application/json"}
			maps.Copy(sent, c.header)
			w := direct(mock, c.method, c.to, sent, strings.NewReader(c.body))
			x := l.take(t)
			require.Equal(t, c.status, w.Code, w.Body)
			require.Equal(t, c.status, x.Status)
			require.Equal(t, c.operation, x.Operation)
			require.Equal(t, c.undocumented, x.Undocumented)
			require.Equal(t, c.method, x.Request.Method)
			require.Contains(t, c.to, x.Request.URL.Path)
			require.GreaterOrEqual(t, x.Duration, time.Duration(0))
			if c.method == "HEAD" {
				require.Empty(t, w.Body.String())
			} else {
				require.Equal(t, w.Body.Len(), x.Bytes)
			}
			if c.refusal == "" {
				require.Empty(t, x.Refusal)
			} else {
				require.Contains(t, x.Refusal, c.refusal)
			}
			require.NotContains(t, x.Refusal, "any-token")
		})
	}
}

// TestDelay waits as long as it is told, but not for those who have gone.
func TestDelay(t *testing.T) {
	var l log
	mock := newMock(t, mockserver.Options{Delay: [2]time.Duration{1000 * time.Hour, 1001 * time.Hour}, Observe: l.observe})
	r, w := httptest.NewRequest(http.MethodDelete, base+first, nil), httptest.NewRecorder()
	ctx, cancel := context.WithCancel(r.Context())
	cancel()
	mock.ServeHTTP(w, r.WithContext(ctx))
	require.Empty(t, w.Body.String())
	require.Zero(t, l.take(t).Status, "nothing was answered")

	t.Run("one that goes while it waits", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() {
			defer close(done)
			mock.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, base+first, nil).WithContext(ctx))
		}()
		cancel()
		<-done
		require.Zero(t, l.take(t).Status)
	})
	t.Run("a short one is only a delay", func(t *testing.T) {
		s := serve(t, mockserver.Options{Delay: [2]time.Duration{time.Nanosecond, time.Microsecond}})
		call{list: "1 6 2 5 4 7 3"}.run(t, s)
	})
	t.Run("the same every time", func(t *testing.T) {
		s := serve(t, mockserver.Options{Delay: [2]time.Duration{time.Microsecond, time.Microsecond}})
		call{list: "1 6 2 5 4 7 3"}.run(t, s)
	})
}

// broken is a body that cannot be read.
type broken struct{ err any }

func (b broken) Read([]byte) (int, error) {
	if err, ok := b.err.(error); ok && !errors.Is(err, http.ErrAbortHandler) {
		return 0, err
	}
	panic(b.err)
}

// deaf is a client that cannot be written to.
type deaf struct {
	*httptest.ResponseRecorder
	err any
}

func (d deaf) Write(b []byte) (int, error) {
	if d.err != nil {
		panic(d.err)
	}
	return 0, io.ErrClosedPipe
}

// TestFaults are contained in the request that they happen in.
func TestFaults(t *testing.T) {
	var l log
	mock := newMock(t, mockserver.Options{Observe: l.observe})
	well := func(t *testing.T) {
		t.Helper()
		require.Equal(t, http.StatusOK, direct(mock, "GET", all, nil, nil).Code)
		l.take(t)
		require.Equal(t, http.StatusOK, direct(mock, "PATCH", third, headers{"Content-Type": "application/json"}, strings.NewReader("{}")).Code)
		l.take(t)
	}
	typed := headers{"Content-Type": "application/json"}
	t.Run("a panic before the answer is 500", func(t *testing.T) {
		w := direct(mock, "POST", all, typed, broken{"boom"})
		x := l.take(t)
		require.Equal(t, http.StatusInternalServerError, w.Code)
		require.JSONEq(t, `{"detail":"a fault of understudy's; its log says more"}`, w.Body.String())
		require.Equal(t, http.StatusInternalServerError, x.Status)
		require.Contains(t, x.Refusal, "boom")
		require.True(t, x.Undocumented)
		well(t)
	})
	t.Run("a panic in the answer cannot be told any more, but is told here", func(t *testing.T) {
		w := deaf{httptest.NewRecorder(), "boom"}
		r := httptest.NewRequest("GET", base+all, nil)
		r.Header.Set("Authorization", "Bearer x")
		mock.ServeHTTP(w, r)
		require.Contains(t, l.take(t).Refusal, "boom")
		well(t)
	})
	t.Run("http.ErrAbortHandler is the server's", func(t *testing.T) {
		require.PanicsWithValue(t, http.ErrAbortHandler, func() { direct(mock, "POST", all, typed, broken{http.ErrAbortHandler}) })
		l.seen = nil
		well(t)
	})
	t.Run("a client that has gone", func(t *testing.T) {
		r := httptest.NewRequest("GET", base+all, nil)
		r.Header.Set("Authorization", "Bearer x")
		mock.ServeHTTP(deaf{httptest.NewRecorder(), nil}, r)
		require.Equal(t, http.StatusOK, l.take(t).Status)
		well(t)
	})
	t.Run("a body that breaks off", func(t *testing.T) {
		w := direct(mock, "POST", all, typed, io.MultiReader(strings.NewReader(`{"name":`), broken{io.ErrUnexpectedEOF}))
		require.Equal(t, http.StatusBadRequest, w.Code)
		require.NotEqual(t, "{}", w.Body.String())
		require.Contains(t, l.take(t).Refusal, "could not be read")
		well(t)
	})
	t.Run("a body nested deeper than a stack", func(t *testing.T) {
		deep := append(append([]byte(`{"name":"n","fixed_data":{"x":`), bytes.Repeat([]byte("["), 200_000)...), bytes.Repeat([]byte("]"), 200_000)...)
		w := direct(mock, "POST", all, typed, bytes.NewReader(append(deep, "}}"...)))
		require.Equal(t, http.StatusBadRequest, w.Code)
		l.take(t)
		well(t)
	})
	t.Run("a body as deep as JSON readers allow is taken and given back", func(t *testing.T) {
		const depth = 9_000
		body := `{"name":"n","fixed_data":{"x":` + strings.Repeat("[", depth) + strings.Repeat("]", depth) + `}}`
		w := direct(mock, "POST", all, typed, strings.NewReader(body))
		require.Equal(t, http.StatusCreated, w.Code)
		require.Contains(t, w.Body.String(), strings.Repeat("[", depth)+strings.Repeat("]", depth))
		l.take(t)
		well(t)
	})
}

// TestDocumented asks for everything once, and finds no status that the document does not have, but for those that it has none for.
func TestDocumented(t *testing.T) {
	var l log
	mock := newMock(t, mockserver.Options{Observe: l.observe})
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		for _, to := range []string{all, all + "?page=0", first, third, all + "abc/", nobody, first + "used_by/"} {
			for _, body := range []string{"", "{}", `{"name":"n"}`, `{"name":5}`, "{", "[]"} {
				for _, token := range []string{"Bearer x", ""} {
					w := direct(mock, method, to, headers{"Authorization": token, "Content-Type": "application/json"}, strings.NewReader(body))
					x := l.take(t)
					if x.Undocumented {
						require.True(t, slices.Contains([]int{404, 405}, w.Code), "%s %s %s: %d", method, to, body, w.Code)
					}
					require.Contains(t, []int{200, 201, 204, 400, 403, 404, 405}, w.Code)
					if w.Code >= 400 {
						require.NotEqual(t, "{}", w.Body.String(), "%s %s %s: a refusal says why", method, to, body)
					}
				}
			}
		}
	}
}
