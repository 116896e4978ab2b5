package contracttest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"understudy/internal/contract"
)

// mostFlaws bounds how many cases are made of the body of one operation.
const mostFlaws = 60

// writing gives the recipe for the items that an operation creates or changes, and the schema of its body. Neither recipe nor reason: it has no body.
func (e *engine) writing(op *contract.Operation) (*recipe, *contract.Form, string) {
	if op.Body == nil {
		return nil, nil, ""
	}
	if _, s := op.Body.Object(); s == nil {
		return nil, nil, "its body is neither JSON nor a form, or the document does not describe it"
	}
	if !op.Role.Writes() {
		return nil, nil, "it neither creates nor changes an item of a list, so what its body does is not known"
	}
	r, why := e.writerOf(op)
	return r, formOf(op), why
}

func (r *recipe) names() []string {
	var out []string
	for _, p := range r.form.Properties() {
		out = append(out, p.Name)
	}
	return out
}

func acceptedInBody(e *engine, op *contract.Operation) ([]*testCase, string) {
	if op.Role != contract.Create {
		return nil, ""
	}
	r, s, why := e.writing(op)
	if r == nil {
		return none(why)
	}
	var cases []*testCase
	for _, p := range s.Properties() {
		if kindOf(p) == "" && !isFreeForm(p.Schema) || p.Schema.ReadOnly() || r.isOwn(p) || isUnique(p) && !isFreeName(p) && !r.refers(p) || chooses(p.Schema) {
			continue
		}
		choices := edges(p.Schema)
		if r.refers(p) || isKeyLike(p) {
			choices = nil // other values name nothing, or may not
		} else if isUnique(p) {
			choices = append(append(r.longest(op, p), r.withSigns(op, p)...), r.richName(op, p)...)
		}
		if !r.refers(p) {
			choices = append(append(choices, r.elsewhen(p)...), r.rich(p)...)
		}
		if p.Schema.Nullable() && p.Schema.Enum() == nil {
			choices = append(choices, edge{"null", "null"})
		}
		if r.lacks[p.Name] && len(choices) < 2 {
			continue // it was refused, and nothing else can be tried in its place
		}
		for i, c := range choices {
			t := r.trial(op, "accepted", p.Name, c.what)
			b := r.numbered(t.n).set(p.Name, c.json)
			if !b.fits(s) || len(cases) >= mostFlaws {
				continue
			}
			create := t.create("created", b)
			t.steps[create].save = func(a *answer, holes map[string]string) {
				if !a.ok() {
					holes["created"] = "0" // refused: the read tells nothing then
				}
			}
			get := -1
			if r.s.c.Operation(contract.Retrieve) != nil {
				get = t.get("created", found)
			}
			control := r.numbered(t.n + 1)
			if r.lacks[p.Name] { // it may be refused whatever its value
				control = control.set(p.Name, choices[(i+1)%len(choices)].json)
			}
			plain := t.create("other", control)
			made, w := t.done("body/"+p.Name+" "+c.what, fmt.Sprintf("an item is created with %s %s, which the document allows: it may not be refused, and is stored", p.Name, short([]byte(c.json))), func(res []result) outcome {
				a := res[create].answer()
				switch named := spokenOf(a, r.names()); {
				case a.ok() && (get < 0 || !res[get].answer().ok()):
					return kept()
				case a.ok() && (c.what == unicodeText || c.what == nestedValue):
					return r.storedExactly(p.Name, c.json, res[get].answer())
				case a.ok():
					return r.stored(body{{Name: p.Name, JSON: c.json}}, res[get].answer())
				case a.failed():
				case c.what == offset, c.what == unicodeText, c.what == nestedValue:
					return skip("it is refused in that form: %s", a.says())
				case a.status != 400 && a.status != 422:
					return skip("it is refused for another reason: %s", a.says())
				case len(named) > 1 || len(named) == 1 && named[0] != p.Name:
					return skip("it is refused because of another property: %s", a.says())
				}
				if o := res[plain].answer(); !o.ok() {
					return skip("an item without that, or with another value, is refused too: %s", o.says())
				}
				return broken(a, a.says(), "a success, since the document allows the value").signed(p.Name + " " + c.what)
			})
			if cases = append(cases, made...); w != "" {
				return none(w)
			}
		}
	}
	return cases, ""
}

// isFreeName tells whether a property that tells items apart may be of any letters: it is no address, and no code of a form that only its owner knows.
func isFreeName(p contract.Property) bool {
	name := plainName(p.Name)
	return p.Schema.Type() == "string" && p.Schema.Format() == "" && !slices.ContainsFunc([]string{"email", "domain", "host", "hostname", "code", "key", "sku", "identifier"}, func(word string) bool {
		return strings.HasSuffix(name, word)
	})
}

// longest gives the longest value of a property that tells items apart.
func (r *recipe) longest(op *contract.Operation, p contract.Property) []edge {
	most := p.Schema.Present().Keywords().MaxLength
	if most == nil || *most > 4000 {
		return nil
	}
	mark := r.mark(slot(op.ID, "accepted", p.Name, "maxLength"))
	text := fmt.Sprintf("%q", mark+strings.Repeat("a", max(*most-len(mark), 0)))
	if !valid(p.Schema, text) {
		return nil
	}
	return []edge{{"maxLength", text}}
}

// withSigns gives a value of a property that tells items apart with large letters and signs in it, where a pattern says which there may be.
func (r *recipe) withSigns(op *contract.Operation, p contract.Property) []edge {
	if p.Schema.Present().Keywords().Pattern == "" {
		return nil
	}
	mark := r.mark(slot(op.ID, "accepted", p.Name, "signs"))
	for _, end := range []string{"-A_", "_A-", "_", "-", "A", "."} {
		if text := fmt.Sprintf("%q", mark+end); valid(p.Schema, text) {
			return []edge{{"signs", text}}
		}
	}
	return nil
}

// offset is what is tried with a moment: that it may be written in an offset.
const offset = "offset"

// elsewhen gives the moment that a body has, in another offset than UTC.
func (r *recipe) elsewhen(p contract.Property) []edge {
	var text string
	if p.Schema.Format() != "date-time" || json.Unmarshal([]byte(r.base.get(p.Name)), &text) != nil {
		return nil
	}
	at, ok := instant(text)
	if !ok {
		return nil
	}
	text = fmt.Sprintf("%q", at.In(time.FixedZone("", 5*60*60+30*60)).Format(time.RFC3339))
	if !valid(p.Schema, text) {
		return nil
	}
	return []edge{{offset, text}}
}

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
		{"body of zero bytes", "has no bytes", ""},
	} {
		t := r.trial(op, "refused", c.subject)
		send, lax := -1, op.Role == contract.Update || c.body == "" && valid(s.Schema(), "{}")
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
		cases = r.noObjects(op, s)
	}
	flaws := r.badOf(s, mostFlaws, kind)
	if kind == "value" && op.Role == contract.Create {
		for _, f := range r.otherWays(s) {
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
		p, _ := s.Property(bad.name)
		mild, get := bad.value == "null" && bad.pointer == "/"+bad.name && !p.Required, -1
		if mild && r.s.c.Operation(contract.Retrieve) != nil {
			t.steps[send].save = func(a *answer, holes map[string]string) {
				if !a.ok() && op.Role == contract.Create {
					holes["created"] = "0" // refused, which is right: the read is not judged
				}
			}
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
				if v, there := r.s.object(a)[bad.name]; !there || v != nil {
					return kept() // as if nothing was sent
				}
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

// ofNothing is what is tried with a reference: a key that no record has.
const ofNothing = "of nothing"

// keyOfNothing is a key that no record has, as JSON; "" if the schema allows none that is known.
func keyOfNothing(p contract.Property) string {
	for _, v := range []string{"1987654321", `"7d9f6e5c-1b2a-4c3d-8e4f-a5b6c7d8e9f0"`, `"understudy-zzqx7"`} {
		if valid(p.Schema, v) {
			return v
		}
	}
	return ""
}

// refers tells whether a property of a body names another record.
func (r *recipe) refers(p contract.Property) bool {
	return r.keys[p.Name] != "" || r.named[p.Name] && r.lent[p.Name] != ""
}

// isScope tells whether a property names the item that the list is inside of, which the path says.
func (r *recipe) isScope(p contract.Property) bool {
	parent := r.e.holder(r.s.c)
	return parent != nil && len(r.s.scope) > 0 && isKeyOf(p, parent.c)
}

// swapped judges whether a reference to nothing, which was taken, is shown as another one, or as none.
func (r *recipe) swapped(name, sent string, a *answer) outcome {
	o := r.stored(body{{Name: name, JSON: sent}}, a)
	if _, there := r.s.object(a)[name]; o.verdict != Broken || !there {
		return kept()
	}
	o.want = "a refusal (400, say), or " + sent + " as it was sent"
	return o.because("a key that is not found is replaced in silence").signed(name + " of nothing is replaced")
}

func oddInBody(e *engine, op *contract.Operation) ([]*testCase, string) {
	if op.Role != contract.Create {
		return nil, ""
	}
	r, s, why := e.writing(op)
	if r == nil {
		return none(why)
	}
	var cases []*testCase
	for _, p := range s.Properties() {
		if p.Schema.ReadOnly() || r.isOwn(p) || r.lacks[p.Name] || p.Schema.Enum() != nil || r.isScope(p) {
			continue
		}
		var odd []edge
		switch {
		case r.refers(p):
			if v := keyOfNothing(p); v != "" {
				odd = []edge{{ofNothing, v}}
			}
		case p.Schema.Type() == "integer", p.Schema.Type() == "number":
			odd = []edge{{"beyond 64 bits", oddNumber}}
		case p.Schema.Type() == "string":
			if slices.Contains(plainFormats, p.Schema.Format()) {
				continue
			}
			for _, c := range oddTexts {
				text, _ := json.Marshal(c.json) // a string
				odd = append(odd, edge{c.what, string(text)})
			}
		}
		for _, c := range odd {
			if len(cases) >= mostFlaws {
				break
			}
			t := r.trial(op, "odd", p.Name, c.what)
			b := r.numbered(t.n).set(p.Name, c.json)
			send := t.create("created", b)
			t.steps[send].odd = true
			get := -1
			if c.what == ofNothing && r.s.c.Operation(contract.Retrieve) != nil {
				t.steps[send].save = func(a *answer, holes map[string]string) {
					if !a.ok() {
						holes["created"] = "0" // refused, which is right: the read is not judged
					}
				}
				get = t.get("created", nil)
				t.steps[get].odd = true
			}
			made, _ := t.done("body/"+p.Name+" "+c.what, fmt.Sprintf("an item is created with an odd value of %s (%s): whatever comes of that, it is no error of the server's, and no other value is stored in silence", p.Name, c.what), func(res []result) outcome {
				a := res[send].answer()
				if a.failed() {
					return broken(a, a.says(), "a success or a refusal").signed(p.Name + " " + c.what)
				}
				if a.ok() && get >= 0 && res[get].answer().ok() {
					return r.swapped(p.Name, c.json, res[get].answer())
				}
				return kept()
			})
			if !b.fits(s) {
				spoiling(made, p.Name)
			}
			cases = append(cases, made...)
		}
	}
	return cases, ""
}
