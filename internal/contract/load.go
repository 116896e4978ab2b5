package contract

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"understudy/internal/source"
)

// Bounds on what a document may bring along.
const (
	maxBytes = 64 << 20 // of each file
	maxFiles = 1000     // read because of references
)

// LoadOptions say how a document is read; nil means its zero value.
type LoadOptions struct {
	Overlays []string  // OpenAPI Overlay files, applied in this order; none
	Remote   bool      // whether a $ref may lead to another host; it may not
	Stdin    io.Reader // what the location "-" stands for; os.Stdin
}

// input is one file of a document.
type input struct {
	location string // a path, or the address of an http server
	file     *source.File
	why      string // why it cannot be read
}

// loading is one document on its way in.
type loading struct {
	ctx      context.Context
	opts     *LoadOptions
	root     *input
	inputs   map[string]*input // by location
	files    []string          // in the order in which they were read
	stamps   source.Stamps     // of those that are local
	warnings []Warning
}

// Open reads a document from a file, an http address, or stdin ("-"). References to other local files are followed; those to other hosts are not.
func Open(ctx context.Context, location string) (*Document, error) {
	return OpenWith(ctx, location, nil)
}

// OpenWith is [Open] with options. What is wrong with the document but harmless is repaired, with a warning each, see [Document.Warnings]; an error says what
// makes it impossible to play. Errors are of type [*source.Error].
func OpenWith(ctx context.Context, location string, opts *LoadOptions) (*Document, error) {
	l := newLoading(ctx, opts)
	location = fromFileURL(location)
	name := location
	var data []byte
	var err error
	switch {
	case location == "-":
		in := l.opts.Stdin
		if in == nil {
			in = os.Stdin
		}
		name = "stdin"
		data, err = readBounded(in)
	default:
		data, err = l.read(location, true)
	}
	if err != nil {
		return nil, unreadable(name, err, "name an OpenAPI document, YAML or JSON")
	}
	if location == "-" {
		location = name
	} else {
		l.files = append(l.files, location)
	}
	return l.load(name, location, data)
}

// Load understands a document that was read already: OpenAPI 3.0 or 3.1, or Swagger 2.0, which is converted; YAML or JSON. Name is what places call it, and
// what relative references start from.
func Load(ctx context.Context, name string, data []byte) (*Document, error) {
	l := newLoading(ctx, nil)
	l.files = append(l.files, name)
	return l.load(name, name, data)
}

func newLoading(ctx context.Context, opts *LoadOptions) *loading {
	if opts == nil {
		opts = &LoadOptions{}
	}
	return &loading{ctx: ctx, opts: opts, inputs: map[string]*input{}, stamps: source.Stamps{}}
}

func unreadable(name string, err error, hint string) error {
	var pe *os.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return &source.Error{Place: Place{File: name}, Text: err.Error(), Hint: hint}
}

// load makes a document of its text.
func (l *loading) load(name, location string, data []byte) (*Document, error) {
	file, err := l.parse(name, data)
	if err != nil {
		return nil, err
	}
	d := &Document{file: file}
	if err := d.understood(); err != nil {
		return nil, err
	}
	l.root = &input{location: location, file: file}
	l.inputs[location] = l.root
	for _, overlay := range l.opts.Overlays {
		if err := l.overlay(overlay); err != nil {
			return nil, err
		}
	}
	if err := d.understood(); err != nil { // an overlay may have changed what it is
		return nil, err
	}
	r := newRepair(l)
	r.run()
	if err := d.understand(r); err != nil {
		return nil, err
	}
	d.files, d.stamps = l.files, l.stamps
	d.warnings = inOrder(append(l.warnings, d.badExamples()...), l.files)
	return d, nil
}

// parse reads a file into a plain tree.
func (l *loading) parse(name string, data []byte) (*source.File, error) {
	data = source.Printable(name, data, func(at Place, text string) { l.warnings = append(l.warnings, Warning{at, text}) })
	file, err := source.Parse(name, data)
	if err != nil {
		return nil, err
	}
	return file, file.Plain(func(n *source.Node, text string) {
		l.warnings = append(l.warnings, Warning{file.Place(n), text})
	})
}

// inOrder sorts warnings by file, line and column, and gives each once.
func inOrder(warnings []Warning, files []string) []Warning {
	slices.SortStableFunc(warnings, func(a, b Warning) int {
		return cmp.Or(
			cmp.Compare(slices.Index(files, a.Place.File), slices.Index(files, b.Place.File)),
			cmp.Compare(a.Place.Line, b.Place.Line), cmp.Compare(a.Place.Column, b.Place.Column),
		)
	})
	return slices.Compact(warnings)
}

// refer reads the file that a $ref in another names, once; or says why it cannot be.
func (l *loading) refer(from *input, ref string) (*input, string) {
	location, why := l.locate(from, ref)
	if why != "" {
		return nil, why
	}
	in := l.inputs[location]
	if in == nil {
		in = &input{location: location}
		l.inputs[location] = in
		in.why = l.include(in, from)
	}
	return in, in.why
}

// include reads a file that belongs to the document.
func (l *loading) include(in, from *input) string {
	if len(l.inputs) > maxFiles {
		return fmt.Sprintf("is one file more than the %d that are read", maxFiles)
	}
	data, err := l.read(in.location, !isRemote(from.location) || sameHost(in.location, from.location))
	if err != nil {
		var pe *os.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return "cannot be read: " + err.Error()
	}
	l.files = append(l.files, in.location)
	if in.file, err = l.parse(in.location, data); err != nil {
		return "cannot be read: " + firstLine(err)
	}
	l.root.file.Adopt(in.file.Root, in.location)
	return ""
}

// locate makes a relative reference absolute, if it may be followed.
func (l *loading) locate(from *input, ref string) (location, why string) {
	u, err := url.Parse(ref)
	if err != nil {
		return "", "is no URI reference"
	}
	if !isRemote(from.location) {
		switch {
		case u.Scheme == "http" || u.Scheme == "https":
			if !l.opts.Remote {
				return "", "is on another host, which is not asked unless that is allowed"
			}
			return u.String(), ""
		case u.Scheme == "file" && (u.Host == "" || u.Host == "localhost"):
			return u.Path, ""
		case u.Scheme != "" || u.Host != "":
			return "", "is neither a file nor an http address"
		case filepath.IsAbs(u.Path):
			return u.Path, ""
		}
		return filepath.Join(filepath.Dir(from.location), filepath.FromSlash(u.Path)), ""
	}
	base, err := url.Parse(from.location)
	if err != nil {
		return "", "is no URI reference"
	}
	u = base.ResolveReference(u)
	u.Fragment = ""
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return "", "is no http address, and the document that it is in came from one"
	case !l.opts.Remote && !sameHost(u.String(), l.root.location):
		return "", "is on another host, which is not asked unless that is allowed"
	}
	return u.String(), ""
}

// read gives the bytes of a file or of what an http server sends, up to the bound. What the user named may be anything that can be read; what a document
// names must be a regular file.
func (l *loading) read(location string, trusted bool) ([]byte, error) {
	if isRemote(location) {
		return fetch(l.ctx, location, trusted)
	}
	if l.root != nil { // else the user named it
		if info, err := os.Stat(location); err != nil {
			return nil, err
		} else if !info.Mode().IsRegular() {
			return nil, errors.New("it is no regular file")
		}
	}
	l.stamps.Take(location)
	f, err := os.Open(location)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readBounded(f)
}

func readBounded(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxBytes+1))
	if err == nil && len(data) > maxBytes {
		err = fmt.Errorf("more than %d MiB", maxBytes>>20)
	}
	return data, err
}

func isRemote(location string) bool {
	return strings.HasPrefix(location, "http://") || strings.HasPrefix(location, "https://")
}

func fromFileURL(location string) string {
	if u, err := url.Parse(location); err == nil && u.Scheme == "file" && (u.Host == "" || u.Host == "localhost") {
		return u.Path
	}
	return location
}
