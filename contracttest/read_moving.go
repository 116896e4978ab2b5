package contracttest

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// moving is what the items of one list were seen to change by themselves between two reads, an age say: what moves in one of them moves in all.
type moving struct {
	mu     sync.Mutex
	seen   map[string]map[string]any // how something was first shown, by its place and key
	places map[string]bool
	items  bool // items came or went
}

func newMoving() *moving {
	return &moving{seen: map[string]map[string]any{}, places: map[string]bool{}}
}

// differsAt begins the sign of an outcome that is about a place in an item.
const differsAt = "differs at "

// notice compares how an item is shown in the list, or alone, with how it was shown there before.
func (s *listState) notice(where, key string, shown map[string]any) {
	m := s.moving
	m.mu.Lock()
	defer m.mu.Unlock()
	first, ok := m.seen[where+" "+key]
	if !ok {
		m.seen[where+" "+key] = shown
		return
	}
	for _, at := range differing(first, shown, "") {
		name, _, _ := strings.Cut(at, ".")
		if counts(first, shown, at) || !writable(s.c, name) { // a text that clients set does not change by itself
			m.places[at] = true
		}
	}
}

// has tells whether what stands at a place was seen to move.
func (m *moving) has(at string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.places[at]
}

// shift notes that items of the list came or went by themselves: what was remembered of it may be older than what is read now.
func (m *moving) shift() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.items = true
}

// shifts tells whether items were seen to come or go.
func (m *moving) shifts() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.items
}

// moves tells whether what stands at a place of an item, written a.b, changes by itself: it was seen to, or its name or description says that it is of now, and
// clients do not set it.
func (s *listState) moves(at string) bool {
	if s.moving.has(at) {
		return true
	}
	name, _, _ := strings.Cut(at, ".")
	p, ok := s.shown().Property(name)
	return ok && !writable(s.c, name) && (namedNow.MatchString(at[strings.LastIndex(at, ".")+1:]) || saysNow.MatchString(p.Schema.Keywords().Description))
}

// tellsApart tells whether two values of a property differ in anything that does not change by itself.
func (s *listState) tellsApart(name string, a, b any) bool {
	return slices.ContainsFunc(differing(map[string]any{name: a}, map[string]any{name: b}, ""), func(at string) bool { return !s.moves(at) })
}

// What is called, and said of, what is so only at the moment of the answer.
var (
	namedNow = regexp.MustCompile(`(?i:(?:^|[_-])(?:age|elapsed|remaining|uptime|now|accrued|last_?seen)(?:$|[_-]|_?at$))|^(?:age|elapsed|remaining|uptime|accrued|lastSeen)[A-Z]|[a-z](?:Age|Elapsed|Remaining|Uptime|Accrued|LastSeen)(?:$|[A-Z])`)
	saysNow  = regexp.MustCompile(`(?i)\bnow\b|\bat the moment\b|\bso far\b|\belapsed\b|\buptime\b|\baccrued\b|\bago\b`)
)

// passing tells whether an outcome is about a place that moves.
func (s *listState) passing(o outcome) bool {
	at, ok := strings.CutPrefix(o.sign, differsAt)
	return ok && s.moves(at)
}
