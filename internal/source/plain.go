package source

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// maxCopies bounds what [File.Plain] makes of aliases: how many values it may copy.
const maxCopies = 1_000_000

// Plain makes the file a plain tree that may be changed at any place without a change elsewhere: aliases and merge keys become what they stand for, and of
// a key written twice the last stays. What JSON cannot say becomes null, or text. It reports what was lost.
//
// Until [File.Reindex], [File.Get] looks at every key.
func (f *File) Plain(report func(n *Node, text string)) error {
	p := plainer{report: report}
	clear(f.index)
	f.Root = p.node(f.Root, false)
	if p.copies > maxCopies {
		return f.Errorf(f.Root, "aliases expand to more than %d values", maxCopies)
	}
	return nil
}

// Reindex makes [File.Get] fast again, once nothing is changed any more.
func (f *File) Reindex() {
	clear(f.index)
	nodes := MaxNodes
	f.bound(f.Root, 0, &nodes)
}

// Adopt makes f's places right for the nodes of another file that become part of it.
func (f *File) Adopt(n *Node, name string) {
	if f.names == nil {
		f.names = map[*Node]string{}
	}
	f.names[n] = name
	for _, c := range n.Content {
		f.Adopt(c, name)
	}
}

// Copy gives a deep copy of a plain node.
func Copy(n *Node) *Node {
	c := *n
	c.Content = make([]*Node, len(n.Content))
	for i, child := range n.Content {
		c.Content[i] = Copy(child)
	}
	return &c
}

type plainer struct {
	report func(n *Node, text string)
	copies int
}

func (p *plainer) node(n *Node, copying bool) *Node {
	for n.Kind == yaml.AliasNode {
		n, copying = n.Alias, true
	}
	if copying {
		if p.copies++; p.copies > maxCopies {
			return n
		}
		c := *n
		n = &c
	}
	switch n.Kind {
	case yaml.MappingNode:
		p.pairs(n, copying)
	case yaml.SequenceNode:
		if copying {
			n.Content = append([]*Node(nil), n.Content...)
		}
		for i, c := range n.Content {
			n.Content[i] = p.node(c, copying)
		}
	case yaml.ScalarNode:
		p.scalar(n)
	}
	return n
}

func (p *plainer) pairs(n *Node, copying bool) {
	if copying = copying || hasMerge(n); copying {
		var content []*Node
		for k, v := range Pairs(n) {
			content = append(content, k, v)
		}
		n.Content = content
	}
	last := make(map[string]int, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		last[n.Content[i].Value] = i
	}
	content := n.Content[:0]
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if last[k.Value] != i {
			p.report(k, fmt.Sprintf("%q is written twice: the last one counts", k.Value))
			continue
		}
		if k.Kind != yaml.ScalarNode {
			p.report(k, "a key that is not text is left out")
			continue
		}
		content = append(content, k, p.node(v, copying))
	}
	n.Content = content
}

func (p *plainer) scalar(n *Node) {
	switch n.Tag {
	case "!!str", "!!null":
		return
	case "!!bool", "!!int", "!!float", "!!binary":
		if _, err := appendScalar(nil, n); err == nil {
			return
		}
	default:
		return
	}
	if n.Tag == "!!float" {
		p.report(n, n.Value+" is no number that JSON knows: it becomes null")
		n.Tag, n.Value = "!!null", "null"
		return
	}
	n.Tag = "!!str"
}

// Printable replaces the control characters that YAML forbids by U+FFFD, and reports each with its place. What is not UTF-8 is left alone.
func Printable(name string, data []byte, report func(at Place, text string)) []byte {
	if bytes.IndexFunc(data, forbidden) < 0 {
		return data
	}
	out := make([]byte, 0, len(data)+16)
	line, column := 1, 1
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		switch {
		case r == '\n':
			line, column = line+1, 0
			out = append(out, '\n')
		case forbidden(r):
			report(Place{File: name, Line: line, Column: column}, fmt.Sprintf("a control character, %U, is replaced", r))
			out = utf8.AppendRune(out, utf8.RuneError)
		default:
			out = append(out, data[:size]...)
		}
		column++
		data = data[size:]
	}
	return out
}

func forbidden(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r >= 0x7f && r < 0xa0 && r != 0x85 || r == 0xfffe || r == 0xffff
}
