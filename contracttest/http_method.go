package contracttest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"understudy/internal/contract"
)

// methodsOf gives the methods that the document has for a path.
func (e *engine) methodsOf(path string) []string {
	var out []string
	for _, op := range e.doc.Operations() {
		if op.Path == path {
			out = append(out, op.Method)
		}
	}
	return out
}

// speaksForPath tells whether an operation is the one for which its path is asked: the first that is checked.
func (e *engine) speaksForPath(op *contract.Operation) bool {
	i := slices.IndexFunc(e.selected, func(other *contract.Operation) bool { return other.Path == op.Path })
	return i >= 0 && e.selected[i] == op
}

// offPath makes a request to an operation's path with another method.
func (e *engine) offPath(op *contract.Operation, method string) (request, string) {
	path, why := e.pathOf(op)
	if why != "" {
		return request{}, why
	}
	return request{op: op, method: method, path: path, odd: true}, ""
}

// httpMethod asks with methods that the path does not have: one that is safe anywhere and, where writes are allowed, a PATCH that says nothing on a list, and a
// PUT whose body cannot be read. POST and DELETE could do something before anybody knows.
func httpMethod(e *engine, op *contract.Operation) ([]*testCase, string) {
	if !e.speaksForPath(op) {
		return nil, ""
	}
	methods, declared := []string{"PROPFIND"}, e.methodsOf(op.Path)
	bodies := map[string]string{http.MethodPatch: "{}", http.MethodPut: `{"understudy": `}
	if (op.Role == contract.List || op.Role == contract.Create) && e.target.Writes {
		for _, method := range []string{http.MethodPatch, http.MethodPut} {
			if !slices.Contains(declared, method) {
				methods = append(methods, method)
			}
		}
	}
	var cases []*testCase
	for _, method := range methods {
		r, why := e.offPath(op, method)
		if why != "" {
			return none(why)
		}
		if text := bodies[method]; text != "" {
			r.body = []byte(text)
		}
		cases = append(cases, &testCase{
			subject: method, intent: method + ", which the path does not have: it is refused, and 405 names the methods that there are (RFC 9110 §15.5.6)",
			steps: plainly(r), judge: func(r []result) outcome { return judgeMethod(r[0].answer(), method) },
		})
	}
	return cases, ""
}

func judgeMethod(a *answer, method string) outcome {
	const want = "405 with Allow, or 501"
	allow, has := allowed(a)
	switch {
	case a.ok():
		return broken(a, fmt.Sprintf("%d to %s", a.status, method), want).signed("done: " + method).because("the method is not looked at")
	case a.failed() && a.status != http.StatusNotImplemented:
		return broken(a, fmt.Sprintf("%d to %s", a.status, method), want).signed("fails: " + method)
	case a.status == http.StatusMethodNotAllowed && !has:
		return broken(a, "405 without Allow", "Allow, which names the methods that there are").signed("no Allow")
	case a.status == http.StatusMethodNotAllowed && slices.Contains(allow, method):
		return broken(a, fmt.Sprintf("405 to %s with Allow: %s", method, strings.Join(allow, ", ")), "an Allow without what is refused").signed("allows what it refuses")
	case a.status/100 == 3:
		return skip("it is redirected with %d", a.status)
	}
	return kept() // other refusals are legal: what comes first, the path, the caller or the method, is the server's choice
}

// allowed gives the methods in the Allow header, and whether there is one.
func allowed(a *answer) ([]string, bool) {
	values, ok := a.header["Allow"]
	var out []string
	for name := range strings.SplitSeq(strings.Join(values, ","), ",") {
		if name = strings.ToUpper(strings.TrimSpace(name)); name != "" {
			out = append(out, name)
		}
	}
	return out, ok
}

// httpOptions compares the Allow of OPTIONS with the document, and with the Allow of a refused method.
func httpOptions(e *engine, op *contract.Operation) ([]*testCase, string) {
	declared := e.methodsOf(op.Path)
	if !e.speaksForPath(op) || slices.Contains(declared, http.MethodOptions) {
		return nil, ""
	}
	r, why := e.offPath(op, http.MethodOptions)
	if why != "" {
		return none(why)
	}
	return one(&testCase{
		intent: "OPTIONS: its Allow names the methods that the document has for the path, and no others than a 405 there does",
		steps:  plainly(r, r.by("PROPFIND").oddly()),
		judge:  func(r []result) outcome { return judgeOptions(r[0].answer(), r[1].answer(), declared) },
	})
}

func judgeOptions(a, refusal *answer, declared []string) outcome {
	allow, has := allowed(a)
	switch {
	case !a.ok():
		return skip("OPTIONS is answered with %d", a.status)
	case !has:
		return skip("the answer to OPTIONS has no Allow")
	}
	got := "Allow: " + strings.Join(allow, ", ")
	for _, method := range declared {
		if method != http.MethodHead && !slices.Contains(allow, method) {
			return broken(a, got, strings.Join(declared, ", ")).signed("lacks methods of the document")
		}
	}
	if other, ok := allowed(refusal); ok && refusal.status == http.StatusMethodNotAllowed {
		for _, method := range allow {
			if method != http.MethodHead && method != http.MethodOptions && !slices.Contains(declared, method) && !slices.Contains(other, method) {
				return broken(a, got, "no more than 405 names there: "+strings.Join(other, ", ")).signed("names more than 405 does")
			}
		}
	}
	return kept()
}
