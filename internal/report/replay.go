package report

import (
	"slices"
	"strings"

	"understudy/contracttest"
)

// Replayed is what came of a finding when it was tried again.
type Replayed struct {
	Finding *contracttest.Finding
	Verdict string // "fixed", "still broken", "flaky", "could not tell"
	Why     string // it could not be told
}

// Replaying gives what a check has to include so that it tries the findings of a report again: their rules, and the rules whose cases showed them; on all
// operations, because what is tried on one is created and listed by others. Writes tells whether that takes more than reads.
func Replaying(r *contracttest.Report) (include []string, writes bool) {
	for _, f := range r.Findings {
		include = append(include, f.Rule)
		include = append(include, f.Through...)
		for _, x := range f.Exchanges {
			writes = writes || !slices.Contains([]string{"GET", "HEAD", "OPTIONS", "PROPFIND"}, x.Method)
		}
	}
	slices.Sort(include)
	return slices.Compact(include), writes
}

// Replay says what became of the findings of a report by what a new check of the same found out.
func Replay(before, now *contracttest.Report) []Replayed {
	var out []Replayed
	for _, f := range before.Findings {
		out = append(out, replay(f, now))
	}
	return out
}

func replay(f *contracttest.Finding, now *contracttest.Report) Replayed {
	for _, again := range now.Findings {
		if again.Fingerprint == f.Fingerprint {
			if again.Verdict == contracttest.Flaky {
				return Replayed{f, "flaky", ""}
			}
			return Replayed{f, "still broken", ""}
		}
	}
	kept := false
	var reasons []string
	for i := range now.Cases {
		c := &now.Cases[i]
		switch {
		case !slices.Contains(f.Operations, c.Operation) || !concerns(f, c):
		case c.Verdict != contracttest.Skipped:
			kept = true
		case !slices.Contains(reasons, c.Reason):
			reasons = append(reasons, c.Reason)
		}
	}
	switch {
	case now.Stopped != "":
		return Replayed{f, "could not tell", now.Stopped}
	case len(reasons) > 0 && (!kept || len(f.Through) == 0): // of a rule that every answer is judged by, one answer tells
		return Replayed{f, "could not tell", strings.Join(reasons, "; ")}
	case !kept:
		return Replayed{f, "could not tell", "nothing tries it any more"}
	}
	return Replayed{f, "fixed", ""}
}

// concerns tells whether a case tries a finding again: one of its rule, about the same subject if one is named; or, of a rule that every answer is judged by,
// one of those that sent the requests, which may be about another operation, or what
// came of that rule itself.
func concerns(f *contracttest.Finding, c *contracttest.CaseResult) bool {
	if len(f.Through) > 0 {
		return c.Rule == f.Rule || slices.Contains(f.Through, c.Rule)
	}
	return c.Rule == f.Rule && (f.Subject == "" || c.Subject == "" || c.Subject == f.Subject)
}
