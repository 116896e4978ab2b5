package contracttest

import (
	"encoding/json"
	"fmt"
	"slices"

	"understudy/internal/contract"
)

// another gives another valid value of a property than the one that a body has: as JSON, or "".
func (r *recipe) another(p contract.Property, now string, n int) string {
	if r.keys[p.Name] != "" {
		return ""
	}
	if r.lent[p.Name] != "" { // other values were refused
		return r.ofItems(p, now)
	}
	var others []string
	switch {
	case isUnique(p):
		others = []string{r.unique(p, n)}
	case p.Schema.Enum() != nil:
		for _, v := range p.Schema.Enum() {
			if text, err := json.Marshal(v); err == nil {
				others = append(others, string(text))
			}
		}
	case p.Schema.Type() == "boolean":
		others = []string{"true", "false"}
	case isFreeForm(p.Schema):
		others = []string{`{"changed":"yes"}`}
	case p.Schema.Type() == "string" && p.Schema.Format() == "" && p.Schema.Present().Keywords().Pattern == "":
		others = []string{fmt.Sprintf("%q", "Changed "+r.mark(n)), fmt.Sprintf("%q", r.mark(n))}
	case p.Schema.Type() == "array":
		others = r.otherElements(p, now)
	case isFuture(p.Name) && p.Schema.Format() == "date-time":
		others = []string{`"2098-05-14T09:10:11Z"`}
	case isFuture(p.Name) && p.Schema.Format() == "date":
		others = []string{`"2098-05-14"`}
	}
	for try := range 8 {
		if v, err := r.e.values.Value(p.Schema, contract.AsRequest, fmt.Sprintf("%s/%s/other/%d", r.address, p.Name, try)); err == nil {
			others = append(others, r.telling(p, string(v)))
		}
	}
	was, err := contract.DecodeJSON([]byte(now))
	if object, ok := was.(map[string]any); ok { // of other properties, if there are alternatives: one may not be mixed with another
		slices.SortStableFunc(others, func(a, b string) int { return b2i(hasAll(a, object)) - b2i(hasAll(b, object)) })
	}
	for _, v := range others {
		is, err2 := contract.DecodeJSON([]byte(v))
		if err2 == nil && (err != nil || !sameMeaning(is, was, nil)) && v != "null" && valid(p.Schema, v) {
			return v
		}
	}
	return ""
}

// anotherAlone gives likewise a value that is sent alone: it may be one that no item has, though others of what was lent with it were refused.
func (r *recipe) anotherAlone(p contract.Property, now string, n int) string {
	v := r.another(p, now, n)
	if v != "" || r.lent[p.Name] == "" || isKeyLike(p) || r.refers(p) {
		return v
	}
	free := *r
	free.lent = nil
	return free.another(p, now, n)
}

// hasAll tells whether an object, given as JSON, has all properties that another one has.
func hasAll(text string, other map[string]any) bool {
	v, _ := contract.DecodeJSON([]byte(text))
	object, _ := v.(map[string]any)
	for name := range other {
		if _, ok := object[name]; !ok {
			return false
		}
	}
	return true
}

// otherElements gives arrays that lack an element of one that is given: without any of them, or without the first.
func (r *recipe) otherElements(p contract.Property, now string) []string {
	items := p.Schema.Items()
	was, _ := contract.DecodeJSON([]byte(now))
	list, _ := was.([]any)
	if items == nil {
		return nil
	}
	var out []string
	for try := range 8 {
		v, err := r.e.values.Value(items, contract.AsRequest, fmt.Sprintf("%s/%s/other/item/%d", r.address, p.Name, try))
		if err != nil {
			continue
		}
		is, err := contract.DecodeJSON(v)
		if err == nil && !slices.ContainsFunc(list, func(w any) bool { return sameMeaning(is, w, nil) }) {
			out = append(out, "["+string(v)+"]")
		}
	}
	if len(list) > 1 {
		text, _ := json.Marshal(list[1:]) // decoded from JSON
		out = append(out, string(text))
	}
	return out
}

// varied gives the n-th body with other values for all that can have some.
func (r *recipe) varied(n int) body {
	b := r.numbered(n)
	for _, m := range b {
		p, ok := r.form.Property(m.Name)
		if !ok || isUnique(p) {
			continue
		}
		if v := r.another(p, m.JSON, n); v != "" {
			if other := b.set(m.Name, v); other.fits(r.form) {
				b = other
			}
		}
	}
	return b
}

// sameKey gives a body the key of the n-th, where clients choose the key: an item keeps it.
func (r *recipe) sameKey(b body, n int) body {
	if key := r.s.c.Records.Key; b.get(key) != "" {
		return b.set(key, r.numbered(n).get(key))
	}
	return b
}

// bodyFor leaves of a body what the schema of another operation knows, and makes it fit; nil if it does not.
func (r *recipe) bodyFor(op *contract.Operation, b body) body {
	if op == nil || op.Body == nil {
		return nil
	}
	s := formOf(op)
	if s == nil {
		return nil
	}
	for _, m := range b {
		if _, ok := s.Property(m.Name); !ok && len(s.Properties()) > 0 {
			b = b.without(m.Name)
		}
	}
	if b = r.addressed(s, b); !b.fits(s) {
		return nil
	}
	return b
}

const noBody = "no body that the list's create takes fits this operation"

// replaceStores: PUT stores what was sent.
func replaceStores(_ *engine, r *recipe, op *contract.Operation) ([]*testCase, string) {
	t := r.trial(op, "replace-stores")
	b := r.bodyFor(op, r.sameKey(r.varied(t.n+1), t.n))
	if b == nil {
		return none(noBody)
	}
	first := r.bodyFor(op, r.numbered(t.n))
	create, before := t.create("created", r.numbered(t.n)), t.get("created", found)
	var lists [4]int
	whole := r.s.base.complete()
	if whole {
		lists[0], lists[1] = t.add(r.s.all(contract.Query{})), t.add(r.s.all(contract.Query{}))
	}
	put := t.on(contract.Replace, "created", b)
	get := t.get("created", func(res result) bool { return r.stored(b, res.answer()).verdict == Kept })
	if whole {
		lists[2] = t.add(r.s.all(contract.Query{}))
		t.steps[lists[2]].finds = r.strays(t.n, t.n+1)
	}
	back, returned := -1, -1
	if first != nil { // and back: what another item had of itself is not what it has both times, and what was true has to become false
		back = t.on(contract.Replace, "created", first)
		returned = t.get("created", func(res result) bool { return r.stored(first, res.answer()).verdict == Kept })
	}
	if whole {
		lists[3] = t.add(r.s.all(contract.Query{}))
	}
	made, why := t.done("", "an item is created and replaced, with another value for every property that can have one: they have to be there afterwards, and nothing else is touched", func(res []result) outcome {
		if o, ok := succeeded(res, create, before, put); !ok {
			return o
		}
		if o := r.reborn(res[before].answer(), res[get].answer()); o.verdict != Kept {
			return o
		}
		if o, ok := succeeded(res, get); !ok {
			return o
		}
		o := worst(r.stored(b, res[get].answer()), r.answered(b, res[put].answer()), r.merged(b, res[before].answer(), res[get].answer()))
		if key := r.s.keyIn(res[create].answer()); whole && o.verdict == Kept {
			x, y, z := res[lists[0]].list, res[lists[1]].list, res[lists[2]].list
			o = worst(r.rowShows(b, res[get].answer(), z, key), r.doubled(z, key, t.n, t.n+1), r.touched(x, y, z, r.writable(), key), r.spread(first, z, res[lists[3]].list, key))
		}
		if back >= 0 && o.verdict == Kept && res[back].answer().ok() && res[returned].answer().ok() {
			o = worst(r.stored(first, res[returned].answer()), r.answered(first, res[back].answer()))
		}
		return o
	})
	twins, _ := r.namesakes(op, formOf(op))
	twins = slices.Concat(twins, r.taken(op, formOf(op)), r.otherOffset(op, formOf(op)), r.touches(op))
	found, _ := r.refound(op)
	linked, _ := r.relinked(op, formOf(op))
	loose, _ := r.unlinked(op, formOf(op))
	return slices.Concat(made, twins, found, linked, loose), why
}

// writeRefused: a write that was refused changes nothing.
func writeRefused(_ *engine, r *recipe, op *contract.Operation) ([]*testCase, string) {
	s := formOf(op)
	if s == nil {
		return none(noBody)
	}
	var cases []*testCase
	why := "no body can be made of which one property is valid and changed, and another one invalid"
	for _, bad := range append(r.badOfEach(mostFlaws), r.dangling()...) { // of two properties, so that each is the valid one once
		late := bad.keyword == ofNothing // what refers to nothing is refused later than what breaks the schema
		if len(cases) >= 2 && !late {
			continue
		}
		t := r.trial(op).own(op, "write-refused", bad.about())
		full := r.numbered(t.n)
		b := r.bodyFor(op, r.sameKey(r.varied(t.n+1), t.n))
		if op.Role == contract.Update {
			b = nil
			for _, m := range full {
				p, ok := s.Property(m.Name)
				if _, judged := r.judgeable(m.Name); !ok || !judged || m.Name == bad.name || len(b) == 3 {
					continue
				}
				if v := r.another(p, m.JSON, t.n+1); v != "" {
					b = append(b, contract.Member{Name: m.Name, JSON: v})
				}
			}
			b = r.addressed(s, b)
		}
		if len(b) == 0 || !b.fits(s) || late && !bad.on(b).fits(s) || !late && !bad.on(b).isBad(s, bad) || !r.differs(full, b.without(bad.name)) {
			continue
		}
		create, before := t.create("created", full), t.get("created", found)
		write := t.on(op.Role, "created", bad.on(b))
		t.steps[write].odd = true
		get := t.get("created", nil)
		made, w := t.done(bad.about(), fmt.Sprintf("%s with %s is refused; what else was in it may not be stored", op.Method, bad.says()), func(res []result) outcome {
			if o, ok := succeeded(res, create, before, get); !ok {
				return o
			}
			if a := res[write].answer(); !a.refused() {
				return skip("it was not refused: %s", a.says())
			}
			was, is := r.s.object(res[before].answer()), r.s.object(res[get].answer())
			for _, m := range b.without(bad.name) {
				schema, ok := r.judgeable(m.Name)
				sent, err := contract.DecodeJSON([]byte(m.JSON))
				if ok && err == nil && !sameState(was[m.Name], is[m.Name]) && sameMeaning(sent, is[m.Name], schema) {
					return broken(res[write].answer(), fmt.Sprintf("%d, but %s is %s now", res[write].answer().status, m.Name, jsonOf(is, m.Name)), fmt.Sprintf("%s, as before", jsonOf(was, m.Name))).
						because("the changes are not in one transaction").signed("stored though refused")
				}
			}
			return kept()
		})
		spoiling(made, bad.name)
		if cases = append(cases, made...); w != "" {
			why = w
		}
	}
	if cases != nil {
		why = ""
	}
	return cases, why
}

// differs tells whether a body has another value than a first one for a property that is shown.
func (r *recipe) differs(first, second body) bool {
	return slices.ContainsFunc(second, func(m contract.Member) bool {
		_, ok := r.judgeable(m.Name)
		return ok && first.get(m.Name) != m.JSON
	})
}
