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

// checkHonest checks an honest server, or one with a fault, by the rules about credentials and HTTP.
func checkHonest(t *testing.T, style string, seed uint64, fault string) *contracttest.Report {
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
		for seed := range uint64(20) {
			t.Run(fmt.Sprint(style, seed), func(t *testing.T) {
				t.Parallel()
				r := checkHonest(t, style, seed, "")
				require.Empty(t, r.Findings, told(r))
				require.Empty(t, r.Stopped)
			})
		}
	}
}

// notCaught are faults that these rules cannot tell, and why.
var notCaught = map[string]string{}

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
				for seed := range uint64(5) {
					r := checkHonest(t, style, seed, f.ID)
					caught := slices.ContainsFunc(r.Findings, func(found *contracttest.Finding) bool { return found.Rule == f.Rule })
					require.True(t, caught, "seed %d: %s\n%s", seed, f.Sentence, told(r))
				}
			})
		}
	}
}
