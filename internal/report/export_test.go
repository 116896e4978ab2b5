package report_test

import (
	"bytes"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy"
	"understudy/contracttest"
	"understudy/fixtures"
	"understudy/internal/report"
	"understudy/mockserver"
)

// played serves the API that is shipped.
func played(t *testing.T) (doc *understudy.Document, address string) {
	t.Helper()
	doc, err := understudy.Invitations()
	require.NoError(t, err)
	data, err := fixtures.Load(doc, nil)
	require.NoError(t, err)
	mock, err := mockserver.New(doc, &mockserver.Options{Data: data, Tokens: map[string]string{"s3cret": ""}})
	require.NoError(t, err)
	server := httptest.NewServer(mock)
	t.Cleanup(server.Close)
	return doc, server.URL + "/api/v3"
}

// checked checks what is played, writes included.
func checked(t *testing.T, doc *understudy.Document, address string, include ...string) *contracttest.Report {
	t.Helper()
	r, err := contracttest.Check(t.Context(), doc, contracttest.Target{URL: address, Token: "s3cret", Writes: true, Record: true, Include: include})
	require.NoError(t, err)
	require.Empty(t, r.Findings, text(r))
	return r
}

func export(t *testing.T, r *contracttest.Report, as string, findings bool) (suite []byte, written, silent int) {
	t.Helper()
	var b bytes.Buffer
	written, silent, err := report.Export(&b, r, as, findings)
	require.NoError(t, err)
	require.NotContains(t, b.String(), "s3cret")
	return b.Bytes(), written, silent
}

// runs runs a suite of a language, and gives what it says and whether it passed.
var runs = map[string]func(t *testing.T, suite []byte, address, token string) (string, error){
	"curl": func(t *testing.T, suite []byte, address, token string) (string, error) {
		for _, tool := range []string{"sh", "curl", "jq"} {
			if _, err := exec.LookPath(tool); err != nil {
				require.Empty(t, os.Getenv("CI"), "%s is missing", tool)
				t.Skip(tool + " is missing: apt-get install curl jq")
			}
		}
		return run(t, suite, address, token, "suite.sh", "sh", "suite.sh")
	},
	"go": func(t *testing.T, suite []byte, address, token string) (string, error) {
		return run(t, suite, address, token, "suite_test.go", "go", "test", "-count=1", "suite_test.go")
	},
}

func run(t *testing.T, suite []byte, address, token, file string, command ...string) (string, error) {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, file), suite, 0o600))
	cmd := exec.CommandContext(t.Context(), command[0], command[1:]...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "BASE_URL="+address, "TOKEN="+token, "GOFLAGS=")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// TestExportsRun: a suite passes on the server that it was made of, what was created is used and taken away, and it fails where the server does something else.
func TestExportsRun(t *testing.T) {
	for as, start := range runs {
		t.Run(as, func(t *testing.T) {
			doc, address := played(t)
			suite, written, _ := export(t, checked(t, doc, address, "crud/*", "auth/*", "http/*", "paging/*"), as, false)
			require.Greater(t, written, 50)
			out, err := start(t, suite, address, "s3cret")
			require.NoError(t, err, "%.2000s", out)
			changes, _, _ := export(t, checked(t, doc, address, "crud/create-*"), as, false)
			out, err = start(t, changes, address, "s3cret") // it finds what the first run left: nothing
			require.NoError(t, err, "%.2000s", out)
			out, err = start(t, changes, strings.Replace(address, "/api/v3", "/nowhere", 1), "s3cret")
			require.Error(t, err)
			require.Contains(t, out, "404")
		})
	}
}

// TestExportFindings: the tests of findings fail while the faults are there, and pass when they are mended.
func TestExportFindings(t *testing.T) {
	doc := document(t, "django")
	for as, start := range runs {
		t.Run(as, func(t *testing.T) {
			bad, good := handlers("open-item", 3)
			faulty, mended := httptest.NewServer(bad.Handler), httptest.NewServer(good.Handler)
			defer faulty.Close()
			defer mended.Close()
			r := check(t, doc, 3, "open-item", func(target *contracttest.Target) {
				target.Handler, target.URL, target.Include = nil, faulty.URL+"/api", []string{"auth/required"}
			})
			require.NotEmpty(t, r.Findings)
			suite, written, silent := export(t, r, as, true)
			require.Equal(t, len(r.Findings), written)
			require.Zero(t, silent)
			out, err := start(t, suite, faulty.URL+"/api", bad.Token)
			require.Error(t, err, out)
			out, err = start(t, suite, mended.URL+"/api", good.Token)
			require.NoError(t, err, out)
		})
	}
}

// TestExportsForReaders: the languages for which no program is at hand that would run them have a request for each step, and no variable that nothing gives.
func TestExportsForReaders(t *testing.T) {
	doc, address := played(t)
	r := checked(t, doc, address)
	for as, sign := range map[string]string{"http": "\n### ", "hurl": "\nHTTP "} {
		suite, written, _ := export(t, r, as, false)
		require.GreaterOrEqual(t, strings.Count(string(suite), sign), written, as)
		given := map[string]bool{"BASE_URL": true, "TOKEN": true}
		for line := range strings.Lines(string(suite)) {
			if name, _, ok := strings.Cut(line, ": jsonpath "); ok {
				given[name] = true
			}
			if name, _, ok := strings.Cut(line, ": header "); ok {
				given[name] = true
			}
			if _, rest, ok := strings.Cut(line, `client.global.set("`); ok {
				name, _, _ := strings.Cut(rest, `"`)
				given[name] = true
			}
			for part := range strings.SplitSeq(line, "{{") {
				if name, _, ok := strings.Cut(part, "}}"); ok && !strings.ContainsAny(name, ` "<`) {
					require.True(t, given[name], "%s: %s", as, line)
				}
			}
		}
		require.Contains(t, string(suite), "created_1", as)
	}
}

func TestExportAsWhat(t *testing.T) {
	_, _, err := report.Export(&bytes.Buffer{}, &contracttest.Report{}, "perl", false)
	require.EqualError(t, err, `there is no export "perl"; there are curl, go, http, hurl`)
}
