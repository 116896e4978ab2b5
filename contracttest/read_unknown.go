package contracttest

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"understudy/internal/contract"
)

// onItem makes a producer for operations on one item, which may be tried with keys that none has; those that create by PUT are left alone.
func onItem(p func(s *listState, op *contract.Operation) ([]*testCase, string)) producer {
	return func(e *engine, op *contract.Operation) ([]*testCase, string) {
		s := e.lists[op.Collection]
		switch {
		case s == nil || s.why != "":
			return none(whyOf(s))
		case op.Role == contract.Replace:
			return nil, "" // PUT may create what is not there (RFC 9110 §9.3.4)
		case op.Role != contract.Retrieve && op.Role != contract.Update && op.Role != contract.Destroy:
			return none("what it does to an item is not known")
		}
		return p(s, op)
	}
}

func readUnknown(s *listState, op *contract.Operation) ([]*testCase, string) {
	key := s.unknownKey()
	if key == "" {
		return none("no well-formed key is surely unknown")
	}
	return one(s.onKey(op, key, "a well-formed key that no item of the list has", true))
}

func readMalformed(s *listState, op *contract.Operation) ([]*testCase, string) {
	var out []*testCase
	schema := s.keySchema()
	if s.c.Records.KeyType() == "integer" || schema != nil && (schema.Format() == "uuid" || schema.Type() == "integer") {
		none := s.onKey(op, "understudy-no-key", "a key that is none by its type", false)
		judge, told := none.judge, toldMalformed(op)
		none.judge = func(rs []result) outcome {
			if a := rs[0].answer(); told != "" && a.status == http.StatusNotFound {
				return broken(a, a.says(), "400 or 422: "+told).signed("a malformed key is only not found").asSaid(true)
			}
			return judge(rs)
		}
		out = append(out, none)
	}
	if op.Role == contract.Retrieve {
		out = append(out, s.begunKeys(op)...)
		long := s.onKey(op, strings.Repeat("9", 200), "a key of 200 digits", false)
		nul := s.onKey(op, "\x00", "a key that is a NUL", false)
		bytes := s.onKey(op, "\xe0\xa4", "a key of bytes that are no UTF-8", false)
		bytes.subject = "%E0%A4"
		bytes.judge = func(rs []result) outcome { // what stands for them is perhaps a key
			if a := rs[0].answer(); a.failed() {
				return broken(a, a.says(), "404, or a documented refusal").signed("an error of the server's")
			}
			return kept()
		}
		out = append(out, long, nul, bytes)
	}
	if out == nil {
		return none("any text can be a key")
	}
	return out, ""
}

// toldMalformed gives the sentence that says of an operation's key that what is none by its type is refused with 400 or 422; "" if none does.
func toldMalformed(op *contract.Operation) string {
	names := op.PathParameters()
	p := op.Parameter("path", names[len(names)-1])
	if p == nil {
		return ""
	}
	if told := sentence(p.Description(), noUUID, promisesInvalid); told != "" {
		return told
	}
	return sentence(p.Description(), noNumber, promisesInvalid)
}

// toldMissing gives the sentence that says that a key which no item has is answered with 404; "" if none does.
func toldMissing(op *contract.Operation) string {
	if p := op.Parameter("path", lastOf(op.PathParameters())); p != nil {
		return sentence(p.Description(), promisesMissing)
	}
	return ""
}

// leastLong is how long a key is at least, the beginning of which is surely none.
const leastLong = 8

// begunKeys makes cases of keys that are none, by their type or because they are but the beginning, and begin as one that an item has: some servers read no further.
func (s *listState) begunKeys(op *contract.Operation) (cases []*testCase) {
	if len(s.base.keys) == 0 {
		return nil
	}
	key, schema := s.base.keys[0], s.keySchema()
	var begun []string
	switch {
	case schema != nil && schema.Format() == "uuid" && isUUID(key):
		begun = []string{key[:8] + "-understudy", key + "xyz"}
	case s.c.Records.KeyType() == "integer" && schema != nil && schema.Type() == "integer":
		begun = []string{key + "xyz"}
	case s.c.Records.KeyType() == "string" && len(key) >= leastLong && !slices.Contains(s.base.keys, key[:len(key)-1]):
		begun = []string{key[:len(key)-1]}
	}
	for _, text := range begun {
		tc := s.onKey(op, text, "a key that is none by its type, and begins as that of an item", false)
		tc.subject = "a key and more"
		if !strings.HasPrefix(text, key) {
			tc.subject = "the beginning of a key"
		}
		cases = append(cases, tc)
	}
	return cases
}

// onKey makes a case of an operation on a key that no item has, and that is formed as a key or not.
func (s *listState) onKey(op *contract.Operation, key, intent string, formed bool) *testCase {
	r := s.item(op, key)
	r.odd = true
	if op.Role == contract.Update {
		formed = false // the body may be what is refused
		r.body = []byte("{}")
	}
	return &testCase{
		subject: cut(key), intent: intent, steps: []step{{request: r}},
		judge: func(rs []result) outcome {
			a := rs[0].answer()
			switch {
			case a.failed():
				return broken(a, a.says(), "404, or a documented refusal").signed("an error of the server's")
			case a.ok() && op.Role == contract.Retrieve:
				if s.keyIn(a) == key {
					return skip("an item has that key after all")
				}
				return broken(a, a.says()+" "+short(a.body), "404, or a documented refusal").signed("an item that is not there")
			case a.ok() && op.Role == contract.Update:
				return broken(a, a.says(), "404, or a documented refusal").signed("changes what is not there")
			case a.ok() && op.Role == contract.Destroy && formed && toldMissing(op) != "":
				return broken(a, a.says(), "404: "+toldMissing(op)).signed("deletes what is not there").asSaid(true)
			case a.status == http.StatusGone && op.Response(a.status) == nil && op.Response(http.StatusNotFound) != nil:
				return broken(a, a.says(), "404, which is documented").signed("gone without ever having been there")
			case formed && a.status == http.StatusBadRequest && op.Response(a.status) == nil && op.Response(http.StatusNotFound) != nil:
				return broken(a, a.says(), "404, which is documented, since the key is well-formed").signed("well-formed keys are refused")
			}
			return kept()
		},
	}
}

// insideMalformed: a list inside of an item is asked for by a key that is none by its type, which is no error of the server's.
func insideMalformed(e *engine, op *contract.Operation) ([]*testCase, string) {
	s, parent := e.lists[op.Collection], e.holder(op.Collection)
	if s == nil || s.why != "" || parent == nil || len(s.scope) == 0 {
		return nil, ""
	}
	schema := parent.keySchema()
	if schema == nil || schema.Format() != "uuid" && schema.Type() != "integer" {
		return nil, ""
	}
	in := *s
	in.scope = append(slices.Clone(s.scope[:len(s.scope)-1]), "understudy-no-key")
	st := step{request: in.request(contract.Query{Scope: in.scope, Window: s.c.First()})}
	st.odd = true
	return one(&testCase{
		subject: "a malformed key", intent: "a list inside of an item, by a key that is none by its type: it is refused, and is no error of the server's", steps: []step{st},
		judge: func(rs []result) outcome {
			if a := rs[0].answer(); a.failed() {
				return broken(a, a.says(), "404, or a documented refusal").signed("an error of the server's")
			}
			return kept()
		},
	})
}

// onlyOn makes a producer that asks one kind of operations.
func onlyOn(role contract.Role, p producer) producer {
	return func(e *engine, op *contract.Operation) ([]*testCase, string) {
		if op.Role != role {
			return nil, ""
		}
		return p(e, op)
	}
}

// notOn makes a producer that leaves one kind of operations alone.
func notOn(role contract.Role, p producer) producer {
	return func(e *engine, op *contract.Operation) ([]*testCase, string) {
		if op.Role == role {
			return nil, ""
		}
		return p(e, op)
	}
}

// unknownKey gives a well-formed key that no item has, or "".
func (s *listState) unknownKey() string {
	key := "understudy-zzqx7"
	schema := s.keySchema()
	switch {
	case s.c.Records.KeyType() == "integer":
		most := 0
		for _, k := range s.base.keys {
			if n, err := strconv.Atoi(k); err == nil {
				most = max(most, n)
			}
		}
		key = strconv.Itoa(most + 1_000_003)
		if limit, ok := bound(schema, "maximum"); ok && float64(most+1_000_003) > limit {
			return ""
		}
	case schema != nil && schema.Format() == "uuid" || s.looksLike(isUUID):
		key = "7d9f6e5c-1b2a-4c3d-8e4f-a5b6c7d8e9f0"
	case schema != nil && schema.Judge(key, contract.AsRequest) != nil:
		key = s.similarKey(schema)
	}
	if slices.Contains(s.base.keys, key) {
		return ""
	}
	return key
}

// similarKey gives a key that looks like those of the items, with other letters and digits at its end; "" if that is none by its schema.
func (s *listState) similarKey(schema *contract.Schema) string {
	if len(s.base.keys) == 0 {
		return ""
	}
	turn := func(c, from, to byte) byte { return from + (c-from+(to-from)/2+1)%(to-from+1) }
	b := []byte(s.base.keys[0])
	changed := 0
	for i := len(b) - 1; i >= 0 && changed < 8; i-- {
		switch c := b[i]; {
		case c >= '0' && c <= '9':
			b[i] = turn(c, '0', '9')
		case c >= 'a' && c <= 'f':
			b[i] = turn(c, 'a', 'f')
		case c >= 'A' && c <= 'F':
			b[i] = turn(c, 'A', 'F')
		case c >= 'g' && c <= 'z':
			b[i] = turn(c, 'g', 'z')
		case c >= 'G' && c <= 'Z':
			b[i] = turn(c, 'G', 'Z')
		default:
			continue
		}
		changed++
	}
	if key := string(b); changed >= min(4, len(b)) && schema.Judge(key, contract.AsRequest) == nil {
		return key
	}
	return ""
}

// keySchema is the schema of the parameter that holds the key.
func (s *listState) keySchema() *contract.Schema {
	for _, role := range []contract.Role{contract.Retrieve, contract.Update, contract.Destroy} {
		if op := s.c.Operation(role); op != nil {
			names := op.PathParameters()
			if p := op.Parameter("path", names[len(names)-1]); p != nil {
				return p.Schema
			}
		}
	}
	return nil
}

func (s *listState) looksLike(test func(string) bool) bool {
	return len(s.base.keys) > 0 && !slices.ContainsFunc(s.base.keys, func(k string) bool { return !test(k) })
}

func isUUID(s string) bool {
	return len(s) == 36 && strings.Count(s, "-") == 4 && strings.Trim(strings.ToLower(s), "0123456789abcdef-") == ""
}
