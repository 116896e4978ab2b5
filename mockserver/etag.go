package mockserver

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"understudy/internal/contract"
)

// This file gives what is read an entity tag, and makes requests conditional on it (RFC 9110 §8.8.3 and §13), where the document tells that the API has such tags.

// entityTag names a representation: a strong tag (RFC 9110 §8.8.3), the same for the same bytes of the same media type. It is made of the bytes that are sent, not
// of the record, since what a record shows also changes with the records that are embedded in it.
func entityTag(contentType string, body []byte) string {
	h := sha256.New()
	h.Write([]byte(contentType))
	h.Write([]byte{0})
	h.Write(body)
	return `"` + hex.EncodeToString(h.Sum(nil)[:16]) + `"`
}

// taggedOperations finds the operations on what has entity tags: where an operation on it describes the header ETag, a condition on it, or what such a condition is
// answered with. What has an ETag that must be of a form that ours do not have is left out.
func taggedOperations(doc *contract.Document) map[*contract.Operation]bool {
	told, odd := map[string]bool{}, map[string]bool{}
	ours := []byte(quote(entityTag("", nil)))
	for _, op := range doc.Operations() {
		about := tagsAbout(op)
		for _, p := range op.Parameters {
			told[about] = told[about] || isHeader(p, ifMatch) || isHeader(p, ifNoneMatch)
		}
		for i := range op.Responses {
			r := &op.Responses[i]
			if h := describedETag(r); h != nil {
				told[about] = true
				odd[about] = odd[about] || h.Schema != nil && !fits(h.Schema, ours)
			}
			if r.Status == "304" || r.Status == "412" || r.Status == "428" {
				told[about] = true
			}
		}
	}
	tagged := map[*contract.Operation]bool{}
	for _, op := range doc.Operations() {
		if about := tagsAbout(op); told[about] && !odd[about] {
			tagged[op] = true
		}
	}
	return tagged
}

// tagsAbout gives the path of what an operation's entity tags are about: that of the item for a create, not of the list that it is sent to (RFC 9110 §15.3.2).
func tagsAbout(op *contract.Operation) string {
	if op.Role == contract.Create && op.Collection.ItemPath != "" {
		return op.Collection.ItemPath
	}
	return op.Path
}

// The headers that make a request conditional on entity tags.
const (
	ifMatch     = "If-Match"
	ifNoneMatch = "If-None-Match"
)

// isHeader tells whether a parameter is the header of a name.
func isHeader(p contract.Parameter, name string) bool {
	return p.In == "header" && strings.EqualFold(p.Name, name)
}

// describedETag gives the header ETag of a response, or nil.
func describedETag(r *contract.Response) *contract.Header {
	for i := range r.Headers {
		if h := &r.Headers[i]; strings.EqualFold(h.Name, "ETag") {
			return h
		}
	}
	return nil
}

// reply sends an answer that is no refusal, with the headers that the document describes; or 304 with the same headers (RFC 9110 §15.4.5), or a refusal, where the
// request's conditions ask for that. Record is what is shown or was written, if it is one.
func (x *exchange) reply(r *contract.Response, status int, contentType string, body []byte, record *contract.Record) *refusal {
	unchanged, err := x.tag(r, status, contentType, body, record)
	if err != nil {
		return err
	}
	described := [3]*contract.Response{r}
	if x.head != nil {
		described[1] = x.head.Response(status)
	}
	if unchanged {
		described[2] = x.op.Response(http.StatusNotModified)
	}
	for _, r := range described {
		if r == nil {
			continue
		}
		if err := x.headers(r, status); err != nil {
			return err
		}
	}
	if unchanged {
		status, contentType = http.StatusNotModified, ""
	}
	if bodyless(status) {
		body = nil
	}
	x.send(status, contentType, body)
	return nil
}

// tag gives an answer its entity tag: a read that of its body, unless the request's conditions say that it is refused, or unchanged; a write, where the document
// describes it, that of what was written, as a read shows it.
func (x *exchange) tag(r *contract.Response, status int, contentType string, body []byte, record *contract.Record) (unchanged bool, refused *refusal) {
	if !x.server.tagged[x.op] {
		return false, nil
	}
	var tags []string
	switch {
	case x.op.Method == http.MethodGet && status/100 == 2:
		tags = []string{entityTag(contentType, body)}
		unchanged, refused = x.compare(tags...)
	case describedETag(r) == nil:
	case record != nil || x.op.Singleton != nil:
		tags = x.current(record)
	default:
		tags = []string{entityTag(contentType, body)}
	}
	if len(tags) > 0 && refused == nil {
		x.w.Header()["Etag"] = tags[:1]
	}
	return unchanged, refused
}

// update makes a change to what a request is about, unless that is not as the request's conditions say. Nobody else changes it between the two.
func (x *exchange) update(decide func() (change, *refusal)) (change, *refusal) {
	next, made, refused := x.server.store.update(func(st *state) (change, *refusal) {
		x.state = st
		if err := x.guard(); err != nil {
			return change{}, err
		}
		return decide()
	})
	x.state = next
	return made, refused
}

// guard refuses a write whose conditions do not hold.
func (x *exchange) guard() *refusal {
	if !x.server.tagged[x.op] || x.op.Role == contract.Create || len(x.r.Header[ifMatch])+len(x.r.Header[ifNoneMatch]) == 0 {
		return nil
	}
	var record *contract.Record
	if x.op.Singleton == nil {
		if record = x.state.Record(x.op.Collection.Records, x.key()); record == nil {
			return nil // which is refused as such
		}
	}
	_, refused := x.compare(x.current(record)...)
	return refused
}

// unconditional is what is wrong with a write that has no condition although the document has an answer for that (RFC 6585 §3). Where it says so by a parameter that is
// required, that is found with the other parameters.
func (x *exchange) unconditional() contract.Violations {
	changes := x.op.Role == contract.Replace || x.op.Role == contract.Update || x.op.Role == contract.Destroy
	documented := func(r contract.Response) bool { return r.Status == "428" }
	required := func(p contract.Parameter) bool { return p.Required && isHeader(p, ifMatch) }
	if !changes || !x.server.tagged[x.op] || len(x.r.Header[ifMatch])+len(x.r.Header[ifNoneMatch]) > 0 ||
		!slices.ContainsFunc(x.op.Responses, documented) || slices.ContainsFunc(x.op.Parameters, required) {
		return nil
	}
	return contract.Violations{x.server.doc.Missing("header", ifMatch)}
}

// lacksCondition tells whether nothing is wrong with a request but that it has no condition.
func lacksCondition(bad contract.Violations) bool {
	return !slices.ContainsFunc(bad, func(v contract.Violation) bool {
		return v.In != "header" || !strings.EqualFold(v.Name, ifMatch) || v.Keyword != "required"
	})
}

// compare judges the conditions of a request about something that has these entity tags now, in the order of RFC 9110 §13.2.2. Unchanged is what a read is answered
// with 304 for.
func (x *exchange) compare(now ...string) (unchanged bool, refused *refusal) {
	if lines := x.r.Header[ifMatch]; len(lines) > 0 && !names(lines, func(tag string) bool { return slices.Contains(now, tag) }) {
		return false, x.changed(ifMatch, lines, now)
	}
	lines := x.r.Header[ifNoneMatch]
	if len(lines) == 0 || !names(lines, func(tag string) bool { return slices.Contains(now, strings.TrimPrefix(tag, "W/")) }) {
		return false, nil
	}
	if x.op.Method == http.MethodGet {
		return true, nil
	}
	return false, x.changed(ifNoneMatch, lines, now)
}

// someTag is an entity tag in a list of them. There may be commas in it.
var someTag = regexp.MustCompile(`(?:W/)?"[^"]*"`)

// names tells whether a conditional header, of one or more lines, is "*" or has a tag that is meant.
func names(lines []string, meant func(tag string) bool) bool {
	list := strings.Join(lines, ",")
	return strings.TrimSpace(list) == "*" || slices.ContainsFunc(someTag.FindAllString(list, -1), meant)
}

// changed is the refusal of a request whose condition does not hold. It gives the tag that there is now, where the document describes that.
func (x *exchange) changed(header string, lines, now []string) *refusal {
	err := &refusal{
		cause: conditionFailed, keyword: "condition", args: map[string]string{"value": strings.Join(lines, ", ")},
		text: fmt.Sprintf("the header %s is %s; the entity tag is %s", header, strings.Join(lines, ", "), strings.Join(now, " or ")),
	}
	if r := x.op.Response(http.StatusPreconditionFailed); r != nil && describedETag(r) != nil && len(now) > 0 {
		err.header = http.Header{"Etag": now[:1]}
	}
	return err
}

// current gives the entity tags of what a write is about, one for each media type that it can be read in; first the one of the media type of this answer. Whichever
// of them a client has, it has seen what there is now. What no operation reads has the tag of its JSON.
func (x *exchange) current(record *contract.Record) []string {
	read := *x
	if read.query = nil; x.op.Singleton != nil {
		read.op = x.op.Singleton.Operations[contract.Retrieve]
	} else {
		read.op = x.op.Collection.Operation(contract.Retrieve)
	}
	if read.op == nil || success(read.op) == 0 {
		return []string{entityTag("application/json", x.state.item(record).AppendJSON(nil))}
	}
	if x.op.Role == contract.Create {
		read.values = append(slices.Clip(x.values), record.Key())
	}
	status := success(read.op)
	r := read.op.Response(status)
	offered := slices.Sorted(maps.Keys(r.Media))
	usual, _ := r.JSON()
	for _, first := range []string{usual, x.accepted} {
		if at := slices.Index(offered, first); at > 0 {
			offered[0], offered[at] = offered[at], offered[0]
		}
	}
	var tags []string
	for _, read.accepted = range offered {
		if body, contentType, err := read.present(r, status, record, nil); err == nil {
			tags = append(tags, entityTag(contentType, body))
		}
	}
	return tags
}
