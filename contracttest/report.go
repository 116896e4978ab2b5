package contracttest

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"understudy/internal/contract"
)

// ReportFormat is the number of the form in which reports are written as JSON; it changes when what was there before means something else.
const ReportFormat = 1

// Report is what a check found out.
type Report struct {
	Format        int                `json:"format"`   // [ReportFormat]
	Document      string             `json:"document"` // the name that places call it
	Title         string             `json:"title"`
	Version       string             `json:"version"`
	Target        string             `json:"target"`          // its address
	Shard         string             `json:"shard,omitempty"` // the part of the plan that this is, "2/5"
	Seed          uint64             `json:"seed"`
	Started       time.Time          `json:"started"`
	Took          time.Duration      `json:"took"`                  // in nanoseconds
	Requests      int                `json:"requests"`              // sent in all, confirmations included
	Planning      int                `json:"planning"`              // of these, before the cases were chosen
	Strict        bool               `json:"strict"`                // warnings break
	MinCoverage   map[string]float64 `json:"minCoverage,omitempty"` // see [Target].MinCoverage
	Running       bool               `json:"running,omitempty"`     // this was written before the check ended: more would have come
	Pending       int                `json:"pending,omitempty"`     // cases that were still to be run
	Stopped       string             `json:"stopped,omitempty"`     // why the check ended early
	Findings      []*Finding         `json:"findings"`
	Gone          []Known            `json:"gone,omitempty"` // what was known to be broken, was exercised, and is not broken any more
	Cases         []CaseResult       `json:"cases"`
	NotApplicable int                `json:"notApplicable"` // pairs of rule and operation
	Exercised     []Exercised        `json:"exercised"`     // in the document's order
	Leftovers     []string           `json:"leftovers,omitempty"`
	Planned       []Planned          `json:"planned,omitempty"`   // what would be sent, of a dry run
	Secrets       []string           `json:"secrets,omitempty"`   // the names that stand for secrets: "$TOKEN"
	Exchanges     []*Exchange        `json:"exchanges,omitempty"` // those of the cases, if they were recorded; each once

	selection *selection
}

// CaseResult is what came of one case.
type CaseResult struct {
	Rule      string            `json:"rule"`
	Strength  contract.Strength `json:"strength"`
	Operation string            `json:"operation"` // its operationId, or method and path
	Subject   string            `json:"subject,omitempty"`
	Verdict   Verdict           `json:"verdict"`
	Reason    string            `json:"reason,omitempty"` // why it was skipped
	Took      time.Duration     `json:"took"`
	Finding   string            `json:"finding,omitempty"`   // the fingerprint of what was found
	Exchanges []int             `json:"exchanges,omitempty"` // which of the report's

	finding   *Finding
	spoilt    bool // what was wrong on purpose was taken
	exchanges []*Exchange
}

// Finding is a broken rule, with its evidence. The same fault on several operations is one finding.
type Finding struct {
	Rule        string            `json:"rule"`
	Sentence    string            `json:"sentence"` // what the rule promises
	Strength    contract.Strength `json:"strength"`
	Verdict     Verdict           `json:"verdict"`    // broken, or flaky
	Operations  []string          `json:"operations"` // the first is the one that the rest is about
	Subject     string            `json:"subject,omitempty"`
	Through     []string          `json:"through,omitempty"` // of a rule that every answer is judged by: the rules whose cases sent the requests
	Intent      string            `json:"intent"`            // what was asked, and why that can tell
	Request     string            `json:"request"`           // as a curl command; credentials by the name of a variable
	Status      int               `json:"status"`            // of the answer
	Answer      string            `json:"answer"`            // its body, cut
	Got         string            `json:"got"`
	Want        string            `json:"want"`
	Cause       string            `json:"cause,omitempty"`   // what most likely is the matter
	Pointer     string            `json:"pointer,omitempty"` // where in the answer's body (RFC 6901)
	Place       string            `json:"place"`             // in the document: file:line:column
	Fingerprint string            `json:"fingerprint"`       // the same from run to run
	Known       *Known            `json:"known,omitempty"`   // what a baseline says of it
	Exchanges   []*Exchange       `json:"exchanges"`         // what was sent, and what came back
}

// Known is what a baseline says of a finding.
type Known struct {
	Fingerprint string   `json:"fingerprint"`
	Rule        string   `json:"rule"`
	Operations  []string `json:"operations"` // on which it is accepted
	Reason      string   `json:"reason,omitempty"`
	Ticket      string   `json:"ticket,omitempty"`
	FirstSeen   string   `json:"firstSeen,omitempty"` // a date, 2026-11-22
	Expires     string   `json:"expires,omitempty"`   // the last day on which it is accepted
	Expired     bool     `json:"expired,omitempty"`
	Without     []string `json:"without,omitempty"` // operations of the finding on which it is not accepted
}

// Accepted tells whether a finding is known on all of its operations, and so does not count.
func (f *Finding) Accepted() bool {
	return f.Known != nil && !f.Known.Expired && len(f.Known.Without) == 0
}

// Warning tells whether a finding is only a warning.
func (f *Finding) Warning() bool { return f.Strength == contract.Heuristic }

// Planned is a case as it would be sent.
type Planned struct {
	Case     string   `json:"case"`
	Requests []string `json:"requests"`
	AtMost   int      `json:"atMost"` // requests, pages included
	Confirm  int      `json:"confirm"`
}

// dry tells whether it is the report of a dry run.
func (r *Report) dry() bool { return len(r.Planned) > 0 }

func (r *Report) planned(tc *testCase, e *engine) {
	if !e.target.DryRun {
		return
	}
	p := Planned{Case: e.client.creds.conceal(tc.name())}
	for _, s := range tc.steps {
		text := s.verb() + " " + s.target()
		if s.as != nil {
			text += " (" + s.as.name + ")"
		}
		for _, name := range sortedKeys(s.header) {
			text += " " + name + ": " + strings.Join(s.header[name], ", ")
		}
		if s.body != nil {
			text += " " + short(s.body)
		}
		if s.pages > 1 {
			text += fmt.Sprintf(" and up to %d pages behind it", s.pages-1)
		}
		p.AtMost += max(s.pages, 1)
		if s.creates != "" {
			p.AtMost++ // taken away again
		}
		p.Requests = append(p.Requests, e.client.creds.conceal(text))
	}
	times := confirmations - 1
	if tc.unsteady {
		times = unsteadyTries - 1
	}
	p.Confirm = times * (p.AtMost + 2)
	r.Planned = append(r.Planned, p)
}

// finding makes a finding of what came out of a case.
func (e *engine) finding(rule contract.Rule, op *contract.Operation, subject string, o outcome, intent string) *Finding {
	f := &Finding{
		Rule: rule.ID, Sentence: rule.Sentence, Strength: strengthOf(rule, o), Verdict: o.verdict, Operations: []string{op.ID}, Subject: subject, Intent: intent,
		Got: o.got, Want: o.want, Cause: o.cause, Place: op.Place().String(),
	}
	f.Fingerprint = fingerprint(rule.ID, cmp.Or(o.sign, op.ID+" "+o.want))
	if o.at != nil {
		f.Request, f.Status, f.Answer = o.at.curl(), o.at.status, short(o.at.body)
	}
	f.Pointer, f.Exchanges = o.pointer, e.evidence(o.run, o.at)
	for _, text := range []*string{&f.Request, &f.Answer, &f.Got, &f.Want, &f.Intent} {
		*text = e.client.creds.conceal(*text)
	}
	for _, name := range slices.Backward(e.report.Secrets) { // the longer of two that begin alike first
		f.Request = strings.ReplaceAll(f.Request, name, `'"`+name+`"'`) // a shell puts nothing in where one quote stands
	}
	return f
}

// strengthOf is how sure a finding is: an error of the server's is one, whatever it was asked for, and so is what the document itself speaks against.
func strengthOf(rule contract.Rule, o outcome) contract.Strength {
	if o.said || o.at != nil && o.at.erred() {
		return contract.Must
	}
	return rule.Strength
}

// fingerprint is the same for the same fault from run to run, whatever the data, the seed and the order in which things were found.
func fingerprint(rule, sign string) string {
	sum := sha256.Sum256([]byte(rule + "\n" + sign))
	return hex.EncodeToString(sum[:8])
}

// group makes one finding of the same fault on several operations.
func (r *Report) group() {
	type same struct {
		fingerprint string
		verdict     Verdict
	}
	r.gather()
	index := map[same]*Finding{}
	for i := range r.Cases {
		c := &r.Cases[i]
		if c.finding == nil {
			continue
		}
		c.Finding = c.finding.Fingerprint
		key := same{c.Finding, c.finding.Verdict}
		g := index[key]
		if g == nil {
			first := *c.finding
			g = &first
			g.Operations, g.Through = nil, nil
			index[key] = g
			r.Findings = append(r.Findings, g)
		}
		if !slices.Contains(g.Operations, c.Operation) {
			g.Operations = append(g.Operations, c.Operation)
		}
		for _, rule := range c.finding.Through {
			if !slices.Contains(g.Through, rule) {
				g.Through = append(g.Through, rule)
			}
		}
	}
	r.SortFindings()
}

// SortFindings puts what is broken first, then warnings, then what is flaky.
func (r *Report) SortFindings() {
	weight := func(f *Finding) int {
		switch {
		case f.Verdict == Flaky:
			return 2
		case f.Warning():
			return 1
		}
		return 0
	}
	slices.SortStableFunc(r.Findings, func(a, b *Finding) int { return weight(a) - weight(b) })
}

// Count says how many cases have a verdict.
func (r *Report) Count(v Verdict) int {
	if v == NotApplicable {
		return r.NotApplicable
	}
	n := 0
	for _, c := range r.Cases {
		if c.Verdict == v {
			n++
		}
	}
	return n
}

// Broke tells whether anything is broken: a warning counts only where the check was strict.
func (r *Report) Broke() bool {
	return slices.ContainsFunc(r.Findings, r.Counts)
}

// Counts tells whether a finding breaks the check: it is no warning, unless those count, and not accepted.
func (r *Report) Counts(f *Finding) bool {
	return f.Verdict == Broken && (r.Strict || !f.Warning()) && !f.Accepted()
}

// ExitStatus is 1 if anything is broken, else 2 if the check could not tell, else 1 if less was exercised than asked for, else 0. That nothing could be exercised is said of a whole check, not of a shard.
func (r *Report) ExitStatus() int {
	switch {
	case r.Broke():
		return 1
	case r.Running, r.Stopped != "", r.Count(Kept) == 0 && !r.dry() && r.Shard == "":
		return 2
	case len(r.Shortfalls()) > 0:
		return 1
	}
	return 0
}

// number gives every exchange of the cases its number, in the order of the cases.
func (r *Report) number() {
	numbers := map[*Exchange]int{}
	for i := range r.Cases {
		c := &r.Cases[i]
		for _, x := range c.exchanges {
			n, ok := numbers[x]
			if !ok {
				n = len(r.Exchanges)
				numbers[x] = n
				r.Exchanges = append(r.Exchanges, x)
			}
			c.Exchanges = append(c.Exchanges, n)
		}
	}
}

// JSON writes the report as one JSON object; docs/report.schema.json describes it.
func (r *Report) JSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(r); err != nil {
		return fmt.Errorf("the report: %w", err)
	}
	return nil
}
