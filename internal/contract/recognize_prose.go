package contract

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// What only prose tells of a list. A sentence counts if it can hardly mean anything else.
var (
	saysOrdered  = regexp.MustCompile("(?i)(?:(?:,|\\b(?:are|is|come|comes|items|results|list|always|returned))\\s+(?:always\\s+)?(?:returned\\s+)?(?:sorted|ordered|in order)\\s+(?:by|of)|\\bdefault\\s+(?:order|sorting|sort)\\s+is\\s+by)\\s+[\"'`*]*([-\\w.]+)[\"'`*]*(?:\\s*[,(]?\\s*(?:in\\s+)?(ascending|descending|asc|desc|newest first|latest first|oldest first)\\b)?")
	saysDated    = regexp.MustCompile("(?i)\\b(?:(newest|latest|most recent|most recently created|youngest)|(oldest))(?: (\\w+))?(?: \\(by [`'\"]?\\w+[`'\"]?\\))?[ -](?:comes? )?first\\b")
	saysDefaults = regexp.MustCompile("(?i)\\bdefaults?(?: (?:is|to|order|sort|ordering|value))*[ :=]+[\"'`*(]*([-+]?[A-Za-z_][\\w.]*(?:[:,](?:asc|desc)\\b)?)[\"'`*)]*(?:,?\\s+(ascending|descending|asc|desc)\\b)?")
	saysUTC      = regexp.MustCompile(`(?i)\bdays?,? (?:\(UTC\)|(?:in|of) UTC)|\bUTC days?\b`)
	saysLists    = regexp.MustCompile(`(?i)^(?:(?:all |the |our )?(?:lists|list answers|list endpoints|list operations|collections)(?: of \w+)?|they)\b`)
	saysPerhaps  = regexp.MustCompile(`(?i)\b(?:can|may|could|optionally|to (?:sort|order)|if|when|use|pass|set|for example|e\.g\.)\b`)
	quotedName   = regexp.MustCompile("[`'\"(][-+]?([A-Za-z_]\\w*)")
	saysEach     = regexp.MustCompile(`(?i)\ball of (?:them|these|those|the)\b|\b(?:ha(?:s|ve)|having|carr(?:y|ies)|carrying|bears?|with|match(?:es|ing)?|contain(?:s|ing)?) (?:them )?all\b|\bevery (?:one )?of\b|\beach of\b|(?-i:\bAND\b)`)
	saysAny      = regexp.MustCompile(`(?i)\b(?:any|one|some) of\b|\bat least one\b|\beither\b|\bor\b`)
	saysSeveral  = regexp.MustCompile(`(?i)\bcomma(?:s|[- ]?(?:separated|delimited))?\b`)
	saysSearches = regexp.MustCompile(`(?i)\b(?:search(?:es|ed|ing)?|match(?:es|ed|ing)?|looks?|looked|contain(?:s|ed|ing)?|part|substring|text|find(?:s)?|occurs?)\b`)
	saysPart     = regexp.MustCompile(`(?i)\b(?:part|parts|partial|partially|substring|fragment|contain(?:s|ed|ing)?|fuzzy|anywhere)\b`)
	saysPrefix   = regexp.MustCompile(`(?i)\b(?:prefix|(?:begin|start)(?:s|ning|ing)? with)\b`)
	saysIncluded = regexp.MustCompile(`(?i)\b(?:or (?:later|earlier|after|before|newer|older)|inclusive(?:ly)?|(?:on|at) or|at (?:least|most)|no (?:later|earlier|sooner) than)\b`)
	saysExcluded = regexp.MustCompile(`(?i)\b(?:exclusive(?:ly)?|excluded|strictly|(?:is|are) not included|not (?:those|the ones) (?:that|which) [^.;]{0,30}\b(?:that|the same|just that) (?:very )?(?:moment|time|instant|date|day|number|value))\b`)
	saysAnyCase  = regexp.MustCompile(`(?i),? *\b(?:upper|lower|capitals?|(?:letter )?case)\b[^,.;]{0,30}(?:\bnot|n't) (?:matter|count|relevant|significant|important)\b|,? *\bnot case[- ]sensitive\b`)
	saysAlmost   = regexp.MustCompile(`(?i)\b(?:not|except|excluding|never|prefix|begin(?:s|ning)?|start(?:s|ing)?|exact(?:ly)?|equals?|whole)\b`)
	saysNulls    = regexp.MustCompile("(?i)\\b(?:nulls?|no value|without (?:a )?value|(?:lack|miss)(?:s|es|ing)? (?:the|that|its|their) (?:field|value|property)|(?:the|that|its) (?:field|value|property) is (?:missing|absent|empty|not set)|without (?:an? )?[`'\"]?(\\w+)[`'\"]?)\\b[^.;]{0,40}\\b(?:(last|end)|first|beginning)\\b[^.;]{0,20}\\b(?:both|either|any|every|whichever(?: the)?|whatever the) (?:directions?|ways?|orders?)\\b")
	sentenceEnd  = regexp.MustCompile(`[.;!?](?:\s|$)|\n\s*\n`)
	proseTokens  = regexp.MustCompile(`[\w.-]*\w|[,:/]`)
)

// Sentences cuts a text where a sentence or a paragraph ends. White space is one blank in them: lines are broken where they are full.
func Sentences(text string) []string {
	out := sentenceEnd.Split(text, -1)
	for i := range out {
		out[i] = strings.Join(strings.Fields(out[i]), " ")
	}
	return out
}

// toldOrder reads from the description of an operation, or of its ordering parameter, in which order items come when none is asked for.
func (c *Collection) toldOrder() ([]Order, string) {
	if p := c.list.Parameter("query", c.Ordering.Param); p != nil {
		for _, sentence := range Sentences(p.says()) {
			if m := saysDefaults.FindStringSubmatch(sentence); m != nil {
				if o, ok := c.orderChoice(m[1]); ok {
					return []Order{inSense(o, m[2])}, "the description of " + c.Ordering.Param
				}
			}
		}
	}
	for _, sentence := range Sentences(c.list.Summary + ". " + c.list.Description) {
		before, _, _ := strings.Cut(strings.ToLower(sentence), " unless ")
		if m := saysOrdered.FindStringSubmatchIndex(before); m != nil && !saysPerhaps.MatchString(before[:m[0]]) {
			text := func(i int) string {
				if m[2*i] < 0 {
					return ""
				}
				return before[m[2*i]:m[2*i+1]]
			}
			if o, ok := c.orderChoice(text(1)); ok {
				return []Order{inSense(o, text(2))}, "the description of the operation"
			}
		}
		m := saysDated.FindStringSubmatchIndex(before)
		if m == nil || saysPerhaps.MatchString(before[:m[0]]) || m[6] >= 0 && !slices.Contains(anyItems, Singular(before[m[6]:m[7]])) && !c.HasOne(Singular(before[m[6]:m[7]])) {
			continue
		}
		quoted := quotedName.FindAllStringSubmatch(sentence[:min(len(before), len(sentence))], -1)
		for _, name := range quoted {
			if c.isTime(name[1]) {
				return []Order{{name[1], m[2] >= 0}}, "the description of the operation"
			}
		}
		if loose := strings.HasPrefix(before[m[0]:], "latest") || strings.HasPrefix(before[m[0]:], "most recent "); quoted != nil || loose && c.hasOtherTimes() {
			continue // by another time, perhaps
		}
		if created := c.createdProperty(); strings.HasPrefix(plain(created), "creat") {
			return []Order{{created, m[2] >= 0}}, "the description of the operation"
		}
	}
	return c.introducedOrder()
}

// anyItems are what the items of any list may be called.
var anyItems = []string{"item", "one", "entry", "record", "result"}

// introducedOrder reads from the document's introduction in which order the items of all lists come: "They are sorted by `created`, newest first".
func (c *Collection) introducedOrder() ([]Order, string) {
	for _, sentence := range Sentences(c.doc.Description()) {
		before, _, _ := strings.Cut(sentence, " unless ")
		m := saysOrdered.FindStringSubmatchIndex(before)
		if m == nil || saysPerhaps.MatchString(before[:m[0]]) || !saysLists.MatchString(before[:m[0]]+" ") || m[4] < 0 {
			continue
		}
		if o, ok := c.orderChoice(before[m[2]:m[3]]); ok {
			return []Order{inSense(o, before[m[4]:m[5]])}, "the document's introduction"
		}
	}
	return nil, ""
}

// sameTimes are the words by which people tell of one moment of an item.
var sameTimes = [][]string{
	{"updated", "changed", "modified", "edited", "touched", "update", "change", "modification", "updates", "changes"},
	{"created", "added", "opened", "made", "creation", "registered", "placed", "inserted"},
}

func (c *Collection) isTime(property string) bool {
	s := c.property([]string{property})
	return s != nil && (s.Format() == "date-time" || s.Format() == "date")
}

// hasOtherTimes tells whether items have times beside those of when they were created, changed and deleted.
func (c *Collection) hasOtherTimes() bool {
	return slices.ContainsFunc(c.Records.Properties, func(name string) bool {
		known := slices.ContainsFunc(words(name), func(w string) bool {
			return w == "deleted" || slices.Contains(sameTimes[0], w) || slices.Contains(sameTimes[1], w)
		})
		return c.isTime(name) && !known
	})
}

// toldTime reads from a bound's description which of the item's points in time it is about; "" if it names none, or several.
func (c *Collection) toldTime(p *Parameter) string {
	told := map[string]bool{}
	for _, word := range words(p.says()) {
		alike := []string{word}
		for _, same := range sameTimes {
			if slices.Contains(same, word) {
				alike = same
			}
		}
		for _, w := range alike {
			if path, _ := c.timeProperty(w); path != nil && len(w) > 3 {
				told[path[0]] = true
				break
			}
		}
	}
	if len(told) != 1 {
		return ""
	}
	return slices.Collect(maps.Keys(told))[0]
}

// toldPart reads from a filter's description that its value is looked for within a text, or at its beginning; else the relation stays as it is.
func toldPart(p *Parameter, op Op) Op {
	switch text := p.says(); {
	case saysPrefix.MatchString(text):
		return IStartsWith
	case saysPart.MatchString(text):
		return IContains
	}
	return op
}

// toldEdge reads from a bound's description whether an equal value fits.
func toldEdge(p *Parameter, f *Filter) {
	text := p.says()
	switch {
	case saysExcluded.MatchString(text) && saysIncluded.MatchString(text):
	case saysExcluded.MatchString(text):
		if strict, ok := map[Op]Op{GreaterEqual: Greater, LessEqual: Less}[f.Op]; ok {
			f.Op = strict
		}
		f.edge = false
	case saysIncluded.MatchString(text):
		f.edge = false
	}
}

// toldJoint finds in what is said of a range what stands between its two values: in brackets, as API Platform's range filter has it (price[between]=10..20), else a comma.
// In brackets that is only supposed, unless it is said.
func toldJoint(p *Parameter) (joint string, supposed bool) {
	text := p.says() + " " + exampleText(p.element())
	if s, ok := p.kin.Example.(string); ok {
		text += " " + s
	}
	switch brackets := strings.HasSuffix(p.Name, "]"); {
	case strings.Contains(text, ".."):
		return "..", false
	case rangeByComma.MatchString(text), !brackets:
		return ",", false
	}
	return "..", true
}

// rangeByComma finds what shows two values with a comma between them: 10,20.
var rangeByComma = regexp.MustCompile(`\d,\d|(?i:\bcommas?\b)`)

// inSense turns an order as a word behind it says.
func inSense(o Order, sense string) Order {
	switch word, _, _ := strings.Cut(strings.ToLower(sense), " "); word {
	case "descending", "desc", "newest", "latest":
		o.Desc = true
	case "ascending", "asc", "oldest":
		o.Desc = false
	}
	return o
}

// toldSearch reads from the description of a search parameter which properties it looks into: "searches title and body". Of one alone, "whose title has the text", it
// is not sure that others are not searched, too.
func (c *Collection) toldSearch(p *Parameter) (paths [][]string, sure bool) {
	links := []string{"and", "or", ",", "/", ":", "the", "in", "of", "by", "both", "either", "over", "its", "their", "whose", "across", "within", "against", "field", "fields", "property", "properties"}
	var alone [][]string
	for _, sentence := range Sentences(p.says()) {
		sentence = saysAnyCase.ReplaceAllString(sentence, "")
		if !saysSearches.MatchString(sentence) || saysAlmost.MatchString(sentence) {
			continue
		}
		var out, named [][]string
		tokens := proseTokens.FindAllString(c.joined(sentence), -1)
		open := false // it may name more than is understood
		searched := func(path []string) bool {
			s := c.property(path)
			return s != nil && (s.Type() == "integer" || s.Type() == "string" && (s.Format() == "" || s.Format() == "email") && len(s.Enum()) == 0)
		}
		for i, token := range tokens {
			path := strings.Split(token, ".")
			if in := c.attribute(token); in != "" {
				path = []string{attributes, in}
			} else if lower := []string{strings.ToLower(token)}; token == strings.ToUpper(token) && c.property(path) == nil && c.property(lower) != nil { // SKU
				path = lower
			}
			if !searched(path) || slices.ContainsFunc(out, func(p []string) bool { return slices.Equal(p, path) }) {
				at := i - 1
				for at > 0 && slices.Contains(articles, strings.ToLower(tokens[at])) {
					at--
				}
				if at > 0 && slices.Contains(conjunctions, strings.ToLower(tokens[at])) && !slices.Contains(articles, strings.ToLower(token)) && !searched(path) {
					open = open || searched(strings.Split(tokens[at-1], "."))
				}
				continue
			}
			named = append(named, path)
			linked := i > 0 && (slices.Contains(links, strings.ToLower(tokens[i-1])) || saysSearches.MatchString(tokens[i-1]))
			if follows := i+1 < len(tokens) && tokens[i+1] == "of"; linked && !follows {
				out = append(out, path)
			}
		}
		if len(out) > 1 {
			return out, !open
		}
		if len(out) == 1 && len(named) == 1 && !slices.Contains(askedNames, strings.ToLower(out[0][len(out[0])-1])) {
			alone = append(alone, out[0])
		}
	}
	return alone, false
}

// conjunctions stand between what is searched and what else is, perhaps with articles behind them, or what stands where they do: "or of the email".
var (
	conjunctions = []string{"and", "or"}
	articles     = []string{"the", "a", "an", "its", "their", "of", "in"}
)

// joined writes what a sentence calls by several words as one: "tracking number" as tracking_number, and "the recipient's name" or "the name of the recipient" as
// recipient.name.
func (c *Collection) joined(sentence string) string {
	join := func(as string, phrases ...string) {
		for _, phrase := range phrases {
			if !strings.Contains(strings.ToLower(sentence), phrase) { // as a rule: documents are read often
				continue
			}
			sentence = regexp.MustCompile(`(?i)\b`+regexp.QuoteMeta(phrase)+`\b`).ReplaceAllLiteralString(sentence, as)
		}
	}
	properties := c.Records.properties
	if s := c.attributed(); s != nil {
		properties = s.Properties()
	}
	for _, p := range properties {
		own := spokenName(p.Name)
		if strings.Contains(own, " ") {
			join(p.Name, own)
			first, rest, _ := strings.Cut(own, " ")
			join(p.Name, first+"'s "+rest, rest+" of the "+first)
		}
		for _, inner := range p.Schema.Properties() {
			if word := spokenName(inner.Name); p.Schema.Type() == "object" && inner.Schema.Type() == "string" {
				join(p.Name+"."+inner.Name, own+"'s "+word, own+"’s "+word, word+" of the "+own, word+" of its "+own, own+" "+word)
			}
		}
	}
	return sentence
}

var humps = regexp.MustCompile(`([a-z0-9])([A-Z])`)

// spokenName gives a name as people say it: trackingNumber and tracking_number as "tracking number".
func spokenName(name string) string {
	return strings.ToLower(strings.Join(strings.FieldsFunc(humps.ReplaceAllString(name, "$1 $2"), func(r rune) bool { return r == '_' || r == '-' || r == ' ' }), " "))
}

// askedNames are words for what is asked for, which a property may be called, too: "the text to search for".
var askedNames = []string{"text", "word", "words", "term", "terms", "value", "query", "string", "search", "phrase", "content", "keyword", "keywords", "key", "id"}
