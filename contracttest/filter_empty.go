package contracttest

import (
	"cmp"

	"understudy/internal/contract"
)

// emptyFilters asks by filters with nothing behind them, and plainly without: by all of which the document says that this counts for nothing, for nothing too, and in pages
// of no size where it says what that means; told is what it says. If it says that of no filter, by one whose values are never empty, if there is such a filter.
func (s *listState) emptyFilters() (plain, st step, param, told string) {
	plain = s.page(contract.Query{Size: s.large})
	st = plain
	st.odd = true
	for _, f := range s.c.Filters {
		says := sentence(s.c.List().Description+"\n\n"+s.c.List().Parameter("query", f.Param).Description(), promisesNothing)
		if says = cmp.Or(says, sentence(s.about, promisesNothing, ofParameters)); says != "" {
			st.request, told = st.with(f.Param, ""), says
		}
		if param == "" && s.invalidValue(&f) != "" {
			param = f.Param
		}
	}
	if param == "" && len(s.c.Filters) > 0 {
		param = s.c.Filters[0].Param
	}
	if st.request = st.with(param, ""); told != "" && s.c.Search.Param != "" {
		st.request = st.with(s.c.Search.Param, "")
	}
	if size := s.toldEmptySize(); told != "" && size != "" {
		plain = s.page(contract.Query{})
		st.asks.Size, st.request, told = 0, st.with(s.c.Paging.Size, ""), told+"; "+size
	}
	return plain, st, param, told
}

func filterEmpty(_ *engine, s *listState) ([]*testCase, string) {
	plain, st, param, told := s.emptyFilters()
	if told != "" {
		return one(&testCase{
			intent: "parameters with nothing behind them, which count for nothing, the document says", over: s, steps: []step{plain, st},
			judge: func(rs []result) outcome {
				ls, bad := pagesOf(rs)
				if bad != nil && (!rs[0].answer().ok() || rs[1].answer().unavailable()) {
					return *bad
				}
				if bad != nil || len(ls[1].items) != len(ls[0].items) {
					return broken(rs[1].answer(), rs[1].answer().says(), "all items: "+told).signed("empty filters count").asSaid(true)
				}
				return kept()
			},
		})
	}
	return one(&testCase{
		subject: param, intent: param + "= with nothing behind it", over: s, steps: []step{st},
		judge: func(rs []result) outcome {
			if a := rs[0].answer(); a.failed() { // that it finds nothing is as right as that it counts for nothing
				return broken(a, a.says(), "a refusal, or an answer").signed("an error of the server's")
			}
			return kept()
		},
	})
}

func filterUnknown(_ *engine, s *listState) ([]*testCase, string) {
	st := s.page(contract.Query{Size: s.large})
	st.request = st.with("zz_understudy", "1")
	st.odd = true
	told := cmp.Or(sentence(s.c.List().Description, promisesUnread, isUnread), sentence(s.about, promisesUnread, isUnread))
	return one(&testCase{
		intent: "a parameter that the document does not have", over: s, steps: []step{s.page(contract.Query{Size: s.large}), st},
		judge: func(rs []result) outcome {
			a := rs[1].answer()
			switch {
			case a.refused() && !a.unavailable() && told != "" && rs[0].answer().ok():
				return broken(a, a.says(), "the same as without: "+told).signed("refused, though the document says that it does not count").asSaid(true)
			case a.failed():
				return broken(a, a.says(), "a refusal, or the same as without").signed("an error of the server's")
			case a.ok() && rs[1].list.bad == "" && rs[0].list.bad == "" && len(rs[1].list.items) == 0 && len(rs[0].list.items) > 0:
				return broken(a, "nothing", "a refusal, or the same as without").signed("an unknown parameter filters")
			}
			return kept()
		},
	})
}
