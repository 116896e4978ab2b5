package contract

import (
	"encoding/json"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Bound is what the document says, in words, of a property's value: how it compares to that of another property of the same body, or to the present.
type Bound struct {
	Property string
	Op       Op     // Less, LessEqual, Greater or GreaterEqual
	Other    string // the other property; "": the present
	Said     string // the sentence
}

// What has to be, and what may not: "must not be before `starts_on`", "not in the future", "has to be at least min_price".
var (
	saysBound = regexp.MustCompile("(?i)(?:^|[`'\"]?\\b(?P<of>\\w+)[`'\"]? )(?:(?P<no>(?:must|may|shall) not|can ?not|can't|not)|(?P<yes>must|has to|have to|needs? to|shall))(?: (?:be|lie|come|fall|happen))? " +
		"(?:(?P<how>strictly after|strictly before|after|before|later than or equal to|earlier than or equal to|later than|earlier than|on or after|on or before|at or after|at or before|greater than or equal to|less than or equal to|greater than|less than|smaller than|higher than|lower than|above|below|at least|at most|exceed|more than|no earlier than|no later than|not before|not after) (?:the )?(?:value of )?[`'\"]?(?P<other>\\w+)[`'\"]?|in the (?P<when>future|past))(?P<rest>.*)$")
	saysIf = regexp.MustCompile(`(?i)\b(?:if|when|whenever|while|until|except|where|for|only|by default|or null)\b`)
)

// boundOps are the words of a bound, and those of which one may not be.
var boundOps = map[string]Op{
	"after": Greater, "strictly after": Greater, "later than": Greater, "greater than": Greater, "higher than": Greater, "above": Greater, "more than": Greater, "exceed": Greater,
	"before": Less, "strictly before": Less, "earlier than": Less, "less than": Less, "smaller than": Less, "lower than": Less, "below": Less,
	"on or after": GreaterEqual, "at or after": GreaterEqual, "later than or equal to": GreaterEqual, "greater than or equal to": GreaterEqual, "at least": GreaterEqual, "no earlier than": GreaterEqual, "not before": GreaterEqual,
	"on or before": LessEqual, "at or before": LessEqual, "earlier than or equal to": LessEqual, "less than or equal to": LessEqual, "at most": LessEqual, "no later than": LessEqual, "not after": LessEqual,
}

var opposite = map[Op]Op{Greater: LessEqual, GreaterEqual: Less, Less: GreaterEqual, LessEqual: Greater}

// Bounds gives the bounds that are said of the properties of a body: in their descriptions, in the schema's, and in that of the operation. What counts only under a
// condition is left out.
func (f *Form) Bounds() []Bound {
	f.boundsOnce.Do(func() {
		if f.schema == nil {
			return
		}
		for _, d := range f.fields {
			f.readBounds(d.Name, d.Schema.Keywords().Description)
		}
		f.readBounds("", f.schema.Keywords().Description)
		if f.body != nil {
			f.readBounds("", f.body.about)
		}
	})
	return f.bounds
}

// readBounds reads what a text says of a property, or of those that it names.
func (f *Form) readBounds(property, text string) {
	if text == "" {
		return
	}
	for _, said := range Sentences(text) {
		f.readSpan(said)
		m := saysBound.FindStringSubmatch(said)
		if m == nil {
			continue
		}
		part := func(name string) string { return m[saysBound.SubexpIndex(name)] }
		of, other := property, part("other")
		if part("of") != "" && f.has(part("of")) {
			of = part("of")
		}
		before, _, _ := strings.Cut(said, m[0])
		rest, _, _ := strings.Cut(part("rest"), ":") // "otherwise 422"
		if rest, _, _ = strings.Cut(rest, "("); of == "" || saysIf.MatchString(before) || saysIf.MatchString(rest) || slices.ContainsFunc(f.bounds, func(b Bound) bool { return b.Property == of && b.Other == other }) {
			continue
		}
		op := boundOps[strings.ToLower(part("how"))]
		switch strings.ToLower(part("when")) {
		case "future":
			op = Greater
		case "past":
			op = Less
		}
		if part("no") != "" {
			op = opposite[op]
		}
		p, _ := f.Field(of)
		switch q, ok := f.Field(other); {
		case slices.Contains([]string{"now", "today"}, strings.ToLower(other)) || part("when") != "":
			if isMoment(p.Schema) {
				f.bounds = append(f.bounds, Bound{of, op, "", said})
			}
		case ok && other != of && (isMoment(p.Schema) && p.Schema.Format() == q.Schema.Format() || isNumeric(p.Schema) && isNumeric(q.Schema)):
			f.bounds = append(f.bounds, Bound{of, op, other, said})
		}
	}
}

// saysSpan finds what says that a beginning comes before an end, whatever the properties are called that hold them.
var saysSpan = regexp.MustCompile(`(?i)\b(?:must|has to|have to|needs? to) end (?:strictly )?after (?:it|they) (?:starts?|begins?)\b`)

// readSpan reads that something ends after it starts, where one property is the moment of the one, and one of the other.
func (f *Form) readSpan(said string) {
	at := saysSpan.FindStringIndex(said)
	if at == nil || saysIf.MatchString(said) {
		return
	}
	var first, last []Field
	for _, d := range f.fields {
		switch name := plain(d.Name); {
		case !isMoment(d.Schema):
		case strings.HasPrefix(name, "start") || strings.HasPrefix(name, "begin"):
			first = append(first, d)
		case strings.HasPrefix(name, "end"):
			last = append(last, d)
		}
	}
	if len(first) == 1 && len(last) == 1 && first[0].Schema.Format() == last[0].Schema.Format() {
		f.bounds = append(f.bounds, Bound{last[0].Name, Greater, first[0].Name, said})
	}
}

func isMoment(s *Schema) bool {
	return s != nil && s.Type() == "string" && (s.Format() == "date" || s.Format() == "date-time")
}

func isNumeric(s *Schema) bool { return s != nil && (s.Type() == "integer" || s.Type() == "number") }

// Broken tells whether the values of a body, as JSON by property, break the bound. What is absent, null or of another kind breaks none. The present is certain to a day.
func (b Bound) Broken(values func(property string) string, now time.Time) bool {
	if b.Other == "" {
		at, ok := momentOf(values(b.Property))
		if b.Op == Less || b.Op == LessEqual {
			return ok && at.After(now.AddDate(0, 0, 2))
		}
		return ok && at.Before(now.AddDate(0, 0, -2))
	}
	order, ok := compareValues(values(b.Property), values(b.Other))
	if !ok {
		return false
	}
	switch b.Op {
	case Less:
		return order >= 0
	case LessEqual:
		return order > 0
	case Greater:
		return order <= 0
	}
	return order < 0
}

// compareValues compares two times or two numbers, as JSON.
func compareValues(a, b string) (int, bool) {
	if x, ok := momentOf(a); ok {
		y, ok := momentOf(b)
		return x.Compare(y), ok
	}
	x, ok := new(big.Rat).SetString(a)
	y, ok2 := new(big.Rat).SetString(b)
	if !ok || !ok2 {
		return 0, false
	}
	return x.Cmp(y), true
}

// momentOf reads a date or a date-time, as JSON.
func momentOf(text string) (time.Time, bool) {
	var s string
	if json.Unmarshal([]byte(text), &s) != nil {
		return time.Time{}, false
	}
	if at, err := time.Parse(time.DateOnly, s); err == nil {
		return at, true
	}
	at, err := ParseInstant(s)
	return at, err == nil
}
