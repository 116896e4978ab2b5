package mockserver

import (
	"maps"

	"understudy/internal/contract"
)

// single plays an object that there is only one of: GET reads it, PUT replaces what a client may set, PATCH changes what was sent.
func (x *exchange) single(status int, sent []contract.Member) *refusal {
	r := x.op.Response(status)
	if r == nil {
		return x.answer(0, sent)
	}
	if x.op.Role.Writes() {
		if err := x.changeSingle(sent); err != nil {
			return err
		}
		x.state = x.server.store.state.Load()
	}
	schema := r.Media[x.accepted]
	if schema == nil {
		return x.answer(status, sent)
	}
	value, err := x.readSingle(x.state)
	if err != nil {
		return unplayable(err)
	}
	if !fits(schema, value) {
		return x.answer(status, sent) // it answers in another shape than GET
	}
	if err := x.headers(r, status); err != nil {
		return err
	}
	body, contentType := encode(x.accepted, schema, value)
	x.send(status, contentType, body)
	return nil
}

// readSingle gives the object as it is: as it was changed last, else as the document shows it, else generated.
func (x *exchange) readSingle(st *state) ([]byte, error) {
	one := x.op.Singleton
	if value, ok := st.singles[one]; ok {
		return []byte(value), nil
	}
	if get := one.Operations[contract.Retrieve]; get != nil {
		if r := get.Response(get.Success()); r != nil {
			media, _ := r.JSON()
			if example := x.example(r, media, one.Schema); example != nil {
				return example, nil
			}
		}
	}
	return x.server.data.Generator().Value(one.Schema, contract.AsResponse, one.Path)
}

func (x *exchange) changeSingle(sent []contract.Member) *refusal {
	one := x.op.Singleton
	store := x.server.store
	store.writing.Lock()
	defer store.writing.Unlock()
	old := store.state.Load()
	value, err := x.readSingle(old)
	if err != nil {
		return unplayable(err)
	}
	members, err := contract.Members(value)
	if err != nil {
		return nil // it is no object, and stays as it is
	}
	for _, m := range sent {
		p, ok := one.Schema.Property(m.Name)
		if !ok || p.Schema.ReadOnly() || p.Schema.WriteOnly() {
			continue
		}
		members = setMember(members, m)
	}
	text := []byte(objectOf(members))
	if !fits(one.Schema, text) {
		return nil // what was sent is valid as a request, but not as an answer: the object stays as it is
	}
	next := *old
	next.singles = maps.Clone(old.singles)
	if next.singles == nil {
		next.singles = map[*contract.Singleton]string{}
	}
	next.singles[one] = string(text)
	store.state.Store(&next)
	return nil
}

func setMember(members []contract.Member, m contract.Member) []contract.Member {
	for i := range members {
		if members[i].Name == m.Name {
			members[i].JSON = m.JSON
			return members
		}
	}
	return append(members, m)
}
