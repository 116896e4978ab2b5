package contracttest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/contracttest"
)

// TestNothingValidated: a server that stores whatever it is sent has one fault, not one for each property, and what it shows of that afterwards is no other.
func TestNothingValidated(t *testing.T) {
	skipRaced(t)
	doc := openStyle(t, "offset")
	for _, seed := range []uint64{3, 8} {
		r := checkHonest(t, doc, "offset", seed, "nothing-validated", func(target *contracttest.Target) {
			target.Include = []string{"value/*", "conform/*", "crud/*"}
		})
		told := map[string]int{}
		for _, f := range r.Findings {
			if told[f.Rule]++; f.Rule == "value/refused" {
				require.Equal(t, []string{"createProduct", "replaceProduct", "changeProduct"}, f.Operations)
				require.Regexp(t, `^\d\d of \d\d invalid bodies are taken, such as that of this request: 201`, f.Got)
				require.Equal(t, "what is sent is not validated", f.Cause)
			}
		}
		require.Equal(t, map[string]int{"value/refused": 1, "value/required": 1}, told, text(r))
	}
}
