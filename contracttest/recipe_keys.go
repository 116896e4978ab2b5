package contracttest

import (
	"encoding/json"
	"slices"
	"strings"

	"understudy/internal/contract"
)

// references gives, as JSON, the properties of a body that hold keys of other records: keys that exist.
func (e *engine) references(s *listState, form *contract.Form) map[string]string {
	given := map[string]string{}
	for _, p := range form.Properties() {
		if p.Name == s.c.Records.Key || p.Schema.ReadOnly() {
			continue
		}
		if key := e.reference(s, p); key != "" && valid(p.Schema, key) {
			given[p.Name] = key
			continue
		}
		if one, ok := elementOf(p); ok {
			if key := e.reference(s, one); key != "" && valid(p.Schema, "["+key+"]") {
				given[p.Name] = "[" + key + "]"
			}
		}
	}
	return given
}

// secondFirst puts the second of some items before the first: whoever takes the first for whatever was sent is not seen by it.
func secondFirst(items []contract.Item) []contract.Item {
	if len(items) < 2 {
		return items
	}
	return append([]contract.Item{items[1], items[0]}, items[2:]...)
}

// elementOf gives one element of an array as a property of its own: author_id of author_ids.
func elementOf(p contract.Property) (contract.Property, bool) {
	items := p.Schema.Items()
	return contract.Property{Name: strings.TrimSuffix(p.Name, "s"), Schema: items}, items != nil
}

// reference gives the key of a record that a property may refer to, other than some, or "". Keys are JSON.
func (e *engine) reference(s *listState, p contract.Property, not ...string) string {
	if parent := e.holder(s.c); parent != nil && len(s.scope) > 0 && isNameOf(p, parent.c) {
		return apart(e.nameFor(p, parent, s.scope[len(s.scope)-1]), not)
	}
	for _, em := range s.c.Records.Embeds {
		if em.By != p.Name && em.Property != p.Name {
			continue
		}
		for _, c := range e.doc.Collections() {
			if other := e.lists[c]; c.Records == em.Set && other != nil && other.base != nil {
				for _, it := range secondFirst(other.base.items) {
					if held := it.Own(s.c.Records.Held(&em)); held != "" && !slices.Contains(not, held) && valid(p.Schema, held) {
						return held
					}
				}
			}
		}
		for _, it := range s.base.items { // nothing lists those records, but others refer to them
			if held := it.Own(em.By); held != "" && !slices.Contains(not, held) && held != "null" && valid(p.Schema, held) {
				return held
			}
		}
	}
	for _, other := range e.namedBy(p) {
		if other.base == nil {
			continue
		}
		for _, it := range secondFirst(other.base.items) {
			if key := it.Key(); key != "" {
				if name := e.nameFor(p, other, key); name != "" && !slices.Contains(not, name) {
					return name
				}
			}
		}
	}
	return e.borrowed(s, p, not)
}

// apart gives a key, unless it is one of some.
func apart(key string, not []string) string {
	if slices.Contains(not, key) {
		return ""
	}
	return key
}

// namedBy gives the lists of whose items a property holds keys or addresses, by its name or its description.
func (e *engine) namedBy(p contract.Property) []*listState {
	var out []*listState
	for _, c := range e.doc.Collections() {
		if s := e.lists[c]; s != nil && (isNameOf(p, c) || c.IsToldKey(p)) {
			out = append(out, s)
		}
	}
	return out
}

// asJSON writes a key as a schema has it.
func asJSON(s *contract.Schema, key string) string {
	if s.Type() == "string" {
		text, _ := json.Marshal(key) // a string
		return string(text)
	}
	return key
}
