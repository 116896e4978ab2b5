package contract

import (
	"slices"
	"strings"
)

// routes is a tree of path segments. A literal segment wins over a mixture, a mixture over a parameter.
type routes struct {
	literal  map[string]*routes
	pattern  []patternRoute // mixtures first
	resource *Resource
}

type patternRoute struct {
	segment segment
	next    *routes
}

// Resource is one path of the document, with its operations by method.
type Resource struct {
	Path       string
	Operations []*Operation // in the document's order
	template   template
}

// Operation gives the resource's operation for a method, or nil. HEAD is played by GET where it is not declared (RFC 9110 §9.3.2).
func (r *Resource) Operation(method string) *Operation {
	for _, op := range r.Operations {
		if op.Method == method {
			return op
		}
	}
	if method == "HEAD" {
		return r.Operation("GET")
	}
	return nil
}

// Allow lists the methods that the resource knows, for the Allow header (RFC 9110 §10.2.1): the declared ones, HEAD beside GET, and OPTIONS.
func (r *Resource) Allow() string {
	var methods []string
	for _, op := range r.Operations {
		methods = append(methods, op.Method)
	}
	for _, m := range []string{"HEAD", "OPTIONS"} {
		if !slices.Contains(methods, m) && (m != "HEAD" || slices.Contains(methods, "GET")) {
			methods = append(methods, m)
		}
	}
	return strings.Join(methods, ", ")
}

func (n *routes) add(r *Resource) {
	for _, s := range r.template.segments {
		n = n.child(s)
	}
	if n.resource == nil {
		n.resource = r
	} else { // two templates that differ only in the names of their parameters
		n.resource.Operations = append(n.resource.Operations, r.Operations...)
	}
}

func (n *routes) child(s segment) *routes {
	if len(s.params) == 0 {
		if n.literal == nil {
			n.literal = map[string]*routes{}
		}
		next := n.literal[s.literal]
		if next == nil {
			next = &routes{}
			n.literal[s.literal] = next
		}
		return next
	}
	for _, p := range n.pattern {
		if samePattern(p.segment, s) {
			return p.next
		}
	}
	p := patternRoute{segment: s, next: &routes{}}
	at := len(n.pattern)
	if s.mixed != nil {
		at = slices.IndexFunc(n.pattern, func(p patternRoute) bool { return p.segment.mixed == nil })
		if at < 0 {
			at = len(n.pattern)
		}
	}
	n.pattern = slices.Insert(n.pattern, at, p)
	return p.next
}

func samePattern(a, b segment) bool {
	if a.mixed == nil || b.mixed == nil {
		return a.mixed == b.mixed
	}
	return a.mixed.String() == b.mixed.String()
}

func (n *routes) find(segments []string, values []string) (*Resource, []string) {
	if len(segments) == 0 {
		return n.resource, values
	}
	if next := n.literal[segments[0]]; next != nil {
		if r, v := next.find(segments[1:], values); r != nil {
			return r, v
		}
	}
	for i := range n.pattern {
		p := &n.pattern[i]
		if v, ok := p.segment.match(segments[0], values[:len(values):len(values)]); ok {
			if r, v := p.next.find(segments[1:], v); r != nil {
				return r, v
			}
		}
	}
	return nil, nil
}

// Route finds the resource of a request path, as it was sent (escaped), under the document's servers or at the root. Path is what is left
// of it below the server, and values are those of the path's parameters, unescaped, in their order. A nil resource means that there is none;
// hint is then a path that would have been found, if one differs only in its last slash.
func (d *Document) Route(escaped string) (r *Resource, path string, values []string, hint string) {
	segments := splitPath(escaped)
	for i := range len(d.bases) + 1 {
		base := "" // the root, last
		if i < len(d.bases) {
			base = d.bases[i]
		}
		skip := strings.Count(base, "/")
		if len(segments) < skip || base != "" && !slices.Equal(segments[:skip], splitPath(base)) {
			continue
		}
		rest := "/" + strings.Join(strings.Split(collapse(escaped), "/")[skip+1:], "/")
		below := segments[skip:]
		if len(below) == 0 {
			below = []string{""}
		}
		if r, values = d.routes.find(below, nil); r != nil {
			return r, rest, values, ""
		}
		other := rest + "/"
		if strings.HasSuffix(rest, "/") {
			other = strings.TrimSuffix(rest, "/")
		}
		if r, _ := d.routes.find(splitPath(other), nil); r != nil && hint == "" {
			hint = base + other
		}
	}
	return nil, "", nil, hint
}

func collapse(path string) string {
	for strings.Contains(path, "//") {
		path = strings.ReplaceAll(path, "//", "/")
	}
	return path
}
