package generate

import (
	"slices"
	"strings"

	"understudy/internal/contract"
)

// addProperties lists the properties that the parts of a shape name: in the document's order, then those that are only required.
func (g *Generator) addProperties(sh *shape, dir contract.Direction) {
	var names []string
	seen := map[string]bool{}
	add := func(name string) {
		if !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	required := map[string]*node{}
	for _, n := range sh.parts {
		for _, p := range n.k.Properties {
			add(p.Name)
		}
	}
	for _, n := range sh.parts {
		for _, name := range n.k.Required {
			if p := n.properties[name]; p == nil || !p.leftOut(dir) {
				required[name] = n
				add(name)
			}
		}
	}
	for _, name := range names {
		nodes, why := g.member(sh, name)
		p := prop{name: name, hash: hash(name), required: required[name] != nil}
		if why != nil {
			if p.required && sh.allowed == isObject {
				sh.fail(why, "the property "+name+" is required, but not allowed")
			}
			continue
		}
		if len(nodes) == 0 {
			nodes = []*node{g.anything()}
		}
		p.leftOut = !p.required && slices.ContainsFunc(nodes, func(n *node) bool { return n.leftOut(dir) })
		p.goal = g.goalOf(nodes, nil)
		p.mean = meaningOf(name, nil, nodes...)
		sh.props = append(sh.props, p)
		switch strings.Join(p.mean.words, " ") {
		case "email", "first name", "last name", "username", "given name", "family name":
			sh.personal = true
		}
	}
}

// member gives the schemas of a member of that name, or the schema that does not allow it.
func (g *Generator) member(sh *shape, name string) (nodes []*node, forbidden *node) {
	add := func(n *node) {
		if n != nil && !slices.Contains(nodes, n) {
			nodes = append(nodes, n)
		}
	}
	for _, n := range sh.parts {
		if slices.Contains(n.forbid, name) {
			return nil, n
		}
		known := n.properties[name] != nil
		add(n.properties[name])
		for _, p := range n.patterns {
			if p.match.MatchString(name) {
				known = true
				add(p.schema)
			}
		}
		if !known {
			if n.k.NoAdditional {
				return nil, n
			}
			add(n.additional)
		}
		if n.names != nil && n.names.schema != nil && len(n.names.schema.Validate(name, contract.AsResponse)) > 0 {
			return nil, n
		}
	}
	for _, n := range nodes {
		if n.k.Always != nil && !*n.k.Always {
			return nil, n
		}
	}
	return nodes, nil
}

// anything is the schema that takes everything.
func (g *Generator) anything() *node {
	if g.whatever == nil {
		g.whatever = g.newNode(&contract.Keywords{})
	}
	return g.whatever
}

// closed tells whether members beyond those that the schema names would break it.
func (sh *shape) closed() bool {
	return slices.ContainsFunc(sh.parts, func(n *node) bool { return n.k.NoUnevaluated || n.k.NoAdditional && len(n.patterns) == 0 })
}
