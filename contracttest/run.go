package contracttest

import (
	"strings"
	"testing"

	"understudy/internal/contract"
)

// Run checks a target as [Check] does, each case as a subtest, named as the case is: operation/family/rule/subject. A subtest fails where a rule is broken, and is
// skipped, with the reason, where that could not be told; a warning fails only if the target says [Target].Strict; flaky cases are logged.
//
// Only the cases that go test's -run and -skip pick are sent, beside what planning reads: -run 'TestContract/users_list/paging' asks for pages of users.
// Subtests that only read run side by side, as many as [Target].Workers; -parallel does not count. The rules that every answer is judged by come last, judged by
// the answers that came.
func Run(t *testing.T, doc *contract.Document, target Target) {
	t.Helper()
	e, done, err := newEngine(doc, target)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	ctx, cancel := e.within(t.Context())
	defer cancel()
	cases, skipped := e.plan(ctx)
	if target.DryRun {
		e.close(ctx)
		var b strings.Builder
		e.report.Text(&b)
		t.Log(b.String())
		return
	}
	all := true // cases were picked
	subtest := func(name string, f func(t *testing.T)) {
		picked := false
		t.Run(e.client.creds.conceal(name), func(t *testing.T) {
			picked = true
			f(t)
		})
		if !picked {
			e.mu.Lock()
			all = false
			e.mu.Unlock()
		}
	}
	if e.report.Stopped == "" {
		run := func(tc *testCase) {
			subtest(tc.name(), func(t *testing.T) {
				e.runCase(ctx, tc)
				e.keep(*tc.result)
				tell(t, target.Strict, *tc.result)
			})
		}
		reads, writes := inTurn(cases)
		e.parallel(len(reads), func(i int) { run(reads[i]) })
		e.client.forget()
		for _, tc := range writes {
			run(tc)
		}
	}
	for _, c := range skipped {
		subtest(c.name(), func(t *testing.T) {
			e.keep(c)
			tell(t, target.Strict, c)
		})
	}
	e.judging.Wait()
	e.everyAnswer(func(op *contract.Operation, rule contract.Rule) {
		subtest(op.ID+"/"+rule.ID, func(t *testing.T) {
			results := e.settleLedger(ctx, op, rule)
			e.keep(results...)
			tell(t, target.Strict, results...)
		})
	})
	e.close(ctx)
	for _, l := range e.report.Leftovers {
		t.Log("left behind: " + l)
	}
	if e.report.Stopped != "" {
		t.Error("the check could not be finished: " + e.report.Stopped)
	} else if all && len(e.report.Shortfalls()) > 0 {
		t.Error(e.report.coverageText())
	}
}

// keep adds results to the report.
func (e *engine) keep(results ...CaseResult) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.report.Cases = append(e.report.Cases, results...)
}

// tell lets a subtest pass or fail, or skips it where nothing else is to be told.
func tell(t *testing.T, strict bool, results ...CaseResult) {
	t.Helper()
	var reasons []string
	told := false
	for _, c := range results {
		var b strings.Builder
		if c.finding != nil {
			c.finding.text(&b)
		}
		switch {
		case c.Verdict == Skipped:
			reasons = append(reasons, c.Reason)
			continue
		case c.Verdict == Broken && (strict || c.Strength != contract.Heuristic):
			t.Error(b.String())
		case c.finding != nil:
			t.Log(b.String())
		}
		told = true
	}
	if !told {
		t.Skip(strings.Join(reasons, "; "))
	}
}

// name is the case's stable name.
func (c *CaseResult) name() string {
	name := c.Operation + "/" + c.Rule
	if c.Subject != "" {
		name += "/" + c.Subject
	}
	return name
}
