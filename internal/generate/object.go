package generate

import (
	"errors"
	"slices"
	"strconv"
	"strings"
)

// object makes an object: everything that it may have; deep inside, only what it must have.
func (r *run) object(sh *shape, at spot) (value, error) {
	chosen := r.members(sh, at)
	if len(chosen) > 0 {
		if gl := r.dependents(sh, chosen); gl != nil {
			return r.make(gl, at)
		}
	}
	out := value{kind: 'o', names: make([]string, 0, len(chosen)), kids: make([]value, 0, len(chosen))}
	inner := at
	inner.depth++
	inner.above = &frame{sh.goal.nodes[0], at.above}
	inner.scene = &scene{h: at.h, sh: sh}
	if at.mean != nil {
		inner.scene.about = at.mean.words
	}
	if at.depth == 0 {
		inner.scene.given = r.cast
	}
	if at.above.count(sh.goal.nodes[0]) > 0 && at.depth > 3 {
		inner.bare = true
	}
	for _, p := range chosen {
		if at.depth == 0 {
			if text, ok := r.given[p.name]; ok {
				out.add(p.name, givenValue(text))
				continue
			}
		}
		spot := r.child(inner, p.hash)
		spot.mean = &p.mean
		size := r.size
		v, err := r.make(p.goal, spot)
		switch {
		case err == nil:
			out.add(p.name, v)
		case p.required || errors.Is(err, errTooBig) || slices.ContainsFunc(chosen, func(q *prop) bool { return slices.Contains(sh.depends[q.name], p.name) }):
			return out, err
		default:
			r.size = size
		}
	}
	if at.depth == 0 {
		for _, name := range sortedKeys(r.given) {
			if !slices.Contains(out.names, name) {
				out.add(name, givenValue(r.given[name]))
			}
		}
	}
	return out, r.more(sh, inner, &out)
}

func (v *value) add(name string, member value) {
	v.names, v.kids = append(v.names, name), append(v.kids, member)
}

// members chooses the properties that the object has.
func (r *run) members(sh *shape, at spot) []*prop {
	recursion := at.above.count(sh.goal.nodes[0])
	bare := at.bare || recursion > 1 || recursion > 0 && at.depth > 3 || at.depth > r.level+2
	has := make([]bool, len(sh.props))
	count := 0
	set := func(i int) {
		if !has[i] {
			has[i] = true
			count++
		}
	}
	for i := range sh.props {
		p := &sh.props[i]
		_, given := r.given[p.name]
		height := p.goal.height()
		if p.required || given && at.depth == 0 || !bare && !p.leftOut && height != unmet && (height == 0 || at.depth < r.level) {
			set(i)
		}
	}
	for i := 0; i < len(sh.props) && count < sh.minProps; i++ {
		if !sh.props[i].leftOut && sh.props[i].goal.height() != unmet {
			set(i)
		}
	}
	if len(sh.depends) > 0 {
		for range sh.props {
			before := count
			for i := range sh.props {
				if !has[i] {
					continue
				}
				for _, name := range sh.depends[sh.props[i].name] {
					if j := sh.index(name); j >= 0 {
						set(j)
					} else if !sh.props[i].required && !sh.addable(name) {
						has[i] = false // what it needs may not be there
						count--
						break
					}
				}
			}
			if count == before {
				break
			}
		}
	}
	for i := len(has) - 1; i >= 0 && count > sh.maxProps; i-- {
		if p := &sh.props[i]; has[i] && !p.required && !r.needed(sh, has, p.name) {
			has[i] = false
			count--
		}
	}
	chosen := make([]*prop, 0, count)
	for i := range has {
		if has[i] {
			chosen = append(chosen, &sh.props[i])
		}
	}
	return chosen
}

func (sh *shape) index(name string) int {
	return slices.IndexFunc(sh.props, func(p prop) bool { return p.name == name })
}

// addable tells whether an object may have a member that the schema does not name.
func (sh *shape) addable(name string) bool {
	return !sh.closed() && !slices.ContainsFunc(sh.parts, func(n *node) bool { return slices.Contains(n.forbid, name) })
}

func (r *run) needed(sh *shape, has []bool, name string) bool {
	for i := range has {
		if has[i] && slices.Contains(sh.depends[sh.props[i].name], name) {
			return true
		}
	}
	return false
}

// dependents gives the goal with a dependentSchema that applies, or nil.
func (r *run) dependents(sh *shape, chosen []*prop) *goal {
	for _, n := range sh.parts {
		for _, name := range sortedKeys(n.dependent) {
			key := choiceKey{n, "dependent " + name + " "}
			if slices.Contains(sh.goal.settled, key) || !slices.ContainsFunc(chosen, func(p *prop) bool { return p.name == name }) {
				continue
			}
			r.g.mu.Lock()
			defer r.g.mu.Unlock()
			return r.g.with(sh, key, n.dependent[name])
		}
	}
	return nil
}

// more adds members that the schema does not name: those of maps, those that a property depends on, and as many as minProperties asks for.
func (r *run) more(sh *shape, inner spot, out *value) error {
	for i := 0; i < len(out.names); i++ {
		for _, name := range sh.depends[out.names[i]] {
			if !slices.Contains(out.names, name) {
				if err := r.extra(sh, inner, out, name); err != nil {
					return err
				}
			}
		}
	}
	wanted := sh.minProps
	if len(sh.props) == 0 && !inner.bare && inner.depth <= r.level && sh.isMap() {
		wanted = max(wanted, 1+int(mix(inner.scene.h)%2))
	}
	wanted = min(wanted, sh.maxProps)
	given := inner.above.above == nil && len(r.given) > 0
	for n := 0; len(out.names) < wanted && n < tries+wanted && !(given && len(out.names) >= sh.minProps); n++ {
		name, ok := r.memberName(sh, inner, n)
		if !ok || slices.Contains(out.names, name) {
			continue
		}
		if err := r.extra(sh, inner, out, name); errors.Is(err, errTooBig) {
			return err
		}
	}
	if len(out.names) < sh.minProps {
		return r.unsatisfiable(sh.owner(func(n *node) bool { return n.k.MinProperties > 0 }), strconv.Itoa(sh.minProps)+" properties are needed, which it does not allow")
	}
	return nil
}

// isMap tells whether the schema describes members that it does not name.
func (sh *shape) isMap() bool {
	return slices.ContainsFunc(sh.parts, func(n *node) bool {
		return n.additional != nil && n.additional.height != unmet && !n.additional.silent || len(n.patterns) > 0
	})
}

// extra adds a member that the schema does not name.
func (r *run) extra(sh *shape, inner spot, out *value, name string) error {
	r.g.mu.Lock()
	nodes, forbidden := r.g.member(sh, name)
	r.g.mu.Unlock()
	if forbidden != nil {
		return r.unsatisfiable(forbidden, "the property "+name+" is needed, but not allowed")
	}
	at := r.child(inner, hash(name))
	at.mean = inner.mean
	if len(nodes) == 0 {
		m := meaningOf(name, nil)
		at.mean = &m
	}
	v, err := r.make(r.g.anyGoal(nodes), at)
	if err == nil {
		out.add(name, v)
	}
	return err
}

// memberName draws a name for a member.
func (r *run) memberName(sh *shape, inner spot, n int) (string, bool) {
	at := spot{h: mix(inner.scene.h ^ nameSalt ^ uint64(n)), try: inner.try}
	var naming []*node
	var patterns []string
	open := true
	for _, part := range sh.parts {
		if part.names != nil {
			naming = append(naming, part.names)
		}
		open = open && !part.k.NoAdditional
		for _, p := range part.patterns {
			if p.schema.height != unmet {
				patterns = append(patterns, p.text)
			}
		}
	}
	switch {
	case len(naming) > 0:
		v, err := r.make(r.g.anyGoal(append(naming, r.g.string())), at)
		name, ok := v.plain.(string)
		return name, err == nil && ok
	case len(patterns) > 0 && (!open || n%2 == 0):
		p := parsePattern(patterns[r.pick(at, len(patterns))])
		if p == nil {
			return "", false
		}
		return p.make(r.random(at), 1, 40), true
	}
	name := strings.ToLower(nouns[r.pick(at, len(nouns))])
	if n > len(nouns)/4 {
		name += "_" + strconv.Itoa(n)
	}
	return name, true
}

const nameSalt = 0x6e616d65

// string is the schema of all texts.
func (g *Generator) string() *node {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := g.made["string"]
	if n == nil {
		// Without a schema of the document: height 0, and nothing to check.
		k := *g.anything().k
		k.Types = []string{"string"}
		n = g.newNode(&k)
		g.made["string"] = n
	}
	return n
}
