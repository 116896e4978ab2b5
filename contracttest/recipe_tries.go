package contracttest

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"regexp"
	"slices"
	"strings"
	"time"

	"understudy/internal/contract"
)

// keyName is the name of a property that holds a key: owner_id, ownerId, owner_uuid.
var keyName = regexp.MustCompile(`(?i)_(id|uuid|guid|pk)s?$|[a-z0-9](Id|ID|Uuid|UUID|Guid|GUID|Pk)s?$`)

// isKeyLike tells whether a property holds, by its name and type, the key of a record that may be anywhere: a number that may be as large as any, or a UUID.
func isKeyLike(p contract.Property) bool {
	s := p.Schema.Present()
	_, capped := bound(s, "maximum")
	return s.Format() == "uuid" || keyName.MatchString(p.Name) && s.Enum() == nil && s.Type() == "integer" && !capped
}

// borrowed gives a key that items hold under a property's name, other than some, where no list tells which keys there are; "" if none does, or if
// each item has another, which looks like something that may not be there twice.
func (e *engine) borrowed(s *listState, p contract.Property, not []string) string {
	if !isKeyLike(p) || isUnique(p) {
		return ""
	}
	states := []*listState{s}
	for _, c := range e.doc.Collections() { // others may refer to the same records
		if other := e.lists[c]; other != nil && other != s && c.Records != nil {
			states = append(states, other)
		}
	}
	for _, from := range states {
		if from.base == nil || p.Name == from.c.Records.Key {
			continue
		}
		var held []string
		for _, it := range secondFirst(from.base.items) {
			v := from.shown().Of(it.Record, p.Name)
			if v == "" {
				v = firstOf(from.shown().Of(it.Record, p.Name+"s"))
			}
			if v != "" && v != "null" && valid(p.Schema, v) {
				held = append(held, v)
			}
		}
		met := map[string]bool{}
		for _, v := range held {
			met[v] = true
		}
		if len(held) > 2 && len(met) == len(held) && from == s {
			continue
		}
		for _, v := range held {
			if !slices.Contains(not, v) {
				return v
			}
		}
	}
	return ""
}

// firstOf gives the first element of an array, as JSON; "" if there is none.
func firstOf(text string) string {
	var list []json.RawMessage
	if json.Unmarshal([]byte(text), &list) != nil || len(list) == 0 {
		return ""
	}
	return string(list[0])
}

// otherwise changes what is sent next after a refusal that does not say what it is about, and tells whether anything is left to try: first what is least likely
// to be wrong for another reason.
func (r *recipe) otherwise() bool {
	for r.tried++; ; r.tried++ {
		switch r.tried {
		case 1:
			if r.borrow() {
				return true
			}
		case 2:
			r.lean = true
			return true
		case 3, 4, 5: // as an item that was taken once; with names of its shape; in days to come
			r.lean, r.shaped = false, r.tried > 3
			clear(r.lacks)
			if r.copied(r.tried > 4) {
				return true
			}
		case 6:
			r.lean = true
			return true
		case 7:
			r.address, r.lean, r.shaped = r.op.ID+"/body/again", false, false
			clear(r.lacks)
			clear(r.lent)
			return true
		default:
			return false
		}
	}
}

// borrow takes from items what may name other records: whatever is called like a key, and numbers that may be as large as any.
func (r *recipe) borrow() (changed bool) {
	for _, p := range r.form.Properties() {
		if r.keys[p.Name] != "" || r.lent[p.Name] != "" || p.Schema.ReadOnly() || p.Name == r.s.c.Records.Key || isUnique(p) || r.base.get(p.Name) == "" {
			continue
		}
		s := p.Schema.Present()
		_, capped := bound(s, "maximum")
		if s.Enum() != nil || capped || s.Type() != "integer" && !keyName.MatchString(p.Name) {
			continue
		}
		if v := r.ofItems(p, r.base.get(p.Name)); v != "" {
			r.lent[p.Name], changed = v, true
		}
	}
	return changed
}

// ofItems gives a value that an item has of a property, other than one, as JSON; "" if there is none.
func (r *recipe) ofItems(p contract.Property, now string) string {
	for _, it := range secondFirst(r.s.base.items) {
		if v := sendable(p.Schema, r.s.shown().Of(it.Record, p.Name)); v != "" && v != "null" && v != now && valid(p.Schema, v) {
			return v
		}
	}
	return ""
}

// sendable gives what an item shows under a property as it may be sent: without what, further inside, is the server's to set, or is in no body.
func sendable(s *contract.Schema, shown string) string {
	s = s.Present()
	if items := s.Items(); items != nil {
		var list []json.RawMessage
		if json.Unmarshal([]byte(shown), &list) != nil {
			return shown
		}
		for i := range list {
			list[i] = json.RawMessage(sendable(items, string(list[i])))
		}
		out, _ := json.Marshal(list) // of JSON
		return string(out)
	}
	members, err := contract.Members([]byte(shown))
	if err != nil || len(s.Properties()) == 0 || chooses(s) {
		return shown
	}
	var out body
	for _, m := range members {
		if p, ok := s.Property(m.Name); ok && !p.Schema.ReadOnly() {
			out = out.set(m.Name, sendable(p.Schema, m.JSON))
		}
	}
	return string(out.bytes())
}

// copied takes all that clients may send, other than what has to be unique, from one item: what goes together in one may not in a body that was made up.
// Later moves its days into the future, all by as much.
func (r *recipe) copied(later bool) (changed bool) {
	for _, it := range secondFirst(r.s.base.items) {
		taken := map[string]string{}
		for _, p := range r.form.Properties() {
			v := sendable(p.Schema, r.s.shown().Of(it.Record, p.Name))
			if v == "" || v == "null" || p.Schema.ReadOnly() || r.isOwn(p) || isUnique(p) || r.isScope(p) || !valid(p.Schema, v) {
				continue
			}
			taken[p.Name] = v
		}
		if later && !r.postpone(taken) || len(taken) == 0 {
			continue
		}
		for name, v := range taken {
			r.lent[name] = v
		}
		return true
	}
	return false
}

// daysToCome is a year in which nothing is over yet.
const daysToCome = 2098

// postpone moves the days among some values by whole years, until all of them are to come, and tells whether there are any.
func (r *recipe) postpone(values map[string]string) bool {
	years := 0
	each := func(f func(p contract.Property, at time.Time, layout string)) (any bool) {
		for _, name := range sortedKeys(values) {
			var text string
			p, _ := r.form.Property(name)
			if json.Unmarshal([]byte(values[name]), &text) != nil {
				continue
			}
			for _, layout := range []string{time.RFC3339, time.DateOnly} {
				if at, err := time.Parse(layout, text); err == nil {
					any = true
					f(p, at, layout)
				}
			}
		}
		return any
	}
	found := each(func(_ contract.Property, at time.Time, _ string) { years = max(years, daysToCome-at.Year()) })
	each(func(p contract.Property, at time.Time, layout string) {
		if text := fmt.Sprintf("%q", at.AddDate(years, 0, 0).Format(layout)); valid(p.Schema, text) {
			values[p.Name] = text
		}
	})
	return found && years > 0
}

// alike gives a text of the shape that items have under a property: with other letters and digits in the places of theirs, behind what is the same in all
// addresses, or before it.
func (r *recipe) alike(p contract.Property, mark string) string {
	var text string
	for _, it := range secondFirst(r.s.base.items) {
		if json.Unmarshal([]byte(r.s.shown().Of(it.Record, p.Name)), &text) == nil && text != "" {
			break
		}
	}
	if text == "" {
		return ""
	}
	before, after := "", ""
	if i := strings.LastIndex(text, "@"); i > 0 {
		text, after = text[:i], text[i:]
	} else if i := strings.LastIndex(text, "/"); i > 0 && strings.Contains(text, "://") {
		before, text = text[:i+1], text[i+1:]
	}
	digits := 0
	for _, c := range text {
		digits += b2i(c >= '0' && c <= '9')
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(mark))
	sum := h.Sum64()
	next := func(of uint64) rune {
		n := sum % of
		sum = sum/of ^ sum<<7
		return rune(n)
	}
	out := strings.Map(func(c rune) rune {
		switch {
		case c >= '0' && c <= '9':
			return '0' + next(10)
		case digits > 3: // the letters may say of what kind it is
			return c
		case c >= 'a' && c <= 'z':
			return 'a' + next(26)
		case c >= 'A' && c <= 'Z':
			return 'A' + next(26)
		}
		return c
	}, text)
	made, _ := json.Marshal(before + out + after) // a string
	return string(made)
}

// mostTwins bounds how often an item is created beside the first.
const mostTwins = 3

// beside creates an item while the first is there, and takes it away again. What a refusal of it names, no two items may share: it gets a value of its own, or is left out,
// or names another record.
func (r *recipe) beside(ctx context.Context, first string) {
	for try := range mostTwins {
		st := r.post("created", r.numbered(planned+2*mostTries+mostAdded+try))
		a := r.e.client.do(ctx, &st.request, nil, true)
		if a.ok() {
			if r.s.keyIn(a) != first {
				r.undo(ctx, a)
			}
			return
		}
		if !a.refused() || denied(a) || a.unavailable() || !r.keepApart(a) && !r.pairUp(a) {
			return
		}
	}
}

// undo takes away what a create made while planning, if it made anything, or lists it as left behind.
func (r *recipe) undo(ctx context.Context, a *answer) {
	key := r.s.keyIn(a)
	switch {
	case !a.ok():
	case key == "":
		r.e.leftover("what " + r.path + " answered with " + fmt.Sprint(a.status) + " (the answer tells no key)")
	default:
		if _, why := r.e.remove(ctx, r.e.made(r.s, key)); why != "" {
			r.e.leftover(r.s.c.ItemURL(r.s.scope, key) + " (" + why + ")")
		}
	}
}

// keepApart gives what a refusal names values that no other item has, and tells whether that changed anything.
func (r *recipe) keepApart(a *answer) (changed bool) {
	text := strings.ToLower(string(a.body))
	for _, m := range r.base {
		p, ok := r.form.Property(m.Name)
		if !ok || r.keys[m.Name] != "" || r.alone[m.Name] || isUnique(p) || !strings.Contains(text, strings.ToLower(m.Name)) {
			continue
		}
		switch own := r.base.set(m.Name, r.unique(p, 0)); {
		case isFreeText(p) && own.fits(r.form):
			r.alone[m.Name], changed = true, true
		case !p.Required:
			r.lacks[m.Name], changed = true, true
		}
	}
	return changed && r.compose() == nil
}

// mostAdded bounds how many optional properties are tried one by one.
const mostAdded = 12

// enrich tries which of the optional properties are taken after all, one by one, where only what is required was: each is created, and deleted again.
func (r *recipe) enrich(ctx context.Context) {
	least := r.base
	r.lean = false
	defer func() { r.lean = true }()
	if err := r.compose(); err != nil {
		r.base = least
		return
	}
	whole := r.base
	r.base = least
	for i, m := range whole {
		if least.get(m.Name) != "" || i >= mostAdded {
			continue
		}
		more := r.base.set(m.Name, m.JSON)
		if !more.fits(r.form) || r.stays != nil && r.stays.count > mostStaying/3 {
			continue
		}
		was := r.base
		r.base = more
		st := r.post("created", r.numbered(planned+mostTries+1+i))
		a := r.e.client.do(ctx, &st.request, nil, true)
		key := r.s.keyIn(a)
		if !a.ok() || key == "" {
			r.base = was
			if a.failed() || a.err != nil {
				return // what is not answered is not asked on
			}
			continue
		}
		if r.stays != nil {
			r.stays.keep(r.stays.another(&st, map[string]int{}), a)
			r.e.cleanUp(ctx, []created{r.e.made(r.s, key)})
			continue
		}
		if _, why := r.e.remove(ctx, r.e.made(r.s, key)); why != "" {
			r.e.leftover(r.s.c.ItemURL(r.s.scope, key) + " (" + why + ")")
			return
		}
	}
}
