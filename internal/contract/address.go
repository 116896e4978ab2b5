package contract

import (
	"net/url"
	"slices"
	"strings"
)

// Some APIs refer to records by their addresses, not by their keys: "project": "/api/projects/45", as API Platform's IRIs and the hyperlinks of Django REST framework
// are. The last piece of such an address is the key.

// Address tells whether a schema is of addresses, by its format (RFC 3986 and RFC 3987).
func (s *Schema) Address() bool {
	return s != nil && s.Type() == "string" && (absolute(s) || s.Format() == "uri-reference" || s.Format() == "iri-reference")
}

// absolute tells whether a schema is of addresses that have a scheme.
func absolute(s *Schema) bool { return slices.Contains([]string{"uri", "url", "iri"}, s.Format()) }

// addressable tells whether the address of an item is known from its key alone.
func (c *Collection) addressable() bool {
	return c.ItemPath != "" && len(parseTemplate(c.ItemPath).params) == 1 && endsInParameter(c.ItemPath)
}

// AddressOf gives the address of the item with a key, as a schema has it: below the document's first server, with that server's host where the schema wants a scheme.
// It is "" where the key alone does not tell it.
func (c *Collection) AddressOf(key string, s *Schema) string {
	if !c.addressable() {
		return ""
	}
	address := c.doc.bases[0] + c.ItemURL(nil, key)
	if !absolute(s) {
		return address
	}
	host := "http://localhost"
	if servers := c.doc.api.Servers; len(servers) > 0 {
		if u, err := url.Parse(servers[0].URL); err == nil && u.Host != "" && u.Scheme != "" {
			host = u.Scheme + "://" + u.Host
		}
	}
	return host + address
}

// KeyAt gives the key in the address of an item. ok is false where a text is not built like one.
func (c *Collection) KeyAt(address string) (key string, ok bool) {
	u, err := url.Parse(address)
	if err != nil || !c.addressable() {
		return "", false
	}
	got := strings.Split(strings.Trim(withoutJSON(u.EscapedPath()), "/"), "/")
	of := strings.Split(strings.Trim(withoutJSON(c.ItemPath), "/"), "/")
	n := len(got)
	if n < 2 || len(of) < 2 || got[n-1] == "" || got[n-2] != of[len(of)-2] {
		return "", false
	}
	key, err = url.PathUnescape(got[n-1])
	return key, err == nil
}

// KeyIn gives the key that an item has at the property of a binding; "" if it has none.
func (b ScopeBinding) KeyIn(it Item) string {
	v := it.Value(b.Path)
	if v.Kind <= Null {
		return ""
	}
	if b.of == nil {
		return v.Text
	}
	key, _ := b.of.KeyAt(v.Text)
	return key
}

// JSON gives what stands at the property of a binding of items that are inside of what a key names.
func (b ScopeBinding) JSON(key string) string {
	switch {
	case b.of != nil:
		return quote(b.of.AddressOf(key, b.schema))
	case b.schema.Type() == "integer" || b.schema.Type() == "number":
		return key
	}
	return quote(key)
}

// test gives the test that a value of the path's parameter implies.
func (b ScopeBinding) test(value string) func(Item) Verdict {
	if b.of == nil {
		f := Filter{Path: b.Path, Op: Equal, kind: kindOf(b.schema)}
		return f.test([]string{value})
	}
	return func(it Item) Verdict {
		v := it.Value(b.Path)
		if v.Kind <= Null {
			return no
		}
		key, ok := b.of.KeyAt(v.Text)
		return Verdict{ok && key == value, ok}
	}
}
