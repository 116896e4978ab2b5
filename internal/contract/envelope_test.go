package contract

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func intp(n int) *int { return &n }

// TestWrap is the first witness for responses: this page, exactly these bytes and headers. The numbers of the first list are those that authentik sends.
func TestWrap(t *testing.T) {
	d := load(t, styles)
	for _, test := range []struct {
		name, list, request string
		items               []string
		total               int
		next, prev          *Window
		body                string
		header              http.Header
	}{
		{
			"the middle of seven by two", "pages", "/pages?page=2&per_page=2",
			[]string{"bob", "carol"},
			7, &Window{Page: 3}, &Window{Page: 1},
			`{"pagination":{"next":3,"previous":1,"count":7,"current":2,"total_pages":4,"start_index":3,"end_index":4},"results":[` + people["bob"] + `,` + people["carol"] + `]}`, nil,
		},
		{
			"the last, not full", "pages", "/pages?page=3&per_page=2",
			[]string{"ada"},
			5, nil, &Window{Page: 2},
			`{"pagination":{"next":0,"previous":2,"count":5,"current":3,"total_pages":3,"start_index":5,"end_index":5},"results":[` + people["ada"] + `]}`, nil,
		},
		{
			"nothing", "pages", "/pages", nil, 0, nil, nil,
			`{"pagination":{"next":0,"previous":0,"count":0,"current":1,"total_pages":1,"start_index":0,"end_index":0},"results":[]}`, nil,
		},
		{
			"links in the body keep every parameter", "addresses", "/addresses?name=a%20b&page=2&page_size=1",
			[]string{"bob"},
			3, &Window{Page: 3}, &Window{Page: 1},
			`{"count":3,"next":"http://h/addresses?name=a+b&page=3&page_size=1","previous":"http://h/addresses?name=a+b&page=1&page_size=1","results":[` + people["bob"] + `]}`, nil,
		},
		{
			"no links are null", "addresses", "/addresses",
			[]string{"bob"},
			1, nil, nil,
			`{"count":1,"next":null,"previous":null,"results":[` + people["bob"] + `]}`, nil,
		},
		{
			"a bare array, the rest in headers", "offsets", "/teams/x/offsets?offset=4&limit=2",
			[]string{"ada", "bob"},
			9, &Window{Offset: 6}, &Window{Offset: 2},
			`[` + people["ada"] + `,` + people["bob"] + `]`,
			http.Header{
				"X-Total-Count": {"9"},
				"Link":          {`<http://h/teams/x/offsets?limit=2&offset=2>; rel="prev", <http://h/teams/x/offsets?limit=2&offset=6>; rel="next"`},
			},
		},
		{
			"cursors", "cursors", "/cursors?limit=1",
			[]string{"ada"},
			3, &Window{Cursor: "abc"}, nil,
			`{"data":[` + people["ada"] + `],"has_more":true,"next_cursor":"abc"}`, nil,
		},
		{
			"the last cursor", "cursors", "/cursors?cursor=abc",
			[]string{"ada"},
			3, nil, nil,
			`{"data":[` + people["ada"] + `],"has_more":false,"next_cursor":null}`, nil,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := collection(t, d, test.list)
			u, err := url.Parse("http://h" + test.request)
			require.NoError(t, err)
			q, err := c.Parse(u.EscapedPath(), u.Query())
			require.NoError(t, err)
			page := Page{Total: &test.total, Next: test.next, Prev: test.prev}
			for _, name := range test.items {
				page.Items = append(page.Items, person(t, c, name))
			}
			body, header := c.Wrap(nil, u, q, page)
			require.Equal(t, test.body, string(body))
			require.Equal(t, test.header, header)
		})
	}
}

// TestUnwrapReads holds what other servers may write instead.
func TestUnwrapReads(t *testing.T) {
	d := load(t, styles)
	for _, test := range []struct {
		name, list, body string
		header           http.Header
		want             Page // items left out
	}{
		{
			"numbers with a fraction of nothing, other order, more properties", "pages",
			`{"results": [], "extra": {"next": 9}, "pagination": {"count": 7.0, "next": 2.0, "previous": 0}}`, nil,
			Page{Total: intp(7), Next: &Window{Page: 2}},
		},
		{"null for none", "pages", `{"results":[],"pagination":{"count":0,"next":null}}`, nil, Page{Total: intp(0)}},
		{"nothing but items", "pages", `{"results":[]}`, nil, Page{}},
		{"a link without the page is the first", "addresses", `{"count":3,"previous":"/addresses?page_size=1","results":[]}`, nil, Page{Total: intp(3), Prev: &Window{Page: 1}}},
		{
			"Link with other relations, and without quotes", "offsets", `[]`,
			http.Header{"Link": {`</a?offset=0>; rel="first", </a?offset=8>; title="x"; rel=next`}, "X-Total-Count": {"12"}},
			Page{Total: intp(12), Next: &Window{Offset: 8}},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := collection(t, d, test.list)
			got, err := c.Unwrap(Query{Window: c.First()}, test.header, []byte(test.body))
			require.NoError(t, err)
			require.Equal(t, test.want, got)
		})
	}
}

// TestUnwrapRefuses holds what is no page.
func TestUnwrapRefuses(t *testing.T) {
	d := load(t, styles)
	for _, test := range []struct{ list, body, want string }{
		{"pages", `<html>`, `the body is not JSON`},
		{"pages", `{"pagination":{}}`, `no array of items at "results"`},
		{"pages", `{"results":{},"pagination":{}}`, `no array of items at "results"`},
		{"pages", `{"results":[1],"pagination":{}}`, `item 0 at "results": not an object`},
		{"pages", `{"results":[],"pagination":{"count":"x"}}`, `pagination.count is "x", not a whole number`},
		{"pages", `{"results":[],"pagination":{"next":1.5}}`, `pagination.next: 1.5 is not a whole number`},
		{"pages", `{"results":[],"pagination":{"next":[]}}`, `pagination.next: neither a number nor text`},
		{"offsets", `{}`, `no array of items at ""`},
	} {
		c := collection(t, d, test.list)
		_, err := c.Unwrap(Query{Window: c.First()}, nil, []byte(test.body))
		require.ErrorContains(t, err, test.want, test.body)
	}
}

// TestSplit holds what is items and what is around them.
func TestSplit(t *testing.T) {
	d := load(t, styles)
	for _, test := range []struct {
		list, body string
		items      []string
		with       string // the first item only
	}{
		{"pages", ` { "results" : [ {"id": 1} , {"id": 2} ], "pagination": { "count": 2 } } `, []string{`{"id":1}`, `{"id":2}`}, `{"results":[{"id":1}],"pagination":{"count":2}}`},
		{"pages", `{"other":{"results":[3]},"results":["]",[1]]}`, []string{`"]"`, `[1]`}, `{"other":{"results":[3]},"results":["]"]}`},
		{"pages", `{"results":[1],"results":[2,3]}`, []string{"2", "3"}, `{"results":[1],"results":[2]}`},
		{"offsets", `[{"id":1},{}]`, []string{`{"id":1}`, `{}`}, `[{"id":1}]`},
	} {
		l, err := collection(t, d, test.list).Split([]byte(test.body))
		require.NoError(t, err, test.body)
		require.Equal(t, test.items, l.Items, test.body)
		require.Equal(t, test.with, string(l.With(l.Items[:1])), test.body)
		require.True(t, l.Apart(), test.body)
	}
	none, err := collection(t, d, "pages").Split([]byte(`{"results":null}`))
	require.NoError(t, err)
	require.False(t, none.Apart(), "no array")
}

// TestWrapUnwrap holds the second pair together: Unwrap(Wrap(p)) == Project(p), in every style.
func TestWrapUnwrap(t *testing.T) {
	for _, c := range append(load(t, styles).Collections(), load(t, forms).Collections()...) {
		t.Run(c.ID, rapid.MakeCheck(func(t *rapid.T) {
			q := canonical(t, c)
			var page Page
			for _, name := range rapid.SliceOfN(rapid.SampledFrom(names), 0, 5).Draw(t, "items") {
				it, err := c.Records.Decode([]byte(people[name])) // which fit the forms as well
				require.NoError(t, err)
				page.Items = append(page.Items, it)
			}
			page.Total = intp(rapid.IntRange(0, 1<<40).Draw(t, "total"))
			if rapid.Bool().Draw(t, "has next") {
				w := laterWindow(t, c)
				w.Back = false
				page.Next = &w
			}
			if rapid.Bool().Draw(t, "has previous") {
				w := laterWindow(t, c)
				w.Back = c.Paging.Before != ""
				page.Prev = &w
			}
			path, v := c.Encode(q)
			u := &url.URL{Scheme: "http", Host: "h", RawQuery: v.Encode()}
			u.Path, _ = url.PathUnescape(path)
			u.RawPath = path
			body, header := c.Wrap(nil, u, q, page)
			got, err := c.Unwrap(q, header, body)
			require.NoError(t, err)
			require.Equal(t, c.Project(q, page), got)
		}))
	}
}

// laterWindow draws a window that can stand as next or previous: a cursor that is not empty.
func laterWindow(t *rapid.T, c *Collection) Window {
	w := window(t, c)
	if c.Paging.Style == ByCursor && w.Cursor == "" {
		w.Cursor = "x"
	}
	return w
}

// FuzzUnwrap: whatever a server sends, nothing panics.
func FuzzUnwrap(f *testing.F) {
	f.Add(`{"results":[],"pagination":{"count":1}}`, "")
	f.Add(`[{"id":1,"a\"b":"\u00e9"}]`, `<http://h/?offset=1>; rel="next"`)
	f.Add(`{"data":[{}],"next_cursor":"x"}`, "<>;<")
	lists := append(load(f, styles).Collections(), load(f, forms).Collections()...)
	f.Fuzz(func(t *testing.T, body, link string) {
		for _, c := range lists {
			if l, err := c.Split([]byte(body)); err == nil && l.Apart() {
				whole, err := compact([]byte(body))
				require.NoError(t, err)
				require.Equal(t, whole, string(l.With(l.Items)))
			}
			page, err := c.Unwrap(Query{Window: c.First()}, http.Header{"Link": {link}, "X-Total-Count": {link}}, []byte(body))
			if err == nil {
				for _, it := range page.Items {
					_ = it.Value([]string{"team", "slug"})
					_ = it.AppendJSON(nil)
				}
			}
		}
	})
}

// TestCountsVaguely: which counts may be those of a page, by what stands beside them.
func TestCountsVaguely(t *testing.T) {
	for properties, want := range map[string]bool{
		`items: {type: array, items: {$ref: "#/components/schemas/Thing"}}, count: {type: integer}`:                                                                    true,
		`items: {type: array, items: {$ref: "#/components/schemas/Thing"}}, count: {type: integer, description: How many there are in total.}`:                         false,
		`items: {type: array, items: {$ref: "#/components/schemas/Thing"}}, count: {type: integer, description: How many are on this page.}`:                           false,
		`items: {type: array, items: {$ref: "#/components/schemas/Thing"}}, count: {type: integer}, total: {type: integer}`:                                            false,
		`items: {type: array, items: {$ref: "#/components/schemas/Thing"}}, count: {type: integer}, total_pages: {type: integer}`:                                      false,
		`items: {type: array, items: {$ref: "#/components/schemas/Thing"}}, total: {type: integer}`:                                                                    false,
		`results: {type: array, items: {$ref: "#/components/schemas/Thing"}}, count: {type: integer}, next: {type: string}, previous: {type: string}`:                  false,
		`results: {type: array, items: {$ref: "#/components/schemas/Thing"}}, meta: {type: object, properties: {item_count: {type: integer}}}`:                         true,
		`results: {type: array, items: {$ref: "#/components/schemas/Thing"}}, meta: {type: object, properties: {item_count: {type: integer}, total: {type: integer}}}`: false,
	} {
		d := load(t, `openapi: 3.0.3
info: {title: Things, version: "1"}
paths:
  /things:
    get:
      operationId: things
      parameters: [{name: page, in: query, schema: {type: integer}}, {name: size, in: query, schema: {type: integer}}]
      responses: {"200": {description: Some., content: {application/json: {schema: {type: object, properties: {`+properties+`}}}}}}
components:
  schemas:
    Thing: {type: object, required: [id], properties: {id: {type: integer}, name: {type: string}}}
`)
		require.Equal(t, want, collection(t, d, "things").CountsVaguely(), properties)
	}
}

// TestTruths: what is true or false about a page is understood, and played; an order that is empty is no page.
func TestTruths(t *testing.T) {
	d := load(t, `
openapi: 3.0.3
info: {title: T, version: "1"}
paths:
  /things:
    get:
      operationId: things
      parameters:
        - {name: page, in: query, schema: {type: integer, minimum: 0, default: 0}}
        - {name: size, in: query, schema: {type: integer, default: 2}}
      responses:
        "200":
          description: Some.
          content:
            application/json:
              schema:
                type: object
                required: [content, totalElements, number, first, last, empty, hasNext, has_previous_page, sort]
                properties:
                  content: {type: array, items: {type: object, required: [id], properties: {id: {type: integer}}}}
                  totalElements: {type: integer}
                  number: {type: integer}
                  first: {type: boolean}
                  last: {type: boolean}
                  empty: {type: boolean}
                  hasNext: {type: boolean}
                  has_previous_page: {type: boolean}
                  sort: {type: object, required: [empty], properties: {empty: {type: boolean, default: true}}}
`)
	c := collection(t, d, "things")
	for _, test := range []struct {
		request string
		items   int
		page    Page
		body    string
	}{
		{"/things", 1, Page{Next: &Window{Page: 1}}, `"number":0,"first":true,"last":false,"empty":false,"hasNext":true,"has_previous_page":false,"sort":{"empty":true}}`},
		{"/things?page=1", 1, Page{Prev: &Window{}}, `"number":1,"first":false,"last":true,"empty":false,"hasNext":false,"has_previous_page":true,"sort":{"empty":true}}`},
		{"/things?page=7", 0, Page{Prev: &Window{Page: 6}}, `"number":7,"first":false,"last":true,"empty":true,"hasNext":false,"has_previous_page":true,"sort":{"empty":true}}`},
	} {
		u, err := url.Parse("http://h" + test.request)
		require.NoError(t, err)
		q, err := c.Parse(u.EscapedPath(), u.Query())
		require.NoError(t, err)
		for range test.items {
			it, err := c.Records.Decode([]byte(`{"id":1}`))
			require.NoError(t, err)
			test.page.Items = append(test.page.Items, it)
		}
		test.page.Total = intp(3)
		body, header := c.Wrap(nil, u, q, test.page)
		require.Contains(t, string(body), test.body)
		about := c.About(header, body)
		require.Equal(t, test.page.Next != nil, *about.More)
		require.Equal(t, test.page.Next == nil, *about.IsLast)
		require.Equal(t, test.page.Prev != nil, *about.Less)
		require.Equal(t, test.page.Prev == nil, *about.IsFirst)
		require.Equal(t, test.items == 0, *about.Empty)
	}
}
