package mutant

import (
	"net/http"
	"slices"
	"sync"

	"github.com/tidwall/gjson"

	"understudy/internal/contract"
)

// createMutants break what is created.
var createMutants = []Mutant{
	{
		ID: "create-not-stored", Rule: "crud/create-read", Sentence: "A create is answered as one, and nothing is stored.",
		Changes: writes, spoil: onCreated(func(x *exchange, a *answer, key string) *answer {
			x.ask(http.MethodDelete, x.itemURL(key), nil, "")
			return a
		}, contract.Destroy),
	},
	{
		ID: "create-drops-property", Rule: "crud/create-read", Sentence: "A property that may be left out is accepted on creation and not stored.",
		Changes: writes, spoil: dropping(contract.Create),
	},
	{
		ID: "create-alters", Rule: "crud/create-read", Sentence: "A property is stored with another value than was sent on creation.",
		Changes: writes, spoil: func(p *Place) spoiler {
			if p.operation(contract.Create) == nil || !keyed(p.Collection) {
				return nil
			}
			return altering(p, contract.Create)
		},
	},
	{
		ID: "create-not-listed", Rule: "crud/create-list", Sentence: "What was created can be read, but does not come into the list.",
		Changes: writes, spoil: func(p *Place) spoiler {
			if p.operation(contract.Create) == nil || p.operation(contract.List) == nil || !keyed(p.Collection) {
				return nil
			}
			var mu sync.Mutex
			made := map[string]bool{}
			return func(x *exchange) *answer {
				a, c := x.pass(), p.Collection
				mu.Lock()
				defer mu.Unlock()
				switch {
				case x.is(contract.Create) && a.ok():
					if item := itemOf(c, a); item != "" {
						made[keyOf(c, item)] = true
					}
				case x.is(contract.List) && x.method == http.MethodGet && a.ok() && len(made) > 0:
					before := itemsOf(c, a)
					after := slices.DeleteFunc(slices.Clone(before), func(item string) bool { return made[keyOf(c, item)] })
					if len(after) < len(before) {
						a = withItems(c, a, after)
						if n, ok := told(c, a, "the total"); ok {
							a = tell(c, a, "the total", n-len(before)+len(after))
						}
					}
				}
				return a
			}
		},
	},
	{
		ID: "create-answers-otherwise", Rule: "crud/create-answer", Sentence: "The answer to a create shows another value than the item has.",
		Changes: writes, spoil: onCreated(func(x *exchange, a *answer, _ string) *answer {
			c := x.place.Collection
			after, _ := altered(x.place, itemOf(c, a), false)
			return withItem(c, a, after)
		}),
	},
	{
		ID: "create-answers-other-key", Rule: "crud/create-answer", Sentence: "The answer to a create has another key than the item.",
		Changes: writes, spoil: onCreated(func(x *exchange, a *answer, _ string) *answer {
			c := x.place.Collection
			item := itemOf(c, a)
			return withItem(c, a, set(item, gjson.Escape(c.Records.Key), otherKey(gjson.Get(item, gjson.Escape(c.Records.Key)))))
		}),
	},
	{
		ID: "duplicate-crashes", Rule: "crud/create-twice", Sentence: "The same create a second time is answered with 500.",
		Changes: writes, spoil: twice(func(x *exchange, _ *answer) *answer { return crash() }),
	},
	{
		ID: "duplicate-same", Rule: "crud/create-twice", Sentence: "The same create a second time is answered as one, with the item of the first.",
		Changes: writes, spoil: twice(func(x *exchange, first *answer) *answer { return first }),
	},
	{
		ID: "refused-but-created", Rule: "crud/create-refused", Sentence: "A create that is refused creates all the same.",
		Changes: writes, spoil: func(p *Place) spoiler {
			s := bodyOf(p.operation(contract.Create))
			if s == nil || !keyed(p.Collection) {
				return nil
			}
			var mu sync.Mutex
			accepted := ""
			return func(x *exchange) *answer {
				a := x.pass()
				if !x.is(contract.Create) {
					return a
				}
				mu.Lock()
				last := accepted
				if a.ok() {
					accepted = string(x.body)
				}
				mu.Unlock()
				body := gjson.ParseBytes(x.body)
				if a.status != http.StatusBadRequest && a.status != http.StatusUnprocessableEntity && a.status != http.StatusConflict || !body.IsObject() {
					return a
				}
				mended := body.Raw
				for _, q := range s.Properties() {
					name := gjson.Escape(q.Name)
					if v := body.Get(name); v.Exists() == q.Required && (!v.Exists() || sendable(q.Schema, v.Raw)) || !v.Exists() {
						if !v.Exists() && q.Required && gjson.Get(last, name).Exists() {
							mended = set(mended, name, gjson.Get(last, name).Raw)
						}
						continue
					}
					if sendable(q.Schema, body.Get(name).Raw) {
						continue
					}
					if before := gjson.Get(last, name); before.Exists() && q.Required {
						mended = set(mended, name, before.Raw)
					} else {
						mended = without(mended, name)
					}
				}
				y := *x
				y.body = []byte(mended)
				y.pass()
				return a
			}
		},
	},
	{
		ID: "default-other", Rule: "crud/default", Sentence: "A property that is left out on creation has another value than the documented default.",
		Changes: writes, spoil: func(p *Place) spoiler {
			s := bodyOf(p.operation(contract.Create))
			if s == nil {
				return nil
			}
			return func(x *exchange) *answer {
				if body := gjson.ParseBytes(x.body); x.is(contract.Create) && body.IsObject() {
					for _, q := range s.Properties() {
						d := q.Default()
						if json, ok := p.Collection.Records.Initial(q.Name); d == nil && ok {
							d = []byte(json)
						}
						if d == nil || q.Required || body.Get(gjson.Escape(q.Name)).Exists() {
							continue
						}
						if v := otherThan(q.Schema, string(d)); v != "" {
							x.body = []byte(set(string(x.body), gjson.Escape(q.Name), v))
						}
					}
				}
				return x.pass()
			}
		},
	},
	{
		ID: "read-only-taken", Rule: "crud/read-only", Sentence: "A read-only property can be chosen by whoever creates an item.",
		Changes: writes, spoil: func(p *Place) spoiler {
			if p.operation(contract.Create) == nil || !keyed(p.Collection) {
				return nil
			}
			var mu sync.Mutex
			chosen := map[string]map[string]string{} // what was sent, by key and property
			return func(x *exchange) *answer {
				body := gjson.ParseBytes(x.body)
				a := edited(x, func(item string) string {
					mu.Lock()
					defer mu.Unlock()
					key := keyOf(p.Collection, item)
					if x.is(contract.Create) && body.IsObject() {
						chosen[key] = map[string]string{}
						for _, l := range leaves(p.Collection) {
							if v := body.Get(l.path); l.property.Schema.ReadOnly() && v.Exists() && fits(l.property.Schema, v.Raw) {
								chosen[key][l.path] = v.Raw
							}
						}
					}
					for path, v := range chosen[key] {
						item = set(item, path, v)
					}
					return item
				})
				return a
			}
		},
	},
	{
		ID: "write-only-shown", Rule: "crud/write-only", Sentence: "A write-only property is shown.",
		Changes: all, spoil: func(p *Place) spoiler {
			if p.Collection == nil || !keyed(p.Collection) {
				return nil
			}
			for _, s := range p.bodies() {
				for _, q := range s.Properties() {
					if q.Schema.WriteOnly() {
						return func(x *exchange) *answer {
							return edited(x, func(item string) string { return set(item, gjson.Escape(q.Name), `"x"`) })
						}
					}
				}
			}
			return nil
		},
	},
}

// writes are the probes that write, and those behind them.
var writes = []string{"write/*", "value/*", "http/media", "auth/after"}

// creates are the probes that create.
var creates = []string{"write/create*", "write/other", "value/*", "http/media"}

// otherThan gives another valid value than one that is given as JSON.
func otherThan(s *contract.Schema, now string) string {
	if v := other(s, now); v != "" {
		return v
	}
	for _, v := range []string{`{"other":true}`, `"2031-02-03T04:05:06Z"`, `"other"`, "1", "true"} {
		if v != now && sendable(s, v) && s.Format() != "uuid" {
			return v
		}
	}
	return ""
}

// onCreated changes the answers to creates. It needs operations with the roles.
func onCreated(spoil func(x *exchange, a *answer, key string) *answer, needs ...contract.Role) func(*Place) spoiler {
	return func(p *Place) spoiler {
		if p.operation(contract.Create) == nil || !keyed(p.Collection) || slices.ContainsFunc(needs, func(r contract.Role) bool { return p.operation(r) == nil }) {
			return nil
		}
		return func(x *exchange) *answer {
			a := x.pass()
			if item := itemOf(p.Collection, a); x.is(contract.Create) && a.ok() && item != "" {
				return spoil(x, a, keyOf(p.Collection, item))
			}
			return a
		}
	}
}

// dropping leaves out of writes a property that may be left out.
func dropping(role contract.Role) func(*Place) spoiler {
	return func(p *Place) spoiler {
		s := bodyOf(p.operation(role))
		if s == nil || !keyed(p.Collection) {
			return nil
		}
		return func(x *exchange) *answer {
			if body := gjson.ParseBytes(x.body); x.is(role) && body.IsObject() && x.wouldSucceed() {
				for _, q := range s.Properties() {
					v := body.Get(gjson.Escape(q.Name))
					if v.Exists() && !p.required(q.Name) && !q.Schema.ReadOnly() && !q.Schema.WriteOnly() && p.Collection.Records.Has(q.Name) && !saysNothing(v) {
						x.body = []byte(without(string(x.body), gjson.Escape(q.Name)))
						break
					}
				}
			}
			return x.pass()
		}
	}
}

// required tells whether a property may not be left out of any body.
func (p *Place) required(name string) bool {
	return slices.ContainsFunc(p.bodies(), func(s *contract.Schema) bool {
		q, ok := s.Property(name)
		return ok && q.Required
	})
}

// saysNothing tells whether a value is like none at all.
func saysNothing(v gjson.Result) bool {
	return slices.Contains([]string{"null", "{}", "[]", `""`, "false", "0"}, v.Raw)
}

// altering stores another value than is sent of one property.
func altering(p *Place, role contract.Role) spoiler {
	s := bodyOf(p.operation(role))
	if s == nil {
		return nil
	}
	return func(x *exchange) *answer {
		body := gjson.ParseBytes(x.body)
		if !x.is(role) || !body.IsObject() || !x.wouldSucceed() {
			return x.pass()
		}
		for _, q := range s.Properties() {
			v := body.Get(gjson.Escape(q.Name))
			if !v.Exists() || q.Schema.ReadOnly() || !p.Collection.Records.Has(q.Name) || p.Collection.Records.Reference(q.Name) != nil || q.Name == p.Collection.Records.Key {
				continue
			}
			if v.Type == gjson.String && q.Schema.Format() == "" && len(v.String()) > 3 && q.Schema.Enum() == nil {
				continue // by this an item is found
			}
			if to := other(q.Schema, v.Raw); to != "" {
				x.body = []byte(set(string(x.body), gjson.Escape(q.Name), to))
				break
			}
		}
		return x.pass()
	}
}

// twice answers a create whose body was sent before.
func twice(spoil func(x *exchange, first *answer) *answer) func(*Place) spoiler {
	return func(p *Place) spoiler {
		if p.operation(contract.Create) == nil || !keyed(p.Collection) {
			return nil
		}
		var mu sync.Mutex
		firsts := map[string]*answer{}
		return func(x *exchange) *answer {
			if x.is(contract.Destroy) { // what it made is gone
				a := x.pass()
				mu.Lock()
				defer mu.Unlock()
				for body, first := range firsts {
					if a.ok() && keyOf(p.Collection, itemOf(p.Collection, first)) == x.key() {
						delete(firsts, body)
					}
				}
				return a
			}
			if !x.is(contract.Create) || !x.wouldSucceed() {
				return x.pass()
			}
			mu.Lock()
			first := firsts[string(x.body)]
			mu.Unlock()
			if first != nil {
				again := *first
				again.header = first.header.Clone()
				return spoil(x, &again)
			}
			a := x.pass()
			if a.ok() {
				kept := *a
				kept.header = a.header.Clone()
				mu.Lock()
				firsts[string(x.body)] = &kept
				mu.Unlock()
			}
			return a
		}
	}
}
