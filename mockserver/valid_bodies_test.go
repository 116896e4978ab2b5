package mockserver_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/stretchr/testify/require"
)

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
