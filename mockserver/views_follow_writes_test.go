package mockserver_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/mockserver"
)

// TestViewsFollowWrites asks for the same lists before, between and after writes. What was asked before is kept up to date; what was not is made anew: both
// must be right.
func TestViewsFollowWrites(t *testing.T) {
	writes := []call{
		{says: "POST", method: "POST", body: `{"name":"delta","expires":"2030-06-01T00:00:00Z","single_use":true}`, status: 201, answer: `{"pk":"…`},
		{says: "PATCH", method: "PATCH", to: second, body: `{"name":"gamma","flow":"` + hrKey + `","expires":null}`, answer: `{"pk":"2b7a1d63-…`},
		{says: "PUT", method: "PUT", to: last, body: `{"name":"alpha-2"}`, answer: `{"pk":"70cf52b8-…`},
		{says: "DELETE", method: "DELETE", to: first, status: 204},
	}
	views := []struct {
		query string
		lists [5]string // at first, and after each write
	}{
		{"", [5]string{"1 6 2 5 4 7 3", "1 + 6 2 5 4 7 3", "1 + 6 5 4 7 2 3", "1 + 6 5 4 2 3 7", "+ 6 5 4 2 3 7"}},
		{"ordering=name", [5]string{"7 4 1 2 3 5 6", "7 4 1 2 3 5 6 +", "7 4 1 3 5 6 + 2", "4 1 7 3 5 6 + 2", "4 7 3 5 6 + 2"}},
		{"ordering=-single_use,expires", [5]string{"5 1 3 7 4 2 6", "5 + 1 3 7 4 2 6", "5 + 1 3 7 4 6 2", "5 + 1 3 4 6 2 7", "5 + 3 4 6 2 7"}},
		{"ordering=flow,-name&search=_", [5]string{"4 7 3 2 1", "4 7 3 2 1", "2 4 7 3 1", "2 4 3 1", "2 4 3"}},
		{"flow__slug=default-enrollment-flow&ordering=-name", [5]string{"5 6 3", "+ 5 6 3", "+ 5 6 3", "+ 5 6 3 7", "+ 5 6 3 7"}},
		{"flow__slug=HR_Flow", [5]string{"4 7", "4 7", "4 7 2", "4 2", "4 2"}},
		{"flow__slug=welcome&ordering=pk", [5]string{"1 2", "1 2", "1", "1", ""}},
		{"name=gamma", [5]string{"", "", "2", "2", "2"}},
		{"search=alpha&ordering=-name", [5]string{"3 2 4", "3 2 4", "3 4", "3 7 4", "3 7 4"}},
		{"search=2030", [5]string{"6 2 5 7", "+ 6 2 5 7", "+ 6 5 7", "+ 6 5", "+ 6 5"}},
		{"created_by__username=akadmin&ordering=expires", [5]string{"4 6 1", "4 6 + 1", "4 6 + 1", "4 6 + 1", "4 6 +"}},
		{"expires=2030-06-01T02:00:00%2B02:00", [5]string{"", "+", "+", "+", "+"}},
		{"page=2&page_size=3", [5]string{"5 4 7", "2 5 4", "5 4 7", "5 4 2", "4 2 3"}},
	}
	counts := [5]string{"7", "8", "8", "8", "7"}
	same := func(t *testing.T, s *server, n int) {
		t.Helper()
		for _, v := range views {
			require.Equal(t, v.lists[n], s.list(t, v.query), "?%s after %d writes", v.query, n)
		}
		require.Contains(t, s.get(t, all+"?page=2&page_size=3").body, `"count":`+counts[n]+`,`)
	}
	for asked := range len(writes) + 1 {
		t.Run(fmt.Sprintf("asked first after %d writes", asked), func(t *testing.T) {
			s := serve(t, mockserver.Options{})
			for n := range len(writes) + 1 {
				if n > 0 {
					writes[n-1].run(t, s)
				}
				if n >= asked {
					same(t, s, n)
				}
			}
			s.mock.Reset()
			same(t, s, 0)
			writes[0].run(t, s) // what came after the data at the start did not change it
			same(t, s, 1)
		})
	}
}
