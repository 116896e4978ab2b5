package contracttest_test

import (
	"bytes"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/contracttest"
)

// timely is what depends on when, where and in which order requests are sent: times, the port, and the numbers that the servers give to requests.
var timely = regexp.MustCompile(`"(took|began|started|median|p95|max)": [^,\n]*|127\.0\.0\.1:\d+|"(Date|Last-Modified)": \[[^\]]*\]|"[0-9a-f]{8}"`)

// TestReportsAreTheSame: two checks of the same service give the same report, but for times, however many requests are on their way at once.
func TestReportsAreTheSame(t *testing.T) {
	for _, x := range []struct{ style, fault string }{{"offset", "error-shape"}, {"django", "teapot"}, {"cursor", "malformed-key-500"}} {
		t.Run(x.style, func(t *testing.T) {
			t.Parallel()
			if x.style != "cursor" {
				skipRaced(t)
			}
			doc := openStyle(t, x.style)
			report := func(workers int) string {
				r := checkHonest(t, doc, x.style, 3, x.fault, func(target *contracttest.Target) {
					target.Workers, target.Record, target.Exclude = workers, true, []string{"paging/depth"} // it asks again when an answer took long
				})
				require.NotEmpty(t, r.Findings)
				var b bytes.Buffer
				require.NoError(t, r.JSON(&b))
				return timely.ReplaceAllString(b.String(), "")
			}
			require.Equal(t, report(1), report(8))
		})
	}
}
