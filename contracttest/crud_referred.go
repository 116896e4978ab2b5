package contracttest

import (
	"fmt"
	"slices"
	"strings"

	"understudy/internal/contract"
)

// referredTo makes cases of items that others refer to: when one is deleted, what the document says becomes of it and of them.
func (r *recipe) referredTo(op *contract.Operation) (cases []*testCase) {
	if !op.TellsFate() {
		return nil
	}
	var others []*contract.Collection
	for _, c := range r.e.doc.Collections() {
		if in := r.e.lists[c]; in != nil && in != r.s && (r.e.holder(c) == r.s || in.writer != nil && in.writer.by(r.s) != "") {
			others = append(others, c)
		}
	}
	for _, c := range others {
		f := op.Fate(c, others)
		if in := r.e.lists[c]; f.Kind != contract.Untold && in.writer != nil && in.writer.stays == nil && !in.writer.puts() && r.stays == nil && !r.puts() {
			made, _ := r.referring(op, in, f)
			cases = append(cases, made...)
		}
	}
	return cases
}

// attaches tells whether items of a list are created for what other lists are asked: to refer to what is deleted there, or to count what is created there.
func (e *engine) attaches(c *contract.Collection) bool {
	s := e.lists[c]
	return slices.ContainsFunc(e.mine, func(op *contract.Operation) bool {
		switch of := e.lists[op.Collection]; {
		case s == nil || of == nil || op.Collection == c:
			return false
		case op.Role == contract.Destroy && op.TellsFate():
			all := e.doc.Referring(op.Collection)
			return slices.Contains(all, c) && op.Fate(c, all).Kind != contract.Untold
		case op.Role == contract.Create:
			name, _ := s.countOf(of)
			return name != "" && slices.Contains(e.doc.Referring(c), op.Collection)
		}
		return false
	})
}

// referring creates an item and another that refers to it, and deletes the first.
func (r *recipe) referring(op *contract.Operation, in *listState, f contract.Fate) ([]*testCase, string) {
	w, t := *in.writer, r.trial(op, "referred", in.c.Path)
	w.round = r.round
	b := w.numbered(t.n)
	states, known := f.States(w.form)
	for _, name := range sortedKeys(states) {
		b = b.set(name, jsonText(states[name][0]))
	}
	if !known || !b.fits(w.form) {
		return none("the document says it of some only, and nothing tells of which")
	}
	parent := t.create("created", r.numbered(t.n))
	post, in, by := r.attached(&w, b)
	if by == "" && in == w.s || f.Kind == contract.Cleared && by == "" {
		return none("nothing in such an item says to which it refers")
	}
	create := t.add(post)
	read, why := r.e.on(in, contract.Retrieve, "{referring}", nil)
	if why != "" {
		return none(why)
	}
	read.odd = true
	before := t.add(read)
	destroy := t.on(contract.Destroy, "created", nil)
	t.steps[destroy].odd = true
	after, still := t.add(read), destroy
	if r.s.c.Operation(contract.Retrieve) != nil {
		still = t.get("created", nil)
		t.steps[still].odd = true
	}
	return t.done("referred to by "+in.c.Path, "an item is created, and another that refers to it; then the first is deleted: "+f.Said, func(res []result) outcome {
		if o, ok := succeeded(res, parent, create, before); !ok {
			return o
		}
		a, shown := res[destroy].answer(), w.s.object(res[before].answer())
		if held := shown[by]; held != nil && !strings.Contains(jsonOf(shown, by), r.s.keyIn(res[parent].answer())) {
			return skip("%s is %s, which is another", by, jsonOf(shown, by))
		}
		states, _ := f.States(w.s.shown())
		for name, values := range states {
			if !slices.Contains(values, scalarText(shown[name])) {
				return skip("the document does not say it of what has the %s %s", name, jsonOf(shown, name))
			}
		}
		switch gone := res[still].answer(); {
		case a.failed():
			return broken(a, a.says(), f.Said).signed("an error of the server's").asSaid(true)
		case f.Kind == contract.Forbidding && a.ok():
			return broken(a, a.says()+", and an item of "+w.s.c.Path+" refers to it", "a refusal: "+f.Said).signed("what is referred to is deleted").asSaid(true)
		case f.Kind == contract.Forbidding && (gone.status == 404 || gone.status == 410):
			return broken(gone, gone.says(), "the item, since its deletion was refused").signed("deleted though refused").asSaid(true)
		case f.Kind == contract.Forbidding:
			return kept()
		case !a.ok():
			return skip("DELETE is answered with %s", a.says())
		}
		z := res[after].answer()
		switch item := w.s.object(z); {
		case f.Kind == contract.Deleted && z.ok():
			return broken(z, z.says()+" for what referred to the item that was deleted", "404 or 410: "+f.Said).signed("what refers to it is left").asSaid(true)
		case f.Kind == contract.Cleared && (z.status == 404 || z.status == 410):
			return broken(z, z.says(), "the item, which refers to nothing any more: "+f.Said).signed("what refers to it is gone").asSaid(true)
		case f.Kind == contract.Cleared && item[by] != nil && sameState(item[by], shown[by]):
			return broken(z, fmt.Sprintf("%s is %s", by, jsonOf(item, by)), "null: "+f.Said).signed("the reference stays").asSaid(true)
		}
		return kept()
	})
}

// attached makes the step that creates an item of another list which refers to the one in the hole "created". It gives the list that the item is in, and the property
// that refers, if there is one.
func (r *recipe) attached(w *recipe, b body) (post step, in *listState, by string) {
	post, in, by = w.post("referring", b), w.s, w.by(r.s)
	if r.e.holder(in.c) == r.s && len(in.scope) > 0 {
		in = in.inside("created")
		post.in, post.path = in, in.request(contract.Query{Scope: in.scope, Window: in.c.First()}).path
	}
	if p, ok := w.form.Property(by); ok {
		post.names = func(holes map[string]string) []byte {
			return b.set(by, r.e.nameFor(p, r.s, holes["created"])).as(w.form)
		}
	}
	return post, in, by
}

// by names the property of a body that refers to an item of a list; "" if none does.
func (r *recipe) by(other *listState) string {
	for _, p := range r.form.Properties() {
		if !p.Schema.ReadOnly() && p.Name != r.s.c.Records.Key && slices.Contains(r.e.referred(r.s, p), other) {
			return p.Name
		}
	}
	return ""
}
