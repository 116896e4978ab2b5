package contract

import (
	"cmp"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"
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
	switch s.Format() {
	case "date-time":
		return instantKind
	case "date":
		return dateKind
	}
	return textKind
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
	var tests []func(Item) Verdict
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

// test gives the test of one filter. A property that is null or absent fits no value; [IsNull] asks for just that.
func (f *Filter) test(values []string) func(Item) Verdict {
	value := values[len(values)-1]
	switch f.Op {
	case IsNull:
		want := value == "true"
		return func(it Item) Verdict {
			k := it.Value(f.Path).Kind
			return Verdict{(k == Null || k == Missing) == want, true}
		}
	case In:
		wanted := strings.Split(strings.Join(values, ","), ",")
		return f.present(func(v Value) Verdict {
			out := no
			for _, w := range wanted {
				if t := equal(f.kind, v, w); t.Is {
					return t
				} else if !t.Certain {
					out = t
				}
			}
			return out
		})
	case NotEqual:
		return func(it Item) Verdict {
			v := it.Value(f.Path)
			if v.Kind == Null || v.Kind == Missing {
				return Verdict{true, false} // SQL says no
			}
			t := equal(f.kind, v, value)
			return Verdict{!t.Is, t.Certain}
		}
	case Less, LessEqual, Greater, GreaterEqual:
		read := func(v Value) *Operand {
			o := Operand{value: v}
			if f.kind == numberKind {
				o.value.Kind = Number
				o.num, _ = strconv.ParseFloat(v.Text, 64)
			} else if f.kind == instantKind {
				o.at, _ = ParseInstant(v.Text)
			}
			return &o
		}
		bound := read(Value{String, value})
		return f.present(func(v Value) Verdict {
			n, certain := read(v).compare(bound, true)
			switch f.Op {
			case Less:
				return Verdict{n < 0, certain}
			case LessEqual:
				return Verdict{n <= 0, certain}
			case Greater:
				return Verdict{n > 0, certain}
			}
			return Verdict{n >= 0, certain}
		})
	case Contains, StartsWith, EndsWith, IContains, IStartsWith, IEqual:
		op, folded := f.textOp(), fold(value)
		return f.present(func(v Value) Verdict {
			exact, loose := op(v.Text, value), op(fold(v.Text), folded)
			if f.Op == IContains || f.Op == IStartsWith || f.Op == IEqual {
				return Verdict{loose, exact || !loose}
			}
			return Verdict{exact, exact == loose}
		})
	}
	return f.present(func(v Value) Verdict { return equal(f.kind, v, value) })
}

func (f *Filter) present(test func(Value) Verdict) func(Item) Verdict {
	return func(it Item) Verdict {
		v := it.Value(f.Path)
		if v.Kind == Null || v.Kind == Missing {
			return no
		}
		return test(v)
	}
}

func (f *Filter) textOp() func(s, part string) bool {
	switch f.Op {
	case StartsWith, IStartsWith:
		return strings.HasPrefix
	case EndsWith:
		return strings.HasSuffix
	case IEqual:
		return func(s, part string) bool { return s == part }
	}
	return strings.Contains
}

// equal compares a property with a parameter's text. Texts that differ only in case or in space around them are uncertain, and so are instants
// less than a second apart: a server may store more than it shows.
func equal(k kind, v Value, text string) Verdict {
	switch k {
	case instantKind:
		a, err := ParseInstant(v.Text)
		b, err2 := ParseInstant(text)
		if err != nil || err2 != nil {
			return no
		}
		d := a.Sub(b).Abs()
		return Verdict{d == 0, d == 0 || d >= time.Second}
	case numberKind:
		return Verdict{compareNumbers(v.Text, text) == 0, true}
	}
	if v.Text == text {
		return yes
	}
	return Verdict{false, !strings.EqualFold(strings.TrimSpace(v.Text), strings.TrimSpace(text))}
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

// Compare orders two items as a query asks, by the default order if it names none: less than, equal to or more than zero. Certain tells whether every sane server agrees: one may
// compare text by code point, without case, without punctuation, or as numbers, and may put null at either end. Ties are equal.
func (c *Collection) Compare(q Query, a, b Item) (order int, certain bool) {
	cmp := c.Comparer(q)
	return cmp.compare(cmp.Read(nil, a), cmp.Read(nil, b), true)
}

// Comparer compares items as one query orders them. What is read of an item can be kept, to sort many.
type Comparer struct {
	steps []step
	nulls string
}

type step struct {
	path []string
	kind kind
	desc bool
}

// Operand is what one step of an ordering reads of an item.
type Operand struct {
	value Value
	num   float64
	at    time.Time
}

// Comparer prepares [Collection.Compare] for many items.
func (c *Collection) Comparer(q Query) *Comparer {
	cmp := &Comparer{nulls: c.Ordering.Nulls}
	for _, o := range c.OrderOf(q) {
		path := c.orderPath(o.Field)
		cmp.steps = append(cmp.steps, step{path, kindOf(c.property(path)), o.Desc})
	}
	return cmp
}

// orderPath is the property that an ordering by a field looks at: of one that holds the key of an embedded record, the key in that
// record, which is there even where the field is null.
func (c *Collection) orderPath(field string) []string {
	if e := c.Records.Reference(field); e != nil && e.Set.Key != "" {
		return []string{e.Property, e.Set.Key}
	}
	return strings.Split(field, ".")
}

// Read appends what the ordering reads of an item: always the same number of operands.
func (c *Comparer) Read(dst []Operand, it Item) []Operand {
	for _, s := range c.steps {
		o := Operand{value: it.Value(s.path)}
		switch {
		case o.value.Kind == Number:
			o.num, _ = strconv.ParseFloat(o.value.Text, 64)
		case o.value.Kind == String && s.kind == instantKind:
			if t, err := ParseInstant(o.value.Text); err == nil {
				o.at = t
			}
		}
		dst = append(dst, o)
	}
	return dst
}

// Order orders what was read of two items.
func (c *Comparer) Order(a, b []Operand) int {
	n, _ := c.compare(a, b, false)
	return n
}

func (c *Comparer) compare(a, b []Operand, judge bool) (order int, certain bool) {
	certain = true
	for i := range c.steps {
		n, sure := c.compareStep(&c.steps[i], &a[i], &b[i], judge)
		certain = certain && sure
		if n != 0 {
			return n, certain
		}
	}
	return 0, certain
}

func (c *Comparer) compareStep(s *step, a, b *Operand, judge bool) (int, bool) {
	emptyA, emptyB := a.value.Kind <= Null, b.value.Kind <= Null
	if emptyA || emptyB {
		switch {
		case emptyA && emptyB:
			return 0, true
		case emptyA == (c.nulls != "first"):
			return 1, false
		}
		return -1, false
	}
	n, certain := a.compare(b, judge)
	if s.desc {
		n = -n
	}
	return n, certain
}

// compare orders two operands. Whether that is certain is worked out only if judge asks for it.
func (a *Operand) compare(b *Operand, judge bool) (int, bool) {
	switch {
	case !a.at.IsZero() && !b.at.IsZero():
		return a.at.Compare(b.at), true
	case a.value.Kind == Number && b.value.Kind == Number:
		const exact = 1 << 53
		if a.num != b.num || a.num < exact && a.num > -exact {
			return cmp.Compare(a.num, b.num), true
		}
		return compareNumbers(a.value.Text, b.value.Text), true
	case a.value.Kind == Bool && b.value.Kind == Bool:
		return cmp.Compare(a.value.Text, b.value.Text), true // "false" < "true"
	}
	n := strings.Compare(a.value.Text, b.value.Text)
	return n, judge && sureOrder(a.value.Text, b.value.Text, n)
}

// OrderOf gives the order that a query asks for.
func (c *Collection) OrderOf(q Query) []Order {
	if len(q.Order) > 0 {
		return q.Order
	}
	return c.Ordering.Default
}

// sureOrder tells whether servers that fold case, leave out punctuation, or see numbers in text agree with the order by code point.
func sureOrder(a, b string, n int) bool {
	if n == 0 {
		return true
	}
	if !asciiOnly(a) || !asciiOnly(b) || strings.Compare(fold(a), fold(b)) != n || strings.Compare(letters(a), letters(b)) != n {
		return false
	}
	x, err := strconv.ParseFloat(a, 64)
	y, err2 := strconv.ParseFloat(b, 64)
	return err != nil || err2 != nil || cmp.Compare(x, y) == n
}

// letters is what is left of a text for a collation that ignores case and punctuation.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

func asciiOnly(s string) bool {
	return !slices.ContainsFunc([]byte(s), func(b byte) bool { return b >= 0x80 })
}

// compareNumbers orders two JSON numbers, exactly.
func compareNumbers(a, b string) int {
	x, err := strconv.ParseFloat(a, 64)
	y, err2 := strconv.ParseFloat(b, 64)
	if err != nil || err2 != nil {
		return strings.Compare(a, b)
	}
	const exact = 1 << 53
	if x != y || x < exact && x > -exact {
		return cmp.Compare(x, y)
	}
	p, ok := new(big.Rat).SetString(a)
	r, ok2 := new(big.Rat).SetString(b)
	if !ok || !ok2 {
		return 0
	}
	return p.Cmp(r)
}

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
	for _, cond := range q.Filters {
		if f := c.filter(cond.Param); f != nil {
			add(f.Path)
		}
	}
	for _, o := range c.OrderOf(q) {
		add(c.orderPath(o.Field))
	}
	if q.Search != "" {
		for _, p := range c.Search.Paths {
			add(p)
		}
	}
	return out
}

// CompareKeys orders two records by their keys: integers by size, others as text.
func (s *RecordSet) CompareKeys(a, b *Record) int {
	if s.keyType == "integer" || s.keyType == "number" {
		return compareNumbers(a.Key(), b.Key())
	}
	return strings.Compare(a.Key(), b.Key())
}
