package contracttest

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"time"

	"understudy/internal/contract"
)

// testCase is one rule on one operation with chosen input: what is sent, fixed before anything of it is sent, and how the answers are judged.
type testCase struct {
	rule    contract.Rule
	op      *contract.Operation
	subject string // what it is about within the operation, a parameter say; "" is the operation
	intent  string // what is asked, and why that can tell
	steps   []step
	judge   func(r []result) outcome // sees a result for each step; not called if one has no answer

	unsteady bool       // its fault may come and go from one read to the next
	thrice   bool       // its steps ask three times themselves: it is not run again when it breaks
	over     *listState // the list whose data has to stay the same meanwhile; nil: none has to
	acts     bool       // if it breaks, its own requests changed that list
	spoils   []string   // the properties that are wrong in what it sends, on purpose
	timed    bool       // it judges how long answers take, which depends on more than the server
	alone    bool       // it can only tell while nothing else is sent

	passing func(first outcome) bool // whether what broke once is at a place that was seen to change by itself; nil: no place is

	again bool // it broke, and is tried with bodies that were not sent yet

	nth    int         // its place in the plan
	result *CaseResult // nil: it has not run
}

// name is the case's stable name.
func (tc *testCase) name() string {
	name := tc.op.ID + "/" + tc.rule.ID
	if tc.subject != "" {
		name += "/" + tc.subject
	}
	return name
}

// writes tells whether anything but a read is sent.
func (tc *testCase) writes() bool {
	return slices.ContainsFunc(tc.steps, func(s step) bool { return !readOnly(s.verb()) })
}

// readOnly tells whether a method is safe (RFC 9110 §9.2.1; PROPFIND: RFC 4918 §9.1).
func readOnly(method string) bool {
	return slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodOptions, "PROPFIND"}, method)
}

// step is one request of a case, or a walk through the pages of a list.
type step struct {
	request
	list   *listState     // the answer is read as a page of this list
	asks   contract.Query // what it asks of the list
	pages  int            // how many pages are read at most; 0: one
	follow bool           // the pages are found by the links of the one before, not by counting

	creates string                                   // the hole that holds the key of what it creates
	in      *listState                               // the list that it creates in
	stays   *staying                                 // what was created there, if nothing deletes it
	shared  bool                                     // of that, what was created of the same body before does as well
	sound   bool                                     // the document allows the body, so that something is created
	finds   func(l *listed) []string                 // keys of what turns out to be created, though no answer said so
	save    func(a *answer, holes map[string]string) // fills holes
	lacks   string                                   // what it means that one of its holes is not filled; "": the answer before is told
	until   func(r result) bool                      // what a read has to show some time after a write
	pause   func(r []result) time.Duration           // how long to wait before, by what was answered so far
}

// result is what came of a step.
type result struct {
	answers []*answer
	list    *listed // nil: the step reads no list
}

// answer is the last answer.
func (r result) answer() *answer { return r.answers[len(r.answers)-1] }

// Verdict is what is told of a case.
type Verdict string

// The verdicts.
const (
	Kept          Verdict = "kept"
	Broken        Verdict = "broken"
	Flaky         Verdict = "flaky"
	Skipped       Verdict = "skipped"
	NotApplicable Verdict = "not applicable"
)

// outcome is a verdict, and what it stands on.
type outcome struct {
	verdict Verdict
	reason  string  // why it is skipped
	at      *answer // the answer that shows it
	got     string
	want    string
	cause   string // what most likely is the matter, or ""
	sign    string // the same for the same fault, whatever the operation; "": got
	spoilt  bool   // what was wrong on purpose was taken
	said    bool   // the document itself says, in so many words, what was wanted

	aged    bool   // it used an item that other cases used before
	pointer string // where in the answer's body
	run     run    // what it came of
}

func kept() outcome { return outcome{verdict: Kept} }

func skip(format string, args ...any) outcome {
	return outcome{verdict: Skipped, reason: fmt.Sprintf(format, args...)}
}

func broken(at *answer, got, want string) outcome {
	return outcome{verdict: Broken, at: at, got: got, want: want}
}

// because adds the likely cause.
func (o outcome) because(cause string) outcome { o.cause = cause; return o }

// asSaid adds whether the document says, in so many words, what was wanted: then it is an error, whatever the rule is elsewhere.
func (o outcome) asSaid(said bool) outcome { o.said = said; return o }

// signed adds what is the same for the same fault on other operations.
func (o outcome) signed(sign string) outcome { o.sign = sign; return o }

// attempt runs a case once. Fresh means that nothing is taken from memory.
func (e *engine) attempt(ctx context.Context, tc *testCase, fresh bool) (o outcome, all []*answer) {
	holes := map[string]string{}
	var made []created
	var filled []taken
	defer func() {
		if i := slices.IndexFunc(all, (*answer).erred); i >= 0 && o.verdict == Skipped {
			o = broken(all[i], all[i].says(), "no error of the server's, whatever it is asked").signed("5xx")
		}
		o.run = run{all, e.cleanUp(ctx, made), filled}
	}()
	var results []result
	sent, aged := map[string]int{}, false
	defer func() { o.aged = aged }()
	for i := range tc.steps {
		s := &tc.steps[i]
		if name := missingHole(&s.request, holes); name != "" {
			return skip("%s", cmp.Or(s.lacks, fmt.Sprintf("nothing is known for {%s}: %s", name, all[len(all)-1].says()))), all
		}
		if s.pause != nil {
			select {
			case <-time.After(s.pause(results)):
			case <-ctx.Done():
			}
		}
		var r result
		as, had := "", false
		if s.stays != nil {
			as = s.stays.another(s, sent)
			if a := s.stays.made[as]; a != nil && s.shared && s.as == nil && !tc.again {
				r, had, aged = result{answers: []*answer{a}}, true, true
			} else if s.sound && s.as == nil && s.stays.count >= mostStaying && !tc.again {
				return skip("%d items were created there, which nothing deletes, and no more are", s.stays.count), all
			}
		}
		if !had {
			r = e.take(ctx, s, holes, fresh)
		}
		results, all = append(results, r), append(all, r.answers...)
		a := r.answer()
		if a.unsent {
			return skip("%s", a.err), all
		}
		if a.err != nil {
			if s.in != nil {
				e.leftover(fmt.Sprintf("perhaps what %s %s was to create (%s)", s.verb(), s.path, a.says()))
			}
			return skip("%s %s: %s", s.verb(), s.path, a.says()), all
		}
		if a.unavailable() {
			return skip("%s %s is answered with %d again and again", s.verb(), s.path, a.status), all
		}
		if s.in != nil && a.ok() {
			in := s.in.filled(holes)
			key := in.keyIn(a)
			if s.stays != nil && !had {
				s.stays.keep(as, a)
				if key == "" {
					e.leftover(fmt.Sprintf("what %s %s made (the answer tells no key)", s.verb(), s.path))
				}
			}
			if key != "" {
				if !had {
					made = append(made, e.made(in, key))
				}
				if s.creates != "" {
					holes[s.creates] = key
				}
			}
		}
		if s.finds != nil && r.list != nil {
			for _, key := range s.finds(r.list) {
				made = append(made, e.made(s.list, key))
			}
		}
		if s.save != nil {
			s.save(a, holes)
		}
		filled = took(filled, holes)
	}
	return tc.judge(results), all
}

// hole is a hole in a path or a header.
var hole = regexp.MustCompile(`\{(/{0,2}[A-Za-z]+)\}`)

// missingHole names a hole of a request's address or headers that nothing fills, or "".
func missingHole(r *request, holes map[string]string) string {
	texts := []string{r.path, r.raw}
	for _, values := range r.header {
		texts = append(texts, values...)
	}
	for _, text := range texts {
		for _, m := range hole.FindAllStringSubmatch(text, -1) {
			if _, ok := holes[m[1]]; !ok {
				return m[1]
			}
		}
	}
	return ""
}

// take sends a step's requests.
func (e *engine) take(ctx context.Context, s *step, holes map[string]string, fresh bool) result {
	if s.until == nil || e.target.Consistency <= 0 {
		return e.takeOnce(ctx, s, holes, fresh)
	}
	deadline := time.Now().Add(e.target.Consistency)
	for wait := 20 * time.Millisecond; ; wait *= 2 {
		r := e.takeOnce(ctx, s, holes, true)
		if s.until(r) || time.Now().Add(wait).After(deadline) || ctx.Err() != nil {
			return r
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
	}
}

func (e *engine) takeOnce(ctx context.Context, s *step, holes map[string]string, fresh bool) result {
	if s.list != nil {
		return e.walk(ctx, s, holes, fresh)
	}
	return result{answers: []*answer{e.client.do(ctx, &s.request, holes, fresh)}}
}

// created is something that the check made and has to take away again.
type created struct {
	in  *listState
	key string
}

// made notes that something was created, until it is deleted.
func (e *engine) made(in *listState, key string) created {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.alive = append(e.alive, in.c.ItemURL(in.scope, key))
	return created{in, key}
}

// gone notes that something that was created is not there any more.
func (e *engine) gone(m created) {
	e.mu.Lock()
	defer e.mu.Unlock()
	address := m.in.c.ItemURL(m.in.scope, m.key)
	e.alive = slices.DeleteFunc(e.alive, func(other string) bool { return other == address })
}

// cleanUp deletes what was created, the last first, even when the check was interrupted. It gives the answers.
func (e *engine) cleanUp(ctx context.Context, made []created) []*answer {
	var answers []*answer
	for _, m := range slices.Backward(made) {
		a, why := e.remove(ctx, m)
		if a != nil {
			answers = append(answers, a)
		}
		if why != "" {
			e.leftover(m.in.c.ItemURL(m.in.scope, m.key) + " (" + why + ")")
		}
	}
	return answers
}

// remove deletes one thing that was created, even when the check was interrupted, and says why that could not be done. The answer is nil if nothing was sent.
func (e *engine) remove(ctx context.Context, m created) (*answer, string) {
	destroy := m.in.c.Operation(contract.Destroy)
	if destroy == nil {
		e.gone(m) // nothing more is done about it
		return nil, "the document has no operation that deletes it"
	}
	r := m.in.item(destroy, m.key)
	r.odd, r.tidy = true, true // it may be gone already
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), e.target.Timeout)
	defer cancel()
	a := e.client.do(ctx, &r, nil, true)
	if a.ok() || a.err == nil && (a.status == http.StatusNotFound || a.status == http.StatusGone) {
		e.gone(m)
		return a, ""
	}
	return a, "DELETE: " + a.says()
}

// confirmations is how often a case has to break in all, and unsteadyTries among how many reads that are not steady two have to.
const (
	confirmations = 3
	unsteadyTries = 12 // of two replicas, of which one is wrong, others that read meanwhile decide which is asked
	changeTries   = 3
)

// confirm runs a case again that broke once.
func (e *engine) confirm(ctx context.Context, tc *testCase, first outcome) outcome {
	if tc.unsteady {
		return e.confirmUnsteady(ctx, tc, first)
	}
	times := confirmations
	if tc.timed {
		times *= 2
	}
	for n := 1; n < times; n++ {
		again, changed := e.undisturbed(ctx, e.renewed(tc, n))
		switch {
		case changed:
			return skip("the data changed meanwhile, again and again")
		case again.verdict == Skipped:
			return skip("it broke (%s), but could not be tried again: %s", first.got, again.reason)
		case again.verdict != Broken && (tc.timed || e.moved(ctx, tc)):
			return again // what was remembered of the list was no longer so
		case again.verdict == Kept && first.spoilt && again.run.conflicts(tc.op):
			return first // the same wrong value is there already, of the time before: it was taken
		case again.verdict != Broken && first.aged:
			return again // what broke was not in the state that it was created in
		case again.verdict != Broken && tc.passing != nil && tc.passing(first):
			return again
		case again.verdict != Broken:
			first.verdict = Flaky
			return first
		}
		first = again
	}
	return first
}

// moved tells whether the data of a case's list is no longer what it was when the cases were chosen.
func (e *engine) moved(ctx context.Context, tc *testCase) bool {
	return tc.over != nil && (tc.over.moving.shifts() || e.fingerprint(ctx, tc.over) != tc.over.origin)
}

// renewed makes a case that writes anew, with bodies that were not sent yet: where what was deleted keeps its names, the same ones are refused.
func (e *engine) renewed(tc *testCase, round int) *testCase {
	s := e.lists[tc.op.Collection]
	if !tc.writes() || s == nil || s.writer == nil {
		return tc
	}
	first, other := s.writer, *s.writer
	other.round = round
	s.writer = &other
	defer func() { s.writer = first }()
	made, _ := e.casesOf(tc.rule, tc.op)
	for _, again := range made {
		if again.rule, again.op = tc.rule, tc.op; again.subject == tc.subject {
			again.again = true
			for i := range again.steps {
				again.steps[i].of = again
			}
			return again
		}
	}
	return tc
}

// undisturbed runs a case while its list stays the same: read A, ask, read A again.
func (e *engine) undisturbed(ctx context.Context, tc *testCase) (outcome, bool) {
	if tc.over == nil || tc.acts || tc.writes() {
		o, _ := e.attempt(ctx, tc, true)
		return o, false
	}
	before := e.fingerprint(ctx, tc.over)
	for try := range changeTries {
		o, _ := e.attempt(ctx, tc, true)
		after := e.fingerprint(ctx, tc.over)
		if before == after {
			return o, false
		}
		tc.over.moving.shift()
		before = after
		select {
		case <-time.After(50 * time.Millisecond << try):
		case <-ctx.Done():
		}
	}
	return outcome{}, true
}

// confirmUnsteady looks for a second time among a few more reads, while the total stays the same.
func (e *engine) confirmUnsteady(ctx context.Context, tc *testCase, first outcome) outcome {
	changed := false
	for range unsteadyTries - 1 {
		before := e.total(ctx, tc.over)
		o, _ := e.attempt(ctx, tc, true)
		if e.total(ctx, tc.over) != before {
			changed = true
			continue
		}
		if o.verdict == Broken {
			return o
		}
	}
	if changed || e.moved(ctx, tc) {
		return skip("the data changed meanwhile, again and again")
	}
	first.verdict = Flaky
	return first
}
