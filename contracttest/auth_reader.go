package contracttest

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"understudy/internal/contract"
)

// What a document says of who may do nothing but read and create.
var (
	ofOtherWrites = regexp.MustCompile(`(?i)\b(?:every|any|all) other (?:writes?|writing|changes?)\b`)
	is403         = regexp.MustCompile(`\b403\b`)
	beforeBody    = regexp.MustCompile(`(?i)\bbefore (?:the|its|a) (?:body|content|request body)\b`)
	mayNotRead    = regexp.MustCompile(`(?i)\b(?:may not|cannot|can't|must not|do not|never) (?:read|see|list) (?:the |any )?(\w+)`)
	ofChanges     = regexp.MustCompile(`(?i)\b(?:edit|chang|updat|modif|delet|remov|clos|patch|put)\w*\b`)
)

// somebodyElse is the second identity.
var somebodyElse = &credential{name: "the second identity", second: true}

// findReader finds out in which lists the second identity may not create anything, and whether it is one of whom the document says that they may only read, every
// write being refused.
func (e *engine) findReader(ctx context.Context) {
	told := sentence(e.doc.Description(), promisesReader, ofCredentials, ofWrites, isBarred)
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

// closedTo makes a case of a read of which the document says, by its path or by what it reads, that it is refused with 403 to somebody with fewer rights.
func (e *engine) closedTo(op *contract.Operation) []*testCase {
	told := sentence(e.doc.Description(), is403, regexp.MustCompile("[`'\"]"+regexp.QuoteMeta(op.Path)+"[`'\"]"))
	if c := op.Collection; told == "" && c != nil && (op.Role == contract.List || op.Role == contract.Retrieve) {
		said := sentence(e.doc.Description(), is403, mayNotRead)
		for _, m := range mayNotRead.FindAllStringSubmatch(said, -1) {
			if c.HasOne(contract.Singular(strings.ToLower(m[1]))) {
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
