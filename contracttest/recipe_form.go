package contracttest

import (
	"encoding/json"
	"strings"

	"understudy/internal/contract"
)

// formOf gives the form of an operation's body; nil if the document describes neither JSON nor fields, or if nothing tells what it is about.
func formOf(op *contract.Operation) *contract.Form {
	if op.Body == nil || op.Collection == nil || op.Collection.Records == nil {
		return nil
	}
	return op.Collection.Records.FormOfBody(op.Body)
}

// shown gives the form in which items are shown.
func (s *listState) shown() *contract.Form { return s.c.Records.Form() }

// flat takes an item apart: its properties by name, wherever they stand in it.
func (s *listState) flat(item map[string]any) map[string]any {
	if item == nil || s.shown().Plain() {
		return item
	}
	text, err := json.Marshal(item)
	if err != nil {
		return item
	}
	members, err := s.shown().Split(text)
	if err != nil {
		return item
	}
	out := map[string]any{}
	for _, m := range members {
		out[m.Name], _ = contract.DecodeJSON([]byte(m.JSON)) // it was encoded just now
	}
	return out
}

// addressed gives a body that changes an item with what it has to say whatever it changes: the item's key, and what has only one value, such as its type. Which key is
// right is known when it is sent.
func (r *recipe) addressed(form *contract.Form, b body) body {
	out := append(body{}, b...)
	for _, p := range form.Properties() {
		if !p.Required || b.get(p.Name) != "" {
			continue
		}
		if p.Name == r.s.c.Records.Key {
			out = out.set(p.Name, someKey(p))
		} else if only := p.Schema.Enum(); len(only) == 1 {
			if v, err := json.Marshal(only[0]); err == nil {
				out = out.set(p.Name, string(v))
			}
		}
	}
	return out
}

// someKey is what stands in a body for a key that is not known yet, as JSON.
func someKey(p contract.Property) string {
	for _, v := range []string{`"understudy"`, "1"} {
		if valid(p.Schema, v) {
			return v
		}
	}
	return `"7d9f6e5c-1b2a-4c3d-8e4f-a5b6c7d8e9f0"`
}

// bodyNaming puts a body together that changes the item with a key, which may be a hole. If the body has to say the key as well, the second result does, once it is known.
func bodyNaming(s *listState, form *contract.Form, key string, b body) ([]byte, func(holes map[string]string) []byte) {
	if form == nil {
		return b.bytes(), nil
	}
	p, ok := form.Property(s.c.Records.Key)
	if !ok || b.get(p.Name) != someKey(p) {
		return b.as(form), nil
	}
	return b.as(form), func(holes map[string]string) []byte {
		return b.set(p.Name, asJSON(p.Schema, fill(key, holes, strings.Clone))).as(form)
	}
}

// as writes the body in a form. What a form of fields cannot say is left out; what has to be there is asked for by [body.fits].
func (b body) as(form *contract.Form) []byte {
	data, _ := form.Write(b)
	return data
}

// heed looks at whether the server read what was sent in a way that the document does not name: brackets around the names in an object, say. Where the answer
// does not show it, nothing is held of the property, since another way may be meant.
func (r *recipe) heed(sent body, a *answer) {
	item := r.s.object(a)
	for _, m := range sent {
		if r.form.Says(m.Name) {
			continue
		}
		value, err := contract.DecodeJSON([]byte(m.JSON))
		if shown, there := item[m.Name]; err == nil && there && sameMeaning(value, shown, nil) {
			continue
		}
		r.unread[m.Name] = true
		if less := r.base.without(m.Name); less.fits(r.form) {
			r.base = less
		}
	}
}
