package mockserver_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/stretchr/testify/require"

	"understudy"
	"understudy/fixtures"
	"understudy/mockserver"
)

// validCase is one request, and what may come of it.
type validCase struct {
	method string
	path   string // template; "" if the document has no such path
	target string // with the query
	header http.Header
	body   string
	may    []int // statuses beside the documented ones
	must   int   // the only status that will do; 0: any
}

func (c validCase) String() string {
	return fmt.Sprintf("%s %s %v %.200q", c.method, c.target, c.header, c.body)
}

// validRun sends requests to one server and judges the answers.
type validRun struct {
	*validJudges
	t         *testing.T
	server    *httptest.Server
	exchanges int
	succeeded map[string]bool // operationId
	seen      map[int]int     // how often each status came
}

const (
	validAkadmin = "t0ken"
	validLea     = "s3cret"
)

func newValidRun(t *testing.T) *validRun {
	t.Helper()
	doc, err := understudy.Invitations()
	require.NoError(t, err)
	data, err := fixtures.Load(doc, &fixtures.Options{Now: time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC)})
	require.NoError(t, err)
	mock, err := mockserver.New(doc, &mockserver.Options{
		Data: data, MaxBody: validMaxBody, Tokens: map[string]string{validAkadmin: "", validLea: "lea.marchand"},
	})
	require.NoError(t, err)
	server := httptest.NewServer(mock)
	t.Cleanup(server.Close)
	return &validRun{validJudges: newValidJudges(t), t: t, server: server, succeeded: map[string]bool{}, seen: map[int]int{}}
}

// send makes the exchange, without a judgement.
func (r *validRun) send(c validCase) (*http.Request, *http.Response, []byte) {
	r.t.Helper()
	var body io.Reader
	if c.body != "" {
		body = strings.NewReader(c.body)
	}
	req, err := http.NewRequestWithContext(r.t.Context(), c.method, r.server.URL+c.target, body)
	require.NoError(r.t, err, c)
	req.Header = c.header.Clone()
	if _, ok := req.Header["User-Agent"]; !ok {
		req.Header.Set("User-Agent", "valid_test")
	}
	res, err := r.server.Client().Do(req)
	require.NoError(r.t, err, c)
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	require.NoError(r.t, err, c)
	return req, res, answer
}

// check makes the exchange and has both judges look at the answer.
func (r *validRun) check(c validCase) []byte {
	r.t.Helper()
	req, res, body := r.send(c)
	r.exchanges++
	r.seen[res.StatusCode]++
	if c.must != 0 {
		require.Equal(r.t, c.must, res.StatusCode, "%s\n%s", c, body)
	}
	op := r.operation(c.path, c.method)
	if c.method == http.MethodHead {
		require.Empty(r.t, body, c)
	}
	if op == nil || op.Responses.Status(res.StatusCode) == nil {
		require.Contains(r.t, c.may, res.StatusCode, "undocumented: %s\n%s", c, body)
		if res.StatusCode == http.StatusMethodNotAllowed {
			require.NotEmpty(r.t, res.Header.Get("Allow"), c)
		}
		if c.method != http.MethodHead && res.StatusCode >= 400 { // in the shape that the document has for a sentence
			require.Equal(r.t, "application/json", res.Header.Get("Content-Type"), c)
			require.NoError(r.t, r.judge("/components/schemas/GenericError", body), "%s\n%s", c, body)
			var value any
			require.NoError(r.t, json.Unmarshal(body, &value), c)
			require.NoError(r.t, r.api.Components.Schemas["GenericError"].Value.VisitJSON(value, openapi3.VisitAsResponse()), c)
		}
		return body
	}
	if res.StatusCode/100 == 2 {
		r.succeeded[op.OperationID] = true
	}
	if c.method == http.MethodHead {
		return body
	}
	if len(op.Responses.Status(res.StatusCode).Value.Content) == 0 {
		require.Empty(r.t, body, c)
		return body
	}
	require.Equal(r.t, "application/json", res.Header.Get("Content-Type"), c)
	require.NoError(r.t, r.kin(req, res.StatusCode, res.Header, body), "%s\n%d %s", c, res.StatusCode, body)
	require.NoError(r.t, r.schema(c.path, c.method, res.StatusCode, body), "%s\n%d %s", c, res.StatusCode, body)
	return body
}

// group runs a part of the test by itself, so that what fails in it hides nothing of the others.
func (r *validRun) group(name string, f func()) {
	outer := r.t
	outer.Run(name, func(t *testing.T) {
		r.t = t
		f()
	})
	r.t = outer
}

func validHeader(pairs ...string) http.Header {
	h := http.Header{"Authorization": {"Bearer " + validAkadmin}}
	for i := 0; i < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}

func validWith(h http.Header, name, value string) http.Header {
	h = h.Clone()
	h.Set(name, value)
	return h
}

// keys gives the keys of all invitations.
func (r *validRun) keys() []string {
	r.t.Helper()
	var keys []string
	for page := 1; page > 0; {
		body := r.check(validCase{
			method: "GET", path: validList, target: fmt.Sprintf("/api/v3%s?ordering=pk&page_size=100&page=%d", validList, page),
			header: validHeader(), must: 200,
		})
		var answer struct {
			Pagination struct{ Next int }
			Results    []struct{ PK string }
		}
		require.NoError(r.t, json.Unmarshal(body, &answer))
		for _, it := range answer.Results {
			keys = append(keys, it.PK)
		}
		page = answer.Pagination.Next
	}
	return keys
}

func validTarget(path, id string) string {
	return "/api/v3" + strings.ReplaceAll(path, "{invite_uuid}", id)
}

const validUnknown = "00000000-0000-4000-8000-000000000000"

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

// validBodies are bodies of POST, PUT and PATCH; the numbers are the statuses that they must get, of the first two and of PATCH.
func validBodies(flow string) []struct {
	body       string
	put, patch int
} {
	return []struct {
		body       string
		put, patch int
	}{
		{`{"name":"a"}`, 200, 200},
		{`{"name":"a-Z_09"}`, 200, 200},
		{`{"name":"` + strings.Repeat("x", 50) + `"}`, 200, 200},
		{`{"name":"\u0061\u002db"}`, 200, 200},
		{"\n\t { \"name\" : \"spaced\" , \"fixed_data\" : { } } \r\n", 200, 200},
		{`{"name":"a","expires":null}`, 200, 200},
		{`{"name":"a","expires":"2026-03-01T12:00:00Z"}`, 200, 200},
		{`{"name":"a","expires":"2026-03-01T12:00:00.123456+05:30"}`, 200, 200},
		{`{"name":"a","single_use":true,"flow":null}`, 200, 200},
		{`{"name":"a","flow":"` + flow + `"}`, 200, 200},
		{`{"name":"a","flow":"` + strings.ToUpper(flow) + `"}`, 200, 200}, // RFC 9562 §4: upper case is read
		{`{"name":"a","fixed_data":{"deep":[{"a":[1,2.50,-0,1e3,true,null,"x\"y\\z\n"]}],"ключ":"значение","":"empty"}}`, 200, 200},
		{`{"name":"a","fixed_data":{"emoji":"\ud83d\ude00","alone":"\ud800","nul":"\u0000","line":"\u2028","html":"<script>&"}}`, 200, 200},
		{`{"name":"a","fixed_data":{"nothing":null,"deep":{"nothing":null}}}`, 200, 200},
		{`{"name":"a","fixed_data":{"big":123456789012345678901234567890.5,"small":1e-300}}`, 200, 200},
		{`{"name":"a","fixed_data":` + strings.Repeat(`{"a":`, 200) + `1` + strings.Repeat(`}`, 200) + `}`, 200, 200},
		{`{"name":"a","name":"b"}`, 200, 200},
		{`{"name":"a","unknown":1,"UNKNOWN":{"x":[]}}`, 200, 200},
		{`{"name":"a","pk":"` + validUnknown + `","created_by":{"pk":2},"flow_obj":{"slug":"x"}}`, 200, 200},
		{`{"expires":"2026-03-01T12:00:00Z"}`, 400, 200},
		{`{}`, 400, 200},
		{`{"name":""}`, 400, 400},
		{`{"name":null}`, 400, 400},
		{`{"name":5}`, 400, 400},
		{`{"name":["a"]}`, 400, 400},
		{`{"name":"with space"}`, 400, 400},
		{`{"name":"ünicode"}`, 400, 400},
		{`{"name":"line\n"}`, 400, 400},
		{`{"name":"` + strings.Repeat("x", 51) + `"}`, 400, 400},
		{`{"name":"` + strings.Repeat("é", 51) + `"}`, 400, 400},
		{`{"name":"a","expires":"tomorrow"}`, 400, 400},
		{`{"name":"a","expires":"2026-02-31T00:00:00Z"}`, 400, 400},
		{`{"name":"a","expires":"2026-03-01"}`, 400, 400},
		{`{"name":"a","expires":17}`, 400, 400},
		{`{"name":"a","expires":""}`, 400, 400},
		{`{"name":"a","fixed_data":null}`, 400, 400},
		{`{"name":"a","fixed_data":[]}`, 400, 400},
		{`{"name":"a","fixed_data":"x"}`, 400, 400},
		{`{"name":"a","single_use":null}`, 400, 400},
		{`{"name":"a","single_use":"true"}`, 400, 400},
		{`{"name":"a","single_use":1}`, 400, 400},
		{`{"name":"a","flow":"nope"}`, 400, 400},
		{`{"name":"a","flow":""}`, 400, 400},
		{`{"name":"a","flow":5}`, 400, 400},
		{`{"name":"a","flow":{"pk":"x"}}`, 400, 400},
		{`{"name":"a","flow":"` + validUnknown + `"}`, 400, 400},
		{`{"name":"bad one","expires":1,"fixed_data":2,"single_use":3,"flow":4}`, 400, 400},
		{`[]`, 400, 400},
		{`[{"name":"a"}]`, 400, 400},
		{`null`, 400, 400},
		{`true`, 400, 400},
		{`"name"`, 400, 400},
		{`7`, 400, 400},
		{`{`, 400, 400},
		{`{"name":"a"`, 400, 400},
		{`{"name":"a"}}`, 400, 400},
		{`{"name":"a",}`, 400, 400},
		{`{'name':'a'}`, 400, 400},
		{`{"name":"a"} {"name":"b"}`, 400, 400},
		{`name=a`, 400, 400},
		{`{"name":NaN}`, 400, 400},
		{`{"name":"a","fixed_data":{"n":1e999}}`, 400, 400},
		{"{\"name\":\"\xff\"}", 400, 400},
		{"\xef\xbb\xbf{\"name\":\"a\"}", 400, 400},
		{"\x00", 400, 400},
		{" ", 400, 400},
		{strings.Repeat("[", 5000), 400, 400},
	}
}

func (r *validRun) bodies(id string) {
	var some struct {
		Results []struct{ Flow string }
	}
	body := r.check(validCase{
		method: "GET", path: validList, target: "/api/v3" + validList + "?flow__slug=contractor-enrollment&page_size=1", header: validHeader(), must: 200,
	})
	require.NoError(r.t, json.Unmarshal(body, &some))
	flow := some.Results[0].Flow
	require.Regexp(r.t, validUUID, flow)
	for _, b := range validBodies(flow) {
		r.group(fmt.Sprintf("%.60q", b.body), func() {
			for _, kind := range []string{"application/json", "application/json; charset=utf-8", "Application/JSON"} {
				h := validHeader("Content-Type", kind)
				post := b.put
				if post == 200 {
					post = 201
				}
				r.check(validCase{method: "POST", path: validList, target: "/api/v3" + validList, header: h, body: b.body, must: post})
				r.check(validCase{method: "PUT", path: validItem, target: validTarget(validItem, id), header: h, body: b.body, must: b.put})
				r.check(validCase{method: "PATCH", path: validItem, target: validTarget(validItem, id), header: h, body: b.body, must: b.patch})
			}
		})
	}
	writes := []validCase{
		{method: "POST", path: validList, target: "/api/v3" + validList},
		{method: "PUT", path: validItem, target: validTarget(validItem, id)},
		{method: "PATCH", path: validItem, target: validTarget(validItem, id)},
	}
	for _, c := range writes {
		// media types
		for _, kind := range []string{
			"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/merge-patch+json", "application/xml", "", ";;;", "json",
			"application/json2", "application/json; charset",
		} {
			odd := c
			odd.body, odd.header = `{"name":"a"}`, validHeader("Content-Type", kind)
			odd.may = []int{http.StatusUnsupportedMediaType}
			if odd.must = http.StatusUnsupportedMediaType; kind == "" {
				odd.header.Del("Content-Type")
			}
			r.check(odd)
		}
		odd := c
		odd.body, odd.header = `{"name":"a"}`, validHeader("Content-Type", "application/json", "Content-Encoding", "gzip")
		odd.may, odd.must = []int{http.StatusUnsupportedMediaType}, http.StatusUnsupportedMediaType
		r.check(odd)

		// no body
		empty := c
		empty.header = validHeader()
		if empty.must = http.StatusBadRequest; c.method == "PATCH" {
			empty.must = http.StatusOK // the document does not require one
		}
		r.check(empty)
		empty.header = validHeader("Content-Type", "application/json")
		r.check(empty)

		// sizes
		fits := `{"name":"a","fixed_data":{"a":"` + strings.Repeat("x", validMaxBody) + `"}}`
		fits = strings.Replace(fits, strings.Repeat("x", len(fits)-validMaxBody), "", 1)
		large := c
		large.body, large.header = fits, validHeader("Content-Type", "application/json")
		if large.must = http.StatusOK; c.method == "POST" {
			large.must = http.StatusCreated
		}
		require.Len(r.t, large.body, validMaxBody)
		r.check(large)
		large.body, large.may, large.must = fits+" ", []int{http.StatusRequestEntityTooLarge}, http.StatusRequestEntityTooLarge
		r.check(large)
		large.body = strings.Repeat("x", 10*validMaxBody)
		r.check(large)
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

// validAnswer is a real answer, and what is to be spoilt in it.
type validAnswer struct {
	validCase
	req    *http.Request
	status int
	header http.Header
	body   []byte
}

// object has both judges look at an answer whose body was changed, and gives what each says.
func (r *validRun) object(a validAnswer, body []byte) (kin, schema error) {
	return r.kin(a.req, a.status, a.header, body), r.schema(a.path, a.method, a.status, body)
}

// validRequired lists the paths of all required properties of a schema, those of the schemas inside it included; items are looked at in the first.
func validRequired(ref *openapi3.SchemaRef, at []string) (out [][]string) {
	s := ref.Value
	for _, name := range s.Required {
		out = append(out, append(slices.Clone(at), name))
	}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		out = append(out, validRequired(s.Properties[name], append(slices.Clone(at), name))...)
	}
	if s.Items != nil {
		out = append(out, validRequired(s.Items, append(slices.Clone(at), "0"))...)
	}
	for _, part := range s.AllOf {
		out = append(out, validRequired(part, at)...)
	}
	return out
}

// validChange gives a JSON text with another value at a path; without the property there, if value is absent.
func validChange(t *testing.T, body []byte, path []string, value any) []byte {
	t.Helper()
	var tree any
	require.NoError(t, json.Unmarshal(body, &tree))
	node := tree
	for i, step := range path {
		last := i == len(path)-1
		switch n := node.(type) {
		case map[string]any:
			require.Contains(t, n, step, "%v is not in %s", path, body)
			if node = n[step]; last && value == validAbsent {
				delete(n, step)
			} else if last {
				n[step] = value
			}
		case []any:
			require.Equal(t, "0", step)
			require.NotEmpty(t, n, "nothing at %v in %s", path, body)
			if node = n[0]; last {
				n[0] = value
			}
		default:
			require.Fail(t, "no such place", "%v in %s", path, body)
		}
	}
	out, err := json.Marshal(tree)
	require.NoError(t, err)
	return out
}

var validAbsent = new(struct{ _ int })

// answers gives a real answer of each operation, and its refusal of who has no credentials.
func (r *validRun) answers() []validAnswer {
	r.t.Helper()
	id := r.keys()[0]
	var out []validAnswer
	add := func(method, path, target, body string, status int) {
		h := validHeader("Content-Type", "application/json")
		for _, c := range []validCase{
			{method: method, path: path, target: target, header: h, body: body, must: status},
			{method: method, path: path, target: target, header: http.Header{}, body: body, must: http.StatusForbidden},
		} {
			req, res, answer := r.send(c)
			require.Equal(r.t, c.must, res.StatusCode, "%s\n%s", c, answer)
			if path == validUsed && c.must == http.StatusOK { // the list is always empty; what it would hold is written by hand
				require.JSONEq(r.t, "[]", string(answer))
				answer = []byte(`[{"app":"authentik_flows","model_name":"flow","pk":"1","name":"a flow","action":"set_null"}]`)
			}
			if len(answer) > 0 {
				out = append(out, validAnswer{c, req, res.StatusCode, res.Header, answer})
			}
		}
	}
	// The first of this list has a creator who logged in, and a flow with stages.
	add("GET", validList, "/api/v3"+validList+"?name=contractors-q3-berlin", "", 200)
	add("POST", validList, "/api/v3"+validList, `{"name":"a","expires":"2026-03-01T12:00:00Z"}`, 201)
	add("GET", validItem, validTarget(validItem, id), "", 200)
	add("PUT", validItem, validTarget(validItem, id), `{"name":"a","expires":"2026-03-01T12:00:00Z"}`, 200)
	add("PATCH", validItem, validTarget(validItem, id), `{"name":"b"}`, 200)
	add("GET", validUsed, validTarget(validUsed, id), "", 200)
	add("DELETE", validItem, validTarget(validItem, id), "", 204)
	return out
}

// The judges must be seen to object, or their silence above says nothing.
func TestValidJudgesSeeWhatIsMissing(t *testing.T) {
	r := newValidRun(t)
	taken := map[string][]string{} // operation and status: what was taken out
	for _, a := range r.answers() {
		kin, schema := r.object(a, a.body)
		require.NoError(t, kin, a.validCase)
		require.NoError(t, schema, a.validCase)
		response := r.operation(a.path, a.method).Responses.Status(a.status).Value
		for _, path := range validRequired(response.Content["application/json"].Schema, nil) {
			kin, schema := r.object(a, validChange(t, a.body, path, validAbsent))
			require.Error(t, kin, "%s %d without %v", a.validCase, a.status, path)
			require.Error(t, schema, "%s %d without %v", a.validCase, a.status, path)
			require.ErrorContains(t, kin, path[len(path)-1])
			require.ErrorContains(t, schema, path[len(path)-1])
			key := fmt.Sprintf("%s %s %d", a.method, a.path, a.status)
			taken[key] = append(taken[key], strings.Join(path, "."))
		}
	}
	user := []string{"created_by.name", "created_by.pk", "created_by.uid", "created_by.username"}
	flow := []string{
		"flow_obj.background", "flow_obj.cache_count", "flow_obj.designation", "flow_obj.export_url", "flow_obj.name", "flow_obj.pk", "flow_obj.policies",
		"flow_obj.policybindingmodel_ptr_id", "flow_obj.slug", "flow_obj.stages", "flow_obj.title",
	}
	invitation := slices.Concat([]string{"created_by", "flow_obj", "name", "pk"}, user, flow)
	list := []string{
		"pagination", "results", "pagination.next", "pagination.previous", "pagination.count", "pagination.current", "pagination.total_pages",
		"pagination.start_index", "pagination.end_index",
	}
	for _, name := range invitation {
		list = append(list, "results.0."+name)
	}
	want := map[string][]string{
		"GET " + validList + " 200":   list,
		"POST " + validList + " 201":  invitation,
		"GET " + validItem + " 200":   invitation,
		"PUT " + validItem + " 200":   invitation,
		"PATCH " + validItem + " 200": invitation,
		"GET " + validUsed + " 200":   {"0.action", "0.app", "0.model_name", "0.name", "0.pk"},
	}
	for _, op := range []string{"GET " + validList, "POST " + validList, "GET " + validItem, "PUT " + validItem, "PATCH " + validItem, "DELETE " + validItem, "GET " + validUsed} {
		want[op+" 403"] = []string{"detail"}
	}
	require.Len(t, taken, len(want))
	for key, paths := range want {
		require.ElementsMatch(t, paths, taken[key], key)
	}
}

func TestValidJudgesSeeWhatIsWrong(t *testing.T) {
	r := newValidRun(t)
	a := r.answers()[0]
	require.Equal(t, validList, a.path)
	long := strings.Repeat("x", 51)
	for _, c := range []struct {
		path string
		bad  any
	}{
		{"results.0.pk", "not-a-uuid"},
		{"results.0.pk", "3fa85f64-5717-4562-b3fc-2c963f66afaz"},
		{"results.0.pk", nil},
		{"results.0.pk", 1},
		{"results.0.flow", "default-enrollment-flow"},
		{"results.0.flow_obj.pk", "x"},
		{"results.0.flow_obj.policybindingmodel_ptr_id", "x"},
		{"results.0.flow_obj.stages.0", "x"},
		{"results.0.flow_obj.stages", nil},
		{"results.0.created_by.email", "nobody"},
		{"results.0.created_by.email", "a b@example.com"},
		{"results.0.created_by.email", nil},
		{"results.0.expires", "yesterday"},
		{"results.0.expires", "2026-02-31T00:00:00Z"},
		{"results.0.expires", "2026-01-29"},
		{"results.0.expires", 5},
		{"results.0.created_by.last_login", "never"},
		{"results.0.created_by.last_login", "2026-01-15 00:00:00"},
		{"results.0.name", nil},
		{"results.0.name", ""},
		{"results.0.name", "with space"},
		{"results.0.name", long},
		{"results.0.single_use", nil},
		{"results.0.single_use", "false"},
		{"results.0.fixed_data", nil},
		{"results.0.fixed_data", []any{}},
		{"results.0.created_by", nil},
		{"results.0.created_by.pk", "1"},
		{"results.0.created_by.pk", 1.5},
		{"results.0.created_by.username", "a b"},
		{"results.0.flow_obj", nil},
		{"results.0.flow_obj.designation", "nope"},
		{"results.0.flow_obj.slug", long},
		{"results.0.flow_obj.cache_count", nil},
		{"results.0", nil},
		{"results", map[string]any{}},
		{"results", nil},
		{"pagination", []any{}},
		{"pagination.count", "1"},
		{"pagination.next", nil},
	} {
		kin, schema := r.object(a, validChange(t, a.body, strings.Split(c.path, "."), c.bad))
		require.Error(t, kin, "%s is %v", c.path, c.bad)
		require.Error(t, schema, "%s is %v", c.path, c.bad)
	}
	for _, c := range []struct {
		path string
		good any
	}{
		{"results.0.expires", nil},
		{"results.0.flow", nil},
		{"results.0.created_by.last_login", nil},
		{"results", []any{}},
		{"results.0.fixed_data", map[string]any{"a": nil}},
		{"results.0.pk", strings.ToUpper(validUnknown)},
		{"results.0.expires", "2026-03-01T12:00:00.5+01:00"},
		{"pagination.count", 1.5},
	} {
		kin, schema := r.object(a, validChange(t, a.body, strings.Split(c.path, "."), c.good))
		require.NoError(t, kin, "%s is %v", c.path, c.good)
		require.NoError(t, schema, "%s is %v", c.path, c.good)
	}

	// Undocumented statuses and media types do not pass either.
	require.Error(t, r.kin(a.req, 404, a.header, []byte(`{"detail":"Not found."}`)))
	require.Error(t, r.kin(a.req, 200, http.Header{"Content-Type": {"text/html"}}, a.body))
	require.Error(t, r.kin(a.req, 200, a.header, []byte(`{`)))

	// Without its formats the first judge sees no difference: it is they that are at work above.
	blind := *r.validJudges
	blind.options = &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true}
	for _, path := range []string{"results.0.pk", "results.0.created_by.email"} {
		spoilt := validChange(t, a.body, strings.Split(path, "."), "nobody")
		require.NoError(t, blind.kin(a.req, a.status, a.header, spoilt))
		require.Error(t, r.kin(a.req, a.status, a.header, spoilt))
	}
	require.Empty(t, cmp.Or(openapi3.SchemaStringFormats["uuid"], nil), "somebody registered a format globally")
}
