package mockserver

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"understudy/internal/contract"
	"understudy/internal/source"
)

// write creates, replaces or changes a record, and answers with it.
func (x *exchange) write(c *contract.Collection, status int, sent []contract.Member, bad contract.Violations) *refusal {
	w := writer{x: x, set: c.Records, sent: map[string]string{}, bound: x.bound(c)}
	for _, m := range x.apart(c, sent) {
		w.sent[m.Name] = m.JSON
		if p, ok := c.Records.Form().Property(m.Name); ok {
			w.sent[m.Name] = p.Schema.Settable(m.JSON)
		}
	}
	for i := range c.Records.Embeds {
		if e := &c.Records.Embeds[i]; !bad.Has("body", e.By) {
			bad = append(bad, w.checkReference(e)...)
		}
	}
	if err := x.judge(append(bad, w.checkBounds(bad)...)); err != nil {
		return err
	}
	made, refused := x.update(func() (change, *refusal) { return w.decide(c) })
	if refused != nil {
		return refused
	}
	if x.op.Role == contract.Create && c.ItemPath != "" {
		x.w.Header().Set("Location", x.location(c, status, made.record.Key()))
	}
	return x.show(status, made.record, sent)
}

// location is where a created record is: a path, or a whole address where the document's header is one.
func (x *exchange) location(c *contract.Collection, status int, key string) string {
	item := c.ItemURL(x.values, key)
	path := strings.TrimSuffix(x.r.URL.EscapedPath(), "/") + strings.TrimPrefix(item, strings.TrimSuffix(x.path, "/"))
	if c.Elsewhere() {
		path = strings.TrimSuffix(strings.TrimSuffix(x.r.URL.EscapedPath(), "/"), strings.TrimSuffix(x.path, "/")) + item
	}
	r := x.op.Response(status)
	if r != nil && slices.ContainsFunc(r.Headers, func(h contract.Header) bool {
		return strings.EqualFold(h.Name, "Location") && h.Schema != nil && h.Schema.Format() == "uri"
	}) {
		u := x.address()
		return u.Scheme + "://" + u.Host + path
	}
	return path
}

// decide makes the change that a request asks for, to a record that is valid.
func (w *writer) decide(c *contract.Collection) (change, *refusal) {
	ch, refused := w.wanted(c)
	if refused != nil {
		return change{}, refused
	}
	if bad := w.set.Validate(ch.record); len(bad) > 0 || !w.set.Sound(ch.record) {
		switch whole := w.completed(ch.record); {
		case whole != nil:
			ch.record = whole
		case len(bad) > 0:
			return change{}, &refusal{cause: notPlayed, text: "what was sent does not make a valid record: " + bad.Error()}
		}
	}
	switch owner := w.owner(c); {
	case w.x.aside():
		if old := w.x.state.Record(c.Records, w.x.key()); old != nil {
			ch.record = ch.record.OwnedBy(old.Owner())
		}
	case owner != "":
		ch.record = ch.record.OwnedBy(owner)
	}
	return ch, nil
}

// wanted makes the change that a request asks for, valid or not.
func (w *writer) wanted(c *contract.Collection) (change, *refusal) {
	st := w.x.state
	if w.x.op.Role == contract.Create {
		t := st.table(w.set)
		key := ""
		for n := range 1000 { // a client may have taken one
			if key = w.x.server.data.Set(w.set).KeyAfter(t.loaded, t.created+n); st.Record(w.set, key) == nil {
				break
			}
		}
		if st.Record(w.set, key) != nil {
			return change{}, &refusal{cause: conflict, text: w.set.Name + " has no key left for a new record"}
		}
		if own, ok := w.sent[w.set.Key]; ok && w.settable(w.set.Key) {
			if key = textOf(own); st.Record(w.set, key) != nil {
				return change{}, &refusal{cause: conflict, text: fmt.Sprintf("%s has a record with the key %s already", w.set.Name, quote(key))}
			}
		}
		if refused := w.duplicate(c, nil); refused != nil {
			return change{}, refused
		}
		w.nest(nil, false)
		return change{kind: created, set: w.set, key: key, record: w.fresh(key, nil)}, nil
	}
	key := w.x.key()
	old := st.Record(w.set, key)
	if old == nil { // deleted since it was looked for
		return change{}, w.x.unknown(c, key)
	}
	if refused := w.duplicate(c, old); refused != nil {
		return change{}, refused
	}
	switch {
	case w.x.op.Role == contract.Replace:
		w.nest(old, false)
		return change{kind: replaced, set: w.set, key: key, record: w.touch(w.fresh(key, old), old)}, nil
	case w.x.patch != nil:
		record, refused := w.patched(old, w.x.patch)
		if refused != nil {
			return change{}, refused
		}
		return change{kind: replaced, set: w.set, key: key, record: w.touch(record, old)}, nil
	}
	w.nest(old, true)
	return change{kind: merged, set: w.set, key: key, record: w.touch(w.changed(old), old)}, nil
}

// aMoment is what passes between two changes of a record: the clock does not count, so that the same requests have the same answers.
const aMoment = time.Minute

// touch makes what says when a record was last changed later than it was, if the record is not what it was before.
func (w *writer) touch(record, old *contract.Record) *contract.Record {
	if len(w.set.Touched) == 0 || record.Same(old) {
		return record
	}
	members, refs := record.Members()
	for _, p := range w.set.Touched {
		at := slices.IndexFunc(members, func(m contract.Member) bool { return m.Name == p.Name })
		if _, sent := w.sent[p.Name]; at < 0 || sent && w.settable(p.Name) {
			continue
		}
		if then, err := contract.ParseInstant(textOf(members[at].JSON)); err == nil {
			members[at].JSON = quote(then.Add(aMoment).Format(time.RFC3339Nano))
		}
	}
	return w.set.NewRecord(members, refs).OwnedBy(record.Owner())
}

// duplicate refuses what another record has that no two may share.
func (w *writer) duplicate(c *contract.Collection, old *contract.Record) *refusal {
	if old == nil {
		if said := w.twin(c); said != "" {
			return &refusal{cause: conflict, text: said}
		}
	}
	name := w.taken(c, old)
	if name == "" {
		return nil
	}
	return &refusal{cause: conflict, text: fmt.Sprintf("%s has a record with the %s %s already", w.set.Name, name, w.sent[name])}
}

// twin gives what the document says of a second item like one that is there, if that is what is asked for; else "".
func (w *writer) twin(c *contract.Collection) string {
	twins := w.x.op.Twins(c.Records.FormOfBody(w.x.op.Body))
	if twins == nil || !twins.Count(func(name string) string { return w.sent[name] }) {
		return ""
	}
	said := ""
	w.x.state.table(w.set).records.Scan(func(_ string, r *contract.Record) bool {
		for name, sent := range w.sent {
			if p, ok := w.set.Schema.Property(name); ok && !p.Schema.ReadOnly() && r.Own(name) != sent { // what is never shown differs always
				return true
			}
		}
		for name, bound := range w.bound {
			if r.Own(name) != bound {
				return true
			}
		}
		if owner := w.owner(c); owner != "" && r.Owner() != owner {
			return true
		}
		if twins.Count(func(name string) string { return cmp.Or(r.Own(name), w.sent[name]) }) {
			said = twins.Said
		}
		return said == ""
	})
	return said
}

// taken names a property that has to be unique, and whose value another record of the list has already; "" if there is none.
func (w *writer) taken(c *contract.Collection, old *contract.Record) string {
	names, owner := c.Unique(w.x.op), w.owner(c)
	for _, name := range names {
		sent, ok := w.sent[name]
		if !ok || sent == "null" || !w.settable(name) || old != nil && old.Own(name) == sent {
			continue
		}
		found := false
		w.x.state.table(w.set).records.Scan(func(_ string, r *contract.Record) bool {
			found = r.Own(name) == sent && (owner == "" || r.Owner() == owner)
			return !found
		})
		if found {
			return name
		}
	}
	return ""
}

// owner is the key of the item that the list is below, where no property of a record holds it; else "".
func (w *writer) owner(c *contract.Collection) string {
	if n := len(c.List().PathParameters()); c.Owned() && n > 0 && n <= len(w.x.values) {
		return spelled(c.Parent.Records, w.x.values[n-1])
	}
	return ""
}

// destroy deletes a record.
func (x *exchange) destroy(c *contract.Collection, status int) *refusal {
	_, refused := x.update(func() (change, *refusal) {
		r := x.state.Record(c.Records, x.key())
		if r == nil {
			return change{}, x.unknown(c, x.key())
		}
		then, refused := x.follow(c, r)
		return change{kind: deleted, set: c.Records, key: x.key(), then: then}, refused
	})
	if refused != nil {
		return refused
	}
	return x.answer(status, nil)
}

// writer makes a record from what a client sent.
type writer struct {
	x    *exchange
	set  *contract.RecordSet
	sent map[string]string // JSON by property

	bound map[string]string // JSON by property, of those that hold what the path says
}

// bound gives the properties of a record that hold values of the path's parameters, as JSON.
func (x *exchange) bound(c *contract.Collection) map[string]string {
	out := map[string]string{}
	for _, b := range c.Scope {
		at := slices.Index(x.op.PathParameters(), b.Param)
		p, ok := c.Records.Schema.Property(b.Path[0])
		if len(b.Path) != 1 || at < 0 || at >= len(x.values) || !ok || b.Path[0] == c.Records.Key {
			continue
		}
		if text := b.JSON(x.values[at]); valid(p.Schema, text) {
			out[b.Path[0]] = text
		}
	}
	return out
}

// settable tells whether a client may set a property of a record by this operation: it has it, it is neither read-only in the body nor never shown, and it is no
// embedded record.
func (w *writer) settable(name string) bool {
	p, ok := w.set.Schema.Property(name)
	if !ok || p.Schema.WriteOnly() || w.set.Embed(name) != nil {
		return false
	}
	if p.Schema.ReadOnly() && w.x.op.Body != nil { // a body of its own may name what others may not: {"status": …}
		if form := w.set.FormOfBody(w.x.op.Body); form != nil {
			own, ok := form.Property(name)
			return ok && !own.Schema.ReadOnly()
		}
	}
	return !p.Schema.ReadOnly()
}

// initial gives, as JSON, what a property is that was left out: the default that the request's body documents, else what the record set says; or "".
func (w *writer) initial(name string) string {
	if body := w.x.op.Body; body != nil {
		if form := w.set.FormOfBody(body); form != nil {
			if p, ok := form.Property(name); ok && p.Default() != nil {
				return string(p.Default())
			}
		}
	}
	json, _ := w.set.Initial(name)
	return json
}

// checkReference refuses a reference to a record that does not exist.
func (w *writer) checkReference(e *contract.Embed) contract.Violations {
	json, ok := w.sent[e.By]
	if e.By == "" || !ok || json == "null" || w.x.state.referred(w.set, e, json) != nil {
		return nil
	}
	return contract.Violations{w.x.server.doc.Reference(e.By, textOf(json), e.Set.Name)}
}

// checkBounds refuses what breaks the words of the document on two properties, or on one and the present: what a change leaves out stays as it is.
func (w *writer) checkBounds(bad contract.Violations) (out contract.Violations) {
	if w.x.op.Body == nil {
		return nil
	}
	form := w.set.FormOfBody(w.x.op.Body)
	if form == nil || len(form.Bounds()) == 0 {
		return nil
	}
	var old *contract.Record
	if w.x.op.Role == contract.Update {
		old = w.x.state.Record(w.set, w.x.key())
	}
	value := func(name string) string {
		if json, sent := w.sent[name]; sent || old == nil {
			return json
		}
		return form.Of(old, name)
	}
	for _, b := range form.Bounds() {
		_, sent := w.sent[b.Property]
		_, other := w.sent[b.Other]
		if (sent || other) && !bad.Has("body", b.Property) && b.Broken(value, time.Now()) {
			out = append(out, w.x.server.doc.Beyond(b))
		}
	}
	return out
}

// fresh makes a whole record: what was sent; of an old record, if there is one, what the client cannot set; and for the rest what the document says of an omitted property.
func (w *writer) fresh(key string, old *contract.Record) *contract.Record {
	var members []contract.Member
	for _, name := range w.set.Properties {
		if w.set.Embed(name) != nil {
			continue
		}
		json, sent := w.sent[name]
		switch bound, ok := w.bound[name]; {
		case ok:
			json = bound
		case sent && w.settable(name) && (name != w.set.Key || old == nil):
		case name == w.set.Key:
			if json = key; w.set.KeyType() == "string" {
				json = quote(key)
			}
		case old != nil && !w.settable(name):
			json = old.Own(name)
		default:
			json = w.initial(name)
		}
		if json != "" {
			members = append(members, contract.Member{Name: name, JSON: json})
		}
	}
	return w.record(members, old)
}

// objectOf writes an object.
func objectOf(members []contract.Member) string {
	b := []byte{'{'}
	for i, m := range members {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(source.AppendString(b, m.Name), ':'), m.JSON...)
	}
	return string(append(b, '}'))
}

// record adds what is embedded: by the property that holds its key, as before, or whoever is calling.
func (w *writer) record(members []contract.Member, old *contract.Record) *contract.Record {
	refs := map[string]string{}
	for i := range w.set.Embeds {
		e := &w.set.Embeds[i]
		at := slices.IndexFunc(members, func(m contract.Member) bool { return m.Name == e.By })
		switch {
		case e.By != "" && w.set.OnlyWritten(e.By):
			json, sent := w.sent[e.By]
			if r := w.x.state.referred(w.set, e, json); sent && json != "null" && r != nil {
				refs[e.Property] = r.Key()
			} else if old != nil && !sent {
				refs[e.Property] = old.Ref(e.Property)
			}
		case e.By != "" && at >= 0 && members[at].JSON != "null":
			if r := w.x.state.referred(w.set, e, members[at].JSON); r != nil {
				refs[e.Property] = r.Key()
				members[at].JSON = r.Own(w.set.Held(e))
			}
		case e.By != "":
			p, _ := w.set.Schema.Property(e.Property)
			if key, err := w.x.server.data.Named(e.Set, e.Unset); err == nil {
				refs[e.Property] = key
			} else if others := w.x.server.data.Set(e.Set); p.Required && others != nil && others.Len() > 0 {
				refs[e.Property] = others.Key(0) // something must stand there
			}
		case old != nil:
			refs[e.Property] = old.Ref(e.Property)
		case e.Caller:
			refs[e.Property] = w.x.callerKey(e.Set)
		default: // whichever: the client cannot say
			if others := w.x.server.data.Set(e.Set); others != nil && others.Len() > 0 {
				refs[e.Property] = others.Key(len(members) % others.Len())
			}
		}
	}
	return w.set.NewRecord(members, refs)
}

// callerKey gives the key of whoever is calling: the user of the token, else the first of the set.
func (x *exchange) callerKey(set *contract.RecordSet) string {
	if x.caller != "" {
		if key, err := x.server.data.Named(set, x.caller); err == nil {
			return key
		}
	}
	if users := x.server.data.Set(set); users != nil && users.Len() > 0 {
		return users.Key(0)
	}
	return ""
}
