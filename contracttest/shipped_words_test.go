package contracttest_test

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/contracttest"
)

// TestShippedWords: what the words of the shipped contract forbid is found where writes are allowed, or where only answers can show it.
func TestShippedWords(t *testing.T) {
	const invitation = "stages_invitation_invitations_"
	reasons := regexp.MustCompile(`:\[("(?:[^"\\]|\\.)*").*\]`)
	var kept sync.Map // of compressed pages, by path
	for _, x := range []struct {
		fault, rule, include string
		request              func(r *http.Request, body []byte) int // a status other than 0 is the answer
		answer               func(r *http.Request, a *httptest.ResponseRecorder)
	}{
		{fault: "", include: invitation + "list"},
		{fault: "a search for % finds all", rule: "search/plain", include: "search/plain", request: func(r *http.Request, _ []byte) int {
			if q := r.URL.Query(); q.Get("search") == "%" {
				q.Del("search")
				r.URL.RawQuery = q.Encode()
			}
			return 0
		}},
		{fault: "what refers to an invitation", rule: "conform/body", include: invitation + "used_by_list", answer: func(r *http.Request, a *httptest.ResponseRecorder) {
			if strings.HasSuffix(r.URL.Path, "/used_by/") && a.Code == http.StatusOK {
				a.Body = bytes.NewBufferString(`[{"app": "flows", "model_name": "flow", "pk": "1", "name": "Enrolment", "action": "cascade"}]`)
			}
		}},
		{fault: "reasons are texts", rule: "conform/body", include: invitation + "create", answer: func(_ *http.Request, a *httptest.ResponseRecorder) {
			if a.Code == http.StatusBadRequest {
				a.Body = bytes.NewBuffer(reasons.ReplaceAll(a.Body.Bytes(), []byte(`:$1`)))
			}
		}},
		{fault: "names with dots are too much for the store", rule: "value/accepted", include: "value/accepted", request: func(_ *http.Request, body []byte) int {
			if bytes.Contains(body, []byte(`"understudy.example/x"`)) {
				return http.StatusInternalServerError
			}
			return 0
		}},
		{fault: "compressed pages are kept without their query", rule: "http/accept", include: "http/accept", answer: func(r *http.Request, a *httptest.ResponseRecorder) {
			if r.Header.Get("Accept-Encoding") != "" && r.URL.Query().Has("page") {
				first, _ := kept.LoadOrStore(r.URL.Path, a.Body.String())
				a.Body = bytes.NewBufferString(first.(string))
			}
		}},
	} {
		t.Run(x.fault, func(t *testing.T) {
			t.Parallel()
			sampled(t)
			doc, mock := invitations(t)
			r := check(t, doc, contracttest.Target{Token: mockToken, Writes: true, Include: []string{x.include}, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				r = r.Clone(r.Context())
				body, err := io.ReadAll(r.Body)
				if err != nil {
					return
				}
				r.Body = io.NopCloser(bytes.NewReader(body))
				if x.request != nil {
					if status := x.request(r, body); status != 0 {
						w.WriteHeader(status)
						return
					}
				}
				a := httptest.NewRecorder()
				mock.ServeHTTP(a, r.Clone(r.Context())) // what compresses takes headers away
				if x.answer != nil {
					x.answer(r, a)
					a.Header().Del("Content-Length")
				}
				maps.Copy(w.Header(), a.Header())
				w.WriteHeader(a.Code)
				_, _ = w.Write(a.Body.Bytes())
			})})
			if x.rule == "" {
				require.Empty(t, r.Findings, text(r))
				return
			}
			require.Contains(t, rulesOf(r), x.rule, text(r))
		})
	}
}
