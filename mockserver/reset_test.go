package mockserver_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/mockserver"
)

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
