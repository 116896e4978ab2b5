package contract

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/internal/source"
)

const overlaid = `openapi: 3.0.3
info: {title: t, version: "1"}
tags: [{name: a}]
paths:
  /a:
    get:
      operationId: list
      summary: old
      tags: [a, b]
      parameters:
        - {name: q, in: query, schema: {type: string}}
        - {name: r, in: query, schema: {type: string}}
      responses: {"200": {description: ok}}
    delete: {responses: {"204": {description: gone}}}
  /b/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {operationId: one, deprecated: true, responses: {"200": {description: ok}}}
`

// TestOverlay holds what actions do to a document: the operations and what is left of their tags and parameters.
func TestOverlay(t *testing.T) {
	const untouched = "GET /a list tags=a,b params=q,r | DELETE /a DELETE /a tags= params= | GET /b/{id} one tags= params=id"
	for _, test := range []struct {
		name, actions, want string
		warnings            []string
	}{
		{"update an object", `[{target: "$.paths['/a'].get", update: {operationId: renamed, summary: new}}]`, strings.Replace(untouched, "list", "renamed", 1), nil},
		{"update a list", `[{target: "$.paths['/a'].get.tags", update: c}]`, strings.Replace(untouched, "a,b", "a,b,c", 1), nil},
		{"lists are joined", `[{target: $, update: {paths: {/a: {get: {tags: [c, d]}}}}}]`, strings.Replace(untouched, "a,b", "a,b,c,d", 1), nil},
		{"update all", `[{target: "$.paths.*.get", update: {tags: [x]}}]`, "GET /a list tags=a,b,x params=q,r | DELETE /a DELETE /a tags= params= | GET /b/{id} one tags=x params=id", nil},
		{"remove", `[{target: "$.paths['/a'].delete", remove: true}]`, "GET /a list tags=a,b params=q,r | GET /b/{id} one tags= params=id", nil},
		{"remove from a list by a filter", `[{target: "$.paths.*.get.parameters[?@.name=='q']", remove: true}]`, strings.Replace(untouched, "q,r", "r", 1), nil},
		{"remove by a nested filter", `[{target: "$.paths.*[?@.deprecated == true]", remove: true}]`, "GET /a list tags=a,b params=q,r | DELETE /a DELETE /a tags= params=", nil},
		{"descend", `[{target: "$..tags", remove: true}]`, strings.Replace(untouched, "a,b", "", 1), nil},
		{"in turn", `[{target: "$.paths['/a']", remove: true}, {target: $.paths, update: {/a: {get: {responses: {"200": {description: ok}}}}}}]`, "GET /b/{id} one tags= params=id | GET /a GET /a tags= params=", nil},
		{"matches nothing", `[{target: "$.paths['/none']", remove: true}]`, untouched, []string{"o.yaml:3:20: $.paths['/none'] matches nothing"}},
		{"a fault of the overlay's own", `[{target: "$.paths['/a'].get", update: {sumary: x}}]`, untouched, []string{`o.yaml:3:50: an operation has no field "sumary": it means nothing`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			d, err := openOverlaid(t, "overlay: 1.0.0\ninfo: {title: o, version: '1'}\nactions: "+test.actions+"\n")
			require.NoError(t, err)
			var got []string
			for _, op := range d.Operations() {
				var params []string
				for _, p := range op.Parameters {
					params = append(params, p.Name)
				}
				got = append(got, op.Method+" "+op.Path+" "+op.ID+" tags="+strings.Join(op.route.Operation.Tags, ",")+" params="+strings.Join(params, ","))
			}
			require.Equal(t, test.want, strings.Join(got, " | "))
			var warnings []string
			for _, w := range d.Warnings() {
				warnings = append(warnings, filepath.Base(w.String()[:strings.Index(w.String(), ":")])+w.String()[strings.Index(w.String(), ":"):])
			}
			require.Equal(t, test.warnings, warnings)
			require.Len(t, d.Files(), 2)
		})
	}
}

// TestOverlayRefused holds what is no overlay.
func TestOverlayRefused(t *testing.T) {
	_, err := OpenWith(t.Context(), "../../openapi.yaml", &LoadOptions{Overlays: []string{"nowhere.yaml"}})
	require.EqualError(t, err, "nowhere.yaml: no such file or directory")
	for text, want := range map[string]string{
		"a: 1":           "1:1: no OpenAPI Overlay: it has no overlay: 1.0.0",
		"overlay: 2.0.0": "1:10: no OpenAPI Overlay: it has no overlay: 1.0.0",
		"overlay: 1.0.0": "1:1: the overlay has no list of actions",
		"overlay: 1.0.0\nactions: [{remove: true}]":                              "2:11: the action has no target",
		"overlay: 1.0.0\nactions: [{target: $.a}]":                               "2:11: the action has neither update nor remove: true",
		"overlay: 1.0.0\nactions: [{target: 'a[', remove: true}]":                "2:20: a[ is no JSONPath: not terminated at 3 in a[",
		"overlay: 1.0.0\nactions: [{target: paths, remove: true}]":               "2:20: paths is no JSONPath: it does not begin with $",
		"overlay: 1.0.0\nactions: [{target: $.openapi, update: 3.1.0}]":          "2:20: $.openapi selects a value that is neither an object nor a list, at d.yaml:1:10",
		"overlay: 1.0.0\nactions: [{target: $.paths, update: 3}]":                "2:37: the update of an object is not an object",
		"overlay: 1.0.0\nactions: [{target: $, update: {x-understudy: {a: 1}}}]": `2:47: unknown key "a" under x-understudy`,
		"overlay: 1.0.0\nactions: [{target: $.openapi, remove: true}]":           "1:1: no OpenAPI document: it has neither openapi: nor swagger:",
	} {
		_, err := openOverlaid(t, text)
		require.ErrorContains(t, err, want, text)
		var s *source.Error
		require.ErrorAs(t, err, &s)
	}
}

// openOverlaid loads the test's document with an overlay.
func openOverlaid(t *testing.T, text string) (*Document, error) {
	t.Helper()
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("d.yaml", []byte(overlaid), 0o600))
	require.NoError(t, os.WriteFile("o.yaml", []byte(text), 0o600))
	return OpenWith(t.Context(), "d.yaml", &LoadOptions{Overlays: []string{"o.yaml"}})
}
