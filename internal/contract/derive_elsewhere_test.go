package contract

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestItemsElsewhere: which path outside of an issue is that of a comment that is listed inside one.
func TestItemsElsewhere(t *testing.T) {
	const document = `openapi: 3.0.3
info: {title: comments, version: "1"}
paths:
  /{owner}/issues/{number}/comments:
    get:
      parameters: [{name: owner, in: path, required: true, schema: {type: string}}, {name: number, in: path, required: true, schema: {type: integer}}]
      responses: {"200": {description: ok, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Comment"}}}}}}
  /{owner}/issues:
    get:
      parameters: [{name: owner, in: path, required: true, schema: {type: string}}]
      responses: {"200": {description: ok, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Issue"}}}}}}
  /{owner}/issues/{number}:
    get:
      parameters: [{name: owner, in: path, required: true, schema: {type: string}}, {name: number, in: path, required: true, schema: {type: integer}}]
      responses: {"200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Issue"}}}}}
PATHS
components:
  schemas:
    Issue: {type: object, properties: {number: {type: integer}, title: {type: string}}}
    Comment: {type: object, properties: {id: {type: integer}, body: {type: string}}}
    Other: {type: object, properties: {id: {type: integer}, text: {type: string}}}
`
	item := func(path, param, answers string) string {
		text := "  PATH:\n    parameters: [{name: owner, in: path, required: true, schema: {type: string}}, {name: PARAM, in: path, required: true, schema: {type: integer}}]\n" +
			"    get: {responses: {\"200\": {description: ok, content: {application/json: {schema: {$ref: \"#/components/schemas/ANSWERS\"}}}}}}\n    delete: {responses: {\"204\": {description: gone}}}\n"
		if !strings.Contains(path, "{owner}") {
			text = strings.Replace(text, "{name: owner, in: path, required: true, schema: {type: string}}, ", "", 1)
		}
		return strings.NewReplacer("PATH", path, "PARAM", param, "ANSWERS", answers).Replace(text)
	}
	for name, c := range map[string]struct{ paths, want, url string }{
		"beside the issues":       {item("/{owner}/issues/comments/{comment_id}", "comment_id", "Comment"), "/{owner}/issues/comments/{comment_id}", "/me/issues/comments/5"},
		"at the top":              {item("/comments/{id}", "id", "Comment"), "/comments/{id}", "/comments/5"},
		"another component":       {item("/{owner}/issues/comments/{comment_id}", "comment_id", "Other"), "", ""},
		"another end":             {item("/{owner}/issues/remarks/{comment_id}", "comment_id", "Comment"), "", ""},
		"another key":             {item("/{owner}/issues/comments/{position}", "position", "Comment"), "", ""},
		"a value not in the list": {item("/{team}/comments/{comment_id}", "comment_id", "Comment"), "", ""},
		"two of them":             {item("/comments/{id}", "id", "Comment") + item("/{owner}/comments/{id}", "id", "Comment"), "", ""},
		"inside":                  {item("/{owner}/issues/{number}/comments/{id}", "id", "Comment"), "/{owner}/issues/{number}/comments/{id}", "/me/issues/7/comments/5"},
	} {
		t.Run(name, func(t *testing.T) {
			collections := load(t, strings.Replace(document, "PATHS\n", c.paths, 1)).Collections()
			list := collections[slices.IndexFunc(collections, func(c *Collection) bool { return strings.HasSuffix(c.Path, "comments") })]
			require.Equal(t, c.want, list.ItemPath)
			if c.want == "" {
				require.Nil(t, list.Operation(Destroy))
				return
			}
			require.Equal(t, list, list.Operation(Destroy).Collection)
			require.Equal(t, c.url, list.ItemURL([]string{"me", "7"}, "5"))
			require.Equal(t, name != "inside", list.Elsewhere())
		})
	}
}

// TestDeepFilters: what stands in the brackets of a deepObject is a filter of its own.
func TestDeepFilters(t *testing.T) {
	for name, schema := range map[string]string{
		"an object":             `{type: object, properties: {gte: {type: integer}, lt: {type: integer}}}`,
		"an object or a number": `{anyOf: [{type: object, properties: {gte: {type: integer}, lt: {type: integer}}}, {type: integer}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			c := load(t, strings.Replace(`openapi: 3.0.3
info: {title: charges, version: "1"}
paths:
  /charges:
    get:
      parameters:
        - {name: created, in: query, style: deepObject, explode: true, schema: SCHEMA}
        - {name: where, in: query, style: deepObject, explode: true, schema: {type: object, properties: {paid: {type: boolean}, unheard: {type: string}}}}
      responses: {"200": {description: ok, content: {application/json: {schema: {type: array, items: {type: object, properties: {id: {type: string}, created: {type: integer, format: unix-time}, paid: {type: boolean}}}}}}}}
`, "SCHEMA", schema, 1)).Collections()[0]
			keep := func(query, item string) bool {
				q, err := c.Parse("/charges", ParseQuery(query))
				require.NoError(t, err)
				it, err := c.Records.Decode([]byte(item))
				require.NoError(t, err)
				return c.Match(q, it) == yes
			}
			const at = `{"id":"a","created":100,"paid":true}`
			for query, kept := range map[string]bool{
				"created[gte]=100": true, "created[gte]=101": false, "created[lt]=100": false, "created[lt]=101": true, "created[gte]=90&created[lt]=100": false,
				"where[paid]=true": true, "where[paid]=false": false, "where[unheard]=x": true,
			} {
				require.Equal(t, kept, keep(query, at), query)
			}
			_, err := c.Parse("/charges", ParseQuery("created[gte]=yesterday"))
			require.Error(t, err)
		})
	}
}
