package mockserver

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
)

// taggedDocument tells of entity tags in each way that a document can.
const taggedDocument = `
openapi: 3.0.3
info: {title: tagged, version: "1"}
paths:
  /authors:
    get: {responses: {"200": {description: ok, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Author"}}}}}}}
  /authors/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {$ref: "#/components/responses/Author"}, "404": {description: none}}}
    patch: {requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Author"}}}}, responses: {"200": {$ref: "#/components/responses/Author"}}}
  /books:
    get:
      parameters: [{name: page, in: query, schema: {type: integer}}, {name: page_size, in: query, schema: {type: integer}}]
      responses: {"200": {description: ok, headers: {etag: {schema: {type: string}}, Cache-Control: {schema: {type: string, enum: [no-cache]}}}, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Book"}}}}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Book"}}}}
      responses: {"201": {description: ok, headers: {ETag: {required: true, schema: {type: string}}}, content: {application/json: {schema: {$ref: "#/components/schemas/Book"}}}}}
  /books/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    head: {responses: {"200": {description: ok, headers: {X-Seen: {required: true, schema: {type: integer, enum: [7]}}}}, "404": {description: none}}}
    get:
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Book"}}, application/xml: {schema: {$ref: "#/components/schemas/Book"}}}}
        "404": {description: none}
    put:
      parameters: [{name: if-match, in: header, required: true, schema: {type: string}}]
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Book"}}}}
      responses:
        "200": {description: ok, headers: {ETag: {schema: {type: string}}}, content: {application/json: {schema: {type: object, properties: {id: {type: integer}}}}, application/xml: {schema: {$ref: "#/components/schemas/Book"}}}}
        "404": {description: none}
        "412": {description: changed, headers: {ETag: {required: true, schema: {type: string}}}, content: {application/problem+json: {schema: {$ref: "#/components/schemas/Problem"}}}}
    patch:
      requestBody: {content: {application/json: {schema: {type: object, properties: {title: {type: string}}}}}}
      responses: {"204": {description: ok, headers: {ETag: {required: true, schema: {type: string}}}}, "404": {description: none}, "409": {description: no}}
    delete: {responses: {"204": {description: gone}, "404": {description: none}, "428": {description: say which, content: {application/json: {schema: {$ref: "#/components/schemas/Problem"}}}}}}
  /settings:
    get: {responses: {"200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Settings"}, example: {theme: light}}}}}}
    patch:
      parameters: [{name: If-Match, in: header, required: true, schema: {type: string}}]
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Settings"}}}}
      responses: {"200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Settings"}}}}, "400": {description: bad}}
  /notes:
    get: {responses: {"200": {description: ok, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Note"}}}}}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}
      responses: {"201": {description: ok, headers: {ETag: {schema: {type: string}}}, content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}, text/plain: {schema: {type: string}}}}}
  /notes/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}, text/plain: {schema: {type: string}}}}, "404": {description: none}}}
  /report:
    get:
      responses:
        "200":
          description: ok
          headers: {ETag: {schema: {type: string}}}
          content:
            application/json: {schema: {$ref: "#/components/schemas/Report"}, example: {text: fine}}
            text/plain: {schema: {$ref: "#/components/schemas/Report"}, example: {text: fine}}
  /numbered:
    get: {responses: {"200": {description: ok, headers: {ETag: {schema: {type: integer, enum: [12]}}}, content: {application/json: {schema: {type: object, required: [text], properties: {text: {type: string}}}}}}}}
components:
  responses:
    Author: {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Author"}}}}
  schemas:
    Author: {type: object, required: [id, name], properties: {id: {type: integer, readOnly: true}, name: {type: string}}}
    Book: {type: object, required: [id, title, author], properties: {id: {type: integer, readOnly: true}, title: {type: string}, author: {allOf: [{$ref: "#/components/schemas/Author"}], readOnly: true, x-understudy: {record: authors}}}}
    Settings: {type: object, required: [theme], properties: {theme: {type: string}}}
    Note: {type: object, required: [id, text], properties: {id: {type: integer, readOnly: true}, text: {type: string}}}
    Report: {type: object, required: [text], properties: {text: {type: string}}}
    Problem: {type: object, required: [title, status], properties: {title: {type: string}, status: {type: integer}}}
`

// taggedServer plays taggedDocument, with two books of two authors, on a real socket.
func taggedServer(t *testing.T) (url string, mock *Server) {
	t.Helper()
	mock = mockOf(t, taggedDocument, fstest.MapFS{
		"authors.yaml": {Data: []byte("by: name\nrecords:\n  - {id: 1, name: Ann}\n  - {id: 2, name: Bea}\n")},
		"books.yaml":   {Data: []byte("records:\n  - {id: 1, title: First, author: Ann}\n  - {id: 2, title: Second, author: Bea}\n")},
	})
	s := httptest.NewServer(mock)
	t.Cleanup(s.Close)
	return s.URL, mock
}

// exchanged sends one request, with pairs of header names and values, and gives the answer with its body.
func exchanged(t *testing.T, method, url, body string, header ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	require.NoError(t, err)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	a, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	require.NoError(t, err)
	return a, string(b)
}

func TestEntityTags(t *testing.T) {
	url, mock := taggedServer(t)
	tags := map[string]string{}
	for _, c := range []struct {
		says, method, to string
		header           []string // "{a}" is the tag that was called a
		body             string
		status           int
		tag              string // what the tag is called: one that is new, or the one that has the name; "": there is none
		answer           string // "": not looked at
	}{
		// what is read
		{says: "an item has a tag", method: "GET", to: "/books/1", status: 200, tag: "one"},
		{says: "the same for HEAD, which is declared", method: "HEAD", to: "/books/1", status: 200, tag: "one"},
		{says: "and every time", method: "GET", to: "/books/1", status: 200, tag: "one"},
		{says: "another in another media type", method: "GET", to: "/books/1", header: []string{"Accept", "application/xml"}, status: 200, tag: "one as XML"},
		{says: "another item, another tag", method: "GET", to: "/books/2", status: 200, tag: "two"},
		{says: "a list has one", method: "GET", to: "/books", status: 200, tag: "all"},
		{says: "for each page", method: "GET", to: "/books?page_size=1", status: 200, tag: "a page"},
		{says: "what has no state has one", method: "GET", to: "/report", status: 200, tag: "report"},
		{says: "another with the same bytes in another media type", method: "GET", to: "/report", header: []string{"Accept", "text/plain"}, status: 200, tag: "report as text", answer: `{"text":"fine"}`},
		{says: "nobody told of the authors' tags", method: "GET", to: "/authors/1", status: 200},
		{says: "a form that ours do not have", method: "GET", to: "/numbered", status: 200, tag: "12"},

		// If-None-Match
		{says: "the same tag", method: "GET", to: "/books/1", header: []string{"If-None-Match", "{one}"}, status: 304, tag: "one"},
		{says: "weakly the same", method: "GET", to: "/books/1", header: []string{"If-None-Match", "W/{one}"}, status: 304, tag: "one"},
		{says: "one of a list", method: "GET", to: "/books/1", header: []string{"If-None-Match", `"a,b", {two} ,{one}`}, status: 304, tag: "one"},
		{says: "in another line", method: "GET", to: "/books/1", header: []string{"If-None-Match", `"x"`, "If-None-Match", "{one}"}, status: 304, tag: "one"},
		{says: "whatever there is", method: "HEAD", to: "/books/1", header: []string{"If-None-Match", "*"}, status: 304, tag: "one"},
		{says: "none of a list", method: "GET", to: "/books/1", header: []string{"If-None-Match", `"x", {two}`}, status: 200, tag: "one", answer: `{"id":1,"title":"First","author":{"id":1,"name":"Ann"}}`},
		{says: "that of another media type", method: "GET", to: "/books/1", header: []string{"If-None-Match", "{one as XML}"}, status: 200, tag: "one"},
		{says: "what is no tag", method: "GET", to: "/books/1", header: []string{"If-None-Match", "hidden mesa"}, status: 200, tag: "one"},
		{says: "of a list", method: "GET", to: "/books", header: []string{"If-None-Match", "{all}"}, status: 304, tag: "all"},
		{says: "of another page of it", method: "GET", to: "/books?page_size=1", header: []string{"If-None-Match", "{all}"}, status: 200, tag: "a page"},
		{says: "what has no state", method: "GET", to: "/report", header: []string{"If-None-Match", "{report}"}, status: 304, tag: "report"},
		{says: "an unknown item", method: "GET", to: "/books/9", header: []string{"If-None-Match", "*"}, status: 404},
		{says: "by HEAD, too", method: "HEAD", to: "/books/9", status: 404},
		{says: "where there are no tags", method: "GET", to: "/authors/1", header: []string{"If-None-Match", "*"}, status: 200},
		{says: "If-Match comes first", method: "GET", to: "/books/1", header: []string{"If-Match", `"x"`, "If-None-Match", "{one}"}, status: 412},

		// If-Match
		{says: "another tag, in the documented shape", method: "PUT", to: "/books/1", header: []string{"If-Match", `"x"`}, body: `{"title":"New"}`, status: 412, tag: "one", answer: `{"title":"the header If-Match is \"x\"; the entity tag is {one} or {one as XML}","status":412}`},
		{says: "weakly the same is not the same", method: "PUT", to: "/books/1", header: []string{"If-Match", "W/{one}"}, body: `{"title":"New"}`, status: 412, tag: "one"},
		{says: "a bad request is told first", method: "PUT", to: "/books/1", header: []string{"If-Match", `"x"`}, body: `{"title":5}`, status: 400},
		{says: "an unknown item is told first", method: "PUT", to: "/books/9", header: []string{"If-Match", `"x"`}, body: `{"title":"New"}`, status: 404},
		{says: "there must be none, but there is one", method: "PUT", to: "/books/1", header: []string{"If-Match", "*", "If-None-Match", "*"}, body: `{"title":"New"}`, status: 412, tag: "one"},
		{says: "nothing was changed", method: "GET", to: "/books/1", status: 200, tag: "one"},
		{says: "missing, where a parameter requires it", method: "PUT", to: "/books/1", body: `{"title":"New"}`, status: 428},
		{says: "missing, and the request is bad", method: "PUT", to: "/books/1", body: `{"title":5}`, status: 400},
		{says: "missing, where 428 is documented", method: "DELETE", to: "/books/1", status: 428, answer: `{"title":"If-Match: required, but missing","status":428}`},
		{says: "missing, where it need not be there", method: "PATCH", to: "/books/1", body: `{"title":"Newer"}`, status: 204, tag: "one, newer"},
		{says: "what a write gives is what is read", method: "GET", to: "/books/1", status: 200, tag: "one, newer"},
		{says: "the old tag, where 409 is documented and 412 is not", method: "PATCH", to: "/books/1", header: []string{"If-Match", "{one}"}, body: `{"title":"New"}`, status: 409},
		{says: "the old tag", method: "DELETE", to: "/books/1", header: []string{"If-Match", "{one}"}, status: 412},
		{says: "the new tag; the answer shows less than a read", method: "PUT", to: "/books/1", header: []string{"If-Match", `"x", {one, newer}`}, body: `{"title":"Newest"}`, status: 200, tag: "one, newest"},
		{says: "a read has the tag of the write all the same", method: "GET", to: "/books/1", status: 200, tag: "one, newest"},
		{says: "the tag of another media type", method: "GET", to: "/books/1", header: []string{"Accept", "application/xml"}, status: 200, tag: "one, newest as XML"},
		{says: "is as good, and the answer has that of its own", method: "PUT", to: "/books/1", header: []string{"If-Match", "{one, newest as XML}", "Accept", "application/xml"}, body: `{"title":"Newer"}`, status: 200, tag: "one, newer as XML"},
		{says: "as it is read", method: "GET", to: "/books/1", header: []string{"Accept", "application/xml"}, status: 200, tag: "one, newer as XML"},
		{says: "what is as it was has the tag that it had", method: "GET", to: "/books/1", status: 200, tag: "one, newer"},

		// what else changes a tag
		{says: "an author is renamed", method: "PATCH", to: "/authors/1", body: `{"name":"Zoe"}`, status: 200},
		{says: "the book shows it", method: "GET", to: "/books/1", status: 200, tag: "one, by Zoe"},
		{says: "the other does not", method: "GET", to: "/books/2", header: []string{"If-None-Match", "{two}"}, status: 304, tag: "two"},
		{says: "the list does", method: "GET", to: "/books", header: []string{"If-None-Match", "{all}"}, status: 200, tag: "all, by Zoe"},
		{says: "a create", method: "POST", to: "/books", body: `{"title":"Third"}`, status: 201, tag: "three"},
		{says: "gives the tag of the item", method: "GET", to: "/books/3", status: 200, tag: "three"},
		{says: "and the list another", method: "GET", to: "/books", header: []string{"If-None-Match", "{all, by Zoe}"}, status: 200, tag: "all three"},
		{says: "a create where only that tells of tags", method: "POST", to: "/notes", header: []string{"If-Match", `"x"`}, body: `{"text":"new"}`, status: 201, tag: "note"},
		{says: "tells of those of items", method: "GET", to: "/notes/51", header: []string{"If-None-Match", "{note}"}, status: 304, tag: "note"},
		{says: "of a text that no note has", method: "POST", to: "/notes?by=hand", header: []string{"Accept", "text/plain"}, body: `{"text":"newer"}`, status: 201, tag: "text"},
		{says: "as it is read", method: "GET", to: "/notes/52", header: []string{"Accept", "text/plain", "If-None-Match", "{text}"}, status: 304, tag: "text"},
		{says: "not of lists", method: "GET", to: "/notes", status: 200},
		{says: "whatever there is", method: "DELETE", to: "/books/3", header: []string{"If-Match", "*"}, status: 204},
		{says: "the list is as it was", method: "GET", to: "/books", header: []string{"If-None-Match", "{all, by Zoe}"}, status: 304, tag: "all, by Zoe"},

		// what there is only one of
		{says: "it has a tag", method: "GET", to: "/settings", status: 200, tag: "light"},
		{says: "missing, where 400 is documented and 428 is not", method: "PATCH", to: "/settings", body: `{"theme":"dark"}`, status: 400},
		{says: "another", method: "PATCH", to: "/settings", header: []string{"If-Match", `"x"`}, body: `{"theme":"dark"}`, status: 412},
		{says: "its own", method: "PATCH", to: "/settings", header: []string{"If-Match", "{light}"}, body: `{"theme":"dark"}`, status: 200},
		{says: "it has another", method: "GET", to: "/settings", header: []string{"If-None-Match", "{light}"}, status: 200, tag: "dark"},
		{says: "the old one", method: "PATCH", to: "/settings", header: []string{"If-Match", "{light}"}, body: `{"theme":"red"}`, status: 412},
	} {
		filled := func(text string) string {
			for name, tag := range tags {
				text = strings.ReplaceAll(text, "{"+name+"}", tag)
			}
			return text
		}
		for i := range c.header {
			c.header[i] = filled(c.header[i])
		}
		a, body := exchanged(t, c.method, url+c.to, c.body, c.header...)
		require.Equal(t, c.status, a.StatusCode, "%s: %s", c.says, body)
		got := a.Header.Get("ETag")
		switch known, ok := tags[c.tag]; {
		case c.tag == "" || c.tag == "12":
			require.Equal(t, c.tag, got, c.says)
		case ok:
			require.Equal(t, known, got, c.says)
		default:
			require.Regexp(t, `^"[0-9a-f]{32}"$`, got, c.says)
			for name, other := range tags {
				require.NotEqual(t, other, got, "%s: that is the tag of %s", c.says, name)
			}
			tags[c.tag] = got
		}
		if c.status == http.StatusNotModified {
			require.Empty(t, body, c.says)
			require.NotContains(t, a.Header, "Content-Length", c.says)
			require.NotContains(t, a.Header, "Content-Type", c.says)
		}
		if c.to == "/books" && c.method == "GET" {
			require.Equal(t, "no-cache", a.Header.Get("Cache-Control"), c.says)
		}
		if c.method == "HEAD" && c.status != http.StatusNotFound {
			require.Equal(t, "7", a.Header.Get("X-Seen"), c.says)
		}
		if c.answer != "" {
			want := c.answer
			for name, tag := range tags {
				quoted, _ := json.Marshal(tag)
				want = strings.ReplaceAll(want, "{"+name+"}", string(quoted[1:len(quoted)-1]))
			}
			require.JSONEq(t, want, body, c.says)
		}
	}
	mock.Reset()
	for to, name := range map[string]string{"/books/1": "one", "/books": "all", "/settings": "light"} {
		a, _ := exchanged(t, "GET", url+to, "")
		require.Equal(t, tags[name], a.Header.Get("ETag"), "after a reset, %s is as it was", to)
	}
}

// TestConditionsAreThoseOfNetHTTP compares the answers to conditions with those of a server that knows nothing of ours: net/http's own, for files.
func TestConditionsAreThoseOfNetHTTP(t *testing.T) {
	url, _ := taggedServer(t)
	a, body := exchanged(t, "GET", url+"/books/1", "")
	tag := a.Header.Get("ETag")
	conditions := []string{"*", tag, "W/" + tag, `"x"`, `W/"x"`, `"x", ` + tag, `"x",` + tag + `,"y"`, `W/"x" , W/` + tag, strings.Trim(tag, `"`), tag[:len(tag)-1], `""`, `"a,b", ` + tag}
	conditions = append(conditions, "") // which leaves the header out
	for _, method := range []string{"GET", "HEAD", "PUT"} {
		for _, match := range conditions {
			for _, none := range conditions {
				var header []string
				if match != "" {
					header = append(header, "If-Match", match)
				}
				if none != "" {
					header = append(header, "If-None-Match", none)
				}
				if method == "PUT" && match == "" {
					continue // which has to have one here
				}
				r, w := httptest.NewRequest(method, "/", nil), httptest.NewRecorder()
				for i := 0; i < len(header); i += 2 {
					r.Header.Set(header[i], header[i+1])
				}
				w.Header().Set("ETag", tag)
				http.ServeContent(w, r, "book.json", time.Time{}, strings.NewReader(body))
				sent := ""
				if method == "PUT" {
					sent = `{"title":"First"}` // as it is already
				}
				a, _ := exchanged(t, method, url+"/books/1", sent, header...)
				require.Equal(t, w.Code, a.StatusCode, "%s %s", method, header)
			}
		}
	}
}

// TestNoWriteIsLost lets clients count in one record at once, each with a read, and a write on the condition that nobody else wrote since. Every count is there in the
// end, and each tag let one write through.
func TestNoWriteIsLost(t *testing.T) {
	url, _ := taggedServer(t)
	const clients, counts = 8, 12
	count := func(tags map[string]int) error {
		for {
			read, err := http.Get(url + "/books/1")
			if err != nil {
				return err
			}
			var book struct{ Title string }
			err = json.NewDecoder(read.Body).Decode(&book)
			read.Body.Close()
			if err != nil {
				return err
			}
			n := 0
			_, _ = fmt.Sscan(book.Title, &n) // "First" counts as 0
			write, err := http.NewRequest("PUT", url+"/books/1", bytes.NewBufferString(fmt.Sprintf(`{"title":"%d"}`, n+1)))
			if err != nil {
				return err
			}
			write.Header.Set("Content-Type", "application/json")
			write.Header.Set("If-Match", read.Header.Get("ETag"))
			wrote, err := http.DefaultClient.Do(write)
			if err != nil {
				return err
			}
			wrote.Body.Close()
			switch wrote.StatusCode {
			case http.StatusOK:
				tags[read.Header.Get("ETag")]++
				return nil
			case http.StatusPreconditionFailed: // somebody else was faster: once more
			default:
				return fmt.Errorf("a write is answered with %s", wrote.Status)
			}
		}
	}
	var wg sync.WaitGroup
	errs, tags := make([]error, clients), make([]map[string]int, clients)
	for i := range clients {
		wg.Go(func() {
			tags[i] = map[string]int{}
			for range counts {
				if errs[i] = count(tags[i]); errs[i] != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	used := map[string]int{}
	for i := range clients {
		require.NoError(t, errs[i])
		for tag, n := range tags[i] {
			used[tag] += n
		}
	}
	_, body := exchanged(t, "GET", url+"/books/1", "")
	require.Contains(t, body, fmt.Sprintf(`"title":"%d"`, clients*counts))
	require.Len(t, used, clients*counts, "each tag let one write through")
}

// TestNoTagsWhereNobodyTellsOfThem: a document without entity tags is played as if there were none.
func TestNoTagsWhereNobodyTellsOfThem(t *testing.T) {
	mock := mockOf(t, singleDocument, nil)
	require.Empty(t, mock.tagged)
	a := ask(mock, "GET", "/settings", "", "")
	require.NotContains(t, a.Header(), "Etag")
}
