package mockserver_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"understudy/fixtures"
	"understudy/mockserver"
)

// TestMillion plays a million invitations and says what that costs. Nothing that it measures can fail it; answers can.
func TestMillion(t *testing.T) {
	if os.Getenv("UNDERSTUDY_MILLION") != "1" {
		t.Skip("slow and large: set UNDERSTUDY_MILLION=1")
	}
	const n = 1_000_000
	heap := func() float64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.HeapInuse) / (1 << 20)
	}
	_, err := document()
	require.NoError(t, err)
	empty := heap()
	start := time.Now()
	data := shipped(t, fixtures.Options{Items: n, Sized: true})
	server := newMock(t, mockserver.Options{Data: data})
	t.Logf("start-up: %.1f s, with %d processors", time.Since(start).Seconds(), runtime.GOMAXPROCS(0))
	t.Logf("heap in use after GC: %.0f MB (%.0f MB before)", heap(), empty)

	client := raceClient{server}
	get := func(target string) (p racePage) {
		t.Helper()
		status, body := client.do(http.MethodGet, target, "")
		require.Equal(t, http.StatusOK, status, "%s\n%s", target, body)
		require.NoError(t, json.Unmarshal(body, &p))
		return p
	}
	// measure answers a request once for the first time, and then some more times.
	measure := func(what, target string) racePage {
		t.Helper()
		var times []time.Duration
		for range 21 {
			start := time.Now()
			client.do(http.MethodGet, target, "")
			times = append(times, time.Since(start))
		}
		first, again := times[0], times[1:]
		slices.Sort(again)
		t.Logf("%s: %s the first time, then %s (median of %d)", what, first.Round(time.Microsecond), again[len(again)/2].Round(time.Microsecond), len(again))
		return get(target)
	}
	list := raceList + "?"

	p := measure("page 1", list+"page=1")
	require.Equal(t, n, p.Pagination.Count)
	p = measure("page 50,000", list+"page=50000")
	require.Equal(t, n, p.Pagination.Count)
	require.Equal(t, 50_000, p.Pagination.Current)
	require.Equal(t, 50_000, p.Pagination.TotalPages)
	require.Zero(t, p.Pagination.Next)
	require.Equal(t, n-19, p.Pagination.StartIndex)
	require.Equal(t, n, p.Pagination.EndIndex)
	require.Len(t, p.Results, 20)
	for i := range p.Results {
		require.NoError(t, p.Results[i].check())
		require.Nil(t, p.Results[i].Expires, "null comes last")
	}

	p = measure("page 1,000 of those of one flow", list+"flow__slug=contractor-enrollment&page=1000")
	require.Greater(t, p.Pagination.Count, n/10)
	require.Less(t, p.Pagination.Count, n/4)
	require.Len(t, p.Results, 20)
	for i := range p.Results {
		require.Equal(t, "contractor-enrollment", p.Results[i].FlowObj.Slug)
	}
	p = measure("a search, by name", list+"search=contractors+berlin&ordering=name")
	require.NotEmpty(t, p.Results)
	for i := range p.Results {
		require.Contains(t, strings.ToLower(fmt.Sprint(p.Results[i].Name, p.Results[i].FlowObj.Slug, p.Results[i].CreatedBy)), "berlin")
	}
	key := p.Results[0].PK
	measure("one invitation", raceList+key+"/")

	start = time.Now()
	const writes = 20
	for i := range writes {
		status, _ := client.do(http.MethodPost, raceList, fmt.Sprintf(`{"name":"one-more-%d"}`, i))
		require.Equal(t, http.StatusCreated, status)
	}
	t.Logf("a create: %s (mean of %d)", (time.Since(start) / writes).Round(time.Microsecond), writes)
	p = get(list + "page=50001")
	require.Equal(t, n+writes, p.Pagination.Count)
	t.Logf("heap in use after GC, with those views: %.0f MB", heap())
	runtime.KeepAlive(server)
}
