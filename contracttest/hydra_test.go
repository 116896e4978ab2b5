package contracttest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/contracttest"
)

const hydra = `
openapi: 3.0.3
info: {title: Projects and their tasks, version: "1"}
components:
  schemas:
    Project:
      type: object
      required: ["@id", id, name, status]
      properties:
        "@id": {type: string, format: iri-reference, readOnly: true}
        id: {type: integer, readOnly: true}
        name: {type: string, minLength: 1, maxLength: 60}
        status: {type: string, enum: [active, planned, done]}
    Task:
      type: object
      required: ["@id", id, title, project]
      properties:
        "@id": {type: string, format: iri-reference, readOnly: true}
        id: {type: integer, readOnly: true}
        title: {type: string, minLength: 1, maxLength: 60}
        estimate: {type: integer, minimum: 0, maximum: 400, default: 1}
        project: {type: integer, readOnly: true}
    TaskWrite:
      type: object
      required: [title]
      properties: {title: {type: string, minLength: 1, maxLength: 60}, estimate: {type: integer, minimum: 0, maximum: 400, default: 1}}
    Pages:
      type: object
      properties: {next: {type: string, nullable: true}, previous: {type: string, nullable: true}}
  parameters:
    page: {name: page, in: query, schema: {type: integer, minimum: 1, default: 1}}
    size: {name: itemsPerPage, in: query, schema: {type: integer, minimum: 1, maximum: 50, default: 10}}
  responses:
    Refused: {description: Refused.}
    Tasks:
      description: A page of them.
      content: {application/json: {schema: {type: object, required: [member, totalItems], properties: {member: {type: array, items: {$ref: "#/components/schemas/Task"}}, totalItems: {type: integer}, view: {$ref: "#/components/schemas/Pages"}}}}}
    Task: {description: It., content: {application/json: {schema: {$ref: "#/components/schemas/Task"}}}}
paths:
  /api/projects:
    get:
      operationId: listProjects
      parameters:
        - {$ref: "#/components/parameters/page"}
        - {$ref: "#/components/parameters/size"}
        - {name: status, in: query, schema: {type: string}}
        - {name: "status[]", in: query, explode: true, schema: {type: array, items: {type: string}}}
      responses:
        "200":
          description: A page of them.
          content: {application/json: {schema: {type: object, required: [member, totalItems], properties: {member: {type: array, items: {$ref: "#/components/schemas/Project"}}, totalItems: {type: integer}, view: {$ref: "#/components/schemas/Pages"}}}}}
        "400": {$ref: "#/components/responses/Refused"}
  /api/projects/{id}:
    get:
      operationId: getProject
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses: {"200": {description: It., content: {application/json: {schema: {$ref: "#/components/schemas/Project"}}}}, "404": {description: There is none.}}
  /api/projects/{projectId}/tasks:
    parameters: [{name: projectId, in: path, required: true, schema: {type: integer}}]
    get:
      operationId: listTasksOfProject
      parameters: [{$ref: "#/components/parameters/page"}, {$ref: "#/components/parameters/size"}]
      responses: {"200": {$ref: "#/components/responses/Tasks"}, "400": {$ref: "#/components/responses/Refused"}, "404": {description: There is none.}}
    post:
      operationId: createTask
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/TaskWrite"}}}}
      responses: {"201": {$ref: "#/components/responses/Task"}, "404": {description: There is none.}, "422": {$ref: "#/components/responses/Refused"}}
  /api/tasks:
    get:
      operationId: listTasks
      parameters: [{$ref: "#/components/parameters/page"}, {$ref: "#/components/parameters/size"}]
      responses: {"200": {$ref: "#/components/responses/Tasks"}, "400": {$ref: "#/components/responses/Refused"}}
  /api/tasks/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      operationId: getTask
      responses: {"200": {$ref: "#/components/responses/Task"}, "404": {description: There is none.}}
    patch:
      operationId: changeTask
      requestBody: {required: true, content: {application/json: {schema: {type: object, properties: {title: {type: string, minLength: 1, maxLength: 60}, estimate: {type: integer, minimum: 0, maximum: 400}}}}}}
      responses: {"200": {$ref: "#/components/responses/Task"}, "404": {description: There is none.}, "422": {$ref: "#/components/responses/Refused"}}
    delete:
      operationId: deleteTask
      responses: {"204": {description: Gone.}, "404": {description: There is none.}}
`

type hydraTask struct {
	IRI      string `json:"@id"`
	ID       int    `json:"id"`
	Title    string `json:"title"`
	Estimate int    `json:"estimate"`
	Project  int    `json:"project"`
}

// hydraServer is written as PHP's frameworks have it: addresses as names, one filter of two spellings, lists in links with numbers, and tasks that are created inside of a
// project and stand outside of it.
type hydraServer struct {
	mu    sync.Mutex
	fault string
	tasks []*hydraTask
	last  int
}

func newHydra(fault string) (*hydraServer, http.Handler) {
	s := &hydraServer{fault: fault}
	for i := range 25 {
		s.add(i%3+1, fmt.Sprintf("Task %s", string(rune('A'+i))), i*7%40)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/projects", s.projects)
	mux.HandleFunc("GET /api/projects/{id}", s.project)
	mux.HandleFunc("GET /api/projects/{project}/tasks", s.list)
	mux.HandleFunc("POST /api/projects/{project}/tasks", s.create)
	mux.HandleFunc("GET /api/tasks", s.list)
	mux.HandleFunc("/api/tasks/{id}", s.task)
	return s, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		mux.ServeHTTP(w, r)
	})
}

func (s *hydraServer) add(project int, title string, estimate int) *hydraTask {
	s.last++
	t := &hydraTask{fmt.Sprintf("/api/tasks/%d", s.last), s.last, title, estimate, project}
	s.tasks = append(s.tasks, t)
	return t
}

func hydraAnswer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func hydraPage[T any](w http.ResponseWriter, r *http.Request, items []T) {
	q := r.URL.Query()
	number := func(name string, usual int) int {
		if !q.Has(name) {
			return usual
		}
		n, err := strconv.Atoi(q.Get(name))
		if err != nil {
			return 0
		}
		return n
	}
	page, size := number("page", 1), number("itemsPerPage", 10)
	if page < 1 || size < 1 || size > 50 || page > 1000 {
		hydraAnswer(w, 400, map[string]any{"detail": "no such page"})
		return
	}
	link := func(page int, there bool) any {
		if !there {
			return nil
		}
		to := url.Values{}
		for name, values := range q {
			for i, v := range values {
				if base, list := strings.CutSuffix(name, "[]"); list {
					to.Set(fmt.Sprintf("%s[%d]", base, i), v)
				} else {
					to.Set(name, v)
				}
			}
		}
		to.Set("page", fmt.Sprint(page))
		return r.URL.Path + "?" + to.Encode()
	}
	from := min((page-1)*size, len(items))
	hydraAnswer(w, 200, map[string]any{
		"member": append([]T{}, items[from:min(from+size, len(items))]...), "totalItems": len(items),
		"view": map[string]any{"next": link(page+1, page*size < len(items)), "previous": link(page-1, page > 1)},
	})
}

func hydraProject(i int) map[string]any {
	return map[string]any{"@id": fmt.Sprintf("/api/projects/%d", i), "id": i, "name": fmt.Sprintf("Project %d", i*i), "status": []string{"active", "planned", "done"}[i%3]}
}

func (s *hydraServer) projects(w http.ResponseWriter, r *http.Request) {
	wanted, q := []string{}, r.URL.Query()
	for _, name := range []string{"status[]", "status[0]", "status[1]", "status[2]", "status"} { // PHP makes one variable of all of them
		if q.Has(name) && !(name == "status" && len(wanted) > 0) {
			wanted = append(wanted, q[name]...)
		}
	}
	items := []any{}
	for i := 1; i <= 23; i++ {
		if p := hydraProject(i); len(wanted) == 0 || slices.Contains(wanted, p["status"].(string)) {
			items = append(items, p)
		}
	}
	hydraPage(w, r, items)
}

func (s *hydraServer) project(w http.ResponseWriter, r *http.Request) {
	if i, err := strconv.Atoi(r.PathValue("id")); err == nil && i >= 1 && i <= 23 {
		hydraAnswer(w, 200, hydraProject(i))
		return
	}
	w.WriteHeader(404)
}

func (s *hydraServer) list(w http.ResponseWriter, r *http.Request) {
	items := []*hydraTask{}
	project, err := strconv.Atoi(r.PathValue("project"))
	if inside := r.PathValue("project") != ""; inside && (err != nil || project < 1 || project > 23) {
		w.WriteHeader(404)
		return
	}
	for _, t := range s.tasks {
		if project == 0 || t.Project == project {
			items = append(items, t)
		}
	}
	hydraPage(w, r, items)
}

// take reads a body into a task, and says whether it is valid.
func (s *hydraServer) take(r *http.Request, t *hydraTask, needsTitle bool) bool {
	var body map[string]any
	if !strings.Contains(r.Header.Get("Content-Type"), "json") || json.NewDecoder(r.Body).Decode(&body) != nil || body == nil {
		return false
	}
	if v, there := body["title"]; there || needsTitle {
		title, ok := v.(string)
		if !ok || title == "" || len([]rune(title)) > 60 {
			return false
		}
		t.Title = title
	}
	if v, there := body["estimate"]; there {
		n, ok := v.(float64)
		if !ok || n != float64(int(n)) || n < 0 || n > 400 && s.fault != "any-estimate" {
			return false
		}
		if t.ID == 0 || s.fault != "patch-drops" {
			t.Estimate = int(n)
		}
	}
	return true
}

func (s *hydraServer) create(w http.ResponseWriter, r *http.Request) {
	project, err := strconv.Atoi(r.PathValue("project"))
	if err != nil || project < 1 || project > 23 {
		w.WriteHeader(404)
		return
	}
	t := hydraTask{Estimate: 1}
	if !s.take(r, &t, true) {
		hydraAnswer(w, 422, map[string]any{"detail": "title or estimate: not valid"})
		return
	}
	if s.fault == "create-elsewhere" {
		project = 1 + project%3
	}
	made := s.add(project, t.Title, t.Estimate)
	w.Header().Set("Location", made.IRI)
	hydraAnswer(w, 201, made)
}

func (s *hydraServer) task(w http.ResponseWriter, r *http.Request) {
	at := slices.IndexFunc(s.tasks, func(t *hydraTask) bool { return fmt.Sprint(t.ID) == r.PathValue("id") })
	if at < 0 {
		w.WriteHeader(404)
		return
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		hydraAnswer(w, 200, s.tasks[at])
	case http.MethodDelete:
		if s.fault != "delete-keeps" {
			s.tasks = slices.Delete(s.tasks, at, at+1)
		}
		w.WriteHeader(204)
	case http.MethodPatch:
		changed := *s.tasks[at]
		if !s.take(r, &changed, false) {
			hydraAnswer(w, 422, map[string]any{"detail": "title or estimate: not valid"})
			return
		}
		s.tasks[at] = &changed
		hydraAnswer(w, 200, changed)
	default:
		w.Header().Set("Allow", "DELETE, GET, HEAD, PATCH")
		w.WriteHeader(405)
	}
}

// TestCreatedInside: items that are created inside of something and stand outside of it are written and taken away again, and what is wrong with that is found.
func TestCreatedInside(t *testing.T) {
	doc := openText(t, hydra)
	s, handler := newHydra("")
	before := len(s.tasks)
	r := check(t, doc, contracttest.Target{Handler: handler, Writes: true})
	require.Empty(t, r.Findings, "%s", text(r))
	require.Empty(t, r.Leftovers)
	require.Len(t, s.tasks, before)
	require.Subset(t, keptRules(r), []string{"read/list-item", "paging/links", "crud/create-read", "crud/create-list", "crud/update", "crud/delete", "http/location", "value/refused"}, "%s", text(r))
	for fault, rule := range map[string]string{"any-estimate": "value/refused", "patch-drops": "crud/update", "create-elsewhere": "crud/create-list", "delete-keeps": "crud/delete"} {
		_, handler := newHydra(fault)
		require.Contains(t, rulesOf(check(t, doc, contracttest.Target{Handler: handler, Writes: true, Include: []string{"crud/*", "value/*"}})), rule, fault)
	}
}
