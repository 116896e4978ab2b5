package contracttest_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/contracttest"
)

// neverKept are the rules that apply to a style and that none of its servers can keep, with the reasons: a check that skips everything would skip more.
var neverKept = map[string]map[string][]string{
	"django": {
		"conform/headers": {"no answer of this operation could be judged by it"},
		"crud/write-only": {"no answer of this operation could be judged by it"},
		"http/challenge":  {"no answer of this operation could be judged by it"},
		"http/etag":       {"it has no ETag"},
		"http/location":   {"what is created has no Location that can be followed"},
	},
	"offset": {
		"crud/write-only": {"no answer of this operation could be judged by it"},
		"http/etag":       {"it has no ETag"},
	},
	"cursor": {
		"http/challenge":  {"no answer of this operation could be judged by it"},
		"paging/past-end": {"a list paged by cursor has no pages past its end to ask for"},
	},
}

// requireKept: on honest servers of a style every rule is kept that applies to it, but for those that are named, with their reasons. It adds what was kept to everywhere.
func requireKept(t *testing.T, style string, reports []*contracttest.Report, everywhere map[string]bool) {
	t.Helper()
	kept, skipped := map[string]bool{}, map[string][]string{}
	for _, r := range reports {
		for _, c := range r.Cases {
			if c.Verdict == contracttest.Kept {
				kept[c.Rule], everywhere[c.Rule] = true, true
			} else if !slices.Contains(skipped[c.Rule], c.Reason) {
				skipped[c.Rule] = append(skipped[c.Rule], c.Reason)
			}
		}
	}
	for rule := range kept {
		delete(skipped, rule)
	}
	require.Equal(t, neverKept[style], skipped, style)
}
