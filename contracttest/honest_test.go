package contracttest_test

import (
	"context"
	"hash/fnv"
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
	"understudy/internal/contract"
)

// openText opens a document that is a text.
func openText(t testing.TB, text string) *understudy.Document {
	t.Helper()
	file := filepath.Join(t.TempDir(), "openapi.yaml")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	doc, err := understudy.Open(context.Background(), file)
	require.NoError(t, err)
	return doc
}

func openStyle(t testing.TB, style string) *understudy.Document {
	t.Helper()
	return openText(t, honest.New(style, 0, "").Document)
}

// skipRaced leaves out what takes long under the race detector: what races in it runs elsewhere, too, and it is tried without.
func skipRaced(t *testing.T) {
	t.Helper()
	if raced {
		t.Skip("it is tried without the race detector")
	}
}

// sampled leaves out, under the race detector, all but one in thirty-two of a table's runs: what races in one of them runs in all.
func sampled(t *testing.T) {
	t.Helper()
	h := fnv.New32a()
	_, _ = h.Write([]byte(t.Name()))
	if raced && h.Sum32()%32 != 0 {
		t.Skip("it is tried without the race detector")
	}
}

// checkHonest checks a server written by hand.
func checkHonest(t testing.TB, doc *understudy.Document, style string, seed uint64, fault string, change func(*contracttest.Target)) *contracttest.Report {
	t.Helper()
	s := honest.New(style, seed, fault)
	target := contracttest.Target{Handler: s.Handler, Token: s.Token, Second: map[string]string{"": s.SecondToken}, Writes: true, Seed: seed}
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

// seeds is how many seeds of each style are checked: CI checks 25, and make soak 334, which are 1,000 runs.
func seeds(t *testing.T) uint64 {
	t.Helper()
	if raced {
		return firstRaced
	}
	n, err := strconv.ParseUint(os.Getenv("UNDERSTUDY_SEEDS"), 10, 64)
	if err != nil {
		n = first
	}
	return max(n, first)
}

// first is how many seeds of each style are checked at least, and firstRaced how many under the race detector.
const (
	first      = 5
	firstRaced = 1
)

// TestHonest: nothing is found on servers that keep their contract, whatever their data and their legal oddities; and much is kept.
func TestHonest(t *testing.T) {
	everywhere := map[string]bool{}
	for _, style := range honest.Styles() {
		doc := openStyle(t, style)
		var reports [first]*contracttest.Report
		t.Run(style, func(t *testing.T) {
			for seed := range seeds(t) {
				t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
					t.Parallel()
					r := checkHonest(t, doc, style, seed, "", nil)
					require.Empty(t, r.Findings, "%s", text(r))
					require.Empty(t, r.Leftovers)
					require.Empty(t, r.Stopped)
					if seed < first {
						reports[seed] = r
					}
				})
			}
		})
		if slices.Contains(reports[:], nil) {
			t.Skip("not all of it was run: what is kept cannot be told")
		}
		requireKept(t, style, reports[:], everywhere)
	}
	for _, r := range contract.Rules() {
		require.True(t, everywhere[r.ID], "no server keeps %s", r.ID)
	}
}

// untold are the faults that no check can tell from what a server may do, and why.
var untold = map[string]string{
	"create-always-refused": "a rule of the business may refuse whatever is tried",
	"page-invalid-mixed":    "nothing says that all lists answer a page that is none in the same way",
	"offset-invalid-mixed":  "nothing says that all lists answer an offset that is none in the same way",
	"empty-filter-none":     "no item has an empty text, and that may be what was asked for",
	"search-words-only":     "a search may look for how texts begin",
	"search-any-or-all":     "two pairs of words are asked for, and both may be treated alike",
	"limit-zero-accepted":   "a server may count what is out of bounds as the nearest bound, or as the default",
	"null-accepted":         "a server may take null for what is left out",
	"method-404":            "a server may look for method and path together",
	"any-content-type":      "a server may read whatever it gets as JSON",
	"token-any-case":        "its token is a number of base 16, which is the same in either case",
	"open-settings":         "nothing is written to what the check did not create",
	"settings-reset":        "nothing is written to what the check did not create",
	"get-opens":             "whether an item was read before is not known",
	"get-empties-trash":     "whether an item was listed before is not known",
	"slow-late-pages":       "a machine that is busy is slow with every page",
}

// TestFaults: each fault is caught by the rule meant, on one of two servers with other data. Of every fifth, and of all in make soak, it has the same fingerprint
// on both, however many requests are sent at once: or else a baseline would know nothing again.
func TestFaults(t *testing.T) {
	broken := map[string]bool{}
	for _, style := range honest.Styles() {
		doc := openStyle(t, style)
		for i, f := range honest.Faults(style) {
			broken[f.Rule] = true
			if raced && i%160 != 0 {
				continue // what races in one runs in all of them
			}
			t.Run(style+"/"+f.ID, func(t *testing.T) {
				t.Parallel()
				both := i%5 == 0 || seeds(t) > 50
				var told, before []string
				for n, seed := range []uint64{3, 8} {
					r := checkHonest(t, doc, style, seed, f.ID, func(target *contracttest.Target) {
						target.Strict = f.Rule == "conform/undeclared"
						if both {
							target.Workers = 1 + 5*n
						}
						family, _, _ := strings.Cut(f.Rule, "/")
						if everyAnswer := family == "conform" || f.Rule == "http/challenge"; !everyAnswer {
							target.Include = []string{family + "/*"}
						}
					})
					var now []string
					for _, found := range r.Findings {
						told = append(told, found.Rule+" "+string(found.Verdict))
						if found.Verdict == contracttest.Broken && found.Rule == f.Rule {
							now = append(now, found.Fingerprint)
						}
					}
					switch {
					case len(now) == 0:
					case len(before) > 0:
						require.True(t, slices.ContainsFunc(now, func(print string) bool { return slices.Contains(before, print) }), "%q\n%q", before, now)
						return
					case n > 0 || !both:
						return
					}
					if len(now) > 0 {
						before = now
					}
				}
				if len(before) > 0 {
					return
				}
				if why := untold[f.ID]; why != "" {
					t.Skip(why)
				}
				t.Errorf("%s (%s) should be caught by %s; found: %s", f.ID, f.Sentence, f.Rule, told)
			})
		}
	}
	for _, r := range contract.Rules() {
		require.True(t, broken[r.ID], "no fault breaks %s", r.ID)
	}
}
