package contracttest

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"understudy/internal/contract"
)

// everyNamed finds what says that a refusal names all that is wrong, and not the first alone.
var everyNamed = regexp.MustCompile(`(?i)\b(?:every|each|all)\b[^.;]{0,40}\b(?:is|are) (?:named|listed|reported|told)\b`)

// toldEvery gives the sentence with which the document says that a refusal of an operation names all that is wrong; "" if none does.
func toldEvery(op *contract.Operation) string {
	for _, r := range op.Responses {
		if r.Status == "400" || r.Status == "422" {
			if told := sentence(r.Description, everyNamed); told != "" {
				return told
			}
		}
	}
	return ""
}

// judgeEvery judges a refusal of two things by whether it names both; alone are the refusals of each, by name.
func judgeEvery(told string, names []string, alone []*answer, a *answer) outcome {
	for i, name := range names {
		if !alone[i].refused() || !slices.Contains(spokenOf(alone[i], names), name) {
			return skip("%s alone is not refused by its name: %s", name, alone[i].says())
		}
	}
	if named := spokenOf(a, names); a.refused() && (a.status == 400 || a.status == 422) && len(named) < len(names) {
		return broken(a, fmt.Sprintf("a refusal that names %s alone", strings.Join(named, ", ")), fmt.Sprintf("%s: %s", strings.Join(names, " and "), told)).
			because("what is wrong is looked for until something is found").signed("only the first is named").asSaid(true)
	}
	return kept()
}

// severalInQuery makes a case of two parameters that are wrong at once, where the document says that each is named. A server that is only read is asked for less than
// a hundred pages of a list, and not for this.
func (e *engine) severalInQuery(op *contract.Operation, control request, parameters []*contract.Parameter) []*testCase {
	told := toldEvery(op)
	if told == "" || !e.target.Writes {
		return nil
	}
	both, steps := control, []step(nil)
	var names []string
	for _, p := range parameters {
		value := wrongValues(p)[0]
		one := with1(control, p, value)
		if one.odd = true; len(names) < 2 && !isPosition(op, p) && p.Schema.Type() != "array" && breaksOnWire(op, one, p) {
			both, names, steps = with1(both, p, value), append(names, p.Name), append(steps, step{request: one})
		}
	}
	if both.odd = true; len(names) < 2 {
		return nil
	}
	return []*testCase{{
		subject: "query several", intent: fmt.Sprintf("%s are wrong at once: the document says that each is named", strings.Join(names, " and ")), steps: append(steps, step{request: both}),
		judge: func(r []result) outcome {
			return judgeEvery(told, names, []*answer{r[0].answer(), r[1].answer()}, r[2].answer())
		},
	}}
}

// severalInBody makes a case of two properties that are wrong at once, likewise.
func (r *recipe) severalInBody(op *contract.Operation, s *contract.Form) []*testCase {
	told := toldEvery(op)
	if told == "" || op.Role != contract.Create {
		return nil
	}
	t := r.trial(op, "refused", "several")
	b := r.numbered(t.n)
	both := b
	var names []string
	var alone []int
	for _, p := range s.Properties() {
		bad := `["understudy"]`
		if one := b.set(p.Name, bad); len(names) < 2 && b.get(p.Name) != "" && !p.Schema.ReadOnly() && p.Schema.Type() != "array" && !chooses(p.Schema) && !isFreeForm(p.Schema) && !one.fits(s) {
			both, names = both.set(p.Name, bad), append(names, p.Name)
			alone = append(alone, t.create("alone"+strconv.Itoa(len(names)), one))
			t.steps[alone[len(alone)-1]].odd = true
		}
	}
	if len(names) < 2 {
		return nil
	}
	send := t.create("created", both)
	t.steps[send].odd = true
	made, _ := t.done("body several", fmt.Sprintf("%s are wrong at once: the document says that each is named", strings.Join(names, " and ")), func(res []result) outcome {
		return judgeEvery(told, names, []*answer{res[alone[0]].answer(), res[alone[1]].answer()}, res[send].answer())
	})
	spoiling(made, names...)
	return made
}
