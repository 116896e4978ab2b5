package contracttest

import (
	"cmp"
	"slices"
	"strings"

	"understudy/internal/contract"
)

// oddSearch is what people would never search for: signs that mean something to databases and patterns, in the first word, since behind one that is not found none is
// looked for; letters of other scripts, and very many letters.
var oddSearch = `'"\*(%` + oddTexts[0].json + oddTexts[2].json

func searchPlain(e *engine, s *listState) ([]*testCase, string) {
	if len(s.base.items) == 0 {
		return none("the list is empty")
	}
	text := []rune(oddSearch)
	if p := s.c.List().Parameter("query", s.c.Search.Param); p != nil && p.Schema != nil {
		if most := p.Schema.Present().Keywords().MaxLength; most != nil { // a longer one is refused for that
			text = text[:min(len(text), *most)]
		}
	}
	q := search(string(text))
	q.Size = s.large
	odd := s.page(q)
	odd.odd = true
	answered := func(a *answer) outcome {
		if a.failed() {
			return broken(a, a.says(), "what that finds, or nothing, or a refusal").signed("an error of the server's")
		}
		return kept()
	}
	out := append(s.wildSearched(), &testCase{
		subject: "signs", intent: "a search for letters of other scripts, quotes and other signs, and 200 letters more", over: s, steps: []step{odd},
		judge: func(rs []result) outcome { return answered(rs[0].answer()) },
	})
	p := s.c.List().Parameter("query", s.c.Search.Param)
	if len(out) > 1 && (!e.target.Writes || p == nil || sentence(p.Description(), noWildcards) == "") { // whoever leaves _ as it is leaves %, too; reads alone are to be few
		return out, ""
	}
	q.Search = "%"
	tc := &testCase{subject: `"%"`, intent: "a search for %, which stands for anything in LIKE", over: s, steps: []step{s.page(q)}}
	leaks := slices.ContainsFunc(s.base.items, func(it contract.Item) bool { return !has(it, "%") })
	if leaks {
		tc.steps = append(tc.steps, odd, s.page(contract.Query{Size: s.large}))
	}
	tc.judge = func(rs []result) outcome {
		a := rs[0].answer()
		if o := answered(a); o.verdict != Kept || !leaks || !a.ok() {
			return o
		}
		some, bad := pageOf(rs[0])
		all, bad2 := pageOf(rs[2])
		if bad != nil || bad2 != nil {
			return *cmp.Or(bad, bad2)
		}
		others := 0 // that the other signs find
		if !rs[1].answer().refused() {
			l, bad := pageOf(rs[1])
			if bad != nil {
				return *bad
			}
			others = len(l.items)
		}
		without := slices.ContainsFunc(some.items, func(it contract.Item) bool { return !has(it, "%") })
		if without && len(some.items) == len(all.items) && others < len(all.items) {
			return broken(a, `all items for "%", and not for other signs`, "only items that have the sign").because("the sign reaches LIKE unescaped").signed("signs are wildcards")
		}
		return kept()
	}
	return append(out, tc), ""
}

// has tells whether a sign, or a word in any case, stands anywhere in an item.
func has(it contract.Item, sign string) bool {
	return strings.Contains(strings.ToLower(string(it.AppendJSON(nil))), strings.ToLower(sign))
}
