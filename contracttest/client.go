package contracttest

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// maxAnswer bounds how much of an answer is read.
const maxAnswer = 16 << 20

// The reasons for which a request is not sent.
var (
	errBudget = errors.New("the budget of requests is used up")
	errTime   = errors.New("the time is up")
	errDead   = errors.New("the target no longer answers")
)

// client sends requests: those that were sent before only once, unless they are to be sent again.
type client struct {
	base   *url.URL
	common http.Header
	creds  *credentials
	http   *http.Client
	probe  string // a header that names the case; "": none
	limit  int    // of requests; 0: none
	pace   <-chan time.Time
	watch  func(*answer) // sees every answer
	known  *known

	marker string       // of what is created
	keyed  atomic.Int64 // how many idempotency keys were given

	sent     atomic.Int64
	misses   atomic.Int64 // requests in a row without an answer
	answered atomic.Bool  // at least one answer came
	missed   atomic.Value // why the last request without an answer had none, a string

	mu   sync.Mutex
	memo map[string]*pending

	workers chan struct{} // requests on their way
}

// pending is an answer that is there, or on its way.
type pending struct {
	ready  chan struct{}
	answer *answer
}

// deadAfter is how many requests in a row without an answer mean that the target is gone.
const deadAfter = 8

func newClient(base *url.URL, t *Target, creds *credentials, common http.Header) *client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = t.Workers
	transport.DisableCompression = true
	c := &client{
		base: base, common: common, creds: creds, probe: t.ProbeHeader, limit: t.MaxRequests, memo: map[string]*pending{}, known: newKnown(), workers: make(chan struct{}, t.Workers),
		http: &http.Client{
			Transport: transport, Timeout: t.Timeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	if t.Rate > 0 {
		c.pace = time.Tick(time.Duration(float64(time.Second) / t.Rate))
	}
	return c
}

// do sends a request and gives the answer; a read that was sent before is answered from memory, unless fresh asks for a new answer.
func (c *client) do(ctx context.Context, r *request, holes map[string]string, fresh bool) *answer {
	out, n, err := c.compose(r, holes)
	if err != nil {
		return &answer{request: r, sent: &http.Request{Method: r.verb(), URL: c.base, Header: http.Header{}}, err: err}
	}
	c.renewKey(r, out)
	if !readOnly(out.Method) || fresh || r.nth == alone {
		return c.deliver(ctx, r, out, holes, n)
	}
	p, first := c.await(r, out)
	if first {
		p.answer = c.deliver(ctx, r, out, holes, n)
		close(p.ready)
		return p.answer
	}
	<-p.ready
	same := *p.answer
	same.request = r
	return &same
}

// idempotencyKey is the header that names what is to be done once (draft-ietf-httpapi-idempotency-key-header).
const idempotencyKey = "Idempotency-Key"

// renewKey gives a write that has to have one an idempotency key that no other had: two equal ones mean two things.
func (c *client) renewKey(r *request, out *http.Request) {
	if readOnly(out.Method) || r.header.Get(idempotencyKey) == "" || r.op == nil {
		return
	}
	d := newDigest(uint64(c.keyed.Add(1)))
	d.add(c.marker)
	first := d.sum
	d.add("")
	key := fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", uint32(first), uint16(first>>32), first>>52, d.sum>>52, d.sum&(1<<48-1))
	if p := r.op.Parameter("header", idempotencyKey); p == nil || p.Schema == nil || valid(p.Schema, `"`+key+`"`) {
		out.Header.Set(idempotencyKey, key)
	}
}

// announce makes whoever asks for the same read wait for the answer to this one, and gives what sends it; nil if it was announced or sent before.
func (c *client) announce(ctx context.Context, r *request) (send func()) {
	out, n, err := c.compose(r, nil)
	if err != nil {
		return nil
	}
	p, first := c.await(r, out)
	if !first {
		return nil
	}
	return func() {
		p.answer = c.deliver(ctx, r, out, nil, n)
		close(p.ready)
	}
}

// await gives the answer to a read, there or on its way, and whether the caller is the first to ask, and so has to send it.
func (c *client) await(r *request, out *http.Request) (p *pending, first bool) {
	key := c.creds.timeless(r.key(out))
	c.mu.Lock()
	defer c.mu.Unlock()
	p = c.memo[key]
	if p == nil {
		p, first = &pending{ready: make(chan struct{})}, true
		c.memo[key] = p
	}
	return p, first
}

// lastMiss says why the last request without an answer had none.
func (c *client) lastMiss() string {
	text, _ := c.missed.Load().(string)
	return text
}

// forget drops what was remembered: something was written.
func (c *client) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.memo)
}

// key is the same for reads that share an answer.
func (r *request) key(out *http.Request) string {
	key := keyOf(out) + fmt.Sprintf(" %d", r.nth)
	if r.wire && out.Method != http.MethodHead {
		key += " on the wire"
	}
	return key
}

func keyOf(r *http.Request) string {
	var b strings.Builder
	b.WriteString(r.Method + " " + r.URL.String())
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		fmt.Fprintf(&b, "\n%s: %q", name, r.Header[name])
	}
	return b.String()
}

// maxRetries bounds how often a request is sent again because the server asks to wait, or the connection broke.
const maxRetries = 5

// send sends a request, and again if the server asks to wait. A write that was sent is waited for even when the check is interrupted: what it created has
// to be known, to be taken away.
func (c *client) send(ctx context.Context, r *request, out *http.Request) *answer {
	var payload []byte
	if out.Body != nil {
		payload, _ = io.ReadAll(out.Body) // from memory
	}
	a := &answer{request: r, sent: out, payload: payload, read: &reading{known: c.known}}
	if c.probe != "" {
		out = out.Clone(ctx)
		out.Header.Set(c.probe, c.creds.conceal(r.label()))
	}
	for try := 0; ; try++ {
		if a.err = c.mayGo(ctx, r); a.err != nil {
			a.unsent = try == 0
			return a
		}
		patient := ctx
		if !readOnly(out.Method) {
			patient = context.WithoutCancel(ctx)
		}
		c.workers <- struct{}{}
		began := time.Now()
		if r.wire || out.Method == http.MethodHead {
			c.overWire(patient, out, payload, a)
		} else {
			c.once(patient, out, payload, a)
		}
		a.began, a.took = began, time.Since(began)
		<-c.workers
		if !c.again(ctx, a, try) {
			break
		}
	}
	if a.err == nil {
		c.misses.Store(0)
		c.answered.Store(true)
	} else if ctx.Err() == nil {
		c.misses.Add(1)
		c.missed.Store(a.err.Error())
	}
	return a
}

// mayGo waits for the pace and tells why a request may not be sent.
func (c *client) mayGo(ctx context.Context, r *request) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	if c.misses.Load() >= deadAfter && !r.tidy {
		return errDead
	}
	if n := c.sent.Add(1); c.limit > 0 && n > int64(c.limit) && !r.tidy {
		c.sent.Add(-1)
		return errBudget
	}
	if c.pace != nil {
		select {
		case <-c.pace:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// again tells whether a request is to be sent once more, after having waited.
func (c *client) again(ctx context.Context, a *answer, try int) bool {
	if try >= maxRetries || ctx.Err() != nil {
		return false
	}
	wait := time.Duration(0)
	switch {
	case a.err != nil: // a connection that was kept may have been closed just now
		safe := a.sent.Method == http.MethodGet || a.sent.Method == http.MethodHead
		if !safe || try > 0 || c.misses.Load() > 0 {
			return false
		}
	case a.status == http.StatusTooManyRequests || a.status == http.StatusServiceUnavailable && a.header.Get("Retry-After") != "":
		wait = retryAfter(a.header.Get("Retry-After"), 50*time.Millisecond<<try)
	default:
		return false
	}
	select {
	case <-time.After(wait):
		return true
	case <-ctx.Done():
		return false
	}
}

// retryAfter reads how long to wait (RFC 9110 §10.2.3), but not longer than half a minute.
func retryAfter(text string, otherwise time.Duration) time.Duration {
	wait := otherwise
	if n, err := strconv.Atoi(text); err == nil {
		wait = time.Duration(n) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		wait = time.Until(at)
	}
	return min(max(wait, 0), 30*time.Second)
}

// streamOf gives what is sent as a body; one of zero bytes is sent with that length, and not in chunks.
func streamOf(payload []byte) io.ReadCloser {
	if len(payload) == 0 {
		return http.NoBody
	}
	return io.NopCloser(bytes.NewReader(payload))
}

func (c *client) once(ctx context.Context, out *http.Request, payload []byte, a *answer) {
	a.status, a.header, a.body, a.garbled, a.err = 0, nil, nil, false, nil
	out = out.WithContext(ctx)
	if payload != nil {
		out.Body, out.ContentLength = streamOf(payload), int64(len(payload))
	}
	res, err := c.http.Do(out)
	if err != nil {
		a.err = plainError(err)
		return
	}
	defer res.Body.Close()
	a.status, a.header = res.StatusCode, res.Header
	a.body, err = io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	switch {
	case err != nil:
		a.err = fmt.Errorf("the answer broke off after %d bytes: %w", len(a.body), plainError(err))
	case len(a.body) > maxAnswer:
		a.body, a.err = a.body[:maxAnswer], fmt.Errorf("the answer has more than %d MB", maxAnswer>>20)
	case strings.EqualFold(a.header.Get("Content-Encoding"), "gzip") && len(a.body) > 0:
		a.body, a.garbled = unzipped(a.body)
	}
}

// unzipped gives what was compressed (RFC 1952), and whether it is no such thing, or not all of it: then as much as can be read.
func unzipped(body []byte) (plain []byte, garbled bool) {
	r, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return body, true
	}
	plain, err = io.ReadAll(io.LimitReader(r, maxAnswer))
	return plain, err != nil
}

// overWire sends a request over a connection of its own, to see whether bytes follow an answer that may have no body.
func (c *client) overWire(ctx context.Context, out *http.Request, payload []byte, a *answer) {
	a.status, a.header, a.body, a.extra, a.err = 0, nil, nil, 0, nil
	ctx, cancel := context.WithTimeout(ctx, c.http.Timeout)
	defer cancel()
	var conn net.Conn
	host := out.URL.Host
	if out.URL.Scheme == "https" {
		if out.URL.Port() == "" {
			host += ":443"
		}
		conn, a.err = (&tls.Dialer{}).DialContext(ctx, "tcp", host)
	} else {
		if out.URL.Port() == "" {
			host += ":80"
		}
		conn, a.err = (&net.Dialer{}).DialContext(ctx, "tcp", host)
	}
	if a.err != nil {
		a.err = plainError(a.err)
		return
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	wired := out.Clone(ctx)
	wired.Header.Set("Connection", "close")
	if payload != nil {
		wired.Body, wired.ContentLength = streamOf(payload), int64(len(payload))
	}
	if a.err = wired.Write(conn); a.err != nil {
		return
	}
	r := bufio.NewReader(io.LimitReader(conn, maxAnswer))
	res, err := http.ReadResponse(r, wired)
	for err == nil && res.StatusCode/100 == 1 && res.StatusCode != http.StatusSwitchingProtocols { // the answer is still to come (RFC 9110 §15.2)
		res, err = http.ReadResponse(r, wired)
	}
	if err != nil {
		a.err = plainError(err)
		return
	}
	a.status, a.header = res.StatusCode, res.Header
	a.body, a.err = io.ReadAll(res.Body)
	_ = res.Body.Close()
	n, _ := io.Copy(io.Discard, r) // the server closes, or the time is up
	a.extra = int(n)
}

// plainError leaves out the method and the address, which stand beside it anyway.
func plainError(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		if u.Timeout() {
			return errors.New("it took too long")
		}
		return u.Err
	}
	return err
}
