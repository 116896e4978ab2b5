package contracttest

import (
	"cmp"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"understudy/internal/contract"
)

// conditions asks a list by one filter's values, and by others besides.
func conditions(conds ...contract.Condition) contract.Query { return contract.Query{Filters: conds} }

// choice is a value for a filter that can tell: some items surely fit it, and others surely do not.
type choice struct {
	cond    contract.Condition
	yes, no int
	traps   int // items that fit only a careless comparison: by the beginning of a text, the day of an instant, or what stands before the point
	unset   int // items that fit though the key is null of the record that the filter looks at
	crossed int // items that fit, or not, by one of their times, and by another one the other way round
	signs   int // items that fit, or not, by their number without its sign the other way round
	inside  int // items that do not fit, and have the value somewhere within a text
	edge    int // items that have just the value of a bound, of which it is known whether they fit
}

// odd tells which signs that need care a value has: 1 those that mean something to a database or an address, 2 letters that are not ASCII, 3 both.
func (c choice) odd() int {
	text := strings.Join(c.cond.Values, "")
	kinds := 0
	if strings.ContainsAny(text, `'"&+%`) {
		kinds++
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII }) {
		kinds += 2
	}
	return kinds
}

// mixed tells whether a value has both capital and small letters.
func (c choice) mixed() bool {
	text := strings.Join(c.cond.Values, "")
	return strings.ToLower(text) != text && strings.ToUpper(text) != text
}

// fraction tells whether a value is a moment with a part of a second.
func (c choice) fraction() bool {
	at, err := contract.ParseInstant(c.cond.Values[len(c.cond.Values)-1])
	return err == nil && at.Nanosecond() != 0
}

// fitsBound tells whether a number fits a bound, both given as texts.
func fitsBound(op contract.Op, number, bound string) bool {
	n, err := strconv.ParseFloat(number, 64)
	limit, err2 := strconv.ParseFloat(bound, 64)
	if err != nil || err2 != nil {
		return false
	}
	switch op {
	case contract.Less:
		return n < limit
	case contract.LessEqual:
		return n <= limit
	case contract.Greater:
		return n > limit
	}
	return n >= limit
}

// mostChoices bounds how many values of one filter are asked for.
const mostChoices = 2

// fewFilters is how many filters a list may have so that more than one value of each is asked for.
const fewFilters = 3

// choices gives values for a filter that can tell, the ones with most traps first.
func (s *listState) choices(f *contract.Filter) []choice {
	if out, ok := s.chosen[f.Param]; ok {
		return out
	}
	out := s.choose(f)
	s.chosen[f.Param] = out
	return out
}

func (s *listState) choose(f *contract.Filter) []choice {
	var out []choice
	seen := map[string]bool{}
	texts, parts := make([]string, len(s.base.items)), make([][]string, len(s.base.items)) // parts: the elements of an array
	for i, it := range s.base.items {
		texts[i] = strings.ToLower(it.Value(f.Path).Text)
		for _, part := range f.Texts(it) {
			parts[i] = append(parts[i], strings.ToLower(part))
		}
	}
	times := s.otherTimes(f)
	for _, values := range s.candidates(f) {
		cond := contract.Condition{Param: f.Param, Values: values}
		name := strings.Join(values, "\x00")
		if seen[name] || !s.canonical(cond) {
			continue
		}
		seen[name] = true
		ch := choice{cond: cond, crossed: crossed(times, values[len(values)-1])}
		match := s.c.Matcher(s.scoped(conditions(cond)))
		folded := strings.ToLower(values[len(values)-1])
		for i, it := range s.base.items {
			v, text := match(it), texts[i]
			if v.Certain && v.Is {
				ch.yes++
			} else if v.Certain {
				ch.no++
			}
			if ordering(f.Op) && v.Certain && text == folded {
				ch.edge++
			}
			sameDay := len(folded) > 10 && len(text) > 10 && folded[:10] == text[:10] && folded != text
			if v.Is && s.isUnset(it, f) {
				ch.unset++
			}
			whole, _, cents := strings.Cut(folded, ".")
			sameWhole := cents && folded != text && strings.HasPrefix(text, whole+".")
			begins := func(part string) bool { return strings.HasPrefix(part, folded) }
			if (f.Op == contract.Equal || f.Op == contract.IEqual || f.Op == contract.AllOf) && !v.Is && folded != "" && slices.ContainsFunc(parts[i], begins) || (sameDay || sameWhole) && ordering(f.Op) {
				ch.traps++
			}
			if !v.Is && v.Certain && slices.ContainsFunc(parts[i], func(part string) bool { return strings.Contains(part, folded) }) {
				ch.inside++
			}
			if unsigned, negative := strings.CutPrefix(text, "-"); negative && ordering(f.Op) && v.Is != fitsBound(f.Op, unsigned, folded) {
				ch.signs++
			}
		}
		if ch.yes > 0 && ch.no > 0 {
			out = append(out, ch)
		}
		if len(seen) > 60 {
			break
		}
	}
	equal, begins := f.Op == contract.Equal || f.Op == contract.IEqual, f.Op == contract.StartsWith || f.Op == contract.IStartsWith
	slices.SortStableFunc(out, func(a, b choice) int {
		return -cmp.Or(
			cmp.Compare(min(a.traps, 1), min(b.traps, 1)),
			cmp.Compare(min(a.crossed, 1), min(b.crossed, 1)), // who compares another time lets other items through
			cmp.Compare(min(a.unset, 1), min(b.unset, 1)),
			cmp.Compare(min(a.signs, 1), min(b.signs, 1)),
			cmp.Compare(b2i(equal && a.fraction()), b2i(equal && b.fraction())), // who stores or reads whole seconds only does not find it
			cmp.Compare(b2i(begins)*min(a.inside, 1), b2i(begins)*min(b.inside, 1)),
			cmp.Compare(b2i(equal)*a.odd(), b2i(equal)*b.odd()),           // quotes and letters that are not ASCII are where code goes wrong
			cmp.Compare(b2i(equal && a.mixed()), b2i(equal && b.mixed())), // who folds one side only does not find what has capitals
			cmp.Compare(min(a.yes, 3), min(b.yes, 3)),                     // several matches tell more than one
		)
	})
	if f.Op == contract.AllOf {
		return s.pairAndOne(out)
	}
	most := mostChoices
	p := s.c.List().Parameter("query", f.Param)
	boolean := p != nil && p.Schema != nil && p.Schema.Type() == "boolean" // the text "false" is easily taken for true
	if f.Op == contract.Equal && p != nil && p.Schema != nil && len(p.Schema.Enum()) > 0 {
		most = min(len(p.Schema.Enum()), mostValues) // each has a branch of its own
	} else if f.Op == contract.In && len(s.enumOf(f.Path)) > 1 {
		most = mostValues // likewise; see parted
	} else if !boolean && len(s.c.Filters) > fewFilters && out != nil && out[0].traps == 0 {
		most = 1
		if i := slices.IndexFunc(out, func(ch choice) bool { return ch.odd() > 0 && ch.odd() != out[0].odd() }); i > 0 && out[0].odd() > 0 {
			most, out[1] = 2, out[i] // another kind of signs
		}
	}
	if i := slices.IndexFunc(out, func(ch choice) bool { return ch.edge > 0 }); i >= most {
		most, out[1] = 2, out[i]
	}
	return append(out[:min(len(out), most)], s.cutOff(f)...)
}

// pairAndOne gives two values at once, and one alone.
func (s *listState) pairAndOne(all []choice) (out []choice) {
	for _, alone := range []bool{false, true} {
		if i := slices.IndexFunc(all, func(ch choice) bool {
			return alone != (len(ch.cond.Values) > 1 || strings.Contains(ch.cond.Values[0], ","))
		}); i >= 0 {
			out = append(out, all[i])
		}
	}
	return out
}

// cutOff gives a bound without the decimals of an item's number, which is more than that: who cuts them off takes one for the other. Only an upper bound shows it.
func (s *listState) cutOff(f *contract.Filter) []choice {
	if f.Op != contract.LessEqual {
		return nil
	}
	for _, it := range s.base.items {
		whole, cents, _ := strings.Cut(it.Value(f.Path).Text, ".")
		if !isDigits(whole) || !isDigits(cents) || strings.Trim(cents, "0") == "" {
			continue
		}
		ch := choice{cond: contract.Condition{Param: f.Param, Values: []string{whole}}, traps: 1}
		if !s.canonical(ch.cond) {
			continue
		}
		match := s.c.Matcher(s.scoped(conditions(ch.cond)))
		for _, it := range s.base.items {
			if v := match(it); v.Certain && v.Is {
				ch.yes++
			} else if v.Certain {
				ch.no++
			}
		}
		if ch.yes > 0 && ch.no > 0 {
			return []choice{ch}
		}
	}
	return nil
}

// isUnset tells whether what a filter looks at stands in an item for a record that its key does not name, being null.
func (s *listState) isUnset(it contract.Item, f *contract.Filter) bool {
	return slices.ContainsFunc(s.c.Records.Embeds, func(em contract.Embed) bool {
		return len(f.Path) > 1 && em.Property == f.Path[0] && em.By != "" && em.By != em.Property && it.Own(em.By) == "null"
	})
}

// otherTimes gives the times of each item that bounds another of its times than a filter does, beside that one; nothing for filters that bound no time.
func (s *listState) otherTimes(f *contract.Filter) [][2]time.Time {
	if !ordering(f.Op) || len(f.Path) != 1 || s.c.Item == nil {
		return nil
	}
	var out [][2]time.Time
	for _, p := range s.c.Item.Properties() {
		if p.Name == f.Path[0] || p.Schema.Format() != "date-time" {
			continue
		}
		for _, it := range s.base.items {
			own, err := contract.ParseInstant(it.Value(f.Path).Text)
			other, err2 := contract.ParseInstant(it.Value([]string{p.Name}).Text)
			if err == nil && err2 == nil {
				out = append(out, [2]time.Time{own, other})
			}
		}
	}
	return out
}

// crossed counts the pairs of times between which a bound lies, by at least a second.
func crossed(times [][2]time.Time, bound string) int {
	n := 0
	at, err := contract.ParseInstant(bound)
	for _, pair := range times {
		a, b := pair[0].Sub(at), pair[1].Sub(at)
		if err == nil && (a < 0) != (b < 0) && a.Abs() >= time.Second && b.Abs() >= time.Second {
			n++
		}
	}
	return n
}

// canonical tells whether a condition is read back as it is sent.
func (s *listState) canonical(cond contract.Condition) bool {
	q := s.scoped(conditions(cond))
	q.Window = s.c.First()
	path, v := s.c.Encode(q)
	back, err := s.c.Parse(path, v)
	if err != nil || len(back.Filters) != 1 || !slices.Equal(back.Filters[0].Values, cond.Values) {
		return false
	}
	p := s.c.List().Parameter("query", cond.Param)
	if p == nil {
		return true
	}
	return !breaksOnWire(s.c.List(), request{query: v}, p) // items may have values that the parameter does not take
}

func (s *listState) scoped(q contract.Query) contract.Query { q.Scope = s.scope; return q }

// candidates are values that items have, in the spelling of a filter.
func (s *listState) candidates(f *contract.Filter) [][]string {
	if f.Op.Boolean() {
		return [][]string{{"true"}, {"false"}}
	}
	var texts []string
	for _, it := range s.base.items {
		for _, text := range f.Texts(it) {
			if !slices.Contains(texts, text) && len(text) < 200 {
				texts = append(texts, text)
			}
		}
	}
	var out [][]string
	switch f.Op {
	case contract.Less, contract.LessEqual, contract.Greater, contract.GreaterEqual:
		// One from the middle tells most.
		n := len(texts)
		for i := range n {
			text := texts[(n/2+i)%n]
			out = append(out, []string{s.spell(f, text)})
			if at, err := contract.ParseInstant(text); err == nil && i < 20 { // between two items, and on the day of one
				out = append(out, []string{s.spell(f, at.Add(2*time.Second).Format(time.RFC3339Nano))})
			}
		}
		return s.middling(f, out)
	case contract.Between:
		for i := range len(texts) - 1 {
			out = append(out, []string{f.Range(s.spell(f, texts[i]), s.spell(f, texts[i+1]))}, []string{f.Range(s.spell(f, texts[i+1]), s.spell(f, texts[i]))})
		}
		return out
	case contract.In:
		if enum := s.enumOf(f.Path); len(enum) > 1 && len(texts) > 1 {
			slices.Sort(texts)
			for _, part := range parted(texts[:min(len(texts), mostParted)]) {
				out = append(out, s.listed(f, part...))
			}
			return out
		}
		for i, text := range texts {
			if strings.Contains(text, ",") {
				continue
			}
			if next := texts[(i+1)%len(texts)]; i+1 < len(texts) && !strings.Contains(next, ",") {
				out = append(out, s.listed(f, text, next))
			}
			out = append(out, []string{text})
		}
		return out
	case contract.AllOf:
		for _, it := range s.base.items {
			if held := f.Texts(it); len(held) > 1 && !strings.Contains(held[0]+held[1], ",") {
				out = append(out, s.listed(f, held[0], held[1]))
			}
		}
		for _, text := range texts {
			out = append(out, []string{text})
		}
		return out
	case contract.Contains, contract.IContains:
		for _, text := range texts {
			if w := longestWord(text); len(w) > 3 {
				out = append(out, []string{w[1:]})
			}
		}
		return out
	case contract.StartsWith, contract.IStartsWith:
		for _, text := range texts {
			if r := []rune(text); len(r) > 3 {
				out = append(out, []string{string(r[:len(r)/2])})
			}
			if _, rest, ok := strings.Cut(text, " "); ok && len(longestWord(rest)) > 2 { // with which another one may begin
				out = append(out, []string{longestWord(rest)})
			}
		}
		return out
	case contract.EndsWith:
		for _, text := range texts {
			if r := []rune(text); len(r) > 3 {
				out = append(out, []string{string(r[len(r)/2:])})
			}
		}
		return out
	}
	for _, text := range texts {
		out = append(out, []string{s.spell(f, text)})
	}
	return out
}

func isDigits(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }

// middling puts those bounds first that about half of the items fit.
func (s *listState) middling(f *contract.Filter, values [][]string) [][]string {
	fits := func(values []string) int {
		cond := contract.Condition{Param: f.Param, Values: values}
		if !s.canonical(cond) {
			return 0
		}
		match, n := s.c.Matcher(s.scoped(conditions(cond))), 0
		for _, it := range s.base.items {
			if match(it).Is {
				n++
			}
		}
		return n
	}
	far := map[string]int{}
	for _, v := range values[:min(len(values), 40)] {
		far[v[0]] = max(fits(v), len(s.base.items)-fits(v))
	}
	out := slices.Clone(values[:min(len(values), 40)])
	slices.SortStableFunc(out, func(a, b []string) int { return far[a[0]] - far[b[0]] })
	return out
}

// ordering tells whether a relation is one of less and more.
func ordering(op contract.Op) bool {
	return op == contract.Less || op == contract.LessEqual || op == contract.Greater || op == contract.GreaterEqual
}

// mostParted is how many values [parted] takes.
const mostParted = 10

// parted gives as few sets of some values as possible such that of each two values one set has the first and not the second, and another one the other way
// round: so each value counts by itself, and beside others if there are more than two. Each is in half of the sets, and no two are in the same ones (Sperner).
func parted(values []string) [][]string {
	sets := 2
	for _, room := range []int{2, 3, 6} { // of 2, 3 and 4 sets
		if len(values) > room {
			sets++
		}
	}
	out := make([][]string, sets)
	next := 0
	for mask := 1; mask < 1<<sets && next < len(values); mask++ {
		if bits.OnesCount(uint(mask)) != (sets+1)/2 {
			continue
		}
		for i := range out {
			if mask&(1<<i) != 0 {
				out[i] = append(out[i], values[next])
			}
		}
		next++
	}
	return slices.DeleteFunc(out, func(set []string) bool { return len(set) == 0 })
}

// listed gives some values as the parameter takes several: under its name once, or once each.
func (s *listState) listed(f *contract.Filter, values ...string) []string {
	if p := s.c.List().Parameter("query", f.Param); p != nil && p.Schema != nil && p.Schema.Type() == "array" && p.Explode {
		return values
	}
	return []string{strings.Join(values, ",")}
}

// spell writes a value as a filter takes it: instants in UTC, and as dates where it takes only these.
func (s *listState) spell(f *contract.Filter, text string) string {
	p := s.c.List().Parameter("query", f.Param)
	at, err := contract.ParseInstant(text)
	if err != nil || p == nil || p.Schema == nil {
		return text
	}
	if p.Schema.Format() == "date" {
		return at.UTC().Format(time.DateOnly)
	}
	return at.UTC().Format(time.RFC3339Nano)
}

func longestWord(text string) string {
	best := ""
	for _, w := range strings.FieldsFunc(text, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9')
	}) {
		if len(w) > len(best) {
			best = w
		}
	}
	return best
}
