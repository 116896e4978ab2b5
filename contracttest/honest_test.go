package contracttest_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy"
	"understudy/contracttest"
	"understudy/contracttest/honest"
)

// documents are those of the honest servers, opened once.
func openStyle(t testing.TB, style string) *understudy.Document {
	t.Helper()
	file := filepath.Join(t.TempDir(), style+".yaml")
	require.NoError(t, os.WriteFile(file, []byte(honest.New(style, 0, "").Document), 0o600))
	doc, err := understudy.Open(context.Background(), file)
	require.NoError(t, err)
	return doc
}

// checkHonest checks a server written by hand.
func checkHonest(t testing.TB, doc *understudy.Document, style string, seed uint64, fault string, change func(*contracttest.Target)) *contracttest.Report {
	t.Helper()
	s := honest.New(style, seed, fault)
	target := contracttest.Target{Handler: s.Handler, Token: s.Token, Second: map[string]string{"": s.SecondToken}, Writes: true, Seed: seed}
	if rules := os.Getenv("UNDERSTUDY_RULES"); rules != "" {
		target.Include = strings.Fields(rules)
	}
	if change != nil {
		change(&target)
	}
	r, err := contracttest.Check(context.Background(), doc, target)
	require.NoError(t, err)
	return r
}

func text(r *contracttest.Report) string {
	var b strings.Builder
	r.Text(&b)
	return b.String()
}

// seeds is how many seeds of each style are checked: make soak checks 1,000.
func seeds(t *testing.T) uint64 {
	t.Helper()
	n, err := strconv.ParseUint(os.Getenv("UNDERSTUDY_SEEDS"), 10, 64)
	if err != nil {
		n = 50
	}
	return n
}

// TestHonest: nothing is found on servers that keep their contract, whatever their data and their legal oddities.
func TestHonest(t *testing.T) {
	for _, style := range honest.Styles() {
		doc := openStyle(t, style)
		for seed := range seeds(t) {
			t.Run(fmt.Sprintf("%s/%d", style, seed), func(t *testing.T) {
				t.Parallel()
				r := checkHonest(t, doc, style, seed, "", nil)
				require.Empty(t, r.Findings, "%s", text(r))
				require.Empty(t, r.Leftovers)
				require.Empty(t, r.Stopped)
			})
		}
	}
}

// TestFaults: each fault is caught by the rule meant.
func TestFaults(t *testing.T) {
	for _, style := range honest.Styles() {
		doc := openStyle(t, style)
		for _, f := range honest.Faults(style) {
			t.Run(style+"/"+f.ID, func(t *testing.T) {
				t.Parallel()
				r := checkHonest(t, doc, style, 3, f.ID, nil)
				var rules []string
				for _, found := range r.Findings {
					rules = append(rules, found.Rule+" "+string(found.Verdict))
				}
				if !slices.ContainsFunc(r.Findings, func(found *contracttest.Finding) bool { return found.Rule == f.Rule && found.Verdict == contracttest.Broken }) {
					t.Errorf("%s (%s) should be caught by %s; found: %s", f.ID, f.Sentence, f.Rule, fmt.Sprint(rules))
				}
			})
		}
	}
}
