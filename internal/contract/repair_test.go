package contract

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/internal/source"
)

// loadTexts gives a document's warnings, without the name of its file.
func loadTexts(t *testing.T, text string) (*Document, []string) {
	t.Helper()
	d, err := Load(t.Context(), "d.yaml", []byte(strings.TrimPrefix(text, "\n")))
	require.NoError(t, err)
	out := []string{}
	for _, w := range d.Warnings() {
		out = append(out, strings.TrimPrefix(w.String(), "d.yaml:"))
	}
	return d, out
}

// TestRepairs holds what is wrong with documents but harmless: each loads, with exactly these warnings.
func TestRepairs(t *testing.T) {
	const (
		old   = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\n"
		later = "openapi: 3.1.0\ninfo: {title: t, version: '1'}\n"
		two   = "swagger: '2.0'\ninfo: {title: t, version: '1'}\n"
		ok    = "responses: {'200': {description: ok}}"
	)
	for _, test := range []struct {
		name, text string
		want       []string
	}{
		{"nothing but a version", "openapi: 3.0.3", []string{"1:1: the document has no info", "1:1: the document has no paths"}},
		{"no paths in 3.1", later, nil},
		{"a version that is a number", "openapi: 3.1\ninfo: {title: t, version: 1.0}\n", []string{
			`1:10: openapi is a number: it is read as the text "3.1"`, `2:27: version is a number: it is read as the text "1.0"`,
		}},
		{"a version that is whole", "openapi: 3\ninfo: {title: t, version: '1'}\npaths: {}\n", []string{"1:10: openapi is 3: it is read as 3.0"}},
		{"an old version that is whole", "swagger: '2'\ninfo: {title: t, version: '1'}\npaths: {}\n", []string{"1:10: swagger is 2: it is read as 2.0"}},
		{"a key twice", old + "paths: {}\npaths: {}\n", []string{`3:1: "paths" is written twice: the last one counts`}},
		{"no number", old + "paths: {}\nx-a: [.nan, .inf]\n", []string{
			"4:7: .nan is no number that JSON knows: it becomes null", "4:13: .inf is no number that JSON knows: it becomes null",
		}},
		{"control characters", old + "paths: {}\nx-a: b\bc\n", []string{"4:7: a control character, U+0008, is replaced"}},
		{"a path without a slash", old + "paths: {a: {get: {" + ok + "}}}\n", []string{`3:9: the path "a" does not begin with a slash: it is read as /a`}},
		{"an unknown field", old + "paths: {/a: {get: {" + ok + ", sumary: x}}}\n", []string{`3:59: an operation has no field "sumary": it means nothing`}},
		{"no responses", old + "paths: {/a: {get: {}}}\n", []string{"3:19: the operation documents no response"}},
		{"only 101", old + "paths: {/a: {get: {responses: {101: {description: d}}}}}\n", []string{"3:31: the operation documents no success"}},
		{"no status", old + "paths: {/a: {get: {responses: {200: {}, ok: {description: d}}}}}\n", []string{
			"3:37: a response has no description", `3:41: "ok" is no status: the response is left out`,
		}},
		{"an operation that is null", old + "paths: {/a: {get: }}\n", []string{"3:19: an operation is null: it is left out"}},
		{"an operation that is text", old + "paths: {/a: {get: hello}}\n", []string{"3:19: get is text, which it cannot be: it is left out"}},
		{"an operation id twice", old + "paths: {/a: {get: {operationId: x, " + ok + "}, put: {operationId: x, " + ok + "}}}\n", []string{
			"3:95: operationId x is used twice, first at d.yaml:3:33: it is left out",
		}},
		{"path parameters forgotten", old + "paths:\n  /a/{b}:\n    get: {" + ok + "}\n    parameters: [{name: c, in: path, required: true, schema: {}}]\n", []string{
			"5:5: GET /a/{b} does not declare the path's parameter b: it is read as text", "6:18: parameter c is not in the path /a/{b}: it is left out",
		}},
		{"a path parameter that is not required", old + "paths:\n  /a/{b}: {get: {" + ok + ", parameters: [{name: b, in: path, schema: {}}]}}\n", []string{
			"4:70: parameter b is in the path, and so required, which it does not say",
		}},
		{"parameters that say too much or too little", old + `paths:
  /a:
    get:
      ` + ok + `
      parameters:
      - {name: a, in: query, schema: {}, content: {}}
      - {name: b, in: query}
      - {name: b, in: query, schema: {}}
      - {name: c, in: body, schema: {}}
      - {in: query, schema: {}}
      - {name: d, in: query, schema: {}, style: simple}
      - {name: e, in: query, required: "true", schema: {type: integer, maximum: "5"}}
`, []string{
			"8:51: parameter a has content, which is not used", "9:9: parameter b has no schema: it may be anything",
			"10:9: parameter b in the query is declared twice: this one is left out", `11:9: parameter c is in "body", where no parameter can be: it is left out`,
			"12:9: a parameter has no name: it is left out", "13:49: a parameter in the query cannot have style simple: it is read as form",
			"14:40: required is text: it is read as true", "14:81: maximum is text: it is read as 5",
		}},
		{"references", old + `paths:
  /a:
    get:
      parameters: [{$ref: '#/components/parameters/none'}]
      responses:
        '200': {$ref: '#/components/responses/none'}
        '201':
          description: d
          content: {application/json: {schema: {$ref: '#/components/parameters/p'}}}
  /b: {$ref: 'http://example.com/b.yaml'}
  /c: {$ref: 'missing.yaml'}
  /d: {$ref: [1]}
  /e: {$ref: 'ftp://example.com'}
components:
  parameters: {p: {name: p, in: query, schema: {$ref: '#/components/schemas/Loop'}}}
  schemas:
    Loop: {$ref: '#/components/schemas/Pool'}
    Pool: {$ref: '#/components/schemas/Loop'}
    Self: {$ref: '#/components/schemas/Self'}
    Tree: {type: object, properties: {child: {$ref: '#/components/schemas/Tree'}}}
    Deep: {$ref: '#/components/schemas/Tree/properties/child'}
    Other: {$ref: '#/x-other'}
    List: [1]
    Null:
    Anchor: {$ref: '#here'}
x-other: {type: object, properties: {a: {$ref: '#/x-other'}, b: {$ref: '#/x-no'}}}
`, []string{
			"6:27: $ref #/components/parameters/none leads nowhere: what refers to it is left out",
			"8:23: $ref #/components/responses/none leads nowhere: a response that says nothing takes its place",
			"11:55: $ref #/components/parameters/p leads to a parameter, where a schema belongs: a schema that says nothing takes its place",
			"12:14: $ref http://example.com/b.yaml is on another host, which is not asked unless that is allowed: what refers to it is left out",
			"13:14: $ref missing.yaml cannot be read: no such file or directory: what refers to it is left out",
			"14:14: $ref is a list, not text: it is left out",
			"15:14: $ref ftp://example.com is neither a file nor an http address: what refers to it is left out",
			"17:55: $ref #/components/schemas/Loop leads back to itself: a schema that says nothing takes its place",
			"19:18: $ref #/components/schemas/Pool leads back to itself: a schema that says nothing takes its place",
			"20:18: $ref #/components/schemas/Loop leads back to itself: a schema that says nothing takes its place",
			"21:18: $ref #/components/schemas/Self leads back to itself: a schema that says nothing takes its place",
			"25:11: List is a list, which it cannot be: it is read as an empty one",
			"26:10: a schema is null: it is read as an empty one",
			"27:20: $ref #here names an anchor that is nowhere in d.yaml: a schema that says nothing takes its place",
			"28:72: $ref #/x-no leads nowhere: a schema that says nothing takes its place",
		}},
		{"$ref that is data", old + `paths:
  /a:
    x-a: {$ref: '#/no'}
    get:
      x-b: [{$ref: '#/no'}]
      responses:
        '200':
          description: d
          content:
            application/json:
              schema: {type: object, default: {$ref: '#/no'}, enum: [{$ref: '#/no'}], example: {$ref: '#/no'}}
              examples: {a: {value: {$ref: '#/no'}}, b: {$ref: '#/no'}}
            text/json: {example: {$ref: '#/no'}}
`, []string{"14:64: $ref #/no leads nowhere: what refers to it is left out"}},
		{"schemas", old + `paths: {}
components:
  schemas:
    A: {type: object, required: [a, b, a], properties: {a: {type: string, required: true}, b: {type: Int}, c: {type: array}}}
    B: {type: string, pattern: '(', minLength: -1, maxLength: 1.5}
    C: {type: string, pattern: '^(?!x)\p{L}+$', maxLength: 3.0, enum: []}
    D: {type: [string, number], discriminator: kind, oneOf: []}
    E: {type: thing, items: [1], properties: 3, enum: 4}
    F: {type: number, minimum: 1, exclusiveMinimum: 2, examples: {a: 1}}
`, []string{
			"6:40: \"a\" is required twice", "6:85: required is a boolean, which it cannot be: it is left out", `6:102: type "Int" is not known: it is read as "integer"`,
			"6:118: an array without items: they may be anything", "7:32: the pattern ( does not compile: it is left out",
			"7:48: minLength is -1, not a whole number that can be used: it is left out", "7:63: maxLength is 1.5, not a whole number that can be used: it is left out",
			"8:60: maxLength is a number: it is read as 3", "8:71: enum is an empty list: it is left out",
			"9:15: type is a list, which OpenAPI knows only since 3.1", "9:48: discriminator is text, which it cannot be: it is left out",
			"9:61: oneOf is an empty list: it is left out", `10:15: type "thing" is not known: it is left out`,
			"10:29: items is a list, which it cannot be: it is read as an empty one", "10:46: properties is a number, which it cannot be: it is left out",
			"10:55: enum is a number: it is read as a list of one", "11:53: exclusiveMinimum is a number, as in OpenAPI 3.1: it is read as minimum: 2, excluded",
			"11:66: examples is an object: it is read as the list of its values", "11:70: the example breaks its schema: 1 is less than 2",
		}},
		{"schemas of 3.1", later + `components:
  schemas:
    A: {type: string, nullable: true, exclusiveMinimum: true, enum: [a]}
    B: {type: number, minimum: 3, exclusiveMinimum: true, anything: 1}
    C: {type: null}
    D: {type: array, items: [{type: string}]}
`, []string{
			"5:33: nullable is not known since OpenAPI 3.1: it is read as type null", "5:57: exclusiveMinimum is a boolean, as in OpenAPI 3.0: it is left out",
			"6:53: exclusiveMinimum is a boolean, as in OpenAPI 3.0: it is read as exclusiveMinimum: 3", "8:29: items is a list: it is read as prefixItems",
		}},
		{"examples", old + `paths:
  /a:
    get:
      responses:
        '200':
          description: d
          content:
            application/json:
              schema: {type: integer, default: x, example: y}
              examples: [1, 2]
            text/json:
              schema: {type: integer}
              example: z
            application/x+json:
              schema: {type: object}
              examples: {a: {id: 1}, b: 2, c: {value: 3}}
`, []string{
			`11:48: the default breaks its schema: "x" is not an integer`, `11:60: the example breaks its schema: "y" is not an integer`,
			"12:25: examples is a list: its items are read as the values of examples", `15:24: the example breaks its schema: "z" is not an integer`,
			"18:29: an example has none of the fields of one: it is read as the example's value",
			"18:41: b is a number: it is read as the example's value", "18:41: the example breaks its schema: 2 is not an object",
			"18:55: the example breaks its schema: 3 is not an object",
		}},
		{"security", old + "paths: {}\nsecurity: {key: }\ncomponents: {securitySchemes: {other: {}}}\n", []string{
			"4:11: security is an object: it is read as a list of one", "4:12: the security scheme key is not defined", "5:39: a security scheme has no type",
		}},
		{"Swagger 2.0", two + `paths:
  /a/{b}:
    post:
      parameters:
      - {name: body, in: body}
      - {name: q, in: query, schema: {type: integer}}
      - {name: c, in: cookie, type: string}
      - {$ref: '#/parameters/none'}
      responses: {200: {description: d, schema: {$ref: '#/definitions/none'}, headers: {X: {}}}}
`, []string{
			"5:5: POST /a/{b} does not declare the path's parameter b: it is read as text", "7:9: the body has no schema: it may be anything",
			"8:38: only a body has a schema", `9:9: parameter c is in "cookie", where no parameter can be: it is left out`,
			"10:16: $ref #/parameters/none leads nowhere: what refers to it is left out",
			"11:56: $ref #/definitions/none leads nowhere: a schema that says nothing takes its place", "11:92: no type is given: it is read as text",
		}},
		{"what Swagger 2.0 cannot say", two + `host: https://example.com/
securityDefinitions: {o: {type: oauth2}}
paths:
  /a:
    post:
      parameters:
      - {name: f, in: formData, type: string}
      - {name: b, in: body, schema: {}}
      - {name: c, in: body, schema: {}}
      responses: {200: {description: d, headers: {X: {$ref: '#/x'}}}}
`, []string{
			`3:7: the host "https://example.com/" is more than a host: it is left out`, "4:26: the security scheme has no flow that is known: it is read as implicit",
			"9:9: the operation has a body already: the form is left out", "11:9: the operation has a body already: this one is left out",
			"12:54: no type is given: it is read as text", "12:55: a header cannot be a $ref: it is left out",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, got := loadTexts(t, test.text)
			if test.want == nil {
				test.want = []string{}
			}
			require.Equal(t, test.want, got)
		})
	}
}

// TestRefuses holds what makes a document impossible to play.
func TestRefuses(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"cut off":    {`{"openapi": "3.0.3", "paths": {`, "d.yaml:1:32: not JSON: it ends too early"},
		"deep lists": {"openapi: 3.0.3\nx-a: " + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000), "d.yaml:2:518: nested more than 512 deep"},
		"deep JSON":  {`{"a":` + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + "}", "d.yaml:1:518: nested more than 512 deep"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Load(t.Context(), "d.yaml", []byte(test.text))
			require.EqualError(t, err, test.want)
			var s *source.Error
			require.ErrorAs(t, err, &s)
		})
	}
}

// TestRepairedPlays: what was mended is what the document goes by.
func TestRepairedPlays(t *testing.T) {
	d, _ := loadTexts(t, `
openapi: 3.0.3
paths:
  pets/{id}:
    get:
      parameters: [{name: kind, in: query, schema: {type: string, pattern: '^(?!x)[a-z]+$'}}]
      responses: {200: {content: {application/json: {schema: {$ref: '#/x-types/Pet'}}}}}
x-types:
  Pet: {type: object, properties: {zip: {type: Str}, age: {type: int}, mother: {$ref: '#/x-types/Pet'}}}
`)
	require.Len(t, d.Operations(), 1)
	op := d.Operations()[0]
	require.Equal(t, "/pets/{id}", op.Path)
	require.NotNil(t, op.Parameter("path", "id"))
	_, schema := op.Response(200).JSON()
	var names []string
	for _, p := range schema.Properties() {
		names = append(names, p.Name+" "+p.Schema.Type())
	}
	require.Equal(t, []string{"zip string", "age integer", "mother object"}, names)
	require.Equal(t, "d.yaml:8:8", schema.Place().String())
	pattern := op.Parameter("query", "kind").Schema
	require.Empty(t, pattern.Validate("abc", AsRequest))
	require.NotEmpty(t, pattern.Validate("xyz", AsRequest))
}

// TestAnchors: a $ref may name what it leads to, wherever that stands in the same file.
func TestAnchors(t *testing.T) {
	d, warnings := loadTexts(t, `
openapi: 3.1.0
info: {title: t, version: '1'}
paths: {/a: {get: {responses: {200: {description: d, content: {application/json: {schema: {type: array, items: {$ref: '#pet'}}}}}}}}}
components:
  schemas:
    Zoo: {$defs: {a/b: {$anchor: pet, type: object, properties: {z: {type: integer}, a: {$ref: '#pet'}}}}}
`)
	require.Empty(t, warnings)
	_, s := d.Operations()[0].Response(200).JSON()
	require.Equal(t, "d.yaml:6:24", s.Items().Place().String())
	for text, ok := range map[string]bool{`[{"z": 1, "a": {"z": 1}}]`: true, `[{"a": {"z": "1"}}]`: false} {
		v, err := DecodeJSON([]byte(text))
		require.NoError(t, err)
		require.Equal(t, ok, len(s.Validate(v, AsResponse)) == 0, text)
	}
}

// TestLastResort: what kin-openapi refuses although it was repaired is left out, as little of it as can be.
func TestLastResort(t *testing.T) {
	file, err := source.Parse("d.yaml", []byte(`openapi: 3.0.3
paths:
  /a: {get: {x: 1}, put: {x: 2}}
components: {schemas: {A: {x: 3}}}
`))
	require.NoError(t, err)
	l := newLoading(t.Context(), nil)
	l.root = &input{location: "d.yaml", file: file}
	r := newRepair(l)
	for _, at := range []string{"/paths/~1a/put/x", "/components/schemas/A/x"} {
		n, ok := file.At(at)
		require.True(t, ok)
		require.True(t, r.leaveOut(file.Errorf(n, "bad")))
	}
	require.False(t, r.leaveOut(file.Errorf(file.Root, "bad")))
	text, err := source.AppendJSON(nil, file.Root)
	require.NoError(t, err)
	require.Equal(t, `{"openapi":"3.0.3","paths":{"/a":{"get":{"x":1}}},"components":{"schemas":{"A":{}}}}`, string(text))
	require.Len(t, l.warnings, 2)
	require.Equal(t, "d.yaml:3:21: bad: put is left out", l.warnings[0].String())
	require.Equal(t, "d.yaml:4:24: bad: A is left out", l.warnings[1].String())
}

// rich says something of everything that OpenAPI has.
const rich = `
openapi: 3.0.3
info: {title: t, version: "1", contact: {name: n}, license: {name: l}}
servers: [{url: "https://{h}/v1", variables: {h: {default: a, enum: [a]}}}]
tags: [{name: a, externalDocs: {url: u}}]
security: [{key: []}, {oauth: [read]}]
paths:
  /a/{id}:
    parameters: [{$ref: "#/components/parameters/id"}]
    get:
      operationId: get
      tags: [a]
      parameters:
        - {name: q, in: query, style: form, explode: true, schema: {type: array, items: {type: string}}, example: [a]}
        - {name: h, in: header, content: {application/json: {schema: {type: object}}}}
      responses:
        "200": {$ref: "#/components/responses/A"}
        default: {description: d, headers: {X: {$ref: "#/components/headers/X"}}, links: {l: {operationId: get, parameters: {id: $request.path.id}}}}
    post:
      requestBody: {$ref: "#/components/requestBodies/A"}
      callbacks: {c: {"{$request.body#/url}": {post: {responses: {"200": {description: ok}}}}}}
      responses: {"201": {description: made}}
      security: []
components:
  parameters: {id: {name: id, in: path, required: true, schema: {type: string, pattern: "^[a-z]+$", minLength: 1, maxLength: 5}}}
  headers: {X: {schema: {type: integer, minimum: 1, maximum: 5, exclusiveMaximum: true, multipleOf: 1}}}
  examples: {a: {summary: s, value: [{id: a}]}}
  requestBodies: {A: {required: true, content: {multipart/form-data: {schema: {$ref: "#/components/schemas/A"}, encoding: {f: {contentType: a/b, headers: {X: {$ref: "#/components/headers/X"}}}}}}}}
  responses: {A: {description: d, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/A"}}, examples: {a: {$ref: "#/components/examples/a"}}}}}}
  securitySchemes:
    key: {type: apiKey, in: header, name: K}
    oauth: {type: oauth2, flows: {implicit: {authorizationUrl: u, scopes: {read: r}}}}
  schemas:
    A: {type: object, required: [id], minProperties: 1, properties: {id: {type: string, default: a, readOnly: true}, b: {$ref: "#/components/schemas/B"}}, additionalProperties: {type: string}}
    B:
      oneOf: [{$ref: "#/components/schemas/A"}, {type: object, additionalProperties: false, properties: {k: {type: string, enum: [x]}}}]
      discriminator: {propertyName: k, mapping: {x: "#/components/schemas/A"}}
    C: {allOf: [{$ref: "#/components/schemas/A"}, {not: {type: integer}}], anyOf: [{}], externalDocs: {url: u}, xml: {name: n}, deprecated: true, example: {id: a}}
`

const richOld = `
swagger: "2.0"
info: {title: t, version: "1"}
host: example.com
basePath: /v1
schemes: [https]
consumes: [application/json]
security: [{key: []}]
paths:
  /a/{id}:
    parameters: [{$ref: "#/parameters/id"}]
    get:
      parameters: [{name: q, in: query, type: array, items: {type: string}, collectionFormat: csv, enum: [[a]], default: [a]}]
      responses: {200: {$ref: "#/responses/A"}, default: {description: d, headers: {X: {type: integer, minimum: 1}}}}
    post:
      parameters: [{$ref: "#/parameters/body"}]
      responses: {201: {description: made, schema: {$ref: "#/definitions/A"}, examples: {application/json: {id: a}}}}
    put:
      consumes: [multipart/form-data]
      parameters: [{name: f, in: formData, type: file, required: true}, {name: g, in: formData, type: integer, maximum: 3}]
      responses: {204: {description: put}}
parameters:
  id: {name: id, in: path, required: true, type: string, pattern: "^[a-z]+$"}
  body: {name: body, in: body, required: true, schema: {$ref: "#/definitions/A"}}
responses: {A: {description: d, schema: {type: array, items: {$ref: "#/definitions/A"}}}}
securityDefinitions: {key: {type: apiKey, in: header, name: K}, oauth: {type: oauth2, flow: implicit, authorizationUrl: u, scopes: {read: r}}}
definitions:
  A: {type: object, required: [id], discriminator: id, properties: {id: {type: string, default: a}, b: {$ref: "#/definitions/A"}}, additionalProperties: {type: string}}
  C: {allOf: [{$ref: "#/definitions/A"}, {not: {type: integer}}], example: {id: a}}
`

// TestMutilated: whatever value is replaced by one of another kind, the document loads, and the last resort, kin-openapi's own refusal, is not needed.
func TestMutilated(t *testing.T) {
	for name, text := range map[string]string{"3.0": rich, "3.1": strings.Replace(rich, "3.0.3", "3.1.0", 1), "2.0": richOld} {
		t.Run(name, func(t *testing.T) {
			d, warnings := loadTexts(t, text)
			require.NotEmpty(t, d.Operations())
			if name != "3.1" {
				require.Empty(t, warnings)
			}
			step := 4 // every value gets some of them
			if name == "3.1" {
				step = 15 // it is slower
			}
			for first, instead := range []string{
				"null", `"text"`, "3", "-1.5", "true", "[]", "{}", "[1]", `["a",{}]`, `{"a":1}`, `{"$ref":"#/no"}`, `{"$ref":1}`, `{"$ref":"#/components/schemas/A"}`, `{"$ref":"#/definitions/A"}`, `{"$ref":"#"}`,
			} {
				for i := 1 + first%step; ; i += step {
					file, err := source.Parse("d.json", []byte(strings.TrimPrefix(text, "\n")))
					require.NoError(t, err)
					if !replaceValue(file.Root, i, instead) {
						break
					}
					mutilated, err := source.AppendJSON(nil, file.Root)
					require.NoError(t, err)
					d, err := Load(t.Context(), "d.json", mutilated)
					require.NoError(t, err, "%s at value %d: %s", instead, i, mutilated)
					for _, w := range d.Warnings() {
						require.NotRegexp(t, `: \S+ is left out$|unmarshal|bad data|MUST`, strings.ReplaceAll(w.Text, "it is left out", ""), "%s: %s", instead, mutilated)
					}
				}
			}
		})
	}
}

// replaceValue replaces the n-th value below a node, the version apart.
func replaceValue(root *source.Node, left int, text string) bool {
	var walk func(node *source.Node) bool
	walk = func(node *source.Node) bool {
		step := 1
		if source.IsMap(node) {
			step = 2
		}
		for i := step - 1; i < len(node.Content); i += step {
			if step == 2 && (node.Content[i-1].Value == "openapi" || node.Content[i-1].Value == "swagger") {
				continue
			}
			if left--; left == 0 {
				other, err := source.Parse("x.json", []byte(text))
				if err != nil {
					return false
				}
				node.Content[i] = other.Root
				return true
			}
			if walk(node.Content[i]) {
				return true
			}
		}
		return false
	}
	return walk(root)
}
