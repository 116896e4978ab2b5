package contracttest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"understudy/internal/contract"
)

// longValue is longer than most servers' buffers for a parameter, and shorter than what most servers take as an address.
const longValue = 6000

// httpOdd adds something odd to a valid read.
func httpOdd(e *engine, op *contract.Operation) ([]*testCase, string) {
	if op.Method != http.MethodGet {
		return none("only reads are asked oddly")
	}
	r, why := e.validRead(op)
	if why != "" {
		return none(why)
	}
	var cases []*testCase
	add := func(subject, intent string, control, odd request) {
		cases = append(cases, &testCase{
			subject: subject, intent: intent + ": it is answered or refused, but no error of the server", steps: plainly(control, odd.oddly()),
			judge: func(r []result) outcome { return judgeOdd(r[0].answer(), r[1].answer(), subject) },
		})
	}
	odd := r.with("understudy", strings.Repeat("a", longValue))
	what := fmt.Sprintf("a parameter that the document does not have, of %d characters", longValue)
	name, value := e.someParameter(op)
	if name != "" {
		odd, what = odd.with(name, value, value), what+", "+name+" twice"
	}
	for _, p := range queryParameters(op) { // which some libraries read as an array of the name before the brackets
		if p.Name != name && p.Schema.Type() == "string" {
			odd = odd.with(p.Name+"[]", "understudy")
		}
	}
	if len(odd.query) > len(r.query)+2 {
		what += ", and others with brackets behind their names"
	}
	add("odd parameters", what, r, odd)
	add("an unknown header", "a header and a cookie that mean nothing", r, asTools(r))
	return cases, ""
}

// asTools asks as simple clients do: for any type, compressed if possible, and with a header and a cookie that mean nothing to the server. One request is for several
// rules.
func asTools(r request) request {
	return r.headed("X-Understudy", "1").headed("Cookie", "understudy=1").headed("Accept", "*/*").headed("Accept-Encoding", "gzip").oddly()
}

func judgeOdd(control, a *answer, what string) outcome {
	switch {
	case control.failed():
		return skip("it fails without that as well: %s", control.says())
	case a.failed() && a.status != http.StatusNotImplemented:
		return broken(a, fmt.Sprintf("%d with %s", a.status, what), "an answer, or 4xx").signed(fmt.Sprintf("%d with %s", a.status, what))
	}
	return kept()
}

// someParameter gives a query parameter that takes one value, and a valid value: that of the size of a page where there is one.
func (e *engine) someParameter(op *contract.Operation) (name, value string) {
	if op.Role == contract.List && op.Collection.Paging.Size != "" {
		return op.Collection.Paging.Size, fmt.Sprint((&listState{c: op.Collection}).fewest())
	}
	for i := range op.Parameters {
		p := &op.Parameters[i]
		if p.In != "query" || p.Schema == nil || !slices.Contains([]string{"string", "integer", "number", "boolean"}, p.Schema.Type()) {
			continue
		}
		if text, err := e.values.Value(p.Schema, contract.AsRequest, op.ID+"/query/"+p.Name); err == nil {
			return p.Name, plain(decode(text))
		}
	}
	return "", ""
}

// steadyTries is how often a bad request is sent.
const steadyTries = 2

// mostSteady bounds how many parameters of one operation are sent a bad value.
const mostSteady = 1

// httpSteady sends bad requests again and again.
func httpSteady(e *engine, op *contract.Operation) ([]*testCase, string) {
	var cases []*testCase
	add := func(subject, intent string, s step) {
		s.odd = true
		tc := &testCase{
			subject: subject, intent: intent + ", twice: it is refused for the same reason, so with the same status",
			unsteady: true, over: e.overList(op), judge: judgeSteady,
		}
		for n := range steadyTries {
			s.nth = n
			tc.steps = append(tc.steps, s)
		}
		cases = append(cases, tc)
	}
	s := e.overList(op)
	switch {
	case op.Method == http.MethodGet:
		r, why := e.validRead(op)
		if why != "" {
			return none(why)
		}
		for i := range op.Parameters {
			if p := &op.Parameters[i]; isTyped(p) && len(cases) < mostSteady {
				add(p.Name, "a value of the wrong type for "+p.Name, step{request: r.with(p.Name, wrongValues(p)[0])})
			}
		}
		if op.Role == contract.Retrieve && s != nil && s.base != nil && s.unknownKey() != "" {
			r.path = s.item(op, s.unknownKey()).path
			add("an unknown key", "an item that there is not", step{request: r})
		}
	case op.Role == contract.Create && s != nil && e.target.Writes:
		path, why := e.pathOf(op)
		if why != "" {
			return none(why)
		}
		if op.Body == nil || !op.Body.IsForm() {
			add("no JSON", "a body that is no JSON", step{request: request{op: op, path: path, body: []byte(`{"name": `)}, in: s})
		}
		if op.Body != nil {
			if _, schema := op.Body.JSON(); schema != nil && !valid(schema, "{}") {
				add("an empty object", "an object without what is required", step{request: request{op: op, path: path, body: []byte(`{}`)}, in: s})
			}
		}
	case op.Role == contract.Create && s != nil:
		return none("writes are not allowed")
	default:
		return none("it might write before it refuses")
	}
	if len(cases) == 0 {
		return none("no request is known to be bad")
	}
	return cases, ""
}

// isTyped tells whether a query parameter has a type of which "unexpected" is no value.
func isTyped(p *contract.Parameter) bool {
	if p.In != "query" || p.Schema == nil {
		return false
	}
	return slices.Contains([]string{"integer", "number", "boolean"}, p.Schema.Type()) ||
		p.Schema.Type() == "string" && (slices.Contains([]string{"uuid", "date", "date-time"}, p.Schema.Format()) || len(p.Schema.Enum()) > 0)
}

func judgeSteady(r []result) outcome {
	first := r[0].answer()
	for _, next := range r[1:] {
		if a := next.answer(); a.status != first.status {
			return broken(a, fmt.Sprintf("%d, and %d before", a.status, first.status), "the same status").
				signed(fmt.Sprintf("%d and %d", min(a.status, first.status), max(a.status, first.status)))
		}
	}
	return kept()
}
