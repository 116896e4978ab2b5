package generate

import (
	"slices"
	"strings"
)

// subjectOf gives words for what a value is: the title of its schema, or its name among the components.
func subjectOf(sh *shape) []string {
	for _, n := range sh.parts {
		if n.k.Title != "" && len(n.k.Title) < 40 {
			return telling(wordsOf(n.k.Title))
		}
		if n.schema != nil && isComponent(n.schema.Pointer()) {
			return telling(wordsOf(lastToken(n.schema.Pointer())))
		}
	}
	return nil
}

// telling leaves out words that tell of the schema, not of what it describes.
func telling(words []string) []string {
	var out []string
	for _, w := range words {
		if !slices.Contains([]string{"paginated", "patched", "partial", "list", "request", "response", "object", "dto", "model", "schema", "base", "data", "resource", "create", "update", "new", "get", "v1", "v2", "v3"}, w) {
			out = append(out, w)
		}
	}
	if len(out) == 0 {
		return words
	}
	return out
}

// wordsOf splits a name into lower-case words: at what is no letter or digit, and where small letters turn into capitals.
func wordsOf(name string) []string {
	var out []string
	var word strings.Builder
	flush := func() {
		if word.Len() > 0 {
			out = append(out, strings.ToLower(word.String()))
			word.Reset()
		}
	}
	runes := []rune(name)
	for i, c := range runes {
		upper := c >= 'A' && c <= 'Z'
		letter := upper || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c >= 0x80
		if !letter {
			flush()
			continue
		}
		if upper && i > 0 {
			before := runes[i-1]
			next := i+1 < len(runes) && runes[i+1] >= 'a' && runes[i+1] <= 'z'
			if before >= 'a' && before <= 'z' || before >= '0' && before <= '9' || before >= 'A' && before <= 'Z' && next {
				flush()
			}
		}
		word.WriteRune(c)
	}
	flush()
	return out
}
