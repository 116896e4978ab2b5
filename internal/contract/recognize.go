package contract

import (
	"slices"
	"strings"
	"unicode"
)

// The files recognize*.go hold the conventions of names. Names are compared in plain form: lower case, letters and digits only.

func plain(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9':
			return r
		case 'A' <= r && r <= 'Z':
			return r + 'a' - 'A'
		}
		return -1
	}, name)
}

// words cuts a name where its case changes and at every sign: createdAt[gte] is created, at, gte.
func words(name string) []string {
	var out []string
	start := 0
	cut := func(end int) {
		if end > start {
			out = append(out, strings.ToLower(name[start:end]))
		}
	}
	lower := false
	for i, r := range name {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			cut(i)
			start = i + len(string(r))
		case unicode.IsUpper(r) && lower:
			cut(i)
			start = i
		}
		lower = unicode.IsLower(r) || unicode.IsDigit(r)
	}
	cut(len(name))
	return out
}

// Singular gives a plain name without the ending of the plural.
func Singular(name string) string {
	switch {
	case strings.HasSuffix(name, "people"):
		return strings.TrimSuffix(name, "ople") + "rson"
	case strings.HasSuffix(name, "children"):
		return strings.TrimSuffix(name, "ren")
	case strings.HasSuffix(name, "ies") && len(name) > 4:
		return strings.TrimSuffix(name, "ies") + "y"
	case strings.HasSuffix(name, "sses"), strings.HasSuffix(name, "xes"), strings.HasSuffix(name, "ches"), strings.HasSuffix(name, "shes"):
		return strings.TrimSuffix(name, "es")
	case strings.HasSuffix(name, "ss"), strings.HasSuffix(name, "us"), strings.HasSuffix(name, "is"):
		return name
	}
	return strings.TrimSuffix(name, "s")
}

// alike tells whether two names are the same but for case, signs and the plural.
func alike(a, b string) bool { return a != "" && Singular(plain(a)) == Singular(plain(b)) }

// take gives the first name that is among the wanted, the most wanted first, and the names without it.
func take(names, wanted []string) (string, []string) {
	for _, w := range wanted {
		for i, name := range names {
			if plain(name) == w {
				return name, slices.Delete(slices.Clone(names), i, i+1)
			}
		}
	}
	return "", names
}

// lastName is the last piece of a path that is no parameter, without an ending such as .json.
func lastName(path string) string {
	name := ""
	for _, s := range strings.Split(path, "/") {
		if s != "" && !strings.Contains(s, "{") {
			name = s
		}
	}
	if base := withoutJSON(name); base != "" {
		return base
	}
	return name
}

func withoutJSON(path string) string { return strings.TrimSuffix(path, ".json") }

// endsInParameter tells whether a path names one thing by its key: /users/{id}, /users/{id}.json.
func endsInParameter(path string) bool {
	return strings.HasSuffix(strings.TrimSuffix(withoutJSON(path), "/"), "}")
}

func scalar(s *Schema) bool {
	t := s.Type()
	return t != "object" && t != "array" && len(s.Properties()) == 0
}

func listOfObjects(s *Schema) *Schema {
	if s == nil || s.Type() != "array" {
		return nil
	}
	if items := s.Items(); items != nil && items.Type() == "object" {
		return items
	}
	return nil
}
