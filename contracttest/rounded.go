package contracttest

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"understudy/internal/contract"
)

// What a description says of how exactly a number is kept.
var (
	saysRounded  = regexp.MustCompile(`(?i)\bround(?:s|ed|ing)?\b|\bdecimals\b|\bdecimal (?:places?|digits?|points?)\b|\b(?:one|1) decimal\b|\bprecision\b|\bnearest\b|\btruncat\w+|\bapproximat\w+|\bcut (?:off|to)\b`)
	saysDecimals = regexp.MustCompile(`(?i)\b(no|zero|one|two|three|four|five|six|\d)[- ](?:decimals?|digits? (?:after|behind))\b`)
	saysNearest  = regexp.MustCompile(`(?i)\bnearest (\d+(?:\.\d+)?)`)
	numerals     = []string{"zero", "one", "two", "three", "four", "five", "six"}
)

// roundedTo gives the unit to which a property's numbers are rounded, as its description has it: 0.1 where it says one decimal, 0 where it does not say
// to what. The second result tells whether they are rounded at all.
func roundedTo(s *contract.Schema) (float64, bool) {
	if s == nil {
		return 0, false
	}
	says := s.Keywords().Description
	if !saysRounded.MatchString(says) {
		return 0, false
	}
	if m := saysNearest.FindStringSubmatch(says); m != nil {
		unit, err := strconv.ParseFloat(m[1], 64)
		return unit, err == nil
	}
	if m := saysDecimals.FindStringSubmatch(says); m != nil {
		for n, word := range numerals {
			if strings.EqualFold(m[1], word) || m[1] == strconv.Itoa(n) || n == 0 && strings.EqualFold(m[1], "no") {
				return math.Pow10(-n), true
			}
		}
	}
	return 0, true
}

// isKept tells whether a number is shown as it is sent, whatever the property's description says of rounding. Of what does not say to how many decimals, only
// integers surely are.
func isKept(v float64, s *contract.Schema) bool {
	unit, rounded := roundedTo(s)
	if !rounded {
		return true
	}
	if unit == 0 {
		unit = 1
	}
	n := v / unit
	return math.Abs(n-math.Round(n)) < 1e-9
}

// sameRounded tells whether a number is shown as what was sent, where the property's description says that it is rounded: within half of the last digit
// that is shown, or within all of it, where digits are cut off.
func sameRounded(sent, shown any, s *contract.Schema) bool {
	unit, rounded := roundedTo(s)
	n, errN := strconv.ParseFloat(scalarText(sent), 64)
	m, errM := strconv.ParseFloat(scalarText(shown), 64)
	if !rounded || errN != nil || errM != nil {
		return false
	}
	if unit == 0 {
		unit = lastDigit(scalarText(shown))
	}
	if !cutsOff.MatchString(s.Keywords().Description) {
		unit /= 2
	}
	return math.Abs(n-m) <= unit+1e-9*math.Abs(n)
}

// cutsOff finds what says that digits are dropped, or in which direction is rounded.
var cutsOff = regexp.MustCompile(`(?i)\btruncat\w+|\bcut\b|\b(?:up|down|downwards?|upwards?)\b|\bfloor\b|\bceiling\b`)

// lastDigit gives what the last digit that counts stands for in a number: 0.01 in 2.75, 100 in 1300.
func lastDigit(text string) float64 {
	if _, decimals, ok := strings.Cut(text, "."); ok {
		return math.Pow10(-len(decimals))
	}
	return math.Pow10(len(text) - len(strings.TrimRight(text, "0")))
}
