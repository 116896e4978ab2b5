package contracttest

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

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
	if r.dry() {
		r.plan(w)
		return
	}
	for _, f := range r.Findings {
		f.text(w)
	}
	if len(r.Gone) > 0 {
		fmt.Fprintln(w, "no longer broken, though the baseline has it:")
		for _, k := range r.Gone {
			fmt.Fprintf(w, "  %s  %s on %s\n", k.Fingerprint, k.Rule, strings.Join(k.Operations, ", "))
		}
		fmt.Fprintln(w)
	}
	if skips := r.skipsByReason(); len(skips) > 0 {
		fmt.Fprintln(w, "could not tell:")
		for _, s := range skips {
			fmt.Fprintf(w, "  %4d  %s: %s\n", s.cases, rulesText(s.rules), s.reason)
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
	fmt.Fprint(w, r.coverageText())
	fmt.Fprintf(w, "%d kept, %d broken, %d flaky, %d could not be told; %d requests in %s\n",
		r.Count(Kept), r.Count(Broken), r.Count(Flaky), r.Count(Skipped), r.Requests, r.Took.Round(10*time.Millisecond))
	fmt.Fprintln(w, r.Verdict())
}

// mostRules is how many rules are named beside one reason; of more, their families are.
const mostRules = 4

func rulesText(rules []string) string {
	if len(rules) <= mostRules {
		return strings.Join(rules, ", ")
	}
	var families []string
	for _, rule := range rules {
		if family, _, _ := strings.Cut(rule, "/"); !slices.Contains(families, family) {
			families = append(families, family)
		}
	}
	return fmt.Sprintf("%d rules of %s", len(rules), strings.Join(families, ", "))
}

// Verdict says in a sentence how the check came out.
func (r *Report) Verdict() string {
	warnings, errors, known := 0, 0, 0
	for _, f := range r.Findings {
		switch {
		case f.Verdict != Broken:
		case f.Accepted():
			known++
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
		if r.Stopped == "" && !r.Running {
			text += ": nothing could be exercised"
		}
	case len(r.Shortfalls()) > 0:
		text = fmt.Sprintf("NOT ENOUGH of %s was exercised, and what was keeps its contract", r.Target)
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
	if known > 0 {
		text += ", " + plural(known, "known finding")
	}
	if r.Running {
		text += fmt.Sprintf(": it was still running, with %s to come", plural(r.Pending, "case"))
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
	switch {
	case f.Accepted():
		kind = "KNOWN"
	case f.Verdict == Broken && f.Warning():
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
	line("known", f.Known.Text())
	fmt.Fprintf(w, "  %-8s %s\n\n", "id", f.Fingerprint)
}

// Text is what a baseline says of a finding, in a few words; "" of nil.
func (k *Known) Text() string {
	if k == nil {
		return ""
	}
	text := strings.Join(slices.DeleteFunc([]string{k.Reason, k.Ticket}, func(s string) bool { return s == "" }), ", ")
	switch {
	case k.Expired:
		text += " (it was accepted until " + k.Expires + ")"
	case len(k.Without) > 0:
		text += " (but not on " + strings.Join(k.Without, ", ") + ")"
	case k.Expires != "":
		text += " (until " + k.Expires + ")"
	}
	return strings.TrimSpace(text)
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
