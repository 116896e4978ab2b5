package mockserver

import (
	"slices"

	jsonpatch "github.com/evanphx/json-patch/v5"

	"understudy/internal/contract"
)

// changed makes the old record with what was sent in place of what it had.
func (w *writer) changed(old *contract.Record) *contract.Record {
	var members []contract.Member
	for _, name := range w.set.Properties {
		if w.set.Embed(name) != nil {
			continue
		}
		json := old.Own(name)
		if own, ok := w.sent[name]; ok && w.settable(name) && name != w.set.Key {
			p, _ := w.set.Schema.Property(name)
			if json = own; w.x.media == "application/merge-patch+json" || own[0] == '{' && w.x.op.Merges(p) != "" {
				json = w.merged(name, old.Own(name), own)
			}
		}
		if json != "" {
			members = append(members, contract.Member{Name: name, JSON: json})
		}
	}
	return w.record(members, old)
}

// patched applies a JSON Patch (RFC 6902) to a record: the client's properties become what the patch makes of them.
func (w *writer) patched(old *contract.Record, patch []byte) (*contract.Record, *refusal) {
	before, _ := old.Members()
	changes, err := jsonpatch.DecodePatch(patch)
	if err != nil {
		return nil, invalid(contract.Violations{w.x.server.doc.BadJSON(err.Error())})
	}
	after, err := changes.Apply([]byte(objectOf(before)))
	if err != nil {
		return nil, &refusal{cause: conflict, text: "the patch cannot be applied: " + err.Error()}
	}
	members, err := contract.Members(after)
	if err != nil {
		return nil, &refusal{cause: conflict, text: "what the patch makes of the record is no object"}
	}
	for _, m := range members {
		w.sent[m.Name] = m.JSON
	}
	return w.fresh(old.Key(), old), nil
}

// merged applies a JSON Merge Patch (RFC 7396) to one property; null takes it away, or makes it what it is when nothing was sent.
func (w *writer) merged(name, old, patch string) string {
	if patch == "null" {
		return w.initial(name)
	}
	return mergePatch(old, patch)
}

// mergePatch is the function of RFC 7396 §2, which keeps the order of properties.
func mergePatch(target, patch string) string {
	changes, err := contract.Members([]byte(patch))
	if err != nil {
		return patch // no object replaces whatever there was
	}
	members, _ := contract.Members([]byte(target)) // what is no object counts as an empty one
	for _, c := range changes {
		at := slices.IndexFunc(members, func(m contract.Member) bool { return m.Name == c.Name })
		switch {
		case c.JSON == "null" && at >= 0:
			members = slices.Delete(members, at, at+1)
		case c.JSON == "null":
		case at >= 0:
			members[at].JSON = mergePatch(members[at].JSON, c.JSON)
		default:
			members = append(members, contract.Member{Name: c.Name, JSON: mergePatch("{}", c.JSON)})
		}
	}
	return objectOf(members)
}
