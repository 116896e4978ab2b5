package mockserver_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"understudy/fixtures"
	"understudy/mockserver"
)

// validCase is one request, and what may come of it.
type validCase struct {
	method string
	path   string // template; "" if the document has no such path
	target string // with the query
	header http.Header
	body   string
	may    []int // statuses beside the documented ones
	must   int   // the only status that will do; 0: any
}

func (c validCase) String() string {
	return fmt.Sprintf("%s %s %v %.200q", c.method, c.target, c.header, c.body)
}

// validRun sends requests to one server and judges the answers.
type validRun struct {
	*validJudges
	t         *testing.T
	server    *httptest.Server
	exchanges int
	succeeded map[string]bool // operationId
	seen      map[int]int     // how often each status came
}

const (
	validAkadmin = "t0ken"
	validLea     = "s3cret"
)

func newValidRun(t *testing.T) *validRun {
	t.Helper()
	mock := newMock(t, mockserver.Options{
		Data: shipped(t, fixtures.Options{}), MaxBody: validMaxBody, Tokens: map[string]string{validAkadmin: "", validLea: "lea.marchand"},
	})
	server := httptest.NewServer(mock)
	t.Cleanup(server.Close)
	return &validRun{validJudges: newValidJudges(t), t: t, server: server, succeeded: map[string]bool{}, seen: map[int]int{}}
}

// send makes the exchange, without a judgement.
func (r *validRun) send(c validCase) (*http.Request, *http.Response, []byte) {
	r.t.Helper()
	var body io.Reader
	if c.body != "" {
		body = strings.NewReader(c.body)
	}
	req, err := http.NewRequestWithContext(r.t.Context(), c.method, r.server.URL+c.target, body)
	require.NoError(r.t, err, c)
	req.Header = c.header.Clone()
	if _, ok := req.Header["User-Agent"]; !ok {
		req.Header.Set("User-Agent", "valid_test")
	}
	res, err := r.server.Client().Do(req)
	require.NoError(r.t, err, c)
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	require.NoError(r.t, err, c)
	return req, res, answer
}

// check makes the exchange and has both judges look at the answer.
func (r *validRun) check(c validCase) []byte {
	r.t.Helper()
	req, res, body := r.send(c)
	r.exchanges++
	r.seen[res.StatusCode]++
	if c.must != 0 {
		require.Equal(r.t, c.must, res.StatusCode, "%s\n%s", c, body)
	}
	op := r.operation(c.path, c.method)
	if c.method == http.MethodHead {
		require.Empty(r.t, body, c)
	}
	if op == nil || op.Responses.Status(res.StatusCode) == nil {
		require.Contains(r.t, c.may, res.StatusCode, "undocumented: %s\n%s", c, body)
		if res.StatusCode == http.StatusMethodNotAllowed {
			require.NotEmpty(r.t, res.Header.Get("Allow"), c)
		}
		if c.method != http.MethodHead && res.StatusCode >= 400 { // in the shape that the document has for a sentence
			require.Equal(r.t, "application/json", res.Header.Get("Content-Type"), c)
			require.NoError(r.t, r.judge("/components/schemas/GenericError", body), "%s\n%s", c, body)
			var value any
			require.NoError(r.t, json.Unmarshal(body, &value), c)
			require.NoError(r.t, r.api.Components.Schemas["GenericError"].Value.VisitJSON(value, openapi3.VisitAsResponse()), c)
		}
		return body
	}
	if res.StatusCode/100 == 2 {
		r.succeeded[op.OperationID] = true
	}
	if c.method == http.MethodHead {
		return body
	}
	if len(op.Responses.Status(res.StatusCode).Value.Content) == 0 {
		require.Empty(r.t, body, c)
		return body
	}
	require.Equal(r.t, "application/json", res.Header.Get("Content-Type"), c)
	require.NoError(r.t, r.kin(req, res.StatusCode, res.Header, body), "%s\n%d %s", c, res.StatusCode, body)
	require.NoError(r.t, r.schema(c.path, c.method, res.StatusCode, body), "%s\n%d %s", c, res.StatusCode, body)
	return body
}

// group runs a part of the test by itself, so that what fails in it hides nothing of the others.
func (r *validRun) group(name string, f func()) {
	outer := r.t
	outer.Run(name, func(t *testing.T) {
		r.t = t
		f()
	})
	r.t = outer
}

func validHeader(pairs ...string) http.Header {
	h := http.Header{"Authorization": {"Bearer " + validAkadmin}}
	for i := 0; i < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}

func validWith(h http.Header, name, value string) http.Header {
	h = h.Clone()
	h.Set(name, value)
	return h
}

// keys gives the keys of all invitations.
func (r *validRun) keys() []string {
	r.t.Helper()
	var keys []string
	for page := 1; page > 0; {
		body := r.check(validCase{
			method: "GET", path: validList, target: fmt.Sprintf("/api/v3%s?ordering=pk&page_size=100&page=%d", validList, page),
			header: validHeader(), must: 200,
		})
		var answer struct {
			Pagination struct{ Next int }
			Results    []struct{ PK string }
		}
		require.NoError(r.t, json.Unmarshal(body, &answer))
		for _, it := range answer.Results {
			keys = append(keys, it.PK)
		}
		page = answer.Pagination.Next
	}
	return keys
}

func validTarget(path, id string) string {
	return "/api/v3" + strings.ReplaceAll(path, "{invite_uuid}", id)
}

const validUnknown = "00000000-0000-4000-8000-000000000000"
