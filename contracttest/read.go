package contracttest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"understudy/internal/contract"
)

var readRules = map[string]producer{
	"read/list-item":  onList(listItem),
	"read/safe":       readSafe,
	"read/repeatable": readRepeatable,
	"read/unknown":    together(notOn(contract.List, onItem(readUnknown)), onlyOn(contract.Replace, creating(replaceGone)), onlyOn(contract.List, together(listOfUnknown, insideMalformed))),
	"read/malformed":  onItem(readMalformed),
	"read/parent":     onList(readParent),
}

// samples gives the keys of a few items: from the beginning, the middle and the end, the one with the most to show, and the one with the least.
func (s *listState) samples() []string {
	n := len(s.base.items)
	richest, poorest := 0, 0
	for i, it := range s.base.items {
		if s.blanks(it) < s.blanks(s.base.items[richest]) {
			richest = i
		}
		if s.blanks(it) > s.blanks(s.base.items[poorest]) {
			poorest = i
		}
	}
	var out []string
	for _, i := range []int{0, n / 2, n - 1, richest, poorest} {
		if i >= 0 && i < n && s.base.items[i].Key() != "" && !slices.Contains(out, s.base.keys[i]) {
			out = append(out, s.base.keys[i])
		}
	}
	return out
}

// blanks counts the properties of an item that show nothing.
func (s *listState) blanks(it contract.Item) int {
	count := 0
	for _, name := range s.c.Records.Properties {
		switch v := it.Value([]string{name}); v.Text {
		case "", "null", "{}", "[]", "false", "0":
			count++
		}
	}
	return count
}

// mostOwn is how many items of a list are read to see that each is there and answers to its own key: all of a list that is not long, since one may be the bad one.
const mostOwn = 70

// itself makes a case of more items than the samples: each is there, and answers to its own key. It is nil if there are none, or items do not tell their keys.
func (s *listState) itself(retrieve *contract.Operation, samples []string) *testCase {
	n := len(s.base.items)
	count := min(n, mostOwn)
	var keys []string
	steps := []step{s.all(contract.Query{})}
	for i := range count {
		at := i * n / count
		if s.base.items[at].Key() == "" || slices.Contains(samples, s.base.keys[at]) {
			continue
		}
		keys = append(keys, s.base.keys[at])
		steps = append(steps, step{request: s.item(retrieve, s.base.keys[at])})
	}
	if len(keys) == 0 {
		return nil
	}
	return &testCase{
		subject: "others", intent: "more items, each read alone: each has to be the one that was asked for, with what clients set as the list shows it", over: s, passing: s.passing, steps: steps,
		judge: func(rs []result) outcome {
			l, bad := pageOf(rs[0])
			if bad != nil {
				return *bad
			}
			for i, r := range rs[1:] {
				a := r.answer()
				switch key := s.keyIn(a); {
				case a.ok() && key != keys[i] && slices.Contains(s.base.keys, key):
					return broken(a, "the item "+cut(key), "the item "+cut(keys[i])).signed("another item")
				case (a.status == http.StatusNotFound || a.status == http.StatusGone) && slices.Contains(l.keys, keys[i]):
					return broken(a, a.says(), "the item, since the list has it").signed("listed, but not there")
				case denied(a) && slices.Contains(l.keys, keys[i]) && slices.ContainsFunc(rs[1:], func(r result) bool { return r.answer().ok() }):
					return broken(a, a.says(), "the item, since the list has it, and others can be read").signed("listed, but refused")
				}
				at := slices.Index(l.keys, keys[i])
				one := unwrapItem(a, s)
				if at < 0 || !a.ok() || one == nil {
					continue
				}
				shown := plainObject(l.items[at])
				for _, at := range differing(shown, one, "") {
					if name, _, _ := strings.Cut(at, "."); writable(s.c, name) && !passes(shown, one, at) && !s.moves(at) {
						return broken(a, fmt.Sprintf("%s is %s here, and %s in the list", at, valueText(one, at), valueText(shown, at)), "the same in both").signed(differsAt + at)
					}
				}
			}
			return kept()
		},
	}
}

func listItem(_ *engine, s *listState) ([]*testCase, string) {
	retrieve := s.c.Operation(contract.Retrieve)
	keys := s.samples()
	if len(keys) == 0 {
		return none("the list has no item with a key")
	}
	var out []*testCase
	if tc := s.itself(retrieve, keys); tc != nil {
		out = append(out, tc)
	}
	for _, key := range keys {
		again := step{request: s.item(retrieve, key)}
		again.nth = 1
		out = append(out, &testCase{
			subject: key, intent: "an item in the list, and read alone: what both show has to be the same", over: s, passing: s.passing,
			steps: []step{s.all(contract.Query{}), {request: s.item(retrieve, key)}, again},
			judge: func(rs []result) outcome {
				l, bad := pageOf(rs[0])
				if bad != nil {
					return *bad
				}
				i := slices.Index(l.keys, key)
				a, b := rs[1].answer(), rs[2].answer()
				switch {
				case i < 0:
					return skip("the item is no longer in the list")
				case a.status == http.StatusNotFound || a.status == http.StatusGone:
					return broken(a, a.says(), "the item, since the list has it").signed("listed, but not there")
				case !a.ok() || !b.ok():
					return skip("the item cannot be read: %s", a.says())
				}
				one, two := unwrapItem(a, s), unwrapItem(b, s)
				var shown map[string]any
				if v, err := contract.DecodeJSON(l.items[i].AppendJSON(nil)); err == nil {
					shown, _ = v.(map[string]any)
				}
				if one == nil || two == nil || shown == nil {
					return skip("the answer is not one object")
				}
				s.notice("listed", key, shown)
				s.notice("alone", key, one)
				s.notice("alone", key, two)
				if name := s.unlisted(one, shown); name != "" && two[name] != nil {
					return broken(a, fmt.Sprintf("%s is %s here, and the list does not show it", name, jsonOf(one, name)), "the same in both").signed("the list lacks " + name)
				}
				volatile := s.unlike(one, two)
				for _, at := range s.unlike(shown, one) {
					if !slices.Contains(volatile, at) && !passes(shown, one, at) && !s.moves(at) {
						return broken(a, fmt.Sprintf("%s is %s here, and %s in the list", at, valueText(one, at), valueText(shown, at)), "the same in both").signed(differsAt + at)
					}
				}
				if name := s.emptied(one, shown); name != "" {
					return broken(a, fmt.Sprintf("%s is %s here, and %s in the list", name, jsonOf(one, name), jsonOf(shown, name)), "the same in both").signed(differsAt + name)
				}
				return kept()
			},
		})
	}
	return out, ""
}

// unwrapItem gives the object in an answer that is an item, which may stand in an envelope of its own.
func unwrapItem(a *answer, s *listState) map[string]any {
	o := a.object()
	if _, ok := o[s.c.Records.Key]; ok || o == nil {
		return o
	}
	if op := a.request.op; op != nil && op.Response(a.status) != nil { // the document says where it is
		if _, schema := op.Response(a.status).JSON(); schema != nil {
			if inner, ok := o[s.c.Records.FormOf(schema).Wrapper()].(map[string]any); ok {
				return inner
			}
		}
	}
	for _, name := range sortedKeys(o) {
		if inner, ok := o[name].(map[string]any); ok && len(o) <= 3 {
			if _, ok := inner[s.c.Records.Key]; ok {
				return inner
			}
		}
	}
	return o
}

// unlisted names a plain property that an item has when it is read alone, and that the list lacks although it is one of those that are always there: it may be
// null, or the list shows it of other items. "" if there is none. What else may be left out of a list is the server's to choose.
func (s *listState) unlisted(alone, shown map[string]any) string {
	if s.c.Item == nil || s.choosable() {
		return ""
	}
	for _, name := range sortedKeys(alone) {
		p, ok := s.c.Item.Property(name)
		if _, there := shown[name]; there || !ok || p.Schema.WriteOnly() || kindOf(p) == "" || empty(alone[name]) || len(scalarText(alone[name])) > 200 {
			continue
		}
		if p.Schema.Nullable() || slices.ContainsFunc(s.base.items, func(it contract.Item) bool { return it.Own(name) != "" }) {
			return name
		}
	}
	return ""
}

// choosable tells whether a parameter of the list may say what is shown of the items.
func (s *listState) choosable() bool {
	return slices.ContainsFunc(s.c.List().Parameters, func(p contract.Parameter) bool {
		return slices.ContainsFunc([]string{"field", "include", "exclude", "expand", "embed", "select", "view", "only", "omit"}, func(word string) bool { return strings.Contains(plainName(p.Name), word) })
	})
}

// emptied names a property that is an object in one showing of an item, and null in the other; "" if there is none. What has a key of its own is another record,
// which a list need not load.
func (s *listState) emptied(alone, shown map[string]any) string {
	if s.choosable() {
		return ""
	}
	for _, name := range sortedKeys(alone) {
		there, ok := shown[name]
		object, isObject := alone[name].(map[string]any)
		if listed, isToo := there.(map[string]any); isToo && alone[name] == nil {
			object, isObject, there = listed, true, nil
		}
		_, keyed := object[s.c.Records.Key]
		_, named := object["id"]
		if ok && there == nil && isObject && len(object) > 0 && !keyed && !named {
			return name
		}
	}
	return ""
}

// unlike gives the places where two showings of an item differ. An object of free form is one value: in another, what only one of both has is none.
func (s *listState) unlike(a, b map[string]any) []string {
	out := differing(a, b, "")
	for _, name := range sortedKeys(a) {
		x, isObject := a[name].(map[string]any)
		y, isToo := b[name].(map[string]any)
		p, ok := s.c.Records.Schema.Property(name)
		if isObject && isToo && ok && isFreeForm(p.Schema) && !slices.Equal(sortedKeys(x), sortedKeys(y)) {
			out = append(out, name)
		}
	}
	return out
}
