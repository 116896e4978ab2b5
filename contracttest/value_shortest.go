package contracttest

import (
	"fmt"
	"regexp"
	"strings"

	"understudy/internal/contract"
)

// saysTaken finds in a refusal that another item has the value.
var saysTaken = regexp.MustCompile(`(?i)\b(?:exists?|already|taken|unique|duplicate[sd]?|in use|used|reserved|conflicts?)\b`)

// shortest makes a case of the shortest values of a property that tells items apart: two of them, since there are few, and one may be another item's already. One of
// them has to be taken, unless a refusal says that this is so.
func (r *recipe) shortest(op *contract.Operation, p contract.Property) []*testCase {
	least := p.Schema.Present().Keywords().MinLength
	if !isUnique(p) || least < 1 || least > 3 || r.refers(p) {
		return nil
	}
	t := r.trial(op, "accepted", p.Name, "minLength")
	taken := map[string]bool{}
	for _, it := range r.s.base.items {
		text, _ := plainText(r.s.shown().Of(it.Record, p.Name))
		taken[strings.ToLower(text)] = true
	}
	var sent []string
	var creates []int
	for _, letter := range "qxzjwkvy" {
		word := strings.Repeat(string(letter), least)
		text := fmt.Sprintf("%q", word)
		b := r.numbered(t.n+len(sent)).set(p.Name, text)
		if len(sent) == 2 || taken[word] || !valid(p.Schema, text) || !b.fits(r.form) {
			continue
		}
		creates, sent = append(creates, t.create(fmt.Sprintf("short%c", 'A'+len(sent)), b)), append(sent, text)
		t.steps[creates[len(creates)-1]].odd = true
	}
	if len(sent) < 2 {
		return nil
	}
	plain := t.create("other", r.numbered(t.n+3))
	made, _ := t.done("body/"+p.Name+" minLength", fmt.Sprintf("items are created with %s %s and %s, as short as the document allows: one of them is taken at least", p.Name, sent[0], sent[1]), func(res []result) outcome {
		if o, ok := succeeded(res, plain); !ok {
			return o
		}
		for _, i := range creates {
			a := res[i].answer()
			named := spokenOf(a, r.names())
			switch {
			case a.ok():
				return kept()
			case a.failed():
				return broken(a, a.says(), "a success, since the document allows the value").signed(p.Name + " minLength")
			case a.status != 400 && a.status != 422:
				return skip("it is refused for another reason: %s", a.says())
			case saysTaken.Match(a.body):
				return skip("another item may have that value: %s", a.says())
			case len(named) > 1 || len(named) == 1 && named[0] != p.Name:
				return skip("it is refused because of another property: %s", a.says())
			}
		}
		a := res[creates[0]].answer()
		return broken(a, a.says(), "a success, since the document allows the value").signed(p.Name + " minLength")
	})
	return made
}
