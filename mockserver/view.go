package mockserver

import (
	"encoding/binary"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/tidwall/btree"

	"understudy/internal/contract"
)

// view is the records that a query asks for, in its order, whatever the page: an index, made when a query is first asked
// and kept up to date by changes. A page, and the total, cost the same at any depth.
type view struct {
	order   *btree.BTreeG[*contract.Record]
	matches func(contract.Item) contract.Verdict
	looksAt []*contract.RecordSet // other sets that the query looks into

	making sync.Once
	made   atomic.Bool
	used   atomic.Int64 // when it was last asked for, by the clock of its views
}

// Bounds on the views of one table; those not asked for the longest go first.
const (
	maxViews       = 256
	maxViewEntries = 1 << 23
)

// views are the views of a table at one moment.
type views struct {
	mu    sync.RWMutex
	byKey map[string]*view
	size  int // entries in all
	clock atomic.Int64
}

// view gives the view of a query, making it if need be: once, however many ask for it at the same time.
func (st *state) view(c *contract.Collection, q contract.Query) *view {
	vs := st.table(c.Records).views
	v := vs.get(viewKey(q))
	v.making.Do(func() {
		st.makeView(v, c, q)
		v.made.Store(true)
		vs.grow(v.order.Len())
	})
	return v
}

// get gives the view of a key, which may still have to be made.
func (vs *views) get(key string) *view {
	now := vs.clock.Add(1)
	vs.mu.RLock()
	v := vs.byKey[key]
	vs.mu.RUnlock()
	if v == nil {
		vs.mu.Lock()
		defer vs.mu.Unlock()
		if v = vs.byKey[key]; v == nil {
			v = &view{}
			if vs.byKey == nil {
				vs.byKey = map[string]*view{}
			}
			vs.byKey[key] = v
		}
	}
	v.used.Store(now)
	return v
}

// grow counts the entries of a new view, and lets go of old views where there are too many.
func (vs *views) grow(entries int) {
	vs.mu.Lock()
	defer vs.mu.Unlock()
	vs.size += entries
	for len(vs.byKey) > 1 && (len(vs.byKey) > maxViews || vs.size > maxViewEntries) {
		oldest := ""
		for k, v := range vs.byKey {
			if v.made.Load() && (oldest == "" || v.used.Load() < vs.byKey[oldest].used.Load()) {
				oldest = k
			}
		}
		if oldest == "" {
			return
		}
		vs.size -= vs.byKey[oldest].order.Len()
		delete(vs.byKey, oldest)
	}
}

// viewKey tells queries apart by everything but the page. Every part has its length before it, so that no two queries have one key.
func viewKey(q contract.Query) string {
	b := make([]byte, 0, 64)
	count := func(n int) { b = binary.AppendUvarint(b, uint64(n)) }
	text := func(s string) {
		count(len(s))
		b = append(b, s...)
	}
	count(len(q.Scope))
	for _, s := range q.Scope {
		text(s)
	}
	count(len(q.Filters))
	for _, f := range q.Filters {
		text(f.Param)
		count(len(f.Values))
		for _, v := range f.Values {
			text(v)
		}
	}
	text(q.Search)
	for _, o := range q.Order {
		text(o.Field)
		if o.Desc {
			b = append(b, '-')
		} else {
			b = append(b, '+')
		}
	}
	return string(b)
}

// makeView finds and sorts the records of a query. Ties are broken by the key.
func (st *state) makeView(v *view, c *contract.Collection, q contract.Query) {
	t := st.table(c.Records)
	v.matches, v.looksAt = c.Matcher(q), c.LooksAt(q)
	if c.Owned() && len(q.Scope) > 0 {
		matches, owner := v.matches, spelled(c.Parent.Records, q.Scope[len(q.Scope)-1])
		v.matches = func(it contract.Item) contract.Verdict {
			if it.Owner() != owner {
				return contract.Verdict{Is: false, Certain: true}
			}
			return matches(it)
		}
	}
	comparer := c.Comparer(q)
	var found []*contract.Record
	t.records.Scan(func(_ string, r *contract.Record) bool {
		if v.matches(st.item(r)).Is {
			found = append(found, r)
		}
		return true
	})
	// What the order reads of each record is read once.
	type sortable struct {
		record *contract.Record
		reads  []contract.Operand
	}
	list := make([]sortable, len(found))
	_ = parallel(len(found), func(i int) error {
		list[i] = sortable{found[i], comparer.Read(nil, st.item(found[i]))}
		return nil
	})
	slices.SortFunc(list, func(a, b sortable) int {
		if n := comparer.Order(a.reads, b.reads); n != 0 {
			return n
		}
		return t.before(a.record, b.record)
	})
	v.order = btree.NewBTreeGOptions(func(a, b *contract.Record) bool {
		var x, y [2]contract.Operand
		n := comparer.Order(comparer.Read(x[:0], st.item(a)), comparer.Read(y[:0], st.item(b)))
		return n < 0 || n == 0 && t.before(a, b) < 0
	}, btree.Options{NoLocks: true})
	for _, s := range list {
		v.order.Load(s.record)
	}
}

// page gives up to n records from an offset; n of 0 means all.
func (v *view) page(st *state, offset, n int) []contract.Item {
	if offset >= v.order.Len() {
		return nil
	}
	end := v.order.Len()
	if n > 0 {
		end = min(end, offset+n)
	}
	items := make([]contract.Item, 0, end-offset)
	for i := offset; i < end; i++ {
		r, _ := v.order.GetAt(i)
		items = append(items, st.item(r))
	}
	// Records lie far from each other in memory: asked for all at once they come sooner than one after the other, when they are written.
	var touched byte
	for i := range items {
		touched ^= items[i].Touch()
	}
	_ = touched
	return items
}

// after gives the views after one record of the table changed; before and now are nil where it did not exist, or no longer does.
func (vs *views) after(old, next *state, before, now *contract.Record) *views {
	for _, v := range vs.byKey {
		was := before != nil && v.matches(old.item(before)).Is
		is := now != nil && v.matches(next.item(now)).Is
		vs.size -= v.order.Len()
		if was || is {
			v.order = v.order.Copy()
		}
		if was {
			v.order.Delete(before)
		}
		if is {
			v.order.Set(now)
		}
		vs.size += v.order.Len()
	}
	return vs
}

// without gives a copy of the views that do not look into a set.
func (vs *views) without(set *contract.RecordSet) *views {
	vs.mu.RLock()
	defer vs.mu.RUnlock()
	out := &views{byKey: make(map[string]*view, len(vs.byKey))}
	out.clock.Store(vs.clock.Load())
	for key, v := range vs.byKey {
		if v.made.Load() && !slices.Contains(v.looksAt, set) {
			u := &view{order: v.order, matches: v.matches, looksAt: v.looksAt}
			u.making.Do(func() { u.made.Store(true) })
			u.used.Store(v.used.Load())
			out.byKey[key] = u
			out.size += v.order.Len()
		}
	}
	return out
}
