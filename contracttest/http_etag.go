package contracttest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

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
		cases = append(cases, etagOfList(s))
	case op.Role == contract.Retrieve && s.c.ItemPath != "":
		cases = append(cases, etagOfItem(s, op)...)
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
	etag := weakly(before.header.Get("ETag"))
	now := weakly(same.header.Get("ETag"))
	switch {
	case !before.ok() || !after.ok():
		return skip("GET does not succeed: %s", before.says())
	case weakly(after.header.Get("ETag")) != etag:
		return skip("it has another ETag every time")
	case same.ok() && now == etag:
		return broken(same, fmt.Sprintf("%d to If-None-Match with its own ETag", same.status), "304").signed("no 304").because("an ETag is sent, but If-None-Match is not looked at")
	case same.status == http.StatusNotModified && now != "" && now != etag:
		return broken(same, "304 with the ETag "+now, "304 with the ETag "+etag).signed("304 with another ETag")
	case same.failed():
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

// etagOfList creates something: the list's ETag changes with it.
func etagOfList(s *listState) *testCase {
	page := s.page(contract.Query{Size: s.large})
	page.twice = true
	first := page
	first.save = saveETag
	condition := ifNoneMatch(page.request, "{ETag}")
	return &testCase{
		subject: "a list that grows",
		intent:  "the list, a create, and the list again: where it shows what was created it has another ETag, and is no 304",
		steps:   []step{first, s.createStep("created", 0), page, condition},
		judge: func(r []result) outcome {
			before, after := r[0].answer(), r[2].answer()
			key := s.keyIn(r[1].answer())
			if !before.ok() || !after.ok() || key == "" || slices.Contains(r[0].list.keys, key) || !slices.Contains(r[2].list.keys, key) {
				return skip("the page does not show what was created")
			}
			return judgeChanged(before, after, r[3].answer())
		},
	}
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

// etagOfItem changes what was created: its ETag changes, and writes on the condition of the old one are refused.
func etagOfItem(s *listState, op *contract.Operation) []*testCase {
	change := s.c.Operation(contract.Replace)
	if change == nil {
		change = s.c.Operation(contract.Update)
	}
	if change == nil {
		return nil
	}
	get := s.item(op, "{created}").again()
	first := step{request: get, save: saveETag}
	write, _ := s.change(change, 1)
	shows := func(r []result) string {
		for _, i := range []int{0, 1, 2} {
			if a := r[i].answer(); !a.ok() {
				return fmt.Sprintf("%s is answered with %s", a.sent.Method, a.says())
			}
		}
		if !showsChange(s.itemIn(r[1].answer()), s.itemIn(r[3].answer()), s.writer.body(1)) {
			return "what was changed does not show"
		}
		return ""
	}
	cases := []*testCase{{
		subject: "an item that changes",
		intent:  "create an item, read it, change it and read it again: it has another ETag, and is no 304",
		steps:   []step{s.createStep("created", 0), first, {request: write}, {request: get}, ifNoneMatch(get, "{ETag}")},
		judge: func(r []result) outcome {
			if why := shows(r); why != "" {
				return skip("%s", why)
			}
			return judgeChanged(r[1].answer(), r[3].answer(), r[4].answer())
		},
	}}
	for _, role := range []contract.Role{contract.Replace, contract.Update, contract.Destroy} {
		target := s.c.Operation(role)
		if target == nil || !guardsWrites(target) {
			continue
		}
		stale, _ := s.change(target, 0)
		steps := []step{
			s.createStep("created", 0), first, {request: write.headed("If-Match", "{ETag}").oddly(), lacks: noETag}, {request: get},
			{request: stale.headed("If-Match", "{ETag}").oddly(), lacks: noETag},
		}
		cases = append(cases, &testCase{
			subject: target.Method + " with an old ETag",
			intent:  fmt.Sprintf("create an item, read it, change it, and then %s it on the condition that it is as it was read: it is not, so that is refused (RFC 9110 §13.1.1)", target.Method),
			steps:   steps,
			judge: func(r []result) outcome {
				if why := shows(r); why != "" {
					return skip("%s", why)
				}
				a := r[4].answer()
				switch {
				case r[1].answer().header.Get("ETag") == r[3].answer().header.Get("ETag"):
					return skip("its ETag does not change")
				case a.ok():
					return broken(a, fmt.Sprintf("%d to If-Match with an ETag that it no longer has", a.status), "412").signed("If-Match is not looked at")
				case a.failed():
					return broken(a, fmt.Sprintf("%d to If-Match with an ETag that it no longer has", a.status), "412").signed("If-Match fails")
				}
				return kept()
			},
		})
	}
	return cases
}

// guardsWrites tells whether the document says that a write may be made on a condition.
func guardsWrites(op *contract.Operation) bool {
	return op.Parameter("header", "If-Match") != nil || slices.ContainsFunc(op.Responses, func(r contract.Response) bool {
		return r.Status == "412" || r.Status == "428"
	})
}

// itemIn gives the item that an answer holds, perhaps in an envelope of its own; nil if there is none.
func (s *listState) itemIn(a *answer) map[string]any {
	o := a.object()
	if _, ok := o[s.c.Records.Key]; ok {
		return o
	}
	for _, name := range sortedKeys(o) {
		if inner, ok := o[name].(map[string]any); ok {
			if _, has := inner[s.c.Records.Key]; has {
				return inner
			}
		}
	}
	return nil
}

// showsChange tells whether at least one value that was sent shows in an item, and did not before.
func showsChange(before, after map[string]any, sent []byte) bool {
	var body map[string]any
	if json.Unmarshal(sent, &body) != nil {
		return false
	}
	for name, v := range body {
		text := plain(v)
		if was, ok := before[name]; ok && plain(was) != text && plain(after[name]) == text {
			return true
		}
	}
	return false
}
