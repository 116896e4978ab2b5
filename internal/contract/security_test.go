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
