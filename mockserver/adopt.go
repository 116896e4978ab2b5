package mockserver

import (
	"github.com/tidwall/btree"

	"understudy/internal/contract"
)

// Adopt takes over what was created, changed and deleted in another server, where it still fits: the sets of records that have the same list path,
// or the same name where they have none. It says how many records were kept, and how many no longer fit. What nobody changed is as the server has it from its own data.
func (s *Server) Adopt(old *Server) (kept, lost int) {
	s.store.writing.Lock()
	defer s.store.writing.Unlock()
	from := old.store.state.Load()
	st := s.store.state.Load()
	for set, t := range from.changed {
		if !t.written {
			continue
		}
		own := s.sameSet(set)
		if own == nil {
			lost += t.records.Len()
			continue
		}
		n := s.store.initial.table(own).copy(&views{})
		n.records, n.gone, n.created, n.loaded, n.places = btree.Map[string, *contract.Record]{}, *t.gone.Copy(), t.created, t.loaded, nil
		n.written = true
		at := 0
		t.records.Scan(func(key string, r *contract.Record) bool {
			members, refs := r.Members()
			again := own.NewRecord(members, refs).OwnedBy(r.Owner())
			if len(own.Validate(again)) > 0 {
				lost++
				return true
			}
			if own.Key == "" {
				n.place(again, at)
				at++
			}
			n.records.Set(key, again)
			kept++
			return true
		})
		n.fillFew()
		st = st.with(n)
	}
	for one, value := range from.singles {
		for _, op := range s.doc.Operations() {
			if own := op.Singleton; own != nil && own.Path == one.Path && st.singles[own] != value && fits(own.Schema, []byte(value)) {
				st = st.apply(change{kind: replaced, single: own, json: value})
			}
		}
	}
	s.store.state.Store(st)
	return kept, lost
}

// sameSet finds the set of records that another document's set is here.
func (s *Server) sameSet(other *contract.RecordSet) *contract.RecordSet {
	for _, set := range s.doc.RecordSets() {
		if s.data.Set(set) != nil && set.Path == other.Path && (set.Path != "" || set.Name == other.Name) {
			return set
		}
	}
	return nil
}
