package report

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
)

const curlHead = `#!/bin/sh
# %s
# %d tests. They need curl, and jq where one sends what another was answered with. BASE_URL says where the service is.
set -u
BASE_URL="${BASE_URL:-%s}"
`

const curlTools = `answer=$(mktemp) head=$(mktemp)
trap 'rm -f "$answer" "$head"' EXIT
passed=0 failed=0 ok=true

# begin NAME begins a test, and end ends it.
begin() { name=$1 ok=true; }
end() { if $ok; then passed=$((passed + 1)); else failed=$((failed + 1)); fi; }

# send STATUSES MEDIA LABEL ARGUMENTS… sends a request and looks at the answer.
send() {
	wanted=$1 media=$2 label=$3
	shift 3
	got=$(curl -sS --path-as-is -o "$answer" -D "$head" -w '%{http_code} %{content_type}' "$@") || got="no answer"
	case " $wanted " in
	*" ${got%% *} "*) ;;
	*) ok=false && printf '%s: %s: got %s, wanted %s\n' "$name" "$label" "${got%% *}" "$wanted" ;;
	esac
	case "${got#* }" in
	"$media"*) ;;
	*) ok=false && printf '%s: %s: got %s, wanted %s\n' "$name" "$label" "${got#* }" "$media" ;;
	esac
}
member() { jq -r "$1" "$answer"; }
header() { sed -n "s/^$1: *\(.*\)\r\$/\1/Ip" "$head" | tail -n 1; }
`

// exportCurl writes a suite as a script for a POSIX shell.
func exportCurl(out io.Writer, s *suite) error {
	w := bufio.NewWriter(out)
	fmt.Fprintf(w, curlHead, s.Title, len(s.Cases), s.Base)
	for _, secret := range s.Secrets {
		fmt.Fprintf(w, ": \"${%s:?%s}\"\n", secret.Name, strings.NewReplacer(`"`, "", "`", "", "$", "", "}", "", `\`, "").Replace(secret.Meaning))
	}
	w.WriteString(curlTools)
	for _, c := range s.Cases {
		fmt.Fprintf(w, "\n")
		if c.Note != "" {
			fmt.Fprintf(w, "# %s\n", c.Note)
		}
		fmt.Fprintf(w, "begin %s\n", quoted(c.Name))
		for _, step := range c.Steps {
			fmt.Fprintf(w, "send '%s' %s %s", joinInts(step.Statuses, " "), quoted(step.Media), quoted(step.Label))
			if step.Method == "HEAD" {
				fmt.Fprint(w, " --head")
			} else {
				fmt.Fprintf(w, " -X %s", step.Method)
			}
			for _, h := range step.Header {
				if len(h.Value) == 0 {
					fmt.Fprintf(w, " -H %s", quoted(h.Name+";"))
					continue
				}
				fmt.Fprintf(w, " -H %s", shell(slices.Concat([]piece{{Text: h.Name + ": "}}, h.Value)))
			}
			if step.Body != nil {
				fmt.Fprintf(w, " --data-binary %s", shell(step.Body))
			}
			base := `"$BASE_URL"`
			if step.Absolute {
				base = ""
			}
			fmt.Fprintf(w, " %s%s\n", base, shell(step.URL))
			for _, capture := range step.Captures {
				if capture.Header != "" {
					fmt.Fprintf(w, "%s=$(header %s)\n", capture.Name, quoted(capture.Header))
				} else {
					fmt.Fprintf(w, "%s=$(member %s)\n", capture.Name, quoted(jqPath(capture.Pointer)))
				}
			}
		}
		fmt.Fprintf(w, "end\n")
	}
	fmt.Fprintf(w, "\necho \"$passed passed, $failed failed\"\n[ \"$failed\" -eq 0 ]\n")
	return w.Flush()
}

// quoted writes a text so that a shell takes it as it is.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

func shell(parts []piece) string {
	out, literal := "", ""
	for _, p := range parts {
		if literal += p.Text; p.Var == "" {
			continue
		}
		if literal != "" {
			out += quoted(literal)
		}
		out, literal = out+`"$`+p.Var+`"`, ""
	}
	if literal != "" || out == "" {
		out += quoted(literal)
	}
	return out
}

// jqPath writes a JSON Pointer to members of objects as a path of jq.
func jqPath(pointer string) string {
	out := "."
	for _, name := range tokens(pointer) {
		out += fmt.Sprintf("[%q]", name)
	}
	return out
}

// tokens are the names in a JSON Pointer.
func tokens(pointer string) []string {
	var out []string
	for _, token := range strings.Split(pointer, "/")[1:] {
		out = append(out, strings.NewReplacer("~1", "/", "~0", "~").Replace(token))
	}
	return out
}

func joinInts(numbers []int, separator string) string {
	var out []string
	for _, n := range numbers {
		out = append(out, fmt.Sprint(n))
	}
	return strings.Join(out, separator)
}
