package contracttest

import (
	"bytes"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"understudy/internal/contract"
)

// noETag is the reason where there is nothing to ask.
const noETag = "it has no ETag"

// saveETag keeps the ETag of an answer.
func saveETag(a *answer, holes map[string]string) {
	if etag := a.header.Get("ETag"); etag != "" && a.ok() {
		holes["ETag"] = etag
	}
}

// httpETag asks on conditions: by the ETag of what is there, by another, and by that of something that was changed meanwhile.
func httpETag(e *engine, op *contract.Operation) ([]*testCase, string) {
	r, why := e.validRead(op)
	if why != "" {
		return none(why)
	}
	s := e.overList(op)
	if op.Role == contract.List && s != nil && len(s.base.answers) > 0 && s.base.answers[0].header.Get("ETag") == "" {
		return none(noETag)
	}
	cases := []*testCase{{
		intent: "If-None-Match with the ETag that was just given: 304, and with another: the whole answer (RFC 9110 §13.1.2)",
		steps:  etagSteps(r), over: s,
		judge: judgeETag,
	}}
	switch {
	case !e.target.Writes || s == nil || s.writer == nil:
	case op.Role == contract.List:
		cases = append(cases, etagOfList(s, op))
		more, why := s.writer.etagOfRow(op)
		return append(cases, more...), why
	case op.Role == contract.Retrieve:
		more, why := etagOfItem(s.writer, op)
		return append(cases, more...), why
	}
	return cases, ""
}

// ifNoneMatch makes the step that asks whether something differs from an ETag.
func ifNoneMatch(r request, etag string) step {
	r = r.headed("If-None-Match", etag).oddly().again()
	r.wire = true // so that a body behind 304 is seen, which http/bodyless judges
	return step{request: r, lacks: noETag}
}

func etagSteps(r request) []step {
	first := step{request: r.again(), save: saveETag}
	return []step{first, ifNoneMatch(r, "{ETag}"), ifNoneMatch(r, `"understudy"`), {request: r.again()}}
}

func judgeETag(r []result) outcome {
	before, same, other, after := r[0].answer(), r[1].answer(), r[2].answer(), r[3].answer()
	if tag := before.header.Get("ETag"); before.ok() && tag != "" && !isEntityTag(tag) {
		return broken(before, "the ETag "+tag, `a text in quotes: "`+strings.Trim(tag, `"`)+`" (RFC 9110 §8.8.3)`).signed("no entity-tag")
	}
	etag := weakly(before.header.Get("ETag"))
	now := weakly(same.header.Get("ETag"))
	switch {
	case !before.ok() || !after.ok():
		return skip("GET does not succeed: %s", before.says())
	case neverTheSame(before, same, other, after):
		return broken(same, fmt.Sprintf("%d to If-None-Match with its own ETag, and an ETag that is another every time", same.status), "304, since it is the same every time").
			signed("another ETag every time")
	case weakly(after.header.Get("ETag")) != etag:
		return skip("it has another ETag every time")
	case same.ok() && now == etag:
		return broken(same, fmt.Sprintf("%d to If-None-Match with its own ETag", same.status), "304").signed("no 304").because("an ETag is sent, but If-None-Match is not looked at")
	case same.status == http.StatusNotModified && now != "" && now != etag:
		return broken(same, "304 with the ETag "+now, "304 with the ETag "+etag).signed("304 with another ETag")
	case same.status == http.StatusNotModified && now == "":
		return broken(same, "304 without an ETag", "304 with the ETag "+etag+", which 200 has (RFC 9110 §15.4.5)").signed("304 without its ETag")
	case same.failed() || same.status == http.StatusPreconditionFailed:
		return broken(same, fmt.Sprintf("%d to If-None-Match", same.status), "304").signed("If-None-Match fails")
	case same.status != http.StatusNotModified:
		return skip("If-None-Match is answered with %d", same.status)
	case other.status == http.StatusNotModified && etag != "understudy":
		return broken(other, "304 to If-None-Match with an ETag that it never had", "the whole answer").signed("304 to any ETag")
	case other.failed():
		return broken(other, fmt.Sprintf("%d to If-None-Match", other.status), "the whole answer").signed("If-None-Match fails")
	}
	return kept()
}

// entityTag is what an ETag looks like (RFC 9110 §8.8.3).
var entityTag = regexp.MustCompile(`^(?:W/)?"[^"\x00-\x20\x7f]*"$`)

func isEntityTag(text string) bool { return entityTag.MatchString(text) }

// neverTheSame tells whether all answers are the same, but none has the ETag of another.
func neverTheSame(answers ...*answer) bool {
	tags := map[string]bool{}
	for _, a := range answers {
		if !a.ok() || len(a.body) == 0 || !bytes.Equal(a.body, answers[0].body) {
			return false
		}
		tags[weakly(a.header.Get("ETag"))] = true
	}
	return len(tags) == len(answers) && !tags[""]
}

// judgeChanged judges the answers before and after a change that shows.
func judgeChanged(before, after, condition *answer) outcome {
	switch etag := before.header.Get("ETag"); {
	case etag == "":
		return skip(noETag)
	case condition.status == http.StatusNotModified:
		return broken(condition, "304 although it changed", "the whole answer").signed("304 although it changed")
	case weakly(after.header.Get("ETag")) == weakly(etag):
		return broken(after, "the ETag "+etag+", as before the change", "another ETag").signed("the ETag stays").because("the ETag is not made of what the answer shows")
	}
	return kept()
}

// judgeWritten judges the ETag in the answer to a write, which is that of what it made (RFC 9110 §8.8.3), by those of the reads before and after it.
func judgeWritten(before, write, after *answer) outcome {
	was, is := weakly(before.header.Get("ETag")), weakly(after.header.Get("ETag"))
	if told := weakly(write.header.Get("ETag")); was != "" && is != "" && told == was && told != is {
		return broken(write, "the ETag "+told+", as before the write", is+", which GET has afterwards").signed("the ETag of before the write")
	}
	return kept()
}

// etagOfItem changes what was created: its ETag changes, and writes on the condition of the old one are refused.
func etagOfItem(r *recipe, op *contract.Operation) (cases []*testCase, why string) {
	change := r.s.c.Operation(contract.Replace)
	if change == nil {
		change = r.s.c.Operation(contract.Update)
	}
	if change == nil {
		return nil, ""
	}
	begin := func(about string, conditional bool) (t *trial, shows func(res []result) string) {
		t = r.trial(op).own(op, "etag", about)
		b := r.change(change, t.n)
		if b == nil {
			t.why = noBody
			return t, nil
		}
		t.create("created", r.numbered(t.n))
		t.get("created", found)
		t.steps[1].save = saveETag
		t.on(change.Role, "created", b)
		if conditional {
			t.ifMatch(2)
		}
		t.get("created", nil)
		return t, func(res []result) string {
			for _, i := range []int{0, 1, 2, 3} {
				if a := res[i].answer(); !a.ok() {
					return fmt.Sprintf("%s is answered with %s", a.sent.Method, a.says())
				}
			}
			if !showsChange(r.s.object(res[1].answer()), r.s.object(res[3].answer()), b.bytes()) {
				return "what was changed does not show"
			}
			return ""
		}
	}
	t, shows := begin("change", false)
	if t.why == "" {
		condition := ifNoneMatch(t.steps[t.get("created", nil)].request, "{ETag}")
		t.steps[4] = condition
	}
	cases, why = t.done("an item that changes", "create an item, read it, change it and read it again: it has another ETag, and is no 304", func(res []result) outcome {
		if why := shows(res); why != "" {
			return skip("%s", why)
		}
		if o := judgeChanged(res[1].answer(), res[3].answer(), res[4].answer()); o.verdict == Broken {
			return o
		}
		return judgeWritten(res[1].answer(), res[2].answer(), res[3].answer())
	})
	cases = append(cases, r.etagOfEach(op)...)
	for _, role := range []contract.Role{contract.Replace, contract.Update, contract.Destroy} {
		target := r.s.c.Operation(role)
		if target == nil || !guardsWrites(target) {
			continue
		}
		if demandsCondition(target) {
			cases = append(cases, r.unconditional(op, target)...)
		}
		t, shows := begin(target.Method, true)
		late := r.late(target, t.n)
		if t.why == "" {
			t.ifMatch(t.on(role, "created", late))
			t.get("created", nil)
		}
		intent := fmt.Sprintf("create an item, read it, change it, and then %s it on the condition that it is as it was read: it is not, so that is refused (RFC 9110 §13.1.1)", target.Method)
		more, w := t.done(target.Method+" with an old ETag", intent, func(res []result) outcome {
			if o := judgeCurrent(res[1].answer(), res[2].answer(), res[3].answer()); o != nil {
				return *o
			}
			if why := shows(res); why != "" {
				return skip("%s", why)
			}
			o := judgeStale(res[1].answer(), res[3].answer(), res[4].answer())
			if after := res[5].answer(); o.verdict == Kept && res[4].answer().refused() {
				switch {
				case after.status == http.StatusNotFound || after.status == http.StatusGone:
					return broken(after, fmt.Sprintf("%d for what %d refused to delete", after.status, res[4].answer().status), "the item, as it was").signed("a refused write has its effect")
				case after.ok() && role != contract.Destroy && showsChange(r.s.object(res[3].answer()), r.s.object(after), late.bytes()):
					return broken(after, fmt.Sprintf("what %d refused to write", res[4].answer().status), "the item, as it was").signed("a refused write has its effect").because("the condition is looked at after the write")
				}
			}
			return o
		})
		if cases = append(cases, more...); w != "" {
			why = w
		}
	}
	return cases, why
}

// etagOfEach changes one property of an item after the other, each alone: with each the ETag changes.
func (r *recipe) etagOfEach(op *contract.Operation) []*testCase {
	update := r.s.c.Operation(contract.Update)
	if update == nil || formOf(update) == nil {
		return nil
	}
	s := formOf(update)
	t := r.trial(op).own(op, "etag", "each")
	first := r.numbered(t.n)
	create := t.create("created", first)
	reads, sent := []int{t.get("created", found)}, []body{nil}
	for _, m := range r.changes(s, first, t.n+1) {
		if b := r.addressed(s, body{m}); b.fits(s) {
			t.steps[t.on(contract.Update, "created", b)].odd = true
			reads, sent = append(reads, t.get("created", nil)), append(sent, body{m})
		}
	}
	if len(reads) < 3 {
		return nil
	}
	made, _ := t.done("each property", "create an item, change one property after the other, each alone, and read it every time: with each change that shows it has another ETag", func(res []result) outcome {
		if o, ok := succeeded(res, create, reads[0]); !ok {
			return o
		}
		if res[reads[0]].answer().header.Get("ETag") == "" {
			return skip(noETag)
		}
		for i := 1; i < len(reads); i++ {
			was, is := res[reads[i-1]].answer(), res[reads[i]].answer()
			tag := weakly(was.header.Get("ETag"))
			if was.ok() && is.ok() && tag != "" && tag == weakly(is.header.Get("ETag")) && showsChange(r.s.object(was), r.s.object(is), sent[i].bytes()) {
				return broken(is, "the ETag "+tag+", as before "+sent[i][0].Name+" changed", "another ETag").signed("the ETag stays").because("the ETag is not made of all that the answer shows")
			}
		}
		return kept()
	})
	return made
}

// late is the body of a write that comes too late: other values than those before.
func (r *recipe) late(op *contract.Operation, n int) body {
	if op.Role == contract.Destroy || op.Body == nil {
		return nil
	}
	if b := r.bodyFor(op, r.sameKey(r.numbered(n+3), n)); b != nil {
		return b
	}
	return r.change(op, n)
}

// judgeCurrent gives the outcome that a write on the condition of the ETag that was just read is refused with 412, and that the item has this ETag still; nil if it
// is not. A weak one never matches there (RFC 9110 §13.1.1).
func judgeCurrent(before, write, after *answer) *outcome {
	tag := before.header.Get("ETag")
	if write.status != http.StatusPreconditionFailed || !before.ok() || !after.ok() || !strings.HasPrefix(tag, `"`) || after.header.Get("ETag") != tag {
		return nil
	}
	o := broken(write, "412 to If-Match with the ETag "+tag+", which it has", "the write").signed("If-Match with the right ETag is refused")
	return &o
}

// ifMatch makes a write one that asks for the ETag that was read first.
func (t *trial) ifMatch(i int) {
	t.steps[i].request = t.steps[i].headed("If-Match", "{ETag}").oddly()
	t.steps[i].lacks = noETag
}

// judgeStale judges a write on the condition of an ETag that is no longer that of the item.
func judgeStale(before, after, a *answer) outcome {
	got := fmt.Sprintf("%d to If-Match with an ETag that it no longer has", a.status)
	switch {
	case before.header.Get("ETag") == after.header.Get("ETag"):
		return skip("its ETag does not change")
	case a.ok():
		return broken(a, got, "412").signed("If-Match is not looked at").because("two clients who change the same thing overwrite each other")
	case a.failed():
		return broken(a, got, "412").signed("If-Match fails")
	}
	return kept()
}

// showsChange tells whether at least one value that was sent shows in an item, and did not before.
func showsChange(before, after map[string]any, sent []byte) bool {
	v, err := contract.DecodeJSON(sent)
	body, _ := v.(map[string]any)
	if err != nil {
		return false
	}
	for name, v := range body {
		if was, ok := before[name]; ok && !sameMeaning(v, was, nil) && sameMeaning(v, after[name], nil) {
			return true
		}
	}
	return false
}
