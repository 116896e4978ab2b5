package generate

import (
	"strings"

	"github.com/brianvoe/gofakeit/v7"
)

var adjectives = strings.Fields(`amber bright calm clever coastal cobalt copper crisp daily early eastern emerald fresh gentle global golden grand granite green
	hidden keen lasting light lively lucky lunar main mellow modern narrow neat noble northern open polar prime quick quiet rapid regional royal rustic sharp silent
	silver simple smart solar solid southern steady summer sunny swift urban vivid warm western wide winter`)

var nouns = strings.Fields(`anchor archive arrow atlas badge bay beacon branch bridge brook canvas canyon cedar circle cloud comet compass coral crest delta
	dune echo ember falcon field fjord forest garden gate harbor hill horizon island journey lagoon lake lantern ledger maple market meadow mesa mill mirror
	orchard otter path pearl pine planet plaza prairie quarry reef ridge river sail shore signal spring spruce station stone stream summit tower trail valley
	village willow window`)

var sentences = []string{
	"Kept for the N team.", "Used by the N project since last spring.", "Replaces the earlier A version.", "Please check this before Friday.",
	"Agreed with the N group on Monday.", "Needs a second look from the N team.", "Everything is in place for the A launch.", "The A setup works well for most people.",
	"Covers what the N office asked for.", "Added after the review in March.", "A short overview for new colleagues.", "Shared with everyone at N Street.",
	"Updated after the A release.", "Works with every A device.", "Ask the N desk if anything is missing.", "For internal use at the N site.",
}

func adjective(f *gofakeit.Faker) string { return adjectives[f.IntN(len(adjectives))] }

func noun(f *gofakeit.Faker) string { return nouns[f.IntN(len(nouns))] }

func phrase(f *gofakeit.Faker) string { return adjective(f) + " " + noun(f) }

func title(f *gofakeit.Faker) string { return capital(adjective(f)) + " " + capital(noun(f)) }

func sentence(f *gofakeit.Faker) string {
	s := sentences[f.IntN(len(sentences))]
	a, n := adjective(f), capital(noun(f))
	if strings.HasPrefix(s, "A short") {
		return s
	}
	return strings.NewReplacer(" A ", " "+a+" ", " N ", " "+n+" ").Replace(s)
}

func paragraph(_ *scene, f *gofakeit.Faker) string {
	first := sentence(f)
	second := sentence(f)
	if first == second {
		return first
	}
	return first + " " + second
}

// plainWords is what is made where nothing is known.
func plainWords(_ *scene, f *gofakeit.Faker) string { return phrase(f) }

func capital(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// plural gives the word for several of what a noun says.
func plural(word string) string {
	for _, end := range []string{"s", "x", "ch", "sh"} {
		if strings.HasSuffix(word, end) {
			return word + "es"
		}
	}
	if strings.HasSuffix(word, "y") && !strings.HasSuffix(word, "ey") && !strings.HasSuffix(word, "ay") {
		return word[:len(word)-1] + "ies"
	}
	return word + "s"
}

// singular gives the word for one of several.
func singular(word string) string {
	switch {
	case strings.HasSuffix(word, "ies") && len(word) > 4:
		return word[:len(word)-3] + "y"
	case strings.HasSuffix(word, "sses"), strings.HasSuffix(word, "xes"), strings.HasSuffix(word, "ches"), strings.HasSuffix(word, "shes"), word == "statuses":
		return word[:len(word)-2]
	case strings.HasSuffix(word, "ss"), strings.HasSuffix(word, "us"), strings.HasSuffix(word, "is"):
		return word
	case word == "people":
		return "person"
	case word == "children":
		return "child"
	}
	return strings.TrimSuffix(word, "s")
}

// slugOf gives lower-case letters, digits and single hyphens.
func slugOf(s string) string {
	var b strings.Builder
	gap := false
	for _, c := range strings.ToLower(s) {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			b.WriteRune(c)
			gap = false
		} else if c != '\'' {
			gap = true
		}
	}
	return b.String()
}
