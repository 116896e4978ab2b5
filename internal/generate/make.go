package generate

import (
	"errors"
	"math/bits"
	"slices"
	"strconv"
)

// ofType makes a value of one of the types that the shape allows: one that is drawn, then the others.
func (r *run) ofType(sh *shape, at spot) (value, error) {
	t := sh.types
	if t == anyType {
		t = isString // nothing is said
		if at.mean != nil && at.mean.flag != nil {
			t = isBoolean
		}
	}
	if t&isNumber != 0 {
		t &^= isInteger // one kind of number
	}
	if t != isNull {
		t &^= isNull
	}
	if at.bare && t&^(isObject|isArray) != 0 {
		t &^= isObject | isArray
	}
	n := bits.OnesCount8(uint8(t))
	if n == 0 {
		return value{}, r.unsatisfiable(sh.blame, "no type fits all of it")
	}
	start := 0
	if n > 1 {
		start = r.pick(at, n)
	}
	var first error
	for i := range n {
		v, err := r.one(sh, at, nth(t, (start+i)%n))
		if err == nil {
			v.shape = sh
			return v, nil
		}
		if errors.Is(err, errTooBig) {
			return v, err
		}
		if first == nil {
			first = err
		}
	}
	if sh.allowed&isNull != 0 {
		return nullValue(), nil
	}
	for _, other := range []types{isString, isInteger, isBoolean} {
		if (sh.allowed&^sh.types)&other != 0 {
			return r.one(sh, at, other)
		}
	}
	return value{}, first
}

func nth(t types, n int) types {
	for range n {
		t &= t - 1
	}
	return t & -t
}

func (r *run) one(sh *shape, at spot, t types) (value, error) {
	switch t {
	case isNull:
		return nullValue(), nil
	case isBoolean:
		odds := 50
		if at.mean != nil && at.mean.flag != nil {
			odds = *at.mean.flag
		}
		yes := int(mix(at.h)%100) < odds
		return boolValue(yes != (at.try%2 == 1)), nil
	case isInteger, isNumber:
		return r.number(sh, at, t == isInteger)
	case isString:
		return r.text(sh, at)
	case isArray:
		return r.array(sh, at)
	}
	return r.object(sh, at)
}

// array makes an array: one to three items, unless the schema asks for others.
func (r *run) array(sh *shape, at spot) (value, error) {
	out := value{kind: 'a'}
	inner := at
	inner.depth++
	inner.above = &frame{sh.goal.nodes[0], at.above}
	if at.mean != nil {
		inner.mean = at.mean.single()
	}
	wanted := r.length(sh, at)
	kept := map[string]bool{}
	for i := 0; i < wanted; i++ {
		nodes, fixed := r.itemNodes(sh, i)
		if nodes == nil {
			break // false
		}
		hit := false
		for _, n := range sh.contains {
			if !hit && i < leastContained(n) && !slices.Contains(nodes, n.contains) {
				nodes, hit = append(slices.Clone(nodes), n.contains), true
			}
		}
		gl := r.g.anyGoal(nodes)
		if gl.height() == unmet && i >= sh.minItems {
			break
		}
		item, ok, err := r.item(sh, gl, inner, i, kept)
		switch {
		case errors.Is(err, errTooBig):
			return out, err
		case err == nil && ok:
			out.kids = append(out.kids, item)
			continue
		case i >= sh.minItems && !fixed:
		case err != nil:
			return out, err
		default:
			return out, r.unsatisfiable(sh.blame, "there are not "+strconv.Itoa(sh.minItems)+" different items")
		}
		break
	}
	if len(out.kids) < sh.minItems {
		return out, r.unsatisfiable(sh.blame, "there are no "+strconv.Itoa(sh.minItems)+" items that fit")
	}
	return out, nil
}

// anyGoal is the goal of several schemas, of which none means anything.
func (g *Generator) anyGoal(nodes []*node) *goal {
	if len(nodes) == 1 {
		return &nodes[0].goal
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(nodes) == 0 {
		nodes = []*node{g.anything()}
	}
	return g.goalOf(nodes, nil)
}

// length draws how many items there are.
func (r *run) length(sh *shape, at spot) int {
	prefix := 0
	said := false
	for _, n := range sh.parts {
		prefix = max(prefix, len(n.prefix))
		said = said || n.items != nil || n.contains != nil
	}
	if n := at.above.count(sh.goal.nodes[0]); at.bare || n > 1 {
		return sh.minItems
	}
	most := 3
	if at.depth > 2 {
		most = 1
	}
	n := 1 + int(mix(at.h^uint64(len(sh.parts)))%uint64(most))
	if prefix > 0 {
		n = prefix
	}
	if prefix == 0 && !said && (at.mean == nil || at.mean.single().text == nil) {
		n = 0 // items of no kind
	}
	for _, part := range sh.parts {
		if part.items != nil && at.depth > r.level && part.items.height > 0 || part.items != nil && at.above.count(part.items) > 1 {
			n = 0
		}
	}
	return min(max(n, sh.minItems), sh.maxItems)
}

// itemNodes gives the schemas of an item; nil if there may be none. Fixed says that its place has a schema of its own.
func (r *run) itemNodes(sh *shape, i int) (nodes []*node, fixed bool) {
	nodes = []*node{}
	for _, n := range sh.parts {
		item := n.items
		if i < len(n.prefix) {
			item = n.prefix[i]
		}
		if item == nil || slices.Contains(nodes, item) {
			continue
		}
		if item.k.Always != nil && !*item.k.Always {
			return nil, false
		}
		nodes = append(nodes, item)
	}
	return nodes, false
}

func leastContained(n *node) int {
	if n.k.MinContains != nil {
		return *n.k.MinContains
	}
	return 1
}

// item makes one item, which must differ from the others if the shape asks for that, and must not be one too many of what the array contains.
func (r *run) item(sh *shape, gl *goal, inner spot, i int, kept map[string]bool) (value, bool, error) {
	at := r.child(inner, uint64(i)+1)
	size := r.size
	var err error
	for n := range tries + 4*len(kept) {
		r.size = size
		var item value
		item, err = r.make(gl, again(at, n))
		if err != nil {
			return item, false, err
		}
		if !sh.unique && len(sh.contains) == 0 {
			return item, true, nil
		}
		if sh.unique {
			text := canonical(item.decoded())
			if kept[text] {
				continue
			}
			kept[text] = true
		}
		if r.spare(sh, gl, &item, i) {
			return item, true, nil
		}
	}
	return value{}, false, err
}

// spare tells whether an item may be added where maxContains bounds how many may be like it.
func (r *run) spare(sh *shape, gl *goal, item *value, i int) bool {
	for _, n := range sh.contains {
		if n.k.MaxContains == nil || i < *n.k.MaxContains || slices.Contains(gl.nodes, n.contains) {
			continue
		}
		if r.fits([]*node{n.contains}, item) {
			return false
		}
	}
	return true
}
