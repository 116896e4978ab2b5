package contract

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"understudy/internal/source"
)

// Record is one record of a set, immutable: its own properties encoded once, in the document's order, with holes where
// records of other sets are embedded. The holes are filled from the one shared value when the record is written or read.
//
// It is two objects in memory, whatever its properties, because a million of them are marked by each collection of garbage.
type Record struct {
	set  *RecordSet
	blob string // spans, then text, then the keys of embedded records
	json uint32 // where text begins in blob
	end  uint32 // where it ends

	owner string // of a list inside an item of another: the key of that item, where no property holds it
}

// Owner is the key of the item that the record is below, where no property of the record holds it; else "".
func (r *Record) Owner() string { return r.owner }

// OwnedBy gives the record as one below an item.
func (r *Record) OwnedBy(key string) *Record {
	owned := *r
	owned.owner = key
	return &owned
}

// span says where something stands in a blob: a property's value, a hole (which has no length), or the key of an embedded record. Zero means absent.
type span struct{ start, end uint32 }

const spanBytes = 8

// span reads the i-th span: those of the set's properties come first, then those of the keys of its embeds.
func (r *Record) span(i int) span {
	b := r.blob[i*spanBytes : i*spanBytes+spanBytes]
	return span{
		uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24,
		uint32(b[4]) | uint32(b[5])<<8 | uint32(b[6])<<16 | uint32(b[7])<<24,
	}
}

// Touch reads a byte of the record, so that it is near when it is needed.
func (r *Record) Touch() byte { return r.blob[len(r.blob)-1] ^ r.blob[0] }

// text is the object's JSON without what is in the holes.
func (r *Record) text() string { return r.blob[r.json:r.end] }

// ref is the key of an embedded record by its number in the set; "" where the property is absent.
func (r *Record) ref(embed int) string {
	s := r.span(len(r.set.Properties) + embed)
	return r.blob[s.start:s.end]
}

// Records finds records by their keys; it fills the holes.
type Records interface {
	Record(set *RecordSet, key string) *Record
}

// Item is a record as it is seen from outside: with the records embedded in it. Of a record without holes, From may be nil.
type Item struct {
	*Record
	From Records
	Only []string // the properties that are shown; nil: all
}

// Member is a property of an object, its value as JSON.
type Member struct{ Name, JSON string }

// NewRecord makes a record from its own properties and from the keys of the records embedded in it, by property. Properties that the schema does not
// name follow the others. The values must be JSON; the record is not validated, see [RecordSet.Validate].
func (s *RecordSet) NewRecord(members []Member, refs map[string]string) *Record {
	byIndex := make([]int, len(s.Properties)) // member number + 1
	size := 2
	for i, m := range members {
		if at, ok := s.index[m.Name]; ok {
			byIndex[at] = i + 1
		}
		size += len(m.Name) + len(m.JSON) + 4
	}
	for name, key := range refs {
		size += len(name) + len(key) + 4
	}
	spans := len(s.Properties) + len(s.Embeds)
	r := &Record{set: s, json: uint32(spans * spanBytes)}
	b := make([]byte, spans*spanBytes, spans*spanBytes+size)
	mark := func(i, start int) {
		binary.LittleEndian.PutUint32(b[i*spanBytes:], uint32(start))
		binary.LittleEndian.PutUint32(b[i*spanBytes+4:], uint32(len(b)))
	}
	b = append(b, '{')
	name := func(n string) {
		if b[len(b)-1] != '{' || len(b) > int(r.json)+1 {
			b = append(b, ',')
		}
		b = append(source.AppendString(b, n), ':')
	}
	for i, p := range s.Properties {
		if s.embed[i] >= 0 {
			if _, ok := refs[p]; ok {
				name(p)
				mark(i, len(b))
			}
			continue
		}
		if byIndex[i] == 0 {
			continue
		}
		name(p)
		start := len(b)
		b = append(b, members[byIndex[i]-1].JSON...)
		mark(i, start)
	}
	for _, m := range members {
		if _, ok := s.index[m.Name]; !ok {
			name(m.Name)
			b = append(b, m.JSON...)
		}
	}
	b = append(b, '}')
	r.end = uint32(len(b))
	for i, e := range s.Embeds {
		start := len(b)
		b = append(b, refs[e.Property]...)
		mark(len(s.Properties)+i, start)
	}
	r.blob = string(b)
	return r
}

// Held gives the property of an embedded record that the property beside it holds: its key, or another identifier if that has the type
// and the format and the key has not (authentik's flows are found by slug, but referred to by pk).
func (s *RecordSet) Held(e *Embed) string {
	by, ok := s.Schema.Property(e.By)
	if !ok {
		return e.Set.Key
	}
	same := func(name string) bool {
		p, ok := e.Set.Schema.Property(name)
		return ok && p.Schema.Type() == by.Schema.Type() && p.Schema.Format() == by.Schema.Format()
	}
	for _, name := range append([]string{e.Set.Key}, keyNames...) {
		if same(name) {
			return name
		}
	}
	return e.Set.Key
}

// Own gives the schema of a record without the records embedded in it.
func (s *RecordSet) Own() *Schema { return s.own }

// Decode makes a record from a whole JSON object, embedded records included as they stand: it has no holes.
func (s *RecordSet) Decode(object []byte) (Item, error) {
	text, err := compact(object)
	if err != nil {
		return Item{}, err
	}
	return s.DecodeCompact(text)
}

// DecodeCompact is Decode for JSON that is known to be well formed and compact.
func (s *RecordSet) DecodeCompact(object string) (Item, error) {
	members, err := membersIn(object)
	if err != nil {
		return Item{}, err
	}
	return Item{Record: s.whole.NewRecord(members, nil)}, nil
}

// Members gives the properties of a JSON object in order, values compacted; of a name that comes twice the last value counts, at the first place.
func Members(object []byte) ([]Member, error) {
	text, err := compact(object)
	if err != nil {
		return nil, err
	}
	return membersIn(text)
}

func membersIn(object string) ([]Member, error) {
	if object[0] != '{' {
		return nil, fmt.Errorf("not an object")
	}
	var out []Member
	at := map[string]int{}
	for name, value := range membersOf(object) {
		plain := unquote(name)
		if !utf8.ValidString(plain) {
			if err := json.Unmarshal([]byte(name), &plain); err != nil {
				return nil, err
			}
		}
		if i, ok := at[plain]; ok {
			out[i].JSON = value
			continue
		}
		at[plain] = len(out)
		out = append(out, Member{plain, value})
	}
	return out, nil
}

// Set gives the set that the record is of.
func (r *Record) Set() *RecordSet { return r.set }

// Key gives the text of the record's key; "" if the set has none.
func (r *Record) Key() string {
	i, ok := r.set.index[r.set.Key]
	if !ok {
		return ""
	}
	return valueOf(r.own(i)).Text
}

// Ref gives the key of the record embedded at a property, or "".
func (r *Record) Ref(property string) string {
	if i, ok := r.set.index[property]; ok && r.set.embed[i] >= 0 {
		return r.ref(r.set.embed[i])
	}
	return ""
}

// own gives the JSON of a property by its number in the set; "" if absent or a hole.
func (r *Record) own(i int) string {
	s := r.span(i)
	return r.blob[s.start:s.end]
}

// Own gives the JSON of one of the record's own properties; "" if it is absent.
func (r *Record) Own(property string) string {
	if i, ok := r.set.index[property]; ok {
		return r.own(i)
	}
	for name, value := range membersOf(r.text()) {
		if nameIs(name, property) {
			return value
		}
	}
	return ""
}

// Same tells whether two records of a set have the same text and the same records embedded in them.
func (r *Record) Same(o *Record) bool { return r.blob == o.blob }

// Members gives the record's own properties, and the keys of the records embedded in it by property.
func (r *Record) Members() ([]Member, map[string]string) {
	members := make([]Member, 0, len(r.set.Properties))
	for name, value := range membersOf(r.text()) {
		if value != "" { // else a hole
			members = append(members, Member{unquote(name), value})
		}
	}
	refs := map[string]string{}
	for i := range r.set.Embeds {
		if key := r.ref(i); key != "" {
			refs[r.set.Embeds[i].Property] = key
		}
	}
	return members, refs
}

// ownJSON is the object without the embedded records.
func (r *Record) ownJSON() []byte {
	if len(r.set.Embeds) == 0 {
		return []byte(r.text())
	}
	b := append(make([]byte, 0, len(r.text())), '{')
	for name, value := range membersOf(r.text()) {
		if value == "" { // a hole
			continue
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(append(append(b, name...), ':'), value...)
	}
	return append(b, '}')
}

// Validate judges a record's own properties by the schema; those embedded in it are judged in their own sets.
func (s *RecordSet) Validate(r *Record) Violations {
	var v any
	if err := json.Unmarshal(r.ownJSON(), &v); err != nil {
		bad := s.Schema.doc.BadJSON(err.Error())
		var number *json.UnmarshalTypeError // of numbers beyond a float64
		if errors.As(err, &number) {
			bad.Words = []string{number.Value + " is more than a number can hold"}
			bad.Name, _, _ = strings.Cut(number.Field, ".")
			bad.Pointer = strings.Split(number.Field, ".")
		}
		return Violations{bad}
	}
	return s.own.Validate(v, AsResponse)
}

// Sound tells whether the second validator takes a record's own properties too.
func (s *RecordSet) Sound(r *Record) bool {
	v, err := DecodeJSON(r.ownJSON())
	return err == nil && s.own.Judge(v, AsResponse) == nil
}

// AppendJSON appends the whole record as JSON, holes filled.
func (it Item) AppendJSON(dst []byte) []byte {
	r := it.Record
	if it.Only != nil {
		return it.appendOnly(dst)
	}
	if len(r.set.Embeds) == 0 {
		return append(dst, r.text()...)
	}
	last := r.json
	for e := range r.set.Embeds {
		hole := r.span(r.set.Embeds[e].index)
		if hole.start == 0 {
			continue
		}
		dst = append(dst, r.blob[last:hole.start]...)
		last = hole.end
		if inner, ok := it.embedded(e); ok {
			dst = inner.AppendJSON(dst)
		} else {
			dst = append(dst, "null"...)
		}
	}
	return append(dst, r.blob[last:r.end]...)
}

// appendOnly appends the record with some of its properties.
func (it Item) appendOnly(dst []byte) []byte {
	dst = append(dst, '{')
	for name, value := range membersOf(it.text()) {
		plain := unquote(name)
		if !slices.Contains(it.Only, plain) {
			continue
		}
		if dst[len(dst)-1] != '{' {
			dst = append(dst, ',')
		}
		dst = append(append(dst, name...), ':')
		if value != "" {
			dst = append(dst, value...)
			continue
		}
		if inner, ok := it.embedded(it.set.embed[it.set.index[plain]]); ok {
			dst = inner.AppendJSON(dst)
		} else {
			dst = append(dst, "null"...)
		}
	}
	return append(dst, '}')
}

func (it Item) embedded(e int) (Item, bool) {
	if it.From == nil {
		return Item{}, false
	}
	inner := it.From.Record(it.set.Embeds[e].Set, it.ref(e))
	return Item{inner, it.From, it.set.Embeds[e].Partial}, inner != nil
}

// Value gives what stands at a property path.
func (it Item) Value(path []string) Value {
	r := it.Record
	i, ok := r.set.index[path[0]]
	if !ok {
		return valueAt(r.Own(path[0]), path[1:])
	}
	if e := r.set.embed[i]; e >= 0 && r.span(i).start > 0 {
		inner, ok := it.embedded(e)
		if !ok || len(path) == 1 {
			return Value{}
		}
		return inner.Value(path[1:])
	}
	return valueAt(r.own(i), path[1:])
}
