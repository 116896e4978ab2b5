package mockserver_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"understudy/mockserver"
)

// This file is a second witness. It is a server like authentik's, written by hand for these seven invitations from the description of the API alone: nothing of
// ours is in it, and it shares neither data nor a helper with the other tests. Whatever the two are asked, they must answer the same.

type honestUser struct {
	PK         int             `json:"pk"`
	Username   string          `json:"username"`
	Name       string          `json:"name"`
	IsActive   *bool           `json:"is_active,omitempty"`
	LastLogin  json.RawMessage `json:"last_login,omitempty"`
	Email      string          `json:"email,omitempty"`
	Attributes map[string]any  `json:"attributes,omitzero"`
	UID        string          `json:"uid"`
}

type honestFlow struct {
	PK         string   `json:"pk"`
	PolicyPK   string   `json:"policybindingmodel_ptr_id"`
	Name       string   `json:"name"`
	Slug       string   `json:"slug"`
	Title      string   `json:"title"`
	For        string   `json:"designation"`
	Background string   `json:"background"`
	Stages     []string `json:"stages"`
	Policies   []string `json:"policies"`
	CacheCount int      `json:"cache_count"`
	Engine     string   `json:"policy_engine_mode,omitempty"`
	Compatible *bool    `json:"compatibility_mode,omitempty"`
	ExportURL  string   `json:"export_url"`
	Layout     string   `json:"layout,omitempty"`
	Denied     string   `json:"denied_action,omitempty"`
	Who        string   `json:"authentication,omitempty"`
}

type honestInvitation struct {
	PK        string         `json:"pk"`
	Name      string         `json:"name"`
	Expires   *string        `json:"expires"`
	FixedData map[string]any `json:"fixed_data"`
	CreatedBy honestUser     `json:"created_by"`
	SingleUse bool           `json:"single_use"`
	Flow      *string        `json:"flow"`
	FlowObj   honestFlow     `json:"flow_obj"`
}

// honestData are the seven, in no order in particular.
func honestData() []honestInvitation {
	yes, no := true, false
	admin := honestUser{
		PK: 11, Username: "akadmin", Name: "authentik Default Admin", IsActive: &yes, LastLogin: json.RawMessage(`"2029-11-22T09:30:00Z"`), Email: "akadmin@example.com",
		Attributes: map[string]any{"settings": map[string]any{"locale": "en"}}, UID: "6bfe2b7c0f6b9ad0a3d9f47bbd1f1f0f7d1c5a6de2f1c6a5b4e3d2c1b0a99887",
	}
	ada := honestUser{PK: 5, Username: "ada_l", Name: "Ada Lovelace", UID: "0c1d2e3f405162738495a6b7c8d9eaf00c1d2e3f405162738495a6b7c8d9eaf0"}
	bob := honestUser{
		PK: 8, Username: "bob+ci@example.com", Name: "Bob", LastLogin: json.RawMessage(`null`), Attributes: map[string]any{},
		UID: "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100",
	}
	welcome := honestFlow{
		PK: "c0de0003-7f1a-4b2c-8d3e-4f5a6b7c8d9e", PolicyPK: "3d5f0a9c-1b2e-4c7d-9e8f-0a1b2c3d4e5f", Name: "Welcome, needle", Slug: "welcome", Title: "Welcome!",
		For: "enrollment", Background: "/static/dist/assets/images/flow_background.jpg", Stages: []string{"5e0c9a1b-2d3f-4a5b-8c6d-7e8f9a0b1c2d"}, Policies: []string{},
		CacheCount: 2, ExportURL: "/api/v3/flows/instances/welcome/export/",
	}
	normal := honestFlow{
		PK: "bead0002-6e0f-4a1b-8c2d-3e4f5a6b7c8d", PolicyPK: "2c4e0f8b-0a1d-4b6c-8d7e-9f0a1b2c3d4e", Name: "Default enrollment flow", Slug: "default-enrollment-flow",
		Title: "Sign up", For: "enrollment", Background: "/static/dist/assets/images/flow_background.jpg", Stages: []string{}, Policies: []string{},
		ExportURL: "/api/v3/flows/instances/default-enrollment-flow/export/",
	}
	people := honestFlow{
		PK: "ace00001-5d9e-4f0a-8b1c-2d3e4f5a6b7c", PolicyPK: "1b3d9e7a-9f0c-4a5b-8c6d-8e9f0a1b2c3d", Name: "People", Slug: "HR_Flow", Title: "People", For: "enrollment",
		Background: "/static/hr.jpg", Stages: []string{}, Policies: []string{}, Engine: "any", Compatible: &no, ExportURL: "/api/v3/flows/instances/HR_Flow/export/",
		Layout: "stacked", Denied: "message", Who: "none",
	}
	at := func(s string) *string { return &s }
	none := map[string]any{}
	return []honestInvitation{
		{"5ead3096-7f1b-4c2e-9045-19c6dbeefc05", "beta", at("2030-03-01T14:00:00+02:00"), none, bob, true, nil, normal},
		{"2b7a1d63-4c8e-4f9b-8d12-e6f3a8b9c902", "alpha-1", at("2030-03-01T12:00:00Z"), map[string]any{"a": 1}, ada, false, &welcome.PK, welcome},
		{"70cf52b8-9132-4e40-9267-3be8fd001e07", "9-lives", at("2030-01-01T00:00:00Z"), none, bob, false, &people.PK, people},
		{"3c8b1e74-5d9f-4a0c-9e23-f7a4b9cada03", "alpha_1", nil, none, ada, true, nil, normal},
		{
			"1a6f0c52-3b7d-4e8a-9c01-d5e2f7a8b901", "Zeta_2", at("2031-01-01T00:00:00Z"),
			map[string]any{"a": 1, "needle": []any{true, nil, map[string]any{"b": "x"}}},
			admin, true, &welcome.PK, welcome,
		},
		{"6fbe41a7-8021-4d3f-8156-2ad7ecff0d06", "beta", at("2030-03-01T12:00:00.5Z"), none, admin, false, &normal.PK, normal},
		{"4d9c2f85-6e0a-4b1d-8f34-08b5caddeb04", "Alpha-1", at("2029-12-31T23:30:00-01:00"), none, admin, false, &people.PK, people},
	}
}

// honestList answers a list as the API is described, step by step and in the plainest way.
func honestList(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	param := func(name string) string { // the last one counts
		if values := query[name]; len(values) > 0 {
			return values[len(values)-1]
		}
		return ""
	}
	refused := map[string][]string{}

	size := 20
	if text := param("page_size"); text != "" {
		n, err := strconv.Atoi(text)
		switch {
		case err != nil:
			refused["page_size"] = []string{"A valid integer is required."}
		case n > 100:
			size = 100
		case n > 0:
			size = n
		}
	}
	number := 1
	if query.Has("page") {
		n, err := strconv.Atoi(param("page"))
		if number = n; err != nil || n < 1 {
			refused["page"] = []string{"Invalid page."}
		}
	}
	var moment time.Time
	if text := param("expires"); text != "" {
		var err error
		if moment, err = time.Parse(time.RFC3339, text); err != nil {
			refused["expires"] = []string{"Enter a valid date/time."}
		}
	}
	var words []string
	for _, part := range strings.Split(strings.ReplaceAll(param("search"), "\x00", ""), ",") {
		words = append(words, strings.Fields(part)...)
	}

	var found []honestInvitation
	for _, it := range honestData() {
		if name := param("name"); name != "" && it.Name != name {
			continue
		}
		if user := param("created_by__username"); user != "" && it.CreatedBy.Username != user {
			continue
		}
		if slug := param("flow__slug"); slug != "" && it.FlowObj.Slug != slug {
			continue
		}
		if !moment.IsZero() && (it.Expires == nil || !honestTime(*it.Expires).Equal(moment)) {
			continue
		}
		texts := []string{it.Name, it.CreatedBy.Username, it.FlowObj.Slug}
		if it.Expires != nil {
			texts = append(texts, *it.Expires)
		}
		fits := true
		for _, word := range words {
			somewhere := false
			for _, text := range texts {
				if strings.Contains(strings.ToUpper(text), strings.ToUpper(word)) {
					somewhere = true
				}
			}
			fits = fits && somewhere
		}
		if fits {
			found = append(found, it)
		}
	}

	var order []string
	for _, field := range strings.Split(param("ordering"), ",") {
		switch field = strings.TrimSpace(field); strings.TrimPrefix(field, "-") {
		case "pk", "name", "expires", "single_use", "flow":
			order = append(order, field)
		}
	}
	if len(order) == 0 {
		order = []string{"-expires"}
	}
	order = append(order, "pk")
	sort.Slice(found, func(i, j int) bool {
		for _, field := range order {
			if n := honestCompare(field, found[i], found[j]); n != 0 {
				return n < 0
			}
		}
		return false
	})

	count := len(found)
	last := 1
	if count > 0 {
		last = (count + size - 1) / size
	}
	if len(refused) == 0 && number > last {
		refused["page"] = []string{"Invalid page."}
	}
	if len(refused) > 0 {
		w.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(w).Encode(refused)
		return
	}
	start := (number - 1) * size
	end := start + size
	if end > count {
		end = count
	}
	pagination := map[string]int{"next": 0, "previous": number - 1, "count": count, "current": number, "total_pages": last, "start_index": 0, "end_index": end}
	if number < last {
		pagination["next"] = number + 1
	}
	if count > 0 {
		pagination["start_index"] = start + 1
	}
	results := append([]honestInvitation{}, found[start:end]...)
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"pagination": pagination, "results": results})
}

func honestTime(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t
}

// honestCompare compares two by one field, null last whichever way.
func honestCompare(field string, a, b honestInvitation) int {
	plain := strings.TrimPrefix(field, "-")
	n := 0
	switch plain {
	case "pk":
		n = strings.Compare(a.PK, b.PK)
	case "name":
		n = strings.Compare(a.Name, b.Name)
	case "single_use":
		if a.SingleUse && !b.SingleUse {
			n = 1
		} else if b.SingleUse && !a.SingleUse {
			n = -1
		}
	case "flow":
		n = strings.Compare(a.FlowObj.PK, b.FlowObj.PK)
	default:
		switch x, y := a.Expires, b.Expires; {
		case x == nil && y == nil:
			return 0
		case x == nil:
			return 1
		case y == nil:
			return -1
		default:
			n = honestTime(*x).Compare(honestTime(*y))
		}
	}
	if plain != field {
		n = -n
	}
	return n
}

// honestQueries are products of parameters: filters by search by order by page, and a few alone.
func honestQueries() []string {
	var out []string
	product := func(groups ...[]string) {
		queries := []string{""}
		for _, group := range groups {
			var next []string
			for _, q := range queries {
				for _, param := range group {
					next = append(next, strings.Trim(q+"&"+param, "&"))
				}
			}
			queries = next
		}
		out = append(out, queries...)
	}
	product( // 4 × 3 × 3 = 36
		[]string{"", "created_by__username=akadmin", "flow__slug=default-enrollment-flow", "name=beta"},
		[]string{"", "search=FLOW", "search=a+2030"},
		[]string{"ordering=name", "ordering=-expires", "page=2&page_size=2"})
	product( // 11 × 3 = 33
		[]string{
			"ordering=pk", "ordering=-pk", "ordering=name", "ordering=-name", "ordering=expires", "ordering=-expires", "ordering=single_use", "ordering=-single_use",
			"ordering=flow", "ordering=-flow", "ordering=flow__slug",
		},
		[]string{"", "page_size=3&page=2", "page_size=3&page=3"})
	product( // 5 × 5 = 25
		[]string{"ordering=single_use,", "ordering=-single_use,", "ordering=flow,", "ordering=-flow,", "ordering=bogus,"},
		[]string{"ignored", "search=_", "search=%25", "created_by__username=ada_l", "page=1&page_size=4"})
	for _, one := range []string{"single_use,name", "-single_use,-name", "flow,-expires", "-flow,expires", "expires,-name", "-expires,-pk", "name,-pk", "single_use,flow,-pk"} {
		product([]string{"ordering=" + one}, []string{"", "search=e", "page_size=5&page=2"}) // 8 × 3 = 24
	}
	product( // 4 × 3 = 12
		[]string{"expires=2030-03-01T12:00:00Z", "expires=2030-03-01T13:00:00%2B01:00", "expires=2030-01-01T00:30:00.0Z", "expires=2030-03-01T12:00:00.5Z"},
		[]string{"", "name=beta", "ordering=-pk&page_size=1"})
	product( // 14
		[]string{
			"search=alpha", "search=ALPHA-1", "search=alpha,ada", "search=,+,", "search=2030-03", "search=T12%3A00", "search=needle", "search=null", "search=be%00ta", "search=admin+welcome",
			"search=%2B", "search=@", "search=%5C", "search=t%C3%A9",
		})
	product( // 19
		[]string{
			"name=ALPHA-1", "name=", "name=beta&name=alpha_1", "name=nobody", "name=nobody&page=2", "flow__slug=welcome&flow__slug=", "flow__slug=hr_flow", "flow__slug=HR_Flow&name=9-lives",
			"created_by__username=bob%2Bci@example.com", "created_by__username=bob+ci@example.com", "unknown=1&single_use=true", "page=last", "page=0", "page=2", "page=", "page_size=x", "page_size=-3",
			"expires=foo&page=1", "expires=2024-01-01",
		})
	return out
}

// TestHonestServer asks the mock and the server above the same questions.
func TestHonestServer(t *testing.T) {
	honest := httptest.NewServer(http.HandlerFunc(honestList))
	t.Cleanup(honest.Close)
	witness, mock := &server{url: honest.URL}, serve(t, mockserver.Options{})
	queries := honestQueries()
	require.Len(t, queries, 163)
	statuses, answers := map[int]int{}, map[string]bool{}
	for i, query := range queries {
		t.Run(fmt.Sprintf("%03d %s", i, query), func(t *testing.T) {
			want, got := witness.send(t, http.MethodGet, "/?"+query, nil, ""), mock.get(t, all+"?"+query)
			statuses[want.status]++
			answers[want.body] = true
			require.Equal(t, want.status, got.status, got.body)
			if want.status == http.StatusOK {
				require.JSONEq(t, want.body, got.body)
			}
		})
	}
	require.Greater(t, statuses[http.StatusOK], 140, "questions that can tell")
	require.Greater(t, statuses[http.StatusBadRequest], 5)
	require.Greater(t, len(answers), 80, "different answers")
}
