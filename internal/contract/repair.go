package contract

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"understudy/internal/source"
)

// Warning is something wrong with a document that does not keep it from being played: what was found, and what is done about it.
type Warning struct {
	Place Place
	Text  string // lower case, no full stop
}

func (w Warning) String() string { return w.Place.String() + ": " + w.Text }

// repair makes a document one that kin-openapi loads: what is of the wrong kind, leads nowhere or cannot be used is mended or removed at its place, each time
// with a warning. It works on the plain tree of the file, after the overlays, and joins what other files have to it.
type repair struct {
	*loading
	*model
	later     bool // OpenAPI 3.1 and after
	old       bool // Swagger 2.0
	targets   map[targetKey]*target
	adopted   map[string]*source.Node  // what became a component, by the $ref to it
	rewritten map[*source.Node]*target // what has a $ref in another file that was followed
	pending   []adopted                // targets that are not repaired yet
	joined    []adopted                // targets that become components
	names     map[string]bool          // of components, by section
	patterns  map[string]bool          // whether a pattern compiles
	composed  []*source.Node           // schemas that have allOf
	bases     []*input                 // the file that the nodes at hand are of, innermost last
}

func newRepair(l *loading) *repair {
	r := &repair{loading: l, targets: map[targetKey]*target{}, adopted: map[string]*source.Node{}, rewritten: map[*source.Node]*target{}, names: map[string]bool{}, patterns: map[string]bool{}}
	version := r.version("openapi", "3")
	switch {
	case version == nil:
		r.version("swagger", "2")
		r.old, r.model = true, model2()
	default:
		r.later = !strings.HasPrefix(version.Value, "3.0")
		r.model = model3(r.later)
	}
	return r
}

// version finds the version under a name. A whole number is read as the first of that major version.
func (r *repair) version(name, whole string) *source.Node {
	n := r.get(r.root.file.Root, name)
	if n != nil && n.Value == whole {
		n.Tag, n.Value = "!!str", whole+".0"
		r.warn(n, "%s is %s: it is read as %s", name, whole, n.Value)
	}
	return n
}

// run repairs the whole document.
func (r *repair) run() {
	root := r.root.file.Root
	r.bases = []*input{r.root}
	r.inside(root, r.document)
	r.drain()
	r.join()
	for _, n := range r.composed {
		r.together(n)
	}
	r.paths()
	r.operationIDs()
}

// drain repairs what references led to outside of the document proper.
func (r *repair) drain() {
	for len(r.pending) > 0 {
		next := r.pending[0]
		r.pending = r.pending[1:]
		r.bases = []*input{next.from}
		if r.get(next.node, "$ref") != nil && !r.reference(next.node, next.shape) {
			next.node.Content = nil
		}
		r.inside(next.node, next.shape)
	}
	r.bases = []*input{r.root}
}

func (r *repair) get(n *source.Node, key string) *source.Node { return r.root.file.Get(n, key) }

func (r *repair) warn(n *source.Node, format string, args ...any) {
	r.warnings = append(r.warnings, Warning{r.root.file.Place(n), fmt.Sprintf(format, args...)})
}

// inside repairs what is in a map or a list of the right shape.
func (r *repair) inside(n *source.Node, s *shape) {
	switch n.Kind {
	case yaml.MappingNode:
		if s.each == nil && s.fields == nil {
			return
		}
		kept := make([]*source.Node, 0, len(n.Content))
		for i := 0; i+1 < len(n.Content); i += 2 {
			k, v := n.Content[i], n.Content[i+1]
			if v = r.field(k, v, s); v != nil {
				kept = append(kept, k, v)
			}
		}
		n.Content = kept
	case yaml.SequenceNode:
		if s.each == nil {
			return
		}
		kept := make([]*source.Node, 0, len(n.Content))
		for _, v := range n.Content {
			if v = r.value(nil, v, s.each, false); v != nil {
				kept = append(kept, v)
			}
		}
		n.Content = kept
	default:
		return
	}
	if s.fields != nil && n.Kind == yaml.MappingNode && r.get(n, "$ref") == nil {
		for _, name := range s.need {
			if r.get(n, name) == nil {
				r.warn(n, "%s has no %s", s.name, name)
			}
		}
	}
	if s.check != nil {
		s.check(r, n)
	}
}

// field repairs one member of a map. Nil: it is left out.
func (r *repair) field(k, v *source.Node, s *shape) *source.Node {
	if s.fields == nil {
		if s.ext && strings.HasPrefix(k.Value, "x-") {
			return v
		}
		return r.value(k, v, s.each, false)
	}
	field := s.fields[k.Value]
	if k.Value == "$ref" && !s.ref && s.name != "" {
		r.warn(k, "%s cannot be a $ref: it is left out", s.name)
		return nil
	}
	if field == nil {
		if !strings.HasPrefix(k.Value, "x-") && k.Value != "$ref" && !s.open && s.each == nil {
			r.warn(k, "%s has no field %q: it means nothing", s.name, k.Value)
		}
		return v
	}
	return r.value(k, v, field, mayBeBool[k.Value])
}

// value repairs a value: what it gives takes the value's place; nil removes it.
func (r *repair) value(k, v *source.Node, s *shape, orBool bool) *source.Node {
	if s.is == 0 {
		return v
	}
	if source.IsNull(v) {
		return r.null(k, v, s)
	}
	is := s.is
	if orBool {
		is |= boolForm
	}
	if s.ref && v.Kind == yaml.MappingNode && r.get(v, "$ref") != nil {
		if !r.reference(v, s) {
			return r.instead(v, s)
		}
		if r.old && s == r.pathItem {
			return v // repaired where it was found
		}
	}
	if r.later && s == r.model.schema && k != nil && k.Value == "items" && v.Kind == yaml.SequenceNode { // tuples, as JSON Schema had them once
		r.warn(v, "items is a list: it is read as prefixItems")
		k.Value = "prefixItems"
		r.inside(v, listOf(s))
		return v
	}
	if !r.fits(v, is) {
		mended := r.mend(k, v, s, is)
		if mended == nil {
			return r.instead(v, s)
		}
		v = mended
	}
	if s == r.example && r.bare(v) {
		r.warn(v, "an example has none of the fields of one: it is read as the example's value")
		v = r.wrap("value", v)
	}
	if why := r.unusable(v, s); why != "" && v.Tag != "!!bool" {
		r.warn(v, "%s %s: it is left out", s.name, why)
		return r.instead(v, s)
	}
	r.inside(v, s)
	return v
}

// bare tells whether an example is written as its value alone.
func (r *repair) bare(v *source.Node) bool {
	if v.Kind != yaml.MappingNode || r.get(v, "$ref") != nil || len(v.Content) == 0 {
		return false
	}
	for k := range source.Pairs(v) {
		if r.example.fields[k.Value] != nil || strings.HasPrefix(k.Value, "x-") {
			return false
		}
	}
	return true
}

// null repairs what is there but empty: mostly it counts as absent.
func (r *repair) null(k, v *source.Node, s *shape) *source.Node {
	switch {
	case r.later && s.is&textForm != 0 && (k == nil || k.Value == "type"): // type: null, without quotes
		v.Tag, v.Value = "!!str", "null"
		return v
	case s.blank != 0:
		if s.name != "" {
			r.warn(v, "%s is null: it is read as an empty one", s.name)
		}
		return r.instead(v, s)
	case s.name != "" && s.is == mapForm:
		r.warn(v, "%s is null: it is left out", s.name)
	}
	return nil
}

// instead gives what takes the place of a value that cannot be used.
func (r *repair) instead(v *source.Node, s *shape) *source.Node {
	if s.blank == 0 {
		return nil
	}
	n := &source.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: v.Line, Column: v.Column}
	if s.blank == listForm {
		n.Kind, n.Tag = yaml.SequenceNode, "!!seq"
	}
	r.own(n, v)
	return n
}

// own gives a new node the file of an old one.
func (r *repair) own(n, old *source.Node) {
	if name := r.root.file.Place(old).File; name != r.root.file.Name {
		r.root.file.Adopt(n, name)
	}
}

// unusable says why a value of the right kind cannot be used as the thing it should be; "" if it can.
func (r *repair) unusable(v *source.Node, s *shape) string {
	if !r.fits(v, s.is) {
		return "is " + valueKind(v)
	}
	if v.Kind != yaml.MappingNode || r.get(v, "$ref") != nil {
		return ""
	}
	for _, name := range s.lack {
		if f := r.get(v, name); f == nil || f.Kind != yaml.ScalarNode || source.IsNull(f) { // all of them are text
			return "has no " + name
		}
	}
	return ""
}

func (r *repair) fits(v *source.Node, is form) bool {
	switch v.Kind {
	case yaml.MappingNode:
		return is&mapForm != 0
	case yaml.SequenceNode:
		return is&listForm != 0
	}
	switch v.Tag {
	case "!!bool":
		return is&boolForm != 0
	case "!!int", "!!float":
		if is&wholeForm != 0 {
			_, err := strconv.ParseUint(v.Value, 10, 64)
			return err == nil
		}
		if is&numberForm != 0 {
			_, err := strconv.ParseFloat(v.Value, 64)
			return err == nil
		}
		return false
	case "!!null":
		return false
	}
	return is&textForm != 0
}

// mend makes a value of the wrong kind one of the right kind, or gives nil; it warns of either.
func (r *repair) mend(k, v *source.Node, s *shape, is form) *source.Node {
	name := "an item"
	if k != nil {
		name = k.Value
	}
	found := valueKind(v)
	if v.Kind == yaml.ScalarNode {
		switch {
		case is&textForm != 0:
			v.Tag = "!!str"
			r.warn(v, "%s is %s: it is read as the text %q", name, found, v.Value)
			return v
		case is&boolForm != 0 && (strings.EqualFold(v.Value, "true") || strings.EqualFold(v.Value, "false")):
			v.Tag, v.Value = "!!bool", strings.ToLower(v.Value)
			r.warn(v, "%s is %s: it is read as %s", name, found, v.Value)
			return v
		case is&(numberForm|wholeForm) != 0:
			if text, ok := asNumber(v.Value, is); ok {
				v.Tag, v.Value = "!!float", text
				r.warn(v, "%s is %s: it is read as %s", name, found, v.Value)
				return v
			}
			if is&wholeForm != 0 && (v.Tag == "!!int" || v.Tag == "!!float") {
				r.warn(v, "%s is %s, not a whole number that can be used: it is left out", name, v.Value)
				return nil
			}
		}
	}
	if s.each == r.example && k != nil && v.Kind == yaml.SequenceNode { // examples written as a list
		m := &source.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: v.Line, Column: v.Column}
		for i, item := range v.Content {
			key := &source.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: strconv.Itoa(i + 1), Line: item.Line, Column: item.Column}
			m.Content = append(m.Content, key, r.wrap("value", item))
		}
		r.own(m, v)
		r.warn(v, "examples is a list: its items are read as the values of examples")
		return m
	}
	if s == r.example { // the bare value, where an object that has it belongs
		r.warn(v, "%s is %s: it is read as the example's value", name, found)
		return r.wrap("value", v)
	}
	if k != nil && k.Value == "examples" && v.Kind == yaml.MappingNode { // of a schema, written as those of a media type
		list := &source.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Line: v.Line, Column: v.Column}
		r.own(list, v)
		for _, item := range source.Pairs(v) {
			if value := r.get(item, "value"); value != nil {
				item = value
			}
			list.Content = append(list.Content, item)
		}
		r.warn(v, "examples is an object: it is read as the list of its values")
		return list
	}
	if is&listForm != 0 && s.each != nil && (s.each.is == 0 || r.fits(v, s.each.is) && r.unusable(v, s.each) == "") {
		list := &source.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Line: v.Line, Column: v.Column, Content: []*source.Node{v}}
		r.own(list, v)
		r.warn(v, "%s is %s: it is read as a list of one", name, found)
		return list
	}
	what := "it is left out"
	if s.blank != 0 {
		what = "it is read as an empty one"
	}
	r.warn(v, "%s is %s, which it cannot be: %s", name, found, what)
	return nil
}

// wrap gives a map of one member.
func (r *repair) wrap(key string, v *source.Node) *source.Node {
	k := &source.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: key, Line: v.Line, Column: v.Column}
	n := &source.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: v.Line, Column: v.Column, Content: []*source.Node{k, v}}
	r.own(n, v)
	return n
}

// asNumber reads a number that was written as text, or a whole one that was written with a point.
func asNumber(s string, is form) (string, bool) {
	f, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return "", false
	}
	if is&wholeForm != 0 && (f != math.Trunc(f) || f < 0 || f > 1<<53) {
		return "", false
	}
	return strconv.FormatFloat(f, 'f', -1, 64), true
}

func valueKind(v *source.Node) string {
	switch {
	case v.Kind == yaml.MappingNode:
		return "an object"
	case v.Kind == yaml.SequenceNode:
		return "a list"
	case v.Tag == "!!bool":
		return "a boolean"
	case v.Tag == "!!int" || v.Tag == "!!float":
		return "a number"
	case v.Tag == "!!null":
		return "null"
	}
	return "text"
}
