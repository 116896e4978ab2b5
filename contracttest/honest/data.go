package honest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// The words that names are made of: several alphabets, upper and lower case, quotes, and letters that tempt databases.
var (
	adjectives = []string{"Quiet", "bright", "Crimson", "élan", "northern", "Ünder", "hollow", "SILVER", "gentle", "Brisk", "amber", "Zesty", "łagodny", "early"}
	nouns      = []string{"harbor", "Meadow", "lantern", "O'Hara", "bridge", "Straße", "forest", "КОМЕТА", "river", "Signal", "日本", "orchard", "Canyon", "falcon"}
	people     = []string{"Ada", "Bjørn", "Chiara", "Dmitri", "Esi", "Farid", "Grace", "Hana", "Ítalo", "Jun", "Kofi", "Lena", "Mohamed", "Noor"}
)

// seeded makes the data that a server starts with.
type seeded struct {
	*rand.Rand
	fill float64
}

func newSeeded(seed uint64, fill float64) seeded {
	return seeded{rand.New(rand.NewPCG(seed, 4242)), fill}
}

// count is how many items a list has: some part of what it has when it is full.
func (s seeded) count(full int) int { return int(s.fill * float64(full)) }

// some is how many items a list has that others refer to: two at least, unless the store is empty.
func (s seeded) some(full int) int {
	if s.fill == 0 {
		return 0
	}
	return max(2, s.count(full))
}

// pick chooses one of several.
func pick[T any](s seeded, of ...T) T { return of[s.IntN(len(of))] }

// orNull gives the value, and null in one of four cases.
func (s seeded) orNull(v any) any {
	if s.IntN(4) == 0 {
		return nil
	}
	return v
}

// name gives a name that no other n gives.
func (s seeded) name(n int) string {
	return fmt.Sprintf("%s %s %d", pick(s, adjectives...), pick(s, nouns...), n*7%1000)
}

// moment gives a time: some share a day, and in every list some are the same.
func (s seeded) moment() time.Time {
	t := time.Date(2024, time.Month(1+s.IntN(12)), 1+s.IntN(28), s.IntN(24), s.IntN(60), s.IntN(60), 0, time.UTC)
	switch s.IntN(3) {
	case 0:
		return t.Truncate(24 * time.Hour)
	case 1:
		return time.Date(2024, time.Month(1+s.IntN(4)), 1, 8, 30, 0, 0, time.UTC)
	}
	return t.Add(time.Duration(s.IntN(1e6)) * time.Microsecond)
}

// amount gives a number with at most two decimals. Texts order them differently than numbers do.
func (s seeded) amount(limit int) float64 { return float64(s.IntN(limit*4)) / 4 }

// words give a sentence.
func (s seeded) words(n int) string {
	var out []string
	for range n {
		out = append(out, pick(s, append(adjectives, nouns...)...))
	}
	return strings.Join(out, " ")
}
