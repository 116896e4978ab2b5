package contracttest

import (
	"fmt"
	"slices"
	"strings"

	"understudy/internal/contract"
)

func readSafe(e *engine, op *contract.Operation) ([]*testCase, string) {
	s := e.lists[op.Collection]
	if op.Collection == nil || op.Role != contract.List && op.Role != contract.Retrieve {
		return none("what it reads is in no list, so a change would not be seen")
	}
	if s == nil || s.why != "" {
		return none(whyOf(s))
	}
	whole := s.page(contract.Query{Size: s.large})
	after := whole
	after.nth = alone
	if op.Role == contract.List {
		second, third := whole, whole
		second.nth, third.nth = 1, 2
		return one(&testCase{
			intent: "the list three times: reading may not take anything away each time", over: s, acts: true, steps: []step{whole, second, third},
			judge: func(rs []result) outcome {
				ls, bad := pagesOf(rs)
				if bad != nil {
					return *bad
				}
				for i := 1; i < len(ls); i++ {
					if len(lacking(ls[i].keys, ls[i-1].keys)) == 0 || !s.steady && !differentTotal(ls[i], ls[i-1]) {
						return kept()
					}
				}
				return broken(rs[2].answer(), "fewer or other items each time", "the same items").because("reading the list deletes").signed("reading changes")
			},
		})
	}
	keys := s.samples()
	if len(keys) == 0 {
		return none("the list has no item with a key")
	}
	read := step{request: s.item(op, keys[0])}
	read.nth = alone
	return one(&testCase{
		intent: "the list twice, and again after reading twice: reading may not change it", over: s, acts: true,
		steps: []step{whole, after, read, read, after},
		judge: func(rs []result) outcome {
			before, bad := pageOf(rs[0])
			if bad != nil {
				return *bad
			}
			control, bad := pageOf(rs[1])
			if bad != nil {
				return *bad
			}
			now, bad := pageOf(rs[4])
			if bad != nil {
				return *bad
			}
			if s.print(before) != s.print(control) {
				return skip("the data changed meanwhile")
			}
			if name, a := changing(rs[2:4], s); name != "" {
				return broken(a, name+" is another each time", "the same").because("reading the item writes to it").signed("reading writes")
			}
			if lost, more := lacking(now.keys, before.keys), lacking(before.keys, now.keys); s.steady && len(lost)+len(more) > 0 || differentTotal(before, now) {
				return broken(rs[4].answer(), fmt.Sprintf("%s gone and %d new", plural(len(lost), "item"), len(more)), "the same items").signed("reading changes")
			}
			return kept()
		},
	})
}

// changing names a property that says when, or how often, something was changed, or that requests can set, and that each of several reads shows differently.
func changing(rs []result, s *listState) (string, *answer) {
	for i := 1; i < len(rs); i++ {
		a, b := rs[i-1].answer(), rs[i].answer()
		one, two := unwrapItem(a, s), unwrapItem(b, s)
		if !a.ok() || !b.ok() || one == nil || two == nil {
			return "", nil
		}
		for _, at := range differing(one, two, "") {
			name := plainName(at)
			if strings.Contains(name, "updated") || strings.Contains(name, "modified") || strings.Contains(name, "changed") || identifies(name) || slices.Contains(origins, name) || writable(s.c, at) {
				if _, isList := two[at].([]any); !isList {
					return at, b
				}
			}
		}
	}
	return "", nil
}

// identifiers are the names, in plain form, of properties that say which item it is, beside its key.
var identifiers = []string{"id", "pk", "uuid", "guid", "uid", "serial", "serialnumber", "number", "code", "slug", "sku", "reference", "ref"}

// identifies tells whether a property, by its name in plain form, says which item it is.
func identifies(name string) bool { return slices.Contains(identifiers, name) }

func readRepeatable(e *engine, op *contract.Operation) ([]*testCase, string) {
	s := e.lists[op.Collection]
	if op.Collection == nil || s == nil || s.why != "" {
		return none(whyOf(s))
	}
	keys := s.samples()
	if len(keys) == 0 {
		return none("the list has no item with a key")
	}
	again := step{request: s.item(op, keys[0])}
	again.nth = alone // one right behind the other
	return one(&testCase{
		subject: keys[0], intent: "an item read five times: what can be written, and what things are called, may not differ", over: s, unsteady: true,
		alone: true, // others that read meanwhile could hide what every second reading shows
		steps: []step{{request: s.item(op, keys[0])}, again, again, again, again},
		judge: func(rs []result) outcome {
			first := unwrapItem(rs[0].answer(), s)
			for _, r := range rs[1:] {
				a := r.answer()
				if !rs[0].answer().ok() {
					return skip("the item cannot be read: %s", rs[0].answer().says())
				}
				if !a.ok() {
					return broken(a, a.says(), "the item, as before").signed("there, and not there")
				}
				next := unwrapItem(a, s)
				for _, at := range append(differing(first, next, ""), reordered(first, next)...) {
					if writable(s.c, at) || isCalled(at) {
						return broken(a, fmt.Sprintf("%s is %s, and was %s", at, valueText(next, at), valueText(first, at)), "the same").signed("differs at " + at)
					}
				}
			}
			return kept()
		},
	})
}

// isCalled tells whether a property, at any depth, is what something is called: that does not change by itself, whoever may change it.
func isCalled(at string) bool {
	return slices.Contains([]string{"name", "title", "slug", "label", "username"}, plainName(at[strings.LastIndex(at, ".")+1:]))
}

// writable tells whether requests can set a property.
func writable(c *contract.Collection, at string) bool {
	place := strings.Split(at, ".")
	name := place[0]
	if d, _, ok := c.Records.Form().At(place); ok {
		name = d.Name
	}
	for _, role := range []contract.Role{contract.Create, contract.Replace, contract.Update} {
		op := c.Operation(role)
		if op == nil || op.Body == nil {
			continue
		}
		if form := formOf(op); form != nil {
			if p, ok := form.Property(name); ok && !p.Schema.ReadOnly() {
				return true
			}
		}
	}
	return false
}
