package mockserver

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"maps"
	"mime"
	"mime/multipart"
	"net/textproto"
	"net/url"
	"slices"
	"strings"

	"understudy/internal/contract"
)

// encode writes a value, given as JSON, as a media type of the document: the body, and the Content-Type.
func encode(media string, schema *contract.Schema, value []byte) (body []byte, contentType string) {
	media = concrete(media)
	name, _, err := mime.ParseMediaType(media)
	if err != nil {
		name = strings.ToLower(media)
	}
	if contract.IsJSON(media) {
		if value == nil {
			value = []byte("{}")
		}
		return value, media
	}
	v, _ := contract.DecodeJSON(value) // our own text, or none
	text, isText := v.(string)
	switch {
	case name == "application/x-ndjson" || name == "application/jsonl" || name == "application/json-seq":
		return append(slices.Clone(value), '\n'), media
	case name == "text/event-stream":
		return fmt.Appendf(nil, "data: %s\n\n", value), media
	case name == "application/x-www-form-urlencoded":
		return []byte(formOf(v).Encode()), media
	case strings.HasPrefix(name, "multipart/"):
		return multipartOf(name, v)
	case name == "application/xml" || name == "text/xml" || strings.HasSuffix(name, "+xml"):
		if isText && strings.HasPrefix(strings.TrimSpace(text), "<") {
			return []byte(text), media
		}
		return xmlOf(schema, v), media
	case isText:
		return []byte(text), media
	case isBinary(name):
		return sample(name), media
	case value == nil:
		return nil, media
	}
	return value, media // text/plain, yaml and the like: JSON is text, and YAML
}

func isBinary(name string) bool {
	for _, prefix := range []string{"image/", "audio/", "video/", "font/", "application/octet-stream", "application/pdf", "application/zip", "application/gzip"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// sample is a small file of a binary type.
func sample(name string) []byte {
	switch name {
	case "image/png":
		return []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89\x00\x00\x00\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\x00\x05\x00\x01\xff\xa7\x8e\x90\x19\x00\x00\x00\x00IEND\xaeB`\x82")
	case "image/gif":
		return []byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x01D\x00;")
	case "application/pdf":
		return []byte("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj 3 0 obj<</Type/Page/MediaBox[0 0 72 72]/Parent 2 0 R>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")
	}
	return []byte("understudy")
}

func formOf(v any) url.Values {
	out := url.Values{}
	m, _ := v.(map[string]any)
	for k, x := range m {
		if list, ok := x.([]any); ok {
			for _, e := range list {
				out.Add(k, plainText(e))
			}
			continue
		}
		out.Set(k, plainText(x))
	}
	return out
}

// plainText is a scalar as text, and anything else as JSON.
func plainText(v any) string {
	switch v.(type) {
	case nil:
		return ""
	case map[string]any, []any:
		b, _ := json.Marshal(v)
		return string(b)
	}
	return fmt.Sprint(v)
}

func multipartOf(name string, v any) ([]byte, string) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	_ = w.SetBoundary("understudy-boundary") // the same request gets the same answer
	m, _ := v.(map[string]any)
	for _, k := range slices.Sorted(maps.Keys(m)) {
		h := textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf("form-data; name=%q", k)}}
		if part, err := w.CreatePart(h); err == nil {
			_, _ = part.Write([]byte(plainText(m[k])))
		}
	}
	_ = w.Close() // into memory
	return b.Bytes(), name + "; boundary=understudy-boundary"
}

// xmlOf writes a value as XML: properties as elements, or as the document's xml hints say (name, attribute, wrapped).
func xmlOf(schema *contract.Schema, v any) []byte {
	var b bytes.Buffer
	b.WriteString(xml.Header)
	writeXML(&b, schema, xmlName(schema, "root"), v)
	return b.Bytes()
}

func xmlName(schema *contract.Schema, otherwise string) string {
	if schema != nil {
		if name := schema.XML().Name; name != "" {
			return name
		}
		if name, ok := strings.CutPrefix(schema.Pointer(), "/components/schemas/"); ok && !strings.Contains(name, "/") {
			return name
		}
	}
	return otherwise
}

func writeXML(b *bytes.Buffer, schema *contract.Schema, name string, v any) {
	m, isObject := v.(map[string]any)
	fmt.Fprintf(b, "<%s", name)
	var elements []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		if p := property(schema, k); p != nil && p.XML().Attribute {
			fmt.Fprintf(b, " %s=\"%s\"", propertyName(p, k), escapeXML(plainText(m[k])))
		} else {
			elements = append(elements, k)
		}
	}
	b.WriteByte('>')
	switch {
	case isObject:
		for _, k := range elements {
			writeXMLProperty(b, property(schema, k), k, m[k])
		}
	default:
		if list, ok := v.([]any); ok {
			var items *contract.Schema
			if schema != nil {
				items = schema.Items()
			}
			for _, e := range list {
				writeXML(b, items, xmlName(items, "item"), e)
			}
			break
		}
		b.WriteString(escapeXML(plainText(v)))
	}
	fmt.Fprintf(b, "</%s>", name)
}

func writeXMLProperty(b *bytes.Buffer, p *contract.Schema, k string, v any) {
	name := propertyName(p, k)
	list, isList := v.([]any)
	if !isList {
		writeXML(b, p, name, v)
		return
	}
	var items *contract.Schema
	if p != nil {
		items = p.Items()
	}
	wrapped := p != nil && p.XML().Wrapped
	if wrapped {
		fmt.Fprintf(b, "<%s>", name)
	}
	for _, e := range list {
		writeXML(b, items, propertyName(items, k), e)
	}
	if wrapped {
		fmt.Fprintf(b, "</%s>", name)
	}
}

func propertyName(p *contract.Schema, k string) string {
	if p != nil && p.XML().Name != "" {
		return p.XML().Name
	}
	return k
}

func property(schema *contract.Schema, name string) *contract.Schema {
	if schema == nil {
		return nil
	}
	if p, ok := schema.Property(name); ok {
		return p.Schema
	}
	return nil
}

func escapeXML(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(s)) // into memory
	return b.String()
}
