package contracttest

import (
	"fmt"

	"understudy/internal/contract"
)

// otherOffset makes a case of a change that names a moment by another offset than UTC (RFC 3339 §5.6), which is the same moment: that is stored.
func (r *recipe) otherOffset(op *contract.Operation, s *contract.Form) []*testCase {
	for _, p := range s.Properties() {
		spelled := r.elsewhen(p)
		if _, ok := r.judgeable(p.Name); !ok || len(spelled) == 0 || p.Schema.ReadOnly() {
			continue
		}
		t := r.trial(op, "offset", p.Name)
		b := r.addressed(s, body{{Name: p.Name, JSON: spelled[0].json}})
		if op.Role == contract.Replace {
			b = r.bodyFor(op, r.sameKey(r.numbered(t.n).set(p.Name, spelled[0].json), t.n))
		}
		if b == nil || !b.fits(s) {
			continue
		}
		create, write := t.create("created", r.numbered(t.n)), t.on(op.Role, "created", b)
		get := t.get("created", nil)
		made, _ := t.done(p.Name+" in another offset", fmt.Sprintf("%s with %s %s: that moment is stored, however it is spelled", op.Method, p.Name, spelled[0].json), func(res []result) outcome {
			if o, ok := succeeded(res, create, write, get); !ok {
				return o
			}
			return r.stored(body{{Name: p.Name, JSON: spelled[0].json}}, res[get].answer()).because("the offset is not read")
		})
		return made
	}
	return nil
}
