package honest

import (
	_ "embed"
	"errors"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

//go:embed offset.yaml
var offsetDocument string

// offset pages by offset and limit, answers bare arrays, and tells the rest in headers.
type offset struct {
	*base
	suppliers []record
	products  []record
	deleted   map[string]bool
	settings  record
	reads     int
	drawn     *rand.Rand // draws the ids
}

// newOffset gives a server that pages by `offset` and `limit`, with bare arrays, X-Total-Count and Link headers (RFC 8288).
// Seed decides on data; fault is "" or the id of the one thing that is broken.
func newOffset(seed uint64, fault string, odd oddities) *Server {
	mustKnow("offset", fault)
	s := &offset{base: newBase("offset", seed, fault, odd), deleted: map[string]bool{}, drawn: rand.New(rand.NewPCG(seed, 99))}
	s.answer = s.serve
	s.settings = record{"currency": "EUR", "low_stock": 5, "notifications": true, "contact": nil}
	random := newSeeded(seed, odd.fill)
	for i := range random.some(45) {
		s.addSupplier(random, i)
	}
	for i := range random.count(150) {
		p := record{
			"id": uuid(s.drawn), "sku": sku(i), "title": random.name(i / 2), "description": random.words(3), "price": random.amount(40) * pick(random, 1.0, 5, 25),
			"stock": pick(random, 0, 3, 20, 100, random.IntN(5000)), "category": pick(random, "tools", "toys", "books", "garden"), "discontinued": random.IntN(4) == 0,
			"supplier_id": s.suppliers[random.IntN(len(s.suppliers))]["id"], "weight": random.orNull(random.amount(9)), "released_at": random.orNull(random.moment()),
			"tags": []any{"a", pick(random, "new", "sale")}, "created_at": random.moment(),
		}
		p["updated_at"] = p["created_at"]
		if p["alternate_id"] = nil; i%3 > 0 {
			p["alternate_id"] = s.suppliers[i%len(s.suppliers)]["id"]
		}
		s.products = append(s.products, p)
	}
	return &Server{Name: "offset", Document: offsetDocument, Token: s.token, SecondToken: s.second, Handler: s, Faults: Faults("offset")}
}

// sku gives an article number.
func sku(n int) string {
	return string([]byte{'A' + byte(n*7%26), 'A' + byte(n*3%26), 'Z'}) + "-" + string([]byte{'0' + byte(n/1000%10), '0' + byte(n/100%10), '0' + byte(n/10%10), '0' + byte(n%10)})
}

func (s *offset) addSupplier(random seeded, n int) {
	s.suppliers = append(s.suppliers, record{
		"id": uuid(s.drawn), "name": random.name(n), "country": pick(random, "DE", "FR", "JP", "US"), "contact": random.orNull(pick(random, people...)),
		"rating": random.orNull(random.IntN(11)), "created_at": random.moment(),
	})
}

func (s *offset) serve(r *http.Request) answer {
	if s.odd.grows > 0 && s.requests%s.odd.grows == 0 { // another client enters a supplier
		s.addSupplier(newSeeded(s.seed+uint64(s.requests), 1), 500+s.requests)
	}
	if s.odd.limited > 0 && s.requests%s.odd.limited == 0 {
		return s.refuse(429, "rate", "Too many requests.").with("Retry-After", "0")
	}
	parts, ok := segments(r, "/v1/")
	m := s.operations(parts)
	switch {
	case !ok || m == nil:
		return s.refuse(404, "not_found", "There is no such path.")
	case s.broken("key-bytes-500") && !utf8.ValidString(r.URL.Path):
		return s.crash()
	case s.broken("cookie-500") && r.Header.Get("Cookie") != "", s.broken("long-query-500") && len(r.URL.RawQuery) > 2000:
		return s.crash()
	}
	method := r.Method
	if method == http.MethodHead && !s.odd.headRefused {
		method = http.MethodGet
	}
	call := m[method]
	switch {
	case call != nil:
	case method == http.MethodOptions && !s.odd.optionsRefused:
		if s.broken("options-all") {
			return answer{status: 204}.with("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")
		}
		return answer{status: 204}.with("Allow", m.allow(s.odd))
	case s.broken("method-404"):
		return s.refuse(404, "not_found", "There is no such path.")
	case s.broken("method-200"):
		return answer{status: 200, body: record{}}
	default:
		return s.refuse(405, "method", "That method is not known here.").with("Allow", m.allow(s.odd))
	}
	if parts[0] != "health" || s.broken("health-locked") {
		if refusal := s.authorize(r, parts); refusal != nil {
			return *refusal
		}
	}
	a := call(r)
	switch {
	case s.broken("head-as-text") && r.Method == http.MethodHead && a.status == 200:
		a.media = "text/plain"
	case s.broken("accept-500") && r.Header.Get("Accept") != "" && !strings.Contains(r.Header.Get("Accept"), "json") && !strings.Contains(r.Header.Get("Accept"), "*/*"):
		return s.crash()
	}
	return a
}

func (s *offset) operations(parts []string) methods {
	one := func(f func() answer) func(*http.Request) answer { return func(*http.Request) answer { return f() } }
	switch {
	case len(parts) == 1:
		return map[string]methods{
			"health":    {http.MethodGet: func(*http.Request) answer { return answer{status: 200, body: record{"ok": true}} }},
			"settings":  {http.MethodGet: func(*http.Request) answer { return answer{status: 200, body: s.settings} }, http.MethodPatch: s.changeSettings},
			"countries": {http.MethodGet: s.listCountries},
			"suppliers": {http.MethodGet: s.listSuppliers, http.MethodPost: s.createSupplier},
			"products":  {http.MethodGet: s.listProducts, http.MethodPost: s.createProduct},
		}[parts[0]]
	case len(parts) == 2 && parts[0] == "suppliers":
		id := strings.ToLower(parts[1])
		return methods{
			http.MethodGet: one(func() answer {
				return s.onSupplier(id, func(i int) answer { return answer{status: 200, body: s.supplier(s.suppliers[i])} })
			}),
			http.MethodDelete: one(func() answer { return s.onSupplier(id, s.deleteSupplier) }),
		}
	case len(parts) == 2 && parts[0] == "products":
		id := strings.ToLower(parts[1])
		on := func(f func(*http.Request, int) answer) func(*http.Request) answer {
			return func(r *http.Request) answer { return s.onProduct(id, r, f) }
		}
		return methods{http.MethodGet: on(s.getProduct), http.MethodPut: on(s.putProduct), http.MethodPatch: on(s.patchProduct), http.MethodDelete: on(s.deleteProduct)}
	case len(parts) == 3 && parts[0] == "suppliers" && parts[2] == "products":
		return methods{http.MethodGet: func(r *http.Request) answer {
			if i, _ := s.find(s.suppliers, strings.ToLower(parts[1])); i < 0 && s.broken("nested-of-nothing") {
				return s.listProductsOf(r, "")
			}
			return s.onSupplier(strings.ToLower(parts[1]), func(i int) answer { return s.listProductsOf(r, s.suppliers[i]["id"]) })
		}}
	}
	return nil
}

// authorize gives the refusal, nil if the caller may go on: 401 for a stranger, 403 for somebody with too few rights.
func (s *offset) authorize(r *http.Request, parts []string) *answer {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	bearer := strings.EqualFold(scheme, "Bearer")
	writes := r.Method != http.MethodGet && r.Method != http.MethodHead
	switch {
	case bearer && token == s.token:
		return nil
	case bearer && token == s.second && !writes:
		return nil
	case bearer && token == s.second:
		a := s.refuse(403, "forbidden", "This token may only read.")
		return &a
	case s.broken("scheme-ignored") && token == s.token,
		s.broken("scheme-basic") && strings.EqualFold(scheme, "Basic") && token == s.token,
		s.broken("token-empty") && bearer && token == "",
		s.broken("token-any-case") && bearer && strings.EqualFold(token, s.token),
		s.broken("token-of-length") && bearer && len(token) == len(s.token),
		s.broken("token-any-writes") && bearer && token != "" && writes,
		s.broken("open-nested") && scheme == "" && len(parts) == 3,
		s.broken("open-settings") && scheme == "" && parts[0] == "settings" && writes,
		s.broken("open-post") && scheme == "" && r.Method == http.MethodPost,
		s.broken("open-head") && scheme == "" && r.Method == http.MethodHead:
		return nil
	}
	if cookie, err := r.Cookie("Authorization"); s.broken("token-in-cookie") && err == nil && cookie.Value == s.token {
		return nil
	}
	if s.broken("token-in-parameter") && r.URL.Query().Get("access_token") == s.token {
		return nil
	}
	a := s.refuse(401, "unauthorized", "There is no valid token.")
	switch {
	case s.broken("no-challenge"):
		return &a
	case s.broken("refusal-404"):
		a = s.refuse(404, "not_found", "There is no such path.")
		return &a
	case s.broken("refusal-redirects"):
		a = answer{status: 302}.with("Location", "/login")
		return &a
	}
	a = a.with("WWW-Authenticate", `Bearer realm="stockroom"`)
	return &a
}

// reader tells whether the caller may only read, and no discontinued products.
func (s *offset) reader(r *http.Request) bool {
	return strings.HasSuffix(r.Header.Get("Authorization"), " "+s.second)
}

func (s *offset) refuse(status int, code, message string) answer {
	if s.broken("error-shape") && status == 404 {
		return answer{status: status, body: record{"message": message}}
	}
	return answer{status: status, body: record{"error": record{"code": code, "message": message}}}
}

func (s *offset) crash() answer {
	return answer{status: 500, body: record{"error": record{"code": "internal", "message": "runtime error: index out of range"}}}
}

// invalid refuses a request and says why, by field or parameter.
func (s *offset) invalid(field, message string) answer {
	status := 400
	if s.broken("error-flips") && s.again {
		status = 409
	}
	return answer{status: status, body: record{"error": record{
		"code": "invalid", "message": "The request is not valid.", "details": []any{record{"field": field, "message": message}},
	}}}
}

// object reads a body, or refuses it.
func (s *offset) object(r *http.Request) (map[string]any, *answer) {
	if s.broken("any-content-type") {
		r.Header.Del("Content-Type")
	}
	body, err := object(r)
	if err == nil {
		return body, nil
	}
	a := s.invalid("body", err.Error())
	switch {
	case errors.Is(err, errMedia) && !s.odd.media400:
		a = s.refuse(415, "media_type", err.Error())
	case errors.Is(err, errNoJSON) && s.broken("malformed-json-empty") && r.Method == http.MethodPatch:
		return map[string]any{}, nil
	}
	return nil, &a
}

// find looks for an item of an id: it gives its place, or the refusal.
func (s *offset) find(items []record, id string) (int, *answer) {
	var a answer
	switch i := slices.IndexFunc(items, func(it record) bool { return it["id"] == id }); {
	case i >= 0:
		return i, nil
	case !uuidPattern.MatchString(id) && s.broken("malformed-key-500"):
		a = s.crash()
	case !uuidPattern.MatchString(id) && s.odd.malformed400:
		a = s.invalid("id", "Must be a UUID.")
	case s.deleted[id] && s.odd.gone:
		a = s.refuse(410, "gone", "It was deleted.")
	default:
		a = s.refuse(404, "not_found", "There is nothing of that id.")
	}
	return -1, &a
}

func (s *offset) onSupplier(id string, f func(int) answer) answer {
	i, refusal := s.find(s.suppliers, id)
	if refusal != nil {
		return *refusal
	}
	return f(i)
}

func (s *offset) onProduct(id string, r *http.Request, f func(*http.Request, int) answer) answer {
	i, refusal := s.find(s.products, id)
	switch {
	case refusal != nil && s.broken("unknown-key-null") && r.Method == http.MethodGet && uuidPattern.MatchString(id):
		return answer{status: 200, body: rawJSON("null")}
	case refusal != nil && s.broken("delete-twice-500") && s.deleted[id] && r.Method == http.MethodDelete:
		return s.crash()
	case refusal != nil:
		return *refusal
	case s.reader(r) && s.products[i]["discontinued"] == true:
		return s.refuse(404, "not_found", "There is nothing of that id.")
	}
	return f(r, i)
}

// when writes the time of a request.
func (s *offset) when() time.Time { return s.now().Truncate(time.Millisecond) }
