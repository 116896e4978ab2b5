package contracttest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"understudy/contracttest"
)

// bankDocument is of accounts, which nothing deletes, and of contacts, which are put to a key of the client's choice.
const bankDocument = `
openapi: 3.1.0
info: {title: Bank, version: "1"}
paths:
  /accounts:
    get:
      operationId: listAccounts
      responses: {"200": {description: All., content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Account"}}}}}}
    post:
      operationId: openAccount
      parameters: [{name: Idempotency-Key, in: header, required: true, schema: {type: string, minLength: 8, maxLength: 64}}]
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/NewAccount"}}}}
      responses: {"201": {description: It., headers: {Location: {required: true, schema: {type: string}}}, content: {application/json: {schema: {$ref: "#/components/schemas/Account"}}}}, 4XX: {description: Refused.}}
  /accounts/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      operationId: getAccount
      responses: {"200": {description: It., content: {application/json: {schema: {$ref: "#/components/schemas/Account"}}}}, 4XX: {description: Refused.}}
    patch:
      operationId: changeAccount
      requestBody: {required: true, content: {application/json: {schema: {type: object, additionalProperties: false, properties: {owner: {type: string, minLength: 1, maxLength: 60, pattern: '\S'}, limit: {type: integer, minimum: 0, maximum: 900}, remark: {type: [string, "null"], maxLength: 80}}}}}}
      responses: {"200": {description: It., content: {application/json: {schema: {$ref: "#/components/schemas/Account"}}}}, 4XX: {description: Refused.}}
  /accounts/{id}/close:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    post:
      operationId: closeAccount
      responses: {"200": {description: It., content: {application/json: {schema: {$ref: "#/components/schemas/Closed"}}}}, 4XX: {description: Refused.}}
  /contacts:
    get:
      operationId: listContacts
      responses: {"200": {description: All., content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Contact"}}}}}}
  /contacts/{email}:
    parameters: [{name: email, in: path, required: true, schema: {type: string, format: email}}]
    get:
      operationId: getContact
      responses: {"200": {description: It., content: {application/json: {schema: {$ref: "#/components/schemas/Contact"}}}}, 4XX: {description: Refused.}}
    put:
      operationId: putContact
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Contact"}}}}
      responses: {"200": {description: It., content: {application/json: {schema: {$ref: "#/components/schemas/Contact"}}}}, "201": {description: It is new., content: {application/json: {schema: {$ref: "#/components/schemas/Contact"}}}}, 4XX: {description: Refused.}}
    delete:
      operationId: dropContact
      responses: {"204": {description: Gone.}, 4XX: {description: Refused.}}
components:
  schemas:
    NewAccount:
      type: object
      required: [owner, currency]
      properties:
        owner: {type: string, minLength: 1, maxLength: 60, pattern: '\S'}
        currency: {type: string, enum: [EUR, USD, CHF]}
        limit: {type: integer, minimum: 0, maximum: 900}
        remark: {type: [string, "null"], maxLength: 80}
    Account:
      type: object
      required: [id, owner, currency, limit, remark]
      properties:
        id: {type: integer, readOnly: true}
        owner: {type: string}
        currency: {type: string, enum: [EUR, USD, CHF]}
        limit: {type: integer}
        remark: {type: [string, "null"]}
    Closed: {type: object, properties: {closed: {type: boolean}}}
    Contact:
      type: object
      required: [name, trusted]
      properties:
        email: {type: string, format: email, readOnly: true}
        name: {type: string, minLength: 1, maxLength: 40}
        trusted: {type: boolean}
        labels: {type: array, maxItems: 8, items: {type: string, minLength: 1, maxLength: 20}}`

// bank serves it, with one fault. It counts what it was asked for.
type bank struct {
	mu       sync.Mutex
	fault    string
	accounts []map[string]any
	contacts []map[string]any
	keys     map[string]bool
	closed   int
}

func newBank(n int, fault string) *bank {
	b := &bank{fault: fault, keys: map[string]bool{}, accounts: []map[string]any{}, contacts: []map[string]any{}}
	for i := range n {
		b.accounts = append(b.accounts, map[string]any{"id": i + 1, "owner": fmt.Sprint("Ana ", i), "currency": []string{"EUR", "USD", "CHF"}[i%3], "limit": i * 10, "remark": nil})
		b.contacts = append(b.contacts, map[string]any{"email": fmt.Sprintf("c%d@example.com", i), "name": fmt.Sprint("Bo ", i), "trusted": i%2 == 0, "labels": []any{"old"}})
	}
	return b
}

func (b *bank) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	answer := func(status int, v any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		if r.Method != http.MethodHead {
			_ = json.NewEncoder(w).Encode(v)
		}
	}
	refuse := func(status int, text string) { answer(status, map[string]any{"problem": text}) }
	sent := map[string]any{}
	if r.Method == http.MethodPost || r.Method == http.MethodPut || r.Method == http.MethodPatch {
		if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
			refuse(415, "JSON is asked for")
			return
		}
		var v any
		if json.NewDecoder(r.Body).Decode(&v) != nil {
			refuse(400, "no JSON")
			return
		}
		var ok bool
		if sent, ok = v.(map[string]any); !ok {
			refuse(400, "no object")
			return
		}
	}
	reads := r.Method == http.MethodGet || r.Method == http.MethodHead
	key := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	at := func(rows []map[string]any, name string) int {
		return slices.IndexFunc(rows, func(row map[string]any) bool { return fmt.Sprint(row[name]) == key })
	}
	switch account, contact := at(b.accounts, "id"), at(b.contacts, "email"); {
	case strings.HasSuffix(r.URL.Path, "/close") && r.Method != http.MethodPost:
		w.Header().Set("Allow", "POST")
		refuse(405, "no")
	case strings.HasSuffix(r.URL.Path, "/close"):
		b.closed++
		answer(200, map[string]any{"closed": true})
	case r.URL.Path == "/accounts" && reads:
		answer(200, b.accounts)
	case r.URL.Path == "/accounts" && r.Method == http.MethodPost:
		once := r.Header.Get("Idempotency-Key")
		if problem := b.wrong(sent, true); problem != "" || len(once) < 8 || b.keys[once] {
			refuse(422, problem)
			return
		}
		b.keys[once] = true
		row := map[string]any{"id": len(b.accounts) + 1, "owner": sent["owner"], "currency": sent["currency"], "limit": 0, "remark": sent["remark"]}
		if limit, ok := sent["limit"]; ok {
			row["limit"] = limit
		}
		switch text, _ := sent["remark"].(string); {
		case b.fault == "remark-cut" && utf8.RuneCountInString(text) > 30:
			row["remark"] = string([]rune(text)[:30])
		case b.fault == "currency-first":
			row["currency"] = "EUR"
		case b.fault == "owner-ascii":
			row["owner"] = regexp.MustCompile(`[^ -~]`).ReplaceAllString(fmt.Sprint(sent["owner"]), "?")
		}
		if b.accounts = append(b.accounts, row); b.fault == "account-lost" {
			b.accounts = b.accounts[:len(b.accounts)-1]
		}
		if w.Header().Set("Location", fmt.Sprint("/accounts/", row["id"])); b.fault == "location-astray" {
			w.Header().Set("Location", fmt.Sprint("/account/", row["id"]))
		}
		answer(201, row)
	case strings.HasPrefix(r.URL.Path, "/accounts/") && account >= 0 && reads:
		answer(200, b.accounts[account])
	case strings.HasPrefix(r.URL.Path, "/accounts/") && account >= 0 && r.Method == http.MethodPatch:
		if problem := b.wrong(sent, false); problem != "" {
			refuse(422, problem)
			return
		}
		for name, v := range sent {
			if name != "limit" || b.fault != "limit-lost" {
				b.accounts[account][name] = v
			}
		}
		if _, ok := sent["remark"]; !ok && b.fault == "patch-resets" {
			b.accounts[account]["remark"] = nil
		}
		answer(200, b.accounts[account])
	case r.URL.Path == "/contacts" && reads:
		answer(200, b.contacts)
	case strings.HasPrefix(r.URL.Path, "/contacts/") && r.Method == http.MethodPut:
		name, _ := sent["name"].(string)
		_, isBool := sent["trusted"].(bool)
		labels, isList := sent["labels"].([]any)
		if name == "" || utf8.RuneCountInString(name) > 40 || !isBool || sent["labels"] != nil && !isList || len(labels) > 8 || !strings.Contains(key, "@") || sent["labels"] == nil && isNull(sent, "labels") ||
			slices.ContainsFunc(labels, func(v any) bool { s, ok := v.(string); return !ok || s == "" || len(s) > 20 }) {
			refuse(422, "wrong")
			return
		}
		row := map[string]any{"email": key, "name": name, "trusted": sent["trusted"], "labels": append([]any{}, labels...)}
		if contact < 0 {
			b.contacts = append(b.contacts, row)
			answer(201, row)
			return
		}
		if b.fault == "labels-append" {
			row["labels"] = append(slices.Clone(b.contacts[contact]["labels"].([]any)), labels...)
		}
		if b.fault == "false-truthy" {
			row["trusted"] = true
		}
		status := 200
		if b.contacts[contact] = row; b.fault == "put-201" {
			status = 201
		}
		answer(status, row)
	case strings.HasPrefix(r.URL.Path, "/contacts/") && contact >= 0 && reads:
		answer(200, b.contacts[contact])
	case strings.HasPrefix(r.URL.Path, "/contacts/") && contact >= 0 && r.Method == http.MethodDelete:
		if b.fault != "delete-keeps" {
			b.contacts = slices.Delete(b.contacts, contact, contact+1)
		}
		w.WriteHeader(204)
	case !reads && (r.URL.Path == "/contacts" || r.URL.Path == "/accounts" || account >= 0 || contact >= 0):
		w.Header().Set("Allow", "GET, HEAD")
		refuse(405, "no")
	default:
		refuse(404, "not here")
	}
}

func isNull(o map[string]any, name string) bool { v, there := o[name]; return there && v == nil }

// wrong says what is wrong with an account.
func (b *bank) wrong(sent map[string]any, whole bool) string {
	for _, name := range []string{"owner", "currency"} {
		if _, there := sent[name]; whole && !there && !(name == "owner" && b.fault == "owner-optional") {
			return name + " is missing"
		}
	}
	for name, v := range sent {
		text, isText := v.(string)
		n, isNumber := v.(float64)
		switch {
		case name == "owner" && (strings.TrimSpace(text) == "" || utf8.RuneCountInString(text) > 60),
			name == "currency" && (!isText || !slices.Contains([]string{"EUR", "USD", "CHF"}, text) && b.fault != "currency-any"),
			name == "limit" && (!isNumber || n != float64(int(n)) || n > 900 || n < 0 && b.fault != "limit-negative"),
			name == "remark" && v != nil && (!isText || utf8.RuneCountInString(text) > 80):
			return name + " is wrong"
		case !whole && !slices.Contains([]string{"owner", "limit", "remark"}, name):
			return name + " is unknown"
		}
	}
	return ""
}

// TestStays: where nothing deletes what is created, a few items are, and told as left over; nothing else stays, no action is called, and each fault is told of.
func TestStays(t *testing.T) {
	doc := openText(t, strings.TrimSpace(bankDocument))
	for _, n := range []int{0, 3, 40} {
		b := newBank(n, "")
		r := check(t, doc, contracttest.Target{Handler: b, Writes: true})
		require.Empty(t, r.Findings, "%d accounts: %s", n, text(r))
		require.Len(t, b.contacts, n, "what can be deleted is")
		require.Zero(t, b.closed, "what an action does is not known")
		require.NotEmpty(t, r.Leftovers, "%s", text(r))
		require.LessOrEqual(t, len(r.Leftovers), 20)
		require.Len(t, b.accounts, n+len(r.Leftovers))
		for i := range r.Leftovers {
			require.Contains(t, r.Leftovers, fmt.Sprintf("/accounts/%d (the document has no operation that deletes it)", n+i+1))
		}
	}
	for fault, rule := range map[string]string{
		"owner-optional":  "value/required",
		"currency-any":    "value/refused",
		"limit-negative":  "value/refused",
		"remark-cut":      "value/accepted",
		"owner-ascii":     "value/accepted",
		"currency-first":  "crud/create-read",
		"account-lost":    "crud/create-read",
		"location-astray": "http/location",
		"limit-lost":      "crud/update",
		"patch-resets":    "crud/update",
		"labels-append":   "crud/replace-stores",
		"false-truthy":    "crud/replace-stores",
		"put-201":         "crud/replace-twice",
		"delete-keeps":    "crud/delete",
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			sampled(t)
			require.Contains(t, rulesOf(check(t, doc, contracttest.Target{Handler: newBank(20, fault), Writes: true})), rule)
		})
	}
}
