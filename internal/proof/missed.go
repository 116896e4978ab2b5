package proof

import (
	"slices"

	"understudy/contracttest"
	"understudy/internal/contract"
	"understudy/internal/mutant"
)

// explain says why a mutant was not caught by the rule meant, and what to write into the document.
func (s *stage) explain(r *Result, m mutant.Mutant, at *site, report *contracttest.Report) {
	var reasons []string
	applies, asked := false, false
	for _, rule := range contract.Rules() {
		if rule.ID == m.Rule {
			for _, op := range at.Operations {
				applies = applies || rule.Applies(op)
			}
		}
	}
	for _, c := range report.Cases {
		if c.Rule != m.Rule {
			continue
		}
		switch c.Verdict {
		case contracttest.Skipped:
			if !slices.Contains(reasons, c.Reason) {
				reasons = append(reasons, c.Reason)
			}
		default:
			asked = true
		}
	}
	switch {
	case !applies:
		r.Why = "the rule does not apply"
	case asked && len(reasons) == 0:
		r.Why = "what the rule asks did not show it"
	default:
		for i, text := range reasons {
			if i > 0 {
				r.Why += "; "
			}
			r.Why += text
		}
	}
}
