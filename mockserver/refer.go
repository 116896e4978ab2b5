package mockserver

import (
	"slices"

	"understudy/internal/contract"
)

// referrer is a collection whose items refer to those that an operation deletes, and what the document says becomes of them.
type referrer struct {
	in       *contract.Collection
	by, held string // the property that refers, and the one that it holds; "": items are inside
	fate     contract.Fate
	states   map[string][]string // of the items that it is said of
}

// referrers finds them, by the operation that deletes. It is done once: it reads prose.
func referrers(doc *contract.Document) map[*contract.Operation][]referrer {
	out := map[*contract.Operation][]referrer{}
	for _, c := range doc.Collections() {
		destroy := c.Operation(contract.Destroy)
		if destroy == nil || !destroy.TellsFate() {
			continue
		}
		all := doc.Referring(c)
		for _, other := range all {
			f := destroy.Fate(other, all)
			if f.Kind == contract.Untold || other.Records == nil {
				continue
			}
			states, known := f.States(other.Records.Form())
			if !known {
				continue
			}
			by, held := other.ReferenceTo(c)
			out[destroy] = append(out[destroy], referrer{other, by, held, f, states})
		}
	}
	return out
}

// follow gives the changes of the records that refer to one which is deleted, as far as the document says what becomes of them, or refuses the deletion.
func (x *exchange) follow(c *contract.Collection, gone *contract.Record) (then []change, refused *refusal) {
	for _, f := range x.server.referrers[x.op] {
		set := f.in.Records
		t := x.state.table(set)
		if t == nil {
			continue
		}
		t.records.Scan(func(key string, r *contract.Record) bool {
			refers := f.by != "" && r.Own(f.by) == gone.Own(f.held) || f.in.Parent == c && r.Owner() == gone.Key()
			for name, values := range f.states {
				refers = refers && slices.Contains(values, textOf(r.Own(name)))
			}
			switch {
			case !refers:
			case f.fate.Kind == contract.Forbidding:
				refused = &refusal{cause: conflict, text: set.Name + " " + key + " refers to it: " + f.fate.Said}
			case f.fate.Kind == contract.Deleted:
				then = append(then, change{kind: deleted, set: set, key: key})
			case f.by != "":
				then = append(then, change{kind: replaced, set: set, key: key, record: cleared(r, f.by)})
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
