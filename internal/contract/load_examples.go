package contract

import (
	"encoding/json"

	"understudy/internal/source"
)

// badExamples judges the examples and defaults of the document by their schemas. None of them is played if it is wrong.
func (d *Document) badExamples() []Warning {
	var out []Warning
	judged := map[*source.Node]bool{}
	judge := func(what string, n *source.Node, schema *Schema, dirs ...Direction) {
		if n == nil || schema == nil || judged[n] {
			return
		}
		judged[n] = true
		text, err := source.AppendJSON(nil, n)
		var value any
		if err != nil || json.Unmarshal(text, &value) != nil {
			return
		}
		var bad Violations
		for _, dir := range dirs {
			if bad = schema.Validate(value, dir); len(bad) == 0 {
				return
			}
		}
		out = append(out, Warning{d.file.Place(n), what + " breaks its schema: " + bad[:1].Error()})
	}
	for _, s := range d.exemplary {
		n := d.node(s.ptr)
		judge("the default", d.file.Get(n, "default"), s, AsResponse, AsRequest)
		judge("the example", d.file.Get(n, "example"), s, AsResponse, AsRequest)
		if list := d.file.Get(n, "examples"); source.IsList(list) {
			for _, v := range list.Content {
				judge("the example", v, s, AsResponse, AsRequest)
			}
		}
	}
	d.exemplary = nil
	media := func(pointer string, schema *Schema, dir Direction) {
		n := d.node(pointer)
		judge("the example", d.file.Get(n, "example"), schema, dir)
		for k := range source.Pairs(d.file.Get(n, "examples")) {
			at := d.deref(pointer + "/examples/" + source.PointerToken(k.Value))
			judge("the example", d.file.Get(d.node(at), "value"), schema, dir)
		}
	}
	for _, op := range d.operations {
		for _, p := range op.Parameters {
			media(p.ptr, p.Schema, AsRequest)
		}
		if op.Body != nil {
			for name, schema := range op.Body.Media {
				media(d.deref(op.ptr+"/requestBody")+"/content/"+source.PointerToken(name), schema, AsRequest)
			}
		}
		for _, response := range op.Responses {
			at := d.deref(op.ptr + "/responses/" + response.Status)
			for name, schema := range response.Media {
				media(at+"/content/"+source.PointerToken(name), schema, AsResponse)
			}
		}
	}
	return out
}
