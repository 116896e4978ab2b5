package report_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy"
	"understudy/contracttest"
	"understudy/contracttest/honest"
	"understudy/internal/report"
)

// TestShardsJoinedAreOneRun: five shards, each against a service of its own, are joined to what one run gives: case for case, finding for finding, in its order.
// All rules are tried where nothing is broken and where every answer may show the fault, and beside another fault those of its kind.
func TestShardsJoinedAreOneRun(t *testing.T) {
	for fault, include := range map[string][]string{
		"": nil, "type-wrong": {"conform/*"}, "order-ignored": {"order/*"}, "open-delete": {"auth/*"}, "page-count-of-page": {"paging/*"}, "teapot": {"conform/*", "http/*"},
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "openapi.yaml")
			require.NoError(t, os.WriteFile(file, []byte(honest.New("django", 0, "").Document), 0o600))
			doc, err := understudy.Open(t.Context(), file)
			require.NoError(t, err)
			run := func(shard string) *contracttest.Report {
				s := honest.New("django", 3, fault)
				r, err := contracttest.Check(t.Context(), doc, contracttest.Target{
					Handler: s.Handler, Token: s.Token, Second: map[string]string{"": s.SecondToken}, Writes: true, Seed: 3, Shard: shard, Include: include,
					Exclude: []string{"paging/depth"}, MinCoverage: map[string]float64{"operations": 50, "parameters": 100},
				})
				require.NoError(t, err)
				return r
			}
			whole := run("")
			require.Equal(t, fault != "", len(whole.Findings) > 0)
			var parts []*contracttest.Report
			for i := range 5 {
				parts = append(parts, run(fmt.Sprintf("%d/5", i+1)))
			}
			joined, err := report.Merge(parts...)
			require.NoError(t, err)
			require.Equal(t, told(whole), told(joined))
			require.Equal(t, whole.NotApplicable, joined.NotApplicable)
			require.Equal(t, whole.ExitStatus(), joined.ExitStatus())
			require.Equal(t, whole.Coverage(), joined.Coverage())
			require.Equal(t, whole.Shortfalls(), joined.Shortfalls())
			require.Empty(t, joined.Shard)

			some, err := report.Merge(parts[1:]...)
			require.NoError(t, err)
			require.Equal(t, "these parts are missing: 1/5", some.Stopped)
			require.NotZero(t, some.ExitStatus())
		})
	}
}

// told is what a report says, but for times, places of the target and what was made up along the way.
func told(r *contracttest.Report) (lines []string) {
	for _, c := range r.Cases {
		lines = append(lines, fmt.Sprintf("%s %s %q %s %q %s", c.Operation, c.Rule, c.Subject, c.Verdict, c.Reason, c.Finding))
	}
	for _, f := range r.Findings {
		lines = append(lines, fmt.Sprintf("%s %s %s %v %q %s %q %s %d", f.Verdict, f.Rule, f.Fingerprint, f.Operations, f.Subject, f.Want, f.Intent, f.Place, f.Status))
	}
	return lines
}
