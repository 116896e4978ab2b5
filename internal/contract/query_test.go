package contract

import (
	"net/url"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestParse is the first witness for requests: this query string, exactly this query.
func TestParse(t *testing.T) {
	d := load(t, styles)
	page := func(n int) Window { return Window{Page: n} }
	for _, test := range []struct {
		list, path, query string
		want              Query
	}{
		{"pages", "/pages", "", Query{Window: page(1)}},
		{"pages", "/pages", "page=2&per_page=4", Query{Window: page(2), Size: 4}},
		{"pages", "/pages", "per_page=1000", Query{Window: page(1), Size: 5}},
		{"pages", "/pages", "per_page=0", Query{Window: page(1)}},
		{"pages", "/pages", "per_page=-3", Query{Window: page(1)}},
		{"pages", "/pages", "per_page=", Query{Window: page(1)}},
		{"pages", "/pages", "sort=-name,zz,born", Query{Window: page(1), Order: []Order{{"name", true}, {"born", false}}}},
		{"pages", "/pages", "sort=", Query{Window: page(1)}},
		{"pages", "/pages", "q=%20a,b", Query{Window: page(1), Search: " a,b"}},
		{"pages", "/pages", "q=%20", Query{Window: page(1)}},
		{"pages", "/pages", "born=2020-02-29T01:00:00.250%2B01:00", Query{Window: page(1), Filters: []Condition{{"born", []string{"2020-02-29T00:00:00.25Z"}}}}},
		{"pages", "/pages", "active=1&name=x", Query{Window: page(1), Filters: []Condition{{"name", []string{"x"}}, {"active", []string{"true"}}}}},
		{"offsets", "/teams/a%2Fb/offsets", "offset=8&limit=2", Query{Scope: []string{"a/b"}, Window: Window{Offset: 8}, Size: 2}},
		{"cursors", "/cursors", "cursor=abc", Query{Window: Window{Cursor: "abc"}}},
	} {
		c := collection(t, d, test.list)
		v, err := url.ParseQuery(test.query)
		require.NoError(t, err)
		q, err := c.Parse(test.path, v)
		require.NoError(t, err, "%s?%s", test.path, test.query)
		require.Equal(t, test.want, q, "%s?%s", test.path, test.query)
	}
}

// TestParseRefuses holds what is no query, and how it is said.
func TestParseRefuses(t *testing.T) {
	d := load(t, styles)
	for _, test := range []struct{ list, query, want string }{
		{"pages", "page=0", `page: "0" is not an integer of at least 1`},
		{"pages", "page=-1", `page: "-1" is not an integer of at least 1`},
		{"pages", "page=abc", `page: "abc" is not an integer of at least 1`},
		{"pages", "page=1.5", `page: "1.5" is not an integer of at least 1`},
		{"pages", "page=", `page: "" is not an integer of at least 1`},
		{"pages", "page=100000000000000000000", `page: "100000000000000000000" is not an integer of at least 1`},
		{"pages", "per_page=x", `per_page: "x" is not an integer`},
		{"pages", "born=2021-02-29T00:00:00Z", `born: "2021-02-29T00:00:00Z" is not an RFC 3339 date-time such as 2026-11-22T09:30:00Z`},
		{"pages", "born=2020-01-01", `born: "2020-01-01" is not an RFC 3339 date-time such as 2026-11-22T09:30:00Z`},
		{"pages", "active=maybe&age__lt=x", `age__lt: "x" is not a number; active: "maybe" is not true or false`},
		{"offsets", "offset=-1", `offset: "-1" is not an integer of at least 0`},
	} {
		c := collection(t, d, test.list)
		v, err := url.ParseQuery(test.query)
		require.NoError(t, err)
		_, err = c.Parse("/", v)
		require.EqualError(t, err, test.want, test.query)
	}
}

// canonical draws a canonical query of a collection.
func canonical(t *rapid.T, c *Collection) Query {
	var q Query
	for range c.template.params {
		q.Scope = append(q.Scope, rapid.StringMatching(`[^/]{1,8}`).Draw(t, "scope"))
	}
	for _, f := range c.Filters {
		if !rapid.Bool().Draw(t, "has "+f.Param) {
			continue
		}
		var value string
		switch {
		case f.Op.Boolean() || f.kind == boolKind:
			value = rapid.SampledFrom([]string{"true", "false"}).Draw(t, "bool")
		case f.Op == Between && f.kind == dateKind:
			value = f.Range("2020-02-29", rapid.SampledFrom([]string{"", "2026-11-22"}).Draw(t, "to"))
		case f.Op == Between:
			value = f.Range(rapid.SampledFrom([]string{"1", "-4.5"}).Draw(t, "from"), rapid.SampledFrom([]string{"", "3"}).Draw(t, "to"))
		case f.Days && rapid.Bool().Draw(t, "day"):
			value = time.Unix(rapid.Int64Range(-60e9, 200e9).Draw(t, "s"), 0).UTC().Format(time.DateOnly)
		case f.kind == dateKind && !f.Op.several():
			value = time.Unix(rapid.Int64Range(-60e9, 200e9).Draw(t, "s"), 0).UTC().Format(time.DateOnly)
		case f.kind == instantKind:
			value = time.Unix(rapid.Int64Range(-60e9, 200e9).Draw(t, "s"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns")).UTC().Format(time.RFC3339Nano)
		case f.kind == numberKind && !f.Op.several(), f.kind == decimalKind && bounds(f.Op):
			value = rapid.StringMatching(`-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,4})?`).Draw(t, "number")
		default:
			value = rapid.StringN(1, 20, -1).Draw(t, "text")
		}
		q.Filters = append(q.Filters, Condition{f.Param, []string{value}})
	}
	if c.Search.Param != "" {
		if s := rapid.StringMatching(`[^\x00]{0,12}`).Draw(t, "search"); len(searchWords(s)) > 0 {
			q.Search = s
		}
	}
	if most := 3; len(c.Ordering.Params()) > 0 {
		if c.Ordering.Single {
			most = 1
		}
		for _, field := range rapid.SliceOfNDistinct(rapid.SampledFrom(c.Ordering.Fields), 0, most, rapid.ID[string]).Draw(t, "order") {
			q.Order = append(q.Order, Order{field, rapid.Bool().Draw(t, "desc")})
		}
		if c.Ordering.Each != nil { // in the document's order
			slices.SortFunc(q.Order, func(a, b Order) int {
				return slices.Index(c.Ordering.Fields, a.Field) - slices.Index(c.Ordering.Fields, b.Field)
			})
		}
	}
	limit := c.Paging.Max
	if limit == 0 {
		limit = 1000
	}
	if c.Paging.Size != "" {
		q.Size = rapid.IntRange(0, limit).Draw(t, "size")
	}
	q.Window = window(t, c)
	return q
}

func window(t *rapid.T, c *Collection) Window {
	switch c.Paging.Style {
	case NoPaging:
		return Window{}
	case ByPage:
		return Window{Page: rapid.IntRange(c.Paging.First, 1<<40).Draw(t, "page")}
	case ByOffset:
		return Window{Offset: rapid.IntRange(0, 1<<40).Draw(t, "offset")}
	}
	w := Window{Cursor: rapid.String().Draw(t, "cursor")}
	w.Back = w.Cursor != "" && c.Paging.Before != "" && rapid.Bool().Draw(t, "back")
	return w
}

// TestParseEncode holds the first pair together: Parse(Encode(q)) == q for every canonical q, in every style.
func TestParseEncode(t *testing.T) {
	for _, c := range slices.Concat(load(t, styles).Collections(), load(t, forms).Collections(), load(t, brackets).Collections()) {
		t.Run(c.ID, rapid.MakeCheck(func(t *rapid.T) { checkParseEncode(t, c, canonical(t, c)) }))
	}
}

func checkParseEncode(t interface {
	require.TestingT
	Helper()
}, c *Collection, q Query,
) {
	t.Helper()
	path, v := c.Encode(q)
	wire, err := url.ParseQuery(v.Encode())
	require.NoError(t, err)
	back, err := c.Parse(path, wire)
	require.NoError(t, err)
	require.Equal(t, q, back)
}

// FuzzParse: whatever the query string, nothing panics, and what is accepted is canonical.
func FuzzParse(f *testing.F) {
	for _, query := range []string{
		"", "page=2&per_page=4&sort=-name", "page=abc", "q=%00&born=2020-01-01T00:00:00Z", "cursor=x&limit=5", "offset=3",
		"age__in=1,2&name=a&name=b", "order[name]=desc&order[startsOn]=x&size[between]=1..2&born[between]=,..,", "sort=,,-", "active=T", "%zz=1",
	} {
		f.Add(query)
	}
	lists := slices.Concat(load(f, styles).Collections(), load(f, forms).Collections(), load(f, brackets).Collections())
	f.Fuzz(func(t *testing.T, query string) {
		v, _ := url.ParseQuery(query)
		for _, c := range lists {
			path, _ := c.Encode(Query{Scope: []string{"x"}, Window: c.First()})
			q, err := c.Parse(path, v)
			if err != nil {
				require.NotEmpty(t, err.(Violations))
				continue
			}
			checkParseEncode(t, c, q)
		}
	})
}

// TestTemplate holds match and expand together.
func TestTemplate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tmpl := parseTemplate(rapid.SampledFrom([]string{"/a/{x}/b/", "/{x}", "/a/{x}/{y}", "/files/{x}.{y}", "/a"}).Draw(t, "template"))
		values := make([]string, len(tmpl.params))
		for i := range values {
			values[i] = rapid.StringMatching(`[^.]{1,6}`).Draw(t, "value")
		}
		if len(values) == 0 {
			values = nil
		}
		got, ok := tmpl.match(tmpl.expand(values))
		require.True(t, ok)
		require.True(t, reflect.DeepEqual(values, got), "%q %q", values, got)
	})
}
