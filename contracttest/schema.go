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

func plainName(s string) string {
	return strings.ToLower(joined.Replace(s))
}

var joined = strings.NewReplacer("_", "", "-", "")
