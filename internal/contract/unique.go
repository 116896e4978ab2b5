package contract

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// What a description says of a value that no two items may share: in words that may be meant loosely, and in words that may not.
var (
	saysUnique  = regexp.MustCompile(`(?i)\b(?:must be|is|are|has to be|globally) unique\b|(?:^|[.;:]\s)unique\b|\bunique (?:among|across|within|per|in|for|name|key|slug|code|identifier)\b`)
	saysRefused = regexp.MustCompile(`(?i)\b(?:must|has to) be unique\b|(?:^|[.;:]\s)unique(?:$|[.,;:])|\bunique (?:among|across)\b`)
)

// Unique names the properties of a create's body that no two items may share, as their descriptions say, where the document has an answer for duplicates: 409 or, where
// the words leave no doubt, another refusal of what is sent, 422 or 400.
func (op *Operation) Unique(body *Form) []string {
	var out []string
	documented := func(status int) bool {
		r := op.Response(status)
		return r != nil && r.Status == strconv.Itoa(status)
	}
	says := saysUnique
	switch {
	case op.Role != Create || body == nil:
		return nil
	case documented(409):
	case documented(422) || documented(400):
		says = saysRefused
	default:
		return nil
	}
	for _, p := range body.Properties() {
		if !p.Schema.ReadOnly() && (says.MatchString(p.Schema.Keywords().Description) || op.saysUnique(p.Name)) {
			out = append(out, p.Name)
		}
	}
	return out
}

// saysUnique tells whether the operation's own description says of a property alone that it is unique: "Names are unique in a project".
func (op *Operation) saysUnique(name string) bool {
	if len(name) < 2 || !strings.Contains(op.Description, "unique") && !strings.Contains(op.Description, "by another") { // it is asked with every write of the mock
		return false
	}
	return regexp.MustCompile("(?i)(?:^|[.;:]\\s|\\bthe |\\ban? )[`'\"]?(?:" + regexp.QuoteMeta(name) + "|" + regexp.QuoteMeta(spokenName(name)) + ")s?[`'\"]?(?: (?:address|number|code))? (?:(?:is|are|must be|has to be|have to be) unique\\b|(?:must|may|can) ?not be (?:in use|used|taken) by another\\b)").MatchString(op.Description)
}

// Unique names the properties of what an operation creates or changes that no two items may share, as the create's body or its description says, where the document
// has an answer for duplicates.
func (c *Collection) Unique(op *Operation) []string {
	create := c.Operation(Create)
	if create == nil || create.Body == nil || c.Records == nil {
		return nil
	}
	out := create.Unique(c.Records.FormOfBody(create.Body))
	if refusal := op.Response(409); op == create || refusal != nil && refusal.Status == "409" {
		return out
	}
	return slices.DeleteFunc(out, func(name string) bool { return !op.saysUnique(name) })
}
