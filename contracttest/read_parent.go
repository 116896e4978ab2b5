package contracttest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"understudy/internal/contract"
)

func readParent(e *engine, s *listState) ([]*testCase, string) {
	if len(s.scope) == 0 {
		return none("the list is in no item")
	}
	out, _ := s.twoParents(e)
	if tc := s.unknownParent(e); tc != nil {
		out = append(out, tc)
	}
	if len(s.base.items) == 0 && out == nil {
		return none("none of the items that were looked into has any")
	} else if len(s.base.items) == 0 {
		return out, ""
	}
	if len(s.c.Scope) > 0 {
		out = append(out, &testCase{
			subject: "own", intent: "the items inside one item: all of them have to name it", over: s, steps: []step{s.all(contract.Query{})},
			judge: func(rs []result) outcome {
				l, bad := pageOf(rs[0])
				if bad != nil {
					return *bad
				}
				match := s.c.Matcher(s.scoped(contract.Query{}))
				wrong := 0
				var which string
				for i, it := range l.items {
					if v := match(it); v.Certain && !v.Is {
						wrong++
						which = l.keys[i]
					}
				}
				if wrong == len(l.items) && (wrong <= 3 || s.otherwiseCalled(e, l)) {
					return skip("all of them name something else, which may be what it is called otherwise")
				}
				if wrong > 0 {
					return broken(rs[0].answer(), fmt.Sprintf("%s of another, such as %s", plural(wrong, "item"), cut(which)), "only its own").signed("items of another")
				}
				return kept()
			},
		})
	}
	if tc := s.namesParent(e); tc != nil {
		out = append(out, tc)
	}
	if tc := s.besideFlat(e); tc != nil {
		out = append(out, tc)
	}
	parent, retrieve := e.holder(s.c), s.c.Operation(contract.Retrieve)
	if parent != nil && parent.why == "" && retrieve != nil && !s.c.Elsewhere() { // where the path says what it is in
		if tc := s.wrongParent(parent, retrieve); tc != nil {
			out = append(out, tc)
		}
	}
	if out == nil {
		return none("no property of the items names what they are in, and there is no other to look for them in")
	}
	return out, ""
}

// otherwiseCalled tells whether all items of a page name the same thing they are in, and by what is the key of no other.
func (s *listState) otherwiseCalled(e *engine, l *listed) bool {
	named := map[string]bool{}
	for _, it := range l.items {
		for _, bound := range s.c.Scope {
			named[bound.KeyIn(it)] = true
		}
	}
	parent := e.holder(s.c)
	return len(named) == len(s.c.Scope) && (parent == nil || parent.base == nil || !slices.ContainsFunc(parent.base.keys, func(key string) bool { return named[key] }))
}

// unknownParent makes a case of the list inside an item that does not exist, where the document says that this is answered with 404: lists that are in no item have
// no such answer, so it is about what the list is in. It is nil where that is not so.
func (s *listState) unknownParent(e *engine) *testCase {
	parent := e.holder(s.c)
	if parent == nil || parent.why != "" || s.c.List().Response(http.StatusNotFound) == nil || slices.ContainsFunc(e.doc.Collections(), func(c *contract.Collection) bool {
		return len(c.List().PathParameters()) == 0 && c.List().Response(http.StatusNotFound) != nil
	}) {
		return nil
	}
	key := parent.unknownKey()
	if key == "" {
		return nil
	}
	nowhere := *s
	nowhere.scope = append(slices.Clone(s.scope[:len(s.scope)-1]), key)
	st := nowhere.page(contract.Query{})
	st.odd = true
	return &testCase{
		subject: "unknown", intent: "the items inside one that does not exist, which the document answers with 404", steps: []step{st},
		judge: func(rs []result) outcome {
			switch a := rs[0].answer(); {
			case a.failed():
				return broken(a, a.says(), "404, as the document says").signed("an error of the server's")
			case a.ok() && rs[0].list.bad == "":
				return broken(a, fmt.Sprintf("a list of %s", plural(len(rs[0].list.items), "item")), "404, as the document says").because("nobody looks whether there is what the list is in").signed("a list in nothing")
			}
			return kept()
		},
	}
}

// wrongParent makes a case that reads an item as if it were in another one.
func (s *listState) wrongParent(parent *listState, retrieve *contract.Operation) *testCase {
	own, key := s.scope[len(s.scope)-1], s.base.keys[0]
	for _, other := range parent.base.keys {
		if other == own {
			continue
		}
		elsewhere := *s
		elsewhere.scope = append(slices.Clone(s.scope[:len(s.scope)-1]), other)
		r := elsewhere.item(retrieve, key)
		r.odd = true
		return &testCase{
			subject: "other", intent: "an item, read as if it were in another one than it is in", over: s,
			steps: []step{{request: s.item(retrieve, key)}, {request: r}, elsewhere.all(contract.Query{})},
			judge: func(rs []result) outcome {
				a := rs[1].answer()
				switch {
				case !rs[0].answer().ok():
					return skip("the item cannot be read where it is: %s", rs[0].answer().says())
				case a.failed():
					return broken(a, a.says(), "404, or another refusal").signed("an error of the server's")
				case rs[2].list.bad != "" || slices.Contains(rs[2].list.keys, key) || rs[2].list.capped:
					return skip("the other one may have an item with the same key")
				case a.ok() && s.keyIn(a) == key && s.another(rs[0].answer(), a):
					return skip("the other one has an item of its own with the same key")
				case a.ok() && s.keyIn(a) == key:
					return broken(a, "the item", "404, since it is in another").signed("found in another")
				}
				return kept()
			},
		}
	}
	return nil
}

// another tells whether two answers that show items of one key, each in something else, show different items: by more than what they are in, and what passes.
func (s *listState) another(a, b *answer) bool {
	x, y := unwrapItem(a, s), unwrapItem(b, s)
	return slices.ContainsFunc(differing(x, y, ""), func(at string) bool {
		return !slices.ContainsFunc(s.c.Scope, func(bound contract.ScopeBinding) bool { return strings.HasPrefix(at+".", bound.Path[0]+".") }) &&
			!passes(x, y, at) && !settles(at, x[at], y[at])
	})
}

// mostBeside is in how many items a list inside them is compared with the list of all.
const mostBeside = 3

// besideFlat makes a case of the items inside some items beside the list of all such items, which names in each what it is in: both have the same. It is nil if there
// is no such list.
func (s *listState) besideFlat(e *engine) *testCase {
	if len(s.c.Scope) == 0 || !s.base.complete() {
		return nil
	}
	for _, c := range e.doc.Collections() {
		flat := e.lists[c]
		if c == s.c || c.Records != s.c.Records || len(c.List().PathParameters()) > 0 || flat == nil || flat.why != "" || !flat.base.complete() {
			continue
		}
		tc := &testCase{subject: "flat", over: s, intent: "the items inside some items, and those of " + c.Path + " that name them: they are the same", steps: []step{flat.all(contract.Query{})}}
		within := s.fullestIn(flat)
		for _, in := range within {
			tc.steps = append(tc.steps, in.all(contract.Query{}))
		}
		tc.judge = func(rs []result) outcome {
			ls, bad := pagesOf(rs)
			if bad != nil {
				return *bad
			}
			for i, l := range ls[1:] {
				if !ls[0].complete() || !l.complete() {
					return skip("the lists could not be read to their ends")
				}
				if more := lacking(ls[0].keys, l.keys); len(more) > 0 {
					return skip("%s, which %s does not have: they are not the same kind of list", cut(more[0]), c.Path)
				}
				if lost := within[i].lost(contract.Query{}, ls[0], l); len(lost) > 0 {
					return broken(rs[i+1].answer(), fmt.Sprintf("not %s, which names it in %s", cut(lost[0]), c.Path), "all that name it").signed("an item inside is missing")
				}
			}
			return kept()
		}
		return tc
	}
	return nil
}

// fullestIn gives the same list inside the items that the most of a flat list name, first inside the one that it is read in anyway.
func (s *listState) fullestIn(flat *listState) []*listState {
	out := []*listState{s}
	last := s.c.Scope[len(s.c.Scope)-1]
	count := map[string]int{}
	for _, it := range flat.base.items {
		if key := last.KeyIn(it); key != "" {
			count[key]++
		}
	}
	delete(count, s.scope[len(s.scope)-1])
	keys := sortedKeys(count)
	slices.SortStableFunc(keys, func(a, b string) int { return count[b] - count[a] })
	if len(s.scope) > 1 || s.counts {
		return out
	}
	for _, key := range keys[:min(len(keys), mostBeside-1)] {
		other := *s
		other.scope = []string{key}
		out = append(out, &other)
	}
	return out
}
