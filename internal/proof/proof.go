// Package proof plays a document broken in every way that internal/mutant knows, one at a time, and sees whether the check notices.
//
// It is the proof that no rule is decoration. For a document it tells what its contract is worth: what would slip through, why, and what to write into the
// document to close the hole.
package proof

import (
	"cmp"
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
	Play     *Player        // what is broken in the place of the mock; nil: the mock
	Include  []string       // of mutants and places: a mutant, a rule, an operation id, path, method or tag, with * for anything; none: all
	Exclude  []string       // likewise; it wins
	Places   int            // at how many places of the document each mutant is tried, at most; 0: [DefaultPlaces]
	Seed     uint64         // of the values that the check makes up
	Workers  int            // mutants at once; 0: as many as there are processors
	Progress func(Progress) // called now and then; nil: nobody is told
}

// Player makes servers that keep the document, all alike, and says what opens them.
type Player struct {
	New           func() http.Handler
	Token, Second string // the credentials of somebody who may do everything, and of somebody with fewer rights
}

// DefaultPlaces is at how many places of a document each mutant is tried, unless the options say otherwise.
const DefaultPlaces = 3

// Progress says how far a proof is.
type Progress struct {
	Done, All int // mutants
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
	Seed     uint64   `json:"seed"`
	Places   int      `json:"places"`            // that the document has, as far as they were included
	AtMost   int      `json:"atMost"`            // at how many of them each mutant was tried
	Tried    []string `json:"tried"`             // those at which any was
	LeftOut  []string `json:"leftOut,omitempty"` // places at which nothing was tried, because the check finds faults in the mock as it is there
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
	doc   *contract.Document
	data  *fixtures.Data
	opts  Options
	sites []*site

	token, second string
}

// site is a place, with what the honest mock answers there.
type site struct {
	*mutant.Place
	asked, checked     sync.Once
	askErr, checkedErr error // of each
	probes             []mutant.Probe
	honest, again      mutant.Answers
	took               []time.Duration
	report             *contracttest.Report // of the honest mock; nil: no mutant was tried
}

// Prove plays a document broken in every way, and gives what the check noticed. The error is of a document that cannot be played, or of options that leave
// nothing to break.
func Prove(ctx context.Context, doc *contract.Document, opts Options) (*Proof, error) {
	s := &stage{doc: doc, data: opts.Data, opts: opts, token: token, second: second}
	if opts.Play != nil {
		s.token, s.second = opts.Play.Token, opts.Play.Second
	} else if s.data == nil {
		var err error
		if s.data, err = fixtures.Load(doc, &fixtures.Options{Now: today}); err != nil {
			return nil, err
		}
	}
	if _, err := s.mock(); err != nil {
		return nil, err
	}
	mutants, err := s.choose()
	if err != nil {
		return nil, err
	}
	p := &Proof{Document: doc.Name(), Seed: opts.Seed, Places: len(s.sites), AtMost: cmp.Or(opts.Places, DefaultPlaces)}
	p.Title, p.Version = doc.Title()
	results := make([][]Result, len(mutants))
	errs := make([]error, len(mutants))
	var mu sync.Mutex
	now := Progress{All: len(mutants)}
	parallel(cmp.Or(opts.Workers, runtime.GOMAXPROCS(0)), len(mutants), func(i int) {
		if ctx.Err() != nil {
			return
		}
		results[i], errs[i] = s.tryAround(ctx, mutants[i], p.AtMost)
		mu.Lock()
		defer mu.Unlock()
		now.Done++
		now.Doing = mutants[i].ID
		for _, r := range results[i] {
			if r.Verdict == Missed {
				now.Missed++
			}
		}
		if opts.Progress != nil {
			opts.Progress(now)
		}
	})
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	p.Results = slices.Concat(results...)
	for _, at := range s.sites {
		if at.report == nil {
			continue
		}
		if why := unclean(at.report); why != "" {
			p.LeftOut = append(p.LeftOut, at.Name+": "+why)
		} else {
			p.Tried = append(p.Tried, at.Name)
		}
	}
	if ctx.Err() != nil {
		p.Stopped = "it was stopped: " + context.Cause(ctx).Error()
	}
	return p, nil
}

// choose gives the mutants that are to be tried, and makes the sites at which they are, those with the most to break first.
func (s *stage) choose() ([]mutant.Mutant, error) {
	mutants := slices.DeleteFunc(mutant.All(), func(m mutant.Mutant) bool { return !s.wanted(m) })
	rich := map[*site]int{}
	for _, place := range mutant.Places(s.doc) {
		if !slices.ContainsFunc(place.Operations, s.selected) {
			continue
		}
		place.Token, place.Second = s.token, s.second
		at := &site{Place: place}
		for i := range mutants {
			if mutants[i].Wrap(place, http.NotFoundHandler()) != nil {
				rich[at]++
			}
		}
		s.sites = append(s.sites, at)
	}
	slices.SortStableFunc(s.sites, func(a, b *site) int { return rich[b] - rich[a] })
	if len(mutants) == 0 || len(s.sites) == 0 {
		return nil, errors.New("nothing is left to break: look at what is included and excluded")
	}
	return mutants, nil
}

// mostTries bounds at how many places it is looked whether a mutant applies, for each at which it is to be tried.
const mostTries = 4

// tryAround tries a mutant at several places. Where it applies at none, that is told once.
func (s *stage) tryAround(ctx context.Context, m mutant.Mutant, most int) ([]Result, error) {
	var out []Result
	tries := 0
	for _, at := range s.sites {
		if len(out) == most || tries == most*mostTries || ctx.Err() != nil {
			break
		}
		r, possible, err := s.try(ctx, m, at)
		if err != nil {
			return nil, err
		}
		if possible {
			tries++
		}
		if r.Verdict != NotApplicable && ctx.Err() == nil {
			out = append(out, r)
		}
	}
	if out == nil && ctx.Err() == nil {
		out = []Result{{Mutant: m.ID, Rule: m.Rule, Sentence: m.Sentence, Verdict: NotApplicable}}
	}
	return out, nil
}

// mock plays the document afresh.
func (s *stage) mock() (http.Handler, error) {
	if s.opts.Play != nil {
		return s.opts.Play.New(), nil
	}
	return mockserver.New(s.doc, &mockserver.Options{Data: s.data, Tokens: map[string]string{token: "", second: ""}})
}

// prepare asks the honest mock the probes of a site, twice. It does so once.
func (s *stage) prepare(at *site) error {
	at.asked.Do(func() {
		var mocks [3]http.Handler
		for i := range mocks {
			if mocks[i], at.askErr = s.mock(); at.askErr != nil {
				return
			}
		}
		at.probes = mutant.Probes(at.Place, mocks[0])
		at.honest, at.took = mutant.Ask(at.Place, at.probes, mocks[1])
		at.again, _ = mutant.Ask(at.Place, at.probes, mocks[2])
	})
	return at.askErr
}

// honestly checks the honest mock at a site, once.
func (s *stage) honestly(ctx context.Context, at *site) error {
	at.checked.Do(func() {
		mock, err := s.mock()
		if err == nil {
			at.report, err = s.check(ctx, at, mock)
		}
		at.checkedErr = err
	})
	return at.checkedErr
}

// try tries one mutant at one place. Possible tells whether the place has what the mutant breaks.
func (s *stage) try(ctx context.Context, m mutant.Mutant, at *site) (r Result, possible bool, err error) {
	r = Result{Mutant: m.ID, Rule: m.Rule, Sentence: m.Sentence, Place: at.Name, Verdict: NotApplicable}
	mock, err := s.mock()
	if err != nil {
		return r, false, err
	}
	broken := m.Wrap(at.Place, mock)
	if broken == nil {
		return r, false, nil
	}
	if err := s.prepare(at); err != nil {
		return r, true, err
	}
	answers, took := mutant.Ask(at.Place, at.probes, broken)
	r.Probes = mutant.Differing(at.probes, at.honest, at.again, answers)
	for i := range took {
		if m.Slow && took[i] > at.took[i]+mutant.SlowBy && !slices.Contains(r.Probes, at.probes[i].Label) {
			r.Probes = append(r.Probes, at.probes[i].Label)
		}
	}
	if len(r.Probes) == 0 {
		return r, true, nil
	}
	for _, label := range r.Probes {
		if !m.Names(label) {
			r.Unnamed = append(r.Unnamed, label)
		}
	}
	if err := s.honestly(ctx, at); err != nil {
		return r, true, err
	}
	if unclean(at.report) != "" {
		r.Probes, r.Unnamed = nil, nil
		return r, true, nil
	}
	if mock, err = s.mock(); err != nil {
		return r, true, err
	}
	report, err := s.check(ctx, at, m.Wrap(at.Place, mock))
	if err != nil {
		return r, true, err
	}
	s.judge(&r, m, at, report)
	return r, true, nil
}

// unclean says what the check finds wrong with the honest mock; "" if nothing.
func unclean(r *contracttest.Report) string {
	if r.Stopped != "" {
		return r.Stopped
	}
	for _, f := range r.Findings {
		return fmt.Sprintf("%s at %s: %s", f.Rule, strings.Join(f.Operations, ", "), f.Got)
	}
	return ""
}

// check checks a server at one place.
func (s *stage) check(ctx context.Context, at *site, server http.Handler) (*contracttest.Report, error) {
	target := contracttest.Target{
		Handler: server, Header: http.Header{}, Writes: true, Strict: true, Seed: s.opts.Seed, Credentials: map[string]string{}, Second: map[string]string{}, Workers: 2,
	}
	for _, op := range at.Operations {
		target.Include = append(target.Include, literal(op.ID))
		for _, p := range op.Parameters {
			if p.In == "header" && p.Required && p.Schema != nil && p.Schema.Type() == "string" && len(p.Schema.Enum()) == 0 {
				target.Header.Set(p.Name, s.token) // perhaps a credential that the document does not declare as one, which the check would not make up
			}
		}
	}
	for _, op := range s.doc.Operations() {
		for _, need := range op.Security {
			for _, scheme := range need {
				target.Credentials[scheme.Name], target.Second[scheme.Name] = s.token, s.second
				if scheme.HTTP == "basic" {
					target.Credentials[scheme.Name], target.Second[scheme.Name] = "user:"+s.token, "user:"+s.second
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
