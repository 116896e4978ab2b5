package contracttest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"understudy/internal/contract"
)

var readRules = map[string]producer{
	"read/list-item":  onList(listItem),
	"read/safe":       readSafe,
	"read/repeatable": readRepeatable,
	"read/unknown":    onItem(readUnknown),
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

func listItem(_ *engine, s *listState) ([]*testCase, string) {
	retrieve := s.c.Operation(contract.Retrieve)
	keys := s.samples()
	if len(keys) == 0 {
		return none("the list has no item with a key")
	}
	var out []*testCase
	for _, key := range keys {
		again := step{request: s.item(retrieve, key)}
		again.nth = 1
		out = append(out, &testCase{
			subject: key, intent: "an item in the list, and read alone: what both show has to be the same", over: s,
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
				volatile := differing(one, two, "")
				for _, at := range differing(shown, one, "") {
					if !slices.Contains(volatile, at) {
						return broken(a, fmt.Sprintf("%s is %s here, and %s in the list", at, valueText(one, at), valueText(shown, at)), "the same in both").signed("differs at " + at)
					}
				}
				return kept()
			},
		})
	}
	return out, ""
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
			if strings.Contains(name, "updated") || strings.Contains(name, "modified") || strings.Contains(name, "changed") || writable(s.c, at) {
				if _, isList := two[at].([]any); !isList {
					return at, b
				}
			}
		}
	}
	return "", nil
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

// differing gives the places, written a.b, where two objects have other values; what only one of them has is none.
func differing(a, b map[string]any, at string) []string {
	var out []string
	for _, name := range sortedKeys(a) {
		other, ok := b[name]
		if !ok {
			continue
		}
		x, isObject := a[name].(map[string]any)
		y, isToo := other.(map[string]any)
		switch {
		case isObject && isToo:
			out = append(out, differing(x, y, at+name+".")...)
		case isObject != isToo:
			// One shows the record, the other its key: both are right.
		case !sameValue(a[name], other):
			out = append(out, at+name)
		}
	}
	return out
}

// sameValue tells whether two values mean the same: numbers as numbers, instants as instants, lists of plain values in any order.
func sameValue(a, b any) bool {
	switch x := a.(type) {
	case []any:
		y, ok := b.([]any)
		if !ok || len(x) != len(y) {
			return false
		}
		left := slices.Clone(y)
		for _, v := range x {
			i := slices.IndexFunc(left, func(w any) bool {
				p, isObject := v.(map[string]any)
				q, isToo := w.(map[string]any)
				if isObject || isToo {
					return isObject && isToo && len(differing(p, q, "")) == 0
				}
				return sameValue(v, w)
			})
			if i < 0 {
				return false
			}
			left = slices.Delete(left, i, i+1)
		}
		return true
	case map[string]any:
		y, ok := b.(map[string]any)
		return ok && len(differing(x, y, "")) == 0
	case json.Number:
		y, ok := b.(json.Number)
		if !ok {
			return false
		}
		f, err := x.Float64()
		g, err2 := y.Float64()
		return x == y || err == nil && err2 == nil && f == g
	case string:
		y, ok := b.(string)
		if !ok {
			return false
		}
		if x == y {
			return true
		}
		t, err := contract.ParseInstant(x)
		u, err2 := contract.ParseInstant(y)
		return err == nil && err2 == nil && t.Equal(u)
	}
	return a == b
}

// reordered gives the lists of plain values that hold the same in another order.
func reordered(a, b map[string]any) []string {
	var out []string
	for _, name := range sortedKeys(a) {
		x, ok := a[name].([]any)
		y, ok2 := b[name].([]any)
		if ok && ok2 && len(x) == len(y) && sameValue(x, y) && !slices.EqualFunc(x, y, sameValue) {
			out = append(out, name)
		}
	}
	return out
}

// valueText is the value at a place, in JSON.
func valueText(o map[string]any, at string) string {
	var v any = o
	for name := range strings.SplitSeq(at, ".") {
		inner, _ := v.(map[string]any)
		v = inner[name]
	}
	text, err := json.Marshal(v)
	if err != nil {
		return "?"
	}
	return cut(string(text))
}

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
		subject: keys[0], intent: "an item read five times: what can be written may not differ", over: s, unsteady: true,
		steps: []step{{request: s.item(op, keys[0])}, again, again, again, again}, // others read meanwhile: two may be alike by chance
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
					if writable(s.c, at) {
						return broken(a, fmt.Sprintf("%s is %s, and was %s", at, valueText(next, at), valueText(first, at)), "the same").signed("differs at " + at)
					}
				}
			}
			return kept()
		},
	})
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
		if form := jsonForm(op); form != nil {
			if p, ok := form.Property(name); ok && !p.Schema.ReadOnly() {
				return true
			}
		}
	}
	return false
}

// onItem makes a producer for operations on one item, which may be tried with keys that none has; those that create by PUT are left alone.
func onItem(p func(s *listState, op *contract.Operation) ([]*testCase, string)) producer {
	return func(e *engine, op *contract.Operation) ([]*testCase, string) {
		s := e.lists[op.Collection]
		switch {
		case s == nil || s.why != "":
			return none(whyOf(s))
		case op.Role == contract.Replace:
			return none("PUT may create what is not there (RFC 9110 §9.3.4)")
		case op.Role != contract.Retrieve && op.Role != contract.Update && op.Role != contract.Destroy:
			return none("what it does to an item is not known")
		}
		return p(s, op)
	}
}

// unknownKey gives a well-formed key that no item has, or "".
func (s *listState) unknownKey() string {
	key := "understudy-zzqx7"
	schema := s.keySchema()
	switch {
	case s.c.Records.KeyType() == "integer":
		most := 0
		for _, k := range s.base.keys {
			if n, err := strconv.Atoi(k); err == nil {
				most = max(most, n)
			}
		}
		key = strconv.Itoa(most + 1_000_003)
		if limit, ok := bound(schema, "maximum"); ok && float64(most+1_000_003) > limit {
			return ""
		}
	case schema != nil && schema.Format() == "uuid" || s.looksLike(isUUID):
		key = "7d9f6e5c-1b2a-4c3d-8e4f-a5b6c7d8e9f0"
	case schema != nil && schema.Judge(key, contract.AsRequest) != nil:
		key = s.similarKey(schema)
	}
	if slices.Contains(s.base.keys, key) {
		return ""
	}
	return key
}

// similarKey gives a key that looks like those of the items, with other letters and digits at its end; "" if that is none by its schema.
func (s *listState) similarKey(schema *contract.Schema) string {
	if len(s.base.keys) == 0 {
		return ""
	}
	turn := func(c, from, to byte) byte { return from + (c-from+(to-from)/2+1)%(to-from+1) }
	b := []byte(s.base.keys[0])
	changed := 0
	for i := len(b) - 1; i >= 0 && changed < 8; i-- {
		switch c := b[i]; {
		case c >= '0' && c <= '9':
			b[i] = turn(c, '0', '9')
		case c >= 'a' && c <= 'f':
			b[i] = turn(c, 'a', 'f')
		case c >= 'A' && c <= 'F':
			b[i] = turn(c, 'A', 'F')
		case c >= 'g' && c <= 'z':
			b[i] = turn(c, 'g', 'z')
		case c >= 'G' && c <= 'Z':
			b[i] = turn(c, 'G', 'Z')
		default:
			continue
		}
		changed++
	}
	if key := string(b); changed >= 4 && schema.Judge(key, contract.AsRequest) == nil {
		return key
	}
	return ""
}

// keySchema is the schema of the parameter that holds the key.
func (s *listState) keySchema() *contract.Schema {
	for _, role := range []contract.Role{contract.Retrieve, contract.Update, contract.Destroy} {
		if op := s.c.Operation(role); op != nil {
			names := op.PathParameters()
			if p := op.Parameter("path", names[len(names)-1]); p != nil {
				return p.Schema
			}
		}
	}
	return nil
}

func (s *listState) looksLike(test func(string) bool) bool {
	return len(s.base.keys) > 0 && !slices.ContainsFunc(s.base.keys, func(k string) bool { return !test(k) })
}

func isUUID(s string) bool {
	return len(s) == 36 && strings.Count(s, "-") == 4 && strings.Trim(strings.ToLower(s), "0123456789abcdef-") == ""
}

// onKey makes a case of an operation on a key that no item has, and that is formed as a key or not.
func (s *listState) onKey(op *contract.Operation, key, intent string, formed bool) *testCase {
	r := s.item(op, key)
	r.odd = true
	if op.Role == contract.Update {
		formed = false // the body may be what is refused
		r.body = []byte("{}")
	}
	return &testCase{
		subject: cut(key), intent: intent, steps: []step{{request: r}},
		judge: func(rs []result) outcome {
			a := rs[0].answer()
			switch {
			case a.failed():
				return broken(a, a.says(), "404, or a documented refusal").signed("an error of the server's")
			case a.ok() && op.Role == contract.Retrieve:
				if s.keyIn(a) == key {
					return skip("an item has that key after all")
				}
				return broken(a, a.says()+" "+short(a.body), "404, or a documented refusal").signed("an item that is not there")
			case a.ok() && op.Role == contract.Update:
				return broken(a, a.says(), "404, or a documented refusal").signed("changes what is not there")
			case formed && a.status == http.StatusBadRequest && op.Response(a.status) == nil && op.Response(http.StatusNotFound) != nil:
				return broken(a, a.says(), "404, which is documented, since the key is well-formed").signed("well-formed keys are refused")
			}
			return kept()
		},
	}
}

func readUnknown(s *listState, op *contract.Operation) ([]*testCase, string) {
	key := s.unknownKey()
	if key == "" {
		return none("no well-formed key is surely unknown")
	}
	return one(s.onKey(op, key, "a well-formed key that no item of the list has", true))
}

func readMalformed(s *listState, op *contract.Operation) ([]*testCase, string) {
	var out []*testCase
	schema := s.keySchema()
	if s.c.Records.KeyType() == "integer" || schema != nil && (schema.Format() == "uuid" || schema.Type() == "integer") {
		out = append(out, s.onKey(op, "understudy-no-key", "a key that is none by its type", false))
	}
	if op.Role == contract.Retrieve {
		long := s.onKey(op, strings.Repeat("9", 200), "a key of 200 digits", false)
		nul := s.onKey(op, "\x00", "a key that is a NUL", false)
		out = append(out, long, nul)
	}
	if out == nil {
		return none("any text can be a key")
	}
	return out, ""
}

func readParent(e *engine, s *listState) ([]*testCase, string) {
	if len(s.scope) == 0 {
		return none("the list is in no item")
	}
	if len(s.base.items) == 0 {
		return none("none of the items that were looked into has any")
	}
	var out []*testCase
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
				if wrong > 0 && wrong < len(l.items) || wrong > 0 && len(l.items) > 3 {
					return broken(rs[0].answer(), fmt.Sprintf("%s of another, such as %s", plural(wrong, "item"), cut(which)), "only its own").signed("items of another")
				}
				return kept()
			},
		})
	}
	parent, retrieve := e.holder(s.c), s.c.Operation(contract.Retrieve)
	if parent != nil && parent.why == "" && retrieve != nil {
		if tc := s.wrongParent(parent, retrieve); tc != nil {
			out = append(out, tc)
		}
	}
	if out == nil {
		return none("no property of the items names what they are in, and there is no other to look for them in")
	}
	return out, ""
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
				case a.ok() && s.keyIn(a) == key:
					return broken(a, "the item", "404, since it is in another").signed("found in another")
				}
				return kept()
			},
		}
	}
	return nil
}
