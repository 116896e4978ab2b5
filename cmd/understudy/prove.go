package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"understudy/internal/proof"
)

// proofReports are the kinds of report that prove writes.
var proofReports = map[string]func(*proof.Proof, io.Writer) error{"json": (*proof.Proof).JSON, "markdown": (*proof.Proof).Markdown, "html": (*proof.Proof).HTML}

func proveCommand() *cobra.Command {
	var document documentFlags
	var opts proof.Options
	var reports []string
	var least float64
	cmd := &cobra.Command{
		Use:   "prove [DOCUMENT]",
		Short: "Play a document broken in every way, and see what the check notices",
		Long: `Play a document (authentik's invitation API, if none is given) broken in one way at a time, a mutant for every rule, and see whether the check
notices: what is caught, by which rule, and what is missed; and for what is missed, why, and what to write into the document to close the hole.

A mutant is tried where at least one of a fixed set of requests is answered otherwise than by the honest mock. Of a document with many lists a few
places are taken for each mutant, those with the most to break first; --places says how many.

Exit status: 0 if the score, the share of mutants that the rule meant has caught, is at least --min; 1 if it is less; 2 if that could not be told.`,
		Example: `  understudy prove
  understudy prove --min 95 openapi.yaml
  understudy prove --include 'order/*' --include users_list openapi.yaml
  understudy prove --report markdown=mutants.md --report html=mutants.html openapi.yaml`,
		Args: arguments(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if opts.Places < 1 || least < 0 || least > 100 {
				return hinted{errors.New("--places is at least 1, and --min a percentage"), "see understudy prove --help"}
			}
			writers := make([]func(*proof.Proof, io.Writer) error, len(reports))
			files := make([]*os.File, len(reports))
			for i, r := range reports {
				kind, name, _ := strings.Cut(r, "=")
				if writers[i] = proofReports[kind]; writers[i] == nil || name == "" {
					return hinted{fmt.Errorf("--report %s: not a kind of report, = and a file", r), "--report json=FILE, markdown=FILE or html=FILE"}
				}
			}
			doc, err := document.open(cmd.Context(), first(args))
			if err != nil {
				return err
			}
			for i, r := range reports {
				_, name, _ := strings.Cut(r, "=")
				if files[i], err = os.Create(name); err != nil {
					return hinted{err, "--report json=FILE, in a directory that exists"}
				}
				defer files[i].Close()
			}
			printWarnings(cmd.ErrOrStderr(), doc)
			line := newProgress(cmd.ErrOrStderr())
			opts.Progress = func(now proof.Progress) {
				line.print(fmt.Sprintf("%d of %d mutants, %d missed: %s", now.Done, now.All, now.Missed, now.Doing))
			}
			p, err := proof.Prove(cmd.Context(), doc, opts)
			line.clear()
			if err != nil {
				return hinted{err, "see understudy prove --help"}
			}
			out := cmd.OutOrStdout()
			var text strings.Builder
			if err := p.Text(&text); err != nil {
				return err
			}
			if _, err := io.WriteString(out, paint(out, text.String())); err != nil {
				return err
			}
			for i, file := range files {
				if err := writers[i](p, file); err != nil {
					return err
				}
			}
			switch {
			case p.Worthless() != "":
				return errUnsure
			case p.Score() < least:
				return errWrong
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&opts.Include, "include", nil, "try only these: a mutant, a rule, an operation id, path, method or tag, with * for anything")
	flags.StringArrayVar(&opts.Exclude, "exclude", nil, "leave these out; it wins over --include")
	flags.IntVar(&opts.Places, "places", proof.DefaultPlaces, "at how many places each mutant is tried, at most")
	flags.Float64Var(&least, "min", 0, "the least score, in percent, for exit status 0")
	flags.StringArrayVar(&reports, "report", nil, "write a report, json=FILE, markdown=FILE or html=FILE")
	flags.Uint64Var(&opts.Seed, "seed", 0, "of the values that the check makes up")
	document.add(flags)
	return cmd
}
