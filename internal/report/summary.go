package report

import (
	"cmp"
	"fmt"
	"slices"

	"understudy/contracttest"
)

// verdict is the report's in one word: kept, broken, or unsure.
func verdict(r *contracttest.Report) string {
	return []string{"kept", "broken", "unsure"}[r.ExitStatus()]
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
	asked, statuses, seen, parameters, sent := 0, 0, 0, 0, 0
	for i := range r.Exercised {
		x := &r.Exercised[i]
		if x.Requests > 0 {
			asked++
		}
		for _, s := range x.Statuses {
			if s.Documented {
				statuses++
				seen += b2i(s.Answers > 0)
			}
		}
		for _, p := range x.Parameters {
			parameters++
			sent += b2i(p.Requests > 0)
		}
	}
	return fmt.Sprintf("Exercised: %d of %s, %d of %s, %d of %s", asked, plural(len(r.Exercised), "operation"), seen, plural(statuses, "documented answer"),
		sent, plural(parameters, "parameter"))
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
