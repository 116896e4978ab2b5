package generate

import (
	"errors"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"understudy/internal/contract"
)

// judges tells whether the second validator lets a value pass, or cannot tell.
func judges(s *contract.Schema, decoded any, dir contract.Direction) bool {
	err := s.Judge(decoded, dir)
	var unusable *contract.UnusableSchema
	return err == nil || errors.As(err, &unusable)
}

// overlap tells whether the second validator has nothing to say but that several branches of a oneOf fit. Where OpenAPI has a discriminator choose among
// branches that are the same to JSON Schema, no value can do better.
func overlap(s *contract.Schema, decoded any, dir contract.Direction) bool {
	var invalid *jsonschema.ValidationError
	if !errors.As(s.Judge(decoded, dir), &invalid) {
		return false
	}
	var only func(e *jsonschema.ValidationError) bool
	only = func(e *jsonschema.ValidationError) bool {
		if one, ok := e.ErrorKind.(*kind.OneOf); ok {
			return len(one.Subschemas) > 1
		}
		for _, c := range e.Causes {
			if !only(c) {
				return false
			}
		}
		return len(e.Causes) > 0
	}
	return only(invalid)
}
