package contract

import (
	"regexp"
	"slices"
	"strings"
)

// IsKey tells whether a property holds, by its name and type, keys of the collection's items: project_id, projectId or project of projects.
func (c *Collection) IsKey(p Property) bool {
	if c.Records == nil || c.Records.Key == "" || p.Schema.Type() != c.Records.KeyType() {
		return false
	}
	name := plain(p.Name)
	for _, suffix := range []string{"id", "uuid", "pk", "key"} {
		if base, ok := strings.CutSuffix(name, suffix); ok && base != "" && c.HasOne(base) {
			return true
		}
	}
	return (p.Schema.Format() == "uuid" || p.Schema.Type() == "integer") && c.HasOne(name)
}

// What a key is called, and what it is the key of: "the id of a flow", "the warehouse's code".
var (
	keyOfA = regexp.MustCompile(`(?i)\b(?P<key>id|uuid|pk|key|slug|identifier|code) of (?:an?|the|its|some|another) (?P<of>\w+)`)
	keyOfS = regexp.MustCompile(`(?i)\b(?P<of>\w+)'s (?P<key>id|uuid|pk|key|slug|identifier|code)\b`)
)

// IsToldKey tells whether a property's description says that it holds keys of the collection's items.
func (c *Collection) IsToldKey(p Property) bool {
	for _, told := range []*regexp.Regexp{keyOfA, keyOfS} {
		if c.Records == nil || p.Schema.Type() != c.Records.KeyType() {
			return false
		}
		m := told.FindStringSubmatch(p.Schema.Keywords().Description)
		if m == nil || !c.HasOne(plain(m[told.SubexpIndex("of")])) {
			continue
		}
		if key := plain(m[told.SubexpIndex("key")]); key != "code" || key == plain(c.Records.Key) {
			return true
		}
	}
	return false
}

// HasOne tells whether a word without signs, in lower case, is what one item is called, by the last word in the list's path.
func (c *Collection) HasOne(word string) bool {
	many := plain(c.last())
	return many == word || many == word+"s" || many == word+"es" || Singular(many) == word
}

// last gives the last word in the list's path.
func (c *Collection) last() string {
	segments := strings.Split(strings.Trim(c.Path, "/"), "/")
	return segments[len(segments)-1]
}

// isNamed tells whether a text names the collection's items.
func (c *Collection) isNamed(text string) bool {
	parts := words(c.last())
	if len(parts) == 0 {
		return false
	}
	many := strings.ToLower(parts[len(parts)-1])
	return regexp.MustCompile(`(?i)\b(?:` + regexp.QuoteMeta(many) + `|` + regexp.QuoteMeta(Singular(many)) + `)\b`).MatchString(text)
}

// Fate is what becomes of items that refer to one that is deleted, as a sentence of the document says.
type Fate struct {
	Kind FateKind
	Said string
}

// FateKind is one of the fates below.
type FateKind string

// What becomes of them.
const (
	Untold     FateKind = ""        // the document does not say
	Forbidding FateKind = "forbids" // while they are there, the other is not deleted
	Deleted    FateKind = "deleted" // they are deleted, too
	Cleared    FateKind = "cleared" // they stay, and refer to nothing
)

var (
	saysReferred  = regexp.MustCompile(`(?i)\b(?:refer\w*|in use|used by|depend\w*|not empty|non-empty)\b`)
	saysForbidden = regexp.MustCompile(`(?i)\b(?:cannot|can not|can't|may not|must not|will not|won't) be (?:deleted|removed|destroyed)\b|\b409\b|\b(?:refused|rejected|fails?)\b.{0,60}\b(?:while|if|as long as|still)\b|\b(?:while|if|as long as|still)\b.{0,60}\b(?:refused|rejected|fails?)\b`)
	saysVersion   = regexp.MustCompile(`(?i)\b(?:if-match|etag|version|stale|changed (?:since|meanwhile)|concurrent\w*)\b`)
	saysAlso      = regexp.MustCompile(`(?i)\b(?:also|too|as well|along with|together with|with (?:it|them|all)|all (?:of )?(?:its|their|the)|and (?:all|every|any|its|their)|cascad\w*)\b`)
	saysGone      = regexp.MustCompile(`(?i)\b(?:delet|remov|destroy|drop|purg|eras|cascad|disappear)\w*|\bgo(?:es)? (?:along )?with\b|\b(?:is|are) gone\b`)
	saysStays     = regexp.MustCompile(`(?i)\b(?:archiv|keep|kept|stay|remain|unassign|reassign|mov|detach|orphan|transfer|unlink)\w*`)
	saysCleared   = regexp.MustCompile(`(?i)\bnull\b`)
	saysNever     = regexp.MustCompile(`(?i)\b(?:no|none|neither|never|nor|not|unless|only|without)\b`)
	saysSome      = regexp.MustCompile(`(?i)\b(?:active|open|current|pending|upcoming|future|unpaid|outstanding|ongoing|running|unreturned|unresolved|live|recent|past|completed|confirmed|unfinished|scheduled|own(?:ed)?|more than|at least|paid|sent|received|published|closed|done)\b`)
)

// TellsFate tells whether the document may say what becomes of what refers to an item that the operation deletes, whatever that is: few do, and what refers is many
// to look through.
func (op *Operation) TellsFate() bool {
	text := op.Summary + ". " + op.Description
	return op.Response(409) != nil && op.Response(409).Status == "409" || saysForbidden.MatchString(text) || saysCleared.MatchString(text) || saysAlso.MatchString(text)
}

// Fate reads, from prose, what becomes of a collection's items when the one to which they refer is deleted by the operation. They have to be named, unless none of the others that
// refer to such an item can be meant.
func (op *Operation) Fate(of *Collection, others []*Collection) Fate {
	means := func(text string) bool {
		return !saysVersion.MatchString(text) && (of.isNamed(text) || saysReferred.MatchString(text) && len(others) == 1)
	}
	for _, r := range op.Responses {
		if r.Status == "409" && means(r.Description) {
			return Fate{Forbidding, strings.TrimSpace(r.Description)}
		}
	}
	for _, s := range Sentences(op.Summary + ". " + op.Description) {
		switch also := saysAlso.MatchString(s); {
		case !means(s):
		case saysForbidden.MatchString(s) && !also:
			return Fate{Forbidding, s}
		case saysCleared.MatchString(s):
			return Fate{Cleared, s}
		case also && saysGone.MatchString(s) && !saysStays.MatchString(s) && !saysNever.MatchString(s):
			return Fate{Deleted, s}
		}
	}
	return Fate{}
}

// States gives, by property, the values of enumerations that the sentence has as words, "while it has open orders": it is about items that have one of each. Known is
// false if it is about some items only, and nothing tells which.
func (f Fate) States(form *Form) (states map[string][]string, known bool) {
	states = map[string][]string{}
	for _, p := range form.Properties() {
		for _, v := range p.Schema.Enum() {
			if word, ok := v.(string); ok && len(word) > 2 && regexp.MustCompile(`(?i)\b`+regexp.QuoteMeta(strings.ReplaceAll(word, "_", " "))+`\b`).MatchString(f.Said) {
				states[p.Name] = append(states[p.Name], word)
			}
		}
	}
	return states, len(states) > 0 || !saysSome.MatchString(f.Said)
}

// Referring gives the collections whose items refer to those of another: they are inside of one, or a property names one.
func (d *Document) Referring(to *Collection) []*Collection {
	return slices.DeleteFunc(slices.Clone(d.collections), func(c *Collection) bool {
		by, _ := c.ReferenceTo(to)
		return c == to || c.Parent != to && by == ""
	})
}

// ReferenceTo names the property by which the collection's items refer to those of another, and the property of those that it holds; "" if none does.
func (c *Collection) ReferenceTo(to *Collection) (by, held string) {
	if c.Records == nil || to.Records == nil {
		return "", ""
	}
	for _, e := range c.Records.Embeds {
		if e.Set == to.Records && e.By != "" {
			return e.By, c.Records.Held(&e)
		}
	}
	for _, p := range c.Records.Form().Properties() {
		if p.Name != c.Records.Key && (to.IsKey(p) || to.IsToldKey(p)) {
			return p.Name, to.Records.Key
		}
	}
	return "", ""
}
