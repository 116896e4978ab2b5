package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"understudy/contracttest"
	"understudy/internal/report"
)

// reportFlags say which reports are written, and what is known.
type reportFlags struct {
	texts    []string
	outputs  []report.Output
	baseline string
	update   bool

	known *report.Baseline // nil: none is given
	files *report.Files
}

func (f *reportFlags) add(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.texts, "report", nil, "write a report, KIND=FILE, as often as you like: github, har, html, json, junit, markdown, sarif, text; the file - is stdout")
	flags.StringVar(&f.baseline, "baseline", "", "a file of findings that are known and do not fail; those that have expired do, and what is gone is told")
	flags.BoolVar(&f.update, "update-baseline", false, "add to the baseline what is new, and take out what is no longer broken")
}

// settle refuses what cannot be meant.
func (f *reportFlags) settle() error {
	f.outputs = nil
	for _, text := range f.texts {
		o, err := report.ParseOutput(text)
		if err != nil {
			return hinted{fmt.Errorf("--report %s: %w", text, err), "--report json=report.json"}
		}
		f.outputs = append(f.outputs, o)
	}
	if f.update && f.baseline == "" {
		return hinted{errors.New("--update-baseline: there is no --baseline"), "--baseline known.yaml --update-baseline"}
	}
	return nil
}

// open reads the baseline and opens the files, before anything is sent.
func (f *reportFlags) open(stdout io.Writer) error {
	var err error
	if f.baseline != "" {
		f.known, err = report.ReadBaseline(f.baseline, f.update)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return hinted{err, "--update-baseline writes one"}
	}
	if err != nil {
		return err
	}
	if f.files, err = report.Open(f.outputs, stdout); err != nil {
		return hinted{err, "--report json=FILE, in a directory that exists"}
	}
	return nil
}

// finish holds a report against the baseline, prints it for people, on stdout unless another report goes there, and writes the files. The error stands for
// the verdict.
func (f *reportFlags) finish(cmd *cobra.Command, r *contracttest.Report) error {
	if err := f.compare(cmd.ErrOrStderr(), r); err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	if slices.ContainsFunc(f.outputs, func(o report.Output) bool { return o.File == "-" }) {
		out = cmd.ErrOrStderr()
	}
	var text strings.Builder
	r.Text(&text)
	if _, err := io.WriteString(out, paint(out, text.String())); err != nil {
		return err
	}
	if err := f.files.Close(r); err != nil {
		return err
	}
	return outcome(r)
}

// compare holds a report against the baseline.
func (f *reportFlags) compare(stderr io.Writer, r *contracttest.Report) error {
	if f.known == nil {
		return nil
	}
	f.known.Apply(r, time.Now())
	if !f.update {
		return nil
	}
	added, gone, err := f.known.Update(r, time.Now())
	if err == nil {
		fmt.Fprintf(stderr, "understudy: %s: %d added, %d taken out\n", f.baseline, added, gone)
	}
	return err
}

func reportCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "report",
		Short: "Work with the reports of a check",
		Args:  arguments(0, 0),
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(mergeCommand())
	return cmd
}

func mergeCommand() *cobra.Command {
	var f reportFlags
	cmd := &cobra.Command{
		Use:   "merge REPORT.json…",
		Short: "Join the reports of the parts of a check, or write one in other forms",
		Long: `Join the JSON reports of the parts of one check (--shard) to the report that the whole would have given. One report alone is written in other forms.

Exit status: that of the whole check: 0 kept, 1 broken, 2 could not tell; a part that is missing cannot be told.`,
		Example: `  understudy report merge part-*.json --report html=report.html --report junit=junit.xml
  understudy report merge report.json --report har=requests.har`,
		Args: arguments(1, 10000),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.settle(); err != nil {
				return err
			}
			var parts []*contracttest.Report
			for _, name := range args {
				r, err := report.Read(name)
				if err != nil {
					return hinted{err, "it is written by understudy check --report json=FILE"}
				}
				parts = append(parts, r)
			}
			whole, err := report.Merge(parts...)
			if err != nil {
				return hinted{err, "give the parts of one check"}
			}
			if err := f.open(cmd.OutOrStdout()); err != nil {
				return err
			}
			return f.finish(cmd, whole)
		},
	}
	f.add(cmd.Flags())
	return cmd
}
