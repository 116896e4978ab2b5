package contracttest

import (
	"encoding/json"

	"understudy/internal/contract"
)

// mostInsides bounds how many values are tried of what stands inside of one property.
const mostInsides = 8

// insides gives an object, or an array of one, with a property at a bound or with a value of its enumeration: one value for each.
func (r *recipe) insides(p contract.Property) (out []edge) {
	s, now := p.Schema.Present(), r.base.get(p.Name)
	var list []json.RawMessage
	if items := s.Items(); items != nil && json.Unmarshal([]byte(now), &list) == nil && len(list) > 0 {
		s, now = items, string(list[0])
	}
	members, err := contract.Members([]byte(now))
	if err != nil || r.refers(p) || p.Schema.ReadOnly() || chooses(p.Schema) || chooses(s) {
		return nil
	}
	for _, inner := range s.Properties() {
		if inner.Schema.ReadOnly() || kindOf(inner) == "" || isUnique(inner) || isKeyLike(inner) {
			continue
		}
		for _, e := range edges(inner.Schema) {
			text := string(body(members).set(inner.Name, e.json).bytes())
			if list != nil {
				text = "[" + text + "]"
			}
			if e.json != body(members).get(inner.Name) && len(out) < mostInsides && valid(p.Schema, text) {
				out = append(out, edge{inner.Name + " " + e.what, text})
			}
		}
	}
	return out
}
