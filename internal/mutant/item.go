package mutant

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"understudy/internal/contract"
)

// victim is the one item that a mutant breaks: the last of the list, so that whoever reads only the beginning does not meet it.
type victim struct {
	mu  sync.Mutex
	key string
}

// of gives the key of the victim, "" where there is none yet.
func (v *victim) of(x *exchange) string {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.key == "" {
		if all := x.all(contract.Query{}); len(all) > 0 {
			v.key = keyOf(x.place.Collection, all[len(all)-1])
		}
	}
	return v.key
}

// itemPath is where an item stands in an answer about it: "@this", or the property that holds it; "" if it shows none.
func itemPath(c *contract.Collection, body []byte) string {
	if !keyed(c) {
		return ""
	}
	v := gjson.ParseBytes(body)
	if v.Get(gjson.Escape(c.Records.Key)).Exists() {
		return "@this"
	}
	found := ""
	if v.IsObject() {
		v.ForEach(func(name, inner gjson.Result) bool {
			if inner.IsObject() && inner.Get(gjson.Escape(c.Records.Key)).Exists() {
				found = gjson.Escape(name.String())
			}
			return found == ""
		})
	}
	return found
}

// itemOf gives the item that an answer is about; "" if it shows none.
func itemOf(c *contract.Collection, a *answer) string {
	if path := itemPath(c, a.body); path != "" {
		return gjson.GetBytes(a.body, path).Raw
	}
	return ""
}

// withItem puts another item into an answer about one.
func withItem(c *contract.Collection, a *answer, item string) *answer {
	path := itemPath(c, a.body)
	if path == "@this" {
		return a.with(item)
	}
	body, err := sjson.SetRaw(string(a.body), path, item)
	if err != nil {
		return a
	}
	return a.with(body)
}

// edited changes items wherever the place shows them: in its lists, and where one is read, made or changed.
func edited(x *exchange, edit func(item string) string) *answer {
	a, c := x.pass(), x.place.Collection
	switch {
	case !a.ok() || c == nil:
	case x.is(contract.List):
		before := itemsOf(c, a)
		after := make([]string, len(before))
		for i, item := range before {
			after[i] = edit(item)
		}
		if !slices.Equal(before, after) {
			return withItems(c, a, after)
		}
	case x.is(contract.Retrieve, contract.Create, contract.Replace, contract.Update):
		if item := itemOf(c, a); item != "" {
			if after := edit(item); after != item {
				return withItem(c, a, after)
			}
		}
	}
	return a
}

// set writes a value, as JSON, at a path in an item.
func set(item, path, value string) string {
	out, err := sjson.SetRaw(item, path, value)
	if err != nil {
		return item
	}
	return out
}

// without takes a path out of an item.
func without(item, path string) string {
	out, err := sjson.Delete(item, path)
	if err != nil {
		return item
	}
	return out
}

// leaf is a property of an item, or of an object in it.
type leaf struct {
	path     string // for gjson
	property contract.Property
}

// leaves gives the properties of an item's schema, the outer ones first, two levels deep. The key is not among them: an item with another key is another item.
func leaves(c *contract.Collection) []leaf {
	if c == nil || c.Item == nil {
		return nil
	}
	var out, inner []leaf
	for _, p := range c.Item.Properties() {
		if p.Schema.WriteOnly() || c.Records != nil && p.Name == c.Records.Key {
			continue
		}
		out = append(out, leaf{gjson.Escape(p.Name), p})
		for _, q := range p.Schema.Properties() {
			if !q.Schema.WriteOnly() && (c.Records == nil || c.Records.Embed(p.Name) == nil || c.Records.Embed(p.Name).Set.Key != q.Name) {
				inner = append(inner, leaf{gjson.Escape(p.Name) + "." + gjson.Escape(q.Name), q})
			}
		}
	}
	return append(out, inner...)
}

// spoilt breaks one property of one item, everywhere. Bad gives the value that breaks a property, as JSON, or false.
func spoilt(bad func(s *contract.Schema) (string, bool)) func(*Place) spoiler {
	return func(p *Place) spoiler {
		if p.Collection == nil || !keyed(p.Collection) {
			return nil
		}
		for _, l := range leaves(p.Collection) {
			if value, ok := bad(l.property.Schema); ok && !fits(l.property.Schema, value) {
				return ofVictim(func(item string) string {
					if outer, _, nested := strings.Cut(l.path, "."); nested && !gjson.Get(item, outer).IsObject() {
						return item
					}
					return set(item, l.path, value)
				})
			}
		}
		return nil
	}
}

// ofVictim changes one item, everywhere.
func ofVictim(edit func(item string) string) spoiler {
	var v victim
	return func(x *exchange) *answer {
		return edited(x, func(item string) string {
			if key := keyOf(x.place.Collection, item); key != "" && key == v.of(x) {
				return edit(item)
			}
			return item
		})
	}
}

// fits tells whether a value, as JSON, is valid by a schema.
func fits(s *contract.Schema, value string) bool {
	v, err := contract.DecodeJSON([]byte(value))
	return err == nil && s.Judge(v, contract.AsResponse) == nil
}

// other gives another valid value of a property than it has, as JSON; "" where none is known.
func other(s *contract.Schema, now string) string {
	var candidates []string
	for _, v := range s.Enum() {
		if text, err := json.Marshal(v); err == nil {
			candidates = append(candidates, string(text))
		}
	}
	v := gjson.Parse(now)
	switch v.Type {
	case gjson.True, gjson.False:
		candidates = append(candidates, strconv.FormatBool(!v.Bool()))
	case gjson.Number:
		candidates = append(candidates, fmt.Sprint(v.Int()+1), fmt.Sprint(v.Int()-1))
	case gjson.String:
		text := v.String()
		if s.Format() == "date-time" {
			candidates = append(candidates, `"2031-02-03T04:05:06Z"`)
		}
		if s.Format() == "" {
			candidates = append(candidates, quote(text+"x"), quote(strings.TrimSuffix(text, text[max(len(text)-1, 0):])+"q"))
		}
	}
	for _, c := range candidates {
		if c != now && fits(s, c) {
			return c
		}
	}
	return ""
}

func quote(s string) string {
	text, _ := json.Marshal(s) // a string
	return string(text)
}

// altered gives an item with another valid value of one of its properties, and that property. Writable says that requests can set it.
func altered(p *Place, item string, writable bool) (after, name string) {
	for _, l := range leaves(p.Collection) {
		now := gjson.Get(item, l.path)
		if strings.Contains(l.path, ".") || !now.Exists() || now.Type == gjson.Null || writable && !p.takes(l.property.Name) {
			continue
		}
		if p.Collection.Records.Reference(l.property.Name) != nil {
			continue // it has to be the key of something
		}
		if v := other(l.property.Schema, now.Raw); v != "" {
			return set(item, l.path, v), l.property.Name
		}
	}
	return item, ""
}

// varied gives an item with the n-th of several values of a property that requests can set; with its own where there is no other.
func varied(p *Place, item string, n int) string {
	if n == 0 {
		return item
	}
	for _, l := range leaves(p.Collection) {
		text := gjson.Get(item, l.path).String()
		if l.property.Schema.Type() != "string" || l.property.Schema.Format() != "" || !p.takes(l.property.Name) || len(text) < 2 || strings.Contains(l.path, ".") || p.Collection.Records.Reference(l.property.Name) != nil {
			continue
		}
		if v := quote(text[:len(text)-1] + string(rune('a'+n%26))); fits(l.property.Schema, v) {
			return set(item, l.path, v)
		}
	}
	for range n % 4 {
		item, _ = altered(p, item, true)
	}
	return item
}

// takes tells whether items are created or changed with a property.
func (p *Place) takes(name string) bool {
	return slices.ContainsFunc(p.bodies(), func(s *contract.Schema) bool {
		q, ok := s.Property(name)
		return ok && !q.Schema.ReadOnly()
	})
}

// bodies gives the schemas of what is sent to create and to change items.
func (p *Place) bodies() []*contract.Schema {
	var out []*contract.Schema
	for _, role := range []contract.Role{contract.Create, contract.Replace, contract.Update} {
		if s := bodyOf(p.operation(role)); s != nil {
			out = append(out, s)
		}
	}
	return out
}

// bodyOf gives the schema of an operation's JSON body, or nil.
func bodyOf(op *contract.Operation) *contract.Schema {
	if op == nil || op.Body == nil {
		return nil
	}
	_, s := op.Body.JSON()
	return s
}

// properties are those of the JSON that an operation takes.
func properties(op *contract.Operation) []contract.Property {
	if s := bodyOf(op); s != nil {
		return s.Properties()
	}
	return nil
}

// itemURL is the path of an item, below the document's server.
func (x *exchange) itemURL(key string) string { return x.place.Collection.ItemURL(x.scope(), key) }

// read gives an item by its key; "" if it cannot be read.
func (x *exchange) read(key string) string {
	if x.place.operation(contract.Retrieve) == nil {
		return ""
	}
	if a := x.ask(http.MethodGet, x.itemURL(key), nil, ""); a.ok() {
		return itemOf(x.place.Collection, a)
	}
	return ""
}

// key gives the key in the path of a request about one item.
func (x *exchange) key() string {
	if len(x.values) == 0 || x.place.Collection == nil || !x.is(contract.Retrieve, contract.Replace, contract.Update, contract.Destroy) {
		return ""
	}
	return x.values[len(x.values)-1]
}
