package report

import (
	"fmt"
	"io"
	"maps"
	"mime"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"understudy/contracttest"
)

// exports are the languages in which a suite is written.
var exports = map[string]func(io.Writer, *suite) error{"curl": exportCurl, "go": exportGo, "http": exportHTTP, "hurl": exportHurl}

// Exports are their names, in order.
const Exports = "curl, go, http, hurl"

// suite is what a check sent, as tests that run without it.
type suite struct {
	Title   string // one line
	Base    string // the address that requests begin with unless BASE_URL says otherwise
	Secrets []secret
	Cases   []suiteCase
}

// secret is a variable of the environment that has to be set.
type secret struct{ Name, Meaning string }

type suiteCase struct {
	Name, Note string
	Steps      []suiteStep
}

// suiteStep is a request, and what has to come back.
type suiteStep struct {
	Label    string // method and address, without secrets
	Method   string
	URL      []piece // behind the base, or whole if it is Absolute
	Absolute bool
	Header   []suiteHeader
	Body     []piece
	Statuses []int  // one of these; none: any
	Media    string // of the answer; "": any
	Captures []contracttest.Capture
}

type suiteHeader struct {
	Name  string
	Value []piece
}

// piece is a part of a text: literal, or the value of a variable.
type piece struct{ Text, Var string }

// Export writes the cases of a report that were kept, and its findings, as tests that run without understudy; or only the findings. They assert the status
// and the media type of each answer: those that came where the case was kept, and those that were wanted of a finding, as far as its fault shows in them.
// What could not be told is left out. It gives how many tests were written, and of how many findings the fault does not show in a status.
func Export(w io.Writer, r *contracttest.Report, as string, findingsOnly bool) (written, silent int, err error) {
	write := exports[as]
	if write == nil {
		return 0, 0, fmt.Errorf("there is no export %q; there are %s", as, Exports)
	}
	s := &suite{Title: oneLine(fmt.Sprintf("%s %s, checked at %s with seed %d", r.Title, r.Version, r.Target, r.Seed)), Base: strings.TrimRight(r.Target, "/")}
	for _, f := range r.Findings {
		c, shows := ofFinding(s, r, f)
		if len(c.Steps) == 0 {
			continue
		}
		if !shows {
			silent++
		}
		s.Cases = append(s.Cases, c)
	}
	for i := range r.Cases {
		c := &r.Cases[i]
		if findingsOnly || c.Verdict != contracttest.Kept || len(c.Exchanges) == 0 {
			continue
		}
		var exchanges []*contracttest.Exchange
		for _, n := range c.Exchanges {
			exchanges = append(exchanges, r.Exchanges[n])
		}
		s.Cases = append(s.Cases, suiteCase{Name: c.Operation + "/" + caseName(c), Steps: s.steps(r, exchanges)})
	}
	s.needs(r)
	return len(s.Cases), silent, write(w, s)
}

var statusText = regexp.MustCompile(`\b[1-5]\d\d\b`)

// ofFinding makes a test of a finding; shows tells whether the test fails as long as the fault is there.
func ofFinding(s *suite, r *contracttest.Report, f *contracttest.Finding) (c suiteCase, shows bool) {
	c = suiteCase{
		Name: f.Operations[0] + "/" + f.Rule + "/" + f.Fingerprint, Note: oneLine(fmt.Sprintf("%s. Got %s; wanted %s", f.Sentence, f.Got, f.Want)),
		Steps: s.steps(r, f.Exchanges),
	}
	if len(c.Steps) != len(f.Exchanges) {
		return c, false
	}
	at := slices.IndexFunc(f.Exchanges, func(x *contracttest.Exchange) bool { return x.Unexpected })
	if at >= 0 {
		wanted := wantedStatuses(f, f.Exchanges[at].Status)
		shows = wanted != nil
		for i, x := range f.Exchanges {
			if sameRequest(x, f.Exchanges[at]) && x.Status == f.Exchanges[at].Status {
				c.Steps[i].Media = ""
				if shows {
					c.Steps[i].Statuses = wanted
				}
			}
		}
	}
	if !shows {
		c.Note += ". The fault does not show in a status: only that the requests are answered as they were is asserted"
	}
	return c, shows
}

// wantedStatuses reads the statuses that a finding wanted instead of the one that came; none if its fault is not in the status.
func wantedStatuses(f *contracttest.Finding, came int) []int {
	var wanted []int
	for _, text := range statusText.FindAllString(f.Want, -1) {
		n, _ := strconv.Atoi(text) // three digits
		wanted = append(wanted, n)
	}
	if !strings.HasPrefix(f.Got, strconv.Itoa(came)) || slices.Contains(wanted, came) {
		return nil
	}
	return wanted
}

// sameRequest tells whether a finding's request is asked once more.
func sameRequest(a, b *contracttest.Exchange) bool {
	return a.Method == b.Method && a.URL == b.URL && maps.EqualFunc(a.Header, b.Header, slices.Equal)
}

// steps makes tests of exchanges that belong together.
func (s *suite) steps(r *contracttest.Report, exchanges []*contracttest.Exchange) []suiteStep {
	var out []suiteStep
	var known []contracttest.Capture // from the answers before
	for i, x := range exchanges {
		if x.Status == 0 || x.Body != nil && (x.Body.Cut || x.Body.Base64) {
			return nil // it cannot be sent again as it was
		}
		path, below := strings.CutPrefix(x.URL, s.Base)
		step := suiteStep{Method: x.Method, Absolute: !below, Statuses: []int{x.Status}, Label: x.Method + " " + path, URL: pieces(r, inURL(path, known))}
		for _, name := range slices.Sorted(maps.Keys(x.Header)) {
			for _, v := range x.Header[name] {
				step.Header = append(step.Header, suiteHeader{name, pieces(r, inHeader(v, known))})
			}
		}
		if x.Body != nil {
			step.Body = pieces(r, inBody(x.Body.Text, known))
		}
		if media, _, err := mime.ParseMediaType(x.Got.Get("Content-Type")); err == nil && x.Answer != nil {
			step.Media = media
		}
		for _, c := range x.Captures {
			c.Name = variable(c.Name, i)
			step.Captures = append(step.Captures, c)
			known = append(known, c)
		}
		out = append(out, step)
	}
	return out
}

// variable names what is captured at a step.
func variable(name string, step int) string {
	return fmt.Sprintf("%s_%d", regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(name), "_"), step+1)
}

// hole stands for a variable until a text is cut into pieces: no request that is written down as text has a NUL in it.
func hole(name string) string { return "\x00" + name + "\x00" }

var partOfURL = regexp.MustCompile(`[^/?&=]+`)

func inURL(address string, known []contracttest.Capture) string {
	return partOfURL.ReplaceAllStringFunc(strings.ReplaceAll(address, "\x00", ""), func(part string) string {
		for _, c := range known {
			if part == url.PathEscape(c.Value) || part == url.QueryEscape(c.Value) {
				return hole(c.Name)
			}
		}
		return part
	})
}

func inHeader(value string, known []contracttest.Capture) string {
	for _, c := range known {
		if value == c.Value {
			return hole(c.Name)
		}
	}
	return strings.ReplaceAll(value, "\x00", "")
}

func inBody(body string, known []contracttest.Capture) string {
	body = strings.ReplaceAll(body, "\x00", "")
	for _, c := range known {
		body = strings.ReplaceAll(body, strconv.Quote(c.Value), `"`+hole(c.Name)+`"`)
	}
	return body
}

// pieces cuts a text at its holes, and at the names of secrets.
func pieces(r *contracttest.Report, text string) []piece {
	for _, name := range slices.Backward(r.Secrets) { // the longer of two that begin alike first
		text = strings.ReplaceAll(text, name, hole(strings.TrimPrefix(name, "$")))
	}
	var out []piece
	for i, part := range strings.Split(text, "\x00") {
		switch {
		case part == "":
		case i%2 == 0:
			out = append(out, piece{Text: part})
		default:
			out = append(out, piece{Var: part})
		}
	}
	return out
}

// needs lists the secrets that the suite sends.
func (s *suite) needs(r *contracttest.Report) {
	used := map[string]string{}
	see := func(parts []piece) {
		for i, p := range parts {
			if p.Var == "" || !slices.Contains(r.Secrets, "$"+p.Var) || used[p.Var] != "" {
				continue
			}
			used[p.Var] = "a credential"
			if i > 0 {
				used[p.Var] = fmt.Sprintf("what follows %q", parts[i-1].Text)
			}
		}
	}
	for _, c := range s.Cases {
		for _, step := range c.Steps {
			see(step.URL)
			see(step.Body)
			for _, h := range step.Header {
				see(h.Value)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(used)) {
		s.Secrets = append(s.Secrets, secret{name, used[name]})
	}
}
