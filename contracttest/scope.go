package contracttest

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"understudy/internal/contract"
)

// In how many items of one list a list inside them is looked for: in a few, unless it is nearly empty there, and then in many.
const (
	fewParents   = 8
	mostParents  = 60
	nearlyEmpty  = 10 // items, or fewer
	enoughInside = 50 // items: no fuller list is looked for
)

// scopes gives values for the parameters in a list's path: keys of items that hold it, and of parameters that no list explains those that the document shows.
func (e *engine) scopes(c *contract.Collection) (scopes [][]string, why string) {
	params := c.List().PathParameters()
	if len(params) == 0 {
		return [][]string{nil}, ""
	}
	parent := e.holder(c)
	if parent == nil || len(parent.c.List().PathParameters())+1 < len(params) { // between the two is something that no list tells of
		if scope := shown(c.List()); scope != nil {
			return [][]string{scope}, ""
		}
		return nil, fmt.Sprintf("nothing lists what {%s} can be, and the document shows no example", params[len(params)-1])
	}
	if parent.why != "" {
		return nil, fmt.Sprintf("%s, which lists what {%s} can be: %s", parent.c.Path, params[len(params)-1], parent.why)
	}
	all := keysOf(parent.base.items)
	few := spread(all, fewParents)
	for _, key := range slices.Concat(few, lacking(few, all)) {
		if len(scopes) < mostParents {
			scopes = append(scopes, append(parent.c.ItemScope(parent.scope), key))
		}
	}
	if scopes == nil {
		return nil, fmt.Sprintf("%s has no items, so {%s} has no value", parent.c.Path, params[len(params)-1])
	}
	return scopes, ""
}

// fullest reads the first page of the list inside one item after the other, until one has enough, and settles on the one with the most: what is wrong with one item
// in many is seen there.
func (e *engine) fullest(ctx context.Context, s *listState, scopes [][]string) *listed {
	var best *listed
	for i, scope := range scopes {
		at := *s
		at.scope = scope
		l := e.firstPage(ctx, &at)
		if best == nil || l.bad == "" && (best.bad != "" || sizeOf(l) > sizeOf(best)) {
			best, *s = l, at
		}
		if best.bad == "" && (sizeOf(best) >= enoughInside || i+1 >= fewParents && sizeOf(best) > nearlyEmpty) || best.bad != "" && i+1 >= fewParents {
			break
		}
	}
	return best
}

// holder finds the list in whose items a list is.
func (e *engine) holder(c *contract.Collection) *listState {
	if parent := e.holding(c); parent != nil {
		return e.lists[parent]
	}
	return nil
}

func (e *engine) holding(c *contract.Collection) *contract.Collection {
	if c.Parent != nil {
		return c.Parent
	}
	for _, other := range e.doc.Collections() {
		item := strings.TrimSuffix(other.ItemPath, "/")
		if item != "" && strings.HasPrefix(c.Path, item+"/") && !strings.Contains(strings.TrimPrefix(c.Path, item), "{") {
			return other
		}
	}
	return nil
}

// exemplary tells whether the values of the list's path are examples of the document's, which may mean nothing to the server.
func (s *listState) exemplary() bool {
	return len(s.scope) > 0 && slices.Equal(s.scope, shown(s.c.List()))
}

// spread gives at most so many of some keys: the first, the last, and others evenly between them.
func spread(keys []string, most int) []string {
	if len(keys) <= most {
		return keys
	}
	var out []string
	for i := range most {
		out = append(out, keys[i*(len(keys)-1)/(most-1)])
	}
	return out
}

// keysOf gives the keys of those items that have one.
func keysOf(items []contract.Item) []string {
	var out []string
	for _, it := range items {
		if key := it.Key(); key != "" {
			out = append(out, key)
		}
	}
	return out
}

// shown gives the values that the document shows of the parameters in an operation's path; nil if it shows none of one.
func shown(op *contract.Operation) []string {
	var out []string
	for _, name := range op.PathParameters() {
		p := op.Parameter("path", name)
		if p == nil || len(p.Shown()) == 0 {
			return nil
		}
		out = append(out, p.Shown()[0])
	}
	return out
}
