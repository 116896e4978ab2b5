package contracttest

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"understudy/internal/contract"
)

// selection says which operations and rules are checked.
type selection struct {
	include, exclude []string
	rules            map[string]bool // which are checked
}

func newSelection(include, exclude []string) (*selection, error) {
	for _, pattern := range slices.Concat(include, exclude) {
		if _, err := path.Match(flat(pattern), ""); err != nil || pattern == "" {
			return nil, fmt.Errorf("%q is no pattern: it is an operation id, a path, a method, a tag or a rule, with * for anything", pattern)
		}
	}
	return (&selection{include: include, exclude: exclude}).settle(), nil
}

// flat writes a name so that * in a pattern stands for slashes, too.
func flat(s string) string { return strings.ReplaceAll(s, "/", "\x01") }

func matches(pattern, name string) bool {
	ok, err := path.Match(flat(pattern), flat(name))
	return err == nil && ok
}

// isRule tells whether a pattern names rules.
func isRule(pattern string) bool {
	return strings.Trim(pattern, "*") != "" &&
		slices.ContainsFunc(contract.Rules(), func(r contract.Rule) bool { return matches(pattern, r.ID) || matches(pattern, r.Family()) })
}

func namesOf(op *contract.Operation) []string {
	return append([]string{op.ID, op.Path, op.Method, strings.ToLower(op.Method), op.Method + " " + op.Path}, op.Tags...)
}

// operation tells whether an operation is checked.
func (s *selection) operation(op *contract.Operation) bool {
	names := namesOf(op)
	hits := func(patterns []string) bool {
		return slices.ContainsFunc(patterns, func(p string) bool {
			return !isRule(p) && slices.ContainsFunc(names, func(n string) bool { return matches(p, n) })
		})
	}
	wanted := !slices.ContainsFunc(s.include, func(p string) bool { return !isRule(p) }) || hits(s.include)
	return wanted && !hits(s.exclude)
}

// forbids tells whether a request must not be sent, whatever for: its operation or its method is excluded.
func (s *selection) forbids(op *contract.Operation, method string) bool {
	names := append(namesOf(op), method, strings.ToLower(method))
	return slices.ContainsFunc(s.exclude, func(p string) bool {
		return !isRule(p) && slices.ContainsFunc(names, func(n string) bool { return matches(p, n) })
	})
}

// rule tells whether a rule is checked.
func (s *selection) rule(r contract.Rule) bool { return s.rules[r.ID] }

// settle decides on every rule.
func (s *selection) settle() *selection {
	s.rules = map[string]bool{}
	some := slices.ContainsFunc(s.include, isRule)
	for _, r := range contract.Rules() {
		hits := func(patterns []string) bool {
			return slices.ContainsFunc(patterns, func(p string) bool { return isRule(p) && (matches(p, r.ID) || matches(p, r.Family())) })
		}
		s.rules[r.ID] = (!some || hits(s.include)) && !hits(s.exclude)
	}
	return s
}
