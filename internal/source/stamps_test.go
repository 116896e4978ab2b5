package source

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestStamps: what is written, replaced, removed or added is another; what is only looked at is not.
func TestStamps(t *testing.T) {
	long := time.Now().Add(-time.Hour)
	for name, test := range map[string]struct {
		change func(in func(string) string) error
		want   bool
	}{
		"read":     {func(in func(string) string) error { _, err := os.ReadFile(in("dir/b")); return err }, false},
		"beside":   {func(in func(string) string) error { return os.WriteFile(in("c"), nil, 0o600) }, false},
		"longer":   {func(in func(string) string) error { return rewrite(in("a"), "more", long) }, true},
		"later":    {func(in func(string) string) error { return rewrite(in("a"), "a", long.Add(time.Second)) }, true},
		"replaced": {func(in func(string) string) error { return os.Rename(in("twin"), in("a")) }, true},
		"removed":  {func(in func(string) string) error { return os.Remove(in("a")) }, true},
		"inside":   {func(in func(string) string) error { return rewrite(in("dir/b"), "more", long) }, true},
		"added":    {func(in func(string) string) error { return os.WriteFile(in("dir/c"), nil, 0o600) }, true},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			in := func(name string) string { return filepath.Join(root, name) }
			require.NoError(t, os.Mkdir(in("dir"), 0o700))
			for _, file := range []string{"a", "dir/b", "twin"} {
				require.NoError(t, rewrite(in(file), "a", long))
			}
			require.NoError(t, os.Chtimes(in("dir"), long, long))
			s := Stamps{}
			s.Take(in("a"))
			s.Take(in("dir"))
			s.Take(in("nothing"))
			require.Len(t, s, 3)
			require.NoError(t, test.change(in))
			require.Equal(t, test.want, s.Changed())
		})
	}
}

// rewrite writes a file, as it was written at a time.
func rewrite(path, text string, at time.Time) error {
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return err
	}
	return os.Chtimes(path, at, at)
}
