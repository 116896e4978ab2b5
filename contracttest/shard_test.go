package contracttest_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy"
	"understudy/contracttest"
	"understudy/contracttest/honest"
)

// inShards checks in parts, and gives their reports.
func inShards(t *testing.T, count int, run func(shard string) *contracttest.Report) []*contracttest.Report {
	t.Helper()
	var parts []*contracttest.Report
	for i := range count {
		shard := fmt.Sprintf("%d/%d", i+1, count)
		r := run(shard)
		require.Equal(t, shard, r.Shard)
		parts = append(parts, r)
	}
	return parts
}

// casesOf writes each case of some reports on a line, and findingsOf each operation of each finding, with all that is told of it but the operations that have
// the same; both sorted.
func casesOf(reports ...*contracttest.Report) (lines []string) {
	for _, r := range reports {
		for _, c := range r.Cases {
			lines = append(lines, fmt.Sprintf("%s %s %q %s %q", c.Operation, c.Rule, c.Subject, c.Verdict, c.Reason))
		}
	}
	slices.Sort(lines)
	return lines
}

func findingsOf(reports ...*contracttest.Report) (lines []string) {
	for _, r := range reports {
		for _, f := range r.Findings {
			for _, op := range f.Operations {
				lines = append(lines, fmt.Sprintf("%s %s %s %s", f.Verdict, f.Rule, f.Fingerprint, op))
			}
		}
	}
	slices.Sort(lines)
	return lines
}

// TestShardsAreTheWhole: five shards together are one run, case for case and finding for finding; none is in two of them. More faults are tried where the reports
// are joined (internal/report).
func TestShardsAreTheWhole(t *testing.T) {
	for _, x := range []struct{ style, fault string }{{"django", "page-count-of-page"}, {"offset", ""}, {"cursor", ""}} {
		t.Run(x.style+"/"+x.fault, func(t *testing.T) {
			t.Parallel()
			sampled(t)
			doc := openStyle(t, x.style)
			run := func(shard string) *contracttest.Report {
				return checkHonest(t, doc, x.style, 3, x.fault, func(target *contracttest.Target) {
					target.Shard, target.Exclude = shard, []string{"paging/depth"} // it depends on time
				})
			}
			whole := run("")
			parts := inShards(t, 5, run)
			require.Equal(t, casesOf(whole), casesOf(parts...))
			require.Equal(t, findingsOf(whole), findingsOf(parts...))
			require.Equal(t, x.fault != "", len(whole.Findings) > 0)
			working, notApplicable := 0, 0
			for _, r := range parts {
				if len(r.Cases) > 0 {
					working++
				}
				notApplicable += r.NotApplicable
				require.Empty(t, r.Stopped)
			}
			require.Greater(t, working, 1, "the test would tell nothing")
			require.Equal(t, whole.NotApplicable, notApplicable)
		})
	}
}

// TestShardsAtOnce: shards may ask the same target at the same time.
func TestShardsAtOnce(t *testing.T) {
	doc := openStyle(t, "django")
	s := honest.New("django", 3, "")
	parts := make([]*contracttest.Report, 3)
	var wg sync.WaitGroup
	for i := range parts {
		wg.Go(func() {
			parts[i], _ = contracttest.Check(t.Context(), doc, contracttest.Target{
				Handler: s.Handler, Token: s.Token, Shard: fmt.Sprintf("%d/3", i+1), Exclude: []string{"paging/depth"},
			})
		})
	}
	wg.Wait()
	whole := check(t, doc, contracttest.Target{Handler: s.Handler, Token: s.Token, Exclude: []string{"paging/depth"}})
	require.Equal(t, casesOf(whole), casesOf(parts...))
	require.Empty(t, findingsOf(parts...))
}

// TestShardsOfAuthentik: the shards of a large document are about as large, and each is planned for by reading the same.
func TestShardsOfAuthentik(t *testing.T) {
	skipRaced(t)
	doc, err := understudy.Open(t.Context(), authentik(t)[0])
	require.NoError(t, err)
	mock := mockOf(t, doc, map[string]string{mockToken: ""})
	plan := func(shard string) (cases []string, requests int) {
		r := check(t, doc, contracttest.Target{Handler: mock, Token: mockToken, DryRun: true, Shard: shard, Include: []string{"/core/*", "/stages/*", "/events/*", "/flows/*"}})
		for _, p := range r.Planned {
			cases, requests = append(cases, p.Case), requests+p.AtMost
		}
		return cases, requests
	}
	whole, all := plan("")
	var union []string
	for i := range 4 {
		cases, requests := plan(fmt.Sprintf("%d/4", i+1))
		union = append(union, cases...)
		t.Logf("shard %d of 4: %d cases, at most %d requests of %d", i+1, len(cases), requests, all)
		require.InDelta(t, all/4, requests, float64(all)/10)
	}
	slices.Sort(whole)
	slices.Sort(union)
	require.Equal(t, whole, union)
}

// TestEmptyShard: where there are more shards than there is to do, some have nothing to do, and that is no mistake.
func TestEmptyShard(t *testing.T) {
	doc, mock := invitations(t)
	rec := &recorder{next: mock}
	r := check(t, doc, contracttest.Target{Handler: rec, Token: mockToken, Shard: "9/9"})
	require.Empty(t, r.Cases)
	require.Empty(t, rec.all)
	require.Zero(t, r.ExitStatus())
	require.Contains(t, text(r), "NOTHING TO TELL of ")
	require.True(t, strings.HasSuffix(text(r), ", in shard 9/9\n"))
}

func TestShardsThatAreNone(t *testing.T) {
	doc, mock := invitations(t)
	for _, shard := range []string{"0/5", "6/5", "2", "2/", "/5", "two/5", "2/5/1", "-1/5", " 2/5", "2/05"} {
		_, err := contracttest.Check(t.Context(), doc, contracttest.Target{Handler: mock, Shard: shard})
		require.ErrorContains(t, err, "such as 2/5", shard)
	}
}
