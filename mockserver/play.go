package mockserver

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"understudy/internal/contract"
	"understudy/internal/source"
)

// play validates a request, and acts.
func (x *exchange) play() *refusal {
	c := x.op.Collection
	remembers := x.server.remembers(x.op) && x.prefer.code == "" && x.prefer.example == ""
	success := x.op.Success()
	if remembers && x.op.Role == contract.List && !x.listsJSON(success) {
		remembers = false
	}
	if remembers {
		if err := x.accept(success); err != nil {
			return err
		}
		if t := x.state.table(c.Records); t != nil && t.err != nil {
			return unplayable(t.err)
		}
	}
	if x.op.Role == contract.List {
		x.query = c.Normalize(x.query)
	}
	bad := x.op.Validate(x.r, x.values, x.query)
	var record *contract.Record
	if remembers && !slices.ContainsFunc(bad, func(v contract.Violation) bool { return v.In == "path" }) {
		if err := x.parents(); err != nil {
			return err
		}
		if x.op.Role != contract.List && x.op.Role != contract.Create {
			if record = x.state.Record(c.Records, x.key()); record == nil {
				if !x.lenient(c, x.key()) {
					return x.unknown(c, x.key())
				}
				remembers = false
			}
		}
	}
	var sent []contract.Member
	if x.op.Body != nil {
		var wrong contract.Violations
		var err *refusal
		if sent, wrong, err = x.body(); err != nil {
			return err
		}
		bad = append(bad, wrong...)
	}
	if !remembers || x.op.Role != contract.List && !x.op.Role.Writes() {
		if err := x.judge(bad); err != nil {
			return err
		}
	}
	switch {
	case x.op.Singleton != nil && x.prefer.code == "" && x.prefer.example == "":
		return x.single(success, sent)
	case !remembers:
		return x.answer(0, sent)
	case x.op.Role == contract.List:
		return x.list(c, success, bad)
	case x.op.Role.Writes():
		return x.write(c, success, sent, bad)
	case x.op.Role == contract.Destroy:
		return x.destroy(c, success)
	}
	return x.sendItem(success, record, nil)
}

// listsJSON tells whether the client takes the list as JSON, which is what records are played in.
func (x *exchange) listsJSON(status int) bool {
	if accept := x.r.Header.Get("Accept"); accept == "" || accept == "*/*" || accept == "application/json" {
		return true // what almost everybody sends
	}
	r := x.op.Response(status)
	media, refused := x.negotiate(r)
	return refused != nil || contract.IsJSON(media)
}

// judge refuses a request for what is wrong with it, unless that is switched off.
func (x *exchange) judge(bad contract.Violations) *refusal {
	if len(bad) == 0 {
		return nil
	}
	switch x.validation() {
	case ValidateOff:
		return nil
	case ValidateWarn:
		x.Warning = bad.Error()
		return nil
	}
	return invalid(bad)
}

// key is the key of the item that the path names, in the spelling of the store.
func (x *exchange) key() string {
	return spelled(x.op.Collection.Records, x.values[len(x.values)-1])
}

// spelled is a key as the store spells it: UUIDs are lower case (RFC 9562 §4).
func spelled(set *contract.RecordSet, key string) string {
	if set.Format(set.Key) == "uuid" {
		return strings.ToLower(key)
	}
	return key
}

// parents makes sure that what an operation is below exists: the invitation of /invitations/{id}/used_by/.
func (x *exchange) parents() *refusal {
	for c := x.op.Collection.Parent; c != nil; c = c.Parent {
		at := strings.Count(c.ItemPath, "{") - 1
		if x.server.data.Set(c.Records) == nil || at < 0 || at >= len(x.values) || c.Records.Key == "" {
			continue
		}
		if key := spelled(c.Records, x.values[at]); x.state.Record(c.Records, key) == nil && !x.lenient(c, key) {
			return x.unknown(c, key)
		}
	}
	return nil
}

// lenient tells whether a key that no record has is answered from the document all the same: where the records are generated and the operation has no
// refusal at all, so that any would break its promise. What was deleted stays away.
func (x *exchange) lenient(c *contract.Collection, key string) bool {
	if set := x.server.data.Set(c.Records); set == nil || set.File() != "" || x.server.store.initial.Record(c.Records, key) != nil {
		return false
	}
	for i := range x.op.Responses {
		if s := x.op.Responses[i].Status; s[0] == '4' || s[0] == 'd' {
			return false
		}
	}
	return true
}

func (x *exchange) unknown(c *contract.Collection, key string) *refusal {
	return &refusal{
		cause: notFound, keyword: "not-found", args: map[string]string{"value": key},
		text: fmt.Sprintf("%s has no record with the key %s", c.Records.Name, quote(key)),
	}
}

// accept finds the media type of the answer that the client takes (RFC 9110 §12.5.1).
func (x *exchange) accept(status int) *refusal {
	r := x.op.Response(status)
	if r == nil || len(r.Media) == 0 {
		return nil
	}
	offered, _ := r.JSON()
	if x.accepted = offered; offered == "" {
		return nil
	}
	ranges := strings.Join(x.r.Header.Values("Accept"), ",")
	if strings.TrimSpace(ranges) == "" || acceptable(ranges, offered) > 0 {
		return nil
	}
	return &refusal{cause: notAcceptable, keyword: "accept", text: fmt.Sprintf("the header Accept is %q, which %s is not among", ranges, offered)}
}

// acceptable gives the quality, from 0 to 1, that an Accept header gives a media type; the most exact range decides.
func acceptable(ranges, offered string) float64 {
	offered, _, _ = strings.Cut(strings.ToLower(offered), ";")
	kind, _, _ := strings.Cut(offered, "/")
	exactness, quality := -1, 0.0
	for _, r := range strings.Split(ranges, ",") {
		name, params, _ := strings.Cut(r, ";")
		e := slices.Index([]string{"*/*", kind + "/*", offered}, strings.ToLower(strings.TrimSpace(name)))
		if e <= exactness {
			continue
		}
		exactness, quality = e, 1
		for _, p := range strings.Split(params, ";") {
			if k, q, _ := strings.Cut(strings.TrimSpace(p), "="); strings.EqualFold(strings.TrimSpace(k), "q") {
				if n, err := strconv.ParseFloat(q, 64); err == nil {
					quality = n
				}
			}
		}
	}
	return quality
}

// list answers one page.
func (x *exchange) list(c *contract.Collection, status int, bad contract.Violations) *refusal {
	q, err := c.Parse(x.path, x.query)
	var more contract.Violations
	if errors.As(err, &more) {
		for _, v := range more {
			if !bad.Has(v.In, v.Name) {
				bad = append(bad, v)
			} else if v.Keyword == "page" { // a page that is none is told as such, not by its type
				i := slices.IndexFunc(bad, func(b contract.Violation) bool { return b.In == v.In && b.Name == v.Name })
				bad[i] = v
			}
		}
	}
	if refused := x.judge(bad); refused != nil {
		return refused
	}
	var page contract.Page
	total := 0
	if !c.Empty {
		v := x.state.view(c, q)
		total = v.order.Len()
		offset, size, ok := x.position(c, q, v)
		if !ok {
			return invalid(contract.Violations{c.BadWindow(q.Window.Cursor)})
		}
		last := c.Paging.First + max(1, (total+size-1)/max(size, 1)) - 1
		if c.Paging.Style == contract.ByPage && q.Window.Page > last && x.server.doc.Refusal("page", nil) != "" {
			return invalid(contract.Violations{c.PastEnd(q.Window.Page, last)})
		}
		page.Items = v.page(x.state, offset, size)
		if only := c.ItemProperties(); only != nil {
			for i := range page.Items {
				page.Items[i].Only = only
			}
		}
		page.Next, page.Prev = windows(c, q, page.Items, offset, size, total)
	}
	page.Total = &total
	buffer, _ := buffers.Get().(*[]byte)
	body, header := c.Wrap((*buffer)[:0], x.address(), q, page)
	for k, v := range header {
		x.w.Header()[k] = v
	}
	if sound, err := x.sound(c, status, body); !sound {
		return err
	}
	if r := x.op.Response(status); r != nil && len(r.Headers) > 0 {
		if err := x.headers(r, status); err != nil {
			return err
		}
	}
	x.send(status, x.accepted, body)
	if cap(body) <= maxPooled {
		*buffer = body
	}
	buffers.Put(buffer)
	return nil
}

// sound makes sure, once for each list, that what is written around the items is what the document asks for. Where it is not, the list is
// answered with the items that it has and generated values around them.
func (x *exchange) sound(c *contract.Collection, status int, body []byte) (bool, *refusal) {
	known, ok := x.server.soundLists.Load(c)
	_, schema := x.op.Response(status).JSON()
	if !ok {
		var bad contract.Violations
		if schema != nil {
			bad = schema.Validate(decode(body), contract.AsResponse)
		}
		if known = len(bad) == 0; len(bad) > 0 {
			x.Warning = "what stands around the items is generated: " + bad.Error()
		}
		x.server.soundLists.Store(c, known)
	}
	if sound, _ := known.(bool); sound {
		return true, nil
	}
	if whole, ok := x.project(schema, body); ok && len(schema.Validate(decode(whole), contract.AsResponse)) == 0 {
		x.send(status, x.accepted, whole)
		return false, nil
	}
	return false, x.answer(status, nil)
}

// write creates, replaces or changes a record, and answers with it.
func (x *exchange) write(c *contract.Collection, status int, sent []contract.Member, bad contract.Violations) *refusal {
	w := writer{x: x, set: c.Records, sent: map[string]string{}}
	for _, m := range sent {
		w.sent[m.Name] = m.JSON
	}
	for i := range c.Records.Embeds {
		if e := &c.Records.Embeds[i]; !bad.Has("body", e.By) {
			bad = append(bad, w.checkReference(e)...)
		}
	}
	if err := x.judge(bad); err != nil {
		return err
	}
	var refused *refusal
	var record *contract.Record
	next, err := x.server.store.update(func(st *state) (change, error) {
		x.state = st
		ch := change{set: c.Records}
		switch x.op.Role {
		case contract.Create:
			ch.kind = created
			ch.key = x.server.data.Set(c.Records).KeyAfter(st.table(c.Records).loaded, st.table(c.Records).created)
			if own, ok := w.sent[c.Records.Key]; ok && w.settable(c.Records.Key) {
				if ch.key = textOf(own); st.Record(c.Records, ch.key) != nil {
					refused = &refusal{cause: conflict, text: fmt.Sprintf("%s has a record with the key %s already", c.Records.Name, quote(ch.key))}
				}
			}
			ch.record = w.fresh(ch.key, nil)
		case contract.Replace, contract.Update:
			ch.kind, ch.key = replaced, x.key()
			old := st.Record(c.Records, ch.key)
			if old == nil { // deleted since it was looked for
				refused = x.unknown(c, ch.key)
				break
			}
			if x.op.Role == contract.Update {
				ch.kind, ch.record = merged, w.changed(old)
			} else {
				ch.record = w.fresh(ch.key, old)
			}
		}
		if refused == nil {
			vs := c.Records.Validate(ch.record)
			if whole := ch.record; len(vs) > 0 || !c.Records.Sound(whole) {
				if ch.record = w.completed(whole); ch.record == nil && len(vs) == 0 {
					ch.record = whole
				}
				if ch.record == nil {
					refused = &refusal{cause: notPlayed, text: "what was sent does not make a valid record: " + vs.Error()}
				}
			}
		}
		record = ch.record
		if refused != nil {
			return ch, errRefused
		}
		return ch, nil
	})
	if err != nil {
		return refused
	}
	x.state = next
	if x.op.Role == contract.Create && c.ItemPath != "" {
		x.w.Header().Set("Location", strings.TrimSuffix(x.r.URL.EscapedPath(), "/")+strings.TrimPrefix(c.ItemURL(x.values, record.Key()), strings.TrimSuffix(x.path, "/")))
	}
	return x.sendItem(status, record, sent)
}

var errRefused = errors.New("refused")

// destroy deletes a record.
func (x *exchange) destroy(c *contract.Collection, status int) *refusal {
	next, err := x.server.store.update(func(st *state) (change, error) {
		if st.Record(c.Records, x.key()) == nil {
			return change{}, errRefused
		}
		return change{kind: deleted, set: c.Records, key: x.key()}, nil
	})
	if err != nil {
		return x.unknown(c, x.key())
	}
	x.state = next
	return x.answer(status, nil)
}

// writer makes a record from what a client sent.
type writer struct {
	x    *exchange
	set  *contract.RecordSet
	sent map[string]string // JSON by property
}

// settable tells whether a client may set a property: the record has it, it is not read-only, and it is no embedded record.
func (w *writer) settable(name string) bool {
	p, ok := w.set.Schema.Property(name)
	return ok && !p.Schema.ReadOnly() && w.set.Embed(name) == nil
}

// checkReference refuses a reference to a record that does not exist.
func (w *writer) checkReference(e *contract.Embed) contract.Violations {
	json, ok := w.sent[e.By]
	if e.By == "" || !ok || json == "null" || w.x.state.referred(w.set, e, json) != nil {
		return nil
	}
	return contract.Violations{w.x.server.doc.Reference(e.By, textOf(json), e.Set.Name)}
}

// fresh makes a whole record: what was sent; of an old record, if there is one, what the client cannot set; and for the rest what the document says of an omitted property.
func (w *writer) fresh(key string, old *contract.Record) *contract.Record {
	var members []contract.Member
	for _, name := range w.set.Properties {
		if w.set.Embed(name) != nil {
			continue
		}
		json, sent := w.sent[name]
		switch {
		case sent && w.settable(name) && (name != w.set.Key || old == nil):
		case name == w.set.Key:
			if json = key; w.set.KeyType() == "string" {
				json = quote(key)
			}
		case old != nil && !w.settable(name):
			json = old.Own(name)
		default:
			json, _ = w.set.Initial(name)
		}
		if json != "" {
			members = append(members, contract.Member{Name: name, JSON: json})
		}
	}
	return w.record(members, old)
}

// valid tells whether both validators take a value in an answer.
func valid(schema *contract.Schema, text string) bool {
	v := decode([]byte(text))
	return len(schema.Validate(v, contract.AsResponse)) == 0 && schema.Judge(v, contract.AsResponse) == nil
}

// completed adds what a record must have and nobody said, generated; what was sent and is not valid in an answer gives way. It gives nil if nothing fits.
func (w *writer) completed(r *contract.Record) *contract.Record {
	members, refs := r.Members()
	given := map[string]string{}
	for _, m := range members {
		if p, ok := w.set.Schema.Property(m.Name); ok && valid(p.Schema, m.JSON) {
			given[m.Name] = m.JSON
		}
	}
	object, err := w.x.server.data.Generator().Object(w.set.Own(), contract.AsResponse, w.set.Name+"/"+r.Key(), given)
	if err != nil {
		return nil
	}
	if members, err = contract.Members(object); err != nil {
		return nil
	}
	whole := w.set.NewRecord(members, refs)
	if whole.Key() != r.Key() || len(w.set.Validate(whole)) > 0 {
		return nil
	}
	return whole
}

// changed makes the old record with what was sent in place of what it had.
func (w *writer) changed(old *contract.Record) *contract.Record {
	var members []contract.Member
	for _, name := range w.set.Properties {
		if w.set.Embed(name) != nil {
			continue
		}
		json := old.Own(name)
		if own, ok := w.sent[name]; ok && w.settable(name) && name != w.set.Key {
			if json = own; w.x.media == "application/merge-patch+json" {
				json = w.merged(name, old.Own(name), own)
			}
		}
		if json != "" {
			members = append(members, contract.Member{Name: name, JSON: json})
		}
	}
	return w.record(members, old)
}

// merged applies a JSON Merge Patch (RFC 7396) to one property; null takes it away, or makes it what it is when nothing was sent.
func (w *writer) merged(name, old, patch string) string {
	if patch == "null" {
		json, _ := w.set.Initial(name)
		return json
	}
	return mergePatch(old, patch)
}

// mergePatch is the function of RFC 7396 §2, which keeps the order of properties.
func mergePatch(target, patch string) string {
	changes, err := contract.Members([]byte(patch))
	if err != nil {
		return patch // no object replaces whatever there was
	}
	members, _ := contract.Members([]byte(target)) // what is no object counts as an empty one
	for _, c := range changes {
		at := slices.IndexFunc(members, func(m contract.Member) bool { return m.Name == c.Name })
		switch {
		case c.JSON == "null" && at >= 0:
			members = slices.Delete(members, at, at+1)
		case c.JSON == "null":
		case at >= 0:
			members[at].JSON = mergePatch(members[at].JSON, c.JSON)
		default:
			members = append(members, contract.Member{Name: c.Name, JSON: mergePatch("{}", c.JSON)})
		}
	}
	return objectOf(members)
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

// textOf is the text of a JSON string or number, as keys are written.
func textOf(text string) string {
	var s string
	if json.Unmarshal([]byte(text), &s) == nil {
		return s
	}
	return text
}

func decode(b []byte) any {
	var v any
	_ = json.Unmarshal(b, &v) // our own text
	return v
}
