package generate

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/brianvoe/gofakeit/v7"
)

// textsByName makes texts by the ending of a name, for the role that comes before it.
var textsByName map[string]func(role string) textMaker

// formatByName says which texts of textsByName are always of a format.
var formatByName = map[string]string{
	"avatar": "uri", "image": "uri", "image url": "uri", "avatar url": "uri", "logo": "uri", "picture": "uri", "photo": "uri", "website": "uri", "homepage": "uri",
	"url": "uri", "email": "email", "icon": "uri", "thumbnail": "uri", "logo url": "uri", "callback url": "uri",
}

func init() {
	m := map[string]func(string) textMaker{}
	textsByName = m
	add := func(names string, make func(role string) textMaker) {
		for _, name := range strings.Split(names, ",") {
			m[strings.TrimSpace(name)] = make
		}
	}
	one := func(names string, make textMaker) { add(names, func(string) textMaker { return make }) }
	words := func(names, list string) {
		all := strings.Split(list, ",")
		one(names, func(_ *scene, f *gofakeit.Faker) string { return strings.TrimSpace(all[f.IntN(len(all))]) })
	}
	of := func(names string, get func(p *person) string) {
		add(names, func(role string) textMaker {
			return func(s *scene, _ *gofakeit.Faker) string { return get(s.person(role)) }
		})
	}
	at := func(names string, get func(p *place) string) {
		add(names, func(role string) textMaker {
			return func(s *scene, _ *gofakeit.Faker) string { return get(s.where(role)) }
		})
	}

	of("first name, firstname, given name, forename", func(p *person) string { return p.first })
	of("last name, lastname, surname, family name", func(p *person) string { return p.last })
	of("full name, fullname, cardholder name, holder name, person, author, contact, nickname real", (*person).name)
	of("email, email address, mail, e mail", (*person).email)
	of("username, user name, login, login name, handle, nickname, nick, screen name", (*person).username)
	of("initials", (*person).initials)
	of("uploaded by, created by, updated by, owner, assignee, reviewer, approved by, modified by", (*person).username)
	add("name, display name, label", named)
	add("title, heading, subject, headline", func(role string) textMaker {
		return func(s *scene, f *gofakeit.Faker) string {
			if role == "" {
				return title(s.stage("entity"))
			}
			return title(f)
		}
	})
	one("job title, position, occupation", func(_ *scene, f *gofakeit.Faker) string { return f.JobTitle() })
	one("company, company name, organization, organisation, organization name, employer, business name, legal name, vendor, manufacturer, brand, merchant",
		func(_ *scene, f *gofakeit.Faker) string { return f.Company() })
	one("product name, product, item name", func(_ *scene, f *gofakeit.Faker) string { return f.ProductName() })
	words("department, team, team name, group, group name", "Engineering, Design, Finance, Support, Sales, Operations, Marketing, Legal, Research, People")
	words("gender, sex", "female, male, other")

	at("city, town, locality", func(p *place) string { return p.city })
	at("state, region, province, county", func(p *place) string { return p.region })
	at("zip, zip code, zipcode, postal code, postcode, postalcode", func(p *place) string { return p.zip })
	at("country, country name", func(p *place) string { return p.country })
	at("country code, country iso", func(p *place) string { return p.code })
	at("timezone, time zone, tz, time zone code", func(p *place) string { return p.zone })
	at("currency, currency code", func(p *place) string { return p.currency })
	at("locale, culture", func(p *place) string { return p.locale })
	at("language, lang, language code", func(p *place) string { return p.language })
	add("street, address line 1, address line1, line1, address1, street address, address line, street1", func(string) textMaker { return street })
	words("address line 2, address line2, line2, address2", "Apartment 4, Suite 210, 3rd floor, Building B")
	add("address, location, formatted address, full address", func(role string) textMaker {
		return func(s *scene, f *gofakeit.Faker) string {
			p := s.where(role)
			return street(s, f) + ", " + p.zip + " " + p.city
		}
	})
	add("phone, phone number, telephone, mobile, fax, mobile number, tel, cell", func(role string) textMaker {
		return func(s *scene, f *gofakeit.Faker) string {
			return fmt.Sprintf("%s555%07d", s.where(role).dial, f.IntN(10_000_000))
		}
	})

	one("url, link, href, website, homepage, uri, endpoint, web site", link)
	one("callback url, redirect uri, redirect url, webhook, webhook url", func(_ *scene, f *gofakeit.Faker) string { return "https://app.example.com/callback/" + noun(f) })
	add("avatar, avatar url, picture, profile image", func(role string) textMaker {
		return func(s *scene, _ *gofakeit.Faker) string {
			return "https://example.com/avatars/" + s.person("").username() + ".png"
		}
	})
	one("image, image url, photo, logo, logo url, thumbnail, icon, photo url, thumbnail url, cover", func(_ *scene, f *gofakeit.Faker) string {
		return "https://example.com/images/" + noun(f) + "-" + strconv.Itoa(1+f.IntN(99)) + ".png"
	})
	one("path, file path, directory, folder", func(_ *scene, f *gofakeit.Faker) string { return "/" + noun(f) + "/" + noun(f) })
	one("host, hostname, domain, server, fqdn, host name, domain name", hostname)
	one("ip, ip address, ipv4, remote addr, client ip", func(s *scene, f *gofakeit.Faker) string { return formats["ipv4"](s, f) })
	one("ipv6", func(s *scene, f *gofakeit.Faker) string { return formats["ipv6"](s, f) })
	one("mac, mac address", func(_ *scene, f *gofakeit.Faker) string { return f.MacAddress() })
	one("user agent", func(_ *scene, f *gofakeit.Faker) string {
		return fmt.Sprintf("Mozilla/5.0 (X11; Linux x86_64; rv:%d.0) Gecko/20100101 Firefox/%[1]d.0", 128+f.IntN(12))
	})
	one("file name, filename, file, attachment", func(_ *scene, f *gofakeit.Faker) string {
		return adjective(f) + "-" + noun(f) + []string{".pdf", ".png", ".csv", ".txt"}[f.IntN(4)]
	})
	words("extension, file extension, ext", "pdf, png, csv, txt, json")
	one("mime type, content type, mimetype, media type", mimeType)
	one("slug, permalink", func(s *scene, _ *gofakeit.Faker) string { return slugOf(s.entity()) })
	one("hash, sha256, checksum, digest, fingerprint, signature", hexes(64))
	one("sha, sha1, commit, revision, commit sha, etag", hexes(40))
	one("md5", hexes(32))
	one("token, secret, api key, access token, refresh token, client secret, apikey, nonce, session key, private key, public key", func(_ *scene, f *gofakeit.Faker) string { return alphanumeric(f, 40) })
	one("password", password)
	one("cursor, next cursor, page token, next page token, prev cursor, next token", func(_ *scene, f *gofakeit.Faker) string { return alphanumeric(f, 24) })
	one("version, app version, sdk version, release, version number", semver)
	words("color, colour, color name", "amber, blue, coral, crimson, emerald, indigo, lavender, navy, olive, teal")
	one("hex color, color hex, background color, text color, primary color, color code", func(_ *scene, f *gofakeit.Faker) string { return fmt.Sprintf("#%06x", f.IntN(1<<24)) })
	one("uuid, guid", func(_ *scene, f *gofakeit.Faker) string { return f.UUID() })
	add("id, identifier, key id, uid, reference, ref, external id, sid, pk, key", identifier)
	words("status, state name", "active, active, pending, completed, open")
	words("status text, status message", "OK, Done, Waiting for review")
	words("type, kind, category, class", "standard, basic, custom, internal, general")
	words("role, role name, permission, scope", "member, editor, admin, viewer")
	words("priority, severity", "low, normal, high")
	words("level, log level", "info, warning, debug")
	words("environment, env, stage", "production, staging, development")
	words("platform, os, operating system", "linux, macos, windows, android, ios")
	words("device, device name, browser", "Firefox on Linux, Safari on macOS, Chrome on Windows")
	words("method, http method", "GET, POST, PUT, DELETE")
	words("tag, keyword, topic, label name, hashtag", "travel, release, urgent, design, draft, hardware, review, summer, budget, research, security, feedback")
	words("unit, units", "piece, kg, hour, metre")
	words("payment method, payment type", "card, transfer, invoice")
	words("provider, source, channel, origin", "web, api, mobile, import")
	words("plan, tier, plan name", "free, basic, team, business")
	words("interval, frequency, period", "day, week, month, year")
	words("genre", "drama, comedy, documentary, thriller")
	words("model, model name", "standard-2, compact-1, pro-4, mini-3")
	one("description, summary, note, comment, message, detail, body, text, content, bio, about, remark, help text, instructions, reason, excerpt, abstract, memo, caption, overview, feedback",
		func(_ *scene, f *gofakeit.Faker) string { return sentence(f) })
	one("notes, long description, biography, details", paragraph)
	one("error, error message, error description", func(_ *scene, f *gofakeit.Faker) string { return "The " + noun(f) + " could not be found." })
	words("code, error code", "invalid, not_found, conflict, expired")
	one("price, amount, total, cost, balance, subtotal, fee, tax, discount, unit price, total amount", func(_ *scene, f *gofakeit.Faker) string { return cents(f) })
	one("count, quantity, size, number, position, index, port, page, limit, offset", digits)
	one("sku, product code, barcode, serial number, serial, order number, invoice number, account number, number code, tracking number, confirmation code, code number",
		func(_ *scene, f *gofakeit.Faker) string {
			return strings.ToUpper(noun(f)[:3]) + "-" + fmt.Sprintf("%05d", f.IntN(100_000))
		})
	words("isbn", "978-3-16-148410-0, 978-0-306-40615-7, 978-1-86197-876-9")
	words("iban", "DE89370400440532013000, GB29NWBK60161331926819, FR1420041010050500013M02606")
	words("bic, swift", "DEUTDEFF, NWBKGB2L, BNPAFRPP")
	words("year", "2021, 2022, 2023, 2024, 2025")
	words("month", "January, March, May, July, September, November")
	words("weekday, day, day of week", "Monday, Tuesday, Wednesday, Thursday, Friday")
	one("duration", func(s *scene, f *gofakeit.Faker) string { return formats["duration"](s, f) })
	one("latitude, lat", func(s *scene, _ *gofakeit.Faker) string { return formatNumber(s.where("").latitude) })
	one("longitude, lng, lon", func(s *scene, _ *gofakeit.Faker) string { return formatNumber(s.where("").longitude) })
	one("query, search, filter", func(_ *scene, f *gofakeit.Faker) string { return noun(f) })
}

// named makes the name of what the role is: of somebody, or of something; without a role, of the object itself.
func named(role string) textMaker {
	return func(s *scene, f *gofakeit.Faker) string {
		words := strings.Fields(role)
		switch {
		case role == "":
			return s.entity()
		case isPeople(words[len(words)-1]):
			return s.person(role).name()
		}
		return title(f)
	}
}

func isPeople(word string) bool {
	for _, p := range people {
		if p == word {
			return true
		}
	}
	return false
}

func street(_ *scene, f *gofakeit.Faker) string {
	return capital(noun(f)) + " Street " + strconv.Itoa(1+f.IntN(180))
}

func hexes(n int) textMaker {
	return func(_ *scene, f *gofakeit.Faker) string {
		var b strings.Builder
		for b.Len() < n {
			fmt.Fprintf(&b, "%016x", f.Uint64())
		}
		return b.String()[:n]
	}
}

func alphanumeric(f *gofakeit.Faker, n int) string {
	b := make([]byte, n)
	for i := range b {
		c := f.IntN(36 + 26)
		if c < 36 {
			b[i] = letters[c]
		} else {
			b[i] = byte('A' + c - 36)
		}
	}
	return string(b)
}

// identifier makes an id with a short prefix that tells whose it is.
func identifier(role string) textMaker {
	return func(s *scene, f *gofakeit.Faker) string {
		whose := role
		if whose == "" && s.sh != nil && len(s.sh.subject) > 0 {
			whose = s.sh.subject[0]
		}
		if whose = handle(whose); whose == "user" && role == "" && !s.isPerson() {
			return alphanumeric(f, 16)
		}
		return whose[:min(len(whose), 4)] + "_" + alphanumeric(f, 14)
	}
}

func momentText(words []string, moment string) textMaker {
	layout := time.RFC3339
	switch words[len(words)-1] {
	case "date", "birthday", "dob", "birth", "birthdate":
		layout = time.DateOnly
	}
	return instant(moment, layout)
}

// instant makes times of a moment.
func instant(moment, layout string) textMaker {
	return func(s *scene, f *gofakeit.Faker) string { return s.when(moment, f).Format(layout) }
}

func momentNumber(words []string, moment string) numberMaker {
	millis := strings.Contains(strings.Join(words, " "), "ms") || strings.Contains(strings.Join(words, " "), "millis")
	return func(s *scene, f *gofakeit.Faker) float64 {
		t := s.when(moment, f)
		if millis {
			return float64(t.UnixMilli())
		}
		return float64(t.Unix())
	}
}
