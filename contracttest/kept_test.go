package contracttest_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/contracttest"
	"understudy/contracttest/honest"
	"understudy/internal/contract"
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

// TestKept: on honest servers every rule is kept that applies to their style, but for those that are named, with their reasons; and every rule of the
// catalogue is kept by one style and broken by a fault.
func TestKept(t *testing.T) {
	everywhere := map[string]bool{}
	for _, style := range honest.Styles() {
		doc := openStyle(t, style)
		kept, skipped := map[string]bool{}, map[string][]string{}
		for _, seed := range []uint64{1, 3, 4, 5} {
			for _, c := range checkHonest(t, doc, style, seed, "", nil).Cases {
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
	broken := map[string]bool{}
	for _, style := range honest.Styles() {
		for _, f := range honest.Faults(style) {
			broken[f.Rule] = true
		}
	}
	for _, r := range contract.Rules() {
		require.True(t, everywhere[r.ID], "no server keeps %s", r.ID)
		require.True(t, broken[r.ID], "no fault breaks %s", r.ID)
	}
}
