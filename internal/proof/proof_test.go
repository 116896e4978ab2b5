package proof_test

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy"
	"understudy/contracttest/honest"
	"understudy/internal/contract"
	"understudy/internal/proof"
)

// openStyle opens the document of one of the servers written by hand.
func openStyle(t *testing.T, style string) *understudy.Document {
	t.Helper()
	file := filepath.Join(t.TempDir(), style+".yaml")
	require.NoError(t, os.WriteFile(file, []byte(honest.New(style, 0, "").Document), 0o600))
	doc, err := understudy.Open(context.Background(), file)
	require.NoError(t, err)
	return doc
}

func prove(t *testing.T, doc *understudy.Document, opts proof.Options) *proof.Proof {
	t.Helper()
	p, err := proof.Prove(context.Background(), doc, opts)
	require.NoError(t, err)
	return p
}

// TestEveryRuleIsProved: each rule stands in docs/rules.md, and has a mutant that it catches: on the shipped contract, as docs/mutants.md has it, which is
// generated anew before each landing, or around a server of another style that was written by hand.
func TestEveryRuleIsProved(t *testing.T) {
	if raced {
		t.Skip("it is tried without the race detector, by make soak")
	}
	reference, err := os.ReadFile("../../docs/rules.md")
	require.NoError(t, err)
	matrix, err := os.ReadFile("../../docs/mutants.md")
	require.NoError(t, err)
	uncaught := map[string]bool{}
	for _, r := range contract.Rules() {
		require.Contains(t, string(reference), "`"+r.ID+"`")
		uncaught[r.ID] = true
	}
	for line := range strings.Lines(string(matrix)) {
		if cells := strings.Split(line, "|"); strings.HasSuffix(strings.TrimSpace(line), "| caught |") {
			delete(uncaught, strings.Trim(cells[1], " `"))
		}
	}
	require.Less(t, len(uncaught), 12, "the shipped contract proves most rules")
	for _, style := range honest.Styles() {
		s := honest.New(style, 0, "")
		player := &proof.Player{New: func() http.Handler { return honest.New(style, 0, "").Handler }, Token: s.Token, Second: s.SecondToken}
		p := prove(t, openStyle(t, style), proof.Options{Include: slices.Sorted(maps.Keys(uncaught)), Play: player})
		for _, r := range p.Results {
			if r.Verdict == proof.Caught {
				delete(uncaught, r.Rule)
			}
			if testing.Verbose() {
				t.Log(style, r.Verdict, r.Mutant, r.Place, r.By, r.Why)
			}
		}
	}
	require.Empty(t, uncaught, "no mutant that breaks it is caught by it")
}

// TestHoles: what a poor contract misses is told, with why, what to write, and where; and written, it is caught.
func TestHoles(t *testing.T) {
	poor := `openapi: 3.0.3
info: {title: Notes, version: "1"}
paths:
  /notes:
    get:
      operationId: notes_list
      X-HERE
      parameters:
        - {name: sort, in: query, schema: {type: string}}
        - {name: page, in: query, schema: {type: integer}}
        - {name: page_size, in: query, schema: {type: integer}}
      responses:
        "200":
          description: Notes.
          content:
            application/json:
              schema:
                type: object
                required: [count, results]
                properties:
                  count: {type: integer}
                  results:
                    type: array
                    items:
                      type: object
                      required: [id, title, created]
                      properties:
                        id: {type: integer}
                        title: {type: string}
                        created: {type: string, format: date-time}
`
	open := func(more string) *understudy.Document {
		file := filepath.Join(t.TempDir(), "notes.yaml")
		require.NoError(t, os.WriteFile(file, []byte(strings.Replace(poor, "X-HERE", more, 1)), 0o600))
		doc, err := understudy.Open(context.Background(), file)
		require.NoError(t, err)
		return doc
	}
	only := proof.Options{Include: []string{"default-order-reversed"}}
	p := prove(t, open("summary: Notes"), only)
	require.Len(t, p.Holes(), 1)
	hole := p.Holes()[0]
	require.Equal(t, proof.Missed, hole.Verdict)
	require.Equal(t, "the rule does not apply: it is about lists with a default order, and the document has none here", hole.Why)
	require.Equal(t, "x-understudy: {order: [-created]}, the order when none is asked for", hole.Write)
	require.Regexp(t, `notes\.yaml:6:\d+$`, hole.At)
	require.Zero(t, p.Score())

	p = prove(t, open("x-understudy: {order: [-created]}"), only)
	require.Empty(t, p.Holes())
	require.InDelta(t, 100, p.Score(), 0)

	p = prove(t, open("x-understudy: {order: [-created]}"), proof.Options{Include: []string{"order/default", "page-ignored"}, Exclude: []string{"order/*"}})
	require.Equal(t, 1, p.Applicable(), "excluded wins over included")
	_, err := proof.Prove(context.Background(), open("summary: Notes"), proof.Options{Include: []string{"no_such_operation"}})
	require.ErrorContains(t, err, "nothing is left to break")
}

// TestReports: every form tells the same, and names nothing that changes from run to run.
func TestReports(t *testing.T) {
	doc, err := understudy.Invitations()
	require.NoError(t, err)
	p := prove(t, doc, proof.Options{Include: []string{"page-ignored", "type-wrong", "bound-broken"}})
	require.Equal(t, 2, p.Count(proof.Caught))
	require.Equal(t, 1, p.Count(proof.NotApplicable))
	var text, page, html, data bytes.Buffer
	require.NoError(t, p.Text(&text))
	require.NoError(t, p.Markdown(&page))
	require.NoError(t, p.HTML(&html))
	require.NoError(t, p.JSON(&data))
	require.Contains(t, text.String(), "paging/observed        + page-ignored\n")
	require.Contains(t, text.String(), ". bound-broken")
	require.Contains(t, text.String(), "SCORE 100.0 %\n")
	require.Contains(t, page.String(), "| `paging/observed` | `page-ignored` | Every page is the first. | stages_invitation_invitations_list | caught |\n")
	require.Contains(t, html.String(), "<code>page-ignored</code>")
	require.NotContains(t, html.String(), "http://")
	var decoded struct {
		Score   float64
		Results []proof.Result
	}
	require.NoError(t, json.Unmarshal(data.Bytes(), &decoded))
	require.InDelta(t, 100, decoded.Score, 0)
	require.Equal(t, p.Results, decoded.Results)
	var again bytes.Buffer
	require.NoError(t, prove(t, doc, proof.Options{Include: []string{"page-ignored", "type-wrong", "bound-broken"}}).Markdown(&again))
	require.Equal(t, page.String(), again.String())
}
