package contract

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// fieldsDocument has one body in fields: what it says of arrays and objects, and what it leaves open.
const fieldsDocument = `
openapi: 3.0.3
info: {title: forms, version: "1"}
paths:
  /charges:
    post:
      requestBody:
        content:
          application/x-www-form-urlencoded:
            schema:
              type: object
              properties:
                amount: {type: integer}
                note: {type: string}
                live: {type: boolean}
                metadata: {type: object, additionalProperties: {type: string}}
                either: {anyOf: [{type: object, additionalProperties: {type: string}}, {type: string, enum: [""]}]}
                address: {type: object, properties: {city: {type: string}, no: {type: integer}}}
                any: {type: object}
                tags: {type: array, items: {type: string}}
                piped: {type: array, items: {type: integer}}
                expand: {type: array, items: {type: string}}
                lines: {type: array, items: {type: object, properties: {sku: {type: string}, n: {type: integer}}}}
                blob: {type: object}
                "marks[]": {type: array, items: {type: string}}
            encoding:
              metadata: {style: deepObject, explode: true}
              expand: {style: deepObject, explode: true}
              piped: {style: pipeDelimited}
              blob: {contentType: application/json}
              tags: {style: form, explode: true}
      responses: {"201": {description: made}}
`

func fieldsBody(t *testing.T) *Body {
	t.Helper()
	d := load(t, fieldsDocument)
	return d.Operations()[0].Body
}

func TestBodyInFields(t *testing.T) {
	b := fieldsBody(t)
	media, schema := b.Object()
	require.Equal(t, URLEncoded, media)
	for _, c := range []struct{ json, form string }{
		{`{"amount":7,"note":"a b&c=é+","live":true}`, "amount=7&note=a+b%26c%3D%C3%A9%2B&live=true"},
		{`{"note":"7"}`, "note=7"},
		{`{"metadata":{"a b":"x","c":"1"}}`, "metadata%5Ba+b%5D=x&metadata%5Bc%5D=1"},
		{`{"either":{"k":"v"}}`, "either%5Bk%5D=v"},
		{`{"either":""}`, "either="},
		{`{"address":{"city":"Ulm","no":3}}`, "address%5Bcity%5D=Ulm&address%5Bno%5D=3"},
		{`{"tags":["a","b"]}`, "tags=a&tags=b"},
		{`{"piped":[1,2]}`, "piped=1%7C2"},
		{`{"expand":["a","b"]}`, "expand%5B0%5D=a&expand%5B1%5D=b"},
		{`{"lines":[{"n":2,"sku":"x"},{"sku":"y"}]}`, "lines%5B0%5D%5Bn%5D=2&lines%5B0%5D%5Bsku%5D=x&lines%5B1%5D%5Bsku%5D=y"},
		{`{"blob":{"a":[1,null]}}`, "blob=%7B%22a%22%3A%5B1%2Cnull%5D%7D"},
		{`{"marks[]":["x"]}`, "marks%5B%5D=x"},
		{`{}`, ""},
	} {
		data, ok := b.Write(media, []byte(c.json))
		require.True(t, ok, c.json)
		require.Equal(t, c.form, string(data))
		require.JSONEq(t, c.json, string(b.Read(media, schema, ParseQuery(c.form))))
	}
	for _, json := range []string{ // reads otherwise
		`{"note":null}`, `{"note":7}`, `{"tags":[]}`, `{"metadata":{}}`, `{"any":{"n":2}}`, `{"metadata":{"n":2}}`, `{"live":"true"}`, `{"metadata":{"a][b":"x"}}`,
	} {
		_, ok := b.Write(media, []byte(json))
		require.False(t, ok, json)
	}
	for form, json := range map[string]string{ // other ways to write them
		"tags[]=a&tags[]=b":   `{"tags":["a","b"]}`,
		"tags[1]=b&tags[0]=a": `{"tags":["a","b"]}`,

		"any[a][b]=c&any[a][d]=e":      `{"any":{"a":{"b":"c","d":"e"}}}`,
		"amount=x&live=yes&amount=two": `{"amount":"two","live":"yes"}`,
		"unknown=1&[x]=2":              `{"unknown":"1","[x]":"2"}`,
	} {
		require.JSONEq(t, json, string(b.Read(media, schema, ParseQuery(form))), form)
	}
	for name, says := range map[string]bool{
		"amount": true, "metadata": true, "blob": true, "piped": true, "tags": true, // an Encoding Object says how
		"address": false, "any": false, "lines": false, "expand": false, "unheard": false,
	} {
		require.Equal(t, says, b.Says(media, name), name)
	}
}
