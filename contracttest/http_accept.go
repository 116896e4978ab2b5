package contracttest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"understudy/internal/contract"
)

// httpAccept asks for the types that the document has for an operation's success, for any, and for others.
func httpAccept(e *engine, op *contract.Operation) ([]*testCase, string) {
	success := op.Response(op.Success())
	if op.Success() == 0 || success == nil || len(success.Media) == 0 {
		return none("the document names no type of its answer")
	}
	r, why := e.validRead(op)
	if why != "" {
		return none(why)
	}
	var documented []string
	for _, name := range mediaNames(success) {
		name = strings.ToLower(mediaOnly(name))
		if strings.Contains(name, "*") {
			return none("the document allows a range of types: " + name)
		}
		if !slices.Contains(documented, name) {
			documented = append(documented, name)
		}
	}
	if slices.Contains(documented, "text/event-stream") {
		return none("its answer is a stream")
	}
	var cases []*testCase
	add := func(accept, intent, own string) {
		cases = append(cases, &testCase{
			subject: accept, intent: intent, steps: plainly(r, r.headed("Accept", accept).oddly()),
			judge: func(r []result) outcome {
				return judgeAccept(r[0].answer(), r[1].answer(), accept, own, documented)
			},
		})
	}
	for _, name := range documented {
		if len(documented) == 1 && contract.IsJSON(name) {
			continue // every request asks for that
		}
		add(name, "Accept with a type that the document has for the answer: that type comes", name)
	}
	add("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "Accept as browsers send it: a type that the document has comes, or none", "")
	cases = append(cases, &testCase{
		subject: "*/*", intent: "a read as tools send it, for any type and compressed if possible: a type that the document has comes, with the same content", steps: plainly(r, asTools(r)),
		over: e.overList(op),
		judge: func(r []result) outcome {
			switch a := r[1].answer(); {
			case a.failed():
				return skip("it fails: %s", a.says())
			case a.status == http.StatusNotAcceptable && r[0].answer().ok():
				return broken(a, "406 to Accept: */*", strings.Join(documented, " or ")+": that is any type (RFC 9110 §12.5.1)").signed("406 to */*")
			}
			if o := judgeAccept(r[0].answer(), r[1].answer(), "*/*", "", documented); o.verdict != Kept {
				return o
			}
			return e.judgeContent(op, r[0].answer(), r[1].answer())
		},
	})
	if tc := e.compressedPages(op); tc != nil {
		cases = append(cases, tc)
	}
	add("application/x-understudy", "Accept with a type that nothing has: 406, or a type that the document has", "")
	return cases, ""
}

// compressedPages makes a case of two pages of a list, both compressed if possible: what was compressed for one query is no answer to another. Nil: the list
// has no such pages that stay as they are, or reads alone are to be few.
func (e *engine) compressedPages(op *contract.Operation) *testCase {
	s := e.overList(op)
	if s == nil || op.Role != contract.List || !e.target.Writes || s.base == nil || len(s.base.keys) < 3 || s.c.Paging.Size == "" {
		return nil
	}
	second, third := contract.Query{Size: 1}, contract.Query{Size: 1}
	switch s.c.Paging.Style {
	case contract.ByPage:
		second.Window.Page, third.Window.Page = s.c.Paging.First+1, s.c.Paging.First+2
	case contract.ByOffset:
		second.Window.Offset, third.Window.Offset = 1, 2
	default:
		return nil
	}
	tc := &testCase{
		subject: "pages", intent: "two pages, compressed if possible: each comes as it does uncompressed", over: s,
		steps: []step{s.page(second), s.page(third), s.page(second), s.page(third)},
	}
	for _, i := range []int{2, 3} {
		tc.steps[i].request = asTools(tc.steps[i].request)
	}
	tc.judge = func(rs []result) outcome {
		ls, bad := pagesOf(rs)
		if bad != nil {
			return *bad
		}
		for i := range 2 {
			if !slices.Equal(ls[i].keys, ls[2+i].keys) {
				return broken(rs[2+i].answer(), "other items than without Accept-Encoding", "the same").because("compressed answers are kept without their query").signed("another page")
			}
		}
		return kept()
	}
	return tc
}

// judgeContent compares what two representations of the same hold, as far as that stays while other things change: how many items a list, and which names an object.
func (e *engine) judgeContent(op *contract.Operation, plain, other *answer) outcome {
	held := func(a *answer) string {
		if s := e.overList(op); s != nil && op.Role == contract.List {
			page, err := s.c.Unwrap(contract.Query{Scope: s.scope, Window: s.c.First()}, a.header, a.body)
			if err == nil {
				return plural(len(page.Items), "item")
			}
		}
		v, _ := contract.DecodeJSON(a.body)
		o, _ := v.(map[string]any)
		return strings.Join(sortedKeys(o), ", ")
	}
	switch encoding := other.header.Get("Content-Encoding"); {
	case !plain.ok() || !other.ok():
	case plain.header.Get("Content-Encoding") != "" && plain.sent.Header.Get("Accept-Encoding") == "" && sentence(e.doc.Description(), ofEncoding, isOnly) != "":
		return broken(plain, "Content-Encoding: "+plain.header.Get("Content-Encoding")+" to a request without Accept-Encoding", sentence(e.doc.Description(), ofEncoding, isOnly)).signed("encoded unasked").asSaid(true)
	case other.garbled:
		return broken(other, "Content-Encoding: "+encoding+", and a body that is not, or not whole", "a body encoded as it says (RFC 9110 §8.4)").signed("not encoded as it says")
	case held(plain) != held(other):
		return broken(other, strings.TrimSpace(held(other)+" "+encoding), held(plain)+", as without Accept-Encoding").signed("another content")
	}
	return kept()
}

// judgeAccept judges an answer to Accept; own is the documented type that was asked for, or "".
func judgeAccept(control, a *answer, accept, own string, documented []string) outcome {
	if !control.ok() {
		return skip("it does not succeed with any type: %s", control.says())
	}
	got := fmt.Sprintf("%d with Content-Type %q to Accept: %s", a.status, a.header.Get("Content-Type"), accept)
	want := strings.Join(documented, " or ")
	switch {
	case a.failed() || a.status == http.StatusNotAcceptable && own != "":
		return broken(a, fmt.Sprintf("%d to Accept: %s", a.status, accept), want).signed(fmt.Sprintf("%d to %s", a.status, accept))
	case !a.ok() && own == "" && a.status/100 == 4:
		return kept()
	case !a.ok():
		return skip("Accept: %s is answered with %d", accept, a.status)
	case a.status == http.StatusNoContent || len(a.body) == 0:
		return skip("there is no body")
	case own != "" && typeOf(a) != own:
		return broken(a, got, own).signed(accept)
	case !slices.Contains(documented, typeOf(a)):
		return broken(a, got, want).signed(accept)
	}
	return kept()
}

// httpContentType sends bodies that are not of the documented type, or not what their type says.
func httpContentType(e *engine, op *contract.Operation) ([]*testCase, string) {
	r, why := e.writerOf(op)
	if why != "" {
		return none(why)
	}
	change := op.Role == contract.Replace || op.Role == contract.Update
	if !change && op.Role != contract.Create {
		return none("what it does is not known, so it is not tried")
	}
	promised := slices.ContainsFunc(op.Responses, func(res contract.Response) bool { return res.Status == "415" })
	var cases []*testCase
	add := func(subject, intent, media, body string) {
		t := r.trial(op, "content-type", subject).common()
		valid := t.create("created", r.numbered(t.n))
		probe := -1
		if change {
			if probe = t.on(op.Role, "created", nil); t.why != "" {
				why = t.why
				return
			}
		} else { // what is created all the same is taken away
			probe = t.create("other", r.numbered(t.n+1))
		}
		s := &t.steps[probe]
		s.body = []byte(body)
		if body == "" {
			s.body = r.body(t.n + 1)
		}
		s.request = s.headed("Content-Type", media).oddly()
		made, _ := t.done(subject, intent, func(res []result) outcome {
			return judgeContentType(res[valid].answer(), res[probe].answer(), media, promised)
		})
		cases = append(cases, made...)
	}
	takes := func(media string) bool {
		return slices.ContainsFunc(sortedKeys(op.Body.Media), func(name string) bool {
			name = strings.ToLower(mediaOnly(name))
			return name == media || name == "*/*" || name == media[:strings.Index(media, "/")+1]+"*"
		})
	}
	if !takes("text/plain") {
		add("text/plain", "a valid body, but as plain text, which the document does not have: it is refused", "text/plain", "")
	}
	if !takes("application/xml") {
		add("application/xml", "a body in XML, which the document does not have: it is refused", "application/xml", "<a/>")
	}
	media, _ := op.Body.JSON()
	if promised && !takes("application/json") && media != "" {
		add("application/json", "a valid body, but as application/json, which the document does not have: it is refused", "application/json", "")
	}
	if strings.EqualFold(media, "application/json") {
		cases = append(cases, r.withCharset(op)...)
	}
	cases = append(cases, r.withoutType(op)...)
	add("no JSON", "a body that is called JSON and is none, since it breaks off: it is refused", media, `{"name": `)
	return cases, why
}

// withoutType makes a case of a body whose type is not told: what it is may be guessed (RFC 9110 §8.3), or it is refused.
func (r *recipe) withoutType(op *contract.Operation) []*testCase {
	return r.withType(op, "none", "a valid body without a type: it is taken or refused, and is no error of the server's", nil, func(a, _ *answer) outcome {
		if a.failed() {
			return broken(a, fmt.Sprintf("%d to a body without a type", a.status), "a success, 400 or 415").signed("fails without a type")
		}
		return kept()
	})
}

// withCharset makes a case of a body whose type is told with its charset, as many clients do: a parameter that JSON does not define has no effect (RFC 8259 §11).
func (r *recipe) withCharset(op *contract.Operation) []*testCase {
	const media = "application/json; charset=utf-8"
	return r.withType(op, "charset", "a valid body, with the charset beside its type: it is taken as without", []string{media}, func(a, valid *answer) outcome {
		if a.failed() || a.status == http.StatusUnsupportedMediaType {
			return broken(a, fmt.Sprintf("%d to a body of the type %s", a.status, media), fmt.Sprintf("%d, as without the charset (RFC 8259 §11)", valid.status)).
				because("the type is compared as a text").signed("refuses " + media)
		}
		return kept()
	})
}

// withType makes a case of a valid body whose type is told in another way, or not at all, beside the same as usual.
func (r *recipe) withType(op *contract.Operation, subject, intent string, media []string, judge func(a, valid *answer) outcome) []*testCase {
	t := r.trial(op, "content-type", subject).common()
	valid := t.create("created", r.numbered(t.n))
	probe := valid
	if op.Role != contract.Create {
		b := r.change(op, t.n)
		if b == nil {
			return nil
		}
		valid = t.on(op.Role, "created", b)
		probe = t.on(op.Role, "created", b)
	} else {
		probe = t.create("other", r.numbered(slotOf(op, "content-type", subject)+1))
	}
	s := &t.steps[probe]
	s.header = s.header.Clone()
	s.header["Content-Type"], s.odd = media, media == nil
	made, _ := t.done(subject, intent, func(res []result) outcome {
		if o, ok := succeeded(res, valid); !ok {
			return o
		}
		return judge(res[probe].answer(), res[valid].answer())
	})
	return made
}

// judgeContentType judges the answer to a body of another type beside that to a valid one. Promised means that the document describes 415 for it.
func judgeContentType(valid, a *answer, media string, promised bool) outcome {
	sent := fmt.Sprintf("%s as %s", short(a.payload), media)
	switch {
	case !valid.ok():
		return skip("a valid body is refused as well: %s", valid.says())
	case a.failed():
		return broken(a, fmt.Sprintf("%d to %s", a.status, sent), "400 or 415").signed(fmt.Sprintf("%d to %s", a.status, media))
	case a.ok() && promised:
		return broken(a, fmt.Sprintf("%d to %s", a.status, sent), "415, which the document describes").signed("takes " + media)
	case a.ok() && notJSON(a.payload) == "":
		return skip("it is taken as JSON all the same")
	case a.ok():
		return broken(a, fmt.Sprintf("%d to %s", a.status, sent), "400 or 415").signed("takes " + media).
			because("a body that cannot be read is taken for an empty one")
	case a.status/100 == 3:
		return skip("it is redirected with %d", a.status)
	}
	return kept()
}
