package mockserver_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"understudy/mockserver"
)

// TestObserve is what is told of each exchange.
func TestObserve(t *testing.T) {
	const list, retrieve = "stages_invitation_invitations_list", "stages_invitation_invitations_retrieve"
	var l log
	mock := newMock(t, mockserver.Options{Observe: l.observe, MaxBody: 100})
	for _, c := range []struct {
		says, method, to string
		header           headers
		body             string
		operation        string
		status           int
		refusal          string // what is in it; "" is none
		undocumented     bool
	}{
		{"a list", "GET", all, nil, "", list, 200, "", false},
		{"HEAD is the GET", "HEAD", all, nil, "", list, 200, "", false},
		{"one", "GET", first, nil, "", retrieve, 200, "", false},
		{"what refers to it", "GET", first + "used_by/", nil, "", "stages_invitation_invitations_used_by_list", 200, "", false},
		{"created", "POST", all, nil, `{"name":"n"}`, "stages_invitation_invitations_create", 201, "", false},
		{"replaced", "PUT", second, nil, `{"name":"n"}`, "stages_invitation_invitations_update", 200, "", false},
		{"changed", "PATCH", second, nil, `{}`, "stages_invitation_invitations_partial_update", 200, "", false},
		{"deleted", "DELETE", second, nil, "", "stages_invitation_invitations_destroy", 204, "", false},
		{"deleted once more", "DELETE", second, nil, "", "stages_invitation_invitations_destroy", 404, `no record with the key "2b7a1d63-4c8e-4f9b-8d12-e6f3a8b9c902"`, true},
		{"a parameter", "GET", all + "?page=9&page_size=3", nil, "", list, 400, "page: 9 is past the last page, 3", false},
		{"two parameters", "GET", all + "?page_size=x&expires=y", nil, "", list, 400, `page_size: "x" is not an integer`, false},
		{"an identifier", "GET", all + "abc/", nil, "", retrieve, 400, `invite_uuid: "abc" is not a UUID`, false},
		{"unknown", "GET", nobody, nil, "", retrieve, 404, `invitations has no record with the key "99999999-9999-4999-8999-999999999999"`, true},
		{"a body", "POST", all, nil, `{"single_use":1}`, "stages_invitation_invitations_create", 400, "name: required, but missing", false},
		{"no JSON", "POST", all, nil, `{`, "stages_invitation_invitations_create", 400, "not JSON", false},
		{"no credentials", "GET", all, headers{"Authorization": ""}, "", list, 403, "Authorization: Bearer", false},
		{"no path", "GET", "/nowhere", nil, "", "", 404, "no such path", false},
		{"a slash", "GET", strings.TrimSuffix(all, "/"), nil, "", "", 404, "there is " + all, false},
		{"a method", "DELETE", all, nil, "", "", 405, "only GET, POST, HEAD, OPTIONS", true},
		{"Accept", "GET", all, headers{"Accept": "text/html"}, "", list, 406, "text/html", true},
		{"a type", "POST", all, headers{"Content-Type": "text/plain"}, `{}`, "stages_invitation_invitations_create", 415, "text/plain", true},
		{"too large", "POST", all, nil, strings.Repeat(" ", 101), "stages_invitation_invitations_create", 413, "larger than 100 bytes", true},
		{"OPTIONS", "OPTIONS", all, nil, "", "", 200, "", false},
		{"a preflight", "OPTIONS", all, headers{"Origin": "https://app.example", "Access-Control-Request-Method": "GET"}, "", "", 204, "", false},
		{"a reset refused", "GET", mockserver.ResetPath, nil, "", "", 403, "reset", false}, // httptest's requests come from 192.0.2.1
	} {
		t.Run(c.says, func(t *testing.T) {
			sent := headers{"Content-Type": "application/json"}
			maps.Copy(sent, c.header)
			w := direct(mock, c.method, c.to, sent, strings.NewReader(c.body))
			x := l.take(t)
			require.Equal(t, c.status, w.Code, w.Body)
			require.Equal(t, c.status, x.Status)
			require.Equal(t, c.operation, x.Operation)
			require.Equal(t, c.undocumented, x.Undocumented)
			require.Equal(t, c.method, x.Request.Method)
			require.Contains(t, c.to, x.Request.URL.Path)
			require.GreaterOrEqual(t, x.Duration, time.Duration(0))
			if c.method == "HEAD" {
				require.Empty(t, w.Body.String())
			} else {
				require.Equal(t, w.Body.Len(), x.Bytes)
			}
			if c.refusal == "" {
				require.Empty(t, x.Refusal)
			} else {
				require.Contains(t, x.Refusal, c.refusal)
			}
			require.NotContains(t, x.Refusal, "any-token")
		})
	}
}

// TestDocumented asks for everything once, and finds no status that the document does not have, but for those that it has none for.
func TestDocumented(t *testing.T) {
	var l log
	mock := newMock(t, mockserver.Options{Observe: l.observe})
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		for _, to := range []string{all, all + "?page=0", first, third, all + "abc/", nobody, first + "used_by/"} {
			for _, body := range []string{"", "{}", `{"name":"n"}`, `{"name":5}`, "{", "[]"} {
				for _, token := range []string{"Bearer x", ""} {
					w := direct(mock, method, to, headers{"Authorization": token, "Content-Type": "application/json"}, strings.NewReader(body))
					x := l.take(t)
					if x.Undocumented {
						require.True(t, slices.Contains([]int{404, 405}, w.Code), "%s %s %s: %d", method, to, body, w.Code)
					}
					require.Contains(t, []int{200, 201, 204, 400, 403, 404, 405}, w.Code)
					if w.Code >= 400 {
						require.NotEqual(t, "{}", w.Body.String(), "%s %s %s: a refusal says why", method, to, body)
					}
				}
			}
		}
	}
}
