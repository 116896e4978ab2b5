// Command understudy learns an HTTP API from its OpenAPI document and plays it. See the README, or understudy --help.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"understudy"
	"understudy/internal/source"
)

// The exit statuses: 0 kept, 1 broken, 2 could not tell.
const (
	exitOK     = 0
	exitUnsure = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the whole program: stdout is for results, stderr for everything else.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := &cobra.Command{
		Use:   "understudy",
		Short: "Learn an HTTP API from its OpenAPI document, and play it",
		Long: `understudy learns an HTTP API from its OpenAPI document, and plays it: a mock server that behaves.

Exit status: 0 if all went well; 2 if it could not do what was asked.`,
		Example: `  understudy serve                       play authentik's invitation API, which is built in
  understudy serve --items 5000          with more data
  understudy rules                       what was understood of the document, and why`,
		SilenceErrors: true, SilenceUsage: true,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return hinted{err, "see " + cmd.CommandPath() + " --help"}
	})
	root.AddCommand(serveCommand(), rulesCommand(), fixturesCommand(), versionCommand())
	if err := root.ExecuteContext(ctx); err != nil {
		report(stderr, err)
		return exitUnsure
	}
	return exitOK
}

// hinted is an error with a hint of its own.
type hinted struct {
	error
	hint string
}

func (h hinted) Unwrap() error { return h.error }

// report prints an error, and below it what to do, if that is known. Joined errors come one after the other.
func report(w io.Writer, err error) {
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		for _, e := range joined.Unwrap() {
			report(w, e)
		}
		return
	}
	text := strings.TrimSuffix(err.Error(), ".")
	if first, rest, ok := strings.Cut(text, "\n"); ok && strings.Contains(rest, "Did you mean") {
		text = first
	}
	fmt.Fprintf(w, "understudy: %s\n", text)
	var h hinted
	var s *source.Error
	switch {
	case errors.As(err, &h):
		fmt.Fprintf(w, "hint: %s\n", h.hint)
	case errors.As(err, &s) && s.Hint != "":
		fmt.Fprintf(w, "hint: %s\n", s.Hint)
	case strings.HasPrefix(text, "unknown command"):
		fmt.Fprintln(w, "hint: see understudy --help")
	}
}

// open gives the document that a command names, else the shipped one.
func open(ctx context.Context, args []string) (*understudy.Document, error) {
	if len(args) == 0 {
		return understudy.Invitations()
	}
	return understudy.Open(ctx, args[0])
}
