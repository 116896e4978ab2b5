package contract

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"understudy/internal/source"
)

// extensionKey is where a document says what conventions cannot tell. Unknown keys below it are errors with their place.
const extensionKey = "x-understudy"

// extensions reads what stands under x-understudy, and remembers what was read: whatever is left over stands where it means nothing.
type extensions struct {
	doc  *Document
	left map[*source.Node]bool
}

// extension is one x-understudy map. A nil one has no keys.
type extension struct {
	doc  *Document
	node *source.Node
}

func newExtensions(d *Document) (*extensions, error) {
	x := &extensions{doc: d, left: map[*source.Node]bool{}}
	return x, x.find(d.file.Root)
}

func (x *extensions) find(n *source.Node) error {
	for k, v := range source.Pairs(n) {
		if k.Value == extensionKey {
			if !source.IsMap(v) {
				return x.doc.file.Errorf(v, "%s is not a map", extensionKey)
			}
			x.left[v] = true
			continue
		}
		if err := x.find(v); err != nil {
			return err
		}
	}
	if source.IsList(n) {
		for _, v := range n.Content {
			if err := x.find(source.Deref(v)); err != nil {
				return err
			}
		}
	}
	return nil
}

// read gives the x-understudy of the thing at a pointer and refuses keys that mean nothing there.
func (x *extensions) read(pointer string, known ...string) (*extension, error) {
	node := x.doc.file.Get(x.doc.node(pointer), extensionKey)
	if node == nil {
		return nil, nil
	}
	delete(x.left, node)
	return &extension{x.doc, node}, x.doc.knownKeys(node, known)
}

func (d *Document) knownKeys(n *source.Node, known []string) error {
	for k := range source.Pairs(n) {
		if !slices.Contains(known, k.Value) {
			err := d.file.Errorf(k, "unknown key %q under %s", k.Value, extensionKey)
			err.Hint = "known here: " + strings.Join(known, ", ")
			return err
		}
	}
	return nil
}

func (x *extensions) unused() error {
	if len(x.left) == 0 {
		return nil
	}
	var nodes []*source.Node
	for n := range x.left {
		nodes = append(nodes, n)
	}
	first := slices.MinFunc(nodes, func(a, b *source.Node) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	err := x.doc.file.Errorf(first, "%s means nothing here", extensionKey)
	err.Hint = "it belongs on the document, a list operation, a parameter, or a property of a record"
	return err
}

func (e *extension) get(key string) *source.Node {
	if e == nil {
		return nil
	}
	return e.doc.file.Get(e.node, key)
}

// text reads a string; "" if the key is absent.
func (e *extension) text(key string, allowed ...string) (string, error) {
	n := e.get(key)
	if n == nil {
		return "", nil
	}
	if !source.IsText(n) {
		return "", e.doc.file.Errorf(n, "%s is not text", key)
	}
	if len(allowed) > 0 && !slices.Contains(allowed, n.Value) {
		return "", e.doc.file.Errorf(n, "%s is %q, not one of: %s", key, n.Value, strings.Join(allowed, ", "))
	}
	return n.Value, nil
}

// list reads a list of strings; nil if the key is absent.
func (e *extension) list(key string) ([]*source.Node, error) {
	n := e.get(key)
	if n == nil {
		return nil, nil
	}
	if !source.IsList(n) {
		return nil, e.doc.file.Errorf(n, "%s is not a list", key)
	}
	for _, item := range n.Content {
		if !source.IsText(item) {
			return nil, e.doc.file.Errorf(item, "%s has an item that is not text", key)
		}
	}
	return n.Content, nil
}

// number reads a whole number of at least 1; 0 if the key is absent.
func (e *extension) number(parent, key string) (int, error) {
	p := e.get(parent)
	if p == nil {
		return 0, nil
	}
	if !source.IsMap(p) {
		return 0, e.doc.file.Errorf(p, "%s is not a map", parent)
	}
	n := e.doc.file.Get(p, key)
	if n == nil {
		return 0, nil
	}
	var v int
	if _, err := fmt.Sscanf(n.Value, "%d", &v); err != nil || v < 1 || n.Tag != "!!int" {
		return 0, e.doc.file.Errorf(n, "%s is %q, not a whole number of at least 1", key, n.Value)
	}
	return v, nil
}

// messages reads the API's own sentences.
func (e *extension) messages() (messages, error) {
	n := e.get("messages")
	if n == nil {
		return nil, nil
	}
	if !source.IsMap(n) {
		return nil, e.doc.file.Errorf(n, "messages is not a map of keywords to sentences")
	}
	m := messages{}
	for k, v := range source.Pairs(n) {
		if !source.IsText(v) {
			return nil, e.doc.file.Errorf(v, "the message for %s is not text", k.Value)
		}
		m[k.Value] = v.Value
	}
	return m, nil
}
