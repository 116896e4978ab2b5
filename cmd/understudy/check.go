package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"understudy"
	"understudy/contracttest"
	"understudy/internal/report"
)

// errUnsure says that it could not be told what was to be found, and that this was printed.
var errUnsure = errors.New("it could not be told")

// checkFlags are what a target is said by.
type checkFlags struct {
	target      contracttest.Target
	headers     []string
	credentials []string
	second      []string
	reports     reportFlags
	login       loginFlags
	config      configFlags
	expect      []string
	least       map[string]string
}

func checkCommand() *cobra.Command {
	var f checkFlags
	var document documentFlags
	cmd := &cobra.Command{
		Use:   "check --base-url URL [DOCUMENT]",
		Short: "Check a running service against a document",
		Long: `Check a running service against a document (authentik's invitation API, if none is given): not only the shape of its answers, but what it does:
pages, orders, filters, searches, credentials, HTTP and, where that is allowed, writes.

It only reads, unless --allow-writes is given; then it changes and deletes only what it created itself,
and where the document has nothing that deletes an item, a few stay and are listed. What breaks is tried again from scratch before
it is told. Credentials come from --token, --credential and --header, or from the environment: UNDERSTUDY_TOKEN, and UNDERSTUDY_CREDENTIAL_NAME
for the security scheme NAME. --login or --token-command gets one that expires. What is said each time can stand in understudy.yaml beside the
document: see understudy init.

--min-coverage counts operations that answered with a documented success, rules that could be judged at least once, documented statuses that came (but
for 5XX and default), and parameters that were sent. --shard 2/5 checks a part; understudy report merge joins the parts, and judges the coverage.

Exit status: 0 if the contract is kept as far as was exercised; 1 if it is broken, or too little was exercised; 2 if that could not be told.`,
		Example: `  understudy check --base-url http://localhost:9000/api/v3 --token s3cret
  understudy check --base-url http://localhost:8000 --allow-writes openapi.yaml
  understudy check --base-url http://localhost:8000 --include 'paging/*' --include GET openapi.yaml
  understudy check --base-url http://localhost:8000 --report html=report.html --report junit=junit.xml openapi.yaml
  understudy check --base-url http://localhost:8000 --baseline known.yaml openapi.yaml`,
		Args: arguments(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			name := ""
			if len(args) > 0 {
				name = args[0]
			}
			return f.check(cmd, &document, name)
		},
	}
	f.add(cmd.Flags())
	document.add(cmd.Flags())
	return cmd
}

func (f *checkFlags) add(flags *pflag.FlagSet) {
	t := &f.target
	flags.StringVar(&t.URL, "base-url", "", "where the service is: what all paths of the document begin with; it replaces the document's server")
	flags.StringVar(&t.Token, "token", "", "the credential for every security scheme; of basic, user:password")
	flags.StringArrayVar(&f.credentials, "credential", nil, "the credential of one security scheme, NAME=SECRET")
	flags.StringArrayVar(&f.second, "second", nil, "a credential of somebody with fewer rights: SECRET, or NAME=SECRET")
	f.config.add(flags)
	f.login.add(flags)
	flags.StringVar(&t.ProbeHeader, "probe-header", "", "name the case in this header of each request, such as X-Understudy-Case")
	flags.StringArrayVarP(&f.headers, "header", "H", nil, "a header of every request, 'Name: value'")
	flags.BoolVar(&t.Writes, "allow-writes", false, "create items, and change and delete what was created; where the document has no DELETE, a few stay, and are listed")
	flags.StringArrayVar(&t.Include, "include", nil, "check only these: an operation id, path, method, tag or rule, with * for anything")
	flags.StringArrayVar(&t.Exclude, "exclude", nil, "leave these out; it wins over --include")
	flags.StringArrayVar(&f.expect, "expect", nil, "a status that may be answered although the document does not say so, OPERATION=STATUS,STATUS; named as in --include")
	flags.StringToStringVar(&f.least, "min-coverage", nil, "how much has to be exercised, such as operations=100%,rules=80%: of operations, rules, statuses or parameters")
	flags.BoolVar(&t.Strict, "strict", false, "warnings break, and properties that the document does not name are warned of")
	flags.BoolVar(&t.DryRun, "dry-run", false, "send only the reads that planning needs, and print what would be sent")
	flags.StringVar(&t.Shard, "shard", "", "check only this part of several, such as 2/5; auto reads which from the CI system's variables")
	f.reports.add(flags)
	flags.Uint64Var(&t.Seed, "seed", 0, "of the values that are made up")
	flags.IntVar(&t.MaxRequests, "max-requests", 0, "how many requests may be sent; 0 is no bound")
	flags.DurationVar(&t.MaxTime, "max-time", 0, "how long it may take; 0 is no bound")
	flags.IntVar(&t.MaxWalk, "max-walk", 500, "how many items of one list are read")
	flags.DurationVar(&t.Consistency, "consistency", 0, "how long it may take until a write is seen by reads")
	flags.DurationVar(&t.Timeout, "timeout", 10*time.Second, "of one request")
	flags.Float64Var(&t.Rate, "rate", 0, "requests a second; 0 is no bound")
	flags.IntVar(&t.Workers, "workers", 4, "requests at once; writes are sent one after the other")
}

// check runs the check and prints its report.
func (f *checkFlags) check(cmd *cobra.Command, document *documentFlags, name string) error {
	name, err := f.config.apply(cmd, name)
	if err != nil {
		return err
	}
	result, err := f.run(cmd, document, name)
	if err != nil {
		return err
	}
	return f.reports.finish(cmd, result)
}

// run runs the check; the reports are written while it runs.
func (f *checkFlags) run(cmd *cobra.Command, document *documentFlags, name string) (*contracttest.Report, error) {
	if err := f.settle(); err != nil {
		return nil, err
	}
	doc, err := document.open(cmd.Context(), name)
	if err != nil {
		return nil, err
	}
	if err := f.identify(doc); err != nil {
		return nil, err
	}
	if err := f.login.settle(&f.target, doc); err != nil {
		return nil, err
	}
	if err := f.reports.open(cmd.OutOrStdout()); err != nil {
		return nil, err
	}
	printWarnings(cmd.ErrOrStderr(), doc)
	progress := newProgress(cmd.ErrOrStderr())
	f.target.Record = slices.ContainsFunc(f.reports.outputs, report.Output.Recorded)
	f.target.Progress = func(now contracttest.Progress) {
		progress.tell(now)
		f.reports.files.Follow(now.Report)
	}
	result, err := contracttest.Check(cmd.Context(), doc, f.target)
	progress.clear()
	if err != nil {
		_ = f.reports.files.Close(nil) // writes nothing
		return nil, hinted{err, "see understudy check --help"}
	}
	return result, nil
}

// outcome is the error that stands for a report's verdict.
func outcome(r *contracttest.Report) error {
	switch r.ExitStatus() {
	case exitBroken:
		return errWrong
	case exitUnsure:
		return errUnsure
	}
	return nil
}

// settle reads the flags that are pairs, and refuses what cannot be meant.
func (f *checkFlags) settle() error {
	t := &f.target
	if t.URL == "" {
		return hinted{errors.New("--base-url is missing: nothing says where the service is"), "understudy check --base-url http://localhost:8000 openapi.yaml"}
	}
	for name, negative := range map[string]bool{
		"max-requests": t.MaxRequests < 0, "max-time": t.MaxTime < 0, "max-walk": t.MaxWalk < 1, "consistency": t.Consistency < 0,
		"timeout": t.Timeout <= 0, "rate": t.Rate < 0, "workers": t.Workers < 1,
	} {
		if negative {
			return hinted{fmt.Errorf("--%s: too small", name), "see understudy check --help"}
		}
	}
	if t.Shard == "auto" {
		shard, err := shardOfEnvironment()
		if err != nil {
			return err
		}
		t.Shard = shard
	}
	t.Header = http.Header{}
	for _, h := range f.headers {
		name, value, ok := strings.Cut(h, ":")
		if !ok || strings.TrimSpace(name) == "" {
			return hinted{errors.New("--header: not a name, a colon and a value"), "--header 'Accept-Language: de'"}
		}
		t.Header.Add(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	if err := f.gate(); err != nil {
		return err
	}
	if t.Token == "" && f.login.request == "" && f.login.command == "" {
		t.Token = os.Getenv("UNDERSTUDY_TOKEN")
	}
	return f.reports.settle()
}

// gate reads what is expected beside the document, and how much has to be exercised.
func (f *checkFlags) gate() error {
	t := &f.target
	t.Expect, t.MinCoverage = map[string][]int{}, map[string]float64{}
	for _, text := range f.expect {
		name, statuses, ok := strings.Cut(text, "=")
		for _, s := range strings.Split(statuses, ",") {
			status, err := strconv.Atoi(strings.TrimSpace(s))
			if err != nil || !ok || name == "" {
				return hinted{fmt.Errorf("--expect %s: not an operation, = and statuses", text), "--expect users_list=403"}
			}
			t.Expect[name] = append(t.Expect[name], status)
		}
	}
	for of, text := range f.least {
		percent, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(text, "%")), 64)
		if err != nil {
			return hinted{fmt.Errorf("--min-coverage %s=%s: not a percentage", of, text), "--min-coverage operations=100%,rules=80%"}
		}
		t.MinCoverage[of] = percent
	}
	return nil
}

// identify reads the credentials of the document's security schemes, from flags and from the environment.
func (f *checkFlags) identify(doc *understudy.Document) error {
	var schemes []string
	for _, op := range doc.Operations() {
		for _, need := range op.Security {
			for _, s := range need {
				schemes = append(schemes, s.Name)
			}
		}
	}
	slices.Sort(schemes)
	schemes = slices.Compact(schemes)
	t := &f.target
	t.Credentials, t.Second = map[string]string{}, map[string]string{}
	for _, name := range schemes {
		if secret := os.Getenv("UNDERSTUDY_CREDENTIAL_" + name); secret != "" {
			t.Credentials[name] = secret
		}
	}
	for _, c := range f.credentials {
		name, secret, ok := strings.Cut(c, "=")
		switch {
		case !ok || name == "" || secret == "":
			return hinted{errors.New("--credential: not the name of a security scheme, = and a secret"), "--credential apiKey=s3cret"}
		case !slices.Contains(schemes, name):
			return hinted{errors.New("--credential: the document has no such security scheme"), "it has " + cmp.Or(strings.Join(schemes, ", "), "none")}
		}
		t.Credentials[name] = secret
	}
	for _, c := range f.second {
		if name, secret, ok := strings.Cut(c, "="); ok && slices.Contains(schemes, name) {
			t.Second[name] = secret
		} else {
			t.Second[""] = c
		}
	}
	return nil
}

// progress is one line on a terminal; elsewhere it is nothing.
type progress struct {
	w       io.Writer
	on      bool
	written bool
}

func newProgress(w io.Writer) *progress { return &progress{w: w, on: isTerminal(w)} }

func (p *progress) tell(now contracttest.Progress) {
	doing := now.Doing
	if len(doing) > 60 {
		doing = doing[:60]
	}
	p.print(fmt.Sprintf("%d of %d cases, %d requests, %d broken: %s", now.Done, now.Cases, now.Requests, now.Broken, doing))
}

// print writes the line in the place of the one before.
func (p *progress) print(text string) {
	if p.on {
		p.written = true
		fmt.Fprint(p.w, "\r\x1b[K"+text)
	}
}

func (p *progress) clear() {
	if p.written {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}

func isTerminal(w io.Writer) bool {
	if e, ok := w.(*firstError); ok {
		w = e.w
	}
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// paint colours the words that begin a line of a report, on a terminal and unless NO_COLOR says otherwise (no-color.org).
func paint(w io.Writer, text string) string {
	if !isTerminal(w) || os.Getenv("NO_COLOR") != "" {
		return text
	}
	colours := map[string]string{"BROKEN": "31", "NOT": "31", "WARNING": "33", "FLAKY": "35", "COULD": "33", "KEPT": "32", "KNOWN": "36", "MISSED": "31", "CAUGHT": "33", "SCORE": "32"}
	var b strings.Builder
	for line := range strings.Lines(text) {
		word := strings.TrimRight(strings.SplitN(line, " ", 2)[0], ":")
		if c := colours[word]; c != "" {
			line = "\x1b[1;" + c + "m" + word + "\x1b[0m" + strings.TrimPrefix(line, word)
		}
		b.WriteString(line)
	}
	return b.String()
}
