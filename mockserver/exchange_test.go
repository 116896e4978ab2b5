package mockserver_test

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"understudy"
	"understudy/fixtures"
	"understudy/mockserver"
)

// The data of these tests: three users, three flows, seven invitations. Each invitation is called by the first digit of its key, which is also the order of the
// keys; the order of the file is another.
//
//	   name      expires                    that is            created_by          single_use  flow
//	1  Zeta_2    2031-01-01T00:00:00Z                          akadmin             true        welcome
//	2  alpha-1   2030-03-01T12:00:00Z                          ada_l               false       welcome
//	3  alpha_1   null                                          ada_l               true        null
//	4  Alpha-1   2029-12-31T23:30:00-01:00  2030-01-01 00:30   akadmin             false       HR_Flow
//	5  beta      2030-03-01T14:00:00+02:00  2030-03-01 12:00   bob+ci@example.com  true        null
//	6  beta      2030-03-01T12:00:00.5Z                        akadmin             false       default-enrollment-flow
//	7  9-lives   2030-01-01T00:00:00Z                          bob+ci@example.com  false       HR_Flow
//
// 2 and 5 expire at the same moment, half a second before 6; 4 expires after 7, though its text comes first. By their keys the flows are HR_Flow,
// default-enrollment-flow, welcome.
const (
	users = `
by: username
records:
  - pk: 11
    username: akadmin
    name: authentik Default Admin
    is_active: true
    last_login: "2029-11-22T09:30:00Z"
    email: akadmin@example.com
    attributes: {settings: {locale: en}}
    uid: 6bfe2b7c0f6b9ad0a3d9f47bbd1f1f0f7d1c5a6de2f1c6a5b4e3d2c1b0a99887
  - pk: 5
    username: ada_l
    name: Ada Lovelace
    uid: 0c1d2e3f405162738495a6b7c8d9eaf00c1d2e3f405162738495a6b7c8d9eaf0
  - pk: 8
    username: bob+ci@example.com
    name: Bob
    last_login: null
    attributes: {}
    uid: ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100
`
	flows = `
by: slug
records:
  - pk: c0de0003-7f1a-4b2c-8d3e-4f5a6b7c8d9e
    policybindingmodel_ptr_id: 3d5f0a9c-1b2e-4c7d-9e8f-0a1b2c3d4e5f
    name: Welcome, needle
    slug: welcome
    title: Welcome!
    designation: enrollment
    background: /static/dist/assets/images/flow_background.jpg
    stages: [5e0c9a1b-2d3f-4a5b-8c6d-7e8f9a0b1c2d]
    policies: []
    cache_count: 2
    export_url: /api/v3/flows/instances/welcome/export/
  - pk: bead0002-6e0f-4a1b-8c2d-3e4f5a6b7c8d
    policybindingmodel_ptr_id: 2c4e0f8b-0a1d-4b6c-8d7e-9f0a1b2c3d4e
    name: Default enrollment flow
    slug: default-enrollment-flow
    title: Sign up
    designation: enrollment
    background: /static/dist/assets/images/flow_background.jpg
    stages: []
    policies: []
    cache_count: 0
    export_url: /api/v3/flows/instances/default-enrollment-flow/export/
  - pk: ace00001-5d9e-4f0a-8b1c-2d3e4f5a6b7c
    policybindingmodel_ptr_id: 1b3d9e7a-9f0c-4a5b-8c6d-8e9f0a1b2c3d
    name: People
    slug: HR_Flow
    title: People
    designation: enrollment
    background: /static/hr.jpg
    stages: []
    policies: []
    cache_count: 0
    policy_engine_mode: any
    compatibility_mode: false
    export_url: /api/v3/flows/instances/HR_Flow/export/
    layout: stacked
    denied_action: message
    authentication: none
`
	invitations = `
records:
  - {pk: 4d9c2f85-6e0a-4b1d-8f34-08b5caddeb04, name: Alpha-1, expires: "2029-12-31T23:30:00-01:00", fixed_data: {}, created_by: akadmin, single_use: false, flow: HR_Flow}
  - {pk: 1a6f0c52-3b7d-4e8a-9c01-d5e2f7a8b901, name: Zeta_2, expires: "2031-01-01T00:00:00Z", fixed_data: {a: 1, needle: [true, null, {b: "x"}]}, created_by: akadmin, single_use: true, flow: welcome}
  - {pk: 6fbe41a7-8021-4d3f-8156-2ad7ecff0d06, name: beta, expires: "2030-03-01T12:00:00.5Z", fixed_data: {}, created_by: akadmin, single_use: false, flow: default-enrollment-flow}
  - {pk: 2b7a1d63-4c8e-4f9b-8d12-e6f3a8b9c902, name: alpha-1, expires: "2030-03-01T12:00:00Z", fixed_data: {a: 1}, created_by: ada_l, single_use: false, flow: welcome}
  - {pk: 70cf52b8-9132-4e40-9267-3be8fd001e07, name: 9-lives, expires: "2030-01-01T00:00:00Z", fixed_data: {}, created_by: bob+ci@example.com, single_use: false, flow: HR_Flow}
  - {pk: 3c8b1e74-5d9f-4a0c-9e23-f7a4b9cada03, name: alpha_1, expires: null, fixed_data: {}, created_by: ada_l, single_use: true, flow: null}
  - {pk: 5ead3096-7f1b-4c2e-9045-19c6dbeefc05, name: beta, expires: "2030-03-01T14:00:00+02:00", fixed_data: {}, created_by: bob+ci@example.com, single_use: true, flow: null}
`
)

// Where things are.
const (
	base   = "/api/v3"
	all    = "/stages/invitation/invitations/"
	first  = all + "1a6f0c52-3b7d-4e8a-9c01-d5e2f7a8b901/"
	second = all + "2b7a1d63-4c8e-4f9b-8d12-e6f3a8b9c902/"
	third  = all + "3c8b1e74-5d9f-4a0c-9e23-f7a4b9cada03/"
	last   = all + "70cf52b8-9132-4e40-9267-3be8fd001e07/"
	nobody = all + "99999999-9999-4999-8999-999999999999/"
)

// The embedded records as answers have them, properties in the document's order.
const (
	akadmin = `{"pk":11,"username":"akadmin","name":"authentik Default Admin","is_active":true,"last_login":"2029-11-22T09:30:00Z","email":"akadmin@example.com",` +
		`"attributes":{"settings":{"locale":"en"}},"uid":"6bfe2b7c0f6b9ad0a3d9f47bbd1f1f0f7d1c5a6de2f1c6a5b4e3d2c1b0a99887"}`
	ada = `{"pk":5,"username":"ada_l","name":"Ada Lovelace","uid":"0c1d2e3f405162738495a6b7c8d9eaf00c1d2e3f405162738495a6b7c8d9eaf0"}`
	bob = `{"pk":8,"username":"bob+ci@example.com","name":"Bob","last_login":null,"attributes":{},"uid":"ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100"}`

	welcome = `{"pk":"c0de0003-7f1a-4b2c-8d3e-4f5a6b7c8d9e","policybindingmodel_ptr_id":"3d5f0a9c-1b2e-4c7d-9e8f-0a1b2c3d4e5f","name":"Welcome, needle","slug":"welcome",` +
		`"title":"Welcome!","designation":"enrollment","background":"/static/dist/assets/images/flow_background.jpg","stages":["5e0c9a1b-2d3f-4a5b-8c6d-7e8f9a0b1c2d"],` +
		`"policies":[],"cache_count":2,"export_url":"/api/v3/flows/instances/welcome/export/"}`
	enrollment = `{"pk":"bead0002-6e0f-4a1b-8c2d-3e4f5a6b7c8d","policybindingmodel_ptr_id":"2c4e0f8b-0a1d-4b6c-8d7e-9f0a1b2c3d4e","name":"Default enrollment flow",` +
		`"slug":"default-enrollment-flow","title":"Sign up","designation":"enrollment","background":"/static/dist/assets/images/flow_background.jpg","stages":[],` +
		`"policies":[],"cache_count":0,"export_url":"/api/v3/flows/instances/default-enrollment-flow/export/"}`
	hrFlow = `{"pk":"ace00001-5d9e-4f0a-8b1c-2d3e4f5a6b7c","policybindingmodel_ptr_id":"1b3d9e7a-9f0c-4a5b-8c6d-8e9f0a1b2c3d","name":"People","slug":"HR_Flow",` +
		`"title":"People","designation":"enrollment","background":"/static/hr.jpg","stages":[],"policies":[],"cache_count":0,"policy_engine_mode":"any",` +
		`"compatibility_mode":false,"export_url":"/api/v3/flows/instances/HR_Flow/export/","layout":"stacked","denied_action":"message","authentication":"none"}`
)

// What authentik says, without what understudy adds.
const (
	slugRule = `Enter a valid \"slug\" consisting of letters, numbers, underscores or hyphens.`
	dateRule = `Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].`
	notFound = `{"detail":"Not found."}`
)

var document = sync.OnceValues(understudy.Invitations)

// load makes the data of the tests, with other invitations than the seven if some are given.
func load(t *testing.T, other ...string) *fixtures.Data {
	t.Helper()
	doc, err := document()
	require.NoError(t, err)
	records := invitations
	if len(other) > 0 {
		records = other[0]
	}
	var files fs.FS = fstest.MapFS{
		"users.yaml": {Data: []byte(users)}, "flows.yaml": {Data: []byte(flows)}, "invitations.yaml": {Data: []byte(records)},
	}
	data, err := fixtures.Load(doc, &fixtures.Options{FS: files, Now: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)})
	require.NoError(t, err)
	return data
}

// server is a mock on a real socket.
type server struct {
	url  string
	mock *mockserver.Server
}

// newMock makes a mock of the data above unless the options bring their own.
func newMock(t *testing.T, opts mockserver.Options) *mockserver.Server {
	t.Helper()
	doc, err := document()
	require.NoError(t, err)
	if opts.Data == nil {
		opts.Data = load(t)
	}
	mock, err := mockserver.New(doc, &opts)
	require.NoError(t, err)
	return mock
}

func serve(t *testing.T, opts mockserver.Options) *server {
	t.Helper()
	mock := newMock(t, opts)
	s := httptest.NewServer(mock)
	t.Cleanup(s.Close)
	return &server{s.URL, mock}
}

// client neither follows redirects nor adds headers of its own, but for User-Agent.
var client = &http.Client{
	Transport:     &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 16},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// headers of a request or an answer. In a request, "" leaves out one that is sent otherwise; in an answer, it is one that must not be there.
type headers map[string]string

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// send sends one request. A token is added unless the headers say otherwise, and with a body its type.
func (s *server) send(t *testing.T, method, to string, sent headers, body string) answer {
	t.Helper()
	r, err := http.NewRequest(method, s.url+to, strings.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("Authorization", "Bearer any-token")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for name, value := range sent {
		if value == "" {
			r.Header.Del(name)
		} else {
			r.Header.Set(name, value)
		}
	}
	resp, err := client.Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return answer{resp.StatusCode, resp.Header, string(b)}
}

// get reads something below the API's root.
func (s *server) get(t *testing.T, to string) answer {
	t.Helper()
	return s.send(t, http.MethodGet, base+to, nil, "")
}

// list gives the invitations of a page, see [answer.keys].
func (s *server) list(t *testing.T, query string) string {
	t.Helper()
	a := s.get(t, all+"?"+query)
	require.Equal(t, http.StatusOK, a.status, a.body)
	return a.keys(t)
}

// page is the answer of a list.
type page struct {
	Pagination json.RawMessage
	Results    []struct{ PK, Name string }
}

func (a answer) page(t *testing.T) (p page) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(a.body), &p), a.body)
	return p
}

// keys calls the invitations of a page by the first digits of their keys, in order, and those that were created by +.
func (a answer) keys(t *testing.T) string {
	t.Helper()
	var keys []string
	for _, r := range a.page(t).Results {
		if strings.Contains(invitations, "pk: "+r.PK) {
			keys = append(keys, r.PK[:1])
		} else {
			keys = append(keys, "+")
		}
	}
	return strings.Join(keys, " ")
}

// pages is a pagination object: next, previous, count, current, total_pages, start_index, end_index.
type pages [7]int

func (p pages) json() string {
	return fmt.Sprintf(`{"next":%d,"previous":%d,"count":%d,"current":%d,"total_pages":%d,"start_index":%d,"end_index":%d}`, p[0], p[1], p[2], p[3], p[4], p[5], p[6])
}

// call is one exchange: a request, and what is promised of its answer.
type call struct {
	says   string  // the promise
	method string  // "" is GET
	to     string  // path and query below the API's root; "?…" is the list's
	header headers // of the request
	body   string
	status int     // 0 is 200
	list   string  // the invitations on the page
	pages  pages   // zero: those of a list that fits on one page, however many it has
	answer string  // the body, as JSON; … at the end: it goes on somehow
	sends  headers // of the answer, among others
}

// run makes the exchange and compares.
func (c call) run(t *testing.T, s *server) answer {
	t.Helper()
	if c.method == "" {
		c.method = http.MethodGet
	}
	if strings.HasPrefix(c.to, "?") || c.to == "" {
		c.to = all + c.to
	}
	a := s.send(t, c.method, base+c.to, c.header, c.body)
	if c.status == 0 {
		c.status = http.StatusOK
	}
	require.Equal(t, c.status, a.status, a.body)
	for name, value := range c.sends {
		require.Equal(t, value, a.header.Get(name), name)
	}
	if a.body != "" {
		require.Equal(t, "application/json", a.header.Get("Content-Type"))
	}
	switch begin, open := strings.CutSuffix(c.answer, "…"); {
	case open:
		require.Equal(t, begin, a.body[:min(len(begin), len(a.body))], a.body)
	case c.answer != "":
		require.JSONEq(t, c.answer, a.body)
	case c.status == http.StatusNoContent || c.method == http.MethodHead:
		require.Empty(t, a.body)
	case c.status == http.StatusOK:
		if c.pages == (pages{}) {
			n := len(strings.Fields(c.list))
			c.pages = pages{0, 0, n, 1, 1, min(n, 1), n}
		}
		require.Equal(t, c.list, a.keys(t))
		require.Equal(t, c.pages.json(), string(a.page(t).Pagination))
	}
	return a
}

func runAll(t *testing.T, s *server, calls []call) {
	t.Helper()
	for _, c := range calls {
		t.Run(c.says, func(t *testing.T) { c.run(t, s) })
	}
}

// TestListCalls is what the list of invitations promises, parameter by parameter.
func TestListCalls(t *testing.T) {
	s := serve(t, mockserver.Options{})
	none := pages{0, 0, 0, 1, 1, 0, 0}
	for _, group := range []struct {
		about string
		calls []call
	}{
		{"order", []call{
			{says: "the default is -expires: by the moment, not by the text; null last, ties by key", to: "", list: "1 6 2 5 4 7 3", pages: pages{0, 0, 7, 1, 1, 1, 7}},
			{says: "an empty ordering is as if absent", to: "?ordering=", list: "1 6 2 5 4 7 3"},
			{says: "expires ascends, null last here too", to: "?ordering=expires", list: "7 4 2 5 6 1 3"},
			{says: "-expires", to: "?ordering=-expires", list: "1 6 2 5 4 7 3"},
			{says: "name is by code point: digits, capitals, small letters; - before _; ties by key", to: "?ordering=name", list: "7 4 1 2 3 5 6"},
			{says: "-name turns that round, but not the ties", to: "?ordering=-name", list: "5 6 3 2 1 4 7"},
			{says: "pk", to: "?ordering=pk", list: "1 2 3 4 5 6 7"},
			{says: "-pk", to: "?ordering=-pk", list: "7 6 5 4 3 2 1"},
			{says: "single_use: false before true", to: "?ordering=single_use", list: "2 4 6 7 1 3 5"},
			{says: "-single_use", to: "?ordering=-single_use", list: "1 3 5 2 4 6 7"},
			{says: "flow is by the key of flow_obj, null or not", to: "?ordering=flow", list: "4 7 3 5 6 1 2"},
			{says: "-flow, ties still by pk", to: "?ordering=-flow", list: "1 2 3 5 6 4 7"},
			{says: "of several keys the first decides", to: "?ordering=-single_use,name", list: "1 3 5 7 4 2 6"},
			{says: "the second may descend", to: "?ordering=name,-pk", list: "7 4 1 2 3 6 5"},
			{says: "those of one flow by the next key", to: "?ordering=flow,-expires", list: "4 7 6 5 3 1 2"},
			{says: "three keys", to: "?ordering=single_use,-flow,-name", list: "2 6 4 7 1 5 3"},
			{says: "unknown fields are dropped", to: "?ordering=nonsense,-pk", list: "7 6 5 4 3 2 1"},
			{says: "where nothing remains the default applies", to: "?ordering=nonsense,flow__slug,created_by,fixed_data", list: "1 6 2 5 4 7 3"},
			{says: "fields are written exactly so", to: "?ordering=PK,Name", list: "1 6 2 5 4 7 3"},
			{says: "two minus signs are no field", to: "?ordering=--pk", list: "1 6 2 5 4 7 3"},
			{says: "space around a field does not count", to: "?ordering=%20-single_use%20,%20pk", list: "1 3 5 2 4 6 7"},
			{says: "commas too many do not count", to: "?ordering=,,-pk,", list: "7 6 5 4 3 2 1"},
			{says: "of a field that comes twice the first counts", to: "?ordering=-pk,pk", list: "7 6 5 4 3 2 1"},
		}},
		{"filters", []call{
			{says: "name is exact", to: "?name=alpha-1", list: "2"},
			{says: "several may have one name", to: "?name=beta", list: "6 5"},
			{says: "_ is no wildcard", to: "?name=alpha_1", list: "3"},
			{says: "capitals are letters of their own", to: "?name=ALPHA-1", list: "", pages: none},
			{says: "part of a name is not the name", to: "?name=alpha", list: "", pages: none},
			{says: "space around a value belongs to it", to: "?name=beta%20x", list: "", pages: none},
			{says: "an empty name is as if absent", to: "?name=", list: "1 6 2 5 4 7 3"},
			{says: "a name without = too", to: "?name", list: "1 6 2 5 4 7 3"},
			{says: "created_by__username is created_by.username", to: "?created_by__username=akadmin", list: "1 6 4"},
			{says: "in a query + is a space, and %2B a plus", to: "?created_by__username=bob%2Bci@example.com", list: "5 7"},
			{says: "no such user is no error", to: "?created_by__username=bob+ci@example.com", list: "", pages: none},
			{says: "a username is exact", to: "?created_by__username=AKADMIN", list: "", pages: none},
			{says: "an empty username is as if absent", to: "?created_by__username=", list: "1 6 2 5 4 7 3"},
			{says: "flow__slug is flow_obj.slug", to: "?flow__slug=welcome", list: "1 2"},
			{says: "where no flow was chosen that is default-enrollment-flow", to: "?flow__slug=default-enrollment-flow", list: "6 5 3"},
			{says: "a slug is exact", to: "?flow__slug=HR_Flow", list: "4 7"},
			{says: "in capitals too", to: "?flow__slug=hr_flow", list: "", pages: none},
			{says: "an empty slug is as if absent", to: "?flow__slug=", list: "1 6 2 5 4 7 3"},
			{says: "expires is a moment, in whichever offset the answer has it", to: "?expires=2030-03-01T12:00:00Z", list: "2 5"},
			{says: "and in whichever the request", to: "?expires=2030-03-01T05:00:00-07:00", list: "2 5"},
			{says: "a plus is written %2B", to: "?expires=2030-03-01T17:30:00%2B05:30", list: "2 5"},
			{says: "zeros behind the point change nothing", to: "?expires=2030-03-01T12:00:00.000Z", list: "2 5"},
			{says: "a fraction counts", to: "?expires=2030-03-01T12:00:00.500Z", list: "6"},
			{says: "a moment nothing expires at", to: "?expires=2030-03-01T12:00:01Z", list: "", pages: none},
			{says: "the year may be another in another offset", to: "?expires=2030-01-01T00:30:00Z", list: "4"},
			{says: "an empty expires is as if absent", to: "?expires=", list: "1 6 2 5 4 7 3"},
			{says: "several are a conjunction", to: "?name=beta&created_by__username=akadmin", list: "6"},
			{says: "all four", to: "?flow__slug=default-enrollment-flow&name=beta&created_by__username=bob%2Bci@example.com&expires=2030-03-01T12:00:00Z", list: "5"},
			{says: "none fits all", to: "?name=beta&flow__slug=welcome", list: "", pages: none},
		}},
		{"search", []call{
			{says: "in name, whatever the case", to: "?search=ALPHA", list: "2 4 3"},
			{says: "in created_by.username", to: "?search=Ci%40EXAMPLE", list: "5 7"},
			{says: "in expires, as its text", to: "?search=t14:00", list: "5"},
			{says: "in flow_obj.slug, of those without a flow too", to: "?search=enroll", list: "6 5 3"},
			{says: "in nothing else: fixed_data, the flow's name", to: "?search=needle", list: "", pages: none},
			{says: "null is no text", to: "?search=null", list: "", pages: none},
			{says: "every word must occur", to: "?search=alpha%20welcome", list: "2"},
			{says: "not all in the same property", to: "?search=BETA%20admin%202030%20default", list: "6"},
			{says: "words are separated by commas too", to: "?search=ada,,alpha", list: "2 3"},
			{says: "by both", to: "?search=,%20flow%20,hr", list: "4 7"},
			{says: "+ is a space", to: "?search=ada+alpha-", list: "2"},
			{says: "one word that occurs nowhere", to: "?search=alpha%20nowhere", list: "", pages: none},
			{says: "_ is a plain character", to: "?search=_", list: "1 2 4 7 3"},
			{says: "% is a plain character", to: "?search=%25", list: "", pages: none},
			{says: "a % that is not escaped is one", to: "?search=%", list: "", pages: none},
			{says: "NUL is dropped", to: "?search=be%00ta", list: "6 5"},
			{says: "nothing but NUL is as if absent", to: "?search=%00", list: "1 6 2 5 4 7 3"},
			{says: "an empty search is as if absent", to: "?search=", list: "1 6 2 5 4 7 3"},
			{says: "nothing but separators is as if absent", to: "?search=%20,%20,", list: "1 6 2 5 4 7 3"},
			{says: "quotes, backslashes and brackets are plain characters", to: "?search=%5C%22%28%5B", list: "", pages: none},
			{says: "a dot is no wildcard", to: "?search=b.ta", list: "", pages: none},
		}},
		{"paging", []call{
			{says: "page 1 is the first", to: "?page=1&page_size=3", list: "1 6 2", pages: pages{2, 0, 7, 1, 3, 1, 3}},
			{says: "next and previous are page numbers", to: "?page=2&page_size=3", list: "5 4 7", pages: pages{3, 1, 7, 2, 3, 4, 6}},
			{says: "0 is none; the last page holds what is left", to: "?page=3&page_size=3", list: "3", pages: pages{0, 2, 7, 3, 3, 7, 7}},
			{says: "page 1 unless given", to: "?page_size=3", list: "1 6 2", pages: pages{2, 0, 7, 1, 3, 1, 3}},
			{says: "one by one", to: "?page=4&page_size=1", list: "5", pages: pages{5, 3, 7, 4, 7, 4, 4}},
			{says: "a page that is just full has none after it", to: "?page_size=7", list: "1 6 2 5 4 7 3", pages: pages{0, 0, 7, 1, 1, 1, 7}},
			{says: "page 1 exists even if nothing is found", to: "?name=nobody&page=1", list: "", pages: none},
			{says: "past the end", to: "?page=4&page_size=3", status: 400, answer: `{"page":["Invalid page.","4 is past the last page, 3"]}`},
			{says: "far past the end", to: "?page=9223372036854775807", status: 400, answer: `{"page":["Invalid page.","9223372036854775807 is past the last page, 1"]}`},
			{says: "past the end of nothing", to: "?page=2&name=nobody", status: 400, answer: `{"page":["Invalid page.","2 is past the last page, 1"]}`},
			{says: "page abc", to: "?page=abc", status: 400, answer: `{"page":["Invalid page.","\"abc\" is not an integer of at least 1"]}`},
			{says: "page last", to: "?page=last", status: 400, answer: `{"page":["Invalid page.","\"last\" is not an integer of at least 1"]}`},
			{says: "page 1.5", to: "?page=1.5", status: 400, answer: `{"page":["Invalid page.","\"1.5\" is not an integer of at least 1"]}`},
			{says: "page empty", to: "?page=", status: 400, answer: `{"page":["Invalid page.","\"\" is not an integer of at least 1"]}`},
			{says: "page 10^20", to: "?page=100000000000000000000", status: 400, answer: `{"page":["Invalid page.","…`},
			{says: "page 0", to: "?page=0", status: 400, answer: `{"page":["Invalid page.","\"0\" is not an integer of at least 1"]}`},
			{says: "page -1", to: "?page=-1", status: 400, answer: `{"page":["Invalid page.","\"-1\" is not an integer of at least 1"]}`},
			{says: "page_size abc", to: "?page_size=abc", status: 400, answer: `{"page_size":["A valid integer is required.","\"abc\" is not an integer"]}`},
			{says: "page_size 1.5", to: "?page_size=1.5", status: 400, answer: `{"page_size":["A valid integer is required.","\"1.5\" is not an integer"]}`},
			{says: "page_size empty is 20", to: "?page_size=", list: "1 6 2 5 4 7 3"},
			{says: "page_size 0 is 20", to: "?page_size=0", list: "1 6 2 5 4 7 3"},
			{says: "page_size -3 is 20", to: "?page_size=-3", list: "1 6 2 5 4 7 3"},
			{says: "page_size -10^20 is too", to: "?page_size=-100000000000000000000", list: "1 6 2 5 4 7 3"},
			{says: "page_size above 100 is 100", to: "?page_size=101", list: "1 6 2 5 4 7 3"},
			{says: "page_size 10^20 is too", to: "?page_size=100000000000000000000", list: "1 6 2 5 4 7 3"},
		}},
		{"refusals", []call{
			{
				says: "expires foo", to: "?expires=foo", status: 400,
				answer: `{"expires":["Enter a valid date/time.","\"foo\" is not an RFC 3339 date-time such as 2026-11-22T09:30:00Z"]}`,
			},
			{
				says: "expires a date alone", to: "?expires=2024-01-01", status: 400,
				answer: `{"expires":["Enter a valid date/time.","\"2024-01-01\" is not an RFC 3339 date-time such as 2026-11-22T09:30:00Z"]}`,
			},
			{
				says: "expires without an offset", to: "?expires=2030-03-01T12:00:00", status: 400,
				answer: `{"expires":["Enter a valid date/time.","\"2030-03-01T12:00:00\" is not an RFC 3339 date-time such as 2026-11-22T09:30:00Z"]}`,
			},
			{
				says: "expires 31 February", to: "?expires=2030-02-31T12:00:00Z", status: 400,
				answer: `{"expires":["Enter a valid date/time.","\"2030-02-31T12:00:00Z\" is not an RFC 3339 date-time such as 2026-11-22T09:30:00Z"]}`,
			},
			{says: "expires 29 February of no leap year", to: "?expires=2030-02-29T12:00:00Z", status: 400, answer: `{"expires":["Enter a valid date/time.",…`},
			{
				says: "expires with a plus that is not escaped: how to escape it is said", to: "?expires=2030-03-01T14:00:00+02:00", status: 400,
				answer: `{"expires":["Enter a valid date/time.","\"2030-03-01T14:00:00 02:00\" is not an RFC 3339 date-time such as 2026-11-22T09:30:00Z; in a URL, + is written %2B"]}`,
			},
			{says: "all errors at once", to: "?page=abc&page_size=x&expires=foo&name=beta", status: 400, answer: `{
				"expires":["Enter a valid date/time.","\"foo\" is not an RFC 3339 date-time such as 2026-11-22T09:30:00Z"],
				"page":["Invalid page.","\"abc\" is not an integer of at least 1"],
				"page_size":["A valid integer is required.","\"x\" is not an integer"]}`},
			{
				says: "past the end comes alone: without a valid size nobody knows the end", to: "?page=99&page_size=x", status: 400,
				answer: `{"page_size":["A valid integer is required.","\"x\" is not an integer"]}`,
			},
			{says: "a filter that is refused hides the end too", to: "?page=99&expires=foo", status: 400, answer: `{"expires":["Enter a valid date/time.",…`},
		}},
		{"parameters", []call{
			{says: "unknown ones are ignored", to: "?nonsense=1&single_use=true&pk=5&created_by=1&Name=x&flow=null", list: "1 6 2 5 4 7 3"},
			{says: "names are exact, brackets are no lists", to: "?name[]=beta&name__icontains=x", list: "1 6 2 5 4 7 3"},
			{says: "a name may be escaped", to: "?n%61me=beta", list: "6 5"},
			{says: "of one sent twice the last counts: a filter", to: "?name=beta&name=alpha-1", list: "2"},
			{says: "ordering", to: "?ordering=pk&ordering=-pk", list: "7 6 5 4 3 2 1"},
			{says: "search", to: "?search=nowhere&search=zeta", list: "1"},
			{says: "page", to: "?page=abc&page=2&page_size=3", list: "5 4 7", pages: pages{3, 1, 7, 2, 3, 4, 6}},
			{says: "page_size", to: "?page_size=abc&page_size=5", list: "1 6 2 5 4", pages: pages{2, 0, 7, 1, 2, 1, 5}},
			{says: "expires", to: "?expires=foo&expires=2030-03-01T12:00:00Z", list: "2 5"},
			{says: "the last, if it is wrong", to: "?page=1&page=abc", status: 400, answer: `{"page":["Invalid page.","\"abc\" is not an integer of at least 1"]}`},
			{says: "the last, if it is empty", to: "?name=beta&name=", list: "1 6 2 5 4 7 3"},
			{says: "a semicolon separates nothing: no invitation has this name", to: "?name=beta;x", list: "", pages: none},
			{says: "what is not escaped well stays as it is: no invitation has this name", to: "?name=%zz", list: "", pages: none},
			{says: "text that is not UTF-8 is found nowhere", to: "?name=%ff", list: "", pages: none},
			{says: "an empty query", to: "?", list: "1 6 2 5 4 7 3"},
			{says: "ampersands too many", to: "?&&name=beta&", list: "6 5"},
		}},
		{"together", []call{
			{says: "filter and order", to: "?created_by__username=akadmin&ordering=name", list: "4 1 6"},
			{says: "two filters and an order", to: "?flow__slug=default-enrollment-flow&name=beta&ordering=-pk", list: "6 5"},
			{says: "filter and search", to: "?created_by__username=ada_l&search=1", list: "2 3"},
			{says: "search and order", to: "?search=flow&ordering=-name", list: "5 6 3 4 7"},
			{says: "filter, search and order", to: "?flow__slug=HR_Flow&search=2030&ordering=name", list: "7"},
			{says: "order and page", to: "?ordering=name&page=2&page_size=2", list: "1 2", pages: pages{3, 1, 7, 2, 4, 3, 4}},
			{says: "a tie across the end of a page", to: "?ordering=name&page=3&page_size=2", list: "3 5", pages: pages{4, 2, 7, 3, 4, 5, 6}},
			{says: "its other half", to: "?ordering=name&page=4&page_size=2", list: "6", pages: pages{0, 3, 7, 4, 4, 7, 7}},
			{says: "filter and page: counted is what passes", to: "?created_by__username=akadmin&page=2&page_size=2", list: "4", pages: pages{0, 1, 3, 2, 2, 3, 3}},
			{says: "search and page", to: "?search=_&page=2&page_size=2", list: "4 7", pages: pages{3, 1, 5, 2, 3, 3, 4}},
			{says: "filter, order and page", to: "?flow__slug=default-enrollment-flow&ordering=pk&page=1&page_size=2", list: "3 5", pages: pages{2, 0, 3, 1, 2, 1, 2}},
			{says: "expires and order", to: "?expires=2030-03-01T13:00:00%2B01:00&ordering=-pk", list: "5 2"},
			{says: "past the end of what passes", to: "?created_by__username=akadmin&page=3&page_size=2", status: 400, answer: `{"page":["Invalid page.","3 is past the last page, 2"]}`},
			{
				says: "all eight", to: "?created_by__username=bob%2Bci@example.com&expires=2030-03-01T12:00:00Z&flow__slug=default-enrollment-flow&name=beta&ordering=-flow,name&page=1&page_size=1&search=beta%20flow",
				list: "5", pages: pages{0, 0, 1, 1, 1, 1, 1},
			},
			{says: "seven that are empty, and a page", to: "?created_by__username=&expires=&flow__slug=&name=&ordering=&page=1&page_size=&search=", list: "1 6 2 5 4 7 3"},
		}},
	} {
		t.Run(group.about, func(t *testing.T) { runAll(t, s, group.calls) })
	}
}

// TestItemCalls is what one invitation promises to those who read it.
func TestItemCalls(t *testing.T) {
	s := serve(t, mockserver.Options{})
	runAll(t, s, []call{
		{
			says: "an invitation comes whole, with its creator and its flow", to: first,
			answer: `{"pk":"1a6f0c52-3b7d-4e8a-9c01-d5e2f7a8b901","name":"Zeta_2","expires":"2031-01-01T00:00:00Z","fixed_data":{"a":1,"needle":[true,null,{"b":"x"}]},` +
				`"created_by":` + akadmin + `,"single_use":true,"flow":"c0de0003-7f1a-4b2c-8d3e-4f5a6b7c8d9e","flow_obj":` + welcome + `}`,
		},
		{
			says: "without a flow, flow_obj is default-enrollment-flow", to: third,
			answer: `{"pk":"3c8b1e74-5d9f-4a0c-9e23-f7a4b9cada03","name":"alpha_1","expires":null,"fixed_data":{},"created_by":` + ada + `,"single_use":true,"flow":null,"flow_obj":` + enrollment + `}`,
		},
		{
			says: "a date-time keeps the offset it was written in", to: all + "4d9c2f85-6e0a-4b1d-8f34-08b5caddeb04/",
			answer: `{"pk":"4d9c2f85-6e0a-4b1d-8f34-08b5caddeb04","name":"Alpha-1","expires":"2029-12-31T23:30:00-01:00","fixed_data":{},"created_by":` + akadmin +
				`,"single_use":false,"flow":"ace00001-5d9e-4f0a-8b1c-2d3e4f5a6b7c","flow_obj":` + hrFlow + `}`,
		},
		{says: "nothing refers to an invitation", to: first + "used_by/", answer: `[]`},
		{says: "a query is nothing to an item", to: third + "?name=beta&page=abc", answer: `{"pk":"3c8b1e74-…`},
		{
			says: "an identifier that is none", to: all + "abc/", status: 400,
			answer: `{"invite_uuid":["Must be a valid UUID.","\"abc\" is not a UUID such as 3fa85f64-5717-4562-b3fc-2c963f66afa6"]}`,
		},
		{says: "a UUID without hyphens", to: all + "1a6f0c523b7d4e8a9c01d5e2f7a8b901/", status: 400, answer: `{"invite_uuid":["Must be a valid UUID.",…`},
		{says: "a UUID in braces", to: all + "%7B1a6f0c52-3b7d-4e8a-9c01-d5e2f7a8b901%7D/", status: 400, answer: `{"invite_uuid":["Must be a valid UUID.",…`},
		{
			says: "an identifier that is none, below", to: all + "abc/used_by/", status: 400,
			answer: `{"invite_uuid":["Must be a valid UUID.","\"abc\" is not a UUID such as 3fa85f64-5717-4562-b3fc-2c963f66afa6"]}`,
		},
		{says: "an identifier of nothing", to: nobody, status: 404, answer: notFound},
		{says: "an identifier of nothing, below", to: nobody + "used_by/", status: 404, answer: notFound},
		{says: "a flow's key is no invitation's", to: all + "c0de0003-7f1a-4b2c-8d3e-4f5a6b7c8d9e/", status: 404, answer: notFound},
		{says: "a UUID in capitals is the same UUID", to: all + "3C8B1E74-5D9F-4A0C-9E23-F7A4B9CADA03/", answer: `{"pk":"3c8b1e74-5d9f-4a0c-9e23-f7a4b9cada03","name":"alpha_1",…`},
		{says: "below too", to: all + "3C8B1E74-5D9F-4A0C-9E23-F7A4B9CADA03/used_by/", answer: `[]`},
	})

	t.Run("properties come in the document's order", func(t *testing.T) {
		a := s.get(t, last)
		require.Equal(t, `{"pk":"70cf52b8-9132-4e40-9267-3be8fd001e07","name":"9-lives","expires":"2030-01-01T00:00:00Z","fixed_data":{},"created_by":`+bob+
			`,"single_use":false,"flow":"ace00001-5d9e-4f0a-8b1c-2d3e4f5a6b7c","flow_obj":`+hrFlow+`}`, a.body)
		require.Equal(t, `{"pagination":{"next":0,"previous":0,"count":1,"current":1,"total_pages":1,"start_index":1,"end_index":1},"results":[`+a.body+`]}`,
			s.get(t, all+"?name=9-lives").body)
	})
}

// many is a file of n invitations, named n001, n002, …, all of which expire at the same moment.
func many(n int) string {
	var b strings.Builder
	b.WriteString("records:\n")
	for i := n; i > 0; i-- { // the file's order is not the keys'
		fmt.Fprintf(&b, "  - {pk: %08d-0000-4000-8000-000000000000, name: n%03d, expires: \"2030-01-01T00:00:00Z\", created_by: ada_l, flow: null}\n", i, i)
	}
	return b.String()
}

// TestPageSizes is how many a page holds, where seven are too few to tell.
func TestPageSizes(t *testing.T) {
	for _, c := range []struct {
		says, query, first, last string
		count                    int // of the collection
		pages                    pages
	}{
		{"20 unless given", "", "n001", "n020", 45, pages{2, 0, 45, 1, 3, 1, 20}},
		{"45 by 20, page 3", "page=3", "n041", "n045", 45, pages{0, 2, 45, 3, 3, 41, 45}},
		{"empty is 20", "page_size=", "n001", "n020", 45, pages{2, 0, 45, 1, 3, 1, 20}},
		{"0 is 20", "page_size=0", "n001", "n020", 45, pages{2, 0, 45, 1, 3, 1, 20}},
		{"-3 is 20", "page_size=-3&page=2", "n021", "n040", 45, pages{3, 1, 45, 2, 3, 21, 40}},
		{"a multiple has no page too many", "page_size=15&page=3", "n031", "n045", 45, pages{0, 2, 45, 3, 3, 31, 45}},
		{"100 is the most", "page_size=100", "n001", "n100", 250, pages{2, 0, 250, 1, 3, 1, 100}},
		{"101 is 100", "page_size=101", "n001", "n100", 250, pages{2, 0, 250, 1, 3, 1, 100}},
		{"so the last page is counted by 100", "page_size=1000000&page=3", "n201", "n250", 250, pages{0, 2, 250, 3, 3, 201, 250}},
		{"99 is 99", "page_size=99&page=3&ordering=-name", "n052", "n001", 250, pages{0, 2, 250, 3, 3, 199, 250}},
	} {
		t.Run(c.says, func(t *testing.T) {
			s := serve(t, mockserver.Options{Data: load(t, many(c.count))})
			a := s.get(t, all+"?"+c.query)
			require.Equal(t, http.StatusOK, a.status, a.body)
			p := a.page(t)
			require.Equal(t, c.pages.json(), string(p.Pagination))
			require.Len(t, p.Results, c.pages[6]-c.pages[5]+1)
			require.Equal(t, c.first, p.Results[0].Name)
			require.Equal(t, c.last, p.Results[len(p.Results)-1].Name)
		})
	}
}

// TestWalk walks through the pages of lists that are all ties, and meets every invitation exactly once.
func TestWalk(t *testing.T) {
	s := serve(t, mockserver.Options{Data: load(t, many(45))})
	var want []string
	for i := range 45 {
		want = append(want, fmt.Sprintf("n%03d", i+1))
	}
	for _, query := range []string{"", "ordering=expires", "ordering=-flow,-single_use", "flow__slug=default-enrollment-flow&search=N"} {
		for _, size := range []int{1, 7, 20, 44, 45, 46} {
			t.Run(fmt.Sprintf("%s&page_size=%d", query, size), func(t *testing.T) {
				var met []string
				for next := 1; next != 0; {
					a := s.get(t, fmt.Sprintf("%s?%s&page_size=%d&page=%d", all, query, size, next))
					require.Equal(t, http.StatusOK, a.status, a.body)
					p := a.page(t)
					for _, r := range p.Results {
						met = append(met, r.Name)
					}
					require.LessOrEqual(t, len(met), len(want))
					var numbers struct{ Next int }
					require.NoError(t, json.Unmarshal(p.Pagination, &numbers))
					next = numbers.Next
				}
				require.Equal(t, want, met)
			})
		}
	}
}

// TestEmptyCollection has no invitations at all.
func TestEmptyCollection(t *testing.T) {
	runAll(t, serve(t, mockserver.Options{Data: load(t, "records: []\n")}), []call{
		{says: "a page with nothing on it", to: "", list: "", pages: pages{0, 0, 0, 1, 1, 0, 0}},
		{says: "searched", to: "?search=x&ordering=name&page_size=1", list: "", pages: pages{0, 0, 0, 1, 1, 0, 0}},
		{says: "no second page", to: "?page=2", status: 400, answer: `{"page":["Invalid page.","2 is past the last page, 1"]}`},
	})
}
