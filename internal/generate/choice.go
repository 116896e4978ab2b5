package generate

import (
	"slices"
	"sort"

	"understudy/internal/contract"
)

// choice is what a schema leaves open, with the ways to settle it: each a goal.
type choice struct {
	owner *node
	ways  []way
}

type way struct {
	goal   *goal
	narrow *goal // the same without what would make another branch of oneOf fit too; nil: nothing would
	height int
	null   bool
}

// addChoices finds the first choice of a shape that is not settled.
func (g *Generator) addChoices(sh *shape) {
	for _, n := range sh.parts {
		for _, c := range []struct {
			kind string
			ways func(*shape, *node) []way
			open bool
		}{{"oneOf", g.oneOf, len(n.oneOf) > 0}, {"anyOf", g.anyOf, len(n.anyOf) > 0}, {"if", g.conditional, n.when != nil}} {
			if c.open && !slices.Contains(sh.goal.settled, choiceKey{n, c.kind}) {
				sh.choice = &choice{owner: n, ways: c.ways(sh, n)}
				return
			}
		}
	}
}

// with is the goal with more schemas, and one choice settled.
func (g *Generator) with(sh *shape, settled choiceKey, more ...*node) *goal {
	nodes := slices.Clone(sh.goal.nodes)
	for _, n := range more {
		if n != nil && !slices.Contains(nodes, n) {
			nodes = append(nodes, n)
		}
	}
	return g.goalOf(nodes, append(slices.Clone(sh.goal.settled), settled))
}

func (g *Generator) oneOf(sh *shape, n *node) []way { return g.branches(sh, n, "oneOf", n.oneOf) }

func (g *Generator) anyOf(sh *shape, n *node) []way { return g.branches(sh, n, "anyOf", n.anyOf) }

func (g *Generator) branches(sh *shape, n *node, kind string, branches []*node) []way {
	var ways []way
	for i, b := range branches {
		if b.height == unmet {
			continue
		}
		tag := g.tag(n, b)
		key := choiceKey{n, kind}
		w := way{goal: g.with(sh, key, b, tag), height: b.height, null: typesOf(b.k) == isNull}
		if kind == "oneOf" {
			if names := distinguishing(sh, branches, i); len(names) > 0 {
				w.narrow = g.with(sh, key, b, tag, g.forbidding(names))
				if others := slices.Delete(slices.Clone(branches), i, i+1); slices.ContainsFunc(others, requiredOnly) {
					w.goal = w.narrow // what is there twice would fit twice
				}
			}
		}
		ways = append(ways, w)
	}
	return ways
}

// requiredOnly tells whether a schema says nothing but which properties there must be.
func requiredOnly(n *node) bool {
	return len(n.k.Required) > 0 && len(n.k.Properties) == 0 && len(n.allOf)+len(n.oneOf)+len(n.anyOf) == 0
}

// distinguishing gives properties which, if they are absent, keep the other branches from fitting.
func distinguishing(sh *shape, branches []*node, i int) []string {
	needed := map[string]bool{}
	for _, n := range append(slices.Clone(sh.parts), flatten(branches[i:i+1])...) {
		for _, name := range n.k.Required {
			needed[name] = true
		}
	}
	own := map[string]bool{}
	for _, n := range flatten(branches[i : i+1]) {
		for name := range n.properties {
			own[name] = true
		}
	}
	var out []string
	for j, other := range branches {
		if j == i {
			continue
		}
		pick := ""
		for _, n := range flatten([]*node{other}) {
			for _, name := range n.k.Required {
				if !needed[name] && (pick == "" || own[pick] && !own[name]) {
					pick = name
				}
			}
		}
		if pick != "" && !slices.Contains(out, pick) {
			out = append(out, pick)
		}
	}
	sort.Strings(out)
	return out
}

// forbidding makes a schema that does not allow some properties.
func (g *Generator) forbidding(names []string) *node {
	key := "-" + canonical(names)
	n := g.made[key]
	if n == nil {
		n = g.newNode(&contract.Keywords{})
		n.forbid = names
		g.made[key] = n
	}
	return n
}

// tag makes a schema for the discriminator of a branch; nil if there is none.
func (g *Generator) tag(owner, branch *node) *node {
	if owner.k.Discriminator == "" || branch.schema == nil || typesOf(branch.k)&isObject == 0 {
		return nil
	}
	said := saidValues(branch, owner.k.Discriminator)
	if len(owner.mapping) == 0 {
		component := branch.schema.Component()
		if len(said) > 0 || component == "" {
			return nil // the branch says itself what stands there
		}
		return g.constant(owner.k.Discriminator, lastToken(component))
	}
	value := ""
	for _, name := range sortedKeys(owner.mapping) {
		mapped := owner.mapping[name].schema.Pointer() == branch.schema.Component()
		if mapped && (value == "" || slices.Contains(said, any(name)) && !slices.Contains(said, any(value))) {
			value = name
		}
	}
	if value == "" {
		return nil
	}
	return g.constant(owner.k.Discriminator, value)
}

// saidValues are the values that a schema allows a property by enum and const.
func saidValues(n *node, property string) []any {
	var out []any
	for _, part := range flatten([]*node{n}) {
		if p := part.properties[property]; p != nil {
			for _, own := range flatten([]*node{p}) {
				out = append(out, own.k.Enum...)
				if own.k.HasConst {
					out = append(out, own.k.Const)
				}
			}
		}
	}
	return out
}

// constant makes a schema that requires a property with one value.
func (g *Generator) constant(name, value string) *node {
	key := "=" + canonical([]string{name, value})
	n := g.made[key]
	if n == nil {
		n = g.newNode(&contract.Keywords{Required: []string{name}})
		only := g.newNode(&contract.Keywords{Const: value, HasConst: true})
		n.properties = map[string]*node{name: only}
		g.made[key] = n
	}
	return n
}

// conditional gives the ways to settle if, then and else.
func (g *Generator) conditional(sh *shape, n *node) []way {
	key := choiceKey{n, "if"}
	yes := way{goal: g.with(sh, key, n.when, n.then)}
	no := way{goal: g.with(sh, key, n.orElse)}
	if names := distinguishing(sh, []*node{{k: &contract.Keywords{}}, n.when}, 0); len(names) > 0 {
		no.narrow = g.with(sh, key, n.orElse, g.forbidding(names))
	}
	return []way{yes, no}
}

// negate merges not: what can be turned round is built, the rest is checked.
func (g *Generator) negate(sh *shape, owner *node) {
	n := owner.not
	k := n.k
	if n.silent {
		sh.fail(owner, "not takes everything, so that nothing is left")
		return
	}
	bare := *k
	bare.Types, bare.Required, bare.Nullable = nil, nil, false
	simple := says(&bare) == says(&contract.Keywords{}) && n.empty()
	switch {
	case simple && len(k.Types) > 0 && len(k.Required) == 0:
		not := typesOf(k)
		if not&isNumber != 0 {
			not |= isInteger
		} else if not&isInteger != 0 {
			sh.checks = append(sh.checks, owner) // numbers that are not integers remain
			return
		}
		if sh.types&^not == 0 {
			sh.fail(owner, "not excludes every type that is left")
		}
		sh.types &^= not
	case simple && len(k.Required) > 0 && (len(k.Types) == 0 || typesOf(k) == isObject):
		sh.parts = append(sh.parts, g.forbidding([]string{n.spare(sh)}))
	case len(n.anyOf) > 0 && !slices.ContainsFunc(n.anyOf, func(b *node) bool { return !requiredOnly(b) }):
		for _, b := range n.anyOf {
			sh.parts = append(sh.parts, g.forbidding([]string{b.spare(sh)}))
		}
	default:
		sh.checks = append(sh.checks, owner)
	}
}

// spare is a property that a schema requires and that the others can do without.
func (n *node) spare(sh *shape) string {
	for i := len(n.k.Required) - 1; i >= 0; i-- {
		name := n.k.Required[i]
		if !slices.ContainsFunc(sh.parts, func(p *node) bool { return slices.Contains(p.k.Required, name) }) {
			return name
		}
	}
	return n.k.Required[0]
}

// saysNothing tells whether a schema takes everything.
func (n *node) saysNothing() bool {
	if n.k.Always != nil {
		return *n.k.Always
	}
	return n.empty() && says(n.k) == says(&contract.Keywords{Nullable: n.k.Nullable, Title: n.k.Title, Description: n.k.Description})
}

// empty tells whether a schema has no subschemas.
func (n *node) empty() bool {
	return len(n.properties)+len(n.patterns)+len(n.prefix)+len(n.allOf)+len(n.anyOf)+len(n.oneOf)+len(n.dependent) == 0 && n.additional == nil && n.names == nil &&
		n.items == nil && n.contains == nil && n.not == nil && n.when == nil && !n.k.NoAdditional
}
