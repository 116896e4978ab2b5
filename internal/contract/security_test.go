package contract

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPresent(t *testing.T) {
	for _, test := range []struct {
		scheme        Scheme
		name, value   string // of the header
		query, secret string
	}{
		{Scheme{Type: "http", HTTP: "bearer"}, "Authorization", "Bearer a:b", "", "a:b"},
		{Scheme{Type: "oauth2"}, "Authorization", "Bearer a:b", "", "a:b"},
		{Scheme{Type: "http", HTTP: "basic"}, "Authorization", "Basic YTpi", "", "a:b"},
		{Scheme{Type: "http", HTTP: "hoba"}, "Authorization", "hoba a:b", "", "a:b"},
		{Scheme{Type: "apiKey", In: "header", Param: "X-Key"}, "X-Key", "a:b", "", "a:b"},
		{Scheme{Type: "apiKey", In: "cookie", Param: "sid"}, "Cookie", "sid=a%3Ab", "", "a:b"},
		{Scheme{Type: "apiKey", In: "query", Param: "key"}, "", "", "key=a%3Ab", "a:b"},
		{Scheme{Type: "mutualTLS"}, "", "", "", "a:b"},
	} {
		query, header := url.Values{}, http.Header{}
		test.scheme.Present(test.secret, query, header)
		want := http.Header{}
		if test.name != "" {
			want.Set(test.name, test.value)
		}
		require.Equal(t, want, header)
		require.Equal(t, test.query, query.Encode())
	}
}

// TestToldScheme: a key in Authorization whose description says how it begins is a token of that scheme.
func TestToldScheme(t *testing.T) {
	key := Scheme{Name: "key", Type: "apiKey", In: "header", Param: "Authorization"}
	for description, want := range map[string]string{
		`Token-based authentication with required prefix "Token"`:                                      "Token abc",
		"JWT Authorization header using the Bearer scheme. Example: \"Authorization: Bearer {token}\"": "Bearer abc",
		"Enter 'Bearer <token>'":             "Bearer abc",
		"`Api-Key <key>`, as in the account": "Api-Key abc",
		"The key of the account":             "abc",
		"Our keys have the prefix sk_live":   "abc",
	} {
		s, header := key.withScheme(description), http.Header{}
		for _, secret := range []string{"abc", want} {
			s.Present(s.Bare(secret), nil, header)
			require.Equal(t, want, header.Get("Authorization"), description)
		}
	}
	other := Scheme{Type: "apiKey", In: "header", Param: "X-Key"}
	require.Equal(t, other, other.withScheme(`with required prefix "Token"`))
	require.Equal(t, "amy:Basic x", Scheme{Type: "http", HTTP: "basic"}.Bare("amy:Basic x"))
}
