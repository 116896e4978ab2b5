package contracttest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"understudy/internal/contract"
)

// Exercised is how often an operation was asked, how, and what it answered.
type Exercised struct {
	Operation  string         `json:"operation"` // its operationId, or method and path
	Method     string         `json:"method"`
	Path       string         `json:"path"`
	Place      string         `json:"place"`      // in the document: file:line:column
	Requests   int            `json:"requests"`   // with the operation's method, that were answered
	Statuses   []StatusCount  `json:"statuses"`   // those of the document in its order, then all others that came
	Parameters []ParameterUse `json:"parameters"` // in the document's order
	Took       Timing         `json:"took"`
}

// StatusCount is how often a status was answered; "4XX" and "default" count what no other status of the document stands for.
type StatusCount struct {
	Status     string `json:"status"`
	Documented bool   `json:"documented"`
	Expected   bool   `json:"expected,omitempty"` // see [Target].Expect
	Answers    int    `json:"answers"`
}

// ParameterUse is how many requests had a parameter.
type ParameterUse struct {
	Name     string `json:"name"`
	In       string `json:"in"`
	Requests int    `json:"requests"`
}

// Timing is how long answers took, in nanoseconds.
type Timing struct {
	Median time.Duration `json:"median"`
	P95    time.Duration `json:"p95"` // 95 of 100 were as fast
	Max    time.Duration `json:"max"`
}

// usage counts what is exercised of one operation while the check runs.
type usage struct {
	answers map[int]int // by status
	sent    []int       // by parameter
	took    []time.Duration
}

// exercise counts an answer. Other methods than the operation's are asked on purpose and are none of its business.
func (e *engine) exercise(a *answer) {
	op := a.request.op
	if a.request.verb() != op.Method {
		return
	}
	u := e.usage[op]
	if u == nil {
		u = &usage{answers: map[int]int{}, sent: make([]int, len(op.Parameters))}
		e.usage[op] = u
	}
	u.answers[a.status]++
	u.took = append(u.took, a.took)
	query := a.request.query
	if a.request.raw != "" {
		query = a.sent.URL.Query()
	}
	for i := range op.Parameters {
		p := &op.Parameters[i]
		has := p.In == "path"
		switch p.In {
		case "query":
			has = query.Has(p.Name)
			for name := range query {
				has = has || p.Style == "deepObject" && strings.HasPrefix(name, p.Name+"[")
			}
		case "header":
			has = a.sent.Header.Get(p.Name) != ""
		case "cookie":
			_, err := a.sent.Cookie(p.Name)
			has = err == nil
		}
		if has {
			u.sent[i]++
		}
	}
}

// exercised gives what was exercised of the operations that were selected, in the document's order.
func (e *engine) exercised() []Exercised {
	var out []Exercised
	for _, op := range e.selected {
		u := e.usage[op]
		if u == nil || !slices.Contains(e.mine, op) { // what other shards check, they count
			u = &usage{sent: make([]int, len(op.Parameters))}
		}
		x := Exercised{Operation: op.ID, Method: op.Method, Path: op.Path, Place: op.Place().String(), Requests: len(u.took), Took: timing(u.took)}
		counts := map[string]int{}
		for status, n := range u.answers {
			counts[documentedAs(op, status)] += n
		}
		for _, r := range op.Responses {
			x.Statuses = append(x.Statuses, StatusCount{r.Status, true, e.expectsAny(op, r.Status), counts[r.Status]})
			delete(counts, r.Status)
		}
		for _, status := range sortedKeys(counts) {
			x.Statuses = append(x.Statuses, StatusCount{status, false, e.expectsAny(op, status), counts[status]})
		}
		for i := range op.Parameters {
			x.Parameters = append(x.Parameters, ParameterUse{op.Parameters[i].Name, op.Parameters[i].In, u.sent[i]})
		}
		out = append(out, x)
	}
	return out
}

// documentedAs gives the key under which the document describes a status, or the status.
func documentedAs(op *contract.Operation, status int) string {
	if r := op.Response(status); r != nil {
		return r.Status
	}
	return fmt.Sprint(status)
}

func timing(took []time.Duration) Timing {
	if len(took) == 0 {
		return Timing{}
	}
	sorted := slices.Sorted(slices.Values(took))
	at := func(percent int) time.Duration { return sorted[min(len(sorted)*percent/100, len(sorted)-1)] }
	return Timing{Median: at(50), P95: at(95), Max: sorted[len(sorted)-1]}
}
