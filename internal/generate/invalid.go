package generate

import (
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"understudy/internal/contract"
	"understudy/internal/source"
)

// Broken is a value that breaks one keyword of a schema, and nothing else; or where that cannot be, others beside it in the same place: an empty text that has to
// match a pattern, too.
type Broken struct {
	Keyword string // as JSON Schema names it: "type", "required", "maxLength", …
	Way     string // how it is broken, beside the plainest way; "": in that
	Pointer string // where in the value, as a JSON pointer
	JSON    []byte
}

// mostBroken bounds how many broken values are made of one schema.
const mostBroken = 400

// Invalid gives values that are wrong in one place each: for the schema, and the schemas inside, one for each keyword, as [contract.Schema.Validate] sees it. A
// value breaks its keyword alone if any does. It gives none where no valid value is found.
func (g *Generator) Invalid(s *contract.Schema, dir contract.Direction, address string) []Broken {
	if s == nil {
		return nil
	}
	v, err := g.make(s, dir, address, nil)
	if err != nil {
		return nil
	}
	b := breaker{schema: s, dir: dir, root: &v, seen: map[string]bool{}, besides: map[string]Broken{}}
	b.walk(&v, nil)
	for _, key := range slices.Sorted(maps.Keys(b.besides)) {
		if !b.seen[key] && len(b.out) < mostBroken {
			b.out = append(b.out, b.besides[key])
		}
	}
	return b.out
}

// breaker spoils a value in one place after the other.
type breaker struct {
	schema *contract.Schema
	dir    contract.Direction
	root   *value
	seen   map[string]bool // schema and keyword: one example of each is enough
	out    []Broken

	way     string            // see [Broken]
	besides map[string]Broken // texts that break others in the same place, by the same
}

func (b *breaker) walk(v *value, path []string) {
	if v.shape != nil {
		b.spoil(v, path)
	}
	for i := range v.kids {
		step := strconv.Itoa(i)
		if v.kind == 'o' {
			step = v.names[i]
		}
		b.walk(&v.kids[i], append(slices.Clip(path), step))
	}
}

// attempt puts another value in the place of one, and keeps what came out if it breaks the keyword, and that alone.
func (b *breaker) attempt(v *value, path []string, keyword string, spoiled value) {
	key := b.way + " " + keyword + " " + strconv.Itoa(v.shape.goal.nodes[0].id) + " " + strings.Join(path[:min(len(path), 1)], "")
	if keyword == "required" {
		key += " " + pointerOf(path) // each is asked for by itself
	}
	if spoiled.text == "null" {
		key = "null " + key // beside one with a value of a wrong type
	}
	if b.seen[key] || len(b.out) >= mostBroken {
		return
	}
	kept := *v
	*v = spoiled
	defer func() { *v = kept }()
	decoded := b.root.decoded()
	bad := b.schema.Validate(decoded, b.dir)
	named, elsewhere := 0, 0
	for _, violation := range bad {
		if keywordOf(violation) == keyword {
			named++
		}
		if !slices.Equal(violation.Pointer, bad[0].Pointer) {
			elsewhere++
		}
	}
	if named == 0 || elsewhere > 0 || b.schema.Judge(decoded, b.dir) == nil {
		return
	}
	if len(bad) > 1 {
		_, there := b.besides[key]
		_, text := kept.plain.(string)
		if _, still := spoiled.plain.(string); !there && b.way == "" && text && still && slices.Equal(bad[0].Pointer, path) {
			b.besides[key] = Broken{Keyword: keyword, Way: b.way, Pointer: pointerOf(path), JSON: b.root.appendJSON(nil)}
		}
		return
	}
	b.seen[key] = true
	b.out = append(b.out, Broken{Keyword: keyword, Way: b.way, Pointer: pointerOf(path), JSON: b.root.appendJSON(nil)})
}

// also attempts a way beside the plainest one.
func (b *breaker) also(way string, v *value, path []string, keyword string, spoiled value) {
	b.way = way
	b.attempt(v, path, keyword, spoiled)
	b.way = ""
}

// keywordOf names the keyword that a violation is of.
func keywordOf(v contract.Violation) string {
	keyword, _, _ := strings.Cut(v.Keyword, "/")
	switch keyword {
	case "null", "body":
		return "type"
	case "unknown":
		return "additionalProperties"
	}
	return keyword
}

func pointerOf(path []string) string {
	var b strings.Builder
	for _, token := range path {
		b.WriteByte('/')
		b.WriteString(source.PointerToken(token))
	}
	return b.String()
}

func (b *breaker) spoil(v *value, path []string) {
	sh := v.shape
	// what no reader takes for the right type comes first: an object for a text, one with something in it for a list (some cannot tell an empty one from an empty list),
	// a word for all else
	wrong := []value{textValue("unexpected"), {kind: 'o'}, {kind: 'a'}, scalar("7.5", 7.5), boolValue(true), nullValue()}
	if v.kind == 'a' {
		wrong[0], wrong[1] = value{kind: 'o', names: []string{"unexpected"}, kids: []value{nullValue()}}, wrong[0]
	}
	for _, other := range wrong {
		if typeOf(other.decoded())&sh.types == 0 {
			b.attempt(v, path, "type", other)
		}
	}
	switch v.kind {
	case 'o':
		b.spoilObject(v, path)
	case 'a':
		b.spoilArray(v, path)
	default:
		switch x := v.plain.(type) {
		case string:
			b.spoilText(v, path, x)
		case float64:
			b.spoilNumber(v, path, x)
		}
	}
}

func (b *breaker) spoilText(v *value, path []string, text string) {
	sh := v.shape
	if sh.enum != nil {
		for _, other := range []string{text + "-other", strings.ToUpper(text) + "_X", "other", "other1"} {
			b.attempt(v, path, "enum", textValue(other))
		}
		b.attempt(v, path, "enum", nullValue()) // which is none of the values, whatever its type
		return
	}
	if sh.minLength > 0 {
		runes := []rune(text)
		b.attempt(v, path, "minLength", textValue(string(runes[:min(len(runes), sh.minLength-1)])))
		b.attempt(v, path, "minLength", textValue(strings.Repeat("a", sh.minLength-1)))
	}
	if sh.maxLength < longest {
		more := strings.Repeat("a", sh.maxLength+1)
		b.attempt(v, path, "maxLength", textValue(text+more[min(len([]rune(text)), len(more)):]))
		b.attempt(v, path, "maxLength", textValue(more))
		if text != "" {
			last := []rune(text)
			b.attempt(v, path, "maxLength", textValue(text+strings.Repeat(string(last[len(last)-1]), max(sh.maxLength+1-len(last), 0))))
		}
	}
	if runes := []rune(text); len(sh.patterns) > 0 && len(runes) > 0 { // as like a right one as can be
		b.attempt(v, path, "pattern", textValue("~"+string(runes[1:])))
		b.attempt(v, path, "pattern", textValue(string(runes[:len(runes)-1])+"~"))
		b.also("before", v, path, "pattern", textValue("~"+text)) // where a part that matches is looked for, it is found
		b.also("behind", v, path, "pattern", textValue(text+"~"))
	}
	if day := dayOfYear.FindString(text); len(sh.formats) > 0 && day != "" {
		b.also("no such day", v, path, "format", textValue(strings.Replace(text, day, "-02-30", 1)))
		if date, _, isMoment := strings.Cut(text, "T"); isMoment {
			b.also("a day alone", v, path, "format", textValue(date))
		}
		b.also("empty", v, path, "format", textValue(""))
	}
	others := []string{"~ not expected", "unexpected", "~!", "é ü", "0", "", "UNEXPECTED value", "not/as expected?"}
	for _, other := range others {
		if size := len([]rune(other)); size < sh.minLength {
			other += strings.Repeat("~", sh.minLength-size)
		} else if size > sh.maxLength {
			other = string([]rune(other)[:sh.maxLength])
		}
		if len(sh.patterns) > 0 {
			b.attempt(v, path, "pattern", textValue(other))
		}
		if len(sh.formats) > 0 {
			b.attempt(v, path, "format", textValue(other))
		}
	}
}

var dayOfYear = regexp.MustCompile(`-\d\d-\d\d`)

func (b *breaker) spoilNumber(v *value, path []string, n float64) {
	sh := v.shape
	number := func(f float64) value { return scalar(formatNumber(f), f) }
	for _, part := range []float64{0.5, -0.5} {
		b.also("fraction", v, path, "type", number(math.Trunc(n)+part))
	}
	step := 1.0
	for _, s := range sh.steps {
		step = max(step, s)
	}
	if sh.enum != nil {
		b.attempt(v, path, "enum", number(n+97))
		return
	}
	for _, keyword := range []string{"minimum", "exclusiveMinimum"} {
		if math.Abs(sh.low) < 1<<50 {
			b.attempt(v, path, keyword, number(sh.low))
			b.attempt(v, path, keyword, number(math.Floor(sh.low/step)*step-step))
		}
	}
	for _, keyword := range []string{"maximum", "exclusiveMaximum"} {
		if math.Abs(sh.high) < 1<<50 {
			b.attempt(v, path, keyword, number(sh.high))
			b.attempt(v, path, keyword, number(math.Ceil(sh.high/step)*step+step))
		}
	}
	for _, s := range sh.steps {
		for _, part := range []float64{1, -1, s / 2, -s / 2} {
			b.attempt(v, path, "multipleOf", number(n+part))
		}
	}
	if integers := slices.ContainsFunc(sh.formats, func(f string) bool { return strings.HasPrefix(f, "int") }); integers {
		b.attempt(v, path, "format", number(1e19))
	}
}

func (b *breaker) spoilArray(v *value, path []string) {
	sh := v.shape
	with := func(kids []value) value { return value{kind: 'a', kids: kids, shape: sh} }
	if sh.minItems > 0 && len(v.kids) >= sh.minItems {
		b.attempt(v, path, "minItems", with(v.kids[:sh.minItems-1]))
	}
	if n := len(v.kids); n > 0 && sh.maxItems < 10_000 {
		more := slices.Clone(v.kids)
		if sh.unique && v.kids[0].shape != nil {
			for _, one := range v.kids[0].shape.enum {
				if other := plainValue(one); !slices.ContainsFunc(more, func(k value) bool { return k.text == other.text }) && len(more) <= sh.maxItems {
					more = append(more, other)
				}
			}
		}
		for i := 0; len(more) <= sh.maxItems; i++ {
			more = append(more, other(v.kids[i%n], i+1, sh.unique))
		}
		b.attempt(v, path, "maxItems", with(more))
	}
	if sh.unique && len(v.kids) > 0 {
		b.attempt(v, path, "uniqueItems", with(append(slices.Clone(v.kids), v.kids[0])))
		if len(v.kids) > 1 {
			same := slices.Clone(v.kids)
			same[1] = same[0]
			b.attempt(v, path, "uniqueItems", with(same))
		}
	}
	if len(sh.contains) > 0 {
		b.attempt(v, path, "contains", with(nil))
		b.attempt(v, path, "contains", with([]value{nullValue()}))
	}
}

// other is a number or a text like another, but different if it must be.
func other(v value, n int, different bool) value {
	if !different {
		return v
	}
	switch x := v.plain.(type) {
	case float64:
		return value{kind: 's', text: formatNumber(x + float64(100*n)), plain: x + float64(100*n)}
	case string:
		return textValue(x + strings.Repeat("x", n))
	}
	return v
}

func (b *breaker) spoilObject(v *value, path []string) {
	sh := v.shape
	without := func(i int) value {
		return value{
			kind: 'o', shape: sh, names: slices.Delete(slices.Clone(v.names), i, i+1), kids: slices.Delete(slices.Clone(v.kids), i, i+1),
		}
	}
	for i, name := range v.names {
		b.attempt(v, append(slices.Clip(path), name), "required", without(i))
	}
	extra := func(n int) value {
		out := value{kind: 'o', shape: sh, names: slices.Clone(v.names), kids: slices.Clone(v.kids)}
		for i := range n {
			out.add("unexpected"+strings.Repeat("_more", i), textValue("unexpected"))
		}
		return out
	}
	b.attempt(v, append(slices.Clip(path), "unexpected"), "additionalProperties", extra(1))
	b.attempt(v, path, "unevaluatedProperties", extra(1))
	if over := sh.maxProps - len(v.names) + 1; over > 0 && over < 1000 {
		b.attempt(v, path, "maxProperties", extra(over))
	}
	b.attempt(v, path, "propertyNames", extra(1))
	for i := range v.names {
		b.attempt(v, path, "dependentRequired", without(i))
	}
	if sh.minProps > 0 && len(v.names) >= sh.minProps {
		kept := value{kind: 'o', shape: sh}
		need := func(name string) bool { i := sh.index(name); return i >= 0 && sh.props[i].required }
		for _, needed := range []bool{true, false} {
			for i, name := range v.names {
				if need(name) == needed && len(kept.names) < sh.minProps-1 {
					kept.add(name, v.kids[i])
				}
			}
		}
		b.attempt(v, path, "minProperties", kept)
	}
}
