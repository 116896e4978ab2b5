package mockserver_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/mockserver"
)

// TestPageSizes is how many a page holds, where seven are too few to tell.
func TestPageSizes(t *testing.T) {
	for _, c := range []struct {
		says, query, first, last string
		count                    int // of the collection
		pages                    pages
	}{
		{"20 unless given", "", "n001", "n020", 45, pages{2, 0, 45, 1, 3, 1, 20}},
		{"45 by 20, page 3", "page=3", "n041", "n045", 45, pages{0, 2, 45, 3, 3, 41, 45}},
		{"empty is 20", "page_size=", "n001", "n020", 45, pages{2, 0, 45, 1, 3, 1, 20}},
		{"0 is 20", "page_size=0", "n001", "n020", 45, pages{2, 0, 45, 1, 3, 1, 20}},
		{"-3 is 20", "page_size=-3&page=2", "n021", "n040", 45, pages{3, 1, 45, 2, 3, 21, 40}},
		{"a multiple has no page too many", "page_size=15&page=3", "n031", "n045", 45, pages{0, 2, 45, 3, 3, 31, 45}},
		{"100 is the most", "page_size=100", "n001", "n100", 250, pages{2, 0, 250, 1, 3, 1, 100}},
		{"101 is 100", "page_size=101", "n001", "n100", 250, pages{2, 0, 250, 1, 3, 1, 100}},
		{"so the last page is counted by 100", "page_size=1000000&page=3", "n201", "n250", 250, pages{0, 2, 250, 3, 3, 201, 250}},
		{"99 is 99", "page_size=99&page=3&ordering=-name", "n052", "n001", 250, pages{0, 2, 250, 3, 3, 199, 250}},
	} {
		t.Run(c.says, func(t *testing.T) {
			s := serve(t, mockserver.Options{Data: load(t, many(c.count))})
			a := s.get(t, all+"?"+c.query)
			require.Equal(t, http.StatusOK, a.status, a.body)
			p := a.page(t)
			require.Equal(t, c.pages.json(), string(p.Pagination))
			require.Len(t, p.Results, c.pages[6]-c.pages[5]+1)
			require.Equal(t, c.first, p.Results[0].Name)
			require.Equal(t, c.last, p.Results[len(p.Results)-1].Name)
		})
	}
}

// TestWalk walks through the pages of lists that are all ties, and meets every invitation exactly once.
func TestWalk(t *testing.T) {
	s := serve(t, mockserver.Options{Data: load(t, many(45))})
	var want []string
	for i := range 45 {
		want = append(want, fmt.Sprintf("n%03d", i+1))
	}
	for _, query := range []string{"", "ordering=expires", "ordering=-flow,-single_use", "flow__slug=default-enrollment-flow&search=N"} {
		for _, size := range []int{1, 7, 20, 44, 45, 46} {
			t.Run(fmt.Sprintf("%s&page_size=%d", query, size), func(t *testing.T) {
				var met []string
				for next := 1; next != 0; {
					a := s.get(t, fmt.Sprintf("%s?%s&page_size=%d&page=%d", all, query, size, next))
					require.Equal(t, http.StatusOK, a.status, a.body)
					p := a.page(t)
					for _, r := range p.Results {
						met = append(met, r.Name)
					}
					require.LessOrEqual(t, len(met), len(want))
					var numbers struct{ Next int }
					require.NoError(t, json.Unmarshal(p.Pagination, &numbers))
					next = numbers.Next
				}
				require.Equal(t, want, met)
			})
		}
	}
}
