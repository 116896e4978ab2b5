package report_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"understudy"
	"understudy/contracttest"
	"understudy/contracttest/honest"
	"understudy/internal/report"
)

var keep = flag.String("keep", "", "a directory to leave the reports in that the tests write, to look at")

// document opens the document of a style of honest server.
func document(t testing.TB, style string) *understudy.Document {
	t.Helper()
	file := filepath.Join(t.TempDir(), "openapi.yaml")
	require.NoError(t, os.WriteFile(file, []byte(honest.New(style, 0, "").Document), 0o600))
	doc, err := understudy.Open(t.Context(), file)
	require.NoError(t, err)
	return doc
}

// check checks a server with faults: the first is the server's own, the others are put around it.
func check(t testing.TB, doc *understudy.Document, seed uint64, fault string, change func(*contracttest.Target)) *contracttest.Report {
	t.Helper()
	s := honest.New("django", seed, fault)
	target := contracttest.Target{Handler: s.Handler, Token: s.Token, Second: map[string]string{"": s.SecondToken}, Writes: true, Seed: seed, Record: true}
	if change != nil {
		change(&target)
	}
	r, err := contracttest.Check(t.Context(), doc, target)
	require.NoError(t, err)
	return r
}

// alsoBroken answers what a server answers, but for a header that is not a date and statuses that nobody documented.
func alsoBroken(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && strings.Contains(r.URL.RawQuery, "search=") {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusTeapot)
			fmt.Fprint(w, "<script>alert('a teapot & more')</script> ]]> ``` | \x01 \xff")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// severalFaults is a check of a server with several faults, made once: most tests only write down what it found.
var severalFaults struct {
	once   sync.Once
	report contracttest.Report
}

// broken is the report of a server with several faults. Its findings and exchanges are shared: whoever changes one changes a copy.
func broken(t testing.TB) *contracttest.Report {
	t.Helper()
	severalFaults.once.Do(func() {
		severalFaults.report = *check(t, document(t, "django"), 3, "type-wrong", func(target *contracttest.Target) { target.Handler = alsoBroken(target.Handler) })
	})
	r := severalFaults.report
	require.True(t, r.Broke(), text(&r))
	r.Cases, r.Findings = slices.Clone(r.Cases), slices.Clone(r.Findings)
	return &r
}

func text(r *contracttest.Report) string { return string(write(nil, "text", r)) }

func write(t testing.TB, kind string, r *contracttest.Report) []byte {
	var b bytes.Buffer
	if err := (report.Output{Kind: kind}).Write(&b, r); err != nil {
		panic(err)
	}
	if t != nil && *keep != "" {
		require.NoError(t, os.WriteFile(filepath.Join(*keep, strings.ReplaceAll(t.Name(), "/", "-")+"."+kind), b.Bytes(), 0o600))
	}
	return b.Bytes()
}

// valid holds a JSON text against a schema in a file.
func valid(t testing.TB, schema string, text []byte) {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	s, err := c.Compile(schema)
	require.NoError(t, err)
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	require.NoError(t, err)
	require.NoError(t, s.Validate(v))
}

// reports are one of each kind of outcome.
func reports(t *testing.T) map[string]*contracttest.Report {
	doc := document(t, "django")
	running := new(contracttest.Report)
	check(t, doc, 3, "type-wrong", func(target *contracttest.Target) {
		target.Workers = 1
		target.Progress = func(now contracttest.Progress) {
			if now.Done < 50 || now.Done == now.Cases/2 {
				running = now.Report()
			}
		}
	})
	return map[string]*contracttest.Report{
		"broken": broken(t), "honest": check(t, doc, 1, "", nil), "running": running,
		"short": check(t, doc, 1, "", func(target *contracttest.Target) {
			target.Include, target.MinCoverage = []string{"paging/*"}, map[string]float64{"operations": 100}
		}),
		"dry": check(t, doc, 1, "", func(target *contracttest.Target) { target.DryRun = true }),
		"nobody": check(t, doc, 1, "", func(target *contracttest.Target) {
			target.Handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
		}),
	}
}

// TestForms holds every form that has a published schema against it.
func TestForms(t *testing.T) {
	all := reports(t)
	for name, check := range map[string]func(*testing.T, map[string]*contracttest.Report){"json": checkJSON, "sarif": checkSARIF, "har": checkHAR, "junit": checkJUnit} {
		t.Run(name, func(t *testing.T) { check(t, all) })
	}
}

func checkJSON(t *testing.T, all map[string]*contracttest.Report) {
	for name, r := range all {
		t.Run(name, func(t *testing.T) { valid(t, "../../docs/report.schema.json", write(t, "json", r)) })
	}
}

func checkSARIF(t *testing.T, all map[string]*contracttest.Report) {
	for name, r := range all {
		t.Run(name, func(t *testing.T) {
			sarif := write(t, "sarif", r)
			valid(t, "testdata/published/sarif-2.1.0.json", sarif)
			for _, f := range r.Findings {
				require.Contains(t, string(sarif), f.Fingerprint)
			}
		})
	}
}

func checkHAR(t *testing.T, all map[string]*contracttest.Report) {
	files, err := filepath.Glob("testdata/published/har/*.json")
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		require.NoError(t, err)
		require.NoError(t, c.AddResource("file:///"+filepath.Base(file), withID(v, "file:///"+filepath.Base(file))))
	}
	schema, err := c.Compile("file:///har.json")
	require.NoError(t, err)
	for name, r := range all {
		t.Run(name, func(t *testing.T) {
			text := write(t, "har", r)
			v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
			require.NoError(t, err)
			require.NoError(t, schema.Validate(v))
			var har struct {
				Log struct{ Pages, Entries []struct{ Title string } }
			}
			require.NoError(t, json.Unmarshal(text, &har))
			require.Len(t, har.Log.Pages, len(r.Cases)+len(r.Findings), "every case is a page, those that were kept and skipped too")
			require.GreaterOrEqual(t, len(har.Log.Entries), len(r.Exchanges))
		})
	}
}

// withID gives a published schema the address under which it is held here.
func withID(schema any, id string) any {
	if m, ok := schema.(map[string]any); ok {
		m["$id"] = id
	}
	return schema
}

func checkJUnit(t *testing.T, all map[string]*contracttest.Report) {
	xmllint, err := exec.LookPath("xmllint")
	if err != nil {
		require.Empty(t, os.Getenv("CI"), "xmllint is missing: apt-get install libxml2-utils")
		t.Skip("xmllint is missing: apt-get install libxml2-utils")
	}
	for name, r := range all {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "junit.xml")
			text := write(t, "junit", r)
			require.NoError(t, os.WriteFile(file, text, 0o600))
			out, err := exec.CommandContext(t.Context(), xmllint, "--noout", "--schema", "testdata/published/junit.xsd", file).CombinedOutput()
			require.NoError(t, err, "%s", out)
			var got struct {
				Tests    int `xml:"tests,attr"`
				Failures int `xml:"failures,attr"`
				Suites   []struct {
					Cases []struct {
						Failure *struct{} `xml:"failure"`
						Error   *struct{} `xml:"error"`
						Skipped *string   `xml:"skipped"`
					} `xml:"testcase"`
				} `xml:"testsuite"`
			}
			require.NoError(t, xml.Unmarshal(text, &got))
			var cases, failures, skipped, errors int
			for _, s := range got.Suites {
				for _, c := range s.Cases {
					cases++
					failures += b2i(c.Failure != nil)
					skipped += b2i(c.Skipped != nil)
					errors += b2i(c.Error != nil)
				}
			}
			require.Equal(t, []int{got.Tests, got.Failures}, []int{cases, failures})
			require.Equal(t, len(r.Cases)+errors, cases)
			require.Equal(t, r.Count(contracttest.Skipped), skipped)
			require.Equal(t, r.Broke(), failures > 0)
			require.Equal(t, !r.Broke() && r.ExitStatus() != 0 || r.Running, errors == 1)
		})
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestMarkdown(t *testing.T) {
	r := broken(t)
	text := string(write(t, "markdown", r))
	for _, f := range r.Findings {
		require.Contains(t, text, f.Fingerprint)
	}
	require.NotContains(t, strings.NewReplacer("<details>", "", "<summary>", "", "</summary>", "", "</details>", "").Replace(outsideFences(text)), "<")
	require.Less(t, len(text), 65536)
}

func outsideFences(text string) string {
	return regexp.MustCompile("(?s)````?.*?\n````?\n").ReplaceAllString(text, "")
}

// TestGitHub: one command a line, whatever stands in a finding.
func TestGitHub(t *testing.T) {
	r := broken(t)
	lines := strings.Split(strings.TrimSuffix(string(write(t, "github", r)), "\n"), "\n")
	require.Len(t, lines, len(r.Findings))
	for i, line := range lines {
		require.Regexp(t, `^::(error|warning|notice) file=[^:,]*openapi\.yaml,line=\d+,col=\d+,title=[^:,]*::rule: .*$`, line)
		require.Contains(t, line, r.Findings[i].Fingerprint)
	}
}

// handlers are two servers with the same data: one with a fault, and one without.
func handlers(fault string, seed uint64) (faulty, mended *honest.Server) {
	return honest.New("django", seed, fault), honest.New("django", seed, "")
}
