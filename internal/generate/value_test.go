package generate

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"understudy/internal/contract"
)

func object(t *testing.T, g *Generator, s *contract.Schema, address string) map[string]any {
	t.Helper()
	text, err := g.Value(s, contract.AsResponse, address)
	require.NoError(t, err)
	var v map[string]any
	require.NoError(t, json.Unmarshal(text, &v), "%s", text)
	return v
}

// TestDeterminism: the same seed, address and schema give the same bytes, whatever was made before; others give others.
func TestDeterminism(t *testing.T) {
	text := `{"type": "object", "title": "User", "properties": {"id": {"type": "integer"}, "name": {"type": "string"}, "tags": {"type": "array", "items": {"type": "string"}}, "at": {"type": "string", "format": "date-time"}}}`
	a, b := New(&Options{Seed: 7, Now: testNow}), New(&Options{Seed: 7, Now: testNow})
	s, other := schema(t, "3.0.3", text), schema(t, "3.0.3", text)
	seen := map[string]bool{}
	for i := range 100 {
		first, err := a.Value(s, contract.AsResponse, fmt.Sprint(i))
		require.NoError(t, err)
		_, err = b.Value(other, contract.AsResponse, fmt.Sprint(1000-i))
		require.NoError(t, err)
		again, err := b.Value(other, contract.AsResponse, fmt.Sprint(i))
		require.NoError(t, err)
		require.Equal(t, string(first), string(again))
		seen[string(first)] = true
	}
	require.Len(t, seen, 100)
}

// TestIndependence: a property that is added changes no other.
func TestIndependence(t *testing.T) {
	properties := []string{
		`"name": {"type": "string"}`, `"email": {"type": "string", "format": "email"}`, `"created_at": {"type": "string", "format": "date-time"}`,
		`"lines": {"type": "array", "items": {"type": "object", "properties": {"sku": {"type": "string"}, "price": {"type": "number"}}}}`, `"count": {"type": "integer"}`,
		`"updated_at": {"type": "string", "format": "date-time"}`, `"first_name": {"type": "string"}`, `"city": {"type": "string"}`, `"extra": {"oneOf": [{"type": "integer"}, {"type": "string"}]}`,
		`"code": {"type": "string", "pattern": "^[A-Z]{3}$"}`,
	}
	g := New(&Options{Seed: 3, Now: testNow})
	for n := range properties {
		before := object(t, g, schema(t, "3.0.3", `{"title": "Customer", "type": "object", "properties": {`+strings.Join(properties[:n], ",")+`}}`), "x")
		after := object(t, g, schema(t, "3.0.3", `{"title": "Customer", "type": "object", "properties": {`+strings.Join(append([]string{properties[n]}, properties[:n]...), ",")+`}}`), "x")
		for name, v := range before {
			require.Equal(t, v, after[name], name)
		}
		require.Len(t, after, n+1)
	}
}

// TestAgreement: what belongs to one person agrees, and so do the times of a life.
func TestAgreement(t *testing.T) {
	s := schema(t, "3.0.3", `{"type": "object", "title": "Employee", "properties": {"first_name": {"type": "string"}, "lastName": {"type": "string"}, "name": {"type": "string"},
"email": {"type": "string", "format": "email"}, "username": {"type": "string"}, "initials": {"type": "string"},
"created_at": {"type": "string", "format": "date-time"}, "start_date": {"type": "string", "format": "date"}, "endDate": {"type": "string", "format": "date"},
"updated_at": {"type": "string", "format": "date-time"}, "deleted_at": {"type": "string", "format": "date-time"}, "expires": {"type": "string", "format": "date-time"},
"created": {"type": "integer"}, "reviewed_at": {"type": "string", "format": "date-time"}, "min_price": {"type": "number"}, "max_price": {"type": "number"}, "city": {"type": "string"}, "country_code": {"type": "string"}, "currency": {"type": "string"}}}`)
	for seed := range uint64(200) {
		v := object(t, New(&Options{Seed: seed, Now: testNow}), s, "x")
		first, last := v["first_name"].(string), v["lastName"].(string)
		require.Equal(t, first+" "+last, v["name"])
		require.Equal(t, handle(first)+"."+handle(last)+"@example.com", v["email"])
		require.Equal(t, handle(first)[:1]+handle(last), v["username"])
		require.Equal(t, strings.ToUpper(handle(first)[:1]+handle(last)[:1]), v["initials"])
		instant := func(name string) time.Time {
			out, err := time.Parse(time.RFC3339, v[name].(string))
			require.NoError(t, err)
			return out
		}
		require.False(t, instant("updated_at").Before(instant("created_at")))
		require.False(t, instant("deleted_at").Before(instant("updated_at")))
		require.False(t, instant("deleted_at").After(testNow))
		require.True(t, instant("expires").After(testNow))
		require.False(t, instant("reviewed_at").Before(instant("created_at")) || instant("reviewed_at").After(testNow))
		require.LessOrEqual(t, v["start_date"].(string), v["endDate"].(string))
		require.Equal(t, float64(instant("created_at").Unix()), v["created"])
		require.Less(t, v["min_price"].(float64), v["max_price"].(float64))
		found := false
		for _, p := range places {
			found = found || p.city == v["city"] && p.code == v["country_code"] && p.currency == v["currency"]
		}
		require.True(t, found, "%v", v)
	}
}

// TestObject: what is given stays, and the rest goes with it.
func TestObject(t *testing.T) {
	s := schema(t, "3.0.3", `{"type": "object", "title": "User", "required": ["name", "email"], "properties": {"id": {"type": "integer"}, "name": {"type": "string"}, "username": {"type": "string"},
"email": {"type": "string", "format": "email"}, "created": {"type": "string", "format": "date-time"}, "updated": {"type": "string", "format": "date-time"}}}`)
	for seed := range uint64(50) {
		g := New(&Options{Seed: seed, Now: testNow})
		text, err := g.Object(s, contract.AsResponse, "x", map[string]string{"name": `"Ada \u004covelace"`, "created": `"2026-02-28T23:00:00Z"`, "more": `[1, 2]`})
		require.NoError(t, err)
		require.Contains(t, string(text), `"name":"Ada \u004covelace"`)
		require.True(t, strings.HasSuffix(string(text), `,"more":[1, 2]}`), "%s", text)
		var v map[string]any
		require.NoError(t, json.Unmarshal(text, &v))
		require.Equal(t, "ada.lovelace@example.com", v["email"])
		require.Equal(t, "alovelace", v["username"])
		require.GreaterOrEqual(t, v["updated"], v["created"])
		plain := object(t, g, s, "x")
		require.Equal(t, plain["id"], v["id"])
	}
	_, err := New(nil).Object(s, contract.AsResponse, "x", map[string]string{"name": `7`})
	require.Error(t, err)
	text, err := New(nil).Object(nil, contract.AsResponse, "x", map[string]string{"b": `7`})
	require.NoError(t, err)
	require.Equal(t, `{"b":7}`, string(text))
}

// TestMeanings holds what names lead to.
func TestMeanings(t *testing.T) {
	for name, test := range map[string]struct{ schema, pattern string }{
		"price":         {`{"type": "number"}`, `^\d+(\.\d\d?)?$`},
		"total_amount":  {`{"type": "string"}`, `^\d+\.\d\d$`},
		"currency":      {`{"type": "string"}`, `^[A-Z]{3}$`},
		"countryCode":   {`{"type": "string"}`, `^[A-Z]{2}$`},
		"phone":         {`{"type": "string"}`, `^\+\d+$`},
		"website":       {`{"type": "string", "format": "uri"}`, `^https://`},
		"avatar":        {`{"type": "string", "format": "uri"}`, `avatars/.*\.png$`},
		"slug":          {`{"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"}`, `^[a-z]+-[a-z]+$`},
		"version":       {`{"type": "string"}`, `^\d+\.\d+\.\d+$`},
		"sha256":        {`{"type": "string"}`, `^[0-9a-f]{64}$`},
		"tags":          {`{"type": "array", "items": {"type": "string"}}`, `^\["[a-z]+`},
		"emails":        {`{"type": "array", "items": {"type": "string"}}`, `@example\.com`},
		"latitude":      {`{"type": "number"}`, `^-?\d\d\.\d+$`},
		"count":         {`{"type": "integer"}`, `^\d\d?$`},
		"age":           {`{"type": "integer"}`, `^\d\d$`},
		"customer_id":   {`{"type": "string"}`, `^cust_`},
		"user_id":       {`{"type": "integer"}`, `^\d{1,4}$`},
		"ip":            {`{"type": "string"}`, `^\d+\.\d+\.\d+\.\d+$`},
		"timezone":      {`{"type": "string"}`, `^[A-Z][a-z]+/`},
		"mimeType":      {`{"type": "string"}`, `^[a-z]+/[a-z]+$`},
		"description":   {`{"type": "string"}`, `^[A-Z].* .*\.$`},
		"published_at":  {`{"type": "string"}`, `^20\d\d-\d\d-\d\dT`},
		"birth_date":    {`{"type": "string"}`, `^(19|20)\d\d-\d\d-\d\d$`},
		"unheard":       {`{"type": "string", "description": "An ISO 4217 code"}`, `^[A-Z]{3}$`},
		"anything_else": {`{"type": "string"}`, `^[a-z]+ [a-z]+$`},
		"rating":        {`{"type": "integer", "minimum": 1, "maximum": 5}`, `^[1-5]$`},
		"color":         {`{"type": "string", "pattern": "^#[0-9a-f]{6}$"}`, `^#[0-9a-f]{6}$`},
	} {
		s := schema(t, "3.0.3", fmt.Sprintf(`{"type": "object", "properties": {%q: %s}}`, name, test.schema))
		for seed := range uint64(20) {
			v := object(t, New(&Options{Seed: seed, Now: testNow}), s, "x")
			text, ok := v[name].(string)
			if !ok {
				b, err := json.Marshal(v[name])
				require.NoError(t, err)
				text = string(b)
			}
			require.Regexp(t, test.pattern, text, name)
		}
	}
	s := schema(t, "3.0.3", `{"type": "object", "properties": {"is_active": {"type": "boolean"}, "deleted": {"type": "boolean"}}}`)
	active, deleted := 0, 0
	for seed := range uint64(200) {
		v := object(t, New(&Options{Seed: seed, Now: testNow}), s, "x")
		if v["is_active"].(bool) {
			active++
		}
		if v["deleted"].(bool) {
			deleted++
		}
	}
	require.Greater(t, active, 150)
	require.Less(t, deleted, 30)
}

// TestRescue: where a pattern defeats us, an example that fits is taken.
func TestRescue(t *testing.T) {
	s := schema(t, "3.1.0", `{"type": "object", "required": ["p"], "properties": {"p": {"type": "string", "pattern": "^(?=.*a{3})(?=.*b{3})(?=.*c{3})[a-c]{9}$", "examples": ["x", "aaabbbccc"]}}}`)
	for _, v := range valid(t, s, 20) {
		require.NotEmpty(t, v.(map[string]any)["p"])
	}
}

// TestConcurrency: one generator serves many at once, and gives each what it gives one.
func TestConcurrency(t *testing.T) {
	s := schema(t, "3.0.3", `{"type": "object", "title": "User", "properties": {"name": {"type": "string"}, "home": {"oneOf": [{"type": "string"}, {"type": "object", "properties": {"city": {"type": "string"}}}]}}}`)
	g := New(&Options{Seed: 1, Now: testNow})
	var wg sync.WaitGroup
	results := make([]string, 64)
	for i := range results {
		wg.Go(func() {
			text, err := g.Value(s, contract.AsResponse, fmt.Sprint(i))
			if err == nil {
				results[i] = string(text)
			}
		})
	}
	wg.Wait()
	for i, got := range results {
		want, err := New(&Options{Seed: 1, Now: testNow}).Value(s, contract.AsResponse, fmt.Sprint(i))
		require.NoError(t, err)
		require.Equal(t, string(want), got)
	}
}
