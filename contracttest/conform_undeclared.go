package contracttest

import (
	"fmt"
	"strings"

	"understudy/internal/contract"
)

// undeclared judges whether an object has a property that its schema does not name, while it never has one that it does name and that is spelled nearly the
// same: a sign that one was meant for the other. More than that is legal, and minded only by a strict check.
func (j *judged) undeclared(schema *contract.Schema, value any) {
	j.rule("conform/undeclared")
	j.undeclaredIn(schema, objectsIn(value, nil, 0))
	objects, items := []map[string]any(nil), schema
	if list, ok := value.([]any); ok && schema.Items() != nil {
		objects, items = objectsIn(list, nil, 0), schema.Items()
	} else if o, ok := value.(map[string]any); ok {
		for _, p := range schema.Properties() {
			if list, ok := o[p.Name].([]any); ok && p.Schema.Items() != nil && p.Schema.Items().Type() == "object" {
				objects, items = objectsIn(list, nil, 0), p.Schema.Items()
			}
		}
	}
	j.undeclaredIn(items, objects)
}

// undeclaredIn judges objects by their schema.
func (j *judged) undeclaredIn(items *contract.Schema, objects []map[string]any) {
	named := map[string]bool{} // whether it was seen
	for _, p := range items.Properties() {
		named[p.Name] = p.Schema.WriteOnly()
	}
	if len(named) == 0 || len(objects) == 0 || items.Keywords().Additional != nil {
		return // there are none, or others are expected
	}
	extra := map[string]bool{}
	for _, o := range objects {
		for name := range o {
			if _, ok := named[name]; ok {
				named[name] = true
			} else {
				extra[name] = true
			}
		}
	}
	for _, name := range sortedKeys(extra) {
		if j.strict {
			j.saw(sighting{
				rule: "conform/undeclared", sign: name, place: items.Place(), got: fmt.Sprintf("%q, which the schema does not name", name), want: "only what it names",
			})
			continue
		}
		for _, other := range sortedKeys(named) {
			if !named[other] && near(name, other) {
				j.saw(sighting{
					rule: "conform/undeclared", sign: name, place: items.Place(),
					got:  fmt.Sprintf("%q, which the schema does not name, and never %q, which it does", name, other),
					want: fmt.Sprintf("%q", other), cause: "the property is misspelled on one of the two sides",
				})
			}
		}
	}
}

// near tells whether two names differ by the way they are spelled, or by one or two letters.
func near(a, b string) bool {
	plain := func(s string) string {
		return strings.ToLower(strings.NewReplacer("_", "", "-", "", ".", "").Replace(s))
	}
	a, b = plain(a), plain(b)
	return a == b || len(a) > 3 && len(b) > 3 && distance(a, b) <= 1+min(len(a), len(b))/8
}

// distance is Levenshtein's.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for i := range row {
		row[i] = i
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for k := range len(b) {
			cost := before
			if a[i] != b[k] {
				cost++
			}
			before = row[k+1]
			row[k+1] = min(cost, row[k]+1, row[k+1]+1)
		}
	}
	return row[len(b)]
}
