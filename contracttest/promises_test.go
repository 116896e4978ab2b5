package contracttest

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPromises holds what is taken for a promise, and what is not.
func TestPromises(t *testing.T) {
	for name, c := range map[string]struct {
		says   []*regexp.Regexp
		is, no []string
	}{
		"whole": {
			[]*regexp.Regexp{promisesWhole},
			[]string{"A nested object is replaced whole, not merged: sending {} empties it.", "Objects are never merged."},
			[]string{"Objects are merged.", "Replaces the whole item.", "A JSON Merge Patch."},
		},
		"null": {
			[]*regexp.Regexp{promisesNull},
			[]string{"Must exist. By default null: nothing is chosen.", "The moment; null, the default, is never.", "Defaults to `null`.", "Null by default."},
			[]string{"Null if there is none.", "By default the first one.", "May be null; by default now."},
		},
		"no such page": {
			[]*regexp.Regexp{noSuchPage},
			[]string{"A page that does not exist is 404; the first page always exists.", "Pages which do not exist are refused."},
			[]string{"A page that does not exist is empty.", "A book that does not exist is 404."},
		},
		"every word": {
			[]*regexp.Regexp{everyWord},
			[]string{"Searches title and author. Every word must occur in one of the two.", "Takes words; each must be contained.", "A book has to contain all words."},
			[]string{"Every word counts.", "Each book must be contained once.", "All the words are searched for, one is enough."},
		},
		"dropped": {
			[]*regexp.Regexp{promisesDropped},
			[]string{"`true` or `false`; anything else is as if absent.", "Unknown names are ignored."},
			[]string{"Anything else is refused.", "Books that are absent."},
		},
		"offsets": {
			[]*regexp.Regexp{promisesOffsets},
			[]string{"At exactly this moment, in whichever offset it is written.", "In any time zone."},
			[]string{"A moment in UTC.", "Without an offset it is UTC."},
		},
		"nothing": {
			[]*regexp.Regexp{promisesNothing},
			[]string{"A filter compares for equality; one that is empty counts as not sent, and so does another.", "Empty values are ignored."},
			[]string{"Finds those whose name is empty.", "The page is empty. Null is ignored."},
		},
		"refused below one": {
			[]*regexp.Regexp{promisesRefusal, belowOne},
			[]string{"What is not a whole number, is below 1 or lies past the last page is refused with 400.", "A page less than 1 is rejected."},
			[]string{"Values below 1 count as 1. Others are refused.", "Refused if there are more than 100."},
		},
		"refused if no number": {
			[]*regexp.Regexp{promisesRefusal, noNumber},
			[]string{"What is not a whole number, is below 1 or lies past the last page is refused with 400.", "Not an integer: 422."},
			[]string{"What is not a number counts as 1.", "Numbers are refused."},
		},
		"refused if no moment": {
			[]*regexp.Regexp{promisesRefusal, noMoment},
			[]string{"At exactly this moment. What is not a date with a time is refused with 400.", "Rejected if it is not a valid date-time."},
			[]string{"Compares dates with a time; others are refused.", "What is not a date with a time finds nothing."},
		},
		"a time": {
			[]*regexp.Regexp{promisesTime},
			[]string{"Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].", "Must be a date with a time."},
			[]string{"Enter a valid date/time.", "Must be a date-time.", "Use YYYY-MM-DD."},
		},
		"shared": {
			[]*regexp.Regexp{promisesShared},
			[]string{"What people call it. Two invitations may have the same name.", "Several users can share the same label.", "A title need not be unique.", "Not necessarily unique."},
			[]string{"Two items cannot have the same name.", "Must be unique.", "The same name as that of the group.", "May not be the same."},
		},
		"a record": {
			[]*regexp.Regexp{promisesRecord},
			[]string{"The flow that accepts it, which must exist.", "An agent who exists, or nobody.", "The id of an existing category.", "It has to exist."},
			[]string{"The category, if it exists.", "Need not exist.", "Must not exist yet.", "The id of a category."},
		},
		"default below one": {
			[]*regexp.Regexp{belowOne, isDefault},
			[]string{"Empty or below 1 means 20; what is not a whole number is refused with 400.", "Less than one counts as the default."},
			[]string{"Below 1 is refused.", "20 unless given. Never below 1."},
		},
	} {
		for _, text := range c.is {
			require.NotEmpty(t, sentence(text, c.says...), "%s: %s", name, text)
		}
		for _, text := range c.no {
			require.Empty(t, sentence(text, c.says...), "%s: %s", name, text)
		}
	}
}
