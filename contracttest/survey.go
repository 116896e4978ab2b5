package contracttest

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"understudy/internal/contract"
)

// survey reads what the choice of cases needs: every list, as far as it may be walked, and for each list inside items one that has items.
func (e *engine) survey(ctx context.Context) {
	collections := slices.Clone(e.doc.Collections())
	depth := func(c *contract.Collection) int { return e.depth(c, len(collections)) }
	slices.SortStableFunc(collections, func(a, b *contract.Collection) int { return depth(a) - depth(b) })
	for len(collections) > 0 {
		n := 1
		for n < len(collections) && depth(collections[n]) == depth(collections[0]) {
			n++
		}
		states := make([]*listState, n)
		e.parallel(n, func(i int) { states[i] = e.surveyList(ctx, collections[i]) })
		for i, s := range states {
			e.lists[collections[i]] = s
		}
		collections = collections[n:]
	}
}

// depth is behind how many other lists, at least, one is read: behind the one that tells what the items are that it is in, whose own path may be longer. No chain of
// them is longer than most.
func (e *engine) depth(c *contract.Collection, most int) int {
	n := len(c.List().PathParameters())
	if parent := e.holding(c); n > 0 && parent != nil && parent != c && most > 0 {
		n = max(n, e.depth(parent, most-1)+1)
	}
	return n
}

// surveyList finds out how a list can be asked, and reads it.
func (e *engine) surveyList(ctx context.Context, c *contract.Collection) *listState {
	s := &listState{c: c, about: e.doc.Description(), params: url.Values{}, chosen: map[string][]choice{}, moving: newMoving(), needs: map[contract.Role]request{}}
	for _, role := range []contract.Role{contract.Retrieve, contract.Replace, contract.Update, contract.Destroy} {
		if op := c.Operation(role); op != nil {
			query, header, _ := e.required(op) // why not, the cases tell
			s.needs[role] = request{query: query, header: header}
		}
	}
	if !e.reads(c) {
		s.why = "it is not among the operations that are checked"
		return s
	}
	if e.report.selection.forbids(c.List(), c.List().Method) {
		s.why = "the operation that lists it is excluded"
		return s
	}
	if why := e.fillParameters(c.List(), s.params, c); why != "" {
		s.why = why
		return s
	}
	needs, why := e.fillHeaders(request{op: c.List()})
	if why != "" {
		s.why = why
		return s
	}
	s.header = needs.header
	scopes, why := e.scopes(c)
	if why != "" {
		s.why = why
		return s
	}
	s.unfilter()
	best := e.fullest(ctx, s, scopes)
	if best.bad != "" && s.unfiltered != nil { // what the document calls everything is refused
		s.params, s.unfiltered = s.unasked().params, nil
		best = e.fullest(ctx, s, scopes)
	}
	switch {
	case best.bad == "":
	case s.exemplary():
		s.why = fmt.Sprintf("nothing lists what {%s} can be, and the example of the document is answered with %s", strings.Join(c.List().PathParameters(), "}, {"), best.bad)
		return s
	default:
		s.why = "the list cannot be read: " + best.bad
		return s
	}
	s.base = best
	if s.counts = s.c.CountsVaguely(); s.counts {
		if s.counts = e.countsPages(ctx, s); s.counts {
			s.base.total = nil
		}
	}
	e.readAll(ctx, s)
	return s
}

// unfilter asks for everything, by the value that the document has for that, where it says that a filter counts although it is not asked for.
func (s *listState) unfilter() {
	for i := range s.c.Filters {
		if _, all, ok := s.c.Filters[i].Unasked(); ok && !s.params.Has(all.Param) {
			s.params[all.Param] = all.Values
			s.unfiltered = append(s.unfiltered, all.Param)
		}
	}
}

// unasked gives the same list without what asks for everything.
func (s *listState) unasked() *listState {
	other := *s
	other.params = maps.Clone(s.params)
	for _, name := range s.unfiltered {
		other.params.Del(name)
	}
	return &other
}

// countsPages tells whether a list that tells a count, without saying of what, counts the items of each page: of the first of several, too.
func (e *engine) countsPages(ctx context.Context, s *listState) bool {
	st := s.walk(contract.Query{Size: s.small()}, 2)
	l := e.walk(ctx, &st, nil, false).list
	if l.bad != "" || len(l.pages) < 2 || len(l.pages[1].Items) == 0 {
		return false
	}
	for i, p := range l.pages {
		if count := s.c.About(l.answers[i].header, l.answers[i].body).Total; count == nil || *count != len(p.Items) {
			return false
		}
	}
	return true
}

// readAll reads a list whose first page is known as far as it may be walked, and finds out whether it is the same every time.
func (e *engine) readAll(ctx context.Context, s *listState) {
	st, again := s.all(contract.Query{}), s.page(contract.Query{Size: s.large})
	again.nth = 1
	var l, base *listed
	e.parallel(2, func(i int) {
		if i == 0 {
			base = e.walk(ctx, &st, nil, false).list
		} else {
			l = e.walk(ctx, &again, nil, false).list
		}
	})
	if s.base = base; s.base.bad != "" {
		s.why = "the list cannot be read to its end: " + s.base.bad
	}
	first := s.base.keys[:min(len(s.base.keys), len(l.keys))]
	s.steady = l.bad == "" && slices.Equal(l.keys, first)
	if s.origin = s.print(l); base.bad == "" && s.origin != s.print(&listed{total: base.total, keys: first}) {
		s.moving.shift() // between the two reads
	}
	e.calibrate(ctx, s)
}

// reads tells whether a list is read: its own operation or another of its collection is checked, or a list inside its items is.
func (e *engine) reads(c *contract.Collection) bool {
	return slices.ContainsFunc(e.selected, func(op *contract.Operation) bool {
		return op.Collection == c || strings.HasPrefix(op.Path, strings.TrimSuffix(c.Path, "/")+"/") || refersTo(op, c)
	})
}

// refersTo tells whether the body of an operation may hold keys of a collection.
func refersTo(op *contract.Operation, c *contract.Collection) bool {
	if op.Body == nil {
		return false
	}
	_, schema := op.Body.Object()
	if schema == nil {
		return false
	}
	return slices.ContainsFunc(schema.Properties(), func(p contract.Property) bool { return c.IsKey(p) || c.IsToldKey(p) })
}

func sizeOf(l *listed) int {
	if l.total != nil {
		return *l.total
	}
	return len(l.items)
}

// firstPage reads the first page, as large as can be had.
func (e *engine) firstPage(ctx context.Context, s *listState) *listed {
	for _, size := range e.largeSizes(s.c) {
		s.large = size
		st := s.page(contract.Query{Size: size})
		st.odd = size > 0 || s.exemplary() // the largest size allowed may not be documented
		l := e.walk(ctx, &st, nil, false).list
		if a := l.answers[0]; l.bad == "" || size == 0 || !a.refused() && !a.failed() {
			return l
		}
	}
	return &listed{bad: "no size is taken"}
}

// largeSizes are the sizes to try for reading many items at once.
func (e *engine) largeSizes(c *contract.Collection) []int {
	if c.Paging.Size == "" {
		return []int{0}
	}
	size := min(100, e.target.MaxWalk)
	if p := c.List().Parameter("query", c.Paging.Size); p != nil && p.Schema != nil {
		if most, ok := bound(p.Schema, "maximum"); ok {
			size = min(int(most), e.target.MaxWalk)
		}
	}
	if c.Paging.Max > 0 {
		size = min(size, c.Paging.Max)
	}
	return []int{max(size, 1), 0}
}

// fillParameters adds valid values of an operation's required parameters, other than those in its path. It says why that cannot be done, or "".
func (e *engine) fillParameters(op *contract.Operation, query url.Values, c *contract.Collection) string {
	for i := range op.Parameters {
		p := &op.Parameters[i]
		if !p.Required || p.In != "query" {
			continue
		}
		if c != nil && (p.Name == c.Paging.Param || p.Name == c.Paging.Size) {
			if c.Paging.Style != contract.ByCursor || p.Name == c.Paging.Size {
				query.Set(p.Name, strconv.Itoa(max(c.Paging.First, 1)))
			}
			continue
		}
		schema := p.Schema
		if schema == nil {
			schema = p.Content
		}
		text, err := e.values.Value(schema, contract.AsRequest, op.ID+"/query/"+p.Name)
		if err != nil {
			return fmt.Sprintf("no value fits the parameter %s: %v", p.Name, err)
		}
		for name, values := range serialize(p, decode(text)) {
			query[name] = values
		}
	}
	return ""
}

// greet finds out whether the target answers at all, and what to tell if it does not.
func (e *engine) greet(ctx context.Context) string {
	if !e.client.answered.Load() {
		if e.client.sent.Load() == 0 || ctx.Err() != nil {
			return ""
		}
		return "no request was answered: " + e.client.creds.conceal(e.client.lastMiss())
	}
	statuses := map[int]int{}
	all := 0
	if e.webpages > 0 && e.webpages == int(e.client.sent.Load()) {
		return "everything is answered with a web page: the base URL is most likely wrong" + e.likelyBase(ctx)
	}
	for _, s := range e.lists {
		if s.base == nil && strings.HasPrefix(s.why, "the list cannot be read: ") {
			text := strings.TrimPrefix(s.why, "the list cannot be read: ")
			status, _ := strconv.Atoi(text[:min(3, len(text))])
			statuses[status]++
		}
		if s.base != nil || strings.HasPrefix(s.why, "the list cannot be read: ") {
			all++
		}
	}
	switch {
	case all == 0:
		return ""
	case statuses[http.StatusNotFound] == all:
		why := "everything is answered with 404: the base URL is most likely wrong" + e.likelyBase(ctx)
		e.disregard() // it was not the service that answered
		return why
	case statuses[http.StatusUnauthorized]+statuses[http.StatusForbidden] == all:
		e.disregard() // whoever refuses may stand before the service
		return "everything is refused with 401 or 403: the credentials are missing, wrong or expired"
	}
	return ""
}

// likelyBase says where the service most likely is, when it is not where it was said to be: at the path of one of the document's servers, or at the root.
func (e *engine) likelyBase(ctx context.Context) string {
	var list *listState
	for _, c := range e.doc.Collections() {
		if s := e.lists[c]; s != nil && len(c.List().PathParameters()) == 0 && !c.Empty {
			list = s
			break
		}
	}
	if list == nil {
		return ""
	}
	given := *e.client.base
	defer func() { *e.client.base = given }()
	root := url.URL{Scheme: given.Scheme, Host: given.Host}
	for _, at := range append(slices.Clone(e.doc.Bases()), "") {
		for _, base := range []string{root.String() + at, given.String() + at} {
			u, err := url.Parse(base)
			if err != nil || u.Path == given.Path {
				continue
			}
			*e.client.base = *u
			r := list.request(contract.Query{Window: list.c.First()})
			if a := e.client.do(ctx, &r, nil, true); a.err == nil && a.status != http.StatusNotFound && !isWebpage(a) {
				return ": try " + u.Redacted()
			}
		}
	}
	return ""
}

// isWebpage tells whether an answer is made for people.
func isWebpage(a *answer) bool {
	return strings.HasPrefix(strings.ToLower(a.header.Get("Content-Type")), "text/html")
}
