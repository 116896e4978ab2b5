package mutant

import (
	"net/http"
	"strings"

	"github.com/tidwall/gjson"

	"understudy/internal/contract"
	"understudy/internal/generate"
)

// items makes the probes of one item, read alone.
func (b *prober) items(scope, items []string) {
	c := b.p.Collection
	get := b.p.operation(contract.Retrieve)
	if get == nil || len(items) == 0 {
		return
	}
	all := (&exchange{place: b.p, inner: b.server, values: scope, sent: b.request(), header: b.request().Header, path: b.request().URL.Path}).all(contract.Query{})
	if len(all) == 0 {
		all = items
	}
	for _, item := range []string{all[0], all[len(all)/2], all[len(all)-1], all[0], all[0]} {
		b.add("item", get, http.MethodGet, c.ItemURL(scope, keyOf(c, item)), "")
	}
	one := c.ItemURL(scope, keyOf(c, all[0]))
	unknown := otherKey(gjson.Get(all[0], gjson.Escape(c.Records.Key)))
	b.add("item/unknown", get, http.MethodGet, c.ItemURL(scope, strings.Trim(unknown, `"`)+"4"), "")
	b.add("item/unknown", get, http.MethodGet, c.ItemURL(scope, strings.Trim(unknown, `"`)), "")
	b.add("item/unknown", get, http.MethodGet, c.ItemURL(scope, "00000000-1111-4222-8333-444444444444"), "")
	b.add("item/unknown", get, http.MethodGet, c.ItemURL(scope, "987654321"), "")
	b.add("item/malformed", get, http.MethodGet, c.ItemURL(scope, "not one"), "")
	b.add("item/malformed", get, http.MethodGet, c.ItemURL(scope, strings.Repeat("x", 400)), "")
	b.bare("retrieve", get, one)
	b.odd("item", get, one)
}

// request is a valid read of the place's list.
func (b *prober) request() *http.Request {
	c := b.p.Collection
	path, v := c.Encode(b.scoped(contract.Query{Window: c.First()}))
	n := len(b.out)
	b.add("", c.List(), http.MethodGet, withParameters(path, v), "")
	probe := b.out[n]
	b.out = b.out[:n]
	r, err := http.NewRequest(probe.Method, probe.Target, http.NoBody)
	if err != nil {
		return &http.Request{Header: http.Header{}}
	}
	r.Header = probe.Header
	return r
}

// body is a body that the server takes for a create, found by trying; "" if none is.
func (b *prober) body(op *contract.Operation, path string, items []string) string {
	s := bodyOf(op)
	if s == nil {
		return ""
	}
	whole, err := generate.New(&generate.Options{Seed: 1}).Value(s, contract.AsRequest, op.ID+"/probe")
	if err != nil {
		return ""
	}
	lean := string(whole)
	for _, q := range s.Properties() {
		if !q.Required {
			lean = without(lean, gjson.Escape(q.Name))
		}
	}
	known := lean
	if len(items) > 0 {
		for _, q := range s.Properties() {
			name := gjson.Escape(q.Name)
			if v := gjson.Get(items[0], name); q.Required && v.Exists() && sendable(q.Schema, v.Raw) && b.p.Collection.Records.Reference(q.Name) != nil {
				known = set(known, name, v.Raw)
			}
		}
	}
	partly := string(whole)
	for _, q := range s.Properties() {
		if b.p.Collection.Records.Reference(q.Name) != nil && !q.Required {
			partly = without(partly, gjson.Escape(q.Name))
		}
	}
	for _, body := range []string{string(whole), partly, lean, known} {
		a := b.ask(op, http.MethodPost, path, body)
		if !a.ok() {
			continue
		}
		if item := itemOf(b.p.Collection, a); item != "" {
			if destroy := b.p.operation(contract.Destroy); destroy != nil {
				b.ask(destroy, http.MethodDelete, b.p.Collection.ItemURL(b.scoped(contract.Query{}).Scope, keyOf(b.p.Collection, item)), "")
			}
		}
		return body
	}
	return ""
}

// write makes the probes that write: a life of an item, from its creation to its second deletion, with refusals in between.
func (b *prober) write(scope, items []string) {
	c := b.p.Collection
	create := b.p.operation(contract.Create)
	if create == nil || !keyed(c) || c.ItemPath == "" {
		return
	}
	path, _ := c.Encode(contract.Query{Scope: scope, Window: c.First()})
	body := b.body(create, path, items)
	if body == "" {
		return
	}
	get, put, patch, destroy := b.p.operation(contract.Retrieve), b.p.operation(contract.Replace), b.p.operation(contract.Update), b.p.operation(contract.Destroy)
	one := c.ItemURL(scope, made)
	one = strings.NewReplacer("%7B", "{", "%7D", "}").Replace(one)
	read := func(label string) {
		if get != nil {
			b.add("write/"+label, get, http.MethodGet, one, "")
		}
		list := contract.Query{Scope: scope, Window: c.First()}
		if c.Paging.Size != "" {
			list.Size = largest(c)
		}
		to, v := c.Encode(list)
		b.add("write/"+strings.Replace(label, "read", "list", 1), c.List(), http.MethodGet, withParameters(to, v), "")
		if total := c.Paging.Style == contract.ByPage && list.Size > 0; total { // what is new may stand at the end
			list.Window.Page++
			to, v = c.Encode(list)
			b.add("write/"+strings.Replace(label, "read", "list", 1), c.List(), http.MethodGet, withParameters(to, v), "")
		}
	}
	b.add("write/create", create, http.MethodPost, path, body)
	read("read")
	b.add("write/other", create, http.MethodPost, path, body)
	read("read-twice")
	if guarded(create) {
		b.add("auth/none/create", nil, http.MethodPost, path, body, "Content-Type", "application/json")
	}
	changed := body
	s := bodyOf(create)
	for _, q := range s.Properties() {
		name := gjson.Escape(q.Name)
		if v := gjson.Get(body, name); v.Exists() && c.Records.Reference(q.Name) == nil && !q.Schema.ReadOnly() {
			if to := other(q.Schema, v.Raw); to != "" {
				changed = set(changed, name, to)
			}
		}
	}
	lean := changed
	for _, q := range s.Properties() {
		if !q.Required && !b.p.required(q.Name) {
			lean = without(lean, gjson.Escape(q.Name))
		}
	}
	if put != nil {
		b.add("write/replace", put, http.MethodPut, one, changed)
		read("after/replace")
		b.add("write/replace/again", put, http.MethodPut, one, changed)
		read("after/replace-again")
		b.add("write/replace/part", put, http.MethodPut, one, lean)
		read("after/replace-part")
		b.add("auth/none/replace", nil, http.MethodPut, one, changed, "Content-Type", "application/json")
	}
	if patch != nil {
		b.add("write/update/whole", patch, http.MethodPatch, one, body)
		for _, q := range s.Properties() {
			name := gjson.Escape(q.Name)
			if v := gjson.Get(changed, name); v.Exists() {
				b.add("write/update", patch, http.MethodPatch, one, set("{}", name, v.Raw))
				read("after/update")
			}
		}
		b.add("auth/none/update", nil, http.MethodPatch, one, changed, "Content-Type", "application/json")
	}
	for _, op := range []*contract.Operation{create, put, patch} {
		if op == nil {
			continue
		}
		to := one
		if op == create {
			to = path
		}
		b.add("write/refused/json", op, op.Method, to, `{"`)
		b.add("http/media", op, op.Method, to, body, "Content-Type", "application/x-understudy")
		for _, q := range properties(op) {
			name := gjson.Escape(q.Name)
			for _, bad := range []string{"null", "17", `""`, `"!"`, `{"a":1}`, `"` + strings.Repeat("a", 300) + `"`, "-987654321"} {
				if !sendable(q.Schema, bad) {
					b.add("write/refused/"+q.Name, op, op.Method, to, set(body, name, bad))
				}
			}
			if q.Required {
				b.add("write/refused/"+q.Name, op, op.Method, to, without(body, name))
			}
		}
	}
	read("after/refused")
	if destroy != nil {
		b.add("auth/none/destroy", nil, http.MethodDelete, one, "")
		if get != nil {
			b.add("auth/after", get, http.MethodGet, one, "")
		}
		b.add("write/delete", destroy, http.MethodDelete, one, "")
		read("gone/read")
		b.add("write/delete/again", destroy, http.MethodDelete, one, "")
	}
	for _, q := range s.Properties() {
		b.edges(create, path, body, q)
	}
	read("gone/end")
}

// edges creates with values of one property that are allowed, though few send them.
func (b *prober) edges(create *contract.Operation, path, body string, q contract.Property) {
	c, name := b.p.Collection, gjson.Escape(q.Name)
	if c.Records.Reference(q.Name) != nil || q.Schema.ReadOnly() {
		if q.Schema.ReadOnly() {
			return
		}
	}
	try := func(label, value string) {
		if sendable(q.Schema, value) {
			b.add(label, create, http.MethodPost, path, set(body, name, value))
		}
	}
	try("value/true", "true")
	try("value/null", "null")
	if !q.Required {
		b.add("value/left-out", create, http.MethodPost, path, without(body, name))
	}
	if n := len(q.Schema.Enum()); n > 0 {
		if text, ok := q.Schema.Enum()[n-1].(string); ok {
			try("value/choice", quote(text))
		}
	}
	if most := q.Schema.Keywords().MaxLength; most != nil && *most < 4000 {
		try("value/longest", quote(strings.Repeat("a", *most)))
	}
	for _, odd := range []string{"\U0001f642", "a\x00b", strings.Repeat("x", 200)} {
		if q.Schema.Type() == "string" {
			b.add("value/odd", create, http.MethodPost, path, set(body, name, quote(odd)))
		}
	}
}
