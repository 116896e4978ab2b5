package mockserver

import (
	"net/http"
	"slices"

	"understudy/internal/contract"
	"understudy/internal/source"
)

// refusal is why a request is not granted. There is one type of it, one writer, and one table of statuses.
type refusal struct {
	cause      cause
	keyword    string              // of the API's own sentence, if the document has one
	args       map[string]string   // what the sentence is filled with
	text       string              // our own sentence: what was found, what was expected
	violations contract.Violations // what is wrong with parameters and body
	header     http.Header         // sent only where the status is the first of its cause
	gravity    int                 // of several refusals the gravest is told
}

type cause string

const (
	badRequest       cause = "bad request"
	unauthenticated  cause = "unauthenticated"
	forbidden        cause = "forbidden"
	notFound         cause = "not found"
	methodNotAllowed cause = "method not allowed"
	notAcceptable    cause = "not acceptable"
	conflict         cause = "conflict"
	conditionFailed  cause = "condition failed"
	conditionMissing cause = "condition missing"
	tooLarge         cause = "too large"
	unsupportedType  cause = "unsupported media type"
	notPlayed        cause = "not played"
)

// statuses are what a cause is answered with: the first that the document has for the operation, else the first.
var statuses = map[cause][]int{
	badRequest:       {http.StatusBadRequest, http.StatusUnprocessableEntity},
	unauthenticated:  {http.StatusUnauthorized, http.StatusForbidden},
	forbidden:        {http.StatusForbidden},
	notFound:         {http.StatusNotFound},
	methodNotAllowed: {http.StatusMethodNotAllowed},
	notAcceptable:    {http.StatusNotAcceptable},
	conflict:         {http.StatusConflict, http.StatusBadRequest, http.StatusUnprocessableEntity},
	conditionFailed:  {http.StatusPreconditionFailed, http.StatusConflict}, // RFC 9110 §15.5.10 has it for versions, too
	conditionMissing: {http.StatusPreconditionRequired, http.StatusBadRequest, http.StatusUnprocessableEntity},
	tooLarge:         {http.StatusRequestEntityTooLarge},
	unsupportedType:  {http.StatusUnsupportedMediaType},
	notPlayed:        {http.StatusNotImplemented},
}

func noRoute(hint string) *refusal {
	err := &refusal{cause: notFound, keyword: "not-found", text: "the document has no such path"}
	if hint != "" {
		err.text += "; there is " + hint
	}
	return err
}

func invalid(vs contract.Violations) *refusal {
	err := &refusal{cause: badRequest, text: vs.Error(), violations: vs}
	if lacksCondition(vs) {
		err.cause = conditionMissing
	}
	return err
}

// refuse answers with a documented status and shape, if there is one.
func (x *exchange) refuse(err *refusal) {
	candidates := statuses[err.cause]
	status := candidates[0]
	var r *contract.Response
	if x.op != nil {
		for _, s := range candidates {
			if r = x.op.Response(s); r != nil {
				status = s
				break
			}
		}
	}
	if status == candidates[0] {
		for k, v := range err.header {
			x.w.Header()[k] = v
		}
	}
	if r != nil {
		needed := *r
		needed.Headers = slices.DeleteFunc(slices.Clone(r.Headers), func(h contract.Header) bool { return !h.Required })
		_ = x.headers(&needed, status) // what cannot be made is left out
	}
	x.Refusal = err.text
	contentType, body := x.errorBody(r, status, err)
	x.send(status, contentType, body)
}

func quote(s string) string { return string(source.AppendString(nil, s)) }
