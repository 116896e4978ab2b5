package mockserver

import (
	"encoding/base64"
	"fmt"
	"hash/fnv"
	"sort"
	"strconv"
	"strings"

	"understudy/internal/contract"
)

// This file turns windows into positions in a view, and positions into windows.

// position gives where the page of a query begins in a view, and how many items it has at the most. Ok is false for a cursor that is none.
func (x *exchange) position(c *contract.Collection, q contract.Query, v *view) (offset, size int, ok bool) {
	size = c.SizeOf(q)
	if c.Paging.Style != contract.ByCursor {
		return c.Offset(q), size, true
	}
	if q.Window.Cursor == "" {
		return 0, size, true
	}
	key, at := q.Window.Cursor, -1
	if !c.Paging.ByKey {
		if key, at, ok = readCursor(q.Window.Cursor, x.goodFor(c, q)); !ok {
			return 0, 0, false
		}
	}
	if r := x.state.Record(c.Records, spelled(c.Records, key)); r != nil && c.Records.Key != "" {
		if i := v.index(r); i >= 0 {
			at = i
		}
	}
	switch {
	case at < 0:
		return 0, 0, false
	case !q.Window.Back:
		return at + 1, size, true
	case size == 0 || size > at:
		return 0, max(at, 1), true
	}
	return at - size, size, true
}

// index gives the place of a record in the view, or -1.
func (v *view) index(r *contract.Record) int {
	i := sort.Search(v.order.Len(), func(i int) bool {
		other, _ := v.order.GetAt(i)
		return !v.order.Less(other, r)
	})
	if other, ok := v.order.GetAt(i); ok && other == r {
		return i
	}
	return -1
}

// windows gives the pages before and after one that begins at an offset and has these items.
func (x *exchange) windows(c *contract.Collection, q contract.Query, items []contract.Item, offset, size, total int) (next, prev *contract.Window) {
	more := offset+len(items) < total
	switch c.Paging.Style {
	case contract.ByPage:
		if more {
			next = &contract.Window{Page: q.Window.Page + 1}
		}
		if q.Window.Page > c.Paging.First {
			prev = &contract.Window{Page: q.Window.Page - 1}
		}
	case contract.ByOffset:
		if more && size > 0 {
			next = &contract.Window{Offset: offset + size}
		}
		if offset > 0 {
			prev = &contract.Window{Offset: max(0, offset-size)}
		}
	case contract.ByCursor:
		if len(items) == 0 {
			return nil, nil
		}
		if more {
			next = &contract.Window{Cursor: cursor(c, items[len(items)-1], offset+len(items)-1, x.goodFor(c, q))}
		}
		if offset > 0 && c.Paging.Before != "" {
			prev = &contract.Window{Cursor: cursor(c, items[0], offset, x.goodFor(c, q)), Back: true}
		}
	}
	return next, prev
}

// goodFor is what a cursor is good for alone, where the document says that it is refused with anything else: a filter, an order or a search.
func (x *exchange) goodFor(c *contract.Collection, q contract.Query) string {
	if c.CursorBound() == "" {
		return ""
	}
	h := fnv.New32a()
	fmt.Fprint(h, c.Path, q.Scope, c.OrderOf(q), q.Search)
	for _, f := range q.Filters {
		fmt.Fprint(h, f.Param, f.Values)
	}
	return strconv.FormatUint(uint64(h.Sum32()), 36)
}

// cursor is a token for an item: its key, where the API pages by keys, else opaque. It also holds the item's place, for when the item is gone, and what it is good for.
func cursor(c *contract.Collection, it contract.Item, at int, bound string) string {
	if c.Paging.ByKey {
		return it.Key()
	}
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(at) + ":" + bound + ":" + it.Key()))
}

func readCursor(token, bound string) (key string, at int, ok bool) {
	text, err := base64.RawURLEncoding.DecodeString(token)
	place, rest, found := strings.Cut(string(text), ":")
	own, key, found2 := strings.Cut(rest, ":")
	at, err2 := strconv.Atoi(place)
	return key, at, err == nil && err2 == nil && found && found2 && own == bound && at >= 0
}
