package contracttest

import (
	"fmt"
	"slices"
	"strings"

	"understudy/internal/contract"
)

// keyNames are the names, in lower case without signs, of what identifies something.
var keyNames = []string{"id", "pk", "uuid", "uid", "sid", "guid", "key", "slug", "code"}

// naming says that items name what they are in: at a place in them stands what that has at a place of its own.
type naming struct {
	place, by string
	owner     map[string]map[string]string // what each of those items has, by what it has at that place
}

// namesParent makes a case of a list inside an item whose items name what they are in by another property of it than the path has, such as category_id in
// /categories/{slug}/products: all of them have to name this one. It is nil where nothing names it.
func (s *listState) namesParent(e *engine) *testCase {
	parent, names := e.holder(s.c), s.c.ParentNames()
	if parent == nil || parent.why != "" || len(names) == 0 || len(s.base.items) == 0 || s.severally(names) || s.bound() {
		return nil
	}
	n, own := s.naming(parent, names)
	if n == nil || own == "" {
		return nil
	}
	return &testCase{
		subject: "named", intent: fmt.Sprintf("the items inside one item: all of them have to name it in %s, which is its %s", n.place, n.by), over: s, steps: []step{s.all(contract.Query{})},
		judge: func(rs []result) outcome {
			l, bad := pageOf(rs[0])
			if bad != nil {
				return *bad
			}
			var wrong []string
			named := map[string]bool{}
			for i, it := range l.items {
				v := leavesOf(it)[n.place]
				if named[v] = true; v != own && n.owner[v] != nil && !n.inside(v, own) {
					wrong = append(wrong, l.keys[i])
				}
			}
			if len(wrong) > 0 && (named[own] || len(named) > 2) { // else the name may mean something else
				return broken(rs[0].answer(), fmt.Sprintf("%s of another, such as %s", plural(len(wrong), "item"), cut(wrong[0])), "only its own").signed("items of another")
			}
			return kept()
		},
	}
}

// bound tells whether items have, at a place that the document tells, what the path has.
func (s *listState) bound() bool {
	return slices.ContainsFunc(s.base.items, func(it contract.Item) bool {
		return slices.ContainsFunc(s.c.Scope, func(b contract.ScopeBinding) bool { return it.Value(b.Path).Kind > contract.Null })
	})
}

// naming finds how the items name what they are in, and what stands there of the one that they are read in; nil if they do not. Most of what is named has to be listed.
func (s *listState) naming(parent *listState, names []string) (n *naming, own string) {
	var items, above []map[string]string
	for _, it := range s.base.items {
		items = append(items, leavesOf(it))
	}
	for _, it := range parent.base.items {
		above = append(above, leavesOf(it))
	}
	for _, place := range placesOf(items) {
		if !slices.Contains(names, plainName(barePlace(place))) {
			continue
		}
		for _, by := range placesOf(above) {
			if by != parent.c.Records.Key && !slices.Contains(keyNames, plainName(barePlace(by))) {
				continue
			}
			n, own, all, known := &naming{place, by, map[string]map[string]string{}}, "", 0, 0
			for i, leaves := range above {
				n.owner[leaves[by]] = leaves
				if parent.base.keys[i] == s.scope[len(s.scope)-1] {
					own = leaves[by]
				}
			}
			for _, leaves := range items {
				if v := leaves[place]; v != "" {
					if all++; n.owner[v] != nil {
						known++
					}
				}
			}
			if len(n.owner) == len(above) && 2*known > all {
				return n, own
			}
		}
	}
	return nil, ""
}

// inside tells whether what is named may be inside another of the same list, as a category is in its parent: its items may be listed in that, too.
func (n *naming) inside(v, other string) bool {
	for range n.owner {
		up := ""
		for at, value := range n.owner[v] {
			if strings.Contains(plainName(at), "parent") {
				up = value
			}
		}
		switch {
		case up == "":
			return false
		case up == other || n.owner[up] == nil:
			return true
		}
		v = up
	}
	return true
}

// severally tells whether an item may be in several at once: then one of them is named for another reason.
func (s *listState) severally(names []string) bool {
	return slices.ContainsFunc(s.c.Records.Properties, func(name string) bool {
		p, ok := s.c.Records.Schema.Property(name)
		one := strings.TrimSuffix(plainName(name), "s")
		return ok && p.Schema.Type() == "array" && (slices.Contains(names, one) || slices.Contains(names, strings.TrimSuffix(one, "ie")+"y"))
	})
}

// placesOf gives the places that any of some items has, sorted.
func placesOf(items []map[string]string) []string {
	all := map[string]bool{}
	for _, leaves := range items {
		for at := range leaves {
			all[at] = true
		}
	}
	return sortedKeys(all)
}

// leavesOf gives the texts, numbers and booleans in an item, but for those in arrays, by their places, written a.b.
func leavesOf(it contract.Item) map[string]string {
	out := map[string]string{}
	v, err := contract.DecodeJSON(it.AppendJSON(nil))
	if err != nil {
		return out
	}
	var walk func(v any, at string)
	walk = func(v any, at string) {
		if o, isObject := v.(map[string]any); isObject {
			for name, inner := range o {
				walk(inner, strings.TrimPrefix(at+"."+name, "."))
			}
		} else if text := scalarText(v); text != "" {
			out[at] = text
		}
	}
	walk(v, "")
	return out
}

// barePlace is a place without what JSON:API puts around names.
func barePlace(at string) string {
	var out []string
	for _, name := range strings.Split(at, ".") {
		if !slices.Contains([]string{"attributes", "relationships", "data"}, name) {
			out = append(out, name)
		}
	}
	return strings.Join(out, "")
}
