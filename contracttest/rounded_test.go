package contracttest

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/internal/contract"
)

// TestRounded holds which numbers count as kept where a description speaks of rounding, and which are sent then.
func TestRounded(t *testing.T) {
	for _, test := range []struct {
		says, sent, shown string
		same, sends       bool // sends: 3.75 is kept as it is
	}{
		{"As given.", `3.75`, `3.8`, false, true},
		{"A decimal number.", `3.75`, `3.8`, false, true},
		{"Rounded to one decimal.", `3.75`, `3.8`, true, false},
		{"Rounded to one decimal.", `3.75`, `4`, false, false},
		{"Rounded to one decimal.", `3.75`, `2.8`, false, false},
		{"Kept with two decimals.", `3.756`, `3.76`, true, true},
		{"Kept with two decimals.", `3.75`, `3`, false, true},
		{"Rounded.", `3.75`, `4`, true, false},
		{"Rounded.", `3.75`, `5`, false, false},
		{"Truncated to 1 decimal.", `3.78`, `3.7`, true, false},
		{"To the nearest 5.", `13`, `15`, true, false},
		{"To the nearest 5.", `13`, `20`, false, false},
		{"Approximate.", `1312`, `1300`, true, false},
	} {
		doc, err := contract.Load(t.Context(), "things.yaml", []byte(fmt.Sprintf(`
openapi: 3.0.3
info: {title: t, version: "1"}
paths:
  /things:
    post:
      operationId: make
      requestBody: {content: {application/json: {schema: {type: object, properties: {rate: {type: number, description: %q}}}}}}
      responses: {"204": {description: Done.}}
`, test.says)))
		require.NoError(t, err)
		_, thing := doc.Operations()[0].Body.Object()
		rate, _ := thing.Property("rate")
		sent, err := contract.DecodeJSON([]byte(test.sent))
		require.NoError(t, err)
		shown, err := contract.DecodeJSON([]byte(test.shown))
		require.NoError(t, err)
		require.Equal(t, test.same, sameMeaning(sent, shown, rate.Schema), "%s %s shown as %s", test.says, test.sent, test.shown)
		require.Equal(t, test.sends, isKept(3.75, rate.Schema), test.says)
	}
}
