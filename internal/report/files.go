package report

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"understudy/contracttest"
)

// Files are the reports that are written while a check runs, so that one that is killed leaves what it knew.
type Files struct {
	outputs []Output
	stdout  io.Writer
	stop    chan struct{}
	stopped chan struct{}
	mu      sync.Mutex
	soFar   func() *contracttest.Report
	err     error
}

// How often reports are written while a check runs: every second, or, where writing takes long, so rarely that it takes a twentieth of the time.
const (
	writeEvery = time.Second
	writeShare = 20
)

// Open sees to it that every output can be written, before anything is sent: a check may take long. What goes to the standard output is written at the end.
func Open(outputs []Output, stdout io.Writer) (*Files, error) {
	f := &Files{outputs: outputs, stdout: stdout, stop: make(chan struct{}), stopped: make(chan struct{})}
	for _, o := range outputs {
		if o.File == "-" {
			continue
		}
		file, err := os.OpenFile(o.File, os.O_WRONLY|os.O_CREATE, 0o644)
		if err != nil {
			return nil, err
		}
		if err := file.Close(); err != nil {
			return nil, err
		}
	}
	go f.keep()
	return f, nil
}

// Follow says where to get the report from while the check runs. The first call writes all files at once.
func (f *Files) Follow(soFar func() *contracttest.Report) {
	f.mu.Lock()
	first := f.soFar == nil
	f.soFar = soFar
	f.mu.Unlock()
	if first {
		f.writeSoFar()
	}
}

// keep writes the files now and then.
func (f *Files) keep() {
	defer close(f.stopped)
	wait := writeEvery
	for {
		select {
		case <-f.stop:
			return
		case <-time.After(wait):
		}
		before := time.Now()
		f.writeSoFar()
		wait = max(writeEvery, writeShare*time.Since(before))
	}
}

func (f *Files) writeSoFar() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.soFar == nil || f.err != nil {
		return
	}
	var r *contracttest.Report
	for _, o := range f.outputs {
		if o.File == "-" {
			continue
		}
		if r == nil {
			r = f.soFar()
		}
		f.err = errors.Join(f.err, o.replace(r))
	}
}

// Close writes the whole report. A nil report writes nothing: there was no check.
func (f *Files) Close(r *contracttest.Report) error {
	close(f.stop)
	<-f.stopped
	if r == nil {
		return nil
	}
	for _, o := range f.outputs {
		if o.File == "-" {
			f.err = errors.Join(f.err, o.Write(f.stdout, r))
			continue
		}
		f.err = errors.Join(f.err, o.replace(r))
	}
	return f.err
}

// replace writes a report into a file beside the one that is meant, and puts it in its place: who reads it finds a whole one at any time. What is no plain
// file, such as a pipe, is written as it is.
func (o Output) replace(r *contracttest.Report) (err error) {
	if info, err := os.Stat(o.File); err == nil && !info.Mode().IsRegular() {
		if r.Running {
			return nil
		}
		file, err := os.OpenFile(o.File, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		return errors.Join(o.Write(file, r), file.Close())
	}
	file, err := os.Create(filepath.Join(filepath.Dir(o.File), "."+filepath.Base(o.File)+".part"))
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("%s: %w", o.File, errors.Join(err, os.Remove(file.Name())))
		}
	}()
	if err := errors.Join(o.Write(file, r), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), o.File)
}
