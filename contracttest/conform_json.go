package contracttest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"unicode/utf8"
)

// notJSON says what keeps a text from being JSON as RFC 8259 has it; "" if nothing does.
func notJSON(text []byte) string {
	if !utf8.Valid(text) {
		return "it is not UTF-8"
	}
	if !json.Valid(text) {
		return "it is not JSON"
	}
	if name := doubled(text); name != "" {
		return fmt.Sprintf("an object has the name %q twice", name)
	}
	return ""
}

// doubled gives a name that an object of a text, which is JSON, has twice; or "".
func doubled(text []byte) string {
	type object struct {
		isArray bool
		names   [][]byte
	}
	var open []object
	name := false // whether the next string is one
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '{', '[':
			open = append(open, object{isArray: text[i] == '['})
			name = text[i] == '{'
		case '}', ']':
			open, name = open[:len(open)-1], false
		case ',':
			name = !open[len(open)-1].isArray
		case '"':
			end := i + 1
			for text[end] != '"' {
				if text[end] == '\\' {
					end++
				}
				end++
			}
			if name {
				o := &open[len(open)-1]
				if word := text[i+1 : end]; slices.ContainsFunc(o.names, func(other []byte) bool { return bytes.Equal(other, word) }) {
					return string(word)
				}
				o.names, name = append(o.names, text[i+1:end]), false
			}
			i = end
		}
	}
	return ""
}
