package mockserver

import (
	"slices"

	"understudy/internal/contract"
)

// follow gives the changes of the records that refer to one which is deleted, as far as the document says what becomes of them, or refuses the deletion.
func (x *exchange) follow(c *contract.Collection, gone *contract.Record) (then []change, refused *refusal) {
	all := x.server.doc.Referring(c)
	for _, other := range all {
		f, set := x.op.Fate(other, all), other.Records
		states, known := f.States(set.Form())
		t := x.state.table(set)
		if f.Kind == contract.Untold || !known || t == nil {
			continue
		}
		by, held := other.ReferenceTo(c)
		t.records.Scan(func(key string, r *contract.Record) bool {
			refers := by != "" && r.Own(by) == gone.Own(held) || other.Parent == c && r.Owner() == gone.Key()
			for name, values := range states {
				refers = refers && slices.Contains(values, textOf(r.Own(name)))
			}
			switch {
			case !refers:
			case f.Kind == contract.Forbidding:
				refused = &refusal{cause: conflict, text: set.Name + " " + key + " refers to it: " + f.Said}
			case f.Kind == contract.Deleted:
				then = append(then, change{kind: deleted, set: set, key: key})
			case by != "":
				then = append(then, change{kind: replaced, set: set, key: key, record: cleared(r, by)})
			}
			return refused == nil
		})
	}
	return then, refused
}

// cleared gives a record that refers to nothing any more by a property.
func cleared(r *contract.Record, by string) *contract.Record {
	set := r.Set()
	members, refs := r.Members()
	for i := range members {
		if members[i].Name == by {
			members[i].JSON = "null"
		}
	}
	if e := set.Reference(by); e != nil {
		delete(refs, e.Property)
	}
	return set.NewRecord(members, refs)
}
