package contracttest

import (
	"fmt"
	"slices"
	"strings"

	"understudy/internal/contract"
)

// replaceResets: PUT resets what was left out, where the document says so, or names the default that counts then (OpenAPI: "what would be assumed by the
// consumer of the input as the value of the schema if one is not provided").
func replaceResets(_ *engine, r *recipe, op *contract.Operation) ([]*testCase, string) {
	cases, why := r.resets(op, "replace", false)
	keys, _ := r.resets(op, "replace keys", true)
	return append(cases, keys...), why
}

// resets makes a case of a PUT without what it may lack: without references to other records, or without all else. A server may need the former, so each goes alone.
func (r *recipe) resets(op *contract.Operation, about string, keys bool) ([]*testCase, string) {
	promised := promisesReset.MatchString(op.Summary+"\n"+op.Description) || sentence(r.e.doc.Description(), saysPut, promisesReset) != ""
	told := sentence(op.Summary+".\n\n"+op.Description, putsOnly)
	if told == "" {
		told = sentence(r.e.doc.Description(), saysPut, putsOnly)
	}
	if told != "" {
		promised = true
	}
	s := formOf(op)
	t := r.trial(op, about)
	full := r.numbered(t.n)
	b := r.bodyFor(op, r.sameKey(r.numbered(t.n+1), t.n))
	if b == nil || s == nil {
		return none(noBody)
	}
	var omitted []string
	for _, m := range full {
		p, ok := s.Property(m.Name)
		if _, judged := r.judgeable(m.Name); !ok || p.Required || !judged || r.refers(p) != keys || r.isScope(p) || !promised && p.Default() == nil {
			continue
		}
		if keys && told == "" && !p.Schema.Nullable() {
			continue // it has to refer to something
		}
		if less := b.without(m.Name); less.fits(s) {
			b, omitted = less, append(omitted, m.Name)
		}
	}
	if omitted == nil && !promised {
		return none("the document does not say that what PUT leaves out is reset, and many servers keep it")
	} else if omitted == nil {
		return none("nothing can be left out of the body")
	}
	create, before := t.create("created", full), t.get("created", found)
	put := t.on(contract.Replace, "created", b)
	get := t.get("created", nil)
	control := -1
	if !promised {
		t.create("plain", r.numbered(t.n+2).without(omitted...))
		control = t.get("plain", nil)
	}
	subject := ""
	if keys {
		subject = strings.Join(omitted, ", ")
	}
	intent := fmt.Sprintf("an item is created with %s and replaced without: the document says that what is left out is reset, or what its default is", strings.Join(omitted, ", "))
	if told != "" {
		intent = fmt.Sprintf("an item is created with %s, and PUT without: %s", strings.Join(omitted, ", "), told)
	}
	return t.done(subject, intent, func(res []result) outcome {
		if o, ok := succeeded(res, create, before, put, get); !ok {
			return o
		}
		was, is := r.s.object(res[before].answer()), r.s.object(res[get].answer())
		for _, name := range omitted {
			p, _ := s.Property(name)
			if told != "" {
				if v, there := is[name]; there && was[name] != nil && !sameState(was[name], v) {
					return broken(res[get].answer(), fmt.Sprintf("%s is %s", name, jsonOf(is, name)), jsonOf(was, name)+", as before: "+told).signed("PUT resets what is left out").asSaid(true)
				}
				continue
			}
			if control >= 0 && !isReset(r.s.object(res[control].answer())[name], p.Schema) {
				continue // a create has another default, too
			}
			if v, there := is[name]; there && (!isReset(v, p.Schema) || isNoDefault(v, p.Schema)) && sameState(was[name], v) {
				return broken(res[get].answer(), fmt.Sprintf("%s is still %s", name, jsonOf(is, name)), "its default, or null: it was left out").signed("PUT keeps what is left out").asSaid(promised)
			}
		}
		return kept()
	})
}

// isNoDefault tells whether a truth value is not the one that the document names as the default.
func isNoDefault(v any, s *contract.Schema) bool {
	is, ok := v.(bool)
	return ok && s.Default() != nil && string(s.Default()) != fmt.Sprint(is)
}

// unlinked makes a case of a PUT with null for a reference to another record: the item refers to none then.
func (r *recipe) unlinked(op *contract.Operation, s *contract.Form) ([]*testCase, string) {
	if s == nil {
		return none(noBody)
	}
	for _, p := range s.Properties() {
		shown, ok := r.judgeable(p.Name)
		if !ok || !r.refers(p) || r.isScope(p) || !p.Schema.Nullable() || !shown.Nullable() || p.Schema.Type() == "array" || slices.Contains([]string{"", "null"}, r.base.get(p.Name)) {
			continue
		}
		t := r.trial(op, "unlinked", p.Name)
		b := r.bodyFor(op, r.sameKey(r.numbered(t.n+1), t.n))
		loose := body{{Name: p.Name, JSON: "null"}}
		if b == nil || !b.set(p.Name, "null").fits(s) {
			continue
		}
		create := t.create("created", r.numbered(t.n))
		put := t.on(contract.Replace, "created", b.set(p.Name, "null"))
		t.steps[put].odd = true // it may need one
		get := t.get("created", nil)
		return t.done(p.Name+" null", fmt.Sprintf("an item that refers to another record is replaced by one whose %s is null: it refers to none", p.Name), func(res []result) outcome {
			if o, ok := succeeded(res, create, put, get); !ok {
				return o
			}
			return r.stored(loose, res[get].answer())
		})
	}
	return nil, ""
}

// replaceTwice: the same PUT twice leaves the same item.
func replaceTwice(_ *engine, r *recipe, op *contract.Operation) ([]*testCase, string) {
	t := r.trial(op, "replace-twice")
	b := r.bodyFor(op, r.sameKey(r.numbered(t.n+1), t.n))
	if b == nil {
		return none(noBody)
	}
	create := t.create("created", r.numbered(t.n))
	put := t.on(contract.Replace, "created", b)
	first, steady := t.get("created", nil), t.get("created", nil)
	again := t.on(contract.Replace, "created", b)
	second := t.get("created", nil)
	return t.done("", "the same PUT is sent twice: the second changes nothing any more", func(res []result) outcome {
		if o, ok := succeeded(res, create, put, first, steady); !ok {
			return o
		}
		a := res[again].answer()
		switch {
		case a.status == 412 || a.status == 428 || a.status == 409 && versioned(b):
			return skip("the second PUT needs to name the version: %s", a.says())
		case !a.ok():
			return broken(a, a.says(), fmt.Sprintf("%d, as the first time", res[put].answer().status)).signed(fmt.Sprint("the second PUT is ", a.status))
		case a.status == 201 && (describes(op, "200") || describes(op, "204")):
			return broken(a, "201 to PUT, and nothing was created: the item was there", "200 or 204 (RFC 9110 §9.3.4)").signed("201 for what is there")
		}
		if o, ok := succeeded(res, second); !ok {
			return o
		}
		x, y, z := r.s.object(res[first].answer()), r.s.object(res[steady].answer()), r.s.object(res[second].answer())
		for _, name := range r.writable() {
			if sameState(x[name], y[name]) && !sameState(x[name], z[name]) {
				return broken(res[second].answer(), fmt.Sprintf("%s is %s", name, jsonOf(z, name)), fmt.Sprintf("%s, as after the first", jsonOf(x, name))).signed(name + " changes with the second PUT")
			}
		}
		return kept()
	})
}

func versioned(b body) bool {
	return slices.ContainsFunc(b, func(m contract.Member) bool {
		name := plainName(m.Name)
		return strings.Contains(name, "version") || strings.Contains(name, "revision") || strings.Contains(name, "etag")
	})
}
