package contracttest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"

	"understudy/internal/contract"
	"understudy/internal/generate"
)

// Audited is how one operation fared.
type Audited struct {
	Operation *contract.Operation
	Request   string // method and path, as sent
	Status    int
	Wrong     string // what is not right; "" if all is
	Body      []byte
}

// Audit calls every operation of a document with a valid request, and judges each answer: its status and its media type must be described, and its body must be valid by the
// validator that a mock does not use. Operations that delete come last.
func Audit(ctx context.Context, doc *contract.Document, handler http.Handler) []Audited {
	m := &maker{doc: doc, handler: handler, values: generate.New(nil), firsts: map[string]contract.Item{}}
	ops := slices.Clone(doc.Operations())
	slices.SortStableFunc(ops, func(a, b *contract.Operation) int {
		return cmp.Compare(b2i(a.Method == http.MethodDelete), b2i(b.Method == http.MethodDelete))
	})
	var out []Audited
	for _, op := range ops {
		out = append(out, m.audit(ctx, op))
		if op.Method != http.MethodGet {
			clear(m.firsts)
		}
	}
	return out
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (m *maker) audit(ctx context.Context, op *contract.Operation) Audited {
	a := Audited{Operation: op, Request: op.Method + " " + op.Path}
	path, err := m.path(ctx, op)
	if err != nil {
		a.Wrong = "no request can be made: " + err.Error()
		return a
	}
	r, err := m.request(ctx, op, path)
	if err != nil {
		a.Wrong = "no request can be made: " + err.Error()
		return a
	}
	a.Request = op.Method + " " + r.URL.RequestURI()
	w := httptest.NewRecorder()
	m.handler.ServeHTTP(w, r)
	a.Status, a.Body = w.Code, w.Body.Bytes()
	a.Wrong = judge(op, w)
	return a
}

// judge says what is wrong with an answer to a valid request; "" if nothing is.
func judge(op *contract.Operation, w *httptest.ResponseRecorder) string {
	r := op.Response(w.Code)
	if r == nil {
		if len(op.Responses) == 0 && w.Code/100 == 2 {
			return ""
		}
		return fmt.Sprintf("status %d is not documented: %s", w.Code, short(w.Body.Bytes()))
	}
	if op.Success() != 0 && w.Code/100 != 2 {
		return fmt.Sprintf("status %d, although the request is valid: %s", w.Code, short(w.Body.Bytes()))
	}
	if len(r.Media) == 0 || w.Code == http.StatusNoContent || w.Code == http.StatusNotModified || op.Method == http.MethodHead {
		if w.Body.Len() > 0 {
			return fmt.Sprintf("a body where none is documented: %s", short(w.Body.Bytes()))
		}
		return ""
	}
	given := w.Header().Get("Content-Type")
	name, schema, ok := media(r, given)
	if !ok {
		return fmt.Sprintf("media type %q is not documented", given)
	}
	if schema == nil || !contract.IsJSON(name) {
		return ""
	}
	value, err := contract.DecodeJSON(w.Body.Bytes())
	if err != nil {
		return fmt.Sprintf("the body is not JSON: %v", err)
	}
	err = schema.Judge(value, contract.AsResponse)
	var unusable *contract.UnusableSchema
	if errors.As(err, &unusable) {
		return unusable.Error()
	}
	if err != nil {
		text := strings.Join(strings.Fields(err.Error()), " ")
		return fmt.Sprintf("the body is not valid (schema at %s): %s", schema.Place(), text)
	}
	return ""
}

// media finds the documented media type that a Content-Type is of.
func media(r *contract.Response, contentType string) (string, *contract.Schema, bool) {
	given, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		given = contentType
	}
	kind, _, _ := strings.Cut(given, "/")
	for _, want := range []string{contentType, given, kind + "/*", "*/*"} {
		for name, schema := range r.Media {
			plain, _, err := mime.ParseMediaType(name)
			if err != nil {
				plain = name
			}
			if strings.EqualFold(name, want) || strings.EqualFold(plain, want) {
				return given, schema, true
			}
		}
	}
	return "", nil, false
}

func short(b []byte) string {
	if len(b) > 300 {
		return string(b[:300]) + "…"
	}
	return string(b)
}
