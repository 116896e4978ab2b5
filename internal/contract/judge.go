package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/dlclark/regexp2/v2"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"
	errorkind "github.com/santhosh-tekuri/jsonschema/v6/kind"

	"understudy/internal/source"
)

// judge is the second validator: JSON Schema 2020-12 by another library than kin-openapi's own. The whole document is one resource, in which schemas of
// OpenAPI 3.0 are rewritten as JSON Schema; each schema is compiled once, when it is first asked for.
type judge struct {
	mu       sync.Mutex
	compiler *jsonschema.Compiler
	compiled map[string]*judged
}

type judged struct {
	schema *jsonschema.Schema
	err    error
}

const judgeURL = "mem:///document"

// Judge validates a value, as decoded from JSON, by the second validator. Unlike [Schema.Validate] it gives no sentences for people, but
// an error of the library's. An error of type [*UnusableSchema] is not about the value.
func (s *Schema) Judge(value any, dir Direction) error {
	c := s.doc.judges[dir].compile(s.doc, s.ptr, dir)
	if c.err != nil {
		return &UnusableSchema{Place: s.Place(), Err: c.err}
	}
	err := c.schema.Validate(value)
	if err != nil && len(s.except) > 0 && len(s.leaveOut(s.doc.judgeViolations(err, value))) == 0 {
		return nil
	}
	return err
}

// DecodeJSON decodes JSON for the validators, numbers exactly.
func DecodeJSON(text []byte) (any, error) { return jsonschema.UnmarshalJSON(bytes.NewReader(text)) }

// UnusableSchema is a schema that cannot be compiled, and so can judge nothing.
type UnusableSchema struct {
	Place Place
	Err   error
}

func (e *UnusableSchema) Error() string {
	text, _, _ := strings.Cut(e.Err.Error(), "\n")
	return fmt.Sprintf("%s: the schema cannot be used: %s", e.Place, text)
}

func (e *UnusableSchema) Unwrap() error { return e.Err }

func (j *judge) compile(d *Document, pointer string, dir Direction) *judged {
	j.mu.Lock()
	defer j.mu.Unlock()
	if c := j.compiled[pointer]; c != nil {
		return c
	}
	if j.compiler == nil {
		j.start(d, dir)
	}
	c := &judged{}
	c.schema, c.err = j.compiler.Compile(judgeURL + "#" + escapeFragment(pointer))
	j.compiled[pointer] = c
	return c
}

// start makes the compiler, with the document as it is seen in one direction.
func (j *judge) start(d *Document, dir Direction) {
	j.compiled = map[string]*judged{}
	j.compiler = jsonschema.NewCompiler()
	j.compiler.DefaultDraft(jsonschema.Draft2020)
	j.compiler.AssertFormat()
	for name, check := range stringFormats {
		j.compiler.RegisterFormat(&jsonschema.Format{Name: name, Validate: func(v any) error {
			if s, ok := v.(string); ok {
				return check(s)
			}
			return nil
		}})
	}
	for _, name := range []string{"int32", "int64"} {
		j.compiler.RegisterFormat(&jsonschema.Format{Name: name, Validate: func(v any) error { return checkInteger(name, v) }})
	}
	j.compiler.UseRegexpEngine(compilePattern)
	w := &schemaWriter{root: d.tree(), dir: dir, old: !d.api.IsOpenAPI31OrLater()}
	_ = j.compiler.AddResource(judgeURL, w.write(w.root)) // fails only for a second resource of the same name
}

// tree is the document as decoded JSON; one that was converted from Swagger 2.0 is what it was converted to.
func (d *Document) tree() any {
	text, err := source.AppendJSON(nil, d.file.Root)
	if d.converted {
		text, err = json.Marshal(d.api)
	}
	if err != nil {
		return map[string]any{}
	}
	tree, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return map[string]any{}
	}
	return tree
}

// fragmentEscapes are the characters that a JSON pointer may hold and a URI fragment may not (RFC 3986 §3.5).
var fragmentEscapes = strings.NewReplacer("%", "%25", "#", "%23", "{", "%7B", "}", "%7D", " ", "%20", "\"", "%22", "<", "%3C", ">", "%3E", "^", "%5E", "`", "%60", "|", "%7C")

func escapeFragment(pointer string) string { return fragmentEscapes.Replace(pointer) }

// checkInteger judges the formats int32 and int64: the first number that is too large for an int64 is a float64, the last that is not is none.
func checkInteger(name string, v any) error {
	n, exact := v.(json.Number)
	f, isFloat := v.(float64)
	if exact {
		f, _ = n.Float64()
	} else if !isFloat {
		return nil
	}
	limit := math.Exp2(63)
	if name == "int32" {
		limit = math.Exp2(31)
	}
	beyond := f < -limit || f > limit || f == limit && name == "int32"
	if math.Abs(f) == limit && exact && name == "int64" {
		r, ok := new(big.Rat).SetString(n.String())
		beyond = !ok || r.Cmp(new(big.Rat).SetFloat64(limit)) >= 0 || r.Cmp(new(big.Rat).SetFloat64(-limit)) < 0
	}
	if beyond {
		return fmt.Errorf("beyond %s", name)
	}
	return nil
}

// schemaWriter rewrites a document's schemas as JSON Schema 2020-12. It walks everything: what looks like a schema and is none, an example say,
// is never compiled.
type schemaWriter struct {
	root any
	dir  Direction
	old  bool // OpenAPI 3.0
}

func (w *schemaWriter) write(v any) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = w.write(v[i])
		}
		return out
	case map[string]any:
		return w.object(v)
	}
	return v
}

func (w *schemaWriter) object(v map[string]any) any {
	if ref, ok := v["$ref"].(string); ok && w.old {
		return map[string]any{"$ref": escapeRef(ref)} // OpenAPI 3.0: what stands beside it does not count
	}
	out := make(map[string]any, len(v))
	for k, x := range v {
		if named, ok := x.(map[string]any); ok && slices.Contains(namedParts, k) {
			parts := make(map[string]any, len(named))
			for name, part := range named {
				parts[name] = w.write(part)
			}
			out[k] = parts
			continue
		}
		switch {
		case !usable(k, x):
		case slices.Contains(dataKeywords, k):
			out[k] = x
		default:
			out[k] = w.write(x)
		}
	}
	if ref, ok := v["$ref"].(string); ok {
		out["$ref"] = escapeRef(ref)
	}
	w.required(v, out)
	if !w.old {
		return out
	}
	typ, _ := v["type"].(string)
	if nullable, _ := v["nullable"].(bool); nullable && typ != "" {
		out["type"] = []any{typ, "null"}
		if enum, ok := v["enum"].([]any); ok && !slices.Contains(enum, nil) {
			out["enum"] = append(slices.Clone(enum), nil)
		}
	}
	for _, b := range []struct{ exclusive, bound string }{{"exclusiveMinimum", "minimum"}, {"exclusiveMaximum", "maximum"}} {
		on, isBool := v[b.exclusive].(bool)
		if !isBool {
			continue
		}
		delete(out, b.exclusive)
		if n, ok := v[b.bound]; on && ok {
			out[b.exclusive] = n
			delete(out, b.bound)
		}
	}
	return out
}

// namedParts are keywords whose value is a map from names to schemas, or to what schemas are in: a name there is no keyword.
var namedParts = []string{
	"properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "schemas",
	"responses", "parameters", "headers", "requestBodies", "callbacks", "pathItems", "paths", "webhooks", "content",
}

// dataKeywords are keywords whose value is data: what looks like a keyword in it is none.
var dataKeywords = []string{"enum", "const", "default", "example", "examples"}

// usable tells whether a keyword of JSON Schema has a value that the keyword can have; documents from the wild do not always. Anything else is no keyword.
func usable(keyword string, v any) bool {
	switch keyword {
	case "type":
		if list, ok := v.([]any); ok {
			return len(list) > 0 && !slices.ContainsFunc(list, func(t any) bool { return !usable("type", t) })
		}
		s, ok := v.(string)
		return ok && slices.Contains([]string{"string", "number", "integer", "boolean", "object", "array", "null"}, s)
	case "required":
		list, ok := v.([]any)
		return ok && !slices.ContainsFunc(list, func(x any) bool { _, ok := x.(string); return !ok })
	case "enum", "allOf", "anyOf", "oneOf", "prefixItems":
		list, ok := v.([]any)
		return ok && len(list) > 0
	case "pattern":
		s, ok := v.(string)
		if ok {
			_, err := compilePattern(s)
			ok = err == nil
		}
		return ok
	case "format", "title", "description", "$comment", "contentEncoding", "contentMediaType":
		_, ok := v.(string)
		return ok
	case "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "minContains", "maxContains":
		n, ok := v.(json.Number)
		if !ok {
			return false
		}
		f, err := n.Float64()
		return err == nil && f >= 0 && f == math.Trunc(f)
	case "minimum", "maximum":
		_, ok := v.(json.Number)
		return ok
	case "exclusiveMinimum", "exclusiveMaximum":
		_, isNumber := v.(json.Number)
		_, isBool := v.(bool)
		return isNumber || isBool
	case "multipleOf":
		n, ok := v.(json.Number)
		if !ok {
			return false
		}
		f, err := n.Float64()
		return err == nil && f > 0
	case "uniqueItems", "readOnly", "writeOnly", "deprecated":
		_, ok := v.(bool)
		return ok
	case "items", "not", "if", "then", "else", "contains", "propertyNames", "additionalProperties", "unevaluatedItems", "unevaluatedProperties":
		_, isSchema := v.(map[string]any)
		_, isBool := v.(bool)
		return isSchema || isBool
	case "properties", "patternProperties", "$defs", "dependentSchemas", "dependentRequired":
		_, ok := v.(map[string]any)
		return ok
	case "examples":
		_, ok := v.([]any)
		return ok
	case "$recursiveAnchor", "$recursiveRef", "$vocabulary", "$anchor", "$dynamicAnchor", "$id", "$schema":
		return false
	}
	return true
}

// escapeRef makes a local reference a URI fragment: names may hold what a URI may not.
func escapeRef(ref string) string {
	if p, ok := strings.CutPrefix(ref, "#"); ok && !strings.Contains(p, "%") {
		return "#" + escapeFragment(p)
	}
	return ref
}

// required leaves out what need not be sent in this direction: read-only properties in requests, write-only ones in responses.
func (w *schemaWriter) required(v, out map[string]any) {
	names, ok := v["required"].([]any)
	properties, ok2 := v["properties"].(map[string]any)
	if !ok || !ok2 {
		return
	}
	flag := "readOnly"
	if w.dir == AsResponse {
		flag = "writeOnly"
	}
	kept := []any{}
	for _, n := range names {
		name, _ := n.(string)
		if !w.has(properties[name], flag, 0) && !slices.Contains(kept, n) {
			kept = append(kept, n)
		}
	}
	out["required"] = kept
}

// has tells whether a schema carries a flag, itself or where its $ref or allOf lead.
func (w *schemaWriter) has(v any, flag string, depth int) bool {
	s, ok := v.(map[string]any)
	if !ok || depth > 16 {
		return false
	}
	if on, _ := s[flag].(bool); on {
		return true
	}
	if ref, ok := s["$ref"].(string); ok && strings.HasPrefix(ref, "#/") && w.has(w.at(ref), flag, depth+1) {
		return true
	}
	parts, _ := s["allOf"].([]any)
	return slices.ContainsFunc(parts, func(p any) bool { return w.has(p, flag, depth+1) })
}

func (w *schemaWriter) at(ref string) any {
	v := w.root
	for _, token := range strings.Split(strings.TrimPrefix(refPointer(ref), "/"), "/") {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")]
	}
	return v
}

// patternTimeout bounds a match: patterns are strangers', and those of ECMAScript may take exponential time.
const patternTimeout = 50 * time.Millisecond

// compilePattern compiles a pattern as ECMA-262 has it: by Go's engine where that understands it, which is most of them.
func compilePattern(pattern string) (jsonschema.Regexp, error) {
	if re, err := regexp.Compile(pattern); err == nil && !ecmaDiffers.MatchString(pattern) {
		return re, nil
	}
	re, err := regexp2.Compile(pattern, regexp2.ECMAScript|regexp2.Unicode)
	if err != nil {
		return nil, err
	}
	re.MatchTimeout = patternTimeout
	return ecmaPattern{re}, nil
}

// ecmaDiffers finds what Go's engine reads otherwise than ECMA-262: \a, \A, \z, \Q, \C and flags.
var ecmaDiffers = regexp.MustCompile(`\\[aAzQC]|\(\?[a-zA-Z]`)

type ecmaPattern struct{ *regexp2.Regexp }

func (p ecmaPattern) MatchString(s string) bool {
	ok, err := p.Regexp.MatchString(s)
	return ok || err != nil // what took too long is let through
}

// Pattern compiles a pattern of the document's, as the validators do.
func Pattern(pattern string) (interface{ MatchString(string) bool }, error) {
	return compilePattern(pattern)
}

// judgeViolations reads what the second validator found: the innermost errors, but one for each oneOf, anyOf and not, unless null
// is the only alternative.
func (d *Document) judgeViolations(err error, root any) Violations {
	if err == nil {
		return nil
	}
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		return nil // the schema cannot be used, which loading has told
	}
	var out Violations
	var walk func(e *jsonschema.ValidationError)
	walk = func(e *jsonschema.ValidationError) {
		alternatives := false
		switch e.ErrorKind.(type) {
		case *errorkind.OneOf, *errorkind.AnyOf, *errorkind.Not:
			alternatives = true
		}
		if i := slices.IndexFunc(e.Causes, wantsNull); i >= 0 && len(e.Causes) == 2 && alternatives && !wantsNull(e.Causes[1-i]) { // what an optional value is to be
			walk(e.Causes[1-i])
			return
		}
		if len(e.Causes) > 0 && !alternatives {
			for _, c := range e.Causes {
				walk(c)
			}
			return
		}
		out = append(out, d.judgeViolation(e, root)...)
	}
	walk(invalid)
	slices.SortStableFunc(out, func(a, b Violation) int { return slices.Compare(a.Pointer, b.Pointer) })
	return out
}

// wantsNull tells whether an error is that a value is not null.
func wantsNull(e *jsonschema.ValidationError) bool {
	for len(e.Causes) == 1 {
		e = e.Causes[0]
	}
	switch k := e.ErrorKind.(type) {
	case *errorkind.Type:
		return len(k.Want) == 1 && k.Want[0] == "null"
	case *errorkind.Enum:
		return len(k.Want) == 1 && k.Want[0] == nil
	case *errorkind.Const:
		return k.Want == nil
	}
	return false
}

func (d *Document) judgeViolation(e *jsonschema.ValidationError, root any) Violations {
	path := e.ErrorKind.KeywordPath()
	keyword := ""
	if len(path) > 0 {
		keyword = path[0]
	}
	s := &openapi3.Schema{}
	missing := []string{""}
	switch k := e.ErrorKind.(type) {
	case *errorkind.Required:
		missing = k.Missing
	case *errorkind.Type:
		types := openapi3.Types(k.Want)
		s.Type = &types
	case *errorkind.Format:
		s.Format = k.Want
	case *errorkind.Pattern:
		s.Pattern = k.Want
	case *errorkind.Enum:
		s.Enum = k.Want
	case *errorkind.MinLength:
		s.MinLength = uint64(max(k.Want, 0))
	case *errorkind.MaxLength:
		n := uint64(max(k.Want, 0))
		s.MaxLength = &n
	case *errorkind.Minimum:
		s.Min = float(k.Want)
	case *errorkind.Maximum:
		s.Max = float(k.Want)
	case *errorkind.ExclusiveMinimum:
		s.Min = float(k.Want)
	case *errorkind.ExclusiveMaximum:
		s.Max = float(k.Want)
	}
	var near messages
	if _, pointer, ok := strings.Cut(e.SchemaURL, "#"); ok {
		near = d.messagesAt(refPointer(pointer))
	}
	var out Violations
	for _, name := range missing {
		pointer := slices.Clone(e.InstanceLocation)
		if name != "" {
			pointer = append(pointer, name)
		}
		out = append(out, d.schemaViolation(s, keyword, valueIn(root, e.InstanceLocation), pointer, "body", "", near))
	}
	return out
}

// messagesAt gives the messages written at a schema.
func (d *Document) messagesAt(pointer string) messages {
	list := d.file.Get(d.file.Get(d.node(pointer), extensionKey), "messages")
	if list == nil {
		return nil
	}
	m := messages{}
	for k, v := range source.Pairs(list) {
		m[k.Value] = v.Value
	}
	return m
}

func float(r *big.Rat) *float64 {
	f, _ := r.Float64()
	return &f
}

// valueIn follows unescaped tokens into a value.
func valueIn(v any, path []string) any {
	for _, token := range path {
		switch x := v.(type) {
		case map[string]any:
			v = x[token]
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}
