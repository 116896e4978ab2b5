package mutant

import (
	"net/http"
	"slices"
	"strings"
	"sync"

	"understudy/internal/contract"
)

// readMutants break the reading of items.
var readMutants = []Mutant{
	{
		ID: "item-differs", Rule: "read/list-item", Sentence: "An item read alone shows another value than the list does.",
		Changes: []string{"item", "item/*", "http/*", "write/read*", "write/after/*", "write/gone/*", "auth/*"}, spoil: onRetrieve(func(x *exchange, a *answer) *answer {
			c := x.place.Collection
			after, _ := altered(x.place, itemOf(c, a), false)
			return withItem(c, a, after)
		}),
	},
	{
		ID: "listed-not-there", Rule: "read/list-item", Sentence: "The last item of the list cannot be read: 404.",
		Changes: []string{"item", "item/*", "http/*", "auth/*"}, spoil: func(p *Place) spoiler {
			if p.operation(contract.Retrieve) == nil || !keyed(p.Collection) {
				return nil
			}
			var v victim
			return func(x *exchange) *answer {
				a := x.pass()
				if x.is(contract.Retrieve) && a.ok() && v.of(x) != "" && x.key() == v.of(x) {
					return say(http.StatusNotFound, `{"detail":"Not found."}`)
				}
				return a
			}
		},
	},
	{
		ID: "reading-changes", Rule: "read/safe", Sentence: "Who reads an item changes it: each read is seen in a property of it.",
		Changes: items, spoil: func(p *Place) spoiler {
			if p.operation(contract.Retrieve) == nil || !keyed(p.Collection) {
				return nil
			}
			var mu sync.Mutex
			seen := map[string]int{}
			return func(x *exchange) *answer {
				a := edited(x, func(item string) string {
					mu.Lock()
					defer mu.Unlock()
					return varied(p, item, seen[keyOf(p.Collection, item)])
				})
				if x.is(contract.Retrieve) && a.ok() {
					mu.Lock()
					defer mu.Unlock()
					seen[x.key()]++
				}
				return a
			}
		},
	},
	{
		ID: "item-unsteady", Rule: "read/repeatable", Sentence: "An item, read alone, shows another value of a property with every read.",
		Changes: []string{"item", "item/*", "http/*", "write/read*", "write/after/*", "write/gone/*", "auth/*"}, spoil: func(p *Place) spoiler {
			var mu sync.Mutex
			reads := map[string]int{}
			return onRetrieve(func(x *exchange, a *answer) *answer {
				c := x.place.Collection
				mu.Lock()
				reads[x.key()]++
				n := reads[x.key()]
				mu.Unlock()
				return withItem(c, a, varied(x.place, itemOf(c, a), n))
			})(p)
		},
	},
	{
		ID: "unknown-crashes", Rule: "read/unknown", Sentence: "A key that nothing has is answered with 500.",
		Changes: []string{"item/unknown", "write/after/*", "write/delete/again", "write/gone/*", "http/*"}, spoil: onMissing(false, func(*exchange) *answer { return crash() }),
	},
	{
		ID: "unknown-found", Rule: "read/unknown", Sentence: "A key that nothing has is answered with the first item of the list.",
		Changes: []string{"item/unknown", "write/after/*", "write/gone/*", "http/*"}, spoil: onMissing(false, func(x *exchange) *answer {
			if all := x.all(contract.Query{}); x.is(contract.Retrieve) && len(all) > 0 {
				y := *x
				return y.ask(http.MethodGet, x.itemURL(keyOf(x.place.Collection, all[0])), nil, "")
			}
			return x.pass()
		}),
	},
	{
		ID: "malformed-crashes", Rule: "read/malformed", Sentence: "A key that cannot be one is answered with 500.",
		Changes: []string{"item/malformed", "item/unknown"}, spoil: onMissing(true, func(*exchange) *answer { return crash() }),
	},
	{
		ID: "malformed-found", Rule: "read/malformed", Sentence: "A key that cannot be one is answered with the first item of the list.",
		Changes: []string{"item/malformed", "item/unknown"}, spoil: onMissing(true, func(x *exchange) *answer {
			if all := x.all(contract.Query{}); x.is(contract.Retrieve) && len(all) > 0 {
				return x.ask(http.MethodGet, x.itemURL(keyOf(x.place.Collection, all[0])), nil, "")
			}
			return x.pass()
		}),
	},
	{
		ID: "of-another-parent", Rule: "read/parent", Sentence: "A list inside an item has the items of another.",
		Changes: all, spoil: func(p *Place) spoiler {
			if p.Collection == nil || p.Collection.Parent == nil || p.operation(contract.List) == nil {
				return nil
			}
			parent := p.Collection.Parent
			return func(x *exchange) *answer {
				scope := x.scope()
				if !x.is(contract.List) || x.method != http.MethodGet || len(scope) == 0 {
					return x.pass()
				}
				own := x.pass()
				above := &Place{Document: p.Document, Collection: parent, Operations: []*contract.Operation{parent.List()}}
				y := *x
				y.place, y.values = above, scope[:len(scope)-1]
				path, query := p.Collection.Encode(contract.Query{Scope: scope, Window: p.Collection.First()})
				_ = path
				for _, item := range y.all(contract.Query{}) {
					if key := keyOf(parent, item); key != "" && key != scope[len(scope)-1] {
						to, _ := p.Collection.Encode(contract.Query{Scope: append(slices.Clone(scope[:len(scope)-1]), key), Window: p.Collection.First()})
						for name, values := range x.query {
							query[name] = values
						}
						if a := x.ask(http.MethodGet, to, query, ""); a.ok() && len(itemsOf(p.Collection, a)) > 0 && !slices.Equal(itemsOf(p.Collection, a), itemsOf(p.Collection, own)) {
							return a
						}
					}
				}
				return own
			}
		},
	},
}

// onRetrieve changes the answers to reads of one item.
func onRetrieve(spoil func(x *exchange, a *answer) *answer) func(*Place) spoiler {
	return func(p *Place) spoiler {
		if p.operation(contract.Retrieve) == nil || !keyed(p.Collection) {
			return nil
		}
		return func(x *exchange) *answer {
			a := x.pass()
			if x.is(contract.Retrieve) && a.ok() && itemOf(p.Collection, a) != "" {
				return spoil(x, a)
			}
			return a
		}
	}
}

// onMissing answers for keys that the inner server does not find: those that cannot be keys, or those that can.
func onMissing(malformed bool, spoil spoiler) func(*Place) spoiler {
	return func(p *Place) spoiler {
		if p.operation(contract.Retrieve) == nil {
			return nil
		}
		return func(x *exchange) *answer {
			a := x.pass()
			refused := a.status == http.StatusNotFound || a.status == http.StatusGone || malformed && a.status/100 == 4 &&
				a.status != http.StatusUnauthorized && a.status != http.StatusForbidden && a.status != http.StatusNotAcceptable
			if !x.is(contract.Retrieve, contract.Destroy) || !refused || (malformed != x.malformedKey()) {
				return a
			}
			return spoil(x)
		}
	}
}

// malformedKey tells whether the key in a request's path does not fit what the document says of it.
func (x *exchange) malformedKey() bool {
	params := x.op.PathParameters()
	if len(params) == 0 || len(x.values) < len(params) {
		return false
	}
	p := x.op.Parameter("path", params[len(params)-1])
	if p == nil || p.Schema == nil {
		return false
	}
	value := x.values[len(params)-1]
	if fits(p.Schema, quote(value)) {
		return strings.ContainsAny(value, "\x00/ ") || len(value) > 300
	}
	return p.Schema.Type() == "string" || !fits(p.Schema, value)
}
