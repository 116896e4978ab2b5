// Package contracttest checks implementations of an API against its OpenAPI document: [Check] gives a report, [Run] makes each case a subtest, and [Audit]
// judges one valid request to each operation of a handler.
package contracttest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"

	"understudy/internal/contract"
	"understudy/internal/generate"
)

// maker makes valid requests. What it needs of the server's data, keys of items, it reads from the server's lists.
type maker struct {
	doc     *contract.Document
	handler http.Handler
	values  *generate.Generator
	firsts  map[string]contract.Item // the first item, by the path of its list
}

// token is the credential that requests carry.
const token = "understudy"

// path gives an operation's path with values for its parameters: keys of items that exist where a list tells them, else generated ones.
func (m *maker) path(ctx context.Context, op *contract.Operation) (string, error) {
	segments := strings.Split(op.Path, "/")
	out := ""
	template := ""
	var scope []string
	for _, segment := range segments[1:] {
		template += "/" + segment
		for strings.Contains(segment, "{") {
			before, rest, _ := strings.Cut(segment, "{")
			name, after, _ := strings.Cut(rest, "}")
			value, err := m.pathValue(ctx, op, name, template, scope)
			if err != nil {
				return "", err
			}
			scope = append(scope, value)
			segment = before + url.PathEscape(value) + after
		}
		out += "/" + segment
	}
	return out, nil
}

// pathValue gives the value of one parameter in the path. Template is the path up to and with it; scope are the values of those before it.
func (m *maker) pathValue(ctx context.Context, op *contract.Operation, name, template string, scope []string) (string, error) {
	for _, c := range m.doc.Collections() {
		if c.ItemPath != "" && strings.TrimSuffix(c.ItemPath, "/") == template && !c.Empty {
			if c.Elsewhere() { // its path says less than the list's
				if path, err := m.path(ctx, c.List()); err == nil {
					scope, _ = c.Scoped(path)
				}
			}
			if it, ok := m.first(ctx, c, scope); ok && it.Key() != "" {
				return it.Key(), nil
			}
		}
	}
	p := op.Parameter("path", name)
	if p == nil || p.Schema == nil {
		return "1", nil
	}
	for try := range 10 {
		text, err := m.values.Value(p.Schema, contract.AsRequest, fmt.Sprintf("%s/path/%s/%d", op.ID, name, try))
		if err != nil {
			return "", fmt.Errorf("parameter %s: %w", name, err)
		}
		if value := plain(decode(text)); value != "" && value != "." && value != ".." {
			return value, nil
		}
	}
	return "1", nil
}

// first gives the first item of a list, or none. Scope are the values of the path's parameters.
func (m *maker) first(ctx context.Context, c *contract.Collection, scope []string) (contract.Item, bool) {
	list, _ := c.Encode(contract.Query{Scope: scope[:min(len(scope), len(c.List().PathParameters()))], Window: c.First()})
	if it, ok := m.firsts[list]; ok {
		return it, true
	}
	r, err := m.request(ctx, c.List(), list)
	if err != nil {
		return contract.Item{}, false
	}
	w := httptest.NewRecorder()
	m.handler.ServeHTTP(w, r)
	page, err := c.Unwrap(contract.Query{Window: c.First()}, w.Header(), w.Body.Bytes())
	if w.Code/100 != 2 || err != nil || len(page.Items) == 0 {
		return contract.Item{}, false
	}
	m.firsts[list] = page.Items[0]
	return page.Items[0], true
}

// request makes a valid request to an operation: required parameters, a body if one is described, and credentials.
func (m *maker) request(ctx context.Context, op *contract.Operation, path string) (*http.Request, error) {
	query := url.Values{}
	header := http.Header{}
	if needsCondition(op) {
		header.Set("If-Match", "*")
	}
	for i := range op.Parameters {
		p := &op.Parameters[i]
		if !p.Required || p.In == "path" || isIfMatch(p) {
			continue
		}
		if err := m.parameter(op, p, query, header); err != nil {
			return nil, err
		}
	}
	body, contentType, err := m.body(ctx, op)
	if err != nil {
		return nil, err
	}
	if contentType != "" {
		header.Set("Content-Type", contentType)
	}
	m.authorize(op, query, header)
	target := m.doc.Bases()[0] + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	u, err := url.Parse("http://localhost" + target)
	if err != nil {
		return nil, err
	}
	r := httptest.NewRequestWithContext(ctx, op.Method, "/", bytes.NewReader(body))
	r.URL, r.RequestURI = u, target
	r.Host = "localhost"
	maps.Copy(r.Header, header)
	if body == nil {
		r.Body, r.ContentLength = http.NoBody, 0
	}
	return r, nil
}

// parameter adds a valid value of a parameter, in its style.
func (m *maker) parameter(op *contract.Operation, p *contract.Parameter, query url.Values, header http.Header) error {
	if c := op.Collection; c != nil && op.Role == contract.List && p.Name == c.Paging.Param {
		if _, first := c.Encode(contract.Query{Window: c.First(), Scope: make([]string, len(op.PathParameters()))}); p.In == "query" && c.Paging.Style != contract.ByCursor {
			query.Set(p.Name, "1")
			maps.Copy(query, first)
			return nil
		}
	}
	if p.In == "header" && slices.Contains([]string{"accept", "content-type", "authorization"}, strings.ToLower(p.Name)) {
		return nil // OpenAPI: such parameters are ignored
	}
	schema := p.Schema
	var value any = "understudy"
	if schema == nil {
		schema = p.Content
	}
	if schema != nil {
		text, err := m.values.Value(schema, contract.AsRequest, op.ID+"/"+p.In+"/"+p.Name)
		if err != nil {
			return fmt.Errorf("parameter %s: %w", p.Name, err)
		}
		if value = decode(text); p.Schema == nil {
			value = string(text)
		}
	}
	for name, values := range serialize(p, value) {
		switch p.In {
		case "query":
			query[name] = values
		case "header":
			header.Set(name, strings.Join(values, ","))
		case "cookie":
			for _, v := range values {
				header.Add("Cookie", (&http.Cookie{Name: name, Value: url.QueryEscape(v)}).String())
			}
		}
	}
	return nil
}

// serialize writes a value as a parameter's style and explode say (OpenAPI, "Style Values").
func serialize(p *contract.Parameter, value any) map[string][]string {
	switch v := value.(type) {
	case []any:
		var parts []string
		for _, e := range v {
			parts = append(parts, plain(e))
		}
		if p.Explode && p.In != "header" {
			return map[string][]string{p.Name: parts}
		}
		separator := map[string]string{"spaceDelimited": " ", "pipeDelimited": "|"}[p.Style]
		if separator == "" {
			separator = ","
		}
		return map[string][]string{p.Name: {strings.Join(parts, separator)}}
	case map[string]any:
		out := map[string][]string{}
		var flat []string
		for _, k := range slices.Sorted(maps.Keys(v)) {
			switch {
			case p.Style == "deepObject":
				deep(out, p.Name+"["+k+"]", v[k])
			case p.Explode && p.In != "header":
				out[k] = []string{plain(v[k])}
			case p.Explode:
				flat = append(flat, k+"="+plain(v[k]))
			default:
				flat = append(flat, k, plain(v[k]))
			}
		}
		if flat != nil {
			out[p.Name] = []string{strings.Join(flat, ",")}
		}
		return out
	}
	return map[string][]string{p.Name: {plain(value)}}
}

func deep(out map[string][]string, name string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			deep(out, name+"["+k+"]", x)
		}
	case []any:
		for _, x := range v {
			out[name] = append(out[name], plain(x))
		}
	default:
		out[name] = []string{plain(v)}
	}
}

// plain is a scalar as text, anything else as JSON.
func plain(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

func decode(text []byte) any {
	var v any
	_ = json.Unmarshal(text, &v) // generated
	return v
}

// body makes a valid body: JSON if that is described.
func (m *maker) body(ctx context.Context, op *contract.Operation) ([]byte, string, error) {
	if op.Body == nil || len(op.Body.Media) == 0 || op.Method == http.MethodGet || op.Method == http.MethodHead {
		return nil, "", nil
	}
	media, schema := op.Body.Object()
	if media == "" {
		media = slices.Sorted(maps.Keys(op.Body.Media))[0]
		schema = op.Body.Media[media]
	}
	value := []byte(`{}`)
	if schema != nil {
		var err error
		if value, err = m.values.Object(schema, contract.AsRequest, op.ID+"/body", m.references(ctx, op, schema)); err != nil {
			value, err = m.values.Value(schema, contract.AsRequest, op.ID+"/body")
		}
		if err != nil {
			return nil, "", fmt.Errorf("body: %w", err)
		}
		if err := schema.Judge(decode(value), contract.AsRequest); err != nil {
			return nil, "", fmt.Errorf("the body made for %s is not valid: %w", op.ID, err)
		}
	}
	media = strings.NewReplacer("*/*", "application/json", "/*", "/plain").Replace(media)
	members, _ := decode(value).(map[string]any)
	switch {
	case contract.IsJSON(media):
	case media == contract.URLEncoded:
		value, _ = op.Body.Write(media, value)
	case strings.HasPrefix(media, "multipart/"):
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		for _, k := range slices.Sorted(maps.Keys(members)) {
			if part, err := w.CreateFormField(k); err == nil {
				_, _ = io.WriteString(part, plain(members[k]))
			}
		}
		_ = w.Close() // into memory
		value, media = b.Bytes(), w.FormDataContentType()
	default:
		value = []byte(plain(decode(value)))
	}
	return value, media, nil
}

// references gives the properties of a body that hold keys of other records: keys that exist.
func (m *maker) references(ctx context.Context, op *contract.Operation, schema *contract.Schema) map[string]string {
	given := map[string]string{}
	if op.Collection == nil || op.Collection.Empty {
		return given
	}
	for _, e := range op.Collection.Records.Embeds {
		p, ok := schema.Property(e.By)
		if !ok {
			continue
		}
		for _, c := range m.doc.Collections() {
			if c.Records != e.Set || len(c.List().PathParameters()) > 0 {
				continue
			}
			it, found := m.first(ctx, c, nil)
			if !found {
				continue
			}
			if held := it.Own(op.Collection.Records.Held(&e)); held != "" && len(p.Schema.Validate(decode([]byte(held)), contract.AsRequest)) == 0 {
				given[e.By] = held
				break
			}
		}
		if given[e.By] == "" && len(op.Collection.List().PathParameters()) == 0 {
			if it, found := m.first(ctx, op.Collection, nil); found && it.Own(e.By) != "null" {
				given[e.By] = it.Own(e.By) // nothing lists those records, but others refer to them
			}
		}
		if given[e.By] == "" {
			delete(given, e.By)
		}
	}
	return given
}

// authorize adds the credentials that an operation asks for.
func (m *maker) authorize(op *contract.Operation, query url.Values, header http.Header) {
	if len(op.Security) == 0 {
		return
	}
	for _, s := range op.Security[0] {
		secret := token
		if s.HTTP == "basic" {
			secret = "user:" + token
		}
		s.Present(secret, query, header)
	}
}
