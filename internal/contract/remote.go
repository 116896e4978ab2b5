package contract

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync/atomic"
	"syscall"
	"time"
)

// fetchTimeout bounds the time for one file.
const fetchTimeout = 30 * time.Second

// errPrivate refuses an address of this machine or its network that nobody named.
var errPrivate = errors.New("it leads to a private address")

// fetch reads what an http server sends. It connects to a private address only where the user named the host (trusted), and a redirect leads to one only
// on that same host.
func fetch(ctx context.Context, location string, trusted bool) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	named := location
	// The control function sees the address that is really connected to, whatever the name resolves to. No proxy: it would see the proxy's.
	transport := &http.Transport{DisableKeepAlives: true, ForceAttemptHTTP2: true}
	var allowed atomic.Bool
	allowed.Store(trusted)
	transport.DialContext = (&net.Dialer{
		Control: func(_, address string, _ syscall.RawConn) error {
			at, err := netip.ParseAddrPort(address)
			if err != nil || !allowed.Load() && isPrivate(at.Addr().Unmap()) {
				return errPrivate
			}
			return nil
		},
	}).DialContext
	client := &http.Client{Transport: transport, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		if len(via) > 5 {
			return errors.New("more than 5 redirects")
		}
		if r.URL.Scheme != "http" && r.URL.Scheme != "https" {
			return fmt.Errorf("a redirect to %s", r.URL.Scheme)
		}
		allowed.Store(trusted && sameHost(r.URL.String(), named))
		return nil
	}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, location, nil)
	if err != nil {
		return nil, fmt.Errorf("no http address")
	}
	req.Header.Set("Accept", "application/yaml, application/json, */*;q=0.5")
	resp, err := client.Do(req)
	if err != nil {
		var ue *url.Error
		if errors.Is(err, errPrivate) {
			err = errPrivate
		} else if errors.As(err, &ue) {
			err = ue.Err
		}
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the server answered %s", resp.Status)
	}
	return readBounded(resp.Body)
}

// carrierNAT is shared address space (RFC 6598), which netip does not count as private.
var carrierNAT = netip.MustParsePrefix("100.64.0.0/10")

func isPrivate(a netip.Addr) bool {
	return !a.IsGlobalUnicast() || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || carrierNAT.Contains(a)
}

// sameHost tells whether two addresses are of one server: the same name and port.
func sameHost(a, b string) bool {
	ua, err := url.Parse(a)
	if err != nil {
		return false
	}
	ub, err := url.Parse(b)
	return err == nil && ua.Host != "" && ua.Host == ub.Host
}
