package contracttest_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/contracttest"
	"understudy/contracttest/honest"
)

// TestFingerprints, of every fifth fault (every twentieth under the race detector), or of all in make soak: a fault has the same fingerprint whatever the data, the seed and how many requests are sent at once; or else a baseline would know nothing again.
func TestFingerprints(t *testing.T) {
	for _, style := range honest.Styles() {
		doc := openStyle(t, style)
		for i, f := range honest.Faults(style) {
			if os.Getenv("UNDERSTUDY_SEEDS") == "" && (i%5 != 0 || raced && i%20 != 0) {
				continue
			}
			t.Run(style+"/"+f.ID, func(t *testing.T) {
				t.Parallel()
				var before []string
				for n, seed := range []uint64{3, 8} {
					r := checkHonest(t, doc, style, seed, f.ID, func(target *contracttest.Target) {
						target.Strict = f.Rule == "conform/undeclared"
						target.Workers = 1 + 5*n
						family, _, _ := strings.Cut(f.Rule, "/")
						if everyAnswer := family == "conform" || f.Rule == "http/challenge"; !everyAnswer {
							target.Include = []string{family + "/*"}
						}
					})
					var now []string
					for _, found := range r.Findings {
						if found.Verdict == contracttest.Broken && found.Rule == f.Rule {
							now = append(now, found.Fingerprint+" "+found.Subject+" "+found.Got+" / "+found.Want)
						}
					}
					if n > 0 && len(before) > 0 && len(now) > 0 {
						same := slices.ContainsFunc(now, func(a string) bool {
							return slices.ContainsFunc(before, func(b string) bool { return a[:16] == b[:16] })
						})
						require.True(t, same, "%q\n%q", before, now)
					}
					before = now
				}
			})
		}
	}
}
