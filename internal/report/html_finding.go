package report

import (
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"understudy/contracttest"
)

type (
	findingView struct {
		*contracttest.Finding
		Title               string
		GotParts, WantParts []part
		Steps               []stepView
	}
	stepView struct {
		Number             int
		Method             string
		Target             []part
		Status, Took       string
		Class              int // of the status: 2, 4, …; 0: no answer
		Unexpected, Undoes bool
		Request, Answer    []line
	}
	part struct {
		Text   string
		Marked bool
	}
	line struct {
		Text   string
		Marked bool
	}
)

// viewFinding shows a finding's exchanges, and marks what differs: in got and wanted, in a request from the one before, and in an answer what is told of it.
func viewFinding(r *contracttest.Report, f *contracttest.Finding) findingView {
	v := findingView{Finding: f, Title: title(r, f)}
	v.GotParts, v.WantParts = differences(f.Got, f.Want)
	about := told(f)
	before := map[string]string{} // the request before, by method and path
	for i, x := range f.Exchanges {
		s := stepView{Number: i + 1, Method: x.Method, Class: x.Status / 100, Unexpected: x.Unexpected, Undoes: x.Undoes, Took: short(x.Took)}
		s.Status = strings.TrimSpace(fmt.Sprint(x.Status, " ", http.StatusText(x.Status)))
		if x.Status == 0 {
			s.Status = "no answer"
		}
		s.Target, s.Request = viewRequest(x, before)
		s.Answer = viewAnswer(x, about)
		v.Steps = append(v.Steps, s)
	}
	return v
}

// viewRequest shows a request. Of its query and its header that is marked which the request before, with the same method and path, had not.
func viewRequest(x *contracttest.Exchange, before map[string]string) (target []part, lines []line) {
	path, query := x.URL, ""
	if u, err := url.Parse(x.URL); err == nil {
		path, query = u.EscapedPath(), u.RawQuery
	}
	last, again := before[x.Method+" "+path]
	now := "\n"
	fresh := func(text string) bool {
		now += text + "\n"
		return again && !strings.Contains(last, "\n"+text+"\n")
	}
	target = []part{{Text: path}}
	for i, pair := range strings.Split(query, "&") {
		if pair == "" {
			break
		}
		target = append(target, part{Text: []string{"?", "&"}[min(i, 1)]}, part{readable(pair), fresh(pair)})
	}
	lines = []line{{Text: x.Method + " " + x.URL}}
	for _, h := range headerLines(x.Header) {
		lines = append(lines, line{h, fresh(h)})
	}
	if x.Body != nil {
		lines = append(append(lines, line{}), bodyLines(x.Body, func(string) bool { return false })...)
	}
	before[x.Method+" "+path] = now
	return target, lines
}

func readable(pair string) string {
	if plain, err := url.QueryUnescape(pair); err == nil && !strings.ContainsAny(plain, "\x00\n\r") {
		return plain
	}
	return pair
}

func viewAnswer(x *contracttest.Exchange, about func(pointer string) bool) []line {
	if x.Status == 0 {
		return []line{{Text: x.Error}}
	}
	lines := []line{{Text: strings.TrimSpace(fmt.Sprint(x.Status, " ", http.StatusText(x.Status)))}}
	for _, h := range headerLines(x.Got) {
		lines = append(lines, line{Text: h})
	}
	if x.Answer != nil {
		lines = append(append(lines, line{}), bodyLines(x.Answer, about)...)
	}
	if x.Error != "" {
		lines = append(lines, line{Text: x.Error, Marked: true})
	}
	return lines
}

func headerLines(header http.Header) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(header)) {
		for _, v := range header[name] {
			out = append(out, name+": "+v)
		}
	}
	return out
}

var namedFirst = regexp.MustCompile(`^"?([A-Za-z_][\w.-]*)"? is `)

// told gives which members of an answer's body a finding speaks of: those at its pointer, or those with the name that what it got begins with.
func told(f *contracttest.Finding) func(pointer string) bool {
	if f.Pointer != "" && f.Pointer != "/" {
		return func(pointer string) bool { return pointer == f.Pointer || strings.HasPrefix(pointer, f.Pointer+"/") }
	}
	if m := namedFirst.FindStringSubmatch(f.Got); m != nil {
		at := "/" + strings.ReplaceAll(m[1], ".", "/")
		return func(pointer string) bool { return strings.HasSuffix(pointer, at) }
	}
	return func(string) bool { return false }
}

// How many lines of a body are shown: around each that is marked, and of one without marks.
const (
	linesFirst   = 3
	linesAround  = 6
	linesWithout = 60
)

// bodyLines shows a body, JSON indented, what is far from a mark left out.
func bodyLines(b *contracttest.Body, about func(pointer string) bool) []line {
	text := b.Text
	if b.Base64 {
		if text = nearlyText(b.Text); text == "" {
			return []line{{Text: fmt.Sprintf("%d bytes that are not text", b.Size)}}
		}
	}
	lines := indented(text, about)
	if b.Cut {
		lines = append(lines, line{Text: fmt.Sprintf("… %d bytes in all", b.Size)})
	}
	var near []int
	for i, l := range lines {
		if l.Marked {
			near = append(near, i)
		}
	}
	var out []line
	skipped := 0
	for i, l := range lines {
		shown := i < linesFirst || i == len(lines)-1 || slices.ContainsFunc(near, func(n int) bool { return i >= n-linesAround && i <= n+linesAround }) ||
			len(near) == 0 && i < linesWithout
		if !shown {
			skipped++
			continue
		}
		if skipped > 0 {
			out = append(out, line{Text: "  … " + plural(skipped, "line")})
		}
		skipped = 0
		out = append(out, l)
	}
	return out
}

// nearlyText reads bytes, written as base64, of which nearly all are text; else it gives "".
func nearlyText(encoded string) string {
	raw, err := base64.StdEncoding.DecodeString(encoded)
	text := strings.ToValidUTF8(string(raw), "\uFFFD")
	if err != nil || 10*strings.Count(text, "\uFFFD") > len(text) {
		return ""
	}
	return text
}

// indented writes JSON, or the beginning of some, a member a line; anything else as it is.
func indented(text string, about func(pointer string) bool) []line {
	trimmed := strings.TrimSpace(text)
	if trimmed == "" || trimmed[0] != '{' && trimmed[0] != '[' {
		var out []line
		for _, l := range strings.Split(text, "\n") {
			out = append(out, line{Text: l})
		}
		return out
	}
	w := indenter{about: about}
	w.write(trimmed)
	return w.lines
}

// indenter knows where in a JSON text it is.
type indenter struct {
	about func(pointer string) bool
	lines []line
	now   strings.Builder
	open  []level
	mark  bool // of the line that is being written
}

type level struct {
	array bool
	index int
	name  string
}

func (w *indenter) pointer() string {
	at := ""
	for _, l := range w.open {
		if l.array {
			at += fmt.Sprintf("/%d", l.index)
		} else {
			at += "/" + l.name
		}
	}
	return at
}

func (w *indenter) end() {
	if text := w.now.String(); strings.TrimSpace(text) != "" {
		w.lines = append(w.lines, line{text, w.mark})
	}
	w.now.Reset()
	w.mark = false
	w.now.WriteString(strings.Repeat("  ", len(w.open)))
}

// value marks the line if what begins here is spoken of.
func (w *indenter) value() { w.mark = w.mark || len(w.open) > 0 && w.about(w.pointer()) }

func (w *indenter) write(text string) {
	naming := false // the next string is a name
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '{', '[':
			w.value()
			w.now.WriteByte(c)
			if rest := strings.TrimLeft(text[i+1:], " \n\r\t"); rest != "" && (rest[0] == '}' || rest[0] == ']') {
				w.now.WriteByte(rest[0])
				i = len(text) - len(rest)
				continue
			}
			w.open = append(w.open, level{array: c == '['})
			naming = c == '{'
			w.end()
		case '}', ']':
			w.open = w.open[:max(len(w.open)-1, 0)]
			w.end()
			w.now.WriteByte(c)
			naming = false
		case ',':
			w.now.WriteByte(c)
			if n := len(w.open); n > 0 {
				w.open[n-1].index++
				naming = !w.open[n-1].array
			}
			w.end()
		case ':':
			w.now.WriteString(": ")
			naming = false
		case ' ', '\n', '\r', '\t':
		case '"':
			end := i + 1
			for end < len(text) && text[end] != '"' {
				if text[end] == '\\' {
					end++
				}
				end++
			}
			end = min(end, len(text)-1)
			if naming && len(w.open) > 0 {
				w.open[len(w.open)-1].name = text[i+1 : max(end, i+1)]
			} else {
				w.value()
			}
			w.now.WriteString(text[i : end+1])
			i = end
		default:
			w.value()
			w.now.WriteByte(c)
		}
	}
	w.end()
}

// differences marks the words that only one of two sentences has, if they have most of the others in common.
func differences(a, b string) (partsA, partsB []part) {
	x, y := strings.Fields(a), strings.Fields(b)
	common := func(words, others []string) (out []part, same int) {
		for i, word := range words {
			in := slices.Contains(others, word)
			same += b2i(in)
			if i > 0 {
				word = " " + word
			}
			out = append(out, part{word, !in})
		}
		return out, same
	}
	partsA, sameA := common(x, y)
	partsB, sameB := common(y, x)
	if 2*sameA < len(x) || 2*sameB < len(y) {
		return []part{{Text: a}}, []part{{Text: b}}
	}
	return partsA, partsB
}
