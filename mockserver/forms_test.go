package mockserver

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestParts: of a form with several parts it is judged what the parts tell for certain, and nothing else.
func TestParts(t *testing.T) {
	mock := mockOf(t, `
openapi: 3.0.3
info: {title: parts, version: "1"}
paths:
  /up:
    post:
      requestBody:
        content:
          multipart/form-data:
            schema:
              type: object
              required: [file]
              properties:
                file: {type: string, format: binary, maxLength: 3}
                size: {type: integer, maximum: 9}
                tags: {type: array, items: {type: string, enum: [a, b]}}
                meta: {type: object, required: [x], properties: {x: {type: integer}}}
                flag: {anyOf: [{type: boolean}, {type: string, enum: [auto]}]}
      responses: {"204": {description: ok}, "400": {description: no, content: {application/json: {schema: {type: object}}}}}
`, nil)
	const file = `name="file"; filename="a.txt"`
	for _, c := range []struct {
		parts [][2]string
		want  string // part of the refusal; "": it is accepted
	}{
		{[][2]string{{file, "long enough"}}, ""},
		{[][2]string{{file, "\xff\xfe"}, {`name="size"`, "9"}}, ""},
		{[][2]string{{file, "x"}, {`name="tags"`, "a"}, {`name="tags"`, "b"}}, ""},
		{[][2]string{{file, "x"}, {`name="tags"`, `["a","b"]`}, {`name="flag"`, "false"}}, ""},
		{[][2]string{{file, "x"}, {`name="meta[x]"`, "1"}}, ""},
		{[][2]string{{`name="file[]"; filename="a"`, "x"}}, ""},
		{[][2]string{{`name="size"`, "1"}}, `"file":["required`},
		{[][2]string{{file, "x"}, {`name="size"`, "many"}}, `"many" is not an integer`},
		{[][2]string{{file, "x"}, {`name="size"`, "10"}}, `"size":`},
	} {
		var body strings.Builder
		for _, part := range c.parts {
			body.WriteString("--b\r\nContent-Disposition: form-data; " + part[0] + "\r\n\r\n" + part[1] + "\r\n")
		}
		body.WriteString("--b--\r\n")
		w := ask(mock, "POST", "/up", "multipart/form-data; boundary=b", body.String())
		if c.want == "" {
			require.Equal(t, 204, w.Code, "%v: %s", c.parts, w.Body)
			continue
		}
		require.Equal(t, 400, w.Code, "%v", c.parts)
		require.Contains(t, strings.ReplaceAll(w.Body.String(), `\"`, `"`), c.want)
	}
}

// TestOldLists: a list in a query of Swagger 2.0 is separated by commas unless the document says otherwise (2.0, Parameter Object, collectionFormat).
func TestOldLists(t *testing.T) {
	mock := mockOf(t, `
swagger: "2.0"
info: {title: old, version: "1"}
paths:
  /a:
    get:
      parameters:
        - {name: plain, in: query, type: array, items: {type: integer}}
        - {name: multi, in: query, type: array, items: {type: integer}, collectionFormat: multi}
        - {name: pipes, in: query, type: array, items: {type: integer}, collectionFormat: pipes}
      responses: {"204": {description: ok}, "400": {description: no, schema: {type: object}}}
`, nil)
	for query, status := range map[string]int{
		"plain=1,2": 204, "plain=1%2C2": 204, "plain=1": 204, "plain=x": 400, "plain=1,x": 400,
		"multi=1&multi=2": 204, "multi=1&multi=x": 400, "pipes=1%7C2": 204, "pipes=1%7Cx": 400,
	} {
		w := ask(mock, "GET", "/a?"+query, "", "")
		require.Equal(t, status, w.Code, "%s: %s", query, w.Body)
		if status == 400 {
			require.Contains(t, w.Body.String(), `\"x\" is not an integer`, query)
		}
	}
}
