package mutant

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"understudy/internal/contract"
)

// conformMutants break what every answer promises, whatever it is about: status, media type, headers, JSON.
var conformMutants = []Mutant{
	{
		ID: "status-of-reads", Rule: "conform/status", Sentence: "Reads that succeed are answered with a status of 2xx that the document does not have.",
		Changes: reads, spoil: onSuccess([]string{"GET"}, otherStatus),
	},
	{
		ID: "status-of-create", Rule: "conform/status", Sentence: "A create is answered with another success than the document has.",
		Changes: creates, spoil: onSuccess([]string{"POST"}, otherStatus),
	},
	{
		ID: "status-of-update", Rule: "conform/status", Sentence: "PUT and PATCH are answered with another success than the document has.",
		Changes: []string{"write/replace*", "write/update*", "write/update"}, spoil: onSuccess([]string{"PUT", "PATCH"}, otherStatus),
	},
	{
		ID: "status-of-delete", Rule: "conform/status", Sentence: "DELETE is answered with another success than the document has.",
		Changes: []string{"write/delete"}, spoil: onSuccess([]string{"DELETE"}, otherStatus),
	},
	{
		ID: "status-of-refusal", Rule: "conform/status", Sentence: "What is not valid is refused with 418.",
		Changes: refusals,
		spoil: everywhere(func(x *exchange) *answer {
			a := x.pass()
			if x.op != nil && (a.status == http.StatusBadRequest || a.status == http.StatusUnprocessableEntity) && x.op.Response(http.StatusTeapot) == nil {
				a.status = http.StatusTeapot
			}
			return a
		}),
	},
	{
		ID: "media-type-of-reads", Rule: "conform/media-type", Sentence: "Reads come as text/plain.",
		Changes: reads, spoil: onSuccess([]string{"GET"}, asText),
	},
	{
		ID: "media-type-of-writes", Rule: "conform/media-type", Sentence: "The answers to writes come as text/plain.",
		Changes: []string{"write/*", "value/*"}, spoil: onSuccess([]string{"POST", "PUT", "PATCH"}, asText),
	},
	{
		ID: "media-type-of-refusals", Rule: "conform/media-type", Sentence: "Refusals are pages of HTML.",
		Changes: refusals,
		spoil: everywhere(func(x *exchange) *answer {
			a := x.pass()
			if x.op != nil && a.status/100 == 4 && documentsMedia(x.op, a.status) {
				a.with("<!doctype html><title>" + http.StatusText(a.status) + "</title>")
				a.header.Set("Content-Type", "text/html; charset=utf-8")
			}
			return a
		}),
	},
	{
		ID: "header-missing", Rule: "conform/headers", Sentence: "A header that the document describes is missing.",
		Changes: all, spoil: onHeader(func(a *answer, h contract.Header) {
			if h.Required {
				a.header.Del(h.Name)
			}
		}),
	},
	{
		ID: "header-invalid", Rule: "conform/headers", Sentence: "A header that the document describes has a value that does not fit it.",
		Changes: all, spoil: onHeader(func(a *answer, h contract.Header) {
			if h.Schema != nil && slices.Contains([]string{"integer", "number", "boolean"}, h.Schema.Type()) && a.header.Get(h.Name) != "" {
				a.header.Set(h.Name, "about "+a.header.Get(h.Name))
			}
		}),
	},
	{
		ID: "json-name-twice", Rule: "conform/json", Sentence: "An object has one of its names twice.",
		Changes: reads, spoil: onJSON(func(body string) string {
			v := gjson.Parse(body)
			if !v.IsObject() {
				return body
			}
			first := ""
			v.ForEach(func(name, value gjson.Result) bool {
				first = name.Raw + ":" + value.Raw
				return false
			})
			if first == "" {
				return body
			}
			return strings.TrimSuffix(strings.TrimSpace(body), "}") + "," + first + "}"
		}),
	},
	{
		ID: "json-not-utf-8", Rule: "conform/json", Sentence: "A body has a byte that is no UTF-8.",
		Changes: reads, spoil: onJSON(func(body string) string {
			if i := strings.Index(body, `":"`); i >= 0 {
				return body[:i+3] + "\xe9" + body[i+3:]
			}
			return body
		}),
	},
	{
		ID: "json-nan", Rule: "conform/json", Sentence: "A number is NaN.",
		Changes: reads, spoil: onJSON(func(body string) string {
			at := strings.IndexAny(body, "0123456789")
			for ; at > 0; at++ {
				if body[at-1] == ':' && strings.ContainsRune("0123456789", rune(body[at])) {
					end := at
					for end < len(body) && strings.ContainsRune("0123456789.eE+-", rune(body[end])) {
						end++
					}
					return body[:at] + "NaN" + body[end:]
				}
				if at == len(body)-1 {
					break
				}
			}
			return body
		}),
	},
	{
		ID: "undeclared-property", Rule: "conform/undeclared", Sentence: "Items show a property that the document does not name.",
		Changes: items, spoil: onEveryItem(func(item string) string {
			return strings.TrimSuffix(item, "}") + `,"zz_internal":"x"}`
		}),
	},
	{
		ID: "update-crashes", Rule: "conform/success", Sentence: "PUT and PATCH are answered with 500.",
		Changes: writes, spoil: crashing(contract.Replace, contract.Update),
	},
	{
		ID: "create-crashes", Rule: "conform/success", Sentence: "A create is answered with 500.",
		Changes: writes, spoil: crashing(contract.Create),
	},
	{
		ID: "one-item-crashes", Rule: "conform/success", Sentence: "One item cannot be read: its address is answered with 500.",
		Changes: []string{"item", "item/*", "http/*", "auth/*"}, spoil: func(p *Place) spoiler {
			if p.operation(contract.Retrieve) == nil || !keyed(p.Collection) {
				return nil
			}
			var v victim
			return func(x *exchange) *answer {
				if a := x.pass(); !x.is(contract.Retrieve) || !a.ok() || v.of(x) == "" || x.key() != v.of(x) {
					return a
				}
				return crash()
			}
		},
	},
}

// What mutants that break many answers may change: those to reads, those that show items, those that refuse, all.
var (
	reads    = []string{"list*", "item*", "http/*", "auth/*", "alone", "write/read*", "write/list*", "write/after/*", "write/gone/*"}
	items    = []string{"list*", "item*", "http/*", "auth/*", "write/*", "value/*"}
	refusals = []string{"auth/*", "list/*", "item/*", "write/*", "http/*", "value/*"}
	all      = []string{"*"}
)

// everywhere makes the spoiler of a mutant that any place can have.
func everywhere(spoil spoiler) func(*Place) spoiler { return func(*Place) spoiler { return spoil } }

// onSuccess changes successful answers to some methods.
func onSuccess(methods []string, spoil func(x *exchange, a *answer)) func(*Place) spoiler {
	return func(p *Place) spoiler {
		if !slices.ContainsFunc(p.Operations, func(op *contract.Operation) bool { return slices.Contains(methods, op.Method) }) {
			return nil
		}
		return func(x *exchange) *answer {
			a := x.pass()
			if x.op != nil && slices.Contains(methods, x.method) && a.ok() {
				spoil(x, a)
			}
			return a
		}
	}
}

// otherStatus gives a success a status of 2xx that the document does not have.
func otherStatus(x *exchange, a *answer) {
	for _, status := range []int{http.StatusAccepted, http.StatusOK, http.StatusCreated, http.StatusNonAuthoritativeInfo} {
		if x.op.Response(status) == nil {
			a.status = status
			return
		}
	}
}

func asText(x *exchange, a *answer) {
	if documentsMedia(x.op, a.status) && len(a.body) > 0 {
		a.header.Set("Content-Type", "text/plain; charset=utf-8")
	}
}

// documentsMedia tells whether the document says in which media types a status is answered.
func documentsMedia(op *contract.Operation, status int) bool {
	r := op.Response(status)
	return r != nil && len(r.Media) > 0
}

// onHeader changes headers that the document describes.
func onHeader(spoil func(a *answer, h contract.Header)) func(*Place) spoiler {
	return func(p *Place) spoiler {
		described := slices.ContainsFunc(p.Operations, func(op *contract.Operation) bool {
			return slices.ContainsFunc(op.Responses, func(r contract.Response) bool { return len(r.Headers) > 0 })
		})
		if !described {
			return nil
		}
		return func(x *exchange) *answer {
			a := x.pass()
			if x.op == nil {
				return a
			}
			if r := x.op.Response(a.status); r != nil {
				for _, h := range r.Headers {
					if !strings.EqualFold(h.Name, "Content-Type") {
						spoil(a, h)
					}
				}
			}
			return a
		}
	}
}

// onJSON changes the bodies of reads that are JSON.
func onJSON(spoil func(body string) string) func(*Place) spoiler {
	return onSuccess([]string{"GET"}, func(_ *exchange, a *answer) {
		if contract.IsJSON(a.header.Get("Content-Type")) && len(a.body) > 0 {
			if body := spoil(string(a.body)); body != string(a.body) {
				a.with(body)
			}
		}
	})
}

// onEveryItem changes all items wherever they are shown.
func onEveryItem(edit func(item string) string) func(*Place) spoiler {
	return func(p *Place) spoiler {
		if p.Collection == nil || !keyed(p.Collection) {
			return nil
		}
		return func(x *exchange) *answer { return edited(x, edit) }
	}
}

// crashing answers what would succeed with 500.
func crashing(roles ...contract.Role) func(*Place) spoiler {
	return func(p *Place) spoiler {
		if !slices.ContainsFunc(roles, func(r contract.Role) bool { return p.operation(r) != nil }) {
			return nil
		}
		return func(x *exchange) *answer {
			if !x.is(roles...) || !x.wouldSucceed() {
				return x.pass()
			}
			return crash()
		}
	}
}

// wouldSucceed tells whether a write would succeed, without making it: the credentials are let in, and the body is valid by the document.
func (x *exchange) wouldSucceed() bool {
	if !x.letIn() {
		return false
	}
	s := bodyOf(x.op)
	if s == nil {
		return true
	}
	v, err := contract.DecodeJSON(x.body)
	if err != nil || s.Judge(v, contract.AsRequest) != nil {
		return false
	}
	return x.key() == "" || x.read(x.key()) != ""
}

// letIn tells whether the inner server takes the credentials of a request: it can read the list with them.
func (x *exchange) letIn() bool {
	c := x.place.Collection
	if c == nil {
		return true
	}
	path, query := c.Encode(contract.Query{Scope: x.scope(), Window: c.First()})
	return x.ask(http.MethodGet, path, query, "").ok()
}

// bodyMutants break the bodies of answers against their schemas.
var bodyMutants = []Mutant{
	{
		ID: "required-missing", Rule: "conform/body", Sentence: "One item lacks a required property.", Changes: items,
		spoil: func(p *Place) spoiler {
			if p.Collection == nil || !keyed(p.Collection) {
				return nil
			}
			for _, l := range leaves(p.Collection) {
				if l.property.Required && !strings.Contains(l.path, ".") {
					return ofVictim(func(item string) string { return without(item, l.path) })
				}
			}
			return nil
		},
	},
	{
		ID: "type-wrong", Rule: "conform/body", Sentence: "A property of one item has another type.", Changes: items,
		spoil: spoilt(func(s *contract.Schema) (string, bool) {
			switch s.Type() {
			case "boolean", "integer", "number":
				return `"many"`, true
			case "string":
				return "17", true
			}
			return "", false
		}),
	},
	{
		ID: "enum-outside", Rule: "conform/body", Sentence: "A property of one item has a value that its enumeration does not have.", Changes: items,
		spoil: spoilt(func(s *contract.Schema) (string, bool) {
			switch {
			case s.Enum() == nil:
				return "", false
			case s.Type() == "integer":
				return "987654", true
			}
			return `"zz_understudy"`, true
		}),
	},
	{
		ID: "format-broken", Rule: "conform/body", Sentence: "A property of one item does not have its format: a date-time has no offset, say.", Changes: items,
		spoil: spoilt(func(s *contract.Schema) (string, bool) {
			switch s.Format() {
			case "date-time":
				return `"2026-01-02 03:04:05"`, true
			case "date":
				return `"2.1.2026"`, true
			case "uuid", "email", "uri", "ipv4", "ipv6", "hostname":
				return `"not one at all"`, true
			}
			return "", false
		}),
	},
	{
		ID: "pattern-broken", Rule: "conform/body", Sentence: "A property of one item does not fit its pattern.", Changes: items,
		spoil: spoilt(func(s *contract.Schema) (string, bool) { return `" !"`, s.Keywords().Pattern != "" }),
	},
	{
		ID: "length-broken", Rule: "conform/body", Sentence: "A property of one item is longer than the document allows.", Changes: items,
		spoil: spoilt(func(s *contract.Schema) (string, bool) {
			most := s.Keywords().MaxLength
			if most == nil || *most > 5000 {
				return "", false
			}
			return quote(strings.Repeat("a", *most+1)), true
		}),
	},
	{
		ID: "bound-broken", Rule: "conform/body", Sentence: "A number of one item is out of its bounds.", Changes: items,
		spoil: spoilt(func(s *contract.Schema) (string, bool) {
			k := s.Keywords()
			switch {
			case k.Minimum != nil && *k.Minimum > -1e9:
				return strconv.Itoa(int(*k.Minimum) - 1), true
			case k.Maximum != nil && *k.Maximum < 1e9:
				return strconv.Itoa(int(*k.Maximum) + 1), true
			}
			return "", false
		}),
	},
	{
		ID: "null-forbidden", Rule: "conform/body", Sentence: "A property of one item is null, which it may not be.", Changes: items,
		spoil: spoilt(func(s *contract.Schema) (string, bool) { return "null", s.Type() != "" && !s.Nullable() }),
	},
	{
		ID: "items-null", Rule: "conform/body", Sentence: "A page without items has null in their place.", Changes: lists,
		spoil: onPage(nil, func(x *exchange, _ contract.Query, a *answer) *answer {
			c := x.place.Collection
			if len(itemsOf(c, a)) > 0 {
				return a
			}
			if itemsPath(c) == "@this" {
				return a.with("null")
			}
			return a.with(set(string(a.body), itemsPath(c), "null"))
		}),
	},
	{
		ID: "envelope-broken", Rule: "conform/body", Sentence: "What stands around the items lacks a property that is required.", Changes: lists,
		spoil: func(p *Place) spoiler {
			if p.operation(contract.List) == nil {
				return nil
			}
			path := requiredAround(p.Collection)
			if path == "" {
				return nil
			}
			return onPage(nil, func(_ *exchange, _ contract.Query, a *answer) *answer {
				return a.with(without(string(a.body), path))
			})(p)
		},
	},
	{
		ID: "refusal-broken", Rule: "conform/body", Sentence: "A refusal has another shape than documented.", Changes: refusals,
		spoil: everywhere(func(x *exchange) *answer {
			a := x.pass()
			if x.op == nil || a.status/100 != 4 {
				return a
			}
			r := x.op.Response(a.status)
			if r == nil {
				return a
			}
			_, s := r.JSON()
			if s == nil {
				return a
			}
			if wrong := `["no"]`; !fits(s, wrong) {
				a.with(wrong)
			} else if wrong = `{}`; !fits(s, wrong) {
				a.with(wrong)
			}
			return a
		}),
	},
}

// requiredAround gives the path of a property that a list's answers require beside the items, and that says nothing by which pages are found; or any.
func requiredAround(c *contract.Collection) string {
	r := c.List().Response(c.List().Success())
	if r == nil {
		return ""
	}
	_, s := r.JSON()
	if s == nil {
		return ""
	}
	found := ""
	var look func(s *contract.Schema, prefix string, depth int)
	look = func(s *contract.Schema, prefix string, depth int) {
		for _, p := range s.Properties() {
			path := prefix + gjson.Escape(p.Name)
			if path == itemsPath(c) || strings.HasPrefix(itemsPath(c), path+".") {
				continue
			}
			if inner := p.Schema.Properties(); len(inner) > 0 && depth < 2 {
				look(p.Schema, path+".", depth+1)
			} else if p.Required {
				found = path // the last: the total and the next page mostly come first
			}
		}
	}
	look(s, "", 0)
	return found
}
