package report

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"understudy/contracttest"
)

// github writes the findings as workflow commands, which GitHub shows as annotations beside the lines of the document. It shows ten errors and ten warnings
// of a step, so those that count come first; what passed has no place among them.
func github(out io.Writer, r *contracttest.Report) error {
	w := bufio.NewWriter(out)
	for _, f := range r.Findings {
		command := map[string]string{"broken": "error", "warning": "warning"}[title(r, f)]
		if command == "" {
			command = "notice"
		}
		at := ""
		if file, line, column, ok := place(f.Place); ok {
			at = fmt.Sprintf("file=%s,line=%d,col=%d,", property(file), line, column)
		}
		fmt.Fprintf(w, "::%s %stitle=%s::%s\n", command, at, property(f.Rule+": "+f.Sentence), data(details(f)))
	}
	if why := lacking(r); why != "" {
		fmt.Fprintf(w, "::error title=understudy::%s\n", data(why))
	}
	return w.Flush()
}

// data and property escape the parts of a workflow command (actions/toolkit, core/src/command.ts).
func data(text string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(text)
}

func property(text string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(data(text))
}

// place reads file:line:column. A document that is no file has none.
func place(text string) (file string, line, column int, ok bool) {
	rest, c, _ := cutLast(text)
	file, l, _ := cutLast(rest)
	line, err := strconv.Atoi(l)
	column, err2 := strconv.Atoi(c)
	return file, line, column, err == nil && err2 == nil && file != "" && !strings.Contains(file, "://")
}

func cutLast(text string) (before, after string, ok bool) {
	if i := strings.LastIndex(text, ":"); i >= 0 {
		return text[:i], text[i+1:], true
	}
	return text, "", false
}
