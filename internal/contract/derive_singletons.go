package contract

import (
	"fmt"
	"slices"
	"strings"
)

// Singletons gives the objects that there is only one of, in the document's order.
func (d *Document) Singletons() []*Singleton {
	var out []*Singleton
	for _, op := range d.operations {
		if op.Singleton != nil && !slices.Contains(out, op.Singleton) {
			out = append(out, op.Singleton)
		}
	}
	return out
}

// findSingletons finds paths whose GET answers one object that PUT, PATCH, or a POST which answers the same, change.
func (d *Document) findSingletons(resources []*Resource) {
	for _, r := range resources {
		get := r.Operation("GET")
		if get == nil || get.Role != NoRole || endsInParameter(r.Path) {
			continue
		}
		schema := get.answer()
		if schema == nil || schema.Type() != "object" || severalKinds(schema) != "" {
			continue
		}
		s := &Singleton{Path: r.Path, Schema: schema, Operations: map[Role]*Operation{}}
		put, patch, post := r.Operation("PUT"), r.Operation("PATCH"), r.Operation("POST")
		if put == nil && patch == nil && !sameComponent(post, schema) {
			continue
		}
		give := func(op *Operation, role Role, why string) {
			if op != nil && op.Role == NoRole && s.Operations[role] == nil {
				s.Operations[role], op.Singleton, op.Role, op.Why = op, s, role, why
			}
		}
		give(get, Retrieve, "GET answers one object, which other methods on the path change")
		give(put, Replace, "PUT on the path of one object")
		give(patch, Update, "PATCH on the path of one object")
		if sameComponent(post, schema) {
			give(post, Update, "POST on the path of one object, which answers that object")
		}
	}
}

func sameComponent(op *Operation, schema *Schema) bool {
	if op == nil || op.answer() == nil {
		return false
	}
	component := schema.Component()
	return component != "" && op.answer().Component() == component
}

// explainOthers says what the operations look like that neither a collection nor a singleton explains.
func (d *Document) explainOthers() {
	byPath := map[string]*Collection{}
	byList := map[string]*Collection{}
	for _, c := range d.collections {
		byList[pathShape(c.Path)] = c
		if c.ItemPath != "" {
			byPath[pathShape(c.ItemPath)] = c
		}
	}
	for _, op := range d.operations {
		if op.Role != NoRole {
			continue
		}
		why := op.answersWhat()
		if op.Why != "" {
			why = op.Why
		}
		op.Why = why + where(op, byPath, byList)
	}
}

// answersWhat says what an operation answers with.
func (op *Operation) answersWhat() string {
	success := op.Response(op.Success())
	if success == nil {
		return "no successful answer is described"
	}
	if len(success.Media) == 0 {
		return "it answers nothing"
	}
	name, schema := success.JSON()
	switch {
	case name == "":
		return "its answer is not JSON"
	case schema == nil:
		return "nothing is said of its answer"
	}
	switch t := schema.Type(); t {
	case "object":
		return "it answers one object"
	case "array":
		return "it answers an array"
	case "":
		return "it answers a value of several kinds, or of any"
	default:
		return "it answers with " + article(t)
	}
}

// where says what an operation stands below, or beside.
func where(op *Operation, byPath, byList map[string]*Collection) string {
	reads := op.Method == "GET" || op.Method == "HEAD" || op.Method == "OPTIONS"
	if c := byPath[pathShape(op.Path)]; c != nil {
		return fmt.Sprintf("; it is on an item of %s, but is none of what is usually done to it", c.Records.Name)
	}
	if c := byList[pathShape(op.Path)]; c != nil {
		return fmt.Sprintf("; it is on the list of %s, but is none of what is usually done to it", c.Records.Name)
	}
	segments := strings.Split(strings.Trim(op.Path, "/"), "/")
	for n := len(segments) - 1; n > 0; n-- {
		path := pathShape("/" + strings.Join(segments[:n], "/"))
		if c := byPath[path]; c != nil {
			if reads {
				return "; it is below an item of " + c.Records.Name
			}
			return "; it is an action below an item of " + c.Records.Name
		}
		if c := byList[path]; c != nil {
			if reads {
				return "; it is below the list of " + c.Records.Name
			}
			return "; it is an action below the list of " + c.Records.Name
		}
	}
	return ""
}
