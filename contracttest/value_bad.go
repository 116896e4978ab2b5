package contracttest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"understudy/internal/contract"
	"understudy/internal/generate"
)

// flaw is one thing that makes a body invalid.
type flaw struct {
	name    string // the property
	keyword string // of JSON Schema
	way     string // see [generate.Broken]
	pointer string
	value   string // of the property, as JSON; "": it is left out
}

// on gives a body with the flaw.
func (f flaw) on(b body) body {
	if f.value == "" {
		return b.without(f.name)
	}
	return b.set(f.name, f.value)
}

// spoiling tells that cases send something wrong on purpose, for some properties: if it is taken, it is no wonder that answers show it.
func spoiling(cases []*testCase, names ...string) {
	for _, tc := range cases {
		tc.spoils = names
	}
}

// about is the flaw as the subject of a case.
func (f flaw) about() string {
	if f.value == "null" {
		return "body" + f.pointer + " null"
	}
	return strings.TrimSpace("body" + f.pointer + " " + f.keyword + " " + f.way)
}

// says is the flaw in a sentence.
func (f flaw) says() string {
	if f.keyword == ofNothing {
		return fmt.Sprintf("%s %s, which no record has,", f.name, f.value)
	}
	if f.keyword == "required" && f.value != "" {
		return fmt.Sprintf("%s %s, without %s, which is required,", f.name, short([]byte(f.value)), f.pointer)
	}
	switch f.value {
	case "":
		return "no " + f.name + ", which is required,"
	case "null":
		return f.name + " null, which is not allowed,"
	}
	return fmt.Sprintf("%s %s, which breaks %s,", f.name, short([]byte(f.value)), f.keyword)
}

// mostWays bounds how many flaws are made of what is broken in another way already.
const mostWays = 10

// plainKeywords are those whose violation no server can overlook, if it looks at all.
var plainKeywords = []string{"type", "enum", "minLength", "maxLength", "pattern", "format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "maxItems", "minItems", "uniqueItems", "minProperties", "maxProperties"}

// plainFormats are those that servers agree on.
var plainFormats = []string{"date-time", "date", "uuid", "email", "ipv4", "ipv6"}

// badOf gives flaws of a body: for each property one of each keyword, those of values or, if that is asked for, those of what is left out.
func (r *recipe) badOf(s *contract.Form, most int, kind string) []flaw {
	var out []flaw
	seen := map[string]bool{}
	for _, broken := range r.e.values.Invalid(s.Schema(), contract.AsRequest, r.address) {
		f, ok := r.flawOf(s, broken)
		if !ok || (f.keyword == "required") != (kind == "required") || seen[f.about()] || len(out) >= most {
			continue
		}
		host := r.base
		if s.Schema() != r.form.Schema() {
			host = nil
			for _, m := range r.base {
				if _, ok := s.Property(m.Name); ok {
					host = append(host, m)
				}
			}
			host = r.addressed(s, host)
		}
		if p, _ := s.Property(f.name); f.value == `""` && s.Media() == contract.URLEncoded && !p.Required {
			continue // an empty field may say that it is none
		}
		if spoiled := f.on(host); spoiled.isBad(s, f) && (f.way != dayAlone || saysTime(s, spoiled)) {
			seen[f.about()] = true
			out = append(out, f)
		}
	}
	return out
}

// dayAlone is a way to break a date-time that some readers take for the beginning of that day (see [generate.Broken]).
const dayAlone = "a day alone"

// saysTime tells whether the document's own words for what is wrong in a body are that a date-time has to have a time.
func saysTime(s *contract.Form, spoiled body) bool {
	return slices.ContainsFunc(s.Schema().Validate(decode(s.Join(spoiled)), contract.AsRequest), func(v contract.Violation) bool {
		return promisesTime.MatchString(v.Words[0]) && !saysDay.MatchString(v.Words[0])
	})
}

// Ways to break a pattern. The last, and the first two, some servers mend, so that what is taken counts as broken only where it is shown.
const (
	blankInside = "with a space inside"
	otherCase   = "in the other case"
	negative    = "as a negative number"
	lineEnd     = "with the end of a line"
)

// otherWays gives more ways to break what some tell one way from the other: a pattern at its end, by a letter beyond ASCII, by a space or by letters
// of the other case, and an object by an array; and what fits no alternative. Only, if given, are the ways that are wanted.
func (r *recipe) otherWays(s *contract.Form, only ...string) []flaw {
	var out []flaw
	for _, m := range r.base {
		p, ok := s.Property(m.Name)
		now, isText := decode([]byte(m.JSON)).(string)
		if !ok || p.Schema.ReadOnly() || r.keys[m.Name] != "" || chooses(s.Schema()) {
			continue
		}
		add := func(keyword, how, text string) {
			f := flaw{name: m.Name, keyword: keyword, pointer: "/" + m.Name, value: text, way: how}
			if len(out) < mostWays && (only == nil || slices.Contains(only, how)) && f.on(r.base).isBad(s, f) {
				out = append(out, f)
			}
		}
		switch pattern := p.Schema.Present().Keywords().Pattern; {
		case chooses(p.Schema):
			if takes := alternatives(p.Schema); len(takes) > 0 && !slices.Contains(takes, "") {
				add("oneOf", "as an array", `["understudy"]`)
				add("oneOf", "as an object", `{"understudy":["unexpected"]}`)
				if !slices.Contains(takes, "string") {
					add("oneOf", "as a text", `"unexpected ~"`)
				}
			}
		case isFreeForm(p.Schema):
			add("type", "array", `["understudy"]`)
		case slices.Contains([]string{"boolean", "integer", "number"}, p.Schema.Type()):
			add("type", "object", `{"understudy":"unexpected"}`)
		case isText && pattern != "" && now != "":
			letters := []rune(now)
			last := len(letters) - 1
			text := func(t string) string { out, _ := json.Marshal(t); return string(out) } // a text
			add("pattern", "at the end", text(string(letters[:last])+"~"))
			add("pattern", "with a second line", text(now+"\n~"))
			add("pattern", lineEnd, text(now+"\n"))
			if letters[0] >= '0' && letters[0] <= '9' {
				add("pattern", negative, text("-"+now))
			}
			add("pattern", "with a dot", text(string(letters[:last])+"."))
			if !strings.Contains(pattern, `\`) { // to some, a letter of any language is one of \w
				add("pattern", "beyond ASCII", text(string(letters[:last])+"\u00e9"))
			}
			if last > 1 {
				add("pattern", blankInside, text(string(letters[:last/2])+" "+string(letters[last/2+1:])))
			}
			turned := strings.ToLower(now)
			if turned == now {
				turned = strings.ToUpper(now)
			}
			add("pattern", otherCase, text(turned))
		}
	}
	return out
}

// badOfEach gives flaws of the values in a body, one of each property at most: those of references last, which may be looked at before all else.
func (r *recipe) badOfEach(most int) []flaw {
	var own, keys []flaw
	met := map[string]bool{}
	for _, f := range r.badOf(r.form, mostFlaws, "value") {
		switch {
		case met[f.name]:
		case r.keys[f.name] != "":
			keys = append(keys, f)
		default:
			own = append(own, f)
		}
		met[f.name] = true
	}
	out := append(own, keys...)
	return out[:min(len(out), most)]
}

// isBad tells whether a body is wrong in one value, that of a flaw, and nowhere else.
func (b body) isBad(form *contract.Form, f flaw) bool {
	text := form.Join(b)
	if _, said := form.Write(b); !said {
		return false
	}
	bad := form.Schema().Validate(decode(text), contract.AsRequest)
	exact, err := contract.DecodeJSON(text)
	if err != nil || len(bad) == 0 || form.Schema().Judge(exact, contract.AsRequest) == nil {
		return false
	}
	for _, v := range bad {
		if d, _, ok := form.At(v.Pointer); !(ok && d.Name == f.name) && f.keyword != "required" || !slices.Equal(v.Pointer, bad[0].Pointer) {
			return false
		}
	}
	return true
}

// flawOf takes from a broken body the property that is wrong in it. Only what is wrong however a server reads it counts.
func (r *recipe) flawOf(s *contract.Form, broken generate.Broken) (flaw, bool) {
	tokens := strings.Split(strings.TrimPrefix(broken.Pointer, "/"), "/")
	for i := range tokens {
		tokens[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(tokens[i])
	}
	p, inner, ok := s.At(tokens)
	name := p.Name
	if !ok || p.Schema.ReadOnly() || r.keys[name] != "" && !slices.Contains([]string{"required", "type", "format"}, broken.Keyword) || chooses(s.Schema()) || chooses(p.Schema) || len(p.Path) > 1 && name == r.s.c.Records.Key {
		return flaw{}, false
	}
	members, err := s.Split(broken.JSON)
	if err != nil {
		return flaw{}, false
	}
	f := flaw{name: name, keyword: broken.Keyword, way: broken.Way, pointer: broken.Pointer, value: body(members).get(name)}
	if own := r.base.get(name); r.lent[name] != "" && len(inner) > 0 && f.value != "" { // what is made up beside the flaw may be refused for itself
		if f.value = grafted(own, f.value, inner); f.value == "" {
			return flaw{}, false
		}
	}
	if f.keyword == "required" {
		left := within(p.Property, inner)
		return f, left.Schema != nil && !left.Schema.ReadOnly() && left.Default() == nil && (f.value == "") == (len(inner) == 0)
	}
	if f.value == "" || !slices.Contains(plainKeywords, f.keyword) {
		return flaw{}, false
	}
	if at := within(p.Property, inner); f.keyword == "format" && (at.Schema == nil || !slices.Contains(plainFormats, at.Schema.Format()) && at.Schema.Format() != "uri") {
		return flaw{}, false
	}
	if f.value == "null" && (len(inner) > 0 && !within(p.Property, inner).Required || len(inner) == 0 && !r.barren(p.Property)) || f.keyword == "type" && len(inner) == 0 && coerced(p.Schema.Type(), f.value) {
		return flaw{}, false
	}
	return f, true
}

// grafted gives a value in which one place is as it is in another value, or is not there, as in that; "" if the value has no such place.
func grafted(value, from string, path []string) string {
	var into, of any
	if json.Unmarshal([]byte(value), &into) != nil || json.Unmarshal([]byte(from), &of) != nil {
		return ""
	}
	var graft func(into, of any, path []string) (any, bool)
	graft = func(into, of any, path []string) (any, bool) {
		if len(path) == 0 {
			return of, true
		}
		switch x := into.(type) {
		case map[string]any:
			y, _ := of.(map[string]any)
			inner, there := y[path[0]]
			if !there && len(path) == 1 {
				delete(x, path[0])
				return x, true
			}
			out, ok := graft(x[path[0]], inner, path[1:])
			x[path[0]] = out
			return x, ok && there
		case []any:
			y, _ := of.([]any)
			i, err := strconv.Atoi(path[0])
			if err != nil || i >= len(x) || i >= len(y) {
				return nil, false
			}
			out, ok := graft(x[i], y[i], path[1:])
			x[i] = out
			return x, ok
		}
		return nil, false
	}
	out, ok := graft(into, of, path)
	if !ok {
		return ""
	}
	text, _ := json.Marshal(out) // of JSON
	return string(text)
}

// within gives the property that stands inside of another one, in objects and arrays; no schema if there is none.
func within(p contract.Property, path []string) contract.Property {
	for _, name := range path {
		s := p.Schema.Present()
		if chooses(s) {
			return contract.Property{}
		}
		if items := s.Items(); items != nil && s.Type() == "array" {
			p = contract.Property{Name: name, Schema: items, Required: true}
			continue
		}
		inner, ok := s.Property(name)
		if !ok {
			return contract.Property{}
		}
		p = inner
	}
	return p
}

// barren tells whether a property may not be null, in what is sent and in what is shown: a null that is taken may mean that nothing is said, but not be shown.
func (r *recipe) barren(p contract.Property) bool {
	shown, ok := r.judgeable(p.Name)
	return p.Required || ok && !shown.Nullable()
}

// chooses tells whether a schema has alternatives, among which a value may be taken for another.
func chooses(s *contract.Schema) bool {
	k := s.Present().Keywords()
	return len(k.OneOf) > 0 || len(k.AnyOf) > 0 || k.Not != nil || k.If != nil
}

// alternatives gives the types of a schema's alternatives, "" for one that may be of several.
func alternatives(s *contract.Schema) []string {
	var out []string
	k := s.Present().Keywords()
	for _, other := range append(slices.Clone(k.OneOf), k.AnyOf...) {
		out = append(out, other.Type())
	}
	return out
}

// coerced tells whether servers read a value of a wrong type, as JSON, as one of the right type.
func coerced(typ, value string) bool {
	if value == "null" {
		return false
	}
	switch typ {
	case "string":
		return value[0] != '{' && value[0] != '['
	case "integer":
		return value[0] != '"' && value[0] != '{' && value[0] != '[' && !strings.Contains(value, ".") || strings.HasSuffix(value, ".0")
	case "array":
		return value[0] != '{' && value[0] != '"'
	}
	return value == "true" || value == "false" || value == "[]" || value[0] >= '0' && value[0] <= '9'
}
