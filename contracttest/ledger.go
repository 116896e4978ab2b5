package contracttest

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"understudy/internal/contract"
)

// ledgerKey is a rule that every answer is judged by, on one operation.
type ledgerKey struct {
	op   *contract.Operation
	rule string
}

type ledgerEntry struct {
	judged int
	seen   []*witnessed
}

// witnessed is a sighting, with what showed it.
type witnessed struct {
	sighting
	at *answer
	tc *testCase // nil: the survey

	items []string // addresses of things that the check created and that showed it, confirmations of them at most
}

// add adds what shows something. Of several that show the same, the plainest request stays, whichever was answered first.
func (l *ledgerEntry) add(w *witnessed) {
	i, found := slices.BinarySearchFunc(l.seen, w.sign, func(o *witnessed, sign string) int { return strings.Compare(o.sign, sign) })
	if !found {
		l.seen = slices.Insert(l.seen, i, w)
	}
	items := l.seen[i].items
	if address := w.at.sent.URL.Path; w.tc != nil && w.tc.writes() && len(items) < confirmations && !slices.Contains(items, address) {
		items = append(items, address)
	}
	if found && plainer(w.at, l.seen[i].at) {
		l.seen[i] = w
	}
	l.seen[i].items = items
}

// plainer tells whether a request is simpler to look at than another.
func plainer(a, b *answer) bool {
	return cmp.Or(
		b2i(a.request.odd)-b2i(b.request.odd), len(a.payload)-len(b.payload), len(a.sent.URL.String())-len(b.sent.URL.String()), strings.Compare(a.sent.URL.String(), b.sent.URL.String()), bytes.Compare(a.payload, b.payload),
		strings.Compare(keyOf(a.sent), keyOf(b.sent)), b2i(a.request.nth != 0)-b2i(b.request.nth != 0), a.request.turn()-b.request.turn(),
	) < 0
}

// judges is how many answers are judged beside the requests.
const judges = 8

// mostConfirmed bounds how many different sightings of one rule on one operation are confirmed.
const mostConfirmed = 8

// observe judges an answer by the rules that every answer is judged by: beside the requests that are sent meanwhile, if there are not many to be judged.
func (e *engine) observe(a *answer) {
	if a.request.op == nil || a.err != nil {
		return
	}
	e.mu.Lock()
	e.exercise(a)
	if isWebpage(a) {
		e.webpages++
	}
	settled := e.settled
	e.mu.Unlock()
	if settled {
		return // it is asked to confirm something, and whoever asks judges it
	}
	select {
	case e.benches <- struct{}{}:
		e.judging.Go(func() {
			e.judge(a)
			<-e.benches
		})
	default:
		e.judge(a)
	}
}

func (e *engine) judge(a *answer) {
	j := judgeNew(a, e.target.Strict, e.client.known)
	e.excuse(a, &j)
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, rule := range j.rules {
		e.entry(a.request.op, rule).judged++
	}
	for _, s := range j.seen {
		e.entry(a.request.op, s.rule).add(&witnessed{sighting: s, at: a, tc: a.request.of})
	}
}

// claim makes a case the one that answers were given to, unless one that is before it in the plan was: which of them sends a request that they share is chance.
func (e *engine) claim(tc *testCase, answers []*answer) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, a := range answers {
		if a.read != nil && (a.read.of == nil || tc.nth < a.read.of.nth) {
			a.read.of = tc
		}
	}
}

// disregard forgets what answers showed so far.
func (e *engine) disregard() {
	e.judging.Wait()
	e.mu.Lock()
	defer e.mu.Unlock()
	clear(e.ledger)
}

func (e *engine) entry(op *contract.Operation, rule string) *ledgerEntry {
	key := ledgerKey{op, rule}
	entry := e.ledger[key]
	if entry == nil {
		entry = &ledgerEntry{}
		e.ledger[key] = entry
	}
	return entry
}

// conclude settles the rules that every answer is judged by, and closes the report.
func (e *engine) conclude(ctx context.Context, skipped []CaseResult) {
	e.judging.Wait()
	e.mu.Lock()
	e.settled = true
	e.mu.Unlock()
	e.report.Cases = append(e.report.Cases, skipped...)
	if !e.target.DryRun {
		e.everyAnswer(func(op *contract.Operation, rule contract.Rule) {
			e.report.Cases = append(e.report.Cases, e.settleLedger(ctx, op, rule)...)
		})
	}
	e.close(ctx)
}

// everyAnswer goes through the rules that every answer is judged by, and the operations that they apply to.
func (e *engine) everyAnswer(f func(op *contract.Operation, rule contract.Rule)) {
	for _, op := range e.mine {
		for _, rule := range contract.Rules() {
			switch {
			case !slices.Contains(passive, rule.ID) || !e.report.selection.rule(rule):
			case rule.Applies(op):
				f(op, rule)
			default:
				e.report.NotApplicable++
			}
		}
	}
}

// settleLedger gives the results of a rule that every answer is judged by, on one operation.
func (e *engine) settleLedger(ctx context.Context, op *contract.Operation, rule contract.Rule) []CaseResult {
	e.mu.Lock()
	entry := e.ledger[ledgerKey{op, rule.ID}]
	var seen []*witnessed
	if entry != nil {
		seen = slices.Clone(entry.seen)
	}
	e.mu.Unlock()
	base := CaseResult{Rule: rule.ID, Strength: rule.Strength, Operation: op.ID}
	if entry == nil || entry.judged == 0 {
		base.Verdict, base.Reason = Skipped, "no answer of this operation could be judged by it"
		return []CaseResult{base}
	}
	if len(seen) == 0 {
		base.Verdict = Kept
		return []CaseResult{base}
	}
	var out []CaseResult
	for _, w := range seen[:min(len(seen), mostConfirmed)] {
		r := base
		r.Subject = e.client.creds.conceal(w.sign)
		r.Verdict, r.Reason = e.confirmSighting(ctx, w)
		r.Reason = e.client.creds.conceal(r.Reason)
		if r.Verdict == Broken || r.Verdict == Flaky {
			o := outcome{verdict: r.Verdict, at: w.at, got: w.got, want: w.want, cause: w.cause, sign: w.sign, pointer: w.pointer}
			intent := "every answer is judged by this"
			if w.tc != nil && w.at.read.of != nil {
				w.tc = w.at.read.of
			}
			if w.tc != nil {
				intent = w.tc.intent
			}
			f := e.finding(rule, op, r.Subject, o, intent)
			if w.tc != nil {
				f.Through = []string{w.tc.rule.ID}
			}
			if w.place.File != "" {
				f.Place = w.place.String()
			}
			r.finding = f
		}
		out = append(out, r)
	}
	return out
}

// again runs a case once more, and gives all of its answers.
func (e *engine) again(ctx context.Context, tc *testCase) []*answer {
	anew := *tc
	anew.again = true
	o, answers := e.attempt(ctx, &anew, true)
	return append(answers, o.run.tidied...)
}

// confirmSighting sends again what showed something, twice. What things that were created showed, which are gone by now, others need not show: if as many
// did as there are confirmations, that is enough.
func (e *engine) confirmSighting(ctx context.Context, w *witnessed) (Verdict, string) {
	for range confirmations - 1 {
		var answers []*answer
		method := w.at.sent.Method
		switch {
		case readOnly(method) && w.at.payload == nil:
			if w.tc != nil && (w.tc.writes() || missingHole(w.at.request, nil) != "") { // what comes before it in its case counts
				answers = e.again(ctx, w.tc)
			} else {
				answers = []*answer{e.client.do(ctx, w.at.request, map[string]string{}, true)}
			}
		case w.tc != nil:
			answers = e.again(ctx, w.tc)
		default:
			return Broken, "" // what was written while the plan was made is not written again
		}
		again, answered := false, false
		for _, a := range answers {
			answered = answered || a.err == nil
			for _, s := range judgeAnswer(a, e.target.Strict).seen {
				again = again || s.rule == w.rule && s.sign == w.sign
			}
		}
		if !answered {
			return Skipped, fmt.Sprintf("it broke (%s), but there was no answer when it was tried again", w.got)
		}
		if !again && len(w.items) < confirmations { // so many items have shown it, and one more that does not need not be like them
			return Flaky, ""
		}
	}
	return Broken, ""
}
