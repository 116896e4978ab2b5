package mockserver_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/mockserver"
)

// TestCORS is what browsers of other origins are told.
func TestCORS(t *testing.T) {
	const origin, wanted = "https://app.example", "Access-Control-Request-Method"
	anyone := serve(t, mockserver.Options{})
	own := serve(t, mockserver.Options{Origin: "https://own.example"})
	off := serve(t, mockserver.Options{NoCORS: true})
	for _, c := range []struct {
		says   string
		server *server
		call
	}{
		{"any origin may read", anyone, call{header: headers{"Origin": origin}, answer: "{…", sends: headers{"Access-Control-Allow-Origin": "*", "Vary": "", "Access-Control-Allow-Credentials": ""}}},
		{"a page in a file too", anyone, call{header: headers{"Origin": "null"}, answer: "{…", sends: headers{"Access-Control-Allow-Origin": "*"}}},
		{"headers may be read", anyone, call{header: headers{"Origin": origin}, answer: "{…", sends: headers{"Access-Control-Expose-Headers": "*"}}},
		{"without an origin nothing is said", anyone, call{answer: "{…", sends: headers{"Access-Control-Allow-Origin": "", "Vary": ""}}},
		{"refusals may be read: 400", anyone, call{to: "?page=abc", header: headers{"Origin": origin}, status: 400, answer: "{…", sends: headers{"Access-Control-Allow-Origin": "*"}}},
		{"403", anyone, call{header: headers{"Origin": origin, "Authorization": ""}, status: 403, answer: "{…", sends: headers{"Access-Control-Allow-Origin": "*"}}},
		{"404", anyone, call{to: "/nowhere", header: headers{"Origin": origin}, status: 404, answer: "{…", sends: headers{"Access-Control-Allow-Origin": "*"}}},
		{"405", anyone, call{method: "DELETE", header: headers{"Origin": origin}, status: 405, answer: "{…", sends: headers{"Access-Control-Allow-Origin": "*"}}},
		{"what was created too", anyone, call{method: "POST", header: headers{"Origin": origin}, body: `{"name":"n"}`, status: 201, answer: "{…", sends: headers{"Access-Control-Allow-Origin": "*"}}},
		{"own origin", own, call{header: headers{"Origin": "https://own.example"}, answer: "{…", sends: headers{"Access-Control-Allow-Origin": "https://own.example", "Vary": "Origin"}}},
		{"another than the own one is told so", own, call{header: headers{"Origin": origin}, answer: "{…", sends: headers{"Access-Control-Allow-Origin": "https://own.example", "Vary": "Origin"}}},
		{"off", off, call{header: headers{"Origin": origin}, answer: "{…", sends: headers{"Access-Control-Allow-Origin": "", "Access-Control-Expose-Headers": "", "Vary": ""}}},
		{"a preflight needs no credentials", anyone, call{
			method: "OPTIONS", status: 204,
			header: headers{"Origin": origin, wanted: "POST", "Access-Control-Request-Headers": "authorization, content-type", "Authorization": ""},
			sends: headers{
				"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": allowedOnAll, "Access-Control-Allow-Headers": "authorization, content-type",
				"Access-Control-Max-Age": "600",
			},
		}},
		{"a preflight to one", anyone, call{
			method: "OPTIONS", to: first, status: 204, header: headers{"Origin": origin, wanted: "PATCH"},
			sends: headers{"Access-Control-Allow-Methods": allowedOnOne, "Access-Control-Allow-Headers": ""},
		}},
		{"a preflight to nowhere, so that the 404 can be read", anyone, call{
			method: "OPTIONS", to: "/nowhere", status: 204, header: headers{"Origin": origin, wanted: "GET"},
			sends: headers{"Access-Control-Allow-Origin": "*"},
		}},
		{"a preflight from a public page", anyone, call{
			method: "OPTIONS", status: 204, header: headers{"Origin": origin, wanted: "GET", "Access-Control-Request-Private-Network": "true"},
			sends: headers{"Access-Control-Allow-Private-Network": "true"},
		}},
		{"a preflight to the own origin", own, call{
			method: "OPTIONS", status: 204, header: headers{"Origin": origin, wanted: "GET"},
			sends: headers{"Access-Control-Allow-Origin": "https://own.example", "Vary": "Origin"},
		}},
		{"OPTIONS with an origin alone is no preflight", anyone, call{
			method: "OPTIONS", status: 200, header: headers{"Origin": origin}, answer: "…",
			sends: headers{"Allow": allowedOnAll, "Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": ""},
		}},
		{"no preflight where it is off", off, call{
			method: "OPTIONS", status: 200, header: headers{"Origin": origin, wanted: "POST"}, answer: "…",
			sends: headers{"Allow": allowedOnAll, "Access-Control-Allow-Origin": "", "Access-Control-Allow-Methods": ""},
		}},
	} {
		t.Run(c.says, func(t *testing.T) { c.run(t, c.server) })
	}
	t.Run("nobody of another origin may reset", func(t *testing.T) {
		a := anyone.send(t, http.MethodPost, mockserver.ResetPath, headers{"Origin": origin}, "")
		require.Equal(t, http.StatusForbidden, a.status)
		require.Empty(t, a.header.Get("Access-Control-Allow-Origin"))
	})
}
