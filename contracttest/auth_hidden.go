package contracttest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"understudy/internal/contract"
)

// What a document says that somebody with fewer rights does not see: a property, or items.
var (
	hidesProperty = regexp.MustCompile(`(?i)\b(?:null|absent|missing|hidden|left out|omitted|not (?:shown|visible|included|returned|sent|given)|never (?:shown|sent|returned))\b[^.;]{0,30}?\b(?:for|to|from) (?:(?:an?|the|all|any|every|other) )?(?P<who>\w+)|\b(?P<who>\w+) (?:are|is) (?:not|never) (?:shown|given|sent)\b|\b(?P<who>\w+) (?:do(?:es)? not|never|cannot|can't) see (?:the |any )?[\x60'"]`)
	hidesItems    = regexp.MustCompile(`(?i)\b(?:do(?:es)? not (?:get to )?(?:see|exist)|cannot see|can't see|never see|(?:are|is) (?:not shown|hidden|invisible|in no list))\b`)
	saysNull      = regexp.MustCompile(`(?i)\b(?:gets?|sees?|receives?|reads?|shown)\b[^.;]*\bnull\b`)
	hidesFrom     = regexp.MustCompile(`(?i)\bothers (?:are|get)\b|\bfor (?:them|(?:every|any)body else|(?:an? )?(?:such|other|others|read-only|public) (?:tokens?|keys?|users?))\b|\bmay not see\b`)
	ofRoles       = regexp.MustCompile(`(?i)\b(?:roles?|403)\b|\bmay (?:only |not )?(?:read|write|see|do|change|create|delete)\b`)
)

// rolesOf gives the words, in the singular, of the sentences in which a document says who may do what.
func rolesOf(d *contract.Document) []string {
	var out []string
	for _, s := range contract.Sentences(d.Description()) {
		if ofRoles.MatchString(s) {
			for _, word := range regexp.MustCompile(`[A-Za-z]{4,}`).FindAllString(s, -1) {
				out = append(out, contract.Singular(strings.ToLower(word)))
			}
		}
	}
	return out
}

// hiddenProperties gives the names of properties that are shown to nobody with fewer rights, and the sentences that say so.
func (s *listState) hiddenProperties() map[string]string {
	out, roles := map[string]string{}, rolesOf(s.c.Document())
	for _, p := range s.shown().Properties() {
		named := regexp.MustCompile(`\b` + regexp.QuoteMeta(p.Name) + `\b`)
		own := p.Schema.Keywords().Description
		if s.writer != nil {
			if sent, ok := s.writer.form.Property(p.Name); ok {
				own += "\n\n" + sent.Schema.Keywords().Description
			}
		}
		for i, text := range []string{own, s.c.List().Description, s.c.Document().Description()} {
			for _, told := range contract.Sentences(text) {
				if i > 0 && named.MatchString(told) && saysNull.MatchString(told) && promisesReader.MatchString(told) && ofCredentials.MatchString(told) {
					out[p.Name] = told
				}
				for _, clause := range regexp.MustCompile(`[,:]\s`).Split(told, -1) {
					m := hidesProperty.FindStringSubmatch(clause)
					if m == nil || i > 0 && !named.MatchString(clause) {
						continue
					}
					if who := contract.Singular(strings.ToLower(m[1] + m[2] + m[3])); slices.Contains(roles, who) || i == 2 && who == "them" {
						out[p.Name] = told
					}
				}
			}
		}
	}
	return out
}

// hiddenItems gives, as JSON, the truth values and states that items do not have which are shown to somebody with fewer rights, by property, and the sentences that say so.
func (s *listState) hiddenItems() (values, said map[string]string) {
	values, said = map[string]string{}, map[string]string{}
	roles := rolesOf(s.c.Document())
	for i, text := range []string{s.c.List().Description, s.c.Document().Description()} {
		for _, told := range contract.Sentences(text) {
			words := strings.Fields(plainName(regexp.MustCompile(`[^A-Za-z_]+`).ReplaceAllString(told, " ")))
			role := slices.ContainsFunc(words, func(w string) bool {
				return len(w) > 3 && slices.Contains(roles, contract.Singular(w)) && !s.c.HasOne(w)
			})
			role = role || promisesReader.MatchString(told) && ofCredentials.MatchString(told)
			if !hidesItems.MatchString(told) || !role || i > 0 && !slices.ContainsFunc(words, s.c.HasOne) {
				continue
			}
			for _, p := range s.shown().Properties() {
				name := plainName(p.Name)
				for word, value := range map[string]bool{name: true, "in" + name: false, "un" + name: false, "non" + name: false} {
					if p.Schema.Type() == "boolean" && slices.Contains(words, word) {
						values[p.Name], said[p.Name] = fmt.Sprint(value), told
					}
				}
				for _, v := range p.Schema.Enum() { // drafts
					if text, ok := v.(string); ok && len(text) > 3 && hidesStates(told, text) {
						values[p.Name], said[p.Name] = jsonText(text), told
					}
				}
			}
		}
	}
	return values, said
}

// hidesStates tells whether what a sentence hides are things called by their state: drafts.
func hidesStates(told, state string) bool {
	return regexp.MustCompile(hidesItems.String() + `[^.;,]{0,12}\b` + regexp.QuoteMeta(state) + `s\b`).MatchString(told)
}

// judgeHidden judges whether the second identity, which may create nothing somewhere, sees what the document says it does not.
func (s *listState) judgeHidden(first, second *listed) outcome {
	values, said := s.hiddenItems()
	properties := s.hiddenProperties()
	for i, it := range second.items {
		for _, name := range sortedKeys(values) {
			if v := s.shown().Of(it.Record, name); v == values[name] {
				return broken(second.answers[0], fmt.Sprintf("%s, whose %s is %s", cut(second.keys[i]), name, v), "no such item: "+said[name]).signed("shows hidden items").asSaid(true)
			}
		}
		at := slices.Index(first.keys, second.keys[i])
		for _, name := range sortedKeys(properties) {
			if v := s.shown().Of(it.Record, name); at >= 0 && v != "" && v != "null" && v == s.shown().Of(first.items[at].Record, name) {
				return broken(second.answers[0], fmt.Sprintf("%s is %s", name, v), "nothing, or null: "+properties[name]).signed("shows " + name).asSaid(true)
			}
		}
	}
	return kept()
}
