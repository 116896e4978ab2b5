package contracttest

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSaysCase holds which descriptions of a search leave it open, or say, that case makes a difference: none of these is a ground for a finding.
func TestSaysCase(t *testing.T) {
	for says, matters := range map[string]bool{
		"Finds what has these words; upper and lower case are not the same.": true,
		"Case matters.":                        true,
		"Case-sensitive.":                      true,
		"Matches the exact case.":              true,
		"Upper and lower case are told apart.": true,
		"Capital letters count.":               true,
		"":                                     false,
		"Finds what has these words.":          false,
		"Case-insensitive.":                    false,
		"Not case-sensitive.":                  false,
		"The case is ignored.":                 false,
		"In upper or lower case.":              false,
		"Upper and lower case are the same.":   false,
		"Case does not matter.":                false,
	} {
		require.Equal(t, matters, saysCase.MatchString(says) && !saysAnyCase.MatchString(says), says)
	}
}
