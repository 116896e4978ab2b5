package contracttest

import (
	"fmt"
	"slices"
	"strings"

	"understudy/internal/contract"
)

// severalRecords is what is tried with an array of references: more than the one of other bodies. One of them may be of a kind that is not taken there.
const severalRecords = "several records"

// longestArray bounds how long an array is tried.
const longestArray = 50

// arrays gives arrays that a property may be: of several records, where it refers to some, and with as many elements as the document allows.
func (r *recipe) arrays(p contract.Property) []edge {
	one, ok := elementOf(p)
	if !ok || p.Schema.Type() != "array" || chooses(p.Schema) || chooses(one.Schema) {
		return nil
	}
	var elements []string
	what := "maxItems"
	if r.refers(p) {
		what = severalRecords
		first := r.e.reference(r.s, one)
		elements = []string{r.e.reference(r.s, one, first), first}
	} else if most := p.Schema.Present().Keywords().MaxItems; most != nil && (one.Schema.Enum() != nil || r.madeUp(p)) && *most <= longestArray && kindOf(one) != "" && !isKeyLike(p) && !isKeyLike(one) {
		elements = r.different(one, *most)
	}
	if text := "[" + strings.Join(elements, ",") + "]"; len(elements) > 1 && !slices.Contains(elements, "") && valid(p.Schema, text) {
		return []edge{{what, text}}
	}
	return nil
}

// madeUp tells whether an array with elements that were made up was taken: elsewhere they may have to name something that is there.
func (r *recipe) madeUp(p contract.Property) bool {
	return firstOf(r.base.get(p.Name)) != "" && r.lent[p.Name] == ""
}

// different gives as many different values of a property, or none: those of an enumeration, or generated ones.
func (r *recipe) different(p contract.Property, n int) (out []string) {
	for _, e := range edges(p.Schema) {
		if p.Schema.Enum() != nil && len(out) < n {
			out = append(out, e.json)
		}
	}
	for i := 0; i < 2*n && len(out) < n && p.Schema.Enum() == nil; i++ {
		text, err := r.e.values.Value(p.Schema, contract.AsRequest, fmt.Sprintf("%s/%s/%d", r.address, p.Name, i))
		if err == nil && !slices.Contains(out, string(text)) {
			out = append(out, string(text))
		}
	}
	if len(out) < n {
		return nil
	}
	return out
}
