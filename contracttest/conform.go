package contracttest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"understudy/internal/contract"
)

// sighting is what an answer shows against a rule that every answer is judged by.
type sighting struct {
	rule, sign       string
	got, want, cause string
	place            contract.Place // in the document
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

// plainRefusals are statuses that HTTP itself has for odd requests; no document needs to list them.
var plainRefusals = []int{
	http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotAcceptable, http.StatusRequestTimeout, http.StatusGone, http.StatusPreconditionFailed,
	http.StatusRequestEntityTooLarge, http.StatusRequestURITooLong, http.StatusUnsupportedMediaType, http.StatusRequestedRangeNotSatisfiable,
	http.StatusPreconditionRequired, http.StatusTooManyRequests, http.StatusRequestHeaderFieldsTooLarge, http.StatusNotModified, http.StatusNotImplemented,
	http.StatusMovedPermanently, http.StatusPermanentRedirect,
}

// judgeAnswer judges an answer by itself. Strict minds every property that the document does not name.
func judgeAnswer(a *answer, strict bool) judged { return judgeNew(a, strict, false) }

// judgeNew judges an answer, but not its body again if that is known: if the same one was judged before.
func judgeNew(a *answer, strict, known bool) judged {
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
	if contract.IsJSON(name) && !known {
		j.body(a, op, schema)
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
	valid := !a.request.odd && (a.request.as == nil || a.request.as.second)
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
		switch {
		case a.request.odd && (slices.Contains(plainRefusals, a.status) || a.status/100 == 5):
			return false // HTTP's own; errors of the server's are what the case itself judges
		case a.status == http.StatusBadRequest && garbled(a):
			return false // it never came to what the document describes
		case a.request.odd && op.Response(http.StatusBadRequest) == nil && op.Response(http.StatusUnprocessableEntity) == nil:
			return false // the document is silent on what is refused
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

// body judges a body that is JSON.
func (j *judged) body(a *answer, op *contract.Operation, schema *contract.Schema) {
	j.rule("conform/json")
	if wrong := notJSON(a.body); wrong != "" {
		j.saw(sighting{
			rule: "conform/json", sign: wrong, place: op.Place(), got: fmt.Sprintf("%s: %s", wrong, short(a.body)), want: "JSON (RFC 8259)",
		})
		return
	}
	if schema == nil {
		return
	}
	value, err := a.value()
	if err != nil {
		return
	}
	var shown []string
	if a.ok() { // a refusal may speak of what was sent
		shown = j.secret(op, value)
		j.undeclared(schema, value)
	}
	j.rule("conform/body")
	for _, v := range violationsOf(schema, value, a.body) {
		if v.Keyword == "writeOnly" || slices.Contains(shown, v.Name) && len(v.Pointer) > 0 && v.Pointer[len(v.Pointer)-1] == v.Name {
			continue // a rule of its own
		}
		at := "/" + strings.Join(collapsed(v.Pointer), "/")
		keyword, _, _ := strings.Cut(v.Keyword, "/")
		j.saw(sighting{
			rule: "conform/body", sign: fmt.Sprintf("%s %s %s", schema.Place(), at, keyword), place: schema.Place(),
			got: fmt.Sprintf("%s at %s", v.Text(), "/"+strings.Join(v.Pointer, "/")), want: fmt.Sprintf("a body that fits the schema of %d", a.status),
		})
	}
}

// violationsOf gives what both validators agree on.
func violationsOf(schema *contract.Schema, value any, body []byte) contract.Violations {
	err := schema.Judge(value, contract.AsResponse)
	var unusable *contract.UnusableSchema
	if err == nil || errors.As(err, &unusable) {
		return nil
	}
	var plain any
	if json.Unmarshal(body, &plain) != nil {
		return nil
	}
	return schema.Validate(plain, contract.AsResponse)
}

// collapsed writes * for the indices of arrays.
func collapsed(pointer []string) []string {
	out := slices.Clone(pointer)
	for i, token := range out {
		if token != "" && strings.Trim(token, "0123456789") == "" {
			out[i] = "*"
		}
	}
	return out
}

// secret judges whether a property that is only ever written is shown.
func (j *judged) secret(op *contract.Operation, value any) []string {
	if op.Collection == nil {
		return nil
	}
	hidden := writeOnlyNames(op.Collection)
	if len(hidden) == 0 {
		return nil
	}
	j.rule("crud/write-only")
	var shown []string
	for _, o := range objectsIn(value, 3) {
		for _, name := range hidden {
			if _, ok := o[name]; ok && !slices.Contains(shown, name) {
				shown = append(shown, name)
				j.saw(sighting{rule: "crud/write-only", sign: name, place: op.Place(), got: fmt.Sprintf("the answer shows %q", name), want: "no such property, since it is write-only"})
			}
		}
	}
	return shown
}

// writeOnlyNames gives the properties of a collection's items that are only ever written.
func writeOnlyNames(c *contract.Collection) []string {
	var out []string
	add := func(s *contract.Schema) {
		if s == nil {
			return
		}
		for _, p := range s.Properties() {
			if p.Schema.WriteOnly() && !slices.Contains(out, p.Name) {
				out = append(out, p.Name)
			}
		}
	}
	add(c.Item)
	for _, role := range []contract.Role{contract.Create, contract.Replace, contract.Update} {
		if op := c.Operation(role); op != nil && op.Body != nil {
			_, s := op.Body.JSON()
			add(s)
		}
	}
	return out
}

// objectsIn gives the objects in a value, down to a depth.
func objectsIn(value any, depth int) []map[string]any {
	var out []map[string]any
	switch v := value.(type) {
	case map[string]any:
		out = append(out, v)
		if depth > 0 {
			for _, k := range sortedKeys(v) {
				if list, ok := v[k].([]any); ok {
					out = append(out, objectsIn(list, depth-1)...)
				}
			}
		}
	case []any:
		for _, x := range v {
			if o, ok := x.(map[string]any); ok {
				out = append(out, o)
			}
		}
	}
	return out
}

// undeclared judges whether an object has a property that its schema does not name, while it never has one that it does name and that is spelled nearly the
// same: a sign that one was meant for the other. More than that is legal, and minded only by a strict check.
func (j *judged) undeclared(schema *contract.Schema, value any) {
	j.rule("conform/undeclared")
	j.undeclaredIn(schema, objectsIn(value, 0))
	objects, items := []map[string]any(nil), schema
	if list, ok := value.([]any); ok && schema.Items() != nil {
		objects, items = objectsIn(list, 0), schema.Items()
	} else if o, ok := value.(map[string]any); ok {
		for _, p := range schema.Properties() {
			if list, ok := o[p.Name].([]any); ok && p.Schema.Items() != nil && p.Schema.Items().Type() == "object" {
				objects, items = objectsIn(list, 0), p.Schema.Items()
			}
		}
	}
	j.undeclaredIn(items, objects)
}

// undeclaredIn judges objects by their schema.
func (j *judged) undeclaredIn(items *contract.Schema, objects []map[string]any) {
	named := map[string]bool{} // whether it was seen
	for _, p := range items.Properties() {
		named[p.Name] = p.Schema.WriteOnly()
	}
	if len(named) == 0 || len(objects) == 0 || items.Keywords().Additional != nil {
		return // there are none, or others are expected
	}
	extra := map[string]bool{}
	for _, o := range objects {
		for name := range o {
			if _, ok := named[name]; ok {
				named[name] = true
			} else {
				extra[name] = true
			}
		}
	}
	for _, name := range sortedKeys(extra) {
		if j.strict {
			j.saw(sighting{
				rule: "conform/undeclared", sign: name, place: items.Place(), got: fmt.Sprintf("%q, which the schema does not name", name), want: "only what it names",
			})
			continue
		}
		for _, other := range sortedKeys(named) {
			if !named[other] && near(name, other) {
				j.saw(sighting{
					rule: "conform/undeclared", sign: name, place: items.Place(),
					got:  fmt.Sprintf("%q, which the schema does not name, and never %q, which it does", name, other),
					want: fmt.Sprintf("%q", other), cause: "the property is misspelled on one of the two sides",
				})
			}
		}
	}
}

// near tells whether two names differ by the way they are spelled, or by one or two letters.
func near(a, b string) bool {
	plain := func(s string) string {
		return strings.ToLower(strings.NewReplacer("_", "", "-", "", ".", "").Replace(s))
	}
	a, b = plain(a), plain(b)
	return a == b || len(a) > 3 && len(b) > 3 && distance(a, b) <= 1+min(len(a), len(b))/8
}

// distance is Levenshtein's.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for i := range row {
		row[i] = i
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for k := range len(b) {
			cost := before
			if a[i] != b[k] {
				cost++
			}
			before = row[k+1]
			row[k+1] = min(cost, row[k]+1, row[k+1]+1)
		}
	}
	return row[len(b)]
}

// notJSON says what keeps a text from being JSON as RFC 8259 has it; "" if nothing does.
func notJSON(text []byte) string {
	if !utf8.Valid(text) {
		return "it is not UTF-8"
	}
	if !json.Valid(text) {
		return "it is not JSON"
	}
	if name := doubled(text); name != "" {
		return fmt.Sprintf("an object has the name %q twice", name)
	}
	return ""
}

// doubled gives a name that an object of a text, which is JSON, has twice; or "".
func doubled(text []byte) string {
	type object struct {
		isArray bool
		names   [][]byte
	}
	var open []object
	name := false // whether the next string is one
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '{', '[':
			open = append(open, object{isArray: text[i] == '['})
			name = text[i] == '{'
		case '}', ']':
			open, name = open[:len(open)-1], false
		case ',':
			name = !open[len(open)-1].isArray
		case '"':
			end := i + 1
			for text[end] != '"' {
				if text[end] == '\\' {
					end++
				}
				end++
			}
			if name {
				o := &open[len(open)-1]
				if word := text[i+1 : end]; slices.ContainsFunc(o.names, func(other []byte) bool { return bytes.Equal(other, word) }) {
					return string(word)
				}
				o.names, name = append(o.names, text[i+1:end]), false
			}
			i = end
		}
	}
	return ""
}
