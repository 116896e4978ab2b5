package mockserver

import (
	"encoding/xml"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

const mediaDocument = `
openapi: 3.0.3
info: {title: media, version: "1"}
paths:
  /note:
    get:
      responses:
        "200":
          description: ok
          headers: {X-Note: {schema: {type: string}, example: "one\n\ttwo"}, X-Count: {schema: {type: integer}, example: 12}}
          content:
            application/xml: {schema: {$ref: "#/components/schemas/Note"}}
components:
  schemas:
    Note:
      type: object
      required: [text, big, flag, tags]
      properties:
        text: {type: string, enum: ["one\n\ttwo"]}
        big: {type: integer}
        flag: {type: boolean}
        tags: {type: array, items: {type: string}}
      example: {text: "one\n\ttwo", big: 9007199254740993, flag: true, tags: ["a\nb", c]}
`

// TestTextKeepsItsCharacters: control characters are taken from headers alone; XML, forms and multipart have lines and tabs, and numbers in full.
func TestTextKeepsItsCharacters(t *testing.T) {
	const text, big = "one\n\ttwo", "9007199254740993"
	note := []byte(`{"text":"one\n\ttwo","big":9007199254740993,"flag":true,"tags":["a\nb","c"],"none":null}`)
	mock := mockOf(t, mediaDocument, nil)
	a := accepting(mock, "GET", "/note", "application/xml", "", "")
	require.Equal(t, "onetwo", a.Header().Get("X-Note"))
	require.Equal(t, "12", a.Header().Get("X-Count"))
	require.Contains(t, a.Body.String(), "one&#xA;&#x9;two")

	t.Run("XML", func(t *testing.T) {
		body, _ := encode("application/xml", nil, note)
		var got struct {
			Text string   `xml:"text"`
			Big  string   `xml:"big"`
			Flag bool     `xml:"flag"`
			Tags []string `xml:"tags"`
			None string   `xml:"none"`
		}
		require.NoError(t, xml.Unmarshal(body, &got))
		require.Equal(t, text, got.Text)
		require.Equal(t, big, got.Big)
		require.True(t, got.Flag)
		require.Equal(t, []string{"a\nb", "c"}, got.Tags)
		require.Empty(t, got.None)
	})
	t.Run("a form", func(t *testing.T) {
		body, _ := encode("application/x-www-form-urlencoded", nil, note)
		got, err := url.ParseQuery(string(body))
		require.NoError(t, err)
		require.Equal(t, url.Values{"text": {text}, "big": {big}, "flag": {"true"}, "tags": {"a\nb", "c"}, "none": {""}}, got)
	})
	t.Run("multipart", func(t *testing.T) {
		body, contentType := encode("multipart/form-data", nil, note)
		form, _, err := multipartForm(contentType, body)
		require.NoError(t, err)
		require.Equal(t, url.Values{"text": {text}, "big": {big}, "flag": {"true"}, "tags": {`["a\nb","c"]`}, "none": {""}}, form)
	})
}
