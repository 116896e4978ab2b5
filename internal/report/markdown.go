package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"

	"understudy/contracttest"
)

// mostInMarkdown bounds the findings, and the reasons for skipping, that are shown: a comment on a pull request holds 65,536 characters.
const mostInMarkdown = 25

// markdown writes a report for a pull request or the summary of a CI step, in GitHub's Markdown.
func markdown(out io.Writer, r *contracttest.Report) error {
	w := bufio.NewWriter(out)
	icon := map[string]string{"kept": "✅", "broken": "❌", "unsure": "⚠️", "short": "⚠️"}[verdict(r)]
	fmt.Fprintf(w, "## %s %s\n\n", icon, md(strings.TrimSpace(r.Title+" "+r.Version)))
	fmt.Fprintf(w, "**%s**\n\n", md(r.Verdict()))
	if why := lacking(r); why != "" && verdict(r) == "short" {
		fmt.Fprintf(w, "%s\n\n", md(why))
	}
	fmt.Fprintf(w, "| kept | broken | flaky | could not be told | not applicable | requests | time |\n|--:|--:|--:|--:|--:|--:|--:|\n")
	fmt.Fprintf(w, "| %d | %d | %d | %d | %d | %d | %s |\n\n", r.Count(contracttest.Kept), r.Count(contracttest.Broken), r.Count(contracttest.Flaky),
		r.Count(contracttest.Skipped), r.NotApplicable, r.Requests, r.Took.Round(10*time.Millisecond))
	shown := 0
	for _, f := range r.Findings {
		if shown++; shown > mostInMarkdown {
			fmt.Fprintf(w, "… and %s more.\n\n", plural(len(r.Findings)-mostInMarkdown, "finding"))
			break
		}
		markdownFinding(w, r, f)
	}
	if len(r.Gone) > 0 {
		fmt.Fprintf(w, "### No longer broken\n\n")
		for _, k := range r.Gone {
			fmt.Fprintf(w, "- `%s` %s on %s (`%s`)\n", k.Rule, md(knownText(&k)), md(strings.Join(k.Operations, ", ")), k.Fingerprint)
		}
		fmt.Fprintln(w)
	}
	if reasons := Untold(r); len(reasons) > 0 {
		fmt.Fprintf(w, "<details><summary>%s could not be told</summary>\n\n| cases | why | rules |\n|--:|---|---|\n", plural(r.Count(contracttest.Skipped), "case"))
		for i, u := range reasons {
			if i == mostInMarkdown {
				fmt.Fprintf(w, "| … | %s more | |\n", plural(len(reasons)-i, "reason"))
				break
			}
			fmt.Fprintf(w, "| %d | %s | %s |\n", u.Cases, md(u.Reason), md(strings.Join(u.Rules, ", ")))
		}
		fmt.Fprintf(w, "\n</details>\n\n")
	}
	if len(r.Exercised) > 0 {
		fmt.Fprintf(w, "<details><summary>%s</summary>\n\n| operation | requests | statuses | median | slowest |\n|---|--:|---|--:|--:|\n", coverage(r))
		for i := range r.Exercised {
			x := &r.Exercised[i]
			if i == 10*mostInMarkdown {
				fmt.Fprintf(w, "| … %s more | | | | |\n", plural(len(r.Exercised)-i, "operation"))
				break
			}
			fmt.Fprintf(w, "| `%s %s` | %d | %s | %s | %s |\n", x.Method, x.Path, x.Requests, statusList(x), short(x.Took.Median), short(x.Took.Max))
		}
		fmt.Fprintf(w, "\n</details>\n\n")
	}
	if len(r.Leftovers) > 0 {
		fmt.Fprintf(w, "### Left behind\n\n")
		for _, l := range r.Leftovers {
			fmt.Fprintf(w, "- %s\n", md(l))
		}
		fmt.Fprintln(w)
	}
	return w.Flush()
}

func markdownFinding(w io.Writer, r *contracttest.Report, f *contracttest.Finding) {
	fmt.Fprintf(w, "### %s `%s`: %s\n\n", strings.ToUpper(title(r, f)), f.Rule, md(f.Sentence))
	operations := f.Operations
	if len(operations) > 6 {
		operations = append(append([]string{}, operations[:5]...), fmt.Sprintf("%d more", len(operations)-5))
	}
	for _, line := range [][2]string{
		{"where", strings.Join(operations, ", ")}, {"asked", f.Intent}, {"got", f.Got}, {"wanted", f.Want}, {"cause", f.Cause}, {"document", f.Place},
	} {
		if line[1] != "" {
			fmt.Fprintf(w, "- **%s** %s\n", line[0], md(line[1]))
		}
	}
	if f.Known != nil {
		fmt.Fprintf(w, "- **%s**\n", md(knownText(f.Known)))
	}
	fmt.Fprintf(w, "- **id** `%s`\n\n", f.Fingerprint)
	if f.Request != "" {
		fmt.Fprintf(w, "%s\n\n", fenced("sh", f.Request))
		fmt.Fprintf(w, "%s\n\n", fenced("", strings.TrimSpace(fmt.Sprint(f.Status, " ", f.Answer))))
	}
}

// md keeps a text from meaning anything in Markdown or HTML.
func md(text string) string {
	return strings.NewReplacer("\\", `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "|", `\|`, "<", "&lt;", "&", "&amp;", "[", `\[`, "]", `\]`, "\n", " ", "\r", " ").Replace(text)
}

// fenced is a block of code, in a fence that does not stand in it.
func fenced(language, text string) string {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fence + language + "\n" + text + "\n" + fence
}

func statusList(x *contracttest.Exercised) string {
	var out []string
	for _, s := range x.Statuses {
		text := fmt.Sprintf("%s ×%d", s.Status, s.Answers)
		if s.Answers == 0 {
			text = "~~" + s.Status + "~~"
		}
		if !s.Documented && !s.Expected {
			text += " (not documented)"
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

func short(d time.Duration) string {
	if d >= time.Second {
		return d.Round(10 * time.Millisecond).String()
	}
	return d.Round(100 * time.Microsecond).String()
}
