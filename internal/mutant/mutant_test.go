package mutant_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy"
	"understudy/internal/contract"
	"understudy/internal/mutant"
	"understudy/mockserver"
)

const (
	token  = "Token-of-7f3a"
	second = "Second-9b1c"
)

// shipped gives the places of the shipped contract, and what makes a fresh mock of it.
func shipped(t *testing.T) ([]*mutant.Place, func() http.Handler) {
	t.Helper()
	doc, err := understudy.Invitations()
	require.NoError(t, err)
	first, err := mockserver.New(doc, nil)
	require.NoError(t, err)
	places := mutant.Places(doc)
	for _, p := range places {
		p.Token, p.Second = token, second
	}
	return places, func() http.Handler {
		mock, err := mockserver.New(doc, &mockserver.Options{Data: first.Data(), Tokens: map[string]string{token: "", second: ""}})
		require.NoError(t, err)
		return mock
	}
}

// TestMutantsChangeOnlyWhatTheyName: of a fixed set of requests, an honest and a broken server answer those that the mutant does not name with the same bytes,
// and at least one of the others differently, or the mutant does not apply.
func TestMutantsChangeOnlyWhatTheyName(t *testing.T) {
	places, mock := shipped(t)
	applied := 0
	for _, p := range places {
		probes := mutant.Probes(p, mock())
		require.Greater(t, len(probes), 20)
		honest, _ := mutant.Ask(p, probes, mock())
		again, _ := mutant.Ask(p, probes, mock())
		require.Equal(t, honest, again, "the honest server is the same every time")
		for i, m := range mutant.All() {
			if raced && i%10 != 0 {
				continue
			}
			broken := m.Wrap(p, mock())
			if broken == nil {
				continue
			}
			answers, _ := mutant.Ask(p, probes, broken)
			changed := mutant.Differing(probes, honest, again, answers)
			if len(changed) > 0 {
				applied++
			}
			for _, label := range changed {
				require.True(t, m.Names(label), "%s changes %s at %s, which it does not name", m.ID, label, p.Name)
			}
		}
	}
	if !raced {
		require.Greater(t, applied, 200)
	}
}

// TestMutantsAreRight: each has a name of its own, a sentence, a rule that there is, and is in the order of the rules.
func TestMutantsAreRight(t *testing.T) {
	var rules, ids []string
	for _, r := range contract.Rules() {
		rules = append(rules, r.ID)
	}
	last := 0
	for _, m := range mutant.All() {
		require.Contains(t, rules, m.Rule, m.ID)
		require.NotContains(t, ids, m.ID)
		require.Regexp(t, `^[A-Z0-9].*\.$`, m.Sentence, m.ID)
		require.NotEmpty(t, m.Changes, m.ID)
		require.LessOrEqual(t, last, slices.Index(rules, m.Rule), m.ID)
		last, ids = slices.Index(rules, m.Rule), append(ids, m.ID)
	}
	for _, r := range rules {
		require.True(t, slices.ContainsFunc(mutant.All(), func(m mutant.Mutant) bool { return m.Rule == r }), "no mutant breaks %s", r)
	}
}

// TestForms: operations that take something else than JSON are in nobody's way.
func TestForms(t *testing.T) {
	doc, err := contract.Load(t.Context(), "notes.yaml", []byte(`
openapi: 3.0.3
info: {title: Notes, version: "1"}
paths:
  /notes:
    get:
      operationId: notes
      responses: {"200": {description: all, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Note"}}}}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}
      responses: {"201": {description: made, content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}}
  /notes/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {description: one, content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}}}
    put:
      requestBody: {content: {multipart/form-data: {schema: {$ref: "#/components/schemas/Note"}}}}
      responses: {"200": {description: one, content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}}
    patch: {responses: {"200": {description: one, content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}}}
components: {schemas: {Note: {type: object, required: [id, name], properties: {id: {type: integer, readOnly: true}, name: {type: string}}}}}
`))
	require.NoError(t, err)
	mock, err := mockserver.New(doc, nil)
	require.NoError(t, err)
	for _, p := range mutant.Places(doc) {
		probes := mutant.Probes(p, mock)
		require.NotEmpty(t, probes)
		for _, m := range mutant.All() {
			if broken := m.Wrap(p, mock); broken != nil {
				mutant.Ask(p, probes, broken)
			}
		}
	}
}

// TestBehindAProxy: a mutant stands around a foreign server as it does around the mock.
func TestBehindAProxy(t *testing.T) {
	places, mock := shipped(t)
	foreign := httptest.NewServer(mock())
	t.Cleanup(foreign.Close)
	to, err := url.Parse(foreign.URL)
	require.NoError(t, err)
	proxy := httputil.NewSingleHostReverseProxy(to)
	i := slices.IndexFunc(mutant.All(), func(m mutant.Mutant) bool { return m.ID == "border-drops" })
	m := mutant.All()[i]
	server := m.Wrap(places[0], proxy)
	get := func(h http.Handler, page string) string {
		r := httptest.NewRequest(http.MethodGet, "/api/v3/stages/invitation/invitations/?page_size=3&page="+page, nil)
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		require.Equal(t, http.StatusOK, w.Code)
		return w.Body.String()
	}
	require.Equal(t, get(proxy, "1"), get(server, "1"))
	require.Less(t, len(get(server, "2")), len(get(proxy, "2"))-100, "an item is gone")
}
