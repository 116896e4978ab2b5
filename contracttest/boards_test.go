package contracttest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/contracttest"
)

const boards = `
openapi: 3.0.3
info:
  title: Boards
  version: "1"
  description: |
    HEAD is available wherever GET is. A query parameter that breaks its schema is
    refused with 422.
components:
  schemas:
    Name: {type: string, minLength: 1, maxLength: 60}
    Label: {type: object, required: [id, name], properties: {id: {type: integer, readOnly: true}, name: {type: string, pattern: "^[a-z]{2,20}$"}}}
    Person: {type: object, required: [id, name], properties: {id: {type: integer, readOnly: true}, name: {$ref: "#/components/schemas/Name"}}}
    Board: {type: object, required: [id, name, notes_count], properties: {id: {type: integer, readOnly: true}, name: {$ref: "#/components/schemas/Name"}, notes_count: {type: integer, minimum: 0, readOnly: true, description: How many notes it has.}}}
    Note: {type: object, required: [id, name], properties: {id: {type: integer, readOnly: true}, name: {$ref: "#/components/schemas/Name"}}}
    NewCard:
      allOf:
        - {$ref: "#/components/schemas/Card"}
        - {type: object, properties: {state: {type: string, default: open}, points: {type: integer, default: 3}}}
    Card:
      type: object
      required: [id, board_id]
      properties:
        id: {type: integer, readOnly: true}
        board_id: {type: integer, description: The id of a board. It has to exist.}
        person_id: {type: integer, nullable: true, description: The id of a person.}
        points: {type: integer, minimum: 0, maximum: 20}
        state: {type: string, enum: [open, shut]}
        labels: {type: array, maxItems: 6, items: {type: string, maxLength: 20}, description: Names of labels.}
  responses:
    Refused: {description: What was sent is not right., content: {application/json: {schema: {type: object, additionalProperties: {type: string}}}}}
    None: {description: There is none.}
paths:
`

// boardPaths writes the operations on the items at a path.
func boardPaths(path, schema, scope, onDelete string) string {
	body := `{application/json: {schema: {$ref: "#/components/schemas/` + schema + `"}}}`
	name := regexp.MustCompile(`\W`).ReplaceAllString(path, "")
	return fmt.Sprintf(`
  %[1]s:
    %[4]s
    get: {operationId: list%[3]s, responses: {"200": {description: All., content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/%[5]s"}}}}}, "404": {$ref: "#/components/responses/None"}}}
    post:
      operationId: add%[3]s
      requestBody: {required: true, content: %[2]s}
      responses: {"201": {description: It., content: %[2]s}, "422": {$ref: "#/components/responses/Refused"}, "404": {$ref: "#/components/responses/None"}}
  %[1]s/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}%[6]s]
    get: {operationId: get%[3]s, responses: {"200": {description: It., content: %[2]s}, "404": {$ref: "#/components/responses/None"}}}
    delete: {operationId: drop%[3]s, %[7]s "404": {$ref: "#/components/responses/None"}}}
`, path, body, name, map[bool]string{true: "parameters: [" + scope + "]"}[scope != ""], schema, map[bool]string{true: ", " + scope}[scope != ""], onDelete)
}

const plainDelete = `responses: {"204": {description: Gone.},`

func boardsDoc(onBoard, onPerson string) string {
	cards := strings.Replace(boardPaths("/cards", "Card", "", plainDelete), "listcards,",
		"listcards, parameters: [{name: label, in: query, description: The name of a label. May be repeated; the card must then have all of them., schema: {type: array, items: {type: string}}}, {name: state, in: query, schema: {type: string, enum: [open, shut]}}],", 1)
	cards = strings.Replace(cards, "requestBody: {required: true, content: {application/json: {schema: {$ref: \"#/components/schemas/Card\"", "requestBody: {required: true, content: {application/json: {schema: {$ref: \"#/components/schemas/NewCard\"", 1)
	cards = strings.Replace(cards, "operationId: addcards", "operationId: addcards\n      description: Cards of more points than their board can bear are refused with 422.", 1)
	return boards + cards + boardPaths("/labels", "Label", "", plainDelete) + boardPaths("/people", "Person", "", onPerson) + boardPaths("/boards", "Board", "", onBoard) +
		boardPaths("/boards/{board}/notes", "Note", "{name: board, in: path, required: true, schema: {type: integer}}", plainDelete)
}

type boardItem map[string]any

type boardServer struct {
	mu    sync.Mutex
	fault string
	last  int
	items map[string][]boardItem // by kind; notes have their board under _board
}

func newBoards(fault string) *boardServer {
	s := &boardServer{fault: fault, items: map[string][]boardItem{}}
	for i := range 4 {
		s.add("people", boardItem{"name": fmt.Sprint("Ada ", i)})
		s.add("boards", boardItem{"name": fmt.Sprint("Board ", i)})
	}
	for _, name := range []string{"blue", "green", "red", "redder"} {
		s.add("labels", boardItem{"name": name})
	}
	for i := range 6 {
		s.add("cards", boardItem{"board_id": s.items["boards"][i%4]["id"], "person_id": s.items["people"][i%4]["id"], "points": i, "state": []string{"open", "shut"}[i%2], "labels": [][]any{{"blue"}, {"redder"}, {"green", "red"}, {"blue", "red"}}[i%4]})
		s.add("notes", boardItem{"name": fmt.Sprint("Note ", i), "_board": s.items["boards"][i%2]["id"]})
	}
	return s
}

func (s *boardServer) add(kind string, o boardItem) boardItem {
	s.last++
	o["id"] = float64(s.last)
	s.items[kind] = append(s.items[kind], o)
	return o
}

func (s *boardServer) has(kind string, key any) bool {
	return slices.ContainsFunc(s.items[kind], func(o boardItem) bool { return o["id"] == key })
}

var boardPath = regexp.MustCompile(`^/(?:boards/(\d+)/)?(people|boards|cards|notes|labels)(?:/(\w+))?$`)

func (s *boardServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	answer := func(status int, v any) {
		if o, ok := v.(boardItem); ok {
			shown := boardItem{}
			for name, value := range o {
				if name != "_board" {
					shown[name] = value
				}
			}
			v = shown
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(v)
	}
	m := boardPath.FindStringSubmatch(r.URL.Path)
	if r.Method == http.MethodHead && s.fault == "no HEAD" {
		w.WriteHeader(405)
		return
	}
	if m == nil && s.fault == "a board of no number crashes" && strings.HasSuffix(r.URL.Path, "/notes") {
		w.WriteHeader(500)
		return
	}
	if m == nil {
		w.WriteHeader(404)
		return
	}
	for _, b := range s.items["boards"] {
		n := 0
		for _, o := range s.items["notes"] {
			if o["_board"] == b["id"] && (s.fault != "notes are not counted" || o["id"].(float64) < 27) {
				n++
			}
		}
		b["notes_count"] = n
	}
	kind := m[2]
	board, _ := strconv.ParseFloat(m[1], 64)
	if (kind == "notes") != (m[1] != "") || kind == "notes" && !s.has("boards", board) && s.fault != "notes are left" {
		w.WriteHeader(404)
		return
	}
	here := func(o boardItem) bool { return kind != "notes" || o["_board"] == board }
	if m[3] == "" {
		switch r.Method {
		case http.MethodGet, http.MethodHead:
			out := []boardItem{}
			state, labels := r.URL.Query().Get("state"), r.URL.Query()["label"]
			if kind == "cards" && !slices.Contains([]string{"", "open", "shut"}, state) && s.fault != "any state is taken" {
				answer(422, map[string]string{"state": "is not right"})
				return
			}
			fits := func(o boardItem) bool {
				if kind != "cards" {
					return here(o)
				}
				held := func(name string) bool {
					return slices.ContainsFunc(o["labels"].([]any), func(own any) bool {
						return own == name || s.fault == "the beginning of a label is enough" && strings.HasPrefix(own.(string), name)
					})
				}
				lacks := slices.ContainsFunc(labels, func(name string) bool { return !held(name) })
				if s.fault == "one label is enough" {
					lacks = len(labels) > 0 && !slices.ContainsFunc(labels, held)
				}
				return !lacks && (state == "" || o["state"] == state)
			}
			for _, o := range s.items[kind] {
				if fits(o) {
					out = append(out, boardItem{"id": o["id"]})
					for _, name := range []string{"name", "board_id", "person_id", "points", "state", "labels", "notes_count"} {
						if v, there := o[name]; there {
							out[len(out)-1][name] = v
						}
					}
				}
			}
			answer(200, out)
		case http.MethodPost:
			s.create(kind, board, r, answer)
		default:
			w.Header().Set("Allow", "GET, POST")
			w.WriteHeader(405)
		}
		return
	}
	key, _ := strconv.ParseFloat(m[3], 64)
	at := slices.IndexFunc(s.items[kind], func(o boardItem) bool { return o["id"] == key && here(o) })
	switch {
	case at < 0:
		w.WriteHeader(404)
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		answer(200, s.items[kind][at])
	case r.Method == http.MethodDelete:
		s.drop(kind, at, key, w)
	default:
		w.Header().Set("Allow", "GET, DELETE")
		w.WriteHeader(405)
	}
}

var boardLabel = regexp.MustCompile(`^[a-z]{2,20}$`)

// tail is what may stand behind the name of a label.
func (s *boardServer) tail() string {
	if s.fault == "a label ends a line" {
		return "\n"
	}
	return ""
}

func (s *boardServer) create(kind string, board float64, r *http.Request, answer func(int, any)) {
	got := boardItem{}
	if json.NewDecoder(r.Body).Decode(&got) != nil || got == nil {
		answer(422, map[string]string{"body": "is no object"})
		return
	}
	delete(got, "id")
	if kind != "cards" {
		if name, ok := got["name"].(string); !ok || name == "" || len([]rune(name)) > 60 {
			answer(422, map[string]string{"name": "is not right"})
			return
		}
		if text := got["name"].(string); kind == "labels" && !boardLabel.MatchString(strings.TrimSuffix(text, s.tail())) {
			answer(422, map[string]string{"name": "is not right"})
			return
		}
		answer(201, s.add(kind, boardItem{"name": got["name"], "_board": board}))
		return
	}
	if _, sent := got["points"]; !sent {
		got["points"] = map[bool]float64{true: 2, false: 3}[s.fault == "two points by default"]
	}
	points, ok := got["points"].(float64)
	state, isState := got["state"].(string)
	if _, sent := got["state"]; !sent {
		state, isState = "open", true
	}
	_, isBoard := got["board_id"].(float64)
	_, isPerson := got["person_id"].(float64)
	labels, isLabels := got["labels"].([]any)
	if _, sent := got["labels"]; !sent {
		labels, isLabels = []any{}, true
	}
	card := boardItem{"board_id": got["board_id"], "person_id": got["person_id"], "points": points, "state": state, "labels": labels}
	unknown := slices.ContainsFunc(labels, func(name any) bool {
		return !slices.ContainsFunc(s.items["labels"], func(o boardItem) bool { return o["name"] == name })
	})
	switch {
	case !isLabels || len(labels) > 6 || unknown:
		answer(422, map[string]string{"labels": "are not right"})
	case points > 12:
		answer(422, map[string]string{"points": "are more than the board can bear"})
	case !ok || points != float64(int(points)) || points < 0 || points > 20 || !isState || state != "open" && state != "shut" || !isBoard || !isPerson && got["person_id"] != nil:
		answer(422, map[string]string{"card": "is not right"})
	case !s.has("boards", got["board_id"]) || isPerson && !s.has("people", got["person_id"]):
		if s.fault == "what is refused is kept" {
			s.add(kind, card)
		}
		answer(422, map[string]string{"card": "refers to nothing"})
	default:
		answer(201, s.add(kind, card))
	}
}

func (s *boardServer) drop(kind string, at int, key float64, w http.ResponseWriter) {
	if kind == "boards" && s.fault != "boards with cards are dropped" {
		if slices.ContainsFunc(s.items["cards"], func(o boardItem) bool { return o["board_id"] == key && o["state"] == "open" }) {
			w.WriteHeader(409)
			if s.fault != "dropped though refused" {
				return
			}
		}
	}
	s.items[kind] = slices.Delete(s.items[kind], at, at+1)
	for _, o := range s.items["cards"] {
		if kind == "people" && o["person_id"] == key && s.fault != "cards keep their person" {
			o["person_id"] = nil
		}
	}
	if kind == "people" && s.fault == "cards go with their person" {
		s.items["cards"] = slices.DeleteFunc(s.items["cards"], func(o boardItem) bool { return o["person_id"] == nil })
	}
	if kind == "boards" && s.fault != "notes are left" {
		s.items["notes"] = slices.DeleteFunc(s.items["notes"], func(o boardItem) bool { return o["_board"] == key })
	}
	w.WriteHeader(204)
}

// What the documents say of the deletion of boards and of people.
const (
	boardRefuses = `responses: {"204": {description: Gone.}, "409": {description: The board has open cards.},`
	boardTakes   = `description: "Deletes a board, and all notes of that board.", responses: {"204": {description: Gone.}, "409": {description: A conflict.},`
	personClears = `description: "The cards of a person stay, and their person_id becomes null.", responses: {"204": {description: Gone.},`
)

// TestReferredTo: what a document says becomes of what others refer to is held against a server, and what it says nothing of is not.
func TestReferredTo(t *testing.T) {
	for _, x := range []struct{ fault, board, person, rule string }{
		{"", boardRefuses, personClears, ""},
		{"", boardTakes, plainDelete, ""},
		{"boards with cards are dropped", boardRefuses, personClears, "crud/delete"},
		{"boards with cards are dropped", boardTakes, personClears, ""},
		{"dropped though refused", boardRefuses, personClears, "crud/delete"},
		{"notes are left", boardTakes, plainDelete, "crud/delete"},
		{"cards keep their person", boardRefuses, personClears, "crud/delete"},
		{"cards keep their person", boardRefuses, plainDelete, ""},
		{"cards go with their person", boardRefuses, personClears, "crud/delete"},
		{"notes are not counted", boardRefuses, personClears, "crud/create-list"},
		{"no HEAD", boardRefuses, personClears, "http/head"},
		{"any state is taken", boardRefuses, personClears, "value/refused"},
		{"the beginning of a label is enough", boardRefuses, personClears, "filter/sound"},
		{"one label is enough", boardRefuses, personClears, "filter/sound"},
		{"two points by default", boardRefuses, personClears, "crud/default"},
		{"a board of no number crashes", boardRefuses, personClears, "read/unknown"},
		{"a label ends a line", boardRefuses, personClears, "value/refused"},
		{"what is refused is kept", boardRefuses, personClears, "crud/create-refused"},
	} {
		t.Run(x.fault, func(t *testing.T) {
			t.Parallel()
			sampled(t)
			r := check(t, openText(t, boardsDoc(x.board, x.person)), contracttest.Target{Handler: newBoards(x.fault), Writes: true, Include: []string{"crud/*", "value/*", "filter/*", "read/*", "http/head"}})
			if x.rule == "" {
				require.Empty(t, r.Findings, "%s", text(r))
				require.Subset(t, keptRules(r), []string{"crud/delete", "crud/create-refused"})
				return
			}
			require.Equal(t, []string{x.rule}, slices.Compact(rulesOf(r)), "%s", text(r))
			require.Equal(t, 1, r.ExitStatus(), "%s", text(r))
		})
	}
}

// TestMockFollows: the mock does with what refers to an item that is deleted as the document says.
func TestMockFollows(t *testing.T) {
	for _, said := range []struct{ board, person string }{{boardRefuses, personClears}, {boardTakes, plainDelete}} {
		doc := openText(t, boardsDoc(said.board, said.person))
		r := check(t, doc, contracttest.Target{Handler: mockOf(t, doc, nil), Writes: true, Include: []string{"crud/delete", "crud/create-list"}})
		require.Empty(t, r.Findings, "%s", text(r))
		for _, c := range r.Cases {
			if strings.HasPrefix(c.Subject, "referred to by") {
				require.Equal(t, contracttest.Kept, c.Verdict, "%s: %s", c.Subject, c.Reason)
			}
		}
		require.True(t, slices.ContainsFunc(r.Cases, func(c contracttest.CaseResult) bool { return strings.HasPrefix(c.Subject, "referred to by") }))
	}
}
