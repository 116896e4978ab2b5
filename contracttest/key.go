package contracttest

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"understudy/internal/contract"
)

const (
	mostKeys    = 4 // properties that are tried as the key of a list's items
	mostRekeyed = 3 // times that the lists are read anew: a list inside items can be read only once their key is known
)

// settleKeys reads the lists anew while items are found by another property than was taken for their key.
func (e *engine) settleKeys(ctx context.Context) {
	keys := map[string]string{}
	for range mostRekeyed {
		found := false
		for _, c := range e.doc.Collections() {
			if _, known := keys[c.Path]; known {
				continue
			}
			if key, other := e.otherKey(ctx, e.lists[c]); other {
				keys[c.Path], found = key, true
			}
		}
		if !found {
			return
		}
		e.judging.Wait()
		again, err := e.doc.WithKeys(keys)
		if err != nil || e.choose(again) != nil {
			return // neither depends on keys
		}
		e.client.forget()
		e.survey(ctx)
	}
}

// otherKey finds by which property the items of a list are found, if that is not the one that was taken for their key because it is called like one; "" is
// that none of those that could be it finds them.
func (e *engine) otherKey(ctx context.Context, s *listState) (key string, other bool) {
	if s == nil || s.why != "" || !s.c.KeyGuessed() || len(s.base.items) == 0 {
		return "", false
	}
	retrieve := s.c.Operation(contract.Retrieve)
	ofItems := func(op *contract.Operation) bool { return op.Collection == s.c && op.Role != contract.List }
	if !slices.ContainsFunc(e.selected, func(op *contract.Operation) bool { return ofItems(op) || strings.HasPrefix(op.Path, s.c.ItemPath) }) {
		return "", false // nothing is asked by it
	}
	if retrieve == nil || e.report.selection.forbids(retrieve, http.MethodGet) {
		return "", false
	}
	asked := s.c.Records.Key
	first, last := s.base.items[0], s.base.items[len(s.base.items)-1]
	if status := e.found(ctx, s, asked, first, false); status == http.StatusOK || !astray(status) {
		return "", false
	}
	others := s.uniques()
	for _, name := range others {
		if e.found(ctx, s, name, first, true) == http.StatusOK && e.found(ctx, s, name, last, true) == http.StatusOK {
			return name, true
		}
	}
	return "", len(others) > 0 && astray(e.found(ctx, s, asked, last, false))
}

// otherKeyOf finds likewise what leads to the item that was created in a list that had none; "" if nothing does.
func (e *engine) otherKeyOf(ctx context.Context, s *listState, a *answer) (key string, other bool) {
	body, err := json.Marshal(s.object(a))
	if err != nil || len(s.base.items) > 0 || !s.c.KeyGuessed() {
		return "", false
	}
	it, err := s.c.Records.Decode(body)
	if err != nil {
		return "", false
	}
	made := *s
	made.base = &listed{items: []contract.Item{it}}
	name, other := e.otherKey(ctx, &made)
	if !other {
		return "", false
	}
	if name != "" {
		key = it.Value([]string{name}).Text
	}
	return cmp.Or(s.located(a), key), true
}

// astray tells whether an answer may be due to the wrong key.
func astray(status int) bool {
	return slices.Contains([]int{http.StatusBadRequest, http.StatusNotFound, http.StatusGone, http.StatusUnprocessableEntity}, status)
}

// found asks for an item by the value that it has at a property, and gives the status: 200 if it is the item, 404 if it is another one.
func (e *engine) found(ctx context.Context, s *listState, by string, it contract.Item, odd bool) int {
	st, why := e.on(s, contract.Retrieve, it.Value([]string{by}).Text, nil)
	if why != "" {
		return 0
	}
	st.odd = odd
	a := e.client.do(ctx, &st.request, nil, false)
	if a.err != nil || !a.ok() {
		return a.status
	}
	one := unwrapItem(a, s)
	for _, name := range []string{by, s.c.Records.Key} {
		if v, ok := one[name]; !ok || scalarText(v) != it.Value([]string{name}).Text {
			return http.StatusNotFound
		}
	}
	return http.StatusOK
}

// uniques gives the properties, other than the key, that could be it: all items have one, each its own, that fits the path's parameter.
func (s *listState) uniques() []string {
	schema := s.keySchema()
	fits := func(text string) bool {
		if schema == nil {
			return true
		}
		var v any = text
		if schema.Type() == "integer" {
			v = decode([]byte(text))
		}
		return len(schema.Validate(v, contract.AsRequest)) == 0
	}
	var out []string
	for _, name := range s.c.Records.Properties {
		own, ok := s.c.Records.Schema.Property(name)
		if name == s.c.Records.Key || !ok || own.Schema.Type() != "string" && own.Schema.Type() != "integer" || own.Schema.Format() == "date-time" || own.Schema.Format() == "uri" || len(out) == mostKeys {
			continue
		}
		seen := map[string]bool{}
		for _, it := range s.base.items {
			v := it.Value([]string{name})
			if v.Kind <= contract.Null || v.Text == "" || seen[v.Text] || !fits(v.Text) {
				break
			}
			seen[v.Text] = true
		}
		if len(seen) == len(s.base.items) {
			out = append(out, name)
		}
	}
	return out
}
