package contract

import (
	"fmt"
	"slices"
	"strings"
)

// findProperty finds the property that a name means: itself, with other case and signs, in the singular or plural, with or without _id; a__b, a.b and
// a[b] as b of the object a, which may stand beside it as a_obj, a_detail or a_data. Where the parameter is given, its values must be able to stand there.
func (c *Collection) findProperty(name string, p *Parameter) ([]string, string) {
	fits := func(path []string) bool { return c.holds(path, p) }
	if fits([]string{name}) {
		return []string{name}, "it is named as the property"
	}
	if key := c.Records.Key; c.ItemPath != "" && plain(name) == plain(lastParameter(c.ItemPath)) && fits([]string{key}) {
		return []string{key}, "it is named as the parameter of an item's path"
	}
	if path := c.embeddedPath(name); path != nil && fits(path) {
		return path, fmt.Sprintf("%q goes into %s", name, path[0])
	}
	if path, why := c.similarProperty(name, fits); path != nil {
		return path, why
	}
	if w := words(name); len(w) > 1 && p != nil && p.typ() == "boolean" && (w[0] == "is" || w[0] == "has") {
		if path, _ := c.similarProperty(strings.Join(w[1:], "_"), fits); path != nil {
			return path, fmt.Sprintf("%q asks for %s", name, path[0])
		}
	}
	if in := c.attribute(name); in != "" && fits([]string{attributes, in}) {
		return []string{attributes, in}, fmt.Sprintf("it is named as a property of an item's %s (JSON:API)", attributes)
	}
	return nil, ""
}

// attributed gives the schema of an item's attributes, as JSON:API has them; nil if the items are not of that form.
func (c *Collection) attributed() *Schema {
	if insideOf(c.Records.properties) == nil {
		return nil
	}
	return c.property([]string{attributes})
}

// attribute gives the attribute of an item that a name means, or "".
func (c *Collection) attribute(name string) string {
	s := c.attributed()
	if s == nil {
		return ""
	}
	for _, p := range s.Properties() {
		if alike(p.Name, name) {
			return p.Name
		}
	}
	return ""
}

// similarProperty finds a property whose name is nearly the same.
func (c *Collection) similarProperty(name string, fits func([]string) bool) ([]string, string) {
	n := plain(name)
	if n == "" {
		return nil, ""
	}
	only := func(test func(property string) bool) []string {
		var hits []string
		for _, q := range c.Records.Properties {
			if test(plain(q)) && fits([]string{q}) {
				hits = append(hits, q)
			}
		}
		if len(hits) == 1 {
			return hits
		}
		return nil
	}
	if path := only(func(q string) bool { return q == n }); path != nil {
		return path, fmt.Sprintf("it is named as the property %s, but for case and signs", path[0])
	}
	if path := only(func(q string) bool { return Singular(q) == Singular(n) }); path != nil {
		return path, fmt.Sprintf("it is the singular or plural of %s", path[0])
	}
	for _, ending := range []string{"id", "uuid", "pk", "key", "slug"} {
		one := Singular(n)
		if base, ok := strings.CutSuffix(one, ending); ok && len(base) > 1 {
			for _, property := range c.Records.Properties {
				if Singular(plain(property)) != Singular(base) {
					continue
				}
				if s := c.property([]string{property}); s != nil && s.Type() == "object" {
					for _, inner := range s.Properties() {
						if path := []string{property, inner.Name}; plain(inner.Name) == ending && fits(path) {
							return path, fmt.Sprintf("%q is the %s of %s", name, ending, property)
						}
					}
				} else if ending != "key" && ending != "slug" && fits([]string{property}) {
					return []string{property}, fmt.Sprintf("%q is what %s holds", name, property)
				}
			}
			if key := c.Records.Key; alike(base, lastName(c.Path)) && plain(key) == ending && fits([]string{key}) {
				return []string{key}, "it is the key of an item"
			}
		}
	}
	if path := only(func(q string) bool {
		return q == Singular(n)+"id" || q == Singular(n)+"uuid" || q == n+"is" || q == "is"+n || q == "has"+n
	}); path != nil {
		return path, fmt.Sprintf("%s is what it means", path[0])
	}
	if s := c.property([]string{name}); s != nil && s.Type() == "object" {
		props := s.Properties()
		if key, _ := findKey(props, "", name); key != "" && fits([]string{name, key}) {
			return []string{name, key}, fmt.Sprintf("%s is an object, %s its key", name, key)
		}
	}
	return nil, ""
}

// persons are the names of whoever made something, or has it.
var persons = []string{"creator", "author", "owner", "user", "createdby", "reporter", "submitter", "writer", "poster", "sender", "opener"}

// handles are the names of the texts by which people are known.
var handles = []string{"login", "username", "handle", "nickname", "slug", "name"}

// personProperty finds the text by which somebody is known whom an item holds, where a name means the same person in another word: creator for the user of an item.
func (c *Collection) personProperty(name string, p *Parameter) ([]string, string) {
	if p == nil || p.typ() != "string" || p.many() || p.element().Format() != "" || !slices.Contains(persons, plain(name)) {
		return nil, ""
	}
	var found [][]string
	for _, q := range c.Records.Properties {
		s := c.property([]string{q})
		if s == nil || !slices.Contains(persons, plain(q)) || s.Type() != "object" {
			continue
		}
		for _, handle := range handles {
			if inner, ok := s.Property(handle); ok && inner.Schema.Type() == "string" {
				found = append(found, []string{q, handle})
				break
			}
		}
	}
	if len(found) != 1 {
		return nil, ""
	}
	return found[0], fmt.Sprintf("%q most likely means %s", name, found[0][0])
}

// embeddedPath follows a name into embedded objects.
func (c *Collection) embeddedPath(name string) []string {
	steps := strings.Split(strings.NewReplacer("__", ".", "][", ".", "[", ".", "]", "", ":", ".", "/", ".").Replace(name), ".")
	if len(steps) == 1 { // groups_by_name
		steps = strings.Split(name, "_by_")
	}
	if len(steps) < 2 || slices.Contains(steps, "") {
		return nil
	}
	for _, ending := range []string{"", "_obj", "_detail", "_data"} {
		path := append([]string{steps[0] + ending}, steps[1:]...)
		if s := c.property(path); s != nil && s.Type() != "object" && s.Type() != "array" {
			return path
		}
		if s := c.property(path[:1]); len(path) == 2 && s != nil && listOfObjects(s) != nil {
			if inner, ok := s.Items().Property(path[1]); ok && scalar(inner.Schema) {
				return path
			}
		}
	}
	return nil
}

// holds tells whether a path leads to a property in which a parameter's values can stand.
func (c *Collection) holds(path []string, p *Parameter) bool {
	s := c.property(path)
	if s == nil {
		if len(path) == 2 { // into the objects of an array
			if outer := c.property(path[:1]); outer != nil && listOfObjects(outer) != nil {
				_, ok := outer.Items().Property(path[1])
				return ok
			}
		}
		return false
	}
	if s.Type() == "object" || s.WriteOnly() {
		return false
	}
	if s.Type() == "array" {
		items := s.Items()
		if p == nil || items == nil || items.Type() == "array" || p.typ() == "boolean" {
			return false
		}
		if items.Type() == "object" {
			return true
		}
		s = items
	}
	if p == nil {
		return true
	}
	want, got := p.typ(), s.Type()
	switch {
	case want == "object":
		return false
	case want == "boolean" && got != "boolean" && got != "", got == "boolean" && (want == "integer" || want == "number"):
		return false
	case (want == "integer" || want == "number") && got == "string":
		return (s.Format() == "" || s.Decimal()) && len(s.Enum()) == 0
	}
	return overlap(s, p.element())
}

// overlap tells whether two enumerations have a value in common; where one of them is none, they have.
func overlap(a, b *Schema) bool {
	x, y := asText(a.Enum()), asText(b.Enum())
	if len(x) == 0 || len(y) == 0 {
		return true
	}
	return slices.ContainsFunc(x, func(v string) bool {
		return slices.ContainsFunc(y, func(w string) bool { return strings.EqualFold(v, w) })
	})
}

// lastParameter is the name of the last parameter of a path, or "".
func lastParameter(path string) string {
	open, end := strings.LastIndexByte(path, '{'), strings.LastIndexByte(path, '}')
	if open < 0 || end < open {
		return ""
	}
	return path[open+1 : end]
}
