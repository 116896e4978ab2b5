package generate

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"understudy/internal/contract"
)

var testNow = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// documents are real ones, where they are at hand. The race detector, which makes all slower by ten, gets none that is large.
func documents(t testing.TB, pattern string) map[string]*contract.Document {
	t.Helper()
	var files []string
	for _, glob := range []string{"../../../shared/specs/" + pattern, "../../../shared/specs/corpus/" + pattern} {
		found, err := filepath.Glob(glob)
		require.NoError(t, err)
		files = append(files, found...)
	}
	out := map[string]*contract.Document{}
	for _, file := range files {
		info, err := os.Stat(file)
		require.NoError(t, err)
		if info.IsDir() || underRace && info.Size() > 150_000 {
			continue
		}
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		d, err := contract.Load(context.Background(), file, data)
		if err != nil {
			t.Logf("%s does not load: %v", filepath.Base(file), err)
			continue
		}
		out[filepath.Base(file)] = d
	}
	if len(out) == 0 {
		t.Skip("no real documents at hand")
	}
	return out
}

// schemasOf calls yield for every schema that an operation's parameters, body and responses have.
func schemasOf(op *contract.Operation, yield func(s *contract.Schema, dir contract.Direction, address string)) {
	for _, p := range op.Parameters {
		if p.Schema != nil {
			yield(p.Schema, contract.AsRequest, op.ID+" "+p.In+" "+p.Name)
		}
	}
	if op.Body != nil {
		for name, s := range op.Body.Media {
			if s != nil {
				yield(s, contract.AsRequest, op.ID+" body "+name)
			}
		}
	}
	for _, r := range op.Responses {
		for name, s := range r.Media {
			if s != nil {
				yield(s, contract.AsResponse, op.ID+" "+r.Status+" "+name)
			}
		}
	}
}

// TestCorpus makes a value for every schema of real documents. Those for which there is none are of vercel.com, where "type": "null" stands beside a oneOf
// that does not take null: nothing fits them.
func TestCorpus(t *testing.T) {
	total, failed := 0, 0
	for name, d := range documents(t, "*") {
		g := New(&Options{Seed: 1, Now: testNow})
		start, count, worst := time.Now(), 0, time.Duration(0)
		done := map[string]bool{}
		for _, op := range d.Operations() {
			schemasOf(op, func(s *contract.Schema, dir contract.Direction, address string) {
				key := s.Pointer() + fmt.Sprint(dir)
				if done[key] {
					return
				}
				done[key] = true
				begin := time.Now()
				count++
				_, err := g.Value(s, dir, address)
				worst = max(worst, time.Since(begin))
				if err != nil {
					failed++
					t.Logf("%s: %s: %.300s", name, address, strings.ReplaceAll(err.Error(), "\n", " "))
				}
			})
		}
		total += count
		t.Logf("%s: %d values in %v, the slowest in %v", name, count, time.Since(start).Round(time.Millisecond), worst.Round(time.Millisecond))
	}
	t.Logf("%d of %d schemas have no value", failed, total)
	require.LessOrEqual(t, float64(failed), 0.005*float64(total))
}
