package understudy_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// floors are the packages from the top of the house to its cellar. A package imports only what lies below it; those that share a floor are strangers.
var floors = [][]string{
	{"understudy/cmd/understudy"},
	{"understudy/internal/report", "understudy/internal/proof"}, // the latter brings the mock, the mutants and the check together
	{"understudy/mockserver", "understudy/contracttest", "understudy/internal/mutant"},
	{"understudy/fixtures"},
	{"understudy/internal/generate", "understudy"},
	{"understudy/internal/contract"},
	{"understudy/internal/source", "understudy/contracttest/honest"}, // the latter is a witness that knows nothing of ours
}

// cellars are libraries that only one package may import: their types must not spread.
var cellars = map[string][]string{
	"github.com/getkin/kin-openapi":   {"understudy/internal/contract"},
	"github.com/brianvoe/gofakeit/v7": {"understudy/fixtures", "understudy/internal/generate"},
	"github.com/tidwall/btree":        {"understudy/mockserver"},
	"github.com/tidwall/gjson":        {"understudy/internal/mutant"},
	"github.com/tidwall/sjson":        {"understudy/internal/mutant"},
	"github.com/spf13/":               {"understudy/cmd/understudy"},
	"github.com/fsnotify/fsnotify":    {"understudy/cmd/understudy"},
	"github.com/stretchr/testify":     nil, // tests only
}

func TestImportsRunDownward(t *testing.T) {
	floor := map[string]int{}
	for i, packages := range floors {
		for _, p := range packages {
			floor[p] = i
		}
	}
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, "./...").Output()
	require.NoError(t, err)
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		from := fields[0]
		require.Contains(t, floor, from, "a package without a floor: give it one in this test, and in docs/design.md")
		for _, to := range fields[1:] {
			if strings.HasPrefix(to, "understudy") {
				require.Greater(t, floor[to], floor[from], "%s imports %s, which is not below it", from, to)
			}
			for library, owners := range cellars {
				if strings.HasPrefix(to, library) {
					require.Contains(t, owners, from, "%s imports %s", from, to)
				}
			}
		}
	}
}

func TestEveryPackageHasADocComment(t *testing.T) {
	documented := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments|parser.PackageClauseOnly)
		if err != nil {
			return err
		}
		dir := filepath.Dir(path)
		documented[dir] = documented[dir] || f.Doc != nil && len(strings.Fields(f.Doc.Text())) > 5
		return nil
	})
	require.NoError(t, err)
	for dir, ok := range documented {
		require.True(t, ok, "no doc comment in %s", dir)
	}
	require.GreaterOrEqual(t, len(documented), len(slices.Concat(floors...)))
}
