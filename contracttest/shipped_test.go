package contracttest_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/contracttest"
)

// TestShippedContract: what the shipped contract says in so many words is held against servers that do otherwise: the mock, asked for something else than it was.
func TestShippedContract(t *testing.T) {
	instead := func(q url.Values, name, value string) { q.Set(name, value) }
	for _, x := range []struct {
		fault, rule string
		change      func(q url.Values)
	}{
		{"the words of a search are taken for one", "search/found", func(q url.Values) {
			instead(q, "search", strings.ReplaceAll(q.Get("search"), " ", ""))
		}},
		{"only the first word of a search counts", "search/narrower", func(q url.Values) {
			first, _, _ := strings.Cut(q.Get("search"), " ")
			instead(q, "search", first)
		}},
		{"the first three letters of each of several words count", "search/narrower", func(q url.Values) {
			words := strings.Fields(q.Get("search"))
			for i, w := range words {
				if len(words) > 1 {
					words[i] = w[:min(len(w), 3)]
				}
			}
			instead(q, "search", strings.Join(words, " "))
		}},
		{"the search is forgotten on later pages", "search/subset", func(q url.Values) {
			if q.Get("page") > "1" {
				q.Del("search")
			}
		}},
		{"a page that is no number is the first", "paging/invalid", func(q url.Values) {
			if q.Get("page") == "abc" {
				q.Del("page")
			}
		}},
		{"page 0 is the first", "paging/invalid", func(q url.Values) {
			if q.Get("page") == "0" {
				q.Del("page")
			}
		}},
		{"a page below 0 is the first", "paging/invalid", func(q url.Values) {
			if strings.HasPrefix(q.Get("page"), "-") {
				q.Del("page")
			}
		}},
		{"a size of 0 is the largest", "paging/invalid", func(q url.Values) {
			if q.Get("page_size") == "0" {
				instead(q, "page_size", "100")
			}
		}},
		{"an empty filter finds what is empty", "filter/empty", func(q url.Values) {
			if q.Has("name") && q.Get("name") == "" {
				instead(q, "name", "nothing")
			}
		}},
		{"moments are compared as texts", "filter/spelling", func(q url.Values) {
			if at := q.Get("expires"); at != "" && !strings.HasSuffix(at, "Z") && strings.HasPrefix(at, "2") {
				instead(q, "expires", "2999-12-31T23:59:59Z")
			}
		}},
	} {
		t.Run(x.fault, func(t *testing.T) {
			t.Parallel()
			doc, mock := invitations(t)
			r := check(t, doc, contracttest.Target{Token: mockToken, Include: []string{theList}, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				q := r.URL.Query()
				x.change(q)
				r = r.Clone(r.Context())
				r.URL.RawQuery = q.Encode()
				mock.ServeHTTP(w, r)
			})})
			var rules []string
			for _, f := range r.Findings {
				rules = append(rules, f.Rule)
			}
			require.Contains(t, rules, x.rule, text(r))
		})
	}
}
