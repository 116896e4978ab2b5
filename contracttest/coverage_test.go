package contracttest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/contracttest"
)

// TestCoverage: what counts as exercised, of what.
func TestCoverage(t *testing.T) {
	status := func(status string, documented bool, answers int) contracttest.StatusCount {
		return contracttest.StatusCount{Status: status, Documented: documented, Answers: answers}
	}
	expected := contracttest.StatusCount{Status: "403", Expected: true, Answers: 2}
	r := contracttest.Report{
		Exercised: []contracttest.Exercised{
			{
				Operation: "ok", Statuses: []contracttest.StatusCount{status("200", true, 3), status("404", true, 0), status("500", true, 0), status("default", true, 0)},
				Parameters: []contracttest.ParameterUse{{Name: "page", Requests: 1}, {Name: "sort"}},
			},
			{Operation: "refused", Statuses: []contracttest.StatusCount{status("200", true, 0), status("403", true, 9)}},
			{Operation: "another-success", Statuses: []contracttest.StatusCount{status("200", true, 0), status("201", false, 9)}},
			{Operation: "range", Statuses: []contracttest.StatusCount{status("2XX", true, 1)}},
			{Operation: "expected", Statuses: []contracttest.StatusCount{status("200", true, 0), expected}},
			{Operation: "only-default", Statuses: []contracttest.StatusCount{status("default", true, 1)}},
			{Operation: "never"},
		},
		Cases: []contracttest.CaseResult{
			{Rule: "b/kept", Verdict: contracttest.Skipped},
			{Rule: "b/kept", Verdict: contracttest.Kept},
			{Rule: "c/broken", Verdict: contracttest.Broken},
			{Rule: "d/flaky", Verdict: contracttest.Flaky},
			{Rule: "a/skipped", Verdict: contracttest.Skipped},
		},
	}
	for _, x := range r.Exercised {
		r.Cases = append(r.Cases, contracttest.CaseResult{Rule: "b/kept", Operation: x.Operation, Verdict: contracttest.Kept})
	}
	r.Exercised = append(r.Exercised, contracttest.Exercised{Operation: "of-another-shard", Statuses: []contracttest.StatusCount{status("200", true, 0)}})
	require.Equal(t, []contracttest.Coverage{
		{Of: "operations", Covered: 4, All: 7, Missing: []string{"refused", "another-success", "never"}},
		{Of: "rules", Covered: 3, All: 4, Missing: []string{"a/skipped"}},
		{Of: "statuses", Covered: 3, All: 7, Missing: []string{"ok 404", "refused 200", "another-success 200", "expected 200"}},
		{Of: "parameters", Covered: 1, All: 2, Missing: []string{"ok sort"}},
	}, r.Coverage())
	require.Equal(t, 100.0, contracttest.Coverage{}.Percent())

	r.MinCoverage = map[string]float64{"rules": 75, "parameters": 50.1}
	short := r.Shortfalls()
	require.Len(t, short, 1)
	require.Equal(t, "parameters", short[0].Of)
	require.Equal(t, 1, r.ExitStatus())
	r.Stopped = "the time is up"
	require.Equal(t, 2, r.ExitStatus(), "it could not be told")
	r.Stopped, r.Shard = "", "2/5"
	require.Zero(t, r.ExitStatus(), "the whole is judged")
}

// TestMinCoverage: too little was exercised, and what is missing is named.
func TestMinCoverage(t *testing.T) {
	doc, mock := invitations(t)
	target := contracttest.Target{Handler: mock, Token: mockToken, Include: []string{"/stages/*", "conform/*"}, MinCoverage: map[string]float64{"operations": 100}}
	r := check(t, doc, target)
	require.Equal(t, 1, r.ExitStatus())
	require.Contains(t, text(r), "\nNOT ENOUGH of ")
	require.Regexp(t, `(?m)^not enough operations: \d+\.\d %, and 100 % are asked for; missing: stages_invitation_invitations_create, stages_invitation_invitations_`, text(r))
	target.Writes, target.Include = true, []string{"/stages/*", "conform/*", "crud/*"}
	target.Exclude = []string{"*used_by*", "*stages_list"}
	r = check(t, doc, target)
	require.Zero(t, r.ExitStatus(), text(r))

	for _, least := range []map[string]float64{{"operation": 100}, {"rules": -1}, {"rules": 101}} {
		_, err := contracttest.Check(t.Context(), doc, contracttest.Target{Handler: mock, MinCoverage: least})
		require.ErrorContains(t, err, "coverage of")
	}
}

// TestExpect: a status that the document does not describe is no fault where it is expected.
func TestExpect(t *testing.T) {
	doc, mock := invitations(t)
	closed := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if rest := strings.TrimPrefix(r.URL.Path, "/api/v3/stages/invitation/invitations/"); len(rest) == len("00000000-0000-0000-0000-000000000000/") {
			http.Error(w, "not on this deployment", http.StatusNotImplemented)
			return
		}
		mock.ServeHTTP(w, r)
	})
	target := contracttest.Target{Handler: closed, Token: mockToken, Include: []string{"*_retrieve"}}
	r := check(t, doc, target)
	require.Contains(t, rulesOf(r), "conform/success", text(r))
	require.Zero(t, r.Coverage()[0].Covered)
	target.Expect = map[string][]int{"*_retrieve": {501}}
	r = check(t, doc, target)
	require.Empty(t, found(r), text(r))
	require.Equal(t, 1, r.Coverage()[0].Covered)
	target.Expect = map[string][]int{"stages_invitation_invitations_list": {501}}
	require.Contains(t, rulesOf(check(t, doc, target)), "conform/success", "it is expected of another")

	for name, want := range map[string]string{"nothing-like-that": "no such operation", "[": "no such operation"} {
		_, err := contracttest.Check(t.Context(), doc, contracttest.Target{Handler: mock, Expect: map[string][]int{name: {403}}})
		require.ErrorContains(t, err, want)
	}
	_, err := contracttest.Check(t.Context(), doc, contracttest.Target{Handler: mock, Expect: map[string][]int{"*": {42}}})
	require.ErrorContains(t, err, "from 200 to 599")
}
