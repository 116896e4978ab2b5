package contracttest

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
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
	each := r.choices(op, s)
	if r.stays != nil {
		cases = r.acceptedTogether(op, s, each)
	}
	for _, p := range s.Properties() {
		choices := each[p.Name]
		for i, c := range choices {
			t := r.trial(op, "accepted", p.Name, c.what)
			b := r.numbered(t.n).set(p.Name, c.json)
			if !b.fits(s) || len(cases) >= mostFlaws {
				continue
			}
			create := t.create("created", b)
			t.refusable(create)
			get := -1
			if r.s.c.Operation(contract.Retrieve) != nil {
				get = t.get("created", found)
			}
			control := r.numbered(t.n + 1)
			if r.lacks[p.Name] { // it may be refused whatever its value
				control = control.set(p.Name, choices[(i+1)%len(choices)].json)
			}
			if r.stays != nil && !r.lacks[p.Name] {
				control = r.numbered(r.stays.first)
			}
			plain := t.create("other", control)
			t.steps[plain].shared = true
			beside := plain
			if near := nextTo(p.Schema, c); near != "" && sentence(op.Description, promisesRefusal) != "" {
				beside = t.create("near", r.numbered(t.n+2).set(p.Name, near))
				t.steps[beside].odd = true
			}
			made, w := t.done("body/"+p.Name+" "+c.what, fmt.Sprintf("an item is created with %s %s, which the document allows: it may not be refused, and is stored", p.Name, short([]byte(c.json))), func(res []result) outcome {
				a := res[create].answer()
				switch named := spokenOf(a, r.names()); {
				case a.ok() && (get < 0 || !res[get].answer().ok()):
					return kept()
				case a.ok() && (c.what == unicodeText || c.what == nestedValue || c.what == signsIn):
					return r.storedExactly(p.Name, c.json, res[get].answer())
				case a.ok() && isUnique(p):
					return r.signsKept(p.Name, c.json, res[get].answer())
				case a.ok():
					return r.stored(body{{Name: p.Name, JSON: c.json}}, res[get].answer())
				case a.failed():
				case c.what == unicodeText, c.what == nestedValue, c.what == signsIn, c.what == severalRecords:
					return skip("it is refused in that form: %s", a.says())
				case a.status != 400 && a.status != 422:
					return skip("it is refused for another reason: %s", a.says())
				case c.json == "null" && !promisesNull.MatchString(p.Schema.Keywords().Description) && r.onCondition(op, p.Name, saysOnCondition):
					return skip("the document says of it that it may have to be there: %s", a.says())
				case r.onCondition(op, p.Name, saysAtTimes), r.onCondition(op, p.Name, saysCompared):
					return skip("the document says of it that it depends on something else: %s", a.says())
				case len(named) > 1 || len(named) == 1 && named[0] != p.Name:
					return skip("it is refused because of another property: %s", a.says())
				}
				if o := res[plain].answer(); !o.ok() {
					return skip("an item without that, or with another value, is refused too: %s", o.says())
				}
				if o := res[beside].answer(); !o.ok() {
					return skip("the value next to it is refused, too, and the document knows other reasons to refuse an item: %s", o.says())
				}
				return broken(a, a.says(), "a success, since the document allows the value").signed(p.Name + " " + c.what)
			})
			if cases = append(cases, made...); w != "" {
				return none(w)
			}
		}
		if _, tried := each[p.Name]; tried && r.stays == nil {
			cases = append(cases, r.shortest(op, p)...)
		}
	}
	return cases, ""
}

// saysOnCondition are the words of a sentence that says when a property has to be there.
var saysOnCondition = regexp.MustCompile(`(?i)\b(?:without|requir\w+|needs?|must|only|if|when|unless|together|depends?|mandatory)\b`)

// saysAtTimes are the words of a sentence that says when a property may be there: "Only of a published work".
var saysAtTimes = regexp.MustCompile(`(?i)\bonly (?:of|for|if|when|where|with|while|on|in|after|before|once)\b|\b(?:needs|requires|unless|depends?|together)\b|\b(?:allowed|accepted|valid|possible|permitted) (?:if|when|for|with)\b`)

// saysCompared are the words of a sentence that measures a value by something else than a number: "Not more than the room holds".
var saysCompared = regexp.MustCompile("(?i)\\b(?:than|above|below|beyond|within|exceed(?:s|ed|ing)?|up to|at most|at least) (?:the|its|that|what|those|their|an?|any|other|remaining|`)")

// onCondition tells whether the document speaks of a property in a condition: "`send_invoice` without `days_until_due` is refused".
func (r *recipe) onCondition(op *contract.Operation, name string, says *regexp.Regexp) bool {
	named := regexp.MustCompile(`\b` + regexp.QuoteMeta(name) + `\b`)
	for _, p := range r.form.Properties() {
		if text := p.Schema.Keywords().Description; p.Name == name && says.MatchString(text) || sentence(text, named, says) != "" {
			return true
		}
	}
	return sentence(op.Description+"\n\n"+r.e.doc.Description()+"\n\n"+r.form.Schema().Keywords().Description, named, says) != ""
}

// nextTo gives the number inside of a bound; "" if a value is none.
func nextTo(s *contract.Schema, c edge) string {
	step := map[string]float64{"minimum": 1, "maximum": -1}[c.what]
	n, err := strconv.ParseFloat(c.json, 64)
	if text := strconv.FormatFloat(n+step, 'f', -1, 64); step != 0 && err == nil && valid(s, text) {
		return text
	}
	return ""
}

// choices gives the values that are tried of the properties of a body, by property: those at the bounds, and others that the document allows.
func (r *recipe) choices(op *contract.Operation, s *contract.Form) map[string][]edge {
	out := map[string][]edge{}
	for _, p := range s.Properties() {
		arrays := append(r.arrays(p), r.insides(p)...)
		if kindOf(p) == "" && !isFreeForm(p.Schema) && arrays == nil || p.Schema.ReadOnly() || r.isOwn(p) || isUnique(p) && !isFreeName(p) && !r.refers(p) || chooses(p.Schema) {
			continue
		}
		choices := edges(p.Schema)
		if r.refers(p) || isKeyLike(p) {
			choices = nil // other values name nothing, or may not
		} else if isUnique(p) {
			choices = slices.Concat(r.longest(op, p), r.withSigns(op, p), r.begun(op, p), r.richName(op, p))
		}
		if !r.refers(p) {
			choices = append(append(choices, r.elsewhen(p)...), r.rich(p)...)
		}
		choices = append(choices, arrays...)
		if p.Schema.Nullable() && p.Schema.Enum() == nil {
			choices = append(choices, edge{"null", "null"})
		}
		if r.lacks[p.Name] && len(choices) < 2 {
			continue // it was refused, and nothing else can be tried in its place
		}
		out[p.Name] = choices
	}
	return out
}

// mostJoined bounds how many creates try several values at once.
const mostJoined = 4

// acceptedTogether makes cases of bodies in which every property has a value at a bound, where what is created stays: few creates that show much. What is
// refused so may be refused for how the values go together.
func (r *recipe) acceptedTogether(op *contract.Operation, s *contract.Form, each map[string][]edge) (cases []*testCase) {
	for round := range mostJoined {
		t := r.trial(op, "accepted together", fmt.Sprint(round))
		b, exact := r.numbered(t.n), map[string]string{}
		var sent body
		for _, p := range s.Properties() {
			if round >= len(each[p.Name]) || r.lacks[p.Name] {
				continue
			}
			c := each[p.Name][round]
			if more := b.set(p.Name, c.json); more.fits(s) {
				b, sent = more, append(sent, contract.Member{Name: p.Name, JSON: c.json})
				if c.what == unicodeText || c.what == nestedValue || c.what == signsIn {
					exact[p.Name] = c.json
				}
			}
		}
		if len(sent) < 2 || r.s.c.Operation(contract.Retrieve) == nil {
			continue
		}
		create := t.create("created", b)
		t.refusable(create)
		get := t.get("created", found)
		made, _ := t.done(fmt.Sprintf("body %d", round+1), fmt.Sprintf("an item is created with values that the document allows, at the bounds of %d properties: they are stored, if they are taken together", len(sent)), func(res []result) outcome {
			if o, ok := succeeded(res, create, get); !ok && !res[create].answer().failed() {
				return o
			} else if !ok {
				return broken(res[create].answer(), res[create].answer().says(), "a success or a refusal").signed("body")
			}
			o := r.stored(sent, res[get].answer())
			for _, name := range sortedKeys(exact) {
				o = worst(o, r.storedExactly(name, exact[name], res[get].answer()))
			}
			return o
		})
		cases = append(cases, made...)
	}
	return cases
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
	for _, end := range []string{"_A-b_", "-A_", "_A-", "_", "-", "A", "."} {
		if text := fmt.Sprintf("%q", mark+end); valid(p.Schema, text) {
			return []edge{{"signs", text}}
		}
	}
	return nil
}

// begun gives values of a property that tells items apart that begin with a digit or a sign, where a pattern says that they may.
func (r *recipe) begun(op *contract.Operation, p contract.Property) (out []edge) {
	if p.Schema.Present().Keywords().Pattern == "" {
		return nil
	}
	for _, first := range []string{"7", "-"} {
		what := first + " in front"
		if text := fmt.Sprintf("%q", first+r.mark(slot(op.ID, "accepted", p.Name, what))); valid(p.Schema, text) {
			out = append(out, edge{what, text})
		}
	}
	return out
}

// elsewhen gives the moment that a body has in other spellings (RFC 3339 §5.6): in another offset than UTC, and with a fraction of a second.
func (r *recipe) elsewhen(p contract.Property) []edge {
	var text string
	if p.Schema.Format() != "date-time" || json.Unmarshal([]byte(r.base.get(p.Name)), &text) != nil {
		return nil
	}
	at, ok := instant(text)
	if !ok {
		return nil
	}
	var out []edge
	for _, c := range []edge{
		{"offset", at.In(time.FixedZone("", 5*60*60+30*60)).Format(time.RFC3339)},
		{"fraction", at.UTC().Format("2006-01-02T15:04:05") + ".25Z"},
	} {
		if c.json = fmt.Sprintf("%q", c.json); valid(p.Schema, c.json) {
			out = append(out, c)
		}
	}
	return out
}

// refers tells whether a property of a body names another record.
func (r *recipe) refers(p contract.Property) bool {
	return r.keys[p.Name] != "" || r.named[p.Name] && r.lent[p.Name] != ""
}

// isScope tells whether a property names the item that the list is inside of, which the path says.
func (r *recipe) isScope(p contract.Property) bool {
	parent := r.e.holder(r.s.c)
	return parent != nil && len(r.s.scope) > 0 && isNameOf(p, parent.c)
}
