package proof

import (
	"context"
	"os"
	"testing"

	"understudy"
	"understudy/contracttest"
	"understudy/fixtures"
	"understudy/internal/mutant"
)

func TestDebug(t *testing.T) {
	doc, _ := understudy.Invitations()
	if f := os.Getenv("DOC"); f != "" {
		doc, _ = understudy.Open(context.Background(), f)
	}
	data, _ := fixtures.Load(doc, &fixtures.Options{Now: today})
	s := &stage{doc: doc, data: data}
	for _, m := range mutant.All() {
		if m.ID != os.Getenv("M") {
			continue
		}
		for _, p := range mutant.Places(doc) {
			p.Token, p.Second = token, second
			if os.Getenv("P") != "" && p.Name != os.Getenv("P") {
				continue
			}
			mock, _ := s.mock()
			h := m.Wrap(p, mock)
			if h == nil {
				continue
			}
			r, err := s.check(context.Background(), &site{Place: p}, h)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range r.Cases {
				if c.Rule == m.Rule || c.Verdict == contracttest.Broken || c.Verdict == contracttest.Flaky {
					t.Log(c.Operation, c.Rule, c.Subject, c.Verdict, c.Reason)
				}
			}
			r.Text(os.Stdout)
			break
		}
	}
}
