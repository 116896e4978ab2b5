package mockserver

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"understudy"
	"understudy/fixtures"
	"understudy/internal/contract"
)

// This file compares the store with a model of it: a plain slice, filtered and sorted anew for every question.

// storeFiles are a small data set with many ties: 9 invitations, 3 users, 3 flows.
var storeFiles = fstest.MapFS{
	"users.yaml": {Data: []byte(`
by: username
fill:
  count: 3
  record: {username: "user{$n}", name: "User {$n}", uid: "u{$n}", last_login: null}
`)},
	"flows.yaml": {Data: []byte(`
by: slug
records:
  - slug: default-enrollment-flow
  - slug: beta
  - slug: Alpha_2
fill:
  count: 3
  record:
    slug: x
    policybindingmodel_ptr_id: "{uuid}"
    name: A flow
    title: A title
    designation: enrollment
    background: /x.jpg
    stages: []
    policies: []
    cache_count: 0
    export_url: /x/
`)},
	"invitations.yaml": {Data: []byte(`
records:
  - {name: a, expires: +1d, created_by: user1, flow: beta}
  - {name: b, expires: +1d, created_by: user1, flow: beta}
  - {name: a, expires: +1d, created_by: user2, flow: Alpha_2}
  - {name: A, expires: null, created_by: user2, flow: null}
  - {name: ab, expires: -1d, created_by: user3, flow: null}
  - {name: b, expires: null, created_by: user3, flow: default-enrollment-flow}
fill:
  count: 9
  record:
    name: {$oneof: [a, b, ab]}
    expires: {$oneof: [+1d, +2d, null]}
    created_by: {$pick: users}
    single_use: {$oneof: [true, false]}
    fixed_data: {}
    flow: {$pick: flows}
`)},
}

// storeRow is an invitation of the model. A pointer that is nil is null, an absent property is storeAbsent.
type storeRow struct {
	pk        string
	name      string
	expires   *string
	singleUse *bool // nil: absent
	flow      *string
	creator   string
	flowObj   string
	data      string
}

// storeModel is everything, as plain values.
type storeModel struct {
	rows    []storeRow // in no order
	users   map[string]string
	flows   map[string]string
	created int
}

func (m *storeModel) clone() *storeModel {
	c := *m
	c.rows, c.users, c.flows = slices.Clone(m.rows), maps.Clone(m.users), maps.Clone(m.flows)
	return &c
}

// storeValue gives what a row has at a property; null is nil, and so is an absent property: both have nothing to be ordered by.
func (m *storeModel) value(r storeRow, property string) any {
	switch property {
	case "pk":
		return r.pk
	case "name":
		return r.name
	case "expires":
		if r.expires == nil {
			return nil
		}
		at, err := time.Parse(time.RFC3339Nano, *r.expires)
		if err != nil {
			panic(err)
		}
		return at.UnixNano()
	case "single_use":
		if r.singleUse == nil {
			return nil
		}
		if *r.singleUse {
			return int64(1)
		}
		return int64(0)
	case "flow": // the contract: by the key of flow_obj, which is never null
		return r.flowObj
	case "created_by.username":
		return m.users[r.creator]
	case "flow_obj.slug":
		return m.flows[r.flowObj]
	}
	panic(property)
}

// answer gives the keys of what a query asks for, in order: it keeps what fits, then sorts by the key, then by the last step, then by the one before.
func (m *storeModel) answer(q contract.Query) []string {
	var kept []storeRow
	for _, r := range m.rows {
		if m.fits(r, q) {
			kept = append(kept, r)
		}
	}
	steps := q.Order
	if len(steps) == 0 {
		steps = []contract.Order{{Field: "expires", Desc: true}}
	}
	for _, step := range slices.Concat([]contract.Order{{Field: "pk"}}, storeReversed(steps)) {
		var some, none []storeRow // null comes last, whichever way
		for _, r := range kept {
			if m.value(r, step.Field) == nil {
				none = append(none, r)
				continue
			}
			at := 0 // behind all that may stand before it: equal ones stay in order
			for at < len(some) && !storeBefore(m.value(r, step.Field), m.value(some[at], step.Field), step.Desc) {
				at++
			}
			some = slices.Insert(some, at, r)
		}
		kept = append(some, none...)
	}
	keys := []string{}
	for _, r := range kept {
		keys = append(keys, r.pk)
	}
	return keys
}

func storeReversed(steps []contract.Order) []contract.Order {
	out := slices.Clone(steps)
	slices.Reverse(out)
	return out
}

func storeBefore(a, b any, desc bool) bool {
	if desc {
		a, b = b, a
	}
	if x, ok := a.(int64); ok {
		return x < b.(int64)
	}
	return a.(string) < b.(string)
}

func (m *storeModel) fits(r storeRow, q contract.Query) bool {
	for _, f := range q.Filters {
		want := f.Values[0]
		switch f.Param {
		case "name":
			if r.name != want {
				return false
			}
		case "created_by__username":
			if m.users[r.creator] != want {
				return false
			}
		case "flow__slug":
			if m.flows[r.flowObj] != want {
				return false
			}
		case "expires":
			at, err := time.Parse(time.RFC3339Nano, want)
			if err != nil {
				panic(err)
			}
			if r.expires == nil || m.value(r, "expires") != at.UnixNano() {
				return false
			}
		}
	}
	places := []string{r.name, m.users[r.creator], m.flows[r.flowObj]}
	if r.expires != nil {
		places = append(places, *r.expires)
	}
	for _, word := range strings.FieldsFunc(q.Search, func(c rune) bool { return c == ' ' || c == ',' }) {
		if !slices.ContainsFunc(places, func(p string) bool { return strings.Contains(strings.ToLower(p), strings.ToLower(word)) }) {
			return false
		}
	}
	return true
}

// object is what a row looks like from outside, as far as the test looks.
func (m *storeModel) object(r storeRow) map[string]any {
	o := map[string]any{"pk": r.pk, "name": r.name, "created_by": m.users[r.creator], "flow_obj": m.flows[r.flowObj], "expires": nil, "flow": nil}
	if r.expires != nil {
		o["expires"] = *r.expires
	}
	if r.flow != nil {
		o["flow"] = *r.flow
	}
	if r.singleUse != nil {
		o["single_use"] = *r.singleUse
	}
	if r.data != "" {
		o["fixed_data"] = r.data
	}
	return o
}

func storeObject(t require.TestingT, it contract.Item) map[string]any {
	var o map[string]any
	require.NoError(t, json.Unmarshal(it.AppendJSON(nil), &o))
	o["created_by"] = o["created_by"].(map[string]any)["username"]
	o["flow_obj"] = o["flow_obj"].(map[string]any)["slug"]
	if data, ok := o["fixed_data"]; ok {
		text, err := json.Marshal(data)
		require.NoError(t, err)
		o["fixed_data"] = string(text)
	}
	return o
}

// storeWorld is a store and the model of it.
type storeWorld struct {
	c                        *contract.Collection
	invitations, users, flow *contract.RecordSet
	store                    *store
	model, initial           *storeModel
	past                     []storePast
}

// storePast is a state of the store with the model as it was then.
type storePast struct {
	state *state
	model *storeModel
}

func newStoreWorld(t require.TestingT) *storeWorld {
	doc, err := understudy.Invitations()
	require.NoError(t, err)
	data, err := fixtures.Load(doc, &fixtures.Options{FS: storeFiles, Now: time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC)})
	require.NoError(t, err)
	w := &storeWorld{c: doc.Collections()[0], model: &storeModel{users: map[string]string{}, flows: map[string]string{}}}
	w.invitations = w.c.Records
	w.users, w.flow = w.invitations.Embed("created_by").Set, w.invitations.Embed("flow_obj").Set
	w.store, err = newStore(data)
	require.NoError(t, err)
	for _, set := range data.Sets() {
		for i := range set.Len() {
			r, err := set.At(i)
			require.NoError(t, err)
			text := func(name string) string {
				var s string
				require.NoError(t, json.Unmarshal([]byte(r.Own(name)), &s))
				return s
			}
			switch set.Records() {
			case w.users:
				w.model.users[r.Key()] = text("username")
			case w.flow:
				w.model.flows[r.Key()] = text("slug")
			case w.invitations:
				row := storeRow{pk: r.Key(), name: text("name"), creator: r.Ref("created_by"), flowObj: r.Ref("flow_obj"), data: r.Own("fixed_data")}
				if r.Own("expires") != "null" {
					row.expires = storePtr(text("expires"))
				}
				if r.Own("flow") != "null" {
					row.flow = storePtr(text("flow"))
				}
				if own := r.Own("single_use"); own != "" {
					row.singleUse = storePtr(own == "true")
				}
				w.model.rows = append(w.model.rows, row)
			}
		}
	}
	require.Len(t, w.model.rows, 9)
	require.Len(t, w.model.users, 3)
	require.Len(t, w.model.flows, 3)
	w.initial = w.model.clone()
	return w
}

func storePtr[T any](v T) *T { return &v }

// record is a row as the store keeps it.
func (w *storeWorld) record(r storeRow) *contract.Record {
	null := func(s *string) string {
		if s == nil {
			return "null"
		}
		return quote(*s)
	}
	members := []contract.Member{{Name: "pk", JSON: quote(r.pk)}, {Name: "name", JSON: quote(r.name)}, {Name: "expires", JSON: null(r.expires)}, {Name: "flow", JSON: null(r.flow)}}
	if r.singleUse != nil {
		members = append(members, contract.Member{Name: "single_use", JSON: fmt.Sprint(*r.singleUse)})
	}
	if r.data != "" {
		members = append(members, contract.Member{Name: "fixed_data", JSON: r.data})
	}
	return w.invitations.NewRecord(members, map[string]string{"created_by": r.creator, "flow_obj": r.flowObj})
}

// row draws an invitation.
func (w *storeWorld) row(t *rapid.T, pk string) storeRow {
	r := storeRow{
		pk: pk, name: rapid.SampledFrom(storeNames).Draw(t, "name"), creator: rapid.SampledFrom(slices.Sorted(maps.Keys(w.model.users))).Draw(t, "creator"),
		data: rapid.SampledFrom([]string{"{}", `{"a":[1,{"b":null}]}`}).Draw(t, "data"),
	}
	if text := rapid.SampledFrom(append(storeTimes, "")).Draw(t, "expires"); text != "" {
		r.expires = &text
	}
	if rapid.Bool().Draw(t, "says single_use") {
		r.singleUse = storePtr(rapid.Bool().Draw(t, "single_use"))
	}
	w.setFlow(t, &r)
	return r
}

func (w *storeWorld) setFlow(t *rapid.T, r *storeRow) {
	keys := slices.Sorted(maps.Keys(w.model.flows))
	r.flow, r.flowObj = nil, w.initial.rows[3].flowObj // that of the written record whose flow is null
	if rapid.IntRange(0, 3).Draw(t, "has flow") > 0 {
		key := rapid.SampledFrom(keys).Draw(t, "flow")
		r.flow, r.flowObj = &key, key
	}
}

var (
	storeNames = []string{"a", "b", "A", "ab", "B_2", "a-b"}
	storeTimes = []string{"2026-01-16T00:00:00Z", "2026-01-16T01:00:00+01:00", "2026-01-14T00:00:00Z", "2026-01-16T00:00:00.5Z", "2027-01-01T00:00:00Z"}
	storeWords = []string{"a", "B", "ab", "user1", "USER", "2026-01-16", "alpha", "beta", "zzz", "-", "%"}
)

// query draws a question; its size is always given.
func (w *storeWorld) query(t *rapid.T) contract.Query {
	var q contract.Query
	for _, f := range []struct {
		param  string
		values []string
	}{
		{"created_by__username", append(slices.Sorted(maps.Values(w.model.users)), "nobody")},
		{"expires", []string{"2026-01-16T00:00:00Z", "2026-01-16T00:00:00.5Z", "2030-01-01T00:00:00Z"}},
		{"flow__slug", append(slices.Sorted(maps.Values(w.model.flows)), "nothing")},
		{"name", append(storeNames, "nothing")},
	} {
		if rapid.IntRange(0, 3).Draw(t, "filter") == 0 {
			q.Filters = append(q.Filters, contract.Condition{Param: f.param, Values: []string{rapid.SampledFrom(f.values).Draw(t, f.param)}})
		}
	}
	if rapid.IntRange(0, 3).Draw(t, "search") == 0 {
		q.Search = strings.Join(rapid.SliceOfN(rapid.SampledFrom(storeWords), 1, 2).Draw(t, "words"), rapid.SampledFrom([]string{" ", ",", " , "}).Draw(t, "between"))
	}
	fields := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"pk", "name", "expires", "single_use", "flow", "created_by.username", "flow_obj.slug"}), 0, 3, rapid.ID[string]).Draw(t, "order")
	for _, f := range fields {
		q.Order = append(q.Order, contract.Order{Field: f, Desc: rapid.Bool().Draw(t, "desc")})
	}
	q.Size = rapid.IntRange(1, 5).Draw(t, "size")
	return q
}

// check compares one state with the model of the same moment.
func (w *storeWorld) check(t require.TestingT, st *state, m *storeModel, q contract.Query) {
	want := m.answer(q)
	v := st.view(w.c, q)
	require.Equal(t, len(want), v.order.Len(), "total of %+v", q)
	var all []string
	for _, it := range v.page(st, 0, 0) {
		all = append(all, it.Key())
	}
	require.Equal(t, want, append([]string{}, all...), "%+v", q)
	rows := map[string]storeRow{}
	for _, r := range m.rows {
		rows[r.pk] = r
	}
	for page := 0; page <= len(want)/q.Size+1; page++ {
		var items []string
		for _, it := range v.page(st, page*q.Size, q.Size) {
			items = append(items, it.Key())
			require.Equal(t, m.object(rows[it.Key()]), storeObject(t, it))
		}
		var expected []string
		for i, key := range want {
			if i/q.Size == page {
				expected = append(expected, key)
			}
		}
		require.Equal(t, expected, items, "page %d of %+v", page, q)
	}
	entries := 0
	for _, v := range st.table(w.invitations).views.byKey {
		entries += v.order.Len()
	}
	require.Equal(t, entries, st.table(w.invitations).views.size)
	require.LessOrEqual(t, len(st.table(w.invitations).views.byKey), maxViews)
}

// change applies a change to the store and remembers, now and then, how it was before.
func (w *storeWorld) change(t *rapid.T, ch change) {
	old := w.store.state.Load()
	if rapid.IntRange(0, 3).Draw(t, "remember") == 0 {
		w.past = append(w.past, storePast{old, w.model.clone()})
		if len(w.past) > 6 {
			w.past = w.past[1:]
		}
	}
	next, err := w.store.update(func(st *state) (change, error) {
		require.Same(t, old, st)
		return ch, nil
	})
	require.NoError(t, err)
	require.NotSame(t, old, next)
	require.Same(t, next, w.store.state.Load())
}

// flood asks for more views than are kept.
func (w *storeWorld) flood(t require.TestingT, st *state, m *storeModel) {
	for i := range maxViews + 20 {
		name := fmt.Sprintf("flood-%d", i)
		if i%8 == 0 {
			name = storeNames[i/8%len(storeNames)]
		}
		q := contract.Query{Filters: []contract.Condition{{Param: "name", Values: []string{name}}}, Size: 2}
		if i%8 == 0 {
			q.Search = fmt.Sprintf("%d", i) // a view of its own
		}
		require.Equal(t, len(m.answer(q)), st.view(w.c, q).order.Len())
	}
}

func TestStoreModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newStoreWorld(t)
		pick := func() int {
			if len(w.model.rows) == 0 {
				t.Skip("nothing is left")
			}
			return rapid.IntRange(0, len(w.model.rows)-1).Draw(t, "row")
		}
		actions := map[string]func(*rapid.T){
			"create": func(t *rapid.T) {
				tb := w.store.state.Load().table(w.invitations)
				require.Equal(t, w.model.created, tb.created)
				require.Equal(t, 9, tb.loaded)
				key := fixtures.NewKeyAfter(w.invitations, 0, tb.loaded, tb.created)
				row := w.row(t, key)
				for _, r := range w.model.rows {
					require.NotEqual(t, r.pk, key, "made twice")
				}
				w.change(t, change{kind: created, set: w.invitations, key: key, record: w.record(row)})
				w.model.rows = append(w.model.rows, row)
				w.model.created++
			},
			"replace": func(t *rapid.T) {
				i := pick()
				row := w.row(t, w.model.rows[i].pk)
				w.change(t, change{kind: replaced, set: w.invitations, key: row.pk, record: w.record(row)})
				w.model.rows[i] = row
			},
			"merge": func(t *rapid.T) {
				i := pick()
				row := w.model.rows[i]
				switch rapid.IntRange(0, 3).Draw(t, "what") {
				case 0:
					row.name = rapid.SampledFrom(storeNames).Draw(t, "name")
				case 1:
					row.expires = storePtr(rapid.SampledFrom(storeTimes).Draw(t, "expires"))
				case 2:
					w.setFlow(t, &row)
				}
				w.change(t, change{kind: merged, set: w.invitations, key: row.pk, record: w.record(row)})
				w.model.rows[i] = row
			},
			"delete": func(t *rapid.T) {
				i := pick()
				key := w.model.rows[i].pk
				w.change(t, change{kind: deleted, set: w.invitations, key: key})
				w.model.rows = slices.Delete(w.model.rows, i, i+1)
				require.Nil(t, w.store.state.Load().Record(w.invitations, key))
			},
			"rename a user": func(t *rapid.T) {
				key := rapid.SampledFrom(slices.Sorted(maps.Keys(w.model.users))).Draw(t, "user")
				name := rapid.SampledFrom([]string{"user1", "zed", "A.user", "beta"}).Draw(t, "username")
				r := w.users.NewRecord([]contract.Member{{Name: "pk", JSON: key}, {Name: "username", JSON: quote(name)}}, nil)
				w.change(t, change{kind: replaced, set: w.users, key: key, record: r})
				w.model.users[key] = name
			},
			"rename a flow": func(t *rapid.T) {
				key := rapid.SampledFrom(slices.Sorted(maps.Keys(w.model.flows))).Draw(t, "flow")
				slug := rapid.SampledFrom([]string{"beta", "zed", "Alpha_3", "a"}).Draw(t, "slug")
				r := w.flow.NewRecord([]contract.Member{{Name: "pk", JSON: quote(key)}, {Name: "slug", JSON: quote(slug)}}, nil)
				w.change(t, change{kind: merged, set: w.flow, key: key, record: r})
				w.model.flows[key] = slug
			},
			"refuse": func(t *rapid.T) {
				before := w.store.state.Load()
				got, err := w.store.update(func(*state) (change, error) { return change{}, errRefused })
				require.ErrorIs(t, err, errRefused)
				require.Same(t, before, got)
				require.Same(t, before, w.store.state.Load())
			},
			"reset": func(t *rapid.T) {
				if rapid.IntRange(0, 2).Draw(t, "really") > 0 {
					t.Skip("not so often")
				}
				w.past = append(w.past, storePast{w.store.state.Load(), w.model.clone()})
				w.store.reset()
				w.model = w.initial.clone()
			},
			"read": func(t *rapid.T) { w.check(t, w.store.state.Load(), w.model, w.query(t)) },
			"read again": func(t *rapid.T) { // views are made, kept up to date or dropped, and asked once more
				filter := func(param, value string) []contract.Condition {
					return []contract.Condition{{Param: param, Values: []string{value}}}
				}
				w.check(t, w.store.state.Load(), w.model, rapid.SampledFrom([]contract.Query{
					{Size: 3, Order: []contract.Order{{Field: "name"}}},
					{Size: 3, Order: []contract.Order{{Field: "created_by.username"}}},
					{Size: 3, Order: []contract.Order{{Field: "flow_obj.slug", Desc: true}}},
					{Size: 3, Filters: filter("created_by__username", "user1")},
					{Size: 3, Filters: filter("flow__slug", "beta")},
					{Size: 3, Search: "user1"},
				}).Draw(t, "again"))
			},
			"read the past": func(t *rapid.T) {
				if len(w.past) == 0 {
					t.Skip("there is none")
				}
				p := w.past[rapid.IntRange(0, len(w.past)-1).Draw(t, "when")]
				w.check(t, p.state, p.model, w.query(t))
			},
			"flood": func(t *rapid.T) {
				if rapid.IntRange(0, 3).Draw(t, "really") > 0 {
					t.Skip("not so often")
				}
				w.flood(t, w.store.state.Load(), w.model)
			},
			"": func(t *rapid.T) {
				st := w.store.state.Load()
				w.check(t, st, w.model, contract.Query{Size: 4})
				require.Equal(t, len(w.model.rows), st.table(w.invitations).records.Len())
			},
		}
		t.Repeat(actions)
		for _, p := range w.past {
			w.check(t, p.state, p.model, contract.Query{Size: 4})
		}
	})
}

// Views that are asked for stay; those not asked for the longest go first; and answers are right whether a view was kept or made anew.
func TestStoreEvictsViews(t *testing.T) {
	w := newStoreWorld(t)
	st := w.store.state.Load()
	views := st.table(w.invitations).views
	often := contract.Query{Order: []contract.Order{{Field: "name"}}, Size: 4}
	once := contract.Query{Order: []contract.Order{{Field: "name", Desc: true}}, Size: 4}
	kept, gone := st.view(w.c, often), st.view(w.c, once)
	for i := range 3 * maxViews {
		q := contract.Query{Filters: []contract.Condition{{Param: "name", Values: []string{fmt.Sprint(i)}}}}
		require.Zero(t, st.view(w.c, q).order.Len())
		require.Same(t, kept, st.view(w.c, often))
		require.LessOrEqual(t, len(views.byKey), maxViews)
	}
	require.Len(t, views.byKey, maxViews)
	require.NotContains(t, views.byKey, viewKey(once))
	require.NotSame(t, gone, st.view(w.c, once))
	w.check(t, st, w.model, often)
	w.check(t, st, w.model, once)

	// The same holds after a change: which views were asked for last is not forgotten.
	numbered := func(i int) contract.Query {
		return contract.Query{Filters: []contract.Condition{{Param: "name", Values: []string{fmt.Sprint(i)}}}}
	}
	st.view(w.c, often)
	next, err := w.store.update(func(*state) (change, error) {
		return change{kind: deleted, set: w.invitations, key: w.model.rows[0].pk}, nil
	})
	require.NoError(t, err)
	before := w.model.clone()
	w.model.rows = w.model.rows[1:]
	for i := range maxViews - 1 { // all go but the one asked for last
		require.Zero(t, next.view(w.c, numbered(10*maxViews+i)).order.Len())
	}
	for i := range maxViews - 1 {
		require.Contains(t, next.table(w.invitations).views.byKey, viewKey(numbered(10*maxViews+i)))
	}
	require.Contains(t, next.table(w.invitations).views.byKey, viewKey(often))
	for i := range 2 * maxViews {
		q := contract.Query{Filters: []contract.Condition{{Param: "name", Values: []string{fmt.Sprint("later ", i)}}}}
		require.Zero(t, next.view(w.c, q).order.Len())
		next.view(w.c, often)
	}
	require.Contains(t, next.table(w.invitations).views.byKey, viewKey(often))
	w.check(t, next, w.model, often)
	w.check(t, next, w.model, once)
	w.check(t, st, before, often)
	w.check(t, st, before, once)
}

func TestStoreViewKeysDiffer(t *testing.T) {
	filter := func(param string, values ...string) contract.Query {
		return contract.Query{Filters: []contract.Condition{{Param: param, Values: values}}}
	}
	queries := []contract.Query{
		{},
		{Scope: []string{"a"}},
		{Scope: []string{"a", "b"}},
		{Scope: []string{"ab"}},
		{Search: "a"},
		{Search: "b"},
		filter("name", "a"), filter("name", "a", "b"), filter("name", "ab"), filter("flow__slug", "a"), filter("namea", ""),
		{Order: []contract.Order{{Field: "name"}}},
		{Order: []contract.Order{{Field: "name", Desc: true}}},
		{Order: []contract.Order{{Field: "name"}, {Field: "pk"}}},
		{Order: []contract.Order{{Field: "pk"}, {Field: "name"}}},
		{Filters: filter("name", "a").Filters, Search: "a"},
		// what a client can send that looks like the separators
		{Search: "a\x03name"},
		filter("name", "a\x02b"),
		{Filters: filter("name", "a").Filters, Search: "b\x02"},
		filter("name", "a\x02b\x02"),
		filter("name", "a\x01name\x00b"),
		{Filters: append(filter("name", "a").Filters, filter("name", "b").Filters...)},
		{Search: "a", Order: []contract.Order{{Field: "name"}}},
		filter("name", "a\x00b"),
		{Search: "a\x03-name"},
		{Search: "a", Order: []contract.Order{{Field: "name", Desc: true}}},
	}
	var alike []string
	for i, q := range queries {
		for _, other := range queries[:i] {
			if viewKey(q) == viewKey(other) {
				alike = append(alike, fmt.Sprintf("%q and %q", viewKey(q), fmt.Sprintf("%+v, %+v", other, q)))
			}
		}
	}
	require.Empty(t, alike, "different questions with one key get one answer")
	for _, q := range queries { // the page is no part of it
		paged := q
		paged.Window, paged.Size = contract.Window{Page: 3}, 7
		require.Equal(t, viewKey(q), viewKey(paged))
	}
}
