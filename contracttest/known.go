package contracttest

import (
	"fmt"
	"hash/maphash"
	"strings"
	"sync"

	"understudy/internal/contract"
)

// known is what answers showed before: lists show the same items over and over, and what was decoded and judged once need not be again.
type known struct {
	mu    sync.Mutex
	seed  maphash.Seed
	clean map[uint64]bool // bodies, and items of lists, that nothing was found in
	items map[itemText]contract.Item
}

type itemText struct {
	set  *contract.RecordSet
	text string
}

// mostKnown bounds how many items are remembered.
const mostKnown = 1 << 15

func newKnown() *known {
	return &known{seed: maphash.MakeSeed(), clean: map[uint64]bool{}, items: map[itemText]contract.Item{}}
}

// decoder decodes items of a set.
func (k *known) decoder(set *contract.RecordSet) func(text string) (contract.Item, error) {
	return func(text string) (contract.Item, error) {
		k.mu.Lock()
		it, ok := k.items[itemText{set, text}]
		k.mu.Unlock()
		if ok {
			return it, nil
		}
		it, err := set.DecodeCompact(text)
		if err != nil {
			return it, err
		}
		k.mu.Lock()
		defer k.mu.Unlock()
		if len(k.items) >= mostKnown {
			clear(k.items)
		}
		k.items[itemText{set, strings.Clone(text)}] = it
		return it, nil
	}
}

// news is what of a body is yet to be judged: nil, if nothing is. Once nothing was found in it, settle remembers it.
func (k *known) news(a *answer) (body []byte, settle func()) {
	as := maphash.String(k.seed, fmt.Sprint(a.request.op.ID, a.status, a.header.Get("Content-Type")))
	var fresh []string
	var sums []uint64
	k.mu.Lock()
	defer k.mu.Unlock()
	note := func(text string) bool {
		sum := as ^ maphash.String(k.seed, text)
		if k.clean[sum] {
			return false
		}
		sums = append(sums, sum)
		return true
	}
	l := a.listing()
	if l == nil || !a.ok() || !l.Apart() {
		if !note(string(a.body)) {
			return nil, nil
		}
		body = a.body
	} else {
		for _, item := range l.Items {
			if note(item) {
				fresh = append(fresh, item)
			}
		}
		body = l.With(fresh)
	}
	return body, func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		for _, sum := range sums {
			k.clean[sum] = true
		}
	}
}
