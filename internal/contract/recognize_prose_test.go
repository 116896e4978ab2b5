package contract

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// told gives the list of a document whose operation and one parameter are described so.
func told(t *testing.T, description, name, schema, says string) *Collection {
	t.Helper()
	return collection(t, load(t, fmt.Sprintf(`
openapi: 3.0.3
info: {title: t, version: "1"}
paths:
  /books:
    get:
      operationId: books
      description: %q
      parameters:
        - {name: %q, in: query, description: %q, schema: %s}
      responses:
        "200":
          description: Books.
          content:
            application/json:
              schema:
                type: array
                items:
                  type: object
                  properties:
                    id: {type: integer}
                    title: {type: string}
                    blurb: {type: string}
                    author: {type: string}
                    genre: {type: string, enum: [novel, poem, tale]}
                    price: {type: number}
                    opted: {type: boolean}
                    due: {type: string, format: date}
                    created_at: {type: string, format: date-time}
`, description, name, says, schema)), "books")
}

// TestWordedFilters holds which operators the words of a name, and of its description, are taken for.
func TestWordedFilters(t *testing.T) {
	text, number, day := "{type: string}", "{type: number}", "{type: string, format: date}"
	for _, test := range []struct{ name, schema, says, want string }{
		{"author_ne", text, "", "author ≠"},
		{"authorNot", text, "", "author ≠"},
		{"title_contains", text, "", "title contains"},
		{"titleStartsWith", text, "", "title starts with"},
		{"title_ends_with", text, "", "title ends with"},
		{"title_like", text, "", "title contains, any case"},
		{"author_in", text, "", "author one of"},
		{"genre_contains", text, "", ""},
		{"price_contains", number, "", ""},
		{"opted_in", "{type: boolean}", "", ""},
		{"author", text, "One or more authors, separated by commas.", "author one of"},
		{"author", text, "The author.", "author ="},
		{"title", text, "Part of the title.", "title contains, any case"},
		{"title", text, "Titles that start with this.", "title starts with, any case"},
		{"genre", text, "Only genres that contain this.", "genre ="},
		{"due_from", day, "Due on this day or later.", "due ≥"},
		{"due_after", day, "After this day (exclusive).", "due >"},
		{"due_after", day, "", "due ≥ or >"},
	} {
		c := told(t, "", test.name, test.schema, test.says)
		got := ""
		for _, f := range c.Filters {
			got = strings.Join(f.Path, ".") + " " + string(f.Op)
			if f.edge {
				got += " or >"
			}
		}
		require.Equal(t, test.want, got, "%s %q", test.name, test.says)
	}
	require.True(t, told(t, "", "author_ne", text, "").Filters[0].Named())
	require.False(t, told(t, "", "title_like", text, "").Filters[0].Named(), "what LIKE compares is not sure")
}

// TestToldOrder holds which sentences tell the order when none is asked for.
func TestToldOrder(t *testing.T) {
	for _, test := range []struct{ description, says, want string }{
		{"All books, newest first.", "", "-created_at"},
		{"Results are ordered by newest first unless sort says otherwise.", "", "-created_at"},
		{"Oldest items first.", "", "created_at"},
		{"Books are sorted by title.", "", "title"},
		{"All books, sorted by `price` descending.", "", "-price"},
		{"All filters must match. Default order is by title.", "", "title"},
		{"Ordered by what sells.", "", ""},
		{"Books can be sorted by title.", "", ""},
		{"If asked to, the newest come first.", "", ""},
		{"Books that are sorted by nobody. Use sort to have the oldest first.", "", ""},
		{"", "What to sort by. Default: -price.", "-price"},
		{"", "Defaults to title descending.", "-title"},
		{"", "Default: `price,desc` (the dearest first).", "-price"},
		{"", "Default: `price,title`.", "price"},
		{"The newest books (by `created_at`) come first.", "", "-created_at"},
		{"The newest authors come first.", "", ""},
		{"", "The default is what sells.", ""},
		{"", "Sort by one of: title, price.", ""},
	} {
		c := told(t, test.description, "sort", "{type: string}", test.says)
		require.Equal(t, test.want, orderText(c.Ordering.Default), "%q %q", test.description, test.says)
	}
}

// TestToldDays: what is said of days is certain of moments on them if they are days of UTC.
func TestToldDays(t *testing.T) {
	for says, certain := range map[string]bool{
		"Books created on this day (UTC) or earlier": true,
		"Books created on this day or earlier":       false,
	} {
		c := told(t, "", "created_to", "{type: string, format: date}", says)
		it, err := c.Records.Decode([]byte(`{"id": 1, "created_at": "2026-01-02T22:00:00Z"}`))
		require.NoError(t, err)
		require.Equal(t, Verdict{true, certain}, c.Matcher(Query{Filters: []Condition{{"created_to", []string{"2026-01-02"}}}})(it), says)
	}
}

// TestToldNulls holds which sentences tell where null stands whichever the direction, of all properties.
func TestToldNulls(t *testing.T) {
	for says, want := range map[string]string{
		"`title` or `price`. Null comes last in both directions.":                    "last",
		"Books without a price come last, either way.":                               "", // see TestToldNullsOfOne
		"Books that have no value come last, whichever the direction.":               "last",
		"Talks that lack the field come last, in either direction.":                  "last",
		"Nulls are first, whatever the order.":                                       "first",
		"Null comes last.":                                                           "", // downward, too?
		"Sort by title or price, either way. Those with a null price cannot be last": "",
		"": "",
	} {
		require.Equal(t, want, told(t, "", "sort", "{type: string}", says).Ordering.Nulls, says)
	}
}

// TestToldTie: what decides between equal items.
func TestToldTie(t *testing.T) {
	for says, want := range map[string]string{
		"By title or price. Ties are broken by `author`.":       "author",
		"By title; equal ones are ordered by title.":            "title",
		"Ties are broken by what was sold last.":                "",
		"Ties are not broken.":                                  "",
		"Items that are equal may come in whatever order there": "",
	} {
		require.Equal(t, want, told(t, "", "sort", "{type: string}", says).Ordering.Tie(), says)
	}
}

// TestToldNullsOfOne holds that what is said of one property counts for that alone.
func TestToldNullsOfOne(t *testing.T) {
	c := told(t, "", "sort", "{type: string, enum: [title, price]}", "Books without a price come last, either way.")
	require.Empty(t, c.Ordering.Nulls)
	require.Equal(t, map[string]string{"price": "last"}, c.Ordering.nulls)
	for desc, certain := range map[string]bool{"title": false, "price": true} {
		a, err := c.Records.Decode([]byte(`{"title": "a", "price": 1}`))
		require.NoError(t, err)
		b, err := c.Records.Decode([]byte(`{"id": 2}`))
		require.NoError(t, err)
		n, sure := c.Compare(Query{Order: []Order{{desc, true}}}, a, b)
		require.Negative(t, n)
		require.Equal(t, certain, sure, desc)
	}
}

// TestToldNullsBy holds that what is ordered by names the property, too, and that ties are said to be broken upward in either direction, or just broken.
func TestToldNullsBy(t *testing.T) {
	c := told(t, "", "sort", "{type: string, enum: [title, price]}", "Books are last when sorted by `price`, whichever the direction. Items that tie are sorted by id, always upwards.")
	require.Equal(t, map[string]string{"price": "last"}, c.Ordering.nulls)
	require.Equal(t, "id", c.Ordering.Tie())
	require.True(t, c.Ordering.TiesUpward())
	c = told(t, "", "sort", "{type: string, enum: [title, price]}", "Books are last when sorted by `price`. Ties are broken by id.")
	require.Empty(t, c.Ordering.nulls)
	require.Equal(t, "id", c.Ordering.Tie())
	require.False(t, c.Ordering.TiesUpward())
}

// TestToldSpelling holds from what it is known how descending is spelled, and that it is not where nothing tells.
func TestToldSpelling(t *testing.T) {
	for _, test := range []struct {
		name, says string
		want       OrderSpelling
		spelled    bool
	}{
		{"$orderby", "", Blank, true},
		{"$orderby", "One or more of title, price with asc or desc behind, and commas between.", Blank, true},
		{"sort", "A property, followed by `asc` or `desc`.", Blank, true},
		{"sort", "A property, followed by :desc.", Colon, true},
		{"sort", "A property, such as `price desc`.", Blank, true},
		{"sort", "title or price, with a minus for descending.", Minus, true},
		{"sort", "title, -title, price or -price.", Minus, true},
		{"sort", "price:desc is descending.", Colon, true},
		{"sort", "What the list is ordered by, well-known.", Minus, false},
		{"sort", "", Minus, false},
	} {
		o := told(t, "", test.name, "{type: string}", test.says).Ordering
		require.Equal(t, test.want, o.Spelling, "%s %q", test.name, test.says)
		require.Equal(t, test.spelled, o.Spelled(), "%s %q", test.name, test.says)
	}
}

// TestToldSearch holds which sentences tell what a search looks into.
func TestToldSearch(t *testing.T) {
	for says, want := range map[string]string{
		"Searches title and blurb (case-insensitive).": "title, blurb",
		"Part of the title, blurb or author.":          "title, blurb, author",
		"Full-text search in title and author.":        "title, author",
		"Books whose title or blurb has the text.":     "title, blurb",
		"Looks at the title of the author.":            "",
		"Title of a book.":                             "",
		"Matches title and blurb exactly.":             "",
		"Searches everything but not title and blurb.": "",
	} {
		c := told(t, "", "q", "{type: string}", says)
		require.Equal(t, want != "", c.Searches(), says)
		if want != "" {
			require.Equal(t, want, pathsText(c.Search.Paths), says)
		}
	}
	everything := "title, blurb, author, genre, due, created_at"
	for says, want := range map[string]string{
		"Finds books whose title has the text, in upper or lower case.": "title",
		"A part of the title.":              "title",
		"Looks at the title of the author.": everything,
		"The text to search for.":           everything,
		"":                                  everything,
	} {
		c := told(t, "", "q", "{type: string}", says)
		require.False(t, c.Searches(), "that others are not searched is not said: %s", says)
		require.Equal(t, want, pathsText(c.Search.Paths), says)
	}
}

// TestToldSearchInside holds that what people call by several words is found, and that a list of which not all is understood is not taken for the whole.
func TestToldSearchInside(t *testing.T) {
	for says, want := range map[string]string{
		"Parcels whose tracking number, recipient's name or recipient's city contains this, upper or lower case alike.": "trackingNumber, recipient.name, recipient.city true",
		"Looks into the note and the name of the recipient.":                                                            "note, recipient.name true",
		"Searches note, recipient.city or the sender.":                                                                  "note, recipient.city false",
		"Every word has to occur in the note or the name of the sender.":                                                "note, sender_name true",
	} {
		c := collection(t, load(t, fmt.Sprintf(`
openapi: 3.0.3
info: {title: t, version: "1"}
paths:
  /parcels:
    get:
      operationId: parcels
      parameters: [{name: q, in: query, description: "%s", schema: {type: string}}]
      responses:
        "200":
          description: Parcels.
          content:
            application/json:
              schema:
                type: array
                items:
                  type: object
                  properties: {id: {type: integer}, trackingNumber: {type: string}, note: {type: string}, sender_name: {type: string}, recipient: {type: object, properties: {name: {type: string}, city: {type: string}}}}
`, says)), "parcels")
		require.Equal(t, want, fmt.Sprint(pathsText(c.Search.Paths), " ", c.Searches()), says)
	}
}

func TestToldSize(t *testing.T) {
	for says, want := range map[string]int{"25 by default and at most 100": 25, "Page size, 30 items by default": 30, "Default 10": 10} {
		p := told(t, "", "limit", "{type: integer}", says)
		size, _, _, _ := sizeBounds(p.list.Parameter("query", "limit"))
		require.Equal(t, want, size, says)
	}
}

// TestToldOfAll holds what is read of all lists at once: the size of a page, and what a cursor is good for.
func TestToldOfAll(t *testing.T) {
	for says, want := range map[string]struct {
		size  int
		bound bool
	}{
		"`page_size` is 25 unless given, and at most 100.":                                       {25, false},
		"`limit` is 25 unless given.":                                                            {20, false},
		"A `cursor` that comes with other filters than those it was given for is refused (400).": {20, true},
		"A cursor is opaque.":                                                                    {20, false},
	} {
		c := collection(t, load(t, fmt.Sprintf(`
openapi: 3.0.3
info: {title: t, version: "1", description: %q}
paths:
  /books:
    get:
      operationId: books
      parameters: [{name: page_size, in: query, schema: {type: integer}}, {name: cursor, in: query, schema: {type: string}}, {name: author, in: query, schema: {type: integer}}]
      responses: {"200": {description: Books., content: {application/json: {schema: {type: object, properties: {
        next_cursor: {type: string, nullable: true}, books: {type: array, items: {type: object, properties: {id: {type: integer}, author: {type: object, properties: {id: {type: integer}, name: {type: string}}}}}}}}}}}}
`, says)), "books")
		require.Equal(t, want.size, c.Paging.Default, says)
		require.Equal(t, want.bound, c.CursorBound() != "", says)
		require.Equal(t, []string{"author", "id"}, c.Filters[0].Path)
	}
}

// notes is a list as JSON:API has it (https://jsonapi.org/format/).
const notes = `
openapi: 3.0.3
info: {title: t, version: "1"}
paths:
  /notes:
    get:
      operationId: notes
      parameters:
        - {name: "page[after]", in: query, schema: {type: string}}
        - {name: "page[size]", in: query, schema: {type: integer}}
        - {name: sort, in: query, explode: false, schema: {type: array, items: {type: string, enum: [title, -title, stars, -stars]}}}
        - {name: "filter[title]", in: query, schema: {type: string}}
        - {name: "filter[stars][gte]", in: query, schema: {type: integer}}
        - {name: "filter[q]", in: query, schema: {type: string}}
      responses:
        "200":
          description: Notes.
          content:
            application/vnd.api+json:
              schema:
                type: object
                properties:
                  data:
                    type: array
                    items:
                      type: object
                      properties:
                        type: {type: string}
                        id: {type: string}
                        attributes: {type: object, properties: {title: {type: string}, stars: {type: integer}}}
                  links: {type: object, properties: {next: {type: string, nullable: true}}}
  /notes/{id}:
    get:
      operationId: note
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {"200": {description: A note.}}
`

func TestAttributes(t *testing.T) {
	c := collection(t, load(t, notes), "notes")
	var got []string
	for _, f := range c.Filters {
		got = append(got, f.Param+" "+strings.Join(f.Path, ".")+" "+string(f.Op))
	}
	require.Equal(t, []string{"filter[title] attributes.title =", "filter[stars][gte] attributes.stars ≥"}, got)
	require.Equal(t, "filter[q]", c.Search.Param)
	require.Equal(t, "attributes.title", pathsText(c.Search.Paths))
	order := []Order{{"attributes.stars", true}, {"attributes.title", false}}
	_, v := c.Encode(Query{Order: order})
	require.Equal(t, "-stars,title", v.Get("sort"))
	q, err := c.Parse("/notes", v)
	require.NoError(t, err)
	require.Equal(t, order, q.Order)

	page, err := c.Unwrap(Query{}, http.Header{}, []byte(`{"data": [], "links": {"next": "/api/notes?page%5Bsize%5D=2&page%5Bafter%5D=abc"}}`))
	require.NoError(t, err)
	require.Equal(t, &Window{Cursor: "abc"}, page.Next, "an address, though the document does not call it one")
}

// TestBoundedTime holds which point in time a bound means that names none: what is said of it decides, and else it may be any.
func TestBoundedTime(t *testing.T) {
	for _, test := range []struct{ name, says, properties, want string }{
		{"since", "", "created_at", "created_at ≥"},
		{"until", "", "created_at updated_at", "created_at ≤ or updated_at"},
		{"since", "Only what was last updated after this time.", "created_at updated_at closed_at", "updated_at ≥"},
		{"since", "Only what was created after this time.", "created_at updated_at", "created_at ≥"},
		{"before", "Only what was closed before.", "created_at updated_at closed_at", "closed_at ≤"},
		{"since", "Only newer ones.", "created_at updated_at", "created_at ≥ or updated_at"},
		{"after", "Updated or created after.", "created_at updated_at", "created_at ≥ or updated_at"},
		{"since", "Only what has changed since.", "created_at updated_at", "updated_at ≥"},
	} {
		var properties strings.Builder
		for name := range strings.FieldsSeq(test.properties) {
			fmt.Fprintf(&properties, ", %s: {type: string, format: date-time}", name)
		}
		c := collection(t, load(t, fmt.Sprintf(`
openapi: 3.0.3
info: {title: t, version: "1"}
paths:
  /books:
    get:
      operationId: books
      parameters: [{name: %q, in: query, description: %q, schema: {type: string, format: date-time}}]
      responses: {"200": {description: Books., content: {application/json: {schema: {type: array, items: {type: object, properties: {id: {type: integer}%s}}}}}}}
`, test.name, test.says, properties.String())), "books")
		got := ""
		for _, f := range c.Filters {
			got = strings.Join(f.Path, ".") + " " + string(f.Op)
			for _, path := range f.also {
				got += " or " + strings.Join(path, ".")
			}
		}
		require.Equal(t, test.want, got, "%s %q", test.name, test.says)
	}
}

// TestKeys holds which property identifies an item: the one that the path's parameter names counts more than a usual name.
func TestKeys(t *testing.T) {
	for _, test := range []struct{ list, param, properties, want string }{
		{"issues", "issue_number", "id number", "number"},
		{"merge_requests", "mergeRequestIid", "id iid", "iid"},
		{"countries", "country_code", "id code name", "code"},
		{"issues", "issue_id", "id number", "id"},
		{"issues", "number", "id number", "number"},
		{"issues", "phone_number", "id number", "id"},
		{"issues", "issue_title", "id number", "id"},
	} {
		var properties strings.Builder
		for name := range strings.FieldsSeq(test.properties) {
			fmt.Fprintf(&properties, "%s: {type: string}, ", name)
		}
		c := collection(t, load(t, fmt.Sprintf(`
openapi: 3.0.3
info: {title: t, version: "1"}
paths:
  /%[1]s:
    get:
      operationId: list
      responses: {"200": {description: All., content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Item"}}}}}}
  /%[1]s/{%[2]s}:
    get:
      operationId: item
      parameters: [{name: %[2]s, in: path, required: true, schema: {type: string}}]
      responses: {"200": {description: One., content: {application/json: {schema: {$ref: "#/components/schemas/Item"}}}}}
components: {schemas: {Item: {type: object, properties: {%[3]s}}}}
`, test.list, test.param, strings.TrimSuffix(properties.String(), ", "))), "list")
		require.Equal(t, test.want, c.Records.Key, test.param)
	}
}

// TestToldComparison: how values are compared where they are ordered is read from the words of the parameter and of the document.
func TestToldComparison(t *testing.T) {
	item := func(c *Collection, json string) Item {
		it, err := c.Records.Decode([]byte(json))
		require.NoError(t, err)
		return it
	}
	schema := "{type: string, enum: [title, -title, author, genre, due]}"
	for _, x := range []struct {
		says, field, first, second string
		certain                    bool
	}{
		{"Titles are compared without regard to case, genres alphabetically.", "title", `{"title": "anna"}`, `{"title": "Bob"}`, true},
		{"Titles are compared without regard to case, genres alphabetically.", "author", `{"author": "Bob"}`, `{"author": "anna"}`, false},
		{"Not case-insensitive.", "title", `{"title": "Bob"}`, `{"title": "anna"}`, false},
		{"Text is ordered regardless of case.", "author", `{"author": "anna"}`, `{"author": "Bob"}`, true},
		{"By `genre` (poem, novel, tale), not by the alphabet.", "genre", `{"genre": "poem"}`, `{"genre": "novel"}`, true},
		{"`genre` sorts by length (poem, novel, tale).", "genre", `{"genre": "poem"}`, `{"genre": "novel"}`, true},
		{"Sort by genre (poem, novel, tale).", "genre", `{"genre": "novel"}`, `{"genre": "poem"}`, true},
		{"Books without `due` come last in both directions.", "due", `{"due": "2026-01-02"}`, `{"due": null}`, true},
		{"By `genre` (poem, novel, tale).", "genre", `{"genre": "novel"}`, `{"genre": "poem"}`, true},
		{"Values that are null come last, whatever the direction.", "due", `{"due": "2026-01-02"}`, `{"due": null}`, true},
		{"Books without an author come last.", "author", `{"author": "anna"}`, `{"author": null}`, false},
	} {
		c := told(t, "All.", "sort", schema, x.says)
		n, certain := c.Compare(Query{Order: []Order{{x.field, false}}}, item(c, x.first), item(c, x.second))
		require.Negative(t, n, x.says)
		require.Equal(t, x.certain, certain, x.says)
	}
	require.Equal(t, []Order{{"due", true}}, told(t, "All books, the latest first (`-due`) unless `sort` says otherwise.", "author", "{type: string}", "").Ordering.Default)
	require.Empty(t, told(t, "All books, the latest first.", "author", "{type: string}", "").Ordering.Default, "it may be when they are due")
	require.Equal(t, []Order{{"created_at", true}}, told(t, "Lists books, the latest (by `created_at`) first.", "author", "{type: string}", "").Ordering.Default)
}
