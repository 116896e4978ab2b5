package contract

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// canonical gives the values of a filter in their one spelling.
func (f *Filter) canonical(values []string) ([]string, bool) {
	out := slices.Clone(values)
	for i, v := range out {
		if f.Op == Between {
			from, to, ok := f.cutRange(v)
			low, okLow := f.canonicalValue(from)
			high, okHigh := f.canonicalValue(to)
			if !ok || from != "" && !okLow || to != "" && !okHigh || from+to == "" {
				return nil, false
			}
			out[i] = f.Range(low, high)
			if a, b, _ := f.cutRange(out[i]); a != low || b != high { // the sign between stands in a value, too
				return nil, false
			}
			continue
		}
		var ok bool
		if out[i], ok = f.canonicalValue(v); !ok {
			return nil, false
		}
	}
	return out, true
}

// Range joins the two values between which a filter lets through; either may be "".
func (f *Filter) Range(from, to string) string { return from + f.joint + to }

// cutRange is the inverse of [Filter.Range]; it takes the other sign between the values, too.
func (f *Filter) cutRange(v string) (from, to string, ok bool) {
	for _, joint := range []string{f.joint, "..", ","} {
		if from, to, ok = strings.Cut(v, joint); ok {
			return from, to, true
		}
	}
	return "", "", false
}

func (f *Filter) canonicalValue(v string) (string, bool) {
	switch {
	case f.Op.Boolean() || f.kind == boolKind:
		b, err := strconv.ParseBool(v)
		return strconv.FormatBool(b), err == nil
	case f.kind == instantKind && !f.Op.several():
		if f.Days && isDay(v) {
			return v, true
		}
		t, err := ParseInstant(v)
		return t.UTC().Format(time.RFC3339Nano), err == nil
	case f.kind == dateKind && !f.Op.several():
		return v, isDay(v)
	case f.kind == numberKind && !f.Op.several(), f.kind == decimalKind && bounds(f.Op):
		return v, jsonNumber.MatchString(v)
	}
	return v, true
}

func isDay(v string) bool {
	_, err := time.Parse(time.DateOnly, v)
	return err == nil
}
