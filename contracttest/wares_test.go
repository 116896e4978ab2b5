package contracttest_test

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"understudy/contracttest"
)

const wares = `
openapi: 3.0.3
info:
  title: Wares
  version: "1"
  description: What a shop has. An empty query parameter counts as not sent. Objects are replaced as a whole, never merged.
components:
  schemas:
    List: {type: object, required: [data, total], properties: {data: {type: array, items: {type: object}}, total: {type: integer}}}
    Change:
      type: object
      properties: &change
        name: {type: string, minLength: 1, maxLength: 60, description: Unique.}
        note: {type: string, maxLength: 60}
        price: {type: string, pattern: '^\d{1,6}(\.\d{1,2})?$', description: "A decimal as text, in euros."}
        made: {type: string, format: date}
        kind: {type: string, enum: [tool, toy, book], default: tool}
        stock: {type: integer, minimum: 0, maximum: 500}
        box: {type: object, required: [width], properties: {width: {type: integer, minimum: 1, maximum: 90}, label: {type: string, maxLength: 30}}}
    New: {type: object, required: [name, price, made, stock, box], properties: *change}
    Ware:
      type: object
      required: [id, maker, name, note, price, made, kind, stock, box]
      properties:
        <<: *change
        id: {type: integer, readOnly: true}
        maker: {type: object, readOnly: true, required: [id, nick], properties: {id: {type: integer}, nick: {type: string}}}
  responses:
    Ware: {description: It., content: {application/json: {schema: {$ref: "#/components/schemas/Ware"}}}}
    Refused: {description: What was sent is not right.}
    Wrong: {description: What was sent is not right., content: {application/json: {schema: {type: object, additionalProperties: {type: string}}}}}
    None: {description: There is none.}
paths:
  /wares:
    get:
      operationId: listWares
      parameters:
        - {name: q, in: query, description: "A text that the name or the note contains, in upper or lower case.", schema: {type: string}}
        - {name: kind, in: query, description: Only wares of this kind., schema: {type: string, enum: [tool, toy, book]}}
        - {name: made_from, in: query, description: Only wares made on this day or later., schema: {type: string, format: date}}
        - {name: made_to, in: query, description: Only wares made on this day or earlier., schema: {type: string, format: date}}
        - {name: sort, in: query, description: "Any of 'id', 'price' and 'stock', e.g. '-price,stock'.", schema: {type: string}}
      responses:
        "200":
          description: All.
          content:
            application/json:
              schema:
                allOf:
                  - {$ref: "#/components/schemas/List"}
                  - {type: object, properties: {data: {type: array, items: {$ref: "#/components/schemas/Ware"}}}}
        "400": {$ref: "#/components/responses/Refused"}
    post:
      operationId: addWare
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/New"}}}}
      responses: {"201": {$ref: "#/components/responses/Ware"}, "422": {$ref: "#/components/responses/Wrong"}}
  /wares/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {operationId: getWare, responses: {"200": {$ref: "#/components/responses/Ware"}, "404": {$ref: "#/components/responses/None"}}}
    patch:
      operationId: changeWare
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Change"}}}}
      responses: {"200": {$ref: "#/components/responses/Ware"}, "404": {$ref: "#/components/responses/None"}, "422": {$ref: "#/components/responses/Wrong"}}
    delete: {operationId: dropWare, responses: {"204": {description: Gone.}, "404": {$ref: "#/components/responses/None"}}}
`

type maker struct {
	ID   int    `json:"id"`
	Nick string `json:"nick"`
}

type ware struct {
	ID    int    `json:"id"`
	Name  string `json:"name"`
	Note  string `json:"note"`
	Price string `json:"price"`
	Made  string `json:"made"`
	Kind  string `json:"kind"`
	Maker maker  `json:"maker"`
	Stock int    `json:"stock"`
	Box   box    `json:"box"`
}

type box struct {
	Width int     `json:"width"`
	Label *string `json:"label,omitempty"`
}

func (w ware) price() float64 { p, _ := strconv.ParseFloat(w.Price, 64); return p }

type wareShop struct {
	mu      sync.Mutex
	fault   string
	wares   []*ware
	dropped []*ware
	wrong   string // what was, last
	shipped int    // the last that was there from the beginning
	last    int
}

func newWares(fault string) http.Handler {
	s := &wareShop{fault: fault}
	for i := range 24 {
		s.last++
		s.wares = append(s.wares, &ware{
			ID: s.last, Name: []string{"Hammer", "Yo-yo", "Novel", "Pliers"}[i%4] + fmt.Sprint(" no. ", i), Note: "on the shelf", Price: []string{"9.5", "12.25", "100", "8.75", "41"}[i%5],
			Made: fmt.Sprintf("20%02d-0%d-1%d", 10+i%12, 1+i%9, i%7), Kind: []string{"tool", "toy", "book"}[i%3], Maker: maker{1 + (i+1)%2, []string{"bo", "ana"}[i%2]},
			Stock: i * 7 % 11, Box: box{Width: 1 + i%9},
		})
	}
	s.shipped = s.last
	return s
}

var wareDecimal = regexp.MustCompile(`^\d{1,6}(\.\d{1,2})?$`)

// read gives a ware with what a body says of it, and whether that may be.
func (s *wareShop) read(r *http.Request, onto ware, create bool) (ware, bool) {
	got := map[string]any{}
	if json.NewDecoder(r.Body).Decode(&got) != nil || got == nil {
		return onto, false
	}
	if got["kind"] == nil && s.fault == "null crashes" {
		if _, there := got["kind"]; there {
			panic("null")
		}
	}
	if stock, there := got["stock"]; there {
		n, ok := stock.(float64)
		if !ok || n != float64(int(n)) || n < 0 || n > 500 {
			return onto, false
		}
		if n != 0 || s.fault != "nothing is not sent" {
			onto.Stock = int(n)
		}
	} else if create {
		return onto, false
	}
	if sent, there := got["box"]; there {
		object, _ := sent.(map[string]any)
		n, ok := object["width"].(float64)
		label, isText := object["label"].(string)
		_, labelled := object["label"]
		if !ok || n != float64(int(n)) || n < 1 || n > 90 || labelled && !isText || len([]rune(label)) > 30 || s.fault == "wide ones are refused" && n > 89 {
			return onto, false
		}
		if onto.Box.Width = int(n); labelled || s.fault != "boxes are merged" {
			onto.Box.Label = nil
		}
		if labelled {
			onto.Box.Label = &label
		}
	} else if create {
		return onto, false
	}
	fields := map[string]*string{"name": &onto.Name, "note": &onto.Note, "price": &onto.Price, "made": &onto.Made, "kind": &onto.Kind}
	for name, v := range got {
		text, isText := v.(string)
		if fields[name] != nil && !isText {
			return onto, false
		} else if fields[name] != nil {
			*fields[name] = text
		}
		if given, ok := v.(map[string]any); ok && name == "maker" && s.fault == "the maker is taken" {
			id, _ := given["id"].(float64)
			onto.Maker = maker{int(id), fmt.Sprint(given["nick"])}
		}
	}
	if s.fault == "prices are whole" {
		onto.Price, _, _ = strings.Cut(onto.Price, ".")
	}
	_, err := time.Parse(time.DateOnly, onto.Made)
	taken := slices.ContainsFunc(s.wares, func(w *ware) bool {
		return w.Name == onto.Name && (w.ID != onto.ID || s.fault == "it is a duplicate of itself" && got["name"] != nil)
	})
	s.wrong = "body"
	if taken {
		s.wrong = "name"
	}
	return onto, len(onto.Name) > 0 && len([]rune(onto.Name)) <= 60 && len([]rune(onto.Note)) <= 60 && wareDecimal.MatchString(onto.Price) && err == nil &&
		slices.Contains([]string{"tool", "toy", "book"}, onto.Kind) && (!taken || s.fault == "duplicates are taken" && create)
}

func (s *wareShop) list(r *http.Request) ([]ware, bool) {
	q := r.URL.Query()
	from, to, kind, sort := q.Get("made_from"), q.Get("made_to"), q.Get("kind"), q.Get("sort")
	for _, day := range []string{from, to} {
		if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
			return nil, false
		}
	}
	if !slices.Contains([]string{"", "tool", "toy", "book"}, kind) || sort != "" && slices.ContainsFunc(strings.Split(sort, ","), func(name string) bool {
		return !slices.Contains([]string{"id", "price", "stock"}, strings.TrimPrefix(name, "-"))
	}) {
		return nil, false
	}
	if s.fault == "a bound is lost" && from != "" {
		to = ""
	}
	out := []ware{}
	for _, w := range s.wares {
		unfound := q.Has("q") && !strings.Contains(strings.ToLower(w.Name+"\n"+w.Note), strings.ToLower(q.Get("q"))) || s.fault == "what is new is not found" && w.ID > s.shipped && q.Get("q") != ""
		unlike := kind != "" && w.Kind != kind || s.fault == "an empty filter counts" && q.Has("kind") && kind == ""
		if !unfound && !unlike && w.Made >= from && (to == "" || w.Made <= to) {
			out = append(out, *w)
		}
	}
	slices.SortStableFunc(out, func(a, b ware) int {
		for at, name := range strings.Split(sort, ",") {
			n := 0
			switch strings.TrimPrefix(name, "-") {
			case "price":
				if n = cmp.Compare(a.price(), b.price()); s.fault == "prices are ordered as texts" {
					n = strings.Compare(a.Price, b.Price)
				}
			case "stock":
				n = cmp.Compare(a.Stock, b.Stock)
			case "id":
				n = cmp.Compare(a.ID, b.ID)
			}
			if name != "" && name[0] == '-' {
				n = -n
			}
			if n != 0 && (at == 0 || s.fault != "one order is enough") {
				return n
			}
		}
		return 0
	})
	return out, true
}

func (s *wareShop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	defer func() {
		if recover() != nil {
			w.WriteHeader(500)
		}
	}()
	answer := func(status int, v any) {
		text, _ := json.Marshal(v)
		w.Header().Set("Content-Type", "application/json")
		if method == http.MethodGet && status == 200 {
			tagged := text
			if s.fault == "a list's ETag is of its size" && r.URL.Path == "/wares" {
				tagged = fmt.Append(nil, r.URL.RawQuery, len(s.wares), s.last)
			}
			tag := fmt.Sprintf("%q", fmt.Sprintf("%x", sha256.Sum256(tagged))[:12])
			w.Header().Set("ETag", tag)
			if r.Header.Get("If-None-Match") == tag && s.fault == "412 for what is the same" {
				w.WriteHeader(412)
				return
			}
			if r.Header.Get("If-None-Match") == tag {
				if s.fault == "304 has no ETag" {
					w.Header().Del("ETag")
				}
				w.WriteHeader(304)
				return
			}
		}
		if squeezed := strings.HasPrefix(s.fault, "compressed"); squeezed && r.Header.Get("Accept-Encoding") == "gzip" && method == http.MethodGet {
			if out, ok := v.(map[string]any); ok && s.fault == "compressed lists lack the last" {
				out["data"] = out["data"].([]ware)[:len(out["data"].([]ware))-1]
				text, _ = json.Marshal(out)
			}
			w.Header().Set("Content-Encoding", "gzip")
			if s.fault != "compressed is said only" {
				var packed bytes.Buffer
				z := gzip.NewWriter(&packed)
				_, _ = z.Write(text)
				_ = z.Close()
				text = packed.Bytes()
			}
		}
		w.WriteHeader(status)
		_, _ = w.Write(text)
	}
	key, isItem := strings.CutPrefix(r.URL.Path, "/wares/")
	id, _ := strconv.Atoi(key)
	at := slices.IndexFunc(s.wares, func(o *ware) bool { return o.ID == id })
	switch {
	case r.URL.Path == "/wares" && method == http.MethodGet:
		if out, ok := s.list(r); ok {
			answer(200, map[string]any{"data": out, "total": len(out)})
			return
		}
		w.WriteHeader(400)
	case r.URL.Path == "/wares" && method == http.MethodPost:
		made, ok := s.read(r, ware{Kind: "tool", Maker: maker{2, "ana"}}, true)
		if !ok {
			answer(422, map[string]any{"error": s.wrong + " is not right"})
			return
		}
		s.last++
		made.ID = s.last
		s.wares = append(s.wares, &made)
		answer(201, made)
	case isItem && at < 0 && method == http.MethodPatch && s.fault == "what is gone is changed" && slices.ContainsFunc(s.dropped, func(o *ware) bool { return o.ID == id }):
		answer(200, s.dropped[slices.IndexFunc(s.dropped, func(o *ware) bool { return o.ID == id })])
	case !isItem || at < 0:
		w.WriteHeader(404)
	case method == http.MethodGet:
		answer(200, s.wares[at])
	case method == http.MethodPatch:
		changed, ok := s.read(r, *s.wares[at], false)
		if !ok {
			answer(422, map[string]any{"error": s.wrong + " is not right"})
			return
		}
		if s.fault == "a change is made to all" && changed.Price != s.wares[at].Price {
			for _, o := range s.wares {
				o.Price = changed.Price
			}
		}
		s.wares[at] = &changed
		answer(200, changed)
	case method == http.MethodDelete:
		s.dropped = append(s.dropped, s.wares[at])
		s.wares = slices.Delete(s.wares, at, at+1)
		w.WriteHeader(204)
	default:
		w.Header().Set("Allow", "GET, PATCH, DELETE")
		w.WriteHeader(405)
	}
}

// TestWares: what a document says in its prose, in its introduction and in the parts of a schema that stands in several is held against a server, as an error.
func TestWares(t *testing.T) {
	for fault, rule := range map[string]string{
		"":                             "",
		"an empty filter counts":       "filter/empty",
		"a bound is lost":              "filter/both",
		"prices are ordered as texts":  "order/sorted",
		"prices are whole":             "crud/create-read",
		"duplicates are taken":         "crud/create-refused",
		"what is new is not found":     "crud/update",
		"null crashes":                 "value/refused",
		"a change is made to all":      "crud/update",
		"the maker is taken":           "crud/read-only",
		"304 has no ETag":              "http/etag",
		"412 for what is the same":     "http/etag",
		"a list's ETag is of its size": "http/etag",
		"one order is enough":          "order/sorted",
		"nothing is not sent":          "crud/update",
		"boxes are merged":             "crud/update",
		"it is a duplicate of itself":  "crud/update",
		"what is gone is changed":      "crud/update",
		"wide ones are refused":        "value/accepted",
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			sampled(t)
			r := check(t, openText(t, wares), contracttest.Target{Handler: newWares(fault), Writes: true})
			if rule == "" {
				require.Empty(t, r.Findings, "%s", text(r))
				require.Subset(t, keptRules(r), []string{"filter/both", "order/sorted", "search/found", "crud/create-refused", "crud/read-only", "crud/update", "http/etag"})
				return
			}
			require.True(t, slices.ContainsFunc(r.Findings, func(f *contracttest.Finding) bool {
				return f.Rule == rule && f.Verdict == contracttest.Broken
			}), "%s", text(r))
			require.Equal(t, 1, r.ExitStatus(), "%s", text(r))
		})
	}
}
