package report

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func textOf(lines []line) string {
	var out []string
	for _, l := range lines {
		if l.Marked {
			l.Text = "> " + l.Text
		}
		out = append(out, l.Text)
	}
	return strings.Join(out, "\n")
}

// TestIndented: JSON is shown a member a line, the beginning of some too, and what is spoken of is marked.
func TestIndented(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":1,"b":[{"c":"x"},{"c":"y"}],"d":{}}`: "{\n  \"a\": 1,\n  \"b\": [\n    {\n      \"c\": \"x\"\n    },\n    {\n>       \"c\": \"y\"\n    }\n  ],\n  \"d\": {}\n}",
		`{"b":[{"c":"x"},{"c":"y, {`:               "{\n  \"b\": [\n    {\n      \"c\": \"x\"\n    },\n    {\n>       \"c\": \"y, {",
		`[1, [ ] , "\"]"]`:                         "[\n  1,\n  [],\n  \"\\\"]\"\n]",
		"plain\ntext":                              "plain\ntext",
		"":                                         "",
	} {
		got := textOf(indented(text, func(pointer string) bool { return pointer == "/b/1/c" }))
		require.Equal(t, want, got, text)
	}
}

// FuzzIndented: whatever a server sends is shown, and of JSON nothing is lost.
func FuzzIndented(f *testing.F) {
	for _, seed := range []string{`{"a":[1,{"b":null}]}`, `[[[`, `}]`, `"`, `{"a`, `{"a":"\`, "{}{}", `[,]`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		lines := indented(text, func(string) bool { return false })
		if !json.Valid([]byte(text)) {
			return
		}
		var joined strings.Builder
		for _, l := range lines {
			joined.WriteString(l.Text + "\n")
		}
		var want, got bytes.Buffer
		require.NoError(t, json.Compact(&want, []byte(text)))
		require.NoError(t, json.Compact(&got, []byte(joined.String())))
		require.Equal(t, want.String(), got.String())
	})
}

// TestDifferences marks the words that one of two like sentences has alone, and none of two that have little in common.
func TestDifferences(t *testing.T) {
	got, want := differences("the status is 200", "the status is 404")
	require.Equal(t, []part{{"the", false}, {" status", false}, {" is", false}, {" 200", true}}, got)
	require.Equal(t, part{" 404", true}, want[3])
	got, want = differences("nothing like it", "quite another thing")
	require.Equal(t, []part{{Text: "nothing like it"}}, got)
	require.Equal(t, []part{{Text: "quite another thing"}}, want)
}
