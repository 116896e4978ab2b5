package mockserver_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// BenchmarkStart measures what users see of a start: the program is built, and run on a free port until it has answered for the first time. MB-RSS is its memory
// then, MB-idle that of a second later, and MB-peak the most that it had, as Linux tells in /proc.
func BenchmarkStart(b *testing.B) {
	binary := filepath.Join(b.TempDir(), "understudy")
	out, err := exec.CommandContext(b.Context(), "go", "build", "-o", binary, "../cmd/understudy").CombinedOutput()
	require.NoError(b, err, "%s", out)
	for _, c := range []struct {
		name, list string
		args       []string
	}{
		{"invitations", "/stages/invitation/invitations/", nil},
		{"invitations-100000", "/stages/invitation/invitations/", []string{"--items", "100000"}},
		{"authentik-2026.5", "/core/users/", []string{benchDocument}},
	} {
		b.Run(c.name, func(b *testing.B) {
			if len(c.args) == 1 {
				benchDocumentHere(b)
			}
			var took time.Duration
			var rss, idle, peak float64
			n := 0
			for b.Loop() {
				start := time.Now()
				p := benchStart(b, binary, c.args...)
				p.get(b, c.list)
				took += time.Since(start)
				n++
				rss += p.memory(b, "VmRSS")
				time.Sleep(time.Second)
				idle += p.memory(b, "VmRSS")
				peak = max(peak, p.memory(b, "VmHWM"))
				p.end(b)
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(took.Seconds()/float64(n), "s/first-answer")
			if rss > 0 {
				b.ReportMetric(rss/float64(n), "MB-RSS")
				b.ReportMetric(idle/float64(n), "MB-idle")
				b.ReportMetric(peak, "MB-peak")
			}
		})
	}
}

// benchProcess is an understudy that runs by itself.
type benchProcess struct {
	cmd  *exec.Cmd
	base string // where it listens
}

func benchStart(b *testing.B, binary string, args ...string) *benchProcess {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), binary, append([]string{"serve", "--quiet", "--addr", "127.0.0.1:0"}, args...)...)
	stderr, err := cmd.StderrPipe()
	require.NoError(b, err)
	require.NoError(b, cmd.Start())
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		if base, ok := strings.CutPrefix(lines.Text(), "understudy: listening on "); ok {
			return &benchProcess{cmd, base}
		}
	}
	require.Fail(b, "it does not listen")
	return nil
}

func (p *benchProcess) get(b *testing.B, path string) {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, p.base+path, nil)
	require.NoError(b, err)
	r.Header.Set("Authorization", "Bearer x")
	answer, err := http.DefaultClient.Do(r)
	require.NoError(b, err)
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	require.NoError(b, err)
	require.Equal(b, http.StatusOK, answer.StatusCode)
}

// memory gives a line of the process's status in MB; 0 where the system has none.
func (p *benchProcess) memory(b *testing.B, name string) float64 {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	match := regexp.MustCompile(name + `:\s+(\d+) kB`).FindSubmatch(status)
	require.NotNil(b, match, "%s", status)
	kB, err := strconv.Atoi(string(match[1]))
	require.NoError(b, err)
	return float64(kB) / 1024
}

func (p *benchProcess) end(b *testing.B) {
	b.Helper()
	require.NoError(b, p.cmd.Process.Kill())
	_ = p.cmd.Wait() // which says that it was killed
}
