package contracttest

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"understudy/internal/contract"
)

// news judges of a body that is JSON what is not known, and all of it if anything is found in that.
func (j *judged) news(a *answer, op *contract.Operation, schema *contract.Schema, k *known) {
	if k == nil {
		j.body(a, op, schema, a.body)
		return
	}
	body, settle := k.news(a)
	if body == nil {
		return
	}
	part := judged{strict: j.strict}
	part.body(a, op, schema, body)
	if len(part.seen) > 0 {
		j.body(a, op, schema, a.body)
		return
	}
	j.rules = append(j.rules, part.rules...)
	settle()
}

// body judges a body that is JSON, the answer's own or a part of it.
func (j *judged) body(a *answer, op *contract.Operation, schema *contract.Schema, body []byte) {
	j.rule("conform/json")
	if wrong := notJSON(body); wrong != "" {
		j.saw(sighting{
			rule: "conform/json", sign: wrong, place: op.Place(), got: fmt.Sprintf("%s: %s", wrong, short(body)), want: "JSON (RFC 8259)",
		})
		return
	}
	if schema == nil {
		return
	}
	value, err := contract.DecodeJSON(body)
	if err != nil {
		return
	}
	var shown []string
	if a.ok() { // a refusal may speak of what was sent
		shown = j.secret(op, value)
		j.undeclared(schema, value)
	}
	j.rule("conform/body")
	j.problem(a, value)
	j.empty(a, op)
	if !a.ok() {
		j.reasons(schema, value)
	}
	for _, v := range violationsOf(schema, value, body) {
		if v.Keyword == "writeOnly" && a.ok() && !slices.Contains(shown, v.Name) {
			j.rule("crud/write-only")
			shown = append(shown, v.Name)
			j.sawSecret(op, v.Name)
		}
		if v.Keyword == "writeOnly" || slices.Contains(shown, v.Name) && len(v.Pointer) > 0 && v.Pointer[len(v.Pointer)-1] == v.Name {
			continue // a rule of its own
		}
		at := "/" + strings.Join(collapsed(v.Pointer), "/")
		keyword, _, _ := strings.Cut(v.Keyword, "/")
		j.saw(sighting{
			rule: "conform/body", sign: fmt.Sprintf("%s %s %s", schema.Pointer(), at, keyword), place: schema.Place(), pointer: "/" + strings.Join(v.Pointer, "/"),
			got: fmt.Sprintf("%s at %s", v.Text(), "/"+strings.Join(v.Pointer, "/")), want: fmt.Sprintf("a body that fits the schema of %d", a.status),
		})
	}
}

// problem judges the status that a problem tells, which has to be that of the answer (RFC 9457 §3.1.2).
func (j *judged) problem(a *answer, value any) {
	if mediaOnly(a.header.Get("Content-Type")) != "application/problem+json" {
		return
	}
	o, _ := value.(map[string]any)
	told, ok := o["status"].(json.Number)
	if ok && told.String() != fmt.Sprint(a.status) {
		j.saw(sighting{
			rule: "conform/body", sign: "problem of another status", pointer: "/status",
			got: fmt.Sprintf("%d with a problem whose status is %s", a.status, told), want: "a problem that tells the answer's own status (RFC 9457 §3.1.2)",
		})
	}
}

// empty judges a list of which the document says that it never has items.
func (j *judged) empty(a *answer, op *contract.Operation) {
	if c := op.Collection; a.ok() && c != nil && c.Empty && op.Role == contract.List {
		if list, err := c.Split(a.body); err == nil && len(list.Items) > 0 {
			j.saw(sighting{
				rule: "conform/body", sign: "items in an empty list", place: op.Place(),
				got: plural(len(list.Items), "item"), want: "none: the document says that the list is always empty",
			})
		}
	}
}

// isListOfTexts are the words of a description that says what the unnamed properties of an object hold.
var isListOfTexts = regexp.MustCompile(`(?i)\b(?:holds?|has|have|is|are|as|to|with|lists?)\b[^.;]{0,40}\b(?:an? )?(?:array|list) of (?:its |the |error )?(?:sentences|strings|messages|texts|reasons)\b`)

// reasons judges what stands in a refusal under the names of what was wrong, where the document says in words what that is and its schema takes anything.
func (j *judged) reasons(schema *contract.Schema, value any) {
	o, _ := value.(map[string]any)
	for _, name := range sortedKeys(o) {
		inner, named := schema.Property(name)
		if named {
			j.reasons(inner.Schema, o[name])
			continue
		}
		if list, ok := o[name].([]any); ok && !slices.ContainsFunc(list, func(v any) bool { _, ok := v.(string); return !ok }) {
			continue
		}
		_, isObject := o[name].(map[string]any) // errors of what is inside
		if told := sentence(schema.Keywords().Description, isListOfTexts); told != "" && !isObject && !objectsOnly(o[name]) && name != "detail" && schema.SaysOpen() {
			j.saw(sighting{
				rule: "conform/body", sign: "reasons that are no list", place: schema.Place(), pointer: "/" + name,
				got: fmt.Sprintf("%s at /%s", short([]byte(jsonOf(o, name))), name), want: "an array of texts: " + told,
			})
			return
		}
	}
}

// objectsOnly tells whether a value is an array of objects, as refusals have for what is inside of lists.
func objectsOnly(v any) bool {
	list, ok := v.([]any)
	return ok && !slices.ContainsFunc(list, func(v any) bool { _, ok := v.(map[string]any); return !ok })
}

// violationsOf gives what both validators agree on.
func violationsOf(schema *contract.Schema, value any, body []byte) contract.Violations {
	err := schema.Judge(value, contract.AsResponse)
	var unusable *contract.UnusableSchema
	if err == nil || errors.As(err, &unusable) {
		return nil
	}
	var plain any
	if json.Unmarshal(body, &plain) != nil {
		return nil
	}
	return schema.Validate(plain, contract.AsResponse)
}

// collapsed writes * for the indices of arrays.
func collapsed(pointer []string) []string {
	out := slices.Clone(pointer)
	for i, token := range out {
		if token != "" && strings.Trim(token, "0123456789") == "" {
			out[i] = "*"
		}
	}
	return out
}

// secret judges whether a property that is only ever written is shown.
func (j *judged) secret(op *contract.Operation, value any) []string {
	if op.Collection == nil {
		return nil
	}
	hidden := op.Collection.WriteOnly()
	if len(hidden) == 0 {
		return nil
	}
	j.rule("crud/write-only")
	var shown []string
	for _, o := range objectsIn(value, op.Collection.Records, 3) {
		for _, name := range hidden {
			if _, ok := o[name]; ok && !slices.Contains(shown, name) {
				shown = append(shown, name)
				j.sawSecret(op, name)
			}
		}
	}
	return shown
}

func (j *judged) sawSecret(op *contract.Operation, name string) {
	j.saw(sighting{rule: "crud/write-only", sign: name, place: op.Place(), got: fmt.Sprintf("the answer shows %q", name), want: "no such property, since it is write-only"})
}

// objectsIn gives the objects in a value, down to a depth, but for those that an item has, unless they hold its properties: what has a key is one, what has none
// holds one. Without records nothing is known of items.
func objectsIn(value any, records *contract.RecordSet, depth int) []map[string]any {
	var out []map[string]any
	switch v := value.(type) {
	case map[string]any:
		out = append(out, v)
		if depth > 0 {
			for _, k := range sortedKeys(v) {
				_, isItem := v[records.Key]
				_, isObject := v[k].(map[string]any)
				if _, isList := v[k].([]any); isList || isObject && (!isItem || records.Form().Holds(k)) {
					out = append(out, objectsIn(v[k], records, depth-1)...)
				}
			}
		}
	case []any:
		for _, x := range v {
			o, ok := x.(map[string]any)
			if !ok {
				continue
			}
			out = append(out, o)
			for _, k := range sortedKeys(o) {
				if inner, ok := o[k].(map[string]any); ok && records != nil && records.Form().Holds(k) {
					out = append(out, inner)
				}
			}
		}
	}
	return out
}
