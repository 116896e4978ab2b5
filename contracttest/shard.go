package contracttest

import (
	"fmt"
	"slices"
	"strings"

	"understudy/internal/contract"
)

// shard is one of several parts of a check: which one, from 1, of how many.
type shard struct{ number, of int }

// parseShard reads "2/5". "" is the whole check, the first part of one.
func parseShard(text string) (shard, error) {
	if text == "" {
		return shard{1, 1}, nil
	}
	var s shard
	if n, err := fmt.Sscanf(text, "%d/%d", &s.number, &s.of); n != 2 || err != nil || s.number < 1 || s.number > s.of || s.String() != text {
		return s, fmt.Errorf("the shard %q is none: it is a number, / and how many there are, such as 2/5", text)
	}
	return s, nil
}

func (s shard) String() string { return fmt.Sprintf("%d/%d", s.number, s.of) }

// part gives those of the operations that one shard checks, in their order. The split depends on the document and the selection alone, never on what a target
// holds, so that shards which start at different times agree on it: no operation is left out, and none is checked twice. Operations whose cases may ask each
// other, or change what the other reads, stay together.
func (s shard) part(operations []*contract.Operation, pick *selection) []*contract.Operation {
	loads := make([]int, s.of)
	var mine []*contract.Operation
	bundles := bundle(operations)
	weigh := func(ops []*contract.Operation) (sum int) {
		for _, op := range ops {
			sum += load(op, pick)
		}
		return sum
	}
	slices.SortStableFunc(bundles, func(a, b []*contract.Operation) int { return weigh(b) - weigh(a) })
	for _, ops := range bundles { // the heaviest first, each to whoever has the least to do
		to := 0
		for i := range loads {
			if loads[i] < loads[to] {
				to = i
			}
		}
		loads[to] += weigh(ops)
		if to == s.number-1 {
			mine = append(mine, ops...)
		}
	}
	return slices.DeleteFunc(slices.Clone(operations), func(op *contract.Operation) bool { return !slices.Contains(mine, op) })
}

// bundle puts operations together that have a path, records, or a singleton in common, or of whose lists one is inside an item of the other.
func bundle(operations []*contract.Operation) [][]*contract.Operation {
	var bundles [][]*contract.Operation
	in := map[any]int{} // the bundle of what ties operations together
	for _, op := range operations {
		ties := []any{op.Path}
		if op.Singleton != nil {
			ties = append(ties, op.Singleton)
		}
		for c := op.Collection; c != nil; c = c.Parent {
			ties = append(ties, c, c.Records)
		}
		at := len(bundles)
		bundles = append(bundles, []*contract.Operation{op})
		for _, tie := range ties {
			other, ok := in[tie]
			if ok && other != at {
				bundles[other] = append(bundles[other], bundles[at]...)
				bundles[at] = nil
				for t, i := range in {
					if i == at {
						in[t] = other
					}
				}
				at = other
			}
			in[tie] = at
		}
	}
	return slices.DeleteFunc(bundles, func(ops []*contract.Operation) bool { return len(ops) == 0 })
}

// load estimates how many requests the cases of an operation take: one for each rule, and as many as there are parameters for those that ask for each.
func load(op *contract.Operation, pick *selection) int {
	n := 0
	for _, rule := range contract.Rules() {
		if !pick.rule(rule) || !rule.Applies(op) || slices.Contains(passive, rule.ID) {
			continue
		}
		n++
		if c := op.Collection; c != nil && rule.Family() == "filter" {
			n += len(c.Filters)
		} else if rule.Family() == "value" && !strings.HasPrefix(op.Method, "P") {
			n += len(op.Parameters)
		}
	}
	return n
}
