package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/pflag"

	"understudy"
	"understudy/internal/contract"
)

// documentFlags are the flags of every command that reads a document.
type documentFlags struct {
	overlays []string
	remote   bool
}

func (f *documentFlags) add(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.overlays, "overlay", nil, "OpenAPI Overlay `file` to apply to the document; may be given several times")
	flags.BoolVar(&f.remote, "remote", false, "follow references to other hosts")
}

// open gives the document of a name: a file, an http address, - for standard input, or "" for the one that is built in.
func (f *documentFlags) open(ctx context.Context, name string) (*understudy.Document, error) {
	if name == "" {
		if len(f.overlays) > 0 {
			return nil, hinted{errors.New("--overlay: there is no document to apply it to"), "name the document too"}
		}
		return understudy.Invitations()
	}
	doc, err := contract.OpenWith(ctx, name, &contract.LoadOptions{Overlays: f.overlays, Remote: f.remote})
	if err == nil && len(doc.Operations()) == 0 {
		return nil, hinted{fmt.Errorf("%s: it has no operations, so there is nothing to play", name), "operations stand under paths:"}
	}
	return doc, err
}

// first is the first argument, or "".
func first(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}
