package contracttest

import (
	"context"
	"encoding/json"
	"hash/fnv"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"understudy/internal/contract"
)

// createOf gives the operation that creates items of a collection; nil if there is none. Where no POST does, it is PUT to a key of the client's choice (RFC 9110
// §9.3.4), if the document has 201 for it, or a way to delete what it makes.
func createOf(c *contract.Collection) *contract.Operation {
	if op := c.Operation(contract.Create); op != nil {
		return op
	}
	put := c.Operation(contract.Replace)
	if put == nil || put.Method != http.MethodPut || put.Body == nil || c.Operation(contract.Retrieve) == nil {
		return nil
	}
	if !describes(put, "201") && c.Operation(contract.Destroy) == nil {
		return nil
	}
	return put
}

// describes tells whether the document names a status of an operation, and not only its class.
func describes(op *contract.Operation, status string) bool {
	return slices.ContainsFunc(op.Responses, func(res contract.Response) bool { return res.Status == status })
}

// puts tells whether what a recipe creates has a key of the check's choice.
func (r *recipe) puts() bool { return r.op.Role == contract.Replace }

// keyOf gives the key to which a body is put: the one that it holds, or else one made of the mark that stands in it. It is "" if none fits of which it is sure
// that no item has it.
func (r *recipe) keyOf(b body) string {
	if key, ok := plainText(b.get(r.s.c.Records.Key)); ok && strings.Contains(strings.ToLower(key), r.marker) {
		return key
	}
	mark := regexp.MustCompile(regexp.QuoteMeta(r.marker) + "[0-9a-z]+").FindString(strings.ToLower(string(b.bytes())))
	if mark == "" {
		h := fnv.New32a()
		_, _ = h.Write(b.bytes())
		mark = r.mark(int(h.Sum32() % planned))
	}
	names := r.op.PathParameters()
	p := contract.Property{Name: names[len(names)-1], Schema: r.s.keySchema()}
	if p.Schema == nil {
		return mark
	}
	text, plain := "", *r
	plain.shaped = false
	if json.Unmarshal([]byte(plain.uniqueOf(p, mark)), &text) != nil || !strings.Contains(strings.ToLower(text), mark) && !isUUID(text) {
		return ""
	}
	return text
}

// isFree tells whether no item has a key, or says what is there instead.
func (e *engine) isFree(ctx context.Context, s *listState, key string) (why string) {
	st, why := e.on(s, contract.Retrieve, key, nil)
	if why != "" {
		return why
	}
	st.odd = true
	a := e.client.do(ctx, &st.request, nil, true)
	if a.status == http.StatusNotFound || a.status == http.StatusGone {
		return ""
	}
	return "what has a key that was made up is answered with " + a.says()
}

// putTo gives the key that an answer's own request was put to, or "".
func (s *listState) putTo(a *answer) string {
	if a.sent == nil || a.sent.Method != http.MethodPut || !a.ok() {
		return ""
	}
	return s.keyAt(a.sent.URL)
}
