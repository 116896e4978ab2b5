package contract

import (
	"context"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"understudy/internal/source"
)

// shipped loads the contract that the program brings along.
func shipped(t testing.TB) *Document {
	t.Helper()
	d, err := Open(context.Background(), "../../openapi.yaml")
	require.NoError(t, err)
	return d
}

// TestShippedIsValid: kin-openapi, at its strictest, has nothing to say.
func TestShippedIsValid(t *testing.T) {
	d := shipped(t)
	require.Empty(t, d.Warnings())
	for name, check := range stringFormats {
		openapi3.DefineStringFormatValidator(name, openapi3.NewCallbackValidator(check)) // Validate takes no formats of its own
		t.Cleanup(func() { delete(openapi3.SchemaStringFormats, name) })
	}
	require.NoError(t, d.api.Validate(context.Background(), openapi3.EnableExamplesValidation(),
		openapi3.EnableSchemaFormatValidation(), openapi3.EnableSchemaPatternValidation(), openapi3.EnableMultiError()))
}

// TestShipped holds what is understood of the shipped contract.
func TestShipped(t *testing.T) {
	d := shipped(t)
	require.Equal(t, []string{"/api/v3"}, d.Bases())
	roles := map[string]Role{}
	for _, op := range d.Operations() {
		roles[op.Method+" "+op.Path] = op.Role
	}
	const list = "/stages/invitation/invitations/"
	require.Equal(t, map[string]Role{
		"GET " + list: List, "POST " + list: Create,
		"GET " + list + "{invite_uuid}/": Retrieve, "PUT " + list + "{invite_uuid}/": Replace,
		"PATCH " + list + "{invite_uuid}/": Update, "DELETE " + list + "{invite_uuid}/": Destroy,
		"GET " + list + "{invite_uuid}/used_by/": List,
	}, roles)
	c := collection(t, d, "stages_invitation_invitations_list")
	require.Equal(t, "pk", c.Records.Key)
	require.Equal(t, Paging{Style: ByPage, Param: "page", First: 1, Size: "page_size", Default: 20, Max: 100}, c.Paging)
	require.Equal(t, Ordering{
		Param: "ordering", Fields: []string{"pk", "name", "expires", "single_use", "flow"}, Default: []Order{{"expires", true}}, Nulls: "last", tie: "pk", said: true, spelled: true,
	}, c.Ordering)
	require.Equal(t, []Filter{
		{Param: "created_by__username", Path: []string{"created_by", "username"}, Op: Equal},
		{Param: "expires", Path: []string{"expires"}, Op: Equal, kind: instantKind},
		{Param: "flow__slug", Path: []string{"flow_obj", "slug"}, Op: Equal},
		{Param: "name", Path: []string{"name"}, Op: Equal},
	}, c.Filters)
	require.Equal(t, Search{Param: "search", Paths: [][]string{{"name"}, {"created_by", "username"}, {"expires"}, {"flow_obj", "slug"}}, said: true}, c.Search)
	require.Equal(t, []string{"pk", "name", "expires", "fixed_data", "created_by", "single_use", "flow", "flow_obj"}, c.Records.Properties)
	require.Empty(t, c.Unknown)
	require.True(t, collection(t, d, "stages_invitation_invitations_used_by_list").Empty)
	for property, want := range map[string]string{"expires": "null", "fixed_data": "{}", "single_use": "false", "flow": "null"} {
		got, ok := c.Records.Initial(property)
		require.True(t, ok, property)
		require.Equal(t, want, got, property)
	}
}

// TestRoute holds which path leads where.
func TestRoute(t *testing.T) {
	d := load(t, strings.ReplaceAll(`
openapi: 3.0.3
info: {title: routes, version: "1"}
servers: [{url: /api/v3/}, {url: "https://{host}/v{n}", variables: {host: {default: h}, n: {default: "4"}}}]
paths:
  /: {get: RESPONSES}
  /users/: {get: RESPONSES, post: RESPONSES}
  /users/me: {get: RESPONSES}
  /users/{id}: {get: RESPONSES, delete: RESPONSES}
  /users/{id}/keys/{key}: {get: RESPONSES}
  /files/{name}.{ext}: {get: RESPONSES}
  /files/{any}: {get: RESPONSES}
`, "RESPONSES", `{responses: {"204": {description: ok}}}`))
	for path, want := range map[string]string{
		"/api/v3/users/":          "/users/",
		"/v4/users/":              "/users/",
		"/users/":                 "/users/",
		"/api/v3//users//":        "/users/",
		"/api/v3/users":           "hint /api/v3/users/",
		"/api/v3/users/7/":        "hint /api/v3/users/7",
		"/api/v3/users/7":         "/users/{id} 7",
		"/api/v3/users/me":        "/users/me",
		"/api/v3/users/a%2Fb":     "/users/{id} a/b",
		"/api/v3/users/%ff":       "/users/{id} \xff",
		"/api/v3/users/%3F":       "/users/{id} ?",
		"/api/v3/users/me/keys/2": "/users/{id}/keys/{key} me 2",
		"/files/a.b.txt":          "/files/{name}.{ext} a b.txt",
		"/files/README":           "/files/{any} README",
		"/api/v3":                 "/",
		"/":                       "/",
		"/api/v3x/users/":         "",
		"/nothing":                "",
	} {
		r, _, values, hint := d.Route(path)
		got := ""
		if r != nil {
			got = strings.Join(append([]string{r.Path}, values...), " ")
		} else if hint != "" {
			got = "hint " + hint
		}
		require.Equal(t, want, got, path)
	}
	r, _, _, _ := d.Route("/users/")
	require.Equal(t, "GET, POST, HEAD, OPTIONS", r.Allow())
}

// TestLoadRefuses holds what is no document, or says something under x-understudy that means nothing: the place, what was found, and what to do.
func TestLoadRefuses(t *testing.T) {
	const list = `openapi: 3.0.3
info: {title: t, version: "1"}
paths:
  /a:
    get:
      operationId: a
      EXT
      parameters: [{name: name, in: query, schema: {type: string}}]
      responses:
        "200":
          description: ok
          content: {application/json: {schema: {type: array, items: {type: object, properties: {id: {type: integer}, name: {type: string}}}}}}
`
	for _, test := range []struct{ name, text, want, hint string }{
		{"empty", "", "d.yaml:1:1: no OpenAPI document: the top is not a map", "understood are"},
		{"text", "hello", "d.yaml:1:1: no OpenAPI document: the top is not a map", "understood are"},
		{"a list", "[1]", "d.yaml:1:1: no OpenAPI document: the top is not a map", "understood are"},
		{"some other YAML", "a: 1", "d.yaml:1:1: no OpenAPI document: it has neither openapi: nor swagger:", "understood are"},
		{"another version", "info: {}\nopenapi: 4.0.0", "d.yaml:2:10: openapi 4.0.0 is not understood", "understood are"},
		{"an old version", "swagger: '1.2'", "d.yaml:1:10: swagger 1.2 is not understood", "understood are"},
		{"not YAML", "a: [1\nb: 2", "d.yaml:2:1: not YAML or JSON: did not find expected ',' or ']'", ""},
		{"not UTF-8", "a: \xff", "d.yaml: not UTF-8 text", "save the file as UTF-8"},
		{"unknown key", strings.Replace(list, "EXT", "x-understudy: {odrer: [id]}", 1), `d.yaml:7:22: unknown key "odrer" under x-understudy`, "known here: order, orderable"},
		{"unknown property", strings.Replace(list, "EXT", "x-understudy: {order: [-nme]}", 1), `d.yaml:7:30: an item of /a has no property "nme"`, ""},
		{"wrong type", strings.Replace(list, "EXT", "x-understudy: {order: id}", 1), `d.yaml:7:29: order is not a list`, ""},
		{"not a map", strings.Replace(list, "EXT", "x-understudy: 3", 1), `d.yaml:7:21: x-understudy is not a map`, ""},
		{"no such size", strings.Replace(list, "EXT", "x-understudy: {page: {size: 0}}", 1), `d.yaml:7:35: size is "0", not a whole number of at least 1`, ""},
		{"no such filter", strings.Replace(list, "EXT", "x-understudy: {filters: {x: name}}", 1), `d.yaml:7:32: a has no query parameter "x" left to be a filter`, ""},
		{"no such place for nulls", strings.Replace(list, "EXT", "x-understudy: {nulls: middle}", 1), `d.yaml:7:29: nulls is "middle", not one of: last, first`, ""},
		{"where it means nothing", strings.Replace(list, "EXT", "externalDocs: {url: u, x-understudy: {}}", 1), `d.yaml:7:44: x-understudy means nothing here`, "it belongs on"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Load(context.Background(), "d.yaml", []byte(test.text))
			require.ErrorContains(t, err, test.want)
			var s *source.Error
			require.ErrorAs(t, err, &s)
			require.Contains(t, s.Hint, test.hint)
			require.NotContains(t, err.Error(), "\n")
		})
	}
	_, err := Open(context.Background(), "nowhere.yaml")
	require.EqualError(t, err, "nowhere.yaml: no such file or directory")
}

// TestBounds: a small file that would become a large tree is refused.
func TestBounds(t *testing.T) {
	bomb := "openapi: 3.0.3\nx-a: &a [1,1,1,1,1,1,1,1,1,1]\n"
	for c := 'b'; c < 'k'; c++ {
		p := string(c - 1)
		bomb += "x-" + string(c) + ": &" + string(c) + " [" + strings.Repeat("*"+p+",", 9) + "*" + p + "]\n"
	}
	for name, text := range map[string]string{
		"aliases of aliases": bomb,
		"deep lists":         "openapi: " + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000),
		"an alias of itself": "openapi: &a [*a]",
	} {
		_, err := Load(context.Background(), "d.yaml", []byte(text))
		require.Error(t, err, name)
		require.NotContains(t, err.Error(), "\n", name)
	}
}

// TestVersions: Swagger 2.0 and OpenAPI 3.1 are understood like 3.0, as YAML and as JSON.
func TestVersions(t *testing.T) {
	for name, text := range map[string]string{
		"2.0": `{"swagger":"2.0","info":{"title":"t","version":"1"},"basePath":"/v1","paths":{"/pets":{"get":{"operationId":"pets",
			"parameters":[{"name":"limit","in":"query","type":"integer"},{"name":"offset","in":"query","type":"integer"},{"name":"zip","in":"query","type":"string"}],
			"responses":{"200":{"description":"ok","schema":{"type":"object","properties":{"total":{"type":"integer"},"items":{"type":"array","items":{"$ref":"#/definitions/Pet"}}}}}}}}},
			"definitions":{"Pet":{"type":"object","properties":{"zip":{"type":"string"},"id":{"type":"string"},"a":{"type":"string"}}}}}`,
		"3.1": `
openapi: 3.1.0
info: {title: t, version: "1"}
servers: [{url: /v1}]
paths:
  /pets:
    get:
      operationId: pets
      parameters:
        - {name: limit, in: query, schema: {type: integer}}
        - {name: offset, in: query, schema: {type: integer}}
        - {name: zip, in: query, schema: {type: [string, "null"]}}
      responses:
        "200":
          description: ok
          content:
            application/json:
              schema: {type: object, properties: {total: {type: integer}, items: {type: array, items: {$ref: "#/components/schemas/Pet"}}}}
components:
  schemas:
    Pet: {type: object, properties: {zip: {type: [string, "null"]}, id: {type: string}, a: {type: string}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			c := collection(t, load(t, text), "pets")
			require.Equal(t, []string{"/v1"}, c.Document().Bases())
			require.Equal(t, []string{"zip", "id", "a"}, c.Records.Properties, "as written")
			require.Equal(t, "id", c.Records.Key)
			require.Equal(t, ByOffset, c.Paging.Style)
			require.Len(t, c.Filters, 1)
			require.True(t, c.envelope.total)
		})
	}
}

// TestValidate holds how violations are told: the API's own words first.
func TestValidate(t *testing.T) {
	d := shipped(t)
	c := collection(t, d, "stages_invitation_invitations_list")
	_, schema := c.Operation(Create).Body.JSON()
	long := strings.Repeat("x", 51)
	for _, test := range []struct {
		name string
		body any
		want []string // where, keyword, words
	}{
		{"nothing", map[string]any{}, []string{"name required: This field is required. | required, but missing"}},
		{"null", map[string]any{"name": nil}, []string{"name null: This field may not be null. | null is not allowed"}},
		{"too long", map[string]any{"name": long}, []string{"name maxLength: Ensure this field has no more than 50 characters. | 51 characters are more than the 50 allowed"}},
		{"empty", map[string]any{"name": ""}, []string{
			"name minLength: This field may not be blank. | \"\" is shorter than the 1 character needed",
			"name pattern: Enter a valid \"slug\" consisting of letters, numbers, underscores or hyphens. | \"\" does not match ^[-a-zA-Z0-9_]+$",
		}},
		{"wrong types", map[string]any{"name": 1.0, "single_use": "x", "fixed_data": []any{}}, []string{
			"fixed_data type/object: Expected a dictionary of items but got type \"list\". | [] is not an object",
			"name type/string: Not a valid string. | 1 is not a string",
			"single_use type/boolean: Must be a valid boolean. | \"x\" is not a boolean",
		}},
		{"formats", map[string]any{"name": "a", "expires": "2026-02-31T00:00:00Z", "flow": "x"}, []string{
			"expires format/date-time: Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]. | \"2026-02-31T00:00:00Z\" is not an RFC 3339 date-time such as 2026-11-22T09:30:00Z",
			"flow format/uuid: Must be a valid UUID. | \"x\" is not a UUID such as 3fa85f64-5717-4562-b3fc-2c963f66afa6",
		}},
		{"not an object", []any{}, []string{" body: Invalid data. Expected a dictionary, but got list. | [] is not an object"}},
		{"all well", map[string]any{"name": "a", "expires": nil, "flow": nil, "fixed_data": map[string]any{"x": 1.0}}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, v := range schema.Validate(test.body, AsRequest) {
				got = append(got, v.Name+" "+v.Keyword+": "+strings.Join(v.Words, " | "))
			}
			require.ElementsMatch(t, test.want, got)
		})
	}
}

// TestFormats holds what the formats accept, the edges of RFC 3339 among them.
func TestFormats(t *testing.T) {
	for format, values := range map[string]map[string]bool{
		"date-time": {
			"2026-11-22T09:30:00Z": true, "2026-11-22t09:30:00z": true, "2026-11-22T09:30:00.123456789+05:30": true, "1990-12-31T23:59:60Z": true,
			"2024-02-29T00:00:00Z": true, "2026-02-29T00:00:00Z": false, "2026-02-31T00:00:00Z": false, "2026-11-22": false, "2026-11-22 09:30:00Z": false,
			"2026-11-22T09:30:00": false, "2026-11-22T24:00:00Z": false, "": false, "now": false, "2026-11-22T09:30Z": false,
		},
		"uuid": {
			"3fa85f64-5717-4562-b3fc-2c963f66afa6": true, "3FA85F64-5717-4562-B3FC-2C963F66AFA6": true, "00000000-0000-0000-0000-000000000000": true,
			"3fa85f6457174562b3fc2c963f66afa6": false, "3fa85f64-5717-4562-b3fc-2c963f66afag": false, "": false,
		},
		"email": {"a@example.com": true, "a.b+c@example.com": true, "a": false, "A <a@example.com>": false, "": false},
		"date":  {"2026-11-22": true, "2026-02-30": false, "22.11.2026": false},
		"uri":   {"https://example.com/a": true, "urn:a:b": true, "/a": false},
		"ipv4":  {"127.0.0.1": true, "::1": false, "1.2.3": false},
		"ipv6":  {"::1": true, "127.0.0.1": false},
	} {
		for value, ok := range values {
			require.Equal(t, ok, stringFormats[format](value) == nil, "%s %q", format, value)
		}
	}
}

// TestRecord: a record with holes gives back its members, and its JSON is that of the document's order.
func TestRecord(t *testing.T) {
	set := collection(t, shipped(t), "stages_invitation_invitations_list").Records
	r := set.NewRecord([]Member{{"name", `"a\"b"`}, {"zz", `{"a":[1,{"b":"}"}]}`}, {"pk", `"k"`}}, map[string]string{"created_by": "1"})
	require.Equal(t, `{"pk":"k","name":"a\"b","created_by":null,"zz":{"a":[1,{"b":"}"}]}}`, string(Item{Record: r}.AppendJSON(nil)))
	members, refs := r.Members()
	require.Equal(t, []Member{{"pk", `"k"`}, {"name", `"a\"b"`}, {"zz", `{"a":[1,{"b":"}"}]}`}}, members)
	require.Equal(t, map[string]string{"created_by": "1"}, refs)
	require.Equal(t, "k", r.Key())
	require.Equal(t, `{"pk":"k","name":"a\"b","zz":{"a":[1,{"b":"}"}]}}`, string(r.ownJSON()))
	require.Equal(t, Value{String, `a"b`}, Item{Record: r}.Value([]string{"name"}))
	require.Equal(t, Value{}, Item{Record: r}.Value([]string{"expires"}))
	require.Equal(t, Value{Other, `[1,{"b":"}"}]`}, Item{Record: r}.Value([]string{"zz", "a"}))
}

// TestRealDocuments: whatever real document is at hand loads; what is wrong with it is said in one line each, with its place.
func TestRealDocuments(t *testing.T) {
	root := os.DirFS("../../../shared")
	files, err := fs.Glob(root, "specs/*.yml")
	require.NoError(t, err)
	more, err := fs.Glob(root, "specs/corpus/*")
	require.NoError(t, err)
	if files = append(files, more...); len(files) == 0 {
		t.Skip("no real documents at hand")
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			d, err := Open(context.Background(), filepath.Join("../../../shared", file))
			require.NoError(t, err)
			for _, w := range d.Warnings() {
				require.NotContains(t, w.Text, "\n")
				require.NotZero(t, w.Place.Line, w.Text)
			}
			require.NotEmpty(t, d.Operations())
			for _, op := range d.Operations() {
				require.NotZero(t, op.Place().Line, op.ID)
				values := make([]string, len(op.params))
				for i := range values {
					values[i] = "x"
				}
				tmpl := parseTemplate(op.Path)
				r, _, _, _ := d.Route(tmpl.expand(values))
				require.NotNil(t, r, op.Path)
			}
			for _, c := range d.Collections() {
				path, _ := c.Encode(Query{Scope: make([]string, len(c.template.params)), Window: c.First()})
				_, err := c.Parse(path, url.Values{})
				require.NoError(t, err, c.ID)
				body, header := c.Wrap(nil, &url.URL{Path: path}, Query{Window: c.First()}, Page{Total: intp(0)})
				_, err = c.Unwrap(Query{Window: c.First()}, header, body)
				require.NoError(t, err, c.ID)
			}
		})
	}
}

// FuzzLoad: whatever a file holds, it loads or is refused with a line of text.
func FuzzLoad(f *testing.F) {
	f.Add([]byte(styles))
	f.Add([]byte(`{"openapi":"3.1.0","paths":{"/a/{b}":{"get":{"responses":{"200":{"$ref":"#/x"}}}}}}`))
	f.Add([]byte("swagger: '2.0'\npaths: {/a: {get: {}}}"))
	f.Add([]byte("swagger: '2.0'\npaths: {/a: {get: {parameters: [{$ref: '#/parameters/p'}], responses: {200: {$ref: '#/x'}}}}}\nparameters: {p: {in: body, name: x}}"))
	f.Add([]byte("openapi: 3.0.0\nx-f: {properties: {a: {$ref: '#/x-f'}}}\npaths: {/a: {$ref: '#/x-p'}}\nx-p: {post: {requestBody: {content: {a/b: {schema: {$ref: '#/x-f'}}}}}}"))
	f.Add([]byte("openapi: 3.0.0\npaths: {/a: null, b: {get: {responses: {default: {content: {application/json: {schema: {allOf: [{$ref: '#/paths'}]}}}}}}}}"))
	if data, err := os.ReadFile("../../openapi.yaml"); err == nil {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Load(context.Background(), "d.yaml", data)
		if err != nil {
			require.NotContains(t, strings.TrimSpace(err.Error()), "\n")
			var violations Violations
			require.False(t, errors.As(err, &violations))
			return
		}
		for _, op := range d.Operations() {
			for _, r := range rules {
				_ = r.Applies(op)
			}
		}
	})
}

// TestContainsItself: a schema that names no type and contains itself is judged, in time.
func TestContainsItself(t *testing.T) {
	d := load(t, `
openapi: 3.0.3
info: {title: t, version: "1"}
paths: {}
components:
  schemas:
    Base: {properties: {x: {type: string}}}
    Node: {allOf: [{$ref: "#/components/schemas/Base"}], properties: {next: {$ref: "#/components/schemas/Node"}}}
`)
	s := d.schema("/components/schemas/Node", d.api.Components.Schemas["Node"])
	require.Empty(t, s.Validate(map[string]any{"next": map[string]any{"x": "a"}}, AsResponse))
	require.NotEmpty(t, s.Validate(map[string]any{"next": map[string]any{"x": 1.0}}, AsResponse))
}
