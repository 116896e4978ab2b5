package contracttest

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"understudy/internal/contract"
)

// wrongly is a way to present something else than the valid credential of a scheme, made from that which is valid when it is sent.
type wrongly struct {
	name  string
	place func(secret string, query url.Values, header http.Header)
}

// cutShort names a credential of which the end is missing.
const cutShort = "one cut short"

// mostSchemes bounds how many schemes are tried that the document does not have: one shows whether schemes are looked at, the second whether a known one is let through.
const mostSchemes = 2

// authChecked asks with wrong credentials, one way a case.
func authChecked(e *engine, op *contract.Operation) ([]*testCase, string) {
	if op.Method != http.MethodGet {
		if why := e.stowaway(); why != "" {
			return none(why)
		}
		need, ok := e.client.creds.alternative(op, false)
		if !ok {
			return none("there are no credentials for it")
		}
		return authCheckedToWrite(e, op, need)
	}
	r, need, why := e.guardedRead(op)
	if why != "" {
		return none(why)
	}
	var cases []*testCase
	for _, as := range append([]*credential{{need: need}}, e.client.creds.others(op)...) {
		control := r
		if as.name != "" {
			control = r.sentAs(as)
		}
		for subject, in := range e.eachWrong(as) {
			cases = append(cases, &testCase{
				subject: subject,
				intent:  fmt.Sprintf("with %s in place of the valid credential of %s: whoever has only that is refused, as whoever has none is", in.w.name, in.scheme.Name),
				steps:   plainly(control, r.sentAs(nobody), r.sentAs(as.instead(in.scheme, in.unknown)), r.sentAs(as.instead(in.scheme, in.w))),
				judge: func(r []result) outcome {
					return judgeWrong(r[0].answer(), r[1].answer(), r[2].answer(), r[3].answer(), in.unknown.name, in.w.name)
				},
			})
		}
	}
	return cases, ""
}

// wrongFor is something wrong for a scheme, and what is wrong for whoever looks at it at all.
type wrongFor struct {
	scheme     contract.Scheme
	w, unknown wrongly
}

// eachWrong goes through what is wrong for the schemes that are presented, with a name for each.
func (e *engine) eachWrong(as *credential) iter.Seq2[string, wrongFor] {
	return func(yield func(string, wrongFor) bool) {
		for _, s := range as.need {
			secret, _ := secretOf(e.client.creds.of(as.second).now(), s.Name)
			wrongs := e.wrongs(s, secret)
			for _, w := range wrongs {
				subject := w.name
				if len(as.need) > 1 || as.name != "" {
					subject = s.Name + ", " + subject
				}
				if !yield(subject, wrongFor{s, w, wrongs[min(1, len(wrongs)-1)]}) {
					return
				}
			}
		}
	}
}

// guardedRead makes a valid read of an operation for whose security schemes there are secrets.
func (e *engine) guardedRead(op *contract.Operation) (r request, need contract.Requirement, why string) {
	if op.Method != http.MethodGet {
		return r, nil, "only reads are asked with credentials in other places"
	}
	if why := e.stowaway(); why != "" {
		return r, nil, why
	}
	need, ok := e.client.creds.alternative(op, false)
	if !ok {
		return r, nil, "there are no credentials for it"
	}
	r, why = e.validRead(op)
	return r, need, why
}

// instead presents something wrong for one scheme, and the others as they are.
func (c *credential) instead(wrong contract.Scheme, w wrongly) *credential {
	return &credential{name: w.name, second: c.second, need: c.need, place: func(s contract.Scheme, secret string, query url.Values, header http.Header) {
		if s.Name == wrong.Name {
			w.place(secret, query, header)
		} else {
			s.Present(secret, query, header)
		}
	}}
}

// judgeWrong judges the answers with the valid credentials, with none, with unknown ones, and with wrong ones. Whoever lets in all lets in those, too: one fault.
func judgeWrong(control, nobody, any, a *answer, unknown, name string) outcome {
	if why := isControl(control); why != "" {
		return skip("%s", why)
	}
	if nobody.ok() {
		return skip("it needs no credentials at all")
	}
	switch {
	case a.ok() && any.ok():
		return broken(any, fmt.Sprintf("%d with %s", any.status, unknown), "401 or 403").signed("let in with " + unknown).because("whoever presents anything is let in")
	case a.ok():
		return broken(a, fmt.Sprintf("%d with %s", a.status, name), "401 or 403").signed("let in with " + name)
	case a.failed() && !nobody.failed():
		return broken(a, fmt.Sprintf("%d with %s", a.status, name), "401 or 403").signed("fails with " + name).because("the code that reads credentials does not expect such ones")
	}
	return kept()
}

// wrongs gives the wrong credentials of a scheme; the one that is valid now decides which there are.
func (e *engine) wrongs(s contract.Scheme, secret string) []wrongly {
	parts := func(secret string) (fixed, varied string) { // of basic credentials the name stays right
		if user, password, ok := strings.Cut(secret, ":"); ok && s.HTTP == "basic" {
			return user + ":", password
		}
		return "", secret
	}
	var out []wrongly
	add := func(name string, alter func(secret string) string) {
		out = append(out, wrongly{name, func(secret string, query url.Values, header http.Header) {
			fixed, varied := parts(secret)
			s.Present(fixed+alter(varied), query, header)
		}})
	}
	out = append(out, wrongly{"an empty one", func(_ string, query url.Values, header http.Header) { s.Present("", query, header) }})
	_, varied := parts(secret)
	if varied == "" {
		return out
	}
	add("an unknown one", unlike)
	if fixed, _ := parts(secret); fixed != "" {
		out = append(out, wrongly{"the password of somebody else", func(secret string, query url.Values, header http.Header) {
			user, password := parts(secret)
			s.Present(unlike(strings.TrimSuffix(user, ":"))+":"+password, query, header)
		}}, wrongly{"one that cannot be decoded", func(_ string, _ url.Values, header http.Header) { header.Set("Authorization", "Basic understudy!") }})
	}
	if s.Type == "http" && s.HTTP != "bearer" && s.HTTP != "basic" && !s.Told {
		return out // what such credentials consist of is not known
	}
	last := len(varied) - 1
	if last > 0 && varied[last] < 0x80 {
		add(cutShort, func(secret string) string { return secret[:len(secret)-1] })
	}
	add("one with a character too many", func(secret string) string { return secret + "x" })
	if turnCase(varied) != "" {
		add("one in other case", turnCase)
	}
	for _, scheme := range e.otherSchemes(s) {
		out = append(out, wrongly{"the scheme " + scheme, func(secret string, _ url.Values, header http.Header) {
			if s.HTTP == "basic" {
				secret = base64.StdEncoding.EncodeToString([]byte(secret))
			}
			header.Set("Authorization", scheme+" "+secret)
		}})
	}
	return out
}

// otherSchemes gives schemes of the Authorization header that the document declares nowhere.
func (e *engine) otherSchemes(s contract.Scheme) []string {
	if s.Type == "apiKey" || s.Type == "mutualTLS" {
		return nil
	}
	known := map[string]bool{}
	for _, op := range e.doc.Operations() {
		for _, need := range op.Security {
			for _, other := range need {
				if other.Type == "apiKey" && strings.EqualFold(other.Param, "Authorization") {
					return nil // with a scheme that the document does not tell
				}
				if other.Type != "apiKey" {
					known[strings.ToLower(other.Authorization())] = true
				}
			}
		}
	}
	var out []string
	for _, scheme := range []string{"Token", "Basic", "Bearer"} {
		if len(out) < mostSchemes && !known[strings.ToLower(scheme)] && (s.HTTP != "basic" || scheme == "Bearer") {
			out = append(out, scheme)
		}
	}
	return out
}

// unlike gives a text of the same length and the same kinds of characters that says nothing of the one it is made from.
func unlike(secret string) string {
	sum := sha256.Sum256([]byte("understudy\n" + secret))
	hex := strings.Trim(strings.ToLower(secret), "0123456789abcdef-") == ""
	out := []byte(secret)
	for i, c := range out {
		n := sum[i%len(sum)] + byte(i/len(sum))
		letters := byte(26)
		if hex {
			letters = 6
		}
		switch {
		case c >= '0' && c <= '9':
			out[i] = '0' + n%10
		case c >= 'a' && c <= 'z':
			out[i] = 'a' + n%letters
		case c >= 'A' && c <= 'Z':
			out[i] = 'A' + n%letters
		case c >= 0x80 || c == ' ':
			out[i] = 'x'
		}
	}
	if string(out) == secret { // nothing but signs, or by chance
		out[0] = secret[0]%26 + 'a'
		if out[0] == secret[0] {
			out[0] = (secret[0]-'a'+1)%26 + 'a'
		}
	}
	return string(out)
}

// turnCase makes small letters large and large ones small; "" where that says the same: numbers of base 16, UUIDs included, are the same either way.
func turnCase(secret string) string {
	if strings.Trim(strings.ToLower(secret), "0123456789abcdef-") == "" {
		return ""
	}
	out := strings.Map(func(r rune) rune {
		switch {
		case r > unicode.MaxASCII:
		case unicode.IsUpper(r):
			return unicode.ToLower(r)
		case unicode.IsLower(r):
			return unicode.ToUpper(r)
		}
		return r
	}, secret)
	if out == secret {
		return ""
	}
	return out
}
