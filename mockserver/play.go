package mockserver

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"understudy/fixtures"
	"understudy/internal/contract"
)

// play validates a request to an operation of a collection, and acts.
func (x *exchange) play() *refusal {
	c := x.op.Collection
	success := x.op.Success()
	if err := x.accept(success); err != nil {
		return err
	}
	x.query = contract.ParseQuery(x.r.URL.RawQuery)
	if x.op.Role == contract.List {
		x.query = c.Normalize(x.query)
	}
	bad := x.op.Validate(x.r, x.values, x.query)
	var record *contract.Record
	if !slices.ContainsFunc(bad, func(v contract.Violation) bool { return v.In == "path" }) {
		if err := x.parents(); err != nil {
			return err
		}
		if x.op.Role != contract.List && x.op.Role != contract.Create {
			if record = x.state.Record(c.Records, x.key()); record == nil {
				return x.unknown(c, x.key())
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
	switch x.op.Role {
	case contract.List:
		return x.list(c, success, bad)
	case contract.Create, contract.Replace, contract.Update:
		return x.write(c, success, sent, bad)
	}
	if len(bad) > 0 {
		return invalid(bad)
	}
	if x.op.Role == contract.Destroy {
		return x.destroy(c, success)
	}
	x.sendItem(success, record)
	return nil
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

// parents makes sure that what a list is below exists: the invitation of /invitations/{id}/used_by/.
func (x *exchange) parents() *refusal {
	if x.op.Role != contract.List || len(x.values) == 0 {
		return nil
	}
	for _, c := range x.server.doc.Collections() {
		if c.ItemPath != "" && strings.HasPrefix(x.op.Path, strings.TrimSuffix(c.ItemPath, "/")+"/") && x.server.plays(c) {
			if key := spelled(c.Records, x.values[len(x.values)-1]); x.state.Record(c.Records, key) == nil {
				return x.unknown(c, key)
			}
		}
	}
	return nil
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
	if offered == "" {
		return &refusal{cause: notPlayed, text: "not played yet: its answer is not JSON"}
	}
	x.accepted = offered
	ranges := strings.Join(x.r.Header.Values("Accept"), ",")
	if strings.TrimSpace(ranges) == "" || acceptable(ranges, offered) {
		return nil
	}
	return &refusal{cause: notAcceptable, keyword: "accept", text: fmt.Sprintf("the header Accept is %q, which %s is not among", ranges, offered)}
}

// acceptable tells whether a media type is among the ranges of an Accept header. The most exact range decides; q=0 excludes.
func acceptable(ranges, offered string) bool {
	kind, _, _ := strings.Cut(offered, "/")
	exactness, ok := -1, false
	for _, r := range strings.Split(ranges, ",") {
		name, params, _ := strings.Cut(r, ";")
		e := slices.Index([]string{"*/*", kind + "/*", offered}, strings.ToLower(strings.TrimSpace(name)))
		if e <= exactness {
			continue
		}
		exactness, ok = e, true
		for _, p := range strings.Split(params, ";") {
			if k, q, _ := strings.Cut(strings.TrimSpace(p), "="); strings.EqualFold(k, "q") && strings.Trim(q, "0.") == "" && q != "" {
				ok = false
			}
		}
	}
	return ok
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
	if len(bad) > 0 {
		return invalid(bad)
	}
	var page contract.Page
	total := 0
	if !c.Empty {
		v := x.state.view(c, q)
		total = v.order.Len()
		size := c.SizeOf(q)
		offset := c.Offset(q)
		if last := max(1, (total+size-1)/max(size, 1)); c.Paging.Style == contract.ByPage && q.Window.Page > last {
			return invalid(contract.Violations{c.PastEnd(q.Window.Page, last)})
		}
		page.Items = v.page(x.state, offset, size)
		page.Next, page.Prev = windows(c, q, offset, size, total)
	}
	page.Total = &total
	buffer, _ := buffers.Get().(*[]byte)
	body, header := c.Wrap((*buffer)[:0], x.address(), q, page)
	for k, v := range header {
		x.w.Header()[k] = v
	}
	x.send(status, x.accepted, body)
	if cap(body) <= maxPooled {
		*buffer = body
	}
	buffers.Put(buffer)
	return nil
}

// windows gives the pages before and after one.
func windows(c *contract.Collection, q contract.Query, offset, size, total int) (next, prev *contract.Window) {
	switch c.Paging.Style {
	case contract.ByPage:
		if offset+size < total {
			next = &contract.Window{Page: q.Window.Page + 1}
		}
		if q.Window.Page > 1 {
			prev = &contract.Window{Page: q.Window.Page - 1}
		}
	case contract.ByOffset:
		if offset+size < total {
			next = &contract.Window{Offset: offset + size}
		}
		if offset > 0 {
			prev = &contract.Window{Offset: max(0, offset-size)}
		}
	}
	return next, prev
}

// sendItem answers with one record.
func (x *exchange) sendItem(status int, r *contract.Record) {
	if x.accepted == "" {
		x.send(status, "", nil)
		return
	}
	x.send(status, x.accepted, x.state.item(r).AppendJSON(nil))
}

// body reads and validates the request's body: the properties of an object.
func (x *exchange) body() ([]contract.Member, contract.Violations, *refusal) {
	limit := x.server.opts.MaxBody
	data, err := io.ReadAll(http.MaxBytesReader(x.w, x.r.Body, limit))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, nil, &refusal{cause: tooLarge, keyword: "too-large", text: fmt.Sprintf("the body is larger than %d bytes", limit)}
	case err != nil:
		return nil, nil, &refusal{cause: badRequest, text: "the body could not be read: " + err.Error()}
	}
	if given := x.r.Header.Get("Content-Type"); len(data) > 0 || given != "" {
		if err := x.contentType(given); err != nil {
			return nil, nil, err
		}
	}
	if len(data) == 0 {
		if !x.op.Body.Required {
			return nil, nil, nil
		}
		data = []byte("{}") // each property that is required is told
	}
	_, schema := x.op.Body.JSON()
	var value any
	if err := json.Unmarshal(data, &value); err != nil {
		return nil, contract.Violations{x.server.doc.BadJSON(err.Error())}, nil
	}
	if !utf8.Valid(data) {
		return nil, contract.Violations{x.server.doc.BadJSON("it is not UTF-8")}, nil
	}
	var bad contract.Violations
	if schema != nil {
		bad = schema.Validate(value, contract.AsRequest)
	}
	if _, isObject := value.(map[string]any); !isObject {
		return nil, bad, nil
	}
	members, err := contract.Members(data)
	if err != nil {
		return nil, contract.Violations{x.server.doc.BadJSON(err.Error())}, nil
	}
	return members, bad, nil
}

func (x *exchange) contentType(given string) *refusal {
	refused := &refusal{
		cause: unsupportedType, keyword: "media-type", args: map[string]string{"value": given},
		text: fmt.Sprintf("the header Content-Type is %q; described is JSON", given),
	}
	if enc := x.r.Header.Get("Content-Encoding"); enc != "" && !strings.EqualFold(enc, "identity") {
		refused.text = "a body with the Content-Encoding " + enc + " is not read"
		return refused
	}
	name, _, err := mime.ParseMediaType(given)
	if err != nil {
		return refused
	}
	for media := range x.op.Body.Media {
		if strings.EqualFold(media, name) && contract.IsJSON(name) {
			return nil
		}
	}
	return refused
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
	if len(bad) > 0 {
		return invalid(bad)
	}
	var refused *refusal
	var record *contract.Record
	next, err := x.server.store.update(func(st *state) (change, error) {
		x.state = st
		ch := change{set: c.Records}
		switch x.op.Role {
		case contract.Create:
			ch.kind = created
			ch.key = fixtures.NewKeyAfter(c.Records, x.server.data.Seed(), st.tables[c.Records].loaded, st.tables[c.Records].created)
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
			if vs := c.Records.Validate(ch.record); len(vs) > 0 {
				refused = &refusal{cause: notPlayed, text: "what was sent does not make a valid record: " + vs.Error()}
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
	x.sendItem(status, record)
	return nil
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
	x.send(status, x.accepted, nil)
	return nil
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
	if e.By == "" || !ok || json == "null" || w.x.state.Record(e.Set, spelled(e.Set, textOf(json))) != nil {
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
		case sent && w.settable(name):
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

// changed makes the old record with what was sent in place of what it had.
func (w *writer) changed(old *contract.Record) *contract.Record {
	var members []contract.Member
	for _, name := range w.set.Properties {
		if w.set.Embed(name) != nil {
			continue
		}
		json := old.Own(name)
		if own, ok := w.sent[name]; ok && w.settable(name) && name != w.set.Key {
			json = own
		}
		if json != "" {
			members = append(members, contract.Member{Name: name, JSON: json})
		}
	}
	return w.record(members, old)
}

// record adds what is embedded: by the property that holds its key, as before, or whoever is calling.
func (w *writer) record(members []contract.Member, old *contract.Record) *contract.Record {
	refs := map[string]string{}
	for i := range w.set.Embeds {
		e := &w.set.Embeds[i]
		at := slices.IndexFunc(members, func(m contract.Member) bool { return m.Name == e.By })
		switch {
		case e.By != "" && at >= 0 && members[at].JSON != "null":
			key := spelled(e.Set, textOf(members[at].JSON))
			if refs[e.Property] = key; e.Set.KeyType() == "string" {
				members[at].JSON = quote(key)
			}
		case e.By != "":
			if key, err := w.x.server.data.Named(e.Set, e.Unset); err == nil {
				refs[e.Property] = key
			}
		case old != nil:
			refs[e.Property] = old.Ref(e.Property)
		case e.Caller:
			refs[e.Property] = w.x.callerKey(e.Set)
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
