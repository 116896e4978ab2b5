package report_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/contracttest"
	"understudy/internal/report"
)

// TestFiles: a file is whole from the beginning on, a link stays one, and a pipe gets one report, at the end.
func TestFiles(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	require.NoError(t, os.WriteFile(at("real.json"), []byte("of yesterday"), 0o600))
	require.NoError(t, os.Symlink(at("real.json"), at("link.json")))
	require.NoError(t, syscall.Mkfifo(at("pipe"), 0o600))
	var stdout bytes.Buffer
	files, err := report.Open([]report.Output{{"json", at("new.json")}, {"json", at("link.json")}, {"text", at("pipe")}, {"json", "-"}}, &stdout)
	require.NoError(t, err)

	now := &contracttest.Report{Format: contracttest.ReportFormat, Title: "half", Running: true}
	files.Follow(func() *contracttest.Report { return now })
	for _, name := range []string{"new.json", "real.json"} {
		r, err := report.Read(at(name))
		require.NoError(t, err)
		require.True(t, r.Running)
		require.Equal(t, "half", r.Title)
	}
	require.Zero(t, stdout.Len(), "nothing is printed before the end")

	piped := make(chan []byte)
	go func() {
		pipe, err := os.Open(at("pipe"))
		if err != nil {
			close(piped)
			return
		}
		text, _ := io.ReadAll(pipe)
		piped <- text
	}()
	whole := &contracttest.Report{Format: contracttest.ReportFormat, Title: "whole"}
	require.NoError(t, files.Close(whole))
	for _, name := range []string{"new.json", "real.json"} {
		r, err := report.Read(at(name))
		require.NoError(t, err)
		require.Equal(t, "whole", r.Title)
	}
	info, err := os.Lstat(at("link.json"))
	require.NoError(t, err)
	require.NotZero(t, info.Mode()&os.ModeSymlink)
	require.Contains(t, stdout.String(), `"title": "whole"`)
	require.Equal(t, text(whole), string(<-piped))
	left, err := filepath.Glob(at(".*.part"))
	require.NoError(t, err)
	require.Empty(t, left)

	_, err = report.Open([]report.Output{{"json", at("nowhere/r.json")}}, &stdout)
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = report.Open([]report.Output{{"json", dir}}, &stdout)
	require.Error(t, err)
}
