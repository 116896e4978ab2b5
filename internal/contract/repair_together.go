package contract

import (
	"slices"

	"go.yaml.in/yaml/v3"

	"understudy/internal/source"
)

// together brings together what the parts of an allOf say of one property: a part that requires it is told if another says that it is readOnly or
// writeOnly. Validators look for both in one part, and would ask for a password in every answer.
func (r *repair) together(n *source.Node) {
	for _, flag := range []string{"readOnly", "writeOnly"} {
		hidden := map[string]*source.Node{}
		r.hidden(n, flag, hidden, nil)
		if len(hidden) > 0 {
			n.Content = r.told(n, flag, hidden, nil).Content
		}
	}
}

// hidden collects the properties of a schema, those of its allOf included, that carry a flag.
func (r *repair) hidden(n *source.Node, flag string, found map[string]*source.Node, above []*source.Node) {
	n = r.final(n)
	if slices.Contains(above, n) {
		return
	}
	for name, p := range source.Pairs(r.get(n, "properties")) {
		if found[name.Value] == nil && r.carries(p, flag, nil) {
			found[name.Value] = p
		}
	}
	for _, part := range r.allOf(n) {
		r.hidden(part, flag, found, append(above, n))
	}
}

// carries tells whether a schema has a flag, itself or by what its $ref or allOf lead to.
func (r *repair) carries(n *source.Node, flag string, above []*source.Node) bool {
	n = r.final(n)
	if slices.Contains(above, n) {
		return false
	}
	on := r.get(n, flag)
	return on != nil && on.Value == "true" || slices.ContainsFunc(r.allOf(n), func(part *source.Node) bool { return r.carries(part, flag, append(above, n)) })
}

// told gives a schema in which whatever requires a hidden property knows that it is hidden: the schema itself, or a copy, because others may refer to it.
func (r *repair) told(n *source.Node, flag string, hidden map[string]*source.Node, above []*source.Node) *source.Node {
	whole := r.final(n)
	if slices.Contains(above, whole) {
		return n
	}
	out := n
	change := func(key string, old *source.Node) *source.Node {
		if out == n {
			out = r.copied(whole)
		}
		fresh := r.copied(old)
		r.put(out, key, fresh)
		return fresh
	}
	if required := r.get(whole, "required"); source.IsList(required) {
		properties := r.get(whole, "properties")
		if properties == nil {
			properties = r.instead(whole, &shape{blank: mapForm})
		}
		changed := false
		for _, name := range required.Content {
			p, said := r.get(properties, name.Value), hidden[name.Value]
			if said == nil || p != nil && r.carries(p, flag, nil) {
				continue
			}
			if !changed {
				properties, changed = change("properties", properties), true
			}
			if p != nil {
				all := &source.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Line: p.Line, Column: p.Column, Content: []*source.Node{p, said}}
				r.own(all, p)
				said = r.wrap("allOf", all)
				r.put(said, flag, r.scalar(p, "!!bool", "true"))
			}
			r.put(properties, name.Value, said)
		}
	}
	var list *source.Node
	for i, part := range r.allOf(whole) {
		if told := r.told(part, flag, hidden, append(above, whole)); told != part {
			if list == nil {
				list = change("allOf", r.get(whole, "allOf"))
			}
			list.Content[i] = told
		}
	}
	return out
}

func (r *repair) allOf(n *source.Node) []*source.Node {
	if all := r.get(n, "allOf"); source.IsList(all) {
		return all.Content
	}
	return nil
}

// copied gives a copy of a map or list, which has the same members.
func (r *repair) copied(n *source.Node) *source.Node {
	c := *n
	c.Content = slices.Clone(n.Content)
	r.own(&c, n)
	return &c
}

// put writes a key of a map where it stands, or at the end.
func (r *repair) put(n *source.Node, key string, v *source.Node) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			n.Content[i+1] = v
			return
		}
	}
	r.set(n, key, v)
}
