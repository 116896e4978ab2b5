package mockserver_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/mockserver"
)

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
