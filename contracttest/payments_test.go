package contracttest_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"understudy"
	"understudy/contracttest"
)

// payments is a server for testdata/documents/payments.yaml, written by hand: bodies are forms, POST on an item changes it. It keeps its contract, but for one
// fault.
type payments struct {
	mu    sync.Mutex
	fault string
	items []map[string]any // the newest first
	last  int
}

var currencies = []string{"eur", "usd", "chf"}

func newPayments(n int, fault string) *payments {
	s := &payments{fault: fault}
	random := rand.New(rand.NewPCG(5, uint64(n)))
	created := 1_700_000_000
	for i := range n {
		created += []int{0, 1, 60, 86400}[random.IntN(4)]
		c := s.add(created)
		c["name"], c["currency"] = fmt.Sprintf("%s %d", []string{"Ana", "Bjørn", "O'Neil & Co", "Zoë"}[random.IntN(4)], i), currencies[random.IntN(3)]
		c["vip"], c["balance"] = random.IntN(3) == 0, random.IntN(2000)-1000
		if c["email"] = fmt.Sprintf("c%d@example.com", i); random.IntN(4) == 0 {
			c["email"] = nil
		}
		if random.IntN(2) == 0 {
			c["metadata"] = map[string]string{"order": fmt.Sprint(i)}
		}
	}
	return s
}

func (s *payments) is(fault string) bool { return s.fault == fault }

func (s *payments) add(created int) map[string]any {
	s.last++
	c := map[string]any{
		"id": fmt.Sprintf("cus_%X", 0xA000+s.last*37), "object": "customer", "created": created, "name": "", "email": nil, "currency": "eur", "balance": 0, "vip": false,
		"address": nil, "locales": []string{}, "metadata": map[string]string{},
	}
	s.items = append([]map[string]any{c}, s.items...)
	return c
}

func (s *payments) send(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func (s *payments) refuse(w http.ResponseWriter, status int, param string) {
	s.send(w, status, map[string]any{"error": map[string]any{"type": "invalid_request_error", "message": http.StatusText(status), "param": param}})
}

func (s *payments) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Header.Get("Authorization") != "Bearer good" && !(s.is("open-post") && r.Method == http.MethodPost) {
		w.Header().Set("WWW-Authenticate", "Bearer")
		s.refuse(w, http.StatusUnauthorized, "")
		return
	}
	reads := r.Method == http.MethodGet || r.Method == http.MethodHead
	id, isItem := strings.CutPrefix(r.URL.Path, "/v1/customers/")
	at := slices.IndexFunc(s.items, func(c map[string]any) bool { return c["id"] == id })
	switch {
	case r.URL.Path == "/v1/customers" && reads:
		s.list(w, r.URL.Query())
	case r.URL.Path == "/v1/customers" && r.Method == http.MethodPost:
		s.write(w, r, nil)
	case r.URL.Path == "/v1/customers":
		w.Header().Set("Allow", "GET, HEAD, POST")
		s.refuse(w, http.StatusMethodNotAllowed, "")
	case !isItem || at < 0:
		s.refuse(w, http.StatusNotFound, "customer")
	case reads:
		s.send(w, http.StatusOK, s.items[at])
	case r.Method == http.MethodPost:
		s.write(w, r, s.items[at])
	case r.Method == http.MethodDelete:
		if s.items = slices.Delete(s.items, at, at+1); s.is("delete-next") && at < len(s.items) {
			s.items = slices.Delete(s.items, at, at+1)
		}
		s.send(w, http.StatusOK, map[string]any{"id": id, "object": "customer", "deleted": true})
	default:
		w.Header().Set("Allow", "GET, HEAD, POST, DELETE")
		s.refuse(w, http.StatusMethodNotAllowed, "")
	}
}

// write creates a customer, or changes one. What is not sent stays; an empty field takes a value away; metadata is merged.
func (s *payments) write(w http.ResponseWriter, r *http.Request, old map[string]any) {
	if media := r.Header.Get("Content-Type"); media != "" && !strings.HasPrefix(media, "application/x-www-form-urlencoded") {
		s.refuse(w, http.StatusBadRequest, "")
		return
	}
	if err := r.ParseForm(); err != nil {
		s.refuse(w, http.StatusBadRequest, "")
		return
	}
	set, param := s.fields(r.PostForm, old == nil)
	if param != "" {
		s.refuse(w, http.StatusBadRequest, param)
		return
	}
	c := old
	if old == nil {
		c = s.add(1_760_000_000 + s.last)
	} else if s.is("update-resets") {
		c["vip"], c["metadata"] = false, map[string]string{}
	}
	if s.is("update-lost") && old != nil {
		set = nil
	}
	for name, v := range set {
		if tags, ok := v.(map[string]string); ok && name == "metadata" && old != nil {
			merged := maps.Clone(c["metadata"].(map[string]string))
			maps.Copy(merged, tags)
			v = merged
		}
		c[name] = v
	}
	if old == nil && s.is("create-drops-address") {
		c["address"] = nil
	}
	if old == nil && s.is("create-drops-metadata") {
		c["metadata"] = map[string]string{}
	}
	s.send(w, http.StatusOK, c)
}

// fields reads a form; param is one that is wrong.
func (s *payments) fields(form url.Values, create bool) (set map[string]any, param string) {
	set = map[string]any{}
	address, metadata, locales := map[string]string{}, map[string]string{}, map[int]string{}
	for name, values := range form {
		v := values[len(values)-1]
		base, inner, _ := strings.Cut(strings.TrimSuffix(name, "]"), "[")
		fine := utf8.RuneCountInString(v) <= 512 || s.is("text-long")
		switch base {
		case "name":
			fine = (v != "" || s.is("name-empty")) && utf8.RuneCountInString(v) <= 256
			set["name"] = v
		case "email":
			if set["email"] = any(v); v == "" {
				set["email"] = nil
			}
		case "currency":
			fine = create && slices.Contains(currencies, v) || s.is("currency-any")
			set["currency"] = v
		case "vip":
			fine = v == "true" || v == "false"
			set["vip"] = v == "true" || s.is("vip-truthy")
		case "balance":
			n, err := strconv.Atoi(v)
			fine = err == nil && n >= -100000 && n <= 100000 && (n < 100000 || !s.is("balance-below"))
			set["balance"] = n
		case "address":
			fine = inner != "" && utf8.RuneCountInString(v) <= 200 && (inner != "postal_code" || len(v) <= 20)
			address[inner] = v
		case "metadata":
			fine = (inner != "" || v == "") && utf8.RuneCountInString(v) <= 500
			if metadata[inner] = v; inner == "" {
				metadata = map[string]string{}
			}
		case "locales":
			n, err := strconv.Atoi(inner)
			fine = err == nil && utf8.RuneCountInString(v) <= 20
			locales[n] = v
		}
		if !fine {
			return nil, base
		}
	}
	for _, name := range []string{"name", "currency"} {
		if create && set[name] == nil && (name == "currency" || !s.is("name-optional")) {
			return nil, name
		}
	}
	if len(address) > 0 {
		set["address"] = address
	}
	if len(metadata) > 0 {
		set["metadata"] = metadata
	}
	if len(locales) > 0 {
		list := []string{}
		for _, n := range slices.Sorted(maps.Keys(locales)) {
			list = append(list, locales[n])
		}
		set["locales"] = list
	}
	return set, ""
}

// list gives a page of the customers that fit, the newest first.
func (s *payments) list(w http.ResponseWriter, q url.Values) {
	limit := 10
	if text := q.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 100 {
			s.refuse(w, http.StatusBadRequest, "limit")
			return
		}
		limit = n
	}
	after, before := q.Get("starting_after"), q.Get("ending_before")
	at := slices.IndexFunc(s.items, func(c map[string]any) bool { return c["id"] == after || c["id"] == before })
	if after+before != "" && at < 0 {
		s.refuse(w, http.StatusBadRequest, "starting_after")
		return
	}
	var fits, front []map[string]any // behind the cursor, and before it
	for i, c := range s.items {
		fine := q.Get("email") == "" || c["email"] == q.Get("email")
		for name, values := range q {
			op, isBound := strings.CutPrefix(strings.TrimSuffix(name, "]"), "created")
			if !isBound || s.is("created-ignored") || s.is("created-drops") && after != "" {
				continue
			}
			n, err := strconv.Atoi(values[0])
			if err != nil {
				s.refuse(w, http.StatusBadRequest, "created")
				return
			}
			d := c["created"].(int) - n
			fine = fine && map[string]bool{"": d == 0, "[gt": d > 0, "[gte": d > 0 || d == 0 && !s.is("gte-is-gt"), "[lt": d < 0, "[lte": d <= 0}[op]
		}
		switch {
		case !fine:
		case before == "" && (after == "" || i > at):
			fits = append(fits, c)
		case before != "" && i < at:
			front = append(front, c)
		}
	}
	page, more := fits, false
	switch {
	case before != "":
		page, more = front[max(0, len(front)-limit):], len(front) > limit
		if s.is("back-first") {
			page = front[:min(limit, len(front))]
		}
		if page = slices.Clone(page); s.is("back-reversed") {
			slices.Reverse(page)
		}
	case len(fits) > limit:
		page, more = fits[:limit], true
	}
	if s.is("more-when-full") {
		more = len(page) == limit
	}
	if page == nil {
		page = []map[string]any{}
	}
	s.send(w, http.StatusOK, map[string]any{"object": "list", "url": "/v1/customers", "has_more": more, "data": page})
}

// TestPayments: nothing is found on a server that reads forms and keeps its contract, and each fault is told of by the rule meant.
func TestPayments(t *testing.T) {
	doc, err := understudy.Open(t.Context(), "testdata/documents/payments.yaml")
	require.NoError(t, err)
	run := func(t *testing.T, n int, fault string) *contracttest.Report {
		return check(t, doc, contracttest.Target{Handler: newPayments(n, fault), Token: "good", Writes: true})
	}
	for _, n := range []int{0, 1, 2, 7, 60, 137} {
		r := run(t, n, "")
		require.Empty(t, r.Findings, "%d customers: %s", n, text(r))
		require.Empty(t, r.Leftovers)
	}
	for fault, rule := range map[string]string{
		"name-optional":         "value/required",
		"name-empty":            "value/refused",
		"currency-any":          "value/refused",
		"text-long":             "value/refused",
		"balance-below":         "value/accepted",
		"vip-truthy":            "crud/update",
		"create-drops-address":  "crud/create-read",
		"create-drops-metadata": "crud/create-read",
		"update-lost":           "crud/update",
		"update-resets":         "crud/update",
		"delete-next":           "crud/delete-only",
		"open-post":             "auth/required",
		"created-ignored":       "filter/sound",
		"created-drops":         "filter/paged",
		"gte-is-gt":             "filter/complete",
		"back-first":            "paging/cursor",
		"back-reversed":         "paging/cursor",
		"more-when-full":        "paging/cursor",
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			sampled(t)
			require.Contains(t, rulesOf(run(t, 67, fault)), rule)
		})
	}
}
