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
			from, to, ok := strings.Cut(v, ",")
			low, okLow := f.canonicalValue(from)
			high, okHigh := f.canonicalValue(to)
			if !ok || from != "" && !okLow || to != "" && !okHigh || from+to == "" {
				return nil, false
			}
			out[i] = low + "," + high
			continue
		}
		var ok bool
		if out[i], ok = f.canonicalValue(v); !ok {
			return nil, false
		}
	}
	return out, true
}

func (f *Filter) canonicalValue(v string) (string, bool) {
	switch {
	case f.Op == IsNull || f.kind == boolKind:
		b, err := strconv.ParseBool(v)
		return strconv.FormatBool(b), err == nil
	case f.kind == instantKind && f.Op != In:
		if f.Days && isDay(v) {
			return v, true
		}
		t, err := ParseInstant(v)
		return t.UTC().Format(time.RFC3339Nano), err == nil
	case f.kind == dateKind && f.Op != In:
		return v, isDay(v)
	case f.kind == numberKind && f.Op != In, f.kind == decimalKind && bounds(f.Op):
		return v, jsonNumber.MatchString(v)
	}
	return v, true
}

func isDay(v string) bool {
	_, err := time.Parse(time.DateOnly, v)
	return err == nil
}
