package honest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"math/rand/v2"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// base is what every server has, whatever its style.
type base struct {
	mu       sync.Mutex
	seed     uint64
	fault    string
	odd      oddities
	requests int            // how many were answered so far
	asked    map[string]int // how often each request came so far
	again    bool           // the request that is answered now came before, an odd number of times
	made     int            // how many items clients made so far
	token    string
	second   string
	hashes   map[string]uint32
	answer   func(*http.Request) answer // called with mu held
}

// newBase gives the part that servers share. Its tokens look alike in every style but are never the same.
func newBase(style string, seed uint64, fault string, odd oddities) *base {
	random := rand.New(rand.NewPCG(seed, uint64(len(style))<<32|uint64(style[0])))
	return &base{seed: seed, fault: fault, odd: odd, token: hex(random, 40), second: hex(random, 40), hashes: map[string]uint32{}, asked: map[string]int{}}
}

// broken tells whether the server has that fault.
func (b *base) broken(fault string) bool { return b.fault == fault }

// now is the server's own time: it starts with the server's year and moves on by a second with every request, so that equal runs are equal.
func (b *base) now() time.Time {
	return time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC).Add(time.Duration(b.requests)*time.Second + 137*time.Millisecond)
}

// answer is one response, before it is written.
type answer struct {
	status int
	header map[string]string
	body   any    // JSON, unless it is a []byte; nil is no body
	media  string // "" is application/json
	delay  time.Duration
}

// with adds a header.
func (a answer) with(name, value string) answer {
	a.header = maps.Clone(a.header)
	if a.header == nil {
		a.header = map[string]string{}
	}
	a.header[name] = value
	return a
}

// ServeHTTP answers one request. Requests are answered one after the other, as the state they share demands.
func (b *base) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	sent, _ := io.ReadAll(r.Body) // what a client sends in part is refused as what it is
	r.Body = io.NopCloser(bytes.NewReader(sent))
	b.mu.Lock()
	b.requests++
	b.again = b.asked[r.Method+r.URL.String()+string(sent)]%2 == 1
	b.asked[r.Method+r.URL.String()+string(sent)]++
	a := b.answer(r)
	content, raw := a.body.([]byte)
	if !raw && a.body != nil {
		content = b.encode(nil, a.body)
	}
	if b.odd.requestID {
		w.Header().Set("X-Request-Id", fmt.Sprintf("%08x", b.requests*2654435761&0xffffffff))
	}
	b.mu.Unlock()

	time.Sleep(a.delay)
	for name, value := range a.header {
		w.Header().Set(name, value)
	}
	if a.body != nil {
		if a.media == "" {
			a.media = "application/json"
		}
		w.Header().Set("Content-Type", a.media)
		if r.Method != http.MethodHead || !b.odd.headWithoutLength {
			w.Header().Set("Content-Length", strconv.Itoa(len(content)))
		}
	}
	w.WriteHeader(a.status)
	if r.Method != http.MethodHead && len(content) > 0 {
		_, _ = w.Write(content) // the client is gone
	}
}

// methods are the operations of one path.
type methods map[string]func(*http.Request) answer

// allow is the value of the header of that name.
func (m methods) allow(odd oddities) string {
	names := slices.Collect(maps.Keys(m))
	if m[http.MethodGet] != nil && !odd.headRefused {
		names = append(names, http.MethodHead)
	}
	if !odd.optionsRefused {
		names = append(names, http.MethodOptions)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// segments are the decoded parts of a path below a prefix. A path elsewhere has none.
func segments(r *http.Request, prefix string) ([]string, bool) {
	rest, ok := strings.CutPrefix(r.URL.EscapedPath(), prefix)
	if !ok {
		return nil, false
	}
	parts := strings.Split(rest, "/")
	for i, p := range parts {
		plain, err := url.PathUnescape(p)
		if err != nil {
			return nil, false
		}
		parts[i] = plain
	}
	return parts, true
}

// errNoJSON and errMedia say why a body cannot be read.
var (
	errNoJSON = errors.New("the body is not a JSON object")
	errMedia  = errors.New("the body is not application/json")
)

// object reads a body: one JSON object, with its numbers as they were written.
func object(r *http.Request) (map[string]any, error) {
	if ct := r.Header.Get("Content-Type"); ct != "" {
		if media, _, err := mime.ParseMediaType(ct); err != nil || media != "application/json" {
			return nil, errMedia
		}
	}
	content, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return nil, errNoJSON
	}
	d := json.NewDecoder(bytes.NewReader(content))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, errNoJSON
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errNoJSON
	}
	o, ok := v.(map[string]any)
	if !ok {
		return nil, errNoJSON
	}
	return o, nil
}

// encode writes a value as JSON. Properties are in alphabetical order, or in another that the seed decides on.
func (b *base) encode(to []byte, v any) []byte {
	switch v := v.(type) {
	case record:
		return b.encode(to, map[string]any(v))
	case map[string]any:
		names := slices.Sorted(maps.Keys(v))
		if b.odd.shuffled {
			slices.SortFunc(names, func(x, y string) int { return int(b.hash(x)) - int(b.hash(y)) })
		}
		to = append(to, '{')
		for i, name := range names {
			if i > 0 {
				to = append(to, ',')
			}
			to = append(b.encode(to, name), ':')
			to = b.encode(to, v[name])
		}
		return append(to, '}')
	case []record:
		return list(b, to, v)
	case []any:
		return list(b, to, v)
	case time.Time:
		return b.encode(to, b.odd.instant(v))
	case json.RawMessage:
		return append(to, v...)
	case int:
		return strconv.AppendInt(to, int64(v), 10)
	case string:
		if !strings.ContainsFunc(v, func(c rune) bool { return c < ' ' || c > '~' || c == '"' || c == '\\' }) {
			return append(append(append(to, '"'), v...), '"')
		}
	}
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // the server made it
	}
	return append(to, text...)
}

func list[T any](b *base, to []byte, items []T) []byte {
	to = append(to, '[')
	for i, item := range items {
		if i > 0 {
			to = append(to, ',')
		}
		to = b.encode(to, item)
	}
	return append(to, ']')
}

// rawJSON is JSON as it stands.
func rawJSON(text string) json.RawMessage { return json.RawMessage(text) }

// hash is a number that depends on the seed and a text only.
func (b *base) hash(text string) uint32 {
	h, known := b.hashes[text]
	if !known {
		f := fnv.New32a()
		_, _ = fmt.Fprint(f, b.seed, text)
		h = f.Sum32() >> 1
		b.hashes[text] = h
	}
	return h
}

// origin is what stands before the path in a link: scheme and host as the server believes them to be, or nothing.
func (b *base) origin(r *http.Request) string {
	switch b.odd.links {
	case linksRelative:
		return ""
	case linksInternal: // it stands behind a proxy and does not know
		return "http://internal-host:8000"
	}
	return "http://" + r.Host
}
