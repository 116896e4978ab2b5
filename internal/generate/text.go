package generate

import (
	"math/rand/v2"
	"strings"
	"unicode/utf8"

	"github.com/brianvoe/gofakeit/v7"
)

// textMaker makes a text that means something.
type textMaker func(s *scene, f *gofakeit.Faker) string

// longest bounds what is made where a schema asks for long texts.
const longest = 1 << 16

func (r *run) fake(at spot) *gofakeit.Faker {
	r.pcg.Seed(at.h, at.try)
	return r.faker
}

// text makes a string: of the format that is known, else what is meant, else words; as long as it must be. Where a pattern asks for more, one made from that.
func (r *run) text(sh *shape, at spot) (value, error) {
	if sh.minLength > longest {
		return value{}, r.unsatisfiable(sh.owner(func(n *node) bool { return n.k.MinLength > longest }), "so long a text is not made")
	}
	scene := at.scene.or(r)
	maker, strict := sh.maker(at)
	for n := range 3 {
		here := again(at, n)
		s := maker(scene, r.fake(here))
		if size := utf8.RuneCountInString(s); size < sh.minLength || size > sh.maxLength {
			if strict && !resizable[sh.format()] {
				s = shorten(sh, s)
			} else {
				s = fitLength(s, sh.minLength, sh.maxLength, r.random(here))
			}
		}
		if sh.fitsText(s) && (!strict || r.formatted(sh, s)) {
			return textValue(s), nil
		}
	}
	if len(sh.patterns) == 0 && !strict {
		return value{}, r.unsatisfiable(sh.blame, "no text is of its length")
	}
	for n := range tries {
		for i, p := range sh.makers {
			s := p.make(r.random(again(at, 100+n*len(sh.makers)+i)), sh.minLength, sh.maxLength)
			if sh.fitsText(s) && (len(sh.formats) == 0 || r.formatted(sh, s)) {
				return textValue(s), nil
			}
		}
	}
	if sh.fitsText("") && r.formatted(sh, "") {
		return textValue(""), nil
	}
	if len(sh.patterns) == 0 {
		return value{}, r.unsatisfiable(sh.owner(func(n *node) bool { return n.k.Format != "" }), "no "+sh.format()+" is of its length")
	}
	return value{}, r.unsatisfiable(sh.owner(func(n *node) bool { return n.k.Pattern != "" }), "no text was found that matches "+strings.Join(sh.patterns, " and ")+" and the rest")
}

func (sh *shape) format() string {
	for _, f := range sh.formats {
		if formats[f] != nil {
			return f
		}
	}
	return ""
}

// maker gives what makes the text; strict if a format has the last word.
func (sh *shape) maker(at spot) (textMaker, bool) {
	format := sh.format()
	mean := at.mean
	if mean == nil || mean.text == nil {
		mean = &sh.mean
	}
	if layout := layouts[format]; layout != "" && at.mean != nil && at.mean.moment != "" {
		return instant(at.mean.moment, layout), true
	}
	if format != "" {
		if mean.text != nil && (mean.format == format || looseFormats[format]) {
			return mean.text, true
		}
		return formats[format], true
	}
	if sh.parts[0].k.ContentEncoding == "base64" {
		return formats["byte"], true
	}
	if mean.text != nil {
		return mean.text, false
	}
	return plainWords, false
}

// fitsText checks lengths and patterns.
func (sh *shape) fitsText(s string) bool {
	if size := utf8.RuneCountInString(s); size < sh.minLength || size > sh.maxLength {
		return false
	}
	for _, m := range sh.matchers {
		if !m.MatchString(s) {
			return false
		}
	}
	return true
}

// formatted checks what a text that was cut or made from a pattern may have lost.
func (r *run) formatted(sh *shape, s string) bool {
	if len(sh.formats) == 1 && sh.patterns == nil && sh.minLength == 0 && sh.maxLength == endless {
		return true // as its maker made it
	}
	for _, n := range sh.parts {
		if n.k.Format != "" && n.schema != nil && !n.takes(s, r.dir) && !n.leavesOpen() {
			return false
		}
	}
	return true
}

// leavesOpen tells whether a schema has choices, which may refuse what the whole would not.
func (n *node) leavesOpen() bool { return len(n.oneOf)+len(n.anyOf) > 0 || n.when != nil }

// fitLength cuts a text at a word, or goes on in its manner.
func fitLength(s string, shortest, most int, random *rand.Rand) string {
	runes := []rune(s)
	if len(runes) > most {
		cut := strings.TrimRight(string(runes[:most]), " ,.;:-_")
		if i := strings.LastIndexAny(cut, " -_"); i >= shortest && i > most/2 && runes[most] != ' ' {
			cut = cut[:i]
		}
		if utf8.RuneCountInString(cut) < shortest {
			return string(runes[:most])
		}
		return cut
	}
	if len(runes) >= shortest {
		return s
	}
	var b strings.Builder
	b.WriteString(s)
	words := strings.Contains(s, " ")
	for n := len(runes); n < shortest; {
		more := string(letters[random.IntN(len(letters))])
		if words {
			more = " " + nouns[random.IntN(len(nouns))]
		}
		if room := most - n; len(more) > room {
			more = strings.Repeat("s", room)
		}
		b.WriteString(more)
		n += len(more)
	}
	return b.String()
}

const letters = "abcdefghijklmnopqrstuvwxyz0123456789"

// shorten gives a text of a format in a length that is allowed, if there is a short or a long form.
func shorten(sh *shape, s string) string {
	size := utf8.RuneCountInString(s)
	if size > sh.maxLength {
		for _, short := range shortForms[sh.format()] {
			if n := len(short); n >= sh.minLength && n <= sh.maxLength {
				return short
			}
		}
		return s
	}
	if missing := sh.minLength - size; missing > 0 {
		switch sh.format() {
		case "uri", "url", "iri", "uri-reference", "iri-reference", "uri-template", "json-pointer":
			return s + "/" + strings.Repeat("a", missing-1)
		case "email", "idn-email":
			if at := strings.LastIndexByte(s, '@'); at > 0 {
				inLocal := min(missing, 63-at)
				s = s[:at] + strings.Repeat("x", max(inLocal, 0)) + s[at:]
				for n := missing - max(inLocal, 0); n > 0; n -= 20 {
					s += "." + strings.Repeat("a", min(max(n-1, 1), 19))
				}
			}
		case "hostname", "idn-hostname":
			for n := missing; n > 0; n -= 20 {
				s += "." + strings.Repeat("a", min(max(n-1, 1), 19))
			}
		case "date-time", "time":
			if z := strings.IndexByte(s, 'Z'); z > 0 {
				return s[:z] + "." + strings.Repeat("0", max(missing-1, 1)) + s[z:]
			}
		}
	}
	return s
}

var shortForms = map[string][]string{
	"uri": {"https://example.com", "https://a.io", "a:b"}, "url": {"https://example.com", "https://a.io", "a:b"}, "iri": {"https://a.io", "a:b"},
	"uri-reference": {"/a", "a", ""}, "iri-reference": {"/a", "a", ""}, "uri-template": {"/{id}", "a"},
	"email": {"ada@example.com", "ada@abc.io", "a@b.co", "a@b"}, "idn-email": {"ada@abc.io", "a@b.co", "a@b"},
	"hostname": {"abc.example", "a.io", "ab", "a"}, "idn-hostname": {"a.io", "a"}, "ipv4": {"10.0.0.1", "1.1.1.1"}, "ipv6": {"2001:db8::1", "fe80::1", "::1", "::"},
	"duration": {"PT1H", "P1D", "P1W"}, "json-pointer": {"/a", ""}, "relative-json-pointer": {"0#", "0"}, "regex": {"[a-z]+", "a+", "a"},
}
