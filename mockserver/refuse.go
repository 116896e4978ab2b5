package mockserver

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

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
	return &refusal{cause: badRequest, text: vs.Error(), violations: vs}
}

// refuse answers with a documented status and shape, if there is one.
func (x *exchange) refuse(err *refusal) {
	candidates := statuses[err.cause]
	status := candidates[0]
	if x.op != nil {
		for _, s := range candidates {
			if x.op.Response(s) != nil {
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
	x.Refusal = err.text
	contentType, body := x.errorBody(status, err)
	x.send(status, contentType, body)
}

// errorBody writes a refusal in the shape that the document gives for the status; where it gives none, in that of another refusal of the operation that carries
// a sentence, else as {"detail": …}.
func (x *exchange) errorBody(status int, err *refusal) (contentType string, body []byte) {
	sentence := x.server.doc.Refusal(err.keyword, err.args)
	if sentence == "" {
		sentence = err.text
	}
	if x.op == nil {
		return "application/json", []byte(`{"detail":` + quote(sentence) + `}`)
	}
	if r := x.op.Response(status); r != nil {
		if contentType, schema := r.JSON(); schema != nil {
			if body, ok := fillError(schema, status, sentence, err); ok {
				return contentType, body
			}
		} else if len(r.Media) == 0 {
			return "", nil
		}
	}
	for i := range x.op.Responses {
		r := &x.op.Responses[i]
		if c := r.Status[0]; c != '4' && c != 'd' {
			continue
		}
		if contentType, schema := r.JSON(); schema != nil && sentenceIn(schema) != "" {
			if body, ok := fillError(schema, status, sentence, err); ok {
				return contentType, body
			}
		}
	}
	return "application/json", []byte(`{"detail":` + quote(sentence) + `}`)
}

// sentenceNames are properties that hold the sentence of an error, the likeliest first.
var sentenceNames = []string{"detail", "message", "error_description", "description", "error", "title", "msg", "reason"}

// sentenceIn gives the property of an error's schema that holds a sentence, or "".
func sentenceIn(schema *contract.Schema) string {
	for _, name := range sentenceNames {
		if p, ok := schema.Property(name); ok && p.Schema.Type() == "string" {
			return name
		}
	}
	return ""
}

// fillError fills an error's schema. An object with a property for a sentence gets it; one that is open to others gets the sentences of each field
// under the field's name, and those of no field in its array of strings. Where errors are objects in an array ({"errors": [{"title": …}]}), there is one. What it
// cannot make valid it does not make.
func fillError(schema *contract.Schema, status int, sentence string, err *refusal) ([]byte, bool) {
	b := []byte{'{'}
	member := func(name string, json []byte) {
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(append(source.AppendString(b, name), ':'), json...)
	}
	said := sentenceIn(schema)
	byField := said == "" && schema.Open()
	general, fields, whole := groupByField(err)
	for _, p := range schema.Properties() {
		typ := p.Schema.Type()
		switch {
		case p.Name == said:
			member(p.Name, []byte(quote(sentence)))
		case typ == "array" && p.Schema.Items() != nil && p.Schema.Items().Type() == "string" && byField:
			if len(general) > 0 || p.Required {
				member(p.Name, texts(general))
				general = nil
			}
		case !p.Required:
		case typ == "integer" || typ == "number":
			member(p.Name, []byte(fmt.Sprint(status)))
		case typ == "boolean":
			member(p.Name, []byte("false"))
		case typ == "array":
			one := []byte("[]")
			if items := p.Schema.Items(); items != nil && sentenceIn(items) != "" {
				if inner, ok := fillError(items, status, sentence, err); ok {
					one, byField = slices.Concat([]byte{'['}, inner, []byte{']'}), false
				}
			}
			member(p.Name, one)
		case typ == "object":
			one := []byte("{}")
			if sentenceIn(p.Schema) != "" {
				if inner, ok := fillError(p.Schema, status, sentence, err); ok {
					one, byField = inner, false
				}
			}
			member(p.Name, one)
		case len(p.Schema.Enum()) > 0:
			member(p.Name, []byte(quote(fmt.Sprint(p.Schema.Enum()[0]))))
		case p.Name == "status":
			member(p.Name, []byte(quote(fmt.Sprint(status))))
		default:
			member(p.Name, []byte(quote(sentence)))
		}
	}
	if byField {
		for _, f := range fields {
			member(f.name, texts(f.words))
		}
		if whole == "" && len(b) == 1 {
			whole = sentence
		}
		if whole != "" {
			member("detail", []byte(quote(whole)))
		}
	}
	b = append(b, '}')
	return b, fits(schema, b)
}

// field is a parameter or property with the sentences about it.
type field struct {
	name  string
	words []string
}

// groupByField sorts what is wrong by field, in the order found. A body that is no JSON at all is about no field, and whole is the sentence about that.
func groupByField(err *refusal) (general []string, fields []field, whole string) {
	for _, v := range err.violations {
		if v.Keyword == "json" {
			whole = v.Words[0]
			continue
		}
		if v.Name == "" {
			general = append(general, v.Words...)
			continue
		}
		words := v.Words
		if len(v.Pointer) > 1 {
			words = append(words[:len(words)-1:len(words)-1], strings.Join(v.Pointer, ".")+": "+v.Text())
		}
		at := -1
		for i := range fields {
			if fields[i].name == v.Name {
				at = i
			}
		}
		if at < 0 {
			fields = append(fields, field{v.Name, words})
		} else {
			fields[at].words = append(fields[at].words, words...)
		}
	}
	return general, fields, whole
}

func texts(list []string) []byte {
	b := []byte{'['}
	for i, s := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = source.AppendString(b, s)
	}
	return append(b, ']')
}

func quote(s string) string { return string(source.AppendString(nil, s)) }
