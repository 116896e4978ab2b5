// Package contract understands an HTTP API from its OpenAPI document.
//
// It turns the document into plain data: the operations; the collections, and how each one pages, orders, filters
// and searches; who may call what. The mock server executes that data and the checker checks it; they share three pairs of
// functions of this package and nothing else:
//
//   - the request: [Collection.Parse] and [Collection.Encode];
//   - the response: [Collection.Wrap] and [Collection.Unwrap];
//   - the meaning: [Collection.Match] and [Collection.Compare].
//
// kin-openapi loads the document and validates values; its types stay inside this package.
package contract

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"
	"github.com/getkin/kin-openapi/openapi3"

	"understudy/internal/source"
)

// Place says where something stands: file:line:column.
type Place = source.Place

// Document is an OpenAPI document, understood. It is immutable and safe for concurrent use.
type Document struct {
	file        *source.File
	api         *openapi3.T
	converted   bool // from OpenAPI 2.0: pointers are those of the 3.0 form
	formats     []openapi3.SchemaValidationOption
	messages    messages
	bases       []string
	operations  []*Operation
	routes      *routes
	collections []*Collection
	keys        map[string]string // see WithKeys
	sets        []*RecordSet
	warnings    []Warning
	files       []string
	stamps      source.Stamps
	exemplary   []*Schema // those with examples or defaults, until these are judged
	judges      [2]judge  // by direction
}

// understood refuses what is no document of a version that is understood.
func (d *Document) understood() error {
	root := d.file.Root
	if !source.IsMap(root) {
		return d.notOpenAPI(root, "no OpenAPI document: the top is not a map")
	}
	openapi, swagger := d.file.Get(root, "openapi"), d.file.Get(root, "swagger")
	switch {
	case openapi != nil && openapi.Value != "3" && !strings.HasPrefix(openapi.Value, "3."):
		return d.notOpenAPI(openapi, "openapi %s is not understood", openapi.Value)
	case openapi != nil:
		return nil
	case swagger == nil:
		return d.notOpenAPI(root, "no OpenAPI document: it has neither openapi: nor swagger:")
	case swagger.Value != "2" && swagger.Value != "2.0":
		return d.notOpenAPI(swagger, "swagger %s is not understood", swagger.Value)
	}
	d.converted = true
	return nil
}

// maxTries bounds how many parts are left out because kin-openapi cannot load them.
const maxTries = 20

// understand makes operations and collections of the repaired file.
func (d *Document) understand(r *repair) error {
	// ECMAScript's patterns, where Go's own engine does not understand them.
	d.formats = append(formatOptions(), openapi3.SetSchemaRegexCompiler(func(pattern string) (openapi3.RegexMatcher, error) { return compilePattern(pattern) }))
	for try := 0; ; try++ {
		err := d.loadAPI(r.ctx)
		if err == nil {
			break
		}
		if try == maxTries || !r.leaveOut(err) {
			return err
		}
	}
	d.file.Reindex()
	if err := d.mendSchemas(); err != nil {
		return d.file.Errorf(d.file.Root, "%s", firstLine(err))
	}
	ext, err := newExtensions(d)
	if err != nil {
		return err
	}
	if err := d.derive(ext); err != nil {
		return err
	}
	return ext.unused()
}

// loadAPI has kin-openapi read the file, which refers to no other any more. It panics on some input that is only odd: a key such as pAths, say, which
// encoding/json takes for paths, but the repair does not.
func (d *Document) loadAPI(ctx context.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = d.file.Errorf(d.file.Root, "the document cannot be read: %v", p)
		}
	}()
	data, err := source.AppendJSON(nil, d.file.Root)
	if err != nil {
		return d.file.Errorf(d.file.Root, "%v", err)
	}
	loader := &openapi3.Loader{Context: ctx, ReadFromURIFunc: func(_ *openapi3.Loader, u *url.URL) ([]byte, error) {
		return nil, fmt.Errorf("%s was not joined", u)
	}}
	if d.converted {
		var old openapi2.T
		if err := json.Unmarshal(data, &old); err != nil {
			return d.placed(err)
		}
		d.api, err = openapi2conv.ToV3WithLoader(&old, loader, &url.URL{Path: d.file.Name})
	} else {
		d.api, err = loader.LoadFromData(data)
	}
	if err != nil {
		return d.placed(err)
	}
	return nil
}

var wrongKind = regexp.MustCompile(`cannot unmarshal (\w+) into field (?:\w+\.)*(\w+) of type (\S+)`)

// placed gives an error of kin-openapi's, which names no place, the place that it is about: a value of the wrong kind, or a $ref that leads nowhere.
func (d *Document) placed(err error) error {
	text := firstLine(err)
	if m := wrongKind.FindStringSubmatch(text); m != nil {
		kinds := map[string]string{"array": "!!seq", "object": "!!map", "string": "!!str", "bool": "!!bool"}
		n := d.find(func(k, v *source.Node) bool {
			return k.Value == m[2] && (v.Tag == kinds[m[1]] || m[1] == "number" && (v.Tag == "!!int" || v.Tag == "!!float"))
		})
		return d.file.Errorf(n, "%s is %s, which it cannot be", m[2], article(m[1]))
	}
	// The longest $ref that the text names, else the first that leads nowhere.
	var ref *source.Node
	d.find(func(k, v *source.Node) bool {
		if k.Value == "$ref" && strings.Contains(text, v.Value) && (ref == nil || len(v.Value) > len(ref.Value)) {
			ref = v
		}
		return false
	})
	if ref == nil {
		ref = d.find(func(k, v *source.Node) bool {
			return k.Value == "$ref" && strings.HasPrefix(v.Value, "#/") && d.node(refPointer(v.Value)) == nil
		})
	}
	if ref == nil {
		return d.file.Errorf(d.file.Root, "%s", text)
	}
	if strings.HasPrefix(ref.Value, "#/") && d.node(refPointer(ref.Value)) == nil {
		return d.file.Errorf(ref, "$ref %s leads nowhere", ref.Value)
	}
	if strings.Contains(text, ref.Value) {
		return d.file.Errorf(ref, "%s", text)
	}
	return d.file.Errorf(ref, "$ref %s: %s", ref.Value, text)
}

// find gives the value of the first member of a map anywhere in the document that a test holds for, or nil.
func (d *Document) find(test func(k, v *source.Node) bool) *source.Node {
	var walk func(n *source.Node) *source.Node
	walk = func(n *source.Node) *source.Node {
		for k, v := range source.Pairs(n) {
			if test(k, v) {
				return v
			}
			if found := walk(v); found != nil {
				return found
			}
		}
		if source.IsList(n) {
			for _, v := range n.Content {
				if found := walk(source.Deref(v)); found != nil {
					return found
				}
			}
		}
		return nil
	}
	return walk(d.file.Root)
}

// mendSchemas makes kin-openapi's validation see what OpenAPI means. Schemas that say nothing of types take null (3.0.3: "nullable … only if type is
// explicitly defined"). What a part of allOf says of reading and writing is said of the whole. It remembers which schemas have examples or defaults.
func (d *Document) mendSchemas() error {
	return d.api.WalkSchemas(func(ptr string, ref *openapi3.SchemaRef) error {
		s := ref.Value
		if s.Default != nil || s.Example != nil || s.Examples != nil {
			d.exemplary = append(d.exemplary, d.schema(ptr, ref))
		}
		if s.Type == nil && s.Enum == nil && s.AllOf == nil && s.OneOf == nil && s.AnyOf == nil && s.Not == nil {
			s.Nullable = true
		} else {
			// It means nothing in a schema, but keeps kin-openapi from looking, without end, whether a schema that contains itself is empty.
			s.AllowEmptyValue = true
		}
		for _, part := range s.AllOf {
			if part.Value != nil {
				s.ReadOnly = s.ReadOnly || part.Value.ReadOnly
				s.WriteOnly = s.WriteOnly || part.Value.WriteOnly
			}
		}
		return nil
	})
}

func (d *Document) notOpenAPI(n *source.Node, format string, args ...any) error {
	err := d.file.Errorf(n, format, args...)
	err.Hint = "understood are OpenAPI 3.0 and 3.1, and Swagger 2.0, as YAML or JSON"
	return err
}

// Title gives the API's title and version as the document has them.
func (d *Document) Title() (title, version string) {
	if d.api.Info == nil {
		return "", ""
	}
	return d.api.Info.Title, d.api.Info.Version
}

// Description gives what the document says of the API as a whole; "" if it says nothing.
func (d *Document) Description() string {
	if d.api.Info == nil {
		return ""
	}
	return d.api.Info.Description
}

// Name is the name that places call the document.
func (d *Document) Name() string { return d.file.Name }

// Bases gives the paths of the document's servers, without a slash at the end; "" is the root. There is at least one.
func (d *Document) Bases() []string { return d.bases }

// Operations gives the operations in the document's order.
func (d *Document) Operations() []*Operation { return d.operations }

// Collections gives the collections, in the order of their list operations.
func (d *Document) Collections() []*Collection { return d.collections }

// RecordSets gives the record sets: those of the collections, and those embedded in their records.
func (d *Document) RecordSets() []*RecordSet { return d.sets }

// Warnings says what is wrong with the document but does not keep it from being played.
func (d *Document) Warnings() []Warning { return d.warnings }

// Files names every file that the document was read from: its own, those that it refers to, and overlays. Stdin is not among them.
func (d *Document) Files() []string { return d.files }

// Stamps tells how those of them that are on disk were when they were read.
func (d *Document) Stamps() source.Stamps { return d.stamps }

// place finds where a JSON pointer stands: the place itself, or the nearest thing around it.
func (d *Document) place(pointer string) Place {
	n, exact := d.file.At(pointer)
	if !exact && d.converted {
		n, _ = d.file.At(d.unconverted(pointer))
	}
	return d.file.Place(n)
}

// node gives the node at a pointer, or nil.
func (d *Document) node(pointer string) *source.Node {
	n, ok := d.file.At(pointer)
	if !ok && d.converted {
		n, ok = d.file.At(d.unconverted(pointer))
	}
	if !ok {
		return nil
	}
	return n
}

var (
	oldSections = strings.NewReplacer("/components/schemas/", "/definitions/", "/components/responses/", "/responses/", "/components/parameters/", "/parameters/")
	sharedBody  = regexp.MustCompile(`^/components/requestBodies/([^/]+)/content/[^/]+/schema`)
	newBody     = regexp.MustCompile(`^(/paths/[^/]+/[^/]+)/requestBody/content/[^/]+/schema`)
	newResponse = regexp.MustCompile(`^((?:/paths/[^/]+/[^/]+)?/responses/[^/]+)/content/[^/]+/schema`)
)

// unconverted gives a pointer into what a Swagger 2.0 document was converted to as one into the document itself.
func (d *Document) unconverted(pointer string) string {
	if strings.HasPrefix(pointer, "/components/") {
		pointer = sharedBody.ReplaceAllString(pointer, "/parameters/$1/schema")
		pointer = oldSections.Replace(pointer)
	}
	if m := newBody.FindStringSubmatch(pointer); m != nil {
		list, _ := d.file.At(m[1] + "/parameters")
		for i := 0; source.IsList(list) && i < len(list.Content); i++ {
			at := d.deref(m[1] + "/parameters/" + itoa(i))
			if in := d.file.Get(d.node(at), "in"); in != nil && in.Value == "body" {
				return at + "/schema" + strings.TrimPrefix(pointer, m[0])
			}
		}
	}
	return newResponse.ReplaceAllString(pointer, "$1/schema")
}

// deref follows $ref from a pointer to where the thing itself stands, within this file.
func (d *Document) deref(pointer string) string {
	for range 16 {
		ref := d.file.Get(d.node(pointer), "$ref")
		if ref == nil || !strings.HasPrefix(ref.Value, "#") {
			break
		}
		pointer = refPointer(ref.Value)
	}
	return pointer
}

func refPointer(ref string) string {
	p := strings.TrimPrefix(ref, "#")
	if u, err := url.PathUnescape(p); err == nil {
		p = u
	}
	return p
}

// flatten lists the errors that kin-openapi joined into one.
func flatten(err error) []error {
	if err == nil {
		return nil
	}
	var me openapi3.MultiError
	if errors.As(err, &me) {
		var out []error
		for _, e := range me {
			out = append(out, flatten(e)...)
		}
		return out
	}
	return []error{err}
}

func firstLine(err error) string {
	text, _, _ := strings.Cut(err.Error(), "\n")
	return strings.TrimSuffix(text, ".")
}

// compactJSON gives a value of kin-openapi's, a default or an example, as JSON.
func compactJSON(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(v) != nil {
		return nil
	}
	return bytes.TrimSpace(b.Bytes())
}
