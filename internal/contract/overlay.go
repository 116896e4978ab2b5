package contract

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ohler55/ojg/jp"
	"go.yaml.in/yaml/v3"

	"understudy/internal/source"
)

// maxMatches bounds what one target of an overlay may select.
const maxMatches = 100_000

// overlay applies an OpenAPI Overlay (1.0) to the document: what its actions update or remove.
func (l *loading) overlay(location string) error {
	location = fromFileURL(location)
	root := l.root
	l.root = nil // the user named this one, too
	data, err := l.read(location, true)
	l.root = root
	if err != nil {
		return unreadable(location, err, "name an OpenAPI Overlay file")
	}
	l.files = append(l.files, location)
	file, err := l.parse(location, data)
	if err != nil {
		return err
	}
	version := file.Get(file.Root, "overlay")
	actions := file.Get(file.Root, "actions")
	switch {
	case version == nil || !strings.HasPrefix(version.Value, "1."):
		err := file.Errorf(version, "no OpenAPI Overlay: it has no overlay: 1.0.0")
		err.Hint = "an overlay is a file with overlay:, info: and actions:, see the OpenAPI Overlay Specification"
		return err
	case !source.IsList(actions):
		return file.Errorf(actions, "the overlay has no list of actions")
	}
	root.file.Adopt(file.Root, location)
	for _, action := range actions.Content {
		if err := l.act(action); err != nil {
			return err
		}
	}
	return nil
}

// act applies one action.
func (l *loading) act(action *source.Node) error {
	file := l.root.file
	target := file.Get(action, "target")
	if !source.IsText(target) {
		return file.Errorf(action, "the action has no target")
	}
	update, remove := file.Get(action, "update"), file.Get(action, "remove")
	removes := remove != nil && remove.Value == "true"
	if update == nil && !removes {
		err := file.Errorf(action, "the action has neither update nor remove: true")
		err.Hint = "say what is merged into the target, or that it is removed"
		return err
	}
	found, err := l.find(target.Value)
	if err != nil {
		return file.Errorf(target, "%s is no JSONPath: %s", target.Value, firstLine(err))
	}
	if len(found) == 0 {
		l.warnings = append(l.warnings, Warning{file.Place(target), fmt.Sprintf("%s matches nothing", target.Value)})
	}
	if removes {
		l.removeAll(found)
		return nil
	}
	for _, n := range found {
		if n.Kind == yaml.ScalarNode {
			return file.Errorf(target, "%s selects a value that is neither an object nor a list, at %s", target.Value, file.Place(n))
		}
		if n.Kind == yaml.MappingNode && update.Kind != yaml.MappingNode {
			return file.Errorf(update, "the update of an object is not an object")
		}
		l.merge(n, update)
	}
	return nil
}

// merge puts an update into a value: objects are merged, lists are appended to, anything else is replaced.
func (l *loading) merge(n, update *source.Node) {
	if n.Kind == yaml.SequenceNode {
		if update.Kind == yaml.SequenceNode {
			for _, v := range update.Content {
				n.Content = append(n.Content, l.copy(v))
			}
			return
		}
		n.Content = append(n.Content, l.copy(update))
		return
	}
	for k, v := range source.Pairs(update) {
		at := slices.IndexFunc(pairKeys(n), func(old *source.Node) bool { return old.Value == k.Value })
		switch {
		case at < 0:
			n.Content = append(n.Content, l.copy(k), l.copy(v))
		case n.Content[2*at+1].Kind == v.Kind && v.Kind != yaml.ScalarNode:
			l.merge(n.Content[2*at+1], v)
		default:
			n.Content[2*at+1] = l.copy(v)
		}
	}
}

func pairKeys(n *source.Node) []*source.Node {
	keys := make([]*source.Node, 0, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		keys = append(keys, n.Content[i])
	}
	return keys
}

// copy gives a copy of an overlay's node that has its file.
func (l *loading) copy(n *source.Node) *source.Node {
	c := source.Copy(n)
	l.root.file.Adopt(c, l.root.file.Place(n).File)
	return c
}

// removeAll takes nodes out of wherever they are.
func (l *loading) removeAll(gone []*source.Node) {
	set := map[*source.Node]bool{}
	for _, n := range gone {
		set[n] = true
	}
	var walk func(n *source.Node)
	walk = func(n *source.Node) {
		step := 1
		if n.Kind == yaml.MappingNode {
			step = 2
		}
		kept := make([]*source.Node, 0, len(n.Content))
		for i := 0; i+step <= len(n.Content); i += step {
			if v := n.Content[i+step-1]; !set[v] {
				walk(v)
				kept = append(kept, n.Content[i:i+step]...)
			}
		}
		n.Content = kept
	}
	walk(l.root.file.Root)
}

// find gives what a JSONPath selects.
func (l *loading) find(path string) ([]*source.Node, error) {
	root := l.root.file.Root
	expr, err := jp.ParseString(path)
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(path, "$") {
		return nil, fmt.Errorf("it does not begin with $")
	}
	if path == "$" {
		return []*source.Node{root}, nil
	}
	var out []*source.Node
	seen := map[*source.Node]bool{}
	for _, at := range expr.Locate(view(root), maxMatches) {
		if n := nodeAt(root, at); n != nil && !seen[n] {
			seen[n] = true
			out = append(out, n)
		}
	}
	slices.SortStableFunc(out, func(a, b *source.Node) int { return a.Line - b.Line })
	return out, nil
}

// nodeAt follows a path without choices.
func nodeAt(n *source.Node, at jp.Expr) *source.Node {
	for _, step := range at {
		switch step := step.(type) {
		case jp.Child:
			i := slices.IndexFunc(pairKeys(n), func(k *source.Node) bool { return n.Kind == yaml.MappingNode && k.Value == string(step) })
			if i < 0 {
				return nil
			}
			n = n.Content[2*i+1]
		case jp.Nth:
			if n.Kind != yaml.SequenceNode || int(step) < 0 || int(step) >= len(n.Content) {
				return nil
			}
			n = n.Content[step]
		}
	}
	return n
}

// view shows a node to the JSONPath library as it is, without a copy of the tree.
func view(n *source.Node) any {
	switch {
	case n.Kind == yaml.MappingNode:
		return objectView{n}
	case n.Kind == yaml.SequenceNode:
		return listView{n}
	case source.IsText(n):
		return n.Value
	}
	var v any
	if n.Decode(&v) != nil {
		return n.Value
	}
	if i, ok := v.(int); ok {
		return int64(i)
	}
	return v
}

// objectView is a [jp.Keyed] that is only read.
type objectView struct{ n *source.Node }

func (o objectView) ValueForKey(key string) (any, bool) {
	for k, v := range source.Pairs(o.n) {
		if k.Value == key {
			return view(v), true
		}
	}
	return nil, false
}

func (o objectView) Keys() []string {
	var keys []string
	for _, k := range pairKeys(o.n) {
		keys = append(keys, k.Value)
	}
	return keys
}

func (objectView) SetValueForKey(string, any) {}
func (objectView) RemoveValueForKey(string)   {}

// listView is a [jp.Indexed] that is only read.
type listView struct{ n *source.Node }

func (l listView) ValueAtIndex(i int) any {
	if i < 0 || i >= len(l.n.Content) {
		return nil
	}
	return view(l.n.Content[i])
}

func (l listView) Size() int              { return len(l.n.Content) }
func (listView) SetValueAtIndex(int, any) {}
