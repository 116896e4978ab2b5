package contract

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"

	"understudy/internal/source"
)

// Violation is one thing that a request, or a record, may not have.
type Violation struct {
	In      string   // "path", "query", "header", "cookie" or "body"
	Name    string   // the parameter, or the outermost property of the body; "" is the whole body
	Pointer []string // where in the body
	Keyword string   // what was broken, as a key of x-understudy's messages: "required", "type/integer", "format/uuid", "page", …
	Words   []string // sentences for people: the API's own first, if the document has it, then ours
}

// Text is our own sentence.
func (v Violation) Text() string { return v.Words[len(v.Words)-1] }

// Violations are all that is wrong at once. As an error it is never empty.
type Violations []Violation

func (vs Violations) Error() string {
	var b strings.Builder
	for i, v := range vs {
		if i > 0 {
			b.WriteString("; ")
		}
		if where := v.where(); where != "" {
			b.WriteString(where + ": ")
		}
		b.WriteString(v.Text())
	}
	return b.String()
}

func (v Violation) where() string {
	if v.In == "body" {
		return strings.Join(v.Pointer, ".")
	}
	return v.Name
}

// Has tells whether something is already wrong with a parameter.
func (vs Violations) Has(in, name string) bool {
	for _, v := range vs {
		if v.In == in && v.Name == name {
			return true
		}
	}
	return false
}

// messages are the API's own sentences by keyword, from x-understudy. The nearest wins: property or parameter, then document.
type messages map[string]string

func (m messages) fill(keyword string, args map[string]string) string {
	text := m[keyword]
	for k, v := range args {
		text = strings.ReplaceAll(text, "{"+k+"}", v)
	}
	return text
}

// Refusal gives the API's own sentence for a refusal that is not about one value ("credentials/missing", "not-found", …), or "".
func (d *Document) Refusal(keyword string, args map[string]string) string {
	return d.messages.fill(keyword, args)
}

// violation makes one, with its sentences. Near are the messages at the parameter or the property, or nil.
func (d *Document) violation(in, name, keyword string, near messages, args map[string]string, format string, a ...any) Violation {
	v := Violation{In: in, Name: name, Keyword: keyword}
	if args == nil {
		args = map[string]string{}
	}
	for _, m := range []messages{near, d.messages} {
		if text := m.fill(keyword, args); text != "" {
			v.Words = append(v.Words, text)
			break
		}
	}
	v.Words = append(v.Words, fmt.Sprintf(format, a...))
	return v
}

// Reference is the violation of a body property whose value should be the key of an existing record.
func (d *Document) Reference(property, value, set string) Violation {
	v := d.violation("body", property, "reference", nil, map[string]string{"value": value}, "%s has no record with the key %s", set, quote(value))
	v.Pointer = []string{property}
	return v
}

// Beyond is the violation of a body property that breaks what the document says in words.
func (d *Document) Beyond(b Bound) Violation {
	v := d.violation("body", b.Property, "bound", nil, map[string]string{"said": b.Said}, "the document says: %s", b.Said)
	v.Pointer = []string{b.Property}
	return v
}

// BadJSON is the violation of a body that is not JSON.
func (d *Document) BadJSON(detail string) Violation {
	return d.violation("body", "", "json", nil, map[string]string{"detail": detail}, "the body is not JSON: %s", detail)
}

// Missing is the violation of a parameter that has to be sent although the document does not call it required: a condition, where 428 is documented.
func (d *Document) Missing(in, name string) Violation {
	return d.violation(in, name, "required", nil, nil, "required, but missing")
}

// violations reads the errors of kin-openapi, whose own texts are never shown: they hold values and schemas at full length.
func (d *Document) violations(err error, in, name string, near messages) Violations {
	var out Violations
	for _, err := range flatten(err) {
		var re *openapi3filter.RequestError
		var pe *openapi3filter.ParseError
		var se *openapi3.SchemaError
		switch {
		case errors.As(err, &se):
			out = append(out, d.schemaViolation(se.Schema, se.SchemaField, se.Value, se.JSONPointer(), in, name, near))
		case errors.As(err, &pe):
			schema := &openapi3.Schema{}
			if errors.As(err, &re) && re.Parameter != nil && re.Parameter.Schema != nil {
				schema = re.Parameter.Schema.Value
			}
			for pe.Value == nil { // the error is inside: in an item of a list
				inner, ok := pe.Cause.(*openapi3filter.ParseError)
				if !ok {
					break
				}
				if pe = inner; schema.Items != nil && schema.Items.Value != nil {
					schema = schema.Items.Value
				}
			}
			text, typ := "", "value"
			if pe.Value != nil {
				text = fmt.Sprint(pe.Value)
			}
			if types := schema.Type.Slice(); len(types) > 0 {
				typ = types[0]
			}
			out = append(out, d.violation(in, name, "type/"+typ, near, map[string]string{"value": text}, "%s is not %s", quote(text), article(typ)))
		case errors.Is(err, openapi3filter.ErrInvalidRequired):
			out = append(out, d.violation(in, name, "required", near, nil, "required, but missing"))
		case errors.Is(err, openapi3filter.ErrInvalidEmptyValue):
			out = append(out, d.violation(in, name, "empty", near, nil, "empty, which is not allowed"))
		default:
			out = append(out, d.violation(in, name, "invalid", near, nil, "not what the document describes"))
		}
	}
	return out
}

// schemaViolation tells of a value, at a pointer, that breaks a keyword of a schema.
func (d *Document) schemaViolation(s *openapi3.Schema, keyword string, found any, pointer []string, in, name string, near messages) Violation {
	if in == "body" && len(pointer) > 0 {
		name = pointer[0]
	}
	if s == nil {
		s = &openapi3.Schema{}
	}
	value := jsonText(found)
	args := map[string]string{"value": strings.Trim(value, `"`), "type": typeName(found)}
	if near == nil {
		near = messagesOf(s.Extensions)
	}
	var v Violation
	say := func(keyword, format string, a ...any) {
		v = d.violation(in, name, keyword, near, args, format, a...)
	}
	limit := func(n any) string { args["limit"] = fmt.Sprint(n); return args["limit"] }
	switch keyword {
	case "required":
		near = nil // those of the object around it
		say("required", "required, but missing")
	case "nullable":
		if in == "body" && len(pointer) == 0 {
			say("body", "null is not an object")
			break
		}
		say("null", "null is not allowed")
	case "type":
		typ := strings.Join(s.Type.Slice(), " or ")
		switch {
		case in == "body" && len(pointer) == 0:
			say("body", "%s is not %s", cut(value), article(typ))
		case found == nil:
			say("null", "null is not allowed")
		default:
			say("type/"+typ, "%s is not %s", cut(value), article(typ))
		}
	case "format":
		say("format/"+s.Format, "%s is not %s", cut(value), formatName(s.Format))
		if text, ok := found.(string); ok && s.Format == "date-time" && in == "query" && strings.Contains(text, " ") {
			v.Words[len(v.Words)-1] += "; in a URL, + is written %2B"
		}
	case "pattern":
		say("pattern", "%s does not match %s", cut(value), s.Pattern)
	case "enum", "const":
		allowed := make([]string, len(s.Enum))
		for i, e := range s.Enum {
			allowed[i] = jsonText(e)
		}
		say("enum", "%s is not one of %s", cut(value), strings.Join(allowed, ", "))
	case "minLength":
		limit(s.MinLength)
		say("minLength", "%s is shorter than the %s needed", cut(value), characters(s.MinLength))
	case "maxLength":
		n := uint64(0)
		if s.MaxLength != nil {
			n = *s.MaxLength
		}
		text, _ := found.(string)
		say("maxLength", "%d characters are more than the %s allowed", len([]rune(text)), limit(n))
	case "minimum", "exclusiveMinimum":
		say(keyword, "%s is less than %s", cut(value), limit(number(s.Min)))
	case "maximum", "exclusiveMaximum":
		say(keyword, "%s is more than %s", cut(value), limit(number(s.Max)))
	case "properties", "additionalProperties":
		say("unknown", "no such property")
	default:
		if keyword == "" {
			keyword = "invalid"
		}
		say(keyword, "%s does not fit %q in the document", cut(value), keyword)
	}
	v.Pointer = pointer
	return v
}

// messagesOf gives the messages written at a schema.
func messagesOf(extensions map[string]any) messages {
	own, _ := extensions[extensionKey].(map[string]any)
	list, _ := own["messages"].(map[string]any)
	m := make(messages, len(list))
	for k, v := range list {
		m[k], _ = v.(string)
	}
	return m
}

func article(typ string) string {
	switch typ {
	case "integer":
		return "an integer"
	case "array", "object":
		return "an " + typ
	case "":
		return "of the documented type"
	}
	return "a " + typ
}

func formatName(format string) string {
	switch format {
	case "date-time":
		return "an RFC 3339 date-time such as 2026-11-22T09:30:00Z"
	case "date":
		return "a date such as 2026-11-22"
	case "uuid":
		return "a UUID such as 3fa85f64-5717-4562-b3fc-2c963f66afa6"
	case "email":
		return "an email address"
	}
	return article(format)
}

// typeName names a value's type as APIs of Python do.
func typeName(v any) string {
	switch v := v.(type) {
	case float64:
		if v == float64(int64(v)) {
			return "int"
		}
		return "float"
	case nil:
		return "null"
	case string:
		return "str"
	case bool:
		return "bool"
	case []any:
		return "list"
	case map[string]any:
		return "dict"
	}
	return "int"
}

func characters(n uint64) string {
	if n == 1 {
		return "1 character"
	}
	return fmt.Sprintf("%d characters", n)
}

func number(f *float64) string {
	if f == nil {
		return "the bound"
	}
	return strconv.FormatFloat(*f, 'g', -1, 64)
}

func jsonText(v any) string { return string(compactJSON(v)) }

// cut shortens a value for a sentence.
func cut(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:57]) + "…"
	}
	return s
}

func quote(s string) string { return cut(string(source.AppendString(nil, s))) }

func itoa(i int) string { return strconv.Itoa(i) }
