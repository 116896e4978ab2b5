package contracttest_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
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

// tickets is a server for testdata/documents/tickets.yaml, written by hand: bodies and answers are wrapped, and writes ask for a condition. It keeps its contract,
// but for one fault.
type tickets struct {
	mu    sync.Mutex
	fault string
	rows  []map[string]any
	last  int
}

var agents = []map[string]any{{"id": 3, "name": "Ana"}, {"id": 5, "name": "Bo"}, {"id": 8, "name": "Cem"}}

func agent(id any) any {
	for _, a := range agents {
		if fmt.Sprint(a["id"]) == fmt.Sprint(id) {
			return a
		}
	}
	return nil
}

func newTickets(n int, fault string) *tickets {
	s := &tickets{fault: fault, last: 100}
	for i := range n {
		t := map[string]any{
			"subject": fmt.Sprintf("Printer no. %d", i), "kind": []string{"fault", "wish", "other"}[i*7%3], "due": nil, "host": nil, "agent_id": nil,
			"reporter": map[string]any{"name": "Zoë", "email": fmt.Sprintf("zoe%d@example.com", i)}, "labels": []any{"paper", "ink"}[:1+i%2], "callback": "0123456",
		}
		if i%3 > 0 {
			t["due"], t["host"] = time.Unix(1_900_000_000+int64(i)*4000, 0).UTC().Format(time.RFC3339), fmt.Sprintf("10.0.0.%d", i%250)
			t["channel"] = map[string]any{"kind": "phone", "number": "0301234"}
		}
		if i%4 > 0 {
			t["agent_id"] = agents[i%3]["id"]
		}
		s.add(t)
	}
	return s
}

func (s *tickets) is(fault string) bool { return s.fault == fault }

func (s *tickets) add(t map[string]any) map[string]any {
	s.last += 7
	t["id"], t["url"] = s.last, fmt.Sprintf("https://example.org/t/%d", s.last)
	t["ref"], t["created_at"] = fmt.Sprintf("7d9f6e5c-1b2a-4c3d-8e4f-%012x", s.last), time.Unix(1_700_000_000+int64(s.last), 0).UTC().Format(time.RFC3339)
	s.rows = append(s.rows, t)
	return t
}

// show gives a ticket as it is shown in a place: "list", "read", "create", "put" or "patch".
func (s *tickets) show(t map[string]any, place string) map[string]any {
	out := maps.Clone(t)
	out["agent"] = agent(t["agent_id"])
	if delete(out, "callback"); s.is("callback-"+place) && t["callback"] != nil {
		out["callback"] = t["callback"]
	}
	if s.is("no-kind-" + place) {
		delete(out, "kind")
	}
	if s.is("one-other") && place == "read" && t["id"] == 100+7*40 {
		out["subject"] = "Something else"
	}
	if place == "list" && t["id"] != 100+7*43 { // one on a late page
		return out
	}
	reporter := maps.Clone(t["reporter"].(map[string]any))
	switch s.fault {
	case "ref-wrong":
		out["ref"] = "7d9f6e5c-1b2a-4c3d-8e4f-00000000xyz1"
	case "due-no-zone":
		out["due"] = "2030-01-01T10:00:00"
	case "labels-twice":
		out["labels"] = []string{"paper", "paper"}
	case "channel-other":
		out["channel"] = map[string]any{"kind": "fax", "number": "0301234"}
	case "email-wrong":
		reporter["email"] = "zoe at example"
	case "reporter-more":
		reporter["age"] = 7
	}
	out["reporter"] = reporter
	return out
}

func (s *tickets) etag(t map[string]any) string {
	text, _ := json.Marshal(s.show(t, "")) // it holds nothing else
	return fmt.Sprintf(`"%x"`, sha256.Sum256(text))
}

func (s *tickets) refuse(w http.ResponseWriter, status int) {
	body := map[string]any{"error": map[string]any{"code": status, "message": http.StatusText(status)}}
	if s.is("refusal-" + strconv.Itoa(status)) {
		body = map[string]any{"message": http.StatusText(status)}
	}
	sendJSON(w, status, body)
}

func (s *tickets) one(w http.ResponseWriter, status int, t map[string]any, place string) {
	w.Header().Set("ETag", s.etag(t))
	sendJSON(w, status, map[string]any{"data": s.show(t, place)})
}

// reads tells whether a request has what is for reading only, and does.
func (s *tickets) reads(r *http.Request) bool {
	key, given := r.Header.Get("X-Reader-Key"), len(r.Header.Values("X-Reader-Key")) > 0
	known := key == "view-81k" || given && (s.is("reader-any") || s.is("reader-begun") && strings.HasPrefix("view-81k", key))
	return known && (r.Method == http.MethodGet || r.Method == http.MethodHead || s.is("reader-deletes") && r.Method == http.MethodDelete)
}

func (s *tickets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	scheme, secret, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	in := secret == "good" && (strings.EqualFold(scheme, "Bearer") || s.is("basic"))
	if !in && !s.reads(r) {
		w.Header().Set("WWW-Authenticate", "Bearer")
		s.refuse(w, http.StatusUnauthorized)
		return
	}
	reads := r.Method == http.MethodGet || r.Method == http.MethodHead
	path := strings.TrimPrefix(r.URL.Path, "/v1")
	id, _ := strings.CutPrefix(path, "/tickets/")
	at := slices.IndexFunc(s.rows, func(t map[string]any) bool { return fmt.Sprint(t["id"]) == id })
	switch {
	case s.is("any-406") && r.Header.Get("Accept") == "*/*":
		s.refuse(w, http.StatusNotAcceptable)
	case s.is("head-unknown") && r.Method == http.MethodHead && at < 0 && id != path:
		w.WriteHeader(http.StatusOK)
	case s.is("one-refused") && r.Method == http.MethodGet && id == fmt.Sprint(100+7*40):
		s.refuse(w, http.StatusUnauthorized)
	case s.is("gone") && reads && at < 0 && id != path:
		s.refuse(w, http.StatusGone)
	case path == "/agents" && reads:
		sendJSON(w, http.StatusOK, map[string]any{"data": agents})
	case strings.HasPrefix(path, "/agents/") && reads:
		if a := agent(strings.TrimPrefix(path, "/agents/")); a != nil {
			sendJSON(w, http.StatusOK, map[string]any{"data": a})
			return
		}
		s.refuse(w, http.StatusNotFound)
	case path == "/tickets" && reads:
		s.list(w, r)
	case path == "/tickets" && r.Method == http.MethodPost:
		s.write(w, r, nil)
	case path == "/tickets" && r.Method == http.MethodPut && s.is("put-list"):
		sendJSON(w, http.StatusOK, map[string]any{})
	case path == "/tickets", strings.HasPrefix(path, "/agents"):
		w.Header().Set("Allow", map[bool]string{true: "GET, HEAD, POST", false: "GET, HEAD"}[path == "/tickets"])
		s.refuse(w, http.StatusMethodNotAllowed)
	case at < 0:
		s.refuse(w, http.StatusNotFound)
	case reads:
		if slices.Contains([]string{"*", s.etag(s.rows[at])}, r.Header.Get("If-None-Match")) {
			w.Header().Set("ETag", s.etag(s.rows[at]))
			w.WriteHeader(http.StatusNotModified)
			return
		}
		s.one(w, http.StatusOK, s.rows[at], "read")
	case r.Method == http.MethodPut || r.Method == http.MethodPatch || r.Method == http.MethodDelete:
		s.change(w, r, at)
	default:
		w.Header().Set("Allow", "GET, HEAD, PUT, PATCH, DELETE")
		s.refuse(w, http.StatusMethodNotAllowed)
	}
}

// change makes a write to one ticket, on its condition.
func (s *tickets) change(w http.ResponseWriter, r *http.Request, at int) {
	condition := r.Header.Get("If-Match")
	switch {
	case condition == "" && s.is("unconditional"):
	case condition == "":
		if s.is("428-late") && r.Method == http.MethodDelete {
			s.rows = slices.Delete(s.rows, at, at+1)
		}
		s.refuse(w, http.StatusPreconditionRequired)
		return
	case condition != "*" && !strings.Contains(condition, s.etag(s.rows[at])):
		s.refuse(w, http.StatusPreconditionFailed)
		return
	}
	if r.Method == http.MethodDelete {
		if s.is("delete-detaches") {
			for i, other := range s.rows {
				if i != at && other["agent_id"] != nil {
					other["agent_id"] = nil
					break
				}
			}
		}
		s.rows = slices.Delete(s.rows, at, at+1)
		w.WriteHeader(http.StatusNoContent)
		return
	}
	s.write(w, r, s.rows[at])
}

// write creates a ticket, or changes one.
func (s *tickets) write(w http.ResponseWriter, r *http.Request, old map[string]any) {
	var body struct{ Ticket map[string]any }
	if s.is("no-type-500") && r.Header.Get("Content-Type") == "" {
		s.refuse(w, http.StatusInternalServerError)
		return
	}
	if media, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); media != "application/json" {
		s.refuse(w, http.StatusUnsupportedMediaType)
		return
	}
	sent, _ := io.ReadAll(r.Body)
	if s.is("null-500") && string(sent) == "null" {
		s.refuse(w, http.StatusInternalServerError)
		return
	}
	if json.Unmarshal(sent, &body) != nil || body.Ticket == nil {
		s.refuse(w, http.StatusBadRequest)
		return
	}
	given := map[string]any{}
	for _, name := range []string{"subject", "kind", "due", "host", "reporter", "channel", "labels", "agent_id", "copies", "page", "agents", "callback"} {
		if v, there := body.Ticket[name]; there {
			given[name] = v
		}
	}
	if given["due"] == "" && s.is("due-empty") {
		given["due"] = "2030-01-01T00:00:00Z"
	}
	if ids, ok := given["agents"].([]any); ok && len(ids) > 1 && s.is("agents-first") {
		given["agents"] = ids[:1]
	}
	if labels, ok := given["labels"].([]any); ok && len(labels) > 3 && s.is("labels-cut") {
		given["labels"] = labels[:3]
	}
	if !s.valid(given, r.Method != http.MethodPatch) {
		s.refuse(w, http.StatusUnprocessableEntity)
		return
	}
	if r.Method == http.MethodPatch {
		maps.Copy(old, given)
		s.one(w, http.StatusOK, old, "patch")
		return
	}
	now := map[string]any{"kind": "other", "due": nil, "host": nil, "labels": []any{"new"}, "agent_id": nil, "copies": []any{}, "page": nil, "agents": []any{}}
	maps.Copy(now, given)
	if old == nil {
		s.add(now)
		w.Header().Set("Location", fmt.Sprintf("/v1/tickets/%d", s.last))
		s.one(w, http.StatusCreated, now, "create")
		return
	}
	for _, name := range []string{"id", "ref", "url", "created_at"} {
		now[name] = old[name]
	}
	was := s.etag(old)
	clear(old)
	maps.Copy(old, now)
	if s.is("put-etag") {
		w.Header().Set("ETag", was)
		sendJSON(w, http.StatusOK, map[string]any{"data": s.show(old, "put")})
		return
	}
	s.one(w, http.StatusOK, old, "put")
}

var (
	ticketLabel = regexp.MustCompile(`^[a-z]{2,10}$`)
	phoneNumber = regexp.MustCompile(`^[0-9]{3,12}$`)
)

// valid tells whether what was sent is what the document says.
func (s *tickets) valid(sent map[string]any, whole bool) bool {
	isText := func(v any, least, most int) bool {
		text, ok := v.(string)
		return ok && utf8.RuneCountInString(text) >= least && utf8.RuneCountInString(text) <= most
	}
	isMail := func(v any) bool {
		text, _ := v.(string)
		at, err := mail.ParseAddress(text)
		return err == nil && at.Address == text
	}
	object := func(v any) map[string]any { o, _ := v.(map[string]any); return o }
	if _, there := sent["reporter"]; whole && (!there || sent["subject"] == nil) {
		return false
	}
	for name, v := range sent {
		ok := true
		switch o := object(v); name {
		case "subject":
			ok = isText(v, 1, 60)
		case "kind":
			ok = slices.Contains([]any{"fault", "wish", "other"}, v)
		case "due":
			text, _ := v.(string)
			_, err := time.Parse(time.RFC3339, text)
			ok = v == nil || err == nil
		case "host":
			text, _ := v.(string)
			at, err := netip.ParseAddr(text)
			ok = v == nil || err == nil && at.Is4()
		case "reporter":
			_, addressed := o["email"]
			ok = isText(o["name"], 1, 40) && (isMail(o["email"]) || !addressed && s.is("email-optional")) && len(o) <= 2
		case "channel":
			number, _ := o["number"].(string)
			ok = o["kind"] == "mail" && isMail(o["address"]) || o["kind"] == "phone" && phoneNumber.MatchString(number) || s.is("channel-any")
		case "labels":
			list, isList := v.([]any)
			seen := map[any]bool{}
			for _, l := range list {
				text, _ := l.(string)
				ok, seen[text] = ok && ticketLabel.MatchString(text), true
			}
			ok = ok && isList && len(list) > 0 && len(list) < 5 && len(seen) == len(list)
		case "agent_id":
			n, isNumber := v.(float64)
			ok = v == nil || isNumber && (agent(int(n)) != nil || s.is("agent-any") && n == float64(int(n)))
		case "copies":
			list, isList := v.([]any)
			ok = isList && !slices.ContainsFunc(list, func(v any) bool { return !isMail(v) && !s.is("copies-any") })
		case "page":
			text, isString := v.(string)
			at, err := url.Parse(text)
			ok = v == nil || isString && (err == nil && at.IsAbs() || s.is("page-any"))
		case "agents":
			list, isList := v.([]any)
			seen := map[any]bool{}
			for _, id := range list {
				ok, seen[id] = ok && agent(id) != nil, true
			}
			ok = ok && isList && len(seen) == len(list)
		case "callback":
			ok = isText(v, 0, 20)
		}
		if !ok {
			return false
		}
	}
	return true
}

// ordered gives the tickets by one of two properties, of which the document says nothing, and otherwise as they are.
func (s *tickets) ordered(rows []map[string]any, by string, page int) []map[string]any {
	name, down := strings.CutPrefix(by, "-")
	if name != "kind" && name != "subject" {
		return rows
	}
	rows = slices.Clone(rows)
	if s.is("ties-move") && page%2 == 0 {
		slices.Reverse(rows)
	}
	slices.SortStableFunc(rows, func(a, b map[string]any) int {
		if down && !s.is("minus-ignored") {
			a, b = b, a
		}
		return strings.Compare(a[name].(string), b[name].(string))
	})
	return rows
}

func (s *tickets) list(w http.ResponseWriter, r *http.Request) {
	number := func(name string, otherwise, most int) int {
		text := r.URL.Query().Get(name)
		n, err := strconv.Atoi(text)
		switch {
		case text == "":
			return otherwise
		case err != nil || n < 1 || n > most:
			return -1
		}
		return n
	}
	page, size := number("page", 1, 1<<40), number("per_page", 20, 50)
	rows := s.rows
	if text := r.URL.Query().Get("due"); text != "" {
		due, err := time.Parse(time.RFC3339, text)
		if err != nil && !s.is("due-any") {
			page = -1
		}
		rows = slices.DeleteFunc(slices.Clone(rows), func(t map[string]any) bool {
			text, _ := t["due"].(string)
			at, err := time.Parse(time.RFC3339, text)
			return err != nil || !at.Equal(due)
		})
	}
	if page < 0 || size < 0 {
		s.refuse(w, http.StatusBadRequest)
		return
	}
	from := min((page-1)*size, len(rows))
	rows = s.ordered(rows, r.URL.Query().Get("ordering"), page)
	data := []any{}
	for _, t := range rows[from:min(from+size, len(rows))] {
		data = append(data, s.show(t, "list"))
	}
	total := len(rows)
	if s.is("total-beside") {
		total = len(data)
	}
	w.Header().Set("X-Total-Count", strconv.Itoa(total))
	sendJSON(w, http.StatusOK, map[string]any{"data": data, "meta": map[string]any{"total": len(rows), "page": page, "per_page": size}})
}

// TestTickets: nothing is found on a server that asks for conditions and keeps its contract, and each fault is told of by the rule meant.
func TestTickets(t *testing.T) {
	doc, err := understudy.Open(t.Context(), "testdata/documents/tickets.yaml")
	require.NoError(t, err)
	run := func(t *testing.T, n int, fault string, include ...string) *contracttest.Report {
		return check(t, doc, contracttest.Target{Handler: newTickets(n, fault), Token: "good", Second: map[string]string{"reader": "view-81k"}, Writes: true, Include: include})
	}
	for _, n := range []int{0, 7, 67} {
		r := run(t, n, "")
		require.Empty(t, r.Findings, "%d tickets: %s", n, text(r))
		require.Empty(t, r.Leftovers)
	}
	for fault, rule := range map[string]string{
		"unconditional":   "http/etag",
		"428-late":        "http/etag",
		"put-etag":        "http/etag",
		"put-list":        "http/method",
		"basic":           "auth/checked",
		"callback-list":   "crud/write-only",
		"callback-read":   "crud/write-only",
		"callback-create": "crud/write-only",
		"callback-patch":  "crud/write-only",
		"email-optional":  "value/required",
		"channel-any":     "value/refused",
		"due-empty":       "value/refused",
		"agent-any":       "value/odd",
		"copies-any":      "value/refused",
		"page-any":        "value/refused",
		"agents-first":    "value/accepted",
		"labels-cut":      "value/accepted",
		"due-any":         "filter/invalid",
		"reader-any":      "auth/checked",
		"reader-begun":    "auth/checked",
		"reader-deletes":  "auth/checked",
		"any-406":         "http/accept",
		"head-unknown":    "http/head",
		"one-refused":     "read/list-item",
		"one-other":       "read/list-item",
		"gone":            "read/unknown",
		"delete-detaches": "crud/delete-only",
		"no-type-500":     "http/content-type",
		"null-500":        "value/refused",
		"total-beside":    "paging/arithmetic",
		"minus-ignored":   "order/observed",
		"ties-move":       "paging/complete",
		"no-kind-read":    "conform/body",
		"no-kind-patch":   "conform/body",
		"ref-wrong":       "conform/body",
		"due-no-zone":     "conform/body",
		"labels-twice":    "conform/body",
		"channel-other":   "conform/body",
		"email-wrong":     "conform/body",
		"reporter-more":   "conform/body",
		"refusal-404":     "conform/body",
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			sampled(t)
			var include []string
			if family, _, _ := strings.Cut(rule, "/"); family != "conform" { // which judges every answer
				include = []string{family + "/*"}
			}
			require.Contains(t, rulesOf(run(t, 67, fault, include...)), rule)
		})
	}
}
