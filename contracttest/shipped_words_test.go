package contracttest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
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
	numberOfPages := regexp.MustCompile(`"total_pages":\s*\d+`)
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
		{fault: "an object for a boolean is an error", rule: "value/refused", include: "value/refused", request: func(_ *http.Request, body []byte) int {
			if bytes.Contains(body, []byte(`"single_use":{`)) {
				return http.StatusInternalServerError
			}
			return 0
		}},
		{fault: "nulls inside of what is free are lost", rule: "value/accepted", include: "value/accepted", request: func(r *http.Request, body []byte) int {
			body = bytes.ReplaceAll(body, []byte(`,"none":null`), nil)
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
			return 0
		}},
		{fault: "a name counts only without a search", rule: "filter/both", include: "filter/both", request: func(r *http.Request, _ []byte) int {
			if q := r.URL.Query(); q.Get("search") != "" && q.Has("name") {
				q.Del("name")
				r.URL.RawQuery = q.Encode()
			}
			return 0
		}},
		{fault: "pages are counted without the search", rule: "search/subset", include: "search/subset", answer: func(r *http.Request, a *httptest.ResponseRecorder) {
			if r.URL.Query().Get("search") != "" {
				a.Body = bytes.NewBuffer(numberOfPages.ReplaceAll(a.Body.Bytes(), []byte(`"total_pages":99`)))
			}
		}},
		{fault: "nulls come first where another name comes before", rule: "order/sorted", include: "order/sorted", answer: func(r *http.Request, a *httptest.ResponseRecorder) {
			first, second, several := strings.Cut(r.URL.Query().Get("ordering"), ",")
			var page map[string]any
			if !several || strings.TrimPrefix(second, "-") != "expires" || json.Unmarshal(a.Body.Bytes(), &page) != nil {
				return
			}
			rank := func(it any) string {
				o := it.(map[string]any)
				return fmt.Sprint(o[first], o["expires"] != nil)
			}
			slices.SortStableFunc(page["results"].([]any), func(a, b any) int { return strings.Compare(rank(a), rank(b)) })
			text, _ := json.Marshal(page)
			a.Body = bytes.NewBuffer(text)
		}},
		{fault: "a search shows what the list hides", rule: "auth/least", include: "auth/least", request: func(r *http.Request, _ []byte) int {
			if q := r.URL.Query(); r.Header.Get("Authorization") == "Bearer "+secondToken && q.Get("search") == "" {
				q.Set("name", "nothing")
				r.URL.RawQuery = q.Encode()
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
			doc, _ := invitations(t)
			mock := mockOf(t, doc, map[string]string{mockToken: "", secondToken: ""})
			r := check(t, doc, contracttest.Target{Token: mockToken, Second: map[string]string{"": secondToken}, Writes: true, Include: []string{x.include}, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
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
