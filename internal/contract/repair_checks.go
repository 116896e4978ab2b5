package contract

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"understudy/internal/source"
)

// This file holds what is wrong beyond a value's kind.

// remove takes a key out of a map.
func remove(n *source.Node, key string) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			n.Content = slices.Delete(n.Content, i, i+2)
			return
		}
	}
}

// set writes a key of a map.
func (r *repair) set(n *source.Node, key string, v *source.Node) {
	remove(n, key)
	k := &source.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: key, Line: v.Line, Column: v.Column}
	r.own(k, n)
	n.Content = append(n.Content, k, v)
}

// scalar makes a value that stands where another does.
func (r *repair) scalar(at *source.Node, tag, value string) *source.Node {
	n := &source.Node{Kind: yaml.ScalarNode, Tag: tag, Value: value, Line: at.Line, Column: at.Column}
	r.own(n, at)
	return n
}

// typeNames are types that JSON Schema does not know, and what is meant.
var typeNames = map[string]string{
	"int": "integer", "int32": "integer", "int64": "integer", "long": "integer", "short": "integer",
	"float": "number", "double": "number", "decimal": "number", "bool": "boolean", "str": "string", "text": "string", "date": "string", "datetime": "string",
	"date-time": "string", "uuid": "string", "uri": "string", "url": "string", "email": "string", "password": "string", "byte": "string", "binary": "string",
	"file": "string", "enum": "string", "list": "array", "dict": "object", "map": "object", "json": "object", "hash": "object",
}

var schemaTypes = []string{"string", "number", "integer", "boolean", "array", "object"}

func (r *repair) schema(n *source.Node) {
	if n.Kind != yaml.MappingNode {
		return
	}
	r.types(n)
	if list := r.get(n, "required"); list != nil {
		seen := map[string]bool{}
		list.Content = slices.DeleteFunc(list.Content, func(v *source.Node) bool {
			if seen[v.Value] {
				r.warn(v, "%q is required twice", v.Value)
				return true
			}
			seen[v.Value] = true
			return false
		})
	}
	for _, key := range []string{"enum", "oneOf", "anyOf", "allOf"} {
		if v := r.get(n, key); v != nil && len(v.Content) == 0 {
			r.warn(v, "%s is an empty list: it is left out", key)
			remove(n, key)
		}
	}
	if p := r.get(n, "pattern"); p != nil && !r.compiles(p) {
		remove(n, "pattern")
	}
	if p := r.get(n, "patternProperties"); p != nil {
		for i := len(p.Content) - 2; i >= 0; i -= 2 {
			if !r.compiles(p.Content[i]) {
				p.Content = slices.Delete(p.Content, i, i+2)
			}
		}
	}
	r.exclusive(n, "exclusiveMinimum", "minimum")
	r.exclusive(n, "exclusiveMaximum", "maximum")
	if null := r.get(n, "nullable"); r.later && null != nil {
		r.nullable(n, null)
	}
	r.beside(n)
	if r.get(n, "allOf") != nil {
		r.composed = append(r.composed, n)
	}
}

// types repairs the keyword type, and what a type asks for.
func (r *repair) types(n *source.Node) {
	typ := r.get(n, "type")
	if typ == nil {
		return
	}
	names := []*source.Node{typ}
	if typ.Kind == yaml.SequenceNode {
		names = typ.Content
		if !r.later {
			r.warn(typ, "type is a list, which OpenAPI knows only since 3.1")
		}
	}
	array := false
	names = slices.DeleteFunc(slices.Clone(names), func(v *source.Node) bool {
		name := v.Value
		known := slices.Contains(schemaTypes, name) || name == "null" || name == "file" && r.old
		if !known {
			lower := strings.ToLower(name)
			meant := typeNames[lower]
			if slices.Contains(schemaTypes, lower) {
				meant = lower
			}
			if meant == "" {
				r.warn(v, "type %q is not known: it is left out", name)
				return true
			}
			r.warn(v, "type %q is not known: it is read as %q", name, meant)
			v.Value = meant
		}
		array = array || v.Value == "array"
		return false
	})
	switch {
	case len(names) == 0:
		remove(n, "type")
	case typ.Kind == yaml.SequenceNode:
		typ.Content = names
	}
	if array && !r.later && r.get(n, "items") == nil && r.get(n, "$ref") == nil {
		r.warn(typ, "an array without items: they may be anything")
		r.set(n, "items", r.instead(typ, &shape{blank: mapForm}))
	}
}

func (r *repair) compiles(p *source.Node) bool {
	ok, seen := r.patterns[p.Value]
	if !seen {
		_, err := compilePattern(p.Value)
		ok = err == nil
		r.patterns[p.Value] = ok
	}
	if !ok {
		r.warn(p, "the pattern %s does not compile: it is left out", p.Value)
	}
	return ok
}

// exclusive makes an exclusive bound what the document's version has: a boolean beside the bound, or the bound itself.
func (r *repair) exclusive(n *source.Node, key, bound string) {
	v := r.get(n, key)
	switch {
	case v == nil || r.old || r.later != (v.Tag == "!!bool"):
		return
	case !r.later:
		r.warn(v, "%s is a number, as in OpenAPI 3.1: it is read as %s: %s, excluded", key, bound, v.Value)
		r.set(n, bound, r.scalar(v, v.Tag, v.Value))
		v.Tag, v.Value = "!!bool", "true"
		return
	}
	limit := r.get(n, bound)
	remove(n, key)
	if v.Value == "true" && limit != nil {
		r.warn(v, "%s is a boolean, as in OpenAPI 3.0: it is read as %s: %s", key, key, limit.Value)
		remove(n, bound)
		r.set(n, key, limit)
		return
	}
	r.warn(v, "%s is a boolean, as in OpenAPI 3.0: it is left out", key)
}

// nullable gives nullable, which OpenAPI 3.1 does not know, its meaning.
func (r *repair) nullable(n, null *source.Node) {
	typ := r.get(n, "type")
	if null.Value != "true" || typ == nil || typ.Kind == yaml.ScalarNode && typ.Value == "null" {
		r.warn(null, "nullable is not known since OpenAPI 3.1: it means nothing")
		return
	}
	r.warn(null, "nullable is not known since OpenAPI 3.1: it is read as type null")
	if typ.Kind == yaml.ScalarNode {
		typ = &source.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Line: typ.Line, Column: typ.Column, Content: []*source.Node{typ}}
		r.own(typ, typ.Content[0])
		r.set(n, "type", typ)
	}
	if !slices.ContainsFunc(typ.Content, func(v *source.Node) bool { return v.Value == "null" }) {
		typ.Content = append(typ.Content, r.scalar(null, "!!str", "null"))
	}
	if enum := r.get(n, "enum"); enum != nil && !slices.ContainsFunc(enum.Content, source.IsNull) {
		enum.Content = append(enum.Content, r.scalar(null, "!!null", "null"))
	}
}

// discriminator drops mappings that lead nowhere.
func (r *repair) discriminator(n *source.Node) {
	mapping := r.get(n, "mapping")
	if mapping == nil {
		return
	}
	for i := len(mapping.Content) - 2; i >= 0; i -= 2 {
		v := mapping.Content[i+1]
		ref := v.Value
		if !strings.ContainsAny(ref, "#/.") {
			ref = "#/components/schemas/" + ref
		}
		t := r.resolve(r.bases[len(r.bases)-1], ref, r.model.schema, 0)
		if t.why != "" {
			r.warn(v, "the mapping to %s %s: it is left out", v.Value, t.why)
			mapping.Content = slices.Delete(mapping.Content, i, i+2)
		} else {
			v.Value = t.ref
		}
	}
}

// paramStyles are how values may be written, by where they stand; the first is the default.
var paramStyles = map[string][]string{
	"path": {"simple", "label", "matrix"}, "query": {"form", "spaceDelimited", "pipeDelimited", "deepObject"}, "header": {"simple"}, "cookie": {"form", "cookie"},
}

func (r *repair) parameter(n *source.Node) {
	if r.get(n, "$ref") != nil {
		return
	}
	in := r.get(n, "in")
	style := r.get(n, "style")
	if known := paramStyles[in.Value]; style != nil && known != nil && !slices.Contains(known, style.Value) {
		r.warn(style, "a parameter in the %s cannot have style %s: it is read as %s", in.Value, style.Value, known[0])
		style.Value = known[0]
	}
	if explode := r.get(n, "explode"); style != nil && style.Value == "deepObject" && explode != nil && explode.Value == "false" {
		r.warn(explode, "style deepObject is always exploded")
		explode.Value = "true"
	}
	r.described(n, "parameter "+r.get(n, "name").Value)
	r.inPath(n, in)
}

// inPath makes a parameter of the path required, which it always is.
func (r *repair) inPath(n, in *source.Node) {
	if in.Value != "path" {
		return
	}
	if required := r.get(n, "required"); required == nil || required.Value != "true" {
		r.warn(n, "parameter %s is in the path, and so required, which it does not say", r.get(n, "name").Value)
		r.set(n, "required", r.scalar(in, "!!bool", "true"))
	}
}

// described gives a parameter or a header one schema.
func (r *repair) described(n *source.Node, name string) {
	content := r.get(n, "content")
	switch schema := r.get(n, "schema"); {
	case content != nil && (schema != nil || len(content.Content) == 0):
		r.warn(content, "%s has content, which is not used", name)
		remove(n, "content")
		content = nil
		fallthrough
	case content == nil && schema == nil:
		if r.get(n, "schema") == nil {
			r.warn(n, "%s has no schema: it may be anything", name)
			r.set(n, "schema", r.instead(n, &shape{blank: mapForm}))
		}
	case content != nil && len(content.Content) > 2:
		r.warn(content.Content[2], "%s has content of several types: only the first is used", name)
		content.Content = content.Content[:2]
	}
}

func (r *repair) header(n *source.Node) {
	if r.get(n, "$ref") != nil {
		return
	}
	if style := r.get(n, "style"); style != nil && style.Value != "simple" {
		r.warn(style, "a header cannot have style %s: it is read as simple", style.Value)
		style.Value = "simple"
	}
	r.described(n, "a header")
}

func (r *repair) body(n *source.Node) {
	if r.get(n, "$ref") == nil && r.get(n, "content") == nil {
		r.warn(n, "a request body has no content")
	}
}

// parameter2 repairs a parameter of Swagger 2.0.
func (r *repair) parameter2(n *source.Node) {
	if r.get(n, "$ref") != nil {
		return
	}
	in := r.get(n, "in")
	switch schema := r.get(n, "schema"); {
	case in.Value == "body" && schema == nil:
		r.warn(n, "the body has no schema: it may be anything")
		r.set(n, "schema", r.instead(n, &shape{blank: mapForm}))
	case in.Value != "body":
		if schema != nil {
			r.warn(schema, "only a body has a schema")
			if typ := r.get(schema, "type"); typ != nil && r.get(n, "type") == nil {
				r.set(n, "type", r.scalar(typ, "!!str", typ.Value))
			}
			remove(n, "schema")
		}
		r.simple(n)
	}
	r.inPath(n, in)
}

// host drops the host of a Swagger 2.0 document if it is more than a host.
func (r *repair) host(n *source.Node) {
	if host := r.get(n, "host"); host != nil && strings.Contains(host.Value, "/") {
		r.warn(host, "the host %q is more than a host: it is left out", host.Value)
		remove(n, "host")
	}
}

// scheme2 gives OAuth in Swagger 2.0 a flow, without which it cannot be converted.
func (r *repair) scheme2(n *source.Node) {
	typ, flow := r.get(n, "type"), r.get(n, "flow")
	if typ == nil || typ.Value != "oauth2" || flow != nil && slices.Contains([]string{"implicit", "password", "application", "accessCode"}, flow.Value) {
		return
	}
	r.warn(n, "the security scheme has no flow that is known: it is read as implicit")
	r.set(n, "flow", r.scalar(n, "!!str", "implicit"))
}

// simple repairs what is a parameter or a header of Swagger 2.0 and a schema at once.
func (r *repair) simple(n *source.Node) {
	r.types(n)
	if p := r.get(n, "pattern"); p != nil && !r.compiles(p) {
		remove(n, "pattern")
	}
	if r.get(n, "type") == nil {
		r.warn(n, "no type is given: it is read as text")
		r.set(n, "type", r.scalar(n, "!!str", "string"))
	}
}

// placeKnown tells whether a parameter can be in a place.
func (r *repair) placeKnown(in string) bool {
	if r.old {
		return slices.Contains([]string{"path", "query", "header", "body", "formData"}, in)
	}
	return slices.Contains([]string{"path", "query", "header", "cookie"}, in)
}

var statusName = regexp.MustCompile(`^([1-5][0-9][0-9]|[1-5][xX][xX]|default)$`)

func (r *repair) operation(n *source.Node) {
	responses := r.get(n, "responses")
	if responses == nil {
		r.warn(n, "the operation documents no response")
		return
	}
	success, known := false, false
	for i := len(responses.Content) - 2; i >= 0; i -= 2 {
		k := responses.Content[i]
		if strings.HasPrefix(k.Value, "x-") {
			continue
		}
		if !statusName.MatchString(k.Value) {
			r.warn(k, "%q is no status: the response is left out", k.Value)
			responses.Content = slices.Delete(responses.Content, i, i+2)
			continue
		}
		known = true
		success = success || k.Value[0] == '2' || k.Value[0] == '3' || k.Value == "default"
	}
	switch {
	case !known:
		r.warn(responses, "the operation documents no response")
	case !success:
		r.warn(responses, "the operation documents no success")
	}
}

// requirement warns of security schemes that are nowhere defined.
func (r *repair) requirement(n *source.Node) {
	at := "/components/securitySchemes/"
	if r.old {
		at = "/securityDefinitions/"
	}
	for k := range source.Pairs(n) {
		if v, _ := r.walk(r.root, at+source.PointerToken(k.Value)); v == nil {
			r.warn(k, "the security scheme %s is not defined", k.Value)
		}
	}
}

// operationIDs takes away what an earlier operation has already.
func (r *repair) operationIDs() {
	first := map[string]Place{}
	seen := map[*source.Node]bool{}
	for _, item := range source.Pairs(r.get(r.root.file.Root, "paths")) {
		for k, op := range source.Pairs(r.final(item)) {
			if !source.IsMap(op) || seen[op] || r.pathItem.fields[k.Value] == nil {
				continue
			}
			seen[op] = true
			id := r.get(op, "operationId")
			if id == nil {
				continue
			}
			if at, twice := first[id.Value]; twice {
				r.warn(id, "operationId %s is used twice, first at %s: it is left out", id.Value, at)
				remove(op, "operationId")
				continue
			}
			first[id.Value] = r.root.file.Place(id)
		}
	}
}

// final follows references that were repaired.
func (r *repair) final(n *source.Node) *source.Node {
	for range maxChain {
		ref := r.get(n, "$ref")
		if ref == nil {
			break
		}
		next := r.adopted[ref.Value]
		if next == nil {
			next, _ = r.walk(r.root, refPointer(ref.Value))
		}
		if next == nil {
			break
		}
		n = next
	}
	return n
}
