package contracttest

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync"
	"time"

	"understudy/internal/contract"
	"understudy/internal/generate"
)

// engine is one check of one target.
type engine struct {
	doc       *contract.Document
	target    Target
	client    *client
	values    *generate.Generator
	selected  []*contract.Operation // that are checked, by this shard or another
	mine      []*contract.Operation // of these, those that this shard checks
	lists     map[*contract.Collection]*listState
	expected  map[*contract.Operation][]int // statuses that the document does not need to describe
	report    *Report
	marker    string       // stands in the names of what is created
	lesser    bool         // the second identity may not create everything
	onlyOpens string       // what the document says of who may do nothing but read and create, if the second identity is such a one; ""
	onlyReads string       // what the document says of who may only read, which the second identity is; "": neither is known
	making    []*listState // whose recipes are being found out, each because the one before needs an item of it
	standing  []created    // what is there until the check ends, because other things need it

	mu       sync.Mutex
	identity *Report      // what is known before anything is sent
	planned  *Report      // what is known when the plan is made
	cases    []*testCase  // of the plan
	skipped  []CaseResult // by the plan
	usage    map[*contract.Operation]*usage
	alive    []string // what was created, and is not deleted yet
	ledger   map[ledgerKey]*ledgerEntry
	judging  sync.WaitGroup
	benches  chan struct{} // room for answers that are being judged
	settled  bool          // no more are: what they showed is being confirmed
	lastTold time.Time
	webpages int // answers in HTML where JSON was asked for
	done     int
	broken   int // cases
}

// Check checks a target against a document. The error is of a target that cannot be meant; whatever the target does is in the report.
// When the context ends, the check stops, takes away what it created, and reports what it knows.
func Check(ctx context.Context, doc *contract.Document, target Target) (*Report, error) {
	e, done, err := newEngine(doc, target)
	if err != nil {
		return nil, err
	}
	defer done()
	ctx, cancel := e.within(ctx)
	defer cancel()
	e.tell("planning", 0)
	if len(e.mine) == 0 {
		e.conclude(ctx, nil)
		return e.report, nil
	}
	cases, skipped := e.plan(ctx)
	e.fix(cases, skipped)
	if e.report.Stopped == "" && !e.target.DryRun {
		e.runAll(ctx, cases)
	}
	e.conclude(ctx, skipped)
	return e.report, nil
}

// within bounds a context by the time that the check may take.
func (e *engine) within(ctx context.Context) (context.Context, context.CancelFunc) {
	if e.target.MaxTime <= 0 {
		return ctx, func() {}
	}
	return context.WithTimeoutCause(ctx, e.target.MaxTime, errTime)
}

func newEngine(doc *contract.Document, target Target) (*engine, func(), error) {
	base, err := target.settle(doc)
	if err != nil {
		return nil, nil, err
	}
	done := func() {}
	if target.Handler != nil {
		server := httptest.NewServer(target.Handler)
		done = server.Close
		if base, err = url.Parse(server.URL + doc.Bases()[0]); err != nil {
			server.Close()
			return nil, nil, err
		}
	}
	creds, common := newCredentials(&target, doc)
	hide(creds, common, base)
	e := &engine{
		doc: doc, target: target, values: generate.New(&generate.Options{Seed: target.Seed, Now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}),
		client:  newClient(base, &target, creds, common),
		benches: make(chan struct{}, judges),
		report: &Report{
			Format: ReportFormat, Document: doc.Name(), Target: base.Redacted(), Seed: target.Seed, Strict: target.Strict,
			Shard: target.Shard, MinCoverage: target.MinCoverage, Started: time.Now(),
		},
	}
	e.report.Title, e.report.Version = doc.Title()
	e.report.Secrets = creds.names()
	e.client.watch = e.observe
	pick, err := newSelection(target.Include, target.Exclude)
	if err != nil {
		done()
		return nil, nil, err
	}
	e.report.selection = pick
	if err := e.choose(doc); err != nil {
		done()
		return nil, nil, err
	}
	e.target.Writes = e.target.Writes && slices.ContainsFunc(e.selected, func(op *contract.Operation) bool { return !readOnly(op.Method) })
	if err := checkMinCoverage(target.MinCoverage); err != nil {
		done()
		return nil, nil, err
	}
	identity := *e.report
	e.identity = &identity
	return e, done, nil
}

// choose settles which operations of a document are checked. Nothing is known of them yet.
func (e *engine) choose(doc *contract.Document) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.doc, e.selected = doc, nil
	e.lists, e.ledger, e.usage = map[*contract.Collection]*listState{}, map[ledgerKey]*ledgerEntry{}, map[*contract.Operation]*usage{}
	for _, op := range doc.Operations() {
		if e.report.selection.operation(op) {
			e.selected = append(e.selected, op)
		}
	}
	if len(e.selected) == 0 {
		return errors.New("no operation is left to check: look at what is included and excluded")
	}
	part, err := parseShard(e.target.Shard)
	if err != nil {
		return err
	}
	e.mine = part.part(e.selected, e.report.selection)
	e.expected, err = expectations(doc, e.target.Expect)
	return err
}

// plan reads what it needs and fixes what is asked.
func (e *engine) plan(ctx context.Context) (cases []*testCase, skipped []CaseResult) {
	if err := e.client.creds.logIn(ctx); err != nil {
		e.report.Stopped = e.client.creds.conceal(err.Error())
		return nil, nil
	}
	e.survey(ctx)
	e.settleKeys(ctx)
	if why := e.greet(ctx); why != "" {
		e.report.Stopped = why
	}
	if e.target.Writes && e.report.Stopped == "" && !e.target.DryRun {
		e.findRecipes(ctx)
	}
	e.report.Planning = int(e.client.sent.Load())
	for _, op := range e.mine {
		for _, rule := range contract.Rules() {
			if !e.report.selection.rule(rule) || slices.Contains(passive, rule.ID) {
				continue
			}
			if !rule.Applies(op) {
				e.report.NotApplicable++
				continue
			}
			made, why := e.casesOf(rule, op)
			for _, tc := range made {
				tc.rule, tc.op, tc.nth = rule, op, len(cases)
				for i := range tc.steps {
					tc.steps[i].of = tc
				}
				if tc.writes() && !e.target.Writes {
					why = "writes are not allowed"
					continue
				}
				if s := slices.IndexFunc(tc.steps, func(s step) bool { return e.report.selection.forbids(s.op, s.verb()) }); s >= 0 {
					why = fmt.Sprintf("it needs %s %s, which is excluded", tc.steps[s].verb(), tc.steps[s].op.Path)
					continue
				}
				cases = append(cases, tc)
			}
			if len(made) == 0 || why != "" {
				if why == "" {
					continue
				}
				skipped = append(skipped, CaseResult{Rule: rule.ID, Strength: rule.Strength, Operation: op.ID, Verdict: Skipped, Reason: e.client.creds.conceal(why)})
			}
		}
	}
	for _, tc := range cases {
		e.report.planned(tc, e)
	}
	return cases, skipped
}

// runAll runs the cases: those that only read side by side, then the others one after the other.
func (e *engine) runAll(ctx context.Context, cases []*testCase) {
	reads, rest := inTurn(cases)
	run := func(tc *testCase) {
		e.runCase(ctx, tc)
		e.tell(tc.name(), len(cases))
	}
	var sending sync.WaitGroup
	first := e.firstReads(ctx, reads)
	sending.Go(func() { e.parallel(len(first), func(i int) { first[i]() }) })
	e.parallel(len(reads), func(i int) { run(reads[i]) })
	sending.Wait()
	rest = slices.DeleteFunc(rest, func(tc *testCase) bool {
		quick := tc.timed && e.isQuick(ctx, tc)
		if quick {
			run(tc) // of what is remembered
		}
		return quick
	})
	e.client.forget()
	for _, tc := range rest {
		run(tc)
	}
	for _, tc := range cases {
		e.report.Cases = append(e.report.Cases, *tc.result)
	}
}

// slow is how long an answer takes at least that may be called slow.
const slow = 120 * time.Millisecond

// isQuick tells whether the answers to a case that is timed were quick while others were waited for, too: alone they would be no slower.
func (e *engine) isQuick(ctx context.Context, tc *testCase) bool {
	_, answers := e.attempt(ctx, tc, false)
	return len(answers) >= len(tc.steps) && !slices.ContainsFunc(answers, func(a *answer) bool { return a.err != nil || a.took >= slow })
}

// inTurn parts the cases into those that only read, and those that come after them, one after the other: those that have to be alone, and those that write. Of these
// the first tell whether what is deleted is gone: the names and records that it took are what later ones take.
func inTurn(cases []*testCase) (reads, rest []*testCase) {
	var first, writes, last []*testCase
	for _, tc := range cases {
		switch {
		case tc.spends():
			last = append(last, tc)
		case tc.rule.ID == "crud/delete":
			first = append(first, tc)
		case tc.writes():
			writes = append(writes, tc)
		case tc.alone:
			rest = append(rest, tc)
		default:
			reads = append(reads, tc)
		}
	}
	return reads, slices.Concat(rest, first, writes, last)
}

// firstReads announces the reads of cases that need no answer before they can be sent, and gives what sends them: no case waits for the answer to another's.
func (e *engine) firstReads(ctx context.Context, cases []*testCase) []func() {
	var out []func()
	for _, tc := range cases {
		for i := range tc.steps {
			s := &tc.steps[i]
			if s.nth == alone || s.needsAnswers() {
				continue
			}
			for _, page := range append([]*step{s}, s.behind()...) {
				if send := e.client.announce(ctx, &page.request); send != nil {
					out = append(out, send)
				}
			}
		}
	}
	return out
}

// runCase runs a case and, if it breaks, confirms that. What writes takes nothing from memory.
func (e *engine) runCase(ctx context.Context, tc *testCase) {
	before := time.Now()
	o, answers := e.attempt(ctx, tc, tc.writes())
	asked := tc
	if again, done := e.withLess(tc, o, answers); again != nil {
		defer done()
		if better, more := e.attempt(ctx, again, true); better.verdict != Skipped {
			asked, o, answers = again, better, more
		}
	}
	e.claim(tc, answers)
	r := &CaseResult{Rule: tc.rule.ID, Strength: tc.rule.Strength, Operation: tc.op.ID, Subject: e.client.creds.conceal(tc.subject)}
	if e.target.Record {
		r.exchanges = e.record(o.run)
	}
	if o.verdict == Broken && e.expectsRefusal(o.at) {
		o = skip("it is answered with %d, as is expected of this operation", o.at.status)
	}
	if o.verdict == Broken && !tc.thrice {
		o = e.confirm(ctx, asked, o)
	}
	r.Verdict, r.Reason, r.Took = o.verdict, e.client.creds.conceal(o.reason), time.Since(before)
	if o.verdict == Broken || o.verdict == Flaky {
		r.finding, r.spoilt = e.finding(tc.rule, tc.op, r.Subject, o, tc.intent), o.spoilt
		r.Strength = r.finding.Strength
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	tc.result = r
	e.done++
	if r.Verdict == Broken {
		e.broken++
	}
}

// close closes the report.
func (e *engine) close(ctx context.Context) {
	r := e.report
	e.cleanUp(ctx, e.standing)
	e.lookAgain(ctx)
	r.Requests = int(e.client.sent.Load())
	r.Took = time.Since(r.Started)
	if r.Stopped == "" {
		switch {
		case ctx.Err() != nil:
			r.Stopped = "it was stopped: " + context.Cause(ctx).Error()
		case e.client.creds.lost() != nil:
			r.Stopped = e.client.creds.conceal(e.client.creds.lost().Error())
		case e.client.misses.Load() >= deadAfter:
			r.Stopped = errDead.Error()
		case e.target.MaxRequests > 0 && r.Requests >= e.target.MaxRequests:
			r.Stopped = errBudget.Error()
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	r.Exercised = e.exercised()
	e.finish(r)
}

// lookAgain asks once more, and again, if the last requests had no answer: was it the end of the target, or only of the check?
func (e *engine) lookAgain(ctx context.Context) {
	for _, op := range e.selected {
		if r, why := e.validRead(op); why == "" {
			for n := e.client.misses.Load(); n > 0 && n < deadAfter && e.client.misses.Load() >= n; n++ {
				e.client.do(ctx, &r, nil, true)
			}
			return
		}
	}
}

// parallel calls f for 0 to n-1, as many at once as there are workers.
func (e *engine) parallel(n int, f func(i int)) {
	var wg sync.WaitGroup
	next := make(chan int)
	for range min(e.target.Workers, n) {
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

// tell reports progress, but not too often.
func (e *engine) tell(doing string, cases int) {
	if e.target.Progress == nil {
		return
	}
	e.mu.Lock()
	if time.Since(e.lastTold) < 100*time.Millisecond && e.done < cases {
		e.mu.Unlock()
		return
	}
	e.lastTold = time.Now()
	now := Progress{
		Done: e.done, Cases: cases, Requests: int(e.client.sent.Load()), Broken: e.broken, Doing: e.client.creds.conceal(doing), Report: e.soFar,
	}
	e.mu.Unlock()
	e.target.Progress(now)
}

func (e *engine) leftover(text string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	text = e.client.creds.conceal(text)
	if !slices.Contains(e.report.Leftovers, text) {
		e.report.Leftovers = append(e.report.Leftovers, text)
	}
}
