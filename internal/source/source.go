// Package source reads YAML and JSON that people write, and remembers where everything stands.
//
// Documents and fixture files go through it: what is wrong in them is reported as file:line:column, and
// the order in which properties were written is kept. A [File] is a tree of [Node]s; [AppendJSON] turns any of them into JSON.
package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Bounds on what is read, so that a small file cannot become a large tree (YAML's "billion laughs").
const (
	MaxDepth = 512       // how deep values may nest
	MaxNodes = 8_000_000 // how many values one file may expand to, aliases counted each time
)

// Node is one value as it was written: a scalar, a list or a map, with its line and column.
type Node = yaml.Node

// Place says where something stands. Line and Column count from 1; zero means unknown.
type Place struct {
	File         string
	Line, Column int
}

// String gives file:line:column, as far as it is known.
func (p Place) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Error is something wrong at a place: what was found, and what to do about it.
type Error struct {
	Place Place  // zero if it is about no file
	Text  string // lower case, no full stop
	Hint  string // what to do; may be empty
}

func (e *Error) Error() string {
	if e.Place.File == "" {
		return e.Text
	}
	return e.Place.String() + ": " + e.Text
}

// File is a file that was read. The zero value is not usable; see [Parse].
type File struct {
	Name string
	Root *Node // never nil; a null scalar if the file is empty

	index map[*Node]map[string]*Node // of maps that are large; complete after Parse
	names map[*Node]string           // of nodes that came from other files
}

// Parse reads YAML or JSON. Name is what places call the file. Errors are of type [*Error].
func Parse(name string, data []byte) (*File, error) {
	if !utf8.Valid(data) {
		return nil, &Error{Place: Place{File: name}, Text: "not UTF-8 text", Hint: "save the file as UTF-8"}
	}
	f := &File{Name: name, index: map[*Node]map[string]*Node{}}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	var jsonErr error
	if text := bytes.TrimSpace(data); len(text) > 0 && (text[0] == '{' || text[0] == '[') {
		f.Root, jsonErr = parseJSON(f, data)
	}
	if f.Root == nil {
		var doc yaml.Node
		if err := yaml.Unmarshal(data, &doc); err != nil {
			var je *Error
			if errors.As(jsonErr, &je) && (strings.HasSuffix(name, ".json") || je.Text == endsTooEarly || strings.HasPrefix(je.Text, "nested")) {
				return nil, jsonErr
			}
			return nil, syntaxError(name, err)
		}
		f.Root = &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Line: 1, Column: 1}
		if len(doc.Content) > 0 {
			f.Root = doc.Content[0]
		}
	}
	nodes := MaxNodes
	if bad, why := f.bound(f.Root, 0, &nodes); bad != nil {
		return nil, f.Errorf(bad, "%s", why)
	}
	return f, nil
}

// bound walks the tree once, aliases followed, and gives the first node that goes over a bound.
func (f *File) bound(n *Node, depth int, nodes *int) (*Node, string) {
	if *nodes--; *nodes < 0 {
		return n, fmt.Sprintf("more than %d values, aliases counted each time", MaxNodes)
	}
	if depth > MaxDepth {
		return n, fmt.Sprintf("nested more than %d deep", MaxDepth)
	}
	if n.Kind == yaml.AliasNode {
		return f.bound(n.Alias, depth+1, nodes)
	}
	if n.Kind == yaml.MappingNode && len(n.Content) > 32 && f.index[n] == nil {
		m := make(map[string]*Node, len(n.Content)/2)
		for k, v := range Pairs(n) {
			m[k.Value] = v
		}
		f.index[n] = m
	}
	for _, c := range n.Content {
		if bad, why := f.bound(c, depth+1, nodes); bad != nil {
			return bad, why
		}
	}
	return nil, ""
}

func syntaxError(name string, err error) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	place := Place{File: name}
	if rest, ok := strings.CutPrefix(text, "line "); ok {
		if line, after, ok := strings.Cut(rest, ": "); ok {
			if n, err := strconv.Atoi(line); err == nil {
				place.Line, place.Column, text = n, 1, after
				if strings.HasPrefix(after, "did not find expected") { // the library counts these lines from 0
					place.Line++
				}
			}
		}
	}
	return &Error{Place: place, Text: "not YAML or JSON: " + text, Hint: "look at the indentation and the quotes of that line and the one before"}
}

// Place says where a node stands in the file; a nil node stands at its beginning.
func (f *File) Place(n *Node) Place {
	if n == nil {
		return Place{File: f.Name, Line: 1, Column: 1}
	}
	name := f.Name
	if other, ok := f.names[n]; ok {
		name = other
	}
	return Place{File: name, Line: n.Line, Column: n.Column}
}

// Errorf makes an [*Error] at a node.
func (f *File) Errorf(n *Node, format string, args ...any) *Error {
	return &Error{Place: f.Place(n), Text: fmt.Sprintf(format, args...)}
}

// Get gives the value of a key of a map, or nil. Aliases and merge keys are followed; of a key written twice the last counts, as in JSON.
func (f *File) Get(n *Node, key string) *Node {
	n = Deref(n)
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	if m, ok := f.index[n]; ok {
		return m[key]
	}
	var found *Node
	merges := false
	for i := 0; i+1 < len(n.Content); i += 2 {
		if k := n.Content[i]; isMerge(k) {
			merges = true
		} else if k.Value == key {
			found = Deref(n.Content[i+1])
		}
	}
	if found != nil || !merges {
		return found
	}
	for k, v := range Pairs(n) {
		if k.Value == key {
			found = v
		}
	}
	return found
}

// At follows a JSON pointer (RFC 6901) from the root as far as it leads: the node reached, and whether it is the one named.
func (f *File) At(pointer string) (*Node, bool) {
	n := Deref(f.Root)
	if pointer == "" {
		return n, true
	}
	for _, token := range strings.Split(strings.TrimPrefix(pointer, "/"), "/") {
		token = strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
		var next *Node
		switch n.Kind {
		case yaml.MappingNode:
			next = f.Get(n, token)
		case yaml.SequenceNode:
			if i, err := strconv.Atoi(token); err == nil && i >= 0 && i < len(n.Content) {
				next = n.Content[i]
			}
		}
		if next == nil {
			return n, false
		}
		n = Deref(next)
	}
	return n, true
}

// PointerToken escapes one token of a JSON pointer (RFC 6901 §4).
func PointerToken(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "~", "~0"), "/", "~1")
}

// Deref follows aliases.
func Deref(n *Node) *Node {
	for n != nil && n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// Pairs gives the keys and values of a map in the order written, merge keys (<<) resolved: what is written beside them wins.
func Pairs(n *Node) func(yield func(k, v *Node) bool) {
	return func(yield func(k, v *Node) bool) {
		n = Deref(n)
		if n == nil || n.Kind != yaml.MappingNode {
			return
		}
		if !hasMerge(n) {
			for i := 0; i+1 < len(n.Content); i += 2 {
				if !yield(n.Content[i], Deref(n.Content[i+1])) {
					return
				}
			}
			return
		}
		seen := map[string]bool{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !isMerge(n.Content[i]) {
				seen[n.Content[i].Value] = true
			}
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			k, v := n.Content[i], Deref(n.Content[i+1])
			if !isMerge(k) {
				if !yield(k, v) {
					return
				}
				continue
			}
			merged := []*Node{v}
			if v.Kind == yaml.SequenceNode {
				merged = v.Content
			}
			for _, m := range merged {
				for k, v := range Pairs(m) {
					if !seen[k.Value] {
						seen[k.Value] = true
						if !yield(k, v) {
							return
						}
					}
				}
			}
		}
	}
}

func isMerge(k *Node) bool { return k.Tag == "!!merge" }

func hasMerge(n *Node) bool {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if isMerge(n.Content[i]) {
			return true
		}
	}
	return false
}

// IsNull tells whether a node is missing or null.
func IsNull(n *Node) bool {
	n = Deref(n)
	return n == nil || n.Kind == yaml.ScalarNode && n.Tag == "!!null"
}

// IsMap, IsList and IsText tell what a node is.
func IsMap(n *Node) bool  { n = Deref(n); return n != nil && n.Kind == yaml.MappingNode }
func IsList(n *Node) bool { n = Deref(n); return n != nil && n.Kind == yaml.SequenceNode }
func IsText(n *Node) bool {
	n = Deref(n)
	return n != nil && n.Kind == yaml.ScalarNode && (n.Tag == "!!str" || n.Tag == "!!timestamp")
}

// AppendJSON appends a node as JSON: maps keep their order, aliases are expanded, dates are text.
// What JSON cannot say (.nan, .inf, binary) is an error.
func AppendJSON(dst []byte, n *Node) ([]byte, error) {
	var err error
	switch n = Deref(n); {
	case n == nil:
		return append(dst, "null"...), nil
	case n.Kind == yaml.MappingNode:
		dst = append(dst, '{')
		first := true
		for k, v := range Pairs(n) {
			if !first {
				dst = append(dst, ',')
			}
			first = false
			dst = AppendString(dst, k.Value)
			dst = append(dst, ':')
			if dst, err = AppendJSON(dst, v); err != nil {
				return nil, err
			}
		}
		return append(dst, '}'), nil
	case n.Kind == yaml.SequenceNode:
		dst = append(dst, '[')
		for i, v := range n.Content {
			if i > 0 {
				dst = append(dst, ',')
			}
			if dst, err = AppendJSON(dst, v); err != nil {
				return nil, err
			}
		}
		return append(dst, ']'), nil
	default:
		return appendScalar(dst, n)
	}
}

func appendScalar(dst []byte, n *Node) ([]byte, error) {
	switch n.Tag {
	case "!!null":
		return append(dst, "null"...), nil
	case "!!bool":
		var b bool
		if err := n.Decode(&b); err != nil {
			return nil, fmt.Errorf("%q is not a boolean", n.Value)
		}
		return strconv.AppendBool(dst, b), nil
	case "!!int", "!!float":
		if json.Valid([]byte(n.Value)) {
			return append(dst, n.Value...), nil
		}
		if n.Tag == "!!int" {
			if i, ok := new(big.Int).SetString(strings.TrimPrefix(strings.ReplaceAll(n.Value, "_", ""), "+"), 0); ok {
				return i.Append(dst, 10), nil
			}
		}
		var f float64
		if err := n.Decode(&f); err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, fmt.Errorf("%s is no number that JSON knows", n.Value)
		}
		return strconv.AppendFloat(dst, f, 'g', -1, 64), nil
	case "!!binary":
		return nil, errors.New("binary values cannot be said in JSON")
	}
	return AppendString(dst, n.Value), nil
}

const hex = "0123456789abcdef"

// AppendString appends text as a JSON string (RFC 8259 §7): only what must be escaped is; bytes that are not UTF-8 become U+FFFD.
func AppendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if c >= ' ' && c != '"' && c != '\\' {
				i++
				continue
			}
			dst = append(dst, s[start:i]...)
			switch c {
			case '"', '\\':
				dst = append(dst, '\\', c)
			case '\n':
				dst = append(dst, '\\', 'n')
			case '\r':
				dst = append(dst, '\\', 'r')
			case '\t':
				dst = append(dst, '\\', 't')
			default:
				dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
			}
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			dst = append(dst, s[start:i]...)
			dst = append(dst, "\ufffd"...)
			start = i + 1
		}
		i += size
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}
