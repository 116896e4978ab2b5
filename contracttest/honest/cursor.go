package honest

import (
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

//go:embed cursor.yaml
var cursorDocument string

// cursor pages by opaque cursors, names what is wrong as RFC 9457 does, and guards its items with ETags.
type cursor struct {
	*base
	customers  []record
	invoices   []record
	currencies []record
	deleted    map[string]bool
	drawn      *rand.Rand        // draws the ids
	reads      int               // of invoices
	stale      map[string]record // what was shown of an invoice first, for the faults that cache
}

// newCursor gives a server that pages by cursors: `{"data": [...], "has_more": true, "next_cursor": "..."}`, with ETags and conditional requests.
// Seed decides on data; fault is "" or the id of the one thing that is broken.
func newCursor(seed uint64, fault string, odd oddities) *Server {
	mustKnow("cursor", fault)
	s := &cursor{base: newBase("cursor", seed, fault, odd), deleted: map[string]bool{}, drawn: rand.New(rand.NewPCG(seed, 7)), stale: map[string]record{}}
	s.answer = s.serve
	random := newSeeded(seed, odd.fill)
	for i := range random.some(70) {
		s.addCustomer(random, i)
	}
	for i := range random.count(130) {
		p := record{
			"seq": i, "id": "inv_" + hex(s.drawn, 12), "number": fmt.Sprintf("2024-%04d", i), "customer": s.customers[random.IntN(len(s.customers))]["id"],
			"status": pick(random, "draft", "open", "paid", "void"), "amount": pick(random, 0, 900, 1000, 25000, random.IntN(100000)), "tax_rate": pick(random, 0, 0.07, 0.19),
			"memo": random.orNull(random.words(2)), "due": random.orNull(random.moment()), "labels": []any{pick(random, "a", "b")}, "created_at": random.moment(), "note_to_self": "call back",
		}
		p["updated_at"] = p["created_at"]
		s.invoices = append(s.invoices, p)
	}
	for i, code := range strings.Fields("AUD BRL CAD CHF CNY CZK DKK EUR GBP HUF INR JPY KRW MXN NOK NZD PLN SEK SGD TRY USD ZAR") {
		s.currencies = append(s.currencies, record{"seq": i, "code": code, "digits": map[bool]int{true: 0, false: 2}[code == "JPY" || code == "KRW"]})
	}
	return &Server{Name: "cursor", Document: cursorDocument, Token: s.token, SecondToken: s.second, Handler: s, Faults: Faults("cursor")}
}

func (s *cursor) addCustomer(random seeded, n int) {
	s.customers = append(s.customers, record{
		"seq": n, "id": "cus_" + hex(s.drawn, 12), "name": random.name(n), "email": fmt.Sprintf("mail%d@example.com", n), "phone": random.orNull(fmt.Sprint("+49 30 ", n)),
		"vip": random.IntN(3) == 0, "pin": "1234", "created_at": random.moment(),
	})
}

var (
	customerPattern = regexp.MustCompile(`^cus_[0-9a-f]{12}$`)
	invoicePattern  = regexp.MustCompile(`^inv_[0-9a-f]{12}$`)
	pinPattern      = regexp.MustCompile(`^[0-9]{4}$`)
	emailPattern    = regexp.MustCompile(`^[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$`)
)

func (s *cursor) serve(r *http.Request) answer {
	if s.odd.grows > 0 && s.requests%s.odd.grows == 0 { // another client signs up
		s.addCustomer(newSeeded(s.seed+uint64(s.requests), 1), 1000+s.requests)
	}
	parts, ok := segments(r, "/2025-01/")
	var m methods
	if ok {
		m = s.operations(parts)
	}
	if m == nil {
		return s.problem(404, "There is no such path.")
	}
	method := r.Method
	if method == http.MethodHead && !s.odd.headRefused {
		method = http.MethodGet
	}
	call := m[method]
	switch {
	case call != nil:
	case method == http.MethodOptions && !s.odd.optionsRefused:
		allow := m.allow(s.odd)
		if s.broken("options-read-only") {
			allow = "GET, HEAD, OPTIONS"
		}
		return answer{status: 204}.with("Allow", allow)
	case s.broken("method-without-allow"):
		return s.problem(405, "That method is not known here.")
	case s.broken("method-500"):
		return s.crash()
	default:
		return s.problem(405, "That method is not known here.").with("Allow", m.allow(s.odd))
	}
	if parts[0] != "ping" || s.broken("ping-locked") {
		if refusal := s.authorize(r); refusal != nil {
			return *refusal
		}
		if s.odd.limited > 0 && s.requests%s.odd.limited == 0 {
			return s.problem(429, "Wait a moment.").with("Retry-After", "0")
		}
	}
	if s.broken("repeated-500") && slices.ContainsFunc(mapValues(r), func(v []string) bool { return len(v) > 1 }) {
		return s.crash()
	}
	a := call(r)
	switch {
	case s.broken("head-no-content") && r.Method == http.MethodHead && a.status == 200:
		a = answer{status: 204}
	case s.broken("head-other-etag") && r.Method == http.MethodHead && a.header["ETag"] != "":
		a = a.with("ETag", `"head"`)
	case s.broken("accept-xml") && strings.Contains(r.Header.Get("Accept"), "xml") && a.status == 200:
		a.body, a.media = []byte("<billing/>"), "application/xml"
	}
	return a
}

func (s *cursor) operations(parts []string) methods {
	switch {
	case len(parts) == 1:
		return map[string]methods{
			"ping":       {http.MethodGet: func(*http.Request) answer { return answer{status: 200, body: record{"pong": true}} }},
			"currencies": {http.MethodGet: s.listCurrencies},
			"customers":  {http.MethodGet: s.listCustomers, http.MethodPost: s.createCustomer},
			"invoices":   {http.MethodGet: s.listInvoices, http.MethodPost: s.createInvoice},
		}[parts[0]]
	case parts[0] == "customers" && len(parts) == 2:
		on := func(f func(int) answer) func(*http.Request) answer {
			return func(r *http.Request) answer {
				i, refusal := s.find(s.customers, parts[1], customerPattern)
				if refusal != nil {
					return *refusal
				}
				return f(i)
			}
		}
		return methods{
			http.MethodGet:    on(func(i int) answer { return answer{status: 200, body: s.show(s.customers[i])} }),
			http.MethodDelete: on(s.deleteCustomer),
		}
	case parts[0] == "invoices" && (len(parts) == 2 || len(parts) == 3 && parts[2] == "pdf"):
		on := func(f func(*http.Request, int) answer) func(*http.Request) answer {
			return func(r *http.Request) answer { return s.onInvoice(r, parts[1], f) }
		}
		if len(parts) == 3 {
			return methods{http.MethodGet: on(s.getPDF)}
		}
		return methods{http.MethodGet: on(s.getInvoice), http.MethodPut: on(s.putInvoice), http.MethodPatch: on(s.patchInvoice), http.MethodDelete: on(s.deleteInvoice)}
	}
	return nil
}

// authorize gives the refusal, nil if the caller may go on.
func (s *cursor) authorize(r *http.Request) *answer {
	key := r.Header.Get("X-API-Key")
	writes := r.Method != http.MethodGet && r.Method != http.MethodHead
	switch {
	case key == s.token, key == s.second && !writes:
		return nil
	case key == s.second:
		a := s.problem(403, "This key may only read.")
		return &a
	case s.broken("open-put") && key == "" && r.Method == http.MethodPut,
		s.broken("open-by-cursor") && key == "" && r.URL.Query().Has("cursor"),
		s.broken("open-currencies") && key == "" && strings.HasSuffix(r.URL.Path, "/currencies"),
		s.broken("key-beginning") && len(key) >= 8 && strings.HasPrefix(s.token, key),
		s.broken("key-ends-anyhow") && strings.HasPrefix(key, s.token),
		s.broken("key-in-query") && key == "" && (r.URL.Query().Get("api_key") == s.token || r.URL.Query().Get("X-API-Key") == s.token),
		s.broken("key-as-bearer") && key == "" && r.Header.Get("Authorization") == "Bearer "+s.token:
		return nil
	}
	if cookie, err := r.Cookie("X-API-Key"); s.broken("key-in-cookie") && key == "" && err == nil && cookie.Value == s.token {
		return nil
	}
	if s.broken("refusal-400") {
		a := s.problem(406, "No key.")
		return &a
	}
	a := s.problem(401, "There is no valid key.")
	if !s.odd.unchallenged {
		a = a.with("WWW-Authenticate", `ApiKey realm="billing"`)
	}
	return &a
}

// reader tells whether the caller may only read, and no drafts.
func (s *cursor) reader(r *http.Request) bool { return r.Header.Get("X-API-Key") == s.second }

// problem is a refusal (RFC 9457).
func (s *cursor) problem(status int, detail string) answer {
	a := answer{status: status, body: record{"title": http.StatusText(status), "status": status, "detail": detail}, media: "application/problem+json"}
	switch {
	case s.broken("problem-as-json"):
		a.media = "application/json"
	case s.broken("problem-as-text"):
		a.body.(record)["status"] = fmt.Sprint(status)
	case s.broken("problem-other-status"):
		a.body.(record)["status"] = 400
	}
	return a
}

func (s *cursor) crash() answer {
	return answer{status: 500, body: []byte("Internal Server Error\n"), media: "text/plain; charset=utf-8"}
}

// invalid refuses a body and says why, by property.
func (s *cursor) invalid(wrong map[string]string) answer {
	status := 422
	if s.broken("error-flips") && s.again {
		status = 400
	}
	a := s.problem(status, "The body is not valid.")
	var list []any
	for _, name := range slices.Sorted(maps.Keys(wrong)) {
		list = append(list, record{"pointer": "/" + name, "detail": wrong[name]})
	}
	a.body.(record)["errors"] = list
	return a
}

// object reads a body, or refuses it.
func (s *cursor) object(r *http.Request) (map[string]any, *answer) {
	body, err := object(r)
	if err == nil {
		return body, nil
	}
	a := s.problem(400, err.Error())
	switch {
	case errors.Is(err, errMedia) && !s.odd.media400:
		a = s.problem(415, err.Error())
	case errors.Is(err, errNoJSON) && s.broken("malformed-json-500"):
		a = s.crash()
	}
	return nil, &a
}

// find looks for an item of an id: it gives its place, or the refusal.
func (s *cursor) find(items []record, id string, form *regexp.Regexp) (int, *answer) {
	var a answer
	switch i := slices.IndexFunc(items, func(it record) bool { return it["id"] == id }); {
	case i >= 0:
		return i, nil
	case !form.MatchString(id) && s.broken("malformed-key-500"):
		a = s.crash()
	case !form.MatchString(id) && s.odd.malformed400:
		a = s.problem(400, "That is no id.")
	case s.deleted[id] && s.odd.gone:
		a = s.problem(410, "It was deleted.")
	case s.broken("unknown-key-500") && form.MatchString(id):
		a = s.crash()
	default:
		a = s.problem(404, "There is nothing of that id.")
	}
	return -1, &a
}

func (s *cursor) when() time.Time { return s.now().Truncate(time.Microsecond) }
