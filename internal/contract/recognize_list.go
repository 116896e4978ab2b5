package contract

import (
	"fmt"
	"slices"
	"strings"
)

var (
	itemNames    = []string{"results", "items", "data", "value", "values", "content", "elements", "records", "list", "rows", "entries", "objects", "hits", "nodes", "result", "resources", "collection", "member", "members", "docs", "documents"}
	wrapperNames = []string{"data", "result", "results", "response", "embedded", "payload", "body", "page", "content", "list"}
	// talkNames are properties that say how the request went, not what the answer is about.
	talkNames = []string{"status", "success", "ok", "message", "code", "error", "errors", "warnings", "requestid", "object", "type", "kind", "version", "apiversion", "timestamp", "time", "took", "etag", "self", "url", "href", "path", "messages", "context", "schema", "name"}
)

// found is a list that was found in an answer.
type found struct {
	items *Schema  // of one item
	path  []string // of the property that holds them; nil: they are the whole answer
	why   string
}

// recognizeList finds the items in an answer: the answer is an array of objects, or an object with one such array, which may stand one object
// deeper. If it is none, why says so. A wrong guess is worse than a miss: an object that is itself a thing with a key is a list only if there is paging.
func recognizeList(op *Operation, s *Schema, changed bool) found {
	if s.Type() == "array" {
		if items := listOfObjects(s); items != nil {
			return found{items: items, why: "an array of objects"}
		}
		return found{why: "its answer is an array, but not of objects"}
	}
	switch {
	case s.Type() != "object":
		return found{why: "its answer is neither an object nor an array"}
	case endsInParameter(op.Path):
		return found{why: "its path ends in a parameter, so it answers one item"}
	}
	props := s.Properties()
	paged := asksForPages(op) || tellsOfPages(props)
	p, why := listProperty(op, props, paged)
	kinds := severalKinds(s)
	switch {
	case p == nil && kinds != "":
		return found{why: fmt.Sprintf("the items in %q are of several kinds, which is not understood yet", kinds)}
	case p == nil:
		if f, ok := wrappedList(op, props, paged); ok {
			return f
		}
		return found{why: why}
	case hasKey(props) && !asksForPages(op):
		return found{why: fmt.Sprintf("its answer has %q, but also a key: it is one thing", p.Name)}
	case !paged && changed && !alike(p.Name, lastName(op.Path)):
		return found{why: fmt.Sprintf("its answer has %q, but it is changed as one thing", p.Name)}
	}
	return found{items: p.Schema.Items(), path: []string{p.Name}, why: fmt.Sprintf("an object with an array of objects, %q%s", p.Name, why)}
}

// severalKinds gives the property that holds a list whose items are of several kinds, or of any; "" if there is none.
func severalKinds(s *Schema) string {
	props := s.Properties()
	if !tellsOfPages(props) {
		return ""
	}
	for _, p := range props {
		if p.Schema.Type() != "array" || !slices.Contains(itemNames, plain(p.Name)) {
			continue
		}
		if items := p.Schema.Items(); items != nil && items.Type() == "" {
			return p.Name
		}
	}
	return ""
}

// listProperty finds the one property that is the list: it has the resource's own name, or that of a list, or it is the only array of objects and what is beside
// it is only about paging.
func listProperty(op *Operation, props []Property, paged bool) (*Property, string) {
	var arrays, own, named []Property
	alone := true
	for _, p := range props {
		if p.Schema.Type() != "array" {
			alone = alone && aboutTheAnswer(p)
			continue
		}
		items := p.Schema.Items()
		if items == nil || items.Type() != "object" {
			alone = alone && items != nil && slices.Contains(talkNames, plain(p.Name))
			continue
		}
		arrays = append(arrays, p)
		if ownName(p.Name, lastName(op.Path)) {
			own = append(own, p)
		}
		if slices.Contains(itemNames, plain(p.Name)) {
			named = append(named, p)
		}
	}
	switch {
	case len(named) == 1:
		return &named[0], ""
	case len(own) == 1:
		return &own[0], ", named as the path"
	case len(arrays) == 1 && (paged || alone) && !slices.Contains(talkNames, plain(arrays[0].Name)):
		return &arrays[0], ", the only one"
	case len(arrays) == 0:
		return nil, "its answer holds no array of objects"
	}
	return nil, "its answer holds no array of objects that is named like a list"
}

// wrappedList finds a list one object deeper: {data: {items: […]}}, {_embedded: {users: […]}}.
func wrappedList(op *Operation, props []Property, paged bool) (found, bool) {
	var hits []found
	for _, p := range props {
		if p.Schema.Type() != "object" || !slices.Contains(wrapperNames, plain(p.Name)) && !ownName(p.Name, lastName(op.Path)+"list") {
			continue
		}
		inner := p.Schema.Properties()
		if hasKey(inner) {
			continue
		}
		deeper := paged || tellsOfPages(inner)
		if q, why := listProperty(op, inner, deeper); q != nil {
			hits = append(hits, found{
				items: q.Schema.Items(), path: []string{p.Name, q.Name},
				why: fmt.Sprintf("an object with an array of objects, %q in %q%s", q.Name, p.Name, why),
			})
		}
	}
	if len(hits) != 1 || hasKey(props) && !asksForPages(op) {
		return found{}, false
	}
	return hits[0], true
}

// ownName tells whether a property is named as the last piece of the path, or as the end of it: groups of /user-groups.
func ownName(property, last string) bool {
	if alike(property, last) {
		return true
	}
	w, l := words(property), words(last)
	return len(w) < len(l) && len(w) > 0 && len(w[0]) > 3 && alike(strings.Join(w, ""), strings.Join(l[len(l)-len(w):], ""))
}

// hasKey tells whether an object is a thing of its own: it has a key and says something.
func hasKey(props []Property) bool {
	return slices.ContainsFunc(props, func(p Property) bool {
		return slices.Contains([]string{"id", "pk", "uuid", "uid", "sid", "guid"}, plain(p.Name)) && scalar(p.Schema)
	})
}

// aboutTheAnswer tells whether a property says something of the answer as a whole: of paging, or of how the request went.
func aboutTheAnswer(p Property) bool {
	n := plain(p.Name)
	if roleOf(p.Name) != roleNone || slices.Contains(talkNames, n) {
		return true
	}
	if p.Schema.Type() != "object" {
		return false
	}
	return pagingObject(n) || tellsOfPages(p.Schema.Properties())
}

// pagingObject tells whether an object of the envelope is about paging, by its name.
func pagingObject(name string) bool {
	switch name {
	case "pagination", "paging", "meta", "metadata", "links", "link", "pageinfo", "page", "pages", "resultinfo", "listmetadata", "cursors", "responsemetadata", "pagingmetadata", "pager", "cursor", "pagemeta", "query":
		return true
	}
	return false
}

// tellsOfPages tells whether properties, or those of objects among them that are about paging, tell of more than one page.
func tellsOfPages(props []Property) bool {
	for _, p := range props {
		switch roleOf(p.Name) {
		case roleTotal, rolePages, roleNext, rolePrev, roleMore, roleLess, roleOffset:
			return true
		}
		if p.Schema.Type() == "object" && pagingObject(plain(p.Name)) && tellsOfPages(withoutObjects(p.Schema.Properties())) {
			return true
		}
	}
	return false
}

// withoutObjects leaves out objects, so that looking deeper ends.
func withoutObjects(props []Property) []Property {
	return slices.DeleteFunc(props, func(p Property) bool { return p.Schema.Type() == "object" && roleOf(p.Name) == roleNone })
}

// asksForPages tells whether an operation takes a page, an offset or a cursor.
func asksForPages(op *Operation) bool {
	return slices.ContainsFunc(op.Parameters, func(p Parameter) bool {
		n := plain(p.Name)
		return p.In == "query" && (slices.Contains(pageNames, n) || slices.Contains(offsetNames, n) || slices.Contains(cursorNames, n))
	})
}
