package contracttest

import (
	"fmt"
	"slices"
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
		}
		rounds = append(rounds, d)
	}
	made, why := t.done("", "an item is created, read and deleted: it may be neither read nor listed any more. All that three times", func(res []result) outcome {
		var last outcome
		for _, d := range rounds {
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
					if name := markedDeleted(r.s.object(a), r.s.object(res[d.before].answer())); name != "" {
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
	return made, why
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
			if (strings.HasSuffix(plain, "status") || strings.HasSuffix(plain, "state")) && strings.Contains(said, word) {
				return name
			}
		}
	}
	return ""
}

func plainObject(it contract.Item) map[string]any {
	v, _ := contract.DecodeJSON(it.AppendJSON(nil)) // it was decoded before
	o, _ := v.(map[string]any)
	return o
}

// deleteOnly: a delete takes no other item with it.
func deleteOnly(_ *engine, r *recipe, op *contract.Operation) ([]*testCase, string) {
	t := r.trial(op, "delete-only")
	first, second, third := t.create("other", r.numbered(t.n)), t.create("created", r.numbered(t.n+1)), t.create("younger", r.numbered(t.n+2))
	whole := r.s.base.complete()
	before, again, after := -1, -1, -1
	if whole {
		before, again = t.add(r.s.all(contract.Query{})), t.add(r.s.all(contract.Query{}))
	}
	destroy := t.on(contract.Destroy, "created", nil)
	gets := map[int]int{} // by the create
	if r.s.c.Operation(contract.Retrieve) != nil {
		gets[first], gets[third] = t.get("other", nil), t.get("younger", nil)
	}
	if whole {
		after = t.add(r.s.all(contract.Query{}))
	}
	if len(gets) == 0 && !whole {
		return none("nothing shows whether another item is still there")
	}
	return t.done("", "three items are created and the second is deleted: those before and behind it are still there, and nothing else is gone from the list", func(res []result) outcome {
		if o, ok := succeeded(res, first, second, third, destroy); !ok {
			return o
		}
		gone := r.s.keyIn(res[second].answer())
		for _, create := range []int{first, third} {
			get, ok := gets[create]
			if !ok {
				continue
			}
			if a := res[get].answer(); a.status == 404 || a.status == 410 {
				return broken(a, a.says(), fmt.Sprintf("the item %s, which was not deleted", r.s.keyIn(res[create].answer()))).signed("another item is gone")
			}
		}
		if !whole {
			return kept()
		}
		x, y, z := res[before].list, res[again].list, res[after].list
		if !x.complete() || !y.complete() || !z.complete() {
			return skip("the list could not be read to its end")
		}
		for _, key := range x.keys {
			if key == gone || slices.Contains(z.keys, key) {
				continue
			}
			if !sameKeys(x.keys, y.keys) {
				return skip("the list changes by itself")
			}
			return broken(z.answers[0], fmt.Sprintf("%s is gone from the list", key), fmt.Sprintf("only %s gone", gone)).signed("another item is gone")
		}
		return kept()
	})
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
