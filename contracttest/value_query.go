package contracttest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"understudy/internal/contract"
)

// asked is a read with one thing more than the control, or less.
type asked struct {
	about, intent string
	request       request
}

// compare makes a case of each read: first the control, then the read itself.
func compare(control request, reads []asked, judge func(q asked, control, a *answer) outcome) []*testCase {
	var out []*testCase
	for _, q := range reads {
		out = append(out, &testCase{
			subject: q.about, intent: q.intent, steps: []step{{request: control}, {request: q.request}},
			judge: func(r []result) outcome {
				if a := r[0].answer(); !a.ok() {
					return skip("the same request without that is answered with %s", a.says())
				}
				return judge(q, r[0].answer(), r[1].answer())
			},
		})
	}
	return out
}

// queryParameters gives the parameters of a GET's query that hold one value or a list of some.
func queryParameters(op *contract.Operation) []*contract.Parameter {
	if op.Method != http.MethodGet {
		return nil
	}
	var out []*contract.Parameter
	for i := range op.Parameters {
		if p := &op.Parameters[i]; p.In == "query" && p.Schema != nil && p.Schema.Type() != "object" {
			out = append(out, p)
		}
	}
	return out
}

// with1 gives a request with a value of a parameter, as its style writes it.
func with1(r request, p *contract.Parameter, value any) request {
	for name, values := range serialize(p, value) {
		r = r.with(name, values...)
	}
	return r
}

// isPosition tells whether a parameter says where a page begins.
func isPosition(op *contract.Operation, p *contract.Parameter) bool {
	return op.Collection != nil && (p.Name == op.Collection.Paging.Param || p.Name == op.Collection.Paging.Before)
}

func isSize(op *contract.Operation, p *contract.Parameter) bool {
	return op.Collection != nil && op.Role == contract.List && p.Name == op.Collection.Paging.Size
}

// queried gives the query parameters of an operation and a valid read to which they are added; no parameters: there are none, or why says what is missing.
func (e *engine) queried(op *contract.Operation) (parameters []*contract.Parameter, control request, why string) {
	if parameters = queryParameters(op); parameters == nil {
		return nil, control, ""
	}
	if control, why = e.validRead(op); why != "" {
		return nil, control, why
	}
	return parameters, control, ""
}

func acceptedInQuery(e *engine, op *contract.Operation) ([]*testCase, string) {
	parameters, control, why := e.queried(op)
	if parameters == nil {
		return none(why)
	}
	var reads []asked
	undocumented := map[string]bool{}
	for _, p := range parameters {
		if isPosition(op, p) || op.Collection != nil && op.Collection.Ordering.NamesField(p.Name) {
			continue
		}
		choices := edges(p.Schema)
		if items := p.Schema.Items(); items != nil {
			for _, c := range edges(items) {
				if valid(p.Schema, "["+c.json+"]") {
					choices = append(choices, edge{c.what, "[" + c.json + "]"})
				}
			}
		}
		if _, bounded := bound(p.Schema, "maximum"); isSize(op, p) && !bounded {
			most := op.Collection.Paging.Max
			if most == 0 {
				most = 100
			}
			undocumented["query "+p.Name+" many"] = true
			choices = append(choices, edge{"many", fmt.Sprint(most)})
		}
		for _, c := range choices {
			value := decode([]byte(c.json))
			reads = append(reads, asked{
				"query " + p.Name + " " + c.what, fmt.Sprintf("the parameter %s is %s, which the document allows: it may not be refused", p.Name, short([]byte(c.json))), with1(control, p, value),
			})
		}
	}
	others := func(q asked) []string {
		var out []string
		for _, p := range parameters {
			if !strings.HasPrefix(q.about, "query "+p.Name+" ") {
				out = append(out, p.Name)
			}
		}
		return out
	}
	return compare(control, reads, func(q asked, _, a *answer) outcome {
		switch {
		case a.failed():
			return broken(a, a.says(), "a success, since the value is valid").signed(q.about)
		case !a.refused():
			return kept()
		case undocumented[q.about]:
			return skip("it is refused, and the document names no maximum")
		case slices.Contains([]int{401, 402, 403, 404, 409, 429}, a.status):
			return skip("it is refused for another reason: %s", a.says())
		case len(spokenOf(a, others(q))) > 0:
			return skip("it is refused because of another parameter: %s", a.says())
		}
		return broken(a, a.says(), "a success, since the document allows the value").signed(q.about)
	}), ""
}

func refusedInQuery(e *engine, op *contract.Operation) ([]*testCase, string) {
	parameters, control, why := e.queried(op)
	if parameters == nil {
		return none(why)
	}
	var reads []asked
	for _, p := range parameters {
		if isPosition(op, p) {
			continue
		}
		for _, c := range outside(p.Schema) {
			if c.what == "type" && isSize(op, p) {
				continue // paging/invalid's to ask
			}
			if c.what == "type" || c.what == "format" {
				c.json = wrongValues(p)[0]
			}
			r := with1(control, p, c.json)
			if !breaksOnWire(op, r, p) {
				continue
			}
			r.odd = true
			reads = append(reads, asked{
				"query " + p.Name + " " + c.what, fmt.Sprintf("the parameter %s is %s, which breaks %s: it may be refused or ignored, but is no error of the server's", p.Name, short([]byte(c.json)), c.what), r,
			})
		}
	}
	return append(e.severalInQuery(op, control, parameters), compare(control, reads, func(q asked, _, a *answer) outcome {
		if a.failed() {
			return broken(a, a.says(), "a refusal (400, say)").signed(q.about)
		}
		p := op.Parameter("query", strings.Fields(q.about)[1])
		if told := promisedRefusal(p); a.ok() && told != "" && (strings.HasSuffix(q.about, " type") || strings.HasSuffix(q.about, " format")) {
			return broken(a, a.says(), "a refusal: "+told).signed(q.about)
		}
		isBound := strings.HasSuffix(q.about, " maximum") || strings.HasSuffix(q.about, " minimum")
		if told := refusedParameters(e.doc.Description()); a.ok() && told != "" && !(isBound && promisesCut.MatchString(p.Description())) {
			return broken(a, a.says(), "a refusal: "+told).signed(q.about).asSaid(true)
		}
		if told := sentence(p.Description(), isAbove, promisesRefusal); a.ok() && told != "" && strings.HasSuffix(q.about, " maximum") && !promisesCut.MatchString(p.Description()) {
			return broken(a, a.says(), "a refusal: "+told).signed(q.about).asSaid(true)
		}
		if a.ok() && isSize(op, p) && strings.HasSuffix(q.about, " maximum") {
			most, _ := bound(p.Schema, "maximum")
			s := e.lists[op.Collection]
			page, err := s.c.Unwrap(contract.Query{Scope: s.scope, Window: s.c.First()}, a.header, a.body)
			if err == nil && float64(len(page.Items)) > most {
				return broken(a, fmt.Sprintf("%d with %d items", a.status, len(page.Items)), fmt.Sprintf("a refusal, or no more than %v items", most)).signed(q.about)
			}
			if err == nil && (page.Total == nil || float64(*page.Total) <= most) {
				return skip("it is taken, and there are not more items than the maximum, so nothing shows whether that counts")
			}
		}
		return kept()
	})...), ""
}

// outside gives texts that break a parameter's schema in one way.
func outside(s *contract.Schema) []edge {
	var out []edge
	k := s.Present().Keywords()
	switch t := s.Type(); {
	case s.Enum() != nil:
		return []edge{{"enum", "unexpected"}}
	case t == "integer" || t == "number":
		out = append(out, edge{"type", "unexpected"})
		for _, side := range []struct {
			keyword string
			step    float64
		}{{"minimum", -1}, {"maximum", 1}} {
			if n, ok := bound(s, side.keyword); ok && n > -1e15 && n < 1e15 {
				text, _ := json.Marshal(n + side.step) // a finite number
				out = append(out, edge{side.keyword, string(text)})
			}
		}
	case t == "boolean":
		out = append(out, edge{"type", "unexpected"})
	case t == "string":
		if slices.Contains(plainFormats, s.Format()) {
			out = append(out, edge{"format", "unexpected"})
		}
		if k.MaxLength != nil && *k.MaxLength < 4000 {
			out = append(out, edge{"maxLength", strings.Repeat("a", *k.MaxLength+1)})
		}
		if k.Pattern != "" {
			out = append(out, edge{"pattern", "un expected~"})
		}
	}
	return out
}

func requiredInQuery(e *engine, op *contract.Operation) ([]*testCase, string) {
	var reads []asked
	control, why := request{}, ""
	for _, p := range queryParameters(op) {
		if !p.Required || p.Schema.Default() != nil || p.Schema.Type() == "array" {
			continue
		}
		if control, why = e.validRead(op); why != "" {
			return none(why)
		}
		r := control.with(p.Name)
		delete(r.query, p.Name)
		r.odd = true
		reads = append(reads, asked{"query " + p.Name, fmt.Sprintf("the parameter %s is left out, though it is required: that is to be refused", p.Name), r})
	}
	return compare(control, reads, func(q asked, _, a *answer) outcome {
		if a.refused() || a.status/100 == 3 {
			return kept()
		}
		return broken(a, a.says(), "a refusal (400, say), since the parameter is required").signed(q.about)
	}), ""
}

func oddInQuery(e *engine, op *contract.Operation) ([]*testCase, string) {
	parameters, control, why := e.queried(op)
	if parameters == nil {
		return none(why)
	}
	var reads []asked
	add := func(about, what string, r request) {
		r.odd = true
		reads = append(reads, asked{"query " + about, fmt.Sprintf("%s: whatever comes of that, it is no error of the server's", what), r})
	}
	letters, nul := oddTexts[0].json+`'"\`+oddTexts[2].json, oddTexts[1].json
	var all, nuls []string // filters that take any text are asked all at once
	atOnce, nulAtOnce := control, control
	for _, p := range parameters {
		list := op.Role == contract.List
		switch free := p.Schema.Format() == "" && p.Schema.Enum() == nil; {
		case list && (isPosition(op, p) || isSize(op, p) || op.Collection.Ordering.NamesField(p.Name)):
			// paging/invalid and order/unknown ask them
		case p.Schema.Type() == "integer" || p.Schema.Type() == "number":
			add(p.Name+" beyond 64 bits", "the parameter "+p.Name+" is a number of more than 64 bits", with1(control, p, oddNumber))
		case p.Schema.Type() != "string" && p.Schema.Type() != "array" || !free:
		case list && p.Schema.Type() == "string" && p.Schema.Present().Keywords().MaxLength == nil && p.Name != op.Collection.Search.Param:
			all, nuls = append(all, p.Name), append(nuls, p.Name)
			atOnce, nulAtOnce = with1(atOnce, p, letters), with1(nulAtOnce, p, nul)
		default:
			if !list || p.Name != op.Collection.Search.Param || op.Collection.Search.Param == "" { // search/plain asks that
				add(p.Name+" letters", "the parameter "+p.Name+" has 200 letters of many kinds, and quotes", with1(control, p, letters))
			}
			nuls, nulAtOnce = append(nuls, p.Name), with1(nulAtOnce, p, nul)
		}
	}
	if len(all) > 0 {
		add(strings.Join(all, "&")+" letters", "the parameters "+strings.Join(all, ", ")+" have 200 letters of many kinds, and quotes", atOnce)
	}
	if len(nuls) > 0 {
		add(strings.Join(nuls, "&")+" U+0000", "the parameters "+strings.Join(nuls, ", ")+" have a U+0000", nulAtOnce)
	}
	return compare(control, reads, func(q asked, _, a *answer) outcome {
		if a.failed() {
			return broken(a, a.says(), "a success or a refusal").signed(q.about)
		}
		return kept()
	}), ""
}

// breaksOnWire tells whether a request, as it is written, breaks what the document says of one parameter.
func breaksOnWire(op *contract.Operation, r request, p *contract.Parameter) bool {
	out, err := http.NewRequest(http.MethodGet, "/", nil) //nolint:noctx // it is never sent
	if err != nil {
		return false
	}
	return op.Validate(out, nil, r.query).Has("query", p.Name)
}
