package contract

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"understudy/internal/source"
)

// paths makes paths and their parameters agree.
func (r *repair) paths() {
	root := r.root.file.Root
	paths := r.get(root, "paths")
	for i := 0; paths != nil && i+1 < len(paths.Content); i += 2 {
		k := paths.Content[i]
		if strings.HasPrefix(k.Value, "x-") {
			continue
		}
		if !strings.HasPrefix(k.Value, "/") {
			r.warn(k, "the path %q does not begin with a slash: it is read as /%s", k.Value, k.Value)
			if k.Value = "/" + k.Value; slices.ContainsFunc(paths.Content, func(n *source.Node) bool { return n != k && n.Value == k.Value }) {
				r.warn(k, "the path %s is there already: this one is left out", k.Value)
				paths.Content = slices.Delete(paths.Content, i, i+2)
				i -= 2
				continue
			}
		}
		r.path(k, r.final(paths.Content[i+1]))
	}
	if r.old && r.get(root, "consumes") == nil { // of bodies that operations share
		list := r.instead(root, &shape{blank: listForm})
		list.Content = []*source.Node{r.scalar(root, "!!str", "application/json")}
		r.set(root, "consumes", list)
	}
}

// path makes the parameters of one path agree with its template.
func (r *repair) path(k, item *source.Node) {
	names := parseTemplate(k.Value).params
	declared := map[string]bool{}
	r.parameters(r.get(item, "parameters"), k.Value, names, declared)
	for method, op := range source.Pairs(item) {
		if !source.IsMap(op) || slices.Contains([]string{"parameters", "servers"}, method.Value) || r.pathItem.fields[method.Value] == nil {
			continue
		}
		own := map[string]bool{}
		list := r.get(op, "parameters")
		r.parameters(list, k.Value, names, own)
		for _, name := range names {
			if declared[name] || own[name] {
				continue
			}
			r.warn(method, "%s %s does not declare the path's parameter %s: it is read as text", strings.ToUpper(method.Value), k.Value, name)
			if list == nil {
				list = &source.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Line: op.Line, Column: op.Column}
				r.own(list, op)
				r.set(op, "parameters", list)
			}
			list.Content = append(list.Content, r.textParameter(k, name))
			own[name] = true
		}
		if r.old {
			r.oneBody(item, op)
			r.consumes(item, op)
		}
	}
}

// oneBody leaves an operation of Swagger 2.0 the first of its bodies, and no form beside it.
func (r *repair) oneBody(item, op *source.Node) {
	body := false
	in := func(v *source.Node) string {
		if n := r.get(r.final(v), "in"); n != nil {
			return n.Value
		}
		return ""
	}
	for _, n := range []*source.Node{item, op} {
		if list := r.get(n, "parameters"); list != nil {
			list.Content = slices.DeleteFunc(list.Content, func(v *source.Node) bool {
				if in(v) != "body" {
					return false
				}
				if body {
					r.warn(v, "the operation has a body already: this one is left out")
					return true
				}
				body = true
				return false
			})
		}
	}
	for _, n := range []*source.Node{item, op} {
		if list := r.get(n, "parameters"); body && list != nil {
			list.Content = slices.DeleteFunc(list.Content, func(v *source.Node) bool {
				if in(v) != "formData" {
					return false
				}
				r.warn(v, "the operation has a body already: the form is left out")
				return true
			})
		}
	}
}

// consumes says what type the body of an operation of Swagger 2.0 has where nothing else does: JSON, or a form.
func (r *repair) consumes(item, op *source.Node) {
	if r.get(op, "consumes") != nil || r.get(r.root.file.Root, "consumes") != nil {
		return
	}
	mediaType := ""
	for _, n := range []*source.Node{item, op} {
		list := r.get(n, "parameters")
		for i := 0; list != nil && i < len(list.Content); i++ {
			p := r.final(list.Content[i])
			in, typ := r.get(p, "in"), r.get(p, "type")
			switch {
			case in == nil:
			case in.Value == "body":
				mediaType = "application/json"
			case in.Value == "formData" && typ != nil && typ.Value == "file":
				mediaType = "multipart/form-data"
			case in.Value == "formData" && mediaType == "":
				mediaType = "application/x-www-form-urlencoded"
			}
		}
	}
	if mediaType != "" {
		list := r.instead(op, &shape{blank: listForm})
		list.Content = []*source.Node{r.scalar(op, "!!str", mediaType)}
		r.set(op, "consumes", list)
	}
}

// parameters looks through a list of parameters: those that are there twice, where nothing is, or in a path that has no such part are left out.
func (r *repair) parameters(list *source.Node, path string, names []string, declared map[string]bool) {
	if list == nil {
		return
	}
	seen := map[string]bool{}
	list.Content = slices.DeleteFunc(list.Content, func(v *source.Node) bool {
		p := r.final(v)
		nameNode, inNode := r.get(p, "name"), r.get(p, "in")
		if nameNode == nil || inNode == nil {
			return false
		}
		name, in := nameNode.Value, inNode.Value
		key := in + " " + name
		switch {
		case !r.placeKnown(in):
			r.warn(v, "parameter %s is in %q, where no parameter can be: it is left out", name, in)
			return true
		case seen[key]:
			r.warn(v, "parameter %s in the %s is declared twice: this one is left out", name, in)
			return true
		case in == "path" && !slices.Contains(names, name):
			r.warn(v, "parameter %s is not in the path %s: it is left out", name, path)
			return true
		}
		seen[key] = true
		if in == "path" {
			declared[name] = true
		}
		if typ := r.get(p, "type"); r.old && in == "query" && typ != nil && typ.Value == "array" && r.get(p, "collectionFormat") == nil {
			r.set(p, "collectionFormat", r.scalar(p, "!!str", "csv")) // Swagger 2.0's default; that of 3.0 is multi
		}
		return false
	})
}

// textParameter makes a parameter of a path.
func (r *repair) textParameter(at *source.Node, name string) *source.Node {
	n := &source.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: at.Line, Column: at.Column}
	r.own(n, at)
	r.set(n, "name", r.scalar(at, "!!str", name))
	r.set(n, "in", r.scalar(at, "!!str", "path"))
	r.set(n, "required", r.scalar(at, "!!bool", "true"))
	typ := r.wrap("type", r.scalar(at, "!!str", "string"))
	if r.old {
		n.Content = append(n.Content, typ.Content...)
	} else {
		r.set(n, "schema", typ)
	}
	return n
}
