package contracttest

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"

	"understudy/internal/contract"
)

// Promises that documents make in prose alone, and that servers do not keep unless they are made. A sentence counts if it can hardly mean anything else.
var (
	promisesReset      = regexp.MustCompile(`(?is)(left out|leaves? out|omit|missing|absent|not (sent|given|included|provided|present)).{0,80}(default|null|reset|clear|remove|empt|delete)|(reset|clear|remove|delete)\w*.{0,80}(left out|leaves? out|omit|missing|absent|not (sent|given|included|provided|present))`)
	saysPut            = regexp.MustCompile(`\bPUT\b`)
	promisesWhole      = regexp.MustCompile(`(?i)\b(?:not|never|rather than|instead of being) merged\b|\breplaced (?:as a )?whole\b|\breplaces? the (?:old|former|previous|existing|whole) (?:one|object|value)s?\b|\breplaced entirely\b`)
	promisesNull       = regexp.MustCompile("(?i)\\b(?:by default|defaults? (?:is|to)|default:|if (?:left out|omitted|not given):?) [`']?null\\b|\\bnull[`']?,? (?:is )?(?:the|by) default\\b")
	isExcepted         = regexp.MustCompile(`(?i)\b(?:except|excepting|but not|other than|apart from|besides)\b`)
	ofObjects          = regexp.MustCompile(`(?i)\b(?:nested |inner )?objects?\b`)
	promisesOffsets    = regexp.MustCompile(`(?i)\b(?:any|whichever|every|other) (?:utc )?(?:offset|time ?zone)s?\b`)
	promisesNothing    = regexp.MustCompile(`(?i)\b(?:empty|blank|without (?:a |any )?value)\b.{0,40}\b(?:not (?:sent|given|set|there|present)|absent|ignored|left out|missing|omitted)\b`)
	isBarred           = regexp.MustCompile(`(?i)\b(?:refused|rejected|denied|forbidden|403|4xx)\b`)
	notRefused         = regexp.MustCompile(`(?i)\b(?:not|never|n't|no|instead of|rather than)(?: (?:be|being|is|an?))? (?:refused|rejected|error)\b`)
	promisesRefusal    = regexp.MustCompile(`(?i)\b(?:refused|rejected|an error|400|422|4xx)\b`)
	beyondEnd          = regexp.MustCompile(`(?i)\b(?:past|beyond|behind|after) the (?:last(?: page)?|end)\b`)
	belowOne           = regexp.MustCompile(`(?i)\b(?:below|less than|smaller than|under) (?:1|one)\b|\b(?:zero|0) (?:or|and) (?:negative|below|less)\b|\bmust be (?:at least|>=) (?:1|one)\b`)
	firstItems         = regexp.MustCompile(`(?i)\b(?:only|beyond|behind|past|after) the first \d[\d,. _]* (?:\w+ )?(?:items|results|records|entries|rows|hits)\b`)
	noWhole            = regexp.MustCompile(`(?i)\bnot an? (?:positive |valid )?(?:whole number|integer)\b`)
	noNumber           = regexp.MustCompile(`(?i)\bnot an? (?:whole |positive |valid )?(?:number|integer)\b`)
	noUUID             = regexp.MustCompile(`(?i)\b(?:not an? (?:valid |well-formed )?|no (?:valid |well-formed )?)(?:uuid|guid)\b`)
	promisesInvalid    = regexp.MustCompile(`\b4(?:00|22)\b`)
	noMoment           = regexp.MustCompile(`(?i)\bnot an? (?:\w+ )?(?:date (?:with|and) (?:a )?time|date-?time|moment|timestamp)\b`)
	promisesTime       = regexp.MustCompile(`(?i)DDThh:mm|\bdate (?:with|and) (?:a )?time\b`)
	saysDay            = regexp.MustCompile(`(?i)\bYYYY-MM-DD\b`)
	mustExist          = regexp.MustCompile(`(?i)\b(?:must|ha(?:s|ve) to|needs? to) (?:all |both )?(?:already )?exist\b`)
	promisesRecord     = regexp.MustCompile(`(?i)\b(?:must|ha(?:s|ve) to|needs? to) (?:already )?exist\b|\b(?:who|that|which) (?:already )?exists?\b|\b(?:an?|the) existing\b`)
	refersToNothing    = regexp.MustCompile(`(?i)\b(?:refer\w*|points?|nam(?:es|ed|ing))\b.{0,40}\b(?:do(?:es)? not exist|doesn't exist|is not there|unknown|missing)\b|\bunknown (?:\w+ )?references?\b`)
	ofOrders           = regexp.MustCompile(`(?i)\b(?:sort|order)\w*\b`)
	promisesUnordered  = regexp.MustCompile(`(?i)\b(?:(?:anything|everything|all|whatever|any \w+) (?:else|other)|unknown|unlisted|other \w+|(?:can't|cannot|can not|may not) be (?:sorted|ordered))\b`)
	isNotThere         = regexp.MustCompile(`(?i)\b(?:does not|doesn't|do not) exist\b|\bno such\b|\bis not (?:there|known)\b|\bunknown\b`)
	promisesDropped    = regexp.MustCompile(`(?i)\b(?:anything else|all else|whatever else|unknown (?:names?|fields?|properties|ones|values)|other (?:names|fields|properties|values))\b.{0,40}\b(?:dropped|ignored|skipped|left out|passed over|absent|not (?:sent|given|set))\b`)
	promisesShared     = regexp.MustCompile(`(?i)\b(?:may|can|are allowed to) (?:all |both )?(?:have|share|use|bear|carry) the same\b|\b(?:need|does|do|has|have|must) not (?:have to |to )?be unique\b|\bnot necessarily unique\b`)
	saysNone           = regexp.MustCompile(`(?i)\b(?:no|none|neither|never|nor|unless|only)\b`)
	saysEmpty          = regexp.MustCompile(`(?i)\b(?:empty|blank)\b`)
	promisesCut        = regexp.MustCompile(`(?i)\b(?:never|not|no) more than (?:\d+|that)\b[^.;]{0,20}\b(?:however|whatever|regardless|even if)\b|\b(?:capped|clamped|cut (?:down |off )?to|reduced to|lowered to|truncated to|(?:served|treated|taken|read|count(?:s|ed)?) as)\b|\b(?:not|never) (?:refused|rejected|an error)\b`)
	promisesUnread     = regexp.MustCompile(`(?i)\b(?:unknown|undocumented|unlisted|unrecogni[sz]ed|unsupported) (?:query )?parameters?\b|\bparameters? (?:that|which) (?:is|are) not (?:listed|documented|described|named|known)\b`)
	isUnread           = regexp.MustCompile(`(?i)\b(?:not sent|ignored|no (?:effect|difference)|dropped|disregarded)\b`)
	promisesMerge      = regexp.MustCompile(`(?i)\b(?:is|are) merged (?:with|into)\b`)
	withoutCredentials = regexp.MustCompile(`(?i)\bwithout (?:an? |any |the )?(?:\w+ )?(?:tokens?|keys?|credentials?|authentication|authorization)\b`)
	noWildcards        = regexp.MustCompile(`(?i)\bno wildcards?\b|\bwildcards? (?:are|is) not\b|\bno characters? (?:is|are) special\b|\b(?:taken|read|searched for) literally\b|\bstands? for (?:themselves|itself)\b`)
	promisesHead       = regexp.MustCompile(`\bHEAD\b.{0,40}\b(?:wherever|whenever|as|like|every|all|any|each)\b.{0,20}\bGETs?\b|\b(?:every|all|any|each)\b.{0,20}\bGETs?\b.{0,40}\bHEAD\b`)
	breaksSchema       = regexp.MustCompile(`(?i)\b(?:breaks?|violates?|do(?:es)? not (?:fit|match|conform to|satisfy)|doesn't (?:fit|match)|against)\b[^.;]{0,20}\bschemas?\b`)
	isInvalid          = regexp.MustCompile(`(?i)\binvalid (?:values? (?:of|for) )?(?:the |any )?(?:documented |known )?(?:query )?parameters?\b|\bparameters? (?:that|which) (?:is|are) (?:not valid|invalid)\b|\bparameters? with (?:an? )?(?:bad|wrong|invalid|illegal|malformed) values?\b|\bparameters? with (?:an? )?values? (?:that |which )?(?:we|the server|one) (?:can't|cannot|can not|don't|do not) (?:read|parse|understand)\b`)
	putsOnly           = regexp.MustCompile(`(?i)\b(?:changes?|updates?|sets?|modif(?:y|ies)) only (?:the |those )?(?:attributes|properties|fields|values|members)\b[^.;]{0,20}\b(?:given|sent|present|provided|included)\b`)
	takesNoNull        = regexp.MustCompile(`(?i)\b(?:\w+n't|do not|does not|never|cannot|may not|must not) (?:take|accept|allow|be|be set to)\b[^.;]{0,12}\bnull\b`)
	isValidated        = regexp.MustCompile(`(?i)\b(?:are|is) (?:all )?(?:validated|checked)\b`)
	isAbove            = regexp.MustCompile(`(?i)\b(?:more than|above|over|beyond|larger than|greater than|exceed(?:s|ing))(?: (?:that|it|\d+|the maximum))?\b`)
	ofEncoding         = regexp.MustCompile(`(?i)\baccept-encoding\b`)
	isOnly             = regexp.MustCompile(`(?i)\bonly\b`)
	promisesAllRead    = regexp.MustCompile(`(?i)\b(?:may|can) (?:still )?(?:read|see) (?:everything|anything)(?:[,;:.]| and\b| but\b|$)`)
	lastWithout        = regexp.MustCompile(`(?i)\b(?:absent|missing|null|empty|omitted|left out|not (?:sent|there|present|set|returned|included)|unless|except)\b.{0,30}\blast page\b|\blast page\b.{0,30}\b(?:has none|absent|missing|null|empty|omitted|left out|not (?:sent|there|present|set|returned|included))\b`)
	promisesReader     = regexp.MustCompile(`(?i)\bread[- ]only\b|\b(?:may|can) only read\b|\bonly (?:for reading|reads?)\b`)
	ofCredentials      = regexp.MustCompile(`(?i)\b(?:tokens?|keys?|credentials?|users?|accounts?|roles?|identit(?:y|ies)|scopes?|members?|viewers?|readers?)\b`)
	ofWrites           = regexp.MustCompile(`(?i)\b(?:every|any|all|each) (?:other )?(?:writes?|changes?|writing|modif\w+)\b|\b(?:every|any|all) other (?:requests?|calls?|methods?|operations?)\b|\bwrites? (?:is|are)\b|\bmay not write\b|\b(?:every|any|all) (?:operations?|requests?|calls?) that (?:writes?|changes?)\b|\b(?:every|all|any)thing else\b`)
	ofParameters       = regexp.MustCompile(`(?i)\bparameters?\b`)
	isDefault          = regexp.MustCompile(`(?i)\b(?:means?|count(?:s|ed)? as|treated as|taken (?:for|as)|falls? back to|is) (?:the )?(?:default|(\d+))\b`)
)

// sentence gives the first sentence of a text that says all of some things, or "".
func sentence(text string, says ...*regexp.Regexp) string {
next:
	for _, s := range contract.Sentences(text) {
		for _, what := range says {
			if !what.MatchString(s) || what == promisesRefusal && !what.MatchString(notRefused.ReplaceAllString(s, "")) {
				continue next
			}
		}
		return s
	}
	return ""
}

// refusedParameters gives the sentence that says that parameters which break their schema are refused; "" if none does.
func refusedParameters(about string) string {
	return cmp.Or(sentence(about, ofParameters, breaksSchema, promisesRefusal), sentence(about, isInvalid, promisesRefusal), sentence(about, ofParameters, isValidated, promisesInvalid))
}

// refusalIn gives the one status of a refusal that a sentence names; 0: it names none, or several.
func refusalIn(sentence string) int {
	found := refusalStatus.FindAllString(sentence, -1)
	slices.Sort(found)
	if found = slices.Compact(found); len(found) != 1 {
		return 0
	}
	n, _ := strconv.Atoi(found[0])
	return n
}

var refusalStatus = regexp.MustCompile(`\b4\d\d\b`)

// wrongValues gives values of a query parameter that are none, the plainest first: where the document says that what is not such a value is refused, those that many
// readers take for one.
func wrongValues(p *contract.Parameter) []string {
	switch told := promisedRefusal(p); {
	case told != "" && p.Schema.Format() == "date-time":
		return []string{"2031-02-03", "2031-02-31T10:00:00Z"}
	case noWhole.MatchString(told):
		return []string{"1.5"}
	}
	return []string{"unexpected"}
}

// promisedRefusal gives the sentence that says of a parameter that what is not of its type is refused; "" if none does.
func promisedRefusal(p *contract.Parameter) string {
	switch {
	case p.Schema == nil:
	case p.Schema.Format() == "date-time":
		return sentence(p.Description(), noMoment, promisesRefusal)
	case p.Schema.Type() == "integer" || p.Schema.Type() == "number":
		return sentence(p.Description(), noNumber, promisesRefusal)
	}
	return ""
}
