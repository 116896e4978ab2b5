package generate

import (
	"math/rand/v2"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// pattern makes strings that match a regular expression. It knows a wider language than it can promise to meet: what it makes must be checked.
type pattern struct {
	tree *syntax.Regexp
	open bool // the end is not anchored: more may follow
	free bool // the beginning is not anchored either
	min  int  // shortest match, in characters
	max  int  // longest
}

// endless is longer than anything that is made.
const endless = 1 << 20

// parsePattern reads a pattern of ECMA-262; nil if nothing can be made of it. Assertions that look around are left out, and so are back references.
func parsePattern(text string) *pattern {
	tree, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		tree, err = syntax.Parse(simplify(text), syntax.Perl)
	}
	if err != nil {
		return nil
	}
	p := &pattern{tree: tree}
	p.min, p.max = lengths(tree)
	p.open = !anchored(tree, false)
	p.free = !anchored(tree, true)
	return p
}

// anchored tells whether a match ends, or begins, where the text does.
func anchored(t *syntax.Regexp, begin bool) bool {
	switch t.Op {
	case syntax.OpEndText, syntax.OpEndLine:
		return !begin
	case syntax.OpBeginText, syntax.OpBeginLine:
		return begin
	case syntax.OpConcat, syntax.OpCapture:
		at := len(t.Sub) - 1
		if begin {
			at = 0
		}
		return len(t.Sub) > 0 && anchored(t.Sub[at], begin)
	case syntax.OpAlternate:
		return slices.ContainsFunc(t.Sub, func(s *syntax.Regexp) bool { return anchored(s, begin) })
	}
	return false
}

// simplify rewrites what ECMA-262 has and Go's engine has not.
func simplify(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); {
		rest := text[i:]
		switch {
		case strings.HasPrefix(rest, "(?=") || strings.HasPrefix(rest, "(?!") || strings.HasPrefix(rest, "(?<=") || strings.HasPrefix(rest, "(?<!"):
			i += groupEnd(rest)
		case strings.HasPrefix(rest, "[^]"):
			b.WriteString(`[\s\S]`)
			i += 3
		case strings.HasPrefix(rest, `\u{`) || strings.HasPrefix(rest, `\x{`):
			b.WriteString(`\x{`)
			i += 3
		case strings.HasPrefix(rest, `\u`) && len(rest) >= 6:
			b.WriteString(`\x{` + rest[2:6] + `}`)
			i += 6
		case rest[0] == '\\' && len(rest) > 1:
			if c := rest[1]; c < '1' || c > '9' {
				escape := rest[:2]
				if unicode.IsLetter(rune(c)) && !strings.ContainsRune("dDwWsSbBtnrfvpPx", rune(c)) {
					escape = rest[1:2] // \e is e
				}
				b.WriteString(escape)
			}
			i += 2
		case rest[0] == '{':
			end := strings.IndexByte(rest, '}')
			if n, ok := repetition(rest, end); ok {
				b.WriteString(n)
				i += end + 1
				break
			}
			b.WriteString(`\{`)
			i++
		default:
			b.WriteByte(rest[0])
			i++
		}
	}
	return b.String()
}

// repetition reads {n,m}, with numbers that Go's engine takes.
func repetition(text string, end int) (string, bool) {
	if end < 2 {
		return "", false
	}
	parts := strings.SplitN(text[1:end], ",", 2)
	for i, p := range parts {
		n, err := strconv.Atoi(p)
		if err != nil && (p != "" || i == 0) {
			return "", false
		}
		if n > 1000 {
			parts[i] = "1000"
		}
	}
	return "{" + strings.Join(parts, ",") + "}", true
}

// groupEnd gives the length of the group that a text begins with.
func groupEnd(text string) int {
	depth, class := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\':
			i++
		case class:
			class = c != ']'
		case c == '[':
			class = true
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(text)
}

// lengths gives the shortest and the longest that an expression matches.
func lengths(t *syntax.Regexp) (shortest, longest int) {
	switch t.Op {
	case syntax.OpLiteral:
		return len(t.Rune), len(t.Rune)
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return 1, 1
	case syntax.OpCapture:
		return lengths(t.Sub[0])
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		low, high := times(t)
		a, b := lengths(t.Sub[0])
		return min(a*low, endless), min(max(b, 0)*high, endless)
	case syntax.OpConcat:
		for _, s := range t.Sub {
			a, b := lengths(s)
			shortest, longest = min(shortest+a, endless), min(longest+b, endless)
		}
		return shortest, longest
	case syntax.OpAlternate:
		shortest = endless
		for _, s := range t.Sub {
			a, b := lengths(s)
			shortest, longest = min(shortest, a), max(longest, b)
		}
		return shortest, longest
	}
	return 0, 0
}

// times gives how often an expression may be repeated.
func times(t *syntax.Regexp) (low, high int) {
	switch t.Op {
	case syntax.OpStar:
		return 0, endless
	case syntax.OpPlus:
		return 1, endless
	case syntax.OpQuest:
		return 0, 1
	}
	if t.Max < 0 {
		return t.Min, endless
	}
	return t.Min, t.Max
}

// make draws a string of shortest to longest characters, where that can be met.
func (p *pattern) make(random *rand.Rand, shortest, longest int) string {
	low, high := max(shortest, p.min), min(longest, p.max)
	if high > low+12 { // no longer than needed
		high = low + 12
	}
	if low == 0 && high > 1 {
		low = 1
	}
	want := low
	if high > low {
		want += random.IntN(high - low + 1)
	}
	m := patternMaker{random: random}
	m.write(p.tree, want-p.min)
	for n := len(m.out); n < shortest && (p.open || p.free); n++ {
		more := rune('a' + random.IntN(26))
		if p.open {
			m.out = append(m.out, more)
		} else {
			m.out = slices.Insert(m.out, 0, more)
		}
	}
	return string(m.out)
}

type patternMaker struct {
	random *rand.Rand
	out    []rune
}

// write appends a match that is extra characters longer than the shortest, and gives how many of them it could not place.
func (m *patternMaker) write(t *syntax.Regexp, extra int) int {
	switch t.Op {
	case syntax.OpLiteral:
		m.out = append(m.out, t.Rune...)
	case syntax.OpCharClass:
		m.out = append(m.out, m.draw(t.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		m.out = append(m.out, rune('a'+m.random.IntN(26)))
	case syntax.OpCapture:
		return m.write(t.Sub[0], extra)
	case syntax.OpConcat:
		return m.concat(t.Sub, extra)
	case syntax.OpAlternate:
		return m.alternate(t.Sub, extra)
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		return m.repeat(t, extra)
	}
	return extra
}

func (m *patternMaker) concat(subs []*syntax.Regexp, extra int) int {
	room := make([]int, len(subs))
	total := 0
	for i, s := range subs {
		a, b := lengths(s)
		room[i] = b - a
		total += room[i]
	}
	left := extra // not yet placed
	for i, s := range subs {
		total -= room[i]
		share := min(left, room[i])
		if share > 0 && total > 0 {
			least := max(0, left-total)
			share = least + m.random.IntN(share-min(least, share)+1)
		}
		left -= share - m.write(s, min(share, room[i]))
	}
	return left
}

func (m *patternMaker) alternate(subs []*syntax.Regexp, extra int) int {
	shortest := endless
	for _, s := range subs {
		a, _ := lengths(s)
		shortest = min(shortest, a)
	}
	var fit []*syntax.Regexp
	for _, s := range subs {
		if a, b := lengths(s); a <= shortest+extra && b >= shortest+extra {
			fit = append(fit, s)
		}
	}
	if len(fit) == 0 {
		for _, s := range subs {
			if a, _ := lengths(s); a <= shortest+extra {
				fit = append(fit, s)
			}
		}
	}
	s := fit[m.random.IntN(len(fit))]
	a, _ := lengths(s)
	return m.write(s, extra-(a-shortest))
}

func (m *patternMaker) repeat(t *syntax.Regexp, extra int) int {
	low, high := times(t)
	a, b := lengths(t.Sub[0])
	n := low
	if extra > 0 && b > 0 {
		// As many more as take up the extra, each of a length between the shortest and the longest.
		most := high - low
		if a > 0 {
			most = min(most, extra/a)
		}
		least := 0
		for low*(b-a)+least*b < extra && least < most {
			least++
		}
		n += least
		if most > least && a > 0 {
			n += m.random.IntN(most - least + 1)
		}
		extra -= (n - low) * a
	}
	for i := range n {
		share := min(extra, b-a)
		if rest := n - i - 1; rest > 0 && share > 0 {
			least := max(0, extra-rest*(b-a))
			share = min(share, least+m.random.IntN(share-min(least, share)+1))
		}
		extra -= share - m.write(t.Sub[0], max(share, 0))
	}
	return extra
}

// friendly are the characters that people like to see: those of the first list that a class has any of.
var friendly = [][][2]rune{
	{{'a', 'z'}, {'0', '9'}, {'A', 'Z'}},
	{{'!', '~'}},
	{{' ', ' '}},
	{{0xA1, 0xD7FF}},
	{{0, 0xD7FF}, {0xE000, unicode.MaxRune}},
}

// draw picks a character of a class: a friendly one if it has any.
func (m *patternMaker) draw(class []rune) rune {
	for _, list := range friendly {
		var found [][2]rune
		count := 0
		for _, want := range list {
			for i := 0; i+1 < len(class); i += 2 {
				if a, b := max(class[i], want[0]), min(class[i+1], want[1]); a <= b {
					found = append(found, [2]rune{a, b})
					count += int(b-a) + 1
				}
			}
		}
		if count == 0 {
			continue
		}
		n := m.random.IntN(count)
		for _, f := range found {
			if size := int(f[1]-f[0]) + 1; n >= size {
				n -= size
				continue
			}
			return f[0] + rune(n)
		}
	}
	return 'x'
}
