package source

import (
	"os"
	"path/filepath"
)

// Stamps remembers, by path, how files and directories were before they were read.
type Stamps map[string]os.FileInfo

// Take remembers a file, or a directory and what is directly in it. What is neither, a pipe say, is read once and never again: it is not remembered.
func (s Stamps) Take(path string) {
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() && !info.Mode().IsRegular() {
		return
	}
	s[path] = info
	if !info.IsDir() {
		return
	}
	entries, _ := os.ReadDir(path) // whoever reads it tells what is wrong
	for _, e := range entries {
		inside := filepath.Join(path, e.Name())
		if info, err := os.Stat(inside); err == nil && info.Mode().IsRegular() {
			s[inside] = info
		}
	}
}

// Changed tells whether one of them is another now: written, replaced or gone.
func (s Stamps) Changed() bool {
	for path, was := range s {
		is, err := os.Stat(path)
		if err != nil || !os.SameFile(is, was) || !is.ModTime().Equal(was.ModTime()) || is.Size() != was.Size() {
			return true
		}
	}
	return false
}
