package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"understudy"
	"understudy/mockserver"
)

// blocks are the parts of a page that are set as code of a language.
func blocks(t *testing.T, page, language string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../docs", page))
	require.NoError(t, err)
	var out []string
	for _, m := range regexp.MustCompile("(?s)\n```"+language+"\n(.*?\n)```\n").FindAllStringSubmatch(string(text), -1) {
		out = append(out, m[1])
	}
	require.NotEmpty(t, out)
	return out
}

// strict decodes one YAML document after the other; a key twice, say, is an error.
func strict[T any](t *testing.T, text string) []T {
	t.Helper()
	var out []T
	d := yaml.NewDecoder(strings.NewReader(text))
	for {
		var v T
		err := d.Decode(&v)
		if err != nil {
			require.EqualError(t, err, "EOF", text)
			return out
		}
		out = append(out, v)
	}
}

// TestFlagsInDocs: every flag that a page or the Action gives to understudy check or to report merge is one.
func TestFlagsInDocs(t *testing.T) {
	root := &cobra.Command{}
	root.AddCommand(checkCommand(), reportCommand(), serveCommand(), initCommand(), auditCommand(), rulesCommand())
	pages, err := filepath.Glob("../../docs/*.md")
	require.NoError(t, err)
	said := regexp.MustCompile(`(understudy|\./understudy|/understudy") (check|report merge|serve|init|audit|rules)\b(.*)|flags: ()()(.*)`)
	lines := 0
	for _, name := range append(pages, "../../action.yml", "../../README.md") {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		for _, m := range said.FindAllStringSubmatch(string(text), -1) {
			command, rest := m[2], m[3]+m[6]
			if command == "" {
				command = "check"
			}
			cmd, _, err := root.Find(strings.Fields(command))
			require.NoError(t, err)
			for _, flag := range regexp.MustCompile(`--([a-z][a-z-]+)`).FindAllStringSubmatch(rest, -1) {
				if flag[1] == "help" {
					continue
				}
				lines++
				require.NotNil(t, cmd.Flags().Lookup(flag[1]), "%s: understudy %s --%s", name, command, flag[1])
			}
		}
	}
	require.Greater(t, lines, 20)
}

// TestYAMLInDocs: every YAML file of docs/ci.md, the Action and the hooks can be read; what the Action is given it takes, and the hooks that are used are there.
func TestYAMLInDocs(t *testing.T) {
	type step struct {
		Uses string
		With map[string]any
	}
	type workflow struct {
		Jobs map[string]struct {
			Strategy struct{ Matrix map[string][]int }
			Steps    []step
		}
		Repos []struct{ Hooks []struct{ ID string } }
	}
	type action struct {
		Inputs map[string]any
		Runs   struct {
			Using string
			Steps []step
		}
	}
	text, err := os.ReadFile("../../action.yml")
	require.NoError(t, err)
	ours := strict[action](t, string(text))[0]
	require.Equal(t, "composite", ours.Runs.Using)
	text, err = os.ReadFile("../../.pre-commit-hooks.yaml")
	require.NoError(t, err)
	hooks := map[string]bool{}
	for _, h := range strict[[]struct{ ID, Name, Entry, Language string }](t, string(text))[0] {
		require.NotEmpty(t, h.Name)
		require.Equal(t, "golang", h.Language)
		require.True(t, strings.HasPrefix(h.Entry, "understudy "))
		hooks[h.ID] = true
	}
	used, picked := 0, 0
	for _, block := range blocks(t, "ci.md", "yaml") {
		for _, file := range strict[workflow](t, block) {
			for _, job := range file.Jobs {
				for _, s := range job.Steps {
					if !strings.HasPrefix(s.Uses, "OWNER/understudy@") {
						continue
					}
					used++
					for name := range s.With {
						require.Contains(t, ours.Inputs, name)
					}
				}
			}
			for _, r := range file.Repos {
				for _, h := range r.Hooks {
					require.True(t, hooks[h.ID], h.ID)
					picked++
				}
			}
		}
	}
	require.Equal(t, []int{2, len(hooks)}, []int{used, picked})
}

// job is what is looked at of a Job of Kubernetes.
type job struct {
	Kind string
	Spec struct {
		CompletionMode           string `yaml:"completionMode"`
		Completions, Parallelism int
		Template                 struct {
			Spec struct {
				Containers []struct {
					Args []string
					Env  []struct{ Name, Value string }
				}
			}
		}
	}
}

// TestJobInDocs runs the Indexed Job of docs/ci.md, pod after pod, and joins what they wrote.
func TestJobInDocs(t *testing.T) {
	var jobs []job
	for _, block := range blocks(t, "ci.md", "yaml") {
		for _, j := range strict[job](t, block) {
			if j.Kind == "Job" {
				jobs = append(jobs, j)
			}
		}
	}
	require.Len(t, jobs, 2)
	dir := t.TempDir()
	doc, err := os.ReadFile("../../openapi.yaml")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "openapi.yaml"), doc, 0o600))
	contract, err := understudy.Open(t.Context(), filepath.Join(dir, "openapi.yaml"))
	require.NoError(t, err)
	mock, err := mockserver.New(contract, &mockserver.Options{Tokens: map[string]string{"s3cret": ""}})
	require.NoError(t, err)
	server := httptest.NewServer(mock)
	defer server.Close()

	pod := func(j job, index int) (status int, stdout string) {
		c := j.Spec.Template.Spec.Containers[0]
		env := map[string]string{"JOB_COMPLETION_INDEX": fmt.Sprint(index)} // what Kubernetes sets
		for _, v := range c.Env {
			env[v.Name] = v.Value
		}
		env["BASE_URL"], env["UNDERSTUDY_TOKEN"] = server.URL+contract.Bases()[0], "s3cret"
		var args []string
		for _, a := range c.Args {
			for name, value := range env {
				t.Setenv(name, value)
				a = strings.ReplaceAll(a, "$("+name+")", value)
			}
			args = append(args, strings.NewReplacer("/reports/", dir+"/", "/contract/", dir+"/").Replace(a))
		}
		var out, errs bytes.Buffer
		status = run(context.Background(), args, &out, &errs)
		require.Empty(t, errs.String())
		return status, out.String()
	}
	require.Equal(t, "Indexed", jobs[0].Spec.CompletionMode)
	require.Equal(t, jobs[0].Spec.Completions, jobs[0].Spec.Parallelism)
	for i := range jobs[0].Spec.Completions {
		status, out := pod(jobs[0], i)
		require.Zero(t, status, out)
		require.Contains(t, out, fmt.Sprintf("in shard %d/%d\n", i+1, jobs[0].Spec.Completions))
	}
	status, out := pod(jobs[1], 0)
	require.Zero(t, status, out)
	require.Regexp(t, `(?m)^KEPT: .* as far as was exercised$`, out)
	html, err := os.ReadFile(filepath.Join(dir, "contract.html"))
	require.NoError(t, err)
	require.Contains(t, string(html), "<html")
}
