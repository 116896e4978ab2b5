package mockserver

import (
	"fmt"
	"maps"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/tidwall/btree"

	"understudy/fixtures"
	"understudy/internal/contract"
)

// store holds the records. Readers take the current state, which never changes; a change makes a new one, sharing
// whatever it did not touch.
type store struct {
	state   atomic.Pointer[state]
	initial *state
	writing sync.Mutex
}

// state is all records at one moment.
type state struct {
	tables map[*contract.RecordSet]*table
}

// table is the records of one set at one moment.
type table struct {
	set      *contract.RecordSet
	embedded bool                                // in records of other sets
	records  btree.Map[string, *contract.Record] // by key
	loaded   int                                 // how many records there were at first
	created  int                                 // how many were created since
	views    *views

	// few are the records by key once more, of a set that is embedded in others and has few records: that is what filling holes asks for all the time.
	few map[string]*contract.Record
}

// maxFew is how many records are few: a change copies them.
const maxFew = 1000

func (t *table) fillFew() {
	if t.few = nil; !t.embedded || t.records.Len() > maxFew {
		return
	}
	t.few = make(map[string]*contract.Record, t.records.Len())
	t.records.Scan(func(key string, r *contract.Record) bool {
		t.few[key] = r
		return true
	})
}

// change is one change of one record. All that ever happens to the records is a sequence of these.
type change struct {
	kind   changeKind
	set    *contract.RecordSet
	key    string
	record *contract.Record // nil for a delete
}

type changeKind string

const (
	created  changeKind = "create"
	replaced changeKind = "replace"
	merged   changeKind = "merge"
	deleted  changeKind = "delete"
)

// newStore takes in the data of a document's record sets.
func newStore(data *fixtures.Data) (*store, error) {
	st := &state{tables: map[*contract.RecordSet]*table{}}
	for _, set := range data.Sets() {
		t, err := newTable(set)
		if err != nil {
			return nil, err
		}
		st.tables[set.Records()] = t
	}
	for set := range st.tables {
		for i := range set.Embeds {
			if t := st.tables[set.Embeds[i].Set]; t != nil && !t.embedded {
				t.embedded = true
				t.fillFew()
			}
		}
	}
	s := &store{initial: st}
	s.reset()
	return s, nil
}

func newTable(set *fixtures.Set) (*table, error) {
	records := make([]*contract.Record, set.Len())
	err := parallel(len(records), func(i int) (err error) {
		records[i], err = set.At(i)
		return err
	})
	if err != nil {
		return nil, err
	}
	t := &table{set: set.Records(), loaded: len(records), views: &views{}}
	for i, r := range records {
		if _, twice := t.records.Set(r.Key(), r); twice {
			return nil, fmt.Errorf("%s: record %d has the key %s, which another has", set.File(), i+1, r.Key())
		}
	}
	return t, nil
}

// parallel calls f for 0 to n-1, on all processors, and gives the first error of the lowest number's chunk.
func parallel(n int, f func(i int) error) error {
	workers := min(runtime.GOMAXPROCS(0), n/1000+1)
	errs := make([]error, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w * n / workers; i < (w+1)*n/workers; i++ {
				if err := f(i); err != nil {
					errs[w] = err
					return
				}
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// reset goes back to the first state.
func (s *store) reset() {
	s.writing.Lock()
	defer s.writing.Unlock()
	s.state.Store(s.initial)
}

// update applies the change that decide makes from the current state; nobody else writes meanwhile.
func (s *store) update(decide func(*state) (change, error)) (*state, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	old := s.state.Load()
	c, err := decide(old)
	if err != nil {
		return old, err
	}
	next := old.apply(c)
	s.state.Store(next)
	return next, nil
}

// apply gives the state after a change. This is the one place where records change.
func (st *state) apply(c change) *state {
	next := &state{tables: maps.Clone(st.tables)}
	old := st.tables[c.set]
	t := old.copy(nil)
	t.records = *old.records.Copy()
	next.tables[c.set] = t
	before, _ := t.records.Get(c.key)
	switch c.kind {
	case deleted:
		t.records.Delete(c.key)
	case created:
		t.created++
		fallthrough
	default:
		t.records.Set(c.key, c.record)
	}
	for set, other := range st.tables {
		if set != c.set && set.Reaches(c.set) {
			next.tables[set] = other.copy(other.views.without(c.set))
		}
	}
	t.fillFew()
	t.views = old.views.without(c.set).after(st, next, before, c.record)
	return next
}

// copy gives the same records with other views.
func (t *table) copy(vs *views) *table {
	c := *t
	c.views = vs
	return &c
}

// Record finds a record by its key; it fills the holes of others.
func (st *state) Record(set *contract.RecordSet, key string) *contract.Record {
	t := st.tables[set]
	if t == nil {
		return nil
	}
	if t.few != nil {
		return t.few[key]
	}
	r, _ := t.records.Get(key)
	return r
}

func (st *state) item(r *contract.Record) contract.Item {
	return contract.Item{Record: r, From: st}
}
