package contract

import (
	"net/url"
	"regexp"
	"strings"
)

// template is a path template, such as /users/{id}/keys/. Each segment is literal, a parameter, or a mixture of both.
type template struct {
	text     string
	segments []segment
	params   []string // names in order
}

type segment struct {
	literal string         // if params is empty
	params  []string       // names in the segment
	mixed   *regexp.Regexp // of a segment that is more than one parameter; a group for each
	parts   []string       // of a mixture: literal, parameter, literal, …
}

func parseTemplate(text string) template {
	t := template{text: text}
	for _, s := range strings.Split(strings.TrimPrefix(text, "/"), "/") {
		seg := parseSegment(s)
		t.params = append(t.params, seg.params...)
		t.segments = append(t.segments, seg)
	}
	return t
}

func parseSegment(s string) segment {
	var seg segment
	expr := "(?s)^"
	for rest := s; ; {
		open := strings.IndexByte(rest, '{')
		end := strings.IndexByte(rest, '}')
		if open < 0 || end < open {
			seg.parts = append(seg.parts, rest)
			expr += regexp.QuoteMeta(rest) + "$"
			break
		}
		seg.parts = append(seg.parts, rest[:open], rest[open+1:end])
		seg.params = append(seg.params, rest[open+1:end])
		expr += regexp.QuoteMeta(rest[:open]) + "(.+?)"
		rest = rest[end+1:]
	}
	switch {
	case len(seg.params) == 0:
		seg.literal = s
	case len(seg.params) > 1 || s != "{"+seg.params[0]+"}":
		seg.mixed = regexp.MustCompile(expr)
	}
	return seg
}

// match appends the values of the segment's parameters, if it fits a segment of a path, unescaped.
func (s *segment) match(value string, dst []string) ([]string, bool) {
	switch {
	case len(s.params) == 0:
		return dst, s.literal == value
	case s.mixed == nil:
		return append(dst, value), value != ""
	}
	m := s.mixed.FindStringSubmatch(value)
	if m == nil {
		return dst, false
	}
	return append(dst, m[1:]...), true
}

// match gives the values of the template's parameters in their order, if the path fits.
func (t *template) match(path string) ([]string, bool) {
	segments := splitPath(path)
	if len(segments) != len(t.segments) {
		return nil, false
	}
	var values []string
	for i := range t.segments {
		var ok bool
		if values, ok = t.segments[i].match(segments[i], values); !ok {
			return nil, false
		}
	}
	return values, true
}

// expand is the inverse of match: the path with the parameters' values, escaped.
func (t *template) expand(values []string) string {
	var b strings.Builder
	next := 0
	for i := range t.segments {
		b.WriteByte('/')
		if len(t.segments[i].params) == 0 {
			b.WriteString(t.segments[i].literal)
			continue
		}
		for j, part := range t.segments[i].parts {
			if j%2 == 0 {
				b.WriteString(part)
			} else if next < len(values) {
				b.WriteString(url.PathEscape(values[next]))
				next++
			}
		}
	}
	return b.String()
}

// splitPath cuts an escaped path at its slashes and unescapes the pieces; what is not escaped well stays as it is. Several
// slashes in a row count as one.
func splitPath(path string) []string {
	segments := strings.Split(strings.TrimPrefix(collapse(path), "/"), "/")
	for i, s := range segments {
		if u, err := url.PathUnescape(s); err == nil {
			segments[i] = u
		}
	}
	return segments
}
