package contracttest

import (
	"encoding/json"
	"strings"
	"sync"
)

// moving is what the items of one list were seen to change by themselves between two reads, an age say: what moves in one of them moves in all.
type moving struct {
	mu     sync.Mutex
	seen   map[string]map[string]any // how something was first shown, by its place and key
	places map[string]bool
}

// differsAt begins the sign of an outcome that is about a place in an item.
const differsAt = "differs at "

// notice compares how an item is shown in the list, or alone, with how it was shown there before.
func (m *moving) notice(s *listState, where, key string, shown map[string]any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.seen == nil {
		m.seen, m.places = map[string]map[string]any{}, map[string]bool{}
	}
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

// passing tells whether an outcome is about a place that was seen to move.
func (m *moving) passing(o outcome) bool {
	at, ok := strings.CutPrefix(o.sign, differsAt)
	return ok && m.has(at)
}

// counts tells whether what two objects have at a place, written a.b, are numbers or points in time.
func counts(a, b map[string]any, at string) bool {
	name, rest, nested := strings.Cut(at, ".")
	if nested {
		x, _ := a[name].(map[string]any)
		y, _ := b[name].(map[string]any)
		return counts(x, y, rest)
	}
	_, first := instant(scalarText(a[name]))
	_, second := instant(scalarText(b[name]))
	_, number := a[name].(json.Number)
	_, too := b[name].(json.Number)
	return first && second || number && too
}
