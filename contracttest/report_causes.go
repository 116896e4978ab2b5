package contracttest

import (
	"fmt"
	"slices"
	"strings"
)

// few is how many invalid bodies an operation may take before that is told as one finding: that it does not look at what it is sent.
const few = 3

// gather makes one finding of the many that a server has which takes whatever it is sent: of an operation that takes more than a few of the bodies that are
// wrong in one way each, and more than twice as many as it refuses.
func (r *Report) gather() {
	type group struct{ rule, operation string }
	taken, refused := map[group][]*CaseResult{}, map[group]int{}
	for i := range r.Cases {
		c := &r.Cases[i]
		if g := (group{c.Rule, c.Operation}); c.spoilt && c.finding != nil && c.Verdict == Broken {
			taken[g] = append(taken[g], c)
		} else if c.Verdict == Kept && strings.HasPrefix(c.Subject, "body") {
			refused[g]++
		}
	}
	for g, cases := range taken {
		if len(cases) <= few || len(cases) <= 2*refused[g] {
			continue
		}
		worst := slices.MinFunc(cases, func(a, b *CaseResult) int { return gravity(a) - gravity(b) })
		one := *worst.finding
		one.Subject = "body"
		one.Got = fmt.Sprintf("%d of %d invalid bodies are taken, such as that of this request: %s", len(cases), len(cases)+refused[g], one.Got)
		one.Cause = "what is sent is not validated"
		one.Fingerprint = fingerprint(one.Rule, one.Cause)
		for _, c := range cases {
			c.finding = &one
		}
	}
}

// gravity orders invalid bodies that are taken, the worst first: a value of another type, one that is missing, one that no enumeration has, any other.
func gravity(c *CaseResult) int {
	for i, keyword := range []string{" type", " required", " enum"} {
		if strings.HasSuffix(c.Subject, keyword) {
			return i
		}
	}
	return 3
}
