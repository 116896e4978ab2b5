package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"text/template"

	"github.com/spf13/cobra"

	"understudy"
)

// schemaName is the file by which editors know what understudy.yaml may say.
const schemaName = "understudy.schema.json"

func initCommand() *cobra.Command {
	var asSchema bool
	cmd := &cobra.Command{
		Use:   "init [DOCUMENT]",
		Short: "Write understudy.yaml, which repeats what check is told each time",
		Long: `Write understudy.yaml beside a document (or here, for a document that is found here): where the service is, how to be let in, what is left out.
It says nothing that the flags of understudy check could not say; a flag on the command line replaces what stands there. Beside it, ` + schemaName + `
lets editors complete and check it. Nothing is overwritten.`,
		Args: arguments(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if asSchema {
				text, err := configSchema()
				if err != nil {
					return err
				}
				_, err = cmd.OutOrStdout().Write(text)
				return err
			}
			return initialize(cmd, first(args))
		},
	}
	cmd.Flags().BoolVar(&asSchema, "schema", false, "print the JSON Schema of understudy.yaml instead")
	return cmd
}

// usualNames are those by which documents are found.
var usualNames = []string{"openapi.yaml", "openapi.yml", "openapi.json", "swagger.yaml", "swagger.yml", "swagger.json"}

func initialize(cmd *cobra.Command, name string) error {
	for _, usual := range usualNames {
		if _, err := os.Stat(usual); err == nil && name == "" {
			name = usual
		}
	}
	if name == "" {
		return hinted{errors.New("no document is found here"), "understudy init path/to/openapi.yaml"}
	}
	doc, err := (&documentFlags{}).open(cmd.Context(), name)
	if err != nil {
		return err
	}
	dir := filepath.Dir(name)
	text, err := configSchema()
	if err != nil {
		return err
	}
	file, err := create(filepath.Join(dir, configName))
	if err != nil {
		return err
	}
	if err := errors.Join(configTemplate.Execute(file, configOf(doc, filepath.Base(name))), file.Close()); err != nil {
		return err
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%s\n", file.Name())
	if _, err := os.Stat(filepath.Join(dir, schemaName)); err == nil {
		return nil // of an understudy.yaml that was there before
	}
	if file, err = create(filepath.Join(dir, schemaName)); err != nil {
		return err
	}
	_, err = file.Write(text)
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%s\n", file.Name())
	return nil
}

// create makes a file that is not there yet.
func create(name string) (*os.File, error) {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, os.ErrExist) {
		return nil, hinted{fmt.Errorf("%s is there already", name), "it is not overwritten; move it away to have another"}
	}
	return file, err
}

// initial is what understudy.yaml is made of.
type initial struct {
	Title, Document, Path string
	Credentials           bool // any operation asks for some
	Writes                bool // any operation writes
	Operation             string
}

func configOf(doc *understudy.Document, name string) initial {
	title, _ := doc.Title()
	in := initial{Title: title, Document: name, Path: doc.Bases()[0]}
	for _, op := range doc.Operations() {
		in.Credentials = in.Credentials || len(op.Security) > 0
		in.Writes = in.Writes || op.Method != "GET"
		in.Operation = cmp.Or(in.Operation, op.ID)
	}
	return in
}

var configTemplate = template.Must(template.New(configName).Parse(`# yaml-language-server: $schema=` + schemaName + `
# What is repeated of understudy check for {{.Title}}. Every key is one of its flags, without the dashes (understudy check --help), for all
# targets or for one; a flag on the command line replaces what stands here. ${NAME} is a variable of the environment.
document: {{.Document}}

target: local # unless --target says otherwise
targets:
  local:
    base-url: http://localhost:8000{{.Path}}
{{- if .Credentials}}
    token: ${API_TOKEN} # never the secret itself
{{- end}}
{{- if .Writes}}
    # allow-writes: true # create items, and change and delete what was created
{{- end}}
  # staging:
  #   base-url: https://staging.example.com{{.Path}}
{{- if .Credentials}}
  #   login: POST /login # logs in again whenever the token has expired
  #   login-body: {username: ci, password: "${STAGING_PASSWORD}"}
{{- end}}
  #   rate: 20 # requests a second

# exclude: ["auth/place", "DELETE"]
# expect: # answered on purpose, whatever the document says
#   {{.Operation}}: 403
# min-coverage: {operations: 80%}
# max-time: 10m
`))
