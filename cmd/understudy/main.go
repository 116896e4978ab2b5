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
	"github.com/spf13/pflag"

	"understudy/internal/source"
)

// The exit statuses: 0 kept, 1 broken, 2 could not tell.
const (
	exitOK     = 0
	exitBroken = 1
	exitUnsure = 2
)

// errWrong says that what was to be found was found, and printed.
var errWrong = errors.New("something is not right")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the whole program: stdout is for results, stderr for everything else.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := &cobra.Command{
		Use:   "understudy",
		Short: "Learn an HTTP API from its OpenAPI document, play it, and check it",
		Long: `understudy learns an HTTP API from its OpenAPI document. It plays the API, as a mock server that behaves, and checks any running
implementation against the same document.

Exit status: 0 if all went well; 1 if something is broken; 2 if it could not do what was asked.`,
		Example: `  understudy serve                       play authentik's invitation API, which is built in
  understudy serve --items 5000          with more data
  understudy check --base-url URL        check a running service
  understudy rules                       what was understood of the document, and why`,
		SilenceErrors: true, SilenceUsage: true,
		Args: arguments(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.Version = version()
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetArgs(args)
	out := &firstError{w: stdout}
	root.SetOut(out)
	root.SetErr(stderr)
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(serveCommand(), rulesCommand(), fixturesCommand(), checkCommand(), initCommand(), proveCommand(), auditCommand(), reportCommand(), replayCommand(), exportCommand(), versionCommand())
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() { // cobra's own take any argument without a word
		switch c.Name() {
		case "completion":
			c.Args = arguments(0, 0)
			c.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		case "help":
			c.Args = helpTopic
		}
	}
	err := root.ExecuteContext(ctx)
	if err == nil {
		err = out.err
	}
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errWrong):
		return exitBroken
	case errors.Is(err, errUnsure):
		return exitUnsure
	}
	printError(stderr, err)
	return exitUnsure
}

// arguments takes from least to most arguments.
func arguments(least, most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		var err error
		switch {
		case len(args) > 0 && cmd.HasSubCommands():
			err = fmt.Errorf("unknown command %q for %q", args[0], cmd.CommandPath())
		case len(args) < least:
			err = fmt.Errorf("%s: an argument is missing", cmd.UseLine())
		case len(args) > most:
			err = fmt.Errorf("%s: %q is one argument too many", cmd.UseLine(), args[most])
		}
		if err != nil {
			return hinted{err, "see " + cmd.CommandPath() + " --help"}
		}
		return nil
	}
}

// helpTopic refuses help about what is no command.
func helpTopic(cmd *cobra.Command, args []string) error {
	if found, rest, err := cmd.Root().Find(args); err != nil || len(rest) > 0 && found.HasSubCommands() {
		return hinted{fmt.Errorf("there is no command %q", strings.Join(args, " ")), "see understudy --help"}
	}
	return nil
}

// flagError says what a flag takes.
func flagError(cmd *cobra.Command, err error) error {
	var invalid *pflag.InvalidValueError
	if errors.As(err, &invalid) {
		err = fmt.Errorf("--%s %s: not %s", invalid.GetFlag().Name, invalid.GetValue(), meant(invalid.GetFlag().Value.Type()))
	}
	return hinted{err, "see " + cmd.CommandPath() + " --help"}
}

// meant says what a flag of a type takes.
func meant(kind string) string {
	switch kind {
	case "bool":
		return "true or false"
	case "int", "int64":
		return "a whole number"
	case "uint64":
		return "a whole number of at least 0"
	case "float64":
		return "a number"
	case "duration":
		return "a time such as 500ms or 10s"
	case "stringToString":
		return "NAME=VALUE, or several with commas between them"
	case "stringArray":
		return "a text, or a list of texts"
	}
	return "a text"
}

// count is a number of things, in words.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// firstError keeps the first error of a writer, so that results that could not be written do not look like success.
type firstError struct {
	w   io.Writer
	err error
}

func (f *firstError) Write(p []byte) (int, error) {
	n, err := f.w.Write(p)
	if f.err == nil {
		f.err = err
	}
	return n, err
}

// hinted is an error with a hint of its own.
type hinted struct {
	error
	hint string
}

func (h hinted) Unwrap() error { return h.error }

// printError prints an error, and below it what to do, if that is known. Joined errors come one after the other.
func printError(w io.Writer, err error) {
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		for _, e := range joined.Unwrap() {
			printError(w, e)
		}
		return
	}
	text, _, _ := strings.Cut(err.Error(), "\n")
	fmt.Fprintf(w, "understudy: %s\n", strings.TrimSuffix(text, "."))
	var h hinted
	var s *source.Error
	switch {
	case errors.As(err, &h):
		fmt.Fprintf(w, "hint: %s\n", h.hint)
	case errors.As(err, &s) && s.Hint != "":
		fmt.Fprintf(w, "hint: %s\n", s.Hint)
	}
}
