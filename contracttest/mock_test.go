package contracttest_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"understudy"
	"understudy/contracttest"
	"understudy/fixtures"
	"understudy/mockserver"
)

const (
	mockToken   = "s3cret-of-akadmin"
	secondToken = "s3cret-of-lea"
	theList     = "stages_invitation_invitations_list"
)

// invitations gives the shipped contract, and the mock that plays it with the same data on every day.
func invitations(t testing.TB) (*understudy.Document, *mockserver.Server) {
	t.Helper()
	doc, err := understudy.Invitations()
	require.NoError(t, err)
	return doc, mockOf(t, doc, map[string]string{mockToken: "", secondToken: "lea.marchand"})
}

// mockOf plays a document for the holders of tokens alone.
func mockOf(t testing.TB, doc *understudy.Document, tokens map[string]string) *mockserver.Server {
	t.Helper()
	data, err := fixtures.Load(doc, &fixtures.Options{Now: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)})
	require.NoError(t, err)
	mock, err := mockserver.New(doc, &mockserver.Options{Data: data, Tokens: tokens})
	require.NoError(t, err)
	return mock
}

func check(t testing.TB, doc *understudy.Document, target contracttest.Target) *contracttest.Report {
	t.Helper()
	r, err := contracttest.Check(context.Background(), doc, target)
	require.NoError(t, err)
	return r
}

// keptRules are the rules that at least one case kept.
func keptRules(r *contracttest.Report) []string {
	var rules []string
	for _, c := range r.Cases {
		if c.Verdict == contracttest.Kept {
			rules = append(rules, c.Rule)
		}
	}
	slices.Sort(rules)
	return slices.Compact(rules)
}

// skips are the rules that could not be told, and why; each line once.
func skips(r *contracttest.Report) []string {
	var lines []string
	for _, c := range r.Cases {
		if c.Verdict == contracttest.Skipped {
			lines = append(lines, c.Rule+": "+c.Reason)
		}
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

// found are the rules and operations of findings.
func found(r *contracttest.Report) []string {
	var lines []string
	for _, f := range r.Findings {
		lines = append(lines, fmt.Sprintf("%s %s %s: %s", f.Verdict, f.Rule, strings.Join(f.Operations, " "), f.Got))
	}
	return lines
}

// TestMockKeepsTheShippedContract: nothing is found, and much is kept. A checker that skips everything fails here.
func TestMockKeepsTheShippedContract(t *testing.T) {
	doc, mock := invitations(t)
	before := items(t, mock)
	r := check(t, doc, contracttest.Target{Handler: mock, Token: mockToken, Second: map[string]string{"": secondToken}, Writes: true})
	require.Empty(t, found(r), text(r))
	require.Empty(t, r.Leftovers)
	require.Empty(t, r.Stopped)
	require.Equal(t, before, items(t, mock), "the data is what it was")

	require.GreaterOrEqual(t, r.Count(contracttest.Kept), 265)
	require.Equal(t, 81, len(keptRules(r)), "%s", keptRules(r))
	sameSkips(t, []string{
		"auth/place: only reads are asked with credentials in other places",
		"conform/headers: no answer of this operation could be judged by it",
		"conform/undeclared: no answer of this operation could be judged by it",
		"crud/create-refused: a duplicate is allowed: 201",
		"crud/write-only: no answer of this operation could be judged by it",
		"http/challenge: no answer of this operation could be judged by it",
		"http/etag: it has no ETag",
		"http/steady: it might write before it refuses",
		"http/steady: no request is known to be bad",
	}, r)
}

// sameSkips compares what could not be told with a list; what it prints can be pasted.
func sameSkips(t *testing.T, want []string, r *contracttest.Report) {
	t.Helper()
	got := skips(r)
	var b strings.Builder
	for _, line := range got {
		fmt.Fprintf(&b, "\t\t%q,\n", line)
	}
	require.Equal(t, want, got, "%s", &b)
}

// sameSkipsAs is sameSkips with a file of testdata/skips, which UNDERSTUDY_UPDATE rewrites.
func sameSkipsAs(t *testing.T, name string, r *contracttest.Report) {
	t.Helper()
	file := filepath.Join("testdata/skips", name)
	if os.Getenv("UNDERSTUDY_UPDATE") != "" {
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(strings.Join(skips(r), "\n")+"\n"), 0o644))
	}
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	sameSkips(t, strings.Split(strings.TrimSuffix(string(text), "\n"), "\n"), r)
}

// items is everything that the mock's list has.
func items(t testing.TB, mock http.Handler) string {
	t.Helper()
	var all strings.Builder
	for page := 1; page <= 2; page++ {
		w := httptest.NewRecorder()
		request := httptest.NewRequest(http.MethodGet, fmt.Sprintf("/api/v3/stages/invitation/invitations/?page_size=100&page=%d", page), nil)
		request.Header.Set("Authorization", "Bearer "+mockToken)
		mock.ServeHTTP(w, request)
		require.Equal(t, http.StatusOK, w.Code)
		all.WriteString(w.Body.String())
	}
	return all.String()
}

// exchange is a request as a server got it, and the answer.
type exchange struct {
	method, uri string
	header      http.Header
	body        string
	status      int
	answer      string
}

func (x exchange) String() string {
	var b strings.Builder
	header := x.header.Clone()
	header.Del("Connection")
	_ = header.Write(&b) // to memory, sorted by name
	return x.method + " " + x.uri + "\n" + b.String() + x.body
}

// recorder is a handler that remembers.
type recorder struct {
	next http.Handler
	mu   sync.Mutex
	all  []exchange
}

func (rec *recorder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body) // what is cut off is not asked for again
	r.Body = io.NopCloser(bytes.NewReader(body))
	answer := httptest.NewRecorder()
	rec.next.ServeHTTP(answer, r)
	rec.mu.Lock()
	rec.all = append(rec.all, exchange{r.Method, r.RequestURI, r.Header.Clone(), string(body), answer.Code, answer.Body.String()})
	rec.mu.Unlock()
	header := w.Header()
	for name, values := range answer.Header() {
		header[name] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes()) // the client may have left
}

// sent splits what was received into what only reads, sorted, and what writes, in its order.
func (rec *recorder) sent() (reads, writes []string) {
	for _, x := range rec.all {
		if isRead(x.method) {
			reads = append(reads, x.String())
		} else {
			writes = append(writes, x.String())
		}
	}
	slices.Sort(reads)
	return reads, writes
}

func isRead(method string) bool {
	return slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodOptions, "PROPFIND"}, method)
}

// TestPlanIsTheSameForAnyNumberOfWorkers: a dry run gives the same bytes, and sends nothing but reads.
func TestPlanIsTheSameForAnyNumberOfWorkers(t *testing.T) {
	doc, mock := invitations(t)
	var plans [][]contracttest.Planned
	for _, workers := range []int{1, 8} {
		rec := &recorder{next: mock}
		r := check(t, doc, contracttest.Target{Handler: rec, Token: mockToken, Writes: true, DryRun: true, Workers: workers})
		_, writes := rec.sent()
		require.Empty(t, writes)
		require.Equal(t, r.Planning, r.Requests)
		require.Zero(t, r.ExitStatus(), text(r))
		plans = append(plans, r.Planned)
	}
	require.NotEmpty(t, plans[0])
	require.Equal(t, plans[0], plans[1])
}

// TestRunsAreTheSame: the same seed and the same state make the same requests, bytes and all; another seed makes other ones.
func TestRunsAreTheSame(t *testing.T) {
	doc, mock := invitations(t)
	run := func(seed uint64, workers int) (reads, writes []string) {
		mock.Reset()
		rec := &recorder{next: mock}
		check(t, doc, contracttest.Target{
			Handler: rec, Token: mockToken, Writes: true, Seed: seed, Workers: workers,
			Exclude: []string{"paging/depth"}, // it asks again when an answer took long
		})
		return rec.sent()
	}
	reads, writes := run(7, 1)
	require.NotEmpty(t, writes)
	readsAgain, writesAgain := run(7, 8)
	listA, listB := differences(reads, readsAgain)
	require.Empty(t, append(listA, listB...), "%d here, %d there", len(listA), len(listB))
	require.Equal(t, writes, writesAgain)
	_, others := run(8, 1)
	require.NotEqual(t, writes, others)
}

// differences gives what is only in one and what is only in the other of two sorted lists.
func differences(a, b []string) (onlyA, onlyB []string) {
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0] < b[0]:
			onlyA, a = append(onlyA, a[0]), a[1:]
		case len(a) == 0 || b[0] < a[0]:
			onlyB, b = append(onlyB, b[0]), b[1:]
		default:
			a, b = a[1:], b[1:]
		}
	}
	return onlyA, onlyB
}

// TestReadsOnly: without leave nothing is sent that could write.
func TestReadsOnly(t *testing.T) {
	doc, mock := invitations(t)
	rec := &recorder{next: mock}
	check(t, doc, contracttest.Target{Handler: rec, Token: mockToken, Second: map[string]string{"": secondToken}})
	reads, writes := rec.sent()
	require.NotEmpty(t, reads)
	require.Empty(t, writes)
}

// TestOnlyWhatWasCreatedIsChanged: PUT, PATCH and DELETE go to keys that were created in this run.
func TestOnlyWhatWasCreatedIsChanged(t *testing.T) {
	doc, mock := invitations(t)
	rec := &recorder{next: mock}
	check(t, doc, contracttest.Target{Handler: rec, Token: mockToken, Second: map[string]string{"": secondToken}, Writes: true})
	const list = "/api/v3/stages/invitation/invitations/"
	before := items(t, mock)
	created, changes := map[string]bool{}, 0
	for _, x := range rec.all {
		switch {
		case isRead(x.method):
			continue
		case x.method == http.MethodPost && x.status == http.StatusCreated:
			_, after, _ := strings.Cut(x.answer, `"pk":"`)
			key, _, _ := strings.Cut(after, `"`)
			require.NotEmpty(t, key)
			created[key] = true
		case x.method == http.MethodPost:
		default:
			path, _, _ := strings.Cut(x.uri, "?")
			key := strings.Trim(strings.TrimPrefix(path, list), "/")
			if key == "" {
				require.Contains(t, []string{"PATCH 405 {}", `PUT 405 {"understudy": `}, fmt.Sprint(x.method, " ", x.status, " ", x.body), "what changes nothing, to see whether the list refuses it")
				continue
			}
			require.True(t, created[key] || !strings.Contains(before, key), "%s %s: %d", x.method, x.uri, x.status)
			if created[key] {
				changes++
			} else {
				require.Equal(t, 4, x.status/100, "%s %s", x.method, x.uri)
			}
		}
	}
	require.Greater(t, changes, 50)
}

// mostForAList is how many requests the list's contract takes, read-only, of 137 items.
const mostForAList = 99

// TestRequestsOfAList: the contract of one list costs few requests.
func TestRequestsOfAList(t *testing.T) {
	doc, mock := invitations(t)
	rec := &recorder{next: mock}
	r := check(t, doc, contracttest.Target{Handler: rec, Token: mockToken, Include: []string{theList}})
	require.Len(t, rec.all, r.Requests)
	t.Logf("%d requests in %s, %d of them to plan; %d cases kept", r.Requests, r.Took.Round(time.Millisecond), r.Planning, r.Count(contracttest.Kept))
	require.LessOrEqual(t, r.Requests, mostForAList)
	require.GreaterOrEqual(t, r.Count(contracttest.Kept), 120)
}

// authentik are authentik's whole documents, where they are at hand.
func authentik(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../shared/specs/*.yml")
	require.NoError(t, err)
	if len(files) == 0 {
		t.Skip("authentik's documents are not at hand")
	}
	return files
}

// TestMockKeepsAuthentik: of a whole document a part, or all of every one if UNDERSTUDY_AUTHENTIK is set (make authentik): that takes minutes.
func TestMockKeepsAuthentik(t *testing.T) {
	skipRaced(t)
	parts, name := []string{"/core/groups/*", "/crypto/*", "/stages/invitation/*"}, "-part.txt"
	kept := map[string][2]int{"authentik-2024.8.2.yml": {74, 1250}, "authentik-2026.5.0-rc1.yml": {74, 1250}} // rules, and cases at least
	if os.Getenv("UNDERSTUDY_AUTHENTIK") != "" {
		parts, name = nil, ".txt"
		kept = map[string][2]int{"authentik-2024.8.2.yml": {76, 38000}, "authentik-2026.5.0-rc1.yml": {76, 48000}}
	}
	for _, file := range authentik(t) {
		base := filepath.Base(file)
		t.Run(base, func(t *testing.T) {
			t.Parallel()
			doc, err := understudy.Open(t.Context(), file)
			require.NoError(t, err)
			r := check(t, doc, contracttest.Target{Handler: mockOf(t, doc, map[string]string{mockToken: ""}), Token: mockToken, Writes: true, Include: parts})
			t.Logf("%d requests in %s: %d cases of %d rules kept", r.Requests, r.Took.Round(time.Millisecond), r.Count(contracttest.Kept), len(keptRules(r)))
			require.Empty(t, found(r), text(r))
			require.Empty(t, r.Leftovers)
			require.Empty(t, r.Stopped)
			require.GreaterOrEqual(t, len(keptRules(r)), kept[base][0], "%s", keptRules(r))
			require.GreaterOrEqual(t, r.Count(contracttest.Kept), kept[base][1])
			sameSkipsAs(t, strings.TrimSuffix(base, ".yml")+name, r)
		})
	}
}

// corpus are documents of several makers, one or more of each style of paging: the mock keeps them where it plays what they say.
var corpus = []struct {
	file    string
	include []string
	kept    int // rules
}{
	{"codat.io-assess-1.0.json", nil, 14},                                                            // page numbers
	{"adyen.com-ManagementService-v3-3.json", []string{"GET"}, 50},                                   // page numbers, totals and links
	{"listennotes.com-2.0.json", nil, 43},                                                            // page numbers, has_next
	{"rentcast.io-1.0.json", nil, 34},                                                                // offset and limit
	{"openai.com-2.3.0.json", []string{"/files*", "/batches*", "/organization/admin_api_keys*"}, 46}, // the key of the item before
	{"exoapi.dev-1.0.0.json", nil, 17},                                                               // no lists
}

func TestMockKeepsTheCorpus(t *testing.T) {
	skipRaced(t)
	for _, c := range corpus {
		t.Run(c.file, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join("../../shared/specs/corpus", c.file)
			if _, err := os.Stat(file); err != nil {
				t.Skip("the documents are not at hand")
			}
			doc, err := understudy.Open(t.Context(), file)
			require.NoError(t, err)
			r := check(t, doc, contracttest.Target{
				Handler: mockOf(t, doc, nil), Token: "user:" + mockToken, Header: http.Header{"X-Listenapi-Key": {mockToken}},
				Writes: true, Include: c.include, Exclude: []string{"auth/*"},
			})
			t.Logf("%d requests in %s: %d cases of %d rules kept", r.Requests, r.Took.Round(time.Millisecond), r.Count(contracttest.Kept), len(keptRules(r)))
			require.Empty(t, found(r), text(r))
			require.Empty(t, r.Stopped)
			require.GreaterOrEqual(t, len(keptRules(r)), c.kept, "%s", keptRules(r))
		})
	}
}

// documents are written by hand, in the styles of several frameworks: the mock keeps all of what they say.
var documents = []struct {
	file        string
	user        string // of the token, for basic authentication
	rules, kept int
}{
	{"honest/django.yaml", "", 80, 700},
	{"honest/offset.yaml", "", 80, 700},
	{"honest/cursor.yaml", "", 75, 550},
	{"testdata/documents/fastapi.yaml", "", 70, 230}, // optional values are anyOf with null
	{"testdata/documents/jsonapi.yaml", "", 60, 200},
	{"testdata/documents/payments.yaml", "", 52, 200},  // bodies are forms, and an item is changed by POST
	{"testdata/documents/issues.yaml", "", 45, 200},    // comments are listed inside issues, and stand outside
	{"testdata/documents/nested.yaml", "ada", 70, 400}, // lists inside of items
	{"testdata/documents/devices.yaml", "", 80, 300},   // a read-only key, and numbers of its own
	{"testdata/documents/books.yaml", "", 70, 450},     // what is sent and shown stands in data
	{"testdata/documents/projects.yaml", "", 60, 300},  // an order has a parameter for each field, and what an item is in is named by its address
}

func TestMockKeepsDocuments(t *testing.T) {
	skipRaced(t)
	for _, c := range documents {
		t.Run(filepath.Base(c.file), func(t *testing.T) {
			t.Parallel()
			doc, err := understudy.Open(t.Context(), c.file)
			require.NoError(t, err)
			r := check(t, doc, contracttest.Target{Handler: mockOf(t, doc, map[string]string{mockToken: c.user}), Token: strings.TrimPrefix(c.user+":"+mockToken, ":"), Writes: true})
			t.Logf("%d requests in %s: %d cases of %d rules kept", r.Requests, r.Took.Round(time.Millisecond), r.Count(contracttest.Kept), len(keptRules(r)))
			require.Empty(t, found(r), text(r))
			require.Empty(t, r.Leftovers)
			require.Empty(t, r.Stopped)
			require.GreaterOrEqual(t, len(keptRules(r)), c.rules, "%s", keptRules(r))
			require.GreaterOrEqual(t, r.Count(contracttest.Kept), c.kept)
		})
	}
}
