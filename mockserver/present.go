package mockserver

import (
	"fmt"
	"strings"

	"understudy/internal/contract"
)

// sendItem answers with one record, in the shape that the document gives for the status and the media type: the record itself, with more or fewer properties than the
// list shows, or inside an object such as {"data": …}. Where the answer is of another kind, it is answered from the document.
func (x *exchange) sendItem(status int, r *contract.Record, sent []contract.Member) *refusal {
	response := x.op.Response(status)
	if response == nil || len(response.Media) == 0 {
		x.send(status, "", nil)
		return nil
	}
	schema := response.Media[x.accepted]
	if schema == nil {
		return x.answer(status, sent)
	}
	it := x.state.item(r)
	body := it.AppendJSON(nil)
	if schema.Pointer() != r.Set().Schema.Pointer() {
		var ok bool
		if body, ok = x.reshape(schema, r.Set(), body); !ok {
			return x.answer(status, sent)
		}
	}
	if err := x.headers(response, status); err != nil {
		return err
	}
	body, contentType := encode(x.accepted, schema, body)
	x.send(status, contentType, body)
	return nil
}

// reshape writes a record as a schema has it.
func (x *exchange) reshape(schema *contract.Schema, set *contract.RecordSet, item []byte) ([]byte, bool) {
	if _, hasKey := schema.Property(set.Key); hasKey {
		return x.project(schema, item)
	}
	for _, p := range schema.Properties() { // an object around the record
		if _, hasKey := p.Schema.Property(set.Key); !hasKey || p.Schema.Type() != "object" || set.Key == "" {
			continue
		}
		inner, ok := x.project(p.Schema, item)
		if !ok {
			continue
		}
		b, err := x.server.data.Generator().Object(schema, contract.AsResponse, x.op.ID+"/around", map[string]string{p.Name: string(inner)})
		if err == nil && fits(schema, b) {
			return b, true
		}
	}
	return nil, false
}

// project gives a record's properties as another schema has them: those that are valid there, and for the rest that it requires, generated ones.
func (x *exchange) project(schema *contract.Schema, item []byte) ([]byte, bool) {
	if fits(schema, item) {
		return item, true
	}
	members, err := contract.Members(item)
	if err != nil {
		return nil, false
	}
	given := map[string]string{}
	address := x.op.ID
	for _, m := range members {
		if p, ok := schema.Property(m.Name); ok && !p.Schema.WriteOnly() && fits(p.Schema, []byte(m.JSON)) {
			given[m.Name] = m.JSON
		}
		if m.Name == x.op.Collection.Records.Key {
			address = fmt.Sprintf("%s/%s", x.op.Collection.Records.Name, strings.Trim(m.JSON, `"`))
		}
	}
	b, err := x.server.data.Generator().Object(schema, contract.AsResponse, address, given)
	return b, err == nil
}
