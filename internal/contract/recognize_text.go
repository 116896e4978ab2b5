package contract

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// What people write in descriptions, where the schema does not say it.
var (
	saysSize    = regexp.MustCompile(`(?i)\b(\d[\d,]*)(?: (?:items|results|entries|records))? by default\b`)
	saysDefault = regexp.MustCompile(`(?i)\bdefault(?:s|ing)?\b(?: value| size| limit| page size| number)?(?: is| to| of|:|=| will be)*[\s"'\x60*(]*(\d[\d,]*)\b`)
	saysMaximum = regexp.MustCompile(`(?i)(?:\b(?:max|maximum|up to|at most|no more than|not exceed(?:ing)?|cannot exceed)\b(?: value| size| limit| number| allowed| page size| of items)*(?: is| of|:|=)*|\b(?:between|from) \d+ (?:and|to|-)|\b\d+ (?:and|to|-)(?: at most)?)[\s"'\x60*(]*(\d[\d,]*)\b`)
	saysZero    = regexp.MustCompile(`(?i)\b(?:zero|0)[- ](?:based|indexed)|(?:start|begin)(?:s|ing)? (?:at|from|with) (?:0|zero)\b|first page is (?:0|zero)\b`)
	saysKey     = regexp.MustCompile(`(?i)\b(?:object|item|resource)?\s*\bids?\b|\bidentifier\b|\buuid\b`)
	saysToken   = regexp.MustCompile(`(?i)\b(?:token|cursor|opaque|next_page|returned (?:in|by|from) (?:the|a) previous|pagination)\b`)
	saysTime    = regexp.MustCompile(`(?i)\b(?:date|time|timestamp|datetime|iso[- ]?8601|unix|rfc ?3339)\b`)
	// what a count counts
	saysThisPage = regexp.MustCompile(`(?i)\b(?:this|current|the|each|per) (?:current )?(?:page|response)\b|\breturned\b`)
	saysEmpty    = regexp.MustCompile(`(?i)\b(\d+) (?:when|if|where) (?:nothing|none|no|(?:it|the list) is empty|there (?:is|are) (?:nothing|none|no))\b`)
	saysAll      = regexp.MustCompile(`(?i)\btotal\b|\ball\b|\boverall\b`)
	saysAddress  = regexp.MustCompile(`(?i)\b(?:url|uri|link|href|https?:)`)
)

// says is what the document writes about a parameter.
func (p *Parameter) says() string {
	if p == nil || p.kin == nil {
		return ""
	}
	text := p.kin.Description
	if p.Schema != nil && p.Schema.kin.Description != text {
		text += " " + p.Schema.kin.Description
	}
	return text
}

// typ is the type of a parameter's value, of an array's elements; "" if it has none or several.
func (p *Parameter) typ() string {
	if s := p.element(); s != nil {
		return s.Type()
	}
	return ""
}

// element is the schema of one value of a parameter.
func (p *Parameter) element() *Schema {
	if p == nil || p.Schema == nil {
		return nil
	}
	if p.many() && p.Schema.Items() != nil {
		return p.Schema.Items()
	}
	return p.Schema
}

func (p *Parameter) many() bool { return p != nil && p.Schema != nil && p.Schema.Type() == "array" }

// repeats tells whether several values of a parameter are sent under its name each (OpenAPI: style form, explode true).
func (p *Parameter) repeats() bool {
	return p.many() && (p.kin.Style == "" || p.kin.Style == "form") && (p.kin.Explode == nil || *p.kin.Explode)
}

// whole tells whether a parameter's value can be a whole number.
func (p *Parameter) whole() bool {
	t := p.typ()
	return !p.many() && (t == "integer" || t == "number" || t == "" || t == "string" && p.Schema.Format() == "" && len(p.Schema.Enum()) == 0)
}

// instant tells whether a parameter holds a point in time.
func (p *Parameter) instant() bool {
	s := p.element()
	if s == nil {
		return false
	}
	f := s.Format()
	return f == "date" || f == "date-time" || s.Type() == "string" && f == "" && saysTime.MatchString(p.says()) && !saysToken.MatchString(p.says())
}

// numberIn finds a number in a text.
func numberIn(text string, expr *regexp.Regexp) int {
	m := expr.FindStringSubmatch(text)
	if m == nil {
		return 0
	}
	n, err := strconv.Atoi(strings.ReplaceAll(m[1], ",", ""))
	if err != nil || n > 1_000_000 {
		return 0
	}
	return n
}

// sizeBounds gives the size of a page that counts when none is asked for, and the least and the largest that may be asked for; 0 is not known.
func sizeBounds(p *Parameter) (size, least, most int, why string) {
	if p == nil || p.Schema == nil {
		return 0, 0, 0, ""
	}
	for part := range p.Schema.parts {
		if part.Min != nil && least == 0 {
			least = int(*part.Min)
		}
		if part.Max != nil && most == 0 && *part.Max < 1<<40 {
			most = int(*part.Max)
		}
	}
	text := p.says()
	if most == 0 {
		most = numberIn(text, saysMaximum)
	}
	if n, err := strconv.Atoi(strings.Trim(string(p.Schema.Default()), `"`)); err == nil && n > 0 {
		return n, least, most, "the default of " + p.Name
	}
	n := numberIn(text, saysSize)
	if n == 0 {
		n = numberIn(text, saysDefault)
	}
	if n > 0 && (most == 0 || n <= most) {
		return n, least, most, "the description of " + p.Name
	}
	return 0, least, most, ""
}

// asText gives the strings among the values of an enumeration.
func asText(enum []any) []string {
	var out []string
	for _, v := range enum {
		if s, ok := v.(string); ok && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
