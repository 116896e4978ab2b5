package honest

import (
	"fmt"
	"html"
	"maps"
	"math"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

func (s *django) listProjects(r *http.Request) answer {
	if s.broken("get-empties-trash") { // a link that cleans up
		s.tidy()
	}
	var rows []record
	for _, p := range s.projects {
		if s.reader(r) && p["is_public"] == false || s.broken("create-not-listed") && p["id"].(int) > s.last {
			continue
		}
		rows = append(rows, p)
	}
	if s.broken("reader-sees-more") && s.reader(r) {
		rows = append(rows, s.trash...)
	}
	if query := r.URL.Query(); s.broken("delete-found") && query.Has("owner") {
		rows = append(rows, s.gone...)
	}
	equal := func(c int) bool { return c == 0 }
	atLeast := func(c int) bool { return c > 0 || c == 0 && !s.broken("filter-gte-strict") }
	return s.list(r, djangoList{
		rows: rows, order: "-created", search: []string{"name", "notes"},
		orderable: []string{"id", "name", "priority", "budget", "status", "starts", "created"},
		filters: map[string]djangoFilter{
			"name": s.exactly("name"), "status": s.oneOf("status", "draft", "active", "archived"), "status__in": s.anyOf("status", "draft", "active", "archived"),
			"is_public": s.truth("is_public"), "owner": s.integer("owner", equal), "priority": s.integer("priority", equal),
			"priority__gte": s.integer("priority", atLeast), "priority__lte": s.integer("priority", func(c int) bool { return c <= 0 }),
			"created__gte": s.moment("created", func(c int) bool { return c >= 0 }), "created__lt": s.moment("created", func(c int) bool { return c < 0 }),
		},
	})
}

func (s *django) listTasks(r *http.Request, project record) answer {
	var rows []record
	for _, t := range s.tasks {
		if t["project"] == project["id"] || s.broken("nested-all") {
			rows = append(rows, t)
		}
	}
	return s.list(r, djangoList{
		rows: rows, search: []string{"title"}, orderable: []string{"title", "estimate", "due"}, filters: map[string]djangoFilter{"done": s.truth("done")},
	})
}

func (s *django) listUsers(r *http.Request) answer {
	return s.list(r, djangoList{
		rows: s.users, search: []string{"username", "name"}, orderable: []string{"username", "last_login"}, links: true,
		filters: map[string]djangoFilter{"is_active": s.truth("is_active"), "role": s.oneOf("role", "admin", "member", "guest")},
	})
}

// show gives an item as clients see it.
func (s *django) show(it record, inList bool) record {
	out := record{}
	for name, v := range it {
		if v == nil && s.odd.nullsAbsent && (name == "notes" || name == "due") {
			continue
		}
		out[name] = v
	}
	if s.odd.extra {
		out["url_name"] = fmt.Sprint("item-", it["id"])
	}
	if it["username"] != nil {
		if s.broken("undeclared-hash") {
			out["password"] = "pbkdf2_sha256$260000$c2FsdA"
		}
		return out
	}
	if it["owner"] == nil {
		return out
	}
	if s.odd.volatile {
		out["served_at"] = s.now()
		out["created_by"] = record{"id": 1, "username": "ada", "last_seen": s.now(), "requests": s.requests}
	}
	bad := it["id"] == s.last*3/4 // one record of many, on a late page
	switch {
	case s.broken("type-wrong") && bad:
		out["priority"] = fmt.Sprint(it["priority"])
	case s.broken("enum-outside") && bad:
		out["status"] = "paused"
	case s.broken("null-where-none") && bad:
		out["is_public"] = nil
	case s.broken("required-missing") && bad:
		delete(out, "owner")
	case s.broken("time-without-offset") && bad:
		out["updated"] = "2024-05-01 10:00:00"
	case s.broken("names-twice") && bad:
		out["notes"] = rawJSON(`"first","notes":"second"`)
	case s.broken("list-settings-null") && inList:
		out["settings"] = nil
	case s.broken("list-settings-empty") && inList:
		out["settings"] = map[string]any{}
	case s.broken("list-rounds") && inList && it["budget"] != nil:
		out["budget"] = math.Round(number(it["budget"]))
	}
	return out
}

func (s *django) getUser(key string) answer {
	for _, u := range s.users {
		if fmt.Sprint(u["id"]) == key {
			return answer{status: 200, body: s.show(u, false)}
		}
	}
	return s.notFound()
}

func (s *django) getProject(_ *http.Request, i int) answer {
	p := s.projects[i]
	key := fmt.Sprint(p["id"])
	s.reads[key]++
	out := s.show(p, false)
	switch {
	case s.broken("get-touches"):
		p["updated"] = s.now()
	case s.broken("get-flips") && s.reads[key]%2 == 0: // a cache that is not filled to the end
		out["notes"], out["starts"], out["priority"] = nil, nil, 1+p["priority"].(int)%5
	}
	return answer{status: 200, body: out}
}

// tidy removes what nobody uses.
func (s *django) tidy() {
	if i := slices.IndexFunc(s.projects, func(p record) bool { return p["status"] == "archived" }); i >= 0 && s.requests%3 == 0 {
		s.projects = slices.Delete(s.projects, i, i+1)
	}
}

// projectFields is what the document says about the properties of a project that clients may send.
func (s *django) projectFields() []field {
	fields := []field{
		{name: "name", required: true, min: 1, max: 100},
		{name: "status", enum: []string{"draft", "active", "archived"}, def: "draft"},
		{name: "priority", kind: integer, min: 1, max: 5, def: 3},
		{name: "budget", kind: decimal, null: true, max: 1e6},
		{name: "is_public", kind: boolean, def: false},
		{name: "owner", kind: integer, required: true, min: 1, max: math.MaxInt32, known: func(v any) bool { return v.(int) <= len(s.users) }},
		{name: "notes", null: true, max: 500},
		{name: "starts", kind: instant, null: true},
		{name: "handle", null: true, min: 1, max: 40, pattern: handlePattern},
		{name: "settings", kind: free, def: map[string]any{}},
	}
	switch {
	case s.broken("owner-of-nothing"):
		fields[5].known = nil
	case s.broken("handle-blank"):
		fields[8].min, fields[8].pattern = 0, regexp.MustCompile(`^[-a-zA-Z0-9_]*$`)
	case s.broken("letters-of-all"):
		fields[8].pattern = regexp.MustCompile(`^[-\p{L}0-9_]+$`)
	case s.broken("signs-refused"):
		fields[8].pattern = regexp.MustCompile(`^[-a-zA-Z0-9_]*[a-zA-Z0-9]$`)
	case s.broken("spaces-taken"):
		fields[8].pattern = regexp.MustCompile(`^[-a-zA-Z0-9_ ]+$`)
	case s.broken("digit-first-refused"):
		fields[8].pattern = regexp.MustCompile(`^[a-zA-Z_][-a-zA-Z0-9_]*$`)
	case s.broken("shortest-refused"):
		fields[8].min = 2
	case s.broken("default-now"):
		fields[7].def = time.Date(2024, 5, 5, 8, 0, 0, 0, time.UTC)
	case s.broken("bound-refused"):
		fields[2].max = 4
	case s.broken("choice-refused"):
		fields[1].enum = []string{"draft", "active"}
	case s.broken("out-of-bounds-accepted"):
		fields[2].max = 100
	case s.broken("default-forgotten"):
		fields[2].def = 1
	}
	return fields
}

var handlePattern = regexp.MustCompile(`^[-a-zA-Z0-9_]+$`)

// readProject reads a body and refuses what is wrong with it. Self is the project that it is for, nil if it is to be made.
func (s *django) readProject(r *http.Request, self record, partial bool) (record, *answer) {
	body, refusal := s.object(r)
	if refusal != nil {
		return nil, refusal
	}
	if _, named := body["name"]; !named && s.broken("required-ignored") && !partial {
		body["name"] = fmt.Sprint("Untitled ", s.requests)
	}
	if name, ok := body["name"].(string); ok && len(name) > 100 && s.broken("long-name-500") { // value too long for type character varying(100)
		a := s.crash()
		return nil, &a
	}
	given, wrong := read(s.projectFields(), body, partial, s.odd)
	if starts, ok := body["starts"].(string); ok && (s.broken("zulu-only") && !strings.HasSuffix(starts, "Z") || s.broken("fraction-refused") && strings.Contains(starts, ".")) {
		wrong["starts"] = "Must be a date-time."
	}
	if settings, ok := given["settings"].(map[string]any); ok {
		for _, v := range settings {
			if _, isText := v.(string); !isText && s.broken("texts-only") {
				wrong["settings"] = "Must be texts."
			}
		}
		if len(settings) == 0 && s.broken("nothing-refused") {
			wrong["settings"] = "May not be empty."
		}
	}
	if handle, ok := given["handle"].(string); ok && s.broken("handle-tidied") {
		given["handle"] = strings.ReplaceAll(handle, "_", "-")
	}
	if list, ok := body["settings"].([]any); ok && s.broken("array-for-object") {
		given["settings"] = list
		delete(wrong, "settings")
	}
	if text, ok := body["starts"].(string); ok && s.broken("offset-forgotten") && len(text) > 19 {
		if t, ok := parseInstant(text[:19] + "Z"); ok {
			given["starts"] = t
		}
	}
	if s.odd.readOnlyRefused {
		for _, name := range []string{"id", "created", "updated"} {
			if _, sent := body[name]; sent {
				wrong[name] = "This field is read-only."
			}
		}
	}
	if owner, ok := given["owner"].(int); ok && owner > len(s.users) { // only where nothing checks it
		given["owner"] = 1
	}
	for _, p := range s.projects {
		same := fmt.Sprint(p["id"]) == fmt.Sprint(self["id"]) && !s.broken("unique-forgets-self")
		if name, ok := given["name"]; ok && p["name"] == name && !same {
			wrong["name"] = "A project with this name already exists."
			if s.broken("duplicate-500") && self == nil {
				a := s.crash()
				return nil, &a
			}
		}
	}
	if len(wrong) == 0 {
		if created, ok := body["created"].(string); ok && s.broken("read-only-taken") {
			if t, ok := parseInstant(created); ok {
				given["created"] = t
			}
		}
		return given, nil
	}
	a := s.invalid(wrong)
	switch {
	case s.broken("type-wrong-500") && slices.Contains([]string{"Must be a text.", "Must be a number.", "Must be a boolean."}, wrong["name"]+wrong["priority"]+wrong["is_public"]):
		a = s.crash()
	case s.broken("refused-but-applied") && self != nil:
		apply(self, given)
	case s.broken("refused-leaves-shell") && self == nil:
		s.add(record{"name": fmt.Sprint("Untitled ", s.requests)})
	case s.broken("refused-last") && self == nil && given["name"] != nil && len(wrong) == 1 && wrong["owner"] != "":
		s.add(given)
	case s.broken("refused-but-created") && self == nil && given["name"] != nil && wrong["name"] == "":
		s.add(given)
	}
	return nil, &a
}

// mergedObject gives what one object becomes when another is merged into it.
func mergedObject(old, with map[string]any) map[string]any {
	out := map[string]any{}
	for _, o := range []map[string]any{old, with} {
		for name, v := range o {
			out[name] = v
		}
	}
	return out
}

// apply changes an item.
func apply(it, given record) {
	for name, v := range given {
		it[name] = v
	}
}

// add makes a project.
func (s *django) add(given record) record {
	s.made++
	p := defaults(s.projectFields())
	p["created"], p["updated"] = s.now(), s.now()
	p["owner"] = 1
	apply(p, given)
	p["id"] = s.last + s.made
	s.projects = append(s.projects, p)
	s.indexed[p["id"].(int)] = maps.Clone(p)
	return p
}

func (s *django) createProject(r *http.Request) answer {
	given, refusal := s.readProject(r, nil, false)
	if refusal != nil {
		return *refusal
	}
	switch {
	case s.broken("create-always-refused"):
		return s.invalid(map[string]string{"non_field_errors": "Quota exceeded."})
	case s.broken("create-truncates"):
		name := []rune(given["name"].(string))
		given["name"] = string(name[:min(len(name), 12)])
	case s.broken("create-escapes"):
		given["name"] = html.EscapeString(given["name"].(string))
	case s.broken("create-lower"):
		given["name"] = strings.ToLower(given["name"].(string))
	case s.broken("create-pushes-out") && len(s.projects) > 0:
		s.projects = s.projects[1:]
	}
	out := s.show(s.add(given), false)
	if s.broken("create-answers-hollow") {
		out["settings"] = map[string]any{}
	}
	if s.broken("create-answers-early") { // before the defaults of the database are there
		out["priority"], out["is_public"] = 1, true
	}
	return answer{status: 201, body: out}
}

func (s *django) putProject(r *http.Request, i int) answer {
	given, refusal := s.readProject(r, s.projects[i], false)
	if refusal != nil {
		return *refusal
	}
	if s.broken("put-forgets-budget") {
		delete(given, "budget")
	}
	switch settings, ok := given["settings"].(map[string]any); {
	case s.broken("put-merges-settings") && ok:
		given["settings"] = mergedObject(s.projects[i]["settings"].(map[string]any), settings)
	case s.broken("put-keeps-owner"):
		delete(given, "owner")
	case s.broken("put-numbers-name"):
		given["name"] = given["name"].(string) + "."
	case s.broken("put-writes-first"):
		s.projects[0]["is_public"], s.projects[0]["status"] = given["is_public"], given["status"]
	}
	for _, f := range s.projectFields() {
		if _, sent := given[f.name]; !sent && !(s.odd.putKeeps && f.def == nil) && !s.broken("put-forgets-budget") {
			given[f.name] = f.def
		}
	}
	apply(s.projects[i], given)
	s.projects[i]["updated"] = s.now()
	if s.broken("put-makes-another") {
		s.add(given)
	}
	return answer{status: 200, body: s.show(s.projects[i], false)}
}

func (s *django) patchProject(r *http.Request, i int) answer {
	p := s.projects[i]
	given, refusal := s.readProject(r, p, true)
	if refusal != nil {
		return *refusal
	}
	settings, sent := given["settings"].(map[string]any)
	switch {
	case s.broken("empty-patch-500") && len(given) == 0:
		return s.crash()
	case s.broken("patch-needs-name") && given["name"] == nil && len(given) > 0:
		return s.invalid(map[string]string{"name": "This field is required."})
	case s.broken("patch-first-only") && len(given) > 1:
		first := slices.Sorted(maps.Keys(given))[0]
		given = record{first: given[first]}
	case s.broken("patch-never-empties") && len(settings) == 0 && sent:
		delete(given, "settings")
	case s.broken("patch-resets"):
		p["notes"], p["is_public"] = nil, false
	case s.broken("patch-loses-false") && given["is_public"] == false: // if value: item.is_public = value
		delete(given, "is_public")
	case s.broken("patch-writes-first") && given["is_public"] != nil:
		s.projects[0]["is_public"] = given["is_public"]
	case s.broken("patch-merges-settings") && given["settings"] != nil:
		given["settings"] = mergedObject(p["settings"].(map[string]any), given["settings"].(map[string]any))
	case s.broken("patch-all"): // UPDATE without WHERE
		for _, other := range s.projects {
			apply(other, record{"notes": given["notes"]})
		}
	}
	apply(p, given)
	p["updated"] = s.now()
	return answer{status: 200, body: s.show(p, false)}
}

func (s *django) deleteProject(_ *http.Request, i int) answer {
	id := s.projects[i]["id"]
	switch {
	case s.broken("delete-does-nothing"):
		return answer{status: 204}
	case s.broken("delete-renumbers"): // an archive that is not left out of the list
		s.made++
		s.projects[i]["id"] = s.last + s.made
		return answer{status: 204}
	case s.broken("delete-found"):
		s.gone = append(s.gone, s.projects[i])
		s.projects = slices.Delete(s.projects, i, i+1)
	case s.broken("delete-takes-neighbour") && i > 0:
		s.projects = slices.Delete(s.projects, i-1, i+1)
	default:
		s.projects = slices.Delete(s.projects, i, i+1)
	}
	s.tasks = slices.DeleteFunc(s.tasks, func(t record) bool { return t["project"] == id })
	if s.broken("delete-500-after") {
		return s.crash()
	}
	return answer{status: 204}
}

func (s *django) createTask(r *http.Request, project record) answer {
	body, refusal := s.object(r)
	if refusal != nil {
		return *refusal
	}
	fields := []field{
		{name: "title", required: true, min: 1, max: 80},
		{name: "done", kind: boolean, def: false},
		{name: "estimate", kind: decimal, null: true, max: 1000},
		{name: "due", kind: instant, null: true},
	}
	given, wrong := read(fields, body, false, s.odd)
	if len(wrong) > 0 {
		return s.invalid(wrong)
	}
	s.made++
	t := defaults(fields)
	apply(t, given)
	t["id"], t["project"] = uuid(rand.New(rand.NewPCG(s.seed, uint64(s.made)))), project["id"]
	if s.broken("task-in-first") {
		t["project"] = s.projects[0]["id"]
	}
	s.tasks = append(s.tasks, t)
	out := s.show(t, false)
	if s.broken("task-says-first") {
		out["project"] = s.projects[0]["id"]
	}
	return answer{status: 201, body: out}
}

func (s *django) getTask(i int) answer { return answer{status: 200, body: s.show(s.tasks[i], false)} }

func (s *django) deleteTask(i int) answer {
	if s.broken("delete-takes-all-tasks") {
		project := s.tasks[i]["project"]
		s.tasks = slices.DeleteFunc(s.tasks, func(t record) bool { return t["project"] == project })
		return answer{status: 204}
	}
	if s.broken("delete-takes-namesakes") {
		title := s.tasks[i]["title"]
		s.tasks = slices.DeleteFunc(s.tasks, func(t record) bool { return t["title"] == title })
		return answer{status: 204}
	}
	s.tasks = slices.Delete(s.tasks, i, i+1)
	return answer{status: 204}
}
