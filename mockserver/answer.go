package mockserver

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"understudy/internal/contract"
	"understudy/internal/generate"
)

// This file answers operations that have no state: with what the document shows, else with generated values. The same request gets the same answer.

// answer answers with a documented response: the one of a status, or the usual one if that is 0. Sent are the properties of the request's body.
func (x *exchange) answer(status int, sent []contract.Member) *refusal {
	r, status := x.choose(status)
	if r == nil {
		return &refusal{cause: notFound, text: fmt.Sprintf("the document has no response %s here", x.prefer.code)}
	}
	if status == http.StatusSwitchingProtocols {
		return &refusal{cause: notPlayed, text: "not played: the only response is 101, another protocol"}
	}
	if status < 200 {
		status = http.StatusOK
	}
	media, err := x.negotiate(r)
	if err != nil {
		return err
	}
	body, contentType, err := x.content(r, media, status, sent)
	if err != nil {
		return err
	}
	return x.reply(r, status, contentType, body, nil)
}

// choose finds the response that is asked for by Prefer, else that of a status, else the usual one: the first success, else default as 200, else a
// redirect, else whatever there is. An operation without responses answers 200 with nothing.
func (x *exchange) choose(status int) (*contract.Response, int) {
	if x.prefer.code != "" {
		code, err := strconv.Atoi(x.prefer.code)
		if err != nil || code < 200 || code > 599 {
			return nil, 0
		}
		return x.op.Response(code), code
	}
	if status == 0 {
		status = x.op.Success()
	}
	if status != 0 {
		return x.op.Response(status), status
	}
	if len(x.op.Responses) == 0 {
		return &contract.Response{}, http.StatusOK
	}
	for i := range x.op.Responses {
		if r := &x.op.Responses[i]; strings.EqualFold(r.Status, "default") {
			return r, http.StatusOK
		}
	}
	for i := range x.op.Responses {
		r := &x.op.Responses[i]
		if code, err := strconv.Atoi(strings.ReplaceAll(strings.ToUpper(r.Status), "X", "0")); err == nil && (code >= 200 || len(x.op.Responses) == 1) {
			return r, code
		}
	}
	return &contract.Response{}, http.StatusOK
}

// negotiate finds the media type of a response that the client likes best (RFC 9110 §12.5.1), JSON first among equals; "" if it has no body.
func (x *exchange) negotiate(r *contract.Response) (string, *refusal) {
	if r == nil || len(r.Media) == 0 {
		return "", nil
	}
	ranges := strings.Join(x.r.Header.Values("Accept"), ",")
	if strings.TrimSpace(ranges) == "" {
		ranges = "*/*"
	}
	first, _ := r.JSON()
	if first != "" && acceptable(ranges, first) >= 1 {
		return first, nil // what almost everybody asks for
	}
	offered := slices.Sorted(maps.Keys(r.Media))
	if first != "" {
		offered = append([]string{first}, slices.DeleteFunc(offered, func(m string) bool { return m == first })...)
	}
	best, quality := "", 0.0
	for _, o := range offered {
		if q := acceptable(ranges, o); q > quality {
			best, quality = o, q
		}
	}
	if best == "" {
		return "", &refusal{cause: notAcceptable, keyword: "accept", text: fmt.Sprintf("the header Accept is %q; offered is %s", ranges, strings.Join(offered, ", "))}
	}
	return best, nil
}

// acceptable gives the quality, from 0 to 1, that an Accept header gives a media type; the most exact range decides.
func acceptable(ranges, offered string) float64 {
	offered, _, _ = strings.Cut(strings.ToLower(concrete(offered)), ";")
	kind, _, _ := strings.Cut(offered, "/")
	exactness, quality := -1, 0.0
	for _, r := range strings.Split(ranges, ",") {
		name, params, _ := strings.Cut(r, ";")
		e := slices.Index([]string{"*/*", kind + "/*", offered}, strings.ToLower(strings.TrimSpace(name)))
		if e <= exactness {
			continue
		}
		exactness, quality = e, 1
		for _, p := range strings.Split(params, ";") {
			if k, q, _ := strings.Cut(strings.TrimSpace(p), "="); strings.EqualFold(strings.TrimSpace(k), "q") {
				if n, err := strconv.ParseFloat(q, 64); err == nil {
					quality = n
				}
			}
		}
	}
	return quality
}

// concrete is a media type that a range of the document is played as.
func concrete(media string) string {
	if !strings.Contains(media, "*") {
		return media
	}
	return strings.NewReplacer("*/*", "application/json", "/*", "/plain").Replace(media)
}

// content gives the body of a response, and the Content-Type that goes with it.
func (x *exchange) content(r *contract.Response, media string, status int, sent []contract.Member) (body []byte, contentType string, refused *refusal) {
	if media == "" {
		return nil, "", nil
	}
	schema := r.Media[media]
	value, err := x.value(r, media, schema, status, sent)
	if err != nil {
		return nil, "", err
	}
	body, contentType = encode(media, schema, value)
	return body, contentType, nil
}

// value gives what a response holds, as JSON: an example of the document that is valid, else a generated value. Properties that were sent and that the answer has too are given back.
func (x *exchange) value(r *contract.Response, media string, schema *contract.Schema, status int, sent []contract.Member) ([]byte, *refusal) {
	if name := x.prefer.example; name != "" {
		for _, e := range r.Examples(media) {
			if e.Name == name {
				return e.JSON, nil
			}
		}
		return nil, &refusal{cause: notFound, text: fmt.Sprintf("the document has no example %q here", name)}
	}
	if example := x.example(r, media, schema); example != nil || schema == nil {
		return example, nil
	}
	value, err := x.generate(schema, fmt.Sprintf("%d", status), sent)
	if err != nil {
		return nil, unplayable(err)
	}
	return value, nil
}

// example gives the first example of a response's body that fits a schema, unless the client wants none; nil if there is none.
func (x *exchange) example(r *contract.Response, media string, schema *contract.Schema) []byte {
	if x.prefer.dynamic {
		return nil
	}
	for _, e := range r.Examples(media) {
		if schema == nil || fits(schema, e.JSON) {
			return e.JSON
		}
	}
	return nil
}

// unplayable is a schema that nothing fits.
func unplayable(err error) *refusal {
	var u *generate.Unsatisfiable
	if errors.As(err, &u) {
		return &refusal{cause: notPlayed, text: "not played: " + u.Error()}
	}
	return &refusal{cause: notPlayed, text: "not played: " + err.Error()}
}

// generate makes a value that depends on the operation and on the request. What the path or the body says of the answer's own properties stands in it, as far as
// that is valid.
func (x *exchange) generate(schema *contract.Schema, what string, sent []contract.Member) ([]byte, error) {
	g := x.server.data.Generator()
	address := strings.Join(append([]string{x.op.ID, what}, x.values...), "\x00") + "?" + x.query.Encode()
	if schema.Type() == "object" {
		given := map[string]string{}
		for _, m := range sent {
			given[m.Name] = m.JSON
		}
		for name, json := range x.pathValues(schema) {
			given[name] = json
		}
		for name, json := range given {
			p, ok := schema.Property(name)
			if !ok || p.Schema.WriteOnly() || !fits(p.Schema, []byte(json)) {
				delete(given, name)
			}
		}
		if len(given) > 0 {
			if b, err := g.Object(schema, contract.AsResponse, address, given); err == nil {
				return b, nil
			}
		}
	}
	return g.Value(schema, contract.AsResponse, address)
}

// pathValues gives the values of the path's parameters as properties of the answer: of their own name, and the last as the answer's id.
func (x *exchange) pathValues(schema *contract.Schema) map[string]string {
	out := map[string]string{}
	set := func(name, value string) {
		p, ok := schema.Property(name)
		if !ok {
			return
		}
		switch p.Schema.Type() {
		case "string":
			out[name] = quote(value)
		case "integer", "number":
			if json.Valid([]byte(value)) {
				out[name] = value
			}
		}
	}
	names := x.op.PathParameters()
	for i, name := range names {
		if i < len(x.values) {
			set(name, x.values[i])
		}
	}
	if n := len(names); n > 0 && n == len(x.values) && strings.HasSuffix(strings.TrimSuffix(x.op.Path, "/"), "}") {
		set("id", x.values[n-1])
	}
	return out
}

// headers sets the headers that the document describes for a response.
func (x *exchange) headers(r *contract.Response, status int) *refusal {
	h := x.w.Header()
	for _, header := range r.Headers {
		name := http.CanonicalHeaderKey(header.Name)
		if len(h[name]) > 0 || name == "Content-Type" || name == "Content-Length" || name == "Transfer-Encoding" || name == "Content-Encoding" {
			continue
		}
		value := header.Example
		if header.Schema != nil && (value == nil || !fits(header.Schema, value)) {
			var err error
			if value, err = x.server.data.Generator().Value(header.Schema, contract.AsResponse, x.op.ID+"/"+strconv.Itoa(status)+"/header/"+name); err != nil {
				if header.Required {
					return unplayable(err)
				}
				continue
			}
		}
		v, _ := contract.DecodeJSON(value)
		if text := headerText(v); text != "" {
			h[name] = []string{text}
		}
	}
	if status/100 == 3 && status != http.StatusNotModified && h.Get("Location") == "" {
		h.Set("Location", "/")
	}
	return nil
}

// headerText writes a value as a header in the style "simple" (OpenAPI: the only one for headers), without control characters.
func headerText(v any) string {
	switch v := v.(type) {
	case []any:
		var parts []string
		for _, e := range v {
			parts = append(parts, headerText(e))
		}
		return strings.Join(parts, ",")
	case map[string]any:
		var parts []string
		for _, k := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, k, headerText(v[k]))
		}
		return strings.Join(parts, ",")
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, plainText(v))
}
