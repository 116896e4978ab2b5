package contracttest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"understudy/internal/contract"
)

// emptied sets what may be 0, false or an empty text to that: a server that looks at whether a value is true, and not at whether it was sent, leaves it as it was.
func (r *recipe) emptied(op *contract.Operation, s *contract.Form) (cases []*testCase, why string) {
	for _, kind := range []string{"numbers", "texts"} {
		t := r.trial(op, "update", "emptied", kind)
		first := r.numbered(t.n)
		var sent body
		for _, p := range s.Properties() {
			v := map[string]string{"integer": "0", "number": "0", "boolean": "false"}[p.Schema.Type()]
			if kind == "texts" {
				v = map[bool]string{true: `""`}[isFreeText(p)]
			}
			now := first.get(p.Name)
			if _, ok := r.judgeable(p.Name); !ok || v == "" || now == "" || now == v || now == "null" || p.Schema.Enum() != nil || p.Schema.ReadOnly() || isUnique(p) || isKeyLike(p) || r.keys[p.Name] != "" || !valid(p.Schema, v) {
				continue
			}
			if more := append(slices.Clone(sent), contract.Member{Name: p.Name, JSON: v}); r.addressed(s, more).fits(s) {
				sent = more
			}
		}
		if sent == nil {
			continue
		}
		create := t.create("created", first)
		patch := t.on(contract.Update, "created", r.addressed(s, sent))
		t.steps[patch].odd = true // some do without what is empty
		get := t.get("created", func(res result) bool { return r.stored(sent, res.answer()).verdict == Kept })
		made, w := t.done("emptied "+kind, fmt.Sprintf("%s of an item are set to what is nearest to nothing, which the document allows: %s", kind, sent.bytes()), func(res []result) outcome {
			if o, ok := succeeded(res, create, patch, get); !ok {
				return o
			}
			if res[patch].answer().status == 202 {
				return skip("the change is only taken note of: 202")
			}
			return r.stored(sent, res[get].answer())
		})
		if cases = append(cases, made...); w != "" {
			why = w
		}
	}
	return cases, why
}

// itself sets what no two items may share to what the item has, and then to other values: the first is no more refused than the second.
func (r *recipe) itself(op *contract.Operation, s *contract.Form) ([]*testCase, string) {
	t := r.trial(op, "update", "itself")
	first := r.numbered(t.n)
	var same, others body
	var names []string
	for _, p := range s.Properties() {
		if _, ok := r.judgeable(p.Name); ok && !p.Schema.ReadOnly() && isUnique(p) && r.keys[p.Name] == "" && first.get(p.Name) != "" {
			names, same, others = append(names, p.Name), same.set(p.Name, first.get(p.Name)), others.set(p.Name, r.unique(p, t.n+1))
		}
	}
	same, others = r.addressed(s, same), r.addressed(s, others)
	if names == nil || !same.fits(s) || !others.fits(s) {
		return nil, ""
	}
	create := t.create("created", first)
	own := t.on(contract.Update, "created", same)
	t.steps[own].odd = true
	control := t.on(contract.Update, "created", others)
	all := strings.Join(names, ", ")
	return t.done("as it is", fmt.Sprintf("%s of an item is set to what it is, and then to another value: an item is no duplicate of itself", all), func(res []result) outcome {
		if o, ok := succeeded(res, create, control); !ok {
			return o
		}
		if a := res[own].answer(); a.status == 409 || (a.status == 400 || a.status == 422) && slices.ContainsFunc(spokenOf(a, r.names()), func(name string) bool { return slices.Contains(names, name) }) {
			return broken(a, a.says(), "a success, as with another value").because("the item itself is taken for its duplicate").signed("a conflict with itself")
		}
		return kept()
	})
}

// whole tells whether the document says of a write that an object is replaced whole, and not merged.
func (r *recipe) whole(op *contract.Operation, p contract.Property) bool {
	if op.Merges(p) != "" || sentence(r.e.doc.Description()+"\n\n"+op.Description, promisesWhole, isExcepted, regexp.MustCompile(`\b`+regexp.QuoteMeta(p.Name)+`\b`)) != "" {
		return false
	}
	return promisesWhole.MatchString(op.Description+"\n"+p.Schema.Keywords().Description) || sentence(r.e.doc.Description(), promisesWhole, ofObjects) != ""
}

// inPart sets an object without one of the properties that it has and may lack, where the document says that objects are replaced whole: it has that no more.
func (r *recipe) inPart(op *contract.Operation, s *contract.Form) (cases []*testCase, why string) {
	for _, p := range s.Properties() {
		now, err := contract.Members([]byte(r.base.get(p.Name)))
		if _, ok := r.judgeable(p.Name); !ok || err != nil || !r.whole(op, p) || isFreeForm(p.Schema) || chooses(p.Schema) || len(cases) == mostPatched {
			continue
		}
		for _, inner := range p.Schema.Properties() {
			less := body(now).without(inner.Name)
			b := r.addressed(s, body{{Name: p.Name, JSON: string(less.bytes())}})
			if inner.Required || inner.Schema.ReadOnly() || len(less) == len(now) || len(less) == 0 || !b.fits(s) {
				continue
			}
			made, w := r.update(op, p, p.Name+" without "+inner.Name, b)
			if cases = append(cases, made...); w != "" {
				why = w
			}
			break
		}
	}
	return cases, why
}
