package contracttest

import (
	"context"
	"fmt"

	"understudy/internal/contract"
)

// mostStaying bounds how many items are created in a list from which nothing deletes them. What is created again because a case broke is not counted.
const mostStaying = 20

// staying is what was created in such a list. It stays, and is told as left over, so one item serves as many cases as it can.
type staying struct {
	first int // the number of the first body that was taken
	count int
	made  map[string]*answer // the answers to creates, by what was sent, and by how often a case sent that before
}

// another is what a create is known by among those that a case sent until now.
func (*staying) another(s *step, sent map[string]int) string {
	what := s.path + "\x00" + s.header.Get("Content-Type") + "\x00" + string(s.body)
	sent[what]++
	return fmt.Sprintf("%d\x00%s", sent[what], what)
}

// keep notes what was created.
func (k *staying) keep(as string, a *answer) {
	k.count++
	k.made[as] = a
}

// spends tells whether a case creates what others hardly have a use for, in a list where that stays: it comes last, as long as more may be created.
func (tc *testCase) spends() bool {
	if tc.rule.ID != "value/accepted" && tc.rule.ID != "value/odd" {
		return false
	}
	for i := range tc.steps {
		if tc.steps[i].stays != nil {
			return true
		}
	}
	return false
}

// common lets a case use the item that was created first, where they stay.
func (t *trial) common() *trial {
	if t.r.stays != nil {
		t.shares, t.n = true, t.r.stays.first
	}
	return t
}

// own lets a case create items of its own, also where they stay: it could not tell from one that others changed.
func (t *trial) own(op *contract.Operation, about ...string) *trial {
	t.shares, t.n = false, slotOf(op, about...)
	return t
}

// rereadAll reads all lists again, if something stays that was created while planning: other lists may show it, too.
func (e *engine) rereadAll(ctx context.Context) {
	stays := false
	for _, s := range e.lists {
		stays = stays || s.writer != nil && s.writer.stays != nil
	}
	for _, c := range e.doc.Collections() {
		if s := e.lists[c]; stays && s != nil && s.why == "" && s.base != nil {
			e.readAll(ctx, s)
		}
	}
}
