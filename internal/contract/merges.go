package contract

import "regexp"

var (
	saysMerged   = regexp.MustCompile(`(?i)\bmerged\b`)
	saysWhole    = regexp.MustCompile(`(?i)\b(?:not|never|rather than|instead of being) merged\b`)
	paragraphEnd = regexp.MustCompile(`\n\s*\n`)
)

// Merges gives the sentence that says of an object that a change merges what is sent into what it has, and that null takes away, as in a merge patch (RFC 7396): in the
// property's description, or in a paragraph of the operation's or the document's that names it. It is "" if none does.
func (op *Operation) Merges(p Property) string {
	if op.Role != Update || p.Schema.Type() != "object" {
		return ""
	}
	if known, ok := op.merges.Load(p.Schema.Pointer()); ok { // it is asked with every change of the mock
		return known.(string)
	}
	told := op.readMerges(p)
	op.merges.Store(p.Schema.Pointer(), told)
	return told
}

func (op *Operation) readMerges(p Property) string {
	said := func(text string) string {
		for _, s := range Sentences(text) {
			if saysMerged.MatchString(s) && !saysWhole.MatchString(s) {
				return s
			}
		}
		return ""
	}
	if s := said(p.Schema.Keywords().Description); s != "" {
		return s
	}
	for _, paragraph := range paragraphEnd.Split(op.Description+"\n\n"+op.doc.Description(), -1) {
		if s := said(paragraph); s != "" && regexp.MustCompile(`\b`+regexp.QuoteMeta(p.Name)+`\b`).MatchString(paragraph) {
			return s
		}
	}
	return ""
}
