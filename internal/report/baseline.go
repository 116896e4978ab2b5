package report

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"understudy/contracttest"
	"understudy/internal/source"
)

// Baseline is what is known to be broken and accepted for a time: a YAML file beside the document.
type Baseline struct {
	file    string
	root    *yaml.Node // with comments
	list    *yaml.Node // of findings
	entries []entry
}

// entry is one known finding, and where it was written.
type entry struct {
	contracttest.Known
	node *yaml.Node
}

const baselineHead = `# What is known to be broken, and accepted for a time: a finding that is not listed fails the check, and so does one that has expired.
# understudy check --baseline FILE --update-baseline adds what is new and takes out what is no longer broken.
# Reason, ticket and expires (the last day on which it is accepted, 2027-01-31) are for people to write; comments are kept.
findings: []
`

// ReadBaseline reads a baseline. One that does not exist is empty if it may be missing.
func ReadBaseline(file string, mayBeMissing bool) (*Baseline, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) && mayBeMissing {
		text, err = []byte(baselineHead), nil
	}
	if err != nil {
		return nil, err
	}
	f, err := source.Parse(file, text)
	if err != nil {
		return nil, err
	}
	b := &Baseline{file: file, root: &yaml.Node{}}
	if err := yaml.Unmarshal(text, b.root); err != nil {
		return nil, err
	}
	return b, b.read(f)
}

func (b *Baseline) read(f *source.File) error {
	wrong := func(n *yaml.Node, hint, format string, args ...any) error {
		e := f.Errorf(n, format, args...)
		e.Hint = hint
		return e
	}
	const example = "findings: [{fingerprint: 0123456789abcdef, rule: conform/body, operations: [users_list], reason: fixed in June, expires: 2027-06-30}]"
	if b.root.Kind != yaml.DocumentNode || b.root.Content[0].Kind != yaml.MappingNode {
		return wrong(f.Root, example, "a baseline is a map with findings")
	}
	for k, v := range source.Pairs(b.root.Content[0]) {
		if k.Value != "findings" || v.Kind != yaml.SequenceNode {
			return wrong(k, example, "%q is not what a baseline has: a list of findings", k.Value)
		}
		b.list = v
	}
	if b.list == nil {
		return wrong(f.Root, example, "a baseline has findings")
	}
	seen := map[string]bool{}
	for _, n := range b.list.Content {
		if n.Kind != yaml.MappingNode {
			return wrong(n, example, "a finding is a map")
		}
		e := entry{node: n}
		fields := map[string]*string{
			"fingerprint": &e.Fingerprint, "rule": &e.Rule, "reason": &e.Reason, "ticket": &e.Ticket, "first_seen": &e.FirstSeen, "expires": &e.Expires,
		}
		for k, v := range source.Pairs(n) {
			to := fields[k.Value]
			switch {
			case k.Value == "operations" && v.Kind == yaml.SequenceNode:
				for _, op := range v.Content {
					e.Operations = append(e.Operations, op.Value)
				}
			case to == nil:
				return wrong(k, "a finding has fingerprint, rule, operations, reason, ticket, first_seen and expires", "%q is not what a finding has", k.Value)
			case v.Kind != yaml.ScalarNode:
				return wrong(v, example, "%s is no text", k.Value)
			case v.Tag != "!!null":
				*to = v.Value
			}
			if k.Value == "first_seen" || k.Value == "expires" {
				if _, err := time.Parse(time.DateOnly, v.Value); err != nil && v.Tag != "!!null" && v.Value != "" {
					return wrong(v, k.Value+": 2027-06-30", "%s is %q, which is no date", k.Value, v.Value)
				}
			}
		}
		switch {
		case e.Fingerprint == "":
			return wrong(n, example, "a finding without its fingerprint")
		case len(e.Operations) == 0:
			return wrong(n, example, "a finding without operations")
		case seen[e.Fingerprint]:
			return wrong(n, "make one of the two", "the finding %s is there twice", e.Fingerprint)
		}
		seen[e.Fingerprint] = true
		b.entries = append(b.entries, e)
	}
	return nil
}

// Apply says of every finding whether it is known, and tells what is no longer broken. Now decides what has expired.
func (b *Baseline) Apply(r *contracttest.Report, now time.Time) {
	r.Gone = nil
	for i := range b.entries {
		known := b.entries[i].Known
		known.Expired = known.Expires != "" && now.UTC().Format(time.DateOnly) > known.Expires
		found := false
		for _, f := range r.Findings {
			if f.Fingerprint != known.Fingerprint {
				continue
			}
			found = true
			k := known
			k.Without = slices.DeleteFunc(slices.Clone(f.Operations), func(op string) bool { return slices.Contains(known.Operations, op) })
			f.Known = &k
		}
		if !found && mended(r, &known) {
			r.Gone = append(r.Gone, known)
		}
	}
}

// mended tells whether a known finding that was not found is gone: all of its operations were asked by its rule, nothing of it was left out, and everything
// was kept.
func mended(r *contracttest.Report, k *contracttest.Known) bool {
	if r.Running || r.Stopped != "" {
		return false
	}
	for _, op := range k.Operations {
		kept := false
		for i := range r.Cases {
			if c := &r.Cases[i]; c.Operation == op && c.Rule == k.Rule {
				if c.Verdict == contracttest.Skipped {
					return false
				}
				kept = true
			}
		}
		if !kept {
			return false
		}
	}
	return true
}

// Update adds the findings that count and are not known, takes out what is gone, and writes the file. What has expired stays as it is: an expiry that every
// update put off would be none. It says how many it added and took out.
func (b *Baseline) Update(r *contracttest.Report, now time.Time) (added, gone int, err error) {
	b.Apply(r, now)
	for _, k := range r.Gone {
		if e := b.find(k.Fingerprint); e != nil {
			b.list.Content = slices.DeleteFunc(b.list.Content, func(n *yaml.Node) bool { return n == e.node })
		}
		gone++
	}
	for _, f := range r.Findings {
		if !r.Counts(f) {
			continue
		}
		if e := b.find(f.Fingerprint); e != nil {
			for k, v := range source.Pairs(e.node) {
				if k.Value == "operations" {
					for _, op := range f.Known.Without {
						v.Content = append(v.Content, text(op))
						added++
					}
				}
			}
			continue
		}
		b.list.Style = 0
		b.list.Content = append(b.list.Content, written(f, now))
		added++
	}
	var out bytes.Buffer
	e := yaml.NewEncoder(&out)
	e.SetIndent(2)
	if err := errors.Join(e.Encode(b.root), e.Close()); err != nil {
		return 0, 0, err
	}
	if err := os.WriteFile(b.file, out.Bytes(), 0o644); err != nil {
		return 0, 0, err
	}
	again, err := ReadBaseline(b.file, false)
	if err != nil {
		return 0, 0, err
	}
	*b = *again
	b.Apply(r, now)
	return added, gone, nil
}

func (b *Baseline) find(fingerprint string) *entry {
	i := slices.IndexFunc(b.entries, func(e entry) bool { return e.Fingerprint == fingerprint })
	if i < 0 {
		return nil
	}
	return &b.entries[i]
}

// written is a finding as it stands in a baseline.
func written(f *contracttest.Finding, now time.Time) *yaml.Node {
	operations := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
	for _, op := range f.Operations {
		operations.Content = append(operations.Content, text(op))
	}
	n := &yaml.Node{Kind: yaml.MappingNode}
	add := func(key string, value *yaml.Node) { n.Content = append(n.Content, text(key), value) }
	add("fingerprint", text(f.Fingerprint))
	add("rule", text(f.Rule))
	add("operations", operations)
	add("reason", text(""))
	add("ticket", text(""))
	add("first_seen", &yaml.Node{Kind: yaml.ScalarNode, Value: now.UTC().Format(time.DateOnly)})
	n.Content[0].HeadComment = "got " + oneLine(f.Got) + "; wanted " + oneLine(f.Want)
	return n
}

func text(s string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(s)
	return n
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
