package contracttest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Coverage is how much was exercised of one kind of what could be.
type Coverage struct {
	Of      string // one of [Coverages]
	Covered int
	All     int
	Missing []string // what was not, in the document's order
}

// Coverages are the kinds of coverage:
//   - operations: those that answered with a documented success, or a status that was expected ([Target].Expect), of those that a rule was asked of. Where the document describes
//     no success, any answer that it describes counts;
//   - rules: those that were kept, broken or flaky at least once, of those that apply to an operation checked;
//   - statuses: those that came, of the statuses that the document describes for each operation, other than default and 5XX, which nobody can ask for;
//   - parameters: those that were sent, of all parameters of each operation.
func Coverages() []string { return []string{"operations", "rules", "statuses", "parameters"} }

// Percent is the part that was covered; of nothing, all is.
func (c Coverage) Percent() float64 {
	if c.All == 0 {
		return 100
	}
	return 100 * float64(c.Covered) / float64(c.All)
}

func (c *Coverage) count(name string, covered bool) {
	c.All++
	if covered {
		c.Covered++
	} else {
		c.Missing = append(c.Missing, name)
	}
}

// Coverage says how much was exercised, in the order of [Coverages].
func (r *Report) Coverage() []Coverage {
	operations, rules, statuses, parameters := Coverage{Of: "operations"}, Coverage{Of: "rules"}, Coverage{Of: "statuses"}, Coverage{Of: "parameters"}
	checked := map[string]bool{}
	for _, c := range r.Cases {
		checked[c.Operation] = true
	}
	for _, x := range r.Exercised {
		if !checked[x.Operation] {
			continue // by another shard, or by no rule that was selected
		}
		operations.count(x.Operation, x.succeeded())
		for _, s := range x.Statuses {
			if s.Documented && s.Status != "default" && s.Status[0] != '5' {
				statuses.count(x.Operation+" "+s.Status, s.Answers > 0)
			}
		}
		for _, p := range x.Parameters {
			parameters.count(x.Operation+" "+p.Name, p.Requests > 0)
		}
	}
	told := map[string]bool{}
	var names []string
	for _, c := range r.Cases {
		if _, ok := told[c.Rule]; !ok {
			names = append(names, c.Rule)
		}
		told[c.Rule] = told[c.Rule] || c.Verdict != Skipped
	}
	slices.Sort(names)
	for _, name := range names {
		rules.count(name, told[name])
	}
	return []Coverage{operations, rules, statuses, parameters}
}

// succeeded tells whether an operation did what it is for at least once.
func (x *Exercised) succeeded() bool {
	success := func(s StatusCount) bool { return s.Documented && s.Status[0] == '2' }
	promised := slices.ContainsFunc(x.Statuses, success)
	return slices.ContainsFunc(x.Statuses, func(s StatusCount) bool {
		return s.Answers > 0 && (s.Expected || success(s) || !promised && s.Documented)
	})
}

// Shortfalls are the kinds of which less was exercised than [Target].MinCoverage asks for. A shard has none: the whole is judged.
func (r *Report) Shortfalls() []Coverage {
	if r.dry() || r.Shard != "" {
		return nil
	}
	return slices.DeleteFunc(r.Coverage(), func(c Coverage) bool { return c.Percent() >= r.MinCoverage[c.Of] })
}

// coverageText writes how much was exercised, on one line, and what is missing where that is too little.
func (r *Report) coverageText() string {
	var parts []string
	for _, c := range r.Coverage() {
		parts = append(parts, fmt.Sprintf("%d of %d %s", c.Covered, c.All, c.Of))
	}
	text := "exercised: " + strings.Join(parts, ", ") + "\n"
	for _, c := range r.Shortfalls() {
		text += fmt.Sprintf("not enough %s: %.1f %%, and %g %% are asked for; missing: %s\n", c.Of, c.Percent(), r.MinCoverage[c.Of], some(c.Missing))
	}
	return text
}

// mostNamed is how many of a list of names are written out.
const mostNamed = 10

func some(names []string) string {
	text := strings.Join(names[:min(len(names), mostNamed)], ", ")
	if more := len(names) - mostNamed; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// checkMinCoverage refuses what is no kind of coverage, or no part of one.
func checkMinCoverage(least map[string]float64) error {
	for _, of := range sortedKeys(least) {
		if !slices.Contains(Coverages(), of) {
			return fmt.Errorf("there is no coverage of %q: there is that of %s", of, strings.Join(Coverages(), ", "))
		}
		if percent := least[of]; cmp.Compare(percent, 0) < 0 || percent > 100 {
			return fmt.Errorf("a coverage of %g %% of the %s: it is from 0 to 100", percent, of)
		}
	}
	return nil
}
