package contract

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// styles is a document with one list of each style: how pages are named, and what surrounds the items.
const styles = `
openapi: 3.0.3
info: {title: styles, version: "1"}
servers: [{url: "https://api.example.com/v1"}]
paths:
  /pages:
    get:
      operationId: pages
      parameters:
        - {name: page, in: query, schema: {type: integer}}
        - {name: per_page, in: query, schema: {type: integer}}
        - {name: sort, in: query, schema: {type: string}}
        - {name: q, in: query, schema: {type: string}}
        - {name: name, in: query, schema: {type: string}}
        - {name: born, in: query, schema: {type: string, format: date-time}}
        - {name: born__gte, in: query, schema: {type: string, format: date-time}}
        - {name: age__lt, in: query, schema: {type: integer}}
        - {name: age__in, in: query, schema: {type: string}}
        - {name: active, in: query, schema: {type: boolean}}
        - {name: team__slug, in: query, schema: {type: string}}
        - {name: nick__isnull, in: query, schema: {type: boolean}}
        - {name: name__icontains, in: query, schema: {type: string}}
        - {name: fields, in: query, schema: {type: string}}
      responses:
        "200":
          description: numbers
          content:
            application/json:
              schema:
                type: object
                required: [pagination, results]
                properties:
                  pagination:
                    type: object
                    required: [next, previous, count, current, total_pages, start_index, end_index]
                    properties:
                      next: {type: number}
                      previous: {type: number}
                      count: {type: number}
                      current: {type: number}
                      total_pages: {type: number}
                      start_index: {type: number}
                      end_index: {type: number}
                  results: {type: array, items: {$ref: "#/components/schemas/Person"}}
      x-understudy: {order: [-born], nulls: last, page: {size: 3, max: 5}}
  /addresses:
    get:
      operationId: addresses
      parameters:
        - {name: page, in: query, schema: {type: integer}}
        - {name: page_size, in: query, schema: {type: integer}}
        - {name: name, in: query, schema: {type: string}}
      responses:
        "200":
          description: links in the body
          content:
            application/json:
              schema:
                type: object
                required: [count, results]
                properties:
                  count: {type: integer}
                  next: {type: string, format: uri, nullable: true}
                  previous: {type: string, format: uri, nullable: true}
                  results: {type: array, items: {$ref: "#/components/schemas/Person"}}
  /teams/{team}/offsets:
    get:
      operationId: offsets
      parameters:
        - {name: team, in: path, required: true, schema: {type: string}}
        - {name: offset, in: query, schema: {type: integer}}
        - {name: limit, in: query, schema: {type: integer, default: 4}}
      responses:
        "200":
          description: a bare array
          headers:
            Link: {schema: {type: string}}
            X-Total-Count: {schema: {type: integer}}
          content:
            application/json:
              schema: {type: array, items: {$ref: "#/components/schemas/Person"}}
  /cursors:
    get:
      operationId: cursors
      parameters:
        - {name: cursor, in: query, schema: {type: string}}
        - {name: limit, in: query, schema: {type: integer}}
      responses:
        "200":
          description: tokens
          content:
            application/json:
              schema:
                type: object
                required: [data, has_more]
                properties:
                  data: {type: array, items: {$ref: "#/components/schemas/Person"}}
                  has_more: {type: boolean}
                  next_cursor: {type: string, nullable: true}
components:
  schemas:
    Person:
      type: object
      required: [id, name]
      properties:
        id: {type: integer, readOnly: true}
        name: {type: string}
        born: {type: string, format: date-time, nullable: true}
        age: {type: integer}
        active: {type: boolean}
        nick: {type: string, nullable: true}
        team:
          type: object
          properties: {slug: {type: string}, title: {type: string}}
`

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
const forms = `
openapi: 3.0.3
info: {title: forms, version: "1"}
paths:
  /zero:
    get:
      operationId: zero
      parameters:
        - {name: "page[number]", in: query, schema: {type: integer, minimum: 0}}
        - {name: "page[size]", in: query, description: "Items on a page, defaults to 25, up to 100.", schema: {type: integer}}
        - {name: sort, in: query, schema: {type: string, enum: [name, "name:desc", born_desc]}}
        - {name: "filter[name]", in: query, schema: {type: string}}
        - {name: "filter[age][gte]", in: query, schema: {type: integer}}
        - {name: born_after, in: query, schema: {type: string, format: date}}
        - {name: born_before, in: query, schema: {type: string, format: date-time}}
        - {name: min_age, in: query, schema: {type: integer}}
        - {name: ages, in: query, schema: {type: string}}
        - {name: ids, in: query, schema: {type: array, items: {type: integer}}}
        - {name: tag, in: query, schema: {type: string}}
        - {name: groups, in: query, schema: {type: array, items: {type: string}}}
        - {name: is_active, in: query, schema: {type: boolean}}
        - {name: age__range, in: query, schema: {type: string}}
        - {name: nick__ne, in: query, schema: {type: string}}
        - {name: teamSlug, in: query, schema: {type: string}}
        - {name: include, in: query, schema: {type: string}}
      responses:
        "200":
          description: HAL
          content:
            application/json:
              schema:
                type: object
                required: [_links, _embedded, page]
                properties:
                  _links:
                    type: object
                    required: [self]
                    properties:
                      self: {$ref: "#/components/schemas/Link"}
                      next: {$ref: "#/components/schemas/Link"}
                      prev: {$ref: "#/components/schemas/Link"}
                  _embedded:
                    type: object
                    properties: {people: {type: array, items: {$ref: "#/components/schemas/Person"}}}
                  page:
                    type: object
                    properties: {size: {type: integer}, totalElements: {type: integer}, totalPages: {type: integer}, number: {type: integer}}
  /keys:
    get:
      operationId: keys
      parameters:
        - {name: starting_after, in: query, schema: {type: integer}}
        - {name: ending_before, in: query, schema: {type: integer}}
        - {name: limit, in: query, schema: {type: integer, default: 10, maximum: 100}}
        - {name: order, in: query, schema: {type: string, enum: [ASC, DESC], default: DESC}}
      responses:
        "200":
          description: Stripe
          content:
            application/json:
              schema:
                type: object
                required: [object, data, has_more, url]
                properties:
                  object: {type: string, enum: [list]}
                  data: {type: array, items: {$ref: "#/components/schemas/Person"}}
                  has_more: {type: boolean}
                  url: {type: string}
  /tokens:
    get:
      operationId: tokens
      parameters:
        - {name: after, in: query, schema: {type: string}}
        - {name: before, in: query, schema: {type: string}}
        - {name: sort_by, in: query, schema: {type: array, items: {type: string}}}
        - {name: sort_dir, in: query, schema: {type: string, enum: [asc, desc]}}
      responses:
        "200":
          description: tokens both ways
          content:
            application/json:
              schema:
                type: object
                required: [people, list_metadata]
                properties:
                  people: {type: array, items: {$ref: "#/components/schemas/Person"}}
                  list_metadata:
                    type: object
                    required: [after, region, when]
                    properties:
                      after: {type: string, nullable: true}
                      before: {type: string, nullable: true}
                      region: {type: string, enum: [eu, us]}
                      when: {type: string, format: date-time}
  /uris:
    get:
      operationId: uris
      parameters:
        - {name: Page, in: query, schema: {type: integer}}
        - {name: PageToken, in: query, schema: {type: string}}
        - {name: PageSize, in: query, schema: {type: integer}}
        - {name: orderBy, in: query, description: "Such as name desc.", example: "name desc", schema: {type: string}}
      responses:
        "200":
          description: Twilio
          content:
            application/json:
              schema:
                type: object
                properties:
                  uris: {type: array, items: {$ref: "#/components/schemas/Person"}}
                  next_page_uri: {type: string, nullable: true}
                  previous_page_uri: {type: string, nullable: true}
                  page_size: {type: integer}
  /ranges:
    get:
      operationId: ranges
      parameters:
        - {name: skip, in: query, schema: {type: integer}}
        - {name: top, in: query, schema: {type: integer}}
        - {name: sort, in: query, schema: {type: array, items: {type: string}}, description: "name,asc or name,desc"}
      responses:
        "200":
          description: a range
          headers:
            Content-Range: {schema: {type: string}}
            Link: {schema: {type: string}}
          content:
            application/json:
              schema: {type: array, items: {$ref: "#/components/schemas/Person"}}
  /infos:
    get:
      operationId: infos
      parameters:
        - {name: cursor, in: query, schema: {type: string}}
        - {name: first, in: query, schema: {type: integer}}
      responses:
        "200":
          description: a connection
          content:
            application/json:
              schema:
                type: object
                properties:
                  data: {type: object, properties: {items: {type: array, items: {$ref: "#/components/schemas/Person"}}}}
                  page_info:
                    type: object
                    properties: {has_next_page: {type: boolean}, end_cursor: {type: string, nullable: true}, total: {type: integer}}
components:
  schemas:
    Link: {type: object, required: [href], properties: {href: {type: string}}}
    Person:
      type: object
      required: [id, name]
      properties:
        id: {type: integer, readOnly: true}
        name: {type: string}
        born: {type: string, format: date-time, nullable: true}
        createdAt: {type: string, format: date-time}
        age: {type: integer}
        active: {type: boolean}
        nick: {type: string, nullable: true}
        tags: {type: array, items: {type: string}}
        groups: {type: array, items: {type: object, properties: {key: {type: string}, title: {type: string}}}}
        team: {type: object, properties: {slug: {type: string}, title: {type: string}}}
`

// crowd are the items of the tables about forms.
var crowd = map[string]string{
	"ada":   `{"id":1,"name":"Ada","born":"1815-12-10T00:00:00Z","age":36,"active":true,"nick":null,"tags":["math","poems"],"groups":[{"key":"g1","title":"One"}]}`,
	"bob":   `{"id":2,"name":"bob","born":"1990-05-01T10:00:00Z","age":5,"active":false,"nick":"B","tags":[],"groups":[]}`,
	"carol": `{"id":3,"name":"Carol","born":"1990-05-03T10:00:00Z","age":40,"active":true,"nick":"C","tags":["poems"],"groups":[{"key":"g2"},{"key":"g1"}],"team":{"slug":"engines"}}`,
}
