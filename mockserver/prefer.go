package mockserver

import (
	"net/http"
	"strings"
)

// preference is what a request asks of its answer, in the words of Prism, whose users can keep them: the header Prefer (RFC 7240), as in
// Prefer: code=404, example=name, dynamic=true, or the query parameters __code, __example and __dynamic.
type preference struct {
	code    string
	example string
	dynamic bool
}

func (x *exchange) readPreference(r *http.Request) {
	x.prefer.dynamic = x.server.opts.Dynamic
	set := func(name, value string) {
		value = strings.Trim(value, `"`)
		switch strings.ToLower(name) {
		case "code":
			x.prefer.code = value
		case "example":
			x.prefer.example = value
		case "dynamic":
			x.prefer.dynamic = strings.EqualFold(value, "true")
		}
	}
	for _, line := range r.Header.Values("Prefer") {
		for _, p := range strings.FieldsFunc(line, func(r rune) bool { return r == ',' || r == ';' }) {
			name, value, _ := strings.Cut(strings.TrimSpace(p), "=")
			set(strings.TrimSpace(name), strings.TrimSpace(value))
		}
	}
	for _, name := range []string{"code", "example", "dynamic"} {
		if v := x.query.Get("__" + name); v != "" {
			set(name, v)
			x.query.Del("__" + name)
		}
	}
}

// Headers with which a request switches off, or on, what it would be refused for.
const (
	validateHeader = "X-Understudy-Validate" // on, warn or off
	authHeader     = "X-Understudy-Auth"     // on or off
)

// Validation says what happens to requests that break the document.
type Validation string

// The ways to treat such requests.
const (
	ValidateOn   Validation = ""     // they are refused
	ValidateWarn Validation = "warn" // they are answered, and told of in [Exchange]
	ValidateOff  Validation = "off"  // they are answered
)

func (x *exchange) validation() Validation {
	switch v := strings.ToLower(x.r.Header.Get(validateHeader)); v {
	case "on":
		return ValidateOn
	case "warn", "off":
		return Validation(v)
	}
	return x.server.opts.Validate
}

func (x *exchange) authOff() bool {
	switch strings.ToLower(x.r.Header.Get(authHeader)) {
	case "on":
		return false
	case "off":
		return true
	}
	return x.server.opts.NoAuth
}
