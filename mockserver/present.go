package mockserver

import (
	"fmt"
	"strings"

	"understudy/internal/contract"
)

// show answers with one record, or with the object that there is only one of where r is nil.
func (x *exchange) show(status int, r *contract.Record, sent []contract.Member) *refusal {
	response := x.op.Response(status)
	body, contentType, err := x.present(response, status, r, sent)
	if err != nil {
		return err
	}
	return x.reply(response, status, contentType, body, r)
}

// present writes one record, or the object that there is only one of, in the shape that the document gives for the status and the media type: the record itself, with
// more or fewer properties than the list shows, or inside an object such as {"data": …}. Where the answer is of another kind, it is made from the document.
func (x *exchange) present(response *contract.Response, status int, r *contract.Record, sent []contract.Member) (body []byte, contentType string, refused *refusal) {
	schema := response.Media[x.accepted]
	if schema == nil {
		return x.content(response, x.accepted, status, sent)
	}
	ok := true
	if r == nil {
		var err error
		if body, err = x.readSingle(x.state); err != nil {
			return nil, "", unplayable(err)
		}
		ok = fits(schema, body)
	} else if body = x.state.item(r).AppendJSON(nil); schema.Pointer() != r.Set().Schema.Pointer() {
		body, ok = x.reshape(schema, r.Set(), body)
	}
	if !ok {
		return x.content(response, x.accepted, status, sent)
	}
	body, contentType = encode(x.accepted, schema, body)
	return body, contentType, nil
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
