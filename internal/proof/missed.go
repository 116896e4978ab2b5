package proof

import (
	"slices"
	"strings"

	"understudy/contracttest"
	"understudy/internal/contract"
	"understudy/internal/mutant"
)

// explain says why a mutant was not caught by the rule meant, and what to write into the document.
func (s *stage) explain(r *Result, m mutant.Mutant, at *site, report *contracttest.Report) {
	rules := contract.Rules()
	rule := rules[slices.IndexFunc(rules, func(r contract.Rule) bool { return r.ID == m.Rule })]
	var on []*contract.Operation // that the rule is about
	for _, op := range at.Operations {
		if rule.Applies(op) {
			on = append(on, op)
		}
	}
	var reasons []string
	kept, flaky := 0, 0
	for _, c := range report.Cases {
		if c.Rule != m.Rule {
			continue
		}
		switch c.Verdict {
		case contracttest.Kept:
			kept++
		case contracttest.Flaky:
			flaky++
		case contracttest.Skipped:
			if !slices.Contains(reasons, c.Reason) {
				reasons = append(reasons, c.Reason)
			}
		}
	}
	switch {
	case report.Stopped != "":
		r.Why = "the check could not tell: " + report.Stopped
	case len(on) == 0:
		r.Why = "the rule does not apply: it is about " + rule.When + ", and the document has none here"
	case flaky > 0:
		r.Why = "it was seen once, and not again: flaky"
	case len(reasons) > 0:
		r.Why = strings.Join(reasons[:min(len(reasons), 3)], "; ")
	case kept > 0:
		r.Why = "the check asked, and what it was answered was right"
	default:
		r.Why = "there was nothing to ask"
	}
	r.Write, r.At = advise(m, at.Place, on, r.Why)
}

// remedy is what to write into a document where a rule could not tell.
type remedy struct {
	rules   []string // by id or family; none: all
	because string   // part of the reason; "": any
	write   func(p *mutant.Place) string
	role    contract.Role // of the operation at which it is to stand; "": the list's, or the place's first
}

// plainly is a remedy that is the same everywhere.
func plainly(text string) func(*mutant.Place) string {
	return func(*mutant.Place) string { return text }
}

// remedies are tried in their order: the first that fits is told.
var remedies = []remedy{
	{nil, "is to be deleted", plainly("a DELETE of one item, so that what a check creates can be taken away again"), ""},
	{nil, "the document has no operation that deletes", plainly("a DELETE of one item, so that what a check creates can be taken away again"), ""},
	{nil, "no operation creates such items", plainly("a POST on the list's path: nothing is changed that the check did not create"), ""},
	{nil, "a valid create is refused", plainly("what a create needs beyond its schema: an enum, a pattern, a format, an example, or a description of the property that refers to something"), contract.Create},
	{nil, "no valid body is found", plainly("a schema of the body that a value can fit, or an example"), contract.Create},
	{nil, "nothing tells which property identifies an item", plainly("a property that is named as the path's parameter, or id"), ""},
	{nil, "no items", plainly("an example of the list in its 200 response: two items or more that differ"), ""},
	{nil, "not described", plainly("a JSON schema for the body"), ""},
	{[]string{"order/default"}, "", func(p *mutant.Place) string {
		return "x-understudy: {order: [" + orderHint(p.Collection) + "]}, the order when none is asked for"
	}, contract.List},
	{[]string{"order"}, "", func(p *mutant.Place) string {
		return "x-understudy: {orderable: [" + strings.TrimPrefix(orderHint(p.Collection), "-") + ", …]}, or an enum of the parameter: the names by which the list can be ordered"
	}, contract.List},
	{[]string{"paging/size-default"}, "", plainly("default: 20 in the schema of the size parameter, or x-understudy: {page: {size: 20}}"), contract.List},
	{[]string{"paging/arithmetic", "paging/count", "filter/count", "search/subset"}, "total", plainly("a property of the envelope that tells the total, such as count"), contract.List},
	{[]string{"paging", "filter/paged"}, "page", plainly("a size parameter with its maximum, or x-understudy: {page: {size: 20, max: 100}}"), contract.List},
	{[]string{"filter/paged"}, "no filter", plainly("x-understudy: {filters: {PARAMETER: property}}, of a property that at least three items share"), contract.List},
	{[]string{"filter"}, "", func(p *mutant.Place) string {
		return "x-understudy: {filters: {" + unknownParameter(p) + ": property}}, which says what property the parameter is about"
	}, contract.List},
	{[]string{"search"}, "", func(p *mutant.Place) string {
		return "x-understudy: {search: [" + firstText(p) + "]}, the properties that are searched"
	}, contract.List},
	{[]string{"crud/default"}, "", plainly("default: of a property that may be left out, or x-understudy: {default: …} at it"), contract.Create},
	{[]string{"crud/replace"}, "", plainly("a sentence in PUT's description that what is left out returns to its default"), contract.Replace},
	{[]string{"crud/read-only"}, "", plainly("readOnly: true at what clients cannot set"), contract.Create},
	{[]string{"crud/create-refused", "crud/write-refused", "value/refused", "value/accepted"}, "", plainly("bounds for what is sent: minLength, maxLength, pattern, minimum, maximum, enum"), contract.Create},
	{[]string{"value/required"}, "", plainly("required: the properties, or parameters, that may not be left out"), contract.Create},
	{[]string{"auth/documented", "http/challenge"}, "", plainly("a 401 or a 403 among the responses"), ""},
	{[]string{"auth/open"}, "", plainly("security: [] at what is open to everybody, and a list that is"), ""},
	{[]string{"auth"}, "", plainly("security: at the operation, and a 401 or 403 among its responses"), ""},
	{[]string{"conform/headers"}, "", plainly("required: true and a schema at each header of a response"), ""},
	{[]string{"conform"}, "", plainly("the responses that there are, each with its media type and a schema"), ""},
	{[]string{"read/unknown", "read/malformed"}, "", plainly("the format of the key in the path, and a 404 and a 400 among the responses"), contract.Retrieve},
	{[]string{"read"}, "", plainly("a GET of one item, with a schema that shares its properties with the list's items"), contract.Retrieve},
	{[]string{"http/location"}, "", plainly("a 201 with the header Location"), contract.Create},
	{[]string{"http/etag"}, "", plainly("the header ETag at the 200 response, and If-Match with 412 at what writes"), ""},
}

// advise gives what to write into the document, and where. Where no line of it would help, it gives nothing.
func advise(m mutant.Mutant, p *mutant.Place, on []*contract.Operation, why string) (write, at string) {
	if strings.HasPrefix(why, "the check asked") || strings.HasPrefix(why, "it was seen once") {
		return "", ""
	}
	for _, r := range remedies {
		if len(r.rules) > 0 && !slices.Contains(r.rules, m.Rule) && !slices.Contains(r.rules, m.Family()) || !strings.Contains(why, r.because) || p.Collection == nil && r.role != "" {
			continue
		}
		op := p.Operations[0]
		if len(on) > 0 {
			op = on[0]
		}
		if p.Collection != nil {
			role := r.role
			if role == "" && len(on) == 0 {
				role = contract.List
			}
			if with := p.Collection.Operation(role); with != nil {
				op = with
			}
		}
		return r.write(p), op.Place().String()
	}
	return "", ""
}

// unknownParameter is the first parameter of the list that nobody understood, or the word for one.
func unknownParameter(p *mutant.Place) string {
	c := p.Collection
	known := append(c.Ordering.Params(), c.Paging.Param, c.Paging.Before, c.Paging.Size, c.Search.Param)
	for _, f := range c.Filters {
		known = append(known, f.Param)
	}
	for _, q := range c.List().Parameters {
		if q.In == "query" && !slices.Contains(known, q.Name) {
			return q.Name
		}
	}
	return "PARAMETER"
}

// firstText is the first property of the items that is text.
func firstText(p *mutant.Place) string {
	if p.Collection.Item != nil {
		for _, q := range p.Collection.Item.Properties() {
			if q.Schema.Type() == "string" && q.Schema.Format() == "" && q.Schema.Enum() == nil {
				return q.Name
			}
		}
	}
	return "name"
}

// orderHint is a property that the list is likely to be ordered by: its youngest first, else its key.
func orderHint(c *contract.Collection) string {
	if c.Item != nil {
		for _, q := range c.Item.Properties() {
			if q.Schema.Format() == "date-time" {
				return "-" + q.Name
			}
		}
	}
	if c.Records != nil && c.Records.Key != "" {
		return c.Records.Key
	}
	return "name"
}
