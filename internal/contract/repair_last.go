package contract

import (
	"errors"
	"slices"

	"go.yaml.in/yaml/v3"

	"understudy/internal/source"
)

// leaveOut takes the operation, or the component, that an error of kin-openapi's is about out of the document, if there is one.
func (r *repair) leaveOut(err error) bool {
	var at *source.Error
	if !errors.As(err, &at) {
		return false
	}
	root := r.root.file.Root
	for _, item := range source.Pairs(r.get(root, "paths")) {
		for i := 0; item.Kind == yaml.MappingNode && i+1 < len(item.Content); i += 2 {
			if r.holds(item.Content[i+1], at.Place) {
				r.warn(item.Content[i], "%s: %s is left out", at.Text, item.Content[i].Value)
				item.Content = slices.Delete(item.Content, i, i+2)
				return true
			}
		}
	}
	sections := []*source.Node{r.get(root, "definitions"), r.get(root, "parameters"), r.get(root, "responses")}
	for _, section := range source.Pairs(r.get(root, "components")) {
		sections = append(sections, section)
	}
	for _, section := range sections {
		for i := 0; source.IsMap(section) && i+1 < len(section.Content); i += 2 {
			if v := section.Content[i+1]; len(v.Content) > 0 && r.holds(v, at.Place) {
				r.warn(section.Content[i], "%s: %s is left out", at.Text, section.Content[i].Value)
				section.Content[i+1] = r.instead(v, &shape{blank: mapForm})
				return true
			}
		}
	}
	return false
}

// holds tells whether something stands in a value.
func (r *repair) holds(n *source.Node, at Place) bool {
	return r.root.file.Place(n) == at || slices.ContainsFunc(n.Content, func(c *source.Node) bool { return r.holds(c, at) })
}
