package contract

import (
	"cmp"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Compare orders two items as a query asks, by the default order if it names none: less than, equal to or more than zero. Certain tells whether every sane server agrees: one may
// compare text by code point, without case, without punctuation, or as numbers, and may put null at either end. Ties are equal.
func (c *Collection) Compare(q Query, a, b Item) (order int, certain bool) {
	cmp := c.Comparer(q)
	return cmp.compare(cmp.Read(nil, a), cmp.Read(nil, b), true)
}

// Comparer compares items as one query orders them. What is read of an item can be kept, to sort many.
type Comparer struct {
	steps []step
}

type step struct {
	path     []string
	kind     kind
	desc     bool
	measured bool // texts that are numbers are surely ordered as numbers
	folded   bool // case does not count
	ranks    []string
	nulls    string // where null stands; "": that is not known
}

// Operand is what one step of an ordering reads of an item.
type Operand struct {
	value    Value
	num      float64
	at       time.Time
	written  bool // a number that is a text
	measured bool // that is surely ordered as a number
	rank     int  // its place among the values that the document orders, from 1; 0: it has none
}

// Comparer prepares [Collection.Compare] for many items.
func (c *Collection) Comparer(q Query) *Comparer {
	out := &Comparer{}
	for _, o := range c.OrderOf(q) {
		path := c.OrderPath(o.Field)
		out.steps = append(out.steps, step{path, kindOf(c.property(path)), o.Desc, c.measures(path), c.Ordering.folded[o.Field], c.Ordering.ranks[o.Field], cmp.Or(c.Ordering.Nulls, c.Ordering.nulls[o.Field])})
	}
	return out
}

var saysDecimal = regexp.MustCompile(`(?i)\bdecimals?\b`)

// measures tells whether a property of texts that are numbers surely counts as one: by its format or its description, or because there are bounds for it.
func (c *Collection) measures(path []string) bool {
	s := c.property(path)
	return s != nil && s.Decimal() && (s.Format() != "" || saysDecimal.MatchString(s.Keywords().Description) || slices.ContainsFunc(c.Filters, func(f Filter) bool { return bounds(f.Op) && slices.Equal(f.Path, path) }))
}

// OrderPath gives the property that an ordering by a field looks at: of one that holds the key of an embedded record, the key in that
// record, which is there even where the field is null.
func (c *Collection) OrderPath(field string) []string {
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
		case o.value.Kind == Number || o.value.Kind == String && s.kind == decimalKind && isNumber(o.value.Text):
			o.written, o.measured = o.value.Kind == String, s.measured
			o.value.Kind = Number
			o.num, _ = strconv.ParseFloat(o.value.Text, 64)
		case o.value.Kind == String && s.kind == instantKind:
			if t, err := ParseInstant(o.value.Text); err == nil {
				o.at = t
			}
		case s.ranks != nil:
			o.rank = slices.Index(s.ranks, o.value.Text) + 1
		case s.folded && o.value.Kind == String:
			o.value.Text = fold(o.value.Text)
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
		case emptyA == (s.nulls != "first"):
			return 1, s.nulls != ""
		}
		return -1, s.nulls != ""
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
		sure := !a.written || a.measured || !judge || sureOrder(a.value.Text, b.value.Text, strings.Compare(a.value.Text, b.value.Text))
		if a.num != b.num || a.num < exact && a.num > -exact {
			return cmp.Compare(a.num, b.num), sure
		}
		return compareNumbers(a.value.Text, b.value.Text), sure
	case a.rank > 0 && b.rank > 0:
		return cmp.Compare(a.rank, b.rank), true
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

// sureOrder tells whether servers that fold case, leave out punctuation, have it before digits, or see numbers in text agree with the order by code point.
func sureOrder(a, b string, n int) bool {
	if n == 0 {
		return true
	}
	if !asciiOnly(a) || !asciiOnly(b) || strings.Compare(fold(a), fold(b)) != n || strings.Compare(letters(a), letters(b)) != n || strings.Compare(signsFirst(a), signsFirst(b)) != n {
		return false
	}
	x, err := strconv.ParseFloat(a, 64)
	y, err2 := strconv.ParseFloat(b, 64)
	if err == nil && err2 == nil {
		return cmp.Compare(x, y) == n
	}
	return natural(strings.ToLower(a), strings.ToLower(b)) == n
}

// natural orders two texts as people do, by a collation that reads the digits in them as numbers (the option kn of CLDR).
func natural(a, b string) int {
	for a != "" && b != "" {
		i, k := digits(a), digits(b)
		if i > 0 && k > 0 {
			x, y := strings.TrimLeft(a[:i], "0"), strings.TrimLeft(b[:k], "0")
			if n := cmp.Or(cmp.Compare(len(x), len(y)), strings.Compare(x, y)); n != 0 {
				return n
			}
			a, b = a[i:], b[k:]
			continue
		}
		if a[0] != b[0] {
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Compare(len(a), len(b))
}

// digits counts the digits at the beginning of a text.
func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
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

// signsFirst is a text for a collation that has spaces before other signs, and those before digits and letters (the root of Unicode's, UTS 10 and CLDR). Which sign
// comes before which is left open.
func signsFirst(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			return unicode.ToLower(r)
		case unicode.IsSpace(r):
			return 1
		}
		return 2
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

// CompareKeys orders two records by their keys: integers by size, others as text.
func (s *RecordSet) CompareKeys(a, b *Record) int {
	if s.keyType == "integer" || s.keyType == "number" {
		return compareNumbers(a.Key(), b.Key())
	}
	return strings.Compare(a.Key(), b.Key())
}
