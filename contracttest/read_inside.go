package contracttest

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"understudy/internal/contract"
)

// promisesMissing finds the sentence that says that a key that nothing has is answered with 404.
var promisesMissing = regexp.MustCompile(`(?i)\b(?:no|unknown|does not exist|do not exist|doesn't exist|not found|there is none)\b.*\b404\b|\b404\b.*\b(?:no|unknown|does not exist|do not exist|doesn't exist|not found|there is none)\b`)

// listOfUnknown asks for a list inside an item that there is not: it has nothing to show.
func listOfUnknown(e *engine, op *contract.Operation) ([]*testCase, string) {
	s := e.lists[op.Collection]
	if s != nil && strings.HasPrefix(s.why, "the list cannot be read: 404") {
		if tc := e.lostInside(op, s); tc != nil {
			return one(tc)
		}
	}
	if s == nil || s.why != "" {
		return none(whyOf(s))
	}
	parent := e.holder(s.c)
	if parent == nil || parent.why != "" || parent.base == nil {
		return none("no list tells what {" + lastOf(op.PathParameters()) + "} can be")
	}
	key := parent.unknownKey()
	at := *s
	if at.scope = append(parent.c.ItemScope(parent.scope), key); key == "" || len(at.scope) != len(s.scope) {
		return none("no well-formed key is surely unknown")
	}
	told := toldMissing(op)
	st := at.page(contract.Query{})
	st.odd = true
	return one(&testCase{
		subject: cut(key), intent: "the list inside an item that there is not: a well-formed key that none has", steps: []step{st},
		judge: func(rs []result) outcome {
			switch a, l := rs[0].answer(), rs[0].list; {
			case a.failed():
				return broken(a, a.says(), "404, a documented refusal, or no items").signed("an error of the server's")
			case a.ok() && l.bad == "" && len(l.items) > 0 && slices.Equal(l.keys, s.base.keys[:min(len(l.keys), len(s.base.keys))]):
				return broken(a, fmt.Sprintf("the %s of another", plural(len(l.items), "item")), "404, a documented refusal, or no items").because("the parent is not looked at").signed("items of what is not there")
			case a.ok() && told != "":
				return broken(a, a.says(), "404: "+told).signed("a list inside what is not there")
			case a.status == http.StatusBadRequest && op.Response(a.status) == nil && op.Response(http.StatusNotFound) != nil:
				return broken(a, a.says(), "404, which is documented, since the key is well-formed").signed("well-formed keys are refused")
			}
			return kept()
		},
	})
}

// lostInside makes a case of a list that is not found inside of items that can be read; nil if there are too few to tell.
func (e *engine) lostInside(op *contract.Operation, s *listState) *testCase {
	parent := e.holder(s.c)
	if parent == nil || parent.why != "" || parent.base == nil || parent.c.Operation(contract.Retrieve) == nil {
		return nil
	}
	var steps []step
	for _, key := range spread(keysOf(parent.base.items), 3) {
		scope := append(parent.c.ItemScope(parent.scope), key)
		if len(scope) != len(op.PathParameters()) {
			return nil
		}
		steps = append(steps, step{request: parent.item(parent.c.Operation(contract.Retrieve), key)}, step{request: request{op: op, path: filled(op, scope), query: s.params, header: s.header}.oddly()})
	}
	if len(steps) < 6 {
		return nil
	}
	return &testCase{
		subject: "items that are there", intent: "the list inside of some items, and these items: they are there, so the list is, too", steps: steps,
		judge: func(rs []result) outcome {
			for i := 0; i < len(rs); i += 2 {
				if item, inside := rs[i].answer(), rs[i+1].answer(); !item.ok() || inside.status != http.StatusNotFound {
					return skip("it is not so with every item")
				}
			}
			return broken(rs[1].answer(), rs[1].answer().says()+", and the same inside of others", "a list, perhaps an empty one: the item is there").signed("lists inside of what is there are not found")
		},
	}
}

func lastOf(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return names[len(names)-1]
}

// insideNew adds reads of the lists inside an item that a trial created: they are there, with whatever they have.
func (t *trial) insideNew(hole string) (reads []int) {
	for _, c := range t.e.doc.Collections() {
		s := t.e.lists[c]
		if s == nil || s.why != "" || len(s.scope) == 0 || t.e.holder(c) != t.r.s || !slices.Contains(t.e.mine, c.List()) || len(reads) >= fewParents {
			continue
		}
		reads = append(reads, t.add(s.inside(hole).page(contract.Query{})))
	}
	return reads
}
