package contract

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// test gives the test of one filter. Where it may look at one of several properties, only that is certain which holds by each of them.
func (f *Filter) test(values []string) func(Item) Verdict {
	if f.Op == Equal && slices.Contains(f.all, values[len(values)-1]) {
		return func(Item) Verdict { return yes }
	}
	test := f.testAt(values)
	if f.vague {
		sure := test
		test = func(it Item) Verdict { return Verdict{sure(it).Is, false} }
	}
	for _, path := range f.also {
		other := *f
		other.Path = path
		first, second := test, other.testAt(values)
		test = func(it Item) Verdict {
			a, b := first(it), second(it)
			return Verdict{a.Is, a.Certain && b.Certain && a.Is == b.Is}
		}
	}
	return test
}

// testAt gives the test of a filter's own property. One that is null or absent fits no value; [IsNull] and [NotNull] ask for just that. Of an array, one element has to fit.
func (f *Filter) testAt(values []string) func(Item) Verdict {
	value := values[len(values)-1]
	switch f.Op {
	case IsNull, NotNull:
		want := (value == "true") == (f.Op == IsNull)
		return func(it Item) Verdict {
			k := it.Value(f.Path).Kind
			return Verdict{(k == Null || k == Missing) == want, true}
		}
	case In:
		one := f.present(f.oneOf(values))
		if !f.loose {
			return one
		}
		every := f.allOf(values)
		return func(it Item) Verdict {
			a, b := one(it), every(it)
			return Verdict{a.Is, a.Certain && b.Certain && a.Is == b.Is}
		}
	case AllOf:
		return f.allOf(values)
	case NotEqual, NotIn:
		fits := f.present(func(v Value) Verdict { return f.equal(v, value) })
		if f.Op == NotIn {
			fits = f.present(f.oneOf(values))
		}
		return func(it Item) Verdict {
			if v := it.Value(f.Path); v.Kind == Null || v.Kind == Missing {
				return Verdict{true, false} // SQL says no
			}
			t := fits(it)
			return Verdict{!t.Is, t.Certain}
		}
	case Less, LessEqual, Greater, GreaterEqual:
		return f.present(f.bound(f.Op, value))
	case Between:
		from, to, _ := f.cutRange(value)
		return f.present(func(v Value) Verdict {
			out := yes
			if from != "" {
				out = f.bound(GreaterEqual, from)(v)
			}
			if to != "" {
				out = both(out, f.bound(LessEqual, to)(v))
			}
			return out
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
	return f.present(func(v Value) Verdict { return f.equal(v, value) })
}

// oneOf gives the test for any of some values, which may stand in one text.
func (f *Filter) oneOf(values []string) func(Value) Verdict {
	wanted := strings.Split(strings.Join(values, ","), ",")
	return func(v Value) Verdict {
		out := no
		for _, w := range wanted {
			out = either(out, f.equal(v, w))
		}
		return out
	}
}

// allOf gives the test for each of some values, which may stand in one text.
func (f *Filter) allOf(values []string) func(Item) Verdict {
	var tests []func(Item) Verdict
	for _, w := range strings.Split(strings.Join(values, ","), ",") {
		tests = append(tests, f.present(func(v Value) Verdict { return f.equal(v, w) }))
	}
	return func(it Item) Verdict {
		out := yes
		for _, test := range tests {
			out = both(out, test(it))
		}
		return out
	}
}

// either is yes if one of two verdicts is.
func either(a, b Verdict) Verdict {
	if a == yes || b == yes {
		return yes
	}
	return Verdict{a.Is || b.Is, a.Certain && b.Certain}
}

// both is no if one of two verdicts is.
func both(a, b Verdict) Verdict {
	if a == no || b == no {
		return no
	}
	return Verdict{a.Is && b.Is, a.Certain && b.Certain}
}

// present tests what a property holds, or, of an array, each of its elements.
func (f *Filter) present(test func(Value) Verdict) func(Item) Verdict {
	return func(it Item) Verdict {
		v := it.Value(f.Path)
		switch {
		case v.Kind == Null || v.Kind == Missing:
			return no
		case v.Kind == Other && v.Text[0] == '[':
			out := no
			for element := range elementsOf(v.Text) {
				e := valueOf(element)
				if f.inner != nil {
					e = valueAt(element, f.inner)
				}
				if e.Kind != Null && e.Kind != Missing {
					out = either(out, test(e))
				}
			}
			return out
		}
		return test(v)
	}
}

// bound gives the test of a bound. Where the value is a day and the property an instant, the day is that of UTC, all of it fits, and what is
// less than a day away is uncertain, unless the document says that the day is that of UTC: another server may mean its own day.
func (f *Filter) bound(op Op, value string) func(Value) Verdict {
	if f.Days && isDay(value) {
		return func(v Value) Verdict { return f.dayBound(op, v, value) }
	}
	limit := f.operand(Value{String, value})
	return func(v Value) Verdict {
		if f.kind == decimalKind && !(isNumber(v.Text) && isNumber(value)) {
			return Verdict{false, false}
		}
		n, certain := f.operand(v).compare(limit, true)
		certain = certain && (n != 0 || !f.edge)
		switch op {
		case Less:
			return Verdict{n < 0, certain}
		case LessEqual:
			return Verdict{n <= 0, certain}
		case Greater:
			return Verdict{n > 0, certain}
		}
		return Verdict{n >= 0, certain}
	}
}

// isNumber tells whether a text is a number, as JSON writes it.
func isNumber(text string) bool { return jsonNumber.MatchString(text) }

func (f *Filter) operand(v Value) *Operand {
	o := Operand{value: v}
	switch f.kind {
	case numberKind, decimalKind:
		o.value.Kind = Number
		o.num, _ = strconv.ParseFloat(v.Text, 64)
	case instantKind:
		o.at, _ = ParseInstant(v.Text)
	}
	return &o
}

// dayBound tests an instant against a day.
func (f *Filter) dayBound(op Op, v Value, day string) Verdict {
	at, err := ParseInstant(v.Text)
	start, err2 := time.Parse(time.DateOnly, day)
	if err != nil || err2 != nil {
		return no
	}
	const length = 24 * time.Hour
	d := at.Sub(start)
	certain := f.utc && !f.edge || d < -length || d >= 2*length
	switch op {
	case Less:
		return Verdict{d < 0, certain}
	case LessEqual:
		return Verdict{d < length, certain}
	case Greater:
		return Verdict{d >= length, certain}
	case GreaterEqual:
		return Verdict{d >= 0, certain}
	}
	return Verdict{d >= 0 && d < length, certain}
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

// equal compares a property with a filter's value.
func (f *Filter) equal(v Value, text string) Verdict {
	if f.Days && isDay(text) {
		return f.dayBound(Equal, v, text)
	}
	return equal(f.kind, v, text)
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
	case decimalKind:
		if isNumber(v.Text) && isNumber(text) {
			same := compareNumbers(v.Text, text) == 0
			return Verdict{same, !same || v.Text == text} // 12.5 may be the text 12.50, or not
		}
	}
	if v.Text == text {
		return yes
	}
	return Verdict{false, !strings.EqualFold(strings.TrimSpace(v.Text), strings.TrimSpace(text))}
}
