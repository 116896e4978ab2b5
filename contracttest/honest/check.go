package honest

import (
	"encoding/json"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// kind is the type of a property.
type kind int

// The kinds.
const (
	text kind = iota
	integer
	decimal
	boolean
	instant // date-time
	texts   // a list of texts
	free    // an object of free form
)

// field is what a document says about one property that clients may send.
type field struct {
	name     string
	kind     kind
	required bool
	null     bool
	def      any     // what it is when it is left out at creation
	min, max float64 // of a number, or of the length of a text or a list
	enum     []string
	pattern  *regexp.Regexp
	known    func(any) bool // tells whether what it refers to exists
}

var uuidPattern = regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`)

// defaults is an item of which nothing was said.
func defaults(fields []field) record {
	out := record{}
	for _, f := range fields {
		out[f.name] = f.def
	}
	return out
}

// read gives the properties that a body says something about, and what is wrong with it, by property.
// Properties that are not in fields are left alone; what is required may be absent if the change is partial.
func read(fields []field, body map[string]any, partial bool, odd oddities) (record, map[string]string) {
	out, wrong := record{}, map[string]string{}
	for _, f := range fields {
		raw, given := body[f.name]
		if !given {
			if f.required && !partial {
				wrong[f.name] = "This field is required."
			}
			continue
		}
		v, problem := f.read(raw, odd)
		if problem != "" {
			wrong[f.name] = problem
			continue
		}
		out[f.name] = v
	}
	return out, wrong
}

// read gives a value as the store holds it, or says what is wrong with it.
func (f *field) read(raw any, odd oddities) (any, string) {
	if raw == nil {
		if f.null {
			return nil, ""
		}
		return nil, "This field may not be null."
	}
	v, problem := f.typed(raw, odd)
	if problem == "" && f.known != nil && !f.known(v) {
		return nil, "There is no such record."
	}
	return v, problem
}

func (f *field) typed(raw any, odd oddities) (any, string) {
	switch f.kind {
	case boolean:
		if v, ok := raw.(bool); ok {
			return v, ""
		}
		return nil, "Must be a boolean."
	case integer, decimal:
		n, ok := raw.(json.Number)
		if !ok {
			return nil, "Must be a number."
		}
		v, err := strconv.ParseFloat(n.String(), 64)
		switch {
		case err != nil || v < f.min || v > f.max:
			return nil, "Is out of range."
		case f.kind == decimal:
			return v, ""
		case v != math.Trunc(v):
			return nil, "Must be an integer."
		}
		return int(v), ""
	case texts:
		list, ok := raw.([]any)
		if !ok || len(list) > int(f.max) {
			return nil, "Must be a list, and not too long."
		}
		for i, e := range list {
			s, ok := e.(string)
			if !ok || s == "" || utf8.RuneCountInString(s) > 30 {
				return nil, "Must be a list of short texts."
			}
			if slices.Contains(list[:i], e) {
				return nil, "Must not repeat itself."
			}
		}
		return list, ""
	}
	if f.kind == free {
		if v, ok := raw.(map[string]any); ok {
			return v, ""
		}
		return nil, "Must be an object."
	}
	s, ok := raw.(string)
	if !ok {
		return nil, "Must be a text."
	}
	if f.kind == instant {
		if t, ok := parseInstant(s); ok {
			return t, ""
		}
		return nil, "Must be a date-time (RFC 3339)."
	}
	if odd.trims && f.enum == nil && f.pattern == nil {
		s = strings.TrimRight(s, " ")
	}
	n := float64(utf8.RuneCountInString(s))
	switch {
	case f.enum != nil && !slices.Contains(f.enum, s):
		return nil, "Is not a valid choice."
	case f.enum != nil:
		return s, ""
	case n < f.min:
		return nil, "Is too short."
	case n > f.max:
		return nil, "Is too long."
	case f.pattern != nil && !f.pattern.MatchString(s):
		return nil, "Has the wrong form."
	}
	return s, ""
}
