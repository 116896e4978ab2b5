package contracttest

import (
	"fmt"
	"slices"
	"strings"

	"understudy/internal/contract"
)

const (
	mostPartners = 200  // bounds how many records a property is tried with in the bodies that follow
	mostPairings = 2000 // bounds the combinations of several
)

// pairings are keys of other records, by property, that only one item may have together: each body takes the next.
type pairings struct {
	names []string
	keys  [][]string
}

// of gives the keys of the n-th body. What is sent while planning has the last of them for itself: where a delete does nothing, those are not free again.
func (p *pairings) of(n int) body {
	if p == nil {
		return nil
	}
	last := max(len(p.keys)*3/4, 1)
	at := n % last
	if n >= planned && last < len(p.keys) {
		at = last + n%(len(p.keys)-last)
	}
	var b body
	for i, key := range p.keys[at] {
		b = append(b, contract.Member{Name: p.names[i], JSON: key})
	}
	return b
}

// pairUp lets each body name other records, after a create was refused that names what another item does: those under the properties that the refusal names or, if it
// names none, if items have the same there or all of those records are taken, under all of them together. It tells whether there are any.
func (r *recipe) pairUp(a *answer) bool {
	if len(r.keys) == 0 || r.pairs != nil {
		return false
	}
	text := strings.ToLower(string(a.body))
	all := sortedKeys(r.keys)
	named := slices.DeleteFunc(slices.Clone(all), func(name string) bool { return !strings.Contains(text, strings.ToLower(name)) })
	for _, names := range [][]string{named, all} {
		if free := r.unpaired(names); len(free) > 0 {
			r.pairs = &pairings{names, free}
			return true
		}
	}
	return false
}

// unpaired gives the keys that some properties may have together, other than those that items have, and than those of the bodies until now; none where two items
// have the same.
func (r *recipe) unpaired(names []string) [][]string {
	if len(names) == 0 {
		return nil
	}
	taken := map[string]bool{}
	var now []string
	for _, name := range names {
		now = append(now, r.keys[name])
	}
	for _, it := range r.s.base.items {
		var held []string
		for _, name := range names {
			held = append(held, r.s.shown().Of(it.Record, name))
		}
		if taken[fmt.Sprint(held)] && strings.Join(held, "") != "" {
			return nil
		}
		taken[fmt.Sprint(held)] = true
	}
	taken[fmt.Sprint(now)] = true
	combined := [][]string{nil}
	for _, name := range names {
		p, _ := r.form.Property(name)
		var next [][]string
		for _, key := range r.partners(p, mostPartners/len(names)) {
			for _, before := range combined {
				if len(next) < mostPairings {
					next = append(next, append(slices.Clone(before), key))
				}
			}
		}
		combined = next
	}
	return slices.DeleteFunc(combined, func(keys []string) bool { return taken[fmt.Sprint(keys)] })
}

// partners gives the keys of records that a property may name, as JSON: at most some.
func (r *recipe) partners(p contract.Property, most int) []string {
	var out []string
	for len(out) < most {
		key := r.e.reference(r.s, p, out...)
		if key == "" || !valid(p.Schema, key) || slices.Contains(out, key) {
			break
		}
		out = append(out, key)
	}
	if out == nil {
		return []string{r.keys[p.Name]}
	}
	states := r.statesOf(p)
	alike := slices.DeleteFunc(slices.Clone(out), func(key string) bool { return states[key] != states[r.keys[p.Name]] })
	if len(alike) > 1 { // what was refused as a duplicate was taken as far as its state goes; who is not active, perhaps, is not
		return alike
	}
	return out
}

// statesOf gives what the records that a property may name are in: whatever is true or false of them, and their states.
func (r *recipe) statesOf(p contract.Property) map[string]string {
	out := map[string]string{}
	for _, other := range r.e.referred(r.s, p) {
		if other.base == nil {
			continue
		}
		for _, it := range other.base.items {
			o, state := plainObject(it), ""
			for _, name := range sortedKeys(o) {
				_, truth := o[name].(bool)
				if plain := plainName(name); truth || strings.HasSuffix(plain, "status") || strings.HasSuffix(plain, "state") {
					state += fmt.Sprintln(name, o[name])
				}
			}
			out[r.e.nameFor(p, other, it.Key())] = state
		}
	}
	return out
}
