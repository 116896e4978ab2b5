package contract

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	pageNames   = []string{"page", "pagenumber", "pageno", "pagenum", "pagenr", "currentpage", "pageindex", "p"}
	offsetNames = []string{"offset", "skip", "pageoffset", "startat", "startindex", "start", "firstresult", "from"}
	// tokenNames are cursors whatever else there is; keyNames of an item and times may stand in afterNames as well.
	tokenNames  = []string{"cursor", "pagetoken", "nexttoken", "pagecursor", "nextpagetoken", "nextcursor", "continuationtoken", "continuation", "paginationtoken", "skiptoken", "nextpage", "scrollid", "marker", "startingafter"}
	afterNames  = []string{"after", "pageafter", "afterid", "lastid", "startafter", "afterkey", "lastkey", "startkey", "starttoken"}
	cursorNames = slices.Concat(tokenNames, afterNames)
	beforeNames = []string{"endingbefore", "before", "pagebefore", "beforeid", "prevcursor", "previouscursor", "prevpagetoken", "endbefore", "firstid"}
	sizeNames   = []string{
		"pagesize", "perpage", "size", "limit", "pagelimit", "maxresults", "itemsperpage", "top", "take", "count", "maxitems", "resultsperpage", "maxpagesize",
		"rows", "numresults", "pagecount", "batchsize", "recordsperpage", "pageperpage", "first", "n", "num", "max",
	}
)

// findPaging understands the paging parameters, and gives the names that are left.
func (c *Collection) findPaging(names []string) []string {
	c.Paging.First = 0
	p, left := &c.Paging, names
	param := func(name string) *Parameter { return c.list.Parameter("query", name) }
	pick := func(style Style, wanted []string, fits func(*Parameter) bool) bool {
		fitting := slices.DeleteFunc(slices.Clone(left), func(name string) bool { return !fits(param(name)) })
		name, _ := take(fitting, wanted)
		if name != "" {
			p.Style, p.Param = style, name
			left = without1(left, name)
		}
		return name != ""
	}
	isToken := func(q *Parameter) bool {
		return !q.many() && q.typ() != "boolean" && q.typ() != "object" && !q.instant()
	}
	isNumber := func(q *Parameter) bool { return q.whole() && !q.instant() }
	_ = pick(ByCursor, tokenNames, isToken) || pick(ByPage, pageNames, isNumber) || pick(ByCursor, afterNames, isToken) ||
		pick(ByOffset, offsetNames, func(q *Parameter) bool {
			doubtful := plain(q.Name) == "from" || plain(q.Name) == "start" // an offset, or a point in time
			return isNumber(q) && (!doubtful || q.typ() != "string" && !saysTime.MatchString(q.says()))
		})
	sizes := slices.DeleteFunc(slices.Clone(left), func(name string) bool { return !isNumber(param(name)) })
	if p.Style == NoPaging { // too short to say anything alone
		sizes = slices.DeleteFunc(sizes, func(name string) bool {
			return slices.Contains([]string{"first", "n", "num", "max", "count", "size", "rows"}, plain(name))
		})
	}
	if p.Size, _ = take(sizes, sizeNames); p.Size != "" {
		left = without1(left, p.Size)
	}
	switch p.Style {
	case ByPage:
		p.First = c.firstPage(param(p.Param))
	case ByCursor:
		before := slices.DeleteFunc(slices.Clone(left), func(name string) bool { return !isToken(param(name)) })
		if p.Before, _ = take(before, beforeNames); p.Before != "" {
			left = without1(left, p.Before)
		}
	}
	if q := param("page"); q != nil && q.typ() == "object" && p.Style == NoPaging {
		c.unknown("paging by the parameter page", "it is an object, which is not understood yet")
		left = without1(left, "page")
	}
	return left
}

func without1(names []string, name string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == name })
}

// firstPage is the number of the first page: 1, unless the document says 0.
func (c *Collection) firstPage(p *Parameter) int {
	if n, err := strconv.Atoi(string(p.Schema.Default())); err == nil && (n == 0 || n == 1) {
		return n
	}
	if p.Schema.kin.Min != nil {
		if *p.Schema.kin.Min == 0 {
			return 0
		}
		return 1
	}
	if saysZero.MatchString(p.says()) {
		return 0
	}
	return 1
}

// settlePaging finishes what depends on the envelope and on the key: whether a cursor is the key of an item.
func (c *Collection) settlePaging() {
	p := &c.Paging
	if p.Style == ByCursor && c.Records.Key != "" {
		q := c.list.Parameter("query", p.Param)
		says, last := q.says(), c.envelope.root.has(roleLastKey)
		told := c.envelope.root.has(roleNext) || c.envelope.linked()
		key := c.property([]string{c.Records.Key})
		fits := q.typ() == "" || key == nil || q.typ() == key.Type()
		switch {
		case !fits:
		case last, !told, saysKey.MatchString(says) && !saysToken.MatchString(says):
			p.ByKey = true
		}
	}
	c.envelope.settle(c)
	switch {
	case p.Style != NoPaging:
		what := fmt.Sprintf("paged by %s: %s", p.Style, p.Param)
		if p.Before != "" {
			what += ", back by " + p.Before
		}
		if p.Size != "" {
			what += ", " + p.Size
		}
		c.note(what, "the names of the parameters")
		if p.Style == ByPage && p.First == 0 {
			c.note("the first page is 0", "the parameter "+p.Param)
		}
		if p.ByKey {
			c.note("the cursor is the key of the item before", "what the document says of "+p.Param+", and of the way on")
		}
	case p.Size != "":
		c.note("cut to "+p.Size, "the name of the parameter")
	default:
		c.note("not paged", "no parameter is named like a page")
	}
	if what := c.envelope.tells(); what != "" {
		c.note("the answer tells "+what, "the names of its properties and headers")
	}
}

// findSizes finds how many items a page has: what x-understudy says, what the parameter says, or 20.
func (c *Collection) findSizes(x *extension) error {
	p := &c.Paging
	var err error
	if p.Default, err = x.number("page", "size"); err != nil {
		return err
	}
	if p.Max, err = x.number("page", "max"); err != nil {
		return err
	}
	if n := x.get("page"); n != nil {
		if err := c.doc.knownKeys(n, []string{"size", "max"}); err != nil {
			return err
		}
	}
	if p.Style == NoPaging && p.Size == "" {
		return nil
	}
	size, least, most, why := sizeBounds(c.list.Parameter("query", p.Size))
	if size == 0 && p.Size != "" {
		if size = c.toldSize(); size > 0 && (most == 0 || size <= most) {
			why = "the description of the document"
		} else {
			size = 0
		}
	}
	if p.Max == 0 {
		p.Max = most
	}
	switch {
	case p.Default > 0:
		why = extensionKey
	case size > 0:
		p.Default = size
	default:
		p.Default, p.guessed, why = max(20, least), true, "the document says no size"
	}
	if p.Max > 0 {
		p.Default = min(p.Default, p.Max)
	}
	c.note(fmt.Sprintf("pages of %d by default%s", p.Default, c.maxText()), why)
	return nil
}

// saysUnless finds the size that counts where none is given.
var saysUnless = regexp.MustCompile(`(?i)\b(\d+) (?:unless|if (?:not|it is not|none is)|when (?:not|it is not|none is)) (?:given|sent|set|asked for|specified)\b`)

// toldSize reads the size of a page that counts when none is asked for from what the document says of all lists, by the name of the parameter; 0 if it says nothing.
func (c *Collection) toldSize() int {
	named := regexp.MustCompile("[`'\"]" + regexp.QuoteMeta(c.Paging.Size) + "[`'\"]")
	for _, s := range Sentences(c.doc.Description()) {
		if at := named.FindStringIndex(s); at != nil {
			if n := numberIn(s[at[1]:], saysUnless); n > 0 {
				return n
			}
		}
	}
	return 0
}

func (c *Collection) maxText() string {
	if c.Paging.Max == 0 {
		return ""
	}
	return fmt.Sprintf(", %d at most", c.Paging.Max)
}

// shapeNames are parameters that choose what an answer looks like, not what is in it.
var shapeNames = []string{
	"fields", "field", "expand", "include", "format", "embed", "exclude", "locale", "lang", "language", "pretty", "select", "view", "projection", "attributes",
	"includetotal", "includetotals", "includecount", "withcount", "fieldset", "properties", "alt", "prettyprint", "callback",
}

// whyUnknown says why nothing is made of a query parameter.
func (c *Collection) whyUnknown(name string) string {
	p := c.list.Parameter("query", name)
	n := plain(name)
	switch {
	case slices.Contains(shapeNames, n) || strings.HasPrefix(n, "include") && p.typ() == "boolean" || strings.HasPrefix(strings.ToLower(name), "fields["):
		return "it chooses what the answer looks like"
	case c.Paging.Style == ByCursor && slices.Contains(pageNames, n):
		return "pages are told by " + c.Paging.Param
	case c.Paging.Style != NoPaging && (slices.Contains(cursorNames, n) || slices.Contains(offsetNames, n) || slices.Contains(beforeNames, n)):
		return "a second way to page, beside " + c.Paging.Param
	case p.typ() == "object":
		return "it is an object, which is not understood yet"
	}
	return "its name tells neither a filter nor anything else"
}
