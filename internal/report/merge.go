package report

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"understudy/contracttest"
	"understudy/internal/contract"
)

// Merge joins the parts of one check, such as its shards, to the report that the whole would have given. The parts are not changed.
func Merge(parts ...*contracttest.Report) (*contracttest.Report, error) {
	if len(parts) == 0 {
		return nil, errors.New("there is nothing to join")
	}
	parts = slices.Clone(parts)
	slices.SortStableFunc(parts, func(a, b *contracttest.Report) int { return cmp.Compare(a.Shard, b.Shard) })
	first := parts[0]
	out := *first
	if len(parts) > 1 {
		out.Shard = ""
	}
	out.Cases, out.Findings, out.Exercised, out.Exchanges, out.Leftovers, out.Planned, out.Gone, out.Secrets = nil, nil, nil, nil, nil, nil, nil, nil
	out.Requests, out.Planning, out.Pending, out.NotApplicable, out.Stopped = 0, 0, 0, 0, ""
	shards := map[string]bool{}
	for _, p := range parts {
		switch {
		case p.Document != first.Document || p.Version != first.Version:
			return nil, fmt.Errorf("these are checks of two documents: %s %s and %s %s", first.Document, first.Version, p.Document, p.Version)
		case p.Seed != first.Seed:
			return nil, fmt.Errorf("these are checks with two seeds: %d and %d", first.Seed, p.Seed)
		case p.Shard != "" && shards[p.Shard]:
			return nil, fmt.Errorf("the part %s is there twice", p.Shard)
		}
		shards[p.Shard] = true
		out.Requests, out.Planning, out.Pending = out.Requests+p.Requests, out.Planning+p.Planning, out.Pending+p.Pending
		out.Took, out.Strict, out.Running = max(out.Took, p.Took), out.Strict || p.Strict, out.Running || p.Running
		out.NotApplicable += p.NotApplicable
		if p.Started.Before(out.Started) {
			out.Started = p.Started
		}
		out.Stopped = joined(out.Stopped, p)
		out.Leftovers = append(out.Leftovers, p.Leftovers...)
		out.Planned = append(out.Planned, p.Planned...)
		out.Gone = append(out.Gone, p.Gone...)
		out.Secrets = append(out.Secrets, p.Secrets...)
		exchanges := len(out.Exchanges)
		out.Exchanges = append(out.Exchanges, p.Exchanges...)
		for _, c := range p.Cases {
			c.Exchanges = slices.Clone(c.Exchanges)
			for i := range c.Exchanges {
				c.Exchanges[i] += exchanges
			}
			out.Cases = append(out.Cases, c)
		}
	}
	slices.Sort(out.Secrets)
	out.Secrets = slices.Compact(out.Secrets)
	if missing := missingShards(shards); missing != "" && out.Stopped == "" {
		out.Stopped = missing
	}
	out.Exercised = mergeExercised(parts)
	order := order(&out)
	out.Cases = mergeCases(out.Cases, order)
	out.Findings = mergeFindings(parts, order)
	out.SortFindings()
	return &out, nil
}

// joined adds why a part ended early.
func joined(text string, p *contracttest.Report) string {
	why := p.Stopped
	if why == "" {
		return text
	}
	if p.Shard != "" {
		why = "part " + p.Shard + ": " + why
	}
	if text == "" || text == why {
		return why
	}
	return text + "; " + why
}

// missingShards says which parts are not there: of a whole of five that has four, nobody knows what the fifth would have found.
func missingShards(shards map[string]bool) string {
	var missing []string
	of := 0
	for shard := range shards {
		var n, all int
		if _, err := fmt.Sscanf(shard, "%d/%d", &n, &all); err == nil {
			of = max(of, all)
		}
	}
	for n := 1; n <= of; n++ {
		if name := fmt.Sprintf("%d/%d", n, of); !shards[name] {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return ""
	}
	return "these parts are missing: " + strings.Join(missing, ", ")
}

// order gives the place of a case in a whole report: by the document, then by the catalogue of rules.
func order(r *contracttest.Report) func(operation, rule string) int {
	operations, rules := map[string]int{}, map[string]int{}
	for i := range r.Exercised {
		operations[r.Exercised[i].Operation] = i
	}
	for i, rule := range contract.Rules() {
		rules[rule.ID] = i
	}
	return func(operation, rule string) int { return operations[operation]*len(rules) + rules[rule] }
}

// mergeCases orders cases, and makes one of those that several parts have: those of the rules that every answer is judged by, and what no part could choose.
func mergeCases(cases []contracttest.CaseResult, order func(operation, rule string) int) []contracttest.CaseResult {
	slices.SortStableFunc(cases, func(a, b contracttest.CaseResult) int { return order(a.Operation, a.Rule) - order(b.Operation, b.Rule) })
	var out []contracttest.CaseResult
	for len(cases) > 0 {
		n := 1
		for n < len(cases) && cases[n].Operation == cases[0].Operation && cases[n].Rule == cases[0].Rule {
			n++
		}
		if contracttest.JudgesEveryAnswer(cases[0].Rule) {
			out = append(out, mergeJudged(cases[:n])...)
		} else {
			out = append(out, unequal(cases[:n])...)
		}
		cases = cases[n:]
	}
	return out
}

// mergeJudged joins what parts say of one rule that every answer is judged by: what one saw counts, whatever the others did not see.
func mergeJudged(cases []contracttest.CaseResult) []contracttest.CaseResult {
	weight := map[contracttest.Verdict]int{contracttest.Broken: 2, contracttest.Flaky: 1, contracttest.Kept: 1}
	index := map[string]int{}
	var seen []contracttest.CaseResult
	for _, c := range cases {
		switch i, known := index[c.Subject]; {
		case !known:
			index[c.Subject] = len(seen)
			seen = append(seen, c)
		case weight[c.Verdict] > weight[seen[i].Verdict]:
			seen[i] = c
		}
	}
	if len(seen) > 1 { // that some answers kept it is no news beside those that did not
		seen = slices.DeleteFunc(seen, func(c contracttest.CaseResult) bool { return c.Subject == "" })
	}
	slices.SortFunc(seen, func(a, b contracttest.CaseResult) int { return cmp.Compare(a.Subject, b.Subject) })
	return seen
}

// unequal leaves out cases that stand there already.
func unequal(cases []contracttest.CaseResult) []contracttest.CaseResult {
	type same struct {
		subject, reason string
		verdict         contracttest.Verdict
	}
	known := map[same]bool{}
	var out []contracttest.CaseResult
	for _, c := range cases {
		k := same{c.Subject, c.Reason, c.Verdict}
		if !known[k] {
			out = append(out, c)
		}
		known[k] = true
	}
	return out
}

// mergeFindings makes one finding of those with the same fingerprint. What is told is the evidence of the operation that comes first.
func mergeFindings(parts []*contracttest.Report, order func(operation, rule string) int) []*contracttest.Finding {
	type key struct {
		fingerprint string
		verdict     contracttest.Verdict
	}
	index := map[key]*contracttest.Finding{}
	var out []*contracttest.Finding
	for _, p := range parts {
		for _, f := range p.Findings {
			k := key{f.Fingerprint, f.Verdict}
			known := index[k]
			if known == nil {
				known = &contracttest.Finding{}
				*known = *f
				known.Operations = slices.Clone(f.Operations)
				index[k] = known
				out = append(out, known)
				continue
			}
			operations, through := append(slices.Clone(known.Operations), f.Operations...), append(slices.Clone(known.Through), f.Through...)
			slices.SortStableFunc(operations, func(a, b string) int { return order(a, f.Rule) - order(b, f.Rule) })
			if order(f.Operations[0], f.Rule) < order(known.Operations[0], f.Rule) {
				*known = *f
			}
			known.Operations, known.Through = slices.Compact(operations), unique(through)
			if k := known.Known; k != nil {
				again := *k
				again.Without = slices.DeleteFunc(slices.Clone(known.Operations), func(op string) bool { return slices.Contains(k.Operations, op) })
				known.Known = &again
			}
		}
	}
	slices.SortStableFunc(out, func(a, b *contracttest.Finding) int {
		return order(a.Operations[0], a.Rule) - order(b.Operations[0], b.Rule)
	})
	return out
}

// unique leaves out what stands there already.
func unique(texts []string) []string {
	var out []string
	for _, text := range texts {
		if !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return out
}

// mergeExercised adds up what the parts exercised. How long answers took in the middle is that of the part that asked most.
func mergeExercised(parts []*contracttest.Report) []contracttest.Exercised {
	index := map[string]int{}
	most := map[string]int{}
	var out []contracttest.Exercised
	for _, p := range parts {
		for _, x := range p.Exercised {
			i, known := index[x.Operation]
			if !known {
				index[x.Operation], most[x.Operation] = len(out), x.Requests
				x.Statuses, x.Parameters = slices.Clone(x.Statuses), slices.Clone(x.Parameters)
				out = append(out, x)
				continue
			}
			sum := &out[i]
			sum.Requests += x.Requests
			for _, s := range x.Statuses {
				if at := slices.IndexFunc(sum.Statuses, func(t contracttest.StatusCount) bool { return t.Status == s.Status }); at >= 0 {
					sum.Statuses[at].Answers += s.Answers
				} else {
					sum.Statuses = append(sum.Statuses, s)
				}
			}
			for n := range min(len(x.Parameters), len(sum.Parameters)) {
				sum.Parameters[n].Requests += x.Parameters[n].Requests
			}
			slowest := max(sum.Took.Max, x.Took.Max)
			if x.Requests > most[x.Operation] {
				most[x.Operation], sum.Took = x.Requests, x.Took
			}
			sum.Took.Max = slowest
		}
	}
	return out
}
