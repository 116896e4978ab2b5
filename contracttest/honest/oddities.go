package honest

import (
	"math/rand/v2"
	"strings"
	"time"
)

// oddities are the things that a server may do one way or the other without breaking a promise. A seed decides on them; every style uses those that its
// document leaves open.
type oddities struct {
	tiesBackward      bool    // items that tie: the youngest first, not the oldest
	nullsFirst        bool    // ascending, null comes before everything
	nullsTurn         bool    // descending, null stands at the other end
	foldOrder         bool    // texts are ordered without regard to case
	foldFilter        bool    // texts are equal without regard to case
	unknownRefused    bool    // a parameter that the document does not name is refused
	unknownOrder400   bool    // a name to order by that does not exist is refused, not ignored
	emptyRefused      bool    // a filter with an empty value is refused, not ignored
	foreignRefused    bool    // a filter by a record that does not exist is refused, not empty
	extra             bool    // items have a property that the document does not name
	volatile          bool    // items say when they were served, and of whoever created them what moves with every request
	requestID         bool    // every response has a header that never repeats
	shuffled          bool    // JSON objects are not in alphabetical order
	pastEndRefused    bool    // a page past the end is refused, not empty
	badPage           int     // a page that is none: 0 refused with 400, 1 refused with 404, 2 taken for the first
	maxSize           int     // the size that pages are cut to
	floats            bool    // numbers about pages are written as 7.0
	links             int     // see the constants
	instants          int     // how date-times are written: 0 with Z, 1 with +00:00, 2 with microseconds
	trims             bool    // spaces at the end of texts are removed
	nullsAbsent       bool    // a property that is null and not required is left out
	readOnlyRefused   bool    // a read-only property in a body is refused, not ignored
	putKeeps          bool    // PUT keeps what was left out and has no default
	duplicate400      bool    // a duplicate is refused with 400, not 409
	media400          bool    // a body of another type is refused with 400, not 415
	malformed400      bool    // a key that cannot be one is refused with 400, not 404
	headRefused       bool    // there is no HEAD
	headWithoutLength bool    // HEAD does not say how long the body would be
	optionsRefused    bool    // there is no OPTIONS
	weakETags         bool    // ETags are weak
	gone              bool    // what was deleted is answered with 410, not 404
	searchAny         bool    // one of several words is enough to be found
	searchFew         bool    // the search looks at fewer properties
	unchallenged      bool    // 401 for want of a key that is the API's own has no challenge: HTTP knows none for it
	pageCounts        bool    // a count of which nobody said what it counts counts the items of the page, not all
	bareToken         bool    // the token counts without its scheme, too
	limited           int     // every so many requests one is answered with 429; 0 is never
	grows             int     // every so many requests another client adds an item to one list; 0 is never
	fill              float64 // how full the store is: 0 is empty, 1 has some 150 items in a list
}

// Where links lead to.
const (
	linksAbsolute = iota
	linksRelative
	linksInternal
)

// newOddities gives the oddities of a seed. With a fault, those that could hide it are left out: an almost empty store, refusals that come and go,
// data that grows, and the HEAD and OPTIONS that are not there.
func newOddities(style string, seed uint64, fault string) oddities {
	random := rand.New(rand.NewPCG(seed, uint64(len(style))*77+uint64(style[1])))
	maybe := func() bool { return random.IntN(3) == 0 }
	o := oddities{
		tiesBackward: maybe(), nullsFirst: maybe(), nullsTurn: maybe(), foldOrder: maybe(), foldFilter: maybe(),
		unknownRefused: maybe(), unknownOrder400: maybe(), emptyRefused: maybe(), foreignRefused: maybe(),
		extra: maybe(), volatile: maybe(), requestID: maybe(), shuffled: maybe(),
		pastEndRefused: random.IntN(2) == 0, badPage: random.IntN(3), maxSize: []int{20, 50, 100}[random.IntN(3)], floats: maybe(),
		links: random.IntN(3), instants: random.IntN(3),
		trims: maybe(), nullsAbsent: maybe(), readOnlyRefused: maybe(), putKeeps: maybe(), duplicate400: maybe(), media400: maybe(), malformed400: maybe(),
		headRefused: random.IntN(5) == 0, headWithoutLength: maybe(), optionsRefused: maybe(), weakETags: maybe(), gone: maybe(),
		searchAny: maybe(), searchFew: maybe(),
		fill: 0.25 + 0.75*random.Float64(),
	}
	if random.IntN(5) == 0 {
		o.limited = 31 + random.IntN(30)
	}
	if random.IntN(5) == 0 {
		o.grows = 40 + random.IntN(40)
	}
	if few := random.IntN(12); few < 2 {
		o.fill = []float64{0, 0.04}[few]
	}
	o.unchallenged, o.pageCounts, o.bareToken = maybe(), maybe(), maybe()
	if fault != "" {
		o.limited, o.grows = 0, 0
		o.fill = max(o.fill, 0.5)
		o.headRefused, o.optionsRefused = false, false
		o = o.showing(fault)
	}
	return o
}

// showing leaves out the oddities behind which one fault cannot be seen.
func (o oddities) showing(fault string) oddities {
	has := func(part string) bool { return strings.Contains(fault, part) }
	switch {
	case has("count-"):
		o.pageCounts = false
	case has("case"):
		o.foldFilter = false // equality without regard to case is legal, and would look like the fault
	case has("undeclared"):
		o.extra = false
	case has("nulls"):
		o.nullsFirst, o.nullsTurn = false, false // where all nulls fit on the first page, none is lost
	case has("unstable"), has("flips"):
		o.volatile = false // what changes with every read anyway tells nothing
	case has("size"), has("page"), has("cursor"), has("border"):
		o.maxSize = 100
	case has("past-end-total"):
		o.pastEndRefused = false
	case has("if-match-"), has("etag-bare"):
		o.weakETags, o.volatile = false, false // a weak one never matches
	case has("put-"):
		o.putKeeps = false
	case has("unknown-order"), has("order-empty"):
		o.unknownOrder400 = false // what is refused before is not seen
	case has("unknown-"):
		o.unknownRefused = false
	case has("empty-"):
		o.emptyRefused = false
	case has("search"):
		o.searchFew, o.searchAny = false, false
	case has("read-only"):
		o.readOnlyRefused = false
	}
	return o
}

// instant writes a date-time.
func (o oddities) instant(t time.Time) string {
	switch o.instants {
	case 1:
		return t.Format("2006-01-02T15:04:05.999999-07:00")
	case 2:
		return t.Format("2006-01-02T15:04:05.000000Z07:00")
	}
	return t.Format(time.RFC3339Nano)
}
