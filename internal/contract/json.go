package contract

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"understudy/internal/source"
)

// This file reads compact JSON that is known to be well formed, without building a tree of it.

// compact gives JSON without the space between its tokens.
func compact(text []byte) (string, error) {
	var b bytes.Buffer
	b.Grow(len(text))
	if err := json.Compact(&b, text); err != nil {
		return "", err
	}
	return b.String(), nil
}

// skip gives the index behind the value that begins at i.
func skip(s string, i int) int {
	switch s[i] {
	case '"':
		for i++; s[i] != '"'; i++ {
			if s[i] == '\\' {
				i++
			}
		}
		return i + 1
	case '{', '[':
		for depth := 0; ; {
			switch s[i] {
			case '{', '[':
				depth++
			case '}', ']':
				depth--
			case '"':
				i = skip(s, i) - 1
			}
			i++
			if depth == 0 {
				return i
			}
		}
	}
	for i < len(s) && s[i] != ',' && s[i] != '}' && s[i] != ']' {
		i++
	}
	return i
}

// membersOf yields the members of an object: the name with its quotes, and the value.
func membersOf(object string) func(yield func(name, value string) bool) {
	return func(yield func(name, value string) bool) {
		for i := 1; i < len(object) && object[i] != '}'; {
			end := skip(object, i)
			name := object[i:end]
			start := end + 1
			end = skip(object, start)
			if !yield(name, object[start:end]) {
				return
			}
			if i = end; object[i] == ',' {
				i++
			}
		}
	}
}

// elementsOf yields the elements of an array.
func elementsOf(array string) func(yield func(value string) bool) {
	return func(yield func(value string) bool) {
		for i := 1; i < len(array) && array[i] != ']'; {
			end := skip(array, i)
			if !yield(array[i:end]) {
				return
			}
			if i = end; array[i] == ',' {
				i++
			}
		}
	}
}

// nameIs tells whether a quoted JSON string says name.
func nameIs(quoted, name string) bool {
	inner := quoted[1 : len(quoted)-1]
	return inner == name || strings.IndexByte(inner, '\\') >= 0 && unquote(quoted) == name || !utf8.ValidString(name) && string(source.AppendString(nil, name)) == quoted
}

// unquote gives the text of a JSON string, without copying where nothing is escaped.
func unquote(quoted string) string {
	inner := quoted[1 : len(quoted)-1]
	if strings.IndexByte(inner, '\\') < 0 {
		return inner
	}
	var s string
	if json.Unmarshal([]byte(quoted), &s) != nil {
		return inner
	}
	return s
}

// spanAt follows property names into a value, and gives where it ends up there; start == end if they lead nowhere.
func spanAt(value string, path []string) (start, end int) {
	start, end = 0, len(value)
	for _, step := range path {
		if start == end || value[start] != '{' {
			return 0, 0
		}
		i := start + 1
		start, end = 0, 0
		for value[i] != '}' {
			stop := skip(value, i)
			from := stop + 1
			to := skip(value, from)
			if nameIs(value[i:stop], step) {
				start, end = from, to
			}
			if i = to; value[i] == ',' {
				i++
			}
		}
	}
	return start, end
}

// at follows property names into a value; "" if they lead nowhere.
func at(value string, path []string) string {
	start, end := spanAt(value, path)
	return value[start:end]
}

func valueAt(value string, path []string) Value { return valueOf(at(value, path)) }
