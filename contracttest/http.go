package contracttest

import (
	"bytes"
	"fmt"
	"mime"
	"net/http"
	"strings"

	"understudy/internal/contract"
)

var httpRules = map[string]producer{
	"http/head":         httpHead,
	"http/method":       httpMethod,
	"http/options":      httpOptions,
	"http/location":     httpLocation,
	"http/etag":         httpETag,
	"http/accept":       httpAccept,
	"http/content-type": httpContentType,
	"http/odd":          httpOdd,
	"http/steady":       httpSteady,
}

// typeOf is the media type of an answer, without parameters.
func typeOf(a *answer) string {
	given := a.header.Get("Content-Type")
	if t, _, err := mime.ParseMediaType(given); err == nil {
		return t
	}
	return strings.ToLower(mediaOnly(given))
}

// weakly is an ETag as If-None-Match compares it (RFC 9110 §8.8.3.2).
func weakly(etag string) string { return strings.TrimPrefix(etag, "W/") }

// overList is the list whose data has to stay the same while an operation is asked.
func (e *engine) overList(op *contract.Operation) *listState {
	if s := e.lists[op.Collection]; s != nil && s.why == "" {
		return s
	}
	return nil
}

// httpHead compares HEAD with GET. GET is asked twice: what differs between the two cannot be compared.
func httpHead(e *engine, op *contract.Operation) ([]*testCase, string) {
	r, why := e.validRead(op)
	if why != "" {
		return none(why)
	}
	if s := e.lists[op.Collection]; op.Role == contract.List && s != nil && s.base != nil && !op.Collection.Empty {
		r = s.page(contract.Query{Size: s.large}).request // which is read twice anyway
	}
	again, head := r, r.by(http.MethodHead).oddly()
	again.nth, head.wire = 1, true
	var cases []*testCase
	if s := e.overList(op); op.Role == contract.Retrieve && s != nil && s.base != nil && s.unknownKey() != "" {
		nothing := s.item(op, s.unknownKey())
		cases = append(cases, &testCase{
			subject: "an unknown key", intent: "HEAD for an item that there is not, beside GET", steps: plainly(nothing.oddly(), nothing.by(http.MethodHead).oddly()), over: s,
			judge: func(r []result) outcome {
				if get, head := r[0].answer(), r[1].answer(); get.refused() && !get.unavailable() && (head.ok() || head.failed() && head.status != http.StatusNotImplemented) {
					return broken(head, fmt.Sprintf("%d to HEAD", head.status), fmt.Sprintf("%d, as GET is answered", get.status)).signed("another status for what is not there")
				}
				return kept()
			},
		})
	}
	return append(cases, &testCase{
		intent: "HEAD beside GET: the same status and headers, so that clients can find out about an answer without having it sent (RFC 9110 §9.3.2)",
		steps:  plainly(r, again, head), over: e.overList(op),
		judge: func(r []result) outcome {
			if told := sentence(e.doc.Description(), promisesHead); told != "" && r[2].answer().status == http.StatusMethodNotAllowed && r[0].answer().ok() {
				return broken(r[2].answer(), "405 to HEAD", "what GET is answered with: "+told).signed("no HEAD").asSaid(true)
			}
			return judgeHead(r[0].answer(), r[1].answer(), r[2].answer())
		},
		passing: func(first outcome) bool { // a body that is another with every second
			return first.sign == "another ETag" || first.sign == "another Content-Length"
		},
	}), ""
}

func judgeHead(get, again, head *answer) outcome {
	switch {
	case !get.ok() || !again.ok():
		return skip("GET does not succeed: %s", get.says())
	case get.status != again.status:
		return skip("GET is answered one way or another")
	case head.status == http.StatusMethodNotAllowed || head.status == http.StatusNotImplemented:
		return skip("HEAD is not offered")
	case head.status != get.status:
		return broken(head, fmt.Sprintf("%d to HEAD", head.status), fmt.Sprintf("%d, as GET is answered", get.status)).signed("another status")
	case len(head.body)+head.extra > 0:
		return broken(head, "a body in the answer to HEAD", "no body").signed("a body")
	}
	headers := []string{"Content-Type"}
	if bytes.Equal(get.body, again.body) { // or else the next one may be longer
		headers = append(headers, "ETag", "Content-Length")
	}
	for _, name := range headers {
		of := func(a *answer) string {
			if name == "Content-Type" && a.header.Get(name) != "" {
				return typeOf(a)
			}
			return weakly(a.header.Get(name))
		}
		if want := of(get); want != "" && want == of(again) && of(head) != "" && of(head) != want {
			return broken(head, fmt.Sprintf("%s: %s to HEAD", name, of(head)), fmt.Sprintf("%s, as GET is answered", want)).signed("another " + name)
		}
	}
	return kept()
}

// httpLocation follows the Location of what it created.
func httpLocation(e *engine, op *contract.Operation) ([]*testCase, string) {
	r, why := e.writerOf(op)
	if why != "" {
		return none(why)
	}
	if r.s.c.Operation(contract.Retrieve) == nil {
		return none("the document has no operation that reads one item")
	}
	t := r.trial(op, "location").common()
	made := t.steps[t.create("created", r.numbered(t.n))]
	made.save = e.saveLocation
	there := step{
		request: request{op: op, method: http.MethodGet, path: "{//location}"}, lacks: "what is created has no Location that can be followed",
		until: func(r result) bool { return r.answer().ok() },
	}
	return one(&testCase{
		intent: "create something and follow the Location of the answer: it leads to what was created",
		steps:  []step{made, there},
		judge:  func(res []result) outcome { return judgeLocation(r.s, res[0].answer(), res[1].answer()) },
	})
}

// saveLocation keeps where a created item is: the path, if it is on the target's host, or else, since there may be a proxy between, below the target's path.
func (e *engine) saveLocation(a *answer, holes map[string]string) {
	u, err := a.sent.URL.Parse(a.header.Get("Location"))
	if a.status != http.StatusCreated || a.header.Get("Location") == "" || err != nil || u.RawQuery != "" {
		return
	}
	if u.Host == e.client.base.Host || strings.HasPrefix(u.EscapedPath(), strings.TrimRight(e.client.base.EscapedPath(), "/")+"/") {
		holes["//location"] = u.EscapedPath()
	}
}

func judgeLocation(s *listState, made, a *answer) outcome {
	key := s.keyIn(made)
	got := fmt.Sprintf("Location: %s, which is answered with %s", made.header.Get("Location"), a.says())
	switch {
	case denied(a) || a.status/100 == 3 || a.status == http.StatusMethodNotAllowed:
		return skip("the Location is answered with %d", a.status)
	case !a.ok():
		return broken(a, got, "an address at which it can be read").signed("leads to nothing")
	case strings.TrimRight(a.sent.URL.Path, "/") == strings.TrimRight(made.sent.URL.Path, "/"):
		return broken(a, fmt.Sprintf("Location: %s, which is the list", made.header.Get("Location")), "the address of what was created").signed("leads to the list")
	case key == "" || s.keyIn(a) == "":
		return skip("the answer does not show what was created")
	case s.keyIn(a) != key:
		return broken(a, fmt.Sprintf("Location: %s, which is %s", made.header.Get("Location"), s.keyIn(a)), key+", which was created").signed("leads to another")
	}
	return kept()
}
