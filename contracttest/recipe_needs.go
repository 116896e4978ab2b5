package contracttest

import (
	"context"
	"fmt"
	"slices"

	"understudy/internal/contract"
)

// recipeOf gives the recipe for the items of a list, and finds it out if that was not done yet, or says why there is none.
func (e *engine) recipeOf(ctx context.Context, s *listState) (*recipe, string) {
	if s.writer != nil || s.writerWhy != "" {
		return s.writer, s.writerWhy
	}
	if i := slices.Index(e.making, s); i >= 0 {
		for _, other := range e.making[i+1:] {
			other.circular = true
		}
		return nil, fmt.Sprintf("an item of %s needs one of %s first, and the other way round", e.making[len(e.making)-1].c.Path, s.c.Path)
	}
	e.making = append(e.making, s)
	s.writer, s.writerWhy = e.findRecipe(ctx, s, createOf(s.c))
	e.making = e.making[:len(e.making)-1]
	why := s.writerWhy
	if s.circular { // where it is not needed by what it needs, there may be one
		s.writerWhy, s.circular = "", false
	}
	return s.writer, why
}

// reach gives a list that is inside items of an empty list an item to be in.
func (e *engine) reach(ctx context.Context, s *listState) {
	parent := e.holder(s.c)
	if parent == nil || s.base != nil || !e.reads(s.c) {
		return
	}
	e.reach(ctx, parent)
	if parent.base == nil || len(parent.base.items) > 0 {
		return
	}
	if why := e.provide(ctx, parent); why != "" {
		s.why += ", and none can be created: " + why
		return
	}
	*s = *e.surveyList(ctx, s.c)
}

// refer gives a recipe the keys of other records that its bodies hold. Where there are none yet, one is created; it says why that cannot be done.
func (e *engine) refer(ctx context.Context, r *recipe) (why string) {
	r.keys = e.references(r.s, r.form)
	for _, p := range r.form.Properties() {
		if r.keys[p.Name] != "" || p.Name == r.s.c.Records.Key || p.Schema.ReadOnly() {
			continue
		}
		one := p
		if element, ok := elementOf(p); ok {
			one = element
		}
		others := e.referred(r.s, one)
		i := slices.IndexFunc(others, func(other *listState) bool { return e.lacks(ctx, other) })
		if i < 0 {
			continue
		}
		if why = e.provide(ctx, others[i]); why == "" {
			r.keys = e.references(r.s, r.form)
			continue
		}
		if p.Required {
			return fmt.Sprintf("%s has to name a record, and there is none: %s", p.Name, why)
		}
		r.lacks[p.Name] = true
	}
	return ""
}

// referred gives the lists of the records that a property refers to.
func (e *engine) referred(s *listState, p contract.Property) []*listState {
	var out []*listState
	for _, em := range s.c.Records.Embeds {
		for _, c := range e.doc.Collections() {
			if other := e.lists[c]; other != nil && c.Records == em.Set && (em.By == p.Name || em.Property == p.Name) {
				out = append(out, other)
			}
		}
	}
	return append(out, e.namedBy(p)...)
}

// lacks tells whether a list can be read, and has nothing.
func (e *engine) lacks(ctx context.Context, s *listState) bool {
	e.reach(ctx, s)
	return s.why == "" && s.base != nil && len(s.base.items) == 0 && !s.c.Empty
}

// provide creates an item of an empty list, because others need one, and says why that cannot be done. The item stays until the check ends.
func (e *engine) provide(ctx context.Context, s *listState) (why string) {
	r, why := e.recipeOf(ctx, s)
	if r == nil {
		return s.c.Path + " is empty: " + why
	}
	st := r.post("", r.numbered(planned+mostTries))
	a := e.client.do(ctx, &st.request, nil, true)
	key := s.keyIn(a)
	if !a.ok() || key == "" {
		return fmt.Sprintf("an item of %s cannot be created: %s", s.c.Path, a.says())
	}
	e.standing = append(e.standing, e.made(s, key))
	e.client.forget()
	e.readAll(ctx, s)
	if s.why != "" || !slices.Contains(s.base.keys, key) {
		return s.c.Path + " does not show what was created in it"
	}
	return ""
}
