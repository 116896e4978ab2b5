package contracttest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"understudy/internal/contract"
)

// nameWords end the names of properties that tell items apart.
var nameWords = []string{"name", "title", "slug", "username", "login", "email", "code", "key", "label", "identifier", "handle", "sku", "subject", "domain", "host", "hostname"}

// isUnique tells whether two items may not have the same value of a property, by its name or its description.
func isUnique(p contract.Property) bool {
	s := p.Schema
	if strings.Contains(strings.ToLower(s.Keywords().Description), "unique") {
		return true
	}
	if s.Type() != "string" || s.Enum() != nil || slices.Contains([]string{"date", "date-time", "time", "password", "binary", "byte"}, s.Format()) {
		return false
	}
	name := plainName(p.Name)
	return slices.ContainsFunc(nameWords, func(word string) bool { return strings.HasSuffix(name, word) })
}

// numbered gives the body with names that only it has.
func (r *recipe) numbered(n int) body {
	b := r.base
	for _, m := range r.base {
		p, ok := r.form.Property(m.Name)
		if !ok || r.keys[m.Name] != "" || !isUnique(p) && !r.alone[m.Name] && !(r.nameless() && isFreeText(p) && r.lent[m.Name] == "") {
			continue
		}
		other := b.set(m.Name, r.unique(p, n))
		fits, known := r.renamed[m.Name]
		if !known { // all names that bear a mark are alike
			fits = other.fits(r.form)
			r.renamed[m.Name] = fits
		}
		if fits {
			b = other
		}
	}
	return r.moved(b.with(r.pairs.of(n)), n)
}

// moved gives a body the moments of its own where only one item may name certain records: at one time, perhaps.
func (r *recipe) moved(b body, n int) body {
	for _, m := range b {
		p, ok := r.form.Property(m.Name)
		var text string
		if r.pairs == nil || !ok || !p.Required || p.Schema.Format() != "date-time" || json.Unmarshal([]byte(m.JSON), &text) != nil {
			continue
		}
		if at, ok := instant(text); ok {
			if other := b.set(m.Name, jsonText(at.UTC().Add(time.Duration(n%4001)*time.Minute).Format(time.RFC3339))); other.fits(r.form) {
				b = other
			}
		}
	}
	return b
}

// nameless tells whether no property of the body is one that items are told apart by.
func (r *recipe) nameless() bool {
	return !slices.ContainsFunc(r.base, func(m contract.Member) bool {
		p, ok := r.form.Property(m.Name)
		return ok && r.keys[m.Name] == "" && isUnique(p)
	})
}

// isFreeText tells whether any text can stand in a property.
func isFreeText(p contract.Property) bool {
	k := p.Schema.Present().Keywords()
	return p.Schema.Type() == "string" && p.Schema.Format() == "" && p.Schema.Enum() == nil && k.Pattern == "" && !p.Schema.WriteOnly() && !p.Schema.ReadOnly()
}

// mark is the word that stands in the names of the n-th body.
func (r *recipe) mark(n int) string {
	return r.marker + strconv.FormatInt(int64(n+r.round*2*planned), 36)
}

// unique gives a value of a property for the n-th body: with the mark if that is allowed, else another one that was made up.
func (r *recipe) unique(p contract.Property, n int) string { return r.uniqueOf(p, r.mark(n)) }

func (r *recipe) uniqueOf(p contract.Property, mark string) string {
	if text := r.alike(p, mark); r.shaped && text != "" && valid(p.Schema, text) {
		return text
	}
	var others []string
	name := plainName(p.Name)
	switch {
	case p.Schema.Type() != "string":
	case p.Schema.Format() == "email" || strings.HasSuffix(name, "email"):
		others = []string{mark + "@example.com"}
	case strings.HasSuffix(name, "domain") || strings.HasSuffix(name, "host") || strings.HasSuffix(name, "hostname"):
		others = []string{mark + ".example.com"}
	case strings.HasSuffix(name, "title") || strings.HasSuffix(name, "name") && !strings.HasSuffix(name, "username") || strings.HasSuffix(name, "label") || strings.HasSuffix(name, "subject") ||
		slices.ContainsFunc(proseWords, func(word string) bool { return strings.HasSuffix(name, word) }):
		others = []string{"Understudy " + mark, "Understudy-" + mark}
	}
	if p.Schema.Type() == "string" {
		others = append(others, mark, strings.ToUpper(mark))
		for _, size := range []int{10, 8, 6} {
			others = append(others, mark[max(len(mark)-size, 0):])
		}
	}
	for _, v := range others {
		if text, err := json.Marshal(v); err == nil && valid(p.Schema, string(text)) {
			return string(text)
		}
	}
	if v, err := r.e.values.Value(p.Schema, contract.AsRequest, fmt.Sprintf("%s/%s/unique/%s", r.address, p.Name, mark)); err == nil {
		return string(v)
	}
	return r.base.get(p.Name)
}

// marked gives a property of a body that holds its mark, and the value; "" if none does.
func (r *recipe) marked(b body, n int) (name, value string) {
	for _, m := range b {
		var text string
		if json.Unmarshal([]byte(m.JSON), &text) == nil && strings.Contains(strings.ToLower(text), r.mark(n)) {
			return m.Name, text
		}
	}
	return "", ""
}
