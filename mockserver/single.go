package mockserver

import "understudy/internal/contract"

// single plays an object that there is only one of: GET reads it, PUT replaces what a client may set, PATCH changes what was sent.
func (x *exchange) single(status int, sent []contract.Member) *refusal {
	if x.op.Role.Writes() {
		if _, refused := x.update(func() (change, *refusal) { return x.changeSingle(x.state, sent) }); refused != nil {
			return refused
		}
	}
	return x.show(status, nil, sent)
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

// changeSingle makes the change of the object that a request asks for; none where the object would not be valid.
func (x *exchange) changeSingle(st *state, sent []contract.Member) (change, *refusal) {
	one := x.op.Singleton
	value, err := x.readSingle(st)
	if err != nil {
		return change{}, unplayable(err)
	}
	members, err := contract.Members(value)
	if err != nil {
		return change{}, nil // it is no object, and stays as it is
	}
	for _, m := range sent {
		p, ok := one.Schema.Property(m.Name)
		if !ok || p.Schema.ReadOnly() || p.Schema.WriteOnly() {
			continue
		}
		members = setMember(members, m)
	}
	text := objectOf(members)
	if !fits(one.Schema, []byte(text)) {
		return change{}, nil // what was sent is valid as a request, but not as an answer
	}
	return change{kind: replaced, single: one, json: text}, nil
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
