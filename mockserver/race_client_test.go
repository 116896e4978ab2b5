package mockserver_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"time"
)

const raceList = "/api/v3/stages/invitation/invitations/"

type raceInvitation struct {
	PK        string `json:"pk"`
	Name      string `json:"name"`
	Expires   *string
	FixedData map[string]any            `json:"fixed_data"`
	CreatedBy struct{ Username string } `json:"created_by"`
	SingleUse bool                      `json:"single_use"`
	Flow      *string
	FlowObj   struct{ PK, Slug string } `json:"flow_obj"`
}

type racePage struct {
	Pagination struct {
		Next, Previous, Count, Current int
		TotalPages                     int `json:"total_pages"`
		StartIndex                     int `json:"start_index"`
		EndIndex                       int `json:"end_index"`
	}
	Results []raceInvitation
}

// raceClient talks to the handler itself. Its methods give errors, because they are called from many goroutines.
type raceClient struct{ handler http.Handler }

func (c raceClient) do(method, target, body string) (int, []byte) {
	req := httptest.NewRequest(method, target, strings.NewReader(body))
	req.RemoteAddr = "127.0.0.1:4" // resets are taken from this machine only
	req.Header.Set("Authorization", "Bearer t")
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, req)
	return w.Code, w.Body.Bytes()
}

// item makes a request that answers one invitation; want are the statuses that may come. Of one that is no success the invitation is nil.
func (c raceClient) item(method, target, body string, want ...int) (*raceInvitation, error) {
	status, answer := c.do(method, target, body)
	if !slices.Contains(want, status) {
		return nil, fmt.Errorf("%s %s %s: %d %s", method, target, body, status, answer)
	}
	if status/100 != 2 || status == http.StatusNoContent {
		return nil, nil
	}
	var it raceInvitation
	if err := json.Unmarshal(answer, &it); err != nil {
		return nil, fmt.Errorf("%s %s: %w: %s", method, target, err, answer)
	}
	return &it, it.check()
}

// check makes sure that an invitation is whole, whatever happens around it.
func (it *raceInvitation) check() error {
	switch {
	case len(it.PK) != 36 || it.Name == "" || it.FixedData == nil || it.CreatedBy.Username == "" || it.FlowObj.Slug == "":
		return fmt.Errorf("not whole: %+v", it)
	case it.Flow != nil && *it.Flow != it.FlowObj.PK:
		return fmt.Errorf("flow and flow_obj differ: %+v", it)
	case it.Flow == nil && it.FlowObj.Slug != "default-enrollment-flow":
		return fmt.Errorf("no flow, and flow_obj is not the default: %+v", it)
	}
	return nil
}

// raceQuery is a query with what must be true of every answer to it.
type raceQuery struct {
	values url.Values
	size   int
	keeps  func(it *raceInvitation) bool
	order  func(a, b *raceInvitation) int
}

func raceExpires(desc bool) func(a, b *raceInvitation) int {
	return func(a, b *raceInvitation) int {
		switch {
		case a.Expires == nil && b.Expires == nil:
			return 0
		case a.Expires == nil:
			return 1
		case b.Expires == nil:
			return -1
		}
		x, err := time.Parse(time.RFC3339, *a.Expires)
		y, err2 := time.Parse(time.RFC3339, *b.Expires)
		if err != nil || err2 != nil {
			return 0
		}
		if desc {
			x, y = y, x
		}
		return x.Compare(y)
	}
}

func raceQueries() []raceQuery {
	all := func(*raceInvitation) bool { return true }
	byName := func(a, b *raceInvitation) int { return strings.Compare(a.Name, b.Name) }
	bySingle := func(a, b *raceInvitation) int {
		n := map[bool]int{true: 1}
		return n[a.SingleUse] - n[b.SingleUse]
	}
	var out []raceQuery
	for _, filter := range []struct {
		param, value string
		keeps        func(it *raceInvitation) bool
	}{
		{"", "", all},
		{"name", "race-3", func(it *raceInvitation) bool { return it.Name == "race-3" }},
		{"created_by__username", "akadmin", func(it *raceInvitation) bool { return it.CreatedBy.Username == "akadmin" }},
		{"created_by__username", "tobias.brandt", func(it *raceInvitation) bool { return it.CreatedBy.Username == "tobias.brandt" }},
		{"flow__slug", "default-enrollment-flow", func(it *raceInvitation) bool { return it.FlowObj.Slug == "default-enrollment-flow" }},
		{"flow__slug", "contractor-enrollment", func(it *raceInvitation) bool { return it.FlowObj.Slug == "contractor-enrollment" }},
		{"expires", "2026-02-01T00:00:00Z", func(it *raceInvitation) bool { return it.Expires != nil && *it.Expires == "2026-02-01T00:00:00Z" }},
		{"search", "race", func(it *raceInvitation) bool {
			return strings.Contains(it.Name, "race") || strings.Contains(it.CreatedBy.Username, "race") || strings.Contains(it.FlowObj.Slug, "race")
		}},
	} {
		for _, order := range []struct {
			value string
			less  func(a, b *raceInvitation) int
		}{
			{"", raceExpires(true)},
			{"expires", raceExpires(false)},
			{"name", byName},
			{"-name", func(a, b *raceInvitation) int { return byName(b, a) }},
			{"pk", func(a, b *raceInvitation) int { return strings.Compare(a.PK, b.PK) }},
			{"single_use,-name", func(a, b *raceInvitation) int {
				if n := bySingle(a, b); n != 0 {
					return n
				}
				return byName(b, a)
			}},
		} {
			for _, size := range []int{7, 100} {
				v := url.Values{"page_size": {fmt.Sprint(size)}}
				if filter.param != "" {
					v.Set(filter.param, filter.value)
				}
				if order.value != "" {
					v.Set("ordering", order.value)
				}
				out = append(out, raceQuery{v, size, filter.keeps, order.less})
			}
		}
	}
	return out
}

var errRacePastEnd = errors.New("past the end")

// page reads one page and checks that it agrees with itself.
func (c raceClient) page(q raceQuery, number int) (*racePage, error) {
	v := url.Values{"page": {fmt.Sprint(number)}}
	for name, values := range q.values {
		v[name] = values
	}
	target := raceList + "?" + v.Encode()
	status, body := c.do("GET", target, "")
	if status == http.StatusBadRequest && number > 1 {
		return nil, errRacePastEnd
	}
	if status != http.StatusOK {
		return nil, fmt.Errorf("%s: %d %s", target, status, body)
	}
	var p racePage
	if err := json.Unmarshal(body, &p); err != nil {
		return nil, fmt.Errorf("%s: %w: %s", target, err, body)
	}
	n := p.Pagination
	pages := max(1, (n.Count+q.size-1)/q.size)
	items := min(q.size, n.Count-(number-1)*q.size)
	want := n
	want.TotalPages, want.Current, want.Previous, want.Next = pages, number, number-1, 0
	want.StartIndex, want.EndIndex = 0, 0
	if number < pages {
		want.Next = number + 1
	}
	if items > 0 {
		want.StartIndex, want.EndIndex = (number-1)*q.size+1, (number-1)*q.size+items
	}
	if n != want || len(p.Results) != items {
		return nil, fmt.Errorf("%s: %+v and %d items, want %+v and %d", target, n, len(p.Results), want, items)
	}
	seen := map[string]bool{}
	for i := range p.Results {
		it := &p.Results[i]
		if err := it.check(); err != nil {
			return nil, fmt.Errorf("%s: %w", target, err)
		}
		if seen[it.PK] {
			return nil, fmt.Errorf("%s: %s comes twice", target, it.PK)
		}
		seen[it.PK] = true
		if !q.keeps(it) {
			return nil, fmt.Errorf("%s: %+v does not belong here", target, it)
		}
		if i > 0 {
			before := &p.Results[i-1]
			if order := q.order(before, it); order > 0 || order == 0 && before.PK >= it.PK {
				return nil, fmt.Errorf("%s: %+v stands before %+v", target, before, it)
			}
		}
	}
	return &p, nil
}

// walk reads all pages, while nobody writes.
func (c raceClient) walk(q raceQuery) ([]raceInvitation, error) {
	var all []raceInvitation
	for number := 1; number > 0; {
		p, err := c.page(q, number)
		if err != nil {
			return nil, err
		}
		if all = append(all, p.Results...); p.Pagination.Next == 0 && len(all) != p.Pagination.Count {
			return nil, fmt.Errorf("%v: count is %d, the pages hold %d", q.values, p.Pagination.Count, len(all))
		}
		number = p.Pagination.Next
	}
	for i := 1; i < len(all); i++ { // across pages too
		if order := q.order(&all[i-1], &all[i]); order > 0 || order == 0 && all[i-1].PK >= all[i].PK {
			return nil, fmt.Errorf("%v: %+v stands before %+v", q.values, all[i-1], all[i])
		}
	}
	return all, nil
}
