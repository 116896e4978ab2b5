package contracttest

import (
	"maps"
	"math"
	"slices"
	"strings"

	"understudy/internal/contract"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// bound gives what a schema says under minimum or maximum, exclusive bounds of integers included.
func bound(s *contract.Schema, keyword string) (float64, bool) {
	if s == nil {
		return 0, false
	}
	k := s.Present().Keywords()
	limit, beyond, open, step := k.Minimum, k.Above, k.ExclusiveMin, 1.0
	if keyword == "maximum" {
		limit, beyond, open, step = k.Maximum, k.Below, k.ExclusiveMax, -1.0
	}
	switch {
	case limit != nil && open && s.Type() == "integer":
		return math.Floor(*limit) + step, true
	case limit != nil && !open:
		return *limit, true
	case beyond != nil && s.Type() == "integer":
		return math.Floor(*beyond) + step, true
	}
	return 0, false
}

// isKeyOf tells whether a property holds, by its name and type, keys of a collection's items: project_id, projectId or project of projects.
func isKeyOf(p contract.Property, c *contract.Collection) bool {
	if c.Records == nil || c.Records.Key == "" || p.Schema.Type() != c.Records.KeyType() {
		return false
	}
	name := plainName(p.Name)
	for _, suffix := range []string{"id", "uuid", "pk", "key"} {
		if base, ok := strings.CutSuffix(name, suffix); ok && base != "" && isSingular(base, c) {
			return true
		}
	}
	return p.Schema.Format() == "uuid" && isSingular(name, c) || p.Schema.Type() == "integer" && isSingular(name, c)
}

func plainName(s string) string {
	return strings.ToLower(joined.Replace(s))
}

var joined = strings.NewReplacer("_", "", "-", "")

// isSingular tells whether a word is the singular of the last word in a list's path.
func isSingular(word string, c *contract.Collection) bool {
	segments := strings.Split(strings.Trim(c.Path, "/"), "/")
	many := plainName(segments[len(segments)-1])
	return many == word+"s" || many == word+"es" || strings.HasSuffix(word, "y") && many == word[:len(word)-1]+"ies" || many == word
}
