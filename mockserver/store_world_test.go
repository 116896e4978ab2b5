package mockserver

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"understudy"
	"understudy/fixtures"
	"understudy/internal/contract"
)

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
	next, _, refused := w.store.update(func(st *state) (change, *refusal) {
		require.Same(t, old, st)
		return ch, nil
	})
	require.Nil(t, refused)
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
