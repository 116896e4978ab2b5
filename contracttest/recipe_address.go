package contracttest

import (
	"encoding/json"
	"net/url"
	"strings"

	"understudy/internal/contract"
)

// ownAddresses are where an item may say its own address, as those expect it back that refer to it by that: JSON-LD's @id, the url of Django REST framework's hyperlinks,
// HAL's and JSON:API's links.
var ownAddresses = [][]string{{"@id"}, {"url"}, {"self"}, {"href"}, {"uri"}, {"iri"}, {"_links", "self", "href"}, {"links", "self"}}

// isAddressOf tells whether a property holds, by its name and format, addresses of a collection's items: project or project_url of projects.
func isAddressOf(p contract.Property, c *contract.Collection) bool {
	if c.Records == nil || c.Records.Key == "" || !p.Schema.Address() {
		return false
	}
	name := plainName(p.Name)
	for _, suffix := range []string{"", "url", "uri", "iri", "href"} {
		if base, ok := strings.CutSuffix(name, suffix); ok && base != "" && c.HasOne(base) {
			return true
		}
	}
	return false
}

// isNameOf tells whether a property holds what says which of a collection's items is meant: its key, or its address.
func isNameOf(p contract.Property, c *contract.Collection) bool {
	return c.IsKey(p) || isAddressOf(p, c)
}

// nameFor gives, as JSON, what a property holds that names the item with a key: the key or, where addresses are wanted, the one that the item says itself, else the path at
// which it is read; "" if none is known.
func (e *engine) nameFor(p contract.Property, of *listState, key string) string {
	if !p.Schema.Address() {
		return asJSON(p.Schema, key)
	}
	if of.base != nil {
		for _, it := range of.base.items {
			if it.Key() != key {
				continue
			}
			for _, path := range ownAddresses {
				text := it.Value(path).Text
				u, err := url.Parse(text)
				if err != nil || text == "" {
					continue
				}
				if at, ok := of.c.KeyAt(text); (ok && at == key || strings.HasSuffix(strings.TrimSuffix(u.Path, "/"), "/"+key)) && valid(p.Schema, jsonText(text)) {
					return jsonText(text)
				}
			}
		}
	}
	if address := of.c.AddressOf(key, p.Schema); strings.HasPrefix(address, "/") && valid(p.Schema, jsonText(address)) {
		return jsonText(address)
	}
	return ""
}

// jsonText writes a text as JSON.
func jsonText(text string) string {
	out, _ := json.Marshal(text) // a string
	return string(out)
}
