package generate

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strconv"

	"github.com/brianvoe/gofakeit/v7"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"understudy/internal/contract"
)

// What bounds a run: the size of a value, above which it is made again with less in it, and the work for one try.
const (
	fullSize = 2_000
	mostSize = 20_000
	mostWork = 60_000
	tries    = 20
	levels   = 6
)

// run is the making of one value.
type run struct {
	g       *Generator
	schema  *contract.Schema
	dir     contract.Direction
	given   map[string]string
	cast    map[string]any // what is given, decoded
	bumps   map[uint64]uint64
	overlap bool // branches that a discriminator tells apart could not be told apart otherwise
	level   int  // how deep objects are full
	size    int
	most    int
	work    int

	pcg   *rand.PCG
	draw  *rand.Rand
	faker *gofakeit.Faker
	stage *gofakeit.Faker // for what several values share
	props *rand.PCG
}

func newRun(g *Generator) *run {
	r := &run{g: g, pcg: rand.NewPCG(0, 0), props: rand.NewPCG(0, 0), bumps: map[uint64]uint64{}}
	r.draw = rand.New(r.pcg)
	r.faker = gofakeit.NewFaker(r.pcg, false)
	r.stage = gofakeit.NewFaker(r.props, false)
	return r
}

func (r *run) start(s *contract.Schema, dir contract.Direction, given map[string]string) {
	r.schema, r.dir, r.given, r.cast = s, dir, given, nil
	if len(given) == 0 {
		return
	}
	r.cast = make(map[string]any, len(given))
	for name, text := range given {
		v := givenValue(text)
		r.cast[name] = v.plain
	}
}

// givenValue is a value that was given as JSON; its text is kept.
func givenValue(text string) value {
	var decoded any
	if json.Unmarshal([]byte(text), &decoded) != nil {
		decoded = text
	}
	return scalar(text, decoded)
}

// spot is a place in the value that is made.
type spot struct {
	h     uint64 // of the seed, the address and the path
	try   uint64 // counts the draws at this place
	depth int    // objects and arrays around it
	bare  bool   // only what must be there
	mean  *meaning
	scene *scene
	above *frame
}

// frame is an object or array around a place.
type frame struct {
	node  *node
	above *frame
}

func (f *frame) count(n *node) int {
	c := 0
	for ; f != nil; f = f.above {
		if f.node == n {
			c++
		}
	}
	return c
}

// errTooBig ends a run whose value grew too large, or whose tries did.
var errTooBig = errors.New("the value is too large, or too hard to find")

// random gives the source of draws at a place. It is good until the next call.
func (r *run) random(at spot) *rand.Rand {
	r.pcg.Seed(at.h, at.try)
	return r.draw
}

// pick draws one of n. Every try gives the next one, so that n tries give all.
func (r *run) pick(at spot, n int) int {
	r.pcg.Seed(at.h, 0)
	return int((r.pcg.Uint64()%uint64(n) + at.try%uint64(n)) % uint64(n))
}

// child is the place of a member.
func (r *run) child(at spot, hashed uint64) spot {
	at.h = mix(at.h ^ hashed)
	if len(r.bumps) > 0 {
		at.try += r.bumps[at.h]
	}
	return at
}

// again is the same place at another try.
func again(at spot, n int) spot {
	if n > 0 {
		at.try = at.try*31 + uint64(n)
	}
	return at
}

// root makes the whole value: full, then with less and less in it; each checked by both validators.
func (r *run) root(gl *goal, address string) (value, error) {
	at := spot{h: mix(r.g.seed ^ mix(hash(address)))}
	var first error
	for _, bare := range []bool{false, true} {
		at.bare = bare
		v, err := r.checked(gl, at)
		if err == nil {
			return v, nil
		}
		if first == nil {
			first = err
		}
	}
	if v, ok := r.rescue(gl); ok {
		return v, nil
	}
	var u *Unsatisfiable
	if errors.As(first, &u) {
		return value{}, u
	}
	return value{}, r.unsatisfiable(gl.nodes[0], first.Error())
}

func (r *run) unsatisfiable(n *node, why string) *Unsatisfiable {
	s := n.schema
	if s == nil {
		s = r.schema
	}
	return &Unsatisfiable{Place: s.Place(), Pointer: s.Pointer(), Why: why}
}

// checked makes a value until both validators let it pass; what they refuse is drawn anew.
func (r *run) checked(gl *goal, at spot) (value, error) {
	clear(r.bumps)
	root := at
	var refused error
	for range tries {
		v, err := r.sized(gl, at)
		if err != nil {
			return value{}, errors.Join(err, refused)
		}
		decoded := v.decoded()
		wrong, why := r.refused(decoded)
		if why == "" {
			return v, nil
		}
		refused = errors.New(why)
		for _, pointer := range wrong {
			h := root.h
			for i, token := range pointer {
				h = mix(h ^ r.tokenHash(&v, pointer[:i], token))
			}
			r.bumps[h]++
		}
		at.try = root.try + r.bumps[root.h]
	}
	return value{}, r.unsatisfiable(gl.nodes[0], refused.Error())
}

// tokenHash is the hash of one step into a value: a name, or an index.
func (r *run) tokenHash(v *value, pointer []string, token string) uint64 {
	for _, step := range pointer {
		if v = v.member(step); v == nil {
			return hash(token)
		}
	}
	if i, err := strconv.Atoi(token); err == nil && v.kind == 'a' {
		return uint64(i) + 1
	}
	return hash(token)
}

func (v *value) member(step string) *value {
	for i := range v.kids {
		if v.kind == 'o' && v.names[i] == step || v.kind == 'a' && strconv.Itoa(i) == step {
			return &v.kids[i]
		}
	}
	return nil
}

// refused asks both validators, and says where and why they refuse a value.
func (r *run) refused(decoded any) (pointers [][]string, why string) {
	if bad := r.schema.Validate(decoded, r.dir); len(bad) > 0 {
		for _, v := range bad {
			pointers = append(pointers, v.Pointer)
		}
		return pointers, bad.Error()
	}
	if judges(r.schema, decoded, r.dir) || r.overlap && overlap(r.schema, decoded, r.dir) {
		return nil, ""
	}
	var invalid *jsonschema.ValidationError
	err := r.schema.Judge(decoded, r.dir)
	if errors.As(err, &invalid) {
		var walk func(e *jsonschema.ValidationError)
		walk = func(e *jsonschema.ValidationError) {
			if len(e.Causes) == 0 {
				pointers = append(pointers, e.InstanceLocation)
			}
			for _, c := range e.Causes {
				walk(c)
			}
		}
		walk(invalid)
	}
	return pointers, "the validators disagree: " + err.Error()
}

// sized makes a value that is not too large: the objects deep inside are made with less in them, until it is small enough.
func (r *run) sized(gl *goal, at spot) (value, error) {
	for level := levels; ; level-- {
		r.level, r.size, r.work, r.most, r.overlap = level, 0, 0, fullSize, false
		at.bare = at.bare || level < 0
		if at.bare {
			r.most = mostSize
		}
		v, err := r.make(gl, at)
		if !errors.Is(err, errTooBig) || at.bare {
			return v, err
		}
	}
}

// make makes a value for a goal. Where nothing fits, an example or the default may.
func (r *run) make(gl *goal, at spot) (value, error) {
	r.size++
	r.work++
	if r.size > r.most || r.work > mostWork {
		return value{}, errTooBig
	}
	sh := r.g.shape(gl, r.dir)
	if sh.impossible != "" {
		return value{}, r.unsatisfiable(sh.blame, sh.impossible)
	}
	v, err := r.settle(sh, at)
	if err != nil && !errors.Is(err, errTooBig) {
		if v, ok := r.rescue(gl); ok {
			v.shape = sh
			return v, nil
		}
	}
	if v.shape == nil {
		v.shape = sh
	}
	return v, err
}

// rescue finds an example, or the default, that fits.
func (r *run) rescue(gl *goal) (value, bool) {
	parts := flatten(gl.nodes)
	for _, n := range parts {
		for _, x := range append([]any{n.k.Example, n.k.Default}, n.k.Examples...) {
			if x == nil {
				continue
			}
			v := plainValue(x)
			if r.fits(parts, &v) {
				return v, true
			}
		}
	}
	return value{}, false
}

func (r *run) fits(nodes []*node, v *value) bool {
	decoded := v.decoded()
	for _, n := range nodes {
		if n.schema != nil && !n.takes(decoded, r.dir) || n.k.HasConst && canonical(n.k.Const) != canonical(decoded) {
			return false
		}
	}
	return true
}

// settle makes the choices that the shape leaves, then the value.
func (r *run) settle(sh *shape, at spot) (value, error) {
	switch {
	case len(sh.enum) > 0:
		return plainValue(sh.enum[r.pick(at, len(sh.enum))]), nil
	case sh.types&isNull != 0 && r.isOver(sh, at):
		return nullValue(), nil
	case sh.choice != nil:
		return r.choose(sh, at)
	case len(sh.checks) == 0:
		return r.ofType(sh, at)
	}
	size := r.size
	for n := range tries {
		r.size = size
		v, err := r.ofType(sh, again(at, n))
		if err != nil {
			return v, err
		}
		if r.fits(sh.checks, &v) {
			return v, nil
		}
	}
	return value{}, r.unsatisfiable(sh.checks[0], "not takes everything that was tried")
}

// isOver tells whether a place where null is allowed should be null: a schema that comes again inside itself, or the time of what did not happen.
func (r *run) isOver(sh *shape, at spot) bool {
	if sh.goal.height() > 0 {
		return at.above.count(sh.goal.nodes[0]) > 1
	}
	return at.mean != nil && at.mean.seldom && len(sh.parts) > 0 && sh.types&isString != 0 && mix(at.h)%5 != 0
}
