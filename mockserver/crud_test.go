package mockserver_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/mockserver"
)

// The flows' keys.
const (
	welcomeKey = "c0de0003-7f1a-4b2c-8d3e-4f5a6b7c8d9e"
	hrKey      = "ace00001-5d9e-4f0a-8b1c-2d3e4f5a6b7c"
	noKey      = "0b9e4d17-53fa-4c86-b1d2-e87a60f3c529"
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

// TestRefusedBodies is what is said of bodies that are not valid: authentik's sentence, then ours.
func TestRefusedBodies(t *testing.T) {
	const (
		isNull  = `["This field may not be null.","null is not allowed"]`
		missing = `"name":["This field is required.","required, but missing"]`
	)
	notSlug := func(v string) string { return `"` + slugRule + `","\"` + v + `\" does not match ^[-a-zA-Z0-9_]+$"` }
	notDate := func(v string) string {
		return `"` + dateRule + `","\"` + v + `\" is not an RFC 3339 date-time such as 2026-11-22T09:30:00Z"`
	}
	notUUID := func(v string) string {
		return `"Must be a valid UUID.","\"` + v + `\" is not a UUID such as 3fa85f64-5717-4562-b3fc-2c963f66afa6"`
	}
	noFlow := func(v string) string {
		return `"Invalid pk \"` + v + `\" - object does not exist.","flows has no record with the key \"` + v + `\""`
	}
	long := strings.Repeat("x", 51)
	s := serve(t, mockserver.Options{})
	for _, c := range []struct{ says, body, answer string }{
		{"name missing", `{}`, `{` + missing + `}`},
		{"name null", `{"name":null}`, `{"name":` + isNull + `}`},
		{"name no slug", `{"name":"two words"}`, `{"name":[` + notSlug("two words") + `]}`},
		{"name no ASCII", `{"name":"é"}`, `{"name":[` + notSlug("é") + `]}`},
		{"name ends in a newline", `{"name":"n\n"}`, `{"name":[` + notSlug(`n\\n`) + `]}`},
		{"name empty", `{"name":""}`, `{"name":["This field may not be blank.","\"\" is shorter than the 1 character needed",` + notSlug("") + `]}`},
		{"name too long", `{"name":"` + long + `"}`, `{"name":["Ensure this field has no more than 50 characters.","51 characters are more than the 50 allowed"]}`},
		{"name a number", `{"name":5}`, `{"name":["Not a valid string.","5 is not a string"]}`},
		{"name a list", `{"name":["n"]}`, `{"name":["Not a valid string.","[\"n\"] is not a string"]}`},
		{"expires no date-time", `{"name":"n","expires":"tomorrow"}`, `{"expires":[` + notDate("tomorrow") + `]}`},
		{"expires a date alone", `{"name":"n","expires":"2030-01-01"}`, `{"expires":[` + notDate("2030-01-01") + `]}`},
		{"expires without an offset", `{"name":"n","expires":"2030-01-01T00:00:00"}`, `{"expires":[` + notDate("2030-01-01T00:00:00") + `]}`},
		{"expires 31 February", `{"name":"n","expires":"2030-02-31T00:00:00Z"}`, `{"expires":[` + notDate("2030-02-31T00:00:00Z") + `]}`},
		{"expires an offset of the fixtures", `{"name":"n","expires":"+14d"}`, `{"expires":[` + notDate("+14d") + `]}`},
		{"expires empty", `{"name":"n","expires":""}`, `{"expires":[` + notDate("") + `]}`},
		{"fixed_data a list", `{"name":"n","fixed_data":[]}`, `{"fixed_data":["Expected a dictionary of items but got type \"list\".","[] is not an object"]}`},
		{"fixed_data text", `{"name":"n","fixed_data":"{}"}`, `{"fixed_data":["Expected a dictionary of items but got type \"str\".","\"{}\" is not an object"]}`},
		{"fixed_data null", `{"name":"n","fixed_data":null}`, `{"fixed_data":` + isNull + `}`},
		{"single_use text", `{"name":"n","single_use":"yes"}`, `{"single_use":["Must be a valid boolean.","\"yes\" is not a boolean"]}`},
		{"single_use a number", `{"name":"n","single_use":1}`, `{"single_use":["Must be a valid boolean.","1 is not a boolean"]}`},
		{"single_use null", `{"name":"n","single_use":null}`, `{"single_use":` + isNull + `}`},
		{"flow unknown", `{"name":"n","flow":"` + noKey + `"}`, `{"flow":[` + noFlow(noKey) + `]}`},
		{"flow an invitation", `{"name":"n","flow":"1a6f0c52-3b7d-4e8a-9c01-d5e2f7a8b901"}`, `{"flow":[` + noFlow("1a6f0c52-3b7d-4e8a-9c01-d5e2f7a8b901") + `]}`},
		{"flow a slug", `{"name":"n","flow":"welcome"}`, `{"flow":[` + notUUID("welcome") + `]}`},
		{"flow empty", `{"name":"n","flow":""}`, `{"flow":[` + notUUID("") + `]}`},
		{"flow a number", `{"name":"n","flow":5}`, `{"flow":["Not a valid string.","5 is not a string"]}`},
		{"several at once", `{"name":"two words","flow":"` + noKey + `"}`, `{"name":[` + notSlug("two words") + `],"flow":[` + noFlow(noKey) + `]}`},
		{
			"all at once", `{"expires":"x","fixed_data":[1],"single_use":null,"flow":"` + noKey + `"}`,
			`{` + missing + `,"expires":[` + notDate("x") + `],"fixed_data":["Expected a dictionary of items but got type \"list\".","[1] is not an object"],"single_use":` + isNull + `,"flow":[` + noFlow(noKey) + `]}`,
		},
		{"two about one", `{"name":"` + long + `!"}`, `{"name":["Ensure this field has no more than 50 characters.","52 characters are more than the 50 allowed",` + notSlug(long+"!") + `]}`},
		{"a list", `[{"name":"n"}]`, `{"non_field_errors":["Invalid data. Expected a dictionary, but got list.","[{\"name\":\"n\"}] is not an object"]}`},
		{"text", `"n"`, `{"non_field_errors":["Invalid data. Expected a dictionary, but got str.","\"n\" is not an object"]}`},
		{"true", `true`, `{"non_field_errors":["Invalid data. Expected a dictionary, but got bool.","true is not an object"]}`},
		{"a number", `5`, `{"non_field_errors":["Invalid data. Expected a dictionary, but got …`},
		{"null", `null`, `{"non_field_errors":["…`},
		{"no JSON", `name=n`, `{"detail":"JSON parse error - …`},
		{"JSON cut off", `{"name":"n"`, `{"detail":"JSON parse error - …`},
		{"JSON and more", `{"name":"n"} {}`, `{"detail":"JSON parse error - …`},
		{"a comma too many", `{"name":"n",}`, `{"detail":"JSON parse error - …`},
		{"no UTF-8", "{\"name\":\"\xff\"}", `{"detail":"JSON parse error - …`},
		{"space alone", ` `, `{"detail":"JSON parse error - …`},
	} {
		t.Run(c.says, func(t *testing.T) {
			call{method: "POST", body: c.body, status: 400, answer: c.answer}.run(t, s)
			call{method: "PUT", to: first, body: c.body, status: 400, answer: c.answer}.run(t, s)
			if !strings.Contains(c.answer, missing) { // PATCH asks for nothing
				call{method: "PATCH", to: first, body: c.body, status: 400, answer: c.answer}.run(t, s)
			}
		})
	}
	runAll(t, s, []call{
		{says: "no body at all", method: "POST", status: 400, answer: `{` + missing + `}`},
		{says: "no body, but a type", method: "POST", header: headers{"Content-Type": "application/json"}, status: 400, answer: `{` + missing + `}`},
		{says: "PUT without a body", method: "PUT", to: first, status: 400, answer: `{` + missing + `}`},
		{
			says: "PATCH names no name as missing, only what is wrong", method: "PATCH", to: first, body: `{"single_use":1}`, status: 400,
			answer: `{"single_use":["Must be a valid boolean.","1 is not a boolean"]}`,
		},
		{
			says: "path and body at once", method: "PUT", to: all + "abc/", body: `{"flow":"x"}`, status: 400,
			answer: `{"invite_uuid":[` + notUUID("abc") + `],` + missing + `,"flow":[` + notUUID("x") + `]}`,
		},
		{
			says: "path and reference at once", method: "PATCH", to: all + "abc/", body: `{"flow":"` + noKey + `"}`, status: 400,
			answer: `{"invite_uuid":[` + notUUID("abc") + `],"flow":[` + noFlow(noKey) + `]}`,
		},
		{says: "nothing was created or changed", to: "", list: "1 6 2 5 4 7 3", pages: pages{0, 0, 7, 1, 1, 1, 7}},
		{says: "nothing at all", to: first, answer: invitation("1a6f0c52-3b7d-4e8a-9c01-d5e2f7a8b901", "Zeta_2", `"2031-01-01T00:00:00Z"`,
			`{"a":1,"needle":[true,null,{"b":"x"}]}`, akadmin, `true`, `"`+welcomeKey+`"`, welcome)},
	})
	t.Run("path and a body that cannot be parsed at once", func(t *testing.T) {
		a := call{method: "PUT", to: all + "abc/", body: `{`, status: 400, answer: `{…`}.run(t, s)
		var is map[string]any
		require.NoError(t, json.Unmarshal([]byte(a.body), &is))
		require.Equal(t, []any{"Must be a valid UUID.", `"abc" is not a UUID such as 3fa85f64-5717-4562-b3fc-2c963f66afa6`}, is["invite_uuid"])
		require.Regexp(t, "^JSON parse error - ", is["detail"])
	})
}

// TestViewsFollowWrites asks for the same lists before, between and after writes. What was asked before is kept up to date; what was not is made anew: both
// must be right.
func TestViewsFollowWrites(t *testing.T) {
	writes := []call{
		{says: "POST", method: "POST", body: `{"name":"delta","expires":"2030-06-01T00:00:00Z","single_use":true}`, status: 201, answer: `{"pk":"…`},
		{says: "PATCH", method: "PATCH", to: second, body: `{"name":"gamma","flow":"` + hrKey + `","expires":null}`, answer: `{"pk":"2b7a1d63-…`},
		{says: "PUT", method: "PUT", to: last, body: `{"name":"alpha-2"}`, answer: `{"pk":"70cf52b8-…`},
		{says: "DELETE", method: "DELETE", to: first, status: 204},
	}
	views := []struct {
		query string
		lists [5]string // at first, and after each write
	}{
		{"", [5]string{"1 6 2 5 4 7 3", "1 + 6 2 5 4 7 3", "1 + 6 5 4 7 2 3", "1 + 6 5 4 2 3 7", "+ 6 5 4 2 3 7"}},
		{"ordering=name", [5]string{"7 4 1 2 3 5 6", "7 4 1 2 3 5 6 +", "7 4 1 3 5 6 + 2", "4 1 7 3 5 6 + 2", "4 7 3 5 6 + 2"}},
		{"ordering=-single_use,expires", [5]string{"5 1 3 7 4 2 6", "5 + 1 3 7 4 2 6", "5 + 1 3 7 4 6 2", "5 + 1 3 4 6 2 7", "5 + 3 4 6 2 7"}},
		{"ordering=flow,-name&search=_", [5]string{"4 7 3 2 1", "4 7 3 2 1", "2 4 7 3 1", "2 4 3 1", "2 4 3"}},
		{"flow__slug=default-enrollment-flow&ordering=-name", [5]string{"5 6 3", "+ 5 6 3", "+ 5 6 3", "+ 5 6 3 7", "+ 5 6 3 7"}},
		{"flow__slug=HR_Flow", [5]string{"4 7", "4 7", "4 7 2", "4 2", "4 2"}},
		{"flow__slug=welcome&ordering=pk", [5]string{"1 2", "1 2", "1", "1", ""}},
		{"name=gamma", [5]string{"", "", "2", "2", "2"}},
		{"search=alpha&ordering=-name", [5]string{"3 2 4", "3 2 4", "3 4", "3 7 4", "3 7 4"}},
		{"search=2030", [5]string{"6 2 5 7", "+ 6 2 5 7", "+ 6 5 7", "+ 6 5", "+ 6 5"}},
		{"created_by__username=akadmin&ordering=expires", [5]string{"4 6 1", "4 6 + 1", "4 6 + 1", "4 6 + 1", "4 6 +"}},
		{"expires=2030-06-01T02:00:00%2B02:00", [5]string{"", "+", "+", "+", "+"}},
		{"page=2&page_size=3", [5]string{"5 4 7", "2 5 4", "5 4 7", "5 4 2", "4 2 3"}},
	}
	counts := [5]string{"7", "8", "8", "8", "7"}
	same := func(t *testing.T, s *server, n int) {
		t.Helper()
		for _, v := range views {
			require.Equal(t, v.lists[n], s.list(t, v.query), "?%s after %d writes", v.query, n)
		}
		require.Contains(t, s.get(t, all+"?page=2&page_size=3").body, `"count":`+counts[n]+`,`)
	}
	for asked := range len(writes) + 1 {
		t.Run(fmt.Sprintf("asked first after %d writes", asked), func(t *testing.T) {
			s := serve(t, mockserver.Options{})
			for n := range len(writes) + 1 {
				if n > 0 {
					writes[n-1].run(t, s)
				}
				if n >= asked {
					same(t, s, n)
				}
			}
			s.mock.Reset()
			same(t, s, 0)
			writes[0].run(t, s) // what came after the data at the start did not change it
			same(t, s, 1)
		})
	}
}

// TestReset goes back to the data at the start, from this machine and the same origin only.
func TestReset(t *testing.T) {
	s := serve(t, mockserver.Options{})
	spoil := func(t *testing.T) created {
		t.Helper()
		it := s.create(t, `{"name":"x"}`)
		require.Equal(t, http.StatusNoContent, s.send(t, http.MethodDelete, base+first, nil, "").status)
		require.Equal(t, http.StatusOK, s.send(t, http.MethodPatch, base+second, nil, `{"name":"y"}`).status)
		return it
	}
	const here = mockserver.ResetPath
	t.Run("by the method", func(t *testing.T) {
		a := spoil(t)
		s.mock.Reset()
		require.Equal(t, "1 6 2 5 4 7 3", s.list(t, ""))
		require.Equal(t, "2", s.list(t, "name=alpha-1"))
		require.Equal(t, http.StatusNotFound, s.get(t, a.path).status)
		require.Equal(t, a.key, spoil(t).key, "keys start anew")
	})
	t.Run("by POST, which needs no credentials", func(t *testing.T) {
		a := s.send(t, http.MethodPost, here, headers{"Authorization": ""}, "")
		require.Equal(t, http.StatusNoContent, a.status)
		require.Empty(t, a.body)
		require.Equal(t, "1 6 2 5 4 7 3", s.list(t, ""))
	})
	for _, c := range []struct {
		says, method string
		sent         headers
		status       int
	}{
		{"the same origin", "POST", headers{"Origin": s.url}, 204},
		{"the same origin, says the browser", "POST", headers{"Sec-Fetch-Site": "same-origin"}, 204},
		{"by hand, says the browser", "POST", headers{"Sec-Fetch-Site": "none"}, 204},
		{"another origin", "POST", headers{"Origin": "https://evil.example"}, 403},
		{"a page in a file", "POST", headers{"Origin": "null"}, 403},
		{"another site, says the browser", "POST", headers{"Sec-Fetch-Site": "cross-site"}, 403},
		{"another host of the site", "POST", headers{"Sec-Fetch-Site": "same-site", "Origin": s.url}, 403},
		{"the browser is believed, not Origin", "POST", headers{"Sec-Fetch-Site": "cross-site", "Origin": s.url}, 403},
		{"GET resets nothing", "GET", nil, 405},
		{"nor HEAD", "HEAD", nil, 405},
		{"nor DELETE", "DELETE", nil, 405},
	} {
		t.Run(c.says, func(t *testing.T) {
			spoil(t)
			a := s.send(t, c.method, here, c.sent, "")
			require.Equal(t, c.status, a.status, a.body)
			if c.status == http.StatusMethodNotAllowed {
				require.Equal(t, "POST", a.header.Get("Allow"))
			}
			if c.status != http.StatusNoContent {
				require.NotEqual(t, "1 6 2 5 4 7 3", s.list(t, ""), "the data is as it was")
				s.mock.Reset()
			}
			require.Equal(t, "1 6 2 5 4 7 3", s.list(t, ""))
		})
	}
	for _, c := range []struct {
		from   string
		status int
	}{
		{"127.0.0.1:5000", 204},
		{"127.9.8.7:5000", 204},
		{"[::1]:5000", 204},
		{"[::ffff:127.0.0.1]:5000", 204},
		{"192.0.2.1:5000", 403},
		{"10.0.0.1:80", 403},
		{"0.0.0.0:80", 403},
		{"[2001:db8::1]:5000", 403},
		{"[::ffff:192.0.2.1]:5000", 403},
		{"localhost:5000", 403},
		{"", 403},
		{"@", 403},
	} {
		t.Run("from "+c.from, func(t *testing.T) {
			mock := newMock(t, mockserver.Options{})
			ask := func(method, to, body string) *httptest.ResponseRecorder {
				r, w := httptest.NewRequest(method, to, strings.NewReader(body)), httptest.NewRecorder()
				r.RemoteAddr = c.from
				r.Header.Set("Authorization", "Bearer x")
				mock.ServeHTTP(w, r)
				return w
			}
			require.Equal(t, http.StatusNoContent, ask(http.MethodDelete, base+first, "").Code)
			w := ask(http.MethodPost, here, "")
			require.Equal(t, c.status, w.Code)
			if c.status == http.StatusForbidden {
				require.JSONEq(t, `{"detail":"a reset is taken from this machine and the same origin only"}`, w.Body.String())
				require.Equal(t, http.StatusNotFound, ask(http.MethodGet, base+first, "").Code)
			} else {
				require.Equal(t, http.StatusOK, ask(http.MethodGet, base+first, "").Code)
			}
		})
	}
}

// TestManyAtOnce has many clients write and read at the same time: no invitation is lost, and no list is torn.
func TestManyAtOnce(t *testing.T) {
	const clients, rounds = 8, 12
	s := serve(t, mockserver.Options{})
	queries := []string{"", "ordering=name&search=w", "name=w&ordering=-pk", "created_by__username=akadmin&page_size=3", "flow__slug=default-enrollment-flow"}
	failures := make([]error, clients) // require must not be called from other goroutines
	var wg sync.WaitGroup
	for n := range clients {
		wg.Go(func() { failures[n] = s.bustle(n, rounds, queries[n%len(queries)]) })
	}
	wg.Wait()
	for _, err := range failures {
		require.NoError(t, err)
	}
	call{says: "what is left", to: "?name=w&page_size=1", answer: fmt.Sprintf(`{"pagination":{"next":2,"previous":0,"count":%d,…`, clients*rounds/2)}.run(t, s)
	call{says: "in all", to: "?page_size=1", answer: fmt.Sprintf(`{"pagination":{"next":2,"previous":0,"count":%d,…`, 7+clients*rounds/2)}.run(t, s)
}

// bustle creates invitations, changes them, reads a list, and deletes every second one.
func (s *server) bustle(client, rounds int, query string) error {
	do := func(method, to, body string, want int) (string, error) {
		r := httptest.NewRequest(method, base+to, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer x")
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		if s.mock.ServeHTTP(w, r); w.Code != want {
			return "", fmt.Errorf("client %d: %s %s: %d %s", client, method, to, w.Code, w.Body)
		}
		return w.Body.String(), nil
	}
	for i := range rounds {
		body, err := do("POST", all, `{"name":"v"}`, 201)
		if err != nil {
			return err
		}
		var is struct{ PK string }
		if err := json.Unmarshal([]byte(body), &is); err != nil {
			return err
		}
		mine := all + is.PK + "/"
		if _, err = do("PATCH", mine, `{"name":"w"}`, 200); err != nil {
			return err
		}
		if body, err = do("GET", all+"?"+query, "", 200); err != nil {
			return err
		}
		var p page
		if err := json.Unmarshal([]byte(body), &p); err != nil {
			return err
		}
		seen := map[string]bool{}
		for _, r := range p.Results {
			if seen[r.PK] {
				return fmt.Errorf("client %d: %s is listed twice", client, r.PK)
			}
			seen[r.PK] = true
		}
		if i%2 == 1 {
			if _, err = do("DELETE", mine, "", 204); err != nil {
				return err
			}
		}
	}
	return nil
}
