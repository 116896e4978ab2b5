package contracttest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"understudy/internal/contract"
)

// createRefused: a create that was refused creates nothing.
func createRefused(_ *engine, r *recipe, op *contract.Operation) ([]*testCase, string) {
	var cases []*testCase
	why := ""
	keep := func(made []*testCase, w string) {
		if cases = append(cases, made...); w != "" {
			why = w
		}
	}
	keep(r.refusedOften(op, "often", r.badOfEach(mostRefused)...))
	t := r.trial(op, "create-refused", "duplicate")
	b := r.numbered(t.n)
	if name, _ := r.marked(b, t.n); name == "" { // by which to find what was created
		for _, bad := range r.dangling() {
			keep(r.refusedOften(op, bad.about(), bad, bad))
		}
		keep(r.refusedOften(op, "duplicates", flaw{}, flaw{}, flaw{}))
		return cases, why
	}
	for _, bad := range append(r.dangling(), r.badOfEach(mostFlaws)...) {
		t := r.trial(op, "create-refused", bad.about())
		b := r.numbered(t.n)
		if name, _ := r.marked(b, t.n); name == bad.name || len(cases) == 4 {
			continue
		}
		spoiled := bad.on(b)
		create := t.create("", spoiled)
		t.steps[create].odd = true
		seek, w := t.seek(b, t.n)
		if w != "" {
			return none(w)
		}
		t.steps[seek].finds = func(l *listed) []string { return bearing(l, r.mark(t.n)) }
		made, w := t.done(bad.about(), "a create with "+bad.says()+" is refused, and the list is read: nothing with the mark of that body may be in it", func(res []result) outcome {
			a, l := res[create].answer(), res[seek].list
			if !a.refused() {
				return skip("it was not refused: %s", a.says())
			}
			if l.bad != "" {
				return skip("the list cannot be read: %s", l.bad)
			}
			if keys := bearing(l, r.mark(t.n)); len(keys) > 0 {
				return broken(a, fmt.Sprintf("%d, but the list has %s, made of what was refused", a.status, keys[0]), "nothing that was created").signed("created though refused")
			}
			return kept()
		})
		spoiling(made, bad.name)
		keep(made, w)
	}
	first, second := t.create("created", b), t.create("", b)
	t.steps[second].odd = true
	seek, w := t.seek(b, t.n)
	if w != "" {
		return cases, w
	}
	t.steps[seek].finds = func(l *listed) []string { return bearing(l, r.mark(t.n)) }
	keep(t.done("duplicate", "the same body is sent twice; if the second create is refused, the list may have one item of it only", func(res []result) outcome {
		if o, ok := succeeded(res, first); !ok {
			return o
		}
		a, l := res[second].answer(), res[seek].list
		if name := r.promisedUnique(op, b); a.ok() && name != "" && sameState(r.s.object(a)[name], r.s.object(res[first].answer())[name]) && r.s.object(a)[name] != nil {
			return broken(a, a.says(), fmt.Sprintf("a refusal: the document says that %s is unique, and that a create may be refused", name)).signed("a duplicate is taken")
		}
		one := r.s.object(res[first].answer())
		if twins := op.Twins(r.form); a.ok() && twins != nil && twins.Count(b.get) && twins.Count(func(name string) string { return cmp.Or(jsonOf(one, name), b.get(name)) }) &&
			r.s.keyIn(res[first].answer()) != r.s.keyIn(a) && r.s.keyIn(a) != "" {
			return broken(a, a.says(), fmt.Sprintf("409: the document says %q", twins.Said)).signed("a duplicate is taken").asSaid(true)
		}
		if !a.refused() {
			return skip("a duplicate is allowed: %d", a.status)
		}
		if l.bad != "" {
			return skip("the list cannot be read: %s", l.bad)
		}
		keys := bearing(l, r.mark(t.n))
		slices.Sort(keys)
		if keys = slices.Compact(keys); len(keys) > 1 {
			return broken(a, fmt.Sprintf("%d, but the list has both: %s", a.status, strings.Join(keys, ", ")), "the first item only").signed("created though refused")
		}
		return kept()
	}))
	return cases, why
}

// promisedUnique names a property of a body that no two items may share ([contract.Operation.Unique]); "" if there is none.
func (r *recipe) promisedUnique(op *contract.Operation, b body) string {
	for _, name := range op.Unique(r.form) {
		if v := b.get(name); v != "" && v != "null" {
			return name
		}
	}
	return ""
}

// dangling gives a reference to a record that is not there, which is valid as the document has it, and most likely refused when the rest was looked at already.
func (r *recipe) dangling() []flaw {
	for _, p := range r.form.Properties() {
		if v := r.keyOfNothing(p); r.base.get(p.Name) != "" && r.refers(p) && !r.isScope(p) && v != "" {
			return []flaw{{name: p.Name, keyword: ofNothing, pointer: "/" + p.Name, value: v}}
		}
	}
	return nil
}

// mostRefused is how many creates are refused between two readings of a list.
const mostRefused = 3

// refusedOften sends creates with flaws, or the same one again and again, and counts what the list has before and after, whatever that looks like.
func (r *recipe) refusedOften(op *contract.Operation, subject string, flaws ...flaw) ([]*testCase, string) {
	if !r.s.base.complete() {
		return none("the list is longer than is walked, so what is new in it is not seen")
	}
	t := r.trial(op, "create-refused", subject)
	control, before := t.add(r.s.all(contract.Query{})), t.add(r.s.all(contract.Query{}))
	var creates []int
	var spoilt []string
	for i, bad := range flaws {
		b := r.numbered(t.n)
		if bad.name != "" {
			b = bad.on(r.numbered(t.n + i))
			spoilt = append(spoilt, bad.name)
		}
		create := t.create("", b)
		t.steps[create].odd = true
		creates = append(creates, create)
	}
	if len(creates) < 2 {
		return none("no bodies are known that are surely refused")
	}
	after := t.add(r.s.all(contract.Query{}))
	made, why := t.done(subject, "creates that are refused, and the list before and after: it may not have become longer by as many", func(res []result) outcome {
		x, y, z := res[control].list, res[before].list, res[after].list
		if !x.complete() || !y.complete() || !z.complete() {
			return skip("the list could not be read to its end")
		}
		if !sameKeys(x.keys, y.keys) {
			return skip("the list changes by itself")
		}
		refused, created := 0, 0
		var at *answer
		for _, i := range creates {
			switch a := res[i].answer(); {
			case a.refused():
				refused, at = refused+1, a
			case a.ok():
				created++
			}
		}
		more := lacking(y.keys, z.keys)
		if refused < 2 {
			return skip("they are not refused: %s", res[creates[1]].answer().says())
		} else if len(more) < refused+created {
			return kept()
		}
		for _, key := range more {
			r.e.leftover(r.s.c.ItemURL(r.s.scope, key) + " (which a create made, it seems, that was refused)")
		}
		return broken(at, fmt.Sprintf("%d, and the list has %d items more after %d such creates", at.status, len(more), refused), "as many items as before").signed("created though refused")
	})
	spoiling(made, spoilt...)
	return made, why
}
