package contracttest

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"strconv"
	"strings"

	"understudy/internal/contract"
)

// body is a JSON object that is sent, its properties in order.
type body []contract.Member

func (b body) bytes() []byte {
	out := []byte{'{'}
	for i, m := range b {
		if i > 0 {
			out = append(out, ',')
		}
		name, _ := json.Marshal(m.Name) // a string
		out = append(append(append(out, name...), ':'), m.JSON...)
	}
	return append(out, '}')
}

// get gives a property's value as JSON, or "".
func (b body) get(name string) string {
	for _, m := range b {
		if m.Name == name {
			return m.JSON
		}
	}
	return ""
}

// set gives the body with another value of a property.
func (b body) set(name, value string) body {
	out := slices.Clone(b)
	for i := range out {
		if out[i].Name == name {
			out[i].JSON = value
			return out
		}
	}
	return append(out, contract.Member{Name: name, JSON: value})
}

// with gives the body with the values of another.
func (b body) with(other body) body {
	for _, m := range other {
		b = b.set(m.Name, m.JSON)
	}
	return b
}

// without gives the body without some properties.
func (b body) without(names ...string) body {
	return slices.DeleteFunc(slices.Clone(b), func(m contract.Member) bool { return slices.Contains(names, m.Name) })
}

// fits tells whether the body, put together, is valid, in the document's words too, and can be said in full.
func (b body) fits(f *contract.Form) bool {
	_, said := f.Write(b)
	return said && valid(f.Schema(), string(f.Join(b))) && b.keeps(f)
}

// valid tells whether both validators take a value, given as JSON.
func valid(s *contract.Schema, text string) bool {
	exact, err := contract.DecodeJSON([]byte(text))
	return err == nil && s.Judge(exact, contract.AsRequest) == nil && len(s.Validate(decode([]byte(text)), contract.AsRequest)) == 0
}

// digest makes words that look random but are not.
type digest struct{ sum uint64 }

func newDigest(seed uint64) *digest { return &digest{seed} }

func (d *digest) add(text string) {
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%x %s", d.sum, text)
	d.sum = h.Sum64()
}

func (d *digest) word(n int) string {
	text := strings.Repeat("0", n) + strconv.FormatUint(d.sum, 36)
	return text[len(text)-n:]
}

// slot gives the number of a body that one case uses alone: it depends on nothing but what the case is about.
func slotOf(op *contract.Operation, about ...string) int {
	return slot(append([]string{op.ID}, about...)...)
}

func slot(about ...string) int {
	d := newDigest(0)
	for _, a := range about {
		d.add(a)
	}
	return int(d.sum % (planned - 64))
}

// compose makes the body that all others are made of: values that can tell, keys that exist, and nothing that is the server's to set.
func (r *recipe) compose() error {
	given := map[string]string{}
	for name, v := range r.keys {
		given[name] = v
	}
	for name, v := range r.lent {
		given[name] = v
	}
	known := given
	if !r.form.Plain() { // what is given stands further inside
		known = nil
	}
	text, err := r.e.values.Object(r.form.Schema(), contract.AsRequest, r.address, known)
	if err != nil {
		return err
	}
	whole, err := r.form.Split(text)
	if err != nil {
		return err
	}
	b := body(whole)
	for _, name := range sortedKeys(given) {
		if more := b.set(name, given[name]); more.fits(r.form) {
			b = more
		}
	}
	for _, m := range whole {
		p, ok := r.form.Property(m.Name)
		optional := ok && !p.Required
		if optional && (p.Schema.ReadOnly() || r.isOwn(p) || r.lacks[m.Name] || r.lean) || !ok {
			if less := b.without(m.Name); less.fits(r.form) {
				b = less
			}
			continue
		}
		if given[m.Name] != "" {
			continue
		}
		if better := b.set(m.Name, r.telling(p, m.JSON)); better.fits(r.form) {
			b = better
		}
	}
	if !r.lean { // what the generator left out
		for _, p := range r.form.Properties() {
			if b.get(p.Name) != "" || p.Schema.ReadOnly() || r.isOwn(p) || r.lacks[p.Name] {
				continue
			}
			v := given[p.Name]
			if v == "" {
				made, err := r.e.values.Value(p.Schema, contract.AsRequest, r.address+"/"+p.Name)
				if err != nil {
					continue
				}
				v = r.telling(p, string(made))
			}
			if more := b.set(p.Name, v); more.fits(r.form) {
				b = more
			}
		}
	}
	r.base, r.renamed = b, map[string]bool{}
	return nil
}

// isOwn tells whether a property is, by its name, the server's to set, though the document does not say so.
func (r *recipe) isOwn(p contract.Property) bool {
	if p.Name == r.s.c.Records.Key {
		return true
	}
	name := plainName(p.Name)
	for _, word := range []string{"created", "updated", "modified", "lastmodified", "etag", "version", "revision", "links", "self", "href"} {
		if name == word || strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(name, "at"), "on"), "by") == word {
			return true
		}
	}
	return strings.HasPrefix(p.Name, "_")
}

// telling gives a value that shows whether it was stored: not the default, not empty, not null, with decimals where there may be some and they are kept.
func (r *recipe) telling(p contract.Property, value string) string {
	s := p.Schema
	dull := func(v string) bool {
		return slices.Contains([]string{"null", `""`, "0", "[]", "{}", "false", string(s.Default())}, v)
	}
	var others []string
	switch {
	case s.Enum() != nil:
		for _, v := range s.Enum() {
			if text, err := json.Marshal(v); err == nil {
				others = append(others, string(text))
			}
		}
	case s.Type() == "boolean":
		others = []string{"true", "false"}
	case s.Type() == "number" || s.Decimal():
		quote := value[:b2i(s.Decimal())]
		if n, err := strconv.ParseFloat(strings.Trim(value, quote), 64); err == nil {
			whole := math.Trunc(n)
			for _, v := range []float64{whole + 0.75, whole - 0.25, whole + 0.5, whole + 1} {
				if !isKept(v, s) {
					continue
				}
				if text := quote + strconv.FormatFloat(v, 'f', -1, 64) + quote; valid(s, text) {
					return text
				}
			}
		}
	case s.Type() == "integer":
		if n, err := strconv.ParseInt(value, 10, 64); err == nil {
			others = []string{fmt.Sprint(n + 1), fmt.Sprint(n - 1), fmt.Sprint(n + 2)}
		}
	case s.Type() == "array":
		others = append(others, r.elements(p)...)
		if len(others) > 0 && valid(s, others[0]) { // two elements tell more than one
			return others[0]
		}
	case s.Type() == "object" && len(s.Properties()) == 0:
		others = append(others, `{"understudy":"yes"}`)
	case s.Format() == "date-time" && isFuture(p.Name):
		others, value = []string{`"2099-06-15T10:20:30Z"`}, "null"
	case s.Format() == "date" && isFuture(p.Name):
		others, value = []string{`"2099-06-15"`}, "null"
	}
	if !dull(value) {
		return value
	}
	for try := range 6 {
		if v, err := r.e.values.Value(s, contract.AsRequest, fmt.Sprintf("%s/%s/%d", r.address, p.Name, try)); err == nil && s.Type() != "boolean" {
			others = append(others, string(v))
		}
	}
	for _, v := range others {
		if !dull(v) && valid(s, v) {
			return v
		}
	}
	return value
}

// elements gives arrays with something in them.
func (r *recipe) elements(p contract.Property) []string {
	items := p.Schema.Items()
	if items == nil {
		return nil
	}
	var parts []string
	for try := range 4 {
		v, err := r.e.values.Value(items, contract.AsRequest, fmt.Sprintf("%s/%s/item/%d", r.address, p.Name, try))
		if one := r.turned(items, string(v)); err == nil && !slices.Contains(parts, one) {
			parts = append(parts, one)
		}
	}
	var out []string
	for n := min(2, len(parts)); n > 0; n-- {
		out = append(out, "["+strings.Join(parts[:n], ",")+"]")
	}
	return out
}

// turned gives an object in which truth values are not what they are when nothing is said of them; all else is left as it is.
func (r *recipe) turned(s *contract.Schema, object string) string {
	members, err := contract.Members([]byte(object))
	if err != nil || chooses(s) {
		return object
	}
	b := body(members)
	for _, p := range s.Properties() {
		if v := fmt.Sprint(string(p.Schema.Default()) != "true"); p.Schema.Type() == "boolean" && b.get(p.Name) != "" {
			if other := b.set(p.Name, v); valid(s, string(other.bytes())) {
				b = other
			}
		}
	}
	return string(b.bytes())
}

func isFuture(name string) bool {
	name = plainName(name)
	return slices.ContainsFunc([]string{"expir", "until", "due", "deadline", "validto", "end"}, func(word string) bool { return strings.Contains(name, word) })
}
