package generate

import (
	"slices"
	"strings"
	"time"

	"github.com/brianvoe/gofakeit/v7"
)

// scene is an object in which values stand together: what they share is drawn from its own place, so that each can be made without the others.
type scene struct {
	r     *run
	h     uint64
	sh    *shape
	about []string // words of the property that the object is
	given map[string]any
	lead  *person
}

func (s *scene) or(r *run) *scene {
	if s == nil {
		return &scene{r: r}
	}
	s.r = r
	return s
}

// stage gives the source of a draw that values share.
func (s *scene) stage(what string) *gofakeit.Faker {
	s.r.props.Seed(s.h, hash(what))
	return s.r.stage
}

// person is somebody whose names belong together.
type person struct{ first, last, mail, user string }

// person gives the person of the object in some role; "" is the object itself, which what was given may tell of.
func (s *scene) person(role string) *person {
	if role == "" && s.lead != nil {
		return s.lead
	}
	f := s.stage("person " + role)
	p := &person{first: f.FirstName(), last: f.LastName()}
	if role == "" {
		s.knownPerson(p)
		s.lead = p
	}
	return p
}

// knownPerson takes from what was given who it is.
func (s *scene) knownPerson(p *person) {
	for _, name := range sortedKeys(s.given) {
		text, _ := s.given[name].(string)
		if text == "" {
			continue
		}
		switch m := strings.Join(wordsOf(name), " "); m {
		case "first name", "firstname", "given name":
			p.first = text
		case "last name", "lastname", "surname", "family name":
			p.last = text
		case "email", "email address", "mail":
			p.mail = text
		case "username", "user name", "login":
			p.user = text
		case "name", "full name", "display name":
			if m != "name" || s.isPerson() {
				words := strings.Fields(text)
				p.first, p.last = words[0], words[len(words)-1]
			}
		}
	}
	local, _, isMail := strings.Cut(p.mail, "@")
	parts := strings.FieldsFunc(local, func(c rune) bool { return strings.ContainsRune("._-+", c) })
	_, named := s.given["name"]
	if isMail && len(parts) > 1 && !named && s.given["first_name"] == nil && s.given["last_name"] == nil && s.given["firstName"] == nil && s.given["lastName"] == nil {
		p.first, p.last = capital(parts[0]), capital(parts[len(parts)-1])
	}
}

func (p *person) name() string { return p.first + " " + p.last }

func (p *person) email() string {
	if p.mail != "" {
		return p.mail
	}
	return handle(p.first) + "." + handle(p.last) + "@example.com"
}

func (p *person) username() string {
	if p.user != "" {
		return p.user
	}
	return handle(p.first)[:1] + handle(p.last)
}

func (p *person) initials() string {
	return strings.ToUpper(handle(p.first)[:1] + handle(p.last)[:1])
}

// handle leaves the lower-case ASCII letters of a name.
func handle(name string) string {
	out := strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
			return c
		}
		return -1
	}, strings.ToLower(name))
	if out == "" {
		return "user"
	}
	return out
}

// people are words for somebody.
var people = strings.Fields(`user users person people member members customer client contact employee author owner patient student teacher driver lead subscriber
	guest visitor agent recipient sender applicant candidate friend follower profile staff manager creator editor reviewer assignee admin player buyer seller host
	traveler passenger attendee participant speaker volunteer donor beneficiary cardholder payer signer signatory director shareholder individual human persona
	child parent spouse me self viewer doctor nurse worker colleague caller approver requester reporter commenter inviter invitee partner cardmember`)

// isPerson tells whether the object is somebody, as far as its title tells; one of which nothing is known may be.
func (s *scene) isPerson() bool {
	if s.sh == nil {
		return false
	}
	if len(s.sh.subject) == 0 && len(s.about) == 0 {
		return s.sh.personal
	}
	return slices.ContainsFunc(s.about, isPeople) || slices.ContainsFunc(s.sh.subject, isPeople)
}

// entity is what the object is called, if it is nobody.
func (s *scene) entity() string {
	for _, key := range []string{"name", "title", "display_name", "label"} {
		if text, ok := s.given[key].(string); ok && text != "" {
			return text
		}
	}
	if s.isPerson() {
		return s.person("").name()
	}
	return title(s.stage("entity"))
}

// moments are the times in an object's life, in their order.
var moments = []string{"born", "created", "started", "updated", "ended", "deleted", "now", "due", "expires"}

// when gives a time of the object's life; "any" is drawn from f, between its creation and now. Times that were given come before or after it, as they must.
func (s *scene) when(moment string, f *gofakeit.Faker) time.Time {
	life := s.life()
	at := slices.Index(moments, moment)
	if at < 0 {
		created := life[1]
		return created.Add(time.Duration(f.IntN(10_000)) * (s.r.g.now.Sub(created) / 10_000)).Truncate(time.Second)
	}
	s.shift(life[:], at)
	return life[at].UTC().Truncate(time.Second)
}

// life draws the moments of an object.
func (s *scene) life() [9]time.Time {
	f := s.stage("life")
	now := s.r.g.now
	days := func(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }
	created := now.Add(-days(20+f.IntN(400)) - time.Duration(f.IntN(86_400))*time.Second)
	part := func(from, to int) time.Time { // of its age, in percent
		return created.Add(time.Duration(from*100+f.IntN((to-from)*100)) * (now.Sub(created) / 10_000))
	}
	return [9]time.Time{
		now.AddDate(-20-f.IntN(45), -f.IntN(12), -f.IntN(28)), created, part(5, 20), part(25, 50), part(52, 70), part(72, 90), now.Add(-time.Duration(f.IntN(5000)) * time.Second),
		now.Add(days(1) + time.Duration(f.IntN(20*86_400))*time.Second), now.Add(days(22) + time.Duration(f.IntN(60*86_400))*time.Second),
	}
}

// shift moves a moment behind what was given of earlier ones, and before what was given of later ones.
func (s *scene) shift(life []time.Time, at int) {
	for _, name := range sortedKeys(s.given) {
		text, _ := s.given[name].(string)
		known, err := time.Parse(time.RFC3339, text)
		if err != nil {
			if known, err = time.Parse(time.DateOnly, text); err != nil {
				continue
			}
		}
		other := slices.Index(moments, momentOf(wordsOf(name)))
		distance := time.Duration(max(other-at, at-other)) * 24 * time.Hour
		switch {
		case other < 0:
		case other <= at && life[at].Before(known):
			life[at] = known.Add(distance)
		case other > at && life[at].After(known):
			life[at] = known.Add(-distance)
		}
	}
}

// place is somewhere on Earth, with what goes with it.
type place struct {
	city, region, zip, country, code, zone, currency, locale, language, dial string
	latitude, longitude                                                      float64
}

var places = []place{
	{"Berlin", "Berlin", "10115", "Germany", "DE", "Europe/Berlin", "EUR", "de-DE", "de", "+49", 52.532, 13.3849},
	{"Hamburg", "Hamburg", "20095", "Germany", "DE", "Europe/Berlin", "EUR", "de-DE", "de", "+49", 53.5503, 10.0007},
	{"Vienna", "Vienna", "1010", "Austria", "AT", "Europe/Vienna", "EUR", "de-AT", "de", "+43", 48.2083, 16.3725},
	{"Zürich", "Zürich", "8001", "Switzerland", "CH", "Europe/Zurich", "CHF", "de-CH", "de", "+41", 47.3717, 8.5423},
	{"Lyon", "Auvergne-Rhône-Alpes", "69001", "France", "FR", "Europe/Paris", "EUR", "fr-FR", "fr", "+33", 45.7676, 4.8344},
	{"Madrid", "Madrid", "28001", "Spain", "ES", "Europe/Madrid", "EUR", "es-ES", "es", "+34", 40.4255, -3.6854},
	{"Turin", "Piedmont", "10121", "Italy", "IT", "Europe/Rome", "EUR", "it-IT", "it", "+39", 45.0688, 7.6814},
	{"Utrecht", "Utrecht", "3511 AA", "Netherlands", "NL", "Europe/Amsterdam", "EUR", "nl-NL", "nl", "+31", 52.0907, 5.1214},
	{"London", "England", "EC1A 1BB", "United Kingdom", "GB", "Europe/London", "GBP", "en-GB", "en", "+44", 51.5203, -0.0975},
	{"Austin", "Texas", "78701", "United States", "US", "America/Chicago", "USD", "en-US", "en", "+1", 30.2711, -97.7437},
	{"Seattle", "Washington", "98101", "United States", "US", "America/Los_Angeles", "USD", "en-US", "en", "+1", 47.6101, -122.3344},
	{"Boston", "Massachusetts", "02108", "United States", "US", "America/New_York", "USD", "en-US", "en", "+1", 42.3576, -71.0636},
	{"Toronto", "Ontario", "M5H 2N2", "Canada", "CA", "America/Toronto", "CAD", "en-CA", "en", "+1", 43.6519, -79.3817},
	{"Sydney", "New South Wales", "2000", "Australia", "AU", "Australia/Sydney", "AUD", "en-AU", "en", "+61", -33.8688, 151.2093},
	{"Osaka", "Osaka", "530-0001", "Japan", "JP", "Asia/Tokyo", "JPY", "ja-JP", "ja", "+81", 34.7025, 135.4959},
	{"Stockholm", "Stockholm", "111 29", "Sweden", "SE", "Europe/Stockholm", "SEK", "sv-SE", "sv", "+46", 59.3251, 18.0711},
}

func (s *scene) where(role string) *place {
	return &places[s.stage("place "+role).IntN(len(places))]
}
