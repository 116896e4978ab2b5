package contracttest

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"understudy/internal/contract"
)

// What a document says of who may do nothing but read and create.
var (
	ofOtherWrites = regexp.MustCompile(`(?i)\b(?:every|any|all) other (?:writes?|writing|changes?)\b`)
	writesNothing = regexp.MustCompile(`(?i)\b(?:may|can) write nothing\b`)
	is404         = regexp.MustCompile(`\b404\b`)
	is403         = regexp.MustCompile(`\b403\b`)
	beforeBody    = regexp.MustCompile(`(?i)\bbefore (?:the|its|a) (?:body|content|request body)\b`)
	mayNotRead    = regexp.MustCompile(`(?i)\b(?:may not|cannot|can't|must not|do not|never) (?:read|see|list) (?:the |any )?(\w+)|\b(?:may|can) (?:read|see|list) (?:everything|all) (?:but|except) (?:the )?(\w+)`)
	nothingBut    = regexp.MustCompile(`(?i)\b(?:may|can) (?:change|write|edit|create|modify) nothing (?:but|except) (?:the )?(\w+)`)
	ofChanges     = regexp.MustCompile(`(?i)\b(?:edit|chang|updat|modif|delet|remov|clos|patch|put)\w*\b`)
)

// somebodyElse is the second identity.
var somebodyElse = &credential{name: "the second identity", second: true}

// findReader finds out in which lists the second identity may not create anything, and whether it is one of whom the document says that they may only read, every
// write being refused.
func (e *engine) findReader(ctx context.Context) {
	told := cmp.Or(sentence(e.doc.Description(), promisesReader, ofCredentials, ofWrites, isBarred), sentence(e.doc.Description(), writesNothing, isBarred))
	opens := sentence(e.doc.Description(), ofOtherWrites, is403)
	if ofChanges.MatchString(opens) {
		opens = ""
	}
	for _, c := range e.doc.Collections() {
		s := e.lists[c]
		if s == nil || s.writer == nil || s.writer.stays != nil {
			continue
		}
		r := s.writer
		if _, ok := e.client.creds.alternative(r.op, true); !ok {
			continue
		}
		st := r.post("created", r.numbered(planned+2*mostTries+mostAdded+mostTwins))
		st.as = somebodyElse
		a := e.client.do(ctx, &st.request, nil, true)
		if s.barred = denied(a); s.barred {
			e.onlyReads, e.onlyOpens, e.lesser = told, opens, true
			walk := s.all(contract.Query{})
			walk.as = somebodyElse
			s.seen = e.walk(ctx, &walk, nil, true).list
		}
		r.undo(ctx, a)
	}
}

// authReader tries to write as the second identity, where it may only read. Where nothing says so, whoever may not create an item may hardly change or delete those of others.
func (e *engine) authReader(op *contract.Operation) ([]*testCase, string) {
	want, s := e.onlyReads, e.lists[op.Collection]
	if want == "" && op.Role != contract.Create {
		want = e.onlyOpens
	}
	if refusal := op.Response(http.StatusForbidden); want == "" && s != nil && s.barred && refusal != nil {
		want = sentence(refusal.Description, promisesReader)
	}
	if m := nothingBut.FindStringSubmatch(sentence(e.doc.Description(), nothingBut, is403)); want == "" && e.lesser && m != nil && op.Collection != nil && !op.Collection.HasOne(contract.Singular(strings.ToLower(m[1]))) {
		want = "it may change nothing but " + m[1]
	}
	said := want != ""
	if want == "" && s != nil && s.barred && op.Role != contract.Create {
		want = "it may not create an item"
	}
	var first []*testCase
	if s != nil && s.barred {
		first = e.refusedFirst(op, somebodyElse, "as the second identity", sentence(e.doc.Description(), ofWrites, is403, beforeBody))
	}
	if want == "" {
		return first, ""
	}
	intent := "as the second identity, to nothing but what the check itself created: " + want
	cases, why := e.writeAs(op, "reader", "", intent, []*credential{somebodyElse}, func(_ *answer, got []*answer) outcome {
		if a := got[0]; a.ok() {
			return broken(a, fmt.Sprintf("%d as the second identity", a.status), "403: "+want).signed("who may only read writes").because("whoever may read may write").asSaid(said)
		}
		return kept()
	})
	return append(cases, first...), why
}

// shown gives a body other states, of a few, where the second identity sees no items that have those: a draft, say, may be hidden from it.
func (r *recipe) shown(b body) body {
	if r.s.seen == nil || r.s.seen.bad != "" {
		return b
	}
	for _, p := range r.form.Properties() {
		if kindOf(p) != "enum" && kindOf(p) != "boolean" || p.Schema.ReadOnly() || r.keys[p.Name] != "" {
			continue
		}
		now := b.get(p.Name)
		if now == "" {
			now = string(p.Default())
		}
		var seen []string
		for _, it := range r.s.seen.items {
			if v := r.s.shown().Of(it.Record, p.Name); v != "" && v != "null" && !slices.Contains(seen, v) {
				seen = append(seen, v)
			}
		}
		if len(seen) == 0 || slices.Contains(seen, now) {
			continue
		}
		if other := b.set(p.Name, seen[0]); other.fits(r.form) {
			b = other
		}
	}
	return b
}

// seenOtherwise makes a case of a list as the second identity reads it, who may be shown less: neither a search nor an order may show what it does not.
func (e *engine) seenOtherwise(op *contract.Operation) []*testCase {
	s := e.lists[op.Collection]
	if _, ok := e.client.creds.alternative(op, true); !ok || s == nil || op.Role != contract.List || s.base == nil || len(s.base.keys) == 0 {
		return nil
	}
	var ways []contract.Query
	if ws := named(s.witnesses()); s.c.Search.Param != "" && len(ws) > 0 {
		ways = append(ways, search(s.commonest(ws).word))
	}
	if fields := s.fields(); len(fields) > 0 {
		ways = append(ways, contract.Query{Order: up(fields[0])})
	}
	if len(ways) == 0 {
		return nil
	}
	tc := &testCase{subject: "otherwise", intent: "as the second identity, the list, a search and an order: none of them shows what the list does not", steps: []step{s.all(contract.Query{})}, over: s}
	for _, q := range ways {
		tc.steps = append(tc.steps, s.all(q))
	}
	for i := range tc.steps {
		tc.steps[i].as = somebodyElse
	}
	tc.judge = func(rs []result) outcome {
		ls, bad := pagesOf(rs)
		if bad != nil {
			return *bad
		}
		for i, l := range ls[1:] {
			if more := lacking(ls[0].keys, l.keys); len(more) > 0 && ls[0].complete() {
				return broken(rs[1+i].answer(), fmt.Sprintf("%s, which the list does not show to the second identity", cut(more[0])), "nothing but what the list shows").signed("shown by another way").asSaid(true)
			}
		}
		return kept()
	}
	return []*testCase{tc}
}

// hiddenFrom makes a case of an item that the list does not show to the second identity: where the document says that it is not there for some, it is not shown alone either.
func (e *engine) hiddenFrom(op *contract.Operation) []*testCase {
	s := e.lists[op.Collection]
	told := sentence(e.doc.Description(), is404, hidesFrom)
	if s == nil || op.Role != contract.Retrieve || s.seen == nil || !s.seen.complete() || s.base == nil || told == "" {
		return nil
	}
	keys := lacking(s.seen.keys, s.base.keys)
	if len(keys) == 0 {
		return nil
	}
	r := s.item(op, keys[0])
	again := s.all(contract.Query{})
	again.as = somebodyElse
	return []*testCase{{
		subject: "hidden", intent: "an item that the list does not show to the second identity, asked for as such: " + told, steps: []step{{request: r}, {request: r.sentAs(somebodyElse)}, again}, over: s,
		judge: func(rs []result) outcome {
			if a, l := rs[1].answer(), rs[2].list; a.ok() && rs[0].answer().ok() && l.complete() && !slices.Contains(l.keys, keys[0]) {
				return broken(a, a.says()+" as the second identity, to whom the list does not show it", "404, or 403: "+told).signed("shows hidden items").asSaid(true)
			}
			return kept()
		},
	}}
}

// closedTo makes a case of a read of which the document says, by its path or by what it reads, that it is refused with 403 to somebody with fewer rights.
func (e *engine) closedTo(op *contract.Operation) []*testCase {
	told := sentence(e.doc.Description(), is403, regexp.MustCompile("[`'\"]"+regexp.QuoteMeta(op.Path)+"[`'\"]"))
	if c := op.Collection; told == "" && c != nil && (op.Role == contract.List || op.Role == contract.Retrieve) {
		said := sentence(e.doc.Description(), is403, mayNotRead)
		for _, m := range mayNotRead.FindAllStringSubmatch(said, -1) {
			if c.HasOne(contract.Singular(strings.ToLower(cmp.Or(m[1], m[2])))) {
				told = said
			}
		}
	}
	r, why := e.validRead(op)
	if _, ok := e.client.creds.alternative(op, true); !ok || told == "" || why != "" || !e.lesser || op.Method != http.MethodGet || len(op.PathParameters()) > 0 && op.Role != contract.Retrieve {
		return nil
	}
	return []*testCase{{
		subject: "closed", intent: "as the second identity, beside the same as the first: " + told, steps: []step{{request: r}, {request: r.sentAs(somebodyElse)}},
		judge: func(rs []result) outcome {
			if a := rs[1].answer(); a.ok() && rs[0].answer().ok() {
				return broken(a, a.says()+" as the second identity", "403: "+told).signed("open to those with fewer rights").asSaid(true)
			}
			return kept()
		},
	}}
}
