package contract

import (
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestRules: ids are stable and unique, sentences read as sentences, and the page about them is up to date.
func TestRules(t *testing.T) {
	id := regexp.MustCompile(`^[a-z]+(/[a-z]+(-[a-z]+)*)$`)
	seen := map[string]bool{}
	for _, r := range Rules() {
		require.Regexp(t, id, r.ID)
		require.False(t, seen[r.ID], r.ID)
		seen[r.ID] = true
		require.NotEmpty(t, r.When, r.ID)
		require.NotRegexp(t, `\.$`, r.Sentence, r.ID)
		require.Contains(t, []Strength{Must, Convention, Heuristic}, r.Strength, r.ID)
	}
	page, err := os.ReadFile("../../docs/rules.md")
	require.NoError(t, err)
	require.Equal(t, RulesReference(), string(page), "make generate")
}

// TestRulesApply: what a list cannot do, it is not asked for.
func TestRulesApply(t *testing.T) {
	d := load(t, styles)
	applies := func(list, rule string) bool {
		for _, r := range Rules() {
			if r.ID == rule {
				return r.Applies(collection(t, d, list).List())
			}
		}
		require.Fail(t, "no rule "+rule)
		return false
	}
	require.True(t, applies("pages", "paging/arithmetic"))
	require.False(t, applies("cursors", "paging/arithmetic"), "nothing is counted")
	require.True(t, applies("cursors", "paging/cursor"))
	require.False(t, applies("pages", "paging/cursor"))
	require.True(t, applies("offsets", "paging/links"))
	require.True(t, applies("offsets", "paging/size-default"))
	require.True(t, applies("pages", "paging/size-default"), "x-understudy says it")
	require.False(t, applies("offsets", "order/sorted"))
	require.True(t, applies("pages", "search/none"))
	require.True(t, applies("pages", "auth/open"))
	require.False(t, applies("pages", "auth/required"))
}
