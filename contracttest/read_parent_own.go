package contracttest

import (
	"fmt"
	"slices"

	"understudy/internal/contract"
)

// twoParents makes a case of two items in which one item each is created: what is in one is not in the other, and stays when that of the other is deleted.
func (s *listState) twoParents(e *engine) ([]*testCase, string) {
	parent, r := e.holder(s.c), s.writer
	if !e.target.Writes || r == nil || parent == nil || parent.writer == nil {
		return none("nothing can be created in two items of one's own")
	}
	if slices.ContainsFunc(r.form.Properties(), func(p contract.Property) bool { return r.keys[p.Name] != "" && parent.c.IsKey(p) }) {
		return none("what is created names the item that it is in")
	}
	if r.puts() || r.stays != nil || parent.writer.stays != nil {
		return none("what is created in two items of one's own has to have a key of the server's, and to be deleted again")
	}
	t := r.trial(s.c.List(), "parents")
	bodies := []body{r.numbered(t.n), r.numbered(t.n + 1)}
	holes := []string{"parentA", "parentB"}
	items := []string{"itemA", "itemB"}
	var in []*listState
	var made []int
	for i, hole := range holes {
		t.add(parent.writer.post(hole, parent.writer.numbered(t.n+i)))
		in = append(in, s.inside(hole))
	}
	for i := range in {
		st := r.post(items[i], bodies[i])
		st.in, st.path = in[i], in[i].request(contract.Query{Scope: in[i].scope, Window: s.c.First()}).path
		made = append(made, t.add(st))
	}
	first := len(t.steps)
	for i := range in { // as they are now
		t.add(in[i].all(contract.Query{}))
	}
	destroy, why := e.on(in[0], contract.Destroy, "{"+items[0]+"}", nil)
	if why != "" {
		return none(why)
	}
	t.add(destroy)
	t.add(in[1].all(contract.Query{}))
	return t.done("created", "two items are created, and one inside each: each is only where it was created, and when one is deleted, the other stays", func(res []result) outcome {
		if o, ok := succeeded(res, append(made, 0, 1)...); !ok {
			return o
		}
		ls, bad := pagesOf([]result{res[first], res[first+1], res[first+3]})
		if bad != nil {
			return *bad
		}
		for i, l := range ls {
			own := min(i, 1)
			key, mark, other := s.keyIn(res[made[own]].answer()), r.mark(t.n+own), r.mark(t.n+1-own)
			switch a := l.answers[0]; {
			case i == 2 && !res[first+2].answer().ok():
				return skip("DELETE is answered with %s", res[first+2].answer().says())
			case !l.complete() || key == "":
				return skip("the list could not be read to its end")
			case i < 2 && len(bearing(l, other)) > 0 && len(bearing(l, mark)) > 0:
				return broken(a, fmt.Sprintf("%s, which was created inside another", bearing(l, other)[0]), "only what was created in it").signed("items of another")
			case slices.Contains(l.keys, key):
			case i == 2:
				return broken(a, fmt.Sprintf("no item with the key %s", key), "the item that was created in it: one in another was deleted").signed("a delete reaches into another")
			default:
				return broken(a, fmt.Sprintf("no item with the key %s", key), "the item that was created in it").signed("created in another")
			}
		}
		return kept()
	})
}
