package contract

import (
	"context"
	_ "embed"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// styles is a document with one list of each style: how pages are named, and what surrounds the items.
//
//go:embed testdata/styles.yaml
var styles string

func load(t testing.TB, text string) *Document {
	t.Helper()
	d, err := Load(context.Background(), "test.yaml", []byte(text))
	require.NoError(t, err)
	return d
}

func collection(t testing.TB, d *Document, id string) *Collection {
	t.Helper()
	for _, c := range d.Collections() {
		if c.ID == id {
			return c
		}
	}
	require.Fail(t, "no collection "+id)
	return nil
}

// people are the items of the tables, as a server might send them.
var people = map[string]string{
	"ada":   `{"id":1,"name":"Ada","born":"1815-12-10T00:00:00Z","age":36,"active":true,"nick":null,"team":{"slug":"engines","title":"Engines"}}`,
	"bob":   `{"id":2,"name":"bob","born":"1990-05-01T12:00:00+02:00","age":5,"active":false,"nick":"B","team":{"slug":"cakes","title":"Cakes"}}`,
	"carol": `{"id":3,"name":"Carol-Ann","born":"1990-05-01T10:00:00Z","age":40,"active":true,"team":{"slug":"Engines"}}`,
	"dave":  `{"id":4,"name":"dave_2","born":null,"active":true,"nick":"","team":{}}`,
	"eve":   `{"id":10,"name":"Ève","born":"2001-01-01T00:00:00.5Z","age":100,"nick":"50% off"}`,
}

// names lists the people in a fixed order.
var names = []string{"ada", "bob", "carol", "dave", "eve"}

func person(t testing.TB, c *Collection, name string) Item {
	t.Helper()
	it, err := c.Records.Decode([]byte(people[name]))
	require.NoError(t, err)
	return it
}

// replaceAll replaces pairs of texts.
func replaceAll(text string, pairs ...string) string {
	return strings.NewReplacer(pairs...).Replace(text)
}

// forms is a document with a list for each form that styles has not: of naming, paging, envelopes, ordering and filters.
//
//go:embed testdata/forms.yaml
var forms string

// crowd are the items of the tables about forms.
var crowd = map[string]string{
	"ada":   `{"id":1,"name":"Ada","born":"1815-12-10T00:00:00Z","age":36,"hourlyRate":20.5,"workedHours":40,"active":true,"nick":null,"tags":["math","poems"],"groups":[{"key":"g1","title":"One"}]}`,
	"bob":   `{"id":2,"name":"bob","born":"1990-05-01T10:00:00Z","age":5,"hourlyRate":9,"workedHours":12,"active":false,"nick":"B","tags":[],"groups":[]}`,
	"carol": `{"id":3,"name":"Carol","born":"1990-05-03T10:00:00Z","age":40,"hourlyRate":30,"workedHours":40,"active":true,"nick":"C","tags":["poems"],"groups":[{"key":"g2"},{"key":"g1"}],"team":{"slug":"engines"}}`,
}
