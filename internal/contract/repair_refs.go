package contract

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"understudy/internal/source"
)

// circle is why a reference that leads nowhere but on cannot be followed.
const circle = "leads back to itself"

// maxChain bounds how many references may lead on from one to the next.
const maxChain = 64

// targetKey says where a $ref stands, what it says, and what it should lead to.
type targetKey struct {
	from  *input
	ref   string
	shape *shape
}

// target is what a $ref leads to.
type target struct {
	ref  string // what the $ref becomes
	why  string // why it cannot be followed
	node *source.Node
	in   *input
}

// adopted is a value that becomes part of the document because a $ref leads to it: it is in another file, or where OpenAPI expects nothing.
type adopted struct {
	node  *source.Node
	shape *shape
	from  *input
	path  []string // where it goes
}

// reference follows the $ref of a map. It is false, with a warning, if that cannot be done.
func (r *repair) reference(n *source.Node, s *shape) bool {
	ref := r.get(n, "$ref")
	if !source.IsText(ref) {
		r.warn(ref, "$ref is %s, not text: it is left out", valueKind(ref))
		return false
	}
	from := r.bases[len(r.bases)-1]
	t := r.rewritten[n]
	if t == nil {
		t = r.resolve(from, ref.Value, s, 0)
	}
	if t.why != "" {
		what := "what refers to it is left out"
		if s.blank != 0 {
			what = s.name + " that says nothing takes its place"
		}
		r.warn(ref, "$ref %s %s: %s", ref.Value, t.why, what)
		return false
	}
	if r.old && s == r.pathItem { // the conversion from 2.0 knows no references to path items
		*n = *t.node
		r.bases = append(r.bases, t.in)
		r.inside(n, s)
		r.bases = r.bases[:len(r.bases)-1]
		return true
	}
	if from != r.root {
		r.rewritten[n] = t
	}
	ref.Value = t.ref
	return true
}

// resolve finds out what a $ref that stands in a file leads to.
func (r *repair) resolve(from *input, ref string, s *shape, depth int) *target {
	key := targetKey{from, ref, s}
	if t := r.targets[key]; t != nil {
		return t
	}
	t := &target{why: circle} // until it is known to be otherwise
	r.targets[key] = t
	if depth > maxChain {
		t.why = "leads on from reference to reference"
		return t
	}
	if n := r.adopted[ref]; n != nil && from == r.root { // rewritten already
		t.ref, t.node, t.in, t.why = ref, n, r.root, ""
		return t
	}
	t.ref, t.why = r.follow(t, from, ref, s, depth)
	return t
}

// follow does what resolve says: what the $ref becomes, or why it cannot be followed.
func (r *repair) follow(t *target, from *input, ref string, s *shape, depth int) (string, string) {
	location, _, _ := strings.Cut(ref, "#")
	in := from
	if location != "" {
		var why string
		if in, why = r.refer(from, location); why != "" {
			return "", why
		}
	}
	pointer := ""
	if i := strings.Index(ref, "#"); i >= 0 {
		pointer = refPointer(ref[i:])
	}
	if pointer != "" && pointer[0] != '/' {
		var ok bool
		if pointer, ok = r.anchor(in.file.Root, pointer); !ok {
			return "", "names an anchor that is nowhere in " + in.file.Name
		}
	}
	node, found := r.walk(in, pointer)
	switch {
	case node == nil || source.IsNull(node) && s.blank == 0:
		return "", "leads nowhere"
	case source.IsNull(node):
		if found == nil {
			return "", "leads to null"
		}
	case found != nil && found != s:
		name := found.name
		if name == "" {
			name = valueKind(node)
		}
		return "", "leads to " + name + ", where " + s.name + " belongs"
	}
	next := r.get(node, "$ref")
	if next != nil && !source.IsText(next) && s.blank == 0 {
		return "", "leads to another that is not text"
	}
	if source.IsText(next) {
		on := r.rewritten[node]
		if on == nil {
			on = r.resolve(in, next.Value, s, depth+1)
		}
		switch {
		case on.why == circle:
			return "", circle
		case on.why != "" && s.blank == 0:
			return "", "leads to another that " + on.why
		case on.why == "" && len(node.Content) == 2: // nothing is said beside it
			t.node, t.in = on.node, on.in
			return on.ref, ""
		}
	}
	if why := r.unusable(node, s); why != "" && (found == nil || s.blank == 0) {
		return "", "leads to what " + why + ", where " + s.name + " belongs"
	}
	t.node, t.in = node, in
	out := "#" + pointer
	if (in != r.root || found == nil) && !(r.old && s == r.pathItem) {
		var ok bool
		if out, ok = r.adopt(node, s, in, pointer); !ok {
			return "", "leads to " + s.name + " in another place, which is not followed"
		}
	}
	return out, ""
}

// annotations are keywords of schemas that say nothing of the values that are allowed.
var annotations = []string{"title", "summary", "description", "default", "example", "examples", "deprecated", "externalDocs", "$comment"}

// beside makes a $ref that something constraining stands beside one more part of allOf, which OpenAPI 3.1 means by it: so the schema has a place of its own,
// and is not taken for the one that it refers to. Before 3.1 what stands beside a $ref does not count.
func (r *repair) beside(n *source.Node) {
	ref := r.get(n, "$ref")
	if !r.later || !source.IsText(ref) {
		return
	}
	constrains := false
	for k := range source.Pairs(n) {
		constrains = constrains || k.Value != "$ref" && !strings.HasPrefix(k.Value, "x-") && !slices.Contains(annotations, k.Value)
	}
	if !constrains {
		return
	}
	remove(n, "$ref")
	all := r.get(n, "allOf")
	if all == nil {
		all = &source.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Line: ref.Line, Column: ref.Column}
		r.own(all, ref)
		r.set(n, "allOf", all)
	}
	part := r.wrap("$ref", ref)
	if t := r.rewritten[n]; t != nil {
		r.rewritten[part] = t
	}
	all.Content = append(all.Content, part)
}

// anchor finds the pointer, below a node, of the first thing that has a name by $anchor.
func (r *repair) anchor(n *source.Node, name string) (string, bool) {
	if a := r.get(n, "$anchor"); source.IsText(a) && a.Value == name {
		return "", true
	}
	for k, v := range source.Pairs(n) {
		if rest, ok := r.anchor(v, name); ok {
			return "/" + source.PointerToken(k.Value) + rest, true
		}
	}
	if source.IsList(n) {
		for i, v := range n.Content {
			if rest, ok := r.anchor(v, name); ok {
				return "/" + strconv.Itoa(i) + rest, true
			}
		}
	}
	return "", false
}

// walk follows a pointer into a file, and says what OpenAPI has there: nil if that is not known.
func (r *repair) walk(in *input, pointer string) (*source.Node, *shape) {
	n, s := in.file.Root, (*shape)(nil)
	if in == r.root {
		s = r.document
	}
	if pointer == "" {
		return n, s
	}
	for _, token := range strings.Split(pointer[1:], "/") {
		token = strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
		switch n.Kind {
		case yaml.MappingNode:
			if n = r.get(n, token); n == nil {
				return nil, nil
			}
		case yaml.SequenceNode:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(n.Content) {
				return nil, nil
			}
			n = n.Content[i]
		default:
			return nil, nil
		}
		if s != nil {
			next := s.fields[token]
			if next == nil {
				next = s.each
			}
			if s = next; s != nil && s.is == 0 {
				s = nil
			}
		}
	}
	return n, s
}

// adopt makes a value a component of the document, and gives the reference to it.
func (r *repair) adopt(node *source.Node, s *shape, in *input, pointer string) (string, bool) {
	section, ok := r.sections[s]
	if !ok {
		return "", false
	}
	for _, a := range r.joined {
		if a.node == node && a.shape == s {
			return "#/" + strings.Join(a.path, "/"), true
		}
	}
	prefix := strings.Join(section, "/") + "/"
	base := pointer[strings.LastIndex(pointer, "/")+1:]
	if base == "" {
		base = path.Base(in.file.Name)
		base = source.PointerToken(strings.TrimSuffix(base, path.Ext(base)))
	}
	name := base
	for i := 2; r.names[prefix+name] || r.taken(section, name); i++ {
		name = base + "_" + strconv.Itoa(i)
	}
	r.names[prefix+name] = true
	a := adopted{node, s, in, append(slices.Clone(section), name)}
	r.joined = append(r.joined, a)
	r.pending = append(r.pending, a)
	r.adopted["#/"+strings.Join(a.path, "/")] = node
	return "#/" + strings.Join(a.path, "/"), true
}

func (r *repair) taken(section []string, name string) bool {
	n, _ := r.walk(r.root, "/"+strings.Join(section, "/")+"/"+name)
	return n != nil
}

// join puts what was adopted into the document.
func (r *repair) join() {
	for _, a := range r.joined {
		n := r.root.file.Root
		for i, token := range a.path {
			token = strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
			next := r.get(n, token)
			if i == len(a.path)-1 {
				next = a.node
			}
			if next == nil || i == len(a.path)-1 {
				if next == nil {
					next = &source.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: n.Line, Column: n.Column}
				}
				k := &source.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: token, Line: next.Line, Column: next.Column}
				n.Content = append(n.Content, k, next)
			}
			n = next
		}
	}
	r.joined = nil
}
