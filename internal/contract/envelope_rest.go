package contract

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
)

// restOf is the JSON of a property of which nothing is known: what it can only be, null where that is allowed, nothing where it may be left
// out, else a valid value, as small as it can be.
func restOf(p Property) string {
	only := onlyValue(p.Schema)
	switch {
	case only != "" && (p.Required || slices.Contains([]string{"object", "type", "kind", "success", "ok", "status"}, plain(p.Name))):
		return only
	case p.Schema.Nullable():
		return "null"
	case !p.Required:
		return ""
	}
	return smallest(p.Schema, 0)
}

// onlyValue is the value of a schema that allows just one, as JSON; else "".
func onlyValue(s *Schema) string {
	for part := range s.parts {
		if part.Const != nil {
			return string(compactJSON(part.Const))
		}
	}
	if enum := s.Enum(); len(enum) == 1 {
		return string(compactJSON(enum[0]))
	}
	return ""
}

// formatExamples are texts that are valid by their format.
var formatExamples = map[string]string{
	"date-time": "1970-01-01T00:00:00Z", "date": "1970-01-01", "time": "00:00:00Z", "uri": "https://example.com/", "url": "https://example.com/", "uri-reference": "/",
	"uuid": "00000000-0000-4000-8000-000000000000", "email": "a@example.com", "ipv4": "192.0.2.1", "ipv6": "2001:db8::1", "hostname": "example.com", "duration": "PT0S",
}

// smallest is a valid value of a schema, as JSON: the only one, the default, the first of an enumeration, an example, or the smallest of its type.
func smallest(s *Schema, depth int) string {
	if v := onlyValue(s); v != "" {
		return v
	}
	if s.Nullable() && depth > 0 {
		return "null"
	}
	if v := s.Default(); v != nil {
		return string(v)
	}
	if enum := s.Enum(); len(enum) > 0 {
		return string(compactJSON(enum[0]))
	}
	if v := s.kin.Example; v != nil && s.kin.VisitJSON(v) == nil {
		return string(compactJSON(v))
	}
	switch s.Type() {
	case "number", "integer":
		return smallestNumber(s)
	case "boolean":
		return "false"
	case "array":
		return smallestArray(s, depth)
	case "object":
		return smallestObject(s, depth)
	}
	for _, one := range append(s.kin.OneOf, s.kin.AnyOf...) {
		if one.Value != nil && depth < 5 {
			return smallest(s.doc.schema(s.ptr, one), depth+1)
		}
	}
	if s.Type() == "" && s.Format() == "" && len(s.kin.AllOf) == 0 {
		return "null" // anything goes
	}
	if text, ok := formatExamples[s.Format()]; ok {
		return jsonText(text)
	}
	n := 0
	for part := range s.parts {
		n = max(n, int(min(part.MinLength, 1000)))
	}
	return jsonText(strings.Repeat("x", n))
}

func smallestNumber(s *Schema) string {
	n := 0.0
	for part := range s.parts {
		if part.Min != nil && n < *part.Min {
			n = math.Ceil(*part.Min)
		}
		if part.Max != nil && n > *part.Max {
			n = math.Floor(*part.Max)
		}
	}
	b, err := json.Marshal(n)
	if err != nil {
		return "0"
	}
	return string(b)
}

func smallestArray(s *Schema, depth int) string {
	items := s.Items()
	n := 0
	for part := range s.parts {
		n = max(n, int(min(part.MinItems, 100)))
	}
	if items == nil || depth > 4 {
		n = 0
	}
	out := make([]string, n)
	for i := range out {
		out[i] = smallest(items, depth+1)
	}
	return "[" + strings.Join(out, ",") + "]"
}

func smallestObject(s *Schema, depth int) string {
	var out []string
	for _, p := range s.Properties() {
		if p.Required && depth < 6 {
			out = append(out, jsonText(p.Name)+":"+smallest(p.Schema, depth+1))
		}
	}
	return "{" + strings.Join(out, ",") + "}"
}
