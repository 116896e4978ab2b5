package honest

import (
	_ "embed"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

//go:embed django.yaml
var djangoDocument string

// django pages by number, as Django REST framework and the servers made with it do.
type django struct {
	*base
	users    []record
	projects []record
	tasks    []record
	trash    []record       // projects that nobody is to see any more
	gone     []record       // projects that were deleted, for the fault that finds them
	reads    map[string]int // how often an item was read, for the faults that count
	cached   map[string]int // how many items a list had when it was read first, for the fault that caches
	indexed  map[int]record // projects as they were when they were made, for the fault that does not keep its index up
	last     int            // the highest key of a project that was there from the start
}

// newDjango gives a server that pages by number: `page`, `page_size`, `ordering=-created`, an envelope with numbers (projects and tasks) or with links (users).
// Seed decides on data; fault is "" or the id of the one thing that is broken.
func newDjango(seed uint64, fault string, odd oddities) *Server {
	mustKnow("django", fault)
	s := &django{base: newBase("django", seed, fault, odd), reads: map[string]int{}, cached: map[string]int{}, indexed: map[int]record{}}
	s.answer = s.route
	s.populate()
	return &Server{Name: "django", Document: djangoDocument, Token: s.token, SecondToken: s.second, Handler: s, Faults: Faults("django")}
}

func (s *django) populate() {
	random := newSeeded(s.seed, s.odd.fill)
	for i := range max(3, random.count(60)) {
		s.users = append(s.users, s.newUser(random, i+1))
	}
	for i := range random.count(140) {
		p := record{
			"id": i + 1, "name": random.name(i), "status": pick(random, "draft", "active", "archived"), "priority": 1 + random.IntN(5),
			"budget": random.orNull(random.amount(30) * pick(random, 1.0, 1, 10, 100)), "is_public": random.IntN(3) > 0,
			"owner": 1 + random.IntN(len(s.users)), "notes": random.orNull(random.words(4)), "starts": random.orNull(random.moment()), "created": random.moment(),
		}
		p["handle"], p["settings"] = nil, map[string]any{}
		if i%3 > 0 {
			p["handle"], p["settings"] = fmt.Sprintf("P-%d_%d", i%7, i), map[string]any{"color": i % 5, "labels": []any{"a", i % 2}}
		}
		p["updated"] = p["created"].(time.Time).Add(time.Duration(random.IntN(1e6)) * time.Second)
		if i%40 == 7 {
			p["id"], p["is_public"] = 100000+i, true
			s.trash = append(s.trash, p)
			continue
		}
		for range pick(random, 0, 1, 3, 45) {
			if len(s.tasks) < 400 {
				s.tasks = append(s.tasks, record{
					"id": uuid(random.Rand), "project": p["id"], "title": random.words(2), "done": random.IntN(2) == 0,
					"estimate": random.orNull(random.amount(20)), "due": random.orNull(random.moment()),
				})
			}
		}
		s.projects, s.last = append(s.projects, p), i+1
	}
}

func (s *django) newUser(random seeded, id int) record {
	name := pick(random, people...)
	username := strings.ToLower(name) + strconv.Itoa(id)
	return record{
		"id": id, "username": username, "email": "user" + strconv.Itoa(id) + "@example.org", "name": name, "is_active": random.IntN(4) > 0,
		"role": pick(random, "admin", "member", "guest"), "last_login": random.orNull(random.moment()),
	}
}

func (s *django) route(r *http.Request) answer {
	if s.odd.grows > 0 && s.requests%s.odd.grows == 0 { // another client signs somebody up
		s.users = append(s.users, s.newUser(newSeeded(s.seed+uint64(s.requests), 1), len(s.users)+1))
	}
	parts, ok := segments(r, "/api/")
	if !ok || parts[len(parts)-1] != "" {
		return s.notFound()
	}
	m := s.operations(parts[:len(parts)-1])
	if m == nil {
		return s.notFound()
	}
	method := r.Method
	if method == http.MethodHead && !s.odd.headRefused {
		method = http.MethodGet
	}
	call := m[method]
	switch {
	case call != nil:
	case method == http.MethodOptions && s.broken("options-500"):
		return s.crash()
	case method == http.MethodOptions && !s.odd.optionsRefused:
		allow := m.allow(s.odd)
		if s.broken("options-wrong") {
			allow = "GET, HEAD, OPTIONS, TRACE"
		}
		return answer{status: 200, body: record{"name": "Planner"}}.with("Allow", allow)
	case s.broken("method-without-allow"):
		return s.detail(405, "Method not allowed.")
	default:
		return s.detail(405, "Method not allowed.").with("Allow", m.allow(s.odd))
	}
	if parts[0] != "health" || s.broken("health-locked") {
		if refusal := s.authorize(r, parts); refusal != nil {
			if s.broken("delete-before-asking") && method == http.MethodDelete || s.broken("patch-before-asking") && method == http.MethodPatch || s.broken("create-before-asking") && method == http.MethodPost {
				call(r) // who asks is looked at afterwards
			}
			return *refusal
		}
	}
	return s.http(r, call(r))
}

// operations gives the methods of a path, nil if there is no such path.
func (s *django) operations(parts []string) methods {
	get := func(f func(*http.Request) answer) methods { return methods{http.MethodGet: f} }
	switch strings.Join(parts[:min(1, len(parts))], "") {
	case "health":
		if len(parts) == 1 {
			return get(func(*http.Request) answer { return answer{status: 200, body: record{"status": "ok"}} })
		}
	case "users":
		switch len(parts) {
		case 1:
			return get(s.listUsers)
		case 2:
			return get(func(*http.Request) answer { return s.getUser(parts[1]) })
		}
	case "projects":
		switch {
		case len(parts) == 1:
			return methods{http.MethodGet: s.listProjects, http.MethodPost: s.createProject}
		case len(parts) == 2:
			item := func(f func(*http.Request, int) answer) func(*http.Request) answer {
				return func(r *http.Request) answer { return s.onProject(r, parts[1], f) }
			}
			return methods{
				http.MethodGet: item(s.getProject), http.MethodPut: item(s.putProject), http.MethodPatch: item(s.patchProject), http.MethodDelete: item(s.deleteProject),
			}
		case parts[2] == "tasks" && len(parts) == 3:
			list := func(f func(*http.Request, record) answer) func(*http.Request) answer {
				return func(r *http.Request) answer {
					return s.onProject(r, parts[1], func(r *http.Request, i int) answer { return f(r, s.projects[i]) })
				}
			}
			return methods{http.MethodGet: list(s.listTasks), http.MethodPost: list(s.createTask)}
		case parts[2] == "tasks" && len(parts) == 4:
			item := func(f func(int) answer) func(*http.Request) answer {
				return func(r *http.Request) answer { return s.onTask(r, parts[1], parts[3], f) }
			}
			return methods{http.MethodGet: item(s.getTask), http.MethodDelete: item(s.deleteTask)}
		}
	}
	return nil
}

// authorize gives the refusal, nil if the caller may go on. Without rights the answer is 403, never 401.
func (s *django) authorize(r *http.Request, parts []string) *answer {
	refuse := func(detail string) *answer {
		a := s.detail(403, detail)
		if s.broken("refusal-401") {
			a = s.detail(401, detail).with("WWW-Authenticate", "Bearer")
		}
		return &a
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	switch {
	case !strings.EqualFold(scheme, "Bearer") && s.broken("token-in-query") && r.URL.Query().Get("token") == s.token:
		return nil
	case scheme == "" && s.broken("open-item") && r.Method == http.MethodGet && len(parts) == 3,
		scheme == "" && s.broken("open-late-pages") && r.URL.Query().Get("page") > "1",
		scheme == "" && s.broken("open-search") && r.URL.Query().Get("search") != "",
		scheme == "" && s.broken("open-delete") && r.Method == http.MethodDelete,
		s.odd.bareToken && r.Header.Get("Authorization") == s.token:
		return nil
	case scheme == "" && s.broken("refusal-tells") && r.Method == http.MethodGet && parts[0] == "users":
		a := s.listUsers(r)
		a.status = 403
		return &a
	case scheme == "":
		return refuse("Authentication credentials were not provided.")
	case !strings.EqualFold(scheme, "Bearer"):
		return refuse("Unsupported authentication type")
	case token == s.token,
		token != "" && s.broken("token-any"),
		token != "" && s.broken("token-prefix") && strings.HasPrefix(s.token, token),
		s.broken("token-padded") && strings.HasPrefix(token, s.token):
		return nil
	case token == s.second && r.Method == http.MethodGet, token == s.second && r.Method == http.MethodHead:
		return nil
	case token == s.second:
		return refuse("You do not have permission to perform this action.")
	}
	return refuse("Token invalid/expired")
}

// reader tells whether the caller may only read, and only what is public.
func (s *django) reader(r *http.Request) bool {
	return strings.HasSuffix(r.Header.Get("Authorization"), " "+s.second)
}

// http holds the faults of the protocol, which real servers have in a layer of their own.
func (s *django) http(r *http.Request, a answer) answer {
	accept := r.Header.Get("Accept")
	switch {
	case s.broken("head-404") && r.Method == http.MethodHead:
		a.status, a.body = 404, nil
	case s.broken("any-is-html") && accept == "*/*" && r.Method == http.MethodGet:
		a.body, a.media = []byte("<html><body>Planner</body></html>"), "text/html; charset=utf-8"
	case s.broken("accept-html") && strings.HasPrefix(accept, "text/html"):
		a.body, a.media = []byte("<html><body>Planner</body></html>"), "text/html; charset=utf-8"
	case s.broken("html-error") && a.status == 404:
		a.body, a.media = []byte("<h1>Not Found</h1>"), "text/html; charset=utf-8"
	case s.broken("error-flips") && a.status == 400 && s.again:
		a = s.detail(403, "Try again.")
	case s.broken("repeated-500") && slices.ContainsFunc(mapValues(r), func(v []string) bool { return len(v) > 1 }):
		a = s.crash()
	}
	return a
}

// mapValues gives the values of every parameter.
func mapValues(r *http.Request) [][]string {
	var out [][]string
	for _, v := range r.URL.Query() {
		out = append(out, v)
	}
	return out
}

func (s *django) detail(status int, detail string) answer {
	return answer{status: status, body: record{"detail": detail}}
}

func (s *django) notFound() answer { return s.detail(404, "Not found.") }

func (s *django) crash() answer {
	return answer{status: 500, body: []byte("<h1>Server Error (500)</h1>"), media: "text/html; charset=utf-8"}
}

// invalid refuses a request and says why, by field.
func (s *django) invalid(wrong map[string]string) answer {
	body := record{}
	for name, why := range wrong {
		body[name] = []any{why}
	}
	return answer{status: 400, body: body}
}

// object reads a body, or refuses it.
func (s *django) object(r *http.Request) (map[string]any, *answer) {
	if s.broken("charset-refused") && strings.Contains(r.Header.Get("Content-Type"), ";") {
		a := s.detail(415, "Unsupported media type in request.")
		return nil, &a
	}
	body, err := object(r)
	if err == nil {
		return body, nil
	}
	a := s.invalid(map[string]string{"non_field_errors": "JSON parse error"})
	if errors.Is(err, errMedia) && !s.odd.media400 {
		a = s.detail(415, "Unsupported media type in request.")
	}
	if errors.Is(err, errNoJSON) && s.broken("malformed-json-500") {
		a = s.crash()
	}
	return nil, &a
}

// onProject finds a project that the caller may see, by its key.
func (s *django) onProject(r *http.Request, key string, f func(*http.Request, int) answer) answer {
	if s.broken("key-and-more") && r.Method == http.MethodGet {
		key = key[:len(key)-len(strings.TrimLeft(key, "0123456789"))]
	}
	id, err := strconv.Atoi(key)
	if err != nil || id < 0 || id > math.MaxInt32 {
		if s.broken("malformed-key-500") {
			return s.crash()
		}
		return s.notFound()
	}
	i := slices.IndexFunc(s.projects, func(p record) bool { return p["id"] == id && !(s.reader(r) && p["is_public"] == false) })
	switch {
	case i < 0 && s.broken("unknown-key-200") && r.Method == http.MethodGet && len(s.projects) > 0:
		return f(r, 0)
	case i < 0 && s.broken("put-creates-unknown") && r.Method == http.MethodPut && id > s.last:
		given, refusal := s.readProject(r, nil, false)
		if refusal != nil {
			return *refusal
		}
		p := s.add(given)
		p["id"] = id
		return answer{status: 200, body: s.show(p, false)}
	case i < 0 && s.broken("delete-twice-500") && r.Method == http.MethodDelete:
		return s.crash()
	case i < 0:
		return s.notFound()
	case s.broken("teapot") && id%7 == 3:
		return s.detail(418, "I'm a teapot.")
	}
	return f(r, i)
}

func (s *django) onTask(r *http.Request, project, key string, f func(int) answer) answer {
	return s.onProject(r, project, func(_ *http.Request, p int) answer {
		i := slices.IndexFunc(s.tasks, func(t record) bool {
			return t["id"] == strings.ToLower(key) && (t["project"] == s.projects[p]["id"] || s.broken("task-of-another"))
		})
		if i < 0 {
			return s.notFound()
		}
		return f(i)
	})
}
