// Package mockserver plays an API: an [http.Handler] that executes a document's contract over a data set.
//
// What the document promises, it keeps: it never sends an undocumented status where a documented one fits, nor a body that breaks its
// schema. Where no documented status fits (an unknown id, where only 200, 400 and 403 are documented) it sends what HTTP says, in the document's
// error shape, and says so in [Exchange].
//
//	doc, err := understudy.Invitations()
//	…
//	mock, err := mockserver.New(doc, nil)
//	…
//	server := httptest.NewServer(mock)
package mockserver

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"understudy/fixtures"
	"understudy/internal/contract"
)

// ResetPath is where POST resets the data, from loopback and the same origin only.
const ResetPath = "/__understudy/reset"

// DefaultMaxBody is the largest request body that is read, in bytes, unless the options say otherwise.
const DefaultMaxBody = 1 << 20

// Options say how to play. Nil means all defaults.
type Options struct {
	Data     *fixtures.Data    // the records; nil: what is shipped, see [fixtures.Load]
	Tokens   map[string]string // the only bearer tokens and passwords let in, and the user that each one is ("" is the default user); empty: any well-formed token
	NoAuth   bool              // let everybody in
	Validate Validation        // what happens to requests that break the document; "": they are refused
	Dynamic  bool              // generate even where the document shows examples
	Origin   string            // the origin that browsers may call from; "": any
	NoCORS   bool              // send nothing for browsers of other origins
	MaxBody  int64             // the largest request body, in bytes; 0: [DefaultMaxBody]
	Delay    [2]time.Duration  // how long to wait before each answer, from the first to the second at random; zero: not at all
	Observe  func(Exchange)    // told of each request when it was answered, from many goroutines; nil: nobody is
}

// Exchange is a request and how it was answered.
type Exchange struct {
	Request      *http.Request
	Operation    string // operationId; "" if the request reached none
	Status       int
	Bytes        int // of the body
	Duration     time.Duration
	Refusal      string // why it was refused, and what to do; "" if it was not
	Warning      string // what is wrong with the request, where that is no reason to refuse it
	Undocumented bool   // the document does not have this status for the operation
}

// Server plays a document. It is safe for concurrent use.
type Server struct {
	doc   *contract.Document
	data  *fixtures.Data
	store *store
	opts  Options
	same  *http.CrossOriginProtection

	referrers map[*contract.Operation][]referrer // by what deletes the items to which they refer
	tagged    map[*contract.Operation]bool       // whose answers have entity tags, and whose requests can have conditions on them

	soundLists sync.Map // whether a collection's envelope is valid as it is written, once that was seen
}

var _ http.Handler = (*Server)(nil)

// New makes a server that plays a document. An error says which record cannot be played, at its place.
func New(doc *contract.Document, opts *Options) (*Server, error) {
	s := &Server{doc: doc, same: http.NewCrossOriginProtection(), tagged: taggedOperations(doc), referrers: referrers(doc)}
	if opts != nil {
		s.opts = *opts
	}
	if s.opts.MaxBody == 0 {
		s.opts.MaxBody = DefaultMaxBody
	}
	if s.data = s.opts.Data; s.data == nil {
		var err error
		if s.data, err = fixtures.Load(doc, nil); err != nil {
			return nil, err
		}
	}
	if err := s.checkUsers(); err != nil {
		return nil, err
	}
	var err error
	if s.store, err = newStore(s.data); err != nil {
		return nil, err
	}
	for _, c := range doc.Collections() { // the views that everybody asks for first
		if set := s.data.Set(c.Records); set != nil && set.File() != "" && !c.Empty {
			s.store.initial.view(c, contract.Query{})
		}
	}
	return s, nil
}

// checkUsers makes sure that the users of the tokens exist.
func (s *Server) checkUsers() error {
	for _, c := range s.doc.Collections() {
		for i := range c.Records.Embeds {
			e := &c.Records.Embeds[i]
			if !e.Caller || s.data.Set(e.Set) == nil {
				continue
			}
			for _, user := range s.opts.Tokens {
				if user == "" {
					continue
				}
				if _, err := s.data.Named(e.Set, user); err != nil {
					return fmt.Errorf("no user for a token: %w", err)
				}
			}
		}
	}
	return nil
}

// Reset goes back to the data at the start.
func (s *Server) Reset() { s.store.reset() }

// Document gives the document that is played.
func (s *Server) Document() *contract.Document { return s.doc }

// Data gives the data at the start.
func (s *Server) Data() *fixtures.Data { return s.data }

// remembers tells whether an operation is played over records; the others are answered from the document alone.
func (s *Server) remembers(op *contract.Operation) bool {
	c := op.Collection
	return c != nil && (c.Empty || s.data.Set(c.Records) != nil && (c.Records.Key != "" || op.Role == contract.List))
}

// exchange is one request being answered.
type exchange struct {
	Exchange
	server   *Server
	w        http.ResponseWriter
	r        *http.Request
	state    *state
	op       *contract.Operation
	head     *contract.Operation // of HEAD, which is played by that of GET; nil: the request is no such HEAD
	path     string              // below the server
	values   []string            // of the path's parameters
	caller   string              // user name; "" is the default user
	query    url.Values
	prefer   preference
	media    string // of the request's body
	patch    []byte // the request's body, if it is a JSON Patch
	accepted string // media type of the answer
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	x := &exchange{server: s, w: w, r: r, Exchange: Exchange{Request: r}}
	defer func() {
		if p := recover(); p != nil {
			if p == http.ErrAbortHandler {
				panic(p)
			}
			x.Refusal = fmt.Sprintf("a fault of understudy's: %v\n%s", p, debug.Stack())
			if x.Status == 0 {
				x.send(http.StatusInternalServerError, "application/json", []byte(`{"detail":"a fault of understudy's; its log says more"}`))
			}
		}
		if s.opts.Observe != nil {
			x.Duration = time.Since(start)
			s.opts.Observe(x.Exchange)
		}
	}()
	if !s.wait(r.Context()) {
		return // nobody is there any more
	}
	if err := x.serve(); err != nil {
		x.refuse(err)
	}
}

// wait is the delay that the options ask for; false if the client has gone.
func (s *Server) wait(ctx context.Context) bool {
	from, to := s.opts.Delay[0], s.opts.Delay[1]
	if to <= 0 {
		return true
	}
	timer := time.NewTimer(from + rand.N(max(to-from, 0)+1))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// serve takes a request through its steps: route, authorize, validate, act.
func (x *exchange) serve() *refusal {
	s, r := x.server, x.r
	if r.URL.Path == ResetPath {
		return x.reset()
	}
	resource, path, values, hint := s.doc.Route(r.URL.EscapedPath())
	if x.cors(resource) {
		return nil
	}
	if resource == nil {
		return noRoute(hint)
	}
	x.path, x.values = path, values
	if x.op = resource.Operation(r.Method); x.op == nil {
		x.w.Header().Set("Allow", resource.Allow())
		if r.Method == http.MethodOptions {
			x.send(http.StatusOK, "", nil)
			return nil
		}
		x.op = resource.Operations[0] // for the shape of its errors
		return &refusal{
			cause: methodNotAllowed, keyword: "method", args: map[string]string{"value": r.Method},
			text: fmt.Sprintf("%s is not allowed here, only %s", r.Method, resource.Allow()),
		}
	}
	x.Operation = x.op.ID
	if err := x.authorize(); err != nil {
		return err
	}
	x.state = s.store.state.Load()
	x.query = contract.ParseQuery(r.URL.RawQuery)
	x.readPreference(r)
	if get := resource.Operation(http.MethodGet); r.Method == http.MethodHead && get != nil && get != x.op && get.Success() == x.op.Success() {
		x.op, x.head = get, x.op // which answers the same but for the body (RFC 9110 §9.3.2)
	}
	return x.play()
}

// reset answers [ResetPath].
func (x *exchange) reset() *refusal {
	host, _, err := net.SplitHostPort(x.r.RemoteAddr)
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() || x.server.same.Check(x.r) != nil {
		return &refusal{cause: forbidden, text: "a reset is taken from this machine and the same origin only"}
	}
	if x.r.Method != http.MethodPost {
		x.w.Header().Set("Allow", http.MethodPost)
		return &refusal{cause: methodNotAllowed, text: "reset with POST"}
	}
	x.server.Reset()
	x.send(http.StatusNoContent, "", nil)
	return nil
}

// buffers are reused between answers.
var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 64<<10); return &b }}

// maxPooled is the largest buffer that is kept for reuse.
const maxPooled = 1 << 20

// send writes an answer. HEAD gets the headers of GET and no body (RFC 9110 §9.3.2).
func (x *exchange) send(status int, contentType string, body []byte) {
	h := x.w.Header()
	if contentType != "" {
		h["Content-Type"] = []string{contentType}
	}
	if !bodyless(status) {
		h["Content-Length"] = []string{fmt.Sprint(len(body))}
	}
	x.Status = status
	if x.r.Method != http.MethodHead {
		x.Bytes = len(body)
	}
	if x.op != nil && x.r.Method != http.MethodOptions {
		x.Undocumented = x.op.Response(status) == nil
	}
	x.w.WriteHeader(status)
	if x.r.Method != http.MethodHead && len(body) > 0 {
		_, _ = x.w.Write(body) // the client may have gone
	}
}

// bodyless tells whether answers of a status have no body, whatever the document says (RFC 9110 §15.3.5 and §15.4.5).
func bodyless(status int) bool {
	return status == http.StatusNoContent || status == http.StatusNotModified
}

// address is the request's URL as the client sees it, for links.
func (x *exchange) address() *url.URL {
	u := *x.r.URL
	u.Scheme, u.Host = "http", x.r.Host
	if x.r.TLS != nil {
		u.Scheme = "https"
	}
	return &u
}

// cors says what browsers of other origins may do (the Fetch standard, §3.3), and answers a preflight.
func (x *exchange) cors(resource *contract.Resource) (answered bool) {
	origin := x.r.Header.Get("Origin")
	if x.server.opts.NoCORS || origin == "" {
		return false
	}
	h := x.w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	if own := x.server.opts.Origin; own != "" {
		h.Set("Access-Control-Allow-Origin", own)
		h.Add("Vary", "Origin")
	}
	h.Set("Access-Control-Expose-Headers", "*")
	wanted := x.r.Header.Get("Access-Control-Request-Method")
	if x.r.Method != http.MethodOptions || wanted == "" {
		return false
	}
	allow := wanted
	if resource != nil {
		allow = resource.Allow()
	}
	h.Set("Access-Control-Allow-Methods", allow)
	if headers := strings.Join(x.r.Header.Values("Access-Control-Request-Headers"), ", "); headers != "" {
		h.Set("Access-Control-Allow-Headers", headers)
	}
	if x.r.Header.Get("Access-Control-Request-Private-Network") == "true" {
		h.Set("Access-Control-Allow-Private-Network", "true")
	}
	h.Set("Access-Control-Max-Age", "600")
	x.send(http.StatusNoContent, "", nil)
	return true
}
