package main

import (
	"bytes"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"understudy"
	"understudy/internal/source"
)

// compiled is the JSON Schema that is published.
func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile("../../docs/" + schemaName)
	require.NoError(t, err)
	now, err := configSchema()
	require.NoError(t, err)
	require.Equal(t, string(now), string(text), "make generate")
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	require.NoError(t, c.AddResource(schemaName, value))
	s, err := c.Compile(schemaName)
	require.NoError(t, err)
	return s
}

// judged gives what the schema and the program say of a file.
func judged(t *testing.T, s *jsonschema.Schema, text string) (bySchema, byProgram error) {
	t.Helper()
	file, err := source.Parse(configName, []byte(text))
	require.NoError(t, err)
	asJSON, err := source.AppendJSON(nil, file.Root)
	require.NoError(t, err)
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
	require.NoError(t, err)
	return s.Validate(value), (&config{file, checkCommand().Flags(), "."}).check()
}

// TestConfigSchema: editors and the program take the same files and refuse the same.
func TestConfigSchema(t *testing.T) {
	s := compiled(t)
	for _, good := range []string{
		"", "seed: 1", "document: openapi.yaml", "targets: {a: {base-url: http://x, token: $A}, b: {allow-writes: true}}",
		"include: GET", "include: [GET, 'paging/*', 404]", "header: {Accept: text/plain, X-N: 1}", "header: ['A: b']",
		"expect: {users_list: [403, 404], groups_list: 403}", "expect: users_list=403", "expect: [a=403, b=404]",
		"min-coverage: {operations: 100%, rules: 80}", "min-coverage: operations=100%,rules=80", "report: {json: a.json}", "report: [json=a.json]",
		"max-time: 1m30s", "max-time: ${TIME}", "rate: 2.5", "rate: 2", "login-body: {user: ci, roles: [a], deep: {n: 1}}", "login-body: grant_type=x",
		"credential: {a: s3cret, b: 's'}", "strict: false", "target: x",
	} {
		bySchema, byProgram := judged(t, s, good)
		require.NoError(t, bySchema, good)
		require.NoError(t, byProgram, good)
	}
	for _, bad := range []string{
		"sed: 1", "targets: {a: {target: b}}", "targets: {a: {document: b}}", "targets: [a]", "targets: {a: x}", "config: x", "help: true", "seed: x", "seed: 1.5",
		"include: {a: b}", "include: [[a]]", "include: true", "header: [[a]]", "min-coverage: [a]", "max-time: 10", "max-time: soon", "strict: 1", "strict: 'no'",
		"rate: fast", "base-url: 1", "base-url: [a]", "login: {a: b}", "document: 1", "[a]", "expect: {a: {b: c}}", "token: 12345",
	} {
		bySchema, byProgram := judged(t, s, bad)
		require.Error(t, bySchema, bad)
		if bad == "max-time: soon" { // said where it is set
			continue
		}
		require.Error(t, byProgram, bad)
	}
}

// TestInitial: what init writes is valid, with and without what it writes as comments.
func TestInitial(t *testing.T) {
	s := compiled(t)
	doc, err := understudy.Invitations()
	require.NoError(t, err)
	var b bytes.Buffer
	require.NoError(t, configTemplate.Execute(&b, configOf(doc, "openapi.yaml")))
	head, _, _ := strings.Cut(b.String(), "\ndocument:")
	require.Contains(t, head, "# yaml-language-server: $schema="+schemaName)
	all := head + regexp.MustCompile(`(?m)^( *)# `).ReplaceAllString(strings.TrimPrefix(b.String(), head), "$1")
	require.Contains(t, all, "\n    allow-writes: true")
	for _, text := range []string{b.String(), all} {
		bySchema, byProgram := judged(t, s, text)
		require.NoError(t, bySchema, text)
		require.NoError(t, byProgram, text)
	}
}

// TestConfigNamesFlags: what the file treats in its own way are flags.
func TestConfigNamesFlags(t *testing.T) {
	flags := checkCommand().Flags()
	for _, name := range slices.Concat(slices.Collect(maps.Keys(pairs)), oneOf, filesBeside) {
		require.NotNil(t, flags.Lookup(name), name)
	}
}

// TestConfigInDocs: what the guide writes into the file can stand there.
func TestConfigInDocs(t *testing.T) {
	s := compiled(t)
	for _, text := range blocks(t, "guide-check.md", "yaml") {
		bySchema, byProgram := judged(t, s, text)
		require.NoError(t, bySchema, text)
		require.NoError(t, byProgram, text)
	}
}
