package mockserver

import (
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"understudy/fixtures"
	"understudy/internal/contract"
)

// mockOf plays a document with the records of its fixtures.
func mockOf(t *testing.T, document string, files fstest.MapFS) *Server {
	t.Helper()
	doc, err := contract.Load(t.Context(), "d.yaml", []byte(document))
	require.NoError(t, err)
	data, err := fixtures.Load(doc, &fixtures.Options{FS: files})
	require.NoError(t, err)
	mock, err := New(doc, &Options{Data: data})
	require.NoError(t, err)
	return mock
}

// ask sends one request, with a body of a media type unless that is "".
func ask(mock *Server, method, target, media, body string) *httptest.ResponseRecorder {
	return accepting(mock, method, target, "", media, body)
}

// accepting sends one request as ask does, with the header Accept unless that is "".
func accepting(mock *Server, method, target, accept, media, body string) *httptest.ResponseRecorder {
	r, w := httptest.NewRequest(method, target, strings.NewReader(body)), httptest.NewRecorder()
	if media != "" {
		r.Header.Set("Content-Type", media)
	}
	if accept != "" {
		r.Header.Set("Accept", accept)
	}
	mock.ServeHTTP(w, r)
	return w
}
