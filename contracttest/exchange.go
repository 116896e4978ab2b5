package contracttest

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"understudy/internal/contract"
)

// Exchange is a request that was sent and what came back. Secrets stand in it by the name of a variable.
type Exchange struct {
	Method     string        `json:"method"`
	URL        string        `json:"url"`
	Header     http.Header   `json:"header,omitempty"`
	Body       *Body         `json:"body,omitempty"`
	Status     int           `json:"status,omitempty"` // 0: no answer
	Error      string        `json:"error,omitempty"`  // why there is no answer, or not all of one
	Got        http.Header   `json:"got,omitempty"`    // the answer's header
	Answer     *Body         `json:"answer,omitempty"`
	Began      time.Time     `json:"began"`
	Took       time.Duration `json:"took"`                 // in nanoseconds
	Captures   []Capture     `json:"captures,omitempty"`   // what later requests of the same case take from the answer
	Undoes     bool          `json:"undoes,omitempty"`     // it takes away what the case created
	Unexpected bool          `json:"unexpected,omitempty"` // of a finding: this answer shows it
}

// Body is the body of a message, or the beginning of one.
type Body struct {
	Text   string `json:"text"`
	Base64 bool   `json:"base64,omitempty"` // the text is written so: it is not UTF-8
	Size   int    `json:"size"`             // of all of it, in bytes
	Cut    bool   `json:"cut,omitempty"`    // the text is not all of it
}

// Capture is a value in an answer that a later request of the same case sends.
type Capture struct {
	Name    string `json:"name"`
	Value   string `json:"value"`
	Pointer string `json:"pointer,omitempty"` // into the answer's body (RFC 6901), or
	Header  string `json:"header,omitempty"`  // the name of a header of the answer
}

// How many bytes of a body are kept: of an answer that shows nothing, of one that a finding rests on, and of a request, so that it can be sent again.
const (
	keptOfAnswer  = 1 << 10
	keptOfFinding = 16 << 10
	keptOfRequest = 64 << 10
)

// mostOfFinding bounds how many exchanges a finding carries: the first and the last of them.
const mostOfFinding = 12

// exchange writes down an answer and its request.
func (e *engine) exchange(a *answer, keep int) *Exchange {
	creds := e.client.creds
	x := &Exchange{
		Method: a.sent.Method, URL: creds.conceal(a.sent.URL.String()), Header: concealed(creds, a.sent.Header), Body: bodyOf(creds, a.payload, keptOfRequest),
		Status: a.status, Got: concealed(creds, a.header), Answer: bodyOf(creds, a.body, keep), Began: a.began, Took: a.took,
	}
	if a.err != nil {
		x.Error = creds.conceal(a.err.Error())
	}
	return x
}

func concealed(creds *credentials, header http.Header) http.Header {
	out := make(http.Header, len(header))
	for name, values := range header {
		for _, v := range values {
			out[name] = append(out[name], creds.conceal(v))
		}
	}
	return out
}

// bodyOf gives the first bytes of a body; nil if there is none.
func bodyOf(creds *credentials, b []byte, keep int) *Body {
	if len(b) == 0 {
		return nil
	}
	out := &Body{Size: len(b)}
	if len(b) > keep {
		for b, out.Cut = b[:keep], true; len(b) > keep-utf8.UTFMax && !utf8.Valid(b); {
			b = b[:len(b)-1]
		}
	}
	if out.Base64 = !utf8.Valid(b); out.Base64 {
		out.Text = base64.StdEncoding.EncodeToString(b)
	} else {
		out.Text = creds.conceal(string(b))
	}
	return out
}

// record writes down the exchanges of a run of a case, those that other cases share once.
func (e *engine) record(r run) []*Exchange {
	var out []*Exchange
	for _, a := range r.answers {
		if a.unsent || a.read == nil {
			continue // nothing was sent
		}
		a.read.written.Do(func() { a.read.record = e.exchange(a, keptOfAnswer) })
		out = append(out, a.read.record)
	}
	r.captures(out)
	return append(out, e.tidied(r)...)
}

// evidence gives the exchanges that show a finding.
func (e *engine) evidence(r run, at *answer) []*Exchange {
	var out []*Exchange
	answers := slices.DeleteFunc(slices.Clone(r.answers), func(a *answer) bool { return a.unsent })
	if at != nil && !slices.ContainsFunc(answers, func(a *answer) bool { return a.sent == at.sent }) {
		answers = []*answer{at}
	}
	for _, a := range answers {
		x := e.exchange(a, keptOfFinding)
		x.Unexpected = at != nil && a.sent == at.sent
		out = append(out, x)
	}
	r.captures(out)
	out = append(out, e.tidied(r)...)
	if extra := len(out) - mostOfFinding; extra > 0 {
		shows := max(slices.IndexFunc(out, func(x *Exchange) bool { return x.Unexpected }), 0)
		first := min(shows, mostOfFinding/2)
		out = slices.Delete(out, first, min(first+extra, max(shows, first+1)))
		out = out[:min(len(out), mostOfFinding)]
	}
	return out
}

func (e *engine) tidied(r run) []*Exchange {
	var out []*Exchange
	for _, a := range r.tidied {
		x := e.exchange(a, keptOfAnswer)
		x.Undoes = true
		out = append(out, x)
	}
	return out
}

// run is what was sent for a case once, and what came back.
type run struct {
	answers []*answer
	tidied  []*answer // the answers to taking away what was created
	taken   []taken   // from answers
}

// taken is what was put into a hole.
type taken struct{ hole, value string }

// took adds what stands in the holes by now, and did not before.
func took(all []taken, holes map[string]string) []taken {
	for _, name := range sortedKeys(holes) {
		if t := (taken{name, holes[name]}); !slices.Contains(all, t) {
			all = append(all, t)
		}
	}
	return all
}

// captures says where in the answers the values stand that later requests took from them.
func (r run) captures(exchanges []*Exchange) {
	if len(exchanges) < len(r.answers) {
		return // some were not sent
	}
	for _, t := range r.taken {
		for i, a := range r.answers {
			if c, ok := capture(t.hole, t.value, a); ok {
				with := *exchanges[i] // other cases may share it
				with.Captures = append(slices.Clone(with.Captures), c)
				exchanges[i] = &with
				break
			}
		}
	}
}

// capture finds a value in an answer's headers or body.
func capture(name, value string, a *answer) (Capture, bool) {
	c := Capture{Name: strings.Trim(name, "/"), Value: value}
	for _, header := range sortedKeys(a.header) {
		if a.header.Get(header) == value {
			c.Header = header
			return c, true
		}
	}
	v, err := a.value()
	if err != nil {
		return c, false
	}
	var ok bool
	c.Pointer, ok = pointerTo(v, value, "", 4)
	return c, ok
}

// pointerTo finds a scalar in a value, not deeper than depth.
func pointerTo(v any, text, at string, depth int) (string, bool) {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range sortedKeys(v) {
			if depth == 0 {
				break
			}
			if p, ok := pointerTo(v[name], text, at+"/"+strings.NewReplacer("~", "~0", "/", "~1").Replace(name), depth-1); ok {
				return p, true
			}
		}
	case string:
		return at, v == text
	case json.Number:
		return at, v.String() == text
	}
	return "", false
}

// conflicts tells whether the operation was refused with 409.
func (r run) conflicts(op *contract.Operation) bool {
	return slices.ContainsFunc(r.answers, func(a *answer) bool { return a.request.op == op && a.status == http.StatusConflict })
}
