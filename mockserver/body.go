package mockserver

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"understudy/internal/contract"
)

// body reads and validates the request's body. Sent are the properties of an object, whatever it was written as.
func (x *exchange) body() (sent []contract.Member, bad contract.Violations, refused *refusal) {
	limit := x.server.opts.MaxBody
	data, err := io.ReadAll(http.MaxBytesReader(x.w, x.r.Body, limit))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, nil, &refusal{cause: tooLarge, keyword: "too-large", text: fmt.Sprintf("the body is larger than %d bytes", limit)}
	case err != nil:
		return nil, nil, &refusal{cause: badRequest, text: "the body could not be read: " + err.Error()}
	}
	given := x.r.Header.Get("Content-Type")
	media, schema := x.op.Body.Object()
	if len(data) > 0 || given != "" {
		if media, schema, refused = x.contentType(given); refused != nil {
			return nil, nil, refused
		}
		x.media = media
	}
	required := x.op.Body.Required && x.r.Method != http.MethodGet && x.r.Method != http.MethodHead
	switch {
	case len(data) == 0 && !required:
		return nil, nil, nil
	case len(data) == 0 && !contract.IsJSON(media):
		return nil, contract.Violations{x.server.doc.BadJSON("it is empty")}, nil
	case len(data) == 0:
		data = []byte("{}") // each property that is required is told
	}
	switch {
	case media == jsonPatch:
		x.patch = data
	case contract.IsJSON(media):
	case media == contract.URLEncoded:
		data = x.op.Body.Read(media, schema, contract.ParseQuery(string(data)))
	case strings.HasPrefix(media, "multipart/"):
		form, files, err := multipartForm(given, data)
		if err != nil {
			return nil, contract.Violations{x.server.doc.BadJSON(err.Error())}, nil
		}
		members, bad, refused := x.jsonBody(x.op.Body.Read(media, schema, form), schema)
		return members, slices.DeleteFunc(bad, func(v contract.Violation) bool { return !judgedPart(v, form, files, schema) }), refused
	default:
		return nil, nil, nil // text, XML and files are taken as they come
	}
	return x.jsonBody(data, schema)
}

// jsonPatch is the media type of a list of changes (RFC 6902).
const jsonPatch = "application/json-patch+json"

func (x *exchange) jsonBody(data []byte, schema *contract.Schema) ([]contract.Member, contract.Violations, *refusal) {
	var value any
	if err := json.Unmarshal(data, &value); err != nil {
		return nil, contract.Violations{x.server.doc.BadJSON(err.Error())}, nil
	}
	if !utf8.Valid(data) {
		return nil, contract.Violations{x.server.doc.BadJSON("it is not UTF-8")}, nil
	}
	var bad contract.Violations
	if schema != nil {
		bad = schema.Validate(value, contract.AsRequest)
	}
	if _, isObject := value.(map[string]any); !isObject {
		return nil, bad, nil
	}
	members, err := contract.Members(data)
	if err != nil {
		return nil, contract.Violations{x.server.doc.BadJSON(err.Error())}, nil
	}
	return members, bad, nil
}

// contentType finds the described media type that a body is of.
func (x *exchange) contentType(given string) (media string, schema *contract.Schema, refused *refusal) {
	described := x.op.Body.Media
	if len(described) == 0 {
		return given, nil, nil
	}
	refused = &refusal{
		cause: unsupportedType, keyword: "media-type", args: map[string]string{"value": given},
		text: fmt.Sprintf("the header Content-Type is %q; described is %s", given, strings.Join(mediaNames(described), ", ")),
	}
	if enc := x.r.Header.Get("Content-Encoding"); enc != "" && !strings.EqualFold(enc, "identity") {
		refused.text = "a body with the Content-Encoding " + enc + " is not read"
		return "", nil, refused
	}
	name, _, err := mime.ParseMediaType(given)
	if err != nil {
		return "", nil, refused
	}
	kind, _, _ := strings.Cut(name, "/")
	for _, want := range []string{given, name, kind + "/*", "*/*"} {
		for media, schema := range described {
			plain, _, err := mime.ParseMediaType(media)
			if err != nil {
				plain = media
			}
			if strings.EqualFold(media, want) || strings.EqualFold(plain, want) {
				return name, schema, nil
			}
		}
	}
	return "", nil, refused
}

func mediaNames(described map[string]*contract.Schema) []string {
	var names []string
	for name := range described {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// multipartForm reads a form (RFC 7578). Of a file it keeps the name, and says that it is one: what files hold is not judged.
func multipartForm(contentType string, data []byte) (out url.Values, files map[string]bool, err error) {
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil || params["boundary"] == "" {
		return nil, nil, errors.New("no boundary in the header Content-Type")
	}
	out, files = url.Values{}, map[string]bool{}
	for r := multipart.NewReader(bytes.NewReader(data), params["boundary"]); ; {
		part, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return out, files, nil
		}
		if err != nil {
			return nil, nil, err
		}
		text, err := io.ReadAll(part)
		if err != nil {
			return nil, nil, err
		}
		if part.FileName() == "" && utf8.Valid(text) {
			out.Add(part.FormName(), string(text))
		} else {
			out.Add(part.FormName(), part.FileName())
			files[strings.TrimSuffix(part.FormName(), "[]")] = true
		}
	}
}

// judgedPart says whether what is wrong in a form with several parts counts: that a field is missing which did not come as a[b] or a.b either, or that a
// plain value is not as described. Of files, lists and objects the parts do not say enough.
func judgedPart(v contract.Violation, form url.Values, files map[string]bool, schema *contract.Schema) bool {
	if v.Keyword == "required" {
		for field := range form {
			if rest, ok := strings.CutPrefix(field, v.Name); ok && strings.ContainsAny(rest[:min(len(rest), 1)], "[.") {
				return false
			}
		}
		return len(v.Pointer) <= 1
	}
	p := property(schema, v.Name)
	return p != nil && !files[v.Name] && slices.Contains([]string{"string", "integer", "number", "boolean"}, p.Type())
}
