package contracttest

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"

	"understudy/internal/contract"
)

// authRequiredToWrite tries to write without credentials.
func authRequiredToWrite(e *engine, op *contract.Operation) ([]*testCase, string) {
	const intent = "without credentials, beside the same with the valid ones, to nothing but what the check itself created: nobody may write"
	cases, why := e.writeAs(op, "required", "", intent, []*credential{nobody}, func(control *answer, as []*answer) outcome {
		return judgeBarred(control, as[0], true, "", "")
	})
	if why == "" {
		cases = append(cases, e.barredFirst(op)...)
	}
	return cases, why
}

// barredFirst makes a case of a create without credentials and with a body that is wrong, too: where the document says how the lack of credentials is answered, that
// comes first.
func (e *engine) barredFirst(op *contract.Operation) []*testCase {
	return e.refusedFirst(op, nobody, "without credentials", sentence(e.doc.Description(), withoutCredentials, regexp.MustCompile(`\b40[13]\b`)))
}

// refusedFirst makes a case of a create by somebody who may not, with a body that is wrong, too.
func (e *engine) refusedFirst(op *contract.Operation, who *credential, as, told string) []*testCase {
	r, _ := e.writerOf(op)
	if told == "" || r == nil || op.Role != contract.Create || (body{}).fits(r.form) {
		return nil
	}
	t := r.trial(op, "required", "a wrong body", as)
	send := t.create("other", body{})
	t.steps[send].as, t.steps[send].odd = who, true
	made, _ := t.done("a wrong body", as+", and with a body that is wrong, too: "+told, func(res []result) outcome {
		switch a := res[send].answer(); {
		case a.failed(), a.status == http.StatusBadRequest, a.status == http.StatusUnprocessableEntity:
			return broken(a, a.says(), "401 or 403: "+told).because("the body is looked at before the credentials").signed("credentials are looked at late").asSaid(true)
		}
		return kept()
	})
	return made
}

// authCheckedToWrite tries to write with wrong credentials, one way a case: those that whoever looks only at whether there are any, or only at how they
// begin, lets in.
func authCheckedToWrite(e *engine, op *contract.Operation, need contract.Requirement) ([]*testCase, string) {
	var cases []*testCase
	as := &credential{need: need}
	for subject, in := range e.eachWrong(as) {
		if in.w.name != in.unknown.name && in.w.name != cutShort {
			continue
		}
		intent := fmt.Sprintf("with %s in place of the valid credential of %s, to nothing but what the check itself created: whoever has only that may not write", in.w.name, in.scheme.Name)
		made, why := e.writeAs(op, subject, subject, intent, []*credential{nobody, as.instead(in.scheme, in.unknown), as.instead(in.scheme, in.w)}, func(control *answer, got []*answer) outcome {
			return judgeWrong(control, got[0], got[1], got[2], in.unknown.name, in.w.name)
		})
		if why != "" {
			return none(why)
		}
		cases = append(cases, made...)
	}
	if who := e.reader(op); who != nil {
		intent := fmt.Sprintf("with the credential of %s, which the document lists for reading and not for this, to nothing but what the check itself created: whoever has only that may not write", who.name)
		made, why := e.writeAs(op, who.name, "the credential of "+who.name, intent, []*credential{who}, func(_ *answer, got []*answer) outcome {
			if a := got[0]; a.ok() {
				return broken(a, fmt.Sprintf("%d with the credential of %s", a.status, who.name), "401 or 403").signed("let in with " + who.name).because("whoever may read may write")
			}
			return kept()
		})
		if why != "" {
			return none(why)
		}
		cases = append(cases, made...)
	}
	return cases, ""
}

// reader is who may read the items that an operation writes, by schemes that the document does not list for the operation; nil if there is nobody.
func (e *engine) reader(op *contract.Operation) *credential {
	for _, other := range e.doc.Operations() {
		if other.Method != http.MethodGet || other.Collection == nil || other.Collection != op.Collection {
			continue
		}
		for _, who := range e.client.creds.others(other) {
			if !slices.ContainsFunc(op.Security, func(need contract.Requirement) bool { return schemesOf(need) == who.name }) {
				return who
			}
		}
	}
	return nil
}

// writeAs makes a case that writes with the valid credentials and with others: it creates, or changes or deletes what the case itself created.
func (e *engine) writeAs(op *contract.Operation, about, subject, intent string, as []*credential, judge func(control *answer, as []*answer) outcome) ([]*testCase, string) {
	r, why := e.writerOf(op)
	if why != "" {
		return none(why)
	}
	if _, known := e.client.creds.alternative(op, false); !known {
		return none("there are no credentials for it: nothing shows that it is refused for the lack of them")
	}
	t := r.trial(op, "as", about).common()
	own := r.numbered(t.n)
	if slices.Contains(as, somebodyElse) {
		own = r.shown(r.least(own, t.n)) // more might hide it from them
	}
	made := t.create("created", own)
	b := r.change(op, t.n)
	others := slotOf(op, "as", about) + 1 // the bodies of what nobody may create
	switch op.Role {
	case contract.Create:
	case contract.Replace, contract.Update, contract.Destroy:
		if b == nil && op.Role != contract.Destroy {
			return none(noBody)
		}
	default:
		return none("what it does is not known, so it is not tried")
	}
	tried := b                                                            // without the right to: as much as may show
	if op.Role == contract.Update && !slices.Contains(as, somebodyElse) { // whose refusal has to be told from that of the change
		if s := formOf(op); s != nil {
			own := slices.DeleteFunc(r.changes(s, r.numbered(t.n), t.n+1), func(m contract.Member) bool { return r.lent[m.Name] != "" }) // what it refers to may be refused for that
			if all := r.addressed(s, own); len(own) > 0 && all.fits(s) {
				tried = all
			}
		}
	}
	before := -1
	if op.Role != contract.Create && r.s.c.Operation(contract.Retrieve) != nil {
		before = t.get("created", found)
	}
	var probes []int
	for n, who := range as {
		probe := 0
		if op.Role == contract.Create {
			probe = t.create(fmt.Sprintf("other%c", 'A'+n), r.numbered(others+n))
		} else {
			probe = t.on(op.Role, "created", tried)
		}
		t.steps[probe].as = who
		probes = append(probes, probe)
	}
	after := t.aftermath(op, others, len(as))
	control := made
	if op.Role != contract.Create {
		control = t.on(op.Role, "created", b)
	}
	return t.done(subject, intent, func(res []result) outcome {
		if a := res[made].answer(); !a.ok() {
			return skip("nothing could be created: %s", a.says())
		}
		var answers []*answer
		for _, probe := range probes {
			answers = append(answers, res[probe].answer())
		}
		o := judge(res[control].answer(), answers)
		if i := slices.IndexFunc(answers, denied); i < 0 || after < 0 || o.verdict == Broken || slices.ContainsFunc(answers, (*answer).ok) {
			return o
		} else if op.Role == contract.Create {
			return worst(t.createdAll(res[after].list, others, answers[i]), o)
		} else {
			return worst(r.effect(op, tried, answers[i], res[before].answer(), res[after].answer()), o)
		}
	})
}

// aftermath adds the read, with the valid credentials, of what writes that were refused may have done: of the item, or of the list in which the first of some bodies
// would stand. It gives the number of the step, -1 if nothing shows that.
func (t *trial) aftermath(op *contract.Operation, first, count int) int {
	r := t.r
	if op.Role != contract.Create {
		if r.s.c.Operation(contract.Retrieve) == nil {
			return -1
		}
		return t.get("created", nil)
	}
	if name, _ := r.marked(r.numbered(first), first); name == "" {
		return -1
	}
	seek, why := t.seek(r.numbered(first), first)
	if why != "" {
		return -1
	}
	t.steps[seek].finds = func(l *listed) (keys []string) {
		for n := range count {
			keys = append(keys, bearing(l, r.mark(first+n))...)
		}
		return keys
	}
	return seek
}

// createdAll judges whether a list has what creates made that were refused.
func (t *trial) createdAll(l *listed, first int, refusal *answer) outcome {
	keys := bearing(l, t.r.mark(first))
	if l.bad != "" || len(keys) == 0 {
		return kept()
	}
	return broken(refusal, fmt.Sprintf("%d, but the list has %s, made of what was refused", refusal.status, keys[0]), "nothing that was created").
		because("who asks is looked at after the write").signed("a refused write has its effect")
}

// effect judges whether a write that was refused for want of credentials had its effect on an item all the same.
func (r *recipe) effect(op *contract.Operation, b body, refusal, before, after *answer) outcome {
	const cause, sign = "who asks is looked at after the write", "a refused write has its effect"
	switch {
	case !before.ok():
	case after.status == http.StatusNotFound || after.status == http.StatusGone:
		return broken(refusal, fmt.Sprintf("%d, but the item is gone", refusal.status), "the item, as it was").because(cause).signed(sign)
	case op.Role != contract.Destroy && after.ok() && showsChange(r.s.object(before), r.s.object(after), b.bytes()):
		return broken(refusal, fmt.Sprintf("%d, but what was sent is stored", refusal.status), "the item, as it was").because(cause).signed(sign)
	}
	return kept()
}

// change is the body that changes an item of the n-th body by an operation; nil if none fits.
func (r *recipe) change(op *contract.Operation, n int) body {
	if op.Role == contract.Destroy || op.Body == nil {
		return nil
	}
	now := r.numbered(n)
	free := func(p contract.Property) bool { return !isUnique(p) && kindOf(p) != "enum" && r.lent[p.Name] == "" } // neither what it is called, nor what state it is in, nor what it may refer to
	all := slices.Clone(r.form.Properties())
	slices.SortStableFunc(all, func(a, b contract.Property) int { return b2i(free(b)) - b2i(free(a)) })
	for _, p := range all {
		if _, ok := r.judgeable(p.Name); !ok || now.get(p.Name) == "" || kindOf(p) == "" {
			continue
		}
		if v := r.another(p, now.get(p.Name), n+1); v != "" {
			if b := r.bodyFor(op, now.set(p.Name, v)); b != nil {
				return b
			}
		}
	}
	return r.bodyFor(op, now)
}
