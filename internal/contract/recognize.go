package contract

import (
	"fmt"
	"slices"
	"strings"
)

// This file holds the conventions of names. Names are compared in plain form: lower case, letters and digits only.

var (
	pageNames     = []string{"page", "p", "pagenumber", "pageno", "pagenum", "currentpage"}
	offsetNames   = []string{"offset", "skip", "start", "pageoffset", "startat"}
	cursorNames   = []string{"cursor", "pagetoken", "nexttoken", "after", "startingafter", "marker", "continuationtoken", "pagecursor", "pageafter", "nextpagetoken"}
	sizeNames     = []string{"pagesize", "perpage", "size", "limit", "pagelimit", "maxresults", "itemsperpage", "top", "take", "count"}
	orderingNames = []string{"ordering", "orderby", "sortby", "sort", "order"}
	searchNames   = []string{"search", "q", "query", "term", "keyword", "searchterm"}

	itemNames    = []string{"results", "items", "data", "value", "values", "content", "elements", "records", "list", "rows", "entries", "objects", "hits", "nodes", "edges", "result"}
	keyNames     = []string{"id", "pk", "uuid", "uid", "sid", "key", "slug"}
	totalHeaders = []string{"xtotalcount", "totalcount", "xtotal", "xcount", "paginationcount", "xpaginationtotalcount", "total"}

	// partRoles is what a property of the envelope tells, by its name. Some names tell only inside an object about paging.
	partRoles = map[string]role{
		"count": roleTotal, "total": roleTotal, "totalcount": roleTotal, "totalelements": roleTotal, "totalitems": roleTotal,
		"totalresults": roleTotal, "totalrecords": roleTotal,
		"totalpages": rolePages, "numpages": rolePages, "pagecount": rolePages, "lastpage": rolePages, "pages": rolePages,
		"current": rolePage, "page": rolePage, "currentpage": rolePage, "pagenumber": rolePage, "number": rolePage,
		"pagesize": roleSize, "perpage": roleSize, "limit": roleSize, "size": roleSize, "itemsperpage": roleSize,
		"offset": roleOffset, "skip": roleOffset,
		"startindex": roleFirstIndex, "endindex": roleLastIndex,
		"next": roleNext, "nextpage": roleNext, "nexturl": roleNext, "nextlink": roleNext, "nextcursor": roleNext,
		"nextpagetoken": roleNext, "nextpageuri": roleNext, "nexttoken": roleNext, "nextpageurl": roleNext,
		"previous": rolePrev, "prev": rolePrev, "previouspage": rolePrev, "prevpage": rolePrev, "previousurl": rolePrev, "prevurl": rolePrev,
		"prevcursor": rolePrev, "previouscursor": rolePrev, "previouspageuri": rolePrev, "previouslink": rolePrev, "prevlink": rolePrev,
		"hasmore": roleMore, "hasnext": roleMore, "hasnextpage": roleMore,
		"hasprevious": roleLess, "hasprev": roleLess, "haspreviouspage": roleLess,
		"self": roleSelf,
	}
)

func plain(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9':
			return r
		case 'A' <= r && r <= 'Z':
			return r + 'a' - 'A'
		}
		return -1
	}, name)
}

// take gives the first name that is among the wanted, the most wanted first, and the names without it.
func take(names, wanted []string) (string, []string) {
	for _, w := range wanted {
		for i, name := range names {
			if plain(name) == w {
				return name, slices.Delete(slices.Clone(names), i, i+1)
			}
		}
	}
	return "", names
}

// recognizeEnvelope finds the items in a list response: the response is an array of objects, or an object with one such array.
func recognizeEnvelope(s *Schema, path string) (env envelope, items *Schema, why string) {
	if s.Type() == "array" {
		if items := s.Items(); items != nil && items.Type() == "object" {
			return envelope{root: part{role: roleItems}}, items, "an array of objects"
		}
		return env, nil, "its answer is an array, but not of objects"
	}
	var arrays []Property
	for _, p := range s.Properties() {
		if p.Schema.Type() == "array" && p.Schema.Items() != nil && p.Schema.Items().Type() == "object" {
			arrays = append(arrays, p)
		}
	}
	lists := slices.DeleteFunc(slices.Clone(arrays), func(p Property) bool {
		return !slices.Contains(itemNames, plain(p.Name)) && plain(p.Name) != plain(lastName(path))
	})
	switch {
	case strings.HasSuffix(strings.TrimSuffix(path, "/"), "}"):
		return env, nil, "its path ends in a parameter, so it answers one item"
	case len(lists) != 1:
		return env, nil, "its answer holds no array of objects that is named like a list"
	}
	env.root = part{parts: envelopeParts(s, lists[0].Name, &env)}
	return env, lists[0].Schema.Items(), fmt.Sprintf("an object with an array of objects, %q", lists[0].Name)
}

// envelopeParts understands the properties of an envelope, and of objects in it, by their names.
func envelopeParts(s *Schema, items string, env *envelope) []part {
	parts := []part{}
	for _, p := range s.Properties() {
		e := part{name: p.Name, typ: p.Schema.Type(), nullable: p.Schema.Nullable(), required: p.Required}
		switch {
		case p.Name == items:
			e.role = roleItems
		case e.typ == "object" && items != "":
			if e.parts = envelopeParts(p.Schema, "", env); !tells(e.parts) && !e.required {
				continue
			}
		default:
			e.role = partRoles[plain(p.Name)]
			e.url = e.typ == "string" && (strings.HasPrefix(p.Schema.Format(), "uri") || strings.HasPrefix(p.Schema.Format(), "url") || addressName(p.Name))
			switch e.role {
			case roleTotal:
				env.total = true
			case roleNext:
				env.hasNext = true
			case rolePrev:
				env.hasPrev = true
			}
		}
		parts = append(parts, e)
	}
	return parts
}

func tells(parts []part) bool {
	return slices.ContainsFunc(parts, func(p part) bool { return p.role != roleNone })
}

func addressName(name string) bool {
	n := plain(name)
	return strings.HasSuffix(n, "url") || strings.HasSuffix(n, "uri") || strings.HasSuffix(n, "link")
}

// itemsOf says where the items are.
func itemsOf(p *part) string {
	if p.role == roleItems {
		return "are the whole answer"
	}
	for i := range p.parts {
		if p.parts[i].role == roleItems {
			return "in " + p.parts[i].name
		}
	}
	return ""
}

// findPaging understands the paging parameters, and gives the names that are left.
func (c *Collection) findPaging(names []string) []string {
	for _, s := range []struct {
		style Style
		names []string
	}{{ByPage, pageNames}, {ByOffset, offsetNames}, {ByCursor, cursorNames}} {
		if name, rest := take(names, s.names); name != "" {
			c.Paging.Style, c.Paging.Param, names = s.style, name, rest
			break
		}
	}
	c.Paging.Size, names = take(names, sizeNames)
	switch {
	case c.Paging.Style != NoPaging:
		c.note(strings.TrimSuffix(fmt.Sprintf("paged by %s: %s, %s", c.Paging.Style, c.Paging.Param, c.Paging.Size), ", "), "the names of the parameters")
	case c.Paging.Size != "":
		c.note("cut to "+c.Paging.Size, "the name of the parameter")
	default:
		c.note("not paged", "no parameter is named like a page")
	}
	return names
}

// findKey finds the property that identifies an item: the one that the item's path names, else one with a usual name, else the only required, read-only uuid or integer.
func findKey(s *Schema, param, collection string) (key, why string) {
	props := s.Properties()
	scalar := func(p Property) bool { t := p.Schema.Type(); return t == "string" || t == "integer" }
	for _, p := range props {
		if param != "" && scalar(p) && plain(p.Name) == plain(param) {
			return p.Name, "the path's parameter has its name"
		}
	}
	for _, p := range props {
		if param != "" && scalar(p) && len(plain(p.Name)) > 1 && strings.HasSuffix(plain(param), plain(p.Name)) && slices.Contains(keyNames, plain(p.Name)) {
			return p.Name, "the path's parameter, " + param + ", ends in its name"
		}
	}
	singular := strings.TrimSuffix(plain(collection), "s")
	for _, name := range append(slices.Clone(keyNames), singular+"id", singular+"uuid") {
		for _, p := range props {
			if scalar(p) && plain(p.Name) == name {
				return p.Name, "its name"
			}
		}
	}
	var only []string
	for _, p := range props {
		if p.Required && p.Schema.ReadOnly() && (p.Schema.Type() == "integer" || p.Schema.Format() == "uuid") {
			only = append(only, p.Name)
		}
	}
	if len(only) == 1 {
		return only[0], "the only required read-only identifier"
	}
	return "", ""
}

// filterOps are the endings of a filter's name and what they mean; longer ones first.
var filterOps = []struct {
	ending string
	op     Op
}{
	{"__icontains", IContains},
	{"__contains", Contains},
	{"__istartswith", IStartsWith},
	{"__startswith", StartsWith},
	{"__endswith", EndsWith},
	{"__iexact", IEqual},
	{"__exact", Equal},
	{"__isnull", IsNull},
	{"__in", In},
	{"__gte", GreaterEqual},
	{"__lte", LessEqual},
	{"__gt", Greater},
	{"__lt", Less},
	{"__ne", NotEqual},
	{"__not", NotEqual},
	{"[gte]", GreaterEqual},
	{"[lte]", LessEqual},
	{"[gt]", Greater},
	{"[lt]", Less},
	{"[in]", In},
	{"[ne]", NotEqual},
	{"[eq]", Equal},
	{"_gte", GreaterEqual},
	{"_lte", LessEqual},
	{"_gt", Greater},
	{"_lt", Less},
}

// recognizeFilter finds the property that a query parameter looks at: by its name, with __ or . going into embedded objects, and an operator at its end.
func (c *Collection) recognizeFilter(param string) (*Filter, string) {
	if path, why := c.findProperty(param); path != nil {
		return &Filter{Param: param, Path: path, Op: Equal}, why
	}
	for _, o := range filterOps {
		if base, ok := strings.CutSuffix(param, o.ending); ok {
			if path, why := c.findProperty(base); path != nil {
				return &Filter{Param: param, Path: path, Op: o.op}, why + ", and the ending " + o.ending
			}
		}
	}
	return nil, ""
}

// findProperty finds the property that a name means: itself, or a__b and a.b as b of the object a, which may stand beside it as a_obj, a_detail or a_data.
func (c *Collection) findProperty(name string) ([]string, string) {
	if s := c.property([]string{name}); s != nil && s.Type() != "object" && s.Type() != "array" {
		return []string{name}, "it is named as the property"
	}
	steps := strings.Split(strings.ReplaceAll(name, "__", "."), ".")
	if len(steps) < 2 {
		return nil, ""
	}
	for _, ending := range []string{"", "_obj", "_detail", "_data"} {
		path := append([]string{steps[0] + ending}, steps[1:]...)
		if s := c.property(path); s != nil && s.Type() != "object" && s.Type() != "array" {
			return path, fmt.Sprintf("%q goes into %s", name, path[0])
		}
	}
	return nil, ""
}
