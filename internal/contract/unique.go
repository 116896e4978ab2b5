package contract

import "regexp"

var saysUnique = regexp.MustCompile(`(?i)\b(?:must be|is|are|has to be|globally) unique\b|^unique\b|\bunique (?:among|across|within|per|in|for|name|key|slug|code|identifier)\b`)

// Unique names the properties of a create's body that no two items may share, as their descriptions say, where the document has an answer for duplicates: 409.
func (op *Operation) Unique(body *Form) []string {
	var out []string
	refusal := op.Response(409)
	if op.Role != Create || body == nil || refusal == nil || refusal.Status != "409" {
		return nil
	}
	for _, p := range body.Properties() {
		if !p.Schema.ReadOnly() && saysUnique.MatchString(p.Schema.Keywords().Description) {
			out = append(out, p.Name)
		}
	}
	return out
}
