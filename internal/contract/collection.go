package contract

import (
	"slices"
	"sync"
)

// RecordSet is a set of records of one kind, with or without operations on it.
type RecordSet struct {
	Name       string    // "invitations"
	Path       string    // its list operation's path; "" if it has none
	Key        string    // the property that identifies a record; "" if there is none
	Schema     *Schema   // of one record
	Properties []string  // in the document's order
	Embeds     []Embed   // properties that hold a record of another set
	Touched    []Touched // what says when a record was last changed

	properties []Property
	leftAlone  []Note     // what was not understood of the properties
	own        *Schema    // the schema without the embedded records
	whole      *RecordSet // the same set, of records that have no holes
	form       *Form
	index      map[string]int
	embed      []int // by property: index into Embeds, or -1
	keyType    string
	format     map[string]string
	initial    map[string]string // JSON of what a property is when a create or a replace leaves it out
}

// Embed is a property that holds a whole record of another set.
type Embed struct {
	Property string
	Set      *RecordSet
	By       string   // the property beside it that holds the record's key, or ""
	Unset    string   // the record that stands there when By is null, by the name that fixtures use for it
	Caller   bool     // it is whoever created the record
	Partial  []string // of its properties, those that are shown here; nil: all

	index int    // of the property in the set
	why   string // it is one
}

// Collection is a record set that an API lists, with the operations on it.
type Collection struct {
	ID       string         // of its list operation
	Path     string         // of its list operation
	ItemPath string         // of the operations on one item, or ""
	Records  *RecordSet     // other collections may have the same
	Item     *Schema        // of an item as the list shows it; it may have fewer properties than the records
	Parent   *Collection    // the list is inside an item of that one; nil: it is not
	Scope    []ScopeBinding // properties that hold what the path's parameters say: other items are not listed
	Empty    bool           // the list never has items
	Paging   Paging
	Ordering Ordering
	Filters  []Filter
	Search   Search
	Notes    []Note // what was understood, and why
	Unknown  []Note // what was not understood

	doc         *Document
	list        *Operation
	operations  map[Role]*Operation
	template    template
	envelope    envelope
	key         string // of an item
	keyGuessed  bool
	cursorBound string // the sentence that says that a cursor is good for one query alone
	found       found

	declared   sync.Map // by field: see Declares
	hiddenOnce sync.Once
	hidden     []string // see WriteOnly
}

// Note is one thing that was understood, or not, of a document.
type Note struct {
	What string // "page by number: page, page_size"
	Why  string // "the names of the parameters"
}

// ScopeBinding says that the items of a list have, at a property, the value of a parameter of the list's path, or the address of the item that it is the key of.
type ScopeBinding struct {
	Param string
	Path  []string

	schema *Schema     // of the property
	of     *Collection // whose item's address the property holds; nil: it holds the value
}

// Paging says how a list is cut.
type Paging struct {
	Style   Style
	Param   string // the parameter that holds the page number, the offset or the cursor
	Before  string // the parameter that holds a cursor to page back from, or ""
	First   int    // the number of the first page, by page number: 1 or 0
	ByKey   bool   // the cursor is the key of the last item of the page before; with Before, of the first item of the page behind
	Size    string // the parameter that holds the size, or ""
	Default int    // the size when none is asked for; 0: everything
	Max     int    // the largest size; larger ones count as this; 0: no bound

	guessed bool // the document has no Default
}

// Style is how pages are named.
type Style string

// The styles of paging.
const (
	NoPaging Style = ""
	ByPage   Style = "page number" // counted from Paging.First
	ByOffset Style = "offset"      // how many items to skip
	ByCursor Style = "cursor"      // an opaque token from the page before
)

// Ordering says what a list can be ordered by. The zero spelling is names joined by commas, each with - before it for descending.
type Ordering struct {
	Param     string        // "" if the list has no such parameter
	Direction string        // the parameter that says ascending or descending; "": the names say it themselves
	Each      []OrderParam  // or a parameter for each field: order[name]=desc; there is no Param or Direction then
	Spelling  OrderSpelling // how a name says that it is descending
	Single    bool          // only one name can be given
	Fields    []string      // what may be named: paths of properties
	Default   []Order       // when nothing is named
	Nulls     string        // where null stands: "last", "first", or "" if that is not known

	nulls  map[string]string   // likewise, of fields of which that is said alone
	folded map[string]bool     // the fields whose texts are compared without regard to case, as the document says
	tie    string              // the property that the document says decides where all that was named is equal; "": none
	tiesUp bool                // downward, too
	ranks  map[string][]string // the fields whose values are in an order that the document names: those values, the least first

	choices []choice          // the values that the document enumerates
	names   map[string]string // by field: another name of it, which the parameter's description has
	senses  [2]string         // what Direction says for ascending and for descending
	usual   string            // what Direction says where it is not given: its default
	implied Order             // what Direction orders where no name is given
	told    bool              // the document says so
	said    bool              // under x-understudy
	spelled bool              // the document says how descending is spelled
	repeats bool              // each name is sent under Param by itself
}

// OrderParam is a parameter that orders by one field, up or down as its value says. Of several, the one that stands first in a query counts first.
type OrderParam struct {
	Param, Field string

	senses [2]string // its values for ascending and for descending; "": it has none
}

// OrderSpelling is how a name says that it is descending.
type OrderSpelling string

// The spellings. All are read wherever they cannot be mistaken.
const (
	Minus    OrderSpelling = ""       // -name
	Colon    OrderSpelling = ":desc"  // name:desc
	Blank    OrderSpelling = " desc"  // name desc
	Dot      OrderSpelling = ".desc"  // name.desc
	Comma    OrderSpelling = ",desc"  // name,desc
	Function OrderSpelling = "desc()" // desc(name)
)

// choice is a value that the ordering parameter is documented to take, and what it means.
type choice struct {
	value string
	order Order
}

// Order is one step of an ordering.
type Order struct {
	Field string
	Desc  bool
}

// Filter is a query parameter that keeps the items whose property stands in a relation to its value. Of a property that is an array, one
// element has to.
type Filter struct {
	Param string
	Path  []string // of the property
	Op    Op
	Days  bool // its values are dates, though the property holds instants
	utc   bool // those days are of UTC, as the document says: on them, or later
	kind  kind
	said  bool       // under x-understudy
	edge  bool       // whether an equal value fits is not certain: after, since, from
	inner []string   // of a property that is an array of objects: what is compared in an element
	also  [][]string // other properties that it may be meant to look at
	all   []string   // documented values that stand for all that the property may be
	usual string     // the documented value that counts where none is asked for, beside one that stands for all; ""
	joint string     // what stands between the two values of [Between]
	vague bool       // that is only supposed
	loose bool       // whether all of several values have to be in an array, or one of them, is not said
}

// Op is the relation between a property and a filter's value.
type Op string

// The relations.
const (
	Equal        Op = "="
	NotEqual     Op = "≠"
	Less         Op = "<"
	LessEqual    Op = "≤"
	Greater      Op = ">"
	GreaterEqual Op = "≥"
	In           Op = "one of"
	AllOf        Op = "all of" // of an array: it has each of the values
	NotIn        Op = "none of"
	Contains     Op = "contains"
	IContains    Op = "contains, any case"
	StartsWith   Op = "starts with"
	IStartsWith  Op = "starts with, any case"
	EndsWith     Op = "ends with"
	IEqual       Op = "=, any case"
	IsNull       Op = "is null"
	NotNull      Op = "is not null"
	Between      Op = "between" // two values: see [Filter.Range]
)

// Boolean tells whether the values of a relation are true and false, whatever the property holds.
func (op Op) Boolean() bool { return op == IsNull || op == NotNull }

// several tells whether a relation takes several values.
func (op Op) several() bool { return op == In || op == NotIn || op == AllOf }

// Search says how a list is searched: every word of the parameter must be contained, in any case, in one of the properties.
type Search struct {
	Param string // "" if the list has no such parameter
	Paths [][]string
	said  bool // under x-understudy
	told  bool // in prose
}

// Document gives the document that the collection is of.
func (c *Collection) Document() *Document { return c.doc }

// KeyGuessed tells whether nothing says that items are found by the property that was taken for their key, but that it is called like one.
func (c *Collection) KeyGuessed() bool { return c.keyGuessed }

// List gives the collection's list operation.
func (c *Collection) List() *Operation { return c.list }

// Operation gives the collection's operation with a role, or nil.
func (c *Collection) Operation(r Role) *Operation { return c.operations[r] }

// ItemProperties gives the names of the properties that the list shows of an item, where those are fewer than the records have; else nil.
func (c *Collection) ItemProperties() []string {
	if c.Item == nil || c.Records == nil || c.Item.ptr == c.Records.Schema.ptr {
		return nil
	}
	var out []string
	for _, p := range c.Item.Properties() {
		out = append(out, p.Name)
	}
	if len(out) == len(c.Records.Properties) {
		return nil
	}
	return out
}

func (c *Collection) note(what, why string) { c.Notes = append(c.Notes, Note{what, why}) }

func (c *Collection) unknown(what, why string) { c.Unknown = append(c.Unknown, Note{what, why}) }

func (c *Collection) filter(param string) *Filter {
	for i := range c.Filters {
		if c.Filters[i].Param == param {
			return &c.Filters[i]
		}
	}
	return nil
}

// KeyType is the JSON type of the key: "string", "integer", or "" if there is no key.
func (s *RecordSet) KeyType() string { return s.keyType }

// Format gives the format of one of the set's own properties, or "".
func (s *RecordSet) Format(property string) string { return s.format[property] }

// Has tells whether the schema names a property.
func (s *RecordSet) Has(property string) bool { _, ok := s.index[property]; return ok }

// Embed gives the embedded record that stands at a property, or nil.
func (s *RecordSet) Embed(property string) *Embed {
	if i, ok := s.index[property]; ok && s.embed[i] >= 0 {
		return &s.Embeds[s.embed[i]]
	}
	return nil
}

// WriteOnly gives the properties of the collection's items that are only ever written, wherever a body has them.
func (c *Collection) WriteOnly() []string {
	c.hiddenOnce.Do(func() {
		if c.Records == nil {
			return
		}
		forms := []*Form{c.Records.Form()}
		for _, role := range []Role{Create, Replace, Update} {
			if op := c.Operation(role); op != nil && op.Body != nil {
				forms = append(forms, c.Records.FormOfBody(op.Body))
			}
		}
		for _, f := range forms {
			if f == nil {
				continue
			}
			for _, p := range f.Properties() {
				if p.Schema.WriteOnly() && !slices.Contains(c.hidden, p.Name) {
					c.hidden = append(c.hidden, p.Name)
				}
			}
		}
	})
	return c.hidden
}

// OnlyWritten tells whether a property is never shown.
func (s *RecordSet) OnlyWritten(property string) bool {
	i, ok := s.index[property]
	return ok && s.properties[i].Schema.WriteOnly()
}

// Reference gives the embedded record whose key a property holds, or nil.
func (s *RecordSet) Reference(property string) *Embed {
	for i := range s.Embeds {
		if s.Embeds[i].By == property {
			return &s.Embeds[i]
		}
	}
	return nil
}

// Initial gives, as JSON, what a property is when a create or a replace leaves it out: what the document says under
// x-understudy or default, or null where that is allowed. ok is false where nothing says so.
func (s *RecordSet) Initial(property string) (json string, ok bool) {
	json, ok = s.initial[property]
	return json, ok
}

// Reaches tells whether records of another set are embedded in those of this one, at any depth.
func (s *RecordSet) Reaches(other *RecordSet) bool { return s.reaches(other, map[*RecordSet]bool{}) }

func (s *RecordSet) reaches(other *RecordSet, seen map[*RecordSet]bool) bool {
	if seen[s] {
		return false
	}
	seen[s] = true
	for i := range s.Embeds {
		if e := s.Embeds[i].Set; e == other || e.reaches(other, seen) {
			return true
		}
	}
	return false
}

// ItemURL gives the path, below the server, of the item with a key; scope are the values of the list's own path parameters.
func (c *Collection) ItemURL(scope []string, key string) string {
	t := parseTemplate(c.ItemPath)
	return t.expand(append(c.ItemScope(scope), key))
}
