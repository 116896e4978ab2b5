package contracttest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"understudy/internal/contract"
)

// sighting is what an answer shows against a rule that every answer is judged by.
type sighting struct {
	rule, sign       string
	got, want, cause string
	place            contract.Place // in the document
	pointer          string         // where in the answer's body
}

// judged is what one answer tells about the rules that every answer is judged by.
type judged struct {
	rules  []string // that it could have broken
	seen   []sighting
	strict bool
}

func (j *judged) rule(id string) { j.rules = append(j.rules, id) }

func (j *judged) saw(s sighting) { j.seen = append(j.seen, s) }

// passive are the rules that every answer is judged by: they have no cases of their own.
var passive = []string{
	"conform/status", "conform/media-type", "conform/headers", "conform/body", "conform/json", "conform/undeclared", "conform/success",
	"auth/documented", "crud/write-only", "http/bodyless", "http/challenge",
}

// JudgesEveryAnswer tells whether every answer is judged by a rule, so that it has no cases of its own.
func JudgesEveryAnswer(rule string) bool { return slices.Contains(passive, rule) }

// plainRefusals are statuses that HTTP itself has for odd requests; no document needs to list them.
var plainRefusals = []int{
	http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotAcceptable, http.StatusRequestTimeout, http.StatusGone, http.StatusPreconditionFailed,
	http.StatusRequestEntityTooLarge, http.StatusRequestURITooLong, http.StatusUnsupportedMediaType, http.StatusRequestedRangeNotSatisfiable,
	http.StatusPreconditionRequired, http.StatusTooManyRequests, http.StatusRequestHeaderFieldsTooLarge, http.StatusNotModified, http.StatusNotImplemented,
	http.StatusMovedPermanently, http.StatusPermanentRedirect,
}

// judgeAnswer judges an answer by itself. Strict minds every property that the document does not name.
func judgeAnswer(a *answer, strict bool) judged { return judgeNew(a, strict, nil) }

// judgeNew judges an answer, but of its body only what is not known: what was judged before and is right needs no second look.
func judgeNew(a *answer, strict bool, k *known) judged {
	j := judged{strict: strict}
	op := a.request.op
	if a.err != nil || a.unavailable() {
		return j
	}
	j.http(a)
	if op == nil || a.request.verb() != op.Method {
		return j
	}
	r := op.Response(a.status)
	if !j.status(a, op, r) || r == nil {
		return j
	}
	j.headers(a, r)
	if len(a.body) == 0 && (a.status == http.StatusNoContent || a.status == http.StatusNotModified || len(r.Media) == 0) || len(r.Media) == 0 {
		return j
	}
	j.rule("conform/media-type")
	given := a.header.Get("Content-Type")
	name, schema, ok := media(r, given)
	if !ok {
		j.saw(sighting{
			rule: "conform/media-type", sign: fmt.Sprintf("%d %s", a.status, mediaOnly(given)), place: op.Place(),
			got: fmt.Sprintf("%d with Content-Type %q", a.status, given), want: "one of " + strings.Join(mediaNames(r), ", "),
		})
		return j
	}
	if contract.IsJSON(name) {
		j.news(a, op, schema, k)
	}
	return j
}

func mediaOnly(contentType string) string {
	text, _, _ := strings.Cut(contentType, ";")
	return strings.TrimSpace(text)
}

func mediaNames(r *contract.Response) []string { return sortedKeys(r.Media) }

// http judges what holds for every answer, whatever the document says.
func (j *judged) http(a *answer) {
	j.rule("http/bodyless")
	empty := slices.Contains([]int{http.StatusNoContent, http.StatusResetContent, http.StatusNotModified}, a.status)
	length := a.header.Get("Content-Length")
	if empty && (len(a.body)+a.extra > 0 || a.status != http.StatusNotModified && length != "" && length != "0") {
		j.saw(sighting{rule: "http/bodyless", sign: fmt.Sprint(a.status, " with a body"), got: fmt.Sprintf("%d with a body", a.status), want: "no body (RFC 9110 §15)"})
	}
	if a.status/100 == 3 && a.status != http.StatusNotModified && a.status != http.StatusMultipleChoices && a.header.Get("Location") == "" {
		j.saw(sighting{rule: "http/bodyless", sign: "no Location", got: fmt.Sprintf("%d without Location", a.status), want: "a Location that says where (RFC 9110 §15.4)"})
	}
	if a.status == http.StatusUnauthorized && challenges(a.request.op) {
		j.rule("http/challenge")
		if a.header.Get("WWW-Authenticate") == "" {
			j.saw(sighting{rule: "http/challenge", sign: "no challenge", got: "401 without WWW-Authenticate", want: "WWW-Authenticate, which says how to authenticate (RFC 9110 §15.5.2)"})
		}
	}
}

// challenges tells whether HTTP has a challenge for an operation's credentials: it has none for keys of an API's own (RFC 9110 §11.1).
func challenges(op *contract.Operation) bool {
	return op == nil || !slices.ContainsFunc(op.Security, func(need contract.Requirement) bool {
		return slices.ContainsFunc(need, func(s contract.Scheme) bool { return s.Type == "apiKey" })
	})
}

// status judges the status; it tells whether the rest of the answer is to be judged.
func (j *judged) status(a *answer, op *contract.Operation, r *contract.Response) bool {
	valid := (!a.request.odd || a.request.tidy && a.failed()) && (a.request.as == nil || a.request.as.second)
	if valid && op.Success() != 0 {
		switch a.status / 100 {
		case 2:
			j.rule("conform/success")
		case 5:
			j.rule("conform/success")
			j.saw(sighting{
				rule: "conform/success", sign: fmt.Sprint(a.status), place: op.Place(),
				got: a.says(), want: fmt.Sprintf("%d, since the request is valid", op.Success()),
			})
			return false
		}
	}
	if len(op.Responses) == 0 {
		return false
	}
	refusal := a.status == http.StatusUnauthorized || a.status == http.StatusForbidden
	if as := a.request.as; as != nil && !as.second && !a.request.odd && (a.status/100 == 3 || a.status/100 == 4) {
		refusal = refusal || a.status != http.StatusNotFound || len(op.PathParameters()) == 0 // what there is to refuse in it is the caller
	}
	if refusal && a.request.as != nil {
		if op.Response(http.StatusUnauthorized) == nil && op.Response(http.StatusForbidden) == nil {
			return false
		}
		j.rule("auth/documented")
		if r == nil {
			want := http.StatusUnauthorized
			if op.Response(want) == nil {
				want = http.StatusForbidden
			}
			j.saw(sighting{
				rule: "auth/documented", sign: fmt.Sprint(a.status), place: op.Place(),
				got: fmt.Sprintf("%d, which is not documented", a.status), want: fmt.Sprintf("%d, which is", want),
			})
		}
		return r != nil
	}
	if r == nil {
		plain := a.request.header.Get("Accept") == "" && (a.payload == nil || contract.IsJSON(mediaOnly(a.sent.Header.Get("Content-Type"))))
		switch {
		case a.status == http.StatusNotAcceptable && plain && refuses(op): // what is accepted is what the document has
		case a.request.odd && (slices.Contains(plainRefusals, a.status) || a.status/100 == 5):
			return false // HTTP's own; errors of the server's are what the case itself judges
		case a.status == http.StatusBadRequest && garbled(a):
			return false // it never came to what the document describes
		case a.request.odd && op.Response(http.StatusBadRequest) == nil && op.Response(http.StatusUnprocessableEntity) == nil:
			return false // the document is silent on what is refused
		case (a.status == http.StatusBadRequest || a.status == http.StatusUnprocessableEntity) && op.Method != http.MethodGet && !refuses(op):
			return false // what is sent may name records that there are not, and the document is silent on that
		case refusal && a.request.as == nil:
			return false // these credentials may not do it
		case !a.request.odd && a.status == http.StatusNotFound && len(op.PathParameters()) > 0, a.status == http.StatusConflict && !a.request.odd:
			return false // gone meanwhile, or there already
		}
	}
	j.rule("conform/status")
	if r == nil {
		j.saw(sighting{
			rule: "conform/status", sign: fmt.Sprint(a.status), place: op.Place(),
			got: a.says(), want: "one of the documented statuses: " + strings.Join(statuses(op), ", "),
		})
	}
	return r != nil
}

// refuses tells whether the document describes any refusal of an operation's.
func refuses(op *contract.Operation) bool {
	return slices.ContainsFunc(op.Responses, func(r contract.Response) bool { return r.Status[0] == '4' || r.Status == "default" })
}

// garbled tells whether a request is wrong in a way that servers refuse before they look at what it asks for.
func garbled(a *answer) bool {
	return a.payload != nil && !json.Valid(a.payload) || strings.Contains(a.sent.URL.String(), "%00") || len(a.sent.URL.String()) > 4000
}

func statuses(op *contract.Operation) []string {
	var out []string
	for _, r := range op.Responses {
		out = append(out, r.Status)
	}
	return out
}

// headers judges the headers that the document describes.
func (j *judged) headers(a *answer, r *contract.Response) {
	if len(r.Headers) == 0 {
		return
	}
	j.rule("conform/headers")
	for _, h := range r.Headers {
		if strings.EqualFold(h.Name, "Content-Type") {
			continue
		}
		values := a.header.Values(h.Name)
		if len(values) == 0 {
			if h.Required {
				j.saw(sighting{rule: "conform/headers", sign: h.Name + " missing", got: fmt.Sprintf("%d without %s", a.status, h.Name), want: "the header " + h.Name})
			}
			continue
		}
		if h.Schema == nil || headerFits(h.Schema, values[0]) {
			continue
		}
		j.saw(sighting{
			rule: "conform/headers", sign: h.Name, place: h.Schema.Place(),
			got: fmt.Sprintf("%s: %s", h.Name, values[0]), want: "a value that fits the header's schema",
		})
	}
}

// headerFits tells whether a header's text can be read as a value that fits its schema.
func headerFits(s *contract.Schema, text string) bool {
	readings := []any{text}
	if v, err := contract.DecodeJSON([]byte(text)); err == nil {
		readings = append(readings, v)
	}
	if s.Type() == "array" || s.Type() == "object" {
		return true // in one of several styles
	}
	return slices.ContainsFunc(readings, func(v any) bool { return s.Judge(v, contract.AsResponse) == nil })
}
