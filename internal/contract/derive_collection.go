package contract

import (
	"fmt"
	"regexp"
	"strings"
)

// findCollection makes a collection of an operation that lists, and finds the operations on it; if the operation does not list, Why says so.
func (d *Document) findCollection(op *Operation, r *Resource, resources []*Resource) {
	if op.Role != NoRole {
		return // it is about one item of a collection
	}
	schema := op.answer()
	if schema == nil {
		return
	}
	changed := r.Operation("PUT") != nil || r.Operation("PATCH") != nil
	f := recognizeList(op, schema, changed)
	if f.items == nil {
		op.Why = f.why
		return
	}
	c := &Collection{
		ID: op.ID, Path: op.Path, Item: f.items, doc: d, list: op, operations: map[Role]*Operation{List: op}, template: parseTemplate(op.Path), found: f,
	}
	where := "are the whole answer"
	if f.path != nil {
		where = "in " + strings.Join(f.path, ".")
	}
	c.Empty = d.file.Get(d.file.Get(d.node(op.ptr), extensionKey), "records") != nil || alwaysEmpty.MatchString(op.Description)
	c.note("items "+where, f.why)
	op.Why = "it answers " + f.why
	c.findOperations(resources)
	for role, op := range c.operations {
		op.Collection, op.Role = c, role
	}
	d.collections = append(d.collections, c)
}

// alwaysEmpty finds the words of a list that never has items.
var alwaysEmpty = regexp.MustCompile(`(?i)\b(?:it|list|array|collection|which) is (?:always) empty\b`)

// settleKey finds the property that identifies an item.
func (c *Collection) settleKey() {
	key, why := findKey(c.Item.Properties(), lastParameter(c.ItemPath), lastName(c.Path))
	seen, asked := c.doc.keys[c.Path]
	said := c.doc.file.Get(c.doc.file.Get(c.doc.node(c.list.ptr), extensionKey), "key")
	switch {
	case said != nil:
		key, why = said.Value, extensionKey
	case asked:
		key, why = seen, "by it items are found"
	}
	param := plain(lastParameter(c.ItemPath))
	c.keyGuessed = said == nil && !asked && key != "" && param != "" && !strings.HasSuffix(param, plain(key))
	if c.key = key; key == "" && asked {
		c.unknown("which property identifies an item", "by none of those that could be it items are found")
	} else if key == "" {
		c.unknown("which property identifies an item", "none is named like a key")
	} else {
		c.note("key "+key, why)
	}
}

// WithKeys gives the document understood anew, with the properties by which items turned out to be found, by the paths of their lists; "" is that by
// none they are. What is said under x-understudy stays as it is.
func (d *Document) WithKeys(keys map[string]string) (*Document, error) {
	again := &Document{
		file: d.file, api: d.api, converted: d.converted, formats: d.formats, warnings: d.warnings, files: d.files, stamps: d.stamps, keys: keys,
	}
	ext, err := newExtensions(again)
	if err != nil {
		return nil, err
	}
	return again, again.derive(ext)
}

// findOperations finds what else can be done with the collection and with its items, by their paths.
func (c *Collection) findOperations(resources []*Resource) {
	prefix := strings.TrimSuffix(withoutJSON(c.Path), "/")
	for _, r := range resources {
		if strings.TrimSuffix(r.Path, "/") == strings.TrimSuffix(c.Path, "/") {
			c.take(r.Operation("POST"), Create, "POST on the list's path")
		}
		rest, ok := strings.CutPrefix(withoutJSON(r.Path), prefix+"/")
		rest = strings.TrimSuffix(rest, "/")
		if !ok || c.ItemPath != "" || !strings.HasPrefix(rest, "{") || strings.IndexByte(rest, '}') != len(rest)-1 {
			continue
		}
		c.ItemPath = r.Path
		c.takeItem(r, fmt.Sprintf(" on the list's path and %s", rest))
	}
	c.findInside(prefix, resources)
}

// findInside finds the path of an item that nothing can be done with but look into it, such as /statements/{month} where there is /statements/{month}/entries: of those
// whose parameter is called as a property of the items.
func (c *Collection) findInside(prefix string, resources []*Resource) {
	for _, r := range resources {
		rest, ok := strings.CutPrefix(withoutJSON(r.Path), prefix+"/")
		param, _, deeper := strings.Cut(rest, "/")
		if !ok || !deeper || c.ItemPath != "" || !strings.HasPrefix(param, "{") || !strings.HasSuffix(param, "}") {
			continue
		}
		for _, p := range c.Item.Properties() {
			if t := p.Schema.Type(); (t == "string" || t == "integer") && plain(p.Name) == plain(strings.Trim(param, "{}")) {
				c.ItemPath = prefix + "/" + param
				return
			}
		}
	}
}

// takeItem takes the operations on one item.
func (c *Collection) takeItem(r *Resource, on string) {
	for _, m := range []struct {
		method string
		role   Role
	}{{"GET", Retrieve}, {"PUT", Replace}, {"PATCH", Update}, {"DELETE", Destroy}} {
		op := r.Operation(m.method)
		if op == nil || m.role == Retrieve && op.answer() != nil && op.answer().Type() == "array" {
			continue
		}
		c.take(op, m.role, m.method+on)
	}
	if post := r.Operation("POST"); post != nil && c.operations[Update] == nil && c.answersItem(post) {
		c.take(post, Update, "POST"+on+", which answers an item")
	}
}

// take gives an operation a role, unless it has one already.
func (c *Collection) take(op *Operation, role Role, why string) {
	if op != nil && op.Role == NoRole && c.operations[role] == nil {
		c.operations[role] = op
		op.Why = why
	}
}

// answersItem tells whether an operation answers with an item of the collection.
func (c *Collection) answersItem(op *Operation) bool {
	s := op.answer()
	if s == nil || s.Component() == "" {
		return false
	}
	if s.Component() == c.component() {
		return true
	}
	one := c.operations[Retrieve]
	return one != nil && one.answer() != nil && one.answer().Component() == s.Component()
}

// property follows a path through the schemas of the collection's records.
func (c *Collection) property(path []string) *Schema {
	if len(path) == 0 {
		return nil
	}
	i, ok := c.Records.index[path[0]]
	if !ok {
		return nil
	}
	s := c.Records.properties[i].Schema
	for _, step := range path[1:] {
		p, ok := s.Property(step)
		if !ok {
			return nil
		}
		s = p.Schema
	}
	return s
}

// understand reads what stands under x-understudy at the list operation, and finds how the list pages, orders, searches and filters.
func (c *Collection) understand(ext *extensions) error {
	x, err := ext.read(c.list.ptr, "order", "orderable", "nulls", "page", "search", "filters", "records", "key")
	if err != nil {
		return err
	}
	if key, err := x.text("key"); err != nil {
		return err
	} else if key != "" {
		if err := c.knownPath(x.get("key"), key); err != nil {
			return err
		}
	}
	if _, err := x.text("records", "none"); err != nil {
		return err
	}
	c.noteEmbeds()
	var names []string
	for _, p := range c.list.Parameters {
		switch {
		case p.In == "query" && p.Schema == nil:
			c.unknown("query parameter "+p.Name, "it has content instead of a schema, which is not understood")
		case p.In == "query" && p.members != nil && plain(p.Name) != "page":
			for _, m := range p.members {
				names = append(names, m.Name)
			}
			if p.Schema.Type() == "" { // or a scalar
				names = append(names, p.Name)
			}
		case p.In == "query":
			names = append(names, p.Name)
		}
	}
	rest := c.findPaging(names)
	success := c.list.Response(c.list.Success())
	_, schema := success.JSON()
	c.envelope = c.envelopeOf(schema, c.found)
	c.addHeaders(success)
	c.settlePaging()
	c.cursorBound = c.toldCursorBound()
	if err := c.findSizes(x); err != nil {
		return err
	}
	if rest, err = c.findOrdering(x, rest); err != nil {
		return err
	}
	if rest, err = c.findSearch(x, rest); err != nil {
		return err
	}
	rest, err = c.findFilters(x, rest)
	for _, name := range rest {
		c.unknown("query parameter "+name, c.whyUnknown(name))
	}
	return err
}
