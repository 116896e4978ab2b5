package contract

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

var keyNames = []string{"id", "pk", "uuid", "uid", "sid", "guid", "key", "slug"}

// findKey finds the property that identifies an item: the one that the item's path names (number of issues/{issue_number}), else one with a usual name, else the only required, read-only uuid or integer.
// What has a sign before its name ("@id") comes last: it is the id of something around the item.
func findKey(props []Property, param, collection string) (key, why string) {
	props = slices.Clone(props)
	slices.SortStableFunc(props, func(a, b Property) int { return cmp.Compare(signed(a.Name), signed(b.Name)) })
	scalar := func(p Property) bool { t := p.Schema.Type(); return t == "string" || t == "integer" }
	for _, p := range props {
		if param != "" && scalar(p) && plain(p.Name) == plain(param) {
			return p.Name, "the path's parameter has its name"
		}
	}
	if in := words(param); len(in) > 1 && plain(strings.Join(in[:len(in)-1], "")) == Singular(plain(collection)) {
		for _, p := range props {
			if scalar(p) && plain(p.Name) == in[len(in)-1] {
				return p.Name, "the path's parameter, " + param + ", names it of the item"
			}
		}
	}
	for _, p := range props {
		if param != "" && scalar(p) && len(plain(p.Name)) > 1 && strings.HasSuffix(plain(param), plain(p.Name)) && slices.Contains(keyNames, plain(p.Name)) {
			return p.Name, "the path's parameter, " + param + ", ends in its name"
		}
	}
	short := strings.TrimSuffix(plain(collection), "s")
	for _, name := range append(slices.Clone(keyNames), short+"id", short+"uuid", Singular(plain(collection))+"id") {
		for _, p := range props {
			if scalar(p) && plain(p.Name) == name {
				return p.Name, "its name"
			}
		}
	}
	var only []string
	for _, p := range props {
		if p.Required && p.Schema.ReadOnly() && (p.Schema.Type() == "integer" || p.Schema.Format() == "uuid") {
			only = append(only, p.Name)
		}
	}
	if len(only) == 1 {
		return only[0], "the only required read-only identifier"
	}
	if param != "" && strings.HasSuffix(plain(param), "name") {
		for _, p := range props {
			if p.Schema.Type() == "string" && plain(p.Name) == "name" {
				return p.Name, "the path's parameter, " + param + ", ends in its name"
			}
		}
	}
	return "", ""
}

// signed is 1 for a name that begins with no letter.
func signed(name string) int {
	if r, _ := utf8.DecodeRuneInString(name); unicode.IsLetter(r) {
		return 0
	}
	return 1
}
