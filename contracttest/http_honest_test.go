package contracttest_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy"
	"understudy/contracttest"
	"understudy/contracttest/honest"
)

// openText opens a document that is a text.
func openText(t *testing.T, text string) *understudy.Document {
	t.Helper()
	file := filepath.Join(t.TempDir(), "openapi.yaml")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	doc, err := understudy.Open(context.Background(), file)
	require.NoError(t, err)
	return doc
}

// checkDoors checks an honest server, or one with a fault, by the rules about credentials and HTTP.
func checkDoors(t *testing.T, style string, seed uint64, fault string) *contracttest.Report {
	t.Helper()
	s := honest.New(style, seed, fault)
	report, err := contracttest.Check(context.Background(), openText(t, s.Document), contracttest.Target{
		Handler: s.Handler, Token: s.Token, Second: map[string]string{"": s.SecondToken}, Writes: true, Include: []string{"auth/*", "http/*"},
	})
	require.NoError(t, err)
	return report
}

// told writes what was found.
func told(r *contracttest.Report) string {
	var b strings.Builder
	r.Text(&b)
	return b.String()
}

func TestHonestServersAreTrustedAndHTTP(t *testing.T) {
	for _, style := range honest.Styles() {
		for seed := range uint64(6) {
			t.Run(fmt.Sprint(style, seed), func(t *testing.T) {
				t.Parallel()
				r := checkDoors(t, style, seed, "")
				require.Empty(t, r.Findings, told(r))
				require.Empty(t, r.Stopped)
			})
		}
	}
}

// notCaught are faults that these rules cannot tell, and why.
var notCaught = map[string]string{
	"offset/method-404":       "404 is a legal refusal: the server may look for method and path together",
	"offset/token-any-case":   "its token is a number of base 16, which is the same in either case",
	"offset/open-settings":    "nothing is written to what the check did not create",
	"offset/any-content-type": "a server may read whatever it gets as JSON",
}

// sometimes are faults that legal oddities hide: with some seeds every answer differs anyway, or Locations name a host that only a proxy knows.
var sometimes = map[string]bool{"cursor/etag-random": true, "offset/location-nowhere": true}

func TestFaultsOfCredentialsAndHTTPAreCaught(t *testing.T) {
	for _, style := range honest.Styles() {
		for _, f := range honest.Faults(style) {
			if family, _, _ := strings.Cut(f.Rule, "/"); family != "auth" && family != "http" {
				continue
			}
			t.Run(style+"/"+f.ID, func(t *testing.T) {
				t.Parallel()
				if why := notCaught[style+"/"+f.ID]; why != "" {
					t.Skip(why)
				}
				seen := 0
				for seed := range uint64(2) {
					r := checkDoors(t, style, seed, f.ID)
					if slices.ContainsFunc(r.Findings, func(found *contracttest.Finding) bool {
						return found.Rule == f.Rule && found.Verdict == contracttest.Broken
					}) {
						seen++
					} else if !sometimes[style+"/"+f.ID] {
						t.Errorf("seed %d: %s\n%s", seed, f.Sentence, told(r))
					}
				}
				require.NotZero(t, seen)
			})
		}
	}
}
