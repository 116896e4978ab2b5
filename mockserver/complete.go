package mockserver

import (
	"encoding/json"
	"fmt"

	"understudy/internal/contract"
)

// valid tells whether both validators take a value in an answer.
func valid(schema *contract.Schema, text string) bool {
	v := decode([]byte(text))
	return len(schema.Validate(v, contract.AsResponse)) == 0 && schema.Judge(v, contract.AsResponse) == nil
}

// completed adds what a record must have and nobody said, at any depth. It gives nil if nothing fits.
func (w *writer) completed(r *contract.Record) *contract.Record {
	members, refs := r.Members()
	object, err := w.whole(w.set.Own(), members, w.set.Name+"/"+r.Key())
	if err != nil {
		return nil
	}
	if members, err = contract.Members(object); err != nil {
		return nil
	}
	whole := w.set.NewRecord(members, refs)
	if whole.Key() != r.Key() || len(w.set.Validate(whole)) > 0 {
		return nil
	}
	return whole
}

// whole makes an object that is valid in an answer of what was sent: what nobody said is generated, by address, and what cannot be made valid gives way.
func (w *writer) whole(schema *contract.Schema, sent []contract.Member, address string) ([]byte, error) {
	given := map[string]string{}
	for _, m := range sent {
		if p, ok := schema.Property(m.Name); ok {
			if text := w.mended(p.Schema, m.JSON, address+"/"+m.Name); valid(p.Schema, text) {
				given[m.Name] = text
			}
		}
	}
	return w.x.server.data.Generator().Object(schema, contract.AsResponse, address, given)
}

// mended adds what only answers have to the objects in a value that was sent.
func (w *writer) mended(schema *contract.Schema, text, address string) string {
	if schema == nil || valid(schema, text) {
		return text
	}
	var items []json.RawMessage
	if json.Unmarshal([]byte(text), &items) == nil {
		for i, item := range items {
			items[i] = json.RawMessage(w.mended(schema.Items(), string(item), fmt.Sprintf("%s/%d", address, i)))
		}
		whole, _ := json.Marshal(items) // what was JSON is
		return string(whole)
	}
	if members, err := contract.Members([]byte(text)); err == nil {
		if whole, err := w.whole(schema, members, address); err == nil {
			return string(whole)
		}
	}
	return text
}
