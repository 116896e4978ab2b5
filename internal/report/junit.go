package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"understudy/contracttest"
)

// The JUnit XML that Jenkins describes and GitLab, GitHub's actions and Azure read: a suite for each operation, a test case for each case.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Time     string       `xml:"time,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name      string      `xml:"name,attr"`
		Tests     int         `xml:"tests,attr"`
		Failures  int         `xml:"failures,attr"`
		Errors    int         `xml:"errors,attr"`
		Skipped   int         `xml:"skipped,attr"`
		Time      string      `xml:"time,attr"`
		Timestamp string      `xml:"timestamp,attr"`
		Cases     []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Class   string        `xml:"classname,attr"`
		Name    string        `xml:"name,attr"`
		Time    string        `xml:"time,attr"`
		Skipped *string       `xml:"skipped"`
		Error   *junitMessage `xml:"error"`
		Failure *junitMessage `xml:"failure"`
		Out     string        `xml:"system-out,omitempty"`
	}
	junitMessage struct {
		Type    string `xml:"type,attr"`
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// junit writes a report as JUnit XML. What is flaky, a warning or known does not fail, and says so in its output; a check that is not complete is an error.
func junit(w io.Writer, r *contracttest.Report) error {
	all := junitSuites{Name: printable(strings.TrimSpace("understudy: " + r.Title)), Time: seconds(r.Took)}
	found := findingsOf(r)
	for i := range r.Cases {
		c := &r.Cases[i]
		if n := len(all.Suites); n == 0 || all.Suites[n-1].Name != printable(c.Operation) {
			all.Suites = append(all.Suites, junitSuite{Name: printable(c.Operation), Timestamp: r.Started.UTC().Format("2006-01-02T15:04:05")})
		}
		s := &all.Suites[len(all.Suites)-1]
		t := junitCase{Class: s.Name, Name: printable(caseName(c)), Time: seconds(c.Took)}
		f := found(c)
		switch {
		case f != nil && r.Counts(f):
			t.Failure = &junitMessage{Type: f.Rule, Message: printable(f.Got + "; wanted " + f.Want), Text: details(f)}
			s.Failures++
		case f != nil && f.Accepted():
			t.Skipped = new(string)
			*t.Skipped = printable(knownText(f.Known))
			s.Skipped++
		case f != nil:
			t.Out = strings.ToUpper(title(r, f)) + "\n" + details(f)
		case c.Verdict == contracttest.Skipped:
			t.Skipped = new(string)
			*t.Skipped = printable(c.Reason)
			s.Skipped++
		}
		s.Tests++
		s.Cases = append(s.Cases, t)
	}
	if why := lacking(r); why != "" {
		all.Suites = append(all.Suites, junitSuite{Name: "understudy", Tests: 1, Errors: 1, Time: "0", Timestamp: r.Started.UTC().Format("2006-01-02T15:04:05"), Cases: []junitCase{{
			Class: "understudy", Name: "the check is complete", Time: "0", Error: &junitMessage{Type: "incomplete", Message: printable(why)},
		}}})
	}
	byOperation := map[string]time.Duration{}
	for i := range r.Cases {
		byOperation[printable(r.Cases[i].Operation)] += r.Cases[i].Took
	}
	for i := range all.Suites {
		s := &all.Suites[i]
		s.Time = seconds(byOperation[s.Name])
		all.Tests, all.Failures, all.Errors = all.Tests+s.Tests, all.Failures+s.Failures, all.Errors+s.Errors
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", " ")
	if err := e.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// details is a finding for people, in plain text.
func details(f *contracttest.Finding) string {
	var b strings.Builder
	for _, line := range [][2]string{
		{"rule", f.Sentence},
		{"where", strings.Join(f.Operations, ", ")},
		{"asked", f.Intent},
		{"got", f.Got},
		{"wanted", f.Want},
		{"cause", f.Cause},
		{"answer", strings.TrimSpace(fmt.Sprint(f.Status, " ", f.Answer))},
		{"repeat", f.Request},
		{"document", f.Place},
		{"id", f.Fingerprint},
	} {
		if line[1] != "" {
			fmt.Fprintf(&b, "%s: %s\n", line[0], line[1])
		}
	}
	return printable(b.String())
}

func knownText(k *contracttest.Known) string {
	if text := k.Text(); text != "" {
		return "known: " + text
	}
	return "known"
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }

// printable leaves out what XML 1.0 cannot hold.
func printable(text string) string {
	return strings.Map(func(c rune) rune {
		if c == utf8.RuneError || c < ' ' && c != '\n' && c != '\t' || c >= 0xFFFE && c <= 0xFFFF || c >= 0xD800 && c <= 0xDFFF {
			return '\uFFFD'
		}
		return c
	}, text)
}
