package contract

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// related is a document whose collections share records, embed each other's, and stand inside each other.
const related = `
openapi: 3.0.3
info: {title: related, version: "1"}
paths:
  /users:
    get: {operationId: users, responses: {"200": {description: ok, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/User"}}}}}}}
    post: {operationId: makeUser, responses: {"201": {description: ok}}}
  /users/me:
    get: {operationId: me, responses: {"200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/User"}}}}}}
  /users/{user_id}/:
    get: {operationId: user, responses: {"200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/FullUser"}}}}}}
    post: {operationId: changeUser, responses: {"200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/User"}}}}}}
    delete: {operationId: deleteUser, responses: {"204": {description: ok}}}
  /users/{user_id}/reset:
    post: {operationId: reset, responses: {"200": {description: ok, content: {application/json: {schema: {type: object}}}}}}
  /users/{user_id}/keys:
    get:
      operationId: keys
      parameters: [{name: user_id, in: path, required: true, schema: {type: integer}}]
      responses: {"200": {description: ok, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Key"}}}}}}
  /users/{user_id}/notes:
    get:
      operationId: notes
      responses: {"200": {description: ok, content: {application/json: {schema: {type: array, items: {type: object, properties: {id: {type: integer}, text: {type: string}}}}}}}}
  /admin/users:
    get: {operationId: adminUsers, responses: {"200": {description: ok, content: {application/json: {schema: {type: object, properties: {users: {type: array, items: {$ref: "#/components/schemas/User"}}}}}}}}}
  /orders:
    get: {operationId: orders, responses: {"200": {description: ok, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Order"}}}}}}}
  /cart:
    get: {operationId: cart, responses: {"200": {description: ok, content: {application/json: {schema: {type: object, properties: {id: {type: integer}, total: {type: number}, items: {type: array, items: {$ref: "#/components/schemas/Key"}}}}}}}}}
  /settings:
    get: {operationId: settings, responses: {"200": {description: ok, content: {application/json: {schema: {type: object, properties: {theme: {type: string}, rules: {type: array, items: {$ref: "#/components/schemas/Key"}}}}}}}}}
    put: {operationId: setSettings, responses: {"204": {description: ok}}}
    patch: {operationId: changeSettings, responses: {"204": {description: ok}}}
  /status:
    get: {operationId: status, responses: {"200": {description: ok, content: {application/json: {schema: {type: object, properties: {up: {type: boolean}, components: {type: array, items: {$ref: "#/components/schemas/Key"}}}}}}}}}
  /words:
    get: {operationId: words, responses: {"200": {description: ok, content: {application/json: {schema: {type: array, items: {type: string}}}}}}}
components:
  schemas:
    User: {type: object, required: [id], properties: {id: {type: integer}, name: {type: string}, email: {type: string}}}
    FullUser: {type: object, required: [id], properties: {id: {type: integer}, name: {type: string}, email: {type: string}, bio: {type: string, nullable: true}}}
    Key: {type: object, required: [id], properties: {id: {type: integer}, user_id: {type: integer}, name: {type: string}}}
    Order:
      type: object
      properties:
        id: {type: integer}
        user_id: {type: integer, nullable: true}
        user: {allOf: [{$ref: "#/components/schemas/User"}], nullable: true}
        parent: {$ref: "#/components/schemas/Order"}
`

// TestRelated holds what is understood of collections that belong together, and of operations that no collection explains.
func TestRelated(t *testing.T) {
	d := load(t, related)
	var ids []string
	for _, c := range d.Collections() {
		ids = append(ids, c.ID)
	}
	require.Equal(t, []string{"users", "keys", "notes", "adminUsers", "orders"}, ids)

	users, keys, notes, admin, orders := collection(t, d, "users"), collection(t, d, "keys"), collection(t, d, "notes"), collection(t, d, "adminUsers"), collection(t, d, "orders")
	require.Equal(t, "/users/{user_id}/", users.ItemPath)
	require.Equal(t, "changeUser", users.Operation(Update).ID, "a POST that answers an item")
	require.Equal(t, "deleteUser", users.Operation(Destroy).ID)
	require.Same(t, users.Records, admin.Records, "one component, one set of records")
	require.Equal(t, []string{"id", "name", "email", "bio"}, users.Records.Properties, "what reading one answers has more")
	require.Equal(t, []string{"id", "name", "email"}, users.ItemProperties())
	require.Nil(t, keys.ItemProperties())

	require.Same(t, users, keys.Parent)
	require.Len(t, keys.Scope, 1)
	require.Equal(t, "user_id=user_id", keys.Scope[0].Param+"="+strings.Join(keys.Scope[0].Path, "."))
	require.Equal(t, "7", keys.Scope[0].JSON("7"))
	require.Same(t, users, notes.Parent)
	require.Empty(t, notes.Scope)
	require.True(t, slices.ContainsFunc(notes.Unknown, func(n Note) bool { return n.What == "which property holds {user_id}" }))
	q, err := keys.Parse("/users/7/keys", url.Values{})
	require.NoError(t, err)
	for body, want := range map[string]bool{`{"id":1,"user_id":7}`: true, `{"id":1,"user_id":8}`: false, `{"id":7}`: false} {
		it, err := keys.Records.Decode([]byte(body))
		require.NoError(t, err)
		require.Equal(t, Verdict{want, true}, keys.Match(q, it), body)
	}

	e := orders.Records.Embed("user")
	require.NotNil(t, e)
	require.Same(t, users.Records, e.Set)
	require.Equal(t, "user_id", e.By)
	require.Equal(t, []string{"id", "name", "email"}, e.Partial)
	require.Nil(t, orders.Records.Embed("parent"), "records that would hold themselves")

	require.Len(t, d.Singletons(), 1)
	s := d.Singletons()[0]
	require.Equal(t, "/settings", s.Path)
	require.Equal(t, "setSettings", s.Operations[Replace].ID)
	why := map[string]string{}
	for _, op := range d.Operations() {
		if op.Role == NoRole {
			why[op.ID] = op.Why
		}
		for _, r := range rules {
			_ = r.Applies(op) // whatever its role
		}
	}
	require.Equal(t, map[string]string{
		"me":     "its answer holds no array of objects; it is below the list of users",
		"reset":  "it answers one object; it is an action below an item of users",
		"cart":   `its answer has "items", but also a key: it is one thing`,
		"status": "its answer holds no array of objects that is named like a list",
		"words":  "its answer is an array, but not of objects",
	}, why)
}

// TestRealCollections holds how much is understood, at least, of the real documents at hand.
func TestRealCollections(t *testing.T) {
	for file, want := range map[string]struct{ lists, pages, offsets, cursors, filters, singletons int }{
		"authentik-2024.8.2.yml":                       {lists: 256, pages: 126, filters: 490, singletons: 1},
		"authentik-2026.5.0-rc1.yml":                   {lists: 326, pages: 162, filters: 640, singletons: 1},
		"corpus/adyen.com-ManagementService-v3-3.json": {lists: 31, pages: 16, offsets: 6, filters: 18, singletons: 9},
		"corpus/codat.io-assess-1.0.json":              {lists: 7, pages: 3},
		"corpus/codat.io-banking-2.1.0.json":           {lists: 5, pages: 5},
		"corpus/discourse.local-latest.json":           {lists: 12, pages: 2, offsets: 1, filters: 1},
		"corpus/listennotes.com-2.0.json":              {lists: 7, pages: 3, filters: 2},
		"corpus/openai.com-2.3.0.json":                 {lists: 56, pages: 9, cursors: 45, filters: 28},
		"corpus/rentcast.io-1.0.json":                  {lists: 4, offsets: 3, filters: 26},
		"corpus/vercel.com-0.0.1.json":                 {lists: 17, filters: 16},
	} {
		t.Run(strings.TrimPrefix(file, "corpus/"), func(t *testing.T) {
			t.Parallel()
			path := filepath.Join("../../../shared/specs", file)
			if _, err := os.Stat(path); err != nil {
				t.Skip("not at hand")
			}
			d, err := Open(context.Background(), path)
			require.NoError(t, err)
			got := map[Style]int{}
			filters := 0
			for _, c := range d.Collections() {
				got[c.Paging.Style]++
				filters += len(c.Filters)
			}
			require.GreaterOrEqual(t, len(d.Collections()), want.lists)
			require.GreaterOrEqual(t, got[ByPage], want.pages, "by page")
			require.GreaterOrEqual(t, got[ByOffset], want.offsets, "by offset")
			require.GreaterOrEqual(t, got[ByCursor], want.cursors, "by cursor")
			require.GreaterOrEqual(t, filters, want.filters, "filters")
			require.GreaterOrEqual(t, len(d.Singletons()), want.singletons, "singletons")
		})
	}
}

// TestParentsByAnotherKey: items that name what they are in by its number are not taken to name it by its slug, under which the path has it.
func TestParentsByAnotherKey(t *testing.T) {
	d := load(t, `
openapi: 3.0.3
info: {title: t, version: "1"}
paths:
  /categories:
    get: {operationId: categories, responses: {"200": {description: ok, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Category"}}}}}}}
  /categories/{slug}:
    parameters: [{name: slug, in: path, required: true, schema: {type: string}}]
    get: {operationId: category, responses: {"200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Category"}}}}}}
  /categories/{slug}/products:
    parameters: [{name: slug, in: path, required: true, schema: {type: string}}]
    get: {operationId: products, responses: {"200": {description: ok, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Product"}}}}}}}
components:
  schemas:
    Category: {type: object, required: [id, slug], properties: {id: {type: integer}, slug: {type: string}, name: {type: string}}}
    Product: {type: object, required: [id, category_id], properties: {id: {type: integer}, category_id: {type: integer}, name: {type: string}}}
`)
	for _, c := range d.Collections() {
		if c.Path == "/categories/{slug}/products" {
			require.Equal(t, "slug", c.Parent.Records.Key)
			require.Empty(t, c.Scope)
			return
		}
	}
	require.Fail(t, "there is no such list")
}

// TestEmbeddedOrNull holds that a record that stands beside its key is known as such where it may be null.
func TestEmbeddedOrNull(t *testing.T) {
	d := load(t, `
openapi: 3.1.0
info: {title: t, version: "1"}
components:
  schemas:
    Station: {type: object, properties: {id: {type: integer}, code: {type: string}, name: {type: string}, capacity: {type: integer}}}
    StationRef: {type: object, properties: {id: {type: integer}, code: {type: string}, name: {type: string}}}
    Bike: {type: object, properties: {id: {type: integer}, station_id: {anyOf: [{type: integer}, {type: "null"}]}, station: {anyOf: [{$ref: "#/components/schemas/StationRef"}, {type: "null"}]}}}
paths:
  /stations: {get: {operationId: stations, responses: {"200": {description: All., content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Station"}}}}}}}}
  /bikes: {get: {operationId: bikes, responses: {"200": {description: All., content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Bike"}}}}}}}}
`)
	embeds := collection(t, d, "bikes").Records.Embeds
	require.Len(t, embeds, 1)
	require.Equal(t, "station station_id id", embeds[0].Property+" "+embeds[0].By+" "+embeds[0].Set.Key)
}
