package contracttest

import (
	"fmt"
	"slices"

	"understudy/internal/contract"
)

// createInside: an item that is created inside of another one than the check works in says so, and is found there.
func (r *recipe) createInside(op *contract.Operation) ([]*testCase, string) {
	parent := r.e.holder(r.s.c)
	if parent == nil || parent.base == nil || len(r.s.scope) == 0 || r.s.within != "" {
		return nil, ""
	}
	last := len(r.s.scope) - 1
	i := slices.IndexFunc(parent.base.keys, func(key string) bool { return key != "" && key != r.s.scope[last] })
	if i < 0 {
		return nil, ""
	}
	home, in := parent.base.keys[i], *r.s
	in.scope = append(slices.Clone(r.s.scope[:last]), home)
	t := r.trial(op, "create-inside")
	b := r.numbered(t.n)
	for _, m := range b {
		if p, ok := r.form.Property(m.Name); ok && r.isScope(p) {
			b = b.set(m.Name, r.e.nameFor(p, parent, home))
		}
	}
	create := t.create("created", b)
	t.steps[create].path, _ = in.c.Encode(contract.Query{Scope: in.scope, Window: in.c.First()})
	t.steps[create].in, t.steps[create].odd = &in, true // it may not be one that takes any
	read, why := r.e.on(&in, contract.Retrieve, "{created}", nil)
	get := create
	if why == "" {
		read.until = found
		get = t.add(read)
	}
	return t.done("inside another", "an item is created inside of another one than the first: it says that it is in there, and is found there", func(res []result) outcome {
		if o, ok := succeeded(res, create); !ok {
			return o
		}
		if a := res[get].answer(); a.status == 404 || a.status == 410 {
			return broken(a, a.says(), "the item that was created there").signed("it is not where it was created")
		}
		for _, at := range []int{create, get} {
			item := r.s.object(res[at].answer())
			for _, p := range r.s.shown().Properties() {
				v := item[p.Name]
				if key, ok := parent.c.KeyAt(scalarText(v)); ok && isAddressOf(p, parent.c) && key != home && slices.Contains(parent.base.keys, key) {
					return broken(res[at].answer(), fmt.Sprintf("%s is %s", p.Name, jsonOf(item, p.Name)), "the address of "+home+", in which it was created").signed(p.Name + " is another's")
				}
				if parent.c.IsKey(p) && v != nil && scalarText(v) != "" && !sameScalar(v, home) {
					return broken(res[at].answer(), fmt.Sprintf("%s is %s", p.Name, jsonOf(item, p.Name)), home+", in which it was created").signed(p.Name + " is another's")
				}
			}
		}
		return kept()
	})
}
