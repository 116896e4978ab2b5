package generate

import (
	"regexp"
	"slices"
	"strings"

	"github.com/brianvoe/gofakeit/v7"
)

// meaning is what a value stands for, as far as its name tells: how it is made as a text, as a number, and how often it is true.
type meaning struct {
	words  []string
	text   textMaker
	format string // what the text is always a text of
	number numberMaker
	flag   *int   // percent of true
	moment string // of a time: which one of those in a life
	seldom bool   // the time of something that mostly has not happened
	one    *meaning
}

type numberMaker func(s *scene, f *gofakeit.Faker) float64

// single is the meaning of one item of a list.
func (m *meaning) single() *meaning {
	if m.one != nil {
		return m.one
	}
	return m
}

// meaningOf understands a name, with what the schemas say of it; sh is nil for a property.
func meaningOf(name string, sh *shape, nodes ...*node) meaning {
	words := wordsOf(name)
	m := understand(words)
	if len(words) > 0 {
		last := len(words) - 1
		if one := singular(words[last]); one != words[last] && sh == nil {
			of := understand(append(slices.Clone(words[:last]), one))
			m.one = &of
		}
	}
	for _, n := range nodes {
		if m.text == nil && n.k.Title != "" && len(n.k.Title) < 60 {
			of := understand(wordsOf(n.k.Title))
			m.text, m.format = of.text, of.format
		}
		if m.number == nil && n.k.Title != "" && len(n.k.Title) < 60 {
			m.number = understand(wordsOf(n.k.Title)).number
		}
		if n.k.Format != "" && formats[n.k.Format] == nil && !numberFormats[n.k.Format] && m.text == nil {
			m.text = understand(wordsOf(n.k.Format)).text
		}
	}
	for _, n := range nodes {
		if m.text == nil {
			m.text = described(n.k.Description)
		}
	}
	return m
}

// understand finds the longest ending of a name that is known; what comes before it is a role: the city of billing_city is that of billing.
func understand(words []string) meaning {
	m := meaning{words: words}
	if moment := momentOf(words); moment != "" {
		m.text, m.moment, m.seldom = momentText(words, moment), moment, moment == "deleted"
		if len(words) > 1 || slices.Contains([]string{"created", "updated", "modified", "expires", "timestamp", "deleted"}, words[0]) {
			m.number = momentNumber(words, moment) // one word alone, "completed", may well be a count
		}
	}
	if odds, ok := oddsOf(words); ok {
		m.flag = &odds
	}
	if len(words) > 1 {
		// min_price and max_price are a range of price.
		switch distance := map[string]float64{"min": 1, "minimum": 1, "max": 11, "maximum": 11}[words[0]]; {
		case distance > 0 && m.number == nil:
			m.number = bounded(strings.Join(words[1:], " "), distance-1)
		}
	}
	for i := range words {
		ending, role := strings.Join(words[i:], " "), strings.Join(words[:i], " ")
		if make, ok := textsByName[ending]; ok && m.text == nil {
			m.text, m.format = make(role), formatByName[ending]
		}
		if make, ok := numbersByName[ending]; ok && m.number == nil {
			m.number = make(role)
		}
	}
	return m
}

// descriptions tell of texts whose names tell nothing.
var descriptions = []struct {
	says *regexp.Regexp
	name string
}{
	{regexp.MustCompile(`(?i)\be-?mail address`), "email"},
	{regexp.MustCompile(`(?i)ISO[- ]?4217|currency code`), "currency"},
	{regexp.MustCompile(`(?i)ISO[- ]?3166|country code`), "country code"},
	{regexp.MustCompile(`(?i)ISO[- ]?639|language code`), "language"},
	{regexp.MustCompile(`(?i)ISO[- ]?8601|RFC[- ]?3339|timestamp|date and time`), "timestamp"},
	{regexp.MustCompile(`(?i)\bUUID\b`), "uuid"},
	{regexp.MustCompile(`(?i)phone number`), "phone"},
	{regexp.MustCompile(`(?i)\b(URL|URI)\b`), "url"},
	{regexp.MustCompile(`(?i)\bIP address`), "ip"},
	{regexp.MustCompile(`(?i)\b(host ?name|domain name)\b`), "hostname"},
	{regexp.MustCompile(`(?i)\bMIME type|media type`), "mime type"},
	{regexp.MustCompile(`(?i)\b(unique )?(identifier|ID)\b`), "id"},
	{regexp.MustCompile(`(?i)\bfree[- ]?text|description\b`), "description"},
}

func described(text string) textMaker {
	if text == "" || len(text) > 2000 {
		return nil
	}
	for _, d := range descriptions {
		if d.says.MatchString(text) {
			return understand(strings.Fields(d.name)).text
		}
	}
	return nil
}

// momentWords are the words that tell which moment of a life a time is.
var momentWords = map[string]string{
	"created": "created", "added": "created", "registered": "created", "joined": "created", "inserted": "created", "issued": "created", "signup": "created",
	"uploaded": "created", "requested": "created", "submitted": "created", "creation": "created", "ordered": "created", "placed": "created", "opened": "created",
	"published": "started", "started": "started", "start": "started", "starts": "started", "begin": "started", "begins": "started", "begun": "started",
	"from": "started", "since": "started", "activated": "started", "begin_date": "started", "approved": "started", "sent": "started", "paid": "started",
	"updated": "updated", "modified": "updated", "changed": "updated", "edited": "updated", "update": "updated", "modification": "updated", "change": "updated",
	"end": "ended", "ends": "ended", "ended": "ended", "finished": "ended", "finish": "ended", "completed": "ended", "completion": "ended",
	"until": "ended", "stop": "ended", "stopped": "ended", "resolved": "ended", "processed": "ended", "delivered": "ended", "closes": "ended",
	"deleted": "deleted", "archived": "deleted", "removed": "deleted", "closed": "deleted", "cancelled": "deleted", "canceled": "deleted", "revoked": "deleted",
	"deactivated": "deleted", "disabled": "deleted", "suspended": "deleted", "failed": "deleted", "rejected": "deleted", "refunded": "deleted",
	"expires": "expires", "expiry": "expires", "expiration": "expires", "expire": "expires", "expired": "expires", "renewal": "expires", "renews": "expires",
	"due": "due", "deadline": "due", "scheduled": "due", "upcoming": "due", "birth": "born", "birthday": "born", "birthdate": "born", "dob": "born",
	"login": "now", "seen": "now", "accessed": "now", "used": "now", "now": "now", "timestamp": "now",
}

// momentOf tells which moment of a life a name means: created_at, lastModified, expires, end_date.
func momentOf(words []string) string {
	if len(words) == 0 {
		return ""
	}
	last := words[len(words)-1]
	if len(words) > 2 && slices.Contains([]string{"ms", "millis", "sec", "seconds"}, last) && slices.Contains([]string{"date", "time", "at", "timestamp"}, words[len(words)-2]) {
		return momentOf(words[:len(words)-1])
	}
	timed := slices.Contains([]string{"at", "on", "date", "time", "datetime", "timestamp", "utc", "ts"}, last)
	switch {
	case len(words) >= 2 && words[len(words)-2] == "valid" && last == "to", slices.Equal(words, []string{"to"}):
		return "ended"
	case last == "by" || last == "from" && len(words) == 1:
		return ""
	}
	if m := momentWords[last]; m != "" && (len(words) == 1 || timed || m != "" && words[0] == "last" || len(words) == 2) {
		return m
	}
	if !timed {
		return ""
	}
	for i := len(words) - 2; i >= 0; i-- {
		if m := momentWords[words[i]]; m != "" {
			return m
		}
	}
	if last == "datetime" || last == "timestamp" || last == "at" || last == "date" {
		return "any"
	}
	return ""
}

// odds are how often a property is true, in percent, by the words of its name.
var odds = map[string]int{
	"enabled": 90, "active": 90, "is_active": 90, "verified": 85, "valid": 90, "available": 85, "visible": 85, "success": 95, "ok": 95, "successful": 90,
	"published": 80, "public": 60, "confirmed": 85, "approved": 80, "allowed": 80, "supported": 80, "connected": 80, "online": 70, "primary": 60, "editable": 80,
	"deleted": 4, "archived": 6, "disabled": 8, "blocked": 5, "banned": 3, "locked": 8, "suspended": 5, "expired": 10, "hidden": 10, "deprecated": 6,
	"revoked": 5, "failed": 8, "error": 8, "cancelled": 8, "canceled": 8, "superuser": 8, "admin": 15, "test": 15, "draft": 20, "spam": 4, "removed": 5,
	"truncated": 5, "more": 35, "closed": 20, "private": 30, "readonly": 20, "internal": 20, "default": 25, "required": 50,
}

func oddsOf(words []string) (int, bool) {
	for i := len(words) - 1; i >= 0; i-- {
		if n, ok := odds[words[i]]; ok {
			if slices.Contains(words[:i], "not") || slices.Contains(words[:i], "no") {
				n = 100 - n
			}
			return n, true
		}
	}
	if len(words) > 1 && slices.Contains([]string{"is", "has", "can", "allow", "enable", "use"}, words[0]) {
		return 60, true
	}
	return 0, false
}
