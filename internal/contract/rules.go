package contract

import (
	"fmt"
	"slices"
	"strings"
)

// Rule is one promise of an API, as data: what it says, how strong it is, and which operations make it. Checks and mutants are found by its id.
type Rule struct {
	ID       string // family/name
	Sentence string // what a server that keeps it does
	Strength Strength
	When     string // which operations make the promise, for people
	applies  func(op *Operation) bool
}

// Strength says where a promise comes from, and so what it means if it is broken.
type Strength string

// The strengths.
const (
	Must       Strength = "must"       // an RFC, or the document in so many words
	Convention Strength = "convention" // names that mean the same everywhere, and whose effect was seen at least once
	Heuristic  Strength = "heuristic"  // what most servers do: a warning at most
)

// Applies tells whether an operation makes the promise.
func (r Rule) Applies(op *Operation) bool { return r.applies(op) }

// Family is the part of the id before the slash.
func (r Rule) Family() string { family, _, _ := strings.Cut(r.ID, "/"); return family }

// Rules gives all rules, family by family.
func Rules() []Rule { return slices.Clone(rules) }

// When an operation makes a promise.
func always(*Operation) bool    { return true }
func isList(op *Operation) bool { return op.Role == List && !op.Collection.Empty }
func paged(op *Operation) bool  { return isList(op) && op.Collection.Paging.Style != NoPaging }
func sized(op *Operation) bool  { return isList(op) && op.Collection.Paging.Size != "" }
func totalled(op *Operation) bool {
	return isList(op) && op.Collection.envelope.total
}

func ordered(op *Operation) bool {
	return isList(op) && len(op.Collection.Ordering.Params()) > 0
}

func orderedByDefault(op *Operation) bool {
	return isList(op) && len(op.Collection.Ordering.Default) > 0
}
func filtered(op *Operation) bool { return isList(op) && len(op.Collection.Filters) > 0 }
func manyFilters(op *Operation) bool {
	return isList(op) && len(op.Collection.Filters) > 1
}
func searched(op *Operation) bool  { return isList(op) && op.Collection.Search.Param != "" }
func retrieves(op *Operation) bool { return op.Role == Retrieve }
func listedAndRetrieved(op *Operation) bool {
	return op.Role == Retrieve && op.Collection != nil && !op.Collection.Empty
}

func hasRole(role Role) func(*Operation) bool {
	return func(op *Operation) bool { return op.Role == role }
}

// showsItems tells whether an operation answers with items of a list.
func showsItems(op *Operation) bool {
	return op.Collection != nil && !op.Collection.Empty && (op.Role == List || op.Role == Retrieve || op.Role == Create)
}

func creates(op *Operation) bool {
	return op.Role == Create && op.Collection.operations[Retrieve] != nil // nothing but a collection has creates
}

func writes(op *Operation) bool {
	return (op.Role == Replace || op.Role == Update) && (op.Singleton != nil || op.Collection.operations[Retrieve] != nil)
}

func guarded(op *Operation) bool {
	return len(op.Security) > 0 && !slices.ContainsFunc(op.Security, func(r Requirement) bool { return len(r) == 0 })
}
func withBody(op *Operation) bool { return op.Body != nil }
func withJSONBody(op *Operation) bool {
	if op.Body == nil {
		return false
	}
	name, _ := op.Body.JSON()
	return name != ""
}
func withParameters(op *Operation) bool { return len(op.Parameters) > 0 }
func gets(op *Operation) bool           { return op.Method == "GET" }
func withItemKey(op *Operation) bool {
	return op.Collection != nil && op.Role != List && op.Role != Create
}

var rules = []Rule{
	{"conform/status", "every answer has a status that the document describes for the operation", Must, "every operation", always},
	{"conform/media-type", "every answer has a media type that the document describes for its status", Must, "every operation", always},
	{"conform/headers", "every answer has the headers that the document requires, and they are valid", Must, "every operation", always},
	{"conform/body", "every body is valid against the schema of its status and media type, and a problem tells its status (RFC 9457 §3.1.2)", Must, "every operation", always},
	{"conform/json", "JSON is UTF-8, without duplicate names and without NaN (RFC 8259)", Must, "every operation", always},
	{"conform/undeclared", "a body has no properties that the document does not name", Heuristic, "every operation", always},
	{"conform/success", "a valid request is answered with a documented success", Must, "every operation", always},

	{"value/accepted", "parameters and properties are accepted at their bounds and with each value of their enumerations", Convention, "operations with parameters or a body", func(op *Operation) bool { return withParameters(op) || withBody(op) }},
	{"value/refused", "a value that breaks the document in one way is refused, and never with 5xx", Convention, "operations with parameters or a body", func(op *Operation) bool { return withParameters(op) || withBody(op) }},
	{"value/required", "a request without a required parameter or property is refused", Convention, "operations with a required parameter or a body", func(op *Operation) bool {
		return withBody(op) || slices.ContainsFunc(op.Parameters, func(p Parameter) bool { return p.Required && p.In != "path" })
	}},
	{"value/odd", "odd values (unicode, %00, very long ones, numbers beyond 64 bits) are not answered with 5xx, and a key of nothing is not replaced by another", Must, "operations with parameters or a body", func(op *Operation) bool { return withParameters(op) || withBody(op) }},

	{"auth/required", "without credentials the answer is 401 or 403 and tells nothing", Convention, "operations with a security requirement", guarded},
	{"auth/checked", "with credentials that are wrong, empty, cut short or of another scheme the answer is 401 or 403", Convention, "operations with a security requirement", guarded},
	{"auth/place", "credentials in another place than the documented one do not count", Convention, "operations with a security requirement", guarded},
	{"auth/documented", "the refusal has a status that the document describes", Must, "operations with a security requirement", guarded},
	{"auth/open", "an operation without a security requirement answers without credentials", Convention, "operations without a security requirement", func(op *Operation) bool { return !guarded(op) }},
	{"auth/least", "an identity with fewer rights sees no more than one with all of them, and changes nothing where it may create nothing", Heuristic, "operations with a security requirement", guarded},

	{"paging/repeatable", "the same page asked for twice has the same items in the same order", Convention, "lists", isList},
	{"paging/size", "a page has no more items than asked for, and as many as the document allows", Convention, "lists with a size parameter", sized},
	{"paging/size-observed", "another size gives another number of items", Convention, "lists with a size parameter", sized},
	{"paging/size-default", "without a size the documented default counts", Must, "lists with a size parameter that has a default", func(op *Operation) bool {
		if !sized(op) {
			return false
		}
		return op.Collection.Paging.Default > 0 && !op.Collection.Paging.guessed
	}},
	{"paging/arithmetic", "the numbers about pages agree with each other and with the items", Convention, "paged lists whose answers count, or say that more is to come", func(op *Operation) bool {
		return paged(op) && (totalled(op) || op.Collection.Paging.Style != ByCursor && op.Collection.envelope.saysMore())
	}},
	{"paging/observed", "another page has other items", Convention, "paged lists", paged},
	{"paging/complete", "a walk through all pages meets every item once: none is lost, none repeated", Convention, "paged lists", paged},
	{"paging/same-walk", "walks in pages of different sizes meet the same items in the same order", Convention, "paged lists with a size parameter", func(op *Operation) bool { return paged(op) && sized(op) }},
	{"paging/count", "the total is the same on every page, at every size, in every order", Convention, "lists whose answers count", totalled},
	{"paging/past-end", "a page past the end is refused or empty, never an error of the server, never another page again", Convention, "paged lists", paged},
	{"paging/invalid", "a page or size that is none is answered as the document says, and never with 5xx", Must, "paged lists", paged},
	{"paging/links", "links lead forward and back through all pages, keep every parameter, and end", Convention, "paged lists whose answers link", func(op *Operation) bool {
		return paged(op) && (op.Collection.envelope.hasNext || op.Collection.envelope.hasPrev)
	}},
	{"paging/cursor", "a cursor leads to the next items, never in a circle; one that was tampered with is refused", Convention, "lists paged by cursor", func(op *Operation) bool { return paged(op) && op.Collection.Paging.Style == ByCursor }},
	{"paging/depth", "a late page takes no longer than the first", Heuristic, "paged lists", paged},

	{"order/accepted", "every name that the document offers for ordering is accepted, both ways", Convention, "lists with an ordering parameter", ordered},
	{"order/sorted", "items are in the order asked for, across all pages", Convention, "lists with an ordering parameter", ordered},
	{"order/observed", "ascending and descending differ where there are different values", Convention, "lists with an ordering parameter", ordered},
	{"order/same-items", "an ordering neither loses nor adds items", Convention, "lists with an ordering parameter", ordered},
	{"order/reversed", "descending is ascending backwards, but for ties and nulls", Convention, "lists with an ordering parameter", ordered},
	{"order/default", "without an ordering the items are in the order that the document names", Convention, "lists with a default order", orderedByDefault},
	{"order/unknown", "an unknown name is refused or ignored, never answered with 5xx", Heuristic, "lists with an ordering parameter", ordered},
	{"order/ties", "items that tie are in the same order every time", Heuristic, "lists with an ordering parameter", ordered},

	{"filter/sound", "every item that a filter lets through fits it", Convention, "lists with filters", filtered},
	{"filter/complete", "every item that fits a filter is let through", Convention, "lists with filters", filtered},
	{"filter/none", "a value that no item has lets nothing through", Convention, "lists with filters", filtered},
	{"filter/count", "the total counts what the filter lets through", Convention, "lists with filters whose answers count", func(op *Operation) bool { return filtered(op) && totalled(op) }},
	{"filter/paged", "the pages of a filtered list hold it completely", Convention, "paged lists with filters", func(op *Operation) bool { return filtered(op) && paged(op) }},
	{"filter/both", "two filters, or a filter and a search, let through what fits both", Convention, "lists with several filters", manyFilters},
	{"filter/spelling", "the order of the parameters and the way they are escaped make no difference, nor does the offset of a moment where the document says so", Must, "lists with filters", filtered},
	{"filter/invalid", "a value of the wrong type is refused or lets nothing through", Heuristic, "lists with filters", filtered},
	{"filter/empty", "an empty value is the same as none, or refused", Heuristic, "lists with filters", filtered},
	{"filter/unknown", "an unknown parameter is ignored or refused, never answered with 5xx or with nothing", Heuristic, "lists", hasRole(List)},

	{"search/subset", "a search gives items of the list that have its words, on every page, and the total counts them", Convention, "lists with a search parameter", searched},
	{"search/none", "a word that stands nowhere finds nothing", Convention, "lists with a search parameter", searched},
	{"search/found", "a word of an item finds that item", Heuristic, "lists with a search parameter", searched},
	{"search/narrower", "more words find no more items, or no fewer: one of both, always, and what the document says", Heuristic, "lists with a search parameter", searched},
	{"search/plain", "signs such as % and _ are not answered with 5xx and find only themselves", Must, "lists with a search parameter", searched},
	{"search/case", "upper and lower case find the same", Heuristic, "lists with a search parameter", searched},

	{"read/list-item", "an item read alone is what the list shows of it", Convention, "operations that read one item of a list", listedAndRetrieved},
	{"read/safe", "reading changes nothing (RFC 9110 §9.2.1)", Must, "operations with GET", gets},
	{"read/repeatable", "the same item read twice is the same", Convention, "operations that read one item", retrieves},
	{"read/unknown", "a well-formed key that no item has is answered with 404, or a documented refusal, and a list inside of it has nothing", Must, "operations on one item, and lists inside items", func(op *Operation) bool {
		return withItemKey(op) || op.Role == List && len(op.PathParameters()) > 0
	}},
	{"read/malformed", "a malformed key is answered with 4xx", Must, "operations on one item", withItemKey},
	{"read/parent", "the items of a list inside an item belong to that item, and to no other", Convention, "lists inside items", func(op *Operation) bool { return isList(op) && len(op.PathParameters()) > 0 }},

	{"crud/create-read", "what was created can be read, with the values sent", Convention, "operations that create, where items can be read", creates},
	{"crud/create-list", "what was created is in the list, once", Convention, "operations that create", hasRole(Create)},
	{"crud/create-answer", "the answer to a create is the item as it is read", Convention, "operations that create, where items can be read", creates},
	{"crud/create-twice", "a second create makes another item or is refused as a duplicate", Convention, "operations that create", hasRole(Create)},
	{"crud/create-refused", "a create that was refused creates nothing", Convention, "operations that create", hasRole(Create)},
	{"crud/default", "a property left out has its documented default", Convention, "operations that create, where items can be read", creates},
	{"crud/read-only", "a read-only property that is sent is refused or ignored", Convention, "operations that create or change", func(op *Operation) bool { return creates(op) || writes(op) }},
	{"crud/write-only", "a write-only property is never shown", Must, "operations on items that are shown", func(op *Operation) bool { return showsItems(op) || writes(op) }},
	{"crud/replace-stores", "PUT stores what was sent, and leaves alone how the item came to be and the other items", Convention, "operations that replace", func(op *Operation) bool { return writes(op) && op.Role == Replace }},
	{"crud/replace", "PUT resets what was left out (RFC 9110 §9.3.4), where the document says so or names a default", Heuristic, "operations that replace", func(op *Operation) bool { return writes(op) && op.Role == Replace }},
	{"crud/replace-twice", "the same PUT twice leaves the same item", Convention, "operations that replace", func(op *Operation) bool { return writes(op) && op.Role == Replace }},
	{"crud/update", "PATCH, or a POST on an item, changes what was sent, and nothing else", Convention, "operations that update", func(op *Operation) bool { return writes(op) && op.Role == Update }},
	{"crud/write-refused", "a write that was refused changes nothing", Convention, "operations that change an item", writes},
	{"crud/delete", "what was deleted can no longer be read, and is in no list; what refers to it is treated as the document says", Convention, "operations that delete", hasRole(Destroy)},
	{"crud/delete-only", "a delete takes no other item with it", Convention, "operations that delete", hasRole(Destroy)},
	{"crud/delete-twice", "a second delete is answered with 404, 410 or success, never with 5xx", Heuristic, "operations that delete", hasRole(Destroy)},

	{"http/head", "HEAD answers as GET does, without a body (RFC 9110 §9.3.2)", Must, "operations with GET", gets},
	{"http/method", "a method that the path does not have is answered with 405 and Allow (RFC 9110 §15.5.6)", Must, "every operation", always},
	{"http/options", "the Allow header names the methods of the document", Heuristic, "every operation", always},
	{"http/bodyless", "204, 205 and 304 have no body; 3xx says where (RFC 9110 §15)", Must, "every operation", always},
	{"http/location", "the Location of a 201 leads to what was created", Convention, "operations that create", hasRole(Create)},
	{"http/challenge", "401 says how to authenticate: WWW-Authenticate (RFC 9110 §15.5.2)", Heuristic, "operations with a security requirement", guarded},
	{"http/etag", "an ETag answers If-None-Match with 304, changes with the item, and If-Match guards writes (RFC 9110 §13), which need it where the document says so", Must, "operations with GET", gets},
	{"http/accept", "Accept with a documented type gets that type; with another, 406 or a documented type; compressed, it is the same", Convention, "operations with GET", gets},
	{"http/content-type", "a body of an undocumented type is refused; one that is no JSON is refused, never with 5xx", Convention, "operations with a JSON body", withJSONBody},
	{"http/odd", "repeated parameters, very long ones and unknown headers are not answered with 5xx", Convention, "operations with GET", gets},
	{"http/steady", "the same bad request gives the same status twice", Convention, "every operation", always},
}

// RulesReference writes all rules as Markdown.
func RulesReference() string {
	var b strings.Builder
	b.WriteString("# Rules\n\nEvery rule is one promise of an API. This page is generated from `internal/contract/rules.go`: `make generate`.\n\n")
	b.WriteString("*must*: an RFC, or the document in so many words. *convention*: names that mean the same everywhere, and whose effect was seen\nat least once. *heuristic*: what most servers do, a warning at most; only an answer 5xx, and what the document itself speaks\nagainst, is an error by any rule.\n")
	family := ""
	for _, r := range rules {
		if f := r.Family(); f != family {
			family = f
			fmt.Fprintf(&b, "\n## %s\n\n| rule | promise | strength | applies to |\n| --- | --- | --- | --- |\n", family)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", r.ID, r.Sentence, r.Strength, r.When)
	}
	return b.String()
}
