package contract

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// priced gives the list of a document whose items have a price of a schema, and parameters for it.
func priced(t *testing.T, price, parameters string) *Collection {
	t.Helper()
	return collection(t, load(t, fmt.Sprintf(`
openapi: 3.0.3
info: {title: t, version: "1"}
paths:
  /things:
    get:
      operationId: things
      parameters: [{name: sort, in: query, schema: {type: string}}, %s]
      responses: {"200": {description: Things., content: {application/json: {schema: {type: array, items: {type: object, properties: {id: {type: integer}, price: %s}}}}}}}
`, parameters, price)), "things")
}

// TestDecimals is the first witness for numbers that are written as texts: which schemas are of such, which bounds look at them, and what these let through.
func TestDecimals(t *testing.T) {
	const numbers, plainly = "{name: min_price, in: query, schema: {type: number}}", "{name: min_price, in: query, schema: {type: string}}"
	for _, test := range []struct{ price, parameter, query, in, unsure string }{
		{`{type: string, format: decimal}`, plainly, "min_price=9.5", "9.50 105.00", ""},
		{`{type: string, pattern: '^\d+\.\d\d$'}`, plainly, "min_price=9.50", "9.50 105.00", ""},
		{`{type: string, pattern: '^-?\d{0,8}(?:\.\d{0,2})?$'}`, numbers, "min_price=10", "105.00", ""}, // which takes nothing at all, too
		{`{type: string}`, numbers, "min_price=10", "105.00", ""},
		{`{type: string}`, plainly, "min_price=10", "", ""},                     // is no filter
		{`{type: string, pattern: '^\d{5}$'}`, plainly, "min_price=10", "", ""}, // nor is a postal code a number
		{`{type: string, format: decimal}`, "{name: price, in: query, schema: {type: string}}", "price=9.5", "", "9.50"},
	} {
		c := priced(t, test.price, test.parameter)
		v, err := url.ParseQuery(test.query)
		require.NoError(t, err)
		q, err := c.Parse("/things", v)
		require.NoError(t, err)
		var in, unsure []string
		for _, price := range []string{"0.99", "9.50", "105.00"} {
			it, err := c.Records.Decode([]byte(fmt.Sprintf(`{"id":1,"price":%q}`, price)))
			require.NoError(t, err)
			switch verdict := c.Match(q, it); {
			case len(q.Filters) == 0:
			case !verdict.Certain:
				unsure = append(unsure, price)
			case verdict.Is:
				in = append(in, price)
			}
		}
		require.Equal(t, test.in+" | "+test.unsure, strings.Join(in, " ")+" | "+strings.Join(unsure, " "), "%s %s", test.price, test.query)
	}
}

// TestOrderOfDecimals: texts that are numbers are surely in the order of numbers where a format or a bound says that they are such.
func TestOrderOfDecimals(t *testing.T) {
	const bound = "{name: min_price, in: query, schema: {type: number}}"
	for _, test := range []struct {
		price, parameters, a, b string
		order                   int
		sure                    bool
	}{
		{`{type: string, format: decimal}`, "", "9.50", "105.00", -1, true},
		{`{type: string, pattern: '^\d+\.\d\d$'}`, bound, "9.50", "105.00", -1, true},
		{`{type: string, pattern: '^\d+\.\d\d$'}`, "", "9.50", "105.00", -1, false},
		{`{type: string, pattern: '^\d+\.\d\d$'}`, "", "1.50", "2.00", -1, true},
		{`{type: string}`, "", "9.50", "105.00", 1, false},
	} {
		c := priced(t, test.price, test.parameters)
		one, err := c.Records.Decode([]byte(fmt.Sprintf(`{"id":1,"price":%q}`, test.a)))
		require.NoError(t, err)
		two, err := c.Records.Decode([]byte(fmt.Sprintf(`{"id":2,"price":%q}`, test.b)))
		require.NoError(t, err)
		order, sure := c.Compare(Query{Order: []Order{{Field: "price"}}}, one, two)
		require.Equal(t, test.order, order, test)
		require.Equal(t, test.sure, sure, test)
	}
}
