package mockserver

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/internal/contract"
)

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
	next, _, refused := w.store.update(func(*state) (change, *refusal) {
		return change{kind: deleted, set: w.invitations, key: w.model.rows[0].pk}, nil
	})
	require.Nil(t, refused)
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
