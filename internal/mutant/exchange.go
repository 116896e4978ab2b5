package mutant

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"understudy/internal/contract"
)

// exchange is a request that reached a mutant's place.
type exchange struct {
	place    *Place
	inner    http.Handler
	sent     *http.Request // as it came
	resource *contract.Resource
	op       *contract.Operation // nil: the path has no such method
	path     string              // below the server
	values   []string            // of the path's parameters

	method string // these are what the inner server is asked, and may be changed
	query  url.Values
	header http.Header
	body   []byte
}

// maxBody bounds what is read of a request.
const maxBody = 8 << 20

// newExchange gives the exchange of a request, or nil if it is about something else than the place.
func newExchange(p *Place, inner http.Handler, r *http.Request) *exchange {
	resource, path, values, _ := p.Document.Route(r.URL.EscapedPath())
	if resource == nil || !slices.ContainsFunc(resource.Operations, func(op *contract.Operation) bool { return slices.Contains(p.Operations, op) }) {
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), r.Body))
	if err != nil {
		return nil
	}
	return &exchange{
		place: p, inner: inner, sent: r, resource: resource, op: resource.Operation(r.Method), path: path, values: values,
		method: r.Method, query: contract.ParseQuery(r.URL.RawQuery), header: r.Header.Clone(), body: body,
	}
}

// is tells whether the request is for the operation of the collection with a role; HEAD is for the one with GET.
func (x *exchange) is(roles ...contract.Role) bool {
	return x.op != nil && x.place.Collection != nil && slices.Contains(roles, x.op.Role)
}

// pass asks the inner server.
func (x *exchange) pass() *answer {
	u := *x.sent.URL
	if !sameQuery(x.query, contract.ParseQuery(u.RawQuery)) {
		u.RawQuery = x.query.Encode()
	}
	return x.send(x.method, &u, x.body)
}

func sameQuery(a, b url.Values) bool {
	return len(a) == len(b) && a.Encode() == b.Encode()
}

// ask asks the inner server for something else, below the document's server, with the credentials of the request.
func (x *exchange) ask(method, path string, query url.Values, body string) *answer {
	y := *x
	y.header = x.header.Clone()
	for _, name := range []string{"If-Match", "If-None-Match", "Content-Type", "Accept", "Content-Length"} {
		y.header.Del(name)
	}
	all := url.Values{}
	for name, values := range x.query {
		if x.isSecret("query", name) {
			all[name] = values
		}
	}
	for name, values := range query {
		all[name] = values
	}
	u := *x.sent.URL
	base := strings.TrimSuffix(u.EscapedPath(), x.path)
	if escaped, err := url.PathUnescape(base + path); err == nil {
		u.Path, u.RawPath = escaped, base+path
	}
	u.RawQuery = all.Encode()
	if body != "" {
		y.header.Set("Content-Type", x.media(method))
	}
	return y.send(method, &u, []byte(body))
}

// media is the type of a JSON body that is sent with a method.
func (x *exchange) media(method string) string {
	for _, op := range x.place.Operations {
		if op.Method == method && op.Body != nil {
			if name, _ := op.Body.JSON(); name != "" {
				return name
			}
		}
	}
	return "application/json"
}

// isSecret tells whether a query parameter or a header is a credential of the place's operations.
func (x *exchange) isSecret(in, name string) bool {
	return slices.ContainsFunc(x.place.schemes(), func(s contract.Scheme) bool {
		return s.Type == "apiKey" && s.In == in && strings.EqualFold(s.Param, name)
	})
}

// schemes gives the security schemes of the place's operations.
func (p *Place) schemes() []contract.Scheme {
	var out []contract.Scheme
	for _, op := range p.Operations {
		for _, need := range op.Security {
			for _, s := range need {
				if !slices.Contains(out, s) {
					out = append(out, s)
				}
			}
		}
	}
	return out
}

func (x *exchange) send(method string, u *url.URL, body []byte) *answer {
	r := x.sent.Clone(context.WithoutCancel(x.sent.Context()))
	r.Method, r.URL, r.RequestURI, r.Header = method, u, u.RequestURI(), x.header.Clone()
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	if len(body) == 0 {
		r.Body = http.NoBody
	}
	r.Header.Del("Content-Length")
	r.TransferEncoding = nil
	w := httptest.NewRecorder()
	x.inner.ServeHTTP(w, r)
	return &answer{status: w.Code, header: w.Result().Header, body: w.Body.Bytes()}
}

// answer is what is sent back.
type answer struct {
	status int
	header http.Header
	body   []byte
	raw    bool // the body is sent although the status has none
}

func (a *answer) ok() bool { return a.status/100 == 2 }

// with gives the answer with another body.
func (a *answer) with(body string) *answer {
	a.body = []byte(body)
	if a.header.Get("Content-Length") != "" {
		a.header.Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	return a
}

// say makes an answer in JSON.
func say(status int, body string) *answer {
	h := http.Header{"Content-Type": {"application/json"}, "Content-Length": {strconv.Itoa(len(body))}}
	return &answer{status: status, header: h, body: []byte(body)}
}

// crash is the answer of a server that did not expect something.
func crash() *answer {
	return say(http.StatusInternalServerError, `{"detail":"internal server error"}`)
}

func (a *answer) write(w http.ResponseWriter, r *http.Request) {
	if a.raw && a.writeRaw(w) {
		return
	}
	h := w.Header()
	for name, values := range a.header {
		h[name] = values
	}
	if a.status == http.StatusNoContent || a.status == http.StatusNotModified {
		delete(h, "Content-Length")
	}
	w.WriteHeader(a.status)
	if r.Method != http.MethodHead && len(a.body) > 0 {
		_, _ = w.Write(a.body) // the client may have gone
	}
}

// writeRaw writes an answer past net/http, which keeps bodies out where none may be.
func (a *answer) writeRaw(w http.ResponseWriter) bool {
	h, ok := w.(http.Hijacker)
	if !ok {
		return false
	}
	conn, buffer, err := h.Hijack()
	if err != nil {
		return false
	}
	defer conn.Close()
	header := a.header.Clone()
	header.Set("Connection", "close")
	header.Set("Content-Length", strconv.Itoa(len(a.body)))
	_, _ = buffer.WriteString("HTTP/1.1 " + strconv.Itoa(a.status) + " " + http.StatusText(a.status) + "\r\n")
	_ = header.Write(buffer)
	_, _ = buffer.WriteString("\r\n" + string(a.body))
	_ = buffer.Flush()
	return true
}
