package mockserver_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/mockserver"
)

// created is an invitation as it was answered, and where it is.
type created struct {
	key, path, body string
}

// create posts an invitation; path is where Location leads, below the API's root.
func (s *server) create(t *testing.T, body string) created {
	t.Helper()
	a := s.send(t, http.MethodPost, base+all, nil, body)
	require.Equal(t, http.StatusCreated, a.status, a.body)
	var is struct{ PK string }
	require.NoError(t, json.Unmarshal([]byte(a.body), &is))
	require.Equal(t, base+all+is.PK+"/", a.header.Get("Location"))
	return created{is.PK, all + is.PK + "/", a.body}
}

// invitation is what an answer says; the embedded records are given whole.
func invitation(key, name, expires, data, creator, singleUse, flow, flowObj string) string {
	return fmt.Sprintf(`{"pk":%q,"name":%q,"expires":%s,"fixed_data":%s,"created_by":%s,"single_use":%s,"flow":%s,"flow_obj":%s}`,
		key, name, expires, data, creator, singleUse, flow, flowObj)
}

// TestCreate is what POST answers, and that GET answers the same.
func TestCreate(t *testing.T) {
	s := serve(t, mockserver.Options{Tokens: map[string]string{"any-token": "", "token-of-ada": "ada_l", "token-of-bob": "bob+ci@example.com"}})
	for _, c := range []struct {
		says, body, name, expires, data, singleUse, flow, flowObj string
	}{
		{"what is left out gets its default", `{"name":"autumn-interns"}`, "autumn-interns", `null`, `{}`, `false`, `null`, enrollment},
		{
			"everything is taken over", `{"name":"welcome-ada","expires":"2030-10-31T18:00:00Z","fixed_data":{"name":"Ada","list":[1,{"a":null}]},"single_use":true,"flow":"` + welcomeKey + `"}`,
			"welcome-ada", `"2030-10-31T18:00:00Z"`, `{"name":"Ada","list":[1,{"a":null}]}`, `true`, `"` + welcomeKey + `"`, welcome,
		},
		{"null is what is left out", `{"name":"n","expires":null,"flow":null}`, "n", `null`, `{}`, `false`, `null`, enrollment},
		{
			"read-only properties are ignored", `{"name":"n","pk":"1a6f0c52-3b7d-4e8a-9c01-d5e2f7a8b901","created_by":` + bob + `,"flow_obj":` + welcome + `}`,
			"n", `null`, `{}`, `false`, `null`, enrollment,
		},
		{"whatever their type", `{"name":"n","pk":5,"created_by":null,"flow_obj":[]}`, "n", `null`, `{}`, `false`, `null`, enrollment},
		{"so are unknown ones", `{"name":"n","Name":"x","nonsense":[1],"__proto__":{}}`, "n", `null`, `{}`, `false`, `null`, enrollment},
		{"a date-time keeps its offset and its fraction", `{"name":"n","expires":"2030-10-31T20:00:00.250+02:00"}`, "n", `"2030-10-31T20:00:00.250+02:00"`, `{}`, `false`, `null`, enrollment},
		{"two may have one name", `{"name":"beta"}`, "beta", `null`, `{}`, `false`, `null`, enrollment},
		{"50 characters fit", `{"name":"` + strings.Repeat("aB_-9", 10) + `"}`, strings.Repeat("aB_-9", 10), `null`, `{}`, `false`, `null`, enrollment},
		{"of a property sent twice the last counts", `{"name":"two words","name":"n"}`, "n", `null`, `{}`, `false`, `null`, enrollment},
		{"a name may be escaped", `{"n\u0061me":"\u006e"}`, "n", `null`, `{}`, `false`, `null`, enrollment},
		{"space between does not count", " {\n\t\"name\" : \"n\" ,\r\n\"fixed_data\" : { \"a\" : [ 1 , 2 ] } } \n", "n", `null`, `{"a":[1,2]}`, `false`, `null`, enrollment},
		{
			"any data is kept", `{"name":"n","fixed_data":{"":0,"a.b":"\u00e9\ud83d\ude00\u0000\u2028","n":-1.5e-7,"deep":{"deep":{"deep":[]}}}}`,
			"n", `null`, `{"":0,"a.b":"é😀\u0000\u2028","n":-0.00000015,"deep":{"deep":{"deep":[]}}}`, `false`, `null`, enrollment,
		},
		{"a flow's key in capitals is the same key", `{"name":"n","flow":"` + strings.ToUpper(hrKey) + `"}`, "n", `null`, `{}`, `false`, `"` + hrKey + `"`, hrFlow},
	} {
		t.Run(c.says, func(t *testing.T) {
			it := s.create(t, c.body)
			require.JSONEq(t, invitation(it.key, c.name, c.expires, c.data, akadmin, c.singleUse, c.flow, c.flowObj), it.body)
			require.Equal(t, it.body, s.get(t, it.path).body)
			require.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, it.key)
			require.NotContains(t, invitations, it.key)
		})
	}

	for token, user := range map[string]string{"any-token": akadmin, "token-of-ada": ada, "token-of-bob": bob} {
		t.Run("created_by is the caller: "+token, func(t *testing.T) {
			a := call{method: "POST", header: headers{"Authorization": "Bearer " + token}, body: `{"name":"mine"}`, status: 201, answer: `{"pk":"…`}.run(t, s)
			var is struct {
				CreatedBy json.RawMessage `json:"created_by"`
			}
			require.NoError(t, json.Unmarshal([]byte(a.body), &is))
			require.JSONEq(t, user, string(is.CreatedBy))
		})
	}

	t.Run("a number keeps every digit", func(t *testing.T) {
		it := s.create(t, `{"name":"n","fixed_data":{"n":12345678901234567890.10}}`)
		require.Contains(t, it.body, `{"n":12345678901234567890.10}`)
	})
	t.Run("below the root Location is below the root", func(t *testing.T) {
		a := s.send(t, http.MethodPost, all, nil, `{"name":"n"}`)
		require.Equal(t, http.StatusCreated, a.status)
		require.Regexp(t, `^/stages/invitation/invitations/[-0-9a-f]{36}/$`, a.header.Get("Location"))
		require.Equal(t, a.body, s.send(t, http.MethodGet, a.header.Get("Location"), nil, "").body)
	})
	t.Run("it is listed and counted", func(t *testing.T) {
		s := serve(t, mockserver.Options{})
		s.create(t, `{"name":"n"}`)
		call{to: "?page_size=20&name=n", list: "+", pages: pages{0, 0, 1, 1, 1, 1, 1}}.run(t, s)
		call{to: "?page_size=3&page=3&ordering=-pk,name", status: 200, answer: `{"pagination":{"next":0,"previous":2,"count":8,"current":3,"total_pages":3,"start_index":7,"end_index":8},…`}.run(t, s)
	})
	t.Run("two servers give the same keys", func(t *testing.T) {
		a, b := serve(t, mockserver.Options{}), serve(t, mockserver.Options{})
		one, two := a.create(t, `{"name":"one"}`), a.create(t, `{"name":"two"}`)
		require.NotEqual(t, one.key, two.key)
		require.Equal(t, one.key, b.create(t, `{"name":"other"}`).key)
	})
}

// TestChange is what PUT and PATCH make of the first and the third invitation. Each starts from the data.
func TestChange(t *testing.T) {
	const (
		key1 = "1a6f0c52-3b7d-4e8a-9c01-d5e2f7a8b901"
		key3 = "3c8b1e74-5d9f-4a0c-9e23-f7a4b9cada03"
	)
	var (
		oldData = `{"a":1,"needle":[true,null,{"b":"x"}]}`
		oldTime = `"2031-01-01T00:00:00Z"`
		chosen  = `"` + welcomeKey + `"`
	)
	s := serve(t, mockserver.Options{Tokens: map[string]string{"any-token": "bob+ci@example.com"}})
	for _, c := range []call{
		{
			says: "PUT resets what was left out, and keeps pk and created_by", method: "PUT", to: first, body: `{"name":"fresh"}`,
			answer: invitation(key1, "fresh", `null`, `{}`, akadmin, `false`, `null`, enrollment),
		},
		{
			says: "PUT sets what is sent", method: "PUT", to: third,
			body:   `{"name":"full","expires":"2032-02-29T23:59:59Z","fixed_data":{"b":2},"single_use":false,"flow":"` + hrKey + `"}`,
			answer: invitation(key3, "full", `"2032-02-29T23:59:59Z"`, `{"b":2}`, ada, `false`, `"`+hrKey+`"`, hrFlow),
		},
		{
			says: "PUT ignores what is read-only or unknown", method: "PUT", to: first, body: `{"name":"fresh","pk":"` + noKey + `","created_by":` + bob + `,"flow_obj":` + hrFlow + `,"x":1}`,
			answer: invitation(key1, "fresh", `null`, `{}`, akadmin, `false`, `null`, enrollment),
		},
		{
			says: "PATCH sets only what is sent: name", method: "PATCH", to: first, body: `{"name":"fresh"}`,
			answer: invitation(key1, "fresh", oldTime, oldData, akadmin, `true`, chosen, welcome),
		},
		{says: "single_use", method: "PATCH", to: first, body: `{"single_use":false}`, answer: invitation(key1, "Zeta_2", oldTime, oldData, akadmin, `false`, chosen, welcome)},
		{
			says: "a nested object is replaced whole", method: "PATCH", to: first, body: `{"fixed_data":{"b":2}}`,
			answer: invitation(key1, "Zeta_2", oldTime, `{"b":2}`, akadmin, `true`, chosen, welcome),
		},
		{says: "by an empty one too", method: "PATCH", to: first, body: `{"fixed_data":{}}`, answer: invitation(key1, "Zeta_2", oldTime, `{}`, akadmin, `true`, chosen, welcome)},
		{
			says: "null inside of it deletes nothing, it is a value", method: "PATCH", to: first, body: `{"fixed_data":{"a":null}}`,
			answer: invitation(key1, "Zeta_2", oldTime, `{"a":null}`, akadmin, `true`, chosen, welcome),
		},
		{says: "null takes the expiry away", method: "PATCH", to: first, body: `{"expires":null}`, answer: invitation(key1, "Zeta_2", `null`, oldData, akadmin, `true`, chosen, welcome)},
		{
			says: "null takes the flow away, and flow_obj follows", method: "PATCH", to: first, body: `{"flow":null}`,
			answer: invitation(key1, "Zeta_2", oldTime, oldData, akadmin, `true`, `null`, enrollment),
		},
		{
			says: "another flow, and flow_obj follows", method: "PATCH", to: first, body: `{"flow":"` + hrKey + `"}`,
			answer: invitation(key1, "Zeta_2", oldTime, oldData, akadmin, `true`, `"`+hrKey+`"`, hrFlow),
		},
		{
			says: "a flow where there was none", method: "PATCH", to: third, body: `{"flow":"` + welcomeKey + `"}`,
			answer: invitation(key3, "alpha_1", `null`, `{}`, ada, `true`, chosen, welcome),
		},
		{
			says: "several at once", method: "PATCH", to: third, body: `{"flow":"` + welcomeKey + `","expires":"2030-01-01T00:00:00Z","single_use":false}`,
			answer: invitation(key3, "alpha_1", `"2030-01-01T00:00:00Z"`, `{}`, ada, `false`, chosen, welcome),
		},
		{
			says: "read-only and unknown ones change nothing", method: "PATCH", to: first, body: `{"pk":"` + noKey + `","created_by":` + bob + `,"flow_obj":` + hrFlow + `,"x":1}`,
			answer: invitation(key1, "Zeta_2", oldTime, oldData, akadmin, `true`, chosen, welcome),
		},
		{says: "an empty object changes nothing", method: "PATCH", to: first, body: `{}`, answer: invitation(key1, "Zeta_2", oldTime, oldData, akadmin, `true`, chosen, welcome)},
		{says: "no body changes nothing", method: "PATCH", to: first, answer: invitation(key1, "Zeta_2", oldTime, oldData, akadmin, `true`, chosen, welcome)},
		{
			says: "no body with a type changes nothing", method: "PATCH", to: first, header: headers{"Content-Type": "application/json"},
			answer: invitation(key1, "Zeta_2", oldTime, oldData, akadmin, `true`, chosen, welcome),
		},
		{
			says: "the path may have the key in capitals", method: "PATCH", to: all + strings.ToUpper(key1) + "/", body: `{"name":"fresh"}`,
			answer: invitation(key1, "fresh", oldTime, oldData, akadmin, `true`, chosen, welcome),
		},
	} {
		t.Run(c.says, func(t *testing.T) {
			s.mock.Reset()
			a := c.run(t, s)
			require.Equal(t, a.body, s.get(t, c.to).body, "GET answers the same")
			require.Equal(t, 7, len(strings.Fields(s.list(t, ""))))
		})
	}
	t.Run("one change after another", func(t *testing.T) {
		s.mock.Reset()
		for _, body := range []string{`{"fixed_data":{"a":1}}`, `{"name":"x"}`, `{"fixed_data":{"b":2}}`, `{"flow":null}`, `{"single_use":false}`} {
			require.Equal(t, http.StatusOK, s.send(t, http.MethodPatch, base+first, nil, body).status)
		}
		require.JSONEq(t, invitation(key1, "x", oldTime, `{"b":2}`, akadmin, `false`, `null`, enrollment), s.get(t, first).body)
	})
}

// TestDestroy is what is left of an invitation that was deleted.
func TestDestroy(t *testing.T) {
	s := serve(t, mockserver.Options{})
	require.Equal(t, "1 6 2 5 4 7 3", s.list(t, ""))
	require.Equal(t, "1 2", s.list(t, "flow__slug=welcome"))
	runAll(t, s, []call{
		{says: "204, and nothing with it", method: "DELETE", to: first, status: 204, sends: headers{"Content-Type": "", "Content-Length": ""}},
		{says: "a second one is 404", method: "DELETE", to: first, status: 404, answer: notFound},
		{says: "GET", to: first, status: 404, answer: notFound},
		{says: "HEAD", method: "HEAD", to: first, status: 404},
		{says: "PUT does not bring it back", method: "PUT", to: first, body: `{"name":"x"}`, status: 404, answer: notFound},
		{says: "PATCH", method: "PATCH", to: first, body: `{"name":"x"}`, status: 404, answer: notFound},
		{says: "PATCH with nothing", method: "PATCH", to: first, status: 404, answer: notFound},
		{says: "used_by", to: first + "used_by/", status: 404, answer: notFound},
		{says: "an unknown one is told before its body", method: "PUT", to: first, body: `{"name":5}`, status: 404, answer: notFound},
		{says: "gone from the list", to: "", list: "6 2 5 4 7 3", pages: pages{0, 0, 6, 1, 1, 1, 6}},
		{says: "from orders", to: "?ordering=name&page_size=3", list: "7 4 2", pages: pages{2, 0, 6, 1, 2, 1, 3}},
		{says: "from filters", to: "?flow__slug=welcome", list: "2"},
		{says: "from searches", to: "?search=zeta", list: "", pages: pages{0, 0, 0, 1, 1, 0, 0}},
		{says: "another", method: "DELETE", to: last, status: 204},
		{says: "the last page went with it", to: "?page=6&page_size=1", status: 400, answer: `{"page":["Invalid page.","6 is past the last page, 5"]}`},
		{says: "a body is not read", method: "DELETE", to: second, body: `{`, status: 204},
		{says: "neither the flow nor the creator is touched", to: third, answer: invitation("3c8b1e74-5d9f-4a0c-9e23-f7a4b9cada03", "alpha_1", `null`, `{}`, ada, `true`, `null`, enrollment)},
		{says: "with the key in capitals", method: "DELETE", to: all + "3C8B1E74-5D9F-4A0C-9E23-F7A4B9CADA03/", status: 204},
		{says: "three are left", to: "", list: "6 5 4", pages: pages{0, 0, 3, 1, 1, 1, 3}},
	})
	t.Run("a key is not given twice", func(t *testing.T) {
		it := s.create(t, `{"name":"x"}`)
		require.Equal(t, http.StatusNoContent, s.send(t, http.MethodDelete, base+it.path, nil, "").status)
		require.NotEqual(t, it.key, s.create(t, `{"name":"x"}`).key)
	})
}
