package main

import (
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"understudy"
	"understudy/contracttest"
	"understudy/fixtures"
	"understudy/internal/report"
	"understudy/mockserver"
)

// TestKilledCheck: a check that is killed in the middle leaves reports that are whole files, and say that more would have come; one that is interrupted takes
// away what it created, and says that it was stopped.
func TestKilledCheck(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGKILL, syscall.SIGINT} {
		t.Run(signal.String(), func(t *testing.T) {
			mock, items := mockOfInvitations(t)
			before := items()
			var asked atomic.Int64
			reached, goOn := make(chan string, 1), make(chan struct{})
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if n := asked.Add(1); n > 250 && r.Method == http.MethodDelete && exists(mock, r) {
					select {
					case reached <- r.URL.Path: // in the middle of what writes: something was created, and is to be deleted
						<-goOn
					default:
					}
				}
				mock.ServeHTTP(w, r)
			}))
			defer server.Close()
			release := sync.OnceFunc(func() { close(goOn) })
			defer release()
			dir := t.TempDir()
			exe, err := os.Executable()
			require.NoError(t, err)
			cmd := exec.Command(exe, "check", "--base-url", server.URL+"/api/v3", "--token", "s3cret", "--allow-writes", "--workers", "1", "--timeout", "2m", // of the one that is held, too
				"--report", "json=r.json", "--report", "junit=r.xml", "--report", "html=r.html", "--report", "markdown=r.md")
			cmd.Args[0], cmd.Dir = "understudy", dir // see testscript.Main
			require.NoError(t, cmd.Start())
			defer func() { _ = cmd.Process.Kill() }() // unless it has ended
			path := <-reached
			sent := int(asked.Load())
			r := &contracttest.Report{}
			require.Eventually(t, func() bool { // it is written every second
				var err error
				r, err = report.Read(filepath.Join(dir, "r.json"))
				return err == nil && r.Requests >= sent
			}, patience, 20*time.Millisecond)
			require.True(t, r.Running)
			require.NotZero(t, r.Pending)
			require.True(t, slices.ContainsFunc(r.Leftovers, func(left string) bool {
				address, _, ok := strings.Cut(left, " (it was still to be deleted")
				return ok && strings.HasSuffix(path, address)
			}), "%s: %s", path, r.Leftovers)
			require.NoError(t, cmd.Process.Signal(signal))
			if signal == syscall.SIGKILL {
				_ = cmd.Wait() // killed
			}
			release()
			if signal != syscall.SIGKILL {
				require.Error(t, cmd.Wait(), "it could not tell")
			}
			r, err = report.Read(filepath.Join(dir, "r.json"))
			require.NoError(t, err)
			require.Greater(t, r.Count(contracttest.Kept), 20)
			require.Empty(t, r.Findings)
			require.Equal(t, exitUnsure, r.ExitStatus())
			require.Equal(t, signal == syscall.SIGKILL, r.Running)
			text, err := os.ReadFile(filepath.Join(dir, "r.xml"))
			require.NoError(t, err)
			require.NoError(t, xml.Unmarshal(text, new(struct{})))
			said := "it was stopped"
			if r.Running {
				said = "it was still running"
			}
			for _, name := range []string{"r.md", "r.html"} {
				text, err := os.ReadFile(filepath.Join(dir, name))
				require.NoError(t, err)
				require.Contains(t, string(text), said, name)
			}
			if signal != syscall.SIGKILL {
				require.Empty(t, r.Leftovers)
				require.Equal(t, before, items(), "what was created is gone")
			}
		})
	}
}

// exists tells whether what a request is about is there.
func exists(mock http.Handler, r *http.Request) bool {
	get := httptest.NewRequest(http.MethodGet, r.URL.String(), nil)
	get.Header.Set("Authorization", "Bearer s3cret")
	w := httptest.NewRecorder()
	mock.ServeHTTP(w, get)
	return w.Code == http.StatusOK
}

// mockOfInvitations plays the API that is shipped; items gives the list.
func mockOfInvitations(t *testing.T) (mock http.Handler, items func() string) {
	t.Helper()
	doc, err := understudy.Invitations()
	require.NoError(t, err)
	data, err := fixtures.Load(doc, nil)
	require.NoError(t, err)
	mock, err = mockserver.New(doc, &mockserver.Options{Data: data, Tokens: map[string]string{"s3cret": ""}})
	require.NoError(t, err)
	return mock, func() string {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, "/api/v3/stages/invitation/invitations/?page_size=500", nil)
		r.Header.Set("Authorization", "Bearer s3cret")
		mock.ServeHTTP(w, r)
		return w.Body.String()
	}
}
