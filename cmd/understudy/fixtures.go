package main

import (
	"bufio"
	"fmt"

	"github.com/spf13/cobra"

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

func fixturesCheckCommand() *cobra.Command {
	var data dataFlags
	var document documentFlags
	cmd := &cobra.Command{
		Use:   "check [DOCUMENT]",
		Short: "Make and validate every record, and count them",
		Args:  arguments(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			doc, err := document.open(cmd.Context(), first(args))
			if err != nil {
				return err
			}
			d, err := data.load(doc)
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
	data.add(cmd.Flags())
	document.add(cmd.Flags())
	return cmd
}

func loadData(cmd *cobra.Command, name string, document *documentFlags, flags *dataFlags) (*fixtures.Data, error) {
	doc, err := document.open(cmd.Context(), name)
	if err != nil {
		return nil, err
	}
	return flags.load(doc)
}

func fixturesPrintCommand() *cobra.Command {
	var data dataFlags
	var set, name string
	var document documentFlags
	cmd := &cobra.Command{
		Use:   "print [SET]",
		Short: "Print records as JSON, one a line, as the API shows them",
		Args:  arguments(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				set = args[0]
			}
			d, err := loadData(cmd, name, &document, &data)
			if err != nil {
				return err
			}
			out := bufio.NewWriter(cmd.OutOrStdout())
			sets, err := chosen(d, set)
			if err != nil {
				return err
			}
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
	cmd.Flags().StringVar(&name, "document", "", "the OpenAPI `document` that the records belong to (default: the built-in one)")
	document.add(cmd.Flags())
	data.add(cmd.Flags())
	return cmd
}

func fixturesGenerateCommand() *cobra.Command {
	var data dataFlags
	var name string
	var document documentFlags
	cmd := &cobra.Command{
		Use:   "generate SET",
		Short: "Print a fixture file with every record written out, to be edited and kept",
		Long: `Print a fixture file with every record of a set written out, keys and drawn values included. Save it as SET.yaml in
a directory of your own, edit it, and play it with --fixtures.`,
		Example: "  understudy fixtures generate invitations --items 10 > mine/invitations.yaml",
		Args:    arguments(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			d, err := loadData(cmd, name, &document, &data)
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
	cmd.Flags().StringVar(&name, "document", "", "the OpenAPI `document` that the records belong to (default: the built-in one)")
	document.add(cmd.Flags())
	data.add(cmd.Flags())
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
