package honest

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// client asks a server and writes down what it hears.
type client struct {
	server     *Server
	credential func(*http.Request)
	heard      []string
	expected   []string // what it is to hear; it says no more after it heard something else
	surprised  bool
	slowest    time.Duration // of all responses
}

// reply is a response that was read.
type reply struct {
	status int
	header http.Header
	text   string
}

// body is the response as JSON, nil if it is none.
func (r reply) body() (v any) { _ = json.Unmarshal([]byte(r.text), &v); return v }

func (r reply) object() map[string]any { o, _ := r.body().(map[string]any); return o }

// do sends a request, again if the server asks for it. Headers are given as name and value in turns.
func (c *client) do(method, target, body string, header ...string) reply {
	for !c.surprised {
		var content io.Reader
		if body != "" {
			content = strings.NewReader(body)
		}
		r := httptest.NewRequest(method, "/", content)
		r.URL, _ = url.Parse("http://example.com" + target)
		r.RequestURI = target
		if body != "" {
			r.Header.Set("Content-Type", "application/json")
		}
		c.credential(r)
		for i := 0; i < len(header); i += 2 {
			r.Header.Del(header[i])
			if header[i+1] != "" {
				r.Header.Set(header[i], header[i+1])
			}
		}
		w := httptest.NewRecorder()
		began := time.Now()
		c.server.Handler.ServeHTTP(w, r)
		c.slowest = max(c.slowest, time.Since(began))
		if w.Code == http.StatusTooManyRequests {
			continue
		}
		out := reply{status: w.Code, header: w.Header(), text: w.Body.String()}
		heard := fmt.Sprint(method, " ", target, " ", w.Code)
		for _, name := range slices.Sorted(maps.Keys(w.Header())) {
			heard += " " + name + "=" + w.Header().Get(name)
		}
		c.heard = append(c.heard, heard+"\n"+out.text)
		c.surprised = c.expected != nil && (len(c.heard) > len(c.expected) || c.heard[len(c.heard)-1] != c.expected[len(c.heard)-1])
		return out
	}
	return reply{}
}

func (c *client) get(target string, header ...string) reply {
	return c.do(http.MethodGet, target, "", header...)
}

// with gives a client that shows a token the way a style wants it.
func with(s *Server, token string) *client {
	return &client{server: s, credential: func(r *http.Request) {
		if s.Name == "cursor" {
			r.Header.Set("X-Api-Key", token)
			return
		}
		r.Header.Set("Authorization", "Bearer "+token)
	}}
}

// ids are the keys of items.
func ids(t *testing.T, items any) []string {
	list, ok := items.([]any)
	require.True(t, ok, "%v is no list", items)
	var out []string
	for _, it := range list {
		o := it.(map[string]any)
		for _, key := range []string{"id", "code"} {
			if o[key] != nil {
				out = append(out, fmt.Sprint(o[key]))
				break
			}
		}
	}
	require.Len(t, out, len(list))
	return out
}

// probes are asked of every server of a style.
var probes = map[string]func(*client, *Server){"django": probeDjango, "offset": probeOffset, "cursor": probeCursor}

// walks meet every item of a list: they give the keys and the total that the server tells, -1 if it does not.
var walks = map[string]func(t *testing.T, c *client, path string, size int) ([]string, int){"django": walkDjango, "offset": walkOffset, "cursor": walkCursor}

// lists are the paths to walk, that of the list which may grow last.
var lists = map[string][]string{
	"django": {"/api/projects/", "/api/projects/?ordering=budget", "/api/projects/?ordering=-status,name", "/api/projects/?status=active&is_public=true", "/api/projects/?search=a", "/api/users/"},
	"offset": {"/v1/products", "/v1/products?sort=price&direction=desc", "/v1/products?category=tools&q=a", "/v1/countries", "/v1/suppliers"},
	"cursor": {"/2025-01/invoices", "/2025-01/invoices?sort=-amount", "/2025-01/invoices?status=paid", "/2025-01/currencies", "/2025-01/customers"},
}

// eachStyle runs a test for every style, all at once.
func eachStyle(t *testing.T, f func(t *testing.T, style string)) {
	for _, style := range Styles() {
		t.Run(style, func(t *testing.T) {
			t.Parallel()
			f(t, style)
		})
	}
}

func TestWalks(t *testing.T) {
	eachStyle(t, func(t *testing.T, style string) {
		for seed := range uint64(20) {
			s := New(style, seed, "")
			c := with(s, s.Token)
			for i, path := range lists[style] {
				grows := i == len(lists[style])-1
				var before []string
				for _, size := range []int{9, 20} {
					keys, total := walks[style](t, c, path, size)
					require.Len(t, slices.Compact(slices.Sorted(slices.Values(keys))), len(keys), "%s %d %s: something is repeated", style, seed, path)
					if grows {
						continue
					}
					if total >= 0 {
						require.Len(t, keys, total, "%s %d %s", style, seed, path)
					}
					if before != nil {
						require.True(t, slices.Equal(before, keys), "%s %d %s: another size, another walk", style, seed, path)
					}
					before = append([]string{}, keys...)
				}
			}
		}
	})
}

func TestHonestServersDoNotCrash(t *testing.T) {
	eachStyle(t, func(t *testing.T, style string) {
		for seed := range uint64(6) {
			s := New(style, seed, "")
			c := with(s, s.Token)
			probes[style](c, s)
			for _, heard := range c.heard {
				require.NotRegexp(t, "^[A-Z]+ [^ ]+ 5", heard, "%s %d", style, seed)
			}
		}
	})
}

// faultSeeds is on how many seeds faults are tried, each fault on one of them.
const faultSeeds = 2

func TestEveryFaultIsSeen(t *testing.T) {
	eachStyle(t, func(t *testing.T, style string) {
		type soundServer struct {
			seed uint64
			odd  oddities
		}
		heard := map[soundServer][]string{}
		for i, f := range Faults(style) {
			if raced && i%5 != 0 {
				continue // what races in one runs in all of them
			}
			seed := uint64(i % faultSeeds)
			odd := newOddities(style, seed, f.ID)
			odd.fill = 0.5 // as empty as it can be with a fault
			sound, broken := build(style, seed, "", odd), build(style, seed, f.ID, odd)
			a, b := with(sound, sound.Token), with(broken, broken.Token)
			if f.Rule == "paging/depth" {
				late := map[string]string{"django": "/api/projects/?page=4&page_size=10", "offset": "/v1/products?offset=30"}[style]
				b.get(late)
				require.Greater(t, b.slowest, 80*time.Millisecond, f.ID)
				continue
			}
			key := soundServer{seed, odd}
			if heard[key] == nil {
				probes[style](a, sound)
				heard[key] = a.heard
			}
			b.expected = heard[key]
			probes[style](b, broken)
			if !b.surprised {
				t.Errorf("%s %d with %s answers as the honest server does", style, seed, f.ID)
			}
		}
	})
}

func TestFaultsAreNamedOnce(t *testing.T) {
	for _, style := range Styles() {
		seen := map[string]bool{}
		for _, f := range Faults(style) {
			require.False(t, seen[f.ID], f.ID)
			require.Regexp(t, `^[a-z]+/[a-z-]+$`, f.Rule)
			require.True(t, strings.HasSuffix(f.Sentence, "."), f.Sentence)
			seen[f.ID] = true
		}
		require.Panics(t, func() { New(style, 1, "no-such-fault") })
	}
	require.Panics(t, func() { New("soap", 1, "") })
}

func TestServersMayBeAskedAtOnce(t *testing.T) {
	eachStyle(t, func(t *testing.T, style string) {
		s := New(style, 3, "")
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() { probes[style](with(s, s.Token), s) })
		}
		all.Wait()
	})
}
