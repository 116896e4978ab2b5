package mockserver

import (
	"fmt"
	"maps"
	"runtime"
	"strconv"
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

// state is all records at one moment. A table that is not among the changed is that of the base, which loads it when it is first asked for.
type state struct {
	base    *base
	changed map[*contract.RecordSet]*table // those written, and those that show records of them
	singles map[*contract.Singleton]string // JSON of those that were changed
}

// base is the records at the start.
type base struct {
	data   *fixtures.Data
	tables map[*contract.RecordSet]*table
}

// table is the records of one set at one moment.
type table struct {
	set      *contract.RecordSet
	source   *fixtures.Set // where a table of the base is loaded from
	loading  sync.Once
	err      error                               // why it could not be loaded
	embedded bool                                // in records of other sets
	written  bool                                // a record of it was created, changed or deleted
	records  btree.Map[string, *contract.Record] // by key
	gone     btree.Set[string]                   // keys of records that were deleted
	loaded   int                                 // how many records there were at first
	created  int                                 // how many were created since
	views    *views

	places map[*contract.Record]int // of a set without a key: what ties are broken by

	// few are the records by key once more, of a set that is embedded in others and has few records: that is what filling holes asks for all the time.
	few map[string]*contract.Record
}

// maxFew is how many records are few: a change copies them.
const maxFew = 1000

func (t *table) place(r *contract.Record, at int) {
	if t.places == nil {
		t.places = map[*contract.Record]int{}
	}
	t.places[r] = at
}

// before breaks ties: by key, or by place where there is none.
func (t *table) before(a, b *contract.Record) int {
	if t.set.Key == "" {
		return t.places[a] - t.places[b]
	}
	return t.set.CompareKeys(a, b)
}

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

// table gives the records of a set; nil if it has none at all.
func (st *state) table(set *contract.RecordSet) *table {
	if t := st.changed[set]; t != nil {
		return t
	}
	t := st.base.tables[set]
	if t != nil {
		t.loading.Do(t.load)
	}
	return t
}

// change is one change of one record, or of one object that there is only one of; the zero change is none. All that requests do to the data is a
// sequence of these.
type change struct {
	kind   changeKind
	set    *contract.RecordSet
	key    string
	record *contract.Record // nil for a delete

	single *contract.Singleton
	json   string // what it becomes

	then []change // of other records, at the same time
}

type changeKind string

const (
	created  changeKind = "create"
	replaced changeKind = "replace"
	merged   changeKind = "merge"
	deleted  changeKind = "delete"
)

// newStore takes in the data of a document's record sets. What people wrote is loaded at once, so that what is wrong with it is known; what is
// generated is loaded when it is asked for.
func newStore(data *fixtures.Data) (*store, error) {
	b := &base{data: data, tables: map[*contract.RecordSet]*table{}}
	for _, set := range data.Sets() {
		b.tables[set.Records()] = &table{set: set.Records(), source: set, views: &views{}}
	}
	for set := range b.tables {
		for i := range set.Embeds {
			if t := b.tables[set.Embeds[i].Set]; t != nil {
				t.embedded = true
			}
		}
	}
	s := &store{initial: &state{base: b}}
	for _, set := range data.Sets() {
		if set.File() == "" {
			continue
		}
		if t := s.initial.table(set.Records()); t.err != nil {
			return nil, t.err
		}
	}
	s.reset()
	return s, nil
}

// load makes the records of a table of the base.
func (t *table) load() {
	records := make([]*contract.Record, t.source.Len())
	t.err = parallel(len(records), func(i int) (err error) {
		records[i], err = t.source.At(i)
		return err
	})
	for i, r := range records {
		if t.err != nil {
			return
		}
		key := r.Key()
		if t.set.Key == "" {
			key = strconv.Itoa(i)
			t.place(r, i)
		}
		if _, twice := t.records.Set(key, r); twice {
			t.err = fmt.Errorf("%s: record %d has the key %s, which another has", t.source.File(), i+1, r.Key())
		}
	}
	t.loaded = len(records)
	t.fillFew()
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

// update applies the change that decide makes from the current state, unless it refuses; nobody else writes meanwhile.
func (s *store) update(decide func(*state) (change, *refusal)) (*state, change, *refusal) {
	s.writing.Lock()
	defer s.writing.Unlock()
	old := s.state.Load()
	c, refused := decide(old)
	if refused != nil {
		return old, c, refused
	}
	next := old.apply(c)
	s.state.Store(next)
	return next, c, nil
}

// apply gives the state after a change. This is the one place where data changes.
func (st *state) apply(c change) *state {
	switch {
	case c.single != nil:
		next := &state{base: st.base, changed: st.changed, singles: maps.Clone(st.singles)}
		if next.singles == nil {
			next.singles = map[*contract.Singleton]string{}
		}
		next.singles[c.single] = c.json
		return next
	case c.set == nil:
		return st
	}
	old := st.table(c.set)
	t := old.copy(nil)
	t.records, t.gone, t.written = *old.records.Copy(), *old.gone.Copy(), true
	before, _ := t.records.Get(c.key)
	switch c.kind {
	case deleted:
		t.records.Delete(c.key)
		t.gone.Insert(c.key)
	case created:
		t.created++
		if t.set.Key == "" {
			t.places = maps.Clone(t.places)
			t.place(c.record, t.loaded+t.created)
		}
		fallthrough
	default:
		t.records.Set(c.key, c.record)
		t.gone.Delete(c.key)
	}
	t.fillFew()
	next := st.with(t)
	t.views = old.views.without(c.set).after(st, next, before, c.record)
	for _, also := range c.then {
		next = next.apply(also)
	}
	return next
}

// with gives the state that has another table of a set. Tables of sets that show its records lose the views that look into it.
func (st *state) with(t *table) *state {
	next := &state{base: st.base, changed: maps.Clone(st.changed), singles: st.singles}
	if next.changed == nil {
		next.changed = map[*contract.RecordSet]*table{}
	}
	next.changed[t.set] = t
	for set := range st.base.tables {
		if set != t.set && set.Reaches(t.set) {
			other := st.table(set)
			next.changed[set] = other.copy(other.views.without(t.set))
		}
	}
	return next
}

// copy gives the same records with other views.
func (t *table) copy(vs *views) *table {
	return &table{
		set: t.set, source: t.source, err: t.err, embedded: t.embedded, written: t.written, records: t.records, gone: t.gone, loaded: t.loaded, created: t.created, views: vs, few: t.few, places: t.places,
	}
}

// Record finds a record by its key; it fills the holes of others.
func (st *state) Record(set *contract.RecordSet, key string) *contract.Record {
	t := st.table(set)
	if t == nil {
		return nil
	}
	if t.few != nil {
		return t.few[key]
	}
	r, _ := t.records.Get(key)
	return r
}

// referred finds the record that a property beside an embedded one refers to by a value.
func (st *state) referred(set *contract.RecordSet, e *contract.Embed, json string) *contract.Record {
	held := set.Held(e)
	if held == e.Set.Key {
		return st.Record(e.Set, spelled(e.Set, textOf(json)))
	}
	var found *contract.Record
	if t := st.table(e.Set); t != nil {
		t.records.Scan(func(_ string, r *contract.Record) bool {
			if r.Own(held) == json {
				found = r
			}
			return found == nil
		})
	}
	return found
}

func (st *state) item(r *contract.Record) contract.Item {
	return contract.Item{Record: r, From: st}
}
