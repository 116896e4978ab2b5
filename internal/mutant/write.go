package mutant

import (
	"net/http"
	"slices"
	"sync"

	"github.com/tidwall/gjson"

	"understudy/internal/contract"
)

// writeMutants break what is changed.
var writeMutants = []Mutant{
	{
		ID: "put-drops-property", Rule: "crud/replace-stores", Sentence: "PUT does not store a property that may be left out.",
		Changes: writes, spoil: dropping(contract.Replace),
	},
	{
		ID: "put-not-stored", Rule: "crud/replace-stores", Sentence: "PUT is answered as if it had been done, and nothing is stored.",
		Changes: writes, spoil: onChange(contract.Replace, func(x *exchange, before string) *answer {
			a := x.pass()
			if a.ok() {
				x.put(before)
			}
			return a
		}),
	},
	{
		ID: "put-merges", Rule: "crud/replace", Sentence: "PUT keeps what was left out.",
		Changes: writes, spoil: onChange(contract.Replace, func(x *exchange, before string) *answer {
			x.body = []byte(x.completed(before))
			return x.pass()
		}),
	},
	{
		ID: "put-twice-differs", Rule: "crud/replace-twice", Sentence: "The same PUT a second time leaves another item.",
		Changes: writes, spoil: func(p *Place) spoiler {
			var mu sync.Mutex
			last := map[string]string{}
			return onChange(contract.Replace, func(x *exchange, before string) *answer {
				mu.Lock()
				again := last[x.key()] == string(x.body)
				last[x.key()] = string(x.body)
				mu.Unlock()
				if again {
					if body, name := altered(p, string(x.body), true); name != "" {
						x.body = []byte(body)
					}
				}
				return x.pass()
			})(p)
		},
	},
	{
		ID: "patch-resets", Rule: "crud/update", Sentence: "PATCH resets what was not sent to its default.",
		Changes: writes, spoil: onChange(contract.Update, func(x *exchange, before string) *answer {
			for _, q := range properties(x.op) {
				name := gjson.Escape(q.Name)
				if gjson.GetBytes(x.body, name).Exists() || q.Schema.ReadOnly() || x.place.required(q.Name) {
					continue
				}
				json, ok := x.place.Collection.Records.Initial(q.Name)
				if d := q.Default(); d != nil {
					json, ok = string(d), true
				}
				if ok && sendable(q.Schema, json) {
					x.body = []byte(set(string(x.body), name, json))
				}
			}
			return x.pass()
		}),
	},
	{
		ID: "patch-not-stored", Rule: "crud/update", Sentence: "PATCH is answered with what was there, and nothing is stored.",
		Changes: writes, spoil: onChange(contract.Update, func(x *exchange, before string) *answer {
			y := *x
			y.body = []byte("{}")
			return y.pass()
		}),
	},
	{
		ID: "patch-touches-another", Rule: "crud/update", Sentence: "PATCH changes a property that was not sent.",
		Changes: writes, spoil: onChange(contract.Update, func(x *exchange, before string) *answer {
			for _, q := range properties(x.op) {
				name := gjson.Escape(q.Name)
				now := gjson.Get(before, name)
				if gjson.GetBytes(x.body, name).Exists() || q.Schema.ReadOnly() || x.place.Collection.Records.Reference(q.Name) != nil || !x.place.Collection.Records.Has(q.Name) {
					continue
				}
				if v := otherThan(q.Schema, now.Raw); v != "" {
					x.body = []byte(set(string(x.body), name, v))
					break
				}
			}
			return x.pass()
		}),
	},
	{
		ID: "refused-but-applied", Rule: "crud/write-refused", Sentence: "Of a write that is refused, what is valid is stored.",
		Changes: writes, spoil: func(p *Place) spoiler {
			update := p.operation(contract.Update)
			if bodyOf(update) == nil && bodyOf(p.operation(contract.Replace)) == nil || !keyed(p.Collection) || p.operation(contract.Retrieve) == nil {
				return nil
			}
			return func(x *exchange) *answer {
				a := x.pass()
				body := gjson.ParseBytes(x.body)
				s := bodyOf(x.op)
				if !x.is(contract.Replace, contract.Update) || a.status != http.StatusBadRequest && a.status != http.StatusUnprocessableEntity || !body.IsObject() || s == nil {
					return a
				}
				valid, before := "{}", x.read(x.key())
				for _, q := range s.Properties() {
					if v := body.Get(gjson.Escape(q.Name)); v.Exists() && !q.Schema.ReadOnly() && sendable(q.Schema, v.Raw) {
						valid = set(valid, gjson.Escape(q.Name), v.Raw)
					}
				}
				if before == "" || valid == "{}" {
					return a
				}
				y := *x
				y.header = x.header.Clone()
				y.header.Del("If-Match")
				y.body = []byte(valid)
				if x.is(contract.Replace) {
					y.body = []byte(y.completed(before))
				}
				y.pass()
				return a
			}
		},
	},
}

// deleteMutants break what is deleted.
var deleteMutants = []Mutant{
	{
		ID: "delete-keeps", Rule: "crud/delete", Sentence: "A delete is answered as one, and the item is still there.",
		Changes: writes, spoil: onDestroy(func(x *exchange, _ string) *answer { return x.gone() }),
	},
	{
		ID: "delete-keeps-listed", Rule: "crud/delete", Sentence: "What was deleted is still in the list.",
		Changes: writes, spoil: func(p *Place) spoiler {
			if p.operation(contract.List) == nil || p.operation(contract.Retrieve) == nil || p.operation(contract.Destroy) == nil || !keyed(p.Collection) {
				return nil
			}
			var mu sync.Mutex
			var deleted []string
			return func(x *exchange) *answer {
				before := ""
				if x.is(contract.Destroy) {
					before = x.read(x.key())
				}
				a, c := x.pass(), p.Collection
				mu.Lock()
				defer mu.Unlock()
				if before != "" && a.ok() {
					deleted = append(deleted, before)
				}
				if q, ok := x.asked(); ok && x.method == http.MethodGet && a.ok() && len(deleted) > 0 && len(q.Filters) == 0 && q.Search == "" {
					n, counts := told(c, a, "the total")
					page := itemsOf(c, a)
					if end := c.Offset(q) + len(page); !paged(c) || counts && end >= n {
						a = withItems(c, a, append(page, deleted...))
					}
					if counts {
						a = tell(c, a, "the total", n+len(deleted))
					}
				}
				return a
			}
		},
	},
	{
		ID: "delete-takes-another", Rule: "crud/delete-only", Sentence: "A delete takes the last item of the list with it, or what was created before.",
		Changes: append([]string{"list", "list/*", "item"}, writes...), spoil: func(p *Place) spoiler {
			if p.operation(contract.Destroy) == nil || !keyed(p.Collection) {
				return nil
			}
			var mu sync.Mutex
			var made []string
			return func(x *exchange) *answer {
				a := x.pass()
				mu.Lock()
				defer mu.Unlock()
				if item := itemOf(p.Collection, a); x.is(contract.Create) && a.ok() && item != "" {
					made = append(made, keyOf(p.Collection, item))
				}
				if x.is(contract.Destroy) && a.ok() {
					made = slices.DeleteFunc(made, func(k string) bool { return k == x.key() })
					if n := len(made); n > 0 {
						x.ask(http.MethodDelete, x.itemURL(made[n-1]), nil, "")
						made = made[:n-1]
					}
				}
				return a
			}
		},
	},
	{
		ID: "delete-twice-crashes", Rule: "crud/delete-twice", Sentence: "A delete of what was deleted is answered with 500.",
		Changes: writes, spoil: func(p *Place) spoiler {
			if p.operation(contract.Destroy) == nil {
				return nil
			}
			var mu sync.Mutex
			deleted := map[string]bool{}
			return func(x *exchange) *answer {
				a := x.pass()
				if !x.is(contract.Destroy) {
					return a
				}
				mu.Lock()
				defer mu.Unlock()
				if deleted[x.key()] && x.letIn() {
					return crash()
				}
				deleted[x.key()] = deleted[x.key()] || a.ok()
				return a
			}
		},
	},
}

// completed gives a body in which stands, of an item, what the request left out.
func (x *exchange) completed(item string) string {
	body := string(x.body)
	for _, q := range properties(x.op) {
		name := gjson.Escape(q.Name)
		if v := gjson.Get(item, name); v.Exists() && !gjson.Get(body, name).Exists() && !q.Schema.ReadOnly() && sendable(q.Schema, v.Raw) {
			body = set(body, name, v.Raw)
		}
	}
	return body
}

// put stores an item again as it was.
func (x *exchange) put(item string) {
	y := *x
	y.body = []byte("{}")
	x.ask(x.method, x.itemURL(x.key()), nil, y.completed(item))
}

// onChange answers writes to an item that exists, with a body that is an object; before is the item.
func onChange(role contract.Role, spoil func(x *exchange, before string) *answer) func(*Place) spoiler {
	return func(p *Place) spoiler {
		if bodyOf(p.operation(role)) == nil || p.operation(contract.Retrieve) == nil || !keyed(p.Collection) {
			return nil
		}
		return func(x *exchange) *answer {
			if !x.is(role) || !gjson.ParseBytes(x.body).IsObject() || !x.wouldSucceed() {
				return x.pass()
			}
			before := x.read(x.key())
			if before == "" {
				return x.pass()
			}
			return spoil(x, before)
		}
	}
}

// onDestroy answers deletes of an item that exists.
func onDestroy(spoil func(x *exchange, before string) *answer) func(*Place) spoiler {
	return func(p *Place) spoiler {
		if p.operation(contract.Destroy) == nil || p.operation(contract.Retrieve) == nil || !keyed(p.Collection) {
			return nil
		}
		return func(x *exchange) *answer {
			if !x.is(contract.Destroy) {
				return x.pass()
			}
			before := x.read(x.key())
			if before == "" {
				return x.pass()
			}
			return spoil(x, before)
		}
	}
}

// gone is the answer of a delete that was done.
func (x *exchange) gone() *answer {
	status := x.op.Success()
	if status == 0 {
		status = http.StatusNoContent
	}
	if r := x.op.Response(status); r != nil && len(r.Media) > 0 {
		return say(status, "{}")
	}
	return &answer{status: status, header: http.Header{}}
}
