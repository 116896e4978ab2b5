package contracttest

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSentences: what counts as said, and what nearly says it.
func TestSentences(t *testing.T) {
	for _, c := range []struct {
		of   string
		text string
		says []*regexp.Regexp
		is   bool
	}{
		{"reader", "A key of the role `viewer` may only read: every other request with it is answered with 403.", []*regexp.Regexp{promisesReader, ofCredentials, ofWrites, isBarred}, true},
		{"reader", "A key of the role `viewer` may only read its own notes.", []*regexp.Regexp{promisesReader, ofCredentials, ofWrites, isBarred}, false},
		{"closed", "They may not write anything and may not read invoices: both are answered with 403.", []*regexp.Regexp{mayNotRead}, true},
		{"closed", "They may read invoices.", []*regexp.Regexp{mayNotRead}, false},
		{"all", "A token of a recruiter may read everything, and change the jobs of its own company.", []*regexp.Regexp{promisesAllRead, ofCredentials}, true},
		{"all", "A token of a recruiter may read everything of its own company.", []*regexp.Regexp{promisesAllRead, ofCredentials}, false},
		{"hidden", "Viewers do not see the `internal_notes` of a course", []*regexp.Regexp{hidesProperty}, true},
		{"hidden", "Viewers see the `internal_notes` of a course", []*regexp.Regexp{hidesProperty}, false},
		{"words", inBrackets.ReplaceAllString("Every word (separated by white space) has to occur in the title.", ""), []*regexp.Regexp{everyWord}, true},
		{"words", inBrackets.ReplaceAllString("Words (every one) may occur in the title.", ""), []*regexp.Regexp{everyWord}, false},
		{"encoding", "Lists are compressed when, and only when, you send `Accept-Encoding: gzip`.", []*regexp.Regexp{ofEncoding, isOnly}, true},
		{"encoding", "Send `Accept-Encoding: gzip` to save time.", []*regexp.Regexp{ofEncoding, isOnly}, false},
	} {
		require.Equal(t, c.is, sentence(c.text, c.says...) != "", "%s: %s", c.of, c.text)
	}
	for text, is := range map[string]bool{
		"Invalid values of the documented parameters are refused with 400.":            true,
		"Errors are problems (RFC 9457); invalid parameters and bodies are 400.":       true,
		"Query parameters that break their schema are refused with 400.":               true,
		"Parameters that are not valid are ignored.":                                   false,
		"Unknown parameters are refused with 400.":                                     false,
		"Invalid bodies are refused with 422. Parameters are counted in each request.": false,
	} {
		require.Equal(t, is, refusedParameters(text) != "", text)
	}
	for text, status := range map[string]int{
		"What lies past the last page is refused with 400.":   400,
		"A page that does not exist is a 404":                 404,
		"It is refused: 400, or 404 where nothing is listed.": 0,
		"It is refused.": 0,
	} {
		require.Equal(t, status, refusalIn(text), text)
	}
}
