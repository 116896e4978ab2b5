package contracttest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"understudy/internal/contract"
)

// Report is what a check found out.
type Report struct {
	Document      string         `json:"document"` // the name that places call it
	Title         string         `json:"title"`
	Version       string         `json:"version"`
	Target        string         `json:"target"` // its address
	Seed          uint64         `json:"seed"`
	Shard         string         `json:"shard,omitempty"` // the part of the check that this is, such as 2/5
	Started       time.Time      `json:"started"`
	Took          time.Duration  `json:"took"`     // in nanoseconds
	Requests      int            `json:"requests"` // sent in all, confirmations included
	Planning      int            `json:"planning"` // of these, before the cases were chosen
	Strict        bool           `json:"strict"`   // warnings break
	Stopped       string         `json:"stopped,omitempty"`
	Cases         []CaseResult   `json:"cases"`
	Findings      []*Finding     `json:"findings"`
	NotApplicable int            `json:"notApplicable"` // pairs of rule and operation
	Exercised     map[string]int `json:"exercised"`     // answers, by operation and status: "users_list 200"
	Leftovers     []string       `json:"leftovers,omitempty"`
	Planned       []Planned      `json:"planned,omitempty"` // what would be sent, of a dry run

	selection *selection
	dry       bool
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

	finding *Finding
}

// Finding is a broken rule, with its evidence. The same fault on several operations is one finding.
type Finding struct {
	Rule        string            `json:"rule"`
	Sentence    string            `json:"sentence"` // what the rule promises
	Strength    contract.Strength `json:"strength"`
	Verdict     Verdict           `json:"verdict"`    // broken, or flaky
	Operations  []string          `json:"operations"` // the first is the one that the rest is about
	Intent      string            `json:"intent"`     // what was asked, and why that can tell
	Request     string            `json:"request"`    // as a curl command; credentials by the name of a variable
	Status      int               `json:"status"`     // of the answer
	Answer      string            `json:"answer"`     // its body, cut
	Got         string            `json:"got"`
	Want        string            `json:"want"`
	Cause       string            `json:"cause,omitempty"` // what most likely is the matter
	Place       string            `json:"place"`           // in the document: file:line:column
	Fingerprint string            `json:"fingerprint"`     // the same from run to run

	sign string
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

func (r *Report) planned(tc *testCase, e *engine) {
	if !e.target.DryRun {
		return
	}
	r.dry = true
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

// exercise counts an answer.
func (r *Report) exercise(a *answer) {
	if r.Exercised == nil {
		r.Exercised = map[string]int{}
	}
	if a.request.verb() == a.request.op.Method {
		r.Exercised[fmt.Sprintf("%s %d", a.request.op.ID, a.status)]++
	}
}

// finding makes a finding of what came out of a case.
func (e *engine) finding(rule contract.Rule, op *contract.Operation, o outcome, intent string) *Finding {
	f := &Finding{
		Rule: rule.ID, Sentence: rule.Sentence, Strength: rule.Strength, Verdict: o.verdict, Operations: []string{op.ID}, Intent: intent,
		Got: o.got, Want: o.want, Cause: o.cause, Place: op.Place().String(), sign: o.sign,
	}
	if f.sign == "" {
		f.sign = op.ID + " " + o.want
	}
	if o.at != nil {
		f.Request, f.Status, f.Answer = o.at.curl(), o.at.status, short(o.at.body)
	}
	for _, text := range []*string{&f.Request, &f.Answer, &f.Got, &f.Want, &f.Intent} {
		*text = e.client.creds.conceal(*text)
	}
	return f
}

// group makes one finding of the same fault on several operations.
func (r *Report) group() {
	type same struct {
		rule, sign string
		verdict    Verdict
	}
	index := map[same]*Finding{}
	for _, c := range r.Cases {
		f := c.finding
		if f == nil {
			continue
		}
		key := same{f.Rule, f.sign, f.Verdict}
		if g := index[key]; g != nil {
			if !slices.Contains(g.Operations, f.Operations[0]) {
				g.Operations = append(g.Operations, f.Operations[0])
			}
			continue
		}
		sum := sha256.Sum256([]byte(f.Rule + "\n" + f.sign))
		f.Fingerprint = hex.EncodeToString(sum[:8])
		index[key] = f
		r.Findings = append(r.Findings, f)
	}
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
	return slices.ContainsFunc(r.Findings, func(f *Finding) bool { return f.Verdict == Broken && (r.Strict || !f.Warning()) })
}

// ExitStatus is 1 if anything is broken, else 2 if the check could not tell, else 0. That nothing could be exercised is said of a whole check, not of a shard.
func (r *Report) ExitStatus() int {
	switch {
	case r.Broke():
		return 1
	case r.Stopped != "", r.Count(Kept) == 0 && !r.dry && r.Shard == "":
		return 2
	}
	return 0
}

// JSON writes the report as one JSON object.
func (r *Report) JSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(r); err != nil {
		return fmt.Errorf("the report: %w", err)
	}
	return nil
}

// skipsByReason counts the skipped cases by rule and reason, in the order in which they come.
func (r *Report) skipsByReason() []skipped {
	var out []skipped
	for _, c := range r.Cases {
		if c.Verdict != Skipped {
			continue
		}
		i := slices.IndexFunc(out, func(s skipped) bool { return s.reason == c.Reason })
		if i < 0 {
			out = append(out, skipped{reason: c.Reason})
			i = len(out) - 1
		}
		out[i].cases++
		if !slices.Contains(out[i].rules, c.Rule) {
			out[i].rules = append(out[i].rules, c.Rule)
		}
	}
	return out
}

type skipped struct {
	reason string
	cases  int
	rules  []string
}

// Text writes the report for people: a block for each finding, what could not be told and why, and the verdict last.
func (r *Report) Text(w io.Writer) {
	if r.dry {
		r.plan(w)
		return
	}
	for _, f := range r.Findings {
		f.text(w)
	}
	if skips := r.skipsByReason(); len(skips) > 0 {
		fmt.Fprintln(w, "could not tell:")
		for _, s := range skips {
			fmt.Fprintf(w, "  %4d  %s: %s\n", s.cases, strings.Join(s.rules, ", "), s.reason)
		}
		fmt.Fprintln(w)
	}
	if len(r.Leftovers) > 0 {
		fmt.Fprintln(w, "left behind:")
		for _, l := range r.Leftovers {
			fmt.Fprintf(w, "  %s\n", l)
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "%d kept, %d broken, %d flaky, %d could not be told; %d requests in %s\n",
		r.Count(Kept), r.Count(Broken), r.Count(Flaky), r.Count(Skipped), r.Requests, r.Took.Round(10*time.Millisecond))
	fmt.Fprintln(w, r.verdict())
}

func (r *Report) verdict() string {
	warnings, errors := 0, 0
	for _, f := range r.Findings {
		switch {
		case f.Verdict != Broken:
		case f.Warning():
			warnings++
		default:
			errors++
		}
	}
	text := ""
	switch {
	case r.Broke():
		text = fmt.Sprintf("BROKEN: %s does not keep its contract: %s", r.Target, plural(errors, "finding"))
	case r.ExitStatus() == 2:
		text = fmt.Sprintf("COULD NOT TELL whether %s keeps its contract", r.Target)
		if r.Stopped == "" {
			text += ": nothing could be exercised"
		}
	default:
		text = fmt.Sprintf("KEPT: %s keeps its contract, as far as was exercised", r.Target)
		if r.Count(Kept) == 0 {
			text = fmt.Sprintf("NOTHING TO TELL of %s: nothing was exercised", r.Target)
		}
	}
	if r.Shard != "" {
		text += ", in shard " + r.Shard
	}
	if warnings > 0 {
		text += ", " + plural(warnings, "warning")
	}
	if r.Stopped != "" {
		text += ": " + r.Stopped
	}
	return text
}

func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

func (f *Finding) text(w io.Writer) {
	kind := strings.ToUpper(string(f.Verdict))
	if f.Verdict == Broken && f.Warning() {
		kind = "WARNING"
	}
	fmt.Fprintf(w, "%s %s: %s\n", kind, f.Rule, f.Sentence)
	line := func(name, text string) {
		if text != "" {
			fmt.Fprintf(w, "  %-8s %s\n", name, text)
		}
	}
	operations := f.Operations
	if len(operations) > 6 {
		operations = append(slices.Clone(operations[:5]), fmt.Sprintf("and %d more", len(f.Operations)-5))
	}
	line("where", strings.Join(operations, ", "))
	line("asked", f.Intent)
	line("got", f.Got)
	line("wanted", f.Want)
	line("cause", f.Cause)
	line("answer", answerLine(f))
	line("repeat", f.Request)
	line("document", f.Place)
	fmt.Fprintf(w, "  %-8s %s\n\n", "id", f.Fingerprint)
}

func answerLine(f *Finding) string {
	if f.Status == 0 {
		return ""
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s %s", f.Status, http.StatusText(f.Status), strings.Join(strings.Fields(f.Answer), " ")))
}

// plan writes what would be sent.
func (r *Report) plan(w io.Writer) {
	requests, confirm := 0, 0
	for _, p := range r.Planned {
		fmt.Fprintln(w, p.Case)
		for _, text := range p.Requests {
			fmt.Fprintf(w, "  %s\n", text)
		}
		requests, confirm = requests+p.AtMost, confirm+p.Confirm
	}
	fmt.Fprintf(w, "%s, at most %d requests, and at most %d more if everything breaks; %d were sent to plan this\n", plural(len(r.Planned), "case"), requests, confirm, r.Planning)
	if r.Stopped != "" {
		fmt.Fprintln(w, "COULD NOT TELL: "+r.Stopped)
	}
}
