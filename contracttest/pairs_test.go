package contracttest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/contracttest"
)

const seats = `
openapi: 3.0.3
info: {title: Who sits in which course, version: "1"}
components:
  schemas:
    Student: {type: object, required: [id, name, active], properties: {id: {type: integer}, name: {type: string}, active: {type: boolean, description: Who is not takes no more courses.}}}
    Course: {type: object, required: [id, title], properties: {id: {type: integer}, title: {type: string}}}
    SeatChange: {type: object, properties: {role: {type: string, enum: [guest, regular]}, note: {type: string, nullable: true, maxLength: 60}}}
    SeatWrite:
      allOf:
        - {$ref: "#/components/schemas/SeatChange"}
        - {type: object, required: [student_id, course_id], properties: {student_id: {type: integer}, course_id: {type: integer}}}
    Seat:
      allOf:
        - {$ref: "#/components/schemas/SeatWrite"}
        - {type: object, required: [id, role, note], properties: {id: {type: integer, readOnly: true}}}
  responses:
    Seat: {description: It., content: {application/json: {schema: {$ref: "#/components/schemas/Seat"}}}}
    Refused: {description: Refused.}
    None: {description: There is none.}
paths:
  /students: {get: {operationId: listStudents, responses: {"200": {description: All., content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Student"}}}}}}}}
  /courses: {get: {operationId: listCourses, responses: {"200": {description: All., content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Course"}}}}}}}}
  /seats:
    get: {operationId: listSeats, responses: {"200": {description: All., content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Seat"}}}}}}}
    post:
      operationId: createSeat
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/SeatWrite"}}}}
      responses: {"201": {$ref: "#/components/responses/Seat"}, "400": {$ref: "#/components/responses/Refused"}, "409": {description: The student sits there already.}}
  /seats/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {operationId: getSeat, responses: {"200": {$ref: "#/components/responses/Seat"}, "404": {$ref: "#/components/responses/None"}}}
    patch:
      operationId: changeSeat
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/SeatChange"}}}}
      responses: {"200": {$ref: "#/components/responses/Seat"}, "400": {$ref: "#/components/responses/Refused"}, "404": {$ref: "#/components/responses/None"}}
    delete: {operationId: deleteSeat, responses: {"204": {description: Gone.}, "404": {$ref: "#/components/responses/None"}}}
`

type seat struct {
	ID      int     `json:"id"`
	Student int     `json:"student_id"`
	Course  int     `json:"course_id"`
	Role    string  `json:"role"`
	Note    *string `json:"note"`
}

type seatServer struct {
	mu    sync.Mutex
	fault string
	seats []*seat
	last  int
}

const students, courses = 18, 4

func newSeats(fault string) http.Handler {
	s := &seatServer{fault: fault}
	for i := range students {
		s.last++
		s.seats = append(s.seats, &seat{ID: s.last, Student: i + 1, Course: i%courses + 1, Role: []string{"guest", "regular"}[i%2]})
	}
	return s
}

func (s *seatServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	answer := func(status int, v any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(v)
	}
	named := func(n int, as string) (out []any) {
		for i := range n {
			out = append(out, map[string]any{"id": i + 1, as: fmt.Sprint("No. ", i+1)})
			if as == "name" {
				out[i].(map[string]any)["active"] = (i+1)%3 != 0
			}
		}
		return out
	}
	read := func(onto seat, create bool) (seat, int) {
		got := map[string]any{}
		if json.NewDecoder(r.Body).Decode(&got) != nil {
			return onto, 400
		}
		for name, v := range got {
			text, isText := v.(string)
			n, isNumber := v.(float64)
			switch {
			case name == "role" && isText && (text == "guest" || text == "regular"):
				onto.Role = text
			case name == "note" && (v == nil || isText && len([]rune(text)) <= 60):
				onto.Note = nil
				if isText {
					onto.Note = &text
				}
			case name == "student_id" && create && isNumber && n == float64(int(n)):
				onto.Student = int(n)
			case name == "course_id" && create && isNumber && n == float64(int(n)):
				onto.Course = int(n)
			case slices.Contains([]string{"role", "note"}, name) || create && strings.HasSuffix(name, "_id"):
				return onto, 400
			}
		}
		if onto.Student < 1 || onto.Student > students || create && onto.Student%3 == 0 || onto.Course < 1 || onto.Course > courses {
			return onto, 400
		}
		if create && slices.ContainsFunc(s.seats, func(o *seat) bool { return o.Student == onto.Student && o.Course == onto.Course }) {
			return onto, 409
		}
		return onto, 200
	}
	key, isItem := strings.CutPrefix(r.URL.Path, "/seats/")
	id, _ := strconv.Atoi(key)
	at := slices.IndexFunc(s.seats, func(o *seat) bool { return o.ID == id })
	switch {
	case r.URL.Path == "/students" && r.Method == http.MethodGet:
		answer(200, named(students, "name"))
	case r.URL.Path == "/courses" && r.Method == http.MethodGet:
		answer(200, named(courses, "title"))
	case r.URL.Path == "/seats" && r.Method == http.MethodGet:
		answer(200, s.seats)
	case r.URL.Path == "/seats" && r.Method == http.MethodPost:
		made, status := read(seat{Role: "regular"}, true)
		if status != 200 {
			answer(status, map[string]any{})
			return
		}
		s.last++
		made.ID = s.last
		s.seats = append(s.seats, &made)
		answer(201, made)
	case !isItem || at < 0:
		answer(404, map[string]any{})
	case r.Method == http.MethodGet:
		answer(200, s.seats[at])
	case r.Method == http.MethodPatch:
		changed, status := read(*s.seats[at], false)
		if status != 200 {
			answer(status, map[string]any{})
			return
		}
		if s.fault == "a change forgets the note" {
			changed.Note = nil
		}
		s.seats[at] = &changed
		answer(200, changed)
	case r.Method == http.MethodDelete:
		role := s.seats[at].Role
		switch s.fault {
		case "a delete does nothing":
		case "a delete takes all of its role":
			s.seats = slices.DeleteFunc(s.seats, func(o *seat) bool { return o.Role == role })
		default:
			s.seats = slices.Delete(s.seats, at, at+1)
		}
		w.WriteHeader(204)
	default:
		w.Header().Set("Allow", "GET, PATCH, DELETE")
		answer(405, map[string]any{})
	}
}

// TestPairs: where no two items may name the same two records, each body names others, so that writes are told as anywhere else.
func TestPairs(t *testing.T) {
	for fault, rule := range map[string]string{
		"":                               "",
		"a delete does nothing":          "crud/delete",
		"a delete takes all of its role": "crud/delete-only",
		"a change forgets the note":      "crud/update",
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			r := check(t, openText(t, seats), contracttest.Target{Handler: newSeats(fault), Writes: true, Include: []string{"crud/*"}})
			if rule == "" {
				require.Empty(t, r.Findings, "%s", text(r))
				require.NotRegexp(t, "409|nothing is known for", strings.Join(skips(r), "\n"), "all bodies are taken")
				return
			}
			require.True(t, slices.ContainsFunc(r.Findings, func(f *contracttest.Finding) bool { return f.Rule == rule && f.Verdict == contracttest.Broken }), "%s", text(r))
		})
	}
}
