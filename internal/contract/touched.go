package contract

import (
	"regexp"
	"slices"
)

// Touched is a property that says when an item was last changed, which clients cannot set.
type Touched struct {
	Name string
	Said bool // its description says so, too
}

var saysTouched = regexp.MustCompile(`(?i)\blast (?:written|changed?|modified|modification|updated?|write|edited)\b|\b(?:renewed|updated|set|moves|changes) (?:on|with|by|at|after|upon|when) (?:each|every|any) (?:change|update|write|modification)\b`)

// touchedWords are the words that such a property is named by, beside those that are said of any time.
var (
	touchedWords = []string{"updated", "modified", "changed", "update", "modification", "change"}
	timeWords    = []string{"last", "at", "on", "time", "date", "timestamp", "utc"}
)

// touched gives the properties that say when an item was last changed: they are named so, and nothing else is said of them.
func touched(properties []Property) (out []Touched) {
	for _, p := range properties {
		name := slices.DeleteFunc(words(p.Name), func(w string) bool { return slices.Contains(timeWords, w) })
		if len(name) != 1 || !slices.Contains(touchedWords, name[0]) || p.Schema.Type() != "string" || p.Schema.Format() != "date-time" {
			continue
		}
		description := p.Schema.Keywords().Description
		if said := saysTouched.MatchString(description); said || description == "" {
			out = append(out, Touched{p.Name, said})
		}
	}
	return out
}
