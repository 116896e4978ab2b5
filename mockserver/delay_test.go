package mockserver_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"understudy/mockserver"
)

// TestDelay waits as long as it is told, but not for those who have gone.
func TestDelay(t *testing.T) {
	var l log
	mock := newMock(t, mockserver.Options{Delay: [2]time.Duration{1000 * time.Hour, 1001 * time.Hour}, Observe: l.observe})
	r, w := httptest.NewRequest(http.MethodDelete, base+first, nil), httptest.NewRecorder()
	ctx, cancel := context.WithCancel(r.Context())
	cancel()
	mock.ServeHTTP(w, r.WithContext(ctx))
	require.Empty(t, w.Body.String())
	require.Zero(t, l.take(t).Status, "nothing was answered")

	t.Run("one that goes while it waits", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() {
			defer close(done)
			mock.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, base+first, nil).WithContext(ctx))
		}()
		cancel()
		<-done
		require.Zero(t, l.take(t).Status)
	})
	t.Run("a short one is only a delay", func(t *testing.T) {
		s := serve(t, mockserver.Options{Delay: [2]time.Duration{time.Nanosecond, time.Microsecond}})
		call{list: "1 6 2 5 4 7 3"}.run(t, s)
	})
	t.Run("the same every time", func(t *testing.T) {
		s := serve(t, mockserver.Options{Delay: [2]time.Duration{time.Microsecond, time.Microsecond}})
		call{list: "1 6 2 5 4 7 3"}.run(t, s)
	})
}
