package contract

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSettable: what is read-only inside of a value is the server's, but for what records of their own are known by.
func TestSettable(t *testing.T) {
	d, err := Load(t.Context(), "settable.yaml", []byte(`
openapi: 3.0.3
info: {title: Settable, version: "1"}
paths:
  /orders:
    post:
      operationId: order
      responses: {"201": {description: ""}}
      requestBody: {content: {application/json: {schema: {type: object,
        properties: {
          lines: {type: array, items: {type: object, properties: {sku: {type: string}, price: {type: number, readOnly: true}}}},
          owner: {type: object, properties: {pk: {type: integer, readOnly: true}, name: {type: string, readOnly: true}}}}}}}}
`))
	require.NoError(t, err)
	_, s := d.Operations()[0].Body.Object()
	require.NotNil(t, s)
	for text, want := range map[string]string{
		`{"lines":[{"sku":"a","price":1.5,"more":{"x":1}}],"owner":{"pk":1,"name":"Ana"}}`: `{"lines":[{"sku":"a","more":{"x":1}}],"owner":{"pk":1,"name":"Ana"}}`,
		`{"lines":null,"owner":3}`: `{"lines":null,"owner":3}`,
		`[`:                        `[`,
		`"text"`:                   `"text"`,
	} {
		require.Equal(t, want, s.Settable(text))
	}
}
