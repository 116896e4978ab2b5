package contracttest

import (
	"fmt"
	"net/http"
	"strings"

	"understudy/internal/contract"
)

var authRules = map[string]producer{
	"auth/required": authRequired,
	"auth/checked":  authChecked,
	"auth/place":    authPlace,
	"auth/open":     authOpen,
	"auth/least":    authLeast,
}

// stowaway names something that is sent with every request and may be a credential that the document does not declare: then nothing is ever sent without
// credentials.
func (e *engine) stowaway() string {
	for _, name := range sortedKeys(e.client.common) {
		if looksSecret(name) {
			return fmt.Sprintf("the header %s is sent with every request, and may be a credential that the document does not declare", name)
		}
	}
	if e.client.base.User != nil {
		return "the target's address has credentials in it, which are sent with every request"
	}
	return ""
}

// denied tells whether an answer refuses the caller, not the request.
func denied(a *answer) bool {
	return a.status == http.StatusUnauthorized || a.status == http.StatusForbidden
}

// turnedAway tells whether an answer keeps a caller out without saying that it is for the caller: what is hidden is not there, or the way leads to a login.
func turnedAway(a *answer) bool {
	return a.status/100 == 3 || a.status == http.StatusNotFound || a.status == http.StatusProxyAuthRequired
}

// isControl says why a request with the valid credentials cannot tell what it means that the same is refused to others; "" if it can.
func isControl(a *answer) string {
	switch {
	case denied(a):
		return "the valid credentials are refused as well: " + a.says()
	case !a.ok():
		return "with the valid credentials it does not succeed either: " + a.says()
	}
	return ""
}

// authOpen asks without credentials what the document opens to everybody.
func authOpen(e *engine, op *contract.Operation) ([]*testCase, string) {
	if op.Method != http.MethodGet {
		return nil, ""
	}
	if !e.knowsSecurity() {
		return none("the document says nothing of security")
	}
	for i := range op.Parameters {
		if p := &op.Parameters[i]; p.Required && p.In != "path" && looksSecret(p.Name) {
			return none(fmt.Sprintf("it requires the parameter %s, which may be a credential", p.Name))
		}
	}
	if why := e.stowaway(); why != "" {
		return none(why)
	}
	r, why := e.validRead(op)
	if why != "" {
		return none(why)
	}
	closed := e.comesFromClosedList(op)
	return one(&testCase{
		intent: "without credentials, since the document asks for none: a server that asks for some all the same refuses it",
		steps:  plainly(r.sentAs(nobody)),
		judge: func(r []result) outcome {
			a := r[0].answer()
			switch {
			case a.ok():
				return kept()
			case denied(a) && closed:
				return skip("it is refused, but what is asked for comes from a list that is not open itself")
			case denied(a):
				return broken(a, a.says(), "an answer, since no credentials are asked for").signed("refused without credentials").
					because("a default for all operations asks for credentials, and this one was not taken out")
			}
			return skip("it does not succeed: %s", a.says())
		},
	})
}

// knowsSecurity tells whether a document says of any operation that it asks for credentials.
func (e *engine) knowsSecurity() bool {
	for _, op := range e.doc.Operations() {
		if len(op.Security) > 0 {
			return true
		}
	}
	return false
}

// comesFromClosedList tells whether values in an operation's path are of a list that was read with credentials.
func (e *engine) comesFromClosedList(op *contract.Operation) bool {
	if len(op.PathParameters()) == 0 {
		return false
	}
	c := op.Collection
	if s := e.holderOf(op); c == nil && s != nil {
		c = s.c
	}
	return c == nil || len(c.List().Security) > 0 || len(op.Security) > 0
}

// authLeast compares what two identities see of a list, and tries to write as who may only read.
func authLeast(e *engine, op *contract.Operation) ([]*testCase, string) {
	if op.Role.Writes() || op.Role == contract.Destroy {
		return e.authReader(op)
	}
	if op.Role != contract.List || op.Collection.Empty {
		return append(e.closedTo(op), e.hiddenFrom(op)...), ""
	}
	if _, ok := e.client.creds.alternative(op, true); !ok {
		return none("there is no second identity")
	}
	s := e.lists[op.Collection]
	if s == nil || s.why != "" {
		return none(whyOf(s))
	}
	if s.c.Records.Key == "" {
		return none("its items have no key to compare them by")
	}
	all := s.all(contract.Query{})
	second, again := all, all
	second.as = somebodyElse
	again.nth = alone
	return append(append(e.closedTo(op), e.seenOtherwise(op)...), &testCase{
		intent: "the whole list as either identity: the one with fewer rights has no item that the other has not",
		steps:  []step{all, second, again}, over: s,
		judge: func(r []result) outcome {
			o := judgeLeast(r[0].list, r[1], r[2].list)
			if second := r[1].list; o.verdict == Kept && second.bad == "" && second.complete() && r[0].list.complete() && sameSet(r[0].list.keys, r[2].list.keys) {
				if bad := e.judgeWhole(s, r[0].list, second); bad != nil {
					return *bad
				}
			}
			if o.verdict == Kept && e.lesser && r[1].list.bad == "" {
				return s.judgeHidden(r[0].list, r[1].list)
			}
			return o
		},
	}), ""
}

// judgeWhole gives the outcome that the total which the second identity is told counts what it is not shown, or that it is not shown everything, though the document
// says so; nil if it is neither.
func (e *engine) judgeWhole(s *listState, first, second *listed) *outcome {
	told := sentence(e.doc.Description(), promisesAllRead, ofCredentials)
	lost := lacking(second.keys, first.keys)
	counted := !s.counts && second.total != nil && *second.total > len(second.keys) && first.total != nil && *first.total == len(first.keys)
	var o outcome
	switch {
	case counted:
		o = broken(second.answers[0], fmt.Sprintf("a total of %d, and %s", *second.total, plural(len(second.keys), "item")), "the number of items that it has").
			because("what somebody may not see is counted").signed("counts what is not shown")
	case e.lesser && told != "" && len(lost) > 0:
		o = broken(second.answers[0], fmt.Sprintf("%s, and not %d more, such as %s", plural(len(second.keys), "item"), len(lost), cut(lost[0])), "all of them: "+told).signed("hides what may be read")
	default:
		return nil
	}
	o = o.asSaid(true)
	return &o
}

// judgeLeast compares the second's items with those that the first saw before and after.
func judgeLeast(before *listed, second result, after *listed) outcome {
	a := second.answers[0]
	switch {
	case denied(a) || a.status == http.StatusNotFound:
		return kept()
	case second.list.bad != "":
		return skip("the second identity cannot read it: %s", second.list.bad)
	case !before.complete() || !after.complete():
		return skip("the list cannot be read to its end")
	}
	known := map[string]bool{}
	for _, l := range []*listed{before, after} {
		for _, key := range l.keys {
			known[key] = true
		}
	}
	var more []string
	for _, key := range second.list.keys {
		if !known[key] {
			more = append(more, key)
		}
	}
	if len(more) == 0 {
		return kept()
	}
	return broken(a, fmt.Sprintf("%s that the first identity has not: %s", plural(len(more), "item"), short([]byte(strings.Join(more, ", ")))),
		"no item that the first identity has not").signed("sees more")
}
