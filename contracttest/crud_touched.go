package contracttest

import (
	"fmt"
	"slices"
	"time"

	"understudy/internal/contract"
)

// touches makes a case of a change: what says when an item was last changed has to be later than before.
func (r *recipe) touches(op *contract.Operation) []*testCase {
	touched := slices.DeleteFunc(slices.Clone(r.s.c.Records.Touched), func(p contract.Touched) bool {
		if s := formOf(op); s != nil {
			if own, ok := s.Property(p.Name); ok {
				return !own.Schema.ReadOnly()
			}
		}
		return false
	})
	if len(touched) == 0 {
		return nil
	}
	t := r.trial(op, "touched")
	first := r.numbered(t.n)
	s := formOf(op)
	if s == nil {
		return nil
	}
	b := r.addressed(s, r.changes(s, first, t.n+1))
	if op.Role == contract.Replace {
		b = r.bodyFor(op, r.sameKey(r.numbered(t.n+1), t.n))
	}
	if len(b) == 0 || !b.fits(s) {
		return nil
	}
	create, before := t.create("created", first), t.get("created", found)
	write := t.on(op.Role, "created", b)
	t.steps[write].pause = func(res []result) time.Duration { return r.moment(touched, res[before].answer()) }
	after := t.get("created", nil)
	made, _ := t.done("when it was changed", "an item is created, changed and read: it has to tell of a later change than before", func(res []result) outcome {
		if o, ok := succeeded(res, create, before, write, after); !ok {
			return o
		}
		was, is := r.s.object(res[before].answer()), r.s.object(res[after].answer())
		if res[write].answer().status == 202 || !showsChange(was, is, b.bytes()) {
			return skip("the change is not shown")
		}
		for _, p := range touched {
			then, err := instantOf(was[p.Name])
			now, err2 := instantOf(is[p.Name])
			if err == nil && err2 == nil && !now.After(then) {
				return broken(res[after].answer(), fmt.Sprintf("%s is %s, before the change and after it", p.Name, jsonOf(is, p.Name)), "the time of the change").
					because(op.Method + " does not renew it").signed("the time of the last change stays").asSaid(p.Said)
			}
		}
		return kept()
	})
	return made
}

// moment is how long it takes until a clock shows another time than an item does, of which the coarsest is that of whole seconds.
func (r *recipe) moment(touched []contract.Touched, a *answer) time.Duration {
	shown := r.s.object(a)
	for _, p := range touched {
		if at, err := instantOf(shown[p.Name]); err == nil && at.Nanosecond() == 0 {
			return 1100 * time.Millisecond
		}
	}
	return 20 * time.Millisecond
}

func instantOf(v any) (time.Time, error) {
	text, _ := v.(string)
	return contract.ParseInstant(text)
}
