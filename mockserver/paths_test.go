package mockserver_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"understudy/mockserver"
)

// TestPaths is where the API is, and what is said near it.
func TestPaths(t *testing.T) {
	var l log
	mock := newMock(t, mockserver.Options{Observe: l.observe})
	item := strings.TrimSuffix(first, "/")
	for _, c := range []struct {
		says, to string
		status   int
		hint     string // in the refusal
	}{
		{"below the server's path", base + all, 200, ""},
		{"at the root", all, 200, ""},
		{"an item below the server's path", base + first, 200, ""},
		{"an item at the root", first, 200, ""},
		{"slashes too many count as one", "//api//v3///stages/invitation//invitations//", 200, ""},
		{"at the root too", "/" + all, 200, ""},
		{"around an item", base + "//stages/invitation/invitations//" + first[len(all):] + "/", 200, ""},
		{"letters may be escaped", "/api/v3/%73tages/invitation/invitations/", 200, ""},
		{"in the server's path too", "/%61pi/v3/stages/invitation/invitations/", 200, ""},
		{"in the key too", base + all + "%31a6f0c52-3b7d-4e8a-9c01-d5e2f7a8b901/", 200, ""},
		{"a key in capitals is the same key", base + all + "1A6F0C52-3B7D-4E8A-9C01-D5E2F7A8B901/", 200, ""},
		{"the final slash is missing", base + strings.TrimSuffix(all, "/"), 404, base + all},
		{"at the root", strings.TrimSuffix(all, "/"), 404, all},
		{"of an item", base + item, 404, base + first},
		{"of what refers to it", base + first + "used_by", 404, base + first + "used_by/"},
		{"capitals are other letters", "/API/v3" + all, 404, ""},
		{"in the path", base + "/Stages/invitation/invitations/", 404, ""},
		{"another version", "/api/v2" + all, 404, ""},
		{"the server's path twice", base + base + all, 404, ""},
		{"the beginning of a path", base + "/stages/invitation/", 404, ""},
		{"the server's path alone", base, 404, ""},
		{"and a slash", base + "/", 404, ""},
		{"more than the server's path", "/api/v3stages/invitation/invitations/", 404, ""},
		{"the root", "/", 404, ""},
		{"below an item", base + first + "nothing/", 404, ""},
		{"users have no operations", base + "/core/users/", 404, ""},
		{"dots are not followed", base + "/stages/../stages/invitation/invitations/", 404, ""},
		{"an escaped slash separates nothing", "/api/v3/stages%2Finvitation/invitations/", 404, ""},
		{"the reset path with a slash", mockserver.ResetPath + "/", 404, ""},
	} {
		t.Run(c.says, func(t *testing.T) {
			w := direct(mock, http.MethodGet, c.to, nil, nil)
			x := l.take(t)
			require.Equal(t, c.status, w.Code, w.Body)
			require.Equal(t, c.status, x.Status)
			if c.status == http.StatusNotFound {
				require.Equal(t, "application/json", w.Header().Get("Content-Type"))
				require.NotEmpty(t, x.Refusal)
				require.Empty(t, x.Operation)
				var is struct{ Detail string }
				require.NoError(t, json.Unmarshal(w.Body.Bytes(), &is), w.Body)
				require.NotEmpty(t, is.Detail)
				require.Contains(t, is.Detail+" "+x.Refusal+" ", c.hint+" ")
			}
		})
	}
	t.Run("the server's path and the root are one API", func(t *testing.T) {
		require.Equal(t, direct(mock, "GET", base+all, nil, nil).Body.String(), direct(mock, "GET", all, nil, nil).Body.String())
	})
}

// TestOddPaths has nothing to promise but that there is an answer, in JSON, and that it is no fault of the server's.
func TestOddPaths(t *testing.T) {
	var l log
	mock := newMock(t, mockserver.Options{Observe: l.observe})
	long := strings.Repeat("x", 1<<16)
	odd := []string{
		"", "*", "?", "/?", "//", "/%", "/%2", "/%zz", "/%ff", "/%00", "/%3F", "/%2F", "/%2e%2e/", "/../../etc/passwd", `/\`, "/;", "/ ", "/{invite_uuid}/",
		"/" + long, strings.Repeat("/", 1<<16), strings.Repeat("/x", 1<<15), "/" + strings.Repeat("%ff", 1<<14), "/\xff\xfe", "/\x00", "/é/", "/%C3%A9/", "http://other.test/", "x:y",
	}
	keys := []string{
		"%ff", "%3F", "%00", "%2F", "%2e%2e", "..", ".", "%", "%zz", "%25", "+", "*", "{invite_uuid}", "%7Binvite_uuid%7D", long, "\xff", "'", `"`, "<script>",
		"1a6f0c52-3b7d-4e8a-9c01-d5e2f7a8b901%00", "1a6f0c52-3b7d-4e8a-9c01-d5e2f7a8b90%31%20", "1a6f0c52%2D3b7d-4e8a-9c01-d5e2f7a8b90x", "00000000-0000-0000-0000-000000000000", "%0A", ";",
	}
	for _, key := range keys {
		odd = append(odd, base+all+key, base+all+key+"/", base+all+key+"/used_by/", all+key+"/")
	}
	for _, to := range odd {
		t.Run(to[:min(len(to), 60)], func(t *testing.T) {
			for _, method := range []string{"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "CONNECT"} {
				w := direct(mock, method, to, headers{"Content-Type": "application/json"}, strings.NewReader("{}"))
				x := l.take(t)
				require.Equal(t, x.Status, w.Code)
				require.Less(t, w.Code, 500, "%s: %s", method, x.Refusal)
				require.GreaterOrEqual(t, w.Code, 200)
				if w.Body.Len() > 0 {
					require.True(t, json.Valid(w.Body.Bytes()), "%s: %s", method, w.Body)
					require.True(t, utf8.Valid(w.Body.Bytes()))
				}
				if method == "GET" || method == "DELETE" {
					require.GreaterOrEqual(t, w.Code, 400)
				}
				require.Less(t, w.Body.Len(), len(to)+4096, "%s: what was sent is not sent back several times", method)
				require.Less(t, len(x.Refusal), len(to)+4096, method)
			}
		})
	}
	s := serve(t, mockserver.Options{}) // and those that a real client can send
	runAll(t, s, []call{
		{says: "%ff", to: all + "%ff/", status: 400, answer: `{"invite_uuid":["Must be a valid UUID.",…`},
		{says: "%3F is no query", to: all + "%3Fpage=1/", status: 400, answer: `{"invite_uuid":["Must be a valid UUID.",…`},
		{says: "%00", to: all + "%00/", status: 400, answer: `{"invite_uuid":["Must be a valid UUID.","\"\\u0000\" is not a UUID…`},
		{says: "%2F is part of the key", to: all + "a%2Fb/", status: 400, answer: `{"invite_uuid":["Must be a valid UUID.","\"a/b\" is not a UUID…`},
		{says: "very long", to: all + long + "/", status: 400, answer: `{"invite_uuid":["Must be a valid UUID.",…`},
		{says: "a very long query", to: "?name=" + long + "&search=" + long, list: "", pages: pages{0, 0, 0, 1, 1, 0, 0}},
		{says: "very many parameters", to: "?" + strings.Repeat("name=x&", 10000) + "name=beta", list: "6 5", pages: pages{0, 0, 2, 1, 1, 1, 2}},
		{says: "very many words", to: "?search=" + strings.Repeat("a,", 10000), list: "1 6 2 5 4 7 3", pages: pages{0, 0, 7, 1, 1, 1, 7}},
		{says: "very many fields", to: "?ordering=" + strings.Repeat("x,pk,", 10000), list: "1 2 3 4 5 6 7", pages: pages{0, 0, 7, 1, 1, 1, 7}},
	})
}
