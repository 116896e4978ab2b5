package contracttest_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"understudy/contracttest"
)

// bulletinDocument says in x-understudy which properties a search looks into, and in prose what servers do with what is empty, unknown or not there.
const bulletinDocument = `
openapi: 3.0.3
info: {title: Notes, version: "1"}
paths:
  /notes:
    get:
      operationId: listNotes
      description: Notes that pass every filter and the search. A filter that is empty counts as not sent.
      x-understudy: {order: [-rank], orderable: [rank, title], page: {size: 20, max: 100}, search: [title, author, due]}
      parameters:
        - {name: page, in: query, schema: {type: integer}}
        - {name: page_size, in: query, schema: {type: integer}}
        - {name: ordering, in: query, description: "A property, or several joined by commas. Anything else is dropped without an error.", schema: {type: string}}
        - {name: search, in: query, description: "Words, separated by spaces or commas, each of which stands in title, author or due.", schema: {type: string}}
        - {name: author, in: query, description: The whole name., schema: {type: string}}
        - {name: due, in: query, description: At exactly this moment., schema: {type: string, format: date-time}}
        - {name: tag, in: query, description: Notes that have this tag., schema: {type: string}}
        - {name: rank__lte, in: query, schema: {type: integer}}
        - {name: title__istartswith, in: query, schema: {type: string}}
        - {name: title__icontains, in: query, schema: {type: string}}
      responses:
        "200":
          description: A page.
          content: {application/json: {schema: {type: object, required: [count, results], properties: {count: {type: integer}, results: {type: array, items: {$ref: "#/components/schemas/Note"}}}}}}
        "400": {description: Refused., content: {application/json: {schema: {type: object}}}}
    post:
      operationId: createNote
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}
      responses:
        "201": {description: It., content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}
        "400": {description: Refused., content: {application/json: {schema: {type: object}}}}
  /notes/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      operationId: getNote
      responses: {"200": {description: It., content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}, "404": {description: There is none.}}
    delete:
      operationId: deleteNote
      responses: {"204": {description: Gone.}, "404": {description: There is none.}}
  /notes/{id}/links:
    parameters: [{name: id, in: path, required: true, description: An id that no note has is answered with 404., schema: {type: integer}}]
    get:
      operationId: listLinks
      responses: {"200": {description: All., content: {application/json: {schema: {type: array, items: {type: object, required: [id], properties: {id: {type: integer}}}}}}}, "404": {description: There is none.}}
components:
  schemas:
    Note:
      type: object
      required: [title, author, rank]
      properties:
        id: {type: integer, readOnly: true}
        title: {type: string, minLength: 1, maxLength: 80}
        author: {type: string, minLength: 1, maxLength: 80}
        rank: {type: integer, minimum: -100000, maximum: 100000}
        due: {type: string, format: date-time, nullable: true}
        tags: {type: array, items: {type: string, maxLength: 20}}
`

type posted struct {
	ID     int      `json:"id"`
	Title  string   `json:"title"`
	Author string   `json:"author"`
	Rank   int      `json:"rank"`
	Due    *string  `json:"due"`
	Tags   []string `json:"tags"`
}

// bulletin is a service that keeps bulletinDocument, but for a fault.
type bulletin struct {
	fault  string
	all    []posted
	last   int
	seeded int
}

func newBulletin(fault string) *bulletin {
	s := &bulletin{fault: fault}
	words := []string{"meadow", "harbour", "lantern", "orchard", "quarry"}
	for i := range 45 {
		s.last++
		n := posted{s.last, fmt.Sprintf("%s memo no%02d", words[i%5], i), []string{"Ingrid Solberg", "Paolo Marchesi", "Wei Chen", "Ingrid"}[i%4], i*37%90 - 40, nil, []string{}}
		if i%3 > 0 {
			due := fmt.Sprintf("2031-0%d-1%dT08:00:0%dZ", 1+i%9, i%7, i%10)
			if i%3 == 2 {
				due = strings.Replace(due, "Z", fmt.Sprintf(".%03dZ", 100+i), 1)
			}
			n.Due = &due
		}
		if i%2 == 0 {
			n.Tags = []string{[]string{"red", "red-hot", "plain"}[i%3]}
		}
		s.all = append(s.all, n)
	}
	s.seeded = s.last
	return s
}

func (s *bulletin) says(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func (s *bulletin) refuses(w http.ResponseWriter, name, why string) {
	s.says(w, http.StatusBadRequest, map[string]any{name: []string{why}})
}

// finds tells whether a word stands in what is searched of a note.
func (s *bulletin) finds(n posted, word string) bool {
	texts := []string{n.Title, n.Author}
	if n.Due != nil && s.fault != "search without due" {
		texts = append(texts, *n.Due)
	}
	return slices.ContainsFunc(texts, func(text string) bool {
		text = strings.ToLower(text)
		switch {
		case s.fault == "search by whole words":
			return slices.Contains(strings.Fields(text), word)
		case s.fault == "search by eight letters":
			return strings.Contains(text, word[:min(len(word), 8)])
		case s.fault == "search by LIKE" && strings.Contains(word, "_"):
			before, after, _ := strings.Cut(word, "_")
			i := strings.Index(text, before)
			return i >= 0 && len(text) > i+len(before) && strings.HasPrefix(text[i+len(before)+1:], after)
		}
		return strings.Contains(text, word)
	})
}

func (s *bulletin) list(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	keep := slices.Clone(s.all)
	only := func(fits func(n posted) bool) {
		keep = slices.DeleteFunc(keep, func(n posted) bool { return !fits(n) })
	}
	if author := q.Get("author"); author != "" {
		if s.fault == "a quote fails" && strings.Contains(author, "'") {
			s.says(w, http.StatusInternalServerError, map[string]any{"detail": "syntax"})
			return
		}
		only(func(n posted) bool { return n.Author == author })
		if s.fault == "nobody is 404" && len(keep) == 0 {
			http.Error(w, "Not found", http.StatusNotFound)
			return
		}
	}
	if due := q.Get("due"); due != "" {
		at, err := time.Parse(time.RFC3339, due)
		if err != nil {
			s.refuses(w, "due", "Enter a valid date/time.")
			return
		}
		only(func(n posted) bool {
			if n.Due == nil {
				return false
			}
			own, _ := time.Parse(time.RFC3339, *n.Due)
			return own.Equal(at) && !(s.fault == "fractions are never found" && own.Nanosecond() > 0)
		})
	}
	if tag := q.Get("tag"); tag != "" {
		only(func(n posted) bool {
			return slices.ContainsFunc(n.Tags, func(t string) bool { return t == tag || s.fault == "a part of a tag" && strings.Contains(t, tag) })
		})
	}
	if most := q.Get("rank__lte"); most != "" {
		limit, err := strconv.Atoi(most)
		if err != nil {
			s.refuses(w, "rank__lte", "Enter a number.")
			return
		}
		only(func(n posted) bool {
			if s.fault == "bounds without signs" {
				return max(n.Rank, -n.Rank) <= limit
			}
			return n.Rank <= limit
		})
	}
	if begin := strings.ToLower(q.Get("title__istartswith")); begin != "" {
		only(func(n posted) bool {
			return strings.HasPrefix(strings.ToLower(n.Title), begin) || s.fault == "beginnings anywhere" && strings.Contains(strings.ToLower(n.Title), begin)
		})
	}
	if part := q.Get("title__icontains"); part != "" {
		only(func(n posted) bool {
			if s.fault == "icontains heeds case" {
				return strings.Contains(n.Title, part)
			}
			return strings.Contains(strings.ToLower(n.Title), strings.ToLower(part))
		})
	}
	cut := func(c rune) bool { return c == ' ' || c == ',' && s.fault != "commas join words" }
	words := strings.FieldsFunc(strings.ToLower(q.Get("search")), cut)
	for _, word := range words {
		only(func(n posted) bool { return s.finds(n, word) })
	}
	if s.fault == "search gives ten" && len(words) > 0 {
		keep = keep[:min(len(keep), 10)]
	}
	s.order(keep, q.Get("ordering"), len(words) > 0)
	s.page(w, r, keep)
}

// order sorts notes: the youngest of those that tie comes first.
func (s *bulletin) order(keep []posted, ordering string, searched bool) {
	var names []string
	unknown := false
	for _, name := range strings.Split(ordering, ",") {
		if plain := strings.TrimPrefix(name, "-"); plain == "rank" || plain == "title" {
			names = append(names, name)
		} else if name != "" {
			unknown = true
		}
	}
	if len(names) == 0 || s.fault == "search forgets the order" && searched || s.fault == "unknown names reset the order" && unknown {
		names = []string{"-rank"}
	}
	slices.SortFunc(keep, func(a, b posted) int {
		if s.fault == "what is new comes last" && a.ID > s.seeded != (b.ID > s.seeded) {
			return cmp.Compare(a.ID, b.ID)
		}
		for _, name := range names {
			n := cmp.Compare(a.Rank, b.Rank)
			if strings.HasSuffix(name, "title") {
				n = cmp.Compare(a.Title, b.Title)
			}
			if name[0] == '-' {
				n = -n
			}
			if n != 0 {
				return n
			}
		}
		return cmp.Compare(b.ID, a.ID)
	})
}

func (s *bulletin) page(w http.ResponseWriter, r *http.Request, keep []posted) {
	number := func(name string, most, otherwise int) (int, bool) {
		text := r.URL.Query().Get(name)
		if text == "" {
			return otherwise, true
		}
		n, err := strconv.Atoi(text)
		return min(n, most), err == nil && n > 0
	}
	page, ok := number("page", 1e6, 1)
	size, ok2 := number("page_size", 100, 20)
	first := (page - 1) * size
	switch {
	case !ok || page > 1 && first >= len(keep) || s.fault == "an empty page is none" && len(keep) == 0:
		s.refuses(w, "page", "Invalid page.")
	case !ok2:
		s.refuses(w, "page_size", "A valid integer is required.")
	default:
		s.says(w, http.StatusOK, map[string]any{"count": len(keep), "results": keep[first:min(first+size, len(keep))]})
	}
}

func (s *bulletin) create(w http.ResponseWriter, r *http.Request) {
	sent, _ := io.ReadAll(r.Body)
	var n posted
	var given map[string]any
	if json.Unmarshal(sent, &given) != nil || json.Unmarshal(sent, &n) != nil {
		s.refuses(w, "body", "Must be an object.")
		return
	}
	_, ranked := given["rank"].(float64)
	short := func(text string) bool { return text != "" && len([]rune(text)) <= 80 }
	if n.Tags == nil {
		if _, ok := given["tags"]; ok {
			s.refuses(w, "tags", "May not be null.")
			return
		}
		n.Tags = []string{}
	}
	if n.Due != nil {
		if _, err := time.Parse(time.RFC3339, *n.Due); err != nil {
			s.refuses(w, "due", "Must be a date-time.")
			return
		}
	}
	if !short(n.Title) || !short(n.Author) || !ranked || max(n.Rank, -n.Rank) > 100000 || slices.ContainsFunc(n.Tags, func(t string) bool { return len([]rune(t)) > 20 }) {
		s.refuses(w, "title", "Not valid, or another property is not.")
		return
	}
	s.last++
	n.ID = s.last
	s.all = append(s.all, n)
	s.says(w, http.StatusCreated, n)
}

func (s *bulletin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	reads := r.Method == http.MethodGet || r.Method == http.MethodHead
	if parts[0] != "notes" || len(parts) > 3 || len(parts) == 3 && parts[2] != "links" {
		http.NotFound(w, r)
		return
	}
	if len(parts) == 1 {
		switch {
		case reads:
			s.list(w, r)
		case r.Method == http.MethodPost:
			s.create(w, r)
		default:
			w.Header().Set("Allow", "GET, HEAD, POST")
			w.WriteHeader(http.StatusMethodNotAllowed)
		}
		return
	}
	i := slices.IndexFunc(s.all, func(n posted) bool { return strconv.Itoa(n.ID) == parts[1] })
	links := len(parts) == 3
	switch {
	case !reads && (links || r.Method != http.MethodDelete):
		w.Header().Set("Allow", "GET, HEAD")
		w.WriteHeader(http.StatusMethodNotAllowed)
	case links && i < 0 && s.fault == "links of nothing":
		s.says(w, http.StatusOK, []any{})
	case i < 0 || links && s.fault == "no links of new notes" && s.all[i].ID > s.seeded:
		http.NotFound(w, r)
	case links:
		s.says(w, http.StatusOK, []any{})
	case reads:
		s.says(w, http.StatusOK, s.all[i])
	default:
		s.all = slices.Delete(s.all, i, i+1)
		w.WriteHeader(http.StatusNoContent)
	}
}

// TestWhatIsFound: what a search and filters find of a service that keeps its document, and of one that does not.
func TestWhatIsFound(t *testing.T) {
	doc := openText(t, bulletinDocument)
	for fault, rule := range map[string]string{
		"":                              "",
		"search gives ten":              "search/found",
		"search without due":            "search/found",
		"search by whole words":         "search/found",
		"search by eight letters":       "search/none",
		"search by LIKE":                "search/plain",
		"commas join words":             "search/narrower",
		"search forgets the order":      "order/sorted",
		"unknown names reset the order": "order/unknown",
		"what is new comes last":        "crud/create-list",
		"nobody is 404":                 "filter/none",
		"an empty page is none":         "search/none",
		"a quote fails":                 "value/odd",
		"fractions are never found":     "filter/complete",
		"a part of a tag":               "filter/sound",
		"bounds without signs":          "filter/complete",
		"beginnings anywhere":           "filter/none",
		"icontains heeds case":          "filter/spelling",
		"links of nothing":              "read/unknown",
		"no links of new notes":         "crud/create-read",
	} {
		t.Run(cmp.Or(fault, "honest"), func(t *testing.T) {
			sampled(t)
			target := contracttest.Target{Handler: newBulletin(fault), Writes: true, Workers: 1}
			if fault != "" {
				target.Include = []string{rule}
			}
			r := check(t, doc, target)
			var rules []string
			for _, f := range r.Findings {
				rules = append(rules, f.Rule)
			}
			if fault == "" {
				require.Empty(t, r.Findings, "%s", text(r))
			} else {
				require.Contains(t, rules, rule, "%s", text(r))
			}
		})
	}
}

// TestItemsThatGoAway: items that go away by themselves while a check runs are not held against the server.
func TestItemsThatGoAway(t *testing.T) {
	doc := openText(t, bulletinDocument)
	for after := 2; after < 60; after += 6 {
		s, n := newBulletin(""), 0
		s.all = s.all[:13]
		r := check(t, doc, contracttest.Target{Workers: 1, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if n++; n%after == 0 && n/after < 6 && len(s.all) > 4 {
				s.all = slices.Delete(s.all, n%len(s.all), n%len(s.all)+1)
			}
			s.ServeHTTP(w, r)
		})})
		require.Empty(t, r.Findings, "every %d requests: %s", after, text(r))
	}
}
