package contracttest

import (
	"encoding/base64"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"understudy/internal/contract"
)

// credentials are those of the identities that requests are sent as.
type credentials struct{ first, second *identity }

// of gives one of the two.
func (c *credentials) of(second bool) *identity {
	if second {
		return c.second
	}
	return c.first
}

// credential says as whom a request is sent. A nil one is the first identity, in the way that the operation asks for.
type credential struct {
	name   string // "no credentials", "an unknown token", …
	second bool   // the second identity's
	place  func(s contract.Scheme, secret string, query url.Values, header http.Header)
	need   contract.Requirement // which alternative of the operation is presented; nil: the first for which there are secrets
}

// nobody sends no credentials.
var nobody = &credential{name: "no credentials", place: func(contract.Scheme, string, url.Values, http.Header) {}}

// secret gives the secret for a scheme.
func secretOf(secrets map[string]string, scheme string) (string, bool) {
	if s, ok := secrets[scheme]; ok {
		return s, s != ""
	}
	s, ok := secrets[""]
	return s, ok && s != ""
}

// newCredentials takes the target's secrets, and those among its headers that the document declares as credentials: these leave the headers.
func newCredentials(t *Target, doc *contract.Document) (*credentials, http.Header) {
	secrets := map[string]string{}
	if t.Token != "" {
		secrets[""] = t.Token
	}
	header := t.Header.Clone()
	for _, op := range doc.Operations() {
		for _, need := range op.Security {
			for _, s := range need {
				if secret, name := declared(s, header); name != "" {
					secrets[s.Name] = secret
					defer header.Del(name)
				}
			}
		}
	}
	for name, secret := range t.Credentials {
		secrets[name] = secret
	}
	second := maps.Clone(t.Second)
	for _, op := range doc.Operations() {
		for _, s := range slices.Concat(op.Security...) {
			for _, held := range []map[string]string{secrets, second} {
				for _, name := range []string{"", s.Name} {
					if secret, ok := held[name]; ok {
						held[name] = s.Bare(secret)
					}
				}
			}
		}
	}
	return &credentials{newIdentity(secrets, t.Login), newIdentity(second, t.SecondLogin)}, header
}

// declared finds a scheme's credential among headers.
func declared(s contract.Scheme, header http.Header) (secret, name string) {
	switch {
	case s.Type == "apiKey" && s.In == "header":
		return header.Get(s.Param), presentName(header, s.Param)
	case s.Type == "apiKey":
		return "", ""
	}
	scheme, secret, ok := strings.Cut(header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, s.Authorization()) {
		return "", ""
	}
	if s.HTTP == "basic" {
		if plain, err := base64.StdEncoding.DecodeString(secret); err == nil {
			secret = string(plain)
		}
	}
	return secret, "Authorization"
}

func presentName(h http.Header, name string) string {
	if h.Get(name) == "" {
		return ""
	}
	return name
}

// alternative gives the first of an operation's requirements for all of whose schemes there are secrets; false if there is none.
func (c *credentials) alternative(op *contract.Operation, second bool) (contract.Requirement, bool) {
	for _, need := range op.Security {
		if c.suffice(need, second) {
			return need, true
		}
	}
	return nil, false
}

// suffice tells whether there are secrets for all schemes of a requirement.
func (c *credentials) suffice(need contract.Requirement, second bool) bool {
	secrets := c.of(second).now()
	return len(need) > 0 && !slices.ContainsFunc(need, func(s contract.Scheme) bool {
		_, ok := secretOf(secrets, s.Name)
		return !ok || s.Type == "mutualTLS"
	})
}

// others gives the other ways to be let in to an operation, each by other schemes than those before it, for which secrets were given by their names: by another
// alternative, or as the second identity.
func (c *credentials) others(op *contract.Operation) []*credential {
	used, _ := c.alternative(op, false)
	met := map[string]bool{schemesOf(used): true}
	var out []*credential
	for _, second := range []bool{false, true} {
		for _, need := range op.Security {
			named := !slices.ContainsFunc(need, func(s contract.Scheme) bool { return c.of(second).now()[s.Name] == "" })
			if name := schemesOf(need); !met[name] && named && c.suffice(need, second) {
				met[name] = true
				out = append(out, &credential{name: name, second: second, need: need})
			}
		}
	}
	return out
}

// schemesOf names the schemes of a requirement.
func schemesOf(need contract.Requirement) string {
	var out []string
	for _, s := range need {
		out = append(out, s.Name)
	}
	return strings.Join(out, ", ")
}

// apply adds the credentials that a request is to carry.
func (c *credentials) apply(r *request, query url.Values, header http.Header) {
	if r.op == nil {
		return
	}
	second := r.as != nil && r.as.second
	need, ok := c.alternative(r.op, second)
	if r.as != nil && r.as.need != nil {
		need, ok = r.as.need, true
	}
	if !ok {
		return
	}
	place := contract.Scheme.Present
	if r.as != nil && r.as.place != nil {
		place = r.as.place
	}
	secrets := c.of(second).now()
	for _, s := range need {
		secret, _ := secretOf(secrets, s.Name)
		place(s, secret, query, header)
	}
}

// all gives every secret that there ever was, by the name of its scheme.
func (id *identity) all() iter.Seq2[string, string] {
	return func(yield func(scheme, secret string) bool) {
		held := id.held.Load()
		for scheme, secret := range held.secrets {
			if !yield(scheme, secret) {
				return
			}
		}
		for _, secret := range held.past {
			if !yield("", secret) {
				return
			}
		}
	}
}

// variable is the name that stands for the secret of a scheme wherever it would be printed.
func variable(scheme string) string {
	if scheme == "" {
		return "$TOKEN"
	}
	return "$" + strings.ToUpper(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, scheme))
}

// names gives the variables that stand for secrets.
func (c *credentials) names() []string {
	var out []string
	for _, id := range []*identity{c.first, c.second} {
		for scheme := range id.all() {
			out = append(out, variable(scheme))
		}
		if id.login != nil {
			out = append(out, variable(""))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// conceal takes the secrets out of a text, and what is not UTF-8.
func (c *credentials) conceal(text string) string {
	for _, id := range []*identity{c.first, c.second} {
		for scheme, secret := range id.all() {
			if len(secret) < 4 {
				continue
			}
			name := variable(scheme)
			for _, form := range spelled(secret) {
				text = strings.ReplaceAll(text, form, name)
			}
			if len(secret) == 4 {
				continue
			}
			user, password, _ := strings.Cut(secret, ":")
			for _, altered := range []string{secret + "x", secret[:len(secret)-1], turnCase(secret), user + ":" + turnCase(password)} { // for a case
				if len(altered) < len(secret)-1 {
					continue // there is no other case
				}
				for _, form := range spelled(altered) {
					text = strings.ReplaceAll(text, form, name+" (altered)")
				}
			}
		}
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}

// spelled gives the ways in which a secret may be written in a request.
func spelled(secret string) []string {
	return []string{secret, base64.StdEncoding.EncodeToString([]byte(secret)), url.QueryEscape(secret), url.PathEscape(secret)}
}
