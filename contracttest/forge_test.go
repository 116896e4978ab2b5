package contracttest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"understudy/contracttest"
)

// forge is a document that leaves to the reader what people know: which number leads to an order, what a shop is called, which time since is about.
const forge = `
openapi: 3.0.3
info: {title: Forge, version: "1"}
paths:
  /{owner}/{shop}/orders:
    parameters:
      - {name: owner, in: path, required: true, example: acme, schema: {type: string}}
      - {name: shop, in: path, required: true, schema: {type: string, enum: [rocket]}}
    get:
      operationId: orders
      parameters:
        - {name: page, in: query, required: true, schema: {type: integer, minimum: 1}}
        - {name: per_page, in: query, schema: {type: integer, maximum: 100, default: 30}}
        - {name: state, in: query, schema: {type: string, enum: [open, closed, all], default: open}}
        - {name: label, in: query, description: One or more labels, style: form, explode: false, schema: {type: array, items: {$ref: "#/components/schemas/Label"}}}
        - {name: since, in: query, %s schema: {type: string, format: date-time}}
        - {name: created_after, in: query, description: Created then or later., schema: {type: string, format: date-time}}
        - {name: min_total, in: query, schema: {$ref: "#/components/schemas/Money"}}
        - {name: note, in: query, schema: {type: string}}
        - {name: q, in: query, description: Text in number or note, schema: {type: string}}
        - {name: creator, in: query, description: Who placed the order., schema: {type: string}}
        - {name: tools, in: query, description: Comma separated names of tools., schema: {type: string}}
        - {name: sort, in: query, schema: {type: string, enum: [total, -total, weight, -weight]}}
      responses:
        "200": {description: Orders., headers: {Link: {schema: {type: string}}}, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Order"}}}}}
        "400": {description: Not understood.}
  /{owner}/{shop}/orders/{%s}:
    parameters:
      - {name: owner, in: path, required: true, schema: {type: string}}
      - {name: shop, in: path, required: true, schema: {type: string}}
      - {name: %[2]s, in: path, required: true, schema: {type: integer}}
    get:
      operationId: order
      responses:
        "200": {description: An order., content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}
        "404": {description: None.}
components:
  schemas:
    Money: {type: string, pattern: '^\d+\.\d\d$'}
    Label: {type: string, enum: [bug, docs, help, ui, wish]}
    Order:
      type: object
      required: [id, number, state, label, user, tools, total, weight, note, created_at, updated_at]
      properties:
        id: {type: integer}
        number: {type: integer}
        state: {type: string, enum: [open, closed]}
        label: {$ref: "#/components/schemas/Label"}
        user: {type: object, required: [id, login], properties: {id: {type: integer}, login: {type: string}}}
        tools: {type: array, items: {type: object, required: [name], properties: {name: {type: string}}}}
        total: {$ref: "#/components/schemas/Money"}
        weight: {type: string}
        note: {type: string}
        created_at: {type: string, format: date-time}
        updated_at: {type: string, format: date-time}
`

type order struct {
	ID        int    `json:"id"`
	Number    int    `json:"number"`
	State     string `json:"state"`
	Label     string `json:"label"`
	User      user   `json:"user"`
	Tools     []tool `json:"tools"`
	Total     string `json:"total"`
	Weight    string `json:"weight"`
	Note      string `json:"note"`
	CreatedAt string `json:"created_at"`
	UpdatedAt string `json:"updated_at"`
	cents     int
	grams     int
	created   time.Time
	updated   time.Time
}

type user struct {
	ID    int    `json:"id"`
	Login string `json:"login"`
}

type tool struct {
	Name string `json:"name"`
}

// smithy serves what the forge describes, written by hand. Odd is a fault, or something that is legal.
type smithy struct {
	orders []order
	odd    string
}

func newSmithy(odd string) *smithy {
	s := &smithy{odd: odd}
	start := time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC)
	for i := range 60 {
		o := order{ID: 900_000 + i*7, Number: 2000 - i, State: []string{"open", "open", "closed"}[i%3], Label: []string{"bug", "docs", "help", "ui", "wish"}[i%5], cents: (i * 977) % 21000, grams: (i * 37) % 1200}
		o.created = start.Add(time.Duration(i) * time.Hour)
		o.updated = o.created.Add(time.Duration(i%9) * 5 * time.Hour)
		if strings.HasPrefix(odd, "few are updated") && i%20 != 13 {
			o.updated = o.created
		}
		who := []string{"Ada", "brock", "Cleo"}[i*i%7%3]
		o.User = user{ID: len(who), Login: who}
		for k, name := range []string{"anvil", "tongs", "hammer"} {
			if (i>>k)&1 == 1 {
				o.Tools = append(o.Tools, tool{name})
			}
		}
		if o.Tools == nil {
			o.Tools = []tool{}
		}
		o.Total, o.Weight = fmt.Sprintf("%d.%02d", o.cents/100, o.cents%100), strconv.Itoa(o.grams)
		o.Note = []string{"Repair Anvil", "Polish the Horseshoe", "Sharpen Every Blade"}[i%3] + " " + string(rune('A'+i%26)) + fmt.Sprint(i/2)
		o.CreatedAt, o.UpdatedAt = o.created.Format(time.RFC3339), o.updated.Format(time.RFC3339)
		s.orders = append(s.orders, o)
	}
	return s
}

func (s *smithy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	q := r.URL.Query()
	answer := func(v any) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v)
	}
	switch {
	case len(parts) < 3 || parts[0] != "acme" || parts[1] != "rocket" || parts[2] != "orders" || len(parts) > 4:
		w.WriteHeader(http.StatusNotFound)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		w.WriteHeader(http.StatusMethodNotAllowed)
	case len(parts) == 4:
		i := slices.IndexFunc(s.orders, func(o order) bool { return strconv.Itoa(o.Number) == parts[3] })
		if i < 0 || s.odd == "nothing is found" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		o := s.orders[i]
		if s.odd == "another note" {
			o.Note += "!"
		}
		answer(o)
	default:
		page, err := strconv.Atoi(q.Get("page"))
		if err != nil || page < 1 || !understood(q) {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		size, err := strconv.Atoi(q.Get("per_page"))
		if err != nil || size < 1 {
			size = 30
		}
		size = min(size, 100)
		if s.odd == "pages are cut to fifty" {
			size = min(size, 50)
		}
		found := slices.DeleteFunc(slices.Clone(s.orders), func(o order) bool { return !s.fits(o, q.Get) })
		s.sort(found, q.Get("sort"))
		from := min((page-1)*size, len(found))
		if page > 1000 {
			from = len(found)
		}
		rows := slices.Clone(found[from:min(from+size, len(found))])
		if links := s.links(r, page, size, len(rows), len(found)); links != "" && s.odd != "no links" {
			w.Header().Set("Link", links)
		}
		answer(rows)
	}
}

// links leads to the next page and to the last (RFC 8288).
func (s *smithy) links(r *http.Request, page, size, rows, all int) string {
	last := max(1, (all+size-1)/size)
	more := page < last
	if s.odd == "a full page leads on" {
		more = rows == size
	}
	if !more {
		return ""
	}
	to := func(rel string, page int) string {
		q := r.URL.Query()
		q.Set("page", strconv.Itoa(page))
		return fmt.Sprintf(`<%s?%s>; rel="%s"`, r.URL.Path, q.Encode(), rel)
	}
	if s.odd == "the last page is behind the end" {
		last++
	}
	return to("next", page+1) + ", " + to("last", last)
}

// understood tells whether the filters have values that can be read.
func understood(q url.Values) bool {
	for name, valid := range map[string]string{
		"since": `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[-+]\d\d:\d\d)$`, "created_after": `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[-+]\d\d:\d\d)$`,
		"min_total": `^\d+\.\d\d$`, "state": `^(open|closed|all)$`, "label": `^(bug|docs|help|ui|wish|,)+$`, "q": `^[^\x00]*$`, "sort": `^-?(total|weight)$`,
	} {
		if v := q.Get(name); v != "" && !regexp.MustCompile(valid).MatchString(v) {
			return false
		}
	}
	return true
}

func (s *smithy) fits(o order, get func(string) string) bool {
	later := get("page") != "1"
	cents := func(text string) int { n, _ := strconv.Atoi(strings.Replace(text, ".", "", 1)); return n }
	state := get("state")
	switch {
	case state == "" && s.odd != "all are the open ones", state == "all" && s.odd == "all are the open ones":
		state = "open"
	case state == "all" && s.odd == "all are the closed ones":
		state = "closed"
	}
	if s.odd == "all without being asked" && get("state") == "" {
		state = "all"
	}
	moment := func(name string) time.Time {
		text := get(name)
		if s.odd == "the offset is lost" && len(text) > 19 {
			text = text[:19] + "Z"
		}
		at, _ := time.Parse(time.RFC3339Nano, text)
		return at
	}
	since := o.updated
	if s.odd == "since is of the creation" || s.odd == "few are updated, and since is of the creation" {
		since = o.created
	}
	labels := strings.Split(get("label"), ",")
	if s.odd == "a label lets another through" && slices.Contains(labels, "ui") {
		labels = append(labels, "wish")
	}
	tools := func(name string) bool { return slices.Contains(o.Tools, tool{name}) }
	wanted := strings.Split(get("tools"), ",")
	if s.odd == "only the first tool counts" {
		wanted = wanted[:1]
	}
	usable := !slices.ContainsFunc(wanted, func(name string) bool { return !tools(name) })
	if s.odd == "any tool does" {
		usable = slices.ContainsFunc(wanted, tools)
	}
	creator := get("creator")
	whose := creator == "" || o.User.Login == creator
	switch s.odd {
	case "creators by number":
		whose = creator == "" || strconv.Itoa(o.User.ID) == creator
	case "creators in small letters":
		whose = creator == "" || o.User.Login == strings.ToLower(creator)
	case "later pages are of every creator":
		whose = whose || later
	}
	enough := o.cents >= cents(get("min_total"))
	switch s.odd {
	case "totals as texts":
		enough = o.Total >= get("min_total")
	case "more than the least total":
		enough = get("min_total") == "" || o.cents > cents(get("min_total"))
	}
	note := o.Note == get("note")
	if s.odd == "notes by LIKE" {
		note = like(o.Note, get("note"))
	}
	text := strings.ToLower(get("q"))
	found := strings.Contains(strings.ToLower(o.Note), text) || strings.Contains(strconv.Itoa(o.Number), text)
	switch s.odd {
	case "only numbers are searched":
		found = strings.Contains(strconv.Itoa(o.Number), text)
	case "only notes are searched":
		found = strings.Contains(strings.ToLower(o.Note), text)
	case "only beginnings are searched":
		found = strings.HasPrefix(strings.ToLower(o.Note), text) || strings.HasPrefix(strconv.Itoa(o.Number), text)
	case "later pages are not searched":
		found = found || later
	}
	return whose && (get("tools") == "" || usable) && (state == "" || state == "all" || o.State == state || s.odd == "every state is open" && state == "closed") &&
		(get("label") == "" || slices.Contains(labels, o.Label)) && (get("since") == "" || s.odd == "since is ignored" || !since.Before(moment("since"))) &&
		(get("created_after") == "" || !o.created.Before(moment("created_after"))) && (get("min_total") == "" || enough) && (get("note") == "" || note) && (text == "" || found)
}

// like compares as SQL's LIKE does, with _ for any letter.
func like(text, pattern string) bool {
	if len(text) != len(pattern) {
		return false
	}
	for i := range len(text) {
		if text[i] != pattern[i] && pattern[i] != '_' {
			return false
		}
	}
	return true
}

func (s *smithy) sort(orders []order, by string) {
	name, down := strings.CutPrefix(by, "-")
	sign := 1
	if down {
		sign = -1
	}
	switch {
	case name == "total" && s.odd == "totals sorted as texts":
		slices.SortStableFunc(orders, func(a, b order) int { return sign * strings.Compare(a.Total, b.Total) })
	case name == "total":
		slices.SortStableFunc(orders, func(a, b order) int { return sign * (a.cents - b.cents) })
	case name == "weight" && s.odd == "weights sorted as numbers": // which is as legal as it is as texts
		slices.SortStableFunc(orders, func(a, b order) int { return sign * (a.grams - b.grams) })
	case name == "weight" && s.odd == "weights sorted by length":
		slices.SortStableFunc(orders, func(a, b order) int { return sign * ((len(a.Weight)-len(b.Weight))*100 + a.grams%10 - b.grams%10) })
	case name == "weight":
		slices.SortStableFunc(orders, func(a, b order) int { return sign * strings.Compare(a.Weight, b.Weight) })
	}
}

// TestForge: what a document leaves to the reader is found out from what the server answers, and only what is sure is judged.
func TestForge(t *testing.T) {
	skipRaced(t)
	const told = "description: Only what was last updated then or later.,"
	for _, c := range []struct{ since, key, odd, rule string }{
		{told, "order_number", "", ""},
		{told, "order", "", ""}, // a key that is called like one leads nowhere, and another one does
		{"", "order", "", ""},
		{"", "order", "since is of the creation", ""},
		{"", "order", "weights sorted as numbers", ""},
		{"", "order", "nothing is found", ""}, // then it is not known what leads to an order
		{told, "order_number", "nothing is found", "read/list-item"},
		{told, "order", "another note", "read/list-item"},
		{told, "order", "since is of the creation", "filter/complete"},
		{"", "order", "since is ignored", "filter/sound"},
		{told, "order", "the offset is lost", "filter/spelling"},
		{told, "order", "a label lets another through", "filter/sound"},
		{told, "order", "every state is open", "filter/sound"},
		{told, "order", "all are the open ones", "filter/sound"},
		{told, "order", "all are the closed ones", "filter/sound"},
		{told, "order", "all without being asked", "filter/sound"},
		{told, "order", "any tool does", ""}, // which is as legal as that all have to be there
		{told, "order", "only the first tool counts", "filter/both"},
		{told, "order", "few are updated", ""},
		{told, "order", "few are updated, and since is of the creation", "filter/complete"},
		{told, "order", "no links", "paging/links"},
		{told, "order", "a full page leads on", "paging/links"},
		{told, "order", "the last page is behind the end", "paging/links"},
		{told, "order", "pages are cut to fifty", "paging/size"},
		{told, "order", "creators by number", ""}, // nobody said otherwise
		{told, "order", "creators in small letters", "filter/complete"},
		{told, "order", "later pages are of every creator", "filter/paged"},
		{told, "order", "totals as texts", "filter/sound"},
		{told, "order", "more than the least total", "filter/complete"},
		{told, "order", "totals sorted as texts", "order/sorted"},
		{told, "order", "weights sorted by length", "order/sorted"},
		{told, "order", "notes by LIKE", "filter/none"},
		{told, "order", "only numbers are searched", "search/found"},
		{told, "order", "only notes are searched", "search/found"},
		{told, "order", "only beginnings are searched", "search/found"},
		{told, "order", "later pages are not searched", "search/subset"},
	} {
		doc := openText(t, fmt.Sprintf(forge, c.since, c.key))
		r := check(t, doc, contracttest.Target{Handler: newSmithy(c.odd)})
		require.Empty(t, r.Stopped)
		if c.rule == "" {
			require.Empty(t, found(r), "%v: %s", c, text(r))
			if c.odd != "nothing is found" {
				require.Contains(t, keptRules(r), "read/list-item", c)
			}
			continue
		}
		require.True(t, slices.ContainsFunc(r.Findings, func(f *contracttest.Finding) bool { return f.Rule == c.rule }), "%v: %s", c, text(r))
	}
}

// TestForgeMocked: the mock plays a list under the values that the document shows of its path.
func TestForgeMocked(t *testing.T) {
	doc := openText(t, fmt.Sprintf(forge, "", "order_number"))
	r := check(t, doc, contracttest.Target{Handler: mockOf(t, doc, nil)})
	require.Empty(t, found(r), text(r))
	require.Contains(t, keptRules(r), "read/list-item")
}
