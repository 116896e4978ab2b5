package contracttest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"understudy/internal/contract"
)

// keeps tells whether a body keeps the bounds that the document says in words.
func (b body) keeps(f *contract.Form) bool {
	return !slices.ContainsFunc(f.Bounds(), func(bound contract.Bound) bool { return bound.Broken(b.get, time.Now()) })
}

// beyond makes cases of bodies that are valid by the schema, and break what the document says in words of one property beside another, or of the present: they are refused.
func (r *recipe) beyond(op *contract.Operation, s *contract.Form) (cases []*testCase) {
	for _, bound := range s.Bounds() {
		p, ok := s.Property(bound.Property)
		if !ok || p.Schema.ReadOnly() || r.keys[p.Name] != "" {
			continue
		}
		t := r.trial(op, "beyond", p.Name, bound.Other)
		b := r.numbered(t.n)
		value := beyondIt(bound, p, b.get(bound.Other))
		good := b
		if op.Role == contract.Update {
			good = r.addressed(s, nil)
		} else if op.Role == contract.Replace {
			good = r.bodyFor(op, r.sameKey(b, t.n))
		}
		bad := good.set(p.Name, value)
		if value == "" || good == nil && op.Role != contract.Update || !bad.set(bound.Other, b.get(bound.Other)).breaks(s, bound) || !valid(s.Schema(), string(s.Join(bad))) {
			continue
		}
		send := -1
		if op.Role == contract.Create {
			send = t.create("created", bad)
		} else {
			t.create("created", b)
			send = t.on(op.Role, "created", bad)
		}
		t.steps[send].odd = true
		subject := strings.TrimSpace(bound.Property + " beyond " + bound.Other)
		made, _ := t.done(subject, fmt.Sprintf("%s with %s %s is refused: the document says %q", op.Method, bound.Property, value, bound.Said), func(res []result) outcome {
			if send > 0 && !res[0].answer().ok() {
				return skip("no item can be created: %s", res[0].answer().says())
			}
			a := res[send].answer()
			if shown := jsonOf(r.s.object(a), bound.Property); a.ok() && (shown == "" || bound.Broken(func(name string) string { return jsonOf(r.s.object(a), name) }, time.Now())) {
				o := broken(a, a.says(), fmt.Sprintf("a refusal: the document says %q", bound.Said)).signed("taken against the words: " + bound.Said).asSaid(true)
				o.spoilt = true
				return o
			}
			if a.failed() {
				return broken(a, a.says(), "a refusal (400, say)").signed("an error of the server's")
			}
			return kept()
		})
		spoiling(made, bound.Property)
		cases = append(cases, made...)
	}
	return cases
}

// breaks tells whether a body breaks a bound, and no other.
func (b body) breaks(f *contract.Form, bound contract.Bound) bool {
	return !slices.ContainsFunc(f.Bounds(), func(other contract.Bound) bool { return other.Broken(b.get, time.Now()) != (other == bound) })
}

// beyondIt gives a value of a property that breaks a bound, as JSON; "" if there is none to be made.
func beyondIt(bound contract.Bound, p contract.Property, other string) string {
	far := 3 // years from now, days from another property, or as much as a number
	if bound.Op == contract.Greater || bound.Op == contract.GreaterEqual {
		far = -3
	}
	at := time.Now().UTC().AddDate(far, 0, 0)
	if bound.Other != "" {
		if n, err := strconv.ParseInt(other, 10, 64); err == nil {
			return strconv.FormatInt(n+int64(far), 10)
		}
		text, _ := decode([]byte(other)).(string)
		from, err := time.Parse(time.DateOnly, text)
		if err != nil {
			if from, err = contract.ParseInstant(text); err != nil {
				return ""
			}
		}
		at = from.AddDate(0, 0, far)
	}
	text := at.Format(time.RFC3339)
	if p.Schema.Format() == "date" {
		text = at.Format(time.DateOnly)
	}
	out, _ := json.Marshal(text)
	return string(out)
}
