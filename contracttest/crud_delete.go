package contracttest

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"understudy/internal/contract"
)

// deletes: what was deleted can no longer be read, and is in no list. It is tried three times at once, since what cannot be deleted cannot be created again.
func deletes(_ *engine, r *recipe, op *contract.Operation) ([]*testCase, string) {
	t := r.trial(op, "delete")
	reads := r.s.c.Operation(contract.Retrieve) != nil
	type round struct{ create, before, destroy, after, seek int }
	var rounds []round
	for n := range 3 {
		var d round
		b := r.numbered(t.n + n)
		d.create = t.create("created", b)
		if reads {
			d.before = t.get("created", found)
		}
		d.destroy = t.on(contract.Destroy, "created", nil)
		if reads {
			d.after = t.get("created", func(res result) bool { return !res.answer().ok() })
			t.steps[d.after].odd = true // there is nothing to read
		}
		why := ""
		if d.seek, why = t.seek(b, t.n+n); !reads && why != "" {
			return none(why)
		} else if d.seek >= 0 {
			t.steps[d.seek].finds = func(l *listed) []string { return bearing(l, r.mark(t.n+n)) }
		}
		rounds = append(rounds, d)
	}
	made, why := t.done("", "an item is created, read and deleted: it may be neither read nor listed any more. All that three times", func(res []result) outcome {
		var last outcome
		for n, d := range rounds {
			if o, ok := succeeded(res, d.create, d.destroy); !ok {
				return o
			}
			if res[d.destroy].answer().status == 202 {
				return skip("the deletion is only taken note of: 202")
			}
			key := r.s.keyIn(res[d.create].answer())
			if reads {
				if o, ok := succeeded(res, d.before); !ok {
					return o
				}
				if a := res[d.after].answer(); a.ok() {
					if name := markedDeleted(r.s.object(a), r.s.object(res[d.before].answer())); name != "" && !describes(r.s.c.Operation(contract.Retrieve), "410") {
						return skip("the item is kept, and marked as deleted: %s", name)
					}
					last = broken(a, fmt.Sprintf("%d for what was deleted", a.status), "404 or 410").signed("can be read after the deletion")
					continue
				} else if a.failed() {
					last = broken(a, a.says(), "404 or 410").signed("cannot be asked for after the deletion")
					continue
				}
			}
			if d.seek < 0 {
				return kept()
			}
			l := res[d.seek].list
			if others := bearing(l, r.mark(t.n+n)); l.bad == "" && len(others) > 0 && !slices.Contains(l.keys, key) {
				last = broken(l.answers[0], fmt.Sprintf("the list has what was deleted under another key, %s", others[0]), "a list without it").signed("is in the list after the deletion")
				continue
			}
			if l.bad != "" || !slices.Contains(l.keys, key) {
				return kept()
			}
			at := slices.Index(l.keys, key)
			if name := markedDeleted(r.s.flat(plainObject(l.items[at])), r.s.object(res[d.create].answer())); name != "" {
				return skip("the item is kept, and marked as deleted: %s", name)
			}
			last = broken(l.answers[0], "the list has what was deleted", "a list without it").signed("is in the list after the deletion")
		}
		return last
	})
	for _, tc := range made {
		tc.thrice = true
	}
	more, w := r.unlisted(op)
	return slices.Concat(made, more, r.referredTo(op)), cmp.Or(why, w)
}

// markedDeleted names the property that says that an item is deleted, and did not say so before; or "".
func markedDeleted(o, before map[string]any) string {
	for _, name := range sortedKeys(o) {
		if was, ok := before[name]; ok && sameState(was, o[name]) {
			continue
		}
		plain := plainName(name)
		said := strings.ToLower(scalarText(o[name]))
		for _, word := range []string{"deleted", "archived", "removed", "trashed", "inactive", "disabled", "cancel", "revoked"} {
			if strings.Contains(plain, word) && said != "" && said != "false" && said != "0" {
				return name
			}
		}
		if strings.HasSuffix(plain, "status") || strings.HasSuffix(plain, "state") {
			return name // whatever the end of such an item is called
		}
	}
	return ""
}

func plainObject(it contract.Item) map[string]any {
	v, _ := contract.DecodeJSON(it.AppendJSON(nil)) // it was decoded before
	o, _ := v.(map[string]any)
	return o
}

// deleteOnly: a delete takes no other item with it. Whatever may be confused with the one that is deleted is there: an item of the same values, if those are
// allowed twice, and one before and one behind it, by when they were created and by their keys.
func deleteOnly(_ *engine, r *recipe, op *contract.Operation) ([]*testCase, string) {
	t := r.trial(op, "delete-only")
	var creates []int
	for i, hole := range row {
		creates = append(creates, t.create(hole, r.numbered(t.n+i/2)))
		t.steps[creates[i]].odd = i%2 == 1
	}
	victim := ""
	t.steps[creates[len(creates)-1]].save = func(_ *answer, holes map[string]string) {
		pickVictim(r, holes)
		victim = holes["victim"]
	}
	whole := r.s.base.complete()
	before, again, after := -1, -1, -1
	if whole {
		before, again = t.add(r.s.all(contract.Query{})), t.add(r.s.all(contract.Query{}))
	}
	destroy := t.on(contract.Destroy, "victim", nil)
	var gets []int
	if r.s.c.Operation(contract.Retrieve) != nil {
		for _, hole := range []string{"twin", "below", "above"} {
			gets = append(gets, t.get(hole, nil))
		}
	}
	if whole {
		after = t.add(r.s.all(contract.Query{}))
	}
	if gets == nil && !whole {
		return none("nothing shows whether another item is still there")
	}
	return t.done("", "some items are created, two of each kind where that is allowed, and one in their middle is deleted: all others are still there, and nothing else is gone from the list", func(res []result) outcome {
		if o, ok := succeeded(res, creates[0], creates[2], creates[4], destroy); !ok {
			return o
		}
		for _, i := range gets {
			if a := res[i].answer(); a.status == 404 || a.status == 410 {
				return broken(a, a.says(), "the item, which was not deleted").signed("another item is gone")
			}
		}
		if !whole {
			return kept()
		}
		x, y, z := res[before].list, res[again].list, res[after].list
		if !x.complete() || !y.complete() || !z.complete() {
			return skip("the list could not be read to its end")
		}
		for _, key := range lacking(z.keys, x.keys) {
			if key == victim {
				continue
			}
			if !sameKeys(x.keys, y.keys) {
				return skip("the list changes by itself")
			}
			return broken(z.answers[0], fmt.Sprintf("%s is gone from the list", key), fmt.Sprintf("only %s gone", victim)).signed("another item is gone")
		}
		if o := r.touched(x, y, z, r.steadfast(), victim); o.verdict == Broken {
			return o
		}
		if sameKeys(x.keys, y.keys) {
			return counted(y, z)
		}
		return kept()
	})
}

// steadfast gives the names of the properties of other items that have no reason to change when one is deleted: texts, times and references. Which of them is the
// default, the state and the place of each may follow.
func (r *recipe) steadfast() []string {
	return slices.DeleteFunc(r.writable(), func(name string) bool {
		p, _ := r.form.Property(name)
		return r.keys[name] == "" && (p.Schema == nil || p.Schema.Type() != "string" || p.Schema.Enum() != nil)
	})
}

// row names the items of which one in the middle is deleted: two of each kind.
var row = []string{"first", "firstAgain", "second", "secondAgain", "third", "thirdAgain"}

// pickVictim chooses, among the items that were created, one that has others before and behind it in both orders and, if possible, another of its kind. It
// fills the holes of the victim, of its twin and of its neighbours by key.
func pickVictim(r *recipe, holes map[string]string) {
	var keys []string // as they were created
	kind := map[string]int{}
	for i, hole := range row {
		if key := holes[hole]; key != "" && !slices.Contains(keys, key) {
			keys, kind[key] = append(keys, key), i/2
		}
	}
	if len(keys) < 3 {
		return
	}
	sorted := slices.SortedFunc(slices.Values(keys), r.s.compareKeys)
	best, most := keys[1], -1
	for i, key := range keys {
		at, points := slices.Index(sorted, key), 0
		for _, inside := range []int{i, at} {
			if inside > 0 && inside < len(keys)-1 {
				points += 2
			}
		}
		if slices.ContainsFunc(keys, func(k string) bool { return k != key && kind[k] == kind[key] }) {
			points++
		}
		if points > most {
			best, most = key, points
		}
	}
	at := slices.Index(sorted, best)
	others := slices.DeleteFunc(slices.Clone(sorted), func(k string) bool { return k == best })
	holes["victim"], holes["below"], holes["above"], holes["twin"] = best, others[max(at-1, 0)], others[min(at, len(others)-1)], others[0]
	for _, k := range others {
		if kind[k] == kind[best] {
			holes["twin"] = k
		}
	}
}

// compareKeys compares two keys as a server most likely does: as numbers or as texts.
func (s *listState) compareKeys(a, b string) int {
	n, err := strconv.Atoi(a)
	m, err2 := strconv.Atoi(b)
	if s.c.Records.KeyType() == "integer" && err == nil && err2 == nil {
		return n - m
	}
	return strings.Compare(a, b)
}

func sameKeys(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// deleteTwice: a second delete is answered with 404, 410 or success, never with 5xx.
func deleteTwice(_ *engine, r *recipe, op *contract.Operation) ([]*testCase, string) {
	t := r.trial(op, "delete-twice")
	create := t.create("created", r.numbered(t.n))
	destroy, again := t.on(contract.Destroy, "created", nil), t.on(contract.Destroy, "created", nil)
	t.steps[again].odd = true
	return t.done("", "an item is created and deleted twice: the second time it is not there, which is no error of the server's", func(res []result) outcome {
		if o, ok := succeeded(res, create, destroy); !ok {
			return o
		}
		if a := res[again].answer(); a.failed() {
			return broken(a, a.says(), "404, 410 or a success").signed(fmt.Sprint(a.status))
		}
		return kept()
	})
}

// updateGone changes an item that was deleted: it is not there, and is not changed.
func (r *recipe) updateGone(op *contract.Operation) ([]*testCase, string) {
	t := r.trial(op, "update-gone")
	b := r.change(op, t.n)
	if b == nil || r.s.c.Operation(contract.Destroy) == nil || r.s.c.Operation(contract.Retrieve) == nil {
		return nil, ""
	}
	return t.gone(op, "gone", r.numbered(t.n), b, "404 or 410")
}

// replaceGone: PUT to a key that no item has any more is refused, or creates the item and says so: 201 (RFC 9110 §9.3.4).
func replaceGone(_ *engine, r *recipe, op *contract.Operation) ([]*testCase, string) {
	t := r.trial(op, "replace-gone")
	b := r.bodyFor(op, r.sameKey(r.varied(t.n+1), t.n))
	if b == nil {
		return none(noBody)
	}
	return t.gone(op, "replaced", r.numbered(t.n), b, "404, or 201 for a new item")
}

// gone creates an item and deletes it, and sends a body for it all the same.
func (t *trial) gone(op *contract.Operation, subject string, first, then body, want string) ([]*testCase, string) {
	create, destroy := t.create("created", first), t.on(contract.Destroy, "created", nil)
	gone, write := t.get("created", nil), t.on(op.Role, "created", then)
	t.steps[gone].odd, t.steps[write].odd = true, true
	return t.done(subject, fmt.Sprintf("an item is created and deleted, and %s is sent to its key: %s", op.Method, want), func(res []result) outcome {
		if o, ok := succeeded(res, create, destroy); !ok {
			return o
		}
		a := res[write].answer()
		switch {
		case res[gone].answer().status != 404 && res[gone].answer().status != 410:
			return skip("what was deleted is still there: %s", res[gone].answer().says())
		case a.failed():
			return broken(a, a.says(), want).signed("an error of the server's")
		case a.status == 200 || a.status == 204:
			return broken(a, a.says(), want).because("what is not there is created in silence, or nothing is done").signed("changes what is not there")
		}
		return kept()
	})
}
