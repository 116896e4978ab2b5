package contract

import (
	_ "embed"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// brackets is a document in the style of API Platform: an order has a parameter for each field, operators stand in brackets, and records are named by their addresses.
//
//go:embed testdata/brackets.yaml
var brackets string

// TestBrackets holds what is understood of names with brackets.
func TestBrackets(t *testing.T) {
	d := load(t, brackets)
	projects := collection(t, d, "projects")
	var ops []string
	for _, f := range projects.Filters {
		ops = append(ops, f.Param+": "+strings.Join(f.Path, ".")+" "+string(f.Op))
	}
	require.Equal(t, []string{
		"exists[startsOn]: startsOn is not null", "size[null]: size is null",
		"startsOn[before]: startsOn ≤", "startsOn[strictly_before]: startsOn <", "startsOn[after]: startsOn ≥", "startsOn[strictly_after]: startsOn >",
		"size[between]: size between", "size[gt]: size >", "name[starts_with]: name starts with", "name[$notIn]: name none of",
		"type: type =", "type[]: type one of", "type[nin][]: type none of", "born[between]: born between", "opened[strictly_after]: opened >", "opened[exists]: opened is not null",
	}, ops)
	for _, f := range projects.Filters {
		require.True(t, f.Named(), f.Param)
	}
	o := &projects.Ordering
	require.Equal(t, []string{"name", "startsOn", "type", "team.slug"}, o.Fields)
	require.Equal(t, []string{"order[name]", "order[startsOn]", "order[type]", "order[team.slug]"}, o.Params())
	require.True(t, projects.Declares("type"))
	require.True(t, o.Spelled() && o.NamesField("order[name]") && o.Offers(Order{"name", true}))
	require.Contains(t, projects.Unknown, Note{"query parameter order[hidden]", "it names no property of an item"})
	param, value := o.Asking("zz")
	require.Equal(t, "order[zz]=asc", param+"="+value)

	members := collection(t, d, "members").Ordering
	require.Empty(t, members.Each, "one parameter has names")
	require.Equal(t, "sort[by] sort[order]", members.Param+" "+members.Direction)
	require.Equal(t, []Order{{"title", true}}, collection(t, d, "tasks").Ordering.Default)
}

// TestParseBrackets holds the spellings of orderings that have a parameter for each field.
func TestParseBrackets(t *testing.T) {
	c := collection(t, load(t, brackets), "projects")
	for _, test := range []struct {
		query string
		want  []Order // as the query has them
		again string  // Encode
	}{
		{"order[name]=desc", []Order{{"name", true}}, "order[name]=desc"},
		{"order[startsOn]=desc&order[name]=ASC", []Order{{"startsOn", true}, {"name", false}}, "order[name]=asc&order[startsOn]=DESC"},
		{"order%5Bteam.slug%5D=asc&order%5Bname%5D=asc", []Order{{"team.slug", false}, {"name", false}}, "order[name]=asc&order[team.slug]=asc"},
		{"order[name]=sideways&order[type]=desc", []Order{{"type", true}}, "order[type]=desc"},
		{"order[name]=&order[zz]=asc", nil, ""},
		{"order[name]=asc&order[name]=desc", []Order{{"name", true}}, "order[name]=desc"},
	} {
		q, err := c.Parse("/api/projects", ParseQuery(test.query))
		require.NoError(t, err)
		require.Equal(t, test.want, c.Ordering.InTurn(q.Order, test.query), test.query)
		_, v := c.Encode(q)
		again, err := url.QueryUnescape(v.Encode())
		require.NoError(t, err)
		require.Equal(t, test.again, again, test.query)
	}
}

// TestMatchBrackets is the first witness for operators in brackets: exactly these of three. What is uncertain is said behind a bar.
func TestMatchBrackets(t *testing.T) {
	c := collection(t, load(t, brackets), "projects")
	items := map[string]string{
		"a": `{"id":1,"name":"Alpha","type":"big","size":10,"startsOn":"2026-03-01","opened":null,"born":"2020-01-01"}`,
		"b": `{"id":2,"name":"Beta","type":"small","size":20,"startsOn":"2026-04-01","opened":"2026-04-01T10:00:00Z","born":"2020-02-01"}`,
		"c": `{"id":3,"name":"Gamma","type":"odd","size":null,"startsOn":null,"born":"2020-03-01"}`,
	}
	for query, want := range map[string]string{
		"exists[startsOn]=true":                         "a b |",
		"exists[startsOn]=0":                            "c |",
		"size[null]=true":                               "c |",
		"startsOn[before]=2026-04-01":                   "a b |", // a strict one stands beside it
		"startsOn[strictly_before]=2026-04-01":          "a |",
		"startsOn[after]=2026-03-01":                    "a b |",
		"startsOn[strictly_after]=2026-03-01":           "b |",
		"size[between]=11..20":                          "b |",
		"size[between]=10,19":                           "a |",
		"size[gt]=10":                                   "b |",
		"name[starts_with]=Al":                          "a |",
		"name[$notIn]=Alpha,Beta":                       "c |",
		"type[]=big&type[]=odd":                         "a c |",
		"type[nin][]=big&type[nin][]=odd":               "b |",
		"born[between]=2020-01-15..2020-02-15":          "b | a b c", // it may have to be a comma
		"opened[exists]=false":                          "a c |",
		"opened[strictly_after]=2026-04-01T09:00:00Z":   "b |",
		"exists[startsOn]=true&startsOn[after]=2026-04": "", // refused
	} {
		q, err := c.Parse("/api/projects", ParseQuery(query))
		if want == "" {
			require.Error(t, err)
			continue
		}
		require.NoError(t, err, query)
		require.Equal(t, want, matching(t, c, q, items, []string{"a", "b", "c"}), query)
	}
}

// TestAddresses holds how an address names what an item is in.
func TestAddresses(t *testing.T) {
	d := load(t, brackets)
	c, projects := collection(t, d, "tasks"), collection(t, d, "projects")
	require.Len(t, c.Scope, 1)
	b := c.Scope[0]
	require.Equal(t, `"/v2/api/projects/45"`, b.JSON("45"))
	q, err := c.Parse("/api/projects/45/tasks", url.Values{})
	require.NoError(t, err)
	for address, want := range map[string]struct {
		key     string
		verdict Verdict
	}{
		"/api/projects/45":                       {"45", yes},
		"/v2/api/projects/45/":                   {"45", yes},
		"https://example.org/v2/api/projects/45": {"45", yes},
		"https://example.org/v2/api/projects/4":  {"4", no},
		"/api/projects/a%2Fb":                    {"a/b", no},
		"/api/members/45":                        {"", Verdict{}}, // no project's
		"45":                                     {"", Verdict{}},
		"%zz":                                    {"", Verdict{}},
		"https://example.org/?x=/api/projects/45": {"", Verdict{}},
	} {
		it, err := c.Records.Decode([]byte(`{"id":1,"title":"t","project":` + quote(address) + `}`))
		require.NoError(t, err)
		require.Equal(t, want.verdict, c.Match(q, it), address)
		require.Equal(t, want.key, b.KeyIn(it), address)
	}
	key, ok := projects.KeyAt("/api/projects/7")
	require.True(t, ok && key == "7")
}
