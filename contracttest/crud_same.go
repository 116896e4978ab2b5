package contracttest

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"understudy/internal/contract"
)

// sameMeaning tells whether a value that is shown is the one that was sent, however it is written. The schema is of what is shown, or nil.
func sameMeaning(sent, shown any, s *contract.Schema) bool {
	if empty(sent) && empty(shown) {
		return true
	}
	switch x := sent.(type) {
	case nil:
		return shown == nil
	case map[string]any:
		o, ok := shown.(map[string]any)
		if !ok {
			return false
		}
		for name, v := range x {
			inner, shown := shownAs(s, name)
			if !shown {
				continue
			}
			if !sameMeaning(v, o[name], inner) {
				return false
			}
		}
		return true
	case []any:
		list, ok := shown.([]any)
		if !ok {
			return false
		}
		var items *contract.Schema
		if s != nil {
			items = s.Items()
		}
		return sameElements(x, list, func(a, b any) bool { return sameMeaning(a, b, items) })
	}
	if o, ok := shown.(map[string]any); ok { // the record, in the place of its key
		for _, v := range o {
			switch v.(type) {
			case string, json.Number:
				if sameMeaning(sent, v, nil) {
					return true
				}
			}
		}
		return false
	}
	return sameScalar(sent, shown) || sameRounded(sent, shown, s)
}

// shownAs gives the schema of a property where an object of a schema is shown, nil if it has none; false: it is not shown there, or is the server's to set. Of alternatives, any may show it.
func shownAs(s *contract.Schema, name string) (*contract.Schema, bool) {
	if s == nil {
		return nil, true
	}
	if p, named := s.Property(name); named {
		return p.Schema, !p.Schema.WriteOnly() && !p.Schema.ReadOnly()
	}
	k := s.Present().Keywords()
	others := slices.Concat(k.OneOf, k.AnyOf)
	for _, other := range others {
		if inner, shown := shownAs(other, name); shown && (other.Type() == "object" || len(other.Properties()) > 0) {
			return inner, true
		}
	}
	return nil, len(others) == 0 && len(s.Properties()) == 0
}

// sameElements tells whether two arrays hold the same, in any order and however often.
func sameElements(a, b []any, same func(a, b any) bool) bool {
	within := func(a, b []any) bool {
		return !slices.ContainsFunc(a, func(x any) bool { return !slices.ContainsFunc(b, func(y any) bool { return same(x, y) }) })
	}
	return within(a, b) && (within(b, a) || len(a) == len(b))
}

// empty tells whether a value says nothing.
func empty(v any) bool {
	switch x := v.(type) {
	case nil:
		return true
	case string:
		return strings.TrimSpace(x) == ""
	case []any:
		return len(x) == 0
	case map[string]any:
		return len(x) == 0
	}
	return false
}

func sameScalar(a, b any) bool {
	x, y := scalarText(a), scalarText(b)
	if x == y {
		return true
	}
	n, errN := strconv.ParseFloat(x, 64)
	m, errM := strconv.ParseFloat(y, 64)
	if errN == nil && errM == nil {
		return n == m || math.Abs(n-m) <= 1e-6*max(math.Abs(n), math.Abs(m))
	}
	if t, ok := instant(x); ok {
		if u, ok := instant(y); ok {
			return t.Sub(u).Abs() <= time.Second
		}
	}
	p, q := lettersOf(x), lettersOf(y)
	return p == q && p != "" && (len(y) <= len(x) || strings.Trim(p, "0123456789") == "") // tidying up adds nothing, but signs between the digits of a number
}

func scalarText(v any) string {
	switch x := v.(type) {
	case string:
		return strings.TrimSpace(x)
	case json.Number:
		return x.String()
	case bool:
		return strconv.FormatBool(x)
	}
	return ""
}

func instant(text string) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339Nano, strings.ToUpper(strings.Replace(text, " ", "T", 1)))
	return t, err == nil
}

// lettersOf leaves of a text what a server that tidies it up leaves too: letters and digits, in lower case.
func lettersOf(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// sameState tells whether a property is the same at two times: only the order in an array makes no difference.
func sameState(before, after any) bool {
	a, isA := before.([]any)
	b, isB := after.([]any)
	if isA && isB {
		return len(a) == len(b) && sameElements(a, b, sameState)
	}
	x, _ := json.Marshal(before) // decoded from JSON
	y, _ := json.Marshal(after)
	return string(x) == string(y)
}

// isReset tells whether a value is what a property is when nobody said anything of it.
func isReset(v any, s *contract.Schema) bool {
	if empty(v) || v == false || scalarText(v) == "0" {
		return true
	}
	if s == nil || s.Default() == nil {
		return false
	}
	d, err := contract.DecodeJSON(s.Default())
	return err == nil && sameState(d, v)
}

// hiddenWords are in the names of properties that servers keep to themselves, or change, even where the document does not say so.
var hiddenWords = []string{"password", "passwd", "secret", "token", "credential", "hash", "signature"}

// judgeable tells whether a property that was sent must be shown, as the document has it.
func (r *recipe) judgeable(name string) (*contract.Schema, bool) {
	shown, ok := r.s.shown().Property(name)
	sent, _ := r.form.Property(name)
	if !ok || shown.Schema.WriteOnly() || sent.Schema != nil && (sent.Schema.WriteOnly() || sent.Schema.ReadOnly()) || shown.Schema.ReadOnly() || r.isOwn(shown) || r.unread[name] {
		return nil, false
	}
	plain := plainName(name)
	if slices.ContainsFunc(hiddenWords, func(word string) bool { return strings.Contains(plain, word) }) {
		return nil, false
	}
	return shown.Schema, true
}

// mustShow tells whether an item has to show a property: it is required, or other items show it.
func (r *recipe) mustShow(name string) bool {
	if p, ok := r.s.shown().Property(name); ok && p.Required {
		return true
	}
	return slices.ContainsFunc(r.s.base.items, func(it contract.Item) bool { return r.s.shown().Of(it.Record, name) != "" })
}

// lost compares what was sent with what an item shows. It names the first property that is not the same, "" if all are.
func (r *recipe) lost(sent body, item map[string]any) (name, got, want string) {
	for _, m := range sent {
		schema, ok := r.judgeable(m.Name)
		if !ok {
			continue
		}
		value, err := contract.DecodeJSON([]byte(m.JSON))
		if err != nil || value == nil && !schema.Nullable() { // as null that means "unchanged", which no item can show
			continue
		}
		shown, there := item[m.Name]
		if !there && (value == nil || !r.mustShow(m.Name)) || sameMeaning(value, shown, schema) && !recased(m.Name, schema, value, shown) {
			continue
		}
		return m.Name, jsonOf(item, m.Name), m.JSON
	}
	return "", "", ""
}

// proseWords end the names of properties that hold sentences.
var proseWords = []string{"description", "note", "notes", "summary", "comment", "text", "body", "content", "message"}

// recased tells whether a text that people read comes back with small letters for large ones, or the other way round. Slugs, addresses and codes may.
func recased(name string, s *contract.Schema, sent, shown any) bool {
	x, ok := sent.(string)
	y, ok2 := shown.(string)
	if !ok || !ok2 || s == nil || s.Format() != "" || s.Enum() != nil || !slices.ContainsFunc(append(proseWords, "title", "label", "subject"), func(word string) bool {
		return strings.HasSuffix(plainName(name), word)
	}) && plainName(name) != "name" {
		return false
	}
	return x != y && strings.EqualFold(strings.TrimSpace(x), strings.TrimSpace(y))
}

// merged judges whether an object that was sent whole still has a property that it had before.
func (r *recipe) merged(sent body, before, after *answer) outcome {
	was, is := r.s.object(before), r.s.object(after)
	for _, m := range sent {
		schema, ok := r.judgeable(m.Name)
		x, isObject := was[m.Name].(map[string]any)
		y, isToo := is[m.Name].(map[string]any)
		if !ok || chooses(schema) || !isObject || !isToo {
			continue
		}
		given, err := contract.Members([]byte(m.JSON))
		if err != nil {
			continue
		}
		for _, name := range sortedKeys(x) {
			inner, _ := schema.Property(name)
			if now, there := y[name]; there && body(given).get(name) == "" && sameState(x[name], now) && (isFreeForm(schema) || inner.Schema != nil && !inner.Schema.ReadOnly() && !isReset(now, inner.Schema)) {
				return broken(after, fmt.Sprintf("%s is %s", m.Name, jsonOf(is, m.Name)), fmt.Sprintf("%s, as it was sent", m.JSON)).
					because("what was sent is merged with what was there").signed(m.Name + " is merged")
			}
		}
	}
	return kept()
}

// isFreeForm tells whether a schema is of an object that may have any properties, of which it names none.
func isFreeForm(s *contract.Schema) bool {
	return s != nil && s.Type() == "object" && len(s.Properties()) == 0 && !chooses(s)
}

// spread gives what an item other than some has at the name of a property that was sent, if a write changed it to what was sent; "" if nothing was.
func (r *recipe) spread(sent body, before, after *listed, own ...string) outcome {
	if before.bad+after.bad != "" {
		return kept()
	}
	was := map[string]map[string]any{}
	for i, it := range before.items {
		was[before.keys[i]] = plainObject(it)
	}
	for i, it := range after.items {
		key, is := after.keys[i], plainObject(it)
		if slices.Contains(own, key) || was[key] == nil {
			continue
		}
		for _, m := range sent {
			schema, ok := r.judgeable(m.Name)
			value, err := contract.DecodeJSON([]byte(m.JSON))
			if ok && err == nil && !sameState(was[key][m.Name], is[m.Name]) && sameMeaning(value, is[m.Name], schema) {
				return broken(after.answers[0], fmt.Sprintf("%s of %s, another item, is %s now", m.Name, key, jsonOf(is, m.Name)), fmt.Sprintf("%s, as before", jsonOf(was[key], m.Name))).
					because("what is sent for one item is written to another, too").signed("other items change")
			}
		}
	}
	return kept()
}

// jsonOf writes what an object has at a name.
func jsonOf(o map[string]any, name string) string {
	v, ok := o[name]
	if !ok {
		return "nothing"
	}
	text, _ := json.Marshal(v) // decoded from JSON
	return string(text)
}

// origins are the names, in plain form, of properties that say how an item came to be.
var origins = []string{"created", "createdat", "createdon", "createdby", "createddate", "createdtime", "creator", "creationdate", "creationtime", "datecreated", "insertedat", "addedat"}

// reborn judges what a write may never change: the key, and what the server alone says of which item it is and of how it came to be.
func (r *recipe) reborn(before, after *answer) outcome {
	if after.status == 404 || after.status == 410 {
		return broken(after, fmt.Sprintf("%d for the item that was changed", after.status), "the item, by the same key").signed("the write takes the item away")
	}
	was, is := r.s.object(before), r.s.object(after)
	for _, name := range sortedKeys(was) {
		p, named := r.s.shown().Property(name)
		_, sent := r.form.Property(name)
		own := name == r.s.c.Records.Key || (slices.Contains(origins, plainName(name)) || identifies(plainName(name)) && r.s.distinct(name)) && (!sent || named && p.Schema.ReadOnly())
		if _, there := is[name]; own && there && !sameRecord(was, is, name) {
			return broken(after, fmt.Sprintf("%s is %s", name, jsonOf(is, name)), fmt.Sprintf("%s, as before the write", jsonOf(was, name))).signed("a write changes " + name)
		}
	}
	return kept()
}

// distinct tells whether no two items of a list have the same value of a property.
func (s *listState) distinct(name string) bool {
	values := map[string]bool{}
	for _, it := range s.base.items {
		values[it.Own(name)] = true
	}
	return len(values) == len(s.base.items) && len(values) > 1
}

// answered judges the answer to a write by what was sent, where it shows the item.
func (r *recipe) answered(sent body, a *answer) outcome {
	if item := r.s.object(a); item[r.s.c.Records.Key] == nil || a.status == 202 {
		return kept()
	}
	return r.stored(sent, a)
}

// touched judges whether a write changed any of some properties of another item: by the list before it, read twice, and behind it. Own are the keys of what the case
// itself made.
func (r *recipe) touched(x, y, z *listed, names []string, own ...string) outcome {
	if x.bad+y.bad+z.bad != "" {
		return kept()
	}
	state := func(l *listed) map[string]map[string]any {
		out := map[string]map[string]any{}
		for i, it := range l.items {
			out[l.keys[i]] = r.s.flat(plainObject(it))
		}
		return out
	}
	before, again, after := state(x), state(y), state(z)
	for _, key := range x.keys {
		if slices.Contains(own, key) || after[key] == nil || again[key] == nil {
			continue
		}
		for _, name := range names {
			if sameState(before[key][name], again[key][name]) && !sameState(before[key][name], after[key][name]) {
				return broken(z.answers[0], fmt.Sprintf("%s of %s, another item, is %s", name, key, jsonOf(after[key], name)), fmt.Sprintf("%s, as before", jsonOf(before[key], name))).signed("other items change")
			}
		}
	}
	return kept()
}

// worst gives the first outcome that is not kept.
func worst(outcomes ...outcome) outcome {
	for _, o := range outcomes {
		if o.verdict != Kept {
			return o
		}
	}
	return kept()
}

// writable gives the names of the properties that clients set and that items show.
func (r *recipe) writable() []string {
	var out []string
	for _, p := range r.form.Properties() {
		if _, ok := r.judgeable(p.Name); ok {
			out = append(out, p.Name)
		}
	}
	return out
}
