package contracttest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"understudy/internal/contract"
)

// counted judges the total of a list after a write: where it was the number of the items before, it is so afterwards.
func counted(before, after *listed) outcome {
	if !before.complete() || !after.complete() || before.total == nil || after.total == nil || *before.total != len(before.keys) || *after.total == len(after.keys) {
		return kept()
	}
	return broken(after.answers[0], fmt.Sprintf("a total of %d, and %s", *after.total, plural(len(after.keys), "item")), "as many as there are, as before the write").
		because("the total is cached").signed("the total does not follow the write")
}

// takesAway signs what [displaced] finds.
const takesAway = "a create takes another item away"

// displaced judges whether a create took another item out of the list: by the list before it, read twice, and behind it.
func displaced(x, y, z *listed) outcome {
	if !x.complete() || !y.complete() || !z.complete() || !sameKeys(x.keys, y.keys) {
		return kept()
	}
	gone := lacking(z.keys, y.keys)
	if len(gone) == 0 || z.total == nil && len(z.keys) == len(y.keys) { // a list that shows the latest only
		return kept()
	}
	return broken(z.answers[0], fmt.Sprintf("%s is gone from the list", gone[0]), "all that was there before the create").signed(takesAway)
}

// strays gives what finds the items that bear the mark of one of some bodies.
func (r *recipe) strays(bodies ...int) func(l *listed) []string {
	return func(l *listed) (keys []string) {
		for _, n := range bodies {
			keys = append(keys, bearing(l, r.mark(n))...)
		}
		slices.Sort(keys)
		return slices.Compact(keys)
	}
}

// doubled judges whether a write to an item left two in the list that bear the mark of one of the bodies that were sent for it: the item, and another.
func (r *recipe) doubled(l *listed, key string, bodies ...int) outcome {
	keys := r.strays(bodies...)(l)
	if l.bad != "" || len(keys) < 2 || !slices.Contains(keys, key) {
		return kept()
	}
	return broken(l.answers[0], fmt.Sprintf("%d items that bear what was sent for one: %s", len(keys), strings.Join(keys, ", ")), "one").signed("a write makes another item")
}

// rowShows judges whether a list shows an item as it is read alone, in what was sent last.
func (r *recipe) rowShows(sent body, item *answer, l *listed, key string) outcome {
	shown, at := r.s.object(item), slices.Index(l.keys, key)
	if l.bad != "" || at < 0 || shown == nil {
		return kept()
	}
	row := r.s.flat(plainObject(l.items[at]))
	for _, m := range sent {
		schema, ok := r.judgeable(m.Name)
		value, err := contract.DecodeJSON([]byte(m.JSON))
		alone, there := shown[m.Name]
		listed, too := row[m.Name]
		if !ok || err != nil || !there || !too || !sameMeaning(value, alone, schema) || sameMeaning(value, listed, schema) || sameValue(alone, listed) {
			continue
		}
		return broken(l.answers[0], fmt.Sprintf("%s of %s is %s in the list", m.Name, key, jsonOf(row, m.Name)), fmt.Sprintf("%s, as it was sent and as the item shows", jsonOf(shown, m.Name))).
			because("the list is cached").signed("the list shows what was before the write")
	}
	return kept()
}

// view is a way to ask a list for little more than one item.
type view struct {
	by    string // the parameter
	query contract.Query
}

// viewOf gives the filter by a property, with the value that a body has of it. It is looked at before a write too, so that it shows what it looks at.
func (r *recipe) viewOf(name string, b body) (view, bool) {
	text, ok := plainText(b.get(name))
	for _, f := range r.s.c.Filters {
		cond := contract.Condition{Param: f.Param, Values: []string{text}}
		if ok && len(f.Path) == 1 && f.Path[0] == name && (f.Op == contract.Equal || f.Op == contract.IEqual) {
			return view{f.Param, conditions(cond)}, true
		}
	}
	return view{}, false
}

// plainText is the text, number or truth value that JSON stands for.
func plainText(text string) (string, bool) {
	v, err := contract.DecodeJSON([]byte(text))
	switch v.(type) {
	case string, json.Number, bool:
		return scalarText(v), err == nil && scalarText(v) != ""
	}
	return "", false
}

// views gives the ways to ask for the item of a body: by filters, and by a search for its mark.
func (r *recipe) views(b body, n int) []view {
	var out []view
	for _, m := range b {
		if v, ok := r.viewOf(m.Name, b); ok && len(out) < mostViews {
			out = append(out, v)
		}
	}
	if name, _ := r.marked(b, n); name != "" && r.s.c.Search.Param != "" {
		out = append(out, view{r.s.c.Search.Param, contract.Query{Search: r.mark(n)}})
	}
	return out
}

// mostViews bounds by how many filters an item is looked for.
const mostViews = 6

// unlisted: what was deleted is found by no filter and no search that found it before.
func (r *recipe) unlisted(op *contract.Operation) ([]*testCase, string) {
	t := r.trial(op, "delete", "found")
	b := r.numbered(t.n)
	vs := r.views(b, t.n)
	if len(vs) == 0 || !r.walkable() {
		return nil, ""
	}
	create := t.create("created", b)
	key := ""
	t.steps[create].save = func(a *answer, _ map[string]string) { key = r.s.keyIn(a) }
	here := func(res result) bool { return slices.Contains(res.list.keys, key) }
	var before, after []int
	for _, v := range vs {
		before = append(before, t.add(r.s.all(v.query)))
		t.steps[before[len(before)-1]].until = here
	}
	destroy := t.on(contract.Destroy, "created", nil)
	for _, v := range vs {
		after = append(after, t.add(r.s.all(v.query)))
		t.steps[after[len(after)-1]].until = func(res result) bool { return !here(res) }
	}
	get := -1
	if r.s.c.Operation(contract.Retrieve) != nil {
		get = t.get("created", nil)
		t.steps[get].odd = true
	}
	return t.done("found", "an item is created, found by filters and by a search, and deleted: they find it no more", func(res []result) outcome {
		if o, ok := succeeded(res, create, destroy); !ok {
			return o
		}
		if get >= 0 && res[get].answer().ok() {
			return skip("the item can still be read")
		}
		for i, v := range vs {
			x, y := res[before[i]].list, res[after[i]].list
			at := slices.Index(y.keys, key)
			if x.bad+y.bad != "" || at < 0 || !slices.Contains(x.keys, key) {
				continue
			}
			if name := markedDeleted(r.s.flat(plainObject(y.items[at])), r.s.object(res[create].answer())); name != "" {
				return skip("the item is kept, and marked as deleted: %s", name)
			}
			return broken(y.answers[0], "the list by "+v.by+" has what was deleted", "a list without it").signed("is found after the deletion")
		}
		return kept()
	})
}

// refound: what was changed is found by its new value, and not by its old one any more, where it was found by the old one before.
func (r *recipe) refound(op *contract.Operation) (cases []*testCase, why string) {
	s := formOf(op)
	if s == nil || !r.walkable() {
		return nil, ""
	}
	searched := false
	for _, p := range s.Properties() {
		if _, shown := r.judgeable(p.Name); !shown || p.Schema.ReadOnly() || p.Name == r.s.c.Records.Key || len(cases) == mostViews {
			continue
		}
		made, w := r.foundBy(op, s, p, "found", r.viewOf)
		if cases = append(cases, made...); w != "" {
			why = w
		}
		if !searched && isUnique(p) && r.s.c.Search.Param != "" {
			made, _ = r.foundBy(op, s, p, "searched", r.searchOf)
			cases, searched = append(cases, made...), made != nil
		}
	}
	return cases, why
}

// searchOf gives the search for the mark in a body's value of a property.
func (r *recipe) searchOf(name string, b body) (view, bool) {
	text, ok := plainText(b.get(name))
	at := strings.Index(strings.ToLower(text), r.marker)
	if !ok || at < 0 {
		return view{}, false
	}
	return view{r.s.c.Search.Param, contract.Query{Search: text[at:]}}, true
}

// looksInto tells whether the document says that a search looks into a property.
func (r *recipe) looksInto(p contract.Property) bool {
	return r.s.c.Searches() && slices.ContainsFunc(r.s.c.Search.Paths, func(path []string) bool { return len(path) == 1 && path[0] == p.Name })
}

// foundBy makes a case of one property, and one way to ask for its value.
func (r *recipe) foundBy(op *contract.Operation, s *contract.Form, p contract.Property, about string, viewOf func(name string, b body) (view, bool)) (cases []*testCase, why string) {
	t := r.trial(op, about, p.Name)
	first := r.numbered(t.n)
	now, ok := viewOf(p.Name, first)
	if !ok {
		return nil, ""
	}
	value := r.another(p, first.get(p.Name), t.n+1)
	if isUnique(p) {
		value = r.unique(p, t.n+1)
	}
	changed := r.addressed(s, body{{Name: p.Name, JSON: value}})
	if op.Role == contract.Replace {
		changed = r.bodyFor(op, r.sameKey(first.set(p.Name, value), t.n))
	}
	then, ok := viewOf(p.Name, changed)
	if value == "" || !ok || !changed.fits(s) {
		return nil, ""
	}
	create := t.create("created", first)
	key := ""
	t.steps[create].save = func(a *answer, _ map[string]string) { key = r.s.keyIn(a) }
	here := func(res result) bool { return slices.Contains(res.list.keys, key) }
	before, listed := t.add(r.s.all(now.query)), -1
	if now.query.Search != "" && r.looksInto(p) {
		listed = t.add(r.s.all(contract.Query{}))
		t.steps[listed].until = here
	}
	write := t.on(op.Role, "created", changed)
	get := t.get("created", func(res result) bool { return r.stored(changed, res.answer()).verdict == Kept })
	byNew, byOld := t.add(r.s.all(then.query)), t.add(r.s.all(now.query))
	t.steps[before].until, t.steps[byNew].until, t.steps[byOld].until = here, here, func(res result) bool { return !here(res) }
	return t.done(p.Name+" "+about, fmt.Sprintf("an item is found by %s, which is changed: it is found by the new value, and not by the old one", now.by), func(res []result) outcome {
		if o, ok := succeeded(res, create, write, get); !ok {
			return o
		}
		item := res[get].answer()
		shown, err := r.s.c.Records.Decode(item.body)
		fits := func(v view) contract.Verdict {
			if v.query.Search != "" { // it was found by the mark, which stands nowhere else
				return contract.Verdict{Is: err == nil && has(shown, v.query.Search), Certain: true}
			}
			return r.s.c.Matcher(r.s.scoped(v.query))(shown)
		}
		x, y, z := res[before].list, res[byNew].list, res[byOld].list
		if listed >= 0 && x.complete() && res[listed].list.bad == "" && slices.Contains(res[listed].list.keys, key) && !slices.Contains(x.keys, key) && r.stored(first, res[create].answer()).verdict == Kept {
			return broken(x.answers[0], "no item with the key "+key, "the item that was created, whose "+p.Name+" has the word, and which the list has").because("the index is not kept up").signed("is not found after it was created")
		}
		switch {
		case err != nil || r.stored(changed, item).verdict != Kept:
			return skip("the item does not show the new value")
		case x.bad+y.bad+z.bad != "" || !slices.Contains(x.keys, key):
			return skip("it is not found by %s before", now.by)
		case y.complete() && !slices.Contains(y.keys, key) && fits(then).Certain && fits(then).Is:
			return broken(y.answers[0], "no item with the key "+key, "the item, whose "+p.Name+" is what is asked for").because("the index is not kept up").signed("is not found by what it was changed to")
		case slices.Contains(z.keys, key) && fits(now).Certain && !fits(now).Is && (now.query.Search == "" || r.s.c.SearchesAsSaid()): // other searches may find what is like it
			return broken(z.answers[0], "the item with the key "+key, "only what has the value that is asked for: it was changed").because("the index is not kept up").signed("is found by what it was before")
		}
		return kept()
	})
}
