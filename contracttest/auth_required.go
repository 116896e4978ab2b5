package contracttest

import (
	"fmt"
	"net/http"
	"slices"

	"understudy/internal/contract"
)

// authRequired asks without credentials, beside the same with the valid ones. What writes is asked of nothing but what the check created.
func authRequired(e *engine, op *contract.Operation) ([]*testCase, string) {
	if why := e.stowaway(); why != "" {
		return none(why)
	}
	if op.Method != http.MethodGet {
		return authRequiredToWrite(e, op)
	}
	r, why := e.validRead(op)
	if why != "" {
		return none(why)
	}
	key := ""
	if op.Collection != nil && op.Collection.Records != nil {
		key = op.Collection.Records.Key
	}
	intent := "without credentials, beside the same request with the valid ones: it is refused, and the refusal shows nothing of what is guarded"
	cases := []*testCase{
		e.barred("", intent, key, r, op),
		e.barred("HEAD", intent, key, r.by(http.MethodHead).oddly(), op),
	}
	if s := e.lists[op.Collection]; op.Role == contract.List && s != nil && s.why == "" {
		if q, ok := s.laterPage(); ok {
			later := s.page(q).request
			later.header, later.odd = r.header, true
			cases = append(cases, e.barred("a later page", "a page behind the first without credentials, beside the same with the valid ones: every page is guarded", key, later, op))
		}
	}
	return cases, ""
}

// barred makes the case of a read that is refused without credentials.
func (e *engine) barred(subject, intent, key string, r request, op *contract.Operation) *testCase {
	_, known := e.client.creds.alternative(op, false)
	return &testCase{
		subject: subject, intent: intent, steps: plainly(r, r.sentAs(nobody)),
		judge: func(r []result) outcome { return judgeBarred(r[0].answer(), r[1].answer(), known, key, subject) },
	}
}

// judgeBarred judges an answer to nobody by one to somebody who may.
func judgeBarred(control, a *answer, known bool, key, subject string) outcome {
	const want = "401 or 403"
	sign := func(text string) string { return text + " " + subject }
	switch {
	case denied(control) && !known:
		return skip("there are no credentials for it: nothing shows that it is refused for the lack of them")
	case denied(control):
		return skip("the valid credentials are refused as well: %s", control.says())
	case a.ok():
		return broken(a, fmt.Sprintf("%d without credentials", a.status), want).signed(sign("let in")).because("the operation does not check who asks")
	case !control.ok():
		return skip("with the valid credentials it does not succeed either: %s", control.says())
	case a.failed():
		return broken(a, fmt.Sprintf("%d without credentials", a.status), want).signed(sign("fails")).because("the code takes it for granted that somebody is logged in")
	}
	if shown := showsItem(control, a, key); shown != "" {
		return broken(a, fmt.Sprintf("%d, whose body shows %s", a.status, shown), "a refusal that tells nothing").signed(sign("tells"))
	}
	if denied(a) || turnedAway(a) {
		return kept()
	}
	return skip("it is refused with %d, which need not be for the lack of credentials", a.status)
}

// showsItem finds in a refusal an item that the answer to a valid request has: the same key, and at least one more value in common. It names the item, or
// gives "".
func showsItem(control, refusal *answer, key string) string {
	if key == "" {
		return ""
	}
	allowed, err := control.value()
	if err != nil {
		return ""
	}
	told, err := refusal.value()
	if err != nil {
		return ""
	}
	items := map[string][]map[string]any{}
	for _, o := range allObjects(allowed) {
		if v := plain(o[key]); v != "" {
			items[v] = append(items[v], o)
		}
	}
	for _, o := range allObjects(told) {
		for _, it := range items[plain(o[key])] {
			for name, v := range o {
				if text := plain(v); name != key && len(text) > 1 && text != "true" && text != "false" && text == plain(it[name]) {
					return fmt.Sprintf("the item %s", plain(o[key]))
				}
			}
		}
	}
	return ""
}

// allObjects gives all objects in a value.
func allObjects(v any) []map[string]any {
	var out []map[string]any
	switch v := v.(type) {
	case map[string]any:
		out = append(out, v)
		for _, name := range sortedKeys(v) {
			out = append(out, allObjects(v[name])...)
		}
	case []any:
		for _, x := range v {
			out = append(out, allObjects(x)...)
		}
	}
	return out
}

// laterPage asks for a page behind the first that has items.
func (s *listState) laterPage() (contract.Query, bool) {
	q := contract.Query{Window: s.c.First()}
	if s.c.Paging.Style == contract.NoPaging || s.base == nil || len(s.base.pages) == 0 {
		return q, false
	}
	skipped := len(s.base.pages[0].Items)
	if s.c.Paging.Style == contract.ByCursor {
		q.Size = s.large
		if next := s.base.pages[0].Next; next != nil && len(s.base.pages) > 1 {
			q.Window = *next
			return q, true
		}
		return q, false
	}
	if s.c.Paging.Size == "" {
		if len(s.base.pages) < 2 {
			return q, false
		}
	} else {
		q.Size = 1
		if p := s.c.List().Parameter("query", s.c.Paging.Size); p != nil {
			if least, ok := bound(p.Schema, "minimum"); ok {
				q.Size = max(1, int(least))
			}
		}
		skipped = q.Size
		if len(s.base.items) <= skipped {
			return q, false
		}
	}
	if s.c.Paging.Style == contract.ByPage {
		q.Window.Page++
	} else {
		q.Window.Offset = skipped
	}
	return q, true
}

// authRequiredToWrite tries to write without credentials: to create, or to change or delete what the case itself created.
func authRequiredToWrite(e *engine, op *contract.Operation) ([]*testCase, string) {
	s, why := e.writable(op)
	if why != "" {
		return none(why)
	}
	if _, known := e.client.creds.alternative(op, false); !known {
		return none("there are no credentials for it: nothing shows that it is refused for the lack of them")
	}
	made := s.createStep("created", 0)
	valid, _ := s.change(op, 0)
	probe, control := 1, 2 // the create, the write without credentials, the same with them
	steps := []step{made, {request: valid.sentAs(nobody)}, {request: valid}}
	if op.Role == contract.Create {
		attempt := s.createStep("other", 1)
		attempt.as = nobody
		control, steps = 0, []step{made, attempt}
	}
	return one(&testCase{
		intent: "without credentials, beside the same with the valid ones, to nothing but what the check itself created: nobody may write",
		steps:  steps,
		judge: func(r []result) outcome {
			if made := r[0].answer(); !made.ok() {
				return skip("nothing could be created: %s", made.says())
			}
			return judgeBarred(r[control].answer(), r[probe].answer(), true, "", "")
		},
	})
}

// writable gives the list in which the check can create what an operation then writes to, or is to create.
func (e *engine) writable(op *contract.Operation) (s *listState, why string) {
	roles := []contract.Role{contract.Create, contract.Replace, contract.Update, contract.Destroy}
	switch {
	case !e.target.Writes:
		return nil, "writes are not allowed"
	case op.Collection == nil || !slices.Contains(roles, op.Role):
		return nil, "what it would change is nothing that the check created"
	}
	if s = e.lists[op.Collection]; s == nil || s.why != "" {
		return nil, whyOf(s)
	}
	if s.writer == nil {
		return nil, "nothing can be created in its list"
	}
	if op.Role != contract.Create && s.c.ItemPath == "" {
		return nil, "the items of its list have no address"
	}
	return s, ""
}

// change makes the request that changes or deletes what was created; n counts the bodies. It tells whether it has one.
func (s *listState) change(op *contract.Operation, n int) (request, bool) {
	r := s.item(op, "{created}")
	if op.Role == contract.Destroy {
		return r, false
	}
	r.body = s.writer.body(n)
	return r, true
}
