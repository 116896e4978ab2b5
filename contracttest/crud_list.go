package contracttest

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"understudy/internal/contract"
)

// seek adds a read of the list that shows everything, or at least all that bears the mark of a body. It says why there is none.
func (t *trial) seek(b body, n int) (int, string) {
	s := t.r.s
	if t.r.walkable() {
		return t.add(s.all(contract.Query{})), ""
	}
	name, value := t.r.marked(b, n)
	if name != "" {
		for _, f := range s.c.Filters {
			if len(f.Path) == 1 && f.Path[0] == name && (f.Op == contract.Equal || f.Op == contract.IEqual) {
				st := s.all(contract.Query{Filters: []contract.Condition{{Param: f.Param, Values: []string{value}}}})
				return t.add(st), ""
			}
		}
	}
	return -1, "the list is longer than is walked, and no filter finds one item of it"
}

// walkable tells whether the whole list can be read, and a few items more.
func (r *recipe) walkable() bool {
	base := r.s.base
	return base != nil && base.complete() && (base.total == nil || *base.total < r.e.target.MaxWalk-10)
}

// bearing gives the keys of the items that bear a mark.
func bearing(l *listed, mark string) []string {
	var out []string
	for i, it := range l.items {
		if strings.Contains(strings.ToLower(string(it.AppendJSON(nil))), mark) {
			out = append(out, l.keys[i])
		}
	}
	return out
}

// createList: what was created is in the list.
func createList(e *engine, r *recipe, op *contract.Operation) ([]*testCase, string) {
	t := r.trial(op, "create-list")
	if r.stays == nil { // where only so many are kept, a second one is too many
		t.create("other", r.numbered(t.n+1))
	}
	cases, why := r.listedOnce(e, t, r.numbered(t.n), "")
	least := r.trial(op, "create-list", "least")
	full := r.numbered(least.n)
	if b := r.least(full, least.n); len(b) < len(full) {
		made, _ := r.listedOnce(e, least, b, "nothing but what is required")
		cases = append(cases, made...)
	}
	return append(cases, r.counted(op)...), why
}

// least gives a body without all that may be left out, but for what bears its mark.
func (r *recipe) least(full body, n int) body {
	marked, _ := r.marked(full, n)
	b := full
	for _, p := range r.form.Properties() {
		if less := b.without(p.Name); !p.Required && p.Name != marked && full.get(p.Name) != "" && less.fits(r.form) {
			b = less
		}
	}
	return b
}

// listedOnce makes a case that creates an item and looks for it in the list.
func (r *recipe) listedOnce(e *engine, t *trial, b body, subject string) ([]*testCase, string) {
	whole := r.walkable()
	var control, before int
	if whole {
		control, before = t.add(r.s.all(contract.Query{})), t.add(r.s.all(contract.Query{}))
	}
	create := t.create("created", b)
	seek, why := t.seek(b, t.n)
	if why != "" {
		return none(why)
	}
	key := ""
	t.steps[create].save = func(a *answer, _ map[string]string) { key = r.s.keyIn(a) }
	t.steps[seek].until = func(res result) bool {
		return slices.Contains(res.list.keys, key) && counted(r.s.base, res.list).verdict == Kept
	}
	t.steps[seek].finds = func(l *listed) []string { return bearing(l, r.mark(t.n)) }
	var asked []int
	for _, v := range r.unseen(b) {
		asked = append(asked, t.add(r.s.all(v.query)))
	}
	get := t.get("created", nil)
	made, why := t.done(subject, "an item is created, and the list is read as far as it goes, before and after: the item has to be in it, no second one like it, and all that was there before", func(res []result) outcome {
		if o, ok := succeeded(res, create); !ok {
			return o
		}
		key, l := r.s.keyIn(res[create].answer()), res[seek].list
		switch {
		case l.bad != "":
			return skip("the list cannot be read: %s", l.bad)
		case slices.Contains(l.keys, key):
			if keys := slices.Compact(slices.Sorted(slices.Values(bearing(l, r.mark(t.n))))); len(keys) > 1 {
				return broken(l.answers[0], fmt.Sprintf("%d items that bear what one create sent: %s", len(keys), strings.Join(keys, ", ")), "one").signed("created more than once")
			}
			if whole {
				return worst(displaced(res[control].list, res[before].list, l), counted(res[before].list, l), r.s.disordered(res[before].list, l))
			}
			return kept()
		case !l.complete():
			return skip("the list could not be read to its end")
		case !res[get].answer().ok():
			return skip("the item cannot be read either")
		case e.scoped(r) || slices.ContainsFunc(asked, func(i int) bool { return slices.Contains(res[i].list.keys, key) }):
			return skip("the list shows only some of the items")
		}
		a := l.answers[len(l.answers)-1]
		return broken(a, fmt.Sprintf("no item with the key %s", key), "the item that was created").because("the list is filtered, or cached").signed("not in the list")
	})
	for _, tc := range made {
		tc.passing = func(first outcome) bool { return first.sign == takesAway } // by itself, at that moment
	}
	return made, why
}

// disordered judges whether a list that came in the order that the document names for it does so still, with one item more.
func (s *listState) disordered(before, after *listed) outcome {
	order := s.c.Ordering.Default
	if len(order) == 0 || s.c.Ordering.Supposed() || !before.complete() || !after.complete() {
		return kept()
	}
	compare := s.judgeOf(order)
	if _, b := firstUnsorted(before.items, compare); b != nil {
		return kept() // order/default tells that
	}
	if a, b := firstUnsorted(after.items, compare); b != nil {
		return misplaced(after.answers[0], a, b, s.c.OrderPath(order[0].Field), "ordered by "+subjectOf(order)+", with what was created").
			because("what is created is put at the end, or the beginning, of what is there").signed("what is created stands out of order")
	}
	return kept()
}

// scoped tells whether a list may show, by its default, only some of the items: a filter has a default, or is said to count when it is not asked for.
func (e *engine) scoped(r *recipe) bool {
	return saysHidden.MatchString(r.s.c.List().Description) || slices.ContainsFunc(r.s.c.List().Parameters, func(p contract.Parameter) bool {
		page := r.s.c.Paging
		return p.In == "query" && !slices.Contains(r.s.unfiltered, p.Name) && p.Name != page.Param && p.Name != page.Size && !slices.Contains(r.s.c.Ordering.Params(), p.Name) &&
			(p.Schema != nil && p.Schema.Default() != nil && !adds(p) || saysHidden.MatchString(p.Description()))
	})
}

// adds tells whether a parameter adds something to the answer, and does so by default: include_groups, which is true.
func adds(p contract.Parameter) bool {
	return string(p.Schema.Default()) == "true" && strings.HasPrefix(plainName(p.Name), "include")
}

// saysHidden finds the sentence that says of a list that it leaves out what is not asked for.
var saysHidden = regexp.MustCompile(`(?i)\b(?:without|unless|by default)\b[^.;]*\b(?:left out|hidden|excluded|omitted|not (?:listed|shown|included|returned))\b|\b(?:left out|hidden|excluded|omitted|not (?:listed|shown|included|returned))\b[^.;]*\b(?:without|unless|by default)\b`)

// mostUnseen bounds by how many values a list is asked for what it may hide.
const mostUnseen = 6

// unseen gives the ways to ask a list for the item of a body by a state of it, one of a few, that no item of the list has: such as drafts, which a list may leave out
// unless they are asked for. A state that is not sent may be any.
func (r *recipe) unseen(b body) []view {
	var out []view
	for _, f := range r.s.c.Filters {
		if len(f.Path) > 2 || len(f.Path) == 2 && f.Path[0] != "attributes" || f.Op != contract.Equal && f.Op != contract.IEqual { // attributes: JSON:API
			continue
		}
		name := f.Path[len(f.Path)-1]
		p, ok := r.s.shown().Property(name)
		if !ok {
			continue
		}
		values := []string{}
		switch text, sent := plainText(b.get(name)); {
		case kindOf(p) != "enum" && kindOf(p) != "boolean":
		case sent:
			values = []string{text}
		case kindOf(p) == "boolean":
			values = []string{"true", "false"}
		default:
			for _, v := range p.Schema.Enum() {
				values = append(values, fmt.Sprint(v))
			}
		}
		for _, value := range values {
			seen := slices.ContainsFunc(r.s.base.items, func(it contract.Item) bool { return it.Value(f.Path).Text == value })
			if !seen && value != "" && len(out) < mostUnseen {
				out = append(out, view{f.Param, conditions(contract.Condition{Param: f.Param, Values: []string{value}})})
			}
		}
	}
	return out
}

// defaults: a property left out has its documented default.
func defaults(_ *engine, r *recipe, op *contract.Operation) ([]*testCase, string) {
	want := map[string]any{}
	var names []string
	for _, p := range r.form.Properties() {
		d := p.Default()
		if initial, ok := r.s.c.Records.Initial(p.Name); ok && d == nil && (initial != "null" || promisesNull.MatchString(p.Schema.Keywords().Description)) {
			d = []byte(initial)
		}
		if d == nil || p.Required || r.keys[p.Name] != "" {
			continue
		}
		if _, ok := r.judgeable(p.Name); !ok {
			continue
		}
		if v, err := contract.DecodeJSON(d); err == nil {
			want[p.Name] = v
			names = append(names, p.Name)
		}
	}
	if names == nil {
		return none("no property that is shown has a default")
	}
	t := r.trial(op, "default")
	b := r.numbered(t.n).without(names...)
	if !b.fits(r.form) {
		return none("what has a default cannot be left out")
	}
	create, get := t.create("created", b), t.get("created", found)
	return t.done("", fmt.Sprintf("an item is created without %s: it has to show the documented defaults", strings.Join(names, ", ")), func(res []result) outcome {
		if o, ok := succeeded(res, create, get); !ok {
			return o
		}
		a := res[get].answer()
		item := r.s.object(a)
		for _, name := range names {
			if shown, ok := item[name]; ok && (!sameMeaning(want[name], shown, nil) || empty(want[name]) && !empty(shown)) {
				d, _ := json.Marshal(want[name]) // decoded from JSON
				return broken(a, fmt.Sprintf("%s is %s", name, jsonOf(item, name)), fmt.Sprintf("%s, the documented default", d)).signed("default of " + name)
			}
		}
		return kept()
	})
}
