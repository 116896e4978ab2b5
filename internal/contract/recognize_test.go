package contract

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestForms holds what is understood of each form.
func TestForms(t *testing.T) {
	d := load(t, forms)
	for list, want := range map[string]Paging{
		"zero":   {Style: ByPage, Param: "page[number]", First: 0, Size: "page[size]", Default: 25, Max: 100},
		"keys":   {Style: ByCursor, Param: "starting_after", Before: "ending_before", ByKey: true, Size: "limit", Default: 10, Max: 100},
		"tokens": {Style: ByCursor, Param: "after", Before: "before", Default: 20, guessed: true},
		"uris":   {Style: ByCursor, Param: "PageToken", Size: "PageSize", Default: 20, guessed: true},
		"ranges": {Style: ByOffset, Param: "skip", Size: "top", Default: 20, guessed: true},
		"infos":  {Style: ByCursor, Param: "cursor", Size: "first", Default: 20, guessed: true},
	} {
		require.Equal(t, want, collection(t, d, list).Paging, list)
	}
	var unknown []string
	for _, n := range collection(t, d, "zero").Unknown {
		unknown = append(unknown, n.What+": "+n.Why)
	}
	require.Equal(t, []string{
		"the order when none is asked for: say it under x-understudy: order",
		"query parameter include: it chooses what the answer looks like",
	}, unknown)
	require.Equal(t, []Order{{"createdAt", true}}, collection(t, d, "keys").Ordering.Default)
	require.False(t, collection(t, d, "zero").Ordering.Offers(Order{"born", false}))
	require.True(t, collection(t, d, "zero").Ordering.Offers(Order{"born", true}))
}

// TestParseForms holds the spellings of orderings and of pages.
func TestParseForms(t *testing.T) {
	d := load(t, forms)
	for _, test := range []struct {
		list, query string
		want        Query
		again       string // Encode, where it differs
	}{
		{"zero", "page[number]=0&page[size]=500", Query{Size: 100}, "page[size]=100"},
		{"zero", "page[number]=3", Query{Window: Window{Page: 3}}, ""},
		{"zero", "sort=name:desc", Query{Order: []Order{{"name", true}}}, ""},
		{"zero", "sort=born_desc", Query{Order: []Order{{"born", true}}}, ""},
		{"zero", "sort=-name", Query{Order: []Order{{"name", true}}}, "sort=name:desc"},
		{"keys", "starting_after=7", Query{Window: Window{Cursor: "7"}}, ""},
		{"keys", "ending_before=7&limit=2", Query{Window: Window{Cursor: "7", Back: true}, Size: 2}, ""},
		{"keys", "order=ASC", Query{Order: []Order{{"createdAt", false}}}, ""},
		{"keys", "order=desc", Query{Order: []Order{{"createdAt", true}}}, "order=DESC"},
		{"tokens", "sort_by=name&sort_dir=desc", Query{Order: []Order{{"name", true}}}, ""},
		{"tokens", "sort_by=created_at&sort_by=name", Query{Order: []Order{{"createdAt", false}}}, "sort_by=createdAt&sort_dir=asc"},
		{"tokens", "sort_dir=desc", Query{}, "="},
		{"uris", "orderBy=name%20desc,age", Query{Order: []Order{{"name", true}, {"age", false}}}, "orderBy=name desc,age asc"},
		{"uris", "orderBy=desc(name)", Query{Order: []Order{{"name", true}}}, "orderBy=name desc"},
		{"uris", "orderBy=%2Bname", Query{Order: []Order{{"name", false}}}, "orderBy=name asc"},
		{"uris", "Page=4&PageToken=x", Query{Window: Window{Cursor: "x"}}, "PageToken=x"},
		{"ranges", "sort=name,desc&sort=age,asc&skip=4", Query{Order: []Order{{"name", true}, {"age", false}}, Window: Window{Offset: 4}}, ""},
	} {
		c := collection(t, d, test.list)
		v, err := url.ParseQuery(test.query)
		require.NoError(t, err)
		q, err := c.Parse("/"+test.list, v)
		require.NoError(t, err, test.query)
		require.Equal(t, test.want, q, test.query)
		_, got := c.Encode(q)
		want := v
		if test.again != "" {
			want = url.Values{}
			for _, pair := range strings.Split(strings.Trim(test.again, "="), "&") {
				if name, value, ok := strings.Cut(pair, "="); ok {
					want.Add(name, value)
				}
			}
		}
		require.Equal(t, want, got, test.query)
	}
}

// TestMatchForms is the first witness for the filters of forms: exactly these of the crowd. What is uncertain is said behind a bar.
func TestMatchForms(t *testing.T) {
	c := collection(t, load(t, forms), "zero")
	for query, want := range map[string]string{
		"filter[name]=bob":                     "bob |",
		"filter[age][gte]=36":                  "ada carol |",
		"born_after=1990-05-02":                "carol | bob carol", // the day may be another server's own
		"born_after=1990-05-01":                "bob carol | bob",
		"born_before=1990-05-01T10:00:00Z":     "ada bob | bob", // whether the bound itself fits
		"min_age=36":                           "ada carol |",
		"minRate=20.5":                         "ada carol |", // of hourlyRate
		"max_worked=39":                        "bob |",       // hours
		"ages=5,40":                            "bob carol |",
		"ids=1&ids=3":                          "ada carol |",
		"tag=poems":                            "ada carol |",
		"tag=Poems":                            "| ada carol",
		"tag=none":                             "|",
		"groups=g1":                            "ada carol |",
		"groups=g2&groups=x":                   "carol | carol", // whether all count, or one
		"is_active=false":                      "bob |",
		"age__range=5,36":                      "ada bob |",
		"age__range=37,":                       "carol |",
		"nick__ne=B":                           "ada carol | ada", // null
		"teamSlug=engines":                     "carol |",         // slug of team
		"filter[name]=Ada&filter[age][gte]=40": "|",
	} {
		v, err := url.ParseQuery(query)
		require.NoError(t, err)
		q, err := c.Parse("/zero", v)
		require.NoError(t, err, query)
		require.Equal(t, want, matching(t, c, q, crowd, []string{"ada", "bob", "carol"}), query)
	}
}

// matching gives the names of those items that a query lets through, and after a bar of those where that is not certain.
func matching(t *testing.T, c *Collection, q Query, items map[string]string, names []string) string {
	var in, unsure []string
	for _, name := range names {
		it, err := c.Records.Decode([]byte(items[name]))
		require.NoError(t, err)
		verdict := c.Match(q, it)
		if verdict.Is {
			in = append(in, name)
		}
		if !verdict.Certain {
			unsure = append(unsure, name)
		}
	}
	return strings.TrimSpace(strings.Join(in, " ") + " | " + strings.Join(unsure, " "))
}

// TestWrapForms is the first witness for the envelopes of forms.
func TestWrapForms(t *testing.T) {
	d := load(t, forms)
	ada := crowd["ada"]
	for _, test := range []struct {
		list, request string
		total         int
		next, prev    *Window
		body, range_  string
	}{
		{
			"zero", "/zero?page[number]=1&page[size]=1", 3, &Window{Page: 2}, &Window{Page: 0},
			`{"_links":{"self":{"href":"http://h/zero?page[number]=1&page[size]=1"},"next":{"href":"http://h/zero?page%5Bnumber%5D=2&page%5Bsize%5D=1"},` +
				`"prev":{"href":"http://h/zero?page%5Bnumber%5D=0&page%5Bsize%5D=1"}},"_embedded":{"people":[` + ada + `]},"page":{"size":1,"totalElements":3,"totalPages":3,"number":1}}`, "",
		},
		{
			"zero", "/zero", 1, nil, nil,
			`{"_links":{"self":{"href":"http://h/zero"}},"_embedded":{"people":[` + ada + `]},"page":{"size":25,"totalElements":1,"totalPages":1,"number":0}}`, "",
		},
		{"keys", "/keys", 3, &Window{Cursor: "1"}, nil, `{"object":"list","data":[` + ada + `],"has_more":true,"url":"/keys"}`, ""},
		{"keys", "/keys?ending_before=2", 3, &Window{Cursor: "1"}, nil, `{"object":"list","data":[` + ada + `],"has_more":false,"url":"/keys"}`, ""},
		{
			"tokens", "/tokens?after=x", 3, nil, &Window{Cursor: "y", Back: true},
			`{"people":[` + ada + `],"list_metadata":{"after":null,"before":"y","region":"eu","when":"1970-01-01T00:00:00Z"}}`, "",
		},
		{
			"uris", "/uris?Page=1&PageToken=x", 3, &Window{Cursor: "z"}, nil,
			`{"uris":[` + ada + `],"next_page_uri":"http://h/uris?Page=1&PageToken=z","previous_page_uri":null,"page_size":20}`, "",
		},
		{"ranges", "/ranges?skip=2&top=1", 9, nil, nil, `[` + ada + `]`, "items 2-2/9"},
		{"infos", "/infos", 9, &Window{Cursor: "c"}, nil, `{"data":{"items":[` + ada + `]},"page_info":{"has_next_page":true,"end_cursor":"c","total":9}}`, ""},
		{"infos", "/infos?cursor=c", 9, nil, nil, `{"data":{"items":[` + ada + `]},"page_info":{"has_next_page":false,"end_cursor":null,"total":9}}`, ""},
	} {
		c := collection(t, d, test.list)
		u, err := url.Parse("http://h" + test.request)
		require.NoError(t, err)
		q, err := c.Parse(u.EscapedPath(), u.Query())
		require.NoError(t, err)
		it, err := c.Records.Decode([]byte(ada))
		require.NoError(t, err)
		body, header := c.Wrap(nil, u, q, Page{Items: []Item{it}, Total: &test.total, Next: test.next, Prev: test.prev})
		require.Equal(t, test.body, string(body), test.request)
		require.Equal(t, test.range_, header.Get("Content-Range"), test.request)
	}
	// The last page may still name a cursor.
	c := collection(t, d, "infos")
	page, err := c.Unwrap(Query{}, nil, []byte(`{"data":{"items":[]},"page_info":{"has_next_page":false,"end_cursor":"c"}}`))
	require.NoError(t, err)
	require.Nil(t, page.Next)
}

// TestNames holds how names are cut and compared.
func TestNames(t *testing.T) {
	for name, want := range map[string]string{"createdAt[gte]": "created at gte", "NAME_DESC": "name desc", "filter.userId": "filter user id", "x": "x"} {
		require.Equal(t, want, strings.Join(words(name), " "))
	}
	for name, want := range map[string]string{"policies": "policy", "users": "user", "status": "status", "boxes": "box", "addresses": "address", "class": "class"} {
		require.Equal(t, want, Singular(name))
	}
	for name, want := range map[string]string{"-a": "a true", "+a": "a false", "a:DESC": "a true", "a desc": "a true", "a.asc": "a false", "desc(a)": "a true", "a,desc": "a true", "a.b": "a.b false"} {
		got, desc := cutSense(name)
		require.Equal(t, want, got+" "+map[bool]string{true: "true", false: "false"}[desc], name)
	}
}

// TestToldDirection holds what is understood of a parameter that says but up or down: what its description names is ordered by, and else it is only supposed.
func TestToldDirection(t *testing.T) {
	for says, want := range map[string]struct {
		field    string
		supposed bool
	}{
		"Up or down.": {"created_at", true},
		"Sort order by the `updated_at` timestamp of the objects.": {"updated_at", false},
		"Sorts on name, up or down.":                               {"name", false},
		"Direction of `updated_at`.":                               {"updated_at", false},
		"Sort order, by whatever name there is.":                   {"created_at", true},
	} {
		d := load(t, `
openapi: 3.0.3
info: {title: t, version: "1"}
paths:
  /things:
    get:
      parameters: [{name: order, in: query, description: "`+says+`", schema: {type: string, enum: [asc, desc]}}]
      responses:
        "200": {description: All., content: {application/json: {schema: {type: array, items: {type: object, properties: {id: {type: integer}, name: {type: string}, created_at: {type: string, format: date-time}, updated_at: {type: string, format: date-time}}}}}}}
`)
		c := d.Collections()[0]
		require.Equal(t, []string{want.field}, c.Ordering.Fields, says)
		require.Equal(t, want.supposed, c.Ordering.Supposed(), says)
		require.Equal(t, !want.supposed, c.Declares(want.field), says)
	}
}

// TestIntroducedOrder: what the document says of all its lists counts for each.
func TestIntroducedOrder(t *testing.T) {
	for says, want := range map[string]string{
		"All lists have the same shape. They are sorted by `updated_at`, newest first; use `order=asc` to turn that.": "-updated_at",
		"Lists are sorted by name, ascending.":    "name",
		"Lists can be sorted by name, ascending.": "",
		"Invoices are sorted by name, ascending.": "",
	} {
		d := load(t, `
openapi: 3.0.3
info: {title: t, version: "1", description: "`+says+`"}
paths:
  /things:
    get:
      parameters: [{name: order, in: query, schema: {type: string, enum: [asc, desc]}}]
      responses:
        "200": {description: All., content: {application/json: {schema: {type: array, items: {type: object, properties: {id: {type: integer}, name: {type: string}, created_at: {type: string, format: date-time}, updated_at: {type: string, format: date-time}}}}}}}
`)
		o := d.Collections()[0].Ordering
		require.Equal(t, want, orderText(o.Default), says)
		require.Equal(t, want == "", o.Supposed(), says)
	}
}

// TestNamedFields: orders by what stands in an embedded record, and by other names, are those that the parameter's description has; what is only written is none.
func TestNamedFields(t *testing.T) {
	c := load(t, `
openapi: 3.0.3
info: {title: t, version: "1"}
paths:
  /visits:
    get:
      parameters:
        - {name: sort, in: query, description: "`+"One of `starts_at`, `created`, `guest__name`, `secret`, with `-` for descending."+`", schema: {type: string}}
        - {name: guest, in: query, schema: {type: integer}}
        - {name: email, in: query, description: "The address, compared without regard to case.", schema: {type: string}}
      responses:
        "200": {description: All., content: {application/json: {schema: {type: array, items: {type: object, properties: {
          id: {type: integer}, email: {type: string}, starts_at: {type: string, format: date-time}, created_at: {type: string, format: date-time}, secret: {type: string, writeOnly: true}, guest_id: {type: integer, writeOnly: true},
          guest: {type: object, readOnly: true, properties: {id: {type: integer}, name: {type: string}}}}}}}}}
`).Collections()[0]
	require.Equal(t, []string{"id", "email", "starts_at", "created_at", "guest.name"}, c.Ordering.Fields)
	for field, text := range map[string]string{"guest.name": "-guest__name", "created_at": "-created", "starts_at": "-starts_at"} {
		require.True(t, c.Declares(field), field)
		order := []Order{{field, true}}
		v := url.Values{}
		c.Ordering.encode(v, order)
		require.Equal(t, text, v.Get("sort"))
		require.Equal(t, order, c.Ordering.parse(v))
	}
	require.Equal(t, []string{"guest", "id"}, c.Filters[0].Path, "not guest_id, which is never shown")
	require.Equal(t, IEqual, c.Filters[1].Op)
}
