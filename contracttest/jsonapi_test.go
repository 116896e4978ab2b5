package contracttest_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"understudy"
	"understudy/contracttest"
)

// notes is a server for testdata/documents/jsonapi.yaml, written by hand. It keeps its contract, but for one fault.
type notes struct {
	mu    sync.Mutex
	fault string
	items []*note
	last  int
}

type note struct {
	id string
	a  map[string]any
}

var noteColors = []any{"red", "green", "blue", "none"}

func newNotes(n int, fault string) *notes {
	s := &notes{fault: fault, last: 1000}
	random := rand.New(rand.NewPCG(7, uint64(n)))
	words := []string{"milk", "call", "Ñandú", "100%", "idea", "Paris", "todo", "ship"}
	word := func() string { return words[random.IntN(len(words))] }
	for range n {
		a := map[string]any{
			"title": word() + " " + word(), "text": nil, "color": noteColors[random.IntN(4)], "pinned": random.IntN(3) == 0, "stars": float64(random.IntN(6)),
			"createdAt": time.Unix(1_750_000_000+int64(random.IntN(300))*3600, 0).UTC().Format(time.RFC3339),
		}
		if random.IntN(4) > 0 {
			a["text"] = "more on " + word()
		}
		s.add(a)
	}
	return s
}

func (s *notes) is(fault string) bool { return s.fault == fault }

func (s *notes) add(a map[string]any) *note {
	s.last++
	n := &note{fmt.Sprintf("n%d", s.last), a}
	s.items = append(s.items, n)
	return n
}

func (n *note) show() map[string]any {
	return map[string]any{"type": "notes", "id": n.id, "attributes": n.a, "links": map[string]any{"self": "/api/notes/" + n.id}}
}

func sendNotes(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/vnd.api+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func refuseNotes(w http.ResponseWriter, status int) {
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	sendNotes(w, status, map[string]any{"errors": []any{map[string]any{"status": strconv.Itoa(status), "title": http.StatusText(status)}}})
}

func (s *notes) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, isItem := strings.CutPrefix(r.URL.Path, "/api/notes/")
	if r.Header.Get("Authorization") != "Bearer good" && !(s.is("open-patch") && r.Method == http.MethodPatch) {
		refuseNotes(w, http.StatusUnauthorized)
		return
	}
	at := slices.IndexFunc(s.items, func(n *note) bool { return n.id == id })
	switch {
	case r.URL.Path == "/api/notes" && (r.Method == http.MethodGet || r.Method == http.MethodHead):
		s.list(w, r)
	case r.URL.Path == "/api/notes" && r.Method == http.MethodPost:
		s.write(w, r, nil)
	case r.URL.Path == "/api/notes":
		w.Header().Set("Allow", "GET, HEAD, POST")
		refuseNotes(w, http.StatusMethodNotAllowed)
	case !isItem || at < 0:
		refuseNotes(w, http.StatusNotFound)
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		sendNotes(w, http.StatusOK, map[string]any{"data": s.items[at].show()})
	case r.Method == http.MethodPatch:
		s.write(w, r, s.items[at])
	case r.Method == http.MethodDelete:
		if s.items = slices.Delete(s.items, at, at+1); s.is("delete-next") && at < len(s.items) {
			s.items = slices.Delete(s.items, at, at+1)
		}
		w.WriteHeader(http.StatusNoContent)
	default:
		w.Header().Set("Allow", "GET, HEAD, PATCH, DELETE")
		refuseNotes(w, http.StatusMethodNotAllowed)
	}
}

// write creates a note, or changes one.
func (s *notes) write(w http.ResponseWriter, r *http.Request, old *note) {
	var body struct {
		Data *struct {
			Type, ID   string
			Attributes map[string]any
		}
	}
	switch media, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); {
	case media != "application/vnd.api+json" && !s.is("any-type"):
		refuseNotes(w, http.StatusUnsupportedMediaType)
		return
	case json.NewDecoder(r.Body).Decode(&body) != nil:
		refuseNotes(w, http.StatusBadRequest)
		return
	case body.Data == nil || body.Data.Attributes == nil && old == nil:
		refuseNotes(w, http.StatusUnprocessableEntity)
		return
	case body.Data.Type != "notes" || old != nil && body.Data.ID != old.id:
		refuseNotes(w, http.StatusConflict)
		return
	}
	a := body.Data.Attributes
	if s.bad(a, old == nil) {
		refuseNotes(w, http.StatusUnprocessableEntity)
		return
	}
	if !s.is("takes-read-only") {
		delete(a, "createdAt")
	}
	if text, there := a["text"]; there && text == nil && s.is("null-kept") {
		delete(a, "text")
	}
	if old == nil {
		n := s.add(map[string]any{"title": "?", "text": nil, "color": "none", "pinned": false, "stars": 0.0, "createdAt": time.Now().UTC().Format(time.RFC3339)})
		for k, v := range a {
			n.a[k] = v
		}
		if s.is("create-drops-text") {
			n.a["text"] = nil
		}
		w.Header().Set("Location", "/api/notes/"+n.id)
		sendNotes(w, http.StatusCreated, map[string]any{"data": n.show()})
		return
	}
	if s.is("patch-resets") {
		old.a["text"] = nil
	}
	if !s.is("patch-lost") {
		for k, v := range a {
			old.a[k] = v
		}
	}
	sendNotes(w, http.StatusOK, map[string]any{"data": old.show()})
}

// bad tells whether attributes break the document.
func (s *notes) bad(a map[string]any, create bool) bool {
	title, there := a["title"]
	text, isText := title.(string)
	if there && (!isText || strings.TrimSpace(text) == "" || utf8.RuneCountInString(text) > 80) || !there && create && !s.is("title-optional") {
		return true
	}
	if v, there := a["text"]; there && v != nil {
		if text, ok := v.(string); !ok || utf8.RuneCountInString(text) > 500 {
			return true
		}
	}
	if v, there := a["color"]; there && !slices.Contains(noteColors, v) {
		return true
	}
	if v, there := a["pinned"]; there && v != true && v != false {
		return true
	}
	v, there := a["stars"]
	n, isNumber := v.(float64)
	return there && (!isNumber || n != float64(int(n)) || n < 0 || n > 5 || n == 5 && s.is("stars-below-5"))
}

func (s *notes) list(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	size, offset := 25, 0
	if text := q.Get("page[size]"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			refuseNotes(w, http.StatusBadRequest)
			return
		}
		size = min(n, 100)
	}
	if text := q.Get("page[after]"); text != "" {
		plain, _ := base64.RawURLEncoding.DecodeString(text)
		n, err := strconv.Atoi(strings.TrimPrefix(string(plain), "at "))
		if err != nil || !strings.HasPrefix(string(plain), "at ") {
			refuseNotes(w, http.StatusBadRequest)
			return
		}
		offset = n
	}
	items, ok := s.chosen(q, offset > 0)
	if !ok || !s.sort(items, q.Get("sort")) {
		refuseNotes(w, http.StatusBadRequest)
		return
	}
	if s.is("cursor-late") && offset > 2*size {
		offset++
	}
	cursor := func(n int) string { return base64.RawURLEncoding.EncodeToString([]byte("at " + strconv.Itoa(n))) }
	data := []any{}
	for _, n := range items[min(offset, len(items)):min(offset+size, len(items))] {
		data = append(data, n.show())
	}
	var next, token any
	if left := len(items) - offset - size; left > 1 || left == 1 && !s.is("cursor-early") {
		q.Set("page[after]", cursor(offset+size))
		path := "/api/notes"
		switch s.fault {
		case "link-drops-filter":
			for name := range q {
				if strings.HasPrefix(name, "filter") {
					q.Del(name)
				}
			}
		case "link-drops-sort":
			q.Del("sort")
		case "link-drops-size":
			q.Del("page[size]")
		case "link-elsewhere":
			path = "/notes"
		}
		next, token = path+"?"+q.Encode(), cursor(offset+size)
		if s.is("token-back") {
			token = cursor(0)
		}
	}
	sendNotes(w, http.StatusOK, map[string]any{
		"data": data, "meta": map[string]any{"total": len(items), "cursors": map[string]any{"after": token}}, "links": map[string]any{"next": next},
	})
}

// chosen gives the notes that all filters let through; ok is false if a value is none.
func (s *notes) chosen(q url.Values, later bool) (out []*note, ok bool) {
	drops := func(name string) bool { return later && s.fault == "later-drops-"+name }
	for _, name := range []string{"filter[stars][gte]", "filter[stars][lt]"} {
		if _, err := strconv.Atoi(q.Get(name)); q.Get(name) != "" && err != nil {
			return nil, false
		}
	}
	color, pinned := q.Get("filter[color]"), q.Get("filter[pinned]")
	if color != "" && !slices.Contains(noteColors, any(color)) || !slices.Contains([]string{"", "true", "false"}, pinned) {
		return nil, false
	}
	if color == "blue" && s.is("blue-is-green") {
		color = "green"
	}
	word := strings.ToLower(q.Get("filter[q]"))
	for _, n := range s.items {
		text, _ := n.a["text"].(string)
		gte, _ := strconv.Atoi(q.Get("filter[stars][gte]"))
		lt, _ := strconv.Atoi(q.Get("filter[stars][lt]"))
		switch stars := n.a["stars"].(float64); {
		case q.Get("filter[title]") != "" && n.a["title"] != q.Get("filter[title]"):
		case color != "" && n.a["color"] != color:
		case pinned != "" && n.a["pinned"] != (pinned == "true") && !drops("pinned"):
		case q.Get("filter[stars][gte]") != "" && stars < float64(gte):
		case q.Get("filter[stars][lt]") != "" && stars >= float64(lt):
		case word != "" && !strings.Contains(strings.ToLower(n.a["title"].(string)+"\n"+text), word) && !drops("q"):
		default:
			out = append(out, n)
		}
	}
	return out, true
}

// sort orders notes; false is for a name that is none.
func (s *notes) sort(items []*note, by string) bool {
	ok := true
	slices.SortStableFunc(items, func(x, y *note) int {
		for field := range strings.SplitSeq(by, ",") {
			name, down := strings.CutPrefix(field, "-")
			c := 0
			switch name {
			case "title", "createdAt":
				c = strings.Compare(x.a[name].(string), y.a[name].(string))
			case "stars":
				c = int(x.a[name].(float64) - y.a[name].(float64))
			case "pinned":
				c = strings.Compare(fmt.Sprint(x.a[name]), fmt.Sprint(y.a[name]))
			case "":
			default:
				ok = false
			}
			if down {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return 0
	})
	return ok
}

// TestJSONAPI: nothing is found on a server of JSON:API that keeps its contract, and each fault is told of by the rule meant.
func TestJSONAPI(t *testing.T) {
	doc, err := understudy.Open(t.Context(), "testdata/documents/jsonapi.yaml")
	require.NoError(t, err)
	run := func(t *testing.T, n int, fault string) *contracttest.Report {
		return check(t, doc, contracttest.Target{Handler: newNotes(n, fault), Token: "good", Writes: true})
	}
	for _, n := range []int{0, 1, 2, 7, 60, 137} {
		r := run(t, n, "")
		require.Empty(t, r.Findings, "%d notes: %s", n, text(r))
		require.Empty(t, r.Leftovers)
	}
	for fault, rule := range map[string]string{
		"title-optional":     "value/required",
		"stars-below-5":      "value/accepted",
		"create-drops-text":  "crud/create-read",
		"takes-read-only":    "crud/read-only",
		"patch-lost":         "crud/update",
		"patch-resets":       "crud/update",
		"null-kept":          "crud/update",
		"delete-next":        "crud/delete-only",
		"open-patch":         "auth/required",
		"blue-is-green":      "filter/sound",
		"later-drops-pinned": "filter/paged",
		"later-drops-q":      "search/subset",
		"cursor-late":        "paging/complete",
		"cursor-early":       "paging/complete",
		"link-drops-filter":  "paging/links",
		"link-drops-sort":    "paging/links",
		"link-drops-size":    "paging/links",
		"link-elsewhere":     "paging/links",
		"token-back":         "paging/links",
		"any-type":           "http/content-type",
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			sampled(t)
			require.Contains(t, rulesOf(run(t, 67, fault)), rule)
		})
	}
}
