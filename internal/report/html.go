package report

import (
	"cmp"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"time"

	"understudy/contracttest"
)

//go:embed page/report.html
var pageHTML string

//go:embed page/report.css
var pageCSS string

//go:embed page/report.js
var pageJS string

var pageTemplate = template.Must(template.New("report").Parse(pageHTML))

// pageView is what the page shows.
type pageView struct {
	Report                        *contracttest.Report
	Style                         template.CSS
	Script                        template.JS
	Verdict, Word, Sign, Sentence string
	Facts, Coverage, Started      string
	Tiles                         []tile
	Contents                      []anchor
	Findings                      []findingView
	Untold                        []Reason
	Families                      []string
	Operations                    []operationView
	Slowest                       []timingView
}

type (
	tile struct {
		Name, Class string
		Count       int
		Share       float64 // percent of all cases
	}
	anchor        struct{ ID, Name string }
	operationView struct {
		contracttest.Exercised
		Class, CaseCount string
		Sent             int // parameters
		Families         []familyView
		Rules            []ruleView
	}
	familyView struct {
		Class, Title string
		Told, Total  int
	}
	ruleView struct {
		Rule, Verdict, What string
		Cases               int
		Links               []string
	}
	timingView struct {
		Method, Path       string
		Requests           int
		Median, P95, Max   string
		P95Share, MaxShare float64
	}
)

// mostSlow is how many operations the table of timings has.
const mostSlow = 20

// page writes a report as one HTML file that needs nothing else.
func page(w io.Writer, r *contracttest.Report) error {
	v := pageView{
		Report: r, Style: template.CSS(pageCSS), Script: template.JS(pageJS), Verdict: verdict(r), Sentence: r.Verdict(), //nolint:gosec // they are ours
		Untold: Untold(r), Coverage: coverage(r), Started: r.Started.UTC().Format("2 January 2006, 15:04 UTC"),
	}
	v.Word = map[string]string{"kept": "Kept", "broken": "Broken", "unsure": "Could not tell", "short": "Not enough"}[v.Verdict]
	v.Sign = map[string]string{"kept": "✓", "broken": "✗", "unsure": "?", "short": "!"}[v.Verdict]
	if _, rest, ok := strings.Cut(v.Sentence, ": "); ok && (v.Verdict == "kept" || v.Verdict == "broken") {
		v.Sentence = rest
	}
	if v.Verdict == "short" {
		v.Sentence += ": " + lacking(r)
	}
	for _, t := range []tile{
		{Name: "kept", Class: "kept", Count: r.Count(contracttest.Kept)},
		{Name: "broken", Class: "broken", Count: r.Count(contracttest.Broken)},
		{Name: "flaky", Class: "flaky", Count: r.Count(contracttest.Flaky)},
		{Name: "could not be told", Class: "skipped", Count: r.Count(contracttest.Skipped)},
		{Name: "not applicable", Class: "none", Count: r.NotApplicable},
		{Name: "to come", Class: "none", Count: r.Pending},
	} {
		if t.Count == 0 && t.Name == "to come" {
			continue
		}
		if t.Class == "broken" && t.Count == 0 || t.Class == "flaky" && t.Count == 0 {
			t.Class = "none"
		}
		if t.Class != "none" {
			t.Share = 100 * float64(t.Count) / float64(max(len(r.Cases), 1))
		}
		v.Tiles = append(v.Tiles, t)
	}
	v.Facts = fmt.Sprintf("%s in %s", plural(r.Requests, "request"), r.Took.Round(10*time.Millisecond))
	for _, more := range []string{shardFact(r), coverage(r)} {
		if more != "" {
			v.Facts += " · " + more
		}
	}
	for _, f := range r.Findings {
		v.Findings = append(v.Findings, viewFinding(r, f))
	}
	v.operations(r)
	v.slowest(r)
	for _, a := range []struct {
		anchor
		n int
	}{
		{anchor{"gone", "No longer broken"}, len(r.Gone)},
		{anchor{"findings", "Findings"}, len(r.Findings)},
		{anchor{"leftovers", "Left behind"}, len(r.Leftovers)},
		{anchor{"untold", "Could not be told"}, len(v.Untold)},
		{anchor{"exercised", "Exercised"}, len(v.Operations)},
		{anchor{"timings", "Timings"}, len(v.Operations)},
		{anchor{"cases", "Cases"}, len(v.Operations)},
		{anchor{"planned", "What would be sent"}, len(r.Planned)},
	} {
		if a.n > 0 {
			v.Contents = append(v.Contents, a.anchor)
		}
	}
	return pageTemplate.Execute(w, v)
}

func shardFact(r *contracttest.Report) string {
	if r.Shard == "" {
		return ""
	}
	return "part " + r.Shard
}

// operations makes the matrix of what was exercised, and the lists of cases: those of one rule that came to the same are one line.
func (v *pageView) operations(r *contracttest.Report) {
	cases := map[string][]*contracttest.CaseResult{}
	for i := range r.Cases {
		c := &r.Cases[i]
		cases[c.Operation] = append(cases[c.Operation], c)
		if f := family(c.Rule); !slices.Contains(v.Families, f) {
			v.Families = append(v.Families, f)
		}
	}
	slices.Sort(v.Families)
	for _, x := range r.Exercised {
		o := operationView{Exercised: x, Families: make([]familyView, len(v.Families)), CaseCount: plural(len(cases[x.Operation]), "case")}
		for _, p := range x.Parameters {
			o.Sent += b2i(p.Requests > 0)
		}
		for _, c := range cases[x.Operation] {
			o.add(c)
			f := &o.Families[slices.Index(v.Families, family(c.Rule))]
			f.Total++
			f.Told += b2i(c.Verdict != contracttest.Skipped)
			f.Class, o.Class = worse(f.Class, c.Verdict), worse(o.Class, c.Verdict)
			f.Title = fmt.Sprintf("%s: %d of %s could be told, %s", family(c.Rule), f.Told, plural(f.Total, "case"), f.Class)
		}
		v.Operations = append(v.Operations, o)
	}
}

func family(rule string) string {
	name, _, _ := strings.Cut(rule, "/")
	return name
}

// worse gives the worse of a class and a verdict: what is broken outweighs what is flaky, that what is kept, and that what could not be told.
func worse(class string, verdict contracttest.Verdict) string {
	order := []string{"", string(contracttest.Skipped), string(contracttest.Kept), string(contracttest.Flaky), string(contracttest.Broken)}
	return order[max(slices.Index(order, class), slices.Index(order, string(verdict)))]
}

// add adds a case to the line of its rule and verdict.
func (o *operationView) add(c *contracttest.CaseResult) {
	verdict := string(c.Verdict)
	i := slices.IndexFunc(o.Rules, func(r ruleView) bool {
		return r.Rule == c.Rule && r.Verdict == verdict && (c.Verdict != contracttest.Skipped || r.What == c.Reason)
	})
	if i < 0 {
		o.Rules = append(o.Rules, ruleView{Rule: c.Rule, Verdict: verdict, What: c.Reason})
		i = len(o.Rules) - 1
	}
	r := &o.Rules[i]
	r.Cases++
	if c.Verdict != contracttest.Skipped && c.Subject != "" {
		if r.What != "" {
			r.What += ", "
		}
		r.What += c.Subject
	}
	if link := "f-" + c.Finding + "-" + verdict; c.Finding != "" && !slices.Contains(r.Links, link) {
		r.Links = append(r.Links, link)
	}
}

// slowest makes the table of timings.
func (v *pageView) slowest(r *contracttest.Report) {
	sorted := slices.DeleteFunc(slices.Clone(r.Exercised), func(x contracttest.Exercised) bool { return x.Requests == 0 })
	slices.SortStableFunc(sorted, func(a, b contracttest.Exercised) int { return cmp.Compare(b.Took.P95, a.Took.P95) })
	most := time.Duration(1)
	for _, x := range sorted {
		most = max(most, x.Took.Max)
	}
	share := func(d time.Duration) float64 { return 100 * float64(d) / float64(most) }
	for _, x := range sorted[:min(len(sorted), mostSlow)] {
		v.Slowest = append(v.Slowest, timingView{
			x.Method, x.Path, x.Requests, short(x.Took.Median), short(x.Took.P95), short(x.Took.Max), share(x.Took.P95), share(x.Took.Max),
		})
	}
}
