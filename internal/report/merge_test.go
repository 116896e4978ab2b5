package report_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/contracttest"
	"understudy/internal/report"
)

// parted gives a report as n parts would have it: each has the cases of some operations, and of the rules that every answer is judged by what the requests of
// those showed. The first part saw nothing of what the last one did, and says so.
func parted(r *contracttest.Report, n int) []*contracttest.Report {
	place := map[string]int{}
	for i, x := range r.Exercised {
		place[x.Operation] = i % n
	}
	var out []*contracttest.Report
	for i := range n {
		part := *r
		part.Shard = fmt.Sprintf("%d/%d", i+1, n)
		part.Cases, part.Findings, part.Exchanges = nil, nil, nil
		for _, c := range r.Cases {
			mine := place[c.Operation] == i
			judged := contracttest.JudgesEveryAnswer(c.Rule)
			switch {
			case mine:
				numbers := c.Exchanges
				c.Exchanges = nil
				for _, number := range numbers {
					c.Exchanges = append(c.Exchanges, len(part.Exchanges))
					part.Exchanges = append(part.Exchanges, r.Exchanges[number])
				}
				part.Cases = append(part.Cases, c)
			case judged && len(part.Cases) > 0 && part.Cases[len(part.Cases)-1].Rule == c.Rule && part.Cases[len(part.Cases)-1].Operation == c.Operation:
			case judged:
				c.Verdict, c.Subject, c.Finding, c.Reason = contracttest.Skipped, "", "", "no answer of this operation could be judged by it"
				if i%2 == 0 {
					c.Verdict, c.Reason = contracttest.Kept, ""
				}
				part.Cases = append(part.Cases, c)
			}
		}
		for _, f := range r.Findings {
			g := *f
			g.Operations = slices.DeleteFunc(slices.Clone(f.Operations), func(op string) bool { return place[op] != i })
			if len(g.Operations) > 0 {
				part.Findings = append(part.Findings, &g)
			}
		}
		out = append(out, &part)
	}
	return out
}

// TestMerge: parts joined in any order are the whole, case for case and finding for finding.
func TestMerge(t *testing.T) {
	whole := broken(t)
	parts := parted(whole, 5)
	slices.Reverse(parts)
	joined, err := report.Merge(parts...)
	require.NoError(t, err)
	require.Equal(t, len(whole.Findings), len(joined.Findings))
	for i, f := range whole.Findings {
		require.Equal(t, f, joined.Findings[i])
	}
	plain := func(r *contracttest.Report) []contracttest.CaseResult {
		out := slices.Clone(r.Cases)
		for i := range out {
			seen := len(out[i].Exchanges)
			out[i].Exchanges = []int{seen}
			if contracttest.JudgesEveryAnswer(out[i].Rule) && (out[i].Verdict == contracttest.Skipped || out[i].Verdict == contracttest.Kept) {
				out[i].Verdict, out[i].Reason = "", "" // the parts disagree on purpose
			}
		}
		for i := range out {
			out[i] = contracttest.CaseResult{Rule: out[i].Rule, Operation: out[i].Operation, Subject: out[i].Subject, Verdict: out[i].Verdict, Reason: out[i].Reason, Exchanges: out[i].Exchanges}
		}
		return out
	}
	require.Equal(t, plain(whole), plain(joined))
	require.Equal(t, 1, joined.ExitStatus())
	require.Empty(t, joined.Stopped)
	require.Empty(t, joined.Shard)
	require.Equal(t, 5*whole.Requests, joined.Requests)
	valid(t, "../../docs/report.schema.json", write(t, "json", joined))

	one, err := report.Merge(whole)
	require.NoError(t, err)
	require.Equal(t, string(write(nil, "json", whole)), string(write(nil, "json", one)), "one report alone stays as it is")
}

// TestMergeOfWhatIsNoWhole: a part that is missing cannot be told, and what does not belong together is refused.
func TestMergeOfWhatIsNoWhole(t *testing.T) {
	whole := check(t, document(t, "django"), 1, "", only)
	require.Zero(t, whole.ExitStatus())
	parts := parted(whole, 3)
	some, err := report.Merge(parts[0], parts[2])
	require.NoError(t, err)
	require.Equal(t, "these parts are missing: 2/3", some.Stopped)
	require.Equal(t, 2, some.ExitStatus())
	_, err = report.Merge(parts[0], parts[0])
	require.EqualError(t, err, "the part 1/3 is there twice")
	other := *parts[1]
	other.Seed = 9
	_, err = report.Merge(parts[0], &other)
	require.EqualError(t, err, "these are checks with two seeds: 1 and 9")
	other = *parts[1]
	other.Version = "9"
	_, err = report.Merge(parts[0], &other)
	require.ErrorContains(t, err, "these are checks of two documents")
	_, err = report.Merge()
	require.EqualError(t, err, "there is nothing to join")
}
