// Package report writes what a check found out in the forms that people and programs read, reads it back, joins the parts of one check, and holds it
// against what is known.
package report

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"understudy/contracttest"
)

// renderings are the kinds of report.
var renderings = map[string]func(io.Writer, *contracttest.Report) error{
	"github":   github,
	"har":      har,
	"html":     page,
	"json":     func(w io.Writer, r *contracttest.Report) error { return r.JSON(w) },
	"junit":    junit,
	"markdown": markdown,
	"sarif":    sarif,
	"text":     func(w io.Writer, r *contracttest.Report) error { r.Text(w); return nil },
}

// kinds are their names, in order.
const kinds = "github, har, html, json, junit, markdown, sarif, text"

// Output is where a report of one kind goes: a file, or "-" for the standard output.
type Output struct {
	Kind, File string
}

// ParseOutput reads KIND=FILE.
func ParseOutput(text string) (Output, error) {
	kind, file, ok := strings.Cut(text, "=")
	switch {
	case !ok || file == "":
		return Output{}, errors.New("not a kind of report, = and a file")
	case renderings[kind] == nil:
		return Output{}, fmt.Errorf("there is no kind of report %q; there are %s", kind, kinds)
	}
	return Output{kind, file}, nil
}

// Recorded tells whether a kind of report shows the exchanges of all cases, so that these have to be recorded.
func (o Output) Recorded() bool { return slices.Contains([]string{"har", "json"}, o.Kind) }

// Write writes a report in the output's kind.
func (o Output) Write(w io.Writer, r *contracttest.Report) error { return renderings[o.Kind](w, r) }

// caseName names a case within its operation.
func caseName(c *contracttest.CaseResult) string {
	if c.Subject == "" {
		return c.Rule
	}
	return c.Rule + "/" + c.Subject
}

// title says in a few words what a finding is.
func title(r *contracttest.Report, f *contracttest.Finding) string {
	switch {
	case f.Verdict == contracttest.Flaky:
		return "flaky"
	case f.Accepted():
		return "known"
	case !r.Counts(f):
		return "warning"
	}
	return "broken"
}

// findingsOf gives a report's findings by fingerprint and verdict, for cases to look theirs up.
func findingsOf(r *contracttest.Report) func(c *contracttest.CaseResult) *contracttest.Finding {
	type key struct {
		fingerprint string
		verdict     contracttest.Verdict
	}
	index := map[key]*contracttest.Finding{}
	for _, f := range r.Findings {
		index[key{f.Fingerprint, f.Verdict}] = f
	}
	return func(c *contracttest.CaseResult) *contracttest.Finding { return index[key{c.Finding, c.Verdict}] }
}

// plural is a number of things, in words.
func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
