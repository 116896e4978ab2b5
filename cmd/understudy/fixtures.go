package main

import (
	"bufio"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"understudy/fixtures"
	"understudy/internal/contract"
)

func fixturesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "fixtures",
		Short: "Check, print and generate the records that are played",
		Args:  arguments(0, 0),
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(fixturesCheckCommand(), fixturesPrintCommand(), fixturesGenerateCommand())
	return cmd
}

// nameFlag adds --document, for commands whose argument is a set.
func nameFlag(flags *pflag.FlagSet, name *string) {
	flags.StringVar(name, "document", "", "the OpenAPI `document` that the records belong to (default: the built-in one)")
}

func fixturesCheckCommand() *cobra.Command {
	var f recordFlags
	cmd := &cobra.Command{
		Use:   "check [DOCUMENT]",
		Short: "Make and validate every record, and count them",
		Args:  arguments(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			doc, d, err := f.load(cmd.Context(), first(args))
			if err != nil {
				return err
			}
			for _, s := range d.Sets() {
				for i := range s.Len() {
					if _, err := s.At(i); err != nil {
						return err
					}
				}
				if s.File() == "" {
					fmt.Fprintf(cmd.OutOrStdout(), "%s: %s, all generated\n", s.Records().Name, count(s.Len(), "record"))
					continue
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%s: %d records, %d of them written, all valid (%s)\n", s.Records().Name, s.Len(), s.Written(), s.File())
			}
			for _, c := range doc.Collections() {
				if d.Set(c.Records) == nil && !c.Empty {
					fmt.Fprintf(cmd.OutOrStdout(), "%s: no records\n", c.Records.Name)
				}
			}
			return nil
		},
	}
	f.add(cmd.Flags())
	return cmd
}

func fixturesPrintCommand() *cobra.Command {
	var f recordFlags
	var name string
	cmd := &cobra.Command{
		Use:   "print [SET]",
		Short: "Print records as JSON, one a line, as the API shows them",
		Args:  arguments(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			_, d, err := f.load(cmd.Context(), name)
			if err != nil {
				return err
			}
			sets, err := chosen(d, first(args))
			if err != nil {
				return err
			}
			out := bufio.NewWriter(cmd.OutOrStdout())
			for _, s := range sets {
				for i := range s.Len() {
					r, err := s.At(i)
					if err != nil {
						return err
					}
					_, _ = out.Write(append(contract.Item{Record: r, From: d}.AppendJSON(nil), '\n'))
				}
			}
			return out.Flush()
		},
	}
	nameFlag(cmd.Flags(), &name)
	f.add(cmd.Flags())
	return cmd
}

func fixturesGenerateCommand() *cobra.Command {
	var f recordFlags
	var name string
	cmd := &cobra.Command{
		Use:   "generate SET",
		Short: "Print a fixture file with every record written out, to be edited and kept",
		Long: `Print a fixture file with every record of a set written out, keys and drawn values included. Save it as SET.yaml in
a directory of your own, edit it, and play it with --fixtures.`,
		Example: "  understudy fixtures generate invitations --items 10 > mine/invitations.yaml",
		Args:    arguments(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			_, d, err := f.load(cmd.Context(), name)
			if err != nil {
				return err
			}
			sets, err := chosen(d, args[0])
			if err != nil {
				return err
			}
			out := bufio.NewWriter(cmd.OutOrStdout())
			if err := sets[0].WriteYAML(out); err != nil {
				return err
			}
			return out.Flush()
		},
	}
	nameFlag(cmd.Flags(), &name)
	f.add(cmd.Flags())
	return cmd
}

// chosen gives the set of a name, or all.
func chosen(d *fixtures.Data, name string) ([]*fixtures.Set, error) {
	for _, s := range d.Sets() {
		if s.Records().Name == name {
			return []*fixtures.Set{s}, nil
		}
	}
	if name == "" {
		return d.Sets(), nil
	}
	return nil, d.Unknown(name)
}
