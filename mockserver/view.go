package mockserver

import (
	"slices"
	"strings"
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
	used    atomic.Int64          // when it was last asked for, by the clock of its views
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

// view gives the view of a query, making it if need be.
func (st *state) view(c *contract.Collection, q contract.Query) *view {
	t := st.tables[c.Records]
	key := viewKey(q)
	if v := t.views.get(key); v != nil {
		return v
	}
	v := st.makeView(c, q)
	t.views.put(key, v)
	return v
}

func (vs *views) get(key string) *view {
	vs.mu.RLock()
	defer vs.mu.RUnlock()
	v := vs.byKey[key]
	if v != nil {
		v.used.Store(vs.clock.Add(1))
	}
	return v
}

func (vs *views) put(key string, v *view) {
	vs.mu.Lock()
	defer vs.mu.Unlock()
	if vs.byKey == nil {
		vs.byKey = map[string]*view{}
	}
	if vs.byKey[key] != nil { // somebody else was faster
		return
	}
	v.used.Store(vs.clock.Add(1))
	vs.byKey[key] = v
	vs.size += v.order.Len()
	for len(vs.byKey) > 1 && (len(vs.byKey) > maxViews || vs.size > maxViewEntries) {
		oldest := ""
		for k, v := range vs.byKey {
			if oldest == "" || v.used.Load() < vs.byKey[oldest].used.Load() {
				oldest = k
			}
		}
		vs.size -= vs.byKey[oldest].order.Len()
		delete(vs.byKey, oldest)
	}
}

// viewKey tells queries apart by everything but the page.
func viewKey(q contract.Query) string {
	var b strings.Builder
	for _, s := range q.Scope {
		b.WriteString(s)
		b.WriteByte(0)
	}
	for _, f := range q.Filters {
		b.WriteByte(1)
		b.WriteString(f.Param)
		for _, v := range f.Values {
			b.WriteByte(0)
			b.WriteString(v)
		}
	}
	b.WriteByte(2)
	b.WriteString(q.Search)
	for _, o := range q.Order {
		b.WriteByte(3)
		if o.Desc {
			b.WriteByte('-')
		}
		b.WriteString(o.Field)
	}
	return b.String()
}

// makeView finds and sorts the records of a query. Ties are broken by the key.
func (st *state) makeView(c *contract.Collection, q contract.Query) *view {
	t := st.tables[c.Records]
	v := &view{matches: c.Matcher(q), looksAt: c.LooksAt(q)}
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
		return t.set.CompareKeys(a.record, b.record)
	})
	v.order = btree.NewBTreeGOptions(func(a, b *contract.Record) bool {
		var x, y [2]contract.Operand
		n := comparer.Order(comparer.Read(x[:0], st.item(a)), comparer.Read(y[:0], st.item(b)))
		return n < 0 || n == 0 && t.set.CompareKeys(a, b) < 0
	}, btree.Options{NoLocks: true})
	for _, s := range list {
		v.order.Load(s.record)
	}
	return v
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
		if !slices.Contains(v.looksAt, set) {
			u := &view{order: v.order, matches: v.matches, looksAt: v.looksAt}
			u.used.Store(v.used.Load())
			out.byKey[key] = u
			out.size += v.order.Len()
		}
	}
	return out
}
