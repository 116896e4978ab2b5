package mutant

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"time"

	"understudy/internal/contract"
)

// Probe is a request that shows whether two servers behave alike. It says nothing of what is right.
type Probe struct {
	Label  string // what it is about: "list/filter/name"
	Method string
	Target string // path and query; {made} is the key of what the last create made
	Header http.Header
	Body   string
}

// made stands, in a probe, for the key of what the last create made.
const made = "{made}"

// Answers are what a server sends to probes, in their order, as it goes over the wire, but for the Date.
type Answers []string

// Ask sends probes to a server, one after the other, each over a connection of its own.
func Ask(p *Place, probes []Probe, server http.Handler) (answers Answers, took []time.Duration) {
	s := httptest.NewServer(server)
	defer s.Close()
	key := "none"
	for _, probe := range probes {
		began := time.Now()
		raw := probe.send(s.Listener.Addr().String(), key)
		took = append(took, time.Since(began))
		answers = append(answers, strings.ReplaceAll(raw, s.Listener.Addr().String(), "localhost"))
		if probe.Label != "write/create" && probe.Label != "write/other" || p.Collection == nil {
			continue
		}
		if _, body, ok := strings.Cut(raw, "\r\n\r\n"); ok {
			if item := itemOf(p.Collection, &answer{body: []byte(body)}); item != "" {
				key = keyOf(p.Collection, item)
			}
		}
	}
	return answers, took
}

// send sends a probe and gives everything that comes back until the connection is closed.
func (p *Probe) send(addr, key string) string {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err.Error()
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(30 * time.Second)) // a connection of ours
	r, err := http.NewRequest(p.Method, "http://"+addr+strings.ReplaceAll(p.Target, made, url.PathEscape(key)), strings.NewReader(p.Body))
	if err != nil {
		return err.Error()
	}
	for name, values := range p.Header {
		r.Header[name] = values
	}
	r.Close = true
	if err := r.Write(conn); err != nil {
		return err.Error()
	}
	raw, err := io.ReadAll(conn)
	if err != nil {
		return string(raw) + err.Error()
	}
	head, body, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	lines := slices.DeleteFunc(strings.Split(string(head), "\r\n"), func(line string) bool { return strings.HasPrefix(line, "Date: ") })
	return strings.Join(lines, "\r\n") + "\r\n\r\n" + string(body)
}

// Differing gives the labels of the probes that a broken server answers otherwise than the honest one. Those to which the honest one has no steady answer
// do not count; again is what it answers a second time, after a fresh start.
func Differing(probes []Probe, honest, again, broken Answers) []string {
	var out []string
	for i, p := range probes {
		if honest[i] == again[i] && honest[i] != broken[i] && !slices.Contains(out, p.Label) {
			out = append(out, p.Label)
		}
	}
	return out
}

// prober makes the probes of a place.
type prober struct {
	p      *Place
	server http.Handler
	base   string
	out    []Probe
}

// add adds a probe with the place's credentials.
func (b *prober) add(label string, op *contract.Operation, method, target string, body string, header ...string) {
	h := http.Header{}
	v := url.Values{}
	if op != nil {
		b.p.present(op, b.p.Token, v, h)
	}
	if len(v) > 0 {
		sep := "?"
		if strings.Contains(target, "?") {
			sep = "&"
		}
		target += sep + v.Encode()
	}
	if body != "" {
		h.Set("Content-Type", "application/json")
		if op != nil && op.Body != nil {
			if name, _ := op.Body.JSON(); name != "" {
				h.Set("Content-Type", name)
			}
		}
	}
	for i := 0; i+1 < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	b.out = append(b.out, Probe{Label: label, Method: method, Target: b.base + target, Header: h, Body: body})
}

// present puts a credential where the operation's first requirement wants it.
func (p *Place) present(op *contract.Operation, token string, query url.Values, header http.Header) {
	if len(op.Security) == 0 {
		return
	}
	for _, s := range op.Security[0] {
		secret := token
		if s.HTTP == "basic" {
			secret = "user:" + token
		}
		s.Present(secret, query, header)
	}
}

// ask asks the server at once, to choose probes by what it has.
func (b *prober) ask(op *contract.Operation, method, target, body string) *answer {
	n := len(b.out)
	b.add("", op, method, target, body)
	probe := b.out[n]
	b.out = b.out[:n]
	r := httptest.NewRequest(probe.Method, probe.Target, strings.NewReader(probe.Body))
	r.Header = probe.Header
	w := httptest.NewRecorder()
	b.server.ServeHTTP(w, r)
	return &answer{status: w.Code, header: w.Result().Header, body: w.Body.Bytes()}
}

// Probes makes the probes of a place, by what an honest server has there. The server is left as it was, but for the keys that it gives next.
func Probes(p *Place, server http.Handler) []Probe {
	b := &prober{p: p, server: server, base: p.Document.Bases()[0]}
	if p.Collection != nil && p.operation(contract.List) != nil {
		if scope, ok := b.scope(p.Collection); ok {
			b.list(scope)
		}
		return b.out
	}
	for _, op := range p.Operations {
		if op.Method == http.MethodGet {
			if target, ok := b.target(op); ok {
				b.add("alone", op, op.Method, target, "")
				b.bare("alone", op, target)
				b.odd("alone", op, target)
			}
		}
	}
	return b.out
}

// scope gives values for the path parameters of a list: keys of the items that hold it, as far as their lists have any.
func (b *prober) scope(c *contract.Collection) ([]string, bool) {
	n := len(c.List().PathParameters())
	if n == 0 {
		return nil, true
	}
	if c.Parent == nil || !keyed(c.Parent) {
		return nil, false
	}
	above, ok := b.scope(c.Parent)
	if !ok || len(above) != n-1 {
		return nil, false
	}
	best := []string(nil)
	path, query := c.Parent.Encode(contract.Query{Scope: above, Window: c.Parent.First()})
	a := b.ask(c.Parent.List(), http.MethodGet, withParameters(path, query), "")
	for i, item := range itemsOf(c.Parent, a) {
		scope := append(c.Parent.ItemScope(above), keyOf(c.Parent, item))
		if i == 0 {
			best = scope
		}
		path, query := c.Encode(contract.Query{Scope: scope, Window: c.First()})
		if inner := b.ask(c.List(), http.MethodGet, withParameters(path, query), ""); i > 4 || inner.ok() && len(itemsOf(c, inner)) > 1 {
			return scope, true
		}
	}
	return best, best != nil
}

// target gives the path of an operation that has no parameters that must be known.
func (b *prober) target(op *contract.Operation) (string, bool) {
	if len(op.PathParameters()) > 0 {
		return "", false
	}
	for i := range op.Parameters {
		if q := &op.Parameters[i]; q.Required {
			return "", false
		}
	}
	return op.Path, true
}

func withParameters(path string, query url.Values) string {
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

// bare asks without credentials, and with wrong ones.
func (b *prober) bare(label string, op *contract.Operation, target string) {
	if !guarded(op) {
		return
	}
	add := func(label string, change func(p *Probe)) {
		b.add(label, op, op.Method, target, "")
		last := &b.out[len(b.out)-1]
		change(last)
	}
	strip := func(p *Probe) {
		for _, s := range op.Security[0] {
			if s.Type == "apiKey" && s.In == "header" {
				p.Header.Del(s.Param)
			}
		}
		p.Header.Del("Authorization")
		p.Header.Del("Cookie")
		p.Target = b.base + target
	}
	add("auth/none/"+label, strip)
	add("auth/none/head", func(p *Probe) { strip(p); p.Method = http.MethodHead })
	token := b.p.Token
	for what, wrong := range map[string]string{"short": token[:len(token)-1], "long": token + "x", "case": swapCase(token), "unknown": strings.Repeat("z", len(token)), "empty": ""} {
		add("auth/wrong/"+what, func(p *Probe) {
			strip(p)
			v := url.Values{}
			b.p.present(op, wrong, v, p.Header)
			p.Target = withParameters(p.Target, v)
		})
	}
	slices.SortStableFunc(b.out, func(x, y Probe) int { // maps have no order
		if strings.HasPrefix(x.Label, "auth/wrong/") && strings.HasPrefix(y.Label, "auth/wrong/") {
			return strings.Compare(x.Label, y.Label)
		}
		return 0
	})
	add("auth/wrong/scheme", func(p *Probe) { strip(p); p.Header.Set("Authorization", "Token "+token) })
	add("auth/place/query", func(p *Probe) {
		strip(p)
		p.Target = withParameters(p.Target, url.Values{"access_token": {token}, "token": {token}})
	})
	add("auth/place/cookie", func(p *Probe) { strip(p); p.Header.Set("Cookie", "token="+token) })
	add("auth/place/header", func(p *Probe) { strip(p); p.Header.Set("X-Other-Key", token) })
	if b.p.Second != "" {
		add("auth/second", func(p *Probe) {
			strip(p)
			v := url.Values{}
			b.p.present(op, b.p.Second, v, p.Header)
			p.Target = withParameters(p.Target, v)
		})
	}
}

func swapCase(s string) string {
	if up := strings.ToUpper(s); up != s {
		return up
	}
	return strings.ToLower(s)
}

// odd asks for what HTTP itself promises.
func (b *prober) odd(label string, op *contract.Operation, target string) {
	sep := "?"
	if strings.Contains(target, "?") {
		sep = "&"
	}
	b.add("http/head/"+label, op, http.MethodHead, target, "")
	b.add("http/options/"+label, op, http.MethodOptions, target, "")
	b.add("http/method/"+label, op, "PROPFIND", target, "")
	b.add("http/method/"+label, op, http.MethodTrace, target, "")
	for _, accept := range []string{"application/json", "text/html", "application/x-understudy", "*/*"} {
		b.add("http/accept/"+label, op, http.MethodGet, target, "", "Accept", accept)
	}
	b.add("http/etag", op, http.MethodGet, target, "", "If-None-Match", `"understudy"`)
	b.add("http/long", op, http.MethodGet, target+sep+"zz="+strings.Repeat("a", 6000), "")
	b.add("http/cookie", op, http.MethodGet, target, "", "Cookie", "zz=1")
	for i := range op.Parameters {
		if q := &op.Parameters[i]; q.In == "query" {
			b.add("http/repeated", op, http.MethodGet, fmt.Sprintf("%s%s%s=1&%[3]s=1", target, sep, url.QueryEscape(q.Name)), "")
			break
		}
	}
}
