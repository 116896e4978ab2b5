package mockserver_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/stretchr/testify/require"
)

// validAnswer is a real answer, and what is to be spoilt in it.
type validAnswer struct {
	validCase
	req    *http.Request
	status int
	header http.Header
	body   []byte
}

// object has both judges look at an answer whose body was changed, and gives what each says.
func (r *validRun) object(a validAnswer, body []byte) (kin, schema error) {
	return r.kin(a.req, a.status, a.header, body), r.schema(a.path, a.method, a.status, body)
}

// validRequired lists the paths of all required properties of a schema, those of the schemas inside it included; items are looked at in the first.
func validRequired(ref *openapi3.SchemaRef, at []string) (out [][]string) {
	s := ref.Value
	for _, name := range s.Required {
		out = append(out, append(slices.Clone(at), name))
	}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		out = append(out, validRequired(s.Properties[name], append(slices.Clone(at), name))...)
	}
	if s.Items != nil {
		out = append(out, validRequired(s.Items, append(slices.Clone(at), "0"))...)
	}
	for _, part := range s.AllOf {
		out = append(out, validRequired(part, at)...)
	}
	return out
}

// validChange gives a JSON text with another value at a path; without the property there, if value is absent.
func validChange(t *testing.T, body []byte, path []string, value any) []byte {
	t.Helper()
	var tree any
	require.NoError(t, json.Unmarshal(body, &tree))
	node := tree
	for i, step := range path {
		last := i == len(path)-1
		switch n := node.(type) {
		case map[string]any:
			require.Contains(t, n, step, "%v is not in %s", path, body)
			if node = n[step]; last && value == validAbsent {
				delete(n, step)
			} else if last {
				n[step] = value
			}
		case []any:
			require.Equal(t, "0", step)
			require.NotEmpty(t, n, "nothing at %v in %s", path, body)
			if node = n[0]; last {
				n[0] = value
			}
		default:
			require.Fail(t, "no such place", "%v in %s", path, body)
		}
	}
	out, err := json.Marshal(tree)
	require.NoError(t, err)
	return out
}

var validAbsent = new(struct{ _ int })

// answers gives a real answer of each operation, and its refusal of who has no credentials.
func (r *validRun) answers() []validAnswer {
	r.t.Helper()
	id := r.keys()[0]
	var out []validAnswer
	add := func(method, path, target, body string, status int) {
		h := validHeader("Content-Type", "application/json")
		for _, c := range []validCase{
			{method: method, path: path, target: target, header: h, body: body, must: status},
			{method: method, path: path, target: target, header: http.Header{}, body: body, must: http.StatusForbidden},
		} {
			req, res, answer := r.send(c)
			require.Equal(r.t, c.must, res.StatusCode, "%s\n%s", c, answer)
			if path == validUsed && c.must == http.StatusOK { // the list is always empty; what it would hold is written by hand
				require.JSONEq(r.t, "[]", string(answer))
				answer = []byte(`[{"app":"authentik_flows","model_name":"flow","pk":"1","name":"a flow","action":"set_null"}]`)
			}
			if len(answer) > 0 {
				out = append(out, validAnswer{c, req, res.StatusCode, res.Header, answer})
			}
		}
	}
	// The first of this list has a creator who logged in, and a flow with stages.
	add("GET", validList, "/api/v3"+validList+"?name=contractors-q3-berlin", "", 200)
	add("POST", validList, "/api/v3"+validList, `{"name":"a","expires":"2026-03-01T12:00:00Z"}`, 201)
	add("GET", validItem, validTarget(validItem, id), "", 200)
	add("PUT", validItem, validTarget(validItem, id), `{"name":"a","expires":"2026-03-01T12:00:00Z"}`, 200)
	add("PATCH", validItem, validTarget(validItem, id), `{"name":"b"}`, 200)
	add("GET", validUsed, validTarget(validUsed, id), "", 200)
	add("DELETE", validItem, validTarget(validItem, id), "", 204)
	return out
}

// The judges must be seen to object, or their silence above says nothing.
func TestValidJudgesSeeWhatIsMissing(t *testing.T) {
	r := newValidRun(t)
	taken := map[string][]string{} // operation and status: what was taken out
	for _, a := range r.answers() {
		kin, schema := r.object(a, a.body)
		require.NoError(t, kin, a.validCase)
		require.NoError(t, schema, a.validCase)
		response := r.operation(a.path, a.method).Responses.Status(a.status).Value
		for _, path := range validRequired(response.Content["application/json"].Schema, nil) {
			kin, schema := r.object(a, validChange(t, a.body, path, validAbsent))
			require.Error(t, kin, "%s %d without %v", a.validCase, a.status, path)
			require.Error(t, schema, "%s %d without %v", a.validCase, a.status, path)
			require.ErrorContains(t, kin, path[len(path)-1])
			require.ErrorContains(t, schema, path[len(path)-1])
			key := fmt.Sprintf("%s %s %d", a.method, a.path, a.status)
			taken[key] = append(taken[key], strings.Join(path, "."))
		}
	}
	user := []string{"created_by.name", "created_by.pk", "created_by.uid", "created_by.username"}
	flow := []string{
		"flow_obj.background", "flow_obj.cache_count", "flow_obj.designation", "flow_obj.export_url", "flow_obj.name", "flow_obj.pk", "flow_obj.policies",
		"flow_obj.policybindingmodel_ptr_id", "flow_obj.slug", "flow_obj.stages", "flow_obj.title",
	}
	invitation := slices.Concat([]string{"created_by", "flow_obj", "name", "pk"}, user, flow)
	list := []string{
		"pagination", "results", "pagination.next", "pagination.previous", "pagination.count", "pagination.current", "pagination.total_pages",
		"pagination.start_index", "pagination.end_index",
	}
	for _, name := range invitation {
		list = append(list, "results.0."+name)
	}
	want := map[string][]string{
		"GET " + validList + " 200":   list,
		"POST " + validList + " 201":  invitation,
		"GET " + validItem + " 200":   invitation,
		"PUT " + validItem + " 200":   invitation,
		"PATCH " + validItem + " 200": invitation,
		"GET " + validUsed + " 200":   {"0.action", "0.app", "0.model_name", "0.name", "0.pk"},
	}
	for _, op := range []string{"GET " + validList, "POST " + validList, "GET " + validItem, "PUT " + validItem, "PATCH " + validItem, "DELETE " + validItem, "GET " + validUsed} {
		want[op+" 403"] = []string{"detail"}
	}
	require.Len(t, taken, len(want))
	for key, paths := range want {
		require.ElementsMatch(t, paths, taken[key], key)
	}
}

func TestValidJudgesSeeWhatIsWrong(t *testing.T) {
	r := newValidRun(t)
	a := r.answers()[0]
	require.Equal(t, validList, a.path)
	long := strings.Repeat("x", 51)
	for _, c := range []struct {
		path string
		bad  any
	}{
		{"results.0.pk", "not-a-uuid"},
		{"results.0.pk", "3fa85f64-5717-4562-b3fc-2c963f66afaz"},
		{"results.0.pk", nil},
		{"results.0.pk", 1},
		{"results.0.flow", "default-enrollment-flow"},
		{"results.0.flow_obj.pk", "x"},
		{"results.0.flow_obj.policybindingmodel_ptr_id", "x"},
		{"results.0.flow_obj.stages.0", "x"},
		{"results.0.flow_obj.stages", nil},
		{"results.0.created_by.email", "nobody"},
		{"results.0.created_by.email", "a b@example.com"},
		{"results.0.created_by.email", nil},
		{"results.0.expires", "yesterday"},
		{"results.0.expires", "2026-02-31T00:00:00Z"},
		{"results.0.expires", "2026-01-29"},
		{"results.0.expires", 5},
		{"results.0.created_by.last_login", "never"},
		{"results.0.created_by.last_login", "2026-01-15 00:00:00"},
		{"results.0.name", nil},
		{"results.0.name", ""},
		{"results.0.name", "with space"},
		{"results.0.name", long},
		{"results.0.single_use", nil},
		{"results.0.single_use", "false"},
		{"results.0.fixed_data", nil},
		{"results.0.fixed_data", []any{}},
		{"results.0.created_by", nil},
		{"results.0.created_by.pk", "1"},
		{"results.0.created_by.pk", 1.5},
		{"results.0.created_by.username", "a b"},
		{"results.0.flow_obj", nil},
		{"results.0.flow_obj.designation", "nope"},
		{"results.0.flow_obj.slug", long},
		{"results.0.flow_obj.cache_count", nil},
		{"results.0", nil},
		{"results", map[string]any{}},
		{"results", nil},
		{"pagination", []any{}},
		{"pagination.count", "1"},
		{"pagination.next", nil},
	} {
		kin, schema := r.object(a, validChange(t, a.body, strings.Split(c.path, "."), c.bad))
		require.Error(t, kin, "%s is %v", c.path, c.bad)
		require.Error(t, schema, "%s is %v", c.path, c.bad)
	}
	for _, c := range []struct {
		path string
		good any
	}{
		{"results.0.expires", nil},
		{"results.0.flow", nil},
		{"results.0.created_by.last_login", nil},
		{"results", []any{}},
		{"results.0.fixed_data", map[string]any{"a": nil}},
		{"results.0.pk", strings.ToUpper(validUnknown)},
		{"results.0.expires", "2026-03-01T12:00:00.5+01:00"},
		{"pagination.count", 1.5},
	} {
		kin, schema := r.object(a, validChange(t, a.body, strings.Split(c.path, "."), c.good))
		require.NoError(t, kin, "%s is %v", c.path, c.good)
		require.NoError(t, schema, "%s is %v", c.path, c.good)
	}

	// Undocumented statuses and media types do not pass either.
	require.Error(t, r.kin(a.req, 404, a.header, []byte(`{"detail":"Not found."}`)))
	require.Error(t, r.kin(a.req, 200, http.Header{"Content-Type": {"text/html"}}, a.body))
	require.Error(t, r.kin(a.req, 200, a.header, []byte(`{`)))

	// Without its formats the first judge sees no difference: it is they that are at work above.
	blind := *r.validJudges
	blind.options = &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true}
	for _, path := range []string{"results.0.pk", "results.0.created_by.email"} {
		spoilt := validChange(t, a.body, strings.Split(path, "."), "nobody")
		require.NoError(t, blind.kin(a.req, a.status, a.header, spoilt))
		require.Error(t, r.kin(a.req, a.status, a.header, spoilt))
	}
	require.Empty(t, cmp.Or(openapi3.SchemaStringFormats["uuid"], nil), "somebody registered a format globally")
}
