package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"github.com/fsnotify/fsnotify"

	"understudy/internal/source"
	"understudy/mockserver"
)

// player plays the last good version of what it watches.
type player struct {
	current atomic.Pointer[[]*mockserver.Server]
	load    func(context.Context) ([]*mockserver.Server, source.Stamps, error) // also gives the files and directories to watch
	said    io.Writer
	watcher *fsnotify.Watcher // nil: nothing is watched
}

// start loads, and watches the files from then on. What changed while they were loaded is loaded again.
func (p *player) start(ctx context.Context) error {
	servers, files, err := p.load(ctx)
	if err != nil {
		return err
	}
	p.current.Store(&servers)
	if len(files) == 0 {
		return nil
	}
	if p.watcher, err = fsnotify.NewWatcher(); err != nil {
		fmt.Fprintf(p.said, "understudy: changes of files are not seen: %v\n", err)
		return nil
	}
	p.follow(files)
	go p.watch(ctx, files)
	return nil
}

// stop ends the watching.
func (p *player) stop() {
	if p.watcher != nil {
		p.watcher.Close()
	}
}

// ServeHTTP lets the first document answer that has the request's path, else the first of all.
func (p *player) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	servers := *p.current.Load()
	if r.URL.Path == mockserver.ResetPath {
		said := &statusWriter{ResponseWriter: w}
		servers[0].ServeHTTP(said, r)
		for _, s := range servers[1:] {
			if said.status == http.StatusNoContent {
				s.Reset()
			}
		}
		return
	}
	play := servers[0]
	if len(servers) > 1 { // one that plays alone finds the path itself
		for _, s := range servers {
			if found, _, _, _ := s.Document().Route(r.URL.EscapedPath()); found != nil {
				play = s
				break
			}
		}
	}
	play.ServeHTTP(w, r)
}

// statusWriter remembers the status that was sent.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// settle is how long files must be left alone before they are read again: editors write in several steps.
const settle = 100 * time.Millisecond

// watch loads again what has changed, until the context ends or the watcher is closed. What cannot be loaded is reported, and the last good version
// keeps playing. The watcher follows the files already; what changed before it did is told by their stamps.
func (p *player) watch(ctx context.Context, files source.Stamps) {
	timer := time.NewTimer(time.Hour)
	timer.Stop()
	if files.Changed() {
		timer.Reset(settle)
	}
	for {
		select {
		case <-ctx.Done():
			return
		case e, ok := <-p.watcher.Events:
			if !ok {
				return
			}
			if e.Op != fsnotify.Chmod && concern(files, e.Name) {
				timer.Reset(settle)
			}
		case err, ok := <-p.watcher.Errors:
			if !ok {
				return
			}
			fmt.Fprintf(p.said, "understudy: watching files: %v\n", err)
		case <-timer.C:
			if more := p.reload(ctx); more != nil {
				files = more
				p.follow(files)
				if files.Changed() {
					timer.Reset(settle)
				}
			}
		}
	}
}

// follow watches the directories that files are in: an editor that replaces a file would be lost otherwise.
func (p *player) follow(files source.Stamps) {
	for f, info := range files {
		dirs := []string{filepath.Dir(f)}
		if info.IsDir() {
			dirs = append(dirs, f)
		}
		for _, dir := range dirs {
			if slices.Contains(p.watcher.WatchList(), dir) {
				continue
			}
			if err := p.watcher.Add(dir); err != nil {
				fmt.Fprintf(p.said, "understudy: cannot watch %s: %v\n", dir, err)
			}
		}
	}
}

// concern tells whether a path is one of the files, or in one of the directories.
func concern(files source.Stamps, path string) bool {
	for f := range files {
		if filepath.Clean(f) == filepath.Clean(path) || filepath.Dir(path) == filepath.Clean(f) {
			return true
		}
	}
	return false
}

// reload plays what the files say now, and gives the files to watch from now on; nil if they cannot be loaded.
func (p *player) reload(ctx context.Context) source.Stamps {
	next, files, err := p.load(ctx)
	if err != nil {
		printError(p.said, err)
		fmt.Fprintln(p.said, "understudy: still playing the last good version")
		return nil
	}
	kept, lost := 0, 0
	for i, old := range *p.current.Load() {
		k, l := next[i].Adopt(old)
		kept, lost = kept+k, lost+l
	}
	p.current.Store(&next)
	text := ""
	if kept+lost > 0 {
		text = fmt.Sprintf(": %s of changed sets kept, %d no longer fit", count(kept, "record"), lost)
	}
	fmt.Fprintf(p.said, "understudy: reloaded%s\n", text)
	return files
}
