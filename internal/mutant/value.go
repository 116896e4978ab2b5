package mutant

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"understudy/internal/contract"
)

// valueMutants break how a server takes what the document allows, and what it does not.
var valueMutants = []Mutant{
	{
		ID: "longest-refused", Rule: "value/accepted", Sentence: "A text of the greatest length that is allowed is refused.",
		Changes: writes, spoil: refusing(func(s *contract.Schema, v gjson.Result) bool {
			most := s.Keywords().MaxLength
			return most != nil && v.Type == gjson.String && utf8.RuneCountInString(v.String()) == *most
		}),
	},
	{
		ID: "choice-refused", Rule: "value/accepted", Sentence: "The last value of an enumeration is refused when it is sent.",
		Changes: writes, spoil: refusing(func(s *contract.Schema, v gjson.Result) bool {
			n := len(s.Enum())
			return n > 0 && v.Value() == s.Enum()[n-1]
		}),
	},
	{
		ID: "true-refused", Rule: "value/accepted", Sentence: "The value true is refused.",
		Changes: writes, spoil: refusing(func(s *contract.Schema, v gjson.Result) bool { return v.Type == gjson.True }),
	},
	{
		ID: "null-refused", Rule: "value/accepted", Sentence: "The value null is refused where the document allows it.",
		Changes: writes, spoil: refusing(func(s *contract.Schema, v gjson.Result) bool { return v.Type == gjson.Null }),
	},
	{
		ID: "invalid-accepted", Rule: "value/refused", Sentence: "Nothing in a body is judged: what is not valid is left out, and the rest is taken.",
		Changes: writes, spoil: lenient(func(s *contract.Schema, name string, v gjson.Result) bool {
			p, ok := s.Property(name)
			return ok && v.Exists() && !sendable(p.Schema, v.Raw)
		}),
	},
	{
		ID: "invalid-crashes", Rule: "value/refused", Sentence: "A body that is not valid is answered with 500.",
		Changes: []string{"write/refused/*", "http/*", "value/*"}, spoil: onRefusal(func(x *exchange) bool {
			v, err := contract.DecodeJSON(x.body)
			return err == nil && v != nil
		}),
	},
	{
		ID: "parameters-crash", Rule: "value/refused", Sentence: "A query parameter that is not valid is answered with 500.",
		Changes: []string{"list/*", "http/*"}, spoil: everywhere(func(x *exchange) *answer {
			a := x.pass()
			if x.op != nil && x.method == http.MethodGet && len(x.query) > 0 && (a.status == http.StatusBadRequest || a.status == http.StatusUnprocessableEntity) && x.breaksSchema() {
				return crash()
			}
			return a
		}),
	},
	{
		ID: "required-ignored", Rule: "value/required", Sentence: "A required property may be left out.",
		Changes: append([]string{"auth/none/*"}, writes...), spoil: lenient(func(s *contract.Schema, name string, v gjson.Result) bool {
			p, ok := s.Property(name)
			return ok && p.Required && !v.Exists()
		}),
	},
	{
		ID: "required-crashes", Rule: "value/required", Sentence: "A body without a required property is answered with 500.",
		Changes: []string{"write/refused/*", "value/*", "http/*"}, spoil: onRefusal(func(x *exchange) bool {
			s := bodyOf(x.op)
			v := gjson.ParseBytes(x.body)
			return s != nil && v.IsObject() && slices.ContainsFunc(s.Properties(), func(p contract.Property) bool {
				return p.Required && !p.Schema.ReadOnly() && !v.Get(gjson.Escape(p.Name)).Exists()
			})
		}),
	},
	{
		ID: "letters-crash", Rule: "value/odd", Sentence: "Letters beyond the basic plane, sent in a body or in the query, are answered with 500.",
		Changes: []string{"value/odd*", "list/odd*"}, spoil: onOdd(func(text string) bool {
			return strings.ContainsFunc(text, func(r rune) bool { return r > 0xffff })
		}),
	},
	{
		ID: "nul-crashes", Rule: "value/odd", Sentence: "U+0000, sent in a body or in the query, is answered with 500.",
		Changes: []string{"value/odd*", "list/odd*"}, spoil: onOdd(func(text string) bool { return strings.ContainsRune(text, 0) }),
	},
	{
		ID: "long-text-crashes", Rule: "value/odd", Sentence: "A text of more than 150 characters, sent in a body or in the query, is answered with 500.",
		Changes: []string{"value/odd*", "list/odd*", "http/*", "write/refused/*"}, spoil: onOdd(func(text string) bool { return utf8.RuneCountInString(text) > 150 }),
	},
}

// breaksSchema tells whether a query parameter has a value that does not fit its schema.
func (x *exchange) breaksSchema() bool {
	for i := range x.op.Parameters {
		p := &x.op.Parameters[i]
		if text := x.query.Get(p.Name); p.In == "query" && text != "" && p.Schema != nil && !sendable(p.Schema, text) && !sendable(p.Schema, quote(text)) {
			return true
		}
	}
	return false
}

// sendable tells whether a value, as JSON, may be sent.
func sendable(s *contract.Schema, value string) bool {
	v, err := contract.DecodeJSON([]byte(value))
	return err == nil && s.Judge(v, contract.AsRequest) == nil
}

// refused answers as the inner server refuses what is not valid.
func (x *exchange) refused(name string) *answer {
	for _, status := range []int{http.StatusBadRequest, http.StatusUnprocessableEntity} {
		if r := x.op.Response(status); r != nil {
			return say(status, `{`+quote(name)+`:["This value is not taken."]}`)
		}
	}
	return say(http.StatusBadRequest, `{`+quote(name)+`:["This value is not taken."]}`)
}

// refusing refuses creates for a value that the document allows.
func refusing(unwanted func(s *contract.Schema, v gjson.Result) bool) func(*Place) spoiler {
	return func(p *Place) spoiler {
		s := bodyOf(p.operation(contract.Create))
		if s == nil {
			return nil
		}
		return func(x *exchange) *answer {
			if x.is(contract.Create) && x.wouldSucceed() {
				v := gjson.ParseBytes(x.body)
				for _, q := range s.Properties() {
					if value := v.Get(gjson.Escape(q.Name)); value.Exists() && unwanted(q.Schema, value) && p.Collection.Records.Reference(q.Name) == nil {
						return x.refused(q.Name)
					}
				}
			}
			return x.pass()
		}
	}
}

// lenient repairs bodies that are refused, and tries again: what is wrong with a property is mended by what was accepted before, or by leaving it out.
func lenient(wrong func(s *contract.Schema, name string, v gjson.Result) bool) func(*Place) spoiler {
	return func(p *Place) spoiler {
		if len(p.bodies()) == 0 {
			return nil
		}
		var mu sync.Mutex
		accepted := ""
		return func(x *exchange) *answer {
			a := x.pass()
			s := bodyOf(x.op)
			if s == nil || !x.is(contract.Create, contract.Replace, contract.Update) {
				return a
			}
			body := gjson.ParseBytes(x.body)
			mu.Lock()
			last := accepted
			if a.ok() && x.is(contract.Create) {
				accepted = string(x.body)
			}
			mu.Unlock()
			if a.status != http.StatusBadRequest && a.status != http.StatusUnprocessableEntity || !body.IsObject() {
				return a
			}
			mended, changed := body.Raw, false
			for _, q := range s.Properties() {
				name := gjson.Escape(q.Name)
				if !wrong(s, q.Name, body.Get(name)) {
					continue
				}
				changed = true
				if before := gjson.Get(last, name); before.Exists() && q.Required {
					mended = set(mended, name, before.Raw)
				} else {
					mended = without(mended, name)
				}
			}
			if !changed {
				return a
			}
			y := *x
			y.body = []byte(mended)
			if b := y.pass(); b.ok() {
				return b
			}
			return a
		}
	}
}

// onRefusal answers writes that are refused for what they say with 500, where that is for a certain reason.
func onRefusal(reason func(x *exchange) bool) func(*Place) spoiler {
	return func(p *Place) spoiler {
		if len(p.bodies()) == 0 {
			return nil
		}
		return func(x *exchange) *answer {
			a := x.pass()
			if x.is(contract.Create, contract.Replace, contract.Update) && (a.status == http.StatusBadRequest || a.status == http.StatusUnprocessableEntity) && reason(x) {
				return crash()
			}
			return a
		}
	}
}

// onOdd answers 500 where a text of the query or of the body is odd.
func onOdd(odd func(text string) bool) func(*Place) spoiler {
	return everywhere(func(x *exchange) *answer {
		for name, values := range x.query {
			if x.op != nil && x.op.Parameter("query", name) != nil && slices.ContainsFunc(values, odd) {
				return crash()
			}
		}
		found := false
		if v := gjson.ParseBytes(x.body); v.IsObject() {
			v.ForEach(func(_, value gjson.Result) bool {
				found = found || value.Type == gjson.String && odd(value.String())
				return !found
			})
		}
		if found {
			return crash()
		}
		return x.pass()
	})
}
