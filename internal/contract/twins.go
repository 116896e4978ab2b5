package contract

import (
	"regexp"
	"slices"
	"strings"
)

// Twins is what the document says of a create that makes a second item like one that is there: it is refused with 409.
type Twins struct {
	Said string // the sentence

	form  *Form
	named []string // the properties that it names
}

var (
	saysTwin   = regexp.MustCompile(`(?i)\balready (?:exists?|has|have|taken|used|in use|registered|enrolled|booked|there|reserved)\b|\bexists already\b|\b(?:is|are) taken\b|\bduplicates?\b|\btwice\b|\b(?:at|for|in|with|on|by|of) the same \w+|\b(?:not|must be) unique\b`)
	saysNoTwin = regexp.MustCompile(`(?i)\b(?:if-match|etag|version|stale|idempoten\w*|full|capacity|state|referenc\w+|refer|still)\b`)
)

// Twins reads what becomes of a second create of the same; nil if the document does not say that it is refused, or of which properties it speaks.
func (op *Operation) Twins(body *Form) *Twins {
	if op.Role != Create || body == nil {
		return nil
	}
	body.twinsOnce.Do(func() { body.twins = op.readTwins(body) }) // it is asked with every create of the mock
	return body.twins
}

func (op *Operation) readTwins(body *Form) *Twins {
	r := op.Response(409)
	if r == nil || r.Status != "409" {
		return nil
	}
	said := []string{r.Description}
	for _, s := range Sentences(op.Description) {
		if strings.Contains(s, "409") {
			said = append(said, s)
		}
	}
	for _, s := range said {
		if !saysTwin.MatchString(s) || saysNoTwin.MatchString(s) {
			continue
		}
		t := &Twins{Said: strings.TrimSpace(s), form: body}
		spoken := wordsIn(s)
		for _, p := range body.Properties() {
			name := slices.DeleteFunc(words(p.Name), func(w string) bool { return slices.Contains([]string{"id", "uuid", "at", "on", "key"}, w) })
			if len(name) > 0 && !p.Schema.ReadOnly() && !slices.ContainsFunc(name, func(w string) bool { return !slices.Contains(spoken, Singular(w)) }) {
				t.named = append(t.named, p.Name)
			}
		}
		if t.named != nil {
			return t
		}
	}
	return nil
}

// wordsIn gives the words of a sentence, each as one of many.
func wordsIn(sentence string) (out []string) {
	for _, w := range strings.FieldsFunc(strings.ToLower(sentence), func(r rune) bool { return r < 'a' || r > 'z' }) {
		out = append(out, Singular(w), w)
	}
	return out
}

// Count tells whether what is said is of an item with these values, as JSON by property: it has all properties that are named, and no value that is (it may be one
// of those that do not count).
func (t *Twins) Count(values func(property string) string) bool {
	spoken := wordsIn(t.Said)
	for _, p := range t.form.Properties() {
		json := values(p.Name)
		if slices.Contains(t.named, p.Name) && (json == "" || json == "null" || json == `""`) {
			return false
		}
		if text := strings.ToLower(strings.Trim(json, `"`)); len(p.Schema.Enum()) > 0 && slices.Contains(spoken, text) {
			return false
		}
	}
	return true
}
