package honest

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// supplier and product give items as clients see them.
func (s *offset) supplier(it record) record {
	out := maps.Clone(it)
	if s.odd.extra {
		out["_links"] = record{"self": fmt.Sprint("/v1/suppliers/", it["id"])}
	}
	return out
}

func (s *offset) product(it record, inList bool) record {
	out := maps.Clone(it)
	if s.odd.nullsAbsent && out["released_at"] == nil {
		delete(out, "released_at")
	}
	if s.odd.extra {
		out["_links"] = record{"self": fmt.Sprint("/v1/products/", it["id"])}
	}
	if s.odd.volatile {
		out["served_at"] = s.now()
	}
	bad := len(s.products) > 30 && it["id"] == s.products[len(s.products)*2/3]["id"]
	switch {
	case s.broken("price-as-text") && bad:
		out["price"] = fmt.Sprint(it["price"])
	case s.broken("key-of-nothing") && bad:
		out["supplier_id"] = "none"
	case s.broken("not-a-number") && bad:
		out["weight"] = rawJSON("NaN")
	case s.broken("array-null") && bad:
		out["tags"] = nil
	case s.broken("undeclared-cost"):
		out["internal_cost"] = number(it["price"]) / 2
	case s.broken("detail-in-cents") && !inList:
		out["price"] = number(it["price"]) * 100
	}
	return out
}

func (s *offset) getProduct(_ *http.Request, i int) answer {
	p := s.products[i]
	out := s.product(p, false)
	s.reads++
	switch tags, _ := out["tags"].([]any); {
	case s.broken("get-unstable-order") && s.reads%2 == 0: // the order of a set
		tags = slices.Clone(tags)
		slices.Reverse(tags)
		out["tags"] = tags
	case s.broken("get-neighbour") && i%3 == 1:
		out = s.product(s.products[i-1], false)
	case s.broken("get-takes") && p["stock"].(int) > 0:
		p["stock"] = p["stock"].(int) - 1
	}
	return answer{status: 200, body: out}
}

var (
	skuPattern     = regexp.MustCompile(`^[A-Z]{3}-[0-9]{4}$`)
	countryPattern = regexp.MustCompile(`^[A-Z]{2}$`)
)

// productFields is what the document says about the properties of a product that clients may send.
func (s *offset) productFields() []field {
	fields := []field{
		{name: "sku", required: true, max: 8, pattern: skuPattern},
		{name: "title", required: true, min: 1, max: 120},
		{name: "description", max: 1000, def: ""},
		{name: "price", kind: decimal, required: true, max: 1e5},
		{name: "stock", kind: integer, max: 1e6, def: 0},
		{name: "category", required: true, enum: []string{"tools", "toys", "books", "garden"}},
		{name: "discontinued", kind: boolean, def: false},
		{name: "supplier_id", required: true, max: 36, pattern: uuidPattern, known: func(v any) bool {
			i, _ := s.find(s.suppliers, strings.ToLower(v.(string)))
			return i >= 0
		}},
		{name: "alternate_id", null: true, max: 36, pattern: uuidPattern, known: func(v any) bool {
			i, _ := s.find(s.suppliers, strings.ToLower(v.(string)))
			return i >= 0
		}},
		{name: "weight", kind: decimal, null: true, max: 1e4},
		{name: "released_at", kind: instant, null: true},
		{name: "tags", kind: texts, max: 5, def: []any{}},
	}
	switch {
	case s.broken("pattern-unchecked"):
		fields[0].pattern = nil
	case s.broken("pattern-any-case"):
		fields[0].pattern = regexp.MustCompile(`^(?i)[A-Z]{3}-[0-9]{4}$`)
	case s.broken("pattern-begins"):
		fields[0].pattern = regexp.MustCompile(`^[A-Z]{3}-[0-9]+`)
	case s.broken("null-refused"):
		fields[8].null = false
	case s.broken("pattern-anywhere"):
		fields[0].pattern, fields[0].max = regexp.MustCompile(`[A-Z]{3}-[0-9]{4}`), 100
	case s.broken("weight-of-any-size"):
		fields[9].min, fields[9].max = -1e9, 1e9
	case s.broken("negative-accepted"):
		fields[4].min = -1e6
	case s.broken("required-ignored"):
		fields[5].required, fields[5].def = false, "tools"
	case s.broken("choice-refused"):
		fields[5].enum = []string{"tools", "toys", "garden"}
	case s.broken("default-forgotten"):
		fields[6].def = true
	}
	return fields
}

// readProduct reads a body, and refuses it if it is wrong or in the way of another product.
func (s *offset) readProduct(r *http.Request, self record, partial bool) (record, *answer) {
	if s.broken("bodiless-500") && r.ContentLength == 0 {
		a := s.crash()
		return nil, &a
	}
	body, refusal := s.object(r)
	if refusal != nil {
		if s.broken("array-500") && refusal.status != 415 {
			*refusal = s.crash()
		}
		return nil, refusal
	}
	if id, ok := body["alternate_id"].(string); ok && s.broken("malformed-as-null") && !uuidPattern.MatchString(id) {
		body["alternate_id"] = nil
	}
	title, _ := body["title"].(string)
	for _, c := range title {
		if s.broken("emoji-500") && c > 0xffff || s.broken("nul-500") && c == 0 {
			a := s.crash()
			return nil, &a
		}
	}
	if n, ok := body["stock"].(json.Number); ok && s.broken("fraction-cut") {
		whole, _, _ := strings.Cut(n.String(), ".")
		body["stock"] = json.Number(whole)
	}
	given, wrong := read(s.productFields(), body, partial && !s.broken("patch-asks-for-all"), s.odd)
	if v, sent := body["title"]; sent && v == nil && partial && s.broken("null-patched") {
		given["title"] = nil
		delete(wrong, "title")
	}
	if list, ok := body["tags"].([]any); ok && s.broken("tags-repeated") && wrong["tags"] == "Must not repeat itself." {
		given["tags"] = list
		delete(wrong, "tags")
	}
	if s.broken("nothing-validated") {
		given, wrong = asSent(s.productFields(), body), map[string]string{}
	}
	if s.odd.readOnlyRefused {
		for _, name := range []string{"id", "created_at", "updated_at"} {
			if _, sent := body[name]; sent {
				wrong[name] = "This property is read-only."
			}
		}
	}
	for name, why := range wrong {
		if s.broken("refused-but-applied") && self != nil {
			apply(self, given)
		}
		a := s.invalid(name, why)
		if len(wrong) > 1 { // the one that comes first in the alphabet
			name = slices.Sorted(maps.Keys(wrong))[0]
			a = s.invalid(name, wrong[name])
		}
		return nil, &a
	}
	for _, name := range []string{"supplier_id", "alternate_id"} {
		if id, ok := given[name].(string); ok {
			given[name] = strings.ToLower(id)
		}
	}
	for _, p := range s.products {
		if v, sent := given["sku"]; sent && p["sku"] == v && !s.broken("duplicate-taken") && (self == nil || p["id"] != self["id"]) {
			if s.broken("duplicate-overwrites") && self == nil {
				apply(p, given)
				a := answer{status: 201, body: s.product(p, false)}.with("Location", fmt.Sprint("/v1/products/", p["id"]))
				return nil, &a
			}
			if s.broken("duplicate-but-created") && self == nil {
				s.addProduct(given)
			}
			a := s.refuse(409, "conflict", "There is a product with this SKU.")
			if s.odd.duplicate400 {
				a = s.invalid("sku", "There is a product with this SKU.")
			}
			return nil, &a
		}
	}
	if id, ok := body["id"].(string); ok && s.broken("read-only-taken") && uuidPattern.MatchString(id) && self == nil {
		given["id"] = strings.ToLower(id)
	}
	return given, nil
}

// asSent gives the properties that a body says something about, whatever it says.
func asSent(fields []field, body map[string]any) record {
	out := record{}
	for _, f := range fields {
		v, sent := body[f.name]
		if !sent {
			continue
		}
		if kept, wrong := f.typed(v, oddities{}); wrong == "" {
			v = kept
		}
		out[f.name] = v
	}
	return out
}

func (s *offset) addProduct(given record) record {
	p := defaults(s.productFields())
	p["id"], p["created_at"], p["updated_at"] = uuid(s.drawn), s.when(), s.when()
	apply(p, given)
	s.products = append(s.products, p)
	return p
}

func (s *offset) createProduct(r *http.Request) answer {
	given, refusal := s.readProduct(r, nil, false)
	if refusal != nil {
		return *refusal
	}
	switch {
	case s.broken("tags-lost"):
		delete(given, "tags")
	case s.broken("price-rounded"):
		given["price"] = float64(int(number(given["price"])))
	}
	if s.broken("title-cut") && given["title"] != nil {
		title := []rune(given["title"].(string))
		given["title"] = string(title[:min(len(title), 60)])
	}
	if s.broken("create-makes-two") {
		twin := maps.Clone(given)
		twin["sku"] = fmt.Sprintf("TWN-%04d", s.requests%10000)
		s.addProduct(twin)
	}
	p := s.addProduct(given)
	a := answer{status: 201, body: s.product(p, false)}
	location := fmt.Sprint("/v1/products/", p["id"])
	switch {
	case s.broken("create-200"):
		a.status = 200
	case s.broken("location-nowhere"):
		location = fmt.Sprint("/api/internal/products/", p["id"])
	case s.broken("location-of-another"):
		location = fmt.Sprint("/v1/products/", s.products[0]["id"])
	case s.broken("create-answers-other-id"):
		a.body.(record)["id"] = uuid(rand.New(rand.NewPCG(s.seed, uint64(s.requests))))
	}
	if s.odd.links != linksRelative {
		location = s.origin(r) + location
	}
	return a.with("Location", location)
}

func (s *offset) putProduct(r *http.Request, i int) answer {
	p := s.products[i]
	given, refusal := s.readProduct(r, p, false)
	if refusal != nil {
		return *refusal
	}
	if tags, ok := given["tags"].([]any); ok && s.broken("put-appends") {
		given["tags"] = append(slices.Clone(p["tags"].([]any)), tags...)
	}
	for _, f := range s.productFields() {
		if _, sent := given[f.name]; !sent && !s.broken("put-merges") && !(s.broken("put-keeps-alternate") && f.name == "alternate_id") {
			given[f.name] = f.def
		}
	}
	before := s.product(p, false)
	apply(p, given)
	p["updated_at"] = s.when()
	switch {
	case s.broken("put-born-again"):
		p["created_at"] = s.when()
	case s.broken("put-answers-old"):
		return answer{status: 200, body: before}
	}
	return answer{status: 200, body: s.product(p, false)}
}

func (s *offset) patchProduct(r *http.Request, i int) answer {
	p := s.products[i]
	given, refusal := s.readProduct(r, p, true)
	if refusal != nil {
		return *refusal
	}
	for name, v := range given {
		if s.broken("patch-null-ignored") && v == nil {
			delete(given, name)
		}
	}
	if s.broken("patch-resets-stock") {
		p["stock"] = 0
	}
	if s.broken("patch-new-key") {
		p["id"] = uuid(s.drawn)
	}
	apply(p, given)
	p["updated_at"] = s.when()
	out := s.product(p, false)
	if s.broken("patch-answers-only") {
		apply(p, record{"description": ""})
	}
	return answer{status: 200, body: out}
}

func (s *offset) deleteProduct(_ *http.Request, i int) answer {
	p := s.products[i]
	s.deleted[p["id"].(string)] = true
	s.products = slices.DeleteFunc(s.products, func(other record) bool {
		switch {
		case s.broken("delete-hides-only"):
			return false
		case s.broken("delete-takes-supplied"): // all that the supplier has in the same category
			return other["supplier_id"] == p["supplier_id"] && other["category"] == p["category"]
		}
		return other["id"] == p["id"]
	})
	return answer{status: 204}
}

func (s *offset) createSupplier(r *http.Request) answer {
	body, refusal := s.object(r)
	if refusal != nil {
		return *refusal
	}
	fields := []field{
		{name: "name", required: true, min: 1, max: 80},
		{name: "country", required: true, max: 2, pattern: countryPattern},
		{name: "contact", null: true, max: 100},
		{name: "rating", kind: integer, null: true, max: 10},
	}
	given, wrong := read(fields, body, false, s.odd)
	for _, name := range slices.Sorted(maps.Keys(wrong)) {
		return s.invalid(name, wrong[name])
	}
	if slices.ContainsFunc(s.suppliers, func(it record) bool { return it["name"] == given["name"] }) {
		return s.refuse(409, "conflict", "There is a supplier of this name.")
	}
	it := defaults(fields)
	apply(it, given)
	it["id"], it["created_at"] = uuid(s.drawn), s.when()
	s.suppliers = append(s.suppliers, it)
	return answer{status: 201, body: s.supplier(it)}.with("Location", fmt.Sprint("/v1/suppliers/", it["id"]))
}

var errInUse = errors.New("the supplier has products")

func (s *offset) deleteSupplier(i int) answer {
	id := s.suppliers[i]["id"].(string)
	if slices.ContainsFunc(s.products, func(p record) bool { return p["supplier_id"] == id }) {
		return s.refuse(409, "conflict", errInUse.Error())
	}
	s.deleted[id] = true
	s.suppliers = slices.Delete(s.suppliers, i, i+1)
	return answer{status: 204}
}

func (s *offset) changeSettings(r *http.Request) answer {
	body, refusal := s.object(r)
	if refusal != nil {
		return *refusal
	}
	fields := []field{
		{name: "currency", enum: []string{"EUR", "USD", "JPY"}, def: "EUR"},
		{name: "low_stock", kind: integer, max: 1000, def: 5},
		{name: "notifications", kind: boolean, def: true},
		{name: "contact", null: true, max: 100},
	}
	given, wrong := read(fields, body, true, s.odd)
	for _, name := range slices.Sorted(maps.Keys(wrong)) {
		return s.invalid(name, wrong[name])
	}
	if s.broken("settings-reset") {
		s.settings = defaults(fields)
	}
	apply(s.settings, given)
	return answer{status: 200, body: maps.Clone(s.settings)}
}
