package contracttest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"understudy/internal/contract"
)

// What is tried besides the bounds: texts of other scripts, and an object of every kind of value where any is allowed. They may be refused; where they are
// taken, they are stored as they are; so are names with signs that mean something to databases. An object with nothing in it, or with a number, may not be refused.
const (
	unicodeText = "letters of other scripts"
	nestedValue = "values of every kind"
	emptyObject = "nothing in it"
	numberIn    = "a number in it"
	signsIn     = "names with signs in them"
)

// nested is an object with every kind of value.
var nested = edge{nestedValue, `{"Understudy":"Zoë ✓","count":3000000000,"nested":{"Deep":{"number":2.5,"text":"2","none":"","yes":true},"list":[1,"two",false]}}`}

// texts is an object of texts, where only those are allowed.
const texts = `{"Understudy":"Zoë ✓"}`

// rich gives values that a careless store spoils: texts that are not ASCII, and objects that are nested.
func (r *recipe) rich(p contract.Property) []edge {
	switch {
	case isFreeForm(p.Schema) && p.Schema.SaysOpen():
		out := []edge{nested, {numberIn, `{"understudy":3}`}, {signsIn, `{"understudy.example/x":1,"$understudy":"2","under study":true,"none":null}`}}
		if !p.Required {
			out = append(out, edge{emptyObject, `{}`})
		}
		return out
	case isFreeForm(p.Schema) && p.Schema.Open():
		return []edge{nested}
	case isFreeForm(p.Schema) && valid(p.Schema, texts):
		return []edge{{nestedValue, texts}}
	case kindOf(p) == "string" && !isUnique(p):
		for _, text := range []string{`"Zoë Ægir & \"Łódź\" ✓ 日本"`, `"Zoë Ægir & Łódź ✓"`, `"Zoë"`} {
			if valid(p.Schema, text) {
				return []edge{{unicodeText, text}}
			}
		}
	}
	return nil
}

// richName gives such a text for a property that tells items apart, where it is a name that people read.
func (r *recipe) richName(op *contract.Operation, p contract.Property) []edge {
	if !slices.ContainsFunc([]string{"title", "subject", "label", "name"}, func(word string) bool { return strings.HasSuffix(plainName(p.Name), word) }) ||
		slices.ContainsFunc([]string{"username", "hostname", "filename", "nickname"}, func(word string) bool { return strings.HasSuffix(plainName(p.Name), word) }) {
		return nil
	}
	mark := r.mark(slot(op.ID, "accepted", p.Name, unicodeText))
	for _, text := range []string{`"Zoë & \"Łódź\" ✓ ` + mark + `"`, `"Zoë ` + mark + `"`} {
		if valid(p.Schema, text) {
			return []edge{{unicodeText, text}}
		}
	}
	return nil
}

// storedExactly judges whether a value of [recipe.rich] is shown as it was sent.
func (r *recipe) storedExactly(name, sent string, a *answer) outcome {
	item := r.s.object(a)
	_, ok := r.judgeable(name)
	want, err := contract.DecodeJSON([]byte(sent))
	shown, there := item[name]
	if !ok || err != nil || !there || shown == nil || sameJSON(want, shown) {
		return kept()
	}
	return broken(a, fmt.Sprintf("%s is %s", name, short([]byte(jsonOf(item, name)))), sent+", as it was sent").signed(name + " is not stored as it is")
}

// signsKept judges whether a text is shown with the signs that were sent, which its pattern allows. Those at its ends may be cut.
func (r *recipe) signsKept(name, sent string, a *answer) outcome {
	o := r.stored(body{{Name: name, JSON: sent}}, a)
	item := r.s.object(a)
	shown, isText := item[name].(string)
	want, _ := decode([]byte(sent)).(string)
	inner := func(text string) string { return strings.Trim(text, "-_. ") }
	if _, ok := r.judgeable(name); o.verdict != Kept || !ok || !isText || strings.EqualFold(inner(want), inner(shown)) {
		return o
	}
	return broken(a, fmt.Sprintf("%s is %s", name, jsonOf(item, name)), sent+", as it was sent: its pattern allows that").signed(name + " is not stored as it is")
}

// sameJSON tells whether a value that is shown is the one that was sent: of the same type, at every depth. More may be shown, and space around a text and its case
// do not count.
func sameJSON(sent, shown any) bool {
	switch x := sent.(type) {
	case map[string]any:
		y, ok := shown.(map[string]any)
		for name, v := range x {
			other, there := y[name]
			ok = ok && there && sameJSON(v, other)
		}
		return ok
	case []any:
		y, ok := shown.([]any)
		if ok = ok && len(x) == len(y); ok {
			for i := range x {
				ok = ok && sameJSON(x[i], y[i])
			}
		}
		return ok
	case json.Number:
		y, ok := shown.(json.Number)
		return ok && sameScalar(x, y)
	case string:
		y, ok := shown.(string)
		return ok && strings.EqualFold(strings.TrimSpace(x), strings.TrimSpace(y))
	}
	return sent == shown
}
