package contract

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkOpen measures how long authentik's document takes to load.
func BenchmarkOpen(b *testing.B) {
	const file = "../../../shared/specs/authentik-2026.5.0-rc1.yml"
	if _, err := os.Stat(file); err != nil {
		b.Skip("no real document at hand")
	}
	for b.Loop() {
		_, err := Open(context.Background(), file)
		require.NoError(b, err)
	}
}

// TestFiles: a document may be spread over files that refer to each other in circles. Places and the order of properties are those of the right file.
func TestFiles(t *testing.T) {
	const dir = "testdata/files/"
	d, err := Open(t.Context(), dir+"api.yaml")
	require.NoError(t, err)
	require.Equal(t, []string{dir + "api.yaml", dir + "shared/common.yaml", dir + "pet.yaml", dir + "shared/pet.json"}, d.Files())
	require.Equal(t, []string{
		dir + "shared/common.yaml:6:70: maximum is text: it is read as 100",
		dir + "pet.yaml:9:19: $ref shared/common.yaml#/components/responses/Missing leads nowhere: a response that says nothing takes its place",
	}, texts(d))

	require.Len(t, d.Operations(), 2)
	list, get := d.Operations()[0], d.Operations()[1]
	require.Equal(t, "/pets", list.Path)
	require.Equal(t, dir+"api.yaml:6:7", list.Place().String())
	require.Equal(t, dir+"pet.yaml:4:3", get.Place().String())
	require.NotNil(t, get.Parameter("path", "id"))
	require.Equal(t, dir+"shared/common.yaml:6:45", list.Parameter("query", "limit").Schema.Place().String())

	_, pets := list.Response(200).JSON()
	_, pet := get.Response(200).JSON()
	require.Equal(t, dir+"shared/pet.json:1:1", pet.Place().String())
	require.Equal(t, dir+"shared/pet.json:1:1", pets.Items().Place().String())
	_, gone := get.Response(410).JSON()
	require.Equal(t, dir+"shared/pet.json:1:1", gone.Place().String(), "by way of another reference")
	var names []string
	for _, p := range pet.Properties() {
		names = append(names, p.Name)
	}
	require.Equal(t, []string{"zip", "id", "owner", "friend", "foster"}, names)
	owner, _ := pet.Property("owner")
	require.Equal(t, dir+"api.yaml:16:7", owner.Schema.Place().String())
	foster, _ := pet.Property("foster")
	require.Equal(t, dir+"shared/common.yaml:15:12", foster.Schema.Place().String())
	require.NotEmpty(t, pet.Validate(map[string]any{"friend": map[string]any{"friend": map[string]any{"id": 1.0}}}, AsResponse))
	require.Empty(t, pet.Judge(map[string]any{"owner": map[string]any{"pets": []any{}}}, AsResponse))
	require.Error(t, pet.Judge(map[string]any{"owner": map[string]any{"pets": []any{1.0}}}, AsResponse))
}

// TestBesideRefInFiles: what stands beside a $ref in another file counts too, and leads to that file's schemas, whichever way it is come upon; by an anchor, say.
func TestBesideRefInFiles(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"api.yaml": `
openapi: 3.1.0
info: {title: t, version: '1'}
paths: {/a: {get: {responses: {200: {description: d, content: {application/json: {schema: {
  properties: {a: {$ref: 'other.yaml#/P'}, b: {$ref: 'other.yaml#/P/properties/x', maximum: 20}, c: {$ref: 'other.yaml#/Chain'}}}}}}}}}}
`,
		"other.yaml": `
P: {properties: {x: {$ref: '#whole', minimum: 5}}}
Others: {anyOf: [{type: string}, {$anchor: whole, type: integer, maximum: 100}]}
Chain: {$ref: '#/P/properties/x', multipleOf: 10}
`,
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(strings.TrimPrefix(text, "\n")), 0o600))
	}
	d, err := Open(t.Context(), filepath.Join(dir, "api.yaml"))
	require.NoError(t, err)
	require.Empty(t, texts(d))
	_, s := d.Operations()[0].Response(200).JSON()
	for text, ok := range map[string]bool{
		`{"a": {"x": 5}}`: true, `{"a": {"x": 4}}`: false, `{"a": {"x": 101}}`: false, `{"b": 20}`: true, `{"b": 21}`: false, `{"b": 4}`: false,
		`{"c": 100}`: true, `{"c": 99}`: false, `{"c": 0}`: false, `{"c": 110}`: false,
	} {
		v, err := DecodeJSON([]byte(text))
		require.NoError(t, err)
		require.Equal(t, ok, len(s.Validate(v, AsResponse)) == 0, text)
	}
	b, _ := s.Property("b")
	require.Equal(t, filepath.Join(dir, "api.yaml")+":4:47", b.Schema.Place().String())
}

// TestOpen holds where a document may come from, and what is said where there is none.
func TestOpen(t *testing.T) {
	const text = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths: {}\n"
	dir := t.TempDir()
	file := filepath.Join(dir, "d.yaml")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))

	for _, location := range []string{file, "file://" + file} {
		d, err := Open(t.Context(), location)
		require.NoError(t, err)
		require.Equal(t, file, d.Name())
		require.Equal(t, []string{file}, d.Files())
	}
	d, err := OpenWith(t.Context(), "-", &LoadOptions{Stdin: strings.NewReader(text + "x: 1")})
	require.NoError(t, err)
	require.Equal(t, []string{`stdin:4:1: the document has no field "x": it means nothing`}, texts(d))
	require.Empty(t, d.Files())

	for location, want := range map[string]string{
		dir:                      dir + ": is a directory",
		filepath.Join(dir, "no"): filepath.Join(dir, "no") + ": no such file or directory",
		"http://127.0.0.1:1/a":   "http://127.0.0.1:1/a: dial tcp 127.0.0.1:1: connect: connection refused",
	} {
		_, err := Open(t.Context(), location)
		require.EqualError(t, err, want)
	}
	_, err = OpenWith(t.Context(), "-", &LoadOptions{Stdin: endless{}})
	require.EqualError(t, err, "stdin: more than 64 MiB")
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// TestRemote: a document may come from a server the user names, with what it refers to there; other hosts are asked only if that is allowed, and
// nothing leads to a private address that was not named.
func TestRemote(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "{type: string, title: other}")
	}))
	defer other.Close()
	mux := http.NewServeMux()
	const document = `openapi: 3.0.3
info: {title: t, version: '1'}
paths: {}
components:
  schemas:
    A: {$ref: 'a.yaml#/A'}
    B: {$ref: '%s/b.yaml'}
    C: {$ref: 'file:///etc/passwd'}
    D: {$ref: /moved}
    E: {$ref: none}
`
	mux.HandleFunc("/d.yaml", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, document, other.URL) })
	mux.HandleFunc("/a.yaml", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "A: {type: strin}") })
	mux.Handle("/moved", http.RedirectHandler(other.URL, http.StatusFound))
	mux.Handle("/here", http.RedirectHandler("/d.yaml", http.StatusFound))
	mux.Handle("/loop", http.RedirectHandler("/loop", http.StatusFound))
	server := httptest.NewServer(mux)
	defer server.Close()
	place := func(at string) string { return server.URL + "/d.yaml:" + at }
	const instead = ": a schema that says nothing takes its place"

	d, err := Open(t.Context(), server.URL+"/d.yaml")
	require.NoError(t, err)
	require.Equal(t, []string{server.URL + "/d.yaml", server.URL + "/a.yaml"}, d.Files())
	common := []string{
		place("8:15") + ": $ref file:///etc/passwd is no http address, and the document that it is in came from one" + instead,
		place("9:15") + ": $ref /moved cannot be read: it leads to a private address" + instead,
		place("10:15") + ": $ref none cannot be read: the server answered 404 Not Found" + instead,
		server.URL + `/a.yaml:1:11: type "strin" is not known: it is left out`,
	}
	alone := place("7:15") + ": $ref " + other.URL + "/b.yaml is on another host, which is not asked unless that is allowed" + instead
	require.Equal(t, append([]string{alone}, common...), texts(d))

	d, err = OpenWith(t.Context(), server.URL+"/d.yaml", &LoadOptions{Remote: true})
	require.NoError(t, err)
	private := place("7:15") + ": $ref " + other.URL + "/b.yaml cannot be read: it leads to a private address" + instead
	require.Equal(t, append([]string{private}, common...), texts(d), "the user did not name the other host")

	local := filepath.Join(t.TempDir(), "d.yaml")
	require.NoError(t, os.WriteFile(local, []byte("openapi: 3.0.3\ncomponents: {schemas: {A: {$ref: '"+other.URL+"/b.yaml'}}}"), 0o600))
	d, err = OpenWith(t.Context(), local, &LoadOptions{Remote: true})
	require.NoError(t, err)
	require.Equal(t, []string{local, other.URL + "/b.yaml"}, d.Files())

	_, err = Open(t.Context(), server.URL+"/here")
	require.NoError(t, err)
	_, err = Open(t.Context(), server.URL+"/moved")
	require.EqualError(t, err, server.URL+"/moved: it leads to a private address")
	_, err = Open(t.Context(), server.URL+"/loop")
	require.EqualError(t, err, server.URL+"/loop: more than 5 redirects")
}

func texts(d *Document) []string {
	out := []string{}
	for _, w := range d.Warnings() {
		out = append(out, w.String())
	}
	return out
}

// TestConvertedPlaces: what was converted from Swagger 2.0 stands where it was written, its properties in that order.
func TestConvertedPlaces(t *testing.T) {
	d, err := Load(t.Context(), "d.yaml", []byte(`swagger: "2.0"
info: {title: t, version: "1"}
paths:
  /a:
    post:
      parameters:
        - {name: q, in: query, type: string}
        - {$ref: "#/parameters/body"}
      responses:
        200: {description: ok, schema: {type: object, properties: {z: {type: string}, a: {type: string}}}}
        400: {$ref: "#/responses/Bad"}
parameters:
  body: {name: body, in: body, schema: {type: object, properties: {y: {type: string}, b: {type: string}}}}
responses:
  Bad: {description: bad, schema: {type: object, properties: {x: {type: string}, c: {type: string}}}}
`))
	require.NoError(t, err)
	require.Empty(t, d.Warnings())
	op := d.Operations()[0]
	_, sent := op.Body.JSON()
	_, got := op.Response(200).JSON()
	_, bad := op.Response(400).JSON()
	for _, test := range []struct {
		schema *Schema
		place  string
		first  string
	}{{sent, "d.yaml:13:40", "y"}, {got, "d.yaml:10:40", "z"}, {bad, "d.yaml:15:35", "x"}} {
		require.Equal(t, test.place, test.schema.Place().String())
		require.Equal(t, test.first, test.schema.Properties()[0].Name)
	}
}
