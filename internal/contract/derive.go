package contract

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"understudy/internal/source"
)

// derive turns the loaded document into operations and collections. What conventions cannot tell comes from x-understudy.
func (d *Document) derive(ext *extensions) error {
	root, err := ext.read("", "messages")
	if err != nil {
		return err
	}
	if d.messages, err = root.messages(); err != nil {
		return err
	}
	d.bases = basePaths(d.api.Servers)
	d.routes = &routes{}
	var resources []*Resource
	for _, path := range d.pathOrder() {
		r := &Resource{Path: path, template: parseTemplate(path)}
		item := d.api.Paths.Value(path)
		for _, method := range methods {
			if kop := item.GetOperation(method); kop != nil {
				op := d.operation(path, method, item, kop)
				r.Operations = append(r.Operations, op)
				d.operations = append(d.operations, op)
			}
		}
		d.routes.add(r)
		resources = append(resources, r)
	}
	for _, op := range d.operations {
		if err := op.readExtensions(ext); err != nil {
			return err
		}
	}
	for _, r := range resources {
		if op := r.Operation("GET"); op != nil {
			d.findCollection(op, r, resources)
		}
	}
	for _, c := range d.collections {
		if d.listed(c.Path) {
			c.findElsewhere(resources)
		}
		c.settleKey()
	}
	if err := d.findRecords(ext); err != nil {
		return err
	}
	for _, c := range d.collections {
		if err := c.understand(ext); err != nil {
			return err
		}
	}
	d.findParents()
	d.findSingletons(resources)
	for _, c := range d.collections {
		c.borrowItems(d.collections)
	}
	d.explainOthers()
	return nil
}

// listed tells whether what a list is inside of are items of another list, so that they can be found.
func (d *Document) listed(list string) bool {
	list = strings.TrimSuffix(list, "/")
	parent := list[:max(strings.LastIndexByte(list, '/'), 0)]
	return slices.ContainsFunc(d.collections, func(c *Collection) bool { return c.ItemPath != "" && strings.TrimSuffix(c.ItemPath, "/") == parent })
}

var methods = []string{
	http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
	http.MethodHead, http.MethodOptions, http.MethodTrace, http.MethodConnect,
}

func (d *Document) pathOrder() []string {
	var names []string
	for k := range source.Pairs(d.node("/paths")) {
		if d.api.Paths.Value(k.Value) != nil && !slices.Contains(names, k.Value) {
			names = append(names, k.Value)
		}
	}
	if len(names) < d.api.Paths.Len() { // some stand elsewhere
		names = d.api.Paths.InMatchingOrder()
	}
	return names
}

// basePaths gives the paths of the servers, variables at their defaults; the root if there is none.
func basePaths(servers openapi3.Servers) []string {
	var out []string
	for _, s := range servers {
		address := s.URL
		for name, v := range s.Variables {
			if v != nil {
				address = strings.ReplaceAll(address, "{"+name+"}", v.Default)
			}
		}
		u, err := url.Parse(address)
		if err != nil {
			continue
		}
		base := strings.TrimRight(collapse("/"+strings.TrimPrefix(u.EscapedPath(), "/")), "/")
		if !slices.Contains(out, base) {
			out = append(out, base)
		}
	}
	if out == nil {
		out = []string{""}
	}
	return out
}

// readExtensions reads what stands at an operation's parameters and at the properties of its body.
func (op *Operation) readExtensions(ext *extensions) error {
	for i := range op.Parameters {
		x, err := ext.read(op.Parameters[i].ptr, "messages")
		if err != nil {
			return err
		}
		if op.Parameters[i].messages, err = x.messages(); err != nil {
			return err
		}
	}
	if op.Body != nil {
		if _, schema := op.Body.Object(); schema != nil {
			for _, p := range schema.Properties() {
				if _, err := ext.property(p); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// property reads what stands at a property; all keys are allowed at all of them.
func (x *extensions) property(p Property) (*extension, error) {
	e, err := x.read(p.ptr, "record", "key", "unset", "value", "default", "messages")
	if err != nil {
		return nil, err
	}
	if _, err := e.messages(); err != nil {
		return nil, err
	}
	return e, nil
}
