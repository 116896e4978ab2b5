package mockserver

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"understudy/internal/contract"
)

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
