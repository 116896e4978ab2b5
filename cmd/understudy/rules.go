package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"understudy"
	"understudy/internal/contract"
)

func rulesCommand() *cobra.Command {
	var reference bool
	var document documentFlags
	cmd := &cobra.Command{
		Use:   "rules [DOCUMENT]",
		Short: "Print what was understood of a document, and why, and the rules that follow",
		Long: `Print, for each operation of a document, what was understood and why, which rules apply, and what was not understood.
Without a document, the one that is built in is explained.`,
		Args: arguments(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			out := cmd.OutOrStdout()
			if reference {
				_, err := io.WriteString(out, contract.RulesReference())
				return err
			}
			doc, err := document.open(cmd.Context(), first(args))
			if err != nil {
				return err
			}
			explain(out, doc)
			return nil
		},
	}
	cmd.Flags().BoolVar(&reference, "reference", false, "print all rules as Markdown instead")
	document.add(cmd.Flags())
	return cmd
}

// explain prints what was understood of each operation.
func explain(w io.Writer, doc *understudy.Document) {
	title, version := doc.Title()
	fmt.Fprintf(w, "%s %s (%s): %s, %s\n", title, version, doc.Name(), count(len(doc.Operations()), "operation"), count(len(doc.Collections()), "collection"))
	for _, text := range doc.Warnings() {
		fmt.Fprintf(w, "warning: %s\n", text)
	}
	for _, op := range doc.Operations() {
		role := string(op.Role)
		switch {
		case op.Singleton != nil:
			role = string(op.Role) + " of the only one"
		case op.Collection == nil:
			role = "on its own"
		}
		fmt.Fprintf(w, "\n%s %s  %s\n", op.Method, op.Path, op.ID)
		fmt.Fprintf(w, "  at      %s\n", op.Place())
		fmt.Fprintf(w, "  is      %s: %s\n", role, op.Why)
		fmt.Fprintf(w, "  asks    %s\n", credentialsText(op))
		if op.Role == contract.List {
			for _, n := range op.Collection.Notes {
				fmt.Fprintf(w, "  knows   %s (%s)\n", n.What, n.Why)
			}
			for _, n := range op.Collection.Unknown {
				fmt.Fprintf(w, "  unknown %s (%s)\n", n.What, n.Why)
			}
		}
		label := "rules"
		for _, line := range ruleLines(op) {
			fmt.Fprintf(w, "  %-7s %s\n", label, line)
			label = ""
		}
	}
}

// credentialsText says who may call.
func credentialsText(op *contract.Operation) string {
	var ways []string
	for _, need := range op.Security {
		var all []string
		for _, s := range need {
			what := s.Type
			if s.Type == "http" {
				what = s.HTTP
			}
			if s.Type == "apiKey" {
				what = "key in " + s.In + " " + s.Param
			}
			all = append(all, fmt.Sprintf("%s (%s)", what, s.Name))
		}
		if len(all) == 0 {
			all = []string{"nothing"}
		}
		ways = append(ways, strings.Join(all, " and "))
	}
	if len(ways) == 0 {
		return "nothing"
	}
	return strings.Join(ways, ", or ")
}

// ruleLines lists the rules that apply to an operation, a family a line.
func ruleLines(op *contract.Operation) []string {
	var lines []string
	family := ""
	for _, r := range contract.Rules() {
		if !r.Applies(op) {
			continue
		}
		name := strings.TrimPrefix(r.ID, r.Family()+"/")
		if r.Family() != family {
			family = r.Family()
			lines = append(lines, family+"/ "+name)
			continue
		}
		lines[len(lines)-1] += ", " + name
	}
	return lines
}
