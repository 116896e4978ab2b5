// Package mutant breaks servers on purpose, in one way each, to see whether a check notices.
//
// A mutant stands around any handler: the mock, or a foreign server behind a reverse proxy. It knows of the server only what HTTP shows, and of the API
// only what internal/contract says; the contract itself stays as it is, or mock and checker would be wrong together. It changes what its sentence names and
// leaves all other answers byte for byte as they were; [Probe]s show that, and where no probe is answered differently, the mutant does not apply.
package mutant

import (
	"net/http"
	"path"
	"slices"
	"strings"

	"understudy/internal/contract"
)

// Mutant is one way to break a server.
type Mutant struct {
	ID       string
	Rule     string   // the rule that is meant to catch it, as docs/rules.md calls it
	Sentence string   // what the broken server does
	Changes  []string // the probes that it may answer otherwise, by label, with * for anything
	Slow     bool     // it changes nothing but how long answers take, by more than [SlowBy]

	spoil func(p *Place) spoiler // nil: it cannot be had there
	raw   bool                   // it treats HEAD itself; else HEAD is answered as GET is
}

// SlowBy is how much longer than the honest server's the answers of a slow mutant take, at least.
const SlowBy = slow / 2

// spoiler answers a request that reached the place. It is called from many goroutines.
type spoiler func(x *exchange) *answer

// All gives all mutants, in the order of docs/rules.md.
func All() []Mutant {
	all := slices.Concat(conformMutants, bodyMutants, valueMutants, authMutants, pagingMutants, linkMutants, orderMutants, filterMutants, searchMutants,
		readMutants, createMutants, writeMutants, deleteMutants, httpMutants, etagMutants)
	order := map[string]int{}
	for i, r := range contract.Rules() {
		order[r.ID] = i
	}
	slices.SortStableFunc(all, func(a, b Mutant) int { return order[a.Rule] - order[b.Rule] })
	return all
}

// Family is the part of the rule's id before the slash.
func (m *Mutant) Family() string {
	family, _, _ := strings.Cut(m.Rule, "/")
	return family
}

// Names tells whether the mutant may answer a probe otherwise than the honest server does.
func (m *Mutant) Names(label string) bool {
	flat := func(s string) string { return strings.ReplaceAll(s, "/", "\x01") }
	return slices.ContainsFunc(m.Changes, func(pattern string) bool {
		ok, err := path.Match(flat(pattern), flat(label))
		return err == nil && ok
	})
}

// Place is the part of a document that a mutant breaks: a collection with the operations on it, or a path that no collection explains.
type Place struct {
	Name       string // the collection's id, or the path
	Document   *contract.Document
	Collection *contract.Collection // nil: it is none
	Operations []*contract.Operation
	Token      string // the credential that opens it, for every security scheme; of basic authentication, the password
	Second     string // likewise of an identity with fewer rights; "": there is none
}

// Places gives all places of a document, in the order of their first operations.
func Places(doc *contract.Document) []*Place {
	var out []*Place
	byName := map[string]*Place{}
	for _, op := range doc.Operations() {
		name := op.Path
		if op.Collection != nil {
			name = op.Collection.ID
		}
		p := byName[name]
		if p == nil {
			p = &Place{Name: name, Document: doc, Collection: op.Collection}
			byName[name] = p
			out = append(out, p)
		}
		p.Operations = append(p.Operations, op)
	}
	return out
}

// operation gives the operation with a role of the place's collection, or nil.
func (p *Place) operation(r contract.Role) *contract.Operation {
	for _, op := range p.Operations {
		if op.Role == r && p.Collection != nil {
			return op
		}
	}
	return nil
}

// Wrap puts the mutant around a server. It is nil where the place has nothing that the mutant could break.
func (m *Mutant) Wrap(p *Place, inner http.Handler) http.Handler {
	spoil := m.spoil(p)
	if spoil == nil {
		return nil
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := newExchange(p, inner, r)
		if x == nil {
			inner.ServeHTTP(w, r)
			return
		}
		if r.Method == http.MethodHead && !m.raw {
			x.method = http.MethodGet
		}
		spoil(x).write(w, r)
	})
}
