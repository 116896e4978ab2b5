package contracttest

import (
	"fmt"

	"understudy/internal/contract"
)

// taken makes cases of a change that gives an item what only one may have, and another has: where the document says so, and has an answer for it, that is refused.
func (r *recipe) taken(op *contract.Operation, s *contract.Form) (cases []*testCase) {
	for _, name := range r.s.c.Unique(op) {
		t := r.trial(op, "taken", name)
		first, second := r.numbered(t.n), r.numbered(t.n+1)
		value := first.get(name)
		b := r.addressed(s, body{{Name: name, JSON: value}})
		if op.Role == contract.Replace {
			b = r.bodyFor(op, r.sameKey(second.set(name, value), t.n+1))
		}
		if value == "" || value == second.get(name) || name == r.s.c.Records.Key || b == nil || b.get(name) != value || !b.fits(s) {
			continue
		}
		create := t.create("other", first)
		own := t.create("created", second)
		write := t.on(op.Role, "created", b)
		t.steps[write].odd = true
		get := t.get("created", nil)
		made, _ := t.done(name+" of another", fmt.Sprintf("two items are created, and the second gets the %s of the first, which the document says is unique: that is refused", name), func(res []result) outcome {
			if o, ok := succeeded(res, create, own, get); !ok {
				return o
			}
			a, shown := res[write].answer(), r.s.object(res[get].answer())[name]
			other := r.s.object(res[create].answer())[name]
			switch {
			case a.failed():
				return broken(a, a.says(), "a refusal (409, say)").signed("an error of the server's")
			case other != nil && sameState(other, shown):
				return broken(a, a.says()+", and both items have it", fmt.Sprintf("a refusal: the document says that %s is unique, and that a change may be refused", name)).signed("a duplicate is taken").asSaid(true)
			case a.ok():
				return skip("it is taken, and not shown")
			}
			return kept()
		})
		cases = append(cases, made...)
	}
	return cases
}
