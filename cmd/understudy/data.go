package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"understudy"
	"understudy/fixtures"
)

// dataFlags are the flags of every command that makes records.
type dataFlags struct {
	dir   string
	seed  uint64
	items []string
	now   string
}

func (f *dataFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.dir, "fixtures", "", "`directory` of fixture files; each replaces the built-in one of its name")
	flags.Uint64Var(&f.seed, "seed", 0, "seed of everything that is drawn (default 0)")
	flags.StringSliceVar(&f.items, "items", nil, "how many records: `N` for the lists, or name=N,… for single sets; at most 1000000")
	flags.StringVar(&f.now, "now", "", "`time` that times in fixtures are relative to, RFC 3339 (default: the start of the UTC day)")
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// load makes the data for a document as the flags say.
func (f *dataFlags) load(doc *understudy.Document) (*fixtures.Data, error) {
	opts := &fixtures.Options{Seed: f.seed, Dir: f.dir, Sizes: map[string]int{}}
	if f.dir != "" {
		if !isDir(f.dir) {
			return nil, hinted{fmt.Errorf("--fixtures %s: there is no such directory", f.dir), "a fixture file is named after its set, such as " + f.dir + "/users.yaml"}
		}
		opts.FS = os.DirFS(f.dir)
	}
	for _, text := range f.items {
		name, number, named := strings.Cut(text, "=")
		if !named {
			number = name
		}
		n, err := strconv.Atoi(strings.TrimSpace(number))
		if err != nil || n < 0 || n > fixtures.MaxItems {
			return nil, hinted{fmt.Errorf("--items %s: not a whole number from 0 to %d", text, fixtures.MaxItems), "write --items 500, or --items users=500,flows=40"}
		}
		if named {
			opts.Sizes[strings.TrimSpace(name)] = n
		} else {
			if opts.Sized {
				return nil, hinted{fmt.Errorf("--items %s: a second number without a name", text), "write --items 500, or --items users=500,flows=40"}
			}
			opts.Items, opts.Sized = n, true
		}
	}
	if f.now != "" {
		t, err := time.Parse(time.RFC3339, f.now)
		if err != nil {
			return nil, hinted{fmt.Errorf("--now %s: not an RFC 3339 time", f.now), "write it as 2026-11-22T00:00:00Z"}
		}
		opts.Now = t
	}
	return fixtures.Load(doc, opts)
}

// recordFlags are the flags of every command that makes the records of a document.
type recordFlags struct {
	data     dataFlags
	document documentFlags
}

func (f *recordFlags) add(flags *pflag.FlagSet) {
	f.data.add(flags)
	f.document.add(flags)
}

// load gives the document of a name, see [documentFlags.open], and its records.
func (f *recordFlags) load(ctx context.Context, name string) (*understudy.Document, *fixtures.Data, error) {
	doc, err := f.document.open(ctx, name)
	if err != nil {
		return nil, nil, err
	}
	data, err := f.data.load(doc)
	return doc, data, err
}
