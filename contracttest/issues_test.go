package contracttest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"understudy"
	"understudy/contracttest"
)

// issues is a server for testdata/documents/issues.yaml, written by hand: comments are listed inside issues, and stand outside of them. It keeps its contract, but
// for one fault.
type issues struct {
	mu    sync.Mutex
	mux   *http.ServeMux
	fault string
	rows  []*issue
	said  []*comment
	last  int
}

type issue struct {
	ID     int    `json:"id"`
	Number int    `json:"number"`
	Title  string `json:"title"`
}

type comment struct {
	ID      int    `json:"id"`
	Body    string `json:"body"`
	Created string `json:"created_at"`
	issue   int
}

func newIssues(n int, fault string) *issues {
	s := &issues{fault: fault, last: 70_000, mux: http.NewServeMux()}
	for i := range n {
		s.raise(fmt.Sprintf("Crash no. %d", i))
		for k := range i % 5 {
			s.say(i+1, fmt.Sprintf("me too, %d × %d", i, k))
		}
	}
	s.mux.HandleFunc("GET /issues", func(w http.ResponseWriter, r *http.Request) { sendPage(w, r, s.rows) })
	s.mux.HandleFunc("POST /issues", func(w http.ResponseWriter, r *http.Request) {
		if title, ok := textIn(w, r, "title", 100); ok {
			sendJSON(w, http.StatusCreated, s.raise(title))
		}
	})
	s.mux.HandleFunc("GET /issues/{number}", func(w http.ResponseWriter, r *http.Request) { s.one(w, s.issueAt(r)) })
	s.mux.HandleFunc("DELETE /issues/{number}", func(w http.ResponseWriter, r *http.Request) {
		if at := s.issueAt(r); at >= 0 {
			s.rows = slices.Delete(s.rows, at, at+1)
			w.WriteHeader(http.StatusNoContent)
			return
		}
		sendJSON(w, http.StatusNotFound, map[string]string{"message": "Not Found"})
	})
	s.mux.HandleFunc("/issues/{number}/{id}", func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.PathValue("number") == "comments":
			s.comment(w, r)
		case r.PathValue("id") == "comments":
			s.comments(w, r)
		default:
			sendJSON(w, http.StatusNotFound, map[string]string{"message": "Not Found"})
		}
	})
	return s
}

func (s *issues) is(fault string) bool { return s.fault == fault }

func (s *issues) raise(title string) *issue {
	s.last += 3
	number := 1
	if n := len(s.rows); n > 0 {
		number = s.rows[n-1].Number + 1
	}
	s.rows = append(s.rows, &issue{s.last, number, title})
	return s.rows[len(s.rows)-1]
}

func (s *issues) say(number int, text string) *comment {
	s.last += 3
	s.said = append(s.said, &comment{s.last, text, time.Unix(int64(1_700_000_000+s.last), 0).UTC().Format(time.RFC3339), number})
	return s.said[len(s.said)-1]
}

func sendJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func sendPage[T any](w http.ResponseWriter, r *http.Request, rows []T) {
	number := func(name string, otherwise int) int {
		text := r.URL.Query().Get(name)
		if text == "" {
			return otherwise
		}
		n, _ := strconv.Atoi(text)
		return n
	}
	size, page := number("per_page", 30), number("page", 1)
	if size < 1 || size > 100 || page < 1 {
		sendJSON(w, http.StatusUnprocessableEntity, map[string]string{"message": "Validation failed"})
		return
	}
	start := len(rows)
	if page <= len(rows)/size+1 {
		start = min(start, (page-1)*size)
	}
	sendJSON(w, http.StatusOK, append([]T{}, rows[start:min(start+size, len(rows))]...))
}

// textIn reads the one text that a body has, and refuses any other body.
func textIn(w http.ResponseWriter, r *http.Request, name string, most int) (string, bool) {
	var body map[string]any
	err := json.NewDecoder(r.Body).Decode(&body)
	text, ok := body[name].(string)
	if n := utf8.RuneCountInString(text); err != nil || !ok || n < 1 || n > most || r.Header.Get("Content-Type") != "application/json" {
		sendJSON(w, http.StatusUnprocessableEntity, map[string]string{"message": "Validation failed"})
		return "", false
	}
	return text, true
}

func (s *issues) issueAt(r *http.Request) int {
	return slices.IndexFunc(s.rows, func(i *issue) bool { return fmt.Sprint(i.Number) == r.PathValue("number") })
}

func (s *issues) one(w http.ResponseWriter, at int) {
	if at < 0 {
		sendJSON(w, http.StatusNotFound, map[string]string{"message": "Not Found"})
		return
	}
	sendJSON(w, http.StatusOK, s.rows[at])
}

func (s *issues) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Header.Get("Authorization") != "Bearer good" && !(s.is("open-patch") && r.Method == http.MethodPatch) {
		w.Header().Set("WWW-Authenticate", "Bearer")
		sendJSON(w, http.StatusUnauthorized, map[string]string{"message": "Bad credentials"})
		return
	}
	s.mux.ServeHTTP(w, r)
}

// comments lists the comments of an issue, or adds one.
func (s *issues) comments(w http.ResponseWriter, r *http.Request) {
	at := s.issueAt(r)
	switch {
	case at < 0:
		sendJSON(w, http.StatusNotFound, map[string]string{"message": "Not Found"})
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		number := s.rows[at].Number
		sendPage(w, r, slices.DeleteFunc(slices.Clone(s.said), func(c *comment) bool { return c.issue != number }))
	case r.Method == http.MethodPost:
		text, ok := textIn(w, r, "body", 500)
		if !ok {
			return
		}
		number := s.rows[at].Number
		if s.is("first-issue") {
			number = s.rows[0].Number
		}
		c := *s.say(number, text)
		if s.is("create-cuts") {
			s.said[len(s.said)-1].Body = string([]rune(text)[:1])
		}
		if s.is("create-nowhere") {
			s.said = s.said[:len(s.said)-1]
		}
		w.Header().Set("Location", fmt.Sprintf("/issues/comments/%d", c.ID))
		if s.is("location-inside") {
			w.Header().Set("Location", fmt.Sprintf("/issues/%d/comments/%d", number, c.ID))
		}
		sendJSON(w, http.StatusCreated, c)
	default:
		w.Header().Set("Allow", "GET, HEAD, POST")
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}

// comment reads, changes or deletes one comment.
func (s *issues) comment(w http.ResponseWriter, r *http.Request) {
	at := slices.IndexFunc(s.said, func(c *comment) bool { return fmt.Sprint(c.ID) == r.PathValue("id") })
	switch {
	case at < 0:
		sendJSON(w, http.StatusNotFound, map[string]string{"message": "Not Found"})
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		c := *s.said[at]
		if s.is("other-body") {
			c.Body = "?"
		}
		sendJSON(w, http.StatusOK, c)
	case r.Method == http.MethodPatch:
		text, ok := textIn(w, r, "body", 500)
		if !ok {
			return
		}
		if !s.is("patch-lost") {
			s.said[at].Body = text
		}
		sendJSON(w, http.StatusOK, s.said[at])
	case r.Method == http.MethodDelete:
		if s.is("delete-issues") {
			number := s.said[at].issue
			s.said = slices.DeleteFunc(s.said, func(c *comment) bool { return c.issue == number })
		} else if !s.is("delete-keeps") {
			s.said = slices.Delete(s.said, at, at+1)
		}
		w.WriteHeader(http.StatusNoContent)
	default:
		w.Header().Set("Allow", "GET, HEAD, PATCH, DELETE")
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}

// TestIssues: nothing is found on a server whose items stand outside of what they are listed in, and each fault is told of by the rule meant.
func TestIssues(t *testing.T) {
	doc, err := understudy.Open(t.Context(), "testdata/documents/issues.yaml")
	require.NoError(t, err)
	run := func(t *testing.T, n int, fault string) *contracttest.Report {
		return check(t, doc, contracttest.Target{Handler: newIssues(n, fault), Token: "good", Writes: true})
	}
	for _, n := range []int{0, 1, 2, 7, 60} {
		r := run(t, n, "")
		require.Empty(t, r.Findings, "%d issues: %s", n, text(r))
		require.Empty(t, r.Leftovers)
	}
	for fault, rule := range map[string]string{
		"first-issue":     "crud/create-list",
		"create-cuts":     "crud/create-read",
		"create-nowhere":  "crud/create-read",
		"location-inside": "http/location",
		"other-body":      "read/list-item",
		"patch-lost":      "crud/update",
		"delete-keeps":    "crud/delete",
		"delete-issues":   "crud/delete-only",
		"open-patch":      "auth/required",
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			sampled(t)
			require.Contains(t, rulesOf(run(t, 40, fault)), rule)
		})
	}
}
