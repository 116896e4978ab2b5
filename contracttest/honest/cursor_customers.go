package honest

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
)

func (s *cursor) listCustomers(r *http.Request) answer {
	return s.list(r, cursorList{
		rows: s.customers, sort: "-created_at", sorts: []string{"name", "-name", "created_at", "-created_at"}, params: []string{"vip", "email", "search"},
		keep: func(q url.Values) (tests []func(record) bool, wrong string) {
			if v := q.Get("vip"); v != "" {
				if v != "true" && v != "false" {
					return nil, "vip"
				}
				tests = append(tests, func(it record) bool { return fmt.Sprint(it["vip"]) == v != s.broken("filter-vip-inverted") })
			}
			if v := q.Get("email"); v != "" {
				tests = append(tests, func(it record) bool { return s.same(it["email"], v) })
			}
			return tests, ""
		},
		found: func(it record, words []string) bool { return s.stands(words, it["name"], it["email"]) },
	})
}

func (s *cursor) createCustomer(r *http.Request) answer {
	body, refusal := s.object(r)
	if refusal != nil {
		return *refusal
	}
	fields := []field{
		{name: "name", required: true, min: 1, max: 80},
		{name: "email", required: true, max: 100, pattern: emailPattern},
		{name: "phone", null: true, max: 30},
		{name: "vip", kind: boolean, def: false},
		{name: "pin", max: 4, pattern: pinPattern},
	}
	given, wrong := read(fields, body, false, s.odd)
	if len(wrong) > 0 {
		return s.invalid(wrong)
	}
	for _, other := range s.customers {
		if other["email"] != given["email"] {
			continue
		}
		switch {
		case s.broken("duplicate-same"):
			return answer{status: 201, body: s.show(other)}.with("Location", fmt.Sprint("/2025-01/customers/", other["id"]))
		case s.broken("duplicate-500"):
			return s.crash()
		case s.odd.duplicate400:
			return s.problem(400, "There is a customer of this e-mail address.")
		}
		return s.problem(409, "There is a customer of this e-mail address.")
	}
	it := defaults(fields)
	apply(it, given)
	s.made++
	it["seq"], it["id"], it["created_at"] = 5000+s.made, "cus_"+hex(s.drawn, 12), s.when()
	s.customers = append(s.customers, it)
	return answer{status: 201, body: s.show(it)}.with("Location", fmt.Sprint("/2025-01/customers/", it["id"]))
}

func (s *cursor) deleteCustomer(i int) answer {
	id := s.customers[i]["id"].(string)
	if slices.ContainsFunc(s.invoices, func(it record) bool { return it["customer"] == id }) {
		return s.problem(409, "The customer has invoices.")
	}
	s.deleted[id] = true
	s.customers = slices.Delete(s.customers, i, i+1)
	return answer{status: 204}
}
