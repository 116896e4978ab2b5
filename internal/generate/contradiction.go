package generate

import (
	"fmt"
	"math"
	"strings"
)

// contradictions says at once what can never be met, with its place.
func (sh *shape) contradictions() {
	if sh.impossible != "" || sh.choice != nil || sh.types != sh.allowed {
		return
	}
	switch {
	case sh.types == 0:
		sh.fail(sh.owner(func(n *node) bool { return len(n.k.Types) > 0 }), "no type fits all of it: "+sh.typesSaid())
	case sh.enum != nil:
	case sh.types == isNull:
	case sh.types&^(isInteger|isNumber|isNull) == 0 && sh.noNumber():
		sh.fail(sh.owner(func(n *node) bool { return n.k.Minimum != nil || n.k.Above != nil }), fmt.Sprintf("no number is between %v and %v", sh.low, sh.high))
	case sh.types&^(isString|isNull) == 0 && sh.minLength > sh.maxLength:
		sh.fail(sh.owner(func(n *node) bool { return n.k.MinLength > 0 }), fmt.Sprintf("minLength %d is more than maxLength %d", sh.minLength, sh.maxLength))
	case sh.types&^(isArray|isNull) == 0 && sh.minItems > sh.maxItems:
		sh.fail(sh.owner(func(n *node) bool { return n.k.MinItems > 0 || n.contains != nil }), fmt.Sprintf("at least %d items are needed, but %d are allowed", sh.minItems, sh.maxItems))
	case sh.types&^(isObject|isNull) == 0 && sh.minProps > sh.maxProps:
		sh.fail(sh.owner(func(n *node) bool { return n.k.MinProperties > 0 }), fmt.Sprintf("minProperties %d is more than maxProperties %d", sh.minProps, sh.maxProps))
	}
	if sh.impossible != "" && sh.types&isNull != 0 {
		sh.impossible, sh.types = "", isNull // there is one value left
	}
}

func (sh *shape) noNumber() bool {
	low, high := sh.low, sh.high
	if sh.types&isNumber == 0 {
		low, high = math.Ceil(low), math.Floor(high)
		if sh.lowOpen && low == sh.low {
			low++
		}
		if sh.highOpen && high == sh.high {
			high--
		}
		return low > high
	}
	return low > high || low == high && (sh.lowOpen || sh.highOpen)
}

// owner is the last schema that says something.
func (sh *shape) owner(says func(*node) bool) *node {
	for i := len(sh.parts) - 1; i >= 0; i-- {
		if says(sh.parts[i]) {
			return sh.parts[i]
		}
	}
	return sh.blame
}

func (sh *shape) typesSaid() string {
	var said []string
	for _, n := range sh.parts {
		if len(n.k.Types) > 0 {
			said = append(said, strings.Join(n.k.Types, " or "))
		}
	}
	return strings.Join(said, ", ")
}
