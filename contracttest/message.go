package contracttest

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"understudy/internal/contract"
)

// request is a request of a case. Path and header values may have holes, such as {created}, for what is only known when it is sent.
type request struct {
	op     *contract.Operation
	method string // "": the operation's
	path   string // below the target's address, escaped
	query  url.Values
	raw    string // the query as it is written, instead of query
	header http.Header
	body   []byte
	names  func(holes map[string]string) []byte // the body where holes are in it; nil: there are none
	as     *credential                          // nil: what the operation asks for
	odd    bool                                 // it is not valid by the document, or asks on a condition: refusing it is right
	nth    int                                  // how many equal reads it is not the same as: it is sent all the same; [alone]: it shares its answer with none
	of     *testCase                            // nil: the survey
	tidy   bool                                 // it takes away what was created: no budget holds it up
	wire   bool                                 // bytes that follow the answer are to be seen, which HTTP clients hide
}

// alone is the number of a read that is sent whatever was sent before.
const alone = -1

// verb is the method.
func (r *request) verb() string {
	if r.method != "" {
		return r.method
	}
	return r.op.Method
}

// turn is the place in the plan of the case that the request is of; what planning sends comes first.
func (r *request) turn() int {
	if r.of == nil {
		return -1
	}
	return r.of.nth
}

// label names what the request is for, in signs that a header may hold.
func (r *request) label() string {
	name := "planning"
	switch {
	case r.tidy:
		name = "cleaning up"
	case r.of != nil:
		name = r.of.name()
	}
	if r.as != nil && !strings.HasSuffix(name, r.as.name) {
		name += " (" + r.as.name + ")"
	}
	text := strconv.QuoteToASCII(name)
	return text[1 : len(text)-1]
}

// needsAnswers tells whether the request has holes that only answers fill.
func (r *request) needsAnswers() bool {
	return strings.Contains(r.path, "{") || strings.Contains(r.raw, "{") ||
		slices.ContainsFunc(slices.Collect(maps.Values(r.header)), func(values []string) bool { return strings.Contains(strings.Join(values, ""), "{") })
}

// with gives the request with one more query parameter.
func (r request) with(name string, values ...string) request {
	r.query = maps.Clone(r.query)
	if r.query == nil {
		r.query = url.Values{}
	}
	r.query[name] = values
	return r
}

// headed gives the request with one more header.
func (r request) headed(name, value string) request {
	r.header = r.header.Clone()
	if r.header == nil {
		r.header = http.Header{}
	}
	r.header.Set(name, value)
	return r
}

// target is path and query.
func (r *request) target() string {
	query := r.raw
	if query == "" {
		query = r.query.Encode()
	}
	if query == "" {
		return r.path
	}
	return r.path + "?" + query
}

// answer is what came back.
type answer struct {
	request *request
	sent    *http.Request // as it was sent
	payload []byte        // its body
	status  int
	header  http.Header
	body    []byte
	garbled bool // its body is not encoded as it says
	extra   int  // bytes behind the end of the answer; see request.wire
	began   time.Time
	took    time.Duration
	err     error // no answer, or not all of one
	unsent  bool  // the request was not sent at all
	read    *reading
}

// reading is what an answer says, read once for all cases that look at it.
type reading struct {
	known *known
	split sync.Once
	list  *contract.Listing
	whole sync.Once
	page  contract.Page
	err   error

	of      *testCase // the first case of the plan that it was given to; guarded by the engine
	written sync.Once
	record  *Exchange
}

// listing is the answer, split into the items of the list that it was asked of; nil if it is none, or no JSON.
func (a *answer) listing() *contract.Listing {
	a.read.split.Do(func() {
		if op := a.request.op; op != nil && op.Role == contract.List && a.err == nil {
			a.read.list, _ = op.Collection.Split(a.body)
		}
	})
	return a.read.list
}

// page reads the answer as the page of a list that a query asked for.
func (a *answer) page(c *contract.Collection, q contract.Query) (contract.Page, error) {
	a.read.whole.Do(func() {
		if l := a.listing(); l != nil {
			a.read.page, a.read.err = l.Page(q, a.header, a.read.known.decoder(c.Records))
		} else {
			a.read.page, a.read.err = c.Unwrap(q, a.header, a.body)
		}
	})
	return a.read.page, a.read.err
}

// ok tells whether it is a success.
func (a *answer) ok() bool { return a.err == nil && a.status/100 == 2 }

// refused tells whether it is a refusal of the client's request.
func (a *answer) refused() bool { return a.err == nil && a.status/100 == 4 }

// failed tells whether it is an error of the server's.
func (a *answer) failed() bool { return a.err == nil && a.status/100 == 5 }

// erred tells whether the server has an error of its own with a request that is odd. What happens to requests that are not, every answer is judged by.
func (a *answer) erred() bool {
	return a.failed() && !a.unavailable() && a.status != http.StatusNotImplemented && a.request.odd && !a.request.tidy
}

// says is the answer in a few words.
func (a *answer) says() string {
	if a.err != nil {
		return "no answer: " + a.err.Error()
	}
	text := fmt.Sprint(a.status)
	if body := strings.TrimSpace(string(a.body)); body != "" && !a.ok() {
		text += " " + short([]byte(body))
	}
	return text
}

// unavailable tells whether something between here and the server answered, or the server for want of capacity.
func (a *answer) unavailable() bool {
	return a.err == nil && slices.Contains([]int{http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout}, a.status)
}

// value decodes the body, numbers exactly.
func (a *answer) value() (any, error) { return contract.DecodeJSON(a.body) }

// object decodes the body as one object; nil if it is none.
func (a *answer) object() map[string]any {
	v, err := a.value()
	if err != nil {
		return nil
	}
	o, _ := v.(map[string]any)
	return o
}

// curl is the request as a command to repeat it. Credentials stand in it by the name of a variable.
func (a *answer) curl() string {
	var b strings.Builder
	b.WriteString("curl -i")
	switch method := a.sent.Method; {
	case method == http.MethodHead:
		b.WriteString(" --head")
	case method != http.MethodGet || len(a.payload) > 0:
		b.WriteString(" -X " + method)
	}
	for _, name := range slices.Sorted(maps.Keys(a.sent.Header)) {
		for _, v := range a.sent.Header[name] {
			fmt.Fprintf(&b, " -H %s", quoteShell(name+": "+v))
		}
	}
	if len(a.payload) > 0 {
		fmt.Fprintf(&b, " --data-binary %s", quoteShell(string(a.payload)))
	}
	fmt.Fprintf(&b, " %s", quoteShell(a.sent.URL.String()))
	return b.String()
}

func quoteShell(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// fill puts what is known now into the holes of a text. A hole whose name begins with a slash holds a path, which is not escaped; with two slashes, one that
// is not below the target's address but begins at its host.
func fill(text string, holes map[string]string, escape func(string) string) string {
	if !strings.Contains(text, "{") {
		return text
	}
	for name, value := range holes {
		if !strings.HasPrefix(name, "/") {
			value = escape(value)
		}
		text = strings.ReplaceAll(text, "{"+name+"}", value)
	}
	return text
}

// compose makes the request that is sent, below a base address.
func (r *request) compose(base *url.URL, common http.Header, creds *credentials, holes map[string]string) (*http.Request, error) {
	query := maps.Clone(r.query)
	if query == nil {
		query = url.Values{}
	}
	header := common.Clone()
	if header == nil {
		header = http.Header{}
	}
	for name, values := range r.header {
		header[name] = nil
		for _, v := range values {
			header[name] = append(header[name], fill(v, holes, func(s string) string { return s }))
		}
	}
	before := len(query)
	creds.apply(r, query, header)
	raw := fill(r.raw, holes, url.QueryEscape)
	if raw == "" || len(query) > before {
		if extra := query.Encode(); raw != "" && extra != "" {
			raw += "&" + extra
		} else {
			raw += extra
		}
	}
	if strings.HasPrefix(r.path, "{//") {
		base = &url.URL{Scheme: base.Scheme, User: base.User, Host: base.Host}
	}
	address := strings.TrimRight(base.String(), "/") + fill(r.path, holes, url.PathEscape)
	if raw != "" {
		separator := "?"
		if strings.Contains(address, "?") { // it was in a hole
			separator = "&"
		}
		address += separator + raw
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	var body io.Reader
	switch {
	case r.names != nil:
		body = bytes.NewReader(r.names(holes))
	case r.body != nil:
		body = bytes.NewReader(r.body)
	}
	out, err := http.NewRequest(r.verb(), u.String(), body) //nolint:noctx // the context is the client's to give
	if err != nil {
		return nil, err
	}
	out.URL = u
	out.Header = header
	if _, given := header["Content-Type"]; r.body != nil && !given {
		header.Set("Content-Type", "application/json")
	}
	if header.Get("Accept") == "" {
		header.Set("Accept", "application/json, */*;q=0.5")
	}
	if header.Get("User-Agent") == "" {
		header.Set("User-Agent", "understudy")
	}
	return out, nil
}
