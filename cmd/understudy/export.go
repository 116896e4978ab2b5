package main

import (
	"bytes"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"understudy/internal/report"
)

func exportCommand() *cobra.Command {
	var as, file string
	var findings bool
	cmd := &cobra.Command{
		Use:   "export REPORT.json --as curl|go|http|hurl",
		Short: "Write the cases of a report as tests that run without understudy",
		Long: `Write the cases of a report, or only its findings, as tests that run without understudy: a shell script that uses curl, Go tests, a .http file for editors,
or a Hurl file. They assert the status and the media type of every answer: those that came where a rule was kept; those that were wanted of a finding, as far
as its fault shows in them. What one request created, the next ones use. Cases that could not be told are left out, and so are the rules that every answer
is judged by, which need the document.

Credentials are read from variables of the environment, which the suite names; BASE_URL says where the service is.`,
		Example: `  understudy check --base-url http://localhost:8000 --report json=report.json openapi.yaml
  understudy export report.json --as curl > suite.sh
  understudy export report.json --as go --findings -o findings_test.go`,
		Args: arguments(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := report.Read(args[0])
			if err != nil {
				return hinted{err, "it is written by understudy check --report json=FILE"}
			}
			var suite bytes.Buffer
			written, silent, err := report.Export(&suite, r, as, findings)
			if err != nil {
				return hinted{fmt.Errorf("--as: %w", err), "--as curl"}
			}
			if file == "" {
				_, err = cmd.OutOrStdout().Write(suite.Bytes())
			} else {
				err = os.WriteFile(file, suite.Bytes(), 0o644)
			}
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "understudy: %s", count(written, "test"))
			if silent > 0 {
				fmt.Fprintf(cmd.ErrOrStderr(), "; of %s the fault shows in no status: understudy replay tries them again", count(silent, "finding"))
			}
			fmt.Fprintln(cmd.ErrOrStderr())
			return nil
		},
	}
	cmd.Flags().StringVar(&as, "as", "", "the language: "+report.Exports)
	cmd.Flags().StringVarP(&file, "output", "o", "", "the file to write; stdout otherwise")
	cmd.Flags().BoolVar(&findings, "findings", false, "only the findings")
	return cmd
}
