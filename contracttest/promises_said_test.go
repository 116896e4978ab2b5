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
		{"reader", "They may write nothing: `403`.", []*regexp.Regexp{writesNothing, isBarred}, true},
		{"reader", "They may write comments, and nothing else: 403.", []*regexp.Regexp{writesNothing, isBarred}, false},
		{"not there", "Works that are published only (others are `404`).", []*regexp.Regexp{is404, hidesFrom}, true},
		{"not there", "For a read-only token an internal comment does not exist (404)", []*regexp.Regexp{is404, hidesFrom}, true},
		{"not there", "Keys that no item has are 404 for all users.", []*regexp.Regexp{is404, hidesFrom}, false},
		{"first", "Without a valid key the answer is 401, whatever else is wrong with the request.", []*regexp.Regexp{comesFirst}, true},
		{"first", "Without a valid key the answer is 401, or whatever the gateway says.", []*regexp.Regexp{comesFirst}, false},
		{"record", "Event and speakers must exist, and `ends_at` must be after `starts_at`", []*regexp.Regexp{mustExist}, true},
		{"record", "The event need not exist; the name must not exist yet.", []*regexp.Regexp{mustExist}, false},
		{"unknown", "An unknown customer and the same product on two lines are refused with 422.", []*regexp.Regexp{isNotThere, promisesInvalid}, true},
		{"above", "More than 100 is 400.", []*regexp.Regexp{isAbove, promisesRefusal}, true},
		{"above", "More than 100 is not refused but served as 100", []*regexp.Regexp{isAbove, promisesRefusal}, false},
		{"above", "More than 100 is capped, which is no error.", []*regexp.Regexp{isAbove, promisesRefusal}, false},
		{"above", "At most 100; an error is 400.", []*regexp.Regexp{isAbove, promisesRefusal}, false},
		{"at times", "Only of a published work (422).", []*regexp.Regexp{saysAtTimes}, true},
		{"compared", "Not more than the room holds (422).", []*regexp.Regexp{saysCompared}, true},
		{"compared", "Not more than 60, at most 12 of them whole.", []*regexp.Regexp{saysCompared}, false},
		{"null", "Properties that can't be empty don't take `null` (422).", []*regexp.Regexp{takesNoNull, promisesRefusal}, true},
		{"null", "Properties that have nothing are null, never absent (422 else).", []*regexp.Regexp{takesNoNull, promisesRefusal}, false},
		{"nothing but", "`trainer` may read everything but members (403), and may change nothing but classes (403).", []*regexp.Regexp{nothingBut, mayNotRead, is403}, true},
		{"nothing but", "They may read everything and change classes; others are 403.", []*regexp.Regexp{nothingBut, is403}, false},
		{"kept", "Changes only the attributes that are given.", []*regexp.Regexp{putsOnly}, true},
		{"kept", "PUT changes only the owner, and needs all properties.", []*regexp.Regexp{putsOnly}, false},
		{"at times", "The only name.", []*regexp.Regexp{saysAtTimes}, false},
		{"words", "If there are several words, every one must be found.", []*regexp.Regexp{everyWord}, true},
		{"whole", "A PATCH changes what it sends; an object or an array in it replaces the old one.", []*regexp.Regexp{promisesWhole, ofObjects}, true},
		{"ignored", "Properties we do not know, or set ourselves, are ignored in bodies.", []*regexp.Regexp{ofProperties, isUnknown, isUnread}, true},
		{"ignored", "Properties that are empty are ignored in bodies.", []*regexp.Regexp{ofProperties, isUnknown, isUnread}, false},
		{"closed", "They may not write anything and may not read invoices: both are answered with 403.", []*regexp.Regexp{mayNotRead}, true},
		{"closed", "They may read invoices.", []*regexp.Regexp{mayNotRead}, false},
		{"all", "A token of a recruiter may read everything, and change the jobs of its own company.", []*regexp.Regexp{promisesAllRead, ofCredentials}, true},
		{"all", "A token of a recruiter may read everything of its own company.", []*regexp.Regexp{promisesAllRead, ofCredentials}, false},
		{"hidden", "Viewers do not see the `internal_notes` of a course", []*regexp.Regexp{hidesProperty}, true},
		{"hidden", "Viewers see the `internal_notes` of a course", []*regexp.Regexp{hidesProperty}, false},
		{"null", "A key of the role `viewer` may only read (403 on every write) and always gets `licenseNumber: null`.", []*regexp.Regexp{saysNull, promisesReader, ofCredentials}, true},
		{"null", "A key of the role `viewer` may only read; `licenseNumber` is null where there is none.", []*regexp.Regexp{saysNull, promisesReader, ofCredentials}, false},
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
		"Parameters that we know are validated (400), and so is one given twice.":      true,
		"Parameters are validated by the gateway.":                                     false,
		"A parameter with a value we can't read is 400; unknown ones are ignored.":     true,
		"An empty parameter counts as not given, and one with a bad value is refused.": false,
		"A parameter with a bad value is refused with 400.":                            true,
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
