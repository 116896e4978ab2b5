package contracttest

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"

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
		e.barred("", intent, key, r, r, op),
		e.barred("HEAD", intent, key, r, r.by(http.MethodHead).oddly(), op),
	}
	if tc := e.barredNowhere(op); tc != nil {
		cases = append(cases, tc)
	}
	if s := e.lists[op.Collection]; op.Role == contract.List && s != nil && s.why == "" {
		if asked, what := s.everythingAsked(); what != "" {
			asked.header = r.header
			cases = append(cases, e.barred("with "+what, "the list without credentials, and with "+what+" asked for: it is refused all the same", key, r, asked, op))
		}
		if tc := e.barredLater(s, key, r, op); tc != nil {
			cases = append(cases, tc)
		}
	}
	for _, tc := range cases[1:] {
		tc.unlessOpen(r)
	}
	return cases, ""
}

// unlessOpen makes a case judge nothing where the plain request needs no credentials either: that is one fault, and told once.
func (tc *testCase) unlessOpen(plain request) {
	judge := tc.judge
	tc.steps = append(tc.steps, step{request: plain.sentAs(nobody)})
	tc.judge = func(r []result) outcome {
		last := len(r) - 1
		if r[last].answer().ok() {
			return skip("the plain request needs no credentials either")
		}
		return judge(r[:last])
	}
}

// everythingAsked asks a list for an order, by its filters and for a word at once, as far as it takes those, and says what of them; "": none.
func (s *listState) everythingAsked() (request, string) {
	q := contract.Query{Size: s.large}
	var what []string
	for _, field := range s.fields() {
		if order := up(field); s.c.Declares(field) && s.c.Ordering.Offers(order[0]) {
			q.Order, what = order, append(what, "an order")
			break
		}
	}
	for i := range s.c.Filters {
		if chs := s.choices(&s.c.Filters[i]); len(chs) > 0 && !s.isAgain(&s.c.Filters[i]) {
			q.Filters = append(q.Filters, chs[0].cond)
		}
	}
	if n := len(q.Filters); n > 0 {
		what = append(what, plural(n, "filter"))
	}
	if ws := named(s.witnesses()); s.c.Search.Param != "" && len(ws) > 0 {
		q.Search, what = ws[0].word, append(what, "a search")
	}
	return s.page(q).request, strings.Join(what, " and ")
}

// barred makes the case of a read that is refused without credentials; the control is one that succeeds with them.
func (e *engine) barred(subject, intent, key string, control, r request, op *contract.Operation) *testCase {
	_, known := e.client.creds.alternative(op, false)
	return &testCase{
		subject: subject, intent: intent, steps: plainly(control, r.sentAs(nobody)),
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

// comesFirst finds what says that credentials are looked at before all else.
var comesFirst = regexp.MustCompile(`(?i)\bwhatever else\b|\bno matter what else\b|\bbefore (?:anything|everything|all) else\b|\b(?:come|checked|looked at) first\b`)

// barredNowhere makes a case of an item that is not there, without credentials: where the document says that they come before all else, that is not told. nil: it does not say so.
func (e *engine) barredNowhere(op *contract.Operation) *testCase {
	s, told := e.lists[op.Collection], sentence(e.doc.Description(), comesFirst, regexp.MustCompile(`\b40[13]\b`))
	if told == "" || s == nil || s.why != "" || op.Role != contract.Retrieve || s.unknownKey() == "" {
		return nil
	}
	r := s.item(op, s.unknownKey()).sentAs(nobody)
	r.odd = true
	return &testCase{
		subject: "an unknown key", intent: "a key that no item has, without credentials: " + told, steps: []step{{request: r}},
		judge: func(rs []result) outcome {
			if a := rs[0].answer(); a.ok() || a.status == http.StatusNotFound {
				return broken(a, a.says(), "401 or 403: "+told).because("the item is looked for before the credentials are").signed("credentials are looked at late").asSaid(true)
			}
			return kept()
		},
	}
}

// barredLater makes the case of a page behind the first; nil if there is none. A cursor is taken from the page before.
func (e *engine) barredLater(s *listState, key string, r request, op *contract.Operation) *testCase {
	const intent = "a page behind the first without credentials, beside the same with the valid ones: every page is guarded"
	size := s.fewest()
	if s.c.Paging.Style == contract.NoPaging || size == 0 && len(s.base.pages) < 2 || len(s.base.items) <= size {
		return nil
	}
	q := contract.Query{Size: size, Window: s.c.First(), Scope: s.scope}
	first := s.page(q)
	first.header = r.header
	if s.c.Paging.Style != contract.ByCursor {
		q, _ = s.deep()
	}
	later := s.page(q).request
	later.header = r.header
	if s.c.Paging.Style != contract.ByCursor {
		return e.barred("a later page", intent, key, later, later, op)
	}
	first.save = func(a *answer, holes map[string]string) {
		page, err := s.c.Unwrap(q, a.header, a.body)
		if err == nil && page.Next != nil {
			next := q
			next.Window = *page.Next
			address := s.request(next)
			holes["/next"] = address.target()
		}
	}
	later.path, later.query = "{/next}", nil
	tc := e.barred("a later page", intent, key, later, later, op)
	judge := tc.judge
	tc.judge = func(r []result) outcome { return judge(r[1:]) }
	tc.steps = append([]step{first}, tc.steps...)
	for i := range tc.steps {
		tc.steps[i].lacks = "the first page does not lead to another"
	}
	return tc
}

// fewest is the smallest size of a page that the document allows; 0 if there is no size to ask for.
func (s *listState) fewest() int {
	if s.c.Paging.Size == "" {
		return 0
	}
	if p := s.c.List().Parameter("query", s.c.Paging.Size); p != nil {
		if least, ok := bound(p.Schema, "minimum"); ok {
			return max(1, int(least))
		}
	}
	return 1
}
