package contracttest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"understudy/internal/contract"
)

// nowhere is a word that no item has.
const nowhere = "understudyzzqx7"

// impossible gives a value of a filter that no item fits, and what is tried with it; "" if there is none that is surely allowed.
func (s *listState) impossible(f *contract.Filter) (value, what string) {
	p := s.c.List().Parameter("query", f.Param)
	if p == nil || p.Schema == nil || f.Op.Boolean() || f.Op == contract.NotEqual || f.Op == contract.Between {
		return "", ""
	}
	schema := p.Schema
	if schema.Type() == "array" && schema.Items() != nil {
		schema = schema.Items()
	}
	if len(schema.Enum()) > 0 || schema.Type() == "boolean" {
		return "", ""
	}
	upper := f.Op == contract.Greater || f.Op == contract.GreaterEqual
	lower := f.Op == contract.Less || f.Op == contract.LessEqual
	value = nowhere
	switch {
	case schema.Format() == "date-time":
		value = "2999-12-31T23:59:59Z"
		if lower {
			value = "1900-01-01T00:00:00Z"
		} else if near := s.beside(f); near != "" && f.Op == contract.Equal {
			value = near
		}
	case schema.Format() == "date":
		value = "2999-12-31"
		if lower {
			value = "1900-01-01"
		}
	case schema.Format() == "uuid":
		value = "7d9f6e5c-1b2a-4c3d-8e4f-a5b6c7d8e9f0"
	case schema.Type() == "integer" || schema.Type() == "number":
		value = "1987654321"
		if lower {
			value = "-1987654321"
		}
	case schema.Format() == "email":
		value = nowhere + "@example.com"
	case upper || lower:
		return "", ""
	}
	q := s.scoped(conditions(contract.Condition{Param: f.Param, Values: []string{value}}))
	match := s.c.Matcher(q)
	if slices.ContainsFunc(s.base.items, func(it contract.Item) bool { v := match(it); return v.Is || !v.Certain }) {
		return "", ""
	}
	if v, err := contract.DecodeJSON([]byte(fmt.Sprintf("%q", value))); err == nil && schema.Type() == "string" && schema.Judge(v, contract.AsRequest) != nil {
		return "", ""
	}
	return value, "a value that no item has"
}

// beside gives a moment just behind one that an item has, and that no item has: a second or, if all are at full minutes, a minute. It is "" if there is none.
func (s *listState) beside(f *contract.Filter) string {
	step := time.Duration(0)
	var all []time.Time
	for _, it := range s.base.items {
		if at, ok := instant(it.Value(f.Path).Text); ok {
			all = append(all, at)
			switch {
			case at.Second() > 0:
				step = time.Second
			case at.Minute() > 0 && step == 0:
				step = time.Minute
			}
		}
	}
	for _, at := range all {
		if at = at.Add(step).UTC(); step > 0 && !slices.ContainsFunc(all, func(other time.Time) bool { return other.Sub(at).Abs() < step }) {
			return at.Format(time.RFC3339Nano)
		}
	}
	return ""
}

// wild gives an item's text with a letter replaced by _ that no item has, which stands for any letter in LIKE: for filters of which other values show already
// that they take no beginnings or, if there is none, for the first that looks for whole texts. It is "" for all others.
func (s *listState) wild(f *contract.Filter) string {
	shown := func(f contract.Filter) bool { return s.trapped(&f) && s.wildText(&f) != "" }
	if !shown(*f) {
		first := slices.IndexFunc(s.c.Filters, func(f contract.Filter) bool { return s.wildText(&f) != "" })
		if first < 0 || s.c.Filters[first].Param != f.Param || slices.ContainsFunc(s.c.Filters, shown) {
			return ""
		}
	}
	return s.wildText(f)
}

func (s *listState) wildText(f *contract.Filter) string {
	schema := s.wholeTexts(f)
	if schema == nil {
		return ""
	}
	for _, it := range s.base.items {
		text := it.Value(f.Path).Text
		if !isPlainText(text) {
			continue
		}
		wild := text[:len(text)/2] + "_" + text[len(text)/2+1:]
		if schema.Judge(wild, contract.AsRequest) == nil && !s.anyFits(conditions(contract.Condition{Param: f.Param, Values: []string{wild}}), s.base) {
			return wild
		}
	}
	return ""
}

// trapped tells whether a value that is asked of a filter anyway is the beginning of another item's.
func (s *listState) trapped(f *contract.Filter) bool {
	chs := s.choices(f)
	return len(chs) > 0 && chs[0].traps > 0
}

// wholeTexts gives the schema of a filter's parameter if it surely looks for whole texts; else nil.
func (s *listState) wholeTexts(f *contract.Filter) *contract.Schema {
	p := s.c.List().Parameter("query", f.Param)
	if f.Op != contract.Equal && f.Op != contract.IEqual || p == nil || p.Schema == nil || p.Schema.Type() != "string" || p.Schema.Format() != "" || len(p.Schema.Enum()) > 0 || !s.means(f) {
		return nil
	}
	return p.Schema
}

// isPlainText tells whether a text can be changed a little and is then still one of its kind.
func isPlainText(text string) bool {
	return len(text) >= 5 && len(text) <= 100 && strings.Trim(strings.ToLower(text), "abcdefghijklmnopqrstuvwxyz0123456789-_. @") == ""
}

// nobodys gives a value of a filter that no item has: if possible one that is asked for anyway.
func (s *listState) nobodys(f *contract.Filter) (value, what string) {
	if wild := s.wild(f); wild != "" {
		return wild, "a value that no item has: a letter is replaced by _, which stands for any in LIKE"
	}
	if part := s.part(f); part != "" {
		return part, "a value that no item has"
	}
	if within := s.innerPart(f); within != "" {
		return within, "a value that stands within a text of an item, with which none begins"
	}
	return s.impossible(f)
}

// part gives the beginning of an item's text, if no item has it as its whole text; "" if there is none, or it would show nothing new.
func (s *listState) part(f *contract.Filter) string {
	if s.wholeTexts(f) == nil || s.wild(f) != "" && s.trapped(f) {
		return ""
	}
	for _, it := range s.base.items {
		for _, text := range f.Texts(it) {
			if !isPlainText(text) {
				continue
			}
			first := strings.TrimSpace(text[:len(text)-1])
			if !s.anyFits(conditions(contract.Condition{Param: f.Param, Values: []string{first}}), s.base) {
				return first
			}
		}
	}
	return ""
}

// positions are the parameters that say where a page begins.
func (s *listState) positions() []string {
	if s.c.Paging.Param == "" || s.c.Paging.Style == contract.ByCursor {
		return nil
	}
	return []string{s.c.Paging.Param}
}

// innerPart gives what stands within an item's text and begins none, for filters that look at beginnings; "" for all others.
func (s *listState) innerPart(f *contract.Filter) string {
	if f.Op != contract.StartsWith && f.Op != contract.IStartsWith {
		return ""
	}
	for _, it := range s.base.items {
		for _, text := range f.Texts(it) {
			if !isPlainText(text) {
				continue
			}
			part := strings.TrimSpace(text[1:min(len(text), 12)])
			if len(part) > 3 && !s.anyFits(conditions(contract.Condition{Param: f.Param, Values: []string{part}}), s.base) {
				return part
			}
		}
	}
	return ""
}

// nothingFits makes a case of a value that no item fits.
func (s *listState) nothingFits(f *contract.Filter, value, what, cause string) *testCase {
	q := conditions(contract.Condition{Param: f.Param, Values: []string{value}})
	st := s.page(contract.Query{Filters: q.Filters, Size: s.large})
	st.odd = true // a server may know that there is none such
	return &testCase{
		subject: f.Param + "=" + value, intent: fmt.Sprintf("%s=%s: %s", f.Param, value, what), over: s, steps: []step{s.all(contract.Query{}), st},
		judge: func(rs []result) outcome {
			a := rs[1].answer()
			switch {
			case rs[0].list.bad == "" && a.status == http.StatusNotFound && a.request.op.Response(a.status) == nil:
				return broken(a, a.says(), "no items, or a documented refusal: the list is there").because("nothing found is taken for a list that is not there").signed("nothing found is 404")
			case rs[0].list.bad == "" && a.refused() && !a.unavailable() && len(spokenOf(a, s.positions())) > 0 && len(spokenOf(a, []string{f.Param})) == 0:
				return broken(a, a.says(), "no items: the first page is there").because("the first page of nothing is taken for a page past the end").signed("an empty first page is refused")
			case a.refused():
				return kept()
			case rs[1].list.bad != "":
				return skip("the list cannot be read: %s", rs[1].list.bad)
			case len(rs[1].list.items) == 0:
				return kept()
			case rs[0].list.bad != "" || s.anyFits(q, rs[0].list):
				return skip("an item fits the value by now")
			}
			if len(rs[1].list.keys) >= min(len(rs[0].list.keys), len(rs[0].list.pages[0].Items)) {
				return broken(a, "as much as without the filter", "nothing").because("the parameter " + f.Param + " is ignored").signed("filter ignored")
			}
			if !s.means(f) {
				return skip("%s most likely does not mean %s, as was taken from its name", f.Param, strings.Join(f.Path, "."))
			}
			return broken(a, plural(len(rs[1].list.items), "item"), "nothing").because(cause).signed("finds what is not there " + cause)
		},
	}
}

func filterNone(_ *engine, s *listState) ([]*testCase, string) {
	if len(s.base.items) == 0 {
		return none("the list is empty")
	}
	var out []*testCase
	var without []string
	for i := range s.c.Filters {
		f := &s.c.Filters[i]
		if value, what := s.nobodys(f); value != "" {
			out = append(out, s.nothingFits(f, value, what, ""))
		} else {
			without = append(without, f.Param)
		}
	}
	if without != nil {
		return out, fmt.Sprintf("%s: no value is surely allowed and had by no item", strings.Join(without, ", "))
	}
	return out, ""
}

func (s *listState) anyFits(q contract.Query, l *listed) bool {
	match := s.c.Matcher(s.scoped(q))
	return slices.ContainsFunc(l.items, func(it contract.Item) bool { v := match(it); return v.Is || !v.Certain })
}

// invalidValue gives a value of the wrong type for a filter, or "".
func (s *listState) invalidValue(f *contract.Filter) string {
	p := s.c.List().Parameter("query", f.Param)
	if p == nil || p.Schema == nil {
		return ""
	}
	schema := p.Schema
	if schema.Type() == "array" && schema.Items() != nil {
		schema = schema.Items()
	}
	if slices.Contains([]string{"date", "date-time", "uuid"}, schema.Format()) || slices.Contains([]string{"integer", "number", "boolean"}, schema.Type()) || len(schema.Enum()) > 0 {
		return "unexpected"
	}
	return ""
}

func filterInvalid(_ *engine, s *listState) ([]*testCase, string) {
	var out []*testCase
	for i := range s.c.Filters {
		f := &s.c.Filters[i]
		value := s.invalidValue(f)
		if value == "" || len(s.base.items) < 2 {
			continue
		}
		p := s.c.List().Parameter("query", f.Param)
		if p != nil && sentence(p.Description(), promisesDropped) != "" {
			continue
		}
		if told := promisedRefusal(p); told != "" {
			values := wrongValues(p)
			out = append(out, s.invalidly(f, values[len(values)-1], told))
			continue
		}
		out = append(out, s.invalidly(f, value, ""))
	}
	if out == nil {
		return none("no filter has a type that a word could not be of")
	}
	return out, ""
}

// invalidly asks a filter for a value that is none. Told is what the document says of that, if it does.
func (s *listState) invalidly(f *contract.Filter, value, told string) *testCase {
	st := s.page(contract.Query{})
	st.request = st.with(f.Param, value)
	st.odd = true
	return &testCase{
		subject: f.Param, intent: fmt.Sprintf("%s=%s, which is of the wrong type", f.Param, value), over: s, steps: []step{s.page(contract.Query{}), st},
		judge: func(rs []result) outcome {
			a := rs[1].answer()
			switch {
			case a.failed():
				return broken(a, a.says(), "a refusal, or nothing").signed("an error of the server's")
			case a.ok() && told != "":
				return broken(a, a.says(), "a refusal: "+told).signed("not refused, as the document says").asSaid(true)
			case a.ok() && rs[1].list.bad == "" && rs[0].list.bad == "" && len(rs[1].list.keys) > 0 && len(rs[1].list.keys) == len(rs[0].list.keys):
				return broken(a, "as much as without the filter", "a refusal, or nothing").because("a filter that cannot be read is ignored").signed("an invalid filter is ignored")
			}
			return kept()
		},
	}
}
