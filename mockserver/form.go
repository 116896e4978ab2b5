package mockserver

import (
	"understudy/internal/contract"
)

// apart takes what was sent apart into the properties of a record, wherever they stand in the body: {"data": {…}} has them one object further inside.
func (x *exchange) apart(c *contract.Collection, sent []contract.Member) []contract.Member {
	if x.op.Body == nil {
		return sent
	}
	form := c.Records.FormOfBody(x.op.Body)
	if form == nil || form.Plain() {
		return sent
	}
	members, err := form.Split([]byte(objectOf(sent)))
	if err != nil {
		return sent
	}
	return members
}

// nest puts properties that stand inside an object of the record into that object, as JSON:API has its attributes: what was sent; of an old record what the client
// cannot set and, where a change keeps it, the rest; and what the document says of an omitted property.
func (w *writer) nest(old *contract.Record, keeps bool) {
	form := w.set.Form()
	inside := map[string][]contract.Member{}
	for _, d := range form.Fields() {
		if len(d.Path) < 2 {
			continue
		}
		json, sent := w.sent[d.Name]
		switch {
		case sent && !d.Schema.ReadOnly():
		case old != nil && (keeps || d.Schema.ReadOnly()):
			json = form.Of(old, d.Name)
		default:
			if json = w.initial(d.Name); json == "" {
				json = string(d.Default())
			}
			if json == "" && d.Schema.Nullable() {
				json = "null"
			}
		}
		delete(w.sent, d.Name)
		if json != "" {
			inside[d.Path[0]] = append(inside[d.Path[0]], contract.Member{Name: d.Path[1], JSON: json})
		}
	}
	for outer, members := range inside {
		w.sent[outer] = objectOf(members)
	}
}
