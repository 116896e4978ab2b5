package contract

import (
	"slices"
	"strings"
)

// findElsewhere finds the item path of a list inside items that stands outside of them: /issues/comments/{comment_id} of /issues/{issue_number}/comments. It ends like
// the list's, names no value that the list's does not, is called by the item's key, and answers the same component. There may be one such path only.
func (c *Collection) findElsewhere(resources []*Resource) {
	if c.ItemPath != "" || c.component() == "" || len(c.template.params) == 0 {
		return
	}
	var found *Resource
	for _, r := range resources {
		get := r.Operation("GET")
		if get == nil || get.Role != NoRole || get.answer() == nil || get.answer().Component() != c.component() || !c.ownsPath(r) {
			continue
		}
		if found != nil {
			return
		}
		found = r
	}
	if found == nil {
		return
	}
	c.ItemPath = found.Path
	c.takeItem(found, " on "+found.Path+", which answers what the list holds")
	for role, op := range c.operations {
		op.Collection, op.Role = c, role
	}
	c.note("its items stand at "+c.ItemPath, "the end of the path, its parameters, and what it answers")
}

// borrowItems gives a list inside of something, where items are created, the operations on one item of the list that has all of those records: what is posted to
// /projects/{project}/tasks stands at /tasks/{id}.
func (c *Collection) borrowItems(all []*Collection) {
	at := slices.IndexFunc(all, func(o *Collection) bool { return o.Path == c.Records.Path })
	if c.ItemPath != "" || c.operations[Create] == nil || at < 0 || all[at] == c || all[at].ItemPath == "" {
		return
	}
	c.ItemPath = all[at].ItemPath
	for _, role := range []Role{Retrieve, Replace, Update, Destroy} {
		if op := all[at].operations[role]; op != nil {
			c.operations[role] = op
		}
	}
	c.note("its items stand at "+c.ItemPath, "the records are those of "+all[at].Path)
}

// ownsPath tells whether a path may be that of the list's items, by its end and its parameters.
func (c *Collection) ownsPath(r *Resource) bool {
	outer, last, ok := strings.Cut(strings.TrimSuffix(r.Path, "/"), "/"+lastName(c.Path)+"/{")
	if !ok || strings.ContainsAny(strings.TrimSuffix(last, "}"), "/{}") || !strings.HasSuffix(strings.TrimSuffix(c.Path, "/"), "/"+lastName(c.Path)) {
		return false
	}
	for _, param := range parseTemplate(outer).params {
		if !slices.Contains(c.template.params, param) {
			return false
		}
	}
	_, why := findKey(c.found.items.Properties(), strings.TrimSuffix(last, "}"), lastName(c.Path))
	return strings.HasPrefix(why, "the path's parameter")
}

// Elsewhere tells whether the items stand outside of what the list is inside of, so that their path does not name all that the list's does.
func (c *Collection) Elsewhere() bool {
	return c.ItemPath != "" && len(parseTemplate(c.ItemPath).params) != len(c.template.params)+1
}

// Scoped gives the values of the parameters in the list's path; false if a path is not the list's.
func (c *Collection) Scoped(path string) ([]string, bool) { return c.template.match(path) }

// ItemScope gives the values of the parameters in an item's path but its key, of those in the list's path.
func (c *Collection) ItemScope(scope []string) []string {
	if !c.Elsewhere() {
		return slices.Clone(scope)
	}
	var out []string
	for _, param := range parseTemplate(c.ItemPath).params {
		if at := slices.Index(c.template.params, param); at >= 0 && at < len(scope) {
			out = append(out, scope[at])
		}
	}
	return out
}
