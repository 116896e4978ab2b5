package contract

import (
	"fmt"
	"slices"
	"strings"
)

// findParents finds the collections inside items of others, and the properties that say which item: user_id of a key under /users/{user_id}/keys.
func (d *Document) findParents() {
	byPath := map[string]*Collection{}
	for _, c := range d.collections {
		if c.ItemPath != "" {
			byPath[pathShape(c.ItemPath)] = c
		}
	}
	for _, c := range d.collections {
		c.Parent = parentOf(c.Path, byPath)
		if c.Parent != nil {
			c.note("inside an item of "+c.Parent.ID, "its path begins with that of the item")
		}
		for i, param := range c.template.params {
			c.bind(param, i, byPath)
		}
	}
}

// parentOf finds the collection whose item path a path begins with: the longest.
func parentOf(path string, byPath map[string]*Collection) *Collection {
	segments := strings.Split(strings.Trim(withoutJSON(path), "/"), "/")
	for n := len(segments) - 1; n > 1; n-- {
		if p := byPath[pathShape("/"+strings.Join(segments[:n], "/"))]; p != nil && p.Path != path {
			return p
		}
	}
	return nil
}

// pathShape is a path with the names of its parameters left out.
func pathShape(path string) string {
	segments := strings.Split(strings.Trim(withoutJSON(path), "/"), "/")
	for i, s := range segments {
		if strings.HasPrefix(s, "{") {
			segments[i] = "{}"
		}
	}
	return strings.Join(segments, "/")
}

// bind finds the property that holds the value of one of the path's parameters.
func (c *Collection) bind(param string, at int, byPath map[string]*Collection) {
	name, path := c.before(at)
	parent := byPath[pathShape(path)]
	in := c.list.Parameter("path", param)
	for _, want := range bindingNames(param, name) {
		for _, property := range c.Records.Properties {
			if plain(property) != want || property == c.Records.Key && (parent == nil || parent.Records != c.Records) {
				continue
			}
			if s := c.property([]string{property}); s.Address() && parent != nil && parent.addressable() {
				c.Scope = append(c.Scope, ScopeBinding{Param: param, Path: []string{property}, schema: s, of: parent})
				c.note(fmt.Sprintf("only items with the address of {%s} in %s", param, property), "the names of the parameter, and of what it is a key of")
				return
			}
			if found := c.bindingPath(property, parent, in); found != nil {
				c.Scope = append(c.Scope, ScopeBinding{Param: param, Path: found, schema: c.property(found)})
				c.note(fmt.Sprintf("only items with {%s} in %s", param, strings.Join(found, ".")), "the names of the parameter, and of what it is a key of")
				return
			}
		}
	}
	c.unknown(fmt.Sprintf("which property holds {%s}", param), "none is named like it: each value has items of its own")
}

// ParentNames gives the names, in lower case without signs, that a property of the items may have which tells the item they are in, by another property of that one than
// the path has: category_id of a product, in /categories/{slug}/products. It gives none where items may be in items of their own kind.
func (c *Collection) ParentNames() []string {
	if c.Parent == nil || c.Parent.Records == c.Records || len(c.template.params) == 0 {
		return nil
	}
	param := c.template.params[len(c.template.params)-1]
	name, _ := c.before(len(c.template.params) - 1)
	one := Singular(plain(name))
	return slices.DeleteFunc(bindingNames(param, name), func(n string) bool { return one == "" || !strings.HasPrefix(n, one) })
}

// before gives the name that stands before a parameter in the path, and the path as far as the parameter.
func (c *Collection) before(at int) (name, path string) {
	seen := -1
	for _, s := range strings.Split(strings.TrimPrefix(c.Path, "/"), "/") {
		path += "/" + s
		seen += strings.Count(s, "{")
		if seen >= at {
			return name, path
		}
		if !strings.Contains(s, "{") {
			name = s
		}
	}
	return name, path
}

// bindingNames gives the names, in plain form, that a property may have which holds the key of what a parameter names, the best first.
func bindingNames(param, parent string) []string {
	if slices.Contains(words(param), "or") { // idOrName: one of two
		return nil
	}
	p, one := plain(param), Singular(plain(parent))
	var out []string
	if !slices.Contains(keyNames, p) && p != "name" {
		out = append(out, p)
		for _, key := range keyNames {
			if base, ok := strings.CutSuffix(p, key); ok && len(base) > 1 {
				out = append(out, base)
				break
			}
		}
	}
	if one != "" {
		for _, ending := range []string{"id", "uuid", "pk", "sid", "key", ""} {
			out = append(out, one+ending)
		}
		if w := words(parent); len(w) > 1 { // user-groups: group
			last := Singular(w[len(w)-1])
			out = append(out, last+"id", last+"uuid")
		}
	}
	if one == "user" || one == "account" {
		out = append(out, "ownerid", "owner")
	}
	return out
}

// bindingPath gives the path of the value: the property itself, or the key of the object that it is.
func (c *Collection) bindingPath(property string, parent *Collection, in *Parameter) []string {
	s := c.property([]string{property})
	switch s.Type() {
	case "array":
		return nil
	case "object":
		key := ""
		if parent != nil {
			key = parent.Records.Key
		} else {
			key, _ = findKey(s.Properties(), "", property)
		}
		inner, ok := s.Property(key)
		if !ok || !holdsKey(inner.Schema, in) {
			return nil
		}
		return []string{property, key}
	}
	if !holdsKey(s, in) || parent != nil && unlikeKey(s, parent.property([]string{parent.Records.Key})) {
		return nil
	}
	return []string{property}
}

// unlikeKey tells whether a property cannot hold a key, since one is a number and the other is not: {slug} of a category stands not in a category_id of integers.
func unlikeKey(s, key *Schema) bool {
	return key != nil && (s.Type() == "integer" && key.Type() == "string" || s.Type() == "string" && key.Type() == "integer")
}

// holdsKey tells whether a property can have the value of a parameter of the path.
func holdsKey(s *Schema, in *Parameter) bool {
	t := s.Type()
	if t == "boolean" || t == "number" || len(s.Enum()) > 0 {
		return false
	}
	if in == nil || in.typ() == "" || t == "" {
		return true
	}
	switch in.typ() {
	case "integer", "number":
		return t == "integer"
	case "string":
		return t == "string" || t == "integer" && in.Schema.Format() == ""
	}
	return false
}
