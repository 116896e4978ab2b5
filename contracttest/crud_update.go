package contracttest

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"understudy/internal/contract"
)

// mostPatched bounds how many properties are changed alone.
const mostPatched = 4

var promisesKept = regexp.MustCompile(`(?is)(\b(not|never|un)|n't)\s?(be )?(provided|sent|given|specified|passed|included|set|present)\b.{0,60}(unchanged|untouched|not (be )?(changed|modified|altered)|\bkeep|\bkept|remain)|(omitted|absent|missing|left out).{0,60}(unchanged|untouched|not (be )?(changed|modified|altered)|\bkeep|\bkept|remain)`)

// changesOnly tells whether an operation changes nothing but what is sent: PATCH, or a POST on an item whose description says so.
func changesOnly(op *contract.Operation) bool {
	return op.Method == "PATCH" || promisesKept.MatchString(op.Description)
}

// updates: PATCH changes what was sent and nothing else. A POST on an item has to store what was sent, and may do more.
func updates(_ *engine, r *recipe, op *contract.Operation) ([]*testCase, string) {
	s := formOf(op)
	if s == nil {
		return none(noBody)
	}
	var cases []*testCase
	why := ""
	add := func(made []*testCase, w string) {
		if cases = append(cases, made...); w != "" {
			why = w
		}
	}
	kinds, nulls := map[string]int{}, 0
	for _, round := range []int{0, 1} { // first one of each kind
		for _, p := range s.Properties() {
			kind := kindOf(p)
			if kind == "" || p.Schema.ReadOnly() || r.base.get(p.Name) == "" || r.keys[p.Name] != "" {
				continue
			}
			if _, ok := r.judgeable(p.Name); !ok || (kinds[kind] > 0) != (round == 1) || len(cases) >= mostPatched {
				continue
			}
			n := slot(op.ID, "update", p.Name)
			v := r.anotherAlone(p, r.numbered(n).get(p.Name), n+1)
			if b := (body{{Name: p.Name, JSON: v}}); v != "" && r.addressed(s, b).fits(s) {
				kinds[kind]++
				add(r.update(op, p, p.Name, r.addressed(s, b)))
			}
		}
	}
	for _, p := range s.Properties() {
		t := p.Schema.Type()
		if isFreeForm(p.Schema) {
			t = "any object"
		}
		if kindOf(p) != "" || kinds[t] > 0 || p.Schema.ReadOnly() || r.keys[p.Name] != "" || r.base.get(p.Name) == "" {
			continue
		} else if _, ok := r.judgeable(p.Name); ok {
			n := slot(op.ID, "update", p.Name)
			v := r.another(p, r.numbered(n).get(p.Name), n+1)
			if b := (body{{Name: p.Name, JSON: v}}); v != "" && b.fits(s) {
				kinds[t]++
				add(r.update(op, p, p.Name, b))
			}
		}
	}
	for _, p := range s.Properties() {
		if shown, ok := r.judgeable(p.Name); !ok || kindOf(p) == "" || !p.Schema.Nullable() || !shown.Nullable() || nulls == 2 || p.Schema.ReadOnly() || r.keys[p.Name] != "" {
			continue
		}
		if now := r.base.get(p.Name); now == "" || now == "null" {
			continue
		}
		if b := r.addressed(s, body{{Name: p.Name, JSON: "null"}}); b.fits(s) {
			nulls++
			add(r.update(op, p, p.Name+" null", b))
		}
	}
	if changesOnly(op) {
		add(r.emptyUpdate(op, s))
	}
	add(r.elsewhere(op, s))
	add(r.together(op, s))
	add(r.emptied(op, s))
	add(r.itself(op, s))
	add(r.inPart(op, s))
	add(r.updateGone(op))
	add(r.cleared(op, s))
	add(r.namesakes(op, s))
	add(r.taken(op, s), "")
	add(r.otherOffset(op, s), "")
	add(r.refound(op))
	add(r.relinked(op, s))
	add(r.merging(op, s))
	add(r.touches(op), "")
	add(r.onlyChanged(op, s), "")
	return cases, why
}

// onlyChanged makes cases of what can be changed, and not be set when an item is created: its state, say. Each value that the document names is set, as far as it is
// taken, and has to be shown.
func (r *recipe) onlyChanged(op *contract.Operation, s *contract.Form) (cases []*testCase) {
	for _, p := range s.Properties() {
		shown, ok := r.s.shown().Property(p.Name)
		own, inCreate := r.form.Property(p.Name)
		if !ok || inCreate && !own.Schema.ReadOnly() || shown.Schema.WriteOnly() || p.Schema.ReadOnly() || kindOf(p) != "enum" && kindOf(p) != "boolean" || len(cases) == mostPatched {
			continue
		}
		t := r.trial(op, "update", "only", p.Name)
		t.create("created", r.numbered(t.n))
		type change struct {
			json       string
			patch, get int
		}
		var changes []change
		values := []string{"true", "false"}
		if kindOf(p) == "enum" {
			values = nil
			for _, v := range p.Schema.Enum() {
				if text, err := json.Marshal(v); err == nil && v != nil && len(values) < mostPatched {
					values = append(values, string(text))
				}
			}
		}
		for _, v := range values {
			b := r.addressed(s, body{{Name: p.Name, JSON: v}})
			if !b.fits(s) {
				continue
			}
			patch := t.on(contract.Update, "created", b)
			t.steps[patch].odd = true // from one state not every other may be reached
			changes = append(changes, change{v, patch, t.get("created", nil)})
		}
		made, _ := t.done(p.Name+" alone", fmt.Sprintf("%s, which no create sets, is changed to each value that the document names: what is taken has to be shown", p.Name), func(res []result) outcome {
			if o, ok := succeeded(res, 0); !ok {
				return o
			}
			taken := 0
			for _, c := range changes {
				write, get := res[c.patch].answer(), res[c.get].answer()
				if !write.ok() || write.status == 202 || !get.ok() {
					continue
				}
				taken++
				if now := jsonOf(r.s.object(get), p.Name); now != "" && now != c.json {
					return broken(get, fmt.Sprintf("%s is %s", p.Name, now), fmt.Sprintf("%s, as it was sent, and taken", c.json)).signed(p.Name + " is not stored")
				}
			}
			if taken == 0 {
				return skip("no value of %s is taken", p.Name)
			}
			return kept()
		})
		cases = append(cases, made...)
	}
	return cases
}

// elsewhere makes cases in which one property of an item is changed and changed back: all other items are looked at. Of properties with a few values, one that is
// a boolean and one that enumerates them: what others surely do not have would show nothing that is not seen on one of them.
func (r *recipe) elsewhere(op *contract.Operation, s *contract.Form) (cases []*testCase, why string) {
	if !r.s.base.complete() {
		return none("the list is longer than is walked, so not all other items are seen")
	}
	met := map[string]bool{}
	for _, p := range s.Properties() {
		t := r.trial(op, "update", "others", p.Name)
		first, kind := r.numbered(t.n), kindOf(p)
		if _, ok := r.judgeable(p.Name); !ok || kind != "boolean" && kind != "enum" || met[kind] || p.Schema.ReadOnly() || first.get(p.Name) == "" {
			continue
		}
		there := body{{Name: p.Name, JSON: r.another(p, first.get(p.Name), t.n)}}
		back := body{{Name: p.Name, JSON: first.get(p.Name)}}
		if there[0].JSON == "" || !there.fits(s) || !back.fits(s) {
			continue
		}
		met[kind] = true
		create := t.create("created", first)
		patch := t.on(contract.Update, "created", there)
		alone := t.get("created", func(res result) bool { return r.stored(there, res.answer()).verdict == Kept })
		key := ""
		t.steps[create].save = func(a *answer, _ map[string]string) { key = r.s.keyIn(a) }
		between := t.add(r.s.all(contract.Query{}))
		again := t.on(contract.Update, "created", back)
		before := t.get("created", func(res result) bool { return r.stored(back, res.answer()).verdict == Kept })
		after := t.add(r.s.all(contract.Query{}))
		made, w := t.done(p.Name+" elsewhere", fmt.Sprintf("%s of an item is changed, and changed back: the list shows it, and no other item may follow", p.Name), func(res []result) outcome {
			if o, ok := succeeded(res, create, patch, again); !ok {
				return o
			}
			return worst(r.stored(there, res[alone].answer()), r.stored(back, res[before].answer()), r.rowShows(there, res[alone].answer(), res[between].list, key), r.rowShows(back, res[before].answer(), res[after].list, key), r.spread(back, res[between].list, res[after].list, key))
		})
		cases, why = append(cases, made...), w
	}
	return cases, why
}

// kindOf says what kind of scalar a property is; "": it is none.
func kindOf(p contract.Property) string {
	switch t := p.Schema.Type(); {
	case p.Schema.Enum() != nil:
		return "enum"
	case t == "boolean", t == "integer", t == "number":
		return t
	case t == "string":
		return t + p.Schema.Format()
	}
	return ""
}

// update changes one property of an item, and looks at it and at another one.
func (r *recipe) update(op *contract.Operation, p contract.Property, subject string, b body) ([]*testCase, string) {
	t := r.trial(op, "update", p.Name)
	n := t.n
	other, create := t.create("other", r.numbered(n+2)), t.create("created", r.numbered(n))
	before, neighbour := t.get("created", found), t.get("other", found)
	patch := t.on(contract.Update, "created", b)
	after := t.get("created", func(res result) bool { return r.stored(b, res.answer()).verdict == Kept })
	steady, untouched := t.get("created", nil), t.get("other", nil)
	plain := kindOf(p) != "enum" && kindOf(p) != "boolean" && kindOf(p) != "" // others may follow from those
	return t.done(subject, fmt.Sprintf("of an item only %s is changed: it has to have the new value, everything else that clients set the old one, and another item is not touched", p.Name), func(res []result) outcome {
		if o, ok := succeeded(res, other, create, before, neighbour, patch); !ok {
			return o
		}
		if key := r.s.keyIn(res[create].answer()); key != "" && key == r.s.keyIn(res[other].answer()) {
			return skip("the second create makes no item of its own")
		}
		a := res[patch].answer()
		if a.status == 202 {
			return skip("the change is only taken note of: 202")
		}
		if o := r.reborn(res[before].answer(), res[after].answer()); o.verdict != Kept {
			return o
		}
		if o, ok := succeeded(res, after, steady, untouched); !ok {
			return o
		}
		o := worst(r.stored(b, res[after].answer()), r.answered(b, a))
		if r.whole(op, p) {
			o = worst(o, r.merged(b, res[before].answer(), res[after].answer()))
		}
		if o.verdict != Kept {
			return o
		}
		was, is, still := r.s.object(res[before].answer()), r.s.object(res[after].answer()), r.s.object(res[steady].answer())
		follows := ""
		for _, name := range r.writable() {
			if name == p.Name || sameState(was[name], is[name]) || !sameState(is[name], still[name]) || sameMeaning(was[name], is[name], nil) {
				continue
			}
			schema, _ := r.form.Property(name)
			if !plain || !changesOnly(op) || !isReset(is[name], schema.Schema) {
				follows = name
				continue
			}
			return broken(res[after].answer(), fmt.Sprintf("%s is %s", name, jsonOf(is, name)), fmt.Sprintf("%s, as before: only %s was sent", jsonOf(was, name), p.Name)).
				because(op.Method + " takes what is not sent for empty").signed(op.Method + " changes what was not sent")
		}
		first, second := r.s.object(res[neighbour].answer()), r.s.object(res[untouched].answer())
		for _, name := range r.writable() {
			if !sameState(first[name], second[name]) && (name == p.Name || isReset(second[name], nil)) {
				return broken(res[untouched].answer(), fmt.Sprintf("%s of another item is %s", name, jsonOf(second, name)), fmt.Sprintf("%s, as before", jsonOf(first, name))).signed(op.Method + " changes other items")
			}
		}
		if follows != "" {
			return skip("%s changed too, which may follow from %s", follows, p.Name)
		}
		return kept()
	})
}

// isSettled tells whether a property has a value that only clients choose, or that follows from others: no time or number, which servers keep counting.
func isSettled(p contract.Property) bool {
	if p.Schema == nil {
		return false
	}
	kind := kindOf(p)
	return kind == "string" || kind == "boolean" || kind == "enum"
}

// emptyUpdate changes nothing.
func (r *recipe) emptyUpdate(op *contract.Operation, s *contract.Form) ([]*testCase, string) {
	t := r.trial(op, "update", "nothing")
	create, before := t.create("created", r.numbered(t.n)), t.get("created", found)
	nothing := r.addressed(s, nil)
	patch := t.on(contract.Update, "created", nothing)
	t.steps[patch].odd = !nothing.fits(s)
	after, steady := t.get("created", nil), t.get("created", nil)
	return t.done("nothing", "a "+op.Method+" with nothing in it is refused, or changes nothing", func(res []result) outcome {
		if o, ok := succeeded(res, create, before, after, steady); !ok {
			return o
		}
		if a := res[patch].answer(); a.failed() {
			return broken(a, a.says(), "a success or a refusal")
		}
		was, is, still := r.s.object(res[before].answer()), r.s.object(res[after].answer()), r.s.object(res[steady].answer())
		for _, name := range r.writable() {
			schema, _ := s.Property(name)
			if !sameMeaning(was[name], is[name], nil) && sameState(is[name], still[name]) && (isReset(is[name], nil) || isSettled(schema)) {
				return broken(res[after].answer(), fmt.Sprintf("%s is %s", name, jsonOf(is, name)), fmt.Sprintf("%s, as before: nothing was sent", jsonOf(was, name))).signed(op.Method + " changes what was not sent")
			}
		}
		return kept()
	})
}

// readOnlySent: a read-only property that is sent is refused or ignored.
func readOnlySent(_ *engine, r *recipe, op *contract.Operation) ([]*testCase, string) {
	s := formOf(op)
	if s == nil {
		return none(noBody)
	}
	var cases []*testCase
	for _, p := range r.s.shown().Properties() {
		own, inBody := s.Property(p.Name)
		if !r.served(p) || inBody && !own.Schema.ReadOnly() || len(cases) == 6 || strings.HasPrefix(p.Name, "_") {
			continue
		}
		if op.Role != contract.Create && p.Name == r.s.c.Records.Key {
			continue // the item might no longer be found
		}
		v := r.improbable(p)
		if v == "" {
			if v = r.ofAnother(p); v == "" {
				continue
			}
		}
		t := r.trial(op, "read-only", p.Name)
		b := r.numbered(t.n)
		plain := t.create("plain", r.numbered(t.n+1)) // older than the other: what the server gives in time, it has as well
		create, before := -1, plain
		if op.Role == contract.Create {
			create = t.create("created", b.set(p.Name, v))
		} else {
			before = t.create("created", b)
			change := r.addressed(s, nil)
			if op.Role == contract.Replace {
				if change = r.bodyFor(op, b); change == nil {
					return none(noBody)
				}
			}
			write := t.on(op.Role, "created", change.set(p.Name, v))
			t.steps[write].odd = true
			create = write
		}
		t.steps[create].odd = true
		t.refusable(create)
		get := t.get("created", nil)
		natural := t.get("plain", nil)
		made, _ := t.done(p.Name, fmt.Sprintf("%s with %s, which is the server's to set: it is refused, or the value is not taken", op.Method, p.Name), func(res []result) outcome {
			if a := res[create].answer(); !a.ok() {
				if a.failed() {
					return skip("it is answered with %s", a.says())
				}
				return kept()
			}
			if o, ok := succeeded(res, get, plain, natural); !ok {
				return o
			}
			item := r.s.object(res[get].answer())
			sent, err := contract.DecodeJSON([]byte(v))
			own := func(i int) bool {
				given := r.s.object(res[i].answer())[p.Name]
				return sameMeaning(sent, given, nil) || !r.s.tellsApart(p.Name, sent, given)
			}
			if own(natural) || own(before) {
				return skip("the server itself gives %s that value", p.Name)
			}
			if err == nil && item[p.Name] != nil && sameMeaning(sent, item[p.Name], nil) {
				return broken(res[get].answer(), fmt.Sprintf("%s is %s", p.Name, jsonOf(item, p.Name)), "a value of the server's: the property is read-only, or in no body").signed(p.Name + " is taken")
			}
			return kept()
		})
		cases = append(cases, made...)
	}
	if op.Role == contract.Create {
		cases = append(cases, r.servedInside(op)...)
	}
	if cases == nil {
		return none("no read-only property has a type in which a value stands out")
	}
	return cases, ""
}

// ofAnother gives, as JSON, a value that an item of the list has for a read-only property and others do not, least of all what was created first; "" if there is none.
func (r *recipe) ofAnother(p contract.Property) string {
	if p.Name == r.s.c.Records.Key {
		return "" // a server that takes it might write to that item
	}
	items := r.s.base.items
	for i := len(items) - 1; i > 0; i-- {
		v := r.s.shown().Of(items[i].Record, p.Name)
		if v != "" && v != "null" && v != r.s.shown().Of(items[0].Record, p.Name) && !sameState(r.made[p.Name], decode([]byte(v))) && valid(p.Schema, v) {
			return v
		}
	}
	return ""
}

// improbable gives a value of a read-only property that no server would choose itself, as JSON, or "".
func (r *recipe) improbable(p contract.Property) string {
	switch s := p.Schema; {
	case s.Enum() != nil:
	case s.Format() == "date-time":
		return `"1987-06-05T04:03:02Z"`
	case s.Format() == "date":
		return `"1987-06-05"`
	case s.Format() == "uuid":
		return `"5eed1e55-0000-4000-8000-` + fmt.Sprintf("%012x", slot(r.mark(0))) + `"`
	case s.Type() == "string" && s.Format() == "" && valid(s, fmt.Sprintf("%q", r.mark(1))):
		return fmt.Sprintf("%q", r.mark(1))
	case s.Type() == "integer" && valid(s, "734512987"):
		return "734512987"
	case s.Type() == "number" && valid(s, "734512.25"):
		return "734512.25"
	}
	return ""
}
