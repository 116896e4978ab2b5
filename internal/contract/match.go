package contract

import (
	"slices"
	"strings"
	"unicode"
)

// Kind is what a value is.
type Kind int

// The kinds of value.
const (
	Missing Kind = iota
	Null
	Bool
	Number
	String
	Other // an object or an array
)

// Value is a value as filters and orderings see it. Text is the string itself; of other kinds it is the JSON.
type Value struct {
	Kind Kind
	Text string
}

func valueOf(json string) Value {
	if json == "" {
		return Value{}
	}
	switch json[0] {
	case '"':
		return Value{String, unquote(json)}
	case 'n':
		return Value{Null, json}
	case 't', 'f':
		return Value{Bool, json}
	case '{', '[':
		return Value{Other, json}
	}
	return Value{Number, json}
}

// kind says how the values of a property compare; it comes from the schema.
type kind int

const (
	textKind kind = iota
	instantKind
	dateKind
	numberKind
	decimalKind // a number that is written as a text
	boolKind
)

func kindOf(s *Schema) kind {
	if s == nil {
		return textKind
	}
	switch s.Type() {
	case "integer", "number":
		return numberKind
	case "boolean":
		return boolKind
	}
	if s.Decimal() {
		return decimalKind
	}
	switch s.Format() {
	case "date-time":
		return instantKind
	case "date":
		return dateKind
	}
	return textKind
}

// scopeTests gives the tests that the values of the path's parameters imply.
func (c *Collection) scopeTests(scope []string) []func(Item) Verdict {
	var tests []func(Item) Verdict
	for _, b := range c.Scope {
		if i := slices.Index(c.template.params, b.Param); i >= 0 && i < len(scope) {
			tests = append(tests, b.test(scope[i]))
		}
	}
	return tests
}

// Verdict is an answer, and whether it is the only one that a sane server can give. The mock acts on Is;
// the checker judges only what is Certain.
type Verdict struct{ Is, Certain bool }

var (
	yes = Verdict{true, true}
	no  = Verdict{false, true}
)

// Match tells whether an item is among those that a query asks for, whatever the page.
func (c *Collection) Match(q Query, it Item) Verdict { return c.Matcher(q)(it) }

// Matcher prepares [Collection.Match] for many items.
func (c *Collection) Matcher(q Query) func(Item) Verdict {
	tests := c.scopeTests(q.Scope)
	for _, cond := range q.Filters {
		if f := c.filter(cond.Param); f != nil {
			tests = append(tests, f.test(cond.Values))
		}
	}
	if words := searchWords(q.Search); len(words) > 0 {
		tests = append(tests, c.searchTest(words))
	}
	return func(it Item) Verdict {
		v := yes
		for _, test := range tests {
			t := test(it)
			if t == no {
				return no
			}
			v.Is, v.Certain = v.Is && t.Is, v.Certain && t.Certain
		}
		return v
	}
}

// searchWords cuts a search at spaces and commas.
func searchWords(search string) []string {
	return strings.FieldsFunc(fold(search), func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
}

func (c *Collection) searchTest(words []string) func(Item) Verdict {
	return func(it Item) Verdict {
		for _, w := range words {
			found := false
			for _, p := range c.Search.Paths {
				if v := it.Value(p); v.Kind == String || v.Kind == Number {
					if found = containsFold(v.Text, w); found {
						break
					}
				}
			}
			if !found {
				return Verdict{false, false} // a server may search more than we know
			}
		}
		return Verdict{true, false} // or by other rules: stems, whole words
	}
}

// containsFold tells whether s contains the word, which is folded already.
func containsFold(s, word string) bool {
	if isLowerASCII(s) {
		return strings.Contains(s, word)
	}
	return strings.Contains(fold(s), word)
}

func isLowerASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 || 'A' <= s[i] && s[i] <= 'Z' {
			return false
		}
	}
	return true
}

func fold(s string) string { return strings.ToLower(s) }

// LooksAt gives the other record sets that a query looks into: those embedded in the collection's records on the way to what it filters, orders or searches by.
func (c *Collection) LooksAt(q Query) []*RecordSet {
	var out []*RecordSet
	add := func(path []string) {
		set := c.Records
		for _, step := range path {
			e := set.Embed(step)
			if e == nil {
				return
			}
			set = e.Set
			if !slices.Contains(out, set) {
				out = append(out, set)
			}
		}
	}
	for _, b := range c.Scope {
		add(b.Path)
	}
	for _, cond := range q.Filters {
		if f := c.filter(cond.Param); f != nil {
			add(f.Path)
		}
	}
	for _, o := range c.OrderOf(q) {
		add(c.OrderPath(o.Field))
	}
	if q.Search != "" {
		for _, p := range c.Search.Paths {
			add(p)
		}
	}
	return out
}
