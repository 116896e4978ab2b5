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

// documentOf opens an honest server's document.
func documentOf(t *testing.T, s *honest.Server) *understudy.Document {
	t.Helper()
	file := filepath.Join(t.TempDir(), s.Name+".yaml")
	require.NoError(t, os.WriteFile(file, []byte(s.Document), 0o600))
	doc, err := understudy.Open(context.Background(), file)
	require.NoError(t, err)
	return doc
}

// writing checks a server with writes allowed.
func writing(t *testing.T, doc *understudy.Document, s *honest.Server, rules ...string) *contracttest.Report {
	t.Helper()
	r, err := contracttest.Check(context.Background(), doc, contracttest.Target{Handler: s.Handler, Token: s.Token, Writes: true, Include: rules})
	require.NoError(t, err)
	return r
}

// said is what a report found, in lines.
func said(r *contracttest.Report) string {
	var b strings.Builder
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "%s %s %v: got %s, want %s\n\t%s\n\t%s\n", f.Verdict, f.Rule, f.Operations, f.Got, f.Want, f.Intent, f.Request)
	}
	return b.String()
}

func TestWritesHonest(t *testing.T) {
	seeds := uint64(21)
	if testing.Short() {
		seeds = 3
	}
	for _, style := range honest.Styles() {
		for seed := range seeds {
			s := honest.New(style, seed, "")
			r := writing(t, documentOf(t, s), s, "crud/*", "value/*")
			require.Empty(t, said(r), "%s %d", style, seed)
			require.Empty(t, r.Leftovers, "%s %d", style, seed)
			if os.Getenv("SHOW") != "" {
				counts := map[contracttest.Verdict]int{}
				for _, c := range r.Cases {
					counts[c.Verdict]++
					if c.Verdict == contracttest.Skipped {
						t.Logf("%s %d %s %s %s: %s", style, seed, c.Operation, c.Rule, c.Subject, c.Reason)
					}
				}
				t.Log(style, seed, r.Requests, counts)
			}
		}
	}
}

func TestWritesFaults(t *testing.T) {
	for _, style := range honest.Styles() {
		for i, f := range honest.Faults(style) {
			if family, _, _ := strings.Cut(f.Rule, "/"); family != "crud" && family != "value" || f.ID == "settings-reset" {
				continue
			}
			t.Run(style+"/"+f.ID, func(t *testing.T) {
				seed := uint64(i)
				if f.ID == "limit-over-accepted" {
					seed = 4 // with more items than the maximum: fewer cannot tell
				}
				if more, err := strconv.Atoi(os.Getenv("SEED")); err == nil {
					seed += uint64(more)
				}
				s := honest.New(style, seed, f.ID)
				r := writing(t, documentOf(t, s), s, "crud/*", "value/*")
				caught := slices.ContainsFunc(r.Findings, func(found *contracttest.Finding) bool {
					return found.Verdict == contracttest.Broken && (found.Rule == f.Rule || f.ID == "put-forgets-budget" && found.Rule == "crud/replace-stores")
				})
				require.True(t, caught, "%s: %s\n%s", f.Rule, f.Sentence, said(r))
			})
		}
	}
}
