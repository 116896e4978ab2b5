package generate

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"understudy/internal/contract"
)

// BenchmarkUser makes users of authentik: some 20 properties, with their groups.
func BenchmarkUser(b *testing.B) {
	var s *contract.Schema
	for _, op := range documents(b, "authentik-2026.5.0-rc1.yml")["authentik-2026.5.0-rc1.yml"].Operations() {
		if op.ID == "core_users_retrieve" {
			_, s = op.Response(200).JSON()
		}
	}
	require.NotNil(b, s)
	g := New(&Options{Seed: 1, Now: testNow})
	text, err := g.Value(s, contract.AsResponse, "users/0")
	require.NoError(b, err)
	b.Logf("%s", text)
	addresses := make([]string, 1000)
	for i := range addresses {
		addresses[i] = "users/" + strconv.Itoa(i)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := g.Value(s, contract.AsResponse, addresses[i%1000]); err != nil {
			b.Fatal(err)
		}
	}
}
