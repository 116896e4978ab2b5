package contracttest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"understudy/internal/contract"
)

var valueRules = map[string]producer{
	"value/accepted": together(acceptedInQuery, acceptedInBody),
	"value/refused":  together(refusedInQuery, refusedInBody),
	"value/required": together(requiredInQuery, requiredInBody),
	"value/odd":      together(oddInQuery, oddInBody),
}

// together makes a producer of several.
func together(parts ...producer) producer {
	return func(e *engine, op *contract.Operation) (cases []*testCase, why string) {
		for _, p := range parts {
			made, w := p(e, op)
			if cases = append(cases, made...); w != "" {
				why = w
			}
		}
		return cases, why
	}
}

// edge is a valid value at the edge of what a schema allows.
type edge struct {
	what string // "maximum", "enum draft", …
	json string
}

// mostValues bounds how many values of an enumeration are tried.
const mostValues = 12

// edges gives the values at the bounds of a scalar and those of its enumeration.
func edges(s *contract.Schema) []edge {
	var out []edge
	add := func(what, text string) {
		if valid(s, text) && !slices.ContainsFunc(out, func(e edge) bool { return e.json == text }) {
			out = append(out, edge{what, text})
		}
	}
	switch {
	case s.Enum() != nil:
		for i, v := range s.Enum() {
			if text, err := json.Marshal(v); err == nil && v != nil && i < mostValues {
				add("enum "+strings.Trim(string(text), `"`), string(text))
			}
		}
	case s.Type() == "boolean":
		add("true", "true")
		add("false", "false")
	case s.Type() == "integer" || s.Type() == "number":
		for _, keyword := range []string{"minimum", "maximum"} {
			if n, ok := bound(s, keyword); ok && n > -1e15 && n < 1e15 {
				text, _ := json.Marshal(n) // a finite number
				add(keyword, string(text))
			}
		}
	case s.Type() == "string":
		k := s.Present().Keywords()
		if k.MinLength > 0 && k.MinLength < 1000 {
			add("minLength", fmt.Sprintf("%q", strings.Repeat("a", k.MinLength)))
		}
		if k.MaxLength != nil && *k.MaxLength > 0 && *k.MaxLength <= 4000 {
			add("maxLength", fmt.Sprintf("%q", strings.Repeat("a", *k.MaxLength)))
		}
	}
	return out
}

// oddTexts are texts that no server may crash on.
var oddTexts = []edge{{"letters", "Ünï 日本 🙂 \u202e"}, {"U+0000", "a\x00b"}, {"200 letters", strings.Repeat("x", 200)}}

// oddNumber has more than 64 bits.
const oddNumber = "100000000000000000000000000"

// errorWords are names in answers about errors that say nothing of the request.
var errorWords = []string{"type", "title", "status", "detail", "details", "instance", "code", "message", "messages", "error", "errors", "field", "fields", "msg", "loc", "input", "ctx", "path", "reason", "name"}

// spokenOf gives those among some names that a refusal speaks of.
func spokenOf(a *answer, names []string) []string {
	var texts []string
	var collect func(v any)
	collect = func(v any) {
		switch x := v.(type) {
		case map[string]any:
			for _, k := range sortedKeys(x) {
				_, isObject := x[k].(map[string]any)
				_, isList := x[k].([]any)
				if !slices.Contains(errorWords, strings.ToLower(k)) || isObject && k == "name" || isList && k == "name" {
					texts = append(texts, k)
				}
				collect(x[k])
			}
		case []any:
			for _, e := range x {
				collect(e)
			}
		case string:
			texts = append(texts, x)
		}
	}
	if v, err := a.value(); err == nil {
		collect(v)
	} else {
		texts = append(texts, string(a.body))
	}
	var out []string
	for _, name := range names {
		if slices.ContainsFunc(texts, func(text string) bool { return hasWord(text, name) }) {
			out = append(out, name)
		}
	}
	return out
}

// hasWord tells whether a text has a word in it that stands alone.
func hasWord(text, word string) bool {
	isPart := func(c byte) bool {
		return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
	}
	text, word = strings.ToLower(text), strings.ToLower(word)
	for from := 0; word != ""; {
		i := strings.Index(text[from:], word)
		if i < 0 {
			return false
		}
		i += from
		end := i + len(word)
		if (i == 0 || !isPart(text[i-1])) && (end == len(text) || !isPart(text[end])) {
			return true
		}
		from = end
	}
	return false
}
