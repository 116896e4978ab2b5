package contract

// RecordSet is a set of records of one kind, with or without operations on it.
type RecordSet struct {
	Name       string   // "invitations"
	Path       string   // its list operation's path; "" if it has none
	Key        string   // the property that identifies a record; "" if there is none
	Schema     *Schema  // of one record
	Properties []string // in the document's order
	Embeds     []Embed  // properties that hold a record of another set

	own     *Schema    // the schema without the embedded records
	whole   *RecordSet // the same set, of records that have no holes
	index   map[string]int
	embed   []int // by property: index into Embeds, or -1
	keyType string
	format  map[string]string
	initial map[string]string // JSON of what a property is when a create or a replace leaves it out
}

// Embed is a property that holds a whole record of another set.
type Embed struct {
	Property string
	Set      *RecordSet
	By       string // the property beside it that holds the record's key, or ""
	Unset    string // the record that stands there when By is null, by the name that fixtures use for it
	Caller   bool   // it is whoever created the record

	index int // of the property in the set
}

// Collection is a record set that an API lists, with the operations on it.
type Collection struct {
	ID       string // of its list operation
	Path     string // of its list operation
	ItemPath string // of the operations on one item, or ""
	Records  *RecordSet
	Empty    bool // the list never has items
	Paging   Paging
	Ordering Ordering
	Filters  []Filter
	Search   Search
	Notes    []Note // what was understood, and why
	Unknown  []Note // what was not understood

	doc        *Document
	list       *Operation
	operations map[Role]*Operation
	template   template
	envelope   envelope
}

// Note is one thing that was understood, or not, of a document.
type Note struct {
	What string // "page by number: page, page_size"
	Why  string // "the names of the parameters"
}

// Paging says how a list is cut.
type Paging struct {
	Style   Style
	Param   string // the parameter that holds the page number, the offset or the cursor
	Size    string // the parameter that holds the size, or ""
	Default int    // the size when none is asked for; 0: everything
	Max     int    // the largest size; larger ones count as this; 0: no bound
}

// Style is how pages are named.
type Style string

// The styles of paging.
const (
	NoPaging Style = ""
	ByPage   Style = "page number" // counted from 1
	ByOffset Style = "offset"      // how many items to skip
	ByCursor Style = "cursor"      // an opaque token from the page before
)

// Ordering says what a list can be ordered by: the parameter takes names, each with - before it for descending, joined by commas.
type Ordering struct {
	Param   string   // "" if the list has no such parameter
	Fields  []string // what may be named
	Default []Order  // when nothing is named
	Nulls   string   // where null stands: "last", "first", or "" if that is not known
}

// Order is one step of an ordering.
type Order struct {
	Field string
	Desc  bool
}

// Filter is a query parameter that keeps the items whose property stands in a relation to its value.
type Filter struct {
	Param string
	Path  []string // of the property
	Op    Op
	kind  kind
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
	Contains     Op = "contains"
	IContains    Op = "contains, any case"
	StartsWith   Op = "starts with"
	IStartsWith  Op = "starts with, any case"
	EndsWith     Op = "ends with"
	IEqual       Op = "=, any case"
	IsNull       Op = "is null"
)

// Search says how a list is searched: every word of the parameter must be contained, in any case, in one of the properties.
type Search struct {
	Param string // "" if the list has no such parameter
	Paths [][]string
}

// Document gives the document that the collection is of.
func (c *Collection) Document() *Document { return c.doc }

// List gives the collection's list operation.
func (c *Collection) List() *Operation { return c.list }

// Operation gives the collection's operation with a role, or nil.
func (c *Collection) Operation(r Role) *Operation { return c.operations[r] }

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
	return t.expand(append(scope[:len(scope):len(scope)], key))
}
