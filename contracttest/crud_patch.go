package contracttest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"understudy/internal/contract"
)

// mostTogether bounds how many properties are changed in one request, and mostAlone how many of those alone after that.
const (
	mostTogether = 8
	mostAlone    = 4
)

// changes gives other values for what an update may set of the n-th body: for all that people write, and for what has a few values where there is little else.
func (r *recipe) changes(s *contract.Form, first body, n int) body {
	var out, few body
	for _, p := range s.Properties() {
		now := first.get(p.Name)
		if _, ok := r.judgeable(p.Name); !ok || now == "" || p.Schema.ReadOnly() || r.keys[p.Name] != "" || p.Name == r.s.c.Records.Key || len(out) == mostTogether {
			continue
		}
		m := contract.Member{Name: p.Name, JSON: r.another(p, now, n)}
		switch {
		case m.JSON == "" || !r.addressed(s, append(out, m)).fits(s):
		case kindOf(p) == "enum": // from one state not every other may be reached
			few = append(few, m)
		default:
			out = append(out, m)
		}
	}
	if len(out) < 2 {
		out = append(out, few...)
	}
	return out
}

// together changes several properties of an item at once, and then some of them back alone: the list and the item have to show all of it, another item nothing of it,
// and none may be asked for that the document does not require.
func (r *recipe) together(op *contract.Operation, s *contract.Form) ([]*testCase, string) {
	t := r.trial(op, "update", "together")
	first := r.numbered(t.n)
	all := r.changes(s, first, t.n+1)
	if b := r.addressed(s, all); len(all) < 2 || !b.fits(s) {
		return nil, ""
	}
	other, create := t.create("other", r.numbered(t.n+2)), t.create("created", first)
	neighbour := t.get("other", found)
	patch := t.on(contract.Update, "created", r.addressed(s, all))
	untouched := t.get("other", nil)
	get := t.get("created", func(res result) bool { return r.stored(all, res.answer()).verdict == Kept })
	list := -1
	if r.walkable() {
		list = t.add(r.s.all(contract.Query{}))
		t.steps[list].finds = r.strays(t.n, t.n+1)
	}
	var alone []int
	for _, m := range all {
		b := r.addressed(s, body{{Name: m.Name, JSON: first.get(m.Name)}})
		if len(alone) < mostAlone && changesOnly(op) && b.fits(s) {
			alone = append(alone, t.on(contract.Update, "created", b))
			t.steps[alone[len(alone)-1]].odd = true
		}
	}
	whole := -1
	if every := r.bodyFor(op, first); changesOnly(op) && len(alone) > 1 && len(every) > len(all) {
		whole = t.on(contract.Update, "created", every)
		t.steps[whole].odd = true
	}
	return t.done("together", "several properties of an item are changed at once, and some of them back, each alone: all are stored, and none needs another that the document does not require", func(res []result) outcome {
		if a := res[patch].answer(); whole >= 0 && res[whole].answer().ok() && !slices.ContainsFunc(append(alone, patch), func(i int) bool { return !asksMore(res[i].answer()) }) {
			return broken(a, a.says(), "a success: the document requires nothing else beside it, and an item's properties all together were taken").
				because(op.Method + " asks for what only a whole item needs").signed(op.Method + " of a part is refused")
		}
		if o, ok := succeeded(res, create, patch, get); !ok {
			return o
		}
		if res[patch].answer().status == 202 {
			return skip("the change is only taken note of: 202")
		}
		o := worst(r.stored(all, res[get].answer()), r.answered(all, res[patch].answer()))
		if was, is := r.s.object(res[neighbour].answer()), r.s.object(res[untouched].answer()); o.verdict == Kept && res[other].answer().ok() && r.s.keyIn(res[other].answer()) != r.s.keyIn(res[create].answer()) {
			for _, m := range all {
				if value := decode([]byte(m.JSON)); was != nil && is != nil && !sameMeaning(value, was[m.Name], nil) && sameMeaning(value, is[m.Name], nil) {
					o = broken(res[untouched].answer(), fmt.Sprintf("%s of another item is %s", m.Name, jsonOf(is, m.Name)), fmt.Sprintf("%s, as before", jsonOf(was, m.Name))).signed(op.Method + " changes other items")
				}
			}
		}
		if list >= 0 && o.verdict == Kept {
			o = worst(r.rowShows(all, res[get].answer(), res[list].list, r.s.keyIn(res[create].answer())), r.doubled(res[list].list, r.s.keyIn(res[create].answer()), t.n, t.n+1))
		}
		if o.verdict != Kept {
			return o
		}
		var at *answer
		refused, taken := 0, 0
		for _, i := range alone {
			switch a := res[i].answer(); {
			case a.ok():
				taken++
			case asksMore(a):
				refused, at = refused+1, a
			}
		}
		if refused >= 2 && taken <= 1 && len(alone) > 2 { // two may need each other
			return broken(at, at.says(), "a success: the document requires nothing else beside it, and with all together it was taken").
				because(op.Method + " asks for what only a whole item needs").signed(op.Method + " of one property is refused")
		}
		return kept()
	})
}

// asksMore tells whether an answer may say that something is missing.
func asksMore(a *answer) bool { return a.status == 400 || a.status == 422 }

// cleared makes cases in which what may be empty becomes so: an array without elements, an object with nothing in it, no record, null for an object or an array.
func (r *recipe) cleared(op *contract.Operation, s *contract.Form) (cases []*testCase, why string) {
	for _, p := range s.Properties() {
		shown, ok := r.judgeable(p.Name)
		now := r.base.get(p.Name)
		if !ok || p.Schema.ReadOnly() || now == "" || now == "null" || kindOf(p) != "" && r.keys[p.Name] == "" || len(cases) == mostPatched {
			continue
		}
		for _, v := range []string{"[]", "{}", "null"} {
			b := r.addressed(s, body{{Name: p.Name, JSON: v}})
			if v == now || v == "null" && !shown.Nullable() || v == "{}" && (!isFreeForm(p.Schema) || s.Media() == mergePatch) || !valid(p.Schema, v) || !b.fits(s) {
				continue
			}
			made, w := r.update(op, p, p.Name+" "+v, b)
			cases = append(cases, made...)
			if why == "" {
				why = w
			}
			break
		}
	}
	return cases, why
}

// namesakes writes to one of two items that were created of the same body, but for what only one may name, where that is allowed: the other stays as it was.
func (r *recipe) namesakes(op *contract.Operation, s *contract.Form) ([]*testCase, string) {
	t := r.trial(op, "namesakes")
	first := r.numbered(t.n)
	change := r.addressed(s, r.changes(s, first, t.n+1))
	if op.Role == contract.Replace {
		change = r.bodyFor(op, r.sameKey(r.varied(t.n+1), t.n))
	}
	if len(change) == 0 || !change.fits(s) {
		return nil, ""
	}
	create, twin := t.create("created", first), t.create("other", first.with(r.pairs.of(t.n+1)))
	t.steps[twin].odd = true
	t.steps[twin].save = func(a *answer, holes map[string]string) {
		if key := holes["created"]; !a.ok() && key != "" {
			holes["other"] = key // refused as a duplicate
		}
	}
	before := t.get("other", found)
	steady := t.get("other", nil)
	write := t.on(op.Role, "created", change)
	after := t.get("other", nil)
	return t.done("namesakes", "two items are created of the same body, where that is allowed, and one is changed: the other is not touched", func(res []result) outcome {
		if o, ok := succeeded(res, create, twin, before, steady, write); !ok {
			return o
		}
		if key := r.s.keyIn(res[create].answer()); key == "" || key == r.s.keyIn(res[twin].answer()) {
			return skip("the second create makes no item of its own")
		}
		was, still, is := r.s.object(res[before].answer()), r.s.object(res[steady].answer()), r.s.object(res[after].answer())
		if a := res[after].answer(); a.status == 404 || a.status == 410 {
			return broken(a, a.says(), "the other item, which was not written to").signed("a namesake is gone")
		}
		for _, m := range change {
			schema, ok := r.judgeable(m.Name)
			sent, err := contract.DecodeJSON([]byte(m.JSON))
			if ok && err == nil && is != nil && sameState(was[m.Name], still[m.Name]) && !sameState(was[m.Name], is[m.Name]) && sameMeaning(sent, is[m.Name], schema) {
				return broken(res[after].answer(), fmt.Sprintf("%s of another item of the same name is %s", m.Name, jsonOf(is, m.Name)), fmt.Sprintf("%s, as before", jsonOf(was, m.Name))).
					because("what is written to is looked for by its name").signed("namesakes change")
			}
		}
		return kept()
	})
}

// relinked makes cases in which an item is made to refer to another record: it has to show that.
func (r *recipe) relinked(op *contract.Operation, s *contract.Form) (cases []*testCase, why string) {
	for _, p := range s.Properties() {
		t := r.trial(op, "relinked", p.Name)
		first := r.numbered(t.n)
		now := first.get(p.Name)
		if _, ok := r.judgeable(p.Name); !ok || now == "" || r.keys[p.Name] == "" || p.Schema.ReadOnly() || r.isScope(p) || len(cases) == 2 {
			continue
		}
		other := r.e.reference(r.s, p, now)
		change := r.addressed(s, body{{Name: p.Name, JSON: other}})
		if op.Role == contract.Replace {
			change = r.bodyFor(op, first.set(p.Name, other))
		}
		if other == "" || len(change) == 0 || !change.fits(s) {
			continue
		}
		create := t.create("created", first)
		write := t.on(op.Role, "created", change)
		get := t.get("created", func(res result) bool { return r.stored(change, res.answer()).verdict == Kept })
		list := -1
		if r.walkable() && slices.ContainsFunc(r.s.c.Records.Embeds, func(em contract.Embed) bool { return em.By == p.Name }) {
			list = t.add(r.s.all(contract.Query{}))
		}
		made, w := t.done(p.Name+" to another", fmt.Sprintf("an item is created, and changed to refer to another record by %s: it has to show that one", p.Name), func(res []result) outcome {
			if o, ok := succeeded(res, create, write, get); !ok {
				return o
			}
			o := worst(r.stored(change, res[get].answer()), r.answered(change, res[write].answer()))
			if o.verdict != Kept {
				return o
			}
			for _, i := range []int{write, get} {
				o = worst(o, r.follows(p.Name, r.s.object(res[create].answer()), r.s.object(res[i].answer()), res[i].answer()))
			}
			if list >= 0 && o.verdict == Kept {
				l := res[list].list
				if at := slices.Index(l.keys, r.s.keyIn(res[create].answer())); l.bad == "" && at >= 0 {
					o = r.follows(p.Name, r.s.object(res[create].answer()), r.s.flat(plainObject(l.items[at])), l.answers[0])
				}
			}
			return o
		})
		if cases = append(cases, made...); w != "" {
			why = w
		}
	}
	return cases, why
}

// follows judges whether the record that an item shows beside its key, in full, is the one of that key, as it was before the item was made to refer to another.
func (r *recipe) follows(name string, before, after map[string]any, at *answer) outcome {
	for _, em := range r.s.c.Records.Embeds {
		was, _ := before[em.Property].(map[string]any)
		is, _ := after[em.Property].(map[string]any)
		if em.By != name || em.Property == name || was == nil || is == nil {
			continue
		}
		old, now, key := scalarText(before[name]), scalarText(after[name]), em.Set.Key
		if old != "" && now != "" && old != now && strings.EqualFold(scalarText(was[key]), old) && !strings.EqualFold(scalarText(is[key]), now) {
			return broken(at, fmt.Sprintf("%s is that of the %s %s", em.Property, key, scalarText(is[key])), fmt.Sprintf("that of %s, which %s names", now, name)).
				because("the record beside it is not read again").signed(em.Property + " does not follow " + name)
		}
	}
	return kept()
}

// mergePatch is the media type of RFC 7396.
const mergePatch = "application/merge-patch+json"

// changedInside gives an object with another value of one property that an object has, and the name of that; "" if there is none.
func (r *recipe) changedInside(p contract.Property, held []contract.Member, n int) (name, object string) {
	for _, inner := range p.Schema.Properties() {
		now := body(held).get(inner.Name)
		if chooses(p.Schema) || now == "" || inner.Schema.ReadOnly() || kindOf(inner) == "" || len(held) < 2 {
			continue
		}
		if v := r.another(inner, now, n); v != "" {
			return inner.Name, string(body{{Name: inner.Name, JSON: v}}.bytes())
		}
	}
	return "", ""
}

// merging makes cases of a merge patch on an object: what is in it and not sent stays and, where it is of free form, null takes away (RFC 7396 §1).
func (r *recipe) merging(op *contract.Operation, s *contract.Form) (cases []*testCase, why string) {
	for _, p := range s.Properties() {
		t := r.trial(op, "merging", p.Name)
		first := r.numbered(t.n)
		held, err := contract.Members([]byte(first.get(p.Name)))
		changed, object := "changed", `{"changed":"yes"}`
		if !isFreeForm(p.Schema) {
			changed, object = r.changedInside(p, held, t.n+1)
		}
		add := r.addressed(s, body{{Name: p.Name, JSON: object}})
		take := r.addressed(s, body{{Name: p.Name, JSON: `{"changed":null}`}})
		if _, ok := r.judgeable(p.Name); !ok || s.Media() != mergePatch && op.Merges(p) == "" || changed == "" || err != nil || len(held) == 0 || !add.fits(s) {
			continue
		}
		create := t.create("created", first)
		before := t.get("created", found)
		patch := t.on(contract.Update, "created", add)
		added := t.get("created", func(res result) bool { return r.stored(add, res.answer()).verdict == Kept })
		taken := -1
		if take.fits(s) && isFreeForm(p.Schema) {
			t.on(contract.Update, "created", take)
			taken = t.get("created", nil)
		}
		made, w := t.done(p.Name+" merged", fmt.Sprintf("a merge patch sets something in %s and, where it may have anything, takes that away with null: all else in it stays (RFC 7396)", p.Name), func(res []result) outcome {
			told := cmp.Or(sentence(op.Description, promisesMerge), op.Merges(p))
			if a := res[patch].answer(); told != "" && res[create].answer().ok() && (a.status == 400 || a.status == 422) {
				return broken(a, a.says(), "a success: "+told).signed("a part of an object is refused").asSaid(true)
			}
			if o, ok := succeeded(res, create, before, patch, added); !ok {
				return o
			}
			inside := func(i int) map[string]any {
				o, _ := r.s.object(res[i].answer())[p.Name].(map[string]any)
				return o
			}
			was, is := inside(before), inside(added)
			for _, m := range held {
				if v, there := was[m.Name]; there && m.Name != changed && !sameState(v, is[m.Name]) {
					return broken(res[added].answer(), fmt.Sprintf("%s of %s is %s", m.Name, p.Name, jsonOf(is, m.Name)), fmt.Sprintf("%s, as before: a merge patch did not name it", jsonOf(was, m.Name))).
						because("the object is replaced").signed("a merge patch replaces")
				}
			}
			if taken > 0 && res[taken-1].answer().ok() && res[taken].answer().ok() {
				if left := inside(taken); left != nil {
					if _, there := left["changed"]; there {
						return broken(res[taken].answer(), p.Name+" still has a member that a merge patch set to null: "+jsonOf(left, "changed"), "an object without it").signed("null does not take away")
					}
				}
			}
			return kept()
		})
		if cases = append(cases, made...); w != "" {
			why = w
		}
	}
	return cases, why
}
