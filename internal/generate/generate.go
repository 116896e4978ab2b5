// Package generate makes values from the schemas of a document: realistic ones that both validators let pass, and ones that break exactly one keyword.
//
// What a value is depends on the seed, on an address (what it is made for) and on its path from there, and on nothing else: the schemas around it may gain
// properties without a change to it. (One exception: whether the name of an object is that of a person follows, where no title and no property around it
// tells, from its having an email address, a username, or a first or last name.) A schema says what is allowed; the name of a property, its title, its
// description and what it is a property of say what is meant.
package generate

import (
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"understudy/internal/contract"
)

// Options say which values are made.
type Options struct {
	Seed uint64
	Now  time.Time // what dates are around; zero: the start of the current day in UTC
}

// Generator makes values. It is safe for concurrent use.
type Generator struct {
	seed uint64
	now  time.Time
	runs sync.Pool

	mu       sync.Mutex
	nodes    map[nodeKey]*node
	goals    map[string]*goal
	made     map[string]*node // by this package, not in a document
	whatever *node
	unlinked []*node
	count    int
	roots    map[*contract.Schema]*goal
}

// New makes a generator. Options may be nil.
func New(opts *Options) *Generator {
	if opts == nil {
		opts = &Options{}
	}
	g := &Generator{
		seed: opts.Seed, now: opts.Now.UTC(), nodes: map[nodeKey]*node{}, goals: map[string]*goal{}, made: map[string]*node{}, roots: map[*contract.Schema]*goal{},
	}
	if opts.Now.IsZero() {
		g.now = time.Now().UTC().Truncate(24 * time.Hour)
	}
	g.runs.New = func() any { return newRun(g) }
	return g
}

// Unsatisfiable is a schema for which no value was found: there is none, or it is too well hidden.
type Unsatisfiable struct {
	Place   contract.Place
	Pointer string // of the schema in the document
	Why     string
}

func (e *Unsatisfiable) Error() string {
	return fmt.Sprintf("%s: nothing fits this schema: %s", e.Place, e.Why)
}

// Value gives a value that fits a schema as JSON: compact, properties in the document's order. The same seed, address and schema always give the same
// bytes, and a property's value depends only on the seed, the address and its path. A nil schema takes anything. The error is an [*Unsatisfiable].
func (g *Generator) Value(s *contract.Schema, dir contract.Direction, address string) ([]byte, error) {
	return g.Object(s, dir, address, nil)
}

// Object is like [Generator.Value], with some members of the object given, as JSON by name. They are kept as they are, and must fit by themselves; the rest
// is made to go with them.
func (g *Generator) Object(s *contract.Schema, dir contract.Direction, address string, given map[string]string) ([]byte, error) {
	v, err := g.make(s, dir, address, given)
	if err != nil {
		return nil, err
	}
	return v.appendJSON(make([]byte, 0, 256)), nil
}

func (g *Generator) make(s *contract.Schema, dir contract.Direction, address string, given map[string]string) (value, error) {
	if s == nil {
		out := value{kind: 'o'}
		for _, name := range sortedKeys(given) {
			out.names, out.kids = append(out.names, name), append(out.kids, givenValue(given[name]))
		}
		return out, nil
	}
	r := g.runs.Get().(*run)
	defer g.runs.Put(r)
	r.start(s, dir, given)
	return r.root(g.root(s), address)
}

// root gives the goal of a schema. Which schemas were asked for is remembered, but not without bound.
func (g *Generator) root(s *contract.Schema) *goal {
	g.mu.Lock()
	defer g.mu.Unlock()
	gl := g.roots[s]
	if gl == nil {
		if len(g.roots) > 10_000 {
			clear(g.roots)
		}
		gl = &g.node(s).goal
		g.roots[s] = gl
	}
	return gl
}

func hash(s string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(s))
	return h.Sum64()
}

// mix is the finalizer of SplitMix64.
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func lastToken(pointer string) string {
	return strings.NewReplacer("~1", "/", "~0", "~").Replace(pointer[strings.LastIndexByte(pointer, '/')+1:])
}

func isComponent(pointer string) bool {
	return strings.HasPrefix(pointer, "/components/schemas/") && strings.Count(pointer, "/") == 3
}
