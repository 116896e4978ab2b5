package report_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"understudy/contracttest"
	"understudy/internal/report"
)

// today is when the checks of these tests are held against a baseline.
var today = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// only checks two rules' families: enough for baselines, and quick.
func only(target *contracttest.Target) {
	target.Include, target.Record = []string{"auth/*", "paging/past-end", "conform/*"}, false
}

func baseline(t *testing.T, file, text string) *report.Baseline {
	t.Helper()
	if text != "" {
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	}
	b, err := report.ReadBaseline(file, true)
	require.NoError(t, err)
	return b
}

func contents(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	return string(text)
}

// TestBaseline: the life of a known fault, from accepted to gone.
func TestBaseline(t *testing.T) {
	doc := document(t, "django")
	file := filepath.Join(t.TempDir(), "known.yaml")
	run := func(fault string) *contracttest.Report { return check(t, doc, 3, fault, only) }

	first := run("open-item")
	require.Equal(t, 1, first.ExitStatus())
	b := baseline(t, file, "")
	added, gone, err := b.Update(first, today)
	require.NoError(t, err)
	require.Equal(t, []int{1, 0}, []int{added, gone})
	require.Zero(t, first.ExitStatus(), "what was accepted does not fail")
	require.Contains(t, contents(t, file), "first_seen: 2026-11-22")

	second := run("open-item")
	baseline(t, file, "").Apply(second, today)
	require.Zero(t, second.ExitStatus())
	require.Len(t, second.Findings, 1, "it is listed all the same")
	require.Contains(t, text(second), "KNOWN auth/required")

	other := run("past-end-500")
	baseline(t, file, "").Apply(other, today)
	require.Equal(t, 1, other.ExitStatus(), "a new fault fails")
	require.Len(t, other.Gone, 1, "and the old one is gone")
	require.Contains(t, text(other), "no longer broken, though the baseline has it:\n  "+first.Findings[0].Fingerprint)

	partly := check(t, doc, 3, "", func(target *contracttest.Target) { target.Include = []string{"paging/past-end"} })
	baseline(t, file, "").Apply(partly, today)
	require.Empty(t, partly.Gone, "what was not exercised is not called gone")
	stopped := check(t, doc, 3, "", func(target *contracttest.Target) { only(target); target.MaxRequests = 60 })
	baseline(t, file, "").Apply(stopped, today)
	require.Empty(t, stopped.Gone)

	people := "# ours\n" + strings.Replace(contents(t, file), `reason: ""`, "reason: mended in 4.3 # as Ada said\n    expires: 2026-11-30", 1)
	b = baseline(t, file, people)
	b.Apply(second, today)
	require.Zero(t, second.ExitStatus())
	b.Apply(second, today.AddDate(0, 0, 8))
	require.Zero(t, second.ExitStatus(), "the last day counts")
	b.Apply(second, today.AddDate(0, 0, 9))
	require.Equal(t, 1, second.ExitStatus(), "an expired one fails")
	require.Contains(t, text(second), "it was accepted until 2026-11-30")
	_, _, err = b.Update(second, today.AddDate(0, 0, 9))
	require.NoError(t, err)
	require.Equal(t, 1, second.ExitStatus(), "and no update puts it off")

	added, gone, err = b.Update(other, today)
	require.NoError(t, err)
	require.Equal(t, []int{len(other.Findings), 1}, []int{added, gone})
	require.NotContains(t, contents(t, file), first.Findings[0].Fingerprint)
	require.Contains(t, contents(t, file), "# ours\n")
	require.Zero(t, other.ExitStatus())
}

// TestBaselineKeepsWhatPeopleWrote: reasons, tickets, dates, comments and the order stay.
func TestBaselineKeepsWhatPeopleWrote(t *testing.T) {
	doc := document(t, "django")
	file := filepath.Join(t.TempDir(), "known.yaml")
	r := check(t, doc, 3, "open-item", only)
	b := baseline(t, file, "")
	_, _, err := b.Update(r, today)
	require.NoError(t, err)
	mine := strings.NewReplacer(`reason: ""`, "reason: a gateway guards it # see the runbook", `ticket: ""`, "ticket: PLAN-17").Replace(contents(t, file))
	b = baseline(t, file, mine)
	r = check(t, doc, 3, "past-end-500", only)
	r.Stopped = "here" // so that nothing is gone
	_, _, err = b.Update(r, today)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(contents(t, file), mine), contents(t, file))
}

// TestBaselineByOperation: a fault that is accepted on one operation is not accepted on another.
func TestBaselineByOperation(t *testing.T) {
	doc := document(t, "django")
	file := filepath.Join(t.TempDir(), "known.yaml")
	r := check(t, doc, 3, "page-zero-500", func(target *contracttest.Target) { target.Include = []string{"paging/invalid"} })
	require.NotEmpty(t, r.Findings)
	f := r.Findings[0]
	require.Greater(t, len(f.Operations), 1, "it is a fault of every list")
	b := baseline(t, file, "findings: [{fingerprint: "+f.Fingerprint+", rule: "+f.Rule+", operations: ["+f.Operations[0]+"]}]\n")
	b.Apply(r, today)
	require.Equal(t, 1, r.ExitStatus())
	require.Equal(t, f.Operations[1:], f.Known.Without)
	added, _, err := b.Update(r, today)
	require.NoError(t, err)
	require.Equal(t, len(f.Operations)-1, added)
	require.Zero(t, r.ExitStatus())
}

func TestBaselinesThatAreNone(t *testing.T) {
	for text, want := range map[string]string{
		"- a":                              `known.yaml:1:1: a baseline is a map with findings`,
		"known: []":                        `known.yaml:1:1: "known" is not what a baseline has: a list of findings`,
		"findings: {a: b}":                 `known.yaml:1:1: "findings" is not what a baseline has: a list of findings`,
		"findings:\n- a":                   `known.yaml:2:3: a finding is a map`,
		"findings:\n- rule: x":             `known.yaml:2:3: a finding without its fingerprint`,
		"findings:\n- {fingerprint: a}":    `known.yaml:2:3: a finding without operations`,
		"findings:\n- {fingerprnt: a}":     `known.yaml:2:4: "fingerprnt" is not what a finding has`,
		"findings:\n- {expires: tomorrow}": `known.yaml:2:13: expires is "tomorrow", which is no date`,
		"findings:\n- {reason: [a]}":       `known.yaml:2:12: reason is no text`,
		"findings: [{fingerprint: a, operations: [x]}, {fingerprint: a, operations: [y]}]": `known.yaml:1:47: the finding a is there twice`,
		"\tfindings": `known.yaml: not YAML or JSON`,
		"":           `known.yaml:1:1: a baseline is a map with findings`,
	} {
		file := filepath.Join(t.TempDir(), "known.yaml")
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		_, err := report.ReadBaseline(file, true)
		require.ErrorContains(t, err, want, text)
	}
	_, err := report.ReadBaseline("nowhere.yaml", false)
	require.ErrorIs(t, err, os.ErrNotExist)
}

// TestReplay: what is mended is fixed, what is not is still broken, and what cannot be tried is not told.
func TestReplay(t *testing.T) {
	doc := document(t, "django")
	for fault, family := range map[string]string{"open-item": "auth/*", "past-end-500": "paging/*", "teapot": "*", "required-ignored": "value/*"} {
		before := check(t, doc, 3, fault, func(target *contracttest.Target) { target.Include = []string{family} })
		require.NotEmpty(t, before.Findings, fault)
		include, writes := report.Replaying(before)
		again := func(fault string, may bool) []report.Replayed {
			return report.Replay(before, check(t, doc, 3, fault, func(target *contracttest.Target) { target.Include, target.Writes, target.Record = include, may, false }))
		}
		for _, x := range again(fault, true) {
			require.Equal(t, "still broken", x.Verdict, "%s: %s: %s", fault, x.Finding.Rule, x.Why)
		}
		for _, x := range again("", true) {
			require.Equal(t, "fixed", x.Verdict, "%s: %s on %s through %s: %s", fault, x.Finding.Rule, x.Finding.Operations, x.Finding.Through, x.Why)
		}
		if fault == "required-ignored" {
			require.True(t, writes)
			verdict := again(fault, false)[0]
			require.Equal(t, "could not tell", verdict.Verdict)
			require.Contains(t, verdict.Why, "writes are not allowed")
		}
	}
}
