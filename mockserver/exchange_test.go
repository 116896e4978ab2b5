package mockserver_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/mockserver"
)

// server is a mock on a real socket.
type server struct {
	url  string
	mock *mockserver.Server
}

// newMock makes a mock of the data of the tests unless the options bring their own.
func newMock(t testing.TB, opts mockserver.Options) *mockserver.Server {
	t.Helper()
	doc, err := document()
	require.NoError(t, err)
	if opts.Data == nil {
		opts.Data = load(t)
	}
	mock, err := mockserver.New(doc, &opts)
	require.NoError(t, err)
	return mock
}

func serve(t *testing.T, opts mockserver.Options) *server {
	t.Helper()
	mock := newMock(t, opts)
	s := httptest.NewServer(mock)
	t.Cleanup(s.Close)
	return &server{s.URL, mock}
}

// client neither follows redirects nor adds headers of its own, but for User-Agent.
var client = &http.Client{
	Transport:     &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 16},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// headers of a request or an answer. In a request, "" leaves out one that is sent otherwise; in an answer, it is one that must not be there.
type headers map[string]string

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// send sends one request. A token is added unless the headers say otherwise, and with a body its type.
func (s *server) send(t *testing.T, method, to string, sent headers, body string) answer {
	t.Helper()
	r, err := http.NewRequest(method, s.url+to, strings.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("Authorization", "Bearer any-token")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for name, value := range sent {
		if value == "" {
			r.Header.Del(name)
		} else {
			r.Header.Set(name, value)
		}
	}
	resp, err := client.Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return answer{resp.StatusCode, resp.Header, string(b)}
}

// get reads something below the API's root.
func (s *server) get(t *testing.T, to string) answer {
	t.Helper()
	return s.send(t, http.MethodGet, base+to, nil, "")
}

// list gives the invitations of a page, see [answer.keys].
func (s *server) list(t *testing.T, query string) string {
	t.Helper()
	a := s.get(t, all+"?"+query)
	require.Equal(t, http.StatusOK, a.status, a.body)
	return a.keys(t)
}

// page is the answer of a list.
type page struct {
	Pagination json.RawMessage
	Results    []struct{ PK, Name string }
}

func (a answer) page(t *testing.T) (p page) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(a.body), &p), a.body)
	return p
}

// keys calls the invitations of a page by the first digits of their keys, in order, and those that were created by +.
func (a answer) keys(t *testing.T) string {
	t.Helper()
	var keys []string
	for _, r := range a.page(t).Results {
		if strings.Contains(invitations, "pk: "+r.PK) {
			keys = append(keys, r.PK[:1])
		} else {
			keys = append(keys, "+")
		}
	}
	return strings.Join(keys, " ")
}

// pages is a pagination object: next, previous, count, current, total_pages, start_index, end_index.
type pages [7]int

func (p pages) json() string {
	return fmt.Sprintf(`{"next":%d,"previous":%d,"count":%d,"current":%d,"total_pages":%d,"start_index":%d,"end_index":%d}`, p[0], p[1], p[2], p[3], p[4], p[5], p[6])
}

// call is one exchange: a request, and what is promised of its answer.
type call struct {
	says   string  // the promise
	method string  // "" is GET
	to     string  // path and query below the API's root; "?…" is the list's
	header headers // of the request
	body   string
	status int     // 0 is 200
	list   string  // the invitations on the page
	pages  pages   // zero: those of a list that fits on one page, however many it has
	answer string  // the body, as JSON; … at the end: it goes on somehow
	sends  headers // of the answer, among others
}

// run makes the exchange and compares.
func (c call) run(t *testing.T, s *server) answer {
	t.Helper()
	if c.method == "" {
		c.method = http.MethodGet
	}
	if strings.HasPrefix(c.to, "?") || c.to == "" {
		c.to = all + c.to
	}
	a := s.send(t, c.method, base+c.to, c.header, c.body)
	if c.status == 0 {
		c.status = http.StatusOK
	}
	require.Equal(t, c.status, a.status, a.body)
	for name, value := range c.sends {
		require.Equal(t, value, a.header.Get(name), name)
	}
	if a.body != "" {
		require.Equal(t, "application/json", a.header.Get("Content-Type"))
	}
	switch begin, open := strings.CutSuffix(c.answer, "…"); {
	case open:
		require.Equal(t, begin, a.body[:min(len(begin), len(a.body))], a.body)
	case c.answer != "":
		require.JSONEq(t, c.answer, a.body)
	case c.status == http.StatusNoContent || c.method == http.MethodHead:
		require.Empty(t, a.body)
	case c.status == http.StatusOK:
		if c.pages == (pages{}) {
			n := len(strings.Fields(c.list))
			c.pages = pages{0, 0, n, 1, 1, min(n, 1), n}
		}
		require.Equal(t, c.list, a.keys(t))
		require.Equal(t, c.pages.json(), string(a.page(t).Pagination))
	}
	return a
}

func runAll(t *testing.T, s *server, calls []call) {
	t.Helper()
	for _, c := range calls {
		t.Run(c.says, func(t *testing.T) { c.run(t, s) })
	}
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
