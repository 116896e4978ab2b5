package contracttest

import (
	"fmt"
	"slices"
	"strings"

	"understudy/internal/contract"
)

// expectations resolves [Target].Expect: the statuses that each operation may answer with, whatever the document says.
func expectations(doc *contract.Document, expect map[string][]int) (map[*contract.Operation][]int, error) {
	out := map[*contract.Operation][]int{}
	for _, pattern := range sortedKeys(expect) {
		named := false
		for _, op := range doc.Operations() {
			if slices.ContainsFunc(namesOf(op), func(name string) bool { return matches(pattern, name) }) {
				out[op], named = append(out[op], expect[pattern]...), true
			}
		}
		if !named {
			return nil, fmt.Errorf("a status is expected of %q, but the document has no such operation: it is an operation id, a path, a method or a tag, with * for anything", pattern)
		}
		for _, status := range expect[pattern] {
			if status < 200 || status > 599 {
				return nil, fmt.Errorf("the status %d that is expected of %q is none: it is from 200 to 599", status, pattern)
			}
		}
	}
	return out, nil
}

// expects tells whether an operation may answer with a status although the document does not say so.
func (e *engine) expects(op *contract.Operation, status int) bool {
	return slices.Contains(e.expected[op], status)
}

// expectsRefusal tells whether an answer is a refusal, or an error of the server's, that is expected: then it breaks no rule. Of a success that is expected all
// else is still judged.
func (e *engine) expectsRefusal(a *answer) bool {
	return a != nil && len(e.expected) > 0 && a.status/100 != 2 && e.expects(a.request.op, a.status)
}

// excuse takes back what an answer shows by its status, where that is expected, and what it shows of a property that was sent wrong on purpose: that it was
// taken is told by the case that sent it.
func (e *engine) excuse(a *answer, j *judged) {
	if tc := a.request.of; tc != nil && tc.spoils != nil {
		j.seen = slices.DeleteFunc(j.seen, func(s sighting) bool {
			return s.rule == "conform/body" && slices.ContainsFunc(tc.spoils, func(name string) bool { return slices.Contains(strings.Split(s.pointer, "/"), name) })
		})
	}
	if len(e.expected) == 0 || !e.expects(a.request.op, a.status) {
		return
	}
	j.seen = slices.DeleteFunc(j.seen, func(s sighting) bool {
		return s.rule == "conform/status" || s.rule == "conform/success" || s.rule == "auth/documented"
	})
}

// expectsAny tells whether a status is expected that a document's key stands for: "403", or "4XX".
func (e *engine) expectsAny(op *contract.Operation, key string) bool {
	return slices.ContainsFunc(e.expected[op], func(status int) bool { return key == fmt.Sprint(status) || documentedAs(op, status) == key })
}
