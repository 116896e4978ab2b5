package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"go/format"
	"io"
	"strconv"
)

//go:embed export/suite_test.go.txt
var goTools string

// exportGo writes a suite as a file of Go tests that need the standard library only.
func exportGo(w io.Writer, s *suite) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "// %s\n//\n// BASE_URL says where the service is.", s.Title)
	for _, secret := range s.Secrets {
		fmt.Fprintf(&b, " %s is %s.", secret.Name, secret.Meaning)
	}
	var needed []string
	for _, secret := range s.Secrets {
		needed = append(needed, secret.Name)
	}
	fmt.Fprintf(&b, "\n%s\nconst defaultBase = %q\n\nvar needed = %#v\n\nvar cases = []testCase{\n", goTools, s.Base, needed)
	for _, c := range s.Cases {
		if c.Note != "" {
			fmt.Fprintf(&b, "// %s\n", c.Note)
		}
		fmt.Fprintf(&b, "{%q, []step{\n", c.Name)
		for _, step := range c.Steps {
			fmt.Fprintf(&b, "{method: %q, url: %s, ", step.Method, goText(step.URL, !step.Absolute))
			if len(step.Header) > 0 {
				fmt.Fprintf(&b, "header: [][2]text{")
				for _, h := range step.Header {
					fmt.Fprintf(&b, "{{%q}, %s}, ", h.Name, goText(h.Value, false))
				}
				fmt.Fprintf(&b, "}, ")
			}
			if step.Body != nil {
				fmt.Fprintf(&b, "body: %s, ", goText(step.Body, false))
			}
			fmt.Fprintf(&b, "statuses: []int{%s}, media: %q, ", joinInts(step.Statuses, ", "), step.Media)
			if len(step.Captures) > 0 {
				fmt.Fprintf(&b, "captures: []capture{")
				for _, c := range step.Captures {
					fmt.Fprintf(&b, "{%q, %q, %#v}, ", c.Name, c.Header, pointerTokens(c.Pointer))
				}
				fmt.Fprintf(&b, "}, ")
			}
			fmt.Fprintf(&b, "},\n")
		}
		fmt.Fprintf(&b, "}},\n")
	}
	fmt.Fprintf(&b, "}\n")
	text, err := format.Source(b.Bytes())
	if err != nil {
		return fmt.Errorf("the tests that were written are no Go: %w", err)
	}
	_, err = w.Write(text)
	return err
}

// goText writes a text: literals are strings, variables begin with a dollar sign.
func goText(parts []piece, base bool) string {
	out := "text{"
	if base {
		out += `"$BASE_URL", `
	}
	for _, p := range parts {
		if p.Var != "" {
			out += strconv.Quote("$"+p.Var) + ", "
		} else {
			out += strconv.Quote("="+p.Text) + ", "
		}
	}
	return out + "}"
}

func pointerTokens(pointer string) []string {
	if pointer == "" {
		return nil
	}
	return tokens(pointer)
}
