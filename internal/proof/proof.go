// Package proof plays a document broken in every way that internal/mutant knows, one at a time, and sees whether the check notices.
//
// It is the proof that no rule is decoration. For a document it tells what its contract is worth: what would slip through, why, and what to write into the
// document to close the hole.
package proof

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"understudy/contracttest"
	"understudy/fixtures"
	"understudy/internal/contract"
	"understudy/internal/mutant"
	"understudy/mockserver"
)

// Options say how to prove. The zero value means all defaults.
type Options struct {
	Data     *fixtures.Data // the records that the mock plays; nil: what is shipped or generated, as of a fixed day
	Include  []string       // of places and mutants: an operation id, path, method, tag or rule, as [contracttest.Target] has them, or a mutant's id; none: all
	Exclude  []string       // likewise; it wins
	Places   int            // at how many places of the document each mutant is tried; 0: [DefaultPlaces]
	Seed     uint64         // of the values that the check makes up
	Workers  int            // mutants at once; 0: as many as there are processors
	Progress func(Progress) // called now and then; nil: nobody is told
}

// DefaultPlaces is at how many places of a document each mutant is tried, unless the options say otherwise.
const DefaultPlaces = 3

// Progress says how far a proof is.
type Progress struct {
	Done, All int // mutants at places
	Missed    int
	Doing     string
}

// Verdict is what became of a mutant.
type Verdict string

// The verdicts.
const (
	Caught        Verdict = "caught"            // by the rule that is meant to
	CaughtByOther Verdict = "caught by another" // rule
	Missed        Verdict = "missed"
	NotApplicable Verdict = "not applicable" // no probe was answered otherwise than by the honest server
)

// Proof is what came of all mutants of a document.
type Proof struct {
	Document string   `json:"document"` // the name that places call it
	Title    string   `json:"title"`
	Version  string   `json:"version"`
	Places   int      `json:"places"`            // that the document has
	Tried    []string `json:"tried"`             // those at which mutants were tried
	Honest   []string `json:"honest,omitempty"`  // what the check finds on the mock as it is: if there is anything, the score means nothing
	Stopped  string   `json:"stopped,omitempty"` // why it ended before its end
	Results  []Result `json:"results"`
}

// Result is what came of one mutant at one place.
type Result struct {
	Mutant   string   `json:"mutant"`
	Rule     string   `json:"rule"` // that is meant to catch it
	Sentence string   `json:"sentence"`
	Place    string   `json:"place"`
	Verdict  Verdict  `json:"verdict"`
	By       []string `json:"by,omitempty"`      // the rules that were broken
	Got      string   `json:"got,omitempty"`     // what the rule meant found
	Why      string   `json:"why,omitempty"`     // it was missed
	Write    string   `json:"write,omitempty"`   // what to write into the document, to have it caught
	At       string   `json:"at,omitempty"`      // where: file:line:column
	Probes   []string `json:"probes,omitempty"`  // those that were answered otherwise
	Unnamed  []string `json:"unnamed,omitempty"` // those of them that the mutant does not name
}

// The day on which all mocks are played, so that the same document gives the same proof.
var today = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

const (
	token  = "understudy-Proves-0f3a"
	second = "understudy-Second-7c1d"
)

// stage is a document with the records that its mocks play.
type stage struct {
	doc  *contract.Document
	data *fixtures.Data
	opts Options
}

// task is one mutant at one place.
type task struct {
	mutant mutant.Mutant
	at     *site
}

// site is a place with what its probes are answered by the honest mock.
type site struct {
	*mutant.Place
	once    sync.Once
	err     error
	probes  []mutant.Probe
	honest  mutant.Answers
	again   mutant.Answers
	took    []time.Duration
	kept    sync.Once
	finding []string
}

// Prove plays a document broken in every way, and gives what the check noticed. The error is of a document that cannot be played.
func Prove(ctx context.Context, doc *contract.Document, opts Options) (*Proof, error) {
	s := &stage{doc: doc, data: opts.Data, opts: opts}
	if s.data == nil {
		var err error
		if s.data, err = fixtures.Load(doc, &fixtures.Options{Now: today}); err != nil {
			return nil, err
		}
	}
	if _, err := s.mock(); err != nil {
		return nil, err
	}
	p := &Proof{Document: doc.Name()}
	p.Title, p.Version = doc.Title()
	tasks, err := s.plan(p)
	if err != nil {
		return nil, err
	}
	p.Results = make([]Result, len(tasks))
	var mu sync.Mutex
	done, missed := 0, 0
	honest := map[*site]bool{}
	var failed error
	parallel(cmpOr(opts.Workers, runtime.GOMAXPROCS(0)), len(tasks), func(i int) {
		if ctx.Err() != nil {
			return
		}
		r, err := s.try(ctx, tasks[i])
		mu.Lock()
		defer mu.Unlock()
		p.Results[i], failed = r, errors.Join(failed, err)
		if done++; r.Verdict == Missed {
			missed++
		}
		if at := tasks[i].at; r.Verdict != NotApplicable && !honest[at] {
			honest[at] = true
		}
		if opts.Progress != nil {
			opts.Progress(Progress{Done: done, All: len(tasks), Missed: missed, Doing: r.Mutant})
		}
	})
	if failed != nil {
		return nil, failed
	}
	if ctx.Err() != nil {
		p.Stopped = "it was stopped: " + context.Cause(ctx).Error()
		p.Results = slices.DeleteFunc(p.Results, func(r Result) bool { return r.Mutant == "" })
	}
	for _, at := range sites(tasks) {
		if honest[at] {
			p.Tried = append(p.Tried, at.Name)
			for _, f := range at.finding {
				if !slices.Contains(p.Honest, f) {
					p.Honest = append(p.Honest, f)
				}
			}
		}
	}
	return p, nil
}

func cmpOr(n, otherwise int) int {
	if n > 0 {
		return n
	}
	return otherwise
}

func sites(tasks []task) []*site {
	var out []*site
	for _, t := range tasks {
		if !slices.Contains(out, t.at) {
			out = append(out, t.at)
		}
	}
	return out
}

// plan chooses the mutants and the places at which they are tried.
func (s *stage) plan(p *Proof) ([]task, error) {
	var all []*site
	for _, place := range mutant.Places(s.doc) {
		place.Token, place.Second = token, second
		all = append(all, &site{Place: place})
	}
	p.Places = len(all)
	var tasks []task
	for _, m := range mutant.All() {
		for _, at := range all {
			tasks = append(tasks, task{m, at})
		}
	}
	if len(tasks) == 0 {
		return nil, fmt.Errorf("%s: nothing is left to break: look at what is included and excluded", s.doc.Name())
	}
	return tasks, nil
}

// mock plays the document afresh.
func (s *stage) mock() (http.Handler, error) {
	return mockserver.New(s.doc, &mockserver.Options{Data: s.data, Tokens: map[string]string{token: "", second: ""}})
}

// prepare asks the honest mock the probes of a place, twice.
func (s *stage) prepare(ctx context.Context, at *site) error {
	at.once.Do(func() {
		var mocks [3]http.Handler
		for i := range mocks {
			if mocks[i], at.err = s.mock(); at.err != nil {
				return
			}
		}
		at.probes = mutant.Probes(at.Place, mocks[0])
		at.honest, at.took = mutant.Ask(at.Place, at.probes, mocks[1])
		at.again, _ = mutant.Ask(at.Place, at.probes, mocks[2])
	})
	return at.err
}

// try tries one mutant at one place.
func (s *stage) try(ctx context.Context, t task) (Result, error) {
	m := t.mutant
	r := Result{Mutant: m.ID, Rule: m.Rule, Sentence: m.Sentence, Place: t.at.Name, Verdict: NotApplicable}
	mock, err := s.mock()
	if err != nil {
		return r, err
	}
	broken := m.Wrap(t.at.Place, mock)
	if broken == nil {
		return r, nil
	}
	if err := s.prepare(ctx, t.at); err != nil {
		return r, err
	}
	answers, took := mutant.Ask(t.at.Place, t.at.probes, broken)
	r.Probes = mutant.Differing(t.at.probes, t.at.honest, t.at.again, answers)
	if m.Slow {
		for i := range took {
			if took[i] > t.at.took[i]+mutant.SlowBy && !slices.Contains(r.Probes, t.at.probes[i].Label) {
				r.Probes = append(r.Probes, t.at.probes[i].Label)
			}
		}
	}
	if len(r.Probes) == 0 {
		return r, nil
	}
	for _, label := range r.Probes {
		if !m.Names(label) {
			r.Unnamed = append(r.Unnamed, label)
		}
	}
	t.at.kept.Do(func() {
		var report *contracttest.Report
		if mock, at := s.must(); at == nil {
			if report, err = s.check(ctx, t.at, mock); err == nil {
				for _, f := range report.Findings {
					t.at.finding = append(t.at.finding, fmt.Sprintf("%s at %s: %s", f.Rule, strings.Join(f.Operations, ", "), f.Got))
				}
				if report.Stopped != "" {
					t.at.finding = append(t.at.finding, report.Stopped)
				}
			}
		}
	})
	if err != nil {
		return r, err
	}
	if mock, err = s.mock(); err != nil {
		return r, err
	}
	report, err := s.check(ctx, t.at, m.Wrap(t.at.Place, mock))
	if err != nil {
		return r, err
	}
	s.judge(&r, m, t.at, report)
	return r, nil
}

func (s *stage) must() (http.Handler, error) { return s.mock() }

// check checks a server at one place.
func (s *stage) check(ctx context.Context, at *site, server http.Handler) (*contracttest.Report, error) {
	target := contracttest.Target{
		Handler: server, Writes: true, Strict: true, Seed: s.opts.Seed, Credentials: map[string]string{}, Second: map[string]string{}, Workers: 2,
	}
	for _, op := range at.Operations {
		target.Include = append(target.Include, literal(op.ID))
	}
	for _, op := range s.doc.Operations() {
		for _, need := range op.Security {
			for _, scheme := range need {
				target.Credentials[scheme.Name], target.Second[scheme.Name] = token, second
				if scheme.HTTP == "basic" {
					target.Credentials[scheme.Name], target.Second[scheme.Name] = "user:"+token, "user:"+second
				}
			}
		}
	}
	return contracttest.Check(ctx, s.doc, target)
}

// literal writes a name as a pattern that matches nothing else.
func literal(name string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(name)
}

// judge tells what a report makes of a mutant.
func (s *stage) judge(r *Result, m mutant.Mutant, at *site, report *contracttest.Report) {
	for _, f := range report.Findings {
		if f.Verdict != contracttest.Broken {
			continue
		}
		if !slices.Contains(r.By, f.Rule) {
			r.By = append(r.By, f.Rule)
		}
		if f.Rule == m.Rule && r.Got == "" {
			r.Got = f.Got
		}
	}
	slices.Sort(r.By)
	switch {
	case slices.Contains(r.By, m.Rule):
		r.Verdict = Caught
		return
	case len(r.By) > 0:
		r.Verdict = CaughtByOther
	default:
		r.Verdict = Missed
	}
	s.explain(r, m, at, report)
}

// parallel calls f for 0 to n-1, several at once.
func parallel(workers, n int, f func(i int)) {
	var wg sync.WaitGroup
	next := make(chan int)
	for range min(workers, n) {
		wg.Go(func() {
			for i := range next {
				f(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}
