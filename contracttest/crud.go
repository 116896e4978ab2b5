package contracttest

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"understudy/internal/contract"
)

var crudRules = map[string]producer{
	"crud/create-read":    creating(createRead),
	"crud/create-list":    creating(createList),
	"crud/create-answer":  creating(createAnswer),
	"crud/create-twice":   creating(createTwice),
	"crud/create-refused": creating(createRefused),
	"crud/default":        creating(defaults),
	"crud/read-only":      creating(readOnlySent),
	"crud/replace":        creating(replaceResets),
	"crud/replace-stores": creating(replaceStores),
	"crud/replace-twice":  creating(replaceTwice),
	"crud/update":         creating(updates),
	"crud/write-refused":  creating(writeRefused),
	"crud/delete":         creating(deletes),
	"crud/delete-only":    creating(deleteOnly),
	"crud/delete-twice":   creating(deleteTwice),
}

// creator makes the cases of one rule on a list in which items can be created.
type creator func(e *engine, r *recipe, op *contract.Operation) ([]*testCase, string)

// creating makes a producer of one that needs items of its own.
func creating(p creator) producer {
	return func(e *engine, op *contract.Operation) ([]*testCase, string) {
		r, why := e.writerOf(op)
		if r == nil {
			return none(why)
		}
		return p(e, r, op)
	}
}

// writerOf gives the recipe for the items that an operation is about, or says why there is none.
func (e *engine) writerOf(op *contract.Operation) (*recipe, string) {
	switch {
	case !e.target.Writes:
		return nil, "writes are not allowed"
	case op.Singleton != nil:
		return nil, "a singleton was not made by the check, so it is not changed"
	case op.Collection == nil:
		return nil, "no list explains it, so nothing of one's own can be made to try it on"
	case e.createOf(op.Collection) == nil:
		return nil, "no operation creates such items, and others are not changed"
	}
	s := e.lists[op.Collection]
	if s == nil {
		return nil, whyOf(s)
	}
	if s.writer == nil {
		if s.writerWhy == "" {
			return nil, "items are not created: the operation that does is not among those that are checked"
		}
		return nil, s.writerWhy
	}
	return s.writer, ""
}

// trial collects the steps of a case on items of its own.
type trial struct {
	e     *engine
	r     *recipe
	n     int // the number of the first body
	steps []step
	why   string // why it cannot be made

	shares bool // an item that another case created does as well, where they stay
}

// trial begins a case. About is what it is about: it decides on the bodies.
func (r *recipe) trial(op *contract.Operation, about ...string) *trial {
	t := &trial{e: r.e, r: r, n: slotOf(op, about...)}
	if op.Role != contract.Create {
		return t.common()
	}
	return t
}

func (t *trial) add(s step) int {
	t.steps = append(t.steps, s)
	return len(t.steps) - 1
}

// create adds a create, and gives the number of its step.
func (t *trial) create(hole string, b body) int {
	s := t.r.post(hole, b)
	s.shared = t.shares
	return t.add(s)
}

// on adds a request to an item.
func (t *trial) on(role contract.Role, hole string, b body) int {
	s, why := t.e.on(t.r.s, role, "{"+hole+"}", b)
	if why != "" && t.why == "" {
		t.why = why
	}
	return t.add(s)
}

// get adds a read of an item, which may take a while to show what was written.
func (t *trial) get(hole string, until func(r result) bool) int {
	i := t.on(contract.Retrieve, hole, nil)
	t.steps[i].until = until
	return i
}

// refusable lets a write be refused, which may be right: where nothing was created, what reads it tells nothing.
func (t *trial) refusable(write int) {
	t.steps[write].save = func(a *answer, holes map[string]string) {
		if !a.ok() && holes["created"] == "" {
			holes["created"] = "0"
		}
	}
}

// done makes the case, unless a step is not possible.
func (t *trial) done(subject, intent string, judge func(r []result) outcome) ([]*testCase, string) {
	if t.why != "" {
		return none(t.why)
	}
	return one(&testCase{subject: subject, intent: intent, steps: t.steps, judge: judge})
}

// succeeded says why a case cannot be judged if one of some answers is no success.
func succeeded(r []result, steps ...int) (outcome, bool) {
	for _, i := range steps {
		if a := r[i].answer(); !a.ok() {
			return skip("%s is answered with %s", a.sent.Method, a.says()), false
		}
	}
	return outcome{}, true
}

func found(r result) bool { return r.answer().ok() }

// createRead: what was created can be read, with the values sent.
func createRead(_ *engine, r *recipe, op *contract.Operation) ([]*testCase, string) {
	t := r.trial(op, "create-read").common()
	b := r.numbered(t.n)
	create, get := t.create("created", b), t.get("created", found)
	inNew := t.insideNew("created")
	made, why := t.done("", "an item is created and read: every property that was sent has to be there, with the value sent", func(res []result) outcome {
		if o, ok := succeeded(res, create); !ok {
			return o
		}
		a := res[get].answer()
		if !a.ok() {
			if a.status != 404 && a.status != 410 && !a.failed() {
				return skip("GET is answered with %s", a.says())
			}
			return broken(a, a.says(), "the item that was created").signed(fmt.Sprint("GET ", a.status))
		}
		for _, i := range inNew {
			if l := res[i].answer(); l.status == http.StatusNotFound || l.failed() {
				return broken(l, l.says(), "the list inside the item that was created, which can be read").signed("a list inside what is new")
			}
		}
		return r.stored(b, a)
	})
	inside, w := r.createInside(op)
	return append(made, inside...), cmp.Or(why, w)
}

// stored judges whether an answer shows what was sent.
func (r *recipe) stored(sent body, a *answer) outcome {
	item := r.s.object(a)
	if item == nil {
		return skip("the answer is no object")
	}
	if name, got, want := r.lost(sent, item); name != "" {
		return broken(a, fmt.Sprintf("%s is %s", name, short([]byte(got))), fmt.Sprintf("%s, as it was sent", short([]byte(want)))).signed(name + " is not stored")
	}
	return kept()
}

// createAnswer: the answer to a create is the item as it is read.
func createAnswer(_ *engine, r *recipe, op *contract.Operation) ([]*testCase, string) {
	t := r.trial(op, "create-answer")
	sent := r.numbered(t.n)
	create := t.create("created", sent)
	get, again := t.get("created", found), t.get("created", nil)
	if i, _ := t.seek(sent, t.n); i >= 0 { // the key that is answered may lead nowhere
		t.steps[i].finds = func(l *listed) []string { return bearing(l, r.mark(t.n)) }
	}
	return t.done("", "an item is created and read twice: what does not change between the reads has to be the same in the answer to the create", func(res []result) outcome {
		a, b, c := res[create].answer(), res[get].answer(), res[again].answer()
		if o, ok := succeeded(res, create); !ok {
			return o
		}
		key, at := r.s.keyIn(a), r.s.located(a)
		if at != "" && at != key && (b.status == 404 || b.status == 410) {
			return broken(a, fmt.Sprintf("the item has the key %s, which is not found, but Location leads to %s", key, at), "the item that was created")
		}
		if b.status == 404 && c.status == 404 {
			return broken(a, fmt.Sprintf("an item with the key %s, which is not found", key), "the item that was created").signed("the key is not found")
		}
		if o, ok := succeeded(res, get, again); !ok {
			return o
		}
		said, read, twice := r.s.object(a), r.s.object(b), r.s.object(c)
		if said == nil || read == nil {
			return skip("the answer to the create is no item")
		}
		for _, name := range sortedKeys(said) {
			v, there := read[name]
			p, named := r.s.shown().Property(name)
			hollow := named && isFreeForm(p.Schema) && empty(said[name]) != empty(v)
			if !there || !named || !sameState(v, twice[name]) || p.Schema.WriteOnly() || sameMeaning(said[name], v, p.Schema) && !hollow {
				continue
			}
			if sent.get(name) == "" && (settles(name, said[name], v) || r.s.moves(name) || sameRecord(said, read, name)) {
				continue
			}
			return broken(b, fmt.Sprintf("%s is %s", name, jsonOf(read, name)), fmt.Sprintf("%s, as the answer to the create said", jsonOf(said, name))).signed(name + " differs from the create's answer")
		}
		return kept()
	})
}

// settles tells whether a property that nobody sent may change by itself after a create: moments, states and counts.
func settles(name string, a, b any) bool {
	_, first := instant(scalarText(a))
	_, second := instant(scalarText(b))
	name = plainName(name)
	return first && second || slices.ContainsFunc([]string{"version", "revision", "etag", "status", "state", "progress", "count"}, func(word string) bool {
		return strings.HasSuffix(name, word)
	})
}

// createTwice: a second create makes another item or is refused as a duplicate.
func createTwice(_ *engine, r *recipe, op *contract.Operation) ([]*testCase, string) {
	t := r.trial(op, "create-twice")
	b := r.numbered(t.n)
	first, second := t.create("created", b), t.create("other", b)
	t.steps[second].odd = true
	get := -1
	if r.s.c.Operation(contract.Retrieve) != nil {
		get = t.get("created", nil)
	}
	made, why := t.done("", "the same body is sent twice: the second create is refused, or makes an item of its own, and the first stays", func(res []result) outcome {
		if o, ok := succeeded(res, first); !ok {
			return o
		}
		a := res[second].answer()
		key := r.s.keyIn(res[first].answer())
		switch {
		case a.failed():
			return broken(a, a.says(), "a refusal (409, say), or another item").because("a constraint of the database is not turned into a refusal")
		case a.status == 201 && key != "" && r.s.keyIn(a) == key:
			return broken(a, fmt.Sprintf("%d with the key of the first, %s", a.status, key), "a refusal, or another item")
		case get >= 0 && a.ok() && r.s.keyIn(a) != key && (res[get].answer().status == 404 || res[get].answer().status == 410):
			return broken(res[get].answer(), fmt.Sprintf("%d for the first item", res[get].answer().status), "both items").because("the second create takes the place of the first").signed("the first item is gone")
		}
		return kept()
	})
	return append(made, r.sharing(op)...), why
}

// sharing makes cases of what the document says that two items may have in common: a create with it is not refused.
func (r *recipe) sharing(op *contract.Operation) (cases []*testCase) {
	for _, p := range r.form.Properties() {
		shown, _ := r.s.shown().Property(p.Name)
		said := p.Schema.Keywords().Description
		if shown.Schema != nil {
			said += "\n" + shown.Schema.Keywords().Description
		}
		promised := sentence(said, promisesShared)
		t := r.trial(op, "shared", p.Name)
		first := r.numbered(t.n)
		second := r.numbered(t.n+1).set(p.Name, first.get(p.Name))
		if promised == "" || saysNone.MatchString(promised) || !isUnique(p) || first.get(p.Name) == "" || !second.fits(r.form) {
			continue
		}
		before, again := t.create("created", first), t.create("other", second)
		t.steps[again].odd = true
		control := t.create("plain", r.numbered(t.n+2))
		made, _ := t.done(p.Name+" shared", fmt.Sprintf("two items are created with the same %s, which the document says is allowed: %s", p.Name, promised), func(res []result) outcome {
			if o, ok := succeeded(res, before, control); !ok {
				return o
			}
			if a := res[again].answer(); a.failed() || a.status == 400 || a.status == 409 || a.status == 422 {
				return broken(a, a.says(), "a success: "+promised).signed(p.Name + " may not be shared").asSaid(true)
			}
			return kept()
		})
		cases = append(cases, made...)
	}
	return cases
}
