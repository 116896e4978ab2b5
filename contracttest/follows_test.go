package contracttest_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/contracttest"
)

const desks = `
openapi: 3.0.3
info: {title: Desks and the rooms they stand in, version: "1"}
components:
  schemas:
    Room:
      type: object
      required: [id, floor]
      properties: {id: {type: integer, readOnly: true}, floor: {type: string}}
    DeskWrite:
      type: object
      required: [name, room]
      properties:
        name: {type: string, minLength: 1, maxLength: 60, description: "What people call it. %s"}
        room: {type: integer, description: "The id of a room."}
    Desk:
      type: object
      required: [id, name, room, room_obj]
      properties:
        id: {type: integer, readOnly: true}
        name: {type: string, maxLength: 60}
        room: {type: integer}
        room_obj: {allOf: [{$ref: "#/components/schemas/Room"}], readOnly: true}
  responses:
    Desk: {description: It., content: {application/json: {schema: {$ref: "#/components/schemas/Desk"}}}}
    Refused: {description: Refused.}
    None: {description: There is none.}
paths:
  /rooms:
    get:
      operationId: listRooms
      responses: {"200": {description: All., content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Room"}}}}}}
  /desks:
    get:
      operationId: listDesks
      responses: {"200": {description: All., content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Desk"}}}}}}
    post:
      operationId: createDesk
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/DeskWrite"}}}}
      responses: {"201": {$ref: "#/components/responses/Desk"}, "400": {$ref: "#/components/responses/Refused"}}
  /desks/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      operationId: getDesk
      responses: {"200": {$ref: "#/components/responses/Desk"}, "404": {$ref: "#/components/responses/None"}}
    put:
      operationId: putDesk
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/DeskWrite"}}}}
      responses: {"200": {$ref: "#/components/responses/Desk"}, "400": {$ref: "#/components/responses/Refused"}, "404": {$ref: "#/components/responses/None"}}
    delete:
      operationId: deleteDesk
      responses: {"204": {description: Gone.}, "404": {$ref: "#/components/responses/None"}}
`

// desk is one, with the room that stood beside it first, for the faults that go on showing it.
type desk struct {
	ID      int            `json:"id"`
	Name    string         `json:"name"`
	Room    int            `json:"room"`
	RoomObj map[string]any `json:"room_obj"`
	first   int
}

type deskServer struct {
	mu    sync.Mutex
	fault string
	desks map[int]*desk
	last  int
}

func newDesks(fault string) http.Handler {
	s := &deskServer{fault: fault, desks: map[int]*desk{}}
	for i := range 9 {
		s.add(fmt.Sprint("Desk ", string(rune('A'+i%7))), i%3+1)
	}
	return s
}

func (s *deskServer) add(name string, room int) *desk {
	s.last++
	s.desks[s.last] = &desk{ID: s.last, Name: name, Room: room, first: room}
	return s.desks[s.last]
}

// show gives a desk as a kind of answer shows it: to a write, alone, or in the list.
func (s *deskServer) show(d *desk, where string) desk {
	out := *d
	room := d.Room
	if s.fault == "stale in "+where {
		room = d.first
	}
	out.RoomObj = map[string]any{"id": room, "floor": fmt.Sprint("Floor ", room)}
	return out
}

func (s *deskServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	answer := func(status int, v any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(v)
	}
	read := func(self int) (name string, room int, ok bool) {
		var b struct {
			Name *string
			Room *int
		}
		if json.NewDecoder(r.Body).Decode(&b) != nil || b.Name == nil || b.Room == nil || len(*b.Name) < 1 || len([]rune(*b.Name)) > 60 || *b.Room < 1 || *b.Room > 3 {
			return "", 0, false
		}
		for _, d := range s.desks {
			if d.Name == *b.Name && d.ID != self && s.fault == "names are unique" {
				return "", 0, false
			}
		}
		return *b.Name, *b.Room, true
	}
	key, isItem := strings.CutPrefix(r.URL.Path, "/desks/")
	id, err := strconv.Atoi(key)
	d := s.desks[id]
	switch {
	case r.URL.Path == "/rooms" && r.Method == http.MethodGet:
		answer(200, []any{map[string]any{"id": 1, "floor": "Floor 1"}, map[string]any{"id": 2, "floor": "Floor 2"}, map[string]any{"id": 3, "floor": "Floor 3"}})
	case r.URL.Path == "/desks" && r.Method == http.MethodGet:
		all := []desk{}
		for _, id := range slices.Sorted(maps.Keys(s.desks)) {
			all = append(all, s.show(s.desks[id], "the list"))
		}
		answer(200, all)
	case r.URL.Path == "/desks" && r.Method == http.MethodPost:
		name, room, ok := read(0)
		if !ok {
			answer(400, map[string]any{})
			return
		}
		answer(201, s.show(s.add(name, room), "the answer"))
	case !isItem || err != nil || d == nil:
		answer(404, map[string]any{})
	case r.Method == http.MethodGet:
		answer(200, s.show(d, "the item"))
	case r.Method == http.MethodPut:
		name, room, ok := read(id)
		if !ok {
			answer(400, map[string]any{})
			return
		}
		d.Name, d.Room = name, room
		answer(200, s.show(d, "the answer"))
	case r.Method == http.MethodDelete:
		delete(s.desks, id)
		w.WriteHeader(204)
	default:
		w.Header().Set("Allow", "GET, PUT, DELETE")
		answer(405, map[string]any{})
	}
}

// TestFollows: the record that stands in full beside its key is that of the key, also after the key was changed; and what two items may share is not refused.
func TestFollows(t *testing.T) {
	const may, mayNot = "Two desks may have the same name.", "No two desks may have the same name."
	for _, x := range []struct{ fault, said, rule string }{
		{"", may, ""},
		{"", mayNot, ""},
		{"names are unique", mayNot, ""},
		{"names are unique", "Two desks cannot have the same name.", ""},
		{"names are unique", may, "crud/create-twice"},
		{"stale in the answer", may, "crud/replace-stores"},
		{"stale in the item", may, "crud/replace-stores"},
		{"stale in the list", may, "crud/replace-stores"},
	} {
		t.Run(x.fault+" "+x.said, func(t *testing.T) {
			t.Parallel()
			sampled(t)
			r := check(t, openText(t, fmt.Sprintf(desks, x.said)), contracttest.Target{Handler: newDesks(x.fault), Writes: true, Include: []string{"crud/*"}})
			if x.rule == "" {
				require.Empty(t, r.Findings, "%s", text(r))
				return
			}
			require.True(t, slices.ContainsFunc(r.Findings, func(f *contracttest.Finding) bool { return f.Rule == x.rule && f.Verdict == contracttest.Broken }), "%s", text(r))
		})
	}
}
