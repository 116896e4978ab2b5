package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"understudy/internal/proof"
)

func proveCommand() *cobra.Command {
	var document documentFlags
	cmd := &cobra.Command{
		Use:  "prove [DOCUMENT]",
		Args: arguments(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			doc, err := document.open(cmd.Context(), first(args))
			if err != nil {
				return err
			}
			p, err := proof.Prove(cmd.Context(), doc, proof.Options{Progress: func(p proof.Progress) {
				fmt.Fprintln(cmd.ErrOrStderr(), p)
			}})
			if err != nil {
				return err
			}
			fmt.Println(p.Honest, p.Tried)
			for _, r := range p.Results {
				if r.Verdict != proof.NotApplicable {
					fmt.Printf("%-18s %-26s %-24s %s BY %v WHY %s UNNAMED %v PROBES %d\n", r.Verdict, r.Rule, r.Mutant, r.Place, r.By, r.Why, r.Unnamed, len(r.Probes))
				} else {
					fmt.Printf("%-18s %-26s %-24s %s\n", r.Verdict, r.Rule, r.Mutant, r.Place)
				}
			}
			return nil
		},
	}
	document.add(cmd.Flags())
	return cmd
}
