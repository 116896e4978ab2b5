package mockserver_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"understudy/fixtures"
	"understudy/mockserver"
)

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
	c := raceClient{newMock(t, mockserver.Options{Data: shipped(t, fixtures.Options{})})}
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
	c := raceClient{newMock(t, mockserver.Options{Data: shipped(t, fixtures.Options{})})}
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
	server := newMock(t, mockserver.Options{Data: shipped(t, fixtures.Options{})})
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

// TestManyAtOnce has many clients write and read at the same time: no invitation is lost, and no list is torn.
func TestManyAtOnce(t *testing.T) {
	const clients, rounds = 8, 12
	s := serve(t, mockserver.Options{})
	queries := []string{"", "ordering=name&search=w", "name=w&ordering=-pk", "created_by__username=akadmin&page_size=3", "flow__slug=default-enrollment-flow"}
	failures := make([]error, clients) // require must not be called from other goroutines
	var wg sync.WaitGroup
	for n := range clients {
		wg.Go(func() { failures[n] = s.bustle(n, rounds, queries[n%len(queries)]) })
	}
	wg.Wait()
	for _, err := range failures {
		require.NoError(t, err)
	}
	call{says: "what is left", to: "?name=w&page_size=1", answer: fmt.Sprintf(`{"pagination":{"next":2,"previous":0,"count":%d,…`, clients*rounds/2)}.run(t, s)
	call{says: "in all", to: "?page_size=1", answer: fmt.Sprintf(`{"pagination":{"next":2,"previous":0,"count":%d,…`, 7+clients*rounds/2)}.run(t, s)
}

// bustle creates invitations, changes them, reads a list, and deletes every second one.
func (s *server) bustle(client, rounds int, query string) error {
	do := func(method, to, body string, want int) ([]byte, error) {
		status, answer := raceClient{s.mock}.do(method, base+to, body)
		if status != want {
			return nil, fmt.Errorf("client %d: %s %s: %d %s", client, method, to, status, answer)
		}
		return answer, nil
	}
	for i := range rounds {
		body, err := do("POST", all, `{"name":"v"}`, 201)
		if err != nil {
			return err
		}
		var is struct{ PK string }
		if err := json.Unmarshal(body, &is); err != nil {
			return err
		}
		mine := all + is.PK + "/"
		if _, err = do("PATCH", mine, `{"name":"w"}`, 200); err != nil {
			return err
		}
		if body, err = do("GET", all+"?"+query, "", 200); err != nil {
			return err
		}
		var p page
		if err := json.Unmarshal(body, &p); err != nil {
			return err
		}
		seen := map[string]bool{}
		for _, r := range p.Results {
			if seen[r.PK] {
				return fmt.Errorf("client %d: %s is listed twice", client, r.PK)
			}
			seen[r.PK] = true
		}
		if i%2 == 1 {
			if _, err = do("DELETE", mine, "", 204); err != nil {
				return err
			}
		}
	}
	return nil
}
