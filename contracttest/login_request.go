package contracttest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"understudy/internal/source"
)

// LoginRequest is a request whose answer holds a credential: a login, or a token endpoint of OAuth 2.0 (RFC 6749 §4.4.2).
type LoginRequest struct {
	Method string // "": POST
	URL    string
	Header http.Header // beside what the body needs
	Body   string      // a JSON object is sent as application/json, anything else as application/x-www-form-urlencoded, unless Header says Content-Type

	// Token says where in the answer the credential is: a JSON Pointer (RFC 6901) such as /data/token, cookie:NAME or header:NAME. "": the first of
	// access_token, token, accessToken, access, jwt, id_token and key that the answer, or an object in it, has.
	Token string
}

// usualTokens are the properties that hold the credential in the answers of most logins.
var usualTokens = []string{"access_token", "token", "accessToken", "access", "jwt", "id_token", "key"}

// loginTimeout is how long a login may take.
const loginTimeout = 30 * time.Second

// Get sends the request and gives the credential. It is a [Login]. Errors say nothing of what was sent, nor of what the answer holds.
func (l LoginRequest) Get(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, loginTimeout)
	defer cancel()
	method := l.Method
	if method == "" {
		method = http.MethodPost
	}
	r, err := http.NewRequestWithContext(ctx, method, l.URL, strings.NewReader(l.Body))
	if err != nil {
		return "", plainError(err)
	}
	r.Header.Set("Accept", "application/json")
	r.Header.Set("User-Agent", "understudy")
	if l.Body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if json.Valid([]byte(l.Body)) {
			r.Header.Set("Content-Type", "application/json")
		}
	}
	for name, values := range l.Header {
		r.Header[name] = values
	}
	// What a login leads to may be another host, which has no business with the credential.
	stay := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := stay.Do(r)
	what := method + " " + r.URL.Redacted()
	if err != nil {
		return "", fmt.Errorf("%s: no answer: %w", what, plainError(err))
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return "", fmt.Errorf("%s: %w", what, plainError(err))
	}
	if res.StatusCode/100 != 2 && (res.StatusCode/100 != 3 || !strings.HasPrefix(l.Token, "cookie:")) {
		return "", fmt.Errorf("%s is answered with %d", what, res.StatusCode)
	}
	token, err := l.find(res, body)
	if err != nil {
		return "", fmt.Errorf("%s is answered with %d, but %w", what, res.StatusCode, err)
	}
	return token, nil
}

// find takes the credential out of an answer.
func (l LoginRequest) find(res *http.Response, body []byte) (string, error) {
	if name, ok := strings.CutPrefix(l.Token, "header:"); ok {
		if v := res.Header.Get(name); v != "" {
			return v, nil
		}
		return "", fmt.Errorf("without the header %s", name)
	}
	if name, ok := strings.CutPrefix(l.Token, "cookie:"); ok {
		for _, c := range res.Cookies() {
			if c.Name == name && c.Value != "" {
				return c.Value, nil
			}
		}
		return "", fmt.Errorf("without the cookie %s", name)
	}
	file, err := source.Parse("answer", body)
	if err != nil || !source.IsMap(file.Root) && !source.IsList(file.Root) {
		return "", errors.New("not with JSON")
	}
	if l.Token != "" {
		if n, ok := file.At(l.Token); ok && source.IsText(n) && n.Value != "" {
			return n.Value, nil
		}
		return "", fmt.Errorf("there is no text at %s", l.Token)
	}
	objects := []*source.Node{file.Root}
	for _, inner := range source.Pairs(file.Root) {
		objects = append(objects, inner)
	}
	for _, name := range usualTokens {
		for _, o := range objects {
			if n := file.Get(o, name); source.IsText(n) && n.Value != "" {
				return n.Value, nil
			}
		}
	}
	return "", fmt.Errorf("none of %s is in it: say where the token is", strings.Join(usualTokens, ", "))
}
