package contracttest

import (
	"encoding/json"
	"fmt"
	"regexp"

	"understudy/internal/contract"
)

// What a document says of properties that no body has.
var (
	ofProperties = regexp.MustCompile(`(?i)\b(?:propert(?:y|ies)|fields?|attributes?|members?)\b`)
	isUnknown    = regexp.MustCompile(`(?i)\b(?:unknown|undeclared|undocumented|unlisted|(?:do not|don't) know|not (?:listed|known|documented|declared))\b`)
)

// served tells whether a property is the server's alone to set: it is read-only, or in no body of the document, which says that what it does not know of there is ignored.
func (r *recipe) served(p contract.Property) bool {
	if p.Schema.ReadOnly() {
		return true
	}
	if sentence(r.e.doc.Description(), ofProperties, isUnknown, isUnread) == "" || p.Name == r.s.c.Records.Key {
		return false
	}
	for _, role := range []contract.Role{contract.Create, contract.Replace, contract.Update} {
		if op := r.s.c.Operation(role); op != nil {
			s := formOf(op)
			if s == nil {
				return false
			}
			if _, declared := s.Property(p.Name); declared {
				return false
			}
		}
	}
	return true
}

// servedInside makes cases of creates with what is the server's to set inside of an object, or of the first of some: it is refused, or not taken.
func (r *recipe) servedInside(op *contract.Operation) (cases []*testCase) {
	for _, p := range r.s.shown().Properties() {
		s, now := p.Schema.Present(), r.base.get(p.Name)
		var list []json.RawMessage
		if items := s.Items(); items != nil && json.Unmarshal([]byte(now), &list) == nil && len(list) > 0 {
			s, now = items, string(list[0])
		}
		members, err := contract.Members([]byte(now))
		if err != nil || p.Schema.ReadOnly() || chooses(s) || s.IsRecord() {
			continue
		}
		for _, inner := range s.Properties() {
			v := r.improbable(inner)
			if !inner.Schema.ReadOnly() || v == "" || len(cases) == 2 {
				continue
			}
			text := string(body(members).set(inner.Name, v).bytes())
			if list != nil {
				text = "[" + text + "]"
			}
			t := r.trial(op, "read-only", p.Name, inner.Name)
			create := t.create("created", r.numbered(t.n).set(p.Name, text))
			t.steps[create].odd = true
			t.refusable(create)
			get := t.get("created", nil)
			made, _ := t.done(p.Name+"/"+inner.Name, fmt.Sprintf("%s with %s in %s, which is read-only: it is refused, or the value is not taken", op.Method, inner.Name, p.Name), func(res []result) outcome {
				a := res[get].answer()
				if !res[create].answer().ok() || !a.ok() {
					return kept()
				}
				shown := r.s.object(a)[p.Name]
				if list, ok := shown.([]any); ok && len(list) > 0 {
					shown = list[0]
				}
				o, _ := shown.(map[string]any)
				sent, err := contract.DecodeJSON([]byte(v))
				if err == nil && o[inner.Name] != nil && sameMeaning(sent, o[inner.Name], nil) {
					return broken(a, fmt.Sprintf("%s of %s is %s", inner.Name, p.Name, jsonOf(o, inner.Name)), "a value of the server's: the property is read-only").signed(inner.Name + " is taken")
				}
				return kept()
			})
			cases = append(cases, made...)
		}
	}
	return cases
}
