package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

const endsTooEarly = "not JSON: it ends too early"

// parseJSON reads JSON into the nodes that YAML would be: the YAML library takes most of JSON, but not the escapes of what lies beyond U+FFFF.
func parseJSON(f *File, data []byte) (*Node, error) {
	p := jsonParser{decoder: json.NewDecoder(bytes.NewReader(data)), data: data, line: 1, begin: 0}
	p.decoder.UseNumber()
	root, err := p.value(0)
	if err == nil {
		_, err = p.decoder.Token()
		if err == nil {
			err = errors.New("more after the end")
		} else if errors.Is(err, io.EOF) {
			return root, nil
		}
	}
	var tooDeep *Error
	if errors.As(err, &tooDeep) {
		tooDeep.Place.File = f.Name
		return nil, err
	}
	offset := p.decoder.InputOffset()
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		offset = syntax.Offset - 1
	}
	text := err.Error()
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		text = "it ends too early"
	}
	line, column := p.place(int(max(offset, 0)))
	return nil, &Error{Place: Place{File: f.Name, Line: line, Column: column}, Text: "not JSON: " + text}
}

type jsonParser struct {
	decoder *json.Decoder
	data    []byte
	line    int // of begin
	begin   int // of the current line
	seen    int // up to where lines were counted
}

// place gives line and column of an offset, which never goes back.
func (p *jsonParser) place(offset int) (line, column int) {
	offset = min(offset, len(p.data))
	for p.seen < offset {
		if p.data[p.seen] == '\n' {
			p.line++
			p.begin = p.seen + 1
		}
		p.seen++
	}
	return p.line, offset - p.begin + 1
}

// token reads a token, and says where it begins.
func (p *jsonParser) token() (json.Token, *Node, error) {
	offset := int(p.decoder.InputOffset())
	for offset < len(p.data) && strings.IndexByte(" \t\r\n,:", p.data[offset]) >= 0 {
		offset++
	}
	token, err := p.decoder.Token()
	line, column := p.place(offset)
	return token, &Node{Kind: yaml.ScalarNode, Line: line, Column: column}, err
}

func (p *jsonParser) value(depth int) (*Node, error) {
	token, n, err := p.token()
	if err != nil {
		return nil, err
	}
	if depth > MaxDepth {
		return nil, &Error{Place: Place{Line: n.Line, Column: n.Column}, Text: fmt.Sprintf("nested more than %d deep", MaxDepth)}
	}
	switch token := token.(type) {
	case json.Delim:
		return n, p.collect(n, token, depth)
	case string:
		n.Tag, n.Value = "!!str", token
	case json.Number:
		n.Tag, n.Value = "!!int", token.String()
		if strings.ContainsAny(n.Value, ".eE") {
			n.Tag = "!!float"
		}
	case bool:
		n.Tag, n.Value = "!!bool", fmt.Sprint(token)
	case nil:
		n.Tag, n.Value = "!!null", "null"
	}
	return n, nil
}

// collect reads what is inside a list or a map, and its end.
func (p *jsonParser) collect(n *Node, open json.Delim, depth int) error {
	n.Kind, n.Tag = yaml.SequenceNode, "!!seq"
	if open == '{' {
		n.Kind, n.Tag = yaml.MappingNode, "!!map"
	}
	for p.decoder.More() {
		if open == '{' {
			key, k, err := p.token()
			if err != nil {
				return err
			}
			k.Tag, k.Value = "!!str", fmt.Sprint(key)
			n.Content = append(n.Content, k)
		}
		v, err := p.value(depth + 1)
		if err != nil {
			return err
		}
		n.Content = append(n.Content, v)
	}
	_, err := p.decoder.Token()
	return err
}
