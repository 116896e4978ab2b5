package contracttest

import (
	"net/http"
	"slices"

	"understudy/internal/contract"
)

// withLess makes a case anew that could not be judged, since a write of it was refused for the sake of optional properties that were not what was to be tried: a video that
// only a recorded talk may have, where it is tried what a talk is that nobody calls recorded. What is created then lacks them, until done is called. nil: no refusal names any.
func (e *engine) withLess(tc *testCase, o outcome, answers []*answer) (again *testCase, done func()) {
	s := e.lists[tc.op.Collection]
	if o.verdict != Skipped || !tc.writes() || s == nil || s.writer == nil || s.writer.stays != nil {
		return nil, nil
	}
	first := s.writer
	i := slices.IndexFunc(answers, func(a *answer) bool { return len(first.inTheWay(a)) > 0 })
	if i < 0 {
		return nil, nil
	}
	other := *first
	other.base = first.base.without(first.inTheWay(answers[i])...)
	if !other.base.fits(first.form) {
		return nil, nil
	}
	s.writer = &other
	done = func() { s.writer = first }
	if again = e.renewed(tc, confirmations); again == tc {
		done()
		return nil, nil
	}
	again.nth = tc.nth
	return again, done
}

// inTheWay gives the optional properties of what is created that the refusal of a write names, but for the one that is all that the write sends.
func (r *recipe) inTheWay(a *answer) []string {
	if a.err != nil || a.status != http.StatusBadRequest && a.status != http.StatusUnprocessableEntity || readOnly(a.request.verb()) {
		return nil
	}
	sent, _ := contract.Members(a.payload)
	return slices.DeleteFunc(spokenOf(a, r.names()), func(name string) bool {
		p, ok := r.form.Property(name)
		return !ok || p.Required || r.base.get(name) == "" || len(sent) == 1 && sent[0].Name == name
	})
}
