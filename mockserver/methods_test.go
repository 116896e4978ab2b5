package mockserver_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/mockserver"
)

const allowedOnAll, allowedOnOne = "GET, POST, HEAD, OPTIONS", "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"

// TestHead is GET without the body: the status and every header are the same.
func TestHead(t *testing.T) {
	s := serve(t, mockserver.Options{})
	for _, to := range []string{
		all, all + "?page=2&page_size=3", all + "?name=nobody", all + "?page=abc", first, first + "used_by/", nobody, all + "abc/", "/nowhere",
	} {
		t.Run(to, func(t *testing.T) {
			get, head := s.get(t, to), s.send(t, http.MethodHead, base+to, nil, "")
			require.Equal(t, get.status, head.status)
			require.NotEmpty(t, get.body)
			require.Empty(t, head.body)
			get.header.Del("Date")
			head.header.Del("Date")
			require.Equal(t, get.header, head.header)
		})
	}
}

// TestMethods is what other methods than the documented ones get.
func TestMethods(t *testing.T) {
	s := serve(t, mockserver.Options{})
	const detail = `{"detail":"Method \"%\" not allowed."}`
	not := func(method string) string { return strings.Replace(detail, "%", method, 1) }
	runAll(t, s, []call{
		{says: "OPTIONS on the list", method: "OPTIONS", to: "", sends: headers{"Allow": allowedOnAll}, answer: "…"},
		{says: "OPTIONS on one", method: "OPTIONS", to: first, sends: headers{"Allow": allowedOnOne}, answer: "…"},
		{says: "OPTIONS on one that is not there", method: "OPTIONS", to: nobody, sends: headers{"Allow": allowedOnOne}, answer: "…"},
		{says: "OPTIONS on what refers to it", method: "OPTIONS", to: first + "used_by/", sends: headers{"Allow": "GET, HEAD, OPTIONS"}, answer: "…"},
		{says: "OPTIONS asks nobody for credentials", method: "OPTIONS", to: "", header: headers{"Authorization": ""}, sends: headers{"Allow": allowedOnAll}, answer: "…"},
		{says: "DELETE of the list", method: "DELETE", to: "", status: 405, sends: headers{"Allow": allowedOnAll}, answer: not("DELETE")},
		{says: "PUT of the list", method: "PUT", to: "", body: `{}`, status: 405, sends: headers{"Allow": allowedOnAll}, answer: not("PUT")},
		{says: "PATCH of the list", method: "PATCH", to: "", body: `{}`, status: 405, sends: headers{"Allow": allowedOnAll}, answer: not("PATCH")},
		{says: "POST to one", method: "POST", to: first, body: `{}`, status: 405, sends: headers{"Allow": allowedOnOne}, answer: not("POST")},
		{says: "POST to what refers to it", method: "POST", to: first + "used_by/", status: 405, sends: headers{"Allow": "GET, HEAD, OPTIONS"}, answer: not("POST")},
		{says: "TRACE", method: "TRACE", to: "", status: 405, sends: headers{"Allow": allowedOnAll}, answer: not("TRACE")},
		{says: "a method nobody knows", method: "BREW", to: first, status: 405, sends: headers{"Allow": allowedOnOne}, answer: not("BREW")},
		{says: "methods are in capitals (RFC 9110 §9.1)", method: "get", to: "", status: 405, sends: headers{"Allow": allowedOnAll}, answer: not("get")},
		{says: "nothing happened", to: "", list: "1 6 2 5 4 7 3", pages: pages{0, 0, 7, 1, 1, 1, 7}},
	})
}
