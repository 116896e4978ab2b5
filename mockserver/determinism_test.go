package mockserver_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // so that TZ means something on every machine

	"github.com/stretchr/testify/require"

	"understudy/fixtures"
	"understudy/mockserver"
)

const (
	determinismChild  = "UNDERSTUDY_DETERMINISM_CHILD"  // set in a child process
	determinismUpdate = "UNDERSTUDY_DETERMINISM_UPDATE" // set to write the value anew
	determinismFile   = "../fixtures/testdata/determinism.sha256"
)

// determinismRequest is one request. In the target and the body, {n} is the key of the n-th invitation that was created, from 0.
type determinismRequest struct{ method, target, body string }

// determinismRequests are 200 requests, 40 of them writes that succeed, in an order that never changes.
func determinismRequests() []determinismRequest {
	const list = "/api/v3/stages/invitation/invitations/"
	var out []determinismRequest
	get := func(target string) { out = append(out, determinismRequest{"GET", target, ""}) }
	send := func(method, target, body string) { out = append(out, determinismRequest{method, target, body}) }

	for page := 1; page <= 7; page++ { // 21
		for _, order := range []string{"", "&ordering=name", "&ordering=-single_use,flow"} {
			get(fmt.Sprintf("%s?page=%d%s", list, page, order))
		}
	}
	for i := range 20 { // 60: 20 writes
		body := fmt.Sprintf(`{"name":"created-%d","fixed_data":{"n":%d}}`, i, i)
		if i%3 == 0 {
			body = fmt.Sprintf(`{"name":"created-%d","expires":"2026-0%d-01T00:00:00+02:00","single_use":true}`, i, 1+i%9)
		}
		send("POST", list, body)
		get(fmt.Sprintf("%s{%d}/", list, i))
		get(fmt.Sprintf("%s?name=created-%d", list, i))
	}
	for i := range 10 { // 30: 10 writes
		send("PATCH", fmt.Sprintf("%s{%d}/", list, i), fmt.Sprintf(`{"name":"patched-%d","expires":null}`, i))
		get(fmt.Sprintf("%s{%d}/used_by/", list, i))
		get(fmt.Sprintf("%s?search=patched,%d&ordering=pk", list, i))
	}
	for i := 5; i < 10; i++ { // 10: 5 writes
		send("PUT", fmt.Sprintf("%s{%d}/", list, i), fmt.Sprintf(`{"name":"put-%d"}`, i))
		get(fmt.Sprintf("%s?page_size=5&page=%d", list, i))
	}
	for i := 15; i < 20; i++ { // 15: 5 writes
		send("DELETE", fmt.Sprintf("%s{%d}/", list, i), "")
		send("DELETE", fmt.Sprintf("%s{%d}/", list, i), "") // 404
		get(fmt.Sprintf("%s{%d}/", list, i))                // 404
	}
	for _, query := range []string{ // 20
		"created_by__username=akadmin", "created_by__username=lea.marchand&ordering=-name", "flow__slug=default-enrollment-flow", "flow__slug=nope",
		"expires=2026-01-29T00:00:00Z", "expires=2026-01-29T01:00:00%2B01:00", "expires=foo", "search=berlin", "search=2026-01", "search=BERLIN+contractors",
		"page=0", "page=abc", "page=99", "page_size=abc", "page_size=1000", "page_size=0&page=2", "ordering=expires", "ordering=-flow,pk", "name=vip", "name=&search=",
	} {
		get(list + "?" + query)
	}
	for i := range 12 { // 36: refusals, and what came of it all
		send("POST", list, fmt.Sprintf(`{"name":"not ok %d","flow":"x","expires":5}`, i))
		get(fmt.Sprintf("%snot-a-uuid-%d/", list, i))
		get(fmt.Sprintf("%s?page_size=13&page=%d", list, i+1))
	}
	for i := range 8 { // 8
		get(fmt.Sprintf("%s{%d}/", list, i))
	}
	return out
}

// determinismHash plays the requests to a fresh server and hashes what comes back.
func determinismHash(t *testing.T, seed uint64) string {
	t.Helper()
	server := newMock(t, mockserver.Options{Data: shipped(t, fixtures.Options{Seed: seed})})

	requests := determinismRequests()
	require.Len(t, requests, 200)
	hash := sha256.New()
	var created []string
	writes := 0
	for _, r := range requests {
		target := r.target
		for i, key := range created {
			target = strings.ReplaceAll(target, fmt.Sprintf("{%d}", i), key)
		}
		require.NotContains(t, target, "{", "a key that was not made yet")
		req := httptest.NewRequest(r.method, target, strings.NewReader(r.body))
		req.Header.Set("Authorization", "Bearer t")
		if r.body != "" {
			req.Header.Set("Content-Type", "application/json")
		}
		w := httptest.NewRecorder()
		server.ServeHTTP(w, req)
		require.NotEqual(t, 5, w.Code/100, "%s %s: %s", r.method, target, w.Body)
		if r.method != "GET" && w.Code/100 == 2 {
			writes++
		}
		if w.Code == 201 {
			var it struct{ PK string }
			require.NoError(t, json.Unmarshal(w.Body.Bytes(), &it))
			require.Contains(t, w.Header().Get("Location"), it.PK)
			created = append(created, it.PK)
		}
		fmt.Fprintf(hash, "%s %s\n%d\n%q\n%q\n%d\n", r.method, target, w.Code, w.Header()["Content-Type"], w.Header()["Location"], w.Body.Len())
		hash.Write(w.Body.Bytes())
	}
	require.Equal(t, 40, writes)
	return hex.EncodeToString(hash.Sum(nil))
}

// Same seed, same bytes: in other time zones, on another number of processors, and in another process.
func TestDeterminism(t *testing.T) {
	if os.Getenv(determinismChild) != "" {
		require.Equal(t, os.Getenv("TZ"), time.Local.String(), "the time zone was not taken")
		require.Equal(t, os.Getenv("GOMAXPROCS"), fmt.Sprint(runtime.GOMAXPROCS(0)))
		fmt.Printf("hash:%s\n", determinismHash(t, 0))
		return
	}
	own := determinismHash(t, 0)
	if os.Getenv(determinismUpdate) != "" {
		require.NoError(t, os.WriteFile(determinismFile, []byte(own+"\n"), 0o644))
	}
	committed, err := os.ReadFile(determinismFile)
	require.NoError(t, err, "write it with %s=1 go test ./mockserver -run TestDeterminism", determinismUpdate)
	want := strings.TrimSpace(string(committed))
	require.Equal(t, want, own, "answers have changed; if they should, write the value anew with %s=1", determinismUpdate)
	require.Equal(t, want, determinismHash(t, 0), "a second server in one process")
	require.NotEqual(t, want, determinismHash(t, 1), "another seed")

	executable, err := os.Executable()
	require.NoError(t, err)
	for _, env := range [][]string{
		{"TZ=Pacific/Auckland", "GOMAXPROCS=1"},
		{"TZ=America/New_York", "GOMAXPROCS=4"},
	} {
		cmd := exec.CommandContext(t.Context(), executable, "-test.run=^TestDeterminism$", "-test.count=1")
		cmd.Env = append(os.Environ(), determinismChild+"=1", env[0], env[1])
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%v\n%s", env, out)
		_, hash, found := bytes.Cut(out, []byte("hash:"))
		require.True(t, found, "%s", out)
		hash, _, _ = bytes.Cut(hash, []byte("\n"))
		require.Equal(t, want, string(hash), "%v", env)
	}
}
