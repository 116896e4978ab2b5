package contracttest_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"understudy"
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
			if _, err := strconv.Atoi(q.Get("page")); err != nil && !strings.Contains(q.Get("page"), ".") || q.Get("page") == "1.5" {
				q.Del("page")
			}
		}},
		{"a fraction of a page is rounded down", "paging/invalid", func(q url.Values) {
			if whole, _, ok := strings.Cut(q.Get("page"), "."); ok {
				instead(q, "page", whole)
			}
		}},
		{"a page past the end is empty", "paging/past-end", func(q url.Values) {
			if page, err := strconv.Atoi(q.Get("page")); err == nil && page > 99 {
				q.Del("page")
				instead(q, "name", "nothing")
			}
		}},
		{"a size that is no number is the default", "paging/invalid", func(q url.Values) {
			if _, err := strconv.Atoi(q.Get("page_size")); err != nil && len(q.Get("page_size")) < 10 {
				q.Del("page_size")
			}
		}},
		{"a size of 0 is refused", "paging/invalid", func(q url.Values) {
			if q.Get("page_size") == "0" {
				instead(q, "page", "x")
			}
		}},
		{"an empty size is refused", "filter/empty", func(q url.Values) {
			if q.Has("page_size") && q.Get("page_size") == "" {
				instead(q, "page", "x")
			}
		}},
		{"a size above the largest is refused", "paging/size", func(q url.Values) {
			if q.Get("page_size") == "101" {
				instead(q, "page", "x")
			}
		}},
		{"a size above the largest is the default", "paging/size", func(q url.Values) {
			if q.Get("page_size") == "101" {
				q.Del("page_size")
			}
		}},
		{"an empty filter is refused", "filter/empty", func(q url.Values) {
			if q.Has("expires") && q.Get("expires") == "" {
				instead(q, "page", "x")
			}
		}},
		{"an unknown parameter is refused", "filter/unknown", func(q url.Values) {
			if q.Has("zz_understudy") {
				instead(q, "page", "x")
			}
		}},
		{"a day is its first moment", "value/refused", func(q url.Values) {
			if len(q.Get("expires")) == len(time.DateOnly) {
				instead(q, "expires", q.Get("expires")+"T00:00:00Z")
			}
		}},
		{"31 February is in March", "filter/invalid", func(q url.Values) {
			if month, rest, ok := strings.Cut(q.Get("expires"), "-02-31"); ok {
				instead(q, "expires", month+"-03-03"+rest)
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
			sampled(t)
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

// TestNullsWhereTheyBelong: where the document says where null stands, in whichever direction, it stands nowhere else.
func TestNullsWhereTheyBelong(t *testing.T) {
	skipRaced(t)
	text, err := os.ReadFile("../openapi.yaml")
	require.NoError(t, err)
	other := strings.ReplaceAll(string(text), "nulls: last", "nulls: first")
	require.NotEqual(t, string(text), other)
	told := strings.ReplaceAll(string(text), "nulls: last", "")
	for _, doc := range []string{string(text), told} {
		target := contracttest.Target{Token: mockToken, Include: []string{theList}}
		target.Handler = mockOf(t, openText(t, string(text)), map[string]string{mockToken: ""})
		require.Empty(t, check(t, openText(t, doc), target).Findings)
		target.Handler = mockOf(t, openText(t, other), map[string]string{mockToken: ""})
		require.Contains(t, rulesOf(check(t, openText(t, doc), target)), "order/sorted")
	}
}

// TestDefaultDirection: an order without a direction has the one that the document names.
func TestDefaultDirection(t *testing.T) {
	const sortedBy = `
openapi: 3.0.3
info: {title: Parts, version: "1"}
paths:
  /parts:
    get:
      operationId: listParts
      parameters:
        - {name: sort_by, in: query, schema: {type: string, enum: [name, weight], default: name}}
        - {name: order, in: query, schema: {type: string, enum: [asc, desc], default: asc}}
        - {name: limit, in: query, schema: {type: integer, default: 20, maximum: 100}}
        - {name: offset, in: query, schema: {type: integer, default: 0}}
      responses:
        "200": {description: All., content: {application/json: {schema: {type: array, items: {type: object, required: [id, name, weight], properties: {id: {type: integer}, name: {type: string}, weight: {type: integer}}}}}}}
        "422": {description: Refused.}
`
	orderedBy := strings.NewReplacer("name: order,", "name: sort,", "name: sort_by,", "name: order_by,").Replace(sortedBy) // as GitLab calls them
	for _, fault := range []bool{false, true} {
		r := checkDirection(t, openText(t, sortedBy), fault, "sort_by", "order")
		require.Equal(t, fault, slices.Contains(rulesOf(r), "order/default"), text(r))
		r = checkDirection(t, openText(t, orderedBy), fault, "order_by", "sort")
		require.Equal(t, fault, slices.Contains(rulesOf(r), "order/default"), text(r))
	}
}

// checkDirection checks the mock that plays a document, or one whose direction is down where none is named.
func checkDirection(t *testing.T, doc *understudy.Document, fault bool, by, direction string) *contracttest.Report {
	mock := mockOf(t, doc, nil)
	return check(t, doc, contracttest.Target{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if q := r.URL.Query(); fault && q.Has(by) && !q.Has(direction) {
			q.Set(direction, "desc")
			r = r.Clone(r.Context())
			r.URL.RawQuery = q.Encode()
		}
		mock.ServeHTTP(w, r)
	})})
}

// TestMalformedAsSaid: where the document says with what a key that is none is refused, it is not just not found.
func TestMalformedAsSaid(t *testing.T) {
	doc, mock := invitations(t)
	r := check(t, doc, contracttest.Target{Token: mockToken, Include: []string{"read/malformed"}, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "understudy") {
			r = r.Clone(r.Context())
			r.URL.Path = path.Dir(strings.TrimSuffix(r.URL.Path, "/")) + "/7d9f6e5c-1b2a-4c3d-8e4f-a5b6c7d8e9f0/"
		}
		mock.ServeHTTP(w, r)
	})})
	require.Equal(t, []string{"read/malformed"}, rulesOf(r), text(r))
	require.Equal(t, 1, r.ExitStatus())
}

// TestReadersWriteNothing: who may only read, as the document says and a refusal shows, writes nothing at all.
func TestReadersWriteNothing(t *testing.T) {
	shipped, err := os.ReadFile("../openapi.yaml")
	require.NoError(t, err)
	doc := openText(t, strings.Replace(string(shipped), "**Credentials.** Every", "A token can be read-only: then every write is refused with 403. **Credentials.** Every", 1))
	unsaid := openText(t, string(shipped))
	for _, x := range []struct {
		doc    *understudy.Document
		writes []string
		rules  []string
		status int
	}{
		{doc, nil, nil, 0},
		{doc, []string{http.MethodDelete}, []string{"auth/least"}, 1},
		{doc, []string{http.MethodPut, http.MethodPatch}, []string{"auth/least"}, 1},
		{unsaid, nil, nil, 0},
		{unsaid, []string{http.MethodDelete}, []string{"auth/least"}, 0},
	} {
		mock := mockOf(t, x.doc, map[string]string{mockToken: "", secondToken: ""})
		r := check(t, x.doc, contracttest.Target{Token: mockToken, Second: map[string]string{"": secondToken}, Writes: true, Include: []string{"auth/least"}, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") == "Bearer "+secondToken && r.Method != http.MethodGet && !slices.Contains(x.writes, r.Method) {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(http.StatusForbidden)
				_, _ = w.Write([]byte(`{"detail": "You may not do that."}`))
				return
			}
			mock.ServeHTTP(w, r)
		})})
		require.Equal(t, x.rules, rulesOf(r), "%s: %s", x.writes, text(r))
		require.Equal(t, x.status, r.ExitStatus(), x.writes)
	}
}

// TestHidden: what the document says that somebody with fewer rights does not see, a property or items, is not shown to them; and who may only open things changes none.
func TestHidden(t *testing.T) {
	shipped, err := os.ReadFile("../openapi.yaml")
	require.NoError(t, err)
	const about = "A *guest* may read invitations; every\n    other write is answered with 403, before its body is looked at. Guests are not shown `fixed_data`, and do not get to see `single_use` invitations. **Credentials.** Every"
	doc := openText(t, strings.Replace(string(shipped), "**Credentials.** Every", about, 1))
	for fault, said := range map[string]string{"": "", "data": "fixed_data", "rows": "single_use", "writes": "200", "late": "400"} {
		mock := mockOf(t, doc, map[string]string{mockToken: "", secondToken: ""})
		r := check(t, doc, contracttest.Target{Token: mockToken, Second: map[string]string{"": secondToken}, Writes: true, Include: []string{"auth/least"}, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			guest := r.Header.Get("Authorization") == "Bearer "+secondToken
			if guest && (r.Method == http.MethodPost || r.Method != http.MethodGet && fault != "writes") {
				w.Header().Set("Content-Type", "application/json")
				if text, err := io.ReadAll(r.Body); err == nil && string(text) == "{}" && fault == "late" {
					w.WriteHeader(http.StatusBadRequest)
					_, _ = w.Write([]byte(`{"name": ["This field is required."]}`))
					return
				}
				w.WriteHeader(http.StatusForbidden)
				_, _ = w.Write([]byte(`{"detail": "You may not do that."}`))
				return
			}
			rec := httptest.NewRecorder()
			if guest { // what is hidden leaves a page shorter than others, so that each order would have other pages
				r = r.Clone(r.Context())
				q := r.URL.Query()
				q.Del("ordering")
				q.Del("search")
				r.URL.RawQuery = q.Encode()
			}
			mock.ServeHTTP(rec, r)
			var page map[string]any
			if rows := "results"; guest && json.Unmarshal(rec.Body.Bytes(), &page) == nil && page[rows] != nil {
				items, _ := page[rows].([]any)
				page[rows] = slices.DeleteFunc(items, func(it any) bool { return fault != "rows" && it.(map[string]any)["single_use"] == true })
				for _, it := range items {
					if o, ok := it.(map[string]any); ok && fault != "data" {
						delete(o, "fixed_data")
					}
				}
				if numbers := page["pagination"].(map[string]any); fault != "rows" { // what is left stands on one page, as if nothing else were there
					n := len(page[rows].([]any))
					maps.Copy(numbers, map[string]any{"count": n, "start_index": min(n, 1), "end_index": n, "total_pages": 1, "current": 1, "next": 0, "previous": 0})
				}
				text, _ := json.Marshal(page)
				rec.Body = bytes.NewBuffer(text)
			}
			rec.Header().Del("Content-Length")
			maps.Copy(w.Header(), rec.Header())
			w.WriteHeader(rec.Code)
			_, _ = w.Write(rec.Body.Bytes())
		})})
		if said == "" {
			require.Empty(t, r.Findings, text(r))
			continue
		}
		require.NotEmpty(t, r.Findings, fault)
		require.Equal(t, "auth/least", r.Findings[0].Rule)
		require.Contains(t, r.Findings[0].Got, said)
		require.Equal(t, 1, r.ExitStatus())
	}
}

// TestOffsetsAreRead: a moment that a change names by another offset is that moment, and none of the same digits.
func TestOffsetsAreRead(t *testing.T) {
	doc, mock := invitations(t)
	offset := regexp.MustCompile(`(T[0-9:]+)[+]\d\d:\d\d"`)
	for method, rule := range map[string]string{http.MethodPut: "crud/replace-stores", http.MethodPatch: "crud/update"} {
		r := check(t, doc, contracttest.Target{Token: mockToken, Writes: true, Include: []string{rule}, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == method {
				text, err := io.ReadAll(r.Body)
				assert.NoError(t, err)
				text = offset.ReplaceAll(text, []byte(`${1}Z"`))
				r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
			}
			mock.ServeHTTP(w, r)
		})})
		require.Equal(t, []string{rule}, rulesOf(r), text(r))
		require.Equal(t, "the offset is not read", r.Findings[0].Cause)
	}
}

// TestCredentialsFirst: where the document says how the lack of credentials is answered, a wrong body is not refused before that.
func TestCredentialsFirst(t *testing.T) {
	doc, mock := invitations(t)
	for _, late := range []bool{false, true} {
		r := check(t, doc, contracttest.Target{Token: mockToken, Writes: true, Include: []string{"auth/required"}, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if text, err := io.ReadAll(r.Body); late && err == nil && string(text) == "{}" {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(http.StatusBadRequest)
				_, _ = w.Write([]byte(`{"name": ["This field is required."]}`))
				return
			} else if err == nil {
				r.Body = io.NopCloser(bytes.NewReader(text))
			}
			mock.ServeHTTP(w, r)
		})})
		require.Equal(t, late, slices.Contains(rulesOf(r), "auth/required"), text(r))
	}
}

// TestClosed: a list that the document says is closed to somebody with fewer rights does not open to them.
func TestClosed(t *testing.T) {
	shipped, err := os.ReadFile("../openapi.yaml")
	require.NoError(t, err)
	const about = "To guests `/stages/invitation/invitations/` answers 403. **Credentials.** Every"
	doc := openText(t, strings.Replace(string(shipped), "**Credentials.** Every", about, 1))
	for _, open := range []bool{false, true} {
		mock := mockOf(t, doc, map[string]string{mockToken: "", secondToken: ""})
		r := check(t, doc, contracttest.Target{Token: mockToken, Second: map[string]string{"": secondToken}, Writes: true, Include: []string{"auth/least"}, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") == "Bearer "+secondToken && (!open || r.Method != http.MethodGet) {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(http.StatusForbidden)
				_, _ = w.Write([]byte(`{"detail": "You may not do that."}`))
				return
			}
			mock.ServeHTTP(w, r)
		})})
		require.Equal(t, open, slices.Contains(rulesOf(r), "auth/least"), text(r))
		require.Equal(t, open, r.ExitStatus() == 1)
	}
}
