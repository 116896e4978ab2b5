package contract

import (
	"fmt"
	"slices"
	"strings"

	"understudy/internal/source"
)

func (c *Collection) why(x *extension, key, otherwise string) string {
	if x.get(key) != nil {
		return extensionKey
	}
	return otherwise
}

// findOrdering understands the ordering parameter. Without x-understudy, items can be ordered by what its enumeration names, else by their own scalar properties.
func (c *Collection) findOrdering(x *extension, names []string) ([]string, error) {
	o := &c.Ordering
	var err error
	if o.Nulls, err = x.text("nulls", "last", "first"); err != nil {
		return nil, err
	}
	names = c.findOrderingParameters(names)
	why := c.settleOrdering()
	fields, err := x.list("orderable")
	if err != nil {
		return nil, err
	}
	if fields != nil {
		o.Fields, o.said = nil, true
		for _, n := range fields {
			if err := c.knownPath(n, n.Value); err != nil {
				return nil, err
			}
			o.Fields = append(o.Fields, n.Value)
		}
	}
	if o.Nulls == "" {
		o.Nulls, o.nulls = c.toldNulls()
	}
	o.folded, o.ranks = c.toldFolded(), c.toldRanks()
	o.tie, o.tiesUp = c.toldTie()
	order, err := x.list("order")
	if err != nil {
		return nil, err
	}
	for _, n := range order {
		step := Order{strings.TrimPrefix(n.Value, "-"), strings.HasPrefix(n.Value, "-")}
		if err := c.knownPath(n, step.Field); err != nil {
			return nil, err
		}
		o.Default = append(o.Default, step)
	}
	said := extensionKey
	if len(order) == 0 {
		if o.Default, said = c.defaultOrder(); o.Default == nil {
			o.Default, said = c.toldOrder()
		}
	}
	switch fields := strings.Join(o.Fields, ", "); {
	case o.Each != nil:
		c.note(fmt.Sprintf("ordered by %s, up or down as it says: %s", o.eachText(), fields), c.why(x, "orderable", why))
	case o.Param != "" && o.Direction != "":
		c.note(fmt.Sprintf("ordered by %s, up or down by %s: %s", o.Param, o.Direction, fields), c.why(x, "orderable", why))
	case o.Param != "" && o.Spelling != Minus:
		c.note(fmt.Sprintf("ordered by %s, down by %s: %s", o.Param, o.spell(Order{"name", true}), fields), c.why(x, "orderable", why))
	case o.Param != "":
		c.note(fmt.Sprintf("ordered by %s: %s", o.Param, fields), c.why(x, "orderable", why))
	case o.Direction != "":
		c.note(fmt.Sprintf("ordered up or down by %s: %s", o.Direction, fields), why)
	}
	if len(o.Default) > 0 {
		c.note("ordered by default: "+orderText(o.Default), said)
	} else {
		c.unknown("the order when none is asked for", "say it under x-understudy: order")
	}
	return names, nil
}

func orderText(order []Order) string {
	var out []string
	for _, o := range order {
		if o.Desc {
			o.Field = "-" + o.Field
		}
		out = append(out, o.Field)
	}
	return strings.Join(out, ", ")
}

// knownPath refuses a property path that leads nowhere.
func (c *Collection) knownPath(n *source.Node, path string) error {
	if c.property(strings.Split(path, ".")) == nil {
		err := c.doc.file.Errorf(n, "an item of %s has no property %q", c.Path, path)
		err.Hint = "it has: " + strings.Join(c.Records.Properties, ", ")
		return err
	}
	return nil
}

// findSearch understands the search parameter. Without x-understudy, it looks into the item's own texts.
func (c *Collection) findSearch(x *extension, names []string) ([]string, error) {
	texts := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !c.searches(c.list.Parameter("query", name)) })
	if c.Search.Param, _ = take(texts, searchNames); c.Search.Param == "" {
		if i := slices.IndexFunc(texts, func(name string) bool { return slices.ContainsFunc(filterNames(name), isSearch) }); i >= 0 {
			c.Search.Param = texts[i] // filter[search]
		}
	}
	names = without1(names, c.Search.Param)
	paths, err := x.list("search")
	if err != nil {
		return nil, err
	}
	for _, n := range paths {
		if err := c.knownPath(n, n.Value); err != nil {
			return nil, err
		}
		c.Search.Paths = append(c.Search.Paths, strings.Split(n.Value, "."))
	}
	if c.Search.Param == "" {
		return names, nil
	}
	why := extensionKey
	c.Search.said = paths != nil
	if told, sure := c.toldSearch(c.list.Parameter("query", c.Search.Param)); paths == nil && told != nil {
		c.Search.Paths, c.Search.told, why = told, sure, "the parameter's description"
	} else if paths == nil {
		why = "the item's own texts"
		for _, name := range c.Records.Properties {
			if s := c.property([]string{name}); s != nil && s.Type() == "string" {
				c.Search.Paths = append(c.Search.Paths, []string{name})
			}
		}
		if s := c.attributed(); s != nil {
			c.Search.Paths = nil
			for _, p := range s.Properties() {
				if p.Schema.Type() == "string" {
					c.Search.Paths = append(c.Search.Paths, []string{attributes, p.Name})
				}
			}
		}
	}
	c.note(fmt.Sprintf("searched by %s in %s", c.Search.Param, pathsText(c.Search.Paths)), why)
	return names, nil
}

// searches tells whether a parameter can be a search: free text, and not named as a property, unless only searches have that name.
func (c *Collection) searches(p *Parameter) bool {
	s := p.element()
	if s == nil || p.many() || s.Type() != "string" && s.Type() != "" || len(s.Enum()) > 0 {
		return false
	}
	return isSearch(p.Name) || !c.Records.Has(p.Name)
}

// isSearch tells whether only searches have a name.
func isSearch(name string) bool {
	return slices.Contains([]string{"search", "q", "query"}, plain(name))
}

func pathsText(paths [][]string) string {
	var out []string
	for _, p := range paths {
		out = append(out, strings.Join(p, "."))
	}
	return strings.Join(out, ", ")
}

// findFilters maps the remaining parameters to properties of the item.
func (c *Collection) findFilters(x *extension, names []string) (rest []string, err error) {
	said := x.get("filters")
	if said != nil && !source.IsMap(said) {
		return nil, c.doc.file.Errorf(said, "filters is not a map of parameters to properties")
	}
	for k, v := range source.Pairs(said) {
		if !slices.Contains(names, k.Value) {
			return nil, c.doc.file.Errorf(k, "%s has no query parameter %q left to be a filter", c.list.ID, k.Value)
		}
		if err := c.knownPath(v, v.Value); err != nil {
			return nil, err
		}
	}
	for _, name := range names {
		p := c.list.Parameter("query", name)
		f, why := c.recognizeFilter(p)
		if n := c.doc.file.Get(said, name); n != nil {
			f, why = c.finishFilter(&Filter{Param: name, Path: strings.Split(n.Value, "."), Op: Equal, said: true}, p), extensionKey
		}
		if f == nil {
			rest = append(rest, name)
			continue
		}
		c.Filters = append(c.Filters, *f)
		what := fmt.Sprintf("filter %s: %s %s", name, strings.Join(append(slices.Clone(f.Path), f.inner...), "."), f.Op)
		if f.usual != "" {
			what += ", " + f.usual + " unless asked for"
		}
		c.note(what, why)
	}
	c.settleEdges()
	return rest, nil
}

// settleEdges makes it certain that a bound includes its value where there is a strict one beside it: x[before] and x[strictly_before].
func (c *Collection) settleEdges() {
	for i := range c.Filters {
		f := &c.Filters[i]
		strict := map[Op]Op{LessEqual: Less, GreaterEqual: Greater}[f.Op]
		if f.edge && slices.ContainsFunc(c.Filters, func(g Filter) bool {
			return g.Op == strict && slices.Equal(g.Path, f.Path) && slices.Contains(words(g.Param), "strictly")
		}) {
			f.edge = false
		}
	}
}
