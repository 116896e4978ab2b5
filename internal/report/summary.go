package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"understudy/contracttest"
)

// verdict is the report's in one word: kept, broken, short (too little was exercised) or unsure.
func verdict(r *contracttest.Report) string {
	switch {
	case r.Broke():
		return "broken"
	case r.ExitStatus() == 2:
		return "unsure"
	case r.ExitStatus() == 1:
		return "short"
	}
	return "kept"
}

// lacking says what a check lacks to be complete: it did not come to its end, or too little was exercised; "" if nothing.
func lacking(r *contracttest.Report) string {
	switch {
	case r.Running:
		return fmt.Sprintf("this report was written while the check was running: %s had not run yet", plural(r.Pending, "case"))
	case r.Stopped != "":
		return r.Stopped
	}
	var parts []string
	for _, c := range r.Shortfalls() {
		missing := c.Missing[:min(len(c.Missing), 10)]
		parts = append(parts, fmt.Sprintf("%.1f %% of the %s were exercised, and %g %% are asked for; missing are %s", c.Percent(), c.Of, r.MinCoverage[c.Of], strings.Join(missing, ", ")))
	}
	return strings.Join(parts, "; ")
}

// Reason is why some cases could not be told.
type Reason struct {
	Reason string
	Cases  int
	Rules  []string
}

// Untold gives the reasons for which cases were skipped, the most frequent first.
func Untold(r *contracttest.Report) []Reason {
	var out []Reason
	index := map[string]int{}
	for i := range r.Cases {
		c := &r.Cases[i]
		if c.Verdict != contracttest.Skipped {
			continue
		}
		n, ok := index[c.Reason]
		if !ok {
			n = len(out)
			index[c.Reason] = n
			out = append(out, Reason{Reason: c.Reason})
		}
		out[n].Cases++
		if !slices.Contains(out[n].Rules, c.Rule) {
			out[n].Rules = append(out[n].Rules, c.Rule)
		}
	}
	slices.SortStableFunc(out, func(a, b Reason) int { return cmp.Compare(b.Cases, a.Cases) })
	return out
}

// coverage says in a sentence what was exercised.
func coverage(r *contracttest.Report) string {
	var parts []string
	for _, c := range r.Coverage() {
		parts = append(parts, fmt.Sprintf("%d of %d %s", c.Covered, c.All, c.Of))
	}
	return "Exercised: " + strings.Join(parts, ", ")
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
