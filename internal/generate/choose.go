package generate

import (
	"errors"
)

// choose tries the ways to settle a choice, beginning with one that is drawn, until what came out fits.
func (r *run) choose(sh *shape, at spot) (value, error) {
	c := sh.choice
	ways := r.ordered(c.ways, sh, at)
	if len(ways) == 0 {
		return value{}, r.unsatisfiable(c.owner, "none of its branches can be met")
	}
	var first error // of a branch; nil if all could be made, but did not fit
	made := false
	var overlapping *value
	size := r.size
	for n := range 4 {
		for _, w := range ways {
			for i, gl := range []*goal{w.goal, w.narrow} {
				if gl == nil || i == 1 && gl == w.goal {
					continue
				}
				r.size = size
				v, err := r.make(gl, again(at, n))
				if errors.Is(err, errTooBig) {
					return v, err
				}
				if err == nil && r.fits([]*node{c.owner}, &v) {
					return v, nil
				}
				if err == nil && overlapping == nil && c.owner.k.Discriminator != "" && r.overlaps(c.owner, &v) {
					overlapping = &v
				}
				made = made || err == nil
				if first == nil {
					first = err
				}
			}
		}
		if overlapping != nil {
			r.overlap = true
			return *overlapping, nil
		}
		at.bare = at.bare || n == 1
	}
	var u *Unsatisfiable
	if errors.As(first, &u) && !made {
		if len(ways) == 1 {
			return value{}, u
		}
		return value{}, r.unsatisfiable(c.owner, "none of its branches can be met: "+u.Why)
	}
	return value{}, r.unsatisfiable(c.owner, "no value was found that its branches allow")
}

// choiceSalt keeps the draw of a branch apart from the draws of the value.
const choiceSalt = 0x63686f696365

// overlaps tells whether a value is wrong only because a oneOf with a discriminator has several branches that fit.
func (r *run) overlaps(n *node, v *value) bool {
	decoded := v.decoded()
	return n.schema != nil && len(n.schema.Validate(decoded, r.dir)) == 0 && overlap(n.schema, decoded, r.dir)
}

// ordered begins with a branch that is drawn; null comes last, and deep inside the lowest comes first.
func (r *run) ordered(ways []way, sh *shape, at spot) []way {
	if len(ways) == 0 {
		return nil
	}
	start := r.pick(spot{h: mix(at.h ^ choiceSalt), try: at.try}, len(ways))
	out := make([]way, 0, len(ways))
	deep := at.bare || at.above.count(sh.goal.nodes[0]) > 0 || at.depth > r.level
	for _, nulls := range []bool{false, true} {
		for i := range ways {
			w := ways[(start+i)%len(ways)]
			if w.null != nulls || w.goal.height() == unmet {
				continue
			}
			j := len(out)
			if deep && !nulls {
				for j > 0 && out[j-1].height > w.height {
					j--
				}
			}
			out = append(out, way{})
			copy(out[j+1:], out[j:])
			out[j] = w
		}
	}
	return out
}
