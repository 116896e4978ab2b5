package generate

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"understudy/internal/contract"
)

// drawSchema draws a schema of OpenAPI 3.1, not always one that anything fits.
func drawSchema(t *rapid.T, depth int) map[string]any {
	s := map[string]any{}
	sub := func(name string) any { return drawSchema(t, depth-1) }
	maybe := func(key string, draw func() any) {
		if rapid.IntRange(0, 3).Draw(t, key) == 0 {
			s[key] = draw()
		}
	}
	number := func() any { return rapid.IntRange(-3, 12).Draw(t, "number") }
	count := func() any { return rapid.IntRange(0, 4).Draw(t, "count") }
	names := rapid.SampledFrom([]string{"name", "email", "a", "b", "created_at", "price"})
	some := func(n int) []any {
		list := make([]any, rapid.IntRange(1, n).Draw(t, "some"))
		for i := range list {
			list[i] = drawSchema(t, depth-1)
		}
		return list
	}
	if depth <= 0 {
		switch rapid.IntRange(0, 5).Draw(t, "leaf") {
		case 0:
			return map[string]any{"$ref": "#/components/schemas/Root"}
		case 1:
			return map[string]any{}
		}
	}
	types := []string{"string", "integer", "number", "boolean", "null"}
	if depth > 0 {
		types = append(types, "object", "object", "array", "array")
	}
	typ := rapid.SampledFrom(append(types, "")).Draw(t, "type")
	if typ != "" {
		s["type"] = typ
	}
	switch typ {
	case "string", "":
		maybe("minLength", count)
		maybe("maxLength", count)
		maybe("pattern", func() any { return rapid.SampledFrom(patternTests).Draw(t, "pattern") })
		maybe("format", func() any { return rapid.SampledFrom(sortedKeys(formats)).Draw(t, "format") })
	case "integer", "number":
		maybe("minimum", number)
		maybe("maximum", number)
		maybe("exclusiveMinimum", number)
		maybe("multipleOf", func() any { return rapid.SampledFrom([]float64{0.01, 0.3, 2, 7}).Draw(t, "multipleOf") })
	case "object":
		properties := map[string]any{}
		for range rapid.IntRange(0, 3).Draw(t, "properties") {
			properties[names.Draw(t, "name")] = sub("property")
		}
		s["properties"] = properties
		maybe("required", func() any { return rapid.SliceOfNDistinct(names, 0, 2, rapid.ID).Draw(t, "required") })
		maybe("minProperties", count)
		maybe("maxProperties", count)
		maybe("additionalProperties", func() any {
			if rapid.Bool().Draw(t, "closed") {
				return false
			}
			return sub("additional")
		})
		maybe("patternProperties", func() any { return map[string]any{"^x[a-z]": sub("pattern")} })
		maybe("dependentRequired", func() any { return map[string]any{"a": []string{"b"}} })
		maybe("propertyNames", func() any { return map[string]any{"maxLength": 5} })
		maybe("unevaluatedProperties", func() any { return false })
	case "array":
		maybe("items", func() any { return sub("items") })
		maybe("minItems", count)
		maybe("maxItems", count)
		maybe("uniqueItems", func() any { return true })
		maybe("prefixItems", func() any { return some(2) })
		maybe("contains", func() any { return sub("contains") })
	}
	maybe("enum", func() any {
		return []any{"a", 1, nil, 2.5, true}[:rapid.IntRange(1, 5).Draw(t, "values")]
	})
	if depth > 0 {
		for _, key := range []string{"allOf", "anyOf", "oneOf"} {
			if rapid.IntRange(0, 9).Draw(t, key) == 0 {
				s[key] = some(3)
			}
		}
		for _, key := range []string{"not", "if", "then", "else"} {
			if rapid.IntRange(0, 15).Draw(t, key) == 0 {
				s[key] = sub(key)
			}
		}
	}
	return s
}

// TestRandomSchemas: whatever the schema, there is a value that both validators let pass, or an error with a place, and soon.
func TestRandomSchemas(t *testing.T) {
	made, failed := 0, 0
	rapid.Check(t, func(r *rapid.T) {
		text, err := json.Marshal(drawSchema(r, 3))
		require.NoError(r, err)
		s := schema(t, "3.1.0", `{"$ref": "#/components/schemas/Root"}`, `"Root": `+string(text))
		var unusable *contract.UnusableSchema
		if errors.As(s.Judge(nil, contract.AsResponse), &unusable) {
			return
		}
		g := New(&Options{Seed: rapid.Uint64().Draw(r, "seed"), Now: testNow})
		start := time.Now()
		out, err := g.Value(s, contract.AsResponse, "x")
		require.Less(r, time.Since(start), 5*time.Second)
		var u *Unsatisfiable
		if errors.As(err, &u) {
			failed++
			require.NotZero(r, u.Place.Line)
			return
		}
		require.NoError(r, err)
		made++
		var v any
		require.NoError(r, json.Unmarshal(out, &v))
		require.NoError(r, s.Judge(v, contract.AsResponse))
		for _, b := range g.Invalid(s, contract.AsResponse, "x") {
			require.NoError(r, json.Unmarshal(b.JSON, &v))
			require.Error(r, s.Judge(v, contract.AsResponse))
		}
	})
	t.Logf("%d made, %d without a value", made, failed)
	require.Greater(t, made, failed/3)
}

// FuzzPattern: a pattern gives no panic, and no endless loop; what comes out matches or is refused.
func FuzzPattern(f *testing.F) {
	for _, p := range patternTests {
		f.Add(p, 2, 9)
	}
	f.Fuzz(func(t *testing.T, text string, shortest, most int) {
		p := parsePattern(text)
		if p == nil || strings.Count(text, "{") > 3 {
			return
		}
		shortest = max(min(shortest, 100), 0)
		at := spot{h: 1}
		p.make(newRun(New(nil)).random(at), shortest, max(shortest, min(most, 200)))
	})
}
