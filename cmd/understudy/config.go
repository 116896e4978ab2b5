package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"understudy/internal/source"
)

// configName is the file that is looked for beside a document.
const configName = "understudy.yaml"

// configFlags say which file repeats the flags of a check, and which of its targets is meant.
type configFlags struct{ file, target string }

func (f *configFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.file, "config", "", "the `file` that says what is repeated (default: "+configName+" beside the document, or here); see understudy init")
	flags.StringVar(&f.target, "target", "", "which of the targets in that file is checked")
}

// Keys of the file that are no flags, and flags that the file cannot say.
var (
	configKeys = []string{"document", "targets"}
	notInFile  = []string{"config", "help", "update-baseline"}
)

// pairs are the flags that may be written as a map, with what stands between the two in the flag.
var pairs = map[string]string{"credential": "=", "second": "=", "expect": "=", "min-coverage": "=", "report": "=", "header": ": "}

// filesBeside are the flags that name files, which stand beside the file that names them.
var filesBeside = []string{"overlay", "baseline", "report"}

// oneOf are the flags that say together how the credential is got: whoever says one of them means none of the file's.
var oneOf = []string{"token", "token-command", "login", "login-body", "login-token"}

// config is such a file.
type config struct {
	*source.File
	flags *pflag.FlagSet
	dir   string
}

// apply sets the flags that the file says and the command line does not, but for those that are without meaning here, and gives the document: that of the command
// line, or the file's. It says on stderr which file and target are used.
func (f *configFlags) apply(cmd *cobra.Command, document string, without ...string) (string, error) {
	c, err := f.find(cmd.Flags(), document)
	if err != nil || c == nil {
		return document, err
	}
	if err := c.check(); err != nil {
		return "", err
	}
	said := map[string]bool{} // on the command line
	for _, name := range without {
		said[name] = true
	}
	cmd.Flags().Visit(func(flag *pflag.Flag) { said[flag.Name] = true })
	name, target, err := f.pick(c)
	if err != nil {
		return "", err
	}
	used := fmt.Sprintf("understudy: with %s", c.Name)
	if name != "" {
		used += ", target " + name
	}
	fmt.Fprintln(cmd.ErrOrStderr(), used)
	for _, part := range []*source.Node{target, c.Root} { // the target's wins
		if slices.ContainsFunc(oneOf, func(name string) bool { return said[name] }) {
			for _, name := range oneOf {
				said[name] = true
			}
		}
		for k, v := range source.Pairs(part) {
			if said[k.Value] || slices.Contains(configKeys, k.Value) || k.Value == "target" {
				continue
			}
			if err := c.set(k, v); err != nil {
				return "", err
			}
		}
		for k := range source.Pairs(part) {
			said[k.Value] = true
		}
	}
	if n := c.Get(c.Root, "document"); document == "" && n != nil {
		return c.beside(n.Value), nil
	}
	return document, nil
}

// find reads the file that was named, or one beside the document that is about no other; nil if there is none.
func (f *configFlags) find(flags *pflag.FlagSet, document string) (*config, error) {
	name := f.file
	if name == "" {
		if document == "-" || strings.Contains(document, "://") {
			return nil, nil
		}
		name = filepath.Join(filepath.Dir(document), configName)
	}
	data, err := os.ReadFile(name)
	switch {
	case errors.Is(err, os.ErrNotExist) && f.file == "" && f.target == "":
		return nil, nil
	case err != nil:
		return nil, hinted{err, "understudy init writes one"}
	}
	file, err := source.Parse(name, data)
	if err != nil {
		return nil, err
	}
	c := &config{file, flags, filepath.Dir(name)}
	if n := file.Get(file.Root, "document"); f.file == "" && document != "" && n != nil && filepath.Clean(c.beside(n.Value)) != filepath.Clean(document) {
		return nil, nil
	}
	return c, nil
}

// beside gives the name of a file that stands beside the config; one elsewhere, or an address, stays.
func (c *config) beside(name string) string {
	if filepath.IsAbs(name) || name == "-" || strings.Contains(name, "://") {
		return name
	}
	return filepath.Join(c.dir, name)
}

// pick gives the target that is meant: the one that was named, or the only one; nil if the file has none.
func (f *configFlags) pick(c *config) (string, *source.Node, error) {
	targets := c.Get(c.Root, "targets")
	var names []string
	for k := range source.Pairs(targets) {
		names = append(names, k.Value)
	}
	name := f.target
	if n := c.Get(c.Root, "target"); name == "" && n != nil {
		name = n.Value
	}
	switch {
	case name == "" && len(names) == 1:
		name = names[0]
	case name == "" && len(names) == 0:
		return "", nil, nil
	case name == "" && c.flags.Changed("base-url"):
		return "", nil, nil
	case name == "":
		return "", nil, hinted{c.Errorf(targets, "nothing says which target is meant"), "--target with one of " + strings.Join(names, ", ")}
	case !slices.Contains(names, name):
		return "", nil, hinted{fmt.Errorf("%s: there is no target %q", c.Name, name), nearest(name, names)}
	}
	return name, c.Get(targets, name), nil
}

// check refuses what no flag is called, and what a flag cannot be.
func (c *config) check() error {
	if source.IsNull(c.Root) {
		return nil
	}
	if err := c.keys(c.Root, c.Name, append(c.flagNames(), configKeys...)); err != nil {
		return err
	}
	targets := c.Get(c.Root, "targets")
	if targets != nil && !source.IsMap(targets) {
		return c.Errorf(targets, "targets: not a map of targets by their names")
	}
	if n := c.Get(c.Root, "document"); n != nil && !source.IsText(n) {
		return c.Errorf(n, "document: not the name of a file")
	}
	for k, v := range source.Pairs(targets) {
		names := slices.DeleteFunc(c.flagNames(), func(name string) bool { return name == "target" })
		if err := c.keys(v, "the target "+k.Value, names); err != nil {
			return err
		}
	}
	return nil
}

// keys checks the keys of one map, and the values of those that are flags.
func (c *config) keys(n *source.Node, what string, known []string) error {
	if !source.IsMap(n) {
		return c.Errorf(n, "%s is not a map of flags", what)
	}
	seen := map[string]bool{}
	for k, v := range source.Pairs(n) {
		switch {
		case !slices.Contains(known, k.Value):
			return hinted{c.Errorf(k, "unknown key %q", k.Value), nearest(k.Value, known)}
		case seen[k.Value]:
			return c.Errorf(k, "%q is written twice", k.Value)
		}
		seen[k.Value] = true
		if flag := c.flags.Lookup(k.Value); flag != nil {
			if _, err := c.texts(flag, v, func(_ *source.Node, text string) (string, error) { return text, nil }); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *config) flagNames() []string {
	var names []string
	c.flags.VisitAll(func(f *pflag.Flag) {
		if !slices.Contains(notInFile, f.Name) {
			names = append(names, f.Name)
		}
	})
	return names
}

// nearest says which of the names that are known was most likely meant.
func nearest(name string, known []string) string {
	root := &cobra.Command{SuggestionsMinimumDistance: 3}
	for _, k := range known {
		root.AddCommand(&cobra.Command{Use: k, Run: func(*cobra.Command, []string) {}})
	}
	if like := root.SuggestionsFor(name); len(like) > 0 {
		return "most likely " + strings.Join(like, ", or ")
	}
	return "known here: " + strings.Join(known, ", ")
}

// set sets a flag to what stands at a node, with variables of the environment in place of their names.
func (c *config) set(k, v *source.Node) error {
	flag := c.flags.Lookup(k.Value)
	texts, err := c.texts(flag, v, c.expand)
	if err != nil {
		return err
	}
	for _, text := range texts {
		text = c.besideIn(flag.Name, text)
		if err := c.flags.Set(flag.Name, text); err != nil {
			return hinted{c.Errorf(v, "%s: not %s", flag.Name, meant(flag.Value.Type())), "see understudy check --help"}
		}
	}
	return nil
}

// besideIn makes a file that a flag's text names one beside the config.
func (c *config) besideIn(flag, text string) string {
	switch {
	case isBody(flag) && strings.HasPrefix(text, "@"):
		return "@" + c.beside(text[1:])
	case !slices.Contains(filesBeside, flag):
		return text
	case pairs[flag] == "":
		return c.beside(text)
	}
	kind, name, _ := strings.Cut(text, pairs[flag])
	return kind + pairs[flag] + c.beside(name)
}

// isBody tells whether a flag is the body of a request, which may be written as a map.
func isBody(flag string) bool { return strings.HasSuffix(flag, "login-body") }

// variable is the name of a variable of the environment: ${NAME}.
var variable = regexp.MustCompile(`\$\{(\w+)\}`)

// expand puts variables of the environment in place of their names.
func (c *config) expand(n *source.Node, text string) (string, error) {
	var missing error
	text = variable.ReplaceAllStringFunc(text, func(name string) string {
		value, ok := os.LookupEnv(name[2 : len(name)-1])
		if !ok && missing == nil {
			missing = hinted{c.Errorf(n, "the environment has no %s", name[2:len(name)-1]), "export it, or check another target"}
		}
		return value
	})
	return text, missing
}

// texts gives what the flag is set to, one text for each time that it would stand on the command line.
func (c *config) texts(flag *pflag.Flag, v *source.Node, expand func(n *source.Node, text string) (string, error)) ([]string, error) {
	kind := flag.Value.Type()
	wrong := hinted{c.Errorf(v, "%s: not %s", flag.Name, meant(kind)), "see understudy check --help"}
	between, isPairs := pairs[flag.Name]
	switch {
	case isPairs && source.IsMap(v):
		var out []string
		for k, inner := range source.Pairs(v) {
			values, err := c.list(inner, wrong, expand)
			if err != nil {
				return nil, err
			}
			out = append(out, k.Value+between+strings.Join(values, ","))
		}
		return out, nil
	case kind == "stringArray":
		return c.list(v, wrong, expand)
	case isBody(flag.Name) && source.IsMap(v):
		whole := source.Copy(v)
		if err := within(whole, expand); err != nil {
			return nil, err
		}
		text, err := source.AppendJSON(nil, whole)
		if err != nil {
			return nil, wrong
		}
		return []string{string(text)}, nil
	case !fits(v, kind):
		return nil, wrong
	}
	text, err := expand(v, v.Value)
	return []string{text}, err
}

// within changes the texts in a tree.
func within(n *source.Node, expand func(n *source.Node, text string) (string, error)) (err error) {
	if source.IsText(n) {
		n.Value, err = expand(n, n.Value)
	}
	for _, inner := range n.Content {
		err = errors.Join(err, within(inner, expand))
	}
	return err
}

// list gives the texts of a list, or of one.
func (c *config) list(v *source.Node, wrong error, expand func(n *source.Node, text string) (string, error)) ([]string, error) {
	items := []*source.Node{v}
	if source.IsList(v) {
		items = v.Content
	}
	var out []string
	for _, item := range items {
		if item = source.Deref(item); !source.IsText(item) && item.Tag != "!!int" && item.Tag != "!!float" {
			return nil, wrong
		}
		text, err := expand(item, item.Value)
		if err != nil {
			return nil, err
		}
		out = append(out, text)
	}
	return out, nil
}

// fits tells whether a scalar may be the value of a flag of a type.
func fits(n *source.Node, kind string) bool {
	switch kind {
	case "bool":
		return n.Tag == "!!bool"
	case "int", "uint64":
		return n.Tag == "!!int"
	case "float64":
		return n.Tag == "!!int" || n.Tag == "!!float"
	}
	return source.IsText(n)
}
