package contracttest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/internal/contract"
)

func TestSameMeaning(t *testing.T) {
	for _, c := range []struct {
		sent, shown string
		same        bool
	}{
		{`1`, `1.0`, true},
		{`12.5`, `"12.50"`, true},
		{`12.75`, `12`, false},
		{`" a  "`, `"a"`, true},
		{`"Ada@Example.com"`, `"ada@example.com"`, true},
		{`"2024-05-05T05:05:05+02:00"`, `"2024-05-05T03:05:05.000Z"`, true},
		{`"2024-05-05T05:05:05Z"`, `"2024-05-05T05:06:05Z"`, false},
		{`["a","b"]`, `["b","a"]`, true},
		{`["a","b"]`, `["a"]`, false},
		{`["a"]`, `[]`, false},
		{`7`, `{"id":7,"name":"x"}`, true},
		{`7`, `{"id":8,"name":"x"}`, false},
		{`[7]`, `[{"id":7}]`, true},
		{`{"a":1}`, `{"a":1,"b":2}`, true},
		{`{"a":1}`, `{"b":2}`, false},
		{`null`, `""`, true},
		{`null`, `2.5`, false},
		{`"a long name that is cut"`, `"a long name"`, false},
		{`true`, `false`, false},
	} {
		sent, err := contract.DecodeJSON([]byte(c.sent))
		require.NoError(t, err)
		shown, err := contract.DecodeJSON([]byte(c.shown))
		require.NoError(t, err)
		require.Equal(t, c.same, sameMeaning(sent, shown, nil), "%s shown as %s", c.sent, c.shown)
	}
}

// TestSpokenOf: which property a refusal is about is read in several dialects.
func TestSpokenOf(t *testing.T) {
	names := []string{"priority", "type", "url", "name", ""}
	for text, want := range map[string][]string{
		`{"priority":["Is out of range."]}`:                                              {"priority"},
		`{"error":{"code":"invalid","details":[{"field":"priority","message":"no"}]}}`:   {"priority"},
		`{"detail":[{"loc":["body","priority"],"msg":"no","type":"less_than_equal"}]}`:   {"priority"},
		`{"type":"about:blank","title":"Bad Request","status":400}`:                      nil,
		`url is required when type is webhook`:                                           {"type", "url"},
		`{"message":"the priority_level is wrong"}`:                                      nil,
		`{"name":["A project with this name already exists."],"priority":["Required."]}`: {"priority", "name"},
	} {
		require.Equal(t, want, spokenOf(&answer{body: []byte(text)}, names), text)
	}
}

// TestShownAs: of alternatives, what none shows is not looked for; in arrays, too.
func TestShownAs(t *testing.T) {
	doc, err := contract.Load(t.Context(), "doc.yaml", []byte(`
openapi: 3.1.0
info: {title: Pay, version: "1"}
paths:
  /customers:
    get:
      operationId: list
      responses:
        "200":
          description: ""
          content:
            application/json:
              schema:
                type: array
                items:
                  type: object
                  properties:
                    id: {type: integer}
                    method: &method {oneOf: [{type: object, properties: {type: {const: card}, last4: {type: string}}}, {type: object, properties: {type: {const: bank}, bank: {type: string}}}, {type: "null"}]}
                    methods: {type: array, items: *method}
`))
	require.NoError(t, err)
	records := doc.Collections()[0].Records
	method, _ := records.Schema.Property("method")
	methods, _ := records.Schema.Property("methods")
	object := func(text string) any { v, _ := contract.DecodeJSON([]byte(text)); return v }
	sent, shown := `{"type":"bank","bank":"B","account":"1234"}`, `{"type":"bank","bank":"B","last4":"1234"}`
	require.True(t, sameMeaning(object(sent), object(shown), method.Schema))
	require.True(t, sameMeaning(object("["+sent+"]"), object("["+shown+"]"), methods.Schema))
	require.False(t, sameMeaning(object(sent), object(`{"type":"bank","bank":"C"}`), method.Schema))
}
