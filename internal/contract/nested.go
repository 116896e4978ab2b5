package contract

// Owned tells whether the collection's records belong each to one item of its parent although no property says to which: then that is remembered beside them.
// A set that several such lists show belongs to none.
func (c *Collection) Owned() bool {
	if c.Parent == nil || c.Empty || len(c.Scope) > 0 || c.Parent.Records == c.Records || c.Parent.Records.Key == "" {
		return false
	}
	for _, other := range c.doc.collections {
		if other != c && other.Records == c.Records && other.Parent != nil {
			return false
		}
	}
	return true
}

// Singleton is an object that there is only one of, such as /settings, with the operations on it.
type Singleton struct {
	Path       string
	Schema     *Schema
	Operations map[Role]*Operation
}
