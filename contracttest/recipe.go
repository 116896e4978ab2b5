package contracttest

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"understudy/internal/contract"
)

// recipe is how items of a list are created: a body that the server took once, and what makes every next one different.
type recipe struct {
	e      *engine
	s      *listState
	op     *contract.Operation
	form   *contract.Form // of its body
	path   string
	query  url.Values  // required parameters
	header http.Header // likewise
	marker string      // stands in the names of what this check creates, and nowhere else
	round  int         // how often the bodies were changed for others

	address string              // of the values
	keys    map[string]string   // of other records, by property
	lacks   map[string]bool     // optional properties that are not sent, because that was refused
	unread  map[string]bool     // what was sent in a way that the document does not name, and was not read
	lean    bool                // only what is required is sent
	shaped  bool                // what has to be unique is of the shape that items have
	tried   int                 // how often something else was tried, because a refusal did not say what it is about
	alone   map[string]bool     // what no two items may share, as a refusal said
	spent   map[string][]string // keys that were refused, by property
	lent    map[string]string   // values of an item that exists, because others were refused
	named   map[string]bool     // of those, the names of other records
	pairs   *pairings           // nil: items may name the same records
	made    map[string]any      // what was created first, as the answer shows it
	base    body
	renamed map[string]bool // whether it can have another name under a property, as far as that was tried
	stays   *staying        // what was created where nothing deletes it; nil: something does
}

// mostTries bounds how often a create is tried while planning.
const mostTries = 12

// findRecipes finds out how items are created, list by list: it creates one and deletes it again. A list inside items of an empty list gets one to be in.
func (e *engine) findRecipes(ctx context.Context) {
	e.marker = e.newMarker()
	e.client.marker = e.marker
	for _, c := range e.doc.Collections() {
		s, create := e.lists[c], e.createOf(c)
		needed := e.attaches(c)
		if s == nil || !needed && !slices.ContainsFunc(e.mine, func(op *contract.Operation) bool { return op.Collection == c }) {
			continue
		}
		e.reach(ctx, s)
		if create != nil && (needed || slices.Contains(e.mine, create)) {
			e.recipeOf(ctx, s)
		}
	}
	e.findReader(ctx)
	e.client.forget()
	e.rereadAll(ctx)
}

func (e *engine) findRecipe(ctx context.Context, s *listState, create *contract.Operation) (*recipe, string) {
	destroy := s.c.Operation(contract.Destroy)
	switch {
	case s.why != "":
		return nil, s.why
	case create == nil:
		return nil, "the document has no operation that creates one"
	case e.report.selection.forbids(create, create.Method):
		return nil, "the operation that creates one is excluded"
	case s.c.Records == nil || s.c.Records.Key == "":
		return nil, "nothing tells which property identifies an item, so what is created could not be deleted again"
	case destroy != nil && e.report.selection.forbids(destroy, http.MethodDelete):
		return nil, "the operation that deletes an item is excluded, so what is created would stay"
	case create.Body == nil:
		return nil, "the document describes no body of a create"
	}
	form := s.c.Records.FormOfBody(create.Body)
	if form == nil {
		return nil, "the document describes no body of a create that is JSON or a form"
	}
	r := &recipe{
		e: e, s: s, op: create, form: form, marker: e.marker, address: create.ID + "/body",
		lacks: map[string]bool{}, alone: map[string]bool{}, spent: map[string][]string{}, unread: map[string]bool{}, lent: map[string]string{}, named: map[string]bool{},
	}
	if destroy == nil {
		r.stays = &staying{made: map[string]*answer{}}
	}
	in := e.lists[create.Collection] // what creates the items of a list may stand inside of something
	if why := whyOf(in); why != "" {
		return nil, why
	}
	r.path, _ = in.c.Encode(contract.Query{Scope: in.scope, Window: in.c.First()})
	var why string
	if r.query, r.header, why = e.required(create); why != "" {
		return nil, why
	}
	r.header.Del("If-Match") // of what is there
	if why = e.refer(ctx, r); why != "" {
		return nil, why
	}
	for try := range mostTries {
		if err := r.compose(); err != nil {
			return nil, "no valid body is found: " + err.Error()
		}
		sent := r.numbered(planned + try)
		if r.puts() {
			key := r.keyOf(sent)
			if key == "" {
				return nil, cmp.Or(why, "no key can be made up that surely no item has")
			}
			if why := e.isFree(ctx, s, key); why != "" {
				return nil, why
			}
		}
		st := r.post("created", sent)
		a := e.client.do(ctx, &st.request, nil, true)
		if a.ok() {
			r.made = r.s.object(a)
			if r.heed(sent, a); r.stays != nil {
				r.stays.first = planned + try
			}
			tried, why := e.tryOut(ctx, r, &st, a)
			if tried != nil && r.lean {
				r.enrich(ctx)
			}
			return tried, why
		}
		if why == "" || !a.failed() {
			why = "a valid create is refused: " + a.says()
		}
		if !a.refused() || a.status == http.StatusUnauthorized || a.status == http.StatusForbidden || a.unavailable() || !r.learn(a) {
			return nil, why
		}
	}
	return nil, why
}

// planned is the number of the first body that is sent while planning; cases use smaller ones.
const planned = 1 << 20

// tryOut deletes again what a recipe created first, unless nothing can.
func (e *engine) tryOut(ctx context.Context, r *recipe, create *step, a *answer) (*recipe, string) {
	key := r.s.keyIn(a)
	if key == "" {
		e.leftover("what " + r.path + " answered with " + fmt.Sprint(a.status) + " (the answer tells no key)")
		return nil, "the answer to a create does not tell the key of what was created"
	}
	if other, wrong := e.otherKeyOf(ctx, r.s, a); wrong {
		if other == "" {
			other = key
		}
		if _, why := e.remove(ctx, e.made(r.s, other)); why != "" {
			e.leftover(r.s.c.ItemURL(r.s.scope, other) + " (" + why + ")")
		}
		return nil, fmt.Sprintf("what was created is not found by its %s, which was taken for its key; say under x-understudy: key which property is", r.s.c.Records.Key)
	}
	if r.stays != nil {
		r.stays.keep(r.stays.another(create, map[string]int{}), a)
		e.cleanUp(ctx, []created{e.made(r.s, key)})
		e.reread(ctx, r.s)
		return r, ""
	}
	r.beside(ctx, key)
	if _, why := e.remove(ctx, e.made(r.s, key)); why != "" {
		e.leftover(r.s.c.ItemURL(r.s.scope, key) + " (" + why + ")")
		e.reread(ctx, r.s)
		return nil, "what is created cannot be deleted again: " + why
	}
	st := r.s.all(contract.Query{})
	if l := e.walk(ctx, &st, nil, true).list; l.bad == "" && len(l.keys) != len(r.s.base.keys) {
		for _, key := range bearing(l, r.marker) { // it has another key than was answered
			_, _ = e.remove(ctx, e.made(r.s, key))
		}
		e.reread(ctx, r.s)
	}
	return r, ""
}

// reread reads a list again that is no longer what it was.
func (e *engine) reread(ctx context.Context, s *listState) {
	st := s.all(contract.Query{})
	if l := e.walk(ctx, &st, nil, true).list; l.bad == "" {
		s.base = l
	}
}

// newMarker gives a word that depends on the seed and on what the lists hold: the same state gives the same bytes, and another state other ones.
func (e *engine) newMarker() string {
	h := newDigest(e.target.Seed)
	for _, c := range e.doc.Collections() {
		if s := e.lists[c]; s != nil && s.base != nil {
			h.add(c.Path)
			for _, key := range s.base.keys {
				h.add(key)
			}
		}
	}
	return "us" + h.word(6)
}

// learn changes what is sent next after a refusal, and tells whether anything is left to change.
func (r *recipe) learn(a *answer) bool {
	text := strings.ToLower(string(a.body))
	changed := false
	for _, m := range r.base {
		p, ok := r.form.Property(m.Name)
		named := strings.Contains(text, strings.ToLower(m.Name))
		if r.keys[m.Name] != "" && (named || a.status == http.StatusConflict) {
			changed = a.status == http.StatusConflict && r.pairUp(a) || r.otherRecord(p) || r.pairUp(a) || changed
			continue
		}
		if !ok || !named {
			continue
		}
		if r.lent[m.Name] == "" {
			r.lend(p, m.JSON)
			changed = changed || r.lent[m.Name] != ""
		} else if !p.Required {
			delete(r.lent, m.Name)
		}
		if r.lent[m.Name] == "" && !p.Required {
			r.lacks[m.Name], changed = true, true
		}
	}
	return changed || r.otherwise()
}

// otherRecord lets a property name another record than the one with which a create was refused, and than those that the list has already, and tells whether there is one.
func (r *recipe) otherRecord(p contract.Property) bool {
	if r.spent[p.Name] == nil {
		for _, it := range r.s.base.items {
			r.spent[p.Name] = append(r.spent[p.Name], asJSON(p.Schema, it.Key()), r.s.shown().Of(it.Record, p.Name))
		}
	}
	r.spent[p.Name] = append(r.spent[p.Name], r.keys[p.Name])
	key := r.e.reference(r.s, p, r.spent[p.Name]...)
	if key == "" || !valid(p.Schema, key) {
		return false
	}
	r.keys[p.Name] = key
	return true
}

// lend takes from an item what it has of a property whose value was refused: the value, or where the item shows a record in its place, what that is named by.
func (r *recipe) lend(p contract.Property, refused string) {
	for _, it := range r.s.base.items {
		shown := r.s.shown().Of(it.Record, p.Name)
		if shown == "" || shown == "null" || isUnique(p) {
			continue
		}
		if sent := sendable(p.Schema, shown); valid(p.Schema, sent) && sent != refused {
			r.lent[p.Name], r.named[p.Name] = sent, isFreeText(p) // a text of which not all are taken
			return
		}
		members, err := contract.Members([]byte(shown))
		for _, name := range []string{"login", "username", "slug", "key", "code", "name", "id"} {
			if v := body(members).get(name); err == nil && p.Schema.Type() == "string" && v != "" && v != "null" && valid(p.Schema, v) {
				r.lent[p.Name], r.named[p.Name] = v, true
				return
			}
		}
	}
}

// required gives valid values of an operation's required parameters, other than those in its path.
func (e *engine) required(op *contract.Operation) (url.Values, http.Header, string) {
	r := request{op: op, query: url.Values{}}
	if why := e.fillParameters(op, r.query, nil); why != "" {
		return nil, nil, why
	}
	r, why := e.fillHeaders(r)
	return r.query, r.header, why
}

// body gives the n-th valid body: each has other names.
func (r *recipe) body(n int) []byte { return r.numbered(n).as(r.form) }

// post creates an item of a body. Its key comes into the hole. It is taken away again, if something can.
func (r *recipe) post(hole string, b body) step {
	path := r.path
	if r.puts() {
		path = r.s.item(r.op, r.keyOf(b)).path
	}
	return step{
		request: request{op: r.op, path: path, query: r.query, header: withMedia(r.header, r.form.Media()), body: b.as(r.form)},
		creates: hole, in: r.s, stays: r.stays, sound: b.fits(r.form),
	}
}

func withMedia(header http.Header, media string) http.Header {
	header = header.Clone()
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Type", media)
	return header
}

// on asks for an operation on one item, with a body if there is one to send.
func (e *engine) on(s *listState, role contract.Role, key string, b body) (step, string) {
	op := s.c.Operation(role)
	if op == nil {
		return step{}, "the document has no operation for that: " + string(role)
	}
	if _, _, why := e.required(op); why != "" {
		return step{}, why
	}
	st := step{request: s.item(op, key)}
	if b != nil {
		media := "application/json"
		if op.Body != nil {
			if name, _ := op.Body.Object(); name != "" {
				media = name
			}
		}
		st.header = withMedia(st.header, media)
		st.body, st.names = bodyNaming(s, formOf(op), key, b)
	}
	return st, ""
}
