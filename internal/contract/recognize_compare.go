package contract

import (
	"regexp"
	"slices"
	"strings"
)

// What prose tells of how values are compared where they are ordered.
var (
	saysFolded  = regexp.MustCompile(`(?i)\b(?:without regard (?:to|for)|regardless of|irrespective of|ignoring|whatever the) (?:upper and lower |upper or lower |letter )?case\b|\bcase[- ]insensitive(?:ly)?\b`)
	saysOrders  = regexp.MustCompile(`(?i)\b(?:order|sort|compar)\w*\b`)
	saysRanked  = regexp.MustCompile(`(?i)\balphabet\w*|\bby (?:gravity|rank|importance|urgency)\b|\branked\b|\bin (?:this|that) order\b`)
	saysMeasure = regexp.MustCompile(`(?i)\b(?:sort\w*|order\w*|compared|ranks?) by (\w+) \(`)
	saysTexts   = regexp.MustCompile(`(?i)\b(?:texts?|strings?|letters)\b`)
	clauseEnd   = regexp.MustCompile(`[,;]\s`)
)

// orderProse gives what is said of the order of a list: by its ordering parameter, by the operation, and by the document as a whole.
func (c *Collection) orderProse() (own, wide string) {
	if p := c.list.Parameter("query", c.Ordering.Param); p != nil {
		own = p.says()
	}
	return own, c.list.Description + "\n\n" + c.doc.Description()
}

// saysNullsOf finds the same of one property, by what is ordered by: "last when sorted by `seen_at`, whichever the direction".
var saysNullsOf = regexp.MustCompile("(?i)\\b(last|first) (?:when|if|where) (?:sorted|ordered|sorting|ordering) by (?:the )?[`'\"]?(\\w+)[`'\"]?\\b[^.;]{0,20}\\b(?:both|either|any|whichever(?: the)?|whatever the) (?:directions?|ways?|orders?)\\b")

// toldNulls reads where null stands, whichever the direction, of all fields or of those that a word begins: "last", "first", or "" and nil.
func (c *Collection) toldNulls() (all string, of map[string]string) {
	own, wide := c.orderProse()
	for _, text := range []string{own, wide} {
		whole := strings.Join(Sentences(text), ". ")
		m := saysNulls.FindStringSubmatch(whole)
		if m == nil {
			if m = saysNullsOf.FindStringSubmatch(whole); m == nil {
				continue
			}
			m[1], m[2] = m[2], strings.TrimPrefix(strings.ToLower(m[1]), "first")
		}
		where := "first"
		if m[2] != "" {
			where = "last"
		}
		if m[1] == "" {
			return where, nil
		}
		of = map[string]string{}
		for _, field := range c.Ordering.Fields {
			if strings.HasPrefix(plain(field), plain(m[1])) {
				of[field] = where
			}
		}
		return "", of
	}
	return "", nil
}

// toldFolded reads which fields are compared without regard to case: those that a clause names, or all texts.
func (c *Collection) toldFolded() (out map[string]bool) {
	own, wide := c.orderProse()
	read := func(text string, general bool) {
		for _, sentence := range Sentences(text) {
			if general && !saysOrders.MatchString(sentence) {
				continue
			}
			for _, clause := range clauseEnd.Split(sentence, -1) {
				if !saysFolded.MatchString(clause) || saysNever.MatchString(clause[:saysFolded.FindStringIndex(clause)[0]]) {
					continue
				}
				for _, field := range c.Ordering.Fields {
					s := c.property(c.OrderPath(field))
					named := slices.ContainsFunc(words(clause), func(w string) bool { return alike(w, field) })
					if s != nil && s.Type() == "string" && s.Format() == "" && s.Enum() == nil && (named || saysTexts.MatchString(clause)) {
						if out == nil {
							out = map[string]bool{}
						}
						out[field] = true
					}
				}
			}
		}
	}
	read(own, false)
	read(wide, true)
	return out
}

// toldRanks reads the order of enumerated values that is spelled out: "by gravity (low, medium, high)".
func (c *Collection) toldRanks() (out map[string][]string) {
	own, _ := c.orderProse()
	told := Sentences(own)
	for _, sentence := range Sentences(c.list.Description) {
		if saysOrders.MatchString(sentence) {
			told = append(told, sentence)
		}
	}
	for _, sentence := range told {
		m := saysMeasure.FindStringSubmatch(sentence)
		if measured := m != nil && !slices.ContainsFunc(c.Ordering.Fields, func(field string) bool { return alike(field, m[1]) }); !measured && !saysRanked.MatchString(sentence) {
			continue // it may just name the values
		}
		for _, listed := range regexp.MustCompile(`\(([^()]*)\)`).FindAllStringSubmatch(sentence, -1) {
			values := regexp.MustCompile(`\s*[,<>]\s*`).Split(strings.NewReplacer("`", "", "'", "", `"`, "").Replace(listed[1]), -1)
			for _, field := range c.Ordering.Fields {
				texts := c.property(c.OrderPath(field)).texts()
				if len(texts) > 2 && len(values) == len(texts) && !slices.ContainsFunc(texts, func(v string) bool { return !slices.Contains(values, v) }) {
					if out == nil {
						out = map[string][]string{}
					}
					out[field] = values
				}
			}
		}
	}
	return out
}

// saysTie finds what decides between items that are equal in all that is asked for: "Ties are broken by `id`".
var saysTie = regexp.MustCompile("(?i)\\b(?:ties|equals|equal (?:ones|items|values|records)|(?:items|records|those|ones) (?:that|which) (?:tie|are equal))\\b[^.;]{0,20}?\\b(?:broken|ordered|sorted|resolved|decided) by (?:the |their )?[`'\"]?(\\w+)[`'\"]?(?:[,;.]|$)")

// saysUpward finds what says that this is so in whichever direction the list is ordered.
var saysUpward = regexp.MustCompile(`(?i)\balways (?:upwards?|ascending|in ascending order)\b|\bwh(?:ichever|atever) the direction\b|\bin (?:both|either) directions?\b`)

// toldTie reads what decides between items that are equal in all that is asked for; "": nothing does. Upward tells
// whether it is said to do so upward in whichever direction the list is ordered.
func (c *Collection) toldTie() (name string, upward bool) {
	own, wide := c.orderProse()
	for _, text := range []string{own, wide} {
		for _, sentence := range Sentences(text) {
			if m := saysTie.FindStringSubmatch(sentence); m != nil && scalarAt(c.property([]string{m[1]})) {
				return m[1], saysUpward.MatchString(sentence)
			}
		}
	}
	return "", false
}

func scalarAt(s *Schema) bool { return s != nil && scalar(s) }

// Tie names the property of which the document says that it decides, upward, where all that was asked for is equal; "": it says of none.
func (o *Ordering) Tie() string { return o.tie }

// TiesUpward tells whether that is said to be so downward, too.
func (o *Ordering) TiesUpward() bool { return o.tiesUp }

// Ranked tells whether the document names the order of a field's values.
func (o *Ordering) Ranked(field string) bool { return o.ranks[field] != nil }

// What a document says of a cursor that comes with other parameters than those for which it was given.
var (
	ofCursors   = regexp.MustCompile(`(?i)\b(?:tokens?|cursors?)\b`)
	ofSameQuery = regexp.MustCompile(`(?i)\b(?:filters?|order\w*|sort\w*|(?:same|other) (?:query )?parameters)\b`)
	saysNo      = regexp.MustCompile(`(?i)\b(?:refused|rejected|an error|400|422|4xx)\b`)
)

// CursorBound gives the sentence that says that a cursor is refused with another order or other filters than those for which it was given; "" if none does.
func (c *Collection) CursorBound() string { return c.cursorBound }

func (c *Collection) toldCursorBound() string {
	texts := []string{c.doc.Description(), c.list.Description}
	if p := c.list.Parameter("query", c.Paging.Param); p != nil {
		texts = append(texts, p.says())
	}
	for _, s := range Sentences(strings.Join(texts, "\n\n")) {
		if c.Paging.Style == ByCursor && ofCursors.MatchString(s) && ofSameQuery.MatchString(s) && saysNo.MatchString(s) {
			return s
		}
	}
	return ""
}
