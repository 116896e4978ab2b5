package contract

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const formDocument = `openapi: 3.0.0
info: {title: Notes, version: "1"}
paths:
  /notes:
    get:
      responses: {"200": {description: ok, content: {application/json: {schema: {type: object, properties: {data: {type: array, items: {$ref: "#/components/schemas/Note"}}}}}}}}
    post:
      requestBody: {content: {application/json: {schema: BODY}}}
      responses: {"201": {description: ok, content: {application/json: {schema: {type: object, properties: {data: {$ref: "#/components/schemas/Note"}}}}}}}
  /notes/{id}:
    parameters: [{in: path, name: id, required: true, schema: {type: string}}]
    get:
      responses: {"200": {description: ok, content: {application/json: {schema: {type: object, properties: {data: {$ref: "#/components/schemas/Note"}}}}}}}
components:
  schemas:
    Note: ITEM
`

const (
	resource = `{type: object, properties: {type: {type: string}, id: {type: string}, attributes: {type: object, properties: {title: {type: string}, type: {type: string}, at: {type: string, readOnly: true}}},
      relationships: {type: object, properties: {author: {type: object}}}, links: {type: object}}}`
	flatItem = `{type: object, properties: {id: {type: string}, title: {type: string}, data: {type: object}}}`
)

// formOf opens a document with a body and an item, and gives the form of the body.
func formOf(t *testing.T, body, item string) *Form {
	t.Helper()
	c := load(t, strings.NewReplacer("BODY", body, "ITEM", item).Replace(formDocument)).Collections()[0]
	_, schema := c.Operation(Create).Body.JSON()
	return c.Records.FormOf(schema)
}

// TestForm: bodies are taken apart, and put together again.
func TestForm(t *testing.T) {
	for name, test := range map[string]struct {
		body, item string
		fields     string // with their paths; ! is required
		json       string
		members    string
	}{
		"plain": {
			`{type: object, required: [title], properties: {title: {type: string}, data: {type: object, properties: {title: {type: string}}}}}`, flatItem,
			"title!=title data=data", `{"title":"a","data":{"x":1},"more":2}`, `title="a" data={"x":1} more=2`,
		},
		"wrapped": {
			`{type: object, required: [note, csrf], properties: {note: {type: object, required: [title], properties: {title: {type: string}, secret: {type: string}}}, csrf: {type: string}, hint: {type: string}}}`, flatItem,
			"title!=note.title secret=note.secret csrf!=csrf", `{"note":{"title":"a"},"csrf":"b"}`, `title="a" csrf="b"`,
		},
		"an object that is a part of the item": {
			`{type: object, properties: {author: {type: object, properties: {title: {type: string}}}, title: {type: string}}}`, flatItem,
			"author=author title=title", `{"author":{"title":"b"}}`, `author={"title":"b"}`,
		},
		"two objects that may be the item": {
			`{type: object, properties: {old: {type: object, properties: {title: {type: string}}}, new: {type: object, properties: {title: {type: string}}}}}`, flatItem,
			"old=old new=new", `{"new":{"title":"b"}}`, `new={"title":"b"}`,
		},
		"JSON:API": {
			`{type: object, required: [data], properties: {data: {type: object, required: [type, attributes], properties: {type: {type: string}, id: {type: string}, attributes: {type: object, required: [title], properties: {title: {type: string}, type: {type: string}}}, relationships: {type: object, properties: {author: {type: object}}}}}}}`, resource,
			"type!=data.type id=data.id title!=data.attributes.title attributes.type=data.attributes.type author=data.relationships.author",
			`{"data":{"type":"notes","attributes":{"title":"a","type":"b","at":"now"},"relationships":{"author":{"data":null}}}}`, `type="notes" title="a" attributes.type="b" at="now" author={"data":null}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := formOf(t, test.body, test.item)
			var fields []string
			for _, d := range f.Fields() {
				fields = append(fields, d.Name+map[bool]string{true: "!"}[d.Required]+"="+strings.Join(d.Path, "."))
			}
			require.Equal(t, test.fields, strings.Join(fields, " "))
			members, err := f.Split([]byte(test.json))
			require.NoError(t, err)
			var got []string
			for _, m := range members {
				got = append(got, m.Name+"="+m.JSON)
			}
			require.Equal(t, test.members, strings.Join(got, " "))
			require.JSONEq(t, test.json, string(f.Join(members)))
		})
	}
}

// TestFormJoinsNothing: what wraps the item is there although nothing is in it.
func TestFormJoinsNothing(t *testing.T) {
	f := formOf(t, `{type: object, properties: {note: {type: object, properties: {title: {type: string}}}}}`, flatItem)
	require.Equal(t, `{"note":{}}`, string(f.Join(nil)))
	require.Equal(t, "note", f.Wrapper())
	for _, text := range []string{`[]`, `{`, `"a"`} {
		_, err := f.Split([]byte(text))
		require.Error(t, err, text)
	}
}

// TestItemInAnEnvelope: what reading one item answers is the item in the envelope.
func TestItemInAnEnvelope(t *testing.T) {
	doc := load(t, strings.NewReplacer("BODY", "{type: object}", "ITEM", resource).Replace(formDocument))
	for _, n := range doc.Collections()[0].Unknown {
		require.NotContains(t, n.What, "answers")
	}
}
