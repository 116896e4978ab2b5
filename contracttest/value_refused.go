package contracttest

import (
	"fmt"
	"slices"
	"strings"

	"understudy/internal/contract"
)

func refusedInBody(e *engine, op *contract.Operation) ([]*testCase, string) {
	return flawed(e, op, "value")
}

// noObjects makes cases of bodies that are no object, where one is asked for: nothing if something else may be. Of those that change an item in part, any answer is right
// but an error: they ask for nothing, and some servers take an array for an object without names.
func (r *recipe) noObjects(op *contract.Operation, s *contract.Form) (cases []*testCase) {
	if !contract.IsJSON(s.Media()) || s.Schema().Type() != "object" || chooses(s.Schema()) {
		return nil
	}
	for _, c := range []struct{ subject, what, body string }{
		{"body type", "is an array, not an object,", `["understudy"]`},
		{"body type text", "is a text, not an object,", `"understudy"`},
		{"body type null", "is null, not an object,", "null"},
		{"body of zero bytes", "has no bytes", ""},
	} {
		t := r.trial(op, "refused", c.subject)
		fits := valid(s.Schema(), c.body) // a schema without a type is for objects, and lets others pass
		if c.body == "" {
			fits = !op.Body.Required || valid(s.Schema(), "{}")
		}
		send, lax := -1, op.Role == contract.Update || fits
		if op.Role == contract.Create {
			send = t.create("created", nil)
		} else {
			t.create("created", r.numbered(t.n))
			send = t.on(op.Role, "created", nil)
			t.steps[send].header = withMedia(t.steps[send].header, s.Media())
		}
		t.steps[send].body, t.steps[send].odd = []byte(c.body), true
		made, _ := t.done(c.subject, fmt.Sprintf("%s with a body that %s: it is refused, and is no error of the server's", op.Method, c.what), func(res []result) outcome {
			switch a := res[send].answer(); {
			case send > 0 && !res[0].answer().ok():
				return skip("no item can be created: %s", res[0].answer().says())
			case a.failed(), !a.refused() && !lax:
				return broken(a, a.says(), "a refusal (400, say): an object is asked for").signed(c.subject)
			}
			return kept()
		})
		cases = append(cases, made...)
	}
	return cases
}

func requiredInBody(e *engine, op *contract.Operation) ([]*testCase, string) {
	if op.Role == contract.Update {
		return nil, "" // what is changed in part requires nothing
	}
	return flawed(e, op, "required")
}

// repeats tells whether an array has the same element twice.
func repeats(list []any) bool {
	for i, v := range list {
		if slices.ContainsFunc(list[i+1:], func(w any) bool { return sameState(v, w) }) {
			return true
		}
	}
	return false
}

// flawed makes a case of each flaw that the body of an operation can have: it is to be refused.
func flawed(e *engine, op *contract.Operation, kind string) ([]*testCase, string) {
	r, s, why := e.writing(op)
	if r == nil {
		return none(why)
	}
	var cases []*testCase
	if kind == "value" {
		cases = slices.Concat(r.noObjects(op, s), r.beyond(op, s), r.severalInBody(op, s))
	}
	flaws := r.badOf(s, mostFlaws, kind)
	if kind == "value" && op.Role != contract.Replace {
		var only []string
		if op.Role == contract.Update {
			only = []string{negative} // the others are tried with a create
		}
		for _, f := range r.otherWays(s, only...) {
			if !slices.ContainsFunc(flaws, func(g flaw) bool { return g.name == f.name && g.value == f.value }) {
				flaws = append(flaws, f)
			}
		}
	}
	for _, bad := range flaws {
		if p, ok := s.Property(bad.name); kind == "required" && ok && r.isScope(p) {
			continue // the path says it
		}
		t := r.trial(op, "refused", bad.about())
		b := r.numbered(t.n)
		send := -1
		if op.Role == contract.Create {
			send = t.create("created", bad.on(b))
		} else {
			change := r.addressed(s, nil)
			if op.Role == contract.Replace {
				change = r.bodyFor(op, r.sameKey(r.numbered(t.n+1), t.n))
			}
			spoiled := bad.on(change)
			if change == nil || !spoiled.isBad(s, bad) {
				continue
			}
			t.create("created", b)
			send = t.on(op.Role, "created", spoiled)
		}
		t.steps[send].odd = true
		p, _ := s.Field(bad.name)
		mild, get := (bad.value == "null" && !p.Required && sentence(e.doc.Description(), takesNoNull, promisesRefusal) == "" || bad.way == "empty") && bad.pointer == "/"+strings.Join(p.Path, "/"), -1
		if mild && r.s.c.Operation(contract.Retrieve) != nil {
			t.refusable(send)
			get = t.get("created", nil)
			t.steps[get].odd = true
		}
		made, w := t.done(bad.about(), fmt.Sprintf("%s with %s is refused, and is no error of the server's", op.Method, bad.says()), func(res []result) outcome {
			if send > 0 && !res[0].answer().ok() {
				return skip("no item can be created: %s", res[0].answer().says())
			}
			a := res[send].answer()
			if a.refused() {
				return kept()
			}
			if list, ok := r.s.object(a)[bad.name].([]any); a.ok() && bad.keyword == "uniqueItems" && (!ok || !repeats(list)) {
				return skip("it is taken, and nothing shows twice")
			}
			if mild && a.ok() {
				if get >= 0 && res[get].answer().ok() {
					a = res[get].answer()
				}
				v, there := r.s.object(a)[bad.name]
				if blank := v == nil || v == ""; !there || blank == (bad.way == "empty") {
					return kept() // as if nothing was sent
				}
			}
			if shown := jsonOf(r.s.object(a), bad.name); a.ok() && slices.Contains([]string{blankInside, otherCase, lineEnd}, bad.way) && shown != bad.value {
				return skip("it is taken, and not shown: %s", shown)
			}
			if a.ok() && bad.way == "no such day" && op.Response(400) == nil && op.Response(422) == nil {
				return skip("it is taken, and the document says of no refusal")
			}
			o := broken(a, a.says(), fmt.Sprintf("a refusal (400, say): %s", bad.says())).signed(bad.about())
			o.spoilt = a.ok()
			return o
		})
		spoiling(made, bad.name)
		if cases = append(cases, made...); w != "" {
			return none(w)
		}
	}
	return cases, ""
}
