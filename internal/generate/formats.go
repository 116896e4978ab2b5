package generate

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"time"

	"github.com/brianvoe/gofakeit/v7"
)

// formats makes texts of the formats of the registries of JSON Schema and OpenAPI; any other format is a name for what is meant, or says nothing.
var formats map[string]textMaker

func init() { // the makers of meanings and of formats use each other
	formats = map[string]textMaker{
		"time": func(_ *scene, f *gofakeit.Faker) string {
			return fmt.Sprintf("%02d:%02d:00Z", f.IntN(24), f.IntN(12)*5)
		},
		"time-local": func(_ *scene, f *gofakeit.Faker) string { return fmt.Sprintf("%02d:%02d:00", f.IntN(24), f.IntN(12)*5) },
		"duration": func(_ *scene, f *gofakeit.Faker) string {
			return []string{"PT15M", "PT30M", "PT1H", "PT8H", "P1D", "P7D", "P30D", "P1DT12H"}[f.IntN(8)]
		},
		"email":     func(s *scene, _ *gofakeit.Faker) string { return s.person("").email() },
		"idn-email": func(s *scene, _ *gofakeit.Faker) string { return s.person("").email() },
		"hostname":  hostname, "idn-hostname": hostname,
		"ipv4": func(_ *scene, f *gofakeit.Faker) string {
			return fmt.Sprintf("%s.%d", []string{"192.0.2", "198.51.100", "203.0.113", "10.0.12"}[f.IntN(4)], 1+f.IntN(254))
		},
		"ipv6": func(_ *scene, f *gofakeit.Faker) string {
			return fmt.Sprintf("2001:db8::%x:%x", 1+f.IntN(0xfffe), 1+f.IntN(0xfffe))
		},
		"uri": link, "url": link, "iri": link,
		"uri-reference": reference, "iri-reference": reference,
		"uri-template": func(_ *scene, f *gofakeit.Faker) string { return "https://example.com/" + plural(noun(f)) + "/{id}" },
		"uuid":         func(_ *scene, f *gofakeit.Faker) string { return f.UUID() },
		"guid":         func(_ *scene, f *gofakeit.Faker) string { return f.UUID() },
		"json-pointer": func(_ *scene, f *gofakeit.Faker) string { return "/" + noun(f) + "/" + strconv.Itoa(f.IntN(10)) },
		"relative-json-pointer": func(_ *scene, f *gofakeit.Faker) string {
			return strconv.Itoa(f.IntN(3)) + "/" + noun(f)
		},
		"regex": func(_ *scene, f *gofakeit.Faker) string {
			return []string{"^[a-z]+$", "^[A-Z]{2}$", "^[0-9]{4}$", "[a-z0-9-]+"}[f.IntN(4)]
		},
		"byte": func(_ *scene, f *gofakeit.Faker) string {
			return base64.StdEncoding.EncodeToString([]byte(phrase(f) + " " + noun(f)))
		},
		"base64url": func(_ *scene, f *gofakeit.Faker) string {
			return base64.RawURLEncoding.EncodeToString([]byte(phrase(f)))
		},
		"binary":   func(_ *scene, f *gofakeit.Faker) string { return phrase(f) },
		"password": password,
		"decimal":  func(_ *scene, f *gofakeit.Faker) string { return cents(f) },
		"int32":    digits, "int64": digits, "double": func(_ *scene, f *gofakeit.Faker) string { return cents(f) },
		"char":        func(_ *scene, f *gofakeit.Faker) string { return letters[f.IntN(26):][:1] },
		"semver":      semver,
		"html":        func(_ *scene, f *gofakeit.Faker) string { return "<p>" + sentence(f) + "</p>" },
		"media-range": mimeType,
	}
	for format, layout := range layouts {
		formats[format] = instant("any", layout)
	}
}

// layouts are the formats of times.
var layouts = map[string]string{
	"date-time": time.RFC3339, "date": time.DateOnly, "date-time-local": "2006-01-02T15:04:05", "http-date": "Mon, 02 Jan 2006 15:04:05 GMT",
}

// looseFormats say how a text is treated, not what it is.
var looseFormats = map[string]bool{"binary": true, "password": true, "hostname": true, "html": false, "regex": false}

// resizable are the formats whose texts can be cut and lengthened as any other.
var resizable = map[string]bool{"password": true, "binary": true, "int32": true, "int64": true, "html": true, "char": true}

func hostname(_ *scene, f *gofakeit.Faker) string {
	return noun(f) + "-" + strconv.Itoa(1+f.IntN(20)) + ".example.com"
}

func link(_ *scene, f *gofakeit.Faker) string {
	return "https://example.com/" + plural(noun(f)) + "/" + strconv.Itoa(1+f.IntN(900))
}

func reference(_ *scene, f *gofakeit.Faker) string {
	return "/" + plural(noun(f)) + "/" + strconv.Itoa(1+f.IntN(900))
}

func password(_ *scene, f *gofakeit.Faker) string {
	return capital(adjective(f)) + "-" + capital(noun(f)) + "-" + strconv.Itoa(10+f.IntN(90))
}

func digits(_ *scene, f *gofakeit.Faker) string { return strconv.Itoa(1 + f.IntN(100)) }

func cents(f *gofakeit.Faker) string { return fmt.Sprintf("%d.%02d", 5+f.IntN(195), f.IntN(100)) }

func semver(_ *scene, f *gofakeit.Faker) string {
	return fmt.Sprintf("%d.%d.%d", 1+f.IntN(4), f.IntN(12), f.IntN(10))
}

func mimeType(_ *scene, f *gofakeit.Faker) string {
	return []string{"application/json", "application/pdf", "image/png", "image/jpeg", "text/plain", "text/csv"}[f.IntN(6)]
}
