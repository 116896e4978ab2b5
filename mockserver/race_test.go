package mockserver_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"understudy"
	"understudy/fixtures"
	"understudy/mockserver"
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

func raceServer(t *testing.T) *mockserver.Server {
	t.Helper()
	doc, err := understudy.Invitations()
	require.NoError(t, err)
	data, err := fixtures.Load(doc, &fixtures.Options{Now: time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC)})
	require.NoError(t, err)
	server, err := mockserver.New(doc, &mockserver.Options{Data: data})
	require.NoError(t, err)
	return server
}

const (
	raceWorkers    = 64
	raceOperations = 25 // of each worker
)

// race runs f in many goroutines at once, and fails the test with the first error of each.
func race(t *testing.T, f func(worker int) error) {
	t.Helper()
	errs := make([]error, raceWorkers)
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range raceWorkers {
		wg.Go(func() {
			<-start
			errs[i] = f(i)
		})
	}
	close(start)
	wg.Wait()
	require.NoError(t, errors.Join(errs...))
}

// raceFlow gives the key of a flow that is not the default one.
func raceFlow(t *testing.T, c raceClient) string {
	t.Helper()
	status, body := c.do("GET", raceList+"?flow__slug=contractor-enrollment&page_size=1", "")
	require.Equal(t, http.StatusOK, status)
	var p racePage
	require.NoError(t, json.Unmarshal(body, &p))
	require.Len(t, p.Results, 1)
	return p.Results[0].FlowObj.PK
}

// Readers and writers at once: every answer agrees with itself, everybody sees what they did themselves, and in the end everything is there.
func TestRaceReadersAndWriters(t *testing.T) {
	c := raceClient{raceServer(t)}
	queries := raceQueries()
	everything := raceQuery{url.Values{"page_size": {"100"}}, 100, queries[0].keeps, raceExpires(true)}
	before, err := c.walk(everything)
	require.NoError(t, err)
	flow := raceFlow(t, c)

	kept := make([]map[string]*raceInvitation, raceWorkers)
	race(t, func(worker int) error {
		draws := rand.New(rand.NewPCG(7, uint64(worker)))
		mine := map[string]*raceInvitation{}
		kept[worker] = mine
		var keys []string // of mine, in the order made
		serial := 0
		for range raceOperations {
			serial++
			own := fmt.Sprintf("race-%d-%d", worker, serial)
			one := func() string { return keys[draws.IntN(len(keys))] }
			kind := draws.IntN(10)
			if len(keys) == 0 && kind < 6 {
				kind = 0
			}
			switch kind {
			case 0, 1: // create, and find it by its name
				body := fmt.Sprintf(`{"name":%q,"expires":"2026-02-01T00:00:00Z","flow":%q}`, own, flow)
				if kind == 1 {
					body = fmt.Sprintf(`{"name":%q,"single_use":true,"fixed_data":{"worker":%d}}`, own, worker)
				}
				it, err := c.item("POST", raceList, body, 201)
				if err != nil {
					return err
				}
				if it.Name != own || it.CreatedBy.Username != "akadmin" || mine[it.PK] != nil {
					return fmt.Errorf("created %s, got %+v", body, it)
				}
				mine[it.PK], keys = it, append(keys, it.PK)
				q := raceQuery{url.Values{"name": {own}, "page_size": {"7"}}, 7, func(it *raceInvitation) bool { return it.Name == own }, raceExpires(true)}
				p, err := c.page(q, 1)
				if err != nil {
					return err
				}
				if p.Pagination.Count != 1 || p.Results[0].PK != it.PK {
					return fmt.Errorf("%s was created, and the list has %+v", own, p)
				}
			case 2: // change
				key := one()
				it, err := c.item("PATCH", raceList+key+"/", fmt.Sprintf(`{"name":%q,"single_use":%t}`, own, serial%2 == 0), 200)
				if err != nil {
					return err
				}
				if it.Name != own || it.Flow != nil != (mine[key].Flow != nil) {
					return fmt.Errorf("changed %+v to %+v", mine[key], it)
				}
				mine[key] = it
			case 3: // replace
				key := one()
				it, err := c.item("PUT", raceList+key+"/", fmt.Sprintf(`{"name":%q}`, own), 200)
				if err != nil {
					return err
				}
				if it.PK != key || it.Name != own || it.Flow != nil || it.Expires != nil || it.SingleUse || len(it.FixedData) > 0 {
					return fmt.Errorf("replaced by name alone, got %+v", it)
				}
				mine[key] = it
			case 4: // delete
				at := draws.IntN(len(keys))
				key := keys[at]
				if _, err := c.item("DELETE", raceList+key+"/", "", 204); err != nil {
					return err
				}
				delete(mine, key)
				keys = slices.Delete(keys, at, at+1)
				for _, method := range []string{"GET", "DELETE", "PATCH"} {
					body := ""
					if method == "PATCH" {
						body = "{}"
					}
					if _, err := c.item(method, raceList+key+"/", body, 404); err != nil {
						return fmt.Errorf("after a delete: %w", err)
					}
				}
			case 5: // read what is mine
				key := one()
				it, err := c.item("GET", raceList+key+"/", "", 200)
				if err != nil {
					return err
				}
				if it.Name != mine[key].Name || it.SingleUse != mine[key].SingleUse {
					return fmt.Errorf("last seen as %+v, now %+v", mine[key], it)
				}
			default: // read a list
				number := 1 + draws.IntN(4)
				if _, err := c.page(queries[draws.IntN(len(queries))], number); err != nil && !errors.Is(err, errRacePastEnd) {
					return err
				}
			}
		}
		return nil
	})

	// Nobody writes any more.
	after, err := c.walk(everything)
	require.NoError(t, err)
	found := map[string]*raceInvitation{}
	for i := range after {
		found[after[i].PK] = &after[i]
	}
	total := len(before)
	for worker, mine := range kept {
		total += len(mine)
		for key, it := range mine {
			require.Equal(t, it, found[key], "of worker %d", worker)
		}
	}
	for i := range before {
		require.Equal(t, &before[i], found[before[i].PK])
	}
	require.Len(t, after, total)
	require.Greater(t, total, len(before)+raceWorkers)
	for _, q := range queries {
		if q.size != 100 && len(q.values) > 2 {
			continue // the same as in larger pages, and slower
		}
		walked, err := c.walk(q)
		require.NoError(t, err)
		want := 0
		for i := range after {
			if q.keeps(&after[i]) {
				want++
			}
		}
		require.Len(t, walked, want, "%v", q.values)
	}
}

// Four workers change one invitation, each another property of it: nobody's change is undone by somebody else's.
func TestRaceNothingIsLost(t *testing.T) {
	c := raceClient{raceServer(t)}
	shared, err := c.walk(raceQuery{url.Values{"page_size": {"100"}}, 100, func(*raceInvitation) bool { return true }, raceExpires(true)})
	require.NoError(t, err)
	race(t, func(worker int) error {
		target := raceList + shared[worker/4].PK + "/"
		for serial := range raceOperations {
			name := fmt.Sprintf("race-%d-%d", worker, serial)
			at := time.Date(2027, 1, 1, 0, 0, serial, 0, time.UTC).Format(time.RFC3339)
			body := []string{
				fmt.Sprintf(`{"name":%q}`, name), fmt.Sprintf(`{"expires":%q}`, at), fmt.Sprintf(`{"fixed_data":{"serial":%d}}`, serial),
				fmt.Sprintf(`{"single_use":%t}`, serial%2 == 0),
			}[worker%4]
			for _, r := range []struct{ method, body string }{{"PATCH", body}, {"GET", ""}} {
				it, err := c.item(r.method, target, r.body, 200)
				if err != nil {
					return err
				}
				if ok := []bool{
					it.Name == name, it.Expires != nil && *it.Expires == at, it.FixedData["serial"] == float64(serial), it.SingleUse == (serial%2 == 0),
				}[worker%4]; !ok {
					return fmt.Errorf("sent %s, %s has %+v", body, r.method, it)
				}
			}
		}
		return nil
	})
}

// With resets in between: every answer still agrees with itself, and after the last reset all is as at the start.
func TestRaceResets(t *testing.T) {
	server := raceServer(t)
	c := raceClient{server}
	queries := raceQueries()
	read := func() (texts []string) {
		for _, q := range queries {
			status, body := c.do("GET", raceList+"?"+q.values.Encode(), "")
			require.Equal(t, http.StatusOK, status)
			texts = append(texts, string(body))
		}
		return texts
	}
	before := read()
	first, err := c.walk(queries[0])
	require.NoError(t, err)

	race(t, func(worker int) error {
		draws := rand.New(rand.NewPCG(11, uint64(worker)))
		var mine []string
		for serial := range raceOperations {
			key := first[draws.IntN(len(first))].PK // shared with everybody
			if len(mine) > 0 && draws.IntN(2) == 0 {
				key = mine[draws.IntN(len(mine))]
			}
			target := raceList + key + "/"
			name := fmt.Sprintf(`{"name":"race-%d-%d","expires":"2026-02-01T00:00:00Z"}`, worker, serial)
			var err error
			switch draws.IntN(10) {
			case 0, 1:
				var it *raceInvitation
				if it, err = c.item("POST", raceList, name, 201); err == nil {
					mine = append(mine, it.PK)
				}
			case 2:
				_, err = c.item("PATCH", target, name, 200, 404)
			case 3:
				_, err = c.item("PUT", target, name, 200, 404)
			case 4:
				_, err = c.item("DELETE", target, "", 204, 404)
			case 5:
				_, err = c.item("GET", target, "", 200, 404)
			case 6:
				if worker%2 == 0 {
					server.Reset()
				} else if status, body := c.do("POST", mockserver.ResetPath, ""); status != http.StatusNoContent {
					err = fmt.Errorf("reset: %d %s", status, body)
				}
			default:
				_, err = c.page(queries[draws.IntN(len(queries))], 1+draws.IntN(3))
				if errors.Is(err, errRacePastEnd) {
					err = nil
				}
			}
			if err != nil {
				return err
			}
		}
		return nil
	})

	for _, q := range queries { // as the last change left it
		if q.size == 100 {
			_, err := c.walk(q)
			require.NoError(t, err)
		}
	}
	server.Reset()
	require.Equal(t, before, read())
}
