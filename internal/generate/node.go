package generate

import (
	"encoding/json"
	"math"
	"slices"

	"understudy/internal/contract"
)

// node is a schema of the document, read once, with edges to its subschemas. It does not change after it was linked.
type node struct {
	id     int
	schema *contract.Schema // nil: made up by this package
	k      *contract.Keywords
	height int // how many objects and arrays a value holds in one another at least; unmet: none can be made

	properties              map[string]*node
	patterns                []patternProperty
	additional, names       *node
	items, contains         *node
	prefix                  []*node
	allOf, anyOf, oneOf     []*node
	not, when, then, orElse *node
	dependent               map[string]*node
	mapping                 map[string]*node
	silent                  bool     // it takes everything
	forbid                  []string // made up: properties that must be absent
	goal                    goal     // of this node alone
}

type patternProperty struct {
	text   string
	match  matcher
	schema *node
}

type matcher interface{ MatchString(string) bool }

// unmet is the height of what cannot be made.
const unmet = math.MaxInt32

// nodeKey identifies a schema. In OpenAPI 3.1 words beside a $ref are said of the same schema, at the same pointer, but tell what its values mean.
type nodeKey struct {
	doc     *contract.Document
	pointer string
	says    string
}

// node gives the node of a schema, and reads all that can be reached from it. The generator is locked.
func (g *Generator) node(s *contract.Schema) *node {
	before := len(g.unlinked)
	n := g.enter(s)
	for i := before; i < len(g.unlinked); i++ {
		g.link(g.unlinked[i])
	}
	measure(g.unlinked[before:])
	g.unlinked = g.unlinked[:before]
	return n
}

func (g *Generator) enter(s *contract.Schema) *node {
	if s == nil {
		return nil
	}
	k := s.Keywords()
	key := nodeKey{s.Document(), s.Pointer(), says(k)}
	if n := g.nodes[key]; n != nil {
		return n
	}
	n := g.newNode(k)
	n.schema = s
	g.nodes[key] = n
	g.unlinked = append(g.unlinked, n)
	return n
}

// newNode makes a node that is not linked.
func (g *Generator) newNode(k *contract.Keywords) *node {
	g.count++
	n := &node{id: g.count, k: k}
	n.goal.nodes = []*node{n}
	return n
}

// says tells schemas at the same pointer apart, by what they say themselves.
func says(k *contract.Keywords) string {
	own := *k
	own.Items, own.PrefixItems, own.Contains, own.Additional, own.PropertyNames = nil, nil, nil, nil, nil
	own.AllOf, own.AnyOf, own.OneOf, own.Not, own.If, own.Then, own.Else = nil, nil, nil, nil, nil, nil, nil
	own.PatternProperties, own.DependentSchemas, own.Mapping, own.Extensions = nil, nil, nil, nil
	names := make([]string, len(k.Properties))
	for i, p := range k.Properties {
		names[i] = p.Name
	}
	own.Properties = nil
	text, err := json.Marshal(struct {
		Own   contract.Keywords
		Names []string
	}{own, names})
	if err != nil {
		return ""
	}
	return string(text)
}

func (g *Generator) link(n *node) {
	list := func(schemas []*contract.Schema) []*node {
		out := make([]*node, 0, len(schemas))
		for _, s := range schemas {
			out = append(out, g.enter(s))
		}
		return out
	}
	named := func(schemas map[string]*contract.Schema) map[string]*node {
		out := make(map[string]*node, len(schemas))
		for name, s := range schemas {
			out[name] = g.enter(s)
		}
		return out
	}
	k := n.k
	n.properties = make(map[string]*node, len(k.Properties))
	for _, p := range k.Properties {
		n.properties[p.Name] = g.enter(p.Schema)
	}
	for _, p := range k.PatternProperties {
		if m, err := contract.Pattern(p.Pattern); err == nil {
			n.patterns = append(n.patterns, patternProperty{p.Pattern, m, g.enter(p.Schema)})
		}
	}
	n.additional, n.names = g.enter(k.Additional), g.enter(k.PropertyNames)
	n.items, n.contains, n.prefix = g.enter(k.Items), g.enter(k.Contains), list(k.PrefixItems)
	n.allOf, n.anyOf, n.oneOf = list(k.AllOf), list(k.AnyOf), list(k.OneOf)
	n.not, n.when, n.then, n.orElse = g.enter(k.Not), g.enter(k.If), g.enter(k.Then), g.enter(k.Else)
	n.dependent, n.mapping = named(k.DependentSchemas), named(k.Mapping)
	n.silent = n.saysNothing()
}

// measure finds the heights of nodes that were just linked: from unmet downward until nothing changes.
func measure(nodes []*node) {
	for _, n := range nodes {
		n.height = unmet
	}
	for changed := true; changed; {
		changed = false
		for i := len(nodes) - 1; i >= 0; i-- {
			if h := nodes[i].measured(); h < nodes[i].height {
				nodes[i].height = h
				changed = true
			}
		}
	}
}

func (n *node) measured() int {
	h := n.ownHeight()
	for _, part := range n.allOf {
		h = max(h, part.height)
	}
	for _, branches := range [][]*node{n.oneOf, n.anyOf} {
		if len(branches) > 0 && len(n.k.Enum) == 0 {
			least := unmet
			for _, b := range branches {
				least = min(least, b.height)
			}
			h = max(h, least)
		}
	}
	return h
}

func (n *node) ownHeight() int {
	k := n.k
	if k.Always != nil {
		if *k.Always {
			return 0
		}
		return unmet
	}
	if k.HasConst || len(k.Enum) > 0 {
		return 0
	}
	types := typesOf(k)
	if types&^(isObject|isArray) != 0 && (types != anyType || !n.aboutObjects() && !n.aboutArrays()) {
		return 0
	}
	best := unmet
	if types&isObject != 0 && (types != anyType || n.aboutObjects()) {
		h := 1
		for _, name := range k.Required {
			if p := n.properties[name]; p != nil && !p.k.ReadOnly && !p.k.WriteOnly {
				h = max(h, above(p.height))
			}
		}
		best = min(best, h)
	}
	if types&isArray != 0 && (types != anyType || n.aboutArrays()) {
		h := 1
		for i := range k.MinItems {
			switch {
			case i < len(n.prefix):
				h = max(h, above(n.prefix[i].height))
				continue
			case n.items != nil:
				h = max(h, above(n.items.height))
			}
			break
		}
		best = min(best, h)
	}
	return best
}

func above(h int) int {
	if h == unmet {
		return unmet
	}
	return h + 1
}

// aboutObjects tells whether the schema says something of objects, so that one is meant where no type is named.
func (n *node) aboutObjects() bool {
	k := n.k
	return len(k.Properties) > 0 || len(k.Required) > 0 || k.MinProperties > 0 || k.MaxProperties != nil || k.Additional != nil || k.NoAdditional ||
		len(k.PatternProperties) > 0 || k.PropertyNames != nil || len(k.DependentRequired) > 0 || len(k.DependentSchemas) > 0 || k.NoUnevaluated
}

// aboutArrays tells the same of arrays.
func (n *node) aboutArrays() bool {
	k := n.k
	return k.Items != nil || len(k.PrefixItems) > 0 || k.Contains != nil || k.MinItems > 0 || k.MaxItems != nil || k.UniqueItems || k.NoUnevaluatedItems
}

// leftOut tells whether the value is not sent in a direction.
func (n *node) leftOut(dir contract.Direction) bool { return n.flagged(dir, nil) }

func (n *node) flagged(dir contract.Direction, seen []*node) bool {
	if slices.Contains(seen, n) {
		return false
	}
	if dir == contract.AsRequest && n.k.ReadOnly || dir == contract.AsResponse && n.k.WriteOnly {
		return true
	}
	return slices.ContainsFunc(n.allOf, func(part *node) bool { return part.flagged(dir, append(seen, n)) })
}
