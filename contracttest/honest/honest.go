// Package honest holds implementations of HTTP APIs that share nothing with this program: plain net/http, written by hand, each with its OpenAPI document.
//
// They are witnesses. By default a server is honest: whatever it does is right by its document and by RFC 9110, however odd, and a check that finds
// something wrong is wrong itself. Which legal oddities it has depends on the seed. Given a fault, it breaks exactly one promise, the way real servers do,
// and a check that finds nothing is blind.
package honest

import (
	"fmt"
	"net/http"
	"slices"
)

// Server is one implementation of an API, with what a stranger has to know to use it.
type Server struct {
	Name        string       // the style
	Document    string       // the OpenAPI document, YAML
	Token       string       // the credential of somebody who may do everything
	SecondToken string       // the credential of somebody who may only read, and not everything
	Handler     http.Handler // safe for concurrent requests; all state is in memory
	Faults      []Fault      // those that this style can have
}

// Fault is one broken promise.
type Fault struct {
	ID       string
	Rule     string // the id, in docs/rules.md, of the rule that is meant to catch it
	Sentence string // what the server does wrong
}

// Styles names the three servers.
func Styles() []string { return []string{"django", "offset", "cursor"} }

// New gives the server of a style. Seed decides on its data and its legal oddities; fault is the id of the one thing that is broken, "" for nothing.
// A style or a fault that does not exist panics.
func New(style string, seed uint64, fault string) *Server {
	return build(style, seed, fault, newOddities(style, seed, fault))
}

// NewEmpty gives the same server before anybody has used it: nothing is in it yet but users and what never changes.
func NewEmpty(style string, seed uint64, fault string) *Server {
	odd := newOddities(style, seed, fault)
	odd.fill, odd.grows = 0, 0
	return build(style, seed, fault, odd)
}

// build makes a server with given oddities.
func build(style string, seed uint64, fault string, odd oddities) *Server {
	switch style {
	case "django":
		return newDjango(seed, fault, odd)
	case "offset":
		return newOffset(seed, fault, odd)
	case "cursor":
		return newCursor(seed, fault, odd)
	}
	panic("honest: there is no style " + style)
}

// Faults gives the faults that the server of a style can have.
func Faults(style string) []Fault {
	switch style {
	case "django":
		return slices.Clone(djangoFaults)
	case "offset":
		return slices.Clone(offsetFaults)
	case "cursor":
		return slices.Clone(cursorFaults)
	}
	panic("honest: there is no style " + style)
}

// mustKnow panics if a style has no such fault.
func mustKnow(style, fault string) {
	if fault != "" && !slices.ContainsFunc(Faults(style), func(f Fault) bool { return f.ID == fault }) {
		panic(fmt.Sprintf("honest: the %s server has no fault %s", style, fault))
	}
}
