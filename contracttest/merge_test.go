package contracttest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/contracttest"
)

// errands is a document with merge patches (RFC 7396), and with people who are sent by name and shown as records that no list has.
const errands = `
openapi: 3.0.3
info: {title: Errands, version: "1"}
paths:
  /errands:
    get:
      operationId: list
      responses:
        "200": {description: Errands., content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Errand"}}}}}
    post:
      operationId: create
      requestBody: {required: true, content: {application/json: {schema: {allOf: [{$ref: "#/components/schemas/Change"}, {required: [title]}]}}}}
      responses:
        "201": {description: Made., content: {application/json: {schema: {$ref: "#/components/schemas/Errand"}}}}
        "422": {description: Refused.}
  /errands/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      operationId: get
      responses:
        "200": {description: An errand., content: {application/json: {schema: {$ref: "#/components/schemas/Errand"}}}}
        "404": {description: None.}
    patch:
      operationId: patch
      requestBody: {required: true, content: {application/merge-patch+json: {schema: {$ref: "#/components/schemas/Change"}}}}
      responses:
        "200": {description: Changed., content: {application/json: {schema: {$ref: "#/components/schemas/Errand"}}}}
        "404": {description: None.}
        "422": {description: Refused.}
    delete:
      operationId: delete
      responses: {"204": {description: Gone.}, "404": {description: None.}}
components:
  schemas:
    Change:
      type: object
      properties:
        title: {type: string, minLength: 1, maxLength: 80}
        runner: {type: string, nullable: true}
        labels: {type: object, additionalProperties: {type: string, nullable: true}}
    Errand:
      type: object
      required: [id, title, runner, labels]
      properties:
        id: {type: integer, readOnly: true}
        title: {type: string}
        runner: {type: object, nullable: true, required: [login], properties: {login: {type: string}, id: {type: integer}}}
        labels: {type: object, additionalProperties: {type: string}}
`

// errandServer keeps that contract, but for one fault.
type errandServer struct {
	mu    sync.Mutex
	fault string
	last  int
	items []map[string]any
}

func (s *errandServer) make(title string) map[string]any {
	s.last++
	it := map[string]any{"id": s.last, "title": title, "runner": nil, "labels": map[string]any{}}
	s.items = append(s.items, it)
	return it
}

func (s *errandServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	send := func(status int, v any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(v)
	}
	at := slices.IndexFunc(s.items, func(it map[string]any) bool { return r.URL.Path == fmt.Sprint("/errands/", it["id"]) })
	reads := r.Method == http.MethodGet || r.Method == http.MethodHead
	switch {
	case r.URL.Path == "/errands" && reads:
		send(http.StatusOK, s.items)
	case r.URL.Path == "/errands" && r.Method == http.MethodPost:
		given, wrong := s.given(r)
		if title, _ := given["title"].(string); wrong != "" || title == "" {
			if wrong == "runner" && s.fault == "refused-but-made" {
				delete(given, "runner")
				s.apply(s.make("x"), given)
			}
			send(http.StatusUnprocessableEntity, map[string]string{"field": wrong})
			return
		}
		it := s.make("")
		s.apply(it, given)
		if s.fault == "runner-lost" {
			it["runner"] = nil
		}
		send(http.StatusCreated, it)
	case r.URL.Path == "/errands":
		w.Header().Set("Allow", "GET, HEAD, POST")
		w.WriteHeader(http.StatusMethodNotAllowed)
	case at < 0:
		w.WriteHeader(http.StatusNotFound)
	case reads:
		send(http.StatusOK, s.items[at])
	case r.Method == http.MethodPatch:
		given, wrong := s.given(r)
		if wrong != "" {
			send(http.StatusUnprocessableEntity, map[string]string{"field": wrong})
			return
		}
		s.apply(s.items[at], given)
		send(http.StatusOK, s.items[at])
	case r.Method == http.MethodDelete:
		s.items = slices.Delete(s.items, at, at+1)
		w.WriteHeader(http.StatusNoContent)
	default:
		w.Header().Set("Allow", "GET, HEAD, PATCH, DELETE")
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}

// given reads a body, and names a property that is wrong in it.
func (s *errandServer) given(r *http.Request) (given map[string]any, wrong string) {
	if json.NewDecoder(r.Body).Decode(&given) != nil || given == nil {
		return nil, "body"
	}
	if v, sent := given["title"]; sent {
		if title, ok := v.(string); !ok || title == "" || len([]rune(title)) > 80 {
			return given, "title"
		}
	}
	if v, sent := given["runner"]; sent && v != nil && v != "ana" && v != "bo" {
		return given, "runner"
	}
	if v, sent := given["labels"]; sent {
		labels, ok := v.(map[string]any)
		for _, label := range labels {
			if _, text := label.(string); !text && label != nil {
				ok = false
			}
		}
		if !ok {
			return given, "labels"
		}
	}
	return given, ""
}

func (s *errandServer) apply(it, given map[string]any) {
	if title, sent := given["title"]; sent {
		it["title"] = title
	}
	if runner, sent := given["runner"]; sent {
		if it["runner"] = nil; runner != nil {
			it["runner"] = map[string]any{"login": runner, "id": len(runner.(string))}
		}
	}
	given, sent := given["labels"].(map[string]any)
	if !sent {
		return
	}
	labels := map[string]any{}
	if old := it["labels"].(map[string]any); s.fault != "labels-replaced" {
		for name, label := range old {
			labels[name] = label
		}
	}
	for name, label := range given {
		if labels[name] = label; label == nil && s.fault == "null-kept" {
			labels[name] = ""
		} else if label == nil {
			delete(labels, name)
		}
	}
	it["labels"] = labels
}

// TestMergePatch: nothing is found on a server that merges, and each fault is.
func TestMergePatch(t *testing.T) {
	doc := openText(t, errands)
	for fault, rule := range map[string]string{
		"": "", "labels-replaced": "crud/update", "null-kept": "crud/update", "runner-lost": "crud/create-read", "refused-but-made": "crud/create-refused",
	} {
		t.Run(fault, func(t *testing.T) {
			sampled(t)
			s := &errandServer{fault: fault}
			for _, title := range []string{"Milk", "Letter to Zoë", "Shoes"} {
				s.apply(s.make(title), map[string]any{"runner": []any{"ana", "bo"}[s.last%2], "labels": map[string]any{"where": strings.ToLower(title)}})
			}
			r := check(t, doc, contracttest.Target{Handler: s, Writes: true})
			require.Empty(t, r.Leftovers)
			if fault == "" {
				require.Empty(t, r.Findings, text(r))
				return
			}
			require.Contains(t, rulesOf(r), rule, text(r))
		})
	}
}
