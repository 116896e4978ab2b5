package contracttest

import (
	"context"
	"fmt"

	"understudy/internal/contract"
)

// somebodyElse is the second identity.
var somebodyElse = &credential{name: "the second identity", second: true}

// findReader finds out whether the second identity is one of whom the document says that they may only read, every write being refused: by a create that is refused.
func (e *engine) findReader(ctx context.Context) {
	told := sentence(e.doc.Description(), promisesReader, ofCredentials, ofWrites, promisesRefusal)
	if told == "" {
		return
	}
	for _, c := range e.doc.Collections() {
		s := e.lists[c]
		if s == nil || s.writer == nil {
			continue
		}
		r := s.writer
		if _, ok := e.client.creds.alternative(r.op, true); !ok {
			continue
		}
		st := r.post("created", r.numbered(planned+2*mostTries+mostAdded+mostTwins))
		st.as = somebodyElse
		a := e.client.do(ctx, &st.request, nil, true)
		if denied(a) {
			e.onlyReads = told
			return
		}
		if key := s.keyIn(a); a.ok() && key != "" {
			if _, why := e.remove(ctx, e.made(s, key)); why != "" {
				e.leftover(s.c.ItemURL(s.scope, key) + " (" + why + ")")
			}
		}
	}
}

// authReader tries to write as the second identity, where it may only read.
func (e *engine) authReader(op *contract.Operation) ([]*testCase, string) {
	if _, ok := e.client.creds.alternative(op, true); !ok || e.onlyReads == "" {
		return nil, ""
	}
	intent := "as the second identity, to nothing but what the check itself created: " + e.onlyReads
	return e.writeAs(op, "reader", "", intent, []*credential{somebodyElse}, func(_ *answer, got []*answer) outcome {
		if a := got[0]; a.ok() {
			return broken(a, fmt.Sprintf("%d as the second identity", a.status), "403: "+e.onlyReads).signed("who may only read writes").because("whoever may read may write").asSaid(true)
		}
		return kept()
	})
}
