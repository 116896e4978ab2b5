package contract

import (
	"slices"
	"strings"
)

// partRoles is what a property of the envelope tells, by its name in plain form.
var partRoles = map[string]role{
	"count": roleTotal, "total": roleTotal, "totalcount": roleTotal, "totalelements": roleTotal, "totalitems": roleTotal, "itemstotal": roleTotal, "totalhits": roleTotal,
	"totalresults": roleTotal, "totalrecords": roleTotal, "totalsize": roleTotal, "totalentries": roleTotal, "totalrows": roleTotal, "resultstotal": roleTotal, "totalnumber": roleTotal,
	"totalobjects": roleTotal, "totalamount": roleTotal, "recordcount": roleTotal, "itemcount": roleTotal, "rowcount": roleTotal, "totalnumberofitems": roleTotal, "matchingcount": roleTotal,
	"totalpages": rolePages, "numpages": rolePages, "pagecount": rolePages, "lastpage": rolePages, "pages": rolePages, "pagestotal": rolePages, "totalpage": rolePages, "totalpagecount": rolePages,
	"current": rolePage, "page": rolePage, "currentpage": rolePage, "pagenumber": rolePage, "number": rolePage, "pageindex": rolePage, "pageno": rolePage, "pagenum": rolePage,
	"pagesize": roleSize, "perpage": roleSize, "limit": roleSize, "size": roleSize, "itemsperpage": roleSize, "maxresults": roleSize, "resultsperpage": roleSize,
	"offset": roleOffset, "skip": roleOffset, "startat": roleOffset,
	"numberofelements": roleCount, "resultcount": roleCount, "returned": roleCount, "countonpage": roleCount, "returnedcount": roleCount,
	"startindex": roleFirstIndex, "endindex": roleLastIndex, "from": roleFirstIndex, "to": roleLastIndex,
	"next": roleNext, "nextpage": roleNext, "nexturl": roleNext, "nexturi": roleNext, "nextlink": roleNext, "nextcursor": roleNext, "nextoffset": roleNext, "nextmarker": roleNext, "nexthref": roleNext,
	"nextpagetoken": roleNext, "nextpageuri": roleNext, "nexttoken": roleNext, "nextpageurl": roleNext, "endcursor": roleNext, "nextpagelink": roleNext, "nextpagecursor": roleNext,
	"previous": rolePrev, "prev": rolePrev, "previouspage": rolePrev, "prevpage": rolePrev, "previousurl": rolePrev, "prevurl": rolePrev, "previousuri": rolePrev, "prevuri": rolePrev,
	"prevcursor": rolePrev, "previouscursor": rolePrev, "previouspageuri": rolePrev, "previouslink": rolePrev, "prevlink": rolePrev, "prevpageurl": rolePrev, "prevtoken": rolePrev,
	"previouspageurl": rolePrev, "prevpagetoken": rolePrev, "previoustoken": rolePrev, "previouspagetoken": rolePrev, "prevpageuri": rolePrev, "startcursor": rolePrev,
	"first": roleFirst, "firstpage": roleFirst, "firsturl": roleFirst, "firstpageurl": roleFirst, "firstpageuri": roleFirst, "firstlink": roleFirst,
	"last": roleLast, "lasturl": roleLast, "lastpageurl": roleLast, "lastpageuri": roleLast, "lastlink": roleLast,
	"hasmore": roleMore, "hasnext": roleMore, "hasnextpage": roleMore, "more": roleMore, "hasmoreitems": roleMore, "moreresults": roleMore, "hasmorepages": roleMore, "moreavailable": roleMore,
	"hasprevious": roleLess, "hasprev": roleLess, "haspreviouspage": roleLess, "hasprevpage": roleLess, "haspreviousitems": roleLess, "haspreviouspages": roleLess, "hasless": roleLess,
	"isfirst": roleIsFirst, "isfirstpage": roleIsFirst, "onfirstpage": roleIsFirst, "islast": roleIsLast, "islastpage": roleIsLast, "onlastpage": roleIsLast,
	"empty": roleEmpty, "isempty": roleEmpty,
	"self": roleSelf, "currenturl": roleSelf, "selfurl": roleSelf,
	"firstid": roleFirstKey, "lastid": roleLastKey,
}

// roleOf is what a name in an envelope tells.
func roleOf(name string) role { return partRoles[plain(name)] }

// envelopeOf understands the properties around a list.
func (c *Collection) envelopeOf(s *Schema, f found) envelope {
	e := envelope{root: part{role: roleItems}, path: f.path}
	if f.path != nil {
		e.root = part{typ: "object", required: true, parts: c.partsOf(s, f.path, 0)}
	}
	for _, name := range f.path {
		if p, ok := s.Property(name); ok {
			s = p.Schema
		}
	}
	k := s.Keywords()
	e.apart = s.Type() == "array" && !k.UniqueItems && k.MaxItems == nil && k.Contains == nil && k.PrefixItems == nil
	return e
}

// partsOf understands the properties of an envelope, and of objects in it, by their names; path leads to the items.
func (c *Collection) partsOf(s *Schema, path []string, depth int) []part {
	parts := []part{}
	for _, p := range s.Properties() {
		e := part{name: p.Name, typ: p.Schema.Type(), nullable: p.Schema.Nullable(), required: p.Required}
		switch {
		case len(path) == 1 && p.Name == path[0]:
			e.role = roleItems
		case len(path) > 1 && p.Name == path[0]:
			e.parts = c.partsOf(p.Schema, path[1:], depth+1)
		case e.typ == "object" && depth < 4:
			if !c.objectPart(&e, p, depth) {
				continue
			}
		case e.typ == "boolean" && truthRoles[roleOf(p.Name)] != roleNone:
			e.role = truthRoles[roleOf(p.Name)]
		default:
			c.fillPart(&e, p, depth)
		}
		if len(path) == 0 || p.Name != path[0] {
			e.rest = restOf(p)
		}
		parts = append(parts, e)
	}
	others := slices.ContainsFunc(parts, func(p part) bool { return p.role != roleNone && p.role != roleEmpty })
	for i := range parts {
		if parts[i].role == roleEmpty && !others { // an order that is empty, say
			parts[i].role = roleNone
		}
	}
	return parts
}

// truthRoles is what a part tells that is true or false, where as a number or text it would lead somewhere.
var truthRoles = map[role]role{roleNext: roleMore, rolePrev: roleLess, roleFirst: roleIsFirst, roleLast: roleIsLast, rolePages: roleIsLast}

// objectPart understands an object in an envelope; false if there is nothing to say of it.
func (c *Collection) objectPart(e *part, p Property, depth int) bool {
	switch r := roleOf(p.Name); r {
	case roleNext, rolePrev, roleFirst, roleLast, roleSelf, rolePage: // {href: …}, {starting_after: …}
		if inner, link := c.linkParts(p.Schema, r); link {
			if r != rolePage {
				e.role, e.parts = r, inner
			} else {
				e.parts = inner
				for i := range e.parts {
					if e.parts[i].role == rolePage {
						e.parts[i].role = roleSelf
					}
				}
			}
			return true
		}
	}
	e.parts = c.partsOf(p.Schema, nil, depth+1)
	told := slices.ContainsFunc(e.parts, func(q part) bool { return q.says() })
	if !told {
		e.parts = nil
	}
	return told || e.required
}

// says tells whether a part, or one in it, says anything.
func (p *part) says() bool {
	found := false
	p.walk(func(q *part) { found = found || q.role != roleNone })
	return found
}

// linkParts understands an object that is a link to a page, {href: …}, or that holds the parameter which leads there.
func (c *Collection) linkParts(s *Schema, r role) ([]part, bool) {
	var out []part
	link := false
	for _, p := range s.Properties() {
		q := part{name: p.Name, typ: p.Schema.Type(), nullable: p.Schema.Nullable(), required: p.Required, rest: restOf(p)}
		n := plain(p.Name)
		switch {
		case q.typ == "string" && slices.Contains([]string{"href", "url", "uri", "link"}, n):
			q.role, q.url, link = r, true, true
		case c.Paging.Param != "" && n == plain(c.Paging.Param) && scalar(p.Schema):
			q.role, link = r, true
		}
		out = append(out, q)
	}
	return out, link
}

// fillPart understands a value in an envelope.
func (c *Collection) fillPart(e *part, p Property, depth int) {
	n := plain(p.Name)
	r := roleOf(p.Name)
	text := p.Schema.kin.Description
	cursor := c.Paging.Style == ByCursor
	switch {
	case cursor && e.typ == "string" && (n == "after" || n == "cursor" || n == plain(c.Paging.Param)) && r != roleNext:
		r = roleNext
	case cursor && e.typ == "string" && (n == "before" || c.Paging.Before != "" && n == plain(c.Paging.Before)):
		r = rolePrev
	case n == "url" && e.typ == "string" && depth == 0:
		r = rolePath
	case n == "path" && e.typ == "string" && depth > 0:
		r = rolePath
	}
	number := e.typ == "integer" || e.typ == "number" || e.typ == ""
	switch r {
	case roleTotal, rolePages, rolePage, roleSize, roleOffset, roleCount, roleFirstIndex, roleLastIndex:
		if !number && (e.typ != "string" || len(p.Schema.Enum()) > 0 || p.Schema.Format() != "" || r == rolePage || r == roleFirstIndex || r == roleLastIndex) {
			r = roleNone
		}
		if r == roleTotal && saysThisPage.MatchString(text) && !saysAll.MatchString(text) {
			r = roleCount
		}
		if told := saysEmpty.FindStringSubmatch(text); told != nil {
			e.nothing = told[1]
		}
		e.vague = slices.Contains(countNames, n) && !saysAll.MatchString(text)
	case roleMore, roleLess, roleIsFirst, roleIsLast, roleEmpty:
		if e.typ != "boolean" {
			r = roleNone
		}
	case roleNext, rolePrev, roleFirst, roleLast:
		if !number && e.typ != "string" || e.typ == "" {
			r = roleNone
		}
		if (r == roleFirst || r == roleLast) && number && c.Paging.Style != ByPage {
			r = roleNone
		}
	case roleSelf, roleFirstKey, roleLastKey:
		if e.typ != "string" && (r == roleSelf || !number) {
			r = roleNone
		}
	}
	e.role = r
	e.url = e.typ == "string" && (strings.HasPrefix(p.Schema.Format(), "uri") || strings.HasPrefix(p.Schema.Format(), "url") || addressName(p.Name) ||
		r == roleSelf || r != roleNone && !cursorName(n) && saysAddress.MatchString(text+" "+exampleText(p.Schema)))
}

func cursorName(n string) bool { return strings.Contains(n, "cursor") || strings.Contains(n, "token") }

func exampleText(s *Schema) string {
	if text, ok := s.kin.Example.(string); ok {
		return text
	}
	return ""
}

func addressName(name string) bool {
	n := plain(name)
	return strings.HasSuffix(n, "url") || strings.HasSuffix(n, "uri") || strings.HasSuffix(n, "link") || strings.HasSuffix(n, "href")
}

// headerRoles is what a header of a list tells, by its name in plain form.
var headerRoles = map[string]role{
	"link": roleLink, "contentrange": roleRange,
	"xtotalcount": roleTotal, "totalcount": roleTotal, "xtotal": roleTotal, "xcount": roleTotal, "paginationcount": roleTotal, "xpaginationtotalcount": roleTotal, "total": roleTotal,
	"xtotalelements": roleTotal, "xtotalitems": roleTotal, "xresultcount": roleTotal, "paginationtotal": roleTotal, "xpaginationtotal": roleTotal, "xtotalresults": roleTotal,
	"xpage": rolePage, "xcurrentpage": rolePage, "xpaginationpage": rolePage, "paginationpage": rolePage, "xpagenumber": rolePage, "xpaginationcurrentpage": rolePage,
	"xperpage": roleSize, "xpagesize": roleSize, "xlimit": roleSize, "xpaginationlimit": roleSize, "paginationlimit": roleSize, "xpaginationperpage": roleSize,
	"xtotalpages": rolePages, "xpagecount": rolePages, "xpaginationpagecount": rolePages, "xpaginationtotalpages": rolePages, "xpages": rolePages,
	"xnextpage": roleNext, "xnextcursor": roleNext, "xprevpage": rolePrev, "xnextpagetoken": roleNext, "xcontinuationtoken": roleNext,
	"xoffset": roleOffset,
}

// addHeaders finds the headers of a list response that tell of paging.
func (c *Collection) addHeaders(r *Response) {
	for _, name := range r.headers {
		if role := headerRoles[plain(name)]; role != roleNone {
			c.envelope.headers = append(c.envelope.headers, headerField{name, role})
		}
	}
}
