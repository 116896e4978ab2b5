package generate

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"understudy/internal/contract"
)

// types is a set of JSON types.
type types uint8

const (
	isNull types = 1 << iota
	isBoolean
	isInteger
	isNumber // integers too
	isString
	isArray
	isObject

	anyType = isNull | isBoolean | isInteger | isNumber | isString | isArray | isObject
)

var typeNames = map[string]types{
	"null": isNull, "boolean": isBoolean, "integer": isInteger, "number": isInteger | isNumber, "string": isString, "array": isArray, "object": isObject,
}

func typesOf(k *contract.Keywords) types {
	var t types
	for _, name := range k.Types {
		t |= typeNames[name]
	}
	switch {
	case len(k.Types) == 0:
		return anyType
	case k.Nullable:
		t |= isNull
	}
	return t
}

// goal is what a value must meet: schemas, all of them, of which some choices are already made.
type goal struct {
	nodes   []*node
	settled []choiceKey
	shapes  [2]atomic.Pointer[shape] // by direction
}

// choiceKey names a choice that a schema leaves: of its oneOf, its anyOf, its if, or a dependentSchema.
type choiceKey struct {
	owner *node
	kind  string
}

func (gl *goal) height() int {
	h := 0
	for _, n := range gl.nodes {
		h = max(h, n.height)
	}
	return h
}

// shape is a goal merged into one: what its schemas and their allOf say together.
type shape struct {
	goal       *goal
	parts      []*node
	impossible string // why nothing fits
	blame      *node  // the schema that nothing fits

	types              types
	allowed            types // of which types are the likely ones
	enum               []any // nil: anything
	formats, patterns  []string
	matchers           []matcher
	makers             []*pattern
	minLength          int
	maxLength          int
	low, high          float64
	lowOpen, highOpen  bool
	steps              []float64
	minItems, maxItems int
	unique             bool
	contains           []*node
	props              []prop
	minProps, maxProps int
	depends            map[string][]string
	choice             *choice // the first that is not settled
	checks             []*node // what cannot be built, but only checked
	mean               meaning
	subject            []string // words for what the value is
	personal           bool     // it has what only people have
}

// prop is a property of an object that a shape names.
type prop struct {
	name     string
	hash     uint64
	goal     *goal
	required bool
	leftOut  bool // not sent in this direction
	mean     meaning
}

// shape gives the merged goal.
func (g *Generator) shape(gl *goal, dir contract.Direction) *shape {
	if sh := gl.shapes[dir].Load(); sh != nil {
		return sh
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if sh := gl.shapes[dir].Load(); sh != nil {
		return sh
	}
	sh := g.merge(gl, dir)
	gl.shapes[dir].Store(sh)
	return sh
}

// goalOf gives the goal of several schemas; the same goal for the same ones.
func (g *Generator) goalOf(nodes []*node, settled []choiceKey) *goal {
	if len(nodes) == 1 && len(settled) == 0 {
		return &nodes[0].goal
	}
	var key strings.Builder
	for _, n := range nodes {
		key.WriteString(strconv.Itoa(n.id))
		key.WriteByte(',')
	}
	for _, c := range settled {
		key.WriteString(c.kind)
		key.WriteString(strconv.Itoa(c.owner.id))
	}
	if gl := g.goals[key.String()]; gl != nil {
		return gl
	}
	gl := &goal{nodes: nodes, settled: settled}
	if len(g.goals) < 100_000 {
		g.goals[key.String()] = gl
	}
	return gl
}

func (sh *shape) fail(n *node, why string) {
	if sh.impossible == "" {
		sh.impossible, sh.blame = why, n
	}
}

// flatten lists schemas with everything that allOf adds, outermost first.
func flatten(nodes []*node) []*node {
	var out []*node
	seen := map[*node]bool{}
	var walk func(n *node)
	walk = func(n *node) {
		if n == nil || seen[n] {
			return
		}
		seen[n] = true
		out = append(out, n)
		for _, part := range n.allOf {
			walk(part)
		}
	}
	for _, n := range nodes {
		walk(n)
	}
	return out
}

func (g *Generator) merge(gl *goal, dir contract.Direction) *shape {
	sh := &shape{
		goal: gl, parts: flatten(gl.nodes), blame: gl.nodes[0], types: anyType, maxLength: endless, low: math.Inf(-1), high: math.Inf(1),
		maxItems: endless, maxProps: endless, depends: map[string][]string{},
	}
	blame := sh.blame
	if gl.height() == unmet {
		why := "it contains itself without end"
		if k := sh.parts[0].k; k.Always != nil {
			why = "it is false"
		}
		sh.fail(blame, why)
	}
	for _, n := range sh.parts {
		sh.addValue(n)
		sh.addSizes(n)
		if n.not != nil {
			g.negate(sh, n)
		}
	}
	g.addChoices(sh)
	g.addEnum(sh, dir)
	sh.allowed = sh.types
	sh.guessType()
	g.addProperties(sh, dir)
	sh.contradictions()
	sh.subject = subjectOf(sh)
	sh.mean = meaningOf(strings.Join(sh.subject, " "), sh)
	return sh
}

// addValue merges what a schema says of types, texts and numbers.
func (sh *shape) addValue(n *node) {
	k := n.k
	if k.Always != nil && !*k.Always {
		sh.fail(n, "it is false")
	}
	sh.types &= typesOf(k)
	if k.Format != "" && !slices.Contains(sh.formats, k.Format) {
		sh.formats = append(sh.formats, k.Format)
	}
	if k.Pattern != "" && !slices.Contains(sh.patterns, k.Pattern) {
		if m, err := contract.Pattern(k.Pattern); err == nil {
			sh.patterns, sh.matchers = append(sh.patterns, k.Pattern), append(sh.matchers, m)
			if p := parsePattern(k.Pattern); p != nil {
				sh.makers = append(sh.makers, p)
			}
		}
	}
	sh.minLength = max(sh.minLength, k.MinLength)
	if k.MaxLength != nil {
		sh.maxLength = min(sh.maxLength, *k.MaxLength)
	}
	if k.Minimum != nil {
		sh.above(*k.Minimum, k.ExclusiveMin)
	}
	if k.Above != nil {
		sh.above(*k.Above, true)
	}
	if k.Maximum != nil {
		sh.below(*k.Maximum, k.ExclusiveMax)
	}
	if k.Below != nil {
		sh.below(*k.Below, true)
	}
	if k.MultipleOf != nil && *k.MultipleOf > 0 {
		sh.steps = append(sh.steps, *k.MultipleOf)
	}
	if bounds, ok := integerFormats[k.Format]; ok {
		sh.above(bounds[0], false)
		sh.below(bounds[1], false)
	}
}

// integerFormats are those of the registry of OpenAPI, with their bounds; 64 bits are held to what every program can read exactly.
var integerFormats = map[string][2]float64{
	"int8": {-1 << 7, 1<<7 - 1}, "int16": {-1 << 15, 1<<15 - 1}, "int32": {-1 << 31, 1<<31 - 1},
	"uint8": {0, 1<<8 - 1}, "uint16": {0, 1<<16 - 1}, "uint32": {0, 1<<32 - 1}, "uint64": {0, 1 << 63},
	"int64": {-1 << 63, 1<<63 - 1024}, "float": {-math.MaxFloat32, math.MaxFloat32},
}

func (sh *shape) above(bound float64, open bool) {
	if bound > sh.low || bound == sh.low && open {
		sh.low, sh.lowOpen = bound, open
	}
}

func (sh *shape) below(bound float64, open bool) {
	if bound < sh.high || bound == sh.high && open {
		sh.high, sh.highOpen = bound, open
	}
}

// addSizes merges what a schema says of the sizes of arrays and objects.
func (sh *shape) addSizes(n *node) {
	k := n.k
	sh.minItems = max(sh.minItems, k.MinItems)
	if k.MaxItems != nil {
		sh.maxItems = min(sh.maxItems, *k.MaxItems)
	}
	if n.items != nil && n.items.height == unmet || k.NoUnevaluatedItems && n.items == nil {
		sh.maxItems = min(sh.maxItems, len(n.prefix))
	}
	sh.unique = sh.unique || k.UniqueItems
	if n.contains != nil {
		sh.contains = append(sh.contains, n)
		least := 1
		if k.MinContains != nil {
			least = *k.MinContains
		}
		sh.minItems = max(sh.minItems, least)
	}
	sh.minProps = max(sh.minProps, k.MinProperties)
	if k.MaxProperties != nil {
		sh.maxProps = min(sh.maxProps, *k.MaxProperties)
	}
	for name, others := range k.DependentRequired {
		sh.depends[name] = append(sh.depends[name], others...)
	}
}

// guessType narrows the types where none is named, to what the schema speaks of.
func (sh *shape) guessType() {
	if sh.types != anyType || sh.choice != nil || len(sh.checks) > 0 && len(sh.parts) == 1 {
		return
	}
	switch {
	case slices.ContainsFunc(sh.parts, (*node).aboutObjects):
		sh.types = isObject
	case slices.ContainsFunc(sh.parts, (*node).aboutArrays):
		sh.types = isArray
	case len(sh.formats) > 0 && numberFormats[sh.formats[0]] || !math.IsInf(sh.low, 0) || !math.IsInf(sh.high, 0) || len(sh.steps) > 0:
		sh.types = isInteger | isNumber
	case len(sh.formats) > 0 || len(sh.patterns) > 0 || sh.minLength > 0 || sh.maxLength < endless:
		sh.types = isString
	}
}

var numberFormats = map[string]bool{
	"int8": true, "int16": true, "int32": true, "int64": true, "uint8": true, "uint16": true, "uint32": true, "uint64": true, "float": true, "double": true,
	"double-int": true,
}

// addEnum keeps the values of enum and const that the rest of the schema allows.
func (g *Generator) addEnum(sh *shape, dir contract.Direction) {
	var lists [][]any
	owner := sh.blame
	for _, n := range sh.parts {
		if len(n.k.Enum) > 0 {
			lists, owner = append(lists, n.k.Enum), n
		}
		if n.k.HasConst {
			lists, owner = append(lists, []any{n.k.Const}), n
		}
	}
	if len(lists) == 0 {
		return
	}
	sh.enum = []any{}
	var plain []any // nothing, as a value
	for _, v := range lists[0] {
		decoded := plainValue(v)
		d := decoded.decoded()
		text := canonical(d)
		everywhere := true
		for _, other := range lists[1:] {
			everywhere = everywhere && slices.ContainsFunc(other, func(x any) bool {
				p := plainValue(x)
				return canonical(p.decoded()) == text
			})
		}
		if !everywhere || typeOf(d)&sh.types == 0 || slices.ContainsFunc(sh.parts, func(n *node) bool { return !n.takes(d, dir) }) {
			continue
		}
		if d == nil || d == "" {
			plain = append(plain, v)
		} else {
			sh.enum = append(sh.enum, v)
		}
	}
	if len(sh.enum) == 0 {
		sh.enum = plain
	}
	if len(sh.enum) == 0 {
		sh.fail(owner, "the rest of the schema allows none of the values of its enum")
	}
}

// takes tells whether both validators let a value pass.
func (n *node) takes(decoded any, dir contract.Direction) bool {
	return n.schema == nil || len(n.schema.Validate(decoded, dir)) == 0 && judges(n.schema, decoded, dir)
}

func typeOf(v any) types {
	switch v := v.(type) {
	case nil:
		return isNull
	case bool:
		return isBoolean
	case string:
		return isString
	case []any:
		return isArray
	case map[string]any:
		return isObject
	case float64:
		if v == math.Trunc(v) {
			return isInteger | isNumber
		}
	}
	return isNumber
}
