package mockserver

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"understudy/internal/contract"
)

// play validates a request, and acts.
func (x *exchange) play() *refusal {
	c := x.op.Collection
	status := success(x.op)
	plain := status != 0 && x.prefer.code == "" && x.prefer.example == ""
	remembers := plain && x.server.remembers(x.op)
	if remembers || plain && x.op.Singleton != nil {
		var err *refusal
		if x.accepted, err = x.negotiate(x.op.Response(status)); err != nil {
			return err
		}
	}
	if remembers {
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
			if record = x.state.Record(c.Records, x.key()); record == nil || !x.inScope(c, record) {
				if !x.lenient(c, x.key()) {
					return x.unknown(c, x.key())
				}
				remembers = false
			}
		}
	}
	if remembers || plain && x.op.Singleton != nil {
		bad = append(bad, x.unconditional()...)
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
	case x.op.Singleton != nil && plain:
		return x.single(status, sent)
	case !remembers:
		return x.answer(0, sent)
	case x.op.Role == contract.List:
		return x.list(c, status, bad)
	case x.op.Role.Writes():
		return x.write(c, status, sent, bad)
	case x.op.Role == contract.Destroy:
		return x.destroy(c, status)
	}
	return x.show(status, record, nil)
}

// success gives the status that an operation answers with; 0 if the document has none that is a success.
func success(op *contract.Operation) int {
	if status := op.Success(); status != 0 || op.Response(http.StatusOK) == nil {
		return status
	}
	return http.StatusOK // default describes it
}

// judge refuses a request for what is wrong with it, unless that is switched off. What only the path has wrong is not found where the document has no
// bad requests.
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
	if x.op.Response(http.StatusBadRequest) == nil && x.op.Response(http.StatusUnprocessableEntity) == nil &&
		!slices.ContainsFunc(bad, func(v contract.Violation) bool { return v.In != "path" }) {
		return &refusal{cause: notFound, keyword: "not-found", args: map[string]string{"value": strings.Join(x.values, "/")}, text: bad.Error()}
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
	if x.aside() {
		return nil
	}
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

// aside tells whether the operation is on an item whose path does not say what it is inside of.
func (x *exchange) aside() bool {
	return x.op.Role != contract.List && x.op.Role != contract.Create && x.op.Collection.Elsewhere()
}

// inScope tells whether a record is one of those that the path's other parameters name: the key of /users/{user}/keys/{key} is one of that user.
func (x *exchange) inScope(c *contract.Collection, r *contract.Record) bool {
	if x.aside() {
		return true
	}
	n := len(c.List().PathParameters())
	if c.Owned() && n > 0 && len(x.values) >= n {
		return r.Owner() == spelled(c.Parent.Records, x.values[n-1])
	}
	if len(c.Scope) == 0 || len(x.values) < n {
		return true
	}
	return c.Match(contract.Query{Scope: x.values[:n]}, x.state.item(r)).Is
}

// lenient tells whether a key that no record has is answered from the document all the same: where the records are generated and the operation has no
// refusal at all, so that any would break its promise. What was deleted stays away.
func (x *exchange) lenient(c *contract.Collection, key string) bool {
	if set := x.server.data.Set(c.Records); set == nil || set.File() != "" || x.state.table(c.Records).gone.Contains(key) {
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
	q.Order = c.Ordering.InTurn(q.Order, x.r.URL.RawQuery)
	var page contract.Page
	total := 0
	if !c.Empty {
		v := x.state.view(c, c.Assume(q))
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
		page.Next, page.Prev = x.windows(c, q, page.Items, offset, size, total)
	}
	page.Total = &total
	buffer, _ := buffers.Get().(*[]byte)
	body, header := c.Wrap((*buffer)[:0], x.address(), q, page)
	for k, v := range header {
		x.w.Header()[k] = v
	}
	r := x.op.Response(status)
	contentType := x.accepted
	if usual, _ := r.JSON(); x.accepted == usual {
		if sound, err := x.sound(c, status, body); !sound {
			return err
		}
	} else {
		schema := r.Media[x.accepted]
		if schema == nil || !fits(schema, body) {
			return x.answer(status, nil) // it is no list of records in this media type
		}
		body, contentType = encode(x.accepted, schema, body)
	}
	if err := x.reply(r, status, contentType, body, nil); err != nil {
		return err
	}
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
	if whole, ok := x.project(schema, body); ok && fits(schema, whole) {
		return false, x.reply(x.op.Response(status), status, x.accepted, whole, nil)
	}
	return false, x.answer(status, nil)
}

// textOf is the text of a JSON string or number, as keys are written.
func textOf(text string) string {
	var s string
	if json.Unmarshal([]byte(text), &s) == nil {
		return s
	}
	return text
}

// fits tells whether a value, given as JSON, is one that a schema takes in an answer.
func fits(schema *contract.Schema, json []byte) bool {
	return len(schema.Validate(decode(json), contract.AsResponse)) == 0
}

func decode(b []byte) any {
	var v any
	_ = json.Unmarshal(b, &v) // our own text
	return v
}
