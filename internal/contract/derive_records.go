package contract

import (
	"fmt"
	"slices"
	"strings"

	"understudy/internal/source"
)

// findRecords describes the records of all collections: schema, key, and what is embedded in them. Collections of items of one component share their
// records, if they agree on the key.
func (d *Document) findRecords(ext *extensions) error {
	owners := map[string]*Collection{} // by component
	for _, c := range d.byImportance() {
		component := c.component()
		if owner := owners[component]; owner != nil && owner.lends(c) {
			c.Records = owner.Records
			c.note("the records are those of "+owner.Path, "the items have one schema, "+component)
			continue
		}
		schema, more := c.richest()
		c.Records = newRecordSet(c.setName(d.collections), schema)
		c.Records.Path = c.Path
		c.Records.setKey(c.key)
		if more {
			c.note(fmt.Sprintf("the list shows %d of the %d properties of an item", len(c.Item.Properties()), len(c.Records.Properties)), "the answer of "+c.operations[Retrieve].ID+" has them all")
		}
		if component != "" && owners[component] == nil && c.atTop() && c.key != "" {
			owners[component] = c
		}
	}
	for _, c := range d.collections {
		if !slices.Contains(d.sets, c.Records) {
			d.sets = append(d.sets, c.Records)
		}
	}
	for i := 0; i < len(d.sets); i++ { // sets that are embedded only are added meanwhile
		if err := d.readEmbeds(ext, d.sets[i]); err != nil {
			return err
		}
	}
	d.inferEmbeds()
	for _, set := range d.sets {
		set.finish()
	}
	return nil
}

// byImportance gives the collections, those first that most likely own the records: most operations, fewest parameters in the path.
func (d *Document) byImportance() []*Collection {
	out := slices.Clone(d.collections)
	slices.SortStableFunc(out, func(a, b *Collection) int {
		if n := len(a.template.params) - len(b.template.params); n != 0 {
			return n
		}
		if n := len(b.operations) - len(a.operations); n != 0 {
			return n
		}
		return len(a.template.segments) - len(b.template.segments)
	})
	return out
}

// atTop tells whether a collection stands alone: no parameter is in its path.
func (c *Collection) atTop() bool { return len(c.template.params) == 0 && !c.Empty }

// lends tells whether another list of items of the same component shows the records of this one. A list inside an item of something does so only if
// records can be had by their key here: else they may be of no use but there.
func (c *Collection) lends(to *Collection) bool {
	return c.key == to.key && !to.Empty && (c.ItemPath != "" || to.atTop())
}

// component is the pointer of the component that an item's schema is, or "".
func (c *Collection) component() string { return c.Item.Component() }

// Component is the pointer of the component that a schema is, alone or as the only part of an allOf; "" if it is none.
func (s *Schema) Component() string {
	name, ok := strings.CutPrefix(s.ptr, "/components/schemas/")
	switch {
	case ok && !strings.Contains(name, "/"):
		return s.ptr
	case len(s.kin.AllOf) == 1 && len(s.kin.Properties) == 0 && strings.HasPrefix(s.kin.AllOf[0].Ref, "#/components/schemas/"):
		return s.doc.schemaPointer("", s.kin.AllOf[0])
	}
	return ""
}

// richest gives the schema of a record: that of what reading one item answers, if it has all that the list shows and more.
func (c *Collection) richest() (schema *Schema, more bool) {
	op := c.operations[Retrieve]
	if op == nil {
		return c.Item, false
	}
	one := op.answer()
	if one != nil {
		if p, ok := one.Property(wrapperOf(one, c.Item.Properties(), c.key)); ok {
			one = p.Schema
		}
	}
	if one == nil || one.ptr == c.Item.ptr || one.Component() != "" && one.Component() == c.component() {
		return c.Item, false
	}
	mine, whole := c.Item.Properties(), one.Properties()
	if len(whole) < len(mine) || !contains(whole, mine) {
		if shown := sharedNames(whole, mine); 2*shown < len(mine) {
			c.unknown("what "+op.ID+" answers", "it is not what the list shows of an item")
		} else {
			c.unknown("what "+op.ID+" answers", "it lacks properties that the list shows, or has others for them")
		}
		return c.Item, false
	}
	return one, len(whole) > len(mine)
}

// answer is the schema of an operation's successful answer, as JSON, or nil.
func (op *Operation) answer() *Schema {
	success := op.Response(op.Success())
	if success == nil {
		return nil
	}
	_, schema := success.JSON()
	return schema
}

// contains tells whether one object has all properties of another, by name and type.
func contains(whole, part []Property) bool {
	types := make(map[string]string, len(whole))
	for _, p := range whole {
		types[p.Name] = p.Schema.Type()
	}
	return !slices.ContainsFunc(part, func(p Property) bool { t, ok := types[p.Name]; return !ok || t != p.Schema.Type() })
}

func sharedNames(a, b []Property) int {
	n := 0
	for _, p := range a {
		if slices.ContainsFunc(b, func(q Property) bool { return q.Name == p.Name }) {
			n++
		}
	}
	return n
}

// setName names a record set: the last name in the path, with the names before it where another collection has that name.
func (c *Collection) setName(all []*Collection) string {
	name := lastName(c.Path)
	taken := func(name string) bool {
		return slices.ContainsFunc(all, func(o *Collection) bool { return o.Records != nil && o.Records.Name == name })
	}
	before := slices.DeleteFunc(strings.Split(c.Path, "/"), func(s string) bool { return s == "" || strings.Contains(s, "{") })
	for i := len(before) - 2; i >= 0 && taken(name); i-- {
		name = before[i] + "-" + name
	}
	return name
}

// newRecordSet describes the records of a schema.
func newRecordSet(name string, schema *Schema) *RecordSet {
	set := &RecordSet{Name: name, Schema: schema, index: map[string]int{}, format: map[string]string{}, initial: map[string]string{}}
	set.properties = schema.Properties()
	set.Touched = touched(set.properties)
	for i, p := range set.properties {
		set.Properties = append(set.Properties, p.Name)
		set.index[p.Name] = i
		set.embed = append(set.embed, -1)
		set.format[p.Name] = p.Schema.Format()
	}
	return set
}

// finish prepares a set once everything is known of it.
func (s *RecordSet) finish() {
	var embedded []string
	for i := range s.Embeds {
		embedded = append(embedded, s.Embeds[i].Property)
	}
	s.own = s.Schema.without(embedded)
	s.form = newForm(s.Schema, "", insideOf(s.properties), nil)
	whole := *s
	whole.Embeds, whole.embed = nil, make([]int, len(s.Properties))
	for i := range whole.embed {
		whole.embed[i] = -1
	}
	s.whole = &whole
}

func (s *RecordSet) setKey(key string) {
	s.Key = key
	for _, p := range s.properties {
		if p.Name == key {
			s.keyType = p.Schema.Type()
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
	if text := p.Default(); text != nil {
		s.initial[p.Name] = string(text)
	} else if p.Schema.Nullable() {
		s.initial[p.Name] = "null"
	}
	return nil
}
