package contract

import (
	"fmt"
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
				op.Why = "no collection explains it"
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
			if err := d.collection(ext, op, resources); err != nil {
				return err
			}
		}
	}
	return nil
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
		if _, schema := op.Body.JSON(); schema != nil {
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

// collection derives a collection from an operation that lists, and finds the operations on it; it does nothing if the operation does not list.
func (d *Document) collection(ext *extensions, op *Operation, resources []*Resource) error {
	if op.Role != NoRole {
		return nil // it is about one item of a collection
	}
	success := op.Response(op.Success())
	if success == nil {
		return nil
	}
	_, schema := success.JSON()
	if schema == nil {
		return nil
	}
	env, items, why := recognizeEnvelope(schema, op.Path)
	if items == nil {
		op.Why = why
		return nil
	}
	x, err := ext.read(op.ptr, "order", "orderable", "nulls", "page", "search", "filters", "records")
	if err != nil {
		return err
	}
	c := &Collection{
		ID: op.ID, Path: op.Path, doc: d, list: op, operations: map[Role]*Operation{List: op},
		template: parseTemplate(op.Path), envelope: env,
	}
	c.note("items "+itemsOf(&env.root), why)
	if _, err := x.text("records", "none"); err != nil {
		return err
	}
	c.Empty = x.get("records") != nil
	c.findOperations(resources)
	if err := c.findRecords(ext, items); err != nil {
		return err
	}
	if err := c.findParameters(x); err != nil {
		return err
	}
	c.addHeaders(success)
	for role, op := range c.operations {
		op.Collection, op.Role = c, role
	}
	op.Why = "it answers " + why
	d.collections = append(d.collections, c)
	return nil
}

func (c *Collection) note(what, why string) { c.Notes = append(c.Notes, Note{what, why}) }

// property follows a path through the schemas of the collection's records.
func (c *Collection) property(path []string) *Schema {
	s := c.Records.Schema
	for _, step := range path {
		p, ok := s.Property(step)
		if !ok {
			return nil
		}
		s = p.Schema
	}
	return s
}

// findOperations finds what else can be done with the collection and with its items, by their paths.
func (c *Collection) findOperations(resources []*Resource) {
	why := func(op *Operation, role Role, why string) {
		if op != nil {
			c.operations[role] = op
			op.Why = why
		}
	}
	prefix := strings.TrimSuffix(c.Path, "/")
	for _, r := range resources {
		if r.Path == c.Path {
			why(r.Operation("POST"), Create, "POST on the list's path")
		}
		rest, ok := strings.CutPrefix(r.Path, prefix+"/")
		rest = strings.TrimSuffix(rest, "/")
		if !ok || c.ItemPath != "" || !strings.HasPrefix(rest, "{") || strings.IndexByte(rest, '}') != len(rest)-1 {
			continue
		}
		c.ItemPath = r.Path
		on := fmt.Sprintf("on the list's path and %s", rest)
		for _, m := range []struct {
			method string
			role   Role
		}{{"GET", Retrieve}, {"PUT", Replace}, {"PATCH", Update}, {"DELETE", Destroy}} {
			if op := r.Operation(m.method); op != nil && op.Method == m.method {
				why(op, m.role, m.method+" "+on)
			}
		}
	}
}

// findRecords describes the records: schema, key, and what is embedded in them.
func (c *Collection) findRecords(ext *extensions, items *Schema) error {
	set, err := c.doc.recordSet(ext, lastName(c.Path), items)
	if err != nil {
		return err
	}
	set.Path = c.Path
	c.Records = set
	param := ""
	if c.ItemPath != "" {
		names := parseTemplate(c.ItemPath).params
		param = names[len(names)-1]
	}
	key, why := findKey(items, param, lastName(c.Path))
	set.setKey(key)
	if key == "" {
		c.Unknown = append(c.Unknown, Note{"which property identifies an item", "none is named like a key"})
	} else {
		c.note("key "+key, why)
	}
	for _, e := range set.Embeds {
		what := fmt.Sprintf("%s is a record of %s", e.Property, e.Set.Name)
		if e.By != "" {
			what += ", its key in " + e.By
		}
		if e.Caller {
			what += ", whoever created the item"
		}
		c.note(what, "x-understudy at the property")
	}
	return nil
}

func lastName(path string) string {
	name := ""
	for _, s := range strings.Split(path, "/") {
		if s != "" && !strings.Contains(s, "{") {
			name = s
		}
	}
	return name
}

// recordSet describes the records of a schema, and of the schemas embedded in it.
func (d *Document) recordSet(ext *extensions, name string, schema *Schema) (*RecordSet, error) {
	set := &RecordSet{Name: name, Schema: schema, index: map[string]int{}, format: map[string]string{}, initial: map[string]string{}}
	d.sets = append(d.sets, set)
	var embedded []string
	for i, p := range schema.Properties() {
		set.Properties = append(set.Properties, p.Name)
		set.index[p.Name] = i
		set.embed = append(set.embed, -1)
		set.format[p.Name] = p.Schema.Format()
		x, err := ext.property(p)
		if err != nil {
			return nil, err
		}
		if err := set.setInitial(p, x); err != nil {
			return nil, err
		}
		record, err := x.text("record")
		if err != nil || record == "" {
			if err != nil {
				return nil, err
			}
			continue
		}
		e := Embed{Property: p.Name, index: i}
		if e.By, err = x.text("key"); err != nil {
			return nil, err
		}
		if _, ok := schema.Property(e.By); e.By != "" && !ok {
			return nil, d.file.Errorf(x.get("key"), "there is no property %q beside %s", e.By, p.Name)
		}
		if e.Unset, err = x.text("unset"); err != nil {
			return nil, err
		}
		value, err := x.text("value", "caller")
		if err != nil {
			return nil, err
		}
		e.Caller = value == "caller"
		if e.Set, err = d.embedded(ext, record, p.Schema); err != nil {
			return nil, err
		}
		set.embed[i] = len(set.Embeds)
		set.Embeds = append(set.Embeds, e)
		embedded = append(embedded, p.Name)
	}
	set.own = schema.without(embedded)
	whole := *set
	whole.Embeds, whole.embed = nil, make([]int, len(set.Properties))
	for i := range whole.embed {
		whole.embed[i] = -1
	}
	set.whole = &whole
	return set, nil
}

// embedded gives the record set of a name; its schema is that of the property where it is embedded.
func (d *Document) embedded(ext *extensions, name string, schema *Schema) (*RecordSet, error) {
	for _, s := range d.sets {
		if s.Name == name {
			return s, nil
		}
	}
	set, err := d.recordSet(ext, name, schema)
	if err != nil {
		return nil, err
	}
	key, _ := findKey(schema, "", name)
	set.setKey(key)
	return set, nil
}

func (s *RecordSet) setKey(key string) {
	for _, set := range []*RecordSet{s, s.whole} {
		set.Key = key
		if p, ok := s.Schema.Property(key); ok {
			set.keyType = p.Schema.Type()
		}
	}
}

func (s *RecordSet) setInitial(p Property, x *extension) error {
	if n := x.get("default"); n != nil {
		text, err := source.AppendJSON(nil, n)
		if err != nil {
			return x.doc.file.Errorf(n, "%v", err)
		}
		s.initial[p.Name] = string(text)
		return nil
	}
	if text := p.Schema.Default(); text != nil {
		s.initial[p.Name] = string(text)
	} else if p.Schema.Nullable() {
		s.initial[p.Name] = "null"
	}
	return nil
}

// findParameters understands the query parameters: paging, ordering, search, filters.
func (c *Collection) findParameters(x *extension) error {
	var names []string
	for _, p := range c.list.Parameters {
		if p.In == "query" {
			names = append(names, p.Name)
		}
	}
	rest := c.findPaging(names)
	var err error
	if c.Paging.Default, err = x.number("page", "size"); err != nil {
		return err
	}
	if c.Paging.Max, err = x.number("page", "max"); err != nil {
		return err
	}
	if n := x.get("page"); n != nil {
		if err := c.doc.knownKeys(n, []string{"size", "max"}); err != nil {
			return err
		}
	}
	if c.Paging.Style != NoPaging || c.Paging.Size != "" {
		why := extensionKey
		if c.Paging.Default == 0 {
			c.Paging.Default, why = c.sizeDefault()
		}
		c.note(fmt.Sprintf("pages of %d by default%s", c.Paging.Default, c.maxText()), why)
	}
	if rest, err = c.findOrdering(x, rest); err != nil {
		return err
	}
	if rest, err = c.findSearch(x, rest); err != nil {
		return err
	}
	rest, err = c.findFilters(x, rest)
	for _, name := range rest {
		c.Unknown = append(c.Unknown, Note{"query parameter " + name, "its name tells neither a filter nor anything else"})
	}
	return err
}

func (c *Collection) why(x *extension, key, otherwise string) string {
	if x.get(key) != nil {
		return extensionKey
	}
	return otherwise
}

func (c *Collection) maxText() string {
	if c.Paging.Max == 0 {
		return ""
	}
	return fmt.Sprintf(", %d at most", c.Paging.Max)
}

// sizeDefault is the size that the document gives for the parameter, or 20.
func (c *Collection) sizeDefault() (size int, why string) {
	if p := c.list.Parameter("query", c.Paging.Size); p != nil && p.Schema != nil {
		var n int
		if _, err := fmt.Sscan(string(p.Schema.Default()), &n); err == nil && n > 0 {
			return n, "the default of " + c.Paging.Size
		}
	}
	return 20, "the document says no size"
}

// findOrdering understands the ordering parameter. Without x-understudy, items can be ordered by their own scalar properties.
func (c *Collection) findOrdering(x *extension, names []string) ([]string, error) {
	var err error
	if c.Ordering.Nulls, err = x.text("nulls", "last", "first"); err != nil {
		return nil, err
	}
	c.Ordering.Param, names = take(names, orderingNames)
	why := "the item's own scalar properties"
	if offered := c.offeredOrder(); offered != nil {
		c.Ordering.Fields, why = offered, "its enumeration"
	} else {
		for _, name := range c.Records.Properties {
			if s := c.property([]string{name}); s != nil && c.Records.Embed(name) == nil && s.Type() != "object" && s.Type() != "array" {
				c.Ordering.Fields = append(c.Ordering.Fields, name)
			}
		}
	}
	fields, err := x.list("orderable")
	if err != nil {
		return nil, err
	}
	if fields != nil {
		c.Ordering.Fields = nil
		for _, n := range fields {
			if err := c.knownPath(n, n.Value); err != nil {
				return nil, err
			}
			c.Ordering.Fields = append(c.Ordering.Fields, n.Value)
		}
	}
	order, err := x.list("order")
	if err != nil {
		return nil, err
	}
	for _, n := range order {
		o := Order{strings.TrimPrefix(n.Value, "-"), strings.HasPrefix(n.Value, "-")}
		if err := c.knownPath(n, o.Field); err != nil {
			return nil, err
		}
		c.Ordering.Default = append(c.Ordering.Default, o)
	}
	if c.Ordering.Param != "" {
		c.note(fmt.Sprintf("ordered by %s: %s", c.Ordering.Param, strings.Join(c.Ordering.Fields, ", ")),
			c.why(x, "orderable", why))
	}
	if len(order) > 0 {
		c.note("ordered by default: "+orderText(c.Ordering.Default), extensionKey)
	} else {
		c.Unknown = append(c.Unknown, Note{"the order when none is asked for", "say it under x-understudy: order"})
	}
	return names, nil
}

// offeredOrder gives the properties that the enumeration of the ordering parameter names; nil if it has none.
func (c *Collection) offeredOrder() []string {
	p := c.list.Parameter("query", c.Ordering.Param)
	if p == nil || p.Schema == nil {
		return nil
	}
	var out []string
	for _, v := range p.Schema.Enum() {
		name, _ := v.(string)
		name = strings.TrimPrefix(name, "-")
		if c.property(strings.Split(name, ".")) != nil && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

func orderText(order []Order) string {
	var out []string
	for _, o := range order {
		if o.Desc {
			o.Field = "-" + o.Field
		}
		out = append(out, o.Field)
	}
	return strings.Join(out, ", ")
}

// knownPath refuses a property path that leads nowhere.
func (c *Collection) knownPath(n *source.Node, path string) error {
	if c.property(strings.Split(path, ".")) == nil {
		err := c.doc.file.Errorf(n, "an item of %s has no property %q", c.Path, path)
		err.Hint = "it has: " + strings.Join(c.Records.Properties, ", ")
		return err
	}
	return nil
}

func (c *Collection) findSearch(x *extension, names []string) ([]string, error) {
	c.Search.Param, names = take(names, searchNames)
	paths, err := x.list("search")
	if err != nil {
		return nil, err
	}
	for _, n := range paths {
		if err := c.knownPath(n, n.Value); err != nil {
			return nil, err
		}
		c.Search.Paths = append(c.Search.Paths, strings.Split(n.Value, "."))
	}
	if c.Search.Param == "" {
		return names, nil
	}
	why := extensionKey
	if paths == nil {
		why = "the item's own texts"
		for _, name := range c.Records.Properties {
			if s := c.property([]string{name}); s != nil && s.Type() == "string" {
				c.Search.Paths = append(c.Search.Paths, []string{name})
			}
		}
	}
	c.note(fmt.Sprintf("searched by %s in %s", c.Search.Param, pathsText(c.Search.Paths)), why)
	return names, nil
}

func pathsText(paths [][]string) string {
	var out []string
	for _, p := range paths {
		out = append(out, strings.Join(p, "."))
	}
	return strings.Join(out, ", ")
}

// findFilters maps the remaining parameters to properties of the item.
func (c *Collection) findFilters(x *extension, names []string) (rest []string, err error) {
	said := x.get("filters")
	if said != nil && !source.IsMap(said) {
		return nil, c.doc.file.Errorf(said, "filters is not a map of parameters to properties")
	}
	for k, v := range source.Pairs(said) {
		if !slices.Contains(names, k.Value) {
			return nil, c.doc.file.Errorf(k, "%s has no query parameter %q left to be a filter", c.list.ID, k.Value)
		}
		if err := c.knownPath(v, v.Value); err != nil {
			return nil, err
		}
	}
	for _, name := range names {
		f, why := c.recognizeFilter(name)
		if n := c.doc.file.Get(said, name); n != nil {
			f, why = &Filter{Param: name, Path: strings.Split(n.Value, "."), Op: Equal}, extensionKey
		}
		if f == nil {
			rest = append(rest, name)
			continue
		}
		f.kind = kindOf(c.property(f.Path))
		c.Filters = append(c.Filters, *f)
		c.note(fmt.Sprintf("filter %s: %s %s", name, strings.Join(f.Path, "."), f.Op), why)
	}
	return rest, nil
}

// addHeaders finds the headers of a list response that tell of paging.
func (c *Collection) addHeaders(r *Response) {
	for _, name := range r.headers {
		switch n := plain(name); {
		case n == "link":
			c.envelope.headers = append(c.envelope.headers, headerField{name, roleLink})
			c.envelope.hasNext, c.envelope.hasPrev = true, true
			c.note("links in the header "+name, "RFC 8288")
		case slices.Contains(totalHeaders, n):
			c.envelope.headers = append(c.envelope.headers, headerField{name, roleTotal})
			c.envelope.total = true
			c.note("total in the header "+name, "its name")
		}
	}
}
