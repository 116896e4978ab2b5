package contracttest

import "understudy/internal/contract"

// producer makes the cases of one rule on one operation that the rule applies to. Where it makes none, or cannot make all, it says why; no cases and no
// reason mean that there is nothing to ask.
type producer func(e *engine, op *contract.Operation) (cases []*testCase, why string)

// producers has the producer of every rule that has cases of its own.
var producers = func() map[string]producer {
	out := map[string]producer{}
	for _, family := range []map[string]producer{valueRules, authRules, pagingRules, orderRules, filterRules, searchRules, readRules, crudRules, httpRules} {
		for id, p := range family {
			out[id] = p
		}
	}
	return out
}()

func (e *engine) casesOf(rule contract.Rule, op *contract.Operation) ([]*testCase, string) {
	if p := producers[rule.ID]; p != nil {
		return p(e, op)
	}
	return none("nothing asks this yet")
}

// onList makes a producer of one that needs a list which could be read.
func onList(p func(e *engine, s *listState) ([]*testCase, string)) producer {
	return func(e *engine, op *contract.Operation) ([]*testCase, string) {
		s := e.lists[op.Collection]
		if s == nil || s.why != "" {
			return nil, whyOf(s)
		}
		return p(e, s)
	}
}

func whyOf(s *listState) string {
	if s == nil {
		return "its list is not read"
	}
	return s.why
}

// one is the usual result of a producer: one case.
func one(tc *testCase) ([]*testCase, string) { return []*testCase{tc}, "" }

// none is the result of a producer that cannot ask.
func none(why string) ([]*testCase, string) { return nil, why }
