package contracttest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"understudy/internal/contract"
)

// Target is the implementation that is checked, and what may be done to it.
type Target struct {
	URL     string       // where the document's paths begin: it replaces the document's server, the server's path included
	Handler http.Handler // instead of a URL; the document's first server path is kept. It is served on a port of its own while the check runs

	Header      http.Header       // sent with every request; one that is a credential which the document declares is that credential
	Token       string            // the credential for every security scheme that has none in Credentials; of basic, "user:password"
	Credentials map[string]string // by the name of a security scheme
	Second      map[string]string // those of an identity with fewer rights; "" stands for every scheme without its own
	Login       Login             // gets the Token, at the beginning and whenever it has expired; nil: it never does
	SecondLogin Login             // likewise that of the second identity
	ProbeHeader string            // a header that tells the target which case a request is for, such as X-Understudy-Case; "": none

	Writes      bool               // allow requests other than GET, HEAD and OPTIONS; only what the check created is changed or deleted
	Seed        uint64             // of the values that are made up
	Include     []string           // of operations, by operation id, path, method, tag or rule, with * for anything; none: all
	Exclude     []string           // likewise; it wins over Include
	Expect      map[string][]int   // statuses with which operations may answer although the document does not say so: "users_list": {403}; the keys are as in Include
	MinCoverage map[string]float64 // how much has to be exercised, in percent, by the kinds of [Coverages]
	Strict      bool               // warnings break
	MaxRequests int                // 0: no bound
	MaxTime     time.Duration      // 0: no bound
	MaxWalk     int                // how many items of one list are read; 0: 500
	Consistency time.Duration      // how long a write may take to be seen by reads; 0: none
	Timeout     time.Duration      // of one request; 0: 10 s
	Rate        float64            // requests a second; 0: no bound
	Workers     int                // requests at once; 0: 4. Requests that write are sent one after the other
	Shard       string             // the part of the check that is run, such as "2/5": the same parts for everybody, by collections; "": all
	DryRun      bool               // send only the reads that planning needs, and report what would be sent

	Record   bool           // write down the exchanges of every case, and not only those of findings
	Progress func(Progress) // called now and then while the check runs; nil: nobody is told
}

// Login gets a credential, for all security schemes without their own. It is never called twice at once for one identity. [LoginRequest].Get is one.
type Login = func(ctx context.Context) (string, error)

// Progress says how far a check is.
type Progress struct {
	Done, Cases int // of all cases
	Requests    int
	Broken      int
	Doing       string

	Report func() *Report // gives what is known by now; it may be called from any goroutine, at any time while the check runs, and after
}

const (
	defaultWalk    = 500
	defaultTimeout = 10 * time.Second
	defaultWorkers = 4
)

// settle fills in what is zero, and refuses what cannot be meant.
func (t *Target) settle(doc *contract.Document) (*url.URL, error) {
	t.MaxWalk = cmp.Or(t.MaxWalk, defaultWalk)
	t.Timeout = cmp.Or(t.Timeout, defaultTimeout)
	t.Workers = max(cmp.Or(t.Workers, defaultWorkers), 1)
	if t.ProbeHeader != "" && !isToken(t.ProbeHeader) {
		return nil, fmt.Errorf("the probe header %q is no name of a header", t.ProbeHeader)
	}
	if t.Handler != nil {
		return nil, nil
	}
	if t.URL == "" {
		return nil, errors.New("no target: neither a URL nor a handler")
	}
	u, err := url.Parse(t.URL)
	if err != nil {
		return nil, fmt.Errorf("the target %q is no URL: %w", t.URL, err)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("the target %q is no URL: it begins with http:// or https:// and a host, such as http://localhost:8000%s", t.URL, doc.Bases()[0])
	}
	if u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("the target %q has a query or a fragment; it is what all paths of the document begin with", t.URL)
	}
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), ""
	return u, nil
}

// hide makes secrets known that no security scheme declares, so that nothing prints them: those of headers whose names sound like it, and of the address.
func hide(creds *credentials, header http.Header, base *url.URL) {
	for name, values := range header {
		for i, v := range values {
			if !looksSecret(name) {
				continue
			}
			key := "header " + name // no scheme is called so
			if i > 0 {
				key += fmt.Sprint(" ", i+1)
			}
			if _, secret, ok := strings.Cut(v, " "); ok && strings.EqualFold(name, "Authorization") {
				v = secret
			}
			creds.first.now()[key] = v
		}
	}
	if password, ok := base.User.Password(); ok {
		creds.first.now()["password"] = password
	}
}

// isToken tells whether a text may be the name of a header (RFC 9110 §5.6.2).
func isToken(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	})
}
