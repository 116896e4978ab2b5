package contracttest

import (
	"strings"
	"testing"

	"understudy/internal/contract"
)

// Run checks a target as [Check] does, and reports each case as a subtest: it fails where a rule is broken, and is skipped, with the reason, where that could
// not be told. A warning fails only if the target says [Target].Strict; flaky cases are logged.
func Run(t *testing.T, doc *contract.Document, target Target) {
	t.Helper()
	r, err := Check(t.Context(), doc, target)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range r.Cases {
		t.Run(c.name(), func(t *testing.T) {
			var b strings.Builder
			if c.finding != nil {
				c.finding.text(&b)
			}
			switch {
			case c.Verdict == Skipped:
				t.Skip(c.Reason)
			case c.Verdict == Broken && (target.Strict || c.Strength != contract.Heuristic):
				t.Error(b.String())
			case c.finding != nil:
				t.Log(b.String())
			}
		})
	}
	for _, l := range r.Leftovers {
		t.Log("left behind: " + l)
	}
	if r.Stopped != "" {
		t.Error("the check could not be finished: " + r.Stopped)
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
