package mockserver_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"understudy"
	"understudy/fixtures"
	"understudy/mockserver"
)

const benchList = "/api/v3/stages/invitation/invitations/"

// BenchmarkServe measures requests over loopback, beside a bare net/http server that sends the very same bytes, in turns within one run: of-bare is
// the bare server's time through the mock's, so 1.0 would be as fast as possible. There are up to 500 distinct URLs, and a write every 1,000 requests.
func BenchmarkServe(b *testing.B) {
	for _, items := range []int{137, 100_000} {
		mock, first := benchMock(b, items)
		pages := items / 20
		for _, load := range []struct {
			name string
			url  func(i int) string
		}{
			{"list", func(i int) string { return fmt.Sprintf("%s?page_size=20&page=%d", benchList, i*pages/500+1) }},
			{"filtered-ordered", func(i int) string {
				return fmt.Sprintf("%s?flow__slug=%s&ordering=%s&page_size=20&page=%d", benchList,
					[]string{"default-enrollment-flow", "contractor-enrollment"}[i%2], []string{"name", "-name", "expires", "-pk"}[i/2%4], i/8%max(1, pages/20)+1)
			}},
			{"item", func(i int) string { return benchList + first[i%len(first)] + "/" }},
		} {
			b.Run(fmt.Sprintf("%s/%d", load.name, items), func(b *testing.B) {
				var urls []string
				for i := range 500 {
					urls = append(urls, load.url(i))
				}
				benchBeside(b, mock, urls, benchList+first[0]+"/")
			})
		}
	}
}

// BenchmarkDeepPage measures page 5,000 of 100,000 invitations beside page 1, in turns: of-first is the first page's time through the deep one's.
func BenchmarkDeepPage(b *testing.B) {
	mock, _ := benchMock(b, 100_000)
	server := httptest.NewServer(mock)
	defer server.Close()
	one := newRawClient(b, server.Listener.Addr().String())
	var first, deep time.Duration
	for b.Loop() {
		first += one.time(benchRequest("GET", benchList+"?page_size=20&page=1", ""))
		deep += one.time(benchRequest("GET", benchList+"?page_size=20&page=5000", ""))
	}
	b.ReportMetric(float64(deep)/float64(first), "of-first")
}

// benchMock plays the shipped contract with so many invitations, and gives the keys of the first page.
func benchMock(b *testing.B, items int) (*mockserver.Server, []string) {
	b.Helper()
	data := shipped(b, fixtures.Options{Items: items, Sized: true})
	var keys []string
	for _, s := range data.Sets() {
		if s.Records().Name == "invitations" {
			for i := range min(500, s.Len()) {
				keys = append(keys, s.Key(i))
			}
		}
	}
	return newMock(b, mockserver.Options{Data: data}), keys
}

func benchRequest(method, url, body string) []byte {
	text := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer x\r\nAccept: application/json\r\n", method, url)
	if body != "" {
		text += fmt.Sprintf("Content-Type: application/json\r\nContent-Length: %d\r\n", len(body))
	}
	return []byte(text + "\r\n" + body)
}

// benchBeside runs the same requests against the mock and against a bare server, in turns.
func benchBeside(b *testing.B, mock http.Handler, urls []string, item string) {
	played := httptest.NewServer(mock)
	defer played.Close()
	const patch = `{}`
	answers := map[string][]byte{}
	for _, u := range urls {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, u, nil)
		r.Header.Set("Authorization", "Bearer x")
		mock.ServeHTTP(w, r)
		require.Equal(b, http.StatusOK, w.Code, u)
		answers[u] = w.Body.Bytes()
	}
	bare := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPatch {
			_, _ = io.Copy(io.Discard, r.Body)
		}
		body := answers[r.URL.RequestURI()]
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body)
	}))
	defer bare.Close()
	requests := make([][]byte, 0, len(urls))
	for _, u := range urls {
		requests = append(requests, benchRequest("GET", u, ""))
	}
	write := benchRequest("PATCH", item, patch)
	const batch = 1000
	workers := 4 * runtime.GOMAXPROCS(0)
	clients := map[string][]*rawClient{}
	for _, s := range []*httptest.Server{played, bare} {
		for range workers {
			clients[s.URL] = append(clients[s.URL], newRawClient(b, s.Listener.Addr().String()))
		}
	}
	run := func(url string) time.Duration {
		start := time.Now()
		var wg sync.WaitGroup
		for w, c := range clients[url] {
			wg.Go(func() {
				for i := w; i < batch; i += workers {
					c.do(requests[i*7%len(requests)])
				}
				if w == 0 {
					c.do(write)
				}
			})
		}
		wg.Wait()
		return time.Since(start)
	}
	run(played.URL)
	run(bare.URL)
	var mockTime, bareTime time.Duration
	n := 0
	b.ResetTimer()
	for b.Loop() {
		mockTime += run(played.URL)
		bareTime += run(bare.URL)
		n += batch + 1
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(n)/mockTime.Seconds(), "req/s")
	b.ReportMetric(float64(n)/bareTime.Seconds(), "bare-req/s")
	b.ReportMetric(bareTime.Seconds()/mockTime.Seconds(), "of-bare")
}

// rawClient is an HTTP client that costs as little as possible, so that what is measured is the server.
type rawClient struct {
	b    testing.TB
	conn net.Conn
	in   *bufio.Reader
}

func newRawClient(b testing.TB, addr string) *rawClient {
	b.Helper()
	conn, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", addr)
	require.NoError(b, err)
	b.Cleanup(func() { conn.Close() })
	return &rawClient{b, conn, bufio.NewReaderSize(conn, 64<<10)}
}

func (c *rawClient) time(request []byte) time.Duration {
	start := time.Now()
	c.do(request)
	return time.Since(start)
}

func (c *rawClient) do(request []byte) {
	if _, err := c.conn.Write(request); err != nil {
		c.b.Error(err)
		return
	}
	length := 0
	for first := true; ; first = false {
		line, err := c.in.ReadSlice('\n')
		if err != nil || first && !bytes.HasPrefix(line, []byte("HTTP/1.1 200")) {
			c.b.Errorf("%q %v", line, err)
			return
		}
		if len(line) == 2 {
			break
		}
		if value, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			length, _ = strconv.Atoi(string(bytes.TrimSpace(value)))
		}
	}
	if _, err := c.in.Discard(length); err != nil {
		c.b.Error(err)
	}
}

// benchDocument is a large real document of 1,121 operations; the benchmarks that play it are skipped where it is not at hand.
const benchDocument = "../../shared/specs/authentik-2026.5.0-rc1.yml"

func benchDocumentHere(b *testing.B) {
	b.Helper()
	if _, err := os.Stat(benchDocument); err != nil {
		b.Skip("the document is not at hand")
	}
}

// BenchmarkServeDocument measures a list of that document beside a bare server, as [BenchmarkServe] does.
func BenchmarkServeDocument(b *testing.B) {
	benchDocumentHere(b)
	doc, err := understudy.Open(b.Context(), benchDocument)
	require.NoError(b, err)
	mock, err := mockserver.New(doc, nil)
	require.NoError(b, err)
	var urls []string
	for i := range 3 {
		urls = append(urls, fmt.Sprintf("/api/v3/events/events/?page_size=20&page=%d", i+1))
	}
	benchBeside(b, mock, urls, "/api/v3/core/users/1/")
}
