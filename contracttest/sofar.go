package contracttest

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"understudy/internal/contract"
)

// fix makes the plan known to whoever asks how far the check is.
func (e *engine) fix(cases []*testCase, skipped []CaseResult) {
	e.mu.Lock()
	defer e.mu.Unlock()
	planned := *e.report
	e.planned, e.cases, e.skipped = &planned, cases, skipped
}

// soFar reports what is known while the check runs: the cases that have run, and of the rules that every answer is judged by, what was seen until now.
func (e *engine) soFar() *Report {
	e.mu.Lock()
	defer e.mu.Unlock()
	r := *e.identity
	if e.planned != nil {
		r = *e.planned
		r.Cases = nil
		for _, tc := range e.cases {
			if tc.result != nil {
				r.Cases = append(r.Cases, *tc.result)
			}
		}
		r.Pending = len(e.cases) - len(r.Cases)
		r.Cases = append(r.Cases, e.skipped...)
		for key, entry := range e.ledger {
			r.Cases = append(r.Cases, e.ledgerSoFar(key, entry)...)
		}
	}
	r.Running, r.Requests, r.Took = true, int(e.client.sent.Load()), time.Since(r.Started)
	r.Leftovers, r.Exercised = slices.Clone(e.report.Leftovers), e.exercised()
	for _, address := range e.alive {
		r.Leftovers = append(r.Leftovers, e.client.creds.conceal(address)+" (it was still to be deleted when this was written)")
	}
	e.finish(&r)
	return &r
}

// ledgerSoFar tells of a rule that every answer is judged by what was seen until now: nothing of it was tried again yet.
func (e *engine) ledgerSoFar(key ledgerKey, entry *ledgerEntry) []CaseResult {
	i := slices.IndexFunc(contract.Rules(), func(r contract.Rule) bool { return r.ID == key.rule })
	if i < 0 || !e.report.selection.rule(contract.Rules()[i]) || !slices.Contains(e.mine, key.op) || entry.judged == 0 {
		return nil
	}
	base := CaseResult{Rule: key.rule, Strength: contract.Rules()[i].Strength, Operation: key.op.ID, Verdict: Kept}
	if len(entry.seen) == 0 {
		return []CaseResult{base}
	}
	var out []CaseResult
	for _, w := range entry.seen {
		base.Verdict, base.Subject = Skipped, e.client.creds.conceal(w.sign)
		base.Reason = e.client.creds.conceal(fmt.Sprintf("it broke (%s), but was not yet tried again", w.got))
		out = append(out, base)
	}
	return out
}

// finish orders a report by the document and the catalogue of rules, and makes its findings.
func (e *engine) finish(r *Report) {
	order := map[string]int{}
	for i, op := range e.doc.Operations() {
		order[op.ID] = i
	}
	rules := map[string]int{}
	for i, rule := range contract.Rules() {
		rules[rule.ID] = i
	}
	slices.SortStableFunc(r.Cases, func(a, b CaseResult) int {
		return cmp.Or(order[a.Operation]-order[b.Operation], rules[a.Rule]-rules[b.Rule])
	})
	r.group()
	r.number()
}
