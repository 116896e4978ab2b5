package contracttest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"understudy/internal/contract"
)

// anyCaseName finds the names of relations in which upper and lower case are the same: Django's lookups, and SQL's ILIKE.
var anyCaseName = regexp.MustCompile(`(?i)(?:^|[_.\[-])(?:icontains|istartswith|iendswith|iexact|ilike)\]?$`)

// filteredCase makes cases of the filters of which their names or descriptions say that upper and lower case are the same, a few of them, by a value in another case.
func (s *listState) filteredCase() (cases []*testCase) {
next:
	for i := range s.c.Filters {
		f := &s.c.Filters[i]
		p := s.c.List().Parameter("query", f.Param)
		if p == nil {
			continue
		}
		said := saysCase.MatchString(p.Description())
		any := saysAnyCase.MatchString(p.Description())
		told := said && any && s.means(f) && slices.Contains([]contract.Op{contract.IEqual, contract.IContains, contract.IStartsWith}, f.Op)
		if !told && (said && !any || !anyCaseName.MatchString(f.Param)) {
			continue
		}
		for _, ch := range s.choices(f) {
			value := ch.cond.Values[0]
			other := contract.Condition{Param: f.Param, Values: []string{strings.ToUpper(value)}}
			if other.Values[0] == value {
				other.Values[0] = strings.ToLower(value)
			}
			if len(ch.cond.Values) > 1 || other.Values[0] == value || !isPlainText(value) && len(value) > 4 || !s.canonical(other) {
				continue
			}
			if cases = append(cases, &testCase{
				subject: f.Param + " in another case", intent: fmt.Sprintf("%s=%s, and in another case, which makes no difference", f.Param, value), over: s,
				steps: []step{s.all(conditions(ch.cond)), s.all(conditions(other))},
				judge: func(rs []result) outcome {
					ls, bad := pagesOf(rs)
					if bad != nil {
						return *bad
					}
					if !slices.ContainsFunc(ls, func(l *listed) bool { return l.capped }) && !sameSet(ls[0].keys, ls[1].keys) {
						return broken(rs[1].answer(), fmt.Sprintf("%s, and %d in the other case", plural(len(ls[1].keys), "item"), len(ls[0].keys)), "the same items").because("the case counts").signed("case matters").asSaid(told)
					}
					return kept()
				},
			}); len(cases) == mostChoices {
				return cases
			}
			continue next
		}
	}
	return cases
}
