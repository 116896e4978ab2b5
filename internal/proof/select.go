package proof

import (
	"path"
	"slices"
	"strings"

	"understudy/internal/contract"
	"understudy/internal/mutant"
)

// fits tells whether a pattern, with * for anything, is that of a name.
func fits(pattern, name string) bool {
	flat := func(s string) string { return strings.ReplaceAll(s, "/", "\x01") }
	ok, err := path.Match(flat(pattern), flat(name))
	return err == nil && ok
}

// isMutant tells whether a pattern names mutants: by themselves, or by their rules.
func isMutant(pattern string) bool {
	return strings.Trim(pattern, "*") != "" && slices.ContainsFunc(mutant.All(), func(m mutant.Mutant) bool { return names(pattern, m) })
}

func names(pattern string, m mutant.Mutant) bool {
	return fits(pattern, m.ID) || fits(pattern, m.Rule) || fits(pattern, m.Family())
}

// wanted tells whether a mutant is tried.
func (s *stage) wanted(m mutant.Mutant) bool {
	hits := func(patterns []string) bool {
		return slices.ContainsFunc(patterns, func(p string) bool { return isMutant(p) && names(p, m) })
	}
	return (!slices.ContainsFunc(s.opts.Include, isMutant) || hits(s.opts.Include)) && !hits(s.opts.Exclude)
}

// selected tells whether an operation is one at whose place mutants are tried.
func (s *stage) selected(op *contract.Operation) bool {
	hits := func(patterns []string) bool {
		return slices.ContainsFunc(patterns, func(p string) bool {
			return !isMutant(p) && slices.ContainsFunc(append([]string{op.ID, op.Path, op.Method, op.Method + " " + op.Path}, op.Tags...), func(name string) bool { return fits(p, name) })
		})
	}
	some := slices.ContainsFunc(s.opts.Include, func(p string) bool { return !isMutant(p) })
	return (!some || hits(s.opts.Include)) && !hits(s.opts.Exclude)
}
