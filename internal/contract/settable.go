package contract

import (
	"encoding/json"
	"slices"
	"strings"
)

// IsRecord tells whether objects of a schema are records of their own, whose key the server gives: what stands in one may say which is meant.
func (s *Schema) IsRecord() bool {
	return slices.ContainsFunc(s.Properties(), func(p Property) bool {
		return p.Schema.ReadOnly() && (p.Schema.Format() == "uuid" || slices.Contains([]string{"id", "pk", "uuid", "guid", "key", "slug"}, strings.ToLower(p.Name)))
	})
}

// Settable gives a value, as JSON, without what is read-only inside of it, in objects and arrays of them that are no records of their own; what is no JSON, or no such
// value, as it is.
func (s *Schema) Settable(text string) string {
	if !strings.HasPrefix(text, "[") && !strings.HasPrefix(text, "{") { // it is asked with every write of the mock
		return text
	}
	shape := s.Present()
	if items := shape.Items(); items != nil {
		var list []json.RawMessage
		if json.Unmarshal([]byte(text), &list) != nil {
			return text
		}
		for i := range list {
			list[i] = json.RawMessage(items.Settable(string(list[i])))
		}
		out, _ := json.Marshal(list) // of JSON
		return string(out)
	}
	properties := shape.Properties()
	if len(properties) == 0 || shape.IsRecord() {
		return text
	}
	members, err := Members([]byte(text))
	if err != nil {
		return text
	}
	parts := []string{}
	for _, m := range members {
		name, _ := json.Marshal(m.Name) // a string
		switch p, ok := shape.Property(m.Name); {
		case ok && p.Schema.ReadOnly():
		case ok:
			parts = append(parts, string(name)+":"+p.Schema.Settable(m.JSON))
		default:
			parts = append(parts, string(name)+":"+m.JSON)
		}
	}
	return "{" + strings.Join(parts, ",") + "}"
}
