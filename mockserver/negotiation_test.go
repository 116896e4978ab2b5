package mockserver_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/mockserver"
)

// TestNegotiation is what is said of the headers Accept, Content-Type and Content-Encoding, and of bodies that are too large.
func TestNegotiation(t *testing.T) {
	const unacceptable = `{"detail":"Could not satisfy the request Accept header."}`
	type accepts struct {
		header string
		status int
	}
	s := serve(t, mockserver.Options{MaxBody: 100})
	for _, c := range []accepts{
		{"application/json", 200},
		{"*/*", 200},
		{"application/*", 200},
		{"text/html, application/json;q=0.1", 200},
		{"text/html,*/*;q=0.01", 200},
		{"APPLICATION/JSON", 200},
		{"application/json; charset=utf-8", 200},
		{" application/json ", 200},
		{"application/json;q=1, */*;q=0", 200},
		{"text/html", 406},
		{"application/xml, text/*", 406},
		{"application/json;q=0", 406},
		{"*/*;q=0", 406},
		{"*/*, application/json;q=0", 406},
		{"application/*;q=0.000, */*", 406},
		{"nonsense", 406},
	} {
		t.Run("Accept: "+c.header, func(t *testing.T) {
			a := s.send(t, http.MethodGet, base+first, headers{"Accept": c.header}, "")
			require.Equal(t, c.status, a.status, a.body)
			if c.status == http.StatusNotAcceptable {
				require.JSONEq(t, unacceptable, a.body)
			}
		})
	}
	unsupported := func(media string) string { return `{"detail":"Unsupported media type \"` + media + `\" in request."}` }
	const small = `{"name":"n"}`
	runAll(t, s, []call{
		{says: "an answer nobody accepts creates nothing", method: "POST", header: headers{"Accept": "text/html"}, body: small, status: 406, answer: unacceptable},
		{says: "JSON with parameters", method: "POST", header: headers{"Content-Type": "application/json; charset=utf-8"}, body: small, status: 201, answer: "{…"},
		{says: "JSON in capitals", method: "POST", header: headers{"Content-Type": "Application/JSON"}, body: small, status: 201, answer: "{…"},
		{says: "a form", method: "POST", header: headers{"Content-Type": "application/x-www-form-urlencoded"}, body: "name=n", status: 415, answer: unsupported("application/x-www-form-urlencoded")},
		{says: "text", method: "PUT", to: first, header: headers{"Content-Type": "text/plain"}, body: small, status: 415, answer: unsupported("text/plain")},
		{says: "no type", method: "POST", header: headers{"Content-Type": ""}, body: small, status: 415, answer: unsupported("")},
		{
			says: "merge patch is not documented", method: "PATCH", to: first, header: headers{"Content-Type": "application/merge-patch+json"}, body: `{}`, status: 415,
			answer: unsupported("application/merge-patch+json"),
		},
		{says: "a type that is none", method: "POST", header: headers{"Content-Type": "application/json;;;=x"}, body: small, status: 415, answer: unsupported("application/json;;;=x")},
		{says: "a compressed body", method: "POST", header: headers{"Content-Encoding": "gzip"}, body: small, status: 415, answer: "{…"},
		{says: "one that is not compressed at all", method: "POST", header: headers{"Content-Encoding": "identity"}, body: small, status: 201, answer: "{…"},
		{says: "a body of a GET is nothing to it", to: first, header: headers{"Content-Type": "text/plain"}, body: "{", answer: `{"pk":"1a6f0c52-…`},
		{says: "as many bytes as allowed", method: "POST", body: `{"name":"n","x":"` + strings.Repeat("x", 81) + `"}`, status: 201, answer: "{…"},
		{says: "one more", method: "POST", body: `{"name":"n","x":"` + strings.Repeat("x", 82) + `"}`, status: 413, answer: `{"detail":"the body is larger than 100 bytes"}`},
		{says: "much more, to PATCH", method: "PATCH", to: first, body: strings.Repeat(" ", 1<<16), status: 413, answer: `{"detail":"the body is larger than 100 bytes"}`},
		{says: "an unknown invitation comes before its body", method: "PATCH", to: nobody, body: strings.Repeat(" ", 200), status: 404, answer: notFound},
		{says: "Accept comes before everything but credentials", to: nobody, header: headers{"Accept": "text/html"}, status: 406, answer: unacceptable},
		{says: "the five that were taken are there", to: "?page_size=1&name=n", answer: `{"pagination":{"next":2,"previous":0,"count":4,…`},
	})
	t.Run("1 MiB unless said", func(t *testing.T) {
		s := serve(t, mockserver.Options{})
		body := func(size int) string {
			const frame = `{"name":"n","fixed_data":{"x":""}}`
			return `{"name":"n","fixed_data":{"x":"` + strings.Repeat("x", size-len(frame)) + `"}}`
		}
		call{method: "POST", body: body(1 << 20), status: 201, answer: "{…"}.run(t, s)
		call{method: "POST", body: body(1<<20 + 1), status: 413, answer: `{"detail":"the body is larger than 1048576 bytes"}`}.run(t, s)
	})
}
