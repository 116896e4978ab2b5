package contract

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestJudge: both validators agree on what is wrong, in OpenAPI 3.0 and 3.1, and in both directions.
func TestJudge(t *testing.T) {
	const text = `
openapi: VERSION
info: {title: t, version: "1"}
paths: {}
components:
  schemas:
    A:
      type: object
      required: [id, secret, "a/b {c}"]
      properties:
        id: {type: integer, readOnly: true}
        secret: {allOf: [{$ref: "#/components/schemas/S"}]}
        "a/b {c}": {$ref: "#/components/schemas/x.y-z"}
        n: NULLABLE
        more: {$ref: "#/components/schemas/A"}
        p: {type: string, pattern: "^(?!x)[a-z]+$"}
        any: {}
    S: {type: string, writeOnly: true}
    x.y-z: {type: string, format: uuid}
`
	const id = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
	for version, nullable := range map[string]string{
		"3.0.3": "{type: number, nullable: true, minimum: 0, exclusiveMinimum: true}", "3.1.0": `{type: [number, "null"], exclusiveMinimum: 0}`,
	} {
		d := load(t, replaceAll(text, "VERSION", version, "NULLABLE", nullable))
		s := d.schema("/components/schemas/A", d.api.Components.Schemas["A"])
		for _, test := range []struct {
			dir  Direction
			json string
			ok   bool
		}{
			{AsResponse, `{"id":1,"a/b {c}":"` + id + `"}`, true},
			{AsRequest, `{"secret":"x","a/b {c}":"` + id + `"}`, true},
			{AsRequest, `{"a/b {c}":"` + id + `"}`, false},
			{AsResponse, `{"a/b {c}":"` + id + `"}`, false},
			{AsResponse, `{"id":1,"a/b {c}":"x"}`, false},
			{AsResponse, `{"id":1,"a/b {c}":"` + id + `","n":null,"any":null}`, true},
			{AsResponse, `{"id":1,"a/b {c}":"` + id + `","n":0}`, false},
			{AsResponse, `{"id":1,"a/b {c}":"` + id + `","n":0.5}`, true},
			{AsResponse, `{"id":1,"a/b {c}":"` + id + `","more":{"id":"x","a/b {c}":"` + id + `"}}`, false},
		} {
			var v any
			require.NoError(t, json.Unmarshal([]byte(test.json), &v))
			require.Equal(t, test.ok, s.Judge(v, test.dir) == nil, "%s %s: %v", version, test.json, s.Judge(v, test.dir))
			require.Equal(t, test.ok, len(s.Validate(v, test.dir)) == 0, "%s %s: %v", version, test.json, s.Validate(v, test.dir))
		}
		for value, ok := range map[string]bool{"ab": true, "xa": false} {
			require.Equal(t, ok, s.Judge(map[string]any{"id": 1.0, "a/b {c}": id, "p": value}, AsResponse) == nil, value)
		}
	}
}

// TestJudgeCompiles: the schemas of real documents can be used by the second validator.
func TestJudgeCompiles(t *testing.T) {
	files, err := filepath.Glob("../../../shared/specs/*.yml")
	require.NoError(t, err)
	if len(files) == 0 {
		t.Skip("no real documents at hand")
	}
	for _, file := range append(files, "../../openapi.yaml") {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		d := load(t, string(data))
		for _, op := range d.Operations() {
			for _, r := range op.Responses {
				for _, s := range r.Media {
					var unusable *UnusableSchema
					require.False(t, errors.As(s.Judge(nil, AsResponse), &unusable), "%s %s: %v", file, op.ID, unusable)
				}
			}
		}
	}
}
