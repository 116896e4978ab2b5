package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"understudy/contracttest"
	"understudy/internal/report"
)

func replayCommand() *cobra.Command {
	var f checkFlags
	var document documentFlags
	cmd := &cobra.Command{
		Use:   "replay REPORT.json [DOCUMENT]",
		Short: "Try the findings of a report again",
		Long: `Try the findings of a report again, at the address that was checked unless --base-url names another, and with the document that the report names unless
one is given. Credentials come from flags or the environment, as for check, or from understudy.yaml if --target or --config is given. What is sent is
what understudy check sends for the rules and operations of the findings, so that data which has changed since does not matter.

Each finding is fixed, still broken, flaky, or could not be told. Exit status: 0 if all are fixed or flaky; 1 if one is still broken; 2 if that could not be
told.`,
		Example: `  understudy replay report.json --token s3cret
  understudy replay report.json --base-url http://localhost:8000 --allow-writes openapi.yaml`,
		Args: arguments(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			before, err := report.Read(args[0])
			if err != nil {
				return hinted{err, "it is written by understudy check --report json=FILE"}
			}
			name := before.Document
			if len(args) > 1 {
				name = args[1]
			} else if _, err := os.Stat(name); err != nil && name == "openapi.yaml" {
				name = "" // the one that is built in is called so
			}
			return f.replay(cmd, &document, name, before)
		},
	}
	f.add(cmd.Flags())
	document.add(cmd.Flags())
	return cmd
}

// replay checks what the findings are about, and prints what became of them.
func (f *checkFlags) replay(cmd *cobra.Command, document *documentFlags, name string, before *contracttest.Report) error {
	if len(f.target.Include) > 0 {
		return hinted{errors.New("--include: what is included are the findings"), "--exclude leaves some out"}
	}
	if f.config.file != "" || f.config.target != "" { // else the report says where, and nobody's credentials are sent there
		var err error
		if name, err = f.config.apply(cmd, name, "include", "report", "baseline", "min-coverage", "shard", "seed"); err != nil {
			return err
		}
	}
	out := cmd.OutOrStdout()
	if len(before.Findings) == 0 {
		_, err := fmt.Fprintln(out, "the report has no findings")
		return err
	}
	var writes bool
	f.target.Include, writes = report.Replaying(before)
	if writes && !f.target.Writes {
		fmt.Fprintln(cmd.ErrOrStderr(), "understudy: some findings can only be tried again with --allow-writes")
	}
	f.target.URL = cmp.Or(f.target.URL, before.Target)
	if !cmd.Flags().Changed("seed") {
		f.target.Seed = before.Seed
	}
	f.target.Strict = f.target.Strict || before.Strict
	now, err := f.run(cmd, document, name)
	if err != nil {
		return err
	}
	if err := f.reports.files.Close(now); err != nil {
		return err
	}
	count := map[string]int{}
	for _, x := range report.Replay(before, now) {
		count[x.Verdict]++
		line := fmt.Sprintf("%-14s %s  %s on %s", x.Verdict, x.Finding.Fingerprint, x.Finding.Rule, strings.Join(x.Finding.Operations, ", "))
		if x.Why != "" {
			line += ": " + x.Why
		}
		if _, err := fmt.Fprintln(out, line); err != nil {
			return err
		}
	}
	var parts []string
	for _, verdict := range []string{"fixed", "still broken", "flaky", "could not tell"} {
		if count[verdict] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", count[verdict], verdict))
		}
	}
	if _, err := fmt.Fprintln(out, strings.Join(parts, ", ")); err != nil {
		return err
	}
	switch {
	case count["still broken"] > 0:
		return errWrong
	case count["could not tell"] > 0:
		return errUnsure
	}
	return nil
}
