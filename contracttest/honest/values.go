package honest

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// record is one item as the store holds it: its properties are nil, bool, int, float64, string, []any and time.Time.
type record map[string]any

// compare orders two values of one type that are not null.
func compare(a, b any, fold bool) int {
	switch a := a.(type) {
	case bool:
		x, y := a, b.(bool)
		switch {
		case x == y:
			return 0
		case y:
			return -1
		}
		return 1
	case int:
		return cmp.Compare(float64(a), number(b))
	case float64:
		return cmp.Compare(a, number(b))
	case time.Time:
		return a.Compare(b.(time.Time))
	case string:
		if fold {
			return cmp.Compare(strings.ToLower(a), strings.ToLower(b.(string)))
		}
		return cmp.Compare(a, b.(string))
	}
	return 0
}

// byOrder compares two values that may be null: where null stands is one of the server's oddities.
func byOrder(a, b any, down bool, odd oddities) int {
	first := odd.nullsFirst
	if down && odd.nullsTurn {
		first = !first
	}
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil && first, b == nil && !first:
		return -1
	case a == nil, b == nil:
		return 1
	}
	c := compare(a, b, odd.foldOrder)
	if down {
		return -c
	}
	return c
}

// number is an int or a float64 as a float64.
func number(v any) float64 {
	switch v := v.(type) {
	case int:
		return float64(v)
	case float64:
		return v
	}
	return 0
}

// parseInstant reads a date-time (RFC 3339) to the microsecond.
func parseInstant(text string) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339Nano, strings.ToUpper(text))
	if err != nil || t.UTC().Year() < 1 || t.UTC().Year() > 9999 {
		return time.Time{}, false
	}
	return t.UTC().Truncate(time.Microsecond), true
}

// hex gives random hexadecimal digits.
func hex(random *rand.Rand, n int) string {
	var b strings.Builder
	for range n {
		fmt.Fprintf(&b, "%x", random.IntN(16))
	}
	return b.String()
}

// uuid gives a random UUID of version 4.
func uuid(random *rand.Rand) string {
	h := []byte(hex(random, 32))
	h[12], h[16] = '4', "89ab"[random.IntN(4)]
	return fmt.Sprintf("%s-%s-%s-%s-%s", h[:8], h[8:12], h[12:16], h[16:20], h[20:])
}
