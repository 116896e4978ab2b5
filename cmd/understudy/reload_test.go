package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"understudy/internal/source"
	"understudy/mockserver"
)

// lines gives each text that is written to a channel.
type lines chan string

func (l lines) Write(text []byte) (int, error) {
	l <- string(text)
	return len(text), nil
}

// TestChangedWhileLoaded: what changes after it was read, and before it is watched, is loaded again: the document, a file that it refers to, or fixtures.
func TestChangedWhileLoaded(t *testing.T) {
	const text = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths: {/a: {$ref: more/path.yaml}}\n"
	for name, change := range map[string]func(t *testing.T, dir string){
		"document": func(t *testing.T, dir string) {
			require.NoError(t, os.WriteFile(filepath.Join(dir, "api.yaml"), []byte(text+"tags: []\n"), 0o600))
		},
		"referred": func(t *testing.T, dir string) {
			require.NoError(t, os.Rename(filepath.Join(dir, "older.yaml"), filepath.Join(dir, "more", "path.yaml")))
		},
		"fixtures": func(t *testing.T, dir string) {
			require.NoError(t, os.Remove(filepath.Join(dir, "data", "notes.txt")))
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for file, text := range map[string]string{
				"older.yaml": "get: {responses: {200: {description: d}}}\n", "api.yaml": text, "more/path.yaml": "get: {responses: {204: {description: d}}}\n",
				"data/notes.txt": "",
			} {
				require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, file)), 0o700))
				require.NoError(t, os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600))
			}
			said := make(lines, 10)
			flags := &serveFlags{records: recordFlags{data: dataFlags{dir: filepath.Join(dir, "data")}}}
			loads := 0
			play := &player{said: said, load: func(ctx context.Context) ([]*mockserver.Server, source.Stamps, error) {
				servers, files, err := flags.load(ctx, []string{filepath.Join(dir, "api.yaml")}, mockserver.Options{})
				if loads++; loads == 1 {
					change(t, dir)
				}
				return servers, files, err
			}}
			require.NoError(t, play.start(t.Context()))
			defer play.stop()
			select {
			case line := <-said:
				require.Equal(t, "understudy: reloaded\n", line)
			case <-time.After(20 * time.Second):
				require.Fail(t, "nothing was loaded again")
			}
		})
	}
}
