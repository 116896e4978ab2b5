package contracttest_test

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/contracttest"
)

// TestRunInside is what the other tests of this file run, in a process of its own: as a test of a service that forgets about the order and answers a filter with
// 418. What the service was asked goes to stdout.
func TestRunInside(t *testing.T) {
	if os.Getenv("UNDERSTUDY_INSIDE") == "" {
		t.Skip("it fails on purpose: TestRun runs it")
	}
	doc, mock := invitations(t)
	rec := &recorder{next: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		if query.Has("ordering") {
			query.Set("ordering", "pk")
			r.URL.RawQuery = query.Encode()
		}
		if query.Has("name") {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		mock.ServeHTTP(w, r)
	})}
	contracttest.Run(t, doc, contracttest.Target{Handler: rec, Token: mockToken, Writes: true, Workers: 8, ProbeHeader: "X-Case"})
	for _, x := range rec.all {
		fmt.Printf("ASKED %s %s\n", x.method, x.header.Get("X-Case"))
	}
}

// inside runs TestRunInside with flags of go test. It gives what failed, passed and was skipped, below that test, and for which cases the service was asked.
func inside(t *testing.T, env string, flags ...string) (verdicts map[string]string, asked []string, output string) {
	t.Helper()
	exe, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), exe, append([]string{"-test.v"}, flags...)...)
	cmd.Env = append(os.Environ(), env)
	out, err := cmd.CombinedOutput()
	if err != nil {
		require.ErrorContains(t, err, "exit status 1", string(out))
	}
	verdicts = map[string]string{}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		switch {
		case len(fields) > 2 && fields[0] == "---":
			if name, ok := strings.CutPrefix(fields[2], "TestRunInside/"); ok {
				verdicts[name] = strings.TrimSuffix(fields[1], ":")
			}
		case len(fields) > 2 && fields[0] == "ASKED":
			asked = append(asked, strings.Join(fields[1:], " "))
		}
	}
	return verdicts, asked, string(out)
}

// TestRun: each case is a subtest that passes, fails or is skipped, with what a report says of it.
func TestRun(t *testing.T) {
	verdicts, asked, out := inside(t, "UNDERSTUDY_INSIDE=1", "-test.run=^TestRunInside$")
	require.Equal(t, "FAIL", verdicts[theList+"/order/observed/name"], out)
	require.Equal(t, "FAIL", verdicts[theList+"/conform/status"])
	require.Equal(t, "PASS", verdicts[theList+"/paging/size/1"])
	require.Equal(t, "PASS", verdicts["stages_invitation_invitations_create/crud/create-read"])
	require.Equal(t, "SKIP", verdicts[theList+"/auth/least"])
	require.Contains(t, out, "BROKEN order/observed: ascending and descending differ where there are different values")
	require.Contains(t, out, "there is no second identity")
	require.Greater(t, len(verdicts), 200)
	require.Contains(t, strings.Join(asked, "\n"), "crud/create-read")
}

// TestRunPicks: what -run and -skip leave out is not sent.
func TestRunPicks(t *testing.T) {
	verdicts, asked, out := inside(t, "UNDERSTUDY_INSIDE=1", "-test.run=^TestRunInside$/"+theList+"/^paging$", "-test.skip=TestRunInside/.*/paging/(complete|size)")
	require.NotEmpty(t, verdicts)
	for name, verdict := range verdicts {
		require.Equal(t, "PASS", verdict, "%s: %s", name, out)
		if name != theList { // as far as go test sees it
			require.Regexp(t, "^"+theList+"/paging/", name)
			require.NotContains(t, name, "complete")
		}
	}
	require.NotEmpty(t, asked)
	for _, line := range asked {
		require.Regexp(t, `planning|cleaning up|/paging/`, line)
		require.NotRegexp(t, `/paging/(complete|size)`, line)
	}
	require.Contains(t, out, "\nPASS\n")
}
