package contracttest

import (
	"encoding/json"
	"slices"
	"strings"

	"understudy/internal/contract"
)

// differing gives the places, written a.b, where two objects have other values; what only one of them has is none.
func differing(a, b map[string]any, at string) []string {
	var out []string
	for _, name := range sortedKeys(a) {
		other, ok := b[name]
		if !ok {
			continue
		}
		x, isObject := a[name].(map[string]any)
		y, isToo := other.(map[string]any)
		switch {
		case isObject && isToo:
			out = append(out, differing(x, y, at+name+".")...)
		case isObject != isToo:
			// One shows the record, the other its key: both are right.
		case !sameValue(a[name], other):
			out = append(out, at+name)
		}
	}
	return out
}

// passes tells whether what an object has at a place, written a.b, may be another with every answer: the moments and numbers of a record that stands in
// another one, such as the last login of who created it. What identifies that record stays.
func passes(a, b map[string]any, at string) bool {
	name, rest, nested := strings.Cut(at, ".")
	if !nested {
		return false
	}
	x, isObject := a[name].(map[string]any)
	y, isToo := b[name].(map[string]any)
	if !isObject || !isToo {
		return false
	}
	if strings.Contains(rest, ".") {
		return passes(x, y, rest)
	}
	return isRecord(x) && !namesRecord(rest) && counts(x, y, rest)
}

// counts tells whether what two objects have at a place, written a.b, are numbers or points in time.
func counts(a, b map[string]any, at string) bool {
	name, rest, nested := strings.Cut(at, ".")
	if nested {
		x, _ := a[name].(map[string]any)
		y, _ := b[name].(map[string]any)
		return counts(x, y, rest)
	}
	_, first := instant(scalarText(a[name]))
	_, second := instant(scalarText(b[name]))
	_, number := a[name].(json.Number)
	_, too := b[name].(json.Number)
	return first && second || number && too
}

// sameRecord tells whether what two objects have at a name means the same, but for what passes.
func sameRecord(a, b map[string]any, name string) bool {
	if sameValue(a[name], b[name]) {
		return true
	}
	x, isObject := a[name].(map[string]any)
	y, isToo := b[name].(map[string]any)
	return isObject && isToo && !slices.ContainsFunc(differing(x, y, name+"."), func(at string) bool { return !passes(a, b, at) })
}

// isRecord tells whether an object says which record it is.
func isRecord(o map[string]any) bool { return slices.ContainsFunc(sortedKeys(o), namesRecord) }

// namesRecord tells whether a property says which record it is in.
func namesRecord(name string) bool {
	name = plainName(name)
	return identifies(name) || name == "pk" || name == "uid" || name == "key"
}

// sameValue tells whether two values mean the same: numbers as numbers, instants as instants, lists of plain values in any order.
func sameValue(a, b any) bool {
	switch x := a.(type) {
	case []any:
		y, ok := b.([]any)
		if !ok || len(x) != len(y) {
			return false
		}
		left := slices.Clone(y)
		for _, v := range x {
			i := slices.IndexFunc(left, func(w any) bool {
				p, isObject := v.(map[string]any)
				q, isToo := w.(map[string]any)
				if isObject || isToo {
					return isObject && isToo && len(differing(p, q, "")) == 0
				}
				return sameValue(v, w)
			})
			if i < 0 {
				return false
			}
			left = slices.Delete(left, i, i+1)
		}
		return true
	case map[string]any:
		y, ok := b.(map[string]any)
		return ok && len(differing(x, y, "")) == 0
	case json.Number:
		y, ok := b.(json.Number)
		if !ok {
			return false
		}
		f, err := x.Float64()
		g, err2 := y.Float64()
		return x == y || err == nil && err2 == nil && f == g
	case string:
		y, ok := b.(string)
		if !ok {
			return false
		}
		if x == y {
			return true
		}
		t, err := contract.ParseInstant(x)
		u, err2 := contract.ParseInstant(y)
		return err == nil && err2 == nil && t.Equal(u)
	}
	return a == b
}

// reordered gives the lists of plain values that hold the same in another order.
func reordered(a, b map[string]any) []string {
	var out []string
	for _, name := range sortedKeys(a) {
		x, ok := a[name].([]any)
		y, ok2 := b[name].([]any)
		if ok && ok2 && len(x) == len(y) && sameValue(x, y) && !slices.EqualFunc(x, y, sameValue) {
			out = append(out, name)
		}
	}
	return out
}

// valueText is the value at a place, in JSON.
func valueText(o map[string]any, at string) string {
	var v any = o
	for name := range strings.SplitSeq(at, ".") {
		inner, _ := v.(map[string]any)
		v = inner[name]
	}
	text, err := json.Marshal(v)
	if err != nil {
		return "?"
	}
	return cut(string(text))
}
