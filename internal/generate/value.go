package generate

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"

	"understudy/internal/source"
)

// value is what was made, with the shape that it was made for.
type value struct {
	shape *shape // nil: given, or found in the document
	kind  byte   // 'o' an object, 'a' an array, 's' all else, which has text and plain
	text  string
	plain any
	names []string // of an object's members
	kids  []value  // members, or items
}

func scalar(text string, plain any) value { return value{kind: 's', text: text, plain: plain} }

func textValue(s string) value { return scalar(string(source.AppendString(nil, s)), s) }

func boolValue(b bool) value { return scalar(strconv.FormatBool(b), b) }

func nullValue() value { return scalar("null", nil) }

func integerValue(n int64) value { return scalar(strconv.FormatInt(n, 10), float64(n)) }

// plainValue makes a value of decoded JSON; members of objects come in alphabetical order.
func plainValue(v any) value {
	switch v := v.(type) {
	case nil:
		return nullValue()
	case bool:
		return boolValue(v)
	case string:
		return textValue(v)
	case []any:
		out := value{kind: 'a'}
		for _, x := range v {
			out.kids = append(out.kids, plainValue(x))
		}
		return out
	case map[string]any:
		out := value{kind: 'o'}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			out.names = append(out.names, name)
			out.kids = append(out.kids, plainValue(v[name]))
		}
		return out
	}
	text, err := json.Marshal(v)
	if err != nil {
		return nullValue()
	}
	var plain any
	if json.Unmarshal(text, &plain) != nil {
		return nullValue()
	}
	if f, ok := plain.(float64); ok {
		return scalar(string(text), f)
	}
	return plainValue(plain)
}

// decoded gives the value as encoding/json would decode it.
func (v *value) decoded() any {
	switch v.kind {
	case 'o':
		m := make(map[string]any, len(v.kids))
		for i, name := range v.names {
			m[name] = v.kids[i].decoded()
		}
		return m
	case 'a':
		list := make([]any, len(v.kids))
		for i := range v.kids {
			list[i] = v.kids[i].decoded()
		}
		return list
	}
	return v.plain
}

// appendJSON writes the value, compact.
func (v *value) appendJSON(b []byte) []byte {
	switch v.kind {
	case 'o':
		b = append(b, '{')
		for i, name := range v.names {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(source.AppendString(b, name), ':')
			b = v.kids[i].appendJSON(b)
		}
		return append(b, '}')
	case 'a':
		b = append(b, '[')
		for i := range v.kids {
			if i > 0 {
				b = append(b, ',')
			}
			b = v.kids[i].appendJSON(b)
		}
		return append(b, ']')
	}
	return append(b, v.text...)
}

// canonical gives text that is the same for equal values, whatever the order of members and the form of numbers.
func canonical(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(text)
}
