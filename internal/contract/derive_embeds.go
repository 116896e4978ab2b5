package contract

import (
	"fmt"
	"slices"
	"strings"
)

// readEmbeds reads what stands under x-understudy at the properties of a set's records: defaults, and records of other sets embedded in them.
func (d *Document) readEmbeds(ext *extensions, set *RecordSet) error {
	for i, p := range set.properties {
		x, err := ext.property(p)
		if err != nil {
			return err
		}
		if err := set.setInitial(p, x); err != nil {
			return err
		}
		record, err := x.text("record")
		if err != nil {
			return err
		}
		if record == "" {
			continue
		}
		e := Embed{Property: p.Name, index: i}
		if e.By, err = x.text("key"); err != nil {
			return err
		}
		if e.By != "" && !set.Has(e.By) {
			return d.file.Errorf(x.get("key"), "there is no property %q beside %s", e.By, p.Name)
		}
		if e.Unset, err = x.text("unset"); err != nil {
			return err
		}
		value, err := x.text("value", "caller")
		if err != nil {
			return err
		}
		e.Caller = value == "caller"
		e.Set = d.embedded(record, p.Schema)
		e.Partial = e.Set.narrower(p.Schema)
		set.addEmbed(e, extensionKey)
	}
	return nil
}

func (s *RecordSet) addEmbed(e Embed, why string) {
	e.why = why
	s.embed[e.index] = len(s.Embeds)
	s.Embeds = append(s.Embeds, e)
}

// embedded gives the record set of a name; if there is none its schema is that of the property where it is embedded.
func (d *Document) embedded(name string, schema *Schema) *RecordSet {
	for _, s := range d.sets {
		if s.Name == name {
			return s
		}
	}
	set := newRecordSet(name, schema)
	key, _ := findKey(set.properties, "", name)
	set.setKey(key)
	d.sets = append(d.sets, set)
	return set
}

// narrower gives the properties of a schema that shows less than the records of the set have; else nil.
func (s *RecordSet) narrower(schema *Schema) []string {
	props := schema.Properties()
	if len(props) == 0 || len(props) >= len(s.Properties) {
		return nil
	}
	var out []string
	for _, p := range props {
		out = append(out, p.Name)
	}
	return out
}

// inferEmbeds finds records of collections that are embedded in others, where the document shows it: the property has the schema of the collection's
// items, or shows some of their properties under a name that says whose they are. Sets that would hold themselves are left alone.
func (d *Document) inferEmbeds() {
	owners := map[string]*RecordSet{} // by component; nil where there are several
	named := map[string][]*RecordSet{}
	for _, c := range d.collections {
		component := c.component()
		if component == "" || c.Empty || c.Records.Key == "" || len(c.Records.Properties) < 2 {
			continue
		}
		if owner, ok := owners[component]; !ok {
			owners[component] = c.Records
			named[Singular(plain(c.Records.Name))] = append(named[Singular(plain(c.Records.Name))], c.Records)
		} else if owner != c.Records {
			owners[component] = nil
		}
	}
	for _, set := range d.sets {
		for i, p := range set.properties {
			if p.Schema.Type() == "object" && set.embed[i] < 0 {
				d.inferEmbed(set, i, p, owners, named)
			}
		}
	}
}

func (d *Document) inferEmbed(set *RecordSet, i int, p Property, owners map[string]*RecordSet, named map[string][]*RecordSet) {
	component := p.Schema.Present().Component()
	if component == "" {
		return
	}
	why := "it has the schema of an item"
	owner := owners[component]
	if owner == nil {
		if owner = narrowOwner(p, component, owners, named); owner == nil {
			return
		}
		why = "it has some of the properties of an item, its key among them"
	}
	e := Embed{Property: p.Name, index: i, Set: owner, By: set.holderOf(p, owner), Partial: owner.narrower(p.Schema)}
	if n := plain(p.Name); p.Schema.ReadOnly() && (n == "createdby" || n == "creator") {
		e.Caller = true
	}
	switch {
	case owner == set || owner.Reaches(set):
		set.leftAlone = append(set.leftAlone, Note{p.Name + " as a record of " + owner.Name, "records would hold themselves, which is not played yet"})
		return
	case e.By == "" && !e.Caller && p.Required && !p.Schema.Nullable():
		set.leftAlone = append(set.leftAlone, Note{p.Name + " as a record of " + owner.Name, "no property beside it holds its key, and it may not be left out"})
		return
	}
	set.addEmbed(e, why)
}

// narrowOwner finds the set of which a property shows some properties: its key, and two more at least. The name must say it as well: that of the
// property, or that of its schema.
func narrowOwner(p Property, component string, owners map[string]*RecordSet, named map[string][]*RecordSet) *RecordSet {
	props := p.Schema.Properties()
	var hits []*RecordSet
	try := func(set *RecordSet) {
		if set != nil && len(props) >= 3 && slices.ContainsFunc(props, func(q Property) bool { return q.Name == set.Key }) &&
			contains(set.properties, props) && !slices.Contains(hits, set) {
			hits = append(hits, set)
		}
	}
	for _, set := range named[Singular(plain(bareName(p.Name)))] {
		try(set)
	}
	for pointer, set := range owners {
		name := plain(strings.TrimPrefix(pointer, "/components/schemas/"))
		if len(name) > 3 && strings.Contains(plain(strings.TrimPrefix(component, "/components/schemas/")), name) {
			try(set)
		}
	}
	if len(hits) != 1 {
		return nil
	}
	return hits[0]
}

// bareName takes the endings off a property that holds a record beside one that holds its key: flow of flow_obj.
func bareName(name string) string {
	for _, ending := range []string{"_obj", "_detail", "_details", "_data", "_object", "_info", "Obj", "Detail", "Details", "Data", "Object", "Info"} {
		if base, ok := strings.CutSuffix(name, ending); ok && base != "" {
			return base
		}
	}
	return name
}

// holderOf finds the property beside an embedded record that holds its key, or "".
func (s *RecordSet) holderOf(p Property, owner *RecordSet) string {
	base := plain(bareName(p.Name))
	for _, want := range []string{base, base + "id", base + plain(owner.Key), base + "uuid", base + "pk"} {
		for _, q := range s.properties {
			if q.Name != p.Name && plain(q.Name) == want && q.Schema.Type() == owner.keyType {
				return q.Name
			}
		}
	}
	return ""
}

// noteEmbeds says which records are embedded in those of a collection.
func (c *Collection) noteEmbeds() {
	for _, e := range c.Records.Embeds {
		what := fmt.Sprintf("%s is a record of %s", e.Property, e.Set.Name)
		if e.By != "" {
			what += ", its key in " + e.By
		}
		if e.Caller {
			what += ", whoever created the item"
		}
		why := e.why
		if why == extensionKey {
			why = "x-understudy at the property"
		}
		c.note(what, why)
	}
	c.Unknown = append(c.Unknown, c.Records.leftAlone...)
}
