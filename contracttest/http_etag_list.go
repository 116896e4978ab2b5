package contracttest

import (
	"cmp"
	"slices"

	"understudy/internal/contract"
)

// etagOfList creates something: the list's ETag changes with it.
func etagOfList(s *listState, op *contract.Operation) *testCase {
	page := s.page(contract.Query{Size: s.large})
	page.nth = alone
	first := page
	first.save = saveETag
	condition := ifNoneMatch(page.request, "{ETag}")
	return &testCase{
		subject: "a list that grows",
		intent:  "the list, a create, and the list again: where it shows what was created it has another ETag, and is no 304",
		steps:   []step{first, s.writer.post("created", s.writer.numbered(slot(op.ID, "etag"))), page, condition},
		judge: func(r []result) outcome {
			before, after := r[0].answer(), r[2].answer()
			key := s.keyIn(r[1].answer())
			if !before.ok() || !after.ok() || key == "" || slices.Contains(r[0].list.keys, key) || !slices.Contains(r[2].list.keys, key) {
				return skip("the page does not show what was created")
			}
			return judgeChanged(before, after, r[3].answer())
		},
	}
}

// etagOfRow changes an item that the list shows: the list's ETag changes with it.
func (r *recipe) etagOfRow(op *contract.Operation) ([]*testCase, string) {
	change := cmp.Or(r.s.c.Operation(contract.Update), r.s.c.Operation(contract.Replace))
	if change == nil {
		return nil, ""
	}
	t := r.trial(op).own(op, "etag", "row")
	b := r.change(change, t.n)
	if b == nil {
		return none(noBody)
	}
	page := r.s.page(contract.Query{Size: r.s.large})
	page.nth = alone
	first := page
	first.save = saveETag
	create, before := t.create("created", r.numbered(t.n)), t.add(first)
	t.on(change.Role, "created", b)
	after, condition := t.add(page), t.add(ifNoneMatch(page.request, "{ETag}"))
	return t.done("a list whose item changes", "an item is created and changed: where the list shows the change it has another ETag, and is no 304", func(res []result) outcome {
		key := r.s.keyIn(res[create].answer())
		row := func(i int) map[string]any {
			if at := slices.Index(res[i].list.keys, key); key != "" && res[i].list.bad == "" && at >= 0 {
				return r.s.flat(plainObject(res[i].list.items[at]))
			}
			return nil
		}
		if was, is := row(before), row(after); was == nil || is == nil || !showsChange(was, is, b.bytes()) {
			return skip("the page does not show the change")
		}
		return judgeChanged(res[before].answer(), res[after].answer(), res[condition].answer())
	})
}
