package mockserver_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/mockserver"
)

// broken is a body that cannot be read.
type broken struct{ err any }

func (b broken) Read([]byte) (int, error) {
	if err, ok := b.err.(error); ok && !errors.Is(err, http.ErrAbortHandler) {
		return 0, err
	}
	panic(b.err)
}

// deaf is a client that cannot be written to.
type deaf struct {
	*httptest.ResponseRecorder
	err any
}

func (d deaf) Write(b []byte) (int, error) {
	if d.err != nil {
		panic(d.err)
	}
	return 0, io.ErrClosedPipe
}

// TestFaults are contained in the request that they happen in.
func TestFaults(t *testing.T) {
	var l log
	mock := newMock(t, mockserver.Options{Observe: l.observe})
	well := func(t *testing.T) {
		t.Helper()
		require.Equal(t, http.StatusOK, direct(mock, "GET", all, nil, nil).Code)
		l.take(t)
		require.Equal(t, http.StatusOK, direct(mock, "PATCH", third, headers{"Content-Type": "application/json"}, strings.NewReader("{}")).Code)
		l.take(t)
	}
	typed := headers{"Content-Type": "application/json"}
	t.Run("a panic before the answer is 500", func(t *testing.T) {
		w := direct(mock, "POST", all, typed, broken{"boom"})
		x := l.take(t)
		require.Equal(t, http.StatusInternalServerError, w.Code)
		require.JSONEq(t, `{"detail":"a fault of understudy's; its log says more"}`, w.Body.String())
		require.Equal(t, http.StatusInternalServerError, x.Status)
		require.Contains(t, x.Refusal, "boom")
		require.True(t, x.Undocumented)
		well(t)
	})
	t.Run("a panic in the answer cannot be told any more, but is told here", func(t *testing.T) {
		w := deaf{httptest.NewRecorder(), "boom"}
		r := httptest.NewRequest("GET", base+all, nil)
		r.Header.Set("Authorization", "Bearer x")
		mock.ServeHTTP(w, r)
		require.Contains(t, l.take(t).Refusal, "boom")
		well(t)
	})
	t.Run("http.ErrAbortHandler is the server's", func(t *testing.T) {
		require.PanicsWithValue(t, http.ErrAbortHandler, func() { direct(mock, "POST", all, typed, broken{http.ErrAbortHandler}) })
		l.seen = nil
		well(t)
	})
	t.Run("a client that has gone", func(t *testing.T) {
		r := httptest.NewRequest("GET", base+all, nil)
		r.Header.Set("Authorization", "Bearer x")
		mock.ServeHTTP(deaf{httptest.NewRecorder(), nil}, r)
		require.Equal(t, http.StatusOK, l.take(t).Status)
		well(t)
	})
	t.Run("a body that breaks off", func(t *testing.T) {
		w := direct(mock, "POST", all, typed, io.MultiReader(strings.NewReader(`{"name":`), broken{io.ErrUnexpectedEOF}))
		require.Equal(t, http.StatusBadRequest, w.Code)
		require.NotEqual(t, "{}", w.Body.String())
		require.Contains(t, l.take(t).Refusal, "could not be read")
		well(t)
	})
	t.Run("a body nested deeper than a stack", func(t *testing.T) {
		deep := append(append([]byte(`{"name":"n","fixed_data":{"x":`), bytes.Repeat([]byte("["), 200_000)...), bytes.Repeat([]byte("]"), 200_000)...)
		w := direct(mock, "POST", all, typed, bytes.NewReader(append(deep, "}}"...)))
		require.Equal(t, http.StatusBadRequest, w.Code)
		l.take(t)
		well(t)
	})
	t.Run("a body as deep as JSON readers allow is taken and given back", func(t *testing.T) {
		const depth = 9_000
		body := `{"name":"n","fixed_data":{"x":` + strings.Repeat("[", depth) + strings.Repeat("]", depth) + `}}`
		w := direct(mock, "POST", all, typed, strings.NewReader(body))
		require.Equal(t, http.StatusCreated, w.Code)
		require.Contains(t, w.Body.String(), strings.Repeat("[", depth)+strings.Repeat("]", depth))
		l.take(t)
		well(t)
	})
}
