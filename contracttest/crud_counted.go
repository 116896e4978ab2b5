package contracttest

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"

	"understudy/internal/contract"
)

var (
	countName = regexp.MustCompile(`^(?:num(?:ber)?(?:of)?(\w+)|(\w+?)(?:count|total))$`)
	ofSome    = regexp.MustCompile(`(?i)\b(?:approved|published|active|open|visible|public|unread|pending|closed|resolved|completed|confirmed|paid|available|last|recent|within|past|today|only|who|that|which)\b`)
	saysCount = regexp.MustCompile(`(?i)\bhow many\b|\b(?:number|count) of\b`)
)

// counted makes cases of an item that is created in another, or refers to it: where that one counts such items, by the name of a property and its description or what
// it is found to be, the count is one more.
func (r *recipe) counted(op *contract.Operation) (cases []*testCase) {
	for _, c := range r.e.doc.Collections() {
		of := r.e.lists[c]
		if of == nil || of == r.s || of.writer == nil || of.writer.stays != nil || of.writer.puts() || r.stays != nil || r.puts() || c.Operation(contract.Retrieve) == nil {
			continue
		}
		name, told := of.countOf(r.s)
		if name == "" {
			continue
		}
		p := *of.writer
		p.round = r.round
		t := r.trial(op, "counted", c.Path)
		post, in, by := p.attached(r, r.numbered(t.n))
		if by == "" && in == r.s {
			continue
		}
		t.add(p.post("created", p.numbered(t.n)))
		read, why := r.e.on(of, contract.Retrieve, "{created}", nil)
		if why != "" {
			continue
		}
		count := func(res result) int {
			n, err := strconv.Atoi(scalarText(of.object(res.answer())[name]))
			if err != nil {
				return -1
			}
			return n
		}
		before, create := t.add(read), t.add(post)
		read.until = func(res result) bool { return count(res) != 0 }
		after := t.add(read)
		made, _ := t.done("counted in "+c.Path, fmt.Sprintf("an item is created, and another in it or for it: %s counts it", name), func(res []result) outcome {
			if o, ok := succeeded(res, 0, before, create, after); !ok {
				return o
			}
			switch x, y := count(res[before]), count(res[after]); {
			case x != 0:
				return skip("a new item has %d already", x)
			case y == 1:
				return kept()
			default:
				return broken(res[after].answer(), fmt.Sprintf("%s is %s", name, jsonOf(of.object(res[after].answer()), name)), "1, since there is one: "+cmp.Or(told, "that is what it counts for others")).signed(name + " does not count").asSaid(told != "")
			}
		})
		cases = append(cases, made...)
	}
	return cases
}

// countOf names the property of a list's items that counts those of another, and gives the sentence that says so; where none does, it is as many as are in the item that the
// other list is inside of.
func (s *listState) countOf(other *listState) (name, told string) {
	for _, p := range s.shown().Properties() {
		m := countName.FindStringSubmatch(plainName(p.Name))
		if m == nil || p.Schema.Type() != "integer" || !other.c.HasOne(m[1]+m[2]) {
			continue
		}
		if told := sentence(p.Schema.Keywords().Description, saysCount); ofSome.MatchString(told) {
			continue
		} else if told != "" {
			return p.Name, told
		}
		if s.base == nil || other.base == nil || !other.base.complete() || len(other.scope) == 0 {
			continue
		}
		for i, key := range s.base.keys {
			if key == other.scope[len(other.scope)-1] && len(other.base.keys) > 0 && s.shown().Of(s.base.items[i].Record, p.Name) == fmt.Sprint(len(other.base.keys)) {
				return p.Name, ""
			}
		}
	}
	return "", ""
}
