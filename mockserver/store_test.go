package mockserver

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"understudy/fixtures"
	"understudy/internal/contract"
)

// TestStoreModel compares the store with a model of it: a plain slice, filtered and sorted anew for every question.
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
				no := &refusal{cause: conflict}
				got, _, refused := w.store.update(func(*state) (change, *refusal) { return change{}, no })
				require.Same(t, no, refused)
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
