package report_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"understudy/contracttest"
)

// browser starts Chromium, or skips where there is none; CI installs it.
func browser(t *testing.T) context.Context {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if exe, err := exec.LookPath(name); err == nil {
			options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(exe), chromedp.NoSandbox)
			ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
			t.Cleanup(cancel)
			ctx, cancel = chromedp.NewContext(ctx)
			t.Cleanup(cancel)
			return ctx
		}
	}
	require.Empty(t, os.Getenv("CI"), "Chromium is missing: apt-get install chromium")
	t.Skip("Chromium is missing: apt-get install chromium")
	return nil
}

// TestHTML opens the page in Chromium: all of it is there, nothing is fetched, and the browser complains of nothing.
func TestHTML(t *testing.T) {
	ctx := browser(t)
	r := broken(t)
	known, flaky := *r.Findings[0], *r.Findings[0]
	known.Known = &contracttest.Known{Reason: "to be mended in the next release", Ticket: "PLAN-17", FirstSeen: "2026-11-01", Expires: "2999-01-01"}
	flaky.Verdict = contracttest.Flaky
	r.Findings = append(r.Findings, &known, &flaky)
	r.Gone = []contracttest.Known{{Fingerprint: "0123456789abcdef", Rule: "paging/count", Operations: []string{"users_list"}, Reason: "a view was not refreshed"}}
	r.Leftovers = []string{"/projects/17 (DELETE: 500)"}
	file := filepath.Join(t.TempDir(), "report.html")
	require.NoError(t, os.WriteFile(file, write(t, "html", r), 0o600))

	var mu sync.Mutex
	var complaints, fetched []string
	require.NoError(t, chromedp.Listen(ctx, func(event any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			complaints = append(complaints, e.ExceptionDetails.Text)
		case *runtime.EventConsoleAPICalled:
			complaints = append(complaints, string(e.Type))
		case *network.EventRequestWillBeSent:
			fetched = append(fetched, e.Request.URL)
		}
	}))
	_, err := chromedp.Call(ctx, network.Enable, network.EnableParams{})
	require.NoError(t, err)
	require.NoError(t, chromedp.Do(ctx, chromedp.EmulateViewport(1280, 900), chromedp.Navigate("file://"+file)))
	seen, err := chromedp.Run(ctx, chromedp.Evaluate[struct {
		Title, Text                    string
		Findings, Rows, Marks, Scripts int
	}](`(() => {
		const count = (what) => document.querySelectorAll(what).length;
		for (const d of document.querySelectorAll("details")) d.open = true;
		return {Title: document.title, Text: document.body.innerText, Findings: count(".finding"), Rows: count(".matrix tbody tr"),
			Marks: count(".finding mark, .finding .mark"), Scripts: document.scripts.length};
	})()`))
	require.NoError(t, err)
	require.Contains(t, seen.Title, "Broken: Planner at ")
	require.Equal(t, len(r.Findings), seen.Findings)
	require.Equal(t, len(r.Exercised), seen.Rows)
	require.NotZero(t, seen.Marks)
	require.Equal(t, 1, seen.Scripts, "what the server sent is text")
	words := strings.Join(strings.Fields(seen.Text), " ")
	for _, f := range r.Findings {
		for _, part := range []string{f.Fingerprint, f.Sentence, f.Intent, f.Got, f.Want} {
			require.True(t, strings.Contains(words, strings.Join(strings.Fields(part), " ")), part)
		}
	}
	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate("file://"+file)))
	shots(t, ctx)
	for _, width := range []int64{390, 1280} { // nothing sticks out
		require.NoError(t, chromedp.Do(ctx, chromedp.EmulateViewport(width, 900)))
		wide, err := chromedp.Run(ctx, chromedp.Evaluate[int64](`document.documentElement.scrollWidth`))
		require.NoError(t, err)
		require.LessOrEqual(t, wide, width)
	}
	mu.Lock()
	defer mu.Unlock()
	require.Empty(t, complaints)
	for _, url := range fetched {
		require.True(t, strings.HasPrefix(url, "file://"+file) || strings.HasPrefix(url, "data:"), url)
	}
}

// shots leaves pictures where -keep says, light and dark, wide and narrow.
func shots(t *testing.T, ctx context.Context) {
	t.Helper()
	if *keep == "" {
		return
	}
	for _, scheme := range []string{"light", "dark"} {
		for name, width := range map[string]int64{"wide": 1280, "narrow": 390} {
			_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
			})
			require.NoError(t, err)
			require.NoError(t, chromedp.Do(ctx, chromedp.EmulateViewport(width, 900)))
			picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(filepath.Join(*keep, scheme+"-"+name+".png"), picture, 0o600))
		}
	}
}

// TestHTMLOfManyCases: the page of a check with 49,000 cases is small enough to open and to send.
func TestHTMLOfManyCases(t *testing.T) {
	r := *broken(t)
	some, operations := r.Cases, r.Exercised
	r.Cases, r.Exercised = nil, nil
	for n := 0; len(r.Cases) < 49000; n++ {
		for _, x := range operations {
			x.Operation += string(rune('a'+n%26)) + strings.Repeat("x", n/26)
			r.Exercised = append(r.Exercised, x)
		}
		for _, c := range some {
			c.Operation += string(rune('a'+n%26)) + strings.Repeat("x", n/26)
			r.Cases = append(r.Cases, c)
		}
	}
	page := write(nil, "html", &r)
	t.Logf("%d operations, %d cases: %d kB", len(r.Exercised), len(r.Cases), len(page)>>10)
	require.Less(t, len(page), 20<<20)
}
