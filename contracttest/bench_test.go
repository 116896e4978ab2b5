package contracttest_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"understudy"
	"understudy/contracttest"
	"understudy/mockserver"
)

// BenchmarkCheck checks one list read-only, and has a bare client send the same requests, in turns: what the checker adds is a ratio. Both ask as many at
// once, and read all of every answer. The ratio depends on how long the server takes: the mock answers in some 60 µs, an application with a database, in 10 ms.
func BenchmarkCheck(b *testing.B) {
	doc, mock := invitations(b)
	b.Run("at-once", func(b *testing.B) { benchCheck(b, doc, mock) })
	slow, err := mockserver.New(doc, &mockserver.Options{
		Data: mock.Data(), Tokens: map[string]string{mockToken: ""}, Delay: [2]time.Duration{10 * time.Millisecond, 10 * time.Millisecond},
	})
	require.NoError(b, err)
	b.Run("10ms", func(b *testing.B) { benchCheck(b, doc, slow) })
}

func benchCheck(b *testing.B, doc *understudy.Document, mock *mockserver.Server) {
	b.Helper()
	const workers = 4
	rec := &recorder{next: mock}
	check(b, doc, contracttest.Target{Handler: rec, Token: mockToken, Include: []string{theList}, Workers: workers})
	server := httptest.NewServer(mock)
	defer server.Close()
	target := contracttest.Target{URL: server.URL + "/api/v3", Token: mockToken, Include: []string{theList}, Workers: workers}
	var checked, bare time.Duration
	requests := 0
	for b.Loop() {
		began := time.Now()
		r := check(b, doc, target)
		checked += time.Since(began)
		requests = r.Requests
		require.Equal(b, len(rec.all), requests)
		began = time.Now()
		replay(b, server.URL, rec.all, workers)
		bare += time.Since(began)
	}
	b.ReportMetric(float64(requests), "requests")
	b.ReportMetric(checked.Seconds()*1000/float64(b.N), "ms/check")
	b.ReportMetric(bare.Seconds()*1000/float64(b.N), "ms/bare")
	b.ReportMetric(checked.Seconds()/bare.Seconds(), "check/bare")
	b.ReportMetric(0, "ns/op")
}

// replay sends what was recorded, as a client does that judges nothing.
func replay(b *testing.B, base string, all []exchange, workers int) {
	b.Helper()
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost, transport.DisableCompression = workers, true
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	next := make(chan exchange)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for x := range next {
				request, err := http.NewRequestWithContext(context.Background(), x.method, base+x.uri, bytes.NewReader([]byte(x.body)))
				if err != nil {
					b.Error(err)
					continue
				}
				request.Header = x.header
				res, err := client.Do(request)
				if err != nil {
					b.Error(err)
					continue
				}
				_, _ = io.Copy(io.Discard, res.Body)
				_ = res.Body.Close()
			}
		})
	}
	for _, x := range all {
		next <- x
	}
	close(next)
	wg.Wait()
}
