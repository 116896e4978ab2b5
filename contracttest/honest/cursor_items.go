package honest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// show gives an item as clients see it, without what is only written.
func (s *cursor) show(it record) record {
	out := maps.Clone(it)
	delete(out, "seq")
	if !s.broken("secret-shown") {
		delete(out, "note_to_self")
	}
	if !s.broken("pin-shown") {
		delete(out, "pin")
	}
	for _, name := range []string{"memo", "phone", "due"} {
		if out[name] == nil && s.odd.nullsAbsent {
			delete(out, name)
		}
	}
	if s.odd.extra {
		out["object"] = "item"
	}
	if it["amount"] == nil {
		return out
	}
	if s.odd.volatile {
		out["request_id"] = fmt.Sprint("req_", s.requests)
	}
	bad := len(s.invoices) > 30 && it["id"] == s.invoices[len(s.invoices)/2]["id"]
	switch {
	case s.broken("amount-fraction") && bad:
		out["amount"] = number(it["amount"]) + 0.5
	case s.broken("status-capital") && bad:
		out["status"] = "Paid"
	case s.broken("time-local") && bad:
		out["created_at"] = "2024-03-01T10:00:00"
	case s.broken("not-unicode") && bad:
		out["memo"] = rawJSON("\"caf\xe9\"")
	}
	return out
}

// inList gives an item as lists show it.
func (s *cursor) inList(it record) record {
	out := s.show(it)
	if id, ok := out["id"].(string); ok && s.broken("list-stale") { // lists are cached for ever
		if s.stale[id] == nil {
			s.stale[id] = out
		}
		return s.stale[id]
	}
	if s.broken("list-without-memo") {
		delete(out, "memo")
	}
	if s.broken("list-other-tax") && it["tax_rate"] != nil {
		out["tax_rate"] = 0
	}
	return out
}

// etag names the state of an invoice. It is weak where responses differ although nothing has changed.
func (s *cursor) etag(it record) string {
	tag := fmt.Sprintf(`"%08x"`, s.hash(string(s.encode(nil, it))))
	switch {
	case s.broken("etag-constant"):
		tag = `"1"`
	case s.broken("etag-of-memo"):
		tag = fmt.Sprintf(`"%08x"`, s.hash(fmt.Sprint(it["memo"])))
	case s.broken("etag-without-labels"):
		rest := maps.Clone(it)
		delete(rest, "labels")
		delete(rest, "updated_at")
		tag = fmt.Sprintf(`"%08x"`, s.hash(string(s.encode(nil, rest))))
	case s.broken("etag-random"):
		tag = fmt.Sprintf(`"%d"`, s.requests)
	}
	if s.broken("etag-bare") {
		return strings.Trim(tag, `"`)
	}
	if s.odd.weakETags || s.odd.volatile {
		return "W/" + tag
	}
	return tag
}

// tags are the entity tags of a header.
func tags(header string) []string {
	var out []string
	for part := range strings.SplitSeq(header, ",") {
		out = append(out, strings.TrimSpace(part))
	}
	return out
}

// matches compares an item's tag with those of If-None-Match, which does so weakly (RFC 9110 §13.1.2).
func matches(header, etag string) bool {
	return header != "" && slices.ContainsFunc(tags(header), func(t string) bool {
		return t == "*" || strings.TrimPrefix(t, "W/") == strings.TrimPrefix(etag, "W/")
	})
}

// guards tells whether If-Match allows a write. It compares strongly: a weak tag allows nothing (RFC 9110 §13.1.1).
func guards(header, etag string) bool {
	return header == "" || slices.ContainsFunc(tags(header), func(t string) bool { return t == "*" || t == etag && !strings.HasPrefix(t, "W/") })
}

func (s *cursor) onInvoice(r *http.Request, id string, f func(*http.Request, int) answer) answer {
	i, refusal := s.find(s.invoices, id, invoicePattern)
	switch {
	case refusal != nil && s.broken("delete-twice-500") && r.Method == http.MethodDelete && s.deleted[id]:
		return s.crash()
	case refusal != nil:
		return *refusal
	case s.reader(r) && s.invoices[i]["status"] == "draft":
		return s.problem(404, "There is nothing of that id.")
	case strings.HasSuffix(r.URL.Path, "/pdf"): // a redirect: conditions do not count (RFC 9110 §13.2.1)
	case !guards(r.Header.Get("If-Match"), s.etag(s.invoices[i])) && !s.broken("if-match-ignored"),
		r.Method != http.MethodGet && r.Method != http.MethodHead && matches(r.Header.Get("If-None-Match"), s.etag(s.invoices[i])):
		if s.broken("if-match-late") { // the answer is 412, and the write is done
			f(r, i)
		}
		return s.problem(412, "It is not as the conditions say.")
	case s.broken("if-match-refused") && r.Header.Get("If-Match") != "":
		return s.problem(412, "It is not as the conditions say.")
	}
	return f(r, i)
}

func (s *cursor) invoice(status int, it record) answer {
	a := answer{status: status, body: s.show(it)}
	if s.broken("etag-missing") {
		return a
	}
	return a.with("ETag", s.etag(it))
}

func (s *cursor) getInvoice(r *http.Request, i int) answer {
	it := s.invoices[i]
	s.reads++
	condition := r.Header.Get("If-None-Match")
	if matches(condition, s.etag(it)) && !s.broken("etag-useless") || condition != "" && s.broken("etag-always-304") {
		return answer{status: 304}.with("ETag", s.etag(it))
	}
	a := s.invoice(200, it)
	switch {
	case s.broken("get-opens") && it["status"] == "draft":
		it["status"] = "open"
	case s.broken("get-renumbers"):
		it["number"] = fmt.Sprintf("2026-%05d", s.requests)
	case s.broken("get-unstable-tax") && s.reads%2 == 0:
		a.body.(record)["tax_rate"] = 0.21
	case s.broken("read-stale"): // a cache that writes do not empty
		id := it["id"].(string)
		if s.stale[id] == nil {
			s.stale[id] = a.body.(record)
		}
		a.body = s.stale[id]
	}
	return a
}

func (s *cursor) getPDF(_ *http.Request, i int) answer {
	a := answer{status: 302}
	if s.broken("redirect-nowhere") {
		return a
	}
	return a.with("Location", fmt.Sprintf("https://files.example.com/%s.pdf", s.invoices[i]["id"]))
}

// invoiceFields is what the document says about the properties of an invoice that clients may send.
func (s *cursor) invoiceFields() []field {
	fields := []field{
		{name: "customer", required: true, max: 20, pattern: customerPattern, known: func(v any) bool {
			i, _ := s.find(s.customers, v.(string), customerPattern)
			return i >= 0
		}},
		{name: "status", enum: []string{"draft", "open", "paid", "void"}, def: "draft"},
		{name: "amount", kind: integer, required: true, max: 1e7},
		{name: "tax_rate", kind: decimal, max: 1, def: 0.19},
		{name: "memo", null: true, max: 200},
		{name: "due", kind: instant, null: true},
		{name: "labels", kind: texts, max: 5, def: []any{}},
		{name: "note_to_self", max: 100},
	}
	switch {
	case s.broken("zero-refused"):
		fields[2].min = 1
	case s.broken("bounds-off"):
		fields[3].min, fields[3].max = -1, 100
	case s.broken("null-accepted"):
		fields[3].null = true
	case s.broken("required-ignored"):
		fields[2].required, fields[2].def = false, 0
	case s.broken("default-forgotten"):
		fields[1].def = "open"
	}
	return fields
}

// readInvoice reads a body, and refuses what is wrong with it. Self is the invoice that it is for, nil if it is to be made.
func (s *cursor) readInvoice(r *http.Request, self record, partial bool) (record, *answer) {
	body, refusal := s.object(r)
	if refusal != nil {
		return nil, refusal
	}
	var crash bool
	if _, sent := body["amount"]; !sent && s.broken("required-500") && !partial {
		crash = true
	}
	if amount := fmt.Sprint(body["amount"]); s.broken("big-number-500") && len(strings.TrimLeft(amount, "-0123456789")) == 0 && len(amount) > 18 {
		crash = true
	}
	if memo, _ := body["memo"].(string); s.broken("long-memo-500") && len(memo) > 200 {
		crash = true
	}
	if crash {
		a := s.crash()
		return nil, &a
	}
	given, wrong := read(s.invoiceFields(), body, partial, s.odd)
	for _, name := range []string{"id", "number", "created_at", "updated_at", "request_id"} {
		if _, sent := body[name]; sent && s.odd.readOnlyRefused {
			wrong[name] = "This property is read-only."
		}
	}
	if number, ok := body["number"].(string); ok && s.broken("read-only-taken") {
		given["number"] = number
	}
	if len(wrong) == 0 {
		return given, nil
	}
	switch {
	case s.broken("refused-but-applied") && self != nil:
		apply(self, given)
	case s.broken("refused-but-created") && self == nil && given["customer"] != nil:
		s.addInvoice(given)
	}
	a := s.invalid(wrong)
	return nil, &a
}

func (s *cursor) addInvoice(given record) record {
	it := defaults(s.invoiceFields())
	it["amount"] = 0
	it["seq"], it["id"], it["created_at"], it["updated_at"] = 1000+s.made, "inv_"+hex(s.drawn, 12), s.when(), s.when()
	it["number"] = fmt.Sprintf("2025-%04d", s.made)
	apply(it, given)
	s.made++
	s.invoices = append(s.invoices, it)
	return it
}

func (s *cursor) createInvoice(r *http.Request) answer {
	given, refusal := s.readInvoice(r, nil, false)
	if refusal != nil {
		return *refusal
	}
	switch {
	case s.broken("memo-lost"):
		delete(given, "memo")
	case s.broken("labels-joined") && given["labels"] != nil:
		given["labels"] = []any{fmt.Sprint(given["labels"])}
	}
	it := s.addInvoice(given)
	a := s.invoice(201, it)
	location := fmt.Sprint("/2025-01/invoices/", it["id"])
	switch {
	case s.broken("location-list"):
		location = "/2025-01/invoices/"
	case s.broken("create-answers-old-number"):
		a.body.(record)["number"] = "pending"
	case s.broken("create-202"):
		a.status = 202
	}
	if s.odd.links != linksRelative {
		location = s.origin(r) + location
	}
	return a.with("Location", location)
}

func (s *cursor) putInvoice(r *http.Request, i int) answer {
	it := s.invoices[i]
	given, refusal := s.readInvoice(r, it, false)
	switch {
	case refusal != nil:
		return *refusal
	case s.broken("put-500"):
		return s.crash()
	case s.broken("put-drops-memo"):
		delete(given, "memo")
	case s.broken("put-joins-labels"): // a set that only grows
		labels, _ := given["labels"].([]any)
		for _, old := range it["labels"].([]any) {
			if !slices.Contains(labels, old) {
				labels = append(slices.Clone(labels), old)
			}
		}
		given["labels"] = labels
	case s.broken("put-twice-adds"):
		given["amount"] = given["amount"].(int) + it["amount"].(int)%1000 + 1
	}
	for _, f := range s.invoiceFields() {
		if s.broken("put-merges") {
			break
		}
		if _, sent := given[f.name]; !sent && !(s.odd.putKeeps && f.def == nil) && !(s.broken("put-drops-memo") && f.name == "memo") {
			given[f.name] = f.def
		}
	}
	if s.broken("put-renumbers") { // it is deleted and made again
		s.made++
		it["number"] = fmt.Sprintf("2025-%04d", s.made)
	}
	apply(it, given)
	it["updated_at"] = s.when()
	return s.invoice(200, it)
}

func (s *cursor) patchInvoice(r *http.Request, i int) answer {
	it := s.invoices[i]
	given, refusal := s.readInvoice(r, it, true)
	switch {
	case refusal != nil:
		return *refusal
	case s.broken("patch-joins-labels") && given["labels"] != nil:
		given["labels"] = append(slices.Clone(it["labels"].([]any)), given["labels"].([]any)...)
	case s.broken("patch-202"):
		return answer{status: 202}
	case s.broken("patch-keeps-labels") && len(given) == 1 && fmt.Sprint(given["labels"]) == "[]": // nothing is falsy
		delete(given, "labels")
	case s.broken("patch-by-memo"):
		for _, other := range s.invoices {
			if it["memo"] != nil && other["memo"] == it["memo"] && other["id"] != it["id"] {
				apply(other, maps.Clone(given))
			}
		}
	case s.broken("patch-wipes"):
		for _, f := range s.invoiceFields() {
			if !f.required {
				it[f.name] = f.def
			}
		}
	}
	apply(it, given)
	it["updated_at"] = s.when()
	return s.invoice(200, it)
}

func (s *cursor) deleteInvoice(_ *http.Request, i int) answer {
	id := s.invoices[i]["id"].(string)
	switch {
	case s.broken("delete-voids"): // it should have been hidden
		s.invoices[i]["status"] = "void"
		return answer{status: 204}
	case s.broken("delete-next-too") && i > 0:
		i--
		s.invoices = slices.Delete(s.invoices, i, i+1)
	}
	s.deleted[id] = true
	s.invoices = slices.DeleteFunc(s.invoices, func(it record) bool { return it["id"] == id })
	return answer{status: 204}
}
