package report

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
)

// exportHTTP writes a suite as a .http file, as the HTTP clients of editors read it: JetBrains' language, whose requests and variables VS Code's clients share.
func exportHTTP(out io.Writer, s *suite) error {
	w := bufio.NewWriter(out)
	fmt.Fprintf(w, "# %s\n# Variables of the environment that is chosen: BASE_URL, such as %s", s.Title, s.Base)
	for _, secret := range s.Secrets {
		fmt.Fprintf(w, "; %s, %s", secret.Name, secret.Meaning)
	}
	fmt.Fprintln(w)
	for _, c := range s.Cases {
		for n, step := range c.Steps {
			fmt.Fprintf(w, "\n### %s", oneLine(c.Name))
			if len(c.Steps) > 1 {
				fmt.Fprintf(w, " (%d of %d)", n+1, len(c.Steps))
			}
			fmt.Fprintln(w)
			if c.Note != "" && n == 0 {
				fmt.Fprintf(w, "# %s\n", c.Note)
			}
			fmt.Fprintf(w, "# @no-redirect\n%s %s\n", step.Method, address(step, braces))
			for _, h := range step.Header {
				fmt.Fprintf(w, "%s: %s\n", h.Name, render(h.Value, braces))
			}
			if step.Body != nil {
				fmt.Fprintf(w, "\n%s\n", render(step.Body, braces))
			}
			fmt.Fprintf(w, "\n> {%%\nclient.test(%q, () => {\n  client.assert([%s].includes(response.status), \"the status is \" + response.status);\n",
				fmt.Sprintf("%s %d", oneLine(c.Name), n+1), joinInts(step.Statuses, ", "))
			if step.Media != "" {
				fmt.Fprintf(w, "  client.assert(response.contentType.mimeType === %q, \"the media type is \" + response.contentType.mimeType);\n", step.Media)
			}
			fmt.Fprintf(w, "});\n")
			for _, capture := range step.Captures {
				value := "response.body"
				if capture.Header != "" {
					value = fmt.Sprintf("response.headers.valueOf(%q)", capture.Header)
				} else {
					for _, name := range tokens(capture.Pointer) {
						value += fmt.Sprintf("[%q]", name)
					}
				}
				fmt.Fprintf(w, "client.global.set(%q, %s);\n", capture.Name, value)
			}
			fmt.Fprintf(w, "%%}\n")
		}
	}
	return w.Flush()
}

// exportHurl writes a suite as a Hurl file.
func exportHurl(out io.Writer, s *suite) error {
	w := bufio.NewWriter(out)
	fmt.Fprintf(w, "# %s\n# hurl --test --variable BASE_URL=%s", s.Title, s.Base)
	for _, secret := range s.Secrets {
		fmt.Fprintf(w, " --variable %s=…", secret.Name)
	}
	fmt.Fprintln(w)
	escaped := func(text string) string { return strings.NewReplacer(`\`, `\\`, "#", `\#`).Replace(text) }
	for _, c := range s.Cases {
		for n, step := range c.Steps {
			fmt.Fprintf(w, "\n# %s, %d of %d\n", oneLine(c.Name), n+1, len(c.Steps))
			if c.Note != "" && n == 0 {
				fmt.Fprintf(w, "# %s\n", c.Note)
			}
			fmt.Fprintf(w, "%s %s\n", step.Method, address(step, braces))
			for _, h := range step.Header {
				fmt.Fprintf(w, "%s: %s\n", h.Name, escaped(render(h.Value, braces)))
			}
			fmt.Fprintf(w, "[Options]\npath-as-is: true\n")
			if step.Body != nil {
				fmt.Fprintf(w, "%s\n", hurlBody(step.Body))
			}
			if len(step.Statuses) == 1 {
				fmt.Fprintf(w, "HTTP %d\n", step.Statuses[0])
			} else {
				fmt.Fprintf(w, "HTTP *\n")
			}
			if len(step.Captures) > 0 {
				fmt.Fprintf(w, "[Captures]\n")
			}
			for _, capture := range step.Captures {
				if capture.Header != "" {
					fmt.Fprintf(w, "%s: header %q\n", capture.Name, capture.Header)
					continue
				}
				path := "$"
				for _, name := range tokens(capture.Pointer) {
					path += "['" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(name) + "']"
				}
				fmt.Fprintf(w, "%s: jsonpath %q\n", capture.Name, path)
			}
			if step.Media != "" || len(step.Statuses) > 1 {
				fmt.Fprintf(w, "[Asserts]\n")
			}
			if len(step.Statuses) > 1 { // it knows no list of statuses
				fmt.Fprintf(w, "status toString matches /^(%s)$/\n", joinInts(step.Statuses, "|"))
			}
			if step.Media != "" {
				fmt.Fprintf(w, "header \"Content-Type\" startsWith %q\n", step.Media)
			}
		}
	}
	return w.Flush()
}

// hurlBody writes a body between fences, or, where it would mean something to Hurl there, as base64.
func hurlBody(body []piece) string {
	plain := ""
	for _, p := range body {
		plain += p.Text
	}
	if strings.Contains(plain, "```") || strings.Contains(plain, "{{") || strings.Contains(plain, `\`) {
		return "base64," + base64.StdEncoding.EncodeToString([]byte(render(body, func(name string) string { return "{{" + name + "}}" }))) + ";"
	}
	return "```\n" + render(body, braces) + "\n```"
}

func braces(name string) string { return "{{" + name + "}}" }

// render writes pieces, variables as they are written in a language.
func render(parts []piece, variable func(name string) string) string {
	var b strings.Builder
	for _, p := range parts {
		if p.Var != "" {
			b.WriteString(variable(p.Var))
		} else {
			b.WriteString(p.Text)
		}
	}
	return b.String()
}

func address(step suiteStep, variable func(name string) string) string {
	if step.Absolute {
		return render(step.URL, variable)
	}
	return variable("BASE_URL") + render(step.URL, variable)
}
