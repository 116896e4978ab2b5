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
	"os"
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
	sets        []*RecordSet
	warnings    []string
	judges      [2]judge // by direction
}

// Open reads a document from a file. References to other local files are followed; those to other hosts are refused.
func Open(ctx context.Context, path string) (*Document, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		var pe *os.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		hint := "name an OpenAPI document, YAML or JSON"
		if strings.Contains(path, "://") {
			hint = "only files are read: download it first"
		}
		return nil, &source.Error{Place: Place{File: path}, Text: err.Error(), Hint: hint}
	}
	return Load(ctx, path, data)
}

// Load understands a document: OpenAPI 3.0 or 3.1, or Swagger 2.0, which is converted; YAML or JSON. Name is what places call it, and what
// relative references start from. Errors are of type [*source.Error] where they have a place.
func Load(ctx context.Context, name string, data []byte) (*Document, error) {
	file, err := source.Parse(name, data)
	if err != nil {
		return nil, err
	}
	d := &Document{file: file, formats: formatOptions()}
	if d.api, err = d.loadAPI(ctx, name); err != nil {
		return nil, err
	}
	for _, err := range flatten(d.api.Validate(ctx, openapi3.EnableExamplesValidation(), openapi3.EnableSchemaPatternValidation())) {
		d.warnings = append(d.warnings, firstLine(err))
	}
	if err := mendSchemas(d.api); err != nil {
		return nil, file.Errorf(file.Root, "%s", firstLine(err))
	}
	ext, err := newExtensions(d)
	if err != nil {
		return nil, err
	}
	if err := d.derive(ext); err != nil {
		return nil, err
	}
	if err := ext.unused(); err != nil {
		return nil, err
	}
	return d, nil
}

func (d *Document) loadAPI(ctx context.Context, name string) (*openapi3.T, error) {
	root := d.file.Root
	if !source.IsMap(root) {
		return nil, d.notOpenAPI(root, "no OpenAPI document: the top is not a map")
	}
	data, err := source.AppendJSON(nil, root)
	if err != nil {
		return nil, d.file.Errorf(root, "%v", err)
	}
	loader := &openapi3.Loader{Context: ctx, IsExternalRefsAllowed: true, ReadFromURIFunc: readLocal}
	version := d.file.Get(root, "openapi")
	if v := d.file.Get(root, "swagger"); v != nil && version == nil {
		if v.Value != "2.0" {
			return nil, d.notOpenAPI(v, "swagger %s is not understood", v.Value)
		}
		d.converted = true
		var old openapi2.T
		if err := json.Unmarshal(data, &old); err != nil {
			return nil, d.placed(err)
		}
		api, err := openapi2conv.ToV3WithLoader(&old, loader, location(name))
		if err != nil {
			return nil, d.placed(err)
		}
		return api, nil
	}
	switch {
	case version == nil:
		return nil, d.notOpenAPI(root, "no OpenAPI document: it has neither openapi: nor swagger:")
	case !strings.HasPrefix(version.Value, "3."):
		return nil, d.notOpenAPI(version, "openapi %s is not understood", version.Value)
	}
	api, err := loader.LoadFromDataWithPath(data, location(name))
	if err != nil {
		return nil, d.placed(err)
	}
	return api, nil
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
// explicitly defined"). What a part of allOf says of reading and writing is said of the whole.
func mendSchemas(api *openapi3.T) error {
	return api.WalkSchemas(func(_ string, ref *openapi3.SchemaRef) error {
		s := ref.Value
		if s.Type == nil && s.Enum == nil && s.AllOf == nil && s.OneOf == nil && s.AnyOf == nil && s.Not == nil {
			s.Nullable = true
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

func location(name string) *url.URL { return &url.URL{Path: name} }

// readLocal reads what a document refers to: local files only.
func readLocal(_ *openapi3.Loader, u *url.URL) ([]byte, error) {
	if u.Host != "" || u.Scheme != "" && u.Scheme != "file" {
		return nil, fmt.Errorf("a $ref to another host is refused: %s", u)
	}
	return os.ReadFile(u.Path)
}

// Title gives the API's title and version as the document has them.
func (d *Document) Title() (title, version string) {
	if d.api.Info == nil {
		return "", ""
	}
	return d.api.Info.Title, d.api.Info.Version
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
func (d *Document) Warnings() []string { return d.warnings }

// place finds where a JSON pointer stands: the place itself, or the nearest thing around it.
func (d *Document) place(pointer string) Place {
	n, exact := d.file.At(pointer)
	if !exact && d.converted {
		if old, ok := strings.CutPrefix(pointer, "/components/schemas/"); ok {
			n, _ = d.file.At("/definitions/" + old)
		}
	}
	return d.file.Place(n)
}

// node gives the node at a pointer, or nil.
func (d *Document) node(pointer string) *source.Node {
	n, ok := d.file.At(pointer)
	if !ok && d.converted {
		if old, cut := strings.CutPrefix(pointer, "/components/schemas/"); cut {
			n, ok = d.file.At("/definitions/" + old)
		}
	}
	if !ok {
		return nil
	}
	return n
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
