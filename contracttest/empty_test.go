package contracttest_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy"
	"understudy/contracttest"
	"understudy/contracttest/honest"
)

// checkEmpty checks a server written by hand that nobody has used before.
func checkEmpty(t testing.TB, doc *understudy.Document, style string, seed uint64, fault string, include ...string) *contracttest.Report {
	t.Helper()
	s := honest.NewEmpty(style, seed, fault)
	r, err := contracttest.Check(t.Context(), doc, contracttest.Target{
		Handler: s.Handler, Token: s.Token, Second: map[string]string{"": s.SecondToken}, Writes: true, Seed: seed, Include: include,
	})
	require.NoError(t, err)
	return r
}

// TestEmptyStore: where nothing is there yet, what a create needs is created first, so that all rules of writing are kept, and everything is taken away again.
func TestEmptyStore(t *testing.T) {
	creates := map[string][]string{ // each needs a record of a list that is empty
		"django": {"projects_tasks_create"},
		"offset": {"createProduct"},
		"cursor": {"create_invoice"},
	}
	for _, style := range honest.Styles() {
		doc := openStyle(t, style)
		for seed := range max(seeds(t)/5, firstRaced) { // what differs from TestHonest is the beginning alone
			t.Run(fmt.Sprintf("%s/%d", style, seed), func(t *testing.T) {
				sampled(t)
				t.Parallel()
				r := checkEmpty(t, doc, style, seed, "")
				require.Empty(t, r.Findings, "%s", text(r))
				require.Empty(t, r.Leftovers)
				require.Empty(t, r.Stopped)
				for _, create := range creates[style] {
					for _, rule := range []string{"crud/create-read", "crud/create-list", "crud/create-answer"} {
						require.Equal(t, []contracttest.Verdict{contracttest.Kept}, slices.Compact(verdicts(r, create, rule)), "%s %s: %s", create, rule, text(r))
					}
				}
			})
		}
	}
}

// verdicts are those of the cases of one rule on one operation.
func verdicts(r *contracttest.Report, operation, rule string) []contracttest.Verdict {
	var out []contracttest.Verdict
	for _, c := range r.Cases {
		if c.Operation == operation && c.Rule == rule {
			out = append(out, c.Verdict)
		}
	}
	return out
}

// TestEmptyStoreFaults: what is wrong with writes is seen there, too.
func TestEmptyStoreFaults(t *testing.T) {
	skipRaced(t)
	for _, style := range honest.Styles() {
		doc := openStyle(t, style)
		for _, f := range honest.Faults(style) {
			if !strings.HasPrefix(f.Rule, "crud/") || untold[f.ID] != "" || slices.Contains([]string{"put-renumbers", "task-says-first", "create-pushes-out"}, f.ID) { // that a number is the item's own, several items show; and there is one project only, or none before it
				continue
			}
			t.Run(style+"/"+f.ID, func(t *testing.T) {
				t.Parallel()
				var told []string
				for _, seed := range []uint64{3, 8} {
					if told = append(told, rulesOf(checkEmpty(t, doc, style, seed, f.ID, "crud/*"))...); slices.Contains(told, f.Rule) {
						return
					}
				}
				require.Contains(t, told, f.Rule, f.Sentence)
			})
		}
	}
}

// TestCircle: two kinds of records that need each other are not created, and that is said.
func TestCircle(t *testing.T) {
	list := func(one, other string) string {
		return strings.NewReplacer("ONE", one, "OTHER", other).Replace(`
  /ONEs:
    get:
      operationId: listONEs
      responses: {"200": {description: All., content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/ONE"}}}}}}
    post:
      operationId: createONE
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/ONE"}}}}
      responses: {"201": {description: It., content: {application/json: {schema: {$ref: "#/components/schemas/ONE"}}}}, default: {description: Refused.}}
  /ONEs/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      operationId: getONE
      responses: {"200": {description: It., content: {application/json: {schema: {$ref: "#/components/schemas/ONE"}}}}, default: {description: Refused.}}
    delete:
      operationId: deleteONE
      responses: {"204": {description: Gone.}, default: {description: Refused.}}`)
	}
	schema := func(one, other string) string {
		return fmt.Sprintf(`
    %s: {type: object, required: [%s_id, name], properties: {id: {type: integer, readOnly: true}, name: {type: string}, %s_id: {type: integer}}}`, one, other, other)
	}
	doc := openText(t, `openapi: 3.0.3
info: {title: Hens and eggs, version: "1"}
paths:`+list("hen", "egg")+list("egg", "hen")+`
components:
  schemas:`+schema("hen", "egg")+schema("egg", "hen")+"\n")
	posts := 0
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch r.Method {
		case http.MethodGet, http.MethodHead:
			fmt.Fprint(w, "[]")
			return
		case http.MethodPost:
			posts++
		}
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, "{}")
	})
	r := check(t, doc, contracttest.Target{Handler: handler, Writes: true, Include: []string{"crud/*"}, Workers: 1})
	require.Zero(t, posts, "what cannot be made is not tried")
	require.Empty(t, r.Leftovers)
	why := ""
	for _, c := range r.Cases {
		if c.Operation == "createhen" && c.Rule == "crud/create-read" {
			why = c.Reason
		}
	}
	require.Equal(t, "egg_id has to name a record, and there is none: /eggs is empty: hen_id has to name a record, and there is none: /hens is empty: an item of /eggs needs one of /hens first, and the other way round", why)
}
