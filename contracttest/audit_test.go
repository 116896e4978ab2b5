package contracttest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy"
	"understudy/contracttest"
	"understudy/mockserver"
)

// play opens a document and plays it.
func play(t *testing.T, file string) (*understudy.Document, *mockserver.Server) {
	t.Helper()
	doc, err := understudy.Open(context.Background(), file)
	require.NoError(t, err)
	mock, err := mockserver.New(doc, nil)
	require.NoError(t, err)
	return doc, mock
}

// realDocuments gives the real documents that are at hand.
func realDocuments(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../shared/specs/*.yml")
	require.NoError(t, err)
	more, err := filepath.Glob("../../shared/specs/corpus/*")
	require.NoError(t, err)
	if files = append(files, more...); len(files) == 0 {
		t.Skip("no real documents at hand")
	}
	return files
}

func TestAuditShipped(t *testing.T) {
	doc, err := understudy.Invitations()
	require.NoError(t, err)
	mock, err := mockserver.New(doc, nil)
	require.NoError(t, err)
	results := contracttest.Audit(context.Background(), doc, mock)
	require.Len(t, results, 7)
	for _, a := range results {
		require.Empty(t, a.Wrong, a.Request)
	}
}

// TestAuditSees: what a broken server answers is not right, and is told.
func TestAuditSees(t *testing.T) {
	doc, err := understudy.Invitations()
	require.NoError(t, err)
	mock, err := mockserver.New(doc, nil)
	require.NoError(t, err)
	for name, broken := range map[string]http.HandlerFunc{
		"status 500 is not documented": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) },
		"media type": func(w http.ResponseWriter, r *http.Request) {
			rec := httptest.NewRecorder()
			mock.ServeHTTP(rec, r)
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(rec.Code)
			_, _ = w.Write(rec.Body.Bytes())
		},
		"the body is not valid": func(w http.ResponseWriter, r *http.Request) {
			rec := httptest.NewRecorder()
			mock.ServeHTTP(rec, r)
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(rec.Code)
			_, _ = io.WriteString(w, strings.ReplaceAll(rec.Body.String(), `"pk"`, `"key"`))
		},
	} {
		results := contracttest.Audit(context.Background(), doc, broken)
		require.True(t, slices.ContainsFunc(results, func(a contracttest.Audited) bool { return strings.Contains(a.Wrong, name) }), name)
	}
}

// knownWrong are the operations of real documents whose answers are not right: schemas that nothing fits, or two alternatives that are the same to JSON Schema.
var knownWrong = map[string]int{
	"authentik-2024.8.2.yml": 2, "authentik-2026.5.0-rc1.yml": 2, // the flow executor: alternatives that only a discriminator tells apart
	"codat.io-banking-2.1.0.json": 1, "vercel.com-0.0.1.json": 5,
}

// TestAuditRealDocuments: every operation of every real document answers as documented, but for those known, which are less than one in a hundred.
func TestAuditRealDocuments(t *testing.T) {
	skipRaced(t)
	operations, wrong := 0, 0
	for _, file := range realDocuments(t) {
		doc, mock := play(t, file)
		var told []string
		for _, a := range contracttest.Audit(context.Background(), doc, mock) {
			operations++
			if a.Wrong != "" {
				told = append(told, fmt.Sprintf("%s: %s: %.300s", a.Operation.Place(), a.Request, a.Wrong))
			}
		}
		wrong += len(told)
		require.LessOrEqual(t, len(told), knownWrong[filepath.Base(file)], "%s", strings.Join(told, "\n"))
	}
	require.Less(t, 100*wrong, operations)
}

// TestAuthentikLists: lists of authentik's whole document are walked, filtered, ordered and searched; what is created is read back, and gone when deleted.
func TestAuthentikLists(t *testing.T) {
	files := realDocuments(t)
	if !strings.Contains(files[0], "authentik") {
		t.Skip("authentik's document is not at hand")
	}
	_, mock := play(t, files[0])
	call := func(method, path, body string) (int, map[string]any) {
		r := httptest.NewRequest(method, "/api/v3"+path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer x")
		if body != "" {
			r.Header.Set("Content-Type", "application/json")
		}
		w := httptest.NewRecorder()
		mock.ServeHTTP(w, r)
		var out map[string]any
		if w.Body.Len() > 0 {
			require.NoError(t, json.Unmarshal(w.Body.Bytes(), &out), "%s %s: %s", method, path, w.Body)
		}
		return w.Code, out
	}
	for _, list := range []struct{ path, key, filter, order, create string }{
		{"/core/users/", "pk", "username", "username", `{"username":"new.one","name":"New One"}`},
		{"/flows/instances/", "slug", "slug", "name", `{"name":"New","slug":"new-one","title":"New","designation":"enrollment"}`},
		{"/events/events/", "pk", "username", "action", ""},
		{"/stages/invitation/invitations/", "pk", "name", "name", `{"name":"new-one"}`},
	} {
		t.Run(list.path, func(t *testing.T) {
			get := func(query string) ([]map[string]any, map[string]any) {
				status, page := call("GET", list.path+"?"+query, "")
				require.Equal(t, http.StatusOK, status, "%s %v", query, page)
				var items []map[string]any
				for _, it := range page["results"].([]any) {
					items = append(items, it.(map[string]any))
				}
				return items, page["pagination"].(map[string]any)
			}
			items, about := get("page_size=7")
			total := int(about["count"].(float64))
			require.Greater(t, total, 10)
			seen := map[string]bool{}
			for page := 1; page <= int(about["total_pages"].(float64)); page++ {
				items, _ := get(fmt.Sprintf("page_size=7&page=%d", page))
				for _, it := range items {
					key := fmt.Sprint(it[list.key])
					require.False(t, seen[key], "%s twice", key)
					seen[key] = true
				}
			}
			require.Len(t, seen, total)

			if value, ok := items[0][list.filter].(string); ok {
				found, _ := get(list.filter + "=" + url.QueryEscape(value))
				require.NotEmpty(t, found)
				for _, it := range found {
					require.Equal(t, value, it[list.filter])
				}
				found, _ = get("search=" + url.QueryEscape(value))
				require.NotEmpty(t, found)
			}
			none, about := get("search=zzzzzzzzzzzz")
			require.Empty(t, none)
			require.Zero(t, about["count"])

			up, _ := get("page_size=100&ordering=" + list.order)
			down, _ := get("page_size=100&ordering=-" + list.order)
			require.True(t, slices.IsSortedFunc(up, func(a, b map[string]any) int {
				return strings.Compare(fmt.Sprint(a[list.order]), fmt.Sprint(b[list.order]))
			}))
			require.Equal(t, up[0][list.order], down[len(down)-1][list.order])

			if list.create == "" {
				return
			}
			status, made := call("POST", list.path, list.create)
			require.Equal(t, http.StatusCreated, status, made)
			item := list.path + fmt.Sprint(made[list.key]) + "/"
			status, read := call("GET", item, "")
			require.Equal(t, http.StatusOK, status)
			require.Equal(t, made, read)
			_, about = get("")
			require.EqualValues(t, total+1, about["count"])
			status, _ = call("DELETE", item, "")
			require.Equal(t, http.StatusNoContent, status)
			status, _ = call("GET", item, "")
			require.Equal(t, http.StatusNotFound, status)
			_, about = get("")
			require.EqualValues(t, total, about["count"])
		})
	}
}
