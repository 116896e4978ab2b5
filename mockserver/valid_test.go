package mockserver_test

import (
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestValidEveryAnswer(t *testing.T) {
	r := newValidRun(t)
	keys := r.keys()
	require.Greater(t, len(keys), 100)
	r.group("lists", r.lists)
	r.group("headers", func() { r.headers(keys[60]) })
	r.group("bodies", func() { r.bodies(keys[61]) })
	r.group("ids", func() { r.ids(keys) })
	r.group("methods", func() { r.methods(keys[62]) })
	r.group("random", func() { r.random(keys[70:]) })

	for path, item := range r.api.Paths.Map() {
		for method, op := range item.Operations() {
			require.True(t, r.succeeded[op.OperationID], "%s %s never succeeded", method, path)
		}
	}
	require.Len(t, r.succeeded, 7)
	require.Greater(t, r.exchanges, 4000)
	require.Equal(t, []int{200, 201, 204, 400, 403, 404, 405, 406, 413, 415}, slices.Sorted(maps.Keys(r.seen)))
	t.Logf("%d exchanges: %v", r.exchanges, r.seen)
}

// validParameters are values of the list's parameters, good and bad.
var validParameters = map[string][]string{
	"created_by__username": {"akadmin", "nobody", "", "amara.okafor@example.org", "sam.lindqvist+admin", "AKADMIN", "a\x00b", "Ω"},
	"expires": {
		"2026-01-29T00:00:00Z", "2026-01-29T01:00:00+01:00", "2026-01-29T00:00:00.000Z", "2026-01-29t00:00:00z", "", "foo", "2024-01-01",
		"2026-02-31T00:00:00Z", "2026-01-29 00:00:00Z", "2026-01-29T00:00:00", "9999-12-31T23:59:60Z", "0000-00-00T00:00:00Z", "1", "null",
	},
	"flow__slug": {"default-enrollment-flow", "contractor-enrollment", "nope", "", "%", "\u202e"},
	"name":       {"contractors-q3-berlin", "vip", "", "no such name", "'; DROP TABLE invitations; --", "💥", strings.Repeat("n", 3000), "\xff\xfe"},
	"ordering": {
		"name", "-name", "-expires,name", "expires,pk", "pk", "-pk", "single_use,-name", "flow", "-flow", "nope", "flow__slug", "", ",,,", "-",
		"--name", " name , -pk ", "name,name,-name", "created_by", "fixed_data",
	},
	"page": {
		"1", "2", "3", "7", "999", "0", "-1", "abc", "last", "1.5", "", "100000000000000000000", "+1", " 1", "0x1", "01", "1e0", "null", "9223372036854775807",
	},
	"page_size": {"1", "2", "5", "20", "99", "100", "101", "1000000", "0", "-3", "", "abc", "1.5", "100000000000000000000", "9223372036854775807", "+5"},
	"search":    {"contractors berlin", "berlin,contractors", "BERLIN", "", ",,,", "%", "_", "\x00", "akadmin", "2026-01", "zzz", "ÄÖÜ", strings.Repeat("a ", 500)},
	"colour":    {"", "blue"},
}

func (r *validRun) lists() {
	target := "/api/v3" + validList
	list := func(query string) validCase {
		if query != "" {
			query = "?" + query
		}
		return validCase{method: "GET", path: validList, target: target + query, header: validHeader()}
	}
	r.check(list(""))
	names := slices.Sorted(maps.Keys(validParameters))
	for _, name := range names {
		for _, value := range validParameters[name] {
			c := list(url.Values{name: {value}}.Encode())
			r.check(c)
			c.method = "HEAD"
			r.check(c)
		}
		r.check(list(name))       // neither = nor value
		r.check(list(name + "=")) // no value
		r.check(list(name + "[]=1"))
		r.check(list(url.Values{name: validParameters[name]}.Encode())) // all at once
	}
	for _, raw := range []string{"&&&", "=", "page=1;page=2", "page=%zz", "%zz=1", "page=1&page=abc", "page=abc&page=1", "search=a+b%2Cc", "?", "page=1#2"} {
		r.check(list(raw))
	}
	draws := rand.New(rand.NewPCG(1, 2))
	for range 1200 {
		v := url.Values{}
		for _, name := range names {
			if draws.IntN(3) == 0 {
				v.Set(name, validParameters[name][draws.IntN(len(validParameters[name]))])
			}
		}
		if draws.IntN(2) == 0 { // small pages most of the time
			v.Set("page_size", "3")
		}
		r.check(list(v.Encode()))
	}
}

// validAccepts are values of Accept, and whether JSON is among them.
var validAccepts = map[string]bool{
	"application/json": true, "*/*": true, "application/*": true, "APPLICATION/JSON": true, "text/html, */*;q=0.1": true,
	"application/json; charset=utf-8": true, "application/json;q=0.001": true, "text/html, application/xhtml+xml, application/json;q=0.9": true,
	"text/html": false, "application/json;q=0": false, "*/*, application/json;q=0.0": false, "image/*": false, "garbage": false, "application/xml, text/*": false,
	"*/*;q=0": false,
}

// validAuthorizations are values of Authorization that let nobody in.
var validAuthorizations = []string{
	"", "Bearer", "Bearer ", "Bearer  two", "Bearer a b", "Basic dDBrZW46", "Token t0ken", "t0ken", "Bearer wrong", "Bearer T0KEN", "Bearer t0ken,", "\x01", "Bearer é",
}

func (r *validRun) headers(id string) {
	for _, e := range []struct{ method, path string }{
		{"GET", validList}, {"POST", validList}, {"GET", validItem}, {"PUT", validItem}, {"PATCH", validItem}, {"DELETE", validItem}, {"GET", validUsed},
	} {
		c := validCase{method: e.method, path: e.path, target: validTarget(e.path, id), header: validHeader()}
		body := ""
		if e.method[0] == 'P' {
			body = `{"name":"headers"}`
			c.header.Set("Content-Type", "application/json")
		}
		for _, a := range validAuthorizations {
			refused := c
			refused.body, refused.must = body, http.StatusForbidden
			if refused.header = validWith(c.header, "Authorization", a); a == "" {
				refused.header.Del("Authorization")
			}
			if a == "\x01" {
				continue // no client sends it
			}
			r.check(refused)
			refused.target += "?page=abc" // who is not let in learns nothing else
			r.check(refused)
			if e.method == "GET" {
				refused.method = "HEAD"
				r.check(refused)
			}
		}
		if e.method == "DELETE" {
			continue // 204 has no media type to accept; and the id is needed
		}
		for _, accept := range slices.Sorted(maps.Keys(validAccepts)) {
			a := c
			a.body, a.header = body, validWith(c.header, "Accept", accept)
			if !validAccepts[accept] {
				a.may, a.must = []int{http.StatusNotAcceptable}, http.StatusNotAcceptable
			}
			r.check(a)
		}
		r.check(validCase{method: c.method, path: c.path, target: c.target, header: validWith(c.header, "Authorization", "bearer  "+validLea), body: body, must: 403})
		ok := r.check(validCase{method: c.method, path: c.path, target: c.target, header: validWith(c.header, "Authorization", "BEARER "+validLea), body: body})
		if e.method == "POST" {
			require.Contains(r.t, string(ok), `"username":"lea.marchand"`)
		}
	}
}

func (r *validRun) ids(keys []string) {
	malformed := []string{
		"abc", "1", "-", "%20", "%00", "a%2Fb", "..%2F..", "%F0%9F%92%A5", "{invite_uuid}", "null", strings.ReplaceAll(validUnknown, "-", ""), "{" + validUnknown + "}",
		"urn:uuid:" + validUnknown, validUnknown + "0", validUnknown[:35], validUnknown[:35] + "g", strings.Repeat("x", 4000), "%27%3B--", "used_by", ";", "+", "%25",
	}
	body := validHeader("Content-Type", "application/json")
	for i, e := range []struct {
		method, path, body string
		success            int
	}{
		{"GET", validItem, "", 200},
		{"HEAD", validItem, "", 200},
		{"PUT", validItem, `{"name":"ids"}`, 200},
		{"PATCH", validItem, `{"name":"ids"}`, 200},
		{"DELETE", validItem, "", 204},
		{"GET", validUsed, "", 200},
		{"HEAD", validUsed, "", 200},
	} {
		h := validHeader()
		if e.body != "" {
			h = body
		}
		c := validCase{method: e.method, path: e.path, header: h, body: e.body}
		for _, id := range malformed {
			c.target, c.must, c.may = validTarget(e.path, id), http.StatusBadRequest, nil
			r.check(c)
			c.target += "?page=abc&colour=blue"
			r.check(c)
		}
		for _, id := range []string{validUnknown, strings.ToUpper("abcdefab-cdef-4bcd-8fab-cdefabcdefab")} {
			c.target, c.must, c.may = validTarget(e.path, id), http.StatusNotFound, []int{http.StatusNotFound}
			r.check(c)
			if e.body != "" { // an unknown item wins over a bad body
				bad := c
				bad.body = `{"name":""}`
				r.check(bad)
			}
		}
		c.must, c.may = e.success, nil
		for _, id := range keys[3*i : 3*i+3] {
			c.target = validTarget(e.path, id)
			r.check(c)
			if e.method == "DELETE" { // a second time
				again := c
				again.must, again.may = http.StatusNotFound, []int{http.StatusNotFound}
				r.check(again)
			}
		}
		c.target = validTarget(e.path, strings.ToUpper(keys[30+i]))
		r.check(c)
		c.target = strings.TrimPrefix(validTarget(e.path, keys[40+i]), "/api/v3") // at the root
		if e.method == "HEAD" || e.method == "DELETE" {                           // the other judge's router knows no such path
			r.check(c)
		}
	}
}

func (r *validRun) methods(id string) {
	declared := map[string]string{validList: "GET POST", validItem: "GET PUT PATCH DELETE", validUsed: "GET"}
	for path, known := range declared {
		for _, method := range []string{"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "get", "QUERY"} {
			for _, auth := range []string{"Bearer " + validAkadmin, ""} {
				c := validCase{method: method, path: path, target: validTarget(path, id), header: validWith(validHeader(), "Authorization", auth)}
				switch {
				case method == "OPTIONS":
					c.may, c.must = []int{http.StatusOK}, http.StatusOK
				case method == "HEAD" || slices.Contains(strings.Fields(known), method):
					continue // elsewhere
				default:
					c.may, c.must = []int{http.StatusMethodNotAllowed}, http.StatusMethodNotAllowed
				}
				r.check(c)
			}
		}
		preflight := validCase{
			method: "OPTIONS", path: path, target: validTarget(path, id), may: []int{http.StatusNoContent}, must: http.StatusNoContent,
			header: http.Header{"Origin": {"https://app.example.com"}, "Access-Control-Request-Method": {"GET"}},
		}
		r.check(preflight)
		allow := r.allow(path, id)
		for _, m := range append(strings.Fields(known), "HEAD", "OPTIONS") {
			require.Contains(r.t, allow, m)
		}
	}
	for _, target := range []string{
		"/", "/api/v3", "/api/v3/", "/nope", "/api/v3/nope/", "/api/v3/stages/invitation/invitations", "/api/v2/stages/invitation/invitations/",
		"/api/v3/stages/invitation/invitations/" + id, "/api/v3/stages/invitation/invitations/" + id + "/used_by", "/api/v3/stages/invitation/invitations/" + id + "/nope/",
		"/api/v3/stages/invitation/invitations/" + id + "/used_by/x/", "/API/v3/stages/invitation/invitations/", "/%2e%2e/etc/passwd", "/api/v3/core/users/",
	} {
		for _, method := range []string{"GET", "POST", "DELETE", "OPTIONS", "HEAD"} {
			r.check(validCase{method: method, target: target, header: validHeader(), may: []int{404}, must: 404})
			r.check(validCase{method: method, target: target, header: http.Header{}, may: []int{404}, must: 404})
		}
	}
}

func (r *validRun) allow(path, id string) string {
	_, res, _ := r.send(validCase{method: "OPTIONS", path: path, target: validTarget(path, id), header: http.Header{}})
	return res.Header.Get("Allow")
}

// random mixes everything: an operation, an id, a query, a body, and headers.
func (r *validRun) random(keys []string) {
	draws := rand.New(rand.NewPCG(3, 4))
	bodies := validBodies(validUnknown)
	accepts := slices.Sorted(maps.Keys(validAccepts))
	kinds := []string{"application/json", "application/json", "application/json", "text/plain", ""}
	ids := []string{validUnknown, "abc"}
	for range 1500 {
		path := []string{validList, validItem, validItem, validItem, validUsed}[draws.IntN(5)]
		id := keys[draws.IntN(len(keys))]
		if draws.IntN(4) == 0 {
			id = ids[draws.IntN(len(ids))]
		}
		c := validCase{
			method: []string{"GET", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"}[draws.IntN(9)],
			path:   path, target: validTarget(path, id), header: validHeader(),
		}
		name := slices.Sorted(maps.Keys(validParameters))[draws.IntN(len(validParameters))]
		if draws.IntN(2) == 0 {
			c.target += "?" + url.Values{name: {validParameters[name][draws.IntN(len(validParameters[name]))]}}.Encode()
		}
		if draws.IntN(5) == 0 {
			c.header.Del("Authorization")
		}
		if draws.IntN(4) == 0 {
			accept := accepts[draws.IntN(len(accepts))]
			if c.header.Set("Accept", accept); !validAccepts[accept] {
				c.may = append(c.may, 406)
			}
		}
		if strings.Contains("POST PUT PATCH", c.method) {
			c.body = bodies[draws.IntN(len(bodies))].body
			kind := kinds[draws.IntN(len(kinds))]
			if kind != "" {
				c.header.Set("Content-Type", kind)
			}
			if kind != "application/json" {
				c.may = append(c.may, 415)
			}
		}
		op := r.operation(path, c.method)
		switch {
		case c.method == "OPTIONS":
			c.may = []int{200}
		case op == nil:
			c.may = []int{405}
		case path != validList:
			c.may = append(c.may, 404) // unknown, or deleted by now
		}
		r.check(c)
	}
}
