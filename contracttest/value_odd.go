package contracttest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"

	"understudy/internal/contract"
)

// ofNothing is what is tried with a reference: a key that no record has.
const ofNothing = "of nothing"

// keyOfNothing is a key that no record has, as JSON; "" if the schema allows none that is known.
func (r *recipe) keyOfNothing(p contract.Property) string {
	for _, other := range r.e.namedBy(p) { // one that looks like those that there are
		if other.base == nil || !other.base.complete() || p.Schema.Type() != "string" {
			continue
		}
		for _, key := range []string{other.unknownKey(), other.similarKey(p.Schema)} {
			if key != "" && !slices.Contains(other.base.keys, key) && valid(p.Schema, asJSON(p.Schema, key)) {
				return asJSON(p.Schema, key)
			}
		}
	}
	for _, v := range []string{"1987654321", `"7d9f6e5c-1b2a-4c3d-8e4f-a5b6c7d8e9f0"`, `"understudy-zzqx7"`} {
		if valid(p.Schema, v) {
			return v
		}
	}
	return ""
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

// keyEnding is what the names of properties that hold keys end with, behind what they are keys of.
var keyEnding = regexp.MustCompile(`(?i)[_-]?(?:id|uuid|guid|pk)s?$`)

// promisedRecord gives the sentence that says that the record that a property refers to has to be there, of the property itself or of a refusal; "" if none does.
func (r *recipe) promisedRecord(op *contract.Operation, p contract.Property) string {
	if r.s.c.Records.Reference(p.Name) != nil {
		if told := sentence(p.Schema.Keywords().Description, promisesRecord); told != "" {
			return told
		}
	}
	if len(r.e.namedBy(p)) == 0 {
		return ""
	}
	root := regexp.MustCompile(`(?i)\b` + regexp.QuoteMeta(keyEnding.ReplaceAllString(p.Name, "")) + `\b`)
	if told := cmp.Or(sentence(op.Description, mustExist, root), sentence(op.Description, promisesRecord, root, promisesInvalid), sentence(op.Description, isNotThere, root, promisesInvalid),
		sentence(p.Schema.Keywords().Description, isNotThere, promisesInvalid)); told != "" {
		return told
	}
	for _, status := range []int{400, 404, 409, 422} {
		if refusal := op.Response(status); refusal != nil {
			told := sentence(refusal.Description, refersToNothing)
			if named := sentence(refusal.Description, isNotThere, root); told == "" && status != 404 {
				told = named
			}
			if told != "" {
				return fmt.Sprintf("%d, %s", status, told)
			}
		}
	}
	return ""
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
			if v := r.keyOfNothing(p); v != "" {
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
				t.refusable(send)
				get = t.get("created", nil)
				t.steps[get].odd = true
			}
			made, _ := t.done("body/"+p.Name+" "+c.what, fmt.Sprintf("an item is created with an odd value of %s (%s): whatever comes of that, it is no error of the server's, and no other value is stored in silence", p.Name, c.what), func(res []result) outcome {
				a := res[send].answer()
				if a.failed() {
					return broken(a, a.says(), "a success or a refusal").signed(p.Name + " " + c.what)
				}
				if told := r.promisedRecord(op, p); a.ok() && c.what == ofNothing && told != "" {
					return broken(a, a.says(), "a refusal (400, say): "+told).because("whether there is such a record is not looked at").signed(p.Name + " of nothing is taken")
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
