package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"understudy/contracttest"
	"understudy/mockserver"
)

func auditCommand() *cobra.Command {
	var f recordFlags
	cmd := &cobra.Command{
		Use:   "audit DOCUMENT…",
		Short: "Play documents, call every operation, and judge every answer",
		Long: `Play each document, call every operation of it with a valid request, and judge each answer: its status and media type must be
documented, and its body valid by another validator than the one that the mock uses.

Exit status: 0 if every answer is right; 1 if one is not; 2 if a document cannot be played.`,
		Args: arguments(0, 1000),
		RunE: func(cmd *cobra.Command, args []string) error {
			var failed error
			operations, wrong := 0, 0
			names := args
			if len(names) == 0 {
				names = []string{""}
			}
			for _, name := range names {
				n, bad, err := audit(cmd, name, &f)
				if err != nil && len(names) == 1 {
					return err
				}
				if err != nil {
					printError(cmd.ErrOrStderr(), err)
					failed = err
				}
				operations, wrong = operations+n, wrong+bad
			}
			if len(names) > 1 {
				fmt.Fprintf(cmd.OutOrStdout(), "all: %s, %d not right (%.2f %%)\n", count(operations, "operation"), wrong, percent(wrong, operations))
			}
			switch {
			case wrong > 0:
				return errWrong
			case failed != nil:
				return hinted{fmt.Errorf("some documents could not be played"), "they are named above"}
			}
			return nil
		},
	}
	f.add(cmd.Flags())
	return cmd
}

func percent(part, whole int) float64 { return 100 * float64(part) / float64(max(whole, 1)) }

// audit plays one document and prints what is not right.
func audit(cmd *cobra.Command, name string, f *recordFlags) (operations, wrong int, err error) {
	doc, data, err := f.load(cmd.Context(), name)
	if err != nil {
		return 0, 0, err
	}
	mock, err := mockserver.New(doc, &mockserver.Options{Data: data})
	if err != nil {
		return 0, 0, err
	}
	results := contracttest.Audit(cmd.Context(), doc, mock)
	for _, a := range results {
		if a.Wrong != "" {
			wrong++
			printWrong(cmd.OutOrStdout(), a)
		}
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%s: %s, %d not right, %s\n", doc.Name(), count(len(results), "operation"), wrong, count(len(doc.Warnings()), "warning"))
	return len(results), wrong, nil
}

func printWrong(w io.Writer, a contracttest.Audited) {
	fmt.Fprintf(w, "%s: %s %s: %s\n", a.Operation.Place(), a.Operation.Method, a.Operation.Path, a.Wrong)
}
