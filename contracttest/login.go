package contracttest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"understudy/internal/contract"
)

// identity is somebody as whom requests are sent: the secrets, and how to get another when the one at hand has expired.
type identity struct {
	held  atomic.Pointer[wallet]
	login Login // nil: the secrets are all there is

	logging  sync.Mutex // held while logging in: whoever waits for it finds another credential
	failures int
	failed   atomic.Pointer[error] // why the last login failed

	seen     sync.Mutex
	accepted map[*contract.Operation]bool // that were answered with a success
	worked   int64                        // the last credential that was ever accepted
	stubborn map[*contract.Operation]bool // that were refused with a new credential as well
}

// wallet is what an identity holds at a time. It is never changed, only replaced.
type wallet struct {
	secrets map[string]string // by the name of a security scheme; "" is for all others
	past    []string          // credentials that have expired
	logins  int64             // how often another credential was got
}

func newIdentity(secrets map[string]string, login Login) *identity {
	id := &identity{login: login, accepted: map[*contract.Operation]bool{}, stubborn: map[*contract.Operation]bool{}}
	id.held.Store(&wallet{secrets: secrets})
	return id
}

// now gives the secrets.
func (id *identity) now() map[string]string { return id.held.Load().secrets }

// mostFailures is how often logging in is tried in vain.
const mostFailures = 3

// renew logs in, unless that was done since the n-th login. It tells whether there is another credential now.
func (id *identity) renew(ctx context.Context, n int64) bool {
	id.logging.Lock()
	defer id.logging.Unlock()
	old := id.held.Load()
	if old.logins != n {
		return true
	}
	if id.failures >= mostFailures {
		return false
	}
	token, err := id.login(ctx)
	if err == nil && token == "" {
		err = errors.New("it gave nothing")
	}
	if err != nil {
		id.failures++
		id.failed.Store(&err)
		return false
	}
	next := &wallet{secrets: map[string]string{}, past: slices.Clone(old.past), logins: n + 1}
	maps.Copy(next.secrets, old.secrets)
	if last := old.secrets[""]; last != "" && last != token {
		next.past = append(next.past, last)
	}
	next.secrets[""] = token
	id.held.Store(next)
	id.failures = 0
	id.failed.Store(nil)
	return true
}

// mostRenewals is how many new credentials one request is sent with.
const mostRenewals = 3

// lost says why there is no valid credential any more; nil: there is.
func (id *identity) lost() error {
	if err := id.failed.Load(); err != nil {
		return *err
	}
	return nil
}

// begin logs in for the first time.
func (id *identity) begin(ctx context.Context) error {
	if id.login != nil && !id.renew(ctx, 0) {
		return id.lost()
	}
	return nil
}

// expired tells whether an answer means that the n-th credential has expired with which an operation was asked: 401, or 403 where there was a success before, but
// not where a new credential did not help either.
func (id *identity) expired(op *contract.Operation, a *answer, n int64) bool {
	id.seen.Lock()
	defer id.seen.Unlock()
	if a.ok() {
		id.accepted[op], id.worked = true, max(id.worked, n)
	}
	return a.err == nil && !id.stubborn[op] && (a.status == http.StatusUnauthorized || a.status == http.StatusForbidden && id.accepted[op])
}

// hasWorked tells whether the n-th credential was accepted before: if it is refused now, it may have expired meanwhile, by what others did with it.
func (id *identity) hasWorked(n int64) bool {
	id.seen.Lock()
	defer id.seen.Unlock()
	return id.worked >= n
}

// refuses notes that an operation is refused with a credential that is new.
func (id *identity) refuses(op *contract.Operation) {
	id.seen.Lock()
	defer id.seen.Unlock()
	id.stubborn[op] = true
}

// compose makes the request that is sent, with somebody's n-th credential.
func (c *client) compose(r *request, holes map[string]string) (out *http.Request, n int64, err error) {
	n = c.creds.of(r.as != nil && r.as.second).held.Load().logins
	out, err = r.compose(c.base, c.common, c.creds, holes)
	return out, n, err
}

// deliver sends a request that was composed with somebody's n-th credential. If that has expired, it is sent again with another one; what refuses on purpose
// never looks like that, since it is asked with other credentials than those that are renewed.
func (c *client) deliver(ctx context.Context, r *request, out *http.Request, holes map[string]string, n int64) *answer {
	id := c.creds.renewable(r)
	if id != nil && id.held.Load().logins != n { // it was composed long ago
		if again, now, err := c.compose(r, holes); err == nil {
			out, n = again, now
		}
	}
	a := c.send(ctx, r, out)
	for tries := 1; id != nil && id.expired(r.op, a, n) && id.renew(ctx, n); tries++ {
		again, now, err := c.compose(r, holes)
		if err != nil {
			break
		}
		n = now
		if a = c.send(ctx, r, again); a.err == nil && denied(a) && (tries == mostRenewals || !id.hasWorked(n)) {
			id.refuses(r.op)
			break
		}
	}
	if c.watch != nil && !a.unsent {
		c.watch(a)
	}
	return a
}

// timeless takes what expires out of the name of a read, so that it has the same answer whichever credential it was sent with.
func (c *credentials) timeless(name string) string {
	for i, id := range []*identity{c.first, c.second} {
		if token := id.now()[""]; id.login != nil && token != "" {
			name = strings.ReplaceAll(name, token, fmt.Sprintf("$TOKEN %d", i))
		}
	}
	return name
}

// renewable gives the identity whose credential a request carries, if it is one that is got by logging in.
func (c *credentials) renewable(r *request) *identity {
	if r.op == nil || r.as != nil && r.as.place != nil {
		return nil
	}
	id := c.of(r.as != nil && r.as.second)
	if id.login == nil {
		return nil
	}
	need, _ := c.alternative(r.op, id == c.second)
	for _, s := range need {
		if _, own := id.now()[s.Name]; !own {
			return id
		}
	}
	return nil
}

// logIn gets the first credentials of both identities.
func (c *credentials) logIn(ctx context.Context) error {
	if err := c.first.begin(ctx); err != nil {
		return fmt.Errorf("logging in failed: %w", err)
	}
	if err := c.second.begin(ctx); err != nil {
		return fmt.Errorf("logging in as the second identity failed: %w", err)
	}
	return nil
}

// lost says why a credential that had expired was not renewed; nil: none.
func (c *credentials) lost() error {
	if err := errors.Join(c.first.lost(), c.second.lost()); err != nil {
		return fmt.Errorf("the credential has expired, and logging in again failed: %w", err)
	}
	return nil
}
