package contract

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestMatch is the first witness for filters and searches: this query string, these five people, exactly these among them. A name with a question
// mark is a match, or none, that not every sane server agrees with.
func TestMatch(t *testing.T) {
	c := collection(t, load(t, styles), "pages")
	for query, want := range map[string]struct{ in, unsure string }{
		"":                                 {in: "ada bob carol dave eve"},
		"name=bob":                         {in: "bob"},
		"name=BOB":                         {unsure: "bob"},
		"name=ada":                         {unsure: "ada"},
		"name=Ada%20":                      {unsure: "ada"},
		"name=":                            {in: "ada bob carol dave eve"},
		"name=Ada&name=bob":                {in: "bob"}, // the last one counts
		"born=1990-05-01T10:00:00Z":        {in: "bob carol"},
		"born=1990-05-01T12:00:00%2B02:00": {in: "bob carol"},
		"born=2001-01-01T00:00:00Z":        {unsure: "eve"}, // less than a second apart
		"born=2001-01-01T00:00:00.500Z":    {in: "eve"},
		"born__gte=1990-05-01T10:00:00Z":   {in: "bob carol eve"},
		"age__lt=40":                       {in: "ada bob"},
		"age__lt=1e2":                      {in: "ada bob carol"},
		"age__in=5,40":                     {in: "bob carol"},
		"active=true":                      {in: "ada carol dave"},
		"active=0":                         {in: "bob"},
		"team__slug=engines":               {in: "ada", unsure: "carol"},
		"nick__isnull=true":                {in: "ada carol"},
		"nick__isnull=false":               {in: "bob dave eve"},
		"name__icontains=a":                {in: "ada carol dave"},
		"name__icontains=AVE":              {in: "dave", unsure: "dave"},
		"active=true&team__slug=engines":   {in: "ada", unsure: "carol"},
		"active=true&age__lt=37":           {in: "ada"},
		"q=carol":                          {in: "carol", unsure: "*"},
		"q=CAROL,ann":                      {in: "carol", unsure: "*"},
		"q=carol%20bob":                    {unsure: "*"},
		"q=%25":                            {in: "eve", unsure: "*"},
		"q=_":                              {in: "dave", unsure: "*"},
		"q=%00bob":                         {in: "bob", unsure: "*"},
		"q=%C3%A8ve":                       {in: "eve", unsure: "*"},
		"q=%20,":                           {in: "ada bob carol dave eve"},
		"unknown=1":                        {in: "ada bob carol dave eve"},
	} {
		v, err := url.ParseQuery(query)
		require.NoError(t, err)
		q, err := c.Parse("/pages", v)
		require.NoError(t, err, query)
		var in, unsure []string
		for _, name := range names {
			verdict := c.Match(q, person(t, c, name))
			if verdict.Is {
				in = append(in, name)
			}
			if !verdict.Certain {
				unsure = append(unsure, name)
			}
		}
		if want.unsure == "*" {
			want.unsure = strings.Join(names, " ")
		}
		require.Equal(t, want.in, strings.Join(in, " "), "in: %s", query)
		require.Equal(t, want.unsure, strings.Join(unsure, " "), "unsure: %s", query)
	}
}

// TestCompare is the first witness for orderings: the people in order, with "=" between those that tie and "?" before a place that not every sane server
// agrees with.
func TestCompare(t *testing.T) {
	c := collection(t, load(t, styles), "pages")
	for query, want := range map[string]string{
		"":               "eve bob = carol ada dave", // -born; null last
		"sort=born":      "ada bob = carol eve dave",
		"sort=-born":     "eve bob = carol ada dave",
		"sort=id":        "ada bob carol dave eve",
		"sort=-id":       "eve dave carol bob ada",
		"sort=age":       "bob ada carol eve dave",
		"sort=-age":      "eve carol ada bob dave",
		"sort=name":      "ada carol ? bob dave ? eve", // code points: capitals first, È last
		"sort=active":    "bob ada = carol = dave eve",
		"sort=born,name": "ada carol ? bob eve dave",
		"sort=-born,-id": "eve carol bob ada dave",
		"sort=zz":        "eve bob = carol ada dave", // an unknown field is dropped
		"sort=zz,-id":    "eve dave carol bob ada",
		"sort=id,-id":    "ada bob carol dave eve", // the first of a field counts
	} {
		v, err := url.ParseQuery(query)
		require.NoError(t, err)
		q, err := c.Parse("/pages", v)
		require.NoError(t, err, query)
		words := strings.Fields(want)
		last, sign := words[0], ""
		for _, word := range words[1:] {
			if word == "=" || word == "?" {
				sign = word
				continue
			}
			a, b := person(t, c, last), person(t, c, word)
			n, certain := c.Compare(q, a, b)
			m, alike := c.Compare(q, b, a)
			require.Equal(t, n, -m, "%s: %s and %s, both ways", query, last, word)
			require.Equal(t, certain, alike, "%s: %s and %s, both ways", query, last, word)
			if sign == "=" {
				require.Zero(t, n, "%s: %s and %s tie", query, last, word)
			} else {
				require.Negative(t, n, "%s: %s comes before %s", query, last, word)
			}
			require.Equal(t, sign != "?", certain, "%s: whether %s before %s is certain", query, last, word)
			last, sign = word, ""
		}
	}
}

// TestSureOrder holds which texts are in the same order for every sane server.
func TestSureOrder(t *testing.T) {
	for _, test := range []struct {
		a, b string
		sure bool
	}{
		{"a", "b", true},
		{"a", "a", true},
		{"A", "b", true},
		{"B", "a", false},    // case
		{"a-z", "ab", false}, // punctuation
		{"10", "9", false},   // numbers
		{"10", "11", true},
		{"é", "z", false}, // what is not ASCII
		{"a", "ab", true},
		{"v1.10", "v1.9", false}, // numbers in a text
		{"driver-6", "driver-11", false},
		{"driver-06", "driver-11", true},
		{"yusuf@example.com", "yusuf3@example.com", false}, // signs before digits
		{"a_b", "a1", false},
		{"ann@example.com", "ben@example.com", true},
	} {
		n := strings.Compare(test.a, test.b)
		require.Equal(t, test.sure, sureOrder(test.a, test.b, n), "%q %q", test.a, test.b)
	}
}

// TestCompareNumbers holds numbers beyond the 53 bits of a float64.
func TestCompareNumbers(t *testing.T) {
	require.Equal(t, -1, compareNumbers("9007199254740993", "9007199254740994"))
	require.Equal(t, 1, compareNumbers("9007199254740994", "9007199254740993"))
	require.Equal(t, 0, compareNumbers("7.0", "7"))
	require.Equal(t, -1, compareNumbers("-2", "1e0"))
}
