package contract

import (
	"slices"
	"strings"
	"sync"

	"understudy/internal/source"
)

// Form says where the properties of an item stand in a JSON object: at its top, in an object around the item ({"data": {…}}, {"user": {…}}), or in one inside
// it, as JSON:API has them ({"type": …, "attributes": {…}}). Taken apart they stand side by side, each under its own name; of two with one name the second has
// its path for a name, "attributes.type".
type Form struct {
	schema *Schema
	wrap   string   // the property that holds the item; "": the object is the item
	inside []string // the properties of an item whose own properties count as the item's
	fields []Field
	whole  *Form // of the items as they are shown, where a property that the schema does not name belongs; nil: this one is it

	body  *Body // that has the form; nil: none has
	media string

	boundsOnce sync.Once
	bounds     []Bound // see Bounds
	twinsOnce  sync.Once
	twins      *Twins // see Operation.Twins
}

// Field is a property of an item, and where it stands in the object.
type Field struct {
	Property
	Path []string
}

// The objects in which JSON:API keeps what an item says of itself, and what it says of others, beside its type and its id (§7.2.1).
const (
	attributes    = "attributes"
	relationships = "relationships"
)

// Form gives the form in which the records are shown.
func (s *RecordSet) Form() *Form { return s.form }

// FormOf gives the form in which a schema, of a body say, has a record of the set.
func (s *RecordSet) FormOf(schema *Schema) *Form {
	return newForm(schema, wrapperOf(schema, s.properties, s.Key), s.form.inside, s.form)
}

// FormOfBody gives the form in which a body has a record of the set; nil if the body is neither JSON nor made of fields.
func (s *RecordSet) FormOfBody(b *Body) *Form {
	if b == nil {
		return nil
	}
	if f, ok := b.forms.Load(s); ok {
		return f.(*Form)
	}
	media, schema := b.Object()
	if schema == nil {
		return nil
	}
	f := s.FormOf(schema)
	f.body, f.media = b, media
	b.forms.Store(s, f)
	return f
}

// insideOf names the objects inside an item whose properties count as the item's: those of JSON:API, if the item is of that form.
func insideOf(item []Property) []string {
	has := func(name string, test func(*Schema) bool) bool {
		return slices.ContainsFunc(item, func(p Property) bool { return p.Name == name && test(p.Schema) })
	}
	if !has("type", scalar) || !has("id", scalar) || !has(attributes, isObject) {
		return nil
	}
	return []string{attributes, relationships}
}

func isObject(s *Schema) bool { return s.Type() == "object" }

// wrapperOf names the property of a schema that holds the item, where the schema is no item itself; or "".
func wrapperOf(schema *Schema, item []Property, key string) string {
	if schema == nil || schema.Type() != "object" || len(item) == 0 {
		return ""
	}
	name := ""
	for _, p := range schema.Properties() {
		switch {
		case p.Name == key || !aboutTheAnswer(p) && slices.ContainsFunc(item, func(q Property) bool { return q.Name == p.Name }):
			return ""
		case p.Schema.Type() != "object":
			continue
		}
		inner := p.Schema.Properties()
		if shown := sharedNames(inner, item); shown == 0 || 2*shown < len(inner) {
			continue
		}
		if name != "" {
			return ""
		}
		name = p.Name
	}
	return name
}

func newForm(schema *Schema, wrap string, inside []string, whole *Form) *Form {
	f := &Form{schema: schema, wrap: wrap, inside: inside, whole: whole}
	if schema == nil {
		return f
	}
	for _, p := range schema.Properties() {
		switch {
		case wrap == "":
			f.add(p, nil, p.Required)
		case p.Name == wrap:
			for _, q := range p.Schema.Properties() {
				f.add(q, []string{wrap}, p.Required && q.Required)
			}
		case p.Required:
			f.add(p, nil, true)
		}
	}
	return f
}

// add adds a property that stands in the object at a path, or those inside it.
func (f *Form) add(p Property, path []string, required bool) {
	at := append(path[:len(path):len(path)], p.Name)
	if f.opens(at) && isObject(p.Schema) {
		for _, q := range p.Schema.Properties() {
			f.add(q, at, required && q.Required)
		}
		return
	}
	if p.Required = required; f.has(p.Name) {
		p.Name = strings.Join(at[len(f.wrapping()):], ".")
	}
	f.fields = append(f.fields, Field{p, at})
}

// wrapping is the path of the item.
func (f *Form) wrapping() []string {
	if f.wrap == "" {
		return nil
	}
	return []string{f.wrap}
}

// opens tells whether what stands at a path is no property of its own, but holds some.
func (f *Form) opens(at []string) bool {
	outer := f.wrapping()
	if len(at) == len(outer) {
		return slices.Equal(at, outer)
	}
	return len(at) == len(outer)+1 && slices.Equal(at[:len(outer)], outer) && slices.Contains(f.inside, at[len(outer)])
}

// Holds tells whether a property of the object is none of the item's own, but an object that holds some of them.
func (f *Form) Holds(name string) bool { return f.opens([]string{name}) }

func (f *Form) has(name string) bool { _, ok := f.Field(name); return ok }

// Schema gives the schema of the whole object.
func (f *Form) Schema() *Schema { return f.schema }

// Plain tells whether the object is the item, with all properties at its top.
func (f *Form) Plain() bool {
	return !slices.ContainsFunc(f.fields, func(d Field) bool { return len(d.Path) > 1 })
}

// Fields gives the properties, in the document's order.
func (f *Form) Fields() []Field { return slices.Clone(f.fields) }

// Field gives a property with its place.
func (f *Form) Field(name string) (Field, bool) {
	for _, d := range f.fields {
		if d.Name == name {
			return d, true
		}
	}
	return Field{}, false
}

// Properties gives the properties without their places.
func (f *Form) Properties() []Property {
	out := make([]Property, len(f.fields))
	for i, d := range f.fields {
		out[i] = d.Property
	}
	return out
}

// Property gives a property by its name.
func (f *Form) Property(name string) (Property, bool) {
	d, ok := f.Field(name)
	return d.Property, ok
}

// At gives the property that stands at a place or around it, and what of the place is inside the property.
func (f *Form) At(place []string) (d Field, rest []string, ok bool) {
	for _, d := range f.fields {
		if n := len(d.Path); n <= len(place) && slices.Equal(d.Path, place[:n]) {
			return d, place[n:], true
		}
	}
	return Field{}, nil, false
}

// path says where a property stands; one that the schema does not name where items show it.
func (f *Form) path(name string) []string {
	if d, ok := f.Field(name); ok {
		return d.Path
	}
	if f.whole != nil {
		return append(f.wrapping(), f.whole.path(name)...)
	}
	return append(f.wrapping(), name)
}

// Split takes an object apart. Properties that the schema does not name are there as well.
func (f *Form) Split(object []byte) ([]Member, error) {
	text, err := compact(object)
	if err != nil {
		return nil, err
	}
	return f.split(text, nil)
}

func (f *Form) split(object string, path []string) ([]Member, error) {
	members, err := membersIn(object)
	if err != nil {
		return nil, err
	}
	var out []Member
	for _, m := range members {
		at := append(path[:len(path):len(path)], m.Name)
		if f.opens(at) && m.JSON[0] == '{' {
			inner, err := f.split(m.JSON, at)
			if err != nil {
				return nil, err
			}
			out = append(out, inner...)
			continue
		}
		if d, rest, ok := f.At(at); ok && len(rest) == 0 {
			m.Name = d.Name
		} else if f.has(m.Name) {
			m.Name = strings.Join(at, ".")
		}
		out = append(out, m)
	}
	return out, nil
}

// Join is the inverse of Split: it puts properties where they stand.
func (f *Form) Join(members []Member) []byte {
	root := branch{}
	if f.wrap != "" {
		root.kid(f.wrap)
	}
	for _, m := range members {
		b := &root
		for _, name := range f.path(m.Name) {
			b = b.kid(name)
		}
		b.json = m.JSON
	}
	return root.append(nil)
}

// Media is the media type of the body that has the form; "" if none has.
func (f *Form) Media() string { return f.media }

// Write puts properties together as the body has them, JSON or fields; see [Body.Write].
func (f *Form) Write(members []Member) (data []byte, ok bool) {
	object := f.Join(members)
	if f.body == nil {
		return object, true
	}
	return f.body.Write(f.media, object)
}

// Says tells whether the document says how the body has a property; see [Body.Says].
func (f *Form) Says(name string) bool {
	path := f.path(name)
	return f.body == nil || f.body.Says(f.media, path[0])
}

// branch is an object that is being put together, or a value in it.
type branch struct {
	name, json string
	kids       []*branch
}

func (b *branch) kid(name string) *branch {
	for _, k := range b.kids {
		if k.name == name {
			return k
		}
	}
	b.kids = append(b.kids, &branch{name: name})
	return b.kids[len(b.kids)-1]
}

func (b *branch) append(dst []byte) []byte {
	if b.json != "" {
		return append(dst, b.json...)
	}
	dst = append(dst, '{')
	for i, k := range b.kids {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = k.append(append(source.AppendString(dst, k.name), ':'))
	}
	return append(dst, '}')
}

// Of gives, as JSON, what a record that is shown in the form has for a property; "" if it has none.
func (f *Form) Of(r *Record, name string) string {
	path := f.path(name)
	if own := r.Own(path[0]); own != "" {
		return at(own, path[1:])
	}
	return ""
}

// Wrapper names the property that holds the item; "": the object is the item.
func (f *Form) Wrapper() string { return f.wrap }
