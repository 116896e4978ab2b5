package contract

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"understudy/internal/source"
)

// This file reads compact JSON that is known to be well formed, without building a tree of it.

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

// at follows property names into a value; "" if they lead nowhere.
func at(value string, path []string) string {
	for _, step := range path {
		if value == "" || value[0] != '{' {
			return ""
		}
		found := ""
		for name, v := range membersOf(value) {
			if nameIs(name, step) {
				found = v
			}
		}
		value = found
	}
	return value
}

func valueAt(value string, path []string) Value { return valueOf(at(value, path)) }
