package contracttest

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"understudy/internal/contract"
)

// validRead makes a plain valid request of an operation with GET, of something that exists. Why says why none can be made.
func (e *engine) validRead(op *contract.Operation) (r request, why string) {
	if op.Method != http.MethodGet {
		return r, "only GET is read"
	}
	if s := e.lists[op.Collection]; op.Role == contract.List && !op.Collection.Empty {
		if s == nil || s.why != "" && s.base == nil {
			return r, whyOf(s)
		}
		return s.page(contract.Query{}).request, ""
	} else {
		path, why := e.pathOf(op)
		if why != "" {
			return r, why
		}
		r = request{op: op, path: path, query: url.Values{}}
		if why := e.fillParameters(op, r.query, nil); why != "" {
			return r, why
		}
	}
	return e.fillHeaders(r)
}

// pathOf gives an operation's path, with values that exist for its parameters.
func (e *engine) pathOf(op *contract.Operation) (path, why string) {
	params := op.PathParameters()
	if len(params) == 0 {
		return op.Path, ""
	}
	unknown := fmt.Sprintf("nothing lists what {%s} can be", params[len(params)-1])
	s := e.lists[op.Collection]
	if op.Collection == nil || op.Collection.Empty {
		if s = e.holderOf(op); s == nil {
			if s = e.below(op); s == nil {
				return "", unknown
			}
			return filled(op, s.scope[:len(params)]), ""
		}
	}
	if s == nil || s.why != "" {
		return "", whyOf(s)
	}
	values := slices.Clone(s.scope)
	if s.c != op.Collection || op.Role != contract.List && op.Role != contract.Create {
		key := s.firstKey()
		if key == "" {
			return "", fmt.Sprintf("%s has no items, so {%s} has no value", s.c.Path, params[len(params)-1])
		}
		values = append(s.c.ItemScope(s.scope), key)
	}
	if len(params) != len(values) {
		return "", unknown
	}
	return filled(op, values), ""
}

// filled is an operation's path with values for its parameters.
func filled(op *contract.Operation, values []string) string {
	path := op.Path
	for i, name := range op.PathParameters() {
		path = strings.Replace(path, "{"+name+"}", url.PathEscape(values[i]), 1)
	}
	return path
}

// below finds a list whose path goes on where the last parameter of an operation's stands, and that could be read.
func (e *engine) below(op *contract.Operation) *listState {
	begins := op.Path[:strings.LastIndexByte(op.Path, '}')+1]
	for _, c := range e.doc.Collections() {
		if s := e.lists[c]; s != nil && s.why == "" && strings.HasPrefix(c.Path, begins+"/") {
			return s
		}
	}
	return nil
}

// holderOf finds the list whose items an operation of no collection is about.
func (e *engine) holderOf(op *contract.Operation) *listState {
	for _, c := range e.doc.Collections() {
		item := strings.TrimSuffix(c.ItemPath, "/")
		if rest, ok := strings.CutPrefix(op.Path, item); ok && item != "" && (rest == "" || rest[0] == '/') && !strings.Contains(rest, "{") {
			return e.lists[c]
		}
	}
	return nil
}

// firstKey is the key of the first item that has one.
func (s *listState) firstKey() string {
	if s.base != nil {
		for _, it := range s.base.items {
			if key := it.Key(); key != "" {
				return key
			}
		}
	}
	return ""
}

// fillHeaders adds valid values of the headers that an operation requires.
func (e *engine) fillHeaders(r request) (request, string) {
	if needsCondition(r.op) {
		r = r.headed("If-Match", "*") // whatever its version is (RFC 9110 §13.1.1)
	}
	for i := range r.op.Parameters {
		p := &r.op.Parameters[i]
		switch {
		case isIfMatch(p):
			continue
		case !p.Required || p.In == "path" || p.In == "query" || e.client.common.Get(p.Name) != "" || isCredential(r.op, p):
			continue
		case p.In == "cookie":
			return r, "it requires the cookie " + p.Name
		case slices.Contains([]string{"accept", "content-type", "authorization"}, strings.ToLower(p.Name)):
			continue // OpenAPI: such parameters are ignored
		case looksSecret(p.Name) && !strings.EqualFold(p.Name, idempotencyKey):
			return r, fmt.Sprintf("it requires the header %s, which looks like a credential that no security scheme declares", p.Name)
		}
		schema := p.Schema
		if schema == nil {
			schema = p.Content
		}
		text, err := e.values.Value(schema, contract.AsRequest, r.op.ID+"/header/"+p.Name)
		if err != nil {
			return r, fmt.Sprintf("no value fits the header %s: %v", p.Name, err)
		}
		for name, values := range serialize(p, decode(text)) {
			r = r.headed(name, strings.Join(values, ","))
		}
	}
	return r, ""
}

// isCredential tells whether a parameter is what a security scheme of the operation declares, too.
func isCredential(op *contract.Operation, p *contract.Parameter) bool {
	for _, need := range op.Security {
		for _, s := range need {
			if s.Type == "apiKey" && s.In == p.In && strings.EqualFold(s.Param, p.Name) {
				return true
			}
		}
	}
	return false
}

// looksSecret tells whether a name may be that of a credential.
func looksSecret(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc([]string{"auth", "token", "key", "secret", "session", "cookie", "passw", "signature", "user", "cert"}, func(part string) bool {
		return strings.Contains(name, part)
	})
}

// again gives the request so that it is sent even if the same was sent before.
func (r request) again() request { r.nth = alone; return r }

// oddly gives the request as one that may be refused.
func (r request) oddly() request { r.odd = true; return r }

// sentAs gives the request with other credentials.
func (r request) sentAs(c *credential) request { r.as = c; return r }

// by gives the request with another method.
func (r request) by(method string) request { r.method = method; return r }

// plainly makes a step of each request.
func plainly(requests ...request) []step {
	var out []step
	for _, r := range requests {
		out = append(out, step{request: r})
	}
	return out
}
